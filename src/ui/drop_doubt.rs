//! What is said in advance of a drop that will probably be refused.

use crate::model::{AppModel, CredentialSource, FinishedBatch, Location};

/// Why an upload into a folder will probably be refused. Either may be out of date, or wrong for this bucket, so that a
/// drop is tried all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// The last one was.
    RefusedBefore,
    /// The connection has no keys, and nothing was stored through it there in this run.
    NoKeys,
}

impl Doubt {
    /// What is to be said of this folder; `None` if nothing is known against it.
    pub(super) fn of(model: &AppModel, to: &Location) -> Option<Self> {
        if model.is_refused(to) {
            return Some(Self::RefusedBefore);
        }
        let connection = model.known_connection(&to.connection)?;
        let is_stored = |batch: &FinishedBatch| batch.to.connection == to.connection && batch.to.bucket == to.bucket;
        let has_no_keys = connection.credentials == CredentialSource::Anonymous;
        (has_no_keys && !model.finished.iter().any(is_stored)).then_some(Self::NoKeys)
    }

    /// In place of the invitation.
    pub(super) fn headline_id(self) -> &'static str {
        match self {
            Self::RefusedBefore => "drop-may-not-write",
            Self::NoKeys => "drop-no-keys",
        }
    }

    /// Why, and that a drop is tried.
    pub(super) fn reason_id(self) -> &'static str {
        match self {
            Self::RefusedBefore => "drop-refused-before",
            Self::NoKeys => "drop-no-keys-tried",
        }
    }
}
