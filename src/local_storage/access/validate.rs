//! What Amazon checks of a policy before it keeps it, beyond its form: names of actions, resources of this bucket,
//! principals that can exist, conditions that are known.

use std::collections::HashSet;

use super::caller::matches_action;
use super::condition::{Operator, glob};
use super::evaluate::is_canonical_id;
use super::policy::{Malformed, Policy, Principal, Statement};

/// Most bytes of a policy, not counting white space between its elements.
const LARGEST_POLICY_BYTES: usize = 20 * 1024;

/// Actions on buckets that a policy can name.
const OF_BUCKETS: &str = "
    s3:CreateBucket s3:DeleteBucket s3:DeleteBucketPolicy s3:DeleteBucketWebsite s3:GetAccelerateConfiguration
    s3:GetAnalyticsConfiguration s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketLocation s3:GetBucketLogging
    s3:GetBucketNotification s3:GetBucketObjectLockConfiguration s3:GetBucketOwnershipControls
    s3:GetBucketPolicy s3:GetBucketPolicyStatus s3:GetBucketPublicAccessBlock s3:GetBucketRequestPayment
    s3:GetBucketTagging s3:GetBucketVersioning s3:GetBucketWebsite s3:GetEncryptionConfiguration
    s3:GetInventoryConfiguration s3:GetLifecycleConfiguration s3:GetMetricsConfiguration
    s3:GetReplicationConfiguration s3:ListBucket s3:ListBucketMultipartUploads s3:ListBucketVersions
    s3:PutAccelerateConfiguration s3:PutBucketAcl s3:PutBucketCORS s3:PutBucketLogging s3:PutBucketNotification
    s3:PutBucketObjectLockConfiguration s3:PutBucketOwnershipControls s3:PutBucketPolicy
    s3:PutBucketPublicAccessBlock s3:PutBucketRequestPayment s3:PutBucketTagging s3:PutBucketVersioning
    s3:PutBucketWebsite s3:PutEncryptionConfiguration s3:PutLifecycleConfiguration
    s3:PutReplicationConfiguration
";
/// Actions on objects that a policy can name.
const OF_OBJECTS: &str = "
    s3:AbortMultipartUpload s3:BypassGovernanceRetention s3:DeleteObject s3:DeleteObjectTagging
    s3:DeleteObjectVersion s3:DeleteObjectVersionTagging s3:GetObject s3:GetObjectAcl s3:GetObjectAttributes
    s3:GetObjectLegalHold s3:GetObjectRetention s3:GetObjectTagging s3:GetObjectTorrent s3:GetObjectVersion
    s3:GetObjectVersionAcl s3:GetObjectVersionAttributes s3:GetObjectVersionForReplication
    s3:GetObjectVersionTagging s3:GetObjectVersionTorrent s3:InitiateReplication s3:ListMultipartUploadParts
    s3:ObjectOwnerOverrideToBucketOwner s3:PutObject s3:PutObjectAcl s3:PutObjectLegalHold s3:PutObjectRetention
    s3:PutObjectTagging s3:PutObjectVersionAcl s3:PutObjectVersionTagging s3:ReplicateDelete s3:ReplicateObject
    s3:ReplicateTags s3:RestoreObject
";

impl Policy {
    /// Reads a policy that shall be kept for a bucket.
    pub(in crate::local_storage) fn for_bucket(text: &str, bucket: &str) -> Result<Self, Malformed> {
        let policy = Self::parse(text)?;
        if compact_bytes(text) > LARGEST_POLICY_BYTES {
            let reason = format!("Policies must not exceed {LARGEST_POLICY_BYTES} bytes in size");
            return Err(Malformed::new(reason));
        }
        let mut sids = HashSet::new();
        for statement in &policy.statements {
            if let Some(sid) = statement.sid.as_deref().filter(|sid| !sid.is_empty())
                && !sids.insert(sid)
            {
                return Err(Malformed::new("Statement IDs (SID) in a single policy must be unique."));
            }
            check(statement, bucket)?;
        }
        Ok(policy)
    }
}

