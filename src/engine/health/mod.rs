//! Whether connections can be used: shared by everything that transfers through them.
//!
//! Each connection has a [`line::Line`]: open; closed, with a time at which it is tried again; or being tried, by one
//! harmless question and then one call of the queue. While it is closed no call goes out and no file fails for it:
//! calls wait at the [`LineGate`] and owners wait for their calls. A failure that is the file's own fails the file.
//!
//! Nothing here runs by itself: the actor calls [`HealthBook::begin_probes`] when [`HealthBook::next_due`] says so.

mod gate;
mod in_flight;
mod kinds;
mod line;
mod outflow;
mod stubborn;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use super::clock::{Clock, jittered};
use super::pace::Bandwidth;
use super::upload::Control;
use crate::model::{BucketName, ConnectionId, Failure, FailureKind, Location, QueueHold};
use crate::s3::{BodyPacer, CallGate, CallKind, CallPass};
use gate::{LineGate, LinePacer, LinePass};
pub(crate) use in_flight::Seat;
use in_flight::{Ticket, Wait, Waiting};
pub(crate) use kinds::Concern;
pub(crate) use line::Acquaintance;
use line::{Age, FailedCall, Leave, Line, State, Trial};
pub(crate) use stubborn::Plea;
use stubborn::Stubborn;

/// A file whose request fails so often, while the server works for others, is given up.
const MOST_TRIES: u32 = 8;
/// The same for "slow down", which is hardly ever the file's own doing.
const MOST_THROTTLED_TRIES: u32 = 24;

/// A waiting call.
type Waker = oneshot::Sender<Box<dyn CallPass>>;

/// The health of every connection. Clones share everything. The lock is held for a moment only, never over a wait.
#[derive(Clone, Debug)]
pub(crate) struct HealthBook(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Arc<dyn Clock>,
    bandwidth: Bandwidth,
    lines: Mutex<BTreeMap<ConnectionId, Line<Waker>>>,
    /// Connections that nobody asks any more, until the actor has seen them.
    strangers: Mutex<BTreeSet<ConnectionId>>,
    stubborn: Mutex<Stubborn>,
    /// Something changed that the actor may want to act on.
    changed: Notify,
    /// Cancelled when every connection of the pools is known to be dead.
    alive: Mutex<CancellationToken>,
    naps: AtomicU64,
}

/// What a failed try leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Once more after this.
    Again(Duration),
    /// It is this file that does not work.
    GiveUp,
}

/// The tries of one piece of work.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tries {
    /// While the server was answering.
    counted: u32,
    first: Option<Duration>,
    successes_before: u64,
    successes_seen: u64,
}

/// A question to be asked of a connection that is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Probe {
    pub(crate) connection: ConnectionId,
    /// Where anything harmless can be asked; `None` if nothing is known.
    pub(crate) bucket: Option<BucketName>,
}

impl HealthBook {
    /// Every connection is taken for good.
    pub(crate) fn new(clock: Arc<dyn Clock>, bandwidth: Bandwidth) -> Self {
        Self(Arc::new(Inner {
            clock,
            bandwidth,
            lines: Mutex::default(),
            strangers: Mutex::default(),
            stubborn: Mutex::default(),
            changed: Notify::new(),
            alive: Mutex::default(),
            naps: AtomicU64::new(0),
        }))
    }

    /// The bandwidth limit of all uploads.
    pub(crate) fn bandwidth(&self) -> &Bandwidth {
        &self.0.bandwidth
    }

    /// Resolves when the actor should look; at least once after each change.
    pub(crate) async fn changed(&self) {
        self.0.changed.notified().await;
    }

    /// The gate for the calls of one transfer; a transfer that is told to stop does not wait at it.
    pub(crate) fn gate(&self, connection: &ConnectionId, control: &Control) -> Arc<dyn CallGate> {
        self.gate_of_thread(connection, control, Seat::default())
    }

    /// The same for calls from one of several upload threads, each of which has its own places.
    pub(crate) fn gate_of_thread(&self, connection: &ConnectionId, control: &Control, seat: Seat) -> Arc<dyn CallGate> {
        let (connection, control) = (connection.clone(), control.clone());
        Arc::new(LineGate { book: self.clone(), connection, control, seat })
    }

