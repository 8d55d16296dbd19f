//! Addresses of objects: who serves them, how a key is encoded, and the forms they are copied in.
//!
//! Pure functions of a connection, a bucket and a key. Nothing here asks anybody; whether an address opens is for
//! [`super::access`] to say.

mod address;
mod amazon;
mod encode;
mod format;
mod notes;
mod quote;
mod template;

pub use address::{BucketAddress, names_region, public_url};
pub(super) use amazon::is_fips_host;
pub use amazon::{Partition, partition_suffix, region_in_address};
pub use encode::encode_key;
pub use format::{DEFAULT_LINK_TEMPLATE, LinkFormat, LinkParts};
pub use notes::{AddressNote, address_notes};
pub use template::{LinkTemplate, TemplateProblem};

/// How a link gets its reader in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// The plain address; it opens if the object is public.
    Public,
    /// Signed with the connection's keys; it opens for whoever has it until it expires.
    Presigned,
    /// Signed with the connection's keys to write one object; it opens nothing.
    Invitation,
}

impl LinkKind {
    /// What of a link may be kept: all of a public one, whose query may name the object; of a signed one nothing of the
    /// query, where the signature is.
    pub fn without_signature(self, url: &str) -> &str {
        let is_signed = self != Self::Public || url.contains("X-Amz-Signature=");
        if is_signed { url.split(['?', '#']).next().unwrap_or_default() } else { url }
    }
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
    /// A multi-Region access point answers no request without a signature of its own kind, SigV4A
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRestrictions.html>).
    MultiRegion,
    /// A segment of the key is `.` or `..`: browsers fold it, also when it is encoded, and ask for another object.
    DotSegment,
}

#[cfg(test)]
mod format_tests;
#[cfg(test)]
mod tests;
