//! Was it us? After a write whose end nobody heard of: the object that stands there now, held against what was to be
//! written.

use jiff::{SignedDuration, Timestamp};

use super::multipart::multipart_etag;
use super::object::Expected;
use super::{S3Error, S3Store, Stored, StoredPart};
use crate::model::{BucketName, FailureKind, ObjectKey};

/// Servers keep whole seconds, and clocks are compared by an answer's `Date`.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_secs(2);

/// What was to be written.
#[derive(Clone, Debug)]
pub struct Written {
    expected: Expected,
    not_before: Timestamp,
}

impl Written {
    /// By one PUT, not before a point in time by our own clock.
    pub fn by_put(bytes: &[u8], crc64: u64, not_before: Timestamp) -> Self {
        Self { expected: Expected::of_bytes(bytes, crc64), not_before }
    }

    /// By putting parts, in order of number, together.
    pub fn by_parts(parts: &[StoredPart], crc64: u64, bytes: u64, not_before: Timestamp) -> Self {
        Self { expected: Expected { crc64, bytes, etag: multipart_etag(parts) }, not_before }
    }

    /// Checksum of the whole object.
    pub fn crc64nvme(&self) -> u64 {
        self.expected.crc64
    }
}

/// What stands under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Exactly what was to be written, and not older than our intent.
    Ours(Stored),
    /// Something else, or nothing that can be told from something else.
    Other,
    /// Nothing.
    Nothing,
}

impl S3Store {
    /// Looks whether a write has worked after all. An equal object that was there before proves nothing.
    pub async fn find_written(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        written: &Written,
    ) -> Result<Standing, S3Error> {
        let found = match self.head_object(bucket, key).await {
            Ok(found) => found,
            Err(error) if error.kind() == FailureKind::NoSuchKey => return Ok(Standing::Nothing),
            Err(error) => return Err(error),
        };
        if !written.expected.is(&found) || self.is_before(found.modified, written.not_before) {
            return Ok(Standing::Other);
        }
        let checksum_echoed = found.checksum.is_some();
        Ok(Standing::Ours(Stored { etag: found.etag, version_id: found.version_id, checksum_echoed }))
    }

    /// The server's time minus ours, in seconds, once an answer has told it.
    pub fn server_offset_secs(&self) -> Option<i64> {
        self.learnt().clock_offset_secs()
    }

    /// Whether something was changed before a point of our own time. Unknown times are not held against it.
    fn is_before(&self, modified: Option<Timestamp>, ours: Timestamp) -> bool {
        let (Some(modified), Some(offset)) = (modified, self.server_offset_secs()) else { return false };
        let since = ours.checked_add(SignedDuration::from_secs(offset)).and_then(|time| time.checked_sub(CLOCK_SLACK));
        since.is_ok_and(|since| modified < since)
    }
}
