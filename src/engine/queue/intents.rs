//! Intents: a small upload may start only once the journal durably says that it is about to. They are written down
//! in blocks ahead of their turn, so that no request ever waits for the disk.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::lanes::Lane;
use super::record::{Past, State};
use super::{Keeping, Queue};
use crate::model::{ConnectionId, TransferId};

/// Most intents of one block.
const BLOCK: usize = 512;
/// The next block is written down while fewer than so many are ready.
const LOW: usize = 256;

/// Which small uploads wait for their intent, which have it.
#[derive(Debug, Default)]
pub(super) struct Intents {
    /// Not written down yet, in the order of their turn.
    backlog: VecDeque<usize>,
    /// Blocks on their way to the disk, by a transfer of each that names it.
    blocks: BTreeMap<TransferId, Block>,
    /// Durable: these stand in the lane of small uploads.
    ready: BTreeSet<usize>,
    /// Of connections that are closed, in the order of their turn.
    shelved: BTreeMap<ConnectionId, VecDeque<usize>>,
    /// On their way to the disk, to go to the head of the lane afterwards.
    urgent: BTreeSet<usize>,
    /// Durable, of uploads that wait for their key now: to be taken back. Whoever has the key may store the very bytes
    /// of theirs, and after a kill that would be taken for their own doing.
    void: Vec<usize>,
}

/// A block on its way to the disk.
#[derive(Debug, Default)]
struct Block {
    /// In the order of their turn; some may have been withdrawn.
    order: Vec<usize>,
    members: BTreeSet<usize>,
}

impl Block {
    /// What was not withdrawn, in the order of its turn.
    fn into_positions(self) -> impl Iterator<Item = usize> {
        let Self { order, members } = self;
        order.into_iter().filter(move |position| members.contains(position))
    }
}

/// Where in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    First,
    Last,
}

impl Intents {
    /// It does not wait for its turn any more.
    pub(super) fn withdraw(&mut self, position: usize) {
        self.ready.remove(&position);
        self.urgent.remove(&position);
        for block in self.blocks.values_mut() {
            block.members.remove(&position);
        }
    }

    /// It has waited for something else, and is the next to get its intent.
    pub(super) fn put_first(&mut self, position: usize) {
        self.backlog.push_front(position);
    }

    pub(super) fn is_ready(&self, position: usize) -> bool {
        self.ready.contains(&position)
    }

    /// It waits for its key now; an intent that it has is void.
    pub(super) fn lay_aside(&mut self, position: usize) {
        if self.ready.remove(&position) {
            self.void.push(position);
        }
    }

    fn is_known(&self, position: usize) -> bool {
        self.is_ready(position) || self.blocks.values().any(|block| block.members.contains(&position))
    }

    fn count_ahead(&self) -> usize {
        self.ready.len() + self.blocks.values().map(|block| block.members.len()).sum::<usize>()
    }

    /// What has an intent, or is about to.
    fn ahead(&self) -> impl Iterator<Item = usize> {
        self.ready.iter().chain(self.blocks.values().flat_map(|block| &block.members)).copied()
    }
}

impl Queue {
    /// Lets a queued transfer wait for its turn.
    pub(super) fn line_up(&mut self, position: usize, place: Place) {
        self.stop_waiting_for_key(position);
        let lane = self.lane(position);
        self.note_key_of_waiting(lane, position);
        let needs_intent = self.keeping == Keeping::Journal && lane == Lane::Small;
        if needs_intent && !self.intents.is_ready(position) {
            match place {
                Place::First => {
                    self.intents.urgent.insert(position);
                    self.intents.backlog.push_front(position);
                }
                Place::Last => {
                    self.intents.urgent.remove(&position);
                    self.intents.backlog.push_back(position);
                }
            }
            return;
        }
        match place {
            Place::First => self.lanes.wait_first(lane, position),
            Place::Last => self.lanes.wait(lane, position),
        }
    }

    /// Takes a transfer out of the line that it stands in.
    pub(super) fn leave_line(&mut self, lane: Lane, position: usize) {
        self.intents.backlog.retain(|known| *known != position);
        self.lanes.leave(lane, position);
    }

    /// Gives a transfer the place before another one; `false` if that one is not in the same line.
    pub(super) fn line_up_before(&mut self, lane: Lane, position: usize, before: usize) -> bool {
        let needs_intent = self.keeping == Keeping::Journal && lane == Lane::Small;
        if needs_intent && !self.intents.is_ready(position) {
            // Also one that was laid aside, and is in no line: in a lane it would be passed over without its intent.
            let backlog = &mut self.intents.backlog;
            if !backlog.contains(&before) {
                return false;
            }
            backlog.retain(|known| *known != position);
            let at = backlog.iter().position(|known| *known == before).unwrap_or(backlog.len());
            backlog.insert(at, position);
            // The head of the lane is for both or for none.
            if self.intents.urgent.contains(&before) {
                self.intents.urgent.insert(position);
            } else {
                self.intents.urgent.remove(&position);
            }
            return true;
        }
        if backlog_has(&self.intents, before) {
            self.lanes.leave(lane, position);
            self.lanes.wait(lane, position);
            return true;
        }
        self.lanes.wait_before(lane, position, before)
    }

