//! Changes of uploads on their way: what was sent, which upload id and parts there are, how it ended.

use rusqlite::{Connection, Error, params};

use super::apply::{ENDED, run, set_stage};
use super::codec::{bits, failure_json, signed, skip_json, stage_code, time};
use super::types::{Change, JobStage, Outcome, SourceStamp};
use crate::engine::orphans::Why;
use crate::model::{ObjectKey, PartPlan, TransferId};

/// Applies one of them; others are none of its business.
pub(super) fn apply(conn: &Connection, change: &Change) -> Result<(), Error> {
    match change {
        Change::Sending { job, crc64nvme, stamp } => sending(conn, *job, *crc64nvme, stamp),
        Change::Replacing { job, crc64nvme, stamp } => {
            replacing(conn, *job, *crc64nvme, stamp)?;
            set_stage(conn, *job, JobStage::Putting)
        }
        Change::Creating { job, key, stamp, started, in_place_of } => {
            creating(conn, *job, key, stamp, *started)?;
            if let Some(own) = in_place_of {
                let sql = "UPDATE work SET crc = ?2, etag = ?3, version_id = ?4 WHERE job = ?1";
                run(conn, sql, (bits(job.get()), own.crc64nvme.map(bits), &own.etag, &own.version_id))?;
            }
            set_stage(conn, *job, JobStage::Creating)
        }
        Change::Created { job, upload_id, plan, lost_since } => {
            created(conn, *job, upload_id, *plan, *lost_since)?;
            set_stage(conn, *job, JobStage::Uploading)
        }
        Change::Swept { job } => run(conn, "UPDATE work SET started = NULL WHERE job = ?1", [bits(job.get())]),
        Change::Part { job, number, len, crc64nvme, etag } => {
            let sql = "INSERT INTO part (job, number, len, crc, etag)
                       SELECT id, ?2, ?3, ?4, ?5 FROM job WHERE id = ?1
                       ON CONFLICT (job, number) DO UPDATE SET len = excluded.len, crc = excluded.crc,
                       etag = excluded.etag";
            run(conn, sql, (bits(job.get()), number, signed(*len), bits(*crc64nvme), etag))
        }
        Change::PartsLost { job, numbers } => {
            let mut statement = conn.prepare_cached("DELETE FROM part WHERE job = ?1 AND number = ?2")?;
            numbers.iter().try_for_each(|number| statement.execute((bits(job.get()), number)).map(|_changed| ()))
        }
        Change::Completing { job, crc64nvme, size_bytes } => {
            let sql = "INSERT INTO work (job, crc, size_bytes) SELECT id, ?2, ?3 FROM job WHERE id = ?1
                       ON CONFLICT (job) DO UPDATE SET crc = excluded.crc, size_bytes = excluded.size_bytes";
            run(conn, sql, (bits(job.get()), bits(*crc64nvme), signed(*size_bytes)))?;
            set_stage(conn, *job, JobStage::Completing)
        }
        Change::Stored { job, etag, version_id } => {
            let sql = "INSERT INTO work (job, etag, version_id) SELECT id, ?2, ?3 FROM job WHERE id = ?1
                       ON CONFLICT (job) DO UPDATE SET etag = excluded.etag, version_id = excluded.version_id";
            run(conn, sql, (bits(job.get()), etag, version_id))?;
            set_stage(conn, *job, JobStage::Verifying)
        }
        Change::Ended { job, outcome, ended } => end(conn, *job, outcome, *ended),
        Change::Cancelled { jobs, ended } => {
            jobs.iter().try_for_each(|job| end(conn, *job, &Outcome::Cancelled, *ended))
        }
        Change::RestartUpload { job } => {
            restart(conn, *job)?;
            set_stage(conn, *job, JobStage::Untouched)
        }
        _ => Ok(()),
    }
}

/// What the server has said of an earlier PUT is of that one.
fn sending(conn: &Connection, job: TransferId, crc64nvme: u64, stamp: &SourceStamp) -> Result<(), Error> {
    let sql = "INSERT INTO work (job, crc, device, inode, stamp_bytes, modified_ns, changed_ns)
               SELECT id, ?2, ?3, ?4, ?5, ?6, ?7 FROM job WHERE id = ?1
               ON CONFLICT (job) DO UPDATE SET crc = excluded.crc, device = excluded.device, inode = excluded.inode,
               stamp_bytes = excluded.stamp_bytes, modified_ns = excluded.modified_ns,
               changed_ns = excluded.changed_ns, etag = NULL, version_id = NULL, size_bytes = NULL";
    let SourceStamp { device, inode, size_bytes, modified_ns, changed_ns } = *stamp;
    let stamp = (bits(device), bits(inode), signed(size_bytes));
    run(conn, sql, (bits(job.get()), bits(crc64nvme), stamp.0, stamp.1, stamp.2, modified_ns, changed_ns))
}

