//! One PUT, and what it shares with multipart writes: headers, the ladder of checksums, and the care for a write
//! whose answer was lost.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ObjectCannedAcl, ServerSideEncryption, StorageClass};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use md5::{Digest as _, Md5};

use super::blank_keys::sdk_key;
use super::body::CallProgress;
use super::checksum::to_base64;
use super::classify::About;
use super::complete::{Look, Looked};
use super::convert::etag;
use super::direct::{Headers, Write};
use super::learnt::{ChecksumMode, Host, Lesson};
use super::object::Expected;
use super::{Destination, PartBody, S3Error, S3Store, SentBytes, Stored, WriteCondition};
use crate::model::{BucketName, FailureKind, ObjectKey, Prefix, PutOptions};

/// Longest wait for another write to find out which checksum is taken.
const LONGEST_TURN: std::time::Duration = std::time::Duration::from_secs(5);

impl S3Store {
    /// Stores an object by one PUT (at most 5 GiB).
    ///
    /// With [`WriteCondition::OnlyIfAbsent`] an existing key gives [`FailureKind::AlreadyExists`], also where the
    /// service is not known to heed the condition; a 412 that only answers a repeat of our own lost write is found out
    /// and counts as success. An answer without an entity tag
    /// proves nothing (captive portals say 200 to everything): then a HEAD decides.
    /// Dropping the call takes its progress back; the object may or may not be stored then.
    pub async fn put_object(&self, to: &Destination, body: PartBody) -> Result<Stored, S3Error> {
        let progress = CallProgress::new(body.sent.clone());
        let guarded = to.condition == WriteCondition::OnlyIfAbsent && self.ignores_conditions();
        let look = match to.condition {
            WriteCondition::OnlyIfOlder { than, looked } => Look::Older(than, looked),
            _ if !guarded && self.has_to_look(to.condition) => self.look_in_turn(to).await?,
            _ => Look::No,
        };
        let result = if guarded {
            self.put_after_head(to, &body, &progress).await
        } else {
            self.with_checksum(Teaches::Rung, |mode| self.put_once(to, &body, &progress, (mode, look))).await
        };
        let sent = if guarded { WriteCondition::Any } else { to.condition };
        let stored = match result {
            Err(error) if Self::condition_may_be_refused(&error, sent) => {
                let stored = match self.put_after_head(to, &body, &progress).await {
                    // Without it as well: it was about something else.
                    Err(second) if second.status() == error.status() => return Err(error),
                    stored => stored?,
                };
                self.learnt().refuses_conditions.note();
                stored
            }
            Err(error) if error.kind() == FailureKind::AlreadyExists && progress.attempts() > 1 => {
                self.note_condition_held(&error, sent);
                let expected = Expected::of_bytes(&body.bytes, body.crc64nvme);
                self.stored_as(&to.bucket, &to.key, &expected).await?.ok_or(error)?
            }
            Err(error) => {
                self.note_condition_held(&error, sent);
                return Err(error);
            }
            Ok(stored) => stored,
        };
        let stored = if stored.etag.is_some() { stored } else { self.confirm_put(to, &body, stored).await? };
        progress.keep(body.bytes.len() as u64);
        Ok(stored)
    }

    /// Makes the zero-byte object that shows an empty folder. [`FailureKind::AlreadyExists`] if it is there.
    pub async fn create_folder_marker(&self, bucket: &BucketName, prefix: &Prefix) -> Result<(), S3Error> {
        let to = Destination {
            bucket: bucket.clone(),
            key: ObjectKey::new(prefix.as_str()),
            content_type: "application/x-directory".to_owned(),
            options: std::sync::Arc::default(),
            condition: WriteCondition::OnlyIfAbsent,
        };
        let body = PartBody { bytes: Bytes::new(), crc64nvme: 0, sent: SentBytes::new() };
        self.put_object(&to, body).await.map(|_stored| ())
    }

    pub(super) async fn put_once(
        &self,
        to: &Destination,
        body: &PartBody,
        progress: &CallProgress,
        (mode, look): (ChecksumMode, Look),
    ) -> Result<Stored, S3Error> {
        self.put_with(to, body, progress, (Sums::of(&body.bytes, body.crc64nvme, mode), look)).await
    }

