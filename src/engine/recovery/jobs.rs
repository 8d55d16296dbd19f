//! One transfer of the earlier run: where it stands in the queue, and what is known of its upload.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::Context;
use crate::engine::actor::Actor;
use crate::engine::journal::{EndedRow, JobRow, JobStage, JobState, Outcome, PartRow, WorkRow};
use crate::engine::orphans::{Intended, Stray};
use crate::engine::queue::{Ending, Folder, Past, RestoredJob, Stands};
use crate::engine::upload::{Earlier, Kept, Leftover, Origin, Told, Unheard, may_be_stored};
use crate::model::{FailureKind, Location, TransferId};
use crate::s3::{Stored, StoredPart, UploadId};

/// What became of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Was {
    /// It is back in the queue.
    Restored,
    /// The same, and it does not go on by itself, perhaps never: others look for the upload that it may have created.
    Left,
    /// It was being cancelled, and is cancelled now.
    Cancelled,
}

impl Actor {
    pub(super) fn restore_job(
        &mut self,
        row: JobRow,
        folder: Arc<Folder>,
        parts: Vec<PartRow>,
        context: &Context,
    ) -> Was {
        let given_up = &context.given_up;
        let JobRow { job, policy, rank, state, stage, work } = row;
        let mut work = work.map(|work| *work).unwrap_or_default();
        let id = job.id;
        let upload = self.queue.location_of(job.batch).and_then(|to| upload_of(to, &work));
        let is_given_up = upload.as_ref().is_some_and(|upload| given_up.all.contains(upload));
        let is_cancelled = upload.as_ref().is_some_and(|upload| given_up.cancelled.contains(upload));
        let (stands, was) = match state {
            JobState::Ended(ended) => (Stands::Ended(ending(*ended)), Was::Restored),
            _ if is_cancelled => (Stands::Ended(Ending::Cancelled), Was::Cancelled),
            JobState::Queued => (Stands::Queued, Was::Restored),
            JobState::Paused => (Stands::Paused, Was::Restored),
        };
        let past = if stage == JobStage::Untouched { Past::Clear } else { Past::Doubtful };
        forget_refused(stage, &stands, &mut work);
        if let Some(path) = self.pasted.path_of(&folder.path, &job.name) {
            self.pasted.note(id, path);
        }
        let restored = RestoredJob {
            id,
            batch: job.batch,
            folder,
            name: job.name,
            key: job.key,
            size_bytes: job.size_bytes,
            modified: job.modified,
            policy,
            rank,
            past,
            stands: stands.clone(),
        };
        self.queue.restore_job(restored);
        let lost_creation = self.lost_creation(id, &work, context.last_written);
        // The program may have ended before it was removed.
        self.pasted_ended(id);
        let needs_upload = matches!(stands, Stands::Queued | Stands::Paused | Stands::Ended(Ending::Failed(_)));
        if needs_upload && !is_given_up {
            self.restore_upload(id, stage, work, parts, lost_creation);
        } else if lost_creation.is_some() {
            self.earlier.insert(id, Earlier { lost_creation, ..Earlier::default() });
        }
        let is_left =
            matches!(stands, Stands::Ended(_)) && self.earlier.get(&id).is_some_and(Earlier::has_lost_creation);
        if was == Was::Restored && is_left { Was::Left } else { was }
    }

    /// The upload that an earlier run may have asked for without writing down its id.
    fn lost_creation(&self, id: TransferId, work: &WorkRow, last_written: Option<Timestamp>) -> Option<Box<Stray>> {
        let since = work.started?;
        let intended = Intended { since, until: last_written.unwrap_or(since).max(since) };
        let Location { connection, bucket, .. } = self.queue.destination(id)?;
        let key = work.key.clone().or_else(|| Some(self.queue.shown(id)?.row.object.key))?;
        Some(Box::new(Stray { connection, bucket, key, intended }))
    }

    fn restore_upload(
        &mut self,
        id: TransferId,
        stage: JobStage,
        work: WorkRow,
        parts: Vec<PartRow>,
        lost_creation: Option<Box<Stray>>,
    ) {
        // Its turn may have come again since: an intent alone takes nothing back.
        let is_told = match stage {
            JobStage::Verifying => work.crc64nvme.is_some(),
            JobStage::Untouched => false,
            _ => work.etag.is_some() || work.version_id.is_some(),
        };
        let replaces = stage == JobStage::Putting && work.size_bytes.is_some();
        let stored = is_told.then(|| {
            let (etag, version_id) = (work.etag.clone(), work.version_id.clone());
            // What the parts are put together to, or a PUT carries, is not what stands in their place.
            let crc64nvme = work.crc64nvme.filter(|_| stage != JobStage::Completing && !replaces);
            Told { stored: Stored { etag, version_id, ..Stored::default() }, crc64nvme }
        });
        let unheard = match stage {
            JobStage::Putting if !is_told || replaces => work.crc64nvme.zip(work.stamp),
            _ => None,
        };
        let unheard = unheard.map(|(crc64nvme, stamp)| Unheard { crc64nvme, stamp });
        let earlier = Earlier { lost_creation, stored, unheard };
        if earlier.is_open() {
            self.earlier.insert(id, earlier);
        }
        match stage {
            JobStage::Untouched | JobStage::Putting | JobStage::Creating => {}
            // Stored by one PUT.
            JobStage::Verifying if work.upload_id.is_none() => {}
            JobStage::Uploading | JobStage::Completing | JobStage::Verifying => {
                let Some(to) = self.queue.destination(id) else { return };
                let Some(kept) = kept(to, stage, work, parts) else {
                    tracing::error!(transfer = id.get(), "a journalled upload is not complete");
                    return;
                };
                self.orphans.note_in_queue(Leftover::from(&kept), id);
                self.kept.insert(id, kept);
            }
        }
    }
}

