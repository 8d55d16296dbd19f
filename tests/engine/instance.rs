//! A second start of the program, and the storage that a running one lends.

use std::sync::Arc;

use bucketdrop::engine::JournalUse;
use bucketdrop::model::{Command, Connection, Event, FailureKind, Location, PutOptions, RequestId};
use bucketdrop::platform::testing::FailingStore;
use bucketdrop::platform::{Home, Instance, KeychainError, MemoryStore, SecretStore};

use crate::support::{PATIENCE, Setup, TestEngine, location};

fn first(home: tempfile::TempDir) -> TestEngine {
    Home::under(home.path()).ensure().unwrap();
    let Instance::First(server) = Instance::claim(&Home::under(home.path())).unwrap() else { panic!("another runs") };
    TestEngine::start_in(home, Setup { instance: Some(server), ..Setup::default() })
}

#[test]
fn a_second_start_hands_its_files_over() {
    let engine = first(tempfile::tempdir().unwrap());
    let path = engine.file("dropped.txt", b"x");
    let second = Instance::find_running(&Home::under(engine.home.path())).unwrap().expect("one runs");
    second.hand_over(std::slice::from_ref(&path)).unwrap();
    let handed = engine.expect("FilesHandedOver", |event| match event {
        Event::FilesHandedOver(paths) if !paths.is_empty() => Some(paths.clone()),
        _ => None,
    });
    assert_eq!(handed, [path]);
    second.show().unwrap();
    engine.expect("FilesHandedOver", |event| {
        matches!(event, Event::FilesHandedOver(paths) if paths.is_empty()).then_some(())
    });
}

#[test]
fn a_running_window_lends_its_storage() {
    let window = first(tempfile::tempdir().unwrap());
    let request = RequestId::next();
    window.send(Command::OpenLocalStorage { request });
    let theirs = window.expect("ConnectionOpened", |event| match event {
        Event::ConnectionOpened { result, .. } => Some(result.clone().unwrap()),
        _ => None,
    });
    // Another process's keychain knows nothing of these keys: the loan is what counts.
    let setup = Setup { store: Arc::new(MemoryStore::default()), journal: JournalUse::None, ..Setup::default() };
    let guest = TestEngine::start_beside(window.home.path(), setup);
    guest.send(Command::OpenLocalStorage { request });
    let ours = guest.expect("ConnectionOpened", |event| match event {
        Event::ConnectionOpened { result, .. } => Some(result.clone().unwrap()),
        _ => None,
    });
    assert_eq!(ours.endpoint, theirs.endpoint);
    let mut at = location(ours.id);
    at.bucket = bucketdrop::model::BucketName::new("my-files").unwrap();
    assert_eq!(guest.upload(vec![guest.file("a", b"a")], &at, PutOptions::default()).done, 1);
}

#[test]
fn storage_that_could_not_be_made_ready_can_be_opened_once_it_can() {
    let open = |engine: &TestEngine| {
        let request = RequestId::next();
        engine.send(Command::OpenLocalStorage { request });
        engine.expect("ConnectionOpened", |event| match event {
            Event::ConnectionOpened { request: r, result, .. } if *r == request => Some(result.clone()),
            _ => None,
        })
    };
    // Its index is there, but takes no bucket.
    let engine = first(tempfile::tempdir().unwrap());
    open(&engine).unwrap();
    let stopped = engine.stop();
    let index = Home::under(stopped.home.path()).local_storage_dir().join("index.sqlite3");
    let change = |sql| rusqlite::Connection::open(&index).unwrap().execute_batch(sql).unwrap();
    change(
        "DELETE FROM buckets;
         CREATE TRIGGER full BEFORE INSERT ON buckets BEGIN SELECT RAISE(ABORT, 'the disk is full'); END;",
    );
    let engine = stopped.start();
    assert_eq!(open(&engine).unwrap_err().kind, FailureKind::LocalStorageFailed);
    change("DROP TRIGGER full;");
    open(&engine).unwrap();
}

