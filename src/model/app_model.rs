//! The read model that every front end draws: the engine's events, folded.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    BatchId, BatchSummary, Bucket, BucketName, Connection, ConnectionId, EngineSnapshot, Entry, Event, Failure,
    FailureKind, KeychainState, LinkCheck, Listing, ListingState, Location, ObjectKey, ObjectMetadata, ObjectPage,
    ObjectRef, PageToken, Prefix, QueueHold, Region, RequestId, Settings, Standing, Target, TransferKind,
    TransfersView, WhenDone,
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
    /// Why the list could not be had again, where `buckets` holds an older one.
    pub buckets_failure: Option<Failure>,
    /// What came of the latest question that tells something of the connection.
    pub standing: Standing,
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

/// A batch of uploads that is through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedBatch {
    /// Which.
    pub batch: BatchId,
    /// Where it went.
    pub to: Location,
    /// Files stored.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// More finished batches are forgotten, the oldest first.
const MOST_BATCHES_KNOWN: usize = 200;

/// A deletion names no more than this many objects that stayed; there may be more.
const MOST_FAILURES_TOLD: usize = 100;

/// What a deletion has left.
struct Stayed<'a> {
    /// Objects that could not be deleted.
    failed: &'a [(ObjectKey, Failure)],
    /// How many came meanwhile.
    came: u64,
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
    /// Connections of transfers that are not saved: the command line's.
    pub brought: Vec<Connection>,
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
    /// Why nothing of the queue outlives this run; `None` where it does.
    pub queue_not_kept: Option<Failure>,
    /// Batches of uploads that are through, the newest last, for as long as anything of them is in the list.
    pub finished: Vec<FinishedBatch>,
    /// The folder of each bucket into which the last upload that was refused for want of rights went, until one into
    /// it is stored.
    pub refused: BTreeMap<(ConnectionId, BucketName), Prefix>,
    /// Buckets of which strangers could open something, as the checks that are kept say.
    pub opened: BTreeSet<(ConnectionId, BucketName)>,
    /// Buckets of which strangers were refused something, as the checks that are kept say.
    pub closed: BTreeSet<(ConnectionId, BucketName)>,
    /// What follows when all transfers are through, in this run.
    pub when_done: WhenDone,
    /// How many transfers had failed when all were through the last time.
    pub failed_at_end: u64,
    /// Seconds until the machine sleeps, while they are counted.
    pub sleeps_in_secs: Option<u64>,
    /// Seconds until the window leaves by itself, while they are counted.
    pub quits_in_secs: Option<u64>,
    /// How many items each batch of this run left out while it was scanned; batches that left out nothing are missing.
    pub left_out: BTreeMap<BatchId, u64>,
    /// Real regions of buckets, as far as known, also of connections used earlier in this run: links of their
    /// objects can still be asked for.
    pub regions: BTreeMap<(ConnectionId, BucketName), Region>,
    /// What strangers were answered in this run: the newest check of each object, at most 20,000 of them. A check is
    /// about the address that was asked for, and says nothing of another one that leads to the same object.
    pub checks: HashMap<ObjectRef, LinkCheck>,
    /// Questions whose answers are about addresses that are only tried, and are not kept.
    pub trying: HashSet<RequestId>,
    /// Deletions under way, whose rows go when they have succeeded.
    pub deleting: Vec<(RequestId, Vec<Target>)>,
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
            Event::ConnectionSaved { result: Ok(connection), .. } => {
                // It may lead to another endpoint now, and its links to other addresses.
                self.forget_findings(&connection.id);
                self.keep_connection(connection);
            }
            Event::ConnectionDeleted { id, result: Ok(()), .. } => self.forget_connection(id),
            Event::ConnectionOpened { request, id, result } => self.connection_opened(*request, id, result),
            Event::BucketsListed { connection, result, .. } => self.buckets_listed(connection, result),
            Event::BucketRegionFound { connection, bucket, region } => {
                self.regions.insert((connection.clone(), bucket.clone()), region.clone());
            }
            Event::ObjectsListed { request, at, result } => {
                self.note_answer(&at.connection, result.as_ref().err().map(|failure| &**failure));
                self.forget_old_inspection(*request, result);
                if let Some(browsing) = self.browsing.as_mut().filter(|b| b.request == *request) {
                    let page = result.clone().map(|page| *page).map_err(|failure| *failure);
                    browsing.listing.apply(browsing.asked_after.as_ref(), page);
                }
            }
            Event::RowsFound { at, result: Ok(rows), .. } => self.rows_found(at, rows),
            Event::ObjectInspected { request, object, result } => {
                if result.is_ok() {
                    self.note_answer(&object.connection, None);
                }
                if let Some((_, _, found)) = self.inspected.as_mut().filter(|(_, asked, _)| asked == request) {
                    *found = Some(result.clone().map(|metadata| *metadata).map_err(|failure| *failure));
                }
            }
            Event::LinksChecked { request, checks, end, .. } => {
                if !self.trying.contains(request) {
                    self.keep_checks(checks);
                } else if end.is_some() {
                    self.trying.remove(request);
                }
            }
            Event::SharingApplied { result: Ok(change), .. } | Event::SharingUnsure { change, .. } => {
                self.forget_checks(&change.connection, &change.bucket, |_key| true);
            }
            // Of one that failed, nobody knows how far it came.
            Event::SharingUndone { .. } | Event::SharingApplied { result: Err(_), .. } => self.forget_all_checks(),
            Event::LinkOutdated(object) => self.forget_check(object),
            Event::QueueNotKept(failure) => self.queue_not_kept = Some((**failure).clone()),
            Event::BucketDeleted { name, result: Ok(()), .. } => self.bucket_deleted(name),
            Event::ObjectsDeleted { request, at, came, failed, end: Some(end), .. } => {
                self.objects_deleted(*request, at, &Stayed { failed, came: *came }, end);
            }
            Event::BatchScanned { batch, skipped, .. } if !skipped.is_empty() => {
                *self.left_out.entry(*batch).or_default() += skipped.len() as u64;
            }
            Event::ConnectionBrought(connection) => {
                self.brought.retain(|known| known.id != connection.id);
                self.brought.push((**connection).clone());
            }
            Event::AccessExplained { result: Ok(report), .. } => self.explained(&report.check),
            Event::BatchFinished { batch, summary } => self.batch_finished(*batch, summary),
            Event::EarlierBatches(batches) => self.finished.splice(0..0, batches.iter().cloned()).for_each(drop),
            Event::Transfers(view) => {
                self.note_line(view);
                self.transfers = (**view).clone();
            }
            Event::SleepsSoon { in_secs } => {
                self.sleeps_in_secs = in_secs.filter(|secs| *secs > 0);
                if *in_secs == Some(0) {
                    // Once is enough: whoever wakes the machine up works at it.
                    self.when_done = WhenDone::Nothing;
                }
            }
            _ => {}
        }
    }

    /// The saved connection with this id.
    pub fn connection(&self, id: &ConnectionId) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.id == *id)
    }

    /// The connection with this id, saved or not.
    pub fn known_connection(&self, id: &ConnectionId) -> Option<&Connection> {
        self.connection(id).or_else(|| self.brought.iter().find(|connection| connection.id == *id))
    }

    /// The connection in use.
    pub fn current(&self) -> Option<&Connection> {
        self.open.as_ref().and_then(|open| self.connection(&open.id))
    }

    /// The folder shown.
    pub fn location(&self) -> Option<&Location> {
        self.browsing.as_ref().map(|browsing| &browsing.listing.at)
    }

    /// Whether the service has just said that the shown bucket does not exist.
    pub fn is_bucket_missing(&self) -> bool {
        let state = self.browsing.as_ref().map(|browsing| &browsing.listing.state);
        matches!(state, Some(ListingState::Failed(failure)) if failure.kind == FailureKind::NoSuchBucket)
    }

    /// The real region of a bucket of the open connection, where known.
    pub fn bucket_region(&self, bucket: &BucketName) -> Option<&Region> {
        self.region_of(&self.open.as_ref()?.id, bucket)
    }

    /// The real region of a bucket of any connection used in this run, where known.
    pub fn region_of(&self, connection: &ConnectionId, bucket: &BucketName) -> Option<&Region> {
        self.regions.get(&(connection.clone(), bucket.clone()))
    }

    /// Whether the last upload into this folder, or one above it, was refused for want of rights. What may be written
    /// elsewhere in the bucket is another matter.
    pub fn is_refused(&self, to: &Location) -> bool {
        let refused = self.refused.get(&(to.connection.clone(), to.bucket.clone()));
        refused.is_some_and(|folder| to.prefix.as_str().starts_with(folder.as_str()))
    }

    /// Notes that a connection is being opened by this request.
    pub fn note_opening(&mut self, id: ConnectionId, request: RequestId) {
        self.browsing = None;
        self.inspected = None;
        self.open_request = Some(request);
        let (state, standing) = (OpenState::Opening, Standing::NotAsked);
        self.open = Some(OpenConnection { id, state, buckets: None, buckets_failure: None, standing });
    }

    /// Notes that a folder was asked for by this request; a reload keeps its rows.
    pub fn note_browsing(&mut self, at: Location, request: RequestId) {
        match &mut self.browsing {
            Some(browsing) if browsing.listing.at == at => {
                browsing.listing.reload();
                browsing.request = request;
                browsing.asked_after = None;
            }
            other => {
                *other = Some(Browsing { listing: Listing::loading(at), request, asked_after: None });
                // The object may be another one by the time its folder is shown again.
                self.inspected = None;
            }
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

    /// Notes what is to follow when all transfers are through.
    pub fn note_when_done(&mut self, then: WhenDone) {
        self.when_done = then;
    }

    /// Notes how many transfers have failed of those that are through.
    pub fn note_failed_at_end(&mut self, transfers: u64) {
        self.failed_at_end = transfers;
    }

    /// Notes that these objects are being deleted by this request, so that their rows can go when they are gone.
    pub fn note_deleting(&mut self, request: RequestId, targets: Vec<Target>) {
        self.deleting.push((request, targets));
    }

    /// Notes that this request tries an address that no link of the program has: what comes of it is not kept.
    pub fn note_trying(&mut self, request: RequestId) {
        self.trying.insert(request);
    }

    /// Takes the rows of deleted objects out, and forgets what strangers were answered about them. Whatever may still be
    /// there keeps both: all of them when the deletion broke off, and those with an object that stayed.
    fn objects_deleted(
        &mut self,
        request: RequestId,
        at: &Location,
        stayed: &Stayed<'_>,
        end: &Result<(), Box<Failure>>,
    ) {
        let failed = stayed.failed;
        let Some(index) = self.deleting.iter().position(|(known, _)| *known == request) else { return };
        let (_, targets) = self.deleting.remove(index);
        if end.is_err() || failed.len() >= MOST_FAILURES_TOLD {
            return;
        }
        let gone: HashSet<&str> = targets.iter().map(Target::full_key).collect();
        let is_folder = |target: &&Target| matches!(target, Target::Folder(_));
        let folders: Vec<&str> = targets.iter().filter(is_folder).map(Target::full_key).collect();
        self.forget_checks(&at.connection, &at.bucket, |key| {
            let key = key.as_str();
            let is_meant = gone.contains(key) || folders.iter().any(|folder| key.starts_with(folder));
            is_meant && failed.iter().all(|(stays, _)| stays.as_str() != key)
        });
        let is_same_bucket = |browsing: &&mut Browsing| browsing.listing.at.at(at.prefix.clone()) == *at;
        let Some(browsing) = self.browsing.as_mut().filter(is_same_bucket) else { return };
        let shown = browsing.listing.at.prefix.clone();
        let is_inside = targets.iter().any(|target| match target {
            Target::Folder(folder) => shown.as_str().starts_with(folder.as_str()),
            Target::Object(_) => false,
        });
        // In which of the folders something came is not known; they are listed anew.
        let stays = |entry: &Entry| match entry {
            Entry::Prefix(_) if stayed.came > 0 => true,
            Entry::Prefix(prefix) => failed.iter().any(|(key, _)| key.as_str().starts_with(prefix.as_str())),
            Entry::Object(object) => failed.iter().any(|(key, _)| *key == object.key),
        };
        browsing.listing.retain(|entry| !(is_inside || gone.contains(entry.full_key())) || stays(entry));
    }

    /// When the first page shows another version of the inspected object than before, what was found no longer holds.
    fn forget_old_inspection(&mut self, request: RequestId, result: &Result<Box<ObjectPage>, Box<Failure>>) {
        let (Some((object, ..)), Some(browsing), Ok(page)) = (&self.inspected, &self.browsing, result) else { return };
        if browsing.request != request || browsing.asked_after.is_some() {
            return;
        }
        let version = |entries: &[Entry]| {
            entries.iter().find_map(|entry| match entry {
                Entry::Object(row) if row.key == object.key => Some((row.etag.clone(), row.modified, row.size_bytes)),
                _ => None,
            })
        };
        if version(&browsing.listing.entries) != version(&page.entries) {
            self.inspected = None;
        }
    }

    fn rows_found(&mut self, at: &Location, rows: &[Entry]) {
        self.note_answer(&at.connection, None);
        if let Some(browsing) = self.browsing.as_mut().filter(|browsing| browsing.listing.at == *at) {
            browsing.listing.insert(rows.to_vec());
        }
    }

    /// The bucket was one of the open connection.
    fn bucket_deleted(&mut self, name: &BucketName) {
        if let Some(connection) = self.open.as_ref().map(|open| open.id.clone()) {
            self.forget_checks(&connection, name, |_| true);
        }
    }

    fn batch_finished(&mut self, batch: BatchId, summary: &BatchSummary) {
        if summary.done > 0 {
            self.note_answer(&summary.to.connection, None);
        } else if let Some(failure) = summary.first_failure.as_ref().filter(|first| first.kind.is_of_connection()) {
            self.note_answer(&summary.to.connection, Some(failure));
        }
        if summary.kind != TransferKind::Upload {
            return;
        }
        let place = (summary.to.connection.clone(), summary.to.bucket.clone());
        let is_refused = |failure: &Failure| failure.kind == FailureKind::AccessDenied;
        if summary.done > 0 {
            let is_within = |refused: &Prefix| summary.to.prefix.as_str().starts_with(refused.as_str());
            if self.refused.get(&place).is_some_and(is_within) {
                self.refused.remove(&place);
            }
        } else if summary.first_failure.as_ref().is_some_and(is_refused) {
            self.refused.insert(place, summary.to.prefix.clone());
        }
        if summary.done == 0 {
            return;
        }
        // A batch ends again when something of it was tried again.
        self.finished.retain(|known| known.batch != batch);
        let BatchSummary { to, done, done_bytes, .. } = summary.clone();
        self.finished.push(FinishedBatch { batch, to, files: done, bytes: done_bytes });
        if self.finished.len() > MOST_BATCHES_KNOWN {
            self.finished.remove(0);
        }
    }

    fn keep_connection(&mut self, connection: &Connection) {
        match self.connections.iter_mut().find(|known| known.id == connection.id) {
            Some(known) => *known = connection.clone(),
            None => self.connections.push(connection.clone()),
        }
    }

    /// Forgets what was found out through a connection.
    fn forget_findings(&mut self, id: &ConnectionId) {
        self.regions.retain(|(connection, _), _| connection != id);
        self.checks.retain(|object, _| object.connection != *id);
        self.opened.retain(|(connection, _)| connection != id);
        self.closed.retain(|(connection, _)| connection != id);
        self.refused.retain(|(connection, _), _| connection != id);
    }

    fn forget_connection(&mut self, id: &ConnectionId) {
        self.connections.retain(|known| known.id != *id);
        self.forget_findings(id);
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
        // Buckets that the connection names are told without asking anybody.
        let names_buckets = self.connection(connection).is_some_and(|known| !known.scopes.is_empty());
        if result.is_err() || !names_buckets {
            self.note_answer(connection, result.as_ref().err().map(|failure| &**failure));
        }
        for bucket in result.iter().flatten() {
            if let Some(region) = &bucket.region {
                self.regions.entry((connection.clone(), bucket.name.clone())).or_insert_with(|| region.clone());
            }
        }
        let Some(open) = self.open.as_mut().filter(|open| open.id == *connection) else { return };
        // A list that was had stays: that it cannot be had again takes no bucket away.
        if let (Err(failure), Some(Ok(_))) = (result, &open.buckets) {
            open.buckets_failure = Some((**failure).clone());
            return;
        }
        open.buckets_failure = None;
        open.buckets = Some(result.clone().map_err(|failure| *failure));
    }

    /// Notes whether the service answers these keys; that it forbids something is an answer.
    fn note_answer(&mut self, connection: &ConnectionId, failure: Option<&Failure>) {
        if let Some(open) = self.open.as_mut().filter(|open| open.id == *connection) {
            open.standing = open.standing.after(failure);
        }
    }

    /// A connection that transfers wait for is silent, also once they no longer ask. One that they waited for, and wait
    /// for no longer although none of them was stopped, answers again; where none is left, nobody knows.
    fn note_line(&mut self, now: &TransfersView) {
        let Some(open) = self.open.as_mut() else { return };
        let reason = |view: &TransfersView| {
            view.holds.iter().find_map(|hold| match hold {
                QueueHold::Offline { connection, failure, .. } if *connection == open.id => Some(failure.clone()),
                _ => None,
            })
        };
        let (waited, waits) = (reason(&self.transfers).is_some(), reason(now));
        let before = self.transfers.counts;
        let is_stopped = now.counts.paused > before.paused || now.counts.paused == now.counts.active;
        match (waits, &open.standing) {
            (Some(_), Standing::Refused(_)) => {}
            (Some(failure), _) => open.standing = Standing::Silent(failure),
            (None, Standing::Silent(_)) if waited && !is_stopped => open.standing = Standing::Answers,
            (None, _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FailureKind, Object};

    fn entry(key: &str) -> Entry {
        let key = ObjectKey::new(key);
        Entry::Object(Object { key, size_bytes: None, modified: None, etag: None, storage_class: None })
    }

    /// The rows of a folder after `b` and `d/` were deleted, with this end, these objects that stayed, and so many that came.
    fn rows_after(failed: &[&str], came: u64, end: Result<(), Box<Failure>>) -> Vec<String> {
        let bucket = BucketName::new("weandb").unwrap();
        let at = Location { connection: ConnectionId::local(), bucket, prefix: Prefix::root() };
        let (listed, deleting) = (RequestId::next(), RequestId::next());
        let mut model = AppModel::default();
        model.note_browsing(at.clone(), listed);
        let entries = vec![Entry::Prefix(Prefix::new("d")), entry("a"), entry("b")];
        let page = Box::new(ObjectPage { entries, next: None });
        model.apply(&Event::ObjectsListed { request: listed, at: Box::new(at.clone()), result: Ok(page) });
        model.note_deleting(deleting, vec![Target::Object(ObjectKey::new("b")), Target::Folder(Prefix::new("d"))]);
        let stayed = |key: &&str| (ObjectKey::new(*key), Failure::new(FailureKind::AccessDenied));
        let failed = failed.iter().map(stayed).collect();
        let at = Box::new(at);
        model.apply(&Event::ObjectsDeleted { request: deleting, at, deleted: 1, came, failed, end: Some(end) });
        let rows = &model.browsing.unwrap().listing.entries;
        rows.iter().map(|entry| entry.full_key().to_owned()).collect()
    }

    #[test]
    fn only_what_is_gone_for_sure_leaves_the_rows() {
        assert_eq!(rows_after(&[], 0, Ok(())), ["a"]);
        assert_eq!(rows_after(&["b"], 0, Ok(())), ["a", "b"]);
        assert_eq!(rows_after(&["d/x"], 0, Ok(())), ["d/", "a"]);
        assert_eq!(rows_after(&[], 1, Ok(())), ["d/", "a"]);
        assert_eq!(rows_after(&[], 0, Err(Box::new(Failure::new(FailureKind::Offline)))), ["d/", "a", "b"]);
    }

    #[test]
    fn stopping_what_waits_for_a_silent_service_is_no_answer_of_it() {
        use crate::model::{TransferCounts, TransferTab};
        let id = ConnectionId::local();
        let view = |holds, active, paused| {
            let counts = TransferCounts { active, paused, ..TransferCounts::default() };
            Event::Transfers(Box::new(TransfersView { tab: TransferTab::Active, counts, holds, ..Default::default() }))
        };
        let failure = Failure::new(FailureKind::ConnectionRefused);
        let hold = QueueHold::Offline { connection: id.clone(), failure: failure.clone(), retry_in_secs: 8 };
        let mut model = AppModel::default();
        model.note_opening(id, RequestId::next());
        let standing = |model: &AppModel| model.open.as_ref().map(|open| open.standing.clone()).unwrap();
        model.apply(&view(vec![hold.clone()], 2, 0));
        assert_eq!(standing(&model), Standing::Silent(failure.clone()));
        model.apply(&view(Vec::new(), 2, 2));
        assert_eq!(standing(&model), Standing::Silent(failure));
        model.apply(&view(vec![hold], 2, 0));
        model.apply(&view(Vec::new(), 2, 0));
        assert_eq!(standing(&model), Standing::Answers);
    }
}
