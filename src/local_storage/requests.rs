//! What several operations read from a request or write into an answer: object details, conditions, ACLs, tags, times.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{Extensions, HeaderMap, StatusCode, header};
use s3s::dto::{ETag, ETagCondition, StorageClass, Timestamp, TimestampFormat};
use s3s::{S3Error, S3Result, s3_error};

use super::encryption::may_pretend;
use super::errors::{custom, with_headers};
use super::index::ObjectRow;
use crate::model::{TagProblem, tag_problem};

/// User metadata may take 2 KB, names and values together.
const LARGEST_METADATA_BYTES: usize = 2048;

/// Sets the one checksum field of an answer that belongs to a stored checksum.
macro_rules! set_checksum {
    ($output:expr, $algorithm:expr, $value:expr) => {
        match $algorithm {
            $crate::local_storage::checksums::Algorithm::Crc32 => $output.checksum_crc32 = Some($value),
            $crate::local_storage::checksums::Algorithm::Crc32c => $output.checksum_crc32c = Some($value),
            $crate::local_storage::checksums::Algorithm::Crc64Nvme => $output.checksum_crc64nvme = Some($value),
            $crate::local_storage::checksums::Algorithm::Sha1 => $output.checksum_sha1 = Some($value),
            $crate::local_storage::checksums::Algorithm::Sha256 => $output.checksum_sha256 = Some($value),
        }
    };
}

/// Lists the checksum fields of an input that are set, as (algorithm, value).
macro_rules! given_checksums {
    ($input:expr) => {
        [
            ($crate::local_storage::checksums::Algorithm::Crc32, $input.checksum_crc32.as_ref()),
            ($crate::local_storage::checksums::Algorithm::Crc32c, $input.checksum_crc32c.as_ref()),
            ($crate::local_storage::checksums::Algorithm::Crc64Nvme, $input.checksum_crc64nvme.as_ref()),
            ($crate::local_storage::checksums::Algorithm::Sha1, $input.checksum_sha1.as_ref()),
            ($crate::local_storage::checksums::Algorithm::Sha256, $input.checksum_sha256.as_ref()),
        ]
        .into_iter()
        .filter_map(|(algorithm, value)| value.map(|value| (algorithm, value.clone())))
        .collect::<Vec<_>>()
    };
}

/// Reads what PutObject, CreateMultipartUpload and CopyObject say alike about the object to be.
macro_rules! detail_of {
    ($input:expr) => {
        $crate::local_storage::index::ObjectDetail {
            content_type: $input
                .content_type
                .as_ref()
                .filter(|text| !text.is_empty())
                .map_or_else(|| "binary/octet-stream".to_owned(), |text| text.to_string()),
            cache_control: $input.cache_control.clone(),
            content_disposition: $input.content_disposition.clone(),
            content_encoding: $crate::local_storage::requests::content_encoding($input.content_encoding.as_deref()),
            content_language: $input.content_language.clone(),
            expires_ms: $input.expires.as_ref().map($crate::local_storage::requests::to_ms),
            website_redirect: $input.website_redirect_location.clone(),
            metadata: $crate::local_storage::requests::metadata($input.metadata.as_ref())?,
            tags: $crate::local_storage::requests::tags_from_header($input.tagging.as_deref())?,
            ..Default::default()
        }
    };
}

pub(super) use {detail_of, given_checksums, set_checksum};