/// Bytes of a JSON text without the white space between its tokens.
fn compact_bytes(text: &str) -> usize {
    let (mut inside, mut escaped, mut bytes) = (false, false, 0);
    for byte in text.bytes() {
        if inside || !byte.is_ascii_whitespace() {
            bytes += 1;
        }
        (inside, escaped) = match byte {
            _ if escaped => (inside, false),
            b'\\' if inside => (inside, true),
            b'"' => (!inside, false),
            _ => (inside, false),
        };
    }
    bytes
}

fn check(statement: &Statement, bucket: &str) -> Result<(), Malformed> {
    if statement.principals.listed().iter().any(|principal| !can_exist(principal)) {
        return Err(Malformed::new("Invalid principal in policy"));
    }
    let known = || OF_BUCKETS.split_whitespace().chain(OF_OBJECTS.split_whitespace());
    let unknown = |pattern: &String| !known().any(|action| matches_action(pattern, action));
    if statement.actions.listed().iter().any(unknown) {
        return Err(Malformed::new("Policy has invalid action"));
    }
    let mut abouts = Vec::new();
    for resource in statement.resources.listed() {
        let about = about(resource, bucket).ok_or_else(|| Malformed::new("Policy has invalid resource"))?;
        abouts.push(about);
    }
    check_that_actions_apply(statement, &abouts)?;
    for condition in &statement.conditions {
        if !Operator::read(&condition.operator).is_known() {
            return Err(Malformed::new(format!("Invalid Condition type : {}", condition.operator)));
        }
        let key = condition.key.to_ascii_lowercase();
        if !key.starts_with("aws:") && !key.starts_with("s3:") {
            return Err(Malformed::new("Policy has an invalid condition key"));
        }
    }
    Ok(())
}

/// What a resource can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Bucket,
    Objects,
    Both,
}

/// What of this bucket a resource names; `None` when it is none or another one's.
fn about(resource: &str, bucket: &str) -> Option<About> {
    if resource == "*" {
        return Some(About::Both);
    }
    let mut fields = resource.splitn(6, ':');
    let (arn, partition, service) = (fields.next()?, fields.next()?, fields.next()?);
    let (region, account, name) = (fields.next()?, fields.next()?, fields.next()?);
    let is_s3 = arn == "arn" && matches!(partition, "aws" | "aws-cn" | "aws-us-gov") && service == "s3";
    if !is_s3 || !region.is_empty() || !account.is_empty() {
        return None;
    }
    let own_pattern = |pattern: &str| glob(pattern, bucket);
    match name.split_once('/') {
        Some((pattern, _)) => own_pattern(pattern).then_some(About::Objects),
        // `bucket*` names the bucket and everything in it.
        None if own_pattern(name) && name.ends_with('*') => Some(About::Both),
        None => own_pattern(name).then_some(About::Bucket),
    }
}

/// Every action that is named must be one for some resource that is named.
fn check_that_actions_apply(statement: &Statement, abouts: &[About]) -> Result<(), Malformed> {
    use super::policy::Selection::These;
    let (These(actions), These(_)) = (&statement.actions, &statement.resources) else { return Ok(()) };
    let has = |wanted: About| abouts.iter().any(|about| *about == wanted || *about == About::Both);
    let of = |listed: &str, pattern: &str| listed.split_whitespace().any(|action| matches_action(pattern, action));
    for pattern in actions {
        let applies = of(OF_BUCKETS, pattern) && has(About::Bucket) || of(OF_OBJECTS, pattern) && has(About::Objects);
        if !applies {
            return Err(Malformed::new("Action does not apply to any resource(s) in statement"));
        }
    }
    Ok(())
}

