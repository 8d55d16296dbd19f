//! State of the window itself: selection, order, open panels, drafts. Never anything the engine owns.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::arriving::Arriving;
use super::dialogs::toasts::ToastId;
use super::drop_target::{DialogOpen, DropState};
use super::ending::Endings;
use super::link_state::{CopyCause, LinkState};
use super::queue::QueueState;
use crate::model::{
    AppModel, BatchId, BucketName, Column, Entry, LinkFormat, Listing, Location, NameFilter, ObjectRef, OpenWhat,
    RequestId, RowOrder, ShareWay, SharingChange, SharingId, SortColumn, SortDirection, Target, TransferTab,
    UploadAccess,
};

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

    /// One step back from `here` to where there was no folder yet.
    pub fn step_out(&mut self, here: Option<Location>) {
        self.forward.extend(here);
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
    /// Grows with every change; caches compare it.
    revision: u64,
    summary: Option<(u64, u64, SelectionSummary)>,
    /// Where a range starts.
    pub anchor: Option<String>,
    /// The row the keyboard is on.
    pub cursor: Option<String>,
    /// How many rows were loaded of a listing that was not all, when a range went up to the last one shown.
    reached_end_of: Option<usize>,
}

impl RowSelection {
    /// Selects this one row.
    pub fn select_only(&mut self, key: &str) {
        self.revision += 1;
        self.reached_end_of = None;
        self.keys.clear();
        self.keys.insert(key.to_owned());
        self.anchor = Some(key.to_owned());
        self.cursor = Some(key.to_owned());
    }

    /// Adds the row, or takes it out.
    pub fn toggle(&mut self, key: &str) {
        self.revision += 1;
        self.reached_end_of = None;
        if !self.keys.remove(key) {
            self.keys.insert(key.to_owned());
        }
        self.anchor = Some(key.to_owned());
        self.cursor = Some(key.to_owned());
    }

    /// Selects exactly these rows; anchor stays, cursor goes to `cursor`.
    pub fn select_range<'a>(&mut self, keys: impl Iterator<Item = &'a str>, cursor: &str) {
        self.revision += 1;
        self.reached_end_of = None;
        self.keys = keys.map(str::to_owned).collect();
        self.cursor = Some(cursor.to_owned());
    }

    /// Notes that the range just selected goes up to the last row shown: what is loaded later is not in it.
    pub fn note_end(&mut self, listing: &Listing) {
        self.reached_end_of = (!listing.is_complete()).then_some(listing.entries.len());
    }

    /// Nothing is selected.
    pub fn clear(&mut self) {
        *self = Self { revision: self.revision + 1, ..Self::default() };
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

    /// How much is selected, counted once per change of selection or listing.
    pub fn summary(&mut self, listing: &Listing) -> SelectionSummary {
        if self.keys.is_empty() {
            return SelectionSummary::default();
        }
        let is_current =
            self.summary.as_ref().is_some_and(|(own, rows, _)| *own == self.revision && *rows == listing.revision);
        if !is_current {
            let summary = summarise(listing.entries.iter().filter(|entry| self.keys.contains(entry.full_key())));
            self.summary = Some((self.revision, listing.revision, summary));
        }
        self.summary.as_ref().map(|(_, _, summary)| *summary).unwrap_or_default()
    }

    /// Drops rows that are no longer there.
    pub fn keep_existing(&mut self, entries: &[Entry]) {
        // Loaded anew, the rows begin from the first again.
        self.reached_end_of = None;
        self.keep_only(entries.iter().map(Entry::full_key));
    }

    /// Drops rows that are not among these.
    fn keep_only<'a>(&mut self, rows: impl Iterator<Item = &'a str>) {
        if self.keys.is_empty() {
            return;
        }
        self.revision += 1;
        // Few are selected and many are listed, as a rule: the small set is asked, not the large one made.
        self.keys = rows.filter_map(|row| self.keys.take(row)).collect();
    }

    /// Drops rows whose name a filter hides.
    pub fn keep_passing(&mut self, filter: &NameFilter) {
        let before = self.keys.len();
        self.keys.retain(|key| key.trim_end_matches('/').rsplit('/').next().is_some_and(|name| filter.passes(name)));
        if self.keys.len() != before {
            self.revision += 1;
        }
    }
}

