//! One direction of one connection.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::mpsc;

use super::{Accident, Cut, Manner, Shared, Way};

pub(super) struct Pump {
    pub(super) way: Way,
    pub(super) accident: Option<Accident>,
    pub(super) flip_at: Option<u64>,
    pub(super) shared: Arc<Shared>,
}

/// Bytes, and when they may arrive; none at the end.
type Packet = (Instant, Vec<u8>);

impl Pump {
    /// Carries until the sender ends, which the receiver is told; an error says how the connection is to end.
    pub(super) async fn run(mut self, from: ReadHalf<'_>, to: WriteHalf<'_>) -> Result<(), Cut> {
        // Room for what is on its way over a long line.
        let (packets, arriving) = mpsc::channel(1024);
        let (taken, delivered) = tokio::join!(self.take(from, packets), deliver(arriving, to));
        taken.and(delivered)
    }

    fn manner(&self) -> Manner {
        *self.shared.manner.borrow()
    }

    /// Waits for a small part of what a metered line may carry, so that all connections get theirs.
    async fn reserve(&self, wanted: usize) -> usize {
        let mut changes = self.shared.allowed_bytes.subscribe();
        loop {
            let mut got = 0;
            self.shared.allowed_bytes.send_if_modified(|allowed| {
                got = (*allowed).min(wanted.min(8192) as u64);
                *allowed -= got;
                false
            });
            if got > 0 {
                return usize::try_from(got).unwrap_or(wanted);
            }
            if changes.changed().await.is_err() {
                return wanted;
            }
        }
    }

    async fn take(&mut self, mut from: ReadHalf<'_>, packets: mpsc::Sender<Packet>) -> Result<(), Cut> {
        let mut buffer = vec![0; 16 * 1024];
        let mut passed_bytes = 0_u64;
        loop {
            let rate = self.manner().bytes_per_sec;
            // A slow line takes little at a time, so that it does not take much at once.
            let most = rate.map_or(buffer.len(), |rate| usize::try_from(rate / 20).unwrap_or(1).clamp(1, buffer.len()));
            let left = self.accident.map_or(u64::MAX, |accident| accident.after_bytes - passed_bytes);
            if left == 0 {
                return Err(self.accident.map_or(Cut::Reset, |accident| accident.cut));
            }
            let mut most = most.min(usize::try_from(left).unwrap_or(usize::MAX));
            let is_metered = self.way == Way::Up && self.manner().metered;
            if is_metered {
                from.readable().await.ok(); // the read says what is wrong
                most = self.reserve(most).await;
            }
            let Some(room) = buffer.get_mut(..most) else { return Err(Cut::Reset) };
            let read = from.read(room).await;
            if is_metered {
                let unused = most.saturating_sub(*read.as_ref().unwrap_or(&0));
                self.shared.allowed_bytes.send_modify(|allowed| *allowed += unused as u64);
            }
            let count = match read {
                Ok(0) => {
                    packets.send((Instant::now() + self.manner().one_way, Vec::new())).await.ok(); // nobody listens
                    return Ok(());
                }
                Ok(count) => count,
                Err(_) => return Err(Cut::Reset),
            };
            let mut bytes = room.to_vec();
            bytes.truncate(count);
            let flip_at = self.flip_at.and_then(|at| usize::try_from(at.checked_sub(passed_bytes)?).ok());
            if let Some(byte) = flip_at.and_then(|at| bytes.get_mut(at)) {
                *byte ^= 1;
            }
            passed_bytes += count as u64;
            if self.way == Way::Up {
                if passed_bytes - (count as u64) < 4096 {
                    self.shared.first_bytes.lock().unwrap().extend_from_slice(&bytes);
                }
                self.shared.up_bytes.fetch_add(count as u64, Ordering::SeqCst);
                self.shared.moved.notify_waiters();
            }
            if packets.send((Instant::now() + self.manner().one_way, bytes)).await.is_err() {
                return Err(Cut::Reset);
            }
            if let Some(rate) = rate {
                tokio::time::sleep(Duration::from_secs_f64(count as f64 / rate as f64)).await;
            }
        }
    }
}

async fn deliver(mut arriving: mpsc::Receiver<Packet>, mut to: WriteHalf<'_>) -> Result<(), Cut> {
    while let Some((due, bytes)) = arriving.recv().await {
        tokio::time::sleep_until(due.into()).await;
        if bytes.is_empty() {
            to.shutdown().await.ok(); // the receiver may be gone
            break;
        }
        if to.write_all(&bytes).await.is_err() {
            return Err(Cut::Reset);
        }
    }
    Ok(())
}
