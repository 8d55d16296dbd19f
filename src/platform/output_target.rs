//! Files that the user names to be written: looked at before anything else is done, written whole, or straight where
//! nothing can be replaced.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use super::AtomicFile;

/// So many files of one name are looked for beside it.
const MOST_BESIDE: u32 = 1000;

/// As much of a file as tells what it is.
const HEAD_BYTES: u64 = 512;

/// Why a path that the user named is not written to. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum TargetProblem {
    /// It is, or is in, something that is to be read.
    #[error("it is among what is read")]
    IsSource,
    /// A folder.
    #[error("it is a folder")]
    IsFolder,
    /// A disk or a socket.
    #[error("it is a disk or a socket")]
    IsDevice,
    /// A file that was made by something else.
    #[error("it is a file of another kind")]
    IsForeign,
    /// It cannot be written.
    #[error(transparent)]
    Unwritable(#[from] io::Error),
}

/// What stands at a path.
enum Found {
    Nothing,
    File,
    /// A pipe, a terminal, `/dev/null`: written as it is.
    Stream,
}

/// Whether a file can be written to `path`, over nothing but an empty file or one that `is_ours` knows by its head,
/// and over none of `sources` or what is below them. Blocks on the disk; writes nothing that stays.
pub fn look_at_target(
    path: &Path,
    sources: &[PathBuf],
    is_ours: impl FnOnce(&[u8]) -> bool,
) -> Result<(), TargetProblem> {
    if standard_stream(path).is_some() {
        return Ok(());
    }
    let found = look(path)?;
    if matches!(found, Found::Stream) {
        return Ok(());
    }
    let place = place_of(path);
    let is_within = |source: &PathBuf| fs::canonicalize(source).is_ok_and(|source| place.starts_with(source));
    if sources.iter().any(is_within) {
        return Err(TargetProblem::IsSource);
    }
    if matches!(found, Found::File) && is_foreign(path, is_ours)? {
        return Err(TargetProblem::IsForeign);
    }
    // Begun and dropped, it leaves nothing.
    AtomicFile::create(path)?;
    Ok(())
}

fn is_foreign(path: &Path, is_ours: impl FnOnce(&[u8]) -> bool) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(!head.is_empty() && !is_ours(&head))
}

/// A name in the same folder that nothing has: `r-2.csv` beside `r.csv`. Blocks on the disk.
pub fn free_beside(path: &Path) -> PathBuf {
    let numbered = |number: u32| {
        let mut name = path.file_stem().unwrap_or_default().to_owned();
        name.push(format!("-{number}"));
        if let Some(extension) = path.extension() {
            name.push(".");
            name.push(extension);
        }
        path.with_file_name(name)
    };
    // After so many whoever writes finds the last one taken, and says so.
    (2..MOST_BESIDE).map(numbered).find(|path| fs::symlink_metadata(path).is_err()).unwrap_or(numbered(MOST_BESIDE))
}

fn look(path: &Path) -> Result<Found, TargetProblem> {
    let kind = match fs::metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error.into()),
    };
    match kind {
        kind if kind.is_file() => Ok(Found::File),
        kind if kind.is_dir() => Err(TargetProblem::IsFolder),
        kind if is_stream(kind) => Ok(Found::Stream),
        _ => Err(TargetProblem::IsDevice),
    }
}

#[cfg(unix)]
fn is_stream(kind: fs::FileType) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    kind.is_fifo() || kind.is_char_device()
}

#[cfg(not(unix))]
fn is_stream(_kind: fs::FileType) -> bool {
    false
}

/// Where a file is, or would be made.
fn place_of(path: &Path) -> PathBuf {
    let of_parent = || {
        let parent = fs::canonicalize(path.parent()?).ok()?;
        Some(parent.join(path.file_name()?))
    };
    fs::canonicalize(path).ok().or_else(of_parent).unwrap_or_else(|| path.to_path_buf())
}

/// The program's own standard output or standard error, called by a path. Opened by it, a file behind it would be
/// written from its begin, over what was printed before.
#[cfg(unix)]
fn standard_stream(path: &Path) -> Option<io::Result<File>> {
    use std::os::fd::AsFd as _;
    let copy = match path.to_str()? {
        "/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1" => io::stdout().as_fd().try_clone_to_owned(),
        "/dev/stderr" | "/dev/fd/2" | "/proc/self/fd/2" => io::stderr().as_fd().try_clone_to_owned(),
        _ => return None,
    };
    Some(copy.map(File::from))
}

#[cfg(not(unix))]
fn standard_stream(_path: &Path) -> Option<io::Result<File>> {
    None
}

/// A file on its way to a place that the user named.
#[derive(Debug)]
pub enum OutputFile {
    /// Takes its place when it is whole.
    Whole(AtomicFile),
    /// Is what it is already: a pipe, a device, a standard stream.
    Straight(File),
}

