//! Uploads to one key take turns: two at once would leave the bytes of whichever ends last, and both would be told as
//! stored. The one that began, or whose intent to begin is written down, keeps the key until it has ended, also while it
//! waits to go on; the others wait beside their lanes, where they hold nobody up, without an intent. The first of them
//! has the key next and goes to the head of its lane. Connections that lead to the same bucket share its keys; what waits
//! for one that is closed lets those of the others go first, and is told what that means (`overtaken.rs`).
//!
//! Only what runs or is about to, has to go on, or waits for such a key is remembered here: nothing of the million that
//! just waits, as long as all of them are small. Small and large uploads wait in lanes of their own; which of two comes
//! first at a key is told by [`Mixed`].

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher as _, RandomState};

use super::Queue;
use super::intents::Place;
use super::lanes::Lane;
use super::ranks::Ranks;
use super::record::State;
use super::twins::TwinNames;
use crate::model::{ConnectionId, ObjectKey, TransferId};

/// Which uploads have a key to themselves, and which wait for it.
#[derive(Debug, Default)]
pub(super) struct KeyTurns {
    hashes: RandomState,
    /// By the hash of connection, bucket and key; of connections that lead to the same buckets, by that of one of them.
    /// Two of the same hash wait for each other, and no more comes of it.
    keys: HashMap<u64, Turn>,
    /// The key of each that has one or waits for one.
    key_of: BTreeMap<usize, u64>,
    /// Once a large upload has waited beside small ones.
    mixed: Option<Mixed>,
    /// Connections that lead to the same buckets as another one, which stands for them.
    twins: BTreeMap<ConnectionId, ConnectionId>,
    twin_names: TwinNames,
    /// Those that uploads have come for, in that order.
    met: Vec<ConnectionId>,
    /// Connections through which nothing can be sent now; noted only while any of them has a twin.
    closed: BTreeSet<ConnectionId>,
}

/// Which keys small and large uploads in the lines go to, so that one whose turn has come in its own lane finds those of
/// the other lane that come before it. A few bytes of each key's hash: what looks the same is compared.
#[derive(Debug, Default)]
struct Mixed {
    /// Of small uploads, by position; [`NOT_SMALL`] for others. What has left the line meanwhile is told by its record.
    small: Vec<u32>,
    /// Of large ones.
    large: HashMap<u32, BTreeSet<usize>>,
}

/// Stands where there is no small upload.
const NOT_SMALL: u32 = 0;

/// A part of a key's hash that is never [`NOT_SMALL`].
fn short(key: u64) -> u32 {
    u32::try_from(key & u64::from(u32::MAX)).unwrap_or_default() | 1
}

impl Mixed {
    fn note(&mut self, lane: Lane, position: usize, key: u64) {
        let is_small = lane == Lane::Small;
        if self.small.len() <= position && is_small {
            self.small.resize(position + 1, NOT_SMALL);
        }
        if let Some(small) = self.small.get_mut(position) {
            *small = if is_small { short(key) } else { NOT_SMALL };
        }
        if is_small {
            self.leave(position, key);
        } else {
            self.large.entry(short(key)).or_default().insert(position);
        }
    }

    /// A large one is in no line any more.
    fn leave(&mut self, position: usize, key: u64) {
        if let Some(same) = self.large.get_mut(&short(key)) {
            same.remove(&position);
            if same.is_empty() {
                self.large.remove(&short(key));
            }
        }
    }

    /// Those of the other lane that may go to the same key.
    fn of_other_lane(&self, lane: Lane, key: u64) -> Vec<usize> {
        let short = short(key);
        match lane {
            Lane::Small => self.large.get(&short).into_iter().flatten().copied().collect(),
            // One reading of four bytes for each upload, for each large one that begins.
            Lane::Large => (0..).zip(&self.small).filter(|(_, known)| **known == short).map(|(at, _)| at).collect(),
            Lane::Download => Vec::new(),
        }
    }
}

