//! Multipart uploads that nobody needs any more: written down before they are aborted, tried again at the next start
//! until the server has forgotten them, and shown to the user. Only uploads that this program is known to have
//! started are ever aborted by itself.

mod strays;
mod unfinished;

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::clock::Clock;
use super::journal::{Change, Journal};
use super::upload::{Aborted, Leftover, abort};
use crate::model::{BucketName, ConnectionId, TransferId, UploadOwner};
use crate::s3::{S3Store, UploadId};

pub(crate) use strays::{Intended, Ours, sweep_strays};
pub(crate) use unfinished::KnownUploads;

/// An abort that takes longer is left to the next start.
const ABORT_LIMIT: Duration = Duration::from_secs(10);
/// An abort does not wait longer for a disk that does not write.
const WRITE_LIMIT: Duration = Duration::from_secs(2);

/// Why an upload is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Its transfer was cancelled.
    Cancelled,
    /// Its file has changed, or its parts do not fit any more; the transfer goes on from the start.
    Restarted,
    /// Its transfer has ended in another way.
    NotNeeded,
}

impl Why {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Restarted => "restarted",
            Self::NotNeeded => "not-needed",
        }
    }
}

/// Every upload id that this program knows as its own. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Orphans {
    journal: Journal,
    clock: Arc<dyn Clock>,
    ours: Arc<Mutex<HashMap<String, UploadOwner>>>,
    /// Those that are not needed any more, by id: a service that lists no uploads cannot name them.
    left: Arc<Mutex<HashMap<String, Leftover>>>,
}

impl Orphans {
    /// Knows of none yet.
    pub(crate) fn new(journal: Journal, clock: Arc<dyn Clock>) -> Self {
        Self { journal, clock, ours: Arc::default(), left: Arc::default() }
    }

    /// An upload is a transfer's.
    pub(crate) fn note_in_queue(&self, upload: &UploadId, transfer: TransferId) {
        self.set(upload, UploadOwner::InQueue(transfer));
    }

    /// An upload is ours and not needed any more.
    pub(crate) fn note_left(&self, left: &Leftover) {
        self.set(&left.upload, UploadOwner::LeftByUs);
        let mut known = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(left.upload.0.clone(), left.clone());
    }

    /// Those of a bucket that are not needed any more and were not seen to be gone.
    fn left_in(&self, connection: &ConnectionId, bucket: &BucketName) -> Vec<Leftover> {
        let known = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        known.values().filter(|left| left.connection == *connection && left.bucket == *bucket).cloned().collect()
    }

    /// Whose an upload is.
    pub(crate) fn owner(&self, upload: &UploadId) -> UploadOwner {
        let ours = self.ours.lock().unwrap_or_else(PoisonError::into_inner);
        ours.get(&upload.0).copied().unwrap_or(UploadOwner::Other)
    }

    fn set(&self, upload: &UploadId, owner: UploadOwner) {
        self.ours.lock().unwrap_or_else(PoisonError::into_inner).insert(upload.0.clone(), owner);
    }

    /// Gives an upload up: written down, aborted, and looked for until it is gone. Dropped half-way, the next start
    /// goes on with it.
    pub(crate) async fn discard(&self, store: &S3Store, left: Leftover, why: Why) {
        self.write_down(left.clone(), why).await;
        self.retry(store, left).await;
    }

    /// Writes an upload down that is to be aborted: submitted at once, before whatever the caller submits next. The
    /// future resolves once it is durable, or once that has taken too long.
    pub(crate) fn write_down(&self, left: Leftover, why: Why) -> impl Future<Output = ()> + Send + 'static {
        self.note_left(&left);
        let Leftover { connection, bucket, key, upload } = left;
        let reason = why.code().to_owned();
        let written = self.journal.commit(Change::Orphan { connection, bucket, key, upload_id: upload.0, reason });
        async move {
            if tokio::time::timeout(WRITE_LIMIT, written).await.is_err() {
                tracing::warn!("an upload is aborted before that could be written down");
            }
        }
    }

    /// Tries to abort one that is written down already.
    pub(crate) async fn retry(&self, store: &S3Store, left: Leftover) {
        let gone = match abort(store, &left, ABORT_LIMIT).await {
            Aborted::Gone => true,
            Aborted::Unsure(error) => {
                let kind = error.map(|error| error.kind());
                tracing::warn!(?kind, "an unfinished multipart upload stays on the server until the next start");
                false
            }
        };
        let Leftover { connection, bucket, key, upload } = left;
        let upload_id = upload.0;
        if gone {
            self.ours.lock().unwrap_or_else(PoisonError::into_inner).remove(&upload_id);
            self.left.lock().unwrap_or_else(PoisonError::into_inner).remove(&upload_id);
            self.journal.note(Change::OrphanGone { connection, bucket, key, upload_id });
        } else {
            let when = self.clock.now();
            self.journal.note(Change::OrphanTried { connection, bucket, key, upload_id, when });
        }
    }
}
