//! What is known of buckets' regions, shared by all stores of one connection.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::model::{BucketName, Region};

/// Bucket to region, learnt from answers. Clones share one table; held for the run only.
#[derive(Clone, Debug, Default)]
pub struct RegionCache(Arc<RwLock<BTreeMap<BucketName, Region>>>);

impl RegionCache {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// The region of a bucket, if any answer has told it.
    pub fn get(&self, bucket: &BucketName) -> Option<Region> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(bucket).cloned()
    }

    /// Remembers a bucket's region.
    pub fn remember(&self, bucket: &BucketName, region: Region) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(bucket.clone(), region);
    }

    /// Forgets a bucket, after it was deleted: another region may hold its name next.
    pub fn forget(&self, bucket: &BucketName) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(bucket);
    }

    /// Everything known, for the window's region column.
    pub fn all(&self) -> BTreeMap<BucketName, Region> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
