//! Stopping a running transfer, and waiting between tries.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::engine::clock::{Clock, jittered};
use crate::engine::queue::StopReason;
use crate::model::FailureKind;

/// The line to a running transfer. Clones speak to the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Control {
    token: CancellationToken,
    is_cancel: Arc<AtomicBool>,
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

    /// Whether the owner has to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Whether it has to clean up as well.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_cancel.load(Ordering::SeqCst)
    }
}

/// How long faults that pass by themselves are sat out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetryPolicy {
    /// The first wait; each further one is twice as long.
    pub(crate) first_wait: Duration,
    /// No wait is longer.
    pub(crate) longest_wait: Duration,
    /// After so long without success the file fails.
    pub(crate) give_up_after: Duration,
}

/// The waits of one piece of work: doubling, jittered, limited.
#[derive(Debug)]
pub(crate) struct Backoff {
    clock: Arc<dyn Clock>,
    policy: RetryPolicy,
    first_failure: Option<Duration>,
    next_wait: Duration,
}

impl Backoff {
    /// Nothing has failed yet.
    pub(crate) fn new(clock: Arc<dyn Clock>, policy: RetryPolicy) -> Self {
        Self { clock, policy, first_failure: None, next_wait: policy.first_wait }
    }

    /// Whether anything has failed: a write may have reached the server all the same.
    pub(crate) fn has_failed(&self) -> bool {
        self.first_failure.is_some()
    }

    /// How long to wait before the next try; `None` to give up.
    pub(crate) fn next(&mut self, kind: FailureKind) -> Option<Duration> {
        if !kind.is_retryable() || kind == FailureKind::SourceChanged {
            return None;
        }
        let now = self.clock.elapsed();
        let since = now.saturating_sub(*self.first_failure.get_or_insert(now));
        let wait = jittered(self.next_wait);
        if since + wait > self.policy.give_up_after {
            return None;
        }
        self.next_wait = (self.next_wait * 2).min(self.policy.longest_wait);
        Some(wait)
    }

    /// Waits; `false` if stopped meanwhile.
    pub(crate) async fn wait(&self, duration: Duration, control: &Control) -> Waited {
        tokio::select! {
            () = control.stopped() => Waited::Stopped,
            () = self.clock.sleep(duration) => Waited::Through,
        }
    }
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    Through,
    Stopped,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::clock::SystemClock;

    #[test]
    fn waits_grow_and_end() {
        let policy = RetryPolicy {
            first_wait: Duration::from_millis(100),
            longest_wait: Duration::from_millis(400),
            give_up_after: Duration::from_hours(1),
        };
        let mut backoff = Backoff::new(Arc::new(SystemClock::new()), policy);
        let waits: Vec<_> = (0..5).map(|_| backoff.next(FailureKind::Throttled).unwrap().as_millis()).collect();
        for (wait, most) in waits.iter().zip([100, 200, 400, 400, 400]) {
            assert!((most / 2..=most).contains(wait), "{waits:?}");
        }
        assert_eq!(backoff.next(FailureKind::AccessDenied), None);
        assert_eq!(backoff.next(FailureKind::SourceChanged), None);
        let short = RetryPolicy { give_up_after: Duration::ZERO, ..policy };
        assert_eq!(Backoff::new(Arc::new(SystemClock::new()), short).next(FailureKind::Timeout), None);
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
