//! Lifecycle rules, as far as they abort unfinished uploads. Only a plan has some, and only to be read: nothing is
//! aborted by them, so none can be set here by a request.

use s3s::dto::{
    AbortIncompleteMultipartUpload, ExpirationStatus, GetBucketLifecycleConfigurationInput,
    GetBucketLifecycleConfigurationOutput, LifecycleRule, LifecycleRuleFilter,
};
use s3s::{S3Response, S3Result};

use super::buckets;
use super::faults::PlannedCleaning;
use super::service::Storage;

pub(super) async fn get(
    storage: &Storage,
    input: GetBucketLifecycleConfigurationInput,
) -> S3Result<S3Response<GetBucketLifecycleConfigurationOutput>> {
    let planned = storage.surroundings().cleaning;
    if planned.is_empty() {
        let message = "The lifecycle configuration does not exist";
        return buckets::not_set(storage, &input.bucket, "NoSuchLifecycleConfiguration", message).await;
    }
    storage.require_bucket(&input.bucket).await?;
    let rules = planned.into_iter().map(rule).collect();
    Ok(S3Response::new(GetBucketLifecycleConfigurationOutput { rules: Some(rules), ..Default::default() }))
}

fn rule(planned: PlannedCleaning) -> LifecycleRule {
    let status = if planned.is_enabled { ExpirationStatus::ENABLED } else { ExpirationStatus::DISABLED };
    let abort = AbortIncompleteMultipartUpload { days_after_initiation: Some(planned.days) };
    LifecycleRule {
        abort_incomplete_multipart_upload: Some(abort),
        expiration: None,
        filter: Some(LifecycleRuleFilter { prefix: Some(planned.prefix), ..Default::default() }),
        id: None,
        noncurrent_version_expiration: None,
        noncurrent_version_transitions: None,
        prefix: None,
        status: ExpirationStatus::from_static(status),
        transitions: None,
    }
}
