//! One choice of a few, side by side.

use egui::{Align2, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::focus_ring;
use crate::ui::icons;
use crate::ui::theme::{radius, size, space, tokens};

/// Tabs in one grey pill. Returns whether another one was chosen.
pub fn segmented(ui: &mut Ui, labels: &[&str], chosen: &mut usize) -> bool {
    let t = tokens(ui);
    let font = FontId::proportional(size::BODY - 0.5);
    let galleys: Vec<_> =
        labels.iter().map(|label| ui.painter().layout_no_wrap((*label).to_owned(), font.clone(), t.text)).collect();
    let width: f32 = galleys.iter().map(|galley| galley.size().x + 2.0 * 9.0).sum();
    let (rect, _) = ui.allocate_exact_size(vec2(width + 2.0, 27.0), Sense::hover());
    ui.painter().rect_filled(rect, radius::CONTROL, t.neutral_fill);
    let mut left = rect.left() + 1.0;
    let mut changed = false;
    for (index, (label, galley)) in labels.iter().zip(galleys).enumerate() {
        let part = Rect::from_min_size(pos2(left, rect.top() + 1.0), vec2(galley.size().x + 18.0, rect.height() - 2.0));
        left = part.right();
        let response = ui.interact(part, ui.scope_id().with(("segment", labels.first(), index)), Sense::click());
        let is_chosen = *chosen == index;
        response.widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), is_chosen, *label));
        if is_chosen {
            ui.painter().rect(part, radius::CONTROL - 1, t.background, Stroke::new(1.0, t.line), StrokeKind::Inside);
        }
        let color = if is_chosen || response.hovered() { t.text } else { t.dim_strong };
        let at = pos2(part.center().x - galley.size().x / 2.0, part.center().y - galley.size().y / 2.0);
        ui.painter().galley_with_override_text_color(at, galley, color);
        if response.has_focus() {
            focus_ring(ui, part.shrink(1.0));
        }
        if response.clicked() && !is_chosen {
            *chosen = index;
            changed = true;
        }
    }
    changed
}

/// Cards side by side with icon and label, as in the head of the connection editor; wraps when there is no room.
/// Returns whether another one was chosen.
pub fn choice_row(ui: &mut Ui, choices: &[(&str, &str)], chosen: &mut usize) -> bool {
    let mut changed = false;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        for (index, (icon, label)) in choices.iter().enumerate() {
            let response = choice(ui, icon, label, *chosen == index);
            if response.clicked() && *chosen != index {
                *chosen = index;
                changed = true;
            }
        }
    });
    changed
}

#[expect(clippy::fn_params_excessive_bools, reason = "private, and the one flag is what is drawn")]
fn choice(ui: &mut Ui, icon: &str, label: &str, is_chosen: bool) -> Response {
    let t = tokens(ui);
    let color = if is_chosen { t.link } else { t.text };
    let galley = ui.painter().layout_no_wrap(label.to_owned(), FontId::proportional(size::BODY), color);
    let extent = vec2(galley.size().x + 24.0 + 2.0 * space::M, 30.0);
    let (rect, response) = ui.allocate_exact_size(extent, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), is_chosen, label));
    if ui.is_rect_visible(rect) {
        let outline = if is_chosen { t.accent } else { t.line };
        let fill = if response.hovered() && !is_chosen { t.hover } else { t.background };
        ui.painter().rect(rect, radius::CONTROL, fill, Stroke::new(1.0, outline), StrokeKind::Inside);
        let at = pos2(rect.left() + space::M + 8.0, rect.center().y);
        ui.painter().text(at, Align2::CENTER_CENTER, icon, icons::font(size::ICON - 1.0), color);
        let at = pos2(rect.left() + space::M + 24.0, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, color);
        if response.has_focus() {
            focus_ring(ui, rect);
        }
    }
    response
}
