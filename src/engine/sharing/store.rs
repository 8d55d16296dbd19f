//! What was opened, in an SQLite file of its own: few rows, written before the server is asked, kept for good. The
//! file is opened for each use, so that a command line beside the window can use it, too.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use crate::engine::link_history::{file, is_damage};
use crate::model::{BucketName, ConnectionId, ObjectKey, OpenWhat, Prefix, SharingChange, SharingId};

/// Another process that writes gets so long.
const BUSY: Duration = Duration::from_secs(5);
/// The schema that this program writes.
const NEWEST: i64 = 1;

const TABLE: &str = "
CREATE TABLE IF NOT EXISTS change (
    id INTEGER PRIMARY KEY AUTOINCREMENT, connection TEXT NOT NULL, bucket TEXT NOT NULL,
    made_ms INTEGER NOT NULL, undone_ms INTEGER, body TEXT NOT NULL
) STRICT;";

/// Why a change cannot be written down or read.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    /// The disk, or another process.
    #[error("{path}: {error}")]
    Sql {
        path: PathBuf,
        #[source]
        error: rusqlite::Error,
    },
    /// It is damaged, and cannot be put aside.
    #[error("{path} is damaged and cannot be put aside: {error}")]
    Stuck {
        path: PathBuf,
        #[source]
        error: std::io::Error,
    },
    /// A newer program wrote it.
    #[error("{path} was written by a newer version ({version})")]
    Newer { path: PathBuf, version: i64 },
}

/// One change, with what is needed to take it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) connection: ConnectionId,
    pub(crate) bucket: BucketName,
    pub(crate) made_at: Timestamp,
    pub(crate) undone_at: Option<Timestamp>,
    pub(crate) body: Body,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Body {
    /// A statement was added to the policy.
    Policy {
        /// Below this prefix.
        prefix: String,
        /// The statement.
        statement: String,
        /// The policy as it was.
        before: Option<String>,
        /// What it became.
        after: String,
    },
    /// Strangers were added to the lists of these objects.
    Acl {
        /// Which.
        keys: Vec<String>,
        /// Which version of each: [`super::objects::NO_VERSION`] of those that have none, `None` where it is not
        /// known. Earlier programs have not written it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        versions: Vec<Option<String>>,
    },
}

impl Record {
    pub(super) fn to_change(&self, id: SharingId) -> SharingChange {
        let what = match &self.body {
            Body::Policy { prefix, .. } => OpenWhat::Prefix(Prefix::new(prefix.clone())),
            Body::Acl { keys, .. } => OpenWhat::Objects(keys.iter().map(|key| ObjectKey::new(key.clone())).collect()),
        };
        SharingChange {
            id,
            connection: self.connection.clone(),
            bucket: self.bucket.clone(),
            what,
            made_at: self.made_at,
            undone_at: self.undone_at,
        }
    }
}

/// The file.
#[derive(Debug)]
pub(super) struct Records {
    path: PathBuf,
    aside: Mutex<Option<PathBuf>>,
    /// Rows that make no sense, and whether somebody was told.
    unreadable: Mutex<BTreeMap<SharingId, bool>>,
}

