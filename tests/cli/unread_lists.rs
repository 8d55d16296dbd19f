//! `resume` where the list of an earlier run is not all there: damaged, or of a folder whose walk had not ended.

use bucketdrop::engine::JournalUse;
use bucketdrop::model::{
    BatchId, BucketName, Command as Ask, ConnectionId, Event, Location, Prefix, PutOptions, RequestId,
};

use super::queue::under_way;
use super::*;

#[test]
fn after_damage_resume_does_not_say_that_all_has_ended() {
    let (world, mut child, _content) = under_way();
    child.kill().unwrap();
    child.wait().unwrap();
    let data = world.folder.path().join("home/data");
    std::fs::write(data.join("queue.db"), vec![0xa5; 40_000]).unwrap();
    std::fs::remove_file(data.join("queue.db-wal")).unwrap();
    world.plan.clear();
    let ran = world.run(&["resume"]);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    let said = text(&ran.stderr);
    assert!(said.contains("Run the upload command again") && said.contains("“Unfinished uploads”"), "{said}");
    assert!(said.ends_with("There is nothing else to go on with in what could be read.\n"), "{said}");
}

/// Uploads a folder with a name that has to be asked about, and ends before anybody answers: the batch may get more.
pub(super) fn ask_about_names(world: &World, folder: PathBuf) {
    let config = EngineConfig {
        home: Home::under(world.folder.path().join("home")),
        secret_store: Arc::new(MemoryStore::default()),
        reporting: Reporting::EachTransfer,
        instance: None,
        clock: Arc::new(SystemClock::new()),
        journal: JournalUse::Keep,
    };
    let engine = Engine::start(config, std::task::Waker::noop().clone()).unwrap();
    let wait_for = |fits: &dyn Fn(&Event) -> bool| {
        let end = Instant::now() + PATIENCE;
        while !engine.drain_events().iter().any(fits) {
            assert!(Instant::now() < end, "it did not come");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    engine.send(Ask::OpenLocalStorage { request: RequestId::next() });
    wait_for(&|event| matches!(event, Event::ConnectionOpened { result: Ok(_), .. }));
    let bucket = BucketName::new("my-files").unwrap();
    let to = Location { connection: ConnectionId::local(), bucket, prefix: Prefix::root() };
    engine.send(Ask::Enqueue {
        batch: BatchId::next(),
        paths: vec![folder],
        to,
        options: Box::new(PutOptions::default()),
    });
    wait_for(&|event| matches!(event, Event::NamesNeeded { .. }));
    engine.shutdown(Duration::from_secs(10));
}

#[test]
fn a_walk_that_had_not_ended_is_said_and_made_once_its_folder_is_back() {
    let world = World::new();
    let folder = world.file("in/a.txt", b"a").parent().unwrap().to_owned();
    world.file("in/bad\u{1}.txt", b"bad");
    ask_about_names(&world, folder.clone());
    let away = world.folder.path().join("away");
    std::fs::rename(&folder, &away).unwrap();
    for _ in 0..2 {
        let ran = world.run(&["resume"]);
        assert_eq!(ran.status.code(), Some(1), "{ran:?}");
        let said = text(&ran.stderr);
        assert!(said.contains("had not been walked to its end") && said.contains(arg(&folder)), "{said}");
    }
    std::fs::rename(&away, &folder).unwrap();
    world.file("in/new.txt", b"new");
    let ran = world.run(&["--json", "resume"]);
    let told = lines(&ran);
    let is = |event: &str, path: &str| {
        told.iter().any(|line| line["event"] == event && line["path"] == arg(&folder.join(path)))
    };
    assert!(is("done", "new.txt") && is("failed", "bad\u{1}.txt"), "{ran:?}");
    assert!(!text(&ran.stderr).contains("walked"), "{ran:?}");
    let ran = world.run(&["resume"]);
    assert_eq!(text(&ran.stderr), "There is nothing to go on with: every upload has ended.\n", "{ran:?}");
}
