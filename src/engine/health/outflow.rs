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
    /// Whether it is time for another look.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.looked.is_none_or(|looked| now.saturating_sub(looked) >= FRESH_FOR)
    }

    /// The system holds so much.
    pub(super) fn note(&mut self, held_bytes: Option<u64>, now: Duration) {
        self.shown = match (self.held_bytes, held_bytes) {
            (None, _) | (_, None) => Outflow::Unknown,
            (_, Some(0)) => Outflow::Drained,
            (before, held) if before == held => Outflow::Still,
            _ => Outflow::Moves,
        };
        (self.held_bytes, self.looked) = (held_bytes, Some(now));
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
            assert!(gauge.is_due(now));
            gauge.note(held, now);
            assert!(!gauge.is_due(now));
            gauge.shown()
        };
        assert_eq!(after(Some(900), 5), Outflow::Unknown);
        assert_eq!(after(Some(800), 10), Outflow::Moves);
        assert_eq!(after(Some(800), 15), Outflow::Still);
        assert_eq!(after(Some(0), 20), Outflow::Drained);
        assert_eq!(after(None, 25), Outflow::Unknown);
    }
}
