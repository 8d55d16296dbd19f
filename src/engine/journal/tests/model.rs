//! What the journal should hold after any changes, in plain maps; and changes by chance.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::super::{
    BatchRow, BatchStage, Change, EndedRow, InPlaceOf, JobRow, JobStage, JobState, NewJob, OrphanRow, Outcome, PartRow,
    Restored, SourceStamp, WorkRow,
};
use crate::engine::orphans::Why;
use crate::engine::queue::{Folder, Naming};
use crate::model::{
    BatchId, BucketName, ConflictPolicy, ConnectionId, Failure, FailureKind, Location, ObjectKey, PartPlan, Prefix,
    PutOptions, SkipReason, TransferId, Verified,
};

/// All there is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct State {
    pub(super) connections: BTreeMap<ConnectionId, String>,
    pub(super) learnt: BTreeMap<ConnectionId, String>,
    pub(super) batches: BTreeMap<BatchId, BatchRow>,
    pub(super) folders: BTreeMap<u32, Arc<Folder>>,
    pub(super) jobs: BTreeMap<TransferId, JobRow>,
    pub(super) parts: BTreeMap<TransferId, BTreeMap<u32, PartRow>>,
    pub(super) orphans: BTreeMap<(String, String, String, String), OrphanRow>,
    /// Stored, kept for a receipt, and not shown any more.
    off_list: BTreeSet<TransferId>,
}

impl State {
    pub(super) fn of(restored: Restored) -> Self {
        let parts = restored.parts.into_iter();
        let orphans = restored.orphans.into_iter();
        Self {
            connections: restored.connections,
            learnt: restored.learnt,
            batches: restored.batches.into_iter().map(|batch| (batch.id, batch)).collect(),
            folders: restored.folders,
            jobs: restored.jobs.map(|row| (row.job.id, row)).collect(),
            parts: parts.map(|(job, parts)| (job, parts.into_iter().map(|p| (p.number, p)).collect())).collect(),
            orphans: orphans.map(|o| (orphan_key(&o.connection, &o.bucket, &o.key, &o.upload_id), o)).collect(),
            off_list: BTreeSet::new(),
        }
    }

    pub(super) fn after(changes: &[Change]) -> Self {
        let mut state = Self::default();
        for change in changes {
            state.apply(change);
        }
        state
    }

    /// As a new start has to show it, without what may be tidied away.
    pub(super) fn shown(mut self) -> Self {
        let gone: BTreeSet<BatchId> =
            self.batches.values().filter(|b| b.stage == BatchStage::Reported).map(|b| b.id).collect();
        let ended_well = |row: &JobRow| match &row.state {
            JobState::Ended(ended) => !matches!(ended.outcome, Outcome::Failed(_)),
            _ => false,
        };
        let off_list = std::mem::take(&mut self.off_list);
        self.jobs.retain(|id, row| !(off_list.contains(id) || gone.contains(&row.job.batch) && ended_well(row)));
        let named: BTreeSet<u32> = self.jobs.values().map(|row| row.job.folder).collect();
        let filled: BTreeSet<BatchId> = self.jobs.values().map(|row| row.job.batch).collect();
        self.folders.retain(|id, _| named.contains(id));
        self.batches.retain(|id, batch| batch.stage != BatchStage::Reported || filled.contains(id));
        self.parts.retain(|_, parts| !parts.is_empty());
        self
    }

    /// What was stored.
    fn is_for_a_receipt(&self, id: TransferId) -> bool {
        let is_done =
            |row: &JobRow| matches!(&row.state, JobState::Ended(e) if matches!(e.outcome, Outcome::Done { .. }));
        self.jobs.get(&id).is_some_and(is_done)
    }

    fn is_reported(&self, id: TransferId) -> bool {
        let batch = self.jobs.get(&id).and_then(|row| self.batches.get(&row.job.batch));
        batch.is_some_and(|batch| batch.stage == BatchStage::Reported)
    }

    fn job(&mut self, id: TransferId, change: impl FnOnce(&mut JobRow)) {
        if let Some(row) = self.jobs.get_mut(&id) {
            change(row);
        }
    }

