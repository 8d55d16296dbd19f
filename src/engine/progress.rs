//! Rates and remaining time, from byte counters that running transfers share with the engine.

use std::collections::VecDeque;
use std::time::Duration;

/// Rates are averages over so long.
const WINDOW: Duration = Duration::from_secs(3);
/// Samples of the speed line, one a second.
const HISTORY: usize = 60;

/// The rate of one counter that may also run backwards, when bytes have to be sent again.
#[derive(Clone, Debug, Default)]
pub(crate) struct RateMeter {
    samples: VecDeque<(Duration, u64)>,
}

impl RateMeter {
    /// Takes the counter at an instant.
    pub(crate) fn note(&mut self, now: Duration, bytes: u64) {
        self.samples.push_back((now, bytes));
        // One sample older than the window stays, so that the window is always covered.
        while self.samples.get(1).is_some_and(|(at, _)| now.saturating_sub(*at) >= WINDOW) {
            self.samples.pop_front();
        }
    }

    /// Bytes a second over the window; 0 before there is enough to tell.
    pub(crate) fn bytes_per_sec(&self) -> u64 {
        let (Some((start, first)), Some((end, last))) = (self.samples.front(), self.samples.back()) else { return 0 };
        let millis = end.saturating_sub(*start).as_millis();
        if millis < 50 {
            return 0;
        }
        let bytes = u128::from(last.saturating_sub(*first));
        u64::try_from(bytes * 1000 / millis).unwrap_or(u64::MAX)
    }
}

/// The rate of everything, and its last minute.
#[derive(Clone, Debug, Default)]
pub(crate) struct TotalRate {
    meter: RateMeter,
    /// Bytes of transfers that do not run any more.
    settled: u64,
    history: VecDeque<u64>,
    last_sample: Option<Duration>,
}

impl TotalRate {
    /// A transfer has ended with so many bytes on its counter.
    pub(crate) fn settle(&mut self, bytes: u64) {
        self.settled += bytes;
    }

    /// Takes the sum of the running counters at an instant.
    pub(crate) fn note(&mut self, now: Duration, running: u64) {
        self.meter.note(now, self.settled + running);
        let is_due = self.last_sample.is_none_or(|last| now.saturating_sub(last) >= Duration::from_secs(1));
        if is_due {
            self.last_sample = Some(now);
            if self.history.len() >= HISTORY {
                self.history.pop_front();
            }
            self.history.push_back(self.meter.bytes_per_sec());
        }
    }

    /// Nothing moves any more.
    pub(crate) fn rest(&mut self) {
        self.meter = RateMeter::default();
        self.last_sample = None;
    }

    /// Bytes a second.
    pub(crate) fn bytes_per_sec(&self) -> u64 {
        self.meter.bytes_per_sec()
    }

    /// One sample a second, oldest first.
    pub(crate) fn history(&self) -> Vec<u64> {
        self.history.iter().copied().collect()
    }

    /// Time for so many bytes at this rate; `None` while it cannot be told.
    pub(crate) fn remaining(&self, bytes: u64) -> Option<Duration> {
        let rate = self.bytes_per_sec();
        (rate > 0).then(|| Duration::from_secs(bytes.div_ceil(rate)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut meter = RateMeter::default();
        assert_eq!(meter.bytes_per_sec(), 0);
        for tick in 0..=100 {
            meter.note(ms(tick * 100), tick * 1000);
        }
        assert_eq!(meter.bytes_per_sec(), 10_000);
        for tick in 101..=140 {
            meter.note(ms(tick * 100), 100_000);
        }
        assert_eq!(meter.bytes_per_sec(), 0, "nothing moved for longer than the window");
    }

    #[test]
    fn bytes_taken_back_do_not_make_a_negative_rate() {
        let mut meter = RateMeter::default();
        meter.note(ms(0), 5000);
        meter.note(ms(100), 1000);
        assert_eq!(meter.bytes_per_sec(), 0);
    }

    #[test]
    fn the_end_of_a_transfer_makes_no_dent() {
        let mut total = TotalRate::default();
        total.note(ms(0), 0);
        total.note(ms(1000), 1000);
        total.settle(2000);
        total.note(ms(2000), 0);
        assert_eq!(total.bytes_per_sec(), 1000);
        assert_eq!(total.remaining(2500), Some(Duration::from_secs(3)));
        assert_eq!(total.history().len(), 3);
    }
}
