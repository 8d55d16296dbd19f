//! Buffers for file contents, reused, under one budget of bytes.
//!
//! A buffer counts against the budget until the last [`Bytes`] of it is dropped, so the budget also limits the
//! requests in flight. Parts and small files have shares of their own: a queue of large files cannot take the
//! buffers that small ones need.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Budget is counted in these steps.
const STEP_BYTES: usize = 64 * 1024;

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
    /// Room of parts came back; for one of those that may borrow it.
    came_back: Notify,
    free: Mutex<Free>,
}

/// Buffers that nobody uses, the oldest first. With those on loan they stay within the budget.
#[derive(Debug, Default)]
struct Free {
    buffers: VecDeque<Box<[u8]>>,
    bytes: usize,
    /// On loan.
    lent_bytes: usize,
}

impl Free {
    fn lend(&mut self, class: usize) -> Option<Box<[u8]>> {
        self.lent_bytes += class;
        let at = self.buffers.iter().rposition(|buffer| buffer.len() == class)?;
        self.bytes -= class;
        self.buffers.remove(at)
    }

    fn take_back(&mut self, buffer: Box<[u8]>) {
        self.lent_bytes -= buffer.len();
        self.bytes += buffer.len();
        self.buffers.push_back(buffer);
    }

    /// Gives memory back until no more than so much is kept.
    fn shrink_to(&mut self, most_bytes: usize) {
        while self.bytes > most_bytes
            && let Some(oldest) = self.buffers.pop_front()
        {
            self.bytes -= oldest.len();
        }
    }
}

/// A piece of the budget. Dropping it gives it back, and tells one of those that wait to borrow it.
#[derive(Debug)]
struct Room {
    permit: Option<OwnedSemaphorePermit>,
    pool: BufferPool,
}

impl Drop for Room {
    fn drop(&mut self) {
        let Some(permit) = self.permit.take() else { return };
        let is_of_parts = Arc::ptr_eq(permit.semaphore(), &self.pool.inner.parts);
        drop(permit);
        // Who waits for the share of files is told by that itself.
        if is_of_parts {
            self.pool.inner.came_back.notify_one();
        }
    }
}

/// The right to a buffer of so many bytes; gives its budget back when dropped unused.
#[derive(Debug)]
pub(crate) struct Grant {
    room: Room,
    len: usize,
}

/// A buffer on loan. Dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Buffer {
    bytes: Option<Box<[u8]>>,
    len: usize,
    room: Room,
}

