//! Was it us? After a write whose end nobody heard of: the object that stands there now, held against what was to be
//! written.

use jiff::{SignedDuration, Timestamp};

use super::multipart::multipart_etag;
use super::object::Expected;
use super::{S3Error, S3Store, Stored, StoredPart};
use crate::model::{BucketName, FailureKind, ObjectKey, ObjectMetadata};

/// Servers keep whole seconds; clocks are compared by an answer's `Date`, which may be a gateway's; and ours may have
/// been set since. An equal object that is taken for ours within this time has our bytes all the same.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_secs(60);

/// What was to be written.
#[derive(Clone, Debug)]
pub struct Written {
    expected: Expected,
    not_before: Timestamp,
    told: Option<Stored>,
}

impl Written {
    /// By one PUT, not before a point in time by our own clock.
    pub fn by_put(bytes: &[u8], crc64: u64, not_before: Timestamp) -> Self {
        Self { expected: Expected::of_bytes(bytes, crc64), not_before, told: None }
    }

    /// By putting parts, in order of number, together.
    pub fn by_parts(parts: &[StoredPart], crc64: u64, bytes: u64, not_before: Timestamp) -> Self {
        Self { expected: Expected { crc64, bytes, etag: multipart_etag(parts) }, not_before, told: None }
    }

    /// What the server has said to have stored of these very bytes: where nothing else can be compared, its entity
    /// tag or version tells our object from others.
    #[must_use]
    pub fn told(self, told: Option<Stored>) -> Self {
        Self { told, ..self }
    }

    fn is_as_told(&self, found: &ObjectMetadata) -> bool {
        let Some(told) = &self.told else { return false };
        let same = |ours: &Option<String>, theirs: &Option<String>| Some(ours.as_ref()? == theirs.as_ref()?);
        let (by_tag, by_version) = (same(&told.etag, &found.etag), same(&told.version_id, &found.version_id));
        // Without versioning every object is of the version "null".
        let names_one = told.version_id.as_deref() != Some("null");
        found.size_bytes == Some(self.expected.bytes)
            && (by_tag == Some(true) || by_version == Some(true) && names_one)
            && by_tag != Some(false)
            && by_version != Some(false)
    }

    /// Checksum of the whole object.
    pub fn crc64nvme(&self) -> u64 {
        self.expected.crc64
    }
}

/// What stands under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// What was to be written, and not older than our intent, as far as the server's words tell: that is for the
    /// check of the object to prove.
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
        let is_new_and_equal = || written.expected.is(&found) && !self.is_before(found.modified, written.not_before);
        if !written.is_as_told(&found) && !is_new_and_equal() {
            return Ok(Standing::Other);
        }
        let has_crc = found.checksum.as_deref().is_some_and(|checksum| checksum.starts_with("CRC64NVME:"));
        let checksum_echoed = has_crc && written.expected.is(&found);
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
