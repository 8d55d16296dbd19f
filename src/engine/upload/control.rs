//! Stopping a running transfer, and waiting between tries.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::engine::clock::{Clock, jittered};
use crate::engine::health::{Concern, HealthBook, Plea, Tries, Trouble, Verdict};
use crate::engine::queue::StopReason;
use crate::model::{ConnectionId, Failure, FailureKind};

/// The line to a running transfer. Clones speak to the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Control {
    token: CancellationToken,
    is_cancel: Arc<AtomicBool>,
    gave_up: Arc<AtomicBool>,
}

impl Control {
    /// Tells the owner to stop. A later cancel turns a pause into one.
    pub(crate) fn stop(&self, reason: StopReason) {
        if reason == StopReason::Cancel {
            self.is_cancel.store(true, Ordering::SeqCst);
        }
        self.token.cancel();
    }

    /// Resolves once the owner has to stop.
    pub(crate) async fn stopped(&self) {
        self.token.cancelled().await;
    }

    /// Work that is dropped once the owner has to stop; `None` then.
    pub(crate) async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.stopped() => None,
            done = work => Some(done),
        }
    }

    /// Whether the owner has to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        self.token.is_cancelled()
    }

    /// The owner has found that it is this file that does not work.
    pub(crate) fn give_up(&self) {
        self.gave_up.store(true, Ordering::SeqCst);
    }

    /// Whether the owner has given up, rather than met something that passes.
    pub(crate) fn gave_up(&self) -> bool {
        self.gave_up.load(Ordering::SeqCst)
    }

    /// Whether it has to clean up as well.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_cancel.load(Ordering::SeqCst)
    }
}

/// How faults that pass by themselves are met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetryPolicy {
    /// The first wait; each further one is twice as long.
    pub(crate) first_wait: Duration,
    /// No wait is longer.
    pub(crate) longest_wait: Duration,
    /// A file that does not work while the server works for others is not given up sooner.
    pub(crate) give_up_after: Duration,
}

/// So often bytes that arrived changed are sent again.
const MOST_CORRUPTED: u32 = 4;

/// So often a part is sent whose answer has no entity tag, and that is not listed.
const MOST_TAGLESS: u32 = 3;

/// The tries of one piece of work: short, growing, jittered waits while the connection is open. While it is closed
/// there is no wait here: the next call waits at the connection's gate.
#[derive(Debug)]
pub(crate) struct Backoff {
    clock: Arc<dyn Clock>,
    policy: RetryPolicy,
    health: HealthBook,
    connection: ConnectionId,
    control: Control,
    tries: Tries,
    plea: Option<Plea>,
    corrupted: u32,
    tagless: u32,
    has_failed: bool,
    next_wait: Duration,
}

impl Backoff {
    /// Nothing has failed yet.
    pub(crate) fn new(patience: &Patience, connection: &ConnectionId, control: &Control) -> Self {
        Self {
            clock: Arc::clone(&patience.clock),
            policy: patience.retry,
            health: patience.health.clone(),
            connection: connection.clone(),
            control: control.clone(),
            tries: Tries::default(),
            plea: None,
            corrupted: 0,
            tagless: 0,
            has_failed: false,
            next_wait: patience.retry.first_wait,
        }
    }

    /// Whether anything has failed: a write may have reached the server all the same.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// How long to wait before the next try; `None` to give up.
    pub(crate) fn next(&mut self, kind: FailureKind) -> Option<Duration> {
        if kind == FailureKind::Cancelled {
            // Told to stop while it waited; the wait says so.
            return Some(Duration::ZERO);
        }
        self.has_failed = true;
        let wait = jittered(self.next_wait);
        if kind == FailureKind::ChecksumMismatch {
            self.corrupted += 1;
            return (self.corrupted < MOST_CORRUPTED).then_some(wait);
        }
        if kind == FailureKind::NoEntityTag {
            self.tagless += 1;
            return (self.tagless < MOST_TAGLESS).then_some(wait);
        }
        if !Concern::of(kind).passes() {
            return None;
        }
        let trouble = Trouble { kind, wait, at_least: self.policy.give_up_after };
        match self.health.judge(&self.connection, &mut self.tries, trouble) {
            Verdict::Again(wait) => {
                self.next_wait = (self.next_wait * 2).min(self.policy.longest_wait);
                Some(wait)
            }
            Verdict::GiveUp => {
                self.control.give_up();
                None
            }
        }
    }