    /// A PUT whose checksum is of other bytes: a service that looks refuses it.
    pub(super) async fn put_mismatched(&self, to: &Destination, mode: ChecksumMode) -> Result<Stored, S3Error> {
        let other = b"other bytes than those that are sent";
        let body = super::diagnose::body(super::checksum::crc64nvme(other));
        let progress = CallProgress::new(SentBytes::new());
        self.put_with(to, &body, &progress, (Sums::of(other, body.crc64nvme, mode), Look::No)).await
    }

    /// One PUT under its condition, with nothing behind it that finds out more.
    pub(super) async fn put_guarded(&self, to: &Destination, mode: ChecksumMode) -> Result<Stored, S3Error> {
        let mut body = super::diagnose::body(0);
        body.crc64nvme = super::checksum::crc64nvme(&body.bytes);
        let progress = CallProgress::new(SentBytes::new());
        self.put_once(to, &body, &progress, (mode, Look::No)).await
    }

    async fn put_with(
        &self,
        to: &Destination,
        body: &PartBody,
        progress: &CallProgress,
        (sums, look): (Sums, Look),
    ) -> Result<Stored, S3Error> {
        let about = About::object(put_action(&to.options), &to.bucket, &to.key).with_body(body.bytes.len());
        let headers = || put_headers(to, &sums);
        let put = Put { to, body, progress, sums: &sums, headers: &headers };
        let answer = match look {
            Look::No => self.run(about, |client| self.put_call(client, &put)).await?,
            // Boxed twice: few writes need it, and each would be as large.
            look => {
                let look = Box::pin(self.look_now(to, look));
                Box::pin(self.run_after(look, about, |client| self.put_call(client, &put))).await?
            }
        };
        Ok(Stored {
            etag: etag(answer.etag.as_deref()),
            version_id: super::convert::text(answer.version_id.as_deref()),
            checksum_echoed: sums.are_echoed(answer.crc64.as_deref(), answer.crc32.as_deref()),
        })
    }

    async fn put_call(&self, client: Client, put: &Put<'_>) -> Result<Answer, SdkError<PutObjectError, HttpResponse>> {
        let Put { to, body, progress, sums, headers } = *put;
        let headers = headers();
        if headers.are_plain()
            && let Some(route) = self.route(&client, &to.bucket).await
        {
            let query = "x-id=PutObject".to_owned();
            let write = Write { key: &to.key, query, headers, body: &body.bytes, progress };
            return self
                .write_directly(&route, write, PutObjectError::generic)
                .await
                .map(|response| Answer::of(&response));
        }
        let request = client
            .put_object()
            .bucket(to.bucket.as_str())
            .key(sdk_key(&to.key))
            .body(ByteStream::from(body.bytes.clone()))
            .set_if_none_match(condition_header(to.condition))
            .set_checksum_crc64_nvme(sums.crc64.clone())
            .set_checksum_crc32(sums.crc32.clone())
            .set_content_md5(sums.md5.clone());
        let progress = progress.clone();
        let call = with_put_options(request, to)
            .customize()
            .mutate_request(move |request| request.add_extension(progress.clone()))
            .config_override(with_body());
        let call = if self.is_plain_http() { call } else { call.disable_payload_signing() };
        let output = Box::pin(call.send()).await?;
        Ok(Answer {
            etag: output.e_tag,
            version_id: output.version_id,
            crc64: output.checksum_crc64_nvme,
            crc32: output.checksum_crc32,
        })
    }

    /// The second guard where conditions are not known to the service: look first, then write.
    async fn put_after_head(
        &self,
        to: &Destination,
        body: &PartBody,
        progress: &CallProgress,
    ) -> Result<Stored, S3Error> {
        let look = Look::InPlace(Some(Looked::now()));
        self.refuse_existing(to).await?;
        let free = Destination { condition: WriteCondition::Any, ..to.clone() };
        self.with_checksum(Teaches::Rung, |mode| self.put_once(&free, body, progress, (mode, look))).await
    }

