//! Making and deleting buckets and folders, counting and deleting objects.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::tools::{Pace, Tools};
use crate::model::{
    BucketName, ConnectionId, Entry, Event, Failure, FailureKind, Location, ObjectCount, ObjectKey, ObjectPage,
    PageToken, Region, RequestId, Target,
};
use crate::s3::{Grouping, S3Error, S3Store};

/// Between interim events.
const PACE: Duration = Duration::from_millis(250);
/// Most keys of one DeleteObjects request, and of one page.
const KEYS_AT_ONCE: usize = 1000;
/// HEAD requests under way at a time.
const LOOKS_AT_ONCE: usize = 16;
/// Failures told by name.
const MOST_FAILURES_TOLD: usize = 100;
/// Keys shown with a count.
const FIRST_KEYS: usize = 5;
/// A listing that is longer than this many pages does not end by itself.
const MOST_PAGES: usize = 1_000_000;

impl Tools {
    /// Makes a bucket.
    pub(crate) async fn create_bucket(self, request: RequestId, at: ConnectionId, name: BucketName, region: Region) {
        let result = match self.sessions.get(&at).await {
            Ok(session) => session.store.create_bucket(&name, &region).await.map_err(boxed),
            Err(failure) => Err(failure),
        };
        self.sink.send(Event::BucketCreated { request, name, result });
    }

    /// Deletes an empty bucket.
    pub(crate) async fn delete_bucket(self, request: RequestId, at: ConnectionId, name: BucketName) {
        let result = match self.sessions.get(&at).await {
            Ok(session) => session.store.delete_bucket(&name).await.map_err(boxed),
            Err(failure) => Err(failure),
        };
        self.sink.send(Event::BucketDeleted { request, name, result });
    }

    /// Makes a folder marker.
    pub(crate) async fn create_folder(self, request: RequestId, at: Location) {
        let result = self.make_folder(&at).await;
        self.sink.send(Event::FolderCreated { request, at: Box::new(at), result });
    }

    async fn make_folder(&self, at: &Location) -> Result<(), Box<Failure>> {
        ObjectKey::check_new(at.prefix.as_str()).map_err(|problem| {
            let kind = match problem {
                crate::model::KeyProblem::TooLong(_) => FailureKind::KeyTooLong,
                _ => FailureKind::InvalidKey,
            };
            Box::new(Failure::new(kind).with("key", &at.prefix))
        })?;
        let session = self.sessions.get(&at.connection).await?;
        session.store.create_folder_marker(&at.bucket, &at.prefix).await.map_err(boxed)
    }

    /// Counts what targets hold.
    pub(crate) async fn count_objects(
        self,
        request: RequestId,
        at: Location,
        targets: Vec<Target>,
        stop: CancellationToken,
    ) {
        let mut count = ObjectCount::default();
        let result = tokio::select! {
            () = stop.cancelled() => Err(stopped()),
            result = self.count(request, &at, &targets, &mut count) => result,
        };
        self.sink.send(Event::ObjectsCounted { request, count: Box::new(count), end: Some(result) });
    }

