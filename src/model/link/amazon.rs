//! Amazon's partitions, and what its host names say. Forms that are only met are recognised here and never made.

use crate::model::Region;

/// A part of Amazon's cloud with host names, regions and accounts of its own
/// (<https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// As it stands in ARNs.
    pub id: &'static str,
    /// What its host names end in.
    pub suffix: &'static str,
}

impl Partition {
    /// The partition of a region, by how its name starts; a region that fits none belongs to `aws`.
    pub fn of(region: &Region) -> Self {
        let found = STARTS.iter().find(|(start, _, _)| region.as_str().starts_with(start));
        found.map_or(Self { id: "aws", suffix: COMMERCIAL }, |(_, id, suffix)| Self { id, suffix })
    }

    /// Whether it is known what a region's host names end in: else the commercial suffix is a guess.
    pub fn knows(region: &Region) -> bool {
        let mut starts = STARTS.iter().map(|(start, _, _)| *start).chain(COMMERCIAL_STARTS);
        starts.any(|start| region.as_str().starts_with(start))
    }
}

const COMMERCIAL: &str = "amazonaws.com";

/// How regions of the commercial partition start, as far as they are known.
const COMMERCIAL_STARTS: [&str; 9] = ["us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"];

/// How regions start, and their partitions. All else is `aws`.
const STARTS: [(&str, &str, &str); 7] = [
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", COMMERCIAL),
    ("eusc-", "aws-eusc", "amazonaws.eu"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
    ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
];

/// What the host names of a region's partition end in; `amazonaws.com` for all but a few.
pub fn partition_suffix(region: &Region) -> &'static str {
    Partition::of(region).suffix
}

/// Whether a host is one of S3 itself whose cryptography was validated.
pub(in crate::model) fn is_fips_host(host: &str) -> bool {
    recognise(host).is_some_and(|host| host.front.is_empty() && matches!(host.door, Door::Fips | Door::FipsDualStack))
}

/// Which of Amazon's doors a host name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// `s3.R`
    Regional,
    /// `s3.dualstack.R`: IPv4 and IPv6.
    DualStack,
    /// `s3-fips.R`
    Fips,
    /// `s3-fips.dualstack.R`
    FipsDualStack,
    /// `s3` without a region: answers by redirect for regions before 2019, and not at all for later ones. Never made.
    LegacyGlobal,
    /// `s3-R`. Never made.
    LegacyDash,
    /// `s3-accelerate`
    Accelerate,
    /// `s3-accelerate.dualstack`
    AccelerateDualStack,
    /// `s3-website-R` or `s3-website.R`: HTTP only, with rules of its own. Never made, but for the user's templates.
    Website,
    /// `s3-accesspoint.R`, also with `dualstack`.
    AccessPoint,
    /// `s3express-ZONE.R`
    Directory,
}

/// The region that an address at Amazon names.
pub fn region_in_address(address: &str) -> Option<Region> {
    let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?.split('/').next()?;
    recognise(host)?.region
}

/// What one of Amazon's host names says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AmazonHost {
    pub(super) door: Door,
    pub(super) region: Option<Region>,
    pub(super) suffix: &'static str,
    /// What stands before the door: a bucket, or an access point with its account.
    pub(super) front: String,
}

