//! Stored objects on their way to being told: where their bucket is, the signature of their link, and whether it
//! opens. Each is told once, with the address that was found to be right.

use std::collections::{BTreeMap, BTreeSet};

use super::client::{Client, Stop};
use super::json::{Done, Line};
use super::output::Talk;
use super::verdicts;
use crate::model::{
    BucketName, Command, Connection, ConnectionId, Event, GivenLink, LinkCheck, LinkKind, ObjectRef, RequestId,
    Service, SignedLink, TransferKind, TransferReport, TransferState, Verdict, Verified, names_region, public_url,
};

type Place = (ConnectionId, BucketName);

/// What waits for an answer before it is told.
#[derive(Default)]
pub(super) struct StoredLinks {
    /// Whether links are asked for before they are told.
    pub(super) checks: bool,
    /// What is stored was to be public: its plain address is told where it opens, as the window does, also where links
    /// are signed else.
    pub(super) tries_plain: bool,
    /// By bucket whose region is being asked for.
    unplaced: BTreeMap<Place, Unplaced>,
    /// Buckets whose region cannot be learnt: what the connection says stands.
    without_region: BTreeSet<Place>,
    /// Whose signed link is on its way.
    unsigned: BTreeMap<RequestId, Box<TransferReport>>,
    /// Whose plain address is being tried before a link is signed.
    untried: BTreeMap<RequestId, Box<TransferReport>>,
    /// Whose link is being asked for.
    unchecked: BTreeMap<RequestId, Linked>,
}

/// What waits for the region of one bucket.
struct Unplaced {
    asked: RequestId,
    connection: Connection,
    reports: Vec<TransferReport>,
}

impl StoredLinks {
    /// Whether all that was stored is told.
    pub(super) fn is_empty(&self) -> bool {
        self.unplaced.is_empty() && self.unsigned.is_empty() && self.untried.is_empty() && self.unchecked.is_empty()
    }

    /// A transfer is done: it is told as soon as its link is known.
    pub(super) fn add(
        &mut self,
        client: &mut Client<'_>,
        connection: Option<&Connection>,
        report: Box<TransferReport>,
    ) -> Result<(), Stop> {
        let Some(connection) = connection else { return self.linked(client, Linked { report, link: Link::None }) };
        if report.kind == TransferKind::Upload && connection.link_kind() == LinkKind::Presigned {
            if self.tries_plain {
                self.untried.insert(verdicts::ask_public(client, &report.object), report);
            } else {
                self.sign(client, report);
            }
            return Ok(());
        }
        let place = (connection.id.clone(), report.object.bucket.clone());
        if !self.without_region.contains(&place) && is_region_unknown(client, connection, &report.object) {
            if names_region(connection, &place.1) {
                self.wait_for_region(client, connection, place, report);
                return Ok(());
            }
            self.without_region.insert(place);
        }
        let link = public_address(client, connection, &report.object).map_or(Link::None, Link::Public);
        self.linked(client, Linked { report, link })
    }

    /// Takes the answers that were asked for here.
    pub(super) fn take(&mut self, client: &mut Client<'_>, event: Event) -> Result<(), Stop> {
        match event {
            Event::LinksSigned { request, result } => match self.unsigned.remove(&request) {
                Some(report) => {
                    let link = result.ok().and_then(|links| links.into_iter().next()).map_or(Link::None, Link::Signed);
                    self.linked(client, Linked { report, link })
                }
                None => Ok(()),
            },
            Event::LinksChecked { request, checks, end, .. } if self.untried.contains_key(&request) => {
                if checks.is_empty() && end.is_none() {
                    return Ok(());
                }
                let Some(report) = self.untried.remove(&request) else { return Ok(()) };
                self.tried(client, report, checks.first())
            }
            Event::LinksChecked { request, checks, end, .. } => match self.unchecked.remove(&request) {
                // Without a check the link is told without a verdict.
                Some(linked) if !checks.is_empty() || end.is_some() => tell_done(client, linked, checks.first()),
                Some(linked) => {
                    self.unchecked.insert(request, linked);
                    Ok(())
                }
                None => Ok(()),
            },
            Event::BucketRegionFound { connection, bucket, .. } => self.placed(client, &(connection, bucket)),
            Event::BucketRegionUnknown { request, .. } => {
                let asked = |(_, waiting): &(&Place, &Unplaced)| waiting.asked == request;
                let Some(place) = self.unplaced.iter().find(asked).map(|(place, _)| place.clone()) else {
                    return Ok(());
                };
                self.without_region.insert(place.clone());
                self.placed(client, &place)
            }
            _ => Ok(()),
        }
    }

