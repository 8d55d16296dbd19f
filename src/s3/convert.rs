//! From the SDK's types to the model's. What a server left out stays left out.

use aws_smithy_types::DateTime;
use jiff::Timestamp;

/// A point in time; `None` if there is none, or none that a calendar knows.
pub(super) fn timestamp(time: Option<&DateTime>) -> Option<Timestamp> {
    let time = time?;
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

/// An entity tag without its quotes; `None` if it is empty.
pub(super) fn etag(tag: Option<&str>) -> Option<String> {
    let tag = tag?.trim().trim_matches('"');
    (!tag.is_empty()).then(|| tag.to_owned())
}

/// A size; negative ones are no size.
pub(super) fn size_bytes(bytes: Option<i64>) -> Option<u64> {
    bytes.and_then(|bytes| u64::try_from(bytes).ok())
}

/// A text that is there and not empty.
pub(super) fn text(value: Option<&str>) -> Option<String> {
    value.filter(|value| !value.is_empty()).map(ToOwned::to_owned)
}

/// Undoes `encoding-type=url` as S3 does it: `%XX` are bytes, `+` is a space. Bytes that are no UTF-8, which no
/// S3 key can hold, show as replacement characters.
pub(super) fn decode_key(encoded: &str) -> String {
    if !encoded.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return encoded.to_owned();
    }
    let spaced = encoded.replace('+', "%20");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_exactly() {
        let cases = [
            ("a%20b", "a b"),
            ("a+b", "a b"),
            ("a%2Bb", "a+b"),
            ("100%25", "100%"),
            ("%ED%95%9C%EA%B8%80.png", "한글.png"),
            ("a/b/", "a/b/"),
            ("a%252Bb", "a%2Bb"),
            ("%01x", "\u{1}x"),
            ("plain", "plain"),
        ];
        for (encoded, key) in cases {
            assert_eq!(decode_key(encoded), key, "{encoded}");
        }
    }

    #[test]
    fn missing_and_odd_fields_are_missing() {
        assert_eq!(etag(Some("\"abc\"")), Some("abc".to_owned()));
        assert_eq!(etag(Some("\"\"")), None);
        assert_eq!(size_bytes(Some(-1)), None);
        assert_eq!(timestamp(None), None);
        assert_eq!(timestamp(Some(&DateTime::from_secs(0))), Some(Timestamp::UNIX_EPOCH));
        assert_eq!(timestamp(Some(&DateTime::from_secs(i64::MAX))), None);
    }
}
