//! What a bucket's settings say to strangers, as far as they could be read, and what follows for one object.

use serde_json::Value;

use super::policy_reading::{LinkTransport, PolicyReading, read_policy};
use super::{
    Bearing, BucketName, Finding, Layer, LayerFinding, NoAddress, ObjectKey, OnlyHere, PrivateBecause, Service,
    ShareWay, Verdict,
};

/// The four switches of Block Public Access, at the bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four switches, as the service has them")]
pub struct PublicAccessSwitches {
    /// BlockPublicAcls.
    pub block_public_acls: bool,
    /// IgnorePublicAcls.
    pub ignore_public_acls: bool,
    /// BlockPublicPolicy.
    pub block_public_policy: bool,
    /// RestrictPublicBuckets.
    pub restrict_public_buckets: bool,
}

impl PublicAccessSwitches {
    /// What they do, one finding each; one for all four, and one for none.
    fn findings(self) -> Vec<Finding> {
        let switches = [
            (self.restrict_public_buckets, Finding::StrangersRefused),
            (self.ignore_public_acls, Finding::AclsIgnored),
            (self.block_public_policy, Finding::NewPoliciesRefused),
            (self.block_public_acls, Finding::NewAclsRefused),
        ];
        let on: Vec<Finding> = switches.into_iter().filter_map(|(is_on, finding)| is_on.then_some(finding)).collect();
        match on.len() {
            0 => vec![Finding::NotBlocked],
            4 => vec![Finding::AllBlocked],
            _ => on,
        }
    }
}

/// What is known of a policy.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum PolicyFact {
    /// It may not be read.
    #[default]
    Unknown,
    /// There is none.
    Absent,
    /// It stands there.
    Text(Value),
    /// It stands there, and is no JSON.
    Broken,
}

/// Whether the service calls a policy public.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PolicyStanding {
    /// It may not be asked.
    #[default]
    Unknown,
    /// There is no policy.
    Absent,
    /// Some statement is public; not necessarily for this object.
    Public,
    /// None is; it may still open here, for this network only.
    NotPublic,
}

/// Whether access control lists mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AclUse {
    /// BucketOwnerEnforced.
    Off,
    /// They count.
    On,
}

/// Who pays for requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaidBy {
    /// The bucket's owner.
    Owner,
    /// Whoever asks.
    Reader,
}

/// What could be read of a bucket; `None` and `Unknown` where our keys may not look.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BucketFacts {
    /// Block Public Access.
    pub switches: Option<PublicAccessSwitches>,
    /// Object Ownership.
    pub acl_use: Option<AclUse>,
    /// The policy.
    pub policy: PolicyFact,
    /// What the service says of it.
    pub policy_standing: PolicyStanding,
    /// Who pays.
    pub paid_by: Option<PaidBy>,
    /// What there was no answer to, or what the service does not know; of the rest our keys may not look at it.
    pub not_asked: Vec<Layer>,
}

/// How an object is encrypted, as far as strangers mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectEncryption {
    /// Not, or in a way that nobody notices.
    PlainOrManaged,
    /// With KMS.
    Kms,
    /// With a key that its uploader has.
    CustomerKey,
}

/// Whether an object's bytes are at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectStorage {
    /// They are.
    AtHand,
    /// They have to be restored first.
    Archived,
}

/// What an access control list does for strangers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AclGrant {
    /// It lets anyone read.
    Opens,
    /// It does not.
    DoesNotOpen,
    /// The service has no lists of objects.
    NoLists,
    /// Nobody has answered the question for it.
    NoAnswer,
}

/// Which version is the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewestVersion {
    /// An object.
    Object,
    /// A delete marker.
    DeleteMarker,
    /// There is none of this key.
    Nothing,
    /// Nobody has answered the question for it.
    NoAnswer,
}

/// Who an object belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectOwner {
    /// The owner of its bucket.
    Bucket,
    /// Another account.
    Another,
}

/// Why an object's encryption or class is not known, where it is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unread {
    /// Our keys may not look.
    #[default]
    Refused,
    /// Nobody has answered.
    NoAnswer,
    /// There is no object, and so nothing of the kind.
    Missing,
}

