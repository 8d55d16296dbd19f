//! Doubles for the tests of the command line: streams that can be read back, and an engine that follows a script.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use super::client::EnginePort;
use super::handing::Window;
use super::output::Printer;
use crate::model::{Command, Event};

/// What was written to both streams.
#[derive(Clone, Default)]
pub(crate) struct Streams {
    out: Rc<RefCell<Vec<u8>>>,
    err: Rc<RefCell<Vec<u8>>>,
}

struct Stream(Rc<RefCell<Vec<u8>>>);

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Streams {
    /// Empty streams and a printer that writes to them.
    pub(crate) fn new() -> (Self, Printer) {
        let streams = Self::default();
        let printer = Printer::new(Box::new(Stream(streams.out.clone())), Box::new(Stream(streams.err.clone())));
        (streams, printer)
    }

    /// Standard output so far.
    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.out.borrow()).into_owned()
    }

    /// Standard error so far.
    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&self.err.borrow()).into_owned()
    }
}

/// An engine that answers each command as a closure says.
pub(crate) struct Script<F> {
    answers: F,
    events: RefCell<Vec<Event>>,
    /// Every command, in order.
    pub(crate) asked: RefCell<Vec<Command>>,
    /// Whether it has a journal.
    pub(crate) keeps_journal: bool,
    /// The Bucketdrop that runs already.
    pub(crate) window: Option<Box<dyn Window>>,
}

impl<F: Fn(&Command) -> Vec<Event>> Script<F> {
    /// Begins with these events.
    pub(crate) fn new(start: Vec<Event>, answers: F) -> Self {
        Self { answers, events: RefCell::new(start), asked: RefCell::default(), keeps_journal: false, window: None }
    }
}

impl<F: Fn(&Command) -> Vec<Event>> EnginePort for Script<F> {
    fn send(&self, command: Command) {
        self.events.borrow_mut().extend((self.answers)(&command));
        self.asked.borrow_mut().push(command);
    }

    fn drain_events(&self) -> Vec<Event> {
        self.events.take()
    }

    fn keeps_journal(&self) -> bool {
        self.keeps_journal
    }

    fn window(&self) -> Option<&dyn Window> {
        self.window.as_deref()
    }
}
