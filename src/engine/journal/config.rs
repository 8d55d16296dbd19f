//! How a journal is opened, how it is, and what can go wrong with it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use crate::model::{Failure, FailureKind, TransferId};

/// Between two tries on a disk that refuses.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// What a journal is opened with.
pub(crate) struct JournalConfig {
    /// The file, in a folder that is there; the file is made if missing.
    pub(crate) path: PathBuf,
    /// The first of the files that processes at the same time may have: this one, unless it stands beside.
    pub(crate) first: PathBuf,
    /// Gets the tokens of [`super::Journal::record`] whose changes are durable.
    pub(crate) recorded: UnboundedSender<TransferId>,
    /// Hears of every commit.
    pub(crate) observer: Option<Arc<dyn JournalObserver>>,
    /// SQLite's name of another file system layer, for tests.
    pub(crate) vfs: Option<String>,
    /// Between two tries on a disk that refuses.
    pub(crate) retry_after: Duration,
}

impl JournalConfig {
    /// The usual.
    pub(crate) fn new(path: PathBuf, recorded: UnboundedSender<TransferId>) -> Self {
        Self { first: path.clone(), path, recorded, observer: None, vfs: None, retry_after: RETRY_AFTER }
    }

    /// The same for another file of the row.
    pub(super) fn at(&self, path: PathBuf) -> Self {
        Self {
            path,
            first: self.first.clone(),
            recorded: self.recorded.clone(),
            observer: self.observer.clone(),
            vfs: self.vfs.clone(),
            retry_after: self.retry_after,
        }
    }
}

/// Hears what the journal does; called on its thread.
pub trait JournalObserver: Send + Sync {
    /// A commit is durable and nobody was told so yet. `number` counts from 1.
    fn committed(&self, number: u64);
}

/// How the journal is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JournalHealth {
    /// Whatever is submitted gets written.
    Writing,
    /// The disk refuses for this reason; it is tried again by itself.
    Stalled(Failure),
}

/// What was there when the journal was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JournalFound {
    /// Nothing.
    New,
    /// A journal in order.
    Good,
    /// A journal in order, once bits of its log that had turned over were put right. The log as it was stands at `to`.
    Mended {
        /// Where it is.
        to: PathBuf,
    },
    /// A journal of another process that cannot be taken over now. It stays where it is, and the next start tries again.
    LeftBeside {
        /// Where it is.
        at: PathBuf,
        /// What kept it there.
        why: String,
    },
    /// A journal that cannot be read as a whole. It stands at `to` now; what can be read was carried over.
    MovedAside {
        /// Where it is.
        to: PathBuf,
        /// What SQLite said.
        why: String,
    },
}

impl JournalFound {
    /// What people have to be told about it.
    pub(crate) fn to_failure(&self) -> Option<Failure> {
        match self {
            Self::New | Self::Good => None,
            Self::Mended { to } => Some(Failure::new(FailureKind::JournalMended).with("path", to.display())),
            Self::LeftBeside { at, why } => {
                Some(Failure::new(FailureKind::JournalLeftBeside).with("path", at.display()).detail(why))
            }
            Self::MovedAside { to, why } => {
                Some(Failure::new(FailureKind::JournalDamaged).with("path", to.display()).detail(why))
            }
        }
    }
}

/// Why a journal cannot be used. It was not written to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    /// A later version of the program has written it.
    #[error("{path} has schema {version}, this program knows {known}", path = path.display())]
    Newer { path: PathBuf, version: i64, known: i64 },
    /// File or folder may not be written.
    #[error("{path} may not be written: {detail}", path = path.display())]
    ReadOnly { path: PathBuf, detail: String },
    /// Another process has it.
    #[error("another process uses {path}", path = path.display())]
    InUse { path: PathBuf },
    /// There is no space for it.
    #[error("no space for {path}: {detail}", path = path.display())]
    Full { path: PathBuf, detail: String },
    /// The disk does not work.
    #[error("cannot use {path}: {detail}", path = path.display())]
    Io { path: PathBuf, detail: String },
}

impl JournalError {
    /// The same for people.
    pub(crate) fn to_failure(&self) -> Failure {
        let (kind, path) = match self {
            Self::Newer { path, .. } => (FailureKind::JournalNewer, path),
            Self::ReadOnly { path, .. } => (FailureKind::JournalReadOnly, path),
            Self::InUse { path } => (FailureKind::JournalInUse, path),
            Self::Full { path, .. } => (FailureKind::JournalFull, path),
            Self::Io { path, .. } => (FailureKind::JournalUnwritable, path),
        };
        Failure::new(kind).with("path", path.display()).detail(self)
    }
}
