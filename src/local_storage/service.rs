//! The table of operations: each goes to the module that knows it. What is not here answers `NotImplemented`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use s3s::dto::{self, Owner};
use s3s::{S3, S3Request, S3Response, S3Result};

use super::access::{BucketSettings, PublicAccessBlock, block, ownership, settings};
use super::blobs::{BlobStore, PinGuard};
use super::faults::{FaultPlan, NewBuckets, Surroundings};
use super::index::{BucketRow, Index, ObjectRow, Versioning, Write};
use super::{
    LocalStorageError, acl, archive, buckets, copying, lifecycle, lists, multipart, objects, payment, reading,
    versioning,
};

/// What all operations share.
pub(super) struct Storage {
    pub index: Index,
    pub blobs: Arc<BlobStore>,
    pub region: String,
    pub plan: Option<Arc<FaultPlan>>,
    /// Whether some bucket has settings of its own; never unset, so that nothing is missed.
    rules: AtomicBool,
}

/// The version id as answers have it: buckets that never kept versions do not speak of them.
pub(super) fn told_version(bucket: &BucketRow, object: &ObjectRow) -> Option<String> {
    (bucket.versioning != Versioning::Never).then(|| object.version.clone())
}

/// The one account there is.
pub(super) fn owner() -> Owner {
    Owner { id: Some("bucketdrop".to_owned()), display_name: Some("bucketdrop".to_owned()) }
}

impl Storage {
    pub(super) async fn new(
        index: Index,
        blobs: Arc<BlobStore>,
        region: String,
        plan: Option<Arc<FaultPlan>>,
    ) -> Result<Self, LocalStorageError> {
        let rules = index.read(BucketRow::any_has_settings).await;
        let rules = rules.map_err(|error| LocalStorageError::Refused(error.to_string()))?;
        Ok(Self { index, blobs, region, plan, rules: AtomicBool::new(rules) })
    }

    /// Whether the holder of the storage's own key can be refused anything, or objects can be somebody else's.
    pub(super) fn has_rules(&self) -> bool {
        self.rules.load(Ordering::Acquire) || self.plan.as_ref().is_some_and(|plan| plan.has_keys())
    }

    /// To be called before a bucket gets settings.
    pub(super) fn rules_are_there(&self) {
        self.rules.store(true, Ordering::Release);
    }

    /// What no request can set.
    pub(super) fn surroundings(&self) -> Surroundings {
        self.plan.as_ref().map(|plan| plan.surroundings()).unwrap_or_default()
    }

    /// Block Public Access of the account.
    pub(super) fn account_block(&self) -> PublicAccessBlock {
        self.surroundings().account_block
    }

    /// How a bucket is made.
    pub(super) fn new_bucket_settings(&self) -> BucketSettings {
        match self.surroundings().new_buckets {
            NewBuckets::Open => BucketSettings::default(),
            NewBuckets::AsAmazon => {
                self.rules_are_there();
                BucketSettings::of_a_new_bucket()
            }
        }
    }

