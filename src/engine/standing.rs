//! What the user told the queue as a whole: that it is held, and which batches are paused while they are still being
//! filled. Kept in the journal, so that a pause is a pause after a restart, too.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::journal::Change;
use crate::model::{BatchId, ConnectionId, QueueSwitch};

/// Its row among what was learnt of connections, none of which is called so.
const ROW: &str = "queue:standing";

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
        // Plain numbers always become JSON.
        let learnt_json = serde_json::to_string(&standing).unwrap_or_default();
        self.journal.note(Change::Learnt { id: ConnectionId::new(ROW), learnt_json });
        self.standing = standing;
    }
}
