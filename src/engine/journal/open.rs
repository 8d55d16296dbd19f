//! Opening: the lock, the checks, moving a damaged journal aside, and the thread's start.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error, ErrorCode};
use tokio::sync::watch;

use super::Journal;
use super::backlog::Backlog;
use super::config::{JournalConfig, JournalError, JournalFound, JournalHealth};
use super::file::{self, Existed, Pages};
use super::load::{Ended, JobStream, Restored, Tables};
use super::log_sums::{self, Seen};
use super::prune::{Prune, note_gone};
use super::salvage::{self, End, Remains};
use super::schema::{self, Checked, Log};
use super::slots::{self, Taken};
use super::writer::{self, Message, Writer};
use crate::engine::{Clock as _, SystemClock};
use crate::model::TransferId;

/// See [`Journal::open`].
#[cfg(test)]
pub(super) fn open(config: JournalConfig) -> Result<(Journal, Restored), JournalError> {
    start(prepare(config)?)
}

/// Everything of opening that the disk can refuse.
pub(super) fn prepare(config: JournalConfig) -> Result<Prepared, JournalError> {
    let path = config.path.clone();
    let vfs = config.vfs.as_deref();
    let Ready { conn, mut tables, found, last_written, pages } = ready(&path, vfs)?;
    let taken = slots::take_over(&conn, &path, &config.first, vfs);
    if taken.came {
        *tables = Tables::load(&conn).map_err(|error| sql_error(&path, &error))?;
    }
    if taken.held.is_empty() {
        // Only now: by its batches is known what has come before.
        tables.drop_batches(&conn);
    }
    let last = TransferId::restored(tables.last_transfer);
    let ended = note_gone(&conn, SystemClock::new().now()).map_err(|error| sql_error(&path, &error))?;
    let prune = Prune::new(&conn, last).map_err(|error| sql_error(&path, &error))?;
    let pages = pages.map_or_else(|| Pages::open(&path), Ok).map_err(|error| io_error(&path, &error))?;
    Ok(Prepared { config, conn, tables, found, last_written, pages, taken, ended, prune })
}

/// A journal that is open; nobody writes it yet.
pub(super) struct Prepared {
    config: JournalConfig,
    conn: Connection,
    tables: Box<Tables>,
    found: JournalFound,
    last_written: Option<jiff::Timestamp>,
    pages: Pages,
    taken: Taken,
    ended: Vec<Ended>,
    prune: Prune,
}

/// The journal's ends of what its handles have.
pub(super) struct Ends {
    pub(super) inbox: Sender<Message>,
    pub(super) messages: Receiver<Message>,
    pub(super) backlog: Arc<Backlog>,
    pub(super) health: watch::Sender<JournalHealth>,
}

impl Ends {
    pub(super) fn new(health: JournalHealth) -> (Self, watch::Receiver<JournalHealth>) {
        let (inbox, messages) = writer::inbox();
        let (health, watch) = watch::channel(health);
        (Self { inbox, messages, backlog: Arc::default(), health }, watch)
    }
}

impl Prepared {
    /// What the thread owns, and what it has found.
    pub(super) fn into_writer(self, ends: Ends) -> (Writer, Restored) {
        let Self { config, conn, tables, found, last_written, pages, taken, ended, prune } = self;
        let last = TransferId::restored(tables.last_transfer);
        let jobs = JobStream::new(ends.inbox, last, config.retry_after / 4);
        let writer = Writer {
            conn,
            held: taken.held,
            pages,
            path: config.path,
            inbox: ends.messages,
            backlog: ends.backlog,
            health: ends.health,
            recorded: config.recorded,
            observer: config.observer,
            retry_after: config.retry_after,
            prune,
            pending: VecDeque::new(),
            commits: 0,
        };
        let restored = Restored {
            connections: tables.connections,
            learnt: tables.learnt,
            batches: tables.batches,
            ended,
            last_folder: tables.folders.last_key_value().map_or(0, |(id, _folder)| *id),
            folders: tables.folders,
            jobs,
            parts: tables.parts,
            orphans: tables.orphans,
            last_transfer: tables.last_transfer,
            last_batch: tables.last_batch,
            last_written,
            found,
            found_beside: taken.damaged,
        };
        (writer, restored)
    }
}

/// Starts the thread that writes.
pub(super) fn start(prepared: Prepared) -> Result<(Journal, Restored), JournalError> {
    let path = prepared.config.path.clone();
    let (ends, watch) = Ends::new(JournalHealth::Writing);
    let (inbox, backlog) = (ends.inbox.clone(), Arc::clone(&ends.backlog));
    let (writer, restored) = prepared.into_writer(ends);
    let thread = writer::start(writer).map_err(|error| io_error(&path, &error))?;
    Ok((Journal::to_thread(inbox, thread, watch, backlog), restored))
}

/// A file that is open, locked and in order.
pub(super) struct Ready {
    pub(super) conn: Connection,
    tables: Box<Tables>,
    found: JournalFound,
    last_written: Option<jiff::Timestamp>,
    /// If it was opened already: the lock goes with it.
    pages: Option<Pages>,
}

