//! Bucket policies as data: reads the JSON, keeps what it says, refuses what is not of a policy's form.
//!
//! What Amazon checks beyond the form, such as the bucket in a resource, is in `validate`.

use serde_json::{Map, Value};

/// Why a text is no policy; goes into `MalformedPolicy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub String);

impl Malformed {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// A whole policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::local_storage) struct Policy {
    pub(super) version: Version,
    pub(super) statements: Vec<Statement>,
}

/// Which grammar a policy is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// 2008-10-17, also when none is given: `${…}` is plain text.
    Old,
    /// 2012-10-17: `${…}` stands for a value of the request.
    WithVariables,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub sid: Option<String>,
    pub effect: Effect,
    pub principals: Selection<Principal>,
    pub actions: Selection<String>,
    pub resources: Selection<String>,
    pub conditions: Vec<Condition>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// An element and its opposite: `Action` and `NotAction`, and so on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Selection<T> {
    These(Vec<T>),
    AllBut(Vec<T>),
}

impl<T> Selection<T> {
    /// What is listed, to be meant or not.
    pub(super) fn listed(&self) -> &[T] {
        match self {
            Self::These(listed) | Self::AllBut(listed) => listed,
        }
    }

    /// Whether something is meant, given how a listed entry matches it.
    pub(super) fn includes(&self, matches: impl FnMut(&T) -> bool) -> bool {
        match self {
            Self::These(listed) => listed.iter().any(matches),
            Self::AllBut(listed) => !listed.iter().any(matches),
        }
    }
}

/// Who a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Principal {
    /// `"*"` or `{"AWS": "*"}`: whoever asks, signed or not.
    Anyone,
    /// An account's number or an ARN.
    Aws(String),
    Canonical(String),
    Service(String),
    Federated(String),
}

/// One operator and key with the values that it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub operator: String,
    pub key: String,
    pub values: Vec<String>,
}

impl Policy {
    /// Reads a policy. Amazon takes the names of elements by the letter, and so does this.
    pub(in crate::local_storage) fn parse(text: &str) -> Result<Self, Malformed> {
        if !text.trim_start().starts_with('{') {
            return Err(Malformed::new("Policies must be valid JSON and the first byte must be '{'"));
        }
        let value: Value =
            serde_json::from_str(text).map_err(|_error| Malformed::new("This policy contains invalid Json"))?;
        let Value::Object(map) = value else {
            return Err(Malformed::new("This policy contains invalid Json"));
        };
        only_known(&map, &["Version", "Id", "Statement"])?;
        let version = match map.get("Version").map(|version| version.as_str().unwrap_or_default()) {
            None | Some("2008-10-17") => Version::Old,
            Some("2012-10-17") => Version::WithVariables,
            Some(_) => return Err(Malformed::new("The policy must contain a valid version string")),
        };
        if map.get("Id").is_some_and(|id| !id.is_string()) {
            return Err(Malformed::new("Invalid policy syntax."));
        }
        let statements = match map.get("Statement") {
            None => return Err(missing("Statement")),
            Some(Value::Array(statements)) if statements.is_empty() => {
                return Err(Malformed::new("Could not parse the policy: Statement is empty!"));
            }
            Some(Value::Array(statements)) => statements.iter().map(Statement::read).collect::<Result<_, _>>()?,
            Some(statement) => vec![Statement::read(statement)?],
        };
        Ok(Self { version, statements })
    }
}

