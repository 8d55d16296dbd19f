//! The transfer queue: a pure state machine. No task, no clock, no network.
//!
//! Owns which transfers there are and where each stands, and decides who runs next. A transfer that runs has
//! exactly one owner, the task that was started for it after [`Queue::next_ready`]; the owner says how it ended
//! through [`Queue::end`]. What a user asks for in between is answered with [`Ask`]s that the actor carries out.

mod actions;
mod buckets;
mod holding;
mod intents;
mod key_turns;
mod lanes;
mod names;
mod overtaken;
mod ranks;
mod record;
mod recording;
mod tab_index;
mod turns;
mod twins;
mod view;

#[cfg(test)]
mod kept_tests;
#[cfg(test)]
mod moved_tests;
#[cfg(test)]
mod overtaken_tests;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::{
    AfterDownload, BatchId, ConflictPolicy, Failure, Location, ObjectKey, PutOptions, SkipReason, TransferCounts,
    TransferId, TransferKind, TransferTab, Verified,
};
use buckets::ClosedBuckets;
pub(crate) use holding::PutBack;
use intents::{Intents, Place};
use key_turns::KeyTurns;
use lanes::{Lane, Lanes};
pub(crate) use lanes::{Places, Uploads};
use names::Names;
use overtaken::Overtaken;
use ranks::Ranks;
use record::{After, Record, State};
pub(crate) use record::{Folder, Naming, NewTransfer, Past, Stage};
pub(crate) use recording::{Ending, LeftOfBatch, RestoredBatch, RestoredJob, RestoredScan, Stands, Unfinished};
use tab_index::{Counts, TabIndex};

/// What is the same for all transfers of a batch.
#[derive(Clone, Debug)]
pub(crate) struct BatchSpec {
    /// Which way.
    pub(crate) kind: TransferKind,
    /// The folder on the S3 side.
    pub(crate) to: Location,
    /// Options of uploads; for downloads only `on_conflict` counts.
    pub(crate) options: Arc<PutOptions>,
    /// The folder that downloads may not leave; empty for uploads.
    pub(crate) local_root: std::path::PathBuf,
    /// What follows a download.
    pub(crate) then: AfterDownload,
    /// When the batch began, on the engine's clock.
    pub(crate) started: Duration,
    /// The same by the wall clock: nothing of the batch was written earlier.
    pub(crate) opened: Timestamp,
}

#[derive(Clone, Debug)]
struct Batch {
    spec: Arc<BatchSpec>,
    /// The answer to a conflict that holds for the rest.
    policy: Option<ConflictPolicy>,
    /// Transfers that have not ended.
    open: u64,
    /// Items left out before they became transfers.
    left_out: u64,
    scan: Scan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scan {
    /// More transfers may come.
    Running,
    /// No more come; the end was not told yet.
    Complete,
    /// The end was told; once more when something of it was tried again.
    Reported,
}

/// What the actor has to do after a user's wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Tell the owner to stop.
    Stop(TransferId, StopReason),
    /// Nothing of an earlier try is needed any more: abort its unfinished multipart upload.
    DropKept(TransferId),
    /// The user need not decide any more.
    ConflictGone(TransferId, BatchId),
    /// It ended without an owner.
    Ended(TransferId),
    /// The journal has to know that it is held.
    NotePaused(TransferId),
    /// The journal has to know that it waits for its turn again.
    NoteQueued(TransferId),
    /// The journal has to know that it is off the list.
    NoteForgotten(TransferId, BatchId),
    /// The journal has to know its place in the queue.
    NoteRank(TransferId, i64),
}

/// Whether a journal keeps the queue's uploads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Keeping {
    /// No: nothing waits for one.
    #[default]
    Nothing,
    /// Yes: small uploads start once their intent is durable, and an end is told once it is.
    Journal,
}

/// Why an owner is told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopReason {
    /// Keep what is done.
    Pause,
    /// Clean up.
    Cancel,
}

/// How an owner ended.
#[derive(Clone, Debug)]
pub(crate) enum Ended {
    Done(Verified),
    Skipped(SkipReason),
    /// The key is taken and the rule is to ask.
    Conflict,
    Failed(Failure),
    /// It was told to.
    Stopped,
}

/// What [`Queue::end`] made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// It will not run by itself any more, and an unfinished multipart upload is not needed.
    Ended,
    /// It failed; what is there helps a retry.
    Failed,
    /// It waits: queued again or paused. What is there is needed.
    Waiting,
    /// It waits for the user's decision.
    NeedsDecision,
}

