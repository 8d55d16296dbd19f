//! Frames and separators.

use egui::{Align2, Margin, RichText, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::Tone;
use crate::ui::icons;
use crate::ui::theme::{caption, radius, semibold, size, space, tokens};

/// A card: outline, rounded, padded, as wide as the room.
pub fn card<R>(ui: &mut Ui, add_contents: impl FnOnce(&mut Ui) -> R) -> R {
    let t = tokens(ui);
    egui::Frame::new()
        .fill(t.background)
        .stroke(Stroke::new(1.0, t.line))
        .corner_radius(radius::CARD)
        .inner_margin(Margin::same(12))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            add_contents(ui)
        })
        .inner
}

/// A separator one pixel high, across the room.
pub fn hline(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, Stroke::new(1.0, tokens(ui).line));
}

/// The small semibold heading of a group: "Buckets", "Places".
pub fn section_caption(ui: &mut Ui, text: &str) -> egui::Response {
    let color = tokens(ui).dim;
    ui.label(RichText::new(text).font(semibold(size::CAPTION)).color(color))
}

/// An icon in its tone and a wrapped text beside it; the tone's colour is never the only sign.
pub fn tone_line(ui: &mut Ui, tone: Tone, text: &str) -> egui::Response {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 17.0), Sense::hover());
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, tone.icon(), icons::font(14.5), tone.color(ui));
        ui.add(egui::Label::new(text).wrap())
    })
    .inner
}

/// The middle of an empty view: icon, what is the case, what can be done.
pub fn empty_state(ui: &mut Ui, icon: &str, title: &str, advice: &str) -> egui::Response {
    let t = tokens(ui);
    let response = ui
        .vertical_centered(|ui| {
            let (rect, response) = ui.allocate_exact_size(vec2(40.0, 40.0), Sense::hover());
            ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon, icons::font(34.0), t.dim);
            ui.label(RichText::new(title).font(semibold(14.0)));
            if !advice.is_empty() {
                let text = caption(ui, advice).size(size::BODY);
                ui.label(text);
            }
            response
        })
        .inner;
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, title));
    response
}
