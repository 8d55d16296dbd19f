//! Multipart uploads: start, send parts, abort, list. How parts are put together: [`complete`](super::complete).

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::create_multipart_upload::builders::CreateMultipartUploadFluentBuilder;
use aws_sdk_s3::operation::upload_part::UploadPartError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType, ObjectCannedAcl, StorageClass};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::blank_keys::sdk_key;
use super::body::CallProgress;
use super::checksum::to_base64;
use super::classify::About;
use super::convert::{etag, size_bytes, text};
use super::direct::{Headers, Write, encoded};
use super::learnt::ChecksumMode;
use super::put::{Sums, Teaches, encryption, tagging, with_body};
use super::{Destination, ListedPart, PartBody, PartsPage, S3Error, S3Store, StoredPart, UploadId};
use crate::model::{BucketName, FailureKind, ObjectKey};

impl S3Store {
    /// Starts a multipart upload. What is dropped half-way may leave an upload without parts, which stores nothing.
    pub async fn create_multipart_upload(&self, to: &Destination) -> Result<UploadId, S3Error> {
        self.with_checksum(Teaches::Nothing, |mode| self.create_once(to, mode)).await
    }

    async fn create_once(&self, to: &Destination, mode: ChecksumMode) -> Result<UploadId, S3Error> {
        let about = About::object("s3:PutObject", &to.bucket, &to.key);
        let output = self
            .run(about, |client| {
                let request = client.create_multipart_upload().bucket(to.bucket.as_str()).key(sdk_key(&to.key));
                let request = with_create_options(request, to);
                if mode == ChecksumMode::Crc64Nvme {
                    // Full object is the one type that both Amazon S3 and R2 take for this checksum.
                    let request = request.checksum_algorithm(ChecksumAlgorithm::Crc64Nvme);
                    request.checksum_type(ChecksumType::FullObject).send()
                } else {
                    request.send()
                }
            })
            .await?;
        match text(output.upload_id()) {
            Some(id) => Ok(UploadId(id)),
            None => Err(self.odd_answer(about, "the answer names no upload")),
        }
    }

    /// Sends one part. Sending a number again replaces it. Dropping the call takes its progress back.
    pub async fn upload_part(
        &self,
        to: &Destination,
        upload: &UploadId,
        number: u32,
        body: PartBody,
    ) -> Result<StoredPart, S3Error> {
        let progress = CallProgress::new(body.sent.clone());
        let part = self
            .with_checksum(Teaches::PartRung, |mode| self.part_once(to, upload, number, &body, &progress, mode))
            .await?;
        progress.keep(body.bytes.len() as u64);
        Ok(part)
    }

    async fn part_once(
        &self,
        to: &Destination,
        upload: &UploadId,
        number: u32,
        body: &PartBody,
        progress: &CallProgress,
        mode: ChecksumMode,
    ) -> Result<StoredPart, S3Error> {
        let about = About::object("s3:PutObject", &to.bucket, &to.key).with_body(body.bytes.len());
        let sums = Sums::of(&body.bytes, body.crc64nvme, part_mode(mode));
        let part = OnePart { to, upload, number, body, progress, sums: &sums };
        let tag = self.run(about, |client| self.part_call(client, &part)).await.map_err(of_part)?;
        if let Some(etag) = etag(tag.as_deref()) {
            return Ok(StoredPart { number, etag, crc64nvme: body.crc64nvme });
        }
        let sent = SentPart { number, size_bytes: body.bytes.len() as u64, crc64nvme: body.crc64nvme };
        self.find_part(to, upload, about, sent).await
    }

