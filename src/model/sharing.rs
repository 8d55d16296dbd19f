//! Making things readable for anyone, taking that back, and what was handed out.

use super::{BucketName, ConnectionId, Layer, LinkKind, ObjectKey, ObjectRef, Prefix, Verdict};

/// What is to be opened for anyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenWhat {
    /// Everything below a prefix, by a statement in the bucket's policy.
    Prefix(Prefix),
    /// These objects, by their own access control lists.
    Objects(Vec<ObjectKey>),
}

/// A change that was worked out and not made: what the user agrees to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharingPlan {
    /// Through which connection.
    pub connection: ConnectionId,
    /// In which bucket.
    pub bucket: BucketName,
    /// What would open.
    pub what: OpenWhat,
    /// The policy as it is, indented JSON; `None` where there is none, or it is not touched.
    pub policy_before: Option<String>,
    /// The statement that would be added, indented JSON; `None` for access control lists.
    pub statement: Option<String>,
    /// The whole policy as it would be; `None` for access control lists.
    pub policy_after: Option<String>,
    /// Objects that would open now, as far as counted.
    pub objects: u64,
    /// There are more than were counted.
    pub is_more: bool,
    /// Layers that would keep strangers out all the same, or refuse the change.
    pub blocked_by: Vec<Layer>,
}

/// Names one change that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SharingId(pub u64);

/// A change that was made, kept so that it can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharingChange {
    /// Which.
    pub id: SharingId,
    /// Through which connection.
    pub connection: ConnectionId,
    /// In which bucket.
    pub bucket: BucketName,
    /// What was opened.
    pub what: OpenWhat,
    /// When.
    pub made_at: jiff::Timestamp,
    /// It was taken back then.
    pub undone_at: Option<jiff::Timestamp>,
}

/// Whether a change that may have been made stands on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharingStands {
    /// It does, or a part of it: it can be taken back.
    Made(Box<SharingChange>),
    /// Nothing of it, and it is forgotten.
    NotMade,
}

/// A link that was handed out. Never holds a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenLink {
    /// Of which object.
    pub object: ObjectRef,
    /// Signed or not.
    pub kind: LinkKind,
    /// The address without query: what can be shown and, for public links, copied again.
    pub address: String,
    /// When it was handed out; the epoch stands for now when it is recorded.
    pub given_at: jiff::Timestamp,
    /// When it stops working, for signed ones.
    pub expires: Option<jiff::Timestamp>,
    /// What the last check said, and when.
    pub verdict: Option<(Verdict, jiff::Timestamp)>,
}

/// What was handed out and opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharingHistory {
    /// When it was looked up: what had expired then.
    pub listed_at: jiff::Timestamp,
    /// Links, the newest first.
    pub links: Vec<GivenLink>,
    /// Changes, the newest first.
    pub changes: Vec<SharingChange>,
}

/// What is wanted of "let someone upload here".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadInvitation {
    /// The object that will be written.
    pub object: ObjectRef,
    /// The type that the upload has to name; anything goes when `None`.
    pub content_type: Option<String>,
    /// The exact size that the upload has to have, signed in; any size when `None`.
    pub size_bytes: Option<u64>,
    /// Wanted life in seconds.
    pub expires_secs: u64,
}

/// An address that takes one upload.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedUpload {
    /// The object that will be written.
    pub object: ObjectRef,
    /// The address, with its signature: never logged, never kept.
    pub url: String,
    /// Headers that the upload has to send as they are.
    pub headers: Vec<(String, String)>,
    /// Whether the service is known to leave an object alone that is there by then, so that the address works once.
    pub keeps_what_is_there: bool,
    /// When it stops working.
    pub expires: jiff::Timestamp,
}

impl std::fmt::Debug for SignedUpload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedUpload")
            .field("object", &self.object)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Whether what a batch uploads is to be readable for anyone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UploadAccess {
    /// As the bucket has it; no header asks for anything.
    #[default]
    AsBucket,
    /// For anyone, by whichever way the bucket allows; what it refuses is explained and fails no upload.
    Public,
}

impl UploadAccess {
    /// Stable name in the journal and on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::AsBucket => "as-bucket",
            Self::Public => "public",
        }
    }

    /// The reverse.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::AsBucket, Self::Public].into_iter().find(|access| access.code() == code)
    }
}
