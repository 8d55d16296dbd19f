//! Words for notices and for what a batch left out.

use super::{Lang, failure_title, text, text_count, text_with};
use crate::model::{Notice, NoticeText, SkipReason};

/// The sentence of a notice. A message with a `count` value takes the plural form of that number.
pub fn notice(lang: Lang, notice: &Notice) -> String {
    match &notice.text {
        NoticeText::Failure(failure) => failure_title(lang, failure),
        NoticeText::Message { id, args } => {
            let values: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let count = args.iter().find(|(name, _)| *name == "count").and_then(|(_, value)| value.parse().ok());
            match count {
                Some(count) => text_count(lang, id, count, &values),
                None => text_with(lang, id, &values),
            }
        }
    }
}

/// Why an item was left out, in a few words.
pub fn skip_reason(lang: Lang, reason: &SkipReason) -> String {
    match reason {
        SkipReason::SystemFile => text(lang, "skip-system-file"),
        SkipReason::Excluded => text(lang, "skip-excluded"),
        SkipReason::SymbolicLink => text(lang, "skip-symbolic-link"),
        SkipReason::SpecialFile => text(lang, "skip-special-file"),
        SkipReason::Unreadable(why) if why.is_empty() => text(lang, "skip-unreadable"),
        SkipReason::Unreadable(why) => text_with(lang, "skip-unreadable-why", &[("reason", why)]),
        SkipReason::Missing => text(lang, "skip-missing"),
        SkipReason::DeadLink => text(lang, "skip-dead-link"),
        SkipReason::EmptyFolder => text(lang, "skip-empty-folder"),
        SkipReason::Exists => text(lang, "skip-exists"),
        SkipReason::NotNewer => text(lang, "skip-not-newer"),
        SkipReason::NameDeclined => text(lang, "skip-name-declined"),
        SkipReason::CameLater => text(lang, "skip-came-later"),
        SkipReason::SameKey(key) => text_with(lang, "skip-same-key", &[("key", key.as_str())]),
    }
}
