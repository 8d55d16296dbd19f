//! The system's own secret store: Secret Service on Linux, the keychain on macOS, the credential manager on Windows.
//!
//! The only place that knows the keyring crates. Their errors can carry the secret itself, so they are never
//! formatted with `Debug`, and with `Display` only where the variant is known to hold a system message.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use keyring::Error;
use keyring_core::Entry;
use keyring_core::api::CredentialStore;
use zeroize::Zeroizing;

use super::{KeychainError, SecretStore, lock};
use crate::model::Secret;
use crate::platform::APP_ID;

/// The store of the system. Records stand under the service name [`APP_ID`] and the connection's id as account,
/// so that nothing public, such as an access key id, is in their names.
///
/// The connection to the store is made at the first call. One that could not be made, or that broke, is made again
/// at the next: a keychain that was started later is found without a restart of the program.
#[derive(Default)]
pub struct SystemKeychain {
    store: Mutex<Option<Arc<CredentialStore>>>,
}

impl SystemKeychain {
    /// Touches nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Carries out `action` on the entry of `account`, once more on a new store if the old one has died.
    fn on_entry<T>(
        &self,
        account: &str,
        action: impl Fn(&Entry) -> Result<T, Error>,
    ) -> Result<Option<T>, KeychainError> {
        let (store, is_new) = self.store()?;
        let first = entry(&store, account).and_then(|entry| action(&entry));
        match first {
            // Could be the old connection's end, for example after the keychain's daemon was restarted.
            Err(Error::PlatformFailure(_)) if !is_new => {
                self.forget();
                let (store, _) = self.store()?;
                self.settle(entry(&store, account).and_then(|entry| action(&entry)))
            }
            other => self.settle(other),
        }
    }

    fn settle<T>(&self, result: Result<T, Error>) -> Result<Option<T>, KeychainError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => {
                if matches!(error, Error::PlatformFailure(_)) {
                    self.forget();
                }
                Err(classify(error))
            }
        }
    }

    /// The store, and whether it was opened just now.
    fn store(&self) -> Result<(Arc<CredentialStore>, bool), KeychainError> {
        let mut held = lock(&self.store);
        if let Some(store) = held.as_ref() {
            return Ok((Arc::clone(store), false));
        }
        let store = open_store().map_err(|error| KeychainError::Missing { detail: describe(&error) })?;
        *held = Some(Arc::clone(&store));
        Ok((store, true))
    }

    fn forget(&self) {
        *lock(&self.store) = None;
    }
}

impl SecretStore for SystemKeychain {
    fn write(&self, account: &str, record: &str) -> Result<(), KeychainError> {
        // Bytes, not a password: Windows would store a password as UTF-16 and so halve the room.
        match self.on_entry(account, |entry| entry.set_secret(record.as_bytes()))? {
            Some(()) => Ok(()),
            None => Err(KeychainError::Failed { detail: "the entry vanished while it was written".to_owned() }),
        }
    }

    fn read(&self, account: &str) -> Result<Option<Secret>, KeychainError> {
        let Some(bytes) = self.on_entry(account, |entry| entry.get_secret().map(Zeroizing::new))? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes)
            .map_err(|_secret| KeychainError::Unreadable { detail: "the record is not text".to_owned() })?;
        Ok(Some(Secret::new(text)))
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.on_entry(account, Entry::delete_credential).map(|_done_or_absent| ())
    }
}

/// What an error means for the user.
fn classify(error: Error) -> KeychainError {
    let detail = describe(&error);
    let is_record = matches!(error, Error::BadEncoding(_) | Error::BadDataFormat(..));
    wipe(error);
    if is_record {
        return KeychainError::Unreadable { detail };
    }
    match detail.as_str() {
        text if text.contains(NO_COLLECTION) => KeychainError::Missing { detail },
        text if text.starts_with(NO_ACCESS) => KeychainError::Locked { detail },
        text if text.starts_with(NO_STORE) => KeychainError::Missing { detail },
        text if SERVICE_GONE.iter().any(|sign| text.contains(sign)) => KeychainError::Missing { detail },
        _ => KeychainError::Failed { detail },
    }
}

