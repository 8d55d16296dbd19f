//! Pause, resume, cancel and retry; what is left on the server afterwards; and quiet when nothing moves.

use std::sync::Arc;
use std::time::Duration;

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    Command, Event, FailureKind, PutOptions, QueueStake, RequestId, RowsWanted, Selection, TransferAction,
    TransferState, TransferTab,
};

use crate::support::{MIB, Server, Setup, TestEngine, connected, pattern};

#[test]
fn a_pause_keeps_finished_parts() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(3).attempt(1));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(40 * MIB))], &at, PutOptions::default());
    // Four parts are through, the third hangs.
    engine.wait_for_written_parts(4);
    let row = engine.row(TransferTab::Active, |row| row.state == TransferState::Active);
    engine.act(row.id, TransferAction::Pause);
    let is_kept = |done_bytes| done_bytes == 32 * MIB as u64;
    engine.row(TransferTab::Active, |row| row.state == TransferState::Paused && is_kept(row.done_bytes));
    assert_eq!(server.unfinished_uploads(), 1);
    engine.act(row.id, TransferAction::Resume);
    assert_eq!(engine.finished(batch).done, 1);
    assert!(server.bytes("big").unwrap() == pattern(40 * MIB));
    assert_eq!(server.plan.count("UploadPart"), 5 + 1, "only the missing part was sent again");
    assert_eq!(server.plan.count("CreateMultipartUpload"), 1);
}

#[test]
fn a_changed_file_starts_again_after_a_pause() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2).attempt(1));
    let path = engine.file("big", &pattern(9 * MIB));
    let batch = engine.enqueue(vec![path.clone()], &at, PutOptions::default());
    server.wait_for_answers("UploadPart", 1);
    let row = engine.row(TransferTab::Active, |row| row.state == TransferState::Active);
    engine.act(row.id, TransferAction::Pause);
    engine.row(TransferTab::Active, |row| row.state == TransferState::Paused);
    std::fs::write(&path, vec![7; 10 * MIB]).unwrap();
    engine.act(row.id, TransferAction::Resume);
    assert_eq!(engine.finished(batch).done, 1);
    assert!(server.bytes("big").unwrap() == vec![7; 10 * MIB]);
    assert_eq!(server.unfinished_uploads(), 0);
}

#[test]
fn a_cancel_aborts_the_upload_on_the_server() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(20 * MIB))], &at, PutOptions::default());
    server.wait_for("UploadPart", 3);
    assert_eq!(server.unfinished_uploads(), 1);
    engine.send(Command::Transfers { selection: Selection::Batch(batch), action: TransferAction::Cancel });
    let summary = engine.finished(batch);
    assert_eq!((summary.cancelled, summary.done), (1, 0));
    assert_eq!(server.unfinished_uploads(), 0, "cancelled means that nothing is left");
    assert!(server.keys().is_empty());
}

#[test]
fn a_cancel_while_paused_aborts_too() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(9 * MIB))], &at, PutOptions::default());
    server.wait_for("UploadPart", 2);
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Pause });
    engine.row(TransferTab::Active, |row| row.state == TransferState::Paused);
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Cancel });
    assert_eq!(engine.finished(batch).cancelled, 1);
    server.wait_for_unfinished(0);
}

#[test]
fn a_retry_goes_on_with_the_finished_parts() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::error(403, "AccessDenied")).part(3).times(1));
    let path = engine.file("big", &pattern(20 * MIB));
    let batch = engine.enqueue(vec![path], &at, PutOptions::default());
    let summary = engine.finished(batch);
    assert_eq!(summary.failed, 1);
    assert_eq!(summary.first_failure.unwrap().kind, FailureKind::AccessDenied);
    let failed = engine.report();
    let row = engine.row(TransferTab::Failed, |row| row.id == failed.id);
    engine.act(row.id, TransferAction::Retry);
    let report = engine.report();
    assert!(matches!(report.state, TransferState::Done(_)));
    assert!(server.bytes("big").unwrap() == pattern(20 * MIB));
    assert_eq!(server.plan.count("CreateMultipartUpload"), 1);
    assert_eq!(server.unfinished_uploads(), 0);
}

#[test]
fn a_cancelled_upload_can_be_started_again_and_only_by_itself() {
    let (server, engine, at) = connected();
    server.keep_versions();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2).attempt(1));
    server.plan.add(Fault::on("PutObject", Action::StallBefore).attempt(1));
    let paths = vec![engine.file("big", &pattern(9 * MIB)), engine.file("small", b"small")];
    let batch = engine.enqueue(paths, &at, PutOptions::default());
    server.wait_for("UploadPart", 2);
    server.wait_for("PutObject", 1);
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Cancel });
    assert_eq!(engine.finished(batch).cancelled, 2);
    let [one, other] = [engine.report(), engine.report()];
    assert_eq!((one.state, other.state), (TransferState::Cancelled, TransferState::Cancelled));
    // "Retry" of all is for what has failed.
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Retry });
    engine.row(TransferTab::Done, |row| row.id == one.id && row.state == TransferState::Cancelled);
    engine.act(one.id, TransferAction::Retry);
    assert!(matches!(engine.report().state, TransferState::Done(_)));
    engine.act(other.id, TransferAction::Retry);
    assert!(matches!(engine.report().state, TransferState::Done(_)));
    assert_eq!(server.all_versions(), ["big", "small"]);
    assert_eq!(server.unfinished_uploads(), 0);
    // The next start has nothing left to do.
    server.plan.clear();
    let settled = engine.restart();
    assert_eq!(settled.upload(vec![settled.file("last", b"l")], &at, PutOptions::default()).done, 1);
    assert_eq!(server.all_versions(), ["big", "last", "small"]);
}

