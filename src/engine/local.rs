//! "This computer": the embedded storage, started when first needed, its keys and its port.
//!
//! Only one process may serve the folder. When another Bucketdrop does, its keys are borrowed over its socket.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::book::Book;
use super::sink::EventSink;
use crate::local_storage::{Durability, LocalStorage, LocalStorageConfig, LocalStorageError, generate_keys};
use crate::model::{
    Addressing, Connection, ConnectionId, CredentialSource, Credentials, Endpoint, Failure, FailureKind,
    NOTICE_LOCAL_KEYS_THIS_RUN, Notice, Region, SecretPlace, ServedBy, Service, Severity,
};
use crate::platform::{Home, Instance, Keychain, LentStorage};

/// The bucket that is there from the start.
pub(crate) const READY_BUCKET: &str = "my-files";

/// The embedded storage's owner. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct LocalService(Arc<Inner>);

/// Whether this process is the one that others borrow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
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
    standing: Standing,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    /// `None` when another process serves the folder.
    storage: Option<LocalStorage>,
    connection: Connection,
    credentials: Credentials,
}

impl LocalService {
    /// Nothing runs yet.
    pub(crate) fn new(home: Home, book: Book, keychain: Keychain, sink: EventSink, standing: Standing) -> Self {
        Self(Arc::new(Inner { home, book, keychain, sink, standing, running: Mutex::new(None) }))
    }

    /// Starts the storage unless it runs, and gives its connection and keys. To be called on the engine's runtime.
    pub(crate) async fn ensure(&self) -> Result<(Connection, Credentials), Failure> {
        let mut running = self.0.running.lock().await;
        if let Some(running) = &*running {
            return Ok((running.connection.clone(), running.credentials.clone()));
        }
        let started = self.start().await?;
        let result = (started.connection.clone(), started.credentials.clone());
        let is_ours = started.storage.is_some();
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
        let (connection, credentials) = self.ensure().await?;
        let none = || Failure::new(FailureKind::LocalStorageFailed);
        let endpoint = connection.endpoint.clone().ok_or_else(none)?;
        Ok(LentStorage { endpoint, credentials, region: connection.region })
    }

    /// Whether this process serves it, or only uses another one's.
    pub(crate) async fn served_by(&self) -> ServedBy {
        let running = self.0.running.lock().await;
        let serves = running.as_ref().is_some_and(|running| running.storage.is_some());
        if serves { ServedBy::Us } else { ServedBy::Another }
    }

    /// Stops the storage, letting requests in flight end.
    pub(crate) async fn stop(&self) {
        let running = self.0.running.lock().await.take();
        if let Some(storage) = running.and_then(|running| running.storage) {
            storage.shutdown().await;
        }
    }

    async fn start(&self) -> Result<Running, Failure> {
        // Whoever runs already serves the folder, so no keys are looked for or made here, and its links outlive us.
        if let Some(lent) = self.borrow_from_other().await {
            return Ok(borrowed(lent));
        }
        let found = self.kept_keys().await;
        let credentials = found.clone().unwrap_or_else(generate_keys);
        match self.start_with(&credentials).await {
            Ok(storage) => {
                let place = match found {
                    Some(_) => SecretPlace::Keychain,
                    None => self.keep_keys(&credentials).await,
                };
                storage.ensure_bucket(READY_BUCKET).await.map_err(|error| failed(&error))?;
                let endpoint = Endpoint::parse(storage.endpoint())
                    .map_err(|_problem| Failure::new(FailureKind::LocalStorageFailed).detail("no endpoint"))?;
                let connection = local_connection(endpoint, &credentials.access_key_id, place);
                if self.0.book.local_port() != Some(storage.port())
                    && let Err(failure) = self.0.book.keep_local_port(storage.port()).await
                {
                    self.0.sink.notice_failure(failure);
                }
                Ok(Running { storage: Some(storage), connection, credentials })
            }
            Err(LocalStorageError::FolderInUse { folder }) => {
                let lent = self.borrow_from_other().await;
                lent.map(borrowed).ok_or_else(|| failed(&LocalStorageError::FolderInUse { folder }))
            }
            Err(error) => Err(failed(&error)),
        }
    }

