//! Answers of all kinds, from servers that say what a test wants.

use std::time::Duration;

use super::*;
use crate::model::{Leads, Region};
use crate::s3::canned::{Asked, Canned, Reply};

fn stranger() -> Stranger {
    Stranger::new(StrangerConfig { near_answers: NearAnswers::CountAsWorld, ..StrangerConfig::default() })
}

async fn ask(server: &Canned, path: &str) -> Met {
    let address = format!("{}{path}", server.endpoint("127.0.0.1").as_str());
    stranger().ask(&address, Asking::Plain).await
}

fn answer(met: Met) -> crate::model::StrangerAnswer {
    match met {
        Met::Answer(answer) => answer,
        Met::Nothing(nothing) => panic!("no answer: {nothing:?}"),
    }
}

fn head_or(head: fn() -> Reply, get: fn() -> Reply) -> impl Fn(&Asked, usize) -> Reply {
    move |asked, _| if asked.method() == "HEAD" { head() } else { get() }
}

#[tokio::test]
async fn a_head_that_says_all_is_enough() {
    let server = Canned::start(|_, _| Reply::head(200, &[("content-length", "5"), ("etag", "W/\"e1\"")])).await;
    let found = answer(ask(&server, "/b/k").await);
    assert_eq!((found.status, found.size_bytes, found.etag.as_deref()), (200, Some(5), Some("e1")));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn nothing_leaves_but_the_link() {
    let server = Canned::start(|_, _| {
        Reply::http(
            403,
            &[("set-cookie", "session=1"), ("www-authenticate", "Basic")],
            "<Error><Code>AccessDenied</Code></Error>",
        )
    })
    .await;
    let address = format!("{}/b/k", server.endpoint("127.0.0.1").as_str());
    let stranger = stranger();
    for _ in 0..2 {
        let found = answer(stranger.ask(&address, Asking::Plain).await);
        assert_eq!((found.status, found.code.as_deref()), (403, Some("AccessDenied")));
    }
    for asked in server.asked() {
        let mut names: Vec<&str> = asked.headers.keys().map(String::as_str).filter(|name| *name != "range").collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "host", "user-agent"], "{asked:?}");
        assert!(asked.header("user-agent").starts_with("Bucketdrop/"));
        assert!(asked.body.is_empty());
    }
}

#[tokio::test]
async fn the_path_goes_out_as_it_is() {
    for path in [
        "/b/a%20b",
        "/b/a%2Bb",
        "/b/a%252Bb",
        "/b//x",
        "/b/x/",
        "/b/./x",
        "/b/x/../y",
        "/b/%2E%2E/y",
        "/b/%ED%95%9C.png",
        "/b/x.",
        "/b/%28x%29",
        "/b/a%3Fb%23c",
        "/b/%00",
    ] {
        let server = Canned::start(|_, _| Reply::head(200, &[("content-length", "5"), ("etag", "\"e\"")])).await;
        assert_eq!(answer(ask(&server, path).await).status, 200);
        assert_eq!(server.asked()[0].line, format!("HEAD {path}"));
    }
}

#[tokio::test]
async fn errors_are_read_by_a_get_for_one_byte() {
    let kms = || Reply::error(400, "InvalidArgument", "Requests specifying Server Side Encryption with AWS KMS");
    let server = Canned::start(head_or(|| Reply::head(400, &[("content-length", "300")]), kms)).await;
    let found = answer(ask(&server, "/b/k").await);
    assert_eq!((found.status, found.code.as_deref()), (400, Some("InvalidArgument")));
    assert!(found.message.unwrap().contains("KMS"));
    let asked = server.asked();
    assert_eq!((asked.len(), asked[1].line.as_str(), asked[1].header("range")), (2, "GET /b/k", "bytes=0-0"));
}

#[tokio::test]
async fn an_archived_object_is_not_open_whatever_head_says() {
    let head =
        || Reply::head(200, &[("content-length", "5"), ("etag", "\"e\""), ("x-amz-storage-class", "DEEP_ARCHIVE")]);
    let under_way = || {
        let headers = [
            ("content-length", "5"),
            ("etag", "\"e\""),
            ("x-amz-storage-class", "GLACIER"),
            ("x-amz-restore", "ongoing-request=\"true\""),
        ];
        Reply::head(200, &headers)
    };
    let tiered = || {
        let headers = [("content-length", "5"), ("etag", "\"e\""), ("x-amz-archive-status", "ARCHIVE_ACCESS")];
        Reply::head(200, &headers)
    };
    for head in [under_way as fn() -> Reply, tiered] {
        let server = Canned::start(head_or(head, || Reply::error(403, "InvalidObjectState", "archived"))).await;
        let found = answer(ask(&server, "/b/k").await);
        assert_eq!((found.status, found.code.as_deref()), (403, Some("InvalidObjectState")));
    }
    let server = Canned::start(head_or(head, || Reply::error(403, "InvalidObjectState", "archived"))).await;
    let found = answer(ask(&server, "/b/k").await);
    assert_eq!((found.status, found.code.as_deref()), (403, Some("InvalidObjectState")));
}

