//! Checks of some or many links, told as they come.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use tokio_util::sync::CancellationToken;

use super::book::Timely;
use super::one::{Checked, Depth};
use super::sample::choose;
use super::through::Through;
use super::{AT_ONCE, Checks};
use crate::engine::objects::{PACE, stopped};
use crate::engine::tools::Tools;
use crate::model::{
    CheckExtent, CheckProgress, Connection, ConnectionId, CredentialSource, Event, Failure, LinkCheck, LinkKind,
    ObjectRef, RequestId, SaidBy, SignedLink,
};

/// What a check is asked for: an object's public link, or a signed one.
enum Wanted {
    Public(ObjectRef),
    Signed(SignedLink),
}

impl Tools {
    /// Checks public links. Stopped, it sends nothing more than the end.
    pub(crate) async fn check_links(
        self,
        request: RequestId,
        objects: Vec<ObjectRef>,
        extent: CheckExtent,
        stop: CancellationToken,
    ) {
        let run = Run::new(&self, request, objects.len());
        let prepared = tokio::select! {
            biased;
            () = stop.cancelled() => Err(stopped()),
            prepared = self.prepare(objects, extent, request) => prepared,
        };
        match prepared {
            Ok((wanted, through)) => run.go(wanted, through, extent, stop).await,
            Err(failure) => run.failed(failure),
        }
    }

    /// Checks signed links.
    pub(crate) async fn check_signed_links(
        self,
        request: RequestId,
        links: Vec<SignedLink>,
        extent: CheckExtent,
        stop: CancellationToken,
    ) {
        let run = Run { ends: ends(&links), ..Run::new(&self, request, links.len()) };
        let groups: Vec<String> = links.iter().map(|link| group(&link.object, &link.url)).collect();
        let mut through = BTreeMap::new();
        for link in &links {
            if let Err(failure) = self.open_for(&mut through, &link.object.connection).await {
                return run.failed(failure);
            }
        }
        let wanted = picked(links, &choose(&groups, extent, seed(request))).map(Wanted::Signed).collect();
        run.go(wanted, through, extent, stop).await;
    }

    /// Checks one object at the address that a connection's rules give.
    pub(crate) async fn check_address(self, request: RequestId, connection: Box<Connection>, object: ObjectRef) {
        let run = Run::new(&self, request, 1);
        // One that is not saved yet has no keys: then there is nothing to hold an answer against.
        let session = match self.sessions.get(&connection.id).await {
            Ok(session) => Some(session),
            Err(_) => self.sessions.get(&object.connection).await.ok(),
        };
        let mut connection = *connection;
        if let Some(session) = &session {
            let used = session.connection();
            if let CredentialSource::AwsChain { endpoint: SaidBy::Chain, .. } = connection.credentials {
                connection.endpoint.clone_from(&used.endpoint);
                connection.region.clone_from(&used.region);
            }
        }
        let through = Through::new(connection, session);
        let address = through.address(&object).await;
        let checked = self.checks.check(&through, &object, address, Depth::AsNeeded, &*self.clock).await;
        run.done(vec![found(checked)]);
    }

    /// What a connection's links are checked by. Fails only if there is no such connection.
    pub(super) async fn through(&self, id: &ConnectionId) -> Result<Through, Box<Failure>> {
        match self.sessions.get(id).await {
            Ok(session) => Ok(Through::new(session.connection().clone(), Some(session))),
            Err(failure) => match self.book.find(id) {
                Ok(connection) => Ok(Through::new(connection, None)),
                Err(_) => Err(failure),
            },
        }
    }

    async fn open_for(
        &self,
        through: &mut BTreeMap<ConnectionId, Through>,
        id: &ConnectionId,
    ) -> Result<(), Box<Failure>> {
        if !through.contains_key(id) {
            through.insert(id.clone(), self.through(id).await?);
        }
        Ok(())
    }

    /// The choice of those links that are asked for. Of buckets nobody is asked here: wherever one is, its links are
    /// alike.
    async fn prepare(
        &self,
        objects: Vec<ObjectRef>,
        extent: CheckExtent,
        request: RequestId,
    ) -> Result<(Vec<Wanted>, BTreeMap<ConnectionId, Through>), Box<Failure>> {
        let mut through = BTreeMap::new();
        let mut groups = Vec::with_capacity(objects.len());
        for object in &objects {
            self.open_for(&mut through, &object.connection).await?;
            let address = through.get(&object.connection).and_then(|by| by.address_in(object, None).ok());
            groups.push(group(object, address.as_deref().unwrap_or_default()));
        }
        let places = choose(&groups, extent, seed(request));
        Ok((picked(objects, &places).map(Wanted::Public).collect(), through))
    }
}

/// Links of one bucket at one host fare alike.
fn group(object: &ObjectRef, address: &str) -> String {
    let host = address.split('/').nth(2).unwrap_or_default();
    format!("{}\n{}\n{host}", object.connection.as_str(), object.bucket)
}

