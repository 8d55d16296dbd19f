//! What would be lost of transfers that are cancelled or forgotten.

use super::actor::Actor;
use crate::model::{ConnectionId, QueueStake, ScanProgress, Selection, TransferId};

impl Actor {
    /// What is at stake of these transfers, with what was sent or received of each.
    pub(super) fn stake(&self, selection: &Selection) -> QueueStake {
        let mut stake = self.queue.stake(selection);
        if self.is_still_found(selection) {
            stake.progress = ScanProgress::Scanning;
        }
        for (id, running) in self.running.iter().filter(|(id, _)| self.is_meant(selection, **id)) {
            let total_bytes = self.queue.shown(*id).map_or(0, |shown| shown.row.total_bytes);
            stake.open.moved_bytes += running.sent.get().min(total_bytes);
        }
        for (id, kept) in self.kept.iter().filter(|(id, _)| self.is_meant(selection, **id)) {
            let amount = if self.queue.has_failed(*id) { &mut stake.failed } else { &mut stake.open };
            amount.moved_bytes += kept.done_bytes();
        }
        stake
    }

    /// Whether transfers may still join these.
    pub(super) fn is_still_found(&self, selection: &Selection) -> bool {
        match selection {
            Selection::One(_) => false,
            Selection::Batch(batch) => self.batches.contains_key(batch),
            Selection::All => !self.batches.is_empty() || self.unread.is_some() || self.waits_for_journal(),
            // Whose transfers those are that could not be read yet is not known.
            Selection::Connection(connection) => {
                let is_handed = self.handed.values().any(|handed| handed.goes_through(connection));
                is_handed || self.unread.is_some() || self.waits_for_journal() || self.is_found_for(connection)
            }
        }
    }

    /// Whether files are still being found that go through a connection.
    pub(super) fn is_found_for(&self, connection: &ConnectionId) -> bool {
        self.batches.keys().any(|batch| self.queue.goes_through(*batch, connection))
    }

    fn is_meant(&self, selection: &Selection, id: TransferId) -> bool {
        match selection {
            Selection::All => true,
            Selection::One(one) => *one == id,
            Selection::Batch(batch) => self.queue.batch_of(id) == Some(*batch),
            Selection::Connection(connection) => self.queue.connection_of(id).as_ref() == Some(connection),
        }
    }
}
