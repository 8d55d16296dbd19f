//! Block Public Access: the four switches of a bucket, and those of the whole account, which only a test can set.

use http::StatusCode;
use s3s::dto::{
    DeletePublicAccessBlockInput, DeletePublicAccessBlockOutput, GetPublicAccessBlockInput, GetPublicAccessBlockOutput,
    PublicAccessBlockConfiguration, PutPublicAccessBlockInput, PutPublicAccessBlockOutput,
};
use s3s::{S3Response, S3Result};
use serde::{Deserialize, Serialize};

use PublicAccessSwitch::{BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets};

use crate::local_storage::errors::custom;
use crate::local_storage::service::Storage;

/// One of the four switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PublicAccessSwitch {
    /// A request that sets a public ACL is refused.
    BlockPublicAcls,
    /// Public ACLs stay, and open nothing.
    IgnorePublicAcls,
    /// A public policy is not taken.
    BlockPublicPolicy,
    /// While the policy is public, it opens nothing to strangers and other accounts.
    RestrictPublicBuckets,
}

/// Which switches are on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicAccessBlock(Vec<PublicAccessSwitch>);

impl PublicAccessBlock {
    /// All four, as Amazon sets them for new buckets.
    pub fn all() -> Self {
        Self(vec![BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets])
    }

    /// These and no other.
    pub fn only(switches: &[PublicAccessSwitch]) -> Self {
        Self(switches.to_vec())
    }

    /// Whether a switch is on.
    pub fn has(&self, switch: PublicAccessSwitch) -> bool {
        self.0.contains(&switch)
    }

    /// The stricter of two levels, switch by switch.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().chain(&other.0).copied().collect())
    }
}

pub(in crate::local_storage) async fn get(
    storage: &Storage,
    input: GetPublicAccessBlockInput,
) -> S3Result<S3Response<GetPublicAccessBlockOutput>> {
    let bucket = storage.require_bucket(&input.bucket).await?;
    let Some(block) = bucket.settings.block else {
        let text = "The public access block configuration was not found";
        return Err(custom(StatusCode::NOT_FOUND, "NoSuchPublicAccessBlockConfiguration", text));
    };
    let configuration = PublicAccessBlockConfiguration {
        block_public_acls: Some(block.has(BlockPublicAcls)),
        ignore_public_acls: Some(block.has(IgnorePublicAcls)),
        block_public_policy: Some(block.has(BlockPublicPolicy)),
        restrict_public_buckets: Some(block.has(RestrictPublicBuckets)),
    };
    Ok(S3Response::new(GetPublicAccessBlockOutput { public_access_block_configuration: Some(configuration) }))
}

pub(in crate::local_storage) async fn put(
    storage: &Storage,
    input: PutPublicAccessBlockInput,
) -> S3Result<S3Response<PutPublicAccessBlockOutput>> {
    let given = input.public_access_block_configuration;
    // What is not said is off.
    let switches = [
        (BlockPublicAcls, given.block_public_acls),
        (IgnorePublicAcls, given.ignore_public_acls),
        (BlockPublicPolicy, given.block_public_policy),
        (RestrictPublicBuckets, given.restrict_public_buckets),
    ];
    let on = switches.iter().filter(|(_, on)| *on == Some(true)).map(|(switch, _)| *switch);
    let block = PublicAccessBlock(on.collect());
    storage.change_settings(&input.bucket, move |settings| settings.block = Some(block)).await?;
    Ok(S3Response::new(PutPublicAccessBlockOutput::default()))
}

pub(in crate::local_storage) async fn delete(
    storage: &Storage,
    input: DeletePublicAccessBlockInput,
) -> S3Result<S3Response<DeletePublicAccessBlockOutput>> {
    storage.change_settings(&input.bucket, |settings| settings.block = None).await?;
    Ok(S3Response::with_status(DeletePublicAccessBlockOutput::default(), StatusCode::NO_CONTENT))
}
