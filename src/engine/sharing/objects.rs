//! Opening single objects by their access control lists: everything else in the lists stays.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::StreamExt as _;

use super::apply::{NotMade, is_refusal};
use super::store::{Body, Records};
use super::{refused, size_of};
use crate::engine::objects::boxed;
use crate::engine::sessions::Session;
use crate::engine::tools::Tools;
use crate::model::{BucketName, Failure, FailureKind, ObjectKey, OpenWhat, SharingChange, SharingPlan};
use crate::s3::{ObjectAcl, S3Error, S3Store};

/// Calls under way at a time.
const AT_ONCE: usize = 8;
/// What S3 calls the version of an object in a bucket that keeps none.
pub(super) const NO_VERSION: &str = "null";

impl Tools {
    /// Opens objects by their lists. If one of them cannot be opened, those that were are closed again.
    pub(super) async fn apply_acls(
        &self,
        session: &Session,
        plan: &SharingPlan,
        keys: &[ObjectKey],
    ) -> Result<SharingChange, NotMade> {
        let (store, bucket) = (&session.store, &plan.bucket);
        let mut closed = Vec::new();
        let mut read = each(keys.iter().cloned(), |key| read(store, bucket, key));
        while let Some(found) = read.next().await {
            let (object, acl) = found.map_err(boxed)?;
            if !acl.opens() {
                closed.push((object, acl));
            }
        }
        drop(read);
        if closed.is_empty() {
            return Err(refused(FailureKind::AlreadyPublic, bucket, "the lists open it already").into());
        }
        // In the order asked for, whichever answer came first.
        closed.sort_by_key(|(object, _)| keys.iter().position(|wanted| *wanted == object.key));
        let to_open: Vec<Opened> = closed.iter().map(|(object, _)| object.clone()).collect();
        let what = OpenWhat::Objects(to_open.iter().map(|object| object.key.clone()).collect());
        let (id, change) = self.write_down(plan, what, body_of(&to_open)).await?;
        let (perhaps_open, failure) = open_all(store, bucket, closed).await;
        let Some(failure) = failure else { return Ok(change) };
        let left = close_all(store, bucket, perhaps_open).await.left;
        tracing::warn!(count = left.len(), of = size_of(&change.what), "objects stay open after a failure");
        let (body, is_none_left) = (body_of(&left), left.is_empty());
        let note = move |records: &Records| if is_none_left { records.forget(id) } else { records.set_body(id, &body) };
        let noted = self.sharing.with(note).await;
        if is_none_left {
            noted?;
            return Err(failure.into());
        }
        if let Err(failure) = noted {
            // The record names all of them still, and more is closed by it than is open.
            tracing::error!(kind = ?failure.kind, "what stays open is not written down by itself");
        }
        let what = OpenWhat::Objects(left.into_iter().map(|object| object.key).collect());
        Err(NotMade::Perhaps(Box::new(SharingChange { what, ..change }), failure))
    }
}

/// An object whose list is or was opened. Lists are of versions: one that is replaced keeps its own, and opens by its
/// id.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    key: ObjectKey,
    /// [`NO_VERSION`] where the bucket keeps none; `None` if that is not known.
    version: Option<String>,
}

impl Opened {
    /// What was written down of the objects that were opened.
    pub(super) fn of(keys: Vec<String>, versions: Vec<Option<String>>) -> Vec<Self> {
        let versions = versions.into_iter().chain(std::iter::repeat(None));
        keys.into_iter().zip(versions).map(|(key, version)| Self { key: ObjectKey::new(key), version }).collect()
    }
}

fn body_of(objects: &[Opened]) -> Body {
    Body::Acl {
        keys: objects.iter().map(|object| object.key.as_str().to_owned()).collect(),
        versions: objects.iter().map(|object| object.version.clone()).collect(),
    }
}

/// The newest version, as it is written down; `None` where our keys may not look, or none is an object.
async fn newest(store: &S3Store, bucket: &BucketName, key: &ObjectKey) -> Option<String> {
    let found = store.head_object(bucket, key).await.ok()?;
    Some(found.version_id.unwrap_or_else(|| NO_VERSION.to_owned()))
}

/// The list of an object as it is now, by the id of its version where that may be. The right to lists of versions is
/// another one than that to the newest one's.
async fn read(store: &S3Store, bucket: &BucketName, key: ObjectKey) -> Result<(Opened, ObjectAcl), S3Error> {
    let version = newest(store, bucket, &key).await;
    let named = match version.as_deref().filter(|version| *version != NO_VERSION) {
        Some(version) => Some(store.read_object_acl(bucket, &key, Some(version)).await),
        None => None,
    };
    let acl = match named {
        Some(Err(error)) if error.kind() != FailureKind::AccessDenied => return Err(error),
        Some(Ok(acl)) => acl,
        _ => store.read_object_acl(bucket, &key, None).await?,
    };
    Ok((Opened { key, version }, acl))
}

async fn open(store: &S3Store, bucket: &BucketName, key: &ObjectKey, acl: &ObjectAcl) -> Result<(), S3Error> {
    match store.open_object(bucket, key, acl).await {
        Err(error) if acl.names_version() && error.kind() == FailureKind::AccessDenied => {
            let acl = store.read_object_acl(bucket, key, None).await?;
            store.open_object(bucket, key, &acl).await
        }
        opened => opened,
    }
}

