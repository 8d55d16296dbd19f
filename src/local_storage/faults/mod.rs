//! Faults on demand, for tests: which request goes wrong, and how; whole services that differ or are gone; a log of
//! what came in, and an ear for it.
//!
//! Without a plan in the configuration nothing of this runs.

mod events;
mod profile;
mod rule;
mod surroundings;

pub(super) use events::RequestEvents;
pub use events::{EventKind, Outage, WireEvent};
pub use profile::{Checksums, Conditions, Dialect, Etags, Profile, ServedNames};
pub use rule::{Action, Fault, Then};
pub(super) use surroundings::Surroundings;
pub use surroundings::{NewBuckets, PlannedCleaning, Restores};

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use events::Ears;
use tokio::sync::{Notify, watch};

use super::operation::Asked;
pub use super::operation::Signed;

/// Which requests fail, and everything that was asked. Shared between a test and the storage it started.
#[derive(Debug, Default)]
pub struct FaultPlan {
    state: Mutex<State>,
    changed: Notify,
    released: watch::Sender<u64>,
    outage: watch::Sender<Outage>,
    ears: Ears,
}

/// Names a rule of a plan, to take it away again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleId(u64);

#[derive(Debug, Default)]
struct State {
    faults: Vec<(RuleId, Fault)>,
    next_rule: u64,
    profile: Profile,
    surroundings: Surroundings,
    attempts: HashMap<Asked, u32>,
    log: Vec<RequestRecord>,
}

/// One request as it was seen. It is in the log from its arrival on; `end` says how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// S3 name of the operation.
    pub operation: &'static str,
    /// Bucket, where there is one.
    pub bucket: Option<String>,
    /// Key, where there is one.
    pub key: Option<String>,
    /// Part number, where there is one.
    pub part_number: Option<u32>,
    /// Where it carried its signature, if it had one.
    pub signed: Signed,
    /// How often the same request had come, this one included.
    pub attempt: u32,
    /// What the plan did to it.
    pub fault: Option<Action>,
    /// Bytes of the body that were read.
    pub request_bytes: u64,
    /// Bytes of the answer's body that were handed to the network.
    pub response_bytes: u64,
    /// How it ended.
    pub end: RequestEnd,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestEnd {
    /// Not yet.
    UnderWay,
    /// With an answer of this status.
    Answered(u16),
    /// The connection was closed without a (whole) answer, by either side.
    Closed,
}

impl FaultPlan {
    /// An empty plan: logs, disturbs nothing.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a rule, behind those that are there.
    pub fn add(&self, fault: Fault) -> RuleId {
        let mut state = self.lock();
        let id = RuleId(state.next_rule);
        state.next_rule += 1;
        state.faults.push((id, fault));
        id
    }

    /// Takes one rule away; that it is gone already does no harm.
    pub fn remove(&self, rule: RuleId) {
        self.lock().faults.retain(|(id, _)| *id != rule);
    }

    /// From now on the service has these manners.
    pub fn set_profile(&self, profile: Profile) {
        self.lock().profile = profile;
    }

    /// Begins or ends an outage. Whoever wants it for a time ends it after that time.
    pub fn set_outage(&self, outage: Outage) {
        self.outage.send_replace(outage);
    }

    /// An outage for so long, from now on; returns when it is over.
    pub async fn outage_for(&self, outage: Outage, time: std::time::Duration) {
        self.set_outage(outage);
        tokio::time::sleep(time).await;
        self.set_outage(Outage::None);
    }

    /// Calls back at each event on the wire, from the thread that serves the request, which waits meanwhile. The
    /// callback may block or end the process, but must not call the plan back.
    pub fn on_event(&self, callback: impl Fn(&WireEvent) + Send + Sync + 'static) {
        self.ears.set(Arc::new(callback));
    }

    /// Removes all rules; the log stays.
    pub fn clear(&self) {
        self.lock().faults.clear();
    }

    /// Lets every request go on that is held now by [`Action::Hold`]. One that comes later waits for the next call;
    /// remove its rule first if it shall not.
    pub fn release(&self) {
        self.released.send_modify(|count| *count += 1);
    }

    /// Everything that was asked so far, in order of arrival.
    pub fn log(&self) -> Vec<RequestRecord> {
        self.lock().log.clone()
    }

    /// Forgets the log and the counts of attempts.
    pub fn clear_log(&self) {
        let mut state = self.lock();
        state.log.clear();
        state.attempts.clear();
    }

    /// How many requests of an operation have come.
    pub fn count(&self, operation: &str) -> usize {
        self.lock().log.iter().filter(|record| record.operation == operation).count()
    }

