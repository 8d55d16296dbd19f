//! The file behind an upload: opened once, read by position, watched for changes.
//!
//! Facts are taken from the open handle, so a file that is renamed or replaced meanwhile cannot mix its bytes in.
//! A file that is removed while it is open is read to its end; one whose size or time of change differs
//! before and after a read is refused, since what was read is not one consistent file. Never mapped into memory:
//! a truncated mapping would kill the program.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::model::{Failure, FailureKind};

/// What must stay the same while a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SourceFacts {
    pub(crate) size_bytes: u64,
    /// Time of the last change, as exactly as the file system keeps it.
    pub(crate) modified: Option<Timestamp>,
}

/// An open file.
#[derive(Debug)]
pub(crate) struct SourceFile {
    file: File,
    path: PathBuf,
    facts: SourceFacts,
}

impl SourceFile {
    /// Opens a regular file and takes its facts.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        // Looked at before it is opened: opening a pipe would wait for its other end.
        let before = std::fs::symlink_metadata(path).map_err(|error| refused(path, &error))?;
        if !before.is_file() {
            return Err(Failure::new(FailureKind::SourceNotAFile).with("path", path.display()));
        }
        let file = File::open(path).map_err(|error| refused(path, &error))?;
        let metadata = file.metadata().map_err(|error| refused(path, &error))?;
        if !metadata.is_file() {
            return Err(Failure::new(FailureKind::SourceNotAFile).with("path", path.display()));
        }
        Ok(Self { file, path: path.to_owned(), facts: facts_of(&metadata) })
    }

    /// The facts as they were on opening.
    pub(crate) fn facts(&self) -> SourceFacts {
        self.facts
    }

    /// Where it was opened.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Fills `buffer` from `offset`, and holds the file's facts against the ones taken on opening,
    /// before and after. Blocks for as long as the disk does.
    pub(crate) fn read_exact(&self, buffer: &mut [u8], offset: u64) -> Result<(), Failure> {
        self.check_unchanged()?;
        read_exact_at(&self.file, buffer, offset).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => self.changed(),
            _ => refused(&self.path, &error),
        })?;
        self.check_unchanged()
    }

    /// Whether the file still is what was opened.
    pub(crate) fn check_unchanged(&self) -> Result<(), Failure> {
        let metadata = self.file.metadata().map_err(|error| refused(&self.path, &error))?;
        if facts_of(&metadata) == self.facts { Ok(()) } else { Err(self.changed()) }
    }

    fn changed(&self) -> Failure {
        Failure::new(FailureKind::SourceChanged).with("path", self.path.display())
    }
}

fn facts_of(metadata: &Metadata) -> SourceFacts {
    SourceFacts { size_bytes: metadata.len(), modified: modified(metadata) }
}

/// The time of the last change, where file system and calendar have one.
pub(crate) fn modified(metadata: &Metadata) -> Option<Timestamp> {
    metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok())
}

/// Size and last change of whatever stands at a path; `None` if nothing does. Blocks.
pub(crate) fn local_facts(path: &Path) -> Option<(u64, Option<Timestamp>)> {
    let metadata = std::fs::symlink_metadata(path).ok()?;
    Some((metadata.len(), modified(&metadata)))
}

/// Makes a folder for downloads, and those above it. Blocks.
pub(crate) fn make_folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path)
        .map_err(|error| Failure::new(FailureKind::TargetUnwritable).with("path", path.display()).detail(error))
}

/// A small text file as a whole. Blocks.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    std::fs::read_to_string(path)
}

/// A text file as a whole; `None` if it is larger than this, or no text. Blocks.
pub(crate) fn read_small_text(path: &Path, most_bytes: u64) -> io::Result<Option<String>> {
    use std::io::Read as _;
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(most_bytes).unwrap_or_default());
    file.take(most_bytes + 1).read_to_end(&mut bytes)?;
    let is_small = u64::try_from(bytes.len()).is_ok_and(|len| len <= most_bytes);
    Ok(if is_small { String::from_utf8(bytes).ok() } else { None })
}

/// What people are told when a file cannot be opened or read.
fn refused(path: &Path, error: &io::Error) -> Failure {
    let kind = match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => FailureKind::SourceMissing,
        _ => FailureKind::SourceUnreadable,
    };
    Failure::new(kind).with("path", path.display()).detail(error)
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt as _;
    while !buffer.is_empty() {
        match file.seek_read(buffer, offset) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                let rest = std::mem::take(&mut buffer);
                buffer = rest.get_mut(read..).unwrap_or_default();
                offset += read as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
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
    fn a_removed_file_is_read_from_its_open_handle() {
        let (_folder, path) = file_with(b"0123456789");
        let source = SourceFile::open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(source.read_exact(&mut [0; 10], 0).is_ok());
        assert_eq!(SourceFile::open(&path).unwrap_err().kind, FailureKind::SourceMissing);
    }

    #[test]
    fn folders_and_links_are_no_files() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(SourceFile::open(folder.path()).unwrap_err().kind, FailureKind::SourceNotAFile);
        #[cfg(unix)]
        {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink("/etc/hostname", &link).unwrap();
            assert_eq!(SourceFile::open(&link).unwrap_err().kind, FailureKind::SourceNotAFile);
        }
    }
}