    /// Fails with [`FailureKind::AlreadyExists`] if the key is taken.
    pub(super) async fn refuse_existing(&self, to: &Destination) -> Result<(), S3Error> {
        match self.head_object(&to.bucket, &to.key).await {
            // An object has an entity tag, or at least a time; a login page says 200 to everything.
            Ok(found) if found.etag.is_none() && found.modified.is_none() => {
                let detail = "the answer about the object has neither ETag nor Last-Modified";
                let error = S3Error::local("s3:GetObject", FailureKind::LoginPage, detail).with("host", self.host());
                Err(error.with("bucket", &to.bucket).with("key", &to.key))
            }
            Ok(_) => {
                let error = S3Error::local("s3:PutObject", FailureKind::AlreadyExists, "found before writing");
                Err(error.with("bucket", &to.bucket).with("key", &to.key))
            }
            Err(error) if error.kind() == FailureKind::NoSuchKey => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Fails with [`FailureKind::AlreadyExists`] if what stands there was not changed before this time.
    pub(super) async fn refuse_newer(&self, to: &Destination, than: Timestamp) -> Result<(), S3Error> {
        match self.head_object(&to.bucket, &to.key).await {
            Ok(found) if found.modified.is_some_and(|theirs| theirs < than) => Ok(()),
            Ok(_newer) => {
                let error = S3Error::local("s3:PutObject", FailureKind::AlreadyExists, "found newer before writing");
                Err(error.with("bucket", &to.bucket).with("key", &to.key))
            }
            Err(error) if error.kind() == FailureKind::NoSuchKey => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A 200 without an entity tag: the object is there as it should be, or something else has answered.
    async fn confirm_put(&self, to: &Destination, body: &PartBody, stored: Stored) -> Result<Stored, S3Error> {
        if stored.checksum_echoed {
            return Ok(stored);
        }
        let found = match self.head_object(&to.bucket, &to.key).await {
            Ok(found) => found,
            // A key that may only write cannot look; the service is S3 and said yes.
            Err(error) if error.kind() == FailureKind::AccessDenied && error.code().is_some() => return Ok(stored),
            Err(error) => return Err(error),
        };
        let is_ours = Expected::of_bytes(&body.bytes, body.crc64nvme).is(&found);
        if found.etag.is_some() || found.size_bytes == Some(body.bytes.len() as u64) {
            // Something else may have answered, and this be an object of somebody else: it does not get to be ours.
            return Ok(Stored { etag: found.etag.filter(|_| is_ours), ..stored });
        }
        let detail = "the answer to the upload has no ETag, and the object is not there";
        Err(S3Error::local("s3:PutObject", FailureKind::LoginPage, detail)
            .with("host", self.host())
            .with("bucket", &to.bucket)
            .with("key", &to.key))
    }

    /// Writes with the best checksum that the service takes: what has worked before, else what it is known for, else
    /// down the ladder, once. Where nothing is known, one write finds out and the others wait for it. The first
    /// refusal is what is told if nothing works.
    pub(super) async fn with_checksum<T, Fut>(
        &self,
        teaches: Teaches,
        write: impl Fn(ChecksumMode) -> Fut,
    ) -> Result<T, S3Error>
    where
        Fut: Future<Output = Result<T, S3Error>>,
    {
        let learnt = self.learnt();
        let known = || learnt.proven_checksum(self.now_secs()).or(learnt.not_refused());
        let host = if self.is_known_service() { Host::ItsOwn } else { Host::Another };
        let service = ChecksumMode::known_of(self.connection().service, host);
        let is_unknown = || known().is_none() && service.is_none() && !learnt.is_named_verifier.get();
        // Held until this write is through; dropping the call lets the next one find out. One that hangs does not
        // hold the others up for long: they then find out for themselves.
        let turn = tokio::time::timeout(LONGEST_TURN, learnt.first_write.lock());
        let turn = if is_unknown() && teaches == Teaches::Rung { turn.await.ok() } else { None };
        // Those who waited while somebody else found out do not wait for each other.
        let _turn = turn.filter(|_turn| is_unknown());
        let mut mode = known().or(service).unwrap_or(ChecksumMode::Crc64Nvme);
        let (mut first_refusal, mut is_repeat) = (None, false);
        loop {
            let error = match Box::pin(write(mode)).await {
                Ok(value) => {
                    if teaches == Teaches::Rung || teaches == Teaches::PartRung && mode != ChecksumMode::Crc32 {
                        learnt.note_checksum(mode, self.now_secs());
                    }
                    return Ok(value);
                }
                Err(error) => error,
            };
            self.try_reading(&error).await;
            let next = match self.checksum_refusal(&error, mode) {
                Refusal::None => return Err(error),
                Refusal::Clear => mode.next(),
                // Damage on the way looks the same: once more before anything is concluded.
                Refusal::PerhapsDamage if !is_repeat => {
                    is_repeat = true;
                    continue;
                }
                Refusal::PerhapsDamage => mode.next().map(|next| next.max(ChecksumMode::ContentMd5)),
            };
            let Some(next) = next else {
                // It was not about checksums then.
                learnt.note_next(None);
                return Err(first_refusal.unwrap_or(error));
            };
            mode = next;
            learnt.note_next(Some(next));
            first_refusal.get_or_insert(error);
        }
    }

    /// A signature that does not match is a wrong secret, or was spoilt by a header that the service does not know.
    /// If the keys have not been seen to work, one small listing tells.
    async fn try_reading(&self, error: &S3Error) {
        let learnt = self.learnt();
        let is_unclear = error.code() == Some("SignatureDoesNotMatch")
            && !learnt.signed_in.get()
            && learnt.proven_checksum(self.now_secs()).is_none();
        let bucket = error.bucket().and_then(|bucket| BucketName::new(bucket).ok());
        if let Some(bucket) = bucket.filter(|_| is_unclear) {
            // Success is noted by itself. Who may not list was recognised all the same.
            let listed = self.list_objects(&bucket, "", super::Grouping::Folders, None, 1).await;
            if listed.is_err_and(|error| error.code() == Some("AccessDenied")) {
                learnt.signed_in.note();
            }
        }
    }

    /// Whether a refusal may be about the checksum header: each service has its own way to say so.
    fn checksum_refusal(&self, error: &S3Error, mode: ChecksumMode) -> Refusal {
        let detail = error.detail().to_ascii_lowercase();
        let has_worked = self.learnt().proven_checksum(self.now_secs()).is_some();
        match (error.status(), error.code()) {
            (_, Some("BadDigest" | "ChecksumMismatch" | "XAmzContentChecksumMismatch")) => {
                // It has looked, so what it echoes is what it holds.
                if matches!(mode, ChecksumMode::Crc64Nvme | ChecksumMode::Crc32) {
                    self.learnt().note_known(Lesson::VerifiesChecksums, true, self.now_secs());
                }
                Refusal::None
            }
            _ if detail.contains("if-none-match") || detail.contains("x-amz-acl") => Refusal::None,
            (_, Some("NotImplemented" | "MissingContentLength")) | (Some(411 | 501), _) => Refusal::Clear,
            (_, Some("XAmzContentSHA256Mismatch")) if !has_worked => Refusal::PerhapsDamage,
            (_, Some("SignatureDoesNotMatch")) if !has_worked && self.learnt().signed_in.get() => {
                Refusal::PerhapsDamage
            }
            (Some(400), Some("InvalidArgument" | "InvalidRequest")) if !detail.contains("required") => {
                let names_it = ["checksum", "unsupported header", "x-amz-sdk", "content-md5"];
                if names_it.iter().any(|name| detail.contains(name)) { Refusal::Clear } else { Refusal::None }
            }
            _ => Refusal::None,
        }
    }
}

/// What is sent by one PUT.
#[derive(Clone, Copy)]
struct Put<'a> {
    to: &'a Destination,
    body: &'a PartBody,
    progress: &'a CallProgress,
    sums: &'a Sums,
    headers: &'a (dyn Fn() -> Headers + Sync),
}

/// The headers of an answer to a write.
struct Answer {
    etag: Option<String>,
    version_id: Option<String>,
    crc64: Option<String>,
    crc32: Option<String>,
}

impl Answer {
    fn of(response: &HttpResponse) -> Self {
        let value = |name: &str| response.headers().get(name).map(ToOwned::to_owned);
        Self {
            etag: value("etag"),
            version_id: value("x-amz-version-id"),
            crc64: value("x-amz-checksum-crc64nvme"),
            crc32: value("x-amz-checksum-crc32"),
        }
    }
}

/// What the success of a write says about checksums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Teaches {
    /// That this one is taken.
    Rung,
    /// The same, of a part, which has no CRC-32.
    PartRung,
    /// Nothing: it carried none.
    Nothing,
}

/// How sure it is that a checksum header was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// It was not.
    None,
    /// It was.
    Clear,
    /// Or the bytes were damaged on their way.
    PerhapsDamage,
}

/// What a policy has to allow for this write.
fn put_action(options: &PutOptions) -> &'static str {
    match (options.acl.is_some(), options.tags.is_empty()) {
        (false, true) => "s3:PutObject",
        (true, true) => "s3:PutObject, s3:PutObjectAcl",
        (false, false) => "s3:PutObject, s3:PutObjectTagging",
        (true, false) => "s3:PutObject, s3:PutObjectAcl, s3:PutObjectTagging",
    }
}

