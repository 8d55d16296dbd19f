//! The command line's end of the engine: commands in, events out, one at a time, and Ctrl-C in between.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};
use std::thread::Thread;

use super::handing::Window;
use super::output::{About, Printer};
use crate::locale;
use crate::model::{AppModel, Command, Event, Failure, FailureKind, NOTICE_LOCAL_KEYS_THIS_RUN, NoticeText, QueueHold};

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
    /// Ctrl-C.
    Interrupted,
    /// Wrong arguments, with what is wrong.
    Usage(String),
    /// It cannot be done at all.
    Failed(Box<Failure>),
    /// Whoever read the output has gone, or it cannot be written.
    Output(io::Error),
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
    is_interrupted: AtomicBool,
}

impl Bell {
    /// For the calling thread.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { main: std::thread::current(), is_interrupted: AtomicBool::new(false) })
    }

    /// What the engine rings.
    pub fn waker(self: &Arc<Self>) -> Waker {
        Waker::from(Arc::clone(self))
    }

    /// Tells the main thread to leave.
    pub fn interrupt(&self) {
        self.is_interrupted.store(true, Ordering::Release);
        self.main.unpark();
    }

    /// Whether Ctrl-C was pressed.
    pub fn is_interrupted(&self) -> bool {
        self.is_interrupted.load(Ordering::Acquire)
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

/// A command's view of the engine.
pub(super) struct Client<'a> {
    engine: &'a dyn EnginePort,
    bell: &'a Bell,
    events: VecDeque<Event>,
    /// What of an earlier run has not ended.
    pub waiting: Waiting,
    /// Whether links were handed out.
    pub gave_links: bool,
    /// Whether what the embedded storage signs in this run ends with it.
    pub local_keys_end: bool,
    /// Whether `resume` goes on with what this command has begun.
    pub is_resumable: bool,
    /// Everything the engine said, folded.
    pub model: AppModel,
    /// Where results go.
    pub printer: &'a mut Printer,
    /// What transfers wait for, as told last.
    waits: Vec<FailureKind>,
}

/// What passes by itself.
fn waits_for(hold: &QueueHold) -> Option<&Failure> {
    match hold {
        QueueHold::Offline { failure, .. }
        | QueueHold::Throttled { failure, .. }
        | QueueHold::JournalStalled(failure) => Some(failure),
        _ => None,
    }
}

/// What only somebody else can mend: nobody is there to do it while a command runs.
pub(super) fn ends_it(hold: &QueueHold) -> Option<&Failure> {
    match hold {
        QueueHold::Refused { failure, .. } | QueueHold::CredentialsExpired { failure, .. } => Some(failure),
        _ => None,
    }
}

impl<'a> Client<'a> {
    /// Talks to this engine, from the thread the bell was made on.
    pub(super) fn new(engine: &'a dyn EnginePort, bell: &'a Bell, printer: &'a mut Printer) -> Self {
        Self {
            engine,
            bell,
            events: VecDeque::new(),
            waiting: Waiting::default(),
            gave_links: false,
            local_keys_end: false,
            is_resumable: false,
            model: AppModel::default(),
            printer,
            waits: Vec::new(),
        }
    }

    /// Whether uploads outlive the process.
    pub(super) fn keeps_journal(&self) -> bool {
        self.engine.keeps_journal()
    }

    /// The Bucketdrop that runs already, if one does.
    pub(super) fn window(&self) -> Option<&'a dyn Window> {
        self.engine.window()
    }

    /// Asks for something.
    pub(super) fn send(&self, command: Command) {
        self.engine.send(command);
    }

    /// The next event, after it was folded into the model; sleeps until there is one.
    pub(super) fn next(&mut self) -> Result<Event, Stop> {
        loop {
            if self.bell.is_interrupted() {
                return Err(Stop::Interrupted);
            }
            if let Some(event) = self.events.pop_front() {
                self.model.apply(&event);
                self.tell(&event)?;
                return Ok(event);
            }
            self.events.extend(self.engine.drain_events());
            if self.events.is_empty() {
                self.printer.flush()?;
                std::thread::park();
            }
        }
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

    /// What the engine says on its own goes to standard error.
    fn tell(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Notice(notice) => {
                let is_about_keys = |id: &str| id == NOTICE_LOCAL_KEYS_THIS_RUN;
                self.local_keys_end |= matches!(&notice.text, NoticeText::Message { id, .. } if is_about_keys(id));
                self.printer.notice(notice)
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
                self.tell_holds(&view.holds)?;
                if let Some(progress) = &mut self.printer.progress {
                    progress.update(view);
                }
                self.printer.draw_progress()
            }
            _ => Ok(()),
        }
    }

    /// Why nothing moves, each reason once while it lasts.
    fn tell_holds(&mut self, holds: &[QueueHold]) -> io::Result<()> {
        let waits: Vec<FailureKind> = holds.iter().filter_map(|hold| Some(waits_for(hold)?.kind)).collect();
        for failure in holds.iter().filter_map(waits_for).filter(|failure| !self.waits.contains(&failure.kind)) {
            let why = locale::failure_title(self.printer.lang, failure);
            self.printer.remark(&format!("waiting: {why}; tried again by itself"))?;
        }
        self.waits = waits;
        Ok(())
    }

    /// Prints a failure and remembers nothing of it.
    pub(super) fn failure(&mut self, failure: &Failure, about: About<'_>) -> Result<(), Stop> {
        Ok(self.printer.failure(failure, about)?)
    }
}
