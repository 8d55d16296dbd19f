//! Addresses of objects: who serves them, how a key is encoded, and the forms they are copied in.

use super::{BucketName, Connection, ObjectKey, Region};

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
}

/// The address at which anyone would ask for an object, by the rules of public S3 addresses:
/// own domain first, then virtual host, then path style.
///
/// `bucket_region` is the bucket's real region where known, else the connection's is taken.
pub fn public_url(
    connection: &Connection,
    bucket: &BucketName,
    bucket_region: Option<&Region>,
    key: &ObjectKey,
) -> Result<String, NoAddress> {
    let _ = (connection, bucket, bucket_region, key);
    Err(NoAddress::NeedsDomain)
}

/// A link in the form it is copied in; `url` is its public or presigned address, and is not looked at for
/// [`LinkFormat::S3Uri`].
pub fn format_link(url: &str, object: &super::ObjectRef, format: LinkFormat) -> String {
    let _ = (object, format);
    url.to_owned()
}

/// Everything but unreserved characters and the separator `/`.
const KEY: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A key as it stands in a URL's path: exact UTF-8 bytes, `A–Z a–z 0–9 - . _ ~ /` kept, all else `%XX`.
/// The one encoding of keys in this program, for public and for presigned links.
pub fn encode_key(key: &ObjectKey) -> String {
    percent_encoding::utf8_percent_encode(key.as_str(), KEY).to_string()
}
