//! The bandwidth plan in the file: plain numbers and times of the day under `transfers`.
//!
//! ```toml
//! [transfers]
//! bandwidth_limit = 2000000          # bytes a second; missing: none
//! bandwidth_hours = "09:00-17:30"    # local time; in these hours another limit holds:
//! bandwidth_hours_limit = 500000     # missing: none
//! ```

use toml_edit::{Item, value};

use super::fields::Reader;
use crate::model::{BandwidthHours, BandwidthPlan, MINUTES_OF_DAY};

const LIMIT: &str = "bandwidth_limit";
const HOURS: &str = "bandwidth_hours";
const HOURS_LIMIT: &str = "bandwidth_hours_limit";

/// The plan; what is missing or odd limits nothing, the latter with a warning.
pub(super) fn read(transfers: &mut Reader<'_, '_>) -> BandwidthPlan {
    let limit = bytes(transfers, LIMIT);
    let hours_limit = bytes(transfers, HOURS_LIMIT);
    let text = transfers.text(HOURS);
    let hours = text.and_then(parse_hours);
    if text.is_some() && hours.is_none() {
        transfers.warn(HOURS, "not two times of the day such as 09:00-17:30; the limit holds at all hours");
    }
    let hours = hours.map(|(from_minute, to_minute)| BandwidthHours { from_minute, to_minute, limit: hours_limit });
    BandwidthPlan { limit, hours }
}

/// What to write, field by field; `None` takes the field out.
pub(super) fn fields(plan: &BandwidthPlan) -> [(&'static str, Option<Item>); 3] {
    let number = |limit: u64| value(i64::try_from(limit).unwrap_or(i64::MAX));
    [
        (LIMIT, plan.limit.map(number)),
        (HOURS, plan.hours.map(|hours| value(text_of(&hours)))),
        (HOURS_LIMIT, plan.hours.and_then(|hours| hours.limit).map(number)),
    ]
}

fn bytes(transfers: &mut Reader<'_, '_>, key: &str) -> Option<u64> {
    transfers.item(key)?;
    let most = u64::try_from(i64::MAX).unwrap_or(u64::MAX);
    // Only a number that is none is told apart from "no limit".
    Some(transfers.number(key, 0..=most, most)).filter(|limit| *limit < most)
}

fn parse_hours(text: &str) -> Option<(u16, u16)> {
    let (from, to) = text.split_once('-')?;
    Some((parse_minute(from)?, parse_minute(to)?))
}

fn parse_minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let minute = hours.checked_mul(60)?.checked_add(minutes)?;
    // 24:00 is the end of the day.
    (minutes < 60 && minute <= MINUTES_OF_DAY).then_some(minute % MINUTES_OF_DAY)
}

fn text_of(hours: &BandwidthHours) -> String {
    let (from, to) = (hours.from_minute, hours.to_minute);
    format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_day_are_read_and_written() {
        assert_eq!(parse_hours("09:00-17:30"), Some((540, 1050)));
        assert_eq!(parse_hours(" 22:00 - 24:00 "), Some((1320, 0)));
        for odd in ["", "9-5", "09:60-10:00", "25:00-26:00", "a:b-c:d", "09:00", "-1:00-2:00"] {
            assert_eq!(parse_hours(odd), None, "{odd}");
        }
        assert_eq!(text_of(&BandwidthHours { from_minute: 5, to_minute: 1439, limit: None }), "00:05-23:59");
    }
}
