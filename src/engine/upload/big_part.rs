//! A part that is too large for memory: one reading hashes it, a second one sends it in steps of 1 MiB. Neither
//! is done by the upload thread, which has other transfers to look after.

use std::sync::Arc;

use bytes::BytesMut;

use super::mend::{Mend, hash};
use super::part::PartSource;
use crate::engine::source::SourceFile;
use crate::model::{Failure, FailureKind, MEMORY_PART_BYTES, Part};
use crate::s3::{PART_STEP_BYTES, PartReader, Reading, S3Store, StoredPart, StreamedPart};

/// So often may the server lose its patience with the reading of one part.
const MOST_HELD_UP: u32 = 3;

/// How often the server has lost its patience with a part that was still being read.
#[derive(Debug, Default)]
struct HeldUp(u32);

impl HeldUp {
    /// Whether to send it once more; else why not.
    fn again(&mut self, source: &SourceFile, detail: &str) -> Result<(), Failure> {
        self.0 += 1;
        if self.0 < MOST_HELD_UP {
            tracing::info!(times = self.0, "a server did not wait for bytes that were still being read");
            return Ok(());
        }
        Err(Failure::new(FailureKind::SourceTooSlow).with("path", source.path().display()).detail(detail))
    }
}

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

/// Sends a big part. A mismatch is looked into as with any other part. A share that is too slow for the server time after
/// time fails the file: waiting for one that answers all the while would have no end.
pub(super) async fn send_big(source: &PartSource, store: &S3Store, part: Part) -> Result<StoredPart, Failure> {
    let crc64nvme = hash(&source.source, part).await?;
    let streamed = StreamedPart {
        reader: Arc::new(Beside(Arc::clone(&source.source))),
        offset: part.offset,
        len: part.len,
        crc64nvme,
        sent: source.sent.clone(),
    };
    let (mut mend, mut held_up) = (Mend::new(&source.source, part, crc64nvme), HeldUp::default());
    loop {
        match store.upload_part_streamed(&source.to, &source.upload, part.number, &streamed).await {
            Err(error) if error.kind() == FailureKind::ChecksumMismatch => mend.again(error.to_failure()).await?,
            Err(error) if error.is_held_up() => held_up.again(&source.source, error.detail())?,
            Err(error) if error.kind() == FailureKind::SourceSilent => {
                return Err(source.source.silence().detail(error.detail()));
            }
            sent => return sent.map_err(|error| error.to_failure()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_that_is_always_too_slow_for_the_server_fails_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"a").unwrap();
        let source = SourceFile::open(&path).unwrap();
        let mut held_up = HeldUp::default();
        assert_eq!(held_up.again(&source, "408"), Ok(()), "it may have had to spin up");
        assert_eq!(held_up.again(&source, "408"), Ok(()));
        let failure = held_up.again(&source, "408").unwrap_err();
        assert_eq!((failure.kind, failure.retryable), (FailureKind::SourceTooSlow, false), "not to be waited for");
        assert!(failure.args.contains(&("path", path.display().to_string())) && failure.detail.contains("408"));
    }
}
