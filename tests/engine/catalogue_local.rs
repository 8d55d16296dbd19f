//! Rows L10 to L23 and N3 of the fault catalogue: what this computer, its disks and its other programs do.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bucketdrop::engine::{Clock, SystemClock};
use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    Command, Event, FailureKind, NameAnswer, NoticeText, ObjectKey, PutOptions, QueueHold, QueueSwitch, Selection,
    TransferAction, TransferState, TransferTab,
};
use bucketdrop::platform::{Home, Instance};

use crate::catalogue_common::SMALL;
use crate::line::Line;
use crate::support::{MIB, Server, Setup, TestEngine, connected, copy_of_home, location, pattern};

#[test]
fn n03_connect_black_hole() {
    let server = Server::start();
    // Two connections fill the queue of those to be accepted; whoever comes then is not answered at all.
    let (listener, filling, address) = server.runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut filling = Vec::new();
        for _ in 0..2 {
            filling.push(tokio::net::TcpStream::connect(address).await.unwrap());
        }
        (listener, filling, address)
    });
    let engine = TestEngine::start(Setup::default());
    let mut draft = TestEngine::draft(&server);
    draft.endpoint = format!("http://{address}");
    let at = location(engine.save(draft, bucketdrop::model::SecretPlace::Keychain).unwrap().id);
    let paths = (0..6).map(|n| engine.file(&n.to_string(), &pattern(SMALL))).collect();
    let batch = engine.enqueue(paths, &at, PutOptions::default());
    let is_offline = |hold: &QueueHold| matches!(hold, QueueHold::Offline { .. });
    engine.expect("the reason", |event| match event {
        Event::Transfers(view) if view.holds.iter().any(is_offline) => Some(()),
        _ => None,
    });
    assert!(!engine.has_heard(|event| matches!(event, Event::TransferEnded(_))), "no file fails for it");
    drop(filling);
    let line = {
        let _inside = server.runtime.enter();
        Line::take_over(listener, server.endpoint.trim_start_matches("http://").parse().unwrap())
    };
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.failed), (6, 0), "{summary:?}");
    drop(line);
}

#[cfg(target_os = "linux")]
#[test]
fn l10_a_name_that_is_no_text() {
    use std::os::unix::ffi::OsStrExt as _;
    let (server, engine, at) = connected();
    let folder = engine.files.path().join("d");
    std::fs::create_dir(&folder).unwrap();
    for (name, text) in [(&b"a\xff"[..], "one"), (b"a\xfe", "two"), (b"a_", "three")] {
        std::fs::write(folder.join(std::ffi::OsStr::from_bytes(name)), text).unwrap();
    }
    let batch = engine.enqueue(vec![folder], &at, PutOptions::default());
    let asked = |engine: &TestEngine| {
        engine.expect("NamesNeeded", |event| match event {
            Event::NamesNeeded { questions, .. } => Some(questions.clone()),
            _ => None,
        })
    };
    let first: Vec<_> = asked(&engine).into_iter().map(|question| question.path).collect();
    // Asked again at the next start, by the same bytes.
    let engine = engine.restart();
    let questions = asked(&engine);
    assert_eq!(questions.iter().map(|question| question.path.clone()).collect::<Vec<_>>(), first);
    let answers: Vec<_> =
        questions.iter().map(|question| NameAnswer::UseKey(ObjectKey::new(&*question.suggestion))).collect();
    engine.send(Command::ResolveNames { batch, answers });
    // A suggestion that another file has already is asked about once more rather than written over it.
    let summary = loop {
        let end = engine.expect("an end or a question", |event| match event {
            Event::NamesNeeded { questions, .. } => Some(Err(questions.len())),
            Event::BatchFinished { summary, .. } => Some(Ok(summary.clone())),
            _ => None,
        });
        match end {
            Ok(summary) => break summary,
            Err(count) => {
                let free = |n: usize| NameAnswer::UseKey(ObjectKey::new(format!("d/free {n}")));
                engine.send(Command::ResolveNames { batch, answers: (0..count).map(free).collect() });
            }
        }
    };
    assert_eq!((summary.done, summary.failed), (3, 0), "{summary:?}");
    let mut stored: Vec<_> = server.keys().iter().map(|key| server.bytes(key).unwrap()).collect();
    stored.sort();
    assert_eq!(stored, [b"one".to_vec(), b"three".to_vec(), b"two".to_vec()], "each has a key of its own");
}