/// Milliseconds since 1970.
pub(super) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn to_ms(time: &Timestamp) -> i64 {
    let mut text = Vec::new();
    if time.format(TimestampFormat::EpochSeconds, &mut text).is_err() {
        return 0;
    }
    let text = String::from_utf8_lossy(&text);
    let (seconds, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let millis = format!("{fraction:0<3}").chars().take(3).collect::<String>();
    seconds.parse::<i64>().unwrap_or_default() * 1000 + millis.parse::<i64>().unwrap_or_default()
}

pub(super) fn from_ms(ms: i64) -> Timestamp {
    let since = Duration::from_millis(u64::try_from(ms).unwrap_or_default());
    Timestamp::from(UNIX_EPOCH + since)
}

/// As `Last-Modified` writes it.
pub(super) fn http_date(ms: i64) -> String {
    let mut text = Vec::new();
    from_ms(ms).format(TimestampFormat::HttpDate, &mut text).ok(); // writing to a Vec cannot fail
    String::from_utf8_lossy(&text).into_owned()
}

/// `aws-chunked` says how the body travelled, not what the object is.
pub(super) fn content_encoding(value: Option<&str>) -> Option<String> {
    let kept: Vec<&str> =
        value?.split(',').map(str::trim).filter(|name| !matches!(*name, "" | "aws-chunked")).collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

pub(super) fn metadata(given: Option<&s3s::dto::Metadata>) -> S3Result<std::collections::BTreeMap<String, String>> {
    let metadata: std::collections::BTreeMap<String, String> =
        given.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect();
    let bytes: usize = metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > LARGEST_METADATA_BYTES {
        return Err(s3_error!(MetadataTooLarge, "Your metadata headers exceed the maximum allowed metadata size"));
    }
    Ok(metadata)
}

/// Reads `x-amz-tagging`.
pub(super) fn tags_from_header(header: Option<&str>) -> S3Result<Vec<(String, String)>> {
    let pairs = url::form_urlencoded::parse(header.unwrap_or_default().as_bytes());
    check_tags(pairs.map(|(key, value)| (key.into_owned(), value.into_owned())).collect())
}

/// Refuses tags that Amazon refuses.
pub(super) fn check_tags(tags: Vec<(String, String)>) -> S3Result<Vec<(String, String)>> {
    let Some(problem) = tag_problem(&tags) else { return Ok(tags) };
    let text = match problem {
        TagProblem::TooMany => {
            let text = "Object tags cannot be greater than 10";
            return Err(custom(StatusCode::BAD_REQUEST, "BadRequest", text));
        }
        TagProblem::Twice(_) => "Cannot provide multiple Tags with the same key",
        TagProblem::Reserved(_) => "Your TagKey cannot be prefixed with aws:",
        TagProblem::ValueLength(_) => "The TagValue you have provided is invalid",
        TagProblem::Character { name, character } if !name.contains(character) => {
            "The TagValue you have provided is invalid"
        }
        TagProblem::NameLength(_) | TagProblem::Character { .. } => "The TagKey you have provided is invalid",
    };
    Err(s3_error!(InvalidTag, "{text}"))
}

/// Refuses what this storage would have to ignore: locks, appends, and encryption, which only tests may pretend.
pub(super) fn refuse_unsupported(headers: &HeaderMap, extensions: &Extensions) -> S3Result<()> {
    for name in headers.keys().map(http::HeaderName::as_str) {
        if name.starts_with("x-amz-object-lock-") {
            return Err(s3_error!(InvalidRequest, "Bucket is missing Object Lock Configuration"));
        }
        let encrypts = name.starts_with("x-amz-server-side-encryption")
            || name.starts_with("x-amz-copy-source-server-side-encryption");
        if encrypts && !may_pretend(extensions) || name == "x-amz-write-offset-bytes" {
            let text = "A header you provided implies functionality that is not implemented";
            return Err(s3_error!(NotImplemented, "{text}: {name}"));
        }
    }
    Ok(())
}

pub(super) fn storage_class(given: Option<&StorageClass>) -> S3Result<String> {
    const KNOWN: [&str; 8] = [
        StorageClass::STANDARD,
        StorageClass::REDUCED_REDUNDANCY,
        StorageClass::STANDARD_IA,
        StorageClass::ONEZONE_IA,
        StorageClass::INTELLIGENT_TIERING,
        StorageClass::GLACIER,
        StorageClass::GLACIER_IR,
        StorageClass::DEEP_ARCHIVE,
    ];
    let name = given.map_or(StorageClass::STANDARD, StorageClass::as_str);
    if !KNOWN.contains(&name) {
        return Err(s3_error!(InvalidStorageClass, "The storage class you specified is not valid"));
    }
    Ok(name.to_owned())
}

/// Keys are 1 to 1,024 bytes of UTF-8.
pub(super) fn check_key(key: &str) -> S3Result<()> {
    if key.len() > 1024 {
        return Err(s3_error!(KeyTooLongError, "Your key is too long"));
    }
    Ok(())
}

/// What must hold of the object that a write would replace.
#[derive(Clone, Debug, Default)]
pub(super) struct WriteCondition {
    pub if_match: Option<ETagCondition>,
    pub if_none_match: Option<ETagCondition>,
}

impl WriteCondition {
    /// To be asked inside the write's transaction, so that two writers cannot both be told yes.
    pub(super) fn check(&self, existing: Option<&ObjectRow>) -> S3Result<()> {
        if let Some(condition) = &self.if_none_match {
            if !condition.is_any() {
                let text = "A header you provided implies functionality that is not implemented";
                return Err(s3_error!(NotImplemented, "{text}"));
            }
            if existing.is_some() {
                return Err(precondition_failed("If-None-Match"));
            }
        }
        if let Some(condition) = &self.if_match {
            let object = existing.ok_or_else(|| s3_error!(NoSuchKey, "The specified key does not exist."))?;
            if !matches_etag(condition, &object.etag) {
                return Err(precondition_failed("If-Match"));
            }
        }
        Ok(())
    }
}

/// What must hold of an object that is to be read.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_field_names, reason = "named as the headers are")]
pub(super) struct ReadCondition {
    pub if_match: Option<ETagCondition>,
    pub if_none_match: Option<ETagCondition>,
    pub if_modified_since: Option<Timestamp>,
    pub if_unmodified_since: Option<Timestamp>,
}

impl ReadCondition {
    /// For GET and HEAD: what has not changed is answered by 304.
    pub(super) fn check(&self, object: &ObjectRow) -> S3Result<()> {
        self.check_required(object)?;
        if self.is_unchanged(object) {
            let etag = format!("\"{}\"", object.etag);
            let headers = [(header::ETAG, etag.as_str()), (header::LAST_MODIFIED, &http_date(object.modified_ms))];
            return Err(with_headers(s3_error!(NotModified, "Not Modified"), &headers));
        }
        Ok(())
    }

    /// For the source of a copy: what has not changed is refused.
    pub(super) fn check_copy(&self, object: &ObjectRow) -> S3Result<()> {
        self.check_required(object)?;
        if self.is_unchanged(object) { Err(precondition_failed("x-amz-copy-source-If-None-Match")) } else { Ok(()) }
    }

    fn check_required(&self, object: &ObjectRow) -> S3Result<()> {
        let modified_secs = object.modified_ms / 1000;
        match (&self.if_match, &self.if_unmodified_since) {
            (Some(condition), _) if !matches_etag(condition, &object.etag) => Err(precondition_failed("If-Match")),
            (None, Some(time)) if modified_secs > to_ms(time) / 1000 => Err(precondition_failed("If-Unmodified-Since")),
            _ => Ok(()),
        }
    }

    fn is_unchanged(&self, object: &ObjectRow) -> bool {
        match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) => matches_etag(condition, &object.etag),
            (None, Some(time)) => object.modified_ms / 1000 <= to_ms(time) / 1000,
            (None, None) => false,
        }
    }
}

