//! Files whose stick or share is away: they are put aside, the queue goes on with others, and now and then one of them is
//! tried. Once that works, all go on.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use super::actor::{Actor, Flow, Sleep};
use crate::model::{Failure, Selection, TransferAction, TransferId};

/// Between two tries.
const TRY_EVERY: Duration = Duration::from_secs(5);

/// What was put aside. A restart tries all of them anew, so nothing of it is written down.
#[derive(Debug, Default)]
pub(super) struct Away {
    /// Held like what the user has paused; the next one to be tried is first.
    aside: VecDeque<TransferId>,
    known: BTreeSet<TransferId>,
    /// The one that is tried.
    tried: Option<TransferId>,
    pub(super) timer: Option<Sleep>,
}

impl Away {
    /// Whether a transfer stands still because its source is away.
    pub(super) fn has(&self, id: TransferId) -> bool {
        self.known.contains(&id)
    }
}

impl Actor {
    /// The source of a running transfer is away: it is put aside when its owner has ended. Told for the first one.
    pub(super) fn put_aside(&mut self, id: TransferId, failure: &Failure) {
        if self.away.aside.is_empty() && self.away.tried.is_none() {
            self.tools.sink.notice_failure(failure.clone());
        }
        if self.away.tried == Some(id) {
            self.away.tried = None;
        }
        if self.away.known.insert(id) {
            self.away.aside.push_back(id);
        }
        self.queue.put_aside(id);
        self.plan_try();
    }

    fn plan_try(&mut self) {
        if self.away.timer.is_none() && !self.away.aside.is_empty() {
            let at = self.tools.clock.elapsed() + TRY_EVERY;
            self.away.timer = Some(Sleep::until(&*self.tools.clock, at));
        }
    }

    /// Time to try one of them.
    pub(super) fn try_source(&mut self) -> Flow {
        while self.away.tried.is_none()
            && let Some(id) = self.away.aside.pop_front()
        {
            self.away.known.remove(&id);
            if self.queue.is_paused(id) {
                self.away.tried = Some(id);
                self.act_on_one(id);
            }
        }
        self.plan_try();
        Flow::GoOn
    }

    /// A transfer's source can be read, or it has ended in a way that is not its source's: if it was the one that was
    /// tried, all others go on, too.
    pub(super) fn source_answers(&mut self, id: TransferId) {
        if self.away.tried != Some(id) {
            return;
        }
        self.away.tried = None;
        self.away.timer = None;
        self.away.known.clear();
        for id in std::mem::take(&mut self.away.aside) {
            if self.queue.is_paused(id) {
                self.act_on_one(id);
            }
        }
    }

    fn act_on_one(&mut self, id: TransferId) {
        let asks = self.queue.act(&Selection::One(id), TransferAction::Resume);
        self.carry_out(asks, None);
    }
}
