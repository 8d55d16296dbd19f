//! `link`: addresses of objects, plain or signed. Nothing is asked of the object itself.

use super::args::LinkArgs;
use super::client::{Client, Outcome, Stop};
use super::json::Line;
use super::output::About;
use crate::model::{
    Command, Connection, Event, Failure, FailureKind, LinkFormat, LinkKind, LinkParts, NoAddress, ObjectRef, RequestId,
    Service, public_url,
};

/// `link`.
pub(super) fn link(client: &mut Client<'_>, connection: &Connection, args: &LinkArgs) -> Result<Outcome, Stop> {
    let objects: Vec<ObjectRef> = args.objects.iter().map(|uri| uri.object(&connection.id)).collect();
    let expires_secs = match (args.expires, connection.link_kind()) {
        _ if !args.format.form.has_url() => None,
        (Some(expires), _) => Some(expires.as_secs()),
        (None, LinkKind::Presigned) => Some(client.model.settings.presign_secs),
        (None, LinkKind::Public) => None,
    };
    let template = args.format.template.clone().unwrap_or_else(|| client.model.settings.link_template.clone());
    let shape = Shape { connection, form: args.format.form, template: &template };
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
        no_address(client, &object, NoAddress::DotSegment)?;
    }
    let asked = RequestId::next();
    client.send(Command::SignLinks { request: asked, objects, expires_secs });
    let links = client.answer(|event| match event {
        Event::LinksSigned { request, result } if request == asked => Some(result),
        _ => None,
    })??;
    for link in &links {
        print(client, &link.object, &link.url, shape, Some(link.expires.to_string()))?;
    }
    Ok(outcome)
}

fn plain(client: &mut Client<'_>, objects: &[ObjectRef], shape: Shape<'_>) -> Result<Outcome, Stop> {
    let mut outcome = Outcome::AllDone;
    for object in objects {
        // Only Amazon's addresses hold the region, and a wrong one leads nowhere.
        if shape.connection.service == Service::AmazonS3 && shape.form != LinkFormat::S3Uri {
            find_region(client, object)?;
        }
        if !shape.form.has_url() {
            print(client, object, "", shape, None)?;
            continue;
        }
        let region = client.model.bucket_region(&object.bucket);
        match public_url(shape.connection, &object.bucket, region, &object.key) {
            Ok(url) => print(client, object, &url, shape, None)?,
            Err(problem) => {
                outcome = Outcome::SomethingFailed;
                no_address(client, object, problem)?;
            }
        }
    }
    Ok(outcome)
}

/// Says that no link can be given, and why.
fn no_address(client: &mut Client<'_>, object: &ObjectRef, problem: NoAddress) -> Result<(), Stop> {
    let why = match problem {
        NoAddress::NeedsDomain => "the service serves nobody at its S3 endpoint, and the connection has no own domain",
        NoAddress::DirectoryBucket => "directory buckets are never public",
        NoAddress::DotSegment => "no browser can open this key: one of its parts is . or ..",
    };
    let failure = Failure::new(FailureKind::Unsupported).with("action", "link").with("key", &object.key).detail(why);
    Ok(client.failure(&failure, About { path: None, key: Some(&object.key) })?)
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

fn print(
    client: &mut Client<'_>,
    object: &ObjectRef,
    url: &str,
    shape: Shape<'_>,
    expires: Option<String>,
) -> Result<(), Stop> {
    let region = client.model.bucket_region(&object.bucket);
    let (connection, template) = (Some(shape.connection), shape.template);
    let link = LinkParts { url, object, connection, region, template }.link(shape.form);
    let result = Line::Link { bucket: object.bucket.as_str(), key: object.key.as_str(), link: &link, expires };
    Ok(client.printer.result(&link, &result)?)
}
