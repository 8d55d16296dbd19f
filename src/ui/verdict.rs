//! Verdicts, findings and ways to share in words, with the icon and tone that go with them. Pure functions.

use super::icons;
use super::links::RegionDoubt;
use super::widgets::Tone;
use crate::locale::{self, Lang};
use crate::model::{
    AddressNote, Bearing, Finding, Layer, LayerFinding, LinkCheck, LinkKind, NoAddress, NotFoundBecause, OnlyHere,
    PrivateBecause, UnknownBecause, Verdict,
};

/// A verdict for a badge: icon, words, tone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// Glyph of the icon font.
    pub icon: &'static str,
    /// A word or a few.
    pub words: String,
    /// Its colour, which is never the only sign.
    pub tone: Tone,
}

/// What a check says, for the link card: with the status that decided.
pub fn badge(check: &LinkCheck, lang: Lang) -> Badge {
    let id = badge_id(check);
    let answers = ["verdict-private", "verdict-archived", "verdict-refused", "verdict-not-found"];
    let words = match check.status {
        Some(status) if answers.contains(&id) => {
            locale::text_with(lang, &format!("{id}-answers"), &[("status", &status.to_string())])
        }
        _ => locale::text(lang, id),
    };
    Badge { icon: icon(&check.verdict), words, tone: tone(&check.verdict) }
}

fn badge_id(check: &LinkCheck) -> &'static str {
    match &check.verdict {
        Verdict::Public if check.kind == LinkKind::Presigned => "verdict-public-signed",
        Verdict::Public => "verdict-public",
        Verdict::OpensOverTls { .. } => "verdict-opens-over-tls",
        Verdict::OnlyFromHere(OnlyHere::Loopback) => "verdict-only-this-computer",
        Verdict::OnlyFromHere(OnlyHere::PrivateNetwork) => "verdict-only-this-network",
        Verdict::OnlyFromHere(OnlyHere::PolicyNotPublic) => "verdict-only-from-here",
        Verdict::OnlyFromHere(OnlyHere::ThroughProxy) => "verdict-only-through-proxy",
        Verdict::OtherContent => "verdict-other-content",
        Verdict::OnlyAtOrigin => "verdict-only-at-origin",
        Verdict::Private(PrivateBecause::Archived) => "verdict-archived",
        Verdict::Private(PrivateBecause::Expired) => "verdict-expired",
        Verdict::Private(
            PrivateBecause::KeysMayNotRead
            | PrivateBecause::DeniedToKeys
            | PrivateBecause::WrongSignature
            | PrivateBecause::WrongClock,
        ) => "verdict-refused",
        Verdict::Private(_) => "verdict-private",
        Verdict::NotFound(NotFoundBecause::Deleted) => "verdict-deleted",
        Verdict::NotFound(NotFoundBecause::Missing) => "verdict-missing",
        Verdict::NotFound(_) => "verdict-not-found",
        Verdict::BadCertificate => "verdict-bad-certificate",
        Verdict::UntrustedCertificate => "verdict-untrusted-certificate",
        Verdict::NoSuchHost => "verdict-no-such-host",
        Verdict::RedirectsTo { .. } | Verdict::RedirectsWithin => "verdict-redirects",
        Verdict::NoAddress(_) => "verdict-no-address",
        Verdict::Unknown(_) => "verdict-unknown",
    }
}

/// A verdict in one word, for rows: private is what most objects are, so it is nothing to worry about there.
pub fn chip(verdict: &Verdict, lang: Lang) -> Badge {
    let (icon, id, tone) = match verdict {
        Verdict::Public => (icons::PUBLIC_FILL, "chip-public", Tone::Good),
        Verdict::OpensOverTls { .. } => (icons::WARNING_FILL, "chip-over-tls", Tone::Neutral),
        Verdict::OnlyFromHere(_) => (icons::LAPTOP, "chip-only-here", Tone::Neutral),
        Verdict::Private(_) => (icons::LOCK, "chip-private", Tone::Neutral),
        Verdict::NotFound(_) => (icons::LINK_BREAK, "chip-not-found", Tone::Warn),
        Verdict::OtherContent
        | Verdict::OnlyAtOrigin
        | Verdict::BadCertificate
        | Verdict::UntrustedCertificate
        | Verdict::NoSuchHost
        | Verdict::RedirectsTo { .. }
        | Verdict::RedirectsWithin
        | Verdict::NoAddress(_) => (icons::LINK_BREAK, "chip-broken", Tone::Warn),
        Verdict::Unknown(_) => (icons::QUESTION, "chip-unknown", Tone::Neutral),
    };
    Badge { icon, words: locale::text(lang, id), tone }
}

