//! Tests of reading sources.

use super::*;
use std::io::Write as _;

fn file_with(content: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bin");
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

#[test]
fn reads_exactly_the_range() {
    let (_folder, path) = file_with(b"0123456789");
    let source = SourceFile::open(&path).unwrap();
    let mut buffer = [0; 4];
    source.read_exact(&mut buffer, 3).unwrap();
    assert_eq!(&buffer, b"3456");
    source.read_exact(&mut [], 10).unwrap();
}

#[test]
fn growing_and_shrinking_files_are_noticed() {
    let (_folder, path) = file_with(b"0123456789");
    let source = SourceFile::open(&path).unwrap();
    std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"x").unwrap();
    assert_eq!(source.read_exact(&mut [0; 4], 0).unwrap_err().kind, FailureKind::SourceChanged);
    let source = SourceFile::open(&path).unwrap();
    std::fs::File::create(&path).unwrap();
    assert_eq!(source.read_exact(&mut [0; 4], 0).unwrap_err().kind, FailureKind::SourceChanged);
}

#[test]
fn content_where_the_system_says_that_there_is_none_is_no_change() {
    let (_folder, path) = file_with(b"0123456789");
    let mut source = SourceFile::open(&path).unwrap();
    source.read_hashed(&mut [0; 10], 0).unwrap();
    let told = source.stamp.size_bytes;
    // As if the system had told another size, and still did.
    for (size_bytes, buffer) in [(4, vec![0; 4]), (0, vec![])] {
        source.stamp.size_bytes = size_bytes;
        let read = source.read_range(source.file().unwrap(), &mut buffer.clone(), 0).unwrap();
        assert_eq!(read, Beyond::More, "{size_bytes} of {told}");
    }
    source.stamp.size_bytes = 12;
    assert_eq!(
        source.read_range(source.file().unwrap(), &mut [0; 12], 0).unwrap_err().kind(),
        ErrorKind::UnexpectedEof
    );
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_are_made_up_as_they_are_read_are_refused() {
    let source = SourceFile::open(Path::new("/proc/self/status")).unwrap();
    assert_eq!(source.size_bytes(), 0);
    let failure = source.read_hashed(&mut [], 0).unwrap_err();
    assert_eq!((failure.kind, failure.retryable), (FailureKind::SourceSizeWrong, false));
    // Says 4,096 bytes, and has a few.
    let path = Path::new("/sys/kernel/mm/transparent_hugepage/enabled");
    let Ok(source) = SourceFile::open(path) else { return };
    let mut buffer = vec![0; usize::try_from(source.size_bytes()).unwrap()];
    assert_eq!(source.read_hashed(&mut buffer, 0).unwrap_err().kind, FailureKind::SourceSizeWrong);
}

#[cfg(unix)]
#[test]
fn a_pipe_that_takes_a_files_place_between_look_and_opening_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let (sender, opened) = std::sync::mpsc::channel();
    // On a thread of its own: one that waited for the pipe's other end would never come back.
    let open = move || sender.send(SourceFile::open_looked_at(&path).map(drop));
    std::thread::Builder::new().name("opens".to_owned()).spawn(open).unwrap();
    let opened = opened.recv_timeout(std::time::Duration::from_mins(1)).expect("opening it waits for its other end");
    assert_eq!(opened.unwrap_err().kind, FailureKind::SourceNotAFile);
}

#[test]
fn a_removed_file_is_read_from_its_open_handle() {
    let (_folder, path) = file_with(b"0123456789");
    let source = SourceFile::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(source.read_exact(&mut [0; 10], 0).is_ok());
    assert_eq!(SourceFile::open(&path).unwrap_err().kind, FailureKind::SourceMissing);
}

