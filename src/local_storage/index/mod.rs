//! The index in SQLite: buckets, objects, multipart uploads, and which blobs hold their bytes.
//!
//! One named thread writes; what waits for it is committed together, so that many small uploads share the cost of
//! one sync. Readers have connections of their own and never wait for the writer (WAL).
//! Nothing here touches blob files, except that names are made durable before a commit and given-up blobs are
//! released after it.

mod buckets;
mod listing;
mod objects;
mod schema;
mod uploads;
mod version_listing;
mod versions;

pub(super) use buckets::{BucketRow, Versioning};
pub(super) use listing::{
    ListQuery, ListedObject, ListedUpload, Page, Start, UploadListQuery, list_objects, list_uploads,
};
pub(super) use objects::{ObjectDetail, ObjectRow, PartInfo, Segment, check_version_id};
pub(super) use uploads::{NewUpload, PartRow, UploadRow};
pub(super) use version_listing::{ListedVersion, VersionListQuery, list_versions};
pub(super) use versions::Deletion;

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use rusqlite::Connection;
use s3s::{S3Error, S3Result};
use tokio::sync::oneshot;

use super::blobs::{BlobId, BlobStore, shard_of};
use super::errors::{disk_full, internal};
use super::{Durability, LocalStorageError};

/// How many waiting writes share one commit at most.
const BATCH: usize = 128;

/// A smaller index is looked through at every start, which takes no tenth of a second; a larger one after a crash only.
const ALWAYS_CHECKED_BYTES: u64 = 32 * 1024 * 1024;

/// Handle on the index; cheap to clone through `Arc`. The writer thread ends when the last handle is dropped.
pub(super) struct Index {
    jobs: mpsc::Sender<Job>,
    readers: Readers,
    writer: Option<std::thread::JoinHandle<()>>,
}

/// One write: runs inside the shared transaction, then is told whether that was committed.
struct Job {
    work: Box<dyn FnOnce(&mut Write<'_>) -> Answer + Send>,
    new_blobs: Vec<BlobId>,
}

enum Answer {
    /// What the work changed stays if the commit succeeds.
    Keep(Box<dyn FnOnce(Result<(), CommitFailed>) + Send>),
    /// The work changed nothing that may stay.
    Undo(Box<dyn FnOnce() + Send>),
}

#[derive(Clone)]
enum CommitFailed {
    DiskFull,
    Other(String),
}

impl From<rusqlite::Error> for CommitFailed {
    fn from(error: rusqlite::Error) -> Self {
        if is_full(&error) { Self::DiskFull } else { Self::Other(error.to_string()) }
    }
}

impl From<CommitFailed> for S3Error {
    fn from(failed: CommitFailed) -> Self {
        match failed {
            CommitFailed::DiskFull => disk_full(),
            CommitFailed::Other(text) => internal("commit", &text),
        }
    }
}

fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
}

/// What a write may use: the open transaction, and the list of blobs to give up once it is committed.
pub(super) struct Write<'a> {
    pub conn: &'a Connection,
    released: Vec<BlobId>,
}

#[derive(Clone)]
struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
}

/// What opening the index found out for the blob store.
pub(super) struct Opened {
    conn: Connection,
    path: PathBuf,
    /// Counts starts; part of every new blob's number.
    pub run: i64,
    /// The last run ended in order, so there is nothing to sweep.
    pub was_clean: bool,
}

impl Opened {
    /// Opens the index file and marks the run as begun. Makes it only in a folder where nothing is stored: fails with
    /// [`LocalStorageError::IndexMissing`] or [`LocalStorageError::IndexDamaged`] else, and leaves the folder alone.
    pub(super) fn open(folder: &Path, durability: Durability) -> Result<Self, LocalStorageError> {
        let path = folder.join("index.sqlite3");
        let size_bytes = require_index(folder, &path)?;
        let opened = || {
            let conn = schema::open(&path, durability)?;
            if size_bytes > 0 && schema::is_empty(&conn)? && has_blobs(folder)? {
                return Err(LocalStorageError::IndexMissing { index: path.clone() });
            }
            schema::migrate(&conn)?;
            if !schema::ended_cleanly(&conn)? || size_bytes <= ALWAYS_CHECKED_BYTES {
                schema::check(&conn, &path)?;
            }
            let (run, was_clean) = schema::begin_run(&conn)?;
            Ok(Self { conn, path: path.clone(), run, was_clean })
        };
        opened().map_err(|error: LocalStorageError| error.about(&path))
    }

