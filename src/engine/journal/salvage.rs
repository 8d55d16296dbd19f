//! What can still be read of a damaged journal, gathered in a new one. The damaged one is only read.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Error, ErrorCode, Row, Statement, params, params_from_iter};

use super::apply::PAUSED;
use super::codec::stage_code;
use super::file;
use super::job_row::{OF_EACH, read_job};
use super::load::{BATCHES, FOLDERS, batch_row, folder_row};
use super::schema::{self, Log, TABLES};
use super::types::JobStage;
use crate::engine::orphans::Why;

/// Rows read in one go.
const BLOCK: usize = 256;
/// So many unreadable ids in a row are tried one by one, then in growing strides.
const ONE_BY_ONE: u32 = 512;

/// What is left of a damaged journal.
pub(super) struct Remains<'a> {
    /// The file itself, if SQLite opens it.
    pub(super) damaged: Option<&'a Connection>,
    /// A copy without the pages that are not what was written, where there are such.
    pub(super) believed: Option<&'a Connection>,
    pub(super) end: End,
}

/// Whether its last commits can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    There,
    Missing,
}

/// Gathers everything readable in the file [`file::gathering`] names. Errors are the disk's, of the new file. What only
/// the damaged file has, and not the copy that is believed, comes over too, but waits for the user.
pub(super) fn gather(from: &Remains<'_>, path: &Path, vfs: Option<&str>) -> Result<(), Error> {
    let Remains { damaged, believed, end } = *from;
    let to = file::gathering(path);
    let no_space = |error: std::io::Error| Error::ToSqlConversionFailure(Box::new(error));
    file::clear_gathering(path).map_err(no_space)?;
    file::make_private(&to).map_err(no_space)?;
    let new = schema::connect(&to, vfs)?;
    schema::create(&new, log_of(damaged))?;
    new.pragma_update(None, "foreign_keys", "OFF")?;
    if let Some(damaged) = damaged {
        new.execute_batch("BEGIN IMMEDIATE")?;
        for (table, columns) in TABLES {
            let rows = copy_table(believed.unwrap_or(damaged), &new, table, columns)?;
            tracing::info!(table, rows, "carried over from a damaged journal");
        }
        if believed.is_some() {
            new.execute_batch(NOTE_BELIEVED)?;
            for (table, columns) in TABLES.iter().filter(|(table, _)| DOUBTED.contains(table)) {
                let rows = copy_table(damaged, &new, table, columns)?;
                tracing::info!(table, rows, "carried over from pages that are not what was written");
            }
        }
        make_sense(damaged, &new)?;
        if end == End::Missing {
            new.execute_batch(DOUBT_ALL)?;
        }
        if believed.is_some() {
            let held = new.execute(HOLD_DOUBTED, [PAUSED])?;
            tracing::warn!(held, "transfers from damaged pages of the journal are paused");
        }
        new.execute_batch("COMMIT")?;
    }
    schema::checkpoint(&new)?;
    new.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    new.close().map_err(|(_conn, error)| error)
}

/// Tables whose rows are shown to the user even if a bit of them may have turned over. How far an upload got is found
/// out anew, and nothing is aborted on the word of a damaged page.
const DOUBTED: &[&str] = &["connection", "batch", "folder", "job"];
/// Which rows stood in pages that are as they were written.
const NOTE_BELIEVED: &str = "
    CREATE TEMP TABLE good_connection AS SELECT id FROM connection;
    CREATE TEMP TABLE good_batch AS SELECT id FROM batch;
    CREATE TEMP TABLE good_folder AS SELECT id FROM folder;
    CREATE TEMP TABLE good_job AS SELECT id FROM job;";
/// What depends on any other row waits for the user.
const HOLD_DOUBTED: &str = "
    UPDATE job SET state = (state & 15) | ?1 WHERE state < 32 AND (
        id NOT IN (SELECT id FROM temp.good_job) OR folder NOT IN (SELECT id FROM temp.good_folder)
        OR batch NOT IN (SELECT id FROM temp.good_batch)
        OR batch IN (SELECT id FROM batch WHERE connection IN (SELECT id FROM connection)
                     AND connection NOT IN (SELECT id FROM temp.good_connection)))";

/// What was not begun by the last commit that can be read may have been stored since: it is looked for on the server
/// before it is sent.
const DOUBT_ALL: &str = "UPDATE job SET state = (state & 48) | 3 WHERE state < 32 AND (state & 15) = 2";

