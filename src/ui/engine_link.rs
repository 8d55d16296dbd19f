//! The one wire between window and engine: commands out, events in. A seam, so that the window's tests can sit at
//! the other end.

use std::sync::Arc;
use std::time::Duration;

use crate::engine::EngineHandle;
use crate::model::{Command, Event};

/// What the window needs of an engine. No call may block.
pub trait EngineLink {
    /// Hands a command over.
    fn send(&self, command: Command);

    /// Everything that happened since the last call.
    fn drain_events(&self) -> Vec<Event>;

    /// Ends the engine; returns when it is through, or after `limit`. Only called when the window is gone.
    fn shutdown(&self, limit: Duration);
}

impl EngineLink for Arc<EngineHandle> {
    fn send(&self, command: Command) {
        EngineHandle::send(self, command);
    }

    fn drain_events(&self) -> Vec<Event> {
        EngineHandle::drain_events(self)
    }

    fn shutdown(&self, limit: Duration) {
        EngineHandle::shutdown(self, limit);
    }
}
