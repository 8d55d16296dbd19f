//! Multipart uploads that nobody needs: aborted until they are gone, also at the next start; shown, and told apart from
//! those of others.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bucketdrop::local_storage::faults::{Action, Fault, PlannedCleaning};
use bucketdrop::model::{
    BatchId, BucketCleaning, BucketName, CleaningRule, Command, Event, FailureKind, Location, NoticeText, PutOptions,
    RequestId, Selection, TransferAction, TransferState, TransferTab, UnfinishedUpload, UploadOwner,
};
use bucketdrop::platform::testing::SilentStore;
use bucketdrop::platform::{MemoryStore, SecretStore};

use crate::support::{BUCKET, MIB, PATIENCE, Server, Setup, TestEngine, connected, copy_of_home, pattern};

fn listed(engine: &TestEngine, at: &Location) -> Vec<UnfinishedUpload> {
    let request = RequestId::next();
    let (connection, bucket) = (at.connection.clone(), at.bucket.clone());
    engine.send(Command::ListUnfinished { request, connection, bucket });
    engine.expect("UnfinishedListed", |event| match event {
        Event::UnfinishedListed { request: r, result, .. } if *r == request => Some(result.clone().unwrap()),
        _ => None,
    })
}

/// What is listed as soon as that holds, or at last.
fn listed_when(
    engine: &TestEngine,
    at: &Location,
    holds: impl Fn(&[UnfinishedUpload]) -> bool,
) -> Vec<UnfinishedUpload> {
    let end = Instant::now() + PATIENCE;
    loop {
        let rows = listed(engine, at);
        if holds(&rows) || Instant::now() >= end {
            return rows;
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

#[test]
fn an_abort_that_did_not_work_is_tried_again_at_the_next_start() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    server.plan.add(Fault::on("AbortMultipartUpload", Action::error(403, "AccessDenied")));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(20 * MIB))], &at, PutOptions::default());
    server.wait_for("UploadPart", 3);
    engine.send(Command::Transfers { selection: Selection::Batch(batch), action: TransferAction::Cancel });
    assert_eq!(engine.finished(batch).cancelled, 1);
    assert_eq!(server.unfinished_uploads(), 1);
    assert_eq!(listed(&engine, &at).first().map(|row| row.owner), Some(UploadOwner::LeftByUs));
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    server.wait_for_unfinished(0);
    drop(engine);
}

#[test]
fn the_lifecycle_rules_of_a_bucket_are_read_beside_its_unfinished_uploads() {
    let (server, engine, at) = connected();
    let rules = || {
        let request = RequestId::next();
        let (connection, bucket) = (at.connection.clone(), at.bucket.clone());
        engine.send(Command::ListUnfinished { request, connection, bucket });
        engine.expect("UnfinishedRules", |event| match event {
            Event::UnfinishedRules { request: r, rules } if *r == request => Some(rules.clone()),
            _ => None,
        })
    };
    assert_eq!(rules(), BucketCleaning::NoRule);
    let planned = |prefix: &str, days, is_enabled| PlannedCleaning { prefix: prefix.to_owned(), days, is_enabled };
    server.plan.set_cleaning(vec![planned("logs/", 3, true), planned("", 1, false), planned("", 7, true)]);
    let rule = |prefix: &str, days| CleaningRule { prefix: prefix.to_owned(), days };
    assert_eq!(rules(), BucketCleaning::Rules(vec![rule("", 7), rule("logs/", 3)]));
    for (status, code, told) in
        [(403, "AccessDenied", BucketCleaning::NotReadable), (501, "NotImplemented", BucketCleaning::NotOffered)]
    {
        server.plan.clear();
        server.plan.add(Fault::on("GetBucketLifecycleConfiguration", Action::error(status, code)));
        assert_eq!(rules(), told);
    }
}