/// Multipart uploads whose transfers are lost: nobody would go on with them, and their parts cost. Where they are says
/// the transfer's batch; without that, it may be wherever a batch goes: a server knows an upload only where it is. One
/// that is put together needs no end, and where its transfer cannot say so, its server does.
const GIVE_UP_UPLOADS: &str = "
    INSERT OR IGNORE INTO orphan (connection, bucket, key, upload_id, reason, tries)
    SELECT batch.connection, batch.bucket, work.key, work.upload_id, ?1, 0
    FROM work LEFT JOIN job ON job.id = work.job
        JOIN batch ON batch.id = job.batch OR job.batch IS NULL OR job.batch NOT IN (SELECT id FROM batch)
    WHERE (job.id IS NULL OR job.batch NOT IN (SELECT id FROM batch) OR job.folder NOT IN (SELECT id FROM folder))
        AND work.key IS NOT NULL AND work.upload_id IS NOT NULL AND (job.id IS NULL OR (job.state & 15) <> ?2)";

/// A file system that took no write-ahead log takes none now.
fn log_of(damaged: Option<&Connection>) -> Log {
    let mode = damaged.map(|conn| conn.query_row("PRAGMA journal_mode", [], |row| row.get::<_, String>(0)));
    match mode {
        Some(Ok(mode)) if mode != "wal" => Log::Rollback,
        _ => Log::WriteAhead,
    }
}

/// Copies what can be read of a table. Tables with ids are probed around what cannot be read; the others are read
/// from both ends.
fn copy_table(from: &Connection, to: &Connection, table: &str, columns: &str) -> Result<u64, Error> {
    let count = columns.split(", ").count();
    let marks = vec!["?"; count].join(", ");
    let mut insert = to.prepare(&format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})"))?;
    let mut copy = Copy { from, insert: &mut insert, columns: count, rows: 0 };
    let id = columns.split(", ").next().unwrap_or("id");
    let has_ids = !matches!(table, "connection" | "learnt" | "part" | "orphan");
    if has_ids {
        let up = format!("SELECT {columns} FROM {table} WHERE {id} > ?1 ORDER BY {id} LIMIT {BLOCK}");
        if copy.probe(&up, 0, 1)? == Reading::Broken {
            let down = format!("SELECT {columns} FROM {table} WHERE {id} < ?1 ORDER BY {id} DESC LIMIT {BLOCK}");
            copy.probe(&down, i64::MAX, -1)?;
        }
    } else {
        let order = |direction: &str| {
            let by: Vec<String> = primary_key(table).iter().map(|column| format!("{column} {direction}")).collect();
            format!("SELECT {columns} FROM {table} ORDER BY {}", by.join(", "))
        };
        if copy.all(&order("ASC"))? == Reading::Broken {
            copy.all(&order("DESC"))?;
        }
    }
    Ok(copy.rows)
}

fn primary_key(table: &str) -> &'static [&'static str] {
    match table {
        "part" => &["job", "number"],
        "orphan" => &["connection", "bucket", "key", "upload_id"],
        _ => &["id"],
    }
}

/// Whether a table could be read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Whole,
    Broken,
}

struct Copy<'a, 'b> {
    from: &'a Connection,
    insert: &'a mut Statement<'b>,
    columns: usize,
    rows: u64,
}

impl Copy<'_, '_> {
    /// Reads on behind whatever cannot be read, in the direction of `step`.
    fn probe(&mut self, sql: &str, start: i64, step: i64) -> Result<Reading, Error> {
        let (mut at, mut stride, mut failures, mut reading) = (start, step, 0_u32, Reading::Whole);
        loop {
            let before = at;
            match self.block(sql, &mut at) {
                Ok(BLOCK) => failures = 0,
                Ok(_last) => return Ok(reading),
                Err(Halt::Disk(error)) => return Err(error),
                Err(Halt::Unreadable) => {
                    reading = Reading::Broken;
                    if at != before {
                        (failures, stride) = (0, step);
                    }
                    failures += 1;
                    if failures > ONE_BY_ONE {
                        stride = stride.saturating_mul(2);
                    }
                    match at.checked_add(stride) {
                        Some(next) if next > 0 && next < i64::MAX => at = next,
                        _ => return Ok(reading),
                    }
                }
            }
        }
    }

