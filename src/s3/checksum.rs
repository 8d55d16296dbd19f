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

/// The checksum of `a` followed by `b`, from the checksums of both and the length of `b` in bytes. Takes some
/// microseconds, where the library's own takes a third of a millisecond: seconds for a file of many parts, all of them
/// between its last part and its completion.
pub fn combine(a: u64, b: u64, b_bytes: u64) -> u64 {
    // What precedes `b` is shifted by its bits (as `crc32_combine` of zlib does).
    multiply(x_to_bytes(b_bytes), a) ^ b
}

/// The polynomial of CRC-64/NVME, with its highest power in the lowest bit, as all below.
const POLYNOMIAL: u64 = 0x9a6c_9329_ac4b_c9b5;

/// A product, modulo the polynomial.
fn multiply(a: u64, mut b: u64) -> u64 {
    let mut product = 0;
    for power in 0..u64::BITS {
        if a & (1 << (u64::BITS - 1 - power)) != 0 {
            product ^= b;
        }
        b = if b & 1 == 0 { b >> 1 } else { (b >> 1) ^ POLYNOMIAL };
    }
    product
}

/// `x` to the power of the bits in so many bytes, by squaring.
fn x_to_bytes(mut bytes: u64) -> u64 {
    let mut result = 1 << (u64::BITS - 1);
    let mut square = result >> 8;
    while bytes > 0 {
        if bytes & 1 == 1 {
            result = multiply(square, result);
        }
        square = multiply(square, square);
        bytes >>= 1;
    }
    result
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
        fn the_library_combines_to_the_same(a: u64, b: u64, bytes: u64) {
            let bytes = bytes >> 3;
            for bytes in [bytes, bytes % (1 << 42), bytes % (1 << 24), 1 << 23, 1, 0] {
                let theirs = crc_fast::checksum_combine(CrcAlgorithm::Crc64Nvme, a, b, bytes);
                prop_assert_eq!(combine(a, b, bytes), theirs, "{} bytes", bytes);
            }
        }

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
