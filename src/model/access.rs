//! Who can open a link: what a request without credentials was answered, and which layers of a bucket say so.

use super::access_facts::bearing;
use super::{LinkKind, NoAddress, ObjectRef, Prefix};

/// What happens to whoever opens a link.
///
/// Only an answer to a request without credentials makes a verdict; settings of the bucket only say why. Whatever is
/// not known stays unknown and is never called private.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It opens for anyone: a stranger got this very object, length and ETag compared.
    Public,
    /// It leads to the very same address over TLS, which opens for anyone; by itself it is only a redirect.
    OpensOverTls {
        /// Scheme, host and port that answered.
        origin: String,
    },
    /// It opened here, but others may not reach it.
    OnlyFromHere(OnlyHere),
    /// Something opens, but not this object: an old copy, or an error page with status 200.
    OtherContent,
    /// The own domain in front refuses or has nothing, while the service's own address opens for anyone: an older
    /// answer is kept there, or the domain is not set up for this object.
    OnlyAtOrigin,
    /// A stranger is refused.
    Private(PrivateBecause),
    /// There is nothing at that address.
    NotFound(NotFoundBecause),
    /// The certificate does not cover the host, or not this time.
    BadCertificate,
    /// Nobody vouches for the certificate whom computers trust by themselves: only whoever trusts that authority opens it.
    UntrustedCertificate,
    /// No such host.
    NoSuchHost,
    /// It leads to another host, which was not followed.
    RedirectsTo {
        /// That host, without path and query.
        host: String,
    },
    /// It leads elsewhere on the same host, such as to a page for signing in, which was not followed.
    RedirectsWithin,
    /// There is no address to hand out.
    NoAddress(NoAddress),
    /// No answer that says anything.
    Unknown(UnknownBecause),
}

/// Why a link that opened here may not open elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnlyHere {
    /// This computer's own address.
    Loopback,
    /// An address of a private network, or a host name without a dot.
    PrivateNetwork,
    /// The policy says that the bucket is not public: it may open for this network only.
    PolicyNotPublic,
    /// It opened through a proxy, and this computer does not find the host by itself: it may be anywhere.
    ThroughProxy,
}

/// Why a stranger is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateBecause {
    /// Block Public Access of the bucket, as it was read.
    PublicAccessBlocked,
    /// Something opens it, and no setting that could be read takes that back: perhaps the account's own block does.
    PerhapsBlocked,
    /// The policy opens it for some, under conditions, and nothing opens it for all.
    OpensForSome,
    /// Something opens it, and a statement of the policy may deny it, under conditions.
    PolicyMayDeny,
    /// Access control lists are off, and no policy opens it.
    NothingOpensIt,
    /// Refused, and nothing may be read that would say more: private, or missing.
    PrivateOrMissing,
    /// Refused, and nothing says why; it is there for our keys.
    Unexplained,
    /// Encrypted with a key of KMS or of the uploader: a request has to be signed.
    Encrypted,
    /// In an archive, from which it must be restored first.
    Archived,
    /// Readers have to sign and pay.
    RequesterPays,
    /// A statement of the policy denies it.
    PolicyDenies,
    /// The policy opens it, but it belongs to another account than the bucket, which no bucket policy covers.
    OtherOwner,
    /// A signed link whose keys may not read the object, or no longer exist.
    KeysMayNotRead,
    /// A signed link whose keys a statement denies it to.
    DeniedToKeys,
    /// A signed link whose signature does not fit: a wrong secret key, or a changed link.
    WrongSignature,
    /// A signed link whose time has not come yet, or whose date is far off: one of the clocks is wrong.
    WrongClock,
    /// A signed link whose time is over.
    Expired,
    /// The service never serves its endpoint to strangers (R2).
    NeverServedHere,
    /// The own domain in front refuses by itself: whatever opens the bucket does not open this.
    DomainRefuses,
}

/// Why there is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFoundBecause {
    /// The object is there for our keys, so the address points elsewhere: a wrong template.
    WrongAddress,
    /// The newest version is a delete marker.
    Deleted,
    /// The object is not there for our keys either.
    Missing,
    /// No bucket of this name at that host: another region, partition or account.
    NoSuchBucket,
    /// A cache in front says so, by an answer that may be older than the object.
    Cached,
    /// A 404 that nothing explains.
    Unclear,
}

/// Why nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownBecause {
    /// No answer in time.
    Timeout,
    /// The line is down, or the host refuses connections.
    Unreachable,
    /// The server is busy or broken (429, 5xx).
    ServerError,
    /// An answer that fits nothing known.
    OddAnswer,
    /// It answers, and nothing shows that it is this object.
    NotProven,
    /// Something else has answered in the storage's place, such as the login page of a network.
    AnotherAnswered,
}

/// A verdict in one word: for badges, the table's column and the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Opens for anyone.
    Public,
    /// A stranger is refused.
    Private,
    /// Not known, only from here, or nobody was refused: there may be no host, no object or another one.
    Unknown,
}

impl Access {
    /// Its name on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Unknown => "unknown",
        }
    }
}