#[derive(Debug)]
struct Turn {
    holder: usize,
    waiting: BTreeSet<usize>,
}

impl KeyTurns {
    pub(super) fn set_twins(&mut self, twins: BTreeMap<ConnectionId, ConnectionId>, names: TwinNames) {
        (self.twins, self.twin_names) = (twins, names);
        if self.twins.is_empty() {
            // Nobody notes any more which of them open again.
            self.closed.clear();
        }
    }

    /// Whose name its keys have.
    pub(super) fn name<'a>(&'a self, connection: &'a ConnectionId) -> &'a ConnectionId {
        self.twins.get(connection).unwrap_or(connection)
    }

    /// `false` if transfers have come for it before, and its name is the right one.
    pub(super) fn meet(&mut self, connection: &ConnectionId) -> bool {
        let is_new = !self.met.contains(connection);
        if is_new {
            self.met.push(connection.clone());
        }
        is_new || self.twin_names == TwinNames::Kept
    }

    pub(super) fn met(&self) -> &[ConnectionId] {
        &self.met
    }

    /// The key that it has.
    pub(super) fn held_by(&self, position: usize) -> Option<u64> {
        self.key_at(position).filter(|key| self.holder(*key) == Some(position))
    }

    /// The key that it has or waits for.
    pub(super) fn key_at(&self, position: usize) -> Option<u64> {
        self.key_of.get(&position).copied()
    }

    /// Forgets all transfers; only for a queue without records.
    pub(super) fn clear(&mut self) {
        let (twins, met) = (std::mem::take(&mut self.twins), std::mem::take(&mut self.met));
        *self = Self { twins, met, twin_names: self.twin_names, ..Self::default() };
    }

    /// Who has it to itself.
    fn holder(&self, key: u64) -> Option<usize> {
        self.keys.get(&key).map(|turn| turn.holder)
    }

    /// It is this one's from now on; whoever waits goes on waiting.
    fn take(&mut self, position: usize, key: u64) {
        let turn = self.keys.entry(key).or_insert_with(|| Turn { holder: position, waiting: BTreeSet::new() });
        turn.waiting.remove(&position);
        let before = std::mem::replace(&mut turn.holder, position);
        if before != position {
            self.key_of.remove(&before);
        }
        self.key_of.insert(position, key);
    }

    fn wait(&mut self, position: usize, key: u64) {
        if let Some(turn) = self.keys.get_mut(&key) {
            turn.waiting.insert(position);
            self.key_of.insert(position, key);
        }
    }

    /// Whether it waits for a key.
    fn waits(&self, position: usize) -> bool {
        let turn = self.key_of.get(&position).and_then(|key| self.keys.get(key));
        turn.is_some_and(|turn| turn.holder != position)
    }

    /// Those that wait for this one, if it has a key.
    fn behind(&self, position: usize) -> impl Iterator<Item = usize> {
        let turn = self.key_of.get(&position).and_then(|key| self.keys.get(key));
        turn.filter(|turn| turn.holder == position).into_iter().flat_map(|turn| &turn.waiting).copied()
    }

    /// It neither has a key nor waits for one any more; a key of its own is the next one's, or nobody's.
    fn leave(&mut self, position: usize, next: Option<usize>) {
        let Some(key) = self.key_of.remove(&position) else { return };
        let Some(turn) = self.keys.get_mut(&key) else { return };
        if turn.holder != position {
            turn.waiting.remove(&position);
        } else if let Some(next) = next {
            self.take(next, key);
        } else {
            self.keys.remove(&key);
        }
    }
}

