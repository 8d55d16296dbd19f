//! What is kept of an unfinished multipart upload between two runs of its transfer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::journal::SourceStamp;
use crate::model::{BucketName, ConnectionId, FailureKind, ObjectKey, PartPlan};
use crate::s3::{S3Error, S3Store, StoredPart, UploadId};

/// An upload that the server knows, and the parts it has. Someone has to complete or abort it.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Through which connection.
    pub(crate) connection: ConnectionId,
    pub(crate) bucket: BucketName,
    pub(crate) key: ObjectKey,
    pub(crate) upload: UploadId,
    pub(crate) stamp: SourceStamp,
    pub(crate) plan: PartPlan,
    /// Finished parts by number.
    pub(crate) parts: Arc<BTreeMap<u32, StoredPart>>,
    pub(crate) origin: Origin,
    /// Whether the source's times proved nothing when it was opened for them.
    pub(crate) was_racy: bool,
}

/// How well it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// This run sent its parts and heard each answer.
    ThisRun,
    /// An earlier run did; server and local bytes have to agree with the journal.
    Journal,
    /// An earlier run may have put the parts together already.
    Completing {
        /// Of the whole object.
        crc64nvme: u64,
        /// Its size.
        size_bytes: u64,
    },
}

impl Kept {
    /// Whether the parts are surely of the file that has this stamp now: equal times prove it only if nothing could have
    /// been written after the parts were read that leaves the same times behind.
    pub(super) fn is_surely_of(&self, now: &SourceStamp) -> bool {
        self.origin == Origin::ThisRun && !self.was_racy && self.stamp == *now
    }

    /// Bytes of the finished parts.
    pub(crate) fn done_bytes(&self) -> u64 {
        let parts = self.plan.parts(self.stamp.size_bytes);
        parts.filter(|part| self.parts.contains_key(&part.number)).map(|part| part.len).sum()
    }
}

/// How an abort went.
#[derive(Debug)]
pub(crate) enum Aborted {
    /// The server does not know the upload any more.
    Gone,
    /// It may still be there.
    Unsure(Option<S3Error>),
}

/// Which upload to abort: its place and its id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Leftover {
    pub(crate) connection: ConnectionId,
    pub(crate) bucket: BucketName,
    pub(crate) key: ObjectKey,
    pub(crate) upload: UploadId,
}

impl From<&Kept> for Leftover {
    fn from(kept: &Kept) -> Self {
        Self {
            connection: kept.connection.clone(),
            bucket: kept.bucket.clone(),
            key: kept.key.clone(),
            upload: kept.upload.clone(),
        }
    }
}

/// Aborts a multipart upload, and looks whether a part that was on its way has landed after all: then once more.
/// An upload that the server does not know is gone. Gives up after a few tries or `limit`.
pub(crate) async fn abort(store: &S3Store, left: &Leftover, limit: Duration) -> Aborted {
    let work = async {
        let mut last = None;
        for _attempt in 0..3 {
            match store.abort_multipart_upload(&left.bucket, &left.key, &left.upload).await {
                Err(error) if error.kind() == FailureKind::NoSuchUpload => return Aborted::Gone,
                Err(error) if !error.kind().is_retryable() => return Aborted::Unsure(Some(error)),
                Err(error) => last = Some(error),
                Ok(()) => last = None,
            }
            match store.list_parts(&left.bucket, &left.key, &left.upload, None).await {
                Err(error) if error.kind() == FailureKind::NoSuchUpload => return Aborted::Gone,
                // Parts may not be listed by everybody who may upload; the abort was answered well.
                Err(error) if !error.kind().is_retryable() && last.is_none() => return Aborted::Gone,
                Ok(page) if page.parts.is_empty() && last.is_none() => return Aborted::Gone,
                _ => {}
            }
        }
        Aborted::Unsure(last)
    };
    tokio::time::timeout(limit, work).await.unwrap_or(Aborted::Unsure(None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_were_read_while_times_proved_nothing_are_read_again_after_a_pause() {
        let stamp = SourceStamp { device: 1, inode: 2, size_bytes: 3, modified_ns: Some(4), changed_ns: Some(4) };
        let kept = Kept {
            connection: ConnectionId::new("c"),
            bucket: BucketName::new("bucket").unwrap(),
            key: ObjectKey::new("k"),
            upload: UploadId("u".to_owned()),
            stamp,
            plan: PartPlan::Single,
            parts: Arc::default(),
            origin: Origin::ThisRun,
            was_racy: false,
        };
        assert!(kept.is_surely_of(&stamp));
        // Rewritten in the same tick of a coarse clock, it has the same stamp.
        assert!(!Kept { was_racy: true, ..kept.clone() }.is_surely_of(&stamp));
        assert!(!Kept { origin: Origin::Journal, ..kept.clone() }.is_surely_of(&stamp));
        assert!(!kept.is_surely_of(&SourceStamp { changed_ns: Some(5), ..stamp }));
    }
}