/// All transfers.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// In the order of their ids, which only grow.
    records: Vec<Record>,
    names: Names,
    batches: BTreeMap<BatchId, Batch>,
    active: TabIndex,
    done: TabIndex,
    failed: TabIndex,
    lanes: Lanes,
    ranks: Ranks,
    keeping: Keeping,
    intents: Intents,
    key_turns: KeyTurns,
    overtaken: Overtaken,
    closed_buckets: ClosedBuckets,
    /// Of an earlier run, not woken yet.
    restored: Vec<(i64, usize)>,
    /// Ends that the journal does not know yet.
    recording: usize,
    paused: u64,
    /// Waiting for the answer to a conflict.
    asking: u64,
    moving: u64,
    linkable: u64,
    /// Bytes of what is queued or runs.
    pending_bytes: u64,
    /// Batches that may be through.
    perhaps_finished: Vec<BatchId>,
}

/// A transfer's facts for its owner.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: TransferId,
    pub(crate) batch: BatchId,
    pub(crate) spec: Arc<BatchSpec>,
    pub(crate) path: std::path::PathBuf,
    pub(crate) key: ObjectKey,
    pub(crate) size_bytes: u64,
    pub(crate) policy: ConflictPolicy,
    pub(crate) past: Past,
    /// Whether the journal durably says that it is about to be put.
    pub(crate) intent: Intent,
    /// How far the queue takes it to be.
    pub(crate) stage: Stage,
}

/// Whether the journal knows that a PUT is about to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    Durable,
    /// The owner writes it down itself.
    Missing,
}

impl Queue {
    /// Opens a batch; transfers come with [`Queue::push`] until [`Queue::scan_complete`].
    pub(crate) fn open_batch(&mut self, id: BatchId, spec: BatchSpec) {
        let batch = Batch { spec: Arc::new(spec), policy: None, open: 0, left_out: 0, scan: Scan::Running };
        self.batches.insert(id, batch);
    }

    /// Queues one transfer; `None` if its batch is not open.
    pub(crate) fn push(&mut self, batch: BatchId, new: NewTransfer) -> Option<TransferId> {
        let open = self.batches.get_mut(&batch)?;
        open.open += 1;
        let id = TransferId::next();
        self.pending_bytes += new.size_bytes;
        let record = Record::new(id, batch, new, &mut self.names);
        let position = self.records.len();
        self.records.push(record);
        self.line_up(position, Place::Last);
        for tab in [&mut self.active, &mut self.done, &mut self.failed] {
            tab.push();
        }
        self.active.set(position, Counts::In);
        Some(id)
    }

    /// Notes items that never became transfers.
    pub(crate) fn note_left_out(&mut self, batch: BatchId, count: u64) {
        if let Some(batch) = self.batches.get_mut(&batch) {
            batch.left_out += count;
        }
    }

    /// No more transfers will be pushed.
    pub(crate) fn scan_complete(&mut self, id: BatchId) {
        if let Some(batch) = self.batches.get_mut(&id).filter(|batch| batch.scan == Scan::Running) {
            batch.scan = Scan::Complete;
            self.perhaps_finished.push(id);
        }
    }

    /// Those of `keys` that transfers of this batch have; asked only for keys that a user typed, all at once: it is a
    /// walk through everything.
    pub(crate) fn taken_keys(&self, batch: BatchId, keys: &HashSet<ObjectKey>) -> HashSet<ObjectKey> {
        if keys.is_empty() {
            return HashSet::new();
        }
        let records = self.records.iter().filter(|record| record.batch == batch);
        records.map(|record| record.object_key(&self.names)).filter(|key| keys.contains(key)).collect()
    }

    /// The next transfer to run, now owned by the caller, if the limits allow one more.
    pub(crate) fn next_ready(&mut self, places: &Places) -> Option<Job> {
        self.lanes.unshelve(&places.closed);
        self.pass_by_closed(&places.closed);
        if !places.closed.is_empty() && self.connections_with_work().is_subset(&places.closed) {
            return None;
        }
        let waiting_downloads = self.downloads_waiting_for(&places.closed);
        loop {
            let lane = self.lanes.next(places, waiting_downloads)?;
            let position = self.lanes.pop(lane)?;
            if !self.may_start(lane, position) {
                continue;
            }
            if let Some(closed) = self.connection_at(position).filter(|connection| places.closed.contains(connection)) {
                self.lanes.shelve(lane, &closed);
                self.note_shelved(position);
                continue;
            }
            if self.lay_aside_for_bucket(lane, position) {
                continue;
            }
            if self.waits_for_key(lane, position) {
                continue;
            }
            self.lanes.started(lane);
            let has_intent = self.intents.is_ready(position);
            // A small one is sent as soon as it is read: telling so for each would cost more than it says.
            let stage = if lane == Lane::Small { Stage::Active } else { Stage::Checking };
            self.set_state(position, State::Running(stage));
            return self.job(position, if has_intent { Intent::Durable } else { Intent::Missing });
        }
    }

