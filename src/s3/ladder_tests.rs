//! Rows of the catalogue of faults that are about checksums and conditions on the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

use super::canned::{Asked, Canned, Reply, bucket, connection, key};
use super::checksum::crc64nvme;
use super::learnt::{ChecksumMode, Dated, LearntFacts};
use super::put::Teaches;
use super::{Destination, PartBody, RegionCache, S3Store, SentBytes, StoreParams, UploadId, WriteCondition};
use crate::model::{FailureKind, Service};

fn to(name: &str, condition: WriteCondition) -> Destination {
    Destination { bucket: bucket(), key: key(name), content_type: "a/b".to_owned(), options: Arc::default(), condition }
}

fn body(bytes: &'static [u8]) -> PartBody {
    PartBody { bytes: Bytes::from_static(bytes), crc64nvme: crc64nvme(bytes), sent: SentBytes::new() }
}

fn ok() -> Reply {
    Reply::http(200, &[("etag", "\"e\"")], "")
}

/// Which checksum a request carries.
fn rung(asked: &Asked) -> &'static str {
    let rungs = [("x-amz-checksum-crc64nvme", "crc64"), ("x-amz-checksum-crc32", "crc32"), ("content-md5", "md5")];
    rungs.into_iter().find(|(header, _)| !asked.header(header).is_empty()).map_or("none", |(_, name)| name)
}

fn rungs(server: &Canned) -> Vec<&'static str> {
    server.asked().iter().map(rung).collect()
}

/// The ways in which services refuse a header that they do not know.
const REFUSALS: [(u16, &str, &str); 4] = [
    (400, "InvalidArgument", "Unsupported header 'x-amz-checksum-crc64nvme' received for this API call"),
    (400, "InvalidRequest", "Checksum algorithm is not supported"),
    (501, "NotImplemented", "A header you provided implies functionality that is not implemented"),
    (411, "MissingContentLength", "You must provide the Content-Length HTTP header"),
];

#[tokio::test]
async fn h20_the_ladder_is_walked_once_and_costs_three_requests_at_most() {
    for (status, code, message) in REFUSALS {
        for (taken, expected) in [
            ("crc32", &["crc64", "crc32"][..]),
            ("md5", &["crc64", "crc32", "md5"]),
            ("none", &["crc64", "crc32", "md5", "none"]),
        ] {
            let server = Canned::start(
                move |asked, _| {
                    if rung(asked) == taken { ok() } else { Reply::error(status, code, message) }
                },
            )
            .await;
            let store = server.store().await;
            // All at once: one finds out, the others wait.
            let (any, first, second, third) = (
                WriteCondition::Any,
                to("a", WriteCondition::Any),
                to("b", WriteCondition::Any),
                to("c", WriteCondition::Any),
            );
            let (a, b, c) = tokio::join!(
                store.put_object(&first, body(b"one")),
                store.put_object(&second, body(b"two")),
                store.put_object(&third, body(b"three")),
            );
            assert!(a.is_ok() && b.is_ok() && c.is_ok(), "{code}: {a:?} {b:?} {c:?}");
            store.put_object(&to("d", any), body(b"four")).await.unwrap();
            let expected = [expected, &[taken; 3]].concat();
            assert_eq!(rungs(&server), expected, "{code}");
        }
    }
}

#[tokio::test]
async fn h20_those_who_waited_for_the_first_write_do_not_wait_for_each_other() {
    let server = Canned::start(|_, _| ok()).await;
    let store = server.store().await;
    let (is_first_through, both_are_out) = (AtomicBool::new(false), tokio::sync::Barrier::new(2));
    let write = async || {
        store
            .with_checksum(Teaches::Rung, async |_mode| {
                if is_first_through.swap(true, Ordering::Relaxed) {
                    // Far less than a turn may last.
                    tokio::time::timeout(std::time::Duration::from_secs(4), both_are_out.wait()).await.unwrap();
                }
                Ok(())
            })
            .await
    };
    let (a, b, c) = tokio::join!(write(), write(), write());
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
}

