//! "This computer": the embedded storage, started when first needed, its keys and its port.
//!
//! Only one process may serve the folder, a window or a command: whoever begins claims that and lends endpoint and keys
//! to the others over a socket. When it ends, one of those that borrowed goes on at the same address with the same keys,
//! so that their uploads only wait a moment.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::book::Book;
use super::sink::EventSink;
use crate::local_storage::{Durability, LocalStorage, LocalStorageConfig, LocalStorageError, generate_keys};
use crate::model::{
    Addressing, Connection, ConnectionId, CredentialSource, Credentials, Endpoint, Failure, FailureKind,
    NOTICE_LOCAL_KEYS_THIS_RUN, Notice, Region, SecretPlace, ServedBy, Service, Severity,
};
use crate::platform::{Home, Instance, InstanceServer, Keychain, KeychainError, LentStorage, Request};

/// The bucket that is there from the start.
pub(crate) const READY_BUCKET: &str = "my-files";

/// Another process that has claimed the storage is asked for so long: its keychain may take its time at the start.
const CLAIM_WITHIN: Duration = Duration::from_secs(20);
/// Between two questions, where it answers at once that there is nothing yet.
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(250);

/// The embedded storage's owner. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct LocalService(Arc<Inner>);

/// Whether this process is the one that others borrow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InstanceRole {
    /// It is; asking itself would wait for itself.
    First,
    /// Another one may be.
    Guest,
}

#[derive(Debug)]
struct Inner {
    home: Home,
    book: Book,
    keychain: Keychain,
    sink: EventSink,
    role: InstanceRole,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    /// `None` when another process serves the folder.
    served: Option<Served>,
    connection: Connection,
    credentials: Credentials,
}

/// The storage of this process.
#[derive(Debug)]
struct Served {
    storage: LocalStorage,
    /// Answers other processes, and holds the claim; `None` where there can be no socket for it.
    lender: Option<JoinHandle<()>>,
}

impl Served {
    /// Lets requests in flight end, then leaves the claim to others.
    async fn end(self) {
        self.storage.shutdown().await;
        if let Some(lender) = self.lender {
            lender.abort();
            // Gone once it is waited for, and the claim with it.
            lender.await.ok();
        }
    }
}

/// Whose the storage is.
enum Claim {
    /// This process may serve it.
    Ours(Option<InstanceServer>),
    /// Another one does.
    Theirs(LentStorage),
}

impl LocalService {
    /// Nothing runs yet.
    pub(crate) fn new(home: Home, book: Book, keychain: Keychain, sink: EventSink, role: InstanceRole) -> Self {
        Self(Arc::new(Inner { home, book, keychain, sink, role, running: Mutex::new(None) }))
    }

    /// Starts the storage unless it runs, and gives its connection and keys. To be called on the engine's runtime.
    pub(crate) async fn ensure(&self) -> Result<(Connection, Credentials), Failure> {
        self.ensure_at(None).await
    }

    async fn ensure_at(&self, port: Option<u16>) -> Result<(Connection, Credentials), Failure> {
        let mut running = self.0.running.lock().await;
        if let Some(running) = &*running {
            return Ok((running.connection.clone(), running.credentials.clone()));
        }
        let started = self.start(port).await?;
        let result = (started.connection.clone(), started.credentials.clone());
        let is_ours = started.served.is_some();
        *running = Some(started);
        drop(running);
        // The connection stands in the list from now on; it works without. A borrowed one is the lender's to keep.
        if is_ours && let Err(failure) = self.0.book.keep_connection(result.0.clone()).await {
            self.0.sink.notice_failure(failure);
        }
        Ok(result)
    }

    /// Endpoint and keys for another program of the same user, starting the storage if need be.
    pub(crate) async fn lend(&self) -> Result<LentStorage, Failure> {
        self.lend_at(None).await
    }