    /// A part was taken, and the answer lacks its entity tag: asks once whether the server lists it. It is ours if it
    /// has our size and, where the list tells one, our checksum; the completion's checksum has the last word.
    pub(super) async fn find_part(
        &self,
        to: &Destination,
        upload: &UploadId,
        about: About<'_>,
        sent: SentPart,
    ) -> Result<StoredPart, S3Error> {
        let no_tag = |detail: &str| self.odd_answer(about, detail).with_kind(FailureKind::NoEntityTag);
        let after = sent.number.checked_sub(1).filter(|number| *number > 0);
        let page = match self.list_parts(&to.bucket, &to.key, upload, after).await {
            Ok(page) => page,
            // Nothing that is S3 has answered, or nothing at all.
            Err(error) if error.kind().is_retryable() || is_no_s3(error.kind()) => return Err(error),
            Err(error) if error.kind() == FailureKind::NoSuchUpload => return Err(error),
            Err(_refused) => return Err(no_tag("the answer to a part has no ETag, and the parts cannot be listed")),
        };
        let listed = page.parts.into_iter().find(|part| part.number == sent.number);
        let Some((etag, listed)) = listed.and_then(|part| Some((part.etag.clone()?, part))) else {
            return Err(no_tag("the answer to a part has no ETag, and the part is not listed"));
        };
        if !sent.is(&listed) {
            return Err(no_tag("the answer to a part has no ETag, and another one is listed in its place"));
        }
        Ok(StoredPart { number: sent.number, etag, crc64nvme: sent.crc64nvme })
    }

    /// Gives the entity tag as it came.
    async fn part_call(
        &self,
        client: Client,
        part: &OnePart<'_>,
    ) -> Result<Option<String>, SdkError<UploadPartError, HttpResponse>> {
        let OnePart { to, upload, number, body, progress, sums } = *part;
        if let Some(route) = self.route(&client, &to.bucket).await {
            let mut headers = Headers::default();
            headers.add("content-md5", sums.md5.as_deref());
            headers.add("x-amz-checksum-crc64nvme", sums.crc64.as_deref());
            let query = format!("partNumber={number}&uploadId={}&x-id=UploadPart", encoded(&upload.0));
            let write = Write { key: &to.key, query, headers, body: &body.bytes, progress };
            let response = self.write_directly(&route, write, UploadPartError::generic).await?;
            return Ok(response.headers().get("etag").map(ToOwned::to_owned));
        }
        let progress = progress.clone();
        let call = client
            .upload_part()
            .bucket(to.bucket.as_str())
            .key(sdk_key(&to.key))
            .upload_id(&upload.0)
            .part_number(i32::try_from(number).unwrap_or(i32::MAX))
            .body(ByteStream::from(body.bytes.clone()))
            .set_checksum_crc64_nvme(sums.crc64.clone())
            .set_content_md5(sums.md5.clone())
            .customize()
            .mutate_request(move |request| request.add_extension(progress.clone()))
            .config_override(with_body());
        let call = if self.is_plain_http() { call } else { call.disable_payload_signing() };
        Ok(Box::pin(call.send()).await?.e_tag)
    }

    /// Gives up an upload and frees its parts. One that the server does not know any more counts as given up.
    pub async fn abort_multipart_upload(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        upload: &UploadId,
    ) -> Result<(), S3Error> {
        let about = About::object("s3:AbortMultipartUpload", bucket, key);
        let aborted = self
            .run(about, |client| {
                client.abort_multipart_upload().bucket(bucket.as_str()).key(sdk_key(key)).upload_id(&upload.0).send()
            })
            .await;
        match aborted {
            Err(error) if error.kind() != FailureKind::NoSuchUpload => Err(error),
            _ => Ok(()),
        }
    }

    /// One page of the parts that the server holds, those after a part number.
    pub async fn list_parts(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        upload: &UploadId,
        after: Option<u32>,
    ) -> Result<PartsPage, S3Error> {
        let about = About::object("s3:ListMultipartUploadParts", bucket, key);
        let output = self
            .run(about, |client| {
                client
                    .list_parts()
                    .bucket(bucket.as_str())
                    .key(sdk_key(key))
                    .upload_id(&upload.0)
                    .set_part_number_marker(after.map(|number| number.to_string()))
                    .send()
            })
            .await?;
        let parts: Vec<ListedPart> = output
            .parts()
            .iter()
            .filter_map(|part| {
                Some(ListedPart {
                    number: u32::try_from(part.part_number()?).ok()?,
                    etag: etag(part.e_tag()),
                    size_bytes: size_bytes(part.size()),
                    crc64nvme: text(part.checksum_crc64_nvme()),
                })
            })
            .collect();
        let last = parts.last().map(|part| part.number);
        let next_after = last.filter(|last| output.is_truncated() == Some(true) && after.is_none_or(|a| *last > a));
        Ok(PartsPage { parts, next_after })
    }

