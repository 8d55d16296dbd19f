//! Uploads that a running window carries out, followed from the command line to their end.

use bucketdrop::engine::{EngineHandle, JournalUse};
use bucketdrop::model::{BatchId, BucketName, Command as Ask, ConnectionId, Event, Location, Prefix, QueueSwitch};
use bucketdrop::platform::SecretStore as _;

use super::*;

/// The window of a world with a saved connection to its storage, whose keys only the window has.
pub(super) fn window(world: &World) -> EngineHandle {
    window_with(world, &format!("credentials = \"keychain\"\naccess_key_id = \"{}\"\n", world.keys.access_key_id))
}

/// The same with credentials of another kind.
fn window_with(world: &World, credentials: &str) -> EngineHandle {
    let settings = format!(
        "[[connections]]\nid = \"work\"\nname = \"Work\"\nservice = \"other\"\nendpoint = \"{}\"\n\
         region = \"us-east-1\"\naddressing = \"path\"\n{credentials}",
        world.storage.endpoint(),
    );
    world.file("home/settings.toml", settings.as_bytes());
    let home = Home::under(world.folder.path().join("home"));
    home.ensure().unwrap();
    let Instance::First(server) = Instance::claim(&home).unwrap() else { panic!("another one runs") };
    let store = MemoryStore::default();
    let (key, secret) = (&world.keys.access_key_id, world.keys.secret_access_key.expose());
    let record = format!("{{\"access_key_id\":\"{key}\",\"secret_access_key\":\"{secret}\"}}");
    store.write("work", &record).unwrap();
    let config = EngineConfig {
        home,
        secret_store: Arc::new(store),
        reporting: Reporting::default(),
        instance: Some(server),
        clock: Arc::new(SystemClock::new()),
        journal: JournalUse::Keep,
    };
    Engine::start(config, std::task::Waker::noop().clone()).unwrap()
}

pub(super) fn upload(world: &World, path: &Path) -> Command {
    world.command(&["--json", "--connection", "work", "upload", arg(path), "s3://cli-bucket/p/"])
}

fn read_rest(child: &mut Child) -> (Vec<Value>, String) {
    let (mut out, mut said) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (out.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), said)
}

#[test]
fn every_end_is_told_and_the_sum_comes_last() {
    let world = World::new();
    let window = window(&world);
    let folder = world.file("in/good 한.txt", b"good").parent().unwrap().to_owned();
    world.file("in/.DS_Store", b"x");
    world.file("in/bad\u{1}name", b"x");
    world.file("in/refused.txt", b"x");
    world.plan.add(Fault::on("PutObject", Action::error(403, "AccessDenied")).key("p/in/refused.txt"));
    let ran = upload(&world, &folder).output().unwrap();
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    let told = lines(&ran);
    let of = |event: &str| told.iter().filter(|line| line["event"] == event).collect::<Vec<_>>();
    assert_eq!(told[0]["event"], "handed-over");
    let [done] = &of("done")[..] else { panic!("{told:?}") };
    assert_eq!((&done["key"], &done["bytes"]), (&"p/in/good 한.txt".into(), &4.into()));
    assert!(done["path"].as_str().unwrap().ends_with("/in/good 한.txt"), "{done}");
    assert!(done["checksum"].as_str().unwrap().starts_with("CRC64NVME:"), "{done}");
    let url = format!("{}/{BUCKET}/p/in/good%20%ED%95%9C.txt", world.storage.endpoint());
    assert_eq!(done["url"], url.as_str(), "as the settings describe it, though its keys are the window's");
    let kinds: Vec<_> = of("failed").iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"invalid-key") && kinds.contains(&"access-denied") && kinds.len() == 2, "{told:?}");
    assert_eq!(of("skipped")[0]["reason"], "system-file");
    let last = told.last().unwrap();
    assert_eq!((&last["event"], &last["uploaded"]), (&"finished".into(), &1.into()));
    assert_eq!((&last["skipped"], &last["failed"]), (&1.into(), &2.into()));
    // Nobody at the window is asked about a name.
    let asked = |event: &Event| matches!(event, Event::NamesNeeded { .. } | Event::ConflictFound(_));
    assert!(!window.drain_events().iter().any(asked));
    window.shutdown(PATIENCE);
}

