//! Which pages SQLite's write-ahead log holds. Its form is documented and fixed: a head of 32 bytes, then frames of a
//! head of 24 bytes and a page each, numbers with their highest byte first.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek, SeekFrom};

use super::sums::PAGE_BYTES;

/// First bytes of a log; the last bit says how its own sums are made.
const MAGIC: u32 = 0x377f_0682;
const HEAD_BYTES: u64 = 32;
const FRAME_HEAD_BYTES: u64 = 24;

/// The pages that moving a log into its file may change, from 0. Some of an older log may be among them. `None` for one
/// that is not understood: then it may be any page.
pub(super) fn pages(log: &mut (impl Read + Seek)) -> io::Result<Option<BTreeSet<usize>>> {
    let len = log.seek(SeekFrom::End(0))?;
    if len == 0 {
        // There is nothing to be moved.
        return Ok(Some(BTreeSet::new()));
    }
    if len < HEAD_BYTES {
        return Ok(None);
    }
    let (magic, page_bytes) = (number(log, 0)?, number(log, 8)?);
    if magic & !1 != MAGIC || usize::try_from(page_bytes).ok() != Some(PAGE_BYTES) {
        return Ok(None);
    }
    let frame_bytes = FRAME_HEAD_BYTES + PAGE_BYTES as u64;
    let mut pages = BTreeSet::new();
    for frame in 0..(len - HEAD_BYTES) / frame_bytes {
        let page = number(log, HEAD_BYTES + frame * frame_bytes)?;
        let Some(page) = usize::try_from(page).ok().and_then(|page| page.checked_sub(1)) else { return Ok(None) };
        pages.insert(page);
    }
    Ok(Some(pages))
}

fn number(log: &mut (impl Read + Seek), at: u64) -> io::Result<u32> {
    let mut bytes = [0; 4];
    log.seek(SeekFrom::Start(at))?;
    log.read_exact(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn log(magic: u32, page_bytes: u32, pages: &[u32]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in [magic, 3_007_000, page_bytes, 0, 1, 2, 3, 4] {
            bytes.extend(number.to_be_bytes());
        }
        for page in pages {
            bytes.extend(page.to_be_bytes());
            bytes.extend([0; 20]);
            bytes.extend([7; PAGE_BYTES]);
        }
        bytes
    }

    fn pages_of(log: Vec<u8>) -> Option<Vec<usize>> {
        pages(&mut Cursor::new(log)).unwrap().map(|pages| pages.into_iter().collect())
    }

    #[test]
    fn every_page_of_a_log_is_named_once() {
        assert_eq!(pages_of(log(MAGIC, 4096, &[1, 9, 1, 300_000])), Some(vec![0, 8, 299_999]));
        assert_eq!(pages_of(log(MAGIC | 1, 4096, &[2])), Some(vec![1]));
        assert_eq!(pages_of(Vec::new()), Some(Vec::new()));
        let mut torn = log(MAGIC, 4096, &[1, 2]);
        torn.truncate(torn.len() - 1);
        assert_eq!(pages_of(torn), Some(vec![0]), "a frame that is not whole is none");
    }

    #[test]
    fn a_log_that_is_not_understood_may_change_any_page() {
        for odd in [log(0x1234, 4096, &[1]), log(MAGIC, 8192, &[1]), log(MAGIC, 4096, &[0]), vec![1; 31]] {
            assert_eq!(pages_of(odd), None);
        }
    }
}
