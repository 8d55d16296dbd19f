//! One file from start to end: opened, held against what is there already, sent, verified.
//!
//! The task of [`run_file`] is the transfer's only owner. Told to pause it keeps the finished parts of a multipart
//! upload; told to cancel it aborts that upload before it ends; dropped without being told (the engine ends in a
//! hurry) it leaves the upload on the server, where the next start finds it by its journal.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::control::{Backoff, Control, Waited};
use super::kept::Kept;
use super::own::{Found, InTheWay, Told, Unheard};
use super::public::PublicWay;
use super::rename::MOST_NAMES;
use super::threads::ThreadContext;
use super::verify::Proven;
use super::{multipart, resume};
use crate::engine::journal::Change;
use crate::engine::names;
use crate::engine::orphans::{Intended, Stray, Why};
use crate::engine::queue::{Ended, Job, Stage};
use crate::engine::sessions::Session;
use crate::engine::source::SourceFile;
use crate::model::{
    ConflictPolicy, Failure, FailureKind, ObjectKey, ObjectMetadata, PartLimits, PartPlan, SkipReason, TransferId,
};
use crate::s3::{Destination, Looked, S3Error, S3Store, SentBytes, Stored, WriteCondition};

/// So often a file that changes while it is uploaded is started again.
const MOST_CHANGES: u32 = 3;

/// A file for an upload thread.
#[derive(Debug)]
pub(crate) struct FileJob {
    pub(crate) job: Job,
    pub(crate) control: Control,
    pub(crate) sent: SentBytes,
    /// Of an earlier try.
    pub(crate) kept: Option<Kept>,
    /// What else is known of an earlier run.
    pub(crate) earlier: Earlier,
}

/// What an earlier run of the program has left open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Earlier {
    /// It asked for a multipart upload whose id it may not have heard.
    pub(crate) lost_creation: Option<Box<Stray>>,
    /// The server said that it has stored the object.
    pub(crate) stored: Option<Told>,
    /// The server may have stored it and not been heard.
    pub(crate) unheard: Option<Unheard>,
}

impl Earlier {
    /// Whether there may be an upload whose id nobody heard.
    pub(crate) fn has_lost_creation(&self) -> bool {
        self.lost_creation.is_some()
    }

    /// Whether the next try has to know of anything.
    pub(crate) fn is_open(&self) -> bool {
        self.lost_creation.is_some() || self.stored.is_some() || self.unheard.is_some()
    }
}

/// What is known of the object that is in the way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ConflictFacts {
    pub(crate) size_bytes: Option<u64>,
    pub(crate) modified: Option<Timestamp>,
}

/// What a running upload tells the actor.
#[derive(Debug)]
pub(crate) enum UploadNews {
    Stage(Stage),
    /// The size found on opening.
    Size(u64),
    /// It would go on under another name; the answer is whether that one is its own now.
    Name {
        key: ObjectKey,
        is_granted: oneshot::Sender<bool>,
    },
    Ended(Box<UploadEnd>),
}

/// How an upload ended, and what is left of it.
#[derive(Debug)]
pub(crate) struct UploadEnd {
    pub(crate) ended: Ended,
    /// The key it was for in the end.
    pub(crate) key: ObjectKey,
    pub(crate) stored: Option<Stored>,
    /// Of all bytes.
    pub(crate) crc64nvme: Option<u64>,
    pub(crate) conflict: Option<ConflictFacts>,
    pub(crate) kept: Option<Kept>,
    /// What is still open of earlier tries, for the next one.
    pub(crate) earlier: Earlier,
}

/// Why a try ended without a stored object.
#[derive(Debug)]
pub(super) enum Halt {
    /// Told to.
    Stopped,
    /// The key is taken.
    Exists(ConflictFacts),
    /// By the rule.
    Skipped(SkipReason),
    /// For good.
    Failed(Failure),
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// What was stored.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) proven: Proven,
    pub(super) crc64nvme: u64,
}

/// Owns a transfer until its end is told.
pub(super) async fn run_file(context: ThreadContext, job: FileJob) {
    let mut last_word = LastWord { id: job.job.id, key: job.job.key.clone(), news: Some(context.shared.news.clone()) };
    let mut upload = Upload {
        key: job.job.key.clone(),
        context,
        job: job.job,
        control: job.control,
        sent: job.sent,
        kept: job.kept,
        lost_creations: job.earlier.lost_creation.as_ref().map(|lost| lost.intended.since),
        lost_until: job.earlier.lost_creation.as_ref().map(|lost| lost.intended.until),
        stored_before: job.earlier.stored,
        unheard: job.earlier.unheard,
        in_the_way: InTheWay::Unknown,
        is_racy: false,
        store: None,
        public: None,
        list_sent: false,
    };
    let result = upload.run().await;
    if result.is_ok() {
        upload.settle_public().await;
    }
    let end = upload.end(result).await;
    last_word.say(end);
}

