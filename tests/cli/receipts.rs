//! Where `--receipt` may write, and that it does so when an upload is cut short.

use super::*;

fn keys(world: &World) -> usize {
    let listed = world.runtime.block_on(world.client().list_objects_v2().bucket(BUCKET).send()).unwrap();
    listed.contents().len()
}

#[test]
fn a_receipt_replaces_nothing_but_a_receipt() {
    let world = World::new();
    let source = world.file("src/a", b"precious").parent().unwrap().to_owned();
    let foreign = world.file("mine.csv", b"also precious");
    let missing = world.folder.path().join("no/such/r.csv");
    for (receipt, status, said) in [
        (source.join("a"), 2, "is a file that is uploaded"),
        (source.join("new.csv"), 2, "in a folder that is"),
        (foreign.clone(), 2, "is no receipt of Bucketdrop"),
        (world.folder.path().join("src/.."), 2, "that is a folder"),
        (missing, 1, "cannot be written"),
    ] {
        let ran = world.run(&["upload", arg(&source), "s3://cli-bucket", "--receipt", arg(&receipt)]);
        assert_eq!((ran.status.code(), ran.stdout.len(), keys(&world)), (Some(status), 0, 0), "{ran:?}");
        assert!(text(&ran.stderr).contains(said), "{ran:?}");
    }
    assert_eq!(std::fs::read(source.join("a")).unwrap(), b"precious");
    assert_eq!(std::fs::read(&foreign).unwrap(), b"also precious");
    assert_eq!(std::fs::read_dir(&source).unwrap().count(), 1);
    for name in ["r.csv", "r.json", "r.csv"] {
        let receipt = world.folder.path().join(name);
        let to = ["s3://cli-bucket", "--on-conflict", "overwrite", "--receipt", arg(&receipt)];
        let ran = world.run(&[&["upload", arg(&source)], &to[..]].concat());
        assert_eq!(ran.status.code(), Some(0), "{ran:?}");
        assert!(std::fs::read_to_string(&receipt).unwrap().contains("src/a"));
    }
}

#[cfg(unix)]
#[test]
fn a_receipt_goes_to_standard_output_behind_the_links() {
    let world = World::new();
    let file = world.file("a.txt", b"a");
    let into = world.folder.path().join("out.txt");
    let out = std::fs::File::create(&into).unwrap();
    let ran = world
        .command(&["upload", arg(&file), "s3://cli-bucket", "--receipt", "/dev/stdout"])
        .stdout(out)
        .output()
        .unwrap();
    let told = std::fs::read_to_string(&into).unwrap();
    assert_eq!((ran.status.code(), told.lines().count()), (Some(0), 3), "{told}");
    assert!(told.starts_with("http") && told.contains("\n\u{feff}path,connection,"), "{told}");
    assert!(std::fs::symlink_metadata("/dev/stdout").unwrap().is_symlink());
}

#[test]
fn a_file_that_comes_during_the_upload_is_not_replaced() {
    let world = World::new();
    let (file, receipt) = (world.file("a.txt", b"a"), world.folder.path().join("r.csv"));
    world.plan.add(Fault::on("PutObject", Action::Hold));
    let child = world
        .command(&["--json", "upload", arg(&file), "s3://cli-bucket", "--receipt", arg(&receipt)])
        .spawn()
        .unwrap();
    world.wait_for("PutObject");
    std::fs::write(&receipt, b"precious").unwrap();
    world.plan.release();
    let ran = child.wait_with_output().unwrap();
    let (told, beside) = (lines(&ran), world.folder.path().join("r-2.csv"));
    let events: Vec<_> = told.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!((ran.status.code(), &events[..]), (Some(1), &["done", "failed", "receipt", "finished"][..]), "{ran:?}");
    assert_eq!((&told[1]["kind"], &told[1]["path"]), (&"receipt-place-taken".into(), &arg(&receipt).into()));
    assert_eq!((&told[2]["path"], &told[2]["rows"]), (&arg(&beside).into(), &1.into()));
    assert_eq!(std::fs::read(&receipt).unwrap(), b"precious");
    assert!(std::fs::read_to_string(&beside).unwrap().contains("a.txt"));
}

#[test]
fn an_upload_that_is_interrupted_leaves_a_receipt_of_what_is_stored() {
    let world = World::new();
    let folder = world.file("src/1.txt", b"one").parent().unwrap().to_owned();
    world.file("src/2.txt", b"two");
    let receipt = world.folder.path().join("r.json");
    world.plan.add(Fault::on("PutObject", Action::Hold).key("src/2.txt"));
    let mut child = world
        .command(&["upload", "--jobs", "1", arg(&folder), "s3://cli-bucket", "--receipt", arg(&receipt)])
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.ends_with("/src/1.txt\n"), "{first}");
    interrupt(&child);
    assert_eq!(wait(&mut child), Some(130));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("receipt of 1 object that was stored so far"), "{said}");
    let told: Value = serde_json::from_slice(&std::fs::read(&receipt).unwrap()).unwrap();
    assert_eq!((told["rows"].as_array().unwrap().len(), &told["rows"][0]["key"]), (1, &"src/1.txt".into()), "{told}");
    world.plan.release();
}
