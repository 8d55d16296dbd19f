//! A window that ends right after it has agreed, and uploads that wait in a window: both are told at the command line.

use std::os::unix::net::UnixListener;

use bucketdrop::model::{Command as Ask, QueueSwitch};

use super::handed::{upload, window};
use super::*;

fn read_message(asker: &mut impl std::io::Read) -> Vec<u8> {
    let mut length = [0; 4];
    asker.read_exact(&mut length).unwrap();
    let mut question = vec![0; u32::from_le_bytes(length) as usize];
    asker.read_exact(&mut question).unwrap();
    question
}

fn say(asker: &mut impl std::io::Write, answer: &str) {
    asker.write_all(&u32::try_from(answer.len()).unwrap().to_le_bytes()).unwrap();
    asker.write_all(answer.as_bytes()).unwrap();
}

/// What stands in for a window that takes what it is asked for and ends.
fn agrees_and_ends(home: &Home) -> std::thread::JoinHandle<()> {
    let socket = home.socket_name().unwrap();
    std::fs::remove_file(&socket).unwrap();
    let listener = UnixListener::bind(&socket).unwrap();
    let ends = move || {
        let (mut asker, _) = listener.accept().unwrap();
        if String::from_utf8(read_message(&mut asker)).unwrap().contains("\"upload\"") {
            say(&mut asker, r#"{"answer":"ready"}"#);
            asker.read_exact(&mut [0]).unwrap();
        }
        say(&mut asker, r#"{"answer":"done"}"#);
    };
    std::thread::Builder::new().name("window".to_owned()).spawn(ends).unwrap()
}

#[test]
fn a_window_that_ends_right_after_it_has_agreed_is_told() {
    let world = World::new();
    let home = Home::under(world.folder.path().join("home"));
    home.ensure().unwrap();
    let file = world.file("a.txt", b"a");
    for command in [&["resume"][..], &["--connection", "local", "upload", arg(&file), "s3://my-files/"]] {
        let Instance::First(first) = Instance::claim(&home).unwrap() else { panic!("another one runs") };
        let window = agrees_and_ends(&home);
        let ran = world.run(&[&["--json"], command].concat());
        window.join().unwrap();
        let told = lines(&ran);
        assert_eq!(ran.status.code(), Some(1), "{ran:?}");
        assert_eq!(told[0]["event"], "handed-over", "{told:?}");
        let [failed, finished] = &told[1..] else { panic!("{told:?}") };
        assert_eq!(failed["kind"], "lost-sight", "{told:?}");
        assert!(failed["advice"].as_str().unwrap().contains("resume"), "{failed}");
        assert_eq!((&finished["uploaded"], &finished["failed"]), (&0.into(), &1.into()), "{finished}");
        drop(first);
    }
}

#[test]
fn an_upload_that_waits_in_a_window_says_so_and_when_that_is_over() {
    let world = World::new();
    let window = window(&world);
    window.send(Ask::HoldQueue(QueueSwitch::Hold));
    let mut child = upload(&world, &world.file("a.txt", b"a")).spawn().unwrap();
    let mut told = BufReader::with_capacity(1, child.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&told.next().unwrap().unwrap()).unwrap();
    assert_eq!(next()["event"], "handed-over");
    let waits = next();
    assert_eq!(
        (&waits["event"], &waits["reason"], &waits["state"]),
        (&"waiting".into(), &"held".into(), &"begun".into())
    );
    assert_eq!(world.plan.count("PutObject"), 0);
    // So that it is not over before anybody could be told that it goes on.
    world.plan.add(Fault::on("PutObject", Action::Hold));
    window.send(Ask::HoldQueue(QueueSwitch::Run));
    let over = next();
    assert_eq!((&over["event"], &over["reason"], &over["state"]), (&"waiting".into(), &"held".into(), &"over".into()));
    world.wait_for("PutObject");
    world.plan.release();
    assert_eq!((&next()["event"], &next()["event"]), (&"done".into(), &"finished".into()));
    assert_eq!(wait(&mut child), Some(0));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let held = said.split_once("waiting: the queue is held in the window");
    assert!(held.is_some_and(|(_, after)| after.contains("The wait is over.")), "{said}");
    window.shutdown(PATIENCE);
}
