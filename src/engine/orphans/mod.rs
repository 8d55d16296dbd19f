//! Multipart uploads that nobody needs any more: written down before they are aborted, tried again at the next start
//! until the server has forgotten them, and shown to the user. Only uploads that this program is known to have
//! started are ever aborted by itself.

mod strays;
mod unfinished;
mod unheard;

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::book::Book;
use super::clock::Clock;
use super::journal::{Change, Journal};
use super::upload::{Aborted, Leftover, abort};
use crate::model::{BucketName, Connection, ConnectionId, CredentialSource, SaidBy, TransferId, UploadOwner};
use crate::s3::{S3Store, UploadId};

pub(crate) use strays::{Intended, Ours, Swept, sweep_strays};
pub(crate) use unfinished::KnownUploads;
use unheard::Creations;
pub(crate) use unheard::{Stray, is_refusal};

/// An abort that takes longer is left to the next start.
const ABORT_LIMIT: Duration = Duration::from_secs(10);
/// An abort does not wait longer for a disk that does not write.
const WRITE_LIMIT: Duration = Duration::from_secs(2);

/// Why an upload is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Its transfer was cancelled.
    Cancelled,
    /// Its file has changed, or its parts do not fit any more; the transfer goes on from the start.
    Restarted,
    /// Its transfer has ended in another way.
    NotNeeded,
}

impl Why {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Restarted => "restarted",
            Self::NotNeeded => "not-needed",
        }
    }
}

/// Uploads by id.
type KnownIds = HashMap<UploadId, Vec<(Leftover, UploadOwner)>>;

/// Every upload that this program knows as its own. Servers give out ids as they like, some count from one: an upload is
/// known by its place and its id together. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Orphans {
    journal: Journal,
    clock: Arc<dyn Clock>,
    book: Book,
    /// Those with the same id, each with its place.
    ours: Arc<Mutex<KnownIds>>,
    creations: Creations,
}

/// Whether only environment or profile know where a connection leads.
fn is_by_chain(connection: &Connection) -> bool {
    matches!(connection.credentials, CredentialSource::AwsChain { endpoint: SaidBy::Chain, .. })
}

impl Orphans {
    /// Knows of none yet. The book tells connections to one server from those to another.
    pub(crate) fn new(journal: Journal, clock: Arc<dyn Clock>, book: Book) -> Self {
        Self { journal, clock, book, ours: Arc::default(), creations: Creations::default() }
    }

    /// An upload is a transfer's.
    pub(crate) fn note_in_queue(&self, upload: Leftover, transfer: TransferId) {
        self.set(upload, UploadOwner::InQueue(transfer));
    }

    /// An upload is ours and not needed any more.
    pub(crate) fn note_left(&self, left: &Leftover) {
        self.set(left.clone(), UploadOwner::LeftByUs);
    }

    /// The uploads that were last known to be a transfer's, which has ended without a word about them.
    pub(crate) fn in_queue_of(&self, transfer: TransferId) -> Vec<Leftover> {
        let is_its = |(_, owner): &&(Leftover, UploadOwner)| *owner == UploadOwner::InQueue(transfer);
        self.ours().values().flatten().filter(is_its).map(|(upload, _)| upload.clone()).collect()
    }

    /// Those of a bucket that are not needed any more and were not seen to be gone: a service that lists no uploads
    /// cannot name them.
    fn left_in(&self, connection: &ConnectionId, bucket: &BucketName) -> Vec<Leftover> {
        let is_left = |(left, owner): &&(Leftover, UploadOwner)| {
            *owner == UploadOwner::LeftByUs && left.connection == *connection && left.bucket == *bucket
        };
        self.ours().values().flatten().filter(is_left).map(|(left, _)| left.clone()).collect()
    }

    /// Whose an upload is, by whichever connection to its server it is known.
    pub(crate) fn owner(&self, upload: &Leftover) -> UploadOwner {
        let found = {
            let ours = self.ours();
            let known = ours.get(&upload.upload).into_iter().flatten();
            let known = known.filter(|(known, _)| (&known.bucket, &known.key) == (&upload.bucket, &upload.key));
            known.map(|(known, owner)| (known.connection.clone(), *owner)).collect::<Vec<_>>()
        };
        let own = found.iter().find(|(connection, _)| *connection == upload.connection);
        let own = own.or_else(|| found.iter().find(|(known, _)| self.is_same_server(known, &upload.connection)));
        own.map_or(UploadOwner::Other, |(_, owner)| *owner)
    }

    /// Whether it is known as one of this very connection.
    fn knows(&self, upload: &Leftover) -> bool {
        self.ours().get(&upload.upload).is_some_and(|known| known.iter().any(|(known, _)| known == upload))
    }

    /// Two connections to one server, perhaps with other keys. Of one that is not known any more nobody can tell: then it
    /// may be.
    fn is_same_server(&self, a: &ConnectionId, b: &ConnectionId) -> bool {
        match (self.book.find(a), self.book.find(b)) {
            // Where environment or profile say the place, it may be any.
            (Ok(a), Ok(b)) if !is_by_chain(&a) && !is_by_chain(&b) => !a.leads_elsewhere(&b),
            _ => !a.is_local() && !b.is_local(),
        }
    }

