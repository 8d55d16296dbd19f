//! Who may do what: rights of a key, bucket policy, Block Public Access, ownership and ACLs, put together.

use s3s::{S3Error, s3_error};

use super::block::{PublicAccessBlock, PublicAccessSwitch};
use super::caller::{Caller, OWN_ID, Opinion};
use super::condition::Context;
use super::evaluate::Ask;
use super::grants::{Acl, Groups, Owners, Permission, Who};
use super::policy::Policy;
use super::settings::BucketSettings;
use crate::local_storage::encryption::Encryption;

/// One request in one bucket; keys may be asked about one after the other.
#[derive(Clone, Debug)]
pub(in crate::local_storage) struct Case {
    pub(super) caller: Caller,
    pub(super) bucket: String,
    pub(super) settings: BucketSettings,
    pub(super) policy: Option<Policy>,
    /// Bucket and account together.
    pub(super) block: PublicAccessBlock,
    pub(super) context: Context,
    /// E.g. `aws`.
    pub(super) partition: &'static str,
}

/// What of an object counts for access.
#[derive(Clone, Debug)]
pub(super) struct ObjectFacts {
    pub acl: Acl,
    /// Canonical id, where it is not the bucket owner's.
    pub owner: Option<String>,
    pub encryption: Option<Encryption>,
}

impl ObjectFacts {
    /// Whether strangers cannot read it, whatever they may.
    pub(super) fn needs_signature(&self) -> bool {
        matches!(self.encryption, Some(Encryption::Kms { .. }))
    }
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::local_storage) enum Denial {
    /// Something says no.
    Explicit(&'static str),
    /// Nothing says yes.
    Implicit,
}

const BY_POLICY: &str = "with an explicit deny in a resource-based policy";
const BY_RIGHTS: &str = "with an explicit deny in an identity-based policy";

impl Case {
    /// Whether the caller may do this to the bucket, or to an object of it. What is given of the object counts for
    /// its ACL and its owner.
    pub(super) fn may(&self, action: &str, key: Option<&str>, object: Option<&ObjectFacts>) -> Result<(), Denial> {
        let resource = key.map_or_else(|| self.bucket.clone(), |key| format!("{}/{key}", self.bucket));
        let by_rights = match &self.caller {
            Caller::Stranger => Opinion::Silent,
            Caller::Owner => Opinion::Allow,
            Caller::Holder { rights, .. } => rights.opinion(action, &resource),
        };
        if by_rights == Opinion::Deny {
            return Err(Denial::Explicit(BY_RIGHTS));
        }
        let arn = format!("arn:{}:s3:::{resource}", self.partition);
        let ask = Ask { caller: &self.caller, action, resource: &arn, context: &self.context };
        let by_policy = self.policy.as_ref().map_or(Opinion::Silent, |policy| policy.opinion(ask));
        if by_policy == Opinion::Deny && !self.is_way_out(action) {
            return Err(Denial::Explicit(BY_POLICY));
        }
        let is_foreign = self.settings.has_acls() && object.is_some_and(|object| object.owner.is_some());
        let by_policy = by_policy == Opinion::Allow && !is_foreign && !self.is_restricted();
        let by_acl = self.acl_allows(action, object);
        let allowed = if self.caller.is_of_own_account() {
            let by_rights = by_rights == Opinion::Allow && (!is_foreign || !is_read(action));
            by_rights || by_policy || by_acl
        } else {
            let is_stranger = self.caller == Caller::Stranger;
            (is_stranger || by_rights == Opinion::Allow) && (by_policy || by_acl)
        };
        if allowed { Ok(()) } else { Err(Denial::Implicit) }
    }

    /// The account's root can always read, replace and remove a policy, so that nobody locks himself out.
    fn is_way_out(&self, action: &str) -> bool {
        let of_policy = matches!(action, "s3:GetBucketPolicy" | "s3:PutBucketPolicy" | "s3:DeleteBucketPolicy");
        of_policy && self.caller == Caller::Owner
    }

    /// Under `RestrictPublicBuckets` a public policy gives nothing outside the account, in none of its statements.
    fn is_restricted(&self) -> bool {
        !self.caller.is_of_own_account()
            && self.block.has(PublicAccessSwitch::RestrictPublicBuckets)
            && self.policy.as_ref().is_some_and(Policy::is_public)
    }

    fn acl_allows(&self, action: &str, object: Option<&ObjectFacts>) -> bool {
        if !self.settings.has_acls() {
            return false;
        }
        let ignores_public = self.block.has(PublicAccessSwitch::IgnorePublicAcls);
        let groups = if ignores_public { Groups::AreIgnored } else { Groups::Count };
        let who = Who { canonical_id: self.caller.canonical_id(), groups };
        let private = Acl::private();
        match granted_by(action) {
            Some((Target::Bucket, permission)) => {
                // The owner's own users need rights; his canonical id in the ACL does not give them any.
                let acl = self.settings.acl.as_ref().unwrap_or(&private);
                let who = self.without_own_account(who);
                acl.allows(permission, who, Owners { of_it: OWN_ID, of_the_bucket: OWN_ID })
            }
            Some((Target::Object, permission)) => object.is_some_and(|object| {
                let of_it = object.owner.as_deref().unwrap_or(OWN_ID);
                let who = if object.owner.is_some() { who } else { self.without_own_account(who) };
                object.acl.allows(permission, who, Owners { of_it, of_the_bucket: OWN_ID })
            }),
            None => false,
        }
    }

    fn without_own_account<'a>(&self, who: Who<'a>) -> Who<'a> {
        // Signed all the same, so "everybody with an account" still counts by what all are given.
        if self.caller.is_of_own_account() { Who { canonical_id: Some(""), ..who } } else { who }
    }

    /// The answer to somebody who may not.
    pub(super) fn refusal(&self, denial: Denial, action: &str, key: Option<&str>) -> S3Error {
        let resource = key.map_or_else(|| self.bucket.clone(), |key| format!("{}/{key}", self.bucket));
        match denial {
            Denial::Explicit(why) => refused(&self.caller, action, &resource, why),
            Denial::Implicit => {
                let name = action.trim_start_matches("s3:");
                let why = format!("because no identity-based policy allows the s3:{name} action");
                refused(&self.caller, action, &resource, &why)
            }
        }
    }

    /// For every key of a list: whether the caller may, or the answer for that key.
    pub(in crate::local_storage) fn check_delete(&self, key: &str, version: Option<&str>) -> Result<(), S3Error> {
        let action = if version.is_some() { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
        self.may(action, Some(key), None).map_err(|denial| self.refusal(denial, action, Some(key)))
    }
}

