//! The actor's side of batches: scans and listings that fill them, names that have to be asked for, their end.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use super::actor::{Actor, Flow};
use super::commands::run;
use super::download::relative_path;
use super::known::Known;
use super::objects::Pages;
use super::queue::{BatchSpec, Folder, Naming, NewTransfer};
use super::recovery::Wake;
use super::scan::{ScanRequest, Scanned};
use super::scanning::Whereabouts;
use super::tools::Tools;
use crate::model::{
    AfterDownload, BatchCounts, BatchId, ConflictPolicy, Entry, Event, Failure, KeyProblem, Location, NameAnswer,
    NameQuestion, Notice, ObjectKey, PutOptions, RequestId, ScanProgress, Selection, Severity, SkipReason, SkippedItem,
    Target, TransferAction, TransferId, TransferKind,
};

/// A batch that is being filled.
#[derive(Debug)]
pub(super) struct BatchInfo {
    counts: BatchCounts,
    stop: CancellationToken,
    hold: Hold,
    /// Asked for and not answered.
    questions: Vec<(NameQuestion, NewTransfer)>,
    /// Files that are in the queue already, when a scan is made again.
    known: Known,
    /// The only files that may join it; `None` for all.
    shown: Option<Known>,
    /// Off the list. The journal keeps them until the batch is filled: a scan that has to be made again must know them.
    forgotten: Vec<TransferId>,
}

/// What becomes of transfers that are still found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    Run,
    Pause,
    Drop,
}

impl BatchInfo {
    /// A batch whose scan begins, or begins again with these files in the queue already.
    pub(super) fn again(known: Known) -> Self {
        Self {
            counts: BatchCounts::default(),
            stop: CancellationToken::new(),
            hold: Hold::Run,
            questions: Vec::new(),
            known,
            shown: None,
            forgotten: Vec::new(),
        }
    }

    /// What is still found of it is to be paused.
    pub(super) fn paused(self) -> Self {
        Self { hold: Hold::Pause, ..self }
    }

    /// Whether what is still found of it will be paused.
    pub(super) fn is_paused(&self) -> bool {
        self.hold == Hold::Pause
    }

    /// To be asked once of each file that is found: what was known of it is found again with that.
    fn is_new(&mut self, file: &NewTransfer) -> bool {
        !self.known.take(file)
    }

    /// The same of a file whose name makes no key.
    fn is_new_to_ask(&mut self, file: &NewTransfer) -> bool {
        !self.known.take_asked(file)
    }

    fn is_shown(&self, file: &NewTransfer) -> bool {
        self.shown.as_ref().is_none_or(|shown| shown.has(&file.folder, &file.name))
    }

    /// Takes out what the user was not shown, and gives it.
    fn take_unshown(&self, files: &mut Vec<NewTransfer>) -> Vec<SkippedItem> {
        let others = files.extract_if(.., |file| !self.is_shown(file));
        others
            .map(|file| SkippedItem { path: file.folder.path.join(&file.name), reason: SkipReason::CameLater })
            .collect()
    }

    /// Ends its scan early.
    pub(super) fn stop(&self) {
        self.stop.cancel();
    }
}

impl Actor {
    /// Begins a batch of uploads.
    pub(super) fn enqueue(&mut self, batch: BatchId, paths: Vec<PathBuf>, to: &Location, options: PutOptions) {
        let options = self.with_defaults(options);
        let begins = self.new_batch(batch, paths.clone(), to, &options);
        self.journal.note(begins);
        self.fill(batch, paths, to, &options);
    }

    /// Begins a batch of uploads of which the user has seen each file. Files that have come since are left out: after a
    /// crash, too, when the folders are not walked again.
    pub(super) fn enqueue_planned(
        &mut self,
        batch: BatchId,
        paths: Vec<PathBuf>,
        to: &Location,
        options: PutOptions,
        planned: RequestId,
    ) {
        let options = self.with_defaults(options);
        let begins = self.new_batch(batch, Vec::new(), to, &options);
        self.journal.note(begins);
        let (at, shown) = (to.clone(), self.tools.plans.take(planned));
        self.open_batch(batch, TransferKind::Upload, at, Arc::clone(&options), PathBuf::new(), AfterDownload::Keep);
        if let Some(info) = self.batches.get_mut(&batch) {
            info.shown = Some(shown);
        }
        self.scan_sources(batch, paths, to, &options);
    }