impl Verdict {
    /// In one word.
    pub fn access(&self) -> Access {
        match self {
            Self::Public => Access::Public,
            Self::Private(_) => Access::Private,
            _ => Access::Unknown,
        }
    }

    /// Whether it is known that a stranger does not get this object there, by whatever it is.
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::Public | Self::OpensOverTls { .. } | Self::OnlyFromHere(_) | Self::Unknown(_))
    }

    /// The address that opens, where the one that was asked for only leads there.
    pub fn over_tls(&self, asked_for: &str) -> Option<String> {
        let Self::OpensOverTls { origin } = self else { return None };
        let (_, after) = asked_for.split_once("://")?;
        let path = after.find(['/', '?', '#']).and_then(|at| after.get(at..)).unwrap_or_default();
        Some(format!("{origin}{path}"))
    }

    /// Stable name for JSON, such as `private-encrypted`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::OpensOverTls { .. } => "opens-over-tls",
            Self::OnlyFromHere(OnlyHere::Loopback) => "only-this-computer",
            Self::OnlyFromHere(OnlyHere::PrivateNetwork) => "only-this-network",
            Self::OnlyFromHere(OnlyHere::PolicyNotPublic) => "only-from-here",
            Self::OnlyFromHere(OnlyHere::ThroughProxy) => "only-through-proxy",
            Self::OtherContent => "other-content",
            Self::OnlyAtOrigin => "only-at-origin",
            Self::Private(because) => because.code(),
            Self::NotFound(because) => because.code(),
            Self::BadCertificate => "bad-certificate",
            Self::UntrustedCertificate => "untrusted-certificate",
            Self::NoSuchHost => "no-such-host",
            Self::RedirectsTo { .. } => "redirects",
            Self::RedirectsWithin => "redirects-within",
            Self::NoAddress(_) => "no-address",
            Self::Unknown(UnknownBecause::Timeout) => "unknown-timeout",
            Self::Unknown(UnknownBecause::Unreachable) => "unknown-unreachable",
            Self::Unknown(UnknownBecause::ServerError) => "unknown-server-error",
            Self::Unknown(UnknownBecause::OddAnswer) => "unknown-odd-answer",
            Self::Unknown(UnknownBecause::NotProven) => "unknown-not-proven",
            Self::Unknown(UnknownBecause::AnotherAnswered) => "unknown-another-answered",
        }
    }
}

impl PrivateBecause {
    fn code(self) -> &'static str {
        match self {
            Self::PublicAccessBlocked => "private-blocked",
            Self::PerhapsBlocked => "private-perhaps-blocked",
            Self::OpensForSome => "private-opens-for-some",
            Self::PolicyMayDeny => "private-policy-may-deny",
            Self::Unexplained => "private",
            Self::NothingOpensIt => "private-nothing-opens-it",
            Self::PrivateOrMissing => "private-or-missing",
            Self::Encrypted => "private-encrypted",
            Self::Archived => "private-archived",
            Self::RequesterPays => "private-requester-pays",
            Self::PolicyDenies => "private-policy-denies",
            Self::OtherOwner => "private-other-owner",
            Self::KeysMayNotRead => "private-keys-may-not-read",
            Self::DeniedToKeys => "private-denied-to-keys",
            Self::WrongSignature => "private-wrong-signature",
            Self::WrongClock => "private-wrong-clock",
            Self::Expired => "private-expired",
            Self::NeverServedHere => "private-never-served-here",
            Self::DomainRefuses => "private-domain-refuses",
        }
    }
}

impl NotFoundBecause {
    fn code(self) -> &'static str {
        match self {
            Self::WrongAddress => "not-found-wrong-address",
            Self::Deleted => "not-found-deleted",
            Self::Missing => "not-found-missing",
            Self::NoSuchBucket => "not-found-no-such-bucket",
            Self::Cached => "not-found-cached",
            Self::Unclear => "not-found",
        }
    }
}

/// One link, asked for as a stranger would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkCheck {
    /// Of which object.
    pub object: ObjectRef,
    /// Which kind of link was asked for.
    pub kind: LinkKind,
    /// What came of it.
    pub verdict: Verdict,
    /// The status that decided, if there was an answer.
    pub status: Option<u16>,
    /// The address that was asked for, never with a signature; empty if there was none. It may be another one than
    /// was handed out, when the bucket turns out to be in another region: see [`LinkCheck::is_of`].
    pub address: String,
    /// When.
    pub checked_at: jiff::Timestamp,
}

impl LinkCheck {
    /// Whether it is this very link that was asked for. Of signed links the signature is not compared.
    pub fn is_of(&self, url: &str) -> bool {
        self.address == self.kind.without_signature(url)
    }

    /// The address that was asked for, where it is another one than was handed out: that one is what the verdict is
    /// about, and what to hand out.
    pub fn other_address(&self, handed_out: &str) -> Option<&str> {
        (!self.address.is_empty() && !self.is_of(handed_out)).then_some(self.address.as_str())
    }
}

/// How many of some links to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckExtent {
    /// First, last and some between, for each bucket and template; few links are all checked.
    Sample,
    /// Every one.
    All,
}

