//! Plain data and pure functions: no input or output, no async, no clock, no window toolkit, no AWS types.

mod access;
mod access_codes;
mod access_facts;
mod app_model;
mod bucket;
mod chain;
mod command;
mod connection;
mod credentials;
mod draft;
mod event;
mod failure;
mod held_bucket;
mod id;
mod key;
mod known_checks;
mod link;
mod listing;
mod news;
mod notice;
mod object;
mod open_transfers;
mod pace;
mod part;
pub mod policy;
mod policy_reading;
mod receipt;
mod row_order;
mod service;
mod settings;
mod sharing;
mod stake;
mod standing;
mod tags;
mod transfer;
mod unfinished;
mod verdict;

pub use access::{
    Access, AccessReport, Bearing, CheckExtent, CheckProgress, Finding, Layer, LayerFinding, LinkCheck,
    NotFoundBecause, OnlyHere, PrivateBecause, ShareWay, UnknownBecause, Verdict,
};
pub use access_facts::{
    AclGrant, AclUse, BucketFacts, NewestVersion, ObjectEncryption, ObjectFacts, ObjectOwner, ObjectStorage, PaidBy,
    PolicyFact, PolicyStanding, PublicAccessSwitches, Signing, Unread, WantedObject, decisive_first, layers,
    may_be_of_another, ways, why_private,
};
pub use app_model::{AppModel, Browsing, FinishedBatch, Inspected, OpenConnection, OpenState};
pub use bucket::{Bucket, BucketName, BucketNameProblem};
pub use chain::{AWS_SWITCH_VALUES, ChainSays, Fips, IpVersions};
pub use command::{AfterDownload, Command, ConflictScope, ShutdownMode};
pub use connection::{
    Addressing, Connection, ConnectionDraft, CredentialSource, DraftProblem, DraftSource, Endpoint, EndpointProblem,
    KeyCommand, LinkDomain, LinkDomainDraft, LinkDomainProblem, Payer, Region, SaidBy, Scope, SecretPlace,
};
pub use credentials::{Credentials, Secret, key_tail};
pub use draft::SavedSecret;
pub use event::Event;
pub use failure::{CA_FILE, FAILURE_VALUES, Failure, FailureKind, RETRY_AFTER_SECS};
pub use held_bucket::HeldBucket;
pub use id::{BatchId, ConnectionId, RequestId, TransferId};
pub use key::{KeyProblem, MAX_KEY_BYTES, ObjectKey, Prefix};
pub use known_checks::BucketAccess;
pub use link::{
    AddressNote, BucketAddress, DEFAULT_LINK_TEMPLATE, LinkFormat, LinkKind, LinkParts, LinkTemplate, MAX_PRESIGN_SECS,
    NoAddress, Partition, TemplateProblem, address_notes, encode_key, names_region, partition_suffix, public_url,
    region_in_address,
};
pub use listing::{Listing, ListingState, SortColumn, SortDirection};
pub use news::{
    BatchStood, EngineSnapshot, KeychainState, KeysEnd, LocalAccess, ScanProgress, ServedBy, SignedLink,
    UnfinishedBatch,
};
pub use notice::{NOTICE_LOCAL_KEYS_THIS_RUN, Notice, NoticeText, Severity, TestLine, TestReport};
pub use object::{Entry, Location, Object, ObjectCount, ObjectMetadata, ObjectPage, ObjectRef, PageToken, Target};
pub use open_transfers::OpenTransfers;
pub use pace::{
    BandwidthHours, BandwidthPlan, KeepAwake, MINUTES_OF_DAY, NotifyWhenDone, QueueHold, QueueSwitch, WhenDone,
};
pub use part::{
    MAX_PART_BYTES, MAX_PARTS, MEMORY_PART_BYTES, MIN_PART_BYTES, Part, PartLimits, PartPlan, SINGLE_PUT_LIMIT_BYTES,
    SINGLE_PUT_MAX_BYTES,
};
pub use policy_reading::{LinkTransport, PolicyReading, read_policy};
pub use receipt::{CheckedRow, ReceiptCounts, ReceiptFormat, ReceiptOver, ReceiptRow, ReceiptVerdict, WriteDiagnosis};
pub use row_order::{NameFilter, RowOrder};
pub use service::{SERVER_NAME, Service};
pub use settings::{
    AUTOMATIC_FILES, COLUMN_WIDTHS, ColorScheme, Column, CopyFallback, CopyWhenDone, DisplayChoice, Language, Place,
    RendererChoice, ResumeAtStart, Settings, SizeUnits, ThemeChoice,
};
pub use sharing::{
    GivenLink, OpenWhat, SharingChange, SharingHistory, SharingId, SharingPlan, SharingStands, SignedUpload,
    UploadAccess, UploadInvitation,
};
pub use stake::{QueueStake, TransferAmount};
pub use standing::Standing;
pub use tags::{MAX_TAGS, TagProblem, tag_problem};
pub use transfer::{
    BatchCounts, BatchSummary, Conflict, ConflictPolicy, DraggedName, DropExtent, DropSize, Gathered, NameAnswer,
    NameQuestion, PlannedFile, PutOptions, RowsWanted, SeenDrag, Selection, SkipReason, SkippedItem, TransferAction,
    TransferCounts, TransferKind, TransferReport, TransferRow, TransferState, TransferTab, TransfersView, UnreadDrag,
    Verified, VerifyWish,
};
pub use unfinished::{BucketCleaning, CleaningRule, UnfinishedUpload, UploadOwner, rough_monthly_usd};
pub use verdict::{
    AnswerFrom, AskedBy, KnownObject, Leads, LineState, LinkFacts, LinkWay, Met, NoAnswer, Reach, StrangerAnswer,
    Voice, judge, needs_get, needs_reason,
};