/// Whether further pages are asked for by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paging {
    /// As the user scrolls near the end.
    #[default]
    AsNeeded,
    /// Until everything is here; the user asked for all.
    Everything,
}

/// How much a set of rows is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SelectionSummary {
    /// Folders.
    pub folders: usize,
    /// Objects.
    pub objects: usize,
    /// Their sizes added up, as far as the server told them.
    pub total_bytes: u64,
}

/// The sum of a listing, computed once per change.
#[derive(Debug, Default)]
pub struct ListedSummary(Option<(Location, u64, SelectionSummary)>);

impl ListedSummary {
    /// The sum of this listing.
    pub fn of(&mut self, listing: &Listing, sum: impl FnOnce() -> SelectionSummary) -> SelectionSummary {
        match &self.0 {
            Some((at, revision, known)) if *revision == listing.revision && *at == listing.at => *known,
            _ => {
                let sum = sum();
                self.0 = Some((listing.at.clone(), listing.revision, sum));
                sum
            }
        }
    }
}

/// Adds rows up.
pub fn summarise<'a>(entries: impl Iterator<Item = &'a Entry>) -> SelectionSummary {
    entries.fold(SelectionSummary::default(), |mut sum, entry| {
        match entry {
            Entry::Prefix(_) => sum.folders += 1,
            Entry::Object(object) => {
                sum.objects += 1;
                sum.total_bytes = sum.total_bytes.saturating_add(object.size_bytes.unwrap_or_default());
            }
        }
        sum
    })
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
    /// The filter that the selection was last held against.
    pub selection_filter: String,
    /// Rows as they are shown.
    pub order: RowOrder,
    /// The breadcrumb while it is typed into.
    pub path_edit: Option<PathEdit>,
    /// How pages are asked for.
    pub paging: Paging,
    /// Letters typed to jump to a name, and when the last one was typed.
    pub type_ahead: (String, f64),
    /// A row to bring into view at the next frame.
    pub scroll_to: Option<String>,
    /// Which text field wants the keyboard at the next frame.
    pub focus: Option<BrowserFocus>,
    /// A column's edge that is being dragged: which, and how wide the column is now, in points.
    pub dragged_column: Option<(Column, f32)>,
    /// A column to be made as wide as what stands in it.
    pub fit_column: Option<Column>,
    /// The bucket that was left for the list of all.
    pub left_bucket: Option<BucketName>,
    /// A question for the shown folder that nobody has asked for: nothing is said of it.
    pub quiet_request: Option<RequestId>,
    /// Whether something arrived in this folder after it was listed.
    pub is_outdated: bool,
    /// Whether the raw words of a failed listing are shown.
    pub shows_failure_detail: bool,
    /// What messages must not cover in this frame: the row that is worked on, a failure with its buttons.
    pub keep_clear: Vec<egui::Rect>,
}

/// What in the browser takes the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserFocus {
    /// The filter.
    Filter,
    /// The breadcrumb's text field.
    Path,
    /// The table.
    Table,
}

/// The breadcrumb as text.
#[derive(Debug, Default)]
pub struct PathEdit {
    /// What stands in the field.
    pub text: String,
    /// Whether it is no `bucket/prefix`.
    pub is_wrong: bool,
}

/// Where the inspector can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InspectorRoom {
    /// Beside the table.
    Beside,
    /// Above it, in a narrow window.
    Above,
}

/// State of the inspector.
#[derive(Debug)]
pub struct InspectorState {
    /// Whether the panel is shown.
    pub is_open: bool,
    /// Where there was room for it at the last frame.
    room: InspectorRoom,
    /// The object whose selection has not rested long enough to be asked about, and since when it rests.
    pub resting: Option<(ObjectRef, f64)>,
}