fn matches_etag(condition: &ETagCondition, etag: &str) -> bool {
    condition.as_etag().is_none_or(|wanted| wanted.value() == etag)
}

fn precondition_failed(condition: &str) -> S3Error {
    s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold: {condition}")
}

pub(super) fn etag(text: &str) -> ETag {
    ETag::Strong(text.to_owned())
}

/// Sizes go over the wire as signed numbers.
pub(super) fn wire_size(size_bytes: u64) -> i64 {
    i64::try_from(size_bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_milliseconds() {
        for ms in [0, 1, 999, 1_000, 1_764_000_123_456] {
            assert_eq!(to_ms(&from_ms(ms)), ms);
        }
        assert_eq!(http_date(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn transport_encoding_is_not_kept() {
        assert_eq!(content_encoding(Some("aws-chunked")), None);
        assert_eq!(content_encoding(Some("aws-chunked, gzip")), Some("gzip".into()));
        assert_eq!(content_encoding(Some("gzip")), Some("gzip".into()));
    }

    #[test]
    fn tags_are_held_to_the_rules() {
        assert_eq!(
            tags_from_header(Some("a=1&b=%20")).unwrap(),
            vec![("a".into(), "1".into()), ("b".into(), " ".into())]
        );
        for refused in ["a=1&a=2", "a=%26", "%2C=1", "aws%3Aa=1"] {
            let error = tags_from_header(Some(refused)).unwrap_err();
            assert_eq!(error.code(), &s3s::S3ErrorCode::InvalidTag, "{refused}");
        }
        let eleven: Vec<String> = (0..11).map(|n| format!("k{n}=v")).collect();
        assert!(tags_from_header(Some(&eleven.join("&"))).is_err());
    }
}
