//! Object keys and prefixes: exact bytes, never normalised, never trimmed.

use std::fmt;

/// Longest key that S3 takes, in bytes of UTF-8
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>).
pub const MAX_KEY_BYTES: usize = 1024;

/// An object's key, byte for byte as on the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey(String);

/// Why a text cannot be an object key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyProblem {
    /// Nothing left to name the object.
    Empty,
    /// More than [`MAX_KEY_BYTES`]; holds the length in bytes.
    TooLong(usize),
    /// The file's name is not valid Unicode, so no key is the same as it.
    NotUnicode,
    /// Holds a control character, which XML listings and links cannot carry safely.
    ControlCharacter,
    /// A path segment is `.` or `..`: no browser can open a link to it.
    DotSegment,
    /// Another file of the same batch has this key.
    Taken,
}

impl ObjectKey {
    /// Takes a key as the server gave it. Anything but an empty text is a legal key.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// Holds a key that is about to be created to the limits of S3 and of links.
    pub fn check_new(key: &str) -> Result<Self, KeyProblem> {
        if key.is_empty() {
            return Err(KeyProblem::Empty);
        }
        if key.len() > MAX_KEY_BYTES {
            return Err(KeyProblem::TooLong(key.len()));
        }
        if key.chars().any(char::is_control) {
            return Err(KeyProblem::ControlCharacter);
        }
        if has_dot_segment(key) {
            return Err(KeyProblem::DotSegment);
        }
        Ok(Self(key.to_owned()))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a segment is `.` or `..`: browsers and most clients fold those, also where they are encoded, and ask for
    /// another object.
    pub fn has_dot_segment(&self) -> bool {
        has_dot_segment(&self.0)
    }

    /// The last segment, what a person calls the file name. A trailing `/` belongs to it.
    pub fn name(&self) -> &str {
        last_segment(&self.0)
    }

    /// The prefix that holds this key: everything up to and with the last inner `/`.
    pub fn parent(&self) -> Prefix {
        Prefix(parent_of(&self.0).to_owned())
    }

    /// A zero-byte "folder marker" ends in `/`.
    pub fn is_folder_marker(&self) -> bool {
        self.0.ends_with('/')
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key prefix shown as a folder: empty for the bucket's root, else it ends in `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Prefix(String);

impl Prefix {
    /// The bucket's root.
    pub fn root() -> Self {
        Self(String::new())
    }

    /// Takes a prefix; a missing final `/` is added, since folders are whole segments.
    pub fn new(prefix: impl Into<String>) -> Self {
        let mut prefix = prefix.into();
        if !prefix.is_empty() && !prefix.ends_with('/') {
            prefix.push('/');
        }
        Self(prefix)
    }

    /// The prefix as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the bucket's root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The last segment without its `/`; empty for the root and for a folder with an empty name.
    pub fn name(&self) -> &str {
        last_segment(&self.0).trim_end_matches('/')
    }

    /// The folder above; the root is its own parent.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self(parent_of(&self.0).to_owned())
    }

    /// A folder below this one. `name` may hold inner `/`.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        Self::new(format!("{}{name}", self.0))
    }

    /// The text of a key below this prefix; it is not checked.
    pub fn join(&self, relative: &str) -> String {
        format!("{}{relative}", self.0)
    }

    /// Every folder from the first segment down to this one, for a breadcrumb.
    pub fn ancestors(&self) -> Vec<Self> {
        self.0.match_indices('/').map(|(at, _)| Self(self.0.chars_to(at + 1))).collect()
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

trait CharsTo {
    fn chars_to(&self, byte_end: usize) -> String;
}

impl CharsTo for String {
    /// The text before a byte position that is known to lie on a character border.
    fn chars_to(&self, byte_end: usize) -> String {
        self.get(..byte_end).unwrap_or_default().to_owned()
    }
}

/// Splits at the last `/` that is not the final character.
fn split_at_last_segment(text: &str) -> (&str, &str) {
    let inner = text.strip_suffix('/').unwrap_or(text);
    match inner.rfind('/') {
        Some(at) => text.split_at_checked(at + 1).unwrap_or(("", text)),
        None => ("", text),
    }
}

fn has_dot_segment(key: &str) -> bool {
    key.split('/').any(|segment| matches!(segment, "." | ".."))
}

fn last_segment(text: &str) -> &str {
    split_at_last_segment(text).1
}

fn parent_of(text: &str) -> &str {
    split_at_last_segment(text).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_and_parents() {
        let key = ObjectKey::new("photos/2026/경복궁 가을.jpg");
        assert_eq!(key.name(), "경복궁 가을.jpg");
        assert_eq!(key.parent().as_str(), "photos/2026/");
        assert_eq!(ObjectKey::new("a//b").parent().as_str(), "a//");
        assert_eq!(ObjectKey::new("dir/").name(), "dir/");
        assert_eq!(Prefix::new("a/b").parent().as_str(), "a/");
        assert_eq!(Prefix::new("a").parent(), Prefix::root());
        let shown: Vec<_> = Prefix::new("a/b/c").ancestors().iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["a/", "a/b/", "a/b/c/"]);
    }

    #[test]
    fn new_keys_are_held_to_the_limits() {
        assert!(ObjectKey::check_new(&"가".repeat(341)).is_ok());
        assert_eq!(ObjectKey::check_new(&"가".repeat(342)), Err(KeyProblem::TooLong(1026)));
        assert_eq!(ObjectKey::check_new("a/../b"), Err(KeyProblem::DotSegment));
        assert_eq!(ObjectKey::check_new("a\u{1}b"), Err(KeyProblem::ControlCharacter));
        assert!(ObjectKey::check_new("..a/b..").is_ok());
    }

    proptest! {
        #[test]
        fn parent_and_name_make_the_key(key in "[a-z가-힣/. +%#]{1,40}") {
            let key = ObjectKey::new(key);
            prop_assert_eq!(format!("{}{}", key.parent(), key.name()), key.as_str());
        }
    }
}
