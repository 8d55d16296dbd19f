//! ENOSPC and EIO at the n-th write of the journal while the engine uploads: nothing begins that is not written down,
//! nothing that was told or written down gets lost, and it goes on by itself: with the same program once the disk takes
//! writes again, and with the next one after a kill or a quit. The short forms take some n, `tests/soak` each up to 200.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use bucketdrop::engine::{JournalTest, JournalUse};
use bucketdrop::local_storage::faults::{Action, EventKind, Fault as ServerFault, Outage, RequestEnd};
use bucketdrop::model::{
    BatchId, Command, ConflictPolicy, Event, FailureKind, Location, NoticeText, QueueHold, QueueSwitch, RequestId,
    RowsWanted, TransferState, TransferTab, TransfersView,
};
use bucketdrop::platform::Home;

use crate::full_disk::fault_vfs::{Disk, Fault, NAME};
use crate::support::{MIB, Server, Setup, TestEngine, copy_of_home, on_conflict, pattern};
use crate::test_clock::{SharedClock, TestClock};

/// What an upload begins with, and the stage that its job has on the disk by then, as the journal counts stages.
const BEGINS: [(&str, i64); 2] = [("PutObject", 3), ("CreateMultipartUpload", 4)];
/// Added to the stage of a job that has ended.
const ENDED: i64 = 32;
/// The stage of a batch whose end was told.
const REPORTED: i64 = 2;
/// Within so long it goes on once the disk takes writes again.
const GOES_ON_WITHIN: Duration = Duration::from_secs(10);
/// Whatever else is waited for has come by then, by the engine's clock.
const A_WHILE: Duration = Duration::from_mins(1);
/// The clock moves in steps of this.
const STEP: Duration = Duration::from_millis(100);
/// More than run at a time at first.
const SMALL_IN_A_ROUND: usize = 12;
/// No n that is asked for here takes so many.
const MOST_ROUNDS: usize = 40;

/// Trials at a time.
const AT_A_TIME: usize = 3;
/// Between two tries on a disk that refuses, in short forms: the journal waits by the clock on the wall.
const SOON: Option<Duration> = Some(Duration::from_millis(10));

/// What happens while the disk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// The disk takes writes again.
    Heals,
    /// The program is gone at once; the disk is good when the next one starts.
    Killed,
    /// The same, some time after more files were queued.
    KilledLater,
    /// The user quits; the disk is good when the next program starts.
    Quits,
}

/// The n-th call from a moment on fails, and all after it.
#[derive(Clone, Copy, Debug)]
struct Strike {
    fault: Fault,
    call: u64,
    then: Then,
}

/// What a file of this name holds.
fn contents(name: &str) -> Vec<u8> {
    static LARGE: OnceLock<Vec<u8>> = OnceLock::new();
    if name.starts_with("large") {
        let whole = LARGE.get_or_init(|| pattern(9 * MIB));
        return [whole, name.as_bytes()].concat();
    }
    name.repeat(1 + name.len() * 50).into_bytes()
}

/// What a journal says, read from a copy.
struct OnDisk {
    /// Name and state of each job.
    jobs: BTreeMap<i64, (String, i64)>,
    /// The stage of each batch.
    batches: BTreeMap<u64, i64>,
}

