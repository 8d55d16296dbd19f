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

/// Versions. `objects` keeps the current object of each key, so that listings stay as they were; `versions` has all
/// that is not current, and delete markers, current or not. `written` counts the versions of one key.
const STEP_2: &str = "
ALTER TABLE buckets ADD COLUMN versioning TEXT NOT NULL DEFAULT '';
ALTER TABLE objects ADD COLUMN version TEXT NOT NULL DEFAULT 'null';
ALTER TABLE objects ADD COLUMN written INTEGER NOT NULL DEFAULT 0;
CREATE TABLE versions (
    bucket INTEGER NOT NULL REFERENCES buckets (id), key BLOB NOT NULL, written INTEGER NOT NULL, version TEXT NOT NULL,
    marker INTEGER NOT NULL, size_bytes INTEGER NOT NULL, etag TEXT NOT NULL, modified_ms INTEGER NOT NULL,
    storage_class TEXT NOT NULL, acl TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (bucket, key, written DESC)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX versions_by_id ON versions (bucket, key, version);
PRAGMA user_version = 2;
";

/// Who may do what in a bucket, as JSON.
const STEP_3: &str = "
ALTER TABLE buckets ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
PRAGMA user_version = 3;
";

/// From an empty file onwards.
const STEPS: [&str; 3] = [STEP_1, STEP_2, STEP_3];

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

/// Whether nothing was ever written into it.
pub(super) fn is_empty(conn: &Connection) -> Result<bool, LocalStorageError> {
    Ok(conn.query_row("SELECT count(*) = 0 FROM sqlite_master", [], |row| row.get(0))?)
}

/// Whether the last run ended in order.
pub(super) fn ended_cleanly(conn: &Connection) -> Result<bool, LocalStorageError> {
    let found = conn.query_row("SELECT clean FROM run", [], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or(false))
}

/// Looks through the whole file: what is damaged must not say which blobs are strays.
pub(super) fn check(conn: &Connection, path: &Path) -> Result<(), LocalStorageError> {
    let found: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    Err(LocalStorageError::IndexDamaged { index: path.to_owned(), detail: found })
}

/// Brings an older index up to date; refuses one that a newer Bucketdrop has written.
pub(super) fn migrate(conn: &Connection) -> Result<(), LocalStorageError> {
    let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let done = usize::try_from(version).ok().filter(|done| *done <= STEPS.len());
    let done = done.ok_or(LocalStorageError::NewerIndex { version })?;
    for step in STEPS.iter().skip(done) {
        conn.execute_batch(&format!("BEGIN IMMEDIATE; {step} COMMIT;"))?;
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_of_the_first_version_is_brought_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let conn = open(&folder.path().join("index"), Durability::Fast).unwrap();
        conn.execute_batch(STEP_1).unwrap();
        let old = "INSERT INTO buckets VALUES (1, 'b', 0, 'r');
                   INSERT INTO objects VALUES (1, 1, x'6b', 3, 'e', 7, 'STANDARD', 'private', '{}');";
        conn.execute_batch(old).unwrap();
        migrate(&conn).unwrap();
        migrate(&conn).unwrap();
        let sql = "SELECT versioning, settings, version, written, size_bytes FROM objects JOIN buckets ON buckets.id = bucket";
        let row = conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)));
        assert_eq!(row.unwrap(), (String::new(), String::from("{}"), String::from("null"), 0, 3));
        conn.execute_batch("PRAGMA user_version = 4").unwrap();
        assert!(matches!(migrate(&conn), Err(LocalStorageError::NewerIndex { version: 4 })));
    }
}
