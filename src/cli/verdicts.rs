//! Words and codes for verdicts, layers and ways; asking the engine for checks.

use super::client::{Client, Stop};
use super::output::Form;
use crate::locale::{self, Lang};
use crate::model::{
    CheckExtent, Command, Event, GivenLink, LayerFinding, LinkCheck, LinkKind, NoAddress, ObjectRef, Prefix, RequestId,
    ShareWay, SignedLink, Verdict,
};

/// What a verdict says, as the end of a sentence.
pub(super) fn verdict_words(lang: Lang, kind: LinkKind, verdict: &Verdict) -> String {
    let host = match verdict {
        Verdict::RedirectsTo { host } => host.as_str(),
        Verdict::OpensOverTls { origin } => origin.as_str(),
        _ => "",
    };
    let ending = match (verdict, kind) {
        (Verdict::Public, LinkKind::Presigned) => "-signed",
        (Verdict::NoAddress(NoAddress::NeedsDomain), _) => "-needs-domain",
        (Verdict::NoAddress(NoAddress::DirectoryBucket), _) => "-directory-bucket",
        (Verdict::NoAddress(NoAddress::MultiRegion), _) => "-multi-region",
        (Verdict::NoAddress(NoAddress::DotSegment), _) => "-dot-segment",
        _ => "",
    };
    locale::text_with(lang, &format!("cli-verdict-{}{ending}", verdict.code()), &[("host", host)])
}

/// What a layer says, after its name.
pub(super) fn layer_words(lang: Lang, found: LayerFinding) -> String {
    let name = locale::text(lang, &format!("cli-layer-{}", found.layer.code()));
    let finding = locale::text(lang, &format!("cli-finding-{}", found.finding.code()));
    format!("{name}: {finding}")
}

/// Stable name of a way, and what it is about.
pub(super) fn way_code(way: &ShareWay) -> (&'static str, Option<&Prefix>) {
    match way {
        ShareWay::ExpiringLink => ("expiring-link", None),
        ShareWay::PublicPrefix(prefix) if prefix.as_str().is_empty() => ("public-bucket", None),
        ShareWay::PublicPrefix(prefix) => ("public-prefix", Some(prefix)),
        ShareWay::PublicObject => ("public-object", None),
        ShareWay::Domain => ("domain", None),
        ShareWay::Restore => ("restore", None),
        ShareWay::ReEncrypt => ("re-encrypt", None),
        ShareWay::TakeOver => ("take-over", None),
    }
}

/// Asks for the check of one object's public link; the answer comes as `LinksChecked`.
pub(super) fn ask_public(client: &Client<'_>, object: &ObjectRef) -> RequestId {
    let request = RequestId::next();
    let (objects, extent) = (vec![object.clone()], CheckExtent::Sample);
    client.send(Command::CheckLinks { request, objects, extent });
    request
}

/// The same for one signed link.
pub(super) fn ask_signed(client: &Client<'_>, link: &SignedLink) -> RequestId {
    let request = RequestId::next();
    let (links, extent) = (vec![link.clone()], CheckExtent::Sample);
    client.send(Command::CheckSignedLinks { request, links, extent });
    request
}

/// Waits for the check of one link; `None` if it could not be made at all.
pub(super) fn answer(client: &mut Client<'_>, asked: RequestId) -> Result<Option<LinkCheck>, Stop> {
    let mut found = None;
    loop {
        let end = client.answer(|event| match event {
            Event::LinksChecked { request, checks, end, .. } if request == asked => {
                found = checks.into_iter().next().or(found.take());
                Some(end.is_some())
            }
            _ => None,
        })?;
        if end {
            return Ok(found);
        }
    }
}

/// Notes that a link was handed out.
pub(super) fn record(client: &mut Client<'_>, given: GivenLink) {
    client.given.push(given);
}

