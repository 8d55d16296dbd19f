//! The actor's side of transfers: starting owners, hearing how they fare, showing the queue.

use std::time::Duration;

use super::Reporting;
use super::actor::{Actor, Flow, Sleep};
use super::commands::run;
use super::decisions::Question;
use super::download::{DownloadEnd, DownloadNews, run_download};
use super::journal::Change;
use super::keeping::Lists;
use super::orphans::Why;
use super::progress::RateMeter;
use super::queue::{Ask, BatchSpec, Ended, Ending, Job, Settled, Stage};
use super::receipts::{BatchSource, ReceiptOrder, ReceiptPlace};
use super::upload::{ConflictFacts, Control, FileJob, Leftover, UploadEnd, UploadNews};
use crate::model::{
    AfterDownload, BatchId, Conflict, ConflictPolicy, ConflictScope, Event, Failure, FailureKind, RequestId, Selection,
    TransferAction, TransferId, TransferKind, TransferReport, TransfersView,
};
use crate::s3::{SentBytes, Stored, checksum};

/// Between two pictures of the queue.
const PICTURE_EVERY: Duration = Duration::from_millis(100);
/// The same while the queue stands still.
const HELD_PICTURE_EVERY: Duration = Duration::from_secs(1);

/// A transfer with an owner.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) control: Control,
    pub(super) sent: SentBytes,
    pub(super) rate: RateMeter,
    pub(super) then: AfterDownload,
    /// Of its connection when it started: what it says of keys that were changed since does not count.
    pub(super) epoch: u64,
}

impl Actor {
    /// Gives every transfer that may run an owner; to none while the journal cannot be written, or the front end does not
    /// take what it is told of each.
    pub(super) fn start_ready(&mut self) {
        if self.is_held() || self.is_stalled() || self.is_unheard() {
            return;
        }
        if !self.uploads_are_held() {
            self.write_intents();
        }
        let mut places = self.places();
        while let Some(job) = self.queue.next_ready(&places) {
            self.health.note_started(&job.spec.to);
            self.start(job);
            places.closed = self.health.closed();
        }
    }

    /// Whether what is told of each transfer piles up: a command line whose output nobody reads. What concerns single
    /// transfers is told to no other front end.
    pub(super) fn is_unheard(&self) -> bool {
        self.reporting == Reporting::EachTransfer && self.tools.sink.is_crowded()
    }

    fn start(&mut self, job: Job) {
        let (control, sent) = (Control::default(), self.sent_bytes(&job.spec));
        let running = Running {
            control: control.clone(),
            sent: sent.clone(),
            rate: RateMeter::default(),
            then: job.spec.then,
            epoch: self.health.epoch(&job.spec.to.connection),
        };
        self.running.insert(job.id, running);
        self.picture.is_stale = true;
        match job.spec.kind {
            TransferKind::Upload => {
                let kept = self.kept.remove(&job.id);
                let earlier = self.earlier.remove(&job.id).unwrap_or_default();
                self.upload_threads.run(FileJob { job, control, sent, kept, earlier });
            }
            TransferKind::Download => run(run_download(self.download_shared.clone(), job, control, sent)),
        }
    }

    /// A counter for a transfer's bytes; those of uploads leave at the pace of the line.
    fn sent_bytes(&self, spec: &BatchSpec) -> SentBytes {
        match spec.kind {
            TransferKind::Upload => SentBytes::paced(self.health.pacer(&spec.to.connection)),
            TransferKind::Download => SentBytes::new(),
        }
    }

    /// How a running upload fares.
    pub(super) fn take_upload_news(&mut self, id: TransferId, news: UploadNews) {
        self.picture.is_stale = true;
        match news {
            UploadNews::Stage(stage) => {
                self.queue.note_stage(id, stage);
                if stage == Stage::Active {
                    self.source_answers(id);
                }
            }
            UploadNews::Size(size_bytes) => {
                self.queue.note_facts(id, size_bytes);
                self.journal.note(Change::Size { job: id, size_bytes });
            }
            UploadNews::Name { key, is_granted } => {
                // Dropped meanwhile, it does not go on at all.
                is_granted.send(self.queue.take_name(id, &key)).ok();
            }
            UploadNews::Ended(end) => self.upload_ended(id, *end),
        }
    }

