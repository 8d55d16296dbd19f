//! Writes that are out on one connection, and from which upload threads.

use super::CallKind;

/// Which of how many threads makes calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    pub(crate) number: usize,
    pub(crate) of: usize,
}

impl Default for Seat {
    /// The only one.
    fn default() -> Self {
        Self { number: 0, of: 1 }
    }
}

/// A call that waits. `W` is whatever wakes it.
#[derive(Debug)]
pub(super) struct Waiting<W> {
    pub(super) kind: CallKind,
    pub(super) seat: Seat,
    pub(super) waker: W,
}

/// How many writes are out, in all and of each thread.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    total: usize,
    of: Vec<usize>,
}

impl InFlight {
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// Whether there is no room for one more of a thread: each has its equal share of `limit`.
    pub(super) fn is_full(&self, seat: Seat, limit: usize) -> bool {
        self.total >= limit || self.of(seat) >= limit.div_ceil(seat.of.max(1))
    }

    fn of(&self, seat: Seat) -> usize {
        self.of.get(seat.number).copied().unwrap_or_default()
    }

    pub(super) fn enter(&mut self, seat: Seat) {
        self.total += 1;
        if self.of.len() <= seat.number {
            self.of.resize(seat.number + 1, 0);
        }
        if let Some(own) = self.of.get_mut(seat.number) {
            *own += 1;
        }
    }

    pub(super) fn leave(&mut self, seat: Seat) {
        self.total = self.total.saturating_sub(1);
        if let Some(own) = self.of.get_mut(seat.number) {
            *own = own.saturating_sub(1);
        }
    }

    /// Which write goes next: the first of the thread that has the fewest out. All in one thread would stand behind one
    /// core while another is idle, and over more connections than are needed.
    pub(super) fn next<'a, W: 'a>(&self, waiting: impl Iterator<Item = &'a Waiting<W>>) -> Option<usize> {
        let writes = waiting.enumerate().filter(|(_, call)| call.kind == CallKind::Write);
        // The first of several that are equal.
        writes.min_by_key(|(_, call)| self.of(call.seat)).map(|(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Seat = Seat { number: 0, of: 2 };
    const SECOND: Seat = Seat { number: 1, of: 2 };

    #[test]
    fn the_thread_with_the_fewest_writes_goes_first_and_each_in_its_order() {
        let call = |kind, seat| Waiting { kind, seat, waker: () };
        let waiting = [(CallKind::Look, SECOND), (CallKind::Write, FIRST), (CallKind::Write, SECOND)];
        let waiting = waiting.map(|(kind, seat)| call(kind, seat));
        let mut out = InFlight::default();
        assert_eq!(out.next(waiting.iter()), Some(1));
        out.enter(FIRST);
        assert_eq!(out.next(waiting.iter()), Some(2));
        out.enter(SECOND);
        assert_eq!(out.next(waiting.iter()), Some(1));
        out.leave(SECOND);
        assert_eq!((out.next(waiting.iter()), out.total()), (Some(2), 1));
        assert_eq!(out.next(waiting.iter().take(1)), None);
    }

    #[test]
    fn each_thread_has_its_equal_share() {
        let mut out = InFlight::default();
        for _ in 0..4 {
            assert!(!out.is_full(FIRST, 8));
            out.enter(FIRST);
        }
        assert!(out.is_full(FIRST, 8) && !out.is_full(SECOND, 8));
        assert!(!out.is_full(FIRST, 9), "the odd one is for whoever comes first");
        assert!(!out.is_full(Seat::default(), 8), "one alone has all");
        for _ in 0..4 {
            out.enter(SECOND);
        }
        assert!(out.is_full(Seat::default(), 8));
    }
}
