//! The real engine under the window, with a keychain that hangs: no frame waits for it.

use std::sync::{Arc, Condvar, Mutex};
use std::task::{Wake, Waker};
use std::time::Duration;

use bucketdrop::engine::{Engine, EngineConfig, JournalUse, Reporting, SystemClock};
use bucketdrop::model::Secret;
use bucketdrop::platform::{Home, KeychainError, MemoryStore, SecretStore};
use bucketdrop::ui::frame_rate::LateWaker;
use bucketdrop::ui::{App, AppDeps, Start};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use crate::fake::Chooser;

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

/// A store whose calls do not return until the gate is opened.
#[derive(Default)]
struct HangingStore {
    gate: Mutex<Gate>,
    changed: Condvar,
    store: MemoryStore,
}

impl HangingStore {
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
        assert!(!late.timed_out(), "the keychain was never asked");
        assert_eq!(*gate, Gate::Waiting);
    }

    fn is_waiting(&self) -> bool {
        *self.gate.lock().unwrap() == Gate::Waiting
    }

    fn open(&self) {
        *self.gate.lock().unwrap() = Gate::Open;
        self.changed.notify_all();
    }
}

impl SecretStore for HangingStore {
    fn write(&self, account: &str, record: &str) -> Result<(), KeychainError> {
        self.pass();
        self.store.write(account, record)
    }

    fn read(&self, account: &str) -> Result<Option<Secret>, KeychainError> {
        self.pass();
        self.store.read(account)
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.pass();
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

#[test]
fn frames_go_on_while_the_keychain_hangs() {
    let folder = tempfile::tempdir().unwrap();
    let (store, bell) = (Arc::new(HangingStore::default()), Arc::new(Bell::default()));
    let config = EngineConfig {
        home: Home::under(folder.path()),
        secret_store: Arc::clone(&store) as Arc<dyn SecretStore>,
        reporting: Reporting::Counts,
        instance: None,
        clock: Arc::new(SystemClock::new()),
        journal: JournalUse::Keep,
    };
    let engine = Arc::new(Engine::start(config, Waker::from(Arc::clone(&bell))).unwrap());
    let deps = AppDeps {
        engine: Box::new(Arc::clone(&engine)),
        chooser: Box::new(Chooser::default()),
        waker: LateWaker::default(),
        start: Start::default(),
    };
    let mut window: Harness<'_, App> =
        Harness::builder().with_size([1280.0, 800.0]).build_eframe(move |cc| App::new(cc, deps));
    while window.query_by_label_contains("Try it on this computer").is_none() {
        bell.wait();
        window.step();
    }
    window.get_by_label_contains("Try it on this computer").click();
    window.step();
    window.step();
    store.wait_for_a_caller();
    for _frame in 0..50 {
        window.step();
    }
    assert!(store.is_waiting(), "fifty frames were drawn while one call to the keychain hung");
    store.open();
    while window.query_all_by_label_contains("my-files").next().is_none() {
        bell.wait();
        window.step();
    }
    engine.shutdown(Duration::from_secs(5));
}
