//! The actor's side of patience: connections that are closed are tried again, their transfers go back into the
//! queue, and the queue as a whole is held when the user or the bandwidth plan says so.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::actor::{Actor, Flow, Sleep};
use super::clock::Clock;
use super::commands::run;
use super::health::{Acquaintance, Concern, Probe};
use super::queue::{Ended, Places, PutBack, Uploads};
use super::sessions::SessionNews;
use super::tools::Tools;
use crate::model::{
    AUTOMATIC_FILES, ConnectionId, Failure, FailureKind, QueueHold, QueueSwitch, TransferId, TransferKind,
};
use crate::s3::Grouping;

/// While anything is to be done, the actor looks around so often.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// When the wall clock has gone so much further than the engine's own, the machine was asleep.
const NAP: Duration = Duration::from_secs(30);
/// A connection that is closed for so long gives the places of its uploads to those of others.
const DOWN: Duration = Duration::from_secs(3);
/// For one harmless question.
const PROBE_LIMIT: Duration = Duration::from_secs(30);

/// What keeps the queue as a whole from moving, and when the actor looks around next.
#[derive(Debug, Default)]
pub(super) struct Holding {
    /// `None` as long as nobody has said anything in this run.
    said: Option<QueueSwitch>,
    /// Whether uploads, and whether everything, was told to stop.
    held: (bool, bool),
    pub(super) tick: Option<Sleep>,
    looked: Option<Look>,
    /// Connections whose keys have ended, as was told, and that have stored nothing since.
    told_ended: BTreeSet<ConnectionId>,
}

/// Both clocks at one instant.
#[derive(Clone, Copy, Debug)]
struct Look {
    wall: Timestamp,
    engine: Duration,
}

impl Holding {
    /// What the user said last, in this run or, where the queue went on as it was told before, in an earlier one.
    pub(super) fn said(&self) -> Option<QueueSwitch> {
        self.said
    }
}

impl Look {
    fn now(clock: &dyn Clock) -> Self {
        Self { wall: clock.now(), engine: clock.elapsed() }
    }

    /// How long the machine was asleep since.
    fn slept(self, later: Self) -> Duration {
        let wall = Duration::try_from(later.wall.duration_since(self.wall)).unwrap_or_default();
        wall.saturating_sub(later.engine.saturating_sub(self.engine))
    }
}

impl Actor {
    /// How many may run, and through which connections.
    pub(super) fn places(&self) -> Places {
        let files = self.tools.book.parallel_files();
        let most_files = usize::try_from(files).ok().filter(|_| files != AUTOMATIC_FILES);
        let uploads = if self.uploads_are_held() { Uploads::MayNot } else { Uploads::May };
        Places { most_files, requests: self.health.writes_at_once(), closed: self.health.closed(), uploads }
    }

    /// Whether the queue as a whole may not move.
    pub(super) fn is_held(&self) -> bool {
        self.holding.said == Some(QueueSwitch::Hold)
    }

    /// Whether the limit of this hour, which is one of uploads, leaves nothing.
    pub(super) fn uploads_are_held(&self) -> bool {
        self.health.bandwidth().limit() == Some(0)
    }

    /// Holds the queue or lets it run.
    pub(super) fn hold_queue(&mut self, switch: QueueSwitch) {
        self.holding.said = Some(switch);
        self.apply_hold();
        self.note_standing();
    }

    /// A limit for this run.
    pub(super) fn limit_bandwidth(&mut self, limit: Option<u64>) {
        self.health.bandwidth().limit_this_run(limit);
        self.apply_hold();
    }

    /// Tells what runs to stop once the queue is held; what was sent of finished parts is kept.
    pub(super) fn apply_hold(&mut self) {
        self.health.tick();
        self.picture.is_stale = true;
        let held = match (self.is_held(), self.uploads_are_held()) {
            (true, _) => Some(PutBack::All),
            (false, true) => Some(PutBack::Uploads),
            (false, false) => None,
        };
        let reach = (held.is_some(), self.is_held());
        if let Some(held) = held.filter(|_| self.holding.held != reach) {
            let asks = self.queue.put_back(held);
            self.carry_out(asks, None);
        }
        self.holding.held = reach;
    }

