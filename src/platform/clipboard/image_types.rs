//! The kinds of things that are taken from the clipboard.

/// As what copied files are offered.
pub(super) const FILES: &str = "text/uri-list";

/// Content type and the ending of names, the best first: what loses nothing and every browser shows.
pub(super) const IMAGE_TYPES: [(&str, &str); 8] = [
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/webp", "webp"),
    ("image/gif", "gif"),
    ("image/avif", "avif"),
    ("image/svg+xml", "svg"),
    ("image/tiff", "tiff"),
    ("image/bmp", "bmp"),
];

/// The most that is read: a program that never stops must not fill the memory.
pub(super) const MOST_BYTES: usize = 512 << 20;

/// The best of the offered kinds.
pub(super) fn best<T>(offered: &[T], is: impl Fn(&T, &str) -> bool) -> Option<(&'static str, &'static str)> {
    IMAGE_TYPES.into_iter().find(|(content_type, _)| offered.iter().any(|offer| is(offer, content_type)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_loses_nothing_comes_before_what_was_offered_first() {
        let best = |offered: &[&str]| best(offered, |offer, known| *offer == known);
        assert_eq!(best(&["TARGETS", "image/bmp", "image/jpeg", "image/png"]), Some(("image/png", "png")));
        assert_eq!(best(&["image/x-icon", "image/jpeg"]), Some(("image/jpeg", "jpg")));
        assert_eq!(best(&["text/plain", "text/html"]), None);
    }
}
