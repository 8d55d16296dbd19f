//! Connections: saved with their secrets or not at all, tested, edited, copied, deleted; and this computer's own.

use std::sync::Arc;

use bucketdrop::model::{
    Command, Connection, ConnectionId, CredentialSource, Event, Failure, FailureKind, KeychainState, NoticeText,
    OpenTransfers, PutOptions, QueueSwitch, RequestId, Secret, SecretPlace, TestLine, TestReport, TransferTab,
};
use bucketdrop::platform::testing::{FailingStore, LyingStore, SilentStore};
use bucketdrop::platform::{KeychainError, MemoryStore, SecretStore as _};

use crate::support::{BUCKET, Server, Setup, TestEngine, connected, location};

fn test(engine: &TestEngine, draft: bucketdrop::model::ConnectionDraft) -> TestReport {
    let request = RequestId::next();
    engine.send(Command::TestConnection { request, draft: Box::new(draft) });
    engine.expect("ConnectionTested", |event| match event {
        Event::ConnectionTested { request: r, report } if *r == request => Some((**report).clone()),
        _ => None,
    })
}

fn open(engine: &TestEngine, command: impl Fn(RequestId) -> Command) -> Result<Connection, Failure> {
    let request = RequestId::next();
    engine.send(command(request));
    engine.expect("ConnectionOpened", |event| match event {
        Event::ConnectionOpened { request: r, result, .. } if *r == request => {
            Some(result.clone().map(|c| *c).map_err(|f| *f))
        }
        _ => None,
    })
}

fn delete(engine: &TestEngine, id: &ConnectionId) -> Result<(), Box<Failure>> {
    delete_with(engine, id, OpenTransfers::Ask)
}

fn delete_with(engine: &TestEngine, id: &ConnectionId, open: OpenTransfers) -> Result<(), Box<Failure>> {
    let request = RequestId::next();
    engine.send(Command::DeleteConnection { request, id: id.clone(), open });
    engine.expect("ConnectionDeleted", |event| match event {
        Event::ConnectionDeleted { request: r, result, .. } if *r == request => Some(result.clone()),
        _ => None,
    })
}

fn with_store(store: Arc<MemoryStore>) -> Setup {
    Setup { store, ..Setup::default() }
}

#[test]
fn saved_connections_and_secrets_are_there_after_a_restart() {
    let server = Server::start();
    let store = Arc::new(MemoryStore::default());
    let engine = TestEngine::start(with_store(Arc::clone(&store)));
    let saved = engine.save(TestEngine::draft(&server), SecretPlace::Keychain).unwrap();
    engine.leave();
    let TestEngine { home, handle, .. } = engine;
    drop(handle);

    let engine = TestEngine::start_in(home, with_store(store));
    let snapshot = engine.expect("Started", |event| match event {
        Event::Started(snapshot) => Some((**snapshot).clone()),
        _ => None,
    });
    assert_eq!(snapshot.connections, std::slice::from_ref(&saved));
    assert!(open(&engine, |request| Command::OpenConnection { request, id: saved.id.clone() }).is_ok());
    let paths = vec![engine.file("a", b"a")];
    assert_eq!(engine.upload(paths, &location(saved.id), PutOptions::default()).done, 1);
}

#[test]
fn an_edit_keeps_the_secret_and_a_new_one_replaces_it() {
    let server = Server::start();
    let engine = TestEngine::start(Setup::default());
    let saved = engine.save(TestEngine::draft(&server), SecretPlace::Keychain).unwrap();
    let mut draft = TestEngine::draft(&server);
    draft.id = Some(saved.id.clone());
    draft.name = "Renamed".into();
    draft.secret_access_key = Secret::default();
    let renamed = engine.save(draft.clone(), SecretPlace::Keychain).unwrap();
    assert_eq!((renamed.id, renamed.name.as_str()), (saved.id.clone(), "Renamed"));
    assert!(open(&engine, |request| Command::OpenConnection { request, id: saved.id.clone() }).is_ok());
    draft.secret_access_key = Secret::new("wrong".repeat(8));
    engine.save(draft, SecretPlace::Keychain).unwrap();
    let refused = open(&engine, |request| Command::OpenConnection { request, id: saved.id.clone() });
    assert_eq!(refused.unwrap_err().kind, FailureKind::WrongSecret);
}

