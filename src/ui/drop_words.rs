//! Where the words about a drop stand.

use egui::{Pos2, Rect};

/// Where the words stand: in the middle, or beside the row that takes the files, which is drawn over all.
pub(super) fn centre(sheet: Rect, row: Option<Rect>) -> Pos2 {
    /// From the icon's upper edge to the last line, around the centre.
    const WORDS: egui::Rangef = egui::Rangef { min: -60.0, max: 100.0 };
    let middle = sheet.center();
    let Some(row) = row.filter(|row| row.x_range().contains(middle.x)) else { return middle };
    let is_free = row.bottom() < middle.y + WORDS.min || row.top() > middle.y + WORDS.max;
    let y = match (is_free, row.center().y > middle.y) {
        (true, _) => middle.y,
        (false, true) => (row.top() - WORDS.max).max(sheet.top() - WORDS.min),
        (false, false) => (row.bottom() - WORDS.min).min(sheet.bottom() - WORDS.max),
    };
    egui::pos2(middle.x, y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_that_takes_the_files_covers_no_word() {
        let sheet = Rect::from_min_max(egui::pos2(240.0, 80.0), egui::pos2(980.0, 780.0));
        for step in 0..24_u8 {
            let top = 90.0 + 28.0 * f32::from(step);
            let row = Rect::from_x_y_ranges(260.0..=960.0, top..=top + 28.0);
            let at = centre(sheet, Some(row));
            let words = Rect::from_x_y_ranges(500.0..=700.0, at.y - 60.0..=at.y + 100.0);
            assert!(!words.intersects(row.shrink(0.5)) && sheet.contains_rect(words), "{row:?} {words:?}");
        }
        let beside = Rect::from_min_max(egui::pos2(8.0, 400.0), egui::pos2(222.0, 428.0));
        assert_eq!(centre(sheet, Some(beside)), sheet.center());
    }
}
