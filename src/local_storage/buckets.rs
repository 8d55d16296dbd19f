//! Making, listing, looking at and removing buckets, and the settings of a bucket that has none set.

use http::StatusCode;
use s3s::dto::{
    Bucket, BucketLocationConstraint, CreateBucketInput, CreateBucketOutput, DeleteBucketInput, DeleteBucketOutput,
    GetBucketLocationOutput, HeadBucketOutput, ListBucketsInput, ListBucketsOutput,
};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::access::ownership::{Ownership, acl_in_the_way};
use super::access::{Acl, BucketSettings, PublicAccessSwitch, of_headers};
use super::errors::custom;
use super::index::{BucketRow, Write};
use super::requests::{from_ms, now_ms};
use super::service::{Storage, owner};
use crate::model::BucketName;

pub(super) async fn create(
    storage: &Storage,
    req: S3Request<CreateBucketInput>,
) -> S3Result<S3Response<CreateBucketOutput>> {
    let input = req.input;
    let asked_acl = of_headers(&req.headers)?;
    if input.object_lock_enabled_for_bucket == Some(true) {
        let text = "A header you provided implies functionality that is not implemented";
        return Err(s3_error!(NotImplemented, "{text}"));
    }
    if BucketName::check_new(&input.bucket).is_err() {
        return Err(s3_error!(InvalidBucketName, "The specified bucket is not valid."));
    }
    let constraint = input.create_bucket_configuration.and_then(|configuration| configuration.location_constraint);
    let wanted = constraint.as_ref().map_or("us-east-1", BucketLocationConstraint::as_str);
    if wanted != storage.region {
        let text = format!(
            "The {} location constraint is incompatible for the region specific endpoint this request was sent to.",
            constraint.as_ref().map_or("unspecified", BucketLocationConstraint::as_str)
        );
        return Err(s3_error!(IllegalLocationConstraintException, "{text}"));
    }
    let location = format!("/{}", input.bucket);
    let region = storage.region.clone();
    let mut settings = storage.new_bucket_settings();
    if let Some(ownership) = &input.object_ownership {
        settings.ownership = Some(Ownership::from_name(ownership)?);
    }
    if let Some(acl) = asked_acl.filter(Acl::gives_to_others) {
        if settings.ownership == Some(Ownership::BucketOwnerEnforced) {
            return Err(acl_in_the_way());
        }
        // The bucket's own block is set after its making, so only the account's can be in the way.
        if acl.is_public() && storage.account_block().has(PublicAccessSwitch::BlockPublicAcls) {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        }
        settings.acl = Some(acl);
    }
    if settings != BucketSettings::default() {
        storage.rules_are_there();
    }
    let make = move |write: &mut Write<'_>| write.create_bucket(&input.bucket, &region, now_ms(), &settings);
    storage.index.write(Vec::new(), make).await?;
    Ok(S3Response::new(CreateBucketOutput { location: Some(location) }))
}

pub(super) async fn list(storage: &Storage, input: ListBucketsInput) -> S3Result<S3Response<ListBucketsOutput>> {
    let limit = input.max_buckets.unwrap_or(10_000);
    if !(1..=10_000).contains(&limit) {
        return Err(s3_error!(InvalidArgument, "Argument max-buckets must be an integer between 1 and 10000"));
    }
    let (prefix, after) = (input.prefix.clone().unwrap_or_default(), input.continuation_token.unwrap_or_default());
    let find = move |conn: &rusqlite::Connection| BucketRow::list(conn, &prefix, &after, i64::from(limit) + 1);
    let mut found = storage.index.read(find).await?;
    let shown = usize::try_from(limit).unwrap_or_default();
    let more = found.len() > shown;
    found.truncate(shown);
    let with_region = input.max_buckets.is_some() || input.bucket_region.is_some() || input.prefix.is_some();
    let continuation_token = found.last().filter(|_| more).map(|bucket| bucket.name.clone());
    let buckets = found
        .into_iter()
        .filter(|bucket| input.bucket_region.as_ref().is_none_or(|region| *region == bucket.region))
        .map(|bucket| Bucket {
            name: Some(bucket.name),
            creation_date: Some(from_ms(bucket.created_ms)),
            bucket_region: with_region.then_some(bucket.region),
        });
    let output = ListBucketsOutput {
        buckets: Some(buckets.collect()),
        continuation_token,
        owner: Some(owner()),
        prefix: input.prefix,
    };
    Ok(S3Response::new(output))
}

pub(super) async fn head(storage: &Storage, bucket: &str) -> S3Result<S3Response<HeadBucketOutput>> {
    let bucket = storage.require_bucket(bucket).await?;
    Ok(S3Response::new(HeadBucketOutput { bucket_region: Some(bucket.region), ..Default::default() }))
}

pub(super) async fn location(storage: &Storage, bucket: &str) -> S3Result<S3Response<GetBucketLocationOutput>> {
    let bucket = storage.require_bucket(bucket).await?;
    // Amazon says nothing for its oldest region.
    let constraint = (bucket.region != "us-east-1").then(|| BucketLocationConstraint::from(bucket.region));
    Ok(S3Response::new(GetBucketLocationOutput { location_constraint: constraint }))
}

pub(super) async fn delete(storage: &Storage, input: DeleteBucketInput) -> S3Result<S3Response<DeleteBucketOutput>> {
    let remove = move |write: &mut Write<'_>| write.delete_bucket(&input.bucket);
    storage.index.write(Vec::new(), remove).await?;
    Ok(S3Response::with_status(DeleteBucketOutput::default(), StatusCode::NO_CONTENT))
}

/// The answer to asking for a setting that a bucket does not have; `NoSuchBucket` comes first.
pub(super) async fn not_set<T>(
    storage: &Storage,
    bucket: &str,
    code: &'static str,
    message: &'static str,
) -> S3Result<S3Response<T>> {
    storage.require_bucket(bucket).await?;
    let missing: S3Error = custom(StatusCode::NOT_FOUND, code, message);
    Err(missing)
}
