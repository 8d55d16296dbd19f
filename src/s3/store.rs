//! The store: one connection's client.

use std::time::Duration;

use bytes::Bytes;

use super::S3Error;
use super::types::{
    Destination, Download, Grouping, PartBody, PartsPage, SignedUrl, StoreParams, Stored, StoredPart, UploadId,
};
use crate::model::{
    Bucket, BucketName, Connection, FailureKind, ObjectKey, ObjectMetadata, ObjectPage, PageToken, Prefix, Region,
    Scope, TestReport,
};

/// SDK clients of one connection.
#[derive(Clone, Debug)]
pub struct S3Store {
    connection: Connection,
}

fn nothing<T>(action: &'static str) -> Result<T, S3Error> {
    Err(S3Error::local(action, FailureKind::Unsupported, ""))
}

#[expect(missing_docs, clippy::unused_async, unused_variables, reason = "the bodies follow")]
impl S3Store {
    pub async fn connect(params: StoreParams) -> Result<Self, S3Error> {
        Ok(Self { connection: params.connection })
    }
    pub fn connection(&self) -> &Connection {
        &self.connection
    }
    pub async fn list_buckets(&self) -> Result<Vec<Bucket>, S3Error> {
        nothing("s3:ListAllMyBuckets")
    }
    pub async fn list_objects(
        &self,
        bucket: &BucketName,
        prefix: &str,
        grouping: Grouping,
        after: Option<&PageToken>,
        max_keys: u16,
    ) -> Result<ObjectPage, S3Error> {
        nothing("s3:ListBucket")
    }
    pub async fn head_object(&self, bucket: &BucketName, key: &ObjectKey) -> Result<ObjectMetadata, S3Error> {
        nothing("s3:GetObject")
    }
    pub async fn put_object(&self, to: &Destination, body: PartBody) -> Result<Stored, S3Error> {
        nothing("s3:PutObject")
    }
    /// The object under this key, if it is what was to be stored: for a write whose answer was lost.
    pub async fn find_stored(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        crc64: u64,
        object_bytes: u64,
    ) -> Result<Option<Stored>, S3Error> {
        nothing("s3:GetObject")
    }
    pub async fn create_multipart_upload(&self, to: &Destination) -> Result<UploadId, S3Error> {
        nothing("s3:PutObject")
    }
    pub async fn upload_part(
        &self,
        to: &Destination,
        upload: &UploadId,
        number: u32,
        body: PartBody,
    ) -> Result<StoredPart, S3Error> {
        nothing("s3:PutObject")
    }
    pub async fn complete_multipart_upload(
        &self,
        to: &Destination,
        upload: &UploadId,
        parts: &[StoredPart],
        object_crc64: u64,
        object_bytes: u64,
    ) -> Result<Stored, S3Error> {
        nothing("s3:PutObject")
    }
    pub async fn abort_multipart_upload(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        upload: &UploadId,
    ) -> Result<(), S3Error> {
        nothing("s3:AbortMultipartUpload")
    }
    pub async fn list_parts(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        upload: &UploadId,
        after: Option<u32>,
    ) -> Result<PartsPage, S3Error> {
        nothing("s3:ListMultipartUploadParts")
    }
    pub async fn get_object(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        from_byte: u64,
        if_match: Option<&str>,
    ) -> Result<Download, S3Error> {
        nothing("s3:GetObject")
    }
    pub async fn delete_objects(
        &self,
        bucket: &BucketName,
        keys: &[ObjectKey],
    ) -> Result<Vec<(ObjectKey, S3Error)>, S3Error> {
        nothing("s3:DeleteObject")
    }
    pub async fn create_bucket(&self, name: &BucketName, region: &Region) -> Result<(), S3Error> {
        nothing("s3:CreateBucket")
    }
    pub async fn delete_bucket(&self, name: &BucketName) -> Result<(), S3Error> {
        nothing("s3:DeleteBucket")
    }
    pub async fn find_bucket_region(&self, bucket: &BucketName) -> Result<Region, S3Error> {
        nothing("s3:ListBucket")
    }
    pub async fn create_folder_marker(&self, bucket: &BucketName, prefix: &Prefix) -> Result<(), S3Error> {
        nothing("s3:PutObject")
    }
    pub async fn presign_get(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        expires: Duration,
    ) -> Result<SignedUrl, S3Error> {
        nothing("s3:GetObject")
    }
    pub async fn probe(&self, scopes: &[Scope]) -> TestReport {
        TestReport { lines: Vec::new() }
    }
}

#[expect(missing_docs, clippy::unused_async, reason = "the body follows")]
impl Download {
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, S3Error> {
        Ok(None)
    }
}
