//! The state of one connection: open, closed until it is tried again, or just being tried. Pure: time is told.

use std::collections::VecDeque;
use std::time::Duration;

use super::in_flight::{InFlight, Seat, Ticket, Wait, Waiting};
use super::kinds::Concern;
use super::outflow::{Gauge, Outflow};
use crate::engine::pace::Controller;
use crate::model::{BucketName, ConnectionId, Failure, FailureKind, QueueHold};
use crate::s3::{CallKind, Patience};

/// A server that asks to be left alone for longer is asked sooner.
const LONGEST_ASKED: Duration = Duration::from_mins(1);
/// So many failures in a row, with nothing that worked between, are no accident.
const FAILURES_TO_CLOSE: u32 = 4;
/// So many files in a row that may not be written: the others wait until somebody has looked.
const DENIALS_TO_CLOSE: u32 = 3;
/// So many questions in a row that what has never been S3 answers as something else: it is another server.
const STRANGE_PROBES_TO_REFUSE: u32 = 3;
/// A line that timed out is treated as slow for so long.
const SLOW_FOR: Duration = Duration::from_mins(5);
/// And as one with something on it that takes bytes faster than it passes them on for so long.
const BUFFERED_FOR: Duration = Duration::from_mins(30);
/// Requests that time out within so long do it together.
const TOGETHER: Duration = Duration::from_secs(30);

/// Whether calls may go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// They may.
    Open,
    /// They wait.
    Closed {
        failure: Failure,
        /// When it is tried again; `None` when somebody has to act.
        retry_at: Option<Duration>,
    },
    /// The server is asked something harmless.
    Probing { failure: Failure },
    /// It answered: one call may go out, and decides.
    HalfOpen { failure: Failure, trial: Trial },
}

/// The one call of [`State::HalfOpen`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trial {
    /// Nobody has taken it.
    Free,
    /// A transfer was started that will make it.
    Starting,
    /// It is out.
    Out,
}

/// What a call may do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    /// Go.
    Go,
    /// Go, and what comes of it decides for all.
    GoAsTrial,
    /// Wait.
    Wait,
}

/// Whether a server was ever seen to answer as S3, in this run or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acquaintance {
    /// It was: what answers in its place now will go.
    KnownAsS3,
    /// Most likely the endpoint is the wrong one.
    Stranger,
}

/// A connection's state. `W` is whatever wakes a waiting call.
#[derive(Debug)]
pub(super) struct Line<W> {
    pub(super) state: State,
    pub(super) controller: Controller,
    /// First the questions, then the writes, each in their order.
    pub(super) waiting: VecDeque<Waiting<W>>,
    tickets: u64,
    /// Writes that are out.
    pub(super) in_flight: InFlight,
    /// Counts what worked, so that others can tell whether it did for anybody.
    pub(super) successes: u64,
    /// Where to ask something harmless.
    pub(super) bucket: Option<BucketName>,
    /// Whether bytes leave the system.
    pub(super) gauge: Gauge,
    /// Bytes handed over since the last write came through.
    pub(super) moved: u64,
    /// A new one with each closing: calls that left before it have no say in what follows.
    pub(super) epoch: u64,
    failures: u32,
    denials: u32,
    strange_probes: u32,
    tries: u32,
    timed_out: Option<Duration>,
    /// How often in a row.
    timeouts: u32,
    /// When it was closed, if it has not been open since.
    closed_at: Option<Duration>,
    /// When an answer was last waited for in vain though everything had left, and how often that was of late. What
    /// works between says nothing: a question has no body that something could hold back.
    vain: Option<(Duration, u32)>,
}