#[test]
fn a_start_clears_away_what_was_opened_long_ago() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Home::under(folder.path()).open_dir();
    let (old, new) = (opened.join("0".repeat(32)), opened.join("f".repeat(32)));
    for path in [&old, &new] {
        std::fs::create_dir_all(path).unwrap();
        std::fs::write(path.join("report.pdf"), "x").unwrap();
    }
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_hours(8 * 24);
    let times = std::fs::FileTimes::new().set_modified(long_ago).set_accessed(long_ago);
    for path in [old.join("report.pdf"), old.clone()] {
        std::fs::File::open(path).unwrap().set_times(times).unwrap();
    }
    // A guest leaves that to the window.
    drop(TestEngine::start_beside(folder.path(), Setup::default()));
    let engine = first(folder);
    // Nobody is told of it, so there is no event to wait for.
    let begun = std::time::Instant::now();
    while old.exists() {
        assert!(begun.elapsed() < PATIENCE, "it is still there");
        std::thread::park_timeout(std::time::Duration::from_millis(5));
    }
    assert!(new.join("report.pdf").exists());
    drop(engine);
}

/// Says which bucket is there, if the storage on this computer opens.
fn opened(engine: &TestEngine) -> Connection {
    let request = RequestId::next();
    engine.send(Command::OpenLocalStorage { request });
    engine.expect("ConnectionOpened", |event| match event {
        Event::ConnectionOpened { request: r, result, .. } if *r == request => {
            Some((**result.as_ref().unwrap()).clone())
        }
        _ => None,
    })
}

#[test]
fn a_guest_makes_no_keys_and_says_nothing() {
    let home = tempfile::tempdir().unwrap();
    let settings = Home::under(home.path()).settings_file();
    let window = first(home);
    let theirs = opened(&window);
    let before = std::fs::read(&settings).unwrap();
    // Neither a keychain that would keep new keys, nor one that is not there, is asked.
    let empty = Arc::new(MemoryStore::default());
    let missing = Arc::new(FailingStore(KeychainError::Missing { detail: String::new() }));
    let stores: [Arc<dyn SecretStore>; 2] = [Arc::clone(&empty) as _, missing];
    for store in stores {
        let guest = TestEngine::start_beside(
            window.home.path(),
            Setup { store, journal: JournalUse::None, ..Setup::default() },
        );
        assert_eq!(opened(&guest).endpoint, theirs.endpoint);
        // What it had to say was said before its buckets came.
        guest.expect("BucketsListed", |event| matches!(event, Event::BucketsListed { .. }).then_some(()));
        assert!(!guest.has_heard(|event| matches!(event, Event::Notice(_))));
    }
    assert!(empty.is_empty(), "keys were made for nothing");
    assert_eq!(std::fs::read(&settings).unwrap(), before, "the lender's connection is the lender's");
}

/// A program without a window, in the folders of another one.
fn command_in(home: &std::path::Path, store: &Arc<dyn SecretStore>) -> TestEngine {
    TestEngine::start_beside(home, Setup { store: Arc::clone(store), ..Setup::default() })
}

fn my_files(connection: &Connection) -> Location {
    let mut at = location(connection.id.clone());
    at.bucket = bucketdrop::model::BucketName::new("my-files").unwrap();
    at
}

