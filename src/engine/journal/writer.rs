//! The thread that writes.

use tokio::sync::oneshot;

use super::types::{Change, JobRow};
use crate::model::{BatchId, TransferId};

/// For the thread.
pub(super) enum Message {
    /// To be written.
    Write { change: Change, then: Then },
    /// Jobs of a batch.
    Rows { wanted: RowsWanted, reply: oneshot::Sender<Vec<JobRow>> },
    /// Write everything and end.
    Close(oneshot::Sender<()>),
}

/// What follows once a change is durable.
pub(super) enum Then {
    Nothing,
    Resolve(oneshot::Sender<()>),
    Tell(TransferId),
}

/// Which jobs of a batch.
pub(super) struct RowsWanted {
    pub(super) batch: BatchId,
    pub(super) after: Option<TransferId>,
    pub(super) count: usize,
}
