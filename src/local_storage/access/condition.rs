//! Conditions of policies: what is known of a request, and the operators that compare it.

use std::collections::HashMap;
use std::net::IpAddr;

use super::policy::{Condition, Version};

/// What is known of a request, by the name of the condition key in lower case.
#[derive(Clone, Debug, Default)]
pub(in crate::local_storage) struct Context(HashMap<String, Vec<String>>);

impl Context {
    /// Names of keys are taken in any case.
    pub(super) fn set(&mut self, key: &str, value: impl Into<String>) {
        self.0.insert(key.to_ascii_lowercase(), vec![value.into()]);
    }

    fn get(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
    }

    /// Puts values in the place of `${…}`; `None` where one is not known, so that nothing can match.
    pub(super) fn fill(&self, version: Version, pattern: &str) -> Option<String> {
        if version == Version::Old || !pattern.contains("${") {
            return Some(pattern.to_owned());
        }
        let mut pieces = pattern.split("${");
        let mut filled = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (name, rest) = piece.split_once('}')?;
            match name {
                // These stand for themselves; a glob has no way to say so, and a `?` comes closest.
                "*" | "?" => filled.push('?'),
                "$" => filled.push('$'),
                name => filled.push_str(self.get(name.trim())?.first()?),
            }
            filled.push_str(rest);
        }
        Some(filled)
    }
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Yes,
    No,
    /// The operator is none that is known: it opens nothing and lifts no refusal.
    Unknown,
}

/// Whether all conditions of a statement hold.
pub(super) fn all_hold(conditions: &[Condition], version: Version, context: &Context) -> Holds {
    let mut all = Holds::Yes;
    for condition in conditions {
        match holds(condition, version, context) {
            Holds::No => return Holds::No,
            Holds::Unknown => all = Holds::Unknown,
            Holds::Yes => {}
        }
    }
    all
}

/// An operator's name, taken apart.
pub(super) struct Operator<'a> {
    quantifier: Quantifier,
    /// Without prefix and suffix, e.g. `StringEquals`.
    pub name: &'a str,
    /// Holds as well where the request says nothing.
    pub if_exists: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantifier {
    None,
    AnyValue,
    AllValues,
}

impl<'a> Operator<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        let (quantifier, name) = match text.split_once(':') {
            Some(("ForAnyValue", name)) => (Quantifier::AnyValue, name),
            Some(("ForAllValues", name)) => (Quantifier::AllValues, name),
            _ => (Quantifier::None, text),
        };
        match name.strip_suffix("IfExists") {
            Some(name) => Self { quantifier, name, if_exists: true },
            None => Self { quantifier, name, if_exists: false },
        }
    }

    /// The comparison and whether it is turned round; `None` for a name that is not known.
    fn comparison(&self) -> Option<(Comparison, Sense)> {
        let (name, sense) = match self.name {
            "NotIpAddress" => ("IpAddress", Sense::Not),
            name => match name.split_once("Not") {
                Some((kind, rest)) => (negated(kind, rest)?, Sense::Not),
                None => (name, Sense::Plain),
            },
        };
        let comparison = match name {
            "StringEquals" => |given: &str, wanted: &str| given == wanted,
            "StringEqualsIgnoreCase" => |given: &str, wanted: &str| given.eq_ignore_ascii_case(wanted),
            "StringLike" | "ArnLike" | "ArnEquals" => |given: &str, wanted: &str| glob(wanted, given),
            "Bool" => |given: &str, wanted: &str| given.eq_ignore_ascii_case(wanted),
            "BinaryEquals" => |given: &str, wanted: &str| given == wanted,
            "IpAddress" => in_range,
            "NumericEquals" => |given: &str, wanted: &str| {
                number(given).zip(number(wanted)).is_some_and(|(a, b)| a.total_cmp(&b).is_eq())
            },
            "NumericLessThan" => {
                |given: &str, wanted: &str| number(given).zip(number(wanted)).is_some_and(|(a, b)| a < b)
            }
            "NumericLessThanEquals" => {
                |given: &str, wanted: &str| number(given).zip(number(wanted)).is_some_and(|(a, b)| a <= b)
            }
            "NumericGreaterThan" => {
                |given: &str, wanted: &str| number(given).zip(number(wanted)).is_some_and(|(a, b)| a > b)
            }
            "NumericGreaterThanEquals" => {
                |given: &str, wanted: &str| number(given).zip(number(wanted)).is_some_and(|(a, b)| a >= b)
            }
            "DateEquals" => |given: &str, wanted: &str| date(given).zip(date(wanted)).is_some_and(|(a, b)| a == b),
            "DateLessThan" => |given: &str, wanted: &str| date(given).zip(date(wanted)).is_some_and(|(a, b)| a < b),
            "DateLessThanEquals" => {
                |given: &str, wanted: &str| date(given).zip(date(wanted)).is_some_and(|(a, b)| a <= b)
            }
            "DateGreaterThan" => |given: &str, wanted: &str| date(given).zip(date(wanted)).is_some_and(|(a, b)| a > b),
            "DateGreaterThanEquals" => {
                |given: &str, wanted: &str| date(given).zip(date(wanted)).is_some_and(|(a, b)| a >= b)
            }
            _ => return None,
        };
        Some((comparison, sense))
    }

    /// Whether the name is one that Amazon knows.
    pub(super) fn is_known(&self) -> bool {
        self.name == "Null" || self.comparison().is_some()
    }

    /// Whether it holds for what is *not* one of the values.
    pub(super) fn is_negative(&self) -> bool {
        self.comparison().is_some_and(|(_, sense)| sense == Sense::Not)
    }
}

