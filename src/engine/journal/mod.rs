//! The journal: what is written down of the queue, so that nothing in it is lost by a quit, a crash or a power cut.
//!
//! One SQLite file, one thread named `journal` that alone speaks to it. Whatever is submitted while a commit is under
//! way goes into the next one; what nobody waits for stays some milliseconds for company. A change counts as durable once its commit is on the disk,
//! never before. While the disk refuses (full, I/O error, read-only) everything submitted is kept in memory, in order,
//! and tried again until it works; [`Journal::health`] says so, and [`Journal::room`] holds back whoever could fill
//! the memory meanwhile. A journal that cannot be read is moved aside, never deleted, and what can be read of it is
//! carried over.
//!
//! Nothing here decides what is written when: that is the queue's and the uploads' part. No network, no secret.

mod apply;
mod backlog;
mod codec;
mod config;
mod file;
mod job_row;
mod later;
mod load;
mod log;
mod log_sums;
mod open;
mod prune;
mod salvage;
mod schema;
mod slots;
mod sums;
mod types;
mod work;
mod writer;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, mpsc};
use std::thread::Thread;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::sync::{oneshot, watch};

use crate::engine::queue::Folder;
use crate::model::{BatchId, Failure, FailureKind, TransferId};
use backlog::Backlog;
pub(crate) use codec::{failure_json, failure_of, options_json, options_of, os_bytes, os_string, skip_json, skip_of};
pub use config::JournalObserver;
pub(crate) use config::{JournalConfig, JournalError, JournalFound, JournalHealth};
pub(crate) use load::{Chunk, Ended as EndedBatch, JobStream, Restored};
pub(crate) use types::{
    BatchRow, BatchStage, Change, EndedRow, InPlaceOf, JobRow, JobStage, JobState, NewJob, OrphanRow, Outcome, PartRow,
    SourceStamp, WorkRow,
};
use writer::{Haste, Message, RowsWanted, Submitted, Then};

/// A handle on the journal; clones share it. Dropping the last one lets its thread write what it has and end.
#[derive(Clone)]
pub(crate) struct Journal {
    to: To,
}

#[derive(Clone)]
enum To {
    /// The thread that writes.
    Thread {
        inbox: mpsc::Sender<Message>,
        thread: Thread,
        health: watch::Receiver<JournalHealth>,
        backlog: Arc<Backlog>,
    },
    /// Nowhere: every change is durable at once.
    Nowhere { health: Arc<watch::Sender<JournalHealth>>, recorded: Option<UnboundedSender<TransferId>> },
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = match &self.to {
            To::Thread { .. } => "a file",
            To::Nowhere { .. } => "nowhere",
        };
        f.debug_struct("Journal").field("to", &to).finish()
    }
}

impl Journal {
    /// Opens the journal, or makes it, and reads what an earlier run has left. Blocks on the disk: call it on a
    /// blocking thread, or before there is a runtime. A journal that cannot be read is moved aside
    /// ([`JournalFound::MovedAside`]); one of a later version is refused and stays as it is.
    #[cfg(test)]
    pub(crate) fn open(config: JournalConfig) -> Result<(Self, Restored), JournalError> {
        open::open(config)
    }

    /// [`Journal::open`]; where another process has the journal, a file of this process's own beside it. Files that
    /// nobody uses any more are taken over.
    pub(crate) fn open_free(config: &JournalConfig) -> Result<(Self, Restored), JournalError> {
        slots::open_free(config)
    }

    /// A journal that cannot be opened now: tried again by itself, as [`Journal::health`] says. What an earlier run has
    /// left comes on the channel once it is open. Fails if the system gives no thread.
    pub(crate) fn open_later(
        config: JournalConfig,
        error: &JournalError,
    ) -> std::io::Result<(Self, UnboundedReceiver<Box<Restored>>)> {
        later::start(config, error)
    }

    fn to_thread(
        inbox: mpsc::Sender<Message>,
        thread: Thread,
        health: watch::Receiver<JournalHealth>,
        backlog: Arc<Backlog>,
    ) -> Self {
        Self { to: To::Thread { inbox, thread, health, backlog } }
    }

