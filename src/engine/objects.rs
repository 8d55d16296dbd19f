//! Making and deleting buckets and folders, deleting objects.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::tools::{Pace, Tools};
use crate::model::{
    BucketName, ConnectionId, Entry, Event, Failure, FailureKind, Location, ObjectKey, ObjectPage, PageToken, Region,
    RequestId, Target,
};
use crate::s3::{Grouping, S3Error, S3Store};

/// Between interim events.
pub(super) const PACE: Duration = Duration::from_millis(250);
/// Most keys of one DeleteObjects request, and of one page.
const KEYS_AT_ONCE: usize = 1000;
/// Failures told by name.
const MOST_FAILURES_TOLD: usize = 100;
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
        tools.checks.forget_bucket(&self.at.connection, &self.at.bucket);
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

    /// Whether the last page was given.
    pub(crate) fn is_done(&self) -> bool {
        self.is_done
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

#[expect(clippy::needless_pass_by_value, reason = "used with map_err")]
pub(super) fn boxed(error: S3Error) -> Box<Failure> {
    Box::new(error.to_failure())
}

#[expect(clippy::unnecessary_box_returns, reason = "results carry boxed failures")]
pub(super) fn stopped() -> Box<Failure> {
    Box::new(Failure::new(FailureKind::Cancelled))
}
