//! The order in which the Active tab shows transfers, which is that of their turns, and steps up and down in it.
//!
//! What was never moved stands in the order of the queue; the few that were moved stand between them by their numbers.

use super::ranks::Ranks;
use super::record::State;
use super::{Ask, Queue, tab_of};
use crate::model::{TransferId, TransferTab};

/// Rows looked at together for a neighbour that waits.
const STRIDE: usize = 64;

/// Where what was moved stands in the Active tab.
struct Moved {
    /// Number and position, in the order of the numbers.
    ranked: Vec<(i64, usize)>,
    /// The place of each of them in the tab, ascending.
    places: Vec<usize>,
    /// The places among the unmoved order that they have left, ascending.
    left: Vec<usize>,
}

impl Queue {
    fn moved(&self) -> Moved {
        let is_active = |position: usize| {
            self.records.get(position).is_some_and(|record| tab_of(&record.state) == Some(TransferTab::Active))
        };
        let mut ranked: Vec<(i64, usize)> = self.ranks.moved().filter(|(_, position)| is_active(*position)).collect();
        ranked.sort_unstable();
        let mut positions: Vec<usize> = ranked.iter().map(|(_, position)| *position).collect();
        positions.sort_unstable();
        let place_of = |(before, (rank, _)): (usize, &(i64, usize))| {
            let behind = self.records.partition_point(|record| Ranks::number(0, record.id) < *rank);
            let gone = positions.partition_point(|position| *position < behind);
            self.active.before(behind) - gone + before
        };
        let places = ranked.iter().enumerate().map(place_of).collect();
        let left = positions.iter().map(|position| self.active.before(*position)).collect();
        Moved { ranked, places, left }
    }

    /// Positions of what stands at these places of the Active tab.
    pub(super) fn turns(&self, places: std::ops::Range<usize>) -> Vec<usize> {
        let moved = self.moved();
        let at = |place: usize| match moved.places.binary_search(&place) {
            Ok(nth) => moved.ranked.get(nth).map(|(_, position)| *position),
            Err(before) => {
                let unmoved = place - before;
                let skipped = moved.left.iter().enumerate().take_while(|(n, left)| **left <= unmoved + n).count();
                self.active.kth(unmoved + skipped)
            }
        };
        places.filter_map(at).collect()
    }

    /// The place of an active transfer in its tab.
    fn place_of(&self, position: usize) -> usize {
        let moved = self.moved();
        if let Some(nth) = moved.ranked.iter().position(|(_, other)| *other == position) {
            return moved.places.get(nth).copied().unwrap_or_default();
        }
        let at = self.active.before(position);
        let unmoved = at - moved.left.partition_point(|left| *left < at);
        let number = self.records.get(position).map_or(0, |record| Ranks::number(0, record.id));
        unmoved + moved.ranked.partition_point(|(rank, _)| *rank < number)
    }

    fn waiting_id(&self, position: usize) -> Option<TransferId> {
        self.records.get(position).filter(|record| record.state == State::Queued).map(|record| record.id)
    }

    /// What waits right before this place.
    fn waits_before(&self, place: usize) -> Option<TransferId> {
        let mut end = place;
        while end > 0 {
            let start = end.saturating_sub(STRIDE);
            let found = self.turns(start..end).into_iter().rev().find_map(|position| self.waiting_id(position));
            if found.is_some() {
                return found;
            }
            end = start;
        }
        None
    }

    /// What waits after this place, the nearest first; so many of them.
    fn waits_after(&self, place: usize, count: usize) -> Vec<TransferId> {
        let (mut found, mut start) = (Vec::new(), place + 1);
        while start < self.active.len() && found.len() < count {
            let end = (start + STRIDE).min(self.active.len());
            found.extend(self.turns(start..end).into_iter().filter_map(|position| self.waiting_id(position)));
            start = end;
        }
        found.truncate(count);
        found
    }

    /// One step towards the head of what waits.
    pub(super) fn sooner(&mut self, position: usize, asks: &mut Vec<Ask>) {
        if let Some(id) = self.waiting_id(position)
            && let Some(before) = self.waits_before(self.place_of(position))
        {
            asks.extend(self.move_before(id, Some(before)));
        }
    }

    /// One step towards the end of what waits.
    pub(super) fn later(&mut self, position: usize, asks: &mut Vec<Ask>) {
        let Some(id) = self.waiting_id(position) else { return };
        let mut after = self.waits_after(self.place_of(position), 2).into_iter();
        if after.next().is_some() {
            asks.extend(self.move_before(id, after.next()));
        }
    }

    /// Behind everything that waits.
    pub(super) fn last(&mut self, position: usize, asks: &mut Vec<Ask>) {
        if let Some(id) = self.waiting_id(position) {
            asks.extend(self.move_before(id, None));
        }
    }