/// Checksum headers of one body.
pub(super) struct Sums {
    pub(super) crc64: Option<String>,
    pub(super) crc32: Option<String>,
    pub(super) md5: Option<String>,
}

impl Sums {
    /// Whether an answer has the checksum that was sent.
    pub(super) fn are_echoed(&self, crc64: Option<&str>, crc32: Option<&str>) -> bool {
        (self.crc64.is_some() && self.crc64.as_deref() == crc64)
            || (self.crc32.is_some() && self.crc32.as_deref() == crc32)
    }

    /// Exactly the one header that the mode stands for.
    pub(super) fn of(bytes: &[u8], crc64nvme: u64, mode: ChecksumMode) -> Self {
        let mut sums = Self { crc64: None, crc32: None, md5: None };
        match mode {
            ChecksumMode::Crc64Nvme => sums.crc64 = Some(to_base64(crc64nvme)),
            ChecksumMode::Crc32 => {
                let crc32 = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, bytes);
                // A CRC-32 fits into four bytes.
                sums.crc32 = u32::try_from(crc32).ok().map(|crc32| STANDARD.encode(crc32.to_be_bytes()));
            }
            ChecksumMode::ContentMd5 => sums.md5 = Some(STANDARD.encode(Md5::digest(bytes))),
            ChecksumMode::None => {}
        }
        sums
    }
}