    /// Every blob that the index names.
    pub(super) fn known_blobs(&self) -> Result<HashSet<BlobId>, LocalStorageError> {
        let read = || {
            let mut statement = self.conn.prepare("SELECT id FROM blobs")?;
            let ids = statement.query_map([], |row| row.get(0))?;
            ids.collect::<Result<_, rusqlite::Error>>()
        };
        read().map_err(|error| LocalStorageError::from(error).about(&self.path))
    }

    /// Starts the writer thread. It keeps the folder's lock for as long as it runs.
    pub(super) fn start(self, blobs: Arc<BlobStore>, lock: File) -> Result<Index, LocalStorageError> {
        let (jobs, inbox) = mpsc::channel();
        let conn = self.conn;
        let writer = std::thread::Builder::new()
            .name("storage-index".into())
            .spawn(move || {
                write_loop(&conn, &inbox, &blobs);
                drop(conn);
                drop(lock);
            })
            .map_err(|source| LocalStorageError::Folder { folder: self.path.clone(), source })?;
        let readers = Readers { path: self.path, idle: Arc::default() };
        Ok(Index { jobs, readers, writer: Some(writer) })
    }
}

/// Bytes of the index; 0 if there is none yet. Fails if there should be one.
fn require_index(folder: &Path, index: &Path) -> Result<u64, LocalStorageError> {
    let failed = |source| LocalStorageError::Folder { folder: index.to_owned(), source };
    let size_bytes = |path: &Path| match std::fs::metadata(path) {
        Ok(found) => Ok(Some(found.len())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    };
    let found = size_bytes(index)?;
    // What has not been moved from the log into the index would be lost as well.
    let has_log =
        || Ok::<_, LocalStorageError>(size_bytes(&folder.join("index.sqlite3-wal"))?.is_some_and(|bytes| bytes > 0));
    if found.unwrap_or_default() == 0 && (has_blobs(folder)? || found.is_none() && has_log()?) {
        return Err(LocalStorageError::IndexMissing { index: index.to_owned() });
    }
    Ok(found.unwrap_or_default())
}

fn has_blobs(folder: &Path) -> Result<bool, LocalStorageError> {
    BlobStore::has_blobs(folder).map_err(|source| LocalStorageError::Folder { folder: folder.to_owned(), source })
}

impl Index {
    /// Runs `work` in a transaction and returns once it is on disk. An error undoes everything `work` did.
    /// `new_blobs` are finished blobs that `work` names: their file names are made durable first.
    /// Dropping the future does not undo the write.
    pub(super) async fn write<T, F>(&self, new_blobs: Vec<BlobId>, work: F) -> S3Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Write<'_>) -> S3Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let work = move |write: &mut Write<'_>| match work(write) {
            Ok(value) => Answer::Keep(Box::new(move |committed: Result<(), CommitFailed>| {
                let result = committed.map(|()| value).map_err(S3Error::from);
                reply.send(result).ok(); // the asker may have gone
            })),
            Err(error) => Answer::Undo(Box::new(move || {
                reply.send(Err(error)).ok(); // the asker may have gone
            })),
        };
        let job = Job { work: Box::new(work), new_blobs };
        self.jobs.send(job).map_err(|error| internal("write", &error))?;
        answer.await.map_err(|error| internal("write", &error))?
    }

    /// Runs `work` on a reader's connection, on a blocking thread.
    pub(super) async fn read<T, F>(&self, work: F) -> S3Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> S3Result<T> + Send + 'static,
    {
        let readers = self.readers.clone();
        let run = move || {
            let conn = readers.take()?;
            let result = work(&conn);
            readers.give_back(conn);
            result
        };
        tokio::task::spawn_blocking(run).await.map_err(|error| internal("read", &error))?
    }

    /// Waits for the writes under way, ends the writer thread and notes whether `blobs` left strays behind. Blocks.
    pub(super) fn close(mut self, blobs: &BlobStore) {
        let (jobs, _) = mpsc::channel();
        drop(std::mem::replace(&mut self.jobs, jobs));
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the index writer had panicked");
            return;
        }
        if !blobs.has_leftovers()
            && let Err(error) = self.readers.take().and_then(|conn| schema::end_run(&conn).map_err(db))
        {
            tracing::warn!(%error, "cannot note the clean end; the next start looks for stray blobs");
        }
    }
}

