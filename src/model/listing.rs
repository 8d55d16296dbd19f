//! One folder's rows: pages as they arrive. The order and filter they are shown in is in `row_order`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Entry, Failure, FailureKind, Location, ObjectPage, PageToken};

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
    /// Another number after every change of `entries`, never used twice in a run; caches compare it.
    pub revision: u64,
    /// Another number after every change that moves rows; it stays while pages follow, so that what was computed for the
    /// rows that are there need not be computed again.
    generation: u64,
    /// What the latest change of generation took out, if it took out rows.
    dropped: Option<Dropped>,
    /// Whether the next page replaces the rows (a reload) or follows them.
    is_reload: bool,
    /// The page that could not be had: everything before it is here.
    broken_at: Option<PageToken>,
}

/// Rows that left a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dropped {
    /// The generation they were in.
    pub(super) from: u64,
    /// How many rows there were.
    pub(super) count: usize,
    /// Their indexes, ascending.
    pub(super) rows: Vec<u32>,
}

/// A number that no other change of any listing has.
fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Listing {
    /// An empty listing whose first page is on its way.
    pub fn loading(at: Location) -> Self {
        let (entries, state) = (Vec::new(), ListingState::Loading);
        let (revision, generation) = (next_number(), next_number());
        Self { at, entries, state, revision, generation, dropped: None, is_reload: true, broken_at: None }
    }

    /// Asks for the first page again; the old rows stay until it is here.
    pub fn reload(&mut self) {
        self.state = ListingState::Loading;
        self.is_reload = true;
        self.broken_at = None;
    }

    /// Whether the last request was for a further page and failed: the rows are what is before it, and it can be asked
    /// for again.
    pub fn has_lost_page(&self) -> bool {
        self.broken_at.is_some()
    }

    /// Notes that the next page was asked for, and gives its token; `None` if there is nothing to ask for.
    pub fn load_more(&mut self) -> Option<PageToken> {
        let token = match &self.state {
            ListingState::Partial(token) => token.clone(),
            ListingState::Failed(_) => self.broken_at.take()?,
            _ => return None,
        };
        self.state = ListingState::LoadingMore;
        Some(token)
    }

    /// Takes a page or a failure. A page that repeats the token of the one before is the last, as some servers answer so
    /// for ever; what is here is not all then.
    pub fn apply(&mut self, asked_after: Option<&PageToken>, result: Result<ObjectPage, Failure>) {
        let page = match result {
            Ok(page) => page,
            Err(failure) => {
                self.state = ListingState::Failed(failure);
                self.broken_at = asked_after.cloned().filter(|_| !self.is_reload);
                return;
            }
        };
        let mut rows = page.entries;
        rows.retain(|row| !self.is_own_marker(row));
        if std::mem::take(&mut self.is_reload) {
            self.entries = rows;
            self.generation = next_number();
            self.dropped = None;
        } else {
            self.entries.extend(rows);
        }
        self.revision = next_number();
        self.state = match page.next {
            Some(next) if Some(&next) != asked_after => ListingState::Partial(next),
            Some(next) => {
                self.broken_at = Some(next);
                ListingState::Failed(Failure::new(FailureKind::ListingCutShort))
            }
            None => ListingState::Complete,
        };
    }

    /// Whether this is nothing but what makes the listed folder exist, which is no row of the folder. One that holds
    /// bytes is a file, however odd its name.
    fn is_own_marker(&self, row: &Entry) -> bool {
        let Entry::Object(object) = row else { return false };
        object.key.is_folder_marker()
            && object.key.as_str() == self.at.prefix.as_str()
            && object.size_bytes.unwrap_or_default() == 0
    }

    /// Puts rows where they belong; a row with the same key is replaced. What belongs behind the last row of a listing
    /// that is not complete is left to the page that will bring it.
    pub fn insert(&mut self, mut rows: Vec<Entry>) {
        rows.retain(|row| !self.is_own_marker(row));
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
        self.revision = next_number();
        self.generation = next_number();
        self.dropped = None;
    }

    /// Drops the rows that are known to be gone from the server.
    pub fn retain(&mut self, keep: impl Fn(&Entry) -> bool) {
        let (from, count) = (self.generation, self.entries.len());
        let mut rows = Vec::new();
        let mut index = 0_u32..;
        self.entries.retain(|entry| {
            let row = index.next();
            let stays = keep(entry);
            if !stays {
                rows.extend(row);
            }
            stays
        });
        if !rows.is_empty() {
            self.revision = next_number();
            self.generation = next_number();
            self.dropped = Some(Dropped { from, count, rows });
        }
    }

    /// Within which the indexes of rows mean the same.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// The rows that went since this generation, if nothing else has happened since.
    pub(super) fn dropped_since(&self, generation: u64) -> Option<&Dropped> {
        self.dropped.as_ref().filter(|dropped| dropped.from == generation)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BucketName, ConnectionId, Object, ObjectKey, Prefix};

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
    fn a_page_that_failed_is_asked_for_again_where_it_was_lost() {
        let mut listing = Listing::loading(at());
        listing.apply(None, Ok(page(vec![object("a", 1)], Some("t"))));
        let token = listing.load_more().unwrap();
        listing.apply(Some(&token), Err(Failure::new(FailureKind::Timeout)));
        assert!(listing.has_lost_page() && !listing.is_complete());
        assert_eq!(listing.load_more(), Some(token.clone()));
        assert_eq!(listing.load_more(), None, "one request at a time");
        listing.apply(Some(&token), Ok(page(vec![object("b", 1)], None)));
        assert!(listing.is_complete() && !listing.has_lost_page());
        assert_eq!(listing.entries.len(), 2);
        listing.reload();
        listing.apply(None, Err(Failure::new(FailureKind::Timeout)));
        assert!(!listing.has_lost_page(), "a reload that fails leaves the rows from before");
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
    fn a_token_that_repeats_ends_the_listing_as_one_that_is_not_all() {
        let mut listing = Listing::loading(at());
        listing.apply(None, Ok(page(vec![object("a", 1)], Some("t"))));
        let token = listing.load_more().unwrap();
        assert_eq!(listing.load_more(), None, "one request at a time");
        listing.apply(Some(&token), Ok(page(vec![object("b", 1)], Some("t"))));
        assert!(!listing.is_complete() && listing.has_lost_page());
        assert_eq!(listing.state, ListingState::Failed(Failure::new(FailureKind::ListingCutShort)));
        assert_eq!(listing.entries.len(), 2, "what came stays");
    }
}