    fn work(&mut self, id: TransferId, change: impl FnOnce(&mut WorkRow)) {
        self.job(id, |row| change(row.work.get_or_insert_default()));
    }

    pub(super) fn apply(&mut self, change: &Change) {
        // No program says more of what it has forgotten; a mark would go with the end all the same.
        match change {
            Change::Requeued { jobs } | Change::Paused { jobs } => {
                self.off_list.retain(|job| !jobs.contains(job));
            }
            Change::Ended { job, .. } => self.off_list.retain(|known| known != job),
            _ => {}
        }
        match change.clone() {
            Change::Connection { id, connection_json } => drop(self.connections.insert(id, connection_json)),
            Change::Learnt { id, learnt_json } => drop(self.learnt.insert(id, learnt_json)),
            Change::Batch(row) => drop(self.batches.entry(row.id).or_insert(row)),
            Change::Folder { id, folder } => drop(self.folders.insert(id, folder)),
            Change::Jobs(jobs) => {
                for job in jobs {
                    let (state, untouched) = (JobState::Queued, JobStage::Untouched);
                    let row = JobRow { policy: None, rank: 0, state, stage: untouched, work: None, job };
                    self.jobs.entry(row.job.id).or_insert(row);
                }
            }
            Change::Putting(jobs) => jobs.into_iter().for_each(|id| self.job(id, |r| r.stage = JobStage::Putting)),
            Change::Size { job, size_bytes } => self.job(job, |row| row.job.size_bytes = size_bytes),
            Change::Key { job, key } => self.job(job, |row| row.job.key = Some(key.as_str().into())),
            Change::Requeued { jobs } => jobs.into_iter().for_each(|id| self.job(id, |r| r.state = JobState::Queued)),
            Change::Paused { jobs } => jobs.into_iter().for_each(|id| self.job(id, |r| r.state = JobState::Paused)),
            Change::Cancelled { jobs, ended } => {
                for job in jobs {
                    self.apply(&Change::Ended { job, outcome: Outcome::Cancelled, ended });
                }
            }
            Change::JobPolicy { job, policy } => self.job(job, |row| row.policy = Some(policy)),
            Change::Rank { job, rank } => self.job(job, |row| row.rank = rank),
            Change::Forgotten { jobs } => {
                for id in jobs {
                    if !self.is_for_a_receipt(id) {
                        self.jobs.remove(&id);
                        self.parts.remove(&id);
                    } else if !self.is_reported(id) {
                        self.off_list.insert(id);
                    }
                }
            }
            Change::Orphan { connection, bucket, key, upload_id, reason } => {
                let at = orphan_key(&connection, &bucket, &key, &upload_id);
                let row =
                    OrphanRow { connection, bucket, key, upload_id, reason: reason.clone(), tries: 0, last_try: None };
                self.orphans.entry(at).or_insert(row).reason = reason;
            }
            Change::OrphanGone { connection, bucket, key, upload_id } => {
                self.orphans.remove(&orphan_key(&connection, &bucket, &key, &upload_id));
            }
            Change::OrphanTried { connection, bucket, key, upload_id, when } => {
                if let Some(row) = self.orphans.get_mut(&orphan_key(&connection, &bucket, &key, &upload_id)) {
                    row.tries += u32::from(row.last_try != Some(when));
                    row.last_try = Some(when);
                }
            }
            other => self.apply_batch(other),
        }
    }

    fn apply_batch(&mut self, change: Change) {
        match change {
            Change::BatchFilled { batch, left_out } => {
                if let Some(row) = self.batches.get_mut(&batch) {
                    row.left_out = left_out;
                    if row.stage == BatchStage::Filling {
                        row.stage = BatchStage::Filled;
                    }
                }
            }
            Change::BatchReported { batch } => {
                if let Some(row) = self.batches.get_mut(&batch) {
                    row.stage = BatchStage::Reported;
                }
            }
            Change::BatchReopened { batch } => {
                if let Some(row) = self.batches.get_mut(&batch)
                    && row.stage == BatchStage::Reported
                {
                    row.stage = BatchStage::Filled;
                }
            }
            Change::BatchPolicy { batch, policy } => {
                if let Some(row) = self.batches.get_mut(&batch) {
                    row.policy = Some(policy);
                }
            }
            other => self.apply_work(other),
        }
    }

