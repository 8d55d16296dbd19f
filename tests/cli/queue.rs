//! The journal from the command line: `resume` after Ctrl-C and after SIGKILL, two commands at once, a running window,
//! and the limit of the bandwidth.

use aws_sdk_s3::types::MultipartUpload;
use bucketdrop::engine::{EngineHandle, JournalUse};
use bucketdrop::local_storage::faults::RequestEnd;
use bucketdrop::model::Event;

use super::*;

const MIB: usize = 1024 * 1024;

/// Bytes that are different everywhere.
pub(super) fn pattern(len: usize) -> Vec<u8> {
    (0..len as u64).map(|at| (at * 2_654_435_761).to_le_bytes()[2]).collect()
}

impl World {
    pub(super) fn object(&self, key: &str) -> Vec<u8> {
        self.runtime.block_on(async {
            let got = self.client().get_object().bucket(BUCKET).key(key).send().await.unwrap();
            got.body.collect().await.unwrap().to_vec()
        })
    }

    pub(super) fn unfinished(&self) -> Vec<MultipartUpload> {
        let listed = self.runtime.block_on(self.client().list_multipart_uploads().bucket(BUCKET).send()).unwrap();
        listed.uploads().to_vec()
    }

    fn wait_for_parts(&self, count: usize) {
        let seen = self.plan.wait_until(|log| {
            let is_part =
                |operation: &str, end: RequestEnd| operation == "UploadPart" && end == RequestEnd::Answered(200);
            log.iter().filter(|request| is_part(request.operation, request.end)).count() >= count
        });
        let came = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, seen).await });
        assert!(came.is_ok(), "{count} parts did not come");
    }

    /// Waits until that many parts are written down. What runs has the journal to itself, so a copy is looked at; one
    /// that was taken in the middle of a write is taken again.
    fn wait_for_written_parts(&self, count: i64) {
        let data = self.folder.path().join("home/data");
        let copies = tempfile::tempdir().unwrap();
        let look = || -> Option<i64> {
            for name in ["queue.db", "queue.db-wal"] {
                std::fs::copy(data.join(name), copies.path().join(name)).ok()?;
            }
            let copy = rusqlite::Connection::open(copies.path().join("queue.db")).ok()?;
            copy.query_row("SELECT count(*) FROM part", [], |row| row.get(0)).ok()
        };
        let end = Instant::now() + PATIENCE;
        while look() != Some(count) {
            assert!(Instant::now() < end, "{count} parts were not written down, but {:?}", look());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The engine of a window, in this process.
    fn window(&self) -> EngineHandle {
        let home = Home::under(self.folder.path().join("home"));
        home.ensure().unwrap();
        let Instance::First(server) = Instance::claim(&home).unwrap() else { panic!("another one runs") };
        let config = EngineConfig {
            home,
            secret_store: Arc::new(MemoryStore::default()),
            reporting: Reporting::default(),
            instance: Some(server),
            clock: Arc::new(SystemClock::new()),
            journal: JournalUse::Keep,
        };
        Engine::start(config, std::task::Waker::noop().clone()).unwrap()
    }
}

/// A file of five parts whose third hangs and a small one; four parts have arrived and the small file is through, and
/// the journal knows of all that when this ends.
pub(super) fn under_way() -> (World, Child, Vec<u8>) {
    let world = World::new();
    let content = pattern(40 * MIB);
    let folder = world.file("in/big.bin", &content).parent().unwrap().to_owned();
    world.file("in/small.txt", b"small");
    world.plan.add(Fault::on("UploadPart", Action::StallBefore).part(3));
    world.plan.add(Fault::on("PutObject", Action::Hold));
    let mut child = world.command(&["--json", "upload", arg(&folder), "s3://cli-bucket"]).spawn().unwrap();
    world.wait_for("PutObject");
    world.wait_for_parts(4);
    world.plan.release();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("small.txt"), "{line}");
    world.wait_for_written_parts(4);
    (world, child, content)
}

