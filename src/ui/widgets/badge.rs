//! Small pills that state something: public, private, this run only.

use egui::{Align2, FontId, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::Tone;
use crate::ui::icons;
use crate::ui::theme::{size, tokens};

/// The tone of a badge.
pub type BadgeTone = Tone;

const HEIGHT: f32 = 19.0;
const ICON: f32 = 12.5;
const PAD: f32 = 7.0;

/// A pill with an icon and words.
pub fn badge(ui: &mut Ui, icon: Option<&str>, text: &str, tone: BadgeTone) -> Response {
    let (fill, color) = colors(ui, tone);
    let galley = ui.painter().layout_no_wrap(text.to_owned(), FontId::proportional(size::CAPTION), color);
    let icon_width = if icon.is_some() { ICON + 4.0 } else { 0.0 };
    let extent = vec2(galley.size().x + icon_width + 2.0 * PAD, HEIGHT);
    let (rect, response) = ui.allocate_exact_size(extent, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    if ui.is_rect_visible(rect) {
        ui.painter().rect_filled(rect, HEIGHT / 2.0, fill);
        if let Some(icon) = icon {
            let at = pos2(rect.left() + PAD + ICON / 2.0, rect.center().y);
            ui.painter().text(at, Align2::CENTER_CENTER, icon, icons::font(ICON), color);
        }
        let at = pos2(rect.left() + PAD + icon_width, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, color);
    }
    response
}

/// The room that a badge takes, for cells that are laid out by hand.
pub fn badge_sized(ui: &Ui, icon: Option<&str>, text: &str) -> Vec2 {
    let galley =
        ui.painter().layout_no_wrap(text.to_owned(), FontId::proportional(size::CAPTION), egui::Color32::PLACEHOLDER);
    let icon_width = if icon.is_some() { ICON + 4.0 } else { 0.0 };
    vec2(galley.size().x + icon_width + 2.0 * PAD, HEIGHT)
}

fn colors(ui: &Ui, tone: BadgeTone) -> (egui::Color32, egui::Color32) {
    let t = tokens(ui);
    match tone {
        Tone::Neutral => (t.neutral_fill, t.on_neutral),
        Tone::Good => (t.good_fill, t.on_good),
        Tone::Warn => (t.warn_fill, t.on_warn),
        Tone::Bad => (t.bad_fill, t.on_bad),
        Tone::Accent => (t.selection, t.link),
    }
}