#[tokio::test]
async fn h20_a_signature_that_the_header_spoils_is_taken_for_a_refusal_once_reading_works() {
    let server = Canned::start(|asked, _| match (asked.method(), rung(asked)) {
        ("PUT", "md5") => ok(),
        ("PUT", _) => Reply::error(403, "SignatureDoesNotMatch", "no"),
        _ => Reply::http(200, &[("content-type", "application/xml")], "<ListBucketResult></ListBucketResult>"),
    })
    .await;
    let store = server.store().await;
    store.list_objects(&bucket(), "", super::Grouping::Flat, None, 1).await.unwrap();
    store.put_object(&to("a", WriteCondition::Any), body(b"x")).await.unwrap();
    // The second of the same kind rules out that bytes were damaged on the way.
    assert_eq!(rungs(&server)[1..], ["crc64", "crc64", "md5"]);
}

#[tokio::test]
async fn h20_damage_on_the_way_is_not_taken_for_a_refusal() {
    let server = Canned::start(|_, number| match number {
        0 => {
            Reply::error(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match")
        }
        _ => ok(),
    })
    .await;
    let store = server.store().await;
    store.put_object(&to("a", WriteCondition::Any), body(b"x")).await.unwrap();
    store.put_object(&to("b", WriteCondition::Any), body(b"x")).await.unwrap();
    assert_eq!(rungs(&server), ["crc64", "crc64", "crc64"]);
}

#[tokio::test]
async fn h20_parts_have_a_ladder_of_their_own_and_creating_an_upload_teaches_nothing() {
    let server = Canned::start(|asked, _| match (asked.method(), rung(asked)) {
        ("POST", _) => Reply::http(
            200,
            &[],
            "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>",
        ),
        (_, "md5") => ok(),
        _ => Reply::error(501, "NotImplemented", "x-amz-checksum-crc64nvme"),
    })
    .await;
    let store = server.store().await;
    let destination = to("a", WriteCondition::Any);
    let upload = store.create_multipart_upload(&destination).await.unwrap();
    assert_eq!(upload, UploadId("u".to_owned()));
    store.upload_part(&destination, &upload, 1, body(b"x")).await.unwrap();
    store.upload_part(&destination, &upload, 2, body(b"y")).await.unwrap();
    let rungs = rungs(&server);
    assert_eq!((rungs[1], rungs.last(), rungs.len() <= 5), ("crc64", Some(&"md5"), true), "{rungs:?}");
}

#[tokio::test]
async fn h20_what_was_learnt_in_an_earlier_run_holds_for_this_endpoint_only() {
    let server = Canned::start(|_, _| ok()).await;
    let endpoint = server.endpoint("127.0.0.1");
    let now_secs = jiff::Timestamp::now().as_second();
    for (host, age_days, expected) in
        [(endpoint.authority(), 1, "md5"), (endpoint.authority(), 31, "crc64"), ("elsewhere:1", 1, "crc64")]
    {
        let checksum = Dated { value: ChecksumMode::ContentMd5, learnt_secs: now_secs - age_days * 86_400 };
        let mut facts = LearntFacts::default();
        (facts.endpoint, facts.checksum) = (host.to_owned(), Some(checksum));
        let facts = LearntFacts::from_json(&facts.to_json()).unwrap();
        let regions = RegionCache::new();
        regions.set_learnt_facts(facts);
        let store = S3Store::connect(StoreParams {
            connection: connection(Service::Other, endpoint.clone()),
            keys: super::canned::key_source(),
            regions: regions.clone(),
        })
        .await
        .unwrap();
        store.put_object(&to("a", WriteCondition::Any), body(b"x")).await.unwrap();
        assert_eq!(rungs(&server).last(), Some(&expected), "{host} {age_days}");
        assert_eq!(regions.learnt_facts().endpoint, endpoint.authority());
    }
}

#[tokio::test]
async fn h32_a_locked_bucket_gets_a_checksum_with_every_write() {
    const WANTS: &str =
        "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters";
    let server = Canned::start(|asked, _| match rung(asked) {
        "none" => Reply::error(400, "InvalidRequest", WANTS),
        "md5" => ok(),
        _ => Reply::error(501, "NotImplemented", "no such header"),
    })
    .await;
    let store = server.store().await;
    store.put_object(&to("a", WriteCondition::Any), body(b"x")).await.unwrap();
    store.put_object(&to("b", WriteCondition::Any), body(b"x")).await.unwrap();
    assert!(!rungs(&server).contains(&"none"));
    // A bucket that is never content does not lead down the ladder.
    let server = Canned::start(|_, _| Reply::error(400, "InvalidRequest", WANTS)).await;
    server.store().await.put_object(&to("a", WriteCondition::Any), body(b"x")).await.unwrap_err();
    assert_eq!(rungs(&server), ["crc64"]);
}

#[tokio::test]
async fn h37_where_conditions_are_ignored_a_head_comes_first() {
    let server = Canned::start(|asked, _| match asked.method() {
        "HEAD" if asked.line.contains("taken") => Reply::head(200, &[("etag", "\"e\""), ("content-length", "1")]),
        "HEAD" => Reply::head(404, &[]),
        _ => ok(),
    })
    .await;
    let store = server.store().await;
    let learnt = store.learnt();
    learnt.note_known(super::learnt::Lesson::HonoursConditions, false, store.now_secs());
    store.put_object(&to("free", WriteCondition::OnlyIfAbsent), body(b"x")).await.unwrap();
    let error = store.put_object(&to("taken", WriteCondition::OnlyIfAbsent), body(b"x")).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::AlreadyExists);
    let methods: Vec<String> = server.asked().iter().map(|asked| asked.method().to_owned()).collect();
    assert_eq!(methods, ["HEAD", "PUT", "HEAD"]);
    assert!(server.asked().iter().all(|asked| asked.header("if-none-match").is_empty()));
}