impl Ready {
    /// Closes it. What was found, if that was not a file in order.
    pub(super) fn damage(self) -> Option<JournalFound> {
        Some(self.found).filter(|found| !matches!(found, JournalFound::New | JournalFound::Good))
    }
}

/// Opens a file, or makes it; one that is damaged is moved aside, and what can be read of it is carried over.
pub(super) fn ready(path: &Path, vfs: Option<&str>) -> Result<Ready, JournalError> {
    file::finish_exchange(path).map_err(|error| io_error(path, &error))?;
    let existed = file::make_private(path).map_err(|error| io_error(path, &error))?;
    let last_written = if existed == Existed::Yes { file::last_written(path) } else { None };
    if existed == Existed::No {
        file::forget_sums(path).map_err(|error| io_error(path, &error))?;
    }
    let (opened, Judged { damaged, pages }) = if existed == Existed::Yes && file::is_stump(path) {
        (Opened::Damaged(None, "the file was cut off".to_owned()), Judged::default())
    } else {
        open_file(path, vfs)?
    };
    let opened = if damaged.is_empty() { opened } else { without(opened, path, &damaged) };
    let end = if matches!(opened, Opened::Cut(..)) { End::Missing } else { End::There };
    let (conn, tables, found, pages) = match opened {
        Opened::Good(conn, tables, found) => (conn, tables, found, pages),
        Opened::Damaged(..) | Opened::Cut(..) => {
            let (conn, why) = opened.damage();
            tracing::error!(%why, "the journal is damaged and moved aside");
            let believed = believed(conn.as_ref(), path, &damaged);
            let good = believed.as_ref().map(|believed| &believed.conn);
            let from = Remains { damaged: conn.as_ref(), believed: good, end };
            salvage::gather(&from, path, vfs).map_err(|error| sql_error(path, &error))?;
            let handle = believed.map(Believed::drop_copy);
            drop(conn);
            drop((handle, pages));
            let to = file::exchange(path, SystemClock::new().now()).map_err(|error| io_error(path, &error))?;
            match open_file(path, vfs)? {
                (Opened::Good(conn, tables, _found), Judged { pages, .. }) => {
                    (conn, tables, JournalFound::MovedAside { to, why }, pages)
                }
                (Opened::Damaged(_, detail) | Opened::Cut(_, detail), _) => {
                    return Err(JournalError::Io { path: path.to_owned(), detail });
                }
            }
        }
    };
    if !schema::is_write_ahead(&conn) {
        // Every commit changes pages.
        file::forget_sums(path).map_err(|error| io_error(path, &error))?;
    }
    Ok(Ready { conn, tables, found, last_written, pages })
}

/// A file's pages, held against what was written of them.
#[derive(Default)]
struct Judged {
    /// Those that are not to be believed.
    damaged: Vec<usize>,
    /// To outlive the connection; `None` where there is none.
    pages: Option<Pages>,
}

impl Judged {
    /// To be asked once the file is locked, and before anything is written.
    fn of(path: &Path) -> Result<Self, JournalError> {
        let judged = Pages::open(path).and_then(|mut pages| Ok((pages.damaged(path)?, pages)));
        let (damaged, pages) = judged.map_err(|error| io_error(path, &error))?;
        Ok(Self { damaged, pages: Some(pages) })
    }
}

/// A file that SQLite finds in order, with pages that are not what was written.
fn without(opened: Opened, path: &Path, damaged: &[usize]) -> Opened {
    match opened {
        Opened::Good(conn, ..) => {
            let why = format!("{} pages of {} are not what was written", damaged.len(), path.display());
            Opened::Damaged(Some(conn), why)
        }
        worse @ (Opened::Damaged(..) | Opened::Cut(..)) => worse,
    }
}

/// A copy to be read in place of a file whose pages cannot be believed.
struct Believed {
    conn: Connection,
    copy: PathBuf,
    /// Of the file itself, which loses its lock with this one.
    handle: File,
}

impl Believed {
    /// Takes the copy away; the handle has to outlive whoever holds the file's lock.
    fn drop_copy(self) -> File {
        drop(self.conn);
        file::drop_copy(&self.copy);
        self.handle
    }
}

/// `None` if no copy is needed or can be made. The file itself is held open, and so locked, meanwhile.
fn believed(conn: Option<&Connection>, path: &Path, damaged: &[usize]) -> Option<Believed> {
    if conn.is_none() || damaged.is_empty() {
        return None;
    }
    let copied = file::copy_without(path, damaged).map_err(|error| error.to_string());
    let opened = copied.and_then(|(copy, handle)| {
        let conn = schema::connect(&copy, None).map_err(|error| error.to_string())?;
        Ok(Believed { conn, copy, handle })
    });
    opened.map_err(|error| tracing::error!(%error, "damaged pages of the journal cannot be left out")).ok()
}

enum Opened {
    Good(Connection, Box<Tables>, JournalFound),
    Damaged(Option<Connection>, String),
    /// In order, but for commits at its end that are missing.
    Cut(Connection, String),
}

