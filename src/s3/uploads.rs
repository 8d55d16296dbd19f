//! Unfinished multipart uploads of a bucket, and how much one of them holds.

use aws_sdk_s3::operation::list_multipart_uploads::ListMultipartUploadsOutput;
use aws_sdk_s3::types::EncodingType;
use jiff::Timestamp;

use super::classify::About;
use super::convert::{decode_key, text, timestamp};
use super::{S3Error, S3Store, UploadId};
use crate::model::{BucketName, FailureKind, ObjectKey};

/// A multipart upload as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedUpload {
    /// The key it is for.
    pub key: ObjectKey,
    /// Its name on the server.
    pub upload: UploadId,
    /// When it was started, by the server's clock.
    pub initiated: Option<Timestamp>,
    /// Who started it, where the server says so.
    pub initiator: Option<String>,
}

/// Where the next page of uploads starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadsMarker {
    key: String,
    upload_id: Option<String>,
}

/// One page of unfinished uploads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadsPage {
    /// By key, then by age.
    pub uploads: Vec<ListedUpload>,
    /// Where to go on; `None` when this was the last page.
    pub next: Option<UploadsMarker>,
}

/// What the parts of an upload come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartsHeld {
    /// How many.
    pub parts: u64,
    /// Bytes of all.
    pub bytes: u64,
}

impl S3Store {
    /// One page of the unfinished uploads whose keys begin with `prefix`.
    pub async fn list_uploads(
        &self,
        bucket: &BucketName,
        prefix: &str,
        after: Option<&UploadsMarker>,
    ) -> Result<UploadsPage, S3Error> {
        let about = About::bucket("s3:ListBucketMultipartUploads", bucket);
        let output = self
            .run(about, |client| {
                client
                    .list_multipart_uploads()
                    .bucket(bucket.as_str())
                    .prefix(prefix)
                    .encoding_type(EncodingType::Url)
                    .set_key_marker(after.map(|marker| marker.key.clone()))
                    .set_upload_id_marker(after.and_then(|marker| marker.upload_id.clone()))
                    .send()
            })
            .await?;
        Ok(page(&output, after))
    }

    /// Parts and bytes that an upload holds; nothing for one that the server does not know.
    pub async fn parts_held(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        upload: &UploadId,
    ) -> Result<PartsHeld, S3Error> {
        let mut held = PartsHeld::default();
        let mut after = None;
        loop {
            let page = match self.list_parts(bucket, key, upload, after).await {
                Ok(page) => page,
                Err(error) if error.kind() == FailureKind::NoSuchUpload => return Ok(PartsHeld::default()),
                Err(error) => return Err(error),
            };
            held.parts += page.parts.len() as u64;
            held.bytes += page.parts.iter().filter_map(|part| part.size_bytes).sum::<u64>();
            match page.next_after {
                Some(next) => after = Some(next),
                None => return Ok(held),
            }
        }
    }
}

fn page(output: &ListMultipartUploadsOutput, after: Option<&UploadsMarker>) -> UploadsPage {
    let encoded = output.encoding_type() == Some(&EncodingType::Url);
    let exact = |key: &str| if encoded { decode_key(key) } else { key.to_owned() };
    let uploads = output.uploads().iter().filter_map(|upload| {
        let initiator = upload.initiator().and_then(|initiator| text(initiator.id()));
        Some(ListedUpload {
            key: ObjectKey::new(exact(upload.key()?)),
            upload: UploadId(text(upload.upload_id())?),
            initiated: timestamp(upload.initiated()),
            initiator,
        })
    });
    let next = output.next_key_marker().filter(|key| output.is_truncated() == Some(true) && !key.is_empty());
    let next = next.map(|key| UploadsMarker { key: exact(key), upload_id: text(output.next_upload_id_marker()) });
    // A broken server repeats its marker, which would never end.
    UploadsPage { uploads: uploads.collect(), next: next.filter(|next| after != Some(next)) }
}
