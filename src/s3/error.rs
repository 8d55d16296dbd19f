//! What can go wrong with a request, in a form that can be branched on and told to people.

use crate::model::{Failure, FailureKind, Region};

/// Most characters of a server's words that are shown.
const MAX_DETAIL_CHARS: usize = 500;

/// A failed request: what it was about, the cause, and the server's own words. Holds no secret and no signed query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} failed ({}): {}", .0.action, .0.kind.code(), .0.detail)]
pub struct S3Error(Box<Facts>);

/// Everything known of a failed request. Boxed, since results travel by value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// The S3 action in the form policies use, for example `s3:PutObject`.
    pub(super) action: &'static str,
    /// The cause.
    pub(super) kind: FailureKind,
    /// Values for the sentences: `host`, `bucket`, `key`, `action`, `region`, `minutes`.
    pub(super) args: Vec<(&'static str, String)>,
    /// Code, message, status and request id, already clean.
    pub(super) detail: String,
    /// HTTP status, where there was an answer.
    pub(super) status: Option<u16>,
    /// S3 error code, where there was one.
    pub(super) code: Option<String>,
    /// The bucket's region as the server named it, checked.
    pub(super) region_hint: Option<Region>,
}

impl S3Error {
    /// An error with all that is known of it; the detail is cleaned here.
    pub(super) fn new(mut facts: Facts) -> Self {
        facts.detail = clean(&facts.detail);
        let mut error = Self(Box::new(facts));
        let action = error.0.action;
        error = error.with("action", action);
        error
    }

    /// A failure that was found without an answer from the server.
    pub(super) fn local(action: &'static str, kind: FailureKind, detail: impl std::fmt::Display) -> Self {
        Self::new(Facts {
            action,
            kind,
            args: Vec::new(),
            detail: detail.to_string(),
            status: None,
            code: None,
            region_hint: None,
        })
    }

    /// The cause.
    pub fn kind(&self) -> FailureKind {
        self.0.kind
    }

    /// Whether the server has lost its patience with bytes that were still being read. A reader that gave up by itself
    /// has named its share.
    pub fn is_held_up(&self) -> bool {
        self.0.kind == FailureKind::SourceSilent && !self.args_have("share")
    }

    /// The S3 error code, for example `NoSuchUpload`; `None` without an answer in S3's form.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The HTTP status; `None` without an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Code, message, status and request id, for people who want to know; at most 500 characters.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The bucket's region as the server named it.
    pub fn region_hint(&self) -> Option<&Region> {
        self.0.region_hint.as_ref()
    }

    /// The bucket it was about.
    pub(super) fn bucket(&self) -> Option<&str> {
        self.0.args.iter().find(|(name, _)| *name == "bucket").map(|(_, value)| value.as_str())
    }

    /// Whether it has a value of this name.
    pub(super) fn args_have(&self, name: &str) -> bool {
        self.0.args.iter().any(|(known, _)| *known == name)
    }

    /// A failure for people.
    pub fn to_failure(&self) -> Failure {
        let mut failure = Failure::new(self.0.kind).detail(&self.0.detail);
        for (name, value) in &self.0.args {
            failure = failure.with(name, value);
        }
        failure
    }

    /// A failure for people.
    pub fn into_failure(self) -> Failure {
        self.to_failure()
    }

    /// Adds a value for the sentences; a later value of the same name wins.
    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.0.args.retain(|(known, _)| *known != name);
        self.0.args.push((name, clean(&value.to_string())));
        self
    }

    /// The same facts, with a status that stood elsewhere.
    #[must_use]
    pub(super) fn with_status(mut self, status: Option<u16>) -> Self {
        self.0.status = status;
        self
    }

    /// The same facts, with other words.
    #[must_use]
    pub(super) fn with_detail(mut self, detail: &str) -> Self {
        self.0.detail = clean(detail);
        self
    }

    /// The same facts, with another cause.
    #[must_use]
    pub(super) fn with_kind(mut self, kind: FailureKind) -> Self {
        self.0.kind = kind;
        self
    }
}

/// A server's words as they may be shown: control and direction characters as escapes, signatures and tokens cut
/// out, never longer than [`MAX_DETAIL_CHARS`].
pub(super) fn clean(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(MAX_DETAIL_CHARS));
    let mut count = 0;
    for c in without_signatures(text).chars() {
        let escape = needs_escape(c);
        let width = if escape { c.escape_unicode().len() } else { 1 };
        if count + width > MAX_DETAIL_CHARS - 1 {
            shown.push('…');
            return shown;
        }
        count += width;
        if escape {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Characters that could change how other text is laid out or read.
fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

/// Values that stand after one of these are secrets: signatures of presigned links and session tokens.
const SECRET_MARKS: [&str; 5] =
    ["x-amz-signature=", "x-amz-security-token=", "x-amz-credential=", "signature=", "authorization: "];

/// Cuts the values of signature parameters out of a text.
fn without_signatures(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    'text: while !rest.is_empty() {
        for mark in SECRET_MARKS {
            if let Some(found) = rest.get(..mark.len())
                && found.eq_ignore_ascii_case(mark)
            {
                kept.push_str(found);
                kept.push('…');
                let after = rest.get(mark.len()..).unwrap_or_default();
                let end = after.find(|c: char| c == '&' || c == '"' || c == '<' || c.is_whitespace());
                rest = end.and_then(|end| after.get(end..)).unwrap_or_default();
                continue 'text;
            }
        }
        let mut chars = rest.chars();
        kept.extend(chars.next());
        rest = chars.as_str();
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn servers_words_cannot_play_tricks() {
        assert_eq!(clean("a\nb\u{202e}c\u{1b}[2J"), "a\\u{a}b\\u{202e}c\\u{1b}[2J");
        assert!(clean("사진 é 👩‍👩‍👧 ok").contains("사진 é"));
        let long = clean(&"x".repeat(10_000));
        assert_eq!(long.chars().count(), MAX_DETAIL_CHARS);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn signatures_are_cut_out() {
        let shown =
            clean("GET https://h/k?X-Amz-Expires=60&X-Amz-Signature=deadbeef&x=1 X-Amz-Security-Token=FwoG end");
        assert!(!shown.contains("deadbeef") && !shown.contains("FwoG"), "{shown}");
        assert!(shown.contains("&x=1") && shown.ends_with(" end"), "{shown}");
    }

    #[test]
    fn the_failure_names_the_action() {
        let error = S3Error::local("s3:PutObject", FailureKind::AccessDenied, "no").with("bucket", "b");
        let failure = error.to_failure();
        assert_eq!(failure.args, [("action", "s3:PutObject".to_owned()), ("bucket", "b".to_owned())]);
        assert_eq!(failure.detail, "no");
    }

    proptest! {
        #[test]
        fn nothing_makes_it_long_or_wild(text in "\\PC*|[\\x00-\\x{10ffff}]{0,900}") {
            let shown = clean(&text);
            prop_assert!(shown.chars().count() <= MAX_DETAIL_CHARS);
            prop_assert!(!shown.chars().any(needs_escape));
        }
    }
}
