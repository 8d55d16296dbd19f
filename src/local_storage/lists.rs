//! ListObjects, ListObjectsV2 and ListMultipartUploads.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use s3s::dto::{
    ChecksumAlgorithm, ChecksumType, CommonPrefix, EncodingType, Initiator, ListMultipartUploadsInput,
    ListMultipartUploadsOutput, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output,
    MultipartUpload, Object, ObjectStorageClass, StorageClass,
};
use s3s::{S3Response, S3Result, s3_error};

use super::acl::wire_owner;
use super::index::{BucketRow, ListQuery, ListedObject, ListedUpload, Page, Start, UploadListQuery};
use super::index::{list_objects, list_uploads};
use super::requests::{etag, from_ms, wire_size};
use super::service::{Storage, owner};

/// What `encoding-type=url` leaves as it is; a space becomes `+`, as on Amazon.
const KEPT: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/').remove(b' ');

/// How names are written into the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    Plain,
    UrlEncoded,
}

impl Names {
    pub(super) fn wanted(encoding: Option<&EncodingType>) -> S3Result<Self> {
        match encoding.map(EncodingType::as_str) {
            None => Ok(Self::Plain),
            Some(EncodingType::URL) => Ok(Self::UrlEncoded),
            Some(_) => Err(s3_error!(InvalidArgument, "Invalid Encoding Method specified in Request")),
        }
    }

    pub(super) fn write(self, name: &str) -> String {
        match self {
            Self::Plain => name.to_owned(),
            Self::UrlEncoded => percent_encode(name.as_bytes(), &KEPT).to_string().replace(' ', "+"),
        }
    }
}

pub(super) fn limit(given: Option<i32>, argument: &str) -> S3Result<i32> {
    let given = given.unwrap_or(1000);
    if given < 0 {
        let text = format!("Argument {argument} must be an integer between 0 and 2147483647");
        return Err(s3_error!(InvalidArgument, "{text}"));
    }
    Ok(given.min(1000))
}

async fn page(storage: &Storage, bucket: String, mut query: ListQuery) -> S3Result<Page<ListedObject>> {
    let list = move |conn: &rusqlite::Connection| {
        query.bucket = BucketRow::require(conn, &bucket)?.id;
        if query.limit == 0 {
            return Ok(Page { items: Vec::new(), prefixes: Vec::new(), next: None });
        }
        list_objects(conn, &query)
    };
    storage.index.read(list).await
}

/// Whether a listing names owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WithOwner {
    Yes,
    No,
}

fn shown_object(object: ListedObject, names: Names, with_owner: WithOwner) -> Object {
    let whose = || object.owner.as_deref().map_or_else(owner, wire_owner);
    Object {
        owner: (with_owner == WithOwner::Yes).then(whose),
        key: Some(names.write(&object.key)),
        size: Some(wire_size(object.size_bytes)),
        e_tag: Some(etag(&object.etag)),
        last_modified: Some(from_ms(object.modified_ms)),
        storage_class: Some(ObjectStorageClass::from(object.storage_class)),
        ..Default::default()
    }
}

pub(super) fn shown_prefixes(prefixes: Vec<String>, names: Names) -> Vec<CommonPrefix> {
    prefixes.into_iter().map(|prefix| CommonPrefix { prefix: Some(names.write(&prefix)) }).collect()
}

pub(super) async fn objects_v2(
    storage: &Storage,
    input: ListObjectsV2Input,
) -> S3Result<S3Response<ListObjectsV2Output>> {
    let names = Names::wanted(input.encoding_type.as_ref())?;
    let max_keys = limit(input.max_keys, "max-keys")?;
    let (prefix, delimiter) = (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
    let start = match (&input.continuation_token, &input.start_after) {
        (Some(token), _) => read_token(token)?,
        (None, Some(marker)) if !marker.is_empty() => Start::after(marker.clone(), &prefix, &delimiter),
        (None, _) => Start::Beginning,
    };
    let query = ListQuery {
        bucket: 0,
        prefix: prefix.clone(),
        delimiter: delimiter.clone(),
        start,
        limit: usize::try_from(max_keys).unwrap_or_default(),
    };
    let page = page(storage, input.bucket.clone(), query).await?;
    let with_owner = if input.fetch_owner.unwrap_or(false) { WithOwner::Yes } else { WithOwner::No };
    let count = page.items.len() + page.prefixes.len();
    let output = ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(names.write(&prefix)),
        delimiter: (!delimiter.is_empty()).then(|| names.write(&delimiter)),
        start_after: input.start_after.map(|marker| names.write(&marker)),
        continuation_token: input.continuation_token,
        encoding_type: input.encoding_type,
        max_keys: Some(max_keys),
        key_count: i32::try_from(count).ok(),
        is_truncated: Some(page.next.is_some()),
        next_continuation_token: page.next.as_ref().map(write_token),
        contents: Some(page.items.into_iter().map(|object| shown_object(object, names, with_owner)).collect()),
        common_prefixes: Some(shown_prefixes(page.prefixes, names)),
        request_charged: None,
    };
    Ok(S3Response::new(output))
}

/// Continuation tokens say exactly where a page begins; clients must treat them as opaque.
fn write_token(start: &Start) -> String {
    let mark = if matches!(start, Start::PastPrefix(_)) { "p" } else { "k" };
    URL_SAFE_NO_PAD.encode([mark, start.name()].concat())
}

