//! A key that is taken: every rule, both for files of one request and for multipart uploads, and the race.

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    BatchId, Command, Conflict, ConflictPolicy, ConflictScope, Event, FailureKind, Selection, SkipReason,
    TransferAction, TransferState, Verified,
};

use crate::support::{MIB, TestEngine, connected, on_conflict, pattern};

const SMALL: usize = 10;
const LARGE: usize = 9 * MIB;

fn conflict(engine: &TestEngine) -> Conflict {
    engine.expect("ConflictFound", |event| match event {
        Event::ConflictFound(conflict) => Some((**conflict).clone()),
        _ => None,
    })
}

#[test]
fn skip_overwrite_and_rename() {
    let (server, engine, at) = connected();
    for size in [SMALL, LARGE] {
        let key = format!("{size}.tar.gz");
        server.put(&key, b"old");
        let path = engine.file(&key, &pattern(size));
        let summary = engine.upload(vec![path.clone()], &at, on_conflict(ConflictPolicy::Skip));
        assert_eq!((summary.done, summary.skipped), (0, 1));
        assert_eq!(engine.report().state, TransferState::Skipped(SkipReason::Exists));
        assert_eq!(server.bytes(&key).unwrap(), b"old");

        for expected in [format!("{size}.tar (2).gz"), format!("{size}.tar (3).gz")] {
            let summary = engine.upload(vec![path.clone()], &at, on_conflict(ConflictPolicy::Rename));
            assert_eq!(summary.objects[0].key.as_str(), expected);
            assert!(server.bytes(&expected).unwrap() == pattern(size));
            assert_eq!(engine.report().object.key.as_str(), expected);
        }
        assert_eq!(server.bytes(&key).unwrap(), b"old");

        assert_eq!(engine.upload(vec![path], &at, on_conflict(ConflictPolicy::Overwrite)).done, 1);
        assert!(server.bytes(&key).unwrap() == pattern(size));
        engine.report();
    }
    assert_eq!(server.unfinished_uploads(), 0);
}

#[test]
fn newer_compares_times() {
    let (server, engine, at) = connected();
    server.put("a", b"on the server");
    let path = engine.file("a", b"here");
    let set_time = |secs: i64| {
        let time = std::time::SystemTime::now();
        let shift = std::time::Duration::from_secs(secs.unsigned_abs());
        let time = if secs < 0 { time - shift } else { time + shift };
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    };
    set_time(-3600);
    let summary = engine.upload(vec![path.clone()], &at, on_conflict(ConflictPolicy::OverwriteIfNewer));
    assert_eq!((summary.done, summary.skipped), (0, 1));
    assert_eq!(engine.report().state, TransferState::Skipped(SkipReason::NotNewer));
    set_time(3600);
    let options = on_conflict(ConflictPolicy::OverwriteIfNewer);
    assert_eq!(engine.upload(vec![path, engine.file("new", b"new")], &at, options).done, 2);
    assert_eq!(server.bytes("a").unwrap(), b"here");
}

#[test]
fn ask_one_at_a_time_while_others_go_on() {
    let (server, engine, at) = connected();
    for key in ["1", "2", "3"] {
        server.put(key, b"old!");
    }
    let paths = ["1", "2", "3", "free"].map(|name| engine.file(name, b"new")).to_vec();
    let batch = engine.enqueue(paths, &at, on_conflict(ConflictPolicy::Ask));
    let first = conflict(&engine);
    assert_eq!((first.batch, first.existing_bytes, first.new_bytes), (batch, Some(4), 3));
    assert!(first.existing_modified.is_some() && first.new_modified.is_some());
    assert_eq!(engine.report().object.key.as_str(), "free");
    engine.send(Command::ResolveConflict {
        transfer: first.transfer,
        policy: ConflictPolicy::Overwrite,
        scope: ConflictScope::This,
    });
    assert_eq!(engine.report().object, first.object);
    assert_eq!(server.bytes(first.object.key.as_str()).unwrap(), b"new");
    let second = conflict(&engine);
    assert_ne!(second.transfer, first.transfer);
    engine.send(Command::ResolveConflict {
        transfer: second.transfer,
        policy: ConflictPolicy::Rename,
        scope: ConflictScope::RestOfBatch,
    });
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.skipped), (4, 0));
    assert_eq!(server.keys().len(), 6, "two were renamed: {:?}", server.keys());
    assert!(!engine.has_heard(|event| matches!(event, Event::ConflictFound(_))), "no third question");
}

