//! The bytes of objects: one plain file per blob, named by number, never changed once written.
//!
//! A blob is first written under `incoming/`, synced, then renamed to `blobs/xx/`; it counts only once the index
//! names it. Whatever a crash leaves behind is a file that the index does not know: [`BlobStore::sweep`] removes it.
//! A blob that is being read is pinned, so that deleting or overwriting its object waits for the reader.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Durability;

/// Number of a blob: the run that wrote it in the upper bits, counted up in the lower ones.
pub(super) type BlobId = i64;

const RUN_SHIFT: u32 = 32;

pub(super) struct BlobStore {
    incoming: PathBuf,
    blobs: PathBuf,
    /// The least number of a blob of this run.
    first: u64,
    next: AtomicU64,
    durability: Durability,
    pins: Mutex<Pins>,
    leftovers: AtomicBool,
}

#[derive(Default)]
pub(super) struct Pins {
    readers: HashMap<BlobId, usize>,
    doomed: HashSet<BlobId>,
}

impl BlobStore {
    /// Makes the folders and forgets what an earlier run had not finished receiving.
    /// `run` must be higher at each start, so that a number is never used twice.
    pub(super) fn open(folder: &Path, run: i64, durability: Durability) -> io::Result<Self> {
        let (incoming, blobs) = (folder.join("incoming"), folder.join("blobs"));
        for dir in [&incoming, &blobs] {
            fs::create_dir_all(dir)?;
        }
        if durability == Durability::Full {
            sync_dir(folder)?;
        }
        for entry in fs::read_dir(&incoming)? {
            fs::remove_file(entry?.path())?;
        }
        let first = u64::try_from(run).unwrap_or_default() << RUN_SHIFT;
        Ok(Self {
            incoming,
            blobs,
            first,
            next: AtomicU64::new(first),
            durability,
            pins: Mutex::default(),
            leftovers: AtomicBool::new(false),
        })
    }

    /// Whether a folder has files of objects; that it has no place for them is no error.
    pub(super) fn has_blobs(folder: &Path) -> io::Result<bool> {
        let shards = match fs::read_dir(folder.join("blobs")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            shards => shards?,
        };
        for shard in shards {
            let shard = shard?.path();
            if shard.is_dir() && fs::read_dir(shard)?.next().transpose()?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes every blob the index does not know. Returns how many there were. Blobs of later runs than this one stay:
    /// the index came from a backup then, and knows nothing of what was stored after it.
    pub(super) fn sweep(&self, known: &HashSet<BlobId>) -> io::Result<usize> {
        let first = i64::try_from(self.first).map_err(io::Error::other)?;
        let (mut removed, mut spared) = (0, 0_usize);
        for shard in fs::read_dir(&self.blobs)? {
            let shard = shard?.path();
            if !shard.is_dir() {
                continue;
            }
            for entry in fs::read_dir(shard)? {
                let entry = entry?;
                let id = entry.file_name().to_str().and_then(|name| i64::from_str_radix(name, 16).ok());
                match id {
                    Some(id) if known.contains(&id) => {}
                    Some(id) if id >= first => spared += 1,
                    _ => {
                        fs::remove_file(entry.path())?;
                        removed += 1;
                    }
                }
            }
        }
        if spared > 0 {
            tracing::warn!(spared, "blobs are newer than the index and belong to nothing in it; they stay");
        }
        Ok(removed)
    }

    /// Starts a new blob.
    pub(super) fn create(self: &Arc<Self>) -> io::Result<BlobWriter> {
        let id = loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let id = i64::try_from(number).map_err(io::Error::other)?;
            // Taken where the index came from a backup: see `sweep`.
            if !self.path(id).try_exists()? {
                break id;
            }
        };
        let path = self.incoming.join(format!("{id:016x}"));
        let file = File::options().write(true).create_new(true).open(&path)?;
        Ok(BlobWriter { file, pending: PendingBlob { store: Arc::clone(self), id, path, kept: false } })
    }

    /// Where a finished blob lies.
    pub(super) fn path(&self, id: BlobId) -> PathBuf {
        self.shard_dir(shard_of(id)).join(format!("{id:016x}"))
    }

    fn shard_dir(&self, shard: u8) -> PathBuf {
        self.blobs.join(format!("{shard:02x}"))
    }

    /// Makes the folder for a blob. Another thread may have been quicker.
    fn make_shard(&self, id: BlobId) -> io::Result<()> {
        match fs::create_dir(self.shard_dir(shard_of(id))) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        if self.durability == Durability::Full { sync_dir(&self.blobs) } else { Ok(()) }
    }

    /// Makes the names of finished blobs survive a power cut. To be called before the index commits.
    pub(super) fn sync_shards(&self, shards: &BTreeSet<u8>) -> io::Result<()> {
        if self.durability == Durability::Full {
            for shard in shards {
                sync_dir(&self.shard_dir(*shard))?;
            }
        }
        Ok(())
    }

    /// Held while an index row is read and its blobs are pinned, so that no delete slips in between.
    pub(super) fn lock_pins(&self) -> MutexGuard<'_, Pins> {
        self.pins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps blobs on disk until the guard is dropped. `pins` proves that the lock is held.
    pub(super) fn pin(self: &Arc<Self>, pins: &mut Pins, ids: Vec<BlobId>) -> PinGuard {
        for id in &ids {
            *pins.readers.entry(*id).or_default() += 1;
        }
        PinGuard { store: Arc::clone(self), ids }
    }

    /// Deletes blobs that the index has given up, or leaves that to their last reader.
    pub(super) fn release(&self, ids: &[BlobId]) {
        let mut pins = self.lock_pins();
        for id in ids {
            if pins.readers.contains_key(id) {
                pins.doomed.insert(*id);
            } else {
                self.remove(*id);
            }
        }
    }

    fn remove(&self, id: BlobId) {
        if let Err(error) = fs::remove_file(self.path(id)) {
            tracing::warn!(%error, blob = id, "cannot remove a blob; the next start will");
            self.leftovers.store(true, Ordering::Relaxed);
        }
    }

    /// Whether files are known to lie about that the index does not name.
    pub(super) fn has_leftovers(&self) -> bool {
        self.leftovers.load(Ordering::Relaxed) || !self.lock_pins().doomed.is_empty()
    }
}

/// The folder among 256 that a blob lies in. Neighbours share one, so that a batch of commits syncs few folders.
pub(super) fn shard_of(id: BlobId) -> u8 {
    (id >> 8).to_le_bytes().first().copied().unwrap_or_default()
}

#[cfg(unix)]
fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Windows cannot sync a folder; NTFS journals the rename.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "same signature as on Unix")]
fn sync_dir(_dir: &Path) -> io::Result<()> {
    Ok(())
}

