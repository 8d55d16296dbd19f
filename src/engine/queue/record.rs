//! One transfer in the queue, kept small: a million of them must fit.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::{BatchId, ConflictPolicy, Failure, ObjectKey, SkipReason, TransferId, TransferState, Verified};

/// A local folder and the key prefix its files get; shared by all files of the folder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Folder {
    /// The local folder.
    pub(crate) path: PathBuf,
    /// Prefix of the keys of its files.
    pub(crate) key_prefix: String,
    /// Whether that prefix is the folder's name.
    pub(crate) naming: Naming,
}

/// Whether a key says what the local name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Byte for byte.
    Exact,
    /// The local name is no Unicode; each file gets a key of its own from the user.
    Lossy,
}

/// A transfer about to be queued.
#[derive(Clone, Debug)]
pub(crate) struct NewTransfer {
    /// The local folder.
    pub(crate) folder: Arc<Folder>,
    /// The local name within it.
    pub(crate) name: OsString,
    /// The whole key, where it is not the folder's prefix and the name.
    pub(crate) key: Option<Box<str>>,
    /// Size as found.
    pub(crate) size_bytes: u64,
    /// Last change as found.
    pub(crate) modified: Option<Timestamp>,
}

/// Where a record is. A transfer has an owner, one running task, exactly while it is `Running` or `Stopping`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    Queued,
    Running(Stage),
    /// Told to stop; the owner has not ended yet.
    Stopping(After),
    NeedsDecision,
    Paused,
    /// It has ended like this, and the journal does not know yet. No owner, no place taken; nobody is told.
    Recording(Box<State>),
    Done(Verified),
    Skipped(Box<SkipReason>),
    Cancelled,
    Failed(Box<Failure>),
    /// Dropped from the list; the slot stays.
    Forgotten,
}

/// Whether an earlier run may have stored the object without hearing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Past {
    /// There was none, or its end is known.
    Clear,
    /// It was stopped or failed on the way, in this run or in one before: look before anything is written again.
    Doubtful,
}

/// How far a running transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Reads the source's facts, looks for the key.
    Checking,
    /// Bytes move.
    Active,
    /// The server puts the parts together.
    Finishing,
}

/// What becomes of a stopping transfer once its owner has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    Pause,
    Cancel,
    /// Resumed before its pause was through.
    Requeue,
}

/// One transfer.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) id: TransferId,
    pub(super) batch: BatchId,
    pub(super) folder: Arc<Folder>,
    pub(super) name: Box<OsStr>,
    pub(super) key: Option<Box<str>>,
    pub(super) size_bytes: u64,
    pub(super) modified: Option<Timestamp>,
    pub(super) policy: Option<ConflictPolicy>,
    pub(super) past: Past,
    pub(super) state: State,
}

impl Record {
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path.join(&*self.name)
    }

    /// The whole key. A name that is no Unicode always comes with a key of its own.
    pub(super) fn object_key(&self) -> ObjectKey {
        match &self.key {
            Some(key) => ObjectKey::new(&**key),
            None => ObjectKey::new(format!("{}{}", self.folder.key_prefix, self.name.to_string_lossy())),
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(
            self.state,
            State::Done(_) | State::Skipped(_) | State::Cancelled | State::Failed(_) | State::Forgotten
        )
    }

    /// The state as front ends see it; `None` once forgotten.
    pub(super) fn shown_state(&self) -> Option<TransferState> {
        Some(match &self.state {
            State::Queued | State::Stopping(After::Requeue) => TransferState::Queued,
            State::Running(Stage::Checking) => TransferState::Checking,
            State::Running(Stage::Active) => TransferState::Active,
            State::Running(Stage::Finishing) | State::Stopping(After::Cancel) | State::Recording(_) => {
                TransferState::Finishing
            }
            State::NeedsDecision => TransferState::NeedsDecision,
            State::Paused | State::Stopping(After::Pause) => TransferState::Paused,
            State::Done(verified) => TransferState::Done(*verified),
            State::Skipped(reason) => TransferState::Skipped((**reason).clone()),
            State::Cancelled => TransferState::Cancelled,
            State::Failed(failure) => TransferState::Failed((**failure).clone()),
            State::Forgotten => return None,
        })
    }
}
