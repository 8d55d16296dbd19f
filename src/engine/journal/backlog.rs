//! How much is submitted and not written yet, and waiting for that to shrink.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// From so many rows on, [`Backlog::room`] waits. A row is about 200 bytes: 8 MB, and what is
/// taken for rows is not given back soon.
const FULL_ROWS: usize = 40_000;

/// Counts rows.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    rows: AtomicUsize,
    shrunk: Notify,
}

impl Backlog {
    /// Rows were submitted.
    pub(super) fn add(&self, rows: usize) {
        self.rows.fetch_add(rows, Ordering::AcqRel);
    }

    /// Rows were written.
    pub(super) fn take(&self, rows: usize) {
        self.rows.fetch_sub(rows, Ordering::AcqRel);
        self.shrunk.notify_waiters();
    }

    /// Resolves once there is room.
    pub(super) async fn room(&self) {
        loop {
            // Listens before it looks, so that nothing is missed in between.
            let shrunk = self.shrunk.notified();
            if self.rows.load(Ordering::Acquire) < FULL_ROWS {
                return;
            }
            shrunk.await;
        }
    }
}
