//! What is stored is told, with its link: at least once, also by a command that is killed before it could.

use std::collections::BTreeSet;

use bucketdrop::local_storage::faults::RequestEnd;

use super::*;

/// With their names they fill the pipe to whoever reads, and what is buffered before it.
const FILES: usize = 400;

fn links(out: &str) -> BTreeSet<String> {
    // The last one may have been cut off.
    let whole = out.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    whole.filter_map(|line| Some(line.trim_end().rsplit_once('/')?.1.to_owned())).collect()
}

#[test]
fn what_is_stored_and_not_told_before_a_kill_is_told_by_resume() {
    let world = World::new();
    let name = |number: usize| format!("{number:04}{}", "x".repeat(230));
    for number in 0..FILES {
        world.file(&format!("in/{}", name(number)), b"x");
    }
    let folder = world.folder.path().join("in");
    // Nobody reads.
    let mut child = world.command(&["upload", arg(&folder), "s3://cli-bucket"]).spawn().unwrap();
    let seen = world.plan.wait_until(|log| {
        let is_stored = |operation: &str, end: RequestEnd| operation == "PutObject" && end == RequestEnd::Answered(200);
        log.iter().filter(|request| is_stored(request.operation, request.end)).count() >= FILES
    });
    let came = world.runtime.block_on(async { tokio::time::timeout(PATIENCE, seen).await });
    assert!(came.is_ok(), "not all files came");
    child.kill().unwrap();
    child.wait().unwrap();
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    let before = links(&out);
    assert!(before.len() < FILES, "the pipe took everything");
    let ran = world.run(&["resume"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let all: BTreeSet<String> = before.union(&links(&text(&ran.stdout))).cloned().collect();
    let wanted: BTreeSet<String> = (0..FILES).map(name).collect();
    assert!(all == wanted, "{} of {FILES} told", all.len());
    // Once is enough where nobody is killed.
    let ran = world.run(&["resume"]);
    assert_eq!((ran.status.code(), text(&ran.stdout)), (Some(0), String::new()), "{ran:?}");
    assert_eq!(text(&ran.stderr), "There is nothing to go on with: every upload has ended.\n");
}