impl Statement {
    fn read(value: &Value) -> Result<Self, Malformed> {
        let Value::Object(map) = value else { return Err(Malformed::new("Invalid policy syntax.")) };
        let known = [
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        only_known(map, &known)?;
        let effect = match map.get("Effect").map(|effect| effect.as_str().unwrap_or_default()) {
            None => return Err(missing("Effect")),
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            Some(other) => return Err(Malformed::new(format!("Invalid effect: {other}"))),
        };
        let sid = match map.get("Sid") {
            None => None,
            Some(Value::String(sid)) => Some(sid.clone()),
            Some(_) => return Err(Malformed::new("Invalid policy syntax.")),
        };
        Ok(Self {
            sid,
            effect,
            principals: one_of(map, "Principal", "NotPrincipal", principals)?,
            actions: one_of(map, "Action", "NotAction", strings)?,
            resources: one_of(map, "Resource", "NotResource", strings)?,
            conditions: map.get("Condition").map(conditions).transpose()?.unwrap_or_default(),
        })
    }
}

fn missing(field: &str) -> Malformed {
    Malformed::new(format!("Missing required field {field}"))
}

fn only_known(map: &Map<String, Value>, known: &[&str]) -> Result<(), Malformed> {
    let unknown = map.keys().find(|name| !known.contains(&name.as_str()));
    unknown.map_or(Ok(()), |name| Err(Malformed::new(format!("Unknown field {name}"))))
}

/// Exactly one of an element and its opposite, with something in it.
fn one_of<T>(
    map: &Map<String, Value>,
    name: &str,
    opposite: &str,
    read: impl Fn(&Value) -> Result<Vec<T>, Malformed>,
) -> Result<Selection<T>, Malformed> {
    let selection = match (map.get(name), map.get(opposite)) {
        (Some(_), Some(_)) => {
            return Err(Malformed::new(format!("Statement cannot contain both {name} and {opposite}")));
        }
        (Some(value), None) => Selection::These(read(value)?),
        (None, Some(value)) => Selection::AllBut(read(value)?),
        (None, None) => return Err(missing(name)),
    };
    if selection.listed().is_empty() {
        return Err(Malformed::new(format!("{name} cannot be empty!")));
    }
    Ok(selection)
}

fn strings(value: &Value) -> Result<Vec<String>, Malformed> {
    let text =
        |value: &Value| value.as_str().map(str::to_owned).ok_or_else(|| Malformed::new("Invalid policy syntax."));
    match value {
        Value::Array(values) => values.iter().map(text).collect(),
        one => Ok(vec![text(one)?]),
    }
}

fn principals(value: &Value) -> Result<Vec<Principal>, Malformed> {
    let Value::Object(map) = value else {
        return match value.as_str() {
            Some("*") => Ok(vec![Principal::Anyone]),
            _ => Err(Malformed::new("Invalid principal in policy")),
        };
    };
    let mut found = Vec::new();
    for (kind, names) in map {
        for name in strings(names)? {
            found.push(match kind.as_str() {
                "AWS" if name == "*" => Principal::Anyone,
                "AWS" => Principal::Aws(name),
                "CanonicalUser" => Principal::Canonical(name),
                "Service" => Principal::Service(name),
                "Federated" => Principal::Federated(name),
                _ => return Err(Malformed::new("Invalid principal in policy")),
            });
        }
    }
    Ok(found)
}

fn conditions(value: &Value) -> Result<Vec<Condition>, Malformed> {
    let wrong = || Malformed::new("Conditions must be of the form {operator: {key: value}}");
    let Value::Object(operators) = value else { return Err(wrong()) };
    let mut found = Vec::new();
    for (operator, keys) in operators {
        let Value::Object(keys) = keys else { return Err(wrong()) };
        for (key, values) in keys {
            let listed =
                if let Value::Array(values) = values { values.as_slice() } else { std::slice::from_ref(values) };
            let values = listed.iter().map(|value| match value {
                Value::String(text) => Ok(text.clone()),
                Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
                _ => Err(wrong()),
            });
            let values = values.collect::<Result<Vec<_>, _>>()?;
            found.push(Condition { operator: operator.clone(), key: key.clone(), values });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_values_and_lists_are_read_alike() {
        let one = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",
                      "Resource":"arn:aws:s3:::b/*","Condition":{"Bool":{"aws:SecureTransport":true}}}}"#;
        let list = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:GetObject"],
                       "Resource":["arn:aws:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":["true"]}}}],
                       "Version":"2012-10-17"}"#;
        assert_eq!(Policy::parse(one).unwrap(), Policy::parse(list).unwrap());
    }

    #[test]
    fn what_is_no_policy_is_refused_with_a_reason() {
        let statement = |text: &str| format!(r#"{{"Statement":[{{{text}}}]}}"#);
        let cases = [
            (String::new(), "first byte"),
            ("[]".into(), "first byte"),
            ("{".into(), "invalid Json"),
            ("{}".into(), "Missing required field Statement"),
            (r#"{"Statement":[]}"#.into(), "Statement is empty"),
            (r#"{"Version":"2020-01-01","Statement":[]}"#.into(), "valid version"),
            (r#"{"statement":[]}"#.into(), "Unknown field statement"),
            (statement(r#""Principal":"*","Action":"s3:*","Resource":"x""#), "Missing required field Effect"),
            (statement(r#""Effect":"allow","Principal":"*","Action":"s3:*","Resource":"x""#), "Invalid effect"),
            (statement(r#""Effect":"Allow","Action":"s3:*","Resource":"x""#), "Missing required field Principal"),
            (statement(r#""Effect":"Allow","Principal":"*","Resource":"x""#), "Missing required field Action"),
            (statement(r#""Effect":"Allow","Principal":"*","Action":"s3:*""#), "Missing required field Resource"),
            (statement(r#""Effect":"Allow","Principal":"x","Action":"s3:*","Resource":"x""#), "Invalid principal"),
            (statement(r#""Effect":"Allow","Principal":"*","Action":[],"Resource":"x""#), "Action cannot be empty"),
            (
                statement(r#""Effect":"Allow","Principal":"*","Action":"a","NotAction":"b","Resource":"x""#),
                "both Action and NotAction",
            ),
            (
                statement(r#""Effect":"Allow","Principal":"*","Action":"a","Resource":"x","Condition":["a"]"#),
                "Conditions must be",
            ),
        ];
        for (text, reason) in cases {
            let Malformed(said) = Policy::parse(&text).unwrap_err();
            assert!(said.contains(reason), "{text}: {said}");
        }
    }
}
