//! Writing and removing objects, and what hangs on them: tags, attributes.

use http::StatusCode;
use s3s::dto::{
    Checksum, ChecksumType, DeleteObjectInput, DeleteObjectOutput, DeleteObjectTaggingInput, DeleteObjectTaggingOutput,
    DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, Error as DeleteError, GetObjectAttributesInput,
    GetObjectAttributesOutput, GetObjectAttributesParts, GetObjectTaggingInput, GetObjectTaggingOutput, ObjectPart,
    PutObjectInput, PutObjectOutput, PutObjectTaggingInput, PutObjectTaggingOutput, StorageClass, Tag,
};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::access::{Case, of_headers};
use super::acl::{NewAcl, for_new_object};
use super::checksums::{Algorithm, ChecksumKind, StoredChecksum};
use super::encryption::{Encryption, tell_encryption};
use super::handling::{Handling, WasSent};
use super::index::{BucketRow, Deletion, ObjectRow, Write, check_version_id};
use super::receive::{Promise, Received, receive};
use super::requests::{
    WriteCondition, check_key, check_tags, detail_of, etag, from_ms, now_ms, refuse_unsupported, set_checksum,
    storage_class, wire_size,
};
use super::service::{Storage, told_version};

pub(super) async fn put(storage: &Storage, req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
    let input = req.input;
    check_key(&input.key)?;
    refuse_unsupported(&req.headers, &req.extensions)?;
    let mut detail = detail_of!(input);
    detail.encryption = Encryption::asked_for(&req.headers)?;
    let condition = WriteCondition { if_match: input.if_match, if_none_match: input.if_none_match };
    let handling = Handling::of(&req.extensions);
    let condition = handling.condition(condition);
    let (asked_acl, class) = (of_headers(&req.headers)?, storage_class(input.storage_class.as_ref())?);
    let promise = Promise::read(&req.headers, input.content_length, req.trailing_headers)?;
    let bucket = storage.require_bucket(&input.bucket).await?;
    let NewAcl { acl, owner } = for_new_object(storage, asked_acl, &bucket, &req.extensions)?;
    detail.owner = owner;
    let also = if promise.algorithm().is_none() { &[Algorithm::Crc64Nvme][..] } else { &[] };
    let received = receive(&storage.blobs, input.body, promise, also, handling).await?;

    let checksum = handling.told(checksum_of(&received), WasSent::of(received.checked.as_ref()));
    detail.segments.extend(received.segment());
    detail.checksum.clone_from(&checksum);
    let object = ObjectRow {
        version: String::new(),
        size_bytes: received.size_bytes,
        etag: handling.etag(received.digests.etag(), detail.encryption.as_ref()),
        modified_ms: now_ms(),
        storage_class: class,
        acl,
        detail,
    };
    let mut output = PutObjectOutput { e_tag: Some(etag(&object.etag)), ..Default::default() };
    if let Some(StoredChecksum { algorithm, kind, value }) = checksum {
        set_checksum!(output, algorithm, value);
        output.checksum_type = Some(ChecksumType::from_static(kind.name()));
    }
    tell_encryption!(output, &object.detail.encryption);
    let new_blobs = received.new_blobs();
    let store = move |write: &mut Write<'_>| {
        let bucket = BucketRow::require(write.conn, &input.bucket)?;
        condition.check(ObjectRow::find(write.conn, bucket.id, &input.key)?.as_ref())?;
        let version = write.put_object(&bucket, &input.key, &object)?;
        received.keep();
        Ok(version)
    };
    output.version_id = storage.index.write(new_blobs, store).await?;
    Ok(S3Response::new(output))
}

/// The checksum to keep: the one the client sent, else CRC64NVME.
pub(super) fn checksum_of(received: &Received) -> Option<StoredChecksum> {
    let algorithm = received.checked.unwrap_or(Algorithm::Crc64Nvme);
    let value = received.digests.base64(algorithm)?;
    Some(StoredChecksum { algorithm, kind: ChecksumKind::FullObject, value })
}

