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
    pub(super) ticket: Ticket,
    pub(super) wait: Wait,
    pub(super) waker: W,
}

/// Which of the calls that wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ticket(pub(super) u64);

/// How long a call has waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    Short,
    /// So long that it takes a place that another thread has no use for.
    Long,
}

/// How many writes are out, in all and of each thread.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    total: usize,
    of: Vec<usize>,
    /// So many writes went before the first of the row.
    overtaken: u32,
}

/// So many writes may go before one that came earlier.
const MOST_OVERTAKEN: u32 = 16;

impl InFlight {
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// Whether there is no room for one more of a thread: each has its equal share of `limit`. A thread that took the
    /// others' places while they fetch their next piece would open connections that nobody needs. Places that stay free
    /// are for whoever has waited long: he may stand behind requests that hang. Where there are places enough, one stays
    /// free for each thread that has nothing out, so that not all of them end up behind the same requests.
    pub(super) fn is_full(&self, seat: Seat, wait: Wait, limit: usize) -> bool {
        if self.total >= limit {
            return true;
        }
        if self.of(seat.number) < limit.div_ceil(seat.of.max(1)) {
            return false;
        }
        let idle = || (0..seat.of).filter(|other| *other != seat.number && self.of(*other) == 0).count();
        wait == Wait::Short || (limit >= 2 * seat.of && self.total + idle() >= limit)
    }

    fn of(&self, number: usize) -> usize {
        self.of.get(number).copied().unwrap_or_default()
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

    /// Which write goes next, if there is room for any: the first of the thread that has the fewest out. All in one
    /// thread would stand behind one core while another is idle, and over more connections than are needed. Yet the first
    /// of the row is not overtaken for ever: its thread's requests may hang.
    pub(super) fn next<'a, W: 'a>(
        &mut self,
        waiting: impl Iterator<Item = &'a Waiting<W>>,
        limit: usize,
    ) -> Option<usize> {
        if self.total >= limit {
            return None;
        }
        let next = if self.overtaken >= MOST_OVERTAKEN { Some(0) } else { self.fairest(waiting, limit) };
        match next {
            Some(0) => self.overtaken = 0,
            Some(_) => self.overtaken += 1,
            None => {}
        }
        next
    }

    fn fairest<'a, W: 'a>(&self, waiting: impl Iterator<Item = &'a Waiting<W>>, limit: usize) -> Option<usize> {
        let mut best: Option<(usize, usize)> = None;
        for (at, call) in waiting.enumerate().filter(|(_, call)| call.kind == CallKind::Write) {
            let own = self.of(call.seat.number);
            if best.is_none_or(|(_, fewest)| own < fewest) && !self.is_full(call.seat, call.wait, limit) {
                best = Some((at, own));
                // Nobody has fewer: the rest of a long row need not be looked at.
                if (0..call.seat.of).all(|other| self.of(other) >= own) {
                    break;
                }
            }
        }
        best.map(|(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Seat = Seat { number: 0, of: 2 };
    const SECOND: Seat = Seat { number: 1, of: 2 };

    fn row<const N: usize>(calls: [(CallKind, Seat, Wait); N]) -> [Waiting<()>; N] {
        calls.map(|(kind, seat, wait)| Waiting { kind, seat, wait, ticket: Ticket(0), waker: () })
    }

    #[test]
    fn the_thread_with_the_fewest_writes_goes_first_and_each_in_its_order() {
        let waiting = row([(CallKind::Write, FIRST, Wait::Short), (CallKind::Write, SECOND, Wait::Short)]);
        let mut out = InFlight::default();
        assert_eq!(out.next(waiting.iter(), 8), Some(0));
        out.enter(FIRST);
        assert_eq!(out.next(waiting.iter(), 8), Some(1));
        out.enter(SECOND);
        assert_eq!(out.next(waiting.iter(), 8), Some(0));
        assert_eq!(out.next(waiting.iter(), 2), None, "no room");
        out.leave(SECOND);
        assert_eq!((out.next(waiting.iter(), 8), out.total()), (Some(1), 1));
    }

    #[test]
    fn the_first_of_the_row_is_not_overtaken_for_ever() {
        let waiting = row([(CallKind::Write, FIRST, Wait::Short), (CallKind::Write, SECOND, Wait::Short)]);
        let mut out = InFlight::default();
        // These hang; the other thread's come and go.
        (0..4).for_each(|_| out.enter(FIRST));
        let overtakes = (0..100).take_while(|_| out.next(waiting.iter(), 8) == Some(1)).count();
        assert_eq!(overtakes, 16);
        assert_eq!(out.next(waiting.iter(), 8), Some(1), "and not for once");
    }

    #[test]
    fn each_thread_has_its_equal_share() {
        let mut out = InFlight::default();
        let is_full = |out: &InFlight, seat, limit| out.is_full(seat, Wait::Short, limit);
        for _ in 0..4 {
            assert!(!is_full(&out, FIRST, 8));
            out.enter(FIRST);
        }
        assert!(is_full(&out, FIRST, 8) && !is_full(&out, SECOND, 8));
        assert!(!is_full(&out, FIRST, 9), "the odd one is for whoever comes first");
        assert!(!is_full(&out, Seat::default(), 8), "one alone has all");
        for _ in 0..4 {
            out.enter(SECOND);
        }
        assert!(is_full(&out, Seat::default(), 8));
    }

    #[test]
    fn who_has_waited_long_takes_a_place_that_stays_free() {
        let mut out = InFlight::default();
        out.enter(FIRST);
        let short = row([(CallKind::Write, FIRST, Wait::Short)]);
        let long = row([(CallKind::Write, FIRST, Wait::Long)]);
        assert_eq!((out.next(short.iter(), 2), out.next(long.iter(), 2)), (None, Some(0)));
        out.enter(SECOND);
        assert_eq!(out.next(long.iter(), 2), None, "no more than all of them");
        out.leave(SECOND);
        (0..6).for_each(|_| out.enter(FIRST));
        assert_eq!(out.next(long.iter(), 8), None, "the other's first place");
        out.enter(SECOND);
        assert_eq!(out.next(long.iter(), 9), Some(0));
    }
}