type Comparison = fn(&str, &str) -> bool;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sense {
    Plain,
    Not,
}

fn negated(kind: &str, rest: &str) -> Option<&'static str> {
    Some(match (kind, rest) {
        ("String", "Equals") => "StringEquals",
        ("String", "EqualsIgnoreCase") => "StringEqualsIgnoreCase",
        ("String", "Like") => "StringLike",
        ("Arn", "Equals" | "Like") => "ArnLike",
        ("Numeric", "Equals") => "NumericEquals",
        ("Date", "Equals") => "DateEquals",
        _ => return None,
    })
}

fn holds(condition: &Condition, version: Version, context: &Context) -> Holds {
    let operator = Operator::read(&condition.operator);
    let given = context.get(&condition.key);
    let told = |holds: bool| if holds { Holds::Yes } else { Holds::No };
    if operator.name == "Null" {
        let wants_absence = condition.values.iter().any(|value| value == "true");
        return told(given.is_none() == wants_absence);
    }
    let Some((comparison, sense)) = operator.comparison() else { return Holds::Unknown };
    let Some(given) = given else {
        let without = operator.if_exists || sense == Sense::Not || operator.quantifier == Quantifier::AllValues;
        return told(without && operator.quantifier != Quantifier::AnyValue || operator.if_exists);
    };
    let matches = |given: &String| {
        let one = |wanted: &String| context.fill(version, wanted).is_some_and(|wanted| comparison(given, &wanted));
        condition.values.iter().any(one) == (sense == Sense::Plain)
    };
    told(match operator.quantifier {
        Quantifier::AllValues => given.iter().all(matches),
        Quantifier::None | Quantifier::AnyValue => given.iter().any(matches),
    })
}

/// `*` stands for any text, also an empty one and one with slashes; `?` for one character.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut done) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while done < text.len() {
        match (pattern.get(at), text.get(done)) {
            (Some('*'), _) => {
                star = Some((at, done));
                at += 1;
            }
            (Some('?'), _) => (at, done) = (at + 1, done + 1),
            (Some(wanted), Some(given)) if wanted == given => (at, done) = (at + 1, done + 1),
            _ => {
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                (at, done) = (star_at + 1, taken + 1);
            }
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == '*')
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

/// Seconds since 1970, of an ISO date, a date and time, or such a number.
fn date(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.as_second());
    }
    let day: jiff::civil::Date = text.parse().ok()?;
    Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

/// A range of addresses as `ADDRESS/BITS`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cidr {
    pub address: IpAddr,
    pub bits: u32,
}

impl Cidr {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
        (bits <= most).then_some(Self { address, bits })
    }

    fn contains(self, other: IpAddr) -> bool {
        let (own, other, width) = match (self.address, other) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (u128::from(own.to_bits()), u128::from(other.to_bits()), 32),
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits(), other.to_bits(), 128),
            _ => return false,
        };
        let shift: u32 = width - self.bits;
        own.checked_shr(shift).unwrap_or_default() == other.checked_shr(shift).unwrap_or_default()
    }
}