    /// The first that waits in the lane of this one with a higher number.
    pub(super) fn next_in_lane(&self, position: usize, rank: i64) -> Option<usize> {
        let lane = self.lane(position);
        let fits = |other: usize| other != position && self.waiting_id(other).is_some() && self.lane(other) == lane;
        let moved: Vec<(i64, usize)> = self.ranks.moved().collect();
        let first_moved = moved.iter().copied().filter(|(number, other)| *number > rank && fits(*other)).min();
        let behind = self.records.partition_point(|record| Ranks::number(0, record.id) <= rank);
        let is_moved = |other: usize| moved.iter().any(|(_, known)| *known == other);
        let first_unmoved = (behind..self.records.len()).find(|other| fits(*other) && !is_moved(*other));
        let numbered = |other: usize| {
            self.records.get(other).map_or((i64::MAX, other), |record| (Ranks::number(0, record.id), other))
        };
        first_moved.into_iter().chain(first_unmoved.map(numbered)).min().map(|(_, other)| other)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{add_batch, file};
    use super::super::{Places, Queue};
    use crate::model::{RowsWanted, Selection, TransferAction as A, TransferId, TransferKind, TransferTab};

    const LARGE: u64 = 100 * 1024 * 1024;

    fn queue_of(sizes: impl IntoIterator<Item = u64>) -> (Queue, Vec<TransferId>) {
        let mut queue = Queue::default();
        let batch = add_batch(&mut queue, TransferKind::Upload);
        let ids = sizes.into_iter().enumerate().map(|(n, size)| queue.push(batch, file(n, size)).unwrap()).collect();
        (queue, ids)
    }

    /// What the tab shows, as numbers of the files.
    fn shown(queue: &Queue, ids: &[TransferId], first_index: usize, count: usize) -> Vec<usize> {
        let rows = queue.rows(&RowsWanted { tab: TransferTab::Active, first_index, count });
        rows.iter().map(|row| ids.iter().position(|id| *id == row.id).unwrap()).collect()
    }

    fn runs(queue: &mut Queue, ids: &[TransferId]) -> Vec<usize> {
        let jobs = std::iter::from_fn(|| queue.next_ready(&Places::files(100)));
        jobs.map(|job| ids.iter().position(|id| *id == job.id).unwrap()).collect()
    }

    #[test]
    fn what_was_moved_is_shown_at_its_new_place() {
        let (mut queue, ids) = queue_of([1; 6]);
        queue.act(&Selection::One(ids[4]), A::First);
        queue.act(&Selection::One(ids[0]), A::Last);
        queue.move_before(ids[5], Some(ids[2]));
        let order = [4, 1, 5, 2, 3, 0];
        assert_eq!(shown(&queue, &ids, 0, 9), order);
        for first in 0..6 {
            assert_eq!(shown(&queue, &ids, first, 2), order[first..(first + 2).min(6)], "from {first}");
        }
        assert_eq!(runs(&mut queue, &ids), order);
    }

    #[test]
    fn steps_go_over_what_waits_and_stop_at_the_ends() {
        let (mut queue, ids) = queue_of([1; 5]);
        queue.act(&Selection::One(ids[1]), A::Pause);
        let mut step = |of: usize, action| {
            queue.act(&Selection::One(ids[of]), action);
            shown(&queue, &ids, 0, 9)
        };
        assert_eq!(step(0, A::Sooner), [0, 1, 2, 3, 4]);
        assert_eq!(step(2, A::Sooner), [2, 0, 1, 3, 4], "past what is paused");
        assert_eq!(step(2, A::Later), [0, 1, 2, 3, 4]);
        assert_eq!(step(3, A::Later), [0, 1, 2, 4, 3]);
        assert_eq!(step(3, A::Later), [0, 1, 2, 4, 3]);
        assert_eq!(step(1, A::Sooner), [0, 1, 2, 4, 3], "what is paused has no turn");
        assert_eq!(step(3, A::Sooner), [0, 1, 2, 3, 4]);
        assert_eq!(step(2, A::Last), [0, 1, 3, 4, 2]);
        queue.act(&Selection::One(ids[1]), A::Cancel);
        assert_eq!(runs(&mut queue, &ids), [0, 3, 4, 2]);
    }

    #[test]
    fn a_place_beside_another_kind_keeps_the_order_of_ones_own() {
        let (mut queue, ids) = queue_of([1, 1, LARGE, 1, LARGE, 1]);
        // Before the second large one: behind 3, before 5, and nowhere near the head.
        queue.move_before(ids[0], Some(ids[4]));
        assert_eq!(shown(&queue, &ids, 0, 9), [1, 2, 3, 0, 4, 5]);
        queue.move_before(ids[4], Some(ids[1]));
        assert_eq!(shown(&queue, &ids, 0, 9), [4, 1, 2, 3, 0, 5]);
        let order = runs(&mut queue, &ids);
        let of = |kind: &[usize]| -> Vec<usize> { order.iter().copied().filter(|n| kind.contains(n)).collect() };
        assert_eq!((of(&[0, 1, 3, 5]), of(&[2, 4])), (vec![1, 3, 0, 5], vec![4, 2]));
    }

    proptest::proptest! {
        #[test]
        fn the_tab_shows_what_a_plain_list_says(moves in proptest::collection::vec((0..12_usize, 0..14_usize), 0..30)) {
            let (mut queue, ids) = queue_of([1; 12]);
            let mut plain: Vec<usize> = (0..12).collect();
            for (which, before) in moves {
                if before == which {
                    continue;
                }
                plain.retain(|other| *other != which);
                let at = plain.iter().position(|other| *other == before).unwrap_or(plain.len());
                plain.insert(at, which);
                queue.move_before(ids[which], ids.get(before).copied());
            }
            proptest::prop_assert_eq!(shown(&queue, &ids, 0, 12), plain.clone());
            proptest::prop_assert_eq!(runs(&mut queue, &ids), plain);
        }
    }
}
