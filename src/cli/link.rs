//! `link`: addresses of objects, plain or signed. Nothing is asked of the object itself.

use super::args::LinkArgs;
use super::client::{Client, Outcome, Stop};
use super::json::Line;
use super::output::About;
use super::transfers::public_address;
use crate::model::{
    Command, Connection, Event, Failure, FailureKind, LinkFormat, LinkKind, ObjectRef, RequestId, Service, format_link,
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
        Some(expires_secs) => signed(client, objects, expires_secs, format),
        None => plain(client, connection, &objects, format),
    }
}

fn signed(
    client: &mut Client<'_>,
    objects: Vec<ObjectRef>,
    expires_secs: u64,
    format: LinkFormat,
) -> Result<Outcome, Stop> {
    let asked = RequestId::next();
    client.send(Command::SignLinks { request: asked, objects, expires_secs });
    let links = client.answer(|event| match event {
        Event::LinksSigned { request, result } if request == asked => Some(result),
        _ => None,
    })??;
    for link in &links {
        print(client, &link.object, &link.url, format, Some(link.expires.to_string()))?;
    }
    Ok(Outcome::AllDone)
}

fn plain(
    client: &mut Client<'_>,
    connection: &Connection,
    objects: &[ObjectRef],
    format: LinkFormat,
) -> Result<Outcome, Stop> {
    let mut outcome = Outcome::AllDone;
    for object in objects {
        // Only Amazon's addresses hold the region, and a wrong one leads nowhere.
        if connection.service == Service::AmazonS3 && format != LinkFormat::S3Uri {
            find_region(client, object)?;
        }
        let url =
            if format == LinkFormat::S3Uri { Some(String::new()) } else { public_address(client, connection, object) };
        if let Some(url) = url {
            print(client, object, &url, format, None)?;
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

fn print(
    client: &mut Client<'_>,
    object: &ObjectRef,
    url: &str,
    format: LinkFormat,
    expires: Option<String>,
) -> Result<(), Stop> {
    let link = format_link(url, object, format);
    let result = Line::Link { bucket: object.bucket.as_str(), key: object.key.as_str(), link: &link, expires };
    Ok(client.printer.result(&link, &result)?)
}
