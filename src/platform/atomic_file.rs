//! Files that are whole or not there: written beside their place, made durable, then moved over it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Replaces `path` by `contents` with mode 0600. After an error the old file is untouched and no part is left.
pub(super) fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    // A settings file that is a link to somewhere stays one.
    let path = fs::canonicalize(path).unwrap_or_else(|_error| path.to_path_buf());
    let temporary = temporary_beside(&path);
    let written = write_whole(&temporary, contents).and_then(|()| fs::rename(&temporary, &path));
    if written.is_err() {
        // The first error is the one to tell; a left-over part is only untidy.
        fs::remove_file(&temporary).ok();
        return written;
    }
    sync_parent(&path)
}

fn write_whole(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut file = create_new_private(path)?;
    file.write_all(contents)?;
    file.sync_all()
}

/// Makes a file that was not there, readable by the user alone.
pub(super) fn create_new_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// A hidden name in the same folder, so that the final rename stays on one file system.
pub(super) fn temporary_beside(path: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    // Not made from the target's name: that may already be as long as names can be.
    path.with_file_name(format!(".bucketdrop-{}-{number}.part", std::process::id()))
}

/// Makes the name itself durable: on Unix a rename is only safe once its folder is on disk.
pub(super) fn sync_parent(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(parent) = path.parent() {
        return File::open(parent)?.sync_all();
    }
    #[cfg(not(unix))]
    let _unused = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn replaces_privately_and_keeps_links() {
        use std::os::unix::fs::PermissionsExt as _;
        let temp = tempfile::tempdir().unwrap();
        let real = temp.path().join("real.toml");
        let link = temp.path().join("link.toml");
        replace(&real, b"one").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        replace(&link, b"two").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"two");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 2, "no part is left");
    }

    #[test]
    fn a_missing_folder_leaves_nothing() {
        let temp = tempfile::tempdir().unwrap();
        assert!(replace(&temp.path().join("no/settings.toml"), b"x").is_err());
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_failed_replace_keeps_the_old_file() {
        let temp = tempfile::tempdir().unwrap();
        // A non-empty folder under the final name makes the rename fail after the part was written.
        let target = temp.path().join("settings.toml");
        fs::create_dir(&target).unwrap();
        fs::write(target.join("inner"), "kept").unwrap();
        assert!(replace(&target, b"x").is_err());
        assert_eq!(fs::read(target.join("inner")).unwrap(), b"kept");
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 1, "no part is left");
    }
}
