//! Files that change at a moment that matters, told by the server's side: no upload is in its own way afterwards.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bucketdrop::local_storage::faults::{Action, Checksums, Dialect, EventKind, Fault, Profile};
use bucketdrop::model::{
    BatchId, BatchSummary, ConflictPolicy, PutOptions, TransferAction, TransferState, TransferTab, VerifyWish,
};

use crate::support::{MIB, Server, Setup, Stopped, TestEngine, connected, copy_of_home, on_conflict, pattern};

/// Writes other bytes when an operation comes for the first time.
fn change_at(server: &Server, operation: &'static str, path: &Path, bytes: &'static [u8]) {
    let (path, is_done) = (path.to_owned(), Arc::new(AtomicBool::new(false)));
    server.plan.on_event(move |event| {
        let is_meant = event.operation == operation && event.kind == EventKind::Arrived;
        if is_meant && !is_done.swap(true, Ordering::SeqCst) {
            std::fs::write(&path, bytes).unwrap();
        }
    });
}

/// The file was uploaded as it is now, and is all that stands there: not beside itself, and not in its own way.
#[track_caller]
fn is_stored_alone(server: &Server, summary: &BatchSummary, bytes: &[u8], policy: ConflictPolicy) {
    assert_eq!((summary.done, summary.skipped, summary.failed), (1, 0, 0), "{policy:?}: {summary:?}");
    assert_eq!(server.keys(), ["a"], "{policy:?}");
    assert!(server.bytes("a").unwrap() == bytes, "other bytes; {policy:?}");
}

#[test]
fn a_put_of_a_file_that_changed_meanwhile_has_an_intent_of_its_own() {
    let (server, engine, at) = connected();
    let path = engine.file("a", b"as it was");
    change_at(&server, "PutObject", &path, b"as it is now, which is longer");
    server.plan.add(Fault::on("PutObject", Action::error(400, "BadDigest")).attempt(1));
    server.plan.add(Fault::on("PutObject", Action::StallAfter).attempt(2));
    let batch = engine.enqueue(vec![path], &at, on_conflict(ConflictPolicy::Skip));
    server.wait_for_key("a");
    // A kill before the answer.
    let copy = copy_of_home(engine.home.path());
    server.plan.clear();
    server.plan.clear_log();
    let next = TestEngine::start_beside(copy.path(), Setup { store: engine.store(), ..Setup::default() });
    let summary = next.finished(batch);
    assert_eq!((summary.done, summary.skipped), (1, 0), "in its own way: {summary:?}");
    assert_eq!(server.plan.count("PutObject"), 0, "it was there");
}

/// A small file that is stored, and whose program ends before that could be read back.
fn ended_while_it_was_verified(policy: ConflictPolicy) -> (Server, Stopped, BatchId) {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("GetObject", Action::StallBefore));
    let options = PutOptions { verify: Some(VerifyWish::ReadBack), ..on_conflict(policy) };
    let batch = engine.enqueue(vec![engine.file("a", b"as it was")], &at, options);
    server.wait_for("GetObject", 1);
    let stopped = engine.stop();
    server.plan.clear();
    (server, stopped, batch)
}

#[test]
fn a_file_that_changes_while_it_is_verified_is_not_in_its_own_way() {
    for policy in [
        ConflictPolicy::Skip,
        ConflictPolicy::Ask,
        ConflictPolicy::Rename,
        ConflictPolicy::OverwriteIfNewer,
        ConflictPolicy::Overwrite,
    ] {
        let (server, stopped, batch) = ended_while_it_was_verified(policy);
        std::fs::write(stopped.files.path().join("a"), NOW).unwrap();
        let engine = stopped.start();
        is_stored_alone(&server, &engine.finished(batch), NOW, policy);
    }
}

