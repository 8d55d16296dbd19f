//! Counting what a deletion would take, with as few questions to the server as will do: none for objects whose size a
//! listing has told, a page of a listing for many others at once, a HEAD each for the rest.

use std::collections::HashMap;

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::objects::{PACE, Pages, boxed, stopped};
use super::tools::{Pace, Tools};
use crate::model::{
    BucketName, Entry, Event, Failure, FailureKind, Location, ObjectCount, ObjectKey, PageToken, Prefix, RequestId,
    Target,
};
use crate::s3::{Grouping, S3Store, start_after};

/// HEAD requests under way at a time.
const LOOKS_AT_ONCE: usize = 16;
/// So few objects are not worth a listing.
const FEW: usize = 16;
/// A page has to tell of so many of the objects, or the others are asked for one by one.
const WORTH_A_PAGE: usize = 8;
/// Keys of a page.
const PAGE_KEYS: u16 = 1000;
/// Keys shown with a count.
const FIRST_KEYS: usize = 5;

/// What is to be counted.
#[derive(Debug)]
pub(crate) struct Countable {
    /// The folder the targets are in.
    pub(crate) at: Location,
    /// What.
    pub(crate) targets: Vec<Target>,
    /// Sizes that a listing has told.
    pub(crate) known_sizes: Vec<(ObjectKey, u64)>,
}

impl Tools {
    /// Counts what targets hold.
    pub(crate) async fn count_objects(self, request: RequestId, what: Countable, stop: CancellationToken) {
        let mut count = ObjectCount::default();
        let result = tokio::select! {
            () = stop.cancelled() => Err(stopped()),
            result = self.count(request, what, &mut count) => result,
        };
        self.sink.send(Event::ObjectsCounted { request, count: Box::new(count), end: Some(result) });
    }

    async fn count(&self, request: RequestId, what: Countable, count: &mut ObjectCount) -> Result<(), Box<Failure>> {
        let Countable { at, targets, known_sizes } = what;
        let session = self.sessions.get(&at.connection).await?;
        let mut pace = Pace::new(self.clock.clone(), PACE);
        let mut sizes: Sizes =
            known_sizes.into_iter().map(|(key, size_bytes)| (key, Found::Size(size_bytes))).collect();
        let unknown = targets.iter().filter_map(|target| match target {
            Target::Object(key) if !sizes.contains_key(key) => Some(key.clone()),
            Target::Object(_) | Target::Folder(_) => None,
        });
        let unknown: Vec<ObjectKey> = unknown.collect();
        let rest = from_listings(&session.store, &at.bucket, unknown, &mut sizes).await;
        one_by_one(&session.store, &at.bucket, rest, &mut sizes).await;
        for target in &targets {
            let Target::Object(key) = target else { continue };
            match sizes.get(key) {
                Some(Found::Missing) => count.missing_keys.push(key.clone()),
                // A size that is not told counts as nothing: what matters is how many there are.
                Some(Found::Size(size_bytes)) => add(count, key, *size_bytes),
                None => add(count, key, 0),
            }
        }
        for target in &targets {
            let Target::Folder(prefix) = target else { continue };
            let mut pages = Pages::new(&session.store, &at.bucket, prefix.as_str());
            while let Some(page) = pages.next().await? {
                for entry in &page.entries {
                    if let Entry::Object(object) = entry {
                        add(count, &object.key, object.size_bytes.unwrap_or_default());
                    }
                }
                if pace.is_due() {
                    let count = Box::new(count.clone());
                    self.sink.send(Event::ObjectsCounted { request, count, end: None });
                }
            }
        }
        Ok(())
    }
}

/// What is known of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Size(u64),
    Missing,
}

type Sizes = HashMap<ObjectKey, Found>;

