//! One folder's rows: pages as they arrive, and the order and filter they are shown in.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization as _;

use super::{Entry, Failure, Location, ObjectPage, PageToken};

/// How far a listing is. The rows of a failed or running one stay what they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListingState {
    /// The first page is on its way; rows shown are the ones from before, if any.
    Loading,
    /// There is more on the server.
    Partial(PageToken),
    /// There is more on the server, and it is on its way.
    LoadingMore,
    /// Everything is here.
    Complete,
    /// The last request failed; what is shown may be old or not all.
    Failed(Failure),
}

/// The rows of one folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Which folder.
    pub at: Location,
    /// Everything received, in the server's order.
    pub entries: Vec<Entry>,
    /// How far.
    pub state: ListingState,
    /// Grows with every change of `entries`; caches compare it.
    pub revision: u64,
    /// Whether the next page replaces the rows (a reload) or follows them.
    is_reload: bool,
}

impl Listing {
    /// An empty listing whose first page is on its way.
    pub fn loading(at: Location) -> Self {
        Self { at, entries: Vec::new(), state: ListingState::Loading, revision: 0, is_reload: true }
    }

    /// Asks for the first page again; the old rows stay until it is here.
    pub fn reload(&mut self) {
        self.state = ListingState::Loading;
        self.is_reload = true;
    }

    /// Notes that the next page was asked for, and gives its token; `None` if there is nothing to ask for.
    pub fn load_more(&mut self) -> Option<PageToken> {
        let ListingState::Partial(token) = &self.state else { return None };
        let token = token.clone();
        self.state = ListingState::LoadingMore;
        Some(token)
    }

    /// Takes a page or a failure. A page that repeats the token of the one before ends the listing,
    /// as some servers answer so for ever.
    pub fn apply(&mut self, asked_after: Option<&PageToken>, result: Result<ObjectPage, Failure>) {
        let page = match result {
            Ok(page) => page,
            Err(failure) => {
                self.state = ListingState::Failed(failure);
                return;
            }
        };
        if std::mem::take(&mut self.is_reload) {
            self.entries = page.entries;
        } else {
            self.entries.extend(page.entries);
        }
        self.revision += 1;
        self.state = match page.next {
            Some(next) if Some(&next) != asked_after => ListingState::Partial(next),
            _ => ListingState::Complete,
        };
    }

    /// Puts rows where they belong; a row with the same key is replaced. What belongs behind the last row of a listing
    /// that is not complete is left to the page that will bring it.
    pub fn insert(&mut self, rows: Vec<Entry>) {
        let is_complete = self.is_complete();
        // One pass for all: each row put in by itself would move all those behind it.
        let mut rows: BTreeMap<String, Entry> = rows.into_iter().map(|row| (row.full_key().to_owned(), row)).collect();
        if !is_complete {
            let last = self.entries.last().map(|last| last.full_key().to_owned());
            rows.retain(|key, _| last.as_ref().is_some_and(|last| key <= last));
        }
        if rows.is_empty() {
            return;
        }
        self.entries.retain(|entry| !rows.contains_key(entry.full_key()));
        self.entries.extend(rows.into_values());
        // Stable, and quick where most is in order already.
        self.entries.sort_by(|a, b| a.full_key().cmp(b.full_key()));
        self.revision += 1;
    }

    /// Drops the rows that are known to be gone from the server.
    pub fn retain(&mut self, keep: impl Fn(&Entry) -> bool) {
        let before = self.entries.len();
        self.entries.retain(keep);
        if self.entries.len() != before {
            self.revision += 1;
        }
    }

    /// Whether rows can be trusted to be all there is.
    pub fn is_complete(&self) -> bool {
        self.state == ListingState::Complete
    }
}

/// By which column rows are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortColumn {
    /// Name.
    #[default]
    Name,
    /// Size.
    Size,
    /// Last change.
    Modified,
    /// Storage class.
    Class,
}

/// In which direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortDirection {
    /// Small, old, A first.
    #[default]
    Ascending,
    /// The reverse.
    Descending,
}

/// Which rows of a [`Listing`] are shown, and in which order; recomputed only when something changed.
#[derive(Clone, Debug, Default)]
pub struct RowOrder {
    shown: Option<Shown>,
    rows: Vec<u32>,
    sorted: SortedRows,
    folded: FoldedNames,
}

/// All rows in order, kept while listing and order stay the same, so that a letter typed into the
/// filter sorts nothing.
#[derive(Clone, Debug, Default)]
struct SortedRows {
    of: Option<(Location, u64, SortColumn, SortDirection)>,
    rows: Vec<u32>,
}

