//! A part that is too large for memory: one reading hashes it, a second one sends it in steps of 1 MiB.

use std::sync::Arc;

use super::mend::{Mend, hash};
use super::part::PartSource;
use crate::engine::source::SourceFile;
use crate::model::{Failure, FailureKind, MEMORY_PART_BYTES, Part};
use crate::s3::{PART_STEP_BYTES, PartReader, S3Store, StoredPart, StreamedPart};

impl PartReader for SourceFile {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> Result<(), Failure> {
        self.read_exact(buffer, offset).map(|_stamp| ())
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
        reader: Arc::clone(&source.source) as Arc<dyn PartReader>,
        offset: part.offset,
        len: part.len,
        crc64nvme,
        sent: source.sent.clone(),
    };
    let mut mend = Mend::new(&source.source, part, crc64nvme);
    loop {
        match store.upload_part_streamed(&source.to, &source.upload, part.number, &streamed).await {
            Err(error) if error.kind() == FailureKind::ChecksumMismatch => mend.again(error.to_failure()).await?,
            sent => return sent.map_err(|error| error.to_failure()),
        }
    }
}
