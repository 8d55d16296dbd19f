//! Why the keychain did not do what it was asked, without a trace of what it holds.

use crate::model::{Failure, FailureKind};

/// A refusal of the keychain. The details are safe to log and to show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// There is no keychain here, or its service does not run.
    #[error("no keychain: {detail}")]
    Missing {
        /// What the system said.
        detail: String,
    },
    /// It is locked, and was not unlocked.
    #[error("the keychain is locked: {detail}")]
    Locked {
        /// What the system said.
        detail: String,
    },
    /// No answer in time. It may still be waiting for the user to answer its prompt.
    #[error("the keychain does not answer")]
    Silent,
    /// What it gave back is no record of ours: there are no keys in it.
    #[error("the keychain's record cannot be read: {detail}")]
    Unreadable {
        /// The kind of fault; never the record.
        detail: String,
    },
    /// It refused, or what it gave back is not what was written.
    #[error("the keychain failed: {detail}")]
    Failed {
        /// Which step, and the kind of fault; never the record.
        detail: String,
    },
}

impl KeychainError {
    /// The same for people.
    pub fn to_failure(&self) -> Failure {
        let kind = match self {
            Self::Missing { .. } => FailureKind::KeychainMissing,
            Self::Locked { .. } => FailureKind::KeychainLocked,
            Self::Silent => FailureKind::KeychainSilent,
            Self::Unreadable { .. } | Self::Failed { .. } => FailureKind::KeychainFailed,
        };
        Failure::new(kind).detail(self)
    }
}