    /// Notes how far a running transfer is. One that is stopping stays so.
    pub(crate) fn note_stage(&mut self, id: TransferId, stage: Stage) {
        if let Some(position) = self.position(id)
            && matches!(self.records.get(position), Some(Record { state: State::Running(_), .. }))
        {
            self.set_state(position, State::Running(stage));
        }
    }

    /// Notes the size that was found on opening, and a name that was changed by a rule.
    pub(crate) fn note_facts(&mut self, id: TransferId, size_bytes: u64) {
        let Some(position) = self.position(id) else { return };
        let Some(record) = self.records.get_mut(position) else { return };
        let old = std::mem::replace(&mut record.size_bytes, size_bytes);
        if counts_as_pending(&record.state) {
            self.pending_bytes = self.pending_bytes.saturating_sub(old) + size_bytes;
        }
    }

    /// Notes the key an upload really got.
    pub(crate) fn note_key(&mut self, id: TransferId, key: &ObjectKey) {
        let Some(position) = self.position(id) else { return };
        let Some(record) = self.records.get_mut(position) else { return };
        if record.object_key(&self.names) != *key {
            record.key = Some(Box::new(key.as_str().to_owned()));
        }
    }

    /// Notes the local name a download really got.
    pub(crate) fn note_local_name(&mut self, id: TransferId, path: &std::path::Path) {
        let position = self.position(id);
        if let Some(record) = position.and_then(|position| self.records.get_mut(position))
            && let Some(name) = path.file_name()
        {
            record.name = self.names.add(name);
        }
    }

    /// The owner has ended: its transfer has none any more.
    pub(crate) fn end(&mut self, id: TransferId, ended: Ended) -> Option<Settled> {
        let position = self.position(id)?;
        let record = self.records.get(position)?;
        let after = match &record.state {
            State::Running(_) => None,
            State::Stopping(after) => Some(*after),
            _ => return None,
        };
        let next = match (ended, after) {
            (Ended::Done(verified), _) => State::Done(verified),
            (_, Some(After::Cancel)) => State::Cancelled,
            (Ended::Skipped(reason), _) => State::Skipped(Box::new(reason)),
            (Ended::Failed(failure), _) => State::Failed(Box::new(failure)),
            (Ended::Conflict, _) => State::NeedsDecision,
            (Ended::Stopped, Some(After::Pause)) => State::Paused,
            // Stopped though nobody asked for a pause: the engine ends, and the next one goes on.
            (Ended::Stopped, Some(After::Requeue) | None) => State::Queued,
        };
        let settled = match &next {
            State::Failed(_) => Settled::Failed,
            State::NeedsDecision => Settled::NeedsDecision,
            State::Queued | State::Paused => Settled::Waiting,
            _ => Settled::Ended,
        };
        if let Some(record) = self.records.get_mut(position) {
            // A cancelled one can be tried again, too.
            let is_doubtful = matches!(next, State::Queued | State::Paused | State::Failed(_) | State::Cancelled);
            record.past = if is_doubtful { Past::Doubtful } else { Past::Clear };
        }
        self.lanes.ended(position);
        match next {
            State::Done(_) => self.mark_overtaken(position),
            State::NeedsDecision => self.is_asked_now(position),
            _ => {}
        }
        match settled {
            Settled::Ended | Settled::Failed => self.finish(position, next),
            Settled::NeedsDecision => self.set_state(position, next),
            Settled::Waiting => {
                let is_queued = next == State::Queued;
                self.set_state(position, next);
                // It has waited for its turn once.
                if is_queued {
                    self.line_up(position, Place::First);
                }
            }
        }
        Some(settled)
    }

    /// Batches that are through, each told once, and again whenever something of it was tried again.
    pub(crate) fn take_finished(&mut self) -> Vec<BatchId> {
        let mut finished = Vec::new();
        for id in std::mem::take(&mut self.perhaps_finished) {
            if let Some(batch) = self.batches.get_mut(&id)
                && batch.scan == Scan::Complete
                && batch.open == 0
            {
                batch.scan = Scan::Reported;
                finished.push(id);
            }
        }
        finished
    }

