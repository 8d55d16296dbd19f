//! The engine: the actor that owns every upload, listing and open connection, and answers with plain data.
//!
//! # Threads
//!
//! | name | what |
//! |---|---|
//! | `engine-N` | its own tokio runtime: the actor, listings, downloads, the embedded storage; scans and other blocking work on the runtime's blocking threads |
//! | `upload-N` | a current-thread runtime each, with clients and connections of their own: whole small files and parts of large ones |
//! | `journal` | every line of the uploads' journal |
//! | `links` | the history of links that were handed out; only once there is one |
//! | `keychain` | every call to the system's secret store |
//! | `storage-heir` | waits for the end of another process that serves the storage on this computer for this one |
//! | `share` | questions to one network share, a few threads for each that is uploaded from, never for longer than there is something to ask |
//! | `clipboard` | only while copied files or a copied image are read |
//!
//! Nothing is global, and nobody asks for "the current runtime". Idle, no thread wakes up: there is no timer unless
//! bytes move.
//!
//! # Ending
//!
//! [`Command::Shutdown`](crate::model::Command::Shutdown) stops owners, lets an upload that is just being completed
//! through, closes the embedded storage and the journal and sends `ShutdownComplete`, all within about three seconds.
//! Nothing is aborted: the queue and what was sent of it stay, and the next start goes on with them. A process that is
//! killed instead loses nothing either: every step was in the journal before it was taken.

mod actor;
mod ahead;
mod away;
mod aws_profiles;
mod batches;
mod book;
mod browse;
mod checking;
mod clock;
mod commands;
mod connection_use;
mod connections;
mod counting;
mod decisions;
mod deletion;
mod download;
mod draft;
mod far;
mod following;
mod handed;
mod handle;
mod health;
mod holding;
mod journal;
mod keeping;
mod key_file;
mod known;
mod late_journal;
mod lessons;
mod link_commands;
mod link_history;
mod local;
mod lookup;
mod measuring;
mod missing_buckets;
mod names;
mod objects;
mod orphans;
mod pace;
mod pasted;
mod plan;
mod plans;
mod progress;
mod queue;
mod reading;
mod receipts;
mod recovery;
mod rows;
mod scan;
mod scanning;
mod sessions;
mod sharing;
mod sharing_commands;
mod shutdown;
mod sink;
mod source;
mod stake;
mod standing;
mod start;
mod telling;
mod tools;
mod transfers;
mod unsaved;
mod upload;
mod when_done;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use clock::{Clock, SystemClock};
pub use following::{Followed, FollowedQueue, followed, followed_queue};
pub use handed::{HandedUpload, handed_text};
pub use handle::EngineHandle;
pub use journal::JournalObserver;
pub use receipts::check_receipt_target;
pub use start::Engine;

pub use crate::s3::NearAnswers;

use crate::platform::{Awake, Home, InstanceServer, Mounts, PlatformError, SecretStore};

/// How much a front end wants to hear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reporting {
    /// Counts and the rows it asks for.
    #[default]
    Counts,
    /// Also how each single transfer ended: for the command line.
    EachTransfer,
}

/// What an engine is started with.
pub struct EngineConfig {
    /// Folders and the settings file; the folders are made if missing.
    pub home: Home,
    /// Where secrets are kept.
    pub secret_store: Arc<dyn SecretStore>,
    /// How much the front end wants to hear.
    pub reporting: Reporting,
    /// Present if this process is the one that later starts talk to.
    pub instance: Option<InstanceServer>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Whether uploads outlive the process.
    pub journal: JournalUse,
}

/// Whether the engine keeps a journal of its uploads. Processes at the same time each have a file of their own, and
/// whoever starts later takes over what is left.
#[derive(Clone, Default)]
pub enum JournalUse {
    /// Yes: whatever happens to the process, the next start goes on.
    #[default]
    Keep,
    /// Yes, but what an earlier run has left waits for [`Command::ResumeQueue`](crate::model::Command::ResumeQueue),
    /// whatever the setting says: for a command that was started for something else.
    KeepWaiting,
    /// No: uploads end with the process. For commands that upload nothing.
    None,
    /// Yes, watched by a test.
    Tested(JournalTest),
}

/// What a test does to the journal.
#[derive(Clone, Default)]
pub struct JournalTest {
    /// Hears of every commit.
    pub observer: Option<Arc<dyn JournalObserver>>,
    /// SQLite's name of another file system layer.
    pub vfs: Option<String>,
    /// Between two tries on a disk that refuses.
    pub retry_after: Option<Duration>,
}

impl std::fmt::Debug for EngineConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineConfig")
            .field("home", &self.home)
            .field("reporting", &self.reporting)
            .finish_non_exhaustive()
    }
}

/// What can be set for tests and measurements; the defaults are for people.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// Threads that upload; 0 takes one for each core, at least 2 and at most 4.
    pub upload_threads: usize,
    /// Bytes of file contents in memory at a time.
    pub buffer_bytes: usize,
    /// The first wait after a fault that may pass; each further one is twice as long.
    pub first_retry_wait: Duration,
    /// A file that does not work while the server works for others is not given up sooner. What is the line's or the
    /// server's fault never fails a file.
    pub give_up_after: Duration,
    /// How long the keychain may take.
    pub keychain_limit: Duration,
    /// A file that was changed while it was uploaded is tried again once it has not changed for so long.
    pub source_quiet_for: Duration,
    /// Lets the machine sleep, when the user wants that at the end of the queue. Called where waiting is allowed.
    pub suspend: fn() -> Result<(), PlatformError>,
    /// Keeps the machine awake until it is dropped.
    pub keep_awake: fn() -> Awake,
    /// What an answer from this computer or a private network proves about a link.
    pub near_answers: NearAnswers,
    /// How long a link is asked for.
    pub link_limit: Duration,
    /// Of a front end that hears of each transfer: with so many events that it has not taken no transfer is begun and no
    /// file found until it takes them. What was begun goes on, and nothing that was to be told is dropped.
    pub most_unread_events: usize,
    /// Tells which files are on shares.
    pub mounts: fn() -> Mounts,
    /// Called with the share's folder, on a thread of that share, before each question to it: a test may let it hang.
    pub before_share: fn(&Path),
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            upload_threads: 0,
            buffer_bytes: 160 * 1024 * 1024,
            first_retry_wait: Duration::from_millis(500),
            give_up_after: Duration::from_mins(2),
            keychain_limit: crate::platform::SILENT_AFTER,
            source_quiet_for: Duration::from_secs(5),
            suspend: crate::platform::suspend,
            keep_awake: Awake::keep,
            near_answers: NearAnswers::OnlyHere,
            link_limit: Duration::from_secs(5),
            most_unread_events: 4096,
            mounts: Mounts::read,
            before_share: |_root| {},
        }
    }
}

/// Why an engine cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The system gives no thread or no event queue.
    #[error("the engine cannot start its threads")]
    Threads(#[source] std::io::Error),
    /// The program's folders cannot be used.
    #[error("the program's folders cannot be used")]
    Home(#[source] crate::platform::PlatformError),
}
