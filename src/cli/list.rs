//! `list`: buckets, a folder, or everything below one; page by page, so that memory stays flat.

use jiff::Timestamp;

use super::args::ListArgs;
use super::client::{Client, Outcome, Stop};
use super::escape::shown_key;
use super::json::Line;
use super::output::{About, Form};
use super::uri::PrefixUri;
use crate::model::{
    Command, Connection, Entry, Event, Failure, FailureKind, Location, Object, ObjectKey, ObjectMetadata, ObjectPage,
    Region, RequestId,
};

/// `list`.
pub(super) fn list(client: &mut Client<'_>, connection: &Connection, args: &ListArgs) -> Result<Outcome, Stop> {
    match &args.at {
        None => buckets(client, connection),
        Some(at) => {
            let location = at.location(&connection.id);
            match objects(client, &location, args.recursive)? {
                Found::Something => Ok(Outcome::AllDone),
                Found::Nothing if at.prefix.is_root() => Ok(Outcome::AllDone),
                Found::Nothing => object_or_marker(client, &location, at),
            }
        }
    }
}

/// Whether a listing had any rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Something,
    Nothing,
}

/// Below the address there is nothing: it may be an object's, or a folder's that is empty. If it is neither, that is
/// told, since a mistyped address is no empty folder.
fn object_or_marker(client: &mut Client<'_>, at: &Location, typed: &PrefixUri) -> Result<Outcome, Stop> {
    let mut missing = None;
    for key in typed.key.iter().cloned().chain([ObjectKey::new(at.prefix.as_str())]) {
        let asked = RequestId::next();
        client.send(Command::InspectObject { request: asked, object: at.object(key.clone()) });
        let found = client.answer(|event| match event {
            Event::ObjectInspected { request, result, .. } if request == asked => Some(result),
            _ => None,
        })?;
        match found {
            Ok(_marker) if key.is_folder_marker() => return Ok(Outcome::AllDone),
            Ok(metadata) => return print_object(client, at, &object(key, *metadata)).map(|()| Outcome::AllDone),
            Err(failure) => {
                missing.get_or_insert((key, failure));
            }
        }
    }
    let Some((key, failure)) = missing else { return Ok(Outcome::AllDone) };
    // An address that ends in `/` was listed, and the listing was empty: whatever the marker is, nothing is there.
    let failure = if typed.key.is_some() { *failure } else { Failure::new(FailureKind::NoSuchKey).with("key", &key) };
    client.failure(&failure, About { path: None, key: Some(&key) })?;
    Ok(Outcome::SomethingFailed)
}

fn object(key: ObjectKey, metadata: ObjectMetadata) -> Object {
    Object {
        key,
        size_bytes: metadata.size_bytes,
        modified: metadata.modified,
        etag: metadata.etag.map(String::into_boxed_str),
        storage_class: metadata.storage_class.map(String::into_boxed_str),
    }
}

fn buckets(client: &mut Client<'_>, connection: &Connection) -> Result<Outcome, Stop> {
    let asked = RequestId::next();
    client.send(Command::ListBuckets { request: asked, connection: connection.id.clone() });
    let found = client.answer(|event| match event {
        Event::BucketsListed { request, result, .. } if request == asked => Some(result),
        _ => None,
    })??;
    for bucket in &found {
        let line = Line::Bucket {
            bucket: bucket.name.as_str(),
            region: bucket.region.as_ref().map(Region::as_str),
            created: bucket.created.map(|created| created.to_string()),
        };
        client.printer.result(&format!("s3://{}", bucket.name), &line)?;
    }
    Ok(Outcome::AllDone)
}

#[expect(clippy::fn_params_excessive_bools, reason = "the flag of the command line")]
fn objects(client: &mut Client<'_>, at: &Location, is_recursive: bool) -> Result<Found, Stop> {
    let (mut after, mut found) = (None, Found::Nothing);
    loop {
        let (asked, at_page) = (RequestId::next(), at.clone());
        client.send(if is_recursive {
            Command::ListObjectsBelow { request: asked, at: at_page, after: after.clone() }
        } else {
            Command::ListObjects { request: asked, at: at_page, after: after.clone() }
        });
        let page = client.answer(|event| match event {
            Event::ObjectsListed { request, result, .. } if request == asked => Some(result),
            _ => None,
        })??;
        print_page(client, at, &page)?;
        if !page.entries.is_empty() {
            found = Found::Something;
        }
        if page.next.is_none() {
            return Ok(found);
        }
        // It would go on for ever, and what came is not all.
        if page.next == after {
            return Err(Box::new(Failure::new(FailureKind::ListingCutShort)).into());
        }
        after = page.next;
    }
}

fn print_page(client: &mut Client<'_>, at: &Location, page: &ObjectPage) -> Result<(), Stop> {
    for entry in &page.entries {
        match entry {
            Entry::Prefix(prefix) => {
                let line = Line::Prefix { bucket: at.bucket.as_str(), prefix: prefix.as_str() };
                client.printer.result(&format!("{:>14}  {:<20}  {prefix}", "-", "-"), &line)?;
            }
            Entry::Object(object) => print_object(client, at, object)?,
        }
    }
    Ok(())
}

fn print_object(client: &mut Client<'_>, at: &Location, object: &Object) -> Result<(), Stop> {
    if client.printer.form == Form::Text {
        let size = object.size_bytes.map_or_else(|| "?".to_owned(), |bytes| bytes.to_string());
        let second = object.modified.and_then(|at| Timestamp::from_second(at.as_second()).ok());
        let modified = second.map_or_else(|| "?".to_owned(), |second| second.to_string());
        return Ok(client
            .printer
            .result_text(&format!("{size:>14}  {modified:<20}  {}", shown_key(object.key.as_str())))?);
    }
    let line = Line::Object {
        bucket: at.bucket.as_str(),
        key: object.key.as_str(),
        bytes: object.size_bytes,
        modified: object.modified.map(|modified| modified.to_string()),
        etag: object.etag.as_deref(),
        storage_class: object.storage_class.as_deref(),
    };
    Ok(client.printer.only_json(&line)?)
}
