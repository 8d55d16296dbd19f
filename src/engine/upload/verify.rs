//! Is the stored object what was read? The server's own answer where it proves that, else a HEAD.

use crate::model::{Failure, FailureKind, ObjectKey, Verified};
use crate::s3::{Destination, S3Store, Stored, checksum};

/// A stored object and how sure that is.
#[derive(Clone, Debug)]
pub(super) struct Proven {
    pub(super) stored: Stored,
    pub(super) verified: Verified,
}

/// Holds the stored object against what was sent.
///
/// A server that echoes our checksum has verified it. Where it does not, a HEAD tells size and, if the server keeps
/// one, the checksum. A key that may not HEAD leaves the object unverified, never failed.
pub(super) async fn verify(
    store: &S3Store,
    to: &Destination,
    stored: Stored,
    crc64nvme: u64,
    size_bytes: u64,
) -> Result<Proven, Failure> {
    if stored.checksum_echoed {
        return Ok(Proven { stored, verified: Verified::Accepted });
    }
    let found = match store.head_object(&to.bucket, &to.key).await {
        Ok(found) => found,
        // An answer without entity tag to a write that nobody can find: some login page said 200.
        Err(error) if error.kind() == FailureKind::NoSuchKey => {
            return Err(mismatch(&to.key, if stored.etag.is_none() { FailureKind::NotS3 } else { FailureKind::ChecksumMismatch }));
        }
        Err(error) if error.kind().is_retryable() && stored.etag.is_none() => return Err(error.to_failure()),
        Err(error) => {
            tracing::info!(kind = ?error.kind(), "a stored object cannot be verified");
            return Ok(Proven { stored, verified: Verified::Unverified });
        }
    };
    if found.size_bytes.is_some_and(|size| size != size_bytes) {
        return Err(mismatch(&to.key, FailureKind::ChecksumMismatch));
    }
    let ours = format!("CRC64NVME:{}", checksum::to_base64(crc64nvme));
    let verified = match found.checksum {
        Some(theirs) if theirs == ours => Verified::Confirmed,
        Some(theirs) if theirs.starts_with("CRC64NVME:") && !theirs.contains('-') => {
            return Err(mismatch(&to.key, FailureKind::ChecksumMismatch));
        }
        _ => Verified::Unverified,
    };
    let etag = stored.etag.or(found.etag);
    let version_id = stored.version_id.or(found.version_id);
    Ok(Proven { stored: Stored { etag, version_id, checksum_echoed: false }, verified })
}

fn mismatch(key: &ObjectKey, kind: FailureKind) -> Failure {
    Failure::new(kind).with("key", key)
}
