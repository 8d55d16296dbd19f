//! Sizes, rates, times and names as people read them. Pure functions.

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_segmentation::UnicodeSegmentation;

use crate::locale::{self, Lang};
use crate::model::SizeUnits;

const DECIMAL: [&str; 6] = ["KB", "MB", "GB", "TB", "PB", "EB"];
const BINARY: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// A size: `0 B`, `999 B`, `4.2 MB`, `182 KB`; three figures at most before a unit is left.
pub fn bytes(bytes: u64, units: SizeUnits) -> String {
    let (value, unit) = scaled(bytes, units);
    if unit.is_empty() { format!("{bytes} B") } else { format!("{value} {unit}") }
}

/// A rate: `84 MB/s`.
pub fn rate(bytes_per_sec: u64, units: SizeUnits) -> String {
    let (value, unit) = scaled(bytes_per_sec, units);
    if unit.is_empty() { format!("{bytes_per_sec} B/s") } else { format!("{} {unit}/s", short(&value)) }
}

/// How much of how much: `5.1 / 8.2 GB`, or `900 KB / 8.2 GB` where the units differ.
pub fn progress(done: u64, total: u64, units: SizeUnits) -> String {
    let (done_value, done_unit) = scaled(done, units);
    let (total_value, total_unit) = scaled(total, units);
    if done_unit == total_unit || done == 0 {
        format!("{done_value} / {}", bytes(total, units))
    } else {
        let _ = total_value;
        format!("{} / {}", bytes(done, units), bytes(total, units))
    }
}

/// The exact number of bytes with separators: `4,213,888`.
pub fn exact_bytes(bytes: u64) -> String {
    locale::grouped(bytes)
}

/// Value and unit; the unit is empty below one thousand.
fn scaled(bytes: u64, units: SizeUnits) -> (String, &'static str) {
    let (base, names) = match units {
        SizeUnits::Decimal => (1000.0, DECIMAL),
        SizeUnits::Binary => (1024.0, BINARY),
    };
    let mut value = bytes as f64;
    if value < base {
        return (bytes.to_string(), "");
    }
    let mut unit = "";
    for name in names {
        value /= base;
        unit = name;
        // 999.5 would be written as 1000.
        if value < base - 0.5 {
            break;
        }
    }
    let text = if value < 99.95 { format!("{value:.1}") } else { format!("{value:.0}") };
    (text, unit)
}

/// Rates flicker less without a fraction.
fn short(value: &str) -> &str {
    match value.split_once('.') {
        Some((whole, _)) if whole.len() > 1 => whole,
        _ => value,
    }
}

/// The time left: `less than 10 s left`, `2 min left`, `1 h 5 min left`.
pub fn remaining(left: Duration, lang: Lang) -> String {
    let secs = left.as_secs();
    if secs < 10 {
        return locale::text(lang, "remaining-moment");
    }
    if secs < 60 {
        return locale::text_with(lang, "remaining-secs", &[("secs", &(secs.div_ceil(5) * 5).to_string())]);
    }
    let mins = secs.div_ceil(60);
    if mins < 60 {
        return locale::text_with(lang, "remaining-mins", &[("mins", &mins.to_string())]);
    }
    let (hours, mins) = (mins / 60, mins % 60);
    if hours < 48 {
        let (hours, mins) = (hours.to_string(), mins.to_string());
        return locale::text_with(lang, "remaining-hours", &[("hours", &hours), ("mins", &mins)]);
    }
    locale::text_with(lang, "remaining-days", &[("days", &(hours / 24).to_string())])
}

/// A span such as the life of a link: `45 s`, `15 min`, `2 h 30 min`, `7 days`.
pub fn span(span: Duration, lang: Lang) -> String {
    let secs = span.as_secs();
    let (days, hours, mins) = (secs / 86_400, secs / 3600, secs / 60);
    if secs < 60 {
        locale::text_with(lang, "span-secs", &[("secs", &secs.to_string())])
    } else if mins < 60 {
        locale::text_with(lang, "span-mins", &[("mins", &mins.to_string())])
    } else if hours < 24 || !secs.is_multiple_of(86_400) && days < 2 {
        let rest = mins % 60;
        if rest == 0 {
            locale::text_with(lang, "span-hours", &[("hours", &hours.to_string())])
        } else {
            let (hours, mins) = (hours.to_string(), rest.to_string());
            locale::text_with(lang, "span-hours-mins", &[("hours", &hours), ("mins", &mins)])
        }
    } else {
        locale::text_count(lang, "span-days", days, &[])
    }
}

