//! What a bucket policy says to a stranger who wants one object: read, never changed.
//!
//! The answer only explains; whether a link opens is found out by asking for it.

use serde_json::Value;

use super::policy::{Pattern, Variables};
use super::{BucketName, ObjectKey};

/// What a policy does for a stranger's GET of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyReading {
    /// A statement lets anyone read it.
    Opens,
    /// A statement lets some read it, under conditions that nobody knows here, such as an address range.
    OpensForSome,
    /// A statement lets anyone or some read it, and another one denies it to some, under such conditions.
    MayDeny,
    /// No statement lets strangers read it, and one denies it to some, whatever else would let them in.
    ClosedAndMayDeny,
    /// A statement denies it to strangers, whatever the others say.
    Denies,
    /// No statement lets strangers read it.
    DoesNotOpen,
}

/// How the link is asked for, as conditions see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkTransport {
    /// `https`.
    Tls,
    /// `http`.
    Plain,
}

/// Whether something holds for every stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Yes,
    No,
    Perhaps,
}

impl Holds {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Perhaps,
        }
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, Self::No) => Self::No,
            _ => Self::Perhaps,
        }
    }

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Perhaps => Self::Perhaps,
        }
    }
}

impl From<bool> for Holds {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// Reads a policy for `s3:GetObject` on one object by someone without credentials. Statements that make no sense are
/// taken not to open anything.
pub fn read_policy(policy: &Value, bucket: &BucketName, key: &ObjectKey, transport: LinkTransport) -> PolicyReading {
    let resource = format!("{bucket}/{key}");
    let statements = policy.get("Statement").map(elements).unwrap_or_default();
    let variables = Variables::of_version(policy.get("Version").and_then(Value::as_str));
    let (mut allowed, mut denied) = (Holds::No, Holds::No);
    for statement in statements {
        let hits = principal(statement)
            .and(action(statement))
            .and(resources(statement, &resource, variables))
            .and(conditions(statement, transport));
        match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => allowed = allowed.or(hits),
            Some("Deny") => denied = denied.or(hits),
            _ => {}
        }
    }
    match (allowed, denied) {
        (_, Holds::Yes) => PolicyReading::Denies,
        (Holds::No, Holds::No) => PolicyReading::DoesNotOpen,
        (Holds::Yes, Holds::No) => PolicyReading::Opens,
        (Holds::Perhaps, Holds::No) => PolicyReading::OpensForSome,
        (Holds::No, Holds::Perhaps) => PolicyReading::ClosedAndMayDeny,
        (_, Holds::Perhaps) => PolicyReading::MayDeny,
    }
}

/// Whether the conditions of a statement may hold for strangers who ask over TLS.
pub(super) fn may_hold_for_strangers(statement: &Value) -> bool {
    conditions(statement, LinkTransport::Tls) != Holds::No
}

/// A list's elements, or the one value that stands for a list of one.
fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        other => vec![other],
    }
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    elements(value).into_iter().filter_map(Value::as_str)
}

fn principal(statement: &Value) -> Holds {
    if let Some(but) = statement.get("NotPrincipal") {
        return names_anyone(but).not();
    }
    statement.get("Principal").map_or(Holds::No, names_anyone)
}

/// `"*"`, `{"AWS": "*"}` and `{"AWS": ["*"]}`; every other name is somebody's.
fn names_anyone(value: &Value) -> Holds {
    Holds::from(match value {
        Value::Object(kinds) => {
            kinds.iter().any(|(kind, names)| (kind == "AWS" || kind == "*") && texts(names).any(|name| name == "*"))
        }
        other => texts(other).any(|name| name == "*"),
    })
}

fn action(statement: &Value) -> Holds {
    let names = |value: &Value| texts(value).any(|name| names_reading(&name.to_ascii_lowercase()));
    Holds::from(match (statement.get("Action"), statement.get("NotAction")) {
        (Some(actions), None) => names(actions),
        (None, Some(but)) => !names(but),
        _ => false,
    })
}

fn names_reading(name: &str) -> bool {
    Pattern::new(name, Variables::Literal).matches("s3:getobject")
}

fn resources(statement: &Value, wanted: &str, variables: Variables) -> Holds {
    let hits = |value: &Value| texts(value).fold(Holds::No, |holds, arn| holds.or(resource(arn, wanted, variables)));
    match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(resources), None) => hits(resources),
        (None, Some(but)) => hits(but).not(),
        _ => Holds::No,
    }
}

