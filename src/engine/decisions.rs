//! Conflicts that wait for the user: one question a batch at a time.

use std::collections::{BTreeMap, VecDeque};

use crate::model::{BatchId, Conflict, TransferId};

/// Everything undecided. The head of each batch's queue is the question that was asked.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    waiting: BTreeMap<BatchId, VecDeque<Box<Conflict>>>,
}

/// What removing a conflict changed.
#[derive(Debug, Default)]
pub(super) struct Removed {
    /// Its question stood on screen.
    pub(super) was_asked: bool,
    /// The question to ask next.
    pub(super) next: Option<Box<Conflict>>,
}

impl Decisions {
    /// Adds a conflict; gives it back if it is to be asked now.
    pub(super) fn add(&mut self, conflict: Box<Conflict>) -> Option<Box<Conflict>> {
        let queue = self.waiting.entry(conflict.batch).or_default();
        let ask_now = queue.is_empty().then(|| conflict.clone());
        queue.push_back(conflict);
        ask_now
    }

    /// Takes a conflict out, whatever became of it.
    pub(super) fn remove(&mut self, id: TransferId) -> Removed {
        for queue in self.waiting.values_mut() {
            let Some(at) = queue.iter().position(|conflict| conflict.transfer == id) else { continue };
            queue.remove(at);
            let next = if at == 0 { queue.front().cloned() } else { None };
            self.waiting.retain(|_, queue| !queue.is_empty());
            return Removed { was_asked: at == 0, next };
        }
        Removed::default()
    }
}
