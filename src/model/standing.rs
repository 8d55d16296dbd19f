//! What is known of an open connection by the answers to what was asked through it.

use super::{Failure, FailureKind};

/// What the latest question has told of an open connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was asked yet: its buckets are named in the connection, and opening it takes no question.
    #[default]
    NotAsked,
    /// The service has answered these keys; that it forbids something is an answer.
    Answers,
    /// Nobody answers, for this reason.
    Silent(Failure),
    /// Its keys, or the way to its service, are refused for this reason: whatever is asked through it fails.
    Refused(Failure),
}

impl Standing {
    /// The same once a question was answered, with this failure or without one.
    #[must_use]
    pub(super) fn after(&self, failure: Option<&Failure>) -> Self {
        match failure {
            None => Self::Answers,
            Some(failure) if failure.kind.is_silence() => Self::Silent(failure.clone()),
            Some(failure) if failure.kind.is_of_connection() => Self::Refused(failure.clone()),
            Some(failure) if is_judgement(failure.kind) => Self::Answers,
            // Somebody is there; whether the keys are good is not said.
            Some(_) if matches!(self, Self::Silent(_)) => Self::Answers,
            Some(_) => self.clone(),
        }
    }
}

/// Whether the service has judged what was asked for, and not who asked.
fn is_judgement(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::AccessDenied
            | FailureKind::RequesterPays
            | FailureKind::NoSuchBucket
            | FailureKind::NoSuchKey
            | FailureKind::NoSuchUpload
            | FailureKind::ListingCutShort
    )
}