impl Default for InspectorState {
    fn default() -> Self {
        Self { is_open: true, room: InspectorRoom::Beside, resting: None }
    }
}

impl InspectorState {
    /// Whether it lies over the table.
    pub fn is_above(&self) -> bool {
        self.is_open && self.room == InspectorRoom::Above
    }

    /// Closes when the window gets too narrow for it, and comes back when there is room again.
    pub fn follow_room(&mut self, room: InspectorRoom) {
        if room != self.room {
            self.is_open = room == InspectorRoom::Beside;
            self.room = room;
        }
    }
}

/// What a chosen path is for.
#[derive(Clone, Debug)]
pub enum PathPurpose {
    /// Files to upload.
    UploadFiles(Location),
    /// Folders to upload.
    UploadFolder(Location),
    /// Files to upload so that anyone can read them; asks once more before it is done.
    UploadPublic(Location),
    /// A folder to download into.
    DownloadTo {
        /// The folder the targets are in.
        at: Location,
        /// What.
        targets: Vec<Target>,
    },
    /// A file to save the receipt of a batch into.
    SaveReceipt {
        /// Which batch.
        batch: BatchId,
        /// A name for the file.
        name: String,
    },
    /// A receipt to check.
    CheckReceipt,
    /// The certificate authorities of the connection that is being edited.
    CaFile,
}

/// What becomes of links once they are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedFor {
    /// They are copied in this form, among the public links of the objects that have one.
    Copy {
        /// In this form.
        format: LinkFormat,
        /// Everything that is copied, in order; only some of it had to be signed.
        objects: Vec<ObjectRef>,
        /// Why.
        cause: CopyCause,
        /// They only go there if the links of this message do still stand there.
        instead_of: Option<ToastId>,
    },
    /// The browser opens them.
    Browser,
}

/// Something that was opened for anyone and is being tried now.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The change.
    pub change: SharingChange,
    /// The message about it.
    pub toast: ToastId,
    /// What strangers were answered so far.
    pub found: Vec<crate::model::LinkCheck>,
}

/// Answers the window waits for, and what it does with them. Each question keeps its place until it is answered,
/// whatever is asked meanwhile.
#[derive(Debug, Default)]
pub struct Waiting {
    /// Clipboard reads, where their files go and who is to read them.
    pub pastes: HashMap<RequestId, (Location, UploadAccess)>,
    /// Links that are being signed, and what for.
    pub signing: HashMap<RequestId, SignedFor>,
    /// The list of all finished uploads, to copy their links.
    pub uploaded: HashSet<RequestId>,
    /// The folder to show once its connection is open.
    pub folder: Option<Location>,
    /// Connections that are being duplicated from their menu.
    pub duplicates: HashSet<RequestId>,
    /// The tab that a finished batch is under, until nothing else is under way.
    pub ended: Option<TransferTab>,
    /// Changes to who can read something that are being taken back.
    pub undoing: HashMap<RequestId, SharingId>,
    /// What was opened for anyone and is being tried now.
    pub opened: HashMap<RequestId, Opened>,
    /// Receipts that are being written, and where.
    pub receipts: Vec<(RequestId, PathBuf)>,
    /// Connections that are being tried from their menu.
    pub tests: HashSet<RequestId>,
    /// Files that arrive in the shown folder.
    pub arriving: Arriving,
}

/// Everything the window remembers by itself.
#[derive(Debug, Default)]
pub struct UiState {
    /// The object browser.
    pub browser: BrowserState,
    /// The inspector.
    pub inspector: InspectorState,
    /// Checks of links under way, and what came of them.
    pub links: LinkState,
    /// Files on their way from another program.
    pub drop: DropState,
    /// The transfers drawer.
    pub queue: QueueState,
    /// What the shown folder adds up to.
    pub listed: ListedSummary,
    /// What came of the transfers since all were through.
    pub endings: Endings,
    /// Files given at the start or by a second start, until the user says where they go.
    pub handed_over: Vec<PathBuf>,
    /// Answers that are waited for.
    pub waiting: Waiting,
    /// Whether a dialog was open at the frame before.
    pub had_dialog: DialogOpen,
}

