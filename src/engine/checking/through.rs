//! How links of one connection are checked: its addresses, and what its keys see.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::engine::sessions::Session;
use crate::model::{
    BucketName, Connection, KnownObject, LineState, NoAddress, ObjectFacts, ObjectRef, Region, Service, Unread,
    public_url,
};
use crate::s3::SeenObject;

/// What our own keys are waited for; after that it is not known what they would see.
pub(super) const OWN_LIMIT: Duration = Duration::from_secs(6);

/// How links of one connection are checked, for one request. Clones share what was learnt.
#[derive(Clone, Debug)]
pub(super) struct Through {
    /// As it is used, with the address rules to be tried.
    pub(super) connection: Connection,
    /// Without one, strangers are asked all the same.
    pub(super) session: Option<Arc<Session>>,
    regions: AskedRegions,
}

impl Through {
    pub(super) fn new(connection: Connection, session: Option<Arc<Session>>) -> Self {
        Self { connection, session, regions: AskedRegions::default() }
    }

    /// The region of a bucket, where addresses need it. Nobody is asked twice, also not where there was no answer.
    async fn region(&self, object: &ObjectRef) -> Option<Region> {
        let session = self.session.as_ref()?;
        let known = session.regions().get(&object.bucket);
        if known.is_some() || self.connection.service != Service::AmazonS3 || self.connection.endpoint.is_some() {
            return known;
        }
        let asked = async {
            let found = Box::pin(session.store.find_bucket_region(&object.bucket));
            tokio::time::timeout(OWN_LIMIT, found).await.ok().and_then(Result::ok)
        };
        self.regions.once(&object.bucket, asked).await
    }

    /// The link that is handed out.
    pub(super) async fn address(&self, object: &ObjectRef) -> Result<String, NoAddress> {
        self.address_in(object, self.region(object).await.as_ref())
    }

    /// The same, if the bucket is in this region.
    pub(super) fn address_in(&self, object: &ObjectRef, region: Option<&Region>) -> Result<String, NoAddress> {
        public_url(&self.connection, &object.bucket, region, &object.key)
    }

    /// The service's own address, whatever stands in front of it.
    pub(super) async fn origin(&self, object: &ObjectRef) -> Option<String> {
        let bare = Connection { link_domains: Vec::new(), ..self.connection.clone() };
        public_url(&bare, &object.bucket, self.region(object).await.as_ref(), &object.key).ok()
    }

    /// What our own keys see of an object.
    pub(super) async fn see(&self, object: &ObjectRef) -> SeenObject {
        let facts = ObjectFacts { unread: Unread::NoAnswer, ..ObjectFacts::default() };
        let nothing = |line| SeenObject { object: KnownObject::Unknown, facts, line };
        let Some(session) = &self.session else { return nothing(LineState::NotTried) };
        let seen = Box::pin(session.store.see_object(&object.bucket, &object.key));
        tokio::time::timeout(OWN_LIMIT, seen).await.unwrap_or_else(|_elapsed| nothing(LineState::Unclear))
    }
}

/// Buckets whose region was asked for, with the answer: `None` where there was none.
#[derive(Clone, Debug, Default)]
struct AskedRegions(Arc<Mutex<BTreeMap<BucketName, AskedRegion>>>);

type AskedRegion = Arc<OnceCell<Option<Region>>>;

impl AskedRegions {
    /// Whoever comes second waits for whoever asks.
    async fn once(&self, bucket: &BucketName, ask: impl Future<Output = Option<Region>>) -> Option<Region> {
        let cell = {
            let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(asked.entry(bucket.clone()).or_default())
        };
        cell.get_or_init(|| ask).await.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_region_that_nobody_tells_is_asked_for_once() {
        let (regions, count) = (AskedRegions::default(), AtomicU32::new(0));
        let ask = async || {
            count.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            None
        };
        let bucket = |name: &str| BucketName::new(name).unwrap();
        let (a, b) = (bucket("a-bucket"), bucket("b-bucket"));
        let both = tokio::join!(regions.once(&a, ask()), regions.once(&a, ask()));
        assert_eq!((both, regions.clone().once(&a, ask()).await), ((None, None), None));
        assert_eq!(count.load(Ordering::Relaxed), 1);
        regions.once(&b, ask()).await;
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }
}
