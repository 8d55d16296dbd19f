//! A file that grows under a temporary name and gets its own only when it is whole and on disk.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::PlatformError;
use super::atomic_file::{create_new_private, sync_parent, temporary_beside};

/// What to do when the final name is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IfTargetExists {
    /// Leave the file that is there and fail.
    #[default]
    Keep,
    /// Replace it; a folder is never replaced.
    Replace,
}

/// A download on its way to disk. Dropped before [`DownloadFile::finish`], it leaves nothing behind.
/// All calls block on the disk.
#[derive(Debug)]
pub struct DownloadFile {
    target: PathBuf,
    temporary: PathBuf,
    /// `None` only once it is finished.
    file: Option<File>,
}

impl DownloadFile {
    /// Begins a file below `folder`, which must be there; folders in between are made. `relative` comes from
    /// [`super::safe_relative_path`].
    ///
    /// Folders in between that are links out of `folder` are refused: the path is the word of a server.
    pub fn create(folder: &Path, relative: &Path) -> Result<Self, PlatformError> {
        let target = folder.join(relative);
        let unwritable = |source| PlatformError::TargetUnwritable { path: target.clone(), source };
        let parent = target.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(unwritable)?;
        let root = fs::canonicalize(folder).map_err(unwritable)?;
        let real_parent = fs::canonicalize(parent).map_err(unwritable)?;
        // By component: `/tmp/foo-bar` is not below `/tmp/foo`.
        if !real_parent.starts_with(&root) {
            return Err(unwritable(io::Error::other("a folder on the way is a link that leads elsewhere")));
        }
        let temporary = temporary_beside(&target);
        let file = create_new_private(&temporary).map_err(unwritable)?;
        Ok(Self { target, temporary, file: Some(file) })
    }

    /// Where the file will stand.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Appends bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), PlatformError> {
        let written = match &mut self.file {
            Some(file) => file.write_all(bytes),
            None => Ok(()),
        };
        written.map_err(|source| self.unwritable(source))
    }

    /// Throws away what was written, to start again from the first byte.
    pub fn restart(&mut self) -> Result<(), PlatformError> {
        use std::io::Seek as _;
        let restarted = match &mut self.file {
            Some(file) => file.set_len(0).and_then(|()| file.rewind()),
            None => Ok(()),
        };
        restarted.map_err(|source| self.unwritable(source))
    }

    /// Makes the file durable and gives it its name. After an error nothing of it is left, and a file that was
    /// there under the name is untouched.
    pub fn finish(mut self, if_exists: IfTargetExists) -> Result<PathBuf, PlatformError> {
        if let Some(file) = self.file.take() {
            make_like_any_other(&file).and_then(|()| file.sync_all()).map_err(|source| self.unwritable(source))?;
        }
        match if_exists {
            IfTargetExists::Replace => {
                fs::rename(&self.temporary, &self.target).map_err(|source| self.unwritable(source))?;
            }
            IfTargetExists::Keep => self.place_without_replacing()?,
        }
        sync_parent(&self.target).map_err(|source| self.unwritable(source))?;
        Ok(self.target.clone())
    }

    /// A hard link fails if the name is taken, in one step; a rename would replace the file.
    fn place_without_replacing(&self) -> Result<(), PlatformError> {
        match fs::hard_link(&self.temporary, &self.target) {
            Ok(()) => fs::remove_file(&self.temporary).map_err(|source| self.unwritable(source)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(PlatformError::TargetExists { path: self.target.clone() })
            }
            // A file system without hard links (FAT): look, then rename. The gap between the two is the best it has.
            Err(_no_hard_links) => match fs::symlink_metadata(&self.target) {
                Ok(_) => Err(PlatformError::TargetExists { path: self.target.clone() }),
                Err(_absent) => fs::rename(&self.temporary, &self.target).map_err(|source| self.unwritable(source)),
            },
        }
    }

    fn unwritable(&self, source: io::Error) -> PlatformError {
        PlatformError::TargetUnwritable { path: self.target.clone(), source }
    }
}

impl Drop for DownloadFile {
    fn drop(&mut self) {
        // Windows removes no open file.
        self.file = None;
        // After `finish` the name is gone already; otherwise a left-over part is only untidy.
        fs::remove_file(&self.temporary).ok();
    }
}

/// Downloads are for the user to share as any file: 0644 where the user's mask allows it.
#[cfg(unix)]
fn make_like_any_other(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    // The mask can only be read by setting it, which other threads would feel; group and others may read, not write.
    match file.set_permissions(fs::Permissions::from_mode(0o644)) {
        // File systems without modes refuse; the file is good all the same.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        other => other,
    }
}

#[cfg(not(unix))]
fn make_like_any_other(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    fn begun(folder: &Path, name: &str) -> DownloadFile {
        let mut file = DownloadFile::create(folder, Path::new(name)).unwrap();
        file.write(b"new").unwrap();
        file
    }

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_whole_file_gets_its_name() {
        let temp = tempfile::tempdir().unwrap();
        let mut file = begun(temp.path(), "a/b/보고서.txt");
        file.restart().unwrap();
        file.write(b"again").unwrap();
        let path = file.finish(IfTargetExists::Keep).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"again");
        assert_eq!(names(&temp.path().join("a/b")), ["보고서.txt"]);
    }

    #[test]
    fn what_is_not_finished_leaves_nothing() {
        let temp = tempfile::tempdir().unwrap();
        let file = begun(temp.path(), "x");
        assert!(!temp.path().join("x").exists());
        drop(file);
        assert!(names(temp.path()).is_empty());
    }

    #[test]
    fn a_taken_name_is_only_replaced_when_told() {
        let temp = tempfile::tempdir().unwrap();
        let target = temp.path().join("x");
        let file = begun(temp.path(), "x");
        fs::write(&target, "came in between").unwrap();
        let error = file.finish(IfTargetExists::Keep).unwrap_err();
        assert_eq!(error.to_failure().kind, FailureKind::TargetExists);
        assert_eq!(fs::read(&target).unwrap(), b"came in between");
        begun(temp.path(), "x").finish(IfTargetExists::Replace).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(names(temp.path()), ["x"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_on_the_way_do_not_lead_outside() {
        let temp = tempfile::tempdir().unwrap();
        let (inside, outside) = (temp.path().join("foo"), temp.path().join("foo-bar"));
        fs::create_dir(&inside).unwrap();
        fs::create_dir(&outside).unwrap();
        std::os::unix::fs::symlink(&outside, inside.join("link")).unwrap();
        let error = DownloadFile::create(&inside, Path::new("link/x")).unwrap_err();
        assert_eq!(error.to_failure().kind, FailureKind::TargetUnwritable);
        assert!(names(&outside).is_empty());
        // A link under the final name is replaced or kept, never written through.
        fs::write(outside.join("victim"), "old").unwrap();
        std::os::unix::fs::symlink(outside.join("victim"), inside.join("y")).unwrap();
        assert!(begun(&inside, "y").finish(IfTargetExists::Keep).is_err());
        begun(&inside, "y").finish(IfTargetExists::Replace).unwrap();
        assert_eq!(fs::read(outside.join("victim")).unwrap(), b"old");
    }
}