#[tokio::test]
async fn an_empty_object_and_a_part_tell_the_whole_size() {
    let unsized_head = || Reply::head(200, &[("transfer-encoding", "chunked")]);
    let none = || Reply::http(416, &[("content-range", "bytes */0")], "<Error><Code>InvalidRange</Code></Error>");
    let server = Canned::start(head_or(unsized_head, none)).await;
    let found = answer(ask(&server, "/b/k").await);
    assert_eq!((found.status, found.size_bytes), (416, Some(0)));
    let part = || Reply::http(206, &[("content-range", "bytes 0-0/77"), ("etag", "\"e\"")], "x");
    let server = Canned::start(head_or(unsized_head, part)).await;
    let found = answer(ask(&server, "/b/k").await);
    assert_eq!((found.status, found.size_bytes, found.etag.as_deref()), (206, Some(77), Some("e")));
}

#[tokio::test]
async fn redirects_are_told_and_not_followed() {
    let canary = Canned::start(|_, _| Reply::head(200, &[("content-length", "5"), ("etag", "\"e\"")])).await;
    let location = format!("{}/b/k", canary.endpoint("localhost").as_str());
    let plan = location.clone();
    for status in [301, 302, 303, 307, 308] {
        let plan = plan.clone();
        let server =
            Canned::start(move |_, _| Reply::head(status, &[("location", &plan), ("content-length", "0")])).await;
        let found = answer(ask(&server, "/b/k").await);
        assert_eq!((found.status, found.leads), (status, Some(Leads::To("localhost".to_owned()))));
        assert_eq!(server.asked().len(), 1);
    }
    assert!(canary.asked().is_empty());
    let server =
        Canned::start(|_, _| Reply::head(301, &[("x-amz-bucket-region", "eu-west-1"), ("content-length", "0")])).await;
    assert_eq!(answer(ask(&server, "/b/k").await).region, Region::new("eu-west-1"));
    let elsewhere = "https://b.s3.eu-north-1.amazonaws.com/k";
    let server = Canned::start(move |_, _| Reply::head(307, &[("location", elsewhere), ("content-length", "0")])).await;
    assert_eq!(answer(ask(&server, "/b/k").await).region, Region::new("eu-north-1"));
}

#[tokio::test]
async fn a_large_error_is_not_read_to_its_end() {
    let large = || {
        let body = format!("<Error><Code>AccessDenied</Code><Message>{}</Message></Error>", "x".repeat(10_000_000));
        Reply::http(403, &[], &body)
    };
    let server = Canned::start(head_or(|| Reply::head(403, &[("content-length", "10000000")]), large)).await;
    let found = answer(ask(&server, "/b/k").await);
    assert_eq!((found.status, found.code.as_deref()), (403, Some("AccessDenied")));
    assert!(found.message.is_none_or(|message| message.chars().count() <= 500));
}

#[tokio::test]
async fn text_of_servers_is_cleaned() {
    let nasty = || Reply::error(403, "Access\u{1b}[2JDenied", "<script>\u{202e}x</script>");
    let server = Canned::start(head_or(|| Reply::head(403, &[]), nasty)).await;
    let found = answer(ask(&server, "/b/k").await);
    let text = format!("{}{}", found.code.unwrap(), found.message.unwrap_or_default());
    assert!(!text.chars().any(|c| c.is_control() || c == '\u{202e}'), "{text:?}");
}

#[tokio::test]
async fn signed_links_are_asked_for_by_get_alone() {
    let server =
        Canned::start(|_, _| Reply::http(206, &[("content-range", "bytes 0-0/9"), ("etag", "\"e\"")], "x")).await;
    let address = format!("{}/b/k?X-Amz-Signature=abc&x-id=GetObject", server.endpoint("127.0.0.1").as_str());
    let found = answer(stranger().ask(&address, Asking::Signed).await);
    assert_eq!((found.status, found.size_bytes), (206, Some(9)));
    let asked = server.asked();
    assert_eq!((asked.len(), asked[0].line.as_str()), (1, "GET /b/k?X-Amz-Signature=abc&x-id=GetObject"));
}

