//! Who runs next: small uploads, large uploads and downloads each have a lane of their own,
//! so that none of them starves another.

use std::collections::{BTreeMap, VecDeque};

use crate::model::{SINGLE_PUT_MAX_BYTES, TransferKind};

/// One of the three lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    /// Uploads of one request.
    Small,
    /// Multipart uploads.
    Large,
    /// Downloads.
    Download,
}

impl Lane {
    /// The lane of a transfer.
    pub(super) fn of(kind: TransferKind, size_bytes: u64) -> Self {
        match kind {
            TransferKind::Download => Self::Download,
            TransferKind::Upload if size_bytes > SINGLE_PUT_MAX_BYTES => Self::Large,
            TransferKind::Upload => Self::Small,
        }
    }
}

/// Who waits in each lane, and how many run.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    small: VecDeque<usize>,
    large: VecDeque<usize>,
    downloads: VecDeque<usize>,
    /// Positions that run, and the lane each was started in.
    running: BTreeMap<usize, Lane>,
    /// The position that was popped last, until it is started.
    popped: Option<usize>,
}

impl Lanes {
    /// Puts a transfer at the end of its lane.
    pub(super) fn wait(&mut self, lane: Lane, position: usize) {
        self.waiting_mut(lane).push_back(position);
    }

    /// Puts a transfer at the head of its lane.
    pub(super) fn wait_first(&mut self, lane: Lane, position: usize) {
        self.waiting_mut(lane).push_front(position);
    }

    /// The lane that may start one more; `limit` holds for uploads and for downloads on their own.
    /// While both kinds of uploads wait, large ones take half of the places; alone, either takes all.
    pub(super) fn next(&self, limit: usize) -> Option<Lane> {
        let limit = limit.max(1);
        let count = |lane| self.running.values().filter(|running| **running == lane).count();
        let (small, large) = (count(Lane::Small), count(Lane::Large));
        if small + large < limit {
            let both_wait = !self.small.is_empty() && !self.large.is_empty();
            if both_wait {
                let prefer_large = if limit == 1 { self.large.front() < self.small.front() } else { large < limit / 2 };
                return Some(if prefer_large { Lane::Large } else { Lane::Small });
            }
            if !self.small.is_empty() {
                return Some(Lane::Small);
            }
            if !self.large.is_empty() {
                return Some(Lane::Large);
            }
        }
        (!self.downloads.is_empty() && count(Lane::Download) < limit).then_some(Lane::Download)
    }

    /// Takes the head of a lane.
    pub(super) fn pop(&mut self, lane: Lane) -> Option<usize> {
        let position = self.waiting_mut(lane).pop_front();
        self.popped = position;
        position
    }

    /// The transfer just popped runs now.
    pub(super) fn started(&mut self, lane: Lane) {
        if let Some(position) = self.popped.take() {
            self.running.insert(position, lane);
        }
    }

    /// A running transfer has ended.
    pub(super) fn ended(&mut self, position: usize) {
        self.running.remove(&position);
    }

    /// How many run.
    pub(super) fn running(&self) -> usize {
        self.running.len()
    }

    /// Forgets everything that waits; only for a queue without records.
    pub(super) fn clear(&mut self) {
        self.small.clear();
        self.large.clear();
        self.downloads.clear();
    }

    fn waiting_mut(&mut self, lane: Lane) -> &mut VecDeque<usize> {
        match lane {
            Lane::Small => &mut self.small,
            Lane::Large => &mut self.large,
            Lane::Download => &mut self.downloads,
        }
    }
}
