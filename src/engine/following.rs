//! Uploads that another process handed over, or let go on, and listens to: what it is told of them, in which words, and
//! back into events. Nothing is asked of a listener; what would be asked of the user about what was handed over is
//! decided as the command line decides it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::journal::{failure_json, failure_of, skip_json, skip_of};
use super::recovery::{connection_json, connection_of};
use crate::model::{
    BatchCounts, BatchId, BatchStood, BatchSummary, BucketName, ConnectionId, Event, Failure, Finding, KeyProblem,
    Layer, LayerFinding, Location, NameQuestion, ObjectKey, Prefix, QueueHold, ScanProgress, SkippedItem, TransferId,
    TransferKind, TransferReport, TransferState, TransfersView, UnfinishedBatch, Verified,
};
use crate::platform::{Teller, path_from_text, path_to_text};

/// Who listens to which batch. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Followers(Arc<Mutex<BTreeMap<BatchId, Vec<Follower>>>>);

#[derive(Debug)]
struct Follower {
    /// Shared by all batches of one listener: with the last of them all is told.
    teller: Arc<Teller>,
    hears: Hears,
    to: Location,
    /// What was told last of why nothing moves.
    holds: Vec<WrittenHold>,
    /// The same of its files' stick or share.
    away: Option<WrittenHold>,
}

/// What a listener hears on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hears {
    /// Of the one batch that it handed over.
    ItsOwn,
    /// Of every batch of the queue that it let go on; each is named.
    TheQueue,
}

impl Follower {
    /// Tells something of a batch; `false` if nobody listens.
    fn tell(&self, batch: BatchId, words: &str) -> bool {
        let words = match self.hears {
            Hears::ItsOwn => Some(words.to_owned()),
            Hears::TheQueue => text(&Told::Of { batch: batch.get(), words: words.to_owned() }),
        };
        words.is_some_and(|words| self.teller.tell(words))
    }

    /// Tells why nothing moves; `false` if nobody listens.
    fn tell_holds(&self, batch: BatchId) -> bool {
        let holds = self.holds.iter().chain(&self.away).cloned();
        let (files, holds) = holds.partition(|hold| hold.kind == HoldKind::FileRetried);
        text(&Told::Held { holds, files }).is_some_and(|words| self.tell(batch, &words))
    }
}

impl Followers {
    /// From now on this batch, which goes there, is told to another process.
    pub(crate) fn add(&self, batch: BatchId, to: Location, teller: Teller) {
        let follower = Follower { teller: Arc::new(teller), hears: Hears::ItsOwn, to, holds: Vec::new(), away: None };
        self.all().entry(batch).or_default().push(follower);
    }

    /// From now on these batches are told to another process, first of all which they are.
    pub(crate) fn add_queue(&self, batches: &[UnfinishedBatch], teller: Teller) {
        let Some(which) = text(&Told::Queue { batches: batches.iter().map(written_batch).collect() }) else { return };
        if !teller.tell(which) {
            return;
        }
        let (teller, mut all) = (Arc::new(teller), self.all());
        for batch in batches {
            let (teller, to) = (Arc::clone(&teller), batch.to.clone());
            let follower = Follower { teller, hears: Hears::TheQueue, to, holds: Vec::new(), away: None };
            all.entry(batch.batch).or_default().push(follower);
        }
    }

