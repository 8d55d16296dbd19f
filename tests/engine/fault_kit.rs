//! The kit that the fault tests are made with does what it says: profiles of services, outages, events, lost parts.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumMode;
use bucketdrop::local_storage::faults::{
    Action, Checksums, Conditions, Dialect, Etags, EventKind, Fault, Outage, Profile, Then,
};

use crate::support::{BUCKET, MIB, PATIENCE, Server, pattern};

const BODY: &[u8] = b"0123456789";
/// Of `BODY`.
const MD5: &str = "eB5eJF1ptWaXm4bijSPyxw==";

impl Server {
    /// A client that sends no checksum by itself and tries once.
    fn plain_client(&self) -> Client {
        let config = self.client().config().to_builder();
        let calculation = aws_sdk_s3::config::RequestChecksumCalculation::WhenRequired;
        let validation = aws_sdk_s3::config::ResponseChecksumValidation::WhenRequired;
        let retries = aws_sdk_s3::config::retry::RetryConfig::disabled();
        Client::from_conf(
            config
                .request_checksum_calculation(calculation)
                .response_checksum_validation(validation)
                .retry_config(retries)
                .build(),
        )
    }

    fn set_checksums(&self, checksums: Checksums) {
        self.plan.set_profile(Profile { checksums, ..Profile::default() });
    }
}

fn crc(bytes: &[u8]) -> String {
    use base64::Engine as _;
    let sum = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc64Nvme, bytes);
    base64::engine::general_purpose::STANDARD.encode(sum.to_be_bytes())
}

fn body() -> ByteStream {
    ByteStream::from_static(BODY)
}

fn refusal<T, E: aws_sdk_s3::error::ProvideErrorMetadata>(
    result: Result<T, SdkError<E>>,
) -> Option<(u16, Option<String>)> {
    let error = result.err()?;
    let status = error.raw_response().map_or(0, |raw| raw.status().as_u16());
    Some((status, error.code().map(str::to_owned)))
}

#[test]
fn services_refuse_checksum_headers_each_in_its_way() {
    let server = Server::start();
    let s3 = server.plain_client();
    for (dialect, status, code) in [
        (Dialect::R2, 501, "NotImplemented"),
        (Dialect::BackblazeB2, 400, "InvalidArgument"),
        (Dialect::GoogleCloud, 403, "SignatureDoesNotMatch"),
        (Dialect::Linode, 400, "XAmzContentSHA256Mismatch"),
        (Dialect::OldCeph, 411, "MissingContentLength"),
        (Dialect::Swift, 501, "NotImplemented"),
    ] {
        server.set_checksums(Checksums::Refused(dialect));
        server.runtime.block_on(async {
            let put = || s3.put_object().bucket(BUCKET).key("k").body(body());
            let refused = refusal(put().checksum_crc64_nvme(crc(BODY)).send().await);
            assert_eq!(refused, Some((status, Some(code.to_owned()))), "{dialect:?}");
            let stored = put().content_md5(MD5).send().await.unwrap();
            assert_eq!(stored.checksum_crc64_nvme(), None, "{dialect:?}");
            let bad = refusal(
                s3.put_object()
                    .bucket(BUCKET)
                    .key("k")
                    .body(ByteStream::from_static(b"x"))
                    .content_md5(MD5)
                    .send()
                    .await,
            );
            assert_eq!(bad, Some((400, Some("BadDigest".into()))), "{dialect:?}");
            let with_crc32 = put().checksum_crc32("poTGAA==").send().await;
            assert_eq!(with_crc32.as_ref().is_err_and(|e| e.code() != Some("BadDigest")), dialect != Dialect::Swift);
            let mode = s3.head_object().bucket(BUCKET).key("k").checksum_mode(ChecksumMode::Enabled).send().await;
            assert_eq!(mode.is_err(), dialect == Dialect::BackblazeB2, "{dialect:?}");
        });
    }
}

