//! What a bucket is set to, as the index keeps it, and the operations on its policy.

use http::StatusCode;
use s3s::dto::{
    DeleteBucketPolicyInput, DeleteBucketPolicyOutput, GetBucketPolicyInput, GetBucketPolicyOutput,
    GetBucketPolicyStatusInput, GetBucketPolicyStatusOutput, PolicyStatus, PutBucketPolicyInput, PutBucketPolicyOutput,
};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::block::{PublicAccessBlock, PublicAccessSwitch};
use super::caller::Caller;
use super::grants::Acl;
use super::judge::refused;
use super::ownership::Ownership;
use super::policy::{Malformed, Policy};
use crate::local_storage::errors::custom;
use crate::local_storage::index::{BucketRow, Write};
use crate::local_storage::service::Storage;

/// All settings of a bucket about who may what. Fields may be added, since it is stored as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::local_storage) struct BucketSettings {
    /// The policy, by the letter as it was put.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<PublicAccessBlock>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ownership: Option<Ownership>,
    /// `None` is private.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl: Option<Acl>,
    #[serde(skip_serializing_if = "Payer::is_owner")]
    pub payer: Payer,
}

/// Who pays for requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::local_storage) enum Payer {
    #[default]
    BucketOwner,
    Requester,
}

impl Payer {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
    fn is_owner(&self) -> bool {
        *self == Self::BucketOwner
    }
}

impl BucketSettings {
    /// As Amazon makes buckets since April 2023: closed to the public, without ACLs.
    pub(in crate::local_storage) fn of_a_new_bucket() -> Self {
        let (block, ownership) = (Some(PublicAccessBlock::all()), Some(Ownership::BucketOwnerEnforced));
        Self { block, ownership, ..Self::default() }
    }

    /// The policy, read. What cannot be read opens nothing.
    pub(super) fn policy(&self) -> Option<Policy> {
        let policy = Policy::parse(self.policy.as_deref()?);
        policy.inspect_err(|Malformed(reason)| tracing::error!(reason, "a kept policy cannot be read")).ok()
    }

    pub(super) fn has_acls(&self) -> bool {
        self.ownership != Some(Ownership::BucketOwnerEnforced)
    }
}

pub(super) fn no_policy() -> S3Error {
    custom(StatusCode::NOT_FOUND, "NoSuchBucketPolicy", "The bucket policy does not exist")
}

pub(in crate::local_storage) async fn get_policy(
    storage: &Storage,
    input: GetBucketPolicyInput,
) -> S3Result<S3Response<GetBucketPolicyOutput>> {
    let bucket = storage.require_bucket(&input.bucket).await?;
    let policy = bucket.settings.policy.ok_or_else(no_policy)?;
    let mut answer = S3Response::new(GetBucketPolicyOutput { policy: Some(policy) });
    answer.headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    Ok(answer)
}

pub(in crate::local_storage) async fn get_policy_status(
    storage: &Storage,
    input: GetBucketPolicyStatusInput,
) -> S3Result<S3Response<GetBucketPolicyStatusOutput>> {
    let bucket = storage.require_bucket(&input.bucket).await?;
    let policy = bucket.settings.policy().ok_or_else(no_policy)?;
    let status = PolicyStatus { is_public: Some(policy.is_public()) };
    Ok(S3Response::new(GetBucketPolicyStatusOutput { policy_status: Some(status) }))
}

pub(in crate::local_storage) async fn put_policy(
    storage: &Storage,
    req: S3Request<PutBucketPolicyInput>,
) -> S3Result<S3Response<PutBucketPolicyOutput>> {
    let caller = req.extensions.get::<Caller>().cloned().unwrap_or(Caller::Owner);
    let input = req.input;
    let account = storage.account_block();
    storage.rules_are_there();
    let set = move |write: &mut Write<'_>| {
        let mut bucket = BucketRow::require(write.conn, &input.bucket)?;
        let policy = Policy::for_bucket(&input.policy, &input.bucket)
            .map_err(|Malformed(reason)| s3_error!(MalformedPolicy, "{reason}"))?;
        let block = bucket.settings.block.clone().unwrap_or_default().and(&account);
        if policy.is_public() && block.has(PublicAccessSwitch::BlockPublicPolicy) {
            let why = "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access";
            return Err(refused(&caller, "s3:PutBucketPolicy", &input.bucket, why));
        }
        bucket.settings.policy = Some(input.policy);
        write.set_settings(&bucket)
    };
    storage.index.write(Vec::new(), set).await?;
    Ok(S3Response::with_status(PutBucketPolicyOutput::default(), StatusCode::NO_CONTENT))
}

pub(in crate::local_storage) async fn delete_policy(
    storage: &Storage,
    input: DeleteBucketPolicyInput,
) -> S3Result<S3Response<DeleteBucketPolicyOutput>> {
    storage.change_settings(&input.bucket, |settings| settings.policy = None).await?;
    Ok(S3Response::with_status(DeleteBucketPolicyOutput::default(), StatusCode::NO_CONTENT))
}