/// What the history keeps of a link; never its signature. The engine's clock says when.
pub(super) fn given(object: &ObjectRef, kind: LinkKind, url: &str, expires: Option<jiff::Timestamp>) -> GivenLink {
    GivenLink {
        object: object.clone(),
        kind,
        address: kind.without_signature(url).to_owned(),
        given_at: jiff::Timestamp::UNIX_EPOCH,
        expires,
        verdict: None,
    }
}

/// [`tell`], where results are for people; programs find the verdict in their line.
pub(super) fn tell_in_text(client: &mut Client<'_>, check: &LinkCheck) -> Result<(), Stop> {
    if client.printer.form == Form::Text { tell(client, check) } else { Ok(()) }
}

/// Where results are for people: says which link it is to hand out instead of the one above, in the words of `id`.
pub(super) fn tell_instead(client: &mut Client<'_>, id: &str, link: &str) -> Result<(), Stop> {
    if client.printer.form != Form::Text {
        return Ok(());
    }
    Ok(client.printer.complaint(&locale::text_with(client.printer.lang, id, &[("link", link)]))?)
}

/// Says a verdict on standard error: quietly if it is good.
fn tell(client: &mut Client<'_>, check: &LinkCheck) -> Result<(), Stop> {
    let words = verdict_words(client.printer.lang, check.kind, &check.verdict);
    let line = format!("{}: {words}", check.object);
    let told = match check.verdict {
        Verdict::Public => client.printer.remark(&line),
        _ => client.printer.complaint(&line),
    };
    Ok(told?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{NotFoundBecause, OnlyHere, PrivateBecause, UnknownBecause};

    #[test]
    fn everything_has_words_in_both_languages() {
        use {NotFoundBecause as N, OnlyHere as O, PrivateBecause as P, UnknownBecause as U};
        let mut verdicts = vec![
            Verdict::Public,
            Verdict::OtherContent,
            Verdict::OnlyAtOrigin,
            Verdict::BadCertificate,
            Verdict::UntrustedCertificate,
            Verdict::NoSuchHost,
            Verdict::RedirectsTo { host: "h.example".into() },
            Verdict::RedirectsWithin,
            Verdict::OpensOverTls { origin: "https://h.example".into() },
        ];
        verdicts
            .extend([O::Loopback, O::PrivateNetwork, O::PolicyNotPublic, O::ThroughProxy].map(Verdict::OnlyFromHere));
        verdicts.extend(
            [
                P::PublicAccessBlocked,
                P::PerhapsBlocked,
                P::OpensForSome,
                P::PolicyMayDeny,
                P::Unexplained,
                P::DeniedToKeys,
                P::WrongSignature,
                P::WrongClock,
                P::NothingOpensIt,
                P::PrivateOrMissing,
                P::Encrypted,
                P::Archived,
                P::RequesterPays,
                P::PolicyDenies,
                P::OtherOwner,
                P::KeysMayNotRead,
                P::Expired,
                P::NeverServedHere,
                P::DomainRefuses,
            ]
            .map(Verdict::Private),
        );
        verdicts.extend(
            [N::WrongAddress, N::Deleted, N::Missing, N::NoSuchBucket, N::Cached, N::Unclear].map(Verdict::NotFound),
        );
        verdicts.extend(
            [U::Timeout, U::Unreachable, U::ServerError, U::OddAnswer, U::NotProven, U::AnotherAnswered]
                .map(Verdict::Unknown),
        );
        verdicts.extend(
            [NoAddress::NeedsDomain, NoAddress::DirectoryBucket, NoAddress::MultiRegion, NoAddress::DotSegment]
                .map(Verdict::NoAddress),
        );
        for lang in Lang::ALL {
            for verdict in &verdicts {
                for kind in [LinkKind::Public, LinkKind::Presigned] {
                    let words = verdict_words(lang, kind, verdict);
                    assert!(!words.contains("cli-verdict") && !words.ends_with('.'), "{lang:?} {verdict:?}: {words}");
                    if lang == Lang::Ko {
                        assert!(words.chars().any(|c| ('가'..='힣').contains(&c)), "{words}");
                    }
                }
            }
        }
    }
}