pub(super) async fn delete(
    storage: &Storage,
    req: S3Request<DeleteObjectInput>,
) -> S3Result<S3Response<DeleteObjectOutput>> {
    let input = req.input;
    input.version_id.as_deref().map(check_version_id).transpose()?;
    let condition = WriteCondition { if_match: input.if_match, if_none_match: None };
    let remove = move |write: &mut Write<'_>| {
        let bucket = BucketRow::require(write.conn, &input.bucket)?;
        if condition.if_match.is_some() {
            condition.check(ObjectRow::find(write.conn, bucket.id, &input.key)?.as_ref())?;
        }
        write.delete_object(&bucket, &input.key, input.version_id.as_deref(), now_ms())
    };
    let Deletion { version, is_marker } = storage.index.write(Vec::new(), remove).await?;
    let output =
        DeleteObjectOutput { delete_marker: is_marker.then_some(true), version_id: version, ..Default::default() };
    Ok(S3Response::with_status(output, StatusCode::NO_CONTENT))
}

pub(super) async fn delete_many(
    storage: &Storage,
    req: S3Request<DeleteObjectsInput>,
) -> S3Result<S3Response<DeleteObjectsOutput>> {
    let input = req.input;
    let has_digest = req.headers.keys().any(|name| {
        let name = name.as_str();
        name == "content-md5" || name == "x-amz-trailer" || Algorithm::from_header(name).is_some()
    });
    if !has_digest {
        let text = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
        return Err(s3_error!(InvalidRequest, "{text}"));
    }
    if input.delete.objects.is_empty() || input.delete.objects.len() > 1000 {
        let text = "The XML you provided was not well-formed or did not validate against our published schema";
        return Err(s3_error!(MalformedXML, "{text}"));
    }
    let quiet = input.delete.quiet.unwrap_or(false);
    let case = req.extensions.get::<Case>().cloned();
    let remove = move |write: &mut Write<'_>| {
        let bucket = BucketRow::require(write.conn, &input.bucket)?;
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for object in input.delete.objects {
            let version = object.version_id.as_deref();
            let known = version.is_none_or(|version| check_version_id(version).is_ok());
            let may = case.as_ref().map_or(Ok(()), |case| case.check_delete(&object.key, version));
            let known = known.then_some(()).ok_or_else(no_such_version);
            let allowed = may.and(known).and_then(|()| check_key(&object.key));
            match allowed.and_then(|()| write.delete_object(&bucket, &object.key, version, now_ms())) {
                Ok(deletion) => deleted.push(DeletedObject {
                    delete_marker: deletion.is_marker.then_some(true),
                    delete_marker_version_id: deletion.version.filter(|_| deletion.is_marker),
                    key: Some(object.key),
                    version_id: object.version_id,
                }),
                Err(error) => errors.push(DeleteError {
                    code: Some(error.code().as_str().to_owned()),
                    key: Some(object.key),
                    message: error.message().map(str::to_owned),
                    version_id: object.version_id,
                }),
            }
        }
        Ok((deleted, errors))
    };
    let (deleted, errors) = storage.index.write(Vec::new(), remove).await?;
    let output = DeleteObjectsOutput {
        deleted: (!quiet).then_some(deleted),
        errors: (!errors.is_empty()).then_some(errors),
        ..Default::default()
    };
    Ok(S3Response::new(output))
}

fn no_such_version() -> S3Error {
    s3_error!(NoSuchVersion, "The specified version does not exist.")
}

pub(super) async fn get_tagging(
    storage: &Storage,
    input: GetObjectTaggingInput,
) -> S3Result<S3Response<GetObjectTaggingOutput>> {
    let (object, version_id) = storage.object(&input.bucket, &input.key, input.version_id).await?;
    let tag_set = object.detail.tags.into_iter().map(|(key, value)| Tag { key: Some(key), value: Some(value) });
    Ok(S3Response::new(GetObjectTaggingOutput { tag_set: tag_set.collect(), version_id }))
}

pub(super) async fn put_tagging(
    storage: &Storage,
    input: PutObjectTaggingInput,
) -> S3Result<S3Response<PutObjectTaggingOutput>> {
    let tags = input.tagging.tag_set.into_iter();
    let tags = tags.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())).collect();
    let place = ObjectPlace { bucket: input.bucket, key: input.key, version: input.version_id };
    let version_id = set_tags(storage, place, check_tags(tags)?).await?;
    Ok(S3Response::new(PutObjectTaggingOutput { version_id }))
}

