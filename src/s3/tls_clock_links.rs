//! Certificates that are not what they should be, clocks that are wrong, and presigned links.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_async::time::{SharedTimeSource, StaticTimeSource};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::AsyncWriteExt as _;

use super::canned::{Canned, Reply, bucket, connection, key, key_source, store_at};
use super::wire::Trust;
use super::{Grouping, KeySource, RegionCache, S3Store, StoreParams, UploadTerms};
use crate::model::{Addressing, Connection, FailureKind, MAX_PRESIGN_SECS, Region, Service, TestLine, encode_key};

pub(super) const CA: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tls/ca.pem"));
const SERVER_KEY: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tls/server-key.der"));
pub(super) const GOOD: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tls/good.der"));
pub(super) const OTHER_NAME: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tls/other-name.der"));
pub(super) const EXPIRED: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tls/expired.der"));

const EMPTY_LIST: &str = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
/// 2026-11-21 00:00:00 UTC.
const NOON: u64 = 1_795_219_200;

pub(super) fn tls(certificate: &'static [u8]) -> Arc<rustls::ServerConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let chain = vec![CertificateDer::from(certificate)];
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(SERVER_KEY));
    Arc::new(builder.with_no_client_auth().with_single_cert(chain, private).unwrap())
}

async fn list_over_tls(certificate: &'static [u8], host: &str, trust: Trust) -> (Option<FailureKind>, usize) {
    let server = Canned::start_with(Some(tls(certificate)), |_, _| Reply::http(200, &[], EMPTY_LIST)).await;
    let store = server.store_of(connection(Service::Other, server.endpoint(host)), trust).await;
    let listed = store.list_objects(&bucket(), "", Grouping::Flat, None, 1).await;
    (listed.err().map(|error| error.kind()), server.asked().len())
}

#[tokio::test]
async fn a_good_certificate_is_good() {
    assert_eq!(list_over_tls(GOOD, "127.0.0.1", Trust::Only(CA.to_vec())).await, (None, 1));
}

#[tokio::test]
async fn bad_certificates_are_told_apart_and_nothing_is_sent() {
    let ours = || Trust::Only(CA.to_vec());
    assert_eq!(list_over_tls(GOOD, "127.0.0.1", Trust::Nobody).await, (Some(FailureKind::TlsNotTrusted), 0));
    assert_eq!(list_over_tls(OTHER_NAME, "127.0.0.1", ours()).await, (Some(FailureKind::TlsWrongName), 0));
    assert_eq!(list_over_tls(EXPIRED, "127.0.0.1", ours()).await, (Some(FailureKind::TlsExpired), 0));
}

#[tokio::test]
async fn no_tls_behind_https_is_said_as_such() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    let plain = tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            socket.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await.ok();
        }
    });
    let endpoint = crate::model::Endpoint::parse(&endpoint).unwrap();
    let store = store_at(connection(Service::Other, endpoint), Trust::Only(CA.to_vec()), clock_at(NOON)).await;
    let error = store.list_objects(&bucket(), "", Grouping::Flat, None, 1).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::NotS3, "{error}");
    plain.abort();
}

#[tokio::test]
async fn over_https_the_body_is_not_hashed_twice() {
    let server = Canned::start_with(Some(tls(GOOD)), |_, _| Reply::http(200, &[("etag", "\"e\"")], "")).await;
    let connection = connection(Service::Other, server.endpoint("127.0.0.1"));
    let store = server.store_of(connection, Trust::Only(CA.to_vec())).await;
    let prefix = crate::model::Prefix::new("new folder");
    store.create_folder_marker(&bucket(), &prefix).await.unwrap();
    let asked = server.asked();
    assert_eq!(asked[0].header("x-amz-content-sha256"), "UNSIGNED-PAYLOAD");
    assert_eq!(asked[0].line, "PUT /b-1/new%20folder/?x-id=PutObject");
    assert_eq!(asked[0].header("content-length"), "0");
}

