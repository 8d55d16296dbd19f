//! Uploads: from an open file to a stored, verified object.
//!
//! Each upload thread takes whole files and parts of large files from shared queues and runs them on a runtime and
//! with a client of its own. A file's task ([`file`]) owns its transfer from start to end; a large file's parts are
//! spread over all threads ([`part`]).

mod big_part;
mod buffers;
mod control;
mod file;
mod kept;
mod mend;
mod multipart;
mod part;
mod threads;
mod verify;

pub(super) use buffers::BufferPool;
pub(super) use control::{Backoff, Control, RetryPolicy, Waited};
pub(super) use file::{ConflictFacts, FileJob, UploadEnd, UploadNews};
pub(super) use kept::{Kept, abort};
pub(super) use threads::{UploadShared, UploadThreads};
