//! Object Ownership: whether ACLs mean anything in a bucket, and whose the objects are.

use http::StatusCode;
use s3s::dto::{
    DeleteBucketOwnershipControlsInput, DeleteBucketOwnershipControlsOutput, GetBucketOwnershipControlsInput,
    GetBucketOwnershipControlsOutput, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
    PutBucketOwnershipControlsInput, PutBucketOwnershipControlsOutput,
};
use s3s::{S3Error, S3Response, S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::grants::Acl;
use crate::local_storage::errors::custom;
use crate::local_storage::index::{BucketRow, Write};
use crate::local_storage::service::Storage;

/// The setting of a bucket. One without it is like `ObjectWriter`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::local_storage) enum Ownership {
    /// ACLs are off; the bucket's owner has every object.
    BucketOwnerEnforced,
    /// ACLs are on; objects that come with `bucket-owner-full-control` are the bucket owner's.
    BucketOwnerPreferred,
    /// ACLs are on; objects are of whoever sends them.
    ObjectWriter,
}

impl Ownership {
    pub(in crate::local_storage) fn from_name(name: &ObjectOwnership) -> S3Result<Self> {
        match name.as_str() {
            ObjectOwnership::BUCKET_OWNER_ENFORCED => Ok(Self::BucketOwnerEnforced),
            ObjectOwnership::BUCKET_OWNER_PREFERRED => Ok(Self::BucketOwnerPreferred),
            ObjectOwnership::OBJECT_WRITER => Ok(Self::ObjectWriter),
            _ => {
                let text = "The XML you provided was not well-formed or did not validate against our published schema";
                Err(s3_error!(MalformedXML, "{text}"))
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::BucketOwnerEnforced => ObjectOwnership::BUCKET_OWNER_ENFORCED,
            Self::BucketOwnerPreferred => ObjectOwnership::BUCKET_OWNER_PREFERRED,
            Self::ObjectWriter => ObjectOwnership::OBJECT_WRITER,
        }
    }
}

/// The bucket's ACL gives something to others, and ACLs are to be off.
pub(in crate::local_storage) fn acl_in_the_way() -> S3Error {
    let text = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
    custom(StatusCode::BAD_REQUEST, "InvalidBucketAclWithObjectOwnership", text)
}

pub(in crate::local_storage) async fn get(
    storage: &Storage,
    input: GetBucketOwnershipControlsInput,
) -> S3Result<S3Response<GetBucketOwnershipControlsOutput>> {
    let bucket = storage.require_bucket(&input.bucket).await?;
    let Some(ownership) = bucket.settings.ownership else {
        let text = "The bucket ownership controls were not found";
        return Err(custom(StatusCode::NOT_FOUND, "OwnershipControlsNotFoundError", text));
    };
    let rule = OwnershipControlsRule { object_ownership: ObjectOwnership::from_static(ownership.name()) };
    let controls = OwnershipControls { rules: vec![rule] };
    Ok(S3Response::new(GetBucketOwnershipControlsOutput { ownership_controls: Some(controls) }))
}

pub(in crate::local_storage) async fn put(
    storage: &Storage,
    input: PutBucketOwnershipControlsInput,
) -> S3Result<S3Response<PutBucketOwnershipControlsOutput>> {
    let [rule] = input.ownership_controls.rules.as_slice() else {
        let text = "The XML you provided was not well-formed or did not validate against our published schema";
        return Err(s3_error!(MalformedXML, "{text}"));
    };
    let ownership = Ownership::from_name(&rule.object_ownership)?;
    storage.rules_are_there();
    let set = move |write: &mut Write<'_>| {
        let mut bucket = BucketRow::require(write.conn, &input.bucket)?;
        let has_grants = bucket.settings.acl.as_ref().is_some_and(Acl::gives_to_others);
        if ownership == Ownership::BucketOwnerEnforced && has_grants {
            return Err(acl_in_the_way());
        }
        bucket.settings.ownership = Some(ownership);
        write.set_settings(&bucket)
    };
    storage.index.write(Vec::new(), set).await?;
    Ok(S3Response::new(PutBucketOwnershipControlsOutput::default()))
}

pub(in crate::local_storage) async fn delete(
    storage: &Storage,
    input: DeleteBucketOwnershipControlsInput,
) -> S3Result<S3Response<DeleteBucketOwnershipControlsOutput>> {
    storage.change_settings(&input.bucket, |settings| settings.ownership = None).await?;
    Ok(S3Response::with_status(DeleteBucketOwnershipControlsOutput::default(), StatusCode::NO_CONTENT))
}
