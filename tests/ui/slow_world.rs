//! The real engine under the window, where keychain, server and disk each take five seconds for one call: no frame waits
//! for any of them, and none costs more than a frame may. And how often progress alone paints.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

use bucketdrop::engine::{
    Engine, EngineConfig, EngineHandle, JournalObserver, JournalTest, JournalUse, Reporting, SystemClock, Tuning,
};
use bucketdrop::local_storage::faults::{Action, Fault, FaultPlan};
use bucketdrop::local_storage::{Durability, LocalStorage, LocalStorageConfig, generate_keys};
use bucketdrop::model::{
    Addressing, Command, ConnectionDraft, Credentials, Event, OpenTransfers, RequestId, Secret, SecretPlace, Service,
    Settings,
};
use bucketdrop::platform::{Home, KeychainError, MemoryStore, SecretStore};
use bucketdrop::ui::frame_rate::LateWaker;
use bucketdrop::ui::{App, AppDeps, Start};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use tempfile::TempDir;

use crate::fake::{Chooser, Dropped};

/// One call to anything slow.
const CALL: Duration = Duration::from_secs(5);
/// What a frame may cost, in time of the processor.
const FRAME: Duration = Duration::from_millis(50);
/// A frame that took so long has waited for a call; a busy machine alone does not take so long.
const WAITED: Duration = Duration::from_millis(4_500);
/// Nothing here takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_mins(4);
const BUCKET: &str = "slow-bucket";

/// Takes its time once it is told to, and notes that it was called.
#[derive(Default)]
struct Slowness {
    is_on: AtomicBool,
    calls: AtomicU32,
}

impl Slowness {
    fn pass(&self) {
        if self.is_on.load(Ordering::SeqCst) {
            self.calls.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(CALL);
        }
    }

    fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }
}

#[derive(Default)]
struct SlowKeychain {
    slowness: Slowness,
    store: MemoryStore,
}

impl SecretStore for SlowKeychain {
    fn write(&self, account: &str, record: &str) -> Result<(), KeychainError> {
        self.slowness.pass();
        self.store.write(account, record)
    }

    fn read(&self, account: &str) -> Result<Option<Secret>, KeychainError> {
        self.slowness.pass();
        self.store.read(account)
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.slowness.pass();
        self.store.delete(account)
    }
}

/// A disk on which every commit of the journal takes its time.
#[derive(Default)]
struct SlowDisk(Slowness);

impl JournalObserver for SlowDisk {
    fn committed(&self, _number: u64) {
        self.0.pass();
    }
}

/// Counts how often the engine wakes the window.
#[derive(Default)]
struct Bell {
    rings: Mutex<u64>,
    changed: Condvar,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        *self.rings.lock().unwrap() += 1;
        self.changed.notify_all();
    }
}

impl Bell {
    fn rings(&self) -> u64 {
        *self.rings.lock().unwrap()
    }

    /// Waits until it has rung since, or so long.
    fn wait(&self, since: u64, most: Duration) -> u64 {
        let rings = self.rings.lock().unwrap();
        *self.changed.wait_timeout_while(rings, most, |rings| *rings == since).unwrap().0
    }
}

/// How keychain, server and disk are once the connection is saved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    Quick,
    Slow,
}

struct World {
    window: Harness<'static, App>,
    engine: Arc<EngineHandle>,
    bell: Arc<Bell>,
    keychain: Arc<SlowKeychain>,
    disk: Arc<SlowDisk>,
    plan: Arc<FaultPlan>,
    files: TempDir,
    _server: (LocalStorage, tokio::runtime::Runtime, TempDir, TempDir),
}

fn server(folder: &Path, plan: &Arc<FaultPlan>, keys: &Credentials) -> (LocalStorage, tokio::runtime::Runtime) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = LocalStorageConfig {
        folder: folder.to_owned(),
        port: 0,
        access_key_id: keys.access_key_id.clone(),
        secret_access_key: keys.secret_access_key.clone(),
        region: "us-east-1".into(),
        durability: Durability::Fast,
        faults: Some(Arc::clone(plan)),
    };
    let storage = runtime.block_on(async {
        let storage = LocalStorage::start(config).await.unwrap();
        storage.ensure_bucket(BUCKET).await.unwrap();
        storage
    });
    (storage, runtime)
}