    /// An upload that was neither completed nor given up becomes one to abort.
    fn give_up_unended(&mut self, job: TransferId) {
        let Some(row) = self.jobs.get(&job) else { return };
        let (Some(work), Some(batch)) = (&row.work, self.batches.get(&row.job.batch)) else { return };
        let (Some(key), Some(upload_id)) = (work.key.clone(), work.upload_id.clone()) else { return };
        if row.stage == JobStage::Verifying {
            return;
        }
        let (connection, bucket) = (batch.to.connection.clone(), batch.to.bucket.clone());
        let at = orphan_key(&connection, &bucket, &key, &upload_id);
        let reason = Why::Restarted.code().to_owned();
        let row = OrphanRow { connection, bucket, key, upload_id, reason, tries: 0, last_try: None };
        self.orphans.entry(at).or_insert(row);
    }

    fn apply_work(&mut self, change: Change) {
        match change {
            Change::Sending { job, crc64nvme, stamp } => self.work(job, |work| {
                (work.crc64nvme, work.stamp) = (Some(crc64nvme), Some(stamp));
                (work.etag, work.version_id, work.size_bytes) = (None, None, None);
            }),
            Change::Replacing { job, crc64nvme, stamp } => {
                self.work(job, |work| {
                    (work.crc64nvme, work.stamp) = (Some(crc64nvme), Some(stamp));
                    work.size_bytes = Some(stamp.size_bytes);
                });
                self.job(job, |row| row.stage = JobStage::Putting);
            }
            Change::Creating { job, key, stamp, started, in_place_of } => {
                self.give_up_unended(job);
                self.parts.remove(&job);
                self.job(job, |row| {
                    row.stage = JobStage::Creating;
                    let (key, stamp, started) = (Some(key), Some(stamp), Some(started));
                    let own = in_place_of.map(|own| (own.crc64nvme, own.etag, own.version_id));
                    let (crc64nvme, etag, version_id) = own.unwrap_or_default();
                    let work = WorkRow { key, stamp, started, crc64nvme, etag, version_id, ..WorkRow::default() };
                    row.work = Some(Box::new(work));
                });
            }
            Change::Created { job, upload_id, plan, lost_since } => {
                self.parts.remove(&job);
                self.work(job, |work| {
                    (work.upload_id, work.plan, work.started) = (Some(upload_id), Some(plan), lost_since);
                });
                self.job(job, |row| row.stage = JobStage::Uploading);
            }
            Change::Swept { job } if self.jobs.get(&job).is_some_and(|row| row.work.is_some()) => {
                self.work(job, |work| work.started = None);
            }
            Change::Part { job, number, len, crc64nvme, etag } if self.jobs.contains_key(&job) => {
                self.parts.entry(job).or_default().insert(number, PartRow { number, len, crc64nvme, etag });
            }
            Change::PartsLost { job, numbers } => {
                let parts = self.parts.entry(job).or_default();
                parts.retain(|number, _| !numbers.contains(number));
            }
            Change::Completing { job, crc64nvme, size_bytes } => {
                self.work(job, |work| (work.crc64nvme, work.size_bytes) = (Some(crc64nvme), Some(size_bytes)));
                self.job(job, |row| row.stage = JobStage::Completing);
            }
            Change::Stored { job, etag, version_id } => {
                self.work(job, |work| (work.etag, work.version_id) = (etag, version_id));
                self.job(job, |row| row.stage = JobStage::Verifying);
            }
            Change::Ended { job, outcome, ended } => {
                if !matches!(outcome, Outcome::Failed(_)) {
                    self.parts.remove(&job);
                    self.job(job, |row| (row.work, row.stage) = (None, JobStage::Untouched));
                }
                self.job(job, |row| row.state = JobState::Ended(Box::new(EndedRow { outcome, ended })));
            }
            Change::RestartUpload { job } => {
                self.parts.remove(&job);
                self.job(job, |row| {
                    let started = row.work.as_ref().and_then(|work| work.started);
                    row.work = started.map(|at| Box::new(WorkRow { started: Some(at), ..WorkRow::default() }));
                    row.stage = JobStage::Untouched;
                });
            }
            _ => {}
        }
    }
}

