//! Where a receipt's facts come from: names and sizes from the queue, proofs from the journal, which outlives the
//! program; from memory where there is no journal.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;

use super::{ProofFacts, ReceiptSource, StoredFacts};
use crate::engine::journal::{JobRow, JobState, Journal, Outcome};
use crate::model::{BatchId, TransferId};

/// A batch as it stood when it was asked for.
#[derive(Debug)]
pub(crate) struct BatchSource {
    rows: Vec<StoredFacts>,
    journal: Journal,
}

impl BatchSource {
    /// `rows` as the queue and memory know them, in the order of their ids; what the journal knows wins.
    pub(crate) fn new(rows: Vec<StoredFacts>, journal: Journal) -> Self {
        Self { rows, journal }
    }

    async fn next(&self, batch: BatchId, after: Option<TransferId>, count: usize) -> Vec<StoredFacts> {
        let start = after.map_or(0, |after| self.rows.partition_point(|row| row.id <= after));
        let mut rows: Vec<StoredFacts> = self.rows.iter().skip(start).take(count).cloned().collect();
        let Some(last) = rows.last().map(|row| row.id) else { return rows };
        let proofs = self.proofs(batch, after, last, count).await;
        for row in &mut rows {
            if let Some(proof) = proofs.get(&row.id) {
                row.proof = proof.clone();
            }
        }
        rows
    }

    /// The journal's rows of a range; there may be more of them than stored objects.
    async fn proofs(
        &self,
        batch: BatchId,
        mut after: Option<TransferId>,
        last: TransferId,
        count: usize,
    ) -> BTreeMap<TransferId, ProofFacts> {
        let mut proofs = BTreeMap::new();
        while after.is_none_or(|after| after < last) {
            let jobs = self.journal.rows_of(batch, after, count).await;
            let Some(job) = jobs.last() else { break };
            after = Some(job.job.id);
            proofs.extend(jobs.into_iter().filter_map(proof_of));
        }
        proofs
    }
}

fn proof_of(row: JobRow) -> Option<(TransferId, ProofFacts)> {
    let JobState::Ended(ended) = row.state else { return None };
    let Outcome::Done { crc64nvme, etag, version_id, .. } = ended.outcome else { return None };
    let facts = ProofFacts {
        crc64nvme,
        etag: etag.map(Into::into),
        version_id: version_id.map(Into::into),
        time: Some(ended.ended),
    };
    Some((row.job.id, facts))
}

impl ReceiptSource for BatchSource {
    fn rows(&self, batch: BatchId, after: Option<TransferId>, count: usize) -> BoxFuture<'_, Vec<StoredFacts>> {
        Box::pin(self.next(batch, after, count))
    }
}