const NO_ACCESS: &str = "no access: ";
const NO_STORE: &str = "no store";
/// The Secret Service runs, but there is no keyring in it and nobody to ask for a new one's password.
const NO_COLLECTION: &str = "result not returned";
/// Bus errors that say: nobody provides the service (any more).
const SERVICE_GONE: [&str; 3] = ["ServiceUnknown", "NameHasNoOwner", "Failed to connect to address"];

/// The error in words that hold no secret.
fn describe(error: &Error) -> String {
    match error {
        Error::PlatformFailure(source) => format!("system: {source}"),
        Error::NoStorageAccess(source) => format!("{NO_ACCESS}{source}"),
        Error::NoEntry => "no entry".to_owned(),
        // These two carry the record itself.
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "the record is damaged".to_owned(),
        Error::BadStoreFormat(what) => format!("the store is damaged: {what}"),
        Error::TooLong(what, limit) => format!("{what} is longer than {limit}"),
        Error::Invalid(what, why) => format!("{what} {why}"),
        Error::Ambiguous(_) => "several entries have this name".to_owned(),
        Error::NoDefaultStore => NO_STORE.to_owned(),
        Error::NotSupportedByStore(what) => format!("not supported: {what}"),
        _ => "of an unknown kind".to_owned(),
    }
}

/// Overwrites the record in an error that carries it.
fn wipe(error: Error) {
    if let Error::BadEncoding(bytes) | Error::BadDataFormat(bytes, _) = error {
        drop(Zeroizing::new(bytes));
    }
}

fn entry(store: &Arc<CredentialStore>, account: &str) -> Result<Entry, Error> {
    // Windows knows one flat name only: one that no other pair of service and account can give.
    // And its entries would roam with the user's profile unless told to stay.
    let target = format!("{APP_ID}/{account}");
    let modifiers: HashMap<&str, &str> = if cfg!(windows) {
        HashMap::from([("target", target.as_str()), ("persistence", "Local")])
    } else if cfg!(target_os = "linux") {
        HashMap::from([("label", "Bucketdrop")])
    } else {
        HashMap::new()
    };
    store.build(APP_ID, account, Some(&modifiers))
}

#[cfg(target_os = "linux")]
fn open_store() -> Result<Arc<CredentialStore>, Error> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn open_store() -> Result<Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn open_store() -> Result<Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn open_store() -> Result<Arc<CredentialStore>, Error> {
    Err(Error::NoDefaultStore)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_that_carry_the_record_are_told_without_it() {
        let error = Error::BadEncoding(b"wJalrXUtnFEMI".to_vec());
        let told = format!("{:?}", classify(error));
        assert!(!told.contains("wJalr") && !told.contains("119, 74"), "{told}");
        let error = Error::BadDataFormat(b"wJalr".to_vec(), "wJalr".into());
        assert!(!format!("{:?}", classify(error)).contains("wJalr"));
    }

    #[test]
    fn causes_are_told_apart() {
        let locked = classify(Error::NoStorageAccess("SS error: prompt dismissed".into()));
        assert!(matches!(locked, KeychainError::Locked { .. }), "{locked}");
        let none = classify(Error::NoStorageAccess("SS error: result not returned from SS API".into()));
        assert!(matches!(none, KeychainError::Missing { .. }), "{none}");
        let gone = classify(Error::PlatformFailure("org.freedesktop.DBus.Error.ServiceUnknown: gone".into()));
        assert!(matches!(gone, KeychainError::Missing { .. }), "{gone}");
        let other = classify(Error::PlatformFailure("disk on fire".into()));
        assert!(matches!(other, KeychainError::Failed { .. }), "{other}");
    }
}
