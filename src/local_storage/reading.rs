//! GetObject and HeadObject.

use std::ops::Range;

use http::{Extensions, StatusCode, header};
use s3s::dto::{
    ChecksumMode, ChecksumType, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput,
    Range as RangeHeader, RequestCharged, StorageClass, StreamingBlob,
};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::access::Charged;
use super::archive::{self, check_readable};
use super::blob_stream::BlobStream;
use super::checksums::StoredChecksum;
use super::encryption::{check_reading, tell_encryption};
use super::errors::{custom, with_headers};
use super::index::ObjectRow;
use super::requests::{ReadCondition, etag, from_ms, set_checksum, wire_size};
use super::service::Storage;

/// What of an object was asked for.
struct Wanted {
    range: Range<u64>,
    /// Whether the answer is a 206.
    partial: bool,
    checksum: Option<StoredChecksum>,
    parts_count: Option<i32>,
}

/// Fields that GET and HEAD answer alike.
macro_rules! describe {
    ($output:expr, $object:expr, $wanted:expr) => {{
        let detail = $object.detail;
        tell_encryption!($output, &detail.encryption);
        $output.accept_ranges = Some("bytes".to_owned());
        $output.cache_control = detail.cache_control;
        $output.content_disposition = detail.content_disposition;
        $output.content_encoding = detail.content_encoding;
        $output.content_language = detail.content_language;
        $output.content_length = Some(wire_size($wanted.range.end - $wanted.range.start));
        $output.content_type = Some(detail.content_type);
        $output.e_tag = Some(etag(&$object.etag));
        $output.expires = detail.expires_ms.map(from_ms);
        $output.last_modified = Some(from_ms($object.modified_ms));
        $output.metadata = (!detail.metadata.is_empty()).then(|| detail.metadata.into_iter().collect());
        $output.parts_count = $wanted.parts_count;
        $output.website_redirect_location = detail.website_redirect;
        if $object.storage_class != StorageClass::STANDARD {
            $output.storage_class = Some(StorageClass::from($object.storage_class));
        }
        if $wanted.partial {
            let Range { start, end } = $wanted.range;
            let last = end.saturating_sub(1);
            $output.content_range = Some(format!("bytes {start}-{last}/{}", $object.size_bytes));
        }
        if let Some(StoredChecksum { algorithm, kind, value }) = $wanted.checksum {
            set_checksum!($output, algorithm, value);
            $output.checksum_type = Some(ChecksumType::from_static(kind.name()));
        }
    }};
}

pub(super) async fn get(storage: &Storage, req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
    let request_charged = charged(&req.extensions);
    let input = req.input;
    let (object, version_id, guard) = storage.pinned_object(&input.bucket, &input.key, input.version_id).await?;
    let condition = ReadCondition {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
    };
    condition.check(&object)?;
    check_reading(object.detail.encryption.as_ref(), &req.headers)?;
    check_readable(storage, &object)?;
    let wanted = Wanted::find(&object, input.range, input.part_number, input.checksum_mode.as_ref())?;
    let body = BlobStream::new(guard, &object.detail.segments, wanted.range.clone());
    let tags = object.detail.tags.len();
    let restore = archive::told(storage, &object);
    let mut output = GetObjectOutput {
        body: Some(StreamingBlob::wrap(body)),
        version_id,
        restore,
        request_charged,
        ..Default::default()
    };
    describe!(output, object, wanted);
    output.tag_count = i32::try_from(tags).ok().filter(|count| *count > 0);
    Ok(S3Response::new(output))
}

pub(super) async fn head(storage: &Storage, req: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
    let request_charged = charged(&req.extensions);
    let input = req.input;
    let (mut object, version_id) = storage.object(&input.bucket, &input.key, input.version_id).await?;
    let condition = ReadCondition {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
    };
    condition.check(&object)?;
    check_reading(object.detail.encryption.as_ref(), &req.headers)?;
    let restore = archive::told(storage, &object);
    let wanted = Wanted::find(&object, input.range, input.part_number, input.checksum_mode.as_ref())?;
    let detail = &mut object.detail;
    if let Some(content_type) = input.response_content_type {
        detail.content_type = content_type;
    }
    detail.cache_control = input.response_cache_control.or(detail.cache_control.take());
    detail.content_disposition = input.response_content_disposition.or(detail.content_disposition.take());
    detail.content_encoding = input.response_content_encoding.or(detail.content_encoding.take());
    detail.content_language = input.response_content_language.or(detail.content_language.take());
    let mut output = HeadObjectOutput { version_id, restore, request_charged, ..Default::default() };
    let status = if wanted.partial { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    describe!(output, object, wanted);
    Ok(S3Response::with_status(output, status))
}

/// Says that the reader pays, where he does.
fn charged(extensions: &Extensions) -> Option<RequestCharged> {
    extensions.get::<Charged>().map(|_| RequestCharged::from_static(RequestCharged::REQUESTER))
}

impl Wanted {
    fn find(
        object: &ObjectRow,
        range: Option<RangeHeader>,
        part_number: Option<i32>,
        checksum_mode: Option<&ChecksumMode>,
    ) -> S3Result<Self> {
        let wants_checksum = checksum_mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
        let checksum = object.detail.checksum.clone().filter(|_| wants_checksum);
        match (range, part_number) {
            (Some(_), Some(_)) => {
                Err(s3_error!(InvalidRequest, "Cannot specify both Range header and partNumber query parameter"))
            }
            (None, None) => Ok(Self { range: 0..object.size_bytes, partial: false, checksum, parts_count: None }),
            (Some(range), None) => {
                let range = range.check(object.size_bytes).ok().filter(|range| !range.is_empty());
                let range = range.ok_or_else(|| not_satisfiable(object.size_bytes))?;
                let whole = range == (0..object.size_bytes);
                Ok(Self { range, partial: true, checksum: checksum.filter(|_| whole), parts_count: None })
            }
            (None, Some(number)) => Self::part(object, number, checksum.filter(|_| wants_checksum)),
        }
    }

    fn part(object: &ObjectRow, number: i32, whole: Option<StoredChecksum>) -> S3Result<Self> {
        let parts = &object.detail.parts;
        if parts.is_empty() && number == 1 {
            let partial = object.size_bytes > 0;
            return Ok(Self { range: 0..object.size_bytes, partial, checksum: whole, parts_count: None });
        }
        let at = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let part = at.and_then(|at| parts.get(at)).ok_or_else(|| {
            let text = "The requested partnumber is not satisfiable";
            custom(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidPartNumber", text)
        })?;
        let begins: u64 = parts.iter().take(at.unwrap_or_default()).map(|part| part.size_bytes).sum();
        Ok(Self {
            range: begins..begins + part.size_bytes,
            partial: true,
            checksum: part.checksum.clone().filter(|_| whole.is_some()),
            parts_count: i32::try_from(parts.len()).ok(),
        })
    }
}

fn not_satisfiable(size_bytes: u64) -> S3Error {
    let error = s3_error!(InvalidRange, "The requested range is not satisfiable");
    with_headers(error, &[(header::CONTENT_RANGE, &format!("bytes */{size_bytes}"))])
}
