//! Bucket policies: opening one prefix for anyone by one statement more, and taking exactly that back.
//!
//! Pure text in, text out. A policy is other people's: whatever is in it stays, in its order. What cannot be
//! understood for sure is refused, and nothing is changed.

mod close;
mod json;
mod open;
mod pattern;
#[cfg(test)]
mod random_tests;

pub use close::{Closing, close};
pub use open::{Opened, Opening, PublicPrefix, denies_strangers, is_open, may_be_open, open};

use super::{Failure, FailureKind, Partition, Region};
use json::Json;
pub(in crate::model) use pattern::{Pattern, Variables};

/// Longest policy that a bucket takes, in bytes.
pub const MAX_POLICY_BYTES: usize = 20 * 1024;
/// The version of the policy language that has variables.
const VERSION_WITH_VARIABLES: &str = "2012-10-17";
/// The only other one.
const VERSION_WITHOUT: &str = "2008-10-17";

/// Why a policy is not touched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyProblem {
    /// It is not JSON, or JSON that cannot be given back as it was.
    #[error("the policy cannot be read: {0}")]
    NotJson(String),
    /// It is JSON, and not what a policy is made of.
    #[error("the policy is not made as policies are: {0}")]
    Odd(&'static str),
    /// The prefix has `*` or `?`, which a policy of this version cannot mean literally.
    #[error("the prefix has characters that a policy of version 2008-10-17 cannot name")]
    CannotName,
    /// With the new statement it would be longer than a bucket takes.
    #[error("the policy would be {bytes} bytes long; {MAX_POLICY_BYTES} are possible")]
    TooLong {
        /// How long.
        bytes: usize,
    },
    /// Somebody has changed our statement in a way that cannot be told from an intention.
    #[error("the statement {sid} has been changed by somebody else")]
    ChangedByOthers {
        /// Which.
        sid: String,
    },
}

impl PolicyProblem {
    /// For people.
    pub fn to_failure(&self) -> Failure {
        let failure = match self {
            Self::NotJson(_) | Self::Odd(_) => Failure::new(FailureKind::PolicyUnreadable),
            Self::CannotName => Failure::new(FailureKind::PolicyCannotName),
            Self::TooLong { bytes } => {
                Failure::new(FailureKind::PolicyTooLong).with("size", bytes).with("limit", MAX_POLICY_BYTES)
            }
            Self::ChangedByOthers { .. } => Failure::new(FailureKind::PolicyChanged),
        };
        failure.detail(self)
    }
}

/// A policy as it stands on a server.
#[derive(Clone, Debug, PartialEq)]
struct Policy {
    document: Json,
}

impl Policy {
    fn parse(text: &str) -> Result<Self, PolicyProblem> {
        // Some editors begin with one, and no JSON does.
        let text = text.trim_start_matches('\u{feff}');
        let document: Json = serde_json::from_str(text).map_err(|error| PolicyProblem::NotJson(error.to_string()))?;
        let Json::Members(members) = &document else { return Err(PolicyProblem::Odd("it is no object")) };
        for known in ["Version", "Id", "Statement"] {
            if members.iter().any(|(name, _)| name != known && name.eq_ignore_ascii_case(known)) {
                return Err(PolicyProblem::Odd("a member is spelt in another case"));
            }
        }
        let policy = Self { document };
        let Some(statements) = policy.document.get("Statement") else {
            return Err(PolicyProblem::Odd("it has no Statement"));
        };
        if !matches!(statements, Json::List(_) | Json::Members(_)) {
            return Err(PolicyProblem::Odd("its Statement is neither a list nor an object"));
        }
        if statements.elements().iter().any(|statement| !matches!(statement, Json::Members(_))) {
            return Err(PolicyProblem::Odd("a statement is no object"));
        }
        if policy.document.get("Version").is_some_and(|version| version.as_text().is_none()) {
            return Err(PolicyProblem::Odd("its Version is no text"));
        }
        Ok(policy)
    }

    fn statements(&self) -> &[Json] {
        self.document.get("Statement").map_or(&[], Json::elements)
    }

    /// The same policy with other statements, in the place of the old ones.
    fn with_statements(&self, statements: Vec<Json>) -> Self {
        let Json::Members(mut members) = self.document.clone() else { return self.clone() };
        for (name, value) in &mut members {
            if name == "Statement" {
                *value = Json::List(statements);
                break;
            }
        }
        Self { document: Json::Members(members) }
    }

    fn variables(&self) -> Variables {
        Variables::of_version(self.document.get("Version").and_then(Json::as_text))
    }

    /// Whether it is known what `${…}` means in it. A missing Version is the old one.
    fn is_of_known_version(&self) -> bool {
        match self.document.get("Version").and_then(Json::as_text) {
            Some(version) => version == VERSION_WITH_VARIABLES || version == VERSION_WITHOUT,
            None => true,
        }
    }

    /// As it is sent: laid out as the old text was, if that fits.
    fn to_send(&self, old: Option<&str>) -> String {
        let compact = self.document.compact();
        let indented = old.filter(|old| old.trim().contains('\n')).map(|_| self.document.indented());
        indented.filter(|text| text.len() <= MAX_POLICY_BYTES).unwrap_or(compact)
    }
}

/// Whether two policies mean the same; `None` stands for no policy. One that cannot be read equals only its own text.
pub fn means_the_same(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            one == other
                || match (Policy::parse(one), Policy::parse(other)) {
                    (Ok(one), Ok(other)) => one.document.canonical() == other.document.canonical(),
                    _ => false,
                }
        }
        _ => false,
    }
}

/// A policy laid out for people; as it is if it cannot be read.
pub fn indented(text: &str) -> String {
    Policy::parse(text).map_or_else(|_unreadable| text.to_owned(), |policy| policy.document.indented())
}

/// How ARNs of a region's partition begin: `arn:aws:s3:::` for all but a few.
pub fn arn_start(region: &Region) -> String {
    format!("arn:{}:s3:::", Partition::of(region).id)
}
