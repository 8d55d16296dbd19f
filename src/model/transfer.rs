//! Uploads and downloads: what is asked for, how far it is, how it ended.

use std::path::PathBuf;
use std::time::Duration;

use super::{
    BatchId, ConnectionId, Failure, KeyProblem, Location, ObjectKey, ObjectRef, QueueHold, TransferId, UploadAccess,
};

/// What to do when the key, or the local file of a download, is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ConflictPolicy {
    /// Ask the user, once per batch if they like.
    #[default]
    Ask,
    /// Leave the old object, drop this one.
    Skip,
    /// Replace the old object.
    Overwrite,
    /// Upload as `name (2).ext`.
    Rename,
    /// Replace only when the source was changed later than the object.
    OverwriteIfNewer,
}

impl ConflictPolicy {
    /// Every choice, in the order menus show them.
    pub const ALL: [Self; 5] = [Self::Ask, Self::Skip, Self::Overwrite, Self::Rename, Self::OverwriteIfNewer];

    /// Stable name in the settings file and on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Skip => "skip",
            Self::Overwrite => "overwrite",
            Self::Rename => "rename",
            Self::OverwriteIfNewer => "newer",
        }
    }

    /// The reverse of [`ConflictPolicy::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.code() == code)
    }
}

/// Options of one batch of uploads. `None` leaves the choice to the engine or the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutOptions {
    /// When the key exists.
    pub on_conflict: ConflictPolicy,
    /// MIME type; by extension when `None`.
    pub content_type: Option<String>,
    /// `Cache-Control` header.
    pub cache_control: Option<String>,
    /// User metadata, name and value.
    pub metadata: Vec<(String, String)>,
    /// Object tags, name and value.
    pub tags: Vec<(String, String)>,
    /// Storage class as S3 spells it.
    pub storage_class: Option<String>,
    /// Canned ACL; no ACL header is sent when `None`, since most buckets refuse one.
    pub acl: Option<String>,
    /// Server-side encryption: `AES256`, `aws:kms` or `aws:kms:KEY`.
    pub encryption: Option<String>,
    /// Glob patterns of relative paths to leave out of dropped folders.
    pub exclude: Vec<String>,
    /// How the files and folders were pointed at.
    pub gathered: Gathered,
    /// Whether anyone is to be able to read them.
    pub access: UploadAccess,
    /// How sure it has to be that what was stored is what was read; as the settings say when `None`.
    pub verify: Option<VerifyWish>,
}

/// How the files and folders of an upload were pointed at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Gathered {
    /// By one sweep, as several things are dropped or pasted: perhaps with files that their owner never sees.
    #[default]
    Together,
    /// Each by its name: on a command line, in a file chooser. Every one of them is wanted.
    ByName,
}

impl Gathered {
    /// Stable name, as it is written down.
    pub fn code(self) -> &'static str {
        match self {
            Self::Together => "together",
            Self::ByName => "by-name",
        }
    }

    /// The reverse of [`Gathered::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Together, Self::ByName].into_iter().find(|gathered| gathered.code() == code)
    }
}

/// How the stored object is held against what was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum VerifyWish {
    /// The cheapest way that is proof: the server's answer, a HEAD where that says too little.
    #[default]
    Proof,
    /// Every object is fetched again and hashed.
    ReadBack,
}

impl VerifyWish {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::Proof, Self::ReadBack];

    /// Stable name in the settings file and on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Proof => "proof",
            Self::ReadBack => "read-back",
        }
    }

    /// The reverse of [`VerifyWish::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wish| wish.code() == code)
    }
}

/// Which way the bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransferKind {
    /// From this computer to S3.
    Upload,
    /// From S3 to this computer.
    Download,
}

/// How sure it is that the stored object equals what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verified {
    /// The server's own answer proves it: it verified our checksum, or computed the MD5 of our bytes.
    Accepted,
    /// A HEAD after the upload proves it.
    Confirmed,
    /// The object was fetched again, and is what was read.
    ReadBack,
    /// Nothing that the server tells proves it.
    Unverified,
}

impl Verified {
    /// Every level.
    pub const ALL: [Self; 4] = [Self::Accepted, Self::Confirmed, Self::ReadBack, Self::Unverified];

    /// The reverse of [`Verified::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }

    /// Stable name for `--json`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Confirmed => "confirmed",
            Self::ReadBack => "read-back",
            Self::Unverified => "unverified",
        }
    }
}