/// Partition, region and account of an ARN say nothing about an object.
fn resource(arn: &str, wanted: &str, variables: Variables) -> Holds {
    let pattern = if arn == "*" { "*" } else { arn.splitn(6, ':').nth(5).unwrap_or_default() };
    let pattern = Pattern::new(pattern, variables);
    // A variable stands for something of whoever asks, which strangers do not have.
    Holds::from(!pattern.is_vague() && pattern.matches(wanted))
}

fn conditions(statement: &Value, transport: LinkTransport) -> Holds {
    let Some(conditions) = statement.get("Condition") else { return Holds::Yes };
    let Value::Object(operators) = conditions else { return Holds::Perhaps };
    let mut holds = Holds::Yes;
    for (operator, keys) in operators {
        let Value::Object(keys) = keys else { return Holds::Perhaps };
        for (key, values) in keys {
            holds = holds.and(condition(operator, &key.to_ascii_lowercase(), values, transport));
        }
    }
    holds
}

/// One condition, for a request without credentials from anywhere.
fn condition(operator: &str, key: &str, values: &Value, transport: LinkTransport) -> Holds {
    let operator = operator.to_ascii_lowercase();
    let is_optional = operator.ends_with("ifexists");
    let operator = operator.trim_end_matches("ifexists");
    let says = |word: &str| elements(values).into_iter().any(|value| is_word(value, word));
    match key {
        "aws:securetransport" if operator == "bool" => {
            Holds::from(says(if transport == LinkTransport::Tls { "true" } else { "false" }))
        }
        // Browsers speak 1.2 and later; without TLS the key is missing.
        "s3:tlsversion" if matches!(operator, "numericlessthan" | "numericlessthanequals") => {
            let numbers = elements(values).into_iter();
            let least = numbers
                .filter_map(|value| value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()))
                .reduce(f64::max);
            match least {
                _ if transport != LinkTransport::Tls => Holds::from(is_optional),
                Some(least) if least < 1.2 || (least <= 1.2 && operator == "numericlessthan") => Holds::No,
                _ => Holds::Perhaps,
            }
        }
        "aws:sourceip" if operator == "ipaddress" => {
            let everywhere = texts(values).any(|range| matches!(range, "0.0.0.0/0" | "::/0"));
            if everywhere { Holds::Yes } else { Holds::Perhaps }
        }
        "aws:principaltype" if operator == "stringequals" => Holds::from(texts(values).any(|kind| kind == "Anonymous")),
        // What only a signed request has.
        _ if key.starts_with("aws:principal")
            || matches!(key, "aws:userid" | "aws:username" | "s3:signatureversion") =>
        {
            match operator {
                "null" => Holds::from(says("true")),
                _ => Holds::from(is_optional || operator.contains("not")),
            }
        }
        _ => Holds::Perhaps,
    }
}