impl Records {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, aside: Mutex::default(), unreadable: Mutex::default() }
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where a damaged file was put since this was last asked.
    pub(super) fn take_aside(&self) -> Option<PathBuf> {
        self.aside.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Writes a change down, durably.
    pub(super) fn add(&self, record: &Record) -> Result<SharingId, StoreError> {
        self.run(|conn| {
            conn.execute(
                "INSERT INTO change (connection, bucket, made_ms, undone_ms, body) VALUES (?, ?, ?, ?, ?)",
                params![
                    record.connection.as_str(),
                    record.bucket.as_str(),
                    record.made_at.as_millisecond(),
                    record.undone_at.map(Timestamp::as_millisecond),
                    body_text(&record.body),
                ],
            )?;
            Ok(SharingId(u64::try_from(conn.last_insert_rowid()).unwrap_or_default()))
        })
    }

    /// Says what a change really came to.
    pub(super) fn set_body(&self, id: SharingId, body: &Body) -> Result<(), StoreError> {
        self.run(|conn| {
            conn.execute("UPDATE change SET body = ? WHERE id = ?", params![body_text(body), number(id)]).map(|_| ())
        })
    }

    /// Forgets a change that was not made after all.
    pub(super) fn forget(&self, id: SharingId) -> Result<(), StoreError> {
        self.run(|conn| conn.execute("DELETE FROM change WHERE id = ?", [number(id)]).map(|_| ()))
    }

    /// Notes that a change was taken back.
    pub(super) fn note_undone(&self, id: SharingId, at: Timestamp) -> Result<(), StoreError> {
        self.run(|conn| {
            let set = "UPDATE change SET undone_ms = ? WHERE id = ?";
            conn.execute(set, params![at.as_millisecond(), number(id)]).map(|_| ())
        })
    }

    /// One change.
    pub(super) fn find(&self, id: SharingId) -> Result<Option<Record>, StoreError> {
        self.run(|conn| {
            let select = "SELECT connection, bucket, made_ms, undone_ms, body FROM change WHERE id = ?";
            conn.query_row(select, [number(id)], |row| Ok(record(row))).optional().map(Option::flatten)
        })
    }

    /// How many rows make no sense that nobody has been told of in this run.
    pub(super) fn take_unreadable(&self) -> usize {
        let mut unreadable = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner);
        unreadable.values_mut().map(|is_told| usize::from(!std::mem::replace(is_told, true))).sum()
    }

    /// All of them that make sense, the newest first; those that do not are kept, and told of.
    pub(super) fn changes(&self) -> Result<Vec<SharingChange>, StoreError> {
        if !file::exists(&self.path) {
            return Ok(Vec::new());
        }
        self.run(|conn| {
            let select = "SELECT connection, bucket, made_ms, undone_ms, body, id FROM change ORDER BY id DESC";
            let mut statement = conn.prepare(select)?;
            let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(5)?, record(row))))?;
            let mut changes = Vec::new();
            for row in rows {
                let (id, found) = row?;
                let id = SharingId(u64::try_from(id).unwrap_or_default());
                if let Some(found) = found {
                    changes.push(found.to_change(id));
                } else {
                    tracing::error!(id = id.0, "a change that was made cannot be read");
                    self.unreadable.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_insert(false);
                }
            }
            Ok(changes)
        })
    }

    fn run<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let sql_error = |error| StoreError::Sql { path: self.path.clone(), error };
        let (conn, version) = self.open()?;
        if version > NEWEST {
            return Err(StoreError::Newer { path: self.path.clone(), version });
        }
        if version < NEWEST {
            let made = format!("BEGIN IMMEDIATE; {TABLE} PRAGMA user_version = {NEWEST}; COMMIT;");
            conn.execute_batch(&made).map_err(sql_error)?;
        }
        work(&conn).map_err(sql_error)
    }

    /// The file and its version. A damaged one is put aside: what it knew can be taken back by hand only, and nothing
    /// could be opened beside it.
    fn open(&self) -> Result<(Connection, i64), StoreError> {
        let sql_error = |error| StoreError::Sql { path: self.path.clone(), error };
        match self.connect() {
            Err(error) if is_damage(&error) => {
                tracing::error!(%error, "the list of what was opened is damaged and put aside");
                let aside = file::put_aside(&self.path)
                    .map_err(|error| StoreError::Stuck { path: self.path.clone(), error })?;
                *self.aside.lock().unwrap_or_else(PoisonError::into_inner) = Some(aside);
                self.connect().map_err(sql_error)
            }
            opened => opened.map_err(sql_error),
        }
    }

    fn connect(&self) -> rusqlite::Result<(Connection, i64)> {
        if let Err(error) = file::make_private(&self.path) {
            tracing::warn!(%error, "the list of what was opened cannot be made");
        }
        let conn = Connection::open(&self.path)?;
        conn.busy_timeout(BUSY)?;
        conn.pragma_update(None, "synchronous", "EXTRA")?;
        conn.pragma_update(None, "fullfsync", "ON")?;
        let version = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        // It is small: looking through it costs nothing.
        let found: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if found != "ok" {
            let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
            return Err(rusqlite::Error::SqliteFailure(corrupt, Some(found)));
        }
        Ok((conn, version))
    }
}

fn body_text(body: &Body) -> String {
    // Texts and lists of them always become JSON.
    serde_json::to_string(body).unwrap_or_default()
}

fn number(id: SharingId) -> i64 {
    i64::try_from(id.0).unwrap_or(i64::MAX)
}

/// `None` for a row that this program cannot have written, such as one whose text is no text any more.
fn record(row: &Row<'_>) -> Option<Record> {
    let text = |column| row.get::<_, String>(column).ok();
    let time = |ms| Timestamp::from_millisecond(ms).ok();
    Some(Record {
        connection: ConnectionId::new(text(0)?),
        bucket: BucketName::new(text(1)?).ok()?,
        made_at: time(row.get(2).ok()?)?,
        undone_at: row.get::<_, Option<i64>>(3).ok()?.and_then(time),
        body: serde_json::from_str(&text(4)?).ok()?,
    })
}
