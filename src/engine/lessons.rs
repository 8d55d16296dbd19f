//! What was learnt of endpoints, kept in the journal, so that the next run does not have to find it out again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::journal::{Change, Journal};
use crate::model::ConnectionId;
use crate::s3::LearntKeeper;

/// Lessons by connection. Holds no secret.
#[derive(Debug)]
pub(crate) struct Lessons {
    known: Mutex<BTreeMap<ConnectionId, String>>,
    journal: Journal,
}

impl Lessons {
    /// With those of earlier runs.
    pub(crate) fn new(known: BTreeMap<ConnectionId, String>, journal: Journal) -> Self {
        Self { known: Mutex::new(known), journal }
    }
}

impl LearntKeeper for Lessons {
    fn load(&self, connection: &ConnectionId) -> Option<String> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(connection).cloned()
    }

    fn keep(&self, connection: &ConnectionId, facts_json: String) {
        self.journal.note(Change::Learnt { id: connection.clone(), learnt_json: facts_json.clone() });
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(connection.clone(), facts_json);
    }
}
