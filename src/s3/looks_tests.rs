//! A key was looked at before a write, and the write had to wait: what came meanwhile is not overwritten.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use jiff::Timestamp;

use super::canned::{Canned, Reply, bucket, key};
use super::{
    CallEnd, CallGate, CallKind, CallPass, Destination, GateFuture, LOOK_COUNTS_FOR, Looked, PartBody, S3Error,
    SentBytes, Stored, WriteCondition, checksum,
};
use crate::model::{FailureKind, Service};

/// Lets writes out only after the look that came before them has grown old.
#[derive(Debug)]
pub(super) struct Slow;

#[derive(Debug)]
struct Out;

impl CallPass for Out {
    fn lost(&self) -> GateFuture<'static, ()> {
        Box::pin(std::future::pending())
    }

    fn ended(self: Box<Self>, _end: CallEnd) {}
}

impl CallGate for Slow {
    fn enter(&self, call: CallKind) -> GateFuture<'_, Option<Box<dyn CallPass>>> {
        Box::pin(async move {
            if call == CallKind::Write {
                tokio::time::sleep(LOOK_COUNTS_FOR).await;
            }
            Some(Box::new(Out) as Box<dyn CallPass>)
        })
    }
}

const OLD: &str = "Thu, 01 Jan 2026 00:00:00 GMT";
const NEW: &str = "Sun, 01 Nov 2026 00:00:00 GMT";

/// Between the two.
fn ours() -> Timestamp {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

/// What is known of the service and `If-None-Match`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heeds {
    Perhaps,
    Never,
}

/// What a PUT comes to that waits longer than a look counts. At the first look `before` stands there, later `after`:
/// times of change. Also whether it was sent, and how often was looked.
async fn put(
    condition: WriteCondition,
    heeds: Heeds,
    before: Option<&'static str>,
    after: Option<&'static str>,
) -> (Result<Stored, S3Error>, bool, usize) {
    let (was_looked, was_sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (looked, sent) = (Arc::clone(&was_looked), Arc::clone(&was_sent));
    let server = Canned::start(move |asked, _| {
        if asked.method() == "PUT" {
            sent.store(true, Ordering::SeqCst);
            return Reply::http(200, &[("etag", "\"e\"")], "");
        }
        let stands = if looked.swap(true, Ordering::SeqCst) { after } else { before };
        stands.map_or_else(
            || Reply::head(404, &[]),
            |time| Reply::head(200, &[("etag", "\"theirs\""), ("last-modified", time)]),
        )
    })
    .await;
    let bytes = Bytes::from_static(b"ours");
    let body = PartBody { crc64nvme: checksum::crc64nvme(&bytes), bytes, sent: SentBytes::new() };
    let store = server.strange_store_of(Service::Other).await.gated(Arc::new(Slow));
    if heeds == Heeds::Never {
        store.learnt().refuses_conditions.note();
    }
    if matches!(condition, WriteCondition::OnlyIfOlder { .. }) {
        was_looked.store(true, Ordering::SeqCst);
    }
    let to = Destination {
        bucket: bucket(),
        key: key("k"),
        content_type: "text/plain".to_owned(),
        options: Arc::default(),
        condition,
    };
    let result = store.put_object(&to, body).await;
    let looks = server.asked().iter().filter(|asked| asked.method() == "HEAD").count();
    (result, was_sent.load(Ordering::SeqCst), looks)
}

#[tokio::test]
async fn a_small_write_that_waited_is_looked_at_again_once_it_may_go_out() {
    let (refused, was_sent, _) = put(WriteCondition::OnlyIfAbsent, Heeds::Perhaps, None, Some(NEW)).await;
    assert_eq!(refused.unwrap_err().kind(), FailureKind::AlreadyExists);
    assert!(!was_sent, "it was sent all the same");
    let (stored, was_sent, looks) = put(WriteCondition::OnlyIfAbsent, Heeds::Perhaps, None, None).await;
    assert!(stored.is_ok() && was_sent && looks == 2, "{stored:?}, {looks} looks");
}

#[tokio::test]
async fn a_service_without_conditions_is_looked_at_again_too() {
    let (refused, was_sent, looks) = put(WriteCondition::OnlyIfAbsent, Heeds::Never, None, Some(NEW)).await;
    assert_eq!(refused.unwrap_err().kind(), FailureKind::AlreadyExists);
    assert!(!was_sent && looks == 2, "{looks} looks");
    let (stored, was_sent, looks) = put(WriteCondition::OnlyIfAbsent, Heeds::Never, None, None).await;
    assert!(stored.is_ok() && was_sent && looks == 2, "{stored:?}, {looks} looks");
}

#[tokio::test]
async fn under_the_rule_newer_what_came_meanwhile_stays_if_it_is_newer() {
    let than = WriteCondition::OnlyIfOlder { than: ours(), looked: Looked::now() };
    let (refused, was_sent, _) = put(than, Heeds::Perhaps, Some(OLD), Some(NEW)).await;
    assert_eq!(refused.unwrap_err().kind(), FailureKind::AlreadyExists);
    assert!(!was_sent, "it was sent all the same");
    for after in [Some(OLD), None] {
        let (stored, was_sent, looks) = put(than, Heeds::Perhaps, Some(OLD), after).await;
        assert!(stored.is_ok() && was_sent && looks == 1, "{stored:?}, {looks} looks");
    }
}
