//! A journal that cannot be opened yet, since its disk is full or fails: tried again until it can. Nothing is begun
//! meanwhile, and what is submitted is kept in memory, in order, as while an open journal cannot be written.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::config::{JournalConfig, JournalError, JournalHealth};
use super::load::Restored;
use super::open::{Ends, Prepared};
use super::types::Change;
use super::writer::{Message, Submitted, Then};
use super::{Journal, slots};
use crate::engine::{Clock as _, SystemClock};

/// Starts the thread that tries; what an earlier run has left comes on the channel once the journal is open, before
/// its health says so.
pub(super) fn start(
    config: JournalConfig,
    error: &JournalError,
) -> std::io::Result<(Journal, UnboundedReceiver<Box<Restored>>)> {
    let (found, restored) = unbounded_channel();
    let (ends, watch) = Ends::new(JournalHealth::Stalled(error.to_failure()));
    let (inbox, backlog) = (ends.inbox.clone(), Arc::clone(&ends.backlog));
    let later = Later { config, ends, found, pending: VecDeque::new() };
    let handle = std::thread::Builder::new().name("journal".into()).spawn(move || later.run())?;
    Ok((Journal::to_thread(inbox, handle.thread().clone(), watch, backlog), restored))
}

struct Later {
    config: JournalConfig,
    ends: Ends,
    found: UnboundedSender<Box<Restored>>,
    pending: VecDeque<(Change, Then)>,
}

/// What a wait came to.
enum Waited {
    /// It is time for another try.
    Long,
    /// Nobody has use for the journal any more.
    Over(Option<oneshot::Sender<()>>),
}

impl Later {
    fn run(mut self) {
        loop {
            if let Waited::Over(closer) = self.wait() {
                if !self.pending.is_empty() {
                    tracing::error!(changes = self.pending.len(), "the journal never opened: changes are lost");
                }
                // Whoever asked may have gone.
                return closer.into_iter().for_each(|closer| closer.send(()).unwrap_or_default());
            }
            match slots::prepare_free(&self.config) {
                Ok(prepared) => return self.go_on(prepared),
                Err(error) => self.note(&error),
            }
        }
    }

    /// Takes what comes while the disk is given time.
    fn wait(&mut self) -> Waited {
        let clock = SystemClock::new();
        loop {
            let left = self.config.retry_after.saturating_sub(clock.elapsed());
            if left.is_zero() {
                // This thread's own is the last one once every handle is gone.
                let is_used = Arc::strong_count(&self.ends.backlog) > 1;
                return if is_used { Waited::Long } else { Waited::Over(None) };
            }
            match self.ends.messages.recv_timeout(left) {
                Ok(Message::Write(Submitted { change, then, .. })) => self.pending.push_back((change, then)),
                // Whoever asked may have gone.
                Ok(Message::Rows { reply, .. }) => drop(reply.send(Err(self.why()))),
                Ok(Message::Jobs { reply, .. }) => reply.send(Err(self.why())).unwrap_or_default(),
                Ok(Message::Folders { reply, .. }) => drop(reply.send(Err(self.why()))),
                Ok(Message::Close(closer)) => return Waited::Over(Some(closer)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Waited::Over(None),
            }
        }
    }

    fn why(&self) -> crate::model::Failure {
        match &*self.ends.health.borrow() {
            JournalHealth::Stalled(failure) => failure.clone(),
            JournalHealth::Writing => crate::model::Failure::new(crate::model::FailureKind::JournalUnreadable),
        }
    }

    /// Told again only where it is another reason.
    fn note(&self, error: &JournalError) {
        let failure = error.to_failure();
        self.ends.health.send_if_modified(|known| {
            let is_known = matches!(known, JournalHealth::Stalled(known) if known.kind == failure.kind);
            if !is_known {
                *known = JournalHealth::Stalled(failure);
            }
            !is_known
        });
    }

    fn go_on(self, prepared: Prepared) {
        tracing::info!("the journal can be opened");
        let health = self.ends.health.clone();
        let (mut writer, restored) = prepared.into_writer(self.ends);
        writer.pending = self.pending;
        // The actor is gone only when the engine ends.
        self.found.send(Box::new(restored)).ok();
        health.send_replace(JournalHealth::Writing);
        writer.run();
    }
}
