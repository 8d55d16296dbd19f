//! What a script relies on: the last line, exit statuses, addresses that lead nowhere, both languages.

use super::*;

#[test]
fn the_sum_comes_last_even_if_nothing_could_begin() {
    let world = World::new();
    let file = world.file("a.txt", b"a");
    // Refused as a whole, in the middle.
    let refused = || {
        let mut command = world.command(&["--json", "upload", arg(&file), "s3://cli-bucket"]);
        command.env("AWS_SECRET_ACCESS_KEY", "not-the-secret");
        command
    };
    // No connection at all.
    let no_profile = || world.command(&["--json", "--profile", "nobody", "upload", arg(&file), "s3://cli-bucket"]);
    let no_download = || world.command(&["--json", "--profile", "nobody", "download", "s3://cli-bucket/a", "/tmp/x"]);
    for ran in [refused().output(), no_profile().output(), no_download().output()] {
        let ran = ran.unwrap();
        assert_eq!(ran.status.code(), Some(1), "{ran:?}");
        let told = lines(&ran);
        let events: Vec<_> = told.iter().map(|line| line["event"].as_str().unwrap()).collect();
        assert_eq!(events, ["failed", "finished"], "{ran:?}");
        assert_eq!((&told[1]["uploaded"], &told[1]["failed"]), (&0.into(), &1.into()));
    }
}

#[test]
fn the_sum_comes_after_the_receipt() {
    let world = World::new();
    let (file, receipt) = (world.file("a.txt", b"a"), world.folder.path().join("receipt.json"));
    let ran = world.run(&["--json", "upload", "--receipt", arg(&receipt), arg(&file), "s3://cli-bucket"]);
    let told = lines(&ran);
    let events: Vec<_> = told.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!((ran.status.code(), events), (Some(0), vec!["done", "receipt", "finished"]));
}