/// How long ago, in its largest unit: `40 s`, `12 min`, `5 h`, `3 days`.
pub fn age(age: Duration, lang: Lang) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let secs = age.as_secs();
    let unit = [2 * DAY, HOUR, MINUTE].into_iter().find(|unit| secs >= *unit).unwrap_or(1);
    let unit = if unit > DAY { DAY } else { unit };
    span(Duration::from_secs(secs / unit * unit), lang)
}

/// Local date and time to the minute: `2026-11-18 14:02`.
pub fn date_time(time: Timestamp) -> String {
    date_time_in(time, &TimeZone::system())
}

/// Local time of day to the minute: `14:02`.
pub fn clock_time(time: Timestamp) -> String {
    time.to_zoned(TimeZone::system()).strftime("%H:%M").to_string()
}

/// The full instant with its offset, for hovering: `2026-11-18 14:02:07 +09:00`.
pub fn full_instant(time: Timestamp) -> String {
    full_instant_in(time, &TimeZone::system())
}

fn date_time_in(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn full_instant_in(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
}

/// Cuts a text in the middle to at most so many graphemes, the end kept a little longer than nothing
/// so that extensions stay: `a very lo…name.txt`.
pub fn elide_middle(text: &str, max_graphemes: usize) -> Cow<'_, str> {
    let total = text.graphemes(true).count();
    if total <= max_graphemes {
        return Cow::Borrowed(text);
    }
    let keep = max_graphemes.saturating_sub(1);
    let tail = keep / 2;
    let head = keep - tail;
    let start: String = text.graphemes(true).take(head).collect();
    let end: String = text.graphemes(true).skip(total - tail).collect();
    Cow::Owned(format!("{start}…{end}"))
}

/// A name as it can be drawn: decomposed Hangul is composed (the bundled font has whole syllables only) and
/// control characters, line breaks and direction marks are shown as `□`, which the bundled font has, so that a name cannot pose as another.
/// So is everything in a name of nothing that could be seen.
/// For the eye only; never use the result as a key or path.
pub fn readable(name: &str) -> Cow<'_, str> {
    if !name.is_empty() && name.chars().all(is_blank) {
        return Cow::Owned("□".repeat(name.chars().count()));
    }
    let is_plain = |c: char| !is_deceptive(c) && !is_jamo(c);
    if name.chars().all(is_plain) {
        return Cow::Borrowed(name);
    }
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        let c = if is_deceptive(c) { '□' } else { c };
        match text.chars().next_back().and_then(|last| compose(last, c)) {
            Some(syllable) => {
                text.pop();
                text.push(syllable);
            }
            None => text.push(c),
        }
    }
    Cow::Owned(text)
}

fn is_jamo(c: char) -> bool {
    ('\u{1100}'..='\u{11FF}').contains(&c)
}

/// White space, and what takes no room at all.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{AD}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}'
                ..='\u{200D}' | '\u{2060}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
        )
}

fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// Hangul composition by the arithmetic of the Unicode standard, section 3.12.
fn compose(first: char, second: char) -> Option<char> {
    const SYLLABLES: u32 = 0xAC00;
    const LEADS: u32 = 0x1100;
    const VOWELS: u32 = 0x1161;
    const TAILS: u32 = 0x11A7;
    let (a, b) = (u32::from(first), u32::from(second));
    if (LEADS..LEADS + 19).contains(&a) && (VOWELS..VOWELS + 21).contains(&b) {
        return char::from_u32(SYLLABLES + ((a - LEADS) * 21 + (b - VOWELS)) * 28);
    }
    let is_open_syllable = (SYLLABLES..SYLLABLES + 11_172).contains(&a) && (a - SYLLABLES).is_multiple_of(28);
    if is_open_syllable && (TAILS + 1..TAILS + 28).contains(&b) {
        return char::from_u32(a + (b - TAILS));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_three_figures() {
        let decimal = |n| bytes(n, SizeUnits::Decimal);
        assert_eq!(decimal(0), "0 B");
        assert_eq!(decimal(999), "999 B");
        assert_eq!(decimal(1_000), "1.0 KB");
        assert_eq!(decimal(182_400), "182 KB");
        assert_eq!(decimal(999_499), "999 KB");
        assert_eq!(decimal(999_500), "1.0 MB");
        assert_eq!(decimal(4_200_000), "4.2 MB");
        assert_eq!(decimal(48_000_000_000), "48.0 GB");
        assert_eq!(decimal(u64::MAX), "18.4 EB");
        assert_eq!(bytes(1_024, SizeUnits::Binary), "1.0 KiB");
        assert_eq!(bytes(1_000, SizeUnits::Binary), "1000 B");
        assert_eq!(bytes(5 * 1024 * 1024, SizeUnits::Binary), "5.0 MiB");
    }

    #[test]
    fn rates_and_progress() {
        assert_eq!(rate(84_300_000, SizeUnits::Decimal), "84 MB/s");
        assert_eq!(rate(1_300_000, SizeUnits::Decimal), "1.3 MB/s");
        assert_eq!(rate(12, SizeUnits::Decimal), "12 B/s");
        assert_eq!(progress(5_100_000_000, 8_200_000_000, SizeUnits::Decimal), "5.1 / 8.2 GB");
        assert_eq!(progress(900_000, 8_200_000_000, SizeUnits::Decimal), "900 KB / 8.2 GB");
        assert_eq!(progress(0, 8_200_000, SizeUnits::Decimal), "0 / 8.2 MB");
    }

    #[test]
    fn time_left_in_both_languages() {
        let left = |secs| remaining(Duration::from_secs(secs), Lang::En);
        assert_eq!(left(3), "a few seconds left");
        assert_eq!(left(31), "35 s left");
        assert_eq!(left(118), "2 min left");
        assert_eq!(left(3_900), "1 h 5 min left");
        assert_eq!(remaining(Duration::from_secs(118), Lang::Ko), "2분 남음");
    }

    #[test]
    fn spans_of_links() {
        let span = |secs| span(Duration::from_secs(secs), Lang::En);
        assert_eq!(span(900), "15 min");
        assert_eq!(span(3_600), "1 h");
        assert_eq!(span(9_000), "2 h 30 min");
        assert_eq!(span(86_400), "1 day");
        assert_eq!(span(604_800), "7 days");
    }

    #[test]
    fn ages_have_one_unit() {
        let age = |secs| age(Duration::from_secs(secs), Lang::En);
        assert_eq!(
            [age(45), age(150), age(9_000), age(100_000), age(300_000)],
            ["45 s", "2 min", "2 h", "27 h", "3 days"]
        );
    }

    #[test]
    fn times_are_local_and_iso_like() {
        let time: Timestamp = "2026-11-18T05:02:07Z".parse().unwrap();
        let seoul = TimeZone::fixed(jiff::tz::offset(9));
        assert_eq!(date_time_in(time, &seoul), "2026-11-18 14:02");
        assert_eq!(full_instant_in(time, &seoul), "2026-11-18 14:02:07 +09:00");
    }

    #[test]
    fn names_are_cut_in_the_middle_by_grapheme() {
        assert_eq!(elide_middle("short.txt", 20), "short.txt");
        assert_eq!(elide_middle("a very long name.txt", 9), "a ve….txt");
        assert_eq!(elide_middle("경복궁 가을 사진 모음.jpg", 9), "경복궁 ….jpg");
        // A family is one grapheme of seven code points and is never torn.
        assert_eq!(elide_middle("👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 3), "👨‍👩‍👧‍👦…👨‍👩‍👧‍👦");
        assert_eq!(elide_middle("abc", 0), "…");
    }

    #[test]
    fn names_are_drawn_composed_and_without_tricks() {
        let decomposed = "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}.txt";
        assert_eq!(readable(decomposed), "한글.txt");
        assert_eq!(readable("plain.txt"), "plain.txt");
        for blank in [" ", "\u{3000}", "\u{a0}", "\u{200b}"] {
            assert_eq!(readable(&blank.repeat(2)), "□□", "{blank:?}");
        }
        assert_eq!((readable(" a "), readable("")), (" a ".into(), "".into()));
        assert_eq!(readable("gpj.\u{202E}exe"), "gpj.□exe");
        assert_eq!(readable("a\nb"), "a□b");
    }
}