impl OnDisk {
    /// As the next start would find it after a kill now.
    fn read(home: &Path) -> Self {
        let copy = copy_of_home(home);
        let journal = rusqlite::Connection::open(Home::under(copy.path()).journal_file()).unwrap();
        let mut jobs = journal.prepare("SELECT id, name, state FROM job").unwrap();
        let jobs = jobs.query_map([], |row| {
            let name = String::from_utf8(row.get(1)?).unwrap();
            Ok((row.get(0)?, (name, row.get(2)?)))
        });
        let mut batches = journal.prepare("SELECT id, stage FROM batch").unwrap();
        let batches = batches.query_map([], |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?)));
        Self {
            jobs: jobs.unwrap().collect::<rusqlite::Result<_>>().unwrap(),
            batches: batches.unwrap().collect::<rusqlite::Result<_>>().unwrap(),
        }
    }

    fn state_of(&self, key: &str) -> Option<i64> {
        self.jobs.values().find(|(name, _)| name == key).map(|(_, state)| *state)
    }

    /// Whatever was told or has begun is here.
    fn has_written(&self, told: &[String], begun: &[(&str, String)]) {
        for key in told {
            let state = self.state_of(key);
            assert!(state.is_some_and(|state| state >= ENDED), "{key} was told as stored, and the disk says {state:?}");
        }
        for (operation, key) in begun {
            let (_, least) = BEGINS.into_iter().find(|(begins, _)| begins == operation).unwrap();
            let state = self.state_of(key);
            let is_written = state.is_some_and(|state| state >= ENDED || state & 15 >= least);
            assert!(is_written, "{operation} of {key}, and the disk says {state:?}");
        }
    }

    /// Whatever was in an earlier look is here, and has come to its end.
    fn has_all_of(&self, earlier: &Self) {
        for (id, (name, _)) in &earlier.jobs {
            let now = self.jobs.get(id);
            assert!(now.is_some_and(|(_, state)| *state >= ENDED), "{name} was written down, and now there is {now:?}");
        }
        let open: Vec<_> = self.batches.iter().filter(|(_, stage)| **stage != REPORTED).collect();
        assert!(open.is_empty(), "of these batches the end was not told: {open:?}");
    }
}