    /// The pace for the bodies of one transfer.
    pub(crate) fn pacer(&self, connection: &ConnectionId) -> Arc<dyn BodyPacer> {
        Arc::new(LinePacer { book: self.clone(), connection: connection.clone() })
    }

    /// A transfer of this connection was given to an owner.
    pub(crate) fn note_started(&self, to: &Location) {
        self.with(&to.connection, |line, _| {
            if line.bucket.as_ref() != Some(&to.bucket) {
                line.bucket = Some(to.bucket.clone());
            }
            if let State::HalfOpen { trial: trial @ Trial::Free, .. } = &mut line.state {
                *trial = Trial::Starting;
            }
        });
    }

    /// An owner has ended; if it was to make the deciding call, somebody else may.
    pub(crate) fn note_ended(&self, connection: &ConnectionId) {
        self.with(connection, |line, _| {
            if let State::HalfOpen { trial: trial @ Trial::Starting, .. } = &mut line.state {
                *trial = Trial::Free;
            }
        });
    }

    /// A file was stored.
    pub(crate) fn note_stored(&self, connection: &ConnectionId) {
        self.with(connection, |line, _| line.stored());
    }

    /// A file may not be written. Whether the connection was closed for it: one in a row too many.
    pub(crate) fn denied(&self, connection: &ConnectionId, failure: &Failure) -> bool {
        let closed = self.with(connection, |line, _| line.denied(failure));
        self.0.changed.notify_one();
        closed
    }

    /// Grows whenever the connection is closed or changed.
    pub(crate) fn epoch(&self, connection: &ConnectionId) -> u64 {
        self.with(connection, |line, _| line.epoch)
    }

    /// The connection cannot be used as it is. Whether that is news.
    pub(crate) fn refuse(&self, connection: &ConnectionId, failure: &Failure) -> bool {
        let is_news = self.closing(connection, |line, now| line.refuse(failure, now));
        self.0.changed.notify_one();
        is_news
    }

    /// A failure that passes was met outside of a call, on the way to one.
    pub(crate) fn failed_on_the_way(&self, connection: &ConnectionId, failure: &Failure) {
        let call = |now| FailedCall { left_at: now, age: Age::Current, leave: Leave::GoAsTrial };
        self.closing(connection, |line, now| line.failed(failure, call(now), now));
        self.0.changed.notify_one();
    }

    /// The connection was changed or opened again. Whether its transfers were waiting: they need its new keys.
    pub(crate) fn connection_changed(&self, connection: &ConnectionId) -> bool {
        let was_closed = self.with(connection, |line, _| line.reopen());
        self.wake(connection);
        self.0.changed.notify_one();
        was_closed
    }

    /// Tries a connection at once.
    pub(crate) fn try_now(&self, connection: &ConnectionId) {
        self.with(connection, Line::try_now);
        self.wake(connection);
        self.0.changed.notify_one();
    }

    /// The keychain can be read again: connections that wait for it are tried at once.
    pub(crate) fn keychain_answered(&self) {
        let now = self.0.clock.elapsed();
        for line in self.lock().values_mut() {
            if line.waits_for_keychain() {
                line.try_now(now);
            }
        }
        self.0.changed.notify_one();
    }

    /// The machine was asleep: every pooled connection is dead, and every closed line is tried at once.
    pub(crate) fn woke_up(&self) {
        let dead = std::mem::take(&mut *self.0.alive.lock().unwrap_or_else(PoisonError::into_inner));
        dead.cancel();
        self.0.naps.fetch_add(1, Ordering::Relaxed);
        let now = self.0.clock.elapsed();
        for line in self.lock().values_mut() {
            if line.due().is_some() {
                line.try_now(now);
            }
        }
        self.0.changed.notify_one();
    }

    /// How often the machine was asleep: pooled connections of before are dead.
    pub(crate) fn naps(&self) -> u64 {
        self.0.naps.load(Ordering::Relaxed)
    }

