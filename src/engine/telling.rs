//! What a command has told whoever reads it. A command may be killed between the journal's knowing of an end and its own
//! telling it: at its next start everything is told that is not known to have been, rather twice than never. A window
//! shows its list, and needs none of this.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::actor::Actor;
use super::commands::run;
use super::journal::{Change, Journal};
use super::receipts::{BatchSource, ReceiptSource, StoredFacts};
use super::recovery::Wake;
use crate::model::{
    BatchId, BatchStood, Event, Failure, Location, RequestId, Selection, SkipReason, SkippedItem, TransferId,
    TransferKind, TransferReport, TransferState,
};
use crate::s3::checksum;

/// Files that are told at a time.
const AT_A_TIME: usize = 512;

/// Batches whose folders had not been walked to their end when an earlier run ended, and are walked again for a command.
/// Where one of what was dropped cannot be walked now, as on a stick that is away, that is left to the next start.
#[derive(Debug, Default)]
pub(super) struct WalksAgain {
    sources: BTreeMap<BatchId, Vec<PathBuf>>,
    unfinished: BTreeSet<BatchId>,
}

impl WalksAgain {
    /// What was dropped is walked again.
    pub(super) fn begin(&mut self, batch: BatchId, sources: Vec<PathBuf>) {
        self.sources.insert(batch, sources);
    }

    /// What a walk has left out; gives what was dropped and cannot be walked, once for each batch.
    pub(super) fn note(&mut self, batch: BatchId, skipped: &[SkippedItem]) -> Option<PathBuf> {
        let sources = self.sources.get(&batch)?;
        let is_away = |item: &&SkippedItem| {
            // What a link leads to may be on a stick that is not plugged in.
            let is_lost = matches!(item.reason, SkipReason::Missing | SkipReason::DeadLink | SkipReason::Unreadable(_));
            is_lost && sources.contains(&item.path)
        };
        let away = skipped.iter().find(is_away)?;
        self.unfinished.insert(batch).then(|| away.path.clone())
    }

    /// Whether the next start has to walk it once more.
    pub(super) fn is_unfinished(&self, batch: BatchId) -> bool {
        self.unfinished.contains(&batch)
    }
}

impl Actor {
    /// Answers what an earlier run has stored of a batch without telling.
    pub(super) fn list_untold(&self, request: RequestId, batch: BatchId, after: Option<TransferId>) {
        let wanted = self.queue.stored_after(batch, after, AT_A_TIME);
        let to = self.queue.target_of(batch);
        let (journal, sink) = (self.journal.clone(), self.tools.sink.clone());
        run(async move {
            let result = match to {
                Some(to) => reports(journal, batch, &to, wanted).await.map_err(Box::new),
                None => Ok(Vec::new()),
            };
            sink.send(Event::UntoldStored { request, result });
        });
    }

    /// A command has told these.
    pub(super) fn note_told(&mut self, transfers: Vec<TransferId>, batches: &[BatchId]) {
        let stored = transfers.into_iter().filter(|id| self.queue.is_stored(*id));
        let kept = stored.filter_map(|id| Some((id, self.queue.batch_of(id)?)));
        // The next walk has to know its files.
        let is_kept = |batch| self.queue.keeps(batch) && !self.walks.is_unfinished(batch);
        let kept: Vec<_> = kept.filter(|(_, batch)| is_kept(*batch)).collect();
        if !kept.is_empty() {
            self.leave_off_the_list(kept);
        }
        for batch in batches.iter().filter(|batch| !self.walks.is_unfinished(**batch)) {
            self.note_reported(*batch);
        }
    }

    /// After a start: batches that are through and told, but for the word that they are through.
    pub(super) fn note_told_to_the_end(&self) {
        if self.wake == Wake::AsTheSettingSays || self.unread.is_some() {
            return;
        }
        for left in self.queue.left_of_batches() {
            if left.stood == BatchStood::Filled && (left.open, left.failed, left.stored) == (0, 0, 0) {
                self.note_reported(left.batch);
            }
        }
    }

    /// The batch that is meant, if its end was told.
    pub(super) fn reported_batch(&self, selection: &Selection) -> Option<BatchId> {
        match selection {
            Selection::Batch(batch) if self.wake == Wake::WhenTold => {
                Some(*batch).filter(|batch| self.queue.is_reported(*batch))
            }
            _ => None,
        }
    }

    /// Something of a batch whose end was told goes on: a start after a kill tells what it has stored then.
    pub(super) fn note_reopened(&self, reported: Option<BatchId>) {
        if let Some(batch) = reported.filter(|batch| !self.queue.is_reported(*batch) && self.queue.keeps(*batch)) {
            self.journal.note(Change::BatchReopened { batch });
        }
    }
}

/// The journal's words for these transfers, which are in the order of their ids.
async fn reports(
    journal: Journal,
    batch: BatchId,
    to: &Location,
    wanted: Vec<TransferId>,
) -> Result<Vec<TransferReport>, Failure> {
    let (Some(first), Some(last)) = (wanted.first().copied(), wanted.last().copied()) else { return Ok(Vec::new()) };
    let wanted: BTreeSet<TransferId> = wanted.into_iter().collect();
    let source = BatchSource::Journal(journal);
    let mut after = TransferId::restored(first.get().saturating_sub(1));
    let mut reports = Vec::with_capacity(wanted.len());
    while after < last {
        let rows = source.rows(batch, Some(after), AT_A_TIME).await?;
        let Some(seen) = rows.last().map(|row| row.id) else { break };
        let meant = rows.into_iter().filter(|row| wanted.contains(&row.id));
        reports.extend(meant.map(|row| report(row, batch, to)));
        after = seen;
    }
    Ok(reports)
}

fn report(row: StoredFacts, batch: BatchId, to: &Location) -> TransferReport {
    TransferReport {
        id: row.id,
        batch,
        kind: TransferKind::Upload,
        path: row.path,
        object: to.object(row.key),
        state: TransferState::Done(row.level),
        bytes: row.size_bytes,
        etag: row.proof.etag.map(Into::into),
        version_id: row.proof.version_id.map(Into::into),
        checksum: row.proof.crc64nvme.map(|crc| format!("CRC64NVME:{}", checksum::to_base64(crc))),
    }
}
