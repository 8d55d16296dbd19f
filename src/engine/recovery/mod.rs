//! After a start: the queue of the earlier run comes back as its journal has it. What was under way is marked as in
//! doubt; the uploads themselves find out what became of it ([`super::upload`]).

mod connections;
mod jobs;

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::actor::Actor;
use super::batches::BatchInfo;
use super::clock::Clock;
use super::commands::run;
use super::journal::{
    BatchRow, BatchStage, Change, EndedBatch, JobStream, Journal, JournalConfig, JournalError, OrphanRow, PartRow,
    Restored,
};
use super::keeping::outcome_of;
use super::known::Known;
use super::late_journal;
use super::orphans::{Stray, Why};
use super::queue::{BatchSpec, Ending, Folder, LeftOfBatch, RestoredBatch, RestoredScan, Unfinished};
use super::standing::Standing;
use super::upload::Leftover;
use super::{JournalUse, Reporting};
use crate::model::{
    AfterDownload, BatchId, BatchStood, ConnectionId, Event, Failure, FinishedBatch, Notice, QueueSwitch,
    ResumeAtStart, Severity, TransferId, TransferKind, UnfinishedBatch, UploadAccess,
};
use crate::platform::Home;
use crate::platform::TakenReply;
use crate::s3::UploadId;

pub(super) use connections::{connection_json, connection_of};

/// The journal as it was found at the start.
pub(super) struct Found {
    pub(super) journal: Journal,
    /// What is durable of what was to be recorded.
    pub(super) recorded: UnboundedReceiver<TransferId>,
    pub(super) restored: Option<Box<Restored>>,
    /// The same of a journal that could not be opened yet, once it is.
    pub(super) late: Option<UnboundedReceiver<Box<Restored>>>,
    /// What people have to be told about it.
    pub(super) failures: Vec<Failure>,
    /// Why nothing is kept, though something was to be.
    pub(super) not_kept: Option<Failure>,
    pub(super) wake: Wake,
}

/// When the queue of an earlier run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wake {
    /// At once, or when the user says so.
    AsTheSettingSays,
    /// With [`crate::model::Command::ResumeQueue`] only.
    WhenTold,
}

/// Opens the journal. Without one, or with one that cannot be used, the engine works all the same and keeps nothing; a
/// window whose disk is full or fails begins nothing until it does not any more. Blocks on the disk. New ids are larger
/// than all restored ones from here on.
pub(super) fn open(home: &Home, journal_use: &JournalUse, clock: &dyn Clock) -> Found {
    let (recorded_in, recorded) = unbounded_channel();
    let wake = match journal_use {
        JournalUse::KeepWaiting => Wake::WhenTold,
        JournalUse::Keep | JournalUse::None | JournalUse::Tested(_) => Wake::AsTheSettingSays,
    };
    let nothing = |failure: Option<Failure>, recorded_in, recorded| Found {
        journal: Journal::none_telling(recorded_in),
        recorded,
        restored: None,
        late: None,
        failures: failure.iter().cloned().collect(),
        not_kept: failure,
        wake,
    };
    let config = JournalConfig::new(home.journal_file(), recorded_in.clone());
    let config = match journal_use {
        JournalUse::None => return nothing(None, recorded_in, recorded),
        JournalUse::Keep | JournalUse::KeepWaiting => config,
        JournalUse::Tested(test) => JournalConfig {
            observer: test.observer.clone(),
            vfs: test.vfs.clone(),
            retry_after: test.retry_after.unwrap_or(config.retry_after),
            ..config
        },
    };
    match Journal::open_free(&config) {
        Ok((journal, restored)) => {
            let failures = late_journal::found(&restored);
            Found { journal, recorded, restored: Some(Box::new(restored)), late: None, failures, not_kept: None, wake }
        }
        Err(error) => {
            tracing::error!(%error, "the journal cannot be used");
            // A command says of itself that it is not kept, and goes on.
            let may_pass = matches!(error, JournalError::Full { .. } | JournalError::Io { .. });
            if may_pass && wake == Wake::AsTheSettingSays {
                match Journal::open_later(config, &error) {
                    Ok((journal, late)) => {
                        late_journal::number_batches_by(clock);
                        let failures = vec![error.to_failure()];
                        return Found {
                            journal,
                            recorded,
                            restored: None,
                            late: Some(late),
                            failures,
                            not_kept: None,
                            wake,
                        };
                    }
                    Err(error) => tracing::error!(%error, "the system gives no thread for the journal"),
                }
            }
            nothing(Some(error.to_failure()), recorded_in, recorded)
        }
    }
}