/// Saves the connection to the server, while everything is still quick.
fn save_connection(engine: &EngineHandle, bell: &Bell, endpoint: &str, keys: &Credentials) {
    let draft = ConnectionDraft {
        name: "Slow".into(),
        service: Service::Other,
        endpoint: endpoint.to_owned(),
        addressing: Addressing::Path,
        access_key_id: keys.access_key_id.clone(),
        secret_access_key: keys.secret_access_key.clone(),
        scopes: BUCKET.to_owned(),
        ..ConnectionDraft::default()
    };
    let request = RequestId::next();
    engine.send(Command::UpdateSettings(Box::new(Settings {
        language: bucketdrop::model::Language::English,
        ..Settings::default()
    })));
    engine.send(Command::SaveConnection {
        request,
        draft: Box::new(draft),
        place: SecretPlace::Keychain,
        open: OpenTransfers::Ask,
    });
    let end = Instant::now() + PATIENCE;
    let mut rings = 0;
    loop {
        let events = engine.drain_events();
        if events.iter().any(|event| matches!(event, Event::ConnectionSaved { result: Ok(_), .. })) {
            return;
        }
        assert!(Instant::now() < end, "the connection is not saved");
        rings = bell.wait(rings, Duration::from_secs(1));
    }
}

impl World {
    /// A window whose connection is saved; it opens it at once.
    fn new(pace: Pace) -> Self {
        let (home, folder, files) =
            (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (plan, keys) = (FaultPlan::new(), generate_keys());
        let (storage, runtime) = server(folder.path(), &plan, &keys);
        let (keychain, disk) = (Arc::new(SlowKeychain::default()), Arc::new(SlowDisk::default()));
        let start = |bell: &Arc<Bell>| {
            let observer: Arc<dyn JournalObserver> = Arc::clone(&disk) as _;
            let config = EngineConfig {
                home: Home::under(home.path()),
                secret_store: Arc::clone(&keychain) as Arc<dyn SecretStore>,
                reporting: Reporting::Counts,
                instance: None,
                clock: Arc::new(SystemClock::new()),
                journal: JournalUse::Tested(JournalTest { observer: Some(observer), ..JournalTest::default() }),
            };
            // Usually one that is silent for so long is told to be; here it answers, late.
            let tuning = Tuning { keychain_limit: PATIENCE, ..Tuning::default() };
            Engine::start_tuned(config, tuning, Waker::from(Arc::clone(bell))).unwrap()
        };
        let bell = Arc::new(Bell::default());
        let first = start(&bell);
        save_connection(&first, &bell, storage.endpoint(), &keys);
        first.shutdown(PATIENCE);
        if pace == Pace::Slow {
            plan.add(Fault::anywhere(Action::Delay(CALL)));
            keychain.slowness.is_on.store(true, Ordering::SeqCst);
            disk.0.is_on.store(true, Ordering::SeqCst);
        }
        let bell = Arc::new(Bell::default());
        let engine = Arc::new(start(&bell));
        let deps = AppDeps {
            engine: Box::new(Arc::clone(&engine)),
            chooser: Box::new(Chooser::default()),
            waker: LateWaker::default(),
            start: Start { connection: Some("Slow".to_owned()), ..Start::default() },
        };
        let window = Harness::builder().with_size([1280.0, 800.0]).build_eframe(move |cc| App::new(cc, deps));
        Self { window, engine, bell, keychain, disk, plan, files, _server: (storage, runtime, folder, home) }
    }

    fn file(&self, name: &str, bytes: usize) -> std::path::PathBuf {
        let path = self.files.path().join(name);
        std::fs::write(&path, vec![7; bytes]).unwrap();
        path
    }

    fn drop_file(&mut self, name: &str, bytes: usize) {
        let path = self.file(name, bytes);
        self.window.input_mut().dropped_files.push(Arc::new(Dropped(path)));
    }

    fn says(&self, words: &str) -> bool {
        self.window.query_all_by_label_contains(words).next().is_some()
    }

    /// Draws frames, as fast as a screen does, until something holds.
    fn frames_until(&mut self, what: &str, frames: &mut Frames, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        let mut rings = self.bell.rings();
        while !holds(self) {
            assert!(Instant::now() < end, "{what} did not come");
            frames.draw(&mut self.window);
            rings = self.bell.wait(rings, Duration::from_millis(16));
        }
    }
}

/// What frames have cost.
#[derive(Default)]
struct Frames {
    drawn: u32,
    longest: Duration,
    costs: Vec<Duration>,
}

impl Frames {
    fn draw(&mut self, window: &mut Harness<'_, App>) {
        let (begin, before) = (Instant::now(), processor_time());
        window.step();
        self.drawn += 1;
        self.longest = self.longest.max(begin.elapsed());
        self.costs.push(processor_time().saturating_sub(before));
    }

