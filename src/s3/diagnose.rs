//! Does the service do what its answers say? Finds out with one tiny object, and only when someone asks for it.

use bytes::Bytes;

use super::blank_keys::sdk_key;
use super::checksum::crc64nvme;
use super::classify::About;
use super::learnt::{ChecksumMode, Lesson};
use super::{Destination, PartBody, S3Error, S3Store, SentBytes, Stored, WriteCondition};
use crate::model::{BucketName, FailureKind, ObjectKey, Prefix, WriteDiagnosis};

const CONTENT: &[u8] = b"Bucketdrop looked whether this service checks what it stores. This object can be deleted.\n";

impl S3Store {
    /// Writes a tiny object below `prefix`, then writes it with a wrong checksum (must be refused) and once more
    /// under the condition that it is not there (must be refused), and removes it with all its versions. What it
    /// finds is remembered for 30 days. Dropping the call may leave the object.
    pub async fn diagnose_writes(&self, bucket: &BucketName, prefix: &Prefix) -> Result<WriteDiagnosis, S3Error> {
        let name = format!("{}.bucketdrop-diagnosis-{}", prefix.as_str(), uuid::Uuid::new_v4().simple());
        let to = Destination {
            bucket: bucket.clone(),
            key: ObjectKey::new(name),
            content_type: "text/plain".to_owned(),
            options: std::sync::Arc::default(),
            condition: WriteCondition::Any,
        };
        let mut written = vec![self.put_object(&to, body(crc64nvme(CONTENT))).await?];
        let result = self.try_wrong_writes(&to, &mut written).await;
        let left = self.remove_versions(&to, &written).await.err().map(|_still_there| to.key.clone());
        let (verifies_checksums, honours_conditions) = result?;
        let now_secs = self.now_secs();
        if let Some(verifies) = verifies_checksums {
            self.learnt().note_known(Lesson::VerifiesChecksums, verifies, now_secs);
        }
        self.learnt().note_known(Lesson::HonoursConditions, honours_conditions, now_secs);
        let checksum = self.learnt().proven_checksum(now_secs).unwrap_or(ChecksumMode::None);
        let takes_checksums = matches!(checksum, ChecksumMode::Crc64Nvme | ChecksumMode::Crc32);
        Ok(WriteDiagnosis { takes_checksums, verifies_checksums, honours_conditions, left })
    }

    async fn try_wrong_writes(
        &self,
        to: &Destination,
        written: &mut Vec<Stored>,
    ) -> Result<(Option<bool>, bool), S3Error> {
        let mode = self.learnt().proven_checksum(self.now_secs()).unwrap_or(ChecksumMode::None);
        let verifies = match mode {
            ChecksumMode::None => None,
            // A wrong checksum of whichever kind the service takes: the header is of other bytes than the body.
            _ => match self.put_mismatched(to, mode).await {
                Ok(stored) => {
                    written.push(stored);
                    Some(false)
                }
                Err(error) if error.kind() == FailureKind::ChecksumMismatch => Some(true),
                // MD5 and CRC are refused by many names; that it was refused is what counts.
                Err(error) if error.status() == Some(400) => Some(true),
                Err(error) => return Err(error),
            },
        };
        let guarded = Destination { condition: WriteCondition::OnlyIfAbsent, ..to.clone() };
        let honours = match self.put_guarded(&guarded, mode).await {
            Ok(stored) => {
                written.push(stored);
                false
            }
            Err(error) if error.kind() == FailureKind::AlreadyExists => true,
            Err(error) if Self::condition_is_refused(&error, WriteCondition::OnlyIfAbsent) => false,
            Err(error) => return Err(error),
        };
        Ok((verifies, honours))
    }

    /// Deletes what was written, version by version where there are any.
    async fn remove_versions(&self, to: &Destination, written: &[Stored]) -> Result<(), S3Error> {
        let about = About::object("s3:DeleteObject", &to.bucket, &to.key);
        let mut versions: Vec<Option<String>> = written.iter().map(|stored| stored.version_id.clone()).collect();
        versions.dedup();
        for version in versions {
            self.run(about, |client| {
                let request = client.delete_object().bucket(to.bucket.as_str()).key(sdk_key(&to.key));
                request.set_version_id(version.clone()).send()
            })
            .await?;
        }
        Ok(())
    }
}

pub(super) fn body(crc64nvme: u64) -> PartBody {
    PartBody { bytes: Bytes::from_static(CONTENT), crc64nvme, sent: SentBytes::new() }
}