fn picked<T>(items: Vec<T>, places: &[usize]) -> impl Iterator<Item = T> {
    let mut places = places.iter().copied().peekable();
    items.into_iter().enumerate().filter_map(move |(place, item)| {
        (places.peek() == Some(&place)).then(|| {
            places.next();
            item
        })
    })
}

fn seed(request: RequestId) -> u64 {
    let mut hasher = DefaultHasher::new();
    request.hash(&mut hasher);
    hasher.finish()
}

/// One request's way of telling.
struct Run {
    tools: Tools,
    request: RequestId,
    progress: CheckProgress,
    /// When the signed links end.
    ends: HashMap<ObjectRef, jiff::Timestamp>,
}

/// By which signed links are told apart in the history; where an object has several in one question, nobody can say
/// whose verdict is whose.
fn ends(links: &[SignedLink]) -> HashMap<ObjectRef, jiff::Timestamp> {
    let mut known: HashMap<ObjectRef, Option<jiff::Timestamp>> = HashMap::new();
    for link in links {
        let is_same = |known: Option<jiff::Timestamp>| known.filter(|end| *end == link.expires);
        known.entry(link.object.clone()).and_modify(|known| *known = is_same(*known)).or_insert(Some(link.expires));
    }
    known.into_iter().filter_map(|(object, end)| Some((object, end?))).collect()
}

impl Run {
    fn new(tools: &Tools, request: RequestId, total: usize) -> Self {
        Self {
            tools: tools.clone(),
            request,
            progress: CheckProgress { checked: 0, asked: 0, total },
            ends: HashMap::new(),
        }
    }

    fn tell(&mut self, found: Vec<(LinkCheck, Timely)>, end: Option<Result<(), Box<Failure>>>) {
        self.progress.checked += found.len();
        let (request, progress) = (self.request, self.progress);
        let (tools, ends) = (&self.tools, &self.ends);
        tools.checks.tell(found, |checks| {
            let (signed, public): (Vec<_>, Vec<_>) =
                checks.iter().cloned().partition(|check| check.kind == LinkKind::Presigned);
            let with_end = |check: LinkCheck| ends.get(&check.object).copied().map(|end| (check, end));
            tools.history.note_checks(public);
            tools.history.note_signed_checks(signed.into_iter().filter_map(with_end).collect());
            tools.sink.send(Event::LinksChecked { request, checks, progress, end });
        });
    }

    fn failed(mut self, failure: Box<Failure>) {
        self.tell(Vec::new(), Some(Err(failure)));
    }

    fn done(mut self, found: Vec<(LinkCheck, Timely)>) {
        self.progress.asked = found.len();
        self.tell(found, Some(Ok(())));
    }

    async fn go(
        mut self,
        wanted: Vec<Wanted>,
        through: BTreeMap<ConnectionId, Through>,
        extent: CheckExtent,
        stop: CancellationToken,
    ) {
        self.progress.asked = wanted.len();
        let tools = self.tools.clone();
        let mut answers = answers(&tools, wanted, &through, extent);
        let mut new = Vec::new();
        let end = loop {
            let pause = tools.clock.sleep(PACE);
            tokio::select! {
                biased;
                () = stop.cancelled() => break Err(stopped()),
                answer = answers.next() => match answer {
                    Some(check) => new.push(check),
                    None => break Ok(()),
                },
                () = pause, if !new.is_empty() => self.tell(std::mem::take(&mut new), None),
            }
        };
        drop(answers);
        self.tell(new, Some(end));
    }
}

fn answers<'a>(
    tools: &'a Tools,
    wanted: Vec<Wanted>,
    through: &'a BTreeMap<ConnectionId, Through>,
    extent: CheckExtent,
) -> BoxStream<'a, (LinkCheck, Timely)> {
    let checks: &'a Checks = &tools.checks;
    let ask = move |wanted: Wanted| async move {
        let by = |object: &ObjectRef| through.get(&object.connection);
        match wanted {
            Wanted::Public(object) => {
                let through = by(&object)?;
                let address = through.address(&object).await;
                if extent == CheckExtent::Sample
                    && let Some(known) = address.as_ref().ok().and_then(|address| checks.remembered(&object, address))
                {
                    return Some(known);
                }
                let checked = checks.check(through, &object, address, Depth::AsNeeded, &*tools.clock);
                Some(found(Box::pin(checked).await))
            }
            Wanted::Signed(link) => Some(found(checks.check_signed(by(&link.object)?, &link, &*tools.clock).await)),
        }
    };
    stream::iter(wanted).map(ask).buffer_unordered(AT_ONCE).filter_map(std::future::ready).boxed()
}

fn found(checked: Checked) -> (LinkCheck, Timely) {
    (checked.check, checked.timely)
}
