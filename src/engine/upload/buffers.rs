//! Buffers for file contents, reused, under one budget of bytes.
//!
//! A buffer counts against the budget until the last [`Bytes`] of it is dropped, so the budget also limits the
//! requests in flight. Parts and small files have shares of their own: a queue of large files cannot take the
//! buffers that small ones need.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Budget is counted in these steps.
const STEP_BYTES: usize = 64 * 1024;
/// At most so many unused buffers of one size are kept.
const KEPT_PER_SIZE: usize = 8;

/// Which share of the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// Whole small files.
    Files,
    /// Parts of large files.
    Parts,
}

/// Lends buffers. Clones share everything.
#[derive(Clone, Debug)]
pub(crate) struct BufferPool {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    files: Arc<Semaphore>,
    file_steps: u32,
    parts: Arc<Semaphore>,
    part_steps: u32,
    free: Mutex<Vec<Box<[u8]>>>,
}

/// The right to a buffer of so many bytes; gives its budget back when dropped unused.
#[derive(Debug)]
pub(crate) struct Grant {
    permit: OwnedSemaphorePermit,
    pool: BufferPool,
    len: usize,
}

/// A buffer on loan. Dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Buffer {
    bytes: Option<Box<[u8]>>,
    len: usize,
    pool: BufferPool,
    _permit: OwnedSemaphorePermit,
}

impl BufferPool {
    /// A pool that lends at most `budget_bytes` at a time: a fifth to small files, the rest to parts.
    pub(crate) fn new(budget_bytes: usize) -> Self {
        let steps = (budget_bytes / STEP_BYTES).max(8);
        let (file_steps, part_steps) = (steps / 5, steps - steps / 5);
        let inner = Inner {
            files: Arc::new(Semaphore::new(file_steps)),
            file_steps: u32::try_from(file_steps).unwrap_or(u32::MAX),
            parts: Arc::new(Semaphore::new(part_steps)),
            part_steps: u32::try_from(part_steps).unwrap_or(u32::MAX),
            free: Mutex::new(Vec::new()),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Waits for room for `len` bytes. A buffer larger than the whole share takes all of it.
    /// `None` only when the pool is gone.
    pub(crate) async fn grant(&self, share: Share, len: usize) -> Option<Grant> {
        let (semaphore, all) = match share {
            Share::Files => (&self.inner.files, self.inner.file_steps),
            Share::Parts => (&self.inner.parts, self.inner.part_steps),
        };
        let steps = u32::try_from(size_class(len) / STEP_BYTES).unwrap_or(u32::MAX).clamp(1, all);
        let permit = Arc::clone(semaphore).acquire_many_owned(steps).await.ok()?;
        Some(Grant { permit, pool: self.clone(), len })
    }

    /// Frees buffers that nobody uses; called when the queue is idle.
    pub(crate) fn trim(&self) {
        self.inner.free.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn take(&self, class: usize) -> Box<[u8]> {
        let mut free = self.inner.free.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = free.iter().position(|buffer| buffer.len() == class) {
            return free.swap_remove(at);
        }
        drop(free);
        vec![0; class].into_boxed_slice()
    }

    fn give_back(&self, buffer: Box<[u8]>) {
        let mut free = self.inner.free.lock().unwrap_or_else(PoisonError::into_inner);
        if free.iter().filter(|kept| kept.len() == buffer.len()).count() < KEPT_PER_SIZE {
            free.push(buffer);
        }
    }
}

impl Grant {
    /// The buffer; its contents are whatever they were before.
    pub(crate) fn buffer(self) -> Buffer {
        let bytes = self.pool.take(size_class(self.len));
        Buffer { bytes: Some(bytes), len: self.len, pool: self.pool, _permit: self.permit }
    }
}

impl Buffer {
    /// Exactly the bytes asked for, to be read into.
    pub(crate) fn as_mut(&mut self) -> &mut [u8] {
        let len = self.len;
        self.bytes.as_mut().and_then(|bytes| bytes.get_mut(..len)).unwrap_or_default()
    }

    /// The contents for the network, without another copy; given back when the last clone is dropped.
    pub(crate) fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self.bytes.as_ref().and_then(|bytes| bytes.get(..self.len)).unwrap_or_default()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Some(bytes) = self.bytes.take() {
            self.pool.give_back(bytes);
        }
    }
}

/// Sizes are rounded up, so that buffers of many small files of different sizes can be reused.
fn size_class(len: usize) -> usize {
    const MIB: usize = 1024 * 1024;
    if len <= MIB { len.next_power_of_two().max(STEP_BYTES) } else { len.div_ceil(MIB) * MIB }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn buffers_come_back_when_the_last_bytes_are_dropped() {
        let pool = BufferPool::new(1024 * 1024);
        let mut buffer = pool.grant(Share::Parts, 100).await.unwrap().buffer();
        buffer.as_mut().fill(7);
        let bytes = buffer.freeze();
        assert_eq!(bytes, vec![7; 100]);
        let before = pool.inner.parts.available_permits();
        let clone = bytes.clone();
        drop(bytes);
        assert_eq!(pool.inner.parts.available_permits(), before);
        drop(clone);
        assert_eq!(pool.inner.parts.available_permits(), before + 1);
        assert_eq!(pool.inner.free.lock().unwrap().len(), 1);
        pool.trim();
        assert!(pool.inner.free.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn parts_cannot_take_the_share_of_small_files() {
        let pool = BufferPool::new(4 * 1024 * 1024);
        let _all_parts = pool.grant(Share::Parts, 900 * 1024 * 1024).await.unwrap();
        assert!(pool.grant(Share::Files, 10_000).await.is_some());
        let more = tokio::time::timeout(std::time::Duration::from_millis(1), pool.grant(Share::Parts, 1));
        assert!(more.await.is_err(), "the share of parts is used up");
    }

    #[test]
    fn an_empty_file_has_an_empty_buffer() {
        assert_eq!(size_class(0), STEP_BYTES);
    }
}
