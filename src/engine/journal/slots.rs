//! Several programs at a time: one journal is one process's. Who finds it in use takes the next free file beside it, so
//! that its uploads are kept all the same; whoever opens a journal next takes over what such files hold that nobody
//! uses any more. Nothing is lost in between: a file is emptied once its rows are durable in the other one, and where that
//! fails it stays locked until the next start.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Error, OptionalExtension as _};

use super::config::{JournalConfig, JournalError, JournalFound};
use super::file::beside;
use super::load::Restored;
use super::open::Prepared;
use super::{Journal, open, schema};
use crate::engine::standing::{self, Standing};

/// So many files beside the journal, which is the first.
const SLOTS: u32 = 8;

/// The `number`-th file, from 1.
pub(super) fn slot(journal: &Path, number: u32) -> PathBuf {
    if number <= 1 { journal.to_owned() } else { beside(journal, &format!(".{number}")) }
}

/// Opens the first file that nobody uses.
pub(super) fn open_free(config: &JournalConfig) -> Result<(Journal, Restored), JournalError> {
    open::start(prepare_free(config)?)
}

/// The same, without the thread that writes.
pub(super) fn prepare_free(config: &JournalConfig) -> Result<Prepared, JournalError> {
    let mut in_use = JournalError::InUse { path: config.path.clone() };
    for number in 1..=SLOTS {
        match open::prepare(config.at(slot(&config.path, number))) {
            Err(error @ JournalError::InUse { .. }) => in_use = error,
            opened => {
                if number > 1 {
                    tracing::info!(number, "another process has the journal; this one's stands beside it");
                }
                return opened;
            }
        }
    }
    Err(in_use)
}

/// What came of taking over.
#[derive(Default)]
pub(super) struct Taken {
    /// Whether anything came.
    pub(super) came: bool,
    /// Files that have been taken over and could not be emptied: held, and so locked, for as long as these live. A
    /// process that found them free would upload everything in them a second time.
    pub(super) held: Vec<Connection>,
    /// Files that were not as they had been written, or that cannot be taken over now, and what became of them.
    pub(super) damaged: Vec<JournalFound>,
}

impl Taken {
    /// What another process has left stays where it is, which people have to know: its uploads do not go on.
    fn leave(&mut self, at: PathBuf, error: &impl std::fmt::Display) {
        tracing::error!(path = %at.display(), %error, "what another process has left is not taken over now");
        self.damaged.push(JournalFound::LeftBeside { at, why: error.to_string() });
    }
}

/// Takes everything over that free files beside the journal `path` hold. What cannot be taken now stays where it is.
pub(super) fn take_over(conn: &Connection, path: &Path, first: &Path, vfs: Option<&str>) -> Taken {
    let mut taken = Taken::default();
    for other in (2..=SLOTS).map(|number| slot(first, number)).filter(|other| other != path && other.exists()) {
        match open::ready(&other, vfs) {
            Err(JournalError::InUse { .. }) => {}
            Err(error) => taken.leave(other, &error),
            Ok(ready) => {
                // Closed by this, so that it can be read from here.
                taken.damaged.extend(ready.damage());
                match attached(conn, &other, import) {
                    Ok(Import { rows, emptied }) => {
                        taken.came |= rows > 0;
                        if let Err(error) = emptied {
                            tracing::error!(%error, "what was taken over cannot be taken out of the other file now");
                            taken.held.extend(held(&other, vfs));
                        }
                    }
                    Err(error) => taken.leave(other, &error),
                }
            }
        }
    }
    taken
}

/// A connection that keeps others from a file.
fn held(other: &Path, vfs: Option<&str>) -> Option<Connection> {
    let held = schema::connect(other, vfs).and_then(|conn| {
        // The first reading takes the lock.
        conn.query_row("SELECT count(*) FROM batch", [], |_row| Ok(()))?;
        Ok(conn)
    });
    held.map_err(|error| tracing::error!(%error, "another process may find it once more")).ok()
}

/// Does something with another file under the name `slot`.
fn attached<T>(conn: &Connection, other: &Path, work: fn(&Connection) -> Result<T, Error>) -> Result<T, Error> {
    let name = other.to_str().ok_or_else(|| Error::InvalidPath(other.to_owned()))?;
    conn.execute("ATTACH DATABASE ?1 AS slot", [name])?;
    let done = conn.execute_batch("PRAGMA slot.synchronous = FULL").and_then(|()| work(conn));
    roll_back(conn);
    let detached = conn.execute_batch("DETACH DATABASE slot");
    done.and_then(|done| detached.map(|()| done))
}

fn roll_back(conn: &Connection) {
    if !conn.is_autocommit() {
        conn.execute_batch("ROLLBACK").ok(); // SQLite may have done so itself
    }
}

/// What came of one file.
struct Import {
    /// Rows that came, or that had come before.
    rows: u64,
    /// Whether the file holds none of them any more.
    emptied: Result<(), Error>,
}

/// Batches of the other file that have not come before. Those that have are known by the very nanosecond they were
/// opened in.
const COMING: &str = "DROP TABLE IF EXISTS temp.coming;
     CREATE TEMP TABLE coming AS SELECT id FROM slot.batch AS theirs WHERE NOT EXISTS (
        SELECT 1 FROM main.batch AS ours
        WHERE ours.opened = theirs.opened AND ours.bucket = theirs.bucket AND ours.sources = theirs.sources);";

