//! The last steps of an upload, stopped, doubted or crossed by somebody else: between the last byte and the word "done"
//! nothing is written twice, nothing of others is overwritten, and nothing is said that is not so.

use std::sync::Arc;
use std::time::Duration;

use bucketdrop::engine::{Clock, SystemClock};
use bucketdrop::local_storage::faults::{Action, Checksums, Conditions, Etags, Fault, Profile};
use bucketdrop::model::{
    BatchId, Command, ConflictPolicy, ConflictScope, Event, Location, PutOptions, Selection, SkipReason,
    TransferAction, TransferId, TransferState, TransferTab, Verified, VerifyWish,
};
use jiff::Timestamp;

use crate::support::{MIB, Server, Setup, TestEngine, connected, on_conflict, pattern};

const LARGE: usize = 9 * MIB;

/// A server that keeps versions, and does not say whose it is; nothing was asked of it yet.
fn stranger(checksums: Checksums) -> (Server, TestEngine, Location) {
    let server = Server::start();
    server.keep_versions();
    server.plan.set_profile(Profile { checksums, etags: Etags::Random, ..Profile::default() });
    let engine = TestEngine::start(Setup::default());
    let at = engine.connect(&server);
    server.plan.clear_log();
    (server, engine, at)
}

/// Takes effect where no rule before it does.
fn be_nobody(server: &Server) {
    server.plan.add(Fault::anywhere(Action::WithHeader("server".into(), "Strange".into())));
}

fn level(engine: &TestEngine) -> Verified {
    match engine.report().state {
        TransferState::Done(verified) => verified,
        other => panic!("not stored: {other:?}"),
    }
}

fn pause(engine: &TestEngine) -> TransferId {
    let row = engine.row(TransferTab::Active, |_| true);
    engine.act(row.id, TransferAction::Pause);
    engine.row(TransferTab::Active, |row| row.state == TransferState::Paused).id
}

fn conflict(engine: &TestEngine) -> TransferId {
    engine.expect("ConflictFound", |event| match event {
        Event::ConflictFound(conflict) => Some(conflict.transfer),
        _ => None,
    })
}

/// Stops the only upload, lets everything work again and the upload go on: the file arrives once.
fn ends_once_after_a_stop(server: &Server, engine: &TestEngine, batch: BatchId, policy: ConflictPolicy) {
    let id = pause(engine);
    server.plan.clear();
    engine.act(id, TransferAction::Resume);
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.skipped, summary.failed), (1, 0, 0), "{policy:?}: {summary:?}");
    assert_eq!(server.all_versions(), ["big"], "{policy:?}");
    assert_eq!(server.plan.count("UploadPart"), 2, "{policy:?}: nothing was sent again");
}

const RULES: [ConflictPolicy; 4] =
    [ConflictPolicy::Overwrite, ConflictPolicy::Ask, ConflictPolicy::Skip, ConflictPolicy::Rename];

#[test]
fn a_stop_during_the_check_of_a_large_file_is_no_second_version() {
    for policy in RULES {
        let (server, engine, at) = connected();
        server.keep_versions();
        server.plan.add(Fault::on("GetObject", Action::StallBefore));
        let options = PutOptions { verify: Some(VerifyWish::ReadBack), ..on_conflict(policy) };
        let batch = engine.enqueue(vec![engine.file("big", &pattern(LARGE))], &at, options);
        server.wait_for("GetObject", 1);
        ends_once_after_a_stop(&server, &engine, batch, policy);
        assert_eq!(level(&engine), Verified::ReadBack, "{policy:?}: the wish is not forgotten");
        assert_eq!(server.unfinished_uploads(), 0);
    }
}

#[test]
fn a_stop_after_the_answer_to_a_completion_was_lost_is_no_conflict_with_oneself() {
    for policy in RULES {
        let (server, engine, at) = connected();
        server.keep_versions();
        server.plan.add(Fault::on("CompleteMultipartUpload", Action::CloseAfter).attempt(1));
        server.plan.add(Fault::on("CompleteMultipartUpload", Action::error(503, "SlowDown")));
        // Who looks first has looked twice by then.
        server.plan.add(Fault::on("HeadObject", Action::error(503, "SlowDown")).after(2));
        let batch = engine.enqueue(vec![engine.file("big", &pattern(LARGE))], &at, on_conflict(policy));
        let retried =
            if policy == ConflictPolicy::Overwrite { ("CompleteMultipartUpload", 2) } else { ("HeadObject", 3) };
        server.wait_for(retried.0, retried.1);
        ends_once_after_a_stop(&server, &engine, batch, policy);
        assert_eq!(server.unfinished_uploads(), 0);
    }
}