/// What could be read of an object; `None` where our keys may not look, or where `unread` tells another reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ObjectFacts {
    /// Why not, where nothing is known of its encryption, class or version.
    pub unread: Unread,
    /// Its access control list.
    pub acl: Option<AclGrant>,
    /// Its encryption.
    pub encryption: Option<ObjectEncryption>,
    /// Its storage class.
    pub storage: Option<ObjectStorage>,
    /// Its newest version.
    pub newest: Option<NewestVersion>,
    /// Its owner; asked for only where that would be the reason.
    pub owner: Option<ObjectOwner>,
}

/// Which object is asked for, and how.
#[derive(Clone, Copy, Debug)]
pub struct WantedObject<'a> {
    /// In which bucket.
    pub bucket: &'a BucketName,
    /// Under which key.
    pub key: &'a ObjectKey,
    /// Over what.
    pub transport: LinkTransport,
}

/// What every layer says of an object, in the layers' own order. Block Public Access has a finding for each switch
/// that is on, and a policy may have two. What an object that is not there would have says nothing.
pub fn layers(bucket: &BucketFacts, object: &ObjectFacts, wanted: WantedObject<'_>) -> Vec<LayerFinding> {
    let mut found = Vec::new();
    let mut add = |layer, finding| {
        let is_not_asked = finding == Finding::Unknown && bucket.not_asked.contains(&layer);
        found.push(LayerFinding { layer, finding: if is_not_asked { Finding::NotAsked } else { finding } });
    };
    match bucket.switches {
        Some(switches) => switches.findings().into_iter().for_each(|finding| add(Layer::PublicAccessBlock, finding)),
        None => add(Layer::PublicAccessBlock, Finding::Unknown),
    }
    add(
        Layer::Ownership,
        match bucket.acl_use {
            Some(AclUse::Off) => Finding::AclsOff,
            Some(AclUse::On) => Finding::AclsOn,
            None => Finding::Unknown,
        },
    );
    match object.owner {
        Some(ObjectOwner::Bucket) => add(Layer::Ownership, Finding::OwnedByBucket),
        Some(ObjectOwner::Another) => add(Layer::Ownership, Finding::OwnedElsewhere),
        None => {}
    }
    for finding in policy_findings(bucket, wanted) {
        add(Layer::Policy, *finding);
    }
    for (layer, finding) in [
        (Layer::ObjectAcl, acl_finding(*object)),
        (Layer::Encryption, encryption_finding(*object)),
        (Layer::StorageClass, storage_finding(*object)),
    ] {
        if let Some(finding) = finding {
            add(layer, finding);
        }
    }
    add(
        Layer::RequesterPays,
        match bucket.paid_by {
            Some(PaidBy::Owner) => Finding::OwnerPays,
            Some(PaidBy::Reader) => Finding::ReadersPay,
            None => Finding::Unknown,
        },
    );
    if let Some(finding) = version_finding(*object) {
        add(Layer::Version, finding);
    }
    found
}

/// `None` of what is not there to have one, as for the others.
fn acl_finding(object: ObjectFacts) -> Option<Finding> {
    match object.acl {
        Some(AclGrant::Opens) => Some(Finding::AclOpens),
        Some(AclGrant::DoesNotOpen) => Some(Finding::AclDoesNotOpen),
        Some(AclGrant::NoLists) => Some(Finding::NoLists),
        Some(AclGrant::NoAnswer) | None if object.unread == Unread::Missing => None,
        Some(AclGrant::NoAnswer) => Some(Finding::NotAsked),
        None => Some(Finding::Unknown),
    }
}

fn encryption_finding(object: ObjectFacts) -> Option<Finding> {
    match object.encryption {
        Some(ObjectEncryption::PlainOrManaged) => Some(Finding::PlainOrManaged),
        Some(ObjectEncryption::Kms) => Some(Finding::Kms),
        Some(ObjectEncryption::CustomerKey) => Some(Finding::CustomerKey),
        None => object.unread.finding(),
    }
}

fn storage_finding(object: ObjectFacts) -> Option<Finding> {
    match object.storage {
        Some(ObjectStorage::AtHand) => Some(Finding::AtHand),
        Some(ObjectStorage::Archived) => Some(Finding::Archived),
        None => object.unread.finding(),
    }
}

