//! The gate of one transfer, the passes it gives, and the pace of its bodies: the store's side of [`HealthBook`].

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::line::Leave;
use super::{HealthBook, Over, Seat};
use crate::engine::upload::Control;
use crate::model::ConnectionId;
use crate::platform::unacknowledged_bytes;
use crate::s3::{Allowance, BodyPacer, CallEnd, CallGate, CallKind, CallPass, GateFuture, Patience};

/// After so long a call takes a place that another thread's calls leave free. By the machine's own clock: it is about
/// how its threads get on with each other.
const LONG_WAIT: Duration = Duration::from_millis(250);

/// Lets the calls of one transfer out.
#[derive(Debug)]
pub(super) struct LineGate {
    pub(super) book: HealthBook,
    pub(super) connection: ConnectionId,
    pub(super) control: Control,
    pub(super) seat: Seat,
}

impl CallGate for LineGate {
    fn enter(&self, call: CallKind) -> GateFuture<'_, Option<Box<dyn CallPass>>> {
        Box::pin(async move {
            let (ticket, mut waiting) = match self.book.ask(&self.connection, call, self.seat) {
                Ok(pass) => return Some(Box::new(pass) as Box<dyn CallPass>),
                Err(waiting) => waiting,
            };
            tokio::select! {
                biased;
                () = self.control.stopped() => return None,
                pass = &mut waiting => return pass.ok(),
                () = tokio::time::sleep(LONG_WAIT) => self.book.waits_long(&self.connection, ticket),
            }
            tokio::select! {
                biased;
                () = self.control.stopped() => None,
                pass = waiting => pass.ok(),
            }
        })
    }
}

/// The leave of one call.
#[derive(Debug)]
pub(super) struct LinePass {
    pub(super) book: HealthBook,
    pub(super) connection: ConnectionId,
    pub(super) kind: CallKind,
    pub(super) seat: Seat,
    pub(super) leave: Leave,
    pub(super) left_at: Duration,
    pub(super) epoch: u64,
    pub(super) alive: CancellationToken,
    pub(super) is_over: bool,
}

impl CallPass for LinePass {
    fn lost(&self) -> GateFuture<'static, ()> {
        let alive = self.alive.clone();
        Box::pin(async move { alive.cancelled().await })
    }

    fn ended(mut self: Box<Self>, end: CallEnd) {
        self.is_over = true;
        let how = end.failure.as_ref().map_or(Over::Well { body_bytes: end.body_bytes }, Over::Failed);
        self.book.over(&self, how, end.quickest_answer);
    }
}

impl Drop for LinePass {
    fn drop(&mut self) {
        if !self.is_over {
            self.is_over = true;
            self.book.over(self, Over::GivenUp, None);
        }
    }
}

/// The pace of one transfer's bodies.
#[derive(Debug)]
pub(super) struct LinePacer {
    pub(super) book: HealthBook,
    pub(super) connection: ConnectionId,
}

impl BodyPacer for LinePacer {
    fn take(&self, wanted_bytes: usize) -> Allowance {
        let allowance = self.book.bandwidth().take(wanted_bytes);
        if let Allowance::Now(bytes) = &allowance {
            let bytes = *bytes as u64;
            self.book.with(&self.connection, |line, _| line.moved += bytes);
        }
        allowance
    }

    fn patience(&self, server_port: u16) -> Patience {
        let begun = self.book.with(&self.connection, |line, now| line.gauge.begin(now).then_some(now));
        // Asked outside of the lock.
        let look = begun.map(|begun| (unacknowledged_bytes(server_port), begun));
        self.book.with(&self.connection, |line, now| {
            if let Some((held_bytes, begun)) = look {
                line.gauge.note(held_bytes, begun);
            }
            line.patience(now)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::clock::SystemClock;
    use crate::engine::pace::Bandwidth;
    use crate::model::{Failure, FailureKind};

    #[tokio::test]
    async fn a_first_look_tells_with_how_many_writes_to_begin() {
        for (millis, expected) in [(60, 128), (2, 8)] {
            let clock = Arc::new(SystemClock::new());
            let book = HealthBook::new(Arc::clone(&clock) as Arc<_>, Bandwidth::new(clock));
            let gate = book.gate(&ConnectionId::new("c"), &Control::default());
            assert_eq!(book.writes_at_once(), 8);
            let look = gate.enter(CallKind::Look).await.unwrap();
            // The key is free: an answer like any other.
            look.ended(CallEnd {
                failure: Some(Failure::new(FailureKind::NoSuchKey)),
                body_bytes: 0,
                quickest_answer: Some(Duration::from_millis(millis)),
            });
            assert_eq!(book.writes_at_once(), expected, "an answer after {millis} ms");
        }
    }

    #[tokio::test]
    async fn a_thread_has_its_own_places_at_once_and_those_that_others_leave_free_later() {
        let clock = Arc::new(SystemClock::new());
        let book = HealthBook::new(Arc::clone(&clock) as Arc<_>, Bandwidth::new(clock));
        let (connection, control) = (ConnectionId::new("c"), Control::default());
        let [first, second] = [0, 1].map(|number| book.gate_of_thread(&connection, &control, Seat { number, of: 2 }));
        let mut hanging = Vec::new();
        for _ in 0..book.writes_at_once() / 2 {
            hanging.push(first.enter(CallKind::Write).await.unwrap());
        }
        let mut behind = first.enter(CallKind::Write);
        assert!(futures_util::poll!(&mut behind).is_pending(), "the other's places are kept");
        drop(second.enter(CallKind::Write).await.unwrap());
        drop(behind.await.unwrap());
    }

    #[tokio::test]
    async fn only_what_a_server_has_answered_is_to_its_credit() {
        let clock = Arc::new(SystemClock::new());
        let book = HealthBook::new(Arc::clone(&clock) as Arc<_>, Bandwidth::new(clock));
        let connection = ConnectionId::new("c");
        let gate = book.gate(&connection, &Control::default());
        let successes = || book.with(&connection, |line, _| line.successes);
        // A body whose file cannot be read any further, or not in time; stopped by ourselves; an answer.
        for (kind, credit) in [
            (FailureKind::Internal, 0),
            (FailureKind::SourceSilent, 0),
            (FailureKind::Cancelled, 0),
            (FailureKind::NoSuchKey, 1),
        ] {
            let pass = gate.enter(CallKind::Write).await.unwrap();
            pass.ended(CallEnd { failure: Some(Failure::new(kind)), body_bytes: 0, quickest_answer: None });
            assert_eq!(successes(), credit, "{kind:?}");
        }
    }
}
