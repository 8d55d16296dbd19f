//! The command line's end of the engine: commands in, events out, one at a time, and Ctrl-C in between.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::{Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use super::handing::{News, Window};
use super::output::{About, Printer};
use super::problem::Problem;
use super::run::INTERRUPTED;
use super::waits::{By, Heard, Waits};
use crate::engine::{Followed, FollowedQueue, followed, followed_queue};
use crate::locale;
use crate::model::{
    AppModel, BatchId, Command, Event, Failure, FailureKind, GivenLink, Notice, NoticeText, QueueHold, TransferId,
    TransfersView, UnfinishedBatch,
};

/// How long a command that was told to leave waits for what it still has to know: then the engine has time left to end in,
/// within two seconds altogether.
const LAST_ANSWER_WITHIN: Duration = Duration::from_millis(900);

/// The part of the engine that a command needs.
pub trait EnginePort {
    /// Asks for something.
    fn send(&self, command: Command);
    /// Takes what happened since; never waits.
    fn drain_events(&self) -> Vec<Event>;
    /// Whether uploads outlive the process.
    fn keeps_journal(&self) -> bool {
        false
    }
    /// The Bucketdrop that runs already, if one does.
    fn window(&self) -> Option<&dyn Window> {
        None
    }
}

/// Why a command ended before its work was done.
#[derive(Debug)]
pub(super) enum Stop {
    /// Ctrl-C, or another signal to leave.
    Interrupted,
    /// Wrong arguments, with what is wrong.
    Usage(Problem),
    /// It cannot be done at all.
    Failed(Box<Failure>),
    /// Whoever read the output has gone, or it cannot be written.
    Output(io::Error),
    /// The Bucketdrop that carries the upload out tells nothing any more.
    Lost,
}

/// So many told files are put out and noted together at most.
const MOST_UNNOTED: usize = 1024;

/// What becomes of what a command has not done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing.
    #[default]
    IsNotDone,
    /// It is in the journal, for `resume`.
    Waits,
    /// It was to be in the journal, which cannot be written: nothing of it is there.
    NothingSaved,
    /// The same, and something had begun before.
    NotAllSaved,
    /// Another Bucketdrop goes on with it.
    Elsewhere,
    /// The command is over when it is told to leave.
    IsNothing,
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<Box<Failure>> for Stop {
    fn from(failure: Box<Failure>) -> Self {
        Self::Failed(failure)
    }
}

/// How a command ended that did run to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All done, or left out by rule.
    AllDone,
    /// Something failed, and was told.
    SomethingFailed,
}

/// Lets the main thread sleep until the engine has something, or someone pressed Ctrl-C.
#[derive(Debug)]
pub struct Bell {
    main: Thread,
    /// The exit status to leave with; 0 while nobody asks for that.
    leave: AtomicU8,
}

impl Bell {
    /// For the calling thread.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { main: std::thread::current(), leave: AtomicU8::new(0) })
    }

    /// What the engine rings.
    pub fn waker(self: &Arc<Self>) -> Waker {
        Waker::from(Arc::clone(self))
    }

    /// Tells the main thread to leave, as after Ctrl-C.
    pub fn interrupt(&self) {
        self.leave_with(INTERRUPTED);
    }

    /// Tells the main thread to leave with this exit status, which is not 0.
    pub fn leave_with(&self, status: u8) {
        self.leave.store(status, Ordering::Release);
        self.main.unpark();
    }

    /// Becomes true after that long, when the main thread wakes; at once if nothing can count the time.
    fn patience(&self, how_long: Duration) -> Arc<AtomicBool> {
        let (over, main) = (Arc::new(AtomicBool::new(false)), self.main.clone());
        let is_over = Arc::clone(&over);
        let wait = move || {
            std::thread::sleep(how_long);
            is_over.store(true, Ordering::Release);
            main.unpark();
        };
        if std::thread::Builder::new().name("patience".to_owned()).spawn(wait).is_err() {
            over.store(true, Ordering::Release);
        }
        over
    }

    /// The exit status to leave with, once somebody asks for that.
    pub fn asked_to_leave(&self) -> Option<u8> {
        Some(self.leave.load(Ordering::Acquire)).filter(|status| *status != 0)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.main.unpark();
    }
}