#[test]
fn a_bit_turned_over_is_stored_where_nothing_is_verified() {
    let server = Server::start();
    let s3 = server.plain_client();
    server.plan.add(Fault::on("PutObject", Action::FlipBit { at_byte: 1_000_004 }));
    server.plan.add(Fault::on("UploadPart", Action::FlipBit { at_byte: 3 }));
    let flipped = b"0123556789";
    server.runtime.block_on(async {
        let put = || s3.put_object().bucket(BUCKET).key("k").body(body()).checksum_crc64_nvme(crc(BODY)).send();
        assert_eq!(refusal(put().await), Some((400, Some("BadDigest".into()))));
        assert!(server.client().head_object().bucket(BUCKET).key("k").send().await.is_err(), "nothing is stored");
        for (checksums, told) in [(Checksums::Ignored, None), (Checksums::IgnoredAndEchoed, Some(crc(BODY)))] {
            server.set_checksums(checksums);
            assert_eq!(put().await.unwrap().checksum_crc64_nvme(), told.as_deref());
            let head = s3.head_object().bucket(BUCKET).key("k").checksum_mode(ChecksumMode::Enabled).send().await;
            assert_eq!(head.unwrap().checksum_crc64_nvme(), told.as_deref());
            let got = s3.get_object().bucket(BUCKET).key("k").send().await.unwrap();
            let bytes = got.body.collect().await.unwrap().to_vec();
            assert_eq!(bytes.iter().zip(BODY).filter(|(one, other)| one != other).count(), 1);
            assert!(bytes == flipped || checksums != Checksums::Ignored, "byte 4 of 10");

            let part = multipart(&s3, Some(crc(BODY))).await;
            assert_eq!(part, told, "of a multipart upload");
        }
    });
}

/// A multipart upload of one part; what Complete says of its checksum.
async fn multipart(s3: &Client, checksum: Option<String>) -> Option<String> {
    let created = s3.create_multipart_upload().bucket(BUCKET).key("m").send().await.unwrap();
    let id = created.upload_id().unwrap();
    let part = s3.upload_part().bucket(BUCKET).key("m").upload_id(id).part_number(1).body(body());
    let part = part.set_checksum_crc64_nvme(checksum.clone()).send().await.unwrap();
    let named = aws_sdk_s3::types::CompletedPart::builder().part_number(1).set_e_tag(part.e_tag).build();
    let parts = aws_sdk_s3::types::CompletedMultipartUpload::builder().parts(named).build();
    let complete = s3.complete_multipart_upload().bucket(BUCKET).key("m").upload_id(id).multipart_upload(parts);
    complete.set_checksum_crc64_nvme(checksum).send().await.unwrap().checksum_crc64_nvme
}

#[test]
fn conditions_and_etags_that_mean_nothing() {
    let server = Server::start();
    let s3 = server.plain_client();
    server.put("k", b"old");
    server.runtime.block_on(async {
        let put = || s3.put_object().bucket(BUCKET).key("k").body(body()).if_none_match("*").send();
        assert_eq!(refusal(put().await), Some((412, Some("PreconditionFailed".into()))));
        server.plan.set_profile(Profile { conditions: Conditions::Ignored, ..Profile::default() });
        let honest = put().await.unwrap().e_tag.unwrap();
        server.plan.set_profile(Profile {
            conditions: Conditions::Ignored,
            etags: Etags::Random,
            ..Profile::default()
        });
        let random = put().await.unwrap().e_tag.unwrap();
        assert!(random != honest && random.len() == honest.len());
        let head = s3.head_object().bucket(BUCKET).key("k").send().await.unwrap();
        assert_eq!(head.e_tag(), Some(random.as_str()), "at least it stays the same");
        server.plan.set_profile(Profile {
            conditions: Conditions::Ignored,
            etags: Etags::Absent,
            ..Profile::default()
        });
        assert_eq!(put().await.unwrap().e_tag, None);
        assert_eq!(s3.head_object().bucket(BUCKET).key("k").send().await.unwrap().e_tag, None);
    });
}

#[test]
fn outages_begin_and_end() {
    let server = Server::start();
    let s3 = server.plain_client();
    let address = server.endpoint.trim_start_matches("http://").to_owned();
    server.put("k", BODY);
    let head = || s3.head_object().bucket(BUCKET).key("k").send();
    // What the server has begun when an outage comes may still be answered.
    let fails = async || {
        let failed = async {
            while head().await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, failed).await.unwrap();
    };
    server.runtime.block_on(async {
        head().await.unwrap();
        server.plan.set_outage(Outage::Refusing);
        fails().await;
        let refused = async {
            while tokio::net::TcpStream::connect(&address).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, refused).await.unwrap();
        server.plan.set_outage(Outage::None);
        let again = async || {
            while head().await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, again()).await.expect("the same port answers again");

        server.plan.set_outage(Outage::Closing);
        fails().await;
        server.plan.set_outage(Outage::None);
        tokio::time::timeout(PATIENCE, again()).await.unwrap();

        server.plan.outage_for(Outage::Closing, Duration::from_millis(50)).await;
        tokio::time::timeout(PATIENCE, again()).await.expect("an outage for a time ends by itself");

        server.plan.set_outage(Outage::Silent);
        // What comes before the server has noticed is answered at once; one of them waits.
        let first_that_waits = async {
            loop {
                let mut asked = Box::pin(head());
                if tokio::time::timeout(Duration::from_millis(500), &mut asked).await.is_err() {
                    server.plan.set_outage(Outage::None);
                    return asked.await;
                }
            }
        };
        let answered = tokio::time::timeout(PATIENCE, first_that_waits).await.expect("it falls silent");
        answered.expect("and goes on where it stood");
    });
}