    /// Cancelled once the connections made by now are known to be dead.
    fn alive(&self) -> CancellationToken {
        self.0.alive.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// When the next closed line is due, on the engine's clock.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.lock().values().filter_map(Line::due).min()
    }

    /// The questions that are due; each is answered by [`HealthBook::probed`]. Lines that nobody needs are opened
    /// without asking.
    pub(crate) fn begin_probes(&self, needed: &BTreeSet<ConnectionId>) -> Vec<Probe> {
        let now = self.0.clock.elapsed();
        let mut probes = Vec::new();
        for (connection, line) in self.lock().iter_mut() {
            if !needed.contains(connection) {
                if line.due().is_some() && line.waiting.is_empty() {
                    line.open_unasked();
                }
            } else if line.begin_probe(now) {
                probes.push(Probe { connection: connection.clone(), bucket: line.bucket.clone() });
            }
        }
        probes
    }

    /// How a question was answered, and by whom. When it is not asked again the connection is [`HealthBook::strangers`].
    pub(crate) fn probed(&self, connection: &ConnectionId, failure: Option<&Failure>, whose: Acquaintance) {
        if self.closing(connection, |line, now| line.probed(failure, whose, now)) {
            self.0.strangers.lock().unwrap_or_else(PoisonError::into_inner).insert(connection.clone());
        }
        self.wake(connection);
        self.0.changed.notify_one();
    }

