//! Objects: look at, fetch, delete.

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ArchiveStatus, ChecksumMode as SdkChecksumMode, Delete, ObjectIdentifier, StorageClass};
use bytes::Bytes;
use futures_util::StreamExt as _;
use md5::{Digest as _, Md5};

use super::access_reading::storage_of;
use super::blank_keys::{is_blank, sdk_key};
use super::checksum::to_base64;
use super::classify::{About, chain_text, kind_of_chain};
use super::convert::{etag, size_bytes, text, timestamp};
use super::{Download, S3Error, S3Store, Stored};
use crate::model::{BucketName, FailureKind, ObjectKey, ObjectMetadata, ObjectStorage, Service};

/// Most keys that one request deletes.
const MAX_DELETE: usize = 1000;
/// Deletions in flight where each needs its own request.
const SINGLE_DELETES: usize = 8;

/// What a written object should look like.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    /// Checksum of the whole object.
    pub(super) crc64: u64,
    /// Its size.
    pub(super) bytes: u64,
    /// Its entity tag, where that follows from the content.
    pub(super) etag: Option<String>,
}

impl Expected {
    /// For an object stored by one PUT.
    pub(super) fn of_bytes(bytes: &[u8], crc64: u64) -> Self {
        let digest = u128::from_be_bytes(Md5::digest(bytes).into());
        Self { crc64, bytes: bytes.len() as u64, etag: Some(format!("{digest:032x}")) }
    }

    /// Whether a HEAD shows this very content. Size alone proves nothing.
    pub(super) fn is(&self, found: &ObjectMetadata) -> bool {
        if found.size_bytes != Some(self.bytes) {
            return false;
        }
        match found.checksum.as_deref().and_then(|checksum| checksum.strip_prefix("CRC64NVME:")) {
            Some(crc64) => crc64 == to_base64(self.crc64),
            None => self.etag.is_some() && self.etag == found.etag,
        }
    }
}

impl S3Store {
    /// What the server knows of an object. [`FailureKind::NoSuchKey`] if there is none.
    ///
    /// A HEAD has no body to tell why it is refused; where the bare status says too little, one byte is asked for.
    pub async fn head_object(&self, bucket: &BucketName, key: &ObjectKey) -> Result<ObjectMetadata, S3Error> {
        let about = About::object("s3:GetObject", bucket, key);
        let mode = self.checksum_mode();
        let head = self
            .run(about, |client| {
                let request = client.head_object().bucket(bucket.as_str()).key(sdk_key(key));
                request.set_checksum_mode(mode.clone()).send()
            })
            .await;
        match head {
            Ok(output) => Ok(metadata_of_head(&output)),
            Err(error) if self.says_too_little(&error) => {
                self.head_by_get(about, bucket, key).await.unwrap_or(Err(error))
            }
            Err(error) => Err(error),
        }
    }

    fn says_too_little(&self, error: &S3Error) -> bool {
        let unexplained = error.code().is_none_or(|code| matches!(code, "BadRequest" | "Forbidden" | "Bad Request"));
        let doubtful = error.status() == Some(400) || error.status() == Some(403) && !self.learnt().signed_in.get();
        unexplained && doubtful
    }

    /// Asks for one byte, for the sake of the body of the refusal; `None` if that explains nothing either.
    async fn head_by_get(
        &self,
        about: About<'_>,
        bucket: &BucketName,
        key: &ObjectKey,
    ) -> Option<Result<ObjectMetadata, S3Error>> {
        let got = self
            .run(about, |client| {
                client.get_object().bucket(bucket.as_str()).key(sdk_key(key)).range("bytes=0-0").send()
            })
            .await;
        match got {
            Ok(output) => Some(Ok(metadata_of_get(&output))),
            Err(error) if error.kind() == FailureKind::NotS3 => Some(Err(error)),
            Err(error) if error.code().is_some() && error.status() != Some(416) => Some(Err(error)),
            Err(_) => None,
        }
    }

    /// The object under this key, if it is what was to be stored: for a write whose answer was lost. `Ok(None)` if
    /// there is none or another one, or if the server keeps nothing that could be compared.
    pub async fn find_stored(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        object_crc64: u64,
        object_bytes: u64,
    ) -> Result<Option<Stored>, S3Error> {
        self.stored_as(bucket, key, &Expected { crc64: object_crc64, bytes: object_bytes, etag: None }).await
    }