impl OutputFile {
    /// Begins to write. Blocks on the disk, and on a pipe until somebody reads it. `AlreadyExists` where something stands
    /// that no file can take the place of.
    pub fn create(path: &Path) -> io::Result<Self> {
        if let Some(stream) = standard_stream(path) {
            return Ok(Self::Straight(stream?));
        }
        match look(path) {
            Ok(Found::Stream) => Ok(Self::Straight(OpenOptions::new().write(true).open(path)?)),
            Ok(Found::Nothing | Found::File) => Ok(Self::Whole(AtomicFile::create(path)?)),
            Err(TargetProblem::Unwritable(error)) => Err(error),
            Err(problem) => Err(io::Error::new(io::ErrorKind::AlreadyExists, problem)),
        }
    }

    /// Puts a file into its place, over an older one; after an error that one is untouched.
    pub fn commit(self) -> io::Result<()> {
        match self {
            Self::Whole(file) => file.commit(),
            Self::Straight(mut stream) => stream.flush(),
        }
    }

    /// The same over nothing but an empty file or one that `is_ours` knows by its head. What else has come to its place
    /// since it was looked at is left alone, also what may not be read: `AlreadyExists`, and nothing stays.
    pub fn commit_over_ours(self, is_ours: impl FnOnce(&[u8]) -> bool) -> io::Result<()> {
        let Self::Whole(file) = self else { return self.commit() };
        match fs::symlink_metadata(file.path()) {
            Ok(metadata) if metadata.is_file() && !is_foreign(file.path(), is_ours).unwrap_or(true) => file.commit(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => file.commit_new(),
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) => Err(error),
        }
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Whole(file) => file.write(bytes),
            Self::Straight(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Whole(file) => file.flush(),
            Self::Straight(stream) => stream.flush(),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::FileTypeExt as _;

    use super::*;

    fn looked(path: &Path, sources: &[&Path]) -> Result<(), String> {
        let sources: Vec<PathBuf> = sources.iter().map(|path| path.to_path_buf()).collect();
        look_at_target(path, &sources, |head| head.starts_with(b"ours")).map_err(|problem| problem.to_string())
    }

    #[test]
    fn only_what_is_ours_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (name, text) in [("ours", "ours, older"), ("empty", ""), ("foreign", "precious"), ("source/a", "ours")] {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), text).unwrap();
        }
        std::os::unix::fs::symlink(at("source/a"), at("link")).unwrap();
        let source = at("source");
        for name in ["ours", "empty", "new"] {
            assert_eq!(looked(&at(name), &[&source]), Ok(()), "{name}");
        }
        let refused = |name: &str| looked(&at(name), &[&source]).unwrap_err();
        assert_eq!(refused("foreign"), "it is a file of another kind");
        assert_eq!(refused("source"), "it is a folder");
        for name in ["source/a", "link", "source/new", "source/../source/a"] {
            assert_eq!(refused(name), "it is among what is read", "{name}");
        }
        assert!(looked(&at("no/such"), &[]).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5, "nothing is left of looking");
    }

    #[test]
    fn what_comes_while_it_is_written_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r");
        let write = |meanwhile: &dyn Fn()| {
            let mut file = OutputFile::create(&path).unwrap();
            file.write_all(b"ours, new").unwrap();
            meanwhile();
            file.commit_over_ours(|head| head.starts_with(b"ours")).map_err(|error| error.kind())
        };
        assert_eq!(write(&|| ()), Ok(()));
        for (there, replaced) in [("ours, older", true), ("", true), ("precious", false)] {
            let done = write(&|| fs::write(&path, there).unwrap());
            let (expected, now) =
                if replaced { (Ok(()), "ours, new") } else { (Err(io::ErrorKind::AlreadyExists), there) };
            assert_eq!((done, fs::read_to_string(&path).unwrap().as_str()), (expected, now), "{there:?}");
        }
        // That of another user, which only root may read.
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
        assert_eq!(write(&|| ()), Err(io::ErrorKind::AlreadyExists));
        fs::remove_file(&path).unwrap();
        assert_eq!(write(&|| fs::create_dir(&path).unwrap()), Err(io::ErrorKind::AlreadyExists));
        assert_eq!(
            OutputFile::create(&path).map(drop).map_err(|error| error.kind()),
            Err(io::ErrorKind::AlreadyExists)
        );
        fs::remove_dir(&path).unwrap();
        let done = write(&|| std::os::unix::fs::symlink("nowhere", &path).unwrap());
        assert_eq!(done, Err(io::ErrorKind::AlreadyExists));
        assert_eq!(free_beside(&path), folder.path().join("r-2"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no part is left");
    }

    #[test]
    fn what_cannot_be_replaced_is_written_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(looked(&pipe, &[]), Ok(()));
        assert_eq!(looked(Path::new("/dev/null"), &[]), Ok(()));
        let from = pipe.clone();
        let reader = std::thread::Builder::new().spawn(move || fs::read_to_string(from).unwrap()).unwrap();
        let mut file = OutputFile::create(&pipe).unwrap();
        file.write_all(b"told").unwrap();
        file.commit().unwrap();
        assert_eq!(reader.join().unwrap(), "told");
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
        assert!(OutputFile::create(Path::new("/dev/stdout")).is_ok_and(|file| matches!(file, OutputFile::Straight(_))));
    }
}
