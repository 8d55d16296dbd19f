//! Changes become statements. Everything here runs inside the writer's transaction; an error undoes all of it.
//!
//! Every change can be applied again with the same result: after a crash, or an error that came too late, nobody can
//! tell whether it was.

use rusqlite::{Connection, Error, Params, params};

use super::codec::{
    batch_stage_code, bits, maybe_time, naming_code, options_json, os_bytes, path_bytes, path_list, policy_code,
    signed, stage_code, time,
};
use super::types::{BatchRow, BatchStage, Change, JobStage, NewJob};
use super::work;
use crate::model::TransferId;

/// Added to a job's stage: the user holds it.
pub(super) const PAUSED: i64 = 16;
/// Added to a job's stage: it has ended.
pub(super) const ENDED: i64 = 32;

/// Applies one change.
pub(super) fn apply(conn: &Connection, change: &Change) -> Result<(), Error> {
    match change {
        Change::Connection { id, connection_json } => {
            let sql = "INSERT INTO connection (id, json) VALUES (?1, ?2)
                       ON CONFLICT (id) DO UPDATE SET json = excluded.json";
            run(conn, sql, (id.as_str(), connection_json))
        }
        Change::Learnt { id, learnt_json } => {
            let sql = "INSERT INTO learnt (id, json) VALUES (?1, ?2)
                       ON CONFLICT (id) DO UPDATE SET json = excluded.json";
            run(conn, sql, (id.as_str(), learnt_json))
        }
        Change::Batch(batch) => put_batch(conn, batch),
        Change::BatchFilled { batch, left_out } => {
            let sql = "UPDATE batch SET left_out = ?2, stage = max(stage, ?3) WHERE id = ?1";
            run(conn, sql, (bits(batch.get()), signed(*left_out), batch_stage_code(BatchStage::Filled)))
        }
        Change::BatchReported { batch } => {
            let sql = "UPDATE batch SET stage = ?2 WHERE id = ?1";
            run(conn, sql, (bits(batch.get()), batch_stage_code(BatchStage::Reported)))
        }
        Change::BatchReopened { batch } => {
            let (filled, reported) = (batch_stage_code(BatchStage::Filled), batch_stage_code(BatchStage::Reported));
            let sql = "UPDATE batch SET stage = ?2 WHERE id = ?1 AND stage = ?3";
            run(conn, sql, (bits(batch.get()), filled, reported))
        }
        Change::BatchPolicy { batch, policy } => {
            run(conn, "UPDATE batch SET policy = ?2 WHERE id = ?1", (bits(batch.get()), policy_code(*policy)))
        }
        Change::Folder { id, folder } => {
            let sql = "INSERT INTO folder (id, path, key_prefix, naming) VALUES (?1, ?2, ?3, ?4)
                       ON CONFLICT (id) DO UPDATE SET path = excluded.path, key_prefix = excluded.key_prefix,
                       naming = excluded.naming";
            let (path, prefix) = (path_bytes(&folder.path), folder.key_prefix.as_bytes());
            run(conn, sql, (id, &*path, prefix, naming_code(folder.naming)))
        }
        Change::Jobs(jobs) => put_jobs(conn, jobs),
        Change::Putting(jobs) => each(conn, "UPDATE job SET state = (state & 48) | 3 WHERE id = ?1", jobs),
        Change::Key { job, key } => {
            run(conn, "UPDATE job SET key = ?2 WHERE id = ?1", (bits(job.get()), key.as_str().as_bytes()))
        }
        Change::Size { job, size_bytes } => {
            run(conn, "UPDATE job SET size_bytes = ?2 WHERE id = ?1", (bits(job.get()), signed(*size_bytes)))
        }
        Change::Requeued { jobs } => wait(conn, 0, jobs),
        Change::Paused { jobs } => wait(conn, PAUSED, jobs),
        Change::JobPolicy { job, policy } => {
            run(conn, "UPDATE job SET policy = ?2 WHERE id = ?1", (bits(job.get()), policy_code(*policy)))
        }
        Change::Rank { job, rank } => run(conn, "UPDATE job SET rank = ?2 WHERE id = ?1", (bits(job.get()), rank)),
        Change::Forgotten { jobs } => forget(conn, jobs),
        Change::Sending { .. }
        | Change::Replacing { .. }
        | Change::Creating { .. }
        | Change::Created { .. }
        | Change::Swept { .. }
        | Change::Part { .. }
        | Change::PartsLost { .. }
        | Change::Completing { .. }
        | Change::Stored { .. }
        | Change::Ended { .. }
        | Change::Cancelled { .. }
        | Change::RestartUpload { .. } => work::apply(conn, change),
        Change::Orphan { .. } | Change::OrphanGone { .. } | Change::OrphanTried { .. } => apply_orphan(conn, change),
    }
}

/// Runs a statement that returns nothing, prepared once and for all.
pub(super) fn run(conn: &Connection, sql: &str, values: impl Params) -> Result<(), Error> {
    conn.prepare_cached(sql)?.execute(values).map(|_changed| ())
}