#[tokio::test]
async fn h37_a_condition_that_is_refused_is_no_matter_of_checksums() {
    let server = Canned::start(|asked, _| match asked.method() {
        "HEAD" => Reply::head(404, &[]),
        _ if !asked.header("if-none-match").is_empty() => Reply::error(
            501,
            "NotImplemented",
            "A header you provided implies functionality that is not implemented: If-None-Match",
        ),
        _ => ok(),
    })
    .await;
    let store = server.store().await;
    store.put_object(&to("a", WriteCondition::OnlyIfAbsent), body(b"x")).await.unwrap();
    assert_eq!(rungs(&server), ["crc64", "none", "crc64"], "PUT, HEAD, PUT");
}

#[tokio::test]
async fn h37_what_another_header_is_refused_for_says_nothing_of_conditions() {
    // Named, or found out by leaving the condition out.
    for words in ["A header you provided implies functionality that is not implemented: x-amz-tagging", "not here"] {
        let server = Canned::start(move |asked, _| match asked.method() {
            "HEAD" => Reply::head(404, &[]),
            _ if asked.line.contains("odd") => Reply::error(501, "NotImplemented", words),
            _ => ok(),
        })
        .await;
        let store = server.store().await;
        let refused = store.put_object(&to("odd", WriteCondition::OnlyIfAbsent), body(b"x")).await.unwrap_err();
        assert_eq!(refused.kind(), FailureKind::Unsupported, "{words}");
        store.put_object(&to("a", WriteCondition::OnlyIfAbsent), body(b"x")).await.unwrap();
        let asked = server.asked();
        let last = asked.last().unwrap();
        assert_eq!((last.method(), last.header("if-none-match")), ("PUT", "*"), "{words}");
        assert!(!store.ignores_conditions(), "{words}");
    }
}

#[tokio::test]
async fn h37_only_the_services_own_word_on_a_condition_that_was_sent_shows_that_it_heeds_them() {
    let lesson = super::learnt::Lesson::HonoursConditions;
    for (code, condition, known) in [
        ("PreconditionFailed", WriteCondition::OnlyIfAbsent, Some(true)),
        ("PreconditionFailed", WriteCondition::Any, None),
        ("AccessDenied", WriteCondition::OnlyIfAbsent, None),
    ] {
        let server = Canned::start(move |asked, _| match asked.method() {
            "HEAD" => Reply::head(404, &[]),
            _ => Reply::error(412, code, "no"),
        })
        .await;
        let store = server.strange_store_of(Service::Other).await.with_one_attempt();
        store.put_object(&to("a", condition), body(b"x")).await.unwrap_err();
        assert_eq!(store.learnt().known(lesson, store.now_secs()), known, "{code}, {condition:?}");
    }
}