    /// The work is tried again after this: once that has lasted, the reason is told until the work ends.
    pub(crate) fn tell_if_long(&mut self, failure: &Failure) {
        if self.plea.is_none() && Concern::of(failure.kind).passes() {
            self.plea = self.health.plead(&self.connection, &self.tries, failure);
        }
    }

    /// Waits; says if it was stopped meanwhile.
    pub(crate) async fn wait(&self, duration: Duration, control: &Control) -> Waited {
        tokio::select! {
            biased;
            () = control.stopped() => Waited::Stopped,
            () = self.clock.sleep(duration) => Waited::Through,
        }
    }
}

/// What every piece of work needs to be patient.
#[derive(Clone, Debug)]
pub(crate) struct Patience {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) retry: RetryPolicy,
    pub(crate) health: HealthBook,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    Through,
    Stopped,
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;
    use crate::engine::clock::SystemClock;
    use crate::engine::pace::Bandwidth;
    use crate::model::QueueHold;

    /// Stands at a second until it is set.
    #[derive(Debug, Default)]
    struct SetClock(AtomicU64);

    impl Clock for SetClock {
        fn now(&self) -> jiff::Timestamp {
            jiff::Timestamp::UNIX_EPOCH
        }

        fn elapsed(&self) -> Duration {
            Duration::from_secs(self.0.load(Ordering::SeqCst))
        }

        fn sleep(&self, _duration: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
            Box::pin(std::future::pending())
        }
    }

    #[test]
    fn waits_grow_while_the_connection_is_open() {
        let retry = RetryPolicy {
            first_wait: Duration::from_millis(100),
            longest_wait: Duration::from_millis(400),
            give_up_after: Duration::ZERO,
        };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let health = HealthBook::new(Arc::clone(&clock), Bandwidth::new(Arc::clone(&clock)));
        let patience = Patience { clock, retry, health };
        let mut backoff = Backoff::new(&patience, &ConnectionId::local(), &Control::default());
        assert_eq!(backoff.next(FailureKind::Cancelled), Some(Duration::ZERO));
        assert!(!backoff.has_failed());
        let waits: Vec<_> = (0..40).map(|_| backoff.next(FailureKind::Throttled).unwrap().as_millis()).collect();
        for (wait, most) in waits.iter().zip([100, 200, 400, 400, 400]) {
            assert!((most / 2..=most).contains(wait), "{waits:?}");
        }
        assert_eq!(backoff.next(FailureKind::AccessDenied), None);
        assert_eq!(backoff.next(FailureKind::SourceChanged), None);
        assert_eq!((0..9).filter(|_| backoff.next(FailureKind::ChecksumMismatch).is_some()).count(), 3);
        assert_eq!((0..9).filter(|_| backoff.next(FailureKind::NoEntityTag).is_some()).count(), 2);
    }

    #[test]
    fn a_file_that_is_tried_for_long_is_told_until_its_work_ends() {
        let retry = RetryPolicy {
            first_wait: Duration::from_millis(1),
            longest_wait: Duration::from_millis(1),
            give_up_after: Duration::from_mins(2),
        };
        let own = Arc::new(SetClock::default());
        let clock: Arc<dyn Clock> = Arc::clone(&own) as Arc<_>;
        let health = HealthBook::new(Arc::clone(&clock), Bandwidth::new(Arc::clone(&clock)));
        let patience = Patience { clock, retry, health: health.clone() };
        let needed = [ConnectionId::local()].into();
        let failure = Failure::new(FailureKind::ServerError).with("key", "k");
        let mut works: Vec<_> =
            (0..2).map(|_| Backoff::new(&patience, &ConnectionId::local(), &Control::default())).collect();
        for (at_secs, told) in [(0, 0), (9, 0), (10, 1), (15, 1)] {
            own.0.store(at_secs, Ordering::SeqCst);
            for work in &mut works {
                assert!(work.next(failure.kind).is_some());
                work.tell_if_long(&failure);
            }
            assert_eq!(health.holds(&needed).len(), told, "after {at_secs} s");
        }
        let told = QueueHold::FileRetried { connection: ConnectionId::local(), failure };
        works.pop();
        assert_eq!(health.holds(&needed), [told], "the other one goes on");
        works.pop();
        assert!(health.holds(&needed).is_empty() && !health.has_stubborn());
    }

    #[test]
    fn a_cancel_overrides_a_pause_but_not_the_reverse() {
        let control = Control::default();
        control.stop(StopReason::Pause);
        assert!(control.is_stopped() && !control.is_cancelled());
        control.stop(StopReason::Cancel);
        control.stop(StopReason::Pause);
        assert!(control.is_cancelled());
    }
}