impl<W> Line<W> {
    pub(super) fn new(now: Duration) -> Self {
        Self {
            state: State::Open,
            controller: Controller::new(now),
            waiting: VecDeque::new(),
            tickets: 0,
            in_flight: InFlight::default(),
            successes: 0,
            bucket: None,
            gauge: Gauge::default(),
            moved: 0,
            epoch: 0,
            failures: 0,
            denials: 0,
            strange_probes: 0,
            tries: 0,
            timed_out: None,
            timeouts: 0,
            closed_at: None,
            vain: None,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Whether fewer writes are out than may be.
    pub(super) fn has_room(&self, bandwidth: Option<u64>) -> bool {
        self.is_open() && self.in_flight.total() < self.controller.limit(bandwidth)
    }

    /// Puts a call into the row. Questions stand before writes: they wait for the line only, never for a place.
    pub(super) fn queue(&mut self, kind: CallKind, seat: Seat, waker: W) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let call = Waiting { kind, seat, ticket, wait: Wait::Short, waker };
        if kind == CallKind::Write {
            self.waiting.push_back(call);
        } else {
            let questions = self.waiting.iter().take_while(|call| call.kind != CallKind::Write).count();
            self.waiting.insert(questions, call);
        }
        ticket
    }

    /// Whose turn it is in the row.
    pub(super) fn next(&mut self, bandwidth: Option<u64>) -> Option<(usize, Leave)> {
        let first = self.waiting.front()?;
        let (kind, seat, wait) = (first.kind, first.seat, first.wait);
        if kind == CallKind::Write && self.is_open() {
            self.note_if_full(bandwidth);
            let at = self.in_flight.next(self.waiting.iter(), self.controller.limit(bandwidth))?;
            return Some((at, Leave::Go));
        }
        let leave = self.leave(kind, seat, wait, bandwidth);
        (leave != Leave::Wait).then_some((0, leave))
    }

    /// Somebody has to wait. That says something about the limit only where it is what he waits for.
    pub(super) fn note_if_full(&mut self, bandwidth: Option<u64>) {
        if self.is_open() && !self.has_room(bandwidth) {
            self.controller.note_full();
        }
    }

    /// Whether a call of this kind may go out.
    pub(super) fn leave(&mut self, kind: CallKind, seat: Seat, wait: Wait, bandwidth: Option<u64>) -> Leave {
        match (&mut self.state, kind) {
            (_, CallKind::Abort) | (State::Open, CallKind::Look) => Leave::Go,
            (State::Open, CallKind::Write) => {
                if self.in_flight.is_full(seat, wait, self.controller.limit(bandwidth)) {
                    self.note_if_full(bandwidth);
                    Leave::Wait
                } else {
                    Leave::Go
                }
            }
            (State::HalfOpen { trial, .. }, _) if *trial != Trial::Out => {
                *trial = Trial::Out;
                Leave::GoAsTrial
            }
            _ => Leave::Wait,
        }
    }

    /// A call has worked.
    pub(super) fn worked(&mut self, age: Age) {
        self.successes += 1;
        (self.failures, self.timeouts, self.timed_out) = (0, 0, None);
        let throttled = match &self.state {
            State::Open => return,
            State::Closed { failure, .. } | State::Probing { failure } | State::HalfOpen { failure, .. } => {
                Concern::of(failure.kind) != Concern::Line
            }
        };
        // A late answer shows that the line is there, but not that the server wants more, or that keys are good.
        if age == Age::Current || !throttled {
            self.open();
        }
    }

    fn open(&mut self) {
        self.open_unasked();
        (self.tries, self.failures, self.denials) = (0, 0, 0);
    }

    /// Opens the line without knowing that it works.
    pub(super) fn open_unasked(&mut self) {
        self.state = State::Open;
        self.closed_at = None;
    }

    /// Whether it is closed for a reason that passes by itself.
    pub(super) fn waits_for_line(&self) -> bool {
        match &self.state {
            State::Open => false,
            State::Closed { failure, .. } | State::Probing { failure } | State::HalfOpen { failure, .. } => {
                Concern::of(failure.kind).passes()
            }
        }
    }

    /// Whether it is closed because its keys could not be read.
    pub(super) fn waits_for_keychain(&self) -> bool {
        matches!(&self.state, State::Closed { failure, .. } if failure.kind.is_of_keychain())
    }

    /// Whether nothing has gone through for so long, and nothing is about to.
    pub(super) fn is_down(&self, at_least: Duration, now: Duration) -> bool {
        let is_closed = matches!(self.state, State::Closed { .. } | State::Probing { .. });
        is_closed && self.closed_at.is_some_and(|at| now.saturating_sub(at) >= at_least)
    }

    /// A file was stored.
    pub(super) fn stored(&mut self) {
        self.denials = 0;
    }

    /// A call has failed for a reason that is not its own. Jitter of the wait is the caller's, as a share of it.
    pub(super) fn failed(&mut self, failure: &Failure, call: FailedCall, now: Duration) {
        let concern = Concern::of(failure.kind);
        if failure.kind == FailureKind::Timeout {
            self.timed_out = Some(now);
            self.timeouts = self.timeouts.saturating_add(1);
            self.note_vain(now);
        }
        if concern == Concern::Throttle {
            self.controller.note_throttled(call.left_at, now);
        }
        match &self.state {
            State::Open if call.age == Age::Current => {
                self.failures += 1;
                // Who names a time is not asked again before.
                let names_time =
                    concern == Concern::Throttle && failure.retry_after_secs().is_some_and(|secs| secs > 0);
                if self.failures >= FAILURES_TO_CLOSE || names_time {
                    self.close(failure, now);
                }
            }
            State::HalfOpen { .. } if call.leave == Leave::GoAsTrial => self.close(failure, now),
            _ => {}
        }
    }

    /// The harmless question was answered, well or in a way that shows the server to be there; or not. Whether that is
    /// the end of asking, since it is no S3 that answers: somebody has to act.
    pub(super) fn probed(&mut self, failure: Option<&Failure>, whose: Acquaintance, now: Duration) -> bool {
        let State::Probing { failure: before } = &self.state else { return false };
        match failure {
            Some(failure) if Concern::of(failure.kind) != Concern::File => {
                let is_strange = failure.kind == FailureKind::NotS3 && whose == Acquaintance::Stranger;
                self.strange_probes = if is_strange { self.strange_probes + 1 } else { 0 };
                self.close(failure, now);
                self.refuse_stranger()
            }
            _ => {
                self.strange_probes = 0;
                self.successes += 1;
                self.state = State::HalfOpen { failure: before.clone(), trial: Trial::Free };
                false
            }
        }
    }

    fn refuse_stranger(&mut self) -> bool {
        let State::Closed { retry_at, .. } = &mut self.state else { return false };
        if self.strange_probes < STRANGE_PROBES_TO_REFUSE {
            return false;
        }
        *retry_at = None;
        self.strange_probes = 0;
        true
    }

    /// Closes the line for a reason that concerns all its transfers. Whether it was not closed for it before.
    pub(super) fn refuse(&mut self, failure: &Failure, now: Duration) -> bool {
        let is_news = match &self.state {
            State::Closed { failure: known, .. } | State::Probing { failure: known } => known.kind != failure.kind,
            State::HalfOpen { failure: known, .. } => {
                let is_news = known.kind != failure.kind;
                self.close(failure, now);
                return is_news;
            }
            State::Open => true,
        };
        if is_news {
            self.close(failure, now);
        }
        is_news
    }

    /// A file may not be written. Whether that was one too many, so that the line is closed now.
    pub(super) fn denied(&mut self, failure: &Failure) -> bool {
        self.denials += 1;
        if self.denials < DENIALS_TO_CLOSE || !self.is_open() {
            return false;
        }
        self.denials = 0;
        self.epoch += 1;
        self.state = State::Closed { failure: failure.clone(), retry_at: None };
        true
    }

    fn close(&mut self, failure: &Failure, now: Duration) {
        let own = Concern::of(failure.kind).retry_after(self.tries);
        // Longer than asked for is no harm.
        let wait = own.map(|own| own.max(asked_wait(failure)));
        self.tries = self.tries.saturating_add(1);
        self.failures = 0;
        self.epoch += 1;
        self.closed_at.get_or_insert(now);
        self.state = State::Closed { failure: failure.clone(), retry_at: wait.map(|wait| now + wait) };
    }

    /// Moves the time of the next try a little earlier, so that many programs do not come in step; not before the time
    /// that the server has named. Call it as the line is closed.
    pub(super) fn jitter(&mut self, now: Duration, share: f64) {
        if let State::Closed { retry_at: Some(retry_at), failure } = &mut self.state {
            *retry_at = now + retry_at.saturating_sub(now).mul_f64(share).max(asked_wait(failure));
        }
    }

    /// Somebody has changed something, or time was lost: the line is tried at once, with patience anew.
    pub(super) fn try_now(&mut self, now: Duration) {
        if let State::Closed { failure, retry_at } = &mut self.state {
            *retry_at = Some(now);
            if Concern::of(failure.kind) == Concern::File {
                self.open();
            }
        }
        (self.tries, self.denials) = (0, 0);
    }

    /// The connection is another one now: what waits comes back with new keys, and what is out has no say. Whether
    /// it was closed.
    pub(super) fn reopen(&mut self) -> bool {
        let was_closed = !self.is_open();
        // Also of an open one: what left with the old keys may still be refused.
        self.epoch += 1;
        if was_closed {
            self.open();
            self.timed_out = None;
        }
        was_closed
    }

    /// When something is to be done by itself.
    pub(super) fn due(&self) -> Option<Duration> {
        match &self.state {
            State::Closed { retry_at, .. } => *retry_at,
            _ => None,
        }
    }

    /// The wait is over: now the server is asked.
    pub(super) fn begin_probe(&mut self, now: Duration) -> bool {
        match &self.state {
            State::Closed { failure, retry_at: Some(retry_at) } if *retry_at <= now => {
                self.state = State::Probing { failure: failure.clone() };
                true
            }
            _ => false,
        }
    }

    fn note_vain(&mut self, now: Duration) {
        if self.gauge.shown() != Outflow::Drained {
            return;
        }
        let before = self.vain.filter(|(at, _)| now.saturating_sub(*at) < BUFFERED_FOR);
        self.vain = match before {
            Some((at, times)) if now.saturating_sub(at) < TOGETHER => Some((at, times)),
            before => Some((now, before.map_or(0, |(_, times)| times) + 1)),
        };
    }

    /// How patient to be with a request that does not move.
    pub(super) fn patience(&self, now: Duration) -> Patience {
        let vain = self.vain.filter(|(at, _)| now.saturating_sub(*at) < BUFFERED_FOR);
        let doublings = vain.map_or(0, |(_, times)| times);
        if doublings == 0 && !self.is_slow(now) && self.controller.is_fast() == Some(true) {
            return Patience::Fast;
        }
        match self.gauge.shown() {
            Outflow::Still => Patience::Fast,
            Outflow::Drained => Patience::Drained { doublings },
            Outflow::Moves | Outflow::Unknown => Patience::MaybeSlow { sharing: self.sharing() },
        }
    }

    /// Whether the line has been slow or silent of late.
    pub(super) fn is_slow(&self, now: Duration) -> bool {
        self.timed_out.is_some_and(|at| now.saturating_sub(at) < SLOW_FOR) || self.controller.is_fast() == Some(false)
    }

    /// How many share the line, for how long to wait when nothing moves. What was given up may go on to leave from the
    /// system's buffers: each time doubles the patience.
    pub(super) fn sharing(&self) -> u32 {
        let in_flight = u32::try_from(self.in_flight.total()).unwrap_or(u32::MAX).max(1);
        in_flight.saturating_mul(1 << self.timeouts.min(4))
    }

    /// Why transfers of this connection do not move; `None` if they may.
    pub(super) fn hold(&self, connection: &ConnectionId, now: Duration) -> Option<QueueHold> {
        let (failure, retry_at) = match &self.state {
            State::Open => return None,
            State::Closed { failure, retry_at } => (failure.clone(), *retry_at),
            State::Probing { failure } | State::HalfOpen { failure, .. } => (failure.clone(), Some(now)),
        };
        let connection = connection.clone();
        let Some(retry_at) = retry_at else { return Some(QueueHold::Refused { connection, bucket: None, failure }) };
        let retry_in_secs = retry_at.saturating_sub(now).as_millis().div_ceil(1000);
        let retry_in_secs = u64::try_from(retry_in_secs).unwrap_or(u64::MAX);
        Some(match Concern::of(failure.kind) {
            Concern::Throttle => QueueHold::Throttled { connection, failure, retry_in_secs },
            Concern::Keys => QueueHold::CredentialsExpired { connection, failure, retry_in_secs },
            _ => QueueHold::Offline { connection, failure, retry_in_secs },
        })
    }
}

/// What is known of a call that failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct FailedCall {
    pub(super) left_at: Duration,
    pub(super) age: Age,
    pub(super) leave: Leave,
}

/// When a call left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// Before the line was closed last.
    Old,
    Current,
}

/// How long the server asks to be left alone, up to [`LONGEST_ASKED`]; no time if it does not say.
fn asked_wait(failure: &Failure) -> Duration {
    failure.retry_after_secs().map(Duration::from_secs).unwrap_or_default().min(LONGEST_ASKED)
}

#[cfg(test)]
#[path = "line_stranger_tests.rs"]
mod stranger_tests;

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