    /// Connections that turned out to lead to no S3 since this was asked last.
    pub(crate) fn strangers(&self) -> BTreeSet<ConnectionId> {
        std::mem::take(&mut *self.0.strangers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Time has passed: lines on which nothing comes through are given to fewer requests.
    pub(crate) fn tick(&self) {
        let now = self.0.clock.elapsed();
        self.0.bandwidth.apply();
        let mut connections = Vec::new();
        for (connection, line) in self.lock().iter_mut() {
            line.controller.tick(line.in_flight.total(), now);
            connections.push(connection.clone());
        }
        // A limit may have changed.
        for connection in connections {
            self.wake(&connection);
        }
    }

    /// Whether every connection is taken for good.
    pub(crate) fn all_open(&self) -> bool {
        self.lock().values().all(Line::is_open)
    }

    /// Connections through which nothing may be started now.
    pub(crate) fn closed(&self) -> BTreeSet<ConnectionId> {
        let lines = self.lock();
        let closed = lines.iter().filter(|(_, line)| match &line.state {
            State::Open => false,
            // One transfer may be started for the deciding call, if no other waits to make it.
            State::HalfOpen { trial: Trial::Free, .. } => !line.waiting.is_empty(),
            _ => true,
        });
        closed.map(|(connection, _)| connection.clone()).collect()
    }

    /// Whether one of these connections is closed for a reason that passes by itself.
    pub(crate) fn waits_for_line(&self, needed: &BTreeSet<ConnectionId>) -> bool {
        let lines = self.lock();
        lines.iter().any(|(connection, line)| line.waits_for_line() && needed.contains(connection))
    }

    /// Connections through which nothing has gone for so long, and nothing is about to.
    pub(crate) fn down(&self, at_least: Duration) -> BTreeSet<ConnectionId> {
        let now = self.0.clock.elapsed();
        let lines = self.lock();
        let down = lines.iter().filter(|(_, line)| line.is_down(at_least, now));
        down.map(|(connection, _)| connection.clone()).collect()
    }

    /// Writes that may be in flight, over all connections: how many files are worth an owner.
    pub(crate) fn writes_at_once(&self) -> usize {
        let bandwidth = self.0.bandwidth.limit();
        let lines = self.lock();
        let fresh = line_limit_of_fresh(bandwidth);
        lines.values().map(|line| line.controller.limit(bandwidth)).max().unwrap_or(fresh)
    }

    /// Why transfers of these connections do not move.
    pub(crate) fn holds(&self, needed: &BTreeSet<ConnectionId>) -> Vec<QueueHold> {
        let now = self.0.clock.elapsed();
        let lines = self.lock();
        let needed = lines.iter().filter(|(connection, _)| needed.contains(*connection));
        let mut holds: Vec<QueueHold> = needed.filter_map(|(connection, line)| line.hold(connection, now)).collect();
        holds.extend(self.stubborn_holds(|connection| lines.get(connection).is_some_and(Line::is_open)));
        holds
    }

    /// What to do after a try has failed for a reason that passes.
    pub(crate) fn judge(&self, connection: &ConnectionId, tries: &mut Tries, trouble: Trouble) -> Verdict {
        self.with(connection, |line, now| {
            let first = *tries.first.get_or_insert_with(|| {
                tries.successes_before = line.successes;
                tries.successes_seen = line.successes;
                now
            });
            // Only tries while the server worked for others, or answered a question, say anything about this file.
            if line.is_open() || line.successes > tries.successes_seen {
                tries.counted += 1;
            }
            tries.successes_seen = line.successes;
            let most = if Concern::of(trouble.kind) == Concern::Throttle { MOST_THROTTLED_TRIES } else { MOST_TRIES };
            let others_work = line.successes > tries.successes_before;
            if tries.counted >= most && others_work && now.saturating_sub(first) >= trouble.at_least {
                return Verdict::GiveUp;
            }
            // On a closed line the gate is the place to wait.
            Verdict::Again(if line.is_open() { trouble.wait } else { Duration::ZERO })
        })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ConnectionId, Line<Waker>>> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, connection: &ConnectionId, work: impl FnOnce(&mut Line<Waker>, Duration) -> T) -> T {
        let now = self.0.clock.elapsed();
        let mut lines = self.lock();
        match lines.get_mut(connection) {
            Some(line) => work(line, now),
            None => work(lines.entry(connection.clone()).or_insert_with(|| Line::new(now)), now),
        }
    }

    /// Work that may close a line; when it does, the time of the next try is left a little to chance.
    fn closing<T>(&self, connection: &ConnectionId, work: impl FnOnce(&mut Line<Waker>, Duration) -> T) -> T {
        self.with(connection, |line, now| {
            let before = line.epoch;
            let result = work(line, now);
            if line.epoch != before {
                line.jitter(now, jitter_share());
            }
            result
        })
    }

    /// A pass, or the place in the row in which to wait for one.
    fn ask(
        &self,
        connection: &ConnectionId,
        kind: CallKind,
        seat: Seat,
    ) -> Result<LinePass, (Ticket, oneshot::Receiver<Box<dyn CallPass>>)> {
        let bandwidth = self.0.bandwidth.limit();
        let alive = self.alive();
        self.with(connection, |line, now| {
            // First come, first served, within a thread: another one's calls may wait for their own places only.
            let is_before =
                |call: &Waiting<Waker>| call.kind == CallKind::Write && call.seat == seat && !call.waker.is_closed();
            let others_wait = kind == CallKind::Write && line.waiting.iter().any(is_before);
            let leave = if others_wait && line.is_open() {
                Leave::Wait
            } else {
                line.leave(kind, seat, Wait::Short, bandwidth)
            };
            match leave {
                Leave::Wait => {
                    line.note_if_full(bandwidth);
                    let (waker, waiting) = oneshot::channel();
                    Err((line.queue(kind, seat, waker), waiting))
                }
                Leave::Go | Leave::GoAsTrial => {
                    if kind == CallKind::Write && line.in_flight.total() == 0 {
                        line.controller.note_idle(now);
                    }
                    Ok(self.pass(connection, line, Call { kind, seat, leave, now, alive }))
                }
            }
        })
    }

    fn pass(&self, connection: &ConnectionId, line: &mut Line<Waker>, call: Call) -> LinePass {
        if call.kind == CallKind::Write {
            line.in_flight.enter(call.seat);
        }
        LinePass {
            book: self.clone(),
            connection: connection.clone(),
            kind: call.kind,
            seat: call.seat,
            leave: call.leave,
            left_at: call.now,
            epoch: line.epoch,
            alive: call.alive,
            is_over: false,
        }
    }

    /// A call has waited so long that it takes a place that another thread has no use for.
    fn waits_long(&self, connection: &ConnectionId, ticket: Ticket) {
        self.with(connection, |line, _| {
            if let Some(call) = line.waiting.iter_mut().find(|call| call.ticket == ticket) {
                call.wait = Wait::Long;
            }
        });
        self.wake(connection);
    }

    /// Lets those go that may.
    fn wake(&self, connection: &ConnectionId) {
        self.with(connection, |line, _| line.waiting.retain(|call| !call.waker.is_closed()));
        loop {
            let (bandwidth, alive) = (self.0.bandwidth.limit(), self.alive());
            let next = self.with(connection, |line, now| {
                let (at, leave) = line.next(bandwidth)?;
                let Waiting { kind, seat, waker, .. } = line.waiting.remove(at)?;
                Some((waker, self.pass(connection, line, Call { kind, seat, leave, now, alive })))
            });
            let Some((waker, pass)) = next else { return };
            // One that has left meanwhile gives its pass back as it is dropped, outside of the lock.
            drop(waker.send(Box::new(pass)));
        }
    }

    /// A call is over. The quickest answer of this server so far, if there was any.
    fn over(&self, pass: &LinePass, how: Over<'_>, quickest_answer: Option<Duration>) {
        let news = self.closing(&pass.connection, |line, now| {
            if let Some(quickest) = quickest_answer {
                line.controller.note_distance(quickest);
            }
            let before = line.is_open();
            if pass.kind == CallKind::Write {
                line.in_flight.leave(pass.seat);
            }
            let age = if pass.epoch == line.epoch { Age::Current } else { Age::Old };
            match how {
                Over::Well { body_bytes } => {
                    if pass.kind == CallKind::Write {
                        let bytes = std::mem::take(&mut line.moved);
                        line.controller.note_through(bytes, pass.left_at, now);
                        line.controller.note_arrived(body_bytes, pass.left_at, now);
                    }
                    line.worked(age);
                }
                Over::Failed(failure) if Concern::of(failure.kind).passes() => {
                    line.failed(failure, FailedCall { left_at: pass.left_at, age, leave: pass.leave }, now);
                }
                // An answer that is about this file shows that the line is there. Keys are judged by the actor.
                Over::Failed(failure) if is_answer_about_file(failure.kind) => line.worked(age),
                Over::Failed(_) | Over::GivenUp => {}
            }
            if pass.leave == Leave::GoAsTrial
                && let State::HalfOpen { trial: trial @ Trial::Out, .. } = &mut line.state
            {
                *trial = Trial::Free;
            }
            before != line.is_open() || matches!(line.state, State::HalfOpen { .. })
        });
        self.wake(&pass.connection);
        if news {
            self.0.changed.notify_one();
        }
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug)]
enum Over<'a> {
    Well {
        body_bytes: u64,
    },
    Failed(&'a Failure),
    /// Half-way, by whoever made it.
    GivenUp,
}

/// Whether the server has said something about a file: what was never answered, because the file could not be read to its
/// end or the call was stopped, is no sign of it.
fn is_answer_about_file(kind: FailureKind) -> bool {
    let has_no_answer = matches!(kind, FailureKind::Cancelled | FailureKind::Internal | FailureKind::SourceSilent);
    Concern::of(kind) == Concern::File && !has_no_answer
}

/// A call about to go out.
struct Call {
    kind: CallKind,
    seat: Seat,
    leave: Leave,
    now: Duration,
    alive: CancellationToken,
}

/// What went wrong with a try.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trouble {
    pub(crate) kind: FailureKind,
    /// The wait before the next try on a line that is open.
    pub(crate) wait: Duration,
    /// Work is not given up sooner after its first failure.
    pub(crate) at_least: Duration,
}

fn line_limit_of_fresh(bandwidth: Option<u64>) -> usize {
    super::pace::Controller::new(Duration::ZERO).limit(bandwidth)
}

/// Between a half and the whole of a wait.
fn jitter_share() -> f64 {
    jittered(Duration::from_secs(1)).as_secs_f64()
}
