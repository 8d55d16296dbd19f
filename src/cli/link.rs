//! `link`: addresses of objects, plain or signed, and whether they open. The address comes first, the verdict after.

use super::args::LinkArgs;
use super::client::{Client, Outcome, Stop};
use super::json::Line;
use super::stored::needs_region;
use super::verdicts;
use crate::model::{
    Command, Connection, Event, GivenLink, LinkCheck, LinkFormat, LinkKind, LinkParts, NoAddress, ObjectRef, RequestId,
    SignedLink, public_url,
};

/// `link`.
pub(super) fn link(client: &mut Client<'_>, connection: &Connection, args: &LinkArgs) -> Result<Outcome, Stop> {
    let objects: Vec<ObjectRef> = args.objects.iter().map(|uri| uri.object(&connection.id)).collect();
    let expires_secs = match (args.expires, connection.link_kind()) {
        _ if !args.format.form.has_url() => None,
        (Some(expires), _) => Some(expires.as_secs()),
        (None, LinkKind::Presigned) => Some(client.model.settings.presign_secs),
        (None, LinkKind::Public | LinkKind::Invitation) => None,
    };
    let template = args.format.template.clone().unwrap_or_else(|| client.model.settings.link_template.clone());
    // An s3:// address is no link that a stranger could open.
    let checks = if args.no_check || !args.format.form.has_url() { Checks::No } else { Checks::Yes };
    let shape = Shape { connection, form: args.format.form, template: &template, checks };
    match expires_secs {
        Some(expires_secs) => signed(client, objects, expires_secs, shape),
        None => plain(client, &objects, shape),
    }
}

/// How links are written.
#[derive(Clone, Copy)]
struct Shape<'a> {
    connection: &'a Connection,
    form: LinkFormat,
    template: &'a str,
    checks: Checks,
}

/// Whether links are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Checks {
    Yes,
    No,
}

fn signed(
    client: &mut Client<'_>,
    mut objects: Vec<ObjectRef>,
    expires_secs: u64,
    shape: Shape<'_>,
) -> Result<Outcome, Stop> {
    let mut outcome = Outcome::AllDone;
    let out_of_reach: Vec<ObjectRef> = objects.extract_if(.., |object| object.key.has_dot_segment()).collect();
    for object in out_of_reach {
        outcome = Outcome::SomethingFailed;
        client.printer.no_address(&object.key, NoAddress::DotSegment)?;
    }
    let asked = RequestId::next();
    client.send(Command::SignLinks { request: asked, objects, expires_secs });
    let links = client.answer(|event| match event {
        Event::LinksSigned { request, result } if request == asked => Some(result),
        _ => None,
    })??;
    for link in &links {
        print(client, &Given { object: &link.object, url: &link.url, signed: Some(link) }, shape)?;
    }
    Ok(outcome)
}

fn plain(client: &mut Client<'_>, objects: &[ObjectRef], shape: Shape<'_>) -> Result<Outcome, Stop> {
    let mut outcome = Outcome::AllDone;
    for object in objects {
        if shape.form != LinkFormat::S3Uri && needs_region(client, shape.connection, object) {
            find_region(client, object)?;
        }
        if !shape.form.has_url() {
            print(client, &Given { object, url: "", signed: None }, shape)?;
            continue;
        }
        let region = client.model.region_of(&object.connection, &object.bucket);
        match public_url(shape.connection, &object.bucket, region, &object.key) {
            Ok(url) => print(client, &Given { object, url: &url, signed: None }, shape)?,
            Err(problem) => {
                outcome = Outcome::SomethingFailed;
                client.printer.no_address(&object.key, problem)?;
            }
        }
    }
    Ok(outcome)
}

/// Asks for a bucket's region once; where it cannot be learnt, the connection's stands.
fn find_region(client: &mut Client<'_>, object: &ObjectRef) -> Result<(), Stop> {
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
fn print(client: &mut Client<'_>, given: &Given<'_>, shape: Shape<'_>) -> Result<(), Stop> {
    let link = written(client, given.object, given.url, shape);
    client.printer.text(&link)?;
    if shape.form.has_url() {
        client.links_given += 1;
        verdicts::record(client, given.for_history());
    }
    let check = match (shape.checks, given.signed) {
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
    let Some(check) = check else { return tell_json(client, given, &link, None) };
    verdicts::tell_in_text(client, &check)?;
    // A verdict is about the address that was asked for: where that is another one, it is the one to hand out.
    let Some(url) = check.other_address(given.url) else { return tell_json(client, given, &link, Some(&check)) };
    let given = Given { object: given.object, url, signed: given.signed };
    let link = written(client, given.object, url, shape);
    verdicts::record(client, given.for_history());
    verdicts::tell_other_address(client, &link)?;
    tell_json(client, &given, &link, Some(&check))
}

/// An address in the form asked for.
fn written(client: &Client<'_>, object: &ObjectRef, url: &str, shape: Shape<'_>) -> String {
    let region = client.model.region_of(&object.connection, &object.bucket);
    let (connection, template) = (Some(shape.connection), shape.template);
    LinkParts { url, object, connection, region, template }.link(shape.form)
}

fn tell_json(client: &mut Client<'_>, given: &Given<'_>, link: &str, check: Option<&LinkCheck>) -> Result<(), Stop> {
    let lang = client.printer.lang;
    let reason = check.map(|check| verdicts::verdict_words(lang, check.kind, &check.verdict));
    let result = Line::Link {
        bucket: given.object.bucket.as_str(),
        key: given.object.key.as_str(),
        link,
        expires: given.signed.map(|signed| signed.expires.to_string()),
        access: check.map(|check| check.verdict.access().code()),
        verdict: check.map(|check| check.verdict.code()),
        reason: reason.as_deref(),
    };
    Ok(client.printer.only_json(&result)?)
}

impl Given<'_> {
    fn for_history(&self) -> GivenLink {
        let kind = if self.signed.is_some() { LinkKind::Presigned } else { LinkKind::Public };
        verdicts::given(self.object, kind, self.url, self.signed.map(|signed| signed.expires))
    }
}
