//! Parts that a server takes without telling their entity tags, and those that something before it does not take.

use std::sync::Arc;

use bytes::Bytes;

use super::canned::{Canned, Reply, bucket, key};
use super::checksum::{crc64nvme, to_base64};
use super::{Destination, PartBody, S3Error, SentBytes, StoredPart, UploadId, WriteCondition};
use crate::model::FailureKind;

async fn send(server: &Canned) -> Result<StoredPart, S3Error> {
    let to = Destination {
        bucket: bucket(),
        key: key("k"),
        content_type: "a/b".to_owned(),
        options: Arc::default(),
        condition: WriteCondition::Any,
    };
    let body = PartBody { bytes: Bytes::from_static(b"hello"), crc64nvme: crc64nvme(b"hello"), sent: SentBytes::new() };
    server.store().await.upload_part(&to, &UploadId("u".to_owned()), 2, body).await
}

/// Answers to parts have no tag; this is the answer to the list.
async fn listing(list: impl Fn() -> Reply + Send + Sync + 'static) -> Canned {
    Canned::start(move |asked, _| if asked.method() == "PUT" { Reply::http(200, &[], "") } else { list() }).await
}

fn list(parts: &str) -> Reply {
    let list = format!("<ListPartsResult><IsTruncated>false</IsTruncated>{parts}</ListPartsResult>");
    Reply::http(200, &[("content-type", "application/xml")], &list)
}

fn part(size_bytes: u64, sum: &str) -> String {
    format!("<Part><PartNumber>2</PartNumber><ETag>&quot;e2&quot;</ETag><Size>{size_bytes}</Size>{sum}</Part>")
}

#[tokio::test]
async fn the_tag_is_taken_from_the_list() {
    let ours = to_base64(crc64nvme(b"hello"));
    for sum in [String::new(), format!("<ChecksumCRC64NVME>{ours}</ChecksumCRC64NVME>")] {
        let server = listing(move || list(&part(5, &sum))).await;
        let stored = send(&server).await.unwrap();
        assert_eq!(stored, StoredPart { number: 2, etag: "e2".to_owned(), crc64nvme: crc64nvme(b"hello") });
        let asked = server.asked();
        assert_eq!(asked.len(), 2, "sent once, and asked once");
        assert!(asked[1].line.contains("part-number-marker=1"), "{}", asked[1].line);
    }
}

#[tokio::test]
async fn a_part_that_is_not_listed_as_ours_is_not_taken_for_a_web_page() {
    let another = "<ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME>";
    for parts in [String::new(), part(4, ""), part(5, another)] {
        let server = listing(move || list(&parts)).await;
        let error = send(&server).await.unwrap_err();
        assert_eq!(error.kind(), FailureKind::NoEntityTag);
        assert_eq!(server.asked().len(), 2);
    }
    let server = listing(|| Reply::error(403, "AccessDenied", "no")).await;
    assert_eq!(send(&server).await.unwrap_err().kind(), FailureKind::NoEntityTag);
}

#[tokio::test]
async fn where_nothing_answers_as_s3_that_is_what_is_told() {
    let server = listing(|| Reply::error(500, "InternalError", "no")).await;
    assert_eq!(send(&server).await.unwrap_err().kind(), FailureKind::ServerError);
    let page = || Reply::http(200, &[("content-type", "text/html")], "<html>Welcome</html>");
    let server = listing(page).await;
    let kind = send(&server).await.unwrap_err().kind();
    assert!(matches!(kind, FailureKind::LoginPage | FailureKind::NotS3), "{kind:?}");
}

#[tokio::test]
async fn a_part_that_a_gateway_does_not_take_is_no_file_that_is_too_large() {
    let page = || Reply::http(413, &[("content-type", "text/plain")], "Request Entity Too Large");
    let server = Canned::start(move |_, _| page()).await;
    assert_eq!(send(&server).await.unwrap_err().kind(), FailureKind::BodyRefused);
    let server = Canned::start(|_, _| Reply::error(400, "EntityTooLarge", "no")).await;
    assert_eq!(send(&server).await.unwrap_err().kind(), FailureKind::TooLarge);
}
