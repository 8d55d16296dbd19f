//! Buttons.

use egui::{Align2, Color32, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2};

use super::focus_ring;
use crate::ui::icons;
use crate::ui::theme::{Tokens, radius, size, space, tokens};

/// Whether a toggle is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chosen {
    /// On.
    Yes,
    /// Off.
    #[default]
    No,
}

impl From<bool> for Chosen {
    fn from(is_chosen: bool) -> Self {
        if is_chosen { Self::Yes } else { Self::No }
    }
}

/// How a button is painted.
struct Look {
    fill: Color32,
    hover_fill: Color32,
    outline: Color32,
    text: Color32,
}

impl Look {
    fn plain(t: &Tokens) -> Self {
        Self { fill: t.background, hover_fill: t.hover, outline: t.line, text: t.text }
    }

    fn primary(t: &Tokens) -> Self {
        Self { fill: t.accent_fill, hover_fill: t.accent_hover, outline: Color32::TRANSPARENT, text: t.on_accent }
    }
}

/// The one primary action of a screen.
pub fn primary_button(ui: &mut Ui, icon: Option<&str>, label: &str) -> Response {
    let look = Look::primary(tokens(ui));
    labelled(ui, icon, label, &look, 0.0)
}

/// A primary button at least as wide as the room.
pub fn primary_button_wide(ui: &mut Ui, icon: Option<&str>, label: &str) -> Response {
    let look = Look::primary(tokens(ui));
    let width = ui.available_width();
    labelled(ui, icon, label, &look, width)
}

/// An ordinary button.
pub fn button(ui: &mut Ui, icon: Option<&str>, label: &str) -> Response {
    let look = Look::plain(tokens(ui));
    labelled(ui, icon, label, &look, 0.0)
}

/// An ordinary button at least as wide as the room.
pub fn button_wide(ui: &mut Ui, icon: Option<&str>, label: &str) -> Response {
    let look = Look::plain(tokens(ui));
    let width = ui.available_width();
    labelled(ui, icon, label, &look, width)
}

/// A button that leads to something destructive.
pub fn danger_button(ui: &mut Ui, icon: Option<&str>, label: &str) -> Response {
    let t = tokens(ui);
    labelled(ui, icon, label, &Look { text: t.bad, ..Look::plain(t) }, 0.0)
}

/// The button that does the destructive thing, in its confirmation.
pub fn danger_primary_button(ui: &mut Ui, icon: Option<&str>, label: &str) -> Response {
    let fill = Color32::from_rgb(0xC0, 0x36, 0x36);
    let hover_fill = Color32::from_rgb(0xAC, 0x2E, 0x2E);
    let look = Look { fill, hover_fill, outline: Color32::TRANSPARENT, text: Color32::WHITE };
    labelled(ui, icon, label, &look, 0.0)
}

fn labelled(ui: &mut Ui, icon: Option<&str>, label: &str, look: &Look, min_width: f32) -> Response {
    const GAP: f32 = 6.0;
    let font = egui::FontId::proportional(size::BODY);
    let galley = ui.painter().layout_no_wrap(label.to_owned(), font, look.text);
    let icon_width = if icon.is_some() { size::ICON + if label.is_empty() { 0.0 } else { GAP } } else { 0.0 };
    let content = icon_width + galley.size().x;
    let width = (content + 2.0 * space::M).max(min_width);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 30.0), Sense::click());
    name(ui, &response, label);
    if ui.is_rect_visible(rect) {
        let is_hot = response.hovered() || response.is_pointer_button_down_on();
        let fill = if is_hot && ui.is_enabled() { look.hover_fill } else { look.fill };
        let outline = Stroke::new(1.0, look.outline);
        ui.painter().rect(rect, radius::CONTROL, fill, outline, StrokeKind::Inside);
        let left = if min_width > 0.0 { rect.left() + space::M } else { rect.center().x - content / 2.0 };
        if let Some(icon) = icon {
            let at = egui::pos2(left + size::ICON / 2.0, rect.center().y);
            ui.painter().text(at, Align2::CENTER_CENTER, icon, icons::font(size::ICON), look.text);
        }
        let at = egui::pos2(left + icon_width, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, look.text);
        if response.has_focus() {
            focus_ring(ui, rect);
        }
    }
    response
}

/// A square button with an icon only; its name is told to screen readers and on hover.
pub fn icon_button(ui: &mut Ui, icon: &str, accessible_name: &str) -> Response {
    let color = tokens(ui).dim;
    bare_icon(ui, icon, accessible_name, Vec2::splat(size::CONTROL), color)
}

/// The same for dense rows, 24 points wide.
pub fn small_icon_button(ui: &mut Ui, icon: &str, accessible_name: &str) -> Response {
    let color = tokens(ui).dim;
    bare_icon(ui, icon, accessible_name, Vec2::splat(24.0), color)
}

/// An icon button that stays on or off; the state is told to screen readers.
pub fn icon_toggle(ui: &mut Ui, icon: &str, accessible_name: &str, chosen: Chosen) -> Response {
    let t = tokens(ui);
    let is_on = chosen == Chosen::Yes;
    let response =
        bare_icon(ui, icon, accessible_name, Vec2::splat(size::CONTROL), if is_on { t.accent } else { t.dim });
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), is_on, accessible_name));
    response
}

fn bare_icon(ui: &mut Ui, icon: &str, accessible_name: &str, extent: Vec2, color: Color32) -> Response {
    let (rect, response) = ui.allocate_exact_size(extent, Sense::click());
    name(ui, &response, accessible_name);
    if ui.is_rect_visible(rect) {
        let t = tokens(ui);
        let is_hot = response.hovered() && ui.is_enabled();
        if is_hot {
            ui.painter().rect_filled(rect, radius::CONTROL, t.neutral_fill);
        }
        let color = if is_hot && color == t.dim { t.text } else { color };
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon, icons::font(size::ICON), color);
        if response.has_focus() {
            focus_ring(ui, rect);
        }
    }
    if accessible_name.is_empty() { response } else { response.on_hover_text(accessible_name) }
}

/// Text that acts, in the colour of links.
pub fn link_button(ui: &mut Ui, label: &str) -> Response {
    let color = tokens(ui).link;
    let galley = ui.painter().layout_no_wrap(label.to_owned(), egui::FontId::proportional(size::BODY), color);
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(4.0, 4.0), Sense::click());
    name(ui, &response, label);
    if ui.is_rect_visible(rect) {
        let at = rect.min + vec2(2.0, 2.0);
        let width = galley.size().x;
        ui.painter().galley(at, galley, color);
        if response.hovered() && ui.is_enabled() {
            ui.painter().hline(at.x..=at.x + width, rect.bottom() - 2.0, Stroke::new(1.0, color));
        }
        if response.has_focus() {
            focus_ring(ui, rect);
        }
    }
    response.on_hover_cursor(egui::CursorIcon::PointingHand)
}

fn name(ui: &Ui, response: &Response, name: &str) {
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
}
