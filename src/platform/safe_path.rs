//! Where an object may be written below a download folder. A key is the word of a server: it must not be able to
//! name anything outside, nor anything the system gives a meaning of its own.
//!
//! Pure functions: the rules of every system can be asked for, and tested, on any of them.

use std::fmt;
use std::path::PathBuf;

use super::PlatformError;

/// Whose rules for names hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameRules {
    /// Linux, macOS and the like.
    Unix,
    /// Windows: reserved names and characters, too.
    Windows,
}

impl NameRules {
    /// The rules of the system this was built for.
    pub const HERE: Self = if cfg!(windows) { Self::Windows } else { Self::Unix };
}

/// Why a key, or a part of it, cannot be a file name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnsafeName {
    /// Nothing is left to name the file.
    Empty,
    /// A part is `.` or `..`.
    DotSegment,
    /// It starts with `/`, a drive or a network share.
    Absolute,
    /// A part is longer than the system takes.
    TooLong,
}

impl fmt::Display for UnsafeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "there is no name in it",
            Self::DotSegment => "a part of it is . or ..",
            Self::Absolute => "it starts at a root, a drive or a share",
            Self::TooLong => "a part of it is too long",
        })
    }
}

/// Longest name on the file systems in use: 255 bytes on Unix, 255 UTF-16 units on Windows.
const MAX_NAME_UNITS: usize = 255;

/// The path below the download folder for a key, or for the rest of a key below the downloaded prefix.
///
/// Key and prefix are split at `/`. Parts that would leave the folder (`..`, a root, a drive, a share) are refused.
/// Characters that the system cannot have in a name are written as `%` and two hex digits per byte, as are the first
/// character of a Windows device name and a final dot or space there; so the result has one component per part and
/// nothing that a system would read differently. Two keys may give the same path: what to do then is the caller's.
pub fn safe_relative_path(key: &str, rules: NameRules) -> Result<PathBuf, PlatformError> {
    let refuse = |problem| PlatformError::UnsafeName { key: key.to_owned(), problem };
    if key.starts_with('/') || key.starts_with('\\') || has_drive(key) {
        return Err(refuse(UnsafeName::Absolute));
    }
    let mut path = PathBuf::new();
    for part in key.split('/') {
        path.push(safe_name(part, rules).map_err(refuse)?);
    }
    Ok(path)
}

/// Whether a text starts as `C:` does. Refused everywhere: no system's users mean it as a name.
fn has_drive(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.next() == Some(':')
        && matches!(chars.next(), None | Some('\\' | '/'))
}

/// One part of a key as a file name.
fn safe_name(part: &str, rules: NameRules) -> Result<String, UnsafeName> {
    match part {
        "" => return Err(UnsafeName::Empty),
        // With trailing spaces and dots Windows takes them for the same.
        "." | ".." => return Err(UnsafeName::DotSegment),
        _ => {}
    }
    if rules == NameRules::Windows && part.chars().all(|c| c == '.' || c == ' ') {
        return Err(UnsafeName::DotSegment);
    }
    let reserved = rules == NameRules::Windows && is_windows_device(part);
    let last = part.chars().count().saturating_sub(1);
    let mut name = String::with_capacity(part.len());
    for (index, c) in part.chars().enumerate() {
        let at_end = rules == NameRules::Windows && index == last && matches!(c, '.' | ' ');
        if must_be_encoded(c, rules) || at_end || (reserved && index == 0) {
            encode(c, &mut name);
        } else {
            name.push(c);
        }
    }
    let units = match rules {
        NameRules::Unix => name.len(),
        NameRules::Windows => name.encode_utf16().count(),
    };
    if units > MAX_NAME_UNITS { Err(UnsafeName::TooLong) } else { Ok(name) }
}

fn must_be_encoded(c: char, rules: NameRules) -> bool {
    // A backslash or a colon is a separator somewhere, and downloaded folders travel.
    let everywhere = c.is_control() || matches!(c, '\\' | ':') || is_bidi_control(c);
    everywhere || (rules == NameRules::Windows && matches!(c, '<' | '>' | '"' | '|' | '?' | '*'))
}

/// Characters that turn the reading order: a program's name could look like a picture's.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn encode(c: char, name: &mut String) {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let mut buffer = [0_u8; 4];
    for byte in c.encode_utf8(&mut buffer).bytes() {
        name.push('%');
        name.extend([byte >> 4, byte & 15].into_iter().filter_map(|digit| DIGITS.get(usize::from(digit))));
    }
}

