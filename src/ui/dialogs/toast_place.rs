//! Where messages stand: in a corner, beside what is worked on.

use egui::{Align2, Pos2, Rect, Vec2, vec2};

use crate::ui::theme::space;

/// How wide messages are, where there is room.
pub(super) const WIDTH: f32 = 360.0;
/// The heading of the table stays in sight.
const HEADING_ROOM: f32 = 32.0;

/// Where messages may stand. They must not cover what is wanted now.
#[derive(Clone, Debug, PartialEq)]
pub enum ToastPlace {
    /// In a corner of a part of the window that has only rows that can be scrolled.
    Low(ToastRoom),
    /// In the upper right corner, while a dialog is open: its buttons are low.
    Corner,
}

/// Room for messages.
#[derive(Clone, Debug, PartialEq)]
pub struct ToastRoom {
    /// A corner of this is taken: the lower right one, or the upper right one.
    pub over: Rect,
    /// What has to be seen: the row that is worked on, the words and buttons of a failure.
    pub keep: Vec<Rect>,
    /// Taken from the lower left on where neither corner will do.
    pub spare: Option<Rect>,
}

impl ToastRoom {
    /// Room in which nothing has to be seen.
    pub fn of(over: Rect) -> Self {
        Self { over, keep: Vec::new(), spare: None }
    }

    pub(super) fn width(&self) -> f32 {
        WIDTH.min(self.over.width() - 2.0 * space::M)
    }

    /// How high messages may stand together: most of the room stays free, and without a spare one a row in its middle
    /// finds them in one of the two corners.
    pub(super) fn height_limit(&self) -> f32 {
        let half = self.over.height() / 2.0;
        if self.spare.is_some() { half } else { half - HEADING_ROOM - space::M }
    }

    /// Where messages of this size hide least of what has to be seen, and which of their corners stands there.
    pub(super) fn corner(&self, size: Vec2) -> (Align2, Pos2) {
        let low = (Align2::RIGHT_BOTTOM, self.over.right_bottom() + vec2(-space::M, -space::M));
        let high = (Align2::RIGHT_TOP, self.over.right_top() + vec2(-space::M, HEADING_ROOM + space::M));
        let spare = self.spare.map(|spare| (Align2::LEFT_BOTTOM, spare.left_bottom() + vec2(space::M, -space::M)));
        let hidden = |(align, at): &(Align2, Pos2)| {
            let taken = align.anchor_size(*at, size);
            let parts = self.keep.iter().map(|keep| taken.intersect(*keep)).filter(Rect::is_positive);
            parts.map(|part| part.area()).sum::<f32>()
        };
        let mut best = low;
        for other in [Some(high), spare].into_iter().flatten() {
            if hidden(&other) < hidden(&best) {
                best = other;
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_that_is_worked_on_is_not_covered() {
        let over = Rect::from_min_size(egui::pos2(232.0, 52.0), vec2(668.0, 300.0));
        let drawer = Rect::from_min_size(egui::pos2(232.0, 400.0), vec2(668.0, 174.0));
        for size in [vec2(360.0, 64.0), vec2(360.0, 146.0)] {
            for row in 0..8_u8 {
                let top = over.top() + 32.0 + 32.0 * f32::from(row);
                let row = Rect::from_x_y_ranges(over.x_range(), top..=top + 32.0);
                let room = ToastRoom { over, keep: vec![row], spare: Some(drawer) };
                let (pivot, at) = room.corner(size);
                assert!(!pivot.anchor_size(at, size).intersects(row.shrink(0.5)), "{size:?} {row:?}");
            }
        }
    }
}