impl Actor {
    /// Brings everything back that an earlier run has left. Blocks on the disk.
    pub(super) fn restore(&mut self, restored: Restored, wake: Wake) {
        let Restored {
            connections,
            learnt,
            batches,
            ended,
            folders,
            jobs,
            parts,
            orphans,
            last_folder,
            last_written,
            ..
        } = restored;
        self.standing = Standing::found(&learnt);
        self.last_folder = last_folder;
        self.restore_connections(connections);
        let strays = self.orphans.restored_strays(&orphans);
        let context = Context { given_up: self.restore_orphans(orphans), last_written };
        self.tell_earlier_batches(&batches, &ended);
        let unfilled = self.restore_batches(batches);
        let rest = Rest { jobs, folders, parts, context, unfilled, known: BTreeMap::new(), open: Vec::new() };
        match self.read_on(rest) {
            Ok((unfilled, known)) => {
                self.look_for_strays(strays);
                self.go_on(unfilled, known, wake);
            }
            Err(mut rest) => {
                rest.open = self.queue.keep_restored_open();
                self.unread = Some(rest);
                self.go_on(Vec::new(), BTreeMap::new(), wake);
            }
        }
    }

    /// Takes transfers back until their end. Where the journal cannot be read any further that is told, and the rest
    /// is given back: it stays in the journal.
    fn read_on(&mut self, mut rest: Rest) -> Result<Unfilled, Box<Rest>> {
        let (mut to_cancel, mut left) = (Vec::new(), Vec::new());
        for row in rest.jobs.by_ref() {
            let Some(folder) = rest.folders.get(&row.job.folder) else {
                tracing::error!(transfer = row.job.id.get(), "a journalled transfer has no folder");
                continue;
            };
            let (id, batch) = (row.job.id, row.job.batch);
            if rest.unfilled.iter().any(|row| row.id == batch) {
                rest.known.entry(batch).or_default().add_as(folder, &row.job.name, row.job.key.as_deref());
            }
            let parts = rest.parts.remove(&id).unwrap_or_default();
            match self.restore_job(row, Arc::clone(folder), parts, &rest.context) {
                jobs::Was::Restored => {}
                jobs::Was::Left => left.push(id),
                jobs::Was::Cancelled => to_cancel.push(id),
            }
        }
        let is_all = rest.jobs.failure().is_none();
        for id in left.into_iter().chain(to_cancel.iter().copied()) {
            // What is not read yet may have uploads that would be taken for stray ones.
            if is_all { self.leave_stray(id) } else { drop(self.write_stray(id)) }
        }
        for id in to_cancel {
            // The cancel was under way when the program ended.
            let ended = self.tools.clock.now();
            let outcome = outcome_of(Ending::Cancelled, &super::transfers::Outcome::default());
            self.journal.note(Change::Ended { job: id, outcome, ended });
        }
        match rest.jobs.failure().cloned() {
            None => Ok((rest.unfilled, rest.known)),
            Some(failure) => {
                self.tools.sink.notice_failure(failure);
                Err(Box::new(rest))
            }
        }
    }

    fn go_on(&mut self, unfilled: Vec<BatchRow>, mut known: BTreeMap<BatchId, Known>, wake: Wake) {
        let unfinished = self.queue.unfinished();
        let asks = match wake {
            // What could not be read is read when the user says that the rest may go on.
            _ if self.unread.is_some() => true,
            Wake::WhenTold => true,
            Wake::AsTheSettingSays => {
                let is_any = unfinished.files > 0 || !unfilled.is_empty();
                self.tools.book.settings().resume_at_start == ResumeAtStart::Ask && is_any
            }
        };
        self.tell_unfinished_batches();
        self.note_told_to_the_end();
        if unfinished.files > 0 || !unfilled.is_empty() || self.unread.is_some() {
            let (files, bytes) = (unfinished.files, unfinished.bytes);
            self.tools.sink.send(Event::QueueRestored { files, bytes, asks });
        }
        self.scan_again_later(unfilled, &mut known);
        // A command that was started for something else works on its own uploads, whatever a window was told.
        if self.standing.is_held && wake == Wake::AsTheSettingSays {
            self.hold_queue(QueueSwitch::Hold);
        }
        if !asks {
            self.resume_queue();
        }
        self.picture.is_stale = true;
    }

