//! Names on the way up: content types, suggestions for impossible keys, the next free name.

use crate::model::{KeyProblem, MAX_KEY_BYTES, ObjectKey};

/// The MIME type by extension, with a charset for text: browsers would guess another for Hangul.
pub(crate) fn content_type(key: &ObjectKey) -> String {
    let Some(mime) = mime_guess2::from_path(key.name()).first() else {
        return "application/octet-stream".to_owned();
    };
    let essence = mime.essence_str().to_owned();
    let is_text = essence.starts_with("text/")
        || matches!(
            essence.as_str(),
            "application/json" | "application/javascript" | "application/xml" | "image/svg+xml"
        );
    if is_text { format!("{essence}; charset=utf-8") } else { essence }
}

/// `name (2).ext` for the second, `name (3).ext` for the third, …; `None` if that is too long for a key.
pub(crate) fn numbered(key: &ObjectKey, number: u32) -> Option<ObjectKey> {
    let parent = key.parent();
    let (stem, extension) = split_extension(key.name());
    ObjectKey::check_new(&format!("{parent}{stem} ({number}){extension}")).ok()
}

/// Whether a key is that of another one with such a number, or with several: each run counts anew.
pub(crate) fn is_numbered(key: &str, plain: &ObjectKey) -> bool {
    let (parent, (stem, extension)) = (plain.parent(), split_extension(plain.name()));
    let rest = key.strip_prefix(parent.as_str()).and_then(|rest| rest.strip_prefix(stem));
    let Some(mut numbers) = rest.and_then(|rest| rest.strip_suffix(extension)) else { return false };
    let is_one = !numbers.is_empty();
    while let Some((number, rest)) = numbers.strip_prefix(" (").and_then(|number| number.split_once(')')) {
        if number.parse::<u32>().is_err() {
            return false;
        }
        numbers = rest;
    }
    is_one && numbers.is_empty()
}

/// Splits `name.tar.gz` into `name.tar` and `.gz`; a leading dot starts no extension.
pub(crate) fn split_extension(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 => name.split_at_checked(at).unwrap_or((name, "")),
        _ => (name, ""),
    }
}

/// A key that would work in place of one that does not: odd characters become `_`, long names lose their middle.
pub(crate) fn suggestion(key: &str, problem: KeyProblem) -> String {
    let replaced: String =
        key.chars().map(|c| if c.is_control() || c == char::REPLACEMENT_CHARACTER { '_' } else { c }).collect();
    let cleaned = without_dot_segments(&replaced);
    if cleaned.is_empty() {
        return "_".to_owned();
    }
    let is_long = matches!(problem, KeyProblem::TooLong(_)) || cleaned.len() > MAX_KEY_BYTES;
    // Cutting may leave a segment of dots alone.
    if is_long { without_dot_segments(&shortened(&cleaned)) } else { cleaned }
}

fn without_dot_segments(key: &str) -> String {
    let segments: Vec<&str> =
        key.split('/').map(|segment| if matches!(segment, "." | "..") { "_" } else { segment }).collect();
    segments.join("/")
}

/// Cuts the last segment's stem, and if that is not enough the folders above, on character borders.
fn shortened(key: &str) -> String {
    if key.len() <= MAX_KEY_BYTES {
        return key.to_owned();
    }
    let key_object = ObjectKey::new(key);
    let (parent, name) = (key_object.parent(), key_object.name());
    let (stem, extension) = split_extension(name);
    let extension = if extension.len() > 32 { "" } else { extension };
    let room = MAX_KEY_BYTES.saturating_sub(parent.as_str().len() + extension.len());
    if room >= 8 {
        return format!("{parent}{}{extension}", cut(stem, room));
    }
    let name = format!("{}{extension}", cut(stem, 200));
    format!("{}/{name}", cut(parent.as_str().trim_end_matches('/'), MAX_KEY_BYTES - name.len() - 1))
}

fn cut(text: &str, max_bytes: usize) -> &str {
    let end = (0..=max_bytes.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn content_types_by_extension() {
        let of = |name: &str| content_type(&ObjectKey::new(name));
        assert_eq!(of("a/안녕.txt"), "text/plain; charset=utf-8");
        assert_eq!(of("a.HTML"), "text/html; charset=utf-8");
        assert_eq!(of("data.json"), "application/json; charset=utf-8");
        assert_eq!(of("a.svg"), "image/svg+xml; charset=utf-8");
        assert_eq!(of("a.png"), "image/png");
        assert_eq!(of("a.js").split("; ").last(), Some("charset=utf-8"));
        assert_eq!(of("Makefile.unknownext"), "application/octet-stream");
        assert_eq!(of("folder.txt/none"), "application/octet-stream");
    }

    #[test]
    fn numbers_go_before_the_extension() {
        let of = |name: &str| numbered(&ObjectKey::new(name), 2).unwrap().as_str().to_owned();
        assert_eq!(of("a/b.tar.gz"), "a/b.tar (2).gz");
        assert_eq!(of(".env"), ".env (2)");
        assert_eq!(of("x.y/name"), "x.y/name (2)");
        assert!(numbered(&ObjectKey::new("a".repeat(1024)), 2).is_none());
    }

    #[test]
    fn numbered_keys_are_known_again() {
        for name in ["a/b.tar.gz", ".env", "x.y/name", "a (1).txt"] {
            let plain = ObjectKey::new(name);
            let once = numbered(&plain, 17).unwrap();
            let twice = numbered(&once, 2).unwrap();
            assert!(is_numbered(once.as_str(), &plain) && is_numbered(twice.as_str(), &plain), "{name}");
            assert!(is_numbered(twice.as_str(), &once) && !is_numbered(name, &plain), "{name}");
            assert!(!is_numbered(name, &once), "{name}");
        }
        let plain = ObjectKey::new("a/b.txt");
        for other in
            ["a/b (x).txt", "a/b (2) c.txt", "a/b(2).txt", "a/b (2.txt", "a/c (2).txt", "b (2).txt", "a/b (2).md"]
        {
            assert!(!is_numbered(other, &plain), "{other}");
        }
    }

    #[test]
    fn suggestions_can_be_used() {
        assert_eq!(suggestion("a\u{1}b", KeyProblem::ControlCharacter), "a_b");
        assert_eq!(suggestion("f\u{fffd}.txt", KeyProblem::NotUnicode), "f_.txt");
        let long = format!("photos/{}.jpg", "가".repeat(400));
        let short = suggestion(&long, KeyProblem::TooLong(long.len()));
        assert!(short.starts_with("photos/가") && short.ends_with("가.jpg"), "{short}");
    }

    proptest! {
        #[test]
        fn every_suggestion_is_a_legal_key(key in "(\\PC|\u{1}|/|\\.|가){0,1500}") {
            if let Err(problem) = ObjectKey::check_new(&key) {
                let better = suggestion(&key, problem);
                prop_assert!(ObjectKey::check_new(&better).is_ok(), "{better:?}");
            }
        }
    }
}