    /// Whether a transfer at the head of a lane may run: it still waits, and the journal knows of it if it must.
    pub(super) fn may_start(&self, lane: Lane, position: usize) -> bool {
        let is_queued = self.records.get(position).is_some_and(|record| record.state == State::Queued);
        let needs_intent = self.keeping == Keeping::Journal && lane == Lane::Small;
        is_queued && (!needs_intent || self.intents.is_ready(position))
    }

    /// The next block of intents to be written down, if it is time; the first of them names the block, and no other that
    /// is on its way. Those of closed connections are passed over.
    pub(crate) fn next_intents(&mut self, closed: &BTreeSet<ConnectionId>) -> Option<Vec<TransferId>> {
        self.unshelve(closed);
        self.pass_by_closed(closed);
        let is_urgent = self.intents.backlog.front().is_some_and(|position| self.intents.urgent.contains(position));
        let is_open = |position: &usize| {
            let is_connection_open = closed.is_empty()
                || self.connection_at(*position).is_none_or(|connection| !closed.contains(&connection));
            is_connection_open && !self.goes_to_closed_bucket(*position)
        };
        // With every turn of the engine: no walk through them while all connections are open.
        let all_open = closed.is_empty() && self.closed_buckets.is_empty();
        let count = if all_open { self.intents.count_ahead() } else { self.intents.ahead().filter(is_open).count() };
        let is_enough = count >= LOW;
        if self.intents.backlog.is_empty() || is_enough && !is_urgent {
            return None;
        }
        let (mut ids, mut block) = (Vec::new(), Block::default());
        while ids.len() < BLOCK
            && let Some(position) = self.intents.backlog.pop_front()
        {
            // Each that was freed brings itself, not a block of others: what has an intent is in doubt after a kill.
            if is_enough && !self.intents.urgent.contains(&position) {
                self.intents.backlog.push_front(position);
                break;
            }
            let record = self.records.get(position).filter(|record| record.state == State::Queued);
            let Some(id) = record.map(|record| record.id).filter(|_| !self.intents.is_known(position)) else {
                continue;
            };
            if let Some(closed) = self.connection_at(position).filter(|connection| closed.contains(connection)) {
                self.intents.shelved.entry(closed).or_default().push_back(position);
                self.note_shelved(position);
                continue;
            }
            if self.lay_aside_for_bucket(Lane::Small, position) {
                continue;
            }
            // No intent before its turn has come.
            if self.waits_for_key(Lane::Small, position) {
                continue;
            }
            // Paused and resumed, it may stand in the backlog twice.
            if block.members.insert(position) {
                block.order.push(position);
                ids.push(id);
            }
        }
        // A transfer that was withdrawn from a block may still name that one.
        let Some(at) = ids.iter().position(|id| !self.intents.blocks.contains_key(id)) else {
            for position in block.order.into_iter().rev() {
                self.intents.backlog.push_front(position);
            }
            return None;
        };
        ids.swap(0, at);
        self.intents.blocks.insert(*ids.first()?, block);
        Some(ids)
    }

    /// Those of connections that are open again go first: they have waited longest.
    fn unshelve(&mut self, closed: &BTreeSet<ConnectionId>) {
        let open: Vec<_> = self.intents.shelved.keys().filter(|shelved| !closed.contains(*shelved)).cloned().collect();
        for connection in open {
            for position in self.intents.shelved.remove(&connection).unwrap_or_default().into_iter().rev() {
                self.intents.backlog.push_front(position);
            }
        }
    }

    /// The block that this transfer names is durable: its uploads may start. `false` if it names none.
    pub(crate) fn intents_durable(&mut self, first: TransferId) -> bool {
        let Some(block) = self.intents.blocks.remove(&first) else { return false };
        let mut urgent = Vec::new();
        for position in block.into_positions() {
            if !self.intents.ready.insert(position) {
                continue;
            }
            if self.intents.urgent.remove(&position) {
                urgent.push(position);
            } else {
                self.lanes.wait(Lane::Small, position);
            }
        }
        // Each goes to the head: from the last one on, so that their order stays.
        for position in urgent.into_iter().rev() {
            self.lanes.wait_first(Lane::Small, position);
        }
        true
    }

    /// Intents of uploads that have had to wait since; each is told once. Those that were in doubt before stay so.
    pub(crate) fn take_void_intents(&mut self) -> Vec<TransferId> {
        let void = std::mem::take(&mut self.intents.void);
        self.never_started(void)
    }

    /// Everything that has an intent and was never started, for the engine that ends: those intents are void. Those
    /// that were in doubt before stay so.
    pub(crate) fn void_intents(&mut self) -> Vec<TransferId> {
        let Intents { blocks, ready, void, .. } = std::mem::take(&mut self.intents);
        self.never_started(blocks.into_values().flat_map(Block::into_positions).chain(ready).chain(void))
    }

    fn never_started(&self, positions: impl IntoIterator<Item = usize>) -> Vec<TransferId> {
        let records = positions.into_iter().filter_map(|position| self.records.get(position));
        records.filter(|record| record.past == Past::Clear).map(|record| record.id).collect()
    }
}

fn backlog_has(intents: &Intents, position: usize) -> bool {
    intents.backlog.contains(&position)
}