    /// Batches whose folders have to be walked again, with the files that are known of them.
    fn scan_again_later(&mut self, unfilled: Vec<BatchRow>, known: &mut BTreeMap<BatchId, Known>) {
        for row in unfilled {
            if row.sources.is_empty() && row.options.access == UploadAccess::Public {
                let notice = Notice::message(Severity::Warning, "notice-public-rest-left-out");
                self.tools.sink.notice(notice.with("bucket", &row.to.bucket));
            }
            let info = BatchInfo::again(known.remove(&row.id).unwrap_or_default());
            let info = if self.standing.pauses(row.id) { info.paused() } else { info };
            self.batches.insert(row.id, info);
            self.unfilled.push(row);
        }
    }

    /// What could not be read at the start is tried once more. What is left then stays in the journal for the next
    /// start, and the batches end with what there is of them.
    fn read_what_is_left(&mut self) {
        let Some(mut rest) = self.unread.take() else { return };
        let open = std::mem::take(&mut rest.open);
        match rest.jobs.failure() {
            // Places in the queue go by age.
            Some(failure) if self.queue.has_newer_than(rest.jobs.last_id()) => {
                self.tools.sink.notice_failure(failure.clone());
            }
            _ => {
                rest.jobs.try_again();
                if let Ok((unfilled, mut known)) = tokio::task::block_in_place(|| self.read_on(*rest)) {
                    self.scan_again_later(unfilled, &mut known);
                    let Unfinished { files, bytes } = self.queue.unfinished();
                    self.tools.sink.send(Event::QueueRestored { files, bytes, asks: false });
                }
            }
        }
        for batch in open {
            self.queue.scan_complete(batch);
        }
    }

    /// Batches that were through before, of which receipts can still be made.
    fn tell_earlier_batches(&mut self, batches: &[BatchRow], ended: &[EndedBatch]) {
        let to = |batch| batches.iter().find(|row| row.id == batch).map(|row| row.to.clone());
        let earlier: Vec<FinishedBatch> = ended
            .iter()
            .filter_map(|ended| {
                let EndedBatch { batch, files, bytes } = *ended;
                Some(FinishedBatch { batch, to: to(batch)?, files, bytes })
            })
            .collect();
        self.ended_batches.extend(earlier.iter().map(|known| (known.batch, known.to.clone())));
        if !earlier.is_empty() {
            self.tools.sink.send(Event::EarlierBatches(earlier));
        }
    }

    /// For front ends that follow each transfer.
    fn tell_unfinished_batches(&self) {
        let batches: Vec<UnfinishedBatch> = match self.reporting {
            Reporting::Counts => Vec::new(),
            Reporting::EachTransfer => self.unfinished_batches(),
        };
        if !batches.is_empty() {
            self.tools.sink.send(Event::BatchesRestored(batches));
        }
    }

    /// The user lets the queue go on, all of it.
    pub(super) fn go_on_as_told(&mut self) {
        self.resume_queue();
        self.hold_queue(QueueSwitch::Run);
    }

    /// Another process lets the queue go on, and hears how its uploads fare. Nothing that happens to them comes before
    /// it knows which they are.
    pub(super) fn go_on_for(&mut self, reply: TakenReply) {
        if self.waits_for_journal() {
            // Without an answer the other process goes on by itself.
            tracing::warn!("the queue was to go on while the journal cannot be opened");
            return;
        }
        self.go_on_as_told();
        // Whoever has left hears nothing.
        if let Some(teller) = reply.taken() {
            // What has failed there is for its own user to try again.
            let mut batches = self.unfinished_batches();
            batches.retain(UnfinishedBatch::goes_on);
            let followers = self.tools.sink.followers();
            followers.add_queue(&batches, teller);
            self.away.tell_joined(followers, batches.iter().map(|batch| batch.batch));
        }
    }

    /// Uploads of which something is left.
    fn unfinished_batches(&self) -> Vec<UnfinishedBatch> {
        let batches = self.queue.left_of_batches().into_iter();
        batches
            .map(|LeftOfBatch { batch, to, stood, open, failed, stored }| {
                let connection = self.tools.book.find(&to.connection).ok();
                let untold = if stood == BatchStood::Told { 0 } else { stored };
                UnfinishedBatch { batch, to, connection, stood, open, failed, untold }
            })
            .filter(|batch| batch.goes_on() || batch.failed > 0 || batch.untold > 0)
            .collect()
    }