/// Tells a transfer's end exactly once, also when its task dies.
struct LastWord {
    id: TransferId,
    key: ObjectKey,
    news: Option<UnboundedSender<(TransferId, UploadNews)>>,
}

impl LastWord {
    fn say(&mut self, end: UploadEnd) {
        if let Some(news) = self.news.take() {
            // Nobody listens any more only when the engine ends.
            news.send((self.id, UploadNews::Ended(Box::new(end)))).ok();
        }
    }
}

impl Drop for LastWord {
    fn drop(&mut self) {
        let ended = Ended::Failed(Failure::new(FailureKind::Internal));
        let key = self.key.clone();
        self.say(UploadEnd {
            ended,
            key,
            stored: None,
            crc64nvme: None,
            conflict: None,
            kept: None,
            earlier: Earlier::default(),
        });
    }
}

/// The state of one run.
pub(super) struct Upload {
    pub(super) context: ThreadContext,
    pub(super) job: Job,
    pub(super) key: ObjectKey,
    pub(super) control: Control,
    pub(super) sent: SentBytes,
    pub(super) kept: Option<Kept>,
    /// Since when uploads may have been started whose ids nobody heard, and until when.
    pub(super) lost_creations: Option<Timestamp>,
    pub(super) lost_until: Option<Timestamp>,
    /// What the server has said to have stored under this key, in this try or before.
    pub(super) stored_before: Option<Told>,
    /// What it may have stored besides, by a PUT whose end was not heard.
    pub(super) unheard: Option<Unheard>,
    pub(super) in_the_way: InTheWay,
    /// Whether the source's time of change proves nothing.
    pub(super) is_racy: bool,
    pub(super) store: Option<S3Store>,
    /// How the object becomes public, if that is wanted.
    pub(super) public: Option<PublicWay>,
    /// Whether this run has written the object with the list that opens it.
    pub(super) list_sent: bool,
}

impl Upload {
    async fn run(&mut self) -> Result<Finished, Halt> {
        let session = tokio::select! {
            biased;
            // Keys may take as long as a prompt is open.
            () = self.control.stopped() => return Err(Halt::Stopped),
            session = self.context.shared.sessions.get(&self.job.spec.to.connection) => {
                session.map_err(|failure| *failure)?
            }
        };
        let store = self.context.store(&session, &self.control);
        self.store = Some(store.clone());
        self.find_public_way(&store).await?;
        if let Some(finished) = resume::settle(self, &store).await? {
            return Ok(finished);
        }
        let mut changes = 0;
        loop {
            let failure = match self.run_once(&session, &store).await {
                Err(Halt::Failed(failure)) if failure.kind == FailureKind::SourceChanged => failure,
                other => return other,
            };
            self.start_over(Why::Restarted).await;
            // By now it may be somebody else's.
            self.in_the_way = InTheWay::Unknown;
            changes += 1;
            if changes > MOST_CHANGES {
                return Err(Halt::Failed(failure));
            }
            self.wait_until_quiet(failure).await?;
        }
    }

    async fn run_once(&mut self, session: &Arc<Session>, store: &S3Store) -> Result<Finished, Halt> {
        let source = self.open_source().await?;
        self.is_racy = source.is_racy(self.now());
        let size_bytes = source.size_bytes();
        if size_bytes != self.job.size_bytes {
            self.tell(UploadNews::Size(size_bytes));
        }
        let limits =
            PartLimits::of(session.connection()).with_single_put(self.context.shared.sessions.single_put_bytes());
        let plan =
            PartPlan::within(size_bytes, &limits).map_err(|failure| failure.with("path", source.path().display()))?;
        if plan == PartPlan::Single {
            resume::drop_parts(self).await;
        } else {
            // It was small when it was put.
            self.find_older(store, None).await?;
        }
        let looks_first = self.job.policy == ConflictPolicy::OverwriteIfNewer && plan == PartPlan::Single;
        if looks_first && self.is_doubtful() {
            match self.find_own(store, &source).await? {
                Found::Ours(finished) => return Ok(finished),
                Found::Damaged(damage) => self.note_damage(&damage),
                Found::NotOurs => {}
            }
        }
        let mut number = 1;
        loop {
            let tried = match self.condition(store, &source, plan).await {
                Ok(condition) => self.send(session, store, &source, plan, condition).await,
                Err(halt) => Err(halt),
            };
            // The file may have changed while what it was before was being checked: that one is not in its way.
            let is_refused = matches!(tried, Err(Halt::Exists(_) | Halt::Skipped(SkipReason::NotNewer)));
            if is_refused && self.in_the_way == InTheWay::Unknown && self.stands_told(store).await? {
                self.in_the_way = InTheWay::OwnOlder;
                continue;
            }
            let Err(Halt::Exists(facts)) = tried else { return tried };
            match self.job.policy {
                ConflictPolicy::Rename if number < MOST_NAMES => {
                    number = Box::pin(self.take_next_name(number)).await?;
                }
                ConflictPolicy::Skip => return Err(Halt::Skipped(SkipReason::Exists)),
                // Somebody wrote the key after it was looked at: look again.
                ConflictPolicy::OverwriteIfNewer if number < 4 => number += 1,
                _ => return Err(Halt::Exists(facts)),
            }
        }
    }

