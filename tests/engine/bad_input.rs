//! What people get wrong and what goes wrong around them. Each gives one sentence with the cause and one with the next
//! step, in every language, naming the thing itself; and nothing is lost: once it is put right, the same goes on.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::locale::{Lang, failure_advice, failure_title};
use bucketdrop::model::{
    BucketName, Command, Connection, ConnectionDraft, Event, Failure, FailureKind, KeyProblem, Location, NameAnswer,
    NoticeText, ObjectKey, Prefix, PutOptions, RequestId, Secret, SecretPlace, Settings, TestLine, TransferAction,
    TransferRow, TransferState, TransferTab,
};
use bucketdrop::platform::Home;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::child::{Child, first_allowed, given, is_child, not_tried};
use crate::support::{MIB, Server, Setup, TestEngine, connected, pattern};

const HOME: &str = "BUCKETDROP_TEST_HOME";

/// Asserts the kind, and that both sentences are there in every language and name these things between them.
#[track_caller]
fn says(failure: &Failure, kind: FailureKind, things: &[&str]) {
    assert_eq!(failure.kind, kind, "{failure:?}");
    for lang in Lang::ALL {
        let (title, advice) = (failure_title(lang, failure), failure_advice(lang, failure));
        for sentence in [&title, &advice] {
            let length = sentence.chars().count();
            assert!((9..300).contains(&length) && !sentence.contains(['{', '\n']), "{lang:?}: {sentence}");
        }
        // A title may hold a name, in whatever language that is.
        assert_eq!(advice.chars().any(|c| ('가'..='힣').contains(&c)), lang == Lang::Ko, "{lang:?}: {advice}");
        assert_eq!(title.ends_with("니다"), lang == Lang::Ko, "{lang:?}: {title}");
        for thing in things {
            assert!(format!("{title}. {advice}").contains(thing), "{lang:?} does not name {thing}: {title}. {advice}");
        }
    }
}

fn open(engine: &TestEngine, connection: &Connection) -> Result<(), Failure> {
    let request = RequestId::next();
    engine.send(Command::OpenConnection { request, id: connection.id.clone() });
    engine.expect("ConnectionOpened", |event| match event {
        Event::ConnectionOpened { request: r, result, .. } if *r == request => {
            Some(result.as_ref().map(|_| ()).map_err(|f| (**f).clone()))
        }
        _ => None,
    })
}

/// Opens a connection with something wrong in it, then puts it right: the saved connection was there all along.
#[track_caller]
fn refused_until_corrected(
    server: &Server,
    wrong: impl FnOnce(&mut ConnectionDraft),
    kind: FailureKind,
    things: &[&str],
) {
    let engine = TestEngine::start(Setup::default());
    let mut draft = TestEngine::draft(server);
    wrong(&mut draft);
    let saved = engine.save(draft, SecretPlace::Keychain).unwrap();
    says(&open(&engine, &saved).unwrap_err(), kind, things);
    let right = ConnectionDraft { id: Some(saved.id), ..TestEngine::draft(server) };
    let saved = engine.save(right, SecretPlace::Keychain).unwrap();
    assert_eq!(open(&engine, &saved), Ok(()));
}

fn host(server: &Server) -> &str {
    server.endpoint.strip_prefix("http://").unwrap()
}

#[test]
fn a_wrong_access_key() {
    let server = Server::start();
    let wrong = |draft: &mut ConnectionDraft| "AKIAWRONGWRONGWRONG0".clone_into(&mut draft.access_key_id);
    refused_until_corrected(&server, wrong, FailureKind::UnknownAccessKey, &[host(&server)]);
}

#[test]
fn a_wrong_secret() {
    let server = Server::start();
    let wrong = |draft: &mut ConnectionDraft| draft.secret_access_key = Secret::new("wrong".repeat(8));
    refused_until_corrected(&server, wrong, FailureKind::WrongSecret, &[host(&server)]);
}