#[test]
fn keys_of_the_environment_are_used_here_for_a_saved_connection_too() {
    let world = World::new();
    let window = window_with(&world, "credentials = \"aws\"\n");
    let ran = upload(&world, &world.file("a.txt", b"a")).output().unwrap();
    let told = lines(&ran);
    let events: Vec<_> = told.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!((ran.status.code(), &events[..]), (Some(0), &["done", "finished"][..]), "{ran:?}");
    window.shutdown(PATIENCE);
}

#[test]
fn ctrl_c_leaves_the_window_at_work() {
    let world = World::new();
    let window = window(&world);
    world.plan.add(Fault::on("PutObject", Action::Hold));
    let mut child = upload(&world, &world.file("a.txt", b"a")).spawn().unwrap();
    world.wait_for("PutObject");
    let mut line = String::new();
    BufReader::with_capacity(1, child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("handed-over"), "{line}");
    interrupt(&child);
    assert_eq!(wait(&mut child), Some(130));
    let (told, said) = read_rest(&mut child);
    assert_eq!((told.len(), &told[0]["event"], &told[0]["uploaded"]), (1, &"finished".into(), &0.into()));
    assert!(said.ends_with("Interrupted: the Bucketdrop that is running goes on with this upload.\n"), "{said}");
    world.plan.release();
    let end = Instant::now() + PATIENCE;
    let is_end = |event: &Event| matches!(event, Event::BatchFinished { summary, .. } if summary.done == 1);
    while !window.drain_events().iter().any(is_end) {
        assert!(Instant::now() < end, "the window did not go on");
        std::thread::sleep(Duration::from_millis(10));
    }
    window.shutdown(PATIENCE);
}

#[test]
fn a_window_that_ends_is_told() {
    let world = World::new();
    let window = window(&world);
    world.plan.add(Fault::on("PutObject", Action::Hold));
    let mut child = upload(&world, &world.file("a.txt", b"a")).spawn().unwrap();
    world.wait_for("PutObject");
    window.shutdown(PATIENCE);
    drop(window);
    assert_eq!(wait(&mut child), Some(1));
    let (told, _said) = read_rest(&mut child);
    let events: Vec<_> = told.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["handed-over", "failed", "finished"], "{told:?}");
    assert_eq!(told[1]["kind"], "lost-sight");
    world.plan.release();
}

