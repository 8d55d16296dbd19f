//! Links of objects as text for the clipboard.

use std::collections::HashMap;

use crate::model::{
    AppModel, BucketAddress, BucketName, Connection, ConnectionId, DEFAULT_LINK_TEMPLATE, LinkFormat, LinkParts,
    ObjectRef, SignedLink,
};

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
///
/// What a bucket's addresses have in common is worked out once, so that thousands of links cost no noticeable time.
pub fn links_with_signed(model: &AppModel, objects: &[ObjectRef], signed: &[SignedLink], format: LinkFormat) -> Links {
    let signed: HashMap<&ObjectRef, &str> = signed.iter().map(|link| (&link.object, link.url.as_str())).collect();
    let mut links = Links { lines: Vec::with_capacity(objects.len()), without_address: 0 };
    let mut last: Option<Bucket<'_>> = None;
    for object in objects {
        let bucket = match last.take() {
            Some(bucket) if bucket.holds(object) => bucket,
            _ => Bucket::of(model, object),
        };
        let line = match signed.get(object) {
            Some(url) => Some(bucket.parts(object, url).link(format)),
            None => bucket.link(object, format),
        };
        match line {
            Some(line) => links.lines.push(line),
            None => links.without_address += 1,
        }
        last = Some(bucket);
    }
    links
}

/// The public addresses of these objects, in their order; `None` for those that none leads to.
pub fn urls(model: &AppModel, objects: &[ObjectRef]) -> Vec<Option<String>> {
    let mut last: Option<Bucket<'_>> = None;
    let url = |object| {
        let bucket = match last.take() {
            Some(bucket) if bucket.holds(object) => bucket,
            _ => Bucket::of(model, object),
        };
        let url = bucket.link(object, LinkFormat::Url);
        last = Some(bucket);
        url
    };
    objects.iter().map(url).collect()
}

/// The link of one object; `None` when no public address leads to it.
pub fn link(model: &AppModel, object: &ObjectRef, format: LinkFormat) -> Option<String> {
    Bucket::of(model, object).link(object, format)
}

/// What the links of one bucket's objects have in common.
struct Bucket<'a> {
    id: (&'a ConnectionId, &'a BucketName),
    model: &'a AppModel,
    connection: Option<&'a Connection>,
    address: Option<BucketAddress>,
}

impl<'a> Bucket<'a> {
    fn of(model: &'a AppModel, object: &'a ObjectRef) -> Self {
        let connection = model.known_connection(&object.connection);
        let region = model.region_of(&object.connection, &object.bucket);
        let address = connection.map(|connection| BucketAddress::new(connection, &object.bucket, region));
        Self { id: (&object.connection, &object.bucket), model, connection, address }
    }

    fn holds(&self, object: &ObjectRef) -> bool {
        self.id == (&object.connection, &object.bucket)
    }

    fn parts<'b>(&'b self, object: &'b ObjectRef, url: &'b str) -> LinkParts<'b> {
        let region = self.model.region_of(self.id.0, self.id.1);
        let template = match self.model.settings.link_template.as_str() {
            own if own.trim().is_empty() => DEFAULT_LINK_TEMPLATE,
            own => own,
        };
        LinkParts { url, object, connection: self.connection, region, template }
    }

    fn link(&self, object: &ObjectRef, format: LinkFormat) -> Option<String> {
        if !format.has_url() {
            return Some(self.parts(object, "").link(format));
        }
        let url = self.address.as_ref()?.url(&object.key).ok()?;
        Some(if format == LinkFormat::Url { url } else { self.parts(object, &url).link(format) })
    }
}
