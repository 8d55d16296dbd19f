//! What the user has agreed to is what is done: connections that transfers go through, public uploads that were shown,
//! changes of who can read whose answer is lost.

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    Command, ConnectionDraft, ConnectionId, Event, Failure, FailureKind, Location, OpenTransfers, OpenWhat, Prefix,
    PutOptions, QueueSwitch, RequestId, SecretPlace, SharingChange, SharingStands, SkipReason, TransferState,
    TransferTab, UploadAccess,
};

use crate::sharing::{plan, reads, undo};
use crate::support::{MIB, Server, TestEngine, connected, pattern};

fn delete(engine: &TestEngine, id: &ConnectionId, open: OpenTransfers) -> Result<(), Box<Failure>> {
    let request = RequestId::next();
    engine.send(Command::DeleteConnection { request, id: id.clone(), open });
    engine.expect("ConnectionDeleted", |event| match event {
        Event::ConnectionDeleted { request: r, result, .. } if *r == request => Some(result.clone()),
        _ => None,
    })
}

/// A large upload with some of its parts at the server, held, and one that has failed.
fn in_use(server: &Server, engine: &TestEngine, at: &Location) {
    server.plan.add(Fault::on("PutObject", Action::error(403, "AccessDenied")).key("refused").times(1));
    engine.upload(vec![engine.file("refused", b"r")], at, PutOptions::default());
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    engine.enqueue(vec![engine.file("big", &pattern(20 * MIB))], at, PutOptions::default());
    server.wait_for_answers("UploadPart", 2);
    engine.wait_for_written_parts(2);
    engine.send(Command::HoldQueue(QueueSwitch::Hold));
    engine.row(TransferTab::Active, |row| row.state == TransferState::Queued && row.done_bytes > 0);
    assert_eq!(server.unfinished_uploads(), 1);
    server.plan.clear();
}

/// So many transfers that have not ended and that have failed are in the way.
fn assert_in_use(failure: &Failure, open: &str, failed: &str) {
    assert_eq!(failure.kind, FailureKind::ConnectionInUse);
    for (name, count) in [("open", open), ("failed", failed)] {
        assert!(failure.args.contains(&(name, count.to_owned())), "{failure:?}");
    }
}

#[test]
fn a_connection_is_not_deleted_under_its_transfers_unasked() {
    let (server, engine, at) = connected();
    in_use(&server, &engine, &at);
    for open in [OpenTransfers::Ask, OpenTransfers::Follow] {
        assert_in_use(&delete(&engine, &at.connection, open).unwrap_err(), "1", "1");
    }
    assert_eq!(server.unfinished_uploads(), 1, "nothing was touched");
    delete(&engine, &at.connection, OpenTransfers::Cancel).unwrap();
    assert_eq!(server.unfinished_uploads(), 0, "while the keys were there, what was begun was cleaned up");
    engine.expect("an empty list", |event| match event {
        Event::Transfers(view) if view.counts.active == 0 && view.counts.failed == 0 => Some(()),
        _ => None,
    });
    // Nothing is left of it for the next start either.
    let next = engine.restart();
    assert_eq!(next.count_heard(|event| matches!(event, Event::QueueRestored { .. })), 0);
}

#[test]
fn a_deletion_cleans_up_with_keys_that_the_keychain_has_given_away_already() {
    let (server, engine, at) = connected();
    in_use(&server, &engine, &at);
    // Nothing has asked for them since the start.
    let engine = engine.restart();
    delete(&engine, &at.connection, OpenTransfers::Cancel).unwrap();
    assert_eq!(server.unfinished_uploads(), 0);
    assert_eq!(engine.store().read(at.connection.as_str()).unwrap(), None);
}

fn save(engine: &TestEngine, draft: &ConnectionDraft, open: OpenTransfers) -> Result<(), Box<Failure>> {
    let request = RequestId::next();
    engine.send(Command::SaveConnection {
        request,
        draft: Box::new(draft.clone()),
        place: SecretPlace::Keychain,
        open,
    });
    engine.expect("ConnectionSaved", |event| match event {
        Event::ConnectionSaved { request: r, result } if *r == request => Some(result.clone().map(drop)),
        _ => None,
    })
}

#[test]
fn a_connection_is_not_led_elsewhere_under_its_transfers_unasked() {
    let (server, engine, at) = connected();
    let elsewhere = Server::start();
    in_use(&server, &engine, &at);
    let mut draft = TestEngine::draft(&server);
    draft.id = Some(at.connection.clone());
    // Its name and its keys lead nowhere else.
    draft.name = "Other name".into();
    save(&engine, &draft, OpenTransfers::Ask).unwrap();
    let moved = ConnectionDraft { name: draft.name, id: draft.id, ..TestEngine::draft(&elsewhere) };
    assert_in_use(&save(&engine, &moved, OpenTransfers::Ask).unwrap_err(), "1", "1");
    assert_eq!(server.unfinished_uploads(), 1, "nothing was touched");
    save(&engine, &moved, OpenTransfers::Cancel).unwrap();
    assert_eq!(server.unfinished_uploads(), 0, "what was begun was cleaned up where it was begun");
    engine.send(Command::HoldQueue(QueueSwitch::Run));
    let later = engine.upload(vec![engine.file("later", b"l")], &at, PutOptions::default());
    assert_eq!((later.done, server.keys().len()), (1, 0));
    assert_eq!(elsewhere.keys(), ["later"], "nothing else came there");
}

