//! Whether Amazon calls a policy public, for Block Public Access and `GetBucketPolicyStatus`.
//!
//! A policy is taken for public until each statement that allows is held to fixed values: of the principal, or of a
//! condition key that says who asks. A referrer or a user agent says nothing of that kind, since anyone can send it.
//! What other statements deny does not count.

use std::net::IpAddr;

use super::condition::{Cidr, Operator};
use super::policy::{Condition, Effect, Policy, Principal, Selection, Statement, Version};

/// Condition keys whose fixed values close a statement, in lower case.
const CLOSING_KEYS: [&str; 15] = [
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpcsourceip",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:userid",
    "aws:principalorgid",
    "aws:principalaccount",
    "aws:principalarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
    "aws:sourceorgpaths",
];

impl Policy {
    /// Whether some statement opens something to anyone.
    pub(in crate::local_storage) fn is_public(&self) -> bool {
        self.statements.iter().any(|statement| {
            statement.effect == Effect::Allow && has_open_principal(statement) && !self.is_closed(statement)
        })
    }

    fn is_closed(&self, statement: &Statement) -> bool {
        statement.conditions.iter().any(|condition| closes(condition, self.version))
    }
}

fn has_open_principal(statement: &Statement) -> bool {
    match &statement.principals {
        Selection::AllBut(_) => true,
        Selection::These(named) => named.contains(&Principal::Anyone),
    }
}

fn closes(condition: &Condition, version: Version) -> bool {
    let operator = Operator::read(&condition.operator);
    if !operator.is_known() || operator.is_negative() || operator.if_exists || condition.values.is_empty() {
        return false;
    }
    let key = condition.key.to_ascii_lowercase();
    if key == "aws:sourceip" {
        return operator.name == "IpAddress" && condition.values.iter().all(|range| is_narrow(range));
    }
    let compares =
        matches!(operator.name, "StringEquals" | "StringEqualsIgnoreCase" | "StringLike" | "ArnEquals" | "ArnLike");
    compares && CLOSING_KEYS.contains(&key.as_str()) && condition.values.iter().all(|value| is_fixed(value, version))
}

fn is_fixed(value: &str, version: Version) -> bool {
    let has_variable = version == Version::WithVariables && value.contains("${");
    !value.contains(['*', '?']) && !has_variable
}

/// Ranges wider than /8 (/32 for IPv6) are as good as everyone, unless they are private ones.
fn is_narrow(range: &str) -> bool {
    let Some(Cidr { address, bits }) = Cidr::parse(range) else { return false };
    match address {
        IpAddr::V4(address) => bits >= 8 || address.is_private(),
        IpAddr::V6(_) => bits >= 32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_public(principal: &str, condition: &str) -> bool {
        let condition = if condition.is_empty() { String::new() } else { format!(r#","Condition":{condition}"#) };
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject",
                "Resource":"arn:aws:s3:::b/*"{condition}}}}}"#
        );
        Policy::parse(&text).unwrap().is_public()
    }

    #[test]
    fn public_is_what_is_not_held_to_fixed_values() {
        let anyone = r#""*""#;
        let cases = [
            (anyone, "", true),
            (r#"{"AWS":"*"}"#, "", true),
            (r#"{"AWS":["arn:aws:iam::444455556666:root"]}"#, "", false),
            (r#"{"AWS":["arn:aws:iam::444455556666:root","*"]}"#, "", true),
            (r#"{"Service":"cloudfront.amazonaws.com"}"#, "", false),
            (anyone, r#"{"StringEquals":{"aws:SourceVpc":"vpc-91237329"}}"#, false),
            (anyone, r#"{"StringLike":{"aws:SourceVpc":"vpc-*"}}"#, true),
            (anyone, r#"{"StringEquals":{"aws:SourceVpc":["vpc-1","${aws:x}"]}}"#, true),
            (anyone, r#"{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}"#, true),
            (anyone, r#"{"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}}"#, true),
            (anyone, r#"{"StringEquals":{"aws:Referer":"https://example.com"}}"#, true),
            (anyone, r#"{"Bool":{"aws:SecureTransport":"true"}}"#, true),
            (anyone, r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, false),
            (anyone, r#"{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","0.0.0.0/0"]}}"#, true),
            (anyone, r#"{"IpAddress":{"aws:SourceIp":"64.0.0.0/2"}}"#, true),
            (anyone, r#"{"IpAddress":{"aws:SourceIp":"2001:db8::/32"}}"#, false),
            (anyone, r#"{"IpAddress":{"aws:SourceIp":"2000::/3"}}"#, true),
            (anyone, r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, true),
            (anyone, r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#, false),
        ];
        for (principal, condition, expected) in cases {
            assert_eq!(is_public(principal, condition), expected, "{principal} {condition}");
        }
    }

    #[test]
    fn denials_do_not_count() {
        let text = r#"{"Statement":[
            {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"},
            {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}]}"#;
        assert!(Policy::parse(text).unwrap().is_public());
        let text = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}}"#;
        assert!(!Policy::parse(text).unwrap().is_public());
    }
}
