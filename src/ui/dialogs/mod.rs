//! Dialogs: which can be shown, and the stack they stand in.
//!
//! `App` owns one [`Dialogs`]. Every engine event goes through [`Dialogs::apply`] after the model took it, so that
//! conflicts and name questions open by themselves and answers reach the dialog that asked. [`dialogs_ui`] is called
//! once a frame, after the panels. What dialogs want done goes into `Actions`; `Action::CloseDialog` closes the top one.
//! A dialog never waits, reads no file, and keeps no secret longer than it is open.

mod about;
mod bucket_create;
mod bucket_delete;
mod card;
mod conflict;
mod connection_delete;
mod diagnose;
mod error_details;
mod folder_create;
pub(crate) mod form;
mod history;
mod invite;
mod life;
mod link;
mod make_public;
mod names;
mod objects_delete;
mod palette;
mod path_entry;
mod place;
mod qr_code;
mod questions;
mod quit;
mod receipt_check;
mod receipts;
mod skipped;
mod sleep;
mod stack;
pub(crate) mod stake;
mod toast_place;
pub mod toasts;
mod transfers_end;
mod unfinished;
mod upload_public;
pub(crate) mod view;

use std::path::PathBuf;

use crate::model::{
    BatchId, BucketName, ConnectionDraft, ConnectionId, Failure, Gathered, Location, ObjectRef, OpenWhat, Place,
    Target, TransferId, UnfinishedUpload,
};

pub(crate) use life::PRESETS as LINK_LIVES;
pub use path_entry::PathWanted;
pub use stack::{Dialogs, dialogs_ui};

/// Which transfers a question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// All of them.
    All,
    /// One.
    One {
        /// Which.
        transfer: TransferId,
        /// As its row calls it.
        name: String,
    },
}

/// A dialog to show, with what it is about.
#[derive(Clone, Debug)]
pub enum Dialog {
    /// The connection editor, empty or filled in beforehand.
    NewConnection(Box<ConnectionDraft>),
    /// The connection editor on a saved connection.
    EditConnection(ConnectionId),
    /// The connection editor on a saved connection, where own domains are set.
    EditDomains(ConnectionId),
    /// The connection editor at its profile page; only here profiles of `~/.aws` are read.
    AwsProfiles,
    /// Ask before a connection and its secret are deleted.
    DeleteConnection(ConnectionId),
    /// Name and region of a new bucket of the open connection.
    CreateBucket,
    /// Ask before an empty bucket is deleted.
    DeleteBucket(BucketName),
    /// The unfinished multipart uploads of a bucket.
    Unfinished {
        /// Through which connection.
        connection: ConnectionId,
        /// Of which bucket.
        bucket: BucketName,
    },
    /// Ask before an unfinished multipart upload is aborted.
    AbortUpload {
        /// Through which connection.
        connection: ConnectionId,
        /// In which bucket.
        bucket: BucketName,
        /// Which.
        upload: Box<UnfinishedUpload>,
    },
    /// What a service does with wrong writes: asks before it writes below this folder.
    Diagnose(Location),
    /// The batches that a receipt can be made of.
    Receipts,
    /// A receipt's file, to be held against the bucket.
    CheckReceipt(PathBuf),
    /// Name of a new folder in this one.
    CreateFolder(Location),
    /// Count, ask, then delete with progress.
    DeleteObjects {
        /// The folder the targets are in.
        at: Location,
        /// What.
        targets: Vec<Target>,
    },
    /// A link that works for a while without sign-in: for how long, then copy.
    SignedLink(Vec<ObjectRef>),
    /// Work out what opening something for anyone would change, ask, then do it.
    MakePublic {
        /// Through which connection.
        connection: ConnectionId,
        /// In which bucket.
        bucket: BucketName,
        /// What.
        what: OpenWhat,
    },
    /// An address at which someone else can upload one file into this folder.
    InviteUpload(Location),
    /// The link of one object as a QR code.
    QrCode(ObjectRef),
    /// Links that were given out, and what was opened for anyone.
    LinkHistory,
    /// Count files, ask, then upload them so that anyone can read them.
    UploadPublic {
        /// Files and folders.
        paths: Vec<PathBuf>,
        /// How they were pointed at.
        gathered: Gathered,
        /// Where they go.
        to: Location,
    },
    /// Name of a new bookmark of this folder.
    AddPlace(Location),
    /// Another name for a bookmark.
    RenamePlace(Place),
    /// A path, typed, where the system has no file chooser.
    EnterPath(PathWanted),
    /// What a batch left out and why; `None` for the latest batch.
    Skipped(Option<BatchId>),
    /// Everything known of a failure, for copying.
    ErrorDetails(Box<Failure>),
    /// Settings.
    Settings,
    /// Every command, by typing.
    Palette,
    /// Program, version, licences.
    About,
    /// The machine goes to sleep soon, since all transfers are done; closing it keeps the machine awake.
    SleepsSoon,
    /// The program leaves soon, since all transfers are done; closing it stays.
    QuitsSoon,
    /// Ask before transfers that have not ended are cancelled.
    CancelTransfers(Whose),
    /// Ask before failed transfers are taken off the list.
    RemoveFailed(Whose),
    /// Transfers are under way: leave all the same? Answers with `Action::QuitNow`.
    Quit,
}