/// Runs a statement for each of many jobs.
fn each(conn: &Connection, sql: &str, jobs: &[TransferId]) -> Result<(), Error> {
    let mut statement = conn.prepare_cached(sql)?;
    jobs.iter().try_for_each(|job| statement.execute([bits(job.get())]).map(|_changed| ()))
}

/// They have not ended, or not any more, and are held or not.
fn wait(conn: &Connection, held: i64, jobs: &[TransferId]) -> Result<(), Error> {
    let mut statement = conn.prepare_cached("UPDATE job SET state = (state & 15) | ?2 WHERE id = ?1")?;
    jobs.iter().try_for_each(|job| statement.execute((bits(job.get()), held)).map(|_changed| ()))?;
    each(conn, "DELETE FROM ended WHERE job = ?1", jobs)
}

/// Moves a job on to a stage; held and ended ones stay so.
pub(super) fn set_stage(conn: &Connection, job: TransferId, stage: JobStage) -> Result<(), Error> {
    let sql = "UPDATE job SET state = (state & 48) | ?2 WHERE id = ?1";
    run(conn, sql, (bits(job.get()), stage_code(stage)))
}

fn put_batch(conn: &Connection, batch: &BatchRow) -> Result<(), Error> {
    let sql = "INSERT OR IGNORE INTO batch
               (id, connection, bucket, prefix, options, sources, opened, policy, left_out, stage)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    run(
        conn,
        sql,
        params![
            bits(batch.id.get()),
            batch.to.connection.as_str(),
            batch.to.bucket.as_str(),
            batch.to.prefix.as_str().as_bytes(),
            options_json(&batch.options),
            path_list(&batch.sources),
            time(batch.opened),
            batch.policy.map(policy_code),
            signed(batch.left_out),
            batch_stage_code(batch.stage),
        ],
    )
}

fn put_jobs(conn: &Connection, jobs: &[NewJob]) -> Result<(), Error> {
    // A job that is there already has perhaps moved on since.
    let sql = "INSERT OR IGNORE INTO job (id, batch, folder, name, size_bytes, state, modified, key)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let mut statement = conn.prepare_cached(sql)?;
    for job in jobs {
        statement.execute(params![
            bits(job.id.get()),
            bits(job.batch.get()),
            job.folder,
            &*os_bytes(&job.name),
            signed(job.size_bytes),
            stage_code(JobStage::Untouched),
            maybe_time(job.modified),
            job.key.as_ref().map(|key| key.as_bytes()),
        ])?;
    }
    Ok(())
}

/// Ids of forgotten jobs are not given out again. What was stored stays, for the receipt of its batch, and is only
/// marked as off the list; a batch whose end was told needs no mark, since none of it is shown at the next start.
fn forget(conn: &Connection, jobs: &[TransferId]) -> Result<(), Error> {
    let sql = "UPDATE meta SET untidy = 1,
               last_transfer = max(last_transfer, coalesce((SELECT max(id) FROM job), 0))";
    run(conn, sql, [])?;
    let sql = "UPDATE ended SET detail = 'off the list' WHERE job = ?1 AND kind = 0
               AND coalesce((SELECT stage FROM batch JOIN job ON batch.id = job.batch WHERE job.id = ?1), 0) < 2";
    each(conn, sql, jobs)?;
    let sql = "DELETE FROM job WHERE id = ?1
               AND NOT (state >= 32 AND (SELECT kind FROM ended WHERE job = job.id) = 0)";
    each(conn, sql, jobs)
}

fn apply_orphan(conn: &Connection, change: &Change) -> Result<(), Error> {
    match change {
        Change::Orphan { connection, bucket, key, upload_id, reason } => {
            let sql = "INSERT INTO orphan (connection, bucket, key, upload_id, reason, tries)
                       VALUES (?1, ?2, ?3, ?4, ?5, 0)
                       ON CONFLICT DO UPDATE SET reason = excluded.reason";
            run(conn, sql, (connection.as_str(), bucket.as_str(), key.as_str().as_bytes(), upload_id, reason))
        }
        Change::OrphanGone { connection, bucket, key, upload_id } => {
            let sql = "DELETE FROM orphan WHERE connection = ?1 AND bucket = ?2 AND key = ?3 AND upload_id = ?4";
            run(conn, sql, (connection.as_str(), bucket.as_str(), key.as_str().as_bytes(), upload_id))
        }
        Change::OrphanTried { connection, bucket, key, upload_id, when } => {
            let sql = "UPDATE orphan SET tries = tries + (last_try IS NOT ?5), last_try = ?5
                       WHERE connection = ?1 AND bucket = ?2 AND key = ?3 AND upload_id = ?4";
            let values = (connection.as_str(), bucket.as_str(), key.as_str().as_bytes(), upload_id, time(*when));
            run(conn, sql, values)
        }
        _ => Ok(()),
    }
}