impl Queue {
    /// Whether an upload at the head of its lane has to wait for another one to the same key; then it is laid aside. If
    /// not, the key is its own.
    pub(super) fn waits_for_key(&mut self, lane: Lane, position: usize) -> bool {
        if lane == Lane::Download {
            return false;
        }
        let Some(key) = self.hash_of_key(position) else { return false };
        if self.key_turns.key_of.get(&position).is_some_and(|before| *before != key) {
            // It got another name before it had to wait again.
            self.give_up_key(position);
        }
        let holder = self.key_turns.holder(key).filter(|holder| *holder != position);
        if holder.is_some_and(|holder| self.goes_before(holder, position)) {
            self.key_turns.wait(position, key);
            self.intents.lay_aside(position);
            return true;
        }
        if let Some(holder) = holder.filter(|holder| self.is_behind_closed(*holder)) {
            self.overtaken.step_back(holder, key);
        }
        // One that has begun and goes on keeps its turn.
        if self.key_turns.holder(key) != Some(position)
            && let Some(earlier) = self.earlier_in_other_lane(lane, position, key)
        {
            // That one has the key from now on, as if it had begun and had to go on.
            let was_aside = self.key_turns.waits(earlier);
            self.key_turns.take(earlier, key);
            if was_aside {
                // It waited for another one, in no line.
                self.line_up(earlier, Place::First);
            }
            self.key_turns.wait(position, key);
            self.intents.lay_aside(position);
            return true;
        }
        self.key_turns.take(position, key);
        self.overtaken.forget(position);
        if let Some(mixed) = self.key_turns.mixed.as_mut().filter(|_| lane == Lane::Large) {
            mixed.leave(position, key);
        }
        false
    }

    /// Of the small uploads to the key of a large one, or the other way round, the first that waits in its line and was
    /// to begin before it.
    fn earlier_in_other_lane(&mut self, lane: Lane, position: usize, key: u64) -> Option<usize> {
        let others = self.key_turns.mixed.as_ref()?.of_other_lane(lane, key).into_iter();
        let number = self.number(position);
        let is_earlier = |other: &usize| {
            let waits = self.records.get(*other).is_some_and(|record| record.state == State::Queued);
            waits && self.lane(*other) != lane && self.number(*other) < number && self.hash_of_key(*other) == Some(key)
        };
        let (closed, open): (Vec<usize>, Vec<usize>) =
            others.filter(is_earlier).partition(|other| self.is_behind_closed(*other));
        for other in closed {
            self.overtaken.step_back(other, key);
        }
        open.into_iter().min_by_key(|other| self.number(*other))
    }

    /// Whether it can only wait, while others to its key may go through another connection.
    fn is_behind_closed(&self, position: usize) -> bool {
        let is_closed = !self.key_turns.closed.is_empty()
            && self.connection_at(position).is_some_and(|connection| self.key_turns.closed.contains(&connection));
        is_closed || self.goes_to_closed_bucket(position)
    }

    /// Connections are closed: what waits for one of them keeps no key from uploads through another one that leads to
    /// the same bucket.
    pub(super) fn pass_by_closed(&mut self, closed: &BTreeSet<ConnectionId>) {
        if self.key_turns.twins.is_empty() {
            return;
        }
        if self.key_turns.closed != *closed {
            self.key_turns.closed.clone_from(closed);
        }
        if closed.is_empty() {
            return;
        }
        let turns = self.key_turns.keys.iter().filter(|(_, turn)| !turn.waiting.is_empty());
        let stuck: Vec<(u64, usize)> = turns.map(|(key, turn)| (*key, turn.holder)).collect();
        for (key, holder) in stuck {
            let waits = self.records.get(holder).is_some_and(|record| record.state == State::Queued);
            if !waits || !self.is_behind_closed(holder) {
                continue;
            }
            let open = self.key_turns.behind(holder).filter(|other| !self.is_behind_closed(*other));
            let Some(next) = open.min_by_key(|other| self.number(*other)) else { continue };
            self.overtaken.step_back(holder, key);
            self.key_turns.leave(holder, Some(next));
            self.line_up(next, Place::First);
        }
    }

