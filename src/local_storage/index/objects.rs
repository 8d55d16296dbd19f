//! Rows of objects.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::{Write, db, from_db, to_db};
use crate::local_storage::blobs::BlobId;
use crate::local_storage::checksums::StoredChecksum;
use crate::local_storage::errors::internal;

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
}

/// An object as the index keeps it.
#[derive(Clone, Debug)]
pub(in crate::local_storage) struct ObjectRow {
    pub size_bytes: u64,
    pub etag: String,
    pub modified_ms: i64,
    pub storage_class: String,
    /// The canned ACL's name.
    pub acl: String,
    pub detail: ObjectDetail,
}

impl ObjectRow {
    /// The object, or `None`.
    pub(in crate::local_storage) fn find(conn: &Connection, bucket: i64, key: &str) -> S3Result<Option<Self>> {
        let sql = "SELECT size_bytes, etag, modified_ms, storage_class, acl, detail FROM objects
                   WHERE bucket = ?1 AND key = ?2";
        let mut statement = conn.prepare_cached(sql).map_err(db)?;
        let row = statement.query_row((bucket, key.as_bytes()), |row| {
            let object = Self {
                size_bytes: from_db(row.get(0)?),
                etag: row.get(1)?,
                modified_ms: row.get(2)?,
                storage_class: row.get(3)?,
                acl: row.get(4)?,
                detail: ObjectDetail::default(),
            };
            Ok((object, row.get::<_, String>(5)?))
        });
        let Some((mut object, detail)) = row.optional().map_err(db)? else { return Ok(None) };
        object.detail = serde_json::from_str(&detail).map_err(|error| internal("index", &error))?;
        Ok(Some(object))
    }

    /// The object, or `NoSuchKey`.
    pub(in crate::local_storage) fn require(conn: &Connection, bucket: i64, key: &str) -> S3Result<Self> {
        Self::find(conn, bucket, key)?.ok_or_else(|| s3_error!(NoSuchKey, "The specified key does not exist."))
    }

    /// The canned ACL of an object in a named bucket; `None` when either is missing.
    pub(in crate::local_storage) fn acl_of(conn: &Connection, bucket: &str, key: &str) -> S3Result<Option<String>> {
        let sql = "SELECT acl FROM objects WHERE bucket = (SELECT id FROM buckets WHERE name = ?1) AND key = ?2";
        let mut statement = conn.prepare_cached(sql).map_err(db)?;
        statement.query_row((bucket, key.as_bytes()), |row| row.get(0)).optional().map_err(db)
    }
}

impl Write<'_> {
    /// Puts an object in place of whatever was under its key, as one more owner of its blobs.
    pub(in crate::local_storage) fn put_object(&mut self, bucket: i64, key: &str, object: &ObjectRow) -> S3Result<()> {
        for segment in &object.detail.segments {
            self.hold_blob(segment)?;
        }
        self.delete_object(bucket, key)?;
        let detail = serde_json::to_string(&object.detail).map_err(|error| internal("index", &error))?;
        let sql = "INSERT INTO objects (bucket, key, size_bytes, etag, modified_ms, storage_class, acl, detail)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let values = (
            bucket,
            key.as_bytes(),
            to_db(object.size_bytes),
            &object.etag,
            object.modified_ms,
            &object.storage_class,
            &object.acl,
            detail,
        );
        self.conn.prepare_cached(sql).map_err(db)?.execute(values).map_err(db)?;
        Ok(())
    }

    /// Changes an object in place: its ACL or details, never its bytes.
    pub(in crate::local_storage) fn update_object(&self, bucket: i64, key: &str, object: &ObjectRow) -> S3Result<()> {
        let detail = serde_json::to_string(&object.detail).map_err(|error| internal("index", &error))?;
        let sql = "UPDATE objects SET acl = ?3, detail = ?4 WHERE bucket = ?1 AND key = ?2";
        self.conn.execute(sql, (bucket, key.as_bytes(), &object.acl, detail)).map_err(db)?;
        Ok(())
    }

    /// Removes an object and gives up its blobs. Returns whether there was one.
    pub(in crate::local_storage) fn delete_object(&mut self, bucket: i64, key: &str) -> S3Result<bool> {
        let sql = "DELETE FROM objects WHERE bucket = ?1 AND key = ?2 RETURNING detail";
        let mut statement = self.conn.prepare_cached(sql).map_err(db)?;
        let deleted = statement.query_row((bucket, key.as_bytes()), |row| row.get::<_, String>(0));
        let Some(detail) = deleted.optional().map_err(db)? else { return Ok(false) };
        drop(statement);
        let detail: ObjectDetail = serde_json::from_str(&detail).map_err(|error| internal("index", &error))?;
        for segment in detail.segments {
            self.drop_blob(segment.blob)?;
        }
        Ok(true)
    }
}