/// `If-None-Match: *` says: only if there is no object of this key.
pub(super) fn condition_header(condition: WriteCondition) -> Option<String> {
    (condition == WriteCondition::OnlyIfAbsent).then(|| "*".to_owned())
}

/// For a call that carries bytes of a file: no limit for all of it. The connector ends what stands still, and what moves is
/// not cut, however many share its line.
pub(super) fn with_body() -> aws_sdk_s3::config::Builder {
    let limits = aws_sdk_s3::config::timeout::TimeoutConfig::builder().disable_operation_attempt_timeout();
    aws_sdk_s3::config::Builder::new().timeout_config(limits.build())
}

/// Limits for one call.
pub(super) fn timeouts(attempt: std::time::Duration, read: Option<std::time::Duration>) -> aws_sdk_s3::config::Builder {
    let mut builder = aws_sdk_s3::config::timeout::TimeoutConfig::builder().operation_attempt_timeout(attempt);
    builder.set_read_timeout(read);
    aws_sdk_s3::config::Builder::new().timeout_config(builder.build())
}

/// Tags in the query form of `x-amz-tagging`.
pub(super) fn tagging(options: &PutOptions) -> Option<String> {
    if options.tags.is_empty() {
        return None;
    }
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(&options.tags);
    Some(form.finish())
}

