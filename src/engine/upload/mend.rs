//! After a mismatch: did the file change, or does something on the way damage data?
//!
//! The bytes are read and hashed once more. If they differ from what was hashed before, the file has changed. If not,
//! they are sent once again; when that goes wrong, too, whoever damages them is named as such, and nothing more is
//! sent.

use std::sync::Arc;

use bytes::BytesMut;
use crc_fast::{CrcAlgorithm, Digest};

use super::file::{Halt, Upload};
use super::kept::Origin;
use crate::engine::journal::Change;
use crate::engine::reading::STEP_BYTES;
use crate::engine::source::SourceFile;
use crate::model::{Failure, FailureKind, Part};
use crate::s3::{ListedPart, S3Error, S3Store, StoredPart, checksum};

/// One range of a file on its way, and whether it was sent again already.
#[derive(Debug)]
pub(super) struct Mend<'a> {
    source: &'a Arc<SourceFile>,
    part: Part,
    crc64nvme: u64,
    is_resent: bool,
}

impl<'a> Mend<'a> {
    /// For a range with the checksum of its first reading.
    pub(super) fn new(source: &'a Arc<SourceFile>, part: Part, crc64nvme: u64) -> Self {
        Self { source, part, crc64nvme, is_resent: false }
    }

    /// For a whole file.
    pub(super) fn whole(source: &'a Arc<SourceFile>, crc64nvme: u64) -> Self {
        Self::new(source, Part { number: 1, offset: 0, len: source.size_bytes() }, crc64nvme)
    }

    /// Whether to send it once more; else why not.
    pub(super) async fn again(&mut self, failure: Failure) -> Result<(), Failure> {
        if !matches!(failure.kind, FailureKind::ChecksumMismatch | FailureKind::NothingStored) {
            return Err(failure);
        }
        if hash(self.source, self.part).await? != self.crc64nvme {
            let changed = Failure::new(FailureKind::SourceChanged).with("path", self.source.path().display());
            return Err(changed.detail("two readings gave different bytes"));
        }
        if self.is_resent {
            return Err(corrupted(failure));
        }
        self.is_resent = true;
        tracing::warn!(part = self.part.number, "bytes were damaged on their way, sent once more");
        Ok(())
    }
}

/// The same facts, now that it went wrong twice. Where nothing arrived changed, the cause is another one.
pub(super) fn corrupted(failure: Failure) -> Failure {
    if failure.kind != FailureKind::ChecksumMismatch {
        return failure;
    }
    let kind = FailureKind::DataCorrupted;
    Failure { kind, retryable: kind.is_retryable(), ..failure }
}

/// CRC64NVME of a range, read step by step beside the thread that asks.
pub(super) async fn hash(source: &Arc<SourceFile>, part: Part) -> Result<u64, Failure> {
    let mut digest = Digest::new(CrcAlgorithm::Crc64Nvme);
    read_steps(source, part, |step| digest.update(step)).await?;
    Ok(digest.finalize())
}

/// Gives a range to `take`, step by step.
pub(super) async fn read_steps(
    source: &Arc<SourceFile>,
    part: Part,
    mut take: impl FnMut(&[u8]),
) -> Result<(), Failure> {
    let (mut buffer, mut done_bytes) = (BytesMut::new(), 0);
    while done_bytes < part.len {
        let step = usize::try_from(part.len - done_bytes).map_or(STEP_BYTES, |left| left.min(STEP_BYTES));
        (buffer, _) = source.read_step(buffer, part.offset + done_bytes, step).await?;
        take(&buffer);
        done_bytes += step as u64;
    }
    Ok(())
}

/// Whether a refused completion is about the parts that the server holds.
pub(super) fn is_about_parts(error: &S3Error) -> bool {
    error.kind() == FailureKind::ChecksumMismatch || matches!(error.code(), Some("InvalidPart" | "InvalidPartOrder"))
}

/// Asks which parts the server holds, and forgets those that are not ours, so that they are sent again. If all seem
/// to be, all are. Gives the reason to try again with: a [`FailureKind::ChecksumMismatch`], or
/// [`FailureKind::PartsRefused`] where nobody has spoken of bytes.
pub(super) async fn forget_differing(upload: &mut Upload, store: &S3Store, error: &S3Error) -> Halt {
    let Some(kept) = &mut upload.kept else { return Halt::Failed(error.to_failure()) };
    let mut listed = std::collections::BTreeMap::new();
    let mut after = None;
    loop {
        match store.list_parts(&kept.bucket, &kept.key, &kept.upload, after).await {
            Ok(page) => {
                listed.extend(page.parts.into_iter().map(|part| (part.number, part)));
                after = page.next_after;
            }
            // What the server holds cannot be told: everything is sent again.
            Err(list_error) => {
                tracing::info!(kind = ?list_error.kind(), "the parts of an upload cannot be listed");
                listed.clear();
                after = None;
            }
        }
        if after.is_none() {
            break;
        }
    }
    let mut parts = (*kept.parts).clone();
    parts.retain(|number, part| listed.get(number).is_some_and(|listed| is_ours(listed, part)));
    if parts.len() == kept.parts.len() {
        parts.clear();
    }
    let numbers: Vec<u32> = kept.parts.keys().filter(|number| !parts.contains_key(number)).copied().collect();
    kept.parts = Arc::new(parts);
    kept.origin = Origin::ThisRun;
    upload.note(Change::PartsLost { job: upload.job.id, numbers });
    let failure = error.to_failure();
    let is_about_bytes = error.kind() == FailureKind::ChecksumMismatch;
    let kind = if is_about_bytes { FailureKind::ChecksumMismatch } else { FailureKind::PartsRefused };
    Halt::Failed(Failure { kind, retryable: kind.is_retryable(), ..failure })
}

fn is_ours(listed: &ListedPart, part: &StoredPart) -> bool {
    let same_sum = listed.crc64nvme.as_deref().is_none_or(|theirs| theirs == checksum::to_base64(part.crc64nvme));
    listed.etag.as_deref() == Some(part.etag.as_str()) && same_sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mismatch() -> Failure {
        Failure::new(FailureKind::ChecksumMismatch).with("key", "k")
    }

    #[tokio::test]
    async fn h19_the_same_bytes_are_sent_once_more_and_then_the_line_is_blamed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let bytes = vec![7; STEP_BYTES + 5];
        std::fs::write(&path, &bytes).unwrap();
        let source = Arc::new(SourceFile::open(&path).unwrap());
        let mut mend = Mend::whole(&source, checksum::crc64nvme(&bytes));
        assert_eq!(mend.again(mismatch()).await, Ok(()));
        let failure = mend.again(mismatch()).await.unwrap_err();
        assert_eq!((failure.kind, failure.retryable), (FailureKind::DataCorrupted, false));
        assert!(failure.args.contains(&("key", "k".to_owned())));
        // Where the server has nothing, no bytes were damaged.
        let nothing = Failure::new(FailureKind::NothingStored);
        let mut mend = Mend::whole(&source, checksum::crc64nvme(&bytes));
        assert_eq!(mend.again(nothing.clone()).await, Ok(()));
        assert_eq!(mend.again(nothing.clone()).await, Err(nothing));
        let other = Failure::new(FailureKind::Timeout);
        assert_eq!(Mend::whole(&source, 0).again(other.clone()).await, Err(other));
    }

    #[tokio::test]
    async fn h19_other_bytes_mean_that_the_file_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"now").unwrap();
        let source = Arc::new(SourceFile::open(&path).unwrap());
        let failure = Mend::whole(&source, checksum::crc64nvme(b"old")).again(mismatch()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::SourceChanged);
    }
}