/// Reads a host name; `None` for one that is not Amazon's, or of a form that is not known.
pub(super) fn recognise(host: &str) -> Option<AmazonHost> {
    let (rest, suffix) = suffixes().find_map(|suffix| Some((host.strip_suffix(suffix)?.strip_suffix('.')?, suffix)))?;
    let labels: Vec<&str> = rest.split('.').collect();
    let region = |code: &str| Region::new(code).filter(|region| looks_like_region(region.as_str()));
    let (front, door, region) = match labels.as_slice() {
        [front @ .., "s3", "dualstack", code] => (front, Door::DualStack, Some(region(code)?)),
        [front @ .., "s3-fips", "dualstack", code] => (front, Door::FipsDualStack, Some(region(code)?)),
        [front @ .., "s3-accesspoint", "dualstack", code] => (front, Door::AccessPoint, Some(region(code)?)),
        [front @ .., "s3-accelerate", "dualstack"] => (front, Door::AccelerateDualStack, None),
        [front @ .., "s3-accelerate"] => (front, Door::Accelerate, None),
        [front @ .., "s3", code] if looks_like_region(code) => (front, Door::Regional, region(code)),
        [front @ .., "s3-fips", code] if looks_like_region(code) => (front, Door::Fips, region(code)),
        [front @ .., "s3-website", code] => (front, Door::Website, Some(region(code)?)),
        [front @ .., "s3-accesspoint", code] => (front, Door::AccessPoint, Some(region(code)?)),
        [front @ .., zone, code] if zone.starts_with("s3express-") => (front, Door::Directory, Some(region(code)?)),
        [front @ .., "s3" | "s3-external-1"] => (front, Door::LegacyGlobal, None),
        [front @ .., last] => {
            let (door, code) = match last.strip_prefix("s3-website-") {
                Some(code) => (Door::Website, code),
                None => (Door::LegacyDash, last.strip_prefix("s3-")?),
            };
            (front, door, Some(region(code)?))
        }
        [] => return None,
    };
    Some(AmazonHost { door, region, suffix, front: front.join(".") })
}

/// Every suffix once.
fn suffixes() -> impl Iterator<Item = &'static str> {
    STARTS.iter().map(|(_, _, suffix)| *suffix).filter(|suffix| *suffix != COMMERCIAL).chain([COMMERCIAL])
}

/// `eu-west-1` and the like, as opposed to a bucket's name.
fn looks_like_region(code: &str) -> bool {
    let mut words = code.split('-');
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
    let ends_in_number = words.next_back().is_some_and(|last| last.len() <= 2 && last.parse::<u8>().is_ok());
    let words: Vec<&str> = words.collect();
    ends_in_number && words.len() >= 2 && words.into_iter().all(is_word)
}

/// A host that serves a region's buckets: `B.` before it for virtual hosts, `/B` after it for paths.
pub(super) fn host(door: Door, region: &Region, suffix: &str) -> String {
    match door {
        Door::DualStack => format!("s3.dualstack.{region}.{suffix}"),
        Door::Fips => format!("s3-fips.{region}.{suffix}"),
        Door::FipsDualStack => format!("s3-fips.dualstack.{region}.{suffix}"),
        Door::Accelerate => format!("s3-accelerate.{suffix}"),
        Door::AccelerateDualStack => format!("s3-accelerate.dualstack.{suffix}"),
        Door::Regional
        | Door::LegacyGlobal
        | Door::LegacyDash
        | Door::Website
        | Door::AccessPoint
        | Door::Directory => format!("s3.{region}.{suffix}"),
    }
}

