//! Links that were handed out: kept over restarts, the newest [`MOST_LINKS`], never with a signature.
//!
//! One SQLite file of its own and one thread named `links`, which starts when there is something to keep or to show.
//! Nobody waits for it to write. A file that cannot be read is put aside; without a disk the program works all the
//! same and forgets.

pub(in crate::engine) mod file;
mod rows;

pub(in crate::engine) use rows::is_damage;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use tokio::sync::oneshot;

use super::sink::EventSink;
use crate::model::{Failure, FailureKind, GivenLink, LinkCheck};

/// Older links are forgotten.
const MOST_LINKS: usize = 5_000;

/// A handle on the history; clones share it. Dropping the last one lets its thread write what it has and end.
#[derive(Clone, Debug)]
pub(crate) struct LinkHistory(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    sink: EventSink,
    inbox: Mutex<Option<mpsc::Sender<Message>>>,
}

/// What the thread is asked.
enum Message {
    Given(Vec<GivenLink>),
    /// With the end of the link, if it was signed.
    Checked(Vec<(LinkCheck, Option<jiff::Timestamp>)>),
    List(oneshot::Sender<Result<Vec<GivenLink>, Failure>>),
    Clear(oneshot::Sender<Result<(), Failure>>),
    Flush(oneshot::Sender<()>),
}

impl LinkHistory {
    /// Opens nothing yet. That a damaged file was put aside is told to `sink`.
    pub(crate) fn new(path: PathBuf, sink: EventSink) -> Self {
        Self(Arc::new(Inner { path, sink, inbox: Mutex::default() }))
    }

    /// Links were handed out. What looks like a signature is taken off.
    pub(crate) fn note_given(&self, links: Vec<GivenLink>) {
        if !links.is_empty() {
            self.send(Message::Given(links));
        }
    }

    /// Links were checked; those that were handed out keep the verdict.
    pub(crate) fn note_checks(&self, checks: Vec<LinkCheck>) {
        self.note(checks.into_iter().map(|check| (check, None)).collect());
    }

    /// The same for signed links, of which an object can have many at one address: each is known by its end.
    pub(crate) fn note_signed_checks(&self, checks: Vec<(LinkCheck, jiff::Timestamp)>) {
        self.note(checks.into_iter().map(|(check, end)| (check, Some(end))).collect());
    }

    fn note(&self, checks: Vec<(LinkCheck, Option<jiff::Timestamp>)>) {
        // Without a file nothing was ever handed out.
        if !checks.is_empty() && (self.is_running() || file::exists(&self.0.path)) {
            self.send(Message::Checked(checks));
        }
    }

    /// All links, the newest first.
    pub(crate) async fn list(&self) -> Result<Vec<GivenLink>, Failure> {
        let (reply, answer) = oneshot::channel();
        self.send(Message::List(reply));
        answer.await.unwrap_or_else(|_gone| Err(no_thread()))
    }

    /// Forgets all links.
    pub(crate) async fn clear(&self) -> Result<(), Failure> {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Clear(reply));
        answer.await.unwrap_or_else(|_gone| Err(no_thread()))
    }

    /// Resolves once everything that was noted so far is written, or cannot be.
    pub(crate) async fn flush(&self) {
        if self.is_running() {
            let (reply, answer) = oneshot::channel();
            self.send(Message::Flush(reply));
            // A thread that has ended has nothing left to write.
            answer.await.ok();
        }
    }

    fn is_running(&self) -> bool {
        self.0.inbox.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn send(&self, message: Message) {
        let mut inbox = self.0.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        if inbox.is_none() {
            *inbox = start(self.0.path.clone(), self.0.sink.clone());
        }
        if let Some(thread) = inbox.as_ref()
            && thread.send(message).is_err()
        {
            tracing::error!("the history of links has ended early");
        }
    }
}

fn start(path: PathBuf, sink: EventSink) -> Option<mpsc::Sender<Message>> {
    let (inbox, messages) = mpsc::channel();
    let run = move || rows::run(&path, &sink, &messages);
    match std::thread::Builder::new().name("links".to_owned()).spawn(run) {
        Ok(_thread) => Some(inbox),
        Err(error) => {
            tracing::error!(%error, "no thread for the history of links");
            None
        }
    }
}

fn no_thread() -> Failure {
    Failure::new(FailureKind::Internal).detail("the history of links is not there")
}

#[cfg(test)]
mod tests;