    /// The health of connections has changed, or time has passed.
    pub(super) fn look_around(&mut self) -> Flow {
        let now = Look::now(&*self.tools.clock);
        if self.holding.looked.is_some_and(|before| before.slept(now) > NAP) {
            tracing::info!("the computer was asleep: connections are made anew");
            self.health.woke_up();
        }
        self.holding.looked = Some(now);
        self.apply_hold();
        self.make_room();
        for connection in self.health.strangers() {
            // The hold says why; nobody keeps a place for a server that is another one.
            let asks = self.queue.put_back(PutBack::Of(&connection));
            self.carry_out(asks, None);
        }
        for probe in self.health.begin_probes(&self.connections_in_use()) {
            run(ask(self.tools.clone(), self.health.clone(), probe));
        }
        Flow::GoOn
    }

    /// Uploads that wait for a connection hold places and buffers. While uploads through other connections could use
    /// them they wait in the queue instead; there, one is started once the connection may work again.
    fn make_room(&mut self) {
        let down = self.health.down(DOWN);
        if down.is_empty() || !self.queue.has_uploads_beside(&down) {
            return;
        }
        let asks = self.queue.put_back(PutBack::UploadsOf(&down));
        if !asks.is_empty() {
            tracing::info!(uploads = asks.len(), "uploads make room while their connection is closed");
            self.carry_out(asks, None);
        }
    }

    /// Sets the timer for the next look around.
    pub(super) fn plan_look(&mut self) {
        let now = self.tools.clock.elapsed();
        if !self.queue.is_busy() {
            self.holding.tick = None;
            self.holding.looked = None;
            return;
        }
        if self.holding.looked.is_none() {
            self.holding.looked = Some(Look::now(&*self.tools.clock));
        }
        let planned = self.holding.tick.as_ref().map(Sleep::at);
        let wanted = self.health.next_due().map_or(now + LOOK_EVERY, |due| due.min(now + LOOK_EVERY));
        if planned.is_none_or(|planned| planned > wanted) {
            self.holding.tick = Some(Sleep::until(&*self.tools.clock, wanted));
        }
    }

    /// A connection was changed, opened again or is to be tried: what waits for it gets its new keys. Or the keychain
    /// can be read, for whatever waits for that.
    pub(super) fn take_session_news(&mut self, news: SessionNews) -> Flow {
        match news {
            SessionNews::Changed(connection) => {
                self.find_twins();
                self.try_missing_buckets(&connection);
                if self.health.connection_changed(&connection) {
                    let asks = self.queue.put_back(PutBack::Of(&connection));
                    self.carry_out(asks, None);
                }
            }
            SessionNews::NoKeys(connection, failure) => {
                // What runs has its keys.
                let mut running = self.running.keys().filter_map(|id| self.queue.connection_of(*id));
                if !running.any(|one| one == connection) {
                    self.health.refuse(&connection, &failure);
                }
            }
            SessionNews::KeychainAnswered => self.health.keychain_answered(),
        }
        self.look_around()
    }