/// `AES256`, `aws:kms` or `aws:kms:KEY` as mode and key.
pub(super) fn encryption(options: &PutOptions) -> (Option<ServerSideEncryption>, Option<String>) {
    let Some(wanted) = options.encryption.as_deref() else { return (None, None) };
    match wanted.strip_prefix("aws:kms:") {
        Some(key) if key != "dsse" => (Some(ServerSideEncryption::AwsKms), Some(key.to_owned())),
        _ => (Some(ServerSideEncryption::from(wanted)), None),
    }
}

/// The same headers as [`with_put_options`] and the call around it make.
fn put_headers(to: &Destination, sums: &Sums) -> Headers {
    let options = &to.options;
    let (sse, kms_key) = encryption(options);
    let mut headers = Headers::default();
    headers.add("content-type", Some(&to.content_type));
    headers.add("cache-control", options.cache_control.as_deref());
    headers.add("content-md5", sums.md5.as_deref());
    headers.add("if-none-match", condition_header(to.condition).as_deref());
    headers.add("x-amz-acl", options.acl.as_deref());
    headers.add("x-amz-checksum-crc32", sums.crc32.as_deref());
    headers.add("x-amz-checksum-crc64nvme", sums.crc64.as_deref());
    headers.add("x-amz-server-side-encryption", sse.as_ref().map(ServerSideEncryption::as_str));
    headers.add("x-amz-server-side-encryption-aws-kms-key-id", kms_key.as_deref());
    headers.add("x-amz-storage-class", options.storage_class.as_deref());
    headers.add("x-amz-tagging", tagging(options).as_deref());
    for (name, value) in &options.metadata {
        headers.add_named("x-amz-meta-", name, value);
    }
    headers
}

/// The object's headers. No ACL header unless asked for: most buckets refuse any.
fn with_put_options(request: PutObjectFluentBuilder, to: &Destination) -> PutObjectFluentBuilder {
    let options = &to.options;
    let (sse, kms_key) = encryption(options);
    let mut request = request
        .content_type(&to.content_type)
        .set_cache_control(options.cache_control.clone())
        .set_tagging(tagging(options))
        .set_storage_class(options.storage_class.as_deref().map(StorageClass::from))
        .set_acl(options.acl.as_deref().map(ObjectCannedAcl::from))
        .set_server_side_encryption(sse)
        .set_ssekms_key_id(kms_key);
    for (name, value) in &options.metadata {
        request = request.metadata(name, value);
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_sends_exactly_its_header() {
        let bytes = b"123456789";
        let sums = Sums::of(bytes, 0xae8b_1486_0a79_9888, ChecksumMode::Crc64Nvme);
        assert_eq!((sums.crc64.as_deref(), sums.crc32, sums.md5), (Some("rosUhgp5mIg="), None, None));
        let sums = Sums::of(bytes, 0, ChecksumMode::Crc32);
        assert_eq!((sums.crc64, sums.crc32.as_deref(), sums.md5), (None, Some("y/Q5Jg=="), None));
        let sums = Sums::of(bytes, 0, ChecksumMode::ContentMd5);
        assert_eq!((sums.crc64, sums.crc32, sums.md5.as_deref()), (None, None, Some("JfnnlDI7RTiF9RgfG2JNCw==")));
        let sums = Sums::of(bytes, 0, ChecksumMode::None);
        assert_eq!((sums.crc64, sums.crc32, sums.md5), (None, None, None));
    }

    #[test]
    fn options_become_headers() {
        let mut options = PutOptions { encryption: Some("aws:kms:arn:key/1".to_owned()), ..PutOptions::default() };
        assert_eq!(encryption(&options), (Some(ServerSideEncryption::AwsKms), Some("arn:key/1".to_owned())));
        options.encryption = Some("AES256".to_owned());
        assert_eq!(encryption(&options), (Some(ServerSideEncryption::Aes256), None));
        options.encryption = Some("aws:kms:dsse".to_owned());
        assert_eq!(encryption(&options), (Some(ServerSideEncryption::AwsKmsDsse), None));
        assert_eq!(tagging(&options), None);
        options.tags = vec![("a b".to_owned(), "1&2".to_owned()), ("t".to_owned(), String::new())];
        assert_eq!(tagging(&options).as_deref(), Some("a+b=1%262&t="));
    }
}
