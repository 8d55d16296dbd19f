//! Where the journal lies: another process has it, a newer program wrote it, folders that cannot be written, a disk
//! that is really full.

use std::path::Path;

use super::super::{Change, JournalError, JournalHealth};
use super::model::{State, batch, changes, folder, job};
use super::{Opened, Place, config, state_in, try_open, wait, write};
use crate::model::FailureKind;

fn refusal(path: &Path) -> JournalError {
    try_open(config(path).0).err().expect("a refusal")
}

#[test]
fn a_newer_journal_is_refused_and_not_a_byte_of_it_changes() {
    let place = Place::new();
    let Opened { journal, .. } = place.open();
    wait(journal.commit(batch(1)));
    // As a newer program that was killed would leave it: with a log.
    let newer = place.copy();
    let conn = rusqlite::Connection::open(newer.path()).unwrap();
    conn.execute_batch("PRAGMA user_version = 2; CREATE TABLE more (id);").unwrap();
    let killed = newer.copy();
    drop(conn);
    for place in [&newer, &killed] {
        let before: Vec<_> =
            place.files().iter().map(|name| std::fs::read(place.folder().join(name)).unwrap()).collect();
        let (files, error) = (place.files(), refusal(&place.path()));
        assert!(matches!(error, JournalError::Newer { version: 2, known: 1, .. }), "{error:?}");
        assert_eq!(error.to_failure().kind, FailureKind::JournalNewer);
        // Shared memory of the other connection is no part of the journal.
        let after: Vec<_> =
            place.files().iter().map(|name| std::fs::read(place.folder().join(name)).unwrap()).collect();
        assert_eq!((place.files(), after), (files, before));
    }
    wait(journal.close());
}

#[test]
fn a_second_one_is_told_that_the_journal_is_in_use() {
    let place = Place::new();
    let Opened { journal, .. } = place.open();
    let error = refusal(&place.path());
    assert!(matches!(error, JournalError::InUse { .. }), "{error:?}");
    assert_eq!(error.to_failure().kind, FailureKind::JournalInUse);
    // The first one does not mind, and the lock goes with it.
    wait(journal.commit(batch(1)));
    wait(journal.close());
    assert_eq!(state_in(&place).batches.len(), 1);
}

/// Whether this process has a lock on a file; SQLite itself would not ask the system about its own. The system's list is
/// of all processes and all file systems, which number their files alike. It is read in pieces, and a line is missed where
/// others vanish meanwhile: so one that shows is there, and one that does not is looked for again.
#[cfg(target_os = "linux")]
fn is_locked(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (process, inode) = (std::process::id().to_string(), std::fs::metadata(path).unwrap().ino().to_string());
    let is_ours = |lock: &str| {
        let mut words = lock.split_whitespace();
        words.nth(4) == Some(&process) && words.next().and_then(|file| file.rsplit(':').next()) == Some(&inode)
    };
    (0..50).any(|_look| std::fs::read_to_string("/proc/locks").unwrap().lines().any(is_ours))
}

#[cfg(target_os = "linux")]
#[test]
fn other_processes_are_kept_out_while_the_log_is_moved_and_afterwards() {
    let place = Place::new();
    let Opened { journal, restored } = place.open();
    drop(restored);
    assert!(is_locked(&place.path()));
    wait(journal.commit(batch(1)));
    for block in 0..30 {
        let first = 1 + block * 5_000;
        wait(journal.commit(Change::Jobs((first..first + 5_000).map(|id| job(id, 1, 1)).collect())));
        // The thread may be moving the log just now.
        assert!(is_locked(&place.path()), "after {block} blocks");
    }
    super::moved(&journal);
    assert!(place.files().contains(&"queue.db-sums".to_owned()), "the log was not moved: {:?}", place.files());
    assert!(is_locked(&place.path()));
    wait(journal.close());
    assert!(!is_locked(&place.path()));
}

#[test]
fn a_folder_that_is_missing_or_in_the_way_is_told() {
    let place = Place::new();
    let error = refusal(&place.folder().join("missing/queue.db"));
    assert!(matches!(error, JournalError::Io { .. }), "{error:?}");
    std::fs::create_dir(place.path()).unwrap();
    let error = refusal(&place.path());
    assert!(matches!(error, JournalError::Io { .. }), "{error:?}");
    assert!(place.path().is_dir(), "it is not touched");
}

