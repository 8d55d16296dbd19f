//! What ended well of batches whose end was told is dropped at the next start: a little at a time, while there is
//! nothing else to do.

use rusqlite::{Connection, Error};

use super::codec::bits;
use crate::model::TransferId;

/// Jobs looked at in one go.
const JOBS: i64 = 4096;
/// Pages given back to the disk in one go.
const PAGES: i64 = 512;

/// How far the dropping is.
#[derive(Debug)]
pub(super) enum Prune {
    /// Jobs after this one are still to be looked at, until that one.
    Jobs {
        after: i64,
        until: i64,
    },
    /// Free pages are given back.
    Pages,
    Through,
}

/// Notes which batches were reported before this start.
pub(super) fn note_gone(conn: &Connection) -> Result<(), Error> {
    conn.execute_batch(
        "CREATE TEMP TABLE gone (id INTEGER PRIMARY KEY);
         INSERT INTO temp.gone SELECT id FROM batch WHERE stage = 2;",
    )
}

impl Prune {
    /// Begins with the oldest job, and leaves those alone that this run will add.
    pub(super) fn new(conn: &Connection, last: TransferId) -> Result<Self, Error> {
        let gone: i64 = conn.query_row("SELECT count(*) FROM temp.gone", [], |row| row.get(0))?;
        Ok(if gone == 0 { Self::Pages } else { Self::Jobs { after: 0, until: bits(last.get()) } })
    }

    /// Drops some; whether there is more. A disk that refuses is not asked again before the next start.
    pub(super) fn step(&mut self, conn: &Connection) -> bool {
        let next = match *self {
            Self::Through => return false,
            Self::Jobs { after, until } => drop_jobs(conn, after, until),
            Self::Pages => give_back(conn),
        };
        *self = next.unwrap_or_else(|error| {
            tracing::warn!(%error, "old transfers stay in the journal for now");
            if !conn.is_autocommit() {
                // SQLite has rolled back by itself after most errors; the next transaction tells of the rest.
                conn.execute_batch("ROLLBACK").ok();
            }
            Self::Through
        });
        !matches!(self, Self::Through)
    }
}

fn drop_jobs(conn: &Connection, after: i64, until: i64) -> Result<Prune, Error> {
    let block = "SELECT id FROM job WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3";
    let sql = format!("SELECT max(id) FROM ({block})");
    let last: Option<i64> = conn.query_row(&sql, (after, until, JOBS), |row| row.get(0))?;
    let Some(last) = last else { return Ok(Prune::Pages) };
    let gone = "id > ?1 AND id <= ?2 AND state >= 32 AND batch IN (SELECT id FROM temp.gone)
                AND (SELECT kind FROM ended WHERE job = job.id) <> 3";
    let sql = format!("SELECT EXISTS (SELECT 1 FROM job WHERE {gone})");
    if conn.query_row(&sql, (after, last), |row| row.get::<_, bool>(0))? {
        conn.execute_batch("BEGIN IMMEDIATE")?;
        let meta = "UPDATE meta SET untidy = 1,
                    last_transfer = max(last_transfer, coalesce((SELECT max(id) FROM job), 0))";
        conn.execute(meta, [])?;
        conn.execute(&format!("DELETE FROM job WHERE {gone}"), (after, last))?;
        conn.execute_batch("COMMIT")?;
    }
    Ok(Prune::Jobs { after: last, until })
}

fn give_back(conn: &Connection) -> Result<Prune, Error> {
    let free: i64 = conn.query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
    if free == 0 {
        return Ok(Prune::Through);
    }
    // Each step of this statement frees one page.
    let mut statement = conn.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    drop(rows);
    drop(statement);
    let left: i64 = conn.query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
    Ok(if left < free { Prune::Pages } else { Prune::Through })
}