/// How far a check of several links is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckProgress {
    /// Answered so far.
    pub checked: usize,
    /// To be asked for.
    pub asked: usize,
    /// Links in all; more than `asked` for a sample.
    pub total: usize,
}

/// One layer that decides about strangers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// Block Public Access of the bucket; the account's own cannot be read through S3.
    PublicAccessBlock,
    /// Who owns objects, and whether access control lists mean anything.
    Ownership,
    /// The bucket's policy.
    Policy,
    /// The object's access control list.
    ObjectAcl,
    /// Encryption of the object.
    Encryption,
    /// Storage class: archived or not.
    StorageClass,
    /// Who pays for requests.
    RequesterPays,
    /// Versions: a delete marker on top.
    Version,
}

/// What a layer does to a stranger who wants this object. The words are the front end's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Finding {
    /// Nothing at the bucket blocks public access.
    NotBlocked,
    /// Public policies are refused when they are set (BlockPublicPolicy); present ones hold.
    NewPoliciesRefused,
    /// Public access control lists are refused when they are set (BlockPublicAcls).
    NewAclsRefused,
    /// Public access control lists have no effect (IgnorePublicAcls).
    AclsIgnored,
    /// Strangers are refused although a policy is public (RestrictPublicBuckets).
    StrangersRefused,
    /// All four switches are on.
    AllBlocked,
    /// Access control lists are off (BucketOwnerEnforced).
    AclsOff,
    /// Access control lists count.
    AclsOn,
    /// The object belongs to the bucket's owner.
    OwnedByBucket,
    /// The object belongs to another account, so that the bucket's policy does not cover it.
    OwnedElsewhere,
    /// There is no policy.
    NoPolicy,
    /// A statement lets anyone read this object.
    PolicyOpens,
    /// Statements there are, but none lets anyone read this object.
    PolicyDoesNotOpen,
    /// A statement denies it.
    PolicyDenies,
    /// A statement lets some read it, under conditions such as an address range.
    PolicyOpensForSome,
    /// A statement denies it to some, under conditions such as an address range.
    PolicyMayDeny,
    /// The policy that stands there is no JSON.
    PolicyBroken,
    /// The object's list lets anyone read.
    AclOpens,
    /// It does not.
    AclDoesNotOpen,
    /// The service has no access control lists of objects.
    NoLists,
    /// Encrypted in a way that strangers can read, or not at all.
    PlainOrManaged,
    /// Encrypted with KMS.
    Kms,
    /// Encrypted with a key of the uploader.
    CustomerKey,
    /// At hand.
    AtHand,
    /// In an archive.
    Archived,
    /// The bucket's owner pays.
    OwnerPays,
    /// Readers pay.
    ReadersPay,
    /// The newest version is an object.
    Current,
    /// The newest version is a delete marker.
    DeleteMarker,
    /// Our keys may not look.
    Unknown,
    /// There was no answer in time, or the service does not know the question.
    NotAsked,
}

/// Whether a finding is good for a stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearing {
    /// It lets strangers in, or is no hindrance.
    Allows,
    /// It keeps strangers out.
    Refuses,
    /// Nobody knows.
    Unknown,
}

impl Finding {
    /// Whether it is good for a stranger, taken by itself; beside the other layers see [`AccessReport::bearing`].
    pub fn bearing(self) -> Bearing {
        match self {
            Self::PolicyMayDeny | Self::PolicyBroken | Self::Unknown | Self::NotAsked => Bearing::Unknown,
            Self::NotBlocked
            | Self::NewPoliciesRefused
            | Self::NewAclsRefused
            | Self::AclsOn
            | Self::OwnedByBucket
            | Self::PolicyOpens
            | Self::AclOpens
            | Self::PlainOrManaged
            | Self::AtHand
            | Self::OwnerPays
            | Self::Current => Bearing::Allows,
            _ => Bearing::Refuses,
        }
    }
}

/// What one layer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerFinding {
    /// Which layer.
    pub layer: Layer,
    /// What it says.
    pub finding: Finding,
}

/// A way to share an object that fits its bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareWay {
    /// A signed link that expires.
    ExpiringLink,
    /// A policy statement that lets anyone read what is below this prefix.
    PublicPrefix(Prefix),
    /// An access control list of this object alone; only where such lists count.
    PublicObject,
    /// An own domain or CDN in front.
    Domain,
    /// Restoring it from the archive first.
    Restore,
    /// Uploading it again with encryption that strangers can read.
    ReEncrypt,
    /// Making it the bucket owner's: by uploading it again, or by turning access control lists off.
    TakeOver,
}

/// Why a link does not open, or does, and what can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessReport {
    /// The check it explains.
    pub check: LinkCheck,
    /// Every layer, those that decide first.
    pub layers: Vec<LayerFinding>,
    /// What can be done, the best first.
    pub ways: Vec<ShareWay>,
}

impl AccessReport {
    /// Whether what a layer says is good for a stranger, all layers taken together. Where one thing opens the object,
    /// others need not: a list that does not open it, or lists that are off, keep nobody out then.
    pub fn bearing(&self, found: LayerFinding) -> Bearing {
        bearing(found, &self.layers, &self.check.verdict)
    }
}
