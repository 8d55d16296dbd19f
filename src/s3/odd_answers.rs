//! How the store takes answers that a good service would not give, and refusals that it would.

use std::sync::Arc;

use bytes::Bytes;

use super::canned::{Canned, Reply, SECRET, bucket, connection, key};
use super::checksum::{crc64nvme, to_base64};
use super::wire::Trust;
use super::{Destination, Grouping, PartBody, S3Error, S3Store, SentBytes, Stored, WriteCondition};
use crate::model::{Endpoint, FailureKind, PageToken, Region, Service, TestLine};

fn destination(condition: WriteCondition) -> Destination {
    Destination {
        bucket: bucket(),
        key: key("a b+한글.txt"),
        content_type: "text/plain; charset=utf-8".to_owned(),
        options: Arc::default(),
        condition,
    }
}

fn body(bytes: Vec<u8>) -> PartBody {
    let crc64nvme = crc64nvme(&bytes);
    PartBody { bytes: Bytes::from(bytes), crc64nvme, sent: SentBytes::new() }
}

async fn put(store: &S3Store, condition: WriteCondition) -> (Result<Stored, S3Error>, u64) {
    let body = body(b"hello".to_vec());
    let sent = body.sent.clone();
    (store.put_object(&destination(condition), body).await, sent.get())
}

async fn list(store: &S3Store) -> Result<crate::model::ObjectPage, S3Error> {
    store.list_objects(&bucket(), "p/", Grouping::Folders, None, 50).await
}

const HTML: &str = "<!DOCTYPE html><html><body>Welcome to the hotel</body></html>";
const EMPTY_LIST: &str = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

fn list_answer() -> Reply {
    Reply::http(200, &[("content-type", "application/xml")], EMPTY_LIST)
}

#[tokio::test]
async fn a_put_carries_what_it_must_and_no_more() {
    let crc = to_base64(crc64nvme(b"hello"));
    let echoed = crc.clone();
    let server = Canned::start(move |_, _| {
        Reply::http(200, &[("etag", "\"5d41\""), ("x-amz-checksum-crc64nvme", &echoed), ("x-amz-version-id", "v1")], "")
    })
    .await;
    let (stored, sent) = put(&server.store().await, WriteCondition::OnlyIfAbsent).await;
    let expected = Stored { etag: Some("5d41".to_owned()), version_id: Some("v1".to_owned()), checksum_echoed: true };
    assert_eq!((stored, sent), (Ok(expected), 5));
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].line, "PUT /b-1/a%20b%2B%ED%95%9C%EA%B8%80.txt?x-id=PutObject");
    assert_eq!(asked[0].body, b"hello");
    assert_eq!(asked[0].header("x-amz-checksum-crc64nvme"), crc);
    assert_eq!(asked[0].header("if-none-match"), "*");
    assert_eq!(asked[0].header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(asked[0].header("content-length"), "5");
    // Over plain HTTP the signature covers the body.
    let sha = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    assert_eq!(asked[0].header("x-amz-content-sha256"), sha);
    for absent in
        ["x-amz-acl", "x-amz-trailer", "content-md5", "x-amz-sdk-checksum-algorithm", "content-encoding", "expect"]
    {
        assert_eq!(asked[0].header(absent), "", "{absent}");
    }
}

#[tokio::test]
async fn a_web_page_is_no_success() {
    let server = Canned::start(|asked, _| match asked.method() {
        "GET" if asked.line.contains("list-type") => list_answer(),
        _ => Reply::http(200, &[("content-type", "text/html; charset=utf-8")], HTML),
    })
    .await;
    let store = server.store().await;
    // The endpoint was typed and has never spoken S3: most likely it is the wrong one.
    let (error, sent) = put(&store, WriteCondition::Any).await;
    assert_eq!((error.unwrap_err().kind(), sent), (FailureKind::NotS3, 0));
    let error = store.list_buckets().await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::NotS3);
    assert_eq!(
        error.to_failure().args.iter().find(|(name, _)| *name == "host").unwrap().1,
        server.endpoint("127.0.0.1").authority()
    );
    // It has spoken S3 before: something has come between.
    list(&store).await.unwrap();
    let (error, _) = put(&store, WriteCondition::Any).await;
    assert_eq!(error.unwrap_err().kind(), FailureKind::LoginPage);
    assert_eq!(store.list_buckets().await.unwrap_err().kind(), FailureKind::LoginPage);
}

