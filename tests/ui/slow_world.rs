//! The real engine under the window, where calls to keychain, server, settings and journal are held until frames were
//! drawn: one that waited for any of them would never end, and none costs more than a frame may. And how often progress
//! alone paints.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
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

/// Drawn while a call is held.
const HELD_FRAMES: u32 = 30;
/// What a frame may cost, in time of the processor.
const FRAME: Duration = Duration::from_millis(50);
/// Nothing here takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_mins(4);
const BUCKET: &str = "slow-bucket";

/// Holds calls while it is shut.
#[derive(Default)]
struct Gate {
    held: Mutex<Held>,
    opened: Condvar,
}

#[derive(Default)]
struct Held {
    is_shut: bool,
    calls: u32,
}

impl Gate {
    fn shut(&self) {
        self.held.lock().unwrap().is_shut = true;
    }

    fn open(&self) {
        self.held.lock().unwrap().is_shut = false;
        self.opened.notify_all();
    }

    fn pass(&self) {
        let mut held = self.held.lock().unwrap();
        held.calls += 1;
        held = self.opened.wait_while(held, |held| held.is_shut).unwrap();
        held.calls -= 1;
    }

    fn holds_a_call(&self) -> bool {
        let held = self.held.lock().unwrap();
        held.is_shut && held.calls > 0
    }
}

#[derive(Default)]
struct SlowKeychain {
    gate: Gate,
    store: MemoryStore,
}

impl SecretStore for SlowKeychain {
    fn write(&self, account: &str, record: &str) -> Result<(), KeychainError> {
        self.gate.pass();
        self.store.write(account, record)
    }

    fn read(&self, account: &str) -> Result<Option<Secret>, KeychainError> {
        self.gate.pass();
        self.store.read(account)
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.gate.pass();
        self.store.delete(account)
    }
}

/// A disk on which every commit of the journal passes a gate.
#[derive(Default)]
struct SlowDisk(Gate);

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

struct World {
    window: Harness<'static, App>,
    engine: Arc<EngineHandle>,
    bell: Arc<Bell>,
    keychain: Arc<SlowKeychain>,
    disk: Arc<SlowDisk>,
    plan: Arc<FaultPlan>,
    files: TempDir,
    home: Home,
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
    /// A window whose connection is saved; it opens it with its first frames.
    fn new() -> Self {
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
        let bell = Arc::new(Bell::default());
        let engine = Arc::new(start(&bell));
        let deps = AppDeps {
            engine: Box::new(Arc::clone(&engine)),
            chooser: Box::new(Chooser::default()),
            waker: LateWaker::default(),
            start: Start { connection: Some("Slow".to_owned()), ..Start::default() },
        };
        // Its first frame sends commands.
        keychain.gate.shut();
        let window = Harness::builder()
            .with_size([1280.0, 800.0])
            .with_os(egui::os::OperatingSystem::Nix)
            .build_eframe(move |cc| App::new(cc, deps));
        let (places, server) = (Home::under(home.path()), (storage, runtime, folder, home));
        Self { window, engine, bell, keychain, disk, plan, files, home: places, _server: server }
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

    /// Draws frames while this is held. A frame that waits for it would never end.
    fn frames_beside(&mut self, what: &str, frames: &mut Frames, is_held: impl Fn(&Self) -> bool) {
        assert!(is_held(self), "{what} is held");
        for _ in 0..HELD_FRAMES {
            frames.draw(&mut self.window);
        }
        assert!(is_held(self), "{what} was let go before the frames were drawn");
    }

    fn by_palette(&mut self, typed: &str, frames: &mut Frames) {
        self.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
        frames.draw(&mut self.window);
        frames.draw(&mut self.window);
        self.window.event(egui::Event::Text(typed.to_owned()));
        frames.draw(&mut self.window);
        self.window.key_press(egui::Key::Enter);
        frames.draw(&mut self.window);
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
    costs: Vec<Duration>,
}

impl Frames {
    fn draw(&mut self, window: &mut Harness<'_, App>) {
        let before = processor_time();
        window.step();
        self.drawn += 1;
        self.costs.push(processor_time().saturating_sub(before));
    }

    /// The most that a frame cost, but for the few that are drawn while something else is set up, as fonts are.
    fn most(&self) -> Duration {
        let mut costs = self.costs.clone();
        costs.sort_unstable();
        let few = costs.len() / 50;
        costs.iter().rev().nth(few).copied().unwrap_or_default()
    }
}

/// Lets everything go when the frames do not come to an end, so that one that waits fails the test instead of hanging it.
pub(crate) struct Watchdog {
    _ended: mpsc::Sender<()>,
    has_barked: Arc<AtomicBool>,
}

impl Watchdog {
    /// Watches until it is dropped.
    pub(crate) fn new(let_go: impl FnOnce() + Send + 'static) -> Self {
        let (ended, end) = mpsc::channel::<()>();
        let has_barked = Arc::new(AtomicBool::new(false));
        let barked = Arc::clone(&has_barked);
        std::thread::spawn(move || {
            if end.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
                barked.store(true, Ordering::SeqCst);
                let_go();
            }
        });
        Self { _ended: ended, has_barked }
    }

    /// Fails where it had to let go.
    pub(crate) fn check(&self) {
        assert!(!self.has_barked.load(Ordering::SeqCst), "a frame waited for a call that was held");
    }
}

/// A settings file whose readers wait until somebody writes into it. To save settings begins with reading them.
#[cfg(target_os = "linux")]
struct HeldSettings {
    path: std::path::PathBuf,
    text: String,
}

#[cfg(target_os = "linux")]
impl HeldSettings {
    fn hold(home: &Home) -> Self {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let path = home.settings_file();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        Self { path, text }
    }

