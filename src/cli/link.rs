//! `link`: addresses of objects, plain or signed, and whether they open. The address comes first, the verdict after it.

use super::args::LinkArgs;
use super::client::{Client, Outcome, Stop};
use super::json::Line;
use super::output::About;
use super::transfers::public_address;
use super::verdicts;
use crate::model::{
    Command, Connection, Event, Failure, FailureKind, GivenLink, LinkCheck, LinkFormat, LinkKind, ObjectRef, RequestId,
    Service, SignedLink, format_link,
};

/// `link`.
pub(super) fn link(client: &mut Client<'_>, connection: &Connection, args: &LinkArgs) -> Result<Outcome, Stop> {
    let objects: Vec<ObjectRef> = args.objects.iter().map(|uri| uri.object(&connection.id)).collect();
    let format = LinkFormat::from(args.format);
    let expires_secs = match (args.expires, connection.link_kind()) {
        _ if format == LinkFormat::S3Uri => None,
        (Some(expires), _) => Some(expires.as_secs()),
        (None, LinkKind::Presigned) => Some(client.model.settings.presign_secs),
        (None, LinkKind::Public) => None,
    };
    match expires_secs {
        Some(expires_secs) => signed(client, objects, expires_secs, Wish::of(args, format)),
        None => plain(client, connection, &objects, Wish::of(args, format)),
    }
}

/// How links are printed.
#[derive(Clone, Copy)]
struct Wish {
    format: LinkFormat,
    checks: Checks,
}

/// Whether links are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Checks {
    Yes,
    No,
}

impl Wish {
    fn of(args: &LinkArgs, format: LinkFormat) -> Self {
        // An s3:// address is no link that a stranger could open.
        let checks = if args.no_check || format == LinkFormat::S3Uri { Checks::No } else { Checks::Yes };
        Self { format, checks }
    }
}

fn signed(client: &mut Client<'_>, objects: Vec<ObjectRef>, expires_secs: u64, wish: Wish) -> Result<Outcome, Stop> {
    let asked = RequestId::next();
    client.send(Command::SignLinks { request: asked, objects, expires_secs });
    let links = client.answer(|event| match event {
        Event::LinksSigned { request, result } if request == asked => Some(result),
        _ => None,
    })??;
    for link in &links {
        let given = Given { object: &link.object, url: &link.url, signed: Some(link) };
        print(client, &given, wish)?;
    }
    Ok(Outcome::AllDone)
}

fn plain(client: &mut Client<'_>, connection: &Connection, objects: &[ObjectRef], wish: Wish) -> Result<Outcome, Stop> {
    let (mut outcome, format) = (Outcome::AllDone, wish.format);
    for object in objects {
        // Only Amazon's addresses hold the region, and a wrong one leads nowhere.
        if connection.service == Service::AmazonS3 && format != LinkFormat::S3Uri {
            find_region(client, object)?;
        }
        let url =
            if format == LinkFormat::S3Uri { Some(String::new()) } else { public_address(client, connection, object) };
        if let Some(url) = url {
            print(client, &Given { object, url: &url, signed: None }, wish)?;
        } else {
            outcome = Outcome::SomethingFailed;
            let failure = Failure::new(FailureKind::Unsupported).with("action", "link").with("key", &object.key);
            client.failure(&failure, About { path: None, key: Some(&object.key) })?;
        }
    }
    Ok(outcome)
}

/// Asks for a bucket's region once; where it cannot be learnt, the connection's stands.
fn find_region(client: &mut Client<'_>, object: &ObjectRef) -> Result<(), Stop> {
    if client.model.bucket_region(&object.bucket).is_some() {
        return Ok(());
    }
    let asked = RequestId::next();
    let (connection, bucket) = (object.connection.clone(), object.bucket.clone());
    client.send(Command::FindBucketRegion { request: asked, connection, bucket: bucket.clone() });
    client.answer(|event| match event {
        Event::BucketRegionFound { bucket: found, .. } if found == bucket => Some(()),
        Event::BucketRegionUnknown { request, .. } if request == asked => Some(()),
        _ => None,
    })
}

/// A link to be handed out.
struct Given<'a> {
    object: &'a ObjectRef,
    url: &'a str,
    signed: Option<&'a SignedLink>,
}

/// For people the link at once and its verdict after it; for programs both in one line.
fn print(client: &mut Client<'_>, given: &Given<'_>, wish: Wish) -> Result<(), Stop> {
    let link = format_link(given.url, given.object, wish.format);
    client.printer.text(&link)?;
    if wish.format != LinkFormat::S3Uri {
        verdicts::record(client, given.for_history());
    }
    let check = match (wish.checks, given.signed) {
        (Checks::No, _) => None,
        (Checks::Yes, Some(signed)) => {
            let asked = verdicts::ask_signed(client, signed);
            verdicts::answer(client, asked)?
        }
        (Checks::Yes, None) => {
            let asked = verdicts::ask_public(client, given.object);
            verdicts::answer(client, asked)?
        }
    };
    if let Some(check) = &check {
        verdicts::tell_in_text(client, check)?;
    }
    tell_json(client, given, &link, check.as_ref())
}

fn tell_json(client: &mut Client<'_>, given: &Given<'_>, link: &str, check: Option<&LinkCheck>) -> Result<(), Stop> {
    let lang = client.printer.lang;
    let reason = check.map(|check| verdicts::verdict_words(lang, check.kind, &check.verdict));
    let line = Line::Link {
        bucket: given.object.bucket.as_str(),
        key: given.object.key.as_str(),
        link,
        expires: given.signed.map(|signed| signed.expires.to_string()),
        access: check.map(|check| check.verdict.access().code()),
        verdict: check.map(|check| check.verdict.code()),
        reason: reason.as_deref(),
    };
    Ok(client.printer.only_json(&line)?)
}

impl Given<'_> {
    fn for_history(&self) -> GivenLink {
        let kind = if self.signed.is_some() { LinkKind::Presigned } else { LinkKind::Public };
        verdicts::given(self.object, kind, self.url, self.signed.map(|signed| signed.expires))
    }
}
