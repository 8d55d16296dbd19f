//! What can go wrong with a request, in a form that can be branched on and told to people.

use crate::model::{Failure, FailureKind, Region};

/// A failed request: what it was about, the cause, and the server's own words. Holds no secret and no signed query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{action} failed ({}): {detail}", kind.code())]
pub struct S3Error {
    /// The S3 action in the form policies use, for example `s3:PutObject`.
    pub(super) action: &'static str,
    /// The cause.
    pub(super) kind: FailureKind,
    /// Values for the sentences: `host`, `bucket`, `key`, `action`, `region`, `minutes`.
    pub(super) args: Vec<(&'static str, String)>,
    /// Code, message, status and request id; control characters escaped, at most 500 characters.
    pub(super) detail: String,
    /// HTTP status, where there was an answer.
    pub(super) status: Option<u16>,
    /// S3 error code, where there was one.
    pub(super) code: Option<String>,
    /// The bucket's region as the server named it, checked.
    pub(super) region_hint: Option<Region>,
}

impl S3Error {
    /// A failure that was found without asking the server.
    pub(super) fn local(action: &'static str, kind: FailureKind, detail: impl Into<String>) -> Self {
        Self {
            action,
            kind,
            args: vec![("action", action.to_owned())],
            detail: detail.into(),
            status: None,
            code: None,
            region_hint: None,
        }
    }

    /// The cause.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// The S3 error code, for example `NoSuchUpload`; `None` without an answer in S3's form.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The HTTP status; `None` without an answer.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// A failure for people.
    pub fn to_failure(&self) -> Failure {
        let mut failure = Failure::new(self.kind).detail(&self.detail);
        for (name, value) in &self.args {
            failure = failure.with(name, value);
        }
        failure
    }

    /// A failure for people.
    pub fn into_failure(self) -> Failure {
        self.to_failure()
    }

    /// Adds a value for the sentences.
    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.args.retain(|(known, _)| *known != name);
        self.args.push((name, value.to_string()));
        self
    }
}
