//! Intents: a small upload may start only once the journal durably says that it is about to. They are written down
//! in blocks ahead of their turn, so that no request ever waits for the disk.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::lanes::Lane;
use super::record::{Past, State};
use super::{Keeping, Queue};
use crate::model::TransferId;

/// Most intents of one block.
const BLOCK: usize = 512;
/// The next block is written down while fewer than so many are ready.
const LOW: usize = 256;

/// Which small uploads wait for their intent, which have it.
#[derive(Debug, Default)]
pub(super) struct Intents {
    /// Not written down yet, in the order of their turn.
    backlog: VecDeque<usize>,
    /// Blocks on their way to the disk, by the first transfer of each.
    blocks: BTreeMap<TransferId, BTreeSet<usize>>,
    /// Durable: these stand in the lane of small uploads.
    ready: BTreeSet<usize>,
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
        for block in self.blocks.values_mut() {
            block.remove(&position);
        }
    }

    pub(super) fn is_ready(&self, position: usize) -> bool {
        self.ready.contains(&position)
    }

    fn is_known(&self, position: usize) -> bool {
        self.is_ready(position) || self.blocks.values().any(|block| block.contains(&position))
    }

    fn ahead(&self) -> usize {
        self.ready.len() + self.blocks.values().map(BTreeSet::len).sum::<usize>()
    }
}

impl Queue {
    /// Lets a queued transfer wait for its turn.
    pub(super) fn line_up(&mut self, position: usize, place: Place) {
        let lane = self.lane(position);
        if self.keeping == Keeping::Journal && lane == Lane::Small {
            match place {
                Place::First => self.intents.backlog.push_front(position),
                Place::Last => self.intents.backlog.push_back(position),
            }
            return;
        }
        match place {
            Place::First => self.lanes.wait_first(lane, position),
            Place::Last => self.lanes.wait(lane, position),
        }
    }

    /// Whether a transfer at the head of a lane may run: it still waits, and the journal knows of it if it must.
    pub(super) fn may_start(&self, lane: Lane, position: usize) -> bool {
        let is_queued = self.records.get(position).is_some_and(|record| record.state == State::Queued);
        let needs_intent = self.keeping == Keeping::Journal && lane == Lane::Small;
        is_queued && (!needs_intent || self.intents.is_ready(position))
    }

    /// The next block of intents to be written down, if it is time; the first of them names the block.
    pub(crate) fn next_intents(&mut self) -> Option<Vec<TransferId>> {
        if self.intents.backlog.is_empty() || self.intents.ahead() >= LOW {
            return None;
        }
        let (mut ids, mut block) = (Vec::new(), BTreeSet::new());
        while ids.len() < BLOCK
            && let Some(position) = self.intents.backlog.pop_front()
        {
            let record = self.records.get(position).filter(|record| record.state == State::Queued);
            let Some(record) = record.filter(|_| !self.intents.is_known(position)) else { continue };
            // Paused and resumed, it may stand in the backlog twice.
            if block.insert(position) {
                ids.push(record.id);
            }
        }
        self.intents.blocks.insert(*ids.first()?, block);
        Some(ids)
    }

    /// The block that this transfer names is durable: its uploads may start. `false` if it names none.
    pub(crate) fn intents_durable(&mut self, first: TransferId) -> bool {
        let Some(block) = self.intents.blocks.remove(&first) else { return false };
        for position in block {
            if self.intents.ready.insert(position) {
                self.lanes.wait(Lane::Small, position);
            }
        }
        true
    }

    /// Everything that has an intent and was never started, for the engine that ends: those intents are void. Those
    /// that were in doubt before stay so.
    pub(crate) fn void_intents(&mut self) -> Vec<TransferId> {
        let Intents { backlog: _, blocks, ready } = std::mem::take(&mut self.intents);
        let records = blocks.into_values().flatten().chain(ready).filter_map(|position| self.records.get(position));
        records.filter(|record| record.past == Past::Clear).map(|record| record.id).collect()
    }
}