fn is_word(value: &Value, word: &str) -> bool {
    match value {
        Value::Bool(is) => (word == "true") == *is,
        Value::String(text) => text.eq_ignore_ascii_case(word),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::PolicyReading as R;
    use super::*;
    use serde_json::json;

    fn read(statements: &Value, key: &str) -> PolicyReading {
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        read_policy(&policy, &BucketName::new("b").unwrap(), &ObjectKey::new(key), LinkTransport::Tls)
    }

    fn allow(resource: &str) -> Value {
        json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": resource})
    }

    fn with(mut statement: Value, name: &str, value: Value) -> Value {
        statement[name] = value;
        statement
    }

    #[test]
    fn principals_actions_and_resources() {
        let all = "arn:aws:s3:::b/*";
        let cases = [
            (allow(all), R::Opens),
            (json!([allow(all)]), R::Opens),
            (allow("arn:aws-cn:s3:::b/*"), R::Opens),
            (allow("arn:aws:s3:::b/a/*"), R::Opens),
            (allow("arn:aws:s3:::b/A/*"), R::DoesNotOpen),
            (allow("arn:aws:s3:::b/a/?ey"), R::Opens),
            (allow("arn:aws:s3:::b"), R::DoesNotOpen),
            (allow("arn:aws:s3:::b*"), R::Opens),
            (allow("arn:aws:s3:::other/*"), R::DoesNotOpen),
            (allow("arn:aws:s3:::b/${aws:username}/*"), R::DoesNotOpen),
            (with(allow(all), "Principal", json!({"AWS": ["*"]})), R::Opens),
            (with(allow(all), "Principal", json!({"AWS": "arn:aws:iam::111122223333:root"})), R::DoesNotOpen),
            (with(allow(all), "Principal", json!({"Service": "cloudfront.amazonaws.com"})), R::DoesNotOpen),
            (with(allow(all), "Action", json!("S3:getobject")), R::Opens),
            (with(allow(all), "Action", json!(["s3:PutObject", "s3:Get*"])), R::Opens),
            (with(allow(all), "Action", json!("s3:GetObjectVersion")), R::DoesNotOpen),
            (with(allow(all), "Action", json!("*")), R::Opens),
            (with(allow(all), "Effect", json!("Permit")), R::DoesNotOpen),
            (json!([]), R::DoesNotOpen),
            (json!("nonsense"), R::DoesNotOpen),
        ];
        for (statement, expected) in cases {
            assert_eq!(read(&statement, "a/key"), expected, "{statement}");
        }
    }

    #[test]
    fn denials_and_conditions() {
        let open = allow("arn:aws:s3:::b/*");
        let deny =
            |condition: Value| json!([open, with(with(open.clone(), "Effect", json!("Deny")), "Condition", condition)]);
        let when = |condition: Value| with(open.clone(), "Condition", condition);
        let cases = [
            (when(json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})), R::OpensForSome),
            (when(json!({"IpAddress": {"aws:SourceIp": ["0.0.0.0/0"]}})), R::Opens),
            (when(json!({"StringLike": {"aws:Referer": "https://example.com/*"}})), R::OpensForSome),
            (when(json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}})), R::DoesNotOpen),
            (when(json!({"Bool": {"aws:SecureTransport": "true"}})), R::Opens),
            (when(json!({"Bool": {"aws:SecureTransport": false}})), R::DoesNotOpen),
            (when(json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}})), R::OpensForSome),
            (deny(json!({"Bool": {"aws:SecureTransport": "false"}})), R::Opens),
            (deny(json!({})), R::Denies),
            (deny(json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}})), R::MayDeny),
            (deny(json!({"StringNotLike": {"aws:Referer": "https://example.com/*"}})), R::MayDeny),
            (deny(json!({"StringEquals": {"s3:ExistingObjectTag/secret": "yes"}})), R::MayDeny),
            (deny(json!({"StringNotEquals": {"aws:PrincipalAccount": "1"}})), R::Denies),
        ];
        for (statement, expected) in cases {
            assert_eq!(read(&statement, "a/key"), expected, "{statement}");
        }
        let alone = with(
            with(open.clone(), "Effect", json!("Deny")),
            "Condition",
            json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        );
        assert_eq!(read(&alone, "a"), R::ClosedAndMayDeny);
        let elsewhere = json!([open, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/secret/*"}]);
        assert_eq!(read(&elsewhere, "a"), R::Opens);
        assert_eq!(read(&elsewhere, "secret/a"), R::Denies);
        let but =
            json!({"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::1:root"}, "Action": "*", "Resource": "*"});
        assert_eq!(read(&json!([open, but]), "a"), R::Denies);
        let not_below = with(
            json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}),
            "NotResource",
            json!("arn:aws:s3:::b/private/*"),
        );
        assert_eq!(read(&not_below, "private/a"), R::DoesNotOpen);
        assert_eq!(read(&not_below, "a"), R::Opens);
    }

    #[test]
    fn what_this_program_writes_literally_is_read_literally() {
        let resource = "arn:aws:s3:::b/we${*}ird ${?}${$}{x}/*";
        let policy = |version: &str| json!({"Version": version, "Statement": allow(resource)});
        let read = |version: &str, key: &str| {
            let (bucket, key) = (BucketName::new("b").unwrap(), ObjectKey::new(key));
            read_policy(&policy(version), &bucket, &key, LinkTransport::Tls)
        };
        assert_eq!(read("2012-10-17", "we*ird ?${x}/a"), R::Opens);
        assert_eq!(read("2012-10-17", "weXird ?${x}/a"), R::DoesNotOpen);
        // The old version knows no variables.
        assert_eq!(read("2008-10-17", "we*ird ?${x}/a"), R::DoesNotOpen);
        assert_eq!(read("2008-10-17", "we${...}ird ${?}${$}{x}/a"), R::Opens);
        let vague = json!({"Version": "2012-10-17", "Statement": allow("arn:aws:s3:::b/${aws:username}/*")});
        let (bucket, key) = (BucketName::new("b").unwrap(), ObjectKey::new("me/a"));
        assert_eq!(read_policy(&vague, &bucket, &key, LinkTransport::Tls), R::DoesNotOpen);
    }
}