/// Pages of memory that this process has now.
#[cfg(target_os = "linux")]
fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[cfg(target_os = "linux")]
#[test]
fn l13_a_file_of_60_gib_takes_no_more_memory() {
    let (server, engine, at) = connected();
    let path = engine.file("sparse", b"");
    std::fs::File::options().write(true).open(&path).unwrap().set_len(60 << 30).unwrap();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).after(12));
    let before = resident_bytes();
    let batch = engine.enqueue(vec![path], &at, PutOptions::default());
    server.wait_for("UploadPart", 13);
    // 64 MiB of buffers, and what the allocator and the server keep beside.
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < 256 << 20, "{grown} bytes for a file of 60 GiB");
    let row = engine.row(TransferTab::Active, |row| row.done_bytes > 0);
    assert_eq!(row.total_bytes, 60 << 30);
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Cancel });
    assert_eq!(engine.finished(batch).cancelled, 1);
    server.wait_for_unfinished(0);
}

/// What a start says of its journal.
fn journal_notice(engine: &TestEngine) -> FailureKind {
    engine.expect("a notice", |event| match event {
        Event::Notice(notice) => match &notice.text {
            NoticeText::Failure(failure) => Some(failure.kind),
            NoticeText::Message { .. } => None,
        },
        _ => None,
    })
}

#[test]
fn l16_a_journal_that_is_damaged_or_newer() {
    let (server, engine, at) = connected();
    let store = engine.store();
    let journal = Home::under(engine.home.path()).journal_file();
    let stopped = engine.stop();
    let good = std::fs::read(&journal).unwrap();
    let beside = |journal: &std::path::Path| std::fs::read_dir(journal.parent().unwrap()).unwrap().count();
    let files = beside(&journal);
    std::fs::write(&journal, vec![0x5a; good.len()]).unwrap();
    let engine = TestEngine::start_beside(stopped.home.path(), Setup { store: Arc::clone(&store), ..Setup::default() });
    assert_eq!(journal_notice(&engine), FailureKind::JournalDamaged);
    assert_eq!(engine.upload(vec![engine.file("a", b"a")], &at, PutOptions::default()).done, 1);
    drop(engine.stop());
    assert!(beside(&journal) > files, "the old one is kept");
    // One of a later program is left as it is, and what is uploaded meanwhile is not written into it.
    let mut newer = good;
    newer.splice(60..64, 9_000_u32.to_be_bytes());
    for old in ["-wal", "-shm"] {
        let mut name = journal.clone().into_os_string();
        name.push(old);
        std::fs::remove_file(name).ok();
    }
    std::fs::write(&journal, &newer).unwrap();
    let engine = TestEngine::start_beside(stopped.home.path(), Setup { store, ..Setup::default() });
    assert_eq!(journal_notice(&engine), FailureKind::JournalNewer);
    let is_not_kept =
        |event: &Event| matches!(event, Event::QueueNotKept(failure) if failure.kind == FailureKind::JournalNewer);
    engine.expect("a word that nothing is kept", |event| is_not_kept(event).then_some(()));
    assert_eq!(engine.upload(vec![engine.file("b", b"b")], &at, PutOptions::default()).done, 1);
    drop(engine.stop());
    assert!(std::fs::read(&journal).unwrap() == newer);
    assert_eq!(server.keys(), ["a", "b"]);
}

#[test]
fn l17_killed_while_it_sends() {
    let (server, engine, at) = connected();
    server.keep_versions();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    server.plan.add(Fault::on("PutObject", Action::StallBefore));
    let paths = vec![engine.file("large", &pattern(17 * MIB)), engine.file("small", &pattern(SMALL))];
    let batch = engine.enqueue(paths, &at, PutOptions::default());
    server.wait_for_answers("UploadPart", 2);
    server.wait_for("PutObject", 1);
    engine.row(TransferTab::Active, |row| row.done_bytes >= 9 * MIB as u64);
    let killed = copy_of_home(engine.home.path());
    let store = engine.store();
    engine.leave();
    server.plan.clear();
    let next = TestEngine::start_beside(killed.path(), Setup { store, ..Setup::default() });
    let summary = next.finished(batch);
    assert_eq!((summary.done, summary.failed), (2, 0), "{summary:?}");
    assert_eq!(server.all_versions(), ["large", "small"]);
    assert!(server.bytes("large").unwrap() == pattern(17 * MIB));
    server.wait_for_unfinished(0);
}

#[test]
fn l18_a_second_instance() {
    let home = tempfile::tempdir().unwrap();
    let of = Home::under(home.path());
    of.ensure().unwrap();
    let Instance::First(server) = Instance::claim(&of).unwrap() else { panic!("another runs") };
    let engine = TestEngine::start_in(home, Setup { instance: Some(server), ..Setup::default() });
    let path = engine.file("dropped", b"x");
    let Instance::Second(second) = Instance::claim(&of).unwrap() else { panic!("two are first") };
    second.hand_over(std::slice::from_ref(&path)).unwrap();
    let handed = engine.expect("FilesHandedOver", |event| match event {
        Event::FilesHandedOver(paths) => Some(paths.clone()),
        _ => None,
    });
    assert_eq!(handed, [path]);
    let _folders = engine.stop();
    assert!(matches!(Instance::claim(&of).unwrap(), Instance::First(_)), "no stale lock");
}

