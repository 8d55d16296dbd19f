//! Which columns the object table shows at a width, and where each stands.

use egui::Rangef;

use crate::model::{Column, SortColumn};

/// Left edge of a row to its icon's centre.
const ICON_CENTRE: f32 = 22.0;
/// Left edge of a row to its name.
const NAME_LEFT: f32 = 40.0;
/// Space between columns.
const GAP: f32 = 18.0;
/// Below this a name cannot be told any more; other columns give way first.
const NAME_AT_LEAST: f32 = 190.0;
/// The last column to the right edge, where the scroll bar floats.
const RIGHT_MARGIN: f32 = 14.0;

fn width(column: Column) -> f32 {
    match column {
        Column::Size => 62.0,
        Column::Modified => 118.0,
        Column::Class => 80.0,
        Column::Access => 78.0,
    }
}

/// Those that give way first when the window is narrow.
const GIVE_WAY: [Column; 4] = [Column::Access, Column::Class, Column::Modified, Column::Size];

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
    /// Lays the columns out that are not hidden and for which there is room.
    pub(super) fn fit(table_width: f32, hidden: &[Column]) -> Self {
        let mut shown: Vec<Column> = Column::ALL.into_iter().filter(|column| !hidden.contains(column)).collect();
        for column in GIVE_WAY {
            if name_width(table_width, &shown) >= NAME_AT_LEAST {
                break;
            }
            shown.retain(|kept| *kept != column);
        }
        let name_right = NAME_LEFT + name_width(table_width, &shown);
        let mut left = name_right;
        let others = shown
            .into_iter()
            .map(|column| {
                let range = Rangef::new(left + GAP, left + GAP + width(column));
                left = range.max;
                (column, range)
            })
            .collect();
        Self { icon: ICON_CENTRE, name: Rangef::new(NAME_LEFT, name_right), others }
    }
}

fn name_width(table_width: f32, shown: &[Column]) -> f32 {
    let others: f32 = shown.iter().map(|column| GAP + width(*column)).sum();
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
mod tests {
    use super::*;

    fn shown(width: f32, hidden: &[Column]) -> Vec<Column> {
        Columns::fit(width, hidden).others.iter().map(|(column, _)| *column).collect()
    }

    #[test]
    fn columns_give_way_to_the_name() {
        assert_eq!(shown(756.0, &[]), Column::ALL);
        assert_eq!(shown(756.0, &[Column::Class]), [Column::Size, Column::Modified, Column::Access]);
        assert_eq!(shown(500.0, &[]), [Column::Size, Column::Modified]);
        assert_eq!(shown(200.0, &[]), Vec::<Column>::new());
        let columns = Columns::fit(668.0, &[]);
        assert!(columns.name.span() >= NAME_AT_LEAST);
    }
}
