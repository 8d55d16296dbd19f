//! CopyObject and UploadPartCopy.

use std::ops::Range;

use bytes::Bytes;
use s3s::dto::{
    ChecksumType, CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopyPartResult, CopySource, MetadataDirective,
    Range as RangeHeader, TaggingDirective, UploadPartCopyInput, UploadPartCopyOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::access::of_headers;
use super::acl::{NewAcl, for_new_object};
use super::archive::check_copyable;
use super::blob_stream::Reader;
use super::blobs::PinGuard;
use super::checksums::{Algorithm, StoredChecksum};
use super::encryption::{Encryption, check_source, tell_encryption};
use super::errors::{disk, internal};
use super::handling::Handling;
use super::index::{BucketRow, ObjectRow, Write};
use super::multipart::{PartPlace, find_upload, store_part};
use super::objects::checksum_of;
use super::receive::{LARGEST_BODY_BYTES, Received, Sink};
use super::requests::{
    ReadCondition, check_key, detail_of, etag, from_ms, now_ms, refuse_unsupported, set_checksum, storage_class,
};
use super::service::Storage;

/// The source of a copy, or why it cannot be one.
fn source(given: &CopySource) -> S3Result<(&str, &str, Option<String>)> {
    match given {
        CopySource::Bucket { bucket, key, version_id } => Ok((bucket, key, version_id.as_deref().map(str::to_owned))),
        _ => Err(s3_error!(NotImplemented, "Copying from access points is not implemented")),
    }
}

pub(super) async fn copy(storage: &Storage, req: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
    let input = req.input;
    check_key(&input.key)?;
    refuse_unsupported(&req.headers, &req.extensions)?;
    let encryption = Encryption::asked_for(&req.headers)?;
    let asked_acl = of_headers(&req.headers)?;
    let bucket = storage.require_bucket(&input.bucket).await?;
    let NewAcl { acl, owner } = for_new_object(storage, asked_acl, &bucket, &req.extensions)?;
    let (from_bucket, from_key, from_version) = source(&input.copy_source)?;
    let (from, source_version, guard) = storage.pinned_object(from_bucket, from_key, from_version).await?;
    let condition = ReadCondition {
        if_match: input.copy_source_if_match.clone(),
        if_none_match: input.copy_source_if_none_match.clone(),
        if_modified_since: input.copy_source_if_modified_since.clone(),
        if_unmodified_since: input.copy_source_if_unmodified_since.clone(),
    };
    condition.check_copy(&from)?;
    check_source(from.detail.encryption.as_ref(), &req.headers)?;
    check_copyable(storage, &from)?;
    if from.size_bytes > LARGEST_BODY_BYTES {
        let text = "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120";
        return Err(s3_error!(InvalidRequest, "{text}"));
    }
    // A version that is not the current one may be copied onto its own key: that restores it.
    let is_current = source(&input.copy_source)?.2.is_none();
    let replaces = directive(input.metadata_directive.as_ref().map(MetadataDirective::as_str))?;
    let replaces_tags = directive(input.tagging_directive.as_ref().map(TaggingDirective::as_str))?;
    let changes =
        replaces || input.storage_class.is_some() || input.website_redirect_location.is_some() || encryption.is_some();
    if from_bucket == input.bucket && from_key == input.key && is_current && !changes {
        let text = "This copy request is illegal because it is trying to copy an object to itself without changing \
                    the object's metadata, storage class, website redirect location or encryption attributes.";
        return Err(s3_error!(InvalidRequest, "{text}"));
    }
    let mut object = from.clone();
    let given = detail_of!(input);
    if replaces {
        let kept = std::mem::replace(&mut object.detail, given.clone());
        (object.detail.segments, object.detail.parts) = (kept.segments, kept.parts);
        (object.detail.checksum, object.detail.tags) = (kept.checksum, kept.tags);
    }
    if replaces_tags {
        object.detail.tags = given.tags;
    }
    object.detail.website_redirect = given.website_redirect;
    object.modified_ms = now_ms();
    object.acl = acl;
    (object.detail.owner, object.detail.encryption, object.detail.restore) = (owner, encryption.clone(), None);
    object.storage_class = storage_class(input.storage_class.as_ref())?;
    let algorithm = input.checksum_algorithm.as_ref().and_then(|name| Algorithm::from_name(name.as_str()));
    let received = copy_bytes(storage, &mut object, algorithm, guard).await?;
    let result = copy_result(&object);
    let new_blobs = received.as_ref().map(Received::new_blobs).unwrap_or_default();
    let (source_bucket, source_key) = (from_bucket.to_owned(), from_key.to_owned());
    let store = move |write: &mut Write<'_>| {
        let bucket = BucketRow::require(write.conn, &input.bucket)?;
        if received.is_none() {
            // The blobs are shared, so the source must still be what was read.
            let source = BucketRow::require(write.conn, &source_bucket)?;
            let now = ObjectRow::require(write.conn, source.id, &source_key, Some(&from.version))?;
            if now.detail.segments != object.detail.segments {
                return Err(s3_error!(ConditionalRequestConflict, "The source has changed while it was copied"));
            }
        }
        let version = write.put_object(&bucket, &input.key, &object)?;
        if let Some(received) = received {
            received.keep();
        }
        Ok(version)
    };
    let version_id = storage.index.write(new_blobs, store).await?;
    let mut output = CopyObjectOutput {
        copy_object_result: Some(result),
        copy_source_version_id: source_version,
        version_id,
        ..Default::default()
    };
    tell_encryption!(output, &encryption);
    Ok(S3Response::new(output))
}