#[cfg(unix)]
#[test]
fn what_the_system_says_is_told_apart() {
    use rustix::io::Errno;
    let (_folder, there) = file_with(b"x");
    let gone = Path::new("/nonexistent/stick/file");
    for (path, errno, kind) in [
        (gone, Errno::NODEV, FailureKind::SourceAway),
        (gone, Errno::STALE, FailureKind::SourceAway),
        (gone, Errno::NOTCONN, FailureKind::SourceAway),
        (gone, Errno::IO, FailureKind::SourceAway),
        (&*there, Errno::IO, FailureKind::SourceUnreadable),
        (&*there, Errno::ACCESS, FailureKind::SourceUnreadable),
        (&*there, Errno::MFILE, FailureKind::OutOfHandles),
        (&*there, Errno::NFILE, FailureKind::OutOfHandles),
        (&*there, Errno::NOMEM, FailureKind::OutOfHandles),
        (gone, Errno::NOENT, FailureKind::SourceMissing),
    ] {
        assert_eq!(refused(path, &errno.into()).kind, kind, "{errno:?}");
    }
}

#[test]
fn a_file_that_was_deleted_is_not_away() {
    let (folder, path) = file_with(b"x");
    let devices = Devices::default();
    devices.open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(devices.open(&path).unwrap_err().kind, FailureKind::SourceMissing);
    let root = folder.path().to_owned();
    drop(folder);
    assert_eq!(devices.open(&path).unwrap_err().kind, FailureKind::SourceMissing, "its folder, too");
    // What stood on another device that is not mounted there any more.
    devices.mounts().note(&path, Some(&root), u64::MAX);
    assert_eq!(devices.open(&path).unwrap_err().kind, FailureKind::SourceAway);
}

#[cfg(unix)]
#[test]
fn a_file_that_was_deleted_from_a_stick_that_has_come_back_is_not_away() {
    let (folder, path) = file_with(b"x");
    let devices = Devices::default();
    // As it was when the stick had another number.
    devices.mounts().note(&path, Some(folder.path()), u64::MAX);
    let other = folder.path().join("other");
    assert_eq!(devices.open(&other).unwrap_err().kind, FailureKind::SourceAway);
    devices.open(&path).unwrap();
    assert_eq!(devices.open(&other).unwrap_err().kind, FailureKind::SourceMissing);
}

#[test]
fn a_device_is_looked_for_once() {
    let mut mounts = Mounts::default();
    let file = Path::new("/media/stick/folder/file");
    mounts.note(file, Some(Path::new("/")), 1);
    assert!(mounts.knows(file, 1) && mounts.knows(Path::new("/home/file"), 1), "the root's device, too");
    mounts.note(file, Some(Path::new("/media/stick")), 2);
    assert!(mounts.knows(Path::new("/media/stick/other"), 2) && !mounts.knows(file, 1));
    assert!(mounts.knows(Path::new("/home/file"), 1));
    mounts.note(file, Some(Path::new("/media/stick")), 3);
    assert!(mounts.knows(file, 3) && !mounts.knows(file, 2), "one device is mounted at a place");
    mounts.note(Path::new("/over/lay"), None, 4);
    assert!(mounts.knows(Path::new("/over/other"), 4), "a device that no folder is on");
}

#[test]
fn folders_and_links_are_no_files() {
    let folder = tempfile::tempdir().unwrap();
    let failure = SourceFile::open(folder.path()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::SourceNotAFile);
    assert!(failure.args.contains(&("folder", "yes".to_owned())), "{failure:?}");
    #[cfg(unix)]
    {
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/etc/hostname", &link).unwrap();
        assert_eq!(SourceFile::open(&link).unwrap_err().kind, FailureKind::SourceNotAFile);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_is_open_is_waited_for() {
    let (_folder, path) = file_with(b"0123456789");
    let source = SourceFile::open(&path).unwrap();
    let flags = rustix::fs::fcntl_getfl(source.file().unwrap()).unwrap();
    assert!(!flags.contains(rustix::fs::OFlags::NONBLOCK), "{flags:?}");
}
