//! Rows of buckets.

use rusqlite::{Connection, OptionalExtension as _, Row};
use s3s::{S3Result, s3_error};

use super::{Write, db};
use crate::local_storage::access::BucketSettings;
use crate::local_storage::errors::internal;

/// Whether a bucket keeps what is written over or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::local_storage) enum Versioning {
    /// It never has: there are no versions, and answers do not speak of them.
    Never,
    Enabled,
    /// It has: what is there stays; what is written now is the version `null`.
    Suspended,
}

impl Versioning {
    fn from_column(column: &str) -> Self {
        match column {
            "Enabled" => Self::Enabled,
            "Suspended" => Self::Suspended,
            _ => Self::Never,
        }
    }

    /// As `GetBucketVersioning` says it; `None` when it was never set.
    pub(in crate::local_storage) fn name(self) -> Option<&'static str> {
        match self {
            Self::Never => None,
            Self::Enabled => Some("Enabled"),
            Self::Suspended => Some("Suspended"),
        }
    }
}

/// A bucket as the index keeps it.
#[derive(Clone, Debug)]
pub(in crate::local_storage) struct BucketRow {
    pub id: i64,
    pub name: String,
    pub created_ms: i64,
    pub region: String,
    pub versioning: Versioning,
    pub settings: BucketSettings,
}

impl BucketRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            created_ms: row.get(2)?,
            region: row.get(3)?,
            versioning: Versioning::from_column(&row.get::<_, String>(4)?),
            settings: settings_from_column(&row.get::<_, String>(5)?)?,
        })
    }

    /// The bucket, or `None`.
    pub(in crate::local_storage) fn find(conn: &Connection, name: &str) -> S3Result<Option<Self>> {
        let sql = "SELECT id, name, created_ms, region, versioning, settings FROM buckets WHERE name = ?1";
        conn.prepare_cached(sql).map_err(db)?.query_row([name], Self::from_row).optional().map_err(db)
    }

    /// Whether any bucket has settings of its own.
    pub(in crate::local_storage) fn any_has_settings(conn: &Connection) -> S3Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM buckets WHERE settings <> ?1)";
        conn.query_row(sql, [NO_SETTINGS], |row| row.get(0)).map_err(db)
    }

    /// The bucket, or `NoSuchBucket`.
    pub(in crate::local_storage) fn require(conn: &Connection, name: &str) -> S3Result<Self> {
        Self::find(conn, name)?.ok_or_else(|| s3_error!(NoSuchBucket, "The specified bucket does not exist"))
    }

    /// Up to `limit` buckets whose names begin with `prefix` and come after `after`, by name.
    pub(in crate::local_storage) fn list(
        conn: &Connection,
        prefix: &str,
        after: &str,
        limit: i64,
    ) -> S3Result<Vec<Self>> {
        let sql = "SELECT id, name, created_ms, region, versioning, settings FROM buckets
                   WHERE name > ?1 AND substr(name, 1, length(?2)) = ?2 ORDER BY name LIMIT ?3";
        let mut statement = conn.prepare_cached(sql).map_err(db)?;
        let rows = statement.query_map((after, prefix, limit), Self::from_row).map_err(db)?;
        rows.collect::<Result<_, _>>().map_err(db)
    }
}

/// No settings are the most common ones, and cost nothing to read.
fn settings_from_column(column: &str) -> rusqlite::Result<BucketSettings> {
    if column == NO_SETTINGS {
        return Ok(BucketSettings::default());
    }
    serde_json::from_str(column)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(5, rusqlite::types::Type::Text, Box::new(error)))
}

fn settings_to_column(settings: &BucketSettings) -> S3Result<String> {
    serde_json::to_string(settings).map_err(|error| internal("index", &error))
}

/// As JSON has it.
const NO_SETTINGS: &str = "{}";

impl Write<'_> {
    /// Makes a bucket; one that is there already is the caller's own, since there is only one account.
    pub(in crate::local_storage) fn create_bucket(
        &self,
        name: &str,
        region: &str,
        now_ms: i64,
        settings: &BucketSettings,
    ) -> S3Result<()> {
        let sql = "INSERT INTO buckets (name, created_ms, region, settings) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT DO NOTHING";
        let made = self.conn.execute(sql, (name, now_ms, region, settings_to_column(settings)?)).map_err(db)?;
        if made == 0 {
            let text = "Your previous request to create the named bucket succeeded and you already own it.";
            return Err(s3_error!(BucketAlreadyOwnedByYou, "{text}"));
        }
        Ok(())
    }

    /// Turns the keeping of versions on or off.
    pub(in crate::local_storage) fn set_versioning(&self, bucket: i64, versioning: Versioning) -> S3Result<()> {
        let name = versioning.name().unwrap_or_default();
        self.conn.execute("UPDATE buckets SET versioning = ?2 WHERE id = ?1", (bucket, name)).map_err(db)?;
        Ok(())
    }

    /// Keeps the settings that a bucket was given.
    pub(in crate::local_storage) fn set_settings(&self, bucket: &BucketRow) -> S3Result<()> {
        let settings = settings_to_column(&bucket.settings)?;
        self.conn.execute("UPDATE buckets SET settings = ?2 WHERE id = ?1", (bucket.id, settings)).map_err(db)?;
        Ok(())
    }

    /// Removes an empty bucket: one without objects, versions and delete markers. Multipart uploads under way do not count as content; they go with it.
    pub(in crate::local_storage) fn delete_bucket(&mut self, name: &str) -> S3Result<()> {
        let bucket = BucketRow::require(self.conn, name)?;
        let sql = "SELECT EXISTS (SELECT 1 FROM objects WHERE bucket = ?1)
                   OR EXISTS (SELECT 1 FROM versions WHERE bucket = ?1)";
        let full: bool = self.conn.query_row(sql, [bucket.id], |row| row.get(0)).map_err(db)?;
        if full {
            return Err(s3_error!(BucketNotEmpty, "The bucket you tried to delete is not empty"));
        }
        let mut statement = self.conn.prepare("SELECT id FROM uploads WHERE bucket = ?1").map_err(db)?;
        let uploads = statement.query_map([bucket.id], |row| row.get::<_, String>(0)).map_err(db)?;
        let uploads = uploads.collect::<Result<Vec<_>, _>>().map_err(db)?;
        drop(statement);
        for upload in uploads {
            self.delete_upload(&upload)?;
        }
        self.conn.execute("DELETE FROM buckets WHERE id = ?1", [bucket.id]).map_err(db)?;
        Ok(())
    }
}