    /// Changes settings of a bucket, or `NoSuchBucket`.
    pub(super) async fn change_settings(
        &self,
        bucket: &str,
        change: impl FnOnce(&mut BucketSettings) + Send + 'static,
    ) -> S3Result<()> {
        self.rules_are_there();
        let name = bucket.to_owned();
        let set = move |write: &mut Write<'_>| {
            let mut bucket = BucketRow::require(write.conn, &name)?;
            change(&mut bucket.settings);
            write.set_settings(&bucket)
        };
        self.index.write(Vec::new(), set).await
    }

    /// The bucket, or `NoSuchBucket`.
    pub(super) async fn require_bucket(&self, name: &str) -> S3Result<BucketRow> {
        let name = name.to_owned();
        self.index.read(move |conn| BucketRow::require(conn, &name)).await
    }

    /// The object or the version of it that is named, with the version id for the answer; else `NoSuchBucket`,
    /// `NoSuchKey` or what [`ObjectRow::require`] says.
    pub(super) async fn object(
        &self,
        bucket: &str,
        key: &str,
        version: Option<String>,
    ) -> S3Result<(ObjectRow, Option<String>)> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let find = move |conn: &rusqlite::Connection| {
            let bucket = BucketRow::require(conn, &bucket)?;
            let object = ObjectRow::require(conn, bucket.id, &key, version.as_deref())?;
            let version = told_version(&bucket, &object);
            Ok((object, version))
        };
        self.index.read(find).await
    }

    /// As [`Storage::object`], with its blobs kept on disk until the guard is dropped.
    pub(super) async fn pinned_object(
        &self,
        bucket: &str,
        key: &str,
        version: Option<String>,
    ) -> S3Result<(ObjectRow, Option<String>, PinGuard)> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let blobs = Arc::clone(&self.blobs);
        let find = move |conn: &rusqlite::Connection| {
            let mut pins = blobs.lock_pins();
            let bucket = BucketRow::require(conn, &bucket)?;
            let object = ObjectRow::require(conn, bucket.id, &key, version.as_deref())?;
            let version = told_version(&bucket, &object);
            let ids = object.detail.segments.iter().map(|segment| segment.blob).collect();
            let guard = blobs.pin(&mut pins, ids);
            Ok((object, version, guard))
        };
        self.index.read(find).await
    }
}

/// The storage as the protocol layer calls it.
pub(super) struct Service(pub Arc<Storage>);

/// One line per operation: name of the method, type of input and output, how to call it.
macro_rules! operations {
    ($($method:ident($input:ident) -> $output:ident = |$storage:ident, $req:ident| $call:expr;)*) => {
        #[async_trait::async_trait]
        impl S3 for Service {
            $(async fn $method(&self, $req: S3Request<dto::$input>) -> S3Result<S3Response<dto::$output>> {
                let $storage = &self.0;
                $call.await
            })*
        }
    };
}

