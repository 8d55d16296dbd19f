//! ACLs over the wire: of objects and of buckets, and what becomes of the one that a new object comes with.

use http::Extensions;
use s3s::dto::{
    AccessControlPolicy, GetBucketAclInput, GetBucketAclOutput, GetObjectAclInput, GetObjectAclOutput, Owner,
    PutBucketAclInput, PutBucketAclOutput, PutObjectAclInput, PutObjectAclOutput,
};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::access::ownership::Ownership;
use super::access::{
    Acl, BucketSettings, Caller, OTHER_ID, OWN_ID, Owners, PublicAccessBlock, PublicAccessSwitch, of_headers, refused,
};
use super::index::{BucketRow, ObjectRow, Write};
use super::requests::refuse_unsupported;
use super::service::{Storage, owner};

/// Canned ACL and owner of an object to be, as the index keeps them.
#[derive(Clone, Debug)]
pub(super) struct NewAcl {
    pub acl: String,
    /// Canonical id, where it is not the bucket owner's.
    pub owner: Option<String>,
}

/// Checks what ACL a request wants for a new object, against the bucket's settings.
pub(super) fn for_new_object(
    storage: &Storage,
    asked: Option<Acl>,
    bucket: &BucketRow,
    extensions: &Extensions,
) -> S3Result<NewAcl> {
    let caller = caller(extensions);
    let rules = Rules::of(&bucket.settings, &storage.account_block());
    let acl = rules.check(asked, &caller, "s3:PutObject", &bucket.name)?;
    let hands_over = acl.as_ref().is_some_and(Acl::is_bucket_owner_full_control);
    let owner = match bucket.settings.ownership {
        Some(Ownership::BucketOwnerEnforced) => None,
        Some(Ownership::BucketOwnerPreferred) if hands_over => None,
        _ => caller.canonical_id().filter(|id| *id == OTHER_ID).map(str::to_owned),
    };
    Ok(NewAcl { acl: acl.unwrap_or_else(Acl::private).to_column(), owner })
}

fn caller(extensions: &Extensions) -> Caller {
    extensions.get::<Caller>().cloned().unwrap_or(Caller::Owner)
}

/// What a bucket and the account hold ACLs to.
struct Rules {
    has_acls: HasAcls,
    block: PublicAccessBlock,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum HasAcls {
    Yes,
    No,
}

impl Rules {
    fn of(settings: &BucketSettings, account: &PublicAccessBlock) -> Self {
        let enforced = settings.ownership == Some(Ownership::BucketOwnerEnforced);
        Self {
            has_acls: if enforced { HasAcls::No } else { HasAcls::Yes },
            block: settings.block.clone().unwrap_or_default().and(account),
        }
    }

    /// The ACL that may be set; `None` where none was asked for or it means nothing.
    fn check(&self, asked: Option<Acl>, caller: &Caller, action: &str, resource: &str) -> S3Result<Option<Acl>> {
        let Some(acl) = asked else { return Ok(None) };
        if self.has_acls == HasAcls::No {
            return if acl.is_bucket_owner_full_control() { Ok(None) } else { Err(not_supported()) };
        }
        if acl.is_public() && self.block.has(PublicAccessSwitch::BlockPublicAcls) {
            let why = "public access control lists (ACLs) are prevented by the BlockPublicAcls setting in S3 Block \
                       Public Access";
            return Err(refused(caller, action, resource, why));
        }
        Ok(Some(acl))
    }
}

fn not_supported() -> S3Error {
    s3_error!(AccessControlListNotSupported, "The bucket does not allow ACLs")
}

/// The one ACL that a request to set it names, by a header or in its body.
fn asked_for(header: Option<Acl>, body: Option<&AccessControlPolicy>, owner_id: &str) -> S3Result<Acl> {
    match (header, body) {
        (Some(acl), None) => Ok(acl),
        (None, Some(policy)) => {
            let named = policy.owner.as_ref().and_then(|owner| owner.id.as_deref());
            let Some(named) = named else {
                let text = "The XML you provided was not well-formed or did not validate against our published schema";
                return Err(s3_error!(MalformedACLError, "{text}"));
            };
            if named != owner_id {
                return Err(s3_error!(AccessDenied, "Access Denied"));
            }
            Acl::from_wire(policy.grants.as_deref().unwrap_or_default())
        }
        (Some(_), Some(_)) => Err(s3_error!(UnexpectedContent, "This request does not support content")),
        (None, None) => Err(s3_error!(MissingSecurityHeader, "Your request was missing a required header: x-amz-acl")),
    }
}

fn owners(object: &ObjectRow) -> Owners<'_> {
    Owners { of_it: object.detail.owner.as_deref().unwrap_or(OWN_ID), of_the_bucket: OWN_ID }
}

