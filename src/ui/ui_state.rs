//! State of the window itself: selection, order, open panels, drafts. Never anything the engine owns.

use std::collections::HashSet;

use crate::model::{AppModel, Entry, Location, ObjectRef, SortColumn, SortDirection, Target};

/// Folders visited, for "back" and "forward".
#[derive(Debug, Default)]
pub struct History {
    back: Vec<Location>,
    forward: Vec<Location>,
}

/// More steps back are forgotten.
const HISTORY_LIMIT: usize = 200;

impl History {
    /// Notes that `from` is left for a new folder.
    pub fn leave(&mut self, from: Location) {
        if self.back.last() != Some(&from) {
            self.back.push(from);
        }
        if self.back.len() > HISTORY_LIMIT {
            self.back.remove(0);
        }
        self.forward.clear();
    }

    /// One step back from `here`.
    pub fn go_back(&mut self, here: Option<Location>) -> Option<Location> {
        let to = self.back.pop()?;
        self.forward.extend(here);
        Some(to)
    }

    /// One step forward from `here`.
    pub fn go_forward(&mut self, here: Option<Location>) -> Option<Location> {
        let to = self.forward.pop()?;
        self.back.extend(here);
        Some(to)
    }

    /// Whether there is a step back.
    pub fn can_go_back(&self) -> bool {
        !self.back.is_empty()
    }

    /// Whether there is a step forward.
    pub fn can_go_forward(&self) -> bool {
        !self.forward.is_empty()
    }

    /// Forgets everything, as when another connection is opened.
    pub fn clear(&mut self) {
        self.back.clear();
        self.forward.clear();
    }
}

/// Selected rows of the shown folder, by whole key, so that a reload keeps them.
#[derive(Debug, Default)]
pub struct RowSelection {
    keys: HashSet<String>,
    /// Where a range starts.
    pub anchor: Option<String>,
    /// The row the keyboard is on.
    pub cursor: Option<String>,
}

impl RowSelection {
    /// Selects this one row.
    pub fn select_only(&mut self, key: &str) {
        self.keys.clear();
        self.keys.insert(key.to_owned());
        self.anchor = Some(key.to_owned());
        self.cursor = Some(key.to_owned());
    }

    /// Adds the row, or takes it out.
    pub fn toggle(&mut self, key: &str) {
        if !self.keys.remove(key) {
            self.keys.insert(key.to_owned());
        }
        self.anchor = Some(key.to_owned());
        self.cursor = Some(key.to_owned());
    }

    /// Selects exactly these rows; anchor stays, cursor goes to `cursor`.
    pub fn select_range<'a>(&mut self, keys: impl Iterator<Item = &'a str>, cursor: &str) {
        self.keys = keys.map(str::to_owned).collect();
        self.cursor = Some(cursor.to_owned());
    }

    /// Nothing is selected.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether this row is selected.
    pub fn contains(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// How many rows are selected.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Drops rows that are no longer there.
    pub fn keep_existing(&mut self, entries: &[Entry]) {
        if self.keys.is_empty() {
            return;
        }
        let existing: HashSet<&str> = entries.iter().map(Entry::full_key).collect();
        self.keys.retain(|key| existing.contains(key.as_str()));
    }
}

/// State of the object browser.
#[derive(Debug, Default)]
pub struct BrowserState {
    /// Visited folders.
    pub history: History,
    /// Selected rows.
    pub selection: RowSelection,
    /// Sorted by.
    pub sort_column: SortColumn,
    /// In which direction.
    pub sort_direction: SortDirection,
    /// Part of a name that rows must have.
    pub filter: String,
}

/// State of the inspector.
#[derive(Debug)]
pub struct InspectorState {
    /// Whether the panel is shown.
    pub is_open: bool,
}

impl Default for InspectorState {
    fn default() -> Self {
        Self { is_open: true }
    }
}

/// Everything the window remembers by itself.
#[derive(Debug, Default)]
pub struct UiState {
    /// The object browser.
    pub browser: BrowserState,
    /// The inspector.
    pub inspector: InspectorState,
}

impl UiState {
    /// The selected rows as targets, in listing order.
    pub fn selected_targets(&self, model: &AppModel) -> Vec<Target> {
        self.selected_entries(model)
            .map(|entry| match entry {
                Entry::Prefix(prefix) => Target::Folder(prefix.clone()),
                Entry::Object(object) => Target::Object(object.key.clone()),
            })
            .collect()
    }

    /// The selected objects, without folders, in listing order.
    pub fn selected_objects(&self, model: &AppModel) -> Vec<ObjectRef> {
        let Some(at) = model.location() else { return Vec::new() };
        self.selected_entries(model)
            .filter_map(|entry| match entry {
                Entry::Object(object) => Some(at.object(object.key.clone())),
                Entry::Prefix(_) => None,
            })
            .collect()
    }

    /// The selected rows, in listing order.
    pub fn selected_entries<'a>(&'a self, model: &'a AppModel) -> impl Iterator<Item = &'a Entry> {
        let entries = match (&model.browsing, self.browser.selection.is_empty()) {
            (Some(browsing), false) => browsing.listing.entries.as_slice(),
            _ => &[],
        };
        entries.iter().filter(|entry| self.browser.selection.contains(entry.full_key()))
    }
}
