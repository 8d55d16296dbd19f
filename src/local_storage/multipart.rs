//! Multipart uploads: create, parts, complete, abort, list. What is put together how: `completion`.

use http::StatusCode;
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, ChecksumAlgorithm, ChecksumType,
    CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CreateMultipartUploadInput,
    CreateMultipartUploadOutput, Initiator, ListPartsInput, ListPartsOutput, Part, StorageClass, UploadPartInput,
    UploadPartOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::access::of_headers;
use super::acl::{NewAcl, for_new_object};
use super::checksums::{Algorithm, ChecksumKind, StoredChecksum};
use super::completion::Completion;
use super::encryption::{Encryption, tell_encryption};
use super::faults::Etags;
use super::handling::{Handling, WasSent};
use super::index::{BucketRow, NewUpload, ObjectDetail, ObjectRow, PartRow, UploadRow, Write};
use super::receive::{Promise, Received, receive};
use super::requests::{
    check_key, detail_of, etag, from_ms, now_ms, refuse_unsupported, set_checksum, storage_class, wire_size,
};
use super::service::{Storage, owner};

pub(super) async fn create(
    storage: &Storage,
    req: S3Request<CreateMultipartUploadInput>,
) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
    let input = req.input;
    check_key(&input.key)?;
    refuse_unsupported(&req.headers, &req.extensions)?;
    let handling = Handling::of(&req.extensions);
    let asked_acl = of_headers(&req.headers)?;
    let bucket = storage.require_bucket(&input.bucket).await?;
    let NewAcl { acl, owner } = for_new_object(storage, asked_acl, &bucket, &req.extensions)?;
    let encryption = Encryption::asked_for(&req.headers)?;
    let row = UploadRow {
        initiated_ms: now_ms(),
        storage_class: storage_class(input.storage_class.as_ref())?,
        acl,
        checksum: handling
            .started_with(wanted_checksum(input.checksum_algorithm.as_ref(), input.checksum_type.as_ref())?),
        detail: ObjectDetail { owner, encryption, ..detail_of!(input) },
    };
    // Ids sort by the time of their making, as listings want them.
    let id = format!("{:012x}{:032x}", row.initiated_ms, rand::random::<u128>());
    let mut output = CreateMultipartUploadOutput {
        bucket: Some(input.bucket.clone()),
        key: Some(input.key.clone()),
        upload_id: Some(id.clone()),
        checksum_algorithm: row.checksum.map(|(algorithm, _)| ChecksumAlgorithm::from_static(algorithm.name())),
        checksum_type: row.checksum.map(|(_, kind)| ChecksumType::from_static(kind.name())),
        ..Default::default()
    };
    tell_encryption!(output, &row.detail.encryption);
    let upload = NewUpload { id, key: input.key, row };
    let make = move |write: &mut Write<'_>| {
        let bucket = BucketRow::require(write.conn, &input.bucket)?;
        write.create_upload(bucket.id, &upload)
    };
    storage.index.write(Vec::new(), make).await?;
    Ok(S3Response::new(output))
}