/// A blob that is being written. Dropping it removes the file.
pub(super) struct BlobWriter {
    file: File,
    pending: PendingBlob,
}

impl BlobWriter {
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Syncs the bytes and moves the file to its place. Blocks.
    pub(super) fn finish(mut self) -> io::Result<PendingBlob> {
        if self.pending.store.durability == Durability::Full {
            self.file.sync_all()?;
        }
        drop(self.file);
        let place = self.pending.store.path(self.pending.id);
        match fs::rename(&self.pending.path, &place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.pending.store.make_shard(self.pending.id)?;
                fs::rename(&self.pending.path, &place)?;
            }
            renamed => renamed?,
        }
        self.pending.path = place;
        Ok(self.pending)
    }
}

/// A blob that no index row names yet. Dropping it removes the file, unless it was kept.
pub(super) struct PendingBlob {
    store: Arc<BlobStore>,
    id: BlobId,
    path: PathBuf,
    kept: bool,
}

impl PendingBlob {
    pub(super) fn id(&self) -> BlobId {
        self.id
    }

    /// The index names it now.
    pub(super) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for PendingBlob {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(%error, "cannot remove an unfinished blob; the next start will");
            self.store.leftovers.store(true, Ordering::Relaxed);
        }
    }
}

/// Keeps blobs on disk while they are read.
pub(super) struct PinGuard {
    store: Arc<BlobStore>,
    ids: Vec<BlobId>,
}

impl PinGuard {
    pub(super) fn store(&self) -> &Arc<BlobStore> {
        &self.store
    }
}

impl Drop for PinGuard {
    fn drop(&mut self) {
        let mut pins = self.store.lock_pins();
        for id in &self.ids {
            let Some(readers) = pins.readers.get_mut(id) else { continue };
            *readers = readers.saturating_sub(1);
            if *readers == 0 {
                pins.readers.remove(id);
                if pins.doomed.remove(id) {
                    self.store.remove(*id);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Arc<BlobStore>) {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(BlobStore::open(folder.path(), 1, Durability::Full).unwrap());
        (folder, store)
    }

    fn kept_blob(store: &Arc<BlobStore>) -> BlobId {
        let mut writer = store.create().unwrap();
        writer.write(b"bytes").unwrap();
        let pending = writer.finish().unwrap();
        let id = pending.id();
        pending.keep();
        id
    }

    #[test]
    fn unfinished_and_unkept_blobs_vanish() {
        let (folder, store) = store();
        let mut writer = store.create().unwrap();
        writer.write(b"half").unwrap();
        drop(writer);
        assert_eq!(fs::read_dir(folder.path().join("incoming")).unwrap().count(), 0);
        let pending = store.create().unwrap().finish().unwrap();
        let path = store.path(pending.id());
        assert!(path.exists());
        drop(pending);
        assert!(!path.exists());
    }

    #[test]
    fn a_pinned_blob_outlives_its_release() {
        let (_folder, store) = store();
        let id = kept_blob(&store);
        let guard = store.pin(&mut store.lock_pins(), vec![id]);
        store.release(&[id]);
        assert!(store.path(id).exists());
        drop(guard);
        assert!(!store.path(id).exists());
    }

    #[test]
    fn a_crash_leaves_nothing_that_a_start_does_not_remove() {
        let (folder, store) = store();
        let (known, unknown) = (kept_blob(&store), kept_blob(&store));
        fs::write(folder.path().join("incoming/0000000100000063"), b"half").unwrap();
        drop(store);
        let store = BlobStore::open(folder.path(), 2, Durability::Full).unwrap();
        assert_eq!(fs::read_dir(folder.path().join("incoming")).unwrap().count(), 0);
        assert_eq!(store.sweep(&HashSet::from([known])).unwrap(), 1);
        assert!(store.path(known).exists() && !store.path(unknown).exists());
    }
}