    async fn send(
        &mut self,
        session: &Arc<Session>,
        store: &S3Store,
        source: &Arc<SourceFile>,
        plan: PartPlan,
        condition: WriteCondition,
    ) -> Result<Finished, Halt> {
        let to = self.destination(condition);
        match plan {
            PartPlan::Single => self.put(store, source, &to).await,
            PartPlan::Multipart { .. } => multipart::send(self, session, store, source, plan, to).await,
        }
    }

    pub(super) fn destination(&self, condition: WriteCondition) -> Destination {
        let options = self.put_options();
        Destination {
            bucket: self.job.spec.to.bucket.clone(),
            key: self.key.clone(),
            content_type: options.content_type.clone().unwrap_or_else(|| names::content_type(&self.job.key)),
            options,
            condition,
        }
    }

    /// Whether a large file is looked at only once its parts take long: the completion is sure to be refused for an
    /// object that is there, and "overwrite" as the user's answer then needs no byte to be sent again. Other rules
    /// would have sent them for nothing.
    pub(super) fn asks_late(&self, store: &S3Store) -> bool {
        self.job.policy == ConflictPolicy::Ask && store.heeds_condition_on_complete()
    }

    /// Whether the write may replace an object. Small files find out by the write itself; a large file mostly asks
    /// first, since its bytes would have been sent for nothing.
    async fn condition(&self, store: &S3Store, source: &SourceFile, plan: PartPlan) -> Result<WriteCondition, Halt> {
        let policy = self.job.policy;
        if policy == ConflictPolicy::Overwrite || self.in_the_way != InTheWay::Unknown {
            return Ok(WriteCondition::Any);
        }
        if policy == ConflictPolicy::OverwriteIfNewer {
            return self.condition_if_newer(store, source.modified()).await;
        }
        if plan == PartPlan::Single || self.asks_late(store) {
            return Ok(WriteCondition::OnlyIfAbsent);
        }
        match self.look(store).await? {
            Some(existing) => Err(Halt::Exists(facts_of(&existing))),
            None => Ok(WriteCondition::OnlyIfAbsent),
        }
    }

    /// The same by the rule "newer", for a source that was changed last at this time.
    pub(super) async fn condition_if_newer(
        &self,
        store: &S3Store,
        ours: Option<Timestamp>,
    ) -> Result<WriteCondition, Halt> {
        let looked = Looked::now();
        let Some(existing) = self.look(store).await? else { return Ok(WriteCondition::OnlyIfAbsent) };
        match (ours, existing.modified) {
            // The write may have to wait for long.
            (Some(than), Some(theirs)) if than > theirs => Ok(WriteCondition::OnlyIfOlder { than, looked }),
            _ => Err(Halt::Skipped(SkipReason::NotNewer)),
        }
    }

    /// What stands under the key; `None` if nothing, or if the key may not be looked at.
    pub(super) async fn look(&self, store: &S3Store) -> Result<Option<ObjectMetadata>, Halt> {
        let mut backoff = self.backoff();
        loop {
            match store.head_object(&self.job.spec.to.bucket, &self.key).await {
                Ok(found) => return Ok(Some(found)),
                Err(error) => match error.kind() {
                    FailureKind::NoSuchKey => return Ok(None),
                    // May write but not read: the condition on the write itself still holds, save for "newer".
                    FailureKind::AccessDenied if self.job.policy != ConflictPolicy::OverwriteIfNewer => {
                        return Ok(None);
                    }
                    _ => self.wait_or_fail(&mut backoff, &error).await?,
                },
            }
        }
    }