impl Readers {
    fn take(&self) -> S3Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(conn) => Ok(conn),
            None => schema::open_again(&self.path).map_err(db),
        }
    }

    fn give_back(&self, conn: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < 4 {
            idle.push(conn);
        }
    }
}

impl Write<'_> {
    /// Counts one more owner of a blob, which must exist or be new.
    pub(super) fn hold_blob(&self, segment: &Segment) -> S3Result<()> {
        let sql = "INSERT INTO blobs (id, size_bytes, owners) VALUES (?1, ?2, 1)
                   ON CONFLICT (id) DO UPDATE SET owners = owners + 1";
        self.conn.prepare_cached(sql).map_err(db)?.execute((segment.blob, to_db(segment.size_bytes))).map_err(db)?;
        Ok(())
    }

    /// Counts one owner less; the last one gives the blob up.
    pub(super) fn drop_blob(&mut self, blob: BlobId) -> S3Result<()> {
        let sql = "UPDATE blobs SET owners = owners - 1 WHERE id = ?1 RETURNING owners";
        let owners: i64 = self.conn.prepare_cached(sql).map_err(db)?.query_row([blob], |row| row.get(0)).map_err(db)?;
        if owners <= 0 {
            self.conn.prepare_cached("DELETE FROM blobs WHERE id = ?1").map_err(db)?.execute([blob]).map_err(db)?;
            self.released.push(blob);
        }
        Ok(())
    }
}

/// A failed database call, as S3 tells it; the cause goes to the log only.
#[expect(clippy::needless_pass_by_value, reason = "goes into map_err")]
pub(super) fn db(error: rusqlite::Error) -> S3Error {
    if is_full(&error) { disk_full() } else { internal("index", &error) }
}

/// SQLite counts in signed numbers; no file is larger than they reach.
fn to_db(size_bytes: u64) -> i64 {
    i64::try_from(size_bytes).unwrap_or(i64::MAX)
}

fn from_db(size_bytes: i64) -> u64 {
    u64::try_from(size_bytes).unwrap_or_default()
}

fn write_loop(conn: &Connection, inbox: &mpsc::Receiver<Job>, blobs: &BlobStore) {
    while let Ok(first) = inbox.recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = inbox.try_recv()
        {
            batch.push(next);
        }
        write_batch(conn, batch, blobs);
    }
}

fn write_batch(conn: &Connection, batch: Vec<Job>, blobs: &BlobStore) {
    let mut kept = Vec::with_capacity(batch.len());
    let mut released = Vec::new();
    let mut shards = BTreeSet::new();
    let mut committed = conn.execute_batch("BEGIN IMMEDIATE").map_err(CommitFailed::from);
    for job in batch {
        let savepoint = conn.execute_batch("SAVEPOINT job");
        let mut write = Write { conn, released: Vec::new() };
        match (job.work)(&mut write) {
            Answer::Keep(reply) => {
                let done = savepoint.and_then(|()| conn.execute_batch("RELEASE job"));
                committed = committed.and(done.map_err(CommitFailed::from));
                shards.extend(job.new_blobs.into_iter().map(shard_of));
                released.append(&mut write.released);
                kept.push(reply);
            }
            Answer::Undo(reply) => {
                let undone = savepoint.and_then(|()| conn.execute_batch("ROLLBACK TO job; RELEASE job"));
                committed = committed.and(undone.map_err(CommitFailed::from));
                reply();
            }
        }
    }
    let committed = committed
        .and_then(|()| blobs.sync_shards(&shards).map_err(|error| CommitFailed::Other(error.to_string())))
        .and_then(|()| conn.execute_batch("COMMIT").map_err(CommitFailed::from));
    if committed.is_ok() {
        blobs.release(&released);
    } else if let Err(error) = conn.execute_batch("ROLLBACK") {
        tracing::error!(%error, "cannot roll back");
    }
    for reply in kept {
        reply(committed.clone());
    }
}