/// That there is none may be told while its versions may not be listed.
fn version_finding(object: ObjectFacts) -> Option<Finding> {
    match object.newest {
        Some(NewestVersion::Object) => Some(Finding::Current),
        Some(NewestVersion::DeleteMarker) => Some(Finding::DeleteMarker),
        Some(NewestVersion::Nothing) => None,
        Some(NewestVersion::NoAnswer) => Some(Finding::NotAsked),
        None => Some(object.unread.finding().unwrap_or(Finding::Unknown)),
    }
}

impl Unread {
    fn finding(self) -> Option<Finding> {
        match self {
            Self::Refused => Some(Finding::Unknown),
            Self::NoAnswer => Some(Finding::NotAsked),
            Self::Missing => None,
        }
    }
}

fn policy_findings(bucket: &BucketFacts, wanted: WantedObject<'_>) -> &'static [Finding] {
    match &bucket.policy {
        PolicyFact::Text(policy) => match read_policy(policy, wanted.bucket, wanted.key, wanted.transport) {
            PolicyReading::Opens => &[Finding::PolicyOpens],
            PolicyReading::OpensForSome => &[Finding::PolicyOpensForSome],
            PolicyReading::MayDeny => &[Finding::PolicyOpensForSome, Finding::PolicyMayDeny],
            PolicyReading::ClosedAndMayDeny => &[Finding::PolicyDoesNotOpen, Finding::PolicyMayDeny],
            PolicyReading::Denies => &[Finding::PolicyDenies],
            PolicyReading::DoesNotOpen => &[Finding::PolicyDoesNotOpen],
        },
        PolicyFact::Absent => &[Finding::NoPolicy],
        PolicyFact::Unknown => match bucket.policy_standing {
            PolicyStanding::Absent => &[Finding::NoPolicy],
            PolicyStanding::NotPublic => &[Finding::PolicyDoesNotOpen],
            // Some statement is public; nobody knows whether it is for this object.
            PolicyStanding::Public | PolicyStanding::Unknown => &[Finding::Unknown],
        },
        PolicyFact::Broken => &[Finding::PolicyBroken],
    }
}

/// Whether some layer says this.
pub(super) fn says(layers: &[LayerFinding], finding: Finding) -> bool {
    layers.iter().any(|layer| layer.finding == finding)
}

/// Whether a refusal could be for the object's owner: the policy opens it, and nothing that was read takes that back.
pub fn may_be_of_another(layers: &[LayerFinding]) -> bool {
    let says = |finding| says(layers, finding);
    let is_blocked = says(Finding::AllBlocked) || says(Finding::StrangersRefused);
    says(Finding::PolicyOpens) && !says(Finding::AclOpens) && !says(Finding::AclsOff) && !is_blocked
}

/// Why strangers are refused, by the settings; [`PrivateBecause::PrivateOrMissing`] where these do not tell.
pub fn why_private(layers: &[LayerFinding]) -> PrivateBecause {
    let says = |finding| says(layers, finding);
    if says(Finding::Kms) || says(Finding::CustomerKey) {
        return PrivateBecause::Encrypted;
    }
    if says(Finding::ReadersPay) {
        return PrivateBecause::RequesterPays;
    }
    if says(Finding::PolicyDenies) {
        return PrivateBecause::PolicyDenies;
    }
    if may_be_of_another(layers) && says(Finding::OwnedElsewhere) {
        return PrivateBecause::OtherOwner;
    }
    if may_be_of_another(layers) && !says(Finding::OwnedByBucket) {
        // Another account's object, or the account's own switches: neither can be read.
        return PrivateBecause::PrivateOrMissing;
    }
    let acls_count = !says(Finding::AclsOff) && !says(Finding::AclsIgnored);
    let acl_opens = says(Finding::AclOpens) && acls_count;
    let is_ignored = says(Finding::AclOpens) && says(Finding::AclsIgnored) && !says(Finding::AclsOff);
    let policy_is_restricted = says(Finding::PolicyOpens) && says(Finding::StrangersRefused);
    if says(Finding::AllBlocked) || !acl_opens && policy_is_restricted {
        return PrivateBecause::PublicAccessBlocked;
    }
    if says(Finding::PolicyMayDeny) && (acl_opens || says(Finding::PolicyOpensForSome)) {
        return PrivateBecause::PolicyMayDeny;
    }
    // Something opens it, and it is refused all the same: what could do that cannot be read.
    if says(Finding::PolicyOpens) || acl_opens {
        return PrivateBecause::PerhapsBlocked;
    }
    if is_ignored {
        return PrivateBecause::PublicAccessBlocked;
    }
    let acl_is_closed = says(Finding::AclDoesNotOpen) || says(Finding::NoLists) || !acls_count;
    let policy_is_closed = says(Finding::NoPolicy) || says(Finding::PolicyDoesNotOpen);
    if acl_is_closed && says(Finding::PolicyOpensForSome) {
        return PrivateBecause::OpensForSome;
    }
    if policy_is_closed && acl_is_closed { PrivateBecause::NothingOpensIt } else { PrivateBecause::PrivateOrMissing }
}

/// Whether a finding is good for a stranger beside all others. A policy or a list suffices, so that what the other one
/// lacks keeps nobody out; and where a link opens, nothing does.
pub(super) fn bearing(found: LayerFinding, layers: &[LayerFinding], verdict: &Verdict) -> Bearing {
    use Finding as F;
    let by_itself = found.finding.bearing();
    let opens = matches!(
        verdict,
        Verdict::Public
            | Verdict::OpensOverTls { .. }
            | Verdict::OnlyFromHere(OnlyHere::Loopback | OnlyHere::PrivateNetwork | OnlyHere::ThroughProxy)
    );
    let policy_opens = says(layers, F::PolicyOpens);
    let list_opens = says(layers, F::AclOpens) && !says(layers, F::AclsOff);
    let is_not_needed = match found.finding {
        F::AclsOff | F::AclsIgnored | F::AclDoesNotOpen | F::NoLists => policy_opens,
        F::NoPolicy | F::PolicyDoesNotOpen | F::PolicyOpensForSome | F::OwnedElsewhere => list_opens,
        _ => false,
    };
    if by_itself == Bearing::Refuses && (opens || is_not_needed) { Bearing::Allows } else { by_itself }
}

/// Puts the layers that decide first: those that let strangers in for a link that opens, those that refuse for
/// others, then what is not known.
pub fn decisive_first(mut layers: Vec<LayerFinding>, verdict: &Verdict) -> Vec<LayerFinding> {
    let opens = matches!(verdict, Verdict::Public | Verdict::OpensOverTls { .. } | Verdict::OnlyFromHere(_));
    let is_opener = |finding| matches!(finding, Finding::PolicyOpens | Finding::PolicyOpensForSome | Finding::AclOpens);
    let all = layers.clone();
    layers.sort_by_key(|layer| {
        let is_first = if opens { is_opener(layer.finding) } else { decides(verdict, *layer) };
        match bearing(*layer, &all, verdict) {
            _ if is_first => 0,
            Bearing::Allows => {
                if opens {
                    1
                } else {
                    3
                }
            }
            Bearing::Refuses => {
                if opens {
                    3
                } else {
                    1
                }
            }
            Bearing::Unknown => 2,
        }
    });
    layers
}

/// Whether a layer is what a refusal says.
fn decides(verdict: &Verdict, layer: LayerFinding) -> bool {
    use PrivateBecause as P;
    let expected = match verdict {
        Verdict::Private(P::PublicAccessBlocked) => Layer::PublicAccessBlock,
        Verdict::Private(P::Encrypted) => Layer::Encryption,
        Verdict::Private(P::Archived) => Layer::StorageClass,
        Verdict::Private(P::RequesterPays) => Layer::RequesterPays,
        Verdict::Private(P::PolicyMayDeny) => return layer.finding == Finding::PolicyMayDeny,
        Verdict::Private(P::PolicyDenies | P::NothingOpensIt | P::OpensForSome) => Layer::Policy,
        Verdict::Private(P::OtherOwner) => Layer::Ownership,
        Verdict::NotFound(_) => Layer::Version,
        _ => return false,
    };
    layer.layer == expected && layer.finding.bearing() == Bearing::Refuses
}

/// Whether links can be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// There are keys.
    Possible,
    /// The connection has none.
    NoKeys,
}