#[tokio::test]
async fn nothing_that_calls_itself_html_is_no_web_page_in_answer_to_a_setting() {
    let (empty, page) = (
        || Reply::http(200, &[("content-type", "text/html")], ""),
        || Reply::http(200, &[("content-type", "text/html; charset=utf-8")], HTML),
    );
    let server = Canned::start(move |asked, _| match asked.method() {
        "GET" if asked.line.contains("list-type") => list_answer(),
        "PUT" if asked.line.contains("page") => page(),
        _ => empty(),
    })
    .await;
    let store = server.store().await;
    list(&store).await.unwrap();
    let other = crate::model::BucketName::new("page").unwrap();
    store.put_bucket_policy(&super::canned::bucket(), "{}").await.unwrap();
    store.delete_bucket_policy(&super::canned::bucket()).await.unwrap();
    assert_eq!(store.put_bucket_policy(&other, "{}").await.unwrap_err().kind(), FailureKind::LoginPage);
    let (error, _) = put(&store, WriteCondition::Any).await;
    assert_eq!(error.unwrap_err().kind(), FailureKind::LoginPage, "an object would have a tag");
}

#[tokio::test]
async fn an_answer_without_etag_is_looked_into() {
    let server = Canned::start(|asked, _| match asked.method() {
        "HEAD" => Reply::head(200, &[("etag", "\"5d41402abc4b2a76b9719d911017c592\""), ("content-length", "5")]),
        _ => Reply::http(200, &[], ""),
    })
    .await;
    let (stored, sent) = put(&server.store().await, WriteCondition::Any).await;
    assert_eq!((stored.unwrap().etag.as_deref(), sent), (Some("5d41402abc4b2a76b9719d911017c592"), 5));

    // What nothing shows to be ours does not lend us its tag.
    let another = Canned::start(|asked, _| match asked.method() {
        "HEAD" => Reply::head(200, &[("etag", "\"e\""), ("content-length", "60")]),
        _ => Reply::http(200, &[], ""),
    })
    .await;
    assert_eq!(put(&another.store().await, WriteCondition::Any).await.0.unwrap(), Stored::default());

    let portal = Canned::start(|asked, _| match asked.method() {
        "HEAD" => Reply::head(200, &[("content-length", "60")]),
        _ => Reply::http(200, &[("content-type", "text/plain")], "ok"),
    })
    .await;
    let (error, sent) = put(&portal.store().await, WriteCondition::Any).await;
    assert_eq!((error.unwrap_err().kind(), sent), (FailureKind::LoginPage, 0));
}

#[tokio::test]
async fn a_lost_answer_to_a_conditional_put_is_found_out() {
    for (stored_bytes, expected) in [(b"hello", None), (b"other", Some(FailureKind::AlreadyExists))] {
        let crc = to_base64(crc64nvme(stored_bytes));
        let server = Canned::start(move |asked, number| match (asked.method(), number) {
            ("PUT", 0) => Reply::Close,
            ("PUT", _) => Reply::error(412, "PreconditionFailed", "exists"),
            _ => Reply::head(200, &[("etag", "\"e\""), ("content-length", "5"), ("x-amz-checksum-crc64nvme", &crc)]),
        })
        .await;
        let (result, sent) = put(&server.store().await, WriteCondition::OnlyIfAbsent).await;
        match expected {
            None => assert_eq!((result.map(|stored| stored.checksum_echoed), sent), (Ok(true), 5)),
            Some(kind) => assert_eq!((result.unwrap_err().kind(), sent), (kind, 0)),
        }
        let methods: Vec<String> = server.asked().iter().map(|asked| asked.method().to_owned()).collect();
        assert_eq!(methods, ["PUT", "PUT", "HEAD"]);
    }
}

