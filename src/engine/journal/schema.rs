//! The tables, and how a connection to them is set up. Later versions add steps, never change one.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags, OptionalExtension as _};

/// "BDQJ": tells this file from any other SQLite file.
const APPLICATION_ID: i64 = 0x4244_514A;
/// The schema that this program writes.
pub(super) const NEWEST: i64 = 1;
/// Another process that is just ending gets so long.
const BUSY: Duration = Duration::from_millis(300);
/// A bulk of new files may make the log large; so much of it is kept for the next.
const LOG_KEPT_BYTES: i64 = 8 * 1024 * 1024;
/// Of pages, on top of what a transaction needs.
const CACHE_KIB: i64 = 4096;

/// Keys, names and paths are BLOBs, byte for byte. Times are nanoseconds since 1970, or 16 bytes where that is too
/// far away. `job` is narrow, since there may be a million; what few have stands in tables of its own. A job's batch
/// and folder are no foreign keys: that would take an index as large as the jobs.
const STEP_1: &str = "
CREATE TABLE meta (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    last_transfer INTEGER NOT NULL, last_batch INTEGER NOT NULL, untidy INTEGER NOT NULL
) STRICT;
INSERT INTO meta VALUES (1, 0, 0, 0);
CREATE TABLE connection (id TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE learnt (id TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE batch (
    id INTEGER PRIMARY KEY, connection TEXT NOT NULL, bucket TEXT NOT NULL, prefix BLOB NOT NULL,
    options TEXT NOT NULL, sources BLOB NOT NULL, opened ANY NOT NULL, policy INTEGER,
    left_out INTEGER NOT NULL, stage INTEGER NOT NULL CHECK (stage BETWEEN 0 AND 2)
) STRICT;
CREATE TABLE folder (
    id INTEGER PRIMARY KEY, path BLOB NOT NULL, key_prefix BLOB NOT NULL, naming INTEGER NOT NULL
) STRICT;
CREATE TABLE job (
    id INTEGER PRIMARY KEY, batch INTEGER NOT NULL, folder INTEGER NOT NULL, name BLOB NOT NULL,
    size_bytes INTEGER NOT NULL, state INTEGER NOT NULL CHECK (state BETWEEN 2 AND 39), modified ANY,
    key BLOB, policy INTEGER, rank INTEGER
) STRICT;
CREATE TABLE work (
    job INTEGER PRIMARY KEY REFERENCES job (id) ON DELETE CASCADE,
    key BLOB, device INTEGER, inode INTEGER, stamp_bytes INTEGER, modified_ns INTEGER, changed_ns INTEGER,
    started ANY, upload_id TEXT, part_bytes INTEGER, parts INTEGER, crc INTEGER, size_bytes INTEGER,
    etag TEXT, version_id TEXT
) STRICT;
CREATE TABLE part (
    job INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE, number INTEGER NOT NULL,
    len INTEGER NOT NULL, crc INTEGER NOT NULL, etag TEXT NOT NULL, PRIMARY KEY (job, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE ended (
    job INTEGER PRIMARY KEY REFERENCES job (id) ON DELETE CASCADE,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3), ended ANY NOT NULL,
    verified TEXT, crc INTEGER, etag TEXT, version_id TEXT, detail TEXT
) STRICT;
CREATE TABLE orphan (
    connection TEXT NOT NULL, bucket TEXT NOT NULL, key BLOB NOT NULL, upload_id TEXT NOT NULL,
    reason TEXT NOT NULL, tries INTEGER NOT NULL, last_try ANY,
    PRIMARY KEY (connection, bucket, key, upload_id)
) STRICT, WITHOUT ROWID;
";

/// The tables with their columns, parents before children.
pub(super) const TABLES: &[(&str, &str)] = &[
    ("connection", "id, json"),
    ("learnt", "id, json"),
    ("batch", "id, connection, bucket, prefix, options, sources, opened, policy, left_out, stage"),
    ("folder", "id, path, key_prefix, naming"),
    ("job", "id, batch, folder, name, size_bytes, state, modified, key, policy, rank"),
    (
        "work",
        "job, key, device, inode, stamp_bytes, modified_ns, changed_ns, started, upload_id, part_bytes, parts, crc, \
         size_bytes, etag, version_id",
    ),
    ("part", "job, number, len, crc, etag"),
    ("ended", "job, kind, ended, verified, crc, etag, version_id, detail"),
    ("orphan", "connection, bucket, key, upload_id, reason, tries, last_try"),
];

/// What was found by [`check`].
pub(super) enum Checked {
    /// No tables yet.
    Empty,
    /// Ours, and in order.
    Good,
    /// Of a later version.
    Newer(i64),
    /// Not ours, or not in order; with what is wrong.
    Damaged(String),
}

/// Opens the file, which has to be there. Nothing is written, now or when the connection is dropped.
pub(super) fn connect(path: &Path, vfs: Option<&str>) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = match vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs)?,
        None => Connection::open_with_flags(path, flags)?,
    };
    if conn.is_readonly("main")? {
        // The lock would fail later, in words that say nothing.
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY);
        return Err(Error::SqliteFailure(code, Some("the file can only be read".to_owned())));
    }
    conn.busy_timeout(BUSY)?;
    // A journal that is refused or moved aside stays as it is.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // Before the first read: the log's index is in memory then, and works on every file system.
    set(&conn, "locking_mode", "EXCLUSIVE")?;
    conn.pragma_update(None, "trusted_schema", "OFF")?;
    conn.pragma_update(None, "cell_size_check", "ON")?;
    conn.pragma_update(None, "cache_size", -CACHE_KIB)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(conn)
}