/// An access point that stands where a bucket's name does, as `arn:PARTITION:s3:REGION:ACCOUNT:accesspoint:NAME`
/// (with `/` before the name it is no bucket's name): what comes before and after `s3-accesspoint` in its host.
pub(super) fn access_point(bucket: &str) -> Option<(String, Region)> {
    let mut parts = bucket.strip_prefix("arn:")?.split(':');
    let (partition, service) = (parts.next()?, parts.next()?);
    let (region, account) = (Region::new(parts.next()?)?, parts.next()?);
    let (kind, name) = (parts.next()?, parts.next()?);
    let is_plain =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    let fits = partition.starts_with("aws") && service == "s3" && kind == "accesspoint" && parts.next().is_none();
    (fits && is_plain(name) && is_plain(account)).then(|| (format!("{name}-{account}"), region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_follow_the_region() {
        for (region, id, suffix) in [
            ("eu-west-1", "aws", "amazonaws.com"),
            ("mx-central-1", "aws", "amazonaws.com"),
            ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
            ("cn-northwest-1", "aws-cn", "amazonaws.com.cn"),
            ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
            ("us-iso-west-1", "aws-iso", "c2s.ic.gov"),
            ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
            ("eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"),
            ("us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov"),
            ("zz-unheard-1", "aws", "amazonaws.com"),
        ] {
            assert_eq!(Partition::of(&Region::new(region).unwrap()), Partition { id, suffix }, "{region}");
        }
    }

    #[test]
    fn every_form_of_host_is_recognised() {
        use Door as D;
        for (host, door, region, front) in [
            ("s3.eu-west-1.amazonaws.com", D::Regional, "eu-west-1", ""),
            ("my.bucket.s3.eu-west-1.amazonaws.com", D::Regional, "eu-west-1", "my.bucket"),
            ("b.s3.us-gov-west-1.amazonaws.com", D::Regional, "us-gov-west-1", "b"),
            ("b.s3.cn-north-1.amazonaws.com.cn", D::Regional, "cn-north-1", "b"),
            ("b.s3.eusc-de-east-1.amazonaws.eu", D::Regional, "eusc-de-east-1", "b"),
            ("b.s3.dualstack.ap-northeast-2.amazonaws.com", D::DualStack, "ap-northeast-2", "b"),
            ("s3-fips.us-east-1.amazonaws.com", D::Fips, "us-east-1", ""),
            ("s3-fips.dualstack.us-east-1.amazonaws.com", D::FipsDualStack, "us-east-1", ""),
            ("b.s3.amazonaws.com", D::LegacyGlobal, "", "b"),
            ("s3.s3.amazonaws.com", D::LegacyGlobal, "", "s3"),
            ("s3-external-1.amazonaws.com", D::LegacyGlobal, "", ""),
            ("b.s3-eu-west-1.amazonaws.com", D::LegacyDash, "eu-west-1", "b"),
            ("b.s3-accelerate.amazonaws.com", D::Accelerate, "", "b"),
            ("b.s3-accelerate.dualstack.amazonaws.com", D::AccelerateDualStack, "", "b"),
            ("b.s3-website-us-east-1.amazonaws.com", D::Website, "us-east-1", "b"),
            ("www.example.com.s3-website.eu-central-1.amazonaws.com", D::Website, "eu-central-1", "www.example.com"),
            ("p-123456789012.s3-accesspoint.us-west-2.amazonaws.com", D::AccessPoint, "us-west-2", "p-123456789012"),
            ("p-1.s3-accesspoint.dualstack.us-west-2.amazonaws.com", D::AccessPoint, "us-west-2", "p-1"),
            (
                "b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com",
                D::Directory,
                "us-east-1",
                "b--use1-az4--x-s3",
            ),
        ] {
            let found = recognise(host).unwrap_or_else(|| panic!("{host}"));
            let found_region = found.region.as_ref().map(Region::as_str).unwrap_or_default();
            assert_eq!((found.door, found_region, found.front.as_str()), (door, region, front), "{host}");
        }
        for host in [
            "example.com",
            "amazonaws.com",
            "s3.amazonaws.com.evil.example",
            "s3.evilamazonaws.com",
            "ec2.eu-west-1.amazonaws.com",
            "bucket.vpce-1a2b3c4d.s3.us-east-1.vpce.amazonaws.com",
        ] {
            assert_eq!(recognise(host), None, "{host}");
        }
    }

    #[test]
    fn access_points_stand_for_buckets() {
        let found = access_point("arn:aws:s3:us-west-2:123456789012:accesspoint:media");
        assert_eq!(found, Some(("media-123456789012".to_owned(), Region::new("us-west-2").unwrap())));
        for other in [
            "arn:aws:s3:::bucket",
            "arn:aws:s3:us-west-2:1:bucket:x",
            "media",
            "arn:aws:s3:us-west-2:1:accesspoint:a.b",
        ] {
            assert_eq!(access_point(other), None, "{other}");
        }
    }
}
