//! Reading a source again, to see whether it still is what was sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::file::{Halt, Upload};
use super::mend::hash;
use crate::engine::source::SourceFile;
use crate::model::{Failure, FailureKind, Part};
use crate::s3::checksum;

/// Read at a time: memory stays flat however large a part is.
const STEP_BYTES: u64 = 1024 * 1024;

/// CRC64NVME of each part as the file has it now. Reads on a blocking thread, or on those of the file's share. A wish to stop is heeded at once, however
/// long a step takes; the reading itself ends with the step that it is in.
pub(super) async fn rehash(
    upload: &Upload,
    source: &Arc<SourceFile>,
    parts: impl Iterator<Item = Part>,
) -> Result<BTreeMap<u32, u64>, Halt> {
    let mut found = BTreeMap::new();
    for part in parts {
        if source.share().is_some() {
            found.insert(part.number, upload.unless_stopped(hash(source, part)).await?);
            continue;
        }
        let (source, control) = (Arc::clone(source), upload.control.clone());
        let reading = tokio::task::spawn_blocking(move || crc_of(&source, part, || control.is_stopped()));
        let read = upload.control.unless_stopped(reading).await.ok_or(Halt::Stopped)?;
        let crc64nvme = read.map_err(|error| Failure::new(FailureKind::Internal).detail(error))??;
        found.insert(part.number, crc64nvme);
    }
    Ok(found)
}

/// Ends early, with whatever there is, when nobody wants to know any more.
fn crc_of(source: &SourceFile, part: Part, is_stopped: impl Fn() -> bool) -> Result<u64, Failure> {
    let mut buffer = vec![0; usize::try_from(STEP_BYTES.min(part.len)).unwrap_or_default()];
    let (mut sum, mut done) = (checksum::Running::new(), 0);
    while done < part.len && !is_stopped() {
        let step = STEP_BYTES.min(part.len - done);
        let bytes = buffer.get_mut(..usize::try_from(step).unwrap_or_default()).unwrap_or_default();
        source.read_exact(bytes, part.offset + done)?;
        sum.update(bytes);
        done += step;
    }
    Ok(sum.value())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_reading_that_nobody_waits_for_ends_with_its_step() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large");
        std::fs::File::create(&path).unwrap().set_len(64 * STEP_BYTES).unwrap();
        let source = SourceFile::open(&path).unwrap();
        let part = Part { number: 1, offset: 0, len: 64 * STEP_BYTES };
        let asked = Cell::new(0);
        let is_stopped = || {
            asked.set(asked.get() + 1);
            asked.get() > 2
        };
        crc_of(&source, part, is_stopped).unwrap();
        assert_eq!(asked.get(), 3, "it was read to its end");
    }
}
