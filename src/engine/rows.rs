//! Rows of a listing that is too long to be asked for again: what an upload has added to it, and nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::StreamExt as _;

use super::counting::LOOKS_AT_ONCE;
use super::lookup::from_listings;
use super::tools::Tools;
use crate::model::{Entry, Event, Failure, FailureKind, Location, Object, ObjectKey, Prefix, RequestId};

impl Tools {
    /// Finds the rows that these objects have in a folder. One that is gone again has none.
    pub(crate) async fn find_rows(self, request: RequestId, at: Location, keys: Vec<ObjectKey>) {
        let result = self.rows_of(&at, keys).await;
        self.sink.send(Event::RowsFound { request, at: Box::new(at), result });
    }

    async fn rows_of(&self, at: &Location, keys: Vec<ObjectKey>) -> Result<Vec<Entry>, Box<Failure>> {
        let (mut folders, mut direct) = (BTreeSet::new(), Vec::new());
        for key in keys {
            let Some(below) = key.as_str().strip_prefix(at.prefix.as_str()) else { continue };
            match below.split_once('/') {
                Some((folder, _)) => {
                    folders.insert(format!("{}{folder}/", at.prefix));
                }
                None => direct.push(key),
            }
        }
        let mut rows: Vec<Entry> = folders.into_iter().map(|folder| Entry::Prefix(Prefix::new(folder))).collect();
        if direct.is_empty() {
            return Ok(rows);
        }
        let session = self.sessions.get(&at.connection).await?;
        let found = |object| rows.push(Entry::Object(object));
        let rest = from_listings(&session.store, &at.bucket, direct, found).await;
        let looks = rest.into_iter().map(|key| {
            let (session, bucket) = (Arc::clone(&session), at.bucket.clone());
            async move { (session.store.head_object(&bucket, &key).await, key) }
        });
        let mut looks = futures_util::stream::iter(looks).buffer_unordered(LOOKS_AT_ONCE);
        while let Some((found, key)) = looks.next().await {
            match found {
                Ok(found) => rows.push(Entry::Object(Object {
                    key,
                    size_bytes: found.size_bytes,
                    modified: found.modified,
                    etag: found.etag.map(String::into_boxed_str),
                    storage_class: found.storage_class.map(String::into_boxed_str),
                })),
                Err(error) if error.kind() == FailureKind::NoSuchKey => {}
                Err(error) => return Err(Box::new(error.to_failure())),
            }
        }
        Ok(rows)
    }
}
