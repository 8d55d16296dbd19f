//! What is at stake in the queue: how much an action that ends or forgets transfers would take.

use super::ScanProgress;

/// So many transfers, and how far they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransferAmount {
    /// How many.
    pub transfers: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Of these: what has been sent or received and would have to be once more.
    pub moved_bytes: u64,
}

/// What is at stake of some transfers. Finished, skipped and cancelled ones have nothing to lose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueStake {
    /// Those that have not ended: waiting, moving, paused, asking.
    pub open: TransferAmount,
    /// Those that failed and can be tried again.
    pub failed: TransferAmount,
    /// Whether files are still being found that will be queued with them.
    pub progress: ScanProgress,
}

impl QueueStake {
    /// Whether nothing would be lost.
    pub fn is_nothing(&self) -> bool {
        self.open.transfers == 0 && self.failed.transfers == 0 && self.progress == ScanProgress::Complete
    }
}

impl Default for QueueStake {
    fn default() -> Self {
        let none = TransferAmount::default();
        Self { open: none, failed: none, progress: ScanProgress::Complete }
    }
}
