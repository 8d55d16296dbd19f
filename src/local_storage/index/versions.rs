//! Writing and removing versions: what becomes of the one that was current.
//!
//! A key has a row in `objects` exactly when its newest version is an object; everything else about it is in
//! `versions`. A bucket that never kept versions has only the former, each with the id `null`.

use rusqlite::OptionalExtension as _;
use s3s::S3Result;

use super::objects::NULL_VERSION;
use super::{BucketRow, ObjectDetail, ObjectRow, Versioning, Write, db, to_db};
use crate::local_storage::errors::internal;

/// What a delete did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::local_storage) struct Deletion {
    /// The version that was removed, or the marker that was set; `None` where the bucket never kept versions.
    pub version: Option<String>,
    /// Whether a delete marker was set or removed.
    pub is_marker: bool,
}

const MOVED: &str = "bucket, key, written, version, size_bytes, etag, modified_ms, storage_class, acl, detail";

impl Write<'_> {
    /// Stores an object as the current one of its key, as one more owner of its blobs. Returns its version id where
    /// the answer has one: under `Suspended` Amazon does not tell.
    pub(in crate::local_storage) fn put_object(
        &mut self,
        bucket: &BucketRow,
        key: &str,
        object: &ObjectRow,
    ) -> S3Result<Option<String>> {
        for segment in &object.detail.segments {
            self.hold_blob(segment)?;
        }
        let (written, version) = self.make_room(bucket, key)?;
        let sql = "INSERT INTO objects
                   (bucket, key, written, version, size_bytes, etag, modified_ms, storage_class, acl, detail)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let values = (
            bucket.id,
            key.as_bytes(),
            written,
            &version,
            to_db(object.size_bytes),
            &object.etag,
            object.modified_ms,
            &object.storage_class,
            &object.acl,
            detail_text(object)?,
        );
        self.conn.prepare_cached(sql).map_err(db)?.execute(values).map_err(db)?;
        Ok((bucket.versioning == Versioning::Enabled).then_some(version))
    }

    /// Changes an object in place: its ACL or details, never its bytes.
    pub(in crate::local_storage) fn update_object(&self, bucket: i64, key: &str, object: &ObjectRow) -> S3Result<()> {
        for table in ["objects", "versions"] {
            let sql =
                format!("UPDATE {table} SET acl = ?4, detail = ?5 WHERE bucket = ?1 AND key = ?2 AND version = ?3");
            let values = (bucket, key.as_bytes(), &object.version, &object.acl, detail_text(object)?);
            self.conn.execute(&sql, values).map_err(db)?;
        }
        Ok(())
    }

    /// Deletes as the bucket wants it: one version for good, or the current object by a delete marker, or, where no
    /// versions are kept, the object. What is not there is deleted already.
    pub(in crate::local_storage) fn delete_object(
        &mut self,
        bucket: &BucketRow,
        key: &str,
        version: Option<&str>,
        now_ms: i64,
    ) -> S3Result<Deletion> {
        let keeps = bucket.versioning != Versioning::Never;
        if let Some(version) = version {
            let was_marker = self.remove_version(bucket.id, key, version)?;
            self.promote_newest(bucket.id, key)?;
            return Ok(Deletion { version: keeps.then(|| version.to_owned()), is_marker: was_marker == Some(true) });
        }
        if !keeps {
            self.remove_version(bucket.id, key, NULL_VERSION)?;
            return Ok(Deletion::default());
        }
        let (written, marker) = self.make_room(bucket, key)?;
        let sql = "INSERT INTO versions
                   (bucket, key, written, version, marker, size_bytes, etag, modified_ms, storage_class, acl, detail)
                   VALUES (?1, ?2, ?3, ?4, 1, 0, '', ?5, '', '', '{}')";
        let values = (bucket.id, key.as_bytes(), written, &marker, now_ms);
        self.conn.prepare_cached(sql).map_err(db)?.execute(values).map_err(db)?;
        Ok(Deletion { version: Some(marker), is_marker: true })
    }

    /// Moves aside or removes what a new version takes the place of. Returns the new one's number and id.
    fn make_room(&mut self, bucket: &BucketRow, key: &str) -> S3Result<(i64, String)> {
        if bucket.versioning == Versioning::Never {
            self.remove_version(bucket.id, key, NULL_VERSION)?;
            return Ok((0, NULL_VERSION.to_owned()));
        }
        let written = self.newest_number(bucket.id, key)? + 1;
        let version = if bucket.versioning == Versioning::Suspended {
            self.remove_version(bucket.id, key, NULL_VERSION)?;
            NULL_VERSION.to_owned()
        } else {
            // The number in front lets a listing go on behind a version that is gone.
            format!("{written:012x}{:020x}", rand::random::<u128>() >> 48)
        };
        let place = (bucket.id, key.as_bytes());
        let sql = format!(
            "INSERT INTO versions ({MOVED}, marker) SELECT {MOVED}, 0 FROM objects WHERE bucket = ?1 AND key = ?2"
        );
        self.conn.prepare_cached(&sql).map_err(db)?.execute(place).map_err(db)?;
        let sql = "DELETE FROM objects WHERE bucket = ?1 AND key = ?2";
        self.conn.prepare_cached(sql).map_err(db)?.execute(place).map_err(db)?;
        Ok((written, version))
    }

    fn newest_number(&self, bucket: i64, key: &str) -> S3Result<i64> {
        let sql = "SELECT max(coalesce((SELECT written FROM objects WHERE bucket = ?1 AND key = ?2), 0),
                              coalesce((SELECT max(written) FROM versions WHERE bucket = ?1 AND key = ?2), 0))";
        let mut statement = self.conn.prepare_cached(sql).map_err(db)?;
        statement.query_row((bucket, key.as_bytes()), |row| row.get(0)).map_err(db)
    }

    /// Removes a version and gives up its blobs. Returns whether it was a delete marker; `None` if there was none.
    fn remove_version(&mut self, bucket: i64, key: &str, version: &str) -> S3Result<Option<bool>> {
        for (table, marker) in [("objects", "0"), ("versions", "marker")] {
            let sql = format!(
                "DELETE FROM {table} WHERE bucket = ?1 AND key = ?2 AND version = ?3 RETURNING {marker}, detail"
            );
            let mut statement = self.conn.prepare_cached(&sql).map_err(db)?;
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?));
            let removed = statement.query_row((bucket, key.as_bytes(), version), read).optional().map_err(db)?;
            let Some((was_marker, detail)) = removed else { continue };
            drop(statement);
            let detail: ObjectDetail = serde_json::from_str(&detail).map_err(|error| internal("index", &error))?;
            for segment in detail.segments {
                self.drop_blob(segment.blob)?;
            }
            return Ok(Some(was_marker));
        }
        Ok(None)
    }

    /// Where a key has no current object but its newest version is one, makes that the current one.
    fn promote_newest(&self, bucket: i64, key: &str) -> S3Result<()> {
        let newest = "FROM versions WHERE bucket = ?1 AND key = ?2 AND marker = 0 AND written =
                      (SELECT max(written) FROM versions WHERE bucket = ?1 AND key = ?2)
                      AND NOT EXISTS (SELECT 1 FROM objects WHERE bucket = ?1 AND key = ?2)";
        let sql = format!("INSERT INTO objects ({MOVED}) SELECT {MOVED} {newest}");
        let place = (bucket, key.as_bytes());
        let moved = self.conn.prepare_cached(&sql).map_err(db)?.execute(place).map_err(db)?;
        if moved > 0 {
            let sql = "DELETE FROM versions WHERE bucket = ?1 AND key = ?2 AND version =
                       (SELECT version FROM objects WHERE bucket = ?1 AND key = ?2)";
            self.conn.prepare_cached(sql).map_err(db)?.execute(place).map_err(db)?;
        }
        Ok(())
    }
}

fn detail_text(object: &ObjectRow) -> S3Result<String> {
    serde_json::to_string(&object.detail).map_err(|error| internal("index", &error))
}