#[test]
fn h18_own_uploads_are_shown_where_no_list_of_them_may_be_read() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("ListMultipartUploads", Action::error(403, "AccessDenied")));
    server.plan.add(Fault::on("ListParts", Action::error(403, "AccessDenied")));
    let refused = |engine: &TestEngine| {
        let request = RequestId::next();
        let (connection, bucket) = (at.connection.clone(), at.bucket.clone());
        engine.send(Command::ListUnfinished { request, connection, bucket });
        engine.expect("UnfinishedListed", |event| match event {
            Event::UnfinishedListed { request: r, result, .. } if *r == request => Some(result.clone()),
            _ => None,
        })
    };
    assert!(refused(&engine).is_err(), "nothing is known");
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    server.plan.add(Fault::on("AbortMultipartUpload", Action::error(403, "AccessDenied")));
    let left = engine.enqueue(vec![engine.file("left", &pattern(17 * MIB))], &at, PutOptions::default());
    server.wait_for_answers("UploadPart", 2);
    engine.send(Command::Transfers { selection: Selection::Batch(left), action: TransferAction::Cancel });
    assert_eq!(engine.finished(left).cancelled, 1);
    engine.enqueue(vec![engine.file("paused", &pattern(17 * MIB))], &at, PutOptions::default());
    server.wait_for_answers("UploadPart", 4);
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Pause });
    let paused = engine.row(TransferTab::Active, |row| row.state == TransferState::Paused).id;
    // The orphan stays in sight, also at the next start, and why there is no more is told.
    let owners = [("left", UploadOwner::LeftByUs), ("paused", UploadOwner::InQueue(paused))];
    let mut engine = engine;
    for run in ["the first", "the next"] {
        if run == "the next" {
            engine = engine.restart();
        }
        // A pause is shown at once; what was under way is kept when its last request has ended.
        let rows = listed_when(&engine, &at, |rows| rows.len() == owners.len());
        assert_eq!(rows.iter().map(|row| (row.key.as_str(), row.owner)).collect::<Vec<_>>(), owners, "{run}");
        engine.expect("the reason", |event| match event {
            Event::Notice(notice) => match &notice.text {
                NoticeText::Failure(failure) => (failure.kind == FailureKind::AccessDenied).then_some(()),
                NoticeText::Message { .. } => None,
            },
            _ => None,
        });
    }
}

#[test]
fn ours_and_others_are_told_apart_and_aborted_one_by_one() {
    let (server, engine, at) = connected();
    let theirs = server.create_upload("theirs", &pattern(6 * MIB));
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    let batch = engine.enqueue(vec![engine.file("ours", &pattern(20 * MIB))], &at, PutOptions::default());
    server.wait_for_answers("UploadPart", 2);
    let transfer = engine.row(TransferTab::Active, |_| true).id;
    let rows = listed(&engine, &at);
    let facts: Vec<_> = rows.iter().map(|row| (row.key.as_str(), row.owner)).collect();
    assert_eq!(facts, [("theirs", UploadOwner::Other), ("ours", UploadOwner::InQueue(transfer))]);
    assert_eq!((rows[0].parts, rows[0].bytes), (Some(1), Some(6 * MIB as u64)));
    assert!(rows[0].started.is_some() && rows[0].upload_id == theirs);

    let abort = |upload: &UnfinishedUpload| {
        let request = RequestId::next();
        let (connection, bucket) = (at.connection.clone(), BucketName::new(BUCKET).unwrap());
        engine.send(Command::AbortUnfinished { request, connection, bucket, upload: Box::new(upload.clone()) });
        engine.expect("UnfinishedAborted", |event| match event {
            Event::UnfinishedAborted { request: r, result, .. } if *r == request => Some(result.clone()),
            _ => None,
        })
    };
    assert_eq!(abort(&rows[0]).unwrap(), Some(6 * MIB as u64));
    assert_eq!(listed(&engine, &at).len(), 1);
    assert_eq!(abort(&rows[1]).unwrap(), rows[1].bytes);
    assert_eq!(engine.finished(batch).cancelled, 1, "its transfer does not go on without it");
    assert_eq!(server.unfinished_uploads(), 0);
}

