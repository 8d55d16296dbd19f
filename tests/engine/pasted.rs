//! A pasted image has no file but the one that the program keeps for it: that stays for as long as a transfer may need
//! it, over a restart too, and no longer.

use std::path::{Path, PathBuf};

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{Command, ConflictPolicy, PutOptions, Selection, TransferAction, TransferState, TransferTab};
use bucketdrop::platform::{Home, keep_pasted};

use crate::support::{MIB, Server, TestEngine, connected, on_conflict, pattern};

const NAME: &str = "Pasted image 2026-11-21 at 18.30.05.png";

/// An image as the clipboard's thread leaves it.
fn pasted(engine: &TestEngine, bytes: &[u8]) -> PathBuf {
    keep_pasted(&Home::under(engine.home.path()).pasted_dir(), NAME, bytes).unwrap()
}

/// It goes a moment after the end is told.
#[track_caller]
fn until_gone(server: &Server, path: &Path) {
    server.wait_until("the end of the image's file", |_| !path.exists() && !path.parent().unwrap().exists());
}

#[test]
fn an_image_outlives_a_restart_and_goes_once_it_is_stored() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    let bytes = pattern(20 * MIB);
    let path = pasted(&engine, &bytes);
    let batch = engine.enqueue(vec![path.clone()], &at, PutOptions::default());
    server.wait_for("UploadPart", 2);
    let stopped = engine.stop();
    assert!(path.exists(), "nothing else has a copy of it");
    server.plan.clear();
    let engine = stopped.start();
    assert_eq!(engine.finished(batch).done, 1);
    assert!(server.bytes(NAME).unwrap() == bytes);
    until_gone(&server, &path);
}

#[test]
fn an_image_that_was_stored_as_the_program_ended_goes_at_the_next_start() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::StallBefore).key("waits"));
    let path = pasted(&engine, b"image");
    engine.enqueue(vec![path.clone(), engine.file("waits", b"x")], &at, PutOptions::default());
    until_gone(&server, &path);
    let stopped = engine.stop();
    // As if the power had failed between the journal and the file.
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    std::fs::write(&path, b"image").unwrap();
    let _engine = stopped.start();
    until_gone(&server, &path);
}

#[test]
fn what_can_be_tried_again_keeps_its_image() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::StallBefore).attempt(1));
    let path = pasted(&engine, b"image");
    let batch = engine.enqueue(vec![path.clone()], &at, PutOptions::default());
    server.wait_for("PutObject", 1);
    engine.send(Command::Transfers { selection: Selection::Batch(batch), action: TransferAction::Cancel });
    let row = engine.row(TransferTab::Done, |row| row.state == TransferState::Cancelled);
    engine.act(row.id, TransferAction::Retry);
    engine.row(TransferTab::Done, |again| again.id == row.id && matches!(again.state, TransferState::Done(_)));
    assert_eq!(server.bytes(NAME).unwrap(), b"image");
    until_gone(&server, &path);
}

#[test]
fn what_is_off_the_list_or_left_out_needs_no_image() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::StallBefore).attempt(1));
    let path = pasted(&engine, b"image");
    let batch = engine.enqueue(vec![path.clone()], &at, PutOptions::default());
    server.wait_for("PutObject", 1);
    engine.send(Command::Transfers { selection: Selection::Batch(batch), action: TransferAction::Cancel });
    let row = engine.row(TransferTab::Done, |row| row.state == TransferState::Cancelled);
    assert!(path.exists());
    engine.act(row.id, TransferAction::Forget);
    until_gone(&server, &path);

    server.put(NAME, b"other");
    let path = pasted(&engine, b"image");
    assert_eq!(engine.upload(vec![path.clone()], &at, on_conflict(ConflictPolicy::Skip)).skipped, 1);
    until_gone(&server, &path);
    assert_eq!(server.bytes(NAME).unwrap(), b"other");
}