#[test]
fn a_connection_can_be_renamed_while_the_keychain_is_away() {
    let server = Server::start();
    let engine = TestEngine::start(Setup::default());
    let saved = engine.save(TestEngine::draft(&server), SecretPlace::Keychain).unwrap();
    engine.leave();
    let TestEngine { home, handle, .. } = engine;
    drop(handle);
    let silent = Arc::new(SilentStore::default());
    let engine = TestEngine::start_in(home, Setup::with_silent(Arc::clone(&silent)));
    let mut draft = TestEngine::draft(&server);
    draft.id = Some(saved.id.clone());
    draft.name = "Renamed".into();
    draft.secret_access_key = Secret::default();
    let renamed = engine.save(draft.clone(), SecretPlace::Keychain).unwrap();
    assert_eq!((renamed.name.as_str(), &renamed.credentials), ("Renamed", &saved.credentials));
    // New keys need it, or are for this run only.
    draft.secret_access_key = server.keys.secret_access_key.clone();
    let refused = engine.save(draft.clone(), SecretPlace::Keychain).unwrap_err();
    assert_eq!(refused.kind, FailureKind::KeychainSilent);
    engine.save(draft, SecretPlace::ThisRunOnly).unwrap();
    open(&engine, |request| Command::OpenConnection { request, id: saved.id.clone() }).unwrap();
}

#[test]
fn a_copy_has_its_own_secret_and_a_deletion_takes_only_its_own() {
    let server = Server::start();
    let store = Arc::new(MemoryStore::default());
    let engine = TestEngine::start(with_store(Arc::clone(&store)));
    let saved = engine.save(TestEngine::draft(&server), SecretPlace::Keychain).unwrap();
    let request = RequestId::next();
    engine.send(Command::DuplicateConnection { request, id: saved.id.clone(), name: "Copy".into() });
    let copy = engine.expect("ConnectionSaved", |event| match event {
        Event::ConnectionSaved { request: r, result } if *r == request => Some(result.clone().unwrap()),
        _ => None,
    });
    assert_ne!(copy.id, saved.id);
    assert_eq!(store.len(), 2);
    assert_eq!(delete(&engine, &saved.id), Ok(()));
    assert_eq!(store.len(), 1);
    assert!(open(&engine, |request| Command::OpenConnection { request, id: copy.id.clone() }).is_ok());
    let gone = open(&engine, |request| Command::OpenConnection { request, id: saved.id.clone() });
    assert_eq!(gone.unwrap_err().kind, FailureKind::ConnectionMissing);
    let settings = std::fs::read_to_string(find_settings(engine.home.path())).unwrap();
    assert!(settings.contains("Copy") && !settings.contains(saved.id.as_str()), "{settings}");
}

fn find_settings(home: &std::path::Path) -> std::path::PathBuf {
    bucketdrop::platform::Home::under(home).settings_file()
}

#[test]
fn bad_drafts_are_refused_with_the_field() {
    let server = Server::start();
    let engine = TestEngine::start(Setup::default());
    let mut draft = TestEngine::draft(&server);
    draft.endpoint = "not a url at all".into();
    let failure = engine.save(draft, SecretPlace::Keychain).unwrap_err();
    assert_eq!(failure.kind, FailureKind::DraftInvalid);
    assert!(failure.args.contains(&("field", "endpoint".into())), "{failure:?}");
}