/// What the server has said is of the object that stands there, not of these bytes: the size tells that.
fn replacing(conn: &Connection, job: TransferId, crc64nvme: u64, stamp: &SourceStamp) -> Result<(), Error> {
    let sql = "INSERT INTO work (job, crc, device, inode, stamp_bytes, modified_ns, changed_ns, size_bytes)
               SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?5 FROM job WHERE id = ?1
               ON CONFLICT (job) DO UPDATE SET crc = excluded.crc, device = excluded.device, inode = excluded.inode,
               stamp_bytes = excluded.stamp_bytes, modified_ns = excluded.modified_ns,
               changed_ns = excluded.changed_ns, size_bytes = excluded.size_bytes";
    let SourceStamp { device, inode, size_bytes, modified_ns, changed_ns } = *stamp;
    let stamp = (bits(device), bits(inode), signed(size_bytes));
    run(conn, sql, (bits(job.get()), bits(crc64nvme), stamp.0, stamp.1, stamp.2, modified_ns, changed_ns))
}

/// Whatever was noted of an earlier try is gone with its upload id; an upload that nobody has completed or given up by
/// then (its task died) is one to abort.
fn creating(
    conn: &Connection,
    job: TransferId,
    key: &ObjectKey,
    stamp: &SourceStamp,
    started: jiff::Timestamp,
) -> Result<(), Error> {
    let sql = "INSERT OR IGNORE INTO orphan (connection, bucket, key, upload_id, reason, tries)
               SELECT batch.connection, batch.bucket, work.key, work.upload_id, ?2, 0
               FROM work JOIN job ON job.id = work.job JOIN batch ON batch.id = job.batch
               WHERE work.job = ?1 AND work.key IS NOT NULL AND work.upload_id IS NOT NULL
               AND (job.state & 15) <> ?3";
    run(conn, sql, (bits(job.get()), Why::Restarted.code(), stage_code(JobStage::Verifying)))?;
    forget_work(conn, job)?;
    let sql = "INSERT INTO work (job, key, device, inode, stamp_bytes, modified_ns, changed_ns, started)
               SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM job WHERE id = ?1";
    run(
        conn,
        sql,
        params![
            bits(job.get()),
            key.as_str().as_bytes(),
            bits(stamp.device),
            bits(stamp.inode),
            signed(stamp.size_bytes),
            stamp.modified_ns,
            stamp.changed_ns,
            time(started),
        ],
    )
}

fn created(
    conn: &Connection,
    job: TransferId,
    upload_id: &str,
    plan: PartPlan,
    lost_since: Option<jiff::Timestamp>,
) -> Result<(), Error> {
    run(conn, "DELETE FROM part WHERE job = ?1", [bits(job.get())])?;
    let sql = "INSERT INTO work (job, upload_id, part_bytes, parts, started) SELECT id, ?2, ?3, ?4, ?5 FROM job
               WHERE id = ?1 ON CONFLICT (job) DO UPDATE SET upload_id = excluded.upload_id,
               part_bytes = excluded.part_bytes, parts = excluded.parts, started = excluded.started";
    let (part_bytes, parts) = match plan {
        PartPlan::Single => (None, None),
        PartPlan::Multipart { part_bytes, parts } => (Some(signed(part_bytes)), Some(parts)),
    };
    run(conn, sql, (bits(job.get()), upload_id, part_bytes, parts, lost_since.map(time)))
}

fn end(conn: &Connection, job: TransferId, outcome: &Outcome, ended: jiff::Timestamp) -> Result<(), Error> {
    let id = bits(job.get());
    if matches!(outcome, Outcome::Failed(_)) {
        run(conn, "UPDATE job SET state = (state & 15) | ?2 WHERE id = ?1", (id, ENDED))?;
    } else {
        run(conn, "UPDATE job SET state = ?2 WHERE id = ?1", (id, ENDED | stage_code(JobStage::Untouched)))?;
        forget_work(conn, job)?;
    }
    let (kind, detail) = match outcome {
        Outcome::Done { .. } => (0, None),
        Outcome::Skipped(reason) => (1, Some(skip_json(reason))),
        Outcome::Cancelled => (2, None),
        Outcome::Failed(failure) => (3, Some(failure_json(failure))),
    };
    let (verified, crc, etag, version_id) = match outcome {
        Outcome::Done { verified, crc64nvme, etag, version_id } => {
            (Some(verified.code()), crc64nvme.map(bits), etag.as_deref(), version_id.as_deref())
        }
        _ => (None, None, None, None),
    };
    let sql = "INSERT OR REPLACE INTO ended (job, kind, ended, verified, crc, etag, version_id, detail)
               SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM job WHERE id = ?1";
    run(conn, sql, params![id, kind, time(ended), verified, crc, etag, version_id, detail])
}

/// Everything of the upload is gone but the time since when there may be one whose id nobody heard.
fn restart(conn: &Connection, job: TransferId) -> Result<(), Error> {
    run(conn, "DELETE FROM part WHERE job = ?1", [bits(job.get())])?;
    run(conn, "DELETE FROM work WHERE job = ?1 AND started IS NULL", [bits(job.get())])?;
    let sql = "INSERT OR REPLACE INTO work (job, started) SELECT job, started FROM work WHERE job = ?1";
    run(conn, sql, [bits(job.get())])
}

fn forget_work(conn: &Connection, job: TransferId) -> Result<(), Error> {
    run(conn, "DELETE FROM part WHERE job = ?1", [bits(job.get())])?;
    run(conn, "DELETE FROM work WHERE job = ?1", [bits(job.get())])
}
