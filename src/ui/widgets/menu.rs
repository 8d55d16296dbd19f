//! Menus and drop-down lists.

use egui::{Align2, FontId, Id, Key, Popup, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::focus_ring;
use crate::ui::icons;
use crate::ui::theme::{radius, size, space, tokens};

/// An entry of a menu: icon, label, shortcut on the right. The menu closes when it is chosen, by mouse or by keys.
pub fn menu_item(ui: &mut Ui, icon: Option<&str>, label: &str, shortcut: Option<&str>) -> Response {
    let t = tokens(ui);
    let font = FontId::proportional(size::BODY);
    let galley = ui.painter().layout_no_wrap(label.to_owned(), font, t.text);
    let keys = shortcut
        .map(|keys| ui.painter().layout_no_wrap(keys.to_owned(), FontId::proportional(size::CAPTION), t.dim_strong));
    let keys_width = keys.as_ref().map_or(0.0, |galley| galley.size().x + space::XL);
    let wanted = galley.size().x + keys_width + 28.0 + 2.0 * space::S;
    let extent = vec2(wanted.max(ui.available_width()), 28.0);
    let (rect, response) = ui.allocate_exact_size(extent, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::MenuItem, ui.is_enabled(), label));
    if ui.is_rect_visible(rect) {
        if (response.hovered() || response.has_focus()) && ui.is_enabled() {
            ui.painter().rect_filled(rect, radius::CONTROL, t.hover);
        }
        let y = rect.center().y;
        if let Some(icon) = icon {
            let at = pos2(rect.left() + space::S + 8.0, y);
            ui.painter().text(at, Align2::CENTER_CENTER, icon, icons::font(size::ICON), t.dim_strong);
        }
        ui.painter().galley(pos2(rect.left() + space::S + 26.0, y - galley.size().y / 2.0), galley, t.text);
        if let Some(keys) = keys {
            let at = pos2(rect.right() - space::S - keys.size().x, y - keys.size().y / 2.0);
            ui.painter().galley(at, keys, t.dim_strong);
        }
        if response.has_focus() {
            focus_ring(ui, rect.shrink(3.0));
        }
    }
    // A popup closes by itself only when the mouse is clicked.
    if response.clicked() {
        ui.close();
    }
    response
}

/// A separator between groups of a menu.
pub fn menu_separator(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 9.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, Stroke::new(1.0, tokens(ui).line));
}

/// A button with a caret that opens a menu below itself.
pub fn menu_button<R>(
    ui: &mut Ui,
    icon: Option<&str>,
    label: &str,
    add_contents: impl FnOnce(&mut Ui) -> R,
) -> (Response, Option<R>) {
    let width = ui.fonts_mut(|fonts| {
        fonts.layout_no_wrap(label.to_owned(), FontId::proportional(size::BODY), egui::Color32::PLACEHOLDER).size().x
    });
    let icon_width = if icon.is_some() { 24.0 } else { 0.0 };
    let response = field_like(ui, icon, label, label, width + icon_width + 24.0 + 2.0 * space::M);
    let inner = super::popup::menu(&response, add_contents);
    (response, inner.map(|inner| inner.inner))
}

/// A drop-down list as wide as the room: what is chosen, and [`select_item`]s in the popup.
/// `accessible_name` says what is being chosen.
pub fn dropdown<R>(
    ui: &mut Ui,
    accessible_name: &str,
    chosen: &str,
    add_contents: impl FnOnce(&mut Ui) -> R,
) -> (Response, Option<R>) {
    let width = ui.available_width();
    let response = field_like(ui, None, chosen, accessible_name, width);
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ComboBox, ui.is_enabled(), accessible_name);
        info.current_text_value = Some(chosen.to_owned());
        info
    });
    let focus = ListFocus::new(ui, response.id.with("list"));
    let inner = Popup::menu(&response).width(width).show(|ui| {
        focus.enter(ui);
        ui.set_min_width(width - 10.0);
        egui::ScrollArea::vertical().max_height(300.0).show(ui, add_contents).inner
    });
    focus.leave(&response, Popup::default_response_id(&response));
    (response, inner.map(|inner| inner.inner))
}

/// Where the keyboard is while a drop-down list comes and goes: on the chosen line when it opens, on its field
/// again when it has closed.
pub(crate) struct ListFocus {
    key: Id,
    was_open: bool,
}

impl ListFocus {
    /// Call before the list is drawn, with an id of its own.
    pub(crate) fn new(ui: &Ui, key: Id) -> Self {
        Self { key, was_open: ui.data(|data| data.get_temp(key)).unwrap_or(false) }
    }

    /// Call in the list before its lines: the chosen one takes the keyboard if the list has just opened.
    pub(crate) fn enter(&self, ui: &Ui) {
        let lines = Lines { ids: Vec::new(), is_opening: !self.was_open };
        ui.data_mut(|data| data.insert_temp(Lines::key(), lines));
    }