fn wanted_checksum(
    algorithm: Option<&ChecksumAlgorithm>,
    kind: Option<&ChecksumType>,
) -> S3Result<Option<(Algorithm, ChecksumKind)>> {
    let Some(name) = algorithm else {
        if kind.is_none() {
            return Ok(None);
        }
        let text = "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.";
        return Err(s3_error!(InvalidRequest, "{text}"));
    };
    let algorithm = Algorithm::from_name(name.as_str()).ok_or_else(|| {
        s3_error!(InvalidRequest, "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
    })?;
    let kind = match kind {
        None => algorithm.default_kind(),
        Some(name) => ChecksumKind::from_name(name.as_str())
            .ok_or_else(|| s3_error!(InvalidRequest, "Value for x-amz-checksum-type header is invalid."))?,
    };
    if !algorithm.allows(kind) {
        let (kind, algorithm) = (kind.name(), algorithm.name().to_lowercase());
        let text = format!("The {kind} checksum type cannot be used with the {algorithm} checksum algorithm.");
        return Err(s3_error!(InvalidRequest, "{text}"));
    }
    Ok(Some((algorithm, kind)))
}

fn check_number(number: i32) -> S3Result<()> {
    if (1..=10_000).contains(&number) {
        return Ok(());
    }
    Err(s3_error!(InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive"))
}

/// Holds a part to the checksum that its upload was created with. Only where the object's own runs over all bytes may a
/// part come without one.
fn check_kind((expected, kind): (Algorithm, ChecksumKind), actual: Option<Algorithm>) -> S3Result<()> {
    if actual == Some(expected) || (actual.is_none() && kind == ChecksumKind::FullObject) {
        return Ok(());
    }
    let name = |algorithm: Algorithm| algorithm.name().to_lowercase();
    let (expected, actual) = (name(expected), actual.map_or_else(|| "null".to_owned(), name));
    let text =
        format!("Checksum Type mismatch occurred, expected checksum Type: {expected}, actual checksum Type: {actual}");
    Err(s3_error!(InvalidRequest, "{text}"))
}

pub(super) async fn upload_part(
    storage: &Storage,
    req: S3Request<UploadPartInput>,
) -> S3Result<S3Response<UploadPartOutput>> {
    let input = req.input;
    check_number(input.part_number)?;
    refuse_unsupported(&req.headers, &req.extensions)?;
    let upload = find_upload(storage, &input.bucket, &input.key, &input.upload_id).await?;
    let promise = Promise::read(&req.headers, input.content_length, req.trailing_headers)?;
    if let Some(expected) = upload.checksum {
        check_kind(expected, promise.algorithm())?;
    }
    let also: Vec<Algorithm> = upload.checksum.map(|(algorithm, _)| algorithm).into_iter().collect();
    let also = [also.as_slice(), &[Algorithm::Crc64Nvme]].concat();
    let handling = Handling::of(&req.extensions);
    let received = receive(&storage.blobs, input.body, promise, &also, handling).await?;
    let echoed = received.checked.or(also.first().copied()).unwrap_or(Algorithm::Crc64Nvme);
    let value = received.digests.base64(echoed);
    let computed = value.map(|value| StoredChecksum { algorithm: echoed, kind: ChecksumKind::FullObject, value });
    let told = handling.told(computed, WasSent::of(received.checked.as_ref()));
    let part = store_part(
        storage,
        received,
        PartPlace {
            handling,
            bucket: input.bucket,
            key: input.key,
            upload_id: input.upload_id,
            number: input.part_number,
        },
    )
    .await?;
    let mut output = UploadPartOutput { e_tag: Some(etag(&part.etag)), ..Default::default() };
    if let Some(told) = told {
        set_checksum!(output, echoed, told.value);
    }
    Ok(S3Response::new(output))
}

/// Where a part belongs.
pub(super) struct PartPlace {
    pub handling: Handling,
    pub bucket: String,
    pub key: String,
    pub upload_id: String,
    pub number: i32,
}

/// Records a part whose bytes have arrived.
pub(super) async fn store_part(storage: &Storage, received: Received, place: PartPlace) -> S3Result<PartRow> {
    check_number(place.number)?;
    let checksums = Algorithm::ALL.into_iter();
    let checksums = checksums.filter_map(|algorithm| Some((algorithm, received.digests.base64(algorithm)?))).collect();
    let part = PartRow {
        number: place.number,
        blob: received.segment().map(|segment| segment.blob),
        size_bytes: received.size_bytes,
        etag: place.handling.etag(received.digests.etag(), None),
        modified_ms: now_ms(),
        checksums,
    };
    let answer = part.clone();
    let new_blobs = received.new_blobs();
    let store = move |write: &mut Write<'_>| {
        let bucket = BucketRow::require(write.conn, &place.bucket)?;
        UploadRow::require(write.conn, bucket.id, &place.key, &place.upload_id)?;
        write.put_part(&place.upload_id, &part)?;
        received.keep();
        Ok(())
    };
    storage.index.write(new_blobs, store).await?;
    Ok(answer)
}

pub(super) async fn find_upload(storage: &Storage, bucket: &str, key: &str, id: &str) -> S3Result<UploadRow> {
    let (bucket, key, id) = (bucket.to_owned(), key.to_owned(), id.to_owned());
    let find = move |conn: &rusqlite::Connection| {
        let bucket = BucketRow::require(conn, &bucket)?;
        UploadRow::require(conn, bucket.id, &key, &id)
    };
    storage.index.read(find).await
}

pub(super) async fn complete(
    storage: &Storage,
    req: S3Request<CompleteMultipartUploadInput>,
) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
    let host = req.headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let location = format!("http://{host}{}", req.uri.path());
    let handling = Handling::of(&req.extensions);
    let completion = Completion::read(req.input, handling)?;
    let (bucket, key) = (completion.bucket.clone(), completion.key.clone());
    let finish = move |write: &mut Write<'_>| {
        let bucket = BucketRow::require(write.conn, &completion.bucket)?;
        let upload = UploadRow::require(write.conn, bucket.id, &completion.key, &completion.upload_id)?;
        let arrived = PartRow::list(write.conn, &completion.upload_id, 0, 10_000)?;
        let mut object = completion.assemble(upload, &arrived)?;
        object.etag = handling.etag(object.etag, None);
        let was_sent = WasSent::of(completion.checksum.as_ref());
        object.detail.checksum = handling.told(object.detail.checksum.take(), was_sent);
        let condition = handling.condition(completion.condition.clone());
        condition.check(ObjectRow::find(write.conn, bucket.id, &completion.key)?.as_ref())?;
        let version = write.put_object(&bucket, &completion.key, &object)?;
        write.delete_upload(&completion.upload_id)?;
        Ok((object.etag, object.detail.checksum, version))
    };
    let (object_etag, checksum, version_id) = storage.index.write(Vec::new(), finish).await?;
    let mut output = CompleteMultipartUploadOutput {
        bucket: Some(bucket),
        key: Some(key),
        e_tag: (handling.profile.etags != Etags::Absent).then(|| etag(&object_etag)),
        location: Some(location),
        version_id,
        ..Default::default()
    };
    if let Some(StoredChecksum { algorithm, kind, value }) = checksum {
        set_checksum!(output, algorithm, value);
        output.checksum_type = Some(ChecksumType::from_static(kind.name()));
    }
    Ok(S3Response::new(output))
}

