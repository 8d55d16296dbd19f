//! Sums of the journal's pages, beside it: a bit that has turned over inside a row looks like a good row to SQLite, and
//! would send a file to another key. The log has sums of its own; these are of the file that the log is moved into, so
//! they change only there: taken away before, written anew afterwards.

use crc_fast::{CrcAlgorithm, checksum};

/// Begins the file of sums.
const MAGIC: &[u8; 8] = b"BDQSUMS1";
/// What one sum is of; SQLite's pages are as large.
pub(super) const PAGE_BYTES: usize = 4096;
/// When so many pages, and a quarter of all, differ, the sums are of another file.
const MANY: usize = 8;

/// The sums of a journal, in their written form; the last one is of the others.
pub(super) fn written(journal: &[u8]) -> Vec<u8> {
    let sums: Vec<u8> = journal.chunks(PAGE_BYTES).flat_map(|page| sum(page).to_le_bytes()).collect();
    let last = sum(&sums).to_le_bytes();
    [MAGIC.as_slice(), &sums, &last].concat()
}

/// Pages that are not what they were, from 0; none where the sums are not of this file, or not whole themselves.
pub(super) fn differing(journal: &[u8], written: &[u8]) -> Vec<usize> {
    let whole = written.strip_prefix(MAGIC).and_then(|sums| sums.split_last_chunk::<8>());
    let Some((sums, _)) = whole.filter(|(sums, last)| sum(sums).to_le_bytes() == **last) else { return Vec::new() };
    let pages = journal.len().div_ceil(PAGE_BYTES);
    if sums.len() != pages * size_of::<u64>() {
        return Vec::new();
    }
    let known = sums.chunks_exact(size_of::<u64>());
    let differing: Vec<usize> = journal
        .chunks(PAGE_BYTES)
        .zip(known)
        .enumerate()
        .filter(|(_, (page, known))| sum(page).to_le_bytes() != **known)
        .map(|(number, _)| number)
        .collect();
    if differing.len() > MANY && differing.len() * 4 > pages {
        tracing::warn!("the sums beside the journal are of another file");
        return Vec::new();
    }
    differing
}

fn sum(page: &[u8]) -> u64 {
    checksum(CrcAlgorithm::Crc64Nvme, page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_turned_bit_is_seen_and_another_file_is_none_of_ours() {
        let mut journal: Vec<u8> = (0..20 * PAGE_BYTES).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect();
        let sums = written(&journal);
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
}