    /// On the port of the last time; on any other one if that is taken meanwhile.
    async fn start_with(&self, credentials: &Credentials) -> Result<LocalStorage, LocalStorageError> {
        let config = |port| LocalStorageConfig {
            folder: self.0.home.local_storage_dir(),
            port,
            access_key_id: credentials.access_key_id.clone(),
            secret_access_key: credentials.secret_access_key.clone(),
            region: Region::us_east_1().as_str().to_owned(),
            durability: Durability::Full,
            faults: None,
        };
        let kept = self.0.book.local_port().unwrap_or(0);
        match LocalStorage::start(config(kept)).await {
            Err(LocalStorageError::PortTaken { .. }) if kept != 0 => {
                // Said only once it is known that it is not another Bucketdrop that has the port.
                let started = LocalStorage::start(config(0)).await?;
                self.0.sink.notice(Notice::message(Severity::Warning, "notice-local-port-changed"));
                Ok(started)
            }
            other => other,
        }
    }

    /// The keys of the last time; `None` where the keychain has none or does not answer.
    async fn kept_keys(&self) -> Option<Credentials> {
        self.0.keychain.load(&ConnectionId::local()).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "keys of the storage on this computer cannot be read");
            None
        })
    }

    /// Keeps new keys, once the storage runs with them; where there is no keychain, for this run, which is told.
    async fn keep_keys(&self, credentials: &Credentials) -> SecretPlace {
        let id = ConnectionId::local();
        let Err(error) = self.0.keychain.save(&id, credentials, SecretPlace::Keychain).await else {
            return SecretPlace::Keychain;
        };
        tracing::warn!(%error, "keys of the storage on this computer are not kept");
        self.0.sink.notice(Notice::message(Severity::Warning, NOTICE_LOCAL_KEYS_THIS_RUN));
        // Memory does not fail.
        self.0.keychain.save(&id, credentials, SecretPlace::ThisRunOnly).await.ok();
        SecretPlace::ThisRunOnly
    }

    /// Asks a running Bucketdrop for its storage, which it starts if need be.
    async fn borrow_from_other(&self) -> Option<LentStorage> {
        if self.0.standing == Standing::First {
            return None;
        }
        let home = self.0.home.clone();
        let borrow = tokio::task::spawn_blocking(move || {
            let running = Instance::find_running(&home).ok().flatten()?;
            running.borrow_local_storage().ok().flatten()
        });
        borrow.await.ok().flatten()
    }
}

/// Another one's storage as ours.
fn borrowed(lent: LentStorage) -> Running {
    let connection = local_connection(lent.endpoint, &lent.credentials.access_key_id, SecretPlace::ThisRunOnly);
    Running { storage: None, connection, credentials: lent.credentials }
}

/// The connection of the embedded storage.
fn local_connection(endpoint: Endpoint, access_key_id: &str, place: SecretPlace) -> Connection {
    let access_key_id = access_key_id.to_owned();
    let credentials = match place {
        SecretPlace::Keychain => CredentialSource::Keychain { access_key_id },
        SecretPlace::ThisRunOnly => CredentialSource::ThisRunOnly { access_key_id },
    };
    Connection {
        id: ConnectionId::local(),
        name: "This computer".to_owned(),
        service: Service::ThisComputer,
        endpoint: Some(endpoint),
        region: Region::us_east_1(),
        addressing: Addressing::Path,
        credentials,
        scopes: Vec::new(),
        link_domains: Vec::new(),
    }
}

fn failed(error: &LocalStorageError) -> Failure {
    let mut detail = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        detail = format!("{detail}: {cause}");
        source = cause.source();
    }
    Failure::new(FailureKind::LocalStorageFailed).detail(detail)
}