    async fn count(
        &self,
        request: RequestId,
        at: &Location,
        targets: &[Target],
        count: &mut ObjectCount,
    ) -> Result<(), Box<Failure>> {
        let session = self.sessions.get(&at.connection).await?;
        let mut pace = Pace::new(self.clock.clone(), PACE);
        let single: Vec<ObjectKey> = targets
            .iter()
            .filter_map(|target| match target {
                Target::Object(key) => Some(key.clone()),
                Target::Folder(_) => None,
            })
            .collect();
        // A size that is not told counts as nothing: what matters is how many there are.
        let looks = single.into_iter().map(|key| {
            let (session, bucket) = (Arc::clone(&session), at.bucket.clone());
            async move {
                let found = session.store.head_object(&bucket, &key).await;
                (key, found)
            }
        });
        let mut sizes = futures_util::stream::iter(looks).buffered(LOOKS_AT_ONCE);
        while let Some((key, found)) = sizes.next().await {
            match found {
                Err(error) if error.kind() == FailureKind::NoSuchKey => count.missing_keys.push(key),
                found => add(count, &key, found.ok().and_then(|found| found.size_bytes).unwrap_or_default()),
            }
        }
        for target in targets {
            match target {
                Target::Object(_) => {}
                Target::Folder(prefix) => {
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
            }
        }
        Ok(())
    }

    /// Deletes objects and whole folders. Stopped, the request under way may still take effect on the server;
    /// what is deleted stays so.
    pub(crate) async fn delete_objects(
        self,
        request: RequestId,
        at: Location,
        targets: Vec<Target>,
        stop: CancellationToken,
    ) {
        let mut deletion = Deletion { request, at, deleted: 0, failed: Vec::new(), pace: None };
        let result = tokio::select! {
            () = stop.cancelled() => Err(stopped()),
            result = deletion.run(&self, targets) => result,
        };
        deletion.tell(&self, Some(result));
    }
}

struct Deletion {
    request: RequestId,
    at: Location,
    deleted: u64,
    failed: Vec<(ObjectKey, Failure)>,
    pace: Option<Pace>,
}

impl Deletion {
    async fn run(&mut self, tools: &Tools, targets: Vec<Target>) -> Result<(), Box<Failure>> {
        let session = tools.sessions.get(&self.at.connection).await?;
        self.pace = Some(Pace::new(tools.clock.clone(), PACE));
        let mut single: Vec<ObjectKey> = Vec::new();
        let mut folders = Vec::new();
        for target in targets {
            match target {
                Target::Object(key) => single.push(key),
                Target::Folder(prefix) => folders.push(prefix),
            }
        }
        for keys in single.chunks(KEYS_AT_ONCE) {
            self.delete(tools, &session.store, keys).await?;
        }
        for prefix in folders {
            let bucket = self.at.bucket.clone();
            let mut pages = Pages::new(&session.store, &bucket, prefix.as_str());
            while let Some(page) = pages.next().await? {
                let keys: Vec<ObjectKey> = page
                    .entries
                    .into_iter()
                    .filter_map(|entry| match entry {
                        Entry::Object(object) => Some(object.key),
                        Entry::Prefix(_) => None,
                    })
                    .collect();
                if !keys.is_empty() {
                    self.delete(tools, &session.store, &keys).await?;
                }
            }
        }
        Ok(())
    }

    async fn delete(&mut self, tools: &Tools, store: &S3Store, keys: &[ObjectKey]) -> Result<(), Box<Failure>> {
        let stayed = store.delete_objects(&self.at.bucket, keys).await.map_err(boxed)?;
        self.deleted += (keys.len() - stayed.len().min(keys.len())) as u64;
        let room = MOST_FAILURES_TOLD.saturating_sub(self.failed.len());
        self.failed.extend(stayed.into_iter().take(room).map(|(key, error)| (key, error.to_failure())));
        if self.pace.as_mut().is_some_and(Pace::is_due) {
            self.tell(tools, None);
        }
        Ok(())
    }

    fn tell(&self, tools: &Tools, end: Option<Result<(), Box<Failure>>>) {
        tools.sink.send(Event::ObjectsDeleted {
            request: self.request,
            at: Box::new(self.at.clone()),
            deleted: self.deleted,
            failed: self.failed.clone(),
            end,
        });
    }
}

/// All keys below a prefix, page by page.
pub(crate) struct Pages<'a> {
    store: &'a S3Store,
    bucket: &'a BucketName,
    prefix: &'a str,
    after: Option<PageToken>,
    asked: usize,
    is_done: bool,
}

impl<'a> Pages<'a> {
    /// Nothing is asked yet.
    pub(crate) fn new(store: &'a S3Store, bucket: &'a BucketName, prefix: &'a str) -> Self {
        Self { store, bucket, prefix, after: None, asked: 0, is_done: false }
    }

    /// The next page; `None` after the last. A server that repeats its token ends the listing.
    pub(crate) async fn next(&mut self) -> Result<Option<ObjectPage>, Box<Failure>> {
        if self.is_done || self.asked >= MOST_PAGES {
            return Ok(None);
        }
        let keys = u16::try_from(KEYS_AT_ONCE).unwrap_or(u16::MAX);
        let page = self.store.list_objects(self.bucket, self.prefix, Grouping::Flat, self.after.as_ref(), keys).await;
        let page = page.map_err(boxed)?;
        self.asked += 1;
        self.is_done = page.next.is_none() || page.next == self.after;
        self.after.clone_from(&page.next);
        Ok(Some(page))
    }
}

fn add(count: &mut ObjectCount, key: &ObjectKey, size_bytes: u64) {
    count.objects += 1;
    count.total_bytes += size_bytes;
    if count.first_keys.len() < FIRST_KEYS {
        count.first_keys.push(key.clone());
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used with map_err")]
fn boxed(error: S3Error) -> Box<Failure> {
    Box::new(error.to_failure())
}

#[expect(clippy::unnecessary_box_returns, reason = "results carry boxed failures")]
fn stopped() -> Box<Failure> {
    Box::new(Failure::new(FailureKind::Cancelled))
}