#[track_caller]
fn goes_on(world: &World, content: &[u8]) {
    assert_eq!(world.unfinished().len(), 1, "what was sent stays on the server");
    world.plan.clear();
    world.plan.clear_log();
    let ran = world.run(&["--json", "resume"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let mut told = lines(&ran);
    let stored = told.iter().filter(|line| line["event"] == "done").count();
    // After a kill nobody knows that it was told.
    told.retain(|line| line["key"] != "in/small.txt");
    assert_eq!((&told[0]["event"], &told[0]["key"]), (&"done".into(), &"in/big.bin".into()), "{told:?}");
    assert!(told[0]["url"].as_str().unwrap().ends_with("/in/big.bin"), "{told:?}");
    assert_eq!((&told[1]["event"], &told[1]["uploaded"], told.len()), (&"finished".into(), &stored.into(), 2));
    let parts: Vec<_> = world.plan.log().into_iter().filter_map(|request| request.part_number).collect();
    assert_eq!(parts, [3], "only what was missing was sent");
    assert_eq!((world.plan.count("CreateMultipartUpload"), world.plan.count("PutObject")), (0, 0));
    assert!(world.object("in/big.bin") == content, "every byte is right");
    assert_eq!(world.object("in/small.txt"), b"small");
    assert!(world.unfinished().is_empty());
    // Nothing is left for another one.
    let ran = world.run(&["resume"]);
    assert_eq!((ran.status.code(), text(&ran.stdout)), (Some(0), String::new()), "{ran:?}");
    assert_eq!(text(&ran.stderr), "There is nothing to go on with: every upload has ended.\n");
}

#[test]
fn ctrl_c_pauses_and_resume_goes_on() {
    let (world, mut child, content) = under_way();
    let pressed = Instant::now();
    interrupt(&child);
    assert_eq!(wait(&mut child), Some(130));
    assert!(pressed.elapsed() < LEAVES_WITHIN, "{:?}", pressed.elapsed());
    let told = rest(&mut child);
    assert_eq!((told.len(), &told[0]["event"], &told[0]["uploaded"]), (1, &"finished".into(), &1.into()));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(
        said,
        "1 done (5 B), 0 left out, 0 failed, 0.0 s\nInterrupted: `bucketdrop-cli resume` goes on where this stopped.\n"
    );
    goes_on(&world, &content);
}

/// Everything on standard output that is left, as JSON.
fn rest(child: &mut Child) -> Vec<Value> {
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_polite_kill_and_a_hang_up_pause_and_tell_the_sum() {
    for (signal, status) in [("-TERM", 143), ("-HUP", 129)] {
        let (world, mut child, content) = under_way();
        let sent = Instant::now();
        super::signal(&child, signal);
        assert_eq!(wait(&mut child), Some(status));
        assert!(sent.elapsed() < LEAVES_WITHIN, "{:?}", sent.elapsed());
        let told = rest(&mut child);
        let [last] = &told[..] else { panic!("{told:?}") };
        assert_eq!((&last["event"], &last["uploaded"]), (&"finished".into(), &1.into()));
        goes_on(&world, &content);
    }
}

#[test]
fn what_is_told_to_ignore_hang_ups_does() {
    let world = World::new();
    world.plan.add(Fault::on("PutObject", Action::Hold));
    let file = world.file("a.txt", b"a");
    let mut child = world
        .command(&["--json", "upload", arg(&file), "s3://cli-bucket"])
        .wrapped_in("trap '' HUP; exec \"$@\"")
        .spawn()
        .unwrap();
    world.wait_for("PutObject");
    super::signal(&child, "-HUP");
    world.plan.release();
    assert_eq!(wait(&mut child), Some(0));
    assert_eq!(world.object("a.txt"), b"a");
}

#[test]
fn a_kill_loses_nothing_and_resume_goes_on() {
    let (world, mut child, content) = under_way();
    child.kill().unwrap();
    child.wait().unwrap();
    goes_on(&world, &content);
}

#[test]
fn another_upload_leaves_what_waits_alone_and_says_so() {
    let (world, mut child, content) = under_way();
    interrupt(&child);
    assert_eq!(wait(&mut child), Some(130));
    world.plan.clear();
    let ran = world.run(&["upload", arg(&world.file("new.txt", b"new")), "s3://cli-bucket"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let said = text(&ran.stderr);
    assert!(said.contains("Waiting from an earlier run: 1; `bucketdrop-cli resume` goes on with them."), "{said}");
    assert_eq!(text(&ran.stdout).lines().count(), 1, "{ran:?}");
    goes_on(&world, &content);
}

#[test]
fn resume_with_nothing_is_no_failure() {
    let world = World::new();
    let ran = world.run(&["--json", "resume"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let told = lines(&ran);
    assert_eq!((told.len(), &told[0]["event"], &told[0]["uploaded"]), (1, &"finished".into(), &0.into()));
}

#[test]
fn the_bandwidth_holds() {
    let world = World::new();
    let file = world.file("a.bin", &pattern(1_200_000));
    let seconds = |arguments: &[&str]| {
        let all = [&["--json", "upload", "--on-conflict", "overwrite"], arguments, &[arg(&file), "s3://cli-bucket"]];
        let ran = world.run(&all.concat());
        assert_eq!(ran.status.code(), Some(0), "{ran:?}");
        lines(&ran).last().unwrap()["seconds"].as_f64().unwrap()
    };
    let limited = seconds(&["--bandwidth", "500k"]);
    // 2.4 s, less what may leave at once in the beginning; how much longer is up to the machine.
    assert!(limited > 1.2, "limited {limited} s");
}

#[test]
fn two_commands_at_once_both_upload() {
    let world = World::new();
    world.plan.add(Fault::on("PutObject", Action::Hold).key("first.txt"));
    let file = world.file("first.txt", b"first");
    let mut first = world.command(&["upload", arg(&file), "s3://cli-bucket"]).spawn().unwrap();
    world.wait_for("PutObject");
    let ran = world.run(&["upload", arg(&world.file("second.txt", b"second")), "s3://cli-bucket"]);
    assert_eq!((ran.status.code(), text(&ran.stderr).lines().count()), (Some(0), 1), "only the sum: {ran:?}");
    assert_eq!(text(&ran.stdout).lines().count(), 1, "{ran:?}");
    // What the other one does is not there to be gone on with.
    let ran = world.run(&["resume"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    assert_eq!(text(&ran.stderr), "There is nothing to go on with: every upload has ended.\n");
    world.plan.release();
    assert_eq!(wait(&mut first), Some(0));
    assert_eq!((world.object("first.txt"), world.object("second.txt")), (b"first".to_vec(), b"second".to_vec()));
}

#[test]
fn what_a_command_beside_another_has_left_goes_on_too() {
    for ends_first in [true, false] {
        let (world, mut second, content) = {
            let world = World::new();
            world.plan.add(Fault::on("PutObject", Action::Hold).key("first.txt"));
            let file = world.file("first.txt", b"first");
            let first = world.command(&["upload", arg(&file), "s3://cli-bucket"]).spawn().unwrap();
            world.wait_for("PutObject");
            let content = pattern(40 * MIB);
            let big = world.file("big.bin", &content);
            world.plan.add(Fault::on("UploadPart", Action::StallBefore).part(3));
            let mut second = world.command(&["upload", arg(&big), "s3://cli-bucket"]).spawn().unwrap();
            world.wait_for_parts(4);
            if ends_first {
                interrupt(&second);
                assert_eq!(wait(&mut second), Some(130));
                let mut said = String::new();
                second.stderr.take().unwrap().read_to_string(&mut said).unwrap();
                let goes_on = "Interrupted: `bucketdrop-cli resume` goes on where this stopped.";
                assert_eq!(said.lines().last(), Some(goes_on), "{said}");
            } else {
                // Killed with the first one still there.
                second.kill().unwrap();
                second.wait().unwrap();
            }
            (world, first, content)
        };
        world.plan.clear();
        let first = &mut second;
        if ends_first {
            world.plan.release();
            assert_eq!(wait(first), Some(0));
        }
        let ran = world.run(&["--json", "resume"]);
        assert_eq!(ran.status.code(), Some(0), "{ran:?}");
        let told = lines(&ran);
        assert_eq!((&told[0]["event"], &told[0]["key"]), (&"done".into(), &"big.bin".into()), "{told:?}");
        assert!(world.object("big.bin") == content);
        assert_eq!(world.plan.count("CreateMultipartUpload"), 1, "the same upload");
        world.plan.release();
        assert_eq!(if ends_first { Some(0) } else { wait(first) }, Some(0));
        assert!(world.unfinished().is_empty());
        let ran = world.run(&["resume"]);
        assert_eq!(text(&ran.stderr), "There is nothing to go on with: every upload has ended.\n", "{ran:?}");
    }
}

#[test]
fn a_running_window_takes_uploads_and_goes_on() {
    let world = World::new();
    let window = world.window();
    let file = world.file("a.txt", b"from the side");
    let ran = world.run(&["--json", "--connection", "local", "upload", arg(&file), "s3://my-files/p/"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let told = lines(&ran);
    assert_eq!((told.len(), &told[0]["event"], &told[0]["prefix"]), (3, &"handed-over".into(), &"p/".into()));
    assert_eq!((&told[1]["event"], &told[1]["key"]), (&"done".into(), &"p/a.txt".into()), "{told:?}");
    assert_eq!((&told[2]["event"], &told[2]["uploaded"]), (&"finished".into(), &1.into()), "{told:?}");
    // The window itself has it, and its storage serves the link.
    assert_eq!(get(told[1]["url"].as_str().unwrap()), (200, b"from the side".to_vec()));
    let said = text(&ran.stderr);
    assert!(said.starts_with("The Bucketdrop that is running carries this upload out.\n"), "{said}");
    assert!(said.contains("open while the Bucketdrop runs that serves this storage"), "{said}");
    let is_end = |event: &Event| matches!(event, Event::BatchFinished { summary, .. } if summary.done == 1);
    let end = Instant::now() + PATIENCE;
    while !window.drain_events().iter().any(is_end) {
        assert!(Instant::now() < end, "somebody else uploaded it");
        std::thread::sleep(Duration::from_millis(10));
    }
    let ran = world.run(&["--connection", "local", "list", "s3://my-files/p/"]);
    assert!(text(&ran.stdout).contains("a.txt"), "{ran:?}");
    let ran = world.run(&["resume"]);
    assert_eq!((ran.status.code(), text(&ran.stderr).lines().count()), (Some(0), 1), "{ran:?}");
    let ran = world.run(&["--quiet", "resume", "--jobs", "2"]);
    assert!(
        text(&ran.stderr).starts_with("--jobs and --bandwidth are not for the Bucketdrop that is running"),
        "{ran:?}"
    );
    window.shutdown(PATIENCE);
}

#[test]
fn keys_of_the_environment_are_not_handed_to_a_window() {
    let world = World::new();
    let window = world.window();
    let ran = world.run(&["upload", arg(&world.file("a.txt", b"mine")), "s3://cli-bucket"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    assert!(text(&ran.stderr).contains("keys come from the environment"), "{ran:?}");
    assert_eq!((text(&ran.stdout).lines().count(), world.object("a.txt")), (1, b"mine".to_vec()));
    // What is interrupted goes on with `resume`, though the window has never heard of it.
    world.plan.clear_log();
    world.plan.add(Fault::on("UploadPart", Action::StallBefore).part(2));
    let big = world.file("big.bin", &vec![1; 20 * MIB]);
    let mut child = world.command(&["upload", arg(&big), "s3://cli-bucket"]).spawn().unwrap();
    world.wait_for_parts(2);
    let pressed = Instant::now();
    interrupt(&child);
    assert_eq!(wait(&mut child), Some(130));
    assert!(pressed.elapsed() < LEAVES_WITHIN, "{:?}", pressed.elapsed());
    world.plan.clear();
    let ran = world.run(&["resume"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    assert!(world.object("big.bin") == vec![1; 20 * MIB]);
    assert_eq!(world.plan.count("CreateMultipartUpload"), 1, "the same upload");
    window.shutdown(PATIENCE);
}

/// A connection of the settings whose keys are in a keychain that the program cannot reach.
#[test]
fn resume_without_the_keychain_says_so_and_leaves_the_queue_as_it_is() {
    use bucketdrop::model::{
        Addressing, BatchId, BucketName, Command as Ask, ConnectionDraft, Location, OpenTransfers, Prefix, PutOptions,
        RequestId, SecretPlace, Service,
    };
    let world = World::new();
    let store = Arc::new(MemoryStore::default());
    let start = || {
        let config = EngineConfig {
            home: Home::under(world.folder.path().join("home")),
            secret_store: Arc::clone(&store) as _,
            reporting: Reporting::EachTransfer,
            instance: None,
            clock: Arc::new(SystemClock::new()),
            journal: JournalUse::Keep,
        };
        Engine::start(config, std::task::Waker::noop().clone()).unwrap()
    };
    let wait_for = |engine: &EngineHandle, fits: &dyn Fn(&Event) -> bool| {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(event) = engine.drain_events().into_iter().find(|event| fits(event)) {
                return event;
            }
            assert!(Instant::now() < end, "it did not come");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let engine = start();
    let draft = ConnectionDraft {
        name: "Work".into(),
        service: Service::Other,
        endpoint: world.storage.endpoint().to_owned(),
        addressing: Addressing::Path,
        access_key_id: world.keys.access_key_id.clone(),
        secret_access_key: world.keys.secret_access_key.clone(),
        ..ConnectionDraft::default()
    };
    let (request, place) = (RequestId::next(), SecretPlace::Keychain);
    let open = OpenTransfers::Ask;
    engine.send(Ask::SaveConnection { request, draft: Box::new(draft), place, open });
    let Event::ConnectionSaved { result, .. } =
        wait_for(&engine, &|event| matches!(event, Event::ConnectionSaved { .. }))
    else {
        panic!("not saved")
    };
    world.plan.add(Fault::on("PutObject", Action::StallBefore));
    let to =
        Location { connection: result.unwrap().id, bucket: BucketName::new(BUCKET).unwrap(), prefix: Prefix::root() };
    let (batch, paths) = (BatchId::next(), vec![world.file("a.txt", b"a")]);
    engine.send(Ask::Enqueue { batch, paths, to, options: Box::new(PutOptions::default()) });
    world.wait_for("PutObject");
    engine.shutdown(Duration::from_secs(10));
    drop(engine);
    world.plan.clear();

    let ran = world.run(&["resume"]);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    let said = text(&ran.stderr);
    assert!(said.contains("keychain") && said.contains("Uploads through “Work” stay as they are."), "{said}");
    // Neither failed nor paused: the window goes on with it by itself.
    let engine = start();
    let told = wait_for(&engine, &|event| matches!(event, Event::BatchFinished { .. }));
    assert!(matches!(&told, Event::BatchFinished { summary, .. } if summary.done == 1), "{told:?}");
    assert_eq!(world.object("a.txt"), b"a");
}
