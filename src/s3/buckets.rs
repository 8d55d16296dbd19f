//! Buckets: list, make, delete, and find where they are.

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};

use super::classify::About;
use super::convert::timestamp;
use super::{S3Error, S3Store};
use crate::model::{Bucket, BucketName, Region, Service};

impl S3Store {
    /// Every bucket the key may list, by name.
    pub async fn list_buckets(&self) -> Result<Vec<Bucket>, S3Error> {
        let about = About::service("s3:ListAllMyBuckets");
        let mut buckets = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let page =
                self.run(about, |client| client.list_buckets().set_continuation_token(token.clone()).send()).await?;
            for bucket in page.buckets() {
                let Some(name) = bucket.name().and_then(|name| BucketName::new(name).ok()) else { continue };
                let region = bucket.bucket_region().and_then(Region::new);
                if let Some(region) = &region {
                    self.inner.known.remember(&name, region.clone());
                }
                buckets.push(Bucket { name, created: timestamp(bucket.creation_date()), region });
            }
            let next = page.continuation_token().map(ToOwned::to_owned);
            if next.is_none() || next == token {
                break;
            }
            token = next;
        }
        buckets.sort_by(|a, b| a.name.cmp(&b.name));
        buckets.dedup_by(|a, b| a.name == b.name);
        Ok(buckets)
    }

    /// Makes a bucket in a region. [`crate::model::FailureKind::BucketExists`] if it is ours already.
    pub async fn create_bucket(&self, name: &BucketName, region: &Region) -> Result<(), S3Error> {
        let about = About::bucket("s3:CreateBucket", name);
        let constraint = self.location_constraint(region);
        let signed_for = if self.connection().service == Service::AmazonS3 && self.connection().endpoint.is_none() {
            region.clone()
        } else {
            self.connection().region.clone()
        };
        let request = self.client(&signed_for).create_bucket().bucket(name.as_str());
        let created = Box::pin(request.set_create_bucket_configuration(constraint).send()).await;
        created.map_err(|error| self.classify(&error, about))?;
        if self.connection().service == Service::AmazonS3 {
            self.inner.known.remember(name, signed_for);
        }
        Ok(())
    }

    /// Amazon wants a constraint everywhere but in us-east-1; others only where it differs from what they are.
    fn location_constraint(&self, region: &Region) -> Option<CreateBucketConfiguration> {
        let connection = self.connection();
        let wanted = match connection.service {
            Service::AmazonS3 if connection.endpoint.is_none() => region.as_str() != "us-east-1",
            Service::CloudflareR2 | Service::GoogleCloud | Service::BackblazeB2 => false,
            _ => *region != connection.region && region.as_str() != "us-east-1",
        };
        wanted.then(|| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(region.as_str()))
                .build()
        })
    }

    /// Deletes an empty bucket; a full one stays, with [`crate::model::FailureKind::BucketNotEmpty`].
    pub async fn delete_bucket(&self, name: &BucketName) -> Result<(), S3Error> {
        let about = About::bucket("s3:DeleteBucket", name);
        self.run(about, |client| client.delete_bucket().bucket(name.as_str()).send()).await?;
        self.inner.known.forget(name);
        Ok(())
    }

    /// Where a bucket is: from the table, else from the header that Amazon sends even with a refusal, else the
    /// connection's region. The answer is remembered.
    pub async fn find_bucket_region(&self, bucket: &BucketName) -> Result<Region, S3Error> {
        if let Some(region) = self.inner.known.get(bucket) {
            return Ok(region);
        }
        let found = self.ask_bucket_region(bucket).await?;
        let region = found.unwrap_or_else(|| self.connection().region.clone());
        self.inner.known.remember(bucket, region.clone());
        Ok(region)
    }

    /// What HeadBucket says of the region; `None` if it says nothing of it.
    pub(super) async fn ask_bucket_region(&self, bucket: &BucketName) -> Result<Option<Region>, S3Error> {
        let about = About::bucket("s3:ListBucket", bucket);
        let request = self.client(&self.connection().region).head_bucket().bucket(bucket.as_str());
        match Box::pin(request.send()).await {
            Ok(output) => Ok(output.bucket_region().and_then(Region::new)),
            Err(error) => {
                let error = self.classify(&error, about);
                match error.region_hint() {
                    Some(region) => Ok(Some(region.clone())),
                    None => Err(error),
                }
            }
        }
    }
}