    fn upload_ended(&mut self, id: TransferId, end: UploadEnd) {
        let has_died = matches!(&end.ended, Ended::Failed(failure) if failure.kind == FailureKind::Internal);
        if has_died && end.kept.is_none() {
            self.drop_unowned(id);
        }
        self.queue.note_key(id, &end.key);
        if let Some(kept) = end.kept {
            self.kept.insert(id, kept);
        }
        let goes_on = matches!(end.ended, Ended::Stopped | Ended::Failed(_) | Ended::Conflict);
        if end.earlier.is_open() && goes_on || end.earlier.has_lost_creation() {
            self.earlier.insert(id, end.earlier);
        }
        self.outdate_link(id, &end.ended, end.stored.as_ref());
        // Where there is a journal, it keeps them.
        if matches!(end.ended, Ended::Done(_)) && !self.journal.keeps() {
            self.receipts.note(id, end.stored.as_ref(), end.crc64nvme, self.tools.clock.now());
        }
        self.ended(id, end.ended, end.conflict, Outcome { stored: end.stored, crc64nvme: end.crc64nvme });
    }

    /// What was said of the link of an object holds no more once an upload has replaced it, or may have.
    fn outdate_link(&self, id: TransferId, ended: &Ended, stored: Option<&Stored>) {
        let Some(shown) = self.queue.shown(id) else { return };
        let object = shown.row.object;
        let was_told = match ended {
            Ended::Done(_) => {
                let etag = stored.and_then(|stored| stored.etag.clone());
                self.tools.checks.note_stored(object.clone(), shown.row.total_bytes, etag)
            }
            Ended::Failed(_) | Ended::Stopped => self.tools.checks.note_touched(object.clone()),
            Ended::Skipped(_) | Ended::Conflict => false,
        };
        if was_told {
            self.tools.sink.send(Event::LinkOutdated(Box::new(object)));
        }
    }

    /// How a running download fares.
    pub(super) fn take_download_news(&mut self, id: TransferId, news: DownloadNews) -> Flow {
        self.picture.is_stale = true;
        match news {
            DownloadNews::Stage(stage) => self.queue.note_stage(id, stage),
            DownloadNews::Size(size_bytes) => self.queue.note_facts(id, size_bytes),
            DownloadNews::Ended(end) => self.download_ended(id, *end),
        }
        Flow::GoOn
    }

    fn download_ended(&mut self, id: TransferId, end: DownloadEnd) {
        self.queue.note_local_name(id, &end.path);
        let opens = matches!(end.ended, Ended::Done(_))
            && self.running.get(&id).is_some_and(|running| running.then == AfterDownload::Open);
        if opens {
            self.open_path(end.path);
        }
        let stored = Stored { etag: end.etag, version_id: None, checksum_echoed: false };
        self.ended(id, end.ended, end.conflict, Outcome { stored: Some(stored), crc64nvme: None });
    }

    fn ended(&mut self, id: TransferId, ended: Ended, conflict: Option<ConflictFacts>, result: Outcome) {
        let ended = self.judge(id, ended);
        // One that was stopped has perhaps not looked at its source.
        if !matches!(ended, Ended::Stopped) && !self.away.has(id) {
            self.source_answers(id);
        }
        if let Some(running) = self.running.remove(&id) {
            self.total.settle(running.sent.get());
        }
        let settled = self.queue.end(id, ended);
        for job in self.queue.take_overtaken() {
            self.journal.note(Change::JobPolicy { job, policy: ConflictPolicy::Ask });
        }
        match settled {
            Some(Settled::NeedsDecision) => {
                self.note_waiting(id);
                self.needs_decision(id, conflict.unwrap_or_default());
            }
            Some(Settled::Ended) => {
                self.drop_kept(id, Why::NotNeeded);
                self.settle(id, result);
            }
            // What is kept helps a retry, which may never come.
            Some(Settled::Failed) => {
                self.leave_stray(id);
                self.settle(id, result);
            }
            // The next start tries what is put aside.
            Some(Settled::Waiting) if self.away.has(id) => {}
            Some(Settled::Waiting) => self.note_waiting(id),
            None => {}
        }
    }

    fn needs_decision(&mut self, id: TransferId, facts: ConflictFacts) {
        let Some(shown) = self.queue.shown(id) else { return };
        // Who handed it over gave a rule, and is not asked where it cannot be held to.
        let followed = self.tools.sink.followers().has(shown.batch).then_some(ConflictPolicy::Skip);
        let rest = self.queue.rest_policy(shown.batch);
        // The rest of a batch was said to replace what was there before, not what was dropped later.
        let rest = rest.filter(|rest| *rest != ConflictPolicy::Overwrite || !self.queue.asks_by_itself(id));
        if let Some(policy) = rest.or(followed) {
            let asks = self.queue.decide(id, policy, ConflictScope::This);
            return self.carry_out(asks, None);
        }
        if let Some(question) = self.decisions.add(shown.batch, id, facts) {
            self.ask(question);
        }
    }