operations! {
    create_bucket(CreateBucketInput) -> CreateBucketOutput = |s, req| buckets::create(s, req);
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput = |s, req| buckets::delete(s, req.input);
    head_bucket(HeadBucketInput) -> HeadBucketOutput = |s, req| buckets::head(s, &req.input.bucket);
    list_buckets(ListBucketsInput) -> ListBucketsOutput = |s, req| buckets::list(s, req.input);
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput =
        |s, req| buckets::location(s, &req.input.bucket);

    put_object(PutObjectInput) -> PutObjectOutput = |s, req| objects::put(s, req);
    get_object(GetObjectInput) -> GetObjectOutput = |s, req| reading::get(s, req);
    head_object(HeadObjectInput) -> HeadObjectOutput = |s, req| reading::head(s, req);
    delete_object(DeleteObjectInput) -> DeleteObjectOutput = |s, req| objects::delete(s, req);
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = |s, req| objects::delete_many(s, req);
    copy_object(CopyObjectInput) -> CopyObjectOutput = |s, req| copying::copy(s, req);
    get_object_attributes(GetObjectAttributesInput) -> GetObjectAttributesOutput =
        |s, req| objects::attributes(s, req.input);
    get_object_tagging(GetObjectTaggingInput) -> GetObjectTaggingOutput = |s, req| objects::get_tagging(s, req.input);
    put_object_tagging(PutObjectTaggingInput) -> PutObjectTaggingOutput = |s, req| objects::put_tagging(s, req.input);
    delete_object_tagging(DeleteObjectTaggingInput) -> DeleteObjectTaggingOutput =
        |s, req| objects::delete_tagging(s, req.input);

    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput =
        |s, req| multipart::create(s, req);
    upload_part(UploadPartInput) -> UploadPartOutput = |s, req| multipart::upload_part(s, req);
    upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput = |s, req| copying::copy_part(s, req);
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput =
        |s, req| multipart::complete(s, req);
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput =
        |s, req| multipart::abort(s, req.input);
    list_parts(ListPartsInput) -> ListPartsOutput = |s, req| multipart::list_parts(s, req);

    list_objects(ListObjectsInput) -> ListObjectsOutput = |s, req| lists::objects_v1(s, req.input);
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output = |s, req| lists::objects_v2(s, req.input);
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput =
        |s, req| lists::uploads(s, req.input);

    get_object_acl(GetObjectAclInput) -> GetObjectAclOutput = |s, req| acl::get(s, req.input);
    put_object_acl(PutObjectAclInput) -> PutObjectAclOutput = |s, req| acl::put(s, req);
    get_bucket_acl(GetBucketAclInput) -> GetBucketAclOutput = |s, req| acl::get_of_bucket(s, req.input);

    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput =
        |s, req| versioning::get(s, &req.input.bucket);
    put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput =
        |s, req| versioning::put(s, req.input);
    list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput = |s, req| versioning::list(s, req.input);
    put_bucket_acl(PutBucketAclInput) -> PutBucketAclOutput = |s, req| acl::put_of_bucket(s, req);
    get_public_access_block(GetPublicAccessBlockInput) -> GetPublicAccessBlockOutput = |s, req| block::get(s, req.input);
    put_public_access_block(PutPublicAccessBlockInput) -> PutPublicAccessBlockOutput = |s, req| block::put(s, req.input);
    delete_public_access_block(DeletePublicAccessBlockInput) -> DeletePublicAccessBlockOutput =
        |s, req| block::delete(s, req.input);
    get_bucket_policy(GetBucketPolicyInput) -> GetBucketPolicyOutput = |s, req| settings::get_policy(s, req.input);
    put_bucket_policy(PutBucketPolicyInput) -> PutBucketPolicyOutput = |s, req| settings::put_policy(s, req);
    delete_bucket_policy(DeleteBucketPolicyInput) -> DeleteBucketPolicyOutput =
        |s, req| settings::delete_policy(s, req.input);
    get_bucket_policy_status(GetBucketPolicyStatusInput) -> GetBucketPolicyStatusOutput =
        |s, req| settings::get_policy_status(s, req.input);
    get_bucket_ownership_controls(GetBucketOwnershipControlsInput) -> GetBucketOwnershipControlsOutput =
        |s, req| ownership::get(s, req.input);
    put_bucket_ownership_controls(PutBucketOwnershipControlsInput) -> PutBucketOwnershipControlsOutput =
        |s, req| ownership::put(s, req.input);
    delete_bucket_ownership_controls(DeleteBucketOwnershipControlsInput) -> DeleteBucketOwnershipControlsOutput =
        |s, req| ownership::delete(s, req.input);
    get_bucket_request_payment(GetBucketRequestPaymentInput) -> GetBucketRequestPaymentOutput =
        |s, req| payment::get(s, req.input);
    put_bucket_request_payment(PutBucketRequestPaymentInput) -> PutBucketRequestPaymentOutput =
        |s, req| payment::put(s, req.input);
    restore_object(RestoreObjectInput) -> RestoreObjectOutput = |s, req| archive::restore(s, req);
    get_bucket_tagging(GetBucketTaggingInput) -> GetBucketTaggingOutput = |s, req| buckets::not_set(
        s, &req.input.bucket, "NoSuchTagSet", "The TagSet does not exist");
    get_bucket_cors(GetBucketCorsInput) -> GetBucketCorsOutput = |s, req| buckets::not_set(
        s, &req.input.bucket, "NoSuchCORSConfiguration", "The CORS configuration does not exist");
    get_bucket_lifecycle_configuration(GetBucketLifecycleConfigurationInput) -> GetBucketLifecycleConfigurationOutput =
        |s, req| lifecycle::get(s, req.input);
    get_bucket_website(GetBucketWebsiteInput) -> GetBucketWebsiteOutput = |s, req| buckets::not_set(
        s, &req.input.bucket, "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration");
}