fn read_token(token: &str) -> S3Result<Start> {
    let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|raw| String::from_utf8(raw).ok());
    let start = text.as_deref().and_then(|text| match text.split_at_checked(1)? {
        ("k", key) => Some(Start::After(key.to_owned())),
        ("p", prefix) => Some(Start::PastPrefix(prefix.to_owned())),
        _ => None,
    });
    start.ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
}

pub(super) async fn objects_v1(storage: &Storage, input: ListObjectsInput) -> S3Result<S3Response<ListObjectsOutput>> {
    let names = Names::wanted(input.encoding_type.as_ref())?;
    let max_keys = limit(input.max_keys, "max-keys")?;
    let (prefix, delimiter) = (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
    let marker = input.marker.unwrap_or_default();
    let start = if marker.is_empty() { Start::Beginning } else { Start::after(marker.clone(), &prefix, &delimiter) };
    let query = ListQuery {
        bucket: 0,
        prefix: prefix.clone(),
        delimiter: delimiter.clone(),
        start,
        limit: usize::try_from(max_keys).unwrap_or_default(),
    };
    let page = page(storage, input.bucket.clone(), query).await?;
    let next = page.next.as_ref().map(|next| names.write(next.name()));
    let output = ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(names.write(&prefix)),
        marker: Some(names.write(&marker)),
        // Without a delimiter Amazon leaves it out: the last key says the same.
        next_marker: next.filter(|_| !delimiter.is_empty()),
        delimiter: (!delimiter.is_empty()).then(|| names.write(&delimiter)),
        encoding_type: input.encoding_type,
        max_keys: Some(max_keys),
        is_truncated: Some(page.next.is_some()),
        contents: Some(page.items.into_iter().map(|object| shown_object(object, names, WithOwner::Yes)).collect()),
        common_prefixes: Some(shown_prefixes(page.prefixes, names)),
        request_charged: None,
    };
    Ok(S3Response::new(output))
}

pub(super) async fn uploads(
    storage: &Storage,
    input: ListMultipartUploadsInput,
) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
    let names = Names::wanted(input.encoding_type.as_ref())?;
    let max_uploads = limit(input.max_uploads, "max-uploads")?;
    let (prefix, delimiter) = (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
    let (key_marker, id_marker) = (input.key_marker.unwrap_or_default(), input.upload_id_marker.unwrap_or_default());
    let mut query = UploadListQuery {
        bucket: 0,
        prefix: prefix.clone(),
        delimiter: delimiter.clone(),
        // An upload id marker counts only together with a key marker.
        after: (!key_marker.is_empty())
            .then(|| (key_marker.clone(), Some(id_marker.clone()).filter(|id| !id.is_empty()))),
        limit: usize::try_from(max_uploads).unwrap_or_default(),
    };
    let bucket = input.bucket.clone();
    let list = move |conn: &rusqlite::Connection| {
        query.bucket = BucketRow::require(conn, &bucket)?.id;
        if query.limit == 0 {
            return Ok((Page { items: Vec::new(), prefixes: Vec::new(), next: None }, String::new()));
        }
        list_uploads(conn, &query)
    };
    let (page, last_id) = storage.index.read(list).await?;
    let output = ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        prefix: Some(names.write(&prefix)),
        delimiter: (!delimiter.is_empty()).then(|| names.write(&delimiter)),
        key_marker: Some(names.write(&key_marker)),
        upload_id_marker: Some(id_marker),
        encoding_type: input.encoding_type,
        max_uploads: Some(max_uploads),
        is_truncated: Some(page.next.is_some()),
        next_key_marker: page.next.as_ref().map(|next| names.write(next.name())),
        next_upload_id_marker: page.next.as_ref().map(|_| last_id),
        uploads: Some(page.items.into_iter().map(|upload| shown_upload(upload, names)).collect()),
        common_prefixes: Some(shown_prefixes(page.prefixes, names)),
        request_charged: None,
    };
    Ok(S3Response::new(output))
}

fn shown_upload(upload: ListedUpload, names: Names) -> MultipartUpload {
    MultipartUpload {
        key: Some(names.write(&upload.key)),
        upload_id: Some(upload.id),
        initiated: Some(from_ms(upload.initiated_ms)),
        storage_class: Some(StorageClass::from(upload.storage_class)),
        checksum_algorithm: upload.algorithm.map(ChecksumAlgorithm::from),
        checksum_type: upload.kind.map(ChecksumType::from),
        owner: Some(owner()),
        initiator: Some(Initiator { display_name: owner().display_name, id: owner().id }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_as_amazon_does() {
        assert_eq!(Names::UrlEncoded.write("a b+c%d/é*~"), "a+b%2Bc%25d/%C3%A9*%7E");
        assert_eq!(Names::Plain.write("a b+"), "a b+");
    }

    #[test]
    fn tokens_come_back_as_they_went() {
        for start in [Start::After("a/\u{0}한글".into()), Start::PastPrefix("p/".into())] {
            assert_eq!(read_token(&write_token(&start)).unwrap(), start);
        }
        for bad in ["", "!", "eA"] {
            assert!(read_token(bad).is_err(), "{bad}");
        }
    }
}