fn clock_at(secs: u64) -> SharedTimeSource {
    SharedTimeSource::new(StaticTimeSource::new(UNIX_EPOCH + Duration::from_secs(secs)))
}

/// The `X-Amz-Date` and other query values of a link.
fn query(url: &str, name: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    let found = url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    found.unwrap_or_default()
}

fn amazon() -> Connection {
    let endpoint = crate::model::Endpoint::parse("https://unused.example").unwrap();
    Connection { endpoint: None, region: Region::new("eu-west-1").unwrap(), ..connection(Service::AmazonS3, endpoint) }
}

#[tokio::test]
async fn links_are_right_although_our_clock_is_wrong() {
    // Our clock is an hour behind.
    let server = Canned::start(|_, _| Reply::http(200, &[("date", "Sat, 21 Nov 2026 01:00:00 GMT")], EMPTY_LIST)).await;
    let connection = connection(Service::Other, server.endpoint("127.0.0.1"));
    let store = store_at(connection, Trust::Nobody, clock_at(NOON)).await;
    let hour = Duration::from_hours(1);
    // Nothing was asked yet: the first link asks for the time.
    let signed = store.presign_get(&bucket(), &key("k"), hour).await.unwrap();
    assert_eq!(store.regions().clock_offset_secs(), Some(3600));
    assert_eq!(query(&signed.url, "X-Amz-Date"), "20261121T010000Z");
    assert_eq!(signed.expires.as_second(), i64::try_from(NOON).unwrap() + 7200);
    assert_eq!(server.asked().len(), 1);
    let terms = UploadTerms { expires: hour, ..UploadTerms::default() };
    let upload = store.presign_put(&bucket(), &key("k"), &terms).await.unwrap();
    assert_eq!((query(&upload.url, "X-Amz-Date").as_str(), upload.expires), ("20261121T010000Z", signed.expires));
    assert_eq!(server.asked().len(), 1, "what is known is not asked again");
}

