//! Our own object was damaged on its way, and while everything is sent once more somebody else writes the key: theirs
//! stays, as if ours had never stood there.

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{ConflictPolicy, Location, PutOptions, VerifyWish};

use crate::opaque::opaque;
use crate::support::{MIB, PATIENCE, Server, TestEngine, connected, on_conflict, pattern};

const THEIRS: &[u8] = b"somebody else's";

/// Connected to a service that verifies nothing; the first body of an operation is damaged there.
fn stage(operation: &str) -> (Server, TestEngine, Location) {
    let (server, engine, at) = connected();
    server.plan.set_profile(opaque());
    server.plan.add(Fault::on(operation, Action::FlipBit { at_byte: 3 }).times(1));
    (server, engine, at)
}

fn read_back(policy: ConflictPolicy) -> PutOptions {
    PutOptions { verify: Some(VerifyWish::ReadBack), ..on_conflict(policy) }
}

/// Older than whatever is written now.
fn old_file(engine: &TestEngine, bytes: &[u8]) -> PathBuf {
    let path = engine.file("a", bytes);
    let hour_ago = SystemTime::now() - Duration::from_hours(1);
    File::options().write(true).open(&path).unwrap().set_modified(hour_ago).unwrap();
    path
}

/// Somebody else writes the key while a request is held, which goes on then.
fn replace(server: &Server) {
    server.plan.clear();
    server.put("a", THEIRS);
    server.plan.release();
}

#[test]
fn what_somebody_puts_in_place_of_a_damaged_object_stays() {
    for policy in [ConflictPolicy::Skip, ConflictPolicy::Rename, ConflictPolicy::OverwriteIfNewer] {
        let (server, engine, at) = stage("PutObject");
        // This rule looks before the first body.
        let looks = u16::from(policy == ConflictPolicy::OverwriteIfNewer);
        server.plan.add(Fault::on("HeadObject", Action::Hold).after(looks.into()));
        server.plan.add(Fault::on("PutObject", Action::Hold).attempt(2));
        let batch = engine.enqueue(vec![old_file(&engine, b"ours")], &at, read_back(policy));
        // Whatever comes before theirs: a look at the key, or the second body.
        let next = server.plan.wait_until(|log| {
            let count = |operation: &str| log.iter().filter(|request| request.operation == operation).count();
            count("HeadObject") > usize::from(looks) || count("PutObject") > 1
        });
        server.runtime.block_on(async { tokio::time::timeout(PATIENCE, next).await }).unwrap();
        replace(&server);
        let summary = engine.finished(batch);
        let is_renamed = policy == ConflictPolicy::Rename;
        let expected = if is_renamed { (1, 0, 0) } else { (0, 1, 0) };
        assert_eq!((summary.done, summary.skipped, summary.failed), expected, "{policy:?}: {summary:?}");
        assert_eq!(server.bytes("a").unwrap(), THEIRS, "{policy:?}");
        assert_eq!(server.keys().len(), 1 + usize::from(is_renamed), "{policy:?}");
    }
}

#[test]
fn what_somebody_puts_in_place_of_a_large_damaged_object_stays() {
    for policy in [ConflictPolicy::Skip, ConflictPolicy::OverwriteIfNewer] {
        let (server, engine, at) = stage("UploadPart");
        server.plan.add(Fault::on("CreateMultipartUpload", Action::Hold).attempt(2));
        let batch = engine.enqueue(vec![old_file(&engine, &pattern(9 * MIB))], &at, read_back(policy));
        server.wait_for("CreateMultipartUpload", 2);
        assert!(server.bytes("a").unwrap() != pattern(9 * MIB), "the damaged one stands there");
        replace(&server);
        let summary = engine.finished(batch);
        assert_eq!((summary.done, summary.skipped, summary.failed), (0, 1, 0), "{policy:?}: {summary:?}");
        assert_eq!(server.bytes("a").unwrap(), THEIRS, "{policy:?}");
        server.wait_for_unfinished(0);
    }
}

#[test]
fn a_damaged_object_that_still_stands_there_is_replaced() {
    for policy in [ConflictPolicy::Skip, ConflictPolicy::Ask, ConflictPolicy::Overwrite] {
        for (operation, size) in [("PutObject", 1000), ("UploadPart", 9 * MIB)] {
            let (server, engine, at) = stage(operation);
            let summary = engine.upload(vec![engine.file("a", &pattern(size))], &at, read_back(policy));
            assert_eq!((summary.done, summary.skipped), (1, 0), "{policy:?}: {summary:?}");
            assert!(server.bytes("a").unwrap() == pattern(size), "{policy:?}");
            assert_eq!(server.keys(), ["a"], "{policy:?}");
        }
    }
}
