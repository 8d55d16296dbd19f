//! Rows L14 and L15 of the fault catalogue as the engine has them: while the journal cannot be written nothing is begun,
//! what runs goes on, and all by itself it is over once the disk takes writes again.

#[path = "../../src/engine/journal/tests/fault_vfs.rs"]
#[expect(dead_code, reason = "the tests of the journal itself use more of it")]
pub(crate) mod fault_vfs;

use bucketdrop::engine::{JournalTest, JournalUse};
use bucketdrop::local_storage::faults::{Action, Fault as ServerFault};
use bucketdrop::model::{Event, FailureKind, PutOptions, QueueHold, TransferTab};
use bucketdrop::platform::Home;
use fault_vfs::{Disk, Fault, NAME};

use crate::support::{MIB, Server, Setup, TestEngine, pattern};

fn the_journal_cannot_be_written(fault: Fault, kind: FailureKind) {
    let home = tempfile::tempdir().unwrap();
    Home::under(home.path()).ensure().unwrap();
    let disk = Disk::over(Home::under(home.path()).journal_file().parent().unwrap());
    let journal = JournalUse::Tested(JournalTest { vfs: Some(NAME.to_owned()), ..JournalTest::default() });
    let server = Server::start();
    let engine = TestEngine::start_in(home, Setup { journal, ..Setup::default() });
    let at = engine.connect(&server);
    assert_eq!(engine.upload(vec![engine.file("before", b"x")], &at, PutOptions::default()).done, 1);
    server.plan.add(ServerFault::on("UploadPart", Action::Hold).part(2));
    let runs = engine.enqueue(vec![engine.file("runs", &pattern(17 * MIB))], &at, PutOptions::default());
    server.wait_for_answers("UploadPart", 2);
    engine.row(TransferTab::Active, |row| row.done_bytes >= 9 * MIB as u64);
    let begun = |server: &Server| (server.plan.count("PutObject"), server.plan.count("CreateMultipartUpload"));
    let before = begun(&server);

    disk.fail_at(1, fault);
    let paths = (0..20).map(|n| engine.file(&format!("d/{n}"), b"x")).collect::<Vec<_>>();
    let waits = engine.enqueue(paths, &at, PutOptions::default());
    let large = engine.enqueue(vec![engine.file("large", &pattern(9 * MIB))], &at, PutOptions::default());
    // SQLite may meet the fault first where it has no word for it.
    let fits = |found: FailureKind| found == kind || found == FailureKind::JournalUnwritable;
    let stalls = |hold: &QueueHold| matches!(hold, QueueHold::JournalStalled(failure) if fits(failure.kind));
    engine.expect("the reason", |event| match event {
        Event::Transfers(view) if view.holds.iter().any(stalls) => Some(()),
        _ => None,
    });
    // What was begun is sent to its end; nothing else is begun.
    server.plan.clear();
    server.plan.release();
    server.wait_for_answers("UploadPart", 3);
    assert!(disk.has_struck());
    assert_eq!(begun(&server), before, "something was begun that could not be written down");
    assert!(!engine.has_heard(|event| matches!(event, Event::BatchFinished { .. })), "an end was told");

    disk.heal();
    for (batch, files) in [(runs, 1), (waits, 20), (large, 1)] {
        let summary = engine.finished(batch);
        assert_eq!((summary.done, summary.failed), (files, 0), "{summary:?}");
    }
    assert_eq!(server.unfinished_uploads(), 0);
}

#[test]
fn l14_the_disk_of_the_journal_is_full() {
    the_journal_cannot_be_written(Fault::NoSpace, FailureKind::JournalFull);
}

#[test]
fn l15_the_disk_of_the_journal_fails() {
    the_journal_cannot_be_written(Fault::Io, FailureKind::JournalUnwritable);
}
