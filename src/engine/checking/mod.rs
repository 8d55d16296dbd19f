//! Checking links: asking for them as a stranger would, and finding the reason where they do not open.
//!
//! Nothing waits for a check, at most [`AT_ONCE`] run at a time, and what was found holds for a few minutes, unless
//! something is written, deleted or opened in its bucket meanwhile. Signed links leave no trace but their path.

mod book;
mod explain;
mod many;
mod one;
mod sample;
mod through;

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::clock::Clock;
use super::sessions::Session;
use crate::model::{
    AccessReport, Bearing, BucketName, Connection, ConnectionId, Finding, KnownObject, LayerFinding, Met, ObjectRef,
    Verdict, Voice, decisive_first,
};
use crate::s3::{Asking, Stranger, StrangerConfig};
use book::Book;
use one::{Checked, Depth, opens};
use through::Through;

/// What keeps strangers from an object that was to be public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WhyNotPublic {
    /// Nothing: it opens after all.
    Opens,
    /// The layers that refuse, the one that decides first, and those that our keys may not read.
    Layers(Vec<LayerFinding>),
    /// That could not be found out.
    Unknown,
}

/// Of a check's layers those that keep strangers out, or may. A switch that refuses new lists keeps nobody from what is
/// open already, but is why nothing new becomes so.
fn refusing(checked: Checked) -> WhyNotPublic {
    let Checked { check, layers, .. } = checked;
    let is_refused = matches!(check.verdict, Verdict::Private(_));
    if opens(&check.verdict) {
        return WhyNotPublic::Opens;
    }
    if layers.is_empty() {
        return WhyNotPublic::Unknown;
    }
    let report = AccessReport { layers: decisive_first(layers, &check.verdict), ways: Vec::new(), check };
    let keeps_out =
        |found: &LayerFinding| found.finding == Finding::NewAclsRefused || report.bearing(*found) != Bearing::Allows;
    let found: Vec<LayerFinding> = report.layers.iter().copied().filter(keeps_out).collect();
    // That nothing is known to refuse says something only of what was refused.
    if is_refused || !found.is_empty() { WhyNotPublic::Layers(found) } else { WhyNotPublic::Unknown }
}

/// Links that are asked for at the same time.
const AT_ONCE: usize = 8;

/// Everything that checks share; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Checks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    stranger: Stranger,
    places: Semaphore,
    book: Book,
    /// The engine's own, where the stranger's connections live.
    runtime: Handle,
}

impl Checks {
    /// Nothing is known and nothing is opened yet.
    pub(crate) fn new(config: StrangerConfig, clock: Arc<dyn Clock>, runtime: Handle) -> Self {
        let (stranger, places) = (Stranger::new(config), Semaphore::new(AT_ONCE));
        Self(Arc::new(Inner { stranger, places, book: Book::new(clock), runtime }))
    }

    /// Whether a storage refuses strangers at this address; `false` where that is not known. From any thread.
    pub(crate) async fn refuses_strangers(&self, address: String) -> bool {
        let inner = Arc::clone(&self.0);
        let asked = self.0.runtime.spawn(async move {
            let Ok(_place) = inner.places.acquire().await else { return false };
            match inner.stranger.ask(&address, Asking::Plain).await {
                Met::Answer(answer) => {
                    matches!(answer.status, 401 | 403) && (answer.code.is_some() || answer.voice == Voice::Storage)
                }
                Met::Nothing(_) => false,
            }
        });
        // Only when the engine ends is it not answered.
        asked.await.unwrap_or(false)
    }

    /// What keeps strangers from an object that was to be public, at the service's own address. Asks for the link and
    /// reads every setting anew; from any thread, and nothing is left behind when it is dropped but questions that end by
    /// themselves.
    pub(crate) async fn why_not_public(&self, session: Arc<Session>, object: ObjectRef) -> WhyNotPublic {
        let checks = self.clone();
        let asked = self.0.runtime.spawn(async move {
            let bare = Connection { link_domains: Vec::new(), ..session.connection().clone() };
            let through = Through::new(bare, Some(session));
            checks.0.book.forget_settings(&object);
            let address = through.address(&object).await;
            let clock = checks.0.book.clock();
            let checked = Box::pin(checks.check(&through, &object, address, Depth::Everything, clock)).await;
            refusing(checked)
        });
        // Only when the engine ends is it not answered.
        asked.await.unwrap_or(WhyNotPublic::Unknown)
    }

    /// An upload has stored this object: what was known of its link holds no more, and its size and tag need not be
    /// asked for. Whether a front end was told something of the one before.
    pub(crate) fn note_stored(&self, object: ObjectRef, size_bytes: u64, etag: Option<String>) -> bool {
        let known = KnownObject::There { size_bytes: Some(size_bytes), etag };
        self.0.book.note_changed(object, Some(known))
    }

    /// An upload has ended that may have replaced this object. Whether a front end was told something of it.
    pub(crate) fn note_touched(&self, object: ObjectRef) -> bool {
        self.0.book.note_changed(object, None)
    }

    /// Something was deleted in a bucket, or its settings were changed: what was known of its links holds no more.
    pub(crate) fn forget_bucket(&self, connection: &ConnectionId, bucket: &BucketName) {
        self.0.book.forget_bucket(connection, bucket);
    }
}
