//! Which rows of a listing are shown, and in which order: folders first, sorted by a column, filtered by a part of the
//! name. What was computed stays while further pages follow, so that a letter typed over 100,000 rows costs one search.

use std::cmp::Ordering;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use super::listing::Dropped;
use super::{Entry, Listing, Object, SortColumn, SortDirection};

/// Which rows of a [`Listing`] are shown, and in which order; recomputed only when something changed.
#[derive(Clone, Debug, Default)]
pub struct RowOrder {
    shown: Option<Shown>,
    rows: Vec<u32>,
    index: Index,
}

/// What the rows were computed for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    revision: u64,
    filter: String,
    column: SortColumn,
    direction: SortDirection,
}

impl RowOrder {
    /// Indexes into `listing.entries`, folders first. The filter is a part of the name, without regard
    /// to case and to composed or decomposed Hangul; sorting by name is by key, the server's order. Folders follow the
    /// direction only when sorted by name: they have nothing of the other columns.
    pub fn rows(&mut self, listing: &Listing, filter: &str, column: SortColumn, direction: SortDirection) -> &[u32] {
        let is_current = self.shown.as_ref().is_some_and(|shown| {
            shown.revision == listing.revision
                && shown.column == column
                && shown.direction == direction
                && shown.filter == filter
        });
        if !is_current {
            self.index.follow(listing);
            self.rows = self.order(listing, filter, column, direction);
            self.shown = Some(Shown { revision: listing.revision, filter: filter.to_owned(), column, direction });
        }
        &self.rows
    }

    fn order(&mut self, listing: &Listing, filter: &str, column: SortColumn, direction: SortDirection) -> Vec<u32> {
        self.index.look_for(filter);
        if column != SortColumn::Name {
            self.index.sort_by(column, &listing.entries);
        }
        let Index { folders, objects, matched, by_column, .. } = &self.index;
        let is_shown = |row: &u32| {
            let Some(matched) = matched else { return true };
            usize::try_from(*row).ok().and_then(|row| matched.found.get(row)).copied().unwrap_or(false)
        };
        let mut rows = Vec::with_capacity(if matched.is_some() { 0 } else { listing.entries.len() });
        let of_folders = if column == SortColumn::Name { direction } else { SortDirection::Ascending };
        extend(&mut rows, folders.iter().copied().filter(is_shown), of_folders);
        match by_column.as_ref().filter(|known| known.column == column) {
            Some(known) => {
                let object = |packed: &u128| objects.get(position(*packed)).copied();
                extend(&mut rows, known.sorted.iter().filter_map(object).filter(is_shown), direction);
            }
            None => extend(&mut rows, objects.iter().copied().filter(is_shown), direction),
        }
        rows
    }
}

fn extend(rows: &mut Vec<u32>, more: impl DoubleEndedIterator<Item = u32>, direction: SortDirection) {
    match direction {
        SortDirection::Ascending => rows.extend(more),
        SortDirection::Descending => rows.extend(more.rev()),
    }
}

/// Whether a name passes a filter, by the same rule as [`RowOrder::rows`]; for a few names that are not in a listing's
/// order.
#[derive(Clone, Debug)]
pub struct NameFilter {
    needle: String,
}

impl NameFilter {
    /// A filter as typed.
    pub fn new(typed: &str) -> Self {
        Self { needle: fold(typed) }
    }

    /// Whether the name holds it.
    pub fn passes(&self, name: &str) -> bool {
        fold(name).contains(&self.needle)
    }

    /// Whether the name begins with it.
    pub fn begins(&self, name: &str) -> bool {
        fold(name).starts_with(&self.needle)
    }

    /// How many characters it has, composed.
    pub fn chars(&self) -> usize {
        self.needle.chars().count()
    }
}

/// All rows by name, their names as they are searched in, and one other order; follows a listing as it grows.
#[derive(Clone, Debug, Default)]
struct Index {
    generation: u64,
    /// How many of the listing's entries are in.
    count: usize,
    folders: Vec<u32>,
    objects: Vec<u32>,
    names: FoldedNames,
    /// What the filter in use has found, if there is one.
    matched: Option<Matched>,
    by_column: Option<ByColumn>,
}

/// The rows whose names hold a filter.
#[derive(Clone, Debug)]
struct Matched {
    filter: String,
    /// For each of the listing's entries that were looked at.
    found: Vec<bool>,
}

/// Objects by another column than the name.
#[derive(Clone, Debug)]
struct ByColumn {
    column: SortColumn,
    /// What they are sorted by in the upper bits, their position among the objects by name in the lower 32.
    sorted: Vec<u128>,
}