#[cfg(target_os = "linux")]
#[test]
fn l20_out_of_file_handles() {
    use crate::child::{Child, is_child};
    if !is_child() {
        let script = "ulimit -n 90; exec \"$@\"";
        Child::wrapped(&["sh", "-c", script, "sh"], "catalogue_local::l20_out_of_file_handles").run();
        return;
    }
    let server = Server::start();
    let engine = TestEngine::start(Setup::default());
    let at = engine.connect(&server);
    assert_eq!(engine.upload(vec![engine.file("before", b"x")], &at, PutOptions::default()).done, 1);
    // Whatever is free but a few.
    let mut hoard = Vec::new();
    while let Ok(file) = std::fs::File::open("/dev/null") {
        hoard.push(file);
    }
    hoard.truncate(hoard.len().saturating_sub(3));
    engine.forget_heard();
    let paths = (0..40).map(|n| engine.file(&format!("{n}"), &pattern(SMALL))).collect();
    let batch = engine.enqueue(paths, &at, PutOptions::default());
    engine.expect("the reason", |event| match event {
        Event::Transfers(view) => view.holds.iter().find_map(|hold| match hold {
            QueueHold::Throttled { failure, .. } => (failure.kind == FailureKind::OutOfHandles).then_some(()),
            _ => None,
        }),
        _ => None,
    });
    drop(hoard);
    let summary = engine.finished(batch);
    assert_eq!((summary.done, summary.failed), (40, 0), "{summary:?}");
}

/// What stands on a stick that is pulled, and on the disk beside it.
#[cfg(target_os = "linux")]
#[test]
fn l21_a_stick_is_pulled() {
    use crate::child::{Child, given, is_child};
    const STICK: &str = "BUCKETDROP_TEST_STICK";
    let run = |program: &str, arguments: &[&str]| {
        std::process::Command::new(program).args(arguments).output().is_ok_and(|ran| ran.status.success())
    };
    if !is_child() {
        let folder = tempfile::tempdir().unwrap();
        let namespaces: [&[&str]; 2] = [&["unshare", "--mount"], &["unshare", "--user", "--map-root-user", "--mount"]];
        let script = "mount -t tmpfs stick \"$0\"";
        let may_mount = |prefix: &&&[&str]| {
            let path = folder.path().to_str().unwrap();
            run(prefix[0], &[&prefix[1..], &["sh", "-c", script, path]].concat())
        };
        let Some(prefix) = namespaces.iter().find(may_mount) else {
            return crate::child::not_tried("a stick that is pulled: nothing may be mounted here");
        };
        Child::wrapped(prefix, "catalogue_local::l21_a_stick_is_pulled").with(STICK, folder.path()).run();
        return;
    }
    let stick = std::path::PathBuf::from(given(STICK));
    let name = stick.to_str().unwrap();
    let plug_in = || {
        assert!(run("mount", &["-t", "tmpfs", "stick", name]));
        std::fs::create_dir(stick.join("photos")).unwrap();
        for n in 0..6 {
            std::fs::write(stick.join(format!("photos/{n}")), pattern(SMALL)).unwrap();
        }
    };
    plug_in();
    let server = Server::start();
    let engine = TestEngine::start(Setup::default());
    let at = engine.connect(&server);
    engine.send(Command::LimitFiles(1));
    assert_eq!(engine.upload(vec![stick.join("photos/0")], &at, PutOptions::default()).done, 1);
    engine.send(Command::HoldQueue(QueueSwitch::Hold));
    let photos = engine.enqueue(vec![stick.join("photos")], &at, PutOptions::default());
    let beside = engine.enqueue(vec![engine.file("beside", b"x")], &at, PutOptions::default());
    engine.row(TransferTab::Active, |row| row.object.key.as_str() == "beside");
    assert!(run("umount", &["--lazy", name]));
    engine.send(Command::HoldQueue(QueueSwitch::Run));
    // Other files go on, those of the stick wait, and that is said once.
    assert_eq!(engine.finished(beside).done, 1);
    engine.row(TransferTab::Active, |row| row.state == TransferState::Paused);
    assert_eq!(journal_notice(&engine), FailureKind::SourceAway);
    assert!(!engine.has_heard(|event| matches!(event, Event::Notice(_))), "it is said once");
    // What the user pauses meanwhile does not go on by itself.
    let counts = |paused, active| {
        engine.expect("the counts", |event| match event {
            Event::Transfers(view) if view.counts.paused == paused && view.counts.active == active => Some(()),
            _ => None,
        });
    };
    counts(6, 6);
    let last = engine.row(TransferTab::Active, |row| row.object.key.as_str() == "photos/5").id;
    engine.act(last, TransferAction::Pause);
    plug_in();
    counts(1, 1);
    engine.act(last, TransferAction::Resume);
    let summary = engine.finished(photos);
    assert_eq!((summary.done, summary.failed), (6, 0), "{summary:?}");
    assert!(server.bytes("photos/5").unwrap() == pattern(SMALL));
}