#[test]
fn a_wrong_region() {
    let server = Server::start();
    let wrong = |draft: &mut ConnectionDraft| "eu-west-1".clone_into(&mut draft.region);
    refused_until_corrected(&server, wrong, FailureKind::WrongRegion, &["us-east-1", host(&server)]);
}

#[test]
fn an_endpoint_that_is_a_web_page() {
    let server = Server::start();
    let console = Server::start();
    console.plan.add(Fault::anywhere(Action::html_page()));
    let wrong = |draft: &mut ConnectionDraft| console.endpoint.clone_into(&mut draft.endpoint);
    refused_until_corrected(&server, wrong, FailureKind::NotS3, &[host(&console)]);
}

#[test]
fn a_self_signed_certificate() {
    const CERTIFICATE: &[u8] = include_bytes!("../fixtures/tls/self-signed.der");
    const KEY: &[u8] = include_bytes!("../fixtures/tls/server-key.der");
    let server = Server::start();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let chain = vec![CertificateDer::from(CERTIFICATE)];
    let config =
        config.with_no_client_auth().with_single_cert(chain, PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(KEY)));
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config.unwrap()));
    let listener = server.runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let saw_a_request = Arc::new(AtomicBool::new(false));
    let saw = Arc::clone(&saw_a_request);
    server.runtime.spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let is_through = acceptor.accept(socket).await.is_ok();
            saw.fetch_or(is_through, Ordering::Relaxed);
        }
    });
    let wrong = |draft: &mut ConnectionDraft| draft.endpoint = format!("https://{address}");
    refused_until_corrected(&server, wrong, FailureKind::TlsNotTrusted, &[&address]);
    assert!(!saw_a_request.load(Ordering::Relaxed), "nothing is sent to whom nobody vouches for");
}

#[test]
fn a_ca_file_that_is_none() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret-key.pem");
    std::fs::write(&path, "-----BEGIN PRIVATE KEY-----\nZ2VoZWlt\n-----END PRIVATE KEY-----\n").unwrap();
    let (key, gone) = (path.to_str().unwrap().to_owned(), format!("{}.bak", path.display()));
    for (named, kind) in [(&key, FailureKind::CaFileInvalid), (&gone, FailureKind::CaFileUnreadable)] {
        let wrong = |draft: &mut ConnectionDraft| {
            "https://127.0.0.1:9".clone_into(&mut draft.endpoint);
            draft.ca_file.clone_from(named);
        };
        refused_until_corrected(&server, wrong, kind, &[named]);
    }
}

#[test]
fn a_clock_that_is_off_by_an_hour() {
    let (server, engine, _) = connected();
    let connection = engine.save(TestEngine::draft(&server), SecretPlace::Keychain).unwrap();
    // And a little more, which a slow machine uses up: told are whole minutes.
    let ahead = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3625);
    let date = ahead.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    server.plan.add(Fault::on(
        "ListBuckets",
        Action::Answer {
            status: 403,
            headers: vec![("date".into(), date), ("content-type".into(), "application/xml".into())],
            body: "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference is too large.</Message></Error>"
                .into(),
        },
    ));
    let failure = open(&engine, &connection).unwrap_err();
    says(&failure, FailureKind::ClockSkew, &["60"]);
    let request = RequestId::next();
    engine.send(Command::TestConnection { request, draft: Box::new(TestEngine::draft(&server)) });
    let report = engine.expect("ConnectionTested", |event| match event {
        Event::ConnectionTested { report, .. } => Some(report.clone()),
        _ => None,
    });
    let hour_off = |line: &TestLine| matches!(line, TestLine::Clock { offset_secs: 3300..=3630 });
    assert!(report.lines.iter().any(hour_off) && !report.is_usable(), "{report:?}");
    server.plan.clear();
    assert_eq!(open(&engine, &connection), Ok(()));
}

