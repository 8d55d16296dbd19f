//! The names of a million files, one after the other in few blocks: a name of its own on the heap costs each of them
//! more than its bytes.

use std::ffi::{OsStr, OsString};

use crate::engine::journal::{os_bytes, os_string};

/// Bytes of a block; a longer name, which no file system has, gets one of its own.
const BLOCK_BYTES: usize = 64 * 1024;

/// Names; they are given back all at once only.
#[derive(Debug, Default)]
pub(super) struct Names {
    blocks: Vec<Vec<u8>>,
}

/// A place among the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NameRef {
    block: u32,
    at: u16,
    /// `u16::MAX`: the rest of the block.
    len: u16,
}

impl Names {
    /// Keeps a name.
    pub(super) fn add(&mut self, name: &OsStr) -> NameRef {
        let bytes = os_bytes(name);
        let has_room = self.blocks.last().is_some_and(|block| block.len() + bytes.len() < BLOCK_BYTES);
        if !has_room {
            self.blocks.push(Vec::with_capacity(BLOCK_BYTES.max(bytes.len())));
        }
        let block = u32::try_from(self.blocks.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let Some(last) = self.blocks.last_mut() else { return NameRef { block, at: 0, len: 0 } };
        let at = u16::try_from(last.len()).unwrap_or(u16::MAX);
        last.extend_from_slice(&bytes);
        NameRef { block, at, len: u16::try_from(bytes.len()).unwrap_or(u16::MAX) }
    }

    /// A name.
    pub(super) fn get(&self, name: NameRef) -> OsString {
        let at = usize::from(name.at);
        let end = if name.len == u16::MAX { None } else { Some(at + usize::from(name.len)) };
        let block = usize::try_from(name.block).ok().and_then(|block| self.blocks.get(block));
        let bytes = block.and_then(|block| block.get(at..end.unwrap_or(block.len())));
        os_string(bytes.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_they_were() {
        let mut names = Names::default();
        let long = "x".repeat(BLOCK_BYTES + 7);
        let texts: Vec<String> =
            (0..20_000).map(|number| format!("파일-{number}")).chain([long, String::new()]).collect();
        let kept: Vec<NameRef> = texts.iter().map(|text| names.add(OsStr::new(text))).collect();
        let after = names.add(OsStr::new("after"));
        for (text, name) in texts.iter().zip(kept) {
            assert_eq!(names.get(name), OsString::from(text));
        }
        assert_eq!(names.get(after), "after");
        assert!(names.blocks.len() < 10);
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_stay_as_they_are() {
        use std::os::unix::ffi::OsStrExt as _;
        let mut names = Names::default();
        let odd = OsStr::from_bytes(b"a\xffb");
        let kept = names.add(odd);
        assert_eq!(names.get(kept), odd);
    }
}
