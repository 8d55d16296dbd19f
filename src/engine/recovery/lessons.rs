//! What endpoints were found to be capable of outlives the process in the journal.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::engine::journal::{Change, Journal};
use crate::model::ConnectionId;
use crate::s3::LearntKeeper;

/// Lessons in the journal, with a copy at hand.
#[derive(Debug)]
pub(super) struct JournalKeeper {
    journal: Journal,
    known: Mutex<BTreeMap<ConnectionId, String>>,
}

impl JournalKeeper {
    /// With what an earlier run has learnt.
    pub(super) fn new(journal: Journal, known: BTreeMap<ConnectionId, String>) -> Self {
        Self { journal, known: Mutex::new(known) }
    }
}

impl LearntKeeper for JournalKeeper {
    fn load(&self, connection: &ConnectionId) -> Option<String> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(connection).cloned()
    }

    fn keep(&self, connection: &ConnectionId, facts_json: String) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(connection.clone(), facts_json.clone());
        self.journal.note(Change::Learnt { id: connection.clone(), learnt_json: facts_json });
    }
}
