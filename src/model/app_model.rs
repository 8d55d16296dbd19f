//! The read model that every front end draws: the engine's events, folded.

use std::collections::BTreeMap;

use super::{
    Bucket, BucketName, Connection, ConnectionId, EngineSnapshot, Event, Failure, KeychainState, Listing, Location,
    ObjectMetadata, ObjectRef, PageToken, Region, RequestId, Settings, TransfersView,
};

/// How far the chosen connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenState {
    /// Keys are fetched, the service is asked.
    Opening,
    /// It answers.
    Open,
    /// It cannot be used.
    Failed(Failure),
}

/// The connection that is in use.
#[derive(Clone, Debug)]
pub struct OpenConnection {
    /// Which.
    pub id: ConnectionId,
    /// How far.
    pub state: OpenState,
    /// Its buckets, or why there is no list; `None` while the first is on its way.
    pub buckets: Option<Result<Vec<Bucket>, Failure>>,
    /// Real regions of buckets, as far as known.
    pub regions: BTreeMap<BucketName, Region>,
}

/// The folder that is shown.
#[derive(Clone, Debug)]
pub struct Browsing {
    /// Its rows.
    pub listing: Listing,
    /// The latest question; other answers are stale.
    pub request: RequestId,
    /// The token that question carried.
    pub asked_after: Option<PageToken>,
}

/// The object inspected, the question, and what was found; `None` while the answer is on its way.
pub type Inspected = (ObjectRef, RequestId, Option<Result<ObjectMetadata, Failure>>);

/// Everything a front end knows of the engine. Changed by [`AppModel::apply`] and by the few
/// notes of what was just asked (`open`, `browse`, …); views only read it.
#[derive(Clone, Debug, Default)]
pub struct AppModel {
    /// What was there at the start; `None` until the engine has said.
    pub snapshot: Option<EngineSnapshot>,
    /// Settings as they hold.
    pub settings: Settings,
    /// Saved connections.
    pub connections: Vec<Connection>,
    /// Whether secrets can be kept.
    pub keychain: KeychainState,
    /// The connection in use.
    pub open: Option<OpenConnection>,
    /// Which answer to opening counts.
    pub open_request: Option<RequestId>,
    /// The folder shown.
    pub browsing: Option<Browsing>,
    /// The object inspected, and what was found.
    pub inspected: Option<Inspected>,
    /// The queue's picture.
    pub transfers: TransfersView,
}

