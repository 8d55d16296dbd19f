//! The order that the user has given to waiting transfers, in numbers that outlive the run.
//!
//! Every transfer has a number; smaller ones go first. What was never moved has one by its id, with much room between
//! two of them; what was moved has its own, between those of its new neighbours. Only moved ones are remembered here.

use std::collections::BTreeMap;

use crate::model::TransferId;

/// Between two transfers that were never moved: room for 23 moves to the very same place, one after the other.
const GAP: i64 = 1 << 24;
/// What is moved to the end goes so far behind the last one, and stays before whatever comes new.
const STEP: i64 = 1 << 10;

/// Numbers of what was moved, by position in the queue.
#[derive(Debug, Default)]
pub(super) struct Ranks {
    moved: BTreeMap<usize, i64>,
    lowest: i64,
}

impl Ranks {
    /// The number of a transfer; `rank` is 0 for what was never moved.
    pub(super) fn number(rank: i64, id: TransferId) -> i64 {
        if rank != 0 {
            return rank;
        }
        let place = i64::try_from(id.get()).unwrap_or(i64::MAX);
        place.saturating_mul(GAP).saturating_add(GAP / 2)
    }

    /// The number that a move has given; 0 for what was never moved.
    pub(super) fn given(&self, position: usize) -> i64 {
        self.moved.get(&position).copied().unwrap_or_default()
    }

    /// Takes an earlier run's number back.
    pub(super) fn restore(&mut self, position: usize, rank: i64) {
        if rank != 0 {
            self.moved.insert(position, rank);
            self.lowest = self.lowest.min(rank);
        }
    }

    /// Number and position of what was moved.
    pub(super) fn moved(&self) -> impl Iterator<Item = (i64, usize)> {
        self.moved.iter().map(|(position, rank)| (*rank, *position))
    }

    /// It does not wait any more.
    pub(super) fn forget(&mut self, position: usize) {
        self.moved.remove(&position);
    }

    /// Before everything.
    pub(super) fn first(&mut self, position: usize) -> i64 {
        self.lowest = self.lowest.saturating_sub(GAP);
        self.moved.insert(position, self.lowest);
        self.lowest
    }

    /// Behind everything; `last` is the id of the youngest transfer.
    pub(super) fn last(&mut self, position: usize, last: TransferId) -> i64 {
        let behind = self.moved.values().copied().fold(Self::number(0, last), i64::max);
        self.put(position, behind.saturating_add(STEP))
    }

    /// Right before another transfer.
    pub(super) fn before(&mut self, position: usize, other: (usize, TransferId)) -> i64 {
        let (other_position, id) = other;
        let target = Self::number(self.moved.get(&other_position).copied().unwrap_or_default(), id);
        // The nearest number below that anybody may have.
        let unmoved = (target - 1 - GAP / 2).div_euclid(GAP).saturating_mul(GAP).saturating_add(GAP / 2);
        let others = self.moved.iter().filter(|(known, _)| **known != position).map(|(_, rank)| *rank);
        let below = others.filter(|rank| *rank < target).fold(unmoved, i64::max);
        self.put(position, below + (target - below) / 2)
    }

    fn put(&mut self, position: usize, rank: i64) -> i64 {
        // 0 says that nothing was moved.
        let rank = if rank == 0 { -1 } else { rank };
        self.moved.insert(position, rank);
        rank
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Positions in the order of their numbers; ids follow positions.
    fn order(ranks: &Ranks, count: usize) -> Vec<usize> {
        let mut all: Vec<(i64, usize)> = (0..count)
            .map(|at| (Ranks::number(ranks.moved.get(&at).copied().unwrap_or_default(), id(at)), at))
            .collect();
        all.sort_unstable();
        all.into_iter().map(|(_, at)| at).collect()
    }

    fn id(at: usize) -> TransferId {
        TransferId::restored(at as u64 + 1)
    }

    #[test]
    fn moves_are_numbers_between_neighbours() {
        let mut ranks = Ranks::default();
        assert_eq!(order(&ranks, 5), [0, 1, 2, 3, 4]);
        ranks.first(3);
        ranks.first(2);
        assert_eq!(order(&ranks, 5), [2, 3, 0, 1, 4]);
        ranks.before(4, (3, id(3)));
        assert_eq!(order(&ranks, 5), [2, 4, 3, 0, 1]);
        ranks.before(2, (1, id(1)));
        assert_eq!(order(&ranks, 5), [4, 3, 0, 2, 1]);
        ranks.last(4, id(4));
        ranks.last(3, id(4));
        assert_eq!(order(&ranks, 5), [0, 2, 1, 4, 3]);
        assert!(ranks.moved.values().all(|rank| *rank < Ranks::number(0, id(5))), "what comes new is behind them");
        ranks.forget(4);
        assert_eq!(order(&ranks, 5), [0, 2, 1, 4, 3]);
    }

    #[test]
    fn twenty_moves_to_one_place_keep_their_order() {
        let mut ranks = Ranks::default();
        for at in 10..30 {
            ranks.before(at, (5, id(5)));
        }
        let expected: Vec<usize> = (0..5).chain(10..30).chain(5..10).collect();
        assert_eq!(order(&ranks, 30), expected);
    }

    #[test]
    fn numbers_of_an_earlier_run_stay_ahead() {
        let mut ranks = Ranks::default();
        ranks.restore(2, -5 * GAP);
        ranks.restore(1, 0);
        ranks.first(4);
        assert_eq!(order(&ranks, 5), [4, 2, 0, 1, 3]);
    }
}
