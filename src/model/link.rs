//! Addresses of objects: who serves them, how a key is encoded, and the forms they are copied in.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

use super::{Addressing, BucketName, Connection, Endpoint, ObjectKey, ObjectRef, Region, Service};

/// The form a copied link takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LinkFormat {
    /// The plain address.
    #[default]
    Url,
    /// `[name](address)`, or an image if the key is one.
    Markdown,
    /// `<a href="address">name</a>`, or an image if the key is one.
    Html,
    /// `s3://bucket/key`, raw.
    S3Uri,
}

impl LinkFormat {
    /// Every form, in the order menus show them.
    pub const ALL: [Self; 4] = [Self::Url, Self::Markdown, Self::Html, Self::S3Uri];

    /// Stable name in the settings file and on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::S3Uri => "s3",
        }
    }

    /// The reverse of [`LinkFormat::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.code() == code)
    }
}

/// How a link gets its reader in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// The plain address; it opens if the object is public.
    Public,
    /// Signed with the connection's keys; it opens for whoever has it until it expires.
    Presigned,
}

/// Longest life of a presigned URL: Signature Version 4 allows seven days
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/ShareObjectPreSignedURL.html>).
pub const MAX_PRESIGN_SECS: u64 = 7 * 24 * 60 * 60;

/// Why an object has no public address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAddress {
    /// The service never serves its endpoint to strangers (R2), and no own domain is set.
    NeedsDomain,
    /// Directory buckets are never public.
    DirectoryBucket,
    /// A segment of the key is `.` or `..`: browsers fold it, also when it is encoded, and ask for another object.
    DotSegment,
}

/// How one bucket is reached at one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    VirtualHost,
    Path,
}

/// The address at which anyone would ask for an object, by the rules of public S3 addresses:
/// own domain first, then virtual host, then path style.
///
/// `connection` is the one in use (for the AWS chain, with its endpoint filled in); `bucket_region` is the bucket's
/// real region where known, else the connection's is taken.
pub fn public_url(
    connection: &Connection,
    bucket: &BucketName,
    bucket_region: Option<&Region>,
    key: &ObjectKey,
) -> Result<String, NoAddress> {
    if key.as_str().split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(NoAddress::DotSegment);
    }
    let key_path = encode_key(key);
    if let Some(base) = own_domain(connection, bucket) {
        return Ok(format!("{base}/{key_path}"));
    }
    if connection.service == Service::AmazonS3 && bucket.as_str().ends_with("--x-s3") {
        return Err(NoAddress::DirectoryBucket);
    }
    if connection.service == Service::CloudflareR2 {
        return Err(NoAddress::NeedsDomain);
    }
    let region = bucket_region.unwrap_or(&connection.region);
    let endpoint = public_endpoint(connection, region).ok_or(NoAddress::NeedsDomain)?;
    let (scheme, authority, path) = (endpoint.scheme(), endpoint.authority(), public_path(&endpoint));
    Ok(match style(connection, &endpoint, bucket, key) {
        Style::VirtualHost => format!("{scheme}://{bucket}.{authority}{path}/{key_path}"),
        Style::Path => format!("{scheme}://{authority}{path}/{}/{key_path}", encode(bucket.as_str())),
    })
}

/// The own domain that serves a bucket, ready to be followed by `/` and a key. One that names the bucket comes
/// before one for all buckets; only the latter has the bucket in its path.
fn own_domain(connection: &Connection, bucket: &BucketName) -> Option<String> {
    let domains = &connection.link_domains;
    if let Some(domain) = domains.iter().find(|domain| domain.bucket.as_ref() == Some(bucket)) {
        return Some(domain.base.as_str().to_owned());
    }
    let domain = domains.iter().find(|domain| domain.bucket.is_none())?;
    Some(format!("{}/{}", domain.base.as_str(), encode(bucket.as_str())))
}