/// A clock that is set back at some time.
#[derive(Debug)]
struct Wall {
    real: SystemClock,
    back_secs: Arc<AtomicI64>,
}

impl Clock for Wall {
    fn now(&self) -> jiff::Timestamp {
        self.real.now() - jiff::SignedDuration::from_secs(self.back_secs.load(Ordering::SeqCst))
    }

    fn elapsed(&self) -> Duration {
        self.real.elapsed()
    }

    fn sleep(&self, duration: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        self.real.sleep(duration)
    }

    fn watch(&self, duration: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        self.real.watch(duration)
    }
}

#[test]
fn l22_the_clock_is_set_back() {
    let server = Server::start();
    server.keep_versions();
    let back_secs = Arc::new(AtomicI64::new(0));
    let clock = || Arc::new(Wall { real: SystemClock::new(), back_secs: Arc::clone(&back_secs) });
    let engine = TestEngine::start(Setup { clock: clock(), ..Setup::default() });
    let (at, store) = (engine.connect(&server), engine.store());
    engine.send(Command::LimitFiles(1));
    engine.send(Command::HoldQueue(QueueSwitch::Hold));
    let mut batches = Vec::new();
    for name in ["1", "2", "3"] {
        batches.push(engine.enqueue(vec![engine.file(name, name.as_bytes())], &at, PutOptions::default()));
        engine.row(TransferTab::Active, |row| row.object.key.as_str() == name);
        back_secs.fetch_add(86_400, Ordering::SeqCst);
    }
    engine.leave();
    let setup = Setup { clock: clock(), store, ..Setup::default() };
    let next = TestEngine::start_beside(engine.home.path(), setup);
    next.send(Command::LimitFiles(1));
    next.send(Command::ResumeQueue);
    for batch in batches {
        assert_eq!(next.finished(batch).done, 1);
    }
    // In the order in which they were dropped, each once.
    let log = server.plan.log();
    let order: Vec<_> = log.iter().filter(|r| r.operation == "PutObject").filter_map(|r| r.key.clone()).collect();
    assert_eq!(order, ["1", "2", "3"]);
    assert_eq!(server.all_versions(), ["1", "2", "3"]);
}

#[test]
fn l23_logout() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    let batch = engine.enqueue(vec![engine.file("large", &pattern(17 * MIB))], &at, PutOptions::default());
    server.wait_for_answers("UploadPart", 2);
    // It leaves by itself, though a part never ends.
    let stopped = engine.stop();
    assert_eq!((server.unfinished_uploads(), server.plan.count("AbortMultipartUpload")), (1, 0));
    server.plan.clear();
    let next = stopped.start();
    assert_eq!(next.finished(batch).done, 1);
    assert_eq!(server.plan.count("CreateMultipartUpload"), 1, "the same upload goes on");
}

#[test]
fn l19_keychains_that_fail_leave_other_connections_alone() {
    use bucketdrop::model::SecretPlace;
    use bucketdrop::platform::testing::FailingStore;
    use bucketdrop::platform::{KeychainError, SecretStore};
    let detail = String::new;
    let stores: [Arc<dyn SecretStore>; 3] = [
        Arc::new(FailingStore(KeychainError::Missing { detail: detail() })),
        Arc::new(FailingStore(KeychainError::Locked { detail: detail() })),
        Arc::new(FailingStore(KeychainError::Failed { detail: detail() })),
    ];
    let failing = stores.into_iter().map(|store| Setup { store, ..Setup::default() });
    for setup in failing.chain([Setup::with_silent(Arc::default())]) {
        let server = Server::start();
        let engine = TestEngine::start(setup);
        assert!(engine.save(TestEngine::draft(&server), SecretPlace::Keychain).is_err());
        let saved = engine.save(TestEngine::draft(&server), SecretPlace::ThisRunOnly).unwrap();
        assert_eq!(engine.upload(vec![engine.file("a", b"a")], &location(saved.id), PutOptions::default()).done, 1);
    }
}
