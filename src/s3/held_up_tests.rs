//! Tests of bodies whose own source keeps the server waiting.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use super::*;
use crate::model::FailureKind;
use crate::s3::classify::kind_of_chain;

/// A body whose bytes come when the test says so.
struct Lies(tokio::sync::mpsc::UnboundedReceiver<Bytes>);

impl http_body::Body for Lies {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(cx).map(|bytes| bytes.map(|bytes| Ok(http_body::Frame::data(bytes))))
    }
}

#[tokio::test]
async fn a_server_is_not_blamed_for_bytes_that_are_still_being_read() {
    const HOUR: usize = 720;
    // Time passes at once, as far as the test lets it.
    let left = Arc::new(AtomicUsize::new(0));
    let looks = Arc::clone(&left);
    let timers = Timers::new(move |_duration| {
        let looks = Arc::clone(&looks);
        Box::pin(std::future::poll_fn(move |_cx| {
            let look = looks.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            if look.is_ok() { Poll::Ready(()) } else { Poll::Pending }
        }))
    });
    let (bytes, lies) = tokio::sync::mpsc::unbounded_channel();
    let activity = Arc::new(Activity::default());
    let mut body = WatchedBody::new(SdkBody::from_body_1_x(Lies(lies)), None, Arc::clone(&activity));
    let limits = Limits { answer: DEFAULT_READ, body_bytes: 100, server_port: 443, progress: None };
    let mut watched = Box::pin(silence(&timers, &activity, &limits));
    let mut next = Box::pin(body.frame());
    assert!(futures_util::poll!(&mut next).is_pending());
    left.store(HOUR, Ordering::Relaxed);
    assert!(futures_util::poll!(&mut watched).is_pending(), "an hour of our own reading");
    assert_eq!(left.load(Ordering::Relaxed), 0);
    // Nor for losing its patience, by an answer or without one.
    let answer = |status: u16| Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::empty()));
    let kind_of = |result| kind_of_chain(&own_the_delay(result, &activity).unwrap_err());
    let broken = |kind: std::io::ErrorKind| Err(ConnectorError::io(std::io::Error::from(kind).into()));
    let reset = broken(std::io::ErrorKind::ConnectionReset);
    for result in [answer(400), reset, Err(ConnectorError::io("closed".into()))] {
        assert_eq!(kind_of(result), Some(FailureKind::SourceSilent));
    }
    // A line that breaks meanwhile is one that is broken.
    for kind in [std::io::ErrorKind::NetworkDown, std::io::ErrorKind::HostUnreachable] {
        assert_eq!(kind_of(broken(kind)), Some(FailureKind::Offline), "{kind:?}");
    }
    let no_answer = || Err(ConnectorError::timeout("odd".into()));
    for late in [broken(std::io::ErrorKind::TimedOut), no_answer()] {
        assert_eq!(kind_of(late), Some(FailureKind::Timeout));
    }
    assert!(own_the_delay(answer(403), &activity).is_ok());
    bytes.send(Bytes::from_static(b"there")).unwrap();
    assert!(next.await.is_some());
    assert!(own_the_delay(answer(400), &activity).is_ok());
    left.store(HOUR, Ordering::Relaxed);
    assert!(matches!(watched.await, Silence::Body(30)), "from then on it is the server's turn");
}
