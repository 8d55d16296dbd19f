//! Keys or settings that cannot be read when the program starts: what is queued waits and goes on, nothing is failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    BatchId, Command, ConnectionDraft, ConnectionId, Event, Failure, FailureKind, Location, PutOptions, QueueHold,
    RequestId, Secret, SecretPlace, TransfersView,
};
use bucketdrop::platform::{Home, KeychainError, MemoryStore, SecretStore};

use crate::support::{MIB, Server, Setup, Stopped, TestEngine, pattern};

const FILES: u64 = 13;

/// A keychain that can be locked.
#[derive(Default)]
struct LockingStore {
    inner: MemoryStore,
    is_locked: AtomicBool,
}

impl LockingStore {
    fn lock(&self) {
        self.is_locked.store(true, Ordering::SeqCst);
    }

    fn unlock(&self) {
        self.is_locked.store(false, Ordering::SeqCst);
    }

    fn check(&self) -> Result<(), KeychainError> {
        if self.is_locked.load(Ordering::SeqCst) {
            return Err(KeychainError::Locked { detail: "prompt dismissed".to_owned() });
        }
        Ok(())
    }
}

impl SecretStore for LockingStore {
    fn write(&self, account: &str, record: &str) -> Result<(), KeychainError> {
        self.check()?;
        self.inner.write(account, record)
    }

    fn read(&self, account: &str) -> Result<Option<Secret>, KeychainError> {
        self.check()?;
        self.inner.read(account)
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.check()?;
        self.inner.delete(account)
    }
}

struct Stage {
    server: Server,
    store: Arc<LockingStore>,
    at: Location,
    batch: BatchId,
    stopped: Stopped,
}

/// Small files and one in parts, none of which has ended when the program does.
fn queue_of_an_earlier_run() -> Stage {
    let (server, store) = (Server::start(), Arc::<LockingStore>::default());
    let engine = TestEngine::start(Setup { store: Arc::clone(&store) as _, ..Setup::default() });
    let at = engine.connect(&server);
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    server.plan.add(Fault::on("UploadPart", Action::StallBefore));
    let mut paths = vec![engine.file("big", &pattern(9 * MIB))];
    paths.extend((1..FILES).map(|number| engine.file(&format!("f{number:02}"), b"content")));
    let batch = engine.enqueue(paths, &at, PutOptions::default());
    engine.expect("all of them in the queue", |event| match event {
        Event::Transfers(view) => (view.counts.active == FILES).then_some(()),
        _ => None,
    });
    let stopped = engine.stop();
    server.plan.clear();
    server.plan.clear_log();
    Stage { server, store, at, batch, stopped }
}

#[track_caller]
fn held(engine: &TestEngine, wanted: FailureKind) -> TransfersView {
    engine.expect("the reason to wait", |event| match event {
        Event::Transfers(view) => {
            let is_wanted = |hold: &QueueHold| match hold {
                QueueHold::Refused { failure, .. } => failure.kind == wanted,
                _ => false,
            };
            view.holds.iter().any(is_wanted).then(|| (**view).clone())
        }
        _ => None,
    })
}

#[track_caller]
fn nothing_failed(engine: &TestEngine, view: &TransfersView) {
    assert_eq!((view.counts.active, view.counts.failed), (FILES, 0));
    assert!(!engine.has_heard(|event| matches!(event, Event::TransferEnded(_))));
}

#[test]
fn a_locked_keychain_holds_the_queue_until_it_is_unlocked_and_asked_again() {
    let Stage { server, store, at, batch, stopped } = queue_of_an_earlier_run();
    store.lock();
    let engine = stopped.start();
    let view = held(&engine, FailureKind::KeychainLocked);
    nothing_failed(&engine, &view);
    // Nor does the journal know of a failure.
    let stopped = engine.stop();
    let engine = stopped.start();
    let view = held(&engine, FailureKind::KeychainLocked);
    nothing_failed(&engine, &view);
    store.unlock();
    engine.send(Command::TryConnection(at.connection));
    assert_eq!(engine.finished(batch).done, FILES);
    assert_eq!(server.keys().len() as u64, FILES);
}

#[test]
fn keys_for_this_run_let_the_queue_go_on_while_the_keychain_is_locked() {
    let Stage { server, store, at, batch, stopped } = queue_of_an_earlier_run();
    store.lock();
    let engine = stopped.start();
    held(&engine, FailureKind::KeychainLocked);
    let draft = ConnectionDraft { id: Some(at.connection), ..TestEngine::draft(&server) };
    engine.save(draft, SecretPlace::ThisRunOnly).unwrap();
    assert_eq!(engine.finished(batch).done, FILES);
}

#[test]
fn a_keychain_that_is_unlocked_for_another_connection_lets_the_queue_go_on() {
    let server = Server::start();
    let store = Arc::<LockingStore>::default();
    let engine = TestEngine::start(Setup { store: Arc::clone(&store) as _, ..Setup::default() });
    let (first, second) = (engine.connect(&server), engine.connect(&server));
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    let batch = engine.enqueue(vec![engine.file("a", b"a")], &first, PutOptions::default());
    server.wait_for("PutObject", 1);
    let stopped = engine.stop();
    server.plan.clear();
    store.lock();
    let engine = stopped.start();
    held(&engine, FailureKind::KeychainLocked);
    assert_eq!(open(&engine, &second.connection).unwrap_err().kind, FailureKind::KeychainLocked);
    store.unlock();
    open(&engine, &second.connection).unwrap();
    assert_eq!(engine.finished(batch).done, 1);
}

fn open(engine: &TestEngine, id: &ConnectionId) -> Result<(), Failure> {
    let request = RequestId::next();
    engine.send(Command::OpenConnection { request, id: id.clone() });
    engine.expect("ConnectionOpened", |event| match event {
        Event::ConnectionOpened { request: r, result, .. } if *r == request => {
            Some(result.clone().map(drop).map_err(|failure| *failure))
        }
        _ => None,
    })
}

#[test]
fn settings_that_cannot_be_read_fail_nothing() {
    for (broken, kind) in [
        ("this is no TOML\n", FailureKind::SettingsUnreadable),
        ("[[connections]]\nname = \"half a connection\"\n", FailureKind::SettingsEntries),
    ] {
        let Stage { server: _server, batch, stopped, .. } = queue_of_an_earlier_run();
        let file = Home::under(stopped.home.path()).settings_file();
        let good = std::fs::read(&file).unwrap();
        std::fs::write(&file, broken).unwrap();
        let engine = stopped.start();
        let view = held(&engine, kind);
        nothing_failed(&engine, &view);
        let stopped = engine.stop();
        std::fs::write(&file, good).unwrap();
        let engine = stopped.start();
        assert_eq!(engine.finished(batch).done, FILES, "{kind:?}");
    }
}

#[test]
fn a_connection_that_was_deleted_fails_its_files() {
    let Stage { server: _server, batch, stopped, .. } = queue_of_an_earlier_run();
    std::fs::write(Home::under(stopped.home.path()).settings_file(), "format = 1\n").unwrap();
    let engine = stopped.start();
    let summary = engine.finished(batch);
    assert_eq!((summary.failed, summary.first_failure.unwrap().kind), (FILES, FailureKind::ConnectionMissing));
    engine.handle.shutdown(Duration::from_secs(10));
}
