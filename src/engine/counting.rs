//! Counting what a deletion would take, with as few questions to the server as will do: none for objects whose size a
//! listing has told, a page of a listing for many others at once, a HEAD each for the rest.

use std::collections::HashMap;

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::deletion::told;
use super::lookup::from_listings;
use super::objects::{PACE, Pages, stopped};
use super::tools::{Pace, Tools};
use crate::model::{
    BucketName, Entry, Event, Failure, FailureKind, Location, ObjectCount, ObjectKey, RequestId, Target,
};
use crate::platform::{KeySpool, PlatformError};
use crate::s3::S3Store;

/// HEAD requests under way at a time.
pub(super) const LOOKS_AT_ONCE: usize = 16;
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
        let (mut count, mut keys) = (ObjectCount::default(), KeySpool::new(self.home.cache_dir()));
        let result = tokio::select! {
            () = stop.cancelled() => Err(stopped()),
            result = self.count(request, what, &mut count, &mut keys) => result,
        };
        if result.is_ok() {
            self.counts.keep(request, keys);
        }
        self.sink.send(Event::ObjectsCounted { request, count: Box::new(count), end: Some(result) });
    }

    /// `keys` gets those below folders: nothing else is deleted there later.
    async fn count(
        &self,
        request: RequestId,
        what: Countable,
        count: &mut ObjectCount,
        keys: &mut KeySpool,
    ) -> Result<(), Box<Failure>> {
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
        let rest = from_listings(&session.store, &at.bucket, unknown, |object| {
            sizes.insert(object.key, Found::Size(object.size_bytes.unwrap_or_default()));
        })
        .await;
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
            let before = count.objects;
            let mut pages = Pages::new(&session.store, &at.bucket, prefix.as_str());
            while let Some(page) = pages.next().await? {
                tokio::task::block_in_place(|| add_page(count, keys, &page.entries)).map_err(told)?;
                if pace.is_due() {
                    let count = Box::new(count.clone());
                    self.sink.send(Event::ObjectsCounted { request, count, end: None });
                }
            }
            if count.objects == before {
                count.empty_folders.push(prefix.clone());
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

/// Blocks on the disk now and then.
fn add_page(count: &mut ObjectCount, keys: &mut KeySpool, entries: &[Entry]) -> Result<(), PlatformError> {
    for entry in entries {
        if let Entry::Object(object) = entry {
            keys.push(object.key.as_str())?;
            add(count, &object.key, object.size_bytes.unwrap_or_default());
        }
    }
    Ok(())
}

fn add(count: &mut ObjectCount, key: &ObjectKey, size_bytes: u64) {
    count.objects += 1;
    count.total_bytes += size_bytes;
    if count.first_keys.len() < FIRST_KEYS {
        count.first_keys.push(key.clone());
    }
}