#[test]
fn what_a_failed_transfer_has_kept_can_be_aborted_and_a_fault_on_the_way_does_not_matter() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::error(403, "AccessDenied")).part(2));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(20 * MIB))], &at, PutOptions::default());
    assert_eq!(engine.finished(batch).failed, 1);
    let transfer = engine.row(TransferTab::Failed, |_| true).id;
    let rows = listed(&engine, &at);
    let [upload] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(upload.owner, UploadOwner::InQueue(transfer));
    server.plan.clear();
    server.plan.add(Fault::on("ListParts", Action::error(503, "SlowDown")).times(2));
    let (request, upload) = (RequestId::next(), upload.clone());
    let (connection, bucket, bytes) = (at.connection.clone(), at.bucket.clone(), upload.bytes);
    engine.send(Command::AbortUnfinished { request, connection, bucket, upload: Box::new(upload) });
    let aborted = engine.expect("UnfinishedAborted", |event| match event {
        Event::UnfinishedAborted { request: r, result, .. } if *r == request => Some(result.clone()),
        _ => None,
    });
    assert_eq!(aborted.unwrap(), bytes);
    server.wait_for_unfinished(0);
    // It has failed all the same, and can be tried again.
    engine.act(transfer, TransferAction::Retry);
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.failed), (1, 0), "the end is told again");
    assert!(server.bytes("big").unwrap() == pattern(20 * MIB));
}

#[test]
fn others_uploads_of_the_same_key_are_never_touched() {
    let (server, engine, at) = connected();
    // One with a part, and one from before: neither can be ours.
    server.create_upload("big", &pattern(5 * MIB));
    server.plan.add(Fault::on("CreateMultipartUpload", Action::StallAfter));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(9 * MIB))], &at, PutOptions::default());
    server.wait_for_unfinished(2);
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    assert_eq!(engine.finished(batch).done, 1);
    let left = listed(&engine, &at);
    assert_eq!(left.iter().map(|row| (row.parts, row.owner)).collect::<Vec<_>>(), [(Some(1), UploadOwner::Other)]);
}

/// What a run leaves that ended in the middle of a large upload; its folder, its batch, and the keychain with its keys.
fn half_an_upload(then: Option<TransferAction>) -> (Server, tempfile::TempDir, BatchId, Arc<dyn SecretStore>) {
    let (server, store) = (Server::start(), Arc::new(MemoryStore::default()) as Arc<dyn SecretStore>);
    let engine = TestEngine::start(Setup { store: Arc::clone(&store), ..Setup::default() });
    let at = engine.connect(&server);
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(20 * MIB))], &at, PutOptions::default());
    server.wait_for_answers("UploadPart", 2);
    let row = engine.row(TransferTab::Active, |row| row.done_bytes >= 8 * MIB as u64);
    if let Some(action) = then {
        engine.act(row.id, action);
        engine.row(TransferTab::Active, |row| row.state == TransferState::Paused);
    }
    let stopped = engine.stop();
    server.plan.clear();
    assert_eq!(server.unfinished_uploads(), 1);
    (server, stopped.home, batch, store)
}

#[test]
fn killed_between_a_cancel_and_its_abort_the_next_start_aborts() {
    let (server, home, batch, store) = half_an_upload(Some(TransferAction::Pause));
    // No keys for the abort, for as long as this run lasts.
    let silent = Arc::new(SilentStore::default());
    let mut setup = Setup { store: Arc::clone(&silent) as Arc<dyn SecretStore>, ..Setup::default() };
    setup.tuning.keychain_limit = Duration::from_mins(2);
    let engine = TestEngine::start_beside(home.path(), setup);
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Cancel });
    assert_eq!(engine.finished(batch).cancelled, 1);
    let killed = copy_of_home(home.path());
    assert_eq!(server.unfinished_uploads(), 1);
    let next = TestEngine::start_beside(killed.path(), Setup { store, ..Setup::default() });
    server.wait_for_unfinished(0);
    silent.wake();
    drop((engine, next));
}

#[test]
fn cancelled_before_its_connection_opened_an_upload_is_aborted_by_the_next_start() {
    let (server, home, batch, store) = half_an_upload(None);
    let silent = Arc::new(SilentStore::default());
    let engine = TestEngine::start_beside(home.path(), Setup::with_silent(Arc::clone(&silent)));
    engine.row(TransferTab::Active, |row| row.state == TransferState::Checking);
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Cancel });
    assert_eq!(engine.finished(batch).cancelled, 1);
    // Without keys to the end: with them it would abort by itself.
    engine.leave();
    assert_eq!(server.unfinished_uploads(), 1);
    silent.wake();
    let next = TestEngine::start_beside(home.path(), Setup { store, ..Setup::default() });
    server.wait_for_unfinished(0);
    drop(next);
}