#[test]
fn what_somebody_else_has_put_in_its_place_meanwhile_stays() {
    let (server, stopped, batch) = ended_while_it_was_verified(ConflictPolicy::Skip);
    server.put("a", b"somebody else's");
    std::fs::write(stopped.files.path().join("a"), b"as it is now, which is longer").unwrap();
    let engine = stopped.start();
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.skipped), (0, 1), "{summary:?}");
    assert_eq!(server.bytes("a").unwrap(), b"somebody else's");
}

#[test]
fn a_large_file_that_changes_while_it_is_verified_is_not_in_its_own_way() {
    let new: &'static [u8] = Box::leak(pattern(10 * MIB).into_boxed_slice());
    for policy in [ConflictPolicy::Skip, ConflictPolicy::Ask, ConflictPolicy::Rename] {
        let (server, engine, at) = connected();
        // Nothing but the tag, which takes another reading, proves anything here.
        let checksums = Checksums::Refused(Dialect::BackblazeB2);
        server.plan.set_profile(Profile { checksums, ..Profile::default() });
        let path = engine.file("a", &pattern(9 * MIB));
        change_at(&server, "CompleteMultipartUpload", &path, new);
        let summary = engine.upload(vec![path], &at, on_conflict(policy));
        server.plan.set_profile(Profile::default());
        is_stored_alone(&server, &summary, new, policy);
        server.wait_for_unfinished(0);
    }
}

const NOW: &[u8] = b"as it is now, which is longer";
const RULES: [ConflictPolicy; 5] = [
    ConflictPolicy::Ask,
    ConflictPolicy::Skip,
    ConflictPolicy::Rename,
    ConflictPolicy::OverwriteIfNewer,
    ConflictPolicy::Overwrite,
];

/// A small file whose PUT was under way when the program ended; `answer` says whether it was stored.
fn ended_while_it_was_put(policy: ConflictPolicy, service: Profile, answer: Action) -> (Server, Stopped, BatchId) {
    let (server, engine, at) = connected();
    server.plan.set_profile(service);
    let is_stored = answer == Action::StallAfter;
    server.plan.add(Fault::on("PutObject", answer));
    let batch = engine.enqueue(vec![engine.file("a", b"as it was")], &at, on_conflict(policy));
    server.wait_for("PutObject", 1);
    if is_stored {
        server.wait_for_key("a");
    }
    let stopped = engine.stop();
    server.plan.clear();
    (server, stopped, batch)
}

#[test]
fn a_file_that_changes_after_its_put_was_stored_unheard_is_not_in_its_own_way() {
    for service in [Profile::default(), crate::opaque::opaque()] {
        for policy in RULES {
            let (server, stopped, batch) = ended_while_it_was_put(policy, service, Action::StallAfter);
            std::fs::write(stopped.files.path().join("a"), NOW).unwrap();
            let engine = stopped.start();
            is_stored_alone(&server, &engine.finished(batch), NOW, policy);
        }
    }
}

#[test]
fn a_file_that_has_become_large_after_its_put_was_stored_unheard_is_not_in_its_own_way() {
    for policy in RULES {
        let (server, stopped, batch) = ended_while_it_was_put(policy, Profile::default(), Action::StallAfter);
        std::fs::write(stopped.files.path().join("a"), pattern(9 * MIB)).unwrap();
        let engine = stopped.start();
        is_stored_alone(&server, &engine.finished(batch), &pattern(9 * MIB), policy);
    }
}

#[test]
fn what_a_put_that_was_never_stored_finds_of_somebody_else_stays() {
    for (policy, done) in [(ConflictPolicy::Skip, 0), (ConflictPolicy::Rename, 1)] {
        let (server, stopped, batch) = ended_while_it_was_put(policy, Profile::default(), Action::StallBefore);
        // As many bytes as ours had.
        server.put("a", b"their own");
        std::fs::write(stopped.files.path().join("a"), NOW).unwrap();
        let engine = stopped.start();
        let summary = engine.finished(batch);
        assert_eq!((summary.done, summary.skipped), (done, 1 - done), "{policy:?}: {summary:?}");
        assert_eq!(server.bytes("a").unwrap(), b"their own", "{policy:?}");
    }
}