/// Why an item was left out on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SkipReason {
    /// `.DS_Store`, `Thumbs.db` and their like, by the visible rule.
    SystemFile,
    /// Matches an exclude pattern.
    Excluded,
    /// A symbolic link in a folder; only one that was named itself is followed.
    SymbolicLink,
    /// A pipe, socket or device.
    SpecialFile,
    /// It, or the folder, may not be read; holds the system's words.
    Unreadable(String),
    /// It is gone since it was dropped.
    Missing,
    /// A symbolic link that leads to nothing.
    DeadLink,
    /// A folder with nothing in it: only files become objects.
    EmptyFolder,
    /// An object or file of that name exists, and the rule says skip.
    Exists,
    /// The object is as new as the file, and the rule says only newer ones.
    NotNewer,
    /// The user left it out when asked about its name.
    NameDeclined,
    /// Two items of the batch would become the same key.
    SameKey(ObjectKey),
    /// It came after the user was asked about the others.
    CameLater,
}

/// Something a batch left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedItem {
    /// The local path.
    pub path: PathBuf,
    /// The reason.
    pub reason: SkipReason,
}

/// A dropped file whose name cannot become a key as it is; the user decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameQuestion {
    /// The local path.
    pub path: PathBuf,
    /// The key it would get, which it cannot have; not to be shown before it is made safe for that.
    pub key: String,
    /// What is wrong with that key.
    pub problem: KeyProblem,
    /// A key that would work, for the user to accept or change.
    pub suggestion: String,
}

/// A file that would be uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFile {
    /// The local path.
    pub path: PathBuf,
    /// The key it would get.
    pub key: ObjectKey,
    /// Its size.
    pub bytes: u64,
}

/// The user's answer to a [`NameQuestion`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameAnswer {
    /// Upload under this key.
    UseKey(ObjectKey),
    /// Leave the file out.
    Skip,
}

/// A key that is taken, and what is known of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Whose question this is.
    pub transfer: TransferId,
    /// Part of which batch.
    pub batch: BatchId,
    /// The key that exists, or the local file of a download.
    pub object: ObjectRef,
    /// Size of what exists.
    pub existing_bytes: Option<u64>,
    /// Last change of what exists.
    pub existing_modified: Option<jiff::Timestamp>,
    /// Size of what would replace it.
    pub new_bytes: u64,
    /// Last change of what would replace it.
    pub new_modified: Option<jiff::Timestamp>,
    /// How many more transfers of the batch are still to come.
    pub rest_of_batch: u64,
}

/// Where a transfer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferState {
    /// Waits for its turn.
    Queued,
    /// Looks whether the key exists, reads the source's facts.
    Checking,
    /// Waits for the user to decide on a conflict.
    NeedsDecision,
    /// Bytes move.
    Active,
    /// All bytes are sent; the server puts the parts together.
    Finishing,
    /// Held by the user.
    Paused,
    /// Stored, as sure as [`Verified`] says.
    Done(Verified),
    /// Left out by a rule or by the user.
    Skipped(SkipReason),
    /// Stopped by the user; nothing of it is left on the server.
    Cancelled,
    /// Did not work.
    Failed(Failure),
}

impl TransferState {
    /// Whether nothing more will happen by itself.
    pub fn has_ended(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Skipped(_) | Self::Cancelled | Self::Failed(_))
    }

    /// The tab of the transfers drawer it stands under.
    pub fn tab(&self) -> TransferTab {
        match self {
            Self::Done(_) | Self::Skipped(_) | Self::Cancelled => TransferTab::Done,
            Self::Failed(_) => TransferTab::Failed,
            _ => TransferTab::Active,
        }
    }
}

/// The tabs of the transfers drawer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TransferTab {
    /// Waiting, moving, paused, asking.
    #[default]
    Active,
    /// Done, skipped, cancelled.
    Done,
    /// Failed.
    Failed,
}

/// One row of the transfers drawer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferRow {
    /// Which batch it is of.
    pub batch: super::BatchId,
    /// Which transfer.
    pub id: TransferId,
    /// Which way.
    pub kind: TransferKind,
    /// Local path: source of an upload, target of a download.
    pub path: PathBuf,
    /// The object's side.
    pub object: ObjectRef,
    /// Where it is.
    pub state: TransferState,
    /// Bytes that really were sent or received.
    pub done_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
    /// Bytes a second, over the last seconds; 0 when nothing moves.
    pub rate_bytes_per_sec: u64,
}

/// How many transfers stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransferCounts {
    /// Waiting, moving, paused, asking.
    pub active: u64,
    /// Of the active ones: held by the user.
    pub paused: u64,
    /// Of the active ones: bytes moving right now.
    pub moving: u64,
    /// Stored uploads and finished downloads, skipped and cancelled ones.
    pub done: u64,
    /// Failed.
    pub failed: u64,
}

impl TransferCounts {
    /// The count of one tab.
    pub fn of(&self, tab: TransferTab) -> u64 {
        match tab {
            TransferTab::Active => self.active,
            TransferTab::Done => self.done,
            TransferTab::Failed => self.failed,
        }
    }
}

