//! Every verdict, layer and finding has its own words in both languages.

use std::collections::BTreeSet;

use super::*;
use crate::model::{BucketName, ConnectionId, ObjectKey, ObjectRef};

fn verdicts() -> Vec<Verdict> {
    let mut all = vec![
        Verdict::Public,
        Verdict::OtherContent,
        Verdict::OnlyAtOrigin,
        Verdict::BadCertificate,
        Verdict::UntrustedCertificate,
        Verdict::NoSuchHost,
        Verdict::RedirectsTo { host: "login.example.com".to_owned() },
        Verdict::RedirectsWithin,
        Verdict::OpensOverTls { origin: "https://cdn.example.com".to_owned() },
    ];
    let only = [OnlyHere::Loopback, OnlyHere::PrivateNetwork, OnlyHere::PolicyNotPublic, OnlyHere::ThroughProxy];
    all.extend(only.map(Verdict::OnlyFromHere));
    all.extend(
        [
            PrivateBecause::OtherOwner,
            PrivateBecause::PublicAccessBlocked,
            PrivateBecause::PerhapsBlocked,
            PrivateBecause::OpensForSome,
            PrivateBecause::PolicyMayDeny,
            PrivateBecause::Unexplained,
            PrivateBecause::DeniedToKeys,
            PrivateBecause::WrongSignature,
            PrivateBecause::WrongClock,
            PrivateBecause::NothingOpensIt,
            PrivateBecause::PrivateOrMissing,
            PrivateBecause::Encrypted,
            PrivateBecause::Archived,
            PrivateBecause::RequesterPays,
            PrivateBecause::PolicyDenies,
            PrivateBecause::KeysMayNotRead,
            PrivateBecause::Expired,
            PrivateBecause::NeverServedHere,
            PrivateBecause::DomainRefuses,
        ]
        .map(Verdict::Private),
    );
    all.extend(
        [
            NotFoundBecause::WrongAddress,
            NotFoundBecause::Deleted,
            NotFoundBecause::Missing,
            NotFoundBecause::NoSuchBucket,
            NotFoundBecause::Cached,
            NotFoundBecause::Unclear,
        ]
        .map(Verdict::NotFound),
    );
    let no_address =
        [NoAddress::NeedsDomain, NoAddress::DirectoryBucket, NoAddress::MultiRegion, NoAddress::DotSegment];
    all.extend(no_address.map(Verdict::NoAddress));
    all.extend(
        [
            UnknownBecause::Timeout,
            UnknownBecause::Unreachable,
            UnknownBecause::ServerError,
            UnknownBecause::OddAnswer,
            UnknownBecause::NotProven,
            UnknownBecause::AnotherAnswered,
        ]
        .map(Verdict::Unknown),
    );
    all
}

fn check(verdict: Verdict, status: Option<u16>) -> LinkCheck {
    LinkCheck {
        object: ObjectRef {
            connection: ConnectionId::local(),
            bucket: BucketName::new("weandb").unwrap(),
            key: ObjectKey::new("a.txt"),
        },
        kind: LinkKind::Public,
        verdict,
        status,
        address: String::new(),
        checked_at: jiff::Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn every_verdict_has_a_sentence_of_its_own() {
    for lang in Lang::ALL {
        let mut seen = BTreeSet::new();
        for verdict in verdicts() {
            let words = sentence(&verdict, LinkKind::Public, lang);
            assert!(!words.starts_with("verdict-") && !words.ends_with('.'), "{lang:?} {verdict:?}: {words}");
            assert!(!words.contains(['{', '$']), "{words}");
            assert!(seen.insert(words.clone()), "{lang:?} says the same twice: {words}");
            for status in [None, Some(403)] {
                let badge = badge(&check(verdict.clone(), status), lang);
                assert!(!badge.words.starts_with("verdict-"), "{lang:?} {verdict:?}: {}", badge.words);
            }
            assert!(!chip(&verdict, lang).words.starts_with("chip-"));
        }
    }
}

#[test]
fn only_public_is_good() {
    for verdict in verdicts() {
        let is_good = tone(&verdict) == Tone::Good || chip(&verdict, Lang::En).tone == Tone::Good;
        assert_eq!(is_good, verdict == Verdict::Public, "{verdict:?}");
    }
}

#[test]
fn the_status_is_told_where_it_says_something() {
    let private = check(Verdict::Private(PrivateBecause::NothingOpensIt), Some(403));
    assert_eq!(badge(&private, Lang::En).words, "Private — this link answers 403");
    assert_eq!(badge(&check(Verdict::Public, Some(200)), Lang::En).words, "Public");
}

#[test]
fn every_layer_has_words() {
    const LAYERS: [Layer; 8] = [
        Layer::PublicAccessBlock,
        Layer::Ownership,
        Layer::Policy,
        Layer::ObjectAcl,
        Layer::Encryption,
        Layer::StorageClass,
        Layer::RequesterPays,
        Layer::Version,
    ];
    const FINDINGS: [Finding; 29] = [
        Finding::NotBlocked,
        Finding::NewPoliciesRefused,
        Finding::NewAclsRefused,
        Finding::AclsIgnored,
        Finding::StrangersRefused,
        Finding::AllBlocked,
        Finding::AclsOff,
        Finding::AclsOn,
        Finding::OwnedByBucket,
        Finding::OwnedElsewhere,
        Finding::NoPolicy,
        Finding::PolicyOpens,
        Finding::PolicyDoesNotOpen,
        Finding::PolicyDenies,
        Finding::PolicyOpensForSome,
        Finding::PolicyMayDeny,
        Finding::PolicyBroken,
        Finding::AclOpens,
        Finding::AclDoesNotOpen,
        Finding::NoLists,
        Finding::PlainOrManaged,
        Finding::Kms,
        Finding::CustomerKey,
        Finding::AtHand,
        Finding::Archived,
        Finding::OwnerPays,
        Finding::ReadersPay,
        Finding::Current,
        Finding::DeleteMarker,
    ];
    for lang in Lang::ALL {
        let mut seen = BTreeSet::new();
        let known = FINDINGS.map(|finding| LayerFinding { layer: Layer::Policy, finding });
        let unknown = LAYERS.map(|layer| LayerFinding { layer, finding: Finding::Unknown });
        let not_asked = LAYERS.map(|layer| LayerFinding { layer, finding: Finding::NotAsked });
        for found in known.into_iter().chain(unknown).chain(not_asked) {
            let words = finding(found, lang);
            assert!(!words.starts_with("layer-") && !words.ends_with('.'), "{words}");
            assert!(seen.insert(words.clone()), "{lang:?} says the same twice: {words}");
        }
        for layer in LAYERS {
            assert!(!blocked_by(layer, lang).starts_with("blocked-"), "{layer:?}");
        }
    }
}
