//! A job as three tables hold it, read as one.

use jiff::Timestamp;
use rusqlite::types::{FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Error, Row};

use super::apply::{ENDED, PAUSED};
use super::codec::{
    as_key_text, as_maybe_bits, as_maybe_key, as_maybe_policy, as_maybe_time, as_os_string, as_time, as_unsigned,
    failure_of, read, skip_of, stage_of, verified_of,
};
use super::types::{EndedRow, JobRow, JobState, NewJob, Outcome, SourceStamp, WorkRow};
use crate::model::{BatchId, PartPlan, TransferId};

macro_rules! select {
    ($end:literal) => {
        concat!(
            "SELECT job.id, job.batch, job.folder, job.name, job.size_bytes, job.modified, job.key, job.policy,
             job.rank, job.state,
             work.job, work.key, work.device, work.inode, work.stamp_bytes, work.modified_ns, work.changed_ns,
             work.started, work.upload_id, work.part_bytes, work.parts, work.crc, work.size_bytes, work.etag,
             work.version_id,
             ended.kind, ended.ended, ended.verified, ended.crc, ended.etag, ended.version_id, ended.detail
             FROM job LEFT JOIN work ON work.job = job.id LEFT JOIN ended ON ended.job = job.id ",
            $end
        )
    };
}

/// All there are.
pub(super) const OF_EACH: &str = select!("");
/// After ?1, until ?2, at most ?3: all but what ended well of batches that were reported before the start, or was taken
/// off the list.
pub(super) const OF_ALL: &str = select!(
    "WHERE job.id > ?1 AND job.id <= ?2
     AND NOT (ended.kind IS NOT NULL AND ended.kind <> 3 AND job.batch IN (SELECT id FROM temp.gone))
     AND NOT (ended.kind IS NOT NULL AND ended.kind = 0 AND ended.detail IS NOT NULL)
     ORDER BY job.id LIMIT ?3"
);
/// After ?1, until ?2, at most ?3: of batch ?4.
pub(super) const OF_A_BATCH: &str =
    select!("WHERE job.id > ?1 AND job.id <= ?2 AND job.batch = ?4 ORDER BY job.id LIMIT ?3");

/// Reads a row of any of them.
pub(super) fn read_job(row: &Row<'_>) -> Result<JobRow, Error> {
    let job = NewJob {
        id: TransferId::restored(read(row, 0, as_unsigned)?),
        batch: BatchId::restored(read(row, 1, as_unsigned)?),
        folder: row.get(2)?,
        name: read(row, 3, as_os_string)?.into_boxed_os_str(),
        key: read(row, 6, |value| match value {
            ValueRef::Null => Ok(None),
            value => as_key_text(value).map(|key| Some(key.into_boxed_str())),
        })?,
        size_bytes: read(row, 4, as_unsigned)?,
        modified: read(row, 5, as_maybe_time)?,
    };
    let code: i64 = row.get(9)?;
    let state = match code & (PAUSED | ENDED) {
        0 => JobState::Queued,
        PAUSED => JobState::Paused,
        ENDED => JobState::Ended(Box::new(read_ended(row)?)),
        other => return Err(Error::IntegralValueOutOfRange(9, other)),
    };
    let reached = stage_of(code & 15).map_err(|_error| Error::IntegralValueOutOfRange(9, code))?;
    let work = match row.get_ref(10)? {
        ValueRef::Null => None,
        _ => Some(Box::new(read_work(row)?)),
    };
    let (policy, rank) = (read(row, 7, as_maybe_policy)?, row.get::<_, Option<i64>>(8)?.unwrap_or_default());
    Ok(JobRow { job, policy, rank, state, stage: reached, work })
}

fn read_work(row: &Row<'_>) -> Result<WorkRow, Error> {
    let stamp = match (read(row, 12, as_maybe_bits)?, read(row, 13, as_maybe_bits)?) {
        (Some(device), Some(inode)) => Some(SourceStamp {
            device,
            inode,
            size_bytes: read(row, 14, as_unsigned)?,
            modified_ns: row.get(15)?,
            changed_ns: row.get(16)?,
        }),
        _ => None,
    };
    let upload_id: Option<String> = row.get(18)?;
    let plan = match (read(row, 19, maybe_unsigned)?, row.get::<_, Option<u32>>(20)?) {
        (Some(part_bytes), Some(parts)) => Some(PartPlan::Multipart { part_bytes, parts }),
        _ => upload_id.is_some().then_some(PartPlan::Single),
    };
    Ok(WorkRow {
        key: read(row, 11, as_maybe_key)?,
        stamp,
        started: read(row, 17, as_maybe_time)?,
        upload_id,
        plan,
        crc64nvme: read(row, 21, as_maybe_bits)?,
        size_bytes: read(row, 22, maybe_unsigned)?,
        etag: row.get(23)?,
        version_id: row.get(24)?,
    })
}

/// A job that says it has ended without saying how was written by nobody.
fn read_ended(row: &Row<'_>) -> Result<EndedRow, Error> {
    let ended: Timestamp = read(row, 26, as_time)?;
    let outcome = match row.get::<_, i64>(25)? {
        0 => Outcome::Done {
            verified: read(row, 27, |value| Ok(verified_of(value.as_str()?)))?,
            crc64nvme: read(row, 28, as_maybe_bits)?,
            etag: row.get(29)?,
            version_id: row.get(30)?,
        },
        1 => Outcome::Skipped(read(row, 31, |value| skip_of(value.as_str()?))?),
        2 => Outcome::Cancelled,
        3 => Outcome::Failed(read(row, 31, |value| failure_of(value.as_str()?))?),
        other => return Err(Error::IntegralValueOutOfRange(25, other)),
    };
    Ok(EndedRow { outcome, ended })
}

fn maybe_unsigned(value: ValueRef<'_>) -> FromSqlResult<Option<u64>> {
    match value.as_i64_or_null()? {
        None => Ok(None),
        Some(number) => u64::try_from(number).map(Some).map_err(|_error| FromSqlError::OutOfRange(number)),
    }
}
