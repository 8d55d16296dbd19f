//! Multipart uploads that were created without anybody hearing their ids, and whose transfers make no other one at their
//! keys: they are looked for all the same, and aborted if they can only be ours.

use bucketdrop::engine::JournalUse;
use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    BatchId, BatchSummary, Command, ConflictPolicy, Event, Location, PutOptions, RequestId, Selection, TransferAction,
    TransferState, TransferTab,
};
use bucketdrop::platform::Home;

use crate::support::{MIB, Server, Setup, Stopped, TestEngine, connected, on_conflict, pattern};

/// What a run leaves that ended between a creation and its answer.
fn killed_while_creating(policy: ConflictPolicy) -> (Server, Stopped, BatchId, Location) {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("CreateMultipartUpload", Action::StallAfter));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(9 * MIB))], &at, on_conflict(policy));
    server.wait_for_unfinished(1);
    let stopped = engine.stop();
    server.plan.clear();
    server.plan.clear_log();
    (server, stopped, batch, at)
}

fn cancel_all(engine: &TestEngine, batch: BatchId) {
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Cancel });
    assert_eq!(engine.finished(batch).cancelled, 1);
}

#[test]
fn of_a_transfer_that_is_cancelled_before_it_goes_on() {
    let (server, stopped, batch, _) = killed_while_creating(ConflictPolicy::Ask);
    let engine = stopped.start_with(JournalUse::KeepWaiting);
    cancel_all(&engine, batch);
    server.wait_for_unfinished(0);
}

#[test]
fn of_a_file_that_has_vanished_become_small_or_is_left_out() {
    type Change = fn(&Server, &Stopped);
    type Ended = fn(&BatchSummary) -> u64;
    let cases: [(&str, Change, Ended); 3] = [
        ("gone", |_, stopped| std::fs::remove_file(stopped.files.path().join("big")).unwrap(), |end| end.failed),
        ("small", |_, stopped| std::fs::write(stopped.files.path().join("big"), b"now small").unwrap(), |end| end.done),
        ("there already", |server, _| server.put("big", b"theirs"), |end| end.skipped),
    ];
    for (what, change, ended) in cases {
        let (server, stopped, batch, _) = killed_while_creating(ConflictPolicy::Skip);
        change(&server, &stopped);
        let engine = stopped.start();
        let summary = engine.finished(batch);
        assert_eq!(ended(&summary), 1, "{what}: {summary:?}");
        server.wait_for_unfinished(0);
    }
}

#[test]
fn it_stays_in_the_journal_until_somebody_could_look() {
    for refused in ["ListMultipartUploads", "CreateMultipartUpload"] {
        let (server, stopped, batch, _) = killed_while_creating(ConflictPolicy::Ask);
        server.plan.add(Fault::on(refused, Action::error(403, "AccessDenied")));
        let engine = stopped.start_with(JournalUse::KeepWaiting);
        cancel_all(&engine, batch);
        server.wait_for(refused, 1);
        let stopped = engine.stop();
        server.plan.clear();
        assert_eq!(server.unfinished_uploads(), 1, "{refused}");
        let engine = stopped.start();
        server.wait_for_unfinished(0);
        drop(engine);
    }
}

/// Of each stray one that the journal has, how often it was looked for.
fn tries(home: &std::path::Path) -> Vec<i64> {
    let journal = rusqlite::Connection::open(Home::under(home).journal_file()).unwrap();
    let mut rows = journal.prepare("SELECT tries FROM orphan").unwrap();
    rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Starts and ends once, without the keys of before.
fn start_without_keys(home: &std::path::Path) {
    let engine = TestEngine::start_beside(home, Setup::default());
    let asked = RequestId::next();
    engine.send(Command::CleanServers { request: asked });
    engine.expect("an end", |event| {
        matches!(event, Event::ServersCleaned { request } if *request == asked).then_some(())
    });
    drop(engine.stop());
}

#[test]
fn where_a_connection_cannot_be_used_that_counts_as_a_try_and_without_it_nothing_is_tried() {
    let (server, stopped, batch, _) = killed_while_creating(ConflictPolicy::Ask);
    server.plan.add(Fault::on("ListMultipartUploads", Action::error(403, "AccessDenied")));
    let engine = stopped.start_with(JournalUse::KeepWaiting);
    cancel_all(&engine, batch);
    server.wait_for("ListMultipartUploads", 1);
    let stopped = engine.stop();
    let home = stopped.home.path();
    let before = tries(home);
    assert_eq!(before.len(), 1);
    for more in 1..=2 {
        start_without_keys(home);
        assert_eq!(tries(home), [before[0] + more]);
    }
    std::fs::remove_file(Home::under(home).settings_file()).unwrap();
    start_without_keys(home);
    assert_eq!(tries(home), [0; 0], "its connection is gone");
}

#[test]
fn of_a_transfer_that_fails() {
    let (server, stopped, batch, _) = killed_while_creating(ConflictPolicy::Ask);
    server.plan.add(Fault::on("CreateMultipartUpload", Action::error(403, "AccessDenied")));
    let engine = stopped.start();
    assert_eq!(engine.finished(batch).failed, 1);
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    server.wait_for_unfinished(0);
    drop(engine);
}

#[test]
fn of_a_transfer_that_is_paused_and_cancelled_in_the_same_run() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("CreateMultipartUpload", Action::CloseAfter).first_attempts(1));
    server.plan.add(Fault::on("CreateMultipartUpload", Action::Error { status: 503, code: "SlowDown".into() }));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(9 * MIB))], &at, PutOptions::default());
    server.wait_for("CreateMultipartUpload", 2);
    let row = engine.row(TransferTab::Active, |_| true);
    engine.act(row.id, TransferAction::Pause);
    engine.row(TransferTab::Active, |row| row.state == TransferState::Paused);
    server.plan.clear();
    cancel_all(&engine, batch);
    server.wait_for_unfinished(0);
}

#[test]
fn what_holds_parts_is_left_to_its_owner() {
    let (server, stopped, batch, _) = killed_while_creating(ConflictPolicy::Ask);
    let theirs = server.create_upload("big", &pattern(5 * MIB));
    let engine = stopped.start_with(JournalUse::KeepWaiting);
    cancel_all(&engine, batch);
    server.wait_for_unfinished(1);
    let listed = server.client().list_multipart_uploads().bucket(crate::support::BUCKET).send();
    let listed = server.runtime.block_on(listed).unwrap();
    assert_eq!(listed.uploads()[0].upload_id(), Some(theirs.as_str()));
}

#[test]
fn where_the_server_has_refused_nothing_is_looked_for() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("CreateMultipartUpload", Action::error(403, "AccessDenied")));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(9 * MIB))], &at, PutOptions::default());
    assert_eq!(engine.finished(batch).failed, 1);
    let engine = engine.restart();
    engine.row(TransferTab::Failed, |_| true);
    engine.stop();
    assert_eq!(server.plan.count("ListMultipartUploads"), 0);
}