    /// Whether any transfer has an owner.
    pub(crate) fn has_owners(&self) -> bool {
        self.lanes.running() > 0
    }

    /// How many stand where.
    pub(crate) fn counts(&self) -> TransferCounts {
        TransferCounts {
            active: self.active.len() as u64,
            paused: self.paused,
            moving: self.moving,
            done: self.done.len() as u64,
            failed: self.failed.len() as u64,
        }
    }

    /// Bytes of everything that is queued or runs, with what running ones have sent already.
    pub(crate) fn pending_bytes(&self) -> u64 {
        self.pending_bytes
    }

    fn job(&self, position: usize, intent: Intent) -> Option<Job> {
        let record = self.records.get(position)?;
        let batch = self.batches.get(&record.batch)?;
        Some(Job {
            id: record.id,
            batch: record.batch,
            spec: Arc::clone(&batch.spec),
            path: record.path(&self.names),
            key: record.object_key(&self.names),
            size_bytes: record.size_bytes,
            policy: record.policy.or(batch.policy).unwrap_or(batch.spec.options.on_conflict),
            past: record.past,
            intent,
            stage: match record.state {
                State::Running(stage) => stage,
                _ => Stage::Checking,
            },
        })
    }

    fn position(&self, id: TransferId) -> Option<usize> {
        self.records.binary_search_by_key(&id, |record| record.id).ok()
    }

    /// The only place where a state changes; keeps every count in step.
    fn set_state(&mut self, position: usize, next: State) {
        let Some(record) = self.records.get_mut(position) else { return };
        let had_ended = record.has_ended();
        let old = std::mem::replace(&mut record.state, next);
        if old == State::Queued {
            self.intents.withdraw(position);
        }
        if !may_go_on(self.records.get(position)) {
            self.note_stepping_back(position);
            self.give_up_key(position);
        }
        let Some(record) = self.records.get(position) else { return };
        let (now_ended, batch, size_bytes) = (record.has_ended(), record.batch, record.size_bytes);
        let new = record.state.clone();
        let kind = self.batches.get(&batch).map_or(TransferKind::Upload, |batch| batch.spec.kind);
        self.count(&old, position, size_bytes, kind, Counts::Out);
        self.count(&new, position, size_bytes, kind, Counts::In);
        if let Some(open) = self.batches.get_mut(&batch).map(|batch| &mut batch.open) {
            match (had_ended, now_ended) {
                (false, true) => *open = open.saturating_sub(1),
                (true, false) => *open += 1,
                _ => {}
            }
        }
        if now_ended && !had_ended {
            self.ranks.forget(position);
            self.perhaps_finished.push(batch);
        }
    }

    fn count(&mut self, state: &State, position: usize, size_bytes: u64, kind: TransferKind, counts: Counts) {
        match tab_of(state) {
            Some(TransferTab::Active) => self.active.set(position, counts),
            Some(TransferTab::Done) => self.done.set(position, counts),
            Some(TransferTab::Failed) => self.failed.set(position, counts),
            None => {}
        }
        let change = |number: &mut u64, by: u64| match counts {
            Counts::In => *number += by,
            Counts::Out => *number = number.saturating_sub(by),
        };
        match state {
            State::Paused | State::Stopping(After::Pause) => change(&mut self.paused, 1),
            State::NeedsDecision => change(&mut self.asking, 1),
            State::Running(Stage::Active | Stage::Finishing) => change(&mut self.moving, 1),
            State::Done(_) if kind == TransferKind::Upload => change(&mut self.linkable, 1),
            _ => {}
        }
        if counts_as_pending(state) {
            change(&mut self.pending_bytes, size_bytes);
        }
    }
}

/// Whether a transfer has an owner, or gets one without being asked for.
fn may_go_on(record: Option<&Record>) -> bool {
    record.is_some_and(|record| matches!(record.state, State::Queued | State::Running(_) | State::Stopping(_)))
}

fn counts_as_pending(state: &State) -> bool {
    matches!(state, State::Queued | State::Running(_) | State::Stopping(After::Requeue))
}

fn tab_of(state: &State) -> Option<TransferTab> {
    match state {
        State::Done(_) | State::Skipped(_) | State::Cancelled => Some(TransferTab::Done),
        State::Failed(_) => Some(TransferTab::Failed),
        State::Forgotten => None,
        _ => Some(TransferTab::Active),
    }
}
