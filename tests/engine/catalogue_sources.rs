//! Rows L of the fault catalogue: files that change, vanish, cannot be read, or are none.

use std::io::Write as _;
use std::path::PathBuf;

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{BatchSummary, FailureKind, PutOptions};

use crate::catalogue_common::{LARGE, SMALL, Scene};
use crate::support::{MIB, pattern};

/// Uploads a file of three parts, holds one part back, does something to the file, and lets the part go on.
fn disturbed(change: impl FnOnce(&std::path::Path)) -> (Scene, BatchSummary) {
    let scene = Scene::impatient();
    let hold = scene.server.plan.add(Fault::on("UploadPart", Action::Hold).part(2).attempt(1));
    let path = scene.engine.file("a", &pattern(LARGE));
    let batch = scene.engine.enqueue(vec![path.clone()], &scene.at, PutOptions::default());
    scene.server.wait_for("UploadPart", 3);
    change(&path);
    scene.server.plan.remove(hold);
    scene.server.plan.release();
    let summary = scene.engine.finished(batch);
    (scene, summary)
}

/// It arrived, as it is by now, and nothing is left of the first try.
#[track_caller]
fn arrived(scene: &Scene, summary: &BatchSummary, file: &[u8]) {
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert!(scene.server.bytes("a").unwrap() == file, "another file arrived, or a mixture");
    scene.server.wait_for_unfinished(0);
}

#[test]
fn l01_the_file_grows() {
    let (scene, summary) = disturbed(|path| {
        std::fs::File::options().append(true).open(path).unwrap().write_all(b"more").unwrap();
    });
    arrived(&scene, &summary, &[pattern(LARGE), b"more".to_vec()].concat());
}

#[test]
fn l02_the_file_is_truncated() {
    for len in [0, 9 * MIB] {
        let (scene, summary) = disturbed(|path| {
            std::fs::File::options().write(true).open(path).unwrap().set_len(len as u64).unwrap();
        });
        arrived(&scene, &summary, &pattern(LARGE)[..len]);
    }
}

#[test]
fn l03_the_file_is_replaced() {
    let new = vec![7; LARGE];
    let (scene, summary) = disturbed(|path| {
        let beside = path.with_extension("new");
        std::fs::write(&beside, vec![7; LARGE]).unwrap();
        std::fs::rename(&beside, path).unwrap();
    });
    arrived(&scene, &summary, &new);
}

#[test]
fn l05_the_file_is_removed() {
    let (scene, summary) = disturbed(|path| std::fs::remove_file(path).unwrap());
    // All of it had been read, and whoever has it open reads on.
    arrived(&scene, &summary, &pattern(LARGE));
    let gone = scene.engine.files.path().join("never there");
    let summary = scene.engine.upload(vec![gone, scene.engine.file("b", b"b")], &scene.at, PutOptions::default());
    assert_eq!((summary.done, summary.failed + summary.skipped), (1, 1), "{summary:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn l06_a_file_that_cannot_be_read() {
    let scene = Scene::new();
    // Reading this one is refused to root as well.
    let unreadable = PathBuf::from("/sys/bus/platform/drivers_probe");
    let paths = vec![unreadable, scene.engine.file("good", &pattern(SMALL))];
    let summary = scene.engine.upload(paths, &scene.at, PutOptions::default());
    assert_eq!((summary.done, summary.failed), (1, 1), "{summary:?}");
    assert_eq!(summary.first_failure.unwrap().kind, FailureKind::SourceUnreadable);
    scene.holds("good", &pattern(SMALL));
}

#[cfg(unix)]
#[test]
fn l07_pipes_sockets_and_devices() {
    let scene = Scene::new();
    let good = scene.engine.file("d/good", &pattern(SMALL));
    let folder = good.parent().unwrap().to_owned();
    let made = std::process::Command::new("mkfifo").arg(folder.join("pipe")).status().unwrap();
    assert!(made.success());
    let _socket = std::os::unix::net::UnixListener::bind(folder.join("socket")).unwrap();
    // In a folder, and dropped by themselves.
    let paths =
        vec![folder.clone(), folder.join("pipe"), folder.join("socket"), "/dev/zero".into(), "/dev/null".into()];
    let summary = scene.engine.upload(paths, &scene.at, PutOptions::default());
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert_eq!(summary.skipped, 6, "{summary:?}");
    assert_eq!(scene.server.keys(), ["d/good"]);
    scene.holds("d/good", &pattern(SMALL));
}

#[cfg(unix)]
#[test]
fn l08_links_that_lead_in_circles_or_out() {
    use std::os::unix::fs::symlink;
    let scene = Scene::new();
    let outside = scene.engine.file("outside/secret", b"secret");
    let folder = scene.engine.file("d/good", &pattern(SMALL)).parent().unwrap().to_owned();
    symlink(&folder, folder.join("circle")).unwrap();
    symlink(folder.join("b"), folder.join("a")).unwrap();
    symlink(folder.join("a"), folder.join("b")).unwrap();
    symlink(&outside, folder.join("out")).unwrap();
    symlink(folder.join("gone"), folder.join("nowhere")).unwrap();
    let summary = scene.engine.upload(vec![folder], &scene.at, PutOptions::default());
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    assert_eq!(scene.server.keys(), ["d/good"]);
}

#[test]
fn l09_a_folder_of_300_levels() {
    let scene = Scene::new();
    let root = scene.engine.files.path().join("deep");
    let mut folder = root.clone();
    for _ in 0..300 {
        folder.push("d");
    }
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("f"), b"deep").unwrap();
    let summary = scene.engine.upload(vec![root], &scene.at, PutOptions::default());
    assert_eq!((summary.done, summary.failed), (1, 0), "{summary:?}");
    scene.holds(&format!("deep/{}f", "d/".repeat(300)), b"deep");
}

