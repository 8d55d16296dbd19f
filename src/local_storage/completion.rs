//! Putting an object together: the parts that a client names against those that have arrived.

use s3s::dto::CompleteMultipartUploadInput;
use s3s::{S3Error, S3Result, s3_error};

use super::checksums::{Algorithm, ChecksumKind, StoredChecksum, combine, multipart_etag};
use super::handling::Handling;
use super::index::{ObjectRow, PartInfo, PartRow, UploadRow};
use super::requests::{WriteCondition, given_checksums, now_ms};

/// Every part but the last must have this many bytes.
const SMALLEST_PART_BYTES: u64 = 5 * 1024 * 1024;
const MOST_PARTS: usize = 10_000;

/// What a client says when it completes an upload.
pub(super) struct Completion {
    pub bucket: String,
    pub key: String,
    pub upload_id: String,
    parts: Vec<NamedPart>,
    kind: Option<ChecksumKind>,
    pub checksum: Option<(Algorithm, String)>,
    size_bytes: Option<u64>,
    pub condition: WriteCondition,
    handling: Handling,
}

struct NamedPart {
    number: i32,
    etag: String,
    checksums: Vec<(Algorithm, String)>,
}

fn malformed() -> S3Error {
    let text = "The XML you provided was not well-formed or did not validate against our published schema";
    s3_error!(MalformedXML, "{text}")
}

fn invalid_part() -> S3Error {
    let text = "One or more of the specified parts could not be found.  The part may not have been uploaded, \
                or the specified entity tag may not match the part's entity tag.";
    s3_error!(InvalidPart, "{text}")
}

impl Completion {
    pub(super) fn read(input: CompleteMultipartUploadInput, handling: Handling) -> S3Result<Self> {
        let mut given = given_checksums!(input);
        let listed = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
        if listed.is_empty() || listed.len() > MOST_PARTS || given.len() > 1 {
            return Err(malformed());
        }
        let parts = listed.into_iter().map(|part| {
            let checksums = given_checksums!(part);
            let number = part.part_number.ok_or_else(malformed)?;
            let etag = part.e_tag.ok_or_else(malformed)?.into_value();
            Ok(NamedPart { number, etag, checksums })
        });
        let kind = input.checksum_type.as_ref().map(|name| {
            let invalid = || s3_error!(InvalidRequest, "Value for x-amz-checksum-type header is invalid.");
            ChecksumKind::from_name(name.as_str()).ok_or_else(invalid)
        });
        Ok(Self {
            parts: parts.collect::<S3Result<_>>()?,
            kind: kind.transpose()?,
            checksum: given.pop(),
            size_bytes: input.mpu_object_size.and_then(|size| u64::try_from(size).ok()),
            condition: WriteCondition { if_match: input.if_match, if_none_match: input.if_none_match },
            bucket: input.bucket,
            key: input.key,
            upload_id: input.upload_id,
            handling,
        })
    }

    /// Makes the object of the parts named, if they are what has arrived.
    pub(super) fn assemble(&self, upload: UploadRow, arrived: &[PartRow]) -> S3Result<ObjectRow> {
        let parts = self.chosen_parts(arrived)?;
        let size_bytes = parts.iter().map(|part| part.size_bytes).sum();
        if let Some(expected) = self.size_bytes
            && expected != size_bytes
        {
            let text = format!(
                "The provided 'x-amz-mp-object-size' header value {expected} does not match what was computed: {size_bytes}"
            );
            return Err(s3_error!(InvalidRequest, "{text}"));
        }
        let checksum = self.object_checksum(upload.checksum, &parts)?;
        let etags: Vec<String> = parts.iter().map(|part| part.etag.clone()).collect();
        let mut detail = upload.detail;
        detail.segments = parts.iter().filter_map(|part| part.segment()).collect();
        detail.parts = parts.iter().zip(1..).map(|(part, number)| part_info(part, number, &checksum)).collect();
        detail.checksum = Some(checksum);
        Ok(ObjectRow {
            version: String::new(),
            size_bytes,
            etag: multipart_etag(&etags)?,
            modified_ms: now_ms(),
            storage_class: upload.storage_class,
            acl: upload.acl,
            detail,
        })
    }

    fn chosen_parts<'a>(&self, arrived: &'a [PartRow]) -> S3Result<Vec<&'a PartRow>> {
        if !self.parts.is_sorted_by(|one, next| one.number < next.number) {
            let text = "The list of parts was not in ascending order. The parts list must be specified in order by part number.";
            return Err(s3_error!(InvalidPartOrder, "{text}"));
        }
        let mut chosen = Vec::with_capacity(self.parts.len());
        for named in &self.parts {
            let at = arrived.binary_search_by_key(&named.number, |part| part.number);
            let part = at.ok().and_then(|at| arrived.get(at)).filter(|part| part.etag == named.etag);
            let part = part.ok_or_else(invalid_part)?;
            let differs = named.checksums.iter().any(|(algorithm, value)| part.checksum(*algorithm) != Some(value));
            if differs && self.handling.verifies() {
                return Err(invalid_part());
            }
            chosen.push(part);
        }
        let but_last = chosen.len().saturating_sub(1);
        if chosen.iter().take(but_last).any(|part| part.size_bytes < SMALLEST_PART_BYTES) {
            let text = "Your proposed upload is smaller than the minimum allowed size";
            return Err(s3_error!(EntityTooSmall, "{text}"));
        }
        Ok(chosen)
    }

    fn object_checksum(
        &self,
        started_with: Option<(Algorithm, ChecksumKind)>,
        parts: &[&PartRow],
    ) -> S3Result<StoredChecksum> {
        let (algorithm, kind) = started_with.unwrap_or((Algorithm::Crc64Nvme, ChecksumKind::FullObject));
        if let Some(given) = self.kind
            && given != kind
        {
            let text = format!(
                "The upload was created using the {} checksum mode. The complete request must use the same checksum mode.",
                kind.name()
            );
            return Err(s3_error!(InvalidRequest, "{text}"));
        }
        if kind == ChecksumKind::Composite {
            let lacking = self.parts.iter().find(|part| part.checksums.iter().all(|(given, _)| *given != algorithm));
            if let Some(part) = lacking {
                let text = format!(
                    "The upload was created using a {} checksum. The complete request must include the checksum for \
                     each part. It was missing for part {} in the request.",
                    algorithm.name().to_lowercase(),
                    part.number
                );
                return Err(s3_error!(InvalidRequest, "{text}"));
            }
        }
        let sums: Option<Vec<(String, u64)>> = parts
            .iter()
            .map(|part| part.checksum(algorithm).map(|value| (value.to_owned(), part.size_bytes)))
            .collect();
        let computed = combine(algorithm, kind, &sums.ok_or_else(invalid_part)?)?;
        let agrees = match &self.checksum {
            None => true,
            Some((given, value)) => {
                let bare = computed.value.split_once('-').map_or(computed.value.as_str(), |(bare, _)| bare);
                *given == algorithm && (*value == computed.value || value == bare)
            }
        };
        if !agrees && self.handling.verifies() {
            let name = algorithm.name().to_lowercase();
            return Err(s3_error!(BadDigest, "The {name} you specified did not match the calculated checksum."));
        }
        Ok(computed)
    }
}

fn part_info(part: &PartRow, number: i32, of_object: &StoredChecksum) -> PartInfo {
    let value = part.checksum(of_object.algorithm);
    let checksum = value.map(|value| StoredChecksum {
        algorithm: of_object.algorithm,
        kind: ChecksumKind::FullObject,
        value: value.to_owned(),
    });
    PartInfo { number, size_bytes: part.size_bytes, checksum }
}
