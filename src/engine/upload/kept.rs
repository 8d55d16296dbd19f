//! What is kept of an unfinished multipart upload between two runs of its transfer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::source::SourceFacts;
use crate::model::{BucketName, FailureKind, ObjectKey, PartPlan};
use crate::s3::{S3Error, S3Store, StoredPart, UploadId};

/// An upload that the server knows, and the parts it has. Someone has to complete or abort it.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) bucket: BucketName,
    pub(crate) key: ObjectKey,
    pub(crate) upload: UploadId,
    pub(crate) facts: SourceFacts,
    pub(crate) plan: PartPlan,
    /// Finished parts by number.
    pub(crate) parts: Arc<BTreeMap<u32, StoredPart>>,
}

impl Kept {
    /// Bytes of the finished parts.
    pub(crate) fn done_bytes(&self) -> u64 {
        let parts = self.plan.parts(self.facts.size_bytes);
        parts.filter(|part| self.parts.contains_key(&part.number)).map(|part| part.len).sum()
    }
}

/// Aborts a multipart upload, and looks whether a part that was on its way has landed after all: then once more.
/// An upload that the server does not know is aborted. Gives up after a few tries or `limit`.
pub(crate) async fn abort(store: &S3Store, kept: &Kept, limit: Duration) -> Result<(), S3Error> {
    let work = async {
        let mut result = Ok(());
        for _attempt in 0..3 {
            result = store.abort_multipart_upload(&kept.bucket, &kept.key, &kept.upload).await;
            let is_gone = |error: &S3Error| error.kind() == FailureKind::NoSuchUpload;
            match &result {
                Err(error) if is_gone(error) => return Ok(()),
                Err(error) if !error.kind().is_retryable() => return result,
                _ => {}
            }
            match store.list_parts(&kept.bucket, &kept.key, &kept.upload, None).await {
                Err(error) if is_gone(&error) => return Ok(()),
                // Parts may not be listed by everybody who may upload; the abort was answered well.
                Err(error) if !error.kind().is_retryable() => return result,
                _ => {}
            }
        }
        result
    };
    match tokio::time::timeout(limit, work).await {
        Ok(result) => result,
        Err(_elapsed) => {
            tracing::warn!(bucket = %kept.bucket, "an unfinished multipart upload could not be aborted in time");
            Ok(())
        }
    }
}
