//! The queue as a whole: held, limited, put in another order, and what follows its end.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bucketdrop::engine::Clock as _;
use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    BandwidthHours, BandwidthPlan, Command, ConflictPolicy, ConflictScope, Event, KeepAwake, MINUTES_OF_DAY,
    PutOptions, QueueHold, QueueSwitch, ResumeAtStart, Selection, Settings, TransferAction, TransferState, TransferTab,
    WhenDone,
};
use bucketdrop::platform::Awake;

use crate::support::{MIB, Server, Setup, TestEngine, connected, on_conflict, pattern};
use crate::test_clock::{SharedClock, TestClock};

#[test]
fn a_held_queue_keeps_finished_parts_and_goes_on() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(3).attempt(1));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(40 * MIB))], &at, PutOptions::default());
    engine.wait_for_written_parts(4);
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
fn uploads_to_one_key_take_turns() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::Hold).key("a").times(1));
    let overwrite = || on_conflict(ConflictPolicy::Overwrite);
    let first = engine.enqueue(vec![engine.file("one/a", b"of the first")], &at, overwrite());
    server.wait_for("PutObject", 1);
    let paths = vec![engine.file("two/a", b"of the second"), engine.file("two/b", b"another one")];
    let second = engine.enqueue(paths, &at, overwrite());
    // The one behind it in the queue is through; it has not even begun.
    assert_eq!(engine.report().object.key.as_str(), "b");
    engine.forget_heard();
    let row = engine.row(TransferTab::Active, |row| row.path.ends_with("two/a"));
    assert_eq!(row.state, TransferState::Queued);
    let asked = || server.plan.log().iter().filter(|asked| asked.key.as_deref() == Some("a")).count();
    assert_eq!(asked(), 1);
    server.plan.release();
    assert_eq!((engine.finished(first).done, engine.finished(second).done), (1, 2));
    assert_eq!(server.bytes("a").unwrap(), b"of the second");
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
    // Two seconds, less what may leave at once; how much longer is up to the machine.
    assert!(took >= Duration::from_millis(1800), "{took:?}");
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

/// The minute of the local day, as the engine's clock has it.
fn minute_of_day(clock: &SharedClock) -> u16 {
    let now = clock.now().to_zoned(jiff::tz::TimeZone::system());
    u16::try_from(i16::from(now.hour()) * 60 + i16::from(now.minute())).unwrap()
}

#[test]
fn hours_without_uploads_begin_and_end_by_the_clock() {
    let (server, clock) = (Server::start(), TestClock::new());
    let shared = SharedClock(Arc::clone(&clock));
    let engine = TestEngine::start(Setup { clock: Arc::new(shared.clone()), ..Setup::default() });
    let at = engine.connect(&server);
    let (now, begin) = (minute_of_day(&shared), clock.now());
    let after = |minutes: u16| (now + minutes) % MINUTES_OF_DAY;
    let hours = BandwidthHours { from_minute: after(10), to_minute: after(40), limit: Some(0) };
    let bandwidth = BandwidthPlan { limit: None, hours: Some(hours) };
    engine.send(Command::UpdateSettings(Box::new(Settings { bandwidth, ..Settings::default() })));
    engine.expect("SettingsChanged", |event| matches!(event, Event::SettingsChanged(_)).then_some(()));
    assert_eq!(engine.upload(vec![engine.file("before", b"x")], &at, PutOptions::default()).done, 1);
    // The hours begin while nothing is to be done: what comes in them waits all the same.
    clock.jump(Duration::from_mins(15));
    let puts = server.plan.count("PutObject");
    let batch = engine.enqueue(vec![engine.file("in them", b"x")], &at, PutOptions::default());
    // Pictures are painted by the same clock.
    let is_held =
        |event: &Event| matches!(event, Event::Transfers(view) if view.holds.contains(&QueueHold::OutsideHours));
    // How long that takes by the clock depends on this machine, here and below.
    clock.pass_until(Duration::from_mins(4), Duration::from_millis(200), || engine.has_heard(is_held));
    clock.pass(Duration::from_mins(18), Duration::from_mins(1));
    assert_eq!(server.plan.count("PutObject"), puts, "the hours are not over before the fortieth minute");
    let is_end = |of| move |event: &Event| matches!(event, Event::BatchFinished { batch, .. } if *batch == of);
    let waited = clock.pass_until(Duration::from_hours(8), Duration::from_secs(30), || engine.has_heard(is_end(batch)));
    assert!(waited >= Duration::from_mins(2), "{waited:?}");
    assert_eq!(engine.finished(batch).done, 1);
    // And once more on the next day, with an upload under way.
    clock.jump((begin + Duration::from_hours(24)).saturating_sub(clock.now() + Duration::from_mins(5)));
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    let batch = engine.enqueue(vec![engine.file("big", &pattern(17 * MIB))], &at, PutOptions::default());
    server.wait_for_answers("UploadPart", 2);
    engine.forget_heard();
    clock.jump(Duration::from_mins(20));
    clock.pass_until(Duration::from_mins(10), Duration::from_millis(200), || engine.has_heard(is_held));
    server.plan.clear();
    clock.pass_until(Duration::from_hours(20), Duration::from_mins(1), || engine.has_heard(is_end(batch)));
    assert_eq!(engine.finished(batch).done, 1);
}