    /// What a PUT is made with: the settings fill in what was not said.
    pub(super) fn with_defaults(&self, options: PutOptions) -> Arc<PutOptions> {
        let verify = Some(options.verify.unwrap_or(self.tools.book.settings().verify));
        Arc::new(PutOptions { verify, ..options })
    }

    /// Opens a batch of uploads that is written down, and begins to fill it.
    pub(super) fn fill(&mut self, batch: BatchId, paths: Vec<PathBuf>, to: &Location, options: &Arc<PutOptions>) {
        let at = to.clone();
        self.open_batch(batch, TransferKind::Upload, at, Arc::clone(options), PathBuf::new(), AfterDownload::Keep);
        self.scan_sources(batch, paths, to, options);
    }

    /// Fills a batch of uploads from the disk.
    pub(super) fn scan_sources(&self, batch: BatchId, paths: Vec<PathBuf>, to: &Location, options: &PutOptions) {
        let request = ScanRequest {
            batch,
            paths,
            to: to.prefix.clone(),
            system_files: self.tools.book.settings().system_files,
            gathered: options.gathered,
            exclude: options.exclude.clone(),
            at: Whereabouts::default(),
        };
        let (found, stop) = (self.scanned.clone(), self.stop_of(batch));
        run(self.tools.clone().scan(request, found, stop));
    }

    /// Begins a batch of downloads.
    pub(super) fn download(
        &mut self,
        batch: BatchId,
        at: Location,
        targets: Vec<Target>,
        to: Option<PathBuf>,
        on_conflict: ConflictPolicy,
        then: AfterDownload,
    ) {
        let root = to.unwrap_or_else(|| self.tools.home.open_dir().join(uuid::Uuid::new_v4().simple().to_string()));
        let options = Arc::new(PutOptions { on_conflict, ..PutOptions::default() });
        self.open_batch(batch, TransferKind::Download, at.clone(), options, root.clone(), then);
        let (found, stop, tools) = (self.scanned.clone(), self.stop_of(batch), self.tools.clone());
        run(async move {
            let finder = Finder { batch, at, root, found };
            tokio::select! {
                () = stop.cancelled() => {}
                found = finder.find(&tools, targets) => {
                    if let Err(failure) = found {
                        tools.sink.send(Event::BatchIncomplete { batch, failure });
                    }
                }
            }
            finder.send(Vec::new(), IsLast::Yes).await;
        });
    }

    fn open_batch(
        &mut self,
        batch: BatchId,
        kind: TransferKind,
        to: Location,
        options: Arc<PutOptions>,
        local_root: PathBuf,
        then: AfterDownload,
    ) {
        let started = self.tools.clock.elapsed();
        let opened = self.tools.clock.now();
        self.meet_connection(&to.connection);
        self.queue.open_batch(batch, BatchSpec { kind, to, options, local_root, then, started, opened });
        self.batches.insert(batch, BatchInfo::again(Known::default()));
    }

    fn stop_of(&self, batch: BatchId) -> CancellationToken {
        self.batches.get(&batch).map(|info| info.stop.clone()).unwrap_or_default()
    }

    /// A part of what a scan or a listing found.
    pub(super) fn take_scanned(&mut self, part: Scanned) -> Flow {
        let Some(info) = self.batches.get_mut(&part.batch) else { return Flow::GoOn };
        let hold = info.hold;
        let (mut files, mut questions) =
            if hold == Hold::Drop { (Vec::new(), Vec::new()) } else { (part.files, part.questions) };
        files.retain(|file| info.is_new(file));
        questions.retain(|(_, file)| info.is_new_to_ask(file) && info.is_shown(file));
        let mut skipped = part.skipped;
        skipped.extend(info.take_unshown(&mut files));
        info.counts.files += files.len() as u64;
        info.counts.total_bytes += files.iter().map(|file| file.size_bytes).sum::<u64>();
        info.counts.skipped += skipped.len() as u64;
        self.queue.note_left_out(part.batch, skipped.len() as u64);
        if !self.queue.is_busy() {
            // Nobody has looked at the clock while there was nothing to do.
            self.health.bandwidth().apply();
        }
        let ids = self.push_files(part.batch, files);
        if hold == Hold::Pause {
            let pause = |id| self.queue.act(&Selection::One(id), TransferAction::Pause);
            let asks = ids.into_iter().flat_map(pause).collect();
            self.carry_out(asks, None);
        }
        self.picture.is_stale = true;
        if let Some(path) = self.walks.note(part.batch, &skipped) {
            let notice = Notice::message(Severity::Warning, "notice-walk-unfinished").with("path", path.display());
            self.tools.sink.notice(notice);
        }
        let progress = if part.is_last { ScanProgress::Complete } else { ScanProgress::Scanning };
        self.tell_scanned(part.batch, skipped, progress);
        if part.is_last {
            self.ask_names(part.batch, questions);
        }
        Flow::GoOn
    }

