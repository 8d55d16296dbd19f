//! Buckets and the rules for their names.

use jiff::Timestamp;
use std::fmt;

use super::Region;

/// A bucket's name as the server knows it. Existing buckets may break today's naming rules,
/// so only emptiness and `/` are refused here; [`BucketName::check_new`] holds a new name to the rules.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BucketName(String);

/// Why a new bucket cannot have this name
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketNameProblem {
    /// Nothing entered.
    Empty,
    /// Fewer than 3 or more than 63 characters.
    Length,
    /// Something other than `a-z`, `0-9`, `.` and `-`.
    Character(char),
    /// First or last character is no letter or digit.
    Ends,
    /// Two dots in a row, or a dot beside a hyphen.
    Dots,
    /// Looks like an IPv4 address.
    IpAddress,
    /// A prefix or suffix that Amazon keeps for itself (`xn--`, `-s3alias`, …).
    Reserved,
}

impl BucketName {
    /// Accepts any name a server may hold.
    pub fn new(name: impl Into<String>) -> Result<Self, BucketNameProblem> {
        let name = name.into();
        if name.is_empty() {
            return Err(BucketNameProblem::Empty);
        }
        match name.chars().find(|c| *c == '/' || c.is_control() || c.is_whitespace()) {
            Some(c) => Err(BucketNameProblem::Character(c)),
            None => Ok(Self(name)),
        }
    }

    /// Holds a name for a new bucket to today's rules.
    pub fn check_new(name: &str) -> Result<Self, BucketNameProblem> {
        if name.is_empty() {
            return Err(BucketNameProblem::Empty);
        }
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
        if let Some(c) = name.chars().find(|c| !allowed(*c)) {
            return Err(BucketNameProblem::Character(c));
        }
        if !(3..=63).contains(&name.len()) {
            return Err(BucketNameProblem::Length);
        }
        let is_alnum = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        if !is_alnum(name.chars().next()) || !is_alnum(name.chars().last()) {
            return Err(BucketNameProblem::Ends);
        }
        if ["..", ".-", "-."].iter().any(|bad| name.contains(bad)) {
            return Err(BucketNameProblem::Dots);
        }
        if name.parse::<std::net::Ipv4Addr>().is_ok() {
            return Err(BucketNameProblem::IpAddress);
        }
        let starts = ["xn--", "sthree-", "amzn-s3-demo-"];
        let ends = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
        if starts.iter().any(|s| name.starts_with(s)) || ends.iter().any(|e| name.ends_with(e)) {
            return Err(BucketNameProblem::Reserved);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name fits one DNS label, so that `https://NAME.host` is covered by a wildcard certificate.
    ///
    /// Names that are reserved, such as aliases of access points (`-s3alias`), are nobody's to choose, but good labels.
    pub fn fits_one_dns_label(&self) -> bool {
        let fits = matches!(Self::check_new(&self.0), Ok(_) | Err(BucketNameProblem::Reserved));
        fits && !self.0.contains('.')
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One bucket of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: BucketName,
    /// When it was made, where the server says so.
    pub created: Option<Timestamp>,
    /// Its region, once known.
    pub region: Option<Region>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_names_are_held_to_the_rules() {
        use BucketNameProblem as P;
        let cases = [
            ("", Err(P::Empty)),
            ("ab", Err(P::Length)),
            ("my-bucket", Ok(())),
            ("my.bucket", Ok(())),
            ("My-bucket", Err(P::Character('M'))),
            ("버킷", Err(P::Character('버'))),
            ("-abc", Err(P::Ends)),
            ("abc-", Err(P::Ends)),
            ("a..b", Err(P::Dots)),
            ("192.168.5.4", Err(P::IpAddress)),
            ("xn--abc", Err(P::Reserved)),
            ("abc-s3alias", Err(P::Reserved)),
        ];
        for (name, expected) in cases {
            assert_eq!(BucketName::check_new(name).map(|_| ()), expected, "{name}");
        }
        assert_eq!(BucketName::check_new(&"a".repeat(64)).map(|_| ()), Err(P::Length));
    }
}
