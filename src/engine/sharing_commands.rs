//! Commands that open things for anyone, or take that back.

use super::actor::Actor;
use super::commands::run;
use crate::model::{Command, Failure, FailureKind};

impl Actor {
    pub(super) fn take_sharing_command(&mut self, command: Command) {
        let tools = self.tools.clone();
        match command {
            Command::PlanSharing { request, connection, bucket, what } => {
                run(tools.plan_sharing(request, connection, bucket, what));
            }
            Command::ApplySharing { request, plan } => run(tools.apply_sharing(request, plan)),
            Command::LookAtSharing { request, change } => run(tools.look_at_sharing(request, change)),
            Command::UndoSharing { request, change } => run(tools.undo_sharing(request, change)),
            Command::SignUpload { request, invitation } => run(tools.sign_upload(request, invitation)),
            other => {
                tracing::error!(command = ?other, "a command has no arm");
                let failure = Failure::new(FailureKind::Internal).detail("a command has no arm");
                self.tools.sink.notice_failure(failure);
            }
        }
    }
}
