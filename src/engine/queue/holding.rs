//! Transfers that stand still for no reason of their own, and the order in which the others go.

use std::collections::BTreeSet;

use super::intents::Place;
use super::lanes::Lane;
use super::record::{After, State};
use super::{Ask, Queue, StopReason};
use crate::model::{BatchId, BucketName, ConnectionId, TransferId, TransferKind};

/// Which transfers that run wait again.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PutBack<'a> {
    All,
    Uploads,
    Of(&'a ConnectionId),
    UploadsOf(&'a BTreeSet<ConnectionId>),
    /// Through this connection, to this bucket.
    UploadsTo(&'a ConnectionId, &'a BucketName),
}

impl Queue {
    /// Connections of batches that have not ended.
    pub(crate) fn connections_with_work(&self) -> BTreeSet<ConnectionId> {
        let open = self.batches.values().filter(|batch| batch.open > 0);
        open.map(|batch| batch.spec.to.connection.clone()).collect()
    }

    /// Whether uploads through other connections than these have not ended.
    pub(crate) fn has_uploads_beside(&self, connections: &BTreeSet<ConnectionId>) -> bool {
        self.batches.values().any(|batch| {
            let spec = &batch.spec;
            batch.open > 0 && spec.kind == TransferKind::Upload && !connections.contains(&spec.to.connection)
        })
    }

    /// Downloads that wait for one of these connections. They hold nothing that others need, and would lose what they
    /// have if they were stopped.
    pub(super) fn downloads_waiting_for(&self, closed: &BTreeSet<ConnectionId>) -> usize {
        if closed.is_empty() {
            return 0;
        }
        let running = self.lanes.positions_running().filter(|position| self.lane(*position) == Lane::Download);
        let connections = running.filter_map(|position| self.connection_at(position));
        connections.filter(|connection| closed.contains(connection)).count()
    }

    /// The connection of a transfer.
    pub(crate) fn connection_of(&self, id: TransferId) -> Option<ConnectionId> {
        self.connection_at(self.position(id)?)
    }

    /// Whether the transfers of a batch go through this connection.
    pub(crate) fn goes_through(&self, batch: BatchId, connection: &ConnectionId) -> bool {
        self.batches.get(&batch).is_some_and(|batch| batch.spec.to.connection == *connection)
    }

    /// Whether any transfer through this connection has not ended.
    pub(crate) fn has_open_through(&self, connection: &ConnectionId) -> bool {
        self.batches.values().any(|batch| batch.open > 0 && batch.spec.to.connection == *connection)
    }

    /// Which way a transfer goes.
    pub(crate) fn kind_of(&self, id: TransferId) -> Option<TransferKind> {
        let batch = self.records.get(self.position(id)?)?.batch;
        Some(self.batches.get(&batch)?.spec.kind)
    }

    pub(super) fn connection_at(&self, position: usize) -> Option<ConnectionId> {
        let batch = self.records.get(position)?.batch;
        Some(self.batches.get(&batch)?.spec.to.connection.clone())
    }

    /// A running transfer will go back into the queue when its owner ends without a result.
    pub(crate) fn will_wait_again(&mut self, id: TransferId) {
        if let Some(position) = self.position(id)
            && matches!(self.records.get(position).map(|record| &record.state), Some(State::Running(_)))
        {
            self.set_state(position, State::Stopping(After::Requeue));
        }
    }

    /// A running transfer will be held, as if the user had paused it, when its owner ends without a result. `false` if
    /// the user has paused or cancelled it before.
    pub(crate) fn put_aside(&mut self, id: TransferId) -> bool {
        let Some(position) = self.position(id) else { return false };
        let state = self.records.get(position).map(|record| &record.state);
        let goes_on = matches!(state, Some(State::Running(_) | State::Stopping(After::Requeue)));
        if goes_on {
            self.set_state(position, State::Stopping(After::Pause));
        }
        goes_on
    }

    /// A transfer that waits for its turn is held, as if the user had paused it. `false` if it does not wait.
    pub(crate) fn lay_back(&mut self, id: TransferId) -> bool {
        let Some(position) = self.position(id) else { return false };
        let waits = self.records.get(position).is_some_and(|record| record.state == State::Queued);
        if waits {
            self.set_state(position, State::Paused);
        }
        waits
    }

    /// The user pauses transfers that are held already, which the journal does not know.
    pub(crate) fn keep_paused(&self, ids: &[TransferId]) -> Vec<Ask> {
        let mut asks = Vec::new();
        for id in ids.iter().filter(|id| self.is_paused(**id)) {
            if let Some(position) = self.position(*id) {
                self.note(position, Ask::NotePaused(*id), &mut asks);
            }
        }
        asks
    }

    /// Whether a transfer is held.
    pub(crate) fn is_paused(&self, id: TransferId) -> bool {
        let record = self.position(id).and_then(|position| self.records.get(position));
        record.is_some_and(|record| record.state == State::Paused)
    }

    /// Whether a transfer waits for its turn or has an owner.
    pub(crate) fn is_under_way(&self, id: TransferId) -> bool {
        let record = self.position(id).and_then(|position| self.records.get(position));
        record.is_some_and(|record| matches!(record.state, State::Queued | State::Running(_) | State::Stopping(_)))
    }

    /// The batch of a transfer.
    pub(crate) fn batch_of(&self, id: TransferId) -> Option<BatchId> {
        Some(self.records.get(self.position(id)?)?.batch)
    }

    /// Lets these transfers that run stop and wait for their turn again.
    pub(crate) fn put_back(&mut self, which: PutBack<'_>) -> Vec<Ask> {
        let running: Vec<usize> = self.lanes.positions_running().collect();
        let mut asks = Vec::new();
        for position in running {
            let is_meant = match which {
                PutBack::All => true,
                PutBack::Uploads => self.lane(position) != Lane::Download,
                PutBack::Of(connection) => self.connection_at(position).as_ref() == Some(connection),
                PutBack::UploadsOf(connections) => {
                    self.lane(position) != Lane::Download
                        && self.connection_at(position).is_some_and(|connection| connections.contains(&connection))
                }
                PutBack::UploadsTo(connection, bucket) => {
                    let batch = self.records.get(position).and_then(|record| self.batches.get(&record.batch));
                    let to = batch.map(|batch| &batch.spec.to);
                    self.lane(position) != Lane::Download
                        && to.is_some_and(|to| to.connection == *connection && to.bucket == *bucket)
                }
            };
            let Some(record) = self.records.get(position).filter(|_| is_meant) else { continue };
            if matches!(record.state, State::Running(_)) {
                asks.push(Ask::Stop(record.id, StopReason::Pause));
                self.set_state(position, State::Stopping(After::Requeue));
            }
        }
        asks
    }

    /// Whether anything is left to do that does not wait for the user.
    pub(crate) fn is_busy(&self) -> bool {
        self.active.len() as u64 > self.paused + self.asking
    }

    /// Whether anything has not ended: also what the user has paused or is asked about.
    pub(crate) fn has_unended(&self) -> bool {
        self.active.len() > 0
    }

    /// Lets a waiting transfer run before all others of its kind.
    pub(super) fn first(&mut self, position: usize, asks: &mut Vec<Ask>) {
        let Some(record) = self.records.get(position) else { return };
        let id = record.id;
        match record.state {
            State::Paused => {
                self.set_state(position, State::Queued);
                self.note(position, Ask::NoteQueued(id), asks);
            }
            State::Queued => {}
            _ => return,
        }
        // An older place of it in the line is passed over once it runs.
        self.line_up(position, Place::First);
        let rank = self.ranks.first(position);
        self.note(position, Ask::NoteRank(id, rank), asks);
    }

    /// Gives a waiting transfer the place before another one, or the last. Among its own kind it then stands where its
    /// number says.
    pub(crate) fn move_before(&mut self, id: TransferId, before: Option<TransferId>) -> Vec<Ask> {
        let mut asks = Vec::new();
        let waits = |queue: &Self, id| {
            let position = queue.position(id)?;
            (queue.records.get(position)?.state == State::Queued).then_some(position)
        };
        let Some(position) = waits(self, id) else { return asks };
        let lane = self.lane(position);
        let rank = match before {
            None => {
                self.give_up_key(position);
                self.leave_line(lane, position);
                self.line_up(position, Place::Last);
                let last = self.records.last().map_or(id, |record| record.id);
                self.ranks.last(position, last)
            }
            Some(before) => {
                let Some(other) = waits(self, before) else { return asks };
                self.give_up_key(position);
                let rank = self.ranks.before(position, (other, before));
                if !self.line_up_before(lane, position, other) {
                    self.line_up_by(position, rank);
                }
                rank
            }
        };
        self.note(position, Ask::NoteRank(id, rank), &mut asks);
        asks
    }

    /// Lets a transfer wait where its number says: the one that it was put before is of another kind, or is about to run.
    fn line_up_by(&mut self, position: usize, rank: i64) {
        let lane = self.lane(position);
        match self.next_in_lane(position, rank) {
            Some(next) if self.line_up_before(lane, position, next) => {}
            Some(_) => self.line_up(position, Place::First),
            None => {
                self.leave_line(lane, position);
                self.line_up(position, Place::Last);
            }
        }
    }
}
