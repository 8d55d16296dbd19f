//! Saved connections and settings: the copy that the engine works with, and the way to disk.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::model::{Connection, ConnectionId, Failure, FailureKind, Settings};
use crate::platform::SettingsFile;

/// Connections and settings. Clones share them. Locks are held for a copy only, never over a wait;
/// the file is written on blocking threads, always with what holds at that moment.
#[derive(Clone, Debug)]
pub(crate) struct Book(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    connections: RwLock<Vec<Connection>>,
    settings: RwLock<Settings>,
    local_port: RwLock<Option<u16>>,
    /// What the file may hold beside.
    unread: Unread,
    /// Deleted in this run.
    removed: RwLock<Vec<ConnectionId>>,
    path: PathBuf,
    /// Used in this run only, never written.
    unsaved: RwLock<Vec<Connection>>,
    files_limit: RwLock<Option<u32>>,
    file: Mutex<SettingsFile>,
}

/// Connections that may be in the settings file and could not be read at the start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unread {
    /// Why nothing at all could be read.
    pub(crate) all: Option<Failure>,
    /// Single entries: their ids, `None` for one whose id cannot be read either.
    pub(crate) entries: Vec<Option<ConnectionId>>,
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn copy<T: Clone>(lock: &RwLock<T>) -> T {
    lock.read().unwrap_or_else(PoisonError::into_inner).clone()
}

fn set<T>(lock: &RwLock<T>, value: T) {
    *lock.write().unwrap_or_else(PoisonError::into_inner) = value;
}

impl Book {
    /// Takes over what was read from `file`.
    pub(crate) fn new(
        file: SettingsFile,
        settings: Settings,
        connections: Vec<Connection>,
        local_port: Option<u16>,
        unread: Unread,
    ) -> Self {
        Self(Arc::new(Inner {
            connections: RwLock::new(connections),
            settings: RwLock::new(settings),
            local_port: RwLock::new(local_port),
            unread,
            removed: RwLock::default(),
            path: file.path().to_owned(),
            unsaved: RwLock::default(),
            files_limit: RwLock::default(),
            file: Mutex::new(file),
        }))
    }

    /// Settings as they hold.
    pub(crate) fn settings(&self) -> Settings {
        copy(&self.0.settings)
    }

    /// All connections, in the user's order.
    pub(crate) fn connections(&self) -> Vec<Connection> {
        copy(&self.0.connections)
    }

    /// One connection, saved or not. One that is only not readable now is told from one that is gone.
    pub(crate) fn find(&self, id: &ConnectionId) -> Result<Connection, Failure> {
        let known = self.connections().into_iter().chain(copy(&self.0.unsaved));
        let found = known.into_iter().find(|connection| connection.id == *id);
        found.ok_or_else(|| self.missing(id))
    }

    fn missing(&self, id: &ConnectionId) -> Failure {
        let Unread { all, entries } = &self.0.unread;
        if copy(&self.0.removed).contains(id) {
            return Failure::new(FailureKind::ConnectionMissing).with("id", id.as_str());
        }
        if let Some(failure) = all {
            return failure.clone();
        }
        if entries.iter().any(|entry| entry.as_ref().is_none_or(|entry| entry == id)) {
            return Failure::new(FailureKind::SettingsEntries).with("path", self.0.path.display());
        }
        // The id says nothing to people, and the name went with the connection.
        Failure::new(FailureKind::ConnectionMissing).detail(id.as_str())
    }

    /// A connection that the settings do not hold.
    pub(crate) fn find_unsaved(&self, id: &ConnectionId) -> Option<Connection> {
        let is_saved = self.connections().iter().any(|connection| connection.id == *id);
        copy(&self.0.unsaved).into_iter().find(|connection| !is_saved && connection.id == *id)
    }

    /// The connection that this command's options describe, if they do.
    pub(crate) fn of_command_line(&self) -> Option<ConnectionId> {
        copy(&self.0.unsaved).into_iter().map(|connection| connection.id).find(ConnectionId::is_from_command_line)
    }

    /// Takes a connection for this run; one with the same id before it is replaced.
    pub(crate) fn use_unsaved(&self, connection: Connection) {
        let mut unsaved = copy(&self.0.unsaved);
        unsaved.retain(|known| known.id != connection.id);
        unsaved.push(connection);
        set(&self.0.unsaved, unsaved);
    }

    /// Files at once, in this run.
    pub(crate) fn limit_files(&self, files: u32) {
        set(&self.0.files_limit, Some(files.max(1)));
    }

    /// Most files at once: as limited for this run, else as the setting says.
    pub(crate) fn parallel_files(&self) -> u32 {
        let setting = || self.0.settings.read().unwrap_or_else(PoisonError::into_inner).parallel_files;
        copy(&self.0.files_limit).unwrap_or_else(setting)
    }

    /// Files up to this size go up as one PUT.
    pub(crate) fn single_put_bytes(&self) -> u64 {
        self.0.settings.read().unwrap_or_else(PoisonError::into_inner).single_put_bytes
    }

    /// The port the embedded storage had last.
    pub(crate) fn local_port(&self) -> Option<u16> {
        copy(&self.0.local_port)
    }

    /// Takes new settings; they hold even if they cannot be written.
    pub(crate) fn set_settings(&self, settings: Settings) {
        set(&self.0.settings, settings);
    }

    /// Writes the settings as they hold.
    pub(crate) async fn save_settings(&self) -> Result<(), Failure> {
        self.write(|inner, file| file.save_settings(&copy(&inner.settings))).await
    }

    /// Keeps the embedded storage's port.
    pub(crate) async fn keep_local_port(&self, port: u16) -> Result<(), Failure> {
        set(&self.0.local_port, Some(port));
        self.write(move |_, file| file.save_local_port(port)).await
    }

    /// Adds a connection, or replaces the one with its id. If it cannot be written, nothing has changed.
    pub(crate) async fn keep_connection(&self, connection: Connection) -> Result<(), Failure> {
        self.change_connections(|connections| match connections.iter_mut().find(|known| known.id == connection.id) {
            Some(known) => *known = connection,
            None => connections.push(connection),
        })
        .await
    }

    /// Takes a connection out. If that cannot be written, nothing has changed.
    pub(crate) async fn remove_connection(&self, id: &ConnectionId) -> Result<(), Failure> {
        self.change_connections(|connections| connections.retain(|known| known.id != *id)).await?;
        let mut removed = copy(&self.0.removed);
        removed.push(id.clone());
        set(&self.0.removed, removed);
        Ok(())
    }

    async fn change_connections(&self, change: impl FnOnce(&mut Vec<Connection>)) -> Result<(), Failure> {
        let before = self.connections();
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(());
        }
        set(&self.0.connections, after);
        let written = self.write(|inner, file| file.save_connections(&copy(&inner.connections))).await;
        if written.is_err() {
            set(&self.0.connections, before);
        }
        written
    }

    async fn write(
        &self,
        work: impl FnOnce(&Inner, &mut SettingsFile) -> Result<(), crate::platform::PlatformError> + Send + 'static,
    ) -> Result<(), Failure> {
        let inner = Arc::clone(&self.0);
        let written = tokio::task::spawn_blocking(move || work(&inner, &mut guard(&inner.file))).await;
        match written {
            Ok(result) => result.map_err(|error| error.to_failure()),
            Err(error) => Err(Failure::new(FailureKind::Internal).detail(error)),
        }
    }
}