#[test]
fn an_equal_object_that_was_there_is_no_proof_of_a_completion() {
    let (server, engine, at) = connected();
    let path = engine.file("big", &pattern(LARGE));
    let upload = || engine.upload(vec![path.clone()], &at, on_conflict(ConflictPolicy::Overwrite));
    assert_eq!(upload().done, 1);
    server.keep_versions();
    server.plan.add(Fault::on("CompleteMultipartUpload", Action::error(500, "InternalError")).times(1));
    assert_eq!(upload().done, 1);
    assert_eq!(server.unfinished_uploads(), 0, "its parts would be billed for ever");
    assert_eq!(server.all_versions(), ["big", "big"]);
}

#[test]
fn a_service_that_ignores_conditions_on_completions_overwrites_no_rival() {
    let (server, engine, at) = connected();
    server.plan.set_profile(Profile { conditions: Conditions::Ignored, ..Profile::default() });
    let held = server.plan.add(Fault::on("UploadPart", Action::Hold).part(2));
    let options = on_conflict(ConflictPolicy::Skip);
    let batch = engine.enqueue(vec![engine.file("big", &pattern(LARGE))], &at, options);
    server.wait_for("UploadPart", 2);
    server.put("big", b"a rival's");
    server.plan.remove(held);
    server.plan.release();
    assert_eq!(engine.finished(batch).skipped, 1);
    assert_eq!(server.bytes("big").unwrap(), b"a rival's");
    server.wait_for_unfinished(0);
}

#[test]
fn the_key_is_looked_at_beside_the_last_of_many_parts() {
    const PARTS: u32 = 17;
    let (server, engine, at) = connected();
    server.plan.set_profile(Profile { conditions: Conditions::Ignored, ..Profile::default() });
    let held = server.plan.add(Fault::on("UploadPart", Action::Hold).part(PARTS));
    let bytes = pattern(PARTS as usize * 8 * MIB);
    let batch = engine.enqueue(vec![engine.file("big", &bytes)], &at, on_conflict(ConflictPolicy::Skip));
    server.wait_for("UploadPart", PARTS as usize);
    // One before everything, and one while a part is still on its way.
    server.wait_for("HeadObject", 2);
    assert_eq!((server.plan.count("CompleteMultipartUpload"), server.bytes("big")), (0, None));
    // Whoever comes after that look is seen by another one, or by the service itself where it heeds the condition.
    server.plan.remove(held);
    server.plan.release();
    assert_eq!(engine.finished(batch).done, 1);
    assert!(server.bytes("big").unwrap() == bytes);
}

#[test]
fn a_found_object_is_not_believed_more_than_a_new_one() {
    for (verify, expected) in [(None, Verified::Unverified), (Some(VerifyWish::ReadBack), Verified::ReadBack)] {
        let (server, engine, at) = stranger(Checksums::IgnoredAndEchoed);
        server.plan.add(Fault::on("PutObject", Action::CloseAfter).attempt(1));
        server.plan.add(Fault::on("CompleteMultipartUpload", Action::CloseAfter).attempt(1));
        be_nobody(&server);
        for (name, size) in [("small", 10), ("large", LARGE)] {
            let options = PutOptions { verify, ..on_conflict(ConflictPolicy::Overwrite) };
            assert_eq!(engine.upload(vec![engine.file(name, &pattern(size))], &at, options).done, 1);
            assert_eq!(level(&engine), expected, "{name}");
        }
        assert_eq!(server.plan.count("PutObject"), 1);
        assert_eq!(server.all_versions(), ["large", "small"]);
    }
}

#[test]
fn an_object_whose_check_was_cut_off_is_known_again_by_its_tag() {
    for policy in RULES {
        let (server, engine, at) = stranger(Checksums::Ignored);
        let begun = server.plan.add(Fault::on("CompleteMultipartUpload", Action::Hold));
        be_nobody(&server);
        let batch = engine.enqueue(vec![engine.file("big", &pattern(LARGE))], &at, on_conflict(policy));
        server.wait_for("CompleteMultipartUpload", 1);
        // The looks before it are over: this is the check.
        let looks = server.plan.count("HeadObject");
        server.plan.clear();
        server.plan.add(Fault::on("HeadObject", Action::StallBefore));
        be_nobody(&server);
        server.plan.remove(begun);
        server.plan.release();
        server.wait_for("HeadObject", looks + 1);
        let stopped = engine.stop();
        server.plan.clear();
        be_nobody(&server);
        let engine = stopped.start();
        let summary = engine.finished(batch);
        assert_eq!((summary.done, summary.skipped, summary.failed), (1, 0, 0), "{policy:?}: {summary:?}");
        assert_eq!(server.all_versions(), ["big"], "{policy:?}");
        assert_eq!(level(&engine), Verified::Unverified);
    }
}

