//! What the answers of a service have told, beside what they were asked for. Shared by all stores of a connection,
//! so that each lesson is paid for once.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, Ordering};

use crate::model::Service;

/// Clock differences beyond this are not believed (a hostile or broken server).
const MAX_OFFSET_SECS: i64 = 24 * 60 * 60;

/// The checksum that goes with a write, from best to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChecksumMode {
    /// `x-amz-checksum-crc64nvme`, of parts and of the whole object.
    Crc64Nvme,
    /// `x-amz-checksum-crc32`, for services that know checksums but not that one.
    Crc32,
    /// `Content-MD5`, which every S3 knows; five times the work of everything else, so only where it must be.
    ContentMd5,
    /// None: the service refuses them all.
    None,
}

impl ChecksumMode {
    /// What a service is known to take; the rest is tried once.
    pub(super) fn for_service(service: Service) -> Self {
        match service {
            Service::BackblazeB2 | Service::GoogleCloud => Self::ContentMd5,
            Service::AmazonS3
            | Service::CloudflareR2
            | Service::Wasabi
            | Service::DigitalOceanSpaces
            | Service::Other
            | Service::ThisComputer => Self::Crc64Nvme,
        }
    }

    /// What to try when this one is refused.
    pub(super) fn next(self) -> Option<Self> {
        match self {
            Self::Crc64Nvme => Some(Self::Crc32),
            Self::Crc32 => Some(Self::ContentMd5),
            Self::ContentMd5 => Some(Self::None),
            Self::None => None,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Crc64Nvme),
            2 => Some(Self::Crc32),
            3 => Some(Self::ContentMd5),
            4 => Some(Self::None),
            _ => None,
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::Crc64Nvme => 1,
            Self::Crc32 => 2,
            Self::ContentMd5 => 3,
            Self::None => 4,
        }
    }
}

/// One thing that was seen, or not yet.
#[derive(Debug, Default)]
pub(super) struct Seen(AtomicBool);

impl Seen {
    /// Whether it was seen.
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// It was.
    pub(super) fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Lessons about one service.
#[derive(Debug, Default)]
pub(super) struct Learnt {
    /// It answered as S3 does.
    pub(super) spoke_s3: Seen,
    /// It accepted our keys.
    pub(super) signed_in: Seen,
    /// It does not delete many objects by one request.
    pub(super) refuses_batch_delete: Seen,
    /// It does not take `If-None-Match` on writes.
    pub(super) refuses_conditions: Seen,
    offset_secs: AtomicI64,
    offset_known: AtomicBool,
    checksum_mode: AtomicU8,
}

impl Learnt {
    /// Server's clock minus ours, once any answer carried a believable `Date`.
    pub(super) fn clock_offset_secs(&self) -> Option<i64> {
        self.offset_known.load(Ordering::Acquire).then(|| self.offset_secs.load(Ordering::Relaxed))
    }

    /// Notes the server's clock minus ours.
    pub(super) fn note_clock_offset(&self, offset_secs: i64) {
        if offset_secs.abs() <= MAX_OFFSET_SECS {
            self.offset_secs.store(offset_secs, Ordering::Relaxed);
            self.offset_known.store(true, Ordering::Release);
        }
    }

    /// The checksum that a write has worked with; `None` until one has.
    pub(super) fn proven_checksum(&self) -> Option<ChecksumMode> {
        ChecksumMode::from_code(self.checksum_mode.load(Ordering::Relaxed))
    }

    /// A write worked with this checksum.
    pub(super) fn note_checksum(&self, mode: ChecksumMode) {
        self.checksum_mode.store(mode.code(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absurd_clocks_are_not_believed() {
        let learnt = Learnt::default();
        learnt.note_clock_offset(10 * 365 * 24 * 3600);
        assert_eq!(learnt.clock_offset_secs(), None);
        learnt.note_clock_offset(-3600);
        assert_eq!(learnt.clock_offset_secs(), Some(-3600));
    }

    #[test]
    fn the_ladder_ends() {
        let mut mode = ChecksumMode::Crc64Nvme;
        let mut rungs = 1;
        while let Some(next) = mode.next() {
            assert_eq!(ChecksumMode::from_code(next.code()), Some(next));
            mode = next;
            rungs += 1;
        }
        assert_eq!(rungs, 4);
    }
}
