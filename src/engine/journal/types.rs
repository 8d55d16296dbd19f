//! What is written down of the queue, in plain words: the rows, and the changes that make them.
//!
//! Only uploads are here, downloads are not journalled. Nothing in here is a secret.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use crate::engine::queue::Folder;
use crate::model::{
    BatchId, BucketName, ConflictPolicy, ConnectionId, Failure, Location, ObjectKey, PartPlan, PutOptions, SkipReason,
    TransferId, Verified,
};

/// What must stay the same in a source, taken from an open handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SourceStamp {
    /// Device, or volume.
    pub(crate) device: u64,
    /// The file's number on it; 0 where the system has none.
    pub(crate) inode: u64,
    pub(crate) size_bytes: u64,
    /// Last change of the bytes, in nanoseconds since 1970; `None` where that cannot be told.
    pub(crate) modified_ns: Option<i64>,
    /// Last change of bytes or attributes.
    pub(crate) changed_ns: Option<i64>,
}

/// A batch of uploads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BatchRow {
    pub(crate) id: BatchId,
    /// Where it goes.
    pub(crate) to: Location,
    pub(crate) options: Arc<PutOptions>,
    /// What was dropped: walked again if the scan had not come to its end.
    pub(crate) sources: Vec<PathBuf>,
    pub(crate) opened: Timestamp,
    /// The answer to a conflict that holds for the rest.
    pub(crate) policy: Option<ConflictPolicy>,
    /// Items left out before they became transfers.
    pub(crate) left_out: u64,
    pub(crate) stage: BatchStage,
}

/// How far a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BatchStage {
    /// Its scan has not come to its end: there may be files that are not in the journal.
    Filling,
    /// All its files are in the journal.
    Filled,
    /// Its end was told.
    Reported,
}

/// A transfer as it is queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewJob {
    pub(crate) id: TransferId,
    pub(crate) batch: BatchId,
    /// Number of a [`Change::Folder`] that was submitted before.
    pub(crate) folder: u32,
    /// The local name within the folder, byte for byte.
    pub(crate) name: Box<OsStr>,
    /// The whole key, where it is not the folder's prefix and the name.
    pub(crate) key: Option<Box<str>>,
    /// As found by the scan.
    pub(crate) size_bytes: u64,
    /// As found by the scan.
    pub(crate) modified: Option<Timestamp>,
}

/// A transfer as the journal knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JobRow {
    pub(crate) job: NewJob,
    /// The answer to its own conflict.
    pub(crate) policy: Option<ConflictPolicy>,
    /// The number that a move has given it: smaller ones run first. 0 for what was never moved, whose number goes by its
    /// id.
    pub(crate) rank: i64,
    pub(crate) state: JobState,
    /// How far it got on the server; stays when it is paused, queued again or failed.
    pub(crate) stage: JobStage,
    /// What was noted on the way there; `None` if nothing.
    pub(crate) work: Option<Box<WorkRow>>,
}

/// Whether a transfer goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JobState {
    /// It waits or ran.
    Queued,
    /// The user holds it.
    Paused,
    /// It has ended.
    Ended(Box<EndedRow>),
}

/// The last step that was written down before it was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobStage {
    /// Nothing was sent.
    Untouched,
    /// Its PUT may have been sent.
    Putting,
    /// A multipart upload may have been created; its id is not known.
    Creating,
    /// The upload id is known, parts may be there.
    Uploading,
    /// The parts may have been put together.
    Completing,
    /// It is stored; the check of it is not through.
    Verifying,
}

/// What was noted of an upload on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WorkRow {
    /// The key of the multipart upload.
    pub(crate) key: Option<ObjectKey>,
    pub(crate) stamp: Option<SourceStamp>,
    /// Since when multipart uploads may have been created whose ids nobody heard; `None` once none can be left.
    pub(crate) started: Option<Timestamp>,
    pub(crate) upload_id: Option<String>,
    pub(crate) plan: Option<PartPlan>,
    /// Of all bytes: of the PUT that was sent, or as the parts were to be put together; before that, of the object of
    /// ours whose place they are to take.
    pub(crate) crc64nvme: Option<u64>,
    /// Size as the parts were to be put together; of a PUT only while it is to take the place of an object of ours.
    pub(crate) size_bytes: Option<u64>,
    /// Of the stored object; while parts are on their way, or a PUT with a size, of the one of ours whose place they are
    /// to take.
    pub(crate) etag: Option<String>,
    pub(crate) version_id: Option<String>,
}

/// How and when a transfer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EndedRow {
    pub(crate) outcome: Outcome,
    pub(crate) ended: Timestamp,
}

/// How a transfer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done { verified: Verified, crc64nvme: Option<u64>, etag: Option<String>, version_id: Option<String> },
    Skipped(SkipReason),
    Cancelled,
    Failed(Failure),
}

/// A finished part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartRow {
    /// From 1.
    pub(crate) number: u32,
    pub(crate) len: u64,
    pub(crate) crc64nvme: u64,
    pub(crate) etag: String,
}

