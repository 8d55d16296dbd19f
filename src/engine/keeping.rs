//! The actor's side of the journal: what it writes down, and what it does once that is durable.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::actor::{Actor, Flow};
use super::journal::{self, BatchRow, BatchStage, Change, JournalHealth, NewJob};
use super::queue::{Ending, Folder, NewTransfer};
use super::recovery::connection_json;
use super::transfers::Outcome;
use crate::model::{BatchId, ConflictPolicy, ConflictScope, Failure, Location, PutOptions, TransferId, TransferState};

/// Folders whose numbers are known without asking.
const FOLDERS_REMEMBERED: usize = 256;
/// So many transfers go into one change at most, so that no transaction becomes too long.
const MOST_IN_A_LIST: usize = 4096;

impl Actor {
    /// Whether the journal cannot be written at the moment: then nothing new is begun.
    pub(super) fn is_stalled(&self) -> bool {
        self.stall().is_some() || self.waits_for_journal()
    }

    /// Why the journal cannot be written.
    pub(super) fn stall(&self) -> Option<Failure> {
        match &*self.journal_health.borrow() {
            JournalHealth::Writing => None,
            JournalHealth::Stalled(failure) => Some(failure.clone()),
        }
    }

    /// The journal can be written again, or not any more.
    pub(super) fn take_journal_health(&mut self) -> Flow {
        self.picture.is_stale = true;
        if let Some(failure) = self.stall() {
            tracing::warn!(kind = ?failure.kind, detail = failure.detail, "the journal stalls");
            self.tools.sink.notice_failure(failure);
        } else {
            tracing::info!("the journal is written again");
        }
        Flow::GoOn
    }

    /// Something that was to be recorded is durable: a block of intents, an upload that was handed over, or the end of
    /// a transfer.
    pub(super) fn take_recorded(&mut self, id: TransferId) {
        if self.queue.intents_durable(id) || self.handed_durable(id) {
            return;
        }
        for id in self.cancelling.remove(&id).unwrap_or_else(|| vec![id]) {
            if self.queue.recorded(id) {
                self.picture.is_stale = true;
                self.pasted_ended(id);
                let result = self.recording.remove(&id).unwrap_or_default();
                self.report(id, result);
            }
        }
    }

    /// Writes down what the queue wants noted, many transfers at a time.
    pub(super) fn note_lists(&mut self, lists: Lists) {
        for change in lists.changes(self.tools.clock.now()) {
            let Change::Cancelled { jobs, .. } = &change else {
                self.journal.note(change);
                continue;
            };
            let Some(first) = jobs.first().copied() else { continue };
            self.cancelling.insert(first, jobs.clone());
            self.journal.record_now(change, first);
        }
        self.forget(lists.forgotten);
    }

    /// Writes down which small uploads are about to start, and which are not after all.
    pub(super) fn write_intents(&mut self) {
        for job in self.queue.take_void_intents() {
            self.journal.note(Change::RestartUpload { job });
        }
        let closed = self.health.closed();
        while let Some(ids) = self.queue.next_intents(&closed) {
            let Some(first) = ids.first().copied() else { return };
            self.journal.record(Change::Putting(ids), first);
        }
    }

    /// A transfer will not go on by itself: told at once, or once that is written down.
    pub(super) fn settle(&mut self, id: TransferId, result: Outcome) {
        let Some(ending) = self.queue.to_record(id) else { return self.report(id, result) };
        let outcome = outcome_of(ending, &result);
        let ended = self.tools.clock.now();
        self.recording.insert(id, result);
        let change = Change::Ended { job: id, outcome, ended };
        // While others run, nobody waits for just this one.
        if self.running.is_empty() {
            self.journal.record_now(change, id);
        } else {
            self.journal.record(change, id);
        }
    }

    /// Its owner has ended, and it waits: for its turn, for the user, or for a decision. What is in doubt stays so in
    /// the journal, since a request may still arrive.
    pub(super) fn note_waiting(&self, id: TransferId) {
        if let Some(TransferState::Paused) = self.queue.shown(id).map(|shown| shown.row.state) {
            self.journal.note(Change::Paused { jobs: vec![id] });
        }
    }

    /// Queues files and writes them down.
    pub(super) fn push_files(&mut self, batch: BatchId, files: Vec<NewTransfer>) -> Vec<TransferId> {
        let is_kept = self.queue.keeps(batch);
        let (mut ids, mut jobs) = (Vec::with_capacity(files.len()), Vec::new());
        for file in files {
            let job = is_kept.then(|| self.new_job(batch, &file));
            let pasted = self.pasted.path_of(&file.folder.path, &file.name);
            let Some(id) = self.queue.push(batch, file) else { continue };
            if let Some(path) = pasted {
                self.pasted.note(id, path);
            }
            ids.push(id);
            jobs.extend(job.map(|job| NewJob { id, ..job }));
        }
        if !jobs.is_empty() {
            self.journal.note(Change::Jobs(jobs));
        }
        ids
    }

    fn new_job(&mut self, batch: BatchId, file: &NewTransfer) -> NewJob {
        NewJob {
            // Its real one comes with its place in the queue.
            id: TransferId::restored(0),
            batch,
            folder: self.folder_number(&file.folder),
            name: file.name.clone().into_boxed_os_str(),
            key: file.key.clone(),
            size_bytes: file.size_bytes,
            modified: file.modified,
        }
    }

