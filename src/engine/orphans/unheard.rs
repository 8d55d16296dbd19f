//! Multipart uploads whose ids nobody heard and whose transfers do not look for them any more: cancelled, failed, found
//! to be stored, or of a file that is small by now or gone. They stay in the journal, beside those whose ids are known,
//! until somebody has looked.

use std::collections::BTreeMap;
use std::future::Future;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::strays::{AFTER, Intended, Ours, Swept, candidates, may_be_ours, sweep_strays};
use super::{Orphans, Why};
use crate::engine::actor::Actor;
use crate::engine::journal::{Change, OrphanRow};
use crate::engine::upload::Leftover;
use crate::model::{BucketName, ConnectionId, Failure, FailureKind, ObjectKey, TransferId, UploadOwner};
use crate::s3::{Destination, ListedUpload, S3Error, S3Store, UploadId, WriteCondition};

/// Stands in the journal where others have their reason; the end of the time follows.
const REASON: &str = "unheard ";
/// Stands there in front of the begin of the time, in place of an id.
const NO_ID: &str = "?";
/// One that could not be looked for at so many starts is left for the user to see.
const MOST_TRIES: u32 = 20;

/// Resolves once something is durable.
type Written = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An upload that may have been created without anybody hearing its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stray {
    pub(crate) connection: ConnectionId,
    pub(crate) bucket: BucketName,
    pub(crate) key: ObjectKey,
    pub(crate) intended: Intended,
}

impl Stray {
    /// One that the journal has. `None` if the row is of an upload with an id.
    pub(crate) fn of(row: &OrphanRow) -> Option<Self> {
        let time = |text: &str| Timestamp::from_nanosecond(text.parse().ok()?).ok();
        let since = time(row.upload_id.strip_prefix(NO_ID)?)?;
        let until = time(row.reason.strip_prefix(REASON)?)?;
        let (connection, bucket, key) = (row.connection.clone(), row.bucket.clone(), row.key.clone());
        Some(Self { connection, bucket, key, intended: Intended { since, until } })
    }

    /// What stands in place of its id.
    fn name(&self) -> String {
        format!("{NO_ID}{}", self.intended.since.as_nanosecond())
    }

    fn to_change(&self) -> Change {
        Change::Orphan {
            connection: self.connection.clone(),
            bucket: self.bucket.clone(),
            key: self.key.clone(),
            upload_id: self.name(),
            reason: format!("{REASON}{}", self.intended.until.as_nanosecond()),
        }
    }

    fn to_gone(&self) -> Change {
        let (connection, bucket, key) = (self.connection.clone(), self.bucket.clone(), self.key.clone());
        Change::OrphanGone { connection, bucket, key, upload_id: self.name() }
    }

    fn to_tried(&self, when: Timestamp) -> Change {
        let (connection, bucket, key) = (self.connection.clone(), self.bucket.clone(), self.key.clone());
        Change::OrphanTried { connection, bucket, key, upload_id: self.name(), when }
    }
}

/// Keys at which an upload is being created right now, by their hashes: what a listing shows of those may be one whose id
/// is just coming.
#[derive(Clone, Debug, Default)]
pub(super) struct Creations(Arc<Mutex<BTreeMap<u64, usize>>>);

impl Creations {
    fn hash(bucket: &BucketName, key: &ObjectKey) -> u64 {
        let mut hasher = DefaultHasher::new();
        (bucket, key).hash(&mut hasher);
        hasher.finish()
    }

    pub(super) fn has(&self, bucket: &BucketName, key: &ObjectKey) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&Self::hash(bucket, key))
    }

    fn begin(&self, bucket: &BucketName, key: &ObjectKey) -> Creating {
        let hash = Self::hash(bucket, key);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(hash).or_default() += 1;
        Creating { creations: self.clone(), hash }
    }
}

/// An upload is being created; until this is dropped nobody takes it for a stray one.
#[derive(Debug)]
pub(crate) struct Creating {
    creations: Creations,
    hash: u64,
}

impl Drop for Creating {
    fn drop(&mut self) {
        let mut under_way = self.creations.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = under_way.get_mut(&self.hash) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                under_way.remove(&self.hash);
            }
        }
    }
}

impl Orphans {
    /// To be held from before an upload is asked for until its id is noted.
    pub(crate) fn begin_creating(&self, bucket: &BucketName, key: &ObjectKey) -> Creating {
        self.creations.begin(bucket, key)
    }

