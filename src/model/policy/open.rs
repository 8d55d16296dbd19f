//! Opening a prefix, and reading whether one is open already.

use super::json::Json;
use super::pattern::{Pattern, Variables, literal};
use super::{MAX_POLICY_BYTES, Policy, PolicyProblem, VERSION_WITH_VARIABLES};
use crate::model::policy_reading::may_hold_for_strangers;
use crate::model::{BucketName, Connection, Prefix, Region, Service};

/// What lets anyone read an object.
const ACTION: &str = "s3:GetObject";
/// How the Sid of our statements begins.
const SID: &str = "BucketdropPublicRead";

/// What is to be opened: every object whose key begins like this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicPrefix {
    /// How ARNs begin here, from [`super::arn_start`].
    pub arn_start: String,
    /// In which bucket.
    pub bucket: BucketName,
    /// Below which prefix; the root stands for the whole bucket.
    pub prefix: Prefix,
}

impl PublicPrefix {
    /// A prefix of a bucket in this region. Services other than Amazon's know its first partition only.
    pub fn in_bucket(connection: &Connection, bucket: &BucketName, region: &Region, prefix: &Prefix) -> Self {
        let is_amazon = connection.service == Service::AmazonS3;
        let arn_start = if is_amazon { super::arn_start(region) } else { "arn:aws:s3:::".to_owned() };
        Self { arn_start, bucket: bucket.clone(), prefix: prefix.clone() }
    }

    /// How the ARNs of all its objects begin, literally.
    fn start(&self) -> String {
        format!("{}{}/{}", self.arn_start, self.bucket, self.prefix)
    }

    fn resource(&self, variables: Variables) -> Option<String> {
        let prefix = literal(self.prefix.as_str(), variables)?;
        Some(format!("{}{}/{prefix}*", self.arn_start, self.bucket))
    }

    /// A number that tells prefixes apart (FNV-1a, which never changes between versions).
    fn fingerprint(&self) -> u32 {
        let bytes = self.prefix.as_str().as_bytes();
        bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
    }
}

/// What opening comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// A statement lets anyone read all of it already.
    AlreadyOpen,
    /// With one statement more it would.
    Add(Box<Opened>),
}

/// A policy with a statement of ours more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The statement, for people.
    pub statement: String,
    /// The whole policy, for people.
    pub after: String,
    /// The whole policy, for the server.
    pub to_send: String,
}

/// Adds the statement that lets anyone read what is below a prefix. `current` is the bucket's policy, if it has one.
pub fn open(current: Option<&str>, wanted: &PublicPrefix) -> Result<Opening, PolicyProblem> {
    let old = current.map(Policy::parse).transpose()?;
    if old.as_ref().is_some_and(|policy| opens(policy, &wanted.start())) {
        return Ok(Opening::AlreadyOpen);
    }
    let base = old.unwrap_or_else(empty);
    if !base.is_of_known_version() && wanted.prefix.as_str().contains(['*', '?', '$']) {
        return Err(PolicyProblem::CannotName);
    }
    let resource = wanted.resource(base.variables()).ok_or(PolicyProblem::CannotName)?;
    let statement = Json::Members(vec![
        ("Sid".to_owned(), Json::Text(free_sid(&base, wanted))),
        ("Effect".to_owned(), Json::string("Allow")),
        ("Principal".to_owned(), Json::string("*")),
        ("Action".to_owned(), Json::string(ACTION)),
        ("Resource".to_owned(), Json::Text(resource)),
    ]);
    let mut statements = base.statements().to_vec();
    statements.push(statement.clone());
    let after = base.with_statements(statements);
    let bytes = after.document.compact().len();
    if bytes > MAX_POLICY_BYTES {
        return Err(PolicyProblem::TooLong { bytes });
    }
    Ok(Opening::Add(Box::new(Opened {
        statement: statement.indented(),
        after: after.document.indented(),
        to_send: after.to_send(current),
    })))
}

/// Whether a statement lets anyone read everything below a prefix, and none denies it; `false` where that is not sure.
pub fn is_open(policy: &str, wanted: &PublicPrefix) -> bool {
    Policy::parse(policy)
        .is_ok_and(|policy| opens(&policy, &wanted.start()) && !denies_some(&policy, &wanted.start(), may_hold))
}

