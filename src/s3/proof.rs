//! Is the stored object what was sent? What the answers of a service prove, and what they do not.
//!
//! Proof is only what the server computed over the bytes that it holds: a checksum that it is known to verify, one of
//! a kind that was not sent, or an entity tag that is the MD5 of the bytes. A checksum that is merely echoed by a
//! service that may not look at it proves nothing. Composite checksums (`-n`) and tags of encrypted objects are
//! never compared with anything.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::{CrcAlgorithm, Digest};
use md5::{Digest as _, Md5};

use super::checksum::to_base64;
use super::learnt::{ChecksumMode, Lesson};
use super::{S3Error, S3Store, Stored};
use crate::model::{BucketName, FailureKind, ObjectKey, ObjectMetadata, Service};

/// What was sent, as far as it is at hand.
#[derive(Clone, Copy, Debug)]
pub struct SentContent<'a> {
    /// CRC64NVME of all bytes.
    pub crc64nvme: u64,
    /// How many.
    pub size_bytes: u64,
    /// The bytes themselves, where they fit into one request.
    pub bytes: Option<&'a [u8]>,
}

/// What a comparison came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The server holds what was sent.
    Same,
    /// It holds something else; says what differs.
    Differs(&'static str),
    /// What stands under the key is of another size, and has another entity tag than the write was told.
    Replaced,
    /// Nothing that it told proves anything.
    Unproven,
}

impl S3Store {
    /// Whether a checksum in an answer is one that the service has held against the bytes: known services at their
    /// own hosts, the storage of this program, and those that were seen to refuse a wrong one.
    pub fn echo_is_proof(&self) -> bool {
        let diagnosed = self.learnt().known(Lesson::VerifiesChecksums, self.now_secs());
        diagnosed.unwrap_or_else(|| self.is_known_service() || self.learnt().is_named_verifier.get())
    }

    /// Whether this is a service whose ways are known, at one of its own hosts: whatever stands elsewhere under its name
    /// (another one's endpoint in an AWS profile, say) is somebody else.
    pub(super) fn is_known_service(&self) -> bool {
        let host = self.host();
        let host = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
        match self.connection().service {
            Service::ThisComputer => true,
            Service::AmazonS3 => is_amazons(host),
            Service::CloudflareR2 => host.ends_with(".r2.cloudflarestorage.com"),
            _ => false,
        }
    }

    /// Holds the answer to a write against what was sent; no request.
    pub fn judge_answer(&self, stored: &Stored, sent: &SentContent<'_>) -> Judgement {
        if stored.checksum_echoed && self.echo_is_proof() {
            return Judgement::Same;
        }
        // A tag that differs may be of any kind: whether it says something is for the HEAD to tell.
        match (sent.bytes, stored.etag.as_deref()) {
            (Some(bytes), Some(etag)) if etag == md5_hex(bytes) => {
                self.learnt().note_known(Lesson::Md5Tags, true, self.now_secs());
                Judgement::Same
            }
            _ => Judgement::Unproven,
        }
    }

    /// Holds what a HEAD told against what was sent. `stored` is the answer to the write, where there was one.
    pub fn judge_head(&self, found: &ObjectMetadata, stored: &Stored, sent: &SentContent<'_>) -> Judgement {
        let is_other_size = found.size_bytes.is_some_and(|size| size != sent.size_bytes);
        if is_another(found, stored) {
            // A newer version says nothing of ours, which is kept below it.
            let is_newer_version = differ(stored.version_id.as_deref(), found.version_id.as_deref());
            return if is_other_size && !is_newer_version { Judgement::Replaced } else { Judgement::Unproven };
        }
        if is_other_size {
            return Judgement::Differs("size");
        }
        match self.judge_checksum(found, sent) {
            Judgement::Unproven => {}
            judged => return judged,
        }
        let Some(bytes) = sent.bytes.filter(|_| !is_opaque(found)) else { return Judgement::Unproven };
        self.judge_tag(found.etag.as_deref(), &md5_hex(bytes), Lesson::Md5Tags)
    }

    /// Holds the tag of a multipart object against the MD5 of its parts' MD5s, of bytes that were read again.
    pub fn judge_multipart_tag(&self, etag: Option<&str>, ours: &str, found: Option<&ObjectMetadata>) -> Judgement {
        if found.is_some_and(is_opaque) {
            return Judgement::Unproven;
        }
        self.judge_tag(etag, ours, Lesson::Md5MultipartTags)
    }

