//! The arithmetic of a bandwidth limit: bytes that trickle in with time, and a small store of them.

use std::time::Duration;

/// No step is larger, so that the flow is smooth.
const LARGEST_STEP: u64 = 64 * 1024;
/// No step of a slow flow is smaller, save the end of a body.
const SMALLEST_STEP: u64 = 512;
/// So many steps a second, within the bounds above.
const STEPS_PER_SEC: u64 = 20;
/// Nobody waits longer before asking again, so that a new limit acts at once.
const LONGEST_WAIT: Duration = Duration::from_millis(200);
const NANOS: u128 = 1_000_000_000;

/// A token bucket. Pure: time is told.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    /// Bytes a second; `None` for no limit.
    limit: Option<u64>,
    /// Bytes that may leave, times 10⁹.
    credit: u128,
    last: Duration,
}

impl Bucket {
    /// Sets the limit; what has been saved up under the old one is gone.
    pub(super) fn set_limit(&mut self, limit: Option<u64>, now: Duration) {
        if self.limit != limit {
            (self.limit, self.credit, self.last) = (limit, 0, now);
        }
    }

    pub(super) fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// Takes some of the wanted bytes, or says how long to wait before asking again.
    pub(super) fn take(&mut self, wanted: usize, now: Duration) -> Result<usize, Duration> {
        let Some(limit) = self.limit else { return Ok(wanted) };
        if limit == 0 {
            return Err(LONGEST_WAIT);
        }
        let step = (limit / STEPS_PER_SEC).clamp(SMALLEST_STEP, LARGEST_STEP).min(limit.max(1));
        self.fill(limit, step, now);
        let wanted = (wanted as u64).min(step).max(1);
        let needed = u128::from(wanted) * NANOS;
        if self.credit >= needed {
            self.credit -= needed;
            return Ok(usize::try_from(wanted).unwrap_or(usize::MAX));
        }
        let missing_nanos = (needed - self.credit).div_ceil(u128::from(limit));
        let wait = Duration::from_nanos(u64::try_from(missing_nanos).unwrap_or(u64::MAX));
        Err(wait.clamp(Duration::from_millis(1), LONGEST_WAIT))
    }

    fn fill(&mut self, limit: u64, step: u64, now: Duration) {
        let since = now.saturating_sub(self.last);
        self.last = now;
        // Two steps, or a twentieth of a second, can be saved up: enough not to lose time between two questions.
        let most = u128::from((2 * step).max(limit / STEPS_PER_SEC)) * NANOS;
        self.credit = (self.credit + since.as_nanos() * u128::from(limit)).min(most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that pass in ten seconds when several bodies ask whenever they may.
    fn passed(limit: u64, bodies: usize) -> u64 {
        let mut bucket = Bucket::default();
        bucket.set_limit(Some(limit), Duration::ZERO);
        let mut due = vec![Duration::ZERO; bodies];
        let mut bytes = 0;
        loop {
            let (at, now) = due.iter().copied().enumerate().min_by_key(|(_, now)| *now).unwrap();
            if now >= Duration::from_secs(10) {
                return bytes;
            }
            match bucket.take(64 * 1024, now) {
                Ok(taken) => {
                    assert!(taken <= 64 * 1024);
                    bytes += taken as u64;
                }
                Err(wait) => due[at] = now + wait,
            }
        }
    }

    #[test]
    fn the_limit_holds_within_a_tenth() {
        for limit in [5_000, 20_000, 1_000_000, 50_000_000] {
            for bodies in [1, 8, 64] {
                let bytes = passed(limit, bodies);
                let most = limit * 10;
                assert!((most * 9 / 10..=most * 11 / 10).contains(&bytes), "{limit} with {bodies}: {bytes}");
            }
        }
    }

    #[test]
    fn a_new_limit_acts_at_once() {
        let mut bucket = Bucket::default();
        assert_eq!(bucket.take(1 << 20, Duration::ZERO), Ok(1 << 20));
        bucket.set_limit(Some(0), Duration::ZERO);
        assert_eq!(bucket.take(1, Duration::from_secs(100)), Err(LONGEST_WAIT));
        bucket.set_limit(Some(1_000_000), Duration::from_secs(100));
        assert!(bucket.take(1000, Duration::from_secs(100)).is_err(), "nothing is saved up from before");
        assert_eq!(bucket.take(1000, Duration::from_millis(100_010)), Ok(1000));
    }
}
