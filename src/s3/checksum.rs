//! CRC64NVME, the one checksum that covers a whole multipart object on both Amazon S3 and R2:
//! of a buffer, of two joined buffers, and in the base64 form of the header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;

/// The checksum of some bytes.
pub fn crc64nvme(bytes: &[u8]) -> u64 {
    crc_fast::checksum(CrcAlgorithm::Crc64Nvme, bytes)
}

/// The checksum of `a` followed by `b`, from the checksums of both and the length of `b` in bytes.
pub fn combine(a: u64, b: u64, b_bytes: u64) -> u64 {
    crc_fast::checksum_combine(CrcAlgorithm::Crc64Nvme, a, b, b_bytes)
}

/// The value of `x-amz-checksum-crc64nvme`: base64 of the eight bytes, highest first.
pub fn to_base64(crc: u64) -> String {
    STANDARD.encode(crc.to_be_bytes())
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
    }

    proptest! {
        #[test]
        fn joined_parts_have_the_checksum_of_the_whole(a: Vec<u8>, b: Vec<u8>) {
            let whole = [a.as_slice(), b.as_slice()].concat();
            prop_assert_eq!(combine(crc64nvme(&a), crc64nvme(&b), b.len() as u64), crc64nvme(&whole));
        }
    }
}
