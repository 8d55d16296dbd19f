//! The queue as a whole: held, limited, put in another order, and what follows its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    Command, Event, PutOptions, QueueHold, QueueSwitch, ResumeAtStart, Selection, Settings, TransferAction,
    TransferState, TransferTab, WhenDone,
};

use crate::support::{MIB, Server, Setup, TestEngine, connected, pattern};
use crate::test_clock::{SharedClock, TestClock};

#[test]
fn a_held_queue_keeps_finished_parts_and_goes_on() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(3).attempt(1));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(40 * MIB))], &at, PutOptions::default());
    server.wait_for_answers("UploadPart", 4);
    engine.send(Command::HoldQueue(QueueSwitch::Hold));
    let held = engine.row(TransferTab::Active, |row| row.state == TransferState::Queued);
    assert!(held.done_bytes >= 3 * 8 * MIB as u64, "{held:?}");
    engine.expect("the reason", |event| match event {
        Event::Transfers(view) if view.holds == [QueueHold::Held] => Some(()),
        _ => None,
    });
    engine.send(Command::HoldQueue(QueueSwitch::Run));
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!(server.plan.count("CreateMultipartUpload"), 1);
    assert!(server.bytes("big").unwrap() == pattern(40 * MIB));
}

#[test]
fn the_order_of_what_waits_can_be_changed() {
    let (server, engine, at) = connected();
    engine.send(Command::LimitFiles(1));
    server.plan.add(Fault::on("PutObject", Action::Hold).key("0"));
    let paths = (0..5).map(|n| engine.file(&n.to_string(), b"x")).collect();
    let batch = engine.enqueue(paths, &at, PutOptions::default());
    server.wait_for("PutObject", 1);
    let id = |name: &str| engine.row(TransferTab::Active, |row| row.path.ends_with(name)).id;
    // 0 runs; 1 2 3 4 wait: now 3 1 4 2.
    engine.act(id("3"), TransferAction::First);
    engine.send(Command::MoveTransfer { transfer: id("2"), before: None });
    engine.send(Command::MoveTransfer { transfer: id("4"), before: Some(id("2")) });
    id("1");
    server.plan.release();
    assert_eq!(engine.finished(batch).done, 5);
    let order: Vec<_> = server.plan.log().iter().filter_map(|r| r.key.clone()).collect();
    assert_eq!(order, ["0", "3", "1", "4", "2"]);
}

#[test]
fn the_order_outlives_the_program() {
    let (server, engine, at) = connected();
    let settings = Settings { parallel_files: 1, resume_at_start: ResumeAtStart::Ask, ..Settings::default() };
    engine.send(Command::UpdateSettings(Box::new(settings)));
    engine.send(Command::HoldQueue(QueueSwitch::Hold));
    let mut paths: Vec<_> = (0..6).map(|n| engine.file(&n.to_string(), b"x")).collect();
    paths.extend((6..9).map(|n| engine.file(&n.to_string(), &pattern(9 * MIB))));
    let batch = engine.enqueue(paths, &at, PutOptions::default());
    let id = |name: &str| engine.row(TransferTab::Active, |row| row.path.ends_with(name)).id;
    // Of the small ones 3 0 1 5 4 2 are to run, of the large ones 8 7 6.
    engine.act(id("3"), TransferAction::First);
    engine.send(Command::MoveTransfer { transfer: id("2"), before: None });
    engine.send(Command::MoveTransfer { transfer: id("5"), before: Some(id("4")) });
    engine.send(Command::MoveTransfer { transfer: id("7"), before: Some(id("6")) });
    engine.act(id("8"), TransferAction::First);
    id("1");
    let stopped = engine.stop();
    server.plan.clear_log();
    let engine = stopped.start();
    engine.send(Command::ResumeQueue);
    assert_eq!(engine.finished(batch).done, 9);
    let log = server.plan.log();
    let order_of = |operation: &str| -> Vec<String> {
        log.iter().filter(|r| r.operation == operation).filter_map(|r| r.key.clone()).collect()
    };
    assert_eq!(order_of("PutObject"), ["3", "0", "1", "5", "4", "2"]);
    assert_eq!(order_of("CreateMultipartUpload"), ["8", "7", "6"]);
}