/// The icon of a verdict.
pub fn icon(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Public => icons::PUBLIC_FILL,
        Verdict::OnlyFromHere(_) => icons::LAPTOP,
        Verdict::Private(PrivateBecause::Archived) => icons::BUCKET,
        Verdict::Private(PrivateBecause::Expired) => icons::CLOCK,
        Verdict::Private(_) => icons::LOCK_FILL,
        Verdict::NotFound(_) | Verdict::NoSuchHost | Verdict::NoAddress(_) => icons::LINK_BREAK,
        Verdict::OpensOverTls { .. }
        | Verdict::OtherContent
        | Verdict::OnlyAtOrigin
        | Verdict::BadCertificate
        | Verdict::UntrustedCertificate
        | Verdict::RedirectsTo { .. }
        | Verdict::RedirectsWithin => icons::WARNING_FILL,
        Verdict::Unknown(_) => icons::QUESTION,
    }
}

/// How much a verdict matters to whoever wants to hand the link out.
pub fn tone(verdict: &Verdict) -> Tone {
    match verdict {
        Verdict::Public => Tone::Good,
        Verdict::OpensOverTls { .. }
        | Verdict::OnlyFromHere(_)
        | Verdict::OtherContent
        | Verdict::OnlyAtOrigin
        | Verdict::Private(_)
        | Verdict::RedirectsTo { .. }
        | Verdict::RedirectsWithin
        | Verdict::NoAddress(_) => Tone::Warn,
        Verdict::NotFound(_) | Verdict::BadCertificate | Verdict::UntrustedCertificate | Verdict::NoSuchHost => {
            Tone::Bad
        }
        Verdict::Unknown(_) => Tone::Neutral,
    }
}

/// One sentence, without a full stop.
pub fn sentence(verdict: &Verdict, kind: LinkKind, lang: Lang) -> String {
    let id = match verdict {
        Verdict::Public if kind == LinkKind::Presigned => "verdict-says-public-signed",
        Verdict::Public => "verdict-says-public",
        Verdict::OpensOverTls { origin } => {
            return locale::text_with(lang, "verdict-says-opens-over-tls", &[("origin", origin)]);
        }
        Verdict::OnlyFromHere(OnlyHere::Loopback) => "verdict-says-only-this-computer",
        Verdict::OnlyFromHere(OnlyHere::PrivateNetwork) => "verdict-says-only-this-network",
        Verdict::OnlyFromHere(OnlyHere::PolicyNotPublic) => "verdict-says-only-from-here",
        Verdict::OnlyFromHere(OnlyHere::ThroughProxy) => "verdict-says-only-through-proxy",
        Verdict::OtherContent => "verdict-says-other-content",
        Verdict::OnlyAtOrigin => "verdict-says-only-at-origin",
        Verdict::Private(because) => private_id(*because),
        Verdict::NotFound(because) => not_found_id(*because),
        Verdict::BadCertificate => "verdict-says-bad-certificate",
        Verdict::UntrustedCertificate => "verdict-says-untrusted-certificate",
        Verdict::NoSuchHost => "verdict-says-no-such-host",
        Verdict::RedirectsTo { host } => {
            return locale::text_with(lang, "verdict-says-redirects", &[("host", host)]);
        }
        Verdict::RedirectsWithin => "verdict-says-redirects-within",
        Verdict::NoAddress(why) => no_address_id(*why),
        Verdict::Unknown(UnknownBecause::Timeout) => "verdict-says-unknown-timeout",
        Verdict::Unknown(UnknownBecause::Unreachable) => "verdict-says-unknown-unreachable",
        Verdict::Unknown(UnknownBecause::ServerError) => "verdict-says-unknown-server-error",
        Verdict::Unknown(UnknownBecause::OddAnswer) => "verdict-says-unknown-odd-answer",
        Verdict::Unknown(UnknownBecause::NotProven) => "verdict-says-unknown-not-proven",
        Verdict::Unknown(UnknownBecause::AnotherAnswered) => "verdict-says-unknown-another-answered",
    };
    locale::text(lang, id)
}