/// The other ends of what keeps the machine awake.
static AWAKE: Mutex<Vec<Receiver<()>>> = Mutex::new(Vec::new());

fn note_awake() -> Awake {
    let (until, ended) = channel();
    AWAKE.lock().unwrap().push(ended);
    Awake::stand_in(until)
}

/// How often the machine was kept awake, and whether it is now.
fn awake() -> (usize, bool) {
    let kept = AWAKE.lock().unwrap();
    (kept.len(), kept.last().is_some_and(|last| last.try_recv() == Err(TryRecvError::Empty)))
}

#[test]
fn the_machine_is_kept_awake_while_uploads_run_and_not_longer() {
    let server = Server::start();
    let mut setup = Setup::default();
    setup.tuning.keep_awake = note_awake;
    let engine = TestEngine::start(setup);
    let at = engine.connect(&server);
    assert_eq!(awake(), (0, false));
    server.plan.add(Fault::on("PutObject", Action::Hold));
    let held = engine.enqueue(vec![engine.file("a", b"a")], &at, PutOptions::default());
    server.wait_until("no sleep while one runs", |_| awake() == (1, true));
    server.wait_for("PutObject", 1);
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Pause });
    engine.row(TransferTab::Active, |row| row.state == TransferState::Paused);
    server.wait_until("sleep while all is paused", |_| awake() == (1, false));
    server.plan.clear();
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Resume });
    assert_eq!(engine.finished(held).done, 1);
    server.wait_until("sleep at the end", |_| awake() == (2, false));
    let settings = Settings { keep_awake: KeepAwake::Never, ..Settings::default() };
    engine.send(Command::UpdateSettings(Box::new(settings)));
    assert_eq!(engine.upload(vec![engine.file("b", b"b")], &at, PutOptions::default()).done, 1);
    assert_eq!(awake(), (2, false), "the setting says no");
}

#[test]
fn what_is_paused_or_waits_for_an_answer_is_not_through() {
    let (server, engine, at) = connected();
    server.put("taken", b"theirs");
    server.plan.add(Fault::on("PutObject", Action::StallBefore).key("slow"));
    engine.send(Command::SetWhenDone(WhenDone::Quit));
    let is_end = |event: &Event| matches!(event, Event::QueueDone { .. });
    let paths = vec![engine.file("slow", b"slow"), engine.file("taken", b"ours")];
    let batch = engine.enqueue(paths, &at, PutOptions::default());
    let conflict = engine.expect("ConflictFound", |event| match event {
        Event::ConflictFound(conflict) => Some(conflict.transfer),
        _ => None,
    });
    let slow = engine.row(TransferTab::Active, |row| row.object.key.as_str() == "slow");
    engine.act(slow.id, TransferAction::Pause);
    engine.row(TransferTab::Active, |row| row.state == TransferState::Paused);
    assert!(!engine.has_heard(is_end), "one waits for the user, one is paused");
    let (policy, scope) = (ConflictPolicy::Skip, ConflictScope::This);
    engine.send(Command::ResolveConflict { transfer: conflict, policy, scope });
    engine.row(TransferTab::Done, |row| row.id == conflict);
    assert!(!engine.has_heard(is_end), "one is paused");
    server.plan.clear();
    engine.act(slow.id, TransferAction::Resume);
    assert_eq!(engine.finished(batch).done, 1);
    engine.expect("the end of the queue", |event| match event {
        Event::QueueDone { then: WhenDone::Quit } => Some(()),
        _ => None,
    });
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
