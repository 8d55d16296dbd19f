//! What has failed at the end of a command: `resume` tries it again, with what the server has of it, until it is given up.

use super::queue::{pattern, under_way};
use super::unread_lists::ask_about_names;
use super::*;

const MIB: usize = 1024 * 1024;

#[track_caller]
fn nothing_is_left(world: &World) {
    assert!(world.unfinished().is_empty());
    let ran = world.run(&["resume"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    assert_eq!(text(&ran.stderr), "There is nothing to go on with: every upload has ended.\n");
}

/// A file of three parts that are on the server and may not be put together.
fn refused_completion() -> (World, Vec<u8>) {
    let world = World::new();
    let content = pattern(20 * MIB);
    let file = world.file("big.bin", &content);
    world.plan.add(Fault::on("CompleteMultipartUpload", Action::error(403, "AccessDenied")));
    let ran = world.run(&["upload", arg(&file), "s3://cli-bucket"]);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    let said = text(&ran.stderr);
    let kept = "1 file that failed is kept: `bucketdrop-cli resume` tries it again, `bucketdrop-cli resume \
                --forget-failed --yes` gives it up.\nUnfinished parts on the server: 21 MB. They may cost as long as they \
                are there.\n";
    assert!(said.ends_with(kept), "{said}");
    assert_eq!(world.unfinished().len(), 1);
    (world, content)
}

#[test]
fn resume_tries_again_with_the_parts_that_are_there() {
    let (world, content) = refused_completion();
    // It may fail once more.
    let ran = world.run(&["--json", "resume"]);
    assert_eq!((ran.status.code(), &lines(&ran)[0]["event"]), (Some(1), &"failed".into()), "{ran:?}");
    assert!(text(&ran.stderr).contains("1 file that failed before is tried again."), "{ran:?}");
    world.plan.clear();
    world.plan.clear_log();
    let ran = world.run(&["--json", "resume"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let told = lines(&ran);
    assert_eq!((&told[0]["event"], &told[0]["key"]), (&"done".into(), &"big.bin".into()), "{told:?}");
    assert_eq!((&told[1]["event"], &told[1]["uploaded"], told.len()), (&"finished".into(), &1.into(), 2));
    assert_eq!((world.plan.count("CreateMultipartUpload"), world.plan.count("UploadPart")), (0, 0));
    assert!(world.object("big.bin") == content, "every byte is right");
    nothing_is_left(&world);
}

#[test]
fn what_has_failed_is_given_up_only_when_that_is_said() {
    let (world, _content) = refused_completion();
    let ran = world.run(&["resume", "--forget-failed"]);
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    let said = text(&ran.stderr);
    assert!(said.contains("1 file has failed (21 MB)") && said.contains("say --yes"), "{said}");
    assert_eq!(world.unfinished().len(), 1, "nothing was said");
    let ran = world.run(&["resume", "--forget-failed", "--yes"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    assert!(text(&ran.stderr).ends_with("1 file was given up.\n"), "{ran:?}");
    nothing_is_left(&world);
    let ran = world.run(&["resume", "--forget-failed", "--yes"]);
    assert_eq!(text(&ran.stderr), "Nothing has failed that could be given up.\n", "{ran:?}");
}

#[test]
fn refused_small_files_go_on_once_they_may() {
    let world = World::new();
    let folder = world.file("in/a.txt", b"a").parent().unwrap().to_owned();
    world.file("in/b.txt", b"b");
    world.plan.add(Fault::on("PutObject", Action::error(403, "AccessDenied")));
    let ran = world.run(&["--json", "upload", arg(&folder), "s3://cli-bucket"]);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    world.plan.clear();
    let ran = world.run(&["--json", "resume"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    assert_eq!(lines(&ran).last().unwrap()["uploaded"], 2, "{ran:?}");
    assert_eq!((world.object("in/a.txt"), world.object("in/b.txt")), (b"a".to_vec(), b"b".to_vec()));
    nothing_is_left(&world);
}

#[test]
fn a_file_that_was_away_at_resume_is_tried_at_the_next_one() {
    let (world, mut child, content) = under_way();
    child.kill().unwrap();
    child.wait().unwrap();
    world.plan.clear();
    world.plan.clear_log();
    let (file, away) = (world.folder.path().join("in/big.bin"), world.folder.path().join("away.bin"));
    std::fs::rename(&file, &away).unwrap();
    let ran = world.run(&["--json", "resume"]);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    let told = lines(&ran);
    assert!(told.iter().any(|line| line["kind"] == "source-missing"), "{told:?}");
    assert_eq!(world.unfinished().len(), 1, "its parts are kept");
    std::fs::rename(&away, &file).unwrap();
    let ran = world.run(&["--json", "resume"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let parts: Vec<_> = world.plan.log().into_iter().filter_map(|request| request.part_number).collect();
    assert_eq!(parts, [3], "only what was missing was sent");
    assert!(world.object("in/big.bin") == content);
    nothing_is_left(&world);
}

#[test]
fn what_was_never_tried_is_not_given_up() {
    let world = World::new();
    let folder = world.file("in/bad\u{1}.txt", b"bad").parent().unwrap().to_owned();
    // Nobody answers before that run ends: no file of it is in the list yet.
    ask_about_names(&world, folder.clone());
    let ran = world.run(&["resume", "--forget-failed", "--yes"]);
    let said = text(&ran.stderr);
    assert_eq!(
        (ran.status.code(), said.as_str()),
        (Some(0), "Nothing has failed that could be given up.\n"),
        "{ran:?}"
    );
    world.file("in/new.txt", b"new");
    let ran = world.run(&["--json", "resume"]);
    let told = lines(&ran);
    let is_done = |line: &Value| line["event"] == "done" && line["path"] == arg(&folder.join("new.txt"));
    assert!(told.iter().any(is_done), "it goes on as it would have: {told:?}");
}