/// An engine that uploads over a disk that will fail.
struct World {
    server: Server,
    clock: Arc<TestClock>,
    engine: TestEngine,
    at: Location,
    disk: Disk,
    policy: ConflictPolicy,
    /// Operation and key of each upload that the server has seen beginning, in order.
    begun: Arc<Mutex<Vec<(&'static str, String)>>>,
    /// What was queued, and in which batch.
    queued: BTreeMap<String, BatchId>,
    /// Batches whose end was not heard.
    open: BTreeSet<BatchId>,
}

impl World {
    fn start(retry_after: Option<Duration>, policy: ConflictPolicy) -> Self {
        let home = tempfile::tempdir().unwrap();
        Home::under(home.path()).ensure().unwrap();
        let disk = Disk::over(Home::under(home.path()).journal_file().parent().unwrap());
        let vfs = Some(NAME.to_owned());
        let journal = JournalUse::Tested(JournalTest { vfs, retry_after, ..JournalTest::default() });
        let (server, clock) = (Server::start(), TestClock::new());
        server.keep_versions();
        let setup = Setup { journal, clock: Arc::new(SharedClock(Arc::clone(&clock))), ..Setup::default() };
        let engine = TestEngine::start_in(home, setup);
        let at = engine.connect(&server);
        let begun = Arc::<Mutex<Vec<(&'static str, String)>>>::default();
        let notes = Arc::clone(&begun);
        server.plan.on_event(move |event| {
            let begins = BEGINS.iter().any(|(operation, _)| *operation == event.operation);
            if begins && event.kind == EventKind::Arrived {
                notes.lock().unwrap().extend(event.key.clone().map(|key| (event.operation, key)));
            }
        });
        let (queued, open) = (BTreeMap::new(), BTreeSet::new());
        let mut world = Self { server, clock, engine, at, disk, policy, begun, queued, open };
        // What the server is like is found out by a first write.
        let first = world.enqueue(["first".to_owned()]);
        assert!(world.has_ended_well(first));
        world
    }

    fn enqueue(&mut self, names: impl IntoIterator<Item = String>) -> BatchId {
        let names: Vec<_> = names.into_iter().collect();
        let paths = names.iter().map(|name| self.engine.file(name, &contents(name))).collect();
        let batch = self.engine.enqueue(paths, &self.at, on_conflict(self.policy));
        self.queued.extend(names.into_iter().map(|name| (name, batch)));
        self.open.insert(batch);
        batch
    }

    fn begun(&self) -> Vec<(&'static str, String)> {
        self.begun.lock().unwrap().clone()
    }

    /// Waits for the end of a batch; `false` if the journal cannot be written before that.
    fn has_ended_well(&mut self, batch: BatchId) -> bool {
        // The clock goes on: whatever takes an upload a wait of its own comes to its end.
        let is_either = |event: &Event| match event {
            Event::BatchFinished { batch: b, .. } => *b == batch,
            Event::Notice(notice) => is_stall(&notice.text),
            _ => matches!(event, Event::ConflictFound(_)),
        };
        self.clock.pass_until(A_WHILE, STEP, || self.engine.has_heard(is_either));
        let summary = self.engine.expect("an end, or a stall", |event| match event {
            Event::BatchFinished { batch: b, summary } if *b == batch => Some(Some(summary.clone())),
            Event::Notice(notice) if is_stall(&notice.text) => Some(None),
            Event::ConflictFound(_) => panic!("asked about its own object"),
            _ => None,
        });
        let Some(summary) = summary else { return false };
        assert_eq!((summary.skipped, summary.cancelled, summary.failed), (0, 0, 0), "{summary:?}");
        self.open.remove(&batch);
        true
    }

    /// Uploads round after round until the journal cannot be written.
    fn upload_until_it_stalls(&mut self) {
        for round in 0..MOST_ROUNDS {
            let large = round.is_multiple_of(2).then(|| format!("large-{round}"));
            let small = (0..SMALL_IN_A_ROUND).map(|number| format!("small-{round}-{number}"));
            let batch = self.enqueue(large.into_iter().chain(small));
            if !self.has_ended_well(batch) {
                return;
            }
        }
        panic!("the call was not reached: {} calls", self.disk.calls());
    }

    /// Names of files whose end was told.
    fn told(&self) -> Vec<String> {
        let told = RefCell::new(Vec::new());
        self.engine.has_heard(|event| {
            if let Event::TransferEnded(report) = event {
                assert!(matches!(report.state, TransferState::Done(_)), "{report:?}");
                told.borrow_mut().push(report.object.key.as_str().to_owned());
            }
            false
        });
        told.into_inner()
    }

    /// The picture of the queue while it stands still.
    fn stalled_view(&self) -> TransfersView {
        let stands = |hold: &QueueHold| matches!(hold, QueueHold::JournalStalled(_));
        self.view(|view| view.counts.active == view.rows.len() as u64 && view.holds.iter().any(stands))
    }

    /// The first picture of the queue that fits.
    fn view(&self, fits: impl Fn(&TransfersView) -> bool) -> TransfersView {
        self.engine.send(Command::ShowTransfers(RowsWanted { tab: TransferTab::Active, first_index: 0, count: 1_000 }));
        let found = RefCell::new(None);
        // Over requests that hang; slowly, so that they do not get old.
        let slowly = || std::thread::park_timeout(Duration::from_millis(50));
        self.clock.rush_until(A_WHILE, slowly, || {
            self.engine.has_heard(|event| match event {
                Event::Transfers(view) if fits(view) => {
                    *found.borrow_mut() = Some((**view).clone());
                    true
                }
                _ => false,
            })
        });
        found.into_inner().unwrap()
    }

    /// While the disk fails: what waits in the queue goes on waiting, and so does what comes. How many transfers waited.
    fn nothing_else_begins(&mut self) -> usize {
        let view = self.stalled_view();
        let seen = self.begun().len();
        let is_queued = |state: &TransferState| *state == TransferState::Queued;
        let queued = view.rows.iter().filter(|row| is_queued(&row.state)).map(|row| row.object.key.as_str().to_owned());
        let mut waits: BTreeSet<String> = queued.collect();
        let waited = waits.len();
        let late = ["large-late", "small-late-1", "small-late-2"].map(str::to_owned);
        self.enqueue(late.clone());
        waits.extend(late);
        self.take_turns();
        let begun = self.begun();
        let broken: Vec<_> = begun.iter().skip(seen).filter(|(_, key)| waits.contains(key)).collect();
        assert!(broken.is_empty(), "{broken:?} began while nothing could be written down");
        waited
    }

    /// The actor has many turns.
    fn take_turns(&self) {
        for _turn in 0..20 {
            let request = RequestId::next();
            self.engine.send(Command::ListUploaded { request });
            let answers = |event: &Event| matches!(event, Event::UploadedObjects { request: r, .. } if *r == request);
            self.engine.expect("an answer", |event| answers(event).then_some(()));
        }
    }

    /// The disk takes writes again: how long it took by the engine's clock until everything was through.
    fn goes_on(&mut self) -> Duration {
        self.disk.heal();
        let open = self.open.clone();
        let ends = |event: &Event| match event {
            Event::ConflictFound(_) => panic!("asked about its own object"),
            Event::BatchFinished { batch, .. } => open.contains(batch),
            _ => false,
        };
        let took = self.clock.pass_until(GOES_ON_WITHIN, STEP, || self.engine.count_heard(ends) == open.len());
        for batch in &open {
            // The stall may have been told more than once, with other words of the disk.
            while !self.has_ended_well(*batch) {}
        }
        took
    }

    /// The bucket has each of these once, as it was queued, and nothing else.
    fn holds_exactly(&self, names: &BTreeSet<String>) {
        let versions = self.server.all_versions();
        assert!(versions.iter().eq(names), "the bucket has {versions:?} instead of {names:?}");
        for name in names {
            assert!(self.server.bytes(name).unwrap() == contents(name), "{name} is not what was queued");
        }
    }

    /// The next program goes on where this one has ended, and everything that was written down arrives.
    fn next_program(&self, home: &Path) {
        let found = OnDisk::read(home);
        let mut engine = TestEngine::start_beside(home, Setup { store: self.engine.store(), ..Setup::default() });
        let batches: BTreeSet<BatchId> = self.queued.values().copied().collect();
        for batch in batches {
            if found.batches.get(&batch.get()).is_some_and(|stage| *stage != REPORTED) {
                let summary = engine.expect("BatchFinished", |event| match event {
                    Event::BatchFinished { batch: b, summary } if *b == batch => Some(summary.clone()),
                    Event::ConflictFound(_) => panic!("asked about its own object"),
                    _ => None,
                });
                assert_eq!((summary.skipped, summary.cancelled, summary.failed), (0, 0, 0), "{summary:?}");
            }
        }
        // What was given up without an answer is aborted by the start after.
        if self.server.unfinished_uploads() > 0 {
            engine.leave();
            engine = TestEngine::start_beside(home, Setup { store: self.engine.store(), ..Setup::default() });
            self.server.wait_for_unfinished(0);
        }
        engine.leave();
        OnDisk::read(home).has_all_of(&found);
        let is_written = |batch: &BatchId| found.batches.contains_key(&batch.get());
        let written = self.queued.iter().filter(|(_, batch)| is_written(batch)).map(|(name, _)| name.clone()).collect();
        self.holds_exactly(&written);
        assert_eq!(self.server.unfinished_uploads(), 0);
    }

    /// The program is gone as far as the server can see; what its disk has then.
    fn kill(&self) -> tempfile::TempDir {
        self.server.plan.set_outage(Outage::Refusing);
        self.server.wait_until("the end of requests in flight", |server| {
            server.plan.log().iter().all(|record| record.end != RequestEnd::UnderWay)
        });
        let (told, begun) = (self.told(), self.begun());
        let killed = copy_of_home(&self.engine.works_in);
        OnDisk::read(killed.path()).has_written(&told, &begun);
        self.disk.heal();
        self.engine.leave();
        self.server.plan.set_outage(Outage::None);
        killed
    }
}

fn is_stall(text: &NoticeText) -> bool {
    let kinds = [FailureKind::JournalFull, FailureKind::JournalUnwritable];
    matches!(text, NoticeText::Failure(failure) if kinds.contains(&failure.kind))
}

/// How long it took to go on: by the engine's clock, and by the one on the wall.
type Took = (Duration, Duration);

/// What came of one trial.
#[derive(Debug, Default)]
struct Came {
    /// Zero where another program goes on.
    took: Took,
    /// Transfers that waited in the queue when the disk failed.
    waited: usize,
}

/// One trial.
fn strike(strike: Strike, retry_after: Option<Duration>) -> Came {
    let Strike { fault, call, then } = strike;
    // Overwriting is what could make second versions, asking what could ask about our own.
    let policy = if call.is_multiple_of(2) { ConflictPolicy::Overwrite } else { ConflictPolicy::Ask };
    let mut world = World::start(retry_after, policy);
    world.disk.fail_at(call, fault);
    world.upload_until_it_stalls();
    assert!(world.disk.has_struck());
    let mut came = Came::default();
    if then == Then::Killed {
        let killed = world.kill();
        world.next_program(killed.path());
        return came;
    }
    came.waited = world.nothing_else_begins();
    match then {
        Then::KilledLater => {
            let killed = world.kill();
            world.next_program(killed.path());
            return came;
        }
        Then::Quits => {
            world.engine.leave();
            let (told, begun) = (world.told(), world.begun());
            OnDisk::read(&world.engine.works_in).has_written(&told, &begun);
            world.disk.heal();
            world.next_program(&world.engine.works_in);
            return came;
        }
        Then::Heals | Then::Killed => {}
    }
    let (told, begun) = (world.told(), world.begun());
    let found = OnDisk::read(&world.engine.works_in);
    found.has_written(&told, &begun);
    let healed = Instant::now();
    let took = world.goes_on();
    let wall = healed.elapsed();
    world.engine.leave();
    OnDisk::read(&world.engine.works_in).has_all_of(&found);
    world.holds_exactly(&world.queued.keys().cloned().collect());
    assert_eq!(world.server.unfinished_uploads(), 0);
    Came { took: (took, wall), ..came }
}

/// What came of many trials.
#[derive(Debug, Default)]
struct Sum {
    trials: usize,
    /// Those with transfers that waited in the queue when the disk failed.
    waited: usize,
    longest: Took,
    bad: Vec<String>,
}

/// Several at a time; a trial that goes wrong is told and does not end the run.
fn strike_all(strikes: &[Strike], retry_after: Option<Duration>) -> Sum {
    let (next, sum) = (AtomicUsize::new(0), Mutex::<Sum>::default());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(one) = strikes.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let came = std::panic::catch_unwind(|| strike(*one, retry_after));
                    let mut sum = sum.lock().unwrap();
                    sum.trials += 1;
                    match came {
                        Ok(Came { took: (engine, wall), waited }) => {
                            sum.longest = (sum.longest.0.max(engine), sum.longest.1.max(wall));
                            sum.waited += usize::from(waited > 0);
                        }
                        Err(panic) => {
                            let text = panic.downcast_ref::<String>().map(String::as_str);
                            let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or_default();
                            sum.bad.push(format!("{one:?}: {}", text.chars().take(600).collect::<String>()));
                        }
                    }
                }
            });
        }
    });
    sum.into_inner().unwrap()
}