/// Looks whether it is a journal of ours and in order. Takes the lock. Errors are the disk's, or another process's.
pub(super) fn check(conn: &Connection) -> Result<Checked, Error> {
    match look(conn) {
        Err(error) if is_damage(&error) => Ok(Checked::Damaged(error.to_string())),
        other => other,
    }
}

fn look(conn: &Connection) -> Result<Checked, Error> {
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let application: i64 = conn.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if tables == 0 && version == 0 {
        return Ok(Checked::Empty);
    }
    if application != APPLICATION_ID {
        return Ok(Checked::Damaged("the file is no journal of this program".to_owned()));
    }
    if version > NEWEST {
        return Ok(Checked::Newer(version));
    }
    if version < 1 {
        return Ok(Checked::Damaged(format!("there is no schema {version}")));
    }
    let verdict: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Ok(Checked::Damaged(verdict));
    }
    for (table, columns) in TABLES {
        conn.prepare(&format!("SELECT {columns} FROM {table} LIMIT 1"))?.query([])?.next()?;
    }
    let meta = conn.query_row("SELECT last_transfer FROM meta WHERE only = 1", [], |row| row.get::<_, i64>(0));
    if meta.optional()?.is_none() {
        return Ok(Checked::Damaged("the head row is missing".to_owned()));
    }
    Ok(Checked::Good)
}

/// Whether an error says that the file itself is bad, not the disk or the moment.
pub(super) fn is_damage(error: &Error) -> bool {
    match error {
        Error::SqliteFailure(failure, _) => {
            // A malformed schema or a missing table is told as a plain error.
            matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown)
                && failure.extended_code & 0xff != rusqlite::ffi::SQLITE_PROTOCOL
        }
        Error::SqlInputError { .. }
        | Error::InvalidColumnType(..)
        | Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::Utf8Error(..)
        | Error::QueryReturnedNoRows => true,
        _ => false,
    }
}

/// How commits are made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Log {
    /// SQLite's WAL.
    WriteAhead,
    /// What it had before, for file systems where that does not work.
    Rollback,
}

/// Makes an empty file a journal; all or nothing. If the log cannot be opened, the file has to be emptied again.
pub(super) fn create(conn: &Connection, log: Log) -> Result<(), Error> {
    // Only a file without tables takes this.
    conn.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    let mode = match log {
        Log::WriteAhead => "WAL",
        Log::Rollback => "DELETE",
    };
    set(conn, "journal_mode", mode)?;
    keep_log(conn)?;
    conn.execute_batch(&format!(
        "BEGIN IMMEDIATE; {STEP_1} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {NEWEST}; COMMIT;"
    ))
}

/// Makes commits durable with the kind of log that the file has.
pub(super) fn keep_log(conn: &Connection) -> Result<(), Error> {
    // Nothing but macOS heeds these two: a plain sync leaves the bytes in the drive's cache there.
    conn.pragma_update(None, "fullfsync", "ON")?;
    conn.pragma_update(None, "checkpoint_fullfsync", "ON")?;
    let mode: String = conn.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    // Without WAL a commit is the end of a file, so its folder has to be synced too.
    let synchronous = if mode == "wal" { "FULL" } else { "EXTRA" };
    conn.pragma_update(None, "synchronous", synchronous)?;
    set(conn, "journal_size_limit", LOG_KEPT_BYTES)?;
    // The writer moves the log itself: the sums of the file's pages go with it.
    set(conn, "wal_autocheckpoint", 0)?;
    conn.pragma_update(None, "foreign_keys", "ON")?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Whether commits go into the log first, so that the file's pages change only when that is moved.
pub(super) fn is_write_ahead(conn: &Connection) -> bool {
    let mode = conn.query_row("PRAGMA journal_mode", [], |row| row.get::<_, String>(0));
    mode.is_ok_and(|mode| mode == "wal")
}

/// Moves everything from the log into the file.
pub(super) fn checkpoint(conn: &Connection) -> Result<(), Error> {
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_row| Ok(()))
}

/// Sets a pragma that answers with what it is now.
fn set<V: rusqlite::ToSql>(conn: &Connection, name: &str, value: V) -> Result<String, Error> {
    let answer = conn.pragma_update_and_check(None, name, value, |row| row.get::<_, rusqlite::types::Value>(0))?;
    Ok(match answer {
        rusqlite::types::Value::Text(text) => text,
        other => format!("{other:?}"),
    })
}
