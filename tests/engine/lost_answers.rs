//! The server has done what was asked, and its answer is lost: no file fails for it, none is told to exist already,
//! none gets a second version, and nothing unfinished is left. In a bucket that keeps versions; with and without
//! `If-None-Match`. The short forms lose a few answers of each kind, `tests/soak` fifty.

use bucketdrop::local_storage::faults::{Action, Fault, Profile};
use bucketdrop::model::{
    Command, ConflictPolicy, Event, Location, Prefix, Selection, TransferAction, TransferState, TransferTab,
};

use crate::opaque::opaque;
use crate::support::{MIB, TestEngine, connected, on_conflict, pattern};

const FEW: usize = 4;
const MANY: usize = 50;
/// So many files are under way at a time. A server that loses the first answer to every file is taken for one that is
/// down: after that each file that is new to it would cost a longer wait.
const AT_A_TIME: usize = 10;

/// Overwriting sends no condition, skipping does.
const BOTH: [ConflictPolicy; 2] = [ConflictPolicy::Overwrite, ConflictPolicy::Skip];

/// How the `n`-th answer is lost.
fn loss(n: usize) -> Action {
    if n.is_multiple_of(2) {
        Action::CloseAfter
    } else {
        Action::ErrorAfter { status: 500, code: "InternalError".into() }
    }
}

fn asks(engine: &TestEngine) -> usize {
    engine.count_heard(|event| matches!(event, Event::ConflictFound(_)))
}

/// Uploads so many files; of each the first answer to `operation` is lost, of every fifth the first two.
#[expect(clippy::print_stdout, reason = "says with how many trials its zeros were seen")]
fn lose(operation: &str, count: usize, size: usize, (policy, service): (ConflictPolicy, Profile)) {
    let (server, engine, at) = connected();
    server.keep_versions();
    server.plan.set_profile(service);
    let tags = service.etags;
    let mut expected = Vec::new();
    for n in 0..count {
        let key = format!("{}/{n:02}", n / AT_A_TIME);
        let losses = if n.is_multiple_of(5) { 2 } else { 1 };
        server.plan.add(Fault::on(operation, loss(n)).key(&key).first_attempts(losses));
        engine.file(&key, &pattern(size + n));
        expected.push(key);
    }
    for group in expected.chunks(AT_A_TIME) {
        let paths = group.iter().map(|key| engine.files.path().join(key)).collect();
        let folder = group.first().and_then(|key| key.split_inclusive('/').next()).unwrap();
        let to = Location { prefix: Prefix::new(folder), ..at.clone() };
        let summary = engine.upload(paths, &to, on_conflict(policy));
        let told = (summary.done, summary.failed, summary.skipped, asks(&engine));
        assert_eq!(told, (group.len() as u64, 0, 0, 0), "{operation}, {policy:?}: {summary:?}");
    }
    assert_eq!(server.all_versions(), expected, "{operation}, {policy:?}: one version of each");
    for (n, key) in expected.iter().enumerate() {
        assert!(server.bytes(key).unwrap() == pattern(size + n), "{key}");
    }
    assert_eq!(server.unfinished_uploads(), 0, "{operation}, {policy:?}");
    println!(
        "{operation}, {policy:?}, {tags:?} tags: {count} answers lost, 0 false failures, 0 false \"exists\", 0 extra versions"
    );
}

/// Cancels so many uploads in their middle; of each the answer to the abort is lost.
#[expect(clippy::print_stdout, reason = "says with how many trials its zeros were seen")]
fn lose_aborts(count: usize, policy: ConflictPolicy) {
    let (server, engine, at) = connected();
    server.keep_versions();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    for n in 0..count {
        let key = format!("{n:02}");
        let losses = if n.is_multiple_of(5) { 2 } else { 1 };
        server.plan.add(Fault::on("AbortMultipartUpload", loss(n)).key(&key).first_attempts(losses));
        let batch = engine.enqueue(vec![engine.file(&key, &pattern(9 * MIB))], &at, on_conflict(policy));
        server.wait_for_answers("UploadPart", n + 1);
        engine.send(Command::Transfers { selection: Selection::Batch(batch), action: TransferAction::Cancel });
        let summary = engine.finished(batch);
        assert_eq!((summary.cancelled, summary.failed, asks(&engine)), (1, 0, 0), "{policy:?}: {summary:?}");
    }
    server.wait_for_unfinished(0);
    assert!(server.all_versions().is_empty());
    println!("Abort, {policy:?}: {count} answers lost, 0 false failures, 0 unfinished uploads, 0 versions");
}

fn lose_all(count: usize) {
    for policy in BOTH {
        let usual = (policy, Profile::default());
        lose("PutObject", count, 1000, usual);
        lose("CreateMultipartUpload", count, 9 * MIB, usual);
        lose("CompleteMultipartUpload", count, 9 * MIB, usual);
        lose_aborts(count, policy);
    }
}

/// Where the service tells nothing that could be compared.
fn lose_all_unseen(count: usize) {
    for policy in BOTH {
        lose("PutObject", count, 1000, (policy, opaque()));
        lose("CompleteMultipartUpload", count, 9 * MIB, (policy, opaque()));
    }
}

#[test]
fn h38_lost_answers_of_services_whose_tags_say_nothing() {
    lose_all_unseen(FEW);
}

#[test]
fn lost_answers_are_no_failures_and_no_second_versions() {
    lose_all(FEW);
}

#[test]
#[ignore = "takes long: tests/soak runs it"]
fn long_fifty_lost_answers_of_each_kind() {
    lose_all(MANY);
    lose_all_unseen(MANY);
}

#[test]
fn a_lost_answer_to_a_creation_is_remembered_over_a_pause() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("CreateMultipartUpload", Action::CloseAfter).first_attempts(1));
    server.plan.add(Fault::on("CreateMultipartUpload", Action::Error { status: 503, code: "SlowDown".into() }));
    let path = engine.file("big", &pattern(9 * MIB));
    let batch = engine.enqueue(vec![path], &at, on_conflict(ConflictPolicy::Overwrite));
    server.wait_for("CreateMultipartUpload", 2);
    let row = engine.row(TransferTab::Active, |_| true);
    engine.act(row.id, TransferAction::Pause);
    engine.row(TransferTab::Active, |row| row.state == TransferState::Paused);
    server.plan.clear();
    engine.act(row.id, TransferAction::Resume);
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!(server.unfinished_uploads(), 0, "the upload whose answer was lost is gone");
}
