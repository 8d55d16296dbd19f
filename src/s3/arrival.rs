//! Is what has arrived the object that is stored? The bytes are summed up as they come and held against what the
//! server's answer told of the whole object: its checksum, else an entity tag that is the MD5 of the bytes.
//!
//! Composite checksums (`-n`), tags of multipart objects and tags of encrypted ones are compared with nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use md5::{Digest as _, Md5};
use sha2::Sha256;

use super::S3Store;
use super::learnt::Lesson;
use super::proof::{is_md5_tag, is_opaque};
use crate::model::{BucketName, ObjectMetadata};

/// What a comparison of arrived bytes came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// They are the object.
    Same,
    /// They are not.
    Differs,
    /// They have another MD5 than the entity tag names, and nobody knows whether this server's tags are MD5s. Bytes that
    /// come the same a second time were at least not damaged on their way.
    Doubtful {
        /// Their MD5 in hexadecimal.
        md5_hex: String,
    },
    /// Nothing was told that could be compared, but for the size.
    Unproven,
}

/// Adds up a download, in the way that its object can be compared.
#[derive(Debug)]
pub struct ArrivalSum {
    sum: Sum,
    /// As the server says it: base64 for checksums, hexadecimal for tags.
    theirs: String,
}

enum Sum {
    Crc { digest: crc_fast::Digest, width_bytes: usize },
    Sha256(Sha256),
    Md5(Md5),
    Nothing,
}

impl std::fmt::Debug for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Crc { width_bytes: 8, .. } => "CRC64NVME",
            Self::Crc { .. } => "CRC32",
            Self::Sha256(_) => "SHA256",
            Self::Md5(_) => "MD5",
            Self::Nothing => "nothing",
        })
    }
}

impl ArrivalSum {
    /// Of no bytes yet, for the object that an answer has told this of.
    pub fn of(object: &ObjectMetadata) -> Self {
        let checksum = object.checksum.as_deref().and_then(|text| text.split_once(':'));
        if let Some((name, theirs)) = checksum.filter(|(_, theirs)| !theirs.contains('-'))
            && let Some(sum) = Sum::named(name)
        {
            return Self { sum, theirs: theirs.to_owned() };
        }
        match object.etag.as_deref() {
            Some(tag) if is_md5_tag(tag) && !tag.contains('-') && !is_opaque(object) => {
                Self { sum: Sum::Md5(Md5::new()), theirs: tag.to_ascii_lowercase() }
            }
            _ => Self { sum: Sum::Nothing, theirs: String::new() },
        }
    }

    /// These bytes follow.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.sum {
            Sum::Crc { digest, .. } => digest.update(bytes),
            Sum::Sha256(digest) => digest.update(bytes),
            Sum::Md5(digest) => digest.update(bytes),
            Sum::Nothing => {}
        }
    }
}

impl Sum {
    fn named(name: &str) -> Option<Self> {
        let crc = |algorithm, width_bytes| Self::Crc { digest: crc_fast::Digest::new(algorithm), width_bytes };
        match name {
            "CRC64NVME" => Some(crc(CrcAlgorithm::Crc64Nvme, 8)),
            "CRC32" => Some(crc(CrcAlgorithm::Crc32IsoHdlc, 4)),
            "CRC32C" => Some(crc(CrcAlgorithm::Crc32Iscsi, 4)),
            "SHA256" => Some(Self::Sha256(Sha256::new())),
            _ => None,
        }
    }
}

impl S3Store {
    /// Holds all bytes of a download against what was told of its object.
    pub fn judge_arrival(&self, bucket: &BucketName, arrived: ArrivalSum) -> Arrival {
        let same_as = |ours: String| if ours == arrived.theirs { Arrival::Same } else { Arrival::Differs };
        match arrived.sum {
            Sum::Crc { digest, width_bytes } => {
                let bytes = digest.finalize().to_be_bytes();
                same_as(STANDARD.encode(bytes.get(bytes.len() - width_bytes..).unwrap_or_default()))
            }
            Sum::Sha256(digest) => same_as(STANDARD.encode(digest.finalize())),
            Sum::Md5(digest) => {
                let md5_hex = format!("{:032x}", u128::from_be_bytes(digest.finalize().into()));
                self.judge_md5(bucket, md5_hex, &arrived.theirs)
            }
            Sum::Nothing => Arrival::Unproven,
        }
    }

