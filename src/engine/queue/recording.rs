//! Ends that the journal has to know before anybody is told, and what an earlier run has left in it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::sync::Arc;

use jiff::Timestamp;

use super::intents::Place;
use super::ranks::Ranks;
use super::record::{Folder, NewTransfer, Past, Record, State};
use super::{Batch, BatchSpec, Keeping, Queue, Scan};
use crate::model::{
    BatchId, BatchStood, ConflictPolicy, Failure, Location, SkipReason, TransferId, TransferKind, Verified,
};

/// How a transfer has ended, for the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Done(Verified),
    Skipped(SkipReason),
    Cancelled,
    Failed(Failure),
}

/// A batch of an earlier run.
#[derive(Debug)]
pub(crate) struct RestoredBatch {
    pub(crate) spec: BatchSpec,
    pub(crate) policy: Option<ConflictPolicy>,
    pub(crate) left_out: u64,
    pub(crate) scan: RestoredScan,
}

/// How far a batch of an earlier run was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RestoredScan {
    /// Its files are found again.
    Unfinished,
    /// All its files are in the journal; its end was not told.
    Complete,
    /// Its end was told.
    Reported,
}

/// A transfer of an earlier run.
#[derive(Debug)]
pub(crate) struct RestoredJob {
    pub(crate) id: TransferId,
    pub(crate) batch: BatchId,
    pub(crate) folder: Arc<Folder>,
    pub(crate) name: Box<OsStr>,
    pub(crate) key: Option<Box<str>>,
    pub(crate) size_bytes: u64,
    pub(crate) modified: Option<Timestamp>,
    pub(crate) policy: Option<ConflictPolicy>,
    /// As a move has given it; 0 for what was never moved.
    pub(crate) rank: i64,
    pub(crate) past: Past,
    pub(crate) stands: Stands,
}

/// Where a transfer of an earlier run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// It goes on.
    Queued,
    /// The user holds it.
    Paused,
    /// It has ended.
    Ended(Ending),
}

/// What was restored and has not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unfinished {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
}

/// What is left of a batch of uploads of an earlier run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LeftOfBatch {
    pub(crate) batch: BatchId,
    pub(crate) to: Location,
    pub(crate) stood: BatchStood,
    /// Transfers that have not ended.
    pub(crate) open: u64,
    /// Transfers that can be tried again.
    pub(crate) failed: u64,
    /// Those on the list that went well.
    pub(crate) stored: u64,
}

impl Queue {
    /// A queue whose uploads a journal keeps.
    pub(crate) fn journalled() -> Self {
        Self { keeping: Keeping::Journal, ..Self::default() }
    }

    /// A transfer will not go on: at once, or once the journal knows.
    pub(super) fn finish(&mut self, position: usize, state: State) {
        if !self.is_kept(position) {
            return self.set_state(position, state);
        }
        self.recording += 1;
        self.set_state(position, State::Recording(Box::new(state)));
    }

    /// Whether the journal keeps the transfers of a batch.
    pub(crate) fn keeps(&self, batch: BatchId) -> bool {
        let kind = self.batches.get(&batch).map(|batch| batch.spec.kind);
        self.keeping == Keeping::Journal && kind == Some(TransferKind::Upload)
    }

    /// Whether more transfers of a batch may come.
    pub(crate) fn is_filling(&self, batch: BatchId) -> bool {
        self.batches.get(&batch).is_some_and(|batch| batch.scan == Scan::Running)
    }

    /// Whether more transfers of any batch may come. A walk through all batches.
    pub(crate) fn has_filling(&self) -> bool {
        self.batches.values().any(|batch| batch.scan == Scan::Running)
    }

    /// Items of a batch that never became transfers.
    pub(crate) fn left_out(&self, batch: BatchId) -> u64 {
        self.batches.get(&batch).map_or(0, |batch| batch.left_out)
    }

    /// Whether the journal keeps this transfer.
    pub(super) fn is_kept(&self, position: usize) -> bool {
        self.records.get(position).is_some_and(|record| self.keeps(record.batch))
    }