fn orphan_key(c: &ConnectionId, b: &BucketName, k: &ObjectKey, id: &str) -> (String, String, String, String) {
    (c.as_str().to_owned(), b.as_str().to_owned(), k.as_str().to_owned(), id.to_owned())
}

/// Numbers by chance that are the same for the same seed.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn bits(&mut self) -> u64 {
        self.below(1 << 31) << 40 ^ self.below(1 << 31)
    }

    fn maybe<T>(&mut self, value: T) -> Option<T> {
        (self.below(2) == 0).then_some(value)
    }
}

pub(super) fn time(chance: &mut Chance) -> Timestamp {
    Timestamp::new(i64::try_from(chance.below(4_000_000_000)).unwrap() - 1_000_000_000, 123_456_789).unwrap()
}

pub(super) fn batch(id: u64) -> Change {
    Change::Batch(BatchRow {
        id: BatchId::restored(id),
        to: Location {
            connection: ConnectionId::new("c1"),
            bucket: BucketName::new("bucket").unwrap(),
            prefix: Prefix::new("사진/"),
        },
        options: Arc::new(PutOptions { metadata: vec![("a".into(), "é".into())], ..PutOptions::default() }),
        sources: vec![PathBuf::from("/one"), PathBuf::from(odd_name(7))],
        opened: Timestamp::from_second(1_700_000_000).unwrap(),
        policy: None,
        left_out: 0,
        stage: BatchStage::Filling,
    })
}

pub(super) fn folder(id: u32) -> Change {
    let path = PathBuf::from(format!("/home/somewhere/{id}"));
    let folder = Folder { path, key_prefix: format!("사진/{id}/"), naming: Naming::Exact };
    Change::Folder { id, folder: Arc::new(folder) }
}

/// A name that is no Unicode where the system has such.
pub(super) fn odd_name(number: u64) -> OsString {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt as _;
        let mut bytes = b"\xff\xfe odd ".to_vec();
        bytes.extend(number.to_string().bytes());
        OsString::from_vec(bytes)
    }
    #[cfg(not(unix))]
    OsString::from(format!("odd {number}"))
}

pub(super) fn job(id: u64, batch: u64, folder: u32) -> NewJob {
    let name = if id.is_multiple_of(5) { odd_name(id) } else { OsString::from(format!("파일 {id}.bin")) };
    NewJob {
        id: TransferId::restored(id),
        batch: BatchId::restored(batch),
        folder,
        name: name.into_boxed_os_str(),
        key: (id.is_multiple_of(5)).then(|| format!("other/{id}").into_boxed_str()),
        size_bytes: id * 1_000,
        modified: (!id.is_multiple_of(7))
            .then(|| Timestamp::new(1_600_000_000 + i64::try_from(id).unwrap(), 5).unwrap()),
    }
}

fn stamp(chance: &mut Chance) -> SourceStamp {
    SourceStamp {
        device: chance.bits() | 1 << 63,
        inode: chance.bits(),
        size_bytes: chance.below(1 << 31),
        modified_ns: Some(-5),
        changed_ns: chance.maybe(7),
    }
}

fn outcome(chance: &mut Chance) -> Outcome {
    match chance.below(5) {
        0 => Outcome::Skipped(SkipReason::SameKey(ObjectKey::new("한/글"))),
        1 => Outcome::Cancelled,
        2 => Outcome::Failed(Failure::new(FailureKind::AccessDenied).with("bucket", "b").detail("403")),
        _ => Outcome::Done {
            verified: Verified::Confirmed,
            crc64nvme: Some(chance.bits() | 1 << 63),
            etag: chance.maybe("d41d8cd98f00b204e9800998ecf8427e".to_owned()),
            version_id: chance.maybe("v1".to_owned()),
        },
    }
}

/// Changes by chance, with the first few fixed so that the others have something to change.
pub(super) fn changes(seed: u64, count: usize) -> Vec<Change> {
    let mut chance = Chance(seed);
    let mut changes = vec![batch(1), batch(2), folder(1), Change::Jobs((1..=8).map(|id| job(id, 1, 1)).collect())];
    let mut next = 9;
    while changes.len() < count {
        changes.push(one(&mut chance, &mut next));
    }
    changes.truncate(count);
    changes
}

