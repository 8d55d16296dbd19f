//! Reading a source again, to see whether it still is what was sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::file::{Halt, Upload};
use crate::engine::source::SourceFile;
use crate::model::{Failure, FailureKind, Part};
use crate::s3::checksum;

/// Read at a time: memory stays flat however large a part is.
const STEP_BYTES: u64 = 1024 * 1024;

/// CRC64NVME of each part as the file has it now. Reads on a blocking thread; between parts it heeds a wish to stop.
pub(super) async fn rehash(
    upload: &Upload,
    source: &Arc<SourceFile>,
    parts: impl Iterator<Item = Part>,
) -> Result<BTreeMap<u32, u64>, Halt> {
    let mut found = BTreeMap::new();
    for part in parts {
        if upload.control.is_stopped() {
            return Err(Halt::Stopped);
        }
        let source = Arc::clone(source);
        let read = tokio::task::spawn_blocking(move || crc_of(&source, part)).await;
        let crc64nvme = read.map_err(|error| Failure::new(FailureKind::Internal).detail(error))??;
        found.insert(part.number, crc64nvme);
    }
    Ok(found)
}

fn crc_of(source: &SourceFile, part: Part) -> Result<u64, Failure> {
    let mut buffer = vec![0; usize::try_from(STEP_BYTES.min(part.len)).unwrap_or_default()];
    let (mut crc64nvme, mut done) = (0, 0);
    while done < part.len {
        let step = STEP_BYTES.min(part.len - done);
        let bytes = buffer.get_mut(..usize::try_from(step).unwrap_or_default()).unwrap_or_default();
        source.read_exact(bytes, part.offset + done)?;
        crc64nvme = checksum::combine(crc64nvme, checksum::crc64nvme(bytes), step);
        done += step;
    }
    Ok(crc64nvme)
}
