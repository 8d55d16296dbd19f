//! The address at which anyone would ask for an object: the user's own template first, then virtual host, then path.

use super::NoAddress;
use super::amazon::{self, AmazonHost, Door};
use super::encode::{encode, encode_into};
use super::template::{Covers, Fill, Filled};
use crate::model::{Addressing, BucketName, Connection, Endpoint, ObjectKey, Region, Service};

/// The public addresses of one bucket's objects, worked out once: each key then costs little more than its encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketAddress {
    rules: Vec<Rule>,
    own: Result<Bases, NoAddress>,
}

/// A template of the user's that fits the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    prefix: String,
    drop_prefix: String,
    filled: Filled,
}

/// What stands before `/KEY` at the service itself.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bases {
    usual: String,
    /// With the bucket in the path; for the key `soap`, which the old SOAP address shadows on virtual hosts.
    path: String,
}

/// The address at which anyone would ask for an object; see [`BucketAddress`] for many of one bucket.
pub fn public_url(
    connection: &Connection,
    bucket: &BucketName,
    bucket_region: Option<&Region>,
    key: &ObjectKey,
) -> Result<String, NoAddress> {
    BucketAddress::new(connection, bucket, bucket_region).url(key)
}

/// Whether addresses of a bucket's objects hold its region: then they lead nowhere until that is known.
pub fn names_region(connection: &Connection, bucket: &BucketName) -> bool {
    let at = |region| BucketAddress::new(connection, bucket, Region::new(region).as_ref());
    at("us-east-2") != at("us-west-2")
}

impl BucketAddress {
    /// `connection` is the one in use (for the AWS chain, with its endpoint filled in); `bucket_region` is the
    /// bucket's real region where known, else the connection's is taken.
    pub fn new(connection: &Connection, bucket: &BucketName, bucket_region: Option<&Region>) -> Self {
        let place = Place::of(connection, bucket_region);
        let rules = rules(connection, bucket, &place);
        Self { rules, own: place.bases(connection, bucket) }
    }

    /// The address of one object.
    pub fn url(&self, key: &ObjectKey) -> Result<String, NoAddress> {
        if key.has_dot_segment() {
            return Err(NoAddress::DotSegment);
        }
        let key = key.as_str();
        for rule in &self.rules {
            // A key that lacks what the rule drops is not served there.
            if let Some(rest) = key.strip_prefix(&rule.drop_prefix).filter(|_| key.starts_with(&rule.prefix)) {
                if rest.is_empty() {
                    continue;
                }
                return Ok(rule.filled.with_key(rest));
            }
        }
        let bases = self.own.as_ref().map_err(|reason| *reason)?;
        let base = if key == "soap" { &bases.path } else { &bases.usual };
        let mut url = String::with_capacity(base.len() + 1 + key.len() * 2);
        url.push_str(base);
        url.push('/');
        encode_into(&mut url, key);
        Ok(url)
    }
}

/// The templates that fit a bucket, the most specific first: those that name the bucket before those for all, longer
/// prefixes before shorter ones.
fn rules(connection: &Connection, bucket: &BucketName, place: &Place) -> Vec<Rule> {
    let mut fitting: Vec<_> = connection
        .link_domains
        .iter()
        .filter(|domain| domain.bucket.as_ref().is_none_or(|named| named == bucket))
        .collect();
    fitting.sort_by_key(|domain| (domain.bucket.is_none(), std::cmp::Reverse(domain.prefix.as_str().len())));
    let fill = Fill {
        scheme: place.scheme(),
        authority: place.authority(),
        bucket: bucket.as_str(),
        region: place.region.as_str(),
    };
    fitting
        .into_iter()
        .filter_map(|domain| {
            // An own domain of R2 belongs to one bucket, whose root it serves.
            let is_root = domain.bucket.is_some() || is_r2(connection);
            let covers = if is_root { Covers::OneBucket } else { Covers::EveryBucket };
            Some(Rule {
                prefix: domain.prefix.as_str().to_owned(),
                drop_prefix: domain.drop_prefix.as_str().to_owned(),
                filled: domain.pattern.fill(&fill, covers)?,
            })
        })
        .collect()
}

/// Where a connection's buckets of one region are served to anyone.
struct Place {
    region: Region,
    endpoint: Option<Endpoint>,
    /// What the endpoint's host says, if it is Amazon's.
    amazon: Option<AmazonHost>,
}

impl Place {
    fn of(connection: &Connection, bucket_region: Option<&Region>) -> Self {
        let typed = connection.endpoint.as_ref();
        let amazon = typed.filter(|endpoint| is_bare(endpoint)).and_then(|endpoint| amazon::recognise(endpoint.host()));
        let amazon = amazon.filter(|host| host.front.is_empty());
        let of_endpoint = amazon.as_ref().and_then(|host| host.region.as_ref());
        let region = bucket_region.or(of_endpoint).unwrap_or(&connection.region).clone();
        let dual_stack = connection.addressing == Addressing::DualStack;
        let endpoint = match (&amazon, typed) {
            (Some(host), _) => {
                let door = if dual_stack { with_dual_stack(host.door) } else { host.door };
                Endpoint::parse(&format!("https://{}", amazon::host(door, &region, host.suffix))).ok()
            }
            (None, Some(endpoint)) => Some(endpoint.clone()),
            (None, None) if connection.service == Service::AmazonS3 => {
                let door = if dual_stack { Door::DualStack } else { Door::Regional };
                let suffix = amazon::partition_suffix(&region);
                Endpoint::parse(&format!("https://{}", amazon::host(door, &region, suffix))).ok()
            }
            (None, None) => connection.service.endpoint(&region),
        };
        let amazon = endpoint.as_ref().and_then(|endpoint| amazon::recognise(endpoint.host()));
        Self { region, endpoint, amazon }
    }

