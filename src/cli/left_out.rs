//! What does not get as far as a transfer: left out by a rule, not to be read, or named as no key can be. A real upload
//! and a dry run tell it alike.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::client::{Client, Stop};
use super::escape::for_terminal;
use super::output::About;
use crate::model::{Failure, FailureKind, KeyProblem, NameQuestion, SkipReason, SkippedItem};

/// What it means that something does not go up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeftOut {
    /// A rule says so.
    ByRule,
    /// The upload is not what was asked for.
    Failed,
}

/// Tells of something that was found and does not go up; `named` is what the command line names.
pub(super) fn tell(client: &mut Client<'_>, item: &SkippedItem, named: &BTreeSet<PathBuf>) -> Result<LeftOut, Stop> {
    let failure = match &item.reason {
        SkipReason::Unreadable(why) => Some(Failure::new(FailureKind::SourceUnreadable).detail(why)),
        SkipReason::Missing | SkipReason::DeadLink => {
            Some(Failure::new(FailureKind::SourceMissing).with("typed", "yes"))
        }
        // Another file stands where it was to go.
        SkipReason::SameKey(key) => Some(Failure::new(FailureKind::SourceSameKey).with("key", key)),
        _ => None,
    };
    if let Some(failure) = failure {
        let failure = failure.with("path", item.path.to_string_lossy());
        let about = About { path: Some(&item.path), key: None };
        if client.walks_again() {
            client.failure(&failure, about)?;
        } else {
            client.printer.lost_failure(&failure, about)?;
        }
        return Ok(LeftOut::Failed);
    }
    // Found in a folder it would be left out; this one was asked for.
    if item.reason == SkipReason::SpecialFile && named.contains(&item.path) {
        client.printer.special_file(&item.path)?;
        return Ok(LeftOut::Failed);
    }
    client.printer.skipped(&item.path, None, &item.reason)?;
    Ok(LeftOut::ByRule)
}

/// A name that cannot be a key is never changed behind the user's back, and nobody is there to be asked.
pub(super) fn tell_bad_name(client: &mut Client<'_>, question: &NameQuestion) -> Result<(), Stop> {
    let kind = match question.problem {
        KeyProblem::NotUnicode => FailureKind::SourceNameNotUnicode,
        KeyProblem::TooLong(_) => FailureKind::KeyTooLong,
        KeyProblem::Empty | KeyProblem::ControlCharacter | KeyProblem::DotSegment => FailureKind::InvalidKey,
        KeyProblem::Taken => FailureKind::SourceSameKey,
    };
    let name = question.path.to_string_lossy();
    let failure = Failure::new(kind).with("path", &name).detail(format!("{:?}", question.problem));
    let failure = match question.key.as_str() {
        "" => failure,
        key => failure.with("key", for_terminal(key)),
    };
    let failure = match kind {
        FailureKind::InvalidKey => failure.with("suggestion", &question.suggestion),
        _ => failure,
    };
    client.failure(&failure, About { path: Some(&question.path), key: None })
}
