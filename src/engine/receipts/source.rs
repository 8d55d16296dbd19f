//! Where a receipt's facts come from: the journal, which outlives the program and the list on the screen; the queue where
//! there is no journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{ProofFacts, ReceiptSource, StoredFacts};
use crate::engine::journal::{JobRow, JobState, Journal, Outcome};
use crate::engine::queue::Folder;
use crate::model::{BatchId, Failure, FailureKind, ObjectKey, TransferId};

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
) -> Result<Vec<StoredFacts>, Failure> {
    loop {
        let chunk = journal.rows_of(batch, after, count).await?;
        let numbers: BTreeSet<u32> = chunk.jobs.iter().map(|row| row.job.folder).collect();
        let folders = journal.folders(numbers.into_iter().collect()).await?;
        let facts = chunk.jobs.into_iter().filter_map(|row| facts_of(row, &folders).transpose());
        let facts = facts.collect::<Result<Vec<StoredFacts>, Failure>>()?;
        // A page without one stored object is not the end.
        match chunk.go_on {
            Some(last) if facts.is_empty() => after = Some(last),
            _ => return Ok(facts),
        }
    }
}

/// `None` of what was not stored. An object without its folder has no path, and no receipt can leave it out.
fn facts_of(row: JobRow, folders: &BTreeMap<u32, Arc<Folder>>) -> Result<Option<StoredFacts>, Failure> {
    let JobState::Ended(ended) = row.state else { return Ok(None) };
    let Outcome::Done { verified, crc64nvme, etag, version_id } = ended.outcome else { return Ok(None) };
    let job = row.job;
    let Some(folder) = folders.get(&job.folder) else {
        return Err(Failure::new(FailureKind::JournalUnreadable).detail("a folder of stored files is missing in it"));
    };
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
    Ok(Some(StoredFacts { id: job.id, path, key, size_bytes: job.size_bytes, level: verified, proof }))
}

impl ReceiptSource for BatchSource {
    fn rows(
        &self,
        batch: BatchId,
        after: Option<TransferId>,
        count: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredFacts>, Failure>> {
        match self {
            Self::Journal(journal) => Box::pin(journalled(journal, batch, after, count)),
            Self::Memory(rows) => {
                let start = after.map_or(0, |after| rows.partition_point(|row| row.id <= after));
                Box::pin(std::future::ready(Ok(rows.iter().skip(start).take(count).cloned().collect())))
            }
        }
    }
}