impl AppModel {
    /// Folds one event in. Answers to older questions are dropped.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Started(snapshot) => {
                self.settings = snapshot.settings.clone();
                self.connections.clone_from(&snapshot.connections);
                self.snapshot = Some((**snapshot).clone());
            }
            Event::KeychainChanged(state) => self.keychain = (**state).clone(),
            Event::SettingsChanged(settings) => self.settings = (**settings).clone(),
            Event::ConnectionSaved { result: Ok(connection), .. } => self.keep_connection(connection),
            Event::ConnectionDeleted { id, result: Ok(()), .. } => self.forget_connection(id),
            Event::ConnectionOpened { request, id, result } => self.connection_opened(*request, id, result),
            Event::BucketsListed { connection, result, .. } => self.buckets_listed(connection, result),
            Event::BucketRegionFound { connection, bucket, region } => {
                if let Some(open) = self.open.as_mut().filter(|open| open.id == *connection) {
                    open.regions.insert(bucket.clone(), region.clone());
                }
            }
            Event::ObjectsListed { request, result, .. } => {
                if let Some(browsing) = self.browsing.as_mut().filter(|b| b.request == *request) {
                    let page = result.clone().map(|page| *page).map_err(|failure| *failure);
                    browsing.listing.apply(browsing.asked_after.as_ref(), page);
                }
            }
            Event::ObjectInspected { request, result, .. } => {
                if let Some((_, _, found)) = self.inspected.as_mut().filter(|(_, asked, _)| asked == request) {
                    *found = Some(result.clone().map(|metadata| *metadata).map_err(|failure| *failure));
                }
            }
            Event::Transfers(view) => self.transfers = (**view).clone(),
            _ => {}
        }
    }

    /// The saved connection with this id.
    pub fn connection(&self, id: &ConnectionId) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.id == *id)
    }

    /// The connection in use.
    pub fn current(&self) -> Option<&Connection> {
        self.open.as_ref().and_then(|open| self.connection(&open.id))
    }

    /// The folder shown.
    pub fn location(&self) -> Option<&Location> {
        self.browsing.as_ref().map(|browsing| &browsing.listing.at)
    }

    /// The real region of a bucket of the open connection, where known.
    pub fn bucket_region(&self, bucket: &BucketName) -> Option<&Region> {
        let open = self.open.as_ref()?;
        if let Some(region) = open.regions.get(bucket) {
            return Some(region);
        }
        let buckets = open.buckets.as_ref()?.as_ref().ok()?;
        buckets.iter().find(|known| known.name == *bucket)?.region.as_ref()
    }

    /// Notes that a connection is being opened by this request.
    pub fn note_opening(&mut self, id: ConnectionId, request: RequestId) {
        self.browsing = None;
        self.inspected = None;
        self.open_request = Some(request);
        self.open = Some(OpenConnection { id, state: OpenState::Opening, buckets: None, regions: BTreeMap::new() });
    }

    /// Notes that a folder was asked for by this request; a reload keeps its rows.
    pub fn note_browsing(&mut self, at: Location, request: RequestId) {
        match &mut self.browsing {
            Some(browsing) if browsing.listing.at == at => {
                browsing.listing.reload();
                browsing.request = request;
                browsing.asked_after = None;
            }
            other => *other = Some(Browsing { listing: Listing::loading(at), request, asked_after: None }),
        }
    }

    /// Notes that the next page was asked for by this request, and gives folder and token to ask with;
    /// `None` if there is no next page or it is on its way.
    pub fn note_loading_more(&mut self, request: RequestId) -> Option<(Location, PageToken)> {
        let browsing = self.browsing.as_mut()?;
        let token = browsing.listing.load_more()?;
        browsing.request = request;
        browsing.asked_after = Some(token.clone());
        Some((browsing.listing.at.clone(), token))
    }

    /// Notes that an object's metadata was asked for by this request.
    pub fn note_inspecting(&mut self, object: ObjectRef, request: RequestId) {
        self.inspected = Some((object, request, None));
    }

    fn keep_connection(&mut self, connection: &Connection) {
        match self.connections.iter_mut().find(|known| known.id == connection.id) {
            Some(known) => *known = connection.clone(),
            None => self.connections.push(connection.clone()),
        }
    }

    fn forget_connection(&mut self, id: &ConnectionId) {
        self.connections.retain(|known| known.id != *id);
        if self.open.as_ref().is_some_and(|open| open.id == *id) {
            self.open = None;
            self.browsing = None;
            self.inspected = None;
        }
    }

    fn connection_opened(
        &mut self,
        request: RequestId,
        id: &ConnectionId,
        result: &Result<Box<Connection>, Box<Failure>>,
    ) {
        if self.open_request != Some(request) {
            return;
        }
        if let Ok(connection) = result {
            self.keep_connection(connection);
        }
        let Some(open) = self.open.as_mut() else { return };
        open.id = id.clone();
        open.state = match result {
            Ok(_) => OpenState::Open,
            Err(failure) => OpenState::Failed((**failure).clone()),
        };
    }

    fn buckets_listed(&mut self, connection: &ConnectionId, result: &Result<Vec<Bucket>, Box<Failure>>) {
        let Some(open) = self.open.as_mut().filter(|open| open.id == *connection) else { return };
        open.buckets = Some(result.clone().map_err(|failure| *failure));
    }
}