    fn sign(&mut self, client: &Client<'_>, report: Box<TransferReport>) {
        let request = RequestId::next();
        let expires_secs = client.model.settings.presign_secs;
        client.send(Command::SignLinks { request, objects: vec![report.object.clone()], expires_secs });
        self.unsigned.insert(request, report);
    }

    /// The plain address was tried: it is told if it opens, else a link is signed.
    fn tried(
        &mut self,
        client: &mut Client<'_>,
        report: Box<TransferReport>,
        check: Option<&LinkCheck>,
    ) -> Result<(), Stop> {
        let opens = |check: &&LinkCheck| matches!(check.verdict, Verdict::Public | Verdict::OnlyFromHere(_));
        let Some(check) = check.filter(opens) else {
            self.sign(client, report);
            return Ok(());
        };
        let link = Link::Public(check.address.clone());
        tell_done(client, Linked { report, link }, Some(check).filter(|_| self.checks))
    }

    /// Tells what is stored with what is known of its link; nothing more is waited for.
    pub(super) fn tell_rest(&mut self, client: &mut Client<'_>) -> Result<(), Stop> {
        for (_, waiting) in std::mem::take(&mut self.unplaced) {
            for report in waiting.reports {
                let link = public_address(client, &waiting.connection, &report.object).map_or(Link::None, Link::Public);
                tell_done(client, Linked { report: Box::new(report), link }, None)?;
            }
        }
        for (_, report) in std::mem::take(&mut self.unsigned).into_iter().chain(std::mem::take(&mut self.untried)) {
            tell_done(client, Linked { report, link: Link::None }, None)?;
        }
        for (_, linked) in std::mem::take(&mut self.unchecked) {
            tell_done(client, linked, None)?;
        }
        Ok(())
    }

    fn wait_for_region(
        &mut self,
        client: &Client<'_>,
        connection: &Connection,
        place: Place,
        report: Box<TransferReport>,
    ) {
        let waiting = self.unplaced.entry(place).or_insert_with_key(|(id, bucket)| {
            let asked = RequestId::next();
            client.send(Command::FindBucketRegion { request: asked, connection: id.clone(), bucket: bucket.clone() });
            Unplaced { asked, connection: connection.clone(), reports: Vec::new() }
        });
        waiting.reports.push(*report);
    }

    /// It is known where a bucket is, or that nobody says.
    fn placed(&mut self, client: &mut Client<'_>, place: &Place) -> Result<(), Stop> {
        let Some(waiting) = self.unplaced.remove(place) else { return Ok(()) };
        waiting.reports.into_iter().try_for_each(|report| self.add(client, Some(&waiting.connection), Box::new(report)))
    }

    /// The link of a stored object is there: told at once, or after it was asked for.
    fn linked(&mut self, client: &mut Client<'_>, linked: Linked) -> Result<(), Stop> {
        let asked = match (&linked.link, self.checks && linked.report.kind == TransferKind::Upload) {
            (_, false) => return tell_done(client, linked, None),
            (Link::Signed(link), true) => verdicts::ask_signed(client, link),
            // Without an address the verdict is that there is none.
            (Link::Public(_) | Link::None, true) => verdicts::ask_public(client, &linked.report.object),
        };
        self.unchecked.insert(asked, linked);
        Ok(())
    }
}

/// A stored object and its link.
struct Linked {
    report: Box<TransferReport>,
    link: Link,
}

/// The link of a stored object.
enum Link {
    None,
    Public(String),
    Signed(SignedLink),
}

impl Linked {
    fn url(&self) -> Option<&str> {
        match &self.link {
            Link::None => None,
            Link::Public(url) => Some(url),
            Link::Signed(link) => Some(&link.url),
        }
    }