#[test]
fn transfers_follow_their_connection_where_that_was_said() {
    let (server, engine, at) = connected();
    let elsewhere = Server::start();
    engine.send(Command::HoldQueue(QueueSwitch::Hold));
    let batch = engine.enqueue(vec![engine.file("a", b"a")], &at, PutOptions::default());
    engine.row(TransferTab::Active, |row| row.object.key.as_str() == "a");
    let moved = ConnectionDraft { id: Some(at.connection.clone()), ..TestEngine::draft(&elsewhere) };
    save(&engine, &moved, OpenTransfers::Follow).unwrap();
    engine.send(Command::HoldQueue(QueueSwitch::Run));
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!((server.keys().len(), elsewhere.keys()), (0, vec!["a".to_owned()]));
}

#[test]
fn of_a_public_upload_only_what_was_shown_is_queued() {
    let (server, engine, at) = connected();
    engine.file("d/a", b"a");
    engine.file("d/deep/b", b"b");
    let (planned, paths) = (RequestId::next(), vec![engine.files.path().join("d")]);
    let options = PutOptions { access: UploadAccess::Public, ..PutOptions::default() };
    let to = at.clone();
    engine.send(Command::PlanUpload {
        request: planned,
        paths: paths.clone(),
        to: to.clone(),
        options: Box::new(options.clone()),
    });
    engine.expect("UploadPlanned", |event| match event {
        Event::UploadPlanned { request, progress: bucketdrop::model::ScanProgress::Complete, .. }
            if *request == planned =>
        {
            Some(())
        }
        _ => None,
    });
    engine.file("d/a2", b"came later");
    engine.file("d/deep/c", b"came later");
    let batch = bucketdrop::model::BatchId::next();
    engine.send(Command::EnqueuePlanned { batch, paths, to, options: Box::new(options), planned });
    let left_out = engine.expect("BatchScanned", |event| match event {
        Event::BatchScanned { batch: b, skipped, .. } if *b == batch && !skipped.is_empty() => Some(skipped.clone()),
        _ => None,
    });
    assert!(left_out.iter().all(|item| item.reason == SkipReason::CameLater), "{left_out:?}");
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.skipped), (2, 2));
    assert_eq!(server.keys(), ["d/a", "d/deep/b"]);
}

#[test]
fn nothing_is_kept_of_a_public_upload_that_is_stopped_while_it_is_counted() {
    let (server, engine, at) = connected();
    (0..400).for_each(|number| drop(engine.file(&format!("d/{number}"), b"a")));
    let paths = vec![engine.files.path().join("d")];
    let options = PutOptions { access: UploadAccess::Public, ..PutOptions::default() };
    let plan = |request| Command::PlanUpload {
        request,
        paths: paths.clone(),
        to: at.clone(),
        options: Box::new(options.clone()),
    };
    let (stopped, other) = (RequestId::next(), RequestId::next());
    engine.send(plan(stopped));
    engine.send(Command::StopRequest { request: stopped });
    // By the end of this one the other would have ended as well.
    engine.send(plan(other));
    engine.expect("UploadPlanned", |event| match event {
        Event::UploadPlanned { request, progress: bucketdrop::model::ScanProgress::Complete, .. } => {
            (*request == other).then_some(())
        }
        _ => None,
    });
    let batch = bucketdrop::model::BatchId::next();
    let options = Box::new(options);
    engine.send(Command::EnqueuePlanned { batch, paths: paths.clone(), to: at.clone(), options, planned: stopped });
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.skipped), (0, 400), "nothing was agreed to");
    assert!(server.keys().is_empty());
}

fn unsure(engine: &TestEngine, request: RequestId) -> (SharingChange, FailureKind) {
    engine.expect("SharingUnsure", |event| match event {
        Event::SharingUnsure { request: r, change, failure } if *r == request => {
            Some(((**change).clone(), failure.kind))
        }
        _ => None,
    })
}

fn look(engine: &TestEngine, change: &SharingChange) -> Result<SharingStands, Box<Failure>> {
    let request = RequestId::next();
    engine.send(Command::LookAtSharing { request, change: change.id });
    engine.expect("SharingFound", |event| match event {
        Event::SharingFound { request: r, result, .. } if *r == request => Some(result.clone()),
        _ => None,
    })
}

#[test]
fn a_change_whose_answer_is_lost_is_unsure_until_somebody_looks() {
    let (server, engine, at) = connected();
    server.put("a/x", b"x");
    let planned = plan(&engine, &at, OpenWhat::Prefix(Prefix::new("a/"))).unwrap();
    for is_made in [true, false] {
        let action = if is_made {
            Action::ErrorAfter { status: 500, code: "InternalError".to_owned() }
        } else {
            Action::error(500, "InternalError")
        };
        server.plan.add(Fault::on("PutBucketPolicy", action));
        // It is read twice before it is written.
        server.plan.add(Fault::on("GetBucketPolicy", Action::error(500, "InternalError")).after(2));
        let request = RequestId::next();
        engine.send(Command::ApplySharing { request, plan: Box::new(planned.clone()) });
        let (change, why) = unsure(&engine, request);
        assert_eq!((why, &change.what), (FailureKind::ServerError, &planned.what));
        assert!(look(&engine, &change).is_err(), "still nobody knows");
        server.plan.clear();
        let found = look(&engine, &change).unwrap();
        if is_made {
            assert_eq!(found, SharingStands::Made(Box::new(change.clone())));
            assert_eq!(reads(&server, "a/x"), 200);
            undo(&engine, &change).unwrap();
        } else {
            assert_eq!(found, SharingStands::NotMade);
        }
        assert_eq!(reads(&server, "a/x"), 403);
    }
}
