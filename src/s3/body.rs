//! Counting what was really sent.
//!
//! The connector counts the bytes of a request body as they are taken for the socket, and takes them back when
//! that attempt fails, so a progress bar never shows bytes that have to be sent again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes sent so far, shared between a transfer's requests and whoever shows its progress. Clones share the number.
#[derive(Clone, Debug, Default)]
pub struct SentBytes(Arc<AtomicU64>);

impl SentBytes {
    /// A counter at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes sent and not taken back.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts bytes that need no sending any more, such as parts that the server kept from an earlier run.
    pub fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Takes bytes back that have to be sent again.
    pub fn take_back(&self, bytes: u64) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}
