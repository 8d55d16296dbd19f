//! What is named on the command line is uploaded, or it is told why not; and what does not even begin.

use super::*;

#[cfg(unix)]
#[test]
fn links_that_are_named_are_followed_and_pipes_are_told() {
    let world = World::new();
    let at = |name: &str| world.folder.path().join(name);
    world.file("real/in.txt", b"in");
    std::os::unix::fs::symlink("real", at("folder")).unwrap();
    std::os::unix::fs::symlink("real/in.txt", at("one.txt")).unwrap();
    let ran = world.run(&["upload", arg(&at("folder")), arg(&at("one.txt")), "s3://cli-bucket"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let links = text(&ran.stdout);
    assert!(links.contains("/folder/in.txt\n") && links.contains("/one.txt\n"), "{links}");
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    for (named, status) in [(at("pipe"), 1), (PathBuf::from("/dev/null"), 1), (PathBuf::from("/dev/stdin"), 1)] {
        let ran = world.run(&["upload", arg(&named), "s3://cli-bucket"]);
        assert_eq!(ran.status.code(), Some(status), "{ran:?}");
        assert!(text(&ran.stderr).contains("only files and folders can be uploaded"), "{ran:?}");
    }
    let empty = at("empty");
    std::fs::create_dir(&empty).unwrap();
    let ran = world.run(&["upload", arg(&empty), "s3://cli-bucket"]);
    assert_eq!((ran.status.code(), text(&ran.stderr).contains("an empty folder")), (Some(0), true), "{ran:?}");
}

#[test]
fn a_dry_run_of_what_is_not_there_fails_as_the_upload_does() {
    let world = World::new();
    let (file, missing) = (world.file("a.txt", b"a"), world.folder.path().join("no-such"));
    for more in [&["--dry-run"][..], &[]] {
        let line = [&["--json", "upload", arg(&file), arg(&missing), "s3://cli-bucket"], more].concat();
        let ran = world.run(&line);
        let failed: Vec<Value> = lines(&ran).into_iter().filter(|line| line["event"] == "failed").collect();
        assert_eq!((ran.status.code(), failed.len()), (Some(1), 1), "{ran:?}");
        assert_eq!((&failed[0]["kind"], &failed[0]["path"]), (&"source-missing".into(), &arg(&missing).into()));
    }
}

#[test]
fn a_home_that_cannot_be_used_is_told_in_the_users_language() {
    let world = World::new();
    let in_the_way = world.file("in-the-way", b"");
    let home = in_the_way.join("home");
    for (locale, words) in [("C.UTF-8", "cannot be used"), ("ko_KR.UTF-8", "하세요")] {
        let mut command = world.command(&["upload", arg(&in_the_way), "s3://cli-bucket"]);
        let ran = command.env("BUCKETDROP_HOME", &home).env("LC_ALL", locale).output().unwrap();
        let said = text(&ran.stderr);
        assert_eq!((ran.status.code(), said.lines().count()), (Some(1), 1), "{said}");
        assert!(said.contains(words) && said.contains("BUCKETDROP_HOME") && !said.contains("os error"), "{said}");
    }
}

#[test]
fn a_list_of_uploads_that_cannot_be_used_stops_no_upload() {
    let world = World::new();
    world.file("home/data/queue.db/in-the-way", b"");
    let file = world.file("a.txt", b"a");
    let ran = world.run(&["upload", arg(&file), "s3://cli-bucket"]);
    let said = text(&ran.stderr);
    assert_eq!((ran.status.code(), text(&ran.stdout).lines().count()), (Some(0), 1), "{said}");
    assert!(said.contains("This upload cannot be resumed if it is interrupted:"), "{said}");
    assert!(!said.contains("o new upload starts") && !said.contains("nothing new is started"), "{said}");
}

#[cfg(feature = "gui")]
#[test]
fn a_window_that_cannot_begin_tells_why_in_the_users_language() {
    let world = World::new();
    let in_the_way = world.file("in-the-way", b"");
    let no_folder = in_the_way.join("home");
    // A folder where the lock belongs; the settings are read before that, and count more than the locale.
    let no_lock = world.folder.path().join("locked-out");
    world.file("locked-out/data/instance.lock/in-the-way", b"");
    world.file("locked-out/settings.toml", b"window = { language = \"ko\" }\n");
    let cases = [
        (&no_folder, "C.UTF-8", "cannot be used. Check that it exists"),
        (&no_folder, "ko_KR.UTF-8", "하세요"),
        (&no_lock, "C.UTF-8", "하세요"),
    ];
    for (home, locale, words) in cases {
        let mut command = world.command_of(env!("CARGO_BIN_EXE_bucketdrop"), &[]);
        command.env("BUCKETDROP_HOME", home).env("LC_ALL", locale);
        let ran = command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").output().unwrap();
        let said = text(&ran.stderr);
        assert_eq!((ran.status.code(), said.lines().count()), (Some(1), 1), "{said}");
        assert!(said.contains(words) && said.contains(arg(home)) && !said.contains("os error"), "{said}");
    }
}