#[test]
fn no_network() {
    if is_child() {
        return without_network();
    }
    let networkless: [&[&str]; 2] = [&["unshare", "--net"], &["unshare", "--user", "--map-root-user", "--net"]];
    let Some(prefix) = first_allowed(&networkless) else {
        return not_tried("a computer without any network: nobody may take it away here");
    };
    Child::wrapped(prefix, "bad_input::no_network").run();
}

fn without_network() {
    let engine = TestEngine::start(Setup::default());
    // Not even this machine itself can be reached in here.
    cannot_be_opened(&engine, "http://127.0.0.1:9000", FailureKind::Offline);
    cannot_be_opened(&engine, "https://192.0.2.1", FailureKind::Offline);
    cannot_be_opened(&engine, "http://s3.nowhere.invalid", FailureKind::HostNotFound);
    assert!(engine.handle.drain_events().iter().all(|event| !matches!(event, Event::ConnectionDeleted { .. })));
}

/// Saves a connection to this endpoint, and opens it: a failure of this kind that names the host.
#[track_caller]
fn cannot_be_opened(engine: &TestEngine, endpoint: &str, kind: FailureKind) {
    let draft = ConnectionDraft {
        name: "Far away".into(),
        service: bucketdrop::model::Service::Other,
        endpoint: endpoint.into(),
        access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: Secret::new("x".repeat(40)),
        ..ConnectionDraft::default()
    };
    let saved = engine.save(draft, SecretPlace::Keychain).unwrap();
    let (_, host) = endpoint.split_once("://").unwrap();
    says(&open(engine, &saved).unwrap_err(), kind, &[host]);
}

#[test]
fn a_name_that_is_not_found() {
    cannot_be_opened(&TestEngine::start(Setup::default()), "http://s3.nowhere.invalid", FailureKind::HostNotFound);
}

#[test]
fn a_network_that_cannot_be_reached() {
    // No connection leads to a group of hosts: Linux says of it what it says where there is no route.
    cannot_be_opened(&TestEngine::start(Setup::default()), "http://224.0.0.1:9000", FailureKind::Offline);
}

fn row(engine: &TestEngine, tab: TransferTab, path: &Path) -> TransferRow {
    engine.row(tab, |row| row.path == path)
}

fn failure_of(row: &TransferRow) -> Failure {
    let TransferState::Failed(failure) = &row.state else { panic!("{row:?}") };
    failure.clone()
}

/// Tries a failed transfer again, and waits until it is done.
fn retried(engine: &TestEngine, path: &Path) {
    let failed = row(engine, TransferTab::Failed, path);
    engine.act(failed.id, TransferAction::Retry);
    row(engine, TransferTab::Done, path);
}

#[test]
fn an_unknown_bucket() {
    let (server, engine, at) = connected();
    let elsewhere = Location { bucket: BucketName::new("holiday-photos").unwrap(), ..at };
    let path = engine.file("a", b"a");
    assert_eq!(engine.upload(vec![path.clone()], &elsewhere, PutOptions::default()).failed, 1);
    let failed = row(&engine, TransferTab::Failed, &path);
    says(&failure_of(&failed), FailureKind::NoSuchBucket, &["holiday-photos"]);
    let request = RequestId::next();
    engine.send(Command::ListObjects { request, at: elsewhere, after: None });
    let listed = engine.expect("ObjectsListed", |event| match event {
        Event::ObjectsListed { request: r, result, .. } if *r == request => Some(result.clone()),
        _ => None,
    });
    says(&listed.unwrap_err(), FailureKind::NoSuchBucket, &["holiday-photos"]);
    // The row waits for the bucket.
    server.runtime.block_on(server.client().create_bucket().bucket("holiday-photos").send()).unwrap();
    retried(&engine, &path);
}

