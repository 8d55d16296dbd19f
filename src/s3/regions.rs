//! What is known of a connection's buckets and service, shared by all its stores.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::learnt::{Learnt, LearntFacts, LearntKeeper};
use crate::model::{BucketName, ConnectionId, Region};

/// Bucket to region, learnt from answers, and with it what else answers have told of the service (its clock, the
/// checksums it takes). Clones share one table; held for the run only. Make a new one when the endpoint changes.
#[derive(Clone, Debug, Default)]
pub struct RegionCache(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    regions: RwLock<BTreeMap<BucketName, Region>>,
    learnt: Learnt,
}

impl RegionCache {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// A table of no regions, with what a keeper has kept of a connection's endpoint; further lessons go there.
    pub fn kept(connection: &ConnectionId, keeper: Arc<dyn LearntKeeper>) -> Self {
        let cache = Self::default();
        cache.learnt().keep_with(connection.clone(), keeper);
        cache
    }

    /// What lasts of the lessons about the endpoint.
    pub fn learnt_facts(&self) -> LearntFacts {
        self.learnt().facts()
    }

    /// Takes lessons over; dropped again by a store that speaks to another endpoint.
    pub fn set_learnt_facts(&self, facts: LearntFacts) {
        self.learnt().set_facts(facts);
    }

    /// The region of a bucket, if any answer has told it.
    pub fn get(&self, bucket: &BucketName) -> Option<Region> {
        self.0.regions.read().unwrap_or_else(PoisonError::into_inner).get(bucket).cloned()
    }

    /// Remembers a bucket's region.
    pub fn remember(&self, bucket: &BucketName, region: Region) {
        self.0.regions.write().unwrap_or_else(PoisonError::into_inner).insert(bucket.clone(), region);
    }

    /// Forgets a bucket, after it was deleted: another region may hold its name next.
    pub fn forget(&self, bucket: &BucketName) {
        self.0.regions.write().unwrap_or_else(PoisonError::into_inner).remove(bucket);
    }

    /// Everything known, for the window's region column.
    pub fn all(&self) -> BTreeMap<BucketName, Region> {
        self.0.regions.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Server's clock minus this computer's in seconds, once any answer has told it.
    pub fn clock_offset_secs(&self) -> Option<i64> {
        self.0.learnt.clock_offset_secs()
    }

    /// Lessons about the service.
    pub(super) fn learnt(&self) -> &Learnt {
        &self.0.learnt
    }
}