    /// What a transfer's end means for the others of its connection. A failure that is the connection's leads back
    /// into the queue.
    pub(super) fn judge(&mut self, id: TransferId, ended: Ended) -> Ended {
        let Some(connection) = self.queue.connection_of(id) else { return ended };
        self.health.note_ended(&connection);
        let failure = match &ended {
            Ended::Done(_) => {
                self.health.note_stored(&connection);
                self.bucket_is_there(id);
                self.holding.told_ended.remove(&connection);
                return ended;
            }
            Ended::Failed(failure) => failure,
            _ => return ended,
        };
        if matches!(failure.kind, FailureKind::SourceAway | FailureKind::SourceSilent) {
            let failure = failure.clone();
            self.put_aside(id, &failure);
            return Ended::Stopped;
        }
        let concern = Concern::of(failure.kind);
        let gave_up = self.running.get(&id).is_some_and(|running| running.control.gave_up());
        if failure.kind == FailureKind::Cancelled {
            self.queue.will_wait_again(id);
            return Ended::Stopped;
        }
        if concern.stops_connection() {
            self.queue.will_wait_again(id);
            let began = self.running.get(&id).map(|running| running.epoch);
            let is_news = began == Some(self.health.epoch(&connection));
            if is_news && self.health.refuse(&connection, failure) {
                self.stand_still(&connection, failure);
            }
            return Ended::Stopped;
        }
        if concern.passes() && !gave_up {
            self.health.failed_on_the_way(&connection, failure);
            self.queue.will_wait_again(id);
            return Ended::Stopped;
        }
        let is_upload = self.queue.kind_of(id) == Some(TransferKind::Upload);
        if is_upload && failure.kind == FailureKind::NoSuchBucket && self.bucket_is_missing(id, failure) {
            return Ended::Stopped;
        }
        if is_upload && failure.kind == FailureKind::AccessDenied && self.health.denied(&connection, failure) {
            self.stand_still(&connection, failure);
        }
        ended
    }

    /// Somebody has to act before a connection can be used again: that is told once, and nobody waits at its gate.
    fn stand_still(&mut self, connection: &ConnectionId, failure: &Failure) {
        // Keys that were read anew and are refused as well are no news.
        let is_of_keys = Concern::of(failure.kind) == Concern::Keys;
        if !is_of_keys || self.holding.told_ended.insert(connection.clone()) {
            self.tools.sink.notice_failure(failure.clone());
        }
        let asks = self.queue.put_back(PutBack::Of(connection));
        self.carry_out(asks, None);
    }

    /// Why transfers that could run do not.
    pub(super) fn holds(&self) -> Vec<QueueHold> {
        let stall = self.stall();
        let is_held = self.is_held() || self.uploads_are_held();
        // While nothing can be written down, what was dropped is not even queued.
        let is_busy = self.queue.is_busy() || stall.is_some() && (self.queue.has_filling() || self.is_asked_early());
        let is_usable = self.health.all_open() && !self.health.has_stubborn() && self.missing_buckets.is_none_closed();
        if !is_busy || !is_held && is_usable && stall.is_none() {
            return Vec::new();
        }
        let with_work = self.queue.connections_with_work();
        let mut holds = self.health.holds(&with_work);
        holds.extend(self.missing_buckets.holds(&self.queue));
        holds.extend(stall.map(QueueHold::JournalStalled));
        if self.is_held() {
            holds.push(QueueHold::Held);
        } else if self.uploads_are_held() {
            holds.push(QueueHold::OutsideHours);
        }
        holds
    }

    /// Connections whose transfers would run.
    fn connections_in_use(&self) -> BTreeSet<ConnectionId> {
        if self.queue.is_busy() && !self.is_held() { self.queue.connections_with_work() } else { BTreeSet::new() }
    }
}

/// Asks a closed connection something harmless.
async fn ask(tools: Tools, health: super::health::HealthBook, probe: Probe) {
    let Probe { connection, bucket } = probe;
    let mut whose = Acquaintance::KnownAsS3;
    let question = async {
        let session = tools.sessions.get(&connection).await.map_err(|failure| *failure)?;
        if !session.store.has_spoken_s3() {
            whose = Acquaintance::Stranger;
        }
        let Some(bucket) = bucket else { return Ok(()) };
        let listed = session.store.with_one_attempt().list_objects(&bucket, "", Grouping::Flat, None, 1).await;
        listed.map(|_page| ()).map_err(|error| error.to_failure())
    };
    let answer = tokio::select! {
        biased;
        answer = question => answer,
        () = tools.clock.watch(PROBE_LIMIT) => Err(Failure::new(FailureKind::Timeout)),
    };
    health.probed(&connection, answer.as_ref().err(), whose);
}