#[test]
fn failing_keychains_are_told_and_memory_still_works() {
    let server = Server::start();
    let stores: Vec<(Setup, FailureKind)> = vec![
        (
            Setup {
                store: Arc::new(FailingStore(KeychainError::Missing { detail: String::new() })),
                ..Setup::default()
            },
            FailureKind::KeychainMissing,
        ),
        (
            Setup {
                store: Arc::new(FailingStore(KeychainError::Locked { detail: String::new() })),
                ..Setup::default()
            },
            FailureKind::KeychainLocked,
        ),
        (Setup::with_silent(Arc::default()), FailureKind::KeychainSilent),
        (Setup { store: Arc::new(LyingStore::Forgets), ..Setup::default() }, FailureKind::KeychainFailed),
    ];
    for (setup, kind) in stores {
        let engine = TestEngine::start(setup);
        let failure = engine.save(TestEngine::draft(&server), SecretPlace::Keychain).unwrap_err();
        assert_eq!(failure.kind, kind);
        engine.expect("KeychainChanged", |event| match event {
            Event::KeychainChanged(state) => matches!(**state, KeychainState::Unavailable(_)).then_some(()),
            _ => None,
        });
        let saved = engine.save(TestEngine::draft(&server), SecretPlace::ThisRunOnly).unwrap();
        assert!(matches!(saved.credentials, CredentialSource::ThisRunOnly { .. }));
        assert!(open(&engine, |request| Command::OpenConnection { request, id: saved.id.clone() }).is_ok());
    }
}

/// An upload that waits, and since the last start another keychain; with the folder of the file.
fn waiting_upload(setup: Setup) -> (Server, TestEngine, ConnectionId, tempfile::TempDir) {
    let (server, engine, at) = connected();
    engine.send(Command::HoldQueue(QueueSwitch::Hold));
    engine.enqueue(vec![engine.file("a", b"a")], &at, PutOptions::default());
    engine.row(TransferTab::Active, |row| row.object.key.as_str() == "a");
    engine.leave();
    let TestEngine { home, handle, files, .. } = engine;
    drop(handle);
    let engine = TestEngine::start_in(home, setup);
    engine.row(TransferTab::Active, |row| row.object.key.as_str() == "a");
    (server, engine, at.connection, files)
}

#[test]
fn a_keychain_that_gives_nothing_keeps_a_connection_and_its_transfers() {
    let locked = Arc::new(FailingStore(KeychainError::Locked { detail: String::new() }));
    let refusing = Arc::new(FailingStore(KeychainError::Failed { detail: String::new() }));
    for (setup, kind) in [
        (Setup { store: locked, ..Setup::default() }, FailureKind::KeychainLocked),
        (Setup { store: refusing, ..Setup::default() }, FailureKind::KeychainFailed),
        (Setup::with_silent(Arc::default()), FailureKind::KeychainSilent),
    ] {
        let (_server, engine, id, _files) = waiting_upload(setup);
        let failure = delete_with(&engine, &id, OpenTransfers::Cancel).unwrap_err();
        assert_eq!(failure.kind, kind);
        assert!(failure.args.contains(&("deleting", "yes".to_owned())), "{failure:?}");
        assert!(!engine.has_heard(|event| matches!(event, Event::TransferEnded(_))), "nothing was cancelled");
        engine.forget_heard();
        engine.row(TransferTab::Active, |row| row.object.key.as_str() == "a");
    }
}

#[test]
fn a_connection_can_be_deleted_whose_record_in_the_keychain_says_nothing() {
    let setup = Setup { store: Arc::new(LyingStore::Truncates), ..Setup::default() };
    let (_server, engine, id, _files) = waiting_upload(setup);
    delete_with(&engine, &id, OpenTransfers::Cancel).unwrap();
}

#[test]
fn a_connection_can_be_deleted_where_there_is_no_keychain_any_more() {
    let missing = Arc::new(FailingStore(KeychainError::Missing { detail: String::new() }));
    let (_server, engine, id, _files) = waiting_upload(Setup { store: missing, ..Setup::default() });
    delete_with(&engine, &id, OpenTransfers::Cancel).unwrap();
    engine.expect("that its secret may be left", |event| match event {
        Event::Notice(notice) => match notice.text {
            NoticeText::Message { id: "notice-secret-perhaps-left", .. } => Some(()),
            _ => None,
        },
        _ => None,
    });
    let settings = std::fs::read_to_string(find_settings(engine.home.path())).unwrap();
    assert!(!settings.contains(id.as_str()), "{settings}");
}

