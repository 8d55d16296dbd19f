//! Errors: the typed ones of starting, and helpers for those that go over the wire.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use s3s::{S3Error, S3ErrorCode, s3_error};

/// Why the storage on this computer cannot be started or set up.
#[derive(Debug, thiserror::Error)]
pub enum LocalStorageError {
    /// Another program listens there; choose another port.
    #[error("port {port} is taken by another program")]
    PortTaken {
        /// The port that was asked for.
        port: u16,
    },
    /// Another running program serves this folder.
    #[error("the folder {} is in use by another program", folder.display())]
    FolderInUse {
        /// The folder that was asked for.
        folder: PathBuf,
    },
    /// The folder cannot be made, read or written.
    #[error("cannot use the folder {}", folder.display())]
    Folder {
        /// The folder or file.
        folder: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The port cannot be opened for a reason other than being taken.
    #[error("cannot listen on this computer")]
    Listen(#[source] std::io::Error),
    /// The index cannot be read or written.
    #[error("cannot use the index of the storage")]
    Index(#[from] rusqlite::Error),
    /// There are files of objects, and nothing that says which: an empty index would give them up as strays.
    #[error("the index {} is missing, though there are files of objects beside it", index.display())]
    IndexMissing {
        /// Where it should be.
        index: PathBuf,
    },
    /// The index is there and is not what was written. Files of objects are left alone.
    #[error("the index {} is damaged: {detail}", index.display())]
    IndexDamaged {
        /// The file.
        index: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The folder was written by a newer Bucketdrop.
    #[error("the folder was written by a newer version (index version {version})")]
    NewerIndex {
        /// Version found in the index.
        version: i64,
    },
    /// S3 would refuse such a bucket name.
    #[error("{name:?} cannot be the name of a bucket")]
    BucketName {
        /// The name that was asked for.
        name: String,
    },
    /// The storage refused or failed what was asked of it in process.
    #[error("the storage answered: {0}")]
    Refused(String),
}

impl LocalStorageError {
    /// The same, where it is the index that is damaged: with its place.
    pub(super) fn about(self, index: &Path) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match self {
            Self::Index(error) if matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase)) => {
                Self::IndexDamaged { index: index.to_owned(), detail: error.to_string() }
            }
            other => other,
        }
    }
}

/// An internal error: the cause goes to the log, not to the client.
pub(super) fn internal(what: &str, cause: &dyn Display) -> S3Error {
    tracing::error!(what, %cause, "storage failed");
    s3_error!(InternalError, "We encountered an internal error. Please try again.")
}

/// The disk has no room for what was sent.
pub(super) fn disk_full() -> S3Error {
    let text = "The disk of this computer is full.";
    custom(StatusCode::INSUFFICIENT_STORAGE, "InsufficientStorage", text)
}

/// A failed file operation; a full disk is told as such.
#[expect(clippy::needless_pass_by_value, reason = "goes into map_err")]
pub(super) fn disk(error: std::io::Error) -> S3Error {
    if matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded) {
        tracing::warn!(%error, "disk full");
        return disk_full();
    }
    internal("disk", &error)
}

/// An error whose code the protocol layer does not list.
pub(super) fn custom(status: StatusCode, code: &'static str, message: &'static str) -> S3Error {
    let mut error = S3Error::with_message(S3ErrorCode::Custom(code.into()), message);
    error.set_status_code(status);
    error
}

/// Adds response headers to an error. They replace all others, so the content type goes along.
pub(super) fn with_headers(mut error: S3Error, headers: &[(HeaderName, &str)]) -> S3Error {
    let mut map = HeaderMap::new();
    map.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            map.insert(name.clone(), value);
        }
    }
    error.set_headers(map);
    error
}
