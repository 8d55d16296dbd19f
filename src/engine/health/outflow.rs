//! Whether bytes that the system has taken still leave it: the one sign of life of a slow line, while megabytes in
//! its buffers keep a request from moving.

use std::time::Duration;

/// Several requests that ask at the same time get the same answer.
const FRESH_FOR: Duration = Duration::from_secs(1);

/// What two looks at the system have shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Outflow {
    /// The system does not tell, or was not asked before.
    #[default]
    Unknown,
    /// Bytes left, or more came.
    Moves,
    /// Nothing leaves, though there is something.
    Still,
    /// Everything has left.
    Drained,
}

/// The looks at one line.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    looked: Option<Duration>,
    held_bytes: Option<u64>,
    shown: Outflow,
}

impl Gauge {
    /// Whether it is time for another look. Whoever is told so takes it: two at the same moment would see the same, as
    /// if nothing left any more.
    pub(super) fn begin(&mut self, now: Duration) -> bool {
        let is_due = self.looked.is_none_or(|looked| now.saturating_sub(looked) >= FRESH_FOR);
        if is_due {
            self.looked = Some(now);
        }
        is_due
    }

    /// The system holds so much, by the look that was begun then; one that was overtaken by a later one says nothing.
    pub(super) fn note(&mut self, held_bytes: Option<u64>, begun: Duration) {
        if self.looked != Some(begun) {
            return;
        }
        self.shown = match (self.held_bytes, held_bytes) {
            (None, _) | (_, None) => Outflow::Unknown,
            (_, Some(0)) => Outflow::Drained,
            (before, held) if before == held => Outflow::Still,
            _ => Outflow::Moves,
        };
        self.held_bytes = held_bytes;
    }

    pub(super) fn shown(&self) -> Outflow {
        self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_looks_tell_what_one_does_not() {
        let mut gauge = Gauge::default();
        let mut after = |held, secs| {
            let now = Duration::from_secs(secs);
            assert!(gauge.begin(now));
            assert!(!gauge.begin(now), "one look at a time");
            gauge.note(held, now);
            gauge.shown()
        };
        assert_eq!(after(Some(900), 5), Outflow::Unknown);
        assert_eq!(after(Some(800), 10), Outflow::Moves);
        assert_eq!(after(Some(800), 15), Outflow::Still);
        assert_eq!(after(Some(0), 20), Outflow::Drained);
        assert_eq!(after(None, 25), Outflow::Unknown);
    }

    #[test]
    fn looks_that_cross_are_no_standstill() {
        let mut gauge = Gauge::default();
        let secs = Duration::from_secs;
        for (held, at) in [(900, 5), (800, 10)] {
            assert!(gauge.begin(secs(at)));
            gauge.note(Some(held), secs(at));
        }
        // The first of two is held up, and tells its number last.
        assert!(gauge.begin(secs(15)) && gauge.begin(secs(20)));
        gauge.note(Some(600), secs(20));
        gauge.note(Some(600), secs(15));
        assert_eq!(gauge.shown(), Outflow::Moves);
    }
}