#[tokio::test]
async fn an_upload_link_signs_what_it_asks_for_and_no_more() {
    let store = store_at(amazon(), Trust::Nobody, clock_at(NOON)).await;
    store.regions().remember(&bucket(), Region::new("eu-west-1").unwrap());
    let terms = UploadTerms { expires: Duration::from_mins(10), ..UploadTerms::default() };
    let any = store.presign_put(&bucket(), &key("사진 1.png"), &terms).await.unwrap();
    assert_eq!(query(&any.url, "X-Amz-SignedHeaders"), "host;if-none-match");
    assert_eq!(any.headers, [("if-none-match".to_owned(), "*".to_owned())]);
    assert!(any.keeps_what_is_there);
    assert_eq!(query(&any.url, "X-Amz-Expires"), "600");
    let terms = UploadTerms { content_type: Some("image/png".to_owned()), size_bytes: Some(1234), ..terms };
    let exact = store.presign_put(&bucket(), &key("k"), &terms).await.unwrap();
    assert_eq!(query(&exact.url, "X-Amz-SignedHeaders"), "content-length;content-type;host;if-none-match");
    let mut headers = exact.headers.clone();
    headers.sort();
    let right = [("content-length", "1234"), ("content-type", "image/png"), ("if-none-match", "*")];
    assert_eq!(headers, right.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(!format!("{exact:?}").contains("X-Amz"));
    store.learnt().refuses_conditions.note();
    let plain = store.presign_put(&bucket(), &key("k"), &UploadTerms::default()).await.unwrap();
    assert_eq!(query(&plain.url, "X-Amz-SignedHeaders"), "host");
    assert!(!plain.keeps_what_is_there);
}

#[tokio::test]
async fn an_upload_link_promises_to_keep_what_is_there_only_where_that_was_seen() {
    let server = Canned::start(|_, _| Reply::http(200, &[], EMPTY_LIST)).await;
    let connection = connection(Service::Other, server.endpoint("127.0.0.1"));
    let store = store_at(connection, Trust::Nobody, clock_at(NOON)).await;
    store.learnt().set_facts(super::learnt::LearntFacts::default());
    let lesson = super::learnt::Lesson::HonoursConditions;
    let terms = UploadTerms { expires: Duration::from_mins(10), ..UploadTerms::default() };
    for (learnt, is_asked_for, is_promised) in
        [(None, true, false), (Some(true), true, true), (Some(false), false, false)]
    {
        if let Some(learnt) = learnt {
            store.learnt().note_known(lesson, learnt, store.now_secs());
        }
        let put = store.presign_put(&bucket(), &key("k"), &terms).await.unwrap();
        assert_eq!(put.headers.iter().any(|(name, _)| name == "if-none-match"), is_asked_for, "{learnt:?}");
        assert_eq!(put.keeps_what_is_there, is_promised, "{learnt:?}");
    }
}

#[tokio::test]
async fn a_clock_off_by_an_hour_is_told_in_minutes() {
    let server = Canned::start(|_, _| {
        let body = "<Error><Code>RequestTimeTooSkewed</Code><Message>too large</Message></Error>";
        Reply::http(403, &[("date", "Sat, 21 Nov 2026 01:00:20 GMT")], body)
    })
    .await;
    let connection = connection(Service::Other, server.endpoint("127.0.0.1"));
    let store = store_at(connection, Trust::Nobody, clock_at(NOON)).await;
    let report = store.probe(&[]).await;
    assert!(report.lines.contains(&TestLine::Clock { offset_secs: 3620 }), "{report:?}");
    let Some(TestLine::Problem(failure)) = report.lines.last() else { panic!("{report:?}") };
    assert_eq!(failure.kind, FailureKind::ClockSkew);
    assert!(failure.args.contains(&("minutes", "60".to_owned())), "{failure:?}");
}

/// When a request was signed, for example `20261121T000000Z`.
fn signed_at(asked: &super::canned::Asked) -> &str {
    asked.header("x-amz-date")
}

#[tokio::test]
async fn requests_are_signed_by_the_servers_clock_where_ours_is_wrong() {
    // Our clock is 20 minutes behind; 15 are allowed. What is signed for the server's time is taken.
    let server = Canned::start(|asked, _| {
        let is_late = signed_at(asked) < "20261121T000500Z";
        let date = ("date", "Sat, 21 Nov 2026 00:20:00 GMT");
        match (asked.method(), is_late) {
            ("HEAD", true) => Reply::head(403, &[date]),
            (_, true) => Reply::http(403, &[date], "<Error><Code>RequestTimeTooSkewed</Code></Error>"),
            ("HEAD", false) => Reply::head(404, &[date]),
            ("GET", false) => Reply::http(200, &[date], EMPTY_LIST),
            (_, false) => Reply::http(200, &[date, ("etag", "\"e\"")], ""),
        }
    })
    .await;
    let connection = connection(Service::Other, server.endpoint("127.0.0.1"));
    for first in ["list", "head", "put"] {
        let store = store_at(connection.clone(), Trust::Nobody, clock_at(NOON)).await;
        // As uploads use it: each call is one request.
        let store = store.with_one_attempt();
        let before = server.asked().len();
        for call in [first, "put", "list", "head"] {
            let error = match call {
                "list" => store.list_objects(&bucket(), "", Grouping::Flat, None, 1).await.err(),
                "head" => store.head_object(&bucket(), &key("k")).await.err(),
                _ => store.create_folder_marker(&bucket(), &crate::model::Prefix::new("f/")).await.err(),
            };
            let expected = (call == "head").then_some(FailureKind::NoSuchKey);
            assert_eq!(error.as_ref().map(super::S3Error::kind), expected, "{first} {call}: {error:?}");
        }
        assert_eq!(server.asked().len() - before, 5, "{first}: the first one is asked twice");
        assert_eq!(server.asked().iter().map(signed_at).filter(|at| *at < "20261121T001500Z").count(), 1 + before / 5);
    }
}

#[tokio::test]
async fn a_few_minutes_are_left_alone_and_a_clock_that_helps_nothing_is_asked_once_more() {
    let server = Canned::start(|asked, _| {
        let date = if asked.line.contains("near") { "00:03:00" } else { "05:00:00" };
        let date = format!("Sat, 21 Nov 2026 {date} GMT");
        Reply::http(403, &[("date", &date)], "<Error><Code>RequestTimeTooSkewed</Code></Error>")
    })
    .await;
    let connection = connection(Service::Other, server.endpoint("127.0.0.1"));
    for (name, requests) in [("near", 1), ("far", 2)] {
        let store = store_at(connection.clone(), Trust::Nobody, clock_at(NOON)).await.with_one_attempt();
        let before = server.asked().len();
        let error = store.list_objects(&bucket(), name, Grouping::Flat, None, 1).await.unwrap_err();
        assert_eq!((error.kind(), server.asked().len() - before), (FailureKind::ClockSkew, requests), "{name}");
    }
}

#[tokio::test]
async fn links_encode_keys_as_public_addresses_do() {
    let store = store_at(amazon(), Trust::Nobody, clock_at(NOON)).await;
    store.regions().remember(&bucket(), Region::new("ap-northeast-2").unwrap());
    let keys = [
        "a b",
        "a+b",
        "a%2Bb",
        "100%",
        "a?b#c",
        "한글.png",
        "\u{1112}\u{1161}\u{11ab}",
        "//x",
        "/x",
        "x/",
        "x.",
        "(1).png",
        "'\"<>&",
        "!*'();:@&=+$,",
        "\u{1f468}\u{200d}\u{1f469}",
        "/",
        "x//",
        ".",
        "../x",
        "x/./y",
        "x/../y",
        "x/..",
        "%2e%2e/x",
        "\u{1}\n\u{7f}\u{202e}\u{fffe}",
    ];
    for text in keys {
        let signed = store.presign_get(&bucket(), &key(text), Duration::from_mins(1)).await.unwrap();
        let (address, _) = signed.url.split_once('?').unwrap();
        let expected = format!("https://b-1.s3.ap-northeast-2.amazonaws.com/{}", encode_key(&key(text)));
        assert_eq!(address, expected, "{text:?}");
        assert_eq!(query(&signed.url, "X-Amz-SignedHeaders"), "host");
        assert!(query(&signed.url, "X-Amz-Credential").ends_with("/20261121/ap-northeast-2/s3/aws4_request"));
        assert!(!format!("{signed:?}").contains("X-Amz"));
    }
}

#[tokio::test]
async fn signed_requests_encode_keys_as_links_do() {
    let server = Canned::start(|_, _| Reply::head(200, &[("content-length", "0")])).await;
    let store = server.store_of(connection(Service::Other, server.endpoint("127.0.0.1")), Trust::Nobody).await;
    let keys = ["a b+%2B", "?#&=", "//x//", "../x/./y/..", "한글 \u{e9}\u{301}", "'()!*[]{}<>|^`~", "\u{1}\n\u{7f}"];
    for text in keys {
        store.head_object(&bucket(), &key(text)).await.unwrap();
        let asked = server.asked();
        let line = &asked.last().unwrap().line;
        assert_eq!(*line, format!("HEAD /b-1/{}", encode_key(&key(text))), "{text:?}");
    }
}

#[tokio::test]
async fn a_link_lives_seven_days_at_most_and_needs_keys() {
    let store = store_at(amazon(), Trust::Nobody, clock_at(NOON)).await;
    store.regions().remember(&bucket(), Region::new("eu-west-1").unwrap());
    let year = Duration::from_hours(365 * 24);
    let signed = store.presign_get(&bucket(), &key("k"), year).await.unwrap();
    assert_eq!(query(&signed.url, "X-Amz-Expires"), MAX_PRESIGN_SECS.to_string());
    let params = StoreParams { connection: amazon(), keys: KeySource::Anonymous, regions: RegionCache::new() };
    let anonymous = S3Store::connect(params).await.unwrap();
    let error = anonymous.presign_get(&bucket(), &key("k"), year).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::NoCredentials);
}

