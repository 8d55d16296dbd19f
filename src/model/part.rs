//! How an object is cut into parts.

/// Files up to this size go up as one PUT.
pub const SINGLE_PUT_MAX_BYTES: u64 = 8 * 1024 * 1024;
/// Most parts of a multipart upload
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>).
pub const MAX_PARTS: u64 = 10_000;
/// Smallest part but the last.
pub const MIN_PART_BYTES: u64 = 5 * 1024 * 1024;
/// Largest part.
pub const MAX_PART_BYTES: u64 = 5 * 1024 * 1024 * 1024;

const MIB: u64 = 1024 * 1024;

/// A plan that covers a file exactly once with equal parts, the last one smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartPlan {
    /// One PUT.
    Single,
    /// A multipart upload.
    Multipart {
        /// Bytes of every part but the last.
        part_bytes: u64,
        /// How many parts.
        parts: u32,
    },
}

/// One part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: u32,
    /// First byte within the file.
    pub offset: u64,
    /// Length in bytes.
    pub len: u64,
}

impl PartPlan {
    /// The plan for a file of `size_bytes`; `None` if no service could hold it (over 10,000 parts of 5 GiB).
    pub fn for_size(size_bytes: u64) -> Option<Self> {
        if size_bytes <= SINGLE_PUT_MAX_BYTES {
            return Some(Self::Single);
        }
        let least = size_bytes.div_ceil(MAX_PARTS).div_ceil(MIB).checked_mul(MIB)?;
        let part_bytes = least.max(SINGLE_PUT_MAX_BYTES);
        if part_bytes > MAX_PART_BYTES {
            return None;
        }
        let parts = u32::try_from(size_bytes.div_ceil(part_bytes)).ok()?;
        Some(Self::Multipart { part_bytes, parts })
    }

    /// The parts in order. A single PUT has one part that is the whole file.
    pub fn parts(self, size_bytes: u64) -> impl Iterator<Item = Part> {
        let (part_bytes, parts) = match self {
            Self::Single => (size_bytes.max(1), 1),
            Self::Multipart { part_bytes, parts } => (part_bytes, parts),
        };
        (1..=parts).map(move |number| {
            let offset = u64::from(number - 1) * part_bytes;
            Part { number, offset, len: part_bytes.min(size_bytes.saturating_sub(offset)) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_cover_the_file_exactly_once(size_bytes in prop_oneof![0u64..64 * MIB, 0u64..60_000_000_000_000]) {
            let Some(plan) = PartPlan::for_size(size_bytes) else {
                prop_assert!(size_bytes > MAX_PARTS * (MAX_PART_BYTES - MIB));
                return Ok(());
            };
            let mut end = 0;
            let mut count = 0;
            for part in plan.parts(size_bytes) {
                prop_assert_eq!(part.offset, end);
                end += part.len;
                count += 1;
                prop_assert_eq!(u64::from(part.number), count);
                if plan != PartPlan::Single {
                    prop_assert!(part.len <= MAX_PART_BYTES && part.len > 0);
                    prop_assert!(part.len >= MIN_PART_BYTES || end == size_bytes);
                }
            }
            prop_assert_eq!(end, size_bytes);
            prop_assert!(count <= MAX_PARTS);
        }
    }
}