#[test]
fn tests_tell_line_by_line_and_keep_nothing() {
    let server = Server::start();
    let store = Arc::new(MemoryStore::default());
    let engine = TestEngine::start(with_store(Arc::clone(&store)));
    let mut draft = TestEngine::draft(&server);
    draft.name = String::new();
    let report = test(&engine, draft.clone());
    assert!(report.is_usable(), "{report:?}");
    assert!(report.lines.contains(&TestLine::BucketsListed { count: 1 }), "{report:?}");
    assert!(store.is_empty());
    draft.secret_access_key = Secret::new("wrong".repeat(8));
    let report = test(&engine, draft.clone());
    let problem = report.lines.iter().find_map(|line| match line {
        TestLine::Problem(failure) => Some(failure.kind),
        _ => None,
    });
    assert_eq!(problem, Some(FailureKind::WrongSecret), "{report:?}");
    draft.endpoint = String::new();
    assert!(!test(&engine, draft).is_usable());
}

#[test]
fn this_computer_is_a_connection_like_any_other() {
    let store = Arc::new(MemoryStore::default());
    let engine = TestEngine::start(with_store(Arc::clone(&store)));
    let connection = open(&engine, |request| Command::OpenLocalStorage { request }).unwrap();
    assert!(connection.id.is_local());
    let endpoint = connection.endpoint.clone().unwrap();
    assert!(endpoint.is_loopback());
    let buckets = engine.expect("BucketsListed", |event| match event {
        Event::BucketsListed { result, .. } => Some(result.clone().unwrap()),
        _ => None,
    });
    assert_eq!(buckets.iter().map(|bucket| bucket.name.to_string()).collect::<Vec<_>>(), ["my-files"]);
    let mut at = location(connection.id.clone());
    at.bucket = buckets[0].name.clone();
    assert_eq!(engine.upload(vec![engine.file("a", b"kept")], &at, PutOptions::default()).done, 1);
    assert_eq!(store.len(), 1, "its keys are kept like any other's");
    engine.leave();
    let TestEngine { home, handle, .. } = engine;
    drop(handle);

    // The next start has the same address and keys, so that links stay good.
    let engine = TestEngine::start_in(home, with_store(store));
    let again = open(&engine, |request| Command::OpenConnection { request, id: connection.id.clone() }).unwrap();
    // Somebody else may have taken the port in between, which is told then.
    let is_elsewhere = engine.has_heard(|event| match event {
        Event::Notice(notice) => {
            matches!(notice.text, NoticeText::Message { id: "notice-local-port-changed", .. })
        }
        _ => false,
    });
    let endpoint = if is_elsewhere { again.endpoint.clone() } else { connection.endpoint.clone() };
    assert_eq!(again, Connection { endpoint, ..connection.clone() });
    let batch = bucketdrop::model::BatchId::next();
    engine.send(Command::Download {
        batch,
        at: at.clone(),
        targets: vec![bucketdrop::model::Target::Object(bucketdrop::model::ObjectKey::new("a"))],
        to: Some(engine.files.path().join("down")),
        on_conflict: bucketdrop::model::ConflictPolicy::Ask,
        then: bucketdrop::model::AfterDownload::Keep,
    });
    assert_eq!(engine.finished(batch).done, 1);
    assert_eq!(std::fs::read(engine.files.path().join("down/a")).unwrap(), b"kept");
    assert_ne!(at.bucket.as_str(), BUCKET);
}

#[test]
fn this_computer_works_without_a_keychain() {
    let setup = || Setup {
        store: Arc::new(FailingStore(KeychainError::Missing { detail: String::new() })),
        ..Setup::default()
    };
    let engine = TestEngine::start(setup());
    assert!(open(&engine, |request| Command::OpenLocalStorage { request }).is_ok());
    engine.expect("a notice", |event| matches!(event, Event::Notice(_)).then_some(()));
}

/// What a notice says, by its id.
fn notice(engine: &TestEngine) -> &'static str {
    engine.expect("a notice", |event| match event {
        Event::Notice(notice) => match notice.text {
            NoticeText::Message { id, .. } => Some(id),
            NoticeText::Failure(_) => None,
        },
        _ => None,
    })
}

