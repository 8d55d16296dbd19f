//! The S3 services that Bucketdrop knows by name, as data.

use super::{Endpoint, Region};

/// How the embedded storage names itself in its answers (`Server` header).
pub const SERVER_NAME: &str = "Bucketdrop";

/// Whose S3 this is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Service {
    /// Amazon S3.
    #[default]
    AmazonS3,
    /// Cloudflare R2: endpoint per account, region `auto`, no anonymous access on it.
    CloudflareR2,
    /// Backblaze B2.
    BackblazeB2,
    /// Google Cloud Storage through its XML API and HMAC keys.
    GoogleCloud,
    /// Wasabi.
    Wasabi,
    /// DigitalOcean Spaces.
    DigitalOceanSpaces,
    /// MinIO, Ceph, Garage and everything else that speaks S3 at an endpoint of its own.
    Other,
    /// The embedded storage.
    ThisComputer,
}

impl Service {
    /// Those offered in the connection editor, in that order.
    pub const CHOICES: [Self; 7] = [
        Self::AmazonS3,
        Self::CloudflareR2,
        Self::BackblazeB2,
        Self::GoogleCloud,
        Self::Wasabi,
        Self::DigitalOceanSpaces,
        Self::Other,
    ];

    /// Stable name in the settings file and on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::AmazonS3 => "aws",
            Self::CloudflareR2 => "r2",
            Self::BackblazeB2 => "b2",
            Self::GoogleCloud => "gcs",
            Self::Wasabi => "wasabi",
            Self::DigitalOceanSpaces => "spaces",
            Self::Other => "other",
            Self::ThisComputer => "local",
        }
    }

    /// The reverse of [`Service::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::CHOICES.into_iter().chain([Self::ThisComputer]).find(|s| s.code() == code)
    }

    /// A product name, the same in every language; `None` where a word of the language is needed.
    pub fn product_name(self) -> Option<&'static str> {
        match self {
            Self::AmazonS3 => Some("Amazon S3"),
            Self::CloudflareR2 => Some("Cloudflare R2"),
            Self::BackblazeB2 => Some("Backblaze B2"),
            Self::GoogleCloud => Some("Google Cloud Storage"),
            Self::Wasabi => Some("Wasabi"),
            Self::DigitalOceanSpaces => Some("DigitalOcean Spaces"),
            Self::Other | Self::ThisComputer => None,
        }
    }

    /// Whether the user has to type an endpoint.
    pub fn needs_endpoint(self) -> bool {
        matches!(self, Self::CloudflareR2 | Self::Other)
    }

    /// The service's own endpoint in a region; `None` where the SDK or the user knows it.
    pub fn endpoint(self, region: &Region) -> Option<Endpoint> {
        let host = match self {
            Self::BackblazeB2 => format!("https://s3.{region}.backblazeb2.com"),
            Self::GoogleCloud => "https://storage.googleapis.com".to_owned(),
            Self::Wasabi => format!("https://s3.{region}.wasabisys.com"),
            Self::DigitalOceanSpaces => format!("https://{region}.digitaloceanspaces.com"),
            Self::AmazonS3 | Self::CloudflareR2 | Self::Other | Self::ThisComputer => return None,
        };
        Endpoint::parse(&host).ok()
    }

    /// The region to start from when none was entered.
    pub fn default_region(self) -> &'static str {
        match self {
            Self::AmazonS3 | Self::Wasabi | Self::Other | Self::ThisComputer => "us-east-1",
            Self::CloudflareR2 | Self::GoogleCloud => "auto",
            Self::BackblazeB2 => "us-west-004",
            Self::DigitalOceanSpaces => "nyc3",
        }
    }

    /// Whether a request may carry the bucket in the host name.
    pub fn has_virtual_hosts(self) -> bool {
        !matches!(self, Self::Other | Self::ThisComputer)
    }

    /// Regions to offer: code, and text id of the place. Any other code can be typed.
    pub fn regions(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::AmazonS3 => AWS_REGIONS,
            Self::BackblazeB2 => &[
                ("us-west-000", "region-b2-us-west-000"),
                ("us-west-001", "region-b2-us-west-001"),
                ("us-west-002", "region-b2-us-west-002"),
                ("us-west-004", "region-b2-us-west-004"),
                ("us-east-005", "region-b2-us-east-005"),
                ("eu-central-003", "region-b2-eu-central-003"),
            ],
            Self::Wasabi => &[
                ("us-east-1", "region-wasabi-us-east-1"),
                ("us-east-2", "region-wasabi-us-east-2"),
                ("us-west-1", "region-wasabi-us-west-1"),
                ("eu-central-1", "region-wasabi-eu-central-1"),
                ("ap-northeast-1", "region-wasabi-ap-northeast-1"),
                ("ap-southeast-1", "region-wasabi-ap-southeast-1"),
            ],
            Self::DigitalOceanSpaces => &[
                ("nyc3", "region-spaces-nyc3"),
                ("sfo3", "region-spaces-sfo3"),
                ("ams3", "region-spaces-ams3"),
                ("fra1", "region-spaces-fra1"),
                ("sgp1", "region-spaces-sgp1"),
                ("syd1", "region-spaces-syd1"),
            ],
            Self::CloudflareR2 | Self::GoogleCloud => &[("auto", "connection-region-automatic")],
            Self::Other | Self::ThisComputer => &[("us-east-1", "connection-region-usual")],
        }
    }
}

/// Amazon's regions by code; their places are named as Amazon's console names them.
const AWS_REGIONS: &[(&str, &str)] = &[
    ("us-east-1", "region-us-east-1"),
    ("us-east-2", "region-us-east-2"),
    ("us-west-1", "region-us-west-1"),
    ("us-west-2", "region-us-west-2"),
    ("ap-northeast-2", "region-ap-northeast-2"),
    ("ap-northeast-1", "region-ap-northeast-1"),
    ("ap-northeast-3", "region-ap-northeast-3"),
    ("ap-east-1", "region-ap-east-1"),
    ("ap-south-1", "region-ap-south-1"),
    ("ap-southeast-1", "region-ap-southeast-1"),
    ("ap-southeast-2", "region-ap-southeast-2"),
    ("ap-southeast-3", "region-ap-southeast-3"),
    ("ca-central-1", "region-ca-central-1"),
    ("eu-central-1", "region-eu-central-1"),
    ("eu-central-2", "region-eu-central-2"),
    ("eu-north-1", "region-eu-north-1"),
    ("eu-south-1", "region-eu-south-1"),
    ("eu-south-2", "region-eu-south-2"),
    ("eu-west-1", "region-eu-west-1"),
    ("eu-west-2", "region-eu-west-2"),
    ("eu-west-3", "region-eu-west-3"),
    ("me-central-1", "region-me-central-1"),
    ("me-south-1", "region-me-south-1"),
    ("il-central-1", "region-il-central-1"),
    ("af-south-1", "region-af-south-1"),
    ("sa-east-1", "region-sa-east-1"),
    ("us-gov-west-1", "region-us-gov-west-1"),
    ("us-gov-east-1", "region-us-gov-east-1"),
    ("cn-north-1", "region-cn-north-1"),
    ("cn-northwest-1", "region-cn-northwest-1"),
];
