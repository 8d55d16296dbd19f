//! How an object is cut into parts, under the limits of the service it goes to.

use super::{Connection, Failure, FailureKind, Service};

/// Files up to this size go up as one PUT.
pub const SINGLE_PUT_MAX_BYTES: u64 = 8 * MIB;
/// Most that a single PUT may be set to take: larger ones cost too much when they have to be sent again.
pub const SINGLE_PUT_LIMIT_BYTES: u64 = 16 * MIB;
/// Most parts of a multipart upload
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>).
pub const MAX_PARTS: u64 = 10_000;
/// Smallest part but the last.
pub const MIN_PART_BYTES: u64 = 5 * MIB;
/// Largest part.
pub const MAX_PART_BYTES: u64 = 5 * GIB;
/// Parts up to this size are held in memory as a whole; larger ones are read twice in small steps.
pub const MEMORY_PART_BYTES: u64 = 16 * MIB;

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;
const TIB: u64 = 1024 * GIB;

/// What a service allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartLimits {
    /// Largest object.
    pub max_object_bytes: u64,
    /// Most parts of one upload.
    pub max_parts: u64,
    /// Smallest part that is made, but the last one.
    pub min_part_bytes: u64,
    /// Largest part.
    pub max_part_bytes: u64,
    /// Files up to this size go up as one PUT.
    pub single_put_bytes: u64,
}

impl PartLimits {
    /// Amazon's: 10,000 parts of 5 GiB, which are 48.8 TiB.
    pub const AMAZON: Self = Self {
        max_object_bytes: MAX_PARTS * MAX_PART_BYTES,
        max_parts: MAX_PARTS,
        min_part_bytes: SINGLE_PUT_MAX_BYTES,
        max_part_bytes: MAX_PART_BYTES,
        single_put_bytes: SINGLE_PUT_MAX_BYTES,
    };

    /// Everybody else's: objects end at 5 TiB.
    pub const OTHERS: Self = Self { max_object_bytes: 5 * TIB, ..Self::AMAZON };

    /// The limits of a connection's service, also of those that are only known by the host of their endpoint.
    pub fn of(connection: &Connection) -> Self {
        let host = connection.endpoint.as_ref().map(super::Endpoint::host).unwrap_or_default();
        let is_of = |domain: &str| host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
        if is_of("storjshare.io") {
            Self { min_part_bytes: 64 * MIB, ..Self::OTHERS }
        } else if is_of("scw.cloud") {
            Self { max_parts: 1_000, ..Self::OTHERS }
        } else if connection.service == Service::AmazonS3 && (host.is_empty() || host.contains("amazonaws")) {
            Self::AMAZON
        } else {
            Self::OTHERS
        }
    }

    /// With single PUTs up to this size, at most [`SINGLE_PUT_LIMIT_BYTES`].
    #[must_use]
    pub fn with_single_put(self, bytes: u64) -> Self {
        Self { single_put_bytes: bytes.min(SINGLE_PUT_LIMIT_BYTES), ..self }
    }
}

/// A plan that covers a file exactly once with equal parts, the last one smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartPlan {
    /// One PUT.
    Single,
    /// A multipart upload.
    Multipart {
        /// Bytes of every part but the last.
        part_bytes: u64,
        /// How many parts.
        parts: u32,
    },
}

/// One part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: u32,
    /// First byte within the file.
    pub offset: u64,
    /// Length in bytes.
    pub len: u64,
}

impl PartPlan {
    /// The plan for a file of `size_bytes` under Amazon's limits; `None` if no service could hold it (over 10,000
    /// parts of 5 GiB).
    pub fn for_size(size_bytes: u64) -> Option<Self> {
        Self::within(size_bytes, &PartLimits::AMAZON).ok()
    }

    /// The plan for a file of `size_bytes`: the smallest equal parts of whole MiB that the limits allow, so that as
    /// little as possible is sent again after a fault. [`FailureKind::TooLarge`] with the largest possible size if
    /// there is none.
    pub fn within(size_bytes: u64, limits: &PartLimits) -> Result<Self, Failure> {
        if size_bytes <= limits.single_put_bytes {
            return Ok(Self::Single);
        }
        let most = limits.max_object_bytes.min(limits.max_parts.saturating_mul(limits.max_part_bytes));
        let too_large = || {
            Failure::new(FailureKind::TooLarge)
                .with("bytes", size_bytes)
                .with("most_bytes", most)
                .detail(format!("{size_bytes} bytes; this service holds objects up to {most} bytes"))
        };
        if size_bytes > most || limits.max_parts == 0 {
            return Err(too_large());
        }
        let least = size_bytes.div_ceil(limits.max_parts).div_ceil(MIB) * MIB;
        let part_bytes = least.max(limits.min_part_bytes).max(MIN_PART_BYTES);
        let parts = u32::try_from(size_bytes.div_ceil(part_bytes)).map_err(|_too_many| too_large())?;
        if part_bytes > limits.max_part_bytes { Err(too_large()) } else { Ok(Self::Multipart { part_bytes, parts }) }
    }

