//! What goes over the socket: a length of four bytes, little endian, then that much JSON.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::LentStorage;
use crate::model::{Credentials, Endpoint, Region, Secret};

/// No message is longer: a hundred thousand long paths.
pub(super) const MAX_MESSAGE_BYTES: u32 = 64 * 1024 * 1024;

/// The byte that answers [`Answer::Ready`].
pub(super) const GO: u8 = 1;

/// From a later start to the first. Fields of later versions are ignored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub(super) enum Message {
    OpenFiles {
        /// The system's own bytes in base64, since not every name is Unicode.
        paths: Vec<String>,
    },
    Show,
    OpenConnection {
        /// As typed.
        name: String,
    },
    Upload {
        /// As in `OpenFiles`.
        paths: Vec<String>,
        /// The engine's words.
        job: String,
        /// How it fares is wanted: after the answer come texts in the engine's words, each in a frame, until all is
        /// told. Starts of earlier versions do not ask for it.
        #[serde(default)]
        follow: bool,
    },
    Resume {
        /// As in `Upload`, of every upload of the queue.
        #[serde(default)]
        follow: bool,
    },
    LendLocalStorage,
}

/// The first one's answer. No `Debug`: it may hold keys.
#[derive(Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub(super) enum Answer {
    Done,
    /// Something can be taken over. The asker says so by [`GO`] if it still wants that, and from then on does not do it
    /// itself; one that has given up has closed the connection.
    Ready,
    Lent(Lent),
    NothingToLend,
    NotUnderstood,
}

/// [`LentStorage`] on its way; wiped when dropped.
#[derive(Serialize, Deserialize, ZeroizeOnDrop)]
pub(super) struct Lent {
    endpoint: String,
    region: String,
    access_key_id: String,
    secret_access_key: String,
}

impl Lent {
    pub(super) fn new(storage: &LentStorage) -> Self {
        Self {
            endpoint: storage.endpoint.to_string(),
            region: storage.region.to_string(),
            access_key_id: storage.credentials.access_key_id.clone(),
            secret_access_key: storage.credentials.secret_access_key.expose().to_owned(),
        }
    }

    pub(super) fn to_storage(&self) -> Option<LentStorage> {
        Some(LentStorage {
            endpoint: Endpoint::parse(&self.endpoint).ok()?,
            region: Region::new(&self.region)?,
            credentials: Credentials {
                access_key_id: self.access_key_id.clone(),
                secret_access_key: Secret::new(self.secret_access_key.as_str()),
                session_token: None,
            },
        })
    }
}

/// A message with its length before it; wiped when dropped, since answers hold keys.
pub(super) fn framed(message: &impl Serialize) -> Option<Zeroizing<Vec<u8>>> {
    let mut frame = Zeroizing::new(Vec::with_capacity(1024));
    frame.extend([0; 4]);
    serde_json::to_writer(&mut *frame, message).ok()?;
    let length = u32::try_from(frame.len() - 4).ok().filter(|length| *length <= MAX_MESSAGE_BYTES)?;
    for (slot, byte) in frame.iter_mut().zip(length.to_le_bytes()) {
        *slot = byte;
    }
    Some(frame)
}

/// A path as text that loses nothing.
#[cfg(unix)]
pub fn path_to_text(path: &std::path::Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    STANDARD.encode(path.as_os_str().as_bytes())
}

/// The reverse; `None` for what no Bucketdrop sends.
#[cfg(unix)]
pub fn path_from_text(text: &str) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    Some(PathBuf::from(std::ffi::OsString::from_vec(STANDARD.decode(text).ok()?)))
}

/// A path as text that loses nothing, not even a lone surrogate.
#[cfg(windows)]
pub fn path_to_text(path: &std::path::Path) -> String {
    use std::os::windows::ffi::OsStrExt as _;
    let bytes: Vec<u8> = path.as_os_str().encode_wide().flat_map(u16::to_le_bytes).collect();
    STANDARD.encode(bytes)
}

/// The reverse; `None` for what no Bucketdrop sends.
#[cfg(windows)]
pub fn path_from_text(text: &str) -> Option<PathBuf> {
    use std::os::windows::ffi::OsStringExt as _;
    let bytes = STANDARD.decode(text).ok()?;
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    rest.is_empty().then(|| PathBuf::from(std::ffi::OsString::from_wide(&units)))
}