    fn scheme(&self) -> &str {
        self.endpoint.as_ref().map_or("https", Endpoint::scheme)
    }

    fn authority(&self) -> &str {
        self.endpoint.as_ref().map_or("", Endpoint::authority)
    }

    fn bases(&self, connection: &Connection, bucket: &BucketName) -> Result<Bases, NoAddress> {
        let is_amazon = connection.service == Service::AmazonS3 || self.amazon.is_some();
        // The second one is an access point of such a bucket.
        if is_amazon && (bucket.as_str().ends_with("--x-s3") || bucket.as_str().ends_with("--xa-s3")) {
            return Err(NoAddress::DirectoryBucket);
        }
        let endpoint = self.endpoint.as_ref().ok_or(NoAddress::NeedsDomain)?;
        if is_r2(connection) {
            return Err(NoAddress::NeedsDomain);
        }
        let access_point = self.access_point(bucket);
        if is_amazon && is_multi_region(bucket) {
            return Err(NoAddress::MultiRegion);
        }
        // What no other ARN names has a host.
        if is_amazon && access_point.is_none() && bucket.as_str().starts_with("arn:") {
            return Err(NoAddress::NeedsDomain);
        }
        if let Some(base) = access_point {
            return Ok(Bases { usual: base.clone(), path: base });
        }
        let (scheme, authority, path) = (endpoint.scheme(), endpoint.authority(), public_path(endpoint));
        let by_path = format!("{scheme}://{}{path}/{}", self.path_authority(authority), encode(bucket.as_str()));
        let usual = match self.style(connection, endpoint, bucket) {
            Style::VirtualHost => format!("{scheme}://{bucket}.{authority}{path}"),
            Style::Path => by_path.clone(),
        };
        Ok(Bases { usual, path: by_path })
    }

    /// The host for paths: accelerated hosts only take virtual hosts.
    fn path_authority(&self, authority: &str) -> String {
        match &self.amazon {
            Some(AmazonHost { door: Door::Accelerate, suffix, .. }) => {
                amazon::host(Door::Regional, &self.region, suffix)
            }
            Some(AmazonHost { door: Door::AccelerateDualStack, suffix, .. }) => {
                amazon::host(Door::DualStack, &self.region, suffix)
            }
            _ => authority.to_owned(),
        }
    }

    fn access_point(&self, bucket: &BucketName) -> Option<String> {
        let host = self.amazon.as_ref()?;
        let (front, region) = amazon::access_point(bucket.as_str())?;
        let fips = if matches!(host.door, Door::Fips | Door::FipsDualStack) { "-fips" } else { "" };
        let dual = if matches!(host.door, Door::DualStack | Door::FipsDualStack) { "dualstack." } else { "" };
        Some(format!("https://{front}.s3-accesspoint{fips}.{dual}{region}.{}", amazon::partition_suffix(&region)))
    }

    /// Virtual host where endpoint and bucket name allow it. Wildcard certificates cover one label, so a name with
    /// dots goes into the path.
    fn style(&self, connection: &Connection, endpoint: &Endpoint, bucket: &BucketName) -> Style {
        let host = endpoint.host();
        let is_address = host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok();
        if !bucket.fits_one_dns_label() || is_address {
            return Style::Path;
        }
        match connection.addressing_in_use() {
            Addressing::Path => Style::Path,
            Addressing::VirtualHost => Style::VirtualHost,
            Addressing::Auto | Addressing::DualStack => match connection.service {
                Service::AmazonS3 if self.amazon.is_some() || is_amazons_own(host) => Style::VirtualHost,
                Service::BackblazeB2 | Service::DigitalOceanSpaces => Style::VirtualHost,
                _ => Style::Path,
            },
        }
    }
}

/// How one bucket is reached at one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    VirtualHost,
    Path,
}

/// Whether Cloudflare serves it: never from its S3 endpoint to strangers, and from own domains without the bucket's name
/// (<https://developers.cloudflare.com/r2/buckets/public-buckets/>).
fn is_r2(connection: &Connection) -> bool {
    let endpoint = connection.endpoint.as_ref();
    connection.service == Service::CloudflareR2
        || endpoint.is_some_and(|endpoint| endpoint.host().ends_with(".r2.cloudflarestorage.com"))
}

/// Whether an access point to buckets of several regions stands where a bucket's name does, by its ARN or its alias.
fn is_multi_region(bucket: &BucketName) -> bool {
    bucket.as_str().rsplit_once('.').is_some_and(|(_, end)| end == "mrap")
}

/// Nothing but `https` and a host.
fn is_bare(endpoint: &Endpoint) -> bool {
    endpoint.scheme() == "https" && endpoint.authority() == endpoint.host() && endpoint.path().is_empty()
}

/// A host below Amazon's names in a form that is not known, such as an endpoint of a private network.
fn is_amazons_own(host: &str) -> bool {
    [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu"].iter().any(|suffix| host.ends_with(suffix))
}

/// The same door for IPv6 as well.
fn with_dual_stack(door: Door) -> Door {
    match door {
        Door::Fips | Door::FipsDualStack => Door::FipsDualStack,
        Door::Accelerate | Door::AccelerateDualStack => Door::AccelerateDualStack,
        _ => Door::DualStack,
    }
}

/// The context path of public addresses: that of the endpoint, but for Supabase, which serves S3 and the public at
/// different ones.
fn public_path(endpoint: &Endpoint) -> String {
    match endpoint.path().strip_suffix("/storage/v1/s3") {
        Some(before) => format!("{before}/storage/v1/object/public"),
        None => endpoint.path().to_owned(),
    }
}
