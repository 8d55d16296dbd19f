//! The list of files that a drag carries (`text/uri-list`, RFC 2483), read as the window toolkit reads it, and as it
//! should be read.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode;

use crate::model::{DraggedName, UnreadDrag};

/// What stands before the name of a file.
const FILE: &[u8] = b"file://";

/// Reads a list; lines that name nothing at all count as elsewhere.
pub(super) fn parse(list: &[u8]) -> UnreadDrag {
    let mut read = UnreadDrag::default();
    let own_host = own_host();
    for line in lines(list) {
        match local_file(line, &own_host) {
            Some(file) => read.files.push(file),
            None => read.elsewhere += 1,
        }
    }
    read
}

/// Whether winit 0.30 hands a drop of this list over: it decodes the list as one UTF-8 text, knows no comments and no
/// host names, and drops all of it for one file that is not there. Looks at the disk.
pub(super) fn toolkit_takes(list: &[u8]) -> bool {
    let Ok(decoded) = percent_decode(list).decode_utf8() else { return false };
    let mut files = decoded.split("\r\n").filter(|line| !line.is_empty()).peekable();
    files.peek().is_some()
        && files.all(|line| {
            let file = line.strip_prefix("file://").filter(|path| path.starts_with('/'));
            file.is_some_and(|path| Path::new(path).canonicalize().is_ok())
        })
}

/// What winit, which takes this list, calls each file otherwise than the list does: it follows symbolic links. Empty where
/// all names are the same. Looks at the disk.
pub(super) fn renamed(list: &[u8]) -> Vec<DraggedName> {
    let with_told = |dragged: PathBuf| {
        // With a slash at its end a link would be followed here, too.
        let dragged: PathBuf = dragged.components().collect();
        Some(DraggedName { told: dragged.canonicalize().ok()?, dragged })
    };
    let names: Vec<DraggedName> = parse(list).files.into_iter().filter_map(with_told).collect();
    if names.iter().all(|name| name.told == name.dragged) { Vec::new() } else { names }
}

fn lines(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    // Some programs end the list by a zero, and lines by no more than a line feed.
    let lines = list.split(|byte| matches!(byte, b'\r' | b'\n' | 0));
    lines.filter(|line| !line.is_empty() && !line.starts_with(b"#"))
}

/// The path that a `file:` address of this computer names. File managers give their own host's name, or `localhost`.
fn local_file(address: &[u8], own_host: &[u8]) -> Option<PathBuf> {
    let rest = address.strip_prefix(FILE)?;
    let slash = rest.iter().position(|byte| *byte == b'/')?;
    let (host, path) = rest.split_at_checked(slash)?;
    let is_here = host.is_empty() || host == b"localhost" || host == own_host;
    is_here.then(|| PathBuf::from(OsString::from_vec(percent_decode(path).collect())))
}

/// What Linux calls this computer; where it does not say, nothing bears that name.
fn own_host() -> Vec<u8> {
    std::fs::read("/proc/sys/kernel/hostname").map(|name| name.trim_ascii().to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[test]
    fn files_of_this_computer_are_told_from_what_is_elsewhere() {
        let host = String::from_utf8(own_host()).unwrap();
        let list = format!(
            "# a comment\r\nfile:///a%20b/%EA%B0%80.txt\r\nfile://localhost/c\r\nfile://{host}/d\r\n\
             file://far.example/e\r\nmtp://phone/f\r\nhttps://example.com/g\r\n\r\n"
        );
        let read = parse(list.as_bytes());
        assert_eq!(read.files, ["/a b/가.txt", "/c", "/d"].map(PathBuf::from));
        assert_eq!(read.elsewhere, 3);
        assert_eq!(parse(b""), UnreadDrag::default());
    }

    #[test]
    fn names_keep_their_bytes() {
        // Not UTF-8, a percent sign, a line feed: all of them legal in a name.
        let read = parse(b"file:///%FF\r\nfile:///100%25\r\nfile:///a%0Ab\n");
        let names: Vec<&[u8]> = read.files.iter().map(|file| file.as_os_str().as_bytes()).collect();
        assert_eq!(names, [&b"/\xff"[..], b"/100%", b"/a\nb"]);
    }

    #[test]
    fn links_keep_the_names_that_they_were_dragged_by() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("releases-v3")).unwrap();
        std::os::unix::fs::symlink("releases-v3", root.join("current")).unwrap();
        let list = |names: &[&str]| -> Vec<u8> {
            names.iter().flat_map(|name| format!("file://{}/{name}\r\n", root.display()).into_bytes()).collect()
        };
        assert_eq!(renamed(&list(&["releases-v3"])), []);
        let name = |dragged: &str| DraggedName { told: root.join("releases-v3"), dragged: root.join(dragged) };
        assert_eq!(renamed(&list(&["releases-v3", "current"])), [name("releases-v3"), name("current")]);
        let slashed = renamed(&list(&["current/"]));
        assert_eq!(slashed[0].dragged.as_os_str(), root.join("current").as_os_str());
    }

    #[test]
    fn the_toolkit_refuses_a_whole_list_for_one_odd_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("there.txt");
        std::fs::write(&file, "x").unwrap();
        let there = format!("file://{}\r\n", file.display());
        assert!(toolkit_takes(there.as_bytes()));
        for odd in [
            "file:///no/such/file\r\n",
            "mtp://phone/a\r\n",
            "file://localhost/tmp\r\n",
            "# one\r\n",
            "file:///%FF\r\n",
        ] {
            assert!(!toolkit_takes(format!("{there}{odd}").as_bytes()), "{odd:?}");
        }
        assert!(!toolkit_takes(b""));
    }
}
