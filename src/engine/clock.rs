//! Time and chance for the engine, the only place that asks the system for either.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rand::RngExt as _;

/// Where the engine gets its time from; tests may bring their own.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The wall clock.
    fn now(&self) -> Timestamp;
    /// Time since the clock was made; never runs backwards.
    fn elapsed(&self) -> Duration;
    /// Waits; may be dropped at any time.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
    /// The same, for a wait that is dropped as soon as the thing it watches over moves. A clock that is advanced by
    /// hand may tell the two apart.
    fn watch(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.sleep(duration)
    }
}

/// The system's clock.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Starts counting.
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A random share of `longest` between half and all of it, so that retries do not come in step.
pub(super) fn jittered(longest: Duration) -> Duration {
    longest.mul_f64(rand::rng().random_range(0.5..=1.0))
}

/// The minute of the day that people's clocks show here.
pub(super) fn local_minute_of_day(now: Timestamp) -> u16 {
    let local = now.to_zoned(jiff::tz::TimeZone::system());
    let minute = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
    minute.min(crate::model::MINUTES_OF_DAY - 1)
}