    /// The same at a port of the user's choice: if it is not free, nothing is started, and the usual one stays what it
    /// was. Storage that runs already stays where it is.
    pub(crate) async fn lend_at(&self, port: Option<u16>) -> Result<LentStorage, Failure> {
        let (connection, credentials) = self.ensure_at(port).await?;
        let none = || Failure::new(FailureKind::LocalStorageFailed);
        let endpoint = connection.endpoint.clone().ok_or_else(none)?;
        Ok(LentStorage { endpoint, credentials, region: connection.region })
    }

    /// Whether this process serves it, or only uses another one's.
    pub(crate) async fn served_by(&self) -> ServedBy {
        let running = self.0.running.lock().await;
        let serves = running.as_ref().is_some_and(|running| running.served.is_some());
        if serves { ServedBy::Us } else { ServedBy::Another }
    }

    /// Stops the storage, letting requests in flight end.
    pub(crate) async fn stop(&self) {
        let running = self.0.running.lock().await.take();
        if let Some(served) = running.and_then(|running| running.served) {
            served.end().await;
        }
    }

    async fn start(&self, port: Option<u16>) -> Result<Running, Failure> {
        let claim = match self.claim().await? {
            // Whoever runs already serves the folder, so no keys are looked for or made here.
            Claim::Theirs(lent) => return Ok(self.borrowed(lent)),
            Claim::Ours(claim) => claim,
        };
        let lender = claim.map(|server| self.lend_through(server));
        let found = self.0.keychain.load(&ConnectionId::local()).await;
        let credentials = found.as_ref().ok().cloned().flatten().unwrap_or_else(generate_keys);
        let started = match self.start_with(&credentials, port).await {
            Ok(storage) => Served { storage, lender },
            Err(error) => {
                if let Some(lender) = lender {
                    lender.abort();
                    lender.await.ok();
                }
                return Err(failed(&error));
            }
        };
        let place = match found {
            Ok(Some(_)) => SecretPlace::Keychain,
            Ok(None) => self.keep_keys(&credentials).await,
            Err(error) => self.use_keys_this_run(&credentials, &error).await,
        };
        let storage = &started.storage;
        let endpoint = match ready(storage).await {
            Ok(endpoint) => endpoint,
            Err(failure) => {
                // The claim would keep everybody, also this process, from trying again.
                started.end().await;
                return Err(failure);
            }
        };
        let connection = local_connection(endpoint, &credentials.access_key_id, place);
        if self.0.book.local_port() != Some(storage.port())
            && let Err(failure) = self.0.book.keep_local_port(storage.port()).await
        {
            self.0.sink.notice_failure(failure);
        }
        Ok(Running { served: Some(started), connection, credentials })
    }

    /// On a port that was asked for, or on that of the last time; on any other one if that is taken meanwhile.
    async fn start_with(
        &self,
        credentials: &Credentials,
        port: Option<u16>,
    ) -> Result<LocalStorage, LocalStorageError> {
        let kept = self.0.book.local_port().unwrap_or(0);
        match LocalStorage::start(self.config(credentials, port.unwrap_or(kept))).await {
            Err(LocalStorageError::PortTaken { .. }) if port.is_none() && kept != 0 => {
                // Said only once it is known that it is not another Bucketdrop that has the port.
                let started = LocalStorage::start(self.config(credentials, 0)).await?;
                self.0.sink.notice(Notice::message(Severity::Warning, "notice-local-port-changed"));
                Ok(started)
            }
            other => other,
        }
    }

    fn config(&self, credentials: &Credentials, port: u16) -> LocalStorageConfig {
        LocalStorageConfig {
            folder: self.0.home.local_storage_dir(),
            port,
            access_key_id: credentials.access_key_id.clone(),
            secret_access_key: credentials.secret_access_key.clone(),
            region: Region::us_east_1().as_str().to_owned(),
            durability: Durability::Full,
            faults: None,
        }
    }