pub(super) fn wire_owner(id: &str) -> Owner {
    if id == OWN_ID { owner() } else { Owner { id: Some(id.to_owned()), display_name: Some(id.to_owned()) } }
}

pub(super) async fn get(storage: &Storage, input: GetObjectAclInput) -> S3Result<S3Response<GetObjectAclOutput>> {
    let bucket = storage.require_bucket(&input.bucket).await?;
    let (object, _) = storage.object(&input.bucket, &input.key, input.version_id).await?;
    // Where ACLs are off, everything is the bucket owner's.
    let enforced = bucket.settings.ownership == Some(Ownership::BucketOwnerEnforced);
    let whole = Owners { of_it: OWN_ID, of_the_bucket: OWN_ID };
    let (acl, owners) =
        if enforced { (Acl::private(), whole) } else { (Acl::from_column(&object.acl), owners(&object)) };
    Ok(S3Response::new(GetObjectAclOutput {
        grants: Some(acl.wire_grants(owners)),
        owner: Some(wire_owner(owners.of_it)),
        request_charged: None,
    }))
}

pub(super) async fn put(
    storage: &Storage,
    req: S3Request<PutObjectAclInput>,
) -> S3Result<S3Response<PutObjectAclOutput>> {
    refuse_unsupported(&req.headers, &req.extensions)?;
    let (header, caller) = (of_headers(&req.headers)?, caller(&req.extensions));
    let input = req.input;
    let account = storage.account_block();
    let change = move |write: &mut Write<'_>| {
        let bucket = BucketRow::require(write.conn, &input.bucket)?;
        let mut object = ObjectRow::require(write.conn, bucket.id, &input.key, input.version_id.as_deref())?;
        let asked = asked_for(header, input.access_control_policy.as_ref(), owners(&object).of_it)?;
        let rules = Rules::of(&bucket.settings, &account);
        let resource = format!("{}/{}", input.bucket, input.key);
        if let Some(acl) = rules.check(Some(asked), &caller, "s3:PutObjectAcl", &resource)? {
            object.acl = acl.to_column();
            write.update_object(bucket.id, &input.key, &object)?;
        }
        Ok(())
    };
    storage.index.write(Vec::new(), change).await?;
    Ok(S3Response::new(PutObjectAclOutput::default()))
}

pub(super) async fn get_of_bucket(
    storage: &Storage,
    input: GetBucketAclInput,
) -> S3Result<S3Response<GetBucketAclOutput>> {
    let bucket = storage.require_bucket(&input.bucket).await?;
    let acl = bucket.settings.acl.unwrap_or_else(Acl::private);
    let grants = acl.wire_grants(Owners { of_it: OWN_ID, of_the_bucket: OWN_ID });
    Ok(S3Response::new(GetBucketAclOutput { grants: Some(grants), owner: Some(owner()) }))
}

pub(super) async fn put_of_bucket(
    storage: &Storage,
    req: S3Request<PutBucketAclInput>,
) -> S3Result<S3Response<PutBucketAclOutput>> {
    let (header, caller) = (of_headers(&req.headers)?, caller(&req.extensions));
    let input = req.input;
    let account = storage.account_block();
    storage.rules_are_there();
    let change = move |write: &mut Write<'_>| {
        let mut bucket = BucketRow::require(write.conn, &input.bucket)?;
        let asked = asked_for(header, input.access_control_policy.as_ref(), OWN_ID)?;
        let rules = Rules::of(&bucket.settings, &account);
        if let Some(acl) = rules.check(Some(asked), &caller, "s3:PutBucketAcl", &input.bucket)? {
            bucket.settings.acl = Some(acl);
            write.set_settings(&bucket)?;
        }
        Ok(())
    };
    storage.index.write(Vec::new(), change).await?;
    Ok(S3Response::new(PutBucketAclOutput::default()))
}