#[test]
fn l11_two_files_one_key() {
    use bucketdrop::model::{Command, Event, KeyProblem, NameAnswer, ObjectKey};
    let scene = Scene::new();
    let paths = vec![scene.engine.file("one/same", &pattern(SMALL)), scene.engine.file("two/same", b"other")];
    let batch = scene.engine.enqueue(paths.clone(), &scene.at, PutOptions::default());
    let asked = || {
        let asked = scene.engine.expect("NamesNeeded", |event| match event {
            Event::NamesNeeded { questions, .. } => Some(questions.clone()),
            _ => None,
        });
        let [question] = &asked[..] else { panic!("{asked:?}") };
        assert_eq!((&question.path, question.problem), (&paths[1], KeyProblem::Taken));
        question.suggestion.clone()
    };
    assert_eq!(asked(), "same (2)");
    // The name of the first one is taken, whoever types it.
    let answers = vec![NameAnswer::UseKey(ObjectKey::new("same"))];
    scene.engine.send(Command::ResolveNames { batch, answers });
    let suggestion = asked();
    scene.engine.send(Command::ResolveNames { batch, answers: vec![NameAnswer::UseKey(ObjectKey::new(&*suggestion))] });
    let summary = scene.engine.finished(batch);
    assert_eq!((summary.done, summary.skipped), (2, 0), "{summary:?}");
    scene.holds("same", &pattern(SMALL));
    scene.holds("same (2)", b"other");
    assert_eq!(scene.server.versions("same"), 1);
}

#[test]
fn l12_a_file_of_no_bytes() {
    let scene = Scene::new();
    scene.arrives("empty", 0);
    assert_eq!(scene.count("PutObject"), 1);
}

#[test]
fn h28_keys_up_to_the_last_byte() {
    let scene = Scene::new();
    let folder = ["d".repeat(204), "d".repeat(204), "d".repeat(204), "d".repeat(204)].join("/");
    let fits = format!("{folder}/{}", "f".repeat(204));
    assert_eq!(fits.len(), 1024);
    scene.engine.file(&fits, b"fits");
    let root = scene.engine.files.path().join("d".repeat(204));
    assert_eq!(scene.engine.upload(vec![root.clone()], &scene.at, PutOptions::default()).done, 1);
    scene.holds(&fits, b"fits");
    scene.engine.file(&format!("{folder}/{}", "f".repeat(205)), b"one byte too long");
    scene.engine.enqueue(vec![root], &scene.at, PutOptions::default());
    let asked = scene.engine.expect("NamesNeeded", |event| match event {
        bucketdrop::model::Event::NamesNeeded { questions, .. } => Some(questions.len()),
        _ => None,
    });
    let log = scene.server.plan.log();
    let tried = log.iter().filter(|record| record.key.as_ref().is_some_and(|key| key.len() > 1024)).count();
    assert_eq!((asked, tried), (1, 0), "it is asked about, not tried");
}
