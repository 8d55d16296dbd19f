//! From what a stranger met, and what is known of the object, to a verdict. Settings only ever give a reason; without
//! an answer nothing is called public, and nothing private.

use super::access_facts::{ObjectStorage, says, why_private};
use super::policy_reading::LinkTransport;
use super::{
    Finding, LayerFinding, LinkKind, NotFoundBecause, OnlyHere, PrivateBecause, Region, UnknownBecause, Verdict,
};

/// Where the host that answered is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// As far as one can see, anywhere.
    World,
    /// This computer.
    Loopback,
    /// A private network, or a host that only such a network names.
    PrivateNetwork,
    /// A proxy stands between, and this computer does not find the host by itself: it may be anywhere.
    BehindProxy,
}

/// The answer to a request without credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrangerAnswer {
    /// HTTP status; that of the one-byte GET where one was sent.
    pub status: u16,
    /// S3's code of an error.
    pub code: Option<String>,
    /// Its message, cut short.
    pub message: Option<String>,
    /// Size of the whole object, where the answer told it.
    pub size_bytes: Option<u64>,
    /// Entity tag without quotes and weakness.
    pub etag: Option<String>,
    /// The bucket's region, where the answer named it.
    pub region: Option<Region>,
    /// Where a redirect leads.
    pub leads: Option<Leads>,
    /// Scheme, host and port that answered over TLS, where the address that was asked for only led there.
    pub over_tls: Option<String>,
    /// Whether a cache answered, by its own word.
    pub from: AnswerFrom,
    /// Whether it is known that an object storage has spoken.
    pub voice: Voice,
    /// How it was asked for.
    pub by: AskedBy,
    /// Where it came from.
    pub reach: Reach,
}

/// How an answer was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// By HEAD alone, which a storage answers for what is in an archive as well.
    Head,
    /// By a GET, of one byte at most.
    Get,
}

/// Where a redirect leads. One from `http://` to the very same address over TLS is followed, and none other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leads {
    /// Elsewhere on the host that was asked.
    Within,
    /// To this other host.
    To(String),
}

/// Who has made an answer, as far as it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnswerFrom {
    /// Nothing says otherwise.
    #[default]
    Server,
    /// A cache that has kept it for a while.
    Cache,
}

/// Who speaks in an answer: a login page or a gateway may well send an entity tag, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Voice {
    /// An object storage, by the id of its answer; or Amazon, by its certificate.
    Storage,
    /// A web page, of nothing that would be known for a storage or for a network that delivers its objects: the login
    /// page of a network, or a gateway's.
    Page,
    /// A network that delivers objects, in its own name: nothing of a storage's stands on it.
    Delivery,
    /// Nobody knows.
    #[default]
    Unclear,
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The name of the host is not known.
    NoSuchHost,
    /// The certificate is not for this host, or not for this time.
    BadCertificate,
    /// Nobody whom this computer trusts vouches for the certificate.
    UntrustedCertificate,
    /// Nothing came in time.
    Timeout,
    /// The host refuses connections, or the line is down.
    Unreachable,
    /// Something came that is no HTTP.
    Garbled,
}

/// What a stranger met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Met {
    /// An answer.
    Answer(StrangerAnswer),
    /// None.
    Nothing(NoAnswer),
}

/// What our own keys see of the object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KnownObject {
    /// It is there.
    There {
        /// Its size.
        size_bytes: Option<u64>,
        /// Its entity tag without quotes.
        etag: Option<String>,
    },
    /// There is none.
    Missing,
    /// The newest version is a delete marker.
    Deleted,
    /// There is no such bucket.
    NoBucket,
    /// Our keys may not look, or there was no answer.
    #[default]
    Unknown,
}

/// By which address a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkWay {
    /// The service's own.
    Service,
    /// An own domain or a CDN in front.
    Domain,
}

/// Whether anything else has answered just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineState {
    /// The service answered our own request.
    Works,
    /// Our own request got no answer either.
    Unclear,
    /// There was no request of our own: there are no keys.
    NotTried,
}

/// What a verdict is made of, besides what the stranger met.
#[derive(Clone, Copy, Debug)]
pub struct LinkFacts<'a> {
    /// Signed or not.
    pub kind: LinkKind,
    /// By which address.
    pub way: LinkWay,
    /// What our keys see.
    pub object: &'a KnownObject,
    /// Whether its bytes are at hand, as far as our keys see.
    pub storage: Option<ObjectStorage>,
    /// What the bucket's layers say; empty if they were not asked.
    pub layers: &'a [LayerFinding],
    /// What the service's own address said, where a link through a domain failed.
    pub origin: Option<&'a Verdict>,
    /// Whether the line works.
    pub line: LineState,
    /// Whether nobody on the way can have spoken in the host's place.
    pub transport: LinkTransport,
}

