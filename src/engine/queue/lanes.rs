//! Who runs next: small uploads, large uploads and downloads each have a lane of their own,
//! so that none of them starves another.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::model::{ConnectionId, SINGLE_PUT_MAX_BYTES, TransferKind};

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

/// How many transfers may have an owner.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// Uploads at once, as the user has limited them; `None` for as many as help.
    pub(crate) most_files: Option<usize>,
    /// Requests that help: a small upload is one, a large one makes several.
    pub(crate) requests: usize,
    /// Connections through which nothing may be started.
    pub(crate) closed: BTreeSet<ConnectionId>,
    /// Whether uploads may be started at all.
    pub(crate) uploads: Uploads,
}

/// Whether the speed limit of this hour leaves anything to uploads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Uploads {
    #[default]
    May,
    MayNot,
}

/// Requests for which one more large upload is begun. It may have twice as many parts under way, where the buffers and
/// the line have room.
const REQUESTS_OF_LARGE: usize = 8;
/// Large uploads at once, so that one that waits for its completion leaves no gap; more share the same line.
const LARGE: std::ops::RangeInclusive<usize> = 2..=8;
/// Downloads at once, unless the user has set another number.
const DOWNLOADS: usize = 6;

impl Places {
    /// So many uploads, and so many downloads.
    #[cfg(test)]
    pub(crate) fn files(files: usize) -> Self {
        Self { most_files: Some(files), requests: 16, ..Self::default() }
    }

    fn large(&self) -> usize {
        let helpful = (self.requests / REQUESTS_OF_LARGE).clamp(*LARGE.start(), *LARGE.end());
        self.most_files.map_or(helpful, |most| most.min(helpful.max(*LARGE.end())))
    }

    /// A few more than requests: the next ones are read while these are sent, and the actor need not be woken for each.
    fn small(&self) -> usize {
        let helpful = self.requests + self.requests / 4 + 16;
        self.most_files.map_or(helpful, |most| most.min(helpful))
    }

    fn uploads(&self) -> usize {
        self.most_files.unwrap_or(usize::MAX)
    }