fn can_exist(principal: &Principal) -> bool {
    match principal {
        Principal::Anyone | Principal::Federated(_) => true,
        Principal::Service(name) => name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn"),
        Principal::Canonical(id) => is_canonical_id(id),
        Principal::Aws(name) if is_account(name) => true,
        Principal::Aws(name) => {
            let fields: Vec<&str> = name.splitn(6, ':').collect();
            let ["arn", "aws" | "aws-cn" | "aws-us-gov", "iam" | "sts", "", account, rest] = fields.as_slice() else {
                return false;
            };
            let kinds = ["user/", "role/", "assumed-role/", "federated-user/"];
            let named = kinds.iter().any(|kind| rest.strip_prefix(kind).is_some_and(|name| !name.is_empty()));
            // Within an ARN of a principal there are no wildcards.
            !rest.contains('*') && (is_account(account) || *account == "cloudfront") && (named || *rest == "root")
        }
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#;

    fn reason(statements: &str) -> Option<String> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        Policy::for_bucket(&text, "b").err().map(|Malformed(reason)| reason)
    }

    #[test]
    fn policies_are_checked_as_amazon_does() {
        let with = |from: &str, to: &str| GOOD.replace(from, to);
        let condition = |text: &str| with("}", &format!(r#","Condition":{text}}}"#));
        let cases = [
            (GOOD.to_owned(), None),
            (with("b/*", "bb/*"), Some("invalid resource")),
            (with("b/*", "B/*"), Some("invalid resource")),
            (with("arn:aws:s3:::b/*", "b/*"), Some("invalid resource")),
            (with("arn:aws:s3:::b/*", "arn:aws:s3:us-east-1::b/*"), Some("invalid resource")),
            (with("arn:aws:s3:::b/*", "arn:aws-cn:s3:::b/*"), None),
            (with("arn:aws:s3:::b/*", "*"), None),
            (with("b/*", "b*"), None),
            (with("b/*", "b"), Some("does not apply")),
            (with("s3:GetObject", "s3:ListBucket"), Some("does not apply")),
            (with("s3:GetObject", "s3:*"), None),
            (with("s3:GetObject", "s3:Fetch"), Some("invalid action")),
            (with("s3:GetObject", "ec2:RunInstances"), Some("invalid action")),
            (with("s3:GetObject", "*"), None),
            (with(r#""s3:GetObject""#, r#"["s3:GetObject","s3:ListBucket"]"#), Some("does not apply")),
            (with(r#""*""#, r#"{"AWS":"arn:aws:iam::444455556666:user/ann"}"#), None),
            (with(r#""*""#, r#"{"AWS":"arn:aws:iam::444455556666:user/*"}"#), Some("Invalid principal")),
            (with(r#""*""#, r#"{"AWS":"ann"}"#), Some("Invalid principal")),
            (with(r#""*""#, r#"{"AWS":"123"}"#), Some("Invalid principal")),
            (with(r#""*""#, r#"{"CanonicalUser":"nobody"}"#), Some("Invalid principal")),
            (with(r#""*""#, r#"{"Service":"cloudfront.amazonaws.com"}"#), None),
            (with(r#""*""#, r#"{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}"#), None),
            (condition(r#"{"Bool":{"aws:SecureTransport":"true"}}"#), None),
            (condition(r#"{"Boole":{"aws:SecureTransport":"true"}}"#), Some("Invalid Condition type : Boole")),
            (condition(r#"{"Bool":{"SecureTransport":"true"}}"#), Some("invalid condition key")),
            (format!("{0},{0}", with("{", r#"{"Sid":"one","#)), Some("must be unique")),
        ];
        for (statements, expected) in cases {
            let found = reason(&statements);
            match (&found, expected) {
                (None, None) => {}
                (Some(found), Some(expected)) if found.contains(expected) => {}
                _ => panic!("{statements}: {found:?}, expected {expected:?}"),
            }
        }
    }

    #[test]
    fn twenty_kilobytes_are_the_most_and_white_space_is_free() {
        let policy = |bytes: usize, space: &str| {
            let text = format!(r#"{{"Id":"","Version":"2012-10-17","Statement":[{GOOD}]}}"#);
            let id = "x".repeat(bytes - text.len());
            text.replace(r#""Id":"""#, &format!(r#""Id":{space}"{id}""#))
        };
        let is_taken = |text: &str| Policy::for_bucket(text, "b").is_ok();
        assert!(is_taken(&policy(20 * 1024, "")));
        assert!(!is_taken(&policy(20 * 1024 + 1, "")));
        assert!(is_taken(&policy(20 * 1024, &" \n".repeat(5000))));
    }
}
