//! A line with a delay and a rate between client and server, where the kernel offers none:
//! `relay --listen PORT --to PORT --delay-ms N --mbit N`. The rate is shared by all connections and direction up;
//! answers are delayed only. Each direction takes half of the round trip.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// One read; small, so that connections share the rate fairly.
const CHUNK_BYTES: usize = 32 * 1024;
/// Bytes that may be on the way in one direction of one connection: 1 Gbit/s times 50 ms is 6.25 MB.
const WINDOW_CHUNKS: usize = 256;

/// When the shared line is free again.
struct Line {
    bytes_per_sec: f64,
    free_at: Mutex<Instant>,
}

impl Line {
    /// When bytes that are sent now have left.
    fn left_at(&self, bytes: usize) -> Instant {
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let start = (*free_at).max(Instant::now());
        *free_at = start + Duration::from_secs_f64(bytes as f64 / self.bytes_per_sec);
        *free_at
    }
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| -> Result<u64> {
        let at = arguments.iter().position(|argument| argument == name).with_context(|| name.to_owned())?;
        Ok(arguments.get(at + 1).with_context(|| name.to_owned())?.parse()?)
    };
    let (listen, to) = (u16::try_from(value("--listen")?)?, u16::try_from(value("--to")?)?);
    let (delay_ms, mbit) = (value("--delay-ms")?, value("--mbit")?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async move {
        let listener = TcpListener::bind(("127.0.0.1", listen)).await?;
        println!("ready");
        let line = Arc::new(Line { bytes_per_sec: mbit as f64 * 125_000.0, free_at: Mutex::new(Instant::now()) });
        let half = Duration::from_micros(delay_ms * 500);
        loop {
            let (near, _from) = listener.accept().await?;
            let line = Arc::clone(&line);
            tokio::spawn(async move {
                // The handshake costs one round trip as well.
                tokio::time::sleep(half * 2).await;
                let Ok(far) = TcpStream::connect(("127.0.0.1", to)).await else { return };
                near.set_nodelay(true).ok();
                far.set_nodelay(true).ok();
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                tokio::spawn(carry(near_in, far_out, half, Some(line)));
                tokio::spawn(carry(far_in, near_out, half, None));
            });
        }
    })
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delay: Duration, line: Option<Arc<Line>>) {
    let (sender, mut receiver) = mpsc::channel::<(Instant, Vec<u8>)>(WINDOW_CHUNKS);
    tokio::spawn(async move {
        while let Some((due, bytes)) = receiver.recv().await {
            tokio::time::sleep_until(due).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
        to.shutdown().await.ok();
    });
    loop {
        let mut buffer = vec![0; CHUNK_BYTES];
        let Ok(read) = from.read(&mut buffer).await else { return };
        if read == 0 {
            return;
        }
        buffer.truncate(read);
        let left = line.as_ref().map_or_else(Instant::now, |line| line.left_at(read));
        // What does not fit on the line waits here, as in a socket's buffer.
        tokio::time::sleep_until(left).await;
        if sender.send((left + delay, buffer)).await.is_err() {
            return;
        }
    }
}