fn one(chance: &mut Chance, next: &mut u64) -> Change {
    let job_id = |chance: &mut Chance| TransferId::restored(1 + chance.below(24));
    let batch_id = BatchId::restored(1 + chance.below(3));
    let job = job_id(chance);
    let (connection, bucket) = (ConnectionId::new("c1"), BucketName::new("bucket").unwrap());
    let (key, upload_id) = (ObjectKey::new(format!("k/{}", chance.below(3))), format!("u{}", chance.below(3)));
    match chance.below(26) {
        0 => Change::Connection { id: connection, connection_json: format!("{{\"n\":{}}}", chance.below(9)) },
        1 => Change::Learnt { id: connection, learnt_json: "{}".into() },
        2 => batch(1 + chance.below(3)),
        3 => Change::BatchFilled { batch: batch_id, left_out: chance.below(9) },
        4 if chance.below(4) == 0 => Change::BatchReported { batch: batch_id },
        5 => Change::BatchPolicy { batch: batch_id, policy: ConflictPolicy::Rename },
        6 => folder(1 + u32::try_from(chance.below(3)).unwrap()),
        7 => {
            let first = *next;
            *next += 1 + chance.below(4);
            Change::Jobs((first..*next).map(|id| self::job(id, 1 + id % 2, 1)).collect())
        }
        8 | 4 => Change::Putting((0..4).map(|_| job_id(chance)).collect()),
        9 => Change::Sending { job, crc64nvme: chance.bits(), stamp: stamp(chance) },
        10 => Change::Replacing { job, crc64nvme: chance.bits(), stamp: stamp(chance) },
        11 => Change::Key { job, key },
        12 => {
            let own =
                InPlaceOf { crc64nvme: Some(chance.bits()), etag: chance.maybe("o".to_owned()), version_id: None };
            let (stamp, started) = (stamp(chance), time(chance));
            Change::Creating { job, key, stamp, started, in_place_of: chance.maybe(own).map(Box::new) }
        }
        13 => {
            let plan = PartPlan::Multipart { part_bytes: 8 << 20, parts: 3 };
            let lost_since = time(chance);
            Change::Created { job, upload_id, plan, lost_since: chance.maybe(lost_since) }
        }
        14..=16 => {
            let number = 1 + u32::try_from(chance.below(4)).unwrap();
            Change::Part { job, number, len: 8 << 20, crc64nvme: chance.bits(), etag: format!("e{}", chance.below(9)) }
        }
        17 => Change::PartsLost { job, numbers: vec![1, 3] },
        18 => Change::Completing { job, crc64nvme: chance.bits(), size_bytes: 20 << 20 },
        19 => Change::Stored { job, etag: chance.maybe("e".to_owned()), version_id: chance.maybe("v".to_owned()) },
        20 | 21 => Change::Ended { job, outcome: outcome(chance), ended: time(chance) },
        22 if chance.below(3) == 0 => Change::Requeued { jobs: vec![job, job_id(chance)] },
        22 if chance.below(3) == 0 => Change::Cancelled { jobs: vec![job, job_id(chance)], ended: time(chance) },
        22 => Change::Paused { jobs: vec![job] },
        23 if chance.below(3) == 0 => Change::RestartUpload { job },
        23 if chance.below(3) == 0 => Change::Swept { job },
        23 if chance.below(2) == 0 => Change::Forgotten { jobs: vec![job, job_id(chance)] },
        23 if chance.below(2) == 0 => Change::Size { job, size_bytes: chance.below(1 << 40) },
        23 => Change::JobPolicy { job, policy: ConflictPolicy::Overwrite },
        24 if chance.below(2) == 0 => Change::Rank { job, rank: -5 },
        24 => Change::Orphan { connection, bucket, key, upload_id, reason: "cancelled".into() },
        _ if chance.below(2) == 0 => Change::OrphanGone { connection, bucket, key, upload_id },
        _ => Change::OrphanTried { connection, bucket, key, upload_id, when: time(chance) },
    }
}
