//! The thread that writes: gathers what was submitted, commits it together, tells those who wait.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::sync::{Arc, mpsc};
use std::thread::Thread;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error, ErrorCode};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{oneshot, watch};

use super::apply::apply;
use super::backlog::Backlog;
use super::config::{JournalHealth, JournalObserver};
use super::file::{self, Pages};
use super::load::{Read, folders_of, jobs};
use super::prune::Prune;
use super::schema::{checkpoint, is_damage};
use super::types::Change;
use crate::engine::queue::Folder;
use crate::model::{BatchId, Failure, FailureKind, TransferId};

/// About so many rows go into one transaction at most, so that nobody waits for a whole dropped folder.
const MOST_ROWS: usize = 16_384;
/// What nobody waits for stays for company until so long after the last commit: files of some megabytes would have a
/// commit each else. The end of the last file is not among it.
const LINGER: Duration = Duration::from_millis(64);
/// So many rows are company enough.
const ENOUGH_ROWS: usize = 512;

/// For the thread.
pub(super) enum Message {
    /// To be written.
    Write(Submitted),
    /// Jobs of a batch.
    Rows { wanted: RowsWanted, reply: oneshot::Sender<Read> },
    /// Jobs of an earlier run.
    Jobs { wanted: RowsWanted, reply: mpsc::Sender<Read> },
    /// Folders by their numbers.
    Folders { ids: Vec<u32>, reply: oneshot::Sender<Result<BTreeMap<u32, Arc<Folder>>, Failure>> },
    /// Write everything and end.
    Close(oneshot::Sender<()>),
}

/// A change on its way to the disk.
pub(super) struct Submitted {
    pub(super) change: Change,
    pub(super) then: Then,
    pub(super) haste: Haste,
}

/// Whether a change is written at once, with whatever else is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Haste {
    /// An upload or a caller waits for it; whoever sends it wakes the thread.
    Now,
    /// It stays a moment for company.
    WithOthers,
}

/// What follows once a change is durable.
pub(super) enum Then {
    Nothing,
    Resolve(oneshot::Sender<()>),
    Tell(TransferId),
}

/// Which jobs.
pub(super) struct RowsWanted {
    /// Of this batch only.
    pub(super) batch: Option<BatchId>,
    pub(super) after: Option<TransferId>,
    pub(super) until: Option<TransferId>,
    pub(super) count: usize,
}

/// What the thread owns.
pub(super) struct Writer {
    pub(super) conn: Connection,
    /// Files of other processes that nobody else may open meanwhile.
    pub(super) held: Vec<Connection>,
    /// To be closed after the connection.
    pub(super) pages: Pages,
    pub(super) path: std::path::PathBuf,
    pub(super) inbox: Receiver<Message>,
    pub(super) backlog: Arc<Backlog>,
    pub(super) health: watch::Sender<JournalHealth>,
    pub(super) recorded: UnboundedSender<TransferId>,
    pub(super) observer: Option<Arc<dyn JournalObserver>>,
    pub(super) retry_after: Duration,
    pub(super) prune: Prune,
    /// Submitted and not durable, in order.
    pub(super) pending: VecDeque<(Change, Then)>,
    pub(super) commits: u64,
}

/// Whether more may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inbox {
    Open,
    Closed,
}

/// Starts the thread. Whoever sends what somebody waits for wakes it, see [`Haste`]; but for those who read an earlier
/// run's jobs, while next to nothing is written.
pub(super) fn start(writer: Writer) -> std::io::Result<Thread> {
    let handle = std::thread::Builder::new().name("journal".into()).spawn(move || writer.run())?;
    Ok(handle.thread().clone())
}

/// Of a change that its caller does not wait for: uploads wait for their intents.
pub(super) fn haste_of(change: &Change) -> Haste {
    if matches!(change, Change::Putting(_)) { Haste::Now } else { Haste::WithOthers }
}

/// A channel to the thread.
pub(super) fn inbox() -> (Sender<Message>, Receiver<Message>) {
    mpsc::channel()
}

impl Writer {
    /// On the calling thread; returns when there is nothing more to come.
    pub(super) fn run(mut self) {
        let mut closers = Vec::new();
        let mut inbox = Inbox::Open;
        while inbox == Inbox::Open {
            inbox = self.gather(&mut closers);
            inbox = self.write_pending(inbox, &mut closers);
        }
        self.end();
        for closer in closers {
            // Whoever asked may have gone.
            closer.send(()).ok();
        }
    }

