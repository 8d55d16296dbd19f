//! Links of objects as text for the clipboard.

use std::collections::HashMap;

use crate::model::{AppModel, LinkFormat, ObjectRef, SignedLink, format_link, public_url};

/// The links of some objects, and how many have none.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// One a line.
    pub lines: Vec<String>,
    /// Objects that no public address leads to (their service needs an own domain).
    pub without_address: usize,
}

impl Links {
    /// As one text, without a final line break.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }
}

/// Makes the links of these objects in this form.
pub fn links(model: &AppModel, objects: &[ObjectRef], format: LinkFormat) -> Links {
    links_with_signed(model, objects, &[], format)
}

/// The links of these objects, of which some were signed: those take the place of the public ones.
pub fn links_with_signed(model: &AppModel, objects: &[ObjectRef], signed: &[SignedLink], format: LinkFormat) -> Links {
    let signed: HashMap<&ObjectRef, &str> = signed.iter().map(|link| (&link.object, link.url.as_str())).collect();
    let mut links = Links::default();
    for object in objects {
        let line = match signed.get(object) {
            Some(url) => Some(format_link(url, object, format)),
            None => link(model, object, format),
        };
        match line {
            Some(line) => links.lines.push(line),
            None => links.without_address += 1,
        }
    }
    links
}

/// The link of one object; `None` when no public address leads to it.
pub fn link(model: &AppModel, object: &ObjectRef, format: LinkFormat) -> Option<String> {
    if format == LinkFormat::S3Uri {
        return Some(format_link("", object, format));
    }
    let connection = model.known_connection(&object.connection)?;
    let url = public_url(connection, &object.bucket, model.region_of(&object.connection, &object.bucket), &object.key)
        .ok()?;
    Some(format_link(&url, object, format))
}
