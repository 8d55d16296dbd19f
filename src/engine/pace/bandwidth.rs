//! The bandwidth limit that all bodies share, as it holds at this minute.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::bucket::Bucket;
use crate::engine::clock::{Clock, local_minute_of_day};
use crate::model::BandwidthPlan;
use crate::s3::Allowance;

/// Bytes a second for all uploads together. Clones share everything.
#[derive(Clone, Debug)]
pub(crate) struct Bandwidth(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    bucket: Bucket,
    plan: BandwidthPlan,
    /// For this run, before the plan.
    this_run: Option<u64>,
}

impl Bandwidth {
    /// No limit.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner { clock, state: Mutex::default() }))
    }

    /// Takes the plan of the settings.
    pub(crate) fn set_plan(&self, plan: BandwidthPlan) {
        self.lock().plan = plan;
        self.apply();
    }

    /// A limit for this run; `None` gives the plan its say again.
    pub(crate) fn limit_this_run(&self, limit: Option<u64>) {
        self.lock().this_run = limit;
        self.apply();
    }

    /// Lets the limit of this minute hold; to be called now and then.
    pub(crate) fn apply(&self) {
        let now = self.0.clock.elapsed();
        let mut state = self.lock();
        let of_plan = if state.plan.hours.is_some() {
            state.plan.limit_at(local_minute_of_day(self.0.clock.now()))
        } else {
            state.plan.limit
        };
        let limit = state.this_run.or(of_plan);
        state.bucket.set_limit(limit, now);
    }

    /// Bytes a second as they hold now.
    pub(crate) fn limit(&self) -> Option<u64> {
        self.lock().bucket.limit()
    }

    /// Bytes that may leave now.
    pub(crate) fn take(&self, wanted: usize) -> Allowance {
        let now = self.0.clock.elapsed();
        let taken = self.lock().bucket.take(wanted, now);
        match taken {
            Ok(bytes) => Allowance::Now(bytes),
            Err(wait) => Allowance::Later(self.0.clock.sleep(wait)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
