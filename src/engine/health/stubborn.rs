//! Files that a server does not take while others come through: nobody waits for the connection, and yet the reason is
//! told once they have been tried for a while.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use super::{HealthBook, Tries};
use crate::model::{ConnectionId, Failure, QueueHold};

/// A file is tried for so long before anybody is told.
const TELL_AFTER: Duration = Duration::from_secs(10);

/// What is tried again and again.
#[derive(Debug, Default)]
pub(super) struct Stubborn {
    last: u64,
    known: BTreeMap<u64, (ConnectionId, Failure)>,
}

/// Tells of one piece of work that is tried again; dropped, it is not told any more.
#[derive(Debug)]
pub(crate) struct Plea {
    book: HealthBook,
    number: u64,
}

impl Drop for Plea {
    fn drop(&mut self) {
        self.book.stubborn(|stubborn| stubborn.known.remove(&self.number));
        self.book.0.changed.notify_one();
    }
}

impl HealthBook {
    /// A piece of work has failed and is tried again; `None` as long as that has not lasted.
    pub(crate) fn plead(&self, connection: &ConnectionId, tries: &Tries, failure: &Failure) -> Option<Plea> {
        let first = tries.first?;
        if self.0.clock.elapsed().saturating_sub(first) < TELL_AFTER {
            return None;
        }
        let number = self.stubborn(|stubborn| {
            stubborn.last += 1;
            stubborn.known.insert(stubborn.last, (connection.clone(), failure.clone()));
            stubborn.last
        });
        self.0.changed.notify_one();
        Some(Plea { book: self.clone(), number })
    }

    /// Whether any file is tried again for long.
    pub(crate) fn has_stubborn(&self) -> bool {
        self.stubborn(|stubborn| !stubborn.known.is_empty())
    }

    /// What is tried again through connections that are open: others tell their own reason. Each reason once.
    pub(super) fn stubborn_holds(&self, is_open: impl Fn(&ConnectionId) -> bool) -> Vec<QueueHold> {
        self.stubborn(|stubborn| {
            let mut holds: Vec<QueueHold> = Vec::new();
            for (connection, failure) in stubborn.known.values().filter(|(connection, _)| is_open(connection)) {
                let is_told = holds.iter().any(|hold| {
                    matches!(hold, QueueHold::FileRetried { connection: known, failure: told }
                        if known == connection && told.kind == failure.kind)
                });
                if !is_told {
                    holds.push(QueueHold::FileRetried { connection: connection.clone(), failure: failure.clone() });
                }
            }
            holds
        })
    }

    fn stubborn<T>(&self, work: impl FnOnce(&mut Stubborn) -> T) -> T {
        work(&mut self.0.stubborn.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
