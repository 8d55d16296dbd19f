//! What goes into and comes out of a store, besides the model's own types.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::body::SentBytes;
use super::complete::Looked;
use super::regions::RegionCache;
use crate::model::{BucketName, Connection, Credentials, KeyCommand, KeysEnd, ObjectKey, PutOptions};

/// Where a store gets its keys.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// These.
    Static(Credentials),
    /// The standard AWS chain: environment, then `~/.aws` (profile or SSO). Never the instance
    /// metadata service, which a desktop would wait for.
    AwsChain {
        /// A profile by name; `None` for the environment first, then the default profile.
        profile: Option<String>,
        /// Whether the profile may run its `credential_process`.
        command: KeyCommand,
    },
    /// None: requests are not signed.
    Anonymous,
}

/// What a store is made of.
#[derive(Clone, Debug)]
pub struct StoreParams {
    /// The saved login.
    pub connection: Connection,
    /// Its keys.
    pub keys: KeySource,
    /// Regions already known; share one table between all stores of a connection.
    pub regions: RegionCache,
}

/// Whether a listing folds keys into folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// With delimiter `/`: one level, with common prefixes as folders.
    Folders,
    /// Every key below the prefix.
    Flat,
}

/// Whether a write may replace an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteCondition {
    /// It may.
    Any,
    /// Only if the key is free, by `If-None-Match: *`, so that a race cannot overwrite.
    OnlyIfAbsent,
    /// Only if what stands there was changed before this time. No service has a condition for that: the key was looked at,
    /// and is looked at once more right before a write that had to wait.
    OnlyIfOlder {
        /// When our source was changed last.
        than: Timestamp,
        /// What stood there then was older.
        looked: Looked,
    },
}

/// Where an object goes, and how.
#[derive(Clone, Debug)]
pub struct Destination {
    /// Into which bucket.
    pub bucket: BucketName,
    /// Under which key.
    pub key: ObjectKey,
    /// `Content-Type` header.
    pub content_type: String,
    /// Headers of the object; `content_type` above wins over the one in here.
    pub options: Arc<PutOptions>,
    /// Whether it may replace one.
    pub condition: WriteCondition,
}

/// The bytes of one request.
#[derive(Clone, Debug)]
pub struct PartBody {
    /// All of them; sent without another copy.
    pub bytes: Bytes,
    /// Their CRC64NVME.
    pub crc64nvme: u64,
    /// Counts what was really sent; an attempt that fails takes its own count back.
    pub sent: SentBytes,
}

/// A stored object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Entity tag without its quotes.
    pub etag: Option<String>,
    /// Version, in versioned buckets.
    pub version_id: Option<String>,
    /// Whether the server echoed exactly our CRC64NVME, which proves that it holds our bytes.
    pub checksum_echoed: bool,
}

/// A stored part of a multipart upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPart {
    /// From 1.
    pub number: u32,
    /// Entity tag as the server gave it, without its quotes.
    pub etag: String,
    /// Checksum of the part's bytes.
    pub crc64nvme: u64,
}

/// Names a multipart upload on its server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UploadId(pub String);

/// One part as the server lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPart {
    /// From 1.
    pub number: u32,
    /// Entity tag without its quotes.
    pub etag: Option<String>,
    /// Size in bytes.
    pub size_bytes: Option<u64>,
    /// CRC64NVME in the base64 form of the header.
    pub crc64nvme: Option<String>,
}

/// One page of the parts of an upload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartsPage {
    /// In order of number.
    pub parts: Vec<ListedPart>,
    /// The part number to go on after; `None` when this was the last page.
    pub next_after: Option<u32>,
}

/// A presigned address.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedUrl {
    /// The address with its signature: whoever has it can read the object. Never logged.
    pub url: String,
    /// When it stops working: the earlier of what was asked for and the end of the keys.
    pub expires: Timestamp,
    /// Whether that end of the keys was known.
    pub keys_end: KeysEnd,
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedUrl").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// A presigned address that takes one upload.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedPut {
    /// The address with its signature: whoever has it can write the object. Never logged.
    pub url: String,
    /// Headers that have to be sent as they are, since they are signed; `Host` and a length are the client's own.
    pub headers: Vec<(String, String)>,
    /// Whether the service is known to leave an object alone that is there by then.
    pub keeps_what_is_there: bool,
    /// When it stops working: the earlier of what was asked for and the end of the keys.
    pub expires: Timestamp,
}

impl fmt::Debug for SignedPut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedPut")
            .field("headers", &self.headers)
            .field("keeps_what_is_there", &self.keeps_what_is_there)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// An object on its way from the server. Dropping it closes the connection it comes through.
#[derive(Debug)]
pub struct Download {
    /// What the answer's headers say; `size_bytes` is the size of the whole object also when only its end was asked for.
    pub metadata: crate::model::ObjectMetadata,
    /// Which byte of the object comes first: not the one that was asked for where a server ignores `Range`. `None` if
    /// that cannot be known.
    pub begins_at_byte: Option<u64>,
    pub(super) body: super::object::DownloadBody,
    /// The error to give when the rest does not come, its cause still open.
    pub(super) failed: super::S3Error,
}
