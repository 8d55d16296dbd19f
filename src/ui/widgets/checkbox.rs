//! Switches between two states, and one of several.

use egui::{Align2, Color32, FontId, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::focus_ring;
use crate::ui::icons;
use crate::ui::theme::{size, space, tokens};

const BOX: f32 = 16.0;

/// A box to tick, with its label.
pub fn checkbox(ui: &mut Ui, is_on: &mut bool, label: &str) -> Response {
    let mut response = marked(ui, label, Role::CheckBox, *is_on);
    if response.clicked() {
        *is_on = !*is_on;
        response.mark_changed();
    }
    response
}

/// One of several: sets `chosen` to `value` on a click.
pub fn radio<T: PartialEq>(ui: &mut Ui, chosen: &mut T, value: T, label: &str) -> Response {
    let mut response = marked(ui, label, Role::RadioButton, *chosen == value);
    if response.clicked() && *chosen != value {
        *chosen = value;
        response.mark_changed();
    }
    response
}

#[expect(clippy::fn_params_excessive_bools, reason = "private, and the one flag is what is drawn")]
fn marked(ui: &mut Ui, label: &str, role: Role, is_on: bool) -> Response {
    let t = tokens(ui);
    let room = (ui.available_width() - BOX - space::S).max(40.0);
    let galley = ui.painter().layout(label.to_owned(), FontId::proportional(size::BODY), t.text, room);
    let extent = vec2(BOX + space::S + galley.size().x, galley.size().y.max(22.0));
    let (rect, response) = ui.allocate_exact_size(extent, Sense::click());
    response.widget_info(|| WidgetInfo::selected(role, ui.is_enabled(), is_on, label));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let mark = egui::Rect::from_center_size(pos2(rect.left() + BOX / 2.0, rect.top() + 11.0), vec2(BOX, BOX));
    let rounding = if role == Role::RadioButton { BOX / 2.0 } else { 4.0 };
    let edge = if response.hovered() { t.dim } else { t.faint };
    let (fill, outline) = if is_on { (t.accent_fill, Color32::TRANSPARENT) } else { (t.background, edge) };
    ui.painter().rect(mark, rounding, fill, Stroke::new(1.0, outline), StrokeKind::Inside);
    if is_on && role == Role::RadioButton {
        ui.painter().circle_filled(mark.center(), 3.0, t.on_accent);
    } else if is_on {
        ui.painter().text(mark.center(), Align2::CENTER_CENTER, icons::CHECK, icons::font(12.0), t.on_accent);
    }
    let at = pos2(rect.left() + BOX + space::S, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, t.text);
    if response.has_focus() {
        focus_ring(ui, mark);
    }
    response
}