    fn ask(&self, question: Question) {
        let Question { transfer, facts } = question;
        let Some(shown) = self.queue.shown(transfer) else { return };
        self.tools.sink.send(Event::ConflictFound(Box::new(Conflict {
            transfer,
            batch: shown.batch,
            object: shown.row.object,
            existing_bytes: facts.size_bytes,
            existing_modified: facts.modified,
            new_bytes: shown.row.total_bytes,
            new_modified: shown.modified,
            rest_of_batch: self.queue.open_in_batch(shown.batch).saturating_sub(1),
        })));
    }

    /// The user's answer to a conflict.
    pub(super) fn resolve_conflict(&mut self, id: TransferId, policy: ConflictPolicy, scope: ConflictScope) {
        self.note_policy(id, policy, scope);
        let asks = self.queue.decide(id, policy, scope);
        self.carry_out(asks, Some(id));
    }

    /// The user's wish for transfers.
    pub(super) fn act(&mut self, selection: &Selection, action: TransferAction) {
        self.note_for_scans(selection, action);
        self.give_back(selection, action);
        if action == TransferAction::Forget {
            self.keep_for_receipts(selection);
        }
        let reported = self.reported_batch(selection);
        let asks = self.queue.act(selection, action);
        self.note_reopened(reported);
        self.carry_out(asks, None);
    }

    /// `answered` is the conflict that the user has just decided, who needs not be told that it is gone.
    pub(super) fn carry_out(&mut self, asks: Vec<Ask>, answered: Option<TransferId>) {
        self.picture.is_stale = true;
        let mut next_questions: Vec<Question> = Vec::new();
        let mut lists = Lists::default();
        for ask in asks {
            match ask {
                Ask::Stop(id, reason) => {
                    if let Some(running) = self.running.get(&id) {
                        running.control.stop(reason);
                    }
                }
                Ask::DropKept(id) => self.drop_kept(id, Why::Cancelled),
                Ask::Ended(id) if self.queue.to_record(id) == Some(Ending::Cancelled) => lists.cancelled.push(id),
                Ask::Ended(id) => self.settle(id, Outcome::default()),
                Ask::NotePaused(id) => lists.paused.push(id),
                Ask::NoteQueued(id) => lists.queued.push(id),
                Ask::NoteForgotten(id, batch) => lists.forgotten.push((id, batch)),
                Ask::NoteRank(id, rank) => self.journal.note(Change::Rank { job: id, rank }),
                Ask::ConflictGone(id, batch) => {
                    let removed = self.decisions.remove(batch, id);
                    if removed.was_asked && answered != Some(id) {
                        self.tools.sink.send(Event::ConflictGone(id));
                    }
                    next_questions.retain(|question| question.transfer != id);
                    next_questions.extend(removed.next);
                }
            }
        }
        self.note_lists(lists);
        for question in next_questions {
            self.ask(question);
        }
    }

    /// Aborts the unfinished multipart upload of a transfer that will not go on. Nobody waits for it, but the journal
    /// has it before it hears of the transfer's end, with which it forgets the upload's id.
    pub(super) fn drop_kept(&mut self, id: TransferId, why: Why) {
        self.leave_stray(id);
        self.earlier.remove(&id);
        let Some(kept) = self.kept.remove(&id) else { return };
        self.drop_upload(Leftover::from(&kept), why);
    }

    /// A task has died, and with it what it knew of its upload: nobody else would abort that one.
    fn drop_unowned(&mut self, id: TransferId) {
        for left in self.orphans.in_queue_of(id) {
            self.drop_upload(left, Why::Restarted);
        }
    }

    fn drop_upload(&mut self, left: Leftover, why: Why) {
        let written = self.orphans.write_down(left.clone(), why);
        let (sessions, orphans) = (self.tools.sessions.clone(), self.orphans.clone());
        let connection = left.connection.clone();
        self.clean_up(&connection, async move {
            // Without keys it stays written down until there are some.
            let Ok(session) = sessions.get(&left.connection).await else { return };
            written.await;
            orphans.retry(&session.store, left).await;
        });
    }

    /// Writes down what a batch has stored so far.
    pub(super) fn save_receipt(&self, request: RequestId, batch: BatchId, place: ReceiptPlace) {
        let listed = self.queue.target_of(batch);
        let to = listed.or_else(|| self.ended_batches.get(&batch).cloned());
        let to = to.or_else(|| self.receipts.target_of_cleared(batch));
        let Some(to) = to else {
            let failure = Failure::new(FailureKind::Internal).detail("there is no such batch of uploads");
            return self.tools.sink.send(Event::ReceiptSaved { request, result: Err(Box::new(failure)) });
        };
        let source = if self.journal.keeps() {
            BatchSource::Journal(self.journal.clone())
        } else {
            BatchSource::Memory(self.receipts.rows(batch, self.queue.stored_of(batch)))
        };
        let order = ReceiptOrder { request, batch, to, place };
        run(self.tools.clone().save_receipt(order, source));
    }