    /// Whether nobody listens to anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.all().is_empty()
    }

    /// Whether whoever handed this batch over listens to it.
    pub(crate) fn has(&self, batch: BatchId) -> bool {
        let hears = |follower: &Follower| follower.hears == Hears::ItsOwn && follower.teller.is_heard();
        self.all().get(&batch).is_some_and(|followers| followers.iter().any(hears))
    }

    /// Tells an event to whoever listens to its batch; with the batch's end the listening ends.
    pub(crate) fn tell(&self, event: &Event) {
        let Some(batch) = batch_of(event) else { return };
        let mut all = self.all();
        let Some(followers) = all.get_mut(&batch) else { return };
        let Some(words) = words(event) else { return };
        // Names of what was not handed over are for the user here to give.
        let is_for_user =
            |follower: &Follower| follower.hears == Hears::TheQueue && matches!(event, Event::NamesNeeded { .. });
        followers.retain(|follower| is_for_user(follower) || follower.tell(batch, &words));
        if followers.is_empty() || matches!(event, Event::BatchFinished { .. }) {
            all.remove(&batch);
        }
    }

    /// Tells why nothing moves, where that is new and of a listener's connection.
    pub(crate) fn tell_holds(&self, holds: &[QueueHold]) {
        self.change(|_batch, follower| {
            let of_it: Vec<_> = holds.iter().filter_map(|hold| written_hold(hold, &follower.to)).collect();
            let is_new = of_it != follower.holds;
            follower.holds = of_it;
            is_new
        });
    }

    /// Tells that the stick or share of a batch's files is away; `None` for one that answers again. Without a batch that
    /// is said of all.
    pub(crate) fn tell_away(&self, of: Option<BatchId>, failure: Option<&Failure>) {
        self.change(|batch, follower| {
            // Of many files of a stick the first one is told.
            let is_new = of.is_none_or(|of| of == batch) && follower.away.is_some() != failure.is_some();
            if is_new {
                let failure = failure.map(failure_json);
                follower.away = failure.map(|failure| WrittenHold { kind: HoldKind::Away, failure });
            }
            is_new
        });
    }

    /// Changes what listeners are to know of why nothing moves, and tells it where `change` says that it is new.
    fn change(&self, mut change: impl FnMut(BatchId, &mut Follower) -> bool) {
        self.all().retain(|batch, followers| {
            followers.retain_mut(|follower| !change(*batch, follower) || follower.tell_holds(*batch));
            !followers.is_empty()
        });
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<BatchId, Vec<Follower>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn batch_of(event: &Event) -> Option<BatchId> {
    match event {
        Event::BatchScanned { batch, .. }
        | Event::NamesNeeded { batch, .. }
        | Event::PublicRefused { batch, .. }
        | Event::AclLeftOut { batch, .. }
        | Event::BatchFinished { batch, .. } => Some(*batch),
        Event::TransferEnded(report) => Some(report.batch),
        _ => None,
    }
}

/// What travels; failures and reasons as the journal writes them, paths as they are between processes.
#[derive(Serialize, Deserialize)]
#[serde(tag = "told", rename_all = "kebab-case")]
enum Told {
    Scanned {
        files: u64,
        total_bytes: u64,
        left_out: u64,
        skipped: Vec<(String, String)>,
        is_complete: bool,
    },
    NamesRefused {
        names: Vec<WrittenName>,
    },
    Ended(Box<WrittenEnd>),
    PublicRefused {
        failure: String,
        /// Layers and what they say. What a later version calls otherwise is left out, which is no word of there being
        /// none.
        #[serde(default)]
        because: Option<Vec<(String, String)>>,
    },
    AclLeftOut {
        failure: String,
    },
    Held {
        holds: Vec<WrittenHold>,
        /// Files that are tried again while others come through. Apart from what holds all of them: older versions do
        /// not know these, and would read nothing of a list with one in it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<WrittenHold>,
    },
    Finished(WrittenSum),
    /// Which batches go on.
    Queue {
        batches: Vec<WrittenBatch>,
    },
    /// Something of one of them, in the words that it has by itself.
    Of {
        batch: u64,
        words: String,
    },
}

#[derive(Serialize, Deserialize)]
struct WrittenBatch {
    number: u64,
    connection: String,
    /// As the journal has connections that the settings do not hold.
    described: Option<String>,
    bucket: String,
    prefix: String,
}

#[derive(Serialize, Deserialize)]
struct WrittenName {
    path: String,
    /// Not told by older versions.
    #[serde(default)]
    key: String,
    problem: WrittenProblem,
    suggestion: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum WrittenProblem {
    Empty,
    TooLong(usize),
    NotUnicode,
    ControlCharacter,
    DotSegment,
    Taken,
}

#[derive(Serialize, Deserialize)]
struct WrittenEnd {
    path: String,
    key: String,
    state: WrittenState,
    bytes: u64,
    etag: Option<String>,
    version_id: Option<String>,
    checksum: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum WrittenState {
    Done(String),
    Skipped(String),
    Failed(String),
    Cancelled,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct WrittenHold {
    kind: HoldKind,
    failure: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum HoldKind {
    Offline,
    Throttled,
    CredentialsExpired,
    Refused,
    FileRetried,
    JournalStalled,
    Away,
    Held,
    OutsideHours,
}

#[derive(Serialize, Deserialize)]
struct WrittenSum {
    done: u64,
    skipped: u64,
    cancelled: u64,
    failed: u64,
    done_bytes: u64,
    elapsed_ms: u64,
    first_failure: Option<String>,
}

/// Plain texts always become JSON.
fn text(told: &Told) -> Option<String> {
    serde_json::to_string(told).ok()
}

fn words(event: &Event) -> Option<String> {
    let told = match event {
        Event::BatchScanned { counts, skipped, progress, .. } => Told::Scanned {
            files: counts.files,
            total_bytes: counts.total_bytes,
            left_out: counts.skipped,
            skipped: skipped.iter().map(|item| (path_to_text(&item.path), skip_json(&item.reason))).collect(),
            is_complete: *progress == ScanProgress::Complete,
        },
        Event::NamesNeeded { questions, .. } => {
            Told::NamesRefused { names: questions.iter().map(written_name).collect() }
        }
        Event::TransferEnded(report) => Told::Ended(Box::new(written_end(report)?)),
        Event::PublicRefused { failure, because, .. } => Told::PublicRefused {
            failure: failure_json(failure),
            because: because.as_ref().map(|layers| layers.iter().copied().map(written_layer).collect()),
        },
        Event::AclLeftOut { failure, .. } => Told::AclLeftOut { failure: failure_json(failure) },
        Event::BatchFinished { summary, .. } => Told::Finished(WrittenSum {
            done: summary.done,
            skipped: summary.skipped,
            cancelled: summary.cancelled,
            failed: summary.failed,
            done_bytes: summary.done_bytes,
            elapsed_ms: u64::try_from(summary.elapsed.as_millis()).unwrap_or(u64::MAX),
            first_failure: summary.first_failure.as_ref().map(failure_json),
        }),
        _ => return None,
    };
    text(&told)
}

fn written_name(question: &NameQuestion) -> WrittenName {
    let problem = match question.problem {
        KeyProblem::Empty => WrittenProblem::Empty,
        KeyProblem::TooLong(bytes) => WrittenProblem::TooLong(bytes),
        KeyProblem::NotUnicode => WrittenProblem::NotUnicode,
        KeyProblem::ControlCharacter => WrittenProblem::ControlCharacter,
        KeyProblem::DotSegment => WrittenProblem::DotSegment,
        KeyProblem::Taken => WrittenProblem::Taken,
    };
    let (key, suggestion) = (question.key.clone(), question.suggestion.clone());
    WrittenName { path: path_to_text(&question.path), key, problem, suggestion }
}

/// `None` for what has not ended.
fn written_end(report: &TransferReport) -> Option<WrittenEnd> {
    let state = match &report.state {
        TransferState::Done(verified) => WrittenState::Done(verified.code().to_owned()),
        TransferState::Skipped(reason) => WrittenState::Skipped(skip_json(reason)),
        TransferState::Failed(failure) => WrittenState::Failed(failure_json(failure)),
        TransferState::Cancelled => WrittenState::Cancelled,
        _ => return None,
    };
    Some(WrittenEnd {
        path: path_to_text(&report.path),
        key: report.object.key.as_str().to_owned(),
        state,
        bytes: report.bytes,
        etag: report.etag.clone(),
        version_id: report.version_id.clone(),
        checksum: report.checksum.clone(),
    })
}

fn written_batch(batch: &UnfinishedBatch) -> WrittenBatch {
    WrittenBatch {
        number: batch.batch.get(),
        connection: batch.to.connection.as_str().to_owned(),
        described: batch.connection.as_ref().map(connection_json),
        bucket: batch.to.bucket.as_str().to_owned(),
        prefix: batch.to.prefix.as_str().to_owned(),
    }
}

/// `None` for a hold of another connection, or of another bucket.
fn written_hold(hold: &QueueHold, of: &Location) -> Option<WrittenHold> {
    let (kind, connection, failure) = match hold {
        QueueHold::Offline { connection, failure, .. } => (HoldKind::Offline, Some(connection), Some(failure)),
        QueueHold::Throttled { connection, failure, .. } => (HoldKind::Throttled, Some(connection), Some(failure)),
        QueueHold::CredentialsExpired { connection, failure, .. } => {
            (HoldKind::CredentialsExpired, Some(connection), Some(failure))
        }
        QueueHold::Refused { connection, failure, .. } => (HoldKind::Refused, Some(connection), Some(failure)),
        QueueHold::FileRetried { connection, failure } => (HoldKind::FileRetried, Some(connection), Some(failure)),
        QueueHold::JournalStalled(failure) => (HoldKind::JournalStalled, None, Some(failure)),
        QueueHold::SourceAway(failure) => (HoldKind::Away, None, Some(failure)),
        QueueHold::Held => (HoldKind::Held, None, None),
        QueueHold::OutsideHours => (HoldKind::OutsideHours, None, None),
    };
    let is_of_another_bucket = matches!(hold, QueueHold::Refused { bucket: Some(bucket), .. } if *bucket != of.bucket);
    let is_meant = connection.is_none_or(|connection| *connection == of.connection) && !is_of_another_bucket;
    is_meant.then(|| WrittenHold { kind, failure: failure.map(failure_json).unwrap_or_default() })
}

/// What a process that handed an upload over knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Its own number of the batch; that of the other process means nothing here.
    pub batch: BatchId,
    /// Where it goes.
    pub to: Location,
}

/// The batches of a queue that another process let go on, by their numbers there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FollowedQueue(BTreeMap<u64, Followed>);

impl FollowedQueue {
    /// A batch's end was told; whether none is left.
    pub fn ended(&mut self, batch: BatchId) -> bool {
        self.0.retain(|_number, of| of.batch != batch);
        self.0.is_empty()
    }

    /// [`followed`], for the batch that is meant.
    pub fn event(&self, told: &str) -> Option<Event> {
        match serde_json::from_str(told).ok()? {
            Told::Of { batch, words } => followed(&words, self.0.get(&batch)?),
            _ => None,
        }
    }
}

/// The first that is told of such a queue: its batches, under numbers of this process; `None` for anything else.
pub fn followed_queue(told: &str) -> Option<(FollowedQueue, Vec<UnfinishedBatch>)> {
    let Told::Queue { batches } = serde_json::from_str(told).ok()? else { return None };
    let (mut queue, mut known) = (FollowedQueue::default(), Vec::new());
    for written in batches {
        let (batch, id) = (BatchId::next(), ConnectionId::new(written.connection));
        let Ok(bucket) = BucketName::new(&written.bucket) else { continue };
        let connection = written.described.and_then(|json| connection_of(&id, &json));
        let to = Location { connection: id, bucket, prefix: Prefix::new(&written.prefix) };
        queue.0.insert(written.number, Followed { batch, to: to.clone() });
        // Only what goes on is told, and its sums are the other process's business.
        known.push(UnfinishedBatch { batch, to, connection, stood: BatchStood::Filled, open: 0, failed: 0, untold: 0 });
    }
    Some((queue, known))
}

/// What was told, as the engine of this process would say it; `None` for what a later version tells.
pub fn followed(told: &str, of: &Followed) -> Option<Event> {
    let batch = of.batch;
    Some(match serde_json::from_str(told).ok()? {
        Told::Scanned { files, total_bytes, left_out, skipped, is_complete } => Event::BatchScanned {
            batch,
            counts: BatchCounts { files, total_bytes, skipped: left_out },
            skipped: skipped.iter().filter_map(skipped_item).collect(),
            progress: if is_complete { ScanProgress::Complete } else { ScanProgress::Scanning },
        },
        Told::NamesRefused { names } => {
            Event::NamesNeeded { batch, questions: names.into_iter().filter_map(name_question).collect() }
        }
        Told::Ended(end) => Event::TransferEnded(Box::new(report(*end, of)?)),
        Told::PublicRefused { failure, because } => Event::PublicRefused {
            batch,
            failure: Box::new(failure_of(&failure).ok()?),
            because: because.and_then(|layers| layer_findings(&layers)),
        },
        Told::AclLeftOut { failure } => Event::AclLeftOut { batch, failure: Box::new(failure_of(&failure).ok()?) },
        Told::Held { holds, files } => {
            let holds = holds.iter().chain(&files).filter_map(|hold| queue_hold(hold, &of.to.connection)).collect();
            Event::Transfers(Box::new(TransfersView { holds, ..TransfersView::default() }))
        }
        Told::Finished(sum) => Event::BatchFinished { batch, summary: Box::new(summary(sum, &of.to)) },
        Told::Queue { .. } | Told::Of { .. } => return None,
    })
}

fn written_layer(found: LayerFinding) -> (String, String) {
    (found.layer.code().to_owned(), found.finding.code().to_owned())
}

/// `None` where layers were told and none of them is known here.
fn layer_findings(told: &[(String, String)]) -> Option<Vec<LayerFinding>> {
    let known: Vec<_> = told.iter().filter_map(layer_finding).collect();
    (told.is_empty() || !known.is_empty()).then_some(known)
}

fn layer_finding((layer, finding): &(String, String)) -> Option<LayerFinding> {
    Some(LayerFinding { layer: Layer::from_code(layer)?, finding: Finding::from_code(finding)? })
}

fn skipped_item((path, reason): &(String, String)) -> Option<SkippedItem> {
    Some(SkippedItem { path: path_from_text(path)?, reason: skip_of(reason).ok()? })
}

fn name_question(name: WrittenName) -> Option<NameQuestion> {
    let problem = match name.problem {
        WrittenProblem::Empty => KeyProblem::Empty,
        WrittenProblem::TooLong(bytes) => KeyProblem::TooLong(bytes),
        WrittenProblem::NotUnicode => KeyProblem::NotUnicode,
        WrittenProblem::ControlCharacter => KeyProblem::ControlCharacter,
        WrittenProblem::DotSegment => KeyProblem::DotSegment,
        WrittenProblem::Taken => KeyProblem::Taken,
    };
    Some(NameQuestion { path: path_from_text(&name.path)?, key: name.key, problem, suggestion: name.suggestion })
}

fn report(end: WrittenEnd, of: &Followed) -> Option<TransferReport> {
    let state = match end.state {
        // A level that this program does not know proves nothing to it.
        WrittenState::Done(level) => TransferState::Done(Verified::from_code(&level).unwrap_or(Verified::Unverified)),
        WrittenState::Skipped(reason) => TransferState::Skipped(skip_of(&reason).ok()?),
        WrittenState::Failed(failure) => TransferState::Failed(failure_of(&failure).ok()?),
        WrittenState::Cancelled => TransferState::Cancelled,
    };
    Some(TransferReport {
        id: TransferId::next(),
        batch: of.batch,
        kind: TransferKind::Upload,
        path: path_from_text(&end.path)?,
        object: of.to.object(ObjectKey::new(end.key)),
        state,
        bytes: end.bytes,
        etag: end.etag,
        version_id: end.version_id,
        checksum: end.checksum,
    })
}

fn queue_hold(hold: &WrittenHold, connection: &ConnectionId) -> Option<QueueHold> {
    let (connection, retry_in_secs) = (connection.clone(), 0);
    let failure = || -> Option<Failure> { failure_of(&hold.failure).ok() };
    Some(match hold.kind {
        HoldKind::Offline => QueueHold::Offline { connection, failure: failure()?, retry_in_secs },
        HoldKind::Throttled => QueueHold::Throttled { connection, failure: failure()?, retry_in_secs },
        HoldKind::CredentialsExpired => {
            QueueHold::CredentialsExpired { connection, failure: failure()?, retry_in_secs }
        }
        HoldKind::Refused => QueueHold::Refused { connection, bucket: None, failure: failure()? },
        HoldKind::FileRetried => QueueHold::FileRetried { connection, failure: failure()? },
        HoldKind::JournalStalled => QueueHold::JournalStalled(failure()?),
        HoldKind::Away => QueueHold::SourceAway(failure()?),
        HoldKind::Held => QueueHold::Held,
        HoldKind::OutsideHours => QueueHold::OutsideHours,
    })
}

fn summary(sum: WrittenSum, to: &Location) -> BatchSummary {
    BatchSummary {
        to: to.clone(),
        kind: TransferKind::Upload,
        done: sum.done,
        skipped: sum.skipped,
        cancelled: sum.cancelled,
        failed: sum.failed,
        done_bytes: sum.done_bytes,
        elapsed: Duration::from_millis(sum.elapsed_ms),
        objects: Vec::new(),
        first_failure: sum.first_failure.and_then(|failure| failure_of(&failure).ok()),
    }
}

#[cfg(test)]
#[path = "following_tests.rs"]
mod tests;