    /// A folder's number in the journal. A scan is in few folders at a time, so only the last ones are remembered;
    /// one that comes again later gets another number.
    fn folder_number(&mut self, folder: &Arc<Folder>) -> u32 {
        if let Some((_, number)) = self.folders.iter().rev().find(|(known, _)| Arc::ptr_eq(known, folder)) {
            return *number;
        }
        self.last_folder += 1;
        self.journal.note(Change::Folder { id: self.last_folder, folder: Arc::clone(folder) });
        if self.folders.len() >= FOLDERS_REMEMBERED {
            self.folders.pop_front();
        }
        self.folders.push_back((Arc::clone(folder), self.last_folder));
        self.last_folder
    }

    /// A batch of uploads begins: what is to be written down of it. Its connection is noted before.
    pub(super) fn new_batch(
        &self,
        id: BatchId,
        sources: Vec<PathBuf>,
        to: &Location,
        options: &Arc<PutOptions>,
    ) -> Change {
        if let Some(connection) = self.tools.book.find_unsaved(&to.connection) {
            let connection_json = connection_json(&connection);
            self.journal.note(Change::Connection { id: connection.id, connection_json });
        }
        Change::Batch(BatchRow {
            id,
            to: to.clone(),
            options: Arc::clone(options),
            sources,
            opened: self.tools.clock.now(),
            policy: None,
            left_out: 0,
            stage: BatchStage::Filling,
        })
    }

    /// A batch's scan has come to its end.
    pub(super) fn note_filled(&self, batch: BatchId) {
        if self.queue.keeps(batch) {
            let left_out = self.queue.left_out(batch);
            self.journal.note(Change::BatchFilled { batch, left_out });
        }
    }

    /// Transfers are off the list.
    pub(super) fn note_forgotten(&self, jobs: &[TransferId]) {
        for jobs in parts(jobs) {
            self.journal.note(Change::Forgotten { jobs });
        }
    }

    /// A batch's end was told.
    pub(super) fn note_reported(&self, batch: BatchId) {
        if self.queue.keeps(batch) {
            self.journal.note(Change::BatchReported { batch });
        }
    }

    /// A user's answer to a conflict.
    pub(super) fn note_policy(&self, id: TransferId, policy: ConflictPolicy, scope: ConflictScope) {
        let Some(shown) = self.queue.shown(id).filter(|shown| self.queue.keeps(shown.batch)) else { return };
        // The queue asks once more.
        let is_stale = policy == ConflictPolicy::Overwrite && self.queue.was_overtaken(id);
        self.journal.note(Change::JobPolicy { job: id, policy: if is_stale { ConflictPolicy::Ask } else { policy } });
        if scope == ConflictScope::RestOfBatch {
            self.journal.note(Change::BatchPolicy { batch: shown.batch, policy });
        }
    }
}

/// What a wish of the user changes of many transfers.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub(super) paused: Vec<TransferId>,
    pub(super) queued: Vec<TransferId>,
    /// Without having run.
    pub(super) cancelled: Vec<TransferId>,
    pub(super) forgotten: Vec<(TransferId, BatchId)>,
}

impl Lists {
    /// Everything but what is forgotten.
    fn changes(&self, ended: Timestamp) -> Vec<Change> {
        let paused = parts(&self.paused).map(|jobs| Change::Paused { jobs });
        let queued = parts(&self.queued).map(|jobs| Change::Requeued { jobs });
        let cancelled = parts(&self.cancelled).map(|jobs| Change::Cancelled { jobs, ended });
        paused.chain(queued).chain(cancelled).collect()
    }
}

/// A list in parts that are not too long.
fn parts(ids: &[TransferId]) -> impl Iterator<Item = Vec<TransferId>> {
    ids.chunks(MOST_IN_A_LIST).map(<[TransferId]>::to_vec)
}

/// How the journal calls an end.
pub(super) fn outcome_of(ending: Ending, result: &Outcome) -> journal::Outcome {
    match ending {
        Ending::Done(verified) => journal::Outcome::Done {
            verified,
            crc64nvme: result.crc64nvme,
            etag: result.stored.as_ref().and_then(|stored| stored.etag.clone()),
            version_id: result.stored.as_ref().and_then(|stored| stored.version_id.clone()),
        },
        Ending::Skipped(reason) => journal::Outcome::Skipped(reason),
        Ending::Cancelled => journal::Outcome::Cancelled,
        Ending::Failed(failure) => journal::Outcome::Failed(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_transfers_make_few_changes() {
        let ids = |from: u64| (from..from + 10_000).map(TransferId::restored).collect::<Vec<_>>();
        let lists = Lists { paused: ids(1), queued: ids(10_001), cancelled: ids(20_001), forgotten: Vec::new() };
        let changes = lists.changes(Timestamp::UNIX_EPOCH);
        assert_eq!(changes.len(), 9);
        let mut all = Vec::new();
        for change in changes {
            let (Change::Paused { jobs } | Change::Requeued { jobs } | Change::Cancelled { jobs, .. }) = change else {
                panic!("{change:?}")
            };
            assert!(jobs.len() <= MOST_IN_A_LIST);
            all.extend(jobs);
        }
        assert_eq!(all, (1..=30_000).map(TransferId::restored).collect::<Vec<_>>());
    }
}
