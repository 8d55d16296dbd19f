//! Who asks: a stranger, the owner of everything, or the holder of a further key with rights of its own.

use super::condition::glob;

/// Number of the account that owns this storage.
pub(in crate::local_storage) const OWN_ACCOUNT: &str = "111122223333";
/// Number of the one other account there can be.
pub(in crate::local_storage) const OTHER_ACCOUNT: &str = "444455556666";
/// Canonical id of the account that owns this storage.
pub(in crate::local_storage) const OWN_ID: &str = "bucketdrop";
/// Canonical id of the one other account there can be.
pub(in crate::local_storage) const OTHER_ID: &str = "another-account";

/// Whose key it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyAccount {
    /// The account that owns the buckets.
    #[default]
    Own,
    /// Another one: it may only what its rights and the bucket's owner both allow.
    Other,
}

/// What the holder of a further key may do, as an IAM policy would say it. Everything else is refused.
///
/// Actions are written as in policies (`s3:PutObject`, `s3:Get*`), resources without the ARN's beginning (`bucket`,
/// `bucket/prefix/*`), both with `*` and `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    allowed: Vec<String>,
    denied: Vec<String>,
    within: Vec<String>,
    account: KeyAccount,
}

impl Rights {
    /// Every action on every bucket.
    pub fn everything() -> Self {
        Self::only(&["s3:*"])
    }

    /// These actions, on every bucket.
    pub fn only(actions: &[&str]) -> Self {
        Self { allowed: owned(actions), denied: Vec::new(), within: vec!["*".into()], account: KeyAccount::Own }
    }

    /// Takes actions away, whatever else is allowed.
    #[must_use]
    pub fn except(mut self, actions: &[&str]) -> Self {
        self.denied.extend(owned(actions));
        self
    }

    /// Only on these buckets (`bucket`) and objects (`bucket/prefix/*`).
    #[must_use]
    pub fn within(mut self, resources: &[&str]) -> Self {
        self.within = owned(resources);
        self
    }

    /// The key belongs to another account.
    #[must_use]
    pub fn of_another_account(mut self) -> Self {
        self.account = KeyAccount::Other;
        self
    }

    pub(super) fn account(&self) -> KeyAccount {
        self.account
    }

    /// What they say about an action on a resource, given without the ARN's beginning.
    pub(super) fn opinion(&self, action: &str, resource: &str) -> Opinion {
        let names = |listed: &[String]| listed.iter().any(|pattern| matches_action(pattern, action));
        if names(&self.denied) {
            Opinion::Deny
        } else if names(&self.allowed) && self.within.iter().any(|pattern| glob(pattern, resource)) {
            Opinion::Allow
        } else {
            Opinion::Silent
        }
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// What a policy says about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opinion {
    Allow,
    Deny,
    Silent,
}

/// Names of actions are taken in any case.
pub(super) fn matches_action(pattern: &str, action: &str) -> bool {
    glob(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase())
}

/// Whoever sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::local_storage) enum Caller {
    /// Nobody has signed.
    Stranger,
    /// The storage's own key: the root of its account.
    Owner,
    /// A key of the plan, by its access key id.
    Holder { name: String, rights: Rights },
}

impl Caller {
    /// Number of the account; a stranger has none.
    pub(super) fn account(&self) -> Option<&'static str> {
        match self {
            Self::Stranger => None,
            Self::Owner => Some(OWN_ACCOUNT),
            Self::Holder { rights, .. } => match rights.account() {
                KeyAccount::Own => Some(OWN_ACCOUNT),
                KeyAccount::Other => Some(OTHER_ACCOUNT),
            },
        }
    }

    /// Canonical id of the account; a stranger has none.
    pub(in crate::local_storage) fn canonical_id(&self) -> Option<&'static str> {
        Some(if self.account()? == OWN_ACCOUNT { OWN_ID } else { OTHER_ID })
    }

    /// Whether the caller is of the account that owns the buckets.
    pub(in crate::local_storage) fn is_of_own_account(&self) -> bool {
        self.account() == Some(OWN_ACCOUNT)
    }

    /// As errors and conditions name them.
    pub(super) fn arn(&self) -> Option<String> {
        match self {
            Self::Stranger => None,
            Self::Owner => Some(format!("arn:aws:iam::{OWN_ACCOUNT}:root")),
            Self::Holder { name, .. } => Some(format!("arn:aws:iam::{}:user/{name}", self.account()?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_allow_what_they_name() {
        let rights =
            Rights::only(&["s3:Get*", "s3:putobject"]).except(&["s3:GetBucketPolicy"]).within(&["b", "b/in/*"]);
        let cases = [
            ("s3:GetObject", "b/in/x", Opinion::Allow),
            ("s3:PutObject", "b/in/x/y", Opinion::Allow),
            ("s3:GetObject", "b/out", Opinion::Silent),
            ("s3:GetBucketAcl", "b", Opinion::Allow),
            ("s3:GetBucketPolicy", "b", Opinion::Deny),
            ("s3:DeleteObject", "b/in/x", Opinion::Silent),
        ];
        for (action, resource, expected) in cases {
            assert_eq!(rights.opinion(action, resource), expected, "{action} {resource}");
        }
    }
}