/// A file system of its own while it lives; needs to be root.
#[cfg(target_os = "linux")]
struct Mount(Place);

#[cfg(target_os = "linux")]
impl Mount {
    fn tmpfs(kib: u32) -> Self {
        let place = Place::new();
        let size = format!("size={kib}k,mode=0700");
        assert!(run("mount", &["-t", "tmpfs", "-o", &size, "bucketdrop-test"], place.folder()), "no right to mount");
        Self(place)
    }

    fn set_read_only(&self) {
        assert!(run("mount", &["-o", "remount,ro"], self.0.folder()));
    }
}

#[cfg(target_os = "linux")]
impl Drop for Mount {
    fn drop(&mut self) {
        run("umount", &["-l"], self.0.folder());
    }
}

#[cfg(target_os = "linux")]
fn run(program: &str, arguments: &[&str], folder: &Path) -> bool {
    let output = std::process::Command::new(program).args(arguments).arg(folder).output();
    output.is_ok_and(|output| output.status.success())
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "mounts a small disk; tests/run starts it where that is allowed"]
fn a_read_only_file_system_is_refused_and_untouched() {
    let mount = Mount::tmpfs(1024);
    let place = &mount.0;
    write(place, &changes(1, 50));
    let before = std::fs::read(place.path()).unwrap();
    mount.set_read_only();
    let error = refusal(&place.path());
    assert!(matches!(error, JournalError::ReadOnly { .. }), "{error:?}");
    let missing = refusal(&place.folder().join("other.db"));
    assert!(matches!(missing, JournalError::ReadOnly { .. }), "{missing:?}");
    assert_eq!(place.files(), ["queue.db", "queue.db-sums"]);
    assert!(std::fs::read(place.path()).unwrap() == before, "not a byte has changed");
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "mounts a small disk; tests/run starts it where that is allowed"]
fn a_disk_that_is_really_full_stops_nothing_for_good() {
    let mount = Mount::tmpfs(1024);
    let place = &mount.0;
    let Opened { journal, .. } = place.open();
    let all = changes(21, 100);
    wait(async {
        for change in &all {
            journal.commit(change.clone()).await;
        }
        // Somebody else fills the disk to the last byte.
        let filler = place.folder().join("filler");
        fill(&filler);
        let more: Vec<Change> =
            (0..40).map(|n| Change::Jobs((0..100).map(|i| job(1_000 + n * 100 + i, 1, 1)).collect())).collect();
        for change in &more {
            journal.note(change.clone());
        }
        let last = journal.commit(folder(9));
        let mut health = journal.health();
        let stalled = health.wait_for(|health| *health != JournalHealth::Writing).await.unwrap().clone();
        assert!(matches!(&stalled, JournalHealth::Stalled(why) if why.kind == FailureKind::JournalFull), "{stalled:?}");
        std::fs::remove_file(&filler).unwrap();
        last.await;
        assert_eq!(*journal.health().borrow(), JournalHealth::Writing);
        journal.close().await;
        let expected: Vec<Change> = all.iter().chain(&more).cloned().collect();
        assert_eq!(state_in(place).shown(), State::after(&expected).shown());
    });
}

#[cfg(target_os = "linux")]
fn fill(path: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(path).unwrap();
    for block in [4096, 1] {
        while file.write_all(&vec![7; block]).is_ok() {}
    }
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "mounts a small disk; tests/run starts it where that is allowed"]
fn a_full_disk_at_the_start_is_told_and_harms_nothing() {
    let mount = Mount::tmpfs(256);
    let filler = mount.0.folder().join("filler");
    fill(&filler);
    let error = refusal(&mount.0.path());
    assert!(matches!(error, JournalError::Full { .. }), "{error:?}");
    assert_eq!(error.to_failure().kind, FailureKind::JournalFull);
    std::fs::remove_file(&filler).unwrap();
    assert_eq!(state_in(&mount.0), State::default());
}