pub(super) async fn delete_tagging(
    storage: &Storage,
    input: DeleteObjectTaggingInput,
) -> S3Result<S3Response<DeleteObjectTaggingOutput>> {
    let place = ObjectPlace { bucket: input.bucket, key: input.key, version: input.version_id };
    let version_id = set_tags(storage, place, Vec::new()).await?;
    Ok(S3Response::with_status(DeleteObjectTaggingOutput { version_id }, StatusCode::NO_CONTENT))
}

/// Which object is meant.
struct ObjectPlace {
    bucket: String,
    key: String,
    version: Option<String>,
}

/// Returns the version id for the answer.
async fn set_tags(storage: &Storage, place: ObjectPlace, tags: Vec<(String, String)>) -> S3Result<Option<String>> {
    let change = move |write: &mut Write<'_>| {
        let bucket = BucketRow::require(write.conn, &place.bucket)?;
        let mut object = ObjectRow::require(write.conn, bucket.id, &place.key, place.version.as_deref())?;
        object.detail.tags = tags;
        write.update_object(bucket.id, &place.key, &object)?;
        Ok(told_version(&bucket, &object))
    };
    storage.index.write(Vec::new(), change).await
}

pub(super) async fn attributes(
    storage: &Storage,
    input: GetObjectAttributesInput,
) -> S3Result<S3Response<GetObjectAttributesOutput>> {
    let (object, version_id) = storage.object(&input.bucket, &input.key, input.version_id).await?;
    let wanted = input.object_attributes.iter().flat_map(|attributes| attributes.as_str().split(','));
    let wanted: Vec<&str> = wanted.map(str::trim).collect();
    let wants = |name: &str| wanted.contains(&name);
    let mut output = GetObjectAttributesOutput {
        last_modified: Some(from_ms(object.modified_ms)),
        version_id,
        ..Default::default()
    };
    if wants("ETag") {
        output.e_tag = Some(etag(&object.etag));
    }
    if wants("ObjectSize") {
        output.object_size = Some(wire_size(object.size_bytes));
    }
    if wants("StorageClass") {
        output.storage_class = Some(StorageClass::from(object.storage_class.clone()));
    }
    if wants("Checksum")
        && let Some(StoredChecksum { algorithm, kind, value }) = object.detail.checksum.clone()
    {
        let mut checksum =
            Checksum { checksum_type: Some(ChecksumType::from_static(kind.name())), ..Default::default() };
        set_checksum!(checksum, algorithm, value);
        output.checksum = Some(checksum);
    }
    if wants("ObjectParts") && !object.detail.parts.is_empty() {
        output.object_parts = Some(object_parts(&object, input.part_number_marker, input.max_parts));
    }
    Ok(S3Response::new(output))
}

fn object_parts(object: &ObjectRow, marker: Option<i32>, max_parts: Option<i32>) -> GetObjectAttributesParts {
    let (after, limit) = (marker.unwrap_or(0), max_parts.unwrap_or(1000).clamp(1, 1000));
    let behind: Vec<_> = object.detail.parts.iter().filter(|part| part.number > after).collect();
    let shown: Vec<ObjectPart> = behind
        .iter()
        .take(usize::try_from(limit).unwrap_or(1000))
        .map(|part| {
            let mut shown = ObjectPart {
                part_number: Some(part.number),
                size: Some(wire_size(part.size_bytes)),
                ..Default::default()
            };
            if let Some(StoredChecksum { algorithm, value, .. }) = part.checksum.clone() {
                set_checksum!(shown, algorithm, value);
            }
            shown
        })
        .collect();
    let more = shown.len() < behind.len();
    GetObjectAttributesParts {
        is_truncated: Some(more),
        max_parts: Some(limit),
        next_part_number_marker: more.then(|| shown.last().and_then(|part| part.part_number)).flatten(),
        part_number_marker: Some(after),
        parts: Some(shown),
        total_parts_count: i32::try_from(object.detail.parts.len()).ok(),
    }
}
