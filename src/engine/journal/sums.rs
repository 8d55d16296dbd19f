//! Sums of the journal's pages, beside it: a bit that has turned over inside a row looks like a good row to SQLite, and
//! would send a file to another key. The log has sums of its own; these are of the file that the log is moved into, so
//! they change only there: taken away before, written anew afterwards.
//!
//! A page takes eight bytes of memory here while the journal is open: 220 KiB for a million jobs. The file itself is
//! read a piece at a time, and only what the log has changed is read again.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek, SeekFrom};

use crc_fast::{CrcAlgorithm, checksum};

/// Begins the file of sums.
const MAGIC: &[u8; 8] = b"BDQSUMS1";
/// What one sum is of; SQLite's pages are as large.
pub(super) const PAGE_BYTES: usize = 4096;
/// When so many pages, and a quarter of all, differ, the sums are of another file.
const MANY: usize = 8;

/// The sums of a journal's pages, in their order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sums(Vec<u64>);

impl Sums {
    /// Of a whole file, however large: a page of it is in memory at a time.
    pub(super) fn of(file: &mut (impl Read + Seek)) -> io::Result<Self> {
        let mut sums = Self::default();
        sums.renew(file, &BTreeSet::new())?;
        Ok(sums)
    }

    /// Brings them up to date: these pages may have changed, and the file may have another length.
    pub(super) fn renew(&mut self, file: &mut (impl Read + Seek), changed: &BTreeSet<usize>) -> io::Result<()> {
        let len = file.seek(SeekFrom::End(0))?;
        let pages = usize::try_from(len).map_err(io::Error::other)?.div_ceil(PAGE_BYTES);
        let known = self.0.len();
        self.0.resize(pages, 0);
        let mut page = Vec::with_capacity(PAGE_BYTES);
        let mut next = None;
        let within = changed.range(..pages.min(known)).copied();
        for number in within.chain(known..pages) {
            if next != Some(number) {
                file.seek(SeekFrom::Start((number * PAGE_BYTES) as u64))?;
            }
            next = Some(number + 1);
            page.clear();
            // The last one may be shorter.
            file.by_ref().take(PAGE_BYTES as u64).read_to_end(&mut page)?;
            if let Some(known) = self.0.get_mut(number) {
                *known = sum(&page);
            }
        }
        Ok(())
    }

    /// Their written form; the last one is of the others.
    pub(super) fn written(&self) -> Vec<u8> {
        let sums: Vec<u8> = self.0.iter().flat_map(|sum| sum.to_le_bytes()).collect();
        let last = sum(&sums).to_le_bytes();
        [MAGIC.as_slice(), &sums, &last].concat()
    }

    /// Pages that are not what they were when that was written, from 0; none where it is not of this file, or not whole
    /// itself.
    pub(super) fn differing(&self, written: &[u8]) -> Vec<usize> {
        let whole = written.strip_prefix(MAGIC).and_then(|sums| sums.split_last_chunk::<8>());
        let Some((sums, _)) = whole.filter(|(sums, last)| sum(sums).to_le_bytes() == **last) else {
            return Vec::new();
        };
        if sums.len() != self.0.len() * size_of::<u64>() {
            return Vec::new();
        }
        let known = sums.chunks_exact(size_of::<u64>());
        let pairs = self.0.iter().zip(known).enumerate();
        let differing: Vec<usize> =
            pairs.filter(|(_, (sum, known))| sum.to_le_bytes() != **known).map(|(number, _)| number).collect();
        if differing.len() > MANY && differing.len() * 4 > self.0.len() {
            tracing::warn!("the sums beside the journal are of another file");
            return Vec::new();
        }
        differing
    }
}

fn sum(page: &[u8]) -> u64 {
    checksum(CrcAlgorithm::Crc64Nvme, page)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn sums_of(journal: &[u8]) -> Sums {
        Sums::of(&mut Cursor::new(journal)).unwrap()
    }

    fn differing(journal: &[u8], written: &[u8]) -> Vec<usize> {
        sums_of(journal).differing(written)
    }

    fn pages(count: usize) -> Vec<u8> {
        (0..count * PAGE_BYTES).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect()
    }

    #[test]
    fn every_turned_bit_is_seen_and_another_file_is_none_of_ours() {
        let mut journal = pages(20);
        let sums = sums_of(&journal).written();
        assert!(differing(&journal, &sums).is_empty());
        for at in (0..journal.len()).step_by(1009) {
            journal[at] ^= 4;
            assert_eq!(differing(&journal, &sums), [at / PAGE_BYTES]);
            journal[at] ^= 4;
        }
        assert!(differing(&journal[..19 * PAGE_BYTES], &sums).is_empty(), "cut off: others notice that");
        assert!(differing(&vec![1; journal.len()], &sums).is_empty());
        assert!(differing(&journal, b"something else").is_empty());
        let mut turned = sums.clone();
        turned[20] ^= 1;
        assert!(differing(&journal, &turned).is_empty(), "the sums themselves are not whole");
    }

    /// A file that counts the bytes that are read of it.
    struct Counted(Cursor<Vec<u8>>, usize);

    impl Read for Counted {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(into)?;
            self.1 += read;
            Ok(read)
        }
    }

    impl Seek for Counted {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn only_what_has_changed_is_read_again() {
        let journal = pages(1000);
        let mut sums = sums_of(&journal);
        let mut changed = journal.clone();
        for page in [0, 500, 501, 999] {
            changed[page * PAGE_BYTES + 17] ^= 1;
        }
        changed.extend(pages(3));
        let mut file = Counted(Cursor::new(changed.clone()), 0);
        sums.renew(&mut file, &BTreeSet::from([0, 500, 501, 999, 1002, 5000])).unwrap();
        assert_eq!(file.1, 7 * PAGE_BYTES);
        assert_eq!(sums, sums_of(&changed));
        // It has shrunk, to less than a whole page at its end.
        let short = &changed[..500 * PAGE_BYTES + 100];
        sums.renew(&mut Cursor::new(short), &BTreeSet::from([500, 999])).unwrap();
        assert_eq!(sums, sums_of(short));
    }
}
