//! Receipts: what a batch has stored, so that it can be held against the bucket later.
//!
//! A receipt never holds a signature: its links are the plain addresses of objects.

use jiff::Timestamp;

use super::{BucketName, ConnectionId, Failure, ObjectKey, Verified};

/// Form of a receipt file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReceiptFormat {
    /// A table that spreadsheets open. Texts that a spreadsheet would run as a formula have a `'` before them.
    #[default]
    Csv,
    /// One JSON document.
    Json,
}

impl ReceiptFormat {
    /// By the end of a file's name: `.json`, anything else is CSV.
    pub fn of_path(path: &std::path::Path) -> Self {
        let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        if is_json { Self::Json } else { Self::Csv }
    }
}

/// What a receipt may take the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptOver {
    /// Any file: the user has chosen it.
    AnyFile,
    /// An older receipt or an empty file; else it fails with [`super::FailureKind::TargetExists`].
    Receipts,
}

/// One stored object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRow {
    /// The local path it was read from; bytes that are no Unicode are shown as replacement characters.
    pub path: String,
    /// Through which connection.
    pub connection: ConnectionId,
    /// Into which bucket.
    pub bucket: BucketName,
    /// Under which key.
    pub key: ObjectKey,
    /// Size in bytes.
    pub size_bytes: u64,
    /// `CRC64NVME:base64` of the bytes that were sent.
    pub checksum: Option<String>,
    /// Entity tag without quotes.
    pub etag: Option<String>,
    /// Version, in versioned buckets.
    pub version_id: Option<String>,
    /// How sure it was.
    pub level: Verified,
    /// The plain address, where the service has one.
    pub link: Option<String>,
    /// When it was stored; not known of uploads of an earlier run.
    pub time: Option<Timestamp>,
}

/// What became of a stored object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReceiptVerdict {
    /// The bucket holds what was stored.
    Same,
    /// It holds something else under this key.
    Changed,
    /// It holds nothing under this key.
    Gone,
    /// It could not be looked at, or tells nothing that could be compared.
    Unknown,
}

impl ReceiptVerdict {
    /// Stable name for `--json`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Changed => "changed",
            Self::Gone => "gone",
            Self::Unknown => "unknown",
        }
    }
}

/// One row of a receipt, held against the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedRow {
    /// Which bucket.
    pub bucket: BucketName,
    /// Which key.
    pub key: ObjectKey,
    /// What became of it.
    pub verdict: ReceiptVerdict,
    /// What differs, or why it is not known.
    pub why: Option<Failure>,
}

/// How many rows have which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiptCounts {
    /// As they were stored.
    pub same: u64,
    /// Something else.
    pub changed: u64,
    /// Not there.
    pub gone: u64,
    /// Not known.
    pub unknown: u64,
}

impl ReceiptCounts {
    /// One more.
    pub fn add(&mut self, verdict: ReceiptVerdict) {
        match verdict {
            ReceiptVerdict::Same => self.same += 1,
            ReceiptVerdict::Changed => self.changed += 1,
            ReceiptVerdict::Gone => self.gone += 1,
            ReceiptVerdict::Unknown => self.unknown += 1,
        }
    }
}

/// What a diagnosis of a connection found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteDiagnosis {
    /// Whether the service takes a checksum with a write.
    pub takes_checksums: bool,
    /// Whether it refuses a wrong one; `None` if it takes none at all.
    pub verifies_checksums: Option<bool>,
    /// Whether it refuses to overwrite when asked not to.
    pub honours_conditions: bool,
    /// The small object that could not be removed again.
    pub left: Option<ObjectKey>,
}
