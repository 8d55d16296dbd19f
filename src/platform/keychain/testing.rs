//! Stores that misbehave in the ways real ones do. They are part of the library, since the tests of the engine
//! and of the window need them too; nothing in the programs makes one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::{KeychainError, MemoryStore, SecretStore};
use crate::model::Secret;

/// Does everything right after a while, as a keychain with a prompt does.
pub struct SlowStore {
    inner: MemoryStore,
    delay: Duration,
    calls: AtomicUsize,
}

impl SlowStore {
    /// Each call takes this long.
    pub fn new(delay: Duration) -> Self {
        Self { inner: MemoryStore::default(), delay, calls: AtomicUsize::new(0) }
    }

    /// How many calls have begun.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn wait(&self) {
        self.calls.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(self.delay);
    }
}

impl SecretStore for SlowStore {
    fn write(&self, account: &str, record: &str) -> Result<(), KeychainError> {
        self.wait();
        self.inner.write(account, record)
    }

    fn read(&self, account: &str) -> Result<Option<Secret>, KeychainError> {
        self.wait();
        self.inner.read(account)
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.wait();
        self.inner.delete(account)
    }
}

/// Answers nothing until it is woken, then everything.
#[derive(Default)]
pub struct SilentStore {
    inner: MemoryStore,
    awake: Mutex<bool>,
    woken: Condvar,
}

impl SilentStore {
    /// Lets all calls through, those that wait and those to come.
    pub fn wake(&self) {
        *self.awake.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.woken.notify_all();
    }

    /// What reached the store.
    pub fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    fn wait(&self) {
        let awake = self.awake.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.woken.wait_while(awake, |awake| !*awake).unwrap_or_else(PoisonError::into_inner));
    }
}

impl SecretStore for SilentStore {
    fn write(&self, account: &str, record: &str) -> Result<(), KeychainError> {
        self.wait();
        self.inner.write(account, record)
    }

    fn read(&self, account: &str) -> Result<Option<Secret>, KeychainError> {
        self.wait();
        self.inner.read(account)
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.wait();
        self.inner.delete(account)
    }
}

/// Refuses everything with the same error.
pub struct FailingStore(pub KeychainError);

impl SecretStore for FailingStore {
    fn write(&self, _account: &str, _record: &str) -> Result<(), KeychainError> {
        Err(self.0.clone())
    }

    fn read(&self, _account: &str) -> Result<Option<Secret>, KeychainError> {
        Err(self.0.clone())
    }

    fn delete(&self, _account: &str) -> Result<(), KeychainError> {
        Err(self.0.clone())
    }
}

/// Says that it has written and has not, or has written something else.
#[derive(Clone, Copy, Debug)]
pub enum LyingStore {
    /// Keeps nothing.
    Forgets,
    /// Cuts records short.
    Truncates,
}

impl SecretStore for LyingStore {
    fn write(&self, _account: &str, _record: &str) -> Result<(), KeychainError> {
        Ok(())
    }

    fn read(&self, _account: &str) -> Result<Option<Secret>, KeychainError> {
        Ok(match self {
            Self::Forgets => None,
            Self::Truncates => Some(Secret::new("{\"access_key_id\":")),
        })
    }

    fn delete(&self, _account: &str) -> Result<(), KeychainError> {
        Ok(())
    }
}