    /// Lets the restored queue go on.
    pub(super) fn resume_queue(&mut self) {
        self.read_what_is_left();
        for row in std::mem::take(&mut self.unfilled) {
            if self.wake == Wake::WhenTold {
                self.walks.begin(row.id, row.sources.clone());
            }
            // Cancelled meanwhile, its scan ends at once.
            self.scan_sources(row.id, row.sources, &row.to, &row.options);
        }
        self.queue.wake_restored();
        self.picture.is_stale = true;
    }

    /// Takes batches back, and gives those whose scan has to be made again.
    fn restore_batches(&mut self, rows: Vec<BatchRow>) -> Vec<BatchRow> {
        let mut unfilled = Vec::new();
        for row in rows {
            self.meet_connection(&row.to.connection);
            let spec = BatchSpec {
                kind: TransferKind::Upload,
                to: row.to.clone(),
                options: Arc::clone(&row.options),
                local_root: PathBuf::new(),
                then: AfterDownload::Keep,
                started: self.tools.clock.elapsed(),
                opened: row.opened,
            };
            let scan = match row.stage {
                BatchStage::Filling => RestoredScan::Unfinished,
                BatchStage::Filled => RestoredScan::Complete,
                BatchStage::Reported => RestoredScan::Reported,
            };
            let left_out = if scan == RestoredScan::Unfinished { 0 } else { row.left_out };
            self.queue.restore_batch(row.id, RestoredBatch { spec, policy: row.policy, left_out, scan });
            if scan == RestoredScan::Unfinished {
                unfilled.push(row);
            }
        }
        unfilled
    }

    /// Goes on aborting what was given up; gives the ids of uploads whose transfers were being cancelled, and of those
    /// that are to start again.
    fn restore_orphans(&mut self, rows: Vec<OrphanRow>) -> GivenUp {
        let mut given_up = GivenUp::default();
        for row in rows.into_iter().filter(|row| Stray::of(row).is_none()) {
            let left = Leftover {
                connection: row.connection,
                bucket: row.bucket,
                key: row.key,
                upload: UploadId(row.upload_id),
            };
            self.orphans.note_left(&left);
            if row.reason == Why::Cancelled.code() {
                given_up.cancelled.insert(left.clone());
            }
            given_up.all.insert(left.clone());
            let (sessions, orphans) = (self.tools.sessions.clone(), self.orphans.clone());
            run(async move {
                match sessions.get(&left.connection).await {
                    Ok(session) => orphans.retry(&session.store, left).await,
                    Err(failure) => tracing::info!(kind = ?failure.kind, "an unfinished upload stays for now"),
                }
            });
        }
        given_up
    }

    fn restore_connections(&self, rows: BTreeMap<ConnectionId, String>) {
        for (id, json) in rows {
            match connections::connection_of(&id, &json) {
                // One that was saved since is newer.
                Some(connection) if self.tools.book.find(&id).is_err() => self.tools.bring(connection),
                Some(_) => {}
                None => tracing::error!(id = id.as_str(), "a journalled connection cannot be read"),
            }
        }
    }
}

/// Batches to be scanned again, and what is known of their files.
type Unfilled = (Vec<BatchRow>, BTreeMap<BatchId, Known>);

/// What was not read yet of an earlier run's queue.
pub(super) struct Rest {
    jobs: JobStream,
    folders: BTreeMap<u32, Arc<Folder>>,
    parts: BTreeMap<TransferId, Vec<PartRow>>,
    context: Context,
    /// Not scanned again before all their files are known: those would be queued twice.
    unfilled: Vec<BatchRow>,
    known: BTreeMap<BatchId, Known>,
    /// Batches that are not through as long as something is left.
    open: Vec<BatchId>,
}

impl std::fmt::Debug for Rest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rest").field("failure", &self.jobs.failure()).finish_non_exhaustive()
    }
}

/// What matters for each transfer.
struct Context {
    given_up: GivenUp,
    /// When the earlier run was last known to be alive.
    last_written: Option<Timestamp>,
}

/// Uploads that were being aborted when the program ended.
#[derive(Debug, Default)]
struct GivenUp {
    all: HashSet<Leftover>,
    cancelled: HashSet<Leftover>,
}
