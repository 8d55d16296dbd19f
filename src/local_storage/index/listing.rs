//! Listing in byte order, with keys below a delimiter rolled up.
//!
//! A rolled-up prefix is skipped by seeking past it, so a page costs what it shows, not what lies below it.

use rusqlite::{Connection, Statement};
use s3s::S3Result;

use super::{db, from_db};

/// What to list of a bucket's objects.
#[derive(Clone, Debug)]
pub(in crate::local_storage) struct ListQuery {
    pub bucket: i64,
    pub prefix: String,
    /// Empty for none.
    pub delimiter: String,
    pub start: Start,
    pub limit: usize,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::local_storage) enum Start {
    Beginning,
    /// Behind this key.
    After(String),
    /// Behind everything that begins with this.
    PastPrefix(String),
}

/// An object as listings show it.
#[derive(Clone, Debug)]
pub(in crate::local_storage) struct ListedObject {
    pub key: String,
    pub size_bytes: u64,
    pub etag: String,
    pub modified_ms: i64,
    pub storage_class: String,
    /// Canonical id, where it is not the bucket owner's.
    pub owner: Option<String>,
}

/// A multipart upload as listings show it.
#[derive(Clone, Debug)]
pub(in crate::local_storage) struct ListedUpload {
    pub key: String,
    pub id: String,
    pub initiated_ms: i64,
    pub storage_class: String,
    pub algorithm: Option<String>,
    pub kind: Option<String>,
}

/// One page. `next` is where the following one begins; `None` on the last.
#[derive(Clone, Debug)]
pub(in crate::local_storage) struct Page<T> {
    pub items: Vec<T>,
    pub prefixes: Vec<String>,
    pub next: Option<Start>,
}

/// What to list of a bucket's multipart uploads.
#[derive(Clone, Debug)]
pub(in crate::local_storage) struct UploadListQuery {
    pub bucket: i64,
    pub prefix: String,
    pub delimiter: String,
    /// Key to begin behind, and the upload of that key to begin behind; without the latter the whole key is skipped.
    pub after: Option<(String, Option<String>)>,
    pub limit: usize,
}

impl Start {
    /// What a marker or start-after means: one that is itself a rolled-up prefix stands for all below it.
    pub(in crate::local_storage) fn after(marker: String, prefix: &str, delimiter: &str) -> Self {
        match rolled_up(&marker, prefix, delimiter) {
            Some(rolled) if rolled == marker => Self::PastPrefix(marker),
            _ => Self::After(marker),
        }
    }

    /// The last thing that was listed.
    pub(in crate::local_storage) fn name(&self) -> &str {
        match self {
            Self::Beginning => "",
            Self::After(name) | Self::PastPrefix(name) => name,
        }
    }

    /// The lowest key that may come, if any can.
    pub(super) fn lower_bound(&self) -> Option<Vec<u8>> {
        match self {
            Self::Beginning => Some(Vec::new()),
            Self::After(key) => Some([key.as_bytes(), &[0]].concat()),
            Self::PastPrefix(prefix) => after_prefix(prefix.as_bytes()),
        }
    }
}

/// The part of `key` up to the first delimiter behind `prefix`, if there is one.
pub(super) fn rolled_up(key: &str, prefix: &str, delimiter: &str) -> Option<String> {
    if delimiter.is_empty() {
        return None;
    }
    let rest = key.strip_prefix(prefix)?;
    let (head, _) = rest.split_once(delimiter)?;
    Some([prefix, head, delimiter].concat())
}

/// The lowest byte string above everything that begins with `prefix`; `None` if there is none.
pub(super) fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut bound = prefix.to_vec();
    while let Some(last) = bound.pop() {
        if let Some(next) = last.checked_add(1) {
            bound.push(next);
            return Some(bound);
        }
    }
    None
}

