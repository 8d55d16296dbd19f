//! What a front end can ask of the engine.

use std::path::PathBuf;

use super::{
    BatchId, BucketName, CheckExtent, ConflictPolicy, Connection, ConnectionDraft, ConnectionId, Credentials,
    GivenLink, Location, NameAnswer, ObjectKey, ObjectRef, OpenTransfers, OpenWhat, PageToken, PutOptions, QueueSwitch,
    ReceiptFormat, ReceiptOver, Region, RequestId, RowsWanted, Secret, SecretPlace, Selection, Settings, SharingId,
    SharingPlan, SignedLink, Target, TransferAction, TransferId, UnfinishedUpload, UploadInvitation, VerifyWish,
    WhenDone,
};

/// What follows a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterDownload {
    /// Nothing.
    Keep,
    /// Open it with the system's program for its type.
    Open,
}

/// How the engine leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShutdownMode {
    /// Stop at once. Everything unfinished stays in the queue and, what was sent of it, on its server; the next start
    /// goes on with it.
    Now,
}

/// A request to the engine. Answers come as [`super::Event`]s and carry the same [`RequestId`].
#[derive(Clone, Debug)]
pub enum Command {
    /// Check, store and keep a connection; answered by `ConnectionSaved`.
    SaveConnection {
        /// Ties the answer.
        request: RequestId,
        /// What was typed.
        draft: Box<ConnectionDraft>,
        /// Where its secret goes.
        place: SecretPlace,
        /// What becomes of its transfers if its requests go to another place from then on.
        open: OpenTransfers,
    },
    /// Try a draft without saving it; answered by `ConnectionTested`.
    TestConnection {
        /// Ties the answer.
        request: RequestId,
        /// What was typed.
        draft: Box<ConnectionDraft>,
    },
    /// Forget a connection and its secret; answered by `ConnectionDeleted`.
    DeleteConnection {
        /// Ties the answer.
        request: RequestId,
        /// Which.
        id: ConnectionId,
        /// What becomes of its transfers.
        open: OpenTransfers,
    },
    /// Copy a connection with its secret under a new id; answered by `ConnectionSaved`.
    DuplicateConnection {
        /// Ties the answer.
        request: RequestId,
        /// Which.
        id: ConnectionId,
        /// The copy's name.
        name: String,
    },
    /// Get the keys and list the buckets; answered by `ConnectionOpened`, then `BucketsListed`.
    OpenConnection {
        /// Ties the answers.
        request: RequestId,
        /// Which.
        id: ConnectionId,
    },
    /// Use a connection that is not saved, for this run only: the command line's options, or storage that a running
    /// window lends. Answered as `OpenConnection`; its id must be no saved one's.
    UseConnection {
        /// Ties the answers.
        request: RequestId,
        /// The connection.
        connection: Box<Connection>,
        /// Its keys, for [`super::CredentialSource::ThisRunOnly`].
        credentials: Option<Box<Credentials>>,
    },
    /// Start the embedded storage and open its connection; answered as `OpenConnection`.
    OpenLocalStorage {
        /// Ties the answers.
        request: RequestId,
    },
    /// Start the embedded storage and give out its address and keys, because someone asked to see them; answered by
    /// `LocalStorageLent`.
    LendLocalStorage {
        /// Ties the answer.
        request: RequestId,
        /// On this port; the one of last time, or a free one, without.
        port: Option<u16>,
    },
    /// Read the profile names of `~/.aws`; only ever sent on the user's demand. Answered by `AwsProfilesListed`.
    ListAwsProfiles {
        /// Ties the answer.
        request: RequestId,
    },
    /// List the buckets again; answered by `BucketsListed`.
    ListBuckets {
        /// Ties the answer.
        request: RequestId,
        /// Of which connection.
        connection: ConnectionId,
    },
    /// One page of a folder; answered by `ObjectsListed`.
    ListObjects {
        /// Ties the answer.
        request: RequestId,
        /// Which folder.
        at: Location,
        /// `None` for the first page.
        after: Option<PageToken>,
    },
    /// One page of everything below a folder, not grouped by folders; answered by `ObjectsListed`.
    ListObjectsBelow {
        /// Ties the answer.
        request: RequestId,
        /// Which folder.
        at: Location,
        /// `None` for the first page.
        after: Option<PageToken>,
    },
    /// The rows that new objects have in a folder that is shown already; answered by `RowsFound`.
    FindRows {
        /// Ties the answer.
        request: RequestId,
        /// The folder.
        at: Location,
        /// The objects, at any depth below it.
        keys: Vec<ObjectKey>,
    },
    /// Metadata of one object; answered by `ObjectInspected`.
    InspectObject {
        /// Ties the answer.
        request: RequestId,
        /// Which.
        object: ObjectRef,
    },
    /// Make a bucket; answered by `BucketCreated`.
    CreateBucket {
        /// Ties the answer.
        request: RequestId,
        /// Through which connection.
        connection: ConnectionId,
        /// Its name.
        name: BucketName,
        /// Its region.
        region: Region,
    },
    /// Delete an empty bucket; answered by `BucketDeleted`.
    DeleteBucket {
        /// Ties the answer.
        request: RequestId,
        /// Through which connection.
        connection: ConnectionId,
        /// Which.
        name: BucketName,
    },
    /// Make a folder marker; answered by `FolderCreated`.
    CreateFolder {
        /// Ties the answer.
        request: RequestId,
        /// The new folder.
        at: Location,
    },
    /// Count what a deletion would take; answered by `ObjectsCounted`, with interim counts. What is found below folders
    /// is kept for the deletion, until `StopRequest` names this one.
    CountObjects {
        /// Ties the answers.
        request: RequestId,
        /// The folder the targets are in.
        at: Location,
        /// What.
        targets: Vec<Target>,
        /// Sizes in bytes of targets that a listing has told: nothing is asked of these.
        known_sizes: Vec<(ObjectKey, u64)>,
    },
    /// Delete, after the user has agreed to what was counted; answered by `ObjectsDeleted`, with interim counts.
    DeleteObjects {
        /// Ties the answers.
        request: RequestId,
        /// The folder the targets are in.
        at: Location,
        /// What.
        targets: Vec<Target>,
        /// The `CountObjects` that was shown: below folders only what that has found is deleted.
        counted: RequestId,
    },
    /// Stop a count, a plan or a deletion that is under way, or forget what a count or a plan has found; what is deleted
    /// stays deleted. Nothing more is told of a plan.
    StopRequest {
        /// Which.
        request: RequestId,
    },
    /// Queue downloads.
    Download {
        /// The gesture.
        batch: BatchId,
        /// The folder the targets are in; local paths are relative to it.
        at: Location,
        /// What.
        targets: Vec<Target>,
        /// Into which local folder. For [`AfterDownload::Open`] `None` takes a folder of the program's cache.
        to: Option<PathBuf>,
        /// When a local file exists.
        on_conflict: ConflictPolicy,
        /// What follows.
        then: AfterDownload,
    },
    /// Queue uploads: files and whole folders; answered by `BatchScanned` as the scan goes on.
    Enqueue {
        /// The gesture.
        batch: BatchId,
        /// What was dropped, picked, pasted or given as argument.
        paths: Vec<PathBuf>,
        /// Where it goes.
        to: Location,
        /// How.
        options: Box<PutOptions>,
    },
    /// Queue what a `PlanUpload` of the same paths has told, and nothing that has come since: as `Enqueue` otherwise.
    EnqueuePlanned {
        /// The gesture.
        batch: BatchId,
        /// What was planned.
        paths: Vec<PathBuf>,
        /// Where it goes.
        to: Location,
        /// How.
        options: Box<PutOptions>,
        /// The plan, of an upload that is to be public.
        planned: RequestId,
    },
    /// Find out what `Enqueue` would upload, without doing it or asking the server; answered by `UploadPlanned`. A plan
    /// of a public upload is kept until it is queued, or `StopRequest` names it.
    PlanUpload {
        /// Ties the answers.
        request: RequestId,
        /// Files and folders.
        paths: Vec<PathBuf>,
        /// Where they would go.
        to: Location,
        /// How.
        options: Box<PutOptions>,
    },
    /// How many files at once from now on, in this run; the setting stays as it is.
    LimitFiles(u32),
    /// Bytes a second for uploads from now on, in this run; `None` as the setting's plan says. 0 lets nothing be uploaded.
    LimitBandwidth(Option<u64>),
    /// Hold the queue as a whole, or let it run; single transfers that are paused stay so.
    HoldQueue(QueueSwitch),
    /// Give a waiting transfer another place: before one that waits, or at the end.
    MoveTransfer {
        /// Which.
        transfer: TransferId,
        /// Before which; `None` for the end.
        before: Option<TransferId>,
    },
    /// Try a connection that transfers wait for at once.
    TryConnection(ConnectionId),
    /// What follows when the queue is through, in this run. [`WhenDone::Nothing`] also stops a countdown.
    SetWhenDone(WhenDone),
    /// Answer to `NamesNeeded`, in the same order.
    ResolveNames {
        /// Which batch.
        batch: BatchId,
        /// One answer for each question.
        answers: Vec<NameAnswer>,
    },
    /// Answer to `ConflictFound`.
    ResolveConflict {
        /// Which transfer.
        transfer: TransferId,
        /// What to do; `Ask` is no answer and is ignored.
        policy: ConflictPolicy,
        /// For which others of the batch this holds as well.
        scope: ConflictScope,
    },
    /// Pause, resume, cancel, retry, forget. What cannot be undone is asked about by the front end before.
    Transfers {
        /// Which.
        selection: Selection,
        /// What.
        action: TransferAction,
    },
    /// Find out what would be lost if these transfers were cancelled or forgotten; answered by `TransfersCounted`.
    CountTransfers {
        /// Ties the answer.
        request: RequestId,
        /// Which.
        selection: Selection,
    },
    /// Go on with the queue of an earlier run, after `QueueRestored` with `asks`.
    ResumeQueue,
    /// List the unfinished multipart uploads of a bucket; answered by `UnfinishedListed`.
    ListUnfinished {
        /// Ties the answer.
        request: RequestId,
        /// Through which connection.
        connection: ConnectionId,
        /// Of which bucket.
        bucket: BucketName,
    },
    /// Abort one unfinished multipart upload, after the user has agreed; answered by `UnfinishedAborted`. The transfer
    /// of one that the queue goes on with is cancelled.
    AbortUnfinished {
        /// Ties the answer.
        request: RequestId,
        /// Through which connection.
        connection: ConnectionId,
        /// In which bucket.
        bucket: BucketName,
        /// Which.
        upload: Box<UnfinishedUpload>,
    },
    /// What an earlier run has stored of a batch without telling; answered by `UntoldStored`, some at a time.
    ListUntold {
        /// Ties the answer.
        request: RequestId,
        /// Which batch.
        batch: BatchId,
        /// The last one of the answer before.
        after: Option<TransferId>,
    },
    /// These stored files, and the ends of these batches, were told to whoever reads: the next start needs not.
    NoteTold {
        /// Stored files.
        transfers: Vec<TransferId>,
        /// Batches that are through.
        batches: Vec<BatchId>,
    },
    /// Wait until what forgotten and cancelled transfers have left on servers is removed, or a while is over; answered by
    /// `ServersCleaned`.
    CleanServers {
        /// Ties the answer.
        request: RequestId,
    },
    /// Which rows of the queue to send from now on, with `TransfersView`.
    ShowTransfers(RowsWanted),
    /// The objects of all finished uploads of the Done tab; answered by `UploadedObjects`.
    ListUploaded {
        /// Ties the answer.
        request: RequestId,
    },
    /// Write down what a batch has stored; answered by `ReceiptSaved`.
    SaveReceipt {
        /// Ties the answer.
        request: RequestId,
        /// Which batch.
        batch: BatchId,
        /// Into which file.
        path: PathBuf,
        /// In which form.
        format: ReceiptFormat,
        /// What it may replace.
        over: ReceiptOver,
    },
    /// Hold a receipt against the bucket; answered by `ReceiptChecked`, chunk by chunk.
    CheckReceipt {
        /// Ties the answers.
        request: RequestId,
        /// Which file; its form is told by its name.
        path: PathBuf,
        /// Through which connection; the receipt's own when `None`.
        connection: Option<ConnectionId>,
        /// By HEAD, or by fetching and hashing every object.
        verify: VerifyWish,
    },
    /// Find out whether a service checks what it stores and honours conditions, by writing and removing one tiny
    /// object; only ever sent on the user's demand. Answered by `ConnectionDiagnosed`.
    DiagnoseConnection {
        /// Ties the answer.
        request: RequestId,
        /// A folder that may be written to.
        at: Location,
    },
    /// Presigned URLs; answered by `LinksSigned`. Keys with a segment `.` or `..` have none.
    SignLinks {
        /// Ties the answer.
        request: RequestId,
        /// Of which objects.
        objects: Vec<ObjectRef>,
        /// Wanted life in seconds.
        expires_secs: u64,
    },
    /// Ask for the public links of some objects as a stranger would; answered by `LinksChecked`, some at a time.
    /// Answers of the last minutes are given again without asking, unless `extent` is all.
    CheckLinks {
        /// Ties the answers.
        request: RequestId,
        /// Of which objects.
        objects: Vec<ObjectRef>,
        /// How many of them.
        extent: CheckExtent,
    },
    /// Ask for signed links as whoever gets them would; answered by `LinksChecked`.
    CheckSignedLinks {
        /// Ties the answers.
        request: RequestId,
        /// The links.
        links: Vec<SignedLink>,
        /// How many of them.
        extent: CheckExtent,
    },
    /// Ask for one object at the address that a connection's rules give, saved or not; answered by `LinksChecked`.
    /// For trying a template before it is kept.
    CheckAddress {
        /// Ties the answer.
        request: RequestId,
        /// The connection, with the rules to be tried.
        connection: Box<Connection>,
        /// Of which object.
        object: ObjectRef,
    },
    /// Find out why a link opens or not; answered by `AccessExplained`.
    ExplainAccess {
        /// Ties the answer.
        request: RequestId,
        /// Which object.
        object: ObjectRef,
    },
    /// Work out what opening something for anyone would change; nothing is changed. Answered by `SharingPlanned`.
    PlanSharing {
        /// Ties the answer.
        request: RequestId,
        /// Through which connection.
        connection: ConnectionId,
        /// In which bucket.
        bucket: BucketName,
        /// What.
        what: OpenWhat,
    },
    /// Make a planned change, after the user has agreed to this very plan; answered by `SharingApplied`, or by
    /// `SharingUnsure`. Refused if the policy has changed since.
    ApplySharing {
        /// Ties the answer.
        request: RequestId,
        /// As it was planned.
        plan: Box<SharingPlan>,
    },
    /// Find out whether a change stands that may have been made; answered by `SharingFound`.
    LookAtSharing {
        /// Ties the answer.
        request: RequestId,
        /// Which.
        change: SharingId,
    },
    /// Take a change back, leaving what others have changed since; answered by `SharingUndone`.
    UndoSharing {
        /// Ties the answer.
        request: RequestId,
        /// Which.
        change: SharingId,
    },
    /// A signed address that takes one upload; answered by `UploadSigned`.
    SignUpload {
        /// Ties the answer.
        request: RequestId,
        /// What is wanted.
        invitation: Box<UploadInvitation>,
    },
    /// Note that links were handed out; those of signed ones must come without their query.
    RecordLinks(Vec<GivenLink>),
    /// What was handed out and opened, the newest first; answered by `HistoryListed`.
    ListHistory {
        /// Ties the answer.
        request: RequestId,
    },
    /// Forget the links that were handed out; changes that can be taken back stay. Answered by `HistoryListed`.
    ClearHistory {
        /// Ties the answer.
        request: RequestId,
    },
    /// Learn the real region of a bucket; answered by `BucketRegionFound` or `BucketRegionUnknown`.
    FindBucketRegion {
        /// Ties the answer.
        request: RequestId,
        /// Through which connection.
        connection: ConnectionId,
        /// Which.
        bucket: BucketName,
    },
    /// Keep new settings; answered by `SettingsChanged`, and by a `Notice` if they could not be written.
    UpdateSettings(Box<Settings>),
    /// Count what hovers over the window, and how big it is, with what its folders hold; answered by `DropMeasured` within
    /// a few seconds, however much there is. Stopped by `StopRequest`: then it is not answered.
    MeasureDrop {
        /// Ties the answer.
        request: RequestId,
        /// Files and folders.
        paths: Vec<PathBuf>,
    },
    /// Show a desktop notification: something that the user has to know while the window is not in front.
    Notify {
        /// What it is about.
        title: String,
        /// What there is to say.
        body: String,
    },
    /// Open a local file or folder with the system's program.
    OpenPath(PathBuf),
    /// Open an `http` or `https` address, which may be signed, in the browser.
    OpenAddress(Secret),
    /// The folder a paste or drop would create must not be walked on the UI thread: read copied files
    /// from the clipboard on a thread of its own; answered by `ClipboardFiles`. A copied image becomes a file of the
    /// program's own, which goes when its upload has ended.
    ReadClipboardFiles {
        /// Ties the answer.
        request: RequestId,
        /// What the file of an image is called, without its ending; `{date}` and `{time}` stand for now.
        image_name: String,
    },
    /// Look for a whole set of keys in a file that the user gave for it, such as IAM's `credentials.csv`; answered by
    /// `KeysRead`.
    ReadKeys {
        /// Ties the answer.
        request: RequestId,
        /// Which file.
        path: PathBuf,
    },
    /// Leave; answered by `ShutdownComplete`.
    Shutdown(ShutdownMode),
}

/// How far one answer to a conflict reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictScope {
    /// This transfer only.
    This,
    /// Every further conflict of the batch.
    RestOfBatch,
}

const _: () = assert!(size_of::<Command>() <= 160, "commands travel by value; box what is large");
