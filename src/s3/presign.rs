//! Presigned links, to read and to write one object: made here, without asking the object.

use std::time::{Duration, SystemTime};

use aws_credential_types::provider::ProvideCredentials as _;
use aws_sdk_s3::presigning::PresigningConfig;
use jiff::Timestamp;

use super::blank_keys::sdk_key;
use super::classify::{About, chain_text, kind_of_credentials};
use super::learnt::shifted;
use super::payer::into_address;
use super::{S3Error, S3Store, SignedPut, SignedUrl, WriteCondition};
use crate::model::{BucketName, FailureKind, KeysEnd, MAX_PRESIGN_SECS, ObjectKey, Service};

/// Clock differences below this are left alone: `Date` headers are whole seconds, and every service allows minutes.
const MIN_OFFSET_SECS: i64 = 30;
/// Longest wait for an answer that is only asked for to learn the server's clock.
const CLOCK_PATIENCE: Duration = Duration::from_secs(5);

/// What an upload by a presigned address has to be like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadTerms {
    /// Its `Content-Type`; any when `None`.
    pub content_type: Option<String>,
    /// Its exact size; any when `None`.
    pub size_bytes: Option<u64>,
    /// Wanted life.
    pub expires: Duration,
}

/// From when until when a link works.
struct Life {
    config: PresigningConfig,
    ends: Timestamp,
    keys_end: KeysEnd,
}

impl S3Store {
    /// A link that lets anyone who has it read the object until it expires.
    ///
    /// Its life ends after `expires`, after [`MAX_PRESIGN_SECS`], or with the keys, whichever is first; where those do
    /// not say when they end, that is told. It is right
    /// also when this computer's clock is wrong, once any answer has told the server's; one is asked for where none
    /// has come yet. The bucket's region is asked for where it matters and is not known, since nobody can repair a
    /// signed link.
    pub async fn presign_get(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        expires: Duration,
    ) -> Result<SignedUrl, S3Error> {
        let about = About::object("s3:GetObject", bucket, key);
        let life = self.life(about, bucket, expires).await?;
        let client = self.client(&self.region_of(Some(bucket)));
        let request = client.get_object().bucket(bucket.as_str()).key(sdk_key(key));
        let request = request.customize().map_request(into_address).presigned(life.config);
        let signed = Box::pin(request).await.map_err(|error| self.classify(&error, about))?;
        Ok(SignedUrl { url: signed.uri().to_owned(), expires: life.ends, keys_end: life.keys_end })
    }

    /// An address that takes one upload of this object until it expires, from anyone who has it.
    ///
    /// It lives as [`S3Store::presign_get`] says. Type and size are signed if given. Like every write that nobody
    /// asked to overwrite by, it carries `If-None-Match: *`, so that it cannot replace what is there, and works once;
    /// where a service is known not to take that header it is left out. Some services take it and overwrite all the
    /// same, so [`SignedPut::keeps_what_is_there`] says yes only where it is known to be heeded.
    pub async fn presign_put(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        terms: &UploadTerms,
    ) -> Result<SignedPut, S3Error> {
        let about = About::object("s3:PutObject", bucket, key);
        let size = terms.size_bytes.map(i64::try_from).transpose();
        let size = size.map_err(|_beyond_all_limits| {
            S3Error::local(about.action, FailureKind::TooLarge, "no object is so large").with("key", key)
        })?;
        let life = self.life(about, bucket, terms.expires).await?;
        let client = self.client(&self.region_of(Some(bucket)));
        let condition = (!self.ignores_conditions()).then(|| "*".to_owned());
        let keeps_what_is_there = condition.is_some() && !self.has_to_look(WriteCondition::OnlyIfAbsent);
        let request = client
            .put_object()
            .bucket(bucket.as_str())
            .key(sdk_key(key))
            .set_if_none_match(condition)
            .set_content_type(terms.content_type.clone())
            .set_content_length(size)
            .customize()
            .map_request(into_address)
            .presigned(life.config);
        let signed = Box::pin(request).await.map_err(|error| self.classify(&error, about))?;
        let headers = signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let (url, headers) = (signed.uri().to_owned(), headers.collect());
        Ok(SignedPut { url, headers, keeps_what_is_there, expires: life.ends })
    }

    async fn life(&self, about: About<'_>, bucket: &BucketName, wanted: Duration) -> Result<Life, S3Error> {
        let failed = |kind, detail: String| {
            let error = S3Error::local(about.action, kind, detail).with("bucket", bucket);
            about.key.map_or(error.clone(), |key| error.with("key", key))
        };
        let Some(provider) = &self.inner.provider else {
            return Err(failed(FailureKind::NoCredentials, "links cannot be signed without keys".to_owned()));
        };
        let keys = provider
            .provide_credentials()
            .await
            .map_err(|error| failed(kind_of_credentials(&error), chain_text(&error)))?;
        self.learn_place_and_time(bucket).await;
        let start = self.server_time();
        let mut life = wanted.clamp(Duration::from_secs(1), Duration::from_secs(MAX_PRESIGN_SECS));
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
        let ends = start.checked_add(life).and_then(|end| Timestamp::try_from(end).ok());
        let ends =
            ends.ok_or_else(|| failed(FailureKind::ClockSkew, "this computer's clock is unusable".to_owned()))?;
        let is_untold = keys.session_token().is_some() && keys.expiry().is_none();
        let keys_end = if is_untold { KeysEnd::Unknown } else { KeysEnd::Counted };
        Ok(Life { config, ends, keys_end })
    }

    /// Asks for the region where Amazon would refuse any other, and elsewhere for the clock, if nothing has told it
    /// yet. Without an answer the connection's own region and this computer's clock are as good as any guess.
    async fn learn_place_and_time(&self, bucket: &BucketName) {
        if self.connection().service == Service::AmazonS3 && self.connection().endpoint.is_none() {
            self.find_bucket_region(bucket).await.ok();
            return;
        }
        if self.learnt().clock_offset_secs().is_none() && self.inner.known.get(bucket).is_none() {
            let store = self.with_one_attempt();
            let asked = Box::pin(store.ask_bucket_region(bucket));
            // Whatever the answer is, its date has been noted.
            tokio::time::timeout(CLOCK_PATIENCE, asked).await.ok();
        }
    }

    /// The time as the server tells it, where it is known to differ from ours.
    fn server_time(&self) -> SystemTime {
        let offset = self.learnt().clock_offset_secs().filter(|secs| secs.abs() >= MIN_OFFSET_SECS);
        shifted(self.inner.time.now(), offset.unwrap_or_default())
    }
}
