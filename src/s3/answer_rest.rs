//! How long the rest of an answer is waited for, once its head is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt as _;

use super::gate::Timers;
use super::wire::Silence;

/// Longest time for the rest of an answer.
const LONGEST: Duration = Duration::from_mins(2);
/// A completion may take minutes after its head: white space tells that it is still at work, and may stay away for so long.
const LONGEST_BETWEEN: Duration = Duration::from_mins(1);
/// It is looked for so often.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What has come of an answer's body so far. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Pieces(Arc<AtomicU64>);

impl Pieces {
    /// Counts what comes of the body of an answer from now on.
    pub(super) fn counted(mut response: HttpResponse) -> (HttpResponse, Self) {
        let pieces = Self::default();
        let counter = pieces.clone();
        let body = response.take_body().map_frame(move |frame| {
            counter.0.fetch_add(1, Ordering::Relaxed);
            frame
        });
        *response.body_mut() = SdkBody::from_body_1_x(body);
        (response, pieces)
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Returns once the rest of an answer has taken too long. One that comes in `pieces` may take `longest` in all, as long as
/// no two of them are far apart.
pub(super) async fn overdue(timers: &Timers, pieces: Option<&Pieces>, longest: Duration) -> Silence {
    let Some(pieces) = pieces else {
        timers.sleep(LONGEST).await;
        return Silence::Answer(LONGEST.as_secs());
    };
    let (mut quiet, mut all) = (Duration::ZERO, Duration::ZERO);
    loop {
        let before = pieces.count();
        timers.sleep(LOOK_EVERY).await;
        all += LOOK_EVERY;
        quiet = if pieces.count() == before { quiet + LOOK_EVERY } else { Duration::ZERO };
        if quiet >= LONGEST_BETWEEN || all >= longest {
            return Silence::Answer(if all >= longest { all } else { quiet }.as_secs());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Mutex;

    use bytes::Bytes;
    use futures_util::StreamExt as _;
    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;

    const LAST: &str = "<CompleteMultipartUploadResult/>";

    /// Reads the answer to a completion that sends a space so often, and its document at `end`. Time passes by the look
    /// and not by itself. What was read, and when that was over.
    async fn completion(every: Duration, end: Duration) -> (Result<Bytes, String>, Duration) {
        let passed = Arc::new(AtomicU64::new(0));
        let (server, mut body) = tokio::sync::mpsc::unbounded_channel();
        let (time, server) = (Arc::clone(&passed), Mutex::new(Some(server)));
        let timers = Timers::new(move |step| {
            let now = time.fetch_add(step.as_secs(), Ordering::Relaxed) + step.as_secs();
            let mut server = server.lock().unwrap();
            if let Some(open) = server.as_ref()
                && (now == end.as_secs() || now.is_multiple_of(every.as_secs()))
            {
                let piece = if now == end.as_secs() { LAST } else { " " };
                open.send(Bytes::from_static(piece.as_bytes())).unwrap();
            }
            if now >= end.as_secs() {
                server.take();
            }
            // Whoever reads takes what has come before it is looked at.
            Box::pin(tokio::task::yield_now())
        });
        let frames = futures_util::stream::poll_fn(move |cx| body.poll_recv(cx));
        let frames = frames.map(|bytes| Ok::<_, Infallible>(Frame::data(bytes)));
        let answer = HttpResponse::new(200.try_into().unwrap(), SdkBody::from_body_1_x(StreamBody::new(frames)));
        let (mut answer, pieces) = Pieces::counted(answer);
        let read = tokio::select! {
            biased;
            read = answer.take_body().collect() => Ok(read.unwrap().to_bytes()),
            silence = overdue(&timers, Some(&pieces), Duration::from_mins(10)) => Err(silence.to_string()),
        };
        (read, Duration::from_secs(passed.load(Ordering::Relaxed)))
    }

    #[tokio::test]
    async fn a_completion_lives_as_long_as_its_white_space_comes() {
        let (secs, mins) = (Duration::from_secs, Duration::from_mins);
        for every in [secs(5), secs(30), secs(55)] {
            let (read, _when) = completion(every, mins(5)).await;
            assert!(read.unwrap().ends_with(LAST.as_bytes()), "{every:?}");
        }
        // None comes any more after the first one.
        assert_eq!(completion(mins(4), mins(5)).await.1, mins(1));
        // Not for ever.
        assert_eq!(completion(secs(30), mins(11)).await.1, mins(10));
    }

    #[tokio::test]
    async fn every_other_answer_has_two_minutes() {
        let timers = Timers::new(|step| {
            assert_eq!(step, LONGEST);
            Box::pin(std::future::ready(()))
        });
        assert!(matches!(overdue(&timers, None, Duration::from_mins(10)).await, Silence::Answer(120)));
    }
}