    /// The most that a frame cost, but for the few that are drawn while something else is set up, as fonts are.
    fn most(&self) -> Duration {
        let mut costs = self.costs.clone();
        costs.sort_unstable();
        let few = costs.len() / 50;
        costs.iter().rev().nth(few).copied().unwrap_or_default()
    }

    fn check(&self, at_least: u32) {
        assert!(self.drawn >= at_least, "only {} frames were drawn", self.drawn);
        assert!(self.longest < WAITED, "a frame took {:?}: it has waited", self.longest);
        assert!(self.most() < FRAME, "frames cost {:?}", self.most());
    }
}

/// Time of the processor that this thread has used: what others do at the same time does not count.
#[cfg(target_os = "linux")]
pub(crate) fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// Where it cannot be told, only waiting is noticed.
#[cfg(not(target_os = "linux"))]
pub(crate) fn processor_time() -> Duration {
    Duration::ZERO
}

#[test]
fn frames_stay_quick_while_keychain_server_and_disk_take_five_seconds_a_call() {
    let mut world = World::new(Pace::Slow);
    let mut frames = Frames::default();
    world.frames_until("the keychain's first call", &mut frames, |world| world.keychain.slowness.calls() > 0);
    world.frames_until("the bucket's first page", &mut frames, |world| world.plan.count("ListObjectsV2") > 0);
    assert!(world.says("Loading"), "the keychain has answered, and the server takes its time");
    let during_keychain = frames.drawn;
    world.drop_file("dropped.bin", 1_000_000);
    world.frames_until("the disk's first call", &mut frames, |world| world.disk.0.calls() > 0);
    world.frames_until("the folder", &mut frames, |world| world.says("This folder is empty"));
    // More than ten in each of three times five seconds, on however slow a machine.
    assert!(during_keychain > 10, "{during_keychain} frames beside the keychain");
    frames.check(30);
    world.engine.shutdown(Duration::from_millis(100));
}

#[test]
fn progress_alone_paints_at_most_ten_times_a_second() {
    let mut world = World::new(Pace::Quick);
    let mut frames = Frames::default();
    world.frames_until("the folder", &mut frames, |world| world.plan.count("ListObjectsV2") > 0);
    // So much a second that the upload takes about six.
    world.engine.send(Command::LimitBandwidth(Some(2_000_000)));
    world.drop_file("film.mov", 12_000_000);
    let is_moving = |world: &World| {
        let counts = world.window.state().model().transfers.counts;
        counts.moving == 1 && world.window.state().model().transfers.rows.iter().any(|row| row.done_bytes > 0)
    };
    world.frames_until("the first bytes", &mut frames, is_moving);
    let (begin, before) = (Instant::now(), world.bell.rings());
    let (mut rings, mut painted, mut told) = (before, 0_u128, std::collections::BTreeSet::new());
    while world.window.state().model().transfers.counts.moving == 1 {
        assert!(begin.elapsed() < PATIENCE, "the upload does not end");
        rings = world.bell.wait(rings, PATIENCE);
        // The frame that was asked for, and whatever the window itself asks for at once.
        loop {
            world.window.step();
            painted += 1;
            let delays = world.window.output().viewport_output.values().map(|viewport| viewport.repaint_delay);
            if delays.min().unwrap_or(Duration::MAX) > Duration::from_millis(20) || painted > 1_000 {
                break;
            }
        }
        told.extend(world.window.state().model().transfers.rows.first().map(|row| row.done_bytes));
    }
    let tenths = begin.elapsed().as_millis() / 100;
    assert!(told.len() > 1, "progress was seen: {told:?}");
    // One more at either end: the ends of the transfer and of its batch are told as well.
    let asked = u128::from(world.bell.rings() - before);
    assert!(asked <= tenths + 6, "{asked} frames were asked for in {tenths} tenths of a second");
    assert!(painted <= tenths + 12, "{painted} frames were painted in {tenths} tenths of a second");
    world.engine.shutdown(Duration::from_secs(5));
}