    fn downloads(&self) -> usize {
        self.most_files.unwrap_or(DOWNLOADS)
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
    /// How many run in each lane.
    counts: BTreeMap<Lane, usize>,
    /// The position that was popped last, until it is started.
    popped: Option<usize>,
    /// Taken out of their lanes since their connection is closed, in their order.
    shelves: BTreeMap<ConnectionId, VecDeque<(Lane, usize)>>,
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

    /// Puts a transfer before another one that waits in the same lane; `false` if that one does not.
    pub(super) fn wait_before(&mut self, lane: Lane, position: usize, before: usize) -> bool {
        let row = self.waiting_mut(lane);
        row.retain(|other| *other != position);
        let Some(at) = row.iter().position(|other| *other == before) else { return false };
        row.insert(at, position);
        true
    }

    /// The lane that may start one more. While both kinds of uploads wait, both run: large ones have places of their
    /// own, so that neither starves the other. `waiting_downloads` have an owner and take no place: their connection is
    /// closed.
    pub(super) fn next(&self, places: &Places, waiting_downloads: usize) -> Option<Lane> {
        let most = places.uploads().max(1);
        let (small, large) = (self.count(Lane::Small), self.count(Lane::Large));
        if small + large < most && places.uploads == Uploads::May {
            let (has_small, has_large) = (!self.small.is_empty(), !self.large.is_empty());
            let large_has_room = has_large && large < places.large().max(1);
            let small_has_room = has_small && small < places.small().max(1);
            if large_has_room && small_has_room {
                let share = if most == 1 {
                    usize::from(self.large.front() < self.small.front())
                } else {
                    places.large().min((most / 2).max(1))
                };
                return Some(if large < share { Lane::Large } else { Lane::Small });
            }
            if small_has_room {
                return Some(Lane::Small);
            }
            // Small ones that wait keep half of the places.
            if large_has_room && !(has_small && most > 1 && large >= (most / 2).max(1)) {
                return Some(Lane::Large);
            }
        }
        let has_room = self.count(Lane::Download).saturating_sub(waiting_downloads) < places.downloads().max(1);
        (!self.downloads.is_empty() && has_room).then_some(Lane::Download)
    }

    fn count(&self, lane: Lane) -> usize {
        self.counts.get(&lane).copied().unwrap_or_default()
    }

    /// Takes the head of a lane.
    pub(super) fn pop(&mut self, lane: Lane) -> Option<usize> {
        let position = self.waiting_mut(lane).pop_front();
        self.popped = position;
        position
    }

    /// Lays the transfer just popped aside until its connection is open.
    pub(super) fn shelve(&mut self, lane: Lane, connection: &ConnectionId) {
        let Some(position) = self.popped.take() else { return };
        match self.shelves.get_mut(connection) {
            Some(row) => row.push_back((lane, position)),
            None => {
                self.shelves.insert(connection.clone(), VecDeque::from([(lane, position)]));
            }
        }
    }

    /// Takes everything whose connection is open back to the heads of the lanes.
    pub(super) fn unshelve(&mut self, closed: &BTreeSet<ConnectionId>) {
        if self.shelves.keys().all(|connection| closed.contains(connection)) {
            return;
        }
        let shelves = std::mem::take(&mut self.shelves);
        for (connection, row) in shelves {
            if closed.contains(&connection) {
                self.shelves.insert(connection, row);
                continue;
            }
            for (lane, position) in row.into_iter().rev() {
                self.wait_first(lane, position);
            }
        }
    }

    /// The transfer just popped runs now.
    pub(super) fn started(&mut self, lane: Lane) {
        if let Some(position) = self.popped.take() {
            self.running.insert(position, lane);
            *self.counts.entry(lane).or_default() += 1;
        }
    }

    /// A running transfer has ended.
    pub(super) fn ended(&mut self, position: usize) {
        if let Some(lane) = self.running.remove(&position)
            && let Some(count) = self.counts.get_mut(&lane)
        {
            *count = count.saturating_sub(1);
        }
    }

    /// Takes a waiting transfer out of its lane.
    pub(super) fn leave(&mut self, lane: Lane, position: usize) {
        self.waiting_mut(lane).retain(|waits| *waits != position);
    }

    /// Positions that run.
    pub(super) fn positions_running(&self) -> impl Iterator<Item = usize> {
        self.running.keys().copied()
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
        self.shelves.clear();
    }

    fn waiting_mut(&mut self, lane: Lane) -> &mut VecDeque<usize> {
        match lane {
            Lane::Small => &mut self.small,
            Lane::Large => &mut self.large,
            Lane::Download => &mut self.downloads,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(requests: usize) -> Places {
        Places { most_files: None, requests, ..Places::default() }
    }

    /// Starts as many as may run, and says how many small and large ones do.
    fn start_all(lanes: &mut Lanes, places: &Places) -> (usize, usize) {
        while let Some(lane) = lanes.next(places, 0) {
            lanes.pop(lane);
            lanes.started(lane);
        }
        (lanes.count(Lane::Small), lanes.count(Lane::Large))
    }

    #[test]
    fn small_and_large_run_side_by_side() {
        let mut lanes = Lanes::default();
        for position in 0..1000 {
            lanes.wait(if position % 2 == 0 { Lane::Small } else { Lane::Large }, position);
        }
        assert_eq!(start_all(&mut lanes, &places(16)), (36, 2));
        assert_eq!(start_all(&mut lanes, &places(64)), (96, 8));
        let mut lanes = Lanes::default();
        for position in 0..100 {
            lanes.wait(if position % 2 == 0 { Lane::Small } else { Lane::Large }, position);
        }
        let limited = Places { most_files: Some(4), ..places(256) };
        assert_eq!(start_all(&mut lanes, &limited), (2, 2));
    }

    #[test]
    fn a_closed_connection_holds_nobody_else_up() {
        let mut lanes = Lanes::default();
        let gone = ConnectionId::new("gone");
        for position in 0..4 {
            lanes.wait(Lane::Small, position);
        }
        // 0 and 2 are of a connection that is closed.
        for _ in 0..3 {
            let position = lanes.pop(Lane::Small).unwrap();
            if position.is_multiple_of(2) {
                lanes.shelve(Lane::Small, &gone);
            } else {
                lanes.started(Lane::Small);
            }
        }
        lanes.unshelve(&BTreeSet::from([gone.clone()]));
        assert_eq!(lanes.small, [3]);
        lanes.unshelve(&BTreeSet::new());
        assert_eq!(lanes.small, [0, 2, 3]);
    }

    #[test]
    fn downloads_run_while_uploads_may_not() {
        let mut lanes = Lanes::default();
        lanes.wait(Lane::Small, 0);
        lanes.wait(Lane::Download, 1);
        let held = Places { uploads: Uploads::MayNot, ..places(16) };
        assert_eq!(lanes.next(&held, 0), Some(Lane::Download));
        lanes.pop(Lane::Download);
        lanes.started(Lane::Download);
        assert_eq!((lanes.next(&held, 0), lanes.next(&places(16), 0)), (None, Some(Lane::Small)));
    }

    #[test]
    fn a_place_before_another() {
        let mut lanes = Lanes::default();
        for position in 0..4 {
            lanes.wait(Lane::Large, position);
        }
        assert!(lanes.wait_before(Lane::Large, 3, 1));
        assert_eq!(lanes.large, [0, 3, 1, 2]);
        assert!(!lanes.wait_before(Lane::Large, 0, 9));
    }
}
