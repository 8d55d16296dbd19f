//! Turning versions on and off, and listing them.

use s3s::dto::{
    BucketVersioningStatus, DeleteMarkerEntry, GetBucketVersioningOutput, ListObjectVersionsInput,
    ListObjectVersionsOutput, MFADelete, ObjectVersion, ObjectVersionStorageClass, PutBucketVersioningInput,
    PutBucketVersioningOutput,
};
use s3s::{S3Response, S3Result, s3_error};

use super::errors::custom;
use super::index::{BucketRow, ListedVersion, Page, Start, VersionListQuery, Versioning, Write};
use super::index::{check_version_id, list_versions};
use super::lists::{Names, limit, shown_prefixes};
use super::requests::{etag, from_ms, wire_size};
use super::service::{Storage, owner};

pub(super) async fn get(storage: &Storage, bucket: &str) -> S3Result<S3Response<GetBucketVersioningOutput>> {
    let status = storage.require_bucket(bucket).await?.versioning.name().map(BucketVersioningStatus::from_static);
    Ok(S3Response::new(GetBucketVersioningOutput { status, mfa_delete: None }))
}

pub(super) async fn put(
    storage: &Storage,
    input: PutBucketVersioningInput,
) -> S3Result<S3Response<PutBucketVersioningOutput>> {
    let configuration = input.versioning_configuration;
    if configuration.mfa_delete.is_some_and(|mfa| mfa.as_str() == MFADelete::ENABLED) {
        return Err(s3_error!(NotImplemented, "MFA delete is not implemented"));
    }
    let versioning = match configuration.status.as_ref().map(BucketVersioningStatus::as_str) {
        Some(BucketVersioningStatus::ENABLED) => Versioning::Enabled,
        Some(BucketVersioningStatus::SUSPENDED) => Versioning::Suspended,
        Some(_) => {
            let text = "The XML you provided was not well-formed or did not validate against our published schema";
            return Err(s3_error!(MalformedXML, "{text}"));
        }
        None => {
            let text = "The Versioning element must be specified";
            return Err(custom(http::StatusCode::BAD_REQUEST, "IllegalVersioningConfigurationException", text));
        }
    };
    let set = move |write: &mut Write<'_>| {
        let bucket = BucketRow::require(write.conn, &input.bucket)?;
        write.set_versioning(bucket.id, versioning)
    };
    storage.index.write(Vec::new(), set).await?;
    Ok(S3Response::new(PutBucketVersioningOutput::default()))
}

pub(super) async fn list(
    storage: &Storage,
    input: ListObjectVersionsInput,
) -> S3Result<S3Response<ListObjectVersionsOutput>> {
    let names = Names::wanted(input.encoding_type.as_ref())?;
    let max_keys = limit(input.max_keys, "max-keys")?;
    let (prefix, delimiter) = (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
    let marker = input.key_marker.unwrap_or_default();
    let after_version = input.version_id_marker.clone().filter(|version| !version.is_empty());
    if let Some(version) = &after_version {
        check_version_id(version)?;
        if marker.is_empty() {
            let text = "A version-id marker cannot be specified without a key marker.";
            return Err(s3_error!(InvalidArgument, "{text}"));
        }
    }
    let start = if marker.is_empty() { Start::Beginning } else { Start::after(marker.clone(), &prefix, &delimiter) };
    let mut query = VersionListQuery {
        bucket: 0,
        prefix: prefix.clone(),
        delimiter: delimiter.clone(),
        start,
        after_version,
        limit: usize::try_from(max_keys).unwrap_or_default(),
    };
    let bucket = input.bucket.clone();
    let list = move |conn: &rusqlite::Connection| {
        query.bucket = BucketRow::require(conn, &bucket)?.id;
        if query.limit == 0 {
            return Ok((Page { items: Vec::new(), prefixes: Vec::new(), next: None }, String::new()));
        }
        list_versions(conn, &query)
    };
    let (page, last_version) = storage.index.read(list).await?;
    let (markers, versions): (Vec<_>, Vec<_>) = page.items.into_iter().partition(|version| version.is_marker);
    let output = ListObjectVersionsOutput {
        name: Some(input.bucket),
        prefix: Some(names.write(&prefix)),
        delimiter: (!delimiter.is_empty()).then(|| names.write(&delimiter)),
        key_marker: Some(names.write(&marker)),
        version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
        encoding_type: input.encoding_type,
        max_keys: Some(max_keys),
        is_truncated: Some(page.next.is_some()),
        next_key_marker: page.next.as_ref().map(|next| names.write(next.name())),
        next_version_id_marker: page.next.as_ref().map(|_| last_version).filter(|version| !version.is_empty()),
        versions: Some(versions.into_iter().map(|version| shown_version(version, names)).collect()),
        delete_markers: Some(markers.into_iter().map(|marker| shown_marker(marker, names)).collect()),
        common_prefixes: Some(shown_prefixes(page.prefixes, names)),
        request_charged: None,
    };
    Ok(S3Response::new(output))
}

fn shown_version(version: ListedVersion, names: Names) -> ObjectVersion {
    ObjectVersion {
        key: Some(names.write(&version.key)),
        version_id: Some(version.version),
        is_latest: Some(version.is_latest),
        size: Some(wire_size(version.size_bytes)),
        e_tag: Some(etag(&version.etag)),
        last_modified: Some(from_ms(version.modified_ms)),
        storage_class: Some(ObjectVersionStorageClass::from(version.storage_class)),
        owner: Some(owner()),
        ..Default::default()
    }
}

fn shown_marker(marker: ListedVersion, names: Names) -> DeleteMarkerEntry {
    DeleteMarkerEntry {
        key: Some(names.write(&marker.key)),
        version_id: Some(marker.version),
        is_latest: Some(marker.is_latest),
        last_modified: Some(from_ms(marker.modified_ms)),
        owner: Some(owner()),
    }
}
