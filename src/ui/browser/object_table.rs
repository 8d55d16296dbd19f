//! The object table: folders first, then objects, only the visible rows drawn. The table as a whole takes the keyboard's
//! focus; its rows are what is clicked, and what screen readers and tests find by name.

use std::ops::Range;

use egui::{Id, Pos2, Rect, Role, Sense, Ui, Vec2, WidgetInfo};

use super::columns::Columns;
use super::{context_menu, header, keyboard, row, states};
use crate::model::{AppModel, Entry, Listing, ListingState, NameFilter};
use crate::ui::actions::{Action, Actions};
use crate::ui::text::{t, t_count, t_with};
use crate::ui::ui_command::set_browser_focus;
use crate::ui::ui_state::{BrowserFocus, BrowserState, UiState};
use crate::ui::widgets::MenuKey;
use crate::ui::{format, icons, theme, widgets};

/// When so few loaded rows are left below the visible ones, the next page is asked for.
const LOAD_AHEAD_ROWS: usize = 200;

/// Graphemes of a filter that are quoted where nothing passes it.
const QUOTED_FILTER_ROOM: usize = 60;

/// Draws header and rows of the shown folder.
pub(super) fn object_table_ui(ui: &mut Ui, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    let Some(browsing) = &model.browsing else { return };
    let listing = &browsing.listing;
    let columns = header::header_ui(ui, model, &mut state.browser, actions);

    let mut order = std::mem::take(&mut state.browser.order);
    let browser = &mut state.browser;
    let shown = order.rows(listing, &browser.filter, browser.sort_column, browser.sort_direction);
    deselect_hidden(ui, browser);
    if shown.is_empty() && !browser.filter.is_empty() {
        no_match_ui(ui, listing, browser);
        state.browser.order = order;
        return;
    }
    rows_ui(ui, model, state, &Shown { listing, rows: shown, columns: &columns }, actions);
    state.browser.order = order;
}

/// Rows that a new filter hides leave the selection: nothing is done to what is not seen.
fn deselect_hidden(ui: &Ui, browser: &mut BrowserState) {
    if browser.filter == browser.selection_filter {
        return;
    }
    browser.selection_filter.clone_from(&browser.filter);
    if !browser.filter.is_empty() && !browser.selection.is_empty() {
        browser.selection.keep_passing(&NameFilter::new(&browser.filter));
        // Inspector and status bar of this frame may be drawn already.
        ui.ctx().request_repaint();
    }
}

/// What the table shows in this frame.
pub(super) struct Shown<'a> {
    /// The folder.
    pub listing: &'a Listing,
    /// Indexes of its entries, in the order they are shown.
    pub rows: &'a [u32],
    /// Where the columns stand.
    pub columns: &'a Columns,
}

impl<'a> Shown<'a> {
    /// The entry in a row.
    pub(super) fn entry(&self, row: usize) -> Option<&'a Entry> {
        let index = usize::try_from(*self.rows.get(row)?).ok()?;
        self.listing.entries.get(index)
    }

    /// The row of an entry, by its whole key.
    pub(super) fn row_of(&self, key: &str) -> Option<usize> {
        (0..self.rows.len()).find(|row| self.entry(*row).is_some_and(|entry| entry.full_key() == key))
    }
}

/// The filter hides every row: says so, and whether rows that are not loaded yet may match.
fn no_match_ui(ui: &mut Ui, listing: &Listing, browser: &mut BrowserState) {
    let id = if listing.is_complete() { "note-no-match" } else { "note-no-match-partial" };
    let filter = format::readable(&browser.filter);
    let title = t_with(ui, id, &[("filter", &format::elide_middle(&filter, QUOTED_FILTER_ROOM))]);
    states::centred(ui, 120.0, |ui| {
        widgets::empty_state(ui, icons::SEARCH, &title, "");
        ui.add_space(theme::space::M);
        states::centred_row(ui, "clear-filter", |ui| {
            if widgets::button(ui, Some(icons::CLOSE), &t(ui, "clear-filter")).clicked() {
                browser.filter.clear();
            }
        });
    });
}

