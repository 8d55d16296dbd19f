//! What was under way when the program ended goes on at the next start: nothing lost, nothing twice, and no more sent
//! again than has to be.

use std::sync::Arc;
use std::time::Duration;

use bucketdrop::engine::JournalUse;
use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    Addressing, Command, ConflictPolicy, Connection, ConnectionDraft, ConnectionId, CredentialSource, Endpoint, Event,
    Failure, FailureKind, Location, NoticeText, PutOptions, QueueHold, QueueSwitch, Region, RequestId, ResumeAtStart,
    RowsWanted, SecretPlace, Selection, Service, Settings, TransferAction, TransferState, TransferTab,
};

use bucketdrop::platform::Home;

use crate::support::{MIB, Server, Setup, TestEngine, connected, copy_of_home, location, on_conflict, pattern};

/// How much a start says that it brings back: files and bytes, and whether it asks.
#[track_caller]
fn restored(engine: &TestEngine) -> (u64, u64, bool) {
    engine.expect("QueueRestored", |event| match event {
        Event::QueueRestored { files, bytes, asks } => Some((*files, *bytes, *asks)),
        _ => None,
    })
}

fn has_notice(engine: &TestEngine, wanted: &str) -> bool {
    engine.has_heard(|event| match event {
        Event::Notice(notice) => matches!(&notice.text, NoticeText::Message { id, .. } if *id == wanted),
        _ => false,
    })
}

/// An upload of five parts whose third hangs, ended by a quit after four have arrived.
fn quit_after_four_parts() -> (Server, TestEngine, Location, bucketdrop::model::BatchId) {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(3));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(40 * MIB))], &at, PutOptions::default());
    // What the server has answered, the engine may not have heard yet, though all the bytes have left.
    engine.wait_for_written_parts(4);
    (server, engine, at, batch)
}

#[test]
fn a_quit_loses_nothing_and_the_next_start_goes_on() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    for number in 0..40 {
        engine.file(&format!("d/{number:02}"), format!("content {number}").as_bytes());
    }
    let batch = engine.enqueue(vec![engine.files.path().join("d")], &at, PutOptions::default());
    engine.row(TransferTab::Active, |row| row.state == TransferState::Active);
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    assert_eq!(restored(&engine).0, 40);
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.failed, summary.skipped), (40, 0, 0), "{summary:?}");
    assert_eq!(summary.objects.len(), 40, "links are made of all of them");
    assert_eq!(server.keys().len(), 40);
    assert_eq!(server.bytes("d/17").unwrap(), b"content 17");
    // Told once: a third start has nothing to say.
    let engine = engine.restart();
    engine.send(Command::ShowTransfers(RowsWanted { tab: TransferTab::Active, first_index: 0, count: 1 }));
    engine.expect("a picture", |event| matches!(event, Event::Transfers(_)).then_some(()));
    let is_told = |event: &Event| matches!(event, Event::QueueRestored { .. } | Event::BatchFinished { .. });
    assert!(!engine.has_heard(is_told));
}

#[test]
fn the_next_start_asks_first_if_the_setting_says_so() {
    let (server, engine, at) = connected();
    let settings = Settings { resume_at_start: ResumeAtStart::Ask, ..Settings::default() };
    engine.send(Command::UpdateSettings(Box::new(settings)));
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    let batch = engine.enqueue(vec![engine.file("a", b"a")], &at, PutOptions::default());
    server.wait_for("PutObject", 1);
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    assert_eq!(restored(&engine), (1, 1, true));
    // Something new does not wait for the answer.
    assert_eq!(engine.upload(vec![engine.file("b", b"b")], &at, PutOptions::default()).done, 1);
    assert_eq!(server.keys(), ["b"]);
    engine.send(Command::ResumeQueue);
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!(server.keys(), ["a", "b"]);
}

#[test]
fn what_the_user_held_stays_held() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    let batch = engine.enqueue(vec![engine.file("a", b"a"), engine.file("b", b"b")], &at, PutOptions::default());
    let row = engine.row(TransferTab::Active, |row| row.object.key.as_str() == "a");
    engine.act(row.id, TransferAction::Pause);
    engine.row(TransferTab::Active, |other| other.id == row.id && other.state == TransferState::Paused);
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    restored(&engine);
    engine.row(TransferTab::Done, |row| row.object.key.as_str() == "b");
    assert_eq!(engine.row(TransferTab::Active, |_| true).state, TransferState::Paused);
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Resume });
    assert_eq!(engine.finished(batch).done, 2);
}