    fn tell_scanned(&self, batch: BatchId, skipped: Vec<SkippedItem>, progress: ScanProgress) {
        let counts = self.batches.get(&batch).map(|info| info.counts.clone()).unwrap_or_default();
        self.tools.sink.send(Event::BatchScanned { batch, counts, skipped, progress });
    }

    fn ask_names(&mut self, batch: BatchId, questions: Vec<(NameQuestion, NewTransfer)>) {
        if questions.is_empty() {
            self.queue.scan_complete(batch);
            let info = self.batches.remove(&batch);
            if !self.walks.is_unfinished(batch) {
                self.note_filled(batch);
                if let Some(info) = info {
                    self.note_forgotten(&info.forgotten);
                }
            }
            self.note_standing();
            return;
        }
        let asked = questions.iter().map(|(question, _)| question.clone()).collect();
        if let Some(info) = self.batches.get_mut(&batch) {
            info.questions = questions;
            let needed = Event::NamesNeeded { batch, questions: asked };
            // Another process that waits for the end hears which names are refused; the user here is not asked.
            if self.tools.sink.followers().has(batch) {
                self.tools.sink.followers().tell(&needed);
                self.resolve_names(batch, Vec::new());
            } else {
                self.tools.sink.send(needed);
            }
        }
    }

    /// The user's names. One that cannot be a key either is asked for again.
    pub(super) fn resolve_names(&mut self, batch: BatchId, answers: Vec<NameAnswer>) {
        let Some(info) = self.batches.get_mut(&batch) else { return };
        let questions = std::mem::take(&mut info.questions);
        if questions.is_empty() {
            return;
        }
        let typed = answers.iter().filter_map(|answer| match answer {
            NameAnswer::UseKey(key) => Some(key.clone()),
            NameAnswer::Skip => None,
        });
        let mut taken = self.queue.taken_keys(batch, &typed.collect());
        let (mut skipped, mut again, mut files) = (Vec::new(), Vec::new(), Vec::new());
        let answers = answers.into_iter().chain(std::iter::repeat(NameAnswer::Skip));
        for ((question, mut transfer), answer) in questions.into_iter().zip(answers) {
            let NameAnswer::UseKey(key) = answer else {
                skipped.push(SkippedItem { path: question.path, reason: SkipReason::NameDeclined });
                continue;
            };
            match ObjectKey::check_new(key.as_str()) {
                Err(problem) => {
                    again.push((NameQuestion { key: key.as_str().to_owned(), problem, ..question }, transfer));
                }
                Ok(_) if !taken.insert(key.clone()) => {
                    let key = key.as_str().to_owned();
                    again.push((NameQuestion { key, problem: KeyProblem::Taken, ..question }, transfer));
                }
                Ok(key) => {
                    transfer.key = Some(key.as_str().into());
                    files.push(transfer);
                }
            }
        }
        self.take_scanned(Scanned { batch, files, skipped, questions: again, is_last: true });
    }

    /// What a wish for many transfers means for those that are still to be found.
    pub(super) fn note_for_scans(&mut self, selection: &Selection, action: TransferAction) {
        let hold = match action {
            TransferAction::Pause => Hold::Pause,
            TransferAction::Resume => Hold::Run,
            TransferAction::Cancel => Hold::Drop,
            TransferAction::Retry
            | TransferAction::Forget
            | TransferAction::ForgetFailed
            | TransferAction::First
            | TransferAction::Sooner
            | TransferAction::Later
            | TransferAction::Last => return,
        };
        let mut answered = Vec::new();
        for (batch, info) in &mut self.batches {
            let is_meant = match selection {
                Selection::All => true,
                Selection::Batch(meant) => meant == batch,
                Selection::Connection(connection) => self.queue.goes_through(*batch, connection),
                Selection::One(_) => false,
            };
            if is_meant && info.hold != Hold::Drop {
                info.hold = hold;
                if hold == Hold::Drop {
                    info.stop.cancel();
                    answered.push(*batch);
                }
            }
        }
        for batch in answered {
            self.resolve_names(batch, Vec::new());
            self.drop_unfilled(batch);
        }
        self.note_standing();
    }

