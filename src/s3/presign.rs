//! Presigned links: made here, without asking the object.

use std::time::{Duration, SystemTime};

use aws_credential_types::provider::ProvideCredentials as _;
use aws_sdk_s3::presigning::PresigningConfig;
use jiff::Timestamp;

use super::classify::{About, chain_text, kind_of_credentials};
use super::{S3Error, S3Store, SignedUrl};
use crate::model::{BucketName, FailureKind, MAX_PRESIGN_SECS, ObjectKey, Service};

/// Clock differences below this are left alone: `Date` headers are whole seconds, and every service allows minutes.
const MIN_OFFSET_SECS: i64 = 30;

impl S3Store {
    /// A link that lets anyone who has it read the object until it expires.
    ///
    /// Its life ends after `expires`, after [`MAX_PRESIGN_SECS`], or with the keys, whichever is first. It is right
    /// also when this computer's clock is wrong, once any answer has told the server's. The bucket's region is asked
    /// for where it matters and is not known, since nobody can repair a signed link.
    pub async fn presign_get(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        expires: Duration,
    ) -> Result<SignedUrl, S3Error> {
        let about = About::object("s3:GetObject", bucket, key);
        let failed =
            |kind, detail: String| S3Error::local(about.action, kind, detail).with("bucket", bucket).with("key", key);
        let Some(provider) = &self.inner.provider else {
            return Err(failed(FailureKind::NoCredentials, "links cannot be signed without keys".to_owned()));
        };
        let keys = provider
            .provide_credentials()
            .await
            .map_err(|error| failed(kind_of_credentials(&error), chain_text(&error)))?;
        if self.connection().service == Service::AmazonS3 && self.connection().endpoint.is_none() {
            // Without the right to ask, the connection's own region is as good as any guess.
            self.find_bucket_region(bucket).await.ok();
        }
        let start = self.server_time();
        let mut life = expires.clamp(Duration::from_secs(1), Duration::from_secs(MAX_PRESIGN_SECS));
        if let Some(end) = keys.expiry() {
            let rest = end.duration_since(start).unwrap_or_default();
            if rest < Duration::from_secs(1) {
                return Err(failed(FailureKind::ExpiredToken, "the keys have expired".to_owned()));
            }
            life = life.min(rest);
        }
        let life = Duration::from_secs(life.as_secs());
        let config = PresigningConfig::builder().start_time(start).expires_in(life).build();
        let config = config.map_err(|error| failed(FailureKind::Internal, error.to_string()))?;
        let client = self.client(&self.region_of(Some(bucket)));
        let request = client.get_object().bucket(bucket.as_str()).key(key.as_str()).presigned(config);
        let signed = Box::pin(request).await.map_err(|error| self.classify(&error, about))?;
        let ends = start.checked_add(life).and_then(|end| Timestamp::try_from(end).ok());
        let ends =
            ends.ok_or_else(|| failed(FailureKind::ClockSkew, "this computer's clock is unusable".to_owned()))?;
        Ok(SignedUrl { url: signed.uri().to_owned(), expires: ends })
    }

    /// The time as the server tells it, where it is known to differ from ours.
    fn server_time(&self) -> SystemTime {
        let now = self.inner.time.now();
        let offset = self.learnt().clock_offset_secs().filter(|secs| secs.abs() >= MIN_OFFSET_SECS);
        let Some(offset) = offset else { return now };
        let span = Duration::from_secs(offset.unsigned_abs());
        let shifted = if offset > 0 { now.checked_add(span) } else { now.checked_sub(span) };
        shifted.unwrap_or(now)
    }
}
