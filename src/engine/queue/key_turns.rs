//! Uploads to one key take turns: two at once would leave the bytes of whichever ends last, and both would be told as
//! stored. The one that began, or whose intent to begin is written down, keeps the key until it has ended, also while it
//! waits to go on; the others wait beside their lanes, where they hold nobody up, without an intent. The first of them
//! has the key next and goes to the head of its lane.
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
use crate::model::{ObjectKey, TransferId};

/// Which uploads have a key to themselves, and which wait for it.
#[derive(Debug, Default)]
pub(super) struct KeyTurns {
    hashes: RandomState,
    /// By the hash of connection, bucket and key. Two of the same hash wait for each other, and no more comes of it.
    keys: HashMap<u64, Turn>,
    /// The key of each that has one or waits for one.
    key_of: BTreeMap<usize, u64>,
    /// Once a large upload has waited beside small ones.
    mixed: Option<Mixed>,
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
        if let Some(mixed) = self.key_turns.mixed.as_mut().filter(|_| lane == Lane::Large) {
            mixed.leave(position, key);
        }
        false
    }

    /// Of the small uploads to the key of a large one, or the other way round, the first that waits in its line and was
    /// to begin before it.
    fn earlier_in_other_lane(&self, lane: Lane, position: usize, key: u64) -> Option<usize> {
        let others = self.key_turns.mixed.as_ref()?.of_other_lane(lane, key).into_iter();
        let number = self.number(position);
        let is_earlier = |other: &usize| {
            let waits = self.records.get(*other).is_some_and(|record| record.state == State::Queued);
            waits && self.lane(*other) != lane && self.number(*other) < number && self.hash_of_key(*other) == Some(key)
        };
        others.filter(is_earlier).min_by_key(|other| self.number(*other))
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
    /// to go on.
    fn goes_before(&self, holder: usize, other: usize) -> bool {
        let is_queued = self.records.get(holder).is_some_and(|record| record.state == State::Queued);
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
        self.note_key(id, key);
        true
    }

    fn hash_of_key(&self, position: usize) -> Option<u64> {
        self.hash_of_key_as(position, &self.records.get(position)?.object_key(&self.names))
    }

    /// As if the transfer had this key.
    fn hash_of_key_as(&self, position: usize, key: &ObjectKey) -> Option<u64> {
        let record = self.records.get(position)?;
        let to = &self.batches.get(&record.batch)?.spec.to;
        Some(self.key_turns.hashes.hash_one((&to.connection, &to.bucket, key)))
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
mod tests {
    use std::collections::BTreeSet;

    use super::super::tests::{add_batch, file};
    use super::super::{Ended, Places, Queue};
    use crate::model::{
        Failure, FailureKind, Selection, TransferAction as A, TransferId, TransferKind, TransferState, Verified,
    };

    const LARGE: u64 = 100 * 1024 * 1024;

    /// Uploads in the order of the list: which key, and how large.
    fn queue_of(files: &[(usize, u64)]) -> (Queue, Vec<TransferId>) {
        let mut queue = Queue::default();
        let ids = push_all(&mut queue, files);
        (queue, ids)
    }

    fn push_all(queue: &mut Queue, files: &[(usize, u64)]) -> Vec<TransferId> {
        let batch = add_batch(queue, TransferKind::Upload);
        files.iter().map(|(key, size)| queue.push(batch, file(*key, *size)).unwrap()).collect()
    }

    /// What starts now, as numbers of the list.
    fn starts(queue: &mut Queue, ids: &[TransferId]) -> Vec<usize> {
        let jobs = std::iter::from_fn(|| queue.next_ready(&Places::files(1000)));
        jobs.map(|job| ids.iter().position(|id| *id == job.id).unwrap()).collect()
    }

    /// What starts now of at most so many at a time.
    fn starts_with(queue: &mut Queue, ids: &[TransferId], files: usize) -> Vec<usize> {
        let jobs = std::iter::from_fn(|| queue.next_ready(&Places::files(files)));
        jobs.map(|job| ids.iter().position(|id| *id == job.id).unwrap()).collect()
    }

    fn done() -> Ended {
        Ended::Done(Verified::Accepted)
    }

    #[test]
    fn of_one_key_one_runs_at_a_time_in_the_order_of_the_queue() {
        for size in [1, LARGE] {
            let (mut queue, ids) = queue_of(&[(0, size), (0, size), (1, size), (0, size), (2, size)]);
            // The others are not held up.
            assert_eq!(starts(&mut queue, &ids), [0, 2, 4]);
            queue.end(ids[2], done());
            assert_eq!(starts(&mut queue, &ids), Vec::<usize>::new());
            queue.end(ids[0], done());
            assert_eq!(starts(&mut queue, &ids), [1]);
            queue.end(ids[1], done());
            assert_eq!(starts(&mut queue, &ids), [3]);
        }
    }

    #[test]
    fn a_large_one_and_a_small_one_take_turns_too() {
        let (mut queue, ids) = queue_of(&[(0, LARGE), (0, 1)]);
        assert_eq!(starts(&mut queue, &ids), [0]);
        queue.end(ids[0], done());
        assert_eq!(starts(&mut queue, &ids), [1]);
    }

    #[test]
    fn a_large_one_and_a_small_one_that_both_wait_begin_in_the_order_of_the_queue() {
        // Either lane may be the first to come to the key.
        for (first, second) in [(LARGE, 1), (1, LARGE)] {
            for ahead in [first, second] {
                let (mut queue, ids) = queue_of(&[(9, ahead), (0, first), (0, second), (0, first), (1, second)]);
                let mut order = Vec::new();
                loop {
                    // One at a time, and of several lanes.
                    let started = starts_with(&mut queue, &ids, 2);
                    if started.is_empty() {
                        break;
                    }
                    for at in started {
                        order.push(at);
                        queue.end(ids[at], done());
                    }
                }
                let of_the_key: Vec<usize> = order.iter().copied().filter(|at| (1..=3).contains(at)).collect();
                assert_eq!(of_the_key, [1, 2, 3], "{first}, {second}, {ahead}: {order:?}");
                assert_eq!(order.len(), 5);
                assert!(queue.key_turns.keys.is_empty() && queue.key_turns.key_of.is_empty());
            }
        }
    }

    #[test]
    fn what_waits_for_an_earlier_one_of_the_other_kind_goes_on_without_it() {
        for action in [A::Pause, A::Cancel, A::Last] {
            let mut queue = Queue::journalled();
            // Without its intent the small one cannot begin yet.
            let ids = push_all(&mut queue, &[(0, 1), (0, LARGE)]);
            assert_eq!(starts(&mut queue, &ids), Vec::<usize>::new(), "the large one waits for the small one");
            queue.act(&Selection::One(ids[0]), action);
            assert_eq!(starts(&mut queue, &ids), [1], "{action:?}");
        }
        let mut queue = Queue::journalled();
        let ids = push_all(&mut queue, &[(0, 1), (0, LARGE)]);
        assert_eq!(starts(&mut queue, &ids), Vec::<usize>::new());
        queue.act(&Selection::One(ids[1]), A::First);
        assert_eq!(starts(&mut queue, &ids), [1], "the user gives another order");
    }

    #[test]
    fn downloads_wait_for_no_upload() {
        let (mut queue, mut ids) = queue_of(&[(0, 1)]);
        let downloads = add_batch(&mut queue, TransferKind::Download);
        ids.extend((0..2).map(|_| queue.push(downloads, file(0, 1)).unwrap()));
        assert_eq!(starts(&mut queue, &ids), [0, 1, 2]);
    }

    #[test]
    fn whatever_ends_an_upload_lets_the_next_one_begin() {
        let failed = || Ended::Failed(Failure::new(FailureKind::AccessDenied));
        for end in [done(), failed(), Ended::Conflict, Ended::Stopped] {
            let (mut queue, ids) = queue_of(&[(0, 1), (0, 1)]);
            assert_eq!(starts(&mut queue, &ids), [0]);
            if matches!(end, Ended::Stopped) {
                queue.act(&Selection::One(ids[0]), A::Pause);
                assert_eq!(starts(&mut queue, &ids), Vec::<usize>::new(), "it has not stopped yet");
            }
            queue.end(ids[0], end);
            assert_eq!(starts(&mut queue, &ids), [1]);
            queue.end(ids[1], done());
        }
    }

    #[test]
    fn one_that_has_to_go_on_keeps_its_turn() {
        let (mut queue, ids) = queue_of(&[(0, 1), (0, 1), (1, 1)]);
        assert_eq!(starts(&mut queue, &ids), [0, 2]);
        queue.put_back(super::super::PutBack::All);
        queue.end(ids[2], Ended::Stopped);
        queue.end(ids[0], Ended::Stopped);
        assert_eq!(starts(&mut queue, &ids), [0, 2]);
        // Unless the user gives another order.
        queue.put_back(super::super::PutBack::All);
        queue.end(ids[0], Ended::Stopped);
        queue.act(&Selection::One(ids[1]), A::First);
        assert_eq!(starts(&mut queue, &ids), [1]);
        queue.end(ids[1], done());
        assert_eq!(starts(&mut queue, &ids), [0]);
    }

    #[test]
    fn one_that_goes_on_under_another_name_gives_its_first_one_up() {
        let (mut queue, ids) = queue_of(&[(0, 1), (0, 1), (7, 1)]);
        assert_eq!(starts(&mut queue, &ids), [0, 2]);
        queue.note_key(ids[0], &crate::model::ObjectKey::new("to/f0 (2)"));
        queue.put_back(super::super::PutBack::All);
        queue.end(ids[0], Ended::Stopped);
        assert_eq!(starts(&mut queue, &ids), [0, 1]);
    }

    #[test]
    fn a_name_that_another_one_has_is_not_given_and_its_first_one_is_free_once_it_goes_on() {
        let (mut queue, ids) = queue_of(&[(0, 1), (7, 1), (0, 1), (8, 1)]);
        assert_eq!(starts(&mut queue, &ids), [0, 1, 3]);
        // The name of one that runs, also while it stops and has to go on.
        let of_running = crate::model::ObjectKey::new("to/f7");
        assert!(!queue.take_name(ids[0], &of_running));
        queue.put_back(super::super::PutBack::All);
        queue.end(ids[1], Ended::Stopped);
        assert!(!queue.take_name(ids[0], &of_running));
        assert_eq!(starts(&mut queue, &ids), [1]);
        queue.end(ids[1], done());
        assert!(queue.take_name(ids[0], &of_running));
        // Nobody else gets it, and what waited for the first one begins.
        assert!(!queue.take_name(ids[3], &of_running));
        assert_eq!(starts(&mut queue, &ids), [2]);
        for id in [ids[0], ids[2], ids[3]] {
            queue.end(id, done());
        }
        assert!(queue.key_turns.keys.is_empty() && queue.key_turns.key_of.is_empty(), "{:?}", queue.key_turns);
    }

    #[test]
    fn one_that_has_to_go_on_and_is_moved_or_cancelled_keeps_nobody() {
        for action in [A::Last, A::Pause, A::Cancel] {
            let (mut queue, ids) = queue_of(&[(0, 1), (0, 1)]);
            assert_eq!(starts(&mut queue, &ids), [0]);
            queue.put_back(super::super::PutBack::All);
            queue.end(ids[0], Ended::Stopped);
            // It waits, the other one was laid aside before.
            queue.act(&Selection::One(ids[0]), action);
            assert_eq!(starts(&mut queue, &ids), [1], "{action:?}");
        }
    }

    #[test]
    fn what_waits_for_a_key_can_be_paused_cancelled_and_moved() {
        let (mut queue, ids) = queue_of(&[(0, 1), (0, 1), (0, 1), (0, 1)]);
        assert_eq!(starts(&mut queue, &ids), [0]);
        queue.act(&Selection::One(ids[1]), A::Pause);
        queue.act(&Selection::One(ids[3]), A::First);
        queue.act(&Selection::One(ids[1]), A::Resume);
        queue.act(&Selection::One(ids[2]), A::Cancel);
        assert_eq!(starts(&mut queue, &ids), Vec::<usize>::new());
        queue.end(ids[0], done());
        assert_eq!(starts(&mut queue, &ids), [3]);
        queue.end(ids[3], done());
        assert_eq!(starts(&mut queue, &ids), [1]);
        queue.end(ids[1], done());
        assert!(matches!(queue.shown(ids[2]).unwrap().row.state, TransferState::Cancelled));
        assert!(queue.key_turns.keys.is_empty() && queue.key_turns.key_of.is_empty(), "{:?}", queue.key_turns);
    }

    /// The intents that are durable now, as numbers of the list.
    fn write_intents(queue: &mut Queue, ids: &[TransferId]) -> Vec<usize> {
        let mut written = Vec::new();
        while let Some(block) = queue.next_intents(&BTreeSet::new()) {
            assert!(queue.intents_durable(block[0]));
            written.extend(block.iter().map(|id| ids.iter().position(|known| known == id).unwrap()));
        }
        written
    }

    #[test]
    fn what_waits_for_a_key_has_no_intent_and_leaves_room_for_those_of_others() {
        let mut queue = Queue::journalled();
        // More than are written down ahead.
        let mut ids = push_all(&mut queue, &[(0, 1); 600]);
        ids.extend(push_all(&mut queue, &[(1, 1)]));
        assert_eq!(write_intents(&mut queue, &ids), [0, 600]);
        assert_eq!(starts(&mut queue, &ids), [0, 600]);
        for n in 0..20 {
            queue.end(ids[n], done());
            queue.recorded(ids[n]);
            assert_eq!(starts(&mut queue, &ids), Vec::<usize>::new(), "its intent is not written down");
            assert_eq!(write_intents(&mut queue, &ids), [n + 1]);
            assert_eq!(starts(&mut queue, &ids), [n + 1]);
        }
        assert!(queue.take_void_intents().is_empty() && queue.void_intents().is_empty());
    }

    #[test]
    fn an_intent_is_void_once_another_upload_goes_first() {
        let mut queue = Queue::journalled();
        let ids = push_all(&mut queue, &[(0, 1), (0, 1), (1, 1)]);
        assert_eq!(write_intents(&mut queue, &ids), [0, 2]);
        queue.act(&Selection::One(ids[1]), A::First);
        assert_eq!(write_intents(&mut queue, &ids), [1]);
        assert_eq!(starts(&mut queue, &ids), [1, 2]);
        assert_eq!(queue.take_void_intents(), [ids[0]]);
        queue.end(ids[1], done());
        queue.recorded(ids[1]);
        assert_eq!(write_intents(&mut queue, &ids), [0]);
        assert_eq!(starts(&mut queue, &ids), [0]);
        assert!(queue.take_void_intents().is_empty() && queue.void_intents().is_empty());
    }
}
