//! Multipart uploads that were neither completed nor aborted: their parts are paid for, and no listing shows them.

use jiff::Timestamp;

use super::{ObjectKey, TransferId};

/// One unfinished multipart upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfinishedUpload {
    /// The key it is for.
    pub key: ObjectKey,
    /// The server's name for it.
    pub upload_id: String,
    /// When it was started, by the server's clock.
    pub started: Option<Timestamp>,
    /// How many parts it holds; `None` where they may not be listed.
    pub parts: Option<u64>,
    /// Their bytes.
    pub bytes: Option<u64>,
    /// Whose it is.
    pub owner: UploadOwner,
}

/// Whose an unfinished upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadOwner {
    /// A transfer of the queue goes on with it.
    InQueue(TransferId),
    /// This program started it and does not need it any more; aborting it has not worked yet.
    LeftByUs,
    /// Another program, or this one on another computer: perhaps still under way.
    Other,
}
