//! Connections in use: their keys, and the clients made of them.
//!
//! A session is made when it is first needed and kept until its connection changes. Who asks while it is being made
//! waits for the same attempt; a failed attempt is not remembered.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Mutex, OnceCell};

use super::book::Book;
use super::local::LocalService;
use crate::model::{Connection, ConnectionId, CredentialSource, Failure, FailureKind};
use crate::platform::Keychain;
use crate::s3::{KeySource, LearntKeeper, RegionCache, S3Store, StoreParams};

/// A connection ready for use.
#[derive(Debug)]
pub(crate) struct Session {
    /// Grows with every session; tells clients of an older one apart.
    pub(crate) generation: u64,
    /// The engine's own client, which further ones are made beside.
    pub(crate) store: S3Store,
}

impl Session {
    /// The connection as it is used: region and endpoint resolved.
    pub(crate) fn connection(&self) -> &Connection {
        self.store.connection()
    }

    /// Regions of buckets learnt so far.
    pub(crate) fn regions(&self) -> &RegionCache {
        self.store.regions()
    }
}

/// One attempt, and what came of it.
type Slot = Arc<OnceCell<Result<Arc<Session>, Failure>>>;

/// What the actor is told of connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SessionNews {
    /// The session of this one is made anew.
    Changed(ConnectionId),
    /// The keys of this one cannot be read now, as somebody who asked for it was told.
    NoKeys(ConnectionId, Box<Failure>),
    /// The keychain has given the keys of a connection: whatever waits for it need not any more.
    KeychainAnswered,
}

/// All sessions. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Sessions(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    book: Book,
    keychain: Keychain,
    local: LocalService,
    /// Sessions are made on the engine's own runtime whoever asks for them.
    runtime: Handle,
    open: Mutex<HashMap<ConnectionId, Slot>>,
    next_generation: AtomicU64,
    /// To the actor.
    news: UnboundedSender<SessionNews>,
    /// Where lessons about endpoints outlive a session.
    learnt: std::sync::RwLock<Arc<dyn LearntKeeper>>,
}

/// Keeps lessons for the run.
#[derive(Debug, Default)]
struct MemoryKeeper(std::sync::Mutex<BTreeMap<ConnectionId, String>>);

impl LearntKeeper for MemoryKeeper {
    fn load(&self, connection: &ConnectionId) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(connection).cloned()
    }

    fn keep(&self, connection: &ConnectionId, facts_json: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(connection.clone(), facts_json);
    }
}

impl Sessions {
    /// No session yet.
    pub(crate) fn new(
        book: Book,
        keychain: Keychain,
        local: LocalService,
        runtime: Handle,
        news: UnboundedSender<SessionNews>,
    ) -> Self {
        Self(Arc::new(Inner {
            book,
            keychain,
            local,
            runtime,
            open: Mutex::default(),
            next_generation: AtomicU64::new(1),
            news,
            learnt: std::sync::RwLock::new(Arc::<MemoryKeeper>::default()),
        }))
    }

    /// The session of a connection, made if need be.
    pub(crate) async fn get(&self, id: &ConnectionId) -> Result<Arc<Session>, Box<Failure>> {
        let slot = self.slot(id).await;
        let made = slot.get_or_init(|| {
            let (this, id) = (self.clone(), id.clone());
            let task = self.0.runtime.spawn(async move { this.make(&id).await });
            async move {
                let result = task.await;
                result.unwrap_or_else(|error| Err(Failure::new(FailureKind::Internal).detail(error)))
            }
        });
        // Who waited for the same attempt hears the same: no prompt opens for each of them.
        made.await.clone().map_err(Box::new)
    }

    /// The attempt that is under way or has worked; a new one after one that has failed.
    async fn slot(&self, id: &ConnectionId) -> Slot {
        let mut open = self.0.open.lock().await;
        let slot = open.entry(id.clone()).or_default();
        if slot.get().is_some_and(Result::is_err) {
            *slot = Slot::default();
        }
        Arc::clone(slot)
    }

    /// From the next session on, lessons about endpoints are kept there, beyond the run. Called once at the start.
    pub(crate) fn keep_learnt_with(&self, keeper: Arc<dyn LearntKeeper>) {
        *self.0.learnt.write().unwrap_or_else(PoisonError::into_inner) = keeper;
    }

    /// Files up to this size go up as one PUT, as the settings say.
    pub(crate) fn single_put_bytes(&self) -> u64 {
        self.0.book.single_put_bytes()
    }

    /// Drops a session whose connection or keys have changed; what uses it goes on with what it has.
    pub(crate) async fn forget(&self, id: &ConnectionId) {
        self.0.open.lock().await.remove(id);
        // The actor is gone only when the engine ends.
        self.0.news.send(SessionNews::Changed(id.clone())).ok();
    }

    /// A connection could not be opened for somebody who asked for it: where only its keys cannot be read, the queue does
    /// not ask for them once more.
    pub(crate) fn note_closed(&self, id: &ConnectionId, failure: &Failure) {
        if failure.kind.is_of_keychain() {
            // The actor is gone only when the engine ends.
            self.0.news.send(SessionNews::NoKeys(id.clone(), Box::new(failure.clone()))).ok();
        }
    }

    /// Keys of a connection as it stands in the settings.
    pub(crate) async fn keys(&self, connection: &Connection) -> Result<KeySource, Failure> {
        match &connection.credentials {
            CredentialSource::Anonymous => Ok(KeySource::Anonymous),
            CredentialSource::AwsChain { profile, .. } => {
                Ok(KeySource::AwsChain { profile: profile.clone(), command: connection.key_command })
            }
            CredentialSource::Keychain { .. } | CredentialSource::ThisRunOnly { .. } => {
                let found = self.0.keychain.load(&connection.id).await.map_err(|error| error.to_failure())?;
                if found.is_some() && !self.0.keychain.is_this_run_only(&connection.id) {
                    // The actor is gone only when the engine ends.
                    self.0.news.send(SessionNews::KeychainAnswered).ok();
                }
                let missing = || Failure::new(FailureKind::SecretMissing).with("connection", &connection.name);
                found.map(KeySource::Static).ok_or_else(missing)
            }
        }
    }

    async fn make(&self, id: &ConnectionId) -> Result<Arc<Session>, Failure> {
        let (connection, keys) = if id.is_local() {
            let (connection, credentials) = self.0.local.ensure().await?;
            (connection, KeySource::Static(credentials))
        } else {
            let connection = self.0.book.find(id)?;
            let keys = self.keys(&connection).await?;
            (connection, keys)
        };
        let keeper = Arc::clone(&self.0.learnt.read().unwrap_or_else(PoisonError::into_inner));
        let regions = RegionCache::kept(&connection.id, keeper);
        let params = StoreParams { connection, keys, regions };
        let store = S3Store::connect(params).await.map_err(|error| error.to_failure())?;
        let generation = self.0.next_generation.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(Session { generation, store }))
    }
}