#[test]
fn two_commands_use_the_storage_at_the_same_time_and_one_outlives_the_other() {
    let home = tempfile::tempdir().unwrap();
    // What the one has made, the other one borrows: it does not look at the keychain.
    let store: Arc<dyn SecretStore> = Arc::new(MemoryStore::default());
    let first = command_in(home.path(), &store);
    let theirs = opened(&first);
    let nothing: Arc<dyn SecretStore> = Arc::new(MemoryStore::default());
    let second = command_in(home.path(), &nothing);
    let ours = opened(&second);
    assert_eq!((&ours.endpoint, ours.access_key_id()), (&theirs.endpoint, theirs.access_key_id()));
    let put = |engine: &TestEngine, name: &str| {
        engine.upload(vec![engine.file(name, b"x")], &my_files(&ours), PutOptions::default()).done
    };
    assert_eq!((put(&first, "a"), put(&second, "b")), (1, 1));
    // A window that starts meanwhile uses it, too.
    let window = match Instance::claim(&Home::under(home.path())).unwrap() {
        Instance::First(server) => {
            let setup = Setup { store: Arc::clone(&nothing), instance: Some(server), ..Setup::default() };
            TestEngine::start_beside(home.path(), setup)
        }
        Instance::Second(_) => panic!("a command is no window"),
    };
    assert_eq!(opened(&window).endpoint, theirs.endpoint);
    // Whoever served it ends: what goes on only waits a moment.
    drop(first.stop());
    assert_eq!((put(&second, "c"), put(&window, "d")), (1, 1));
    drop(second.stop());
    assert_eq!(put(&window, "e"), 1);
    let keys = |engine: &TestEngine| {
        let request = RequestId::next();
        engine.send(Command::ListObjects { request, at: my_files(&ours), after: None });
        engine.expect("ObjectsListed", |event| match event {
            Event::ObjectsListed { request: r, result, .. } if *r == request => {
                Some(result.as_ref().unwrap().entries.len())
            }
            _ => None,
        })
    };
    assert_eq!(keys(&window), 5);
}

#[test]
fn commands_that_start_at_once_find_each_other() {
    let home = tempfile::tempdir().unwrap();
    let store: Arc<dyn SecretStore> = Arc::new(MemoryStore::default());
    let commands: Vec<TestEngine> = (0..4).map(|_| command_in(home.path(), &store)).collect();
    let request = RequestId::next();
    for command in &commands {
        command.send(Command::OpenLocalStorage { request });
    }
    let endpoints: std::collections::BTreeSet<String> = commands
        .iter()
        .map(|command| {
            command.expect("ConnectionOpened", |event| match event {
                Event::ConnectionOpened { result, .. } => {
                    Some(result.as_ref().unwrap().endpoint.as_ref().unwrap().to_string())
                }
                _ => None,
            })
        })
        .collect();
    assert_eq!(endpoints.len(), 1, "{endpoints:?}");
}

#[test]
fn a_port_that_is_taken_is_refused_and_the_kept_one_stays() {
    let lend = |engine: &TestEngine, port: Option<u16>| {
        let request = RequestId::next();
        engine.send(Command::LendLocalStorage { request, port });
        engine.expect("LocalStorageLent", |event| match event {
            Event::LocalStorageLent { request: r, result } if *r == request => Some(result.clone()),
            _ => None,
        })
    };
    let home = tempfile::tempdir().unwrap();
    let store: Arc<dyn SecretStore> = Arc::new(MemoryStore::default());
    let engine = command_in(home.path(), &store);
    let first = lend(&engine, None).unwrap();
    drop(engine.stop());
    let settings = Home::under(home.path()).settings_file();
    let before = std::fs::read(&settings).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let engine = command_in(home.path(), &store);
    let refused = lend(&engine, Some(taken.local_addr().unwrap().port())).unwrap_err();
    assert_eq!(refused.kind, bucketdrop::model::FailureKind::LocalStorageFailed);
    assert_eq!(std::fs::read(&settings).unwrap(), before, "a port that does not work is not kept");
    // Nothing of the failed start is in the way.
    assert_eq!(lend(&engine, None).unwrap().endpoint, first.endpoint);
}

#[test]
fn a_window_serves_its_guests_from_the_first_time_on() {
    let window = first(tempfile::tempdir().unwrap());
    let guest = TestEngine::start_beside(window.home.path(), Setup::default());
    let theirs = opened(&guest);
    drop(guest);
    assert_eq!(opened(&window).endpoint, theirs.endpoint, "so that the guest's links outlive it");
}
