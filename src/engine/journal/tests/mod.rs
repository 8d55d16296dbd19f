//! Tests of the journal: every change and its way back, the model, faults of the disk, damaged files, a million jobs.

mod changes;
mod damage;
mod fault_vfs;
mod faults;
mod kills;
mod log;
mod model;
mod places;
mod slots;
mod unread;
mod volume;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{Change, Journal, JournalConfig, JournalError, JournalObserver, Restored};
use crate::model::{BatchId, TransferId};
use model::State;

/// A folder with a journal in it.
pub(super) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(super) fn new() -> Self {
        // In memory where there is such a place: thousands of trials sync thousands of times.
        let in_memory = tempfile::tempdir_in("/dev/shm");
        Self { folder: in_memory.or_else(|_error| tempfile::tempdir()).unwrap() }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("queue.db")
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn open(&self) -> Opened {
        try_open(config(&self.path()).0).unwrap()
    }

    /// Copies the files as they are now: what a kill would leave.
    pub(super) fn copy(&self) -> Place {
        let copy = Place::new();
        copy_files(self.folder.path(), copy.folder.path());
        copy
    }

    /// The file was changed on purpose.
    pub(super) fn forget_sums(&self) {
        std::fs::remove_file(self.folder.path().join("queue.db-sums")).unwrap();
    }

    /// Names of all files, sorted.
    pub(super) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

pub(super) fn copy_files(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

pub(super) struct Opened {
    pub(super) journal: Journal,
    pub(super) restored: Restored,
}

pub(super) fn config(path: &Path) -> (JournalConfig, UnboundedReceiver<TransferId>) {
    let (recorded, tokens) = unbounded_channel();
    let config = JournalConfig { retry_after: Duration::from_millis(10), ..JournalConfig::new(path.into(), recorded) };
    (config, tokens)
}

pub(super) fn try_open(config: JournalConfig) -> Result<Opened, JournalError> {
    Journal::open(config).map(|(journal, restored)| Opened { journal, restored })
}

/// What stands in the journal, read by a new start that ends at once.
pub(super) fn state_in(place: &Place) -> State {
    let Opened { journal, restored } = place.open();
    let state = State::of(restored);
    // On a thread of its own: the caller may be within a runtime.
    std::thread::scope(|scope| scope.spawn(|| wait(journal.close())).join().unwrap());
    state
}

/// Writes changes, waits until they are durable, and ends in order.
pub(super) fn write(place: &Place, changes: &[Change]) {
    let Opened { journal, restored } = place.open();
    drop(restored);
    wait(async {
        let written: Vec<_> = changes.iter().map(|change| journal.commit(change.clone())).collect();
        for durable in written {
            durable.await;
        }
        journal.close().await;
    });
}

/// Returns once the log was moved into the file, if it was long enough: the thread answers only afterwards.
pub(super) fn moved(journal: &Journal) {
    wait(journal.rows_of(BatchId::next(), None, 1)).unwrap();
}

/// Nothing here takes so long unless it hangs, also where others keep the machine busy.
pub(super) const PATIENCE: Duration = Duration::from_mins(4);

/// Runs a future, and not for ever.
pub(super) fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE, future).await.expect("it hangs") })
}