    /// An answer of status 200 that no S3 service gives: something else has answered.
    pub(super) fn odd_answer(&self, about: About<'_>, detail: &str) -> S3Error {
        let error = S3Error::local(about.action, FailureKind::LoginPage, detail).with("host", self.host());
        match (about.bucket, about.key) {
            (Some(bucket), Some(key)) => error.with("bucket", bucket).with("key", key),
            _ => error,
        }
    }
}

/// What was sent of a part, to be found in a list.
#[derive(Clone, Copy)]
pub(super) struct SentPart {
    pub(super) number: u32,
    pub(super) size_bytes: u64,
    pub(super) crc64nvme: u64,
}

impl SentPart {
    fn is(&self, listed: &ListedPart) -> bool {
        let is_same_sum = listed.crc64nvme.as_ref().is_none_or(|theirs| *theirs == to_base64(self.crc64nvme));
        listed.size_bytes == Some(self.size_bytes) && is_same_sum
    }
}

/// S3 itself takes parts of this size, and has a code for what is too large: a bare 413 comes from something before it.
pub(super) fn of_part(error: S3Error) -> S3Error {
    let is_limit = error.kind() == FailureKind::TooLarge && error.status() == Some(413) && error.code().is_none();
    if is_limit { error.with_kind(FailureKind::BodyRefused) } else { error }
}

fn is_no_s3(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::LoginPage | FailureKind::NotS3)
}

/// One part, and what it is sent with.
#[derive(Clone, Copy)]
struct OnePart<'a> {
    to: &'a Destination,
    upload: &'a UploadId,
    number: u32,
    body: &'a PartBody,
    progress: &'a CallProgress,
    sums: &'a Sums,
}

/// Parts carry a CRC64NVME or, where that is not known, a Content-MD5: a part's CRC32 needs an upload declared for it.
pub(super) fn part_mode(mode: ChecksumMode) -> ChecksumMode {
    match mode {
        ChecksumMode::Crc32 => ChecksumMode::ContentMd5,
        other => other,
    }
}

/// The entity tag that Amazon gives to these parts: the MD5 of their MD5s and their number. `None` if a part's tag
/// is no MD5.
pub(super) fn multipart_etag(parts: &[StoredPart]) -> Option<String> {
    use md5::{Digest as _, Md5};
    let mut hasher = Md5::new();
    for part in parts {
        let digest = u128::from_str_radix(&part.etag, 16).ok().filter(|_| part.etag.len() == 32)?;
        hasher.update(digest.to_be_bytes());
    }
    let digest = u128::from_be_bytes(hasher.finalize().into());
    Some(format!("{digest:032x}-{}", parts.len()))
}

fn with_create_options(
    request: CreateMultipartUploadFluentBuilder,
    to: &Destination,
) -> CreateMultipartUploadFluentBuilder {
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
    fn the_multipart_etag_is_amazons() {
        let part = |number, etag: &str| StoredPart { number, etag: etag.to_owned(), crc64nvme: 0 };
        // MD5("") twice, as in `printf | xxd -r -p | md5sum`.
        let empty = "d41d8cd98f00b204e9800998ecf8427e";
        let expected = "59adb24ef3cdbe0297f05b395827453f-1";
        assert_eq!(multipart_etag(&[part(1, empty)]).as_deref(), Some(expected));
        assert_eq!(multipart_etag(&[part(1, "not-an-md5")]), None);
    }
}