impl Index {
    /// Takes in what the listing has more, or something else, than at the last call.
    fn follow(&mut self, listing: &Listing) {
        if self.generation != listing.generation() {
            match listing.dropped_since(self.generation) {
                Some(dropped) if dropped.count == self.count => self.drop_rows(dropped),
                _ => *self = Self::default(),
            }
            self.generation = listing.generation();
        }
        let entries = &listing.entries;
        let mut is_in_order = true;
        for (row, entry) in (0_u32..).zip(entries).skip(self.count) {
            self.names.push(entry.name());
            let rows = if is_object(entry) { &mut self.objects } else { &mut self.folders };
            is_in_order &= rows.last().is_none_or(|last| key_of(entries, *last) <= entry.full_key());
            rows.push(row);
        }
        self.count = entries.len();
        if !is_in_order {
            // The sort finds the two runs by itself and only merges them.
            for rows in [&mut self.folders, &mut self.objects] {
                rows.sort_by(|a, b| by_key(entries, *a, *b));
            }
            self.by_column = None;
        }
    }

    /// Finds the rows that a filter lets through; looks only at what came since, if it is the filter of the last time.
    fn look_for(&mut self, filter: &str) {
        if filter.is_empty() {
            self.matched = None;
            return;
        }
        let known = self.matched.take().filter(|known| known.filter == filter);
        let mut matched = known.unwrap_or_else(|| Matched { filter: filter.to_owned(), found: Vec::new() });
        self.names.find(&fold(filter), &mut matched.found);
        self.matched = Some(matched);
    }

    /// Sorts the objects by a column; what came since the last time is merged in.
    fn sort_by(&mut self, column: SortColumn, entries: &[Entry]) {
        let known = self.by_column.take().filter(|known| known.column == column);
        let mut sorted = known.map_or_else(Vec::new, |known| known.sorted);
        let new = (0_u32..).zip(&self.objects).skip(sorted.len());
        let mut new: Vec<u128> = new.map(|(at, row)| pack(sort_key(entries, *row, column), at)).collect();
        new.sort_unstable();
        merge(&mut sorted, new);
        self.by_column = Some(ByColumn { column, sorted });
    }

    fn drop_rows(&mut self, dropped: &Dropped) {
        let mut gone = dropped.rows.iter().copied().peekable();
        let mut next = 0_u32..;
        let places: Vec<Option<u32>> = (0_u32..)
            .take(self.count)
            .map(|row| if gone.next_if_eq(&row).is_some() { None } else { next.next() })
            .collect();
        let place = |row: &u32| usize::try_from(*row).ok().and_then(|row| places.get(row)).copied().flatten();
        for rows in [&mut self.folders, &mut self.objects] {
            *rows = rows.iter().filter_map(place).collect();
        }
        self.names.retain(&places);
        self.matched = None;
        self.count -= dropped.rows.len();
        self.by_column = None;
    }
}

/// Names in the form they are searched in, one after the other in one text.
#[derive(Clone, Debug, Default)]
struct FoldedNames {
    text: String,
    /// Where each ends; a zero byte stands between two.
    ends: Vec<usize>,
}

impl FoldedNames {
    fn push(&mut self, name: &str) {
        fold_into(&mut self.text, name);
        self.ends.push(self.text.len());
        self.text.push('\0');
    }

    /// For each name whether it holds the folded needle; those that `found` has already are not looked at again.
    fn find(&self, needle: &str, found: &mut Vec<bool>) {
        let known = found.len();
        found.resize(self.ends.len(), false);
        let start = known.checked_sub(1).and_then(|last| self.ends.get(last)).map_or(0, |end| end + 1);
        let mut rows = self.ends.iter().zip(found).skip(known);
        let Some((mut end, mut is_found)) = rows.next() else { return };
        for (at, _) in self.text.get(start..).unwrap_or_default().match_indices(needle) {
            while *end <= start + at {
                let Some(next) = rows.next() else { return };
                (end, is_found) = next;
            }
            *is_found = true;
        }
    }

    /// Keeps the names that still have a place.
    fn retain(&mut self, places: &[Option<u32>]) {
        let mut kept = Self::default();
        let mut start = 0;
        for (end, place) in self.ends.iter().zip(places) {
            if place.is_some() {
                kept.text.push_str(self.text.get(start..*end).unwrap_or_default());
                kept.ends.push(kept.text.len());
                kept.text.push('\0');
            }
            start = end + 1;
        }
        *self = kept;
    }
}

/// Puts sorted numbers into others that are sorted, from behind: what is in front of all of them is not touched.
fn merge(sorted: &mut Vec<u128>, mut new: Vec<u128>) {
    let mut end = sorted.len();
    sorted.resize(end + new.len(), 0);
    while let Some(largest) = new.pop() {
        let at = sorted.get(..end).unwrap_or_default().partition_point(|known| *known <= largest);
        // Behind it go those that are larger, and before it all others that are new.
        sorted.copy_within(at..end, at + new.len() + 1);
        if let Some(place) = sorted.get_mut(at + new.len()) {
            *place = largest;
        }
        end = at;
    }
}