    /// It is laid aside until its connection is open, or its bucket there; another one may lead to its key meanwhile.
    pub(super) fn note_shelved(&mut self, position: usize) {
        if self.key_turns.twins.is_empty() || self.lane(position) == Lane::Download {
            return;
        }
        if let Some(key) = self.hash_of_key(position) {
            self.overtaken.step_back(position, key);
        }
    }

    /// An upload waits in its lane: what is of the other kind finds it there.
    pub(super) fn note_key_of_waiting(&mut self, lane: Lane, position: usize) {
        if lane == Lane::Download || lane == Lane::Small && self.key_turns.mixed.is_none() {
            return;
        }
        if self.key_turns.mixed.is_none() {
            self.key_turns.mixed = Some(self.mixed_so_far());
        }
        let Some(key) = self.hash_of_key(position) else { return };
        if let Some(mixed) = &mut self.key_turns.mixed {
            mixed.note(lane, position, key);
        }
    }

    /// The small ones that are in the line already; until now no large one asked for them.
    fn mixed_so_far(&self) -> Mixed {
        let mut mixed = Mixed::default();
        let not_woken: BTreeSet<usize> = self.not_woken().collect();
        for (position, record) in self.records.iter().enumerate() {
            let waits = record.state == State::Queued && !not_woken.contains(&position);
            if waits
                && self.lane(position) == Lane::Small
                && let Some(key) = self.hash_of_key(position)
            {
                mixed.note(Lane::Small, position, key);
            }
        }
        mixed
    }

    /// Whether one that has a key keeps it from another: while it has an owner, and in the order of turns while it waits
    /// to go on, unless only the other one can.
    fn goes_before(&self, holder: usize, other: usize) -> bool {
        let is_queued = self.records.get(holder).is_some_and(|record| record.state == State::Queued);
        if is_queued && self.is_behind_closed(holder) && !self.is_behind_closed(other) {
            return false;
        }
        !is_queued || self.number(holder) < self.number(other)
    }

    /// A running upload goes on under another name, which is its own from now on; `false` if another one has that.
    pub(crate) fn take_name(&mut self, id: TransferId, key: &ObjectKey) -> bool {
        let Some(position) = self.position(id) else { return false };
        let Some(hash) = self.hash_of_key_as(position, key) else { return false };
        if self.key_turns.holder(hash).is_some_and(|holder| holder != position) {
            return false;
        }
        self.give_up_key(position);
        self.key_turns.take(position, hash);
        self.overtaken.forget(position);
        self.note_key(id, key);
        true
    }

    pub(super) fn hash_of_key(&self, position: usize) -> Option<u64> {
        self.hash_of_key_as(position, &self.records.get(position)?.object_key(&self.names))
    }

    /// As if the transfer had this key.
    fn hash_of_key_as(&self, position: usize, key: &ObjectKey) -> Option<u64> {
        let record = self.records.get(position)?;
        let to = &self.batches.get(&record.batch)?.spec.to;
        let connection = self.key_turns.name(&to.connection);
        Some(self.key_turns.hashes.hash_one((connection, &to.bucket, key)))
    }

    fn number(&self, position: usize) -> i64 {
        self.records.get(position).map_or(i64::MAX, |record| Ranks::number(self.ranks.given(position), record.id))
    }

    /// It got another place in the line: it waits there now.
    pub(super) fn stop_waiting_for_key(&mut self, position: usize) {
        if self.key_turns.waits(position) {
            self.key_turns.leave(position, None);
        }
    }

    /// Its turn at its key is over; of those that wait for that, the first has it now and goes to the head of its lane.
    pub(super) fn give_up_key(&mut self, position: usize) {
        let next = self.key_turns.behind(position).min_by_key(|waits| self.number(*waits));
        self.key_turns.leave(position, next);
        if let Some(next) = next {
            self.line_up(next, Place::First);
        }
    }
}

#[cfg(test)]
#[path = "key_turns_tests.rs"]
mod tests;
