//! The object table by keyboard: arrows, Home, End, pages, ranges with Shift, and typing the start of a name.
//! Enter, Backspace and Delete are commands of the table in `ui_command`.

use egui::{Event, Key, Modifiers, Response, Ui};

use super::object_table::Shown;
use crate::model::{Entry, NameFilter};
use crate::ui::theme;
use crate::ui::ui_state::UiState;

/// Letters typed within this time belong to one name.
const TYPE_AHEAD_SECS: f64 = 0.9;

/// Handles the keys of a focused table.
pub(super) fn handle(ui: &Ui, table: &Response, shown: &Shown<'_>, state: &mut UiState) {
    if !table.has_focus() || shown.rows.is_empty() {
        return;
    }
    let page = to_rows(table.rect.height() / theme::size::ROW).max(1);
    let (events, time) = ui.input(|input| (input.events.clone(), input.time));
    for event in events {
        match event {
            Event::Key { key, pressed: true, modifiers, .. } => {
                pressed(key, modifiers, page, shown, state);
            }
            Event::Text(text) => type_ahead(&text, time, shown, state),
            _ => {}
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a window's height in rows is small")]
fn to_rows(rows: f32) -> usize {
    rows.max(0.0) as usize
}

fn pressed(key: Key, modifiers: Modifiers, page: usize, shown: &Shown<'_>, state: &mut UiState) {
    let cursor = state.browser.selection.cursor.as_deref().and_then(|key| shown.row_of(key));
    let last = shown.rows.len() - 1;
    let target = match (key, cursor) {
        (Key::ArrowDown | Key::ArrowUp | Key::PageDown | Key::PageUp, None) | (Key::Home, _) => 0,
        (Key::ArrowDown, Some(row)) => (row + 1).min(last),
        (Key::ArrowUp, Some(row)) => row.saturating_sub(1),
        (Key::PageDown, Some(row)) => (row + page).min(last),
        (Key::PageUp, Some(row)) => row.saturating_sub(page),
        (Key::End, _) => last,
        (Key::Space, Some(row)) if modifiers.command => {
            if let Some(entry) = shown.entry(row) {
                state.browser.selection.toggle(entry.full_key());
            }
            return;
        }
        _ => return,
    };
    if modifiers.alt {
        return;
    }
    if modifiers.shift {
        select_to(shown, state, target);
    } else if let Some(entry) = shown.entry(target) {
        state.browser.selection.select_only(entry.full_key());
    }
    state.browser.scroll_to = shown.entry(target).map(|entry| entry.full_key().to_owned());
}

/// Selects from the anchor to this row.
pub(super) fn select_to(shown: &Shown<'_>, state: &mut UiState, row: usize) {
    let Some(cursor) = shown.entry(row).map(|entry| entry.full_key().to_owned()) else { return };
    let selection = &mut state.browser.selection;
    let Some(anchor) = selection.anchor.as_deref().and_then(|key| shown.row_of(key)) else {
        selection.select_only(&cursor);
        return;
    };
    let range = anchor.min(row)..=anchor.max(row);
    let end = *range.end();
    selection.select_range(range.filter_map(|row| shown.entry(row)).map(Entry::full_key), &cursor);
    if end + 1 == shown.rows.len() {
        selection.note_end(shown.listing);
    }
}

fn type_ahead(text: &str, time: f64, shown: &Shown<'_>, state: &mut UiState) {
    let (typed, last) = &mut state.browser.type_ahead;
    if time - *last > TYPE_AHEAD_SECS {
        typed.clear();
    }
    if typed.is_empty() && text.trim().is_empty() {
        return;
    }
    typed.push_str(text);
    *last = time;
    // As the filter compares: macOS takes syllables of Hangul apart in its file names, and no keyboard does.
    let wanted = NameFilter::new(typed);
    // The same letter again goes on to the next name with it.
    let skip = usize::from(wanted.chars() == 1);
    let from = state.browser.selection.cursor.as_deref().and_then(|key| shown.row_of(key)).map_or(0, |row| row + skip);
    let count = shown.rows.len();
    let found = (0..count).map(|step| (from + step) % count).find_map(|row| {
        let entry = shown.entry(row)?;
        wanted.begins(entry.name()).then(|| entry.full_key().to_owned())
    });
    if let Some(key) = found {
        state.browser.selection.select_only(&key);
        state.browser.scroll_to = Some(key);
    }
}