/// The verdict on one link.
pub fn judge(met: &Met, facts: &LinkFacts<'_>) -> Verdict {
    let answer = match met {
        Met::Answer(answer) => answer,
        Met::Nothing(nothing) => return unanswered(*nothing, facts.line),
    };
    if opens(answer) {
        return opened(answer, facts);
    }
    match answer.status {
        300..=399 => redirected(answer),
        401 | 403 if is_of_something_else(answer, facts) => Verdict::Unknown(UnknownBecause::AnotherAnswered),
        401 | 403 => refused(answer, facts),
        404 | 410 => nothing_there(answer, facts),
        400 => odd_request(answer, facts),
        408 => Verdict::Unknown(UnknownBecause::Timeout),
        407 | 511 => Verdict::Unknown(UnknownBecause::Unreachable),
        429 | 500..=599 => Verdict::Unknown(UnknownBecause::ServerError),
        _ => Verdict::Unknown(UnknownBecause::OddAnswer),
    }
}

/// Whether the settings of the bucket may tell the reason of a refusal.
pub fn needs_reason(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Private(PrivateBecause::PrivateOrMissing | PrivateBecause::Unexplained))
}

/// Whether an answer opens by HEAD alone although the object may be in an archive: a GET has to say more.
pub fn needs_get(met: &Met, storage: Option<ObjectStorage>) -> bool {
    matches!(met, Met::Answer(answer) if opens(answer) && answer.by == AskedBy::Head)
        && storage != Some(ObjectStorage::AtHand)
}

fn unanswered(nothing: NoAnswer, line: LineState) -> Verdict {
    match nothing {
        // A login page of the network's has a certificate of its own for every host.
        NoAnswer::BadCertificate | NoAnswer::UntrustedCertificate if line == LineState::Unclear => {
            Verdict::Unknown(UnknownBecause::Unreachable)
        }
        NoAnswer::BadCertificate => Verdict::BadCertificate,
        NoAnswer::UntrustedCertificate => Verdict::UntrustedCertificate,
        NoAnswer::Timeout => Verdict::Unknown(UnknownBecause::Timeout),
        // Without a line no name is found: that says nothing about this one.
        NoAnswer::NoSuchHost if line == LineState::Works => Verdict::NoSuchHost,
        NoAnswer::NoSuchHost | NoAnswer::Unreachable => Verdict::Unknown(UnknownBecause::Unreachable),
        NoAnswer::Garbled => Verdict::Unknown(UnknownBecause::OddAnswer),
    }
}

/// An empty object answers 416 to a request for its first byte.
fn opens(answer: &StrangerAnswer) -> bool {
    matches!(answer.status, 200 | 206) || answer.status == 416 && answer.size_bytes == Some(0)
}

/// How an answer and an object compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Same,
    /// Of the same length; nothing more is told.
    SameLength,
    Different,
    NothingToCompare,
}

fn compare(answer: &StrangerAnswer, size_bytes: Option<u64>, etag: Option<&str>) -> Comparison {
    let sizes = answer.size_bytes.zip(size_bytes).map(|(a, b)| a == b);
    let etags = answer.etag.as_deref().zip(etag).map(|(a, b)| a == b);
    match (sizes, etags) {
        (Some(false), _) | (_, Some(false)) => Comparison::Different,
        (_, Some(true)) => Comparison::Same,
        (Some(true), None) => Comparison::SameLength,
        (None, None) => Comparison::NothingToCompare,
    }
}

fn opened(answer: &StrangerAnswer, facts: &LinkFacts<'_>) -> Verdict {
    let is_by_the_storage = facts.way == LinkWay::Service && answer.voice == Voice::Storage;
    let comparison = match facts.object {
        KnownObject::There { size_bytes, etag } => compare(answer, *size_bytes, etag.as_deref()),
        KnownObject::Missing | KnownObject::Deleted | KnownObject::NoBucket => Comparison::Different,
        // A storage shows no page in an object's place; whatever stands in front of it might.
        KnownObject::Unknown if is_by_the_storage && answer.etag.is_some() => Comparison::Same,
        KnownObject::Unknown => Comparison::NothingToCompare,
    };
    match comparison {
        Comparison::Different => Verdict::OtherContent,
        Comparison::NothingToCompare => Verdict::Unknown(UnknownBecause::OddAnswer),
        Comparison::SameLength if !is_by_the_storage => Verdict::Unknown(UnknownBecause::NotProven),
        // What is in an archive has a head as well.
        _ if needs_get(&Met::Answer(answer.clone()), facts.storage) => Verdict::Unknown(UnknownBecause::NotProven),
        Comparison::Same | Comparison::SameLength => match answer.reach {
            Reach::Loopback => Verdict::OnlyFromHere(OnlyHere::Loopback),
            Reach::PrivateNetwork => Verdict::OnlyFromHere(OnlyHere::PrivateNetwork),
            Reach::World | Reach::BehindProxy if opens_for_some(facts) => {
                Verdict::OnlyFromHere(OnlyHere::PolicyNotPublic)
            }
            Reach::BehindProxy => Verdict::OnlyFromHere(OnlyHere::ThroughProxy),
            Reach::World => match &answer.over_tls {
                Some(origin) => Verdict::OpensOverTls { origin: origin.clone() },
                None => Verdict::Public,
            },
        },
    }
}

