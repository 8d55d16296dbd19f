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
    /// Writes down what the queue was told, if it is not what is written.
    pub(super) fn note_standing(&mut self) {
        let paused = self.batches.iter().filter(|(id, info)| info.is_paused() && self.queue.keeps(**id));
        let standing = Standing {
            is_held: self.holding.switch() == QueueSwitch::Hold,
            paused_batches: paused.map(|(id, _)| id.get()).collect(),
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
