//! What the user told the queue as a whole: that it is held, and which batches are paused while they are still being
//! filled. Kept in the journal, so that a pause is a pause after a restart, too.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::journal::Change;
use crate::model::{BatchId, ConnectionId, QueueSwitch};

/// Its row among what was learnt of connections, none of which is called so.
pub(super) const ROW: &str = "queue:standing";

/// The row's JSON. Fields of later versions are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Standing {
    /// Nothing runs until the user says so.
    pub(super) is_held: bool,
    /// Batches whose further files are to be paused.
    paused_batches: BTreeSet<u64>,
}

impl Standing {
    /// Out of what the journal holds; the default if it has nothing to say.
    pub(super) fn found(rows: &std::collections::BTreeMap<ConnectionId, String>) -> Self {
        let row = rows.get(&ConnectionId::new(ROW));
        row.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
    }

    /// Another process's row joined with ours: held if either is, and with its paused batches under their numbers here,
    /// as far as they come along. A row that cannot be read says nothing.
    pub(super) fn joined(ours: Option<&str>, theirs: &str, number_here: impl Fn(u64) -> Option<u64>) -> String {
        let read = |json| serde_json::from_str::<Self>(json).unwrap_or_default();
        let (ours, theirs) = (ours.map(read).unwrap_or_default(), read(theirs));
        let come = theirs.paused_batches.into_iter().filter_map(number_here);
        let joined = Self {
            is_held: ours.is_held || theirs.is_held,
            paused_batches: ours.paused_batches.into_iter().chain(come).collect(),
        };
        joined.json()
    }

    /// Plain numbers always become JSON.
    fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether what is still found of a batch is to be paused.
    pub(super) fn pauses(&self, batch: BatchId) -> bool {
        self.paused_batches.contains(&batch.get())
    }
}

impl Actor {
    /// Writes down what the queue was told, if it is not what is written. Of what nobody has said anything in this run
    /// stays what an earlier one was told: a command that works on its own uploads lets no queue go on, and batches
    /// that could not be read yet are paused as they were.
    pub(super) fn note_standing(&mut self) {
        let paused = self.batches.iter().filter(|(id, info)| info.is_paused() && self.queue.keeps(**id));
        let paused = paused.map(|(id, _)| id.get());
        let is_unread = |id: &u64| {
            let id = BatchId::restored(*id);
            !self.batches.contains_key(&id) && self.queue.is_filling(id)
        };
        let unread = self.standing.paused_batches.iter().copied().filter(is_unread);
        let standing = Standing {
            is_held: self.holding.said().map_or(self.standing.is_held, |said| said == QueueSwitch::Hold),
            paused_batches: paused.chain(unread).collect(),
        };
        if standing == self.standing {
            return;
        }
        self.journal.note(Change::Learnt { id: ConnectionId::new(ROW), learnt_json: standing.json() });
        self.standing = standing;
    }
}