/// Whether by the settings it is a policy with conditions that has let us in, and no access control list.
fn opens_for_some(facts: &LinkFacts<'_>) -> bool {
    let says = |finding| says(facts.layers, finding);
    if facts.kind == LinkKind::Presigned || facts.way == LinkWay::Domain {
        return false;
    }
    // Whom a statement denies it, no list lets in.
    if says(Finding::PolicyMayDeny) {
        return true;
    }
    let acl_opens = says(Finding::AclOpens) && !says(Finding::AclsOff) && !says(Finding::AclsIgnored);
    let acl_is_closed = [Finding::AclDoesNotOpen, Finding::NoLists, Finding::AclsOff, Finding::AclsIgnored];
    let acl_is_closed = acl_is_closed.into_iter().any(says);
    !acl_opens && (says(Finding::PolicyOpensForSome) || says(Finding::PolicyDoesNotOpen) && acl_is_closed)
}

fn redirected(answer: &StrangerAnswer) -> Verdict {
    let is_amazon_saying_elsewhere =
        answer.region.is_some() || matches!(answer.code.as_deref(), Some("PermanentRedirect" | "TemporaryRedirect"));
    match &answer.leads {
        Some(Leads::To(host)) => Verdict::RedirectsTo { host: host.clone() },
        Some(Leads::Within) if !is_amazon_saying_elsewhere => Verdict::RedirectsWithin,
        _ if is_amazon_saying_elsewhere => Verdict::NotFound(NotFoundBecause::NoSuchBucket),
        _ => Verdict::Unknown(UnknownBecause::OddAnswer),
    }
}

/// Whether a refusal is the word of something between us and the storage. What stands under an own domain's certificate
/// is that domain, whatever it shows.
fn is_of_something_else(answer: &StrangerAnswer, facts: &LinkFacts<'_>) -> bool {
    let is_the_domains_own = facts.way == LinkWay::Domain && facts.transport == LinkTransport::Tls;
    answer.voice == Voice::Page && answer.code.is_none() && !is_the_domains_own
}

fn refused(answer: &StrangerAnswer, facts: &LinkFacts<'_>) -> Verdict {
    if answer.code.as_deref() == Some("InvalidObjectState") {
        return Verdict::Private(PrivateBecause::Archived);
    }
    if asks_for_signature_of_kms(answer) {
        return Verdict::Private(PrivateBecause::Encrypted);
    }
    if let Some(because) = gone(facts.object) {
        return Verdict::NotFound(because);
    }
    if facts.kind == LinkKind::Presigned {
        return Verdict::Private(refused_signature(answer, facts));
    }
    // A storage says its code. What refuses without one stands in front, and the bucket's settings are not its reason.
    if facts.way == LinkWay::Domain && is_the_domains_word(answer) {
        return Verdict::Private(PrivateBecause::DomainRefuses).or_at_origin(facts);
    }
    Verdict::Private(why_refused(answer, facts)).or_at_origin(facts)
}

/// Whether a domain refuses by itself: storages say a code of S3's, and networks that deliver objects leave the signs of
/// a storage on what it has said.
fn is_the_domains_word(answer: &StrangerAnswer) -> bool {
    // CloudFront's, for links that it wants to be signed for itself.
    let is_foreign = |code: &str| matches!(code, "MissingKey" | "InvalidKey" | "MissingPolicy" | "MissingSignature");
    answer.code.as_deref().is_none_or(is_foreign) || answer.voice == Voice::Delivery
}

fn why_refused(answer: &StrangerAnswer, facts: &LinkFacts<'_>) -> PrivateBecause {
    use PrivateBecause as P;
    let is_by_a_storage = answer.code.is_some() || answer.voice == Voice::Storage;
    let because = match why_private(facts.layers) {
        // Whatever refuses in front of a storage has reasons of its own.
        P::PerhapsBlocked | P::OtherOwner | P::PolicyMayDeny if !is_by_a_storage => P::PrivateOrMissing,
        because => because,
    };
    let is_there = matches!(facts.object, KnownObject::There { .. });
    if because == P::PrivateOrMissing && is_there { P::Unexplained } else { because }
}

