//! Where a receipt's facts come from: the journal, which outlives the program and the list on the screen; the queue where
//! there is no journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{ProofFacts, ReceiptSource, StoredFacts};
use crate::engine::journal::{JobRow, JobState, Journal, Outcome};
use crate::engine::queue::Folder;
use crate::model::{BatchId, ObjectKey, TransferId};

/// A batch as it stood when it was asked for.
#[derive(Debug)]
pub(crate) enum BatchSource {
    Journal(Journal),
    /// In the order of their ids.
    Memory(Vec<StoredFacts>),
}

/// Objects of a batch that the journal has, at most `count`, after a transfer; empty at the end.
async fn journalled(
    journal: &Journal,
    batch: BatchId,
    mut after: Option<TransferId>,
    count: usize,
) -> Vec<StoredFacts> {
    loop {
        let jobs = journal.rows_of(batch, after, count).await;
        let Some(last) = jobs.last() else { return Vec::new() };
        after = Some(last.job.id);
        let numbers: BTreeSet<u32> = jobs.iter().map(|row| row.job.folder).collect();
        let folders = journal.folders(numbers.into_iter().collect()).await;
        let facts: Vec<StoredFacts> = jobs.into_iter().filter_map(|row| facts_of(row, &folders)).collect();
        if !facts.is_empty() {
            return facts;
        }
    }
}

fn facts_of(row: JobRow, folders: &BTreeMap<u32, Arc<Folder>>) -> Option<StoredFacts> {
    let JobState::Ended(ended) = row.state else { return None };
    let Outcome::Done { verified, crc64nvme, etag, version_id } = ended.outcome else { return None };
    let job = row.job;
    let folder = folders.get(&job.folder)?;
    let key = match &job.key {
        Some(key) => ObjectKey::new(&**key),
        None => ObjectKey::new(format!("{}{}", folder.key_prefix, job.name.to_string_lossy())),
    };
    let proof = ProofFacts {
        crc64nvme,
        etag: etag.map(Into::into),
        version_id: version_id.map(Into::into),
        time: Some(ended.ended),
    };
    let path = folder.path.join(&*job.name);
    Some(StoredFacts { id: job.id, path, key, size_bytes: job.size_bytes, level: verified, proof })
}

impl ReceiptSource for BatchSource {
    fn rows(&self, batch: BatchId, after: Option<TransferId>, count: usize) -> BoxFuture<'_, Vec<StoredFacts>> {
        match self {
            Self::Journal(journal) => Box::pin(journalled(journal, batch, after, count)),
            Self::Memory(rows) => {
                let start = after.map_or(0, |after| rows.partition_point(|row| row.id <= after));
                Box::pin(std::future::ready(rows.iter().skip(start).take(count).cloned().collect()))
            }
        }
    }
}