    /// These are about to be cleared from the list: where no journal keeps what they stored, it is kept for receipts.
    fn keep_for_receipts(&mut self, selection: &Selection) {
        if self.journal.keeps() {
            return;
        }
        let (batches, only) = match selection {
            Selection::All => (self.queue.batch_ids(), None),
            Selection::Batch(batch) => (vec![*batch], None),
            Selection::Connection(connection) => {
                let is_its =
                    |batch: &BatchId| self.queue.target_of(*batch).is_some_and(|to| to.connection == *connection);
                (self.queue.batch_ids().into_iter().filter(is_its).collect(), None)
            }
            Selection::One(id) => (self.queue.batch_of(*id).into_iter().collect(), Some(*id)),
        };
        for batch in batches {
            let Some(to) = self.queue.target_of(batch) else { continue };
            let mut rows = self.queue.stored_of(batch);
            rows.retain(|row| only.is_none_or(|only| row.id == only));
            if !rows.is_empty() {
                self.receipts.keep_cleared(batch, &to, rows);
            }
        }
    }

    pub(super) fn report(&self, id: TransferId, result: Outcome) {
        if self.reporting != Reporting::EachTransfer && self.tools.sink.followers().is_empty() {
            return;
        }
        let Some(shown) = self.queue.shown(id) else { return };
        let (etag, version_id) = result.stored.map_or((None, None), |stored| (stored.etag, stored.version_id));
        let row = shown.row;
        let ended = Event::TransferEnded(Box::new(TransferReport {
            id,
            batch: shown.batch,
            kind: row.kind,
            path: row.path,
            object: row.object,
            state: row.state,
            bytes: row.total_bytes,
            etag,
            version_id,
            checksum: result.crc64nvme.map(|crc| format!("CRC64NVME:{}", checksum::to_base64(crc))),
        }));
        match self.reporting {
            Reporting::EachTransfer => self.tools.sink.send(ended),
            Reporting::Counts => self.tools.sink.followers().tell(&ended),
        }
    }

    /// Sets the timer for the next picture if there is anything to show.
    pub(super) fn plan_picture(&mut self) {
        let stands_still = !self.holds().is_empty();
        let moves = self.queue.counts().moving > 0 || stands_still;
        if self.picture.timer.is_some() || !(moves || self.picture.is_stale) {
            return;
        }
        let now = self.tools.clock.elapsed();
        let since = self.picture.last_shown.map_or(PICTURE_EVERY, |last| now.saturating_sub(last));
        if since >= PICTURE_EVERY && self.picture.is_stale {
            self.show_now(now);
            return;
        }
        // Only the seconds until the next try change while nothing moves.
        let every = if stands_still && !self.picture.is_stale { HELD_PICTURE_EVERY } else { PICTURE_EVERY };
        self.picture.timer = Some(Sleep::until(&*self.tools.clock, now + every.saturating_sub(since)));
    }

    /// The timer has run out.
    pub(super) fn show_transfers(&mut self) -> Flow {
        self.show_now(self.tools.clock.elapsed());
        Flow::GoOn
    }

    fn show_now(&mut self, now: Duration) {
        self.picture.is_stale = false;
        self.picture.last_shown = Some(now);
        let counts = self.queue.counts();
        let mut sent_now = 0;
        for running in self.running.values_mut() {
            let bytes = running.sent.get();
            sent_now += bytes;
            running.rate.note(now, bytes);
        }
        self.total.note(now, sent_now);
        if counts.moving == 0 {
            self.total.rest();
        }
        if self.running.is_empty() {
            self.upload_shared.pool.trim();
        }
        let mut rows = self.queue.rows(&self.rows_wanted);
        for row in &mut rows {
            if let Some(running) = self.running.get(&row.id) {
                row.done_bytes = running.sent.get().min(row.total_bytes);
                row.rate_bytes_per_sec = running.rate.bytes_per_sec();
            } else if let Some(kept) = self.kept.get(&row.id) {
                row.done_bytes = kept.done_bytes();
            }
        }
        let left = self.queue.pending_bytes().saturating_sub(sent_now);
        self.tools.sink.show(TransfersView {
            tab: self.rows_wanted.tab,
            first_index: self.rows_wanted.first_index,
            rows,
            counts,
            rate_bytes_per_sec: self.total.bytes_per_sec(),
            remaining: if counts.moving > 0 { self.total.remaining(left) } else { None },
            rate_history: self.total.history(),
            linkable: self.queue.linkable(),
            holds: self.holds(),
        });
    }
}

/// What an owner brought back, for the report.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) stored: Option<Stored>,
    /// Of all bytes, as computed from what was sent.
    pub(super) crc64nvme: Option<u64>,
}