/// How a selection that went up to the last loaded row stands to a listing that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutSelection {
    /// Every loaded row is selected, and more are to come.
    AllLoaded,
    /// It ends at the last loaded row, and more are to come.
    ToLastLoaded,
    /// So many rows have been loaded since, and are not selected.
    Missed(usize),
}

impl BrowserState {
    /// Whether a selection that reached the end of what was loaded is less than it looks.
    pub fn cut_selection(&self, listing: &Listing) -> Option<CutSelection> {
        let selected = self.selection.len();
        if selected == 0 {
            return None;
        }
        let since = self.selection.reached_end_of.map(|loaded| listing.entries.len().saturating_sub(loaded));
        match since {
            Some(since) if since > 0 => Some(CutSelection::Missed(since)),
            _ if listing.is_complete() => None,
            _ if selected == listing.entries.len() => Some(CutSelection::AllLoaded),
            Some(_) => Some(CutSelection::ToLastLoaded),
            None => None,
        }
    }

    /// Sorts by a column; the same column again turns the direction round. Big and new come first at first.
    pub fn sort_by(&mut self, column: SortColumn) {
        if self.sort_column == column {
            self.sort_direction = match self.sort_direction {
                SortDirection::Ascending => SortDirection::Descending,
                SortDirection::Descending => SortDirection::Ascending,
            };
            return;
        }
        self.sort_column = column;
        self.sort_direction = match column {
            SortColumn::Size | SortColumn::Modified => SortDirection::Descending,
            SortColumn::Name | SortColumn::Class => SortDirection::Ascending,
        };
    }
}

impl UiState {
    /// The selected rows as targets, in listing order.
    pub fn selected_targets(&self, model: &AppModel) -> Vec<Target> {
        self.selected_entries(model).map(target_of).collect()
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

    /// What the selection is when it is to be opened for anyone: one folder, or the folder of one object, since a policy
    /// for a prefix is kept in order more easily than lists of single objects. Nothing where the service has no policies.
    pub fn sharable<'a>(&self, model: &'a AppModel) -> Option<(&'a Location, OpenWhat)> {
        let at = model.location()?;
        let mut selected = self.selected_entries(model);
        let prefix = match (selected.next(), selected.next()) {
            (Some(Entry::Prefix(prefix)), None) => prefix.clone(),
            (Some(Entry::Object(object)), None) => object.key.parent(),
            _ => return None,
        };
        let service = model.known_connection(&at.connection)?.service;
        ShareWay::PublicPrefix(prefix.clone()).exists_at(service).then_some((at, OpenWhat::Prefix(prefix)))
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

/// A row as something that can be deleted or downloaded.
pub fn target_of(entry: &Entry) -> Target {
    match entry {
        Entry::Prefix(prefix) => Target::Folder(prefix.clone()),
        Entry::Object(object) => Target::Object(object.key.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BucketName, ConnectionId, Prefix};

    fn folder(prefix: &str) -> Location {
        Location {
            connection: ConnectionId::local(),
            bucket: BucketName::new("weandb").unwrap(),
            prefix: Prefix::new(prefix),
        }
    }

    #[test]
    fn back_and_forward_are_each_others_reverse() {
        let mut history = History::default();
        history.leave(folder(""));
        history.leave(folder("a"));
        assert_eq!(history.go_back(Some(folder("b"))), Some(folder("a")));
        assert_eq!(history.go_forward(Some(folder("a"))), Some(folder("b")));
        assert_eq!(history.go_back(Some(folder("b"))), Some(folder("a")));
        history.leave(folder("a"));
        assert!(!history.can_go_forward(), "a new way forgets the old one");
    }

    #[test]
    fn rows_that_are_gone_leave_the_selection() {
        let mut selection = RowSelection::default();
        selection.select_only("a/");
        selection.toggle("b/");
        selection.keep_existing(&[Entry::Prefix(Prefix::new("b"))]);
        assert!(!selection.contains("a/") && selection.contains("b/"));
    }
}
