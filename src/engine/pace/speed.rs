//! Whether a line is fast, by what has arrived on it: what the system took from us says nothing about the line.

use std::time::Duration;

/// Fewer bytes say nothing about the speed of a line.
const ENOUGH_TO_TELL: u64 = 1024 * 1024;
/// A line that moves so much is no slow one.
const FAST_BYTES_PER_SEC: u64 = 250_000;

/// Measures bodies that arrived, from when the first of them left. What has shared a slow line for minutes comes
/// through all at once.
#[derive(Debug, Default)]
pub(super) struct Speed {
    bytes: u64,
    oldest: Option<Duration>,
    bytes_per_sec: Option<u64>,
}

impl Speed {
    /// A body of so many bytes that left then has arrived.
    pub(super) fn note(&mut self, bytes: u64, left_at: Duration, now: Duration) {
        self.bytes += bytes;
        let oldest = self.oldest.map_or(left_at, |oldest| oldest.min(left_at));
        self.oldest = Some(oldest);
        if self.bytes >= ENOUGH_TO_TELL {
            let taken_ms = now.saturating_sub(oldest).as_millis().max(1);
            self.bytes_per_sec = u64::try_from(u128::from(self.bytes) * 1000 / taken_ms).ok();
            self.rest();
        }
    }

    /// Nothing is under way: a new measurement begins.
    pub(super) fn rest(&mut self) {
        (self.bytes, self.oldest) = (0, None);
    }

    /// Nothing has come through for long.
    pub(super) fn forget(&mut self) {
        self.rest();
        self.bytes_per_sec = None;
    }

    /// Whether the line was fast when it was measured last.
    pub(super) fn is_fast(&self) -> Option<bool> {
        self.bytes_per_sec.map(|speed| speed >= FAST_BYTES_PER_SEC)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn parts_that_shared_a_slow_line_do_not_make_it_fast() {
        let mut speed = Speed::default();
        for part in 0..13 {
            speed.note(8 * MIB, secs(0), secs(5000 + part));
            assert_eq!(speed.is_fast(), Some(false));
        }
    }

    #[test]
    fn small_files_on_a_good_line_show_that_it_is_good() {
        let mut speed = Speed::default();
        speed.note(1000, secs(0), secs(1));
        assert_eq!(speed.is_fast(), None);
        speed.rest();
        for _ in 0..64 {
            speed.note(16 * 1024, secs(100), secs(101));
        }
        assert_eq!(speed.is_fast(), Some(true));
        speed.forget();
        assert_eq!(speed.is_fast(), None);
    }
}
