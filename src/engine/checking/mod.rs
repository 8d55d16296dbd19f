//! Checking links: asking for them as a stranger would, and finding the reason where they do not open.
//!
//! Nothing waits for a check, at most [`AT_ONCE`] run at a time, and what was found holds for a few minutes, unless
//! something is written, deleted or opened in its bucket meanwhile. Signed links leave no trace but their path.

mod book;
mod explain;
mod many;
mod one;
mod sample;
mod through;

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::clock::Clock;
use crate::model::{BucketName, ConnectionId, KnownObject, ObjectRef};
use crate::s3::{Stranger, StrangerConfig};
use book::Book;

/// Links that are asked for at the same time.
const AT_ONCE: usize = 8;

/// Everything that checks share; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Checks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    stranger: Stranger,
    places: Semaphore,
    book: Book,
}

impl Checks {
    /// Nothing is known and nothing is opened yet.
    pub(crate) fn new(config: StrangerConfig, clock: Arc<dyn Clock>) -> Self {
        let (stranger, places) = (Stranger::new(config), Semaphore::new(AT_ONCE));
        Self(Arc::new(Inner { stranger, places, book: Book::new(clock) }))
    }

    /// An upload has stored this object: what was known of its link holds no more, and its size and tag need not be
    /// asked for.
    pub(crate) fn note_stored(&self, object: ObjectRef, size_bytes: u64, etag: Option<String>) {
        let known = KnownObject::There { size_bytes: Some(size_bytes), etag };
        self.0.book.note_stored(object, known);
    }

    /// Something was deleted in a bucket, or its settings were changed: what was known of its links holds no more.
    pub(crate) fn forget_bucket(&self, connection: &ConnectionId, bucket: &BucketName) {
        self.0.book.forget_bucket(connection, bucket);
    }
}