/// One page of objects and rolled-up prefixes.
pub(in crate::local_storage) fn list_objects(conn: &Connection, query: &ListQuery) -> S3Result<Page<ListedObject>> {
    let sql = "SELECT key, size_bytes, etag, modified_ms, storage_class, json_extract(detail, '$.owner') FROM objects
               WHERE bucket = ?1 AND key >= ?2 AND (?3 IS NULL OR key < ?3) ORDER BY key";
    let mut statement = conn.prepare_cached(sql).map_err(db)?;
    let end = after_prefix(query.prefix.as_bytes());
    let mut page = Page { items: Vec::new(), prefixes: Vec::new(), next: None };
    let mut last = Start::Beginning;
    let Some(start) = query.start.lower_bound() else { return Ok(page) };
    let mut from = Some(start.max(query.prefix.as_bytes().to_vec()));
    while let Some(lower) = from.take() {
        let mut rows = statement.query((query.bucket, lower, &end)).map_err(db)?;
        while let Some(row) = rows.next().map_err(db)? {
            let key = text(row.get(0).map_err(db)?)?;
            if page.items.len() + page.prefixes.len() >= query.limit {
                page.next = Some(last);
                return Ok(page);
            }
            if let Some(rolled) = rolled_up(&key, &query.prefix, &query.delimiter) {
                from = after_prefix(rolled.as_bytes());
                last = Start::PastPrefix(rolled.clone());
                page.prefixes.push(rolled);
                break;
            }
            last = Start::After(key.clone());
            page.items.push(ListedObject {
                key,
                size_bytes: from_db(row.get(1).map_err(db)?),
                etag: row.get(2).map_err(db)?,
                modified_ms: row.get(3).map_err(db)?,
                storage_class: row.get(4).map_err(db)?,
                owner: row.get(5).map_err(db)?,
            });
        }
    }
    Ok(page)
}

/// One page of multipart uploads: by key, then by the time they were started. The page's `next` is the last upload's
/// key and id, or a rolled-up prefix with an empty id.
pub(in crate::local_storage) fn list_uploads(
    conn: &Connection,
    query: &UploadListQuery,
) -> S3Result<(Page<ListedUpload>, String)> {
    let sql = "SELECT key, id, initiated_ms, storage_class, algorithm, kind FROM uploads
               WHERE bucket = ?1 AND key >= ?2 AND (?3 IS NULL OR key < ?3) ORDER BY key, id";
    let mut statement = conn.prepare_cached(sql).map_err(db)?;
    let end = after_prefix(query.prefix.as_bytes());
    let marker = query.after.as_ref().map(|(key, _)| key.as_bytes().to_vec()).unwrap_or_default();
    let uploads = all_uploads(&mut statement, (query.bucket, marker.max(query.prefix.as_bytes().to_vec()), end))?;
    let mut page = Page { items: Vec::new(), prefixes: Vec::new(), next: None };
    let mut last = (Start::Beginning, String::new());
    let passed = query.after.as_ref().map(|(key, _)| Start::after(key.clone(), &query.prefix, &query.delimiter));
    for upload in uploads {
        if is_before(&upload, query.after.as_ref()) {
            continue;
        }
        let rolled = rolled_up(&upload.key, &query.prefix, &query.delimiter);
        if let Some(rolled) = &rolled
            && (page.prefixes.last() == Some(rolled) || passed == Some(Start::PastPrefix(rolled.clone())))
        {
            continue;
        }
        if page.items.len() + page.prefixes.len() >= query.limit {
            page.next = Some(last.0);
            return Ok((page, last.1));
        }
        if let Some(rolled) = rolled {
            last = (Start::PastPrefix(rolled.clone()), String::new());
            page.prefixes.push(rolled);
        } else {
            last = (Start::After(upload.key.clone()), upload.id.clone());
            page.items.push(upload);
        }
    }
    Ok((page, String::new()))
}

fn is_before(upload: &ListedUpload, after: Option<&(String, Option<String>)>) -> bool {
    match after {
        None => false,
        Some((key, _)) if upload.key != *key => upload.key < *key,
        Some((_, None)) => true,
        Some((_, Some(id))) => upload.id <= *id,
    }
}

type UploadRange = (i64, Vec<u8>, Option<Vec<u8>>);

fn all_uploads(statement: &mut Statement<'_>, range: UploadRange) -> S3Result<Vec<ListedUpload>> {
    let mut uploads = Vec::new();
    let mut rows = statement.query(range).map_err(db)?;
    while let Some(row) = rows.next().map_err(db)? {
        uploads.push(ListedUpload {
            key: text(row.get(0).map_err(db)?)?,
            id: row.get(1).map_err(db)?,
            initiated_ms: row.get(2).map_err(db)?,
            storage_class: row.get(3).map_err(db)?,
            algorithm: row.get(4).map_err(db)?,
            kind: row.get(5).map_err(db)?,
        });
    }
    Ok(uploads)
}