/// `CON`, `NUL`, `COM1` and so on, with any extension and any case
/// (<https://learn.microsoft.com/windows/win32/fileio/naming-a-file>).
fn is_windows_device(part: &str) -> bool {
    let stem = part.split(['.', ':']).next().unwrap_or(part).trim_end_matches(' ');
    let stem = stem.to_uppercase();
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    let Some(number) = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT")) else { return false };
    let mut digits = number.chars();
    // Windows takes superscript digits for digits here.
    digits.next().is_some_and(|c| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³')) && digits.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::Component;

    fn problem(key: &str, rules: NameRules) -> Option<UnsafeName> {
        match safe_relative_path(key, rules) {
            Err(PlatformError::UnsafeName { problem, .. }) => Some(problem),
            _ => None,
        }
    }

    #[test]
    fn keys_that_would_leave_the_folder_are_refused() {
        use UnsafeName::{Absolute, DotSegment, Empty};
        let table = [
            ("", Empty),
            ("a//b", Empty),
            ("folder/", Empty),
            ("a/b//", Empty),
            (".", DotSegment),
            ("..", DotSegment),
            ("../x", DotSegment),
            ("../../etc/passwd", DotSegment),
            ("a/../../b", DotSegment),
            ("a/..", DotSegment),
            ("a/./b", DotSegment),
            ("./a", DotSegment),
            ("..//..//x", DotSegment),
            ("/etc/passwd", Absolute),
            ("//server/share/x", Absolute),
            ("/", Absolute),
            ("\\", Absolute),
            ("\\windows\\system32", Absolute),
            ("\\\\server\\share\\x", Absolute),
            ("\\\\?\\C:\\x", Absolute),
            ("\\\\.\\pipe\\x", Absolute),
            ("C:\\x", Absolute),
            ("c:/x", Absolute),
            ("C:", Absolute),
            ("Z:\\..\\x", Absolute),
        ];
        for (key, expected) in table {
            for rules in [NameRules::Unix, NameRules::Windows] {
                assert_eq!(problem(key, rules), Some(expected), "{key:?} by {rules:?}");
            }
        }
        for key in ["...", ".. ", ". .", " ", "a/.../b", "a/ /b", ". ./x", ".../x"] {
            assert_eq!(problem(key, NameRules::Windows), Some(DotSegment), "{key:?}");
        }
    }

    #[test]
    fn names_that_mean_something_else_are_written_so_that_they_do_not() {
        // key, on Unix, on Windows
        let table = [
            ("보고서 (최종).pdf", "보고서 (최종).pdf", "보고서 (최종).pdf"),
            ("a/b c/d+e%20#1.txt", "a/b c/d+e%20#1.txt", "a/b c/d+e%20#1.txt"),
            ("..a/b..c", "..a/b..c", "..a/b..c"),
            (".hidden", ".hidden", ".hidden"),
            ("..\\..\\x", "..%5C..%5Cx", "..%5C..%5Cx"),
            ("a\\..\\b", "a%5C..%5Cb", "a%5C..%5Cb"),
            ("a\0b", "a%00b", "a%00b"),
            ("a\nb\u{1b}[31m", "a%0Ab%1B[31m", "a%0Ab%1B[31m"),
            ("a/C:x", "a/C%3Ax", "a/C%3Ax"),
            ("C:x", "C%3Ax", "C%3Ax"),
            ("file:stream", "file%3Astream", "file%3Astream"),
            ("a/b:$DATA", "a/b%3A$DATA", "a/b%3A$DATA"),
            ("photo\u{202E}gpj.exe", "photo%E2%80%AEgpj.exe", "photo%E2%80%AEgpj.exe"),
            ("what?.txt", "what?.txt", "what%3F.txt"),
            ("<a>|\"b\"*", "<a>|\"b\"*", "%3Ca%3E%7C%22b%22%2A"),
            ("CON", "CON", "%43ON"),
            ("con.txt", "con.txt", "%63on.txt"),
            ("a/NUL.tar.gz", "a/NUL.tar.gz", "a/%4EUL.tar.gz"),
            ("aux", "aux", "%61ux"),
            ("PRN .txt", "PRN .txt", "%50RN .txt"),
            ("COM1", "COM1", "%43OM1"),
            ("com0.log", "com0.log", "%63om0.log"),
            ("LPT9.x", "LPT9.x", "%4CPT9.x"),
            ("COM¹", "COM¹", "%43OM¹"),
            ("lpt².txt", "lpt².txt", "%6Cpt².txt"),
            ("COM³", "COM³", "%43OM³"),
            ("CONIN$", "CONIN$", "%43ONIN$"),
            ("conout$.x", "conout$.x", "%63onout$.x"),
            ("NUL:", "NUL%3A", "%4EUL%3A"),
            ("COM10", "COM10", "COM10"),
            ("CONSOLE", "CONSOLE", "CONSOLE"),
            ("COM", "COM", "COM"),
            ("name.", "name.", "name%2E"),
            ("name ", "name ", "name%20"),
            ("a./b", "a./b", "a%2E/b"),
        ];
        for (key, unix, windows) in table {
            assert_eq!(safe_relative_path(key, NameRules::Unix).unwrap(), PathBuf::from(unix), "{key:?}");
            assert_eq!(safe_relative_path(key, NameRules::Windows).unwrap(), PathBuf::from(windows), "{key:?}");
        }
    }

    #[test]
    fn long_names_are_refused_by_the_units_of_the_system() {
        let hangul = "가".repeat(100);
        assert_eq!(problem(&hangul, NameRules::Unix), Some(UnsafeName::TooLong));
        assert_eq!(problem(&hangul, NameRules::Windows), None);
        assert_eq!(problem(&"a".repeat(255), NameRules::Unix), None);
        assert_eq!(problem(&"a".repeat(256), NameRules::Windows), Some(UnsafeName::TooLong));
    }

    proptest! {
        #[test]
        fn every_path_stays_inside(key in "(\\PC|[./\\\\:\0 ]|\\.\\.|/|CON|C:){0,30}") {
            for rules in [NameRules::Unix, NameRules::Windows] {
                let Ok(path) = safe_relative_path(&key, rules) else { continue };
                let parts = path.components().count();
                prop_assert!(path.components().all(|c| matches!(c, Component::Normal(_))), "{path:?}");
                prop_assert_eq!(parts, key.split('/').count());
                let text = path.to_str().unwrap();
                prop_assert!(!text.contains(['\\', ':', '\0']), "{}", text);
                prop_assert!(std::path::Path::new("/root/folder").join(&path).starts_with("/root/folder"));
            }
        }
    }
}
