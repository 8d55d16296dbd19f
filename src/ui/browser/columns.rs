//! Which columns the object table shows at a width, and where each stands.

use egui::Rangef;

use crate::model::{COLUMN_WIDTHS, Column, SortColumn};

/// Left edge of a row to its icon's centre.
const ICON_CENTRE: f32 = 22.0;
/// Left edge of a row to its name.
const NAME_LEFT: f32 = 40.0;
/// Space between columns.
pub(super) const GAP: f32 = 18.0;
/// Below this a name cannot be told any more; other columns give way first.
const NAME_AT_LEAST: f32 = 190.0;
/// The last column to the right edge, where the scroll bar floats.
const RIGHT_MARGIN: f32 = 14.0;

/// The width a column has until the user sets one.
fn usual_width(column: Column) -> f32 {
    match column {
        Column::Size => 62.0,
        Column::Modified => 118.0,
        Column::Class => 80.0,
        Column::Access => 78.0,
    }
}

/// Those that give way first when the window is narrow.
const GIVE_WAY: [Column; 4] = [Column::Access, Column::Class, Column::Modified, Column::Size];

/// What the user has chosen of the columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    /// Not to be shown.
    pub hidden: &'a [Column],
    /// Widths set by hand, in points.
    pub widths: &'a [(Column, u32)],
}

impl Wanted<'_> {
    fn width(&self, column: Column) -> f32 {
        let set = self.widths.iter().find(|(known, _)| *known == column);
        set.map_or(usual_width(column), |(_, points)| *points as f32)
    }
}

/// Where everything of a row stands, as distances from its left edge.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Columns {
    /// Centre of the icon.
    pub icon: f32,
    /// The name.
    pub name: Rangef,
    /// The other columns, from left to right.
    pub others: Vec<(Column, Rangef)>,
}

impl Columns {
    /// Lays the columns out that are not hidden and for which there is room. Columns that were made wide get narrower
    /// before any is left out.
    pub(super) fn fit(table_width: f32, wanted: Wanted<'_>) -> Self {
        let columns = Column::ALL.into_iter().filter(|column| !wanted.hidden.contains(column));
        let mut shown: Vec<(Column, f32)> = columns.map(|column| (column, wanted.width(column))).collect();
        for column in GIVE_WAY {
            let missing = NAME_AT_LEAST - name_width(table_width, &shown);
            if let Some((_, width)) = shown.iter_mut().find(|(known, _)| *known == column).filter(|_| missing > 0.0) {
                *width = (*width - missing).max(usual_width(column).min(*width));
            }
        }
        for column in GIVE_WAY {
            if name_width(table_width, &shown) >= NAME_AT_LEAST {
                break;
            }
            shown.retain(|(kept, _)| *kept != column);
        }
        let name_right = NAME_LEFT + name_width(table_width, &shown);
        let mut left = name_right;
        let others = shown
            .into_iter()
            .map(|(column, width)| {
                let range = Rangef::new(left + GAP, left + GAP + width);
                left = range.max;
                (column, range)
            })
            .collect();
        Self { icon: ICON_CENTRE, name: Rangef::new(NAME_LEFT, name_right), others }
    }

    /// Where a column's own edge is, the one on its left that can be dragged.
    pub(super) fn edge(range: Rangef) -> f32 {
        range.min - GAP / 2.0
    }

    /// The widths a shown column can be given without leaving the name too little.
    pub(super) fn limits(&self, column: Column) -> Rangef {
        let now = self.others.iter().find(|(known, _)| *known == column).map_or(0.0, |(_, range)| range.span());
        let spare = (self.name.span() - NAME_AT_LEAST).max(0.0);
        let (least, most) = (*COLUMN_WIDTHS.start() as f32, *COLUMN_WIDTHS.end() as f32);
        Rangef::new(least, (now + spare).clamp(least, most))
    }
}

fn name_width(table_width: f32, shown: &[(Column, f32)]) -> f32 {
    let others: f32 = shown.iter().map(|(_, width)| GAP + width).sum();
    table_width - NAME_LEFT - RIGHT_MARGIN - others
}

/// The order a click on a column's header gives; access has none.
pub(super) fn sort_column(column: Column) -> Option<SortColumn> {
    match column {
        Column::Size => Some(SortColumn::Size),
        Column::Modified => Some(SortColumn::Modified),
        Column::Class => Some(SortColumn::Class),
        Column::Access => None,
    }
}

/// Text id of a column's header.
pub(super) fn header_id(column: Column) -> &'static str {
    match column {
        Column::Size => "column-size",
        Column::Modified => "column-modified",
        Column::Class => "column-class",
        Column::Access => "column-access",
    }
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "widths are small")]
mod tests {
    use super::*;

    fn fit(width: f32, hidden: &[Column], widths: &[(Column, u32)]) -> Columns {
        Columns::fit(width, Wanted { hidden, widths })
    }

    fn shown(width: f32, hidden: &[Column]) -> Vec<Column> {
        fit(width, hidden, &[]).others.iter().map(|(column, _)| *column).collect()
    }

    #[test]
    fn columns_give_way_to_the_name() {
        assert_eq!(shown(756.0, &[]), Column::ALL);
        assert_eq!(shown(756.0, &[Column::Class]), [Column::Size, Column::Modified, Column::Access]);
        assert_eq!(shown(500.0, &[]), [Column::Size, Column::Modified]);
        assert_eq!(shown(200.0, &[]), Vec::<Column>::new());
        assert!(fit(668.0, &[], &[]).name.span() >= NAME_AT_LEAST);
    }

    #[test]
    fn wide_columns_get_narrower_before_any_is_left_out() {
        let widths = [(Column::Size, 200), (Column::Class, 300)];
        for width in [1400.0, 1000.0, 800.0, 700.0] {
            let columns = fit(width, &[], &widths);
            assert_eq!(columns.others.len(), 4, "at {width}");
            assert!(columns.name.span() >= NAME_AT_LEAST, "at {width}");
            assert!(columns.others.iter().all(|(_, range)| range.max <= width), "at {width}");
        }
        let columns = fit(1400.0, &[], &widths);
        let spans: Vec<f32> = columns.others.iter().map(|(_, range)| range.span()).collect();
        assert_eq!(spans, [200.0, 118.0, 300.0, 78.0]);
    }

    #[test]
    fn a_column_can_take_what_the_name_can_spare() {
        let columns = fit(800.0, &[], &[]);
        let limits = columns.limits(Column::Class);
        let most = [(Column::Class, limits.max as u32)];
        let name = fit(800.0, &[], &most).name.span();
        assert!((NAME_AT_LEAST..NAME_AT_LEAST + 1.0).contains(&name), "{name}");
    }
}