/// Where a link through a domain fails and the service's own address opens, it is the domain that fails.
trait OrAtOrigin {
    fn or_at_origin(self, facts: &LinkFacts<'_>) -> Verdict;
}

impl OrAtOrigin for Verdict {
    fn or_at_origin(self, facts: &LinkFacts<'_>) -> Verdict {
        let origin_opens =
            matches!(facts.origin, Some(Verdict::Public | Verdict::OpensOverTls { .. } | Verdict::OnlyFromHere(_)));
        if facts.way == LinkWay::Domain && origin_opens { Verdict::OnlyAtOrigin } else { self }
    }
}

fn gone(object: &KnownObject) -> Option<NotFoundBecause> {
    match object {
        KnownObject::Missing => Some(NotFoundBecause::Missing),
        KnownObject::Deleted => Some(NotFoundBecause::Deleted),
        KnownObject::NoBucket => Some(NotFoundBecause::NoSuchBucket),
        KnownObject::There { .. } | KnownObject::Unknown => None,
    }
}

fn refused_signature(answer: &StrangerAnswer, facts: &LinkFacts<'_>) -> PrivateBecause {
    use PrivateBecause as P;
    let message = answer.message.as_deref().unwrap_or_default().to_ascii_lowercase();
    match answer.code.as_deref() {
        Some("ExpiredToken" | "TokenRefreshRequired") => P::Expired,
        Some("RequestTimeTooSkewed") => P::WrongClock,
        _ if message.contains("not yet valid") => P::WrongClock,
        _ if message.contains("expired") => P::Expired,
        Some("SignatureDoesNotMatch") => P::WrongSignature,
        _ if message.contains("explicit deny") => P::DeniedToKeys,
        _ if says(facts.layers, Finding::PolicyDenies) => P::DeniedToKeys,
        _ => P::KeysMayNotRead,
    }
}

/// Amazon says so with 400 `InvalidArgument` (KMS) and `InvalidRequest` (keys of the uploader).
fn asks_for_signature_of_kms(answer: &StrangerAnswer) -> bool {
    let message = answer.message.as_deref().unwrap_or_default().to_ascii_lowercase();
    message.contains("server side encryption")
        || message.contains("server-side encryption")
        || message.contains(" kms ")
}

/// A cache may still say what was true before the upload; else the address leads elsewhere.
fn nothing_there(answer: &StrangerAnswer, facts: &LinkFacts<'_>) -> Verdict {
    let verdict = Verdict::NotFound(not_found(answer, facts));
    if answer.from == AnswerFrom::Cache { verdict.or_at_origin(facts) } else { verdict }
}

fn not_found(answer: &StrangerAnswer, facts: &LinkFacts<'_>) -> NotFoundBecause {
    if answer.code.as_deref() == Some("NoSuchBucket") {
        return NotFoundBecause::NoSuchBucket;
    }
    match gone(facts.object) {
        Some(because) => because,
        None if *facts.object == KnownObject::Unknown => NotFoundBecause::Unclear,
        // It may be from before the upload: whether the address is right is not known before it runs out.
        None if facts.way == LinkWay::Domain && answer.from == AnswerFrom::Cache => NotFoundBecause::Cached,
        None => NotFoundBecause::WrongAddress,
    }
}

fn odd_request(answer: &StrangerAnswer, facts: &LinkFacts<'_>) -> Verdict {
    let message = answer.message.as_deref().unwrap_or_default().to_ascii_lowercase();
    if asks_for_signature_of_kms(answer) {
        return Verdict::Private(PrivateBecause::Encrypted);
    }
    match answer.code.as_deref() {
        Some("ExpiredToken" | "TokenRefreshRequired") => Verdict::Private(PrivateBecause::Expired),
        Some("InvalidAccessKeyId" | "InvalidToken" | "SignatureDoesNotMatch" | "RequestTimeTooSkewed")
            if facts.kind == LinkKind::Presigned =>
        {
            Verdict::Private(refused_signature(answer, facts))
        }
        Some("IllegalLocationConstraintException" | "AuthorizationHeaderMalformed" | "InvalidBucketName") => {
            Verdict::NotFound(NotFoundBecause::NoSuchBucket)
        }
        // Services that take no request without a signature at all.
        Some("InvalidArgument" | "InvalidRequest" | "MissingSecurityHeader") if message.contains("authorization") => {
            Verdict::Private(PrivateBecause::NeverServedHere)
        }
        _ => Verdict::Unknown(UnknownBecause::OddAnswer),
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