/// The same where statements that deny on a condition do not count: only asking shows whether they concern strangers.
pub fn may_be_open(policy: &str, wanted: &PublicPrefix) -> bool {
    let is_sure = |statement: &Json| statement.get("Condition").is_none();
    Policy::parse(policy)
        .is_ok_and(|policy| opens(&policy, &wanted.start()) && !denies_some(&policy, &wanted.start(), is_sure))
}

/// Whether a statement denies strangers something below a prefix, or may do so by its conditions.
pub fn denies_strangers(policy: &str, wanted: &PublicPrefix) -> bool {
    Policy::parse(policy).is_ok_and(|policy| denies_some(&policy, &wanted.start(), may_hold))
}

fn empty() -> Policy {
    let version = ("Version".to_owned(), Json::string(VERSION_WITH_VARIABLES));
    Policy { document: Json::Members(vec![version, ("Statement".to_owned(), Json::List(Vec::new()))]) }
}

/// A name that tells our statement, and that no other has: they are unique in a policy.
fn free_sid(policy: &Policy, wanted: &PublicPrefix) -> String {
    let base = format!("{SID}{:08X}", wanted.fingerprint());
    let is_free = |sid: &String| {
        let taken = |statement: &Json| statement.get("Sid").and_then(Json::as_text) == Some(sid);
        !policy.statements().iter().any(taken)
    };
    let mut numbered = (2..).map(|number: u32| format!("{base}x{number}"));
    std::iter::once(base.clone()).chain(numbered.by_ref()).find(is_free).unwrap_or(base)
}

fn opens(policy: &Policy, start: &str) -> bool {
    policy.statements().iter().any(|statement| {
        has_effect(statement, "Allow")
            && statement.get("Condition").is_none()
            && statement.get("Principal").is_some_and(is_anyone)
            && texts(statement, "Action").any(names_reading)
            && texts(statement, "Resource")
                .any(|resource| Pattern::new(resource, policy.variables()).covers_all_below(start))
    })
}

/// By statements whose conditions count as held.
fn denies_some(policy: &Policy, start: &str, holds: fn(&Json) -> bool) -> bool {
    let pattern = |text: &str| Pattern::new(text, policy.variables());
    policy.statements().iter().any(|statement| {
        let strangers = match (statement.get("Principal"), statement.get("NotPrincipal")) {
            (Some(principal), _) => is_anyone(principal),
            (None, Some(spared)) => !is_anyone(spared),
            (None, None) => false,
        };
        let reading = match (statement.get("Action"), statement.get("NotAction")) {
            (Some(_), _) => texts(statement, "Action").any(names_reading),
            (None, Some(_)) => !texts(statement, "NotAction").any(names_reading),
            (None, None) => false,
        };
        let here = match (statement.get("Resource"), statement.get("NotResource")) {
            (Some(_), _) => texts(statement, "Resource").any(|resource| pattern(resource).meets_some_below(start)),
            (None, Some(_)) => {
                !texts(statement, "NotResource").any(|resource| pattern(resource).covers_all_below(start))
            }
            (None, None) => false,
        };
        has_effect(statement, "Deny") && strangers && reading && here && holds(statement)
    })
}

/// Whether its conditions may hold for a stranger who asks over TLS; those that make no sense may.
fn may_hold(statement: &Json) -> bool {
    statement.get("Condition").is_none()
        || serde_json::from_str(&statement.compact()).map_or(true, |statement| may_hold_for_strangers(&statement))
}

fn has_effect(statement: &Json, effect: &str) -> bool {
    statement.get("Effect").and_then(Json::as_text) == Some(effect)
}

/// The texts of a member that is a text or a list of them.
fn texts<'a>(statement: &'a Json, name: &str) -> impl Iterator<Item = &'a str> {
    statement.get(name).map_or(&[][..], Json::elements).iter().filter_map(Json::as_text)
}

/// `"*"`, or `{"AWS": "*"}`.
fn is_anyone(principal: &Json) -> bool {
    let has_star = |value: &Json| value.elements().iter().any(|element| element.as_text() == Some("*"));
    has_star(principal) || principal.get("AWS").is_some_and(has_star)
}

/// Whether an action, which may be a pattern, is or includes reading an object. Case does not count.
fn names_reading(action: &str) -> bool {
    Pattern::new(&action.to_ascii_lowercase(), Variables::Literal).matches(&ACTION.to_ascii_lowercase())
}