impl BufferPool {
    /// A pool that lends at most `budget_bytes` at a time: a fifth to small files, the rest to parts, of which files
    /// may borrow a quarter.
    pub(crate) fn new(budget_bytes: usize) -> Self {
        let steps = (budget_bytes / STEP_BYTES).max(8);
        let (file_steps, part_steps) = (steps / 5, steps - steps / 5);
        let inner = Inner {
            files: Arc::new(Semaphore::new(file_steps)),
            file_steps: u32::try_from(file_steps).unwrap_or(u32::MAX),
            parts: Arc::new(Semaphore::new(part_steps)),
            part_steps: u32::try_from(part_steps).unwrap_or(u32::MAX),
            came_back: Notify::new(),
            free: Mutex::default(),
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
        let mut own = std::pin::pin!(Arc::clone(semaphore).acquire_many_owned(steps));
        let mut was_told = false;
        loop {
            let permit = tokio::select! {
                biased;
                permit = &mut own => permit.ok()?,
                Some(permit) = std::future::ready(self.spare(share, steps)) => {
                    if was_told {
                        // What came back may have room for another one.
                        self.inner.came_back.notify_one();
                    }
                    permit
                }
                () = self.inner.came_back.notified(), if share == Share::Files => {
                    was_told = true;
                    continue;
                }
            };
            return Some(Grant { room: Room { permit: Some(permit), pool: self.clone() }, len });
        }
    }

    /// Of what parts do not use, for small files: the next are read while others are sent. No more than a quarter, so
    /// that a large file which begins does not wait for them.
    fn spare(&self, share: Share, steps: u32) -> Option<OwnedSemaphorePermit> {
        let keep = self.inner.part_steps - self.inner.part_steps / 4;
        let has_spare = self.inner.parts.available_permits() >= (keep + steps) as usize;
        (share == Share::Files && has_spare)
            .then(|| Arc::clone(&self.inner.parts).try_acquire_many_owned(steps).ok())?
    }

    /// Frees buffers that nobody uses; called when the queue is idle.
    pub(crate) fn trim(&self) {
        self.free().shrink_to(0);
    }

    fn take(&self, class: usize) -> Box<[u8]> {
        let mut free = self.free();
        let taken = free.lend(class);
        let most_bytes = self.budget_bytes().saturating_sub(free.lent_bytes);
        free.shrink_to(most_bytes);
        drop(free);
        taken.unwrap_or_else(|| vec![0; class].into_boxed_slice())
    }

    fn give_back(&self, buffer: Box<[u8]>) {
        let mut free = self.free();
        free.take_back(buffer);
        // One that was larger than its whole share.
        free.shrink_to(self.budget_bytes());
    }

    fn free(&self) -> MutexGuard<'_, Free> {
        self.inner.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn budget_bytes(&self) -> usize {
        let steps = u64::from(self.inner.file_steps) + u64::from(self.inner.part_steps);
        usize::try_from(steps).unwrap_or(usize::MAX).saturating_mul(STEP_BYTES)
    }
}

impl Grant {
    /// The buffer; its contents are whatever they were before.
    pub(crate) fn buffer(self) -> Buffer {
        let bytes = self.room.pool.take(size_class(self.len));
        Buffer { bytes: Some(bytes), len: self.len, room: self.room }
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
        // Its room comes back after it.
        if let Some(bytes) = self.bytes.take() {
            self.room.pool.give_back(bytes);
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
    use std::time::Duration;

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
        assert_eq!(pool.free().buffers.len(), 1);
        pool.trim();
        assert!(pool.free().buffers.is_empty());
    }

    #[tokio::test]
    async fn what_is_kept_and_what_is_lent_stay_within_the_budget() {
        const MIB: usize = 1024 * 1024;
        let pool = BufferPool::new(32 * MIB);
        // Last parts of many sizes, one after the other.
        for round in 0..40 {
            let lent = pool.grant(Share::Parts, (1 + round % 8) * MIB).await.unwrap().buffer();
            let more = pool.grant(Share::Parts, (8 - round % 8) * MIB).await.unwrap().buffer();
            let kept = pool.free().bytes;
            assert!(kept + 9 * MIB <= 32 * MIB, "{kept} bytes kept");
            drop((lent, more));
        }
        let all = pool.grant(Share::Parts, 24 * MIB).await.unwrap().buffer();
        assert!(pool.free().bytes <= 8 * MIB, "{} bytes kept beside all that is lent", pool.free().bytes);
        drop(all);
        let again = pool.grant(Share::Parts, 24 * MIB).await.unwrap();
        assert_eq!(pool.free().buffers.back().map(|buffer| buffer.len()), Some(24 * MIB));
        drop(again.buffer());
        let sum: usize = pool.free().buffers.iter().map(|buffer| buffer.len()).sum();
        assert_eq!(sum, pool.free().bytes);
    }

    #[tokio::test]
    async fn parts_cannot_take_the_share_of_small_files() {
        let pool = BufferPool::new(4 * 1024 * 1024);
        let _all_parts = pool.grant(Share::Parts, 900 * 1024 * 1024).await.unwrap();
        assert!(pool.grant(Share::Files, 10_000).await.is_some());
        let more = tokio::time::timeout(Duration::from_millis(1), pool.grant(Share::Parts, 1));
        assert!(more.await.is_err(), "the share of parts is used up");
    }

    #[tokio::test]
    async fn small_files_borrow_a_quarter_of_what_parts_do_not_use() {
        const MIB: usize = 1024 * 1024;
        let pool = BufferPool::new(40 * MIB);
        let grant = |share, mib: usize| pool.grant(share, mib * MIB);
        // Their own fifth, and a quarter of the rest.
        let mut files = Vec::new();
        for _file in 0..16 {
            files.push(grant(Share::Files, 1).await.unwrap());
        }
        let is_full =
            || async { tokio::time::timeout(Duration::from_millis(1), grant(Share::Files, 1)).await.is_err() };
        assert!(is_full().await);
        let parts = grant(Share::Parts, 24).await.unwrap();
        // What comes back of the borrowed is for parts, as long as there are some.
        files.drain(8..);
        assert!(is_full().await);
        // Who waits gets it as soon as no part needs it.
        let (waited, ()) = tokio::join!(grant(Share::Files, 1), async { drop(parts.buffer()) });
        assert!(waited.is_some());
    }

    #[tokio::test]
    async fn whoever_waits_for_room_of_parts_hears_of_all_that_comes_back() {
        const MIB: usize = 1024 * 1024;
        let pool = BufferPool::new(40 * MIB);
        // Small files have used up their own share, and may not borrow beside a part that is given up unused.
        let files = pool.grant(Share::Files, 8 * MIB).await.unwrap();
        let part = pool.grant(Share::Parts, 16 * MIB).await.unwrap();
        let mut waiting: Vec<_> = (0..3).map(|_file| Box::pin(pool.grant(Share::Files, MIB))).collect();
        for file in &mut waiting {
            assert!(futures_util::poll!(file).is_pending());
        }
        drop(part);
        let mut granted = Vec::new();
        for (number, file) in waiting.iter_mut().enumerate() {
            match futures_util::poll!(file) {
                std::task::Poll::Ready(grant) => granted.push(grant),
                std::task::Poll::Pending => panic!("file {number} waits on"),
            }
        }
        drop((granted, files));
    }

    #[test]
    fn an_empty_file_has_an_empty_buffer() {
        assert_eq!(size_class(0), STEP_BYTES);
    }
}