#[test]
fn forgetting_a_failed_upload_aborts_it() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::error(403, "AccessDenied")).part(2));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(9 * MIB))], &at, PutOptions::default());
    assert_eq!(engine.finished(batch).failed, 1);
    assert_eq!(server.unfinished_uploads(), 1, "kept for a retry");
    // What is to be cleared is what is finished.
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Forget });
    engine.row(TransferTab::Failed, |row| row.object.key.as_str() == "big");
    assert_eq!(server.unfinished_uploads(), 1);
    let stake = count(&engine, Selection::All);
    assert_eq!((stake.open.transfers, stake.failed.transfers, stake.failed.bytes), (0, 1, 9 * MIB as u64));
    assert!(stake.failed.moved_bytes <= 8 * MIB as u64, "one part of two at most: {stake:?}");
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::ForgetFailed });
    server.wait_for_unfinished(0);
    assert!(count(&engine, Selection::All).is_nothing());
}

fn count(engine: &TestEngine, selection: Selection) -> QueueStake {
    let request = RequestId::next();
    engine.send(Command::CountTransfers { request, selection });
    engine.expect("TransfersCounted", |event| match event {
        Event::TransfersCounted { request: r, stake } if *r == request => Some(**stake),
        _ => None,
    })
}

#[test]
fn what_a_cancel_would_throw_away_is_known() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    let paths = vec![engine.file("big", &pattern(20 * MIB)), engine.file("small", b"small")];
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    let batch = engine.enqueue(paths, &at, PutOptions::default());
    server.wait_for_answers("UploadPart", 2);
    engine.row(TransferTab::Active, |row| row.done_bytes >= 12 * MIB as u64);
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Pause });
    let paused = engine.row(TransferTab::Active, |row| row.state == TransferState::Paused && row.done_bytes > 0);
    let both = 20 * MIB as u64 + 5;
    for selection in [Selection::All, Selection::Batch(batch), Selection::Connection(at.connection.clone())] {
        let stake = count(&engine, selection);
        assert_eq!((stake.open.transfers, stake.open.bytes, stake.failed.transfers), (2, both, 0));
        assert_eq!(stake.open.moved_bytes, paused.done_bytes);
    }
    let one = count(&engine, Selection::One(paused.id)).open;
    assert_eq!((one.transfers, one.bytes, one.moved_bytes), (1, 20 * MIB as u64, paused.done_bytes));
    let elsewhere = Selection::Connection(bucketdrop::model::ConnectionId::new("other"));
    assert!(count(&engine, elsewhere).is_nothing());
}

#[test]
fn everything_paused_stays_paused_also_what_is_still_found() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    for number in 0..700 {
        engine.file(&format!("d/{number}"), b"x");
    }
    let batch = engine.enqueue(vec![engine.files.path().join("d")], &at, PutOptions::default());
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Pause });
    engine.send(Command::ShowTransfers(RowsWanted { tab: TransferTab::Active, first_index: 690, count: 100 }));
    let view = engine.expect("all paused", |event| match event {
        Event::Transfers(view) if view.counts.paused == 700 && view.first_index == 690 => Some((**view).clone()),
        _ => None,
    });
    assert_eq!((view.rows.len(), view.first_index, view.rate_bytes_per_sec), (10, 690, 0));
    server.plan.clear();
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Resume });
    assert_eq!(engine.finished(batch).done, 700);
    let request = RequestId::next();
    engine.send(Command::ListUploaded { request });
    let uploaded = engine.expect("UploadedObjects", |event| match event {
        Event::UploadedObjects { request: r, objects } if *r == request => Some(objects.len()),
        _ => None,
    });
    assert_eq!(uploaded, 700);
}

#[test]
fn progress_is_told_at_most_ten_times_a_second_and_not_at_all_when_idle() {
    let server = Server::start();
    let engine = TestEngine::start(Setup::default());
    let at = engine.connect(&server);
    let begin = std::time::Instant::now();
    let batch = engine.enqueue(vec![engine.file("big", &pattern(60 * MIB))], &at, PutOptions::default());
    engine.expect("the end", |event| match event {
        Event::Transfers(view) => (view.counts.done == 1).then_some(()),
        _ => None,
    });
    // Each stands for a frame of the window: never two within a tenth of a second, whatever is told.
    let pictures = 1 + engine.count_heard(|event| matches!(event, Event::Transfers(_))) as u128;
    let tenths = begin.elapsed().as_millis() / 100;
    assert!(pictures <= tenths + 2, "{pictures} pictures in {tenths} tenths of a second");
    // Nothing moves any more: the waker stays silent for longer than any timer of the engine. What was under way when
    // the last picture came may still come.
    engine.finished(batch);
    let is_silent = || {
        engine.handle.drain_events();
        std::thread::park_timeout(Duration::from_millis(400));
        engine.handle.drain_events().is_empty()
    };
    assert!((0..5).any(|_try| is_silent()), "it goes on telling");
    drop(Arc::new(server));
}