#[test]
fn a_queue_that_is_held_stays_held_until_the_user_lets_it_go_on() {
    let (server, engine, at) = connected();
    engine.send(Command::HoldQueue(QueueSwitch::Hold));
    let batch = engine.enqueue(vec![engine.file("a", b"a")], &at, PutOptions::default());
    engine.row(TransferTab::Active, |row| row.state == TransferState::Queued);
    let engine = engine.restart().restart();
    restored(&engine);
    engine.expect("the reason", |event| match event {
        Event::Transfers(view) if view.holds == [QueueHold::Held] => Some(()),
        _ => None,
    });
    assert_eq!(server.plan.count("PutObject"), 0);
    engine.send(Command::ResumeQueue);
    assert_eq!(engine.finished(batch).done, 1);
    let engine = engine.restart();
    assert_eq!(engine.upload(vec![engine.file("b", b"b")], &at, PutOptions::default()).done, 1, "it is not held now");
}

#[test]
fn a_command_that_uploads_something_of_its_own_leaves_the_queue_held() {
    let (server, engine, at) = connected();
    engine.send(Command::HoldQueue(QueueSwitch::Hold));
    let batch = engine.enqueue(vec![engine.file("a", b"a")], &at, PutOptions::default());
    engine.row(TransferTab::Active, |row| row.state == TransferState::Queued);
    let store = engine.store();
    let stopped = engine.stop();
    let setup = Setup { store, journal: JournalUse::KeepWaiting, ..Setup::default() };
    let command = TestEngine::start_beside(stopped.home.path(), setup);
    assert_eq!(command.upload(vec![command.file("b", b"b")], &at, PutOptions::default()).done, 1);
    command.leave();
    let engine = stopped.start();
    engine.expect("the reason", |event| match event {
        Event::Transfers(view) if view.holds == [QueueHold::Held] => Some(()),
        _ => None,
    });
    assert_eq!(server.keys(), ["b"]);
    engine.send(Command::ResumeQueue);
    assert_eq!(engine.finished(batch).done, 1);
}

/// A folder with a name that has to be asked for, so that it stays unread until the answer, and one file beside it.
fn unread_folder(engine: &TestEngine, at: &Location) -> bucketdrop::model::BatchId {
    engine.file(&format!("d/{}", vec!["x".repeat(240); 5].join("/")), b"long");
    let batch = engine.enqueue(vec![engine.files.path().join("d")], at, PutOptions::default());
    engine.expect("NamesNeeded", |event| matches!(event, Event::NamesNeeded { .. }).then_some(()));
    batch
}

#[test]
fn a_folder_that_was_paused_while_it_was_read_stays_paused() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    engine.file("d/a", b"a");
    let batch = unread_folder(&engine, &at);
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Pause });
    engine.row(TransferTab::Active, |row| row.state == TransferState::Paused);
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    // Found only by the scan that is made again.
    engine.file("d/b", b"b");
    let engine = engine.restart();
    engine.expect("NamesNeeded", |event| matches!(event, Event::NamesNeeded { .. }).then_some(()));
    let b = engine.row(TransferTab::Active, |row| row.object.key.as_str() == "d/b");
    assert_eq!(b.state, TransferState::Paused);
    assert_eq!(server.keys(), [""; 0], "something was sent");
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Resume });
    engine.send(Command::ResolveNames { batch, answers: Vec::new() });
    assert_eq!(engine.finished(batch).done, 2);
}

#[test]
fn a_folder_that_was_not_read_to_its_end_is_asked_about_like_files() {
    let (server, engine, at) = connected();
    let settings = Settings { resume_at_start: ResumeAtStart::Ask, ..Settings::default() };
    engine.send(Command::UpdateSettings(Box::new(settings)));
    let batch = unread_folder(&engine, &at);
    let stopped = engine.stop();
    server.plan.clear_log();
    let engine = stopped.start();
    engine.file("d/later", b"later");
    assert_eq!(restored(&engine), (0, 0, true));
    engine.send(Command::ResumeQueue);
    engine.expect("NamesNeeded", |event| matches!(event, Event::NamesNeeded { .. }).then_some(()));
    engine.send(Command::ResolveNames { batch, answers: Vec::new() });
    assert_eq!(engine.finished(batch).done, 1);
}