pub(super) fn text(key: Vec<u8>) -> S3Result<String> {
    String::from_utf8(key).map_err(|error| crate::local_storage::errors::internal("index", &error))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Instant;

    use proptest::prelude::*;

    use super::*;
    use crate::local_storage::Durability;
    use crate::local_storage::index::schema;

    fn index_of(keys: impl IntoIterator<Item = String>) -> (tempfile::TempDir, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let conn = schema::open(&folder.path().join("index"), Durability::Fast).unwrap();
        schema::migrate(&conn).unwrap();
        conn.execute("INSERT INTO buckets (id, name, created_ms, region) VALUES (1, 'b', 0, 'r')", []).unwrap();
        conn.execute_batch("BEGIN").unwrap();
        let sql = "INSERT INTO objects (bucket, key, size_bytes, etag, modified_ms, storage_class, acl, detail)
                   VALUES (1, ?1, 0, '', 0, 'STANDARD', 'private', '{}')";
        let mut insert = conn.prepare(sql).unwrap();
        for key in keys {
            insert.execute([key.as_bytes()]).unwrap();
        }
        drop(insert);
        conn.execute_batch("COMMIT").unwrap();
        (folder, conn)
    }

    fn all_pages(conn: &Connection, prefix: &str, delimiter: &str, limit: usize) -> (Vec<String>, Vec<String>) {
        let (mut keys, mut prefixes, mut start) = (Vec::new(), Vec::new(), Start::Beginning);
        loop {
            let query = ListQuery { bucket: 1, prefix: prefix.into(), delimiter: delimiter.into(), start, limit };
            let page = list_objects(conn, &query).unwrap();
            assert!(page.items.len() + page.prefixes.len() <= limit);
            keys.extend(page.items.into_iter().map(|object| object.key));
            prefixes.extend(page.prefixes);
            match page.next {
                Some(next) => start = next,
                None => return (keys, prefixes),
            }
        }
    }

    /// What S3 says the listing is, without paging and without seeking.
    fn by_the_book(keys: &BTreeSet<String>, prefix: &str, delimiter: &str) -> (Vec<String>, Vec<String>) {
        let (mut items, mut prefixes) = (Vec::new(), Vec::new());
        for key in keys.iter().filter(|key| key.starts_with(prefix)) {
            match rolled_up(key, prefix, delimiter) {
                None => items.push(key.clone()),
                Some(rolled) if prefixes.last() != Some(&rolled) => prefixes.push(rolled),
                Some(_) => {}
            }
        }
        (items, prefixes)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
        #[test]
        fn pages_add_up_to_the_listing(
            keys in proptest::collection::btree_set("[ab/\u{0}~한\u{10ffff}]{1,6}", 1..40),
            prefix in "[ab/한]{0,2}",
            delimiter in "[/a한]{0,2}",
            limit in 1_usize..7,
        ) {
            let (_folder, conn) = index_of(keys.clone());
            prop_assert_eq!(all_pages(&conn, &prefix, &delimiter, limit), by_the_book(&keys, &prefix, &delimiter));
        }
    }

    #[test]
    fn a_rolled_up_prefix_costs_one_step_however_much_is_below_it() {
        let below = (0..100_000).map(|n| format!("folder/{n:06}"));
        let (_folder, conn) = index_of(below.chain(["a".into(), "z".into()]));
        let began = Instant::now();
        assert_eq!(all_pages(&conn, "folder/", "/", 1000).0.len(), 100_000);
        let everything = began.elapsed();
        // The best of several: once, another program may have had the processor meanwhile.
        let rolled = (0..8).map(|_| {
            let began = Instant::now();
            let root = all_pages(&conn, "", "/", 1000);
            let elapsed = began.elapsed();
            assert_eq!(root, (vec!["a".into(), "z".into()], vec!["folder/".into()]));
            elapsed
        });
        let rolled = rolled.min().unwrap();
        assert!(rolled * 20 < everything, "{rolled:?} for the root, {everything:?} for all keys");
    }

    #[test]
    fn bounds_above_prefixes() {
        assert_eq!(after_prefix(b"a"), Some(b"b".to_vec()));
        assert_eq!(after_prefix(b"a\xff"), Some(b"b".to_vec()));
        assert_eq!(after_prefix(b"\xff"), None);
        assert_eq!(after_prefix(b""), None);
    }
}
