//! Rows that can be chosen: sidebar entries, palette lines.

use egui::{Align2, FontId, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{Chosen, Tone, elided_text, focus_ring};
use crate::ui::icons;
use crate::ui::theme::{radius, size, space, tokens};

/// The size of a [`Sign`], in points.
const SIGN: f32 = 14.0;

/// A row across the room.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Points.
    pub height: f32,
    /// Whether it is what is chosen.
    pub chosen: Chosen,
    /// What screen readers say: name, facts, state.
    pub accessible_name: &'a str,
}

/// A row with its ground painted for hover, choice and focus. The caller paints into the rectangle.
pub fn row(ui: &mut Ui, row: Row<'_>) -> (Rect, Response) {
    row_in(ui, row, Sense::click())
}

/// The same in a list that says how its rows listen.
fn row_in(ui: &mut Ui, row: Row<'_>, sense: Sense) -> (Rect, Response) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), row.height), sense);
    let is_chosen = row.chosen == Chosen::Yes;
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, ui.is_enabled(), is_chosen, row.accessible_name));
    if ui.is_rect_visible(rect) {
        let t = tokens(ui);
        if is_chosen {
            ui.painter().rect_filled(rect, radius::CONTROL, t.selection);
        } else if response.hovered() {
            ui.painter().rect_filled(rect, radius::CONTROL, t.neutral_fill);
        }
        if response.has_focus() {
            focus_ring(ui, rect.shrink(2.0));
        }
    }
    (rect, response)
}

/// What a row states by an icon at its right end.
#[derive(Clone, Copy, Debug)]
pub struct Sign<'a> {
    /// The glyph.
    pub icon: &'a str,
    /// Its colour.
    pub tone: Tone,
    /// The same for screen readers.
    pub words: &'a str,
}

/// A sidebar entry: icon, name cut in the middle, dim remark on the right.
pub fn nav_row(ui: &mut Ui, icon: &str, name: &str, remark: &str, chosen: Chosen) -> Response {
    nav_row_in(ui, Sense::click(), &NavRow { icon, name, remark, sign: None, chosen })
}

/// What stands in a sidebar entry.
#[derive(Clone, Copy, Debug)]
pub struct NavRow<'a> {
    /// On the left.
    pub icon: &'a str,
    /// Cut in the middle where it has no room.
    pub name: &'a str,
    /// Dim, on the right.
    pub remark: &'a str,
    /// Behind the remark.
    pub sign: Option<Sign<'a>>,
    /// Whether it is what is shown.
    pub chosen: Chosen,
}

/// The same, with all that can stand in it, in a list that says how its rows listen.
pub fn nav_row_in(ui: &mut Ui, sense: Sense, nav: &NavRow<'_>) -> Response {
    let NavRow { icon, name, remark, sign, chosen } = *nav;
    let spoken = [name, sign.map_or("", |sign| sign.words), remark].into_iter().filter(|part| !part.is_empty());
    let spoken = spoken.collect::<Vec<_>>().join(", ");
    let (rect, response) = row_in(ui, Row { height: 28.0, chosen, accessible_name: &spoken }, sense);
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let t = tokens(ui);
    let is_plain = chosen == Chosen::No;
    let color = if is_plain { t.dim } else { t.dim_strong };
    ui.painter().text(
        pos2(rect.left() + 18.0, rect.center().y),
        Align2::CENTER_CENTER,
        icon,
        icons::font(size::ICON),
        color,
    );
    let mut right = rect.right() - space::S;
    if let Some(sign) = sign {
        let color = if sign.tone == Tone::Neutral { color } else { sign.tone.color(ui) };
        let at = pos2(right - SIGN / 2.0, rect.center().y);
        ui.painter().text(at, Align2::CENTER_CENTER, sign.icon, icons::font(SIGN), color);
        right -= SIGN + space::XS;
    }
    if !remark.is_empty() {
        let galley = ui.painter().layout_no_wrap(remark.to_owned(), FontId::proportional(size::CAPTION), color);
        right -= galley.size().x;
        ui.painter().galley(pos2(right, rect.center().y - galley.size().y / 2.0), galley, color);
        right -= space::S;
    }
    let left = rect.left() + 34.0;
    let shown = elided_text(ui, name, FontId::proportional(size::BODY), t.text, right - left);
    let at = pos2(left, rect.center().y - shown.size().y / 2.0);
    shown.paint(ui, at, response)
}