    pub(super) async fn facts_of_existing(&self, store: &S3Store) -> ConflictFacts {
        match store.head_object(&self.job.spec.to.bucket, &self.key).await {
            Ok(found) => facts_of(&found),
            Err(_unknown) => ConflictFacts::default(),
        }
    }

    pub(super) fn backoff(&self) -> Backoff {
        self.context.backoff(&self.job.spec.to.connection, &self.control)
    }

    pub(super) async fn wait_or_fail(&self, backoff: &mut Backoff, error: &S3Error) -> Result<(), Halt> {
        self.wait_or_give_up(backoff, error.to_failure()).await
    }

    /// Waits before another try, or says why there is none.
    pub(super) async fn wait_or_give_up(&self, backoff: &mut Backoff, failure: Failure) -> Result<(), Halt> {
        let Some(wait) = backoff.next(failure.kind) else { return Err(Halt::Failed(failure)) };
        backoff.tell_if_long(&failure);
        tracing::info!(transfer = self.job.id.get(), kind = ?failure.kind, "tried again");
        match backoff.wait(wait, &self.control).await {
            Waited::Through => Ok(()),
            Waited::Stopped => Err(Halt::Stopped),
        }
    }

    pub(super) fn tell(&self, news: UploadNews) {
        // Nobody listens any more only when the engine ends.
        self.context.shared.news.send((self.job.id, news)).ok();
    }

    /// What was damaged on its way stands under the key, where the server has stored it.
    fn with_what_stands(&self, failure: Failure) -> Failure {
        let stands = self.in_the_way == InTheWay::OwnDamaged || self.stored_before.is_some();
        if failure.kind == FailureKind::DataCorrupted && stands {
            failure.with("stands-damaged", &self.key)
        } else {
            failure
        }
    }

    /// The upload that may have been created under this key without being heard of.
    fn lost_creation(&self) -> Option<Stray> {
        let since = self.lost_creations?;
        let intended = Intended { since, until: self.lost_until.unwrap_or_else(|| self.now()).max(since) };
        let to = &self.job.spec.to;
        Some(Stray { connection: to.connection.clone(), bucket: to.bucket.clone(), key: self.key.clone(), intended })
    }

    /// It goes on under another key: what may be left under this one is looked for by the next start.
    pub(super) fn leave_key(&mut self) {
        if let Some(stray) = self.lost_creation() {
            // Nobody waits for it, as nobody waits for the other key.
            drop(self.context.shared.orphans.write_down_stray(&stray));
            self.note(Change::Swept { job: self.job.id });
            (self.lost_creations, self.lost_until) = (None, None);
        }
    }

    async fn end(mut self, result: Result<Finished, Halt>) -> UploadEnd {
        if result.is_err() && self.control.is_cancelled() {
            self.discard_kept(Why::Cancelled).await;
        }
        let (mut stored, mut crc64nvme, mut conflict) = (None, None, None);
        let ended = match result {
            Ok(finished) => {
                stored = Some(finished.proven.stored);
                crc64nvme = Some(finished.crc64nvme);
                Ended::Done(finished.proven.verified)
            }
            Err(Halt::Stopped) => Ended::Stopped,
            Err(Halt::Skipped(reason)) => Ended::Skipped(reason),
            Err(Halt::Exists(facts)) if self.job.policy == ConflictPolicy::Ask => {
                conflict = Some(facts);
                Ended::Conflict
            }
            Err(Halt::Exists(_)) => Ended::Failed(Failure::new(FailureKind::AlreadyExists).with("key", &self.key)),
            Err(Halt::Failed(failure)) => Ended::Failed(self.with_what_stands(with_path(failure, &self.job))),
        };
        let lost_creation = self.lost_creation().map(Box::new);
        let earlier = Earlier { lost_creation, stored: self.stored_before, unheard: self.unheard };
        UploadEnd { ended, key: self.key, stored, crc64nvme, conflict, kept: self.kept, earlier }
    }
}

fn with_path(failure: Failure, job: &Job) -> Failure {
    if failure.args.iter().any(|(name, _)| *name == "path") {
        failure
    } else {
        failure.with("path", job.path.display())
    }
}

pub(super) fn is_taken(error: &S3Error) -> bool {
    error.kind() == FailureKind::AlreadyExists
}

pub(super) fn facts_of(found: &ObjectMetadata) -> ConflictFacts {
    ConflictFacts { size_bytes: found.size_bytes, modified: found.modified }
}