    /// Writes one down that its transfer does not look for: submitted at once, before whatever the caller submits next.
    /// The future resolves once it is durable.
    pub(crate) fn write_down_stray(&self, stray: &Stray) -> impl Future<Output = ()> + Send + 'static {
        self.journal.commit(stray.to_change())
    }

    /// Those that an earlier run has left, without those that were looked for often enough.
    pub(crate) fn restored_strays(&self, rows: &[OrphanRow]) -> Vec<Stray> {
        let strays = rows.iter().filter_map(|row| Some((Stray::of(row)?, row.tries)));
        let (wanted, tired): (Vec<_>, Vec<_>) = strays.partition(|(_, tries)| *tries < MOST_TRIES);
        for (stray, _) in tired {
            tracing::warn!("an upload that nobody heard of could not be looked for, and is left to the user");
            self.journal.note(stray.to_gone());
        }
        wanted.into_iter().map(|(stray, _)| stray).collect()
    }

    /// Looks for one that is written down, and aborts it if it can only be ours. What cannot be found out now, or may
    /// still be on its way, is left to the next start; what may be somebody else's, to the user.
    pub(crate) async fn look_for(&self, store: &S3Store, stray: Stray) {
        let found = self.sweep(&store.with_one_attempt(), &stray).await;
        let is_over = match found {
            Ok(Swept::All(0)) => {
                self.clock.now() > stray.intended.until.saturating_add(AFTER).unwrap_or(Timestamp::MAX)
            }
            Ok(Swept::All(_)) => true,
            Ok(Swept::Unsure) => false,
            Err(error) if error.status() == Some(404) => true,
            Err(error) => {
                tracing::info!(kind = ?error.kind(), "an upload that nobody heard of is looked for at the next start");
                false
            }
        };
        let change = if is_over { stray.to_gone() } else { stray.to_tried(self.clock.now()) };
        self.journal.note(change);
    }

    /// Its connection cannot be used. Where there is no such connection any more, nobody ever can look; else this counts
    /// as a try, since each start may ask the user for the keys.
    fn could_not_look_for(&self, stray: &Stray, failure: &Failure) {
        tracing::info!(kind = ?failure.kind, "an upload that nobody heard of cannot be looked for");
        let is_gone = failure.kind == FailureKind::ConnectionMissing;
        self.journal.note(if is_gone { stray.to_gone() } else { stray.to_tried(self.clock.now()) });
    }

    async fn sweep(&self, store: &S3Store, stray: &Stray) -> Result<Swept, S3Error> {
        let Stray { connection, bucket, key, intended } = stray;
        let listed = candidates(store, bucket, key).await?;
        let place = |upload: &UploadId| {
            let (connection, bucket) = (connection.clone(), bucket.clone());
            Leftover { connection, bucket, key: key.clone(), upload: upload.clone() }
        };
        let is_stray = |upload: &ListedUpload| {
            self.owner(&place(&upload.upload)) == UploadOwner::Other && may_be_ours(store, upload, *intended)
        };
        if !listed.iter().any(is_stray) {
            return Ok(if self.creations.has(bucket, key) { Swept::Unsure } else { Swept::All(0) });
        }
        if let Some(known) = listed.iter().find(|upload| self.knows(&place(&upload.upload))) {
            let ours = Ours { connection, bucket, key, upload: &known.upload, created: None };
            return sweep_strays(self, store, &ours, *intended).await;
        }
        let (mine, created) = self.show_who_we_are(store, stray).await?;
        let ours = Ours { connection, bucket, key, upload: &mine.upload, created: Some(created) };
        let swept = sweep_strays(self, store, &ours, *intended).await;
        self.retry(store, mine).await;
        swept
    }

    /// Only the server knows who we are to it: an upload of our own beside the stray one says it. It is written down
    /// like any other before it is asked for, and to be aborted as soon as its id is known.
    async fn show_who_we_are(&self, store: &S3Store, stray: &Stray) -> Result<(Leftover, Timestamp), S3Error> {
        let Stray { connection, bucket, key, .. } = stray.clone();
        let now = self.clock.now();
        let own = Stray { intended: Intended { since: now, until: now }, ..stray.clone() };
        self.write_down_stray(&own).await;
        let to = Destination {
            bucket: bucket.clone(),
            key: key.clone(),
            content_type: "application/octet-stream".to_owned(),
            options: Arc::default(),
            condition: WriteCondition::Any,
        };
        let creating = self.begin_creating(&bucket, &key);
        let upload = match store.create_multipart_upload(&to).await {
            Ok(upload) => upload,
            Err(error) => {
                if is_refusal(&error) {
                    self.journal.note(own.to_gone());
                }
                return Err(error);
            }
        };
        let created = self.clock.now();
        let mine = Leftover { connection, bucket, key, upload };
        self.write_down(mine.clone(), Why::NotNeeded).await;
        drop(creating);
        self.journal.note(own.to_gone());
        Ok((mine, created))
    }
}