#[test]
fn an_object_that_shows_late_is_no_conflict_with_oneself() {
    for (name, size) in [("small", 10), ("large", LARGE)] {
        let (server, engine, at) = stranger(Checksums::IgnoredAndEchoed);
        server.plan.add(Fault::on("HeadObject", Action::error(404, "NoSuchKey")).first_attempts(4));
        be_nobody(&server);
        let options = on_conflict(ConflictPolicy::Skip);
        let summary = engine.upload(vec![engine.file(name, &pattern(size))], &at, options);
        assert_eq!((summary.done, summary.skipped, summary.failed), (1, 0, 0), "{name}: {summary:?}");
        assert_eq!(server.all_versions(), [name]);
        assert_eq!(server.unfinished_uploads(), 0);
    }
}

#[test]
fn a_good_answer_that_nobody_signed_is_no_leave_to_overwrite() {
    let (server, engine, at) = connected();
    server.put("a", b"somebody's");
    // A proxy says yes to everything for a moment.
    let yes = Action::Answer {
        status: 200,
        headers: vec![("content-type".into(), "text/plain".into())],
        body: String::new(),
    };
    server.plan.add(Fault::on("PutObject", yes).times(1));
    let summary = engine.upload(vec![engine.file("a", b"ours")], &at, on_conflict(ConflictPolicy::Skip));
    assert_eq!((summary.done, summary.skipped, summary.failed), (0, 1, 0), "{summary:?}");
    assert_eq!(server.bytes("a").unwrap(), b"somebody's");
}

/// An upload that is quit before its completion is done.
fn quit_before_complete(policy: ConflictPolicy) -> (Server, TestEngine, bucketdrop::model::BatchId, impl Fn(&Server)) {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("CompleteMultipartUpload", Action::StallBefore));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(LARGE))], &at, on_conflict(policy));
    server.wait_for("CompleteMultipartUpload", 1);
    (server, engine, batch, |server: &Server| {
        server.plan.clear();
        server.plan.clear_log();
    })
}

#[test]
fn what_the_usual_way_mends_is_mended_after_a_restart_too() {
    for code in ["InvalidPart", "BadDigest"] {
        let (server, engine, batch, clear) = quit_before_complete(ConflictPolicy::Ask);
        let stopped = engine.stop();
        clear(&server);
        server.plan.add(Fault::on("CompleteMultipartUpload", Action::error(400, code)).times(1));
        let engine = stopped.start();
        let summary = engine.finished(batch);
        assert_eq!((summary.done, summary.failed), (1, 0), "{code}: {summary:?}");
        assert!(server.bytes("big").unwrap() == pattern(LARGE));
        assert_eq!(server.unfinished_uploads(), 0);
    }
}

#[test]
fn a_key_that_was_taken_while_we_were_gone_is_a_matter_of_the_rule() {
    for policy in [ConflictPolicy::Skip, ConflictPolicy::Rename] {
        let (server, engine, batch, clear) = quit_before_complete(policy);
        let stopped = engine.stop();
        clear(&server);
        server.put("big", b"a rival's");
        let engine = stopped.start();
        let summary = engine.finished(batch);
        let is_skip = policy == ConflictPolicy::Skip;
        let expected = (u64::from(!is_skip), u64::from(is_skip), 0);
        assert_eq!((summary.done, summary.skipped, summary.failed), expected, "{policy:?}: {summary:?}");
        assert_eq!(server.bytes("big").unwrap(), b"a rival's");
        assert_eq!(server.bytes("big (2)").is_some(), !is_skip);
        server.wait_for_unfinished(0);
    }
}

#[test]
fn newer_is_asked_again_before_the_parts_are_put_together() {
    let (server, engine, at) = connected();
    server.put("big", b"a rival's");
    let path = engine.file("big", &pattern(LARGE));
    let hour_ago = std::time::SystemTime::now() - Duration::from_hours(1);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(hour_ago).unwrap();
    // When it was looked at first, an older one stood there.
    let old = Action::WithHeader("last-modified".into(), "Mon, 03 Jan 2000 00:00:00 GMT".into());
    server.plan.add(Fault::on("HeadObject", old).attempt(1));
    engine.upload(vec![path], &at, on_conflict(ConflictPolicy::OverwriteIfNewer));
    assert_eq!(server.plan.count("UploadPart"), 2);
    assert_eq!(engine.report().state, TransferState::Skipped(SkipReason::NotNewer));
    assert_eq!(server.bytes("big").unwrap(), b"a rival's");
    server.wait_for_unfinished(0);
}

