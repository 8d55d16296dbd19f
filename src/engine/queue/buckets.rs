//! Uploads to buckets that are not there wait beside their lanes, where they hold nobody up, until their bucket is to be
//! tried again.

use std::collections::{BTreeMap, VecDeque};

use super::lanes::Lane;
use super::record::{After, State};
use super::{Keeping, Queue};
use crate::model::{BucketName, ConnectionId, TransferId};

/// What waits for each bucket, in the order of its turn.
#[derive(Debug, Default)]
pub(super) struct ClosedBuckets(BTreeMap<(ConnectionId, BucketName), VecDeque<(Lane, usize)>>);

impl ClosedBuckets {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets everything that waits; only for a queue without records.
    pub(super) fn clear(&mut self) {
        self.0.values_mut().for_each(VecDeque::clear);
    }
}

impl Queue {
    /// Begins no upload to this bucket until [`Queue::open_bucket`].
    pub(crate) fn close_bucket(&mut self, connection: &ConnectionId, bucket: &BucketName) {
        self.closed_buckets.0.entry((connection.clone(), bucket.clone())).or_default();
    }

    /// What waits for this bucket goes on, at the head of its lane: it has waited longest.
    pub(crate) fn open_bucket(&mut self, connection: &ConnectionId, bucket: &BucketName) {
        let waiting = self.closed_buckets.0.remove(&(connection.clone(), bucket.clone())).unwrap_or_default();
        for (lane, position) in waiting.into_iter().rev() {
            if self.records.get(position).is_none_or(|record| record.state != State::Queued) {
                continue;
            }
            let needs_intent = self.keeping == Keeping::Journal && lane == Lane::Small;
            if needs_intent && !self.intents.is_ready(position) {
                self.intents.put_first(position);
            } else {
                self.lanes.wait_first(lane, position);
            }
        }
    }

    /// Whether any upload waits for this bucket.
    pub(crate) fn waits_for_bucket(&self, connection: &ConnectionId, bucket: &BucketName) -> bool {
        let waiting = self.closed_buckets.0.get(&(connection.clone(), bucket.clone()));
        let waits = |position: &usize| self.records.get(*position).is_some_and(|record| record.state == State::Queued);
        waiting.is_some_and(|waiting| waiting.iter().any(|(_, position)| waits(position)))
    }

    /// Whether a transfer has an owner that was told to stop for now.
    pub(crate) fn is_put_back(&self, id: TransferId) -> bool {
        let record = self.position(id).and_then(|position| self.records.get(position));
        record.is_some_and(|record| record.state == State::Stopping(After::Requeue))
    }

    /// Whether it is an upload to a bucket that is closed.
    pub(super) fn goes_to_closed_bucket(&self, position: usize) -> bool {
        if self.closed_buckets.is_empty() || self.lane(position) == Lane::Download {
            return false;
        }
        let batch = self.records.get(position).and_then(|record| self.batches.get(&record.batch));
        batch.is_some_and(|batch| {
            let to = &batch.spec.to;
            let mut closed = self.closed_buckets.0.keys();
            closed.any(|(connection, bucket)| *connection == to.connection && *bucket == to.bucket)
        })
    }

    /// Lays one aside whose bucket is closed; `false` if it is not.
    pub(super) fn lay_aside_for_bucket(&mut self, lane: Lane, position: usize) -> bool {
        if !self.goes_to_closed_bucket(position) {
            return false;
        }
        let batch = self.records.get(position).and_then(|record| self.batches.get(&record.batch));
        let Some(to) = batch.map(|batch| (batch.spec.to.connection.clone(), batch.spec.to.bucket.clone())) else {
            return false;
        };
        self.closed_buckets.0.entry(to).or_default().push_back((lane, position));
        // Another connection may lead to its key, and find the bucket.
        self.note_shelved(position);
        self.give_up_key(position);
        true
    }
}