#[test]
fn only_missing_parts_are_sent_again() {
    let (server, engine, _, batch) = quit_after_four_parts();
    let stopped = engine.stop();
    server.plan.clear();
    server.plan.clear_log();
    let engine = stopped.start();
    assert_eq!(restored(&engine).0, 1);
    assert_eq!(engine.finished(batch).done, 1);
    assert!(server.bytes("big").unwrap() == pattern(40 * MIB));
    assert_eq!(server.plan.count("UploadPart"), 1, "the one that hung");
    assert_eq!(server.plan.count("CreateMultipartUpload"), 0);
    assert_eq!(server.unfinished_uploads(), 0);
}

#[test]
fn a_part_whose_bytes_have_changed_under_the_same_times_is_sent_again() {
    let (server, engine, _, batch) = quit_after_four_parts();
    let path = engine.files.path().join("big");
    let times = std::fs::metadata(&path).unwrap();
    let mut now = pattern(40 * MIB);
    now[MIB] ^= 1;
    std::fs::write(&path, &now).unwrap();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_times(std::fs::FileTimes::new().set_modified(times.modified().unwrap())).unwrap();
    let stopped = engine.stop();
    server.plan.clear();
    server.plan.clear_log();
    let engine = stopped.start();
    assert_eq!(engine.finished(batch).done, 1);
    assert!(server.bytes("big").unwrap() == now);
    assert_eq!(server.plan.count("UploadPart"), 2, "the changed one and the one that hung");
}

#[test]
fn a_file_that_was_changed_meanwhile_starts_again_and_says_so() {
    let (server, engine, _, batch) = quit_after_four_parts();
    std::fs::write(engine.files.path().join("big"), vec![9; 20 * MIB]).unwrap();
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    assert_eq!(engine.finished(batch).done, 1);
    assert!(server.bytes("big").unwrap() == vec![9; 20 * MIB]);
    assert_eq!(server.unfinished_uploads(), 0, "the parts of the old content are gone");
    assert!(has_notice(&engine, "notice-upload-source-changed"));
}

#[test]
fn an_upload_that_the_server_has_dropped_starts_again_and_says_so() {
    let (server, engine, _, batch) = quit_after_four_parts();
    server.abort_all();
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    assert_eq!(engine.finished(batch).done, 1);
    assert!(server.bytes("big").unwrap() == pattern(40 * MIB));
    assert!(has_notice(&engine, "notice-upload-dropped"));
}

#[test]
fn a_completion_whose_answer_was_lost_is_found() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("CompleteMultipartUpload", Action::StallAfter));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(20 * MIB))], &at, PutOptions::default());
    server.wait_for("CompleteMultipartUpload", 1);
    server.wait_for_key("big");
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.failed, summary.skipped), (1, 0, 0), "{summary:?}");
    assert_eq!(server.plan.count("UploadPart"), 3, "nothing was sent again");
    assert_eq!(server.unfinished_uploads(), 0);
}

#[test]
fn a_put_whose_answer_was_lost_is_not_made_twice() {
    for policy in [ConflictPolicy::Overwrite, ConflictPolicy::Skip, ConflictPolicy::Rename, ConflictPolicy::Ask] {
        let (server, engine, at) = connected();
        server.plan.add(Fault::on("PutObject", Action::StallAfter));
        let batch = engine.enqueue(vec![engine.file("a", b"once")], &at, on_conflict(policy));
        server.wait_for_key("a");
        let stopped = engine.stop();
        server.plan.clear();
        server.plan.clear_log();
        let engine = stopped.start();
        let summary = engine.finished(batch);
        assert_eq!((summary.done, summary.skipped, summary.failed), (1, 0, 0), "{policy:?}: {summary:?}");
        assert_eq!(server.plan.count("PutObject"), 0, "{policy:?}");
        assert_eq!(server.keys(), ["a"]);
    }
}