#[tokio::test]
async fn a_link_dies_with_its_keys() {
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;
    let end = UNIX_EPOCH + Duration::from_secs(NOON + 600);
    let with_end = |end: SystemTime| {
        SharedCredentialsProvider::new(Credentials::new("AKIA", "s", Some("token".to_owned()), Some(end), "test"))
    };
    let mut store = store_at(amazon(), Trust::Nobody, clock_at(NOON)).await;
    store.regions().remember(&bucket(), Region::new("eu-west-1").unwrap());
    Arc::get_mut(&mut store.inner).unwrap().provider = Some(with_end(end));
    let signed = store.presign_get(&bucket(), &key("k"), Duration::from_hours(1)).await.unwrap();
    assert_eq!(query(&signed.url, "X-Amz-Expires"), "600");
    assert_eq!(signed.expires.as_second(), i64::try_from(NOON).unwrap() + 600);
    let mut store = store_at(amazon(), Trust::Nobody, clock_at(NOON + 601)).await;
    store.regions().remember(&bucket(), Region::new("eu-west-1").unwrap());
    Arc::get_mut(&mut store.inner).unwrap().provider = Some(with_end(end));
    let error = store.presign_get(&bucket(), &key("k"), Duration::from_hours(1)).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::ExpiredToken);
}