/// A window that holds its queue, with two uploads in it: one that will be stored and one that will be refused.
fn held(world: &World) -> EngineHandle {
    let window = window(world);
    window.send(Ask::HoldQueue(QueueSwitch::Hold));
    for name in ["good 한.txt", "refused.txt"] {
        let to = Location {
            connection: ConnectionId::new("work"),
            bucket: BucketName::new(BUCKET).unwrap(),
            prefix: Prefix::new("p/"),
        };
        let (batch, paths) = (BatchId::next(), vec![world.file(&format!("in/{name}"), b"good")]);
        window.send(Ask::Enqueue { batch, paths, to, options: Box::default() });
        let end = Instant::now() + PATIENCE;
        let is_found = |event: &Event| matches!(event, Event::BatchScanned { batch: b, .. } if *b == batch);
        while !window.drain_events().iter().any(is_found) {
            assert!(Instant::now() < end, "{name} was not found");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    world.plan.add(Fault::on("PutObject", Action::error(403, "AccessDenied")).key("p/refused.txt"));
    window
}

#[test]
fn a_queue_that_goes_on_is_followed_to_its_end() {
    let world = World::new();
    let window = held(&world);
    assert_eq!(world.plan.count("PutObject"), 0, "held");
    let ran = world.run(&["--json", "resume"]);
    assert_eq!(ran.status.code(), Some(1), "one was refused: {ran:?}");
    let told = lines(&ran);
    assert_eq!((&told[0]["event"], &told[0]["command"]), (&"handed-over".into(), &"resume".into()));
    let of = |event: &str| told.iter().filter(|line| line["event"] == event).collect::<Vec<_>>();
    let [done] = &of("done")[..] else { panic!("{told:?}") };
    let url = format!("{}/{BUCKET}/p/good%20%ED%95%9C.txt", world.storage.endpoint());
    assert_eq!((&done["key"], &done["url"]), (&"p/good 한.txt".into(), &url.as_str().into()), "{told:?}");
    let [failed] = &of("failed")[..] else { panic!("{told:?}") };
    assert_eq!((&failed["key"], &failed["kind"]), (&"p/refused.txt".into(), &"access-denied".into()));
    let last = told.last().unwrap();
    assert_eq!((&last["event"], &last["uploaded"]), (&"finished".into(), &1.into()));
    assert_eq!((&last["failed"], &last["bytes"]), (&1.into(), &4.into()));
    assert_eq!(world.object("p/good 한.txt"), b"good");
    // Nothing is left to go on with.
    let ran = world.run(&["--json", "resume"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let events: Vec<_> = lines(&ran).iter().map(|line| line["event"].as_str().unwrap().to_owned()).collect();
    assert_eq!(events, ["handed-over", "finished"]);
    window.shutdown(PATIENCE);
}

#[test]
fn a_window_that_ends_over_its_queue_is_told() {
    let world = World::new();
    let window = held(&world);
    world.plan.add(Fault::on("PutObject", Action::Hold));
    let mut child = world.command(&["--json", "resume"]).spawn().unwrap();
    world.wait_for("PutObject");
    window.shutdown(PATIENCE);
    drop(window);
    assert_eq!(wait(&mut child), Some(1));
    let (told, _said) = read_rest(&mut child);
    assert_eq!(told.first().unwrap()["event"], "handed-over", "{told:?}");
    assert!(told.iter().any(|line| line["kind"] == "lost-sight"), "{told:?}");
    assert_eq!(told.last().unwrap()["event"], "finished", "{told:?}");
    world.plan.release();
}

/// What stands in for a window that dies after it was told to take an upload and before it has said that it did.
#[cfg(unix)]
fn dies_before_it_answers(home: &Home) -> std::thread::JoinHandle<()> {
    let socket = home.socket_name().unwrap();
    std::fs::remove_file(&socket).unwrap();
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let dies = move || {
        let (mut asker, _) = listener.accept().unwrap();
        let mut length = [0; 4];
        asker.read_exact(&mut length).unwrap();
        let mut question = vec![0; u32::from_le_bytes(length) as usize];
        asker.read_exact(&mut question).unwrap();
        let ready = br#"{"answer":"ready"}"#;
        asker.write_all(&u32::try_from(ready.len()).unwrap().to_le_bytes()).unwrap();
        asker.write_all(ready).unwrap();
        asker.read_exact(&mut [0]).unwrap();
    };
    std::thread::Builder::new().name("window".to_owned()).spawn(dies).unwrap()
}

#[cfg(unix)]
#[test]
fn an_upload_that_may_have_been_taken_is_told_and_not_done_here() {
    let world = World::new();
    let home = Home::under(world.folder.path().join("home"));
    home.ensure().unwrap();
    let Instance::First(first) = Instance::claim(&home).unwrap() else { panic!("another one runs") };
    let window = dies_before_it_answers(&home);
    let path = world.file("a.txt", b"a");
    let ran = world.command(&["--json", "--connection", "local", "upload", arg(&path), "s3://my-files/"]).output();
    let ran = ran.unwrap();
    window.join().unwrap();
    let [failed, finished] = &lines(&ran)[..] else { panic!("{ran:?}") };
    assert_eq!((ran.status.code(), &failed["kind"]), (Some(1), &"hand-over-unclear".into()), "{ran:?}");
    assert!(failed["advice"].as_str().unwrap().contains("run the command again"), "{failed}");
    assert_eq!((&finished["event"], &finished["failed"]), (&"finished".into(), &1.into()), "{finished}");
    drop(first);
}