/// Lower case, composed. Only for searching: keys themselves are never normalised.
fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    fold_into(&mut folded, name);
    folded
}

fn fold_into(text: &mut String, name: &str) {
    if name.is_ascii() {
        text.extend(name.chars().map(|c| c.to_ascii_lowercase()));
    } else if is_nfc_quick(name.chars()) == IsNormalized::Yes {
        text.extend(name.chars().flat_map(char::to_lowercase));
    } else {
        text.extend(name.nfc().flat_map(char::to_lowercase));
    }
}

fn is_object(entry: &Entry) -> bool {
    matches!(entry, Entry::Object(_))
}

fn entry(entries: &[Entry], row: u32) -> Option<&Entry> {
    entries.get(usize::try_from(row).ok()?)
}

fn key_of(entries: &[Entry], row: u32) -> &str {
    entry(entries, row).map(Entry::full_key).unwrap_or_default()
}

fn by_key(entries: &[Entry], a: u32, b: u32) -> Ordering {
    key_of(entries, a).cmp(key_of(entries, b))
}

/// A number that sorts as the column does; what the server left out comes first.
fn sort_key(entries: &[Entry], row: u32, column: SortColumn) -> u128 {
    let Some(Entry::Object(object)) = entry(entries, row) else { return 0 };
    match column {
        SortColumn::Name => 0,
        SortColumn::Size => object.size_bytes.map_or(0, |bytes| u128::from(bytes) + 1),
        SortColumn::Modified => modified_key(object),
        SortColumn::Class => object.storage_class.as_deref().map_or(0, class_key),
    }
}

fn modified_key(object: &Object) -> u128 {
    let Some(modified) = object.modified else { return 0 };
    let since_least = i128::from(modified.as_microsecond()) - i128::from(i64::MIN);
    u128::try_from(since_least).unwrap_or_default() + 1
}

/// The first twelve letters: all of Amazon's classes differ within them.
fn class_key(class: &str) -> u128 {
    class.bytes().chain(std::iter::repeat(0)).take(12).fold(0, |key, byte| (key << 8) | u128::from(byte))
}

fn pack(key: u128, position: u32) -> u128 {
    (key << 32) | u128::from(position)
}

