//! CRC64NVME, the one checksum that covers a whole multipart object on both Amazon S3 and R2:
//! of a buffer, of two joined buffers, and in the base64 form of the header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;

/// The checksum of some bytes.
pub fn crc64nvme(bytes: &[u8]) -> u64 {
    crc_fast::checksum(CrcAlgorithm::Crc64Nvme, bytes)
}

/// The checksum of bytes that come piece by piece.
pub struct Running(crc_fast::Digest);

impl Running {
    /// Of no bytes yet.
    #[expect(clippy::new_without_default, reason = "it is not data that could have a default")]
    pub fn new() -> Self {
        Self(crc_fast::Digest::new(CrcAlgorithm::Crc64Nvme))
    }

    /// These bytes follow.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Of everything so far.
    pub fn value(&self) -> u64 {
        self.0.finalize()
    }
}

/// The checksum of `a` followed by `b`, from the checksums of both and the length of `b` in bytes.
pub fn combine(a: u64, b: u64, b_bytes: u64) -> u64 {
    crc_fast::checksum_combine(CrcAlgorithm::Crc64Nvme, a, b, b_bytes)
}

/// The value of `x-amz-checksum-crc64nvme`: base64 of the eight bytes, highest first.
pub fn to_base64(crc: u64) -> String {
    STANDARD.encode(crc.to_be_bytes())
}

/// The checksum in a text such as `CRC64NVME:rosUhgp5mIg=`; `None` for other kinds and for composite ones.
pub fn from_text(text: &str) -> Option<u64> {
    let raw = STANDARD.decode(text.strip_prefix("CRC64NVME:")?).ok()?;
    Some(u64::from_be_bytes(raw.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_value() {
        // The check value of CRC-64/NVME in the catalogue of CRC algorithms.
        assert_eq!(crc64nvme(b"123456789"), 0xae8b_1486_0a79_9888);
        assert_eq!(to_base64(0xae8b_1486_0a79_9888), "rosUhgp5mIg=");
        assert_eq!(crc64nvme(b""), 0);
        assert_eq!(from_text("CRC64NVME:rosUhgp5mIg="), Some(0xae8b_1486_0a79_9888));
        for text in ["CRC32:y/Q5Jg==", "CRC64NVME:rosUhgp5mIg=-2", "CRC64NVME:", ""] {
            assert_eq!(from_text(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn joined_parts_have_the_checksum_of_the_whole(a: Vec<u8>, b: Vec<u8>) {
            let whole = [a.as_slice(), b.as_slice()].concat();
            prop_assert_eq!(combine(crc64nvme(&a), crc64nvme(&b), b.len() as u64), crc64nvme(&whole));
            let mut running = Running::new();
            running.update(&a);
            running.update(&b);
            prop_assert_eq!(running.value(), crc64nvme(&whole));
        }
    }
}
