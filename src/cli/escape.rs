//! Text from servers and file names, made safe for a terminal: it can neither move the cursor nor forge a line.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with control characters, and characters that turn the direction of writing, spelled out as `\u{1b}`.
pub(super) fn for_terminal(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_invisible_order(c) {
            // Writing to a String cannot fail.
            write!(safe, "{}", c.escape_unicode()).ok();
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// A key as it is shown at the end of a line: one of nothing but white space is spelled out, or it would not be seen.
pub(super) fn shown_key(key: &str) -> Cow<'_, str> {
    if key.is_empty() || !key.trim().is_empty() {
        return Cow::Borrowed(key);
    }
    Cow::Owned(key.chars().map(|c| c.escape_unicode().to_string()).collect())
}

/// Marks that change the order in which what follows is shown, by which `exe.gpj` can look like `jpg.exe`; and
/// the separators that some programs take for a line's end.
fn is_invisible_order(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{061C}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_white_space_is_seen() {
        assert_eq!(shown_key(" \u{3000}"), r"\u{20}\u{3000}");
        assert_eq!((shown_key(" a "), shown_key("")), (" a ".into(), "".into()));
    }

    #[test]
    fn nothing_reaches_the_terminal_but_text() {
        assert_eq!(for_terminal("\u{1b}[31mred\u{7}\n\r\u{9b}x"), r"\u{1b}[31mred\u{7}\u{a}\u{d}\u{9b}x");
        assert_eq!(for_terminal("\u{202e}gpj.exe"), r"\u{202e}gpj.exe");
        assert_eq!(for_terminal("한국어 (최종) ❤️.txt"), "한국어 (최종) ❤️.txt");
    }
}
