//! A speed as it is typed: a number and its unit. Pure functions.

/// Units with their bytes, the biggest first; those of 1,000 before those of 1,024.
const UNITS: [(&str, u64); 7] = [
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// What was typed is no speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// The limit in bytes a second; `None` for none. A number needs its unit, since
/// 2 may be KB or MB to different people. 0 is no limit to type: holding the queue does that.
pub(super) fn parse(text: &str) -> Result<Option<u64>, Unreadable> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    bytes_a_second(text).map(Some).ok_or(Unreadable)
}

fn bytes_a_second(text: &str) -> Option<u64> {
    let text = text.strip_suffix("/s").unwrap_or(text).trim_end();
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at_checked(unit_at)?;
    let unit = unit.trim();
    let (_, factor) = UNITS.iter().find(|(name, _)| {
        let short = name.strip_suffix('B').filter(|short| !short.is_empty());
        name.eq_ignore_ascii_case(unit) || short.is_some_and(|short| short.eq_ignore_ascii_case(unit))
    })?;
    let (whole, fraction) = match number.trim().split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (number.trim(), ""),
    };
    let mut bytes = whole.parse::<u64>().ok()?.checked_mul(*factor)?;
    let mut place = *factor;
    for digit in fraction.chars() {
        place /= 10;
        bytes = bytes.checked_add(u64::from(digit.to_digit(10)?) * place)?;
    }
    (bytes > 0).then_some(bytes)
}

/// The limit as it would be typed, without loss: `2.5 MB/s`; empty for none.
pub(super) fn limit_text(limit: Option<u64>) -> String {
    let Some(bytes) = limit else { return String::new() };
    let exact = UNITS.iter().find(|(_, factor)| {
        let step = if factor.is_multiple_of(1000) { factor / 1000 } else { *factor };
        bytes >= *factor && bytes.is_multiple_of(step)
    });
    let Some((unit, factor)) = exact else { return format!("{bytes} B/s") };
    let fraction = if factor.is_multiple_of(1000) { bytes % factor / (factor / 1000) } else { 0 };
    let number = format!("{}.{fraction:03}", bytes / factor);
    format!("{} {unit}/s", number.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_a_number_with_its_unit() {
        let cases = [
            ("2 MB/s", 2_000_000),
            ("2.5 MB", 2_500_000),
            ("500k", 500_000),
            ("1 MiB/s", 1_048_576),
            ("0.25 GB/s", 250_000_000),
            ("700 B/s", 700),
        ];
        for (typed, bytes) in cases {
            assert_eq!(parse(typed), Ok(Some(bytes)), "{typed}");
        }
        assert_eq!(parse("  "), Ok(None), "no limit");
        for odd in ["2", "fast", "0 MB", "-1 MB", "1.x MB", "99999999999999999999 GB", "2 MB/h", "MB"] {
            assert_eq!(parse(odd), Err(Unreadable), "{odd}");
        }
    }

    #[test]
    fn what_is_shown_reads_back_as_the_same_number() {
        for bytes in [1, 999, 1_000, 1_500, 500_000, 1_048_576, 2_000_000, 2_500_000, 1_234_567, 1_000_000_000] {
            assert_eq!(parse(&limit_text(Some(bytes))), Ok(Some(bytes)), "{}", limit_text(Some(bytes)));
        }
        assert_eq!(limit_text(Some(2_500_000)), "2.5 MB/s");
        assert_eq!(limit_text(Some(10_000_000)), "10 MB/s");
        assert_eq!(limit_text(None), "");
    }
}