#[tokio::test]
async fn no_answer_is_told_apart() {
    let silent = Canned::start(|_, _| Reply::Raw(Vec::new())).await;
    let config = StrangerConfig { limit: Some(Duration::from_millis(200)), ..StrangerConfig::default() };
    let quick = Stranger::new(config);
    let at = |server: &Canned| format!("{}/b/k", server.endpoint("127.0.0.1").as_str());
    assert_eq!(quick.ask(&at(&silent), Asking::Plain).await, Met::Nothing(NoAnswer::Timeout));
    let closing = Canned::start(|_, _| Reply::Close).await;
    assert_eq!(ask(&closing, "/b/k").await, Met::Nothing(NoAnswer::Unreachable));
    let garbled = Canned::start(|_, _| Reply::Last(b"SSH-2.0-x\r\n\r\n".to_vec())).await;
    assert_eq!(ask(&garbled, "/b/k").await, Met::Nothing(NoAnswer::Garbled));
    let refused = stranger().ask("http://127.0.0.1:1/b/k", Asking::Plain).await;
    assert_eq!(refused, Met::Nothing(NoAnswer::Unreachable));
    let near = Stranger::new(StrangerConfig::default());
    let open = Canned::start(|_, _| Reply::head(200, &[("content-length", "5"), ("etag", "\"e\"")])).await;
    assert_eq!(answer(near.ask(&at(&open), Asking::Plain).await).reach, Reach::Loopback);
}

#[tokio::test]
async fn certificates_have_to_fit() {
    use crate::s3::tls_clock_links::{CA, EXPIRED, GOOD, OTHER_NAME, tls};
    use NoAnswer::{BadCertificate, UntrustedCertificate};
    let cases = [
        (GOOD, true, UntrustedCertificate),
        (OTHER_NAME, false, UntrustedCertificate),
        (EXPIRED, false, BadCertificate),
    ];
    for (certificate, opens, without_the_authority) in cases {
        let server = Canned::start_with(Some(tls(certificate)), |_, _| {
            Reply::head(200, &[("content-length", "5"), ("etag", "\"e\"")])
        })
        .await;
        let address = format!("{}/b/k", server.endpoint("127.0.0.1").as_str());
        let trusting = StrangerConfig { trust_only: Some(CA.to_vec()), ..StrangerConfig::default() };
        match Stranger::new(trusting).ask(&address, Asking::Plain).await {
            Met::Answer(answer) => assert!(opens && answer.status == 200),
            Met::Nothing(nothing) => assert!(!opens && nothing == NoAnswer::BadCertificate, "{nothing:?}"),
        }
        let met = stranger().ask(&address, Asking::Plain).await;
        assert_eq!(met, Met::Nothing(without_the_authority));
        assert_eq!(server.asked().len(), usize::from(opens));
    }
}

#[tokio::test]
async fn a_storage_is_known_by_the_id_of_its_answer() {
    use crate::model::Voice;
    for (id, voice) in [(Some("x-amz-request-id"), Voice::Storage), (None, Voice::Unclear)] {
        let server = Canned::start(move |_, _| {
            let mut headers = vec![("content-length", "5"), ("etag", "\"e\"")];
            headers.extend(id.map(|name| (name, "1")));
            Reply::head(200, &headers)
        })
        .await;
        assert_eq!(answer(ask(&server, "/b/k").await).voice, voice);
    }
}

#[tokio::test]
async fn a_page_in_place_of_a_refusal_is_told_from_one() {
    use crate::model::Voice;
    const PAGE: &str = "<!DOCTYPE html><html><body>Sign in to this network</body></html>";
    const HTML: (&str, &str) = ("content-type", "text/html; charset=utf-8");
    type Headers = &'static [(&'static str, &'static str)];
    let cases: [(Headers, &str, Voice); 9] = [
        (&[HTML], PAGE, Voice::Page),
        (&[("content-type", "text/html")], "\n <HTML><head>", Voice::Page),
        // Some servers call everything a page.
        (&[HTML], "", Voice::Unclear),
        (&[HTML], "<Error><Message>html</Message></Error>", Voice::Unclear),
        (&[HTML], "<html><Error><Code>AccessDenied</Code></Error></html>", Voice::Unclear),
        (&[("content-type", "text/plain")], PAGE, Voice::Unclear),
        (&[HTML, ("server", "CloudFront")], PAGE, Voice::Delivery),
        (&[HTML, ("www-authenticate", "Basic")], PAGE, Voice::Unclear),
        (&[HTML, ("x-amz-id-2", "1")], PAGE, Voice::Storage),
    ];
    for (headers, body, voice) in cases {
        let server = Canned::start(move |asked: &Asked, _| match asked.method() {
            "HEAD" => Reply::head(403, &[]),
            _ => Reply::http(403, headers, body),
        })
        .await;
        let found = answer(ask(&server, "/b/k").await);
        assert_eq!((found.status, found.voice), (403, voice), "{headers:?} {body}");
    }
}