    /// Waits for something to write, and takes everything that is there.
    fn gather(&mut self, closers: &mut Vec<oneshot::Sender<()>>) -> Inbox {
        let (mut rows, mut is_urgent) = (0, false);
        let clock = crate::engine::SystemClock::new();
        loop {
            let message = match self.inbox.try_recv() {
                Ok(message) => message,
                Err(TryRecvError::Disconnected) => return Inbox::Closed,
                Err(TryRecvError::Empty) if !self.pending.is_empty() => {
                    let left = LINGER.saturating_sub(crate::engine::Clock::elapsed(&clock));
                    if is_urgent || rows >= ENOUGH_ROWS || left.is_zero() {
                        return Inbox::Open;
                    }
                    // Not on the channel: each result that comes meanwhile would wake this thread for nothing.
                    std::thread::park_timeout(left);
                    continue;
                }
                Err(TryRecvError::Empty) if self.prune.step(&self.conn) => continue,
                Err(TryRecvError::Empty) => match self.inbox.recv() {
                    Ok(message) => message,
                    Err(mpsc::RecvError) => return Inbox::Closed,
                },
            };
            if let Message::Write(Submitted { change, haste, .. }) = &message {
                rows += change.rows();
                is_urgent |= *haste == Haste::Now;
            }
            if self.take(message, closers) == Inbox::Closed {
                return Inbox::Closed;
            }
            if rows >= MOST_ROWS {
                return Inbox::Open;
            }
        }
    }

    fn take(&mut self, message: Message, closers: &mut Vec<oneshot::Sender<()>>) -> Inbox {
        match message {
            Message::Write(Submitted { change, then, .. }) => self.pending.push_back((change, then)),
            // Whoever asked may have gone.
            Message::Rows { wanted, reply } => drop(reply.send(self.read(&wanted))),
            Message::Jobs { wanted, reply } => reply.send(self.read(&wanted)).unwrap_or_default(),
            Message::Folders { ids, reply } => {
                drop(reply.send(folders_of(&self.conn, &ids).map_err(|error| self.unreadable(&error))));
            }
            Message::Close(closer) => {
                closers.push(closer);
                return Inbox::Closed;
            }
        }
        Inbox::Open
    }

    fn read(&self, wanted: &RowsWanted) -> Read {
        jobs(&self.conn, wanted).map_err(|error| self.unreadable(&error))
    }

    fn unreadable(&self, error: &Error) -> Failure {
        tracing::error!(%error, "the journal cannot be read");
        Failure::new(FailureKind::JournalUnreadable).with("path", self.path.display()).detail(error)
    }

    /// Commits until nothing is pending. A disk that refuses is tried again and again; once nothing more can come,
    /// it gets one more try.
    fn write_pending(&mut self, mut inbox: Inbox, closers: &mut Vec<oneshot::Sender<()>>) -> Inbox {
        while !self.pending.is_empty() {
            match self.commit_some() {
                Ok(()) => {}
                Err(error) => {
                    self.roll_back();
                    if is_our_fault(&error) {
                        self.write_one_by_one(&error);
                        continue;
                    }
                    tracing::warn!(%error, "the journal cannot be written");
                    let failure = why_stalled(&error, &self.path);
                    self.set_health(JournalHealth::Stalled(failure));
                    if inbox == Inbox::Closed {
                        tracing::error!(changes = self.pending.len(), "changes of the queue are lost: {error}");
                        return inbox;
                    }
                    inbox = self.wait_a_while(closers);
                }
            }
        }
        inbox
    }

    /// One transaction with as much as fits.
    fn commit_some(&mut self) -> Result<(), Error> {
        let mut rows = 0;
        let count = self.pending.iter().take_while(|(change, _)| {
            let fits = rows < MOST_ROWS;
            rows += change.rows();
            fits
        });
        let count = count.count();
        let superseded = superseded(self.pending.iter().take(count).map(|(change, _)| change));
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        for (place, (change, _)) in self.pending.iter().take(count).enumerate() {
            if !is_superseded(change, place, &superseded) {
                apply(&self.conn, change)?;
            }
        }
        self.conn.execute_batch("COMMIT")?;
        // Before anybody is told: who hears that something is durable finds a journal that writes.
        self.set_health(JournalHealth::Writing);
        self.durable(count);
        if file::has_long_log(&self.path)
            && let Err(error) = self.move_log()
        {
            tracing::warn!(%error, "the journal's log grows");
        }
        Ok(())
    }

    /// Moves the log into the file.
    fn move_log(&mut self) -> Result<(), MoveError> {
        let conn = &self.conn;
        self.pages.changed_by(&self.path, || checkpoint(conn).map_err(MoveError::from))
    }

    /// The first `count` pending changes are on the disk.
    fn durable(&mut self, count: usize) {
        self.commits += 1;
        if let Some(observer) = &self.observer {
            observer.committed(self.commits);
        }
        let mut rows = 0;
        for (change, then) in self.pending.drain(..count) {
            rows += change.rows();
            match then {
                Then::Nothing => {}
                // Whoever waited may have gone; the change stays.
                Then::Resolve(done) => done.send(()).unwrap_or_default(),
                Then::Tell(token) => {
                    // The actor is gone only when the engine ends.
                    self.recorded.send(token).ok();
                }
            }
        }
        self.backlog.take(rows);
    }