    /// The end to write into, once there is a reader; it waits for as long as that is open and nothing is written.
    fn reader(&self) -> Option<std::fs::File> {
        use rustix::fs::{Mode, OFlags, open};
        open(&self.path, OFlags::WRONLY | OFlags::NONBLOCK, Mode::empty()).ok().map(std::fs::File::from)
    }

    fn let_go(self, mut reader: std::fs::File) {
        std::io::Write::write_all(&mut reader, self.text.as_bytes()).unwrap();
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
fn frames_go_on_while_keychain_server_settings_and_journal_are_held() {
    let mut world = World::new();
    let mut frames = Frames::default();
    let (held_keychain, held_disk) = (Arc::clone(&world.keychain), Arc::clone(&world.disk));
    let watchdog = Watchdog::new(move || {
        held_keychain.gate.open();
        held_disk.0.open();
    });
    let rule = world.plan.add(Fault::on("ListObjectsV2", Action::Hold));
    let keychain = |world: &World| world.keychain.gate.holds_a_call();
    world.frames_until("the keychain's first call", &mut frames, keychain);
    world.frames_beside("the keychain", &mut frames, keychain);
    world.keychain.gate.open();

    let listing = |world: &World| world.plan.count("ListObjectsV2") > 0 && world.says("Loading");
    world.frames_until("the bucket's first page", &mut frames, listing);
    world.frames_beside("the server", &mut frames, listing);
    #[cfg(target_os = "linux")]
    settings_are_saved_beside(&mut world, &mut frames);

    world.disk.0.shut();
    world.drop_file("dropped.bin", 1_000_000);
    let disk = |world: &World| world.disk.0.holds_a_call();
    world.frames_until("the disk's first call", &mut frames, disk);
    world.frames_beside("the journal", &mut frames, disk);
    world.by_palette("links given", &mut frames);
    world.frames_beside("the journal", &mut frames, disk);
    world.window.key_press(egui::Key::Escape);
    world.disk.0.open();

    world.plan.remove(rule);
    world.plan.release();
    world.frames_until("the folder", &mut frames, |world| !world.says("Loading"));
    watchdog.check();
    assert!(frames.most() < FRAME, "{} frames cost {:?}", frames.drawn, frames.most());
    world.engine.shutdown(Duration::from_millis(100));
}

/// Another theme is seen at once, and nothing waits for it to be kept.
#[cfg(target_os = "linux")]
fn settings_are_saved_beside(world: &mut World, frames: &mut Frames) {
    let held = HeldSettings::hold(&world.home);
    world.by_palette("switch light", frames);
    let found = std::cell::OnceCell::new();
    world.frames_until("somebody who saves the settings", frames, |_world| {
        found.get().is_some() || held.reader().is_some_and(|reader| found.set(reader).is_ok())
    });
    let is_unsaved = |world: &World| !world.home.settings_file().is_file();
    world.frames_beside("the settings", frames, is_unsaved);
    held.let_go(found.into_inner().unwrap());
    world.frames_until("the saved settings", frames, |world| !is_unsaved(world));
}

#[test]
fn progress_alone_paints_at_most_ten_times_a_second() {
    let mut world = World::new();
    world.keychain.gate.open();
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
