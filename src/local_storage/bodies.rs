//! Bodies on their way in and out: what a handler leaves unread, and answers that end before their time.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use s3s::{Body, StdError};
use tokio::time::Sleep;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::faults::{Action, EventKind, RequestEnd, RequestEvents, Ticket};

/// How much of an unread body is taken in so that the client gets to read the answer.
const DRAIN_BYTES: u64 = 64 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// How long a planned break waits for what was sent before.
const FLUSH_TIME: Duration = Duration::from_millis(50);

/// A request's body that can be had back when the handler is done with it.
pub(super) struct Intake {
    shared: Arc<Shared>,
}

struct Shared {
    body: Mutex<Option<Incoming>>,
    read_bytes: AtomicU64,
    was_read: AtomicBool,
    events: RequestEvents,
}

impl Intake {
    pub(super) fn new(incoming: Incoming, events: RequestEvents) -> Self {
        let shared = Shared {
            body: Mutex::new(Some(incoming)),
            read_bytes: AtomicU64::new(0),
            was_read: AtomicBool::new(false),
            events,
        };
        Self { shared: Arc::new(shared) }
    }

    /// The body for the handler, with the trouble planned for it.
    pub(super) fn body(&self, trouble: Trouble) -> Body {
        let inner = self.shared.lock().take();
        Body::http_body(IntakeBody { inner, shared: Arc::clone(&self.shared), trouble, pause: None })
    }

    pub(super) fn read_bytes(&self) -> u64 {
        self.shared.read_bytes.load(Ordering::Relaxed)
    }

    /// Whether the handler has begun to read.
    pub(super) fn was_read(&self) -> bool {
        self.shared.was_read.load(Ordering::Relaxed)
    }

    /// Reads what is left, within limits: closing on a client that is still sending would lose the answer.
    pub(super) async fn drain(&self) {
        let Some(mut rest) = self.shared.lock().take() else { return };
        let read = async {
            let mut drained = 0;
            while drained < DRAIN_BYTES {
                match rest.frame().await {
                    Some(Ok(frame)) => drained += frame.data_ref().map_or(0, |data| data.len() as u64),
                    Some(Err(_)) | None => return,
                }
            }
        };
        tokio::time::timeout(DRAIN_TIME, read).await.ok(); // what is left then is the client's loss
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Option<Incoming>> {
        self.body.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What happens to a request's body while it is read.
pub(super) enum Trouble {
    None,
    Cut { after_bytes: u64 },
    Stall { after_bytes: u64, stop: Pin<Box<WaitForCancellationFutureOwned>> },
    Slow { bytes_per_sec: u64 },
}

impl Trouble {
    pub(super) fn of(fault: Option<&Action>, stop: &CancellationToken) -> Self {
        match fault {
            Some(Action::CloseInRequest { after_bytes }) => Self::Cut { after_bytes: *after_bytes },
            Some(Action::StallInRequest { after_bytes }) => {
                Self::Stall { after_bytes: *after_bytes, stop: Box::pin(stop.clone().cancelled_owned()) }
            }
            Some(Action::SlowRequest { bytes_per_sec }) => Self::Slow { bytes_per_sec: (*bytes_per_sec).max(1) },
            _ => Self::None,
        }
    }
}

struct IntakeBody {
    inner: Option<Incoming>,
    shared: Arc<Shared>,
    trouble: Trouble,
    pause: Option<Pin<Box<Sleep>>>,
}

impl IntakeBody {
    /// Whether the body shall break off here; not ready while it is to stand still.
    fn poll_trouble(&mut self, context: &mut Context<'_>) -> Poll<bool> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        let read_bytes = self.shared.read_bytes.load(Ordering::Relaxed);
        match &mut self.trouble {
            Trouble::Cut { after_bytes } => Poll::Ready(read_bytes >= *after_bytes),
            Trouble::Stall { after_bytes, stop } if read_bytes >= *after_bytes => {
                stop.as_mut().poll(context).map(|()| true)
            }
            Trouble::None | Trouble::Stall { .. } | Trouble::Slow { .. } => Poll::Ready(false),
        }
    }
}

impl HttpBody for IntakeBody {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        self.shared.was_read.store(true, Ordering::Relaxed);
        if ready!(self.poll_trouble(context)) {
            self.inner = None;
            return Poll::Ready(Some(Err("cut by plan".into())));
        }
        let Some(inner) = &mut self.inner else { return Poll::Ready(None) };
        let Some(frame) = ready!(Pin::new(&mut *inner).poll_frame(context)?) else { return Poll::Ready(None) };
        let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
        let ends = inner.is_end_stream();
        self.shared.read_bytes.fetch_add(bytes, Ordering::Relaxed);
        if ends {
            self.shared.events.tell(EventKind::BodyRead);
        }
        if let Trouble::Slow { bytes_per_sec } = self.trouble {
            let time = Duration::from_millis(bytes.saturating_mul(1000) / bytes_per_sec);
            self.pause = Some(Box::pin(tokio::time::sleep(time)));
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        let may_break = matches!(self.trouble, Trouble::Cut { .. } | Trouble::Stall { .. });
        !may_break && self.inner.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

impl Drop for IntakeBody {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take().filter(|inner| !inner.is_end_stream()) {
            *self.shared.lock() = Some(inner);
        }
    }
}

/// How an answer's body ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Whole,
    Cut { after_bytes: u64 },
    Stall { after_bytes: u64 },
}

/// An answer's body that is counted, and perhaps ends early.
pub(super) struct GuardedBody {
    inner: Body,
    ending: Ending,
    ticket: Ticket,
    stop: Pin<Box<WaitForCancellationFutureOwned>>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl GuardedBody {
    pub(super) fn new(inner: Body, ending: Ending, ticket: Ticket, stop: CancellationToken) -> Self {
        Self { inner, ending, ticket, stop: Box::pin(stop.cancelled_owned()), pause: None }
    }

    fn left_bytes(&self) -> Option<u64> {
        match self.ending {
            Ending::Whole => None,
            Ending::Cut { after_bytes } | Ending::Stall { after_bytes } => {
                Some(after_bytes.saturating_sub(self.ticket.response_bytes))
            }
        }
    }
}

impl HttpBody for GuardedBody {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        if self.left_bytes() == Some(0) {
            if matches!(self.ending, Ending::Stall { .. }) {
                ready!(self.stop.as_mut().poll(context));
            } else {
                // What was sent must leave this process before the connection breaks.
                let pause = self.pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(FLUSH_TIME)));
                ready!(pause.as_mut().poll(context));
            }
            self.ticket.end = RequestEnd::Closed;
            return Poll::Ready(Some(Err("cut by plan".into())));
        }
        let Some(frame) = ready!(Pin::new(&mut self.inner).poll_frame(context)?) else { return Poll::Ready(None) };
        let Ok(mut data) = frame.into_data() else { return Poll::Ready(None) };
        if let Some(left) = self.left_bytes() {
            data.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        }
        self.ticket.response_bytes += data.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.left_bytes() != Some(0) && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