    /// How a transfer has ended that nobody may be told of yet; `None` if there is nothing to be written down.
    pub(crate) fn to_record(&self, id: TransferId) -> Option<Ending> {
        let State::Recording(state) = &self.records.get(self.position(id)?)?.state else { return None };
        match &**state {
            State::Done(verified) => Some(Ending::Done(*verified)),
            State::Skipped(reason) => Some(Ending::Skipped((**reason).clone())),
            State::Cancelled => Some(Ending::Cancelled),
            State::Failed(failure) => Some(Ending::Failed((**failure).clone())),
            _ => None,
        }
    }

    /// Its end is durable. `false` if nobody waited for that.
    pub(crate) fn recorded(&mut self, id: TransferId) -> bool {
        let Some(position) = self.position(id) else { return false };
        let Some(Record { state: State::Recording(state), .. }) = self.records.get(position) else { return false };
        let state = (**state).clone();
        self.recording -= 1;
        self.set_state(position, state);
        true
    }

    /// Whether a transfer has failed, perhaps without the journal knowing it yet.
    pub(crate) fn has_failed(&self, id: TransferId) -> bool {
        let record = self.position(id).and_then(|position| self.records.get(position));
        record.is_some_and(|record| match &record.state {
            State::Failed(_) => true,
            State::Recording(state) => matches!(**state, State::Failed(_)),
            _ => false,
        })
    }

    /// Whether an end waits for the journal.
    pub(crate) fn is_recording(&self) -> bool {
        self.recording > 0
    }

    /// Takes a batch of an earlier run back.
    pub(crate) fn restore_batch(&mut self, id: BatchId, restored: RestoredBatch) {
        let scan = match restored.scan {
            RestoredScan::Unfinished => Scan::Running,
            RestoredScan::Complete => Scan::Complete,
            RestoredScan::Reported => Scan::Reported,
        };
        let RestoredBatch { spec, policy, left_out, .. } = restored;
        self.batches.insert(id, Batch { spec: Arc::new(spec), policy, open: 0, left_out, scan });
        self.perhaps_finished.push(id);
    }

    /// Takes a transfer of an earlier run back; in the order of ids, after its batch, before anything new. What is
    /// unfinished waits for [`Queue::wake_restored`].
    pub(crate) fn restore_job(&mut self, job: RestoredJob) {
        let position = self.records.len();
        let is_next = self.records.last().is_none_or(|last| last.id < job.id);
        if !is_next || !self.batches.contains_key(&job.batch) {
            tracing::error!(transfer = job.id.get(), "a journalled transfer cannot be restored");
            return;
        }
        let state = match job.stands {
            Stands::Queued => State::Queued,
            Stands::Paused => State::Paused,
            Stands::Ended(Ending::Done(verified)) => State::Done(verified),
            Stands::Ended(Ending::Skipped(reason)) => State::Skipped(Box::new(reason)),
            Stands::Ended(Ending::Cancelled) => State::Cancelled,
            Stands::Ended(Ending::Failed(failure)) => State::Failed(Box::new(failure)),
        };
        let (name, size_bytes, modified) = (job.name.into_os_string(), job.size_bytes, job.modified);
        let new = NewTransfer { folder: job.folder, name, key: job.key, size_bytes, modified };
        let mut record = Record::new(job.id, job.batch, new, &mut self.names);
        (record.policy, record.past, record.state) = (job.policy, job.past, State::Forgotten);
        self.records.push(record);
        for tab in [&mut self.active, &mut self.done, &mut self.failed] {
            tab.push();
        }
        let goes_on = matches!(state, State::Queued | State::Paused);
        // It had the key, and gave it up.
        let stepped_back = matches!(state, State::Failed(_)) || goes_on && job.past == Past::Doubtful;
        self.set_state(position, state);
        if stepped_back {
            self.note_restored_back(position);
        } else if goes_on {
            // It may not be woken before a later one is stored; once it begins, that is forgotten.
            self.note_not_begun(position);
        }
        if let Some(batch) = self.batches.get_mut(&job.batch)
            && goes_on
            && batch.scan == Scan::Reported
        {
            // Its end was told before this one was tried again: that will be told, too.
            batch.scan = Scan::Complete;
        }
        if self.records.get(position).is_some_and(|record| record.state == State::Queued) {
            self.ranks.restore(position, job.rank);
            self.restored.push((Ranks::number(job.rank, job.id), position));
        }
    }