    /// Keeps the first keys, once the storage runs with them; where that does not work, for this run.
    async fn keep_keys(&self, credentials: &Credentials) -> SecretPlace {
        match self.0.keychain.save(&ConnectionId::local(), credentials, SecretPlace::Keychain).await {
            Ok(()) => SecretPlace::Keychain,
            Err(error) => self.use_keys_this_run(credentials, &error).await,
        }
    }

    /// Works with new keys for this run, and says why. The keychain may hold those of earlier runs without having said
    /// so: it is neither written nor cleared, so that they and their links are good again once it answers.
    async fn use_keys_this_run(&self, credentials: &Credentials, error: &KeychainError) -> SecretPlace {
        tracing::warn!(%error, "the storage on this computer has new keys for this run");
        let why = match error {
            KeychainError::Missing { .. } => NOTICE_LOCAL_KEYS_THIS_RUN,
            KeychainError::Locked { .. } => "notice-local-keys-locked",
            KeychainError::Silent => "notice-local-keys-silent",
            KeychainError::Unreadable { .. } | KeychainError::Failed { .. } => "notice-local-keys-failed",
        };
        self.0.sink.notice(Notice::message(Severity::Warning, why));
        // Memory does not fail.
        self.0.keychain.save(&ConnectionId::local(), credentials, SecretPlace::ThisRunOnly).await.ok();
        SecretPlace::ThisRunOnly
    }

    /// Whose the storage is. A window serves its guests from the first time on, so that their links outlive them; else
    /// it is whoever comes first, a window or a command.
    async fn claim(&self) -> Result<Claim, Failure> {
        let claimed = tokio::time::timeout(CLAIM_WITHIN, async {
            loop {
                let (home, role) = (self.0.home.clone(), self.0.role);
                let asked = tokio::task::spawn_blocking(move || ask_others(&home, role)).await;
                match asked {
                    Ok(Some(claim)) => return Ok(claim),
                    // It may just be starting, or just be ending.
                    Ok(None) => tokio::time::sleep(ASK_AGAIN_AFTER).await,
                    Err(error) => return Err(Failure::new(FailureKind::Internal).detail(error)),
                }
            }
        });
        let detail = "another Bucketdrop has claimed the storage and does not lend it";
        let silent = |_elapsed| Err(Failure::new(FailureKind::LocalStorageFailed).detail(detail));
        claimed.await.unwrap_or_else(silent)
    }

    /// Answers other processes for as long as the task lives, and so holds the claim.
    fn lend_through(&self, mut server: InstanceServer) -> JoinHandle<()> {
        let inner = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            loop {
                let request = server.accept().await;
                let Some(inner) = Weak::upgrade(&inner) else { return };
                // Nothing else is asked for here.
                if let Request::LendLocalStorage(reply) = request {
                    tokio::spawn(async move { reply.send(Self(inner).lend().await.ok()) });
                }
            }
        })
    }

    /// Another one's storage as ours, until that process ends.
    fn borrowed(&self, lent: LentStorage) -> Running {
        let connection = local_connection(lent.endpoint, &lent.credentials.access_key_id, SecretPlace::ThisRunOnly);
        self.wait_to_inherit();
        Running { served: None, connection, credentials: lent.credentials }
    }

    /// Waits on a thread of its own, since only the system knows when another process ends; the thread ends with this
    /// process, or when the claim is given to it.
    fn wait_to_inherit(&self) {
        let (home, inner, runtime) = (self.0.home.clone(), Arc::downgrade(&self.0), tokio::runtime::Handle::current());
        let waiting =
            std::thread::Builder::new().name("storage-heir".to_owned()).spawn(
                move || match Instance::wait_for_storage(&home) {
                    Ok(server) => {
                        if let Some(inner) = inner.upgrade() {
                            runtime.spawn(async move { Self(inner).inherit(server).await });
                        }
                    }
                    Err(error) => tracing::warn!(%error, "nobody waits for the end of the storage that is borrowed"),
                },
            );
        if let Err(error) = waiting {
            tracing::warn!(%error, "no thread to wait for the end of the storage that is borrowed");
        }
    }

    /// Whoever served the storage has ended: it goes on here, where it was and with the keys it had.
    async fn inherit(&self, claim: InstanceServer) {
        let mut running = self.0.running.lock().await;
        let Some(Running { served: by_us @ None, connection, credentials }) = &mut *running else { return };
        let Some(port) = connection.endpoint.as_ref().and_then(port_of) else { return };
        let lender = self.lend_through(claim);
        match LocalStorage::start(self.config(credentials, port)).await {
            Ok(storage) => {
                tracing::info!("the storage on this computer goes on in this process");
                *by_us = Some(Served { storage, lender: Some(lender) });
            }
            Err(error) => {
                lender.abort();
                lender.await.ok();
                tracing::warn!(%error, "the storage on this computer does not go on here");
                // Who has the folder serves it.
                if !matches!(error, LocalStorageError::FolderInUse { .. }) {
                    self.0.sink.notice_failure(failed(&error));
                }
            }
        }
    }
}

