//! What the engine tells its front ends.

use std::path::PathBuf;

use super::{
    AccessReport, BatchCounts, BatchId, BatchSummary, Bucket, BucketCleaning, BucketName, CheckProgress, CheckedRow,
    Conflict, Connection, ConnectionId, Credentials, DropSize, EngineSnapshot, Entry, Failure, KeychainState,
    LayerFinding, LinkCheck, LocalAccess, Location, NameQuestion, Notice, ObjectCount, ObjectKey, ObjectMetadata,
    ObjectPage, ObjectRef, PlannedFile, QueueStake, ReceiptCounts, Region, RequestId, ScanProgress, Settings,
    SharingChange, SharingHistory, SharingId, SharingPlan, SharingStands, SignedLink, SignedUpload, SkippedItem,
    TestReport, TransferReport, TransfersView, UnfinishedBatch, UnfinishedUpload, WhenDone, WriteDiagnosis,
};

/// Something that happened in the engine.
#[derive(Clone, Debug)]
pub enum Event {
    /// Once, at the start.
    Started(Box<EngineSnapshot>),
    /// Whether secrets can be kept.
    KeychainChanged(Box<KeychainState>),
    /// A connection was stored, or not; with the keychain failing, offer [`super::SecretPlace::ThisRunOnly`].
    ConnectionSaved {
        /// The question.
        request: RequestId,
        /// The stored connection.
        result: Result<Box<Connection>, Box<Failure>>,
    },
    /// How a test went.
    ConnectionTested {
        /// The question.
        request: RequestId,
        /// Line by line.
        report: Box<TestReport>,
    },
    /// A connection and its secret are gone, or not.
    ConnectionDeleted {
        /// The question.
        request: RequestId,
        /// Which.
        id: ConnectionId,
        /// Why not.
        result: Result<(), Box<Failure>>,
    },
    /// Transfers go through a connection that is not saved: the command line's. Told before they are shown.
    ConnectionBrought(Box<Connection>),
    /// Keys are there and the connection can be used, or why not.
    ConnectionOpened {
        /// The question.
        request: RequestId,
        /// Which.
        id: ConnectionId,
        /// The connection as it is used (the embedded storage's has its endpoint filled in).
        result: Result<Box<Connection>, Box<Failure>>,
    },
    /// The embedded storage's address and keys.
    LocalStorageLent {
        /// The question.
        request: RequestId,
        /// `Debug` shows no secret.
        result: Result<Box<LocalAccess>, Box<Failure>>,
    },
    /// Profile names of `~/.aws`.
    AwsProfilesListed {
        /// The question.
        request: RequestId,
        /// Names in file order.
        result: Result<Vec<String>, Box<Failure>>,
    },
    /// The buckets of a connection.
    BucketsListed {
        /// The question.
        request: RequestId,
        /// Of which connection.
        connection: ConnectionId,
        /// Buckets by name.
        result: Result<Vec<Bucket>, Box<Failure>>,
    },
    /// The real region of a bucket.
    BucketRegionFound {
        /// Through which connection.
        connection: ConnectionId,
        /// Which bucket.
        bucket: BucketName,
        /// Its region.
        region: Region,
    },
    /// The real region of a bucket could not be learnt; what the connection says stands.
    BucketRegionUnknown {
        /// The question.
        request: RequestId,
        /// Why not.
        failure: Box<Failure>,
    },
    /// One page of a folder.
    ObjectsListed {
        /// The question.
        request: RequestId,
        /// Which folder.
        at: Box<Location>,
        /// The page.
        result: Result<Box<ObjectPage>, Box<Failure>>,
    },
    /// Rows that new objects have in a folder.
    RowsFound {
        /// The question.
        request: RequestId,
        /// Which folder.
        at: Box<Location>,
        /// Objects and folders, in no order.
        result: Result<Vec<Entry>, Box<Failure>>,
    },
    /// Metadata of an object.
    ObjectInspected {
        /// The question.
        request: RequestId,
        /// Which.
        object: Box<ObjectRef>,
        /// The metadata.
        result: Result<Box<ObjectMetadata>, Box<Failure>>,
    },
    /// A bucket was made, or not.
    BucketCreated {
        /// The question.
        request: RequestId,
        /// Its name.
        name: BucketName,
        /// Why not.
        result: Result<(), Box<Failure>>,
    },
    /// A bucket was deleted, or not.
    BucketDeleted {
        /// The question.
        request: RequestId,
        /// Its name.
        name: BucketName,
        /// Why not.
        result: Result<(), Box<Failure>>,
    },
    /// A folder marker was made, or not.
    FolderCreated {
        /// The question.
        request: RequestId,
        /// The folder.
        at: Box<Location>,
        /// Why not.
        result: Result<(), Box<Failure>>,
    },
    /// How much there is.
    ObjectsCounted {
        /// The question.
        request: RequestId,
        /// So far.
        count: Box<ObjectCount>,
        /// `None` while still counting.
        end: Option<Result<(), Box<Failure>>>,
    },
    /// How much is deleted.
    ObjectsDeleted {
        /// The question.
        request: RequestId,
        /// The folder.
        at: Box<Location>,
        /// So far.
        deleted: u64,
        /// Objects below the folders that were not counted: they came meanwhile, and stay. Known at the end, and not
        /// counted beyond ten thousand.
        came: u64,
        /// Objects that stayed, with the reason; the first hundred.
        failed: Vec<(ObjectKey, Failure)>,
        /// `None` while still deleting.
        end: Option<Result<(), Box<Failure>>>,
    },
    /// How far the scan of a batch is.
    BatchScanned {
        /// Which batch.
        batch: BatchId,
        /// So far.
        counts: BatchCounts,
        /// New since the last such event.
        skipped: Vec<SkippedItem>,
        /// Whether everything was seen.
        progress: ScanProgress,
    },
    /// What would be uploaded; sent as the scan goes on.
    UploadPlanned {
        /// The question.
        request: RequestId,
        /// New since the last such event.
        files: Vec<PlannedFile>,
        /// New since the last such event.
        skipped: Vec<SkippedItem>,
        /// Names that cannot become keys, new since the last such event.
        questions: Vec<NameQuestion>,
        /// Whether everything was seen.
        progress: ScanProgress,
    },
    /// Names that cannot become keys; the batch's other files go on.
    NamesNeeded {
        /// Which batch.
        batch: BatchId,
        /// One question a file.
        questions: Vec<NameQuestion>,
    },
    /// A key exists and the rule is to ask.
    ConflictFound(Box<Conflict>),
    /// A conflict needs no answer any more (cancelled, or answered by a rule for the rest of its batch).
    ConflictGone(super::TransferId),
    /// The queue, at most ten times a second; only the latest counts.
    Transfers(Box<TransfersView>),
    /// What of an earlier run has not ended, before `QueueRestored`; only for front ends that hear of each transfer.
    BatchesRestored(Vec<UnfinishedBatch>),
    /// Batches that were through in earlier runs, oldest first, of which receipts can still be made. Sent once, after
    /// `Started`, and only if there are any.
    EarlierBatches(Vec<super::FinishedBatch>),
    /// What is uploaded in this run is forgotten when it ends, since the list of uploads cannot be used, for this reason.
    QueueNotKept(Box<Failure>),
    /// The queue of an earlier run is back. Sent once, after `Started`, and only if something was unfinished.
    QueueRestored {
        /// Uploads that have not ended.
        files: u64,
        /// Their bytes.
        bytes: u64,
        /// They wait for [`super::Command::ResumeQueue`], since the setting says so.
        asks: bool,
    },
    /// The unfinished multipart uploads of a bucket, oldest first.
    UnfinishedListed {
        /// The question.
        request: RequestId,
        /// Through which connection.
        connection: ConnectionId,
        /// Of which bucket.
        bucket: BucketName,
        /// What there is.
        result: Result<Vec<UnfinishedUpload>, Box<Failure>>,
    },
    /// What the bucket's own rules do about them, beside [`Event::UnfinishedListed`] and in any order with it; not sent
    /// where nobody knows.
    UnfinishedRules {
        /// The question.
        request: RequestId,
        /// What they do.
        rules: BucketCleaning,
    },
    /// An unfinished multipart upload was aborted, or not.
    UnfinishedAborted {
        /// The question.
        request: RequestId,
        /// Through which connection, in which bucket and under which key: ids are an endpoint's own.
        object: Box<ObjectRef>,
        /// Of which upload.
        upload_id: String,
        /// Bytes freed, counted by listing again; `None` where the parts may not be listed.
        result: Result<Option<u64>, Box<Failure>>,
    },
    /// Some of what an earlier run has stored without telling, in the order of the transfers; none at the end.
    UntoldStored {
        /// The question.
        request: RequestId,
        /// What is stored.
        result: Result<Vec<TransferReport>, Box<Failure>>,
    },
    /// What forgotten and cancelled transfers have left on servers is removed, or written down to be removed later.
    ServersCleaned {
        /// The question.
        request: RequestId,
    },
    /// What would be lost of some transfers.
    TransfersCounted {
        /// The question.
        request: RequestId,
        /// How much.
        stake: Box<QueueStake>,
    },
    /// How one transfer ended; only for front ends that asked for each.
    TransferEnded(Box<TransferReport>),
    /// Not all that a batch of downloads was to get could be found; what was found goes on.
    BatchIncomplete {
        /// Which.
        batch: BatchId,
        /// Why.
        failure: Box<Failure>,
    },
    /// A batch is through.
    BatchFinished {
        /// Which.
        batch: BatchId,
        /// How.
        summary: Box<BatchSummary>,
    },
    /// Nothing is left to do in the queue: everything has ended or waits for the user.
    QueueDone {
        /// What follows; `Sleep` comes after `SleepsSoon`, `Quit` is the front end's to do.
        then: WhenDone,
    },
    /// The machine goes to sleep soon, unless [`super::Command::SetWhenDone`] says otherwise; sent each second.
    SleepsSoon {
        /// Seconds left; 0 as it falls asleep, `None` when the countdown was stopped.
        in_secs: Option<u64>,
    },
    /// Objects of finished uploads.
    UploadedObjects {
        /// The question.
        request: RequestId,
        /// In queue order.
        objects: Vec<ObjectRef>,
    },
    /// A receipt was written, with so many rows, or not.
    ReceiptSaved {
        /// The question.
        request: RequestId,
        /// Rows, or why not.
        result: Result<u64, Box<Failure>>,
    },
    /// Rows of a receipt, held against the bucket.
    ReceiptChecked {
        /// The question.
        request: RequestId,
        /// New since the last such event, in the receipt's order.
        rows: Vec<CheckedRow>,
        /// So far.
        counts: ReceiptCounts,
        /// `None` while more come.
        end: Option<Result<(), Box<Failure>>>,
    },
    /// What a service does with wrong writes.
    ConnectionDiagnosed {
        /// The question.
        request: RequestId,
        /// What was found.
        result: Result<Box<WriteDiagnosis>, Box<Failure>>,
    },
    /// Presigned links.
    LinksSigned {
        /// The question.
        request: RequestId,
        /// In the order asked for.
        result: Result<Vec<SignedLink>, Box<Failure>>,
    },
    /// What strangers were answered; checks that are new since the last such event.
    LinksChecked {
        /// The question.
        request: RequestId,
        /// New ones.
        checks: Vec<LinkCheck>,
        /// How far.
        progress: CheckProgress,
        /// `None` while more come.
        end: Option<Result<(), Box<Failure>>>,
    },
    /// An upload has replaced this object, or may have: what was told of its link is about another one.
    LinkOutdated(Box<ObjectRef>),
    /// Why a link opens, or not.
    AccessExplained {
        /// The question.
        request: RequestId,
        /// Of which object.
        object: Box<ObjectRef>,
        /// Layer by layer.
        result: Result<Box<AccessReport>, Box<Failure>>,
    },
    /// What opening something would change.
    SharingPlanned {
        /// The question.
        request: RequestId,
        /// The plan.
        result: Result<Box<SharingPlan>, Box<Failure>>,
    },
    /// A change was made, or nothing was.
    SharingApplied {
        /// The question.
        request: RequestId,
        /// What can be taken back.
        result: Result<Box<SharingChange>, Box<Failure>>,
    },
    /// Whether a change was made is not known: the server may have done all of it or a part. It is written down, so that
    /// it can be looked at and taken back.
    SharingUnsure {
        /// The question.
        request: RequestId,
        /// What may have been opened.
        change: Box<SharingChange>,
        /// Why it is not known.
        failure: Box<Failure>,
    },
    /// Whether a change stands.
    SharingFound {
        /// The question.
        request: RequestId,
        /// Which.
        change: SharingId,
        /// Or why that is still not known.
        result: Result<SharingStands, Box<Failure>>,
    },
    /// A change was taken back, or not.
    SharingUndone {
        /// The question.
        request: RequestId,
        /// Which.
        change: SharingId,
        /// Why not.
        result: Result<(), Box<Failure>>,
    },
    /// An address that takes one upload.
    UploadSigned {
        /// The question.
        request: RequestId,
        /// `Debug` shows no signature.
        result: Result<Box<SignedUpload>, Box<Failure>>,
    },
    /// What was handed out and opened, the newest first.
    HistoryListed {
        /// The question.
        request: RequestId,
        /// Links and changes.
        result: Result<Box<SharingHistory>, Box<Failure>>,
    },
    /// What a batch uploaded was to be public, and is not, or not all of it. No upload failed by it.
    PublicRefused {
        /// Which batch.
        batch: BatchId,
        /// Why, and what can be done.
        failure: Box<Failure>,
        /// What keeps strangers from one of its objects, the layers that decide first, then what our keys may not
        /// read; empty if nothing that could be read does. `None` if it was not found out.
        because: Option<Vec<LayerFinding>>,
    },
    /// What a batch uploaded is stored without the access control list that was chosen for it, or not all of it is with
    /// it: the bucket takes none. No upload failed by it.
    AclLeftOut {
        /// Which batch.
        batch: BatchId,
        /// Why, and what can be done; with the list as its `name`.
        failure: Box<Failure>,
    },
    /// What hovers over the window, as far as it could be looked at.
    DropMeasured {
        /// The question.
        request: RequestId,
        /// How many files and folders, the bytes of the files, and whether that is all.
        size: DropSize,
    },
    /// Files copied in a file manager, or the file of a copied image; empty when the clipboard holds neither.
    ClipboardFiles {
        /// The question.
        request: RequestId,
        /// Absolute paths; an error where an image could not be kept in a file.
        result: Result<Vec<PathBuf>, Box<Failure>>,
    },
    /// The keys in a file.
    KeysRead {
        /// The question.
        request: RequestId,
        /// `None` where the file holds no whole set. `Debug` shows no secret.
        result: Result<Option<Box<Credentials>>, Box<Failure>>,
    },
    /// A second start handed its files over, or asked for the window.
    FilesHandedOver(Vec<PathBuf>),
    /// A second start named a connection to open, as somebody typed it.
    ConnectionNamed(String),
    /// Settings as they now hold.
    SettingsChanged(Box<Settings>),
    /// Something to tell the user.
    Notice(Box<Notice>),
    /// Nothing runs any more; the program may end.
    ShutdownComplete,
}

const _: () = assert!(size_of::<Event>() <= 112, "events travel by value; box what is large");
