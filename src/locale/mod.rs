//! Texts in English and Korean, looked up by id in the Fluent files under `assets/i18n`.
//!
//! Used by the window and the command line only. Holds no text itself, reads no file at run time.

mod failure;
mod notice;

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use unic_langid::{LanguageIdentifier, langid};

pub use failure::{failure_advice, failure_advice_anew, failure_advice_cli, failure_advice_kept, failure_title};
pub use notice::{notice, skip_reason};

use crate::model::Language;

fluent_templates::static_loader! {
    static TEXTS = {
        locales: "./assets/i18n",
        fallback_language: "en",
        // No invisible direction marks around values: they would end up in copied text and in test handles.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// A language that the program speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// 한국어.
    Ko,
}

impl Lang {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::Ko];

    /// The language to use: the one chosen, else the system's, else English.
    pub fn resolve(choice: Language) -> Self {
        match choice {
            Language::English => Self::En,
            Language::Korean => Self::Ko,
            Language::System => Self::from_locale(&sys_locale::get_locale().unwrap_or_default()),
        }
    }

    /// The language of a locale name such as `ko_KR.UTF-8` or `en-GB`.
    pub fn from_locale(name: &str) -> Self {
        let language = name.split(['-', '_', '.']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("ko") { Self::Ko } else { Self::En }
    }

    /// BCP 47 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }

    fn id(self) -> LanguageIdentifier {
        match self {
            Self::En => langid!("en"),
            Self::Ko => langid!("ko"),
        }
    }
}

type Args = HashMap<Cow<'static, str>, FluentValue<'static>>;

/// The text of an id. An unknown id is logged and shown as it is.
pub fn text(lang: Lang, id: &str) -> String {
    look_up(lang, id, None)
}

/// The text of an id with values, which are inserted as they are.
pub fn text_with(lang: Lang, id: &str, args: &[(&str, &str)]) -> String {
    look_up(lang, id, Some(&string_args(args)))
}

/// The text of an id with a count, by which the language chooses its plural form (`$count`),
/// written with thousands separators, and with further values.
pub fn text_count(lang: Lang, id: &str, count: u64, args: &[(&str, &str)]) -> String {
    let mut values = string_args(args);
    values.insert(Cow::Borrowed("count"), FluentValue::from(count));
    values.insert(Cow::Borrowed("number"), FluentValue::from(grouped(count)));
    look_up(lang, id, Some(&values))
}

/// A whole number with thousands separators: `1,204`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn string_args(args: &[(&str, &str)]) -> Args {
    args.iter().map(|(name, value)| (Cow::Owned((*name).to_owned()), FluentValue::from((*value).to_owned()))).collect()
}

fn try_look_up(lang: Lang, id: &str, args: Option<&Args>) -> Option<String> {
    TEXTS.lookup_single_language(&lang.id(), id, args).ok()
}

fn look_up(lang: Lang, id: &str, args: Option<&Args>) -> String {
    try_look_up(lang, id, args).or_else(|| try_look_up(Lang::En, id, args)).unwrap_or_else(|| {
        tracing::warn!(id, lang = lang.code(), "a text is missing, or a value of it");
        id.to_owned()
    })
}

#[cfg(test)]
mod tests;