/// Makes the bucket that is there from the start; where the storage is to be found.
async fn ready(storage: &LocalStorage) -> Result<Endpoint, Failure> {
    storage.ensure_bucket(READY_BUCKET).await.map_err(|error| failed(&error))?;
    let none = |_problem| Failure::new(FailureKind::LocalStorageFailed).detail("no endpoint");
    Endpoint::parse(storage.endpoint()).map_err(none)
}

fn port_of(endpoint: &Endpoint) -> Option<u16> {
    endpoint.authority().rsplit_once(':')?.1.parse().ok()
}

/// Claims the storage, or borrows it; `None` if another process has claimed it and does not lend it now. Blocks.
fn ask_others(home: &Home, role: InstanceRole) -> Option<Claim> {
    if role == InstanceRole::Guest
        && let Some(lent) =
            Instance::find_running(home).ok().flatten().and_then(|window| window.borrow_local_storage().ok().flatten())
    {
        return Some(Claim::Theirs(lent));
    }
    match Instance::claim_storage(home) {
        Ok(Instance::First(server)) => Some(Claim::Ours(Some(server))),
        Ok(Instance::Second(client)) => client.borrow_local_storage().ok().flatten().map(Claim::Theirs),
        Err(error) => {
            // The folder has a lock of its own.
            tracing::warn!(%error, "other programs cannot be told of the storage on this computer");
            Some(Claim::Ours(None))
        }
    }
}

/// The connection of the embedded storage.
fn local_connection(endpoint: Endpoint, access_key_id: &str, place: SecretPlace) -> Connection {
    let access_key_id = access_key_id.to_owned();
    let credentials = match place {
        SecretPlace::Keychain => CredentialSource::Keychain { access_key_id },
        SecretPlace::ThisRunOnly => CredentialSource::ThisRunOnly { access_key_id },
    };
    Connection {
        name: "This computer".to_owned(),
        endpoint: Some(endpoint),
        region: Region::us_east_1(),
        addressing: Addressing::Path,
        credentials,
        ..Connection::plain(ConnectionId::local(), Service::ThisComputer)
    }
}

fn failed(error: &LocalStorageError) -> Failure {
    let mut detail = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        detail = format!("{detail}: {cause}");
        source = cause.source();
    }
    let failure = match error {
        LocalStorageError::IndexMissing { index } => {
            Failure::new(FailureKind::LocalStorageIndexMissing).with("path", index.display())
        }
        LocalStorageError::IndexDamaged { index, .. } => {
            Failure::new(FailureKind::LocalStorageIndexDamaged).with("path", index.display())
        }
        LocalStorageError::PortTaken { port } => Failure::new(FailureKind::LocalStorageFailed).with("port", port),
        _ => Failure::new(FailureKind::LocalStorageFailed),
    };
    failure.detail(detail)
}
