//! Conflicts that wait for the user: one question a batch at a time. A million of them must fit, so the question itself
//! is made when its turn has come.

use std::collections::BTreeMap;

use super::upload::ConflictFacts;
use crate::model::{BatchId, TransferId};

/// Everything undecided.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    batches: BTreeMap<BatchId, Undecided>,
}

/// Of one batch; never empty.
#[derive(Debug)]
struct Undecided {
    /// Whose question was asked.
    asked: TransferId,
    waiting: BTreeMap<TransferId, ConflictFacts>,
}

/// A question whose turn has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    pub(super) transfer: TransferId,
    pub(super) facts: ConflictFacts,
}

/// What removing a conflict changed.
#[derive(Debug, Default)]
pub(super) struct Removed {
    /// Its question stood on screen.
    pub(super) was_asked: bool,
    /// The question to ask next.
    pub(super) next: Option<Question>,
}

impl Decisions {
    /// Adds a conflict; gives its question if that is to be asked now.
    pub(super) fn add(&mut self, batch: BatchId, transfer: TransferId, facts: ConflictFacts) -> Option<Question> {
        if let Some(undecided) = self.batches.get_mut(&batch) {
            undecided.waiting.insert(transfer, facts);
            return None;
        }
        let waiting = BTreeMap::from([(transfer, facts)]);
        self.batches.insert(batch, Undecided { asked: transfer, waiting });
        Some(Question { transfer, facts })
    }

    /// Takes a conflict out, whatever became of it.
    pub(super) fn remove(&mut self, batch: BatchId, transfer: TransferId) -> Removed {
        let Some(undecided) = self.batches.get_mut(&batch) else { return Removed::default() };
        let was_there = undecided.waiting.remove(&transfer).is_some();
        if !was_there || undecided.asked != transfer {
            return Removed::default();
        }
        let first = undecided.waiting.first_key_value();
        let next = first.map(|(transfer, facts)| Question { transfer: *transfer, facts: *facts });
        if let Some(question) = next {
            undecided.asked = question.transfer;
        } else {
            self.batches.remove(&batch);
        }
        Removed { was_asked: true, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_question_at_a_time() {
        let mut decisions = Decisions::default();
        let (batch, other) = (BatchId::next(), BatchId::next());
        let ids: Vec<TransferId> = (1..=4).map(TransferId::restored).collect();
        let mut add = |batch, at: usize| {
            decisions.add(batch, ids[at], ConflictFacts::default()).map(|question| question.transfer)
        };
        assert_eq!(add(batch, 1), Some(ids[1]));
        assert_eq!((add(batch, 0), add(batch, 2)), (None, None));
        assert_eq!(add(other, 3), Some(ids[3]), "each batch has its own");
        let mut remove = |at: usize| {
            let removed = decisions.remove(batch, ids[at]);
            (removed.was_asked, removed.next.map(|question| question.transfer))
        };
        assert_eq!(remove(2), (false, None), "it was not asked yet");
        assert_eq!(remove(1), (true, Some(ids[0])));
        assert_eq!(remove(1), (false, None), "it is gone");
        assert_eq!(remove(0), (true, None));
        assert_eq!(add_again(&mut decisions, batch, ids[2]), Some(ids[2]));
    }

    fn add_again(decisions: &mut Decisions, batch: BatchId, id: TransferId) -> Option<TransferId> {
        decisions.add(batch, id, ConflictFacts::default()).map(|question| question.transfer)
    }

    #[test]
    fn a_conflict_that_waits_is_small() {
        assert!(size_of::<(TransferId, ConflictFacts)>() <= 64, "{}", size_of::<(TransferId, ConflictFacts)>());
    }
}