#[test]
fn an_object_is_listed_by_its_address_and_a_wrong_address_is_told() {
    let world = World::new();
    world.put("docs/report.pdf");
    world.put("empty/");
    let ran = world.run(&["--json", "list", "s3://cli-bucket/docs/report.pdf"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let told = lines(&ran);
    assert_eq!((told.len(), &told[0]["event"], &told[0]["key"]), (1, &"object".into(), &"docs/report.pdf".into()));
    assert_eq!(told[0]["bytes"], 1);
    assert!(told[0]["modified"].is_string() && told[0]["etag"].is_string(), "{told:?}");
    for folder in ["s3://cli-bucket/docs", "s3://cli-bucket/docs/"] {
        assert_eq!(text(&world.run(&["list", folder]).stdout).lines().count(), 1, "{folder}");
    }
    for empty in ["s3://cli-bucket/empty", "s3://cli-bucket/empty/"] {
        let ran = world.run(&["--json", "list", empty]);
        assert_eq!(ran.status.code(), Some(0), "an empty folder is no failure: {ran:?}");
    }
    for missing in ["docs/nothing.pdf", "nothing/"] {
        for recursive in [&[][..], &["--recursive"]] {
            let ran = world.run(&[&["--json", "list", &format!("s3://cli-bucket/{missing}")], recursive].concat());
            let told = lines(&ran);
            assert_eq!(
                (ran.status.code(), told.len(), &told[0]["kind"]),
                (Some(1), 1, &"no-such-key".into()),
                "{ran:?}"
            );
            assert_eq!(told[0]["key"], missing);
        }
    }
    let ran = world.run(&["list", "s3://cli-bucket/docs/nothing.pdf"]);
    assert!(text(&ran.stderr).contains("docs/nothing.pdf"), "{ran:?}");
    // A bucket without any object is as it should be.
    let bucket = world.client();
    world.runtime.block_on(bucket.create_bucket().bucket("empty-bucket").send()).unwrap();
    let ran = world.run(&["list", "s3://empty-bucket"]);
    assert_eq!((ran.status.code(), ran.stdout.len(), ran.stderr.len()), (Some(0), 0, 0), "{ran:?}");
}

#[test]
fn a_file_whose_key_another_file_gets_is_a_failure() {
    let world = World::new();
    let (one, other) = (world.file("1/x.txt", b"one"), world.file("2/x.txt", b"other"));
    let ran = world.run(&["--json", "upload", arg(&one), arg(&other), "s3://cli-bucket"]);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    let told = lines(&ran);
    let failed = told.iter().find(|line| line["event"] == "failed").unwrap();
    assert_eq!((&failed["kind"], &failed["path"]), (&"source-same-key".into(), &arg(&other).into()), "{told:?}");
    assert_eq!(told.last().unwrap()["failed"], 1);
}

#[test]
fn keys_that_expire_are_read_anew() {
    let world = World::new();
    let file = world.file("a.txt", b"a");
    let expired = || Fault::on("PutObject", Action::error(400, "ExpiredToken"));
    world.plan.add(expired().times(2));
    let ran = world.run(&["--json", "upload", arg(&file), "s3://cli-bucket"]);
    assert_eq!((ran.status.code(), &lines(&ran)[0]["event"]), (Some(0), &"done".into()), "{ran:?}");
    assert!(text(&ran.stderr).contains("The keys have expired: they are read anew"), "{ran:?}");
    // Keys that nobody renews end it, and what waits is kept.
    world.plan.add(expired());
    let other = world.file("b.txt", b"b");
    let ran = world.run(&["--json", "upload", arg(&other), "s3://cli-bucket"]);
    let told = lines(&ran);
    assert_eq!((ran.status.code(), &told[0]["kind"]), (Some(1), &"expired-token".into()), "{ran:?}");
    assert!(text(&ran.stderr).contains("`bucketdrop-cli resume` goes on with it"), "{ran:?}");
}

#[test]
fn a_receipt_is_checked_through_its_own_connection() {
    let world = World::new();
    let (file, receipt) = (world.file("a.txt", b"a"), world.folder.path().join("receipt.csv"));
    let receipt = arg(&receipt);
    let ran = world.run(&["--connection", "local", "upload", "--receipt", receipt, arg(&file), "s3://my-files/"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let sum = |arguments: &[&str]| {
        let ran = world.run(&[&["--json", "verify-receipt", receipt], arguments].concat());
        let last = lines(&ran).pop().unwrap();
        let count = |name: &str| last[name].as_u64().unwrap();
        (ran.status.code(), count("same"), count("gone"), count("unknown"))
    };
    assert_eq!(sum(&[]), (Some(0), 1, 0, 0));
    // Through another one there is not even such a bucket, which says nothing of the object.
    assert_eq!(sum(&["--connection", "aws"]), (Some(1), 0, 0, 1));
    // What options had described goes through today's chain.
    let ran = world.run(&["--region", "us-east-1", "upload", "--receipt", receipt, arg(&file), "s3://cli-bucket/"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    assert_eq!(sum(&[]), (Some(0), 1, 0, 0));
}

#[test]
fn without_a_keychain_links_to_this_computer_are_not_praised() {
    let world = World::new();
    let file = world.file("a.txt", b"a");
    let ran = world.run(&["--quiet", "--connection", "local", "upload", arg(&file), "s3://my-files/"]);
    assert_eq!((ran.status.code(), text(&ran.stderr)), (Some(0), String::new()), "it is no result");
    let ran = world.run(&["--connection", "local", "upload", arg(&world.file("b.txt", b"b")), "s3://my-files/"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let said = text(&ran.stderr);
    assert!(said.contains("These links do not open") && said.contains("bucketdrop-cli serve"), "{said}");
    // Beside a storage that stays, they do.
    let mut serving = world.command(&["--json", "serve"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(serving.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ran = world.run(&["--connection", "local", "link", "--no-check", "s3://my-files/a.txt"]);
    assert!(text(&ran.stderr).contains("open while the Bucketdrop runs that serves this storage"), "{ran:?}");
    assert_eq!(get(text(&ran.stdout).trim()), (200, b"a".to_vec()));
    interrupt(&serving);
    assert_eq!(wait(&mut serving), Some(130));
}

#[test]
fn the_command_line_speaks_korean() {
    let world = World::new();
    let file = world.file("a.txt", b"a");
    world.file("home/settings.toml", b"[window]\nlanguage = \"ko\"\n");
    let ran = world.run(&["upload", arg(&file), "s3://cli-bucket"]);
    let said = text(&ran.stderr);
    assert!(said.starts_with("완료 1개(1 B), 제외 0개, 실패 0개, ") && said.ends_with("초\n"), "{said}");
    let ran = world.run(&["remove", "s3://cli-bucket/a.txt"]);
    assert_eq!((ran.status.code(), text(&ran.stdout)), (Some(2), "s3://cli-bucket: 객체 1개, 1 B\n".to_owned()));
    assert_eq!(text(&ran.stderr), "오류: 아무것도 삭제하지 않았습니다. 삭제하려면 --yes를 붙이세요\n");
    let ran = world.run(&["resume"]);
    assert_eq!(text(&ran.stderr), "이어서 할 업로드가 없습니다. 모두 끝났습니다.\n");
}

#[test]
fn a_reader_that_does_not_read_holds_no_end_up() {
    let world = World::new();
    for number in 0..300 {
        world.put(&format!("{number:04}{}", "x".repeat(800)));
    }
    let mut child = world.command(&["list", "s3://cli-bucket"]).spawn().unwrap();
    let mut first = [0; 1];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    let sent = Instant::now();
    signal(&child, "-TERM");
    assert_eq!(wait(&mut child), Some(143));
    assert!(sent.elapsed() < LEAVES_WITHIN, "{:?}", sent.elapsed());
}

#[test]
fn a_folder_that_is_not_there_is_told_by_every_command() {
    let world = World::new();
    world.put("empty/");
    let down = world.folder.path().join("down");
    let down = arg(&down);
    for arguments in [
        &["download", "s3://cli-bucket/nothing/", down][..],
        &["remove", "--yes", "s3://cli-bucket/nothing/"],
        &["list", "s3://cli-bucket/nothing/"],
    ] {
        let ran = world.run(&[&["--json"], arguments].concat());
        let told = lines(&ran);
        let kind = (&told[0]["event"], &told[0]["kind"], &told[0]["key"]);
        assert_eq!(kind, (&"failed".into(), &"no-such-key".into(), &"nothing/".into()), "{ran:?}");
        assert_eq!(ran.status.code(), Some(1), "{arguments:?}");
        assert!(arguments[0] != "download" || told.last().unwrap()["failed"] == 1, "{told:?}");
    }
    let ran = world.run(&["download", "s3://cli-bucket/empty/", down]);
    assert_eq!(ran.status.code(), Some(0), "it is there, and empty: {ran:?}");
}

#[test]
fn remarks_that_nobody_reads_stop_nothing() {
    let world = World::new();
    world.plan.add(Fault::on("PutObject", Action::Hold));
    let file = world.file("a.txt", b"a");
    let mut child = world.command(&["upload", arg(&file), "s3://cli-bucket"]).spawn().unwrap();
    world.wait_for("PutObject");
    drop(child.stderr.take());
    world.plan.release();
    assert_eq!(wait(&mut child), Some(0));
}