#[test]
fn events_come_in_order_and_are_counted() {
    let server = Server::start();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    server.plan.on_event(move |event| ear.lock().unwrap().push(event.clone()));
    server.put("k", BODY);
    server.bytes("k").unwrap();
    let heard = heard.lock().unwrap();
    let told: Vec<_> = heard.iter().map(|event| (event.number, event.operation, event.kind)).collect();
    assert_eq!(
        told,
        [
            (1, "PutObject", EventKind::Arrived),
            (2, "PutObject", EventKind::BodyRead),
            (3, "PutObject", EventKind::Answering),
            (4, "GetObject", EventKind::Arrived),
            (5, "GetObject", EventKind::Answering),
        ]
    );
    assert!(heard.iter().all(|event| event.key.as_deref() == Some("k") && event.attempt == 1));
}

#[test]
fn parts_and_uploads_get_lost_and_pages_are_small() {
    let server = Server::start();
    let s3 = server.plain_client();
    server.runtime.block_on(async {
        let created = s3.create_multipart_upload().bucket(BUCKET).key("m").send().await.unwrap();
        let id = created.upload_id().unwrap();
        for number in 1..=5 {
            let part = s3.upload_part().bucket(BUCKET).key("m").upload_id(id).part_number(number);
            part.body(body()).send().await.unwrap();
        }
        let list = || s3.list_parts().bucket(BUCKET).key("m").upload_id(id);
        server.plan.set_profile(Profile { largest_page: Some(2), ..Profile::default() });
        let page = list().send().await.unwrap();
        assert_eq!((page.parts().len(), page.is_truncated()), (2, Some(true)));
        let all: Result<Vec<_>, _> = list().into_paginator().items().send().collect().await;
        assert_eq!(all.unwrap().len(), 5);
        assert_eq!(list().max_parts(1).send().await.unwrap().parts().len(), 1);
        server.plan.add(Fault::on("ListParts", Action::ForgetPart { number: 2 }).times(1));
        let numbers: Vec<_> =
            list().send().await.unwrap().parts().iter().map(aws_sdk_s3::types::Part::part_number).collect();
        assert_eq!(numbers, [Some(1), Some(3)]);
        server.plan.add(Fault::on("ListParts", Action::ForgetUpload).times(1));
        assert_eq!(refusal(list().send().await), Some((404, Some("NoSuchUpload".into()))));
    });
}

#[test]
fn white_space_comes_before_the_answer() {
    let server = Server::start();
    let s3 = server.plain_client();
    let spaces = |then| Action::SpacesThen { count: 3, every: Duration::from_millis(30), then };
    server.plan.add(Fault::on("CompleteMultipartUpload", spaces(Then::Answer)).times(1));
    server.runtime.block_on(async {
        let began = std::time::Instant::now();
        assert_eq!(multipart(&s3, None).await, Some(crc(BODY)), "of the true answer");
        assert!(began.elapsed() >= Duration::from_millis(90));
    });
    assert_eq!(server.bytes("m").unwrap(), BODY);
}

#[test]
fn a_fraction_of_requests_fails_and_keys_run_out() {
    let server = Server::start();
    let s3 = server.plain_client();
    let rule = server.plan.add(Fault::anywhere(Action::error(500, "InternalError")).per_mille(100, 42));
    let failed = server.runtime.block_on(async {
        let mut failed = 0;
        for n in 0..300 {
            let put = s3.put_object().bucket(BUCKET).key(n.to_string()).body(body()).send();
            failed += u32::from(put.await.is_err());
        }
        failed
    });
    assert!((15..=50).contains(&failed), "{failed} of 300");
    server.plan.remove(rule);
    let expired = server.plan.add(Fault::anywhere(Action::error(400, "ExpiredToken")).after(2));
    let codes = server.runtime.block_on(async {
        let mut codes = Vec::new();
        for _ in 0..4 {
            codes.push(refusal(s3.list_buckets().send().await).and_then(|(_, code)| code));
        }
        codes
    });
    assert_eq!(codes, [None, None, Some("ExpiredToken".into()), Some("ExpiredToken".into())]);
    server.plan.remove(expired);
    server.put("after that", &pattern(MIB));
}
