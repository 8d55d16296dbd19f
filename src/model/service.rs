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

    /// Regions to offer: code and place. Any other code can be typed.
    pub fn regions(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::AmazonS3 => AWS_REGIONS,
            Self::BackblazeB2 => &[
                ("us-west-000", "US West"),
                ("us-west-001", "US West"),
                ("us-west-002", "US West"),
                ("us-west-004", "US West"),
                ("us-east-005", "US East"),
                ("eu-central-003", "EU Central"),
            ],
            Self::Wasabi => &[
                ("us-east-1", "N. Virginia"),
                ("us-east-2", "N. Virginia"),
                ("us-west-1", "Oregon"),
                ("eu-central-1", "Amsterdam"),
                ("ap-northeast-1", "Tokyo"),
                ("ap-southeast-1", "Singapore"),
            ],
            Self::DigitalOceanSpaces => &[
                ("nyc3", "New York"),
                ("sfo3", "San Francisco"),
                ("ams3", "Amsterdam"),
                ("fra1", "Frankfurt"),
                ("sgp1", "Singapore"),
                ("syd1", "Sydney"),
            ],
            Self::CloudflareR2 | Self::GoogleCloud => &[("auto", "Automatic")],
            Self::Other | Self::ThisComputer => &[("us-east-1", "Default")],
        }
    }
}

/// Amazon's regions by code, with the place as Amazon's console names it.
const AWS_REGIONS: &[(&str, &str)] = &[
    ("us-east-1", "N. Virginia"),
    ("us-east-2", "Ohio"),
    ("us-west-1", "N. California"),
    ("us-west-2", "Oregon"),
    ("ap-northeast-2", "Seoul"),
    ("ap-northeast-1", "Tokyo"),
    ("ap-northeast-3", "Osaka"),
    ("ap-east-1", "Hong Kong"),
    ("ap-south-1", "Mumbai"),
    ("ap-southeast-1", "Singapore"),
    ("ap-southeast-2", "Sydney"),
    ("ap-southeast-3", "Jakarta"),
    ("ca-central-1", "Central Canada"),
    ("eu-central-1", "Frankfurt"),
    ("eu-central-2", "Zurich"),
    ("eu-north-1", "Stockholm"),
    ("eu-south-1", "Milan"),
    ("eu-south-2", "Spain"),
    ("eu-west-1", "Ireland"),
    ("eu-west-2", "London"),
    ("eu-west-3", "Paris"),
    ("me-central-1", "UAE"),
    ("me-south-1", "Bahrain"),
    ("il-central-1", "Tel Aviv"),
    ("af-south-1", "Cape Town"),
    ("sa-east-1", "São Paulo"),
    ("us-gov-west-1", "GovCloud US-West"),
    ("us-gov-east-1", "GovCloud US-East"),
    ("cn-north-1", "Beijing"),
    ("cn-northwest-1", "Ningxia"),
];
