//! Servers and lines that fail: what passes by itself is sat out, what does not is named.

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{BucketName, FailureKind, Location, PutOptions, TransferState, Verified};

use crate::support::{MIB, connected, pattern};

fn arrives_in_spite_of(fault: &Fault, size: usize) {
    let (server, engine, at) = connected();
    server.plan.add(fault.clone());
    let summary = engine.upload(vec![engine.file("a", &pattern(size))], &at, PutOptions::default());
    assert_eq!((summary.done, summary.failed), (1, 0), "{fault:?}: {summary:?}");
    assert!(server.bytes("a").unwrap() == pattern(size));
    assert_eq!(server.unfinished_uploads(), 0);
}

#[test]
fn server_faults_and_throttling_are_sat_out() {
    // More often than the SDK itself tries.
    for (status, code) in [(500, "InternalError"), (503, "SlowDown"), (429, "TooManyRequests")] {
        arrives_in_spite_of(&Fault::on("PutObject", Action::error(status, code)).times(5), 1000);
        arrives_in_spite_of(&Fault::on("UploadPart", Action::error(status, code)).part(2).times(5), 20 * MIB);
    }
    arrives_in_spite_of(&Fault::on("CreateMultipartUpload", Action::error(500, "InternalError")).times(4), 9 * MIB);
    arrives_in_spite_of(&Fault::on("CompleteMultipartUpload", Action::error(500, "InternalError")).times(4), 9 * MIB);
}

#[test]
fn broken_connections_are_sat_out() {
    arrives_in_spite_of(&Fault::on("PutObject", Action::CloseBefore).times(4), 1000);
    arrives_in_spite_of(&Fault::on("UploadPart", Action::CloseInRequest { after_bytes: 100_000 }).times(5), 20 * MIB);
    arrives_in_spite_of(&Fault::on("UploadPart", Action::CloseAfter).times(3), 20 * MIB);
}

#[test]
fn a_corrupted_part_is_sent_again() {
    arrives_in_spite_of(&Fault::on("UploadPart", Action::error(400, "BadDigest")).part(1).times(1), 9 * MIB);
}

#[test]
fn an_upload_that_the_server_forgot_starts_again() {
    arrives_in_spite_of(&Fault::on("UploadPart", Action::error(404, "NoSuchUpload")).part(2).times(1), 20 * MIB);
}

#[test]
fn progress_takes_bytes_back_that_have_to_be_sent_again() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::CloseInRequest { after_bytes: 4_000_000 }).times(6));
    let batch = engine.enqueue(vec![engine.file("a", &pattern(24 * MIB))], &at, PutOptions::default());
    assert_eq!(engine.finished(batch).done, 1);
    let row = engine.row(bucketdrop::model::TransferTab::Done, |_| true);
    assert_eq!(row.done_bytes, 24 * MIB as u64);
}

#[test]
fn without_an_echoed_checksum_the_md5_in_the_answer_is_proof() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::WithoutHeader("x-amz-checksum-crc64nvme".into())));
    engine.upload(vec![engine.file("a", b"abc")], &at, PutOptions::default());
    assert_eq!(engine.report().state, TransferState::Done(Verified::Accepted));
    assert_eq!(server.plan.count("HeadObject"), 0);
}

#[test]
fn a_wrong_bucket_is_named() {
    let (_server, engine, at) = connected();
    let at = Location { bucket: BucketName::new("no-such-bucket").unwrap(), ..at };
    let paths = vec![engine.file("small", b"a"), engine.file("large", &pattern(9 * MIB))];
    let summary = engine.upload(paths, &at, PutOptions::default());
    assert_eq!(summary.failed, 2);
    for _ in 0..2 {
        let TransferState::Failed(failure) = engine.report().state else { panic!("it failed") };
        assert_eq!(failure.kind, FailureKind::NoSuchBucket);
    }
}
