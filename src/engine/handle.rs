//! The front end's hold on the engine.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedSender;

use super::sink::EventSource;
use crate::model::{Command, Event, ShutdownMode};

/// Says that the actor has ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Ended(Arc<(Mutex<bool>, Condvar)>);

impl Ended {
    /// The actor has ended.
    pub(super) fn set(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    fn wait(&self, limit: Duration) {
        let ended = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Whether it ended or the limit did makes no difference to what follows.
        drop(self.0.1.wait_timeout_while(ended, limit, |ended| !*ended));
    }
}

/// A running engine. Sending and draining never wait.
///
/// Dropped without [`EngineHandle::shutdown`], the engine's threads are let go and end by themselves; unfinished
/// multipart uploads may then stay on their servers.
#[derive(Debug)]
pub struct EngineHandle {
    pub(super) commands: UnboundedSender<Command>,
    pub(super) events: EventSource,
    pub(super) ended: Ended,
    pub(super) keeps_journal: bool,
    pub(super) runtime: Mutex<Option<Runtime>>,
}

impl EngineHandle {
    /// Hands a command over. After the shutdown it has no effect.
    pub fn send(&self, command: Command) {
        // The actor is gone only after the shutdown.
        self.commands.send(command).ok();
    }

    /// Everything that happened since the last call; the picture of the queue at most once. Never waits.
    pub fn drain_events(&self) -> Vec<Event> {
        self.events.drain()
    }

    /// Whether what is begun outlives the process: the journal was wanted, and could be opened.
    pub fn keeps_journal(&self) -> bool {
        self.keeps_journal
    }

    /// Asks the engine to leave and waits until it has, but not longer than `limit`. May be called twice.
    pub fn shutdown(&self, limit: Duration) {
        self.send(Command::Shutdown(ShutdownMode::Now));
        self.ended.wait(limit);
        self.let_go();
    }

    fn let_go(&self) {
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = runtime {
            runtime.shutdown_background();
        }
    }
}

impl Drop for EngineHandle {
    fn drop(&mut self) {
        self.let_go();
    }
}