/// Both faults at each of these calls.
fn both(calls: &[u64], then: Then) -> Vec<Strike> {
    let of = |fault| calls.iter().map(move |call| Strike { fault, call: *call, then });
    of(Fault::NoSpace).chain(of(Fault::Io)).collect()
}

#[test]
fn what_begins_is_written_down_and_it_goes_on_once_the_disk_is_good_again() {
    let sum = strike_all(&both(&[1, 2, 3, 5, 8, 13, 34, 89, 144, 200], Then::Heals), SOON);
    assert!(sum.bad.is_empty(), "{:#?}", sum.bad);
}

#[test]
fn killed_while_the_disk_fails_the_next_start_has_all_that_was_told() {
    let mut strikes = both(&[1, 4, 16, 64], Then::Killed);
    strikes.extend(both(&[7, 150], Then::KilledLater));
    strikes.extend(both(&[40], Then::Quits));
    let sum = strike_all(&strikes, None);
    assert!(sum.bad.is_empty(), "{:#?}", sum.bad);
}

#[test]
fn a_drop_that_waits_for_the_disk_says_so_while_nothing_else_is_queued() {
    let mut world = World::start(SOON, ConflictPolicy::Overwrite);
    world.disk.fail_at(1, Fault::NoSpace);
    // Written down without any transfer.
    world.engine.send(Command::HoldQueue(QueueSwitch::Hold));
    world.engine.send(Command::HoldQueue(QueueSwitch::Run));
    world.engine.expect("a stall", |event| match event {
        Event::Notice(notice) if is_stall(&notice.text) => Some(()),
        _ => None,
    });
    let batch = world.enqueue(["small".to_owned()]);
    let view = world.stalled_view();
    assert_eq!(view.counts.active, 0, "what is found would have to be written down");
    world.disk.heal();
    assert!(world.has_ended_well(batch));
}