impl Actor {
    /// A transfer does not look any more for an upload that it may have created without hearing its id: somebody else
    /// does. The journal has that before it hears of the transfer's end.
    pub(in crate::engine) fn leave_stray(&mut self, id: TransferId) {
        if let Some((stray, written)) = self.write_stray(id) {
            let (sessions, orphans) = (self.tools.sessions.clone(), self.orphans.clone());
            let connection = stray.connection.clone();
            self.clean_up(&connection, async move {
                let session = sessions.get(&stray.connection).await;
                written.await;
                match session {
                    Ok(session) => orphans.look_for(&session.store, *stray).await,
                    // Without keys it stays written down until there are some.
                    Err(failure) => orphans.could_not_look_for(&stray, &failure),
                }
            });
        }
    }

    /// Only writes it down, for the next start; resolved once it is durable.
    pub(in crate::engine) fn write_stray(&mut self, id: TransferId) -> Option<(Box<Stray>, Written)> {
        let stray = self.earlier.get_mut(&id)?.lost_creation.take()?;
        let written = Box::pin(self.orphans.write_down_stray(&stray));
        self.journal.note(Change::Swept { job: id });
        Some((stray, written))
    }

    /// Looks for what an earlier run has left, one after the other on each connection. Only once all uploads of its queue
    /// are known: none of those is a stray one.
    pub(in crate::engine) fn look_for_strays(&mut self, strays: Vec<Stray>) {
        let mut by_connection: BTreeMap<ConnectionId, Vec<Stray>> = BTreeMap::new();
        for stray in strays {
            by_connection.entry(stray.connection.clone()).or_default().push(stray);
        }
        for (connection, strays) in by_connection {
            let (sessions, orphans) = (self.tools.sessions.clone(), self.orphans.clone());
            self.clean_up(&connection.clone(), async move {
                match sessions.get(&connection).await {
                    Ok(session) => {
                        for stray in strays {
                            orphans.look_for(&session.store, stray).await;
                        }
                    }
                    Err(failure) => {
                        for stray in &strays {
                            orphans.could_not_look_for(stray, &failure);
                        }
                    }
                }
            });
        }
    }
}

/// Whether the server has surely not done what it was asked for.
pub(crate) fn is_refusal(error: &S3Error) -> bool {
    error.status().is_some_and(|status| (300..500).contains(&status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_without_an_id_comes_back_as_it_was() {
        let at = |nanos| Timestamp::from_nanosecond(nanos).unwrap();
        let stray = Stray {
            connection: ConnectionId::new("c"),
            bucket: BucketName::new("bucket").unwrap(),
            key: ObjectKey::new("k"),
            intended: Intended { since: at(1_790_000_000_000_000_001), until: at(1_790_000_009_000_000_002) },
        };
        let Change::Orphan { connection, bucket, key, upload_id, reason } = stray.to_change() else { panic!() };
        let row = OrphanRow { connection, bucket, key, upload_id, reason, tries: 0, last_try: None };
        assert_eq!(Stray::of(&row), Some(stray));
        let of_one_with_an_id = OrphanRow { upload_id: "?17".to_owned(), reason: "cancelled".to_owned(), ..row };
        assert_eq!(Stray::of(&of_one_with_an_id), None);
    }

    #[test]
    fn keys_are_being_created_at_until_the_last_one_has_its_id() {
        let creations = Creations::default();
        let (bucket, key) = (BucketName::new("bucket").unwrap(), ObjectKey::new("k"));
        let first = creations.begin(&bucket, &key);
        let second = creations.begin(&bucket, &key);
        drop(first);
        assert!(creations.has(&bucket, &key) && !creations.has(&bucket, &ObjectKey::new("l")));
        drop(second);
        assert!(!creations.has(&bucket, &key));
    }
}