#[tokio::test]
async fn a_redirect_to_tls_alone_is_followed_once() {
    use crate::s3::tls_clock_links::{CA, GOOD, tls};
    let open = |_: &Asked, _| Reply::head(200, &[("content-length", "5"), ("etag", "\"e\"")]);
    let safe = Canned::start_with(Some(tls(GOOD)), open).await;
    let safe_at = safe.endpoint("127.0.0.1").as_str().to_owned();
    let trusting = || {
        let config = StrangerConfig { trust_only: Some(CA.to_vec()), ..StrangerConfig::default() };
        Stranger::new(StrangerConfig { near_answers: NearAnswers::CountAsWorld, ..config })
    };
    for (path, status) in [("/b/k", 200), ("/login", 301)] {
        let location = format!("{safe_at}{path}");
        let server =
            Canned::start(move |_, _| Reply::head(301, &[("location", &location), ("content-length", "0")])).await;
        let address = format!("{}/b/k", server.endpoint("127.0.0.1").as_str());
        let found = answer(trusting().ask(&address, Asking::Plain).await);
        assert_eq!((found.status, found.leads.clone()), (status, (status == 301).then_some(Leads::Within)), "{path}");
        let over_tls = safe_at.trim_end_matches('/').to_owned();
        assert_eq!(found.over_tls, (status == 200).then_some(over_tls), "{path}: that it only led there is told");
    }
    assert_eq!(safe.asked().len(), 1);
    // Over TLS it leads back: that is the end of it.
    let plain = Canned::start(|_, _| Reply::head(500, &[])).await;
    let back = format!("{}/b/k", plain.endpoint("127.0.0.1").as_str());
    let loops = Canned::start_with(Some(tls(GOOD)), move |_, _| {
        Reply::head(302, &[("location", &back), ("content-length", "0")])
    })
    .await;
    let there = format!("{}/b/k", loops.endpoint("127.0.0.1").as_str());
    let server = Canned::start(move |_, _| Reply::head(302, &[("location", &there), ("content-length", "0")])).await;
    let address = format!("{}/b/k", server.endpoint("127.0.0.1").as_str());
    let found = answer(trusting().ask(&address, Asking::Plain).await);
    assert_eq!((found.status, found.leads), (302, Some(Leads::Within)));
    assert_eq!((loops.asked().len(), plain.asked().len()), (1, 0));
}

#[tokio::test]
async fn a_network_that_delivers_speaks_for_itself_unless_a_storage_did() {
    use crate::model::Voice;
    type Headers = &'static [(&'static str, &'static str)];
    let cases: [(Headers, Voice); 6] = [
        (&[("server", "CloudFront"), ("x-amz-cf-id", "1")], Voice::Delivery),
        (&[("server", "cloudflare"), ("cf-ray", "1")], Voice::Delivery),
        (&[("server", "CloudFront"), ("x-amz-request-id", "1")], Voice::Storage),
        (&[("server", "cloudflare"), ("x-guploader-uploadid", "1")], Voice::Unclear),
        (&[("server", "AmazonS3"), ("x-amz-cf-id", "1")], Voice::Unclear),
        (&[], Voice::Unclear),
    ];
    for (headers, voice) in cases {
        let server = Canned::start(move |asked: &Asked, _| match asked.method() {
            "HEAD" => Reply::head(403, headers),
            _ => Reply::http(403, headers, "<Error><Code>MissingKey</Code></Error>"),
        })
        .await;
        let found = answer(ask(&server, "/b/k").await);
        assert_eq!((found.voice, found.code.as_deref()), (voice, Some("MissingKey")), "{headers:?}");
    }
}

#[tokio::test]
async fn a_get_says_whether_what_head_has_opened_does_open() {
    use crate::model::AskedBy;
    type Replies = fn() -> Reply;
    let open = || Reply::head(200, &[("content-length", "5"), ("etag", "\"e\"")]);
    let cases: [(Replies, u16, Option<&str>); 3] = [
        (|| Reply::error(403, "InvalidObjectState", "archived"), 403, None),
        (|| Reply::http(206, &[("content-range", "bytes 0-0/5")], "x"), 206, Some("e")),
        (|| Reply::http(416, &[("content-range", "bytes */0")], ""), 416, Some("e")),
    ];
    for (get, status, etag) in cases {
        let server = Canned::start(head_or(open, get)).await;
        let address = format!("{}/b/k", server.endpoint("127.0.0.1").as_str());
        let stranger = stranger();
        let head = answer(stranger.ask(&address, Asking::Plain).await);
        assert_eq!((head.status, head.by), (200, AskedBy::Head));
        let found = answer(stranger.ask_by_get(&address, head).await);
        assert_eq!((found.status, found.etag.as_deref(), found.by), (status, etag, AskedBy::Get));
        assert_eq!(server.asked()[1].header("range"), "bytes=0-0");
    }
}
