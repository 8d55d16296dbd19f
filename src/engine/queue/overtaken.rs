//! What was dropped later is not overwritten by what was dropped before without asking. An upload whose stick is away,
//! whose connection is closed, whose bucket is not there, that was paused or has failed, or that an earlier run has left, holds no other up at its
//! key; once a later one was stored there, it asks before it takes that one's place, whatever rule it has. The journal
//! knows that as the answer "ask" to its conflict, which nobody gives.

use std::collections::{BTreeMap, BTreeSet};

use super::Queue;
use super::lanes::Lane;
use super::record::State;
use crate::model::{ConflictPolicy, ConnectionId, TransferId};

/// Of uploads that never had their key, at most so many are remembered: some tens of nanoseconds and bytes for each, in
/// one turn of the engine, when the user pauses all of a million or a start finds them. Beyond, one that was paused
/// before it began, or left by an earlier run, may take the place of a later one unasked, if its rule says so.
const MOST_NOT_BEGUN: usize = 100_000;

/// Uploads that let others to their keys go first, and have not ended well.
#[derive(Debug, Default)]
pub(super) struct Overtaken {
    /// By the hash of their key. Of what just waits in the line nothing is here.
    behind: BTreeSet<(u64, usize)>,
    key_of: BTreeMap<usize, u64>,
    /// A later one was stored since they ran or were asked about.
    marked: BTreeSet<usize>,
    /// Those that the journal does not know of.
    news: Vec<TransferId>,
}

impl Overtaken {
    /// It lets others go first.
    pub(super) fn step_back(&mut self, position: usize, key: u64) {
        self.forget(position);
        self.behind.insert((key, position));
        self.key_of.insert(position, key);
    }

    /// It has its key again, or does not need it any more.
    pub(super) fn forget(&mut self, position: usize) {
        if let Some(key) = self.key_of.remove(&position) {
            self.behind.remove(&(key, position));
        }
    }

    /// Whether one that never had its key is worth its few bytes.
    fn may_add_not_begun(&self, position: usize) -> bool {
        self.behind.len() < MOST_NOT_BEGUN && !self.key_of.contains_key(&position)
    }

    /// Whether a later one was stored since it ran or was asked about.
    pub(super) fn is_marked(&self, position: usize) -> bool {
        self.marked.contains(&position)
    }

    /// Those that were dropped before this one and wait for the same key.
    fn dropped_before(&self, position: usize, key: u64) -> Vec<usize> {
        self.behind.range((key, 0)..(key, position)).map(|(_key, earlier)| *earlier).collect()
    }

    /// All that let others go first.
    pub(super) fn positions(&self) -> impl Iterator<Item = usize> {
        self.key_of.keys().copied()
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.behind.is_empty() && self.key_of.is_empty()
    }
}

impl Queue {
    /// A batch is about to go through a connection; whether [`Queue::lead_to`] is to be told: it is the first one, or
    /// some could not go by the name that is right for them.
    pub(crate) fn meet(&mut self, connection: &ConnectionId) -> bool {
        self.key_turns.meet(connection)
    }

    /// Connections that batches have gone through, in the order in which they came.
    pub(crate) fn met(&self) -> &[ConnectionId] {
        self.key_turns.met()
    }

    /// Uploads that will ask, and whose journal does not know it; each is told once.
    pub(crate) fn take_overtaken(&mut self) -> Vec<TransferId> {
        std::mem::take(&mut self.overtaken.news)
    }

    /// Whether a later upload was stored in the place of one since that one ran, or was asked about: an answer that was
    /// given meanwhile was about another object.
    pub(crate) fn was_overtaken(&self, id: TransferId) -> bool {
        self.position(id).is_some_and(|position| self.overtaken.is_marked(position))
    }

    /// Whether a later upload may stand in its place: the answer for the rest of its batch was not about that.
    pub(crate) fn asks_by_itself(&self, id: TransferId) -> bool {
        let record = self.position(id).and_then(|position| self.records.get(position));
        record.is_some_and(|record| record.policy == Some(ConflictPolicy::Ask))
    }

    /// The question about it is of what stands there now.
    pub(super) fn is_asked_now(&mut self, position: usize) {
        self.overtaken.marked.remove(&position);
    }

    /// An upload was stored: whatever was dropped before it and goes to the same key asks.
    pub(super) fn mark_overtaken(&mut self, stored: usize) {
        let Some(key) = self.key_turns.held_by(stored) else { return };
        for position in self.overtaken.dropped_before(stored, key) {
            let Some(record) = self.records.get(position) else { continue };
            let rest =
                self.batches.get(&record.batch).map(|batch| batch.policy.unwrap_or(batch.spec.options.on_conflict));
            // The other rules leave a later one alone.
            if !matches!(record.policy.or(rest), Some(ConflictPolicy::Overwrite | ConflictPolicy::Ask)) {
                continue;
            }
            self.overtaken.marked.insert(position);
            let (id, is_news) = (record.id, record.policy != Some(ConflictPolicy::Ask));
            if let Some(record) = self.records.get_mut(position) {
                record.policy = Some(ConflictPolicy::Ask);
            }
            if is_news && self.is_kept(position) {
                self.overtaken.news.push(id);
            }
        }
    }

    /// It gave its key up in an earlier run.
    pub(super) fn note_restored_back(&mut self, position: usize) {
        if let Some(key) = self.hash_of_key(position) {
            self.overtaken.step_back(position, key);
        }
    }

    /// It waits outside the line for its key, which it never had: in an earlier run, or held before it began.
    pub(super) fn note_not_begun(&mut self, position: usize) {
        if self.lane(position) != Lane::Download
            && self.overtaken.may_add_not_begun(position)
            && let Some(key) = self.hash_of_key(position)
        {
            self.overtaken.step_back(position, key);
        }
    }

    /// It gives its key up, or its place in the line for it.
    pub(super) fn note_stepping_back(&mut self, position: usize) {
        let state = self.records.get(position).map(|record| &record.state);
        let state = if let Some(State::Recording(state)) = state { Some(&**state) } else { state };
        match state {
            Some(State::Paused | State::NeedsDecision | State::Failed(_) | State::Cancelled) => {
                if let Some(key) = self.key_turns.key_at(position) {
                    self.overtaken.step_back(position, key);
                } else if matches!(state, Some(State::Paused)) {
                    self.note_not_begun(position);
                }
            }
            Some(State::Done(_) | State::Skipped(_) | State::Forgotten) => {
                self.overtaken.forget(position);
                self.overtaken.marked.remove(&position);
            }
            _ => {}
        }
    }
}