    /// Not all transfers of earlier runs could be read: none of their batches is through. Gives those that are to be
    /// closed once they were read, by [`Queue::scan_complete`].
    pub(crate) fn keep_restored_open(&mut self) -> Vec<BatchId> {
        let complete = self.batches.iter_mut().filter(|(_, batch)| batch.scan == Scan::Complete);
        complete
            .map(|(id, batch)| {
                batch.scan = Scan::Running;
                *id
            })
            .collect()
    }

    /// Whether anything was queued after a transfer: then no restored one can take its place any more.
    pub(crate) fn has_newer_than(&self, id: TransferId) -> bool {
        self.records.last().is_some_and(|last| last.id > id)
    }

    /// Where a transfer goes to.
    pub(crate) fn destination(&self, id: TransferId) -> Option<Location> {
        let record = self.records.get(self.position(id)?)?;
        Some(self.batches.get(&record.batch)?.spec.to.clone())
    }

    /// Where a batch goes.
    pub(crate) fn location_of(&self, batch: BatchId) -> Option<&Location> {
        Some(&self.batches.get(&batch)?.spec.to)
    }

    /// What was restored and has not ended.
    pub(crate) fn unfinished(&self) -> Unfinished {
        let open = self.records.iter().filter(|record| !record.has_ended());
        open.fold(Unfinished::default(), |sum, record| Unfinished {
            files: sum.files + 1,
            bytes: sum.bytes + record.size_bytes,
        })
    }

    /// What is left of the batches of uploads of earlier runs.
    pub(crate) fn left_of_batches(&self) -> Vec<LeftOfBatch> {
        let (mut failed, mut stored) = (BTreeMap::<BatchId, u64>::new(), BTreeMap::<BatchId, u64>::new());
        for record in &self.records {
            match record.state {
                State::Failed(_) => *failed.entry(record.batch).or_default() += 1,
                State::Done(_) => *stored.entry(record.batch).or_default() += 1,
                _ => {}
            }
        }
        let uploads = self.batches.iter().filter(|(_, batch)| batch.spec.kind == TransferKind::Upload);
        uploads
            .map(|(id, batch)| LeftOfBatch {
                batch: *id,
                to: batch.spec.to.clone(),
                stood: match batch.scan {
                    Scan::Running => BatchStood::Filling,
                    Scan::Complete => BatchStood::Filled,
                    Scan::Reported => BatchStood::Told,
                },
                open: batch.open,
                failed: failed.get(id).copied().unwrap_or_default(),
                stored: stored.get(id).copied().unwrap_or_default(),
            })
            .collect()
    }

    /// Transfers of a batch that went well, after one, at most `count`.
    pub(crate) fn stored_after(&self, batch: BatchId, after: Option<TransferId>, count: usize) -> Vec<TransferId> {
        let start = after.map_or(0, |after| self.records.partition_point(|record| record.id <= after));
        let later = self.records.iter().skip(start).filter(|record| record.batch == batch);
        later.filter(|record| matches!(record.state, State::Done(_))).take(count).map(|record| record.id).collect()
    }

    /// Whether a transfer is on the list as one that went well.
    pub(crate) fn is_stored(&self, id: TransferId) -> bool {
        let record = self.position(id).and_then(|position| self.records.get(position));
        record.is_some_and(|record| matches!(record.state, State::Done(_)))
    }

    /// Whether the end of a batch was told.
    pub(crate) fn is_reported(&self, batch: BatchId) -> bool {
        self.batches.get(&batch).is_some_and(|batch| batch.scan == Scan::Reported)
    }

    /// What was restored and waits for no turn yet.
    pub(super) fn not_woken(&self) -> impl Iterator<Item = usize> {
        self.restored.iter().map(|(_rank, position)| *position)
    }

    /// Lets what was restored wait for its turn.
    pub(crate) fn wake_restored(&mut self) {
        let mut restored = std::mem::take(&mut self.restored);
        restored.sort_unstable();
        for (_rank, position) in restored {
            if self.records.get(position).is_some_and(|record| record.state == State::Queued) {
                self.line_up(position, Place::Last);
            }
        }
    }
}
