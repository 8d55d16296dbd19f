//! Short messages for the user: toasts and their history.

use super::Failure;

/// The notice that the embedded storage's keys last for this run only, and what they sign no longer.
pub const NOTICE_LOCAL_KEYS_THIS_RUN: &str = "notice-local-keys-this-run";

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Done.
    Success,
    /// Needs a look.
    Warning,
    /// Something did not work.
    Error,
}

/// What a notice is about. Words are looked up by the front end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeText {
    /// A text id of the `notice-…` family, with its values.
    Message {
        /// For example `notice-links-copied`.
        id: &'static str,
        /// Values.
        args: Vec<(&'static str, String)>,
    },
    /// A failure.
    Failure(Failure),
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub severity: Severity,
    /// What it says.
    pub text: NoticeText,
}

impl Notice {
    /// A failure, as an error.
    pub fn failure(failure: Failure) -> Self {
        Self { severity: Severity::Error, text: NoticeText::Failure(failure) }
    }

    /// A message without values.
    pub fn message(severity: Severity, id: &'static str) -> Self {
        Self { severity, text: NoticeText::Message { id, args: Vec::new() } }
    }

    /// Adds a value; has no effect on a failure, which carries its own.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        if let NoticeText::Message { args, .. } = &mut self.text {
            args.push((name, value.to_string()));
        }
        self
    }
}

/// One line of a connection test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestLine {
    /// The host answered, after so many milliseconds.
    Reached {
        /// Host and port.
        host: String,
        /// Time to the first answer.
        elapsed_ms: u64,
    },
    /// The clocks differ by so many seconds (server minus here).
    Clock {
        /// Signed difference.
        offset_secs: i64,
    },
    /// The keys were accepted.
    SignedIn {
        /// Key id, shortened.
        key: String,
    },
    /// So many buckets may be listed.
    BucketsListed {
        /// How many.
        count: usize,
    },
    /// Buckets may not be listed; name one.
    MayNotListBuckets,
    /// A named bucket can be listed.
    BucketReached {
        /// Which, with prefix.
        scope: String,
    },
    /// Something is in the way.
    Problem(Failure),
}

/// How a connection test went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestReport {
    /// What was found, in order.
    pub lines: Vec<TestLine>,
}

impl TestReport {
    /// Whether the connection can be used.
    pub fn is_usable(&self) -> bool {
        !self.lines.iter().any(|line| matches!(line, TestLine::Problem(_)))
    }
}