/// What fits a link that does not open, the best first.
pub fn ways(verdict: &Verdict, layers: &[LayerFinding], key: &ObjectKey, signing: Signing) -> Vec<ShareWay> {
    let mut ways = ways_at_hand(verdict, layers, key, signing);
    // Whatever would open it opens nothing before that.
    if !ways.is_empty() && !ways.contains(&ShareWay::Restore) && says(layers, Finding::Archived) {
        ways.insert(0, ShareWay::Restore);
    }
    ways
}

fn ways_at_hand(verdict: &Verdict, layers: &[LayerFinding], key: &ObjectKey, signing: Signing) -> Vec<ShareWay> {
    use PrivateBecause as P;
    let expiring = (signing == Signing::Possible).then_some(ShareWay::ExpiringLink);
    let expiring = expiring.into_iter();
    // What Block Public Access would refuse, or make void, is no way: its own switch comes first.
    let none_of = |findings: &[Finding]| !findings.iter().any(|finding| says(layers, *finding));
    // Neither does a statement or a list help against one that denies; nor a statement where no policy can be changed.
    let is_blocked = matches!(verdict, Verdict::Private(P::PublicAccessBlocked | P::PerhapsBlocked))
        || !none_of(&[Finding::AllBlocked, Finding::PolicyDenies, Finding::PolicyMayDeny]);
    let no_policy_can_be_set = LayerFinding { layer: Layer::Policy, finding: Finding::NotAsked };
    let by_policy = !is_blocked
        && none_of(&[Finding::NewPoliciesRefused, Finding::StrangersRefused, Finding::PolicyBroken])
        && !layers.contains(&no_policy_can_be_set);
    let by_acl = !is_blocked && none_of(&[Finding::NewAclsRefused, Finding::AclsIgnored, Finding::NoLists]);
    let open = |with_domain: bool| {
        let prefix = by_policy.then(|| ShareWay::PublicPrefix(key.parent()));
        let acl = (by_acl && says(layers, Finding::AclsOn)).then_some(ShareWay::PublicObject);
        let domain = with_domain.then_some(ShareWay::Domain);
        [prefix, acl, domain].into_iter().flatten()
    };
    match verdict {
        Verdict::Private(P::Archived) => std::iter::once(ShareWay::Restore).collect(),
        Verdict::Private(P::Encrypted) => expiring.chain([ShareWay::ReEncrypt]).collect(),
        // Our keys may be refused as well, and so would be a link that they sign.
        Verdict::Private(P::OtherOwner) => std::iter::once(ShareWay::TakeOver).chain(expiring).collect(),
        Verdict::Private(
            P::PublicAccessBlocked
            | P::PerhapsBlocked
            | P::NothingOpensIt
            | P::OpensForSome
            | P::PrivateOrMissing
            | P::Unexplained,
        ) => expiring.chain(open(true)).collect(),
        Verdict::Private(P::KeysMayNotRead) => open(false).collect(),
        // Opening the bucket would not open the domain.
        Verdict::Private(P::NeverServedHere | P::DomainRefuses)
        | Verdict::NoAddress(NoAddress::NeedsDomain)
        | Verdict::BadCertificate => expiring.chain([ShareWay::Domain]).collect(),
        // A signed link leads to the same server. To the other kind links cannot be signed here, and would be refused;
        // what stands in front can sign.
        Verdict::UntrustedCertificate | Verdict::NoAddress(NoAddress::MultiRegion) => vec![ShareWay::Domain],
        Verdict::OnlyFromHere(OnlyHere::PolicyNotPublic) => expiring.chain(open(false)).collect(),
        Verdict::Private(P::RequesterPays | P::PolicyDenies | P::PolicyMayDeny | P::Expired | P::WrongClock)
        | Verdict::NoAddress(NoAddress::DirectoryBucket)
        | Verdict::OnlyAtOrigin
        | Verdict::OtherContent
        | Verdict::RedirectsTo { .. }
        | Verdict::RedirectsWithin
        | Verdict::NoSuchHost => expiring.collect(),
        _ => Vec::new(),
    }
}

impl ShareWay {
    /// Whether a service has it at all: some know neither bucket policies nor access control lists of objects.
    pub fn exists_at(&self, service: Service) -> bool {
        !matches!(
            (self, service),
            (Self::PublicPrefix(_), Service::BackblazeB2 | Service::CloudflareR2 | Service::GoogleCloud)
                | (Self::PublicObject, Service::BackblazeB2 | Service::CloudflareR2)
        )
    }
}

#[cfg(test)]
#[path = "access_facts_tests.rs"]
mod tests;
