//! Keys in URLs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::model::ObjectKey;

/// Everything but unreserved characters and the separator `/`.
const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A key as it stands in a URL's path: exact UTF-8 bytes, `A–Z a–z 0–9 - . _ ~ /` kept, all else `%XX`, one pass.
/// The one encoding of keys in this program, for public and for presigned links; signed requests are held to it by a
/// test.
pub fn encode_key(key: &ObjectKey) -> String {
    encode(key.as_str())
}

/// The same for any text, such as a bucket's name.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    encode_into(&mut encoded, text);
    encoded
}

/// The same, at the end of a text.
pub(super) fn encode_into(text: &mut String, more: &str) {
    text.extend(utf8_percent_encode(more, KEY));
}
