//! What an earlier run has left, read back.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::types::FromSqlError;
use rusqlite::{Connection, Error, Params, Row};

use super::codec::{
    as_batch_stage, as_key_text, as_maybe_policy, as_maybe_time, as_naming, as_os_string, as_time, as_unsigned, bits,
    options_of, paths, read,
};
use super::config::JournalFound;
use super::job_row;
use super::types::{BatchRow, JobRow, OrphanRow, PartRow};
use super::writer::{Message, RowsWanted};
use crate::engine::queue::Folder;
use crate::model::{BatchId, BucketName, ConnectionId, Failure, Location, ObjectKey, Prefix, TransferId};

/// Jobs read at a time.
const CHUNK: usize = 2048;

/// All batches.
pub(super) const BATCHES: &str =
    "SELECT id, connection, bucket, prefix, options, sources, opened, policy, left_out, stage FROM batch ORDER BY id";
/// All folders.
pub(super) const FOLDERS: &str = "SELECT id, path, key_prefix, naming FROM folder";

/// What an earlier run has left.
pub(crate) struct Restored {
    /// JSON of connections that the settings do not hold.
    pub(crate) connections: BTreeMap<ConnectionId, String>,
    /// JSON of what endpoints were found to be capable of.
    pub(crate) learnt: BTreeMap<ConnectionId, String>,
    /// By id.
    pub(crate) batches: Vec<BatchRow>,
    /// Of the batches those whose end was told and that can still be made receipts of, by id.
    pub(crate) ended: Vec<Ended>,
    pub(crate) folders: BTreeMap<u32, Arc<Folder>>,
    /// Every job but what ended well of reported batches, by id. Reading on blocks on the disk.
    pub(crate) jobs: JobStream,
    /// Finished parts of the jobs that have any, by number.
    pub(crate) parts: BTreeMap<TransferId, Vec<PartRow>>,
    pub(crate) orphans: Vec<OrphanRow>,
    /// No transfer ever had a larger id; 0 if there was none.
    pub(crate) last_transfer: u64,
    /// No batch ever had a larger id; 0 if there was none.
    pub(crate) last_batch: u64,
    /// The largest number of a folder; 0 if there is none.
    pub(crate) last_folder: u32,
    /// When an earlier run was last known to be alive: the last time something was written.
    pub(crate) last_written: Option<Timestamp>,
    pub(crate) found: JournalFound,
    /// The same of journals of other processes that were taken over and were not as they had been written.
    pub(crate) found_beside: Vec<JournalFound>,
}

/// A batch that was through before the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) batch: BatchId,
    /// Transfers that have ended.
    pub(crate) files: u64,
    /// Their sizes.
    pub(crate) bytes: u64,
}

/// Some folders by their numbers.
pub(super) fn folders_of(conn: &Connection, ids: &[u32]) -> Result<BTreeMap<u32, Arc<Folder>>, Error> {
    let mut statement = conn.prepare_cached("SELECT id, path, key_prefix, naming FROM folder WHERE id = ?1")?;
    let mut folders = BTreeMap::new();
    for id in ids {
        if let Some(row) = statement.query([id])?.next()? {
            let (id, folder) = folder_row(row)?;
            folders.insert(id, folder);
        }
    }
    Ok(folders)
}

/// The jobs of an earlier run by id, a chunk at a time, so that there are never two copies of a long queue. Changes
/// that are submitted meanwhile are written in between; jobs that are added meanwhile do not appear.
///
/// Ends at the end, or at what cannot be read although it was tried again: [`JobStream::failure`] tells which, and
/// [`JobStream::try_again`] goes on from there.
pub(crate) struct JobStream {
    inbox: mpsc::Sender<Message>,
    last: TransferId,
    chunk: VecDeque<JobRow>,
    /// Where the chunk that is coming begins.
    after: Option<TransferId>,
    coming: Option<mpsc::Receiver<Read>>,
    failed_tries: u32,
    retry_after: Duration,
    failure: Option<Failure>,
}

/// What came of reading some jobs.
pub(super) type Read = Result<Chunk, Failure>;

/// Some jobs, and where to go on.
#[derive(Default)]
pub(crate) struct Chunk {
    pub(crate) jobs: Vec<JobRow>,
    /// The last one that was looked at, if there may be more.
    pub(crate) go_on: Option<TransferId>,
}

/// What cannot be read is tried so often.
const MOST_TRIES: u32 = 4;

impl JobStream {
    pub(super) fn new(inbox: mpsc::Sender<Message>, last: TransferId, retry_after: Duration) -> Self {
        let (chunk, after, coming) = (VecDeque::new(), None, None);
        let mut stream = Self { inbox, last, chunk, after, coming, failed_tries: 0, retry_after, failure: None };
        stream.ask(None);
        stream
    }

    /// Why the stream has ended, if that was not the end of the jobs.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// No job of the stream has a larger id.
    pub(crate) fn last_id(&self) -> TransferId {
        self.last
    }

    /// Goes on where it could not be read.
    pub(crate) fn try_again(&mut self) {
        if self.failure.take().is_some() {
            self.failed_tries = 0;
            self.ask(self.after);
        }
    }