/// A service of unknown make that knows one key, and writes under a condition only where nothing is.
async fn stranger(service: Service) -> (Canned, S3Store) {
    let server = Canned::start(|asked, _| match (asked.method(), asked.line.contains("taken")) {
        ("HEAD", true) => Reply::head(200, &[("etag", "\"e\""), ("content-length", "1")]),
        ("HEAD", false) => Reply::head(404, &[]),
        (_, true) => Reply::error(412, "PreconditionFailed", "exists"),
        (_, false) => ok(),
    })
    .await;
    let store = server.strange_store_of(service).await.with_one_attempt();
    (server, store)
}

fn methods(server: &Canned) -> Vec<String> {
    server.asked().iter().map(|asked| asked.method().to_owned()).collect()
}

#[tokio::test]
async fn h37_a_stranger_is_looked_at_first_until_it_is_known_to_heed_conditions() {
    for service in [Service::Other, Service::GoogleCloud] {
        let (server, store) = stranger(service).await;
        let put = |name: &str| {
            let (store, to) = (store.clone(), to(name, WriteCondition::OnlyIfAbsent));
            async move { store.put_object(&to, body(b"abc")).await }
        };
        put("a").await.unwrap();
        put("b").await.unwrap();
        assert_eq!(put("taken").await.unwrap_err().kind(), FailureKind::AlreadyExists);
        // Each write looks, and nothing is written beside what was meant: what was just stored could be lost by it.
        assert_eq!(methods(&server), ["HEAD", "PUT", "HEAD", "PUT", "HEAD"], "{service:?}");
        assert!(server.asked().iter().all(|asked| asked.header("expect").is_empty()));

        store.learnt().note_known(super::learnt::Lesson::HonoursConditions, true, store.now_secs());
        put("c").await.unwrap();
        assert_eq!(put("taken").await.unwrap_err().kind(), FailureKind::AlreadyExists);
        assert_eq!(methods(&server)[5..], ["PUT", "PUT"], "{service:?}: nobody looks any more");
    }
}

#[tokio::test]
async fn h37_a_known_name_at_another_host_is_looked_at_first_and_asked_for_its_checksums() {
    for service in [Service::AmazonS3, Service::CloudflareR2] {
        let server = Canned::start(|asked, _| match (asked.method(), rung(asked)) {
            ("HEAD", _) if asked.line.contains("taken") => {
                Reply::head(200, &[("etag", "\"e\""), ("content-length", "1")])
            }
            ("HEAD", _) => Reply::head(404, &[]),
            (_, "crc64") => Reply::error(501, "NotImplemented", "no such header"),
            // It overwrites in spite of If-None-Match, and keeps versions, so that nothing is tried.
            _ => Reply::http(200, &[("etag", "\"e\""), ("x-amz-version-id", "v")], ""),
        })
        .await;
        let store = server.strange_store_of(service).await;
        let error = store.put_object(&to("taken", WriteCondition::OnlyIfAbsent), body(b"x")).await.unwrap_err();
        assert_eq!(error.kind(), FailureKind::AlreadyExists, "{service:?}");
        let (first, other) = (to("a", WriteCondition::Any), to("b", WriteCondition::Any));
        let (one, two) = tokio::join!(store.put_object(&first, body(b"x")), store.put_object(&other, body(b"x")));
        one.unwrap();
        two.unwrap();
        // One write walks the ladder, the other one waits for what it finds.
        assert_eq!(rungs(&server), ["none", "crc64", "crc32", "crc32"], "{service:?}");
    }
}

#[tokio::test]
async fn h20_who_may_not_list_is_not_told_of_a_wrong_secret() {
    let server = Canned::start(|asked, _| match (asked.method(), rung(asked)) {
        ("PUT", "md5") => ok(),
        ("PUT", _) => Reply::error(403, "SignatureDoesNotMatch", "no"),
        _ => Reply::error(403, "AccessDenied", "not for you"),
    })
    .await;
    let store = server.store().await;
    // Nothing was listed before: the refusal of a listing shows that the keys are good.
    store.put_object(&to("a", WriteCondition::Any), body(b"x")).await.unwrap();
    assert_eq!(rungs(&server), ["crc64", "none", "crc64", "md5"]);
}
