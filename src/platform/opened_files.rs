//! Downloads that were opened rather than kept: each in a folder of its own in the cache, which nobody clears but us.

use std::collections::HashSet;
use std::fs::{self, File, Metadata, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use walkdir::WalkDir;

/// What nobody has used for so long is removed.
const KEPT_FOR: Duration = Duration::from_hours(7 * 24);
/// Length of the folders' names, which are ids in hexadecimal.
const NAME_LENGTH: usize = 32;

/// Removes what was opened from here and not used for a week. What a program still has open or locked stays, and so
/// does everything that is not one of our folders. Blocks on the disk; what cannot be removed is logged and stays.
pub fn remove_old_opened(folder: &Path) {
    match remove_unused(folder, SystemTime::now()) {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "removed opened downloads that nobody has used for a week"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(%error, "cannot look through the opened downloads"),
    }
}

fn remove_unused(folder: &Path, now: SystemTime) -> io::Result<usize> {
    let mut unused = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_ours = entry.file_type()?.is_dir() && is_our_name(&entry.file_name().to_string_lossy());
        if is_ours && last_used(&entry.path()).is_some_and(|used| is_over(used, now)) {
            unused.push(entry.path());
        }
    }
    if unused.is_empty() {
        return Ok(0);
    }
    let open = open_files();
    unused.retain(|path| !is_in_use(path, &open));
    let mut removed = 0;
    for path in unused {
        // Links are removed, not followed.
        match fs::remove_dir_all(&path) {
            Ok(()) => removed += 1,
            Err(error) => tracing::info!(%error, "an opened download stays"),
        }
    }
    Ok(removed)
}

fn is_our_name(name: &str) -> bool {
    name.len() == NAME_LENGTH && name.chars().all(|c| c.is_ascii_hexdigit())
}

/// A time in the future is no reason to remove anything.
fn is_over(used: SystemTime, now: SystemTime) -> bool {
    now.duration_since(used).is_ok_and(|since| since > KEPT_FOR)
}

/// The latest that anything in a folder was written or, where the system notes it, read; `None` if that is not known.
fn last_used(folder: &Path) -> Option<SystemTime> {
    let mut latest = None;
    for entry in WalkDir::new(folder).follow_links(false) {
        let entry = entry.ok()?;
        latest = latest.max(Some(used(&entry.metadata().ok()?)?));
    }
    latest
}

fn used(metadata: &Metadata) -> Option<SystemTime> {
    let written = metadata.modified().ok()?;
    // Looking through a folder counts as reading it, for some systems.
    let read = metadata.accessed().ok().filter(|_| metadata.is_file());
    Some(read.map_or(written, |read| read.max(written)))
}

/// Whether a program has a file of this folder open, or has locked one.
fn is_in_use(folder: &Path, open: &HashSet<PathBuf>) -> bool {
    let real = fs::canonicalize(folder).unwrap_or_else(|_error| folder.to_owned());
    if open.iter().any(|path| path.starts_with(&real)) {
        return true;
    }
    let files = WalkDir::new(folder).follow_links(false).into_iter().flatten().filter(|e| e.file_type().is_file());
    files.into_iter().any(|file| match File::open(file.path()).map(|file| file.try_lock()) {
        Ok(Err(TryLockError::WouldBlock)) => true,
        // Some file systems know no locks.
        Ok(Ok(()) | Err(TryLockError::Error(_))) => false,
        Err(_unreadable) => true,
    })
}

/// Every file that this user's programs have open, where the system tells. Elsewhere removing an open file does no
/// harm (macOS) or fails (Windows).
#[cfg(target_os = "linux")]
fn open_files() -> HashSet<PathBuf> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    // Processes of other users may not be looked into, and some end meanwhile.
    let handles = processes.filter_map(|process| fs::read_dir(process.path().join("fd")).ok()).flatten().flatten();
    handles.filter_map(|handle| fs::read_link(handle.path()).ok()).collect()
}

#[cfg(not(target_os = "linux"))]
fn open_files() -> HashSet<PathBuf> {
    HashSet::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    /// A folder of ours with a file that was used so many days ago.
    fn opened(root: &Path, name: &str, days: u32) -> PathBuf {
        let folder = root.join(format!("{name:0>32}"));
        let file = folder.join("sub/report.pdf");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "x").unwrap();
        set_age(&file, days);
        set_age(&folder.join("sub"), days);
        set_age(&folder, days);
        file
    }

    fn set_age(path: &Path, days: u32) {
        let then = SystemTime::now() - DAY * days;
        let times = fs::FileTimes::new().set_modified(then).set_accessed(then);
        File::open(path).unwrap().set_times(times).unwrap();
    }

    fn removed(root: &Path) -> usize {
        remove_unused(root, SystemTime::now()).unwrap()
    }

    #[test]
    fn only_what_is_old_goes() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path();
        let (old, young) = (opened(root, "a1", 8), opened(root, "a2", 6));
        let read_today = opened(root, "a3", 30);
        let times = fs::FileTimes::new().set_accessed(SystemTime::now());
        File::open(&read_today).unwrap().set_times(times).unwrap();
        let from_tomorrow = opened(root, "a4", 30);
        let times = fs::FileTimes::new().set_modified(SystemTime::now() + DAY);
        File::open(&from_tomorrow).unwrap().set_times(times).unwrap();
        assert_eq!(removed(root), 1);
        assert!(!old.exists() && young.exists() && read_today.exists() && from_tomorrow.exists());
        assert_eq!(removed(&root.join(format!("{:0>32}", "a2"))), 0);
        remove_old_opened(&root.join("not there"));
    }

    #[test]
    fn what_is_not_ours_stays() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path();
        let theirs = root.join("my notes");
        fs::create_dir(&theirs).unwrap();
        fs::write(root.join("loose.txt"), "x").unwrap();
        set_age(&root.join("loose.txt"), 100);
        set_age(&theirs, 100);
        assert_eq!(removed(root), 0);
        assert!(theirs.exists() && root.join("loose.txt").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let temp = tempfile::tempdir().unwrap();
        let (root, outside) = (temp.path().join("opened"), temp.path().join("outside"));
        fs::create_dir_all(&root).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("kept.txt"), "kept").unwrap();
        let file = opened(&root, "b1", 9);
        let folder = root.join(format!("{:0>32}", "b1"));
        std::os::unix::fs::symlink(&outside, folder.join("link")).unwrap();
        set_age(&folder, 9);
        std::os::unix::fs::symlink(&outside, root.join(format!("{:0>32}", "b2"))).unwrap();
        // The link itself is as young as it is.
        assert_eq!(remove_unused(&root, SystemTime::now() + DAY * 8).unwrap(), 1);
        assert!(!file.exists());
        assert_eq!(fs::read_to_string(outside.join("kept.txt")).unwrap(), "kept");
    }

    #[test]
    fn what_is_locked_or_open_stays() {
        let temp = tempfile::tempdir().unwrap();
        let locked = opened(temp.path(), "c1", 9);
        let lock = File::open(&locked).unwrap();
        lock.lock().unwrap();
        assert_eq!(removed(temp.path()), 0);
        lock.unlock().unwrap();
        // Still open, which only Linux tells.
        assert_eq!(removed(temp.path()), usize::from(!cfg!(target_os = "linux")));
        drop(lock);
        assert_eq!(removed(temp.path()), usize::from(cfg!(target_os = "linux")));
        assert!(!locked.exists());
    }
}
