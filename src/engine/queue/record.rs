//! One transfer in the queue, kept small: a million of them must fit.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::names::{NameRef, Names};
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
    pub(super) name: NameRef,
    /// The whole key, where it is not the folder's prefix and the name. Few have one, so it takes one word.
    #[expect(
        clippy::box_collection,
        reason = "a thin pointer: there may be a million records without a key of their own"
    )]
    pub(super) key: Option<Box<String>>,
    pub(super) size_bytes: u64,
    /// Nanoseconds since 1970; [`NO_TIME`] if it is not known.
    modified_ns: i64,
    pub(super) state: State,
    pub(super) policy: Option<ConflictPolicy>,
    pub(super) past: Past,
}

/// A time that no file has.
const NO_TIME: i64 = i64::MIN;

impl Record {
    /// A transfer that waits for its turn.
    pub(super) fn new(id: TransferId, batch: BatchId, new: NewTransfer, names: &mut Names) -> Self {
        let modified_ns = new.modified.and_then(|time| i64::try_from(time.as_nanosecond()).ok());
        Self {
            id,
            batch,
            folder: new.folder,
            name: names.add(&new.name),
            key: new.key.map(|key| Box::new(key.into_string())),
            size_bytes: new.size_bytes,
            modified_ns: modified_ns.unwrap_or(NO_TIME),
            state: State::Queued,
            policy: None,
            past: Past::Clear,
        }
    }

    /// Last change as found.
    pub(super) fn modified(&self) -> Option<Timestamp> {
        let ns = (self.modified_ns != NO_TIME).then_some(self.modified_ns)?;
        Timestamp::from_nanosecond(ns.into()).ok()
    }

    pub(super) fn path(&self, names: &Names) -> PathBuf {
        self.folder.path.join(names.get(self.name))
    }

    /// The whole key. A name that is no Unicode always comes with a key of its own.
    pub(super) fn object_key(&self, names: &Names) -> ObjectKey {
        if let Some(key) = &self.key {
            return ObjectKey::new(&***key);
        }
        let name = names.get(self.name);
        let prefix = &self.folder.key_prefix;
        let mut key = String::with_capacity(prefix.len() + name.len());
        key.push_str(prefix);
        key.push_str(&name.to_string_lossy());
        ObjectKey::new(key)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_records_fit() {
        // With a name of 16 bytes, its places in the tabs and in the line about 105 bytes: 100 MiB for a million.
        assert!(size_of::<Record>() <= 80, "{}", size_of::<Record>());
    }

    #[test]
    fn times_come_back_as_they_were() {
        let mut names = Names::default();
        let folder = Arc::new(Folder { path: PathBuf::from("/f"), key_prefix: "p/".to_owned(), naming: Naming::Exact });
        for modified in [None, Some(Timestamp::UNIX_EPOCH), Timestamp::new(1_790_000_000, 123_456_789).ok()] {
            let (folder, name) = (Arc::clone(&folder), OsString::from("n"));
            let new = NewTransfer { folder, name, key: None, size_bytes: 1, modified };
            let record = Record::new(TransferId::restored(1), BatchId::next(), new, &mut names);
            assert_eq!(record.modified(), modified);
            assert_eq!(record.object_key(&names).as_str(), "p/n");
        }
    }
}