/// What the rows were computed for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    at: Location,
    revision: u64,
    filter: String,
    column: SortColumn,
    direction: SortDirection,
}

/// Names in the form they are searched in, kept while the listing stays the same, so that each
/// letter typed into the filter costs one search and not one conversion of every name.
#[derive(Clone, Debug, Default)]
struct FoldedNames {
    of: Option<(Location, u64)>,
    names: Vec<Box<str>>,
}

impl RowOrder {
    /// Indexes into `listing.entries`, folders first. The filter is a part of the name, without regard
    /// to case and to composed or decomposed Hangul; sorting by name is by key, the server's order.
    pub fn rows(&mut self, listing: &Listing, filter: &str, column: SortColumn, direction: SortDirection) -> &[u32] {
        let is_current = self.shown.as_ref().is_some_and(|shown| {
            shown.revision == listing.revision
                && shown.column == column
                && shown.direction == direction
                && shown.filter == filter
                && shown.at == listing.at
        });
        if !is_current {
            self.rows = self.order(listing, filter, column, direction);
            let (at, revision, filter) = (listing.at.clone(), listing.revision, filter.to_owned());
            self.shown = Some(Shown { at, revision, filter, column, direction });
        }
        &self.rows
    }

    fn order(&mut self, listing: &Listing, filter: &str, column: SortColumn, direction: SortDirection) -> Vec<u32> {
        let sorted = self.sorted.of(listing, column, direction);
        if filter.is_empty() {
            return sorted.to_vec();
        }
        let needle = fold(filter);
        let names = self.folded.of(listing);
        let name_of = |row: &u32| usize::try_from(*row).ok().and_then(|row| names.get(row));
        sorted.iter().filter(|row| name_of(row).is_some_and(|name| name.contains(&*needle))).copied().collect()
    }
}

impl SortedRows {
    fn of(&mut self, listing: &Listing, column: SortColumn, direction: SortDirection) -> &[u32] {
        let is_current = self.of.as_ref().is_some_and(|(at, revision, c, d)| {
            *revision == listing.revision && *c == column && *d == direction && *at == listing.at
        });
        if !is_current {
            self.rows = sort(&listing.entries, column, direction);
            self.of = Some((listing.at.clone(), listing.revision, column, direction));
        }
        &self.rows
    }
}

fn sort(entries: &[Entry], column: SortColumn, direction: SortDirection) -> Vec<u32> {
    let mut rows: Vec<(u32, &Entry)> = (0u32..).zip(entries).collect();
    rows.sort_by(|(_, a), (_, b)| {
        let folders_first = is_object(a).cmp(&is_object(b));
        let by_column = compare(a, b, column);
        folders_first.then(match direction {
            SortDirection::Ascending => by_column,
            SortDirection::Descending => by_column.reverse(),
        })
    });
    rows.into_iter().map(|(index, _)| index).collect()
}

impl FoldedNames {
    fn of(&mut self, listing: &Listing) -> &[Box<str>] {
        let is_current =
            self.of.as_ref().is_some_and(|(at, revision)| *revision == listing.revision && *at == listing.at);
        if !is_current {
            self.names = listing.entries.iter().map(|entry| fold(entry.name())).collect();
            self.of = Some((listing.at.clone(), listing.revision));
        }
        &self.names
    }
}

/// Lower case, composed. Only for searching: keys themselves are never normalised.
fn fold(name: &str) -> Box<str> {
    if name.is_ascii() {
        return name.to_ascii_lowercase().into();
    }
    name.nfc().flat_map(char::to_lowercase).collect::<String>().into()
}

fn is_object(entry: &Entry) -> bool {
    matches!(entry, Entry::Object(_))
}

