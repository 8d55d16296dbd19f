//! Writes that are out on one connection or about to be, and from which upload threads.

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
    of: Vec<Share>,
}

/// What is one thread's.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    out: usize,
    /// Bodies it has taken to send: not read yet, waiting for a place or for another try, on their way.
    bodies: usize,
}

impl InFlight {
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// Whether there is no room for one more of a thread: each has its equal share of `limit`, and what the others
    /// have no use for. A thread that took the others' places while they fetch their next piece would open connections
    /// that nobody needs; places that stay free while something waits behind a request that hangs are lost.
    pub(super) fn is_full(&self, seat: Seat, limit: usize) -> bool {
        if self.total >= limit {
            return true;
        }
        let share = limit.div_ceil(seat.of.max(1));
        let own = self.of(seat.number).out;
        own >= share && own >= share + self.spare(seat, share)
    }

    /// How many places the other threads leave free for want of work.
    fn spare(&self, seat: Seat, share: usize) -> usize {
        let others = (0..seat.of).filter(|number| *number != seat.number);
        others.map(|number| self.of(number)).map(|other| share.saturating_sub(other.out.max(other.bodies))).sum()
    }

    fn of(&self, number: usize) -> Share {
        self.of.get(number).copied().unwrap_or_default()
    }

    fn change(&mut self, seat: Seat, change: impl FnOnce(&mut Share)) {
        if self.of.len() <= seat.number {
            self.of.resize(seat.number + 1, Share::default());
        }
        if let Some(own) = self.of.get_mut(seat.number) {
            change(own);
        }
    }

    /// A thread has a body to send.
    pub(super) fn take(&mut self, seat: Seat) {
        self.change(seat, |own| own.bodies += 1);
    }

    /// It has one less to send.
    pub(super) fn put_down(&mut self, seat: Seat) {
        self.change(seat, |own| own.bodies = own.bodies.saturating_sub(1));
    }

    pub(super) fn enter(&mut self, seat: Seat) {
        self.total += 1;
        self.change(seat, |own| own.out += 1);
    }

    pub(super) fn leave(&mut self, seat: Seat) {
        self.total = self.total.saturating_sub(1);
        self.change(seat, |own| own.out = own.out.saturating_sub(1));
    }

    /// Which write goes next: the first of the thread that has the fewest out. All in one thread would stand behind one
    /// core while another is idle, and over more connections than are needed.
    pub(super) fn next<'a, W: 'a>(&self, waiting: impl Iterator<Item = &'a Waiting<W>>) -> Option<usize> {
        let writes = waiting.enumerate().filter(|(_, call)| call.kind == CallKind::Write);
        // The first of several that are equal.
        writes.min_by_key(|(_, call)| self.of(call.seat.number).out).map(|(at, _)| at)
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
        for _ in 0..8 {
            out.take(FIRST);
            out.take(SECOND);
        }
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

    #[test]
    fn what_the_others_have_no_use_for_is_not_lost() {
        let mut out = InFlight::default();
        out.take(FIRST);
        out.enter(FIRST);
        assert!(!out.is_full(FIRST, 2), "the other has nothing to send");
        out.take(SECOND);
        assert!(out.is_full(FIRST, 2), "it reads what it will send");
        out.put_down(SECOND);
        assert!(!out.is_full(FIRST, 2));
        out.enter(SECOND);
        assert!(out.is_full(FIRST, 2) && !out.is_full(FIRST, 4), "a call without a body has its place too");
    }
}
