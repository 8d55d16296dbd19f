//! Was it us? After a write whose end nobody heard of: the object that stands there now, held against what was to be
//! written.

use jiff::{SignedDuration, Timestamp};

use super::learnt::Lesson;
use super::multipart::multipart_etag;
use super::object::Expected;
use super::proof::{is_md5_tag, is_opaque};
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

    /// By one PUT of bytes that are not at hand any more: known by their checksum alone.
    pub fn unread(crc64: u64, bytes: u64, not_before: Timestamp) -> Self {
        Self { expected: Expected { crc64, bytes, etag: None }, not_before, told: None }
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

    /// Whether what the server has said of our object holds for another one.
    fn is_told_otherwise(&self, found: &ObjectMetadata) -> bool {
        let told = self.told.as_ref().and_then(|told| told.etag.as_ref());
        told.is_some() && found.etag.is_some() && told != found.etag.as_ref()
    }

    /// Checksum of the whole object.
    pub fn crc64nvme(&self) -> u64 {
        self.expected.crc64
    }
}

/// What a key holds, to whoever has written there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyHolds {
    /// What was to be written, and not older than our intent, as far as the server's words tell: that is for the
    /// check of the object to prove.
    Ours(Stored),
    /// Something of the same size, not older than our intent, of which the server tells nothing that could be compared:
    /// only its bytes can tell.
    Unclear(Stored),
    /// Something else.
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
    ) -> Result<KeyHolds, S3Error> {
        let found = match self.head_object(bucket, key).await {
            Ok(found) => found,
            Err(error) if error.kind() == FailureKind::NoSuchKey => return Ok(KeyHolds::Nothing),
            Err(error) => return Err(error),
        };
        let is_new = || !self.is_before(found.modified, written.not_before);
        let looks_ours = written.is_as_told(&found) || written.expected.is(&found) && is_new();
        if !looks_ours {
            let may_be_ours = found.size_bytes == Some(written.expected.bytes) && is_new();
            if may_be_ours && !written.is_told_otherwise(&found) && !self.tells_content(&found, &written.expected) {
                let (etag, version_id) = (found.etag, found.version_id);
                return Ok(KeyHolds::Unclear(Stored { etag, version_id, checksum_echoed: false }));
            }
            return Ok(KeyHolds::Other);
        }
        let has_crc = found.checksum.as_deref().is_some_and(|checksum| checksum.starts_with("CRC64NVME:"));
        let checksum_echoed = has_crc && written.expected.is(&found);
        Ok(KeyHolds::Ours(Stored { etag: found.etag, version_id: found.version_id, checksum_echoed }))
    }

    /// Whether other bytes would show in what the server tells: in a checksum that we know of ours, or in an entity tag
    /// where those are known to be MD5s of the kind that ours would have.
    fn tells_content(&self, found: &ObjectMetadata, expected: &Expected) -> bool {
        let checksum = found.checksum.as_deref().and_then(|checksum| checksum.strip_prefix("CRC64NVME:"));
        if checksum.is_some_and(|checksum| !checksum.contains('-')) {
            return true;
        }
        // Without one of ours to hold it against, theirs tells nothing.
        if expected.etag.is_none() {
            return false;
        }
        let is_multipart = expected.etag.as_deref().is_some_and(|etag| etag.contains('-'));
        let lesson = if is_multipart { Lesson::Md5MultipartTags } else { Lesson::Md5Tags };
        let has_md5_tag = found.etag.as_deref().is_some_and(is_md5_tag) && !is_opaque(found);
        has_md5_tag && self.learnt().known(lesson, self.now_secs()) == Some(true)
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
