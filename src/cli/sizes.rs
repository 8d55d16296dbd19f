//! Durations, sizes and rates as people write and read them.

use std::time::Duration;

use super::problem::{Problem, problem};
use crate::locale::{Lang, text_with};

/// Reads `45`, `45s`, `30m`, `12h` or `7d`; a bare number is seconds. The error is a usage message.
pub(super) fn parse_duration(text: &str) -> Result<Duration, Problem> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.strip_prefix(digits).unwrap_or_default();
    let secs_per_unit = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err(problem("cli-usage-time-unit").with("unit", unit)),
    };
    let number: u64 = digits.parse().map_err(|_error| problem("cli-usage-duration"))?;
    number.checked_mul(secs_per_unit).map(Duration::from_secs).ok_or_else(|| problem("cli-usage-too-long"))
}

/// The lowest rate that can be asked for. Below it a single answer takes longer than servers wait.
const LOWEST_RATE_BYTES_PER_SEC: f64 = 1e3;

/// Reads bytes a second: `8000`, `500k`, `2M`, `1.5MiB`; `k`, `M` and `G` count in thousands, with `i` in 1024s. The error
/// is a usage message.
pub(super) fn parse_rate(text: &str) -> Result<u64, Problem> {
    let no_rate = || problem("cli-usage-rate");
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.strip_prefix(number).unwrap_or_default();
    let factor = match unit.strip_suffix(['B', 'b']).unwrap_or(unit) {
        "" => 1.0,
        "k" | "K" => 1e3,
        "m" | "M" => 1e6,
        "g" | "G" => 1e9,
        "ki" | "Ki" => 1024.0,
        "mi" | "Mi" => 1024.0 * 1024.0,
        "gi" | "Gi" => 1024.0 * 1024.0 * 1024.0,
        _ => return Err(no_rate()),
    };
    let is_plain = number.chars().all(|c| c.is_ascii_digit() || c == '.');
    let value: f64 = number.parse().map_err(|_error| no_rate())?;
    let rate = value * factor;
    match rate {
        _ if !is_plain => Err(no_rate()),
        rate if rate < LOWEST_RATE_BYTES_PER_SEC => Err(problem("cli-usage-rate-too-low")),
        rate if rate > 1e15 => Err(problem("cli-usage-rate-too-high")),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1e3 and 1e15")]
        rate => Ok(rate as u64),
    }
}

/// A size in decimal units with three digits at most, as the window writes it: `1.2 MB`.
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let (mut value, mut unit) = (bytes as f64 / 1000.0, UNITS[0]);
    for larger in UNITS.into_iter().skip(1) {
        // What would be shown as 1000 belongs to the next unit.
        if value < 999.5 {
            break;
        }
        (value, unit) = (value / 1000.0, larger);
    }
    if value < 9.95 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}

/// A time left: `12 s`, `3 min`, `2 h 05 min`.
pub(super) fn remaining(lang: Lang, left: Duration) -> String {
    match left.as_secs() {
        secs @ 0..60 => text_with(lang, "cli-left-secs", &[("secs", &secs.to_string())]),
        secs @ 60..3600 => text_with(lang, "cli-left-minutes", &[("minutes", &secs.div_ceil(60).to_string())]),
        secs => {
            let (hours, minutes) = ((secs / 3600).to_string(), format!("{:02}", secs % 3600 / 60));
            text_with(lang, "cli-left-hours", &[("hours", &hours), ("minutes", &minutes)])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(parse_duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("30m"), Ok(Duration::from_mins(30)));
        assert_eq!(parse_duration("7d"), Ok(Duration::from_hours(7 * 24)));
        for wrong in ["", "h", "1w", "-5m", "1.5h", "99999999999999999999d", "9999999999999999999d"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rates() {
        for (text, rate) in [
            ("8000", 8000),
            ("1k", 1000),
            ("500k", 500_000),
            ("2M", 2_000_000),
            ("1.5MiB", 1_572_864),
            ("1GB", 1_000_000_000),
        ] {
            assert_eq!(parse_rate(text), Ok(rate), "{text}");
        }
        for wrong in
            ["", "M", "-1", "1e3", "2Mbit", "0", "0.1", "1", "999", "0.9k", "1..5k", "inf", "nan", "99999999999G"]
        {
            assert!(parse_rate(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_have_three_digits_at_most() {
        let shown: Vec<String> =
            [0, 999, 1000, 9_940, 9_960, 999_400, 999_500, 1_500_000_000, u64::MAX].map(bytes).to_vec();
        assert_eq!(shown, ["0 B", "999 B", "1.0 KB", "9.9 KB", "10 KB", "999 KB", "1.0 MB", "1.5 GB", "18447 PB"]);
    }

    #[test]
    fn times_left() {
        assert_eq!(remaining(Lang::En, Duration::from_secs(59)), "59 s");
        assert_eq!(remaining(Lang::En, Duration::from_secs(61)), "2 min");
        assert_eq!(remaining(Lang::En, Duration::from_mins(125)), "2 h 05 min");
        assert_eq!(remaining(Lang::Ko, Duration::from_mins(125)), "2시간 05분");
    }
}