    /// The parts in order. A single PUT has one part that is the whole file.
    pub fn parts(self, size_bytes: u64) -> impl Iterator<Item = Part> {
        let (part_bytes, parts) = match self {
            Self::Single => (size_bytes.max(1), 1),
            Self::Multipart { part_bytes, parts } => (part_bytes, parts),
        };
        (1..=parts).map(move |number| {
            let offset = u64::from(number - 1) * part_bytes;
            Part { number, offset, len: part_bytes.min(size_bytes.saturating_sub(offset)) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConnectionId, Endpoint, Region};
    use proptest::prelude::*;

    fn connection(service: Service, endpoint: Option<&str>) -> Connection {
        Connection {
            endpoint: endpoint.map(|url| Endpoint::parse(url).unwrap()),
            region: Region::us_east_1(),
            ..Connection::plain(ConnectionId::new("c"), service)
        }
    }

    fn limits() -> impl Strategy<Value = PartLimits> {
        let storj = connection(Service::Other, Some("https://gateway.storjshare.io"));
        let scaleway = connection(Service::Other, Some("https://s3.fr-par.scw.cloud"));
        let services = vec![PartLimits::AMAZON, PartLimits::OTHERS, PartLimits::of(&storj), PartLimits::of(&scaleway)];
        (prop::sample::select(services), 0..=20 * MIB).prop_map(|(limits, single)| limits.with_single_put(single))
    }

    fn sizes() -> impl Strategy<Value = u64> {
        let border = prop::sample::select(vec![0, 8 * MIB, 16 * MIB, 64 * MIB, 156 * GIB, 5 * TIB, 10_000 * 5 * GIB]);
        let near = (border, -3i64..=3).prop_map(|(border, by)| border.saturating_add_signed(by));
        prop_oneof![0u64..64 * MIB, 0u64..60_000_000_000_000, near]
    }

    /// The plan for a size, as far as there is to be one.
    fn planned(size_bytes: u64, limits: &PartLimits) -> Result<Option<PartPlan>, TestCaseError> {
        let most = limits.max_object_bytes.min(limits.max_parts * limits.max_part_bytes);
        match PartPlan::within(size_bytes, limits) {
            Ok(plan) => {
                prop_assert!(size_bytes <= most);
                Ok(Some(plan))
            }
            Err(failure) => {
                prop_assert_eq!(failure.kind, FailureKind::TooLarge);
                prop_assert!(size_bytes > most, "{} would fit", size_bytes);
                Ok(None)
            }
        }
    }

    proptest! {
        #[test]
        fn parts_are_equal_and_together_the_file(size_bytes in sizes(), limits in limits()) {
            let Some(plan) = planned(size_bytes, &limits)? else { return Ok(()) };
            let (mut end, mut count, mut first_len) = (0, 0, None);
            for part in plan.parts(size_bytes) {
                prop_assert_eq!(part.offset, end);
                end += part.len;
                count += 1;
                prop_assert_eq!(part.number, count);
                if plan != PartPlan::Single {
                    // Only the last one may be smaller.
                    let first = *first_len.get_or_insert(part.len);
                    prop_assert!(part.len == first || end == size_bytes && part.len < first);
                }
            }
            prop_assert_eq!(end, size_bytes);
        }

        #[test]
        fn h25_no_part_but_the_last_is_too_small(size_bytes in sizes(), limits in limits()) {
            let Some(plan) = planned(size_bytes, &limits)? else { return Ok(()) };
            for part in plan.parts(size_bytes).filter(|_| plan != PartPlan::Single) {
                let is_last = part.offset + part.len == size_bytes;
                prop_assert!(part.len > 0 && (is_last || part.len >= MIN_PART_BYTES.max(limits.min_part_bytes)));
            }
        }

        #[test]
        fn h26_no_put_and_no_part_is_too_large(size_bytes in sizes(), limits in limits()) {
            let Some(plan) = planned(size_bytes, &limits)? else { return Ok(()) };
            prop_assert_eq!(plan == PartPlan::Single, size_bytes <= limits.single_put_bytes);
            for part in plan.parts(size_bytes).filter(|_| plan != PartPlan::Single) {
                prop_assert!(part.len <= limits.max_part_bytes);
            }
        }

        #[test]
        fn h27_there_are_never_too_many_parts(size_bytes in sizes(), limits in limits()) {
            let Some(plan) = planned(size_bytes, &limits)? else { return Ok(()) };
            prop_assert!(plan.parts(size_bytes).count() as u64 <= limits.max_parts);
        }
    }

    #[test]
    fn limits_follow_the_service_and_the_host() {
        let cases = [
            (Service::AmazonS3, None, PartLimits::AMAZON),
            (Service::AmazonS3, Some("https://s3.eu-west-1.amazonaws.com"), PartLimits::AMAZON),
            (Service::AmazonS3, Some("https://minio.example"), PartLimits::OTHERS),
            (Service::CloudflareR2, Some("https://a.r2.cloudflarestorage.com"), PartLimits::OTHERS),
            (Service::Other, Some("https://notscw.cloud"), PartLimits::OTHERS),
        ];
        for (service, endpoint, expected) in cases {
            assert_eq!(PartLimits::of(&connection(service, endpoint)), expected, "{endpoint:?}");
        }
        let storj = PartLimits::of(&connection(Service::Other, Some("https://gateway.eu1.storjshare.io")));
        let plan = PartPlan::within(100 * MIB, &storj).unwrap();
        assert_eq!(plan, PartPlan::Multipart { part_bytes: 64 * MIB, parts: 2 });
        let scaleway = PartLimits::of(&connection(Service::Other, Some("https://s3.fr-par.scw.cloud")));
        let plan = PartPlan::within(60 * GIB, &scaleway).unwrap();
        assert_eq!(plan, PartPlan::Multipart { part_bytes: 62 * MIB, parts: 991 });
    }

    #[test]
    fn too_large_says_how_large_would_do() {
        let failure = PartPlan::within(6 * TIB, &PartLimits::OTHERS).unwrap_err();
        assert!(failure.detail.contains(&(5 * TIB).to_string()), "{failure:?}");
        assert!(PartPlan::within(6 * TIB, &PartLimits::AMAZON).is_ok());
        assert_eq!(PartPlan::for_size(u64::MAX), None);
    }
}