    /// A batch of an earlier run whose scan was not made again yet will not be: nothing more comes of it, ever.
    fn drop_unfilled(&mut self, batch: BatchId) {
        let before = self.unfilled.len();
        self.unfilled.retain(|row| row.id != batch);
        if self.unfilled.len() < before {
            let (files, skipped, questions) = (Vec::new(), Vec::new(), Vec::new());
            self.take_scanned(Scanned { batch, files, skipped, questions, is_last: true });
        }
    }

    /// Transfers are off the list: at once in the journal, or once their batch is filled.
    pub(super) fn forget(&mut self, transfers: Vec<(TransferId, BatchId)>) {
        for (id, _batch) in &transfers {
            self.drop_pasted(*id);
        }
        self.leave_off_the_list(transfers);
    }

    /// These are not on the list any more at the next start: at once, or once their batch is filled.
    pub(super) fn leave_off_the_list(&mut self, transfers: Vec<(TransferId, BatchId)>) {
        let mut at_once = Vec::new();
        for (id, batch) in transfers {
            match self.batches.get_mut(&batch) {
                Some(info) => info.forgotten.push(id),
                None => at_once.push(id),
            }
        }
        self.note_forgotten(&at_once);
    }

    /// Tells the end of every batch that is through.
    pub(super) fn report_finished_batches(&mut self) {
        let now = self.tools.clock.elapsed();
        for batch in self.queue.take_finished() {
            if let Some(summary) = self.queue.summary(batch, now) {
                self.upload_shared.public.forget(batch);
                if self.queue.keeps(batch) {
                    self.ended_batches.insert(batch, summary.to.clone());
                }
                self.tools.sink.send(Event::BatchFinished { batch, summary: Box::new(summary) });
                // A command says itself when it has told that.
                if self.wake == Wake::AsTheSettingSays {
                    self.note_reported(batch);
                }
            }
        }
    }
}

/// Whether a part is the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IsLast {
    Yes,
    No,
}

/// Finds the objects of a batch of downloads.
struct Finder {
    batch: BatchId,
    at: Location,
    root: PathBuf,
    found: Sender<Scanned>,
}

impl Finder {
    async fn find(&self, tools: &Tools, targets: Vec<Target>) -> Result<(), Box<Failure>> {
        let session = tools.sessions.get(&self.at.connection).await?;
        let mut single = Vec::new();
        for target in targets {
            match target {
                Target::Object(key) => single.push(self.transfer(&key, 0)),
                Target::Folder(prefix) => {
                    let mut pages = Pages::new(&session.store, &self.at.bucket, prefix.as_str());
                    while let Some(page) = pages.next().await? {
                        let files = page.entries.iter().filter_map(|entry| match entry {
                            // A marker is no file; its folder comes with the files in it.
                            Entry::Object(object) if !object.key.is_folder_marker() => {
                                Some(self.transfer(&object.key, object.size_bytes.unwrap_or_default()))
                            }
                            _ => None,
                        });
                        self.send(files.collect(), IsLast::No).await;
                    }
                }
            }
        }
        self.send(single, IsLast::No).await;
        Ok(())
    }

    fn transfer(&self, key: &ObjectKey, size_bytes: u64) -> NewTransfer {
        // A key that cannot become a path is queued under a stand-in, and its owner says why it fails.
        let relative = relative_path(&self.at.prefix, key).unwrap_or_else(|_failure| PathBuf::from("_"));
        let path = self.root.join(&relative);
        let folder = Folder {
            path: path.parent().unwrap_or(&self.root).to_owned(),
            key_prefix: key.parent().as_str().to_owned(),
            naming: Naming::Lossy,
        };
        NewTransfer {
            folder: Arc::new(folder),
            name: path.file_name().unwrap_or_default().to_owned(),
            key: Some(key.as_str().into()),
            size_bytes,
            modified: None,
        }
    }

    async fn send(&self, files: Vec<NewTransfer>, is_last: IsLast) {
        let is_last = is_last == IsLast::Yes;
        if files.is_empty() && !is_last {
            return;
        }
        let part = Scanned { batch: self.batch, files, skipped: Vec::new(), questions: Vec::new(), is_last };
        // Nobody listens any more only when the engine ends.
        self.found.send(part).await.ok();
    }
}