/// Of a PUT that was refused nothing needs to be known: a million of them would take hundreds of megabytes. Where an
/// earlier try of it was stored all the same, it is found as long as the file stays as it is.
fn forget_refused(stage: JobStage, stands: &Stands, work: &mut WorkRow) {
    let is_refused = match stands {
        // A task that has died says nothing.
        Stands::Ended(Ending::Failed(failure)) => failure.kind != FailureKind::Internal && !may_be_stored(failure.kind),
        _ => false,
    };
    if is_refused && stage == JobStage::Putting && work.etag.is_none() && work.version_id.is_none() {
        work.crc64nvme = None;
    }
}

/// The multipart upload that was noted of a transfer.
fn upload_of(to: &Location, work: &WorkRow) -> Option<Leftover> {
    let (upload, key) = (UploadId(work.upload_id.clone()?), work.key.clone()?);
    Some(Leftover { connection: to.connection.clone(), bucket: to.bucket.clone(), key, upload })
}

fn kept(to: Location, stage: JobStage, work: WorkRow, parts: Vec<PartRow>) -> Option<Kept> {
    let (plan, stamp) = (work.plan?, work.stamp?);
    let origin = match (stage, work.crc64nvme, work.size_bytes) {
        (JobStage::Completing | JobStage::Verifying, Some(crc64nvme), Some(size_bytes)) => {
            Origin::Completing { crc64nvme, size_bytes }
        }
        _ => Origin::Journal,
    };
    // A part that does not fit the plan is nothing to go on with.
    let planned: BTreeMap<u32, u64> = plan.parts(stamp.size_bytes).map(|part| (part.number, part.len)).collect();
    let parts = parts
        .into_iter()
        .filter(|row| planned.get(&row.number) == Some(&row.len))
        .map(|row| (row.number, StoredPart { number: row.number, etag: row.etag, crc64nvme: row.crc64nvme }));
    Some(Kept {
        connection: to.connection,
        bucket: to.bucket,
        key: work.key?,
        upload: UploadId(work.upload_id?),
        stamp,
        plan,
        parts: Arc::new(parts.collect()),
        origin,
        // They are read again in any case.
        was_racy: true,
    })
}

fn ending(row: EndedRow) -> Ending {
    match row.outcome {
        Outcome::Done { verified, .. } => Ending::Done(verified),
        Outcome::Skipped(reason) => Ending::Skipped(reason),
        Outcome::Cancelled => Ending::Cancelled,
        Outcome::Failed(failure) => Ending::Failed(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::journal::SourceStamp;
    use crate::model::{BucketName, ConnectionId, Failure, ObjectKey, PartPlan, Prefix};

    #[test]
    fn of_a_put_that_was_refused_nothing_is_remembered() {
        let failed = |kind| Stands::Ended(Ending::Failed(Failure::new(kind)));
        let told = Some("e".to_owned());
        for (stands, etag, is_kept) in [
            (failed(FailureKind::AccessDenied), None, false),
            (failed(FailureKind::AccessDenied), told, true),
            (failed(FailureKind::Timeout), None, true),
            (failed(FailureKind::Internal), None, true),
            (Stands::Queued, None, true),
        ] {
            let mut work = WorkRow { crc64nvme: Some(1), etag, ..WorkRow::default() };
            forget_refused(JobStage::Putting, &stands, &mut work);
            assert_eq!(work.crc64nvme.is_some(), is_kept, "{stands:?}");
        }
    }

    #[test]
    fn an_upload_of_ten_thousand_parts_comes_back_without_those_that_do_not_fit() {
        const LEN: u64 = 8 << 20;
        let to = Location {
            connection: ConnectionId::new("c"),
            bucket: BucketName::new("bucket").unwrap(),
            prefix: Prefix::new(""),
        };
        let row = |number| PartRow { number, len: LEN, crc64nvme: 1, etag: "e".to_owned() };
        let mut rows: Vec<PartRow> = (1..=10_000).map(row).collect();
        rows[4].len = 3;
        rows.push(row(10_001));
        let (inode, modified_ns, changed_ns) = (1, None, None);
        let work = WorkRow {
            key: Some(ObjectKey::new("k")),
            stamp: Some(SourceStamp { device: 1, inode, size_bytes: 10_000 * LEN, modified_ns, changed_ns }),
            upload_id: Some("u".to_owned()),
            plan: Some(PartPlan::Multipart { part_bytes: LEN, parts: 10_000 }),
            ..WorkRow::default()
        };
        let begin = std::time::Instant::now();
        let kept = kept(to, JobStage::Uploading, work, rows).unwrap();
        // Part by part against the whole plan, a million of them, it would take far longer.
        assert!(begin.elapsed() < std::time::Duration::from_secs(20), "{:?}", begin.elapsed());
        assert_eq!(kept.parts.len(), 9_999);
        assert!(!kept.parts.contains_key(&5) && !kept.parts.contains_key(&10_001));
    }
}