/// First all rows come here, then they go there: each by itself is all or nothing. Whoever died in between, or could
/// not write there, finds the batches of before here, and takes only what is new.
fn import(conn: &Connection) -> Result<Import, Error> {
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    let rows = number(
        "SELECT (SELECT count(*) FROM slot.batch) + (SELECT count(*) FROM slot.orphan) + (SELECT count(*) FROM slot.learnt)",
    )?;
    if rows > 0 {
        conn.execute_batch(COMING)?;
        let jobs =
            number("SELECT max((SELECT last_transfer FROM main.meta), (SELECT coalesce(max(id), 0) FROM main.job))")?;
        let batches =
            number("SELECT max((SELECT last_batch FROM main.meta), (SELECT coalesce(max(id), 0) FROM main.batch))")?;
        let folders = number("SELECT coalesce(max(id), 0) FROM main.folder")?;
        join_standing(conn, batches)?;
        conn.execute_batch(&copies(jobs, batches, folders))?;
    }
    let emptied = conn.execute_batch(
        "BEGIN IMMEDIATE;
         DELETE FROM slot.part; DELETE FROM slot.work; DELETE FROM slot.ended; DELETE FROM slot.job;
         DELETE FROM slot.folder; DELETE FROM slot.batch; DELETE FROM slot.orphan; DELETE FROM slot.learnt;
         DELETE FROM slot.connection;
         COMMIT;",
    );
    Ok(Import { rows: u64::try_from(rows).unwrap_or_default(), emptied })
}

/// What the queue was told as a whole is joined with what it was told here, in `temp.standing`: a row of theirs must not
/// get lost, and names batches by numbers that are others here.
fn join_standing(conn: &Connection, batches: i64) -> Result<(), Error> {
    conn.execute_batch("DROP TABLE IF EXISTS temp.standing; CREATE TEMP TABLE standing (id TEXT, json TEXT);")?;
    let row = |schema: &str| {
        let sql = format!("SELECT json FROM {schema}.learnt WHERE id = ?1");
        conn.query_row(&sql, [standing::ROW], |row| row.get::<_, String>(0)).optional()
    };
    let Some(theirs) = row("slot")? else { return Ok(()) };
    let mut coming = conn.prepare("SELECT id FROM temp.coming")?;
    let coming = coming.query_map([], |row| row.get::<_, i64>(0))?.collect::<Result<BTreeSet<i64>, Error>>()?;
    let joined = Standing::joined(row("main")?.as_deref(), &theirs, |batch| {
        let batch = i64::try_from(batch).ok().filter(|batch| coming.contains(batch))?;
        u64::try_from(batch + batches).ok()
    });
    conn.execute("INSERT INTO temp.standing VALUES (?1, ?2)", (standing::ROW, joined)).map(drop)
}

/// Every row of what is coming, with numbers behind those that are here. Moved transfers keep their places among those
/// that came along.
fn copies(jobs: i64, batches: i64, folders: i64) -> String {
    const COMING: &str = "SELECT id FROM slot.job WHERE batch IN temp.coming";
    format!(
        "BEGIN IMMEDIATE;
         INSERT OR IGNORE INTO main.connection SELECT id, json FROM slot.connection;
         INSERT OR REPLACE INTO main.learnt SELECT id, json FROM temp.standing;
         INSERT OR IGNORE INTO main.learnt SELECT id, json FROM slot.learnt;
         INSERT INTO main.batch (id, connection, bucket, prefix, options, sources, opened, policy, left_out, stage)
            SELECT id + {batches}, connection, bucket, prefix, options, sources, opened, policy, left_out, stage
            FROM slot.batch WHERE id IN temp.coming;
         INSERT INTO main.folder (id, path, key_prefix, naming)
            SELECT id + {folders}, path, key_prefix, naming FROM slot.folder
            WHERE id IN (SELECT folder FROM slot.job WHERE batch IN temp.coming);
         INSERT INTO main.job (id, batch, folder, name, size_bytes, state, modified, key, policy, rank)
            SELECT id + {jobs}, batch + {batches}, folder + {folders}, name, size_bytes, state, modified, key, policy,
            rank + ({jobs} << 24) FROM slot.job WHERE batch IN temp.coming;
         INSERT INTO main.work (job, key, device, inode, stamp_bytes, modified_ns, changed_ns, started, upload_id,
            part_bytes, parts, crc, size_bytes, etag, version_id)
            SELECT job + {jobs}, key, device, inode, stamp_bytes, modified_ns, changed_ns, started, upload_id,
            part_bytes, parts, crc, size_bytes, etag, version_id FROM slot.work WHERE job IN ({COMING});
         INSERT INTO main.part (job, number, len, crc, etag)
            SELECT job + {jobs}, number, len, crc, etag FROM slot.part WHERE job IN ({COMING});
         INSERT INTO main.ended (job, kind, ended, verified, crc, etag, version_id, detail)
            SELECT job + {jobs}, kind, ended, verified, crc, etag, version_id, detail FROM slot.ended
            WHERE job IN ({COMING});
         INSERT OR IGNORE INTO main.orphan (connection, bucket, key, upload_id, reason, tries, last_try)
            SELECT connection, bucket, key, upload_id, reason, tries, last_try FROM slot.orphan;
         UPDATE main.meta SET
            last_transfer = {jobs} + (SELECT last_transfer FROM slot.meta),
            last_batch = {batches} + (SELECT last_batch FROM slot.meta);
         COMMIT;"
    )
}