    /// The next chunk is read while this one is taken in.
    fn ask(&mut self, after: Option<TransferId>) {
        let (reply, coming) = mpsc::channel();
        let wanted = RowsWanted { batch: None, after, until: Some(self.last), count: CHUNK };
        // A thread that has ended sends nothing, which ends the stream.
        self.inbox.send(Message::Jobs { wanted, reply }).ok();
        (self.after, self.coming) = (after, Some(coming));
    }

    /// Once more after a while, or never.
    fn note_failure(&mut self, failure: Failure) {
        self.failed_tries += 1;
        if self.failed_tries >= MOST_TRIES {
            self.failure = Some(failure);
            return;
        }
        std::thread::park_timeout(self.retry_after);
        self.ask(self.after);
    }
}

impl Iterator for JobStream {
    type Item = JobRow;

    fn next(&mut self) -> Option<JobRow> {
        while self.chunk.is_empty() {
            // A thread that has ended does so only with the engine.
            let next = match self.coming.take()?.recv().unwrap_or_else(|_ended| Ok(Chunk::default())) {
                Ok(next) => next,
                Err(failure) => {
                    self.note_failure(failure);
                    continue;
                }
            };
            self.failed_tries = 0;
            if next.go_on.is_some() {
                self.ask(next.go_on);
            }
            self.chunk = next.jobs.into();
        }
        self.chunk.pop_front()
    }
}

/// Everything but the jobs.
pub(super) struct Tables {
    pub(super) connections: BTreeMap<ConnectionId, String>,
    pub(super) learnt: BTreeMap<ConnectionId, String>,
    pub(super) batches: Vec<BatchRow>,
    pub(super) folders: BTreeMap<u32, Arc<Folder>>,
    pub(super) parts: BTreeMap<TransferId, Vec<PartRow>>,
    pub(super) orphans: Vec<OrphanRow>,
    pub(super) last_transfer: u64,
    pub(super) last_batch: u64,
}

impl Tables {
    pub(super) fn load(conn: &Connection) -> Result<Self, Error> {
        drop_folders(conn)?;
        let mut parts: BTreeMap<TransferId, Vec<PartRow>> = BTreeMap::new();
        for (job, part) in all(conn, "SELECT job, number, len, crc, etag FROM part ORDER BY job, number", part_row)? {
            parts.entry(job).or_default().push(part);
        }
        let folders = all(conn, FOLDERS, folder_row)?;
        let sql_last = "SELECT max(last_transfer, coalesce((SELECT max(id) FROM job), 0)),
                        max(last_batch, coalesce((SELECT max(id) FROM batch), 0)) FROM meta";
        let (last_transfer, last_batch) =
            conn.query_row(sql_last, [], |row| Ok((read(row, 0, as_unsigned)?, read(row, 1, as_unsigned)?)))?;
        Ok(Self {
            connections: all(conn, "SELECT id, json FROM connection", json_row)?.into_iter().collect(),
            learnt: all(conn, "SELECT id, json FROM learnt", json_row)?.into_iter().collect(),
            batches: all(conn, BATCHES, batch_row)?,
            folders: folders.into_iter().collect(),
            parts,
            orphans: orphans(conn)?,
            last_transfer,
            last_batch,
        })
    }

    /// Drops batches that nobody needs any more. A disk that refuses gets its word when something has to be written.
    pub(super) fn drop_batches(&mut self, conn: &Connection) {
        match drop_batches(conn) {
            Ok(gone) => self.batches.retain(|batch| !gone.contains(&bits(batch.id.get()))),
            Err(error) => {
                tracing::warn!(%error, "the journal cannot be tidied");
                if !conn.is_autocommit() {
                    conn.execute_batch("ROLLBACK").ok(); // SQLite may have done so itself
                }
            }
        }
    }
}

/// Drops folders that nothing names any more, if there may be any.
fn drop_folders(conn: &Connection) -> Result<(), Error> {
    if !is_untidy(conn)? {
        return Ok(());
    }
    match conn.execute("DELETE FROM folder WHERE id NOT IN (SELECT folder FROM job)", []) {
        Err(error) if !super::schema::is_damage(&error) => {
            // A disk that refuses gets its word when something has to be written.
            tracing::warn!(%error, "the journal cannot be tidied");
            Ok(())
        }
        dropped => dropped.map(|_rows| ()),
    }
}

fn is_untidy(conn: &Connection) -> Result<bool, Error> {
    conn.query_row("SELECT untidy FROM meta", [], |row| row.get::<_, i64>(0)).map(|untidy| untidy != 0)
}

/// Drops batches whose end was told and that no job is of any more, if there may be any; gives their ids.
fn drop_batches(conn: &Connection) -> Result<Vec<i64>, Error> {
    if !is_untidy(conn)? {
        return Ok(Vec::new());
    }
    conn.execute_batch(
        "BEGIN IMMEDIATE;
         UPDATE meta SET untidy = 0, last_batch = max(last_batch, coalesce((SELECT max(id) FROM batch), 0));",
    )?;
    let sql = "DELETE FROM batch WHERE stage = 2 AND id NOT IN (SELECT batch FROM job) RETURNING id";
    let gone = all(conn, sql, |row| row.get(0))?;
    conn.execute_batch("COMMIT")?;
    Ok(gone)
}

