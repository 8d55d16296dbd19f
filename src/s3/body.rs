//! Request bodies that know what of them was really sent.
//!
//! The connector wraps every body in a [`WatchedBody`]: it hands bytes over in small steps, so that progress moves
//! and a server that stopped reading is noticed, and it counts them. A count is taken back when its attempt fails,
//! so a progress bar never shows bytes that have to be sent again.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::gate::{Allowance, BodyPacer, GateFuture};

/// Most bytes handed to the socket's buffer at once, and so the step in which progress moves.
const STEP_BYTES: usize = 64 * 1024;

/// Bytes sent so far, shared between a transfer's requests and whoever shows its progress. Clones share the number,
/// and the pace at which the bytes may leave.
#[derive(Clone, Debug, Default)]
pub struct SentBytes {
    count: Arc<Count>,
    pacer: Option<Arc<dyn BodyPacer>>,
}

#[derive(Debug, Default)]
struct Count {
    bytes: AtomicU64,
    /// How often everything was begun anew.
    round: AtomicU32,
}

impl SentBytes {
    /// A counter at zero; bytes leave as fast as the line takes them.
    pub fn new() -> Self {
        Self::default()
    }

    /// A counter at zero; bytes leave as `pacer` says.
    pub fn paced(pacer: Arc<dyn BodyPacer>) -> Self {
        Self { count: Arc::default(), pacer: Some(pacer) }
    }

    /// Bytes sent and not taken back.
    pub fn get(&self) -> u64 {
        self.count.bytes.load(Ordering::Relaxed)
    }

    /// Counts bytes that need no sending any more, such as parts that the server kept from an earlier run.
    pub fn add(&self, bytes: u64) {
        self.count.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Takes bytes back that have to be sent again.
    pub fn take_back(&self, bytes: u64) {
        let less = |counted: u64| Some(counted.saturating_sub(bytes));
        // There is always a next number.
        self.count.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).ok();
    }

    /// Nothing that was sent counts any more. Calls of before, which may end only later, neither count nor take back from
    /// now on.
    pub fn begin_anew(&self) {
        self.count.round.fetch_add(1, Ordering::Relaxed);
        self.count.bytes.store(0, Ordering::Relaxed);
    }

    fn round(&self) -> u32 {
        self.count.round.load(Ordering::Relaxed)
    }
}

/// What one call has added to a transfer's counter, over all its attempts. Dropping the last clone before
/// [`CallProgress::keep`] takes everything back, so a cancelled or failed call leaves no trace.
#[derive(Clone, Debug)]
pub(super) struct CallProgress(Arc<CallCount>);

#[derive(Debug)]
struct CallCount {
    total: SentBytes,
    /// That of the total when the call began.
    round: u32,
    attempt_bytes: AtomicU64,
    attempts: AtomicU32,
    kept: AtomicBool,
}

impl CallProgress {
    /// For a call that counts into `total`.
    pub(super) fn new(total: SentBytes) -> Self {
        Self(Arc::new(CallCount {
            round: total.round(),
            total,
            attempt_bytes: AtomicU64::new(0),
            attempts: AtomicU32::new(0),
            kept: AtomicBool::new(false),
        }))
    }

    /// A new attempt sends everything again. Gives its number; bodies of older attempts count no more.
    pub(super) fn begin_attempt(&self) -> u32 {
        let number = self.0.attempts.fetch_add(1, Ordering::Relaxed) + 1;
        self.take_back();
        number
    }

    /// Who decides how fast the body leaves.
    pub(super) fn pacer(&self) -> Option<&Arc<dyn BodyPacer>> {
        self.0.total.pacer.as_ref()
    }

    /// How many attempts reached the connector: more than one means that an earlier one may have worked unseen.
    pub(super) fn attempts(&self) -> u32 {
        self.0.attempts.load(Ordering::Relaxed)
    }

