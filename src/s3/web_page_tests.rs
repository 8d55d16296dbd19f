//! Web pages in place of objects: what any server of pages says to every request is nobody's file.

use super::S3Error;
use super::canned::{Canned, Reply, bucket, key};
use crate::model::FailureKind;

const HTML: &str = "<!DOCTYPE html><html><body>Welcome</body></html>";
const IS_HTML: (&str, &str) = ("content-type", "text/html; charset=utf-8");

/// What a download is, of a server that answers so.
async fn fetched(headers: &'static [(&'static str, &'static str)]) -> Result<Vec<u8>, S3Error> {
    let server = Canned::start(|_, _| Reply::http(200, headers, HTML)).await;
    let mut answer = server.store().await.get_object(&bucket(), &key("k"), 0, None).await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

#[tokio::test]
async fn a_page_of_something_that_is_no_storage_is_no_object() {
    let error = fetched(&[IS_HTML]).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::NotS3);
    let error = fetched(&[IS_HTML, ("server", "nginx/1.25")]).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::NotS3);
}

#[tokio::test]
async fn a_page_that_is_stored_is_an_object() {
    let cases: [&[(&str, &str)]; 6] = [
        &[IS_HTML, ("etag", "\"5d41\"")],
        &[IS_HTML, ("x-amz-request-id", "R")],
        &[IS_HTML, ("X-Goog-Generation", "1")],
        &[IS_HTML, ("server", "MinIO")],
        &[IS_HTML, ("server", "AmazonS3")],
        &[("content-type", "text/plain")],
    ];
    for headers in cases {
        assert_eq!(fetched(headers).await.unwrap(), HTML.as_bytes(), "{headers:?}");
    }
}

#[tokio::test]
async fn a_page_tells_nothing_of_an_object() {
    let server = Canned::start(|asked, _| match asked.method() {
        "HEAD" => Reply::head(200, &[IS_HTML, ("content-length", "49")]),
        _ => Reply::http(200, &[IS_HTML], HTML),
    })
    .await;
    let store = server.store().await;
    assert_eq!(store.head_object(&bucket(), &key("k")).await.unwrap_err().kind(), FailureKind::NotS3);
    let report = store.probe(&[]).await;
    assert!(!report.is_usable(), "{report:?}");
}

/// What somebody is told whose endpoint begins with `http://` and leads to this server.
async fn listed(reply: fn() -> Reply) -> (FailureKind, Vec<&'static str>) {
    let server = Canned::start(move |_, _| reply()).await;
    let failure = server.store().await.list_buckets().await.unwrap_err().to_failure();
    let hints = failure.args.iter().map(|(name, _)| *name).filter(|name| name.ends_with("https")).collect();
    (failure.kind, hints)
}

#[tokio::test]
async fn http_to_a_server_of_https_says_so() {
    let nginx = || {
        let page = "<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>";
        Reply::http(400, &[IS_HTML, ("server", "nginx")], page)
    };
    let go = || {
        let words = "Client sent an HTTP request to an HTTPS server.\n";
        Reply::Last(format!("HTTP/1.0 400 Bad Request\r\n\r\n{words}").into_bytes())
    };
    assert_eq!(listed(nginx).await, (FailureKind::NotS3, vec!["wants-https"]));
    assert_eq!(listed(go).await, (FailureKind::NotS3, vec!["wants-https"]));
    // An alert of TLS, and what OpenSSL does.
    let alert = || Reply::Last(vec![0x15, 3, 3, 0, 2, 2, 0x46]);
    assert_eq!(listed(alert).await, (FailureKind::NotS3, vec!["maybe-https"]));
    assert_eq!(listed(|| Reply::Close).await, (FailureKind::Offline, vec!["maybe-https"]));
    let page = || Reply::http(200, &[IS_HTML], HTML);
    assert_eq!(listed(page).await, (FailureKind::NotS3, vec![]), "it has answered by HTTP");
}

#[tokio::test]
async fn a_server_that_was_s3_has_only_gone() {
    let server = Canned::start(|_, number| match number {
        0 => Reply::error(403, "AccessDenied", "no"),
        _ => Reply::Close,
    })
    .await;
    let store = server.store().await;
    assert_eq!(store.list_buckets().await.unwrap_err().kind(), FailureKind::AccessDenied);
    let failure = store.list_buckets().await.unwrap_err().to_failure();
    assert_eq!(failure.kind, FailureKind::Offline);
    assert!(failure.args.iter().all(|(name, _)| *name != "maybe-https"), "{failure:?}");
}
