//! What ended well of batches whose end was told is off the list at the next start, and kept for receipts for a while.
//! Then it is dropped: a little at a time, while there is nothing else to do.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, Error};

use super::codec::{as_time, as_unsigned, bits, read};
use super::load::Ended;
use crate::model::{BatchId, TransferId};

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

/// Receipts of batches that began longer ago are not made any more.
const KEPT_FOR: Duration = Duration::from_hours(30 * 24);
/// The same for the oldest ones, once there are more jobs than that: a file that is read at each start stays small.
const KEPT_JOBS: u64 = 100_000;

/// Notes which batches were reported before this start, and which of them are too old or too many to be kept; gives
/// the others.
pub(super) fn note_gone(conn: &Connection, now: Timestamp) -> Result<Vec<Ended>, Error> {
    conn.execute_batch(
        "CREATE TEMP TABLE gone (id INTEGER PRIMARY KEY);
         CREATE TEMP TABLE expired (id INTEGER PRIMARY KEY);
         INSERT INTO temp.gone SELECT id FROM batch WHERE stage = 2;",
    )?;
    let mut statement = conn.prepare("SELECT id, opened FROM batch WHERE stage = 2 ORDER BY id DESC")?;
    let reported = statement.query_map([], |row| Ok((read(row, 0, as_unsigned)?, read(row, 1, as_time)?)))?;
    let reported: Vec<(u64, Timestamp)> = reported.collect::<Result<_, _>>()?;
    if reported.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "SELECT batch, count(*), sum(size_bytes) FROM job
               WHERE state >= 32 AND batch IN (SELECT id FROM temp.gone) GROUP BY batch";
    let mut statement = conn.prepare(sql)?;
    let counts = statement.query_map([], |row| {
        Ok((read(row, 0, as_unsigned)?, (read(row, 1, as_unsigned)?, read(row, 2, as_unsigned)?)))
    })?;
    let counts: BTreeMap<u64, (u64, u64)> = counts.collect::<Result<_, _>>()?;
    let (mut kept, mut jobs) = (Vec::new(), 0);
    for (id, opened) in reported {
        let (files, bytes) = counts.get(&id).copied().unwrap_or_default();
        let age = Duration::try_from(now.duration_since(opened)).unwrap_or_default();
        if files == 0 || age > KEPT_FOR || jobs + files > KEPT_JOBS {
            conn.execute("INSERT INTO temp.expired (id) VALUES (?1)", [bits(id)])?;
        } else {
            jobs += files;
            kept.push(Ended { batch: BatchId::restored(id), files, bytes });
        }
    }
    kept.reverse();
    Ok(kept)
}

impl Prune {
    /// Begins with the oldest job, and leaves those alone that this run will add.
    pub(super) fn new(conn: &Connection, last: TransferId) -> Result<Self, Error> {
        let gone: i64 = conn.query_row("SELECT count(*) FROM temp.expired", [], |row| row.get(0))?;
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
    let gone = "id > ?1 AND id <= ?2 AND state >= 32 AND batch IN (SELECT id FROM temp.expired)
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

#[cfg(test)]
mod tests {
    use super::super::schema::{Log, create};
    use super::*;

    /// A journal in memory with reported batches of so many jobs that went well, opened an hour apart, the last at `last`.
    fn with_batches(sizes: &[u64], last: Timestamp) -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        create(&conn, Log::WriteAhead).unwrap();
        let mut job = 0;
        for (number, size) in (1..).zip(sizes) {
            let age = Duration::from_hours(u64::try_from(sizes.len()).unwrap() - number);
            let opened = super::super::codec::time(last - age);
            let sql = "INSERT INTO batch VALUES (?1, 'c', 'bucket', x'', '{}', x'', ?2, NULL, 0, 2)";
            conn.execute(sql, rusqlite::params![bits(number), opened]).unwrap();
            for _ in 0..*size {
                job += 1;
                conn.execute(
                    "INSERT INTO job VALUES (?1, ?2, 1, x'61', 10, 34, NULL, NULL, NULL, NULL)",
                    (job, bits(number)),
                )
                .unwrap();
                conn.execute("INSERT INTO ended VALUES (?1, 0, 0, 'accepted', 1, NULL, NULL, NULL)", [job]).unwrap();
            }
        }
        conn
    }

    fn jobs_left(conn: &Connection) -> i64 {
        let mut prune = Prune::new(conn, TransferId::restored(1_000_000)).unwrap();
        while prune.step(conn) {}
        conn.query_row("SELECT count(*) FROM job", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn what_is_through_is_kept_for_receipts_but_not_for_ever() {
        let last = Timestamp::from_second(1_790_000_000).unwrap();
        let month = Duration::from_hours(30 * 24);
        for (now, kept, left) in [
            (last, 3, 6),
            // The first one was opened two hours before the last.
            (last + month - Duration::from_mins(90), 2, 5),
            (last + month + Duration::from_mins(1), 0, 0),
        ] {
            let conn = with_batches(&[1, 2, 3], last);
            let known = note_gone(&conn, now).unwrap();
            assert_eq!((known.len(), jobs_left(&conn)), (kept, left), "{now}: {known:?}");
            assert!(known.iter().all(|ended| ended.files * 10 == ended.bytes));
        }
    }
}