#[test]
fn an_equal_object_that_was_there_before_proves_nothing() {
    let server = Server::start();
    server.put("a", b"same");
    // The upload begins clearly later.
    let engine = TestEngine::start(Setup { clock: crate::endings::ahead(Duration::from_mins(2)), ..Setup::default() });
    let at = engine.connect(&server);
    // Now it is known that conditions are heeded: nobody looks first.
    engine.upload(vec![engine.file("first", b"1")], &at, PutOptions::default());
    server.plan.clear_log();
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    let batch = engine.enqueue(vec![engine.file("a", b"same")], &at, on_conflict(ConflictPolicy::Skip));
    server.wait_for("PutObject", 1);
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.skipped), (0, 1), "{summary:?}");
}

#[test]
fn an_upload_whose_id_nobody_heard_leaves_nothing_behind() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("CreateMultipartUpload", Action::StallAfter));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(9 * MIB))], &at, PutOptions::default());
    server.wait_for_unfinished(1);
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!(server.unfinished_uploads(), 0);
}

/// How soon is measured by `benches/startup`.
#[test]
fn ten_thousand_queued_files_are_all_back() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    for number in 0..10_000 {
        engine.file(&format!("d/{}/{number}", number % 20), b"");
    }
    let batch = engine.enqueue(vec![engine.files.path().join("d")], &at, PutOptions::default());
    engine.expect("all of them", |event| match event {
        Event::Transfers(view) if view.counts.active == 10_000 => Some(()),
        _ => None,
    });
    let stopped = engine.stop();
    let engine = stopped.start();
    assert_eq!(restored(&engine).0, 10_000);
    engine.send(Command::ShowTransfers(RowsWanted { tab: TransferTab::Active, first_index: 9_950, count: 50 }));
    engine.expect("rows", |event| match event {
        Event::Transfers(view) if view.rows.len() == 50 && view.counts.active == 10_000 => Some(()),
        _ => None,
    });
    engine.send(Command::Transfers { selection: Selection::Batch(batch), action: TransferAction::Cancel });
    assert_eq!(engine.finished(batch).cancelled, 10_000);
}

/// The reason why the queue stands still.
#[track_caller]
fn refused(engine: &TestEngine) -> Failure {
    engine.send(Command::ShowTransfers(RowsWanted { tab: TransferTab::Active, first_index: 0, count: 10 }));
    engine.expect("a refusal", |event| match event {
        Event::Transfers(view) if view.counts.moving == 0 => view.holds.iter().find_map(|hold| match hold {
            QueueHold::Refused { failure, .. } => Some(failure.clone()),
            _ => None,
        }),
        _ => None,
    })
}

#[test]
fn keys_of_one_run_are_waited_for_in_the_next() {
    let (server, engine, _) = connected();
    let connection = engine.save(TestEngine::draft(&server), SecretPlace::ThisRunOnly).unwrap();
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    let paths = vec![engine.file("a", b"a"), engine.file("b", b"b"), engine.file("big", &pattern(20 * MIB))];
    let batch = engine.enqueue(paths, &location(connection.id.clone()), PutOptions::default());
    server.wait_for_answers("UploadPart", 2);
    engine.row(TransferTab::Active, |row| row.done_bytes >= 8 * MIB as u64);
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    assert_eq!(restored(&engine).0, 3);
    assert_eq!(refused(&engine).kind, FailureKind::SecretMissing);
    let kept = engine.row(TransferTab::Active, |row| row.path.ends_with("big"));
    assert_eq!(kept.state, TransferState::Queued);
    let fresh = ConnectionDraft { id: Some(connection.id), ..TestEngine::draft(&server) };
    engine.save(fresh, SecretPlace::ThisRunOnly).unwrap();
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.failed), (3, 0), "{summary:?}");
    assert_eq!(server.plan.count("CreateMultipartUpload"), 1, "the same upload");
}

