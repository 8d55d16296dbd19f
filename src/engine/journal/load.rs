//! What an earlier run has left, read back.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, mpsc};

use jiff::Timestamp;

use super::config::JournalFound;
use super::types::{BatchRow, JobRow, OrphanRow, PartRow};
use super::writer::Message;
use crate::engine::queue::Folder;
use crate::model::{ConnectionId, TransferId};

/// Jobs read at a time.
const CHUNK: usize = 2048;

/// What an earlier run has left.
pub(crate) struct Restored {
    /// JSON of connections that the settings do not hold.
    pub(crate) connections: BTreeMap<ConnectionId, String>,
    /// JSON of what endpoints were found to be capable of.
    pub(crate) learnt: BTreeMap<ConnectionId, String>,
    /// By id.
    pub(crate) batches: Vec<BatchRow>,
    pub(crate) folders: BTreeMap<u32, Arc<Folder>>,
    /// Every job but what went well of reported batches, by id. Reading on blocks on the disk.
    pub(crate) jobs: JobStream,
    /// Finished parts of the jobs that have any, by number.
    pub(crate) parts: BTreeMap<TransferId, Vec<PartRow>>,
    pub(crate) orphans: Vec<OrphanRow>,
    /// The largest id ever given to a transfer; 0 if none was.
    pub(crate) last_transfer: u64,
    /// The largest id ever given to a batch; 0 if none was.
    pub(crate) last_batch: u64,
    /// The largest number of a folder; 0 if there is none.
    pub(crate) last_folder: u32,
    /// When an earlier run was last known to be alive: the last time something was written.
    pub(crate) last_written: Option<Timestamp>,
    pub(crate) found: JournalFound,
}

/// The jobs of an earlier run by id, a chunk at a time, so that there are never two copies of a long queue. Changes
/// that are submitted meanwhile are written in between; jobs that are added meanwhile do not appear.
pub(crate) struct JobStream {
    pub(super) inbox: mpsc::Sender<Message>,
    /// The next chunk is after this one.
    pub(super) after: Option<TransferId>,
    pub(super) last: TransferId,
    pub(super) chunk: VecDeque<JobRow>,
    pub(super) coming: Option<mpsc::Receiver<Vec<JobRow>>>,
}

impl Iterator for JobStream {
    type Item = JobRow;

    fn next(&mut self) -> Option<JobRow> {
        self.chunk.pop_front()
    }
}