#[test]
fn a_name_of_more_than_1024_bytes() {
    let (server, engine, at) = connected();
    let deep: String = std::iter::repeat_n("가".repeat(80), 5).collect::<Vec<_>>().join("/");
    let long = engine.file(&format!("top/{deep}/끝.txt"), b"long");
    engine.file("top/short.txt", b"short");
    let batch = engine.enqueue(vec![engine.files.path().join("top")], &at, PutOptions::default());
    let questions = engine.expect("NamesNeeded", |event| match event {
        Event::NamesNeeded { batch: b, questions } if *b == batch => Some(questions.clone()),
        _ => None,
    });
    assert_eq!(questions.len(), 1, "the others go on: {questions:?}");
    assert_eq!(questions[0].path, long);
    assert!(matches!(questions[0].problem, KeyProblem::TooLong(1025..)), "{:?}", questions[0].problem);
    let answer = NameAnswer::UseKey(ObjectKey::new("top/끝.txt"));
    engine.send(Command::ResolveNames { batch, answers: vec![answer] });
    assert_eq!(engine.finished(batch).done, 2);
    assert_eq!(server.keys(), ["top/short.txt", "top/끝.txt"]);
    assert_eq!(std::fs::read(&long).unwrap(), b"long", "never renamed in silence");

    let request = RequestId::next();
    let folder = format!("사진/{}", "x".repeat(1020));
    engine.send(Command::CreateFolder { request, at: at.at(Prefix::new(&folder)) });
    let failure = engine.expect("FolderCreated", |event| match event {
        Event::FolderCreated { request: r, result, .. } if *r == request => Some(result.clone().unwrap_err()),
        _ => None,
    });
    says(&failure, FailureKind::KeyTooLong, &["사진/", "1,024"]);
}

#[test]
fn a_file_that_may_not_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("closed");
    std::fs::write(&file, b"x").unwrap();
    allow(&file, 0o0);
    if is_child() || std::fs::read(&file).is_err() {
        return unreadable_until_allowed();
    }
    // Modes do not hold root back, unless it gives up just that.
    let as_others: [&[&str]; 1] = [&["setpriv", "--bounding-set=-dac_override,-dac_read_search"]];
    let Some(prefix) = first_allowed(&as_others) else {
        return not_tried("a file that may not be read: root may read all, and may not give that up here");
    };
    Child::wrapped(prefix, "bad_input::a_file_that_may_not_be_read").run();
}

fn allow(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn unreadable_until_allowed() {
    let (server, engine, at) = connected();
    let path = engine.file("secret", b"x");
    allow(&path, 0o0);
    let paths = vec![path.clone(), engine.file("ok", b"ok")];
    let summary = engine.upload(paths, &at, PutOptions::default());
    assert_eq!((summary.done, summary.failed), (1, 1), "{summary:?}");
    let failed = row(&engine, TransferTab::Failed, &path);
    says(&failure_of(&failed), FailureKind::SourceUnreadable, &[&path.display().to_string()]);
    assert_eq!(server.keys(), ["ok"]);
    allow(&path, 0o600);
    retried(&engine, &path);
    assert_eq!(server.bytes("secret").unwrap(), b"x");
}

#[test]
fn a_file_that_is_removed_while_it_is_read() {
    let (server, engine, at) = connected();
    let content = pattern(24 * MIB);
    let path = engine.file("film", &content);
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2).attempt(1));
    let batch = engine.enqueue(vec![path.clone()], &at, PutOptions::default());
    server.wait_until("part 2", |server| server.plan.log().iter().any(|request| request.part_number == Some(2)));
    std::fs::remove_file(&path).unwrap();
    let under_way = row(&engine, TransferTab::Active, &path);
    engine.act(under_way.id, TransferAction::Pause);
    engine.act(under_way.id, TransferAction::Resume);
    assert_eq!(engine.finished(batch).failed, 1);
    let failed = row(&engine, TransferTab::Failed, &path);
    says(&failure_of(&failed), FailureKind::SourceMissing, &[&path.display().to_string()]);
    assert!(server.keys().is_empty(), "never half a file");
    std::fs::write(&path, &content).unwrap();
    retried(&engine, &path);
    assert!(server.bytes("film").unwrap() == content);
}

