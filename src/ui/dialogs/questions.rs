//! Questions of running batches that wait for the user: taken keys and impossible names, in the order they came.

use std::collections::VecDeque;

use super::conflict::ConflictDialog;
use super::names::NamesDialog;
use super::view::DialogView;
use crate::model::{BatchId, Conflict, Event, NameQuestion};

/// What waits.
#[derive(Default)]
pub(super) struct Questions {
    conflicts: VecDeque<Conflict>,
    names: VecDeque<(BatchId, Vec<NameQuestion>)>,
}

impl Questions {
    /// Notes new questions and drops those that need no answer any more.
    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::ConflictFound(conflict) => self.conflicts.push_back((**conflict).clone()),
            Event::ConflictGone(transfer) => self.conflicts.retain(|conflict| conflict.transfer != *transfer),
            Event::NamesNeeded { batch, questions } if !questions.is_empty() => {
                self.names.push_back((*batch, questions.clone()));
            }
            _ => {}
        }
    }

    /// Drops the conflicts of a batch whose rest was answered in one go.
    pub(super) fn forget_conflicts_of(&mut self, batch: BatchId) {
        self.conflicts.retain(|conflict| conflict.batch != batch);
    }

    /// Whether something would open.
    pub(super) fn is_waiting(&self) -> bool {
        !self.conflicts.is_empty() || !self.names.is_empty()
    }

    /// The dialog of the next question: names first, since a whole batch may hang on them.
    pub(super) fn next(&mut self) -> Option<Box<dyn DialogView>> {
        if let Some((batch, questions)) = self.names.pop_front() {
            return Some(Box::new(NamesDialog::new(batch, questions)));
        }
        let conflict = self.conflicts.pop_front()?;
        Some(Box::new(ConflictDialog::new(conflict)))
    }
}
