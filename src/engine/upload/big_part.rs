//! A part that is too large for memory: one reading hashes it, a second one sends it in steps of 1 MiB. Neither
//! is done by the upload thread, which has other transfers to look after.

use std::sync::Arc;

use bytes::BytesMut;

use super::mend::{Mend, hash};
use super::part::PartSource;
use crate::engine::source::SourceFile;
use crate::model::{Failure, FailureKind, MEMORY_PART_BYTES, Part};
use crate::s3::{PART_STEP_BYTES, PartReader, Reading, S3Store, StoredPart, StreamedPart};

/// Reads beside the thread that sends.
#[derive(Debug)]
struct Beside(Arc<SourceFile>);

impl PartReader for Beside {
    fn read(&self, buffer: BytesMut, offset: u64, len: usize) -> Reading {
        let source = Arc::clone(&self.0);
        Box::pin(async move { source.read_step(buffer, offset, len).await.map(|(bytes, _stamp)| bytes) })
    }
}

/// Whether a part is sent as it is read.
pub(super) fn is_big(part: Part) -> bool {
    part.len > MEMORY_PART_BYTES
}

/// Memory that a part takes while it is on its way: all of it, or one step that is read and one that is sent.
pub(super) fn memory_bytes(part: Part) -> usize {
    let all = usize::try_from(part.len).unwrap_or(usize::MAX);
    if is_big(part) { 2 * PART_STEP_BYTES } else { all }
}

/// Sends a big part. A mismatch is looked into as with any other part.
pub(super) async fn send_big(source: &PartSource, store: &S3Store, part: Part) -> Result<StoredPart, Failure> {
    let crc64nvme = hash(&source.source, part).await?;
    let streamed = StreamedPart {
        reader: Arc::new(Beside(Arc::clone(&source.source))),
        offset: part.offset,
        len: part.len,
        crc64nvme,
        sent: source.sent.clone(),
    };
    let mut mend = Mend::new(&source.source, part, crc64nvme);
    loop {
        match store.upload_part_streamed(&source.to, &source.upload, part.number, &streamed).await {
            Err(error) if error.kind() == FailureKind::ChecksumMismatch => mend.again(error.to_failure()).await?,
            // The server has lost its patience with the source.
            Err(error) if error.kind() == FailureKind::SourceSilent => {
                return Err(source.source.silence().detail(error.to_failure().detail));
            }
            sent => return sent.map_err(|error| error.to_failure()),
        }
    }
}
