//! One running window per user and home: a lock says who is first, a local socket takes what later starts bring. The
//! same for whoever serves the storage on this computer, which may be a command.
//!
//! Only the same user is listened to, and only files, "show yourself", "open this connection", "upload this", "go on"
//! and "lend me the embedded storage" are understood: nothing that takes anything away.

mod client;
mod protocol;
mod server;
#[cfg(test)]
mod tests;
mod transport;

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use client::{InstanceClient, News};
pub use protocol::{path_from_text, path_to_text};
pub use server::{InstanceServer, LendReply, TakenReply, Teller};

use super::{Home, PlatformError};
use crate::model::{Credentials, Endpoint, Region};

/// How long a second start waits for the first one.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// Who this process is among the Bucketdrops of its home.
#[derive(Debug)]
pub enum Instance {
    /// The first: it keeps the lock and listens.
    First(InstanceServer),
    /// Another one runs already.
    Second(InstanceClient),
}

/// What a later start asks of the first.
#[derive(Debug)]
pub enum Request {
    /// Upload these, as if they had been dropped onto the window.
    OpenFiles(Vec<PathBuf>),
    /// Come to the front.
    Show,
    /// Open the connection of this name.
    OpenConnection(String),
    /// Upload these there, without asking. Must be answered through [`TakenReply`]; dropped, it says no.
    Upload {
        /// What; absolute.
        paths: Vec<PathBuf>,
        /// Where to and how, in the engine's words; without secrets.
        job: String,
        /// Says that it was taken.
        reply: TakenReply,
    },
    /// Go on with the queue. Must be answered through [`TakenReply`]; dropped, it says no.
    Resume(TakenReply),
    /// Say where the embedded storage is and lend its keys. Must be answered through [`LendReply::send`].
    LendLocalStorage(LendReply),
}

/// The embedded storage of the first process. `Debug` shows no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LentStorage {
    /// Where it answers.
    pub endpoint: Endpoint,
    /// What requests are signed for.
    pub region: Region,
    /// Its keys.
    pub credentials: Credentials,
}

/// A lock, and the socket of whoever has it.
#[derive(Debug)]
struct Place {
    lock: PathBuf,
    socket: Option<PathBuf>,
}

impl Place {
    /// The window's.
    fn window(home: &Home) -> Self {
        Self { lock: home.instance_lock(), socket: home.socket_name() }
    }

    /// The one of whoever serves the storage on this computer: a window or a command.
    fn storage(home: &Home) -> Self {
        Self { lock: home.storage_lock(), socket: home.storage_socket_name() }
    }

    fn claim(self) -> Result<Instance, PlatformError> {
        match try_lock(&self.lock)? {
            Some(lock) => Ok(Instance::First(InstanceServer::bind(lock, self.socket)?)),
            None => Ok(Instance::Second(InstanceClient::new(self))),
        }
    }
}

impl Instance {
    /// Takes the lock, or finds who has it. Needs the folders of [`Home::ensure`]; blocks on the disk only.
    ///
    /// The lock and the socket go with the [`InstanceServer`], or with the process however it ends.
    pub fn claim(home: &Home) -> Result<Self, PlatformError> {
        Place::window(home).claim()
    }

    /// The same for the storage on this computer, which a window or a command may serve: the first one is to serve and
    /// lend it, a second one can borrow it.
    pub fn claim_storage(home: &Home) -> Result<Self, PlatformError> {
        Place::storage(home).claim()
    }

    /// Waits until nobody has the storage on this computer any more, for as long as that takes, and claims it.
    pub fn wait_for_storage(home: &Home) -> Result<InstanceServer, PlatformError> {
        let Place { lock, socket } = Place::storage(home);
        let file = open_lock(&lock)?;
        file.lock().map_err(|source| PlatformError::InstanceUnusable { path: lock, source })?;
        InstanceServer::bind(file, socket)
    }

    /// The running first one, if there is one, without becoming it.
    pub fn find_running(home: &Home) -> Result<Option<InstanceClient>, PlatformError> {
        let place = Place::window(home);
        if !place.lock.exists() {
            return Ok(None);
        }
        // The lock is let go at once; [`try_lock`] bears with that.
        Ok(try_lock(&place.lock)?.is_none().then(|| InstanceClient::new(place)))
    }
}

/// `None` if another process has it. Tries a few times, since [`Instance::find_running`] holds it for a moment.
fn try_lock(path: &Path) -> Result<Option<File>, PlatformError> {
    let file = open_lock(path)?;
    for attempt in 0..3_u8 {
        if attempt > 0 {
            std::thread::sleep(Duration::from_millis(10));
        }
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(source)) => {
                return Err(PlatformError::InstanceUnusable { path: path.to_owned(), source });
            }
        }
    }
    Ok(None)
}

fn open_lock(path: &Path) -> Result<File, PlatformError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map_err(|source| PlatformError::InstanceUnusable { path: path.to_owned(), source })
}
