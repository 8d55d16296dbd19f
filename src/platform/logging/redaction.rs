//! Takes secrets out of log lines: those that are known, and whatever looks like a signature or a token.
//! Also keeps a line one line: what a server or a file name puts into it must not look like another.

use std::io::{self, Write};
use std::sync::{PoisonError, RwLock};

use base64::Engine as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;
use zeroize::Zeroizing;

use crate::model::Secret;

/// What stands for a secret.
const REMOVED: &str = "[removed]";

/// Shorter texts are no keys of any service, and taking them out would make the log unreadable.
const MIN_SECRET_BYTES: usize = 8;

/// Every spelling of every secret that this process has seen, the longest first.
static KNOWN: RwLock<Vec<Zeroizing<String>>> = RwLock::new(Vec::new());

/// As Signature Version 4 encodes query values.
const UNRESERVED_KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Makes sure that no log line holds this secret from now on, in any of the spellings that programs use:
/// plain, percent-encoded, in base64, escaped as in debug output, or as a list of bytes.
pub fn redact(secret: &Secret) {
    let text = secret.expose();
    if text.len() < MIN_SECRET_BYTES {
        return;
    }
    let escaped = text.escape_debug().to_string();
    let bytes = format!("{:?}", text.as_bytes());
    let spellings = [
        text.to_owned(),
        utf8_percent_encode(text, UNRESERVED_KEPT).to_string(),
        base64::engine::general_purpose::STANDARD.encode(text).trim_end_matches('=').to_owned(),
        escaped,
        bytes.trim_matches(['[', ']']).to_owned(),
    ];
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    for spelling in spellings.map(Zeroizing::new) {
        if !known.contains(&spelling) {
            known.push(spelling);
        }
    }
    known.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
}

/// Names after which a value must go, and what ends that value.
const MARKERS: [(&str, ValueEnd); 11] = [
    ("authorization", ValueEnd::Quote),
    ("x-amz-signature", ValueEnd::Word),
    ("x-amz-security-token", ValueEnd::Word),
    ("x-amz-credential", ValueEnd::Word),
    ("x-amz-s3session-token", ValueEnd::Word),
    ("signature=", ValueEnd::Word),
    ("credential=", ValueEnd::Word),
    ("secret_access_key", ValueEnd::Word),
    ("secretaccesskey", ValueEnd::Word),
    ("session_token", ValueEnd::Word),
    ("sessiontoken", ValueEnd::Word),
];

#[derive(Clone, Copy)]
enum ValueEnd {
    /// The end of a word or of a quoted text.
    Word,
    /// The end of a quoted text or of the line: a header's value has spaces and commas.
    Quote,
}

impl ValueEnd {
    fn is_at(self, c: char) -> bool {
        match self {
            Self::Word => {
                c.is_whitespace() || matches!(c, '&' | '"' | '\'' | ',' | ';' | '<' | '>' | ')' | ']' | '}' | '\\')
            }
            Self::Quote => matches!(c, '"' | '\n' | '\\'),
        }
    }
}

/// One log record as it may be written: without secrets, on one line.
pub(super) fn clean(record: &str) -> String {
    let mut text = record.to_owned();
    for spelling in KNOWN.read().unwrap_or_else(PoisonError::into_inner).iter() {
        if text.contains(spelling.as_str()) {
            text = text.replace(spelling.as_str(), REMOVED);
        }
    }
    for (marker, end) in MARKERS {
        text = without_values(text, marker, end);
    }
    on_one_line(&text)
}

/// Takes out what follows a marker and a separator, wherever that stands.
fn without_values(text: String, marker: &str, end: ValueEnd) -> String {
    let lower = text.to_ascii_lowercase();
    if !lower.contains(marker) {
        return text;
    }
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text.as_str();
    let mut lower_rest = lower.as_str();
    // Lowering ASCII moves no byte, so both texts split at the same places.
    while let Some(at) = lower_rest.find(marker) {
        let after = at + marker.len();
        let (Some((before, tail)), Some((_, lower_tail))) =
            (rest.split_at_checked(after), lower_rest.split_at_checked(after))
        else {
            break;
        };
        cleaned.push_str(before);
        let separators = separators_bytes(lower_tail);
        let value: usize = match tail.split_at_checked(separators) {
            Some((_, value)) if separators > 0 || marker.ends_with('=') => {
                value.chars().take_while(|c| !end.is_at(*c)).map(char::len_utf8).sum()
            }
            _ => 0,
        };
        let (between, skipped) = tail.split_at_checked(separators).unwrap_or((tail, ""));
        cleaned.push_str(between);
        if value > 0 {
            cleaned.push_str(REMOVED);
        }
        rest = skipped.split_at_checked(value).map_or("", |(_, rest)| rest);
        lower_rest = lower_tail.split_at_checked(separators + value).map_or("", |(_, rest)| rest);
    }
    cleaned.push_str(rest);
    cleaned
}