#[test]
fn a_keychain_that_does_not_give_this_computers_keys_keeps_them() {
    let store = Arc::new(MemoryStore::default());
    let engine = TestEngine::start(with_store(Arc::clone(&store)));
    open(&engine, |request| Command::OpenLocalStorage { request }).unwrap();
    let account = ConnectionId::local();
    let kept = store.read(account.as_str()).unwrap().expect("its keys are kept");
    engine.leave();
    let TestEngine { home, handle, .. } = engine;
    drop(handle);

    // A prompt that is answered too late: nothing of what waited may be carried out then.
    let silent = Arc::new(SilentStore::default());
    silent.inner().write(account.as_str(), kept.expose()).unwrap();
    let engine = TestEngine::start_in(home, Setup::with_silent(Arc::clone(&silent)));
    let silent_run = open(&engine, |request| Command::OpenLocalStorage { request }).unwrap();
    assert!(matches!(silent_run.credentials, CredentialSource::ThisRunOnly { .. }));
    assert_eq!(notice(&engine), "notice-local-keys-silent");
    silent.wake();
    // Whatever was asked before this is through when it is answered.
    let server = Server::start();
    engine.save(TestEngine::draft(&server), SecretPlace::Keychain).unwrap();
    assert!(silent.inner().read(account.as_str()).unwrap() == Some(kept.clone()), "overwritten or removed");
    engine.leave();
    let TestEngine { home, handle, .. } = engine;
    drop(handle);

    // The next start has the old keys again.
    let engine = TestEngine::start_in(home, Setup { store: silent, ..Setup::default() });
    let again = open(&engine, |request| Command::OpenLocalStorage { request }).unwrap();
    assert!(matches!(again.credentials, CredentialSource::Keychain { .. }));
    assert!(kept.expose().contains(again.access_key_id().unwrap()));
}

#[test]
fn why_this_computer_has_new_keys_is_told_as_it_is() {
    let detail = || String::new();
    for (error, id) in [
        (KeychainError::Missing { detail: detail() }, "notice-local-keys-this-run"),
        (KeychainError::Locked { detail: detail() }, "notice-local-keys-locked"),
        (KeychainError::Failed { detail: detail() }, "notice-local-keys-failed"),
    ] {
        let engine = TestEngine::start(Setup { store: Arc::new(FailingStore(error)), ..Setup::default() });
        open(&engine, |request| Command::OpenLocalStorage { request }).unwrap();
        assert_eq!(notice(&engine), id);
    }
}

#[cfg(unix)]
#[test]
fn a_settings_file_that_other_users_can_change_is_told_as_that_and_not_as_odd_entries() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let path = find_settings(home.path());
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    let engine = TestEngine::start_in(home, Setup::default());
    let snapshot = engine.expect("Started", |event| match event {
        Event::Started(snapshot) => Some((**snapshot).clone()),
        _ => None,
    });
    assert!(snapshot.warnings.is_empty(), "{:?}", snapshot.warnings);
    assert_eq!(notice(&engine), "notice-settings-open-to-others");
}

#[test]
fn a_broken_settings_file_is_told_and_settings_that_cannot_be_written_still_hold() {
    let home = tempfile::tempdir().unwrap();
    let path = find_settings(home.path());
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "this is [no toml").unwrap();
    let engine = TestEngine::start_in(home, Setup::default());
    let snapshot = engine.expect("Started", |event| match event {
        Event::Started(snapshot) => Some((**snapshot).clone()),
        _ => None,
    });
    assert!(snapshot.warnings.is_empty(), "{:?}", snapshot.warnings);
    let told = |engine: &TestEngine| {
        engine.expect("a notice", |event| match event {
            Event::Notice(notice) => match &notice.text {
                bucketdrop::model::NoticeText::Failure(failure) => Some(failure.kind),
                bucketdrop::model::NoticeText::Message { .. } => None,
            },
            _ => None,
        })
    };
    assert_eq!(told(&engine), FailureKind::SettingsUnreadable);
    // A folder stands where the file should.
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir_all(path.join("in the way")).unwrap();
    let settings = bucketdrop::model::Settings { parallel_files: 3, ..snapshot.settings };
    engine.send(Command::UpdateSettings(Box::new(settings.clone())));
    let now = engine.expect("SettingsChanged", |event| match event {
        Event::SettingsChanged(settings) => Some((**settings).clone()),
        _ => None,
    });
    assert_eq!(now, settings);
    assert_eq!(told(&engine), FailureKind::SettingsUnwritable);
}
