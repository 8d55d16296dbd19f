//! Objects come back byte for byte, never over a file that is not theirs, never outside the folder.

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    AfterDownload, BatchId, BatchSummary, Command, ConflictPolicy, FailureKind, Location, ObjectKey, Prefix, Target,
    TransferState,
};

use crate::support::{MIB, TestEngine, connected, pattern};

fn download(engine: &TestEngine, at: &Location, targets: Vec<Target>, policy: ConflictPolicy) -> BatchSummary {
    let batch = BatchId::next();
    engine.send(Command::Download {
        batch,
        at: at.clone(),
        targets,
        to: Some(engine.files.path().join("down")),
        on_conflict: policy,
        then: AfterDownload::Keep,
    });
    engine.finished(batch)
}

fn object(key: &str) -> Target {
    Target::Object(ObjectKey::new(key))
}

fn local(engine: &TestEngine, name: &str) -> Option<Vec<u8>> {
    std::fs::read(engine.files.path().join("down").join(name)).ok()
}

#[test]
fn objects_and_folders_come_with_their_structure() {
    let (server, engine, at) = connected();
    server.put("사진/2026/a b+c.jpg", b"one");
    server.put("사진/2026/sub/empty", b"");
    server.put("사진/2026/sub/", b"");
    server.put("사진/other", b"not asked for");
    server.put("사진/big", &pattern(20 * MIB));
    let at = Location { prefix: Prefix::new("사진"), ..at };
    let targets = vec![Target::Folder(Prefix::new("사진/2026")), object("사진/big")];
    let summary = download(&engine, &at, targets, ConflictPolicy::Ask);
    assert_eq!((summary.done, summary.failed), (3, 0), "{summary:?}");
    assert_eq!(local(&engine, "2026/a b+c.jpg").unwrap(), b"one");
    assert_eq!(local(&engine, "2026/sub/empty").unwrap(), b"");
    assert!(local(&engine, "big").unwrap() == pattern(20 * MIB));
    assert!(local(&engine, "other").is_none());
}

#[test]
fn a_broken_answer_is_taken_up_where_it_broke() {
    let (server, engine, at) = connected();
    server.put("big", &pattern(20 * MIB));
    server.plan.clear_log();
    server.plan.add(Fault::on("GetObject", Action::TruncateAnswer { after_bytes: 5_000_000 }).times(2));
    let summary = download(&engine, &at, vec![object("big")], ConflictPolicy::Ask);
    assert_eq!(summary.done, 1, "{summary:?}");
    assert!(local(&engine, "big").unwrap() == pattern(20 * MIB));
    let sent: u64 = server.plan.log().iter().filter(|r| r.operation == "GetObject").map(|r| r.response_bytes).sum();
    assert!(sent < 26 * MIB as u64, "{sent} bytes were sent for 20 MiB");
}

#[test]
fn files_that_are_there() {
    let (server, engine, at) = connected();
    server.put("a.txt", b"from the server");
    let path = engine.file("down/a.txt", b"mine");
    let summary = download(&engine, &at, vec![object("a.txt")], ConflictPolicy::Skip);
    assert_eq!((summary.done, summary.skipped), (0, 1));
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    let summary = download(&engine, &at, vec![object("a.txt")], ConflictPolicy::Rename);
    assert_eq!(summary.done, 1);
    assert_eq!(local(&engine, "a (2).txt").unwrap(), b"from the server");
    let summary = download(&engine, &at, vec![object("a.txt")], ConflictPolicy::Overwrite);
    assert_eq!(summary.done, 1);
    assert_eq!(std::fs::read(&path).unwrap(), b"from the server");
}

#[test]
fn keys_that_lead_elsewhere_are_refused_by_name() {
    let (server, engine, at) = connected();
    server.put("up/../../escape", b"x");
    server.put("up/fine", b"y");
    let summary = download(&engine, &at, vec![Target::Folder(Prefix::new("up"))], ConflictPolicy::Overwrite);
    assert_eq!((summary.done, summary.failed), (1, 1), "{summary:?}");
    assert_eq!(summary.first_failure.unwrap().kind, FailureKind::TargetNameUnsafe);
    assert!(!engine.files.path().join("escape").exists());
}

#[test]
fn a_missing_object_is_named_and_leaves_nothing() {
    let (_server, engine, at) = connected();
    let summary = download(&engine, &at, vec![object("nope")], ConflictPolicy::Ask);
    assert_eq!(summary.first_failure.unwrap().kind, FailureKind::NoSuchKey);
    assert!(matches!(engine.report().state, TransferState::Failed(_)));
    assert_eq!(std::fs::read_dir(engine.files.path().join("down")).unwrap().count(), 0);
}

#[test]
fn an_object_replaced_while_it_is_fetched_is_fetched_anew() {
    let (server, engine, at) = connected();
    server.put("a", &pattern(4 * MIB));
    server.plan.add(Fault::on("GetObject", Action::StallAnswer { after_bytes: 1_000_000 }).times(1));
    let batch = BatchId::next();
    engine.send(Command::Download {
        batch,
        at: at.clone(),
        targets: vec![object("a")],
        to: Some(engine.files.path().join("down")),
        on_conflict: ConflictPolicy::Ask,
        then: AfterDownload::Keep,
    });
    server.wait_for("GetObject", 1);
    server.put("a", b"another one");
    let row = engine.row(bucketdrop::model::TransferTab::Active, |row| row.done_bytes > 0);
    engine.act(row.id, bucketdrop::model::TransferAction::Pause);
    engine.act(row.id, bucketdrop::model::TransferAction::Resume);
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!(local(&engine, "a").unwrap(), b"another one");
}