#[expect(clippy::cast_possible_truncation, reason = "the lower 32 bits are the position")]
fn position(packed: u128) -> usize {
    packed as u32 as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BucketName, ConnectionId, Location, ObjectKey, ObjectPage, PageToken, Prefix};
    use SortColumn as C;
    use SortDirection as D;

    fn at() -> Location {
        let bucket = BucketName::new("bucket").unwrap();
        Location { connection: ConnectionId::new("c"), bucket, prefix: Prefix::root() }
    }

    fn object(key: &str, size_bytes: u64) -> Entry {
        let (key, size_bytes) = (ObjectKey::new(key), Some(size_bytes));
        Entry::Object(Object { key, size_bytes, modified: None, etag: None, storage_class: None })
    }

    fn class(key: &str, class: Option<&str>) -> Entry {
        let storage_class = class.map(Into::into);
        Entry::Object(Object { key: ObjectKey::new(key), size_bytes: None, modified: None, etag: None, storage_class })
    }

    fn folder(prefix: &str) -> Entry {
        Entry::Prefix(Prefix::new(prefix))
    }

    /// Adds a page as the server would send it after the one before.
    fn add(listing: &mut Listing, entries: Vec<Entry>) {
        let asked = listing.load_more();
        let next = Some(PageToken(format!("after {}", listing.entries.len() + entries.len())));
        listing.apply(asked.as_ref(), Ok(ObjectPage { entries, next }));
    }

    fn names(order: &mut RowOrder, listing: &Listing, filter: &str, column: C, direction: D) -> Vec<String> {
        let rows = order.rows(listing, filter, column, direction).to_vec();
        rows.iter().map(|row| listing.entries[*row as usize].name().to_owned()).collect()
    }

    #[test]
    fn rows_are_sorted_and_filtered_with_folders_first() {
        let mut listing = Listing::loading(at());
        let folders = [folder("zoo"), folder("ape")];
        let objects = [object("Report.pdf", 3), object("경복궁 가을.jpg", 1), object("report-2.pdf", 2)];
        add(&mut listing, objects.into_iter().chain(folders).collect());
        let mut order = RowOrder::default();
        let mut names = |filter: &str, column, direction| names(&mut order, &listing, filter, column, direction);
        assert_eq!(names("", C::Size, D::Descending), ["ape", "zoo", "Report.pdf", "report-2.pdf", "경복궁 가을.jpg"]);
        assert_eq!(names("", C::Name, D::Descending), ["zoo", "ape", "경복궁 가을.jpg", "report-2.pdf", "Report.pdf"]);
        assert_eq!(names("REPORT", C::Name, D::Ascending), ["Report.pdf", "report-2.pdf"]);
        assert_eq!(names("\u{1100}\u{1161}을", C::Name, D::Ascending), ["경복궁 가을.jpg"], "decomposed");
        assert_eq!(names("가을", C::Name, D::Ascending), ["경복궁 가을.jpg"]);
        assert_eq!(names("f경", C::Name, D::Ascending), Vec::<String>::new(), "no match over two names");
        assert_eq!(names("zzz", C::Name, D::Ascending), Vec::<String>::new());
    }

    #[test]
    fn classes_sort_by_name_and_the_default_comes_first() {
        let mut listing = Listing::loading(at());
        let entries = [
            class("a", Some("STANDARD_IA")),
            class("b", Some("GLACIER_IR")),
            class("c", None),
            class("d", Some("STANDARD")),
            class("e", Some("GLACIER")),
        ];
        add(&mut listing, entries.to_vec());
        assert_eq!(names(&mut RowOrder::default(), &listing, "", C::Class, D::Ascending), ["c", "e", "b", "d", "a"]);
    }

    #[test]
    fn what_is_merged_is_sorted() {
        let merged = |sorted: &[u128], new: &[u128]| {
            let mut all = sorted.to_vec();
            merge(&mut all, new.to_vec());
            all
        };
        assert_eq!(merged(&[], &[1, 2]), [1, 2]);
        assert_eq!(merged(&[1, 2], &[]), [1, 2]);
        assert_eq!(merged(&[2, 5, 9], &[1, 3, 4, 9, 10]), [1, 2, 3, 4, 5, 9, 9, 10]);
        assert_eq!(merged(&[5, 6], &[1, 2]), [1, 2, 5, 6]);
    }

    /// A page that arrives is looked through by itself: what was found and sorted before is not done again.
    #[test]
    fn a_page_that_arrives_costs_what_it_holds() {
        let mut listing = Listing::loading(at());
        let mut order = RowOrder::default();
        let page = |from: u64| (from..from + 50).map(|n| object(&format!("file-{n:04}"), (n * 7919) % 101)).collect();
        add(&mut listing, page(0));
        order.rows(&listing, "1", C::Size, D::Ascending);
        // Wrong on purpose, to see that it is kept.
        order.index.matched.as_mut().unwrap().found.fill(false);
        let first = order.index.by_column.as_ref().unwrap().sorted.clone();
        add(&mut listing, page(1_000));
        let shown = names(&mut order, &listing, "1", C::Size, D::Ascending);
        assert_eq!(shown.len(), 50, "only the new ones are found: {shown:?}");
        let sorted = &order.index.by_column.as_ref().unwrap().sorted;
        assert!(sorted.is_sorted() && first.iter().all(|known| sorted.contains(known)) && sorted.len() == 100);
        let shown = names(&mut order, &listing, "10", C::Size, D::Ascending);
        assert!(shown.contains(&"file-0010".to_owned()), "another filter looks at all of them: {shown:?}");
    }

    /// However a listing came about, what was kept while it grew gives what a fresh look gives.
    #[test]
    fn what_is_kept_while_pages_follow_and_rows_go_is_what_a_fresh_look_gives() {
        let mut listing = Listing::loading(at());
        let mut kept = RowOrder::default();
        let mut same_as_fresh = |listing: &Listing| {
            for (filter, column, direction) in [
                ("", C::Name, D::Ascending),
                ("", C::Size, D::Descending),
                ("1", C::Size, D::Ascending),
                ("1", C::Name, D::Descending),
            ] {
                let fresh = names(&mut RowOrder::default(), listing, filter, column, direction);
                assert_eq!(names(&mut kept, listing, filter, column, direction), fresh, "{filter:?} {column:?}");
            }
        };
        let page = |from: u64| {
            let file = |n: u64| object(&format!("File-{n:04}"), (n * 7919) % 101);
            std::iter::once(folder(&format!("folder-{from:04}"))).chain((from..from + 50).map(file)).collect()
        };
        for from in [0, 50, 100] {
            add(&mut listing, page(from));
            same_as_fresh(&listing);
        }
        listing.retain(|entry| !entry.full_key().ends_with('3'));
        same_as_fresh(&listing);
        add(&mut listing, page(20));
        same_as_fresh(&listing);
        listing.retain(|entry| !entry.full_key().ends_with('1'));
        listing.retain(|entry| !entry.full_key().ends_with('2'));
        same_as_fresh(&listing);
        listing.reload();
        add(&mut listing, page(7));
        same_as_fresh(&listing);
        let mut other = Listing::loading(at());
        add(&mut other, page(900));
        same_as_fresh(&other);
    }
}