/// What the transfers drawer shows: counts of everything, rows only of what is visible.
/// The engine owns the queue; this is a picture of it, at most ten a second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransfersView {
    /// The tab that `rows` belong to.
    pub tab: TransferTab,
    /// Index of the first of `rows` within the tab.
    pub first_index: usize,
    /// The rows asked for.
    pub rows: Vec<TransferRow>,
    /// Of the whole queue.
    pub counts: TransferCounts,
    /// Bytes a second of all moving transfers.
    pub rate_bytes_per_sec: u64,
    /// Time to the end of what is queued, once it can be told.
    pub remaining: Option<Duration>,
    /// Rates of the last minute, oldest first, for the speed line.
    pub rate_history: Vec<u64>,
    /// Uploaded objects of the Done tab whose links can be copied.
    pub linkable: u64,
    /// Why transfers that could run do not; empty while they may.
    pub holds: Vec<QueueHold>,
}

/// Rows the drawer wants to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowsWanted {
    /// Which tab.
    pub tab: TransferTab,
    /// Index of the first row.
    pub first_index: usize,
    /// How many.
    pub count: usize,
}

/// Which transfers an action is meant for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// One.
    One(TransferId),
    /// All of a batch.
    Batch(BatchId),
    /// All that go through a connection.
    Connection(ConnectionId),
    /// All.
    All,
}

/// What a user can do to transfers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferAction {
    /// Hold; what was sent of finished parts is kept.
    Pause,
    /// Go on.
    Resume,
    /// Stop and clean up on the server.
    Cancel,
    /// Try a failed one again.
    Retry,
    /// Drop ended ones from the list; failed ones stay, since they can be tried again.
    Forget,
    /// Drop failed ones from the list, with what was sent of them. The user has agreed to that.
    ForgetFailed,
    /// Run before everything that waits: "now". A paused one goes on.
    First,
    /// One that waits: one step nearer to its turn.
    Sooner,
    /// One that waits: one step further from its turn.
    Later,
    /// One that waits: behind everything that waits.
    Last,
}

/// What somebody is about to drop, without what an upload leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DropSize {
    /// Files, also those in folders.
    pub files: u64,
    /// Folders among what is dropped itself.
    pub folders: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// Whether that is all.
    pub extent: DropExtent,
}

/// How much of what is about to be dropped was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DropExtent {
    /// All of it.
    #[default]
    All,
    /// A part: there are too many, a disk is slow, or a share does not answer.
    Part,
}

/// A drag over the window that the desktop does not hand over as a drop. Where it carries nothing at all, the program that
/// drags did not say what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnreadDrag {
    /// Files and folders of this computer, in the drag's order.
    pub files: Vec<PathBuf>,
    /// How many other things there are: addresses of the web, files on a phone.
    pub elsewhere: usize,
}

/// A drag over the window, as its own list tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeenDrag {
    /// The window toolkit does not take it over.
    Unread(UnreadDrag),
    /// The toolkit hands it over. Where it names any file otherwise than the drag does, all of them in the drag's order;
    /// else none.
    Renamed(Vec<DraggedName>),
}

/// What one thing that is dragged is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraggedName {
    /// By the window toolkit, which follows symbolic links.
    pub told: PathBuf,
    /// By the program that drags it.
    pub dragged: PathBuf,
}

/// What a scan found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchCounts {
    /// Files to upload.
    pub files: u64,
    /// Their bytes.
    pub total_bytes: u64,
    /// Left out.
    pub skipped: u64,
}

/// How a batch ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchSummary {
    /// Where it went.
    pub to: Location,
    /// Which way.
    pub kind: TransferKind,
    /// Stored.
    pub done: u64,
    /// Left out by rule or by the user.
    pub skipped: u64,
    /// Stopped by the user.
    pub cancelled: u64,
    /// Failed.
    pub failed: u64,
    /// Bytes stored.
    pub done_bytes: u64,
    /// From first to last.
    pub elapsed: Duration,
    /// The stored objects, in queue order; links are made from these. Empty if there are more than 50,000: then the
    /// front end asks for what it needs.
    pub objects: Vec<ObjectRef>,
    /// The first failure, to be shown.
    pub first_failure: Option<Failure>,
}

/// How one transfer ended; sent only to front ends that asked for each (the command line).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferReport {
    /// Which transfer.
    pub id: TransferId,
    /// Which batch.
    pub batch: BatchId,
    /// Which way.
    pub kind: TransferKind,
    /// Local path.
    pub path: PathBuf,
    /// The object's side.
    pub object: ObjectRef,
    /// Done, Skipped, Cancelled or Failed.
    pub state: TransferState,
    /// Size.
    pub bytes: u64,
    /// Entity tag of the stored object.
    pub etag: Option<String>,
    /// Version of the stored object.
    pub version_id: Option<String>,
    /// `CRC64NVME:base64`, as computed from the bytes that were sent.
    pub checksum: Option<String>,
}