    fn set(&self, upload: Leftover, owner: UploadOwner) {
        let mut ours = self.ours();
        let places = ours.entry(upload.upload.clone()).or_default();
        places.retain(|(known, _)| *known != upload);
        places.push((upload, owner));
    }

    fn forget(&self, upload: &Leftover) {
        let mut ours = self.ours();
        if let Some(places) = ours.get_mut(&upload.upload) {
            places.retain(|(known, _)| known != upload);
            if places.is_empty() {
                ours.remove(&upload.upload);
            }
        }
    }

    fn ours(&self) -> MutexGuard<'_, KnownIds> {
        self.ours.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives an upload up: written down, aborted, and looked for until it is gone. Dropped half-way, the next start
    /// goes on with it.
    pub(crate) async fn discard(&self, store: &S3Store, left: Leftover, why: Why) {
        self.write_down(left.clone(), why).await;
        self.retry(store, left).await;
    }

    /// Writes an upload down that is to be aborted: submitted at once, before whatever the caller submits next. The
    /// future resolves once it is durable, or once that has taken too long.
    pub(crate) fn write_down(&self, left: Leftover, why: Why) -> impl Future<Output = ()> + Send + 'static {
        self.note_left(&left);
        let Leftover { connection, bucket, key, upload } = left;
        let reason = why.code().to_owned();
        let written = self.journal.commit(Change::Orphan { connection, bucket, key, upload_id: upload.0, reason });
        async move {
            if tokio::time::timeout(WRITE_LIMIT, written).await.is_err() {
                tracing::warn!("an upload is aborted before that could be written down");
            }
        }
    }

    /// Tries to abort one that is written down already.
    pub(crate) async fn retry(&self, store: &S3Store, left: Leftover) {
        let gone = match abort(store, &left, ABORT_LIMIT).await {
            Aborted::Gone => true,
            Aborted::Unsure(error) => {
                let kind = error.map(|error| error.kind());
                tracing::warn!(?kind, "an unfinished multipart upload stays on the server until the next start");
                false
            }
        };
        if gone {
            self.forget(&left);
        }
        let Leftover { connection, bucket, key, upload } = left;
        let upload_id = upload.0;
        if gone {
            self.journal.note(Change::OrphanGone { connection, bucket, key, upload_id });
        } else {
            let when = self.clock.now();
            self.journal.note(Change::OrphanTried { connection, bucket, key, upload_id, when });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::clock::SystemClock;
    use crate::model::{Connection, Endpoint, ObjectKey, Service, Settings};
    use crate::platform::SettingsFile;

    #[test]
    fn two_servers_may_give_out_the_same_id() {
        let to = |name: &str, endpoint: &str| Connection {
            endpoint: Endpoint::parse(endpoint).ok(),
            ..Connection::plain(ConnectionId::new(name), Service::Other)
        };
        let connections =
            vec![to("one", "http://127.0.0.1:1"), to("beside", "http://127.0.0.1:1"), to("two", "http://127.0.0.1:2")];
        let folder = tempfile::tempdir().unwrap();
        let (file, _) = SettingsFile::load(folder.path().join("settings.toml"));
        let book = Book::new(file, Settings::default(), connections, None, crate::engine::book::Unread::default());
        let orphans = Orphans::new(Journal::none(), Arc::new(SystemClock::new()), book);
        let upload = |connection: &str, key: &str| Leftover {
            connection: ConnectionId::new(connection),
            bucket: BucketName::new("bucket").unwrap(),
            key: ObjectKey::new(key),
            upload: UploadId("1".to_owned()),
        };
        let transfer = TransferId::next();
        orphans.note_in_queue(upload("one", "k"), transfer);
        orphans.note_left(&upload("two", "other"));
        assert_eq!(orphans.owner(&upload("one", "k")), UploadOwner::InQueue(transfer));
        assert_eq!(orphans.owner(&upload("beside", "k")), UploadOwner::InQueue(transfer), "the same server");
        assert_eq!(orphans.owner(&upload("two", "k")), UploadOwner::Other, "another server");
        assert_eq!(orphans.owner(&upload("one", "other")), UploadOwner::Other, "another key");
        assert_eq!(orphans.owner(&upload("two", "other")), UploadOwner::LeftByUs);
        assert_eq!(orphans.in_queue_of(transfer), [upload("one", "k")]);
        assert_eq!(orphans.in_queue_of(TransferId::next()), []);
        assert_eq!(orphans.left_in(&ConnectionId::new("two"), &BucketName::new("bucket").unwrap()).len(), 1);
        orphans.forget(&upload("two", "other"));
        assert_eq!(orphans.owner(&upload("two", "other")), UploadOwner::Other);
        assert_eq!(orphans.owner(&upload("one", "k")), UploadOwner::InQueue(transfer));
    }
}