#[test]
fn a_bandwidth_limit_holds_and_its_change_acts_at_once() {
    let (_server, engine, at) = connected();
    engine.send(Command::LimitBandwidth(Some(2_000_000)));
    let begin = Instant::now();
    assert_eq!(engine.upload(vec![engine.file("a", &pattern(4_000_000))], &at, PutOptions::default()).done, 1);
    let took = begin.elapsed();
    assert!((Duration::from_millis(1800)..Duration::from_secs(6)).contains(&took), "{took:?}");
    // So slow that it would take an hour; without a limit it is through.
    engine.send(Command::LimitBandwidth(Some(1000)));
    let batch = engine.enqueue(vec![engine.file("b", &pattern(4_000_000))], &at, PutOptions::default());
    engine.row(TransferTab::Active, |row| row.state == TransferState::Active && row.done_bytes > 0);
    engine.send(Command::LimitBandwidth(None));
    assert_eq!(engine.finished(batch).done, 1);
}

#[test]
fn a_limit_of_nothing_holds_the_queue() {
    let (server, engine, at) = connected();
    engine.send(Command::LimitBandwidth(Some(0)));
    let batch = engine.enqueue(vec![engine.file("a", b"a")], &at, PutOptions::default());
    engine.expect("the reason", |event| match event {
        Event::Transfers(view) if view.holds == [QueueHold::OutsideHours] => Some(()),
        _ => None,
    });
    assert_eq!(server.plan.count("PutObject"), 0);
    engine.send(Command::LimitBandwidth(None));
    assert_eq!(engine.finished(batch).done, 1);
}

static SLEPT: AtomicU32 = AtomicU32::new(0);

#[expect(clippy::unnecessary_wraps, reason = "it stands in for one that can fail")]
fn note_sleep() -> Result<(), bucketdrop::platform::PlatformError> {
    SLEPT.fetch_add(1, Ordering::SeqCst);
    Ok(())
}

#[test]
fn the_machine_sleeps_after_a_countdown_that_can_be_stopped() {
    let (server, clock) = (Server::start(), TestClock::new());
    let mut setup = Setup { clock: Arc::new(SharedClock(Arc::clone(&clock))), ..Setup::default() };
    setup.tuning.suspend = note_sleep;
    let engine = TestEngine::start(setup);
    let at = engine.connect(&server);
    let seconds_left = |engine: &TestEngine| {
        engine.expect("the countdown", |event| match event {
            Event::SleepsSoon { in_secs } => Some(*in_secs),
            _ => None,
        })
    };
    engine.send(Command::SetWhenDone(WhenDone::Sleep));
    engine.upload(vec![engine.file("a", b"a")], &at, PutOptions::default());
    engine.expect("the end of the queue", |event| match event {
        Event::QueueDone { then: WhenDone::Sleep } => Some(()),
        _ => None,
    });
    assert_eq!(seconds_left(&engine), Some(30));
    clock.jump(Duration::from_secs(1));
    assert_eq!(seconds_left(&engine), Some(29));
    // More work, or a no, stops it.
    engine.send(Command::SetWhenDone(WhenDone::Nothing));
    assert_eq!(seconds_left(&engine), None);
    clock.pass(Duration::from_mins(1), Duration::from_secs(1));
    assert_eq!(SLEPT.load(Ordering::SeqCst), 0);
    engine.send(Command::SetWhenDone(WhenDone::Sleep));
    engine.upload(vec![engine.file("b", b"b")], &at, PutOptions::default());
    for left in (1..=30).rev() {
        assert_eq!(seconds_left(&engine), Some(left));
        clock.jump(Duration::from_secs(1));
    }
    clock.pass_until(Duration::from_mins(1), Duration::from_secs(1), || SLEPT.load(Ordering::SeqCst) == 1);
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Forget });
}