    /// Waits until the log fulfils a condition. There is no time limit: put one around it.
    pub async fn wait_until(&self, mut condition: impl FnMut(&[RequestRecord]) -> bool) {
        loop {
            let changed = self.changed.notified();
            if condition(&self.lock().log) {
                return;
            }
            changed.await;
        }
    }

    pub(super) fn profile(&self) -> Profile {
        self.lock().profile
    }

    pub(super) fn outages(&self) -> watch::Receiver<Outage> {
        self.outage.subscribe()
    }

    /// Notes a request and finds out what shall happen to it.
    pub(super) fn begin(self: &Arc<Self>, asked: Asked) -> (Option<Action>, Ticket) {
        let released = self.released.subscribe();
        let mut state = self.lock();
        let seen = state.attempts.entry(asked.clone()).or_default();
        *seen += 1;
        let attempt = *seen;
        let acting = state.faults.iter_mut().find_map(|(_, fault)| fault.acts(&asked, attempt).then_some(fault));
        let fault = acting.map(|fault| fault.action.clone());
        let event = WireEvent::arrival(&asked, attempt);
        let Asked { operation, bucket, key, part_number, signed } = asked;
        state.log.push(RequestRecord {
            operation,
            bucket,
            key,
            part_number,
            signed,
            attempt,
            fault: fault.clone(),
            request_bytes: 0,
            response_bytes: 0,
            end: RequestEnd::UnderWay,
        });
        let at = state.log.len() - 1;
        drop(state);
        self.changed.notify_waiters();
        let events = self.ears.of(event);
        events.tell(EventKind::Arrived);
        (
            fault,
            Ticket {
                plan: Arc::clone(self),
                at,
                events,
                released,
                end: RequestEnd::Closed,
                request_bytes: 0,
                response_bytes: 0,
            },
        )
    }
}

/// Writes down how a request ended when it is dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    plan: Arc<FaultPlan>,
    at: usize,
    /// Tells what happens to this request.
    pub(super) events: RequestEvents,
    released: watch::Receiver<u64>,
    pub end: RequestEnd,
    pub request_bytes: u64,
    pub response_bytes: u64,
}

impl Ticket {
    /// Waits for the first [`FaultPlan::release`] since the request came.
    pub(super) async fn release(&mut self) {
        self.released.changed().await.ok(); // the plan is gone: nobody will release
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(record) = self.plan.lock().log.get_mut(self.at) {
            record.end = self.end;
            record.request_bytes = self.request_bytes;
            record.response_bytes = self.response_bytes;
        }
        self.plan.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(key: &str) -> Asked {
        let (bucket, key) = (Some("b".into()), Some(key.into()));
        Asked { operation: "PutObject", bucket, key, part_number: None, signed: Signed::Header }
    }

    #[test]
    fn a_fraction_is_the_same_for_the_same_seed() {
        let hits = |seed| {
            let plan = FaultPlan::new();
            plan.add(Fault::anywhere(Action::error(500, "InternalError")).per_mille(100, seed));
            (0..2000).map(|n| plan.begin(asked(&n.to_string())).0.is_some()).collect::<Vec<_>>()
        };
        assert_eq!(hits(7), hits(7));
        assert_ne!(hits(7), hits(8));
        let count = hits(7).iter().filter(|hit| **hit).count();
        assert!((150..=250).contains(&count), "{count}");
    }

    #[test]
    fn rules_pass_some_and_can_be_taken_away() {
        let plan = FaultPlan::new();
        let rule = plan.add(Fault::on_writes(Action::error(400, "ExpiredToken")).after(2));
        let hit = |key: &str| plan.begin(asked(key)).0.is_some();
        assert_eq!([hit("a"), hit("b"), hit("c"), hit("d")], [false, false, true, true]);
        plan.remove(rule);
        assert!(!hit("e"));
    }

    #[test]
    fn rules_count_attempts_of_the_same_request() {
        let plan = FaultPlan::new();
        plan.add(Fault::on("PutObject", Action::CloseAfter).attempt(2));
        plan.add(Fault::on("PutObject", Action::error(503, "SlowDown")).key("x").times(1));
        assert_eq!(plan.begin(asked("a")).0, None);
        assert_eq!(plan.begin(asked("x")).0, Some(Action::error(503, "SlowDown")));
        assert_eq!(plan.begin(asked("a")).0, Some(Action::CloseAfter));
        assert_eq!(plan.begin(asked("a")).0, None);
        assert_eq!(plan.begin(asked("x")).0, Some(Action::CloseAfter));
        assert_eq!(plan.begin(asked("x")).0, None);
        assert_eq!(plan.count("PutObject"), 6);
        assert!(plan.log().iter().all(|record| record.end == RequestEnd::Closed));
    }
}