    fn judge_md5(&self, bucket: &BucketName, md5_hex: String, tag: &str) -> Arrival {
        let now_secs = self.now_secs();
        if md5_hex == tag {
            self.learnt().note_known(Lesson::Md5Tags, true, now_secs);
            return Arrival::Same;
        }
        // Directory buckets have tags that look like one.
        let is_directory = bucket.as_str().ends_with("--x-s3");
        let known = self.learnt().known(Lesson::Md5Tags, now_secs).filter(|_| !is_directory);
        if is_directory || known == Some(false) {
            return Arrival::Unproven;
        }
        // What one object has taught of a stranger need not hold for another: some decode what they send.
        if self.is_known_service() { Arrival::Differs } else { Arrival::Doubtful { md5_hex } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::canned::{Canned, Reply, bucket};

    const BYTES: &[u8] = b"123456789";
    const MD5: &str = "25f9e794323b453885f5181f1b624d0b";

    async fn judged(etag: &str, checksum: Option<&str>, encryption: Option<&str>, bytes: &[u8]) -> Arrival {
        let server = Canned::start(|_, _| Reply::http(200, &[], "")).await;
        let store = server.store().await;
        let object = ObjectMetadata {
            etag: Some(etag.to_owned()),
            checksum: checksum.map(str::to_owned),
            encryption: encryption.map(str::to_owned),
            ..ObjectMetadata::default()
        };
        let mut sum = ArrivalSum::of(&object);
        bytes.chunks(2).for_each(|chunk| sum.update(chunk));
        store.judge_arrival(&bucket(), sum)
    }

    #[tokio::test]
    async fn checksums_of_whole_objects_are_compared() {
        // The check values of the catalogue of CRC algorithms, and SHA-256 by `sha256sum`.
        for checksum in [
            "CRC64NVME:rosUhgp5mIg=",
            "CRC32:y/Q5Jg==",
            "CRC32C:4waSgw==",
            "SHA256:FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
        ] {
            assert_eq!(judged("opaque", Some(checksum), None, BYTES).await, Arrival::Same, "{checksum}");
            assert_eq!(judged(MD5, Some(checksum), None, b"12345678X").await, Arrival::Differs, "{checksum}");
        }
    }

    #[tokio::test]
    async fn a_tag_is_compared_only_where_it_is_an_md5() {
        assert_eq!(judged(MD5, None, Some("AES256"), BYTES).await, Arrival::Same);
        assert_eq!(judged(&MD5.to_uppercase(), Some("CRC32:AAAAAA==-3"), None, BYTES).await, Arrival::Same);
        assert!(matches!(judged(MD5, None, None, b"other").await, Arrival::Doubtful { .. }));
        let composite = format!("{MD5}-2");
        for (etag, encryption) in [(MD5, Some("aws:kms")), (composite.as_str(), None), ("opaque", None)] {
            assert_eq!(judged(etag, None, encryption, b"other").await, Arrival::Unproven, "{etag} {encryption:?}");
        }
    }

    #[tokio::test]
    async fn what_is_known_of_the_tags_counts() {
        let server = Canned::start(|_, _| Reply::http(200, &[], "")).await;
        let store = server.store().await;
        let sum = |bytes: &[u8]| {
            let mut sum = ArrivalSum::of(&ObjectMetadata { etag: Some(MD5.to_owned()), ..ObjectMetadata::default() });
            sum.update(bytes);
            sum
        };
        assert_eq!(store.judge_arrival(&bucket(), sum(BYTES)), Arrival::Same);
        let other = store.judge_arrival(&bucket(), sum(b"x"));
        assert!(matches!(other, Arrival::Doubtful { .. }), "one object says nothing of another: {other:?}");
        let directory = BucketName::new("b--use1-az4--x-s3").unwrap();
        assert_eq!(store.judge_arrival(&directory, sum(b"x")), Arrival::Unproven);
        store.learnt().note_known(Lesson::Md5Tags, false, store.now_secs());
        assert_eq!(store.judge_arrival(&bucket(), sum(b"x")), Arrival::Unproven);
    }
}
