//! Digests of bodies: MD5 for ETags and the five checksums that S3 knows.
//!
//! Owns the rules which checksum may be combined from parts and how a value is written; knows no files and no HTTP.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use crc_fast::CrcAlgorithm;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};
use s3s::{S3Error, S3Result, s3_error};
use serde::{Deserialize, Serialize};

/// A checksum that S3 computes over objects and parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

/// Over what a multipart object's checksum runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ChecksumKind {
    /// Over all bytes, as if they had come in one piece.
    FullObject,
    /// Over the raw checksums of the parts, written with `-N` behind it.
    Composite,
}

/// A checksum as it is kept and echoed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredChecksum {
    pub algorithm: Algorithm,
    pub kind: ChecksumKind,
    /// Base64, with `-N` when composite.
    pub value: String,
}

impl Algorithm {
    pub(super) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// As in `x-amz-checksum-algorithm`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The header or trailer that carries its value.
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    pub(super) fn from_header(header: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.header().eq_ignore_ascii_case(header))
    }

    fn length_bytes(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// What a multipart upload uses when it names only the algorithm: whole-object for CRC64NVME, else composite.
    pub(super) fn default_kind(self) -> ChecksumKind {
        match self {
            Self::Crc64Nvme => ChecksumKind::FullObject,
            _ => ChecksumKind::Composite,
        }
    }

    /// SHA sums cannot be put together from parts; CRC64NVME is never composite.
    pub(super) fn allows(self, kind: ChecksumKind) -> bool {
        match kind {
            ChecksumKind::FullObject => self.crc().is_some(),
            ChecksumKind::Composite => self != Self::Crc64Nvme,
        }
    }

    fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    /// Reads a value a client sent; S3 answers `InvalidRequest` when it cannot be one of this algorithm.
    pub(super) fn decode(self, value: &str) -> S3Result<Vec<u8>> {
        match STANDARD.decode(value) {
            Ok(raw) if raw.len() == self.length_bytes() => Ok(raw),
            _ => Err(s3_error!(InvalidRequest, "Value for {} header is invalid.", self.header())),
        }
    }
}

impl ChecksumKind {
    /// As in `x-amz-checksum-type`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::FullObject => s3s::dto::ChecksumType::FULL_OBJECT,
            Self::Composite => s3s::dto::ChecksumType::COMPOSITE,
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::FullObject, Self::Composite].into_iter().find(|kind| kind.name() == name)
    }
}

/// Reads `Content-MD5`.
pub(super) fn decode_content_md5(value: &str) -> S3Result<[u8; 16]> {
    STANDARD
        .decode(value)
        .ok()
        .and_then(|raw| <[u8; 16]>::try_from(raw).ok())
        .ok_or_else(|| s3_error!(InvalidDigest, "The Content-MD5 you specified was invalid."))
}

/// The digests of a body, computed as its bytes pass.
pub(super) struct Hasher {
    md5: Md5,
    sums: Vec<(Algorithm, Sum)>,
}

enum Sum {
    Crc32(Crc32),
    Crc32c(Crc32c),
    Crc64Nvme(Crc64Nvme),
    Sha1(Sha1),
    Sha256(Sha256),
}

/// The finished digests of a body.
#[derive(Clone, Debug)]
pub(super) struct Digests {
    pub md5: [u8; 16],
    sums: Vec<(Algorithm, Vec<u8>)>,
}

impl Digests {
    /// Takes a client's word for a value, as services do that verify nothing.
    pub(super) fn replace(&mut self, algorithm: Algorithm, claimed: Vec<u8>) {
        self.sums.retain(|(known, _)| *known != algorithm);
        self.sums.push((algorithm, claimed));
    }
}

impl Hasher {
    /// MD5 and every algorithm named, each once.
    pub(super) fn new(algorithms: &[Algorithm]) -> Self {
        let mut sums: Vec<(Algorithm, Sum)> = Vec::with_capacity(algorithms.len());
        for algorithm in algorithms {
            if sums.iter().any(|(known, _)| known == algorithm) {
                continue;
            }
            let sum = match algorithm {
                Algorithm::Crc32 => Sum::Crc32(Crc32::new()),
                Algorithm::Crc32c => Sum::Crc32c(Crc32c::new()),
                Algorithm::Crc64Nvme => Sum::Crc64Nvme(Crc64Nvme::new()),
                Algorithm::Sha1 => Sum::Sha1(Sha1::new()),
                Algorithm::Sha256 => Sum::Sha256(Sha256::new()),
            };
            sums.push((*algorithm, sum));
        }
        Self { md5: Md5::new(), sums }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        for (_, sum) in &mut self.sums {
            match sum {
                Sum::Crc32(hasher) => hasher.update(bytes),
                Sum::Crc32c(hasher) => hasher.update(bytes),
                Sum::Crc64Nvme(hasher) => hasher.update(bytes),
                Sum::Sha1(hasher) => hasher.update(bytes),
                Sum::Sha256(hasher) => hasher.update(bytes),
            }
        }
    }

    pub(super) fn finish(self) -> Digests {
        let sums = self.sums.into_iter().map(|(algorithm, sum)| {
            let raw = match sum {
                Sum::Crc32(hasher) => hasher.finalize().to_vec(),
                Sum::Crc32c(hasher) => hasher.finalize().to_vec(),
                Sum::Crc64Nvme(hasher) => hasher.finalize().to_vec(),
                Sum::Sha1(hasher) => hasher.finalize().to_vec(),
                Sum::Sha256(hasher) => hasher.finalize().to_vec(),
            };
            (algorithm, raw)
        });
        Digests { sums: sums.collect(), md5: self.md5.finalize() }
    }
}

