//! Opening single objects by their access control lists: everything else in the lists stays.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::StreamExt as _;

use super::apply::is_refusal;
use super::store::{Body, Records};
use super::{refused, size_of};
use crate::engine::objects::boxed;
use crate::engine::sessions::Session;
use crate::engine::tools::Tools;
use crate::model::{BucketName, Failure, FailureKind, ObjectKey, OpenWhat, SharingChange, SharingPlan};
use crate::s3::{ObjectAcl, S3Store};

/// Calls under way at a time.
const AT_ONCE: usize = 8;

impl Tools {
    /// Opens objects by their lists. If one of them cannot be opened, those that were are closed again.
    pub(super) async fn apply_acls(
        &self,
        session: &Session,
        plan: &SharingPlan,
        keys: &[ObjectKey],
    ) -> Result<SharingChange, Box<Failure>> {
        let (store, bucket) = (&session.store, &plan.bucket);
        let mut closed = Vec::new();
        let mut read = each(keys.iter().cloned(), |key| async move {
            let acl = store.read_object_acl(bucket, &key).await;
            (key, acl)
        });
        while let Some((key, acl)) = read.next().await {
            let acl = acl.map_err(boxed)?;
            if !acl.opens() {
                closed.push((key, acl));
            }
        }
        drop(read);
        if closed.is_empty() {
            return Err(refused(FailureKind::AlreadyPublic, bucket, "the lists open it already"));
        }
        // In the order asked for, whichever answer came first.
        closed.sort_by_key(|(key, _)| keys.iter().position(|wanted| wanted == key));
        let to_open: Vec<ObjectKey> = closed.iter().map(|(key, _)| key.clone()).collect();
        let (id, change) = self.write_down(plan, OpenWhat::Objects(to_open.clone()), body_of(&to_open)).await?;
        let (perhaps_open, failure) = open_all(store, bucket, closed).await;
        let Some(failure) = failure else { return Ok(change) };
        let left = close_all(store, bucket, perhaps_open).await.0;
        tracing::warn!(count = left.len(), of = size_of(&change.what), "objects stay open after a failure");
        let (body, is_none_left) = (body_of(&left), left.is_empty());
        let note = move |records: &Records| if is_none_left { records.forget(id) } else { records.set_body(id, &body) };
        self.sharing.with(note).await?;
        Err(failure)
    }
}

fn body_of(keys: &[ObjectKey]) -> Body {
    Body::Acl { keys: keys.iter().map(|key| key.as_str().to_owned()).collect() }
}

/// Opens until one fails: what is under way then is waited for, and nothing more is begun. Gives those that are open,
/// or may be.
async fn open_all(
    store: &S3Store,
    bucket: &BucketName,
    closed: Vec<(ObjectKey, ObjectAcl)>,
) -> (Vec<ObjectKey>, Option<Box<Failure>>) {
    let is_over = AtomicBool::new(false);
    let left = closed.into_iter().take_while(|_| !is_over.load(Ordering::Relaxed));
    let mut opened = each(left, |(key, acl)| async move {
        let opened = store.open_object(bucket, &key, &acl).await;
        (key, opened)
    });
    let (mut perhaps_open, mut failure) = (Vec::new(), None);
    while let Some((key, result)) = opened.next().await {
        match result {
            Ok(()) => perhaps_open.push(key),
            Err(error) => {
                if !is_refusal(&error) {
                    perhaps_open.push(key);
                }
                is_over.store(true, Ordering::Relaxed);
                failure.get_or_insert(boxed(error));
            }
        }
    }
    drop(opened);
    (perhaps_open, failure)
}

/// Takes strangers out of the lists; gives those objects that may still be open, and why. What is gone is closed. Lists
/// are of the newest version: one that was opened and has been replaced since keeps its own, and opens by its id.
pub(super) async fn close_all(
    store: &S3Store,
    bucket: &BucketName,
    keys: Vec<ObjectKey>,
) -> (Vec<ObjectKey>, Option<Box<Failure>>) {
    let mut closed = each(keys, |key| async move {
        let result = match store.read_object_acl(bucket, &key).await {
            Ok(acl) if acl.opens() => store.close_object(bucket, &key, &acl).await,
            Ok(_) => Ok(()),
            Err(error) if matches!(error.kind(), FailureKind::NoSuchKey | FailureKind::NoSuchBucket) => Ok(()),
            Err(error) => Err(error),
        };
        (key, result)
    });
    let (mut left, mut failure) = (Vec::new(), None);
    while let Some((key, result)) = closed.next().await {
        if let Err(error) = result {
            left.push(key);
            failure.get_or_insert(boxed(error));
        }
    }
    (left, failure)
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
