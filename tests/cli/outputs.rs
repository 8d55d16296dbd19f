//! Where results cannot be written: uploads go on, lists end, and both say why.

use super::*;

/// Files that are told of before the last one is let through.
const FILES: usize = 30;

fn folder(world: &World) -> PathBuf {
    for number in 0..FILES {
        world.file(&format!("src/{number:02}.txt"), b"content");
    }
    world.folder.path().join("src")
}

fn stored(world: &World) -> usize {
    let listed = world.runtime.block_on(world.client().list_objects_v2().bucket(BUCKET).send()).unwrap();
    listed.contents().len()
}

#[test]
fn an_upload_goes_on_when_its_reader_leaves() {
    let world = World::new();
    let source = folder(&world);
    world.plan.add(Fault::on("PutObject", Action::Hold).key("src/29.txt"));
    let mut child = world.command(&["upload", arg(&source), "s3://cli-bucket"]).spawn().unwrap();
    let mut first = String::new();
    let mut reader = BufReader::with_capacity(16, child.stdout.take().unwrap());
    reader.read_line(&mut first).unwrap();
    assert!(first.contains("/src/"), "{first}");
    drop(reader);
    let held = world.plan.wait_until(|log| log.iter().any(|request| request.key.as_deref() == Some("src/29.txt")));
    assert!(world.runtime.block_on(async { tokio::time::timeout(PATIENCE, held).await }).is_ok());
    world.plan.release();
    assert_eq!(wait(&mut child), Some(1));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(stored(&world), FILES, "{said}");
    assert_eq!(said.matches("nobody reads it any more").count(), 1, "{said}");
    assert!(said.contains("30 done"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_takes_the_links_and_not_the_upload() {
    let world = World::new();
    let source = folder(&world);
    for form in [&["upload"][..], &["--json", "upload"]] {
        let to_nowhere = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let arguments = [form, &["--on-conflict", "overwrite", arg(&source), "s3://cli-bucket"]].concat();
        let ran = world.command(&arguments).stdout(to_nowhere).output().unwrap();
        let said = text(&ran.stderr);
        assert_eq!((ran.status.code(), stored(&world)), (Some(1), FILES), "{said}");
        assert_eq!(said.matches("the disk that it goes to is full").count(), 1, "{said}");
    }
    let to_nowhere = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let ran = world.command(&["list", "s3://cli-bucket"]).stdout(to_nowhere).output().unwrap();
    assert_eq!(ran.status.code(), Some(1));
    assert_eq!(text(&ran.stderr), "error: cannot write the output: the disk that it goes to is full\n");
}