    /// Whether it is worth computing the MD5 of a multipart object's parts: not where tags were seen to be something
    /// else.
    pub fn has_md5_multipart_tags(&self) -> Option<bool> {
        self.learnt().known(Lesson::Md5MultipartTags, self.now_secs())
    }

    fn judge_checksum(&self, found: &ObjectMetadata, sent: &SentContent<'_>) -> Judgement {
        let Some((name, theirs)) = found.checksum.as_deref().and_then(|text| text.split_once(':')) else {
            return Judgement::Unproven;
        };
        let ours = match (name, sent.bytes) {
            _ if theirs.contains('-') => None,
            ("CRC64NVME", _) => Some(to_base64(sent.crc64nvme)),
            ("CRC32", Some(bytes)) => Some(crc32_base64(CrcAlgorithm::Crc32IsoHdlc, bytes)),
            ("CRC32C", Some(bytes)) => Some(crc32_base64(CrcAlgorithm::Crc32Iscsi, bytes)),
            _ => None,
        };
        let Some(ours) = ours else { return Judgement::Unproven };
        if ours != theirs {
            return Judgement::Differs("checksum");
        }
        let was_sent = match self.learnt().proven_checksum(self.now_secs()) {
            None | Some(ChecksumMode::Crc64Nvme) => name == "CRC64NVME",
            Some(ChecksumMode::Crc32) => name == "CRC32",
            Some(_) => false,
        };
        if was_sent && !self.echo_is_proof() { Judgement::Unproven } else { Judgement::Same }
    }

    fn judge_tag(&self, theirs: Option<&str>, ours: &str, lesson: Lesson) -> Judgement {
        let Some(theirs) = theirs else { return Judgement::Unproven };
        let now_secs = self.now_secs();
        if theirs.eq_ignore_ascii_case(ours) {
            self.learnt().note_known(lesson, true, now_secs);
            return Judgement::Same;
        }
        if !is_md5_tag(theirs) || theirs.contains('-') != ours.contains('-') {
            return Judgement::Unproven;
        }
        match self.learnt().known(lesson, now_secs) {
            Some(true) => Judgement::Differs("entity tag"),
            Some(false) => Judgement::Unproven,
            None => {
                self.learnt().note_known(lesson, false, now_secs);
                Judgement::Unproven
            }
        }
    }