/// How many bytes stand between a name and its value: `=`, `: `, `": "`, `%3d` and the like.
fn separators_bytes(text: &str) -> usize {
    let mut rest = text;
    loop {
        let shorter = rest.trim_start_matches(['=', ':', '"', ' ', '\\', '(', '[']);
        let shorter = ["%3d", "some(", "secret("].iter().find_map(|s| shorter.strip_prefix(s)).unwrap_or(shorter);
        if shorter.len() == rest.len() {
            return text.len() - rest.len();
        }
        rest = shorter;
    }
}

/// Escapes line breaks and control characters, all but the final line break.
fn on_one_line(text: &str) -> String {
    let (body, end) = match text.strip_suffix('\n') {
        Some(body) => (body, "\n"),
        None => (text, ""),
    };
    let mut line = String::with_capacity(text.len());
    for c in body.chars() {
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line.push_str(end);
    line
}

/// Wraps a writer of whole records.
pub(super) struct Redacting<W> {
    inner: W,
}

impl<W> Redacting<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner }
    }
}

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Redacting<W> {
    type Writer = RedactingWriter<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        RedactingWriter { inner: self.inner.make_writer() }
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Self::Writer {
        RedactingWriter { inner: self.inner.make_writer_for(meta) }
    }
}

/// Writes records without their secrets. The log hands over each record in one piece.
pub(super) struct RedactingWriter<W> {
    inner: W,
}

impl<W: Write> Write for RedactingWriter<W> {
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        self.inner.write_all(clean(&String::from_utf8_lossy(record)).as_bytes())?;
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_secrets_go_in_every_spelling() {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfi\"CYEXAMPLEKEY";
        redact(&Secret::new(secret));
        for shown in [
            secret.to_owned(),
            format!("{secret:?}"),
            format!("{:?}", secret.as_bytes()),
            format!("?key={}", utf8_percent_encode(secret, UNRESERVED_KEPT)),
            base64::engine::general_purpose::STANDARD.encode(secret),
        ] {
            let cleaned = clean(&format!("before {shown} after"));
            assert!(cleaned.contains(REMOVED), "{cleaned}");
            assert!(!cleaned.contains("wJalr") && !cleaned.contains("119, 74"), "{cleaned}");
            assert!(cleaned.starts_with("before ") && cleaned.ends_with(" after"), "{cleaned}");
        }
    }

    #[test]
    fn short_texts_are_left_alone() {
        redact(&Secret::new("e"));
        redact(&Secret::new(""));
        assert_eq!(clean("left alone\n"), "left alone\n");
    }

    #[test]
    fn signatures_and_tokens_go_wherever_they_stand() {
        let table = [
            "GET https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4&X-Amz-Credential=HIDE%2F2026&X-Amz-Signature=HIDE&z=1",
            "https://h/k?x-amz-security-token=HIDE%2F%2Bx next",
            r#"{"authorization": "AWS4-HMAC-SHA256 Credential=HIDE/x, SignedHeaders=host, Signature=HIDE"}"#,
            "authorization: AWS4-HMAC-SHA256 Credential=HIDE/x, SignedHeaders=host;x-amz-date, Signature=HIDE",
            "Authorization: Bearer HIDE HIDE",
            r#"headers={"x-amz-security-token": "HIDE", "host": "h"}"#,
            r#""{\"x-amz-security-token\":\"HIDE\",\"a\":1}""#,
            "canonical: x-amz-security-token:HIDE\nhost",
            "Location: /?a=1%26X-Amz-Signature%3DHIDE",
            r#"Keys { secret_access_key: "HIDE", session_token: Some("HIDE") }"#,
            "AWS4-HMAC-SHA256 Credential=HIDE, Signature=HIDE",
        ];
        for line in table {
            let cleaned = clean(line);
            assert!(!cleaned.contains("HIDE") && cleaned.contains(REMOVED), "{cleaned}");
        }
    }

    #[test]
    fn lists_of_header_names_are_no_values() {
        let line = "SignedHeaders=host;x-amz-date;x-amz-security-token;range done";
        assert_eq!(clean(line), line);
    }

    #[test]
    fn a_record_is_one_line() {
        assert_eq!(clean("a\n2026 ERROR forged\u{1b}[2J\r\n"), "a\\n2026 ERROR forged\\u{1b}[2J\\r\n");
    }

    proptest! {
        #[test]
        fn any_text_comes_through_without_panic(text in "(\\PC|X-Amz-Signature=|authorization\": \"|\n|가){0,40}") {
            let cleaned = clean(&text);
            prop_assert!(!cleaned.trim_end_matches('\n').contains('\n'));
        }
    }
}
