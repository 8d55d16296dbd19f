//! Tables of the index and how connections are opened. Later versions add steps to [`migrate`], never change one.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use crate::local_storage::{Durability, LocalStorageError};

/// Keys are BLOBs: SQLite then compares them byte by byte, which is the order S3 lists in.
const STEP_1: &str = "
CREATE TABLE run (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL, clean INTEGER NOT NULL) STRICT;
INSERT INTO run VALUES (1, 0, 1);
CREATE TABLE buckets (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_ms INTEGER NOT NULL, region TEXT NOT NULL
) STRICT;
CREATE TABLE blobs (id INTEGER PRIMARY KEY, size_bytes INTEGER NOT NULL, owners INTEGER NOT NULL) STRICT;
CREATE TABLE objects (
    id INTEGER PRIMARY KEY, bucket INTEGER NOT NULL REFERENCES buckets (id), key BLOB NOT NULL,
    size_bytes INTEGER NOT NULL, etag TEXT NOT NULL, modified_ms INTEGER NOT NULL, storage_class TEXT NOT NULL,
    acl TEXT NOT NULL, detail TEXT NOT NULL, UNIQUE (bucket, key)
) STRICT;
CREATE TABLE uploads (
    id TEXT PRIMARY KEY, bucket INTEGER NOT NULL REFERENCES buckets (id), key BLOB NOT NULL,
    initiated_ms INTEGER NOT NULL, storage_class TEXT NOT NULL, acl TEXT NOT NULL,
    algorithm TEXT, kind TEXT, detail TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX uploads_by_key ON uploads (bucket, key, id);
CREATE TABLE parts (
    upload TEXT NOT NULL REFERENCES uploads (id), number INTEGER NOT NULL, blob INTEGER, size_bytes INTEGER NOT NULL,
    etag TEXT NOT NULL, modified_ms INTEGER NOT NULL, checksums TEXT NOT NULL, PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 1;
";

const NEWEST: i64 = 1;

/// Opens the writer's connection.
pub(super) fn open(path: &Path, durability: Durability) -> Result<Connection, LocalStorageError> {
    let conn = Connection::open(path)?;
    conn.busy_timeout(Duration::from_secs(10))?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Fast => "OFF",
    };
    conn.pragma_update(None, "synchronous", synchronous)?;
    conn.pragma_update(None, "foreign_keys", "ON")?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// Opens one more connection on a file that [`open()`] has prepared.
pub(super) fn open_again(path: &Path) -> Result<Connection, rusqlite::Error> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(Duration::from_secs(10))?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// Brings an older index up to date; refuses one that a newer Bucketdrop has written.
pub(super) fn migrate(conn: &Connection) -> Result<(), LocalStorageError> {
    let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match version {
        0 => Ok(conn.execute_batch(&format!("BEGIN IMMEDIATE; {STEP_1} COMMIT;"))?),
        NEWEST => Ok(()),
        newer => Err(LocalStorageError::NewerIndex { version: newer }),
    }
}

/// Counts this start and notes that the run has not ended yet. Returns its number and how the last one ended.
pub(super) fn begin_run(conn: &Connection) -> Result<(i64, bool), LocalStorageError> {
    let sql = "UPDATE run SET number = number + 1 WHERE only = 1 RETURNING number, clean";
    let found = conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (number, clean) = found.unwrap_or((1, false));
    conn.execute("UPDATE run SET clean = 0", [])?;
    Ok((number, clean))
}

/// Notes that the run has ended in order.
pub(super) fn end_run(conn: &Connection) -> Result<(), rusqlite::Error> {
    conn.execute("UPDATE run SET clean = 1", []).map(|_| ())
}
