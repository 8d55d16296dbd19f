//! Pictures of the queue for front ends: rows, counts, summaries, reports.

use std::time::Duration;

use super::record::{Record, State};
use super::{Queue, TabIndex, tab_of};
use crate::engine::receipts::{ProofFacts, StoredFacts};
use crate::model::{
    BatchId, BatchSummary, Failure, Location, ObjectRef, QueueStake, RowsWanted, Selection, TransferId, TransferKind,
    TransferRow, TransferState, TransferTab,
};

/// A batch that has stored more than this names none of its objects at its end.
const MOST_NAMED: u64 = 50_000;

/// A transfer as front ends see it, without its progress.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) row: TransferRow,
    pub(crate) batch: BatchId,
    pub(crate) modified: Option<jiff::Timestamp>,
}

impl Queue {
    /// The rows asked for, without rates; bytes done are all or none until the caller fills them in.
    pub(crate) fn rows(&self, wanted: &RowsWanted) -> Vec<TransferRow> {
        let index = self.tab(wanted.tab);
        let end = wanted.first_index.saturating_add(wanted.count).min(index.len());
        // What waits is shown in the order of its turn; what has ended, the latest first.
        let places = wanted.first_index.min(end)..end;
        let positions = match wanted.tab {
            TransferTab::Active => self.turns(places),
            TransferTab::Done | TransferTab::Failed => places.filter_map(|k| index.kth(index.len() - 1 - k)).collect(),
        };
        let records = positions.into_iter().filter_map(|position| self.records.get(position));
        records.filter_map(|record| self.row(record)).collect()
    }

    /// One transfer.
    pub(crate) fn shown(&self, id: TransferId) -> Option<Shown> {
        let record = self.records.get(self.position(id)?)?;
        Some(Shown { row: self.row(record)?, batch: record.batch, modified: record.modified() })
    }

    /// What would be lost of these transfers, without how far they are: the queue does not know that.
    pub(crate) fn stake(&self, selection: &Selection) -> QueueStake {
        let mut stake = QueueStake::default();
        let is_meant = |record: &&Record| match selection {
            Selection::All => true,
            Selection::One(id) => record.id == *id,
            Selection::Batch(batch) => record.batch == *batch,
            Selection::Connection(connection) => self.goes_through(record.batch, connection),
        };
        for record in self.records.iter().filter(is_meant) {
            let amount = match tab_of(&record.state) {
                Some(TransferTab::Active) => &mut stake.open,
                Some(TransferTab::Failed) => &mut stake.failed,
                Some(TransferTab::Done) | None => continue,
            };
            amount.transfers += 1;
            amount.bytes += record.size_bytes;
        }
        stake
    }

    /// How many of a batch have not ended.
    pub(crate) fn open_in_batch(&self, batch: BatchId) -> u64 {
        self.batches.get(&batch).map_or(0, |batch| batch.open)
    }

    /// Every uploaded object of the Done tab, in queue order.
    pub(crate) fn uploaded(&self) -> Vec<ObjectRef> {
        let done = self.records.iter().filter(|record| matches!(record.state, State::Done(_)));
        done.filter_map(|record| self.row(record))
            .filter(|row| row.kind == TransferKind::Upload)
            .map(|row| row.object)
            .collect()
    }

    /// Where a batch of uploads went, and what it has stored so far; `None` if there is no such batch.
    pub(crate) fn stored_of(&self, id: BatchId) -> Vec<StoredFacts> {
        let rows = self.records.iter().filter(|record| record.batch == id).filter_map(|record| {
            let State::Done(level) = record.state else { return None };
            Some(StoredFacts {
                id: record.id,
                path: record.path(&self.names),
                key: record.object_key(&self.names),
                size_bytes: record.size_bytes,
                level,
                proof: ProofFacts::default(),
            })
        });
        rows.collect()
    }

    /// Every batch of which something is on the list.
    pub(crate) fn batch_ids(&self) -> Vec<BatchId> {
        self.batches.keys().copied().collect()
    }

    /// Where a batch of uploads goes.
    pub(crate) fn target_of(&self, id: BatchId) -> Option<Location> {
        let batch = self.batches.get(&id).filter(|batch| batch.spec.kind == TransferKind::Upload)?;
        Some(batch.spec.to.clone())
    }

    /// How many uploaded objects the Done tab holds.
    pub(crate) fn linkable(&self) -> u64 {
        self.linkable
    }

    /// How a batch ended, `now` on the engine's clock.
    pub(crate) fn summary(&self, id: BatchId, now: Duration) -> Option<BatchSummary> {
        let batch = self.batches.get(&id)?;
        let mut summary = BatchSummary {
            to: batch.spec.to.clone(),
            kind: batch.spec.kind,
            done: 0,
            skipped: batch.left_out,
            cancelled: 0,
            failed: 0,
            done_bytes: 0,
            elapsed: now.saturating_sub(batch.spec.started),
            objects: Vec::new(),
            first_failure: None,
        };
        for record in self.records.iter().filter(|record| record.batch == id) {
            match &record.state {
                State::Done(_) => {
                    summary.done += 1;
                    summary.done_bytes += record.size_bytes;
                    // Of a million, nobody makes links at once; their memory would be more than the queue's.
                    if summary.done <= MOST_NAMED {
                        summary.objects.push(self.object(&batch.spec.to, record));
                    } else {
                        summary.objects = Vec::new();
                    }
                }
                State::Skipped(_) => summary.skipped += 1,
                State::Cancelled => summary.cancelled += 1,
                State::Failed(failure) => {
                    summary.failed += 1;
                    summary.first_failure.get_or_insert_with(|| Failure::clone(failure));
                }
                _ => {}
            }
        }
        Some(summary)
    }

    fn row(&self, record: &Record) -> Option<TransferRow> {
        let batch = self.batches.get(&record.batch)?;
        let state = record.shown_state()?;
        let done_bytes = if matches!(state, TransferState::Done(_)) { record.size_bytes } else { 0 };
        Some(TransferRow {
            batch: record.batch,
            id: record.id,
            kind: batch.spec.kind,
            path: record.path(&self.names),
            object: self.object(&batch.spec.to, record),
            state,
            done_bytes,
            total_bytes: record.size_bytes,
            rate_bytes_per_sec: 0,
        })
    }

    fn object(&self, at: &Location, record: &Record) -> ObjectRef {
        let key = record.object_key(&self.names);
        ObjectRef { connection: at.connection.clone(), bucket: at.bucket.clone(), key }
    }

    fn tab(&self, tab: TransferTab) -> &TabIndex {
        match tab {
            TransferTab::Active => &self.active,
            TransferTab::Done => &self.done,
            TransferTab::Failed => &self.failed,
        }
    }
}