/// Uploads of an earlier run that have not ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waiting {
    /// How many.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// How far what is begun is in the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Saving {
    /// It is there, or nothing is to be there.
    #[default]
    Saved,
    /// It gets there while it is begun, and nothing stands in the way.
    Begun,
    /// The journal cannot be written, and no file has begun.
    StalledAtOnce,
    /// The journal cannot be written any more.
    Stalled,
}

/// What another Bucketdrop carries out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Follows {
    /// The upload that it was handed.
    Upload(Followed),
    /// The queue that it was let go on with.
    Queue(FollowedQueue),
}

/// A command's view of the engine.
pub(super) struct Client<'a> {
    engine: &'a dyn EnginePort,
    bell: &'a Bell,
    events: VecDeque<Event>,
    /// What of an earlier run has not ended.
    pub waiting: Waiting,
    /// What becomes of what is begun and not done.
    pub rest: Rest,
    /// Whether what `rest` says is true of what the journal gets from now on.
    saving: Saving,
    /// Why there is no journal, until somebody begins what it is needed for.
    unkept: Option<Failure>,
    /// What another Bucketdrop carries out, while its end is waited for.
    pub follows: Option<Follows>,
    /// What it has told meanwhile.
    unheard: VecDeque<News>,
    /// Nothing more is heard of it.
    is_lost: bool,
    /// Links that were printed.
    pub links_given: u64,
    /// Those that the history does not have yet: it gets them together, when nothing else is to be done.
    pub given: Vec<GivenLink>,
    /// Stored files that were told, as far as the engine does not know that yet; it does once the words are out.
    pub told: Vec<TransferId>,
    /// The same of batches that are through.
    pub told_batches: Vec<BatchId>,
    /// Everything the engine said, folded.
    pub model: AppModel,
    /// Where results go.
    pub printer: &'a mut Printer,
    /// What transfers wait for, as told last.
    waits: Waits,
    /// Not all of what an earlier run had written down could be read, which was told.
    pub has_gaps: bool,
    /// Whether the command is there to begin uploads.
    pub is_upload: bool,
    /// Batches of downloads that could not find all of what they were to get, which was told.
    pub incomplete: Vec<BatchId>,
}

/// Whether something of an earlier run's list is missing.
fn is_gap(notice: &Notice) -> bool {
    let NoticeText::Failure(failure) = &notice.text else { return false };
    matches!(failure.kind, FailureKind::JournalDamaged | FailureKind::JournalUnreadable)
}

/// Whether a failure to open the journal is of this kind.
fn is_no_journal(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::JournalFull
            | FailureKind::JournalUnwritable
            | FailureKind::JournalReadOnly
            | FailureKind::JournalNewer
            | FailureKind::JournalInUse
    )
}

impl<'a> Client<'a> {
    /// Talks to this engine, from the thread the bell was made on.
    pub(super) fn new(engine: &'a dyn EnginePort, bell: &'a Bell, printer: &'a mut Printer) -> Self {
        Self {
            engine,
            bell,
            events: VecDeque::new(),
            waiting: Waiting::default(),
            rest: Rest::default(),
            saving: Saving::default(),
            unkept: None,
            follows: None,
            unheard: VecDeque::new(),
            is_lost: false,
            links_given: 0,
            given: Vec::new(),
            told: Vec::new(),
            told_batches: Vec::new(),
            model: AppModel::default(),
            printer,
            waits: Waits::default(),
            has_gaps: false,
            is_upload: false,
            incomplete: Vec::new(),
        }
    }

    /// Whether uploads outlive the process.
    pub(super) fn keeps_journal(&self) -> bool {
        self.engine.keeps_journal()
    }

    /// New uploads are about to begin: what becomes of them if they are interrupted.
    pub(super) fn begin_uploads(&mut self) -> Result<(), Stop> {
        self.rest = if self.keeps_journal() { Rest::Waits } else { Rest::IsNotDone };
        self.saving = Saving::Begun;
        match self.unkept.take() {
            Some(failure) => Ok(self.printer.not_kept(&failure)?),
            None => Ok(()),
        }
    }

