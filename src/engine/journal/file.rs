//! The journal's files: for the user alone, moved and never deleted. The only place here that touches files by itself.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::log;
use super::log_sums::Bit;
use super::sums::{PAGE_BYTES, Sums};

/// The sums of a journal's pages.
const SUMS: &str = "-sums";

/// Whether the file was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existed {
    Yes,
    No,
}

/// Makes the file if it is missing, for the user alone; SQLite gives its logs the same mode.
pub(super) fn make_private(path: &Path) -> io::Result<Existed> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    match options.open(path) {
        Ok(_made) => {
            sync_folder(path);
            Ok(Existed::No)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if !fs::metadata(path)?.is_file() {
                return Err(io::Error::other("something that is no file stands there"));
            }
            #[cfg(unix)]
            close_to_others(path);
            Ok(Existed::Yes)
        }
        Err(error) => Err(error),
    }
}

/// Somebody may have copied it here with another mode. One that cannot be changed is used all the same.
#[cfg(unix)]
fn close_to_others(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(metadata) = fs::metadata(path) else { return };
    if metadata.permissions().mode() & 0o077 != 0
        && let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(0o600))
    {
        tracing::warn!(%error, "the journal's mode stays as it is");
    }
}

/// When something was last written to it or its log.
pub(super) fn last_written(path: &Path) -> Option<Timestamp> {
    let times = [path.to_owned(), beside(path, "-wal"), beside(path, "-journal")].into_iter().filter_map(|path| {
        let metadata = fs::metadata(path).ok().filter(|metadata| metadata.len() > 0)?;
        crate::engine::source::modified(&metadata)
    });
    times.max()
}

/// Whether the file is too short for any journal, and yet something is there: SQLite would take it for empty, and
/// drop the log.
pub(super) fn is_stump(path: &Path) -> bool {
    let len = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    match len(path) {
        0 => len(&beside(path, "-wal")) > 0,
        len => len < 100,
    }
}

/// The whole log; empty if there is none.
pub(super) fn log_bytes(path: &Path) -> io::Result<Vec<u8>> {
    match fs::read(beside(path, "-wal")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read,
    }
}

/// Turns bits of the log over that have turned over before, `log` being what stands there; a copy of that stays at
/// `<name>.corrupt-<time>-wal`.
pub(super) fn mend_log(path: &Path, log: &[u8], bits: &[Bit], now: Timestamp) -> io::Result<PathBuf> {
    use std::io::{Seek as _, SeekFrom, Write as _};
    let copy = beside(&free_name(path, now), "-wal");
    make_private(&copy)?;
    let kept = OpenOptions::new().write(true).open(&copy);
    if let Err(error) = kept.and_then(|mut kept| kept.write_all(log).and_then(|()| kept.sync_all())) {
        // Half a copy is of no use, and takes room that another try would need.
        fs::remove_file(&copy).ok();
        return Err(error);
    }
    sync_folder(path);
    let mut file = OpenOptions::new().write(true).open(beside(path, "-wal"))?;
    for bit in bits {
        let Some(byte) = log.get(bit.at) else { continue };
        file.seek(SeekFrom::Start(bit.at as u64))?;
        file.write_all(&[byte ^ bit.mask])?;
    }
    file.sync_all()?;
    Ok(copy)
}

/// Whether there is a log with nothing in it.
pub(super) fn has_empty_log(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).is_ok_and(|metadata| metadata.len() == 0)
}

/// Takes back what SQLite has written into a file that holds nothing yet.
pub(super) fn make_empty(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).open(path)?.set_len(0)
}

/// So much in the log is worth moving into the file.
const LONG_LOG_BYTES: u64 = 4 * 1024 * 1024;

/// Whether the log is so long that it is time to move it into the file.
pub(super) fn has_long_log(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).is_ok_and(|metadata| metadata.len() > LONG_LOG_BYTES)
}