/// What an ACL must give for an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Bucket,
    Object,
}

fn granted_by(action: &str) -> Option<(Target, Permission)> {
    Some(match action {
        "s3:GetObject" | "s3:GetObjectVersion" => (Target::Object, Permission::Read),
        "s3:GetObjectAcl" | "s3:GetObjectVersionAcl" => (Target::Object, Permission::ReadAcp),
        "s3:PutObjectAcl" | "s3:PutObjectVersionAcl" => (Target::Object, Permission::WriteAcp),
        "s3:ListBucket" | "s3:ListBucketVersions" | "s3:ListBucketMultipartUploads" => {
            (Target::Bucket, Permission::Read)
        }
        "s3:PutObject" | "s3:DeleteObject" => (Target::Bucket, Permission::Write),
        "s3:GetBucketAcl" => (Target::Bucket, Permission::ReadAcp),
        "s3:PutBucketAcl" => (Target::Bucket, Permission::WriteAcp),
        _ => return None,
    })
}

/// What the owner of a bucket may not do to an object of somebody else's. Deleting he may.
fn is_read(action: &str) -> bool {
    !matches!(action, "s3:DeleteObject" | "s3:DeleteObjectVersion" | "s3:PutObject" | "s3:RestoreObject")
}

/// `AccessDenied`, with the reason for users of the bucket's own account; others are told nothing.
pub(in crate::local_storage) fn refused(caller: &Caller, action: &str, resource: &str, why: &str) -> S3Error {
    match caller.arn().filter(|_| caller.is_of_own_account()) {
        None => s3_error!(AccessDenied, "Access Denied"),
        Some(arn) => {
            let because = if why.starts_with("with ") || why.starts_with("because ") { "" } else { "because " };
            let text = format!(
                "User: {arn} is not authorized to perform: {action} on resource: \"arn:aws:s3:::{resource}\" {because}{why}"
            );
            s3_error!(AccessDenied, "{text}")
        }
    }
}
