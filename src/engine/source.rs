//! The file behind an upload: opened once, read by position, watched for changes.
//!
//! Stamps are taken from the open handle, so a file that is renamed or replaced meanwhile cannot mix its bytes in.
//! A file that is removed while it is open is read to its end; one whose size or time of change differs
//! before and after a read is refused, since what was read is not one consistent file. Never mapped into memory:
//! a truncated mapping would kill the program.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::far::Share;
use super::journal::SourceStamp;
use crate::model::{Failure, FailureKind};
use crate::s3::checksum;

/// Coarsest steps in which file systems keep times (FAT: two seconds).
const RACY_NS: i128 = 2_000_000_000;
/// A step of reading and hashing that fits into a core's own cache.
const HASHED_AT_ONCE_BYTES: usize = 128 * 1024;

/// An open file.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// There until it is dropped.
    file: Option<File>,
    path: PathBuf,
    stamp: SourceStamp,
    /// Whose threads alone may touch the file.
    share: Option<Share>,
}

impl SourceFile {
    /// Opens a regular file and takes its stamp.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        // Looked at before it is opened: opening a pipe would wait for its other end.
        let before = std::fs::symlink_metadata(path).map_err(|error| refused(path, &error))?;
        if !before.is_file() {
            let failure = Failure::new(FailureKind::SourceNotAFile).with("path", path.display());
            return Err(if before.is_dir() { failure.with("folder", "yes") } else { failure });
        }
        Self::open_looked_at(path)
    }

    /// Opens what was a regular file a moment ago. A pipe that has taken its place is refused without a wait.
    fn open_looked_at(path: &Path) -> Result<Self, Failure> {
        let file = open_without_waiting(path).map_err(|error| refused(path, &error))?;
        let metadata = file.metadata().map_err(|error| refused(path, &error))?;
        if !metadata.is_file() {
            return Err(Failure::new(FailureKind::SourceNotAFile).with("path", path.display()));
        }
        wait_from_now_on(&file).map_err(|error| refused(path, &error))?;
        Ok(Self { file: Some(file), path: path.to_owned(), stamp: stamp_of(&metadata), share: None })
    }

    /// The same file, known to be on a share.
    pub(crate) fn on(mut self, share: Share) -> Self {
        self.share = Some(share);
        self
    }

    /// The share that it is on; `None` on disks of this computer.
    pub(crate) fn share(&self) -> Option<&Share> {
        self.share.as_ref()
    }

    /// What people are told when its bytes do not come.
    pub(crate) fn silence(&self) -> Failure {
        match &self.share {
            Some(share) => share.silence(),
            None => Failure::new(FailureKind::SourceSilent).with("share", self.path.display()),
        }
    }

    fn file(&self) -> Result<&File, Failure> {
        self.file.as_ref().ok_or_else(|| Failure::new(FailureKind::Internal))
    }

    /// The stamp as it was on opening.
    pub(crate) fn stamp(&self) -> SourceStamp {
        self.stamp
    }

    /// Its size on opening.
    pub(crate) fn size_bytes(&self) -> u64 {
        self.stamp.size_bytes
    }

    /// When it was changed last, as of its opening.
    pub(crate) fn modified(&self) -> Option<Timestamp> {
        modified_of(&self.stamp)
    }

    /// Where it was opened.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Fills `buffer` from `offset`, and holds size and time of change against those taken on opening,
    /// before and after; gives the stamp after. Blocks for as long as the disk does.
    pub(crate) fn read_exact(&self, buffer: &mut [u8], offset: u64) -> Result<SourceStamp, Failure> {
        self.check_unchanged()?;
        self.fill(buffer, offset)?;
        self.check_unchanged()
    }

    /// The same, with the CRC64NVME of what was read: hashed in steps, each while the processor's cache still has it.
    pub(crate) fn read_hashed(&self, buffer: &mut [u8], offset: u64) -> Result<(SourceStamp, u64), Failure> {
        self.check_unchanged()?;
        let (mut sum, mut at) = (checksum::Running::new(), offset);
        if buffer.is_empty() {
            self.fill(buffer, offset)?;
        }
        for step in buffer.chunks_mut(HASHED_AT_ONCE_BYTES) {
            self.fill(step, at)?;
            sum.update(step);
            at += step.len() as u64;
        }
        Ok((self.check_unchanged()?, sum.value()))
    }

    fn fill(&self, buffer: &mut [u8], offset: u64) -> Result<(), Failure> {
        let file = self.file()?;
        let error = match self.read_range(file, buffer, offset) {
            Ok(Beyond::Nothing) => return Ok(()),
            Ok(Beyond::More) => return Err(self.wrong_size("there is more than that")),
            Err(error) => error,
        };
        if error.kind() != ErrorKind::UnexpectedEof {
            return Err(refused(&self.path, &error));
        }
        // Cut while it was read, unless it is as it was and still ends there.
        self.check_unchanged()?;
        match self.read_range(file, buffer, offset) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(self.wrong_size("there is less than that")),
            _ => Err(self.changed()),
        }
    }

    /// Reads a range; where it is the file's last one, asks for a byte more in the same read.
    fn read_range(&self, file: &File, buffer: &mut [u8], offset: u64) -> io::Result<Beyond> {
        if offset + buffer.len() as u64 == self.stamp.size_bytes {
            read_last_at(file, buffer, offset)
        } else {
            read_exact_at(file, buffer, offset).map(|()| Beyond::Nothing)
        }
    }

    /// Files that are made up as they are read (`/proc`, some mounts) have other sizes than the system says. One that has
    /// grown has changed.
    fn wrong_size(&self, what: &str) -> Failure {
        match self.check_unchanged() {
            Ok(_same) => Failure::new(FailureKind::SourceSizeWrong)
                .with("path", self.path.display())
                .detail(format!("the system says {} bytes; {what}", self.stamp.size_bytes)),
            Err(changed) => changed,
        }
    }

    /// Whether the file still has the size and the time of change it was opened with; its stamp as it is now.
    pub(crate) fn check_unchanged(&self) -> Result<SourceStamp, Failure> {
        let metadata = self.file()?.metadata().map_err(|error| refused(&self.path, &error))?;
        let now = stamp_of(&metadata);
        if looks_the_same(&now, &self.stamp) { Ok(now) } else { Err(self.changed()) }
    }

    /// Whether the path still leads to this file. One that was removed is read to its end all the same; one that was
    /// replaced is not what people mean any more.
    pub(crate) fn check_not_replaced(&self) -> Result<(), Failure> {
        match std::fs::symlink_metadata(&self.path) {
            Ok(metadata) if is_same_file(&stamp_of(&metadata), &self.stamp) => Ok(()),
            Ok(_another) => Err(self.changed()),
            Err(_gone) => Ok(()),
        }
    }

    /// Whether its last change is so recent that another one could leave the same time behind (file systems keep
    /// times in steps of up to two seconds): then equal times prove nothing, and only reading again does.
    pub(crate) fn is_racy(&self, now: Timestamp) -> bool {
        self.modified().is_none_or(|modified| now.as_nanosecond() - modified.as_nanosecond() < RACY_NS)
    }

    fn changed(&self) -> Failure {
        Failure::new(FailureKind::SourceChanged).with("path", self.path.display())
    }
}