#[test]
fn a_file_that_changes_in_a_pause_after_its_put_was_stored_unheard_is_not_in_its_own_way() {
    for policy in RULES {
        let (server, engine, at) = connected();
        server.plan.add(Fault::on("PutObject", Action::StallAfter));
        let path = engine.file("a", b"as it was");
        let batch = engine.enqueue(vec![path.clone()], &at, on_conflict(policy));
        server.wait_for_key("a");
        let row = engine.row(TransferTab::Active, |_| true);
        engine.act(row.id, TransferAction::Pause);
        engine.row(TransferTab::Active, |row| row.state == TransferState::Paused);
        server.plan.clear();
        std::fs::write(path, NOW).unwrap();
        engine.act(row.id, TransferAction::Resume);
        is_stored_alone(&server, &engine.finished(batch), NOW, policy);
    }
}

#[test]
fn a_file_that_changes_while_its_damaged_object_is_found_is_not_in_its_own_way() {
    for policy in [ConflictPolicy::Skip, ConflictPolicy::Ask, ConflictPolicy::Rename] {
        let (server, engine, at) = connected();
        server.plan.set_profile(crate::opaque::opaque());
        server.plan.add(Fault::on("PutObject", Action::FlipBit { at_byte: 3 }).times(1));
        let path = engine.file("a", b"as it was");
        change_at(&server, "GetObject", &path, NOW);
        let options = PutOptions { verify: Some(VerifyWish::ReadBack), ..on_conflict(policy) };
        let summary = engine.upload(vec![path], &at, options);
        is_stored_alone(&server, &summary, NOW, policy);
    }
}

#[test]
fn a_put_that_is_stored_only_after_it_was_looked_for_is_not_in_its_own_way() {
    for policy in RULES {
        let (server, engine, at) = connected();
        server.plan.add(Fault::on("PutObject", Action::StallBefore).times(1));
        let path = engine.file("a", b"as it was");
        let batch = engine.enqueue(vec![path.clone()], &at, on_conflict(policy));
        server.wait_for("PutObject", 1);
        let row = engine.row(TransferTab::Active, |_| true);
        engine.act(row.id, TransferAction::Pause);
        engine.row(TransferTab::Active, |row| row.state == TransferState::Paused);
        server.plan.clear();
        server.plan.add(Fault::on("PutObject", Action::Hold).times(1));
        std::fs::write(path, NOW).unwrap();
        engine.act(row.id, TransferAction::Resume);
        server.wait_for("PutObject", 2);
        // The first one comes to its end at last.
        server.put("a", b"as it was");
        server.plan.release();
        let summary = engine.finished(batch);
        assert_eq!((summary.done, summary.skipped, summary.failed), (1, 0, 0), "{policy:?}: {summary:?}");
        assert_eq!(server.keys(), ["a"], "{policy:?}");
        assert_eq!(server.bytes("a").unwrap(), NOW, "{policy:?}");
    }
}

#[test]
fn a_file_that_has_become_large_knows_its_own_object_after_another_end_of_the_program() {
    for (policy, held) in RULES.into_iter().flat_map(|policy| {
        ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"].map(|operation| (policy, operation))
    }) {
        let (server, stopped, batch) = ended_while_it_was_put(policy, Profile::default(), Action::StallAfter);
        std::fs::write(stopped.files.path().join("a"), pattern(9 * MIB)).unwrap();
        server.plan.add(Fault::on(held, Action::StallBefore));
        let engine = stopped.start();
        server.wait_for(held, 1);
        let stopped = engine.stop();
        server.plan.clear();
        let engine = stopped.start();
        let summary = engine.finished(batch);
        assert_eq!((summary.done, summary.skipped, summary.failed), (1, 0, 0), "{policy:?}, {held}: {summary:?}");
        assert_eq!(server.keys(), ["a"], "{policy:?}, {held}");
        assert!(server.bytes("a").unwrap() == pattern(9 * MIB), "{policy:?}, {held}");
    }
}
