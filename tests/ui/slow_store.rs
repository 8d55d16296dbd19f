//! The real engine under the window, with a keychain that hangs, and as a whole not answering: no frame waits for it.

use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Wake, Waker};
use std::time::Duration;

use bucketdrop::engine::{Clock, Engine, EngineConfig, EngineHandle, JournalUse, Reporting, SystemClock};
use bucketdrop::model::Secret;
use bucketdrop::platform::{Home, KeychainError, MemoryStore, SecretStore};
use bucketdrop::ui::frame_rate::LateWaker;
use bucketdrop::ui::{App, AppDeps, Start};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use tempfile::TempDir;

use crate::fake::Chooser;
use crate::slow_world::Watchdog;

/// Nothing here takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_mins(4);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Gate {
    #[default]
    Shut,
    /// Somebody stands before it.
    Waiting,
    Open,
}

/// Calls do not return until it is opened.
#[derive(Debug, Default)]
struct Door {
    gate: Mutex<Gate>,
    changed: Condvar,
}

impl Door {
    fn pass(&self) {
        let mut gate = self.gate.lock().unwrap();
        if *gate != Gate::Open {
            *gate = Gate::Waiting;
            self.changed.notify_all();
        }
        drop(self.changed.wait_while(gate, |gate| *gate != Gate::Open).unwrap());
    }

    fn wait_for_a_caller(&self) {
        let gate = self.gate.lock().unwrap();
        let (gate, late) = self.changed.wait_timeout_while(gate, PATIENCE, |gate| *gate == Gate::Shut).unwrap();
        assert!(!late.timed_out(), "nobody calls");
        assert_eq!(*gate, Gate::Waiting);
    }

    fn is_waiting(&self) -> bool {
        *self.gate.lock().unwrap() == Gate::Waiting
    }

    fn shut(&self) {
        *self.gate.lock().unwrap() = Gate::Shut;
    }

    fn open(&self) {
        *self.gate.lock().unwrap() = Gate::Open;
        self.changed.notify_all();
    }
}

/// A store whose calls hang.
#[derive(Default)]
struct HangingStore {
    door: Arc<Door>,
    store: MemoryStore,
}

/// A clock that hangs, and the engine's actor with it: no command is answered any more, whatever it asks for.
#[derive(Debug)]
struct HangingClock {
    door: Arc<Door>,
    clock: SystemClock,
}

impl Clock for HangingClock {
    fn now(&self) -> jiff::Timestamp {
        self.door.pass();
        self.clock.now()
    }

    fn elapsed(&self) -> Duration {
        self.door.pass();
        self.clock.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.clock.sleep(duration)
    }
}

impl SecretStore for HangingStore {
    fn write(&self, account: &str, record: &str) -> Result<(), KeychainError> {
        self.door.pass();
        self.store.write(account, record)
    }

    fn read(&self, account: &str) -> Result<Option<Secret>, KeychainError> {
        self.door.pass();
        self.store.read(account)
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.door.pass();
        self.store.delete(account)
    }
}

/// Rings when the engine has something to say.
#[derive(Default)]
struct Bell {
    has_rung: Mutex<bool>,
    changed: Condvar,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        *self.has_rung.lock().unwrap() = true;
        self.changed.notify_all();
    }
}

impl Bell {
    fn wait(&self) {
        let has_rung = self.has_rung.lock().unwrap();
        let (mut has_rung, late) = self.changed.wait_timeout_while(has_rung, PATIENCE, |rung| !*rung).unwrap();
        assert!(!late.timed_out(), "the engine says nothing");
        *has_rung = false;
    }
}

/// The window over an engine with these; it is drawn by hand.
struct World {
    window: Harness<'static, App>,
    engine: Arc<EngineHandle>,
    bell: Arc<Bell>,
    keychain: Arc<Door>,
    clock: Arc<Door>,
    watchdog: Watchdog,
    _folder: TempDir,
}

impl World {
    /// The keychain hangs, and the clock does not.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (keychain, clock, bell) = (Arc::new(Door::default()), Arc::new(Door::default()), Arc::new(Bell::default()));
        clock.open();
        let config = EngineConfig {
            home: Home::under(folder.path()),
            secret_store: Arc::new(HangingStore { door: Arc::clone(&keychain), store: MemoryStore::default() }),
            reporting: Reporting::Counts,
            instance: None,
            clock: Arc::new(HangingClock { door: Arc::clone(&clock), clock: SystemClock::new() }),
            journal: JournalUse::Keep,
        };
        let engine = Arc::new(Engine::start(config, Waker::from(Arc::clone(&bell))).unwrap());
        let deps = AppDeps {
            engine: Box::new(Arc::clone(&engine)),
            chooser: Box::new(Chooser::default()),
            waker: LateWaker::default(),
            start: Start::default(),
        };
        let doors = [Arc::clone(&keychain), Arc::clone(&clock)];
        let watchdog = Watchdog::new(move || doors.iter().for_each(|door| door.open()));
        let window = Harness::builder()
            .with_size([1280.0, 800.0])
            .with_os(egui::os::OperatingSystem::Nix)
            .build_eframe(move |cc| App::new(cc, deps));
        Self { window, engine, bell, keychain, clock, watchdog, _folder: folder }
    }

    fn says(&self, words: &str) -> bool {
        self.window.query_all_by_label_contains(words).next().is_some()
    }

    fn frames(&mut self, count: u32) {
        for _frame in 0..count {
            self.window.step();
        }
    }

    fn frames_until_it_says(&mut self, words: &str) {
        while !self.says(words) {
            self.bell.wait();
            self.window.step();
        }
    }

    fn try_this_computer(&mut self) {
        self.frames_until_it_says("Try it on this computer");
        self.window.get_by_label_contains("Try it on this computer").click();
        self.frames(2);
    }

    fn by_palette(&mut self, typed: &str) {
        self.window.key_press_modifiers(Modifiers::COMMAND, Key::K);
        self.frames(2);
        self.window.event(egui::Event::Text(typed.to_owned()));
        self.frames(1);
        self.window.key_press(Key::Enter);
        self.frames(2);
    }
}

#[test]
fn frames_go_on_while_the_keychain_hangs() {
    let mut world = World::new();
    world.try_this_computer();
    world.keychain.wait_for_a_caller();
    world.frames(50);
    assert!(world.keychain.is_waiting(), "fifty frames were drawn while one call to the keychain hung");
    world.keychain.open();
    world.frames_until_it_says("my-files");
    world.watchdog.check();
    world.engine.shutdown(Duration::from_secs(5));
}

#[test]
fn frames_go_on_while_the_whole_engine_hangs() {
    let mut world = World::new();
    world.keychain.open();
    world.try_this_computer();
    world.frames_until_it_says("my-files");
    world.clock.shut();
    // Settings are kept, which the engine's actor looks at the clock for.
    world.by_palette("switch light");
    world.clock.wait_for_a_caller();
    // A folder, a list that is kept on disk, a connection, a bucket.
    for asked in ["go to path", "reload", "links given", "test connection", "new bucket"] {
        world.by_palette(asked);
        world.frames(10);
        world.window.key_press(Key::Escape);
        world.frames(2);
    }
    world.by_palette("links given");
    world.frames(10);
    assert!(world.clock.is_waiting() && world.says("Being read"), "drawn, and nobody has answered");
    world.clock.open();
    world.frames_until_it_says("Links that you copy are listed here");
    world.watchdog.check();
    world.engine.shutdown(Duration::from_secs(5));
}