#[tokio::test]
async fn hosts_follow_addressing() {
    let cases = [
        (Service::AmazonS3, Addressing::Auto, "my.bucket", "https://s3.eu-west-1.amazonaws.com/my.bucket/k"),
        (Service::AmazonS3, Addressing::Path, "b-1", "https://s3.eu-west-1.amazonaws.com/b-1/k"),
        (Service::AmazonS3, Addressing::DualStack, "b-1", "https://b-1.s3.dualstack.eu-west-1.amazonaws.com/k"),
        (Service::AmazonS3, Addressing::DualStack, "b.1", "https://s3.dualstack.eu-west-1.amazonaws.com/b.1/k"),
        (Service::Wasabi, Addressing::DualStack, "b-1", "https://b-1.s3.eu-west-1.wasabisys.com/k"),
        (Service::Wasabi, Addressing::Auto, "b-1", "https://b-1.s3.eu-west-1.wasabisys.com/k"),
    ];
    for (service, addressing, name, expected) in cases {
        let connection = Connection { service, addressing, ..amazon() };
        let store = store_at(connection, Trust::Nobody, clock_at(NOON)).await;
        let bucket = crate::model::BucketName::new(name).unwrap();
        store.regions().remember(&bucket, Region::new("eu-west-1").unwrap());
        let signed = store.presign_get(&bucket, &key("k"), Duration::from_mins(1)).await.unwrap();
        assert_eq!(signed.url.split('?').next(), Some(expected));
    }
}

#[tokio::test]
async fn unsigned_requests_carry_no_authorization() {
    let server = Canned::start(|_, _| Reply::http(200, &[], EMPTY_LIST)).await;
    let connection = connection(Service::Other, server.endpoint("127.0.0.1"));
    for (keys, signed) in [(KeySource::Anonymous, false), (key_source(), true)] {
        let params = StoreParams { connection: connection.clone(), keys, regions: RegionCache::new() };
        let store = S3Store::connect(params).await.unwrap();
        store.list_objects(&bucket(), "", Grouping::Flat, None, 1).await.unwrap();
        let last = server.asked().pop().unwrap();
        assert_eq!(last.header("authorization").is_empty(), !signed);
    }
}
