//! Links of objects as text for the clipboard.

use crate::model::{AppModel, LinkFormat, ObjectRef, format_link, public_url};

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
    let mut links = Links::default();
    for object in objects {
        match link(model, object, format) {
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
    let connection = model.connection(&object.connection)?;
    let url = public_url(connection, &object.bucket, model.bucket_region(&object.bucket), &object.key).ok()?;
    Some(format_link(&url, object, format))
}
