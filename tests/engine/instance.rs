//! A second start of the program, and the storage that a running one lends.

use std::sync::Arc;

use bucketdrop::model::{Command, Event, PutOptions, RequestId};
use bucketdrop::platform::{Home, Instance, MemoryStore};

use crate::support::{Setup, TestEngine, location};

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
    let setup = Setup { store: Arc::new(MemoryStore::default()), ..Setup::default() };
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