fn rows_ui(ui: &mut Ui, model: &AppModel, state: &mut UiState, shown: &Shown<'_>, actions: &mut Actions) {
    let table_id = ui.scope_id().with("object-table");
    let outer = ui.available_rect_before_wrap();
    // The table itself, below its rows: takes the focus, the keyboard, and clicks on empty ground.
    let table = ui.interact(outer, table_id, Sense::click());
    describe_table(&table, model, shown);
    if table.clicked() {
        state.browser.selection.clear();
        table.request_focus();
    }
    take_focus(ui, &table, state);
    keyboard::handle(ui, &table, shown, state);
    let has_cursor = state.browser.selection.cursor.is_some() && !state.browser.selection.is_empty();
    let key = if has_cursor { MenuKey::Another } else { MenuKey::This };
    widgets::context_menu(&table, &table, key, |ui| context_menu::folder_menu(ui, model, state, actions));

    let mut area = egui::ScrollArea::vertical().id_salt("objects").auto_shrink(false);
    if let Some(offset) = wanted_offset(state, shown, table_id, outer.height(), ui) {
        area = area.vertical_scroll_offset(offset);
    }
    let output = area.show_viewport(ui, |ui, viewport| {
        let row_height = theme::size::ROW;
        ui.set_height(row_count_height(shown.rows.len()));
        ui.spacing_mut().item_spacing = Vec2::ZERO;
        let visible = visible_rows(viewport.y_range(), shown.rows.len());
        let origin = ui.max_rect().left_top();
        for row in visible.clone() {
            let top = origin.y + to_f32(row) * row_height;
            let rect = Rect::from_min_size(Pos2::new(origin.x, top), Vec2::new(ui.max_rect().width(), row_height));
            row::row_ui(ui, &row::Row { rect, index: row, table: &table, shown }, model, state, actions);
        }
        visible
    });
    ui.data_mut(|data| data.insert_temp(table_id.with("offset"), output.state.clamped_offset().y));
    if let Some(column) = state.browser.fit_column.take() {
        let rows = output.inner.clone().filter_map(|row| shown.entry(row));
        header::fit_to(ui, model, column, shown.columns, rows, actions);
    }
    let is_near_end = output.inner.end + LOAD_AHEAD_ROWS >= shown.rows.len();
    if is_near_end && matches!(shown.listing.state, ListingState::Partial(_)) && state.browser.filter.is_empty() {
        actions.push(Action::LoadMore);
    }
}

fn take_focus(ui: &Ui, table: &egui::Response, state: &mut UiState) {
    if state.browser.focus == Some(BrowserFocus::Table) {
        state.browser.focus = None;
        // A person who is typing keeps the keyboard.
        if !ui.ctx().text_edit_focused() {
            table.request_focus();
        }
    }
    if table.has_focus() {
        set_browser_focus(ui, Some(table.id));
        let keys = egui::EventFilter { vertical_arrows: true, horizontal_arrows: true, tab: false, escape: false };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(table.id, keys));
    }
}

fn describe_table(table: &egui::Response, model: &AppModel, shown: &Shown<'_>) {
    // The text is looked up outside: inside, egui's context is locked.
    let place = model.location().map(ToString::to_string).unwrap_or_default();
    let count = u64::try_from(shown.rows.len()).unwrap_or(u64::MAX);
    let name = t_count(&table.ctx, "table-name", count, &[("place", &place)]);
    table.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, &name));
    table.ctx.accesskit_node_builder(table.id, egui::accesskit::Node::set_multiselectable);
}

/// Where to scroll so that a row that was asked for, or moved to by keys, is in view.
fn wanted_offset(state: &mut UiState, shown: &Shown<'_>, table_id: Id, height: f32, ui: &Ui) -> Option<f32> {
    let rows_id = table_id.with("rows");
    let rows_before = ui.data_mut(|data| data.get_temp_mut_or_default::<usize>(rows_id).to_owned());
    ui.data_mut(|data| data.insert_temp(rows_id, shown.rows.len()));
    let key = state.browser.scroll_to.take()?;
    if rows_before != shown.rows.len() {
        // The scroll area still has the bounds of the frame before. An offset beyond them would make it spring back
        // with a speed that carries it on for seconds; one frame later it knows the new rows.
        state.browser.scroll_to = Some(key);
        ui.ctx().request_repaint();
        return None;
    }
    let Some(row) = shown.row_of(&key) else {
        // Not listed yet: keep the wish while the first page is on its way.
        if shown.listing.state == ListingState::Loading {
            state.browser.scroll_to = Some(key);
        }
        return None;
    };
    let offset: f32 = ui.data(|data| data.get_temp(table_id.with("offset"))).unwrap_or_default();
    let top = to_f32(row) * theme::size::ROW;
    let bottom = top + theme::size::ROW;
    if top < offset {
        Some(top)
    } else if bottom > offset + height {
        Some(bottom - height)
    } else {
        None
    }
}

fn row_count_height(rows: usize) -> f32 {
    to_f32(rows) * theme::size::ROW
}

/// Rows that are at least partly inside the viewport.
fn visible_rows(viewport: egui::Rangef, rows: usize) -> Range<usize> {
    let first = to_index(viewport.min / theme::size::ROW).min(rows);
    let last = (to_index(viewport.max / theme::size::ROW) + 1).min(rows);
    first..last
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positions are positive and far below 2^53"
)]
fn to_index(position: f32) -> usize {
    position.max(0.0) as usize
}

fn to_f32(row: usize) -> f32 {
    row as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_visible_rows_are_drawn() {
        assert_eq!(visible_rows(egui::Rangef::new(0.0, 320.0), 100_000), 0..11);
        assert_eq!(visible_rows(egui::Rangef::new(16.0, 320.0), 100_000), 0..11);
        assert_eq!(visible_rows(egui::Rangef::new(3_199_680.0, 3_200_000.0), 100_000), 99_990..100_000);
        assert_eq!(visible_rows(egui::Rangef::new(0.0, 320.0), 0), 0..0);
    }
}