    /// All of the body has arrived: exactly its bytes stay counted.
    pub(super) fn keep(&self, body_bytes: u64) {
        self.0.kept.store(true, Ordering::Relaxed);
        if self.0.counts() {
            self.0.total.add(body_bytes);
        }
        self.take_back();
        self.0.attempts.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes back what the current attempt has counted.
    pub(super) fn take_back(&self) {
        self.0.take_back();
    }

    fn add(&self, attempt: u32, bytes: u64) {
        if attempt != self.attempts() || !self.0.counts() {
            return;
        }
        // In this order, so that nobody takes back what is not there yet.
        self.0.total.add(bytes);
        self.0.attempt_bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl CallCount {
    /// Whether everything was not begun anew since.
    fn counts(&self) -> bool {
        self.round == self.total.round()
    }

    fn take_back(&self) {
        let bytes = self.attempt_bytes.swap(0, Ordering::Relaxed);
        if self.counts() {
            self.total.take_back(bytes);
        }
    }
}

impl Drop for CallCount {
    fn drop(&mut self) {
        if !self.kept.load(Ordering::Relaxed) {
            self.take_back();
        }
    }
}

/// Whether a request's body still moves; read by the connector's watchdog.
#[derive(Debug, Default)]
pub(super) struct Activity {
    steps: AtomicU64,
    bytes: AtomicU64,
    complete: AtomicBool,
    /// What comes next is still being read.
    is_being_read: AtomicBool,
    /// Looks of the watchdog in a row that have found it so.
    looks_at_reading: AtomicU32,
}

/// After so many looks it is for our sake that a server gives up.
const LOOKS_UNTIL_HELD_UP: u32 = 2;

impl Activity {
    /// For a request without a body: there is only the answer to wait for.
    pub(super) fn complete() -> Self {
        Self { complete: AtomicBool::new(true), ..Self::default() }
    }

    /// Changes whenever bytes were taken, or became ready that the other side had to wait for.
    pub(super) fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    /// Bytes of the body that were taken.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether the other side would take more than there is: the body's own source keeps everybody waiting.
    pub(super) fn waits_for_source(&self) -> bool {
        self.is_being_read.load(Ordering::Relaxed)
    }

    /// The watchdog has looked, and found that the source keeps everybody waiting.
    pub(super) fn note_look_at_reading(&self) {
        self.looks_at_reading.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the source has kept the other side waiting for so long that it may have lost its patience.
    pub(super) fn is_held_up(&self) -> bool {
        self.waits_for_source() && self.looks_at_reading.load(Ordering::Relaxed) >= LOOKS_UNTIL_HELD_UP
    }

    fn note_wait_for_source(&self) {
        self.is_being_read.store(true, Ordering::Relaxed);
    }

    /// From now on it is the other side's turn again.
    fn note_source_ready(&self) {
        if self.waits_for_source() {
            self.steps.fetch_add(1, Ordering::Relaxed);
            self.looks_at_reading.store(0, Ordering::Relaxed);
            self.is_being_read.store(false, Ordering::Relaxed);
        }
    }

    /// Whether the whole body was taken.
    pub(super) fn is_complete(&self) -> bool {
        self.complete.load(Ordering::Relaxed)
    }
}

/// A body handed over in steps of at most [`STEP_BYTES`], counted, watched and paced.
pub(super) struct WatchedBody {
    inner: SdkBody,
    rest: Bytes,
    progress: Option<(CallProgress, u32)>,
    activity: Arc<Activity>,
    /// Until more may leave. Behind a lock only because a body has to be `Sync`.
    wait: Mutex<Option<GateFuture<'static, ()>>>,
}

impl WatchedBody {
    /// Wraps a body; `progress` is told of every step of this attempt.
    pub(super) fn new(inner: SdkBody, progress: Option<(CallProgress, u32)>, activity: Arc<Activity>) -> Self {
        Self { inner, rest: Bytes::new(), progress, activity, wait: Mutex::new(None) }
    }

    /// How many bytes may leave now.
    fn poll_allowance(&mut self, cx: &mut Context<'_>) -> Poll<usize> {
        let wanted = self.rest.len().min(STEP_BYTES);
        let Some(pacer) = self.progress.as_ref().and_then(|(progress, _)| progress.pacer()) else {
            return Poll::Ready(wanted);
        };
        let wait = self.wait.get_mut().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(waiting) = wait {
                std::task::ready!(waiting.as_mut().poll(cx));
                *wait = None;
                // Held back by us, not by the line: the watchdog has nothing to bark at.
                self.activity.steps.fetch_add(1, Ordering::Relaxed);
            }
            match pacer.take(wanted) {
                Allowance::Now(bytes) => return Poll::Ready(bytes.clamp(1, wanted)),
                Allowance::Later(later) => *wait = Some(later),
            }
        }
    }

    fn step(&mut self, bytes: usize) -> Bytes {
        let step = self.rest.split_to(self.rest.len().min(bytes));
        self.activity.steps.fetch_add(1, Ordering::Relaxed);
        self.activity.bytes.fetch_add(step.len() as u64, Ordering::Relaxed);
        if let Some((progress, attempt)) = &self.progress {
            progress.add(*attempt, step.len() as u64);
        }
        if self.is_end_stream() {
            self.activity.complete.store(true, Ordering::Relaxed);
        }
        step
    }
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = aws_smithy_types::body::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.rest.is_empty() {
            let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) else {
                self.activity.note_wait_for_source();
                return Poll::Pending;
            };
            self.activity.note_source_ready();
            match frame {
                None => {
                    self.activity.complete.store(true, Ordering::Relaxed);
                    return Poll::Ready(None);
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
            }
        }
        if self.rest.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(self.step(0)))));
        }
        let bytes = std::task::ready!(self.poll_allowance(cx));
        Poll::Ready(Some(Ok(Frame::data(self.step(bytes)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest_bytes = self.rest.len() as u64;
        let inner = self.inner.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + rest_bytes);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + rest_bytes);
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(body: &mut WatchedBody) -> Option<Bytes> {
        let mut cx = Context::from_waker(std::task::Waker::noop());
        match Pin::new(body).poll_frame(&mut cx) {
            Poll::Ready(Some(Ok(frame))) => frame.into_data().ok(),
            _ => None,
        }
    }

    #[test]
    fn bytes_go_in_small_steps_and_are_counted() {
        let sent = SentBytes::new();
        let progress = CallProgress::new(sent.clone());
        let activity = Arc::new(Activity::default());
        let bytes = Bytes::from(vec![7u8; 150_000]);
        let counted = (progress.clone(), progress.begin_attempt());
        let mut body = WatchedBody::new(SdkBody::from(bytes.clone()), Some(counted), Arc::clone(&activity));
        assert_eq!(body.size_hint().exact(), Some(150_000));
        let mut seen = Vec::new();
        while let Some(step) = poll(&mut body) {
            assert!(step.len() <= STEP_BYTES);
            assert_eq!(sent.get(), (seen.len() + step.len()) as u64);
            seen.extend_from_slice(&step);
            assert_eq!(body.size_hint().exact(), Some(150_000 - seen.len() as u64));
        }
        assert_eq!(seen, bytes);
        assert!(activity.is_complete() && activity.steps() == 3);
        progress.keep(150_000);
        drop((progress, body));
        assert_eq!(sent.get(), 150_000);
    }

    #[test]
    fn a_second_attempt_and_a_dropped_call_take_their_bytes_back() {
        let sent = SentBytes::new();
        sent.add(1000);
        let progress = CallProgress::new(sent.clone());
        let first = progress.begin_attempt();
        progress.add(first, 500);
        assert_eq!(sent.get(), 1500);
        let second = progress.begin_attempt();
        assert_eq!((sent.get(), progress.attempts()), (1000, 2));
        progress.add(second, 200);
        progress.add(first, 64);
        let clone = progress.clone();
        drop(progress);
        assert_eq!(sent.get(), 1200);
        drop(clone);
        assert_eq!(sent.get(), 1000);
    }

    #[test]
    fn what_was_begun_anew_is_not_taken_back_twice() {
        let sent = SentBytes::new();
        let before = CallProgress::new(sent.clone());
        let first = before.begin_attempt();
        before.add(first, 700);
        sent.begin_anew();
        let after = CallProgress::new(sent.clone());
        let attempt = after.begin_attempt();
        after.add(attempt, 10);
        before.add(first, 64);
        assert_eq!(sent.get(), 10);
        // The request of before ends only now.
        drop(before);
        assert_eq!(sent.get(), 10);
        drop(after);
        assert_eq!(sent.get(), 0);
    }
}