/// Whether a directive says REPLACE.
fn directive(given: Option<&str>) -> S3Result<bool> {
    match given {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(_) => Err(s3_error!(InvalidArgument, "Unknown metadata directive.")),
    }
}

/// Gives `object` bytes of its own where a copy is not simply the same blobs: a copy of a multipart object is in one
/// piece again, with the ETag of one, and another checksum needs all bytes to be read.
async fn copy_bytes(
    storage: &Storage,
    object: &mut ObjectRow,
    algorithm: Option<Algorithm>,
    guard: PinGuard,
) -> S3Result<Option<Received>> {
    let has = object.detail.checksum.as_ref().map(|checksum| checksum.algorithm);
    if object.detail.parts.is_empty() && algorithm.is_none_or(|wanted| Some(wanted) == has) {
        return Ok(None);
    }
    let wanted = algorithm.or(has).unwrap_or(Algorithm::Crc64Nvme);
    let mut received = duplicate(storage, object, 0..object.size_bytes, &[wanted], guard).await?;
    received.checked = Some(wanted);
    object.etag = received.digests.etag();
    object.detail.parts = Vec::new();
    object.detail.segments = received.segment().into_iter().collect();
    object.detail.checksum = checksum_of(&received);
    Ok(Some(received))
}

fn copy_result(object: &ObjectRow) -> CopyObjectResult {
    let mut result = CopyObjectResult {
        e_tag: Some(etag(&object.etag)),
        last_modified: Some(from_ms(object.modified_ms)),
        ..Default::default()
    };
    if let Some(StoredChecksum { algorithm, kind, value }) = object.detail.checksum.clone() {
        set_checksum!(result, algorithm, value);
        result.checksum_type = Some(ChecksumType::from_static(kind.name()));
    }
    result
}

/// Copies a range of an object into a new blob, block by block.
async fn duplicate(
    storage: &Storage,
    object: &ObjectRow,
    range: Range<u64>,
    algorithms: &[Algorithm],
    guard: PinGuard,
) -> S3Result<Received> {
    let mut reader = Reader::new(guard, &object.detail.segments, range);
    let mut sink = Sink::new(&storage.blobs, algorithms);
    loop {
        let step = move || {
            let block = reader.next_block()?;
            Ok::<(Reader, Option<Bytes>), std::io::Error>((reader, block))
        };
        let read = tokio::task::spawn_blocking(step).await.map_err(|error| internal("copy", &error))?;
        let (rest, block) = read.map_err(disk)?;
        reader = rest;
        match block {
            Some(block) => sink.push(block).await?,
            None => return sink.finish().await,
        }
    }
}

pub(super) async fn copy_part(
    storage: &Storage,
    req: S3Request<UploadPartCopyInput>,
) -> S3Result<S3Response<UploadPartCopyOutput>> {
    let input = req.input;
    refuse_unsupported(&req.headers, &req.extensions)?;
    let upload = find_upload(storage, &input.bucket, &input.key, &input.upload_id).await?;
    let (from_bucket, from_key, from_version) = source(&input.copy_source)?;
    let (from, source_version, guard) = storage.pinned_object(from_bucket, from_key, from_version).await?;
    let condition = ReadCondition {
        if_match: input.copy_source_if_match,
        if_none_match: input.copy_source_if_none_match,
        if_modified_since: input.copy_source_if_modified_since,
        if_unmodified_since: input.copy_source_if_unmodified_since,
    };
    condition.check_copy(&from)?;
    check_source(from.detail.encryption.as_ref(), &req.headers)?;
    check_copyable(storage, &from)?;
    let range = match &input.copy_source_range {
        None => 0..from.size_bytes,
        Some(header) => source_range(header, from.size_bytes)?,
    };
    if range.end - range.start > LARGEST_BODY_BYTES {
        return Err(s3_error!(EntityTooLarge, "Your proposed upload exceeds the maximum allowed size"));
    }
    let own = upload.checksum.map(|(algorithm, _)| algorithm);
    let algorithms: Vec<Algorithm> = own.into_iter().chain([Algorithm::Crc64Nvme]).collect();
    let received = duplicate(storage, &from, range, &algorithms, guard).await?;
    let place = PartPlace {
        handling: Handling::of(&req.extensions),
        bucket: input.bucket,
        key: input.key,
        upload_id: input.upload_id,
        number: input.part_number,
    };
    let part = store_part(storage, received, place).await?;
    let mut result = CopyPartResult {
        e_tag: Some(etag(&part.etag)),
        last_modified: Some(from_ms(part.modified_ms)),
        ..Default::default()
    };
    if let Some((algorithm, value)) = own.and_then(|own| Some((own, part.checksum(own)?.to_owned()))) {
        set_checksum!(result, algorithm, value);
    }
    let output = UploadPartCopyOutput {
        copy_part_result: Some(result),
        copy_source_version_id: source_version,
        ..Default::default()
    };
    Ok(S3Response::new(output))
}

/// `bytes=first-last`, both given and inside the source.
fn source_range(header: &str, size_bytes: u64) -> S3Result<Range<u64>> {
    let invalid = || {
        let text = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are \
                    the zero-based offsets of the first and last bytes to copy";
        s3_error!(InvalidArgument, "{text}")
    };
    match RangeHeader::parse(header) {
        Ok(RangeHeader::Int { first, last: Some(last) }) if last < size_bytes => Ok(first..last + 1),
        Ok(RangeHeader::Int { last: Some(_), .. }) => {
            let text = format!("Range specified is not valid for source object of size: {size_bytes}");
            Err(s3_error!(InvalidArgument, "{text}"))
        }
        _ => Err(invalid()),
    }
}