impl Opened {
    /// What is wrong with it, if anything is.
    fn damage(self) -> (Option<Connection>, String) {
        match self {
            Self::Good(conn, ..) => (Some(conn), String::new()),
            Self::Damaged(conn, why) => (conn, why),
            Self::Cut(conn, why) => (Some(conn), why),
        }
    }
}

/// Whether SQLite will read the log to its end.
enum Whole {
    Yes { conn: Connection, mended: Option<PathBuf> },
    No { conn: Connection, why: String },
}

/// Before anything is believed: puts bits of the log right that have turned over, or says that commits are missing.
fn with_whole_log(conn: Connection, path: &Path, vfs: Option<&str>) -> Result<Whole, JournalError> {
    let io_error = |error: io::Error| io_error(path, &error);
    // The first reading takes the lock. If it fails, the check that follows says why.
    let first = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_row| Ok(()));
    if first.is_err_and(|error| !schema::is_damage(&error)) {
        return Ok(Whole::Yes { conn, mended: None });
    }
    let log = file::log_bytes(path).map_err(io_error)?;
    match log_sums::examine(&log) {
        Seen::Whole => Ok(Whole::Yes { conn, mended: None }),
        Seen::Turned(bits) => {
            tracing::error!(bits = bits.len(), "bits of the journal's log have turned over and are put right");
            let to = file::mend_log(path, &log, &bits, SystemClock::new().now()).map_err(io_error)?;
            // This connection has read it as it was. Whoever comes first now finds it whole.
            drop(conn);
            let conn = schema::connect(path, vfs).map_err(|error| sql_error(path, &error))?;
            Ok(Whole::Yes { conn, mended: Some(to) })
        }
        Seen::Broken { commits } => {
            let count = commits.map_or_else(|| "an unknown number of".to_owned(), |commits| commits.to_string());
            Ok(Whole::No { conn, why: format!("the log is damaged in front of {count} commits") })
        }
    }
}

/// Opens the file, or says that it is damaged: then with the connection, if there is one. What its pages are held
/// against is of the moment when it is locked.
fn open_file(path: &Path, vfs: Option<&str>) -> Result<(Opened, Judged), JournalError> {
    let sql_error = |error: &Error| sql_error(path, error);
    let conn = match schema::connect(path, vfs) {
        Ok(conn) => conn,
        Err(error) if schema::is_damage(&error) => {
            return Ok((Opened::Damaged(None, error.to_string()), Judged::default()));
        }
        Err(error) => return Err(sql_error(&error)),
    };
    let (conn, mended) = match with_whole_log(conn, path, vfs)? {
        Whole::Yes { conn, mended } => (conn, mended),
        Whole::No { conn, why } => return Ok((Opened::Cut(conn, why), Judged::of(path)?)),
    };
    let checked = schema::check(&conn).map_err(|error| sql_error(&error))?;
    let judged = Judged::of(path)?;
    let found = match checked {
        Checked::Damaged(why) => return Ok((Opened::Damaged(Some(conn), why), judged)),
        Checked::Newer(version) => {
            if file::has_empty_log(path) {
                // This run has made it, and takes it away.
                conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).ok();
            }
            return Err(JournalError::Newer { path: path.to_owned(), version, known: schema::NEWEST });
        }
        Checked::Empty => JournalFound::New,
        Checked::Good => mended.map_or(JournalFound::Good, |to| JournalFound::Mended { to }),
    };
    let (conn, ready) = if found == JournalFound::New {
        create(conn, path, vfs)?
    } else {
        let ready = schema::keep_log(&conn);
        (conn, ready)
    };
    match ready.and_then(|()| Tables::load(&conn)) {
        Ok(tables) => Ok((Opened::Good(conn, Box::new(tables), found), judged)),
        Err(error) if schema::is_damage(&error) => Ok((Opened::Damaged(Some(conn), error.to_string()), judged)),
        Err(error) => Err(sql_error(&error)),
    }
}

/// Makes the tables; with the older kind of log where the file system takes no write-ahead log.
fn create(conn: Connection, path: &Path, vfs: Option<&str>) -> Result<(Connection, Result<(), Error>), JournalError> {
    match schema::create(&conn, Log::WriteAhead) {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::CannotOpen) => {
            tracing::warn!(%error, "the journal's file system takes no write-ahead log; commits will be slower");
            drop(conn);
            file::make_empty(path).map_err(|error| io_error(path, &error))?;
            let conn = schema::connect(path, vfs).map_err(|error| sql_error(path, &error))?;
            let created = schema::create(&conn, Log::Rollback);
            Ok((conn, created))
        }
        created => Ok((conn, created)),
    }
}

fn io_error(path: &Path, error: &io::Error) -> JournalError {
    let (path, detail) = (path.to_owned(), error.to_string());
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => JournalError::ReadOnly { path, detail },
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => JournalError::Full { path, detail },
        _ => JournalError::Io { path, detail },
    }
}

fn sql_error(path: &Path, error: &Error) -> JournalError {
    let (path, detail) = (path.to_owned(), error.to_string());
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => JournalError::InUse { path },
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            JournalError::ReadOnly { path, detail }
        }
        Some(ErrorCode::DiskFull) => JournalError::Full { path, detail },
        _ => JournalError::Io { path, detail },
    }
}
