//! Rows of objects: the current ones and older versions.

use std::collections::BTreeMap;

use http::HeaderName;
use http::header::{ALLOW, LAST_MODIFIED};
use rusqlite::{Connection, OptionalExtension as _, Row};
use s3s::{S3Error, S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::{db, from_db};
use crate::local_storage::archive::Restore;
use crate::local_storage::blobs::BlobId;
use crate::local_storage::checksums::StoredChecksum;
use crate::local_storage::encryption::Encryption;
use crate::local_storage::errors::{internal, with_headers};
use crate::local_storage::requests::http_date;

const DELETE_MARKER: HeaderName = HeaderName::from_static("x-amz-delete-marker");
const VERSION_ID: HeaderName = HeaderName::from_static("x-amz-version-id");

/// A piece of an object: one whole blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::local_storage) struct Segment {
    pub blob: BlobId,
    pub size_bytes: u64,
}

/// A part of an object that came by multipart upload, as `GetObjectAttributes` and `partNumber` want it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::local_storage) struct PartInfo {
    pub number: i32,
    pub size_bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<StoredChecksum>,
}

/// What is kept about an object beside what listings need. Fields may be added, since it is stored as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::local_storage) struct ObjectDetail {
    pub content_type: String,
    pub cache_control: Option<String>,
    pub content_disposition: Option<String>,
    pub content_encoding: Option<String>,
    pub content_language: Option<String>,
    pub expires_ms: Option<i64>,
    pub website_redirect: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub tags: Vec<(String, String)>,
    pub checksum: Option<StoredChecksum>,
    pub segments: Vec<Segment>,
    pub parts: Vec<PartInfo>,
    /// Canonical id of the account, where it is not the bucket owner's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore: Option<Restore>,
}

/// The id of what was written while the bucket kept no versions.
pub(in crate::local_storage) const NULL_VERSION: &str = "null";

/// An object as the index keeps it: the current one of its key, or an older version.
#[derive(Clone, Debug)]
pub(in crate::local_storage) struct ObjectRow {
    /// Empty until it is stored.
    pub version: String,
    pub size_bytes: u64,
    pub etag: String,
    pub modified_ms: i64,
    pub storage_class: String,
    /// The canned ACL's name, or a list of grants.
    pub acl: String,
    pub detail: ObjectDetail,
}

const COLUMNS: &str = "version, size_bytes, etag, modified_ms, storage_class, acl, detail";

impl ObjectRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<(Self, String)> {
        let object = Self {
            version: row.get(0)?,
            size_bytes: from_db(row.get(1)?),
            etag: row.get(2)?,
            modified_ms: row.get(3)?,
            storage_class: row.get(4)?,
            acl: row.get(5)?,
            detail: ObjectDetail::default(),
        };
        Ok((object, row.get(6)?))
    }

    fn with_detail((mut object, detail): (Self, String)) -> S3Result<Self> {
        object.detail = serde_json::from_str(&detail).map_err(|error| internal("index", &error))?;
        Ok(object)
    }

    /// The current object, or `None` where there is none or a delete marker.
    pub(in crate::local_storage) fn find(conn: &Connection, bucket: i64, key: &str) -> S3Result<Option<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM objects WHERE bucket = ?1 AND key = ?2");
        let mut statement = conn.prepare_cached(&sql).map_err(db)?;
        let row = statement.query_row((bucket, key.as_bytes()), Self::from_row).optional().map_err(db)?;
        row.map(Self::with_detail).transpose()
    }

    /// The current object or the version named; else `NoSuchKey`, `NoSuchVersion`, or `MethodNotAllowed` for a delete
    /// marker, with the headers that Amazon sends along.
    pub(in crate::local_storage) fn require(
        conn: &Connection,
        bucket: i64,
        key: &str,
        version: Option<&str>,
    ) -> S3Result<Self> {
        let Some(version) = version else {
            let current = Self::find(conn, bucket, key)?;
            return current.map_or_else(|| Err(no_such_key(Marker::current(conn, bucket, key)?)), Ok);
        };
        check_version_id(version)?;
        for table in ["objects", "versions"] {
            let marker = if table == "objects" { "0" } else { "marker" };
            let sql =
                format!("SELECT {COLUMNS}, {marker} FROM {table} WHERE bucket = ?1 AND key = ?2 AND version = ?3");
            let mut statement = conn.prepare_cached(&sql).map_err(db)?;
            let read = |row: &Row<'_>| Ok((Self::from_row(row)?, row.get::<_, bool>(7)?));
            let found = statement.query_row((bucket, key.as_bytes(), version), read).optional().map_err(db)?;
            match found {
                Some((row, false)) => return Self::with_detail(row),
                Some((row, true)) => return Err(is_a_marker(&row.0)),
                None => {}
            }
        }
        Err(s3_error!(NoSuchVersion, "The specified version does not exist."))
    }
}

/// Stands in front of the versions of a key that was deleted.
struct Marker {
    version: String,
}

impl Marker {
    fn current(conn: &Connection, bucket: i64, key: &str) -> S3Result<Option<Self>> {
        let sql = "SELECT version, marker FROM versions WHERE bucket = ?1 AND key = ?2 ORDER BY written DESC LIMIT 1";
        let mut statement = conn.prepare_cached(sql).map_err(db)?;
        let newest = statement.query_row((bucket, key.as_bytes()), |row| Ok((row.get(0)?, row.get(1)?)));
        let newest: Option<(String, bool)> = newest.optional().map_err(db)?;
        Ok(newest.filter(|(_, is_marker)| *is_marker).map(|(version, _)| Self { version }))
    }
}

fn no_such_key(marker: Option<Marker>) -> S3Error {
    let error = s3_error!(NoSuchKey, "The specified key does not exist.");
    match marker {
        None => error,
        Some(Marker { version }) => with_headers(error, &[(DELETE_MARKER, "true"), (VERSION_ID, &version)]),
    }
}

fn is_a_marker(row: &ObjectRow) -> S3Error {
    let error = s3_error!(MethodNotAllowed, "The specified method is not allowed against this resource.");
    let modified = http_date(row.modified_ms);
    let headers =
        [(DELETE_MARKER, "true"), (VERSION_ID, &row.version), (ALLOW, "DELETE"), (LAST_MODIFIED, modified.as_str())];
    with_headers(error, &headers)
}

/// Ids are what this storage has given out, or `null`.
pub(in crate::local_storage) fn check_version_id(version: &str) -> S3Result<()> {
    let is_ours = version.len() == 32 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
    if version == NULL_VERSION || is_ours {
        return Ok(());
    }
    Err(s3_error!(InvalidArgument, "Invalid version id specified"))
}