/// A multipart upload that nobody needs any more and that may still be on its server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OrphanRow {
    pub(crate) connection: ConnectionId,
    pub(crate) bucket: BucketName,
    pub(crate) key: ObjectKey,
    pub(crate) upload_id: String,
    /// A code of whoever gave it up.
    pub(crate) reason: String,
    /// How often an abort did not work.
    pub(crate) tries: u32,
    pub(crate) last_try: Option<Timestamp>,
}

/// An object of ours, of the bytes that the file had before, or damaged, that an upload in parts takes the place of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InPlaceOf {
    pub(crate) crc64nvme: Option<u64>,
    pub(crate) etag: Option<String>,
    pub(crate) version_id: Option<String>,
}

/// One step of the queue. Each can be applied twice in a row with the same result; a change of a transfer that is
/// not there any more changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// A connection that the settings do not hold. The JSON holds no secret.
    Connection { id: ConnectionId, connection_json: String },
    /// What an endpoint was found to be capable of, with the date.
    Learnt { id: ConnectionId, learnt_json: String },
    /// A batch was opened.
    Batch(BatchRow),
    /// Its scan has come to its end.
    BatchFilled { batch: BatchId, left_out: u64 },
    /// Its end was told: after a restart what went well of it is gone from the list.
    BatchReported { batch: BatchId },
    /// Something of it is tried again: its end will be told once more.
    BatchReopened { batch: BatchId },
    /// A conflict's answer for the rest of a batch.
    BatchPolicy { batch: BatchId, policy: ConflictPolicy },
    /// A folder that jobs name by its number.
    Folder { id: u32, folder: Arc<Folder> },
    /// Transfers, queued.
    Jobs(Vec<NewJob>),
    /// These may be put from now on, or some time after.
    Putting(Vec<TransferId>),
    /// What the PUT in flight carries.
    Sending { job: TransferId, crc64nvme: u64, stamp: SourceStamp },
    /// The same of a PUT that is to take the place of the object that the server has said to have stored: what it has
    /// said stays known, and is of that one.
    Replacing { job: TransferId, crc64nvme: u64, stamp: SourceStamp },
    /// Its size was another one when it was opened.
    Size { job: TransferId, size_bytes: u64 },
    /// A rule has renamed it.
    Key { job: TransferId, key: ObjectKey },
    /// A multipart upload is about to be created. `started` is the time of the first such intent that came to nothing
    /// known. What it is to take the place of is known from here on until the upload itself is stored.
    Creating {
        job: TransferId,
        key: ObjectKey,
        stamp: SourceStamp,
        started: Timestamp,
        in_place_of: Option<Box<InPlaceOf>>,
    },
    /// It was; parts of an earlier one are forgotten. `lost_since` as in [`WorkRow::started`].
    Created { job: TransferId, upload_id: String, plan: PartPlan, lost_since: Option<Timestamp> },
    /// Uploads whose ids nobody heard were looked for.
    Swept { job: TransferId },
    /// A part is on the server.
    Part { job: TransferId, number: u32, len: u64, crc64nvme: u64, etag: String },
    /// These parts are not there, or not what they should be.
    PartsLost { job: TransferId, numbers: Vec<u32> },
    /// The parts are about to be put together.
    Completing { job: TransferId, crc64nvme: u64, size_bytes: u64 },
    /// The object is stored and is being checked.
    Stored { job: TransferId, etag: Option<String>, version_id: Option<String> },
    /// It has ended. What is noted of the way is kept only of a failed one, to go on from there.
    Ended { job: TransferId, outcome: Outcome, ended: Timestamp },
    /// They wait again: resumed, or tried again after they had ended.
    Requeued { jobs: Vec<TransferId> },
    /// The user holds them.
    Paused { jobs: Vec<TransferId> },
    /// They were cancelled while they waited.
    Cancelled { jobs: Vec<TransferId>, ended: Timestamp },
    /// The answer to its own conflict.
    JobPolicy { job: TransferId, policy: ConflictPolicy },
    /// Its place in the queue.
    Rank { job: TransferId, rank: i64 },
    /// It goes on from the start: upload id and parts are gone. Uploads whose ids nobody heard are still to be looked for.
    RestartUpload { job: TransferId },
    /// Off the list. What went well of a batch whose end was told stays for its receipt.
    Forgotten { jobs: Vec<TransferId> },
    /// A multipart upload has to be aborted.
    Orphan { connection: ConnectionId, bucket: BucketName, key: ObjectKey, upload_id: String, reason: String },
    /// The server does not know it any more.
    OrphanGone { connection: ConnectionId, bucket: BucketName, key: ObjectKey, upload_id: String },
    /// An abort did not work.
    OrphanTried { connection: ConnectionId, bucket: BucketName, key: ObjectKey, upload_id: String, when: Timestamp },
}

impl Change {
    /// How many rows it is about, roughly: bounds the size of a transaction.
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Jobs(jobs) => jobs.len(),
            Self::Putting(jobs)
            | Self::Requeued { jobs }
            | Self::Paused { jobs }
            | Self::Cancelled { jobs, .. }
            | Self::Forgotten { jobs } => jobs.len(),
            Self::PartsLost { numbers, .. } => numbers.len(),
            _ => 1,
        }
    }
}
