//! Files that are whole or not there: written beside their place, made durable, then moved over it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
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

/// A file that takes its place only when it is whole. Dropped before that it leaves nothing.
#[derive(Debug)]
pub struct AtomicFile {
    file: Option<BufWriter<File>>,
    temporary: PathBuf,
    path: PathBuf,
}

impl AtomicFile {
    /// Begins a file, readable by the user alone. Blocks for as long as the disk does, as everything here.
    pub fn create(path: &Path) -> io::Result<Self> {
        let path = fs::canonicalize(path).unwrap_or_else(|_error| path.to_path_buf());
        let temporary = temporary_beside(&path);
        let file = Some(BufWriter::new(create_new_private(&temporary)?));
        Ok(Self { file, temporary, path })
    }

    /// Where it will stand.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes it durable and puts it into its place, over an older one.
    pub fn commit(self) -> io::Result<()> {
        self.commit_by(|temporary, path| fs::rename(temporary, path))
    }

    /// The same where nothing stands yet. What has come meanwhile is left alone: `AlreadyExists`, and nothing stays.
    pub fn commit_new(self) -> io::Result<()> {
        self.commit_by(place_new)
    }

    fn commit_by(mut self, place: impl FnOnce(&Path, &Path) -> io::Result<()>) -> io::Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let done = file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .and_then(|file| file.sync_all())
            .and_then(|()| place(&self.temporary, &self.path));
        if done.is_err() {
            // The first error is the one to tell; a left-over part is only untidy.
            fs::remove_file(&self.temporary).ok();
            return done;
        }
        sync_parent(&self.path)
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().map_or(Ok(0), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), BufWriter::flush)
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // A left-over part is only untidy.
            fs::remove_file(&self.temporary).ok();
        }
    }
}

/// Moves a file to where nothing is: a second name fails where there is something, which a rename would replace.
fn place_new(temporary: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(temporary, path) {
        Ok(()) => {
            // It has its name; a left-over part is only untidy.
            fs::remove_file(temporary).ok();
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // Not every file system knows second names.
        Err(_) if fs::symlink_metadata(path).is_err() => fs::rename(temporary, path),
        Err(_) => Err(io::ErrorKind::AlreadyExists.into()),
    }
}

/// Opens a file for reading. Blocks.
pub fn open_file(path: &Path) -> io::Result<File> {
    File::open(path)
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

    #[test]
    fn a_file_is_whole_or_not_there() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("receipt.csv");
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"whole").unwrap();
        assert!(!path.exists());
        file.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_new_file_replaces_nothing() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("receipt.csv");
        for (content, expected) in [(b"one", None), (b"two", Some(io::ErrorKind::AlreadyExists))] {
            let mut file = AtomicFile::create(&path).unwrap();
            file.write_all(content).unwrap();
            assert_eq!(file.commit_new().err().map(|error| error.kind()), expected);
            assert_eq!(fs::read(&path).unwrap(), b"one");
            assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 1, "no part is left");
        }
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