/// Pages of the file are about to change: their sums are taken away, durably.
pub(super) fn forget_sums(path: &Path) -> io::Result<()> {
    match fs::remove_file(beside(path, SUMS)) {
        Ok(()) => sync_folder(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Writes sums of the file's pages down. That they are not durable at once does no harm.
pub(super) fn note_sums(path: &Path, sums: &Sums) -> io::Result<()> {
    let fresh = beside(path, "-sums.new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => make_private(&fresh)?,
    };
    fs::write(&fresh, sums.written())?;
    fs::rename(fresh, beside(path, SUMS))
}

/// The file of a journal that is open, beside SQLite's own handle on it. POSIX takes all locks of a process from a file
/// with the first handle that is closed: this one has to live until the journal is closed.
#[derive(Debug)]
pub(super) struct Pages {
    file: File,
    /// As the file is now; `None` until they are wanted first, and when that is in doubt.
    sums: Option<Sums>,
}

impl Pages {
    /// Opens it to read; after SQLite has.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::open(path)?, sums: None })
    }

    /// Pages that are not as they were written, as far as that is known. To be asked once SQLite has the lock: before,
    /// another process may just be moving its log, and file and sums would not be of the same moment.
    pub(super) fn damaged(&mut self, path: &Path) -> io::Result<Vec<usize>> {
        let known = match fs::read(beside(path, SUMS)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            known => known?,
        };
        Ok(Sums::of(&mut self.file)?.differing(&known))
    }

    /// Lets `move_log` move the log into the file, and brings the sums beside it up to date. A crash in between leaves
    /// the file without sums, never with wrong ones.
    pub(super) fn changed_by<E: From<io::Error>>(
        &mut self,
        path: &Path,
        move_log: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        forget_sums(path)?;
        let sums = self.sums.take();
        let changed = if sums.is_some() { logged_pages(path)? } else { None };
        move_log()?;
        let sums = match sums.zip(changed) {
            Some((mut sums, changed)) => {
                sums.renew(&mut self.file, &changed)?;
                sums
            }
            None => Sums::of(&mut self.file)?,
        };
        note_sums(path, &sums)?;
        self.sums = Some(sums);
        Ok(())
    }
}

/// What moving the log may change; `None`: any page.
fn logged_pages(path: &Path) -> io::Result<Option<BTreeSet<usize>>> {
    match File::open(beside(path, "-wal")) {
        Ok(mut log) => log::pages(&mut log),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A copy of the file and its log, with these pages emptied: what stood there is not believed. The handle it was read by
/// comes with it, see [`Pages`].
pub(super) fn copy_without(path: &Path, pages: &[usize]) -> io::Result<(PathBuf, File)> {
    use std::io::{Seek as _, SeekFrom, Write as _};
    let copy = beside(path, ".believed");
    let (mut from, mut file) = (File::open(path)?, File::create(&copy)?);
    // As the journal: for the user alone.
    file.set_permissions(from.metadata()?.permissions())?;
    io::copy(&mut from, &mut file)?;
    match fs::copy(beside(path, "-wal"), beside(&copy, "-wal")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        copied => drop(copied?),
    }
    // The first one has the tables' names; without it nothing could be read.
    for page in pages.iter().filter(|page| **page > 0) {
        file.seek(SeekFrom::Start((page * PAGE_BYTES) as u64))?;
        file.write_all(&[0; PAGE_BYTES])?;
    }
    Ok((copy, from))
}

/// Takes such a copy away.
pub(super) fn drop_copy(copy: &Path) {
    for file in [copy.to_owned(), beside(copy, "-wal"), beside(copy, "-shm")] {
        fs::remove_file(file).ok(); // a copy that stays does no harm
    }
}

/// A file beside another one.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// Where what can be read of a damaged journal is gathered.
pub(super) fn gathering(path: &Path) -> PathBuf {
    beside(path, ".salvage")
}

/// The same once it is complete.
pub(super) fn gathered(path: &Path) -> PathBuf {
    beside(path, ".salvaged")
}

/// Drops what a gathering that was broken off has left: copies only.
pub(super) fn clear_gathering(path: &Path) -> io::Result<()> {
    let gathering = gathering(path);
    for file in [beside(&gathering, "-wal"), beside(&gathering, "-journal"), gathering] {
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// A run that died between moving a damaged journal aside and taking the gathered one in its place is finished.
pub(super) fn finish_exchange(path: &Path) -> io::Result<()> {
    let gathered = gathered(path);
    if path.exists() || !gathered.exists() {
        return Ok(());
    }
    fs::rename(gathered, path)?;
    sync_folder(path);
    Ok(())
}

/// Moves the journal with its logs to `<name>.corrupt-<time>`, and the gathered one into its place.
pub(super) fn exchange(path: &Path, now: Timestamp) -> io::Result<PathBuf> {
    fs::rename(gathering(path), gathered(path))?;
    let to = free_name(path, now);
    // The logs first: one that was left would be taken for the new journal's.
    for log in ["-wal", "-journal", SUMS] {
        match fs::rename(beside(path, log), beside(&to, log)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(path, &to)?;
    fs::rename(gathered(path), path)?;
    sync_folder(path);
    Ok(to)
}

fn free_name(path: &Path, now: Timestamp) -> PathBuf {
    let name = format!(".corrupt-{}", now.strftime("%Y%m%dT%H%M%SZ"));
    let first = beside(path, &name);
    let others = (2..1000).map(|number| beside(path, &format!("{name}-{number}")));
    let is_free = |path: &PathBuf| !path.exists() && !beside(path, "-wal").exists();
    std::iter::once(first.clone()).chain(others).find(is_free).unwrap_or(first)
}

/// Makes names durable. Windows cannot sync a folder; NTFS journals names.
fn sync_folder(path: &Path) {
    if cfg!(windows) {
        return;
    }
    let Some(folder) = path.parent() else { return };
    if let Err(error) = File::open(folder).and_then(|folder| folder.sync_all()) {
        tracing::warn!(%error, "the journal's folder cannot be synced");
    }
}
