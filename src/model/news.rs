//! What events carry, beside the things they are about.

use std::path::PathBuf;

use super::{BatchId, Connection, Credentials, Endpoint, Failure, Location, ObjectRef, Region, Settings};

/// Where this run keeps secrets, and whether it works.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KeychainState {
    /// Not asked yet.
    #[default]
    Unknown,
    /// The system keychain answers.
    Ready,
    /// It does not; secrets live in memory for this run.
    Unavailable(Failure),
}

/// What is known when the engine has started.
#[derive(Clone, Debug)]
pub struct EngineSnapshot {
    /// Saved connections, in the user's order.
    pub connections: Vec<Connection>,
    /// Settings.
    pub settings: Settings,
    /// What could not be read of the settings file, in words for a log and a notice.
    pub warnings: Vec<String>,
    /// The settings file.
    pub settings_path: PathBuf,
    /// The log file's folder.
    pub log_folder: PathBuf,
}

/// Who serves the embedded storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServedBy {
    /// This process.
    Us,
    /// Another Bucketdrop that runs already.
    Another,
}

/// How the embedded storage is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalAccess {
    /// Where it answers.
    pub endpoint: Endpoint,
    /// What requests are signed for.
    pub region: Region,
    /// Its keys; `Debug` shows no secret.
    pub credentials: Credentials,
    /// Who serves it.
    pub served_by: ServedBy,
}

/// One presigned link.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedLink {
    /// Of which object.
    pub object: ObjectRef,
    /// The address, with its signature: never logged.
    pub url: String,
    /// When it stops working: the earlier of what was asked and the end of the keys.
    pub expires: jiff::Timestamp,
    /// Whether that end of the keys was known.
    pub keys_end: KeysEnd,
}

/// What is known of the end of the keys that signed a link, with which it ends as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeysEnd {
    /// They do not end by themselves, or say when they do.
    #[default]
    Counted,
    /// They are temporary, and nobody says until when: the link may stop working any time before its own end.
    Unknown,
}

impl SignedLink {
    /// How long the address works from its signing on, in seconds, as it says itself. Less than what was asked for
    /// means that the keys end earlier.
    pub fn life_secs(&self) -> Option<u64> {
        let (_, query) = self.url.split_once('?')?;
        query.split('&').find_map(|part| part.strip_prefix("X-Amz-Expires=")?.parse().ok())
    }
}

impl std::fmt::Debug for SignedLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedLink")
            .field("object", &self.object)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// How far a batch of an earlier run was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchStood {
    /// Its folders were not walked to their end: there may be files that nobody knows of.
    Filling,
    /// All its files are known.
    Filled,
    /// Its end was told.
    Told,
}

/// A batch of an earlier run of which something is left to be done, tried again or told.
#[derive(Clone, Debug)]
pub struct UnfinishedBatch {
    /// Which.
    pub batch: BatchId,
    /// Where it goes.
    pub to: Location,
    /// Through what; `None` if that was deleted meanwhile.
    pub connection: Option<Connection>,
    /// How far it was.
    pub stood: BatchStood,
    /// Files that wait.
    pub open: u64,
    /// Files that have failed; [`super::TransferAction::Retry`] tries them again, with what the server has of them.
    pub failed: u64,
    /// Files that are stored, without anybody having been told.
    pub untold: u64,
}

impl UnfinishedBatch {
    /// Whether anything of it goes on by itself.
    pub fn goes_on(&self) -> bool {
        self.open > 0 || self.stood == BatchStood::Filling
    }
}

/// Whether a scan is through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanProgress {
    /// More may come.
    Scanning,
    /// Everything was seen.
    Complete,
}