#[test]
fn what_was_written_down_to_begin_waits_as_well_while_the_disk_fails() {
    let mut world = World::start(SOON, ConflictPolicy::Overwrite);
    world.server.plan.add(ServerFault::on("PutObject", Action::Hold));
    let many = world.enqueue((0..300).map(|number| format!("small-{number}")));
    world.server.wait_for("PutObject", 3);
    // All were found, and are in the journal.
    world.view(|view| view.counts.active == 300);
    world.disk.fail_at(1, Fault::NoSpace);
    let late = world.enqueue(["small-late".to_owned()]);
    let view = world.stalled_view();
    let (waits, runs): (Vec<_>, Vec<_>) = view.rows.iter().partition(|row| row.state == TransferState::Queued);
    assert!(waits.len() > 100, "{} wait", waits.len());
    let waits: BTreeSet<_> = waits.iter().map(|row| row.object.key.as_str().to_owned()).collect();
    // Those that run come to their end and leave their places.
    world.server.plan.clear();
    world.server.plan.release();
    world.server.wait_for_answers("PutObject", 1 + runs.len());
    world.take_turns();
    let broken: Vec<_> = world.begun().into_iter().filter(|(_, key)| waits.contains(key)).collect();
    assert!(broken.is_empty(), "{broken:?} began while nothing could be written down");
    world.disk.heal();
    for batch in [many, late] {
        while !world.has_ended_well(batch) {}
    }
}

