//! Services whose entity tags say nothing and that keep no checksum: after a kill or a lost answer only the bytes of the
//! object tell whether it is ours. None gets a second version, none is told to exist, and nothing of others is taken for
//! our own.

use bucketdrop::local_storage::faults::{Action, Checksums, Etags, Fault, Profile};
use bucketdrop::model::{ConflictPolicy, Event, Location, PutOptions, TransferState, Verified, VerifyWish};

use crate::support::{MIB, Server, TestEngine, connected, on_conflict, pattern};

const RULES: [ConflictPolicy; 4] =
    [ConflictPolicy::Overwrite, ConflictPolicy::Ask, ConflictPolicy::Skip, ConflictPolicy::Rename];

pub(crate) fn opaque() -> Profile {
    Profile { checksums: Checksums::Ignored, etags: Etags::Random, ..Profile::default() }
}

/// Connected to such a service, whose buckets keep versions.
fn stage() -> (Server, TestEngine, Location) {
    let (server, engine, at) = connected();
    server.keep_versions();
    server.plan.set_profile(opaque());
    (server, engine, at)
}

/// Uploads a file until `reached`, ends the program there, and starts it again: the file is there once, as sure as that.
fn ends_once(fault: &Fault, size: usize, policy: ConflictPolicy, reached: impl Fn(&Server), level: Verified) {
    let (server, engine, at) = stage();
    server.plan.add(fault.clone());
    let batch = engine.enqueue(vec![engine.file("a", &pattern(size))], &at, on_conflict(policy));
    reached(&server);
    let stopped = engine.stop();
    server.plan.clear();
    let sent = |server: &Server| (server.plan.count("PutObject"), server.plan.count("UploadPart"));
    let before = sent(&server);
    let engine = stopped.start();
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.skipped, summary.failed), (1, 0, 0), "{fault:?}, {policy:?}: {summary:?}");
    assert!(!engine.has_heard(|event| matches!(event, Event::ConflictFound(_))), "{fault:?}, {policy:?}");
    assert_eq!(engine.report().state, TransferState::Done(level), "{fault:?}, {policy:?}");
    assert_eq!(sent(&server), before, "{fault:?}, {policy:?}: nothing was sent again");
    assert_eq!(server.all_versions(), ["a"], "{fault:?}, {policy:?}");
    assert!(server.bytes("a").unwrap() == pattern(size));
    assert_eq!(server.unfinished_uploads(), 0);
}

#[test]
fn ended_between_the_answer_to_a_put_and_its_check_the_tag_is_not_forgotten() {
    for policy in RULES {
        let fault = Fault::on("HeadObject", Action::StallBefore);
        ends_once(&fault, 1000, policy, |server| server.wait_for("HeadObject", 1), Verified::Unverified);
    }
}

#[test]
fn a_put_whose_answer_was_lost_is_found_by_its_bytes() {
    for policy in RULES {
        let fault = Fault::on("PutObject", Action::StallAfter);
        ends_once(&fault, 1000, policy, |server| server.wait_for_key("a"), Verified::ReadBack);
    }
}

#[test]
fn a_completion_whose_answer_was_lost_is_found_by_its_bytes() {
    for policy in RULES {
        let fault = Fault::on("CompleteMultipartUpload", Action::StallAfter);
        ends_once(&fault, 9 * MIB, policy, |server| server.wait_for_key("a"), Verified::ReadBack);
    }
}

#[test]
fn an_object_of_somebody_else_with_as_many_bytes_is_not_ours() {
    let (ours, theirs) = (pattern(1000), vec![7; 1000]);
    for (policy, done, stored) in [
        (ConflictPolicy::Skip, 0, &theirs),
        (ConflictPolicy::Overwrite, 1, &ours),
        (ConflictPolicy::Rename, 1, &theirs),
    ] {
        let (server, engine, at) = stage();
        server.plan.add(Fault::on("PutObject", Action::StallBefore).times(1));
        let batch = engine.enqueue(vec![engine.file("a", &ours)], &at, on_conflict(policy));
        server.wait_for("PutObject", 1);
        let stopped = engine.stop();
        server.plan.clear();
        server.put("a", &theirs);
        let engine = stopped.start();
        let summary = engine.finished(batch);
        assert_eq!((summary.done, summary.failed), (done, 0), "{policy:?}: {summary:?}");
        assert!(server.bytes("a").unwrap() == *stored, "{policy:?}");
    }
}

/// A file whose object is damaged on its way, and for which the answer to the write that follows is lost.
fn damaged_then_unheard(operation: &str, written_by: &str, size: usize) {
    for policy in RULES {
        let (server, engine, at) = stage();
        server.plan.add(Fault::on(operation, Action::FlipBit { at_byte: 3 }).times(1));
        server.plan.add(Fault::on(written_by, Action::CloseAfter).attempt(2));
        let options = PutOptions { verify: Some(VerifyWish::ReadBack), ..on_conflict(policy) };
        let summary = engine.upload(vec![engine.file("a", &pattern(size))], &at, options);
        assert_eq!((summary.done, summary.skipped, summary.failed), (1, 0, 0), "{policy:?}: {summary:?}");
        assert_eq!(server.all_versions(), ["a", "a"], "{policy:?}: the damaged one and ours");
        assert!(server.bytes("a").unwrap() == pattern(size), "{policy:?}");
    }
}

#[test]
fn a_damaged_object_that_was_replaced_unheard_is_no_other_ones() {
    damaged_then_unheard("PutObject", "PutObject", 1000);
}

#[test]
fn a_damaged_object_whose_parts_were_put_together_anew_unheard_is_no_other_ones() {
    damaged_then_unheard("UploadPart", "CompleteMultipartUpload", 9 * MIB);
}
