//! A start while the journal's disk is full or fails: the window works, and nothing is queued until the journal opens.
//! What is asked of the queue meanwhile waits here, in order. Numbers of transfers begin behind those of the earlier
//! run, and nobody knows those yet.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedReceiver;

use super::actor::{Actor, Flow};
use super::clock::Clock;
use super::journal::{JournalFound, Restored};
use super::lessons::Lessons;
use super::recovery::Wake;
use crate::model::{BatchId, Command, Failure, TransferId};

/// Numbers of batches are given out by front ends, also meanwhile. They begin at this many for each second since 1970:
/// more than any run opens, so that no two starts give out the same one.
const BATCHES_OF_A_SECOND: u64 = 1 << 16;

/// To be called at a start whose journal is not open.
pub(super) fn number_batches_by(clock: &dyn Clock) {
    let secs = u64::try_from(clock.now().as_second()).unwrap_or_default();
    BatchId::start_after(secs.saturating_mul(BATCHES_OF_A_SECOND));
}

/// New ids are larger than those of the earlier run from here on. What people have to be told of it.
pub(super) fn found(restored: &Restored) -> Vec<Failure> {
    TransferId::start_after(restored.last_transfer);
    BatchId::start_after(restored.last_batch);
    let found = std::iter::once(&restored.found).chain(&restored.found_beside);
    found.filter_map(JournalFound::to_failure).collect()
}

/// The journal, once it could be opened; never where it is open or there is none.
pub(super) async fn opened(late: &mut Option<UnboundedReceiver<Box<Restored>>>) -> Option<Box<Restored>> {
    late.as_mut()?.recv().await
}

/// Whether a command begins something that has to be written down, or is about what the earlier run has left.
fn is_of_queue(command: &Command) -> bool {
    matches!(
        command,
        Command::Enqueue { .. }
            | Command::EnqueuePlanned { .. }
            | Command::Download { .. }
            | Command::ResolveNames { .. }
            | Command::ResolveConflict { .. }
            | Command::Transfers { .. }
            | Command::MoveTransfer { .. }
            | Command::HoldQueue(_)
            | Command::ResumeQueue
            | Command::ListUntold { .. }
            | Command::NoteTold { .. }
    )
}

impl Actor {
    /// Whether the journal could not be opened yet.
    pub(super) fn waits_for_journal(&self) -> bool {
        self.asked_early.is_some()
    }

    /// Whether something is asked for that begins once the journal is open.
    pub(super) fn is_asked_early(&self) -> bool {
        self.asked_early.as_ref().is_some_and(|asked| !asked.is_empty())
    }

    /// Keeps a command until the journal is open; gives back what need not wait.
    pub(super) fn keep_early(&mut self, command: Command) -> Option<Command> {
        match &mut self.asked_early {
            Some(asked) if is_of_queue(&command) => {
                asked.push(command);
                self.picture.is_stale = true;
                None
            }
            _ => Some(command),
        }
    }

    /// The journal is open: the earlier run's queue comes back, and after it what was asked for meanwhile.
    pub(super) fn take_late(&mut self, restored: Restored, wake: Wake) -> Flow {
        self.picture.is_stale = true;
        let asked = self.asked_early.take().unwrap_or_default();
        for failure in found(&restored) {
            self.tools.sink.notice_failure(failure);
        }
        let lessons = Lessons::new(restored.learnt.clone(), self.journal.clone());
        self.tools.sessions.keep_learnt_with(Arc::new(lessons));
        tokio::task::block_in_place(|| self.restore(restored, wake));
        for command in asked {
            if self.take_command(Some(command)) == Flow::Leave {
                return Flow::Leave;
            }
        }
        Flow::GoOn
    }
}