impl Drop for SourceFile {
    /// To close a file is a question to its share, too.
    fn drop(&mut self) {
        if let (Some(share), Some(file)) = (&self.share, self.file.take()) {
            share.let_go(file);
        }
    }
}

/// Size and time of change are equal: what a change of the content changes, unless somebody sets the time back.
pub(crate) fn looks_the_same(a: &SourceStamp, b: &SourceStamp) -> bool {
    (a.size_bytes, a.modified_ns) == (b.size_bytes, b.modified_ns)
}

fn is_same_file(a: &SourceStamp, b: &SourceStamp) -> bool {
    (a.device, a.inode) == (b.device, b.inode)
}

/// The time of the last change in a stamp.
pub(crate) fn modified_of(stamp: &SourceStamp) -> Option<Timestamp> {
    Timestamp::from_nanosecond(stamp.modified_ns?.into()).ok()
}

#[cfg(unix)]
fn stamp_of(metadata: &Metadata) -> SourceStamp {
    use std::os::unix::fs::MetadataExt as _;
    let changed_ns = metadata.ctime().checked_mul(1_000_000_000).and_then(|ns| ns.checked_add(metadata.ctime_nsec()));
    SourceStamp {
        device: metadata.dev(),
        inode: metadata.ino(),
        size_bytes: metadata.len(),
        modified_ns: modified_ns(metadata),
        changed_ns,
    }
}