    /// No journal: every change counts as durable at once, nothing outlives the process.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self::nowhere(None)
    }

    /// No journal, with the tokens of [`Journal::record`] told all the same.
    pub(crate) fn none_telling(recorded: UnboundedSender<TransferId>) -> Self {
        Self::nowhere(Some(recorded))
    }

    fn nowhere(recorded: Option<UnboundedSender<TransferId>>) -> Self {
        let health = Arc::new(watch::Sender::new(JournalHealth::Writing));
        Self { to: To::Nowhere { health, recorded } }
    }

    /// Whether anything is kept at all.
    pub(crate) fn keeps(&self) -> bool {
        matches!(self.to, To::Thread { .. })
    }

    /// Submits a change; nobody waits. The order of submission is the order of effect.
    pub(crate) fn note(&self, change: Change) {
        let haste = writer::haste_of(&change);
        self.submit(Submitted { change, then: Then::Nothing, haste });
    }

    /// Submits a change, now, and resolves once it is durable. While the disk refuses it stays pending; it is never
    /// an error. Dropping the future does not take the change back. After [`Journal::close`], and if the thread was
    /// ended while the disk refused, it never resolves: nothing may go on that was not written down.
    pub(crate) fn commit(&self, change: Change) -> impl Future<Output = ()> + Send + 'static {
        let (done, durable) = oneshot::channel();
        self.submit(Submitted { change, then: Then::Resolve(done), haste: Haste::Now });
        async move {
            if durable.await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Submits a change; `token` comes on the channel of [`JournalConfig::recorded`] once it is durable.
    pub(crate) fn record(&self, change: Change, token: TransferId) {
        let haste = writer::haste_of(&change);
        self.submit(Submitted { change, then: Then::Tell(token), haste });
    }

    /// The same for what somebody waits for, such as the last of all transfers: it waits for no company.
    pub(crate) fn record_now(&self, change: Change, token: TransferId) {
        self.submit(Submitted { change, then: Then::Tell(token), haste: Haste::Now });
    }

    fn submit(&self, submitted: Submitted) {
        let Submitted { change, then, haste } = submitted;
        match &self.to {
            To::Thread { inbox, thread, backlog, .. } => {
                backlog.add(change.rows());
                if let Err(mpsc::SendError(_)) = inbox.send(Message::Write(Submitted { change, then, haste })) {
                    tracing::error!("a change came after the journal was closed");
                }
                if haste == Haste::Now {
                    thread.unpark();
                }
            }
            To::Nowhere { recorded, .. } => match then {
                Then::Nothing => {}
                // Whoever waited may have gone.
                Then::Resolve(done) => done.send(()).unwrap_or_default(),
                Then::Tell(token) => {
                    if let Some(recorded) = recorded {
                        // The actor is gone only when the engine ends.
                        recorded.send(token).ok();
                    }
                }
            },
        }
    }

    /// Resolves while fewer than about 40,000 rows wait to be written: to be awaited by whoever submits without an
    /// end, such as a scan, so that a disk that refuses does not fill the memory.
    pub(crate) async fn room(&self) {
        if let To::Thread { backlog, .. } = &self.to {
            backlog.room().await;
        }
    }

    /// How the journal is; `changed()` resolves when that has changed.
    pub(crate) fn health(&self) -> watch::Receiver<JournalHealth> {
        match &self.to {
            To::Thread { health, .. } => health.clone(),
            To::Nowhere { health, .. } => health.subscribe(),
        }
    }

    /// Up to `count` jobs of a batch with ids above `after`, by id, as they are durable now, and where to go on. What
    /// cannot be understood is left out. Nothing where there is no journal; fails where it cannot be read.
    pub(crate) async fn rows_of(
        &self,
        batch: BatchId,
        after: Option<TransferId>,
        count: usize,
    ) -> Result<Chunk, Failure> {
        let wanted = RowsWanted { batch: Some(batch), after, until: None, count };
        self.read(|reply| Message::Rows { wanted, reply }).await
    }

    /// Folders of jobs, by their numbers; one that is not there is missing.
    pub(crate) async fn folders(&self, ids: Vec<u32>) -> Result<BTreeMap<u32, Arc<Folder>>, Failure> {
        self.read(|reply| Message::Folders { ids, reply }).await
    }

    async fn read<T: Default>(
        &self,
        question: impl FnOnce(oneshot::Sender<Result<T, Failure>>) -> Message,
    ) -> Result<T, Failure> {
        let To::Thread { inbox, thread, .. } = &self.to else { return Ok(T::default()) };
        let closed = || Failure::new(FailureKind::JournalUnreadable).detail("the journal is closed");
        let (reply, answer) = oneshot::channel();
        inbox.send(question(reply)).map_err(|_closed| closed())?;
        thread.unpark();
        answer.await.unwrap_or_else(|_closed| Err(closed()))
    }

    /// Writes everything, checkpoints, and ends the thread. A disk that refuses gets one more try; what it does not
    /// take then is lost, and nobody was told that it was durable.
    pub(crate) async fn close(&self) {
        let To::Thread { inbox, thread, .. } = &self.to else { return };
        let (done, closed) = oneshot::channel();
        if inbox.send(Message::Close(done)).is_ok() {
            thread.unpark();
            // The thread has ended either way.
            closed.await.ok();
        }
    }
}