    fn for_history(&self, check: Option<&LinkCheck>) -> Option<GivenLink> {
        let given = self.given(self.url()?);
        Some(GivenLink { verdict: check.map(|check| (check.verdict.clone(), check.checked_at)), ..given })
    }

    /// That this address of it is handed out.
    fn given(&self, url: &str) -> GivenLink {
        let (kind, expires) = match &self.link {
            Link::Signed(link) => (LinkKind::Presigned, Some(link.expires)),
            Link::Public(_) | Link::None => (LinkKind::Public, None),
        };
        verdicts::given(&self.report.object, kind, url, expires)
    }
}

/// Whether an upload is stored and nothing proves that it arrived whole.
pub(super) fn is_unverified(kind: TransferKind, verified: Verified) -> bool {
    kind == TransferKind::Upload && verified == Verified::Unverified
}

/// Whether the address holds a region that is not known yet: only Amazon's do, and a wrong one leads nowhere.
pub(super) fn needs_region(client: &Client<'_>, connection: &Connection, object: &ObjectRef) -> bool {
    is_region_unknown(client, connection, object) && names_region(connection, &object.bucket)
}

fn is_region_unknown(client: &Client<'_>, connection: &Connection, object: &ObjectRef) -> bool {
    connection.service == Service::AmazonS3 && client.model.region_of(&connection.id, &object.bucket).is_none()
}

/// The address anyone would ask at, if the service has one.
fn public_address(client: &Client<'_>, connection: &Connection, object: &ObjectRef) -> Option<String> {
    let region = client.model.region_of(&connection.id, &object.bucket);
    public_url(connection, &object.bucket, region, &object.key).ok()
}

fn tell_done(client: &mut Client<'_>, mut linked: Linked, check: Option<&LinkCheck>) -> Result<(), Stop> {
    // A verdict is about the address that was asked for: that one is told, and no other.
    if let Some(checked) = check.and_then(|check| check.other_address(linked.url().unwrap_or_default()))
        && !matches!(linked.link, Link::Signed(_))
    {
        linked.link = Link::Public(checked.to_owned());
    }
    let (report, url) = (&linked.report, linked.url());
    let TransferState::Done(verified) = &report.state else { return Ok(()) };
    let path = report.path.to_string_lossy();
    let lang = client.printer.lang;
    let reason = check.map(|check| verdicts::verdict_words(lang, check.kind, &check.verdict));
    let https_url = check.and_then(|check| check.verdict.over_tls(url?));
    let line = Line::Done(Done {
        path: &path,
        bucket: report.object.bucket.as_str(),
        key: report.object.key.as_str(),
        bytes: report.bytes,
        etag: report.etag.as_deref(),
        version_id: report.version_id.as_deref(),
        checksum: report.checksum.as_deref(),
        verified: verified.code(),
        url,
        access: check.map(|check| check.verdict.access().code()),
        verdict: check.map(|check| check.verdict.code()),
        reason: reason.as_deref(),
        https_url: https_url.as_deref(),
    });
    let text = match (report.kind, url) {
        (TransferKind::Upload, Some(url)) => url.to_owned(),
        // Without a public address the s3:// address is the only one there is.
        (TransferKind::Upload, None) => report.object.to_string(),
        (TransferKind::Download, _) => path.clone().into_owned(),
    };
    client.printer.result(&text, &line)?;
    if report.kind == TransferKind::Upload {
        client.told.push(report.id);
    }
    if client.printer.talk == Talk::Verbose && is_unverified(report.kind, *verified) {
        client.printer.remark_words("cli-unverified-file", &[("path", &path)])?;
    }
    client.links_given += u64::from(report.kind == TransferKind::Upload && url.is_some());
    if report.kind == TransferKind::Upload
        && let Some(given) = linked.for_history(check)
    {
        verdicts::record(client, given);
    }
    let Some(check) = check else { return Ok(()) };
    verdicts::tell_in_text(client, check)?;
    let Some(https_url) = https_url else { return Ok(()) };
    verdicts::record(client, linked.given(&https_url));
    verdicts::tell_instead(client, "cli-link-over-tls", &https_url)
}