pub(super) async fn abort(
    storage: &Storage,
    input: AbortMultipartUploadInput,
) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
    let remove = move |write: &mut Write<'_>| {
        let bucket = BucketRow::require(write.conn, &input.bucket)?;
        UploadRow::require(write.conn, bucket.id, &input.key, &input.upload_id)?;
        write.delete_upload(&input.upload_id)
    };
    storage.index.write(Vec::new(), remove).await?;
    Ok(S3Response::with_status(AbortMultipartUploadOutput::default(), StatusCode::NO_CONTENT))
}

pub(super) async fn list_parts(
    storage: &Storage,
    req: S3Request<ListPartsInput>,
) -> S3Result<S3Response<ListPartsOutput>> {
    let (handling, input) = (Handling::of(&req.extensions), req.input);
    let limit = input.max_parts.unwrap_or(1000);
    if limit < 0 {
        return Err(s3_error!(InvalidArgument, "Argument max-parts must be an integer between 0 and 2147483647"));
    }
    let limit = limit.min(handling.profile.largest_page.unwrap_or(1000));
    let after = input.part_number_marker.unwrap_or(0);
    let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
    let list = move |conn: &rusqlite::Connection| {
        let bucket = BucketRow::require(conn, &bucket)?;
        let upload = UploadRow::require(conn, bucket.id, &key, &id)?;
        Ok((upload, PartRow::list(conn, &id, after, i64::from(limit) + 1)?))
    };
    let (row, mut parts) = storage.index.read(list).await?;
    let shown = usize::try_from(limit).unwrap_or_default();
    let more = parts.len() > shown && limit > 0;
    parts.truncate(shown);
    let newest = parts.last().map_or(after, |part| part.number);
    let initiator = Initiator { display_name: owner().display_name, id: owner().id };
    let output = ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        checksum_algorithm: row.checksum.map(|(algorithm, _)| ChecksumAlgorithm::from_static(algorithm.name())),
        checksum_type: row.checksum.map(|(_, kind)| ChecksumType::from_static(kind.name())),
        initiator: Some(initiator),
        owner: Some(owner()),
        is_truncated: Some(more),
        max_parts: Some(limit),
        part_number_marker: Some(after),
        next_part_number_marker: Some(newest),
        parts: Some(parts.iter().map(|part| shown_part(part, row.checksum)).collect()),
        storage_class: Some(StorageClass::from(row.storage_class)),
        ..Default::default()
    };
    Ok(S3Response::new(output))
}

fn shown_part(part: &PartRow, checksum: Option<(Algorithm, ChecksumKind)>) -> Part {
    let mut shown = Part {
        e_tag: Some(etag(&part.etag)),
        last_modified: Some(from_ms(part.modified_ms)),
        part_number: Some(part.number),
        size: Some(wire_size(part.size_bytes)),
        ..Default::default()
    };
    if let Some((algorithm, _)) = checksum
        && let Some(value) = part.checksum(algorithm)
    {
        set_checksum!(shown, algorithm, value.to_owned());
    }
    shown
}
