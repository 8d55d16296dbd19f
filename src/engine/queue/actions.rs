//! What a user does to transfers: pause, resume, cancel, retry, forget, decide.

use super::intents::{Intents, Place};
use super::lanes::Lane;
use super::names::Names;
use super::overtaken::Overtaken;
use super::ranks::Ranks;
use super::record::{After, State};
use super::{Ask, Queue, Scan, StopReason, TabIndex};
use crate::model::{
    BatchId, ConflictPolicy, ConflictScope, Selection, SkipReason, TransferAction, TransferId, TransferKind,
};

impl Queue {
    /// Carries out an action on every transfer it fits; others are left alone.
    pub(crate) fn act(&mut self, selection: &Selection, action: TransferAction) -> Vec<Ask> {
        let mut asks = Vec::new();
        match selection {
            Selection::One(id) => {
                if let Some(position) = self.position(*id) {
                    self.act_on(position, action, &mut asks);
                    if action == TransferAction::Retry {
                        self.retry_cancelled(position, &mut asks);
                    }
                }
            }
            Selection::Batch(batch) => {
                for position in self.positions_for(action) {
                    if self.records.get(position).is_some_and(|record| record.batch == *batch) {
                        self.act_on(position, action, &mut asks);
                    }
                }
            }
            Selection::Connection(connection) => {
                for position in self.positions_for(action) {
                    let batch = self.records.get(position).map(|record| record.batch);
                    if batch.is_some_and(|batch| self.goes_through(batch, connection)) {
                        self.act_on(position, action, &mut asks);
                    }
                }
            }
            Selection::All => {
                for position in self.positions_for(action) {
                    self.act_on(position, action, &mut asks);
                }
            }
        }
        if matches!(action, TransferAction::Forget | TransferAction::ForgetFailed) {
            self.clear_if_empty();
        }
        asks
    }

    /// In queue order; from the end for what puts each at the head, so that the order stays.
    fn positions_for(&self, action: TransferAction) -> Box<dyn Iterator<Item = usize>> {
        let positions = 0..self.records.len();
        if action == TransferAction::First { Box::new(positions.rev()) } else { Box::new(positions) }
    }

    fn act_on(&mut self, position: usize, action: TransferAction, asks: &mut Vec<Ask>) {
        match action {
            TransferAction::Pause => self.pause(position, asks),
            TransferAction::Resume => self.resume(position, asks),
            TransferAction::Cancel => self.cancel(position, asks),
            TransferAction::Retry => self.retry(position, asks),
            TransferAction::Forget => self.forget_finished(position, asks),
            TransferAction::ForgetFailed => self.forget_failed(position, asks),
            TransferAction::First => self.first(position, asks),
            TransferAction::Sooner => self.sooner(position, asks),
            TransferAction::Later => self.later(position, asks),
            TransferAction::Last => self.last(position, asks),
        }
    }

    fn pause(&mut self, position: usize, asks: &mut Vec<Ask>) {
        let Some(record) = self.records.get(position) else { return };
        let id = record.id;
        match record.state {
            State::Queued => {
                self.set_state(position, State::Paused);
                self.note(position, Ask::NotePaused(id), asks);
            }
            State::Running(_) => {
                self.set_state(position, State::Stopping(After::Pause));
                asks.push(Ask::Stop(id, StopReason::Pause));
            }
            State::Stopping(After::Requeue) => self.set_state(position, State::Stopping(After::Pause)),
            _ => {}
        }
    }

    fn resume(&mut self, position: usize, asks: &mut Vec<Ask>) {
        let Some(record) = self.records.get(position) else { return };
        match record.state {
            State::Paused => self.requeue(position, asks),
            State::Stopping(After::Pause) => self.set_state(position, State::Stopping(After::Requeue)),
            _ => {}
        }
    }

    fn cancel(&mut self, position: usize, asks: &mut Vec<Ask>) {
        let Some(record) = self.records.get(position) else { return };
        let (id, batch) = (record.id, record.batch);
        match record.state {
            State::Queued | State::Paused | State::NeedsDecision => {
                if record.state == State::NeedsDecision {
                    asks.push(Ask::ConflictGone(id, batch));
                }
                self.finish(position, State::Cancelled);
                asks.push(Ask::DropKept(id));
                asks.push(Ask::Ended(id));
            }
            State::Running(_) | State::Stopping(After::Pause | After::Requeue) => {
                self.set_state(position, State::Stopping(After::Cancel));
                asks.push(Ask::Stop(id, StopReason::Cancel));
            }
            _ => {}
        }
    }

    fn retry(&mut self, position: usize, asks: &mut Vec<Ask>) {
        if matches!(self.records.get(position), Some(record) if matches!(record.state, State::Failed(_))) {
            self.requeue(position, asks);
        }
    }