fn private_id(because: PrivateBecause) -> &'static str {
    match because {
        PrivateBecause::PublicAccessBlocked => "verdict-says-private-blocked",
        PrivateBecause::PerhapsBlocked => "verdict-says-private-perhaps-blocked",
        PrivateBecause::OpensForSome => "verdict-says-private-opens-for-some",
        PrivateBecause::PolicyMayDeny => "verdict-says-private-policy-may-deny",
        PrivateBecause::Unexplained => "verdict-says-private",
        PrivateBecause::DeniedToKeys => "verdict-says-private-denied-to-keys",
        PrivateBecause::WrongSignature => "verdict-says-private-wrong-signature",
        PrivateBecause::WrongClock => "verdict-says-private-wrong-clock",
        PrivateBecause::NothingOpensIt => "verdict-says-private-nothing-opens-it",
        PrivateBecause::PrivateOrMissing => "verdict-says-private-or-missing",
        PrivateBecause::Encrypted => "verdict-says-private-encrypted",
        PrivateBecause::Archived => "verdict-says-private-archived",
        PrivateBecause::RequesterPays => "verdict-says-private-requester-pays",
        PrivateBecause::PolicyDenies => "verdict-says-private-policy-denies",
        PrivateBecause::OtherOwner => "verdict-says-private-other-owner",
        PrivateBecause::KeysMayNotRead => "verdict-says-private-keys-may-not-read",
        PrivateBecause::Expired => "verdict-says-private-expired",
        PrivateBecause::NeverServedHere => "verdict-says-private-never-served-here",
        PrivateBecause::DomainRefuses => "verdict-says-private-domain-refuses",
    }
}

fn not_found_id(because: NotFoundBecause) -> &'static str {
    match because {
        NotFoundBecause::WrongAddress => "verdict-says-not-found-wrong-address",
        NotFoundBecause::Deleted => "verdict-says-not-found-deleted",
        NotFoundBecause::Missing => "verdict-says-not-found-missing",
        NotFoundBecause::NoSuchBucket => "verdict-says-not-found-no-such-bucket",
        NotFoundBecause::Cached => "verdict-says-not-found-cached",
        NotFoundBecause::Unclear => "verdict-says-not-found",
    }
}

fn no_address_id(why: NoAddress) -> &'static str {
    match why {
        NoAddress::NeedsDomain => "verdict-says-needs-domain",
        NoAddress::DirectoryBucket => "verdict-says-directory-bucket",
        NoAddress::MultiRegion => "verdict-says-multi-region",
        NoAddress::DotSegment => "verdict-says-dot-segment",
    }
}

/// Why the region in a link is a guess.
pub fn region_doubt(doubt: &RegionDoubt, lang: Lang) -> String {
    match doubt {
        RegionDoubt::NotLearnt => locale::text(lang, "link-region-not-learnt"),
        RegionDoubt::Strange(region) => locale::text_with(lang, "link-region-strange", &[("region", region.as_str())]),
    }
}