    fn roll_back(&self) {
        // SQLite has rolled back by itself after many errors.
        if !self.conn.is_autocommit()
            && let Err(error) = self.conn.execute_batch("ROLLBACK")
        {
            tracing::warn!(%error, "cannot roll back");
        }
    }

    /// A change that cannot be written must not hold up all others for ever: each of the first ones goes into a
    /// transaction of its own, and the one that is wrong is dropped, loudly.
    fn write_one_by_one(&mut self, reason: &Error) {
        tracing::error!(%reason, "a change of the queue is wrong; looking for it");
        let mut left = MOST_ROWS.min(self.pending.len());
        while left > 0
            && let Some((change, _)) = self.pending.front()
        {
            left -= 1;
            let written = self
                .conn
                .execute_batch("BEGIN IMMEDIATE")
                .and_then(|()| apply(&self.conn, change))
                .and_then(|()| self.conn.execute_batch("COMMIT"));
            if let Err(error) = written {
                self.roll_back();
                if !is_our_fault(&error) {
                    return;
                }
                tracing::error!(%error, "a change of the queue was dropped");
            }
            self.durable(1);
        }
    }

    /// Takes what comes while the disk is given time.
    fn wait_a_while(&mut self, closers: &mut Vec<oneshot::Sender<()>>) -> Inbox {
        let clock = crate::engine::SystemClock::new();
        let elapsed = || crate::engine::Clock::elapsed(&clock);
        loop {
            let left = self.retry_after.saturating_sub(elapsed());
            match self.inbox.recv_timeout(left) {
                Ok(message) => {
                    if self.take(message, closers) == Inbox::Closed {
                        return Inbox::Closed;
                    }
                }
                Err(RecvTimeoutError::Timeout) => return Inbox::Open,
                Err(RecvTimeoutError::Disconnected) => return Inbox::Closed,
            }
            if elapsed() >= self.retry_after {
                return Inbox::Open;
            }
        }
    }

    fn set_health(&self, health: JournalHealth) {
        self.health.send_if_modified(|known| {
            let is_new = *known != health;
            if is_new {
                *known = health;
            }
            is_new
        });
    }

    fn end(mut self) {
        // What the log holds is durable all the same.
        self.conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).ok();
        if let Err(error) = self.move_log() {
            tracing::warn!(%error, "the journal's log stays until the next start");
        }
        if let Err((_conn, error)) = self.conn.close() {
            tracing::warn!(%error, "the journal was not closed in order");
        }
        // Not before: its locks would go with it.
        drop(self.pages);
        // Last: whoever opens one of them next finds a journal that is free, and takes that first.
        drop(self.held);
    }
}

/// Why the log cannot be moved into the file.
#[derive(Debug, thiserror::Error)]
enum MoveError {
    #[error("{0}")]
    Sql(#[from] Error),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Of each job that ends within a transaction, the place of its end: what the PUT carried and which parts there were
/// need not be written before it.
fn superseded<'a>(changes: impl Iterator<Item = &'a Change>) -> HashMap<TransferId, usize> {
    let mut ends = HashMap::new();
    for (place, change) in changes.enumerate() {
        match change {
            Change::Ended { job, outcome, .. } if !matches!(outcome, super::types::Outcome::Failed(_)) => {
                ends.insert(*job, place);
            }
            Change::Cancelled { jobs, .. } => ends.extend(jobs.iter().map(|job| (*job, place))),
            _ => {}
        }
    }
    ends
}

fn is_superseded(change: &Change, place: usize, ends: &HashMap<TransferId, usize>) -> bool {
    let (Change::Sending { job, .. }
    | Change::Part { job, .. }
    | Change::PartsLost { job, .. }
    | Change::Stored { job, .. }) = change
    else {
        return false;
    };
    ends.get(job).is_some_and(|end| place < *end)
}

/// Whether the change is wrong, not the disk or the moment.
fn is_our_fault(error: &Error) -> bool {
    match error {
        Error::SqliteFailure(failure, _) => matches!(
            failure.code,
            ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch
                | ErrorCode::ApiMisuse
                | ErrorCode::TooBig
                | ErrorCode::ParameterOutOfRange
        ),
        error => !is_damage(error),
    }
}

fn why_stalled(error: &Error, path: &std::path::Path) -> Failure {
    let kind = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => FailureKind::JournalFull,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => FailureKind::JournalDamaged,
        _ => FailureKind::JournalUnwritable,
    };
    Failure::new(kind).with("path", path.display()).detail(error)
}
