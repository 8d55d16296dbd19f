//! A list of keys that may be longer than what memory should hold: its beginning goes to a file without a name.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::PlatformError;

/// Bytes kept in memory before they are written out: some fifty thousand keys.
const MEMORY_BYTES: usize = 4 * 1024 * 1024;
/// Before each key stands its length.
const LENGTH_BYTES: usize = size_of::<u32>();

/// Keys in the order in which they came. The file goes with the list, also when the program is killed.
#[derive(Debug)]
pub struct KeySpool {
    folder: PathBuf,
    /// What was written out already.
    file: Option<File>,
    /// What comes after it.
    tail: Vec<u8>,
    memory_bytes: usize,
}

impl KeySpool {
    /// No keys. A file is made below `folder` once it is needed.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), file: None, tail: Vec::new(), memory_bytes: MEMORY_BYTES }
    }

    /// Adds a key. Blocks on the disk now and then.
    ///
    /// # Errors
    /// `TargetUnwritable` if the file cannot be made or written.
    pub fn push(&mut self, key: &str) -> Result<(), PlatformError> {
        let length = u32::try_from(key.len()).map_err(|_too_long| self.failed(io::ErrorKind::InvalidInput.into()))?;
        self.tail.extend_from_slice(&length.to_le_bytes());
        self.tail.extend_from_slice(key.as_bytes());
        if self.tail.len() >= self.memory_bytes {
            self.write_out().map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    fn write_out(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(nameless_file(&self.folder)?),
        };
        file.seek(SeekFrom::End(0))?;
        file.write_all(&self.tail)?;
        self.tail.clear();
        Ok(())
    }

    /// Reads from the first key on; one reader at a time. Blocks on the disk.
    ///
    /// # Errors
    /// `TargetUnwritable` if the file cannot be read from its beginning.
    pub fn read(&self) -> Result<KeyReader<'_>, PlatformError> {
        let mut bytes: Box<dyn Read + Send + '_> = Box::new(self.tail.as_slice());
        if let Some(mut file) = self.file.as_ref() {
            file.seek(SeekFrom::Start(0)).map_err(|source| self.failed(source))?;
            bytes = Box::new(BufReader::new(file).chain(bytes));
        }
        Ok(KeyReader { spool: self, bytes })
    }

    fn failed(&self, source: io::Error) -> PlatformError {
        PlatformError::TargetUnwritable { path: self.folder.clone(), source }
    }
}

/// Gives the keys of a [`KeySpool`] back, in their order.
pub struct KeyReader<'a> {
    spool: &'a KeySpool,
    bytes: Box<dyn Read + Send + 'a>,
}

impl std::fmt::Debug for KeyReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyReader").field("spool", self.spool).finish_non_exhaustive()
    }
}

impl KeyReader<'_> {
    /// The next keys, `most` of them or what is left; none at the end. Blocks on the disk.
    ///
    /// # Errors
    /// `TargetUnwritable` if the file cannot be read.
    pub fn next_keys(&mut self, most: usize) -> Result<Vec<String>, PlatformError> {
        let mut keys = Vec::new();
        while keys.len() < most {
            match self.next_key().map_err(|source| self.spool.failed(source))? {
                Some(key) => keys.push(key),
                None => break,
            }
        }
        Ok(keys)
    }

    fn next_key(&mut self) -> io::Result<Option<String>> {
        let mut length = [0; LENGTH_BYTES];
        // Before a key there is either all of a length, or nothing any more.
        if self.bytes.read(length.get_mut(..1).unwrap_or_default())? == 0 {
            return Ok(None);
        }
        self.bytes.read_exact(length.get_mut(1..).unwrap_or_default())?;
        let mut key = vec![0; usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX)];
        self.bytes.read_exact(&mut key)?;
        String::from_utf8(key).map(Some).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

/// A file that is gone once it is closed.
fn nameless_file(folder: &Path) -> io::Result<File> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join(format!("keys-{}", uuid::Uuid::new_v4().simple()));
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt as _;
        const DELETE_ON_CLOSE: u32 = 0x0400_0000;
        options.custom_flags(DELETE_ON_CLOSE);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let file = options.open(&path)?;
    #[cfg(unix)]
    std::fs::remove_file(&path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_in_their_order_from_memory_and_from_the_file() {
        let temp = tempfile::tempdir().unwrap();
        for memory_bytes in [64, MEMORY_BYTES] {
            let mut spool = KeySpool { memory_bytes, ..KeySpool::new(temp.path()) };
            let keys: Vec<String> = (0..1000).map(|number| format!("폴더/{number}")).chain([String::new()]).collect();
            for key in &keys {
                spool.push(key).unwrap();
            }
            assert_eq!(spool.file.is_some(), memory_bytes == 64);
            for _reading in 0..2 {
                let (mut reader, mut read) = (spool.read().unwrap(), Vec::new());
                loop {
                    let some = reader.next_keys(7).unwrap();
                    if some.is_empty() {
                        break;
                    }
                    read.extend(some);
                }
                assert_eq!(read, keys);
            }
            spool.push("later").unwrap();
            assert_eq!(spool.read().unwrap().next_keys(usize::MAX).unwrap().len(), keys.len() + 1);
        }
        let left = std::fs::read_dir(temp.path()).unwrap().count();
        assert_eq!(left, 0, "no file stays");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_told() {
        let temp = tempfile::NamedTempFile::new().unwrap();
        let mut spool = KeySpool { memory_bytes: 1, ..KeySpool::new(&temp.path().join("below-a-file")) };
        assert!(matches!(spool.push("k"), Err(PlatformError::TargetUnwritable { .. })));
    }
}
