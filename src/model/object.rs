//! Objects, and the places they are in.

use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;

use super::{BucketName, ConnectionId, ObjectKey, ObjectStorage, Prefix};

/// A folder of a bucket of a connection: what the browser shows, and where a drop goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Location {
    /// Through which connection.
    pub connection: ConnectionId,
    /// In which bucket.
    pub bucket: BucketName,
    /// Under which prefix.
    pub prefix: Prefix,
}

impl Location {
    /// The object of this folder with this whole key.
    pub fn object(&self, key: ObjectKey) -> ObjectRef {
        ObjectRef { connection: self.connection.clone(), bucket: self.bucket.clone(), key }
    }

    /// The same bucket at another prefix.
    #[must_use]
    pub fn at(&self, prefix: Prefix) -> Self {
        Self { prefix, ..self.clone() }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

/// One object of one bucket of one connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectRef {
    /// Through which connection.
    pub connection: ConnectionId,
    /// In which bucket.
    pub bucket: BucketName,
    /// Its key.
    pub key: ObjectKey,
}

impl ObjectRef {
    /// The folder that holds it.
    pub fn location(&self) -> Location {
        Location { connection: self.connection.clone(), bucket: self.bucket.clone(), prefix: self.key.parent() }
    }
}

impl fmt::Display for ObjectRef {
    /// The `s3://` URI, with the raw key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// One object of a listing. What the server left out is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Whole key.
    pub key: ObjectKey,
    /// Size in bytes.
    pub size_bytes: Option<u64>,
    /// Last change.
    pub modified: Option<Timestamp>,
    /// Entity tag without its quotes.
    pub etag: Option<Box<str>>,
    /// Storage class as the server spells it; `None` means its default.
    pub storage_class: Option<Box<str>>,
}

/// A row of a listing with delimiter `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A common prefix, shown as a folder.
    Prefix(Prefix),
    /// An object.
    Object(Object),
}

impl Entry {
    /// What stands in the name column.
    pub fn name(&self) -> &str {
        match self {
            Self::Prefix(prefix) => prefix.name(),
            Self::Object(object) => object.key.name(),
        }
    }

    /// The whole prefix or key, unique within a listing.
    pub fn full_key(&self) -> &str {
        match self {
            Self::Prefix(prefix) => prefix.as_str(),
            Self::Object(object) => object.key.as_str(),
        }
    }

    /// Size in bytes; folders have none.
    pub fn size_bytes(&self) -> Option<u64> {
        match self {
            Self::Prefix(_) => None,
            Self::Object(object) => object.size_bytes,
        }
    }
}

/// Where the next page starts; only the server that gave it understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageToken(pub String);

/// One page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectPage {
    /// Folders and objects, in the server's order.
    pub entries: Vec<Entry>,
    /// `None` when this was the last page.
    pub next: Option<PageToken>,
}

/// What a HEAD says of an object. What the server left out is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectMetadata {
    /// Size in bytes.
    pub size_bytes: Option<u64>,
    /// Last change.
    pub modified: Option<Timestamp>,
    /// Entity tag without its quotes.
    pub etag: Option<String>,
    /// MIME type.
    pub content_type: Option<String>,
    /// Caching rule.
    pub cache_control: Option<String>,
    /// How a browser is told to present it.
    pub content_disposition: Option<String>,
    /// Content coding such as `gzip`.
    pub content_encoding: Option<String>,
    /// Storage class; `None` means the server's default.
    pub storage_class: Option<String>,
    /// Whether its bytes are at hand, or first have to be restored from an archive.
    pub storage: Option<ObjectStorage>,
    /// Server-side encryption, for example `AES256` or `aws:kms`.
    pub encryption: Option<String>,
    /// Stored checksum as `CRC64NVME:base64`, where the server keeps one.
    pub checksum: Option<String>,
    /// Version, in versioned buckets.
    pub version_id: Option<String>,
    /// User metadata (`x-amz-meta-…`), without the prefix.
    pub user_metadata: BTreeMap<String, String>,
}

/// What is to be deleted or downloaded: an object, or all below a prefix.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// One object.
    Object(ObjectKey),
    /// Every object whose key starts with this.
    Folder(Prefix),
}

impl Target {
    /// The target's whole key or prefix.
    pub fn full_key(&self) -> &str {
        match self {
            Self::Object(key) => key.as_str(),
            Self::Folder(prefix) => prefix.as_str(),
        }
    }
}

/// How much a set of targets is, counted before it is deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectCount {
    /// Number of objects.
    pub objects: u64,
    /// Their sizes added up.
    pub total_bytes: u64,
    /// The first few keys, to be shown.
    pub first_keys: Vec<ObjectKey>,
    /// Objects asked for by key that are not there.
    pub missing_keys: Vec<ObjectKey>,
    /// Folders asked for below which there is nothing.
    pub empty_folders: Vec<Prefix>,
}