    /// One that the user has cancelled goes on only when it is meant by itself: "retry" of many is for what failed.
    fn retry_cancelled(&mut self, position: usize, asks: &mut Vec<Ask>) {
        if self.records.get(position).is_some_and(|record| record.state == State::Cancelled) {
            self.requeue(position, asks);
        }
    }

    /// What has failed can be tried again, perhaps with what the server has of it: it is not finished.
    fn forget_finished(&mut self, position: usize, asks: &mut Vec<Ask>) {
        let state = self.records.get(position).map(|record| &record.state);
        if matches!(state, Some(State::Done(_) | State::Skipped(_) | State::Cancelled)) {
            self.forget(position, asks);
        }
    }

    fn forget_failed(&mut self, position: usize, asks: &mut Vec<Ask>) {
        if matches!(self.records.get(position).map(|record| &record.state), Some(State::Failed(_))) {
            self.forget(position, asks);
        }
    }

    fn forget(&mut self, position: usize, asks: &mut Vec<Ask>) {
        let Some(record) = self.records.get(position) else { return };
        let (id, batch) = (record.id, record.batch);
        self.set_state(position, State::Forgotten);
        asks.push(Ask::DropKept(id));
        self.note(position, Ask::NoteForgotten(id, batch), asks);
    }

    fn requeue(&mut self, position: usize, asks: &mut Vec<Ask>) {
        let Some((id, batch)) = self.records.get(position).map(|record| (record.id, record.batch)) else { return };
        self.set_state(position, State::Queued);
        if let Some(batch) = self.batches.get_mut(&batch).filter(|batch| batch.scan == Scan::Reported) {
            // Its end was told before this one was tried again: that will be told, too.
            batch.scan = Scan::Complete;
        }
        self.line_up(position, Place::Last);
        self.note(position, Ask::NoteQueued(id), asks);
    }

    /// Asks for a line in the journal, where there is one.
    pub(super) fn note(&self, position: usize, ask: Ask, asks: &mut Vec<Ask>) {
        if self.is_kept(position) {
            asks.push(ask);
        }
    }

    pub(super) fn lane(&self, position: usize) -> Lane {
        let Some(record) = self.records.get(position) else { return Lane::Small };
        let kind = self.batches.get(&record.batch).map_or(TransferKind::Upload, |batch| batch.spec.kind);
        Lane::of(kind, record.size_bytes)
    }

    /// The user's answer to a conflict. Everything it settles goes on at once, ahead of what waits.
    pub(crate) fn decide(&mut self, id: TransferId, policy: ConflictPolicy, scope: ConflictScope) -> Vec<Ask> {
        let mut asks = Vec::new();
        let Some(position) = self.position(id) else { return asks };
        let Some(batch) = self.records.get(position).map(|record| record.batch) else { return asks };
        if policy == ConflictPolicy::Ask {
            return asks;
        }
        self.decide_one(position, policy, &mut asks);
        if scope == ConflictScope::RestOfBatch {
            if let Some(batch) = self.batches.get_mut(&batch) {
                batch.policy = Some(policy);
            }
            for other in 0..self.records.len() {
                if other != position && self.records.get(other).is_some_and(|record| record.batch == batch) {
                    self.decide_one(other, policy, &mut asks);
                }
            }
        }
        asks
    }

    /// The rule that the user has set for the rest of a batch.
    pub(crate) fn rest_policy(&self, batch: BatchId) -> Option<ConflictPolicy> {
        self.batches.get(&batch)?.policy
    }

    fn decide_one(&mut self, position: usize, policy: ConflictPolicy, asks: &mut Vec<Ask>) {
        let Some(record) = self.records.get_mut(position).filter(|record| record.state == State::NeedsDecision) else {
            return;
        };
        let id = record.id;
        asks.push(Ask::ConflictGone(id, record.batch));
        if policy == ConflictPolicy::Skip {
            self.finish(position, State::Skipped(Box::new(SkipReason::Exists)));
            asks.push(Ask::DropKept(id));
            asks.push(Ask::Ended(id));
            return;
        }
        // The answer was about another object: it is asked about the one that stands there now.
        if policy != ConflictPolicy::Overwrite || !self.overtaken.is_marked(position) {
            record.policy = Some(policy);
        }
        self.set_state(position, State::Queued);
        self.line_up(position, Place::First);
    }

    /// Gives the memory of a list that is empty back.
    fn clear_if_empty(&mut self) {
        let is_empty = self.active.len() == 0 && self.done.len() == 0 && self.failed.len() == 0;
        if is_empty && self.lanes.running() == 0 {
            self.records = Vec::new();
            self.names = Names::default();
            self.active = TabIndex::default();
            self.done = TabIndex::default();
            self.failed = TabIndex::default();
            self.lanes.clear();
            self.intents = Intents::default();
            self.key_turns.clear();
            self.overtaken = Overtaken::default();
            self.closed_buckets.clear();
            self.restored = Vec::new();
            self.ranks = Ranks::default();
            self.batches.retain(|_, batch| batch.scan != Scan::Reported);
        }
    }
}
