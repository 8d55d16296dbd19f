//! `link`: addresses of objects, plain or signed, and whether they open. The address comes first, the verdict after.

use super::args::LinkArgs;
use super::client::{Client, Outcome, Stop};
use super::json::Line;
use super::output::{About, Form};
use super::problem::problem;
use super::stored::needs_region;
use super::verdicts;
use crate::locale;
use crate::model::{
    AddressNote, Command, Connection, Event, Failure, FailureKind, GivenLink, KeysEnd, LinkCheck, LinkFormat, LinkKind,
    LinkParts, NoAddress, NotFoundBecause as N, ObjectRef, Partition, RequestId, SignedLink, Verdict, address_notes,
    public_url, region_in_address,
};

/// `link`.
pub(super) fn link(client: &mut Client<'_>, connection: &Connection, args: &LinkArgs) -> Result<Outcome, Stop> {
    if args.expires.is_some() && !args.format.form.has_url() {
        return Err(Stop::Usage(problem("cli-usage-expires-of-form").with("form", args.format.form.code())));
    }
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
        let printed = print(client, &Given { object: &link.object, url: &link.url, signed: Some(link) }, shape)?;
        outcome = worse(outcome, printed);
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
            Ok(url) => {
                let printed = print(client, &Given { object, url: &url, signed: None }, shape)?;
                outcome = worse(outcome, printed);
            }
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

fn worse(one: Outcome, other: Outcome) -> Outcome {
    if one == Outcome::AllDone { other } else { one }
}

/// A link to nothing is printed all the same, for the object may be still to come; a script has to see it.
fn print(client: &mut Client<'_>, given: &Given<'_>, shape: Shape<'_>) -> Result<Outcome, Stop> {
    let check = print_checked(client, given, shape)?;
    let is_missing =
        |check: &LinkCheck| matches!(check.verdict, Verdict::NotFound(N::Missing | N::Deleted | N::NoSuchBucket));
    let Some(check) = check.filter(is_missing) else { return Ok(Outcome::AllDone) };
    let (bucket, key) = (&given.object.bucket, &given.object.key);
    let failure = match check.verdict {
        Verdict::NotFound(N::NoSuchBucket) => Failure::new(FailureKind::NoSuchBucket).with("bucket", bucket),
        _ => Failure::new(FailureKind::NoSuchKey).with("bucket", bucket).with("key", key),
    };
    client.failure(&failure, About { path: None, key: Some(key) })?;
    Ok(Outcome::SomethingFailed)
}

/// For people the link at once and its verdict after it; for programs both in one line. The verdict, if one was asked
/// for and came.
fn print_checked(client: &mut Client<'_>, given: &Given<'_>, shape: Shape<'_>) -> Result<Option<LinkCheck>, Stop> {
    let link = written(client, given.object, given.url, shape);
    client.printer.link(&link)?;
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
    tell_notes(client, given, shape, check.as_ref())?;
    let Some(check) = check else {
        tell_json(client, given, &link, None, shape)?;
        return Ok(None);
    };
    verdicts::tell_in_text(client, &check)?;
    // A verdict is about the address that was asked for: where that is another one, it is the one to hand out.
    let Some(url) = check.other_address(given.url) else {
        if let Some(url) = check.verdict.over_tls(given.url) {
            let link = written(client, given.object, &url, shape);
            verdicts::record(client, Given { url: &url, ..*given }.for_history());
            verdicts::tell_instead(client, "cli-link-over-tls", &link)?;
        }
        tell_json(client, given, &link, Some(&check), shape)?;
        return Ok(Some(check));
    };
    let given = Given { object: given.object, url, signed: given.signed };
    let link = written(client, given.object, url, shape);
    verdicts::record(client, given.for_history());
    verdicts::tell_instead(client, "cli-link-is-elsewhere", &link)?;
    tell_json(client, &given, &link, Some(&check), shape)?;
    Ok(Some(check))
}

/// What is to be known of an address from its text, by stable name and in words.
fn notes(client: &Client<'_>, given: &Given<'_>, shape: Shape<'_>, check: Option<&LinkCheck>) -> Vec<Note> {
    if !shape.form.has_url() {
        return Vec::new();
    }
    let lang = client.printer.lang;
    let of_text = address_notes(given.url).into_iter().map(|note| {
        let words = locale::text(lang, &format!("templates-note-{}", note.code()));
        Note { code: note.code(), words }
    });
    let mut notes: Vec<Note> = of_text.collect();
    let opens = check.is_some_and(|check| check.verdict == Verdict::Public);
    let object = given.object;
    if let Some(region) = region_in_address(given.url).filter(|_| !opens && shape.connection.endpoint.is_none()) {
        if !Partition::knows(&region) {
            let words = locale::text_with(lang, "link-region-strange", &[("region", region.as_str())]);
            notes.push(Note { code: "region-strange", words });
        } else if client.model.region_of(&object.connection, &object.bucket).is_none() {
            notes.push(Note { code: "region-not-learnt", words: locale::text(lang, "link-region-not-learnt") });
        }
    }
    notes
}

/// Something to know of an address.
struct Note {
    code: &'static str,
    words: String,
}

/// Says them on standard error where results are for people; that a host is not on the internet is the verdict's to say.
fn tell_notes(
    client: &mut Client<'_>,
    given: &Given<'_>,
    shape: Shape<'_>,
    check: Option<&LinkCheck>,
) -> Result<(), Stop> {
    if client.printer.form != Form::Text {
        return Ok(());
    }
    for note in notes(client, given, shape, check) {
        if note.code != AddressNote::NotOnInternet.code() {
            client.printer.complaint(&format!("{}: {}", given.object, note.words))?;
        }
    }
    if given.ends_with_keys() {
        let words = locale::text(client.printer.lang, "cli-link-keys-unknown");
        client.printer.complaint(&format!("{}: {words}", given.object))?;
    }
    Ok(())
}

/// An address in the form asked for.
fn written(client: &Client<'_>, object: &ObjectRef, url: &str, shape: Shape<'_>) -> String {
    let region = client.model.region_of(&object.connection, &object.bucket);
    let (connection, template) = (Some(shape.connection), shape.template);
    LinkParts { url, object, connection, region, template }.link(shape.form)
}

fn tell_json(
    client: &mut Client<'_>,
    given: &Given<'_>,
    link: &str,
    check: Option<&LinkCheck>,
    shape: Shape<'_>,
) -> Result<(), Stop> {
    let notes: Vec<&str> = notes(client, given, shape, check).into_iter().map(|note| note.code).collect();
    let lang = client.printer.lang;
    let reason = check.map(|check| verdicts::verdict_words(lang, check.kind, &check.verdict));
    let https_url = check.and_then(|check| check.verdict.over_tls(given.url));
    let result = Line::Link {
        bucket: given.object.bucket.as_str(),
        key: given.object.key.as_str(),
        link,
        expires: given.signed.map(|signed| signed.expires.to_string()),
        expires_with_keys: given.ends_with_keys(),
        access: check.map(|check| check.verdict.access().code()),
        verdict: check.map(|check| check.verdict.code()),
        reason: reason.as_deref(),
        https_url: https_url.as_deref(),
        notes: &notes,
    };
    Ok(client.printer.only_json(&result)?)
}

impl Given<'_> {
    fn ends_with_keys(&self) -> bool {
        self.signed.is_some_and(|signed| signed.keys_end == KeysEnd::Unknown)
    }

    fn for_history(&self) -> GivenLink {
        let kind = if self.signed.is_some() { LinkKind::Presigned } else { LinkKind::Public };
        verdicts::given(self.object, kind, self.url, self.signed.map(|signed| signed.expires))
    }
}
