//! Buckets that are not there: after some refusals in a row their uploads wait for the user, as those of a connection do
//! that may not write. A million files would be refused one by one else. Other buckets are not concerned.

use std::collections::BTreeMap;

use super::Reporting;
use super::actor::Actor;
use super::queue::{PutBack, Queue};
use crate::model::{BucketName, ConnectionId, Failure, QueueHold, TransferId};

/// So many files in a row that found no bucket are enough.
const REFUSALS_TO_CLOSE: u32 = 3;

/// By connection and bucket.
#[derive(Debug, Default)]
pub(super) struct MissingBuckets(BTreeMap<(ConnectionId, BucketName), Missing>);

#[derive(Debug, Default)]
struct Missing {
    /// In a row.
    refusals: u32,
    /// Once its uploads wait.
    closed: Option<Failure>,
}

impl MissingBuckets {
    /// Why uploads wait, of buckets for which any does.
    pub(super) fn holds(&self, queue: &Queue) -> Vec<QueueHold> {
        let hold = |((connection, bucket), missing): (&(ConnectionId, BucketName), &Missing)| {
            let failure = missing.closed.clone().filter(|_| queue.waits_for_bucket(connection, bucket))?;
            Some(QueueHold::Refused { connection: connection.clone(), bucket: Some(bucket.clone()), failure })
        };
        self.0.iter().filter_map(hold).collect()
    }

    /// Whether anything waits.
    pub(super) fn is_none_closed(&self) -> bool {
        self.0.values().all(|missing| missing.closed.is_none())
    }
}

impl Actor {
    /// An upload found no bucket. Whether it waits for that with the others; else it fails by itself.
    pub(super) fn bucket_is_missing(&mut self, id: TransferId, failure: &Failure) -> bool {
        if self.reporting == Reporting::EachTransfer {
            // Nobody is there who would make the bucket and try again.
            return false;
        }
        if self.queue.is_put_back(id) {
            // Told to wait before it was refused: that says nothing of what has been done since.
            return true;
        }
        let Some(to) = self.queue.destination(id) else { return false };
        let (connection, bucket) = (to.connection, to.bucket);
        let missing = self.missing_buckets.0.entry((connection.clone(), bucket.clone())).or_default();
        missing.refusals = missing.refusals.saturating_add(1);
        if missing.closed.is_some() {
            self.queue.will_wait_again(id);
            return true;
        }
        if missing.refusals < REFUSALS_TO_CLOSE {
            return false;
        }
        missing.closed = Some(failure.clone());
        tracing::info!("uploads wait for a bucket that is not there");
        self.queue.will_wait_again(id);
        self.queue.close_bucket(&connection, &bucket);
        self.tools.sink.notice_failure(failure.clone());
        let asks = self.queue.put_back(PutBack::UploadsTo(&connection, &bucket));
        self.carry_out(asks, None);
        self.picture.is_stale = true;
        true
    }

    /// A file was stored: its bucket is there.
    pub(super) fn bucket_is_there(&mut self, id: TransferId) {
        if self.missing_buckets.0.is_empty() {
            return;
        }
        let Some(to) = self.queue.destination(id) else { return };
        let key = (to.connection, to.bucket);
        let Some(missing) = self.missing_buckets.0.get_mut(&key) else { return };
        if missing.closed.take().is_none() {
            missing.refusals = 0;
            return;
        }
        // It was under way already: the next file that finds none is enough.
        missing.refusals = REFUSALS_TO_CLOSE - 1;
        self.queue.open_bucket(&key.0, &key.1);
        self.picture.is_stale = true;
    }

    /// The user has made a bucket: uploads to it are tried again, also through other connections that lead to it.
    pub(super) fn bucket_was_made(&mut self, at: &ConnectionId, bucket: &BucketName) {
        for ((connection, name), missing) in &mut self.missing_buckets.0 {
            if name != bucket || missing.closed.is_none() {
                continue;
            }
            let book = &self.tools.book;
            let is_same = connection == at
                || matches!((book.find(at), book.find(connection)), (Ok(at), Ok(one)) if at.leads_to_same_buckets(&one));
            if is_same {
                missing.closed = None;
                missing.refusals = REFUSALS_TO_CLOSE - 1;
                self.queue.open_bucket(connection, bucket);
                self.picture.is_stale = true;
            }
        }
    }

    /// Somebody has looked, or changed the connection: its buckets are tried again. The next file that finds none is
    /// enough then.
    pub(super) fn try_missing_buckets(&mut self, of: &ConnectionId) {
        for ((connection, bucket), missing) in &mut self.missing_buckets.0 {
            if connection == of && missing.closed.take().is_some() {
                missing.refusals = REFUSALS_TO_CLOSE - 1;
                self.queue.open_bucket(connection, bucket);
                self.picture.is_stale = true;
            }
        }
    }
}
