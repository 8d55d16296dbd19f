//! Rows of multipart uploads and their parts.

use rusqlite::{Connection, OptionalExtension as _, Row};
use s3s::{S3Error, S3Result, s3_error};

use super::{ObjectDetail, Segment, Write, db, from_db, to_db};
use crate::local_storage::blobs::BlobId;
use crate::local_storage::checksums::{Algorithm, ChecksumKind};
use crate::local_storage::errors::internal;

/// A multipart upload under way.
#[derive(Clone, Debug)]
pub(in crate::local_storage) struct UploadRow {
    pub initiated_ms: i64,
    pub storage_class: String,
    pub acl: String,
    /// The checksum it was started with, if it named one.
    pub checksum: Option<(Algorithm, ChecksumKind)>,
    /// What the finished object shall have.
    pub detail: ObjectDetail,
}

/// A multipart upload to be started.
#[derive(Clone, Debug)]
pub(in crate::local_storage) struct NewUpload {
    pub id: String,
    pub key: String,
    pub row: UploadRow,
}

/// A part that has arrived.
#[derive(Clone, Debug)]
pub(in crate::local_storage) struct PartRow {
    pub number: i32,
    /// `None` when the part is empty.
    pub blob: Option<BlobId>,
    pub size_bytes: u64,
    pub etag: String,
    pub modified_ms: i64,
    /// Base64 values: the upload's own algorithm and always CRC64NVME.
    pub checksums: Vec<(Algorithm, String)>,
}

pub(in crate::local_storage) fn no_such_upload() -> S3Error {
    s3_error!(
        NoSuchUpload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    )
}

impl UploadRow {
    /// The upload, or `NoSuchUpload`: id, bucket and key must all fit.
    pub(in crate::local_storage) fn require(conn: &Connection, bucket: i64, key: &str, id: &str) -> S3Result<Self> {
        let sql = "SELECT initiated_ms, storage_class, acl, algorithm, kind, detail FROM uploads
                   WHERE id = ?1 AND bucket = ?2 AND key = ?3";
        let mut statement = conn.prepare_cached(sql).map_err(db)?;
        let found = statement.query_row((id, bucket, key.as_bytes()), |row| {
            let algorithm: Option<String> = row.get(3)?;
            let kind: Option<String> = row.get(4)?;
            let upload = Self {
                initiated_ms: row.get(0)?,
                storage_class: row.get(1)?,
                acl: row.get(2)?,
                checksum: algorithm
                    .and_then(|name| Algorithm::from_name(&name))
                    .zip(kind.and_then(|name| ChecksumKind::from_name(&name))),
                detail: ObjectDetail::default(),
            };
            Ok((upload, row.get::<_, String>(5)?))
        });
        let (mut upload, detail) = found.optional().map_err(db)?.ok_or_else(no_such_upload)?;
        upload.detail = serde_json::from_str(&detail).map_err(|error| internal("index", &error))?;
        Ok(upload)
    }
}

impl PartRow {
    /// The part's bytes, if it has any.
    pub(in crate::local_storage) fn segment(&self) -> Option<Segment> {
        self.blob.map(|blob| Segment { blob, size_bytes: self.size_bytes })
    }

    pub(in crate::local_storage) fn checksum(&self, algorithm: Algorithm) -> Option<&str> {
        self.checksums.iter().find(|(known, _)| *known == algorithm).map(|(_, value)| value.as_str())
    }

    /// Up to `limit` parts with numbers above `after`, by number.
    pub(in crate::local_storage) fn list(
        conn: &Connection,
        upload: &str,
        after: i32,
        limit: i64,
    ) -> S3Result<Vec<Self>> {
        let sql = "SELECT number, blob, size_bytes, etag, modified_ms, checksums FROM parts
                   WHERE upload = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
        let mut statement = conn.prepare_cached(sql).map_err(db)?;
        let rows = statement.query_map((upload, after, limit), Self::from_row).map_err(db)?;
        rows.map(|row| {
            let (mut part, checksums) = row.map_err(db)?;
            part.checksums = serde_json::from_str(&checksums).map_err(|error| internal("index", &error))?;
            Ok(part)
        })
        .collect()
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<(Self, String)> {
        let part = Self {
            number: row.get(0)?,
            blob: row.get(1)?,
            size_bytes: from_db(row.get(2)?),
            etag: row.get(3)?,
            modified_ms: row.get(4)?,
            checksums: Vec::new(),
        };
        Ok((part, row.get(5)?))
    }
}

impl Write<'_> {
    pub(in crate::local_storage) fn create_upload(&self, bucket: i64, upload: &NewUpload) -> S3Result<()> {
        let detail = serde_json::to_string(&upload.row.detail).map_err(|error| internal("index", &error))?;
        let sql = "INSERT INTO uploads (id, bucket, key, initiated_ms, storage_class, acl, algorithm, kind, detail)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let values = (
            &upload.id,
            bucket,
            upload.key.as_bytes(),
            upload.row.initiated_ms,
            &upload.row.storage_class,
            &upload.row.acl,
            upload.row.checksum.map(|(algorithm, _)| algorithm.name()),
            upload.row.checksum.map(|(_, kind)| kind.name()),
            detail,
        );
        self.conn.prepare_cached(sql).map_err(db)?.execute(values).map_err(db)?;
        Ok(())
    }

    /// Removes a part, if it is there.
    pub(in crate::local_storage) fn delete_part(&mut self, upload: &str, number: u32) -> S3Result<()> {
        let sql = "DELETE FROM parts WHERE upload = ?1 AND number = ?2 RETURNING blob";
        let mut statement = self.conn.prepare_cached(sql).map_err(db)?;
        let removed = statement.query_row((upload, number), |row| row.get::<_, Option<BlobId>>(0));
        let removed = removed.optional().map_err(db)?.flatten();
        drop(statement);
        removed.map_or(Ok(()), |blob| self.drop_blob(blob))
    }

    /// Puts a part in place of one with the same number: the last one sent counts.
    pub(in crate::local_storage) fn put_part(&mut self, upload: &str, part: &PartRow) -> S3Result<()> {
        self.delete_part(upload, part.number.unsigned_abs())?;
        if let Some(segment) = part.segment() {
            self.hold_blob(&segment)?;
        }
        let checksums = serde_json::to_string(&part.checksums).map_err(|error| internal("index", &error))?;
        let sql = "INSERT INTO parts (upload, number, blob, size_bytes, etag, modified_ms, checksums)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let values = (upload, part.number, part.blob, to_db(part.size_bytes), &part.etag, part.modified_ms, checksums);
        self.conn.prepare_cached(sql).map_err(db)?.execute(values).map_err(db)?;
        Ok(())
    }

    /// Removes an upload with its parts. A finished object has counted itself as an owner of their blobs before.
    pub(in crate::local_storage) fn delete_upload(&mut self, id: &str) -> S3Result<()> {
        let sql = "DELETE FROM parts WHERE upload = ?1 RETURNING blob";
        let mut statement = self.conn.prepare_cached(sql).map_err(db)?;
        let held = statement.query_map([id], |row| row.get::<_, Option<BlobId>>(0)).map_err(db)?;
        let held = held.collect::<Result<Vec<_>, _>>().map_err(db)?;
        drop(statement);
        for blob in held.into_iter().flatten() {
            self.drop_blob(blob)?;
        }
        self.conn.execute("DELETE FROM uploads WHERE id = ?1", [id]).map_err(db)?;
        Ok(())
    }
}
