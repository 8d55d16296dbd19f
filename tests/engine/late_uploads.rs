//! Uploads that come while a connection is being deleted and the keychain takes its time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use bucketdrop::model::{
    Command, ConnectionId, Event, Failure, FailureKind, Location, OpenTransfers, PutOptions, RequestId, Secret,
    TransferTab,
};
use bucketdrop::platform::{KeychainError, MemoryStore, SecretStore};

use crate::support::{PATIENCE, Server, Setup, TestEngine};

/// A keychain that deletes only once it may, and can be told to write nothing any more.
#[derive(Default)]
struct PromptingStore {
    inner: MemoryStore,
    deletes: Mutex<Deletes>,
    changed: Condvar,
    is_read_only: AtomicBool,
}

#[derive(Default)]
struct Deletes {
    has_begun: bool,
    may_go_on: bool,
}

impl PromptingStore {
    fn wait_for_delete(&self) {
        let deletes = self.deletes.lock().unwrap();
        let (deletes, waited) =
            self.changed.wait_timeout_while(deletes, PATIENCE, |deletes| !deletes.has_begun).unwrap();
        assert!(deletes.has_begun && !waited.timed_out());
    }

    fn let_delete(&self) {
        self.deletes.lock().unwrap().may_go_on = true;
        self.changed.notify_all();
    }
}

impl SecretStore for PromptingStore {
    fn write(&self, account: &str, record: &str) -> Result<(), KeychainError> {
        if self.is_read_only.load(Ordering::SeqCst) {
            return Err(KeychainError::Locked { detail: "prompt dismissed".to_owned() });
        }
        self.inner.write(account, record)
    }

    fn read(&self, account: &str) -> Result<Option<Secret>, KeychainError> {
        self.inner.read(account)
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        let mut deletes = self.deletes.lock().unwrap();
        deletes.has_begun = true;
        self.changed.notify_all();
        drop(self.changed.wait_while(deletes, |deletes| !deletes.may_go_on).unwrap());
        self.inner.delete(account)
    }
}

struct Stage {
    server: Server,
    store: Arc<PromptingStore>,
    engine: TestEngine,
    at: Location,
}

fn stage() -> Stage {
    let (server, store) = (Server::start(), Arc::<PromptingStore>::default());
    let mut setup = Setup { store: Arc::clone(&store) as _, ..Setup::default() };
    setup.tuning.keychain_limit = PATIENCE;
    let engine = TestEngine::start(setup);
    let at = engine.connect(&server);
    Stage { server, store, engine, at }
}

fn begin_deletion(engine: &TestEngine, id: &ConnectionId, open: OpenTransfers) -> RequestId {
    let request = RequestId::next();
    engine.send(Command::DeleteConnection { request, id: id.clone(), open });
    request
}

fn deleted(engine: &TestEngine, request: RequestId) -> Result<(), Box<Failure>> {
    engine.expect("ConnectionDeleted", |event| match event {
        Event::ConnectionDeleted { request: r, result, .. } if *r == request => Some(result.clone()),
        _ => None,
    })
}

#[track_caller]
fn assert_one_is_open(failure: &Failure) {
    assert_eq!(failure.kind, FailureKind::ConnectionInUse, "{failure:?}");
    assert!(failure.args.contains(&("open", "1".to_owned())), "{failure:?}");
}

#[test]
fn a_connection_stays_with_its_keys_when_something_comes_while_the_keychain_takes_them_out() {
    for open in [OpenTransfers::Ask, OpenTransfers::Cancel] {
        let Stage { server, store, engine, at } = stage();
        let kept = store.inner.read(at.connection.as_str()).unwrap().expect("its keys are kept");
        let request = begin_deletion(&engine, &at.connection, open);
        store.wait_for_delete();
        let batch = engine.enqueue(vec![engine.file("late", b"late")], &at, PutOptions::default());
        engine.row(TransferTab::Active, |row| row.object.key.as_str() == "late");
        store.let_delete();
        assert_one_is_open(&deleted(&engine, request).unwrap_err());
        assert!(store.inner.read(at.connection.as_str()).unwrap() == Some(kept), "the keys are not as they were");
        // Nobody has to try again what found no keys meanwhile.
        assert_eq!(engine.finished(batch).done, 1);
        assert_eq!(server.keys(), ["late"]);
        let request = begin_deletion(&engine, &at.connection, OpenTransfers::Ask);
        assert_eq!(deleted(&engine, request), Ok(()));
        assert!(store.inner.is_empty());
    }
}

#[test]
fn keys_that_the_keychain_does_not_take_back_hold_for_this_run_and_that_is_told() {
    let Stage { server, store, engine, at } = stage();
    let request = begin_deletion(&engine, &at.connection, OpenTransfers::Ask);
    store.wait_for_delete();
    let batch = engine.enqueue(vec![engine.file("late", b"late")], &at, PutOptions::default());
    engine.row(TransferTab::Active, |row| row.object.key.as_str() == "late");
    store.is_read_only.store(true, Ordering::SeqCst);
    store.let_delete();
    assert_one_is_open(&deleted(&engine, request).unwrap_err());
    assert!(engine.has_heard(|event| match event {
        Event::Notice(notice) => matches!(
            &notice.text,
            bucketdrop::model::NoticeText::Failure(failure) if failure.kind == FailureKind::KeychainLocked
        ),
        _ => false,
    }));
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!(server.keys(), ["late"]);
}
