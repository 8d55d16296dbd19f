//! Listings, metadata, regions, presigned links: questions about what is there.

use std::sync::Arc;
use std::time::Duration;

use super::ahead::{PAGE_KEYS, Wanted};
use super::tools::Tools;
use crate::model::{
    BucketName, ConnectionId, Event, Failure, FailureKind, Location, MAX_PRESIGN_SECS, ObjectPage, ObjectRef,
    PageToken, RequestId, Service, SignedLink,
};
use crate::s3::Grouping;

/// Few keys first, so that the first rows are there after one short answer: it fits into what a server sends at once.
const FIRST_PAGE_KEYS: u16 = 50;
/// So long a bucket's region is waited for when a link needs it; after that the connection's own stands.
const REGION_LIMIT: Duration = Duration::from_secs(6);

impl Tools {
    /// Finds out whether a service checks what it stores, with one tiny object.
    pub(crate) async fn diagnose(self, request: RequestId, at: Location) {
        let result = match self.sessions.get(&at.connection).await {
            Ok(session) => {
                let found = session.store.diagnose_writes(&at.bucket, &at.prefix).await;
                found.map(Box::new).map_err(|error| Box::new(error.to_failure()))
            }
            Err(failure) => Err(failure),
        };
        self.sink.send(Event::ConnectionDiagnosed { request, result });
    }

    /// One page of a folder. Cancelled by dropping it: a newer question then takes its place.
    pub(crate) async fn list_objects(self, request: RequestId, at: Location, after: Option<PageToken>) {
        let is_first = after.is_none();
        let result = self.page(&at, after.as_ref()).await.map(Box::new);
        let listed = result.is_ok();
        self.sink.send(Event::ObjectsListed { request, at: Box::new(at.clone()), result });
        if listed && is_first {
            self.tell_region(&at).await;
        }
    }

    async fn page(&self, at: &Location, after: Option<&PageToken>) -> Result<ObjectPage, Box<Failure>> {
        self.page_of(at, after, Grouping::Folders).await
    }

    /// One page of everything below a folder.
    pub(crate) async fn list_objects_below(self, request: RequestId, at: Location, after: Option<PageToken>) {
        let result = self.page_of(&at, after.as_ref(), Grouping::Flat).await.map(Box::new);
        self.sink.send(Event::ObjectsListed { request, at: Box::new(at), result });
    }

    async fn page_of(
        &self,
        at: &Location,
        after: Option<&PageToken>,
        grouping: Grouping,
    ) -> Result<ObjectPage, Box<Failure>> {
        let session = self.sessions.get(&at.connection).await?;
        let wanted = |after: PageToken| Wanted { at: at.clone(), grouping, after, generation: session.generation };
        let found = match after {
            Some(token) => self.ahead.take(&wanted(token.clone()), self.clock.elapsed()).await,
            None => None,
        };
        let page = if let Some(page) = found {
            page
        } else {
            let max_keys = if after.is_none() { FIRST_PAGE_KEYS } else { PAGE_KEYS };
            let page = session.store.list_objects(&at.bucket, at.prefix.as_str(), grouping, after, max_keys);
            page.await.map_err(|error| Box::new(error.to_failure()))?
        };
        if let Some(next) = page.next.clone() {
            self.ahead.ask(Arc::clone(&session), wanted(next), self.clock.elapsed());
        }
        Ok(page)
    }

    /// Links need a bucket's real region; it is asked for once, after the first rows are there.
    async fn tell_region(&self, at: &Location) {
        let Ok(session) = self.sessions.get(&at.connection).await else { return };
        let known = session.regions().get(&at.bucket);
        let region = match known {
            Some(region) => region,
            None if session.connection().service == Service::AmazonS3 => {
                match session.store.find_bucket_region(&at.bucket).await {
                    Ok(region) => region,
                    // The connection's own region goes on being taken.
                    Err(error) => return tracing::info!(kind = ?error.kind(), "the region of a bucket is not known"),
                }
            }
            None => return,
        };
        let (connection, bucket) = (at.connection.clone(), at.bucket.clone());
        self.sink.send(Event::BucketRegionFound { connection, bucket, region });
    }

    /// The region of a bucket, on demand.
    pub(crate) async fn find_bucket_region(self, request: RequestId, connection: ConnectionId, bucket: BucketName) {
        let found = match self.sessions.get(&connection).await {
            Ok(session) => {
                let asked = Box::pin(session.store.find_bucket_region(&bucket));
                match tokio::time::timeout(REGION_LIMIT, asked).await {
                    Ok(found) => found.map_err(|error| Box::new(error.to_failure())),
                    Err(_elapsed) => Err(Box::new(Failure::new(FailureKind::Timeout))),
                }
            }
            Err(failure) => Err(failure),
        };
        self.sink.send(match found {
            Ok(region) => Event::BucketRegionFound { connection, bucket, region },
            Err(failure) => Event::BucketRegionUnknown { request, failure },
        });
    }

    /// Metadata of an object.
    pub(crate) async fn inspect_object(self, request: RequestId, object: ObjectRef) {
        let result = match self.sessions.get(&object.connection).await {
            Ok(session) => {
                let found = session.store.head_object(&object.bucket, &object.key).await;
                found.map(Box::new).map_err(|error| Box::new(error.to_failure()))
            }
            Err(failure) => Err(failure),
        };
        self.sink.send(Event::ObjectInspected { request, object: Box::new(object), result });
    }

    /// Presigned links, all or none: browsers fold `.` and `..` in an address, and would ask for another object.
    pub(crate) async fn sign_links(self, request: RequestId, objects: Vec<ObjectRef>, expires_secs: u64) {
        let result = self.sign(objects, expires_secs).await;
        self.sink.send(Event::LinksSigned { request, result });
    }

    async fn sign(&self, objects: Vec<ObjectRef>, expires_secs: u64) -> Result<Vec<SignedLink>, Box<Failure>> {
        let expires = Duration::from_secs(expires_secs.clamp(1, MAX_PRESIGN_SECS));
        let mut links = Vec::with_capacity(objects.len());
        for object in objects {
            if object.key.has_dot_segment() {
                return Err(Box::new(Failure::new(FailureKind::KeyOutOfReach).with("key", &object.key)));
            }
            let session = self.sessions.get(&object.connection).await?;
            let signed = session.store.presign_get(&object.bucket, &object.key, expires).await;
            let signed = signed.map_err(|error| Box::new(error.to_failure()))?;
            links.push(SignedLink { object, url: signed.url, expires: signed.expires, keys_end: signed.keys_end });
        }
        Ok(links)
    }
}