    /// Fetches an object and hashes it as it comes: the proof that needs no trust. `if_match` is the entity tag of
    /// the write; an object that was replaced meanwhile gives [`FailureKind::SourceChanged`].
    pub async fn read_back(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        if_match: Option<&str>,
        sent: &SentContent<'_>,
    ) -> Result<Judgement, S3Error> {
        let mut download = match self.get_object(bucket, key, 0, if_match).await {
            Ok(download) => download,
            Err(error) if error.kind() == FailureKind::ChecksumMismatch => return Ok(Judgement::Differs("checksum")),
            Err(error) => return Err(error),
        };
        // Some services answer in spite of a condition that does not hold.
        if let (Some(ours), Some(theirs)) = (if_match, download.metadata.etag.as_deref())
            && ours != theirs
        {
            let error = S3Error::local("s3:GetObject", FailureKind::SourceChanged, "another object came back");
            return Err(error.with("bucket", bucket).with("key", key));
        }
        let (mut digest, mut read_bytes) = (Digest::new(CrcAlgorithm::Crc64Nvme), 0_u64);
        loop {
            match download.chunk().await {
                Ok(Some(chunk)) => {
                    digest.update(&chunk);
                    read_bytes += chunk.len() as u64;
                }
                Ok(None) => break,
                Err(error) if error.kind() == FailureKind::ChecksumMismatch => {
                    return Ok(Judgement::Differs("checksum"));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(match (read_bytes == sent.size_bytes, digest.finalize() == sent.crc64nvme) {
            (true, true) => Judgement::Same,
            (false, _) => Judgement::Differs("size"),
            (true, false) => Judgement::Differs("content"),
        })
    }
}

/// Whether a host name, without a port, is one of Amazon's own.
pub(super) fn is_amazons(host: &str) -> bool {
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(|domain| host.ends_with(domain))
}

/// Whether somebody wrote the key after us.
fn is_another(found: &ObjectMetadata, stored: &Stored) -> bool {
    differ(stored.version_id.as_deref(), found.version_id.as_deref())
        || differ(stored.etag.as_deref(), found.etag.as_deref())
}

/// Whether both are known and not equal.
fn differ(ours: Option<&str>, theirs: Option<&str>) -> bool {
    ours.is_some() && theirs.is_some() && ours != theirs
}

/// Whether an entity tag may be anything: with keys of a key service or of the customer it is no MD5.
pub(super) fn is_opaque(found: &ObjectMetadata) -> bool {
    found.encryption.as_deref().is_some_and(|encryption| encryption != "AES256")
}

/// 32 hex digits, with `-n` for multipart objects.
pub(super) fn is_md5_tag(etag: &str) -> bool {
    let (digest, count) = etag.split_once('-').map_or((etag, None), |(digest, count)| (digest, Some(count)));
    digest.len() == 32
        && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
        && count.is_none_or(|count| !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()))
}

fn md5_hex(bytes: &[u8]) -> String {
    format!("{:032x}", u128::from_be_bytes(Md5::digest(bytes).into()))
}

fn crc32_base64(algorithm: CrcAlgorithm, bytes: &[u8]) -> String {
    // A CRC-32 fits into four bytes.
    let crc = u32::try_from(crc_fast::checksum(algorithm, bytes)).unwrap_or_default();
    STANDARD.encode(crc.to_be_bytes())
}

/// The MD5 of MD5s that Amazon takes for the tag of a multipart object, of parts that are read one after the other.
#[derive(Debug, Default)]
pub struct MultipartTag {
    part: Md5,
    parts: Md5,
    count: u32,
}

impl MultipartTag {
    /// More bytes of the current part.
    pub fn update(&mut self, bytes: &[u8]) {
        self.part.update(bytes);
    }

    /// The current part is complete.
    pub fn end_part(&mut self) {
        let digest = std::mem::take(&mut self.part).finalize();
        self.parts.update(digest);
        self.count += 1;
    }

    /// The tag without quotes.
    pub fn finish(self) -> String {
        format!("{:032x}-{}", u128::from_be_bytes(self.parts.finalize().into()), self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::canned::{Canned, Reply, bucket, connection, key};
    use crate::s3::wire::Trust;

    const BYTES: &[u8] = b"hello";

    fn sent(bytes: &[u8]) -> SentContent<'_> {
        SentContent {
            crc64nvme: super::super::checksum::crc64nvme(bytes),
            size_bytes: bytes.len() as u64,
            bytes: Some(bytes),
        }
    }

    fn head(etag: &str, checksum: Option<&str>, encryption: Option<&str>) -> ObjectMetadata {
        ObjectMetadata {
            size_bytes: Some(BYTES.len() as u64),
            etag: Some(etag.to_owned()),
            checksum: checksum.map(str::to_owned),
            encryption: encryption.map(str::to_owned),
            ..ObjectMetadata::default()
        }
    }

    async fn stranger() -> (Canned, S3Store) {
        let server = Canned::start(|_, _| Reply::http(200, &[("etag", "\"e\"")], "")).await;
        let store = server.store().await;
        (server, store)
    }

    #[tokio::test]
    async fn an_echo_proves_something_only_where_it_is_verified() {
        let (_server, store) = stranger().await;
        let stored = Stored { etag: Some("opaque".to_owned()), version_id: None, checksum_echoed: true };
        assert_eq!(store.judge_answer(&stored, &sent(BYTES)), Judgement::Unproven);
        let ours = format!("CRC64NVME:{}", to_base64(sent(BYTES).crc64nvme));
        let found = head("opaque", Some(&ours), None);
        assert_eq!(store.judge_head(&found, &stored, &sent(BYTES)), Judgement::Unproven);
        store.learnt().note_known(Lesson::VerifiesChecksums, true, store.now_secs());
        assert_eq!(store.judge_answer(&stored, &sent(BYTES)), Judgement::Same);
        assert_eq!(store.judge_head(&found, &stored, &sent(BYTES)), Judgement::Same);
        store.learnt().note_known(Lesson::VerifiesChecksums, false, store.now_secs());
        assert_eq!(store.judge_answer(&stored, &sent(BYTES)), Judgement::Unproven);
    }

    #[tokio::test]
    async fn known_services_are_known_by_their_hosts() {
        let cases = [
            (Service::AmazonS3, "https://s3.eu-west-1.amazonaws.com", true),
            (Service::AmazonS3, "https://amazonaws.com.evil.example", false),
            (Service::AmazonS3, "http://127.0.0.1:9000", false),
            (Service::CloudflareR2, "https://a.r2.cloudflarestorage.com", true),
            (Service::ThisComputer, "http://127.0.0.1:9000", true),
            (Service::Other, "https://minio.example", false),
        ];
        let (server, _) = stranger().await;
        for (service, endpoint, expected) in cases {
            let endpoint = crate::model::Endpoint::parse(endpoint).unwrap();
            let store = server.store_of(connection(service, endpoint.clone()), Trust::Nobody).await;
            assert_eq!(store.echo_is_proof(), expected, "{endpoint:?}");
        }
    }

    #[tokio::test]
    async fn a_service_that_refused_a_wrong_checksum_verifies() {
        let server = Canned::start(|_, _| Reply::error(400, "BadDigest", "no")).await;
        let store = server.store().await;
        assert!(!store.echo_is_proof());
        store.create_folder_marker(&bucket(), &crate::model::Prefix::new("f/")).await.unwrap_err();
        assert!(store.echo_is_proof());
        let (_server, store) = stranger().await;
        store.create_folder_marker(&bucket(), &crate::model::Prefix::new("f/")).await.unwrap();
        assert!(!store.echo_is_proof(), "{}", key("f/"));
    }

    #[tokio::test]
    async fn tags_prove_where_they_are_md5() {
        let (_server, store) = stranger().await;
        let right = md5_hex(BYTES);
        let none = Stored::default();
        let other = "00000000000000000000000000000000";
        // Not known to be MD5: a difference says nothing.
        assert_eq!(store.judge_head(&head(other, None, None), &none, &sent(BYTES)), Judgement::Unproven);
        let stored = Stored { etag: Some(right.clone()), ..Stored::default() };
        assert_eq!(store.judge_answer(&stored, &sent(BYTES)), Judgement::Same);
        // Known to be MD5: now it does.
        assert_eq!(store.judge_head(&head(other, None, None), &none, &sent(BYTES)), Judgement::Differs("entity tag"));
        assert_eq!(
            store.judge_head(&head(other, None, Some("AES256")), &none, &sent(BYTES)),
            Judgement::Differs("entity tag")
        );
        // H38: keys of others, multipart tags, and tags of any other form are opaque.
        for (etag, encryption) in [
            (other, Some("aws:kms")),
            (other, Some("customer")),
            ("abc", None),
            ("0000-1", None),
            (format!("{other}-1").as_str(), None),
        ] {
            let judged = store.judge_head(&head(etag, None, encryption), &none, &sent(BYTES));
            assert_eq!(judged, Judgement::Unproven, "{etag} {encryption:?}");
        }
        // Somebody else wrote in between, or tags are of two forms.
        assert_eq!(store.judge_head(&head(other, None, None), &stored, &sent(BYTES)), Judgement::Unproven);
        // Of another size it is surely not ours; under a newer version ours is still there.
        let mut found = ObjectMetadata { size_bytes: Some(1), ..head(other, None, None) };
        assert_eq!(store.judge_head(&found, &stored, &sent(BYTES)), Judgement::Replaced);
        found.version_id = Some("2".to_owned());
        let stored = Stored { version_id: Some("1".to_owned()), ..stored };
        assert_eq!(store.judge_head(&found, &stored, &sent(BYTES)), Judgement::Unproven);
    }

    #[tokio::test]
    async fn composite_checksums_are_compared_with_nothing() {
        let (_server, store) = stranger().await;
        for text in ["CRC32:AAAAAA==-3", "CRC64NVME:AAAAAAAAAAA=-2", "SHA256:x", "odd"] {
            let judged = store.judge_head(&head("e", Some(text), None), &Stored::default(), &sent(BYTES));
            assert_eq!(judged, Judgement::Unproven, "{text}");
        }
        let wrong = head("e", Some("CRC64NVME:AAAAAAAAAAA="), None);
        assert_eq!(store.judge_head(&wrong, &Stored::default(), &sent(BYTES)), Judgement::Differs("checksum"));
        // A checksum of a kind that was not sent was computed by the server.
        let theirs = format!("CRC32C:{}", crc32_base64(CrcAlgorithm::Crc32Iscsi, BYTES));
        assert_eq!(
            store.judge_head(&head("e", Some(&theirs), None), &Stored::default(), &sent(BYTES)),
            Judgement::Same
        );
    }

    #[test]
    fn the_multipart_tag_is_amazons() {
        let mut tag = MultipartTag::default();
        tag.end_part();
        // MD5 of MD5(""), as in `printf | xxd -r -p | md5sum`.
        assert_eq!(tag.finish(), "59adb24ef3cdbe0297f05b395827453f-1");
    }
}