#[test]
fn a_file_that_grows_while_it_is_read() {
    let (server, engine, at) = connected();
    let path = engine.file("log", &pattern(9 * MIB));
    let grows = Arc::new(AtomicBool::new(true));
    let (still_grows, log) = (Arc::clone(&grows), path.clone());
    // Before each answer, so that no reading of it is whole.
    server.plan.on_event(move |event| {
        if event.operation == "UploadPart" && still_grows.load(Ordering::SeqCst) {
            std::fs::File::options().append(true).open(&log).unwrap().write_all(b"line\n").unwrap();
        }
    });
    assert_eq!(engine.upload(vec![path.clone()], &at, PutOptions::default()).failed, 1);
    grows.store(false, Ordering::SeqCst);
    let failed = row(&engine, TransferTab::Failed, &path);
    says(&failure_of(&failed), FailureKind::SourceChanged, &[&path.display().to_string()]);
    assert!(server.keys().is_empty(), "never a mixture");
    retried(&engine, &path);
    assert!(server.bytes("log").unwrap() == std::fs::read(&path).unwrap());
}

fn notice_failure(engine: &TestEngine) -> Failure {
    engine.expect("a notice of a failure", |event| match event {
        Event::Notice(notice) => match &notice.text {
            NoticeText::Failure(failure) => Some(failure.clone()),
            NoticeText::Message { .. } => None,
        },
        _ => None,
    })
}

fn home_of(folder: &Path) -> Home {
    Home::under(folder)
}

fn files_in(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.contains("settings") || name.contains(".part")).collect();
    names.sort();
    names
}

/// Asks for changes that cannot be written: each is told, the settings hold all the same, and the file is untouched.
fn settings_that_cannot_be_saved(engine: &TestEngine, settings_file: &Path, kind: FailureKind) {
    let before = std::fs::read(settings_file).unwrap();
    let settings = Settings { parallel_files: 3, ..Settings::default() };
    engine.send(Command::UpdateSettings(Box::new(settings.clone())));
    let path = settings_file.display().to_string();
    says(&notice_failure(engine), kind, &[&path]);
    let now = engine.expect("SettingsChanged", |event| match event {
        Event::SettingsChanged(settings) => Some((**settings).clone()),
        _ => None,
    });
    assert_eq!(now, settings, "they hold for this run");
    let draft = ConnectionDraft {
        name: "New".into(),
        source: bucketdrop::model::DraftSource::Anonymous,
        ..ConnectionDraft::default()
    };
    says(&engine.save(draft, SecretPlace::Keychain).unwrap_err(), kind, &[&path]);
    assert_eq!(std::fs::read(settings_file).unwrap(), before, "the old settings are whole");
    assert_eq!(files_in(settings_file.parent().unwrap()), ["settings.toml"], "no part is left behind");
}

/// Settings in `folder` that were saved while that was still possible.
fn saved_settings(folder: &Path) {
    let engine = TestEngine::start_beside(folder, Setup::default());
    let draft = ConnectionDraft {
        name: "Old".into(),
        source: bucketdrop::model::DraftSource::Anonymous,
        ..ConnectionDraft::default()
    };
    engine.save(draft, SecretPlace::Keychain).unwrap();
    engine.leave();
}

