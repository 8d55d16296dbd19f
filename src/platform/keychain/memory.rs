//! A store that forgets: for tests, and where no keychain is wanted.

use std::collections::HashMap;
use std::sync::Mutex;

use super::{KeychainError, SecretStore, lock};
use crate::model::Secret;

/// Keeps records in memory, wiped when dropped.
#[derive(Default)]
pub struct MemoryStore {
    records: Mutex<HashMap<String, Secret>>,
}

impl MemoryStore {
    /// How many records there are.
    pub fn len(&self) -> usize {
        lock(&self.records).len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl SecretStore for MemoryStore {
    fn write(&self, account: &str, record: &str) -> Result<(), KeychainError> {
        lock(&self.records).insert(account.to_owned(), Secret::new(record));
        Ok(())
    }

    fn read(&self, account: &str) -> Result<Option<Secret>, KeychainError> {
        Ok(lock(&self.records).get(account).cloned())
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        lock(&self.records).remove(account);
        Ok(())
    }
}
