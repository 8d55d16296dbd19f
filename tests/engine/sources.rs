//! Files that change, vanish or cannot be read while they are uploaded.

use std::io::Write as _;

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    Command, Event, FailureKind, PutOptions, QueueSwitch, Selection, SkipReason, SkippedItem, TransferAction,
    TransferState, TransferTab,
};

use crate::support::{MIB, Server, TestEngine, connected, pattern};

/// Uploads a file of three parts whose last hangs, changes it, and lets the part go on.
fn changed_while_sent(change: impl Fn(&std::path::Path)) -> (Server, TestEngine, FailureKind) {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2).attempt(1));
    let path = engine.file("a", &pattern(24 * MIB));
    let batch = engine.enqueue(vec![path.clone()], &at, PutOptions::default());
    server.wait_for("UploadPart", 3);
    change(&path);
    // The hanging part is tried again by a pause and a resume.
    let row = engine.row(bucketdrop::model::TransferTab::Active, |_| true);
    engine.act(row.id, TransferAction::Pause);
    engine.act(row.id, TransferAction::Resume);
    let summary = engine.finished(batch);
    let kind = summary.first_failure.map_or(FailureKind::Internal, |failure| failure.kind);
    (server, engine, kind)
}

#[test]
fn a_file_that_grows_all_the_time_is_not_uploaded() {
    let (server, engine, at) = connected();
    let path = engine.file("log", &pattern(9 * MIB));
    // Before each answer, so that no reading of it is whole however quiet it seemed before.
    let grown = path.clone();
    server.plan.on_event(move |event| {
        if event.operation == "UploadPart" {
            std::fs::File::options().append(true).open(&grown).unwrap().write_all(b"line\n").unwrap();
        }
    });
    let summary = engine.upload(vec![path], &at, PutOptions::default());
    assert_eq!(summary.first_failure.unwrap().kind, FailureKind::SourceChanged);
    assert!(server.keys().is_empty());
    assert_eq!(server.unfinished_uploads(), 0, "useless parts are not kept");
}

#[test]
fn a_file_replaced_during_a_pause_is_uploaded_as_it_is_now() {
    let (server, _engine, kind) = changed_while_sent(|path| std::fs::write(path, b"short now").unwrap());
    assert_eq!(kind, FailureKind::Internal, "no failure");
    assert_eq!(server.bytes("a").unwrap(), b"short now");
    assert_eq!(server.unfinished_uploads(), 0);
}

#[test]
fn a_file_removed_before_its_turn_is_missing() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::StallBefore).key("blocker"));
    engine.send(bucketdrop::model::Command::UpdateSettings(Box::new(bucketdrop::model::Settings {
        parallel_files: 1,
        ..bucketdrop::model::Settings::default()
    })));
    let blocker = engine.enqueue(vec![engine.file("blocker", b"b")], &at, PutOptions::default());
    server.wait_for("PutObject", 1);
    let path = engine.file("gone", b"g");
    let batch = engine.enqueue(vec![path.clone()], &at, PutOptions::default());
    engine.row(bucketdrop::model::TransferTab::Active, |row| row.path == path);
    std::fs::remove_file(&path).unwrap();
    engine.send(bucketdrop::model::Command::Transfers {
        selection: bucketdrop::model::Selection::Batch(blocker),
        action: TransferAction::Cancel,
    });
    assert_eq!(engine.finished(batch).first_failure.unwrap().kind, FailureKind::SourceMissing);
}

#[test]
fn a_path_that_leads_nowhere_is_left_out_and_named() {
    let (_server, engine, at) = connected();
    let path = engine.files.path().join("never");
    let batch = engine.enqueue(vec![path.clone()], &at, PutOptions::default());
    let skipped = engine.expect("what was left out", |event| match event {
        Event::BatchScanned { batch: b, skipped, .. } if *b == batch && !skipped.is_empty() => Some(skipped.clone()),
        _ => None,
    });
    assert_eq!(skipped, [SkippedItem { path, reason: SkipReason::Missing }]);
    let summary = engine.finished(batch);
    assert_eq!((summary.skipped, summary.done, summary.failed), (1, 0, 0));
}

#[test]
fn a_folder_that_goes_before_its_turn_and_comes_back() {
    let (server, engine, at) = connected();
    engine.send(Command::HoldQueue(QueueSwitch::Hold));
    let folder = engine.file("photos/1", b"one").parent().unwrap().to_owned();
    engine.file("photos/2", &pattern(9 * MIB));
    let batch = engine.enqueue(vec![folder.clone()], &at, PutOptions::default());
    for key in ["photos/1", "photos/2"] {
        engine.row(TransferTab::Active, |row| row.object.key.as_str() == key);
    }
    let away = folder.with_extension("away");
    std::fs::rename(&folder, &away).unwrap();
    engine.send(Command::HoldQueue(QueueSwitch::Run));
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.failed), (0, 2), "{summary:?}");
    assert_eq!(summary.first_failure.unwrap().kind, FailureKind::SourceMissing);
    assert!(server.keys().is_empty());
    std::fs::rename(&away, &folder).unwrap();
    engine.send(Command::Transfers { selection: Selection::Batch(batch), action: TransferAction::Retry });
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.failed), (2, 0), "{summary:?}");
    assert_eq!(server.bytes("photos/1").unwrap(), b"one");
    assert!(server.bytes("photos/2").unwrap() == pattern(9 * MIB));
    assert_eq!(server.unfinished_uploads(), 0);
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_fails_and_others_go_on() {
    use std::os::unix::fs::PermissionsExt as _;
    let (server, engine, at) = connected();
    let path = engine.file("secret", b"x");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o0)).unwrap();
    if std::fs::read(&path).is_ok() {
        // Modes do not hold root back; a file of the kernel's that can only be written does.
        let paths = vec!["/sys/bus/platform/drivers_probe".into(), engine.file("ok", b"ok")];
        let summary = engine.upload(paths, &at, PutOptions::default());
        assert_eq!((summary.done, summary.failed), (1, 1), "{summary:?}");
        assert_eq!(summary.first_failure.unwrap().kind, FailureKind::SourceUnreadable);
    } else {
        let summary = engine.upload(vec![path, engine.file("ok", b"ok")], &at, PutOptions::default());
        assert_eq!((summary.done, summary.failed), (1, 1), "{summary:?}");
        assert_eq!(summary.first_failure.unwrap().kind, FailureKind::SourceUnreadable);
    }
    assert_eq!(server.bytes("ok").unwrap(), b"ok");
}

#[cfg(unix)]
#[test]
fn links_and_sockets_are_left_out() {
    let (server, engine, at) = connected();
    let root = engine.file("d/file", b"x").parent().unwrap().to_owned();
    std::os::unix::fs::symlink(&root, root.join("circle")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    let summary = engine.upload(vec![root], &at, PutOptions::default());
    assert_eq!((summary.done, summary.skipped), (1, 2));
    assert_eq!(server.keys(), ["d/file"]);
    assert!(matches!(engine.report().state, TransferState::Done(_)));
}
