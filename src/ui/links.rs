//! Links of objects as text for the clipboard.

use std::collections::HashMap;

use crate::model::{
    AppModel, BucketAddress, BucketName, Connection, ConnectionId, DEFAULT_LINK_TEMPLATE, LinkCheck, LinkFormat,
    LinkKind, LinkParts, NoAddress, ObjectRef, Partition, Region, Service, Verdict, public_url,
};

/// The links of some objects, and how many have none. `Debug` shows none: they may be signed.
#[derive(Default, PartialEq, Eq)]
pub struct Links {
    /// One a line.
    pub lines: Vec<String>,
    /// Objects that no public address leads to (their service needs an own domain).
    pub without_address: usize,
}

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Links")
            .field("lines", &self.lines.len())
            .field("without_address", &self.without_address)
            .finish()
    }
}

impl Links {
    /// As one text, without a final line break.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }
}

/// Makes the links of these objects in this form.
pub fn links(model: &AppModel, objects: &[ObjectRef], format: LinkFormat) -> Links {
    let urls = if format.has_url() { urls(model, objects, &HashMap::new()) } else { Vec::new() };
    links_at(model, objects, &urls, format)
}

/// The links of these objects in this form, at addresses that are known already, in the same order.
pub fn links_at(model: &AppModel, objects: &[ObjectRef], urls: &[Option<String>], format: LinkFormat) -> Links {
    let mut links = Links { lines: Vec::with_capacity(objects.len()), without_address: 0 };
    let mut last: Option<Bucket<'_>> = None;
    for (index, object) in objects.iter().enumerate() {
        let url = urls.get(index).and_then(Option::as_deref);
        let line = match (format, url) {
            (LinkFormat::Url, url) => url.map(str::to_owned),
            (format, None) if format.has_url() => None,
            (format, url) => {
                let bucket = match last.take() {
                    Some(bucket) if bucket.holds(object) => bucket,
                    _ => Bucket::of(model, object),
                };
                let line = bucket.parts(object, url.unwrap_or_default()).link(format);
                last = Some(bucket);
                Some(line)
            }
        };
        match line {
            Some(line) => links.lines.push(line),
            None => links.without_address += 1,
        }
    }
    links
}

/// The addresses of these objects, in their order: those that are `given`, such as signed ones, else the public ones;
/// `None` for those that none leads to.
///
/// What a bucket's addresses have in common is worked out once, so that thousands of links cost no noticeable time.
pub(crate) fn urls(model: &AppModel, objects: &[ObjectRef], given: &HashMap<&ObjectRef, &str>) -> Vec<Option<String>> {
    let mut last: Option<Bucket<'_>> = None;
    let url = |object| {
        if let Some(url) = given.get(object) {
            return Some((*url).to_owned());
        }
        let bucket = match last.take() {
            Some(bucket) if bucket.holds(object) => bucket,
            _ => Bucket::of(model, object),
        };
        let url = bucket.url(object);
        last = Some(bucket);
        url
    };
    objects.iter().map(url).collect()
}

/// What strangers were answered at the address that is handed out for this object now, if it was asked for in this run.
pub fn known<'a>(model: &'a AppModel, object: &ObjectRef) -> Option<&'a LinkCheck> {
    let check = model.checks.get(object)?;
    let url = link(model, object, LinkFormat::Url);
    is_about(check, url.as_deref()).then_some(check)
}

/// Whether a check is about this address, or about there being none: one of another address is not its verdict.
pub fn is_about(check: &LinkCheck, url: Option<&str>) -> bool {
    check.is_of(url.unwrap_or_default())
}

/// Whether the object's link has to be signed to open for anybody: at the embedded storage, unless the plain address is
/// known to open.
pub fn needs_signing(model: &AppModel, object: &ObjectRef) -> bool {
    let connection = model.known_connection(&object.connection);
    let is_local = connection.is_some_and(|connection| connection.link_kind() == LinkKind::Presigned);
    let opens = |check: &LinkCheck| matches!(check.verdict, Verdict::Public | Verdict::OnlyFromHere(_));
    is_local && !known(model, object).is_some_and(opens)
}

/// Why an address may lead nowhere although it is well-formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegionDoubt {
    /// Nobody has said in which region the bucket is; the connection's was taken.
    NotLearnt,
    /// The region is none that is known, so what its host names end in was guessed.
    Strange(Region),
}

/// What is doubtful about the region in the object's address at Amazon; `None` also where the address names no region.
pub fn region_doubt(model: &AppModel, object: &ObjectRef) -> Option<RegionDoubt> {
    let connection = model.known_connection(&object.connection)?;
    if !may_be_in_any_region(connection) || !names_region(connection, object) {
        return None;
    }
    match model.region_of(&object.connection, &object.bucket) {
        None => Some(RegionDoubt::NotLearnt),
        Some(region) if !Partition::knows(region) => Some(RegionDoubt::Strange(region.clone())),
        Some(_) => None,
    }
}

/// Whether buckets of this connection can be in another region than its own.
pub fn may_be_in_any_region(connection: &Connection) -> bool {
    connection.service == Service::AmazonS3 && connection.endpoint.is_none()
}

/// Whether the address depends on the region: one of an own domain may not.
fn names_region(connection: &Connection, object: &ObjectRef) -> bool {
    let at = |region| public_url(connection, &object.bucket, Region::new(region).as_ref(), &object.key).ok();
    at("us-east-1") != at("eu-west-1")
}

/// The link of one object; `None` when no public address leads to it.
pub fn link(model: &AppModel, object: &ObjectRef, format: LinkFormat) -> Option<String> {
    Bucket::of(model, object).link(object, format)
}

/// Why no public address leads to the object; `None` if one does.
pub fn no_address(model: &AppModel, object: &ObjectRef) -> Option<NoAddress> {
    Bucket::of(model, object).address?.url(&object.key).err()
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

    fn url(&self, object: &ObjectRef) -> Option<String> {
        self.address.as_ref()?.url(&object.key).ok()
    }

    fn link(&self, object: &ObjectRef, format: LinkFormat) -> Option<String> {
        if !format.has_url() {
            return Some(self.parts(object, "").link(format));
        }
        let url = self.url(object)?;
        Some(if format == LinkFormat::Url { url } else { self.parts(object, &url).link(format) })
    }
}