/// With the usual time between two tries on the disk.
#[cfg(unix)]
#[test]
#[ignore = "takes long: tests/soak runs it"]
fn long_both_faults_at_each_of_the_first_two_hundred_writes() {
    let (calls, mut bad): (Vec<u64>, _) = ((1..=200).collect(), Vec::new());
    for then in [Then::Heals, Then::Killed, Then::KilledLater, Then::Quits] {
        let (strikes, begin) = (crate::soak_crash::wanted(both(&calls, then)), Instant::now());
        let Sum { trials, waited, longest: (engine, wall), bad: found } = strike_all(&strikes, None);
        for found in &found {
            println!("VIOLATION: {found}");
        }
        println!(
            "full disk, then {then:?}: {trials} trials in {} s, in {waited} of them transfers waited in the queue: {} \
             trials with a committed row lost, an upload begun that was not written down or while nothing could be, a \
             file missing, damaged or stored twice, or an upload left unfinished",
            begin.elapsed().as_secs(),
            found.len(),
        );
        if then == Then::Heals {
            let (engine_ms, wall_ms) = (engine.as_millis(), wall.as_millis());
            println!("all was through again after {engine_ms} ms of the engine's clock and {wall_ms} ms at most");
        }
        assert!(wall < GOES_ON_WITHIN, "{wall:?}");
        bad.extend(found);
    }
    assert!(bad.is_empty(), "{bad:#?}");
}