    /// Call in a list whose own search field takes the keyboard instead.
    pub(crate) fn leave_to_field(ui: &Ui) {
        Lines::change(ui, |lines| lines.is_opening = false);
    }

    /// Call after the list: a list that has closed gives the keyboard back, unless a click took it elsewhere.
    pub(crate) fn leave(self, field: &Response, popup: Id) {
        let ctx = &field.ctx;
        let is_open = Popup::is_id_open(ctx, popup);
        let lines = ctx.data_mut(|data| {
            data.insert_temp(self.key, is_open);
            data.remove_temp::<Lines>(Lines::key())
        });
        if let Some(lines) = lines {
            lines.follow_arrows(ctx);
        }
        let was_clicked = ctx.input(|input| input.pointer.any_click());
        let has_moved_on = was_clicked && ctx.memory(egui::Memory::focused).is_some();
        if self.was_open && !is_open && !has_moved_on {
            field.request_focus();
        }
    }
}

/// The lines of the list that is being drawn. The arrows move among them; egui's own would leave the list for what
/// lies next to it on the screen.
#[derive(Clone, Default)]
struct Lines {
    ids: Vec<Id>,
    is_opening: bool,
}

impl Lines {
    fn key() -> Id {
        Id::unique("bucketdrop-list-lines")
    }

    /// Changes the lines of the list around `ui`; nothing happens outside of a list.
    fn change<R>(ui: &Ui, change: impl FnOnce(&mut Self) -> R) -> Option<R> {
        ui.data_mut(|data| {
            let mut lines = data.remove_temp::<Self>(Self::key())?;
            let result = change(&mut lines);
            data.insert_temp(Self::key(), lines);
            Some(result)
        })
    }

    /// Adds a line that was drawn.
    fn add(ui: &Ui, line: &Response, chosen: super::Chosen) {
        let is_opening = Self::change(ui, |lines| {
            lines.ids.push(line.id);
            lines.is_opening
        });
        let Some(is_opening) = is_opening else { return };
        if is_opening && chosen == super::Chosen::Yes {
            line.request_focus();
        }
        if line.gained_focus() {
            line.scroll_to_me(None);
        }
        if line.has_focus() {
            let filter = egui::EventFilter { vertical_arrows: true, ..egui::EventFilter::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(line.id, filter));
        }
    }

    fn follow_arrows(&self, ctx: &egui::Context) {
        let focused = ctx.memory(egui::Memory::focused);
        let Some(at) = self.ids.iter().position(|id| Some(*id) == focused) else { return };
        let pressed = |key| ctx.input(|input| input.key_pressed(key));
        let to = if pressed(Key::ArrowDown) {
            at.saturating_add(1)
        } else if pressed(Key::ArrowUp) {
            at.saturating_sub(1)
        } else if pressed(Key::Home) {
            0
        } else if pressed(Key::End) {
            usize::MAX
        } else {
            return;
        };
        if let Some(id) = self.ids.get(to.min(self.ids.len().saturating_sub(1))) {
            ctx.memory_mut(|memory| memory.request_focus(*id));
        }
    }
}

fn field_like(ui: &mut Ui, icon: Option<&str>, text: &str, name: &str, width: f32) -> Response {
    let t = tokens(ui);
    let (rect, mut response) = ui.allocate_exact_size(vec2(width, 30.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    if ui.is_rect_visible(rect) {
        let fill = if response.hovered() && ui.is_enabled() { t.hover } else { t.background };
        ui.painter().rect(rect, radius::CONTROL, fill, Stroke::new(1.0, t.line), StrokeKind::Inside);
        let mut left = rect.left() + space::M;
        if let Some(icon) = icon {
            let at = pos2(left + 8.0, rect.center().y);
            ui.painter().text(at, Align2::CENTER_CENTER, icon, icons::font(size::ICON), t.text);
            left += 24.0;
        }
        let room = rect.right() - 30.0 - left;
        let shown = super::elided_text(ui, text, FontId::proportional(size::BODY), t.text, room);
        let at = pos2(left, rect.center().y - shown.size().y / 2.0);
        response = shown.paint(ui, at, response);
        let at = pos2(rect.right() - 17.0, rect.center().y);
        ui.painter().text(at, Align2::CENTER_CENTER, icons::CARET_DOWN, icons::font(13.0), t.dim);
        if response.has_focus() {
            focus_ring(ui, rect);
        }
    }
    response
}

/// One line of a [`dropdown`]: a check mark if it is what is chosen, and a dim remark on the right.
pub fn select_item(ui: &mut Ui, chosen: super::Chosen, label: &str, remark: &str) -> Response {
    let icon = (chosen == super::Chosen::Yes).then_some(icons::CHECK);
    let response = menu_item(ui, icon, label, (!remark.is_empty()).then_some(remark));
    let is_chosen = chosen == super::Chosen::Yes;
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, ui.is_enabled(), is_chosen, label));
    Lines::add(ui, &response, chosen);
    response
}