/// The system tells identity and time of the last change of attributes only in ways that are not stable yet.
#[cfg(not(unix))]
fn stamp_of(metadata: &Metadata) -> SourceStamp {
    let modified_ns = modified_ns(metadata);
    SourceStamp { device: 0, inode: 0, size_bytes: metadata.len(), modified_ns, changed_ns: None }
}

fn modified_ns(metadata: &Metadata) -> Option<i64> {
    modified(metadata).and_then(|time| i64::try_from(time.as_nanosecond()).ok())
}

/// The stamp of whatever file stands at a path. Blocks.
pub(crate) fn stamp_at(path: &Path) -> Option<SourceStamp> {
    std::fs::symlink_metadata(path).ok().filter(Metadata::is_file).map(|metadata| stamp_of(&metadata))
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
        ErrorKind::StaleNetworkFileHandle
        | ErrorKind::NotConnected
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown => FailureKind::SourceAway,
        ErrorKind::OutOfMemory => FailureKind::OutOfHandles,
        _ => match system_code(error) {
            SystemCode::DeviceGone => FailureKind::SourceAway,
            // A bad sector, unless nothing of the device answers any more.
            SystemCode::ReadFault if std::fs::symlink_metadata(path).is_err() => FailureKind::SourceAway,
            SystemCode::NothingLeft => FailureKind::OutOfHandles,
            SystemCode::ReadFault | SystemCode::Other => FailureKind::SourceUnreadable,
        },
    };
    Failure::new(kind).with("path", path.display()).detail(error)
}

/// What a system's own number of an error says that has no name in the standard library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SystemCode {
    /// A stick or share was pulled.
    DeviceGone,
    /// The device is perhaps there, and gives an error.
    ReadFault,
    /// No handle or no memory is left, for now.
    NothingLeft,
    Other,
}

#[cfg(unix)]
fn system_code(error: &io::Error) -> SystemCode {
    use rustix::io::Errno;
    match Errno::from_io_error(error) {
        Some(Errno::NODEV | Errno::NXIO | Errno::SHUTDOWN | Errno::HOSTDOWN) => SystemCode::DeviceGone,
        Some(Errno::IO) => SystemCode::ReadFault,
        Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM) => SystemCode::NothingLeft,
        _ => SystemCode::Other,
    }
}

#[cfg(not(unix))]
fn system_code(error: &io::Error) -> SystemCode {
    match error.raw_os_error() {
        // Too many open files; not enough memory, twice; no system resources.
        Some(4 | 8 | 14 | 1450) => SystemCode::NothingLeft,
        // Not ready, bad path of a network, device gone, name of a network deleted, volume changed, no medium, not connected.
        Some(21 | 53 | 55 | 59 | 64 | 1006 | 1112 | 1167) => SystemCode::DeviceGone,
        Some(23 | 1117) => SystemCode::ReadFault,
        _ => SystemCode::Other,
    }
}

/// The devices that files have been read from, and where each is mounted: a file that is missing because its device is
/// not there any more is told from one that was deleted. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Devices(Arc<Mutex<Mounts>>);

/// Where devices are mounted. Kept by folder: a stick that comes back may have another number.
#[derive(Debug, Default)]
struct Mounts {
    roots: BTreeMap<PathBuf, u64>,
    /// Devices of files whose folders are on others.
    rootless: BTreeSet<u64>,
}