    /// What becomes of what is begun and not done, as things stand.
    pub(super) fn rest_now(&self) -> Rest {
        match (self.rest, self.saving) {
            (Rest::Waits, Saving::StalledAtOnce) => Rest::NothingSaved,
            (Rest::Waits, Saving::Stalled) => Rest::NotAllSaved,
            (rest, _) => rest,
        }
    }

    fn note_saving(&mut self, view: &TransfersView) {
        let is_stalled = view.holds.iter().any(|hold| matches!(hold, QueueHold::JournalStalled(_)));
        self.saving = match self.saving {
            Saving::Saved => Saving::Saved,
            _ if !is_stalled => Saving::Begun,
            // What moves was written down before.
            Saving::Begun | Saving::StalledAtOnce
                if view.counts.moving + view.counts.done + view.counts.failed == 0 =>
            {
                Saving::StalledAtOnce
            }
            _ => Saving::Stalled,
        };
    }

    /// The Bucketdrop that runs already, if one does.
    pub(super) fn window(&self) -> Option<&'a dyn Window> {
        self.engine.window()
    }

    /// Gives the history the links that were handed out.
    pub(super) fn record_links(&mut self) {
        if !self.given.is_empty() {
            let given = std::mem::take(&mut self.given);
            self.send(Command::RecordLinks(given));
        }
    }

    /// Asks for something.
    pub(super) fn send(&self, command: Command) {
        self.engine.send(command);
    }

    /// The next event, after it was folded into the model; sleeps until there is one.
    pub(super) fn next(&mut self) -> Result<Event, Stop> {
        loop {
            if self.bell.asked_to_leave().is_some() {
                return Err(Stop::Interrupted);
            }
            if self.told.len() >= MOST_UNNOTED {
                self.flush()?;
            }
            if let Some(event) = self.events.pop_front() {
                self.model.apply(&event);
                self.tell(&event)?;
                return Ok(event);
            }
            self.events.extend(self.engine.drain_events());
            self.hear_window();
            if self.events.is_empty() {
                if self.is_lost && self.follows.is_some() {
                    return Err(Stop::Lost);
                }
                self.record_links();
                self.flush()?;
                std::thread::park();
            }
        }
    }

    /// Puts everything out that was printed, and lets the engine know what was told with that.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.printer.flush()?;
        let (transfers, batches) = (std::mem::take(&mut self.told), std::mem::take(&mut self.told_batches));
        // What nobody could read counts as not told.
        if self.printer.has_lost_results() {
            return Ok(());
        }
        if self.keeps_journal() && !(transfers.is_empty() && batches.is_empty()) {
            self.send(Command::NoteTold { transfers, batches });
        }
        Ok(())
    }

    /// What another Bucketdrop tells of the upload that it carries out. Until that is followed it waits unheard.
    fn hear_window(&mut self) {
        let (Some(window), Some(follows)) = (self.engine.window(), &self.follows) else { return };
        self.unheard.extend(window.news());
        for news in self.unheard.drain(..) {
            match (news, follows) {
                (News::Told(words), Follows::Upload(of)) => self.events.extend(followed(&words, of)),
                (News::Told(words), Follows::Queue(queue)) => self.events.extend(queue.event(&words)),
                (News::Over, _) => self.is_lost = true,
            }
        }
    }

    /// The batches of the queue that another Bucketdrop was let go on with, once it tells them. It is lost if it tells
    /// none, not even that there are none: it has ended right after it had agreed.
    pub(super) fn handed_queue(&mut self) -> Result<(FollowedQueue, Vec<UnfinishedBatch>), Stop> {
        let Some(window) = self.engine.window() else { return Err(Stop::Lost) };
        loop {
            if self.bell.asked_to_leave().is_some() {
                return Err(Stop::Interrupted);
            }
            self.unheard.extend(window.news());
            match self.unheard.pop_front() {
                Some(News::Told(words)) => return followed_queue(&words).ok_or(Stop::Lost),
                Some(News::Over) => return Err(Stop::Lost),
                None => std::thread::park(),
            }
        }
    }

    /// Of this batch nothing more comes.
    pub(super) fn ended(&mut self, batch: BatchId) {
        let is_all = match &mut self.follows {
            Some(Follows::Upload(_)) => true,
            Some(Follows::Queue(queue)) => queue.ended(batch),
            None => return,
        };
        if is_all {
            self.follows = None;
        }
    }

    /// The last line of results is next: what is still waited for is over, and no more is told of that.
    pub(super) fn end_waits(&mut self) -> io::Result<()> {
        self.waits.end(self.printer)
    }

    /// The exit status of a command that was told to leave.
    pub(super) fn leave_status(&self) -> u8 {
        self.bell.asked_to_leave().unwrap_or(INTERRUPTED)
    }

    /// The first answer that `pick` takes; every other event is only folded.
    pub(super) fn answer<T>(&mut self, mut pick: impl FnMut(Event) -> Option<T>) -> Result<T, Stop> {
        loop {
            let event = self.next()?;
            if let Some(answer) = pick(event) {
                return Ok(answer);
            }
        }
    }

    /// The first answer that `pick` takes before the command has to leave, although it was told to; and what ended
    /// meanwhile.
    pub(super) fn answer_while_leaving<T>(
        &mut self,
        mut pick: impl FnMut(Event) -> Option<T>,
    ) -> (Option<T>, Vec<Event>) {
        let (leaves, mut ended) = (self.bell.patience(LAST_ANSWER_WITHIN), Vec::new());
        while !leaves.load(Ordering::Acquire) {
            self.events.extend(self.engine.drain_events());
            let Some(event) = self.events.pop_front() else {
                std::thread::park();
                continue;
            };
            self.model.apply(&event);
            if matches!(event, Event::TransferEnded(_)) {
                ended.push(event);
            } else if let Some(answer) = pick(event) {
                return (Some(answer), ended);
            }
        }
        (None, ended)
    }

    /// What the engine says on its own goes to standard error.
    fn tell(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Notice(notice) => {
                self.has_gaps |= is_gap(notice);
                self.tell_notice(notice)
            }
            // The files that were found are downloaded; that they are not all is a failure of the command.
            Event::BatchIncomplete { batch, failure } => {
                self.incomplete.push(*batch);
                self.printer.failure(failure, About::default())
            }
            Event::Started(snapshot) => {
                self.printer.lang = locale::Lang::resolve(snapshot.settings.language);
                snapshot.warnings.iter().try_for_each(|warning| self.printer.remark(warning))
            }
            Event::QueueRestored { files, bytes, .. } => {
                self.waiting = Waiting { files: *files, bytes: *bytes };
                Ok(())
            }
            Event::Transfers(view) => {
                self.note_saving(view);
                let by = if self.follows.is_some() { By::Another } else { By::Us };
                let heard = Heard { holds: &view.holds, by, rest: self.rest_now() };
                self.waits.tell(self.printer, &heard)?;
                if let Some(progress) = &mut self.printer.progress {
                    progress.update(view);
                }
                self.printer.draw_progress();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// That there is no journal is told of an upload in its own words, and only once one begins here.
    fn tell_notice(&mut self, notice: &Notice) -> io::Result<()> {
        match &notice.text {
            NoticeText::Failure(failure) if self.is_upload && !self.keeps_journal() && is_no_journal(failure.kind) => {
                if self.saving != Saving::Saved {
                    return self.printer.not_kept(failure);
                }
                self.unkept = Some(failure.clone());
                Ok(())
            }
            _ => self.printer.notice(notice),
        }
    }

    /// Whether the same command finds again what it could not read now: `resume` knows nothing of it, and what another
    /// Bucketdrop has taken would be taken twice.
    pub(super) fn walks_again(&self) -> bool {
        self.is_upload && self.follows.is_none()
    }

    /// Prints a failure and remembers nothing of it.
    pub(super) fn failure(&mut self, failure: &Failure, about: About<'_>) -> Result<(), Stop> {
        Ok(self.printer.failure(failure, about)?)
    }

    /// The same of an upload under way: where the journal keeps it, `resume` is what goes on with it.
    pub(super) fn upload_failure(&mut self, failure: &Failure, about: About<'_>) -> Result<(), Stop> {
        let told = match self.rest_now() {
            Rest::Waits => self.printer.kept_failure(failure, about),
            _ => self.printer.failure(failure, about),
        };
        Ok(told?)
    }
}