#[test]
fn ask_for_a_large_file_before_and_after_its_bytes() {
    let (server, engine, at) = connected();
    server.put("before", b"old");
    let batch = engine.enqueue(vec![engine.file("before", &pattern(LARGE))], &at, on_conflict(ConflictPolicy::Ask));
    let found = conflict(&engine);
    assert_eq!(server.plan.count("CreateMultipartUpload"), 0, "no byte was sent for nothing");
    engine.send(Command::ResolveConflict {
        transfer: found.transfer,
        policy: ConflictPolicy::Overwrite,
        scope: ConflictScope::This,
    });
    assert_eq!(engine.finished(batch).done, 1);
    assert!(server.bytes("before").unwrap() == pattern(LARGE));

    // Somebody else takes the key while the parts travel: only the Complete finds out.
    server.plan.add(Fault::on("HeadObject", Action::error(404, "NoSuchKey")).key("after").attempt(1));
    server.put("after", b"somebody else's");
    server.plan.clear_log();
    let batch = engine.enqueue(vec![engine.file("after", &pattern(LARGE))], &at, on_conflict(ConflictPolicy::Ask));
    let found = conflict(&engine);
    assert_eq!(server.bytes("after").unwrap(), b"somebody else's");
    engine.send(Command::ResolveConflict {
        transfer: found.transfer,
        policy: ConflictPolicy::Overwrite,
        scope: ConflictScope::This,
    });
    assert_eq!(engine.finished(batch).done, 1);
    assert!(server.bytes("after").unwrap() == pattern(LARGE));
    assert_eq!(server.plan.count("UploadPart"), 2, "the parts were kept");
    assert_eq!(server.unfinished_uploads(), 0);
}

#[test]
fn a_race_cannot_overwrite() {
    let (server, engine, at) = connected();
    let rivals = 6;
    let batches: Vec<BatchId> = (0..rivals)
        .map(|n| {
            let path = engine.file(&format!("{n}/same"), format!("{n}").as_bytes());
            engine.enqueue(vec![path], &at, on_conflict(ConflictPolicy::Skip))
        })
        .collect();
    let done: u64 = batches.into_iter().map(|batch| engine.finished(batch).done).sum();
    assert_eq!(done, 1);
    let winner = (0..rivals).map(|_| engine.report()).find(|r| matches!(r.state, TransferState::Done(_))).unwrap();
    assert_eq!(server.bytes("same").unwrap(), std::fs::read(&winner.path).unwrap());
}

#[test]
fn a_lost_answer_is_no_conflict_with_oneself() {
    for (policy, size) in [(ConflictPolicy::Skip, SMALL), (ConflictPolicy::Ask, LARGE)] {
        let (server, engine, at) = connected();
        let operation = if size == SMALL { "PutObject" } else { "CompleteMultipartUpload" };
        server.plan.add(Fault::on(operation, Action::CloseAfter).attempt(1));
        let summary = engine.upload(vec![engine.file("a", &pattern(size))], &at, on_conflict(policy));
        assert_eq!((summary.done, summary.skipped, summary.failed), (1, 0, 0), "{summary:?}");
        assert!(server.bytes("a").unwrap() == pattern(size));
        assert_eq!(server.unfinished_uploads(), 0);
        assert!(matches!(engine.report().state, TransferState::Done(Verified::Accepted | Verified::Confirmed)));
    }
}

#[test]
fn a_cancelled_question_goes_away() {
    let (server, engine, at) = connected();
    server.put("a", b"old");
    let batch = engine.enqueue(vec![engine.file("a", b"new")], &at, on_conflict(ConflictPolicy::Ask));
    let found = conflict(&engine);
    engine.send(Command::Transfers { selection: Selection::Batch(batch), action: TransferAction::Cancel });
    engine.expect("ConflictGone", |event| {
        matches!(event, Event::ConflictGone(id) if *id == found.transfer).then_some(())
    });
    assert_eq!(engine.finished(batch).cancelled, 1);
    assert_eq!(server.bytes("a").unwrap(), b"old");
}

#[test]
fn a_server_without_conditions_is_no_reason_to_overwrite_a_large_file() {
    let (server, engine, at) = connected();
    server.put("a", b"old");
    let summary = engine.upload(vec![engine.file("a", &pattern(LARGE))], &at, on_conflict(ConflictPolicy::Skip));
    assert_eq!(summary.skipped, 1);
    assert_eq!(server.plan.count("CreateMultipartUpload"), 0);
    assert_eq!(FailureKind::AlreadyExists.code(), "already-exists");
}

#[test]
fn an_upload_paused_after_it_was_stored_is_no_conflict_with_itself() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::StallAfter).attempt(1));
    let batch = engine.enqueue(vec![engine.file("a", b"stored")], &at, on_conflict(ConflictPolicy::Ask));
    server.wait_for("PutObject", 1);
    server.wait_for_key("a");
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Pause });
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Resume });
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.skipped), (1, 0));
}
