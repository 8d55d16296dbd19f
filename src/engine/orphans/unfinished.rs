//! The list of unfinished uploads of a bucket, and aborting one of them because the user said so.

use std::time::Duration;

use futures_util::StreamExt as _;

use super::{Orphans, Why};
use crate::engine::health::Concern;
use crate::engine::tools::Tools;
use crate::engine::upload::Leftover;
use crate::model::{
    BucketName, ConnectionId, Event, Failure, FailureKind, ObjectRef, RequestId, UnfinishedUpload, UploadOwner,
};
use crate::s3::{ListedUpload, PartsHeld, S3Store, UploadId};

/// For so long, and this far apart, it is looked whether a cancelled transfer's upload is gone.
const LOOK_FOR: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);
/// Uploads asked for their parts at a time.
const ASKED_AT_ONCE: usize = 8;

/// What this program knows without asking.
#[derive(Debug)]
pub(crate) struct KnownUploads {
    pub(crate) orphans: Orphans,
    /// Of transfers that do not run, through the connection and in the bucket that are asked for.
    pub(crate) waiting: Vec<Leftover>,
}

impl Tools {
    /// Lists a bucket's unfinished uploads with what they hold.
    pub(crate) async fn list_unfinished(
        self,
        known: KnownUploads,
        request: RequestId,
        connection: ConnectionId,
        bucket: BucketName,
    ) {
        let result = match self.find_unfinished(&known.orphans, &connection, &bucket).await {
            Err(failure) => self.own_unfinished(known, &connection, &bucket, failure).await.map_err(Box::new),
            found => found.map_err(Box::new),
        };
        self.sink.send(Event::UnfinishedListed { request, connection, bucket, result });
    }

    /// Reads what the bucket's own rules do about unfinished uploads. Nobody waits for it: where it is not known, nothing
    /// is told.
    pub(crate) async fn read_cleaning(self, request: RequestId, connection: ConnectionId, bucket: BucketName) {
        // The list tells why.
        let Ok(session) = self.sessions.get(&connection).await else { return };
        if let Some(rules) = session.store.bucket_cleaning(&bucket).await {
            self.sink.send(Event::UnfinishedRules { request, rules });
        }
    }

    async fn find_unfinished(
        &self,
        orphans: &Orphans,
        connection: &ConnectionId,
        bucket: &BucketName,
    ) -> Result<Vec<UnfinishedUpload>, Failure> {
        let session = self.sessions.get(connection).await.map_err(|failure| *failure)?;
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let page = session.store.list_uploads(bucket, "", after.as_ref()).await;
            let page = page.map_err(|error| error.to_failure())?;
            let asked = page
                .uploads
                .into_iter()
                .map(|upload| row(orphans, &session.store, (connection, bucket), upload, self.clock.now()));
            let asked: Vec<_> = asked.collect();
            rows.extend(futures_util::stream::iter(asked).buffered(ASKED_AT_ONCE).collect::<Vec<_>>().await);
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        rows.sort_by(|a, b| (a.started, &a.key).cmp(&(b.started, &b.key)));
        Ok(rows)
    }

    /// Where uploads may not be listed, or the service cannot: those that this program knows to be its own, so that they
    /// can be seen and aborted; why there are no others is told beside. The failure alone if it knows of none.
    async fn own_unfinished(
        &self,
        known: KnownUploads,
        connection: &ConnectionId,
        bucket: &BucketName,
        failure: Failure,
    ) -> Result<Vec<UnfinishedUpload>, Failure> {
        let KnownUploads { orphans, waiting } = known;
        let mut own = orphans.left_in(connection, bucket);
        own.extend(waiting);
        let Ok(session) = self.sessions.get(connection).await else { return Err(failure) };
        let listed = own.into_iter().map(|left| ListedUpload {
            key: left.key,
            upload: left.upload,
            initiated: None,
            initiator: None,
        });
        let asked = listed.map(|upload| row(&orphans, &session.store, (connection, bucket), upload, self.clock.now()));
        let asked: Vec<_> = asked.collect();
        let mut rows = futures_util::stream::iter(asked).buffered(ASKED_AT_ONCE).collect::<Vec<_>>().await;
        if rows.is_empty() {
            return Err(failure);
        }
        rows.sort_by(|a, b| a.key.cmp(&b.key));
        self.sink.notice_failure(failure);
        Ok(rows)
    }