fn in_range(given: &str, wanted: &str) -> bool {
    Cidr::parse(wanted).zip(given.parse().ok()).is_some_and(|(range, address)| range.contains(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_as_in_policies() {
        let cases = [
            ("*", "", true),
            ("a*", "a", true),
            ("a*c", "abbc", true),
            ("a*c", "abb", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("b/*", "b/x/y", true),
            ("b/*/y", "b/1/2/y", true),
            ("b/*.png", "b/한글.png", true),
            ("b/?", "b/한", true),
            ("*a*b*c", "xxaxxbxxbc", true),
            ("a", "A", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn operators_compare() {
        let mut context = Context::default();
        context.set("aws:SourceIp", "203.0.113.7");
        context.set("aws:Referer", "https://example.com/page");
        context.set("aws:SecureTransport", "false");
        context.set("s3:max-keys", "10");
        context.set("aws:CurrentTime", "2026-11-21T09:00:00Z");
        use Holds::{No, Unknown, Yes};
        let cases = [
            ("IpAddress", "aws:SourceIp", "203.0.113.0/24", Yes),
            ("IpAddress", "aws:sourceip", "203.0.113.7", Yes),
            ("IpAddress", "aws:SourceIp", "0.0.0.0/0", Yes),
            ("IpAddress", "aws:SourceIp", "198.51.100.0/24", No),
            ("IpAddress", "aws:SourceIp", "::/0", No),
            ("IpAddress", "aws:SourceIp", "nonsense", No),
            ("NotIpAddress", "aws:SourceIp", "198.51.100.0/24", Yes),
            ("StringLike", "aws:Referer", "https://example.com/*", Yes),
            ("StringEquals", "aws:Referer", "https://example.com/*", No),
            ("StringNotLike", "aws:Referer", "https://example.com/*", No),
            ("StringNotEquals", "aws:Referer", "other", Yes),
            ("StringEqualsIgnoreCase", "aws:Referer", "HTTPS://example.com/PAGE", Yes),
            ("Bool", "aws:SecureTransport", "false", Yes),
            ("Bool", "aws:SecureTransport", "true", No),
            ("NumericLessThanEquals", "s3:max-keys", "10", Yes),
            ("NumericGreaterThan", "s3:max-keys", "10", No),
            ("DateGreaterThan", "aws:CurrentTime", "2026-11-21", Yes),
            ("DateLessThan", "aws:CurrentTime", "2026-11-21T08:00:00Z", No),
            ("StringEquals", "aws:SourceVpc", "vpc-1", No),
            ("StringNotEquals", "aws:SourceVpc", "vpc-1", Yes),
            ("StringEqualsIfExists", "aws:SourceVpc", "vpc-1", Yes),
            ("ForAnyValue:StringEquals", "aws:SourceVpc", "vpc-1", No),
            ("ForAllValues:StringEquals", "aws:SourceVpc", "vpc-1", Yes),
            ("Null", "aws:SourceVpc", "true", Yes),
            ("Null", "aws:Referer", "true", No),
            ("Null", "aws:Referer", "false", Yes),
            ("StringMatchesRegex", "aws:Referer", ".*", Unknown),
            ("NotString", "aws:Referer", "x", Unknown),
        ];
        for (operator, key, value, expected) in cases {
            let condition = Condition { operator: operator.into(), key: key.into(), values: vec![value.into()] };
            let found = all_hold(&[condition], Version::WithVariables, &context);
            assert_eq!(found, expected, "{operator} {key} {value}");
        }
    }

    #[test]
    fn variables_stand_for_values_of_the_request() {
        let mut context = Context::default();
        context.set("aws:username", "ann");
        let fill = |version, pattern| context.fill(version, pattern);
        assert_eq!(fill(Version::WithVariables, "home/${aws:username}/*").as_deref(), Some("home/ann/*"));
        assert_eq!(fill(Version::WithVariables, "home/${aws:userid}/*"), None);
        assert_eq!(fill(Version::Old, "home/${aws:username}").as_deref(), Some("home/${aws:username}"));
    }
}