/// Looks many keys up in listings, from key to key. Gives back those that have to be asked for one by one: few, far
/// apart, in a bucket that may not be listed, or not in the listing.
async fn from_listings(
    store: &S3Store,
    bucket: &BucketName,
    mut keys: Vec<ObjectKey>,
    sizes: &mut Sizes,
) -> Vec<ObjectKey> {
    if keys.len() < FEW {
        return keys;
    }
    keys.sort();
    keys.dedup();
    let prefix = common_folder(&keys);
    let (mut left, mut absent) = (keys.as_slice(), Vec::new());
    while let Some(first) = left.first() {
        let before = just_before(first);
        let token: PageToken = start_after(&before);
        let listed = store.list_objects(bucket, prefix.as_str(), Grouping::Flat, Some(&token), PAGE_KEYS).await;
        let page = match listed.map_err(boxed) {
            Ok(page) => page,
            Err(failure) => {
                tracing::info!(kind = ?failure.kind, "sizes are not looked up in a listing");
                break;
            }
        };
        let is_elsewhere = page.entries.first().is_some_and(|entry| entry.full_key() <= before.as_str());
        if is_elsewhere {
            // This service does not know where to start, so its pages need not be about these keys.
            break;
        }
        let last = page.entries.last().map(Entry::full_key).filter(|_| page.next.is_some());
        let is_told = |key: &ObjectKey| page.next.is_none() || last.is_some_and(|last| key.as_str() <= last);
        let told = left.partition_point(is_told);
        let (now, later) = left.split_at(told);
        let on_page: HashMap<&str, u64> =
            page.entries.iter().map(|entry| (entry.full_key(), entry.size_bytes().unwrap_or_default())).collect();
        for key in now {
            match on_page.get(key.as_str()) {
                Some(size_bytes) => drop(sizes.insert(key.clone(), Found::Size(*size_bytes))),
                None => absent.push(key.clone()),
            }
        }
        left = later;
        if told < WORTH_A_PAGE {
            break;
        }
    }
    absent.extend_from_slice(left);
    absent
}

/// Asks for each key by itself, a few at a time.
async fn one_by_one(store: &S3Store, bucket: &BucketName, keys: Vec<ObjectKey>, sizes: &mut Sizes) {
    let looks = keys.into_iter().map(|key| async move {
        let found = store.head_object(bucket, &key).await;
        (key, found)
    });
    let mut looks = futures_util::stream::iter(looks).buffer_unordered(LOOKS_AT_ONCE);
    while let Some((key, found)) = looks.next().await {
        let found = match found {
            Err(error) if error.kind() == FailureKind::NoSuchKey => Found::Missing,
            found => Found::Size(found.ok().and_then(|found| found.size_bytes).unwrap_or_default()),
        };
        sizes.insert(key, found);
    }
}

/// The deepest folder that holds all of these keys, which are in order.
fn common_folder(keys: &[ObjectKey]) -> Prefix {
    let (Some(first), Some(last)) = (keys.first(), keys.last()) else { return Prefix::root() };
    let pairs = first.as_str().chars().zip(last.as_str().chars());
    let common: String = pairs.take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    match common.rsplit_once('/') {
        Some((folder, _)) => Prefix::new(format!("{folder}/")),
        None => Prefix::root(),
    }
}

/// A text that sorts before a key, with as little as possible in between.
fn just_before(key: &ObjectKey) -> String {
    let mut chars = key.as_str().chars();
    let Some(last) = chars.next_back() else { return String::new() };
    let mut before = chars.as_str().to_owned();
    // The range of characters leaves out those that are none.
    if let Some(smaller) = ('\0'..last).next_back() {
        before.push(smaller);
        before.push(char::REPLACEMENT_CHARACTER);
    }
    before
}

fn add(count: &mut ObjectCount, key: &ObjectKey, size_bytes: u64) {
    count.objects += 1;
    count.total_bytes += size_bytes;
    if count.first_keys.len() < FIRST_KEYS {
        count.first_keys.push(key.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sorts_before_a_key() {
        for (key, between) in [("d/b", ["d/a", "d/a/x"]), ("d/가", ["d/", "d/~"]), ("\u{e000}", ["a", "\u{d7ff}"])] {
            let before = just_before(&ObjectKey::new(key));
            assert!(before.as_str() < key, "{before:?}");
            assert!(between.iter().all(|other| *other < before.as_str()), "{before:?}");
        }
        assert_eq!(just_before(&ObjectKey::new("a\0")), "a");
    }

    #[test]
    fn the_folder_of_many_keys() {
        let folder = |keys: &[&str]| {
            let keys: Vec<ObjectKey> = keys.iter().map(|key| ObjectKey::new(*key)).collect();
            common_folder(&keys).as_str().to_owned()
        };
        assert_eq!(folder(&["a/b/c1", "a/b/c2"]), "a/b/");
        assert_eq!(folder(&["a/b", "a/bc/d"]), "a/");
        assert_eq!(folder(&["x", "y"]), "");
        assert_eq!(folder(&["/a", "/b"]), "/");
    }
}
