//! A clock that tests move by hand, so that minutes pass in moments.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bucketdrop::engine::Clock;
use jiff::Timestamp;

use crate::support::PATIENCE;

/// Between two steps the engine gets so long to do what has become due.
const BREATH: Duration = Duration::from_millis(3);
/// Requests under way get so long to be answered before time moves over them.
const ANSWERS: Duration = Duration::from_secs(5);
/// So much in real time a wait has that is limited by the clock: the machine may be behind by as much in all.
const SLOW_MACHINE: Duration = Duration::from_secs(8);

/// Moves only when told to.
#[derive(Debug, Default)]
pub(crate) struct TestClock {
    state: Mutex<State>,
    /// A watch was dropped, or somebody who was due has been there.
    calmer: Condvar,
    start: OnceLock<Timestamp>,
}

#[derive(Debug, Default)]
struct State {
    elapsed: Duration,
    /// What the wall clock has gained by sleep.
    slept: Duration,
    next: u64,
    sleepers: BTreeMap<(Duration, u64), Option<Waker>>,
    watches: usize,
    /// Whose time has come, and who has not been there since.
    due: BTreeSet<(Duration, u64)>,
}

impl TestClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Time since the start.
    pub(crate) fn now(&self) -> Duration {
        self.elapsed()
    }

    /// Requests under way that are watched for their silence.
    pub(crate) fn watches(&self) -> usize {
        self.state.lock().unwrap().watches
    }

    /// Time passes, in steps; each waits for the answers to requests that are under way.
    pub(crate) fn pass(&self, time: Duration, step: Duration) {
        let mut left = time;
        while !left.is_zero() {
            let step = step.min(left);
            self.step(step);
            std::thread::park_timeout(BREATH);
            left -= step;
        }
    }

    /// Time passes until something holds, in steps, and not longer than a limit. How long it took. Slowly enough that
    /// the machine can follow; and when the limit is reached, time stands still: whatever is due by then may come late.
    #[track_caller]
    pub(crate) fn pass_until(&self, limit: Duration, step: Duration, mut holds: impl FnMut() -> bool) -> Duration {
        let begin = self.elapsed();
        let breath = SLOW_MACHINE.mul_f64(step.as_secs_f64() / limit.as_secs_f64()).max(BREATH);
        let mut until = Instant::now();
        while !holds() {
            if Instant::now() >= until {
                if self.elapsed().saturating_sub(begin) >= limit {
                    assert!(until.elapsed() < PATIENCE, "it did not come within {limit:?}");
                } else {
                    self.step(step);
                    until = Instant::now() + breath;
                }
            }
            std::thread::park_timeout(BREATH);
        }
        self.elapsed().saturating_sub(begin)
    }

    /// Time passes once; whose time has come then has been there.
    fn step(&self, step: Duration) {
        self.wait_while(|state| state.watches > 0);
        self.turn(step);
    }

    /// Time passes at once, also over requests under way; whoever was waiting for that time has looked around then.
    pub(crate) fn turn(&self, step: Duration) {
        self.jump(step);
        self.wait_while(|state| !state.due.is_empty());
        // Kept, and not asked: nobody waits for it.
        self.state.lock().unwrap().due.clear();
    }

    /// Time passes until something holds, also over requests under way that hang; it stands still as long as `progress`
    /// changes, however slow this machine is.
    #[track_caller]
    pub(crate) fn rush_until<P: PartialEq>(
        &self,
        limit: Duration,
        mut progress: impl FnMut() -> P,
        mut holds: impl FnMut() -> bool,
    ) -> Duration {
        let begin = self.elapsed();
        let mut seen = progress();
        while !holds() {
            assert!(self.elapsed().saturating_sub(begin) < limit, "it did not come within {limit:?}");
            self.jump(Duration::from_millis(500));
            loop {
                std::thread::park_timeout(8 * BREATH);
                let now = progress();
                if now == seen {
                    break;
                }
                seen = now;
            }
        }
        self.elapsed().saturating_sub(begin)
    }

    /// Time passes at once, also over requests under way.
    pub(crate) fn jump(&self, time: Duration) {
        let mut state = self.state.lock().unwrap();
        state.elapsed += time;
        let now = state.elapsed;
        let later = state.sleepers.split_off(&(now + Duration::from_nanos(1), 0));
        let due = std::mem::replace(&mut state.sleepers, later);
        state.due.extend(due.iter().filter(|(_, waker)| waker.is_some()).map(|(key, _)| *key));
        drop(state);
        for waker in due.into_values().flatten() {
            waker.wake();
        }
    }

    /// The machine sleeps: only the wall clock goes on.
    pub(crate) fn sleep_machine(&self, time: Duration) {
        self.state.lock().unwrap().slept += time;
    }

    fn wait_while(&self, holds: impl Fn(&State) -> bool) {
        let state = self.state.lock().unwrap();
        drop(self.calmer.wait_timeout_while(state, ANSWERS, |state| holds(state)).unwrap());
    }
}

/// A clock for an engine, and for the test that moves it.
#[derive(Clone, Debug)]
pub(crate) struct SharedClock(pub(crate) Arc<TestClock>);

impl Clock for SharedClock {
    fn now(&self) -> Timestamp {
        let state = self.0.state.lock().unwrap();
        // The server's clock is the real one, which no hand moves: ours stays behind it, so that nothing the server
        // stores seems older than the wish to store it.
        let start = *self.0.start.get_or_init(|| Timestamp::now() - Duration::from_hours(2));
        start + state.elapsed + state.slept
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(TestSleep::new(&self.0, duration, Purpose::Wait))
    }

    fn watch(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(TestSleep::new(&self.0, duration, Purpose::Watch))
    }
}

impl TestClock {
    fn elapsed(&self) -> Duration {
        self.state.lock().unwrap().elapsed
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Wait,
    Watch,
}

struct TestSleep {
    clock: Arc<TestClock>,
    key: (Duration, u64),
    purpose: Purpose,
}

impl TestSleep {
    fn new(clock: &Arc<TestClock>, duration: Duration, purpose: Purpose) -> Self {
        let mut state = clock.state.lock().unwrap();
        state.next += 1;
        let key = (state.elapsed + duration, state.next);
        state.sleepers.insert(key, None);
        if purpose == Purpose::Watch {
            state.watches += 1;
        }
        drop(state);
        Self { clock: Arc::clone(clock), key, purpose }
    }
}

impl Future for TestSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.state.lock().unwrap();
        if state.elapsed >= self.key.0 {
            if state.due.remove(&self.key) {
                self.clock.calmer.notify_all();
            }
            return Poll::Ready(());
        }
        state.sleepers.insert(self.key, Some(cx.waker().clone()));
        Poll::Pending
    }
}

impl Drop for TestSleep {
    fn drop(&mut self) {
        let mut state = self.clock.state.lock().unwrap();
        state.sleepers.remove(&self.key);
        if state.due.remove(&self.key) {
            self.clock.calmer.notify_all();
        }
        if self.purpose == Purpose::Watch {
            state.watches -= 1;
            self.clock.calmer.notify_all();
        }
    }
}