/// Where a region's buckets are served to anyone.
fn public_endpoint(connection: &Connection, region: &Region) -> Option<Endpoint> {
    if let Some(endpoint) = &connection.endpoint {
        return Some(endpoint.clone());
    }
    match connection.service {
        Service::AmazonS3 => Endpoint::parse(&format!("https://s3.{region}.{}", partition_suffix(region))).ok(),
        service => service.endpoint(region),
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

/// Virtual host where endpoint and bucket name allow it. Wildcard certificates cover one label, so a name with dots
/// goes into the path; so does the key `soap`, which the old SOAP address shadows on virtual hosts.
fn style(connection: &Connection, endpoint: &Endpoint, bucket: &BucketName, key: &ObjectKey) -> Style {
    let host = endpoint.host();
    let is_address = host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok();
    if !bucket.fits_one_dns_label() || is_address || key.as_str() == "soap" {
        return Style::Path;
    }
    match connection.addressing {
        Addressing::Path => Style::Path,
        Addressing::VirtualHost => Style::VirtualHost,
        Addressing::Auto => match connection.service {
            Service::AmazonS3 if is_amazon_host(host) => Style::VirtualHost,
            Service::BackblazeB2 | Service::DigitalOceanSpaces => Style::VirtualHost,
            _ => Style::Path,
        },
    }
}

/// Whether a host belongs to one of Amazon's partitions.
fn is_amazon_host(host: &str) -> bool {
    PARTITIONS.iter().any(|(_, suffix)| host == *suffix || host.ends_with(&format!(".{suffix}")))
        || host.ends_with(".amazonaws.com")
}

/// Amazon's partitions: how their regions start, and what their hosts end in
/// (<https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>).
const PARTITIONS: [(&str, &str); 6] = [
    ("cn-", "amazonaws.com.cn"),
    ("eusc-", "amazonaws.eu"),
    ("us-isob-", "sc2s.sgov.gov"),
    ("us-isof-", "csp.hci.ic.gov"),
    ("us-iso-", "c2s.ic.gov"),
    ("eu-isoe-", "cloud.adc-e.uk"),
];

/// What the host names of a region's partition end in; `amazonaws.com` for all but a few.
pub fn partition_suffix(region: &Region) -> &'static str {
    let found = PARTITIONS.iter().find(|(start, _)| region.as_str().starts_with(start));
    found.map_or("amazonaws.com", |(_, suffix)| suffix)
}

/// Everything but unreserved characters and the separator `/`.
const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A key as it stands in a URL's path: exact UTF-8 bytes, `A–Z a–z 0–9 - . _ ~ /` kept, all else `%XX`.
/// The one encoding of keys in this program, for public and for presigned links.
pub fn encode_key(key: &ObjectKey) -> String {
    encode(key.as_str())
}

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, KEY).to_string()
}

/// A link in the form it is copied in; `url` is its public or presigned address, and is not looked at for
/// [`LinkFormat::S3Uri`], whose key is raw.
pub fn format_link(url: &str, object: &ObjectRef, format: LinkFormat) -> String {
    let name = object.key.name();
    match (format, is_image(name)) {
        (LinkFormat::Url, _) => url.to_owned(),
        (LinkFormat::S3Uri, _) => object.to_string(),
        // Angle brackets keep a trailing dot or a bracket inside the address.
        (LinkFormat::Markdown, false) => format!("[{}](<{}>)", markdown_text(name), markdown_url(url)),
        (LinkFormat::Markdown, true) => format!("![{}](<{}>)", markdown_text(name), markdown_url(url)),
        (LinkFormat::Html, false) => format!("<a href=\"{}\">{}</a>", html_text(url), html_text(name)),
        (LinkFormat::Html, true) => format!("<img src=\"{}\" alt=\"{}\">", html_text(url), html_text(name)),
    }
}

/// Whether browsers show a file of this name as a picture.
fn is_image(name: &str) -> bool {
    const EXTENSIONS: [&str; 9] = ["png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "bmp", "apng"];
    name.rsplit_once('.').is_some_and(|(_, end)| EXTENSIONS.iter().any(|known| end.eq_ignore_ascii_case(known)))
}

/// Text inside `[…]`: every ASCII punctuation mark may be escaped, so all that mean something are.
fn markdown_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            escaped.push(' ');
            continue;
        }
        if c.is_ascii_punctuation() && !matches!(c, '.' | '-' | ',' | '/' | ':' | ';' | '\'' | '"' | '+' | '=' | '%') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// An address inside `<…>`. Ours hold nothing that would need it; an own domain's path might.
fn markdown_url(url: &str) -> String {
    url.replace('<', "%3C").replace('>', "%3E").replace('\\', "%5C")
}

/// Text or attribute value of HTML.
fn html_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