#[test]
fn under_newer_our_own_object_is_not_what_was_newer() {
    let (server, engine, at) = connected();
    server.keep_versions();
    let path = engine.file("big", &pattern(LARGE));
    let hour_ago = std::time::SystemTime::now() - Duration::from_hours(1);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(hour_ago).unwrap();
    server.plan.add(Fault::on("CompleteMultipartUpload", Action::CloseAfter).attempt(1));
    let summary = engine.upload(vec![path], &at, on_conflict(ConflictPolicy::OverwriteIfNewer));
    assert_eq!((summary.done, summary.skipped), (1, 0), "{summary:?}");
    assert_eq!(server.all_versions(), ["big"]);
}

/// The wall clock is ahead.
#[derive(Debug)]
struct Ahead(SystemClock, Duration);

pub(crate) fn ahead(by: Duration) -> Arc<dyn Clock> {
    Arc::new(Ahead(SystemClock::new(), by))
}

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        self.0.now() + self.1
    }
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
    fn sleep(&self, duration: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.sleep(duration)
    }
}

#[test]
fn a_clock_that_was_set_in_between_makes_no_stranger_of_our_own_object() {
    let server = Server::start();
    server.keep_versions();
    let engine = TestEngine::start(Setup { clock: ahead(Duration::from_secs(30)), ..Setup::default() });
    let at = engine.connect(&server);
    server.plan.add(Fault::on("PutObject", Action::StallAfter));
    let options = on_conflict(ConflictPolicy::Overwrite);
    let batch = engine.enqueue(vec![engine.file("a", b"once")], &at, options);
    server.wait_for_key("a");
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!(server.all_versions(), ["a"]);
}

/// Server and engine that know of each other that a completion is refused where the key is taken.
fn that_refuses_completions() -> (Server, TestEngine, Location) {
    let (server, engine, at) = connected();
    server.put("taken", b"old");
    let hidden = server.plan.add(Fault::on("HeadObject", Action::error(404, "NoSuchKey")).key("taken"));
    engine.enqueue(vec![engine.file("taken", &pattern(LARGE))], &at, on_conflict(ConflictPolicy::Ask));
    conflict(&engine);
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Cancel });
    server.wait_for_unfinished(0);
    engine.report();
    server.plan.remove(hidden);
    server.plan.clear_log();
    (server, engine, at)
}

#[test]
fn a_large_file_takes_its_parts_and_two_requests_where_completions_are_refused() {
    let (server, engine, at) = that_refuses_completions();
    let path = engine.file("large", &pattern(20 * MIB));
    let summary = engine.upload(vec![path], &at, on_conflict(ConflictPolicy::Ask));
    assert_eq!(summary.done, 1);
    let mut sent = server.plan.log();
    // The transfer before may still look whether its abort held.
    sent.retain(|request| request.key.as_deref() == Some("large"));
    assert_eq!(sent.len(), 3 + 2, "{sent:?}");
    // A taken key is found by the completion itself, and nothing is sent again.
    server.put("next", b"old");
    server.plan.clear_log();
    let batch = engine.enqueue(vec![engine.file("next", &pattern(LARGE))], &at, on_conflict(ConflictPolicy::Ask));
    let (transfer, policy, scope) = (conflict(&engine), ConflictPolicy::Overwrite, ConflictScope::This);
    assert_eq!(server.bytes("next").unwrap(), b"old");
    engine.send(Command::ResolveConflict { transfer, policy, scope });
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!(server.plan.count("UploadPart"), 2);
    assert!(server.bytes("next").unwrap() == pattern(LARGE));
    assert_eq!(server.unfinished_uploads(), 0);
}

#[test]
fn parts_that_take_long_are_not_sent_to_a_key_that_is_taken() {
    let (server, engine, at) = that_refuses_completions();
    server.put("slow", b"old");
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    // The look that is taken after a time finds the other parts stored.
    let look = server.plan.add(Fault::on("HeadObject", Action::Hold).key("slow"));
    let batch = engine.enqueue(vec![engine.file("slow", &pattern(20 * MIB))], &at, on_conflict(ConflictPolicy::Ask));
    engine.wait_for_written_parts(2);
    server.wait_for("HeadObject", 1);
    server.plan.remove(look);
    server.plan.release();
    let (transfer, policy, scope) = (conflict(&engine), ConflictPolicy::Overwrite, ConflictScope::This);
    assert_eq!(server.plan.count("CompleteMultipartUpload"), 0);
    server.plan.clear();
    engine.send(Command::ResolveConflict { transfer, policy, scope });
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!(server.plan.count("UploadPart"), 4, "only what hung is sent again");
    assert!(server.bytes("slow").unwrap() == pattern(20 * MIB));
}