/// What a layer says, as a sentence.
pub fn finding(found: LayerFinding, lang: Lang) -> String {
    let id = match found.finding {
        Finding::NotBlocked => "layer-block-not-blocked",
        Finding::NewPoliciesRefused => "layer-block-new-policies",
        Finding::NewAclsRefused => "layer-block-new-acls",
        Finding::AclsIgnored => "layer-block-acls-ignored",
        Finding::StrangersRefused => "layer-block-strangers",
        Finding::AllBlocked => "layer-block-all",
        Finding::AclsOff => "layer-ownership-off",
        Finding::AclsOn => "layer-ownership-on",
        Finding::OwnedByBucket => "layer-ownership-here",
        Finding::OwnedElsewhere => "layer-ownership-elsewhere",
        Finding::NoPolicy => "layer-policy-none",
        Finding::PolicyOpens => "layer-policy-opens",
        Finding::PolicyDoesNotOpen => "layer-policy-does-not-open",
        Finding::PolicyDenies => "layer-policy-denies",
        Finding::PolicyOpensForSome => "layer-policy-some",
        Finding::PolicyMayDeny => "layer-policy-may-deny",
        Finding::PolicyBroken => "layer-policy-broken",
        Finding::AclOpens => "layer-acl-opens",
        Finding::AclDoesNotOpen => "layer-acl-does-not-open",
        Finding::NoLists => "layer-acl-no-lists",
        Finding::PlainOrManaged => "layer-encryption-plain",
        Finding::Kms => "layer-encryption-kms",
        Finding::CustomerKey => "layer-encryption-customer",
        Finding::AtHand => "layer-class-at-hand",
        Finding::Archived => "layer-class-archived",
        Finding::OwnerPays => "layer-pays-owner",
        Finding::ReadersPay => "layer-pays-readers",
        Finding::Current => "layer-version-current",
        Finding::DeleteMarker => "layer-version-deleted",
        Finding::Unknown => unknown_layer_id(found.layer),
        Finding::NotAsked => {
            let words = locale::text(lang, unknown_layer_id(found.layer));
            let name = words.split_once(':').map_or(words.as_str(), |(name, _)| name);
            return locale::text_with(lang, "layer-not-asked", &[("layer", name)]);
        }
    };
    locale::text(lang, id)
}

fn unknown_layer_id(layer: Layer) -> &'static str {
    match layer {
        Layer::PublicAccessBlock => "layer-unknown-block",
        Layer::Ownership => "layer-unknown-ownership",
        Layer::Policy => "layer-unknown-policy",
        Layer::ObjectAcl => "layer-unknown-acl",
        Layer::Encryption => "layer-unknown-encryption",
        Layer::StorageClass => "layer-unknown-class",
        Layer::RequesterPays => "layer-unknown-pays",
        Layer::Version => "layer-unknown-version",
    }
}

/// Icon and tone of what a layer says: green lets in, red keeps out, grey is not known.
pub fn bearing(bearing: Bearing) -> (&'static str, Tone) {
    match bearing {
        Bearing::Allows => (icons::CHECK_CIRCLE_FILL, Tone::Good),
        Bearing::Refuses => (icons::X_CIRCLE_FILL, Tone::Bad),
        Bearing::Unknown => (icons::QUESTION, Tone::Neutral),
    }
}

/// Why a layer would keep strangers out of what is to be opened.
pub fn blocked_by(layer: Layer, lang: Lang) -> String {
    let id = match layer {
        Layer::PublicAccessBlock => "blocked-block",
        Layer::Ownership => "blocked-ownership",
        Layer::Policy => "blocked-policy",
        Layer::ObjectAcl => "blocked-acl",
        Layer::Encryption => "blocked-encryption",
        Layer::StorageClass => "blocked-class",
        Layer::RequesterPays => "blocked-pays",
        Layer::Version => "blocked-version",
    };
    locale::text(lang, id)
}

/// What is good to know of an address, as a text's id.
pub fn note_id(note: AddressNote) -> &'static str {
    match note {
        AddressNote::NotOnInternet => "templates-note-internal",
        AddressNote::Website => "templates-note-website",
        AddressNote::PlainHttp => "templates-note-plain-http",
        AddressNote::OldForm => "templates-note-old-form",
        AddressNote::RateLimited => "templates-note-rate-limited",
        AddressNote::China => "templates-note-china",
        AddressNote::FoldedSlashes => "templates-note-slashes",
        AddressNote::ControlCharacters => "templates-note-control",
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