#[tokio::test]
async fn a_412_at_the_first_try_is_simply_there_already() {
    let server = Canned::start(|_, _| Reply::error(412, "PreconditionFailed", "exists")).await;
    let (result, _) = put(&server.store().await, WriteCondition::OnlyIfAbsent).await;
    assert_eq!(result.unwrap_err().kind(), FailureKind::AlreadyExists);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn progress_is_taken_back_when_an_attempt_is_cut() {
    let sent = SentBytes::new();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (watched, notes) = (sent.clone(), Arc::clone(&seen));
    let server = Canned::start(move |_, number| {
        notes.lock().unwrap().push(watched.get());
        if number == 0 { Reply::CutBody(1_000_000) } else { Reply::http(200, &[("etag", "\"e\"")], "") }
    })
    .await;
    let mut body = body(vec![1; 6_000_000]);
    body.sent = sent.clone();
    server.store().await.put_object(&destination(WriteCondition::Any), body).await.unwrap();
    assert_eq!(sent.get(), 6_000_000);
    // When the second request came, little more than what the socket buffers of one attempt hold was counted.
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    assert!(seen[1] < 6_000_000, "{seen:?}");
    assert_eq!(server.asked()[1].body.len(), 6_000_000);
}

#[tokio::test]
async fn a_dropped_upload_takes_its_progress_back() {
    let server = Canned::start(|_, _| Reply::Raw(Vec::new())).await;
    let body = body(vec![1; 300_000]);
    let sent = body.sent.clone();
    let store = server.store().await;
    let to = destination(WriteCondition::Any);
    {
        let mut call = Box::pin(store.put_object(&to, body));
        tokio::select! {
            ended = &mut call => panic!("the server never answers: {ended:?}"),
            () = server.wait_until(|counts| counts.requests == 1) => {}
        }
        assert_eq!(sent.get(), 300_000);
    }
    // The connection's task sees that nobody waits, gives its share back and closes.
    server.wait_until(|counts| counts.ended == 1).await;
    assert_eq!(sent.get(), 0);
}

#[tokio::test]
async fn services_that_refuse_checksum_headers_are_asked_once() {
    let server = Canned::start(|asked, _| {
        if asked.headers.keys().any(|name| name.starts_with("x-amz-checksum")) {
            return Reply::error(400, "InvalidArgument", "Unsupported header 'x-amz-checksum-crc64nvme' received");
        }
        Reply::http(200, &[("etag", "\"e\"")], "")
    })
    .await;
    let store = server.store().await;
    put(&store, WriteCondition::Any).await.0.unwrap();
    put(&store, WriteCondition::Any).await.0.unwrap();
    let asked = server.asked();
    assert_eq!(asked.len(), 4, "CRC64NVME, CRC32 and MD5, then MD5 at once");
    assert_eq!(asked[3].header("content-md5"), "XUFAKrxLKna5cZ2REBfFkg==");
}

#[tokio::test]
async fn known_services_are_not_even_asked() {
    let server = Canned::start(|_, _| Reply::http(200, &[("etag", "\"e\"")], "")).await;
    let b2 = connection(Service::BackblazeB2, server.endpoint("127.0.0.1"));
    put(&server.store_of(b2, Trust::Nobody).await, WriteCondition::Any).await.0.unwrap();
    let asked = server.asked();
    assert_eq!(
        (asked[0].header("content-md5"), asked[0].header("x-amz-checksum-crc64nvme")),
        ("XUFAKrxLKna5cZ2REBfFkg==", "")
    );
}

#[tokio::test]
async fn a_wrong_secret_is_no_matter_of_checksums() {
    let server =
        Canned::start(|_, _| Reply::error(403, "SignatureDoesNotMatch", "The request signature we calculated…")).await;
    let (error, _) = put(&server.store().await, WriteCondition::Any).await;
    assert_eq!(error.unwrap_err().kind(), FailureKind::WrongSecret);
    let methods: Vec<String> = server.asked().iter().map(|asked| asked.method().to_owned()).collect();
    assert_eq!(methods, ["PUT", "GET"], "reading does not work either");
}

#[tokio::test]
async fn a_server_that_wants_to_be_left_alone_is_heard() {
    type Headers = &'static [(&'static str, &'static str)];
    const CASES: [(Headers, Option<u64>); 7] = [
        (&[("retry-after", "20")], Some(20)),
        (&[("x-amz-retry-after", "1500")], Some(2)),
        (&[("retry-after", "Sat, 21 Nov 2026 15:47:05 GMT"), ("date", DATE)], Some(30)),
        (&[("retry-after", "Sat, 21 Nov 2026 15:40:05 GMT"), ("date", DATE)], None),
        (&[("retry-after", "soon")], None),
        (&[("retry-after", "-1")], None),
        (&[], None),
    ];
    for (headers, secs) in CASES {
        let server = Canned::start(move |_, _| Reply::http(503, headers, SLOW_DOWN)).await;
        let error = list(&server.store().await.with_one_attempt()).await.unwrap_err();
        assert_eq!(error.kind(), FailureKind::Throttled);
        assert_eq!(error.to_failure().retry_after_secs(), secs, "{headers:?}");
    }
}

const DATE: &str = "Sat, 21 Nov 2026 15:46:35 GMT";
const SLOW_DOWN: &str = "<Error><Code>SlowDown</Code><Message>Slow down.</Message></Error>";

#[tokio::test]
async fn refusals_have_their_causes() {
    use FailureKind as K;
    let cases: [(u16, &str, FailureKind, usize); 12] = [
        (403, "InvalidAccessKeyId", K::UnknownAccessKey, 1),
        (403, "SignatureDoesNotMatch", K::WrongSecret, 1),
        (403, "AccessDenied", K::AccessDenied, 1),
        (404, "NoSuchBucket", K::NoSuchBucket, 1),
        (400, "ExpiredToken", K::ExpiredToken, 1),
        (400, "InvalidToken", K::InvalidToken, 1),
        (429, "TooManyRequests", K::Throttled, 1),
        (503, "SlowDown", K::Throttled, 3),
        (500, "InternalError", K::ServerError, 3),
        (400, "RequestTimeout", K::Timeout, 3),
        (507, "XMinioStorageFull", K::StorageFull, 1),
        (403, "RequestTimeTooSkewed", K::ClockSkew, 1),
    ];
    for (status, code, kind, requests) in cases {
        let server = Canned::start(move |_, _| Reply::error(status, code, "said\nso")).await;
        let error = list(&server.store().await).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{code}: {error}");
        assert_eq!(error.code(), Some(code));
        assert_eq!(server.asked().len(), requests, "{code}");
        let failure = error.to_failure();
        assert!(failure.detail.contains(code) && failure.detail.contains("REQ1"), "{}", failure.detail);
        assert!(failure.detail.contains("said\\u{a}so") && !failure.detail.contains(SECRET));
        assert!(failure.args.contains(&("action", "s3:ListBucket".to_owned())), "{failure:?}");
        assert!(failure.args.contains(&("bucket", "b-1".to_owned())));
    }
}

#[tokio::test]
async fn bare_and_broken_answers_have_causes_too() {
    use FailureKind as K;
    let cases: Vec<(fn() -> Reply, FailureKind)> = vec![
        (|| Reply::http(502, &[("content-type", "text/html")], "<html>bad gateway</html>"), K::ServerError),
        (|| Reply::http(511, &[("content-type", "text/html")], HTML), K::LoginPage),
        (|| Reply::http(407, &[], ""), K::ProxyLogin),
        (|| Reply::http(404, &[("content-type", "text/html")], HTML), K::NotS3),
        (|| Reply::http(302, &[("location", "https://login.example/")], ""), K::NotS3),
        (|| Reply::http(200, &[("content-type", "application/json")], "{\"a\":1}"), K::NotS3),
        (|| Reply::http(200, &[("content-type", "application/xml")], "<Other/>"), K::NotS3),
        (|| Reply::Raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec()), K::NotS3),
        (|| Reply::Last(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n<ListBucketResult>".to_vec()), K::Offline),
        (|| Reply::Last(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<ListBucketResult>".to_vec()), K::Offline),
    ];
    for (number, (reply, kind)) in cases.into_iter().enumerate() {
        let server = Canned::start(move |_, _| reply()).await;
        let error = list(&server.store().await).await.unwrap_err();
        assert_eq!(error.kind(), kind, "case {number}: {error}");
    }
}

#[tokio::test]
async fn a_cut_answer_is_no_list() {
    let server = Canned::start(|_, _| Reply::Close).await;
    let error = list(&server.store().await).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::Offline, "{error}");
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn nobody_there_is_said_as_such() {
    // Taken, so that nobody else gets it, and never listened at.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let endpoint = Endpoint::parse(&format!("http://{}", taken.local_addr().unwrap())).unwrap();
    let server = Canned::start(|_, _| Reply::Close).await;
    let store = server.store_of(connection(Service::Other, endpoint), Trust::Nobody).await;
    assert_eq!(list(&store).await.unwrap_err().kind(), FailureKind::ConnectionRefused);
    let unknown = Endpoint::parse("http://no-such-host.invalid").unwrap();
    let store = server.store_of(connection(Service::Other, unknown), Trust::Nobody).await;
    let error = list(&store).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::HostNotFound, "{error}");
}

#[tokio::test]
async fn huge_and_deep_answers_are_survived() {
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let answer = format!("<ListBucketResult>{deep}<IsTruncated>false</IsTruncated></ListBucketResult>");
    let server = Canned::start(move |_, _| Reply::http(200, &[("content-type", "application/xml")], &answer)).await;
    let _either = list(&server.store().await).await.is_ok();

    let huge = "x".repeat(super::wire::MAX_ANSWER_BYTES + 1);
    let server = Canned::start(move |_, _| Reply::http(200, &[], &huge)).await;
    let error = list(&server.store().await).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::NotS3, "{error}");
    assert!(error.detail().contains("16 MiB"), "{error}");
}

#[tokio::test]
async fn a_wrong_region_is_repaired_once_at_the_same_host() {
    let server = Canned::start(|asked, _| {
        let signed_for_seoul = asked.header("authorization").contains("/ap-northeast-2/s3/");
        if signed_for_seoul {
            return list_answer();
        }
        let body = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region 'us-east-1' is wrong</Message><Region>ap-northeast-2</Region></Error>";
        Reply::http(400, &[], body)
    })
    .await;
    let store = server.store().await;
    list(&store).await.unwrap();
    assert_eq!(store.regions().get(&bucket()), Region::new("ap-northeast-2"));
    list(&store).await.unwrap();
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn a_redirect_takes_nobody_to_another_host() {
    let canary = Canned::start(|_, _| list_answer()).await;
    let evil = canary.endpoint("127.0.0.1").as_str().to_owned();
    for region in ["evil.example/", "EU-west-1", "eu-west-1"] {
        let location = evil.clone();
        let server = Canned::start(move |_, _| {
            let body = format!(
                "<Error><Code>PermanentRedirect</Code><Message>m</Message><Endpoint>{location}</Endpoint></Error>"
            );
            Reply::http(301, &[("location", &location), ("x-amz-bucket-region", region)], &body)
        })
        .await;
        let error = list(&server.store().await).await.unwrap_err();
        assert_eq!(error.kind(), FailureKind::WrongRegion);
        assert_eq!(server.asked().len(), if region == "eu-west-1" { 2 } else { 1 }, "{region}");
    }
    assert_eq!(canary.asked().len(), 0);
}

#[tokio::test]
async fn listings_ask_for_everything_and_take_little() {
    let server = Canned::start(|_, _| {
        let body = "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>t/1=</NextContinuationToken>\
            <Contents><Key>p/a%2Bb+c%01.txt</Key></Contents><CommonPrefixes><Prefix>p/%ED%95%9C/</Prefix></CommonPrefixes></ListBucketResult>";
        Reply::http(200, &[], body)
    })
    .await;
    let store = server.store().await;
    let page = list(&store).await.unwrap();
    let keys: Vec<&str> = page.entries.iter().map(crate::model::Entry::full_key).collect();
    assert_eq!(keys, ["p/a+b c\u{1}.txt", "p/한/"]);
    assert_eq!(page.next, Some(PageToken("t/1=".to_owned())));
    store.list_objects(&bucket(), "", Grouping::Flat, page.next.as_ref(), 1000).await.unwrap();
    let asked = server.asked();
    for part in ["list-type=2", "encoding-type=url", "delimiter=%2F", "prefix=p%2F", "max-keys=50"] {
        assert!(asked[0].line.contains(part), "{part}: {}", asked[0].line);
    }
    for part in ["delimiter=&", "prefix=&", "continuation-token=t%2F1%3D"] {
        assert!(format!("{}&", asked[1].line).contains(part), "{part}: {}", asked[1].line);
    }
}

#[tokio::test]
async fn a_refused_head_is_explained_by_a_get() {
    let server = Canned::start(|asked, _| match asked.method() {
        "HEAD" => Reply::head(403, &[]),
        _ => Reply::error(403, "SignatureDoesNotMatch", "no"),
    })
    .await;
    let error = server.store().await.head_object(&bucket(), &key("k")).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::WrongSecret);
    let server = Canned::start(|_, _| Reply::head(404, &[])).await;
    let error = server.store().await.head_object(&bucket(), &key("k")).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::NoSuchKey);
}

#[tokio::test]
async fn deleting_many_tells_what_stayed_and_falls_back_to_one_by_one() {
    let server = Canned::start(|_, _| {
        Reply::http(200, &[], "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>locked</Message></Error></DeleteResult>")
    })
    .await;
    let keys = [key("a"), key("b"), key("c")];
    let stayed = server.store().await.delete_objects(&bucket(), &keys).await.unwrap();
    assert_eq!(stayed.len(), 1);
    assert_eq!((stayed[0].0.as_str(), stayed[0].1.kind()), ("b", FailureKind::AccessDenied));

    let server = Canned::start(|asked, _| match asked.method() {
        "POST" => Reply::error(400, "MissingContentMD5", "want MD5"),
        _ if asked.line.contains("/b?") => Reply::error(403, "AccessDenied", "locked"),
        _ => Reply::head(204, &[]),
    })
    .await;
    let store = server.store().await;
    for _ in 0..2 {
        let stayed = store.delete_objects(&bucket(), &keys).await.unwrap();
        assert_eq!((stayed.len(), stayed[0].0.as_str()), (1, "b"));
    }
    let posts = server.asked().iter().filter(|asked| asked.method() == "POST").count();
    assert_eq!(posts, 1);
}

#[tokio::test]
async fn the_test_of_a_connection_tells_line_by_line() {
    let server = Canned::start(|asked, _| {
        if asked.line.contains("list-type") { list_answer() } else { Reply::error(403, "AccessDenied", "no list") }
    })
    .await;
    let scope = crate::model::Scope::parse("b-1/p").unwrap();
    let report = server.store().await.probe(&[scope]).await;
    assert!(report.is_usable());
    let shapes: Vec<&TestLine> = report.lines.iter().collect();
    assert!(
        matches!(
            shapes.as_slice(),
            [
                TestLine::Reached { .. },
                TestLine::SignedIn { .. },
                TestLine::MayNotListBuckets,
                TestLine::BucketReached { .. }
            ]
        ),
        "{shapes:?}"
    );
    let server = Canned::start(|_, _| Reply::http(200, &[("content-type", "text/html")], HTML)).await;
    let report = server.store().await.probe(&[]).await;
    let Some(TestLine::Problem(failure)) = report.lines.last() else { panic!("{report:?}") };
    assert_eq!(failure.kind, FailureKind::NotS3);
}

#[tokio::test]
async fn a_complete_whose_answer_is_lost_is_found_out() {
    let bytes = b"whole object";
    let crc = crc64nvme(bytes);
    let echoed = to_base64(crc);
    let server = Canned::start(move |asked, number| match (asked.method(), number) {
        ("POST", 0) => Reply::Close,
        ("POST" | "GET", _) => Reply::error(404, "NoSuchUpload", "gone"),
        _ => Reply::head(200, &[("etag", "\"e-1\""), ("content-length", "12"), ("x-amz-checksum-crc64nvme", &echoed)]),
    })
    .await;
    let part = super::StoredPart { number: 1, etag: "e1".to_owned(), crc64nvme: crc };
    let upload = super::UploadId("u".to_owned());
    let stored = server
        .store()
        .await
        .complete_multipart_upload(&destination(WriteCondition::Any), &upload, &[part], crc, 12)
        .await
        .unwrap();
    assert_eq!((stored.etag.as_deref(), stored.checksum_echoed), (Some("e-1"), true));
    let first = &server.asked()[0];
    assert_eq!(first.header("x-amz-checksum-type"), "FULL_OBJECT");
    assert_eq!(first.header("x-amz-mp-object-size"), "12");
    assert_eq!(first.header("x-amz-checksum-crc64nvme"), to_base64(crc));
    assert!(String::from_utf8_lossy(&first.body).contains("<ChecksumCRC64NVME>"));
}

#[tokio::test]
async fn an_error_inside_a_200_is_an_error() {
    let server = Canned::start(|asked, _| match asked.method() {
        "POST" => Reply::http(200, &[], "  \n<Error><Code>AccessDenied</Code><Message>m</Message></Error>"),
        _ => Reply::head(404, &[]),
    })
    .await;
    let part = super::StoredPart { number: 1, etag: "e1".to_owned(), crc64nvme: 1 };
    let upload = super::UploadId("u".to_owned());
    let store = server.store().await;
    let result = store.complete_multipart_upload(&destination(WriteCondition::Any), &upload, &[part], 1, 12).await;
    assert_eq!(result.unwrap_err().kind(), FailureKind::AccessDenied);
}

#[tokio::test]
async fn an_equal_object_is_no_completion_while_the_parts_are_there() {
    let echoed = to_base64(1);
    let parts =
        "<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber></Part></ListPartsResult>";
    for tagless in [true, false] {
        let echoed = echoed.clone();
        let server = Canned::start(move |asked, _| match asked.method() {
            "POST" if tagless => Reply::http(200, &[], "<CompleteMultipartUploadResult/>"),
            "POST" => Reply::error(500, "InternalError", "no"),
            "GET" => Reply::http(200, &[("content-type", "application/xml")], parts),
            _ => {
                Reply::head(200, &[("etag", "\"e\""), ("content-length", "12"), ("x-amz-checksum-crc64nvme", &echoed)])
            }
        })
        .await;
        let part = super::StoredPart { number: 1, etag: "e1".to_owned(), crc64nvme: 1 };
        let upload = super::UploadId("u".to_owned());
        let store = server.store().await;
        let result = store.complete_multipart_upload(&destination(WriteCondition::Any), &upload, &[part], 1, 12).await;
        let expected = if tagless { FailureKind::LoginPage } else { FailureKind::ServerError };
        assert_eq!(result.unwrap_err().kind(), expected);
    }
}

#[tokio::test]
async fn what_is_read_back_is_what_was_asked_for() {
    let server = Canned::start(|_, _| Reply::http(200, &[("etag", "\"another\"")], "other")).await;
    let bytes = b"hello";
    let sent = super::SentContent { crc64nvme: crc64nvme(bytes), size_bytes: 5, bytes: Some(bytes) };
    let store = server.store().await;
    let error = store.read_back(&bucket(), &key("k"), Some("ours"), &sent).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::SourceChanged);
}
