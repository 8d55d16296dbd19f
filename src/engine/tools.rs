//! What request tasks need of the engine. None of it holds the queue: that is the actor's alone.

use std::sync::Arc;
use std::time::Duration;

use super::ahead::PageAhead;
use super::book::Book;
use super::checking::Checks;
use super::clock::Clock;
use super::connection_use::Uses;
use super::deletion::Counts;
use super::far::Far;
use super::link_history::LinkHistory;
use super::local::LocalService;
use super::plans::Plans;
use super::sessions::Sessions;
use super::sharing::Sharing;
use super::sink::EventSink;
use crate::platform::{Awake, Home, Keychain, PlatformError};

/// Shared services. Clones share everything.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    pub(crate) home: Home,
    pub(crate) book: Book,
    pub(crate) keychain: Keychain,
    pub(crate) local: LocalService,
    pub(crate) sessions: Sessions,
    /// Which transfers go through a connection.
    pub(crate) uses: Uses,
    /// What was counted to be deleted.
    pub(crate) counts: Counts,
    /// Public uploads that were shown and not agreed to yet.
    pub(crate) plans: Plans,
    /// Checks of links.
    pub(crate) checks: Checks,
    /// Links that were handed out.
    pub(crate) history: LinkHistory,
    pub(crate) sink: EventSink,
    pub(crate) clock: Arc<dyn Clock>,
    /// Of the latest listing.
    pub(crate) ahead: PageAhead,
    /// Which files are on shares.
    pub(crate) far: Far,
    /// What was opened for anyone.
    pub(crate) sharing: Sharing,
    /// Lets the machine sleep.
    pub(crate) suspend: fn() -> Result<(), PlatformError>,
    /// Keeps it from falling asleep.
    pub(crate) keep_awake: fn() -> Awake,
}

/// Keeps interim events apart.
#[derive(Debug)]
pub(crate) struct Pace {
    clock: Arc<dyn Clock>,
    every: Duration,
    last: Duration,
}

impl Pace {
    /// At most one per `every`.
    pub(crate) fn new(clock: Arc<dyn Clock>, every: Duration) -> Self {
        let last = clock.elapsed();
        Self { clock, every, last }
    }

    /// Whether the next one is due.
    pub(crate) fn is_due(&mut self) -> bool {
        let now = self.clock.elapsed();
        let is_due = now.saturating_sub(self.last) >= self.every;
        if is_due {
            self.last = now;
        }
        is_due
    }
}