    /// Aborts one upload and tells what that has freed. The transfer of one that is a transfer's was cancelled before.
    pub(crate) async fn abort_unfinished(
        self,
        orphans: Orphans,
        request: RequestId,
        at: (ConnectionId, BucketName, UploadOwner),
        upload: UnfinishedUpload,
    ) {
        let upload_id = upload.upload_id.clone();
        let (connection, bucket, owner) = at;
        let (id, key) = (connection.clone(), upload.key.clone());
        let object = Box::new(ObjectRef { connection: id, bucket: bucket.clone(), key });
        let result = match owner {
            UploadOwner::InQueue(_) => self.wait_until_gone(&connection, &bucket, upload).await,
            UploadOwner::LeftByUs | UploadOwner::Other => self.abort_one(&orphans, connection, bucket, upload).await,
        };
        let result = result.map_err(Box::new);
        self.sink.send(Event::UnfinishedAborted { request, object, upload_id, result });
    }

    /// The queue aborts the upload of a transfer that was cancelled or has failed. What was listed of it is freed then, at
    /// the least. A fault that passes by itself does not end the wait.
    async fn wait_until_gone(
        &self,
        connection: &ConnectionId,
        bucket: &BucketName,
        upload: UnfinishedUpload,
    ) -> Result<Option<u64>, Failure> {
        let session = self.sessions.get(connection).await.map_err(|failure| *failure)?;
        let store = session.store.with_one_attempt();
        let id = UploadId(upload.upload_id);
        let end = self.clock.elapsed() + LOOK_FOR;
        loop {
            let still = match store.parts_held(bucket, &upload.key, &id).await {
                Ok(held) if held == PartsHeld::default() => return Ok(upload.bytes),
                Ok(_) => Failure::new(FailureKind::PartsRemain).with("key", &upload.key),
                Err(error) if error.kind() == FailureKind::AccessDenied => return Ok(None),
                Err(error) if Concern::of(error.kind()).passes() => error.to_failure(),
                Err(error) => return Err(error.to_failure()),
            };
            if self.clock.elapsed() >= end {
                return Err(still);
            }
            self.clock.watch(BETWEEN_LOOKS).await;
        }
    }

    async fn abort_one(
        &self,
        orphans: &Orphans,
        connection: ConnectionId,
        bucket: BucketName,
        upload: UnfinishedUpload,
    ) -> Result<Option<u64>, Failure> {
        let id = UploadId(upload.upload_id);
        let session = self.sessions.get(&connection).await.map_err(|failure| *failure)?;
        let store = &session.store;
        let before = store.parts_held(&bucket, &upload.key, &id).await.ok();
        let left = Leftover { connection, bucket: bucket.clone(), key: upload.key.clone(), upload: id.clone() };
        orphans.discard(store, left, Why::NotNeeded).await;
        // What the abort's own answer says proves nothing: parts on their way may have landed since.
        let after = store.parts_held(&bucket, &upload.key, &id).await;
        match (before, after) {
            (Some(before), Ok(after)) if after == PartsHeld::default() => Ok(Some(before.bytes)),
            (Some(_), Ok(_)) => Err(Failure::new(FailureKind::PartsRemain).with("key", &upload.key)),
            (None, Ok(_)) => Ok(None),
            (_, Err(error)) if error.kind() == FailureKind::AccessDenied => Ok(None),
            (_, Err(error)) => Err(error.to_failure()),
        }
    }
}

async fn row(
    orphans: &Orphans,
    store: &S3Store,
    at: (&ConnectionId, &BucketName),
    upload: ListedUpload,
    now: jiff::Timestamp,
) -> UnfinishedUpload {
    let (connection, bucket) = (at.0.clone(), at.1.clone());
    let held = store.parts_held(&bucket, &upload.key, &upload.upload).await.ok();
    let place = Leftover { connection, bucket, key: upload.key.clone(), upload: upload.upload.clone() };
    UnfinishedUpload {
        owner: orphans.owner(&place),
        key: upload.key,
        upload_id: upload.upload.0,
        started: upload.initiated,
        // A clock that is a little behind makes a new upload no future one.
        age_secs: upload.initiated.map(|at| u64::try_from(now.duration_since(at).as_secs()).unwrap_or_default()),
        parts: held.map(|held| held.parts),
        bytes: held.map(|held| held.bytes),
    }
}
