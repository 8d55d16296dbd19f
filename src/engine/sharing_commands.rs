//! Commands that open things for anyone, or take that back.

use super::actor::Actor;
use crate::model::{Command, Failure, FailureKind, SharingChange};

impl Actor {
    /// Changes that were made, for the history; the newest first.
    pub(super) fn changes_made(&self) -> Vec<SharingChange> {
        Vec::new()
    }

    pub(super) fn take_sharing_command(&self, command: &Command) {
        tracing::error!(?command, "a command has no arm");
        self.tools.sink.notice_failure(Failure::new(FailureKind::Internal).detail("a command has no arm"));
    }
}
