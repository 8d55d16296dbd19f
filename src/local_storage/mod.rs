//! A small, strict S3 in this process: "This computer" for people who try Bucketdrop without an account, and the
//! server that tests run against.
//!
//! The `s3s` crate speaks the protocol and checks signatures; this module keeps objects as plain files with an index
//! in SQLite and holds requests to the rules that Amazon holds them to. It listens on the loopback interface only.
//! It must not know the engine, the window or any setting; whoever starts it gives folder, port and keys.
//!
//! Who may do what is in `access`. What is not there yet answers `NotImplemented`, such as MFA delete and locks.

mod access;
mod acl;
mod archive;
mod blob_stream;
mod blobs;
mod bodies;
mod buckets;
mod checksums;
mod completion;
mod copying;
mod encryption;
mod errors;
pub mod faults;
mod gate;
mod handling;
mod index;
mod keys;
mod lifecycle;
mod lists;
mod multipart;
mod names;
mod objects;
mod operation;
mod payment;
mod reading;
mod receive;
mod requests;
mod server;
mod service;
mod signatures;
mod versioning;

use std::fs::{File, TryLockError};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;

use crate::model::{BucketName, Secret};

use access::Access;
pub use access::{KeyAccount, PublicAccessBlock, PublicAccessSwitch, Rights, Transport};
use blobs::BlobStore;
pub use errors::LocalStorageError;
use faults::FaultPlan;
use gate::{Gate, RequestIds};
use index::{BucketRow, Opened};
use keys::Keys;
pub use keys::generate_keys;
use server::Server;
use service::{Service, Storage};

/// How a storage is to be started.
#[derive(Debug)]
pub struct LocalStorageConfig {
    /// Holds everything that is stored; made if missing. One process at a time.
    pub folder: PathBuf,
    /// Port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// The only key that may sign.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: Secret,
    /// Region that requests must be signed for and that new buckets are in.
    pub region: String,
    /// What survives a power cut.
    pub durability: Durability,
    /// Faults on demand, for tests.
    pub faults: Option<Arc<FaultPlan>>,
}

/// What of an answered request survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Everything, even when the power is cut the moment after.
    #[default]
    Full,
    /// Everything unless the whole system goes down; for tests.
    Fast,
}

/// A running storage. Dropping it stops accepting; requests in flight go on as long as the runtime does.
pub struct LocalStorage {
    endpoint: String,
    port: u16,
    server: Server,
    storage: Arc<Storage>,
}

impl std::fmt::Debug for LocalStorage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalStorage").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl LocalStorage {
    /// Starts on the caller's tokio runtime and returns once requests are answered.
    ///
    /// Fails with [`LocalStorageError::PortTaken`] or [`LocalStorageError::FolderInUse`] when another program has
    /// the port or the folder; nothing is left behind then.
    pub async fn start(config: LocalStorageConfig) -> Result<Self, LocalStorageError> {
        let listener = listen(config.port).await?;
        let port = listener.local_addr().map_err(LocalStorageError::Listen)?.port();
        let (folder, durability) = (config.folder, config.durability);
        let opened = tokio::task::spawn_blocking(move || open(&folder, durability));
        let opened = opened.await.map_err(|error| LocalStorageError::Refused(error.to_string()))?;
        let (index, blobs) = opened?;
        let storage = Arc::new(Storage::new(index, blobs, config.region, config.faults.clone()).await?);

        let mut builder = S3ServiceBuilder::new(Service(Arc::clone(&storage)));
        builder.set_auth(Keys::new(config.access_key_id, &config.secret_access_key, config.faults.clone()));
        builder.set_access(Access(Arc::clone(&storage)));
        builder.set_host(server::Hosts);
        let s3 = builder.build();
        let outages = config.faults.as_ref().map(|plan| plan.outages());
        let server = Server::start(listener, outages, |stop| Gate {
            service: s3,
            storage: Arc::clone(&storage),
            faults: config.faults,
            ids: Arc::new(RequestIds::new()),
            stop,
        });
        Ok(Self { endpoint: format!("http://127.0.0.1:{port}"), port, server, storage })
    }

    /// `http://127.0.0.1:PORT`
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The port, also when any was asked for.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Makes a bucket unless it is there.
    pub async fn ensure_bucket(&self, name: &str) -> Result<(), LocalStorageError> {
        if BucketName::check_new(name).is_err() {
            return Err(LocalStorageError::BucketName { name: name.to_owned() });
        }
        let (name, region) = (name.to_owned(), self.storage.region.clone());
        let settings = self.storage.new_bucket_settings();
        let make = move |write: &mut index::Write<'_>| match BucketRow::find(write.conn, &name)? {
            Some(_) => Ok(()),
            None => write.create_bucket(&name, &region, requests::now_ms(), &settings),
        };
        let written = self.storage.index.write(Vec::new(), make).await;
        written.map_err(|error| LocalStorageError::Refused(error.to_string()))
    }

    /// Stops accepting, lets requests in flight finish (for 10 s at most), and closes the index.
    pub async fn shutdown(self) {
        self.server.shutdown().await;
        let Ok(storage) = Arc::try_unwrap(self.storage) else {
            tracing::warn!("the storage is still in use after its shutdown");
            return;
        };
        let close = tokio::task::spawn_blocking(move || storage.index.close(&storage.blobs));
        if let Err(error) = close.await {
            tracing::warn!(%error, "cannot close the index");
        }
    }
}

async fn listen(port: u16) -> Result<TcpListener, LocalStorageError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => LocalStorageError::PortTaken { port },
        _ => LocalStorageError::Listen(error),
    })
}

/// Locks the folder, opens the index, and removes what a crash has left. Blocks.
fn open(folder: &Path, durability: Durability) -> Result<(index::Index, Arc<BlobStore>), LocalStorageError> {
    let failed = |source| LocalStorageError::Folder { folder: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let lock = File::options().create(true).truncate(false).write(true).open(folder.join("lock")).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(LocalStorageError::FolderInUse { folder: folder.to_owned() }),
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    let opened = Opened::open(folder, durability)?;
    let blobs = Arc::new(BlobStore::open(folder, opened.run, durability).map_err(failed)?);
    if !opened.was_clean {
        let removed = blobs.sweep(&opened.known_blobs()?).map_err(failed)?;
        if removed > 0 {
            tracing::info!(removed, "removed blobs that no object owns");
        }
    }
    let index = opened.start(Arc::clone(&blobs), lock)?;
    Ok((index, blobs))
}
