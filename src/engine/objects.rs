//! Making and deleting buckets, making folders, walking through what is below a prefix.

use std::time::Duration;

use super::tools::Tools;
use crate::model::{
    BucketName, ConnectionId, Event, Failure, FailureKind, Location, ObjectKey, ObjectPage, PageToken, Region,
    RequestId,
};
use crate::s3::{Grouping, S3Error, S3Store};

/// Between interim events.
pub(super) const PACE: Duration = Duration::from_millis(250);
/// Most keys of one DeleteObjects request, and of one page.
pub(super) const KEYS_AT_ONCE: usize = 1000;
/// A listing that is longer than this many pages does not end by itself.
const MOST_PAGES: usize = 1_000_000;

impl Tools {
    /// Makes a bucket.
    pub(crate) async fn create_bucket(self, request: RequestId, at: ConnectionId, name: BucketName, region: Region) {
        let result = match self.sessions.get(&at).await {
            Ok(session) => session.store.create_bucket(&name, &region).await.map_err(boxed),
            Err(failure) => Err(failure),
        };
        if result.is_ok() {
            self.uses.tell_made(at, name.clone());
        }
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

    /// The next page; `None` after the last. A server that does not give the rest of what it says there is, or that never
    /// comes to an end, is [`FailureKind::ListingCutShort`]: what came is not all.
    pub(crate) async fn next(&mut self) -> Result<Option<ObjectPage>, Box<Failure>> {
        if self.is_done {
            return Ok(None);
        }
        if self.asked >= MOST_PAGES {
            return Err(Box::new(Failure::new(FailureKind::ListingCutShort).with("bucket", self.bucket)));
        }
        let keys = u16::try_from(KEYS_AT_ONCE).unwrap_or(u16::MAX);
        let page = self.store.list_objects(self.bucket, self.prefix, Grouping::Flat, self.after.as_ref(), keys).await;
        let page = page.map_err(boxed)?;
        self.asked += 1;
        self.is_done = page.next.is_none();
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