impl Mounts {
    /// The innermost one above a path, which is the file's.
    fn above(&self, path: &Path) -> Option<(&Path, u64)> {
        path.ancestors().skip(1).find_map(|folder| self.roots.get_key_value(folder)).map(|(root, on)| (&**root, *on))
    }

    fn knows(&self, path: &Path, device: u64) -> bool {
        self.rootless.contains(&device) || self.above(path).is_some_and(|(_, known)| known == device)
    }

    fn note(&mut self, path: &Path, root: Option<&Path>, device: u64) {
        // What was mounted further inside is not any more: the file would be on it.
        let is_further_inside = |known: &Path| root.is_none_or(|root| known.starts_with(root));
        self.roots.retain(|known, _| !(path.starts_with(known) && is_further_inside(known)));
        match root {
            Some(root) => {
                self.roots.insert(root.to_owned(), device);
            }
            None => {
                self.rootless.insert(device);
            }
        }
    }
}

impl Devices {
    /// Opens a file, as [`SourceFile::open`].
    pub(crate) fn open(&self, path: &Path) -> Result<SourceFile, Failure> {
        match SourceFile::open(path) {
            Ok(source) => {
                self.note(path, source.stamp().device);
                Ok(source)
            }
            Err(failure) if failure.kind == FailureKind::SourceMissing && self.is_gone(path) => {
                Err(Failure { kind: FailureKind::SourceAway, ..failure })
            }
            Err(failure) => Err(failure),
        }
    }

    fn mounts(&self) -> MutexGuard<'_, Mounts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, path: &Path, device: u64) {
        // 0 where the system does not tell.
        if device == 0 || self.mounts().knows(path, device) {
            return;
        }
        // Without the lock: a share may take its time to answer.
        let root = path.ancestors().skip(1).take_while(|folder| device_at(folder) == Some(device)).last();
        self.mounts().note(path, root, device);
    }

    fn is_gone(&self, path: &Path) -> bool {
        let own = self.mounts().above(path).map(|(root, device)| (root.to_owned(), device));
        own.is_some_and(|(root, device)| device_at(&root) != Some(device))
    }
}

#[cfg(unix)]
fn device_at(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::symlink_metadata(path).ok().map(|metadata| metadata.dev())
}

#[cfg(not(unix))]
fn device_at(_path: &Path) -> Option<u64> {
    None
}

/// Opens for reading what may be a pipe by now, whose other end nobody has to open. Of a regular file it makes no
/// difference, except where another program has a lease on it and is to give it up first: pipes have none, so that one is
/// waited for.
#[cfg(unix)]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    match File::options().read(true).custom_flags(flags).open(path) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => File::open(path),
        opened => opened,
    }
}

/// A regular file is waited for, also where its file system is a program that goes by how it was opened.
#[cfg(unix)]
fn wait_from_now_on(file: &File) -> io::Result<()> {
    let flags = rustix::fs::fcntl_getfl(file)?;
    if flags.contains(rustix::fs::OFlags::NONBLOCK) {
        rustix::fs::fcntl_setfl(file, flags - rustix::fs::OFlags::NONBLOCK)?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn wait_from_now_on(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Whether there is content after the end that the system has told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beyond {
    Nothing,
    More,
}

/// Reads the end of a file, and a byte more if there is one: mostly with the same single read.
#[cfg(unix)]
fn read_last_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<Beyond> {
    let (mut done, mut more) = (0, [0]);
    loop {
        let rest = buffer.get_mut(done..).unwrap_or_default();
        let left = rest.len();
        let mut places = [io::IoSliceMut::new(rest), io::IoSliceMut::new(&mut more)];
        match rustix::io::preadv(file, &mut places, offset + done as u64) {
            Ok(read) if read > left => return Ok(Beyond::More),
            // Less than was asked for: this is the end.
            Ok(read) if read == left => return Ok(Beyond::Nothing),
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => done += read,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The same where the system fills one buffer at a time, and knows no files of another size than it says.
#[cfg(not(unix))]
fn read_last_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<Beyond> {
    read_exact_at(file, buffer, offset).map(|()| Beyond::Nothing)
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
#[path = "source_tests.rs"]
mod tests;