fn compare(a: &Entry, b: &Entry, column: SortColumn) -> std::cmp::Ordering {
    let by_key = || a.full_key().cmp(b.full_key());
    match (a, b) {
        (Entry::Object(a), Entry::Object(b)) => match column {
            SortColumn::Name => by_key(),
            SortColumn::Size => a.size_bytes.cmp(&b.size_bytes).then_with(by_key),
            SortColumn::Modified => a.modified.cmp(&b.modified).then_with(by_key),
            SortColumn::Class => a.storage_class.cmp(&b.storage_class).then_with(by_key),
        },
        _ => by_key(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BucketName, ConnectionId, FailureKind, Object, ObjectKey, Prefix};
    use SortColumn as C;
    use SortDirection as D;

    fn at() -> Location {
        Location {
            connection: ConnectionId::new("c"),
            bucket: BucketName::new("bucket").unwrap(),
            prefix: Prefix::root(),
        }
    }

    fn object(key: &str, size_bytes: u64) -> Entry {
        Entry::Object(Object {
            key: ObjectKey::new(key),
            size_bytes: Some(size_bytes),
            modified: None,
            etag: None,
            storage_class: None,
        })
    }

    fn page(entries: Vec<Entry>, next: Option<&str>) -> ObjectPage {
        ObjectPage { entries, next: next.map(|token| PageToken(token.to_owned())) }
    }

    #[test]
    fn a_reload_keeps_the_old_rows_until_the_first_page_is_here() {
        let mut listing = Listing::loading(at());
        listing.apply(None, Ok(page(vec![object("a", 1)], None)));
        assert!(listing.is_complete());
        listing.reload();
        assert_eq!(listing.entries.len(), 1);
        listing.apply(None, Err(Failure::new(FailureKind::Offline)));
        assert_eq!(listing.entries.len(), 1, "an error is never an empty folder");
        assert!(!listing.is_complete());
        listing.reload();
        listing.apply(None, Ok(page(vec![object("b", 1), object("c", 1)], None)));
        assert_eq!(listing.entries.len(), 2);
    }

    #[test]
    fn new_rows_go_where_they_belong() {
        let mut listing = Listing::loading(at());
        let keys = |listing: &Listing| -> Vec<(String, Option<u64>)> {
            listing.entries.iter().map(|entry| (entry.full_key().to_owned(), entry.size_bytes())).collect()
        };
        listing.apply(None, Ok(page(vec![object("b", 1), object("d", 1)], Some("t"))));
        let revision = listing.revision;
        listing.insert(vec![object("z", 9), object("c", 2), object("b", 3), Entry::Prefix(Prefix::new("a"))]);
        let row = |key: &str, size| (key.to_owned(), size);
        let expected = [row("a/", None), row("b", Some(3)), row("c", Some(2)), row("d", Some(1))];
        assert_eq!(keys(&listing), expected, "z comes with its own page");
        assert!(listing.revision > revision && listing.state == ListingState::Partial(PageToken("t".to_owned())));
        let token = listing.load_more().unwrap();
        listing.apply(Some(&token), Ok(page(vec![object("z", 9)], None)));
        listing.insert(vec![object("zz", 1)]);
        assert_eq!(keys(&listing).last(), Some(&row("zz", Some(1))), "behind the last of a complete listing");
        let revision = listing.revision;
        listing.insert(Vec::new());
        assert_eq!(listing.revision, revision);
    }

    #[test]
    fn a_token_that_repeats_ends_the_listing() {
        let mut listing = Listing::loading(at());
        listing.apply(None, Ok(page(vec![object("a", 1)], Some("t"))));
        let token = listing.load_more().unwrap();
        assert_eq!(listing.load_more(), None, "one request at a time");
        listing.apply(Some(&token), Ok(page(vec![object("b", 1)], Some("t"))));
        assert!(listing.is_complete());
        assert_eq!(listing.entries.len(), 2);
    }

    #[test]
    fn rows_are_sorted_and_filtered_with_folders_first() {
        let mut listing = Listing::loading(at());
        let folder = Entry::Prefix(Prefix::new("zoo"));
        let entries = vec![object("Report.pdf", 3), object("경복궁 가을.jpg", 1), folder, object("report-2.pdf", 2)];
        listing.apply(None, Ok(page(entries, None)));
        let mut order = RowOrder::default();
        let mut names = |filter: &str, column, direction| -> Vec<String> {
            let rows = order.rows(&listing, filter, column, direction).to_vec();
            rows.iter().map(|row| listing.entries[*row as usize].name().to_owned()).collect()
        };
        assert_eq!(names("", C::Size, D::Descending), ["zoo", "Report.pdf", "report-2.pdf", "경복궁 가을.jpg"]);
        assert_eq!(names("REPORT", C::Name, D::Ascending), ["Report.pdf", "report-2.pdf"]);
        assert_eq!(names("\u{1100}\u{1161}을", C::Name, D::Ascending), ["경복궁 가을.jpg"], "decomposed");
        assert_eq!(names("가을", C::Name, D::Ascending), ["경복궁 가을.jpg"]);
        assert_eq!(names("zzz", C::Name, D::Ascending), Vec::<String>::new());
    }
}