#[test]
fn keys_of_one_run_of_a_connection_that_is_not_saved_are_waited_for_too() {
    let (server, engine, _) = connected();
    let connection = Connection {
        name: "not saved".into(),
        endpoint: Some(Endpoint::parse(&server.endpoint).unwrap()),
        region: Region::us_east_1(),
        addressing: Addressing::Path,
        credentials: CredentialSource::ThisRunOnly { access_key_id: server.keys.access_key_id.clone() },
        ..Connection::plain(ConnectionId::new("not-saved"), Service::Other)
    };
    let enter = |engine: &TestEngine| {
        let (connection, credentials) = (Box::new(connection.clone()), Some(Box::new(server.keys.clone())));
        let request = RequestId::next();
        engine.send(Command::UseConnection { request, connection, credentials });
        let opened = |event: &Event| matches!(event, Event::ConnectionOpened { request: r, .. } if *r == request);
        engine.expect("ConnectionOpened", |event| opened(event).then_some(()));
    };
    enter(&engine);
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    let to = location(connection.id.clone());
    let batch = engine.enqueue(vec![engine.file("a", b"a"), engine.file("b", b"b")], &to, PutOptions::default());
    server.wait_for("PutObject", 2);
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    assert_eq!(restored(&engine).0, 2);
    assert_eq!(refused(&engine).kind, FailureKind::SecretMissing);
    enter(&engine);
    assert_eq!(engine.finished(batch).done, 2);
}

#[test]
fn what_was_taken_off_the_list_while_its_folder_was_scanned_is_not_uploaded_again() {
    let (server, engine, at) = connected();
    let store = engine.store();
    engine.file("d/a", b"a");
    // No key may be so long: until that is answered the folder is not through.
    engine.file(&format!("d/{}", vec!["x".repeat(240); 5].join("/")), b"long");
    let batch = engine.enqueue(vec![engine.files.path().join("d")], &at, on_conflict(ConflictPolicy::Overwrite));
    engine.expect("NamesNeeded", |event| matches!(event, Event::NamesNeeded { .. }).then_some(()));
    engine.row(TransferTab::Done, |row| row.object.key.as_str() == "d/a");
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Forget });
    engine.forget_heard();
    engine.send(Command::ShowTransfers(RowsWanted { tab: TransferTab::Done, first_index: 0, count: 1 }));
    engine.expect("an empty list", |event| match event {
        Event::Transfers(view) if view.counts.done == 0 => Some(()),
        _ => None,
    });
    // Whatever was written down before this one is durable.
    engine.upload(vec![engine.file("later", b"l")], &at, PutOptions::default());
    let killed = copy_of_home(engine.home.path());
    server.plan.clear_log();
    let next = TestEngine::start_beside(killed.path(), Setup { store, ..Setup::default() });
    next.expect("NamesNeeded", |event| matches!(event, Event::NamesNeeded { .. }).then_some(()));
    next.send(Command::ResolveNames { batch, answers: Vec::new() });
    let summary = next.finished(batch);
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert_eq!(server.plan.count("PutObject"), 0, "it was uploaded again");
}

#[test]
fn a_folder_that_was_cancelled_before_it_was_scanned_again_never_comes_back() {
    let (server, engine, at) = connected();
    let store = engine.store();
    let settings = Settings { resume_at_start: ResumeAtStart::Ask, ..Settings::default() };
    engine.send(Command::UpdateSettings(Box::new(settings)));
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    engine.file("d/a", b"a");
    engine.file(&format!("d/{}", vec!["x".repeat(240); 5].join("/")), b"long");
    let batch = engine.enqueue(vec![engine.files.path().join("d")], &at, PutOptions::default());
    engine.expect("NamesNeeded", |event| matches!(event, Event::NamesNeeded { .. }).then_some(()));
    server.wait_for("PutObject", 1);
    let written = Home::under(engine.home.path()).settings_file();
    server.wait_until("the setting", |_| std::fs::read_to_string(&written).is_ok_and(|text| text.contains("\"ask\"")));
    let killed = copy_of_home(engine.home.path());
    engine.leave();
    server.plan.clear();
    let next = TestEngine::start_beside(killed.path(), Setup { store: Arc::clone(&store), ..Setup::default() });
    assert!(restored(&next).2, "it asks first");
    next.send(Command::Transfers { selection: Selection::All, action: TransferAction::Cancel });
    assert_eq!(next.finished(batch).cancelled, 1);
    next.leave();
    // Found since: it would be taken for a part of what was dropped.
    engine.file("d/b", b"b");
    let last = TestEngine::start_beside(killed.path(), Setup { store, ..Setup::default() });
    assert_eq!(last.upload(vec![last.file("c", b"c")], &at, PutOptions::default()).done, 1);
    assert!(!last.has_heard(|event| matches!(event, Event::QueueRestored { .. })));
    assert_eq!(server.keys(), ["c"]);
}