    /// Some rows behind `at`, which moves on with them.
    fn block(&mut self, sql: &str, at: &mut i64) -> Result<usize, Halt> {
        let mut statement = self.from.prepare_cached(sql).map_err(Halt::unreadable)?;
        let mut rows = statement.query([*at]).map_err(Halt::unreadable)?;
        let mut seen = 0;
        while let Some(row) = rows.next().map_err(Halt::unreadable)? {
            *at = row.get(0).map_err(Halt::unreadable)?;
            seen += 1;
            self.rows += take(self.insert, row, self.columns).map_err(Halt::Disk)?;
        }
        Ok(seen)
    }

    /// Everything until the first row that cannot be read.
    fn all(&mut self, sql: &str) -> Result<Reading, Error> {
        let Ok(mut statement) = self.from.prepare(sql) else { return Ok(Reading::Broken) };
        let Ok(mut rows) = statement.query([]) else { return Ok(Reading::Broken) };
        loop {
            match rows.next() {
                Ok(Some(row)) => self.rows += take(self.insert, row, self.columns)?,
                Ok(None) => return Ok(Reading::Whole),
                Err(_unreadable) => return Ok(Reading::Broken),
            }
        }
    }
}

/// Why copying stops.
enum Halt {
    /// The damaged file.
    Unreadable,
    /// The new one.
    Disk(Error),
}

impl Halt {
    fn unreadable(_error: Error) -> Self {
        Self::Unreadable
    }
}

/// Takes a row over if it can be one of this table.
fn take(insert: &mut Statement<'_>, row: &Row<'_>, columns: usize) -> Result<u64, Error> {
    let values: Result<Vec<ValueRef<'_>>, Error> = (0..columns).map(|column| row.get_ref(column)).collect();
    let Ok(values) = values else { return Ok(0) };
    if values.iter().any(|value| matches!(value, ValueRef::Text(_)) && value.as_str().is_err()) {
        return Ok(0);
    }
    match insert.execute(params_from_iter(values.into_iter().map(ToSqlOutput::Borrowed))) {
        Ok(rows) => Ok(rows as u64),
        // A value of the wrong kind, or out of its bounds.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => Ok(0),
        Err(error) => Err(error),
    }
}

/// Leaves out what cannot be understood, or names what is lost. A transfer whose end is lost is looked for on the
/// server before it is sent again.
fn make_sense(damaged: &Connection, new: &Connection) -> Result<(), Error> {
    drop_senseless(new, "batch", BATCHES, |row| batch_row(row).map(|_batch| ()))?;
    drop_senseless(new, "folder", FOLDERS, |row| folder_row(row).map(|_folder| ()))?;
    let left = new.execute(GIVE_UP_UPLOADS, params![Why::NotNeeded.code(), stage_code(JobStage::Verifying)])?;
    tracing::info!(left, "unfinished uploads of transfers that are lost are to be aborted");
    new.execute_batch(
        "DELETE FROM job WHERE batch NOT IN (SELECT id FROM batch) OR folder NOT IN (SELECT id FROM folder);
         DELETE FROM work WHERE job NOT IN (SELECT id FROM job);
         DELETE FROM part WHERE job NOT IN (SELECT id FROM job);
         DELETE FROM ended WHERE job NOT IN (SELECT id FROM job);
         UPDATE job SET state = 3 WHERE state >= 32 AND id NOT IN (SELECT job FROM ended);
         DELETE FROM ended WHERE job NOT IN (SELECT id FROM job WHERE state >= 32);",
    )?;
    drop_senseless(new, "job", &format!("{OF_EACH} ORDER BY job.id"), |row| read_job(row).map(|_job| ()))?;
    let known = damaged.query_row("SELECT last_transfer, last_batch FROM meta", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
    });
    let (transfer, batch) = known.unwrap_or_default();
    new.execute("UPDATE meta SET last_transfer = ?1, last_batch = ?2", (transfer.max(0), batch.max(0)))?;
    Ok(())
}

/// Deletes the rows of a table that make no sense; the first column is the id.
fn drop_senseless(
    conn: &Connection,
    table: &str,
    sql: &str,
    makes_sense: fn(&Row<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut senseless = Vec::new();
    while let Some(row) = rows.next()? {
        if makes_sense(row).is_err() {
            senseless.push(row.get::<_, i64>(0)?);
        }
    }
    for id in senseless {
        conn.execute(&format!("DELETE FROM {table} WHERE id = ?1"), [id])?;
    }
    Ok(())
}