#[test]
fn a_full_disk_under_the_settings() {
    if is_child() {
        return on_a_small_disk(Path::new(&given(HOME)));
    }
    let folder = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=512k bucketdrop-test \"$BUCKETDROP_TEST_HOME\" && exec \"$@\"";
    // In a name space of its own: the mount goes with the process, whatever happens to it.
    let mounts: [&[&str]; 2] = [&["unshare", "--mount"], &["unshare", "--user", "--map-root-user", "--mount"]];
    let may_mount = |prefix: &&&[&str]| {
        let mut try_it = std::process::Command::new(prefix[0]);
        try_it.args(&prefix[1..]).args(["sh", "-c", script, "sh", "true"]).env(HOME, folder.path());
        try_it.output().is_ok_and(|ran| ran.status.success())
    };
    let Some(prefix) = mounts.iter().find(may_mount) else {
        return not_tried("settings on a full disk: nothing may be mounted here");
    };
    let by = [*prefix, &["sh", "-c", script, "sh"]].concat();
    Child::wrapped(&by, "bad_input::a_full_disk_under_the_settings").with(HOME, folder.path()).run();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it was all in the small file system");
}

fn on_a_small_disk(folder: &Path) {
    saved_settings(folder);
    let engine = TestEngine::start_beside(folder, Setup::default());
    // Full to the last byte.
    let filler = folder.join("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    let full = loop {
        if let Err(error) = file.write_all(&[1; 512]) {
            break error;
        }
    };
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    let settings_file = home_of(folder).settings_file();
    settings_that_cannot_be_saved(&engine, &settings_file, FailureKind::DiskFull);
    // With space again, the same is saved.
    drop(file);
    std::fs::remove_file(&filler).unwrap();
    let draft = ConnectionDraft {
        name: "New".into(),
        source: bucketdrop::model::DraftSource::Anonymous,
        ..ConnectionDraft::default()
    };
    engine.save(draft, SecretPlace::Keychain).unwrap();
    let text = std::fs::read_to_string(&settings_file).unwrap();
    assert!(text.contains("\"Old\"") && text.contains("\"New\""), "{text}");
}

/// What any user can do to themselves: no file may have a single byte.
#[test]
fn settings_over_the_limit_of_files() {
    if is_child() {
        let folder = given(HOME);
        let engine = TestEngine::start_beside(Path::new(&folder), Setup::default());
        let settings_file = home_of(Path::new(&folder)).settings_file();
        return settings_that_cannot_be_saved(&engine, &settings_file, FailureKind::SettingsUnwritable);
    }
    let folder = tempfile::tempdir().unwrap();
    saved_settings(folder.path());
    let by = ["sh", "-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"];
    Child::wrapped(&by, "bad_input::settings_over_the_limit_of_files").with(HOME, folder.path()).run();
}

#[test]
fn a_broken_settings_file() {
    let folder = tempfile::tempdir().unwrap();
    saved_settings(folder.path());
    let path = home_of(folder.path()).settings_file();
    let good = std::fs::read_to_string(&path).unwrap();
    let broken = format!("theme = \"half a line\n{good}");
    std::fs::write(&path, &broken).unwrap();
    let engine = TestEngine::start_beside(folder.path(), Setup::default());
    let shown = path.display().to_string();
    says(&notice_failure(&engine), FailureKind::SettingsUnreadable, &[&shown, "1"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), broken, "reading changes nothing");
    // It goes on working; what stood there is kept beside it.
    let draft = ConnectionDraft {
        name: "New".into(),
        source: bucketdrop::model::DraftSource::Anonymous,
        ..ConnectionDraft::default()
    };
    engine.save(draft, SecretPlace::Keychain).unwrap();
    let names = files_in(folder.path());
    let copy = names.iter().find(|name| name.starts_with("settings.toml.broken-")).expect("a copy");
    assert_eq!(std::fs::read_to_string(folder.path().join(copy)).unwrap(), broken);
    engine.leave();
    // Corrected by hand, everything is back.
    std::fs::write(&path, good).unwrap();
    let engine = TestEngine::start_beside(folder.path(), Setup::default());
    let names = engine.expect("Started", |event| match event {
        Event::Started(snapshot) => Some(snapshot.connections.iter().map(|c| c.name.clone()).collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(names, ["Old"]);
    assert!(!engine.has_heard(|event| matches!(event, Event::Notice(_))));
}
