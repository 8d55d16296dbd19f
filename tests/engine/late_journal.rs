//! A start whose journal cannot be opened, since its disk fails: nothing is begun, and it goes on by itself once the disk
//! answers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bucketdrop::engine::{JournalTest, JournalUse};
use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{Command, Event, FailureKind, PutOptions, QueueHold, QueueSwitch};
use bucketdrop::platform::Home;

use crate::support::{TestEngine, connected};

/// What stands in the journal's place is no file: no disk that works has that.
struct FailingDisk {
    journal: PathBuf,
    aside: PathBuf,
}

impl FailingDisk {
    fn of(home: &Path) -> Self {
        let journal = Home::under(home).journal_file();
        let aside = journal.with_extension("aside");
        if journal.exists() {
            std::fs::rename(&journal, &aside).unwrap();
        }
        std::os::unix::fs::symlink(home, &journal).unwrap();
        Self { journal, aside }
    }

    /// At one stroke: the engine may be looking.
    fn heal(self) {
        std::fs::rename(&self.aside, &self.journal).unwrap();
    }
}

fn often() -> JournalUse {
    let retry_after = Some(Duration::from_millis(20));
    JournalUse::Tested(JournalTest { retry_after, ..JournalTest::default() })
}

fn expect_stall(engine: &TestEngine) {
    let stalls = |hold: &QueueHold| matches!(hold, QueueHold::JournalStalled(failure) if failure.kind == FailureKind::JournalUnwritable);
    engine.expect("the reason", |event| match event {
        Event::Transfers(view) if view.holds.iter().any(stalls) => Some(()),
        _ => None,
    });
}

#[test]
fn what_is_dropped_meanwhile_follows_the_earlier_queue_once_the_journal_opens() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    let early = engine.enqueue(vec![engine.file("early", b"early")], &at, PutOptions::default());
    server.wait_for("PutObject", 1);
    let stopped = engine.stop();
    server.plan.clear();
    server.plan.clear_log();
    let disk = FailingDisk::of(stopped.home.path());
    let engine = stopped.start_with(often());
    let late = engine.enqueue(vec![engine.file("late", b"late")], &at, PutOptions::default());
    expect_stall(&engine);
    assert_eq!(server.plan.count("PutObject"), 0, "something was begun that could not be written down");
    disk.heal();
    for batch in [early, late] {
        let summary = engine.finished(batch);
        assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    }
    assert_eq!(server.keys(), ["early", "late"]);
    assert_eq!((server.bytes("early").unwrap(), server.bytes("late").unwrap()), (b"early".to_vec(), b"late".to_vec()));
}

#[test]
fn what_was_dropped_meanwhile_is_in_the_journal_once_that_opens() {
    let (server, engine, at) = connected();
    let stopped = engine.stop();
    let disk = FailingDisk::of(stopped.home.path());
    let engine = stopped.start_with(often());
    engine.send(Command::HoldQueue(QueueSwitch::Hold));
    let paths = (0..20).map(|n| engine.file(&format!("d/{n}"), b"x")).collect();
    let batch = engine.enqueue(paths, &at, PutOptions::default());
    expect_stall(&engine);
    disk.heal();
    engine.expect("all of it in the queue", |event| match event {
        Event::Transfers(view) if view.counts.active == 20 => Some(()),
        _ => None,
    });
    let engine = engine.stop().start();
    engine.expect("the queue of before", |event| match event {
        Event::QueueRestored { files: 20, .. } => Some(()),
        _ => None,
    });
    assert!(server.keys().is_empty(), "it was held");
    engine.send(Command::ResumeQueue);
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.failed), (20, 0), "{summary:?}");
}

#[test]
fn a_quit_meanwhile_leaves_the_earlier_queue_as_it_was() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    let early = engine.enqueue(vec![engine.file("early", b"early")], &at, PutOptions::default());
    server.wait_for("PutObject", 1);
    let stopped = engine.stop();
    server.plan.clear();
    let disk = FailingDisk::of(stopped.home.path());
    let engine = stopped.start_with(often());
    engine.enqueue(vec![engine.file("late", b"late")], &at, PutOptions::default());
    expect_stall(&engine);
    let stopped = engine.stop();
    disk.heal();
    let engine = stopped.start();
    assert_eq!(engine.finished(early).done, 1);
}

#[test]
fn a_command_says_that_it_is_not_kept_and_goes_on() {
    let (server, engine, at) = connected();
    let stopped = engine.stop();
    let _disk = FailingDisk::of(stopped.home.path());
    let engine = stopped.start_with(JournalUse::KeepWaiting);
    let is_not_kept =
        |event: &Event| matches!(event, Event::QueueNotKept(failure) if failure.kind == FailureKind::JournalUnwritable);
    engine.expect("a word that nothing is kept", |event| is_not_kept(event).then_some(()));
    assert_eq!(engine.upload(vec![engine.file("a", b"a")], &at, PutOptions::default()).done, 1);
    assert_eq!(server.keys(), ["a"]);
}
