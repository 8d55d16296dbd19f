//! Receipts: what a batch has stored, written to a file, and held against the bucket later.
//!
//! [`form`] knows the two forms of a file, [`check`] the comparison, [`source`] where the facts come from; this module
//! gathers what there is to write.

mod check;
mod form;
mod source;

pub(crate) use source::BatchSource;

use std::collections::BTreeMap;
use std::path::PathBuf;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::tools::Tools;
use crate::model::{
    BatchId, ConnectionId, Event, Failure, FailureKind, Location, ObjectKey, ReceiptFormat, ReceiptOver, ReceiptRow,
    RequestId, TransferId, Verified, public_url,
};
use crate::platform::{OutputFile, TargetProblem, look_at_target};
use crate::s3::{Stored, checksum};

/// Whether a receipt can be written to `path`: over no file that is none of ours, and over none of `sources` or what is
/// below them. Nothing stays written. Blocks on the disk.
pub fn check_receipt_target(path: &std::path::Path, sources: &[PathBuf]) -> Result<(), TargetProblem> {
    look_at_target(path, sources, form::is_head)
}

/// Rows taken from the source at a time.
const ROWS_AT_ONCE: usize = 1_000;

/// One stored object, as the source knows it.
#[derive(Clone, Debug)]
pub(crate) struct StoredFacts {
    pub(crate) id: TransferId,
    pub(crate) path: PathBuf,
    pub(crate) key: ObjectKey,
    pub(crate) size_bytes: u64,
    pub(crate) level: Verified,
    pub(crate) proof: ProofFacts,
}

/// What a finished upload leaves for its receipt.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProofFacts {
    pub(crate) crc64nvme: Option<u64>,
    pub(crate) etag: Option<Box<str>>,
    pub(crate) version_id: Option<Box<str>>,
    pub(crate) time: Option<Timestamp>,
}

/// Where the facts of a batch come from, in the order of its transfers.
pub(crate) trait ReceiptSource: Send + Sync {
    /// At most `count` stored objects after a transfer; empty at the end.
    fn rows(
        &self,
        batch: BatchId,
        after: Option<TransferId>,
        count: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredFacts>, Failure>>;
}

/// The facts of this run's uploads where no journal keeps them, by transfer. Paths and keys stay with the queue until
/// they are cleared from its list.
#[derive(Debug, Default)]
pub(crate) struct ReceiptLog {
    facts: BTreeMap<TransferId, ProofFacts>,
    cleared: BTreeMap<BatchId, Cleared>,
}

/// What a batch had stored when it was cleared from the list.
#[derive(Debug)]
struct Cleared {
    to: Location,
    rows: BTreeMap<TransferId, StoredFacts>,
}

impl ReceiptLog {
    /// An upload was stored.
    pub(crate) fn note(&mut self, id: TransferId, stored: Option<&Stored>, crc64nvme: Option<u64>, now: Timestamp) {
        let facts = ProofFacts {
            crc64nvme,
            etag: stored.and_then(|stored| stored.etag.as_deref()).map(Into::into),
            version_id: stored.and_then(|stored| stored.version_id.as_deref()).map(Into::into),
            time: Some(now),
        };
        self.facts.insert(id, facts);
    }

    /// These are about to be cleared from the list.
    pub(crate) fn keep_cleared(&mut self, batch: BatchId, to: &Location, rows: Vec<StoredFacts>) {
        let cleared = self.cleared.entry(batch).or_insert_with(|| Cleared { to: to.clone(), rows: BTreeMap::new() });
        cleared.rows.extend(rows.into_iter().map(|row| (row.id, row)));
    }

    /// Where a batch went of which something was cleared.
    pub(crate) fn target_of_cleared(&self, batch: BatchId) -> Option<Location> {
        self.cleared.get(&batch).map(|cleared| cleared.to.clone())
    }