impl Digests {
    /// The ETag of a body that came in one piece.
    pub(super) fn etag(&self) -> String {
        hex(&self.md5)
    }

    /// The raw value, if it was computed.
    pub(super) fn raw(&self, algorithm: Algorithm) -> Option<&[u8]> {
        self.sums.iter().find(|(known, _)| *known == algorithm).map(|(_, raw)| raw.as_slice())
    }

    /// The value as headers carry it, if it was computed.
    pub(super) fn base64(&self, algorithm: Algorithm) -> Option<String> {
        self.raw(algorithm).map(|raw| STANDARD.encode(raw))
    }
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").ok(); // writing to a String cannot fail
        text
    })
}

/// The ETag of a multipart object: MD5 over the parts' MD5s, then `-N`.
pub(super) fn multipart_etag(part_etags: &[String]) -> S3Result<String> {
    let mut md5 = Md5::new();
    for etag in part_etags {
        md5.update(&unhex(etag)?);
    }
    Ok(format!("{}-{}", hex(&md5.finalize()), part_etags.len()))
}

fn unhex(text: &str) -> S3Result<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.ok_or_else(|| broken("a part's ETag is not hexadecimal"))?;
    Ok(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

/// Puts the checksum of an object together from its parts' (base64 value, size in bytes).
pub(super) fn combine(algorithm: Algorithm, kind: ChecksumKind, parts: &[(String, u64)]) -> S3Result<StoredChecksum> {
    let raw_parts = parts.iter().map(|(value, size)| Ok((algorithm.decode(value)?, *size)));
    let raw_parts = raw_parts.collect::<S3Result<Vec<(Vec<u8>, u64)>>>()?;
    let value = match kind {
        ChecksumKind::Composite => {
            let mut hasher = Hasher::new(&[algorithm]);
            for (raw, _) in &raw_parts {
                hasher.update(raw);
            }
            let whole = hasher.finish().base64(algorithm).ok_or_else(|| broken("no checksum computed"))?;
            format!("{whole}-{}", parts.len())
        }
        ChecksumKind::FullObject => {
            let crc = algorithm.crc().ok_or_else(|| broken("only CRCs can be combined"))?;
            let mut whole = None;
            for (raw, size_bytes) in &raw_parts {
                let part = raw.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
                whole = Some(match whole {
                    None => part,
                    Some(before) => crc_fast::checksum_combine(crc, before, part, *size_bytes),
                });
            }
            let bytes = whole.unwrap_or_default().to_be_bytes();
            STANDARD.encode(bytes.get(8 - algorithm.length_bytes()..).unwrap_or(&bytes))
        }
    };
    Ok(StoredChecksum { algorithm, kind, value })
}

fn broken(what: &str) -> S3Error {
    s3_error!(InternalError, "We encountered an internal error: {what}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests_of(bytes: &[u8]) -> Digests {
        let mut hasher = Hasher::new(&Algorithm::ALL);
        hasher.update(bytes);
        hasher.finish()
    }

    #[test]
    fn known_values() {
        let digests = digests_of(b"123456789");
        assert_eq!(digests.etag(), "25f9e794323b453885f5181f1b624d0b");
        let raw = |algorithm| hex(digests.raw(algorithm).unwrap());
        assert_eq!(raw(Algorithm::Crc32), "cbf43926");
        assert_eq!(raw(Algorithm::Crc32c), "e3069283");
        assert_eq!(raw(Algorithm::Crc64Nvme), "ae8b14860a799888");
        assert_eq!(raw(Algorithm::Sha1), "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
    }

    #[test]
    fn crcs_of_parts_combine_to_the_crc_of_the_whole() {
        let whole: Vec<u8> = (0..200_003_u32).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1]).collect();
        let pieces = [&whole[..70_000], &whole[70_000..70_001], &whole[70_001..70_001], &whole[70_001..]];
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let parts: Vec<(String, u64)> =
                pieces.iter().map(|p| (digests_of(p).base64(algorithm).unwrap(), p.len() as u64)).collect();
            let combined = combine(algorithm, ChecksumKind::FullObject, &parts).unwrap();
            assert_eq!(Some(combined.value), digests_of(&whole).base64(algorithm), "{algorithm:?}");
        }
    }

    #[test]
    fn composite_checksums_count_their_parts() {
        let parts: Vec<(String, u64)> =
            [b"one".as_slice(), b"two"].iter().map(|p| (digests_of(p).base64(Algorithm::Sha256).unwrap(), 3)).collect();
        let combined = combine(Algorithm::Sha256, ChecksumKind::Composite, &parts).unwrap();
        assert!(combined.value.ends_with("-2"), "{}", combined.value);
        assert!(combine(Algorithm::Sha256, ChecksumKind::FullObject, &parts).is_err());
    }

    #[test]
    fn a_multipart_etag_is_the_md5_of_md5s() {
        let etags: Vec<String> = [b"a".as_slice(), b"b"].iter().map(|p| digests_of(p).etag()).collect();
        let mut both = Md5::new();
        both.update(&digests_of(b"a").md5);
        both.update(&digests_of(b"b").md5);
        assert_eq!(multipart_etag(&etags).unwrap(), format!("{}-2", hex(&both.finalize())));
    }

    #[test]
    fn values_of_the_wrong_length_are_refused() {
        assert!(Algorithm::Crc32.decode("AAAAAA==").is_ok());
        assert!(Algorithm::Crc32.decode("AAAA").is_err());
        assert!(Algorithm::Crc32.decode("not base64").is_err());
        assert!(decode_content_md5("AAAA").is_err());
    }
}
