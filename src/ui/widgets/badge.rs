//! Small pills that state something: public, private, this run only.

use std::sync::Arc;

use egui::{Align2, Color32, FontId, Galley, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::{Tone, end_elided_text};
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
        paint(ui, rect, icon, galley, (fill, color));
    }
    response
}

/// Paints a pill into a cell that is laid out by hand, from its left edge on; of its words only as much as fits:
/// then the whole is given back, for the row to tell. What it says is for the row to tell screen readers.
pub fn paint_badge(ui: &Ui, cell: Rect, icon: &str, text: &str, tone: BadgeTone) -> Option<String> {
    let (fill, color) = colors(ui, tone);
    let room = cell.width() - ICON - 4.0 - 2.0 * PAD;
    let shown = end_elided_text(ui, text, FontId::proportional(size::CAPTION), color, room);
    let extent = vec2(shown.size().x + ICON + 4.0 + 2.0 * PAD, HEIGHT);
    let rect = Rect::from_min_size(pos2(cell.left(), cell.center().y - HEIGHT / 2.0), extent);
    let left = paint_ground(ui, rect, Some(icon), (fill, color));
    let at = pos2(left, rect.center().y - shown.size().y / 2.0);
    shown.paint_bare(ui.painter(), at)
}

fn paint(ui: &Ui, rect: Rect, icon: Option<&str>, galley: Arc<Galley>, (fill, color): (Color32, Color32)) {
    let left = paint_ground(ui, rect, icon, (fill, color));
    ui.painter().galley(pos2(left, rect.center().y - galley.size().y / 2.0), galley, color);
}

/// Paints all but the words; where they begin.
fn paint_ground(ui: &Ui, rect: Rect, icon: Option<&str>, (fill, color): (Color32, Color32)) -> f32 {
    ui.painter().rect_filled(rect, HEIGHT / 2.0, fill);
    let left = rect.left() + PAD;
    let Some(icon) = icon else { return left };
    let at = pos2(left + ICON / 2.0, rect.center().y);
    ui.painter().text(at, Align2::CENTER_CENTER, icon, icons::font(ICON), color);
    left + ICON + 4.0
}

/// The room that a badge takes, for cells that are laid out by hand.
pub fn badge_sized(ui: &Ui, icon: Option<&str>, text: &str) -> Vec2 {
    let galley =
        ui.painter().layout_no_wrap(text.to_owned(), FontId::proportional(size::CAPTION), Color32::PLACEHOLDER);
    let icon_width = if icon.is_some() { ICON + 4.0 } else { 0.0 };
    vec2(galley.size().x + icon_width + 2.0 * PAD, HEIGHT)
}

fn colors(ui: &Ui, tone: BadgeTone) -> (Color32, Color32) {
    let t = tokens(ui);
    match tone {
        Tone::Neutral => (t.neutral_fill, t.on_neutral),
        Tone::Good => (t.good_fill, t.on_good),
        Tone::Warn => (t.warn_fill, t.on_warn),
        Tone::Bad => (t.bad_fill, t.on_bad),
        Tone::Accent => (t.selection, t.link),
    }
}