    /// What a batch has stored, in the order of its ids: what was cleared from the list and what is still `listed`.
    pub(crate) fn rows(&self, batch: BatchId, listed: Vec<StoredFacts>) -> Vec<StoredFacts> {
        let mut rows = self.cleared.get(&batch).map(|cleared| cleared.rows.clone()).unwrap_or_default();
        rows.extend(listed.into_iter().map(|row| (row.id, row)));
        let proven = |mut row: StoredFacts| {
            row.proof = self.facts.get(&row.id).cloned().unwrap_or_default();
            row
        };
        rows.into_values().map(proven).collect()
    }
}

/// On the way to the file.
enum Rows {
    Some(Vec<ReceiptRow>),
    NoMore,
}

/// Where a receipt goes.
#[derive(Debug)]
pub(crate) struct ReceiptOrder {
    pub(crate) request: RequestId,
    pub(crate) batch: BatchId,
    /// Where the batch went.
    pub(crate) to: Location,
    pub(crate) place: ReceiptPlace,
}

/// The file that a receipt is to be.
#[derive(Clone, Debug)]
pub(crate) struct ReceiptPlace {
    pub(crate) path: PathBuf,
    pub(crate) format: ReceiptFormat,
    pub(crate) over: ReceiptOver,
}

impl Tools {
    /// Writes a receipt. The old file stays until the new one is whole; one of which a part cannot be read never takes
    /// its place.
    pub(crate) async fn save_receipt(self, order: ReceiptOrder, source: impl ReceiptSource + 'static) {
        let request = order.request;
        let result = self.write_receipt(order, source).await.map_err(Box::new);
        self.sink.send(Event::ReceiptSaved { request, result });
    }

    async fn write_receipt(&self, order: ReceiptOrder, source: impl ReceiptSource) -> Result<u64, Failure> {
        let refused = |error: std::io::Error| {
            let kind = match error.kind() {
                std::io::ErrorKind::AlreadyExists => FailureKind::TargetExists,
                _ => FailureKind::TargetUnwritable,
            };
            Failure::new(kind).with("path", order.place.path.display()).detail(error)
        };
        let addresses = self.addresses(&order.to).await;
        let (rows_in, mut rows_out) = tokio::sync::mpsc::channel::<Rows>(2);
        let (ReceiptPlace { path, format, over }, written) = (order.place.clone(), self.clock.now());
        let writer = tokio::task::spawn_blocking(move || -> std::io::Result<u64> {
            let mut form = form::Writer::start(OutputFile::create(&path)?, format, written)?;
            loop {
                match rows_out.blocking_recv() {
                    Some(Rows::Some(rows)) => rows.iter().try_for_each(|row| form.write(row))?,
                    Some(Rows::NoMore) => break,
                    // The rest cannot be read: what there is takes no place.
                    None => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                }
            }
            let (file, count) = form.finish()?;
            match over {
                ReceiptOver::AnyFile => file.commit()?,
                ReceiptOver::Receipts => file.commit_over_ours(form::is_head)?,
            }
            Ok(count)
        });
        let mut after = None;
        loop {
            let facts = source.rows(order.batch, after, ROWS_AT_ONCE).await?;
            let rows = match facts.last() {
                Some(last) => {
                    after = Some(last.id);
                    Rows::Some(facts.into_iter().map(|facts| addresses.row(&order.to, facts)).collect())
                }
                None => Rows::NoMore,
            };
            let is_last = matches!(rows, Rows::NoMore);
            // Where the writer has ended early, its error is told below.
            if rows_in.send(rows).await.is_err() || is_last {
                break;
            }
        }
        let written = writer.await.map_err(|error| Failure::new(FailureKind::Internal).detail(error))?;
        written.map_err(refused)
    }

    async fn addresses(&self, to: &Location) -> Addresses {
        match self.sessions.get(&to.connection).await {
            Ok(session) => {
                let region = session.regions().get(&to.bucket);
                Addresses { connection: Some(session.connection().clone()), region }
            }
            // Links are an extra; the receipt is good without them.
            Err(_closed) => Addresses { connection: None, region: None },
        }
    }
}

/// Makes plain addresses; a signed one never gets into a receipt.
struct Addresses {
    connection: Option<crate::model::Connection>,
    region: Option<crate::model::Region>,
}

impl Addresses {
    fn row(&self, to: &Location, facts: StoredFacts) -> ReceiptRow {
        let link = self
            .connection
            .as_ref()
            .and_then(|connection| public_url(connection, &to.bucket, self.region.as_ref(), &facts.key).ok());
        ReceiptRow {
            path: facts.path.to_string_lossy().into_owned(),
            connection: ConnectionId::clone(&to.connection),
            bucket: to.bucket.clone(),
            key: facts.key,
            size_bytes: facts.size_bytes,
            checksum: facts.proof.crc64nvme.map(|crc| format!("CRC64NVME:{}", checksum::to_base64(crc))),
            etag: facts.proof.etag.map(String::from),
            version_id: facts.proof.version_id.map(String::from),
            level: facts.level,
            link,
            time: facts.proof.time,
        }
    }
}