/// Opens until one fails: what is under way then is waited for, and nothing more is begun. Gives those that are open,
/// or may be.
async fn open_all(
    store: &S3Store,
    bucket: &BucketName,
    closed: Vec<(Opened, ObjectAcl)>,
) -> (Vec<Opened>, Option<Box<Failure>>) {
    let is_over = AtomicBool::new(false);
    let left = closed.into_iter().take_while(|_| !is_over.load(Ordering::Relaxed));
    let mut opened = each(left, |(object, acl)| async move {
        let opened = open(store, bucket, &object.key, &acl).await;
        (object, opened)
    });
    let (mut perhaps_open, mut failure) = (Vec::new(), None);
    while let Some((object, result)) = opened.next().await {
        match result {
            Ok(()) => perhaps_open.push(object),
            Err(error) => {
                if !is_refusal(&error) {
                    perhaps_open.push(object);
                }
                is_over.store(true, Ordering::Relaxed);
                failure.get_or_insert(boxed(error));
            }
        }
    }
    drop(opened);
    (perhaps_open, failure)
}

/// How taking strangers out of lists went.
#[derive(Debug, Default)]
pub(super) struct Closings {
    /// These may still be open.
    pub(super) left: Vec<Opened>,
    /// Why.
    pub(super) failure: Option<Box<Failure>>,
    /// Some were opened in a version that nobody knows, and the newest one was closed in its place.
    pub(super) is_unsure: bool,
}

/// Takes strangers out of the lists of the very versions that were opened. What is gone is closed.
pub(super) async fn close_all(store: &S3Store, bucket: &BucketName, objects: Vec<Opened>) -> Closings {
    let mut closed = each(objects, |object| async move {
        let result = close(store, bucket, &object).await;
        (object, result)
    });
    let mut closings = Closings::default();
    while let Some((object, result)) = closed.next().await {
        match result {
            Ok(certainty) => closings.is_unsure |= certainty == Certainty::NewestOnly,
            Err(error) => {
                closings.left.push(object);
                closings.failure.get_or_insert(boxed(error));
            }
        }
    }
    closings
}

/// Whether strangers stand in the list of any of these. What is gone is closed.
pub(super) async fn still_open(store: &S3Store, bucket: &BucketName, objects: Vec<Opened>) -> Result<bool, S3Error> {
    let mut lists = each(objects, |object| async move {
        let version = object.version.as_deref().filter(|version| *version != NO_VERSION);
        match store.read_object_acl(bucket, &object.key, version).await {
            Err(error) if version.is_some() && error.kind() == FailureKind::AccessDenied => {
                store.read_object_acl(bucket, &object.key, None).await
            }
            read => read,
        }
    });
    let mut is_any = false;
    while let Some(list) = lists.next().await {
        match list {
            Ok(acl) => is_any |= acl.opens(),
            Err(error) if matches!(error.kind(), FailureKind::NoSuchKey | FailureKind::NoSuchBucket) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(is_any)
}

/// Whether it is what was opened that is closed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Certainty {
    Sure,
    NewestOnly,
}

async fn close(store: &S3Store, bucket: &BucketName, object: &Opened) -> Result<Certainty, S3Error> {
    let key = &object.key;
    let by = |version| close_version(store, bucket, key, version);
    let Some(version) = object.version.as_deref() else {
        by(None).await?;
        let has_versions = newest(store, bucket, key).await.is_some_and(|version| version != NO_VERSION);
        return Ok(if has_versions { Certainty::NewestOnly } else { Certainty::Sure });
    };
    let is_newest = async || newest(store, bucket, key).await.as_deref() == Some(version);
    let closed = if version == NO_VERSION && is_newest().await { by(None).await } else { by(Some(version)).await };
    match closed {
        // Without the right to lists of versions, that of the newest one will do if it is the one.
        Err(error) if error.kind() == FailureKind::AccessDenied && is_newest().await => by(None).await?,
        // Services that keep no versions may not know the word.
        Err(error) if version == NO_VERSION && matches!(error.status(), Some(400 | 405 | 501)) => by(None).await?,
        closed => closed?,
    }
    Ok(Certainty::Sure)
}

async fn close_version(
    store: &S3Store,
    bucket: &BucketName,
    key: &ObjectKey,
    version: Option<&str>,
) -> Result<(), S3Error> {
    match store.read_object_acl(bucket, key, version).await {
        Ok(acl) if acl.opens() => store.close_object(bucket, key, &acl).await,
        Ok(_) => Ok(()),
        Err(error) if matches!(error.kind(), FailureKind::NoSuchKey | FailureKind::NoSuchBucket) => Ok(()),
        Err(error) => Err(error),
    }
}

/// A few at a time.
fn each<I, T, F, Fut>(items: I, work: F) -> impl futures_util::Stream<Item = T> + Unpin
where
    I: IntoIterator,
    I::IntoIter: Send,
    F: FnMut(I::Item) -> Fut + Send,
    Fut: Future<Output = T> + Send,
{
    Box::pin(futures_util::stream::iter(items).map(work).buffer_unordered(AT_ONCE))
}
