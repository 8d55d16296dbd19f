//! Reads a range of an object: blob after blob, in blocks, on blocking threads.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use tokio::task::{JoinHandle, spawn_blocking};

use super::blobs::{BlobId, PinGuard};
use super::index::Segment;

const BLOCK_BYTES: u64 = 256 * 1024;

/// Yields the bytes of the range in order. The blobs stay on disk until it is dropped.
pub(super) struct BlobStream {
    state: State,
}

enum State {
    Idle(Box<Reader>),
    Reading(JoinHandle<io::Result<(Box<Reader>, Option<Bytes>)>>),
    Done,
}

/// What is still to be read.
pub(super) struct Reader {
    guard: PinGuard,
    open: Option<(File, u64)>,
    ahead: VecDeque<Piece>,
}

struct Piece {
    blob: BlobId,
    skip_bytes: u64,
    take_bytes: u64,
}

impl BlobStream {
    /// `range` counts bytes of the whole object; `segments` are its pieces in order, all pinned by `guard`.
    pub(super) fn new(guard: PinGuard, segments: &[Segment], range: Range<u64>) -> Self {
        Self { state: State::Idle(Box::new(Reader::new(guard, segments, range))) }
    }
}

impl Reader {
    pub(super) fn new(guard: PinGuard, segments: &[Segment], range: Range<u64>) -> Self {
        let mut ahead = VecDeque::new();
        let mut begins = 0;
        for segment in segments {
            let ends = begins + segment.size_bytes;
            let (from, to) = (range.start.max(begins), range.end.min(ends));
            if from < to {
                ahead.push_back(Piece { blob: segment.blob, skip_bytes: from - begins, take_bytes: to - from });
            }
            begins = ends;
        }
        Self { guard, open: None, ahead }
    }

    /// The next block, or `None` at the end. Blocks.
    pub(super) fn next_block(&mut self) -> io::Result<Option<Bytes>> {
        let (mut file, left_bytes) = match self.open.take() {
            Some(open) => open,
            None => match self.ahead.pop_front() {
                None => return Ok(None),
                Some(piece) => {
                    let mut file = File::open(self.guard.store().path(piece.blob))?;
                    if piece.skip_bytes > 0 {
                        file.seek(SeekFrom::Start(piece.skip_bytes))?;
                    }
                    (file, piece.take_bytes)
                }
            },
        };
        let want = usize::try_from(left_bytes.min(BLOCK_BYTES)).map_err(io::Error::other)?;
        let mut block = vec![0; want];
        file.read_exact(&mut block)?;
        let left_bytes = left_bytes - want as u64;
        if left_bytes > 0 {
            self.open = Some((file, left_bytes));
        }
        Ok(Some(block.into()))
    }
}

impl Stream for BlobStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Poll::Ready(None),
                State::Idle(mut reader) => {
                    self.state = State::Reading(spawn_blocking(move || {
                        let block = reader.next_block()?;
                        Ok((reader, block))
                    }));
                }
                State::Reading(mut task) => {
                    let Poll::Ready(finished) = Pin::new(&mut task).poll(context) else {
                        self.state = State::Reading(task);
                        return Poll::Pending;
                    };
                    let outcome = finished.unwrap_or_else(|panicked| Err(io::Error::other(panicked)));
                    return Poll::Ready(match outcome {
                        Err(error) => {
                            tracing::error!(%error, "cannot read a blob");
                            Some(Err(error))
                        }
                        Ok((_, None)) => None,
                        Ok((reader, Some(block))) => {
                            self.state = State::Idle(reader);
                            Some(Ok(block))
                        }
                    });
                }
            }
        }
    }
}