    /// [`S3Store::find_stored`], by entity tag too.
    pub(super) async fn stored_as(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        expected: &Expected,
    ) -> Result<Option<Stored>, S3Error> {
        match self.head_object(bucket, key).await {
            Ok(found) if expected.is(&found) => {
                let checksum_echoed = found.checksum.is_some();
                Ok(Some(Stored { etag: found.etag, version_id: found.version_id, checksum_echoed }))
            }
            Ok(_) => Ok(None),
            Err(error) if error.kind() == FailureKind::NoSuchKey => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fetches an object from a byte on. With `if_match` (an entity tag without quotes) an object that was changed
    /// meanwhile gives [`FailureKind::SourceChanged`]. Full objects are checked against their stored checksum at
    /// their end. What comes may begin elsewhere than it was asked for: [`Download::begins_at_byte`].
    pub async fn get_object(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        from_byte: u64,
        if_match: Option<&str>,
    ) -> Result<Download, S3Error> {
        let about = About::object("s3:GetObject", bucket, key);
        let range = (from_byte > 0).then(|| format!("bytes={from_byte}-"));
        let mode = self.checksum_mode().filter(|_| range.is_none());
        let if_match = if_match.map(|tag| format!("\"{tag}\""));
        // The time to the end of a large object cannot be limited; a standstill is (by the store's configuration).
        let no_limit = super::put::timeouts(std::time::Duration::from_hours(7 * 24), None);
        let got = self
            .run(about, |client| {
                client
                    .get_object()
                    .bucket(bucket.as_str())
                    .key(sdk_key(key))
                    .set_range(range.clone())
                    .set_if_match(if_match.clone())
                    .set_checksum_mode(mode.clone())
                    .customize()
                    .config_override(no_limit.clone())
                    .send()
            })
            .await;
        let output = got.map_err(|error| match error.kind() {
            FailureKind::AlreadyExists => error.with_kind(FailureKind::SourceChanged),
            _ => error,
        })?;
        let metadata = metadata_of_get(&output);
        // Only an answer that says so is a part; everything else is the whole object, whatever was asked for.
        let begins_at_byte = output.content_range().map_or(Some(0), first_byte);
        let failed = S3Error::local(about.action, FailureKind::Offline, "")
            .with("host", self.host())
            .with("bucket", bucket)
            .with("key", key);
        Ok(Download { metadata, begins_at_byte, body: output.body, failed })
    }

    /// Checksums are asked for wherever that header is not refused.
    fn checksum_mode(&self) -> Option<SdkChecksumMode> {
        let known = !matches!(self.connection().service, Service::BackblazeB2 | Service::GoogleCloud);
        known.then_some(SdkChecksumMode::Enabled)
    }

    /// Deletes up to 1,000 objects, and gives those that stayed with the reason. A key that does not exist counts as
    /// deleted. Services that delete only one at a time are asked one at a time.
    pub async fn delete_objects(
        &self,
        bucket: &BucketName,
        keys: &[ObjectKey],
    ) -> Result<Vec<(ObjectKey, S3Error)>, S3Error> {
        let keys = keys.get(..MAX_DELETE.min(keys.len())).unwrap_or(keys);
        // XML cannot carry control characters, and many readers of it drop what is nothing but white space, so such
        // keys go one by one.
        let is_odd = |key: &&ObjectKey| is_blank(key) || key.as_str().chars().any(is_not_xml);
        let (odd, plain): (Vec<_>, Vec<_>) = keys.iter().partition(is_odd);
        let mut stayed = self.delete_singly(bucket, &odd).await;
        if plain.len() < 2 || self.learnt().refuses_batch_delete.get() {
            stayed.extend(self.delete_singly(bucket, &plain).await);
            return Ok(stayed);
        }
        match self.delete_batch(bucket, &plain).await {
            Ok(failed) => stayed.extend(failed),
            Err(error) if refuses_batch(&error) => {
                self.learnt().refuses_batch_delete.note();
                stayed.extend(self.delete_singly(bucket, &plain).await);
            }
            Err(error) => return Err(error),
        }
        Ok(stayed)
    }

    async fn delete_batch(
        &self,
        bucket: &BucketName,
        keys: &[&ObjectKey],
    ) -> Result<Vec<(ObjectKey, S3Error)>, S3Error> {
        let about = About::bucket("s3:DeleteObject", bucket);
        let identifiers: Vec<ObjectIdentifier> =
            keys.iter().filter_map(|key| ObjectIdentifier::builder().key(key.as_str()).build().ok()).collect();
        let delete = Delete::builder().set_objects(Some(identifiers)).quiet(true).build();
        let delete = delete.map_err(|error| S3Error::local(about.action, FailureKind::Internal, error))?;
        let output = self
            .run(about, |client| client.delete_objects().bucket(bucket.as_str()).delete(delete.clone()).send())
            .await?;
        let failed = output.errors().iter().filter_map(|error| {
            let key = ObjectKey::new(error.key()?);
            let code = error.code().unwrap_or("InternalError");
            let message = error.message().unwrap_or_default();
            let kind = super::codes::kind_of_code(code, message, 200).unwrap_or(FailureKind::ServerError);
            let failure = S3Error::local(about.action, kind, format!("{code}: {message}")).with("host", self.host());
            Some((key.clone(), failure.with("bucket", bucket).with("key", &key)))
        });
        Ok(failed.filter(|(_, error)| error.kind() != FailureKind::NoSuchKey).collect())
    }

    async fn delete_singly(&self, bucket: &BucketName, keys: &[&ObjectKey]) -> Vec<(ObjectKey, S3Error)> {
        let deletions = keys.iter().map(|key| async move {
            let about = About::object("s3:DeleteObject", bucket, key);
            let deleted =
                self.run(about, |client| client.delete_object().bucket(bucket.as_str()).key(sdk_key(key)).send()).await;
            deleted.err().filter(|error| error.kind() != FailureKind::NoSuchKey).map(|error| ((*key).clone(), error))
        });
        let deletions: Vec<_> = deletions.collect();
        futures_util::stream::iter(deletions)
            .buffer_unordered(SINGLE_DELETES)
            .filter_map(std::future::ready)
            .collect()
            .await
    }
}

/// Whether the service does not know how to delete many at once, or wants an MD5 for it that the SDK does not send.
fn refuses_batch(error: &S3Error) -> bool {
    matches!(error.status(), Some(405 | 411 | 501))
        || matches!(
            error.code(),
            Some(
                "MissingContentMD5"
                    | "NotImplemented"
                    | "MethodNotAllowed"
                    | "InvalidArgument"
                    | "InvalidRequest"
                    | "MalformedXML"
            )
        )
}

/// Characters that XML 1.0 cannot carry.
fn is_not_xml(c: char) -> bool {
    matches!(c, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{d}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

impl Download {
    /// The next bytes; `None` at the end, when all announced bytes came and the checksum, if there is one, was right.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, S3Error> {
        match self.body.next().await {
            None => Ok(None),
            Some(Ok(bytes)) => Ok(Some(bytes)),
            Some(Err(error)) => {
                let text = chain_text(&error);
                let kind = if text.to_ascii_lowercase().contains("checksum") {
                    FailureKind::ChecksumMismatch
                } else {
                    kind_of_chain(&error).filter(|kind| *kind != FailureKind::NotS3).unwrap_or(FailureKind::Offline)
                };
                Err(self.failed.clone().with_kind(kind).with_detail(&text))
            }
        }
    }
}

/// What [`Download`] carries besides the metadata.
pub(super) type DownloadBody = ByteStream;

fn metadata_of_head(output: &HeadObjectOutput) -> ObjectMetadata {
    ObjectMetadata {
        size_bytes: size_bytes(output.content_length()),
        modified: timestamp(output.last_modified()),
        etag: etag(output.e_tag()),
        content_type: text(output.content_type()),
        cache_control: text(output.cache_control()),
        content_disposition: text(output.content_disposition()),
        content_encoding: text(output.content_encoding()),
        storage_class: output.storage_class().map(|class| class.as_str().to_owned()),
        storage: Some(storage_of(
            output.storage_class().map(StorageClass::as_str),
            output.archive_status().map(ArchiveStatus::as_str),
            output.restore(),
        )),
        encryption: output.server_side_encryption().map(|sse| sse.as_str().to_owned()),
        checksum: checksum_text(&[
            ("CRC64NVME", output.checksum_crc64_nvme()),
            ("CRC32C", output.checksum_crc32_c()),
            ("CRC32", output.checksum_crc32()),
            ("SHA256", output.checksum_sha256()),
            ("SHA1", output.checksum_sha1()),
        ]),
        version_id: text(output.version_id()),
        user_metadata: output.metadata().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect(),
    }
}

/// Where a part begins, by its `Content-Range`, as in `bytes 5-9/10`; `None` if that cannot be read.
fn first_byte(content_range: &str) -> Option<u64> {
    let (range, _total) = content_range.trim().strip_prefix("bytes")?.trim().split_once('/')?;
    range.split_once('-')?.0.trim().parse().ok()
}

fn metadata_of_get(output: &GetObjectOutput) -> ObjectMetadata {
    let total = output.content_range().and_then(|range| range.rsplit('/').next()?.parse().ok());
    ObjectMetadata {
        size_bytes: total.or_else(|| size_bytes(output.content_length())),
        modified: timestamp(output.last_modified()),
        etag: etag(output.e_tag()),
        content_type: text(output.content_type()),
        cache_control: text(output.cache_control()),
        content_disposition: text(output.content_disposition()),
        content_encoding: text(output.content_encoding()),
        storage_class: output.storage_class().map(|class| class.as_str().to_owned()),
        // It was read just now.
        storage: Some(ObjectStorage::AtHand),
        encryption: output.server_side_encryption().map(|sse| sse.as_str().to_owned()),
        checksum: checksum_text(&[
            ("CRC64NVME", output.checksum_crc64_nvme()),
            ("CRC32C", output.checksum_crc32_c()),
            ("CRC32", output.checksum_crc32()),
            ("SHA256", output.checksum_sha256()),
            ("SHA1", output.checksum_sha1()),
        ]),
        version_id: text(output.version_id()),
        user_metadata: output.metadata().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect(),
    }
}

/// The first checksum that is there, with its name.
fn checksum_text(sums: &[(&str, Option<&str>)]) -> Option<String> {
    sums.iter().find_map(|(name, value)| value.map(|value| format!("{name}:{value}")))
}
