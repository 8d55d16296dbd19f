//! Uploads: from an open file to a stored, verified object.
//!
//! Each upload thread takes whole files and parts of large files from shared queues and runs them on a runtime and
//! with a client of its own. A file's task ([`file`]) owns its transfer from start to end; a large file's parts are
//! spread over all threads ([`part`]).

mod big_part;
mod buffers;
mod complete;
mod control;
mod file;
mod kept;
mod lasting;
mod mend;
mod multipart;
mod own;
mod part;
mod public;
mod put;
mod rehash;
mod rename;
mod resume;
mod threads;
mod verify;

pub(super) use buffers::BufferPool;
pub(super) use control::{Backoff, Control, Patience, RetryPolicy, Waited};
pub(super) use file::{ConflictFacts, Earlier, FileJob, UploadEnd, UploadNews};
pub(super) use kept::{Aborted, Kept, Leftover, Origin, abort};
pub(super) use own::{Told, Unheard};
pub(super) use public::PublicWays;
pub(super) use put::may_be_stored;
pub(super) use threads::{UploadShared, UploadThreads};
