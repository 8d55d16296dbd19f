//! Listing versions: by key, the newest first, with keys below a delimiter rolled up.

use rusqlite::Connection;
use s3s::S3Result;

use super::listing::{Page, Start, after_prefix, rolled_up, text};
use super::objects::NULL_VERSION;
use super::{db, from_db};

/// What to list of a bucket's versions.
#[derive(Clone, Debug)]
pub(in crate::local_storage) struct VersionListQuery {
    pub bucket: i64,
    pub prefix: String,
    /// Empty for none.
    pub delimiter: String,
    pub start: Start,
    /// With [`Start::After`]: the version of that key to go on behind; without one the whole key is passed.
    pub after_version: Option<String>,
    pub limit: usize,
}

/// A version or a delete marker as listings show it.
#[derive(Clone, Debug)]
pub(in crate::local_storage) struct ListedVersion {
    pub key: String,
    pub version: String,
    pub is_latest: bool,
    pub is_marker: bool,
    pub size_bytes: u64,
    pub etag: String,
    pub modified_ms: i64,
    pub storage_class: String,
}

const SQL: &str = "
SELECT key, version, written, marker, size_bytes, etag, modified_ms, storage_class FROM (
    SELECT key, version, written, 0 AS marker, size_bytes, etag, modified_ms, storage_class FROM objects
    WHERE bucket = ?1 AND key >= ?2 AND (?3 IS NULL OR key < ?3)
    UNION ALL
    SELECT key, version, written, marker, size_bytes, etag, modified_ms, storage_class FROM versions
    WHERE bucket = ?1 AND key >= ?2 AND (?3 IS NULL OR key < ?3)
) ORDER BY key, written DESC";

/// One page. With the page comes the version to go on behind.
pub(in crate::local_storage) fn list_versions(
    conn: &Connection,
    query: &VersionListQuery,
) -> S3Result<(Page<ListedVersion>, String)> {
    let mut statement = conn.prepare_cached(SQL).map_err(db)?;
    let end = after_prefix(query.prefix.as_bytes());
    let mut page = Page { items: Vec::new(), prefixes: Vec::new(), next: None };
    let mut last = (Start::Beginning, String::new());
    let passed = passed_number(conn, query)?;
    // The key that listing goes on in the middle of: whatever comes of it is not the newest.
    let mut newest_seen = passed.as_ref().filter(|(_, number)| *number != i64::MAX).map(|(key, _)| key.clone());
    let start = match &passed {
        Some((key, _)) => Some(key.as_bytes().to_vec()),
        None => query.start.lower_bound(),
    };
    let Some(start) = start else { return Ok((page, last.1)) };
    let mut from = Some(start.max(query.prefix.as_bytes().to_vec()));
    while let Some(lower) = from.take() {
        let mut rows = statement.query((query.bucket, lower, &end)).map_err(db)?;
        while let Some(row) = rows.next().map_err(db)? {
            let key = text(row.get(0).map_err(db)?)?;
            let written: i64 = row.get(2).map_err(db)?;
            if passed.as_ref().is_some_and(|(passed, number)| *passed == key && written >= *number) {
                continue;
            }
            if page.items.len() + page.prefixes.len() >= query.limit {
                page.next = Some(last.0);
                return Ok((page, last.1));
            }
            if let Some(rolled) = rolled_up(&key, &query.prefix, &query.delimiter) {
                from = after_prefix(rolled.as_bytes());
                last = (Start::PastPrefix(rolled.clone()), String::new());
                page.prefixes.push(rolled);
                break;
            }
            let version: String = row.get(1).map_err(db)?;
            let is_latest = newest_seen.as_ref() != Some(&key);
            newest_seen = Some(key.clone());
            last = (Start::After(key.clone()), version.clone());
            page.items.push(ListedVersion {
                key,
                version,
                is_latest,
                is_marker: row.get(3).map_err(db)?,
                size_bytes: from_db(row.get(4).map_err(db)?),
                etag: row.get(5).map_err(db)?,
                modified_ms: row.get(6).map_err(db)?,
                storage_class: row.get(7).map_err(db)?,
            });
        }
    }
    Ok((page, String::new()))
}

/// Key and number of the version to go on behind. Ids begin with the number, so that one deleted meanwhile still says
/// where it was; a deleted `null` does not, and its key is listed again from its newest.
fn passed_number(conn: &Connection, query: &VersionListQuery) -> S3Result<Option<(String, i64)>> {
    let (Start::After(key), Some(version)) = (&query.start, &query.after_version) else { return Ok(None) };
    if version != NULL_VERSION {
        let number = version.get(..12).and_then(|digits| i64::from_str_radix(digits, 16).ok());
        return Ok(number.map(|number| (key.clone(), number)));
    }
    let sql = "SELECT written FROM objects WHERE bucket = ?1 AND key = ?2 AND version = 'null' UNION ALL
               SELECT written FROM versions WHERE bucket = ?1 AND key = ?2 AND version = 'null'";
    let mut statement = conn.prepare_cached(sql).map_err(db)?;
    let mut rows = statement.query((query.bucket, key.as_bytes())).map_err(db)?;
    let number = match rows.next().map_err(db)? {
        Some(row) => row.get(0).map_err(db)?,
        None => i64::MAX,
    };
    Ok(Some((key.clone(), number)))
}
