//! The keychain: secrets under a connection's id in the system's own store, or in memory for this run.
//!
//! Secret stores may block for as long as a person takes to answer a prompt, so every call runs on one thread
//! named `keychain`, and callers wait at most [`SILENT_AFTER`]. No error and no log line here holds a secret:
//! errors of the stores are told by their kind only.

mod error;
mod memory;
mod record;
mod system;
pub(super) mod testing;
#[cfg(test)]
mod tests;
mod worker;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use error::KeychainError;
pub use memory::MemoryStore;
pub use system::SystemKeychain;

use super::logging;
use crate::model::{ConnectionId, Credentials, KeychainState, Secret, SecretPlace};
use worker::{Job, Worker};

/// How long a caller waits before it is told that the keychain is silent.
pub const SILENT_AFTER: Duration = Duration::from_secs(5);

/// A place that keeps one line of text per account. Calls block, perhaps for as long as a prompt is open.
pub trait SecretStore: Send + Sync + 'static {
    /// Writes or replaces a record.
    fn write(&self, account: &str, record: &str) -> Result<(), KeychainError>;
    /// The record, or `None` where there is none.
    fn read(&self, account: &str) -> Result<Option<Secret>, KeychainError>;
    /// Removes the record; fine if there is none.
    fn delete(&self, account: &str) -> Result<(), KeychainError>;
}

/// The async face of a [`SecretStore`], and the memory of secrets for this run only. Clones share everything.
///
/// Dropping a call's future gives up the wait, not the store's work: what the store has begun, it ends.
/// Work that has not begun when its caller has left is not done at all.
#[derive(Clone)]
pub struct Keychain {
    shared: Arc<Shared>,
}

struct Shared {
    worker: Worker,
    silent_after: Duration,
    this_run: Mutex<HashMap<ConnectionId, Credentials>>,
    /// What was being written, by account, when its writing was given up after it had perhaps begun.
    doubtful: Mutex<HashMap<String, Secret>>,
}

impl Keychain {
    /// Takes over a store. The thread starts with the first call.
    pub fn new(store: Arc<dyn SecretStore>) -> Self {
        Self::with_limit(store, SILENT_AFTER)
    }

    /// The same with another patience, for tests.
    pub fn with_limit(store: Arc<dyn SecretStore>, silent_after: Duration) -> Self {
        Self {
            shared: Arc::new(Shared {
                worker: Worker::new(store),
                silent_after,
                this_run: Mutex::default(),
                doubtful: Mutex::default(),
            }),
        }
    }

    /// Keeps a connection's keys. For [`SecretPlace::Keychain`], `Ok` means: written, read back and found equal.
    ///
    /// After an error the keychain may hold the old record or the new one, never a mixture; a later save repairs it.
    /// [`SecretPlace::ThisRunOnly`] always succeeds at once.
    pub async fn save(
        &self,
        id: &ConnectionId,
        credentials: &Credentials,
        place: SecretPlace,
    ) -> Result<(), KeychainError> {
        register(credentials);
        match place {
            SecretPlace::ThisRunOnly => {
                lock(&self.shared.this_run).insert(id.clone(), credentials.clone());
                self.take_back_doubtful(id);
                Ok(())
            }
            SecretPlace::Keychain => {
                let account = id.as_str().to_owned();
                let line = record::to_line(credentials)?;
                let saved = self.ask(Job::save(account.clone(), line.clone())).await;
                match &saved {
                    Ok(_) => {
                        lock(&self.shared.this_run).remove(id);
                        lock(&self.shared.doubtful).remove(&account);
                    }
                    Err(_) => {
                        lock(&self.shared.doubtful).insert(account, line);
                    }
                }
                saved.map(|_record| ())
            }
        }
    }

    /// The keys of a connection: those of this run first, else the keychain's; `None` where neither has any.
    pub async fn load(&self, id: &ConnectionId) -> Result<Option<Credentials>, KeychainError> {
        if let Some(credentials) = lock(&self.shared.this_run).get(id).cloned() {
            return Ok(Some(credentials));
        }
        let Some(line) = self.ask(Job::load(id.as_str().to_owned())).await? else { return Ok(None) };
        let credentials = record::from_line(&line)?;
        register(&credentials);
        Ok(Some(credentials))
    }

    /// Forgets a connection's keys, in memory at once and in the keychain.
    pub async fn delete(&self, id: &ConnectionId) -> Result<(), KeychainError> {
        lock(&self.shared.this_run).remove(id);
        self.ask(Job::delete(id.as_str().to_owned())).await.map(|_nothing| ())
    }

    /// Holds keys in memory beside whatever the keychain has or will have; a later save to it takes their place.
    pub fn hold_this_run(&self, id: &ConnectionId, credentials: Credentials) {
        register(&credentials);
        lock(&self.shared.this_run).insert(id.clone(), credentials);
    }

    /// Forgets keys that are held in memory only; the keychain's stay.
    pub fn forget_this_run(&self, id: &ConnectionId) {
        lock(&self.shared.this_run).remove(id);
    }

    /// Whether keys for this connection are held in memory only.
    pub fn is_this_run_only(&self, id: &ConnectionId) -> bool {
        lock(&self.shared.this_run).contains_key(id)
    }

    /// Asks the keychain for something that is not there, to see whether it answers at all.
    ///
    /// A locked keychain may look ready: asking more would open a prompt nobody waits for.
    pub async fn check(&self) -> KeychainState {
        match self.ask(Job::load("probe".to_owned())).await {
            Ok(_nothing) => KeychainState::Ready,
            Err(error) => KeychainState::Unavailable(error.to_failure()),
        }
    }

    async fn ask(&self, job: Job) -> Result<Option<Secret>, KeychainError> {
        self.shared.worker.ask(job, self.shared.silent_after).await
    }

    /// A save that was given up may yet have reached the keychain. When the user then chose to keep the keys for
    /// this run only, its record is taken out again as soon as the keychain gets to it; nobody waits for that. An older
    /// record that stands there because the save never began stays.
    fn take_back_doubtful(&self, id: &ConnectionId) {
        if let Some(line) = lock(&self.shared.doubtful).remove(id.as_str()) {
            self.shared.worker.tell(Job::take_back(id.as_str().to_owned(), line));
        }
    }
}

impl std::fmt::Debug for Keychain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keychain").field("this_run", &lock(&self.shared.this_run).len()).finish_non_exhaustive()
    }
}

/// Makes sure that no log line can hold these secrets from now on.
fn register(credentials: &Credentials) {
    logging::redact(&credentials.secret_access_key);
    if let Some(token) = &credentials.session_token {
        logging::redact(token);
    }
}

/// A poisoned lock only means that another thread panicked between two whole changes.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
