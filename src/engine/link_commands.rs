//! Commands about links: who can open them, and what was handed out.

use super::actor::Actor;
use crate::model::Command;

impl Actor {
    pub(super) fn take_link_command(&mut self, command: Command) {
        self.take_sharing_command(command);
    }
}