/// Every row of a query.
fn all<T>(conn: &Connection, sql: &str, convert: fn(&Row<'_>) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    conn.prepare(sql)?.query_map([], convert)?.collect()
}

/// One that makes no sense could not be aborted either: it is left out.
fn orphans(conn: &Connection) -> Result<Vec<OrphanRow>, Error> {
    let mut statement =
        conn.prepare("SELECT connection, bucket, key, upload_id, reason, tries, last_try FROM orphan")?;
    let mut rows = statement.query([])?;
    let mut orphans = Vec::new();
    while let Some(row) = rows.next()? {
        match orphan_row(row) {
            Ok(orphan) => orphans.push(orphan),
            Err(error) => tracing::error!(%error, "an unfinished upload in the journal makes no sense"),
        }
    }
    Ok(orphans)
}

/// Jobs of an earlier run, or of a batch. What cannot be understood is left out and logged.
pub(super) fn jobs(conn: &Connection, wanted: &RowsWanted) -> Result<Chunk, Error> {
    let after = wanted.after.map_or(0, |id| bits(id.get()));
    let until = wanted.until.map_or(i64::MAX, |id| bits(id.get()));
    let count = i64::try_from(wanted.count).unwrap_or(i64::MAX);
    match wanted.batch {
        Some(batch) => collect(conn, job_row::OF_A_BATCH, wanted.count, (after, until, count, bits(batch.get()))),
        None => collect(conn, job_row::OF_ALL, wanted.count, (after, until, count)),
    }
}

fn collect(conn: &Connection, sql: &str, count: usize, values: impl Params) -> Result<Chunk, Error> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let (mut jobs, mut seen, mut last) = (Vec::new(), 0, 0);
    while let Some(row) = rows.next()? {
        (seen, last) = (seen + 1, row.get::<_, i64>(0)?);
        match job_row::read_job(row) {
            Ok(job) => jobs.push(job),
            Err(error) => tracing::error!(%error, id = last, "a transfer in the journal makes no sense"),
        }
    }
    let go_on = (seen == count).then(|| TransferId::restored(last.cast_unsigned()));
    Ok(Chunk { jobs, go_on })
}

fn json_row(row: &Row<'_>) -> Result<(ConnectionId, String), Error> {
    Ok((ConnectionId::new(row.get::<_, String>(0)?), row.get(1)?))
}

pub(super) fn batch_row(row: &Row<'_>) -> Result<BatchRow, Error> {
    let bucket = |value: rusqlite::types::ValueRef<'_>| {
        BucketName::new(value.as_str()?).map_err(|_problem| FromSqlError::InvalidType)
    };
    let to = Location {
        connection: ConnectionId::new(row.get::<_, String>(1)?),
        bucket: read(row, 2, bucket)?,
        prefix: read(row, 3, |value| as_key_text(value).map(Prefix::new))?,
    };
    Ok(BatchRow {
        id: BatchId::restored(read(row, 0, as_unsigned)?),
        to,
        options: Arc::new(read(row, 4, |value| options_of(value.as_str()?))?),
        sources: read(row, 5, |value| paths(value.as_blob()?))?,
        opened: read(row, 6, as_time)?,
        policy: read(row, 7, as_maybe_policy)?,
        left_out: read(row, 8, as_unsigned)?,
        stage: read(row, 9, as_batch_stage)?,
    })
}

pub(super) fn folder_row(row: &Row<'_>) -> Result<(u32, Arc<Folder>), Error> {
    let folder = Folder {
        path: PathBuf::from(read(row, 1, as_os_string)?),
        key_prefix: read(row, 2, as_key_text)?,
        naming: read(row, 3, as_naming)?,
    };
    Ok((row.get(0)?, Arc::new(folder)))
}

fn part_row(row: &Row<'_>) -> Result<(TransferId, PartRow), Error> {
    let part = PartRow {
        number: row.get(1)?,
        len: read(row, 2, as_unsigned)?,
        crc64nvme: row.get::<_, i64>(3)?.cast_unsigned(),
        etag: row.get(4)?,
    };
    Ok((TransferId::restored(read(row, 0, as_unsigned)?), part))
}

fn orphan_row(row: &Row<'_>) -> Result<OrphanRow, Error> {
    let bucket = row.get::<_, String>(1)?;
    Ok(OrphanRow {
        connection: ConnectionId::new(row.get::<_, String>(0)?),
        bucket: BucketName::new(bucket).map_err(|_problem| Error::InvalidQuery)?,
        key: read(row, 2, |value| as_key_text(value).map(ObjectKey::new))?,
        upload_id: row.get(3)?,
        reason: row.get(4)?,
        tries: row.get(5)?,
        last_try: read(row, 6, as_maybe_time)?,
    })
}
