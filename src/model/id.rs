//! Identities: who is meant, never what it is called.

use std::sync::atomic::{AtomicU64, Ordering};

/// Names one saved connection for ever; the keychain entry and the settings table carry it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(String);

impl ConnectionId {
    /// The embedded storage, "This computer".
    pub const LOCAL: &'static str = "local";

    /// What ids of connections begin with that the command line's options make.
    pub const COMMAND_LINE: &'static str = "command-line";

    /// Takes an id as it stands in the settings file or came from a generator.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id of the embedded storage's connection.
    pub fn local() -> Self {
        Self(Self::LOCAL.to_owned())
    }

    /// Whether this is the embedded storage.
    pub fn is_local(&self) -> bool {
        self.0 == Self::LOCAL
    }

    /// Whether the command line's options made it: no settings hold it, and nobody gave it a name.
    pub fn is_from_command_line(&self) -> bool {
        self.0.starts_with(Self::COMMAND_LINE)
    }

    /// The id as text, for file tables and keychain accounts.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! counter_id {
    ($(#[$doc:meta])* $name:ident, $next:ident) => {
        static $next: AtomicU64 = AtomicU64::new(1);

        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u64);

        impl $name {
            /// A number never used before in this process.
            pub fn next() -> Self {
                Self($next.fetch_add(1, Ordering::Relaxed))
            }

            /// The plain number, for logs and for widget ids.
            pub fn get(self) -> u64 {
                self.0
            }
        }
    };
}

/// Ids that are written down, and so outlive the process.
macro_rules! lasting_id {
    ($name:ident, $next:ident) => {
        impl $name {
            /// The id of something that an earlier run made. Hand the largest to `start_after` before any new one is
            /// made.
            pub fn restored(number: u64) -> Self {
                Self(number)
            }

            /// New ones are larger than `last` from now on.
            pub fn start_after(last: u64) {
                $next.fetch_max(last.saturating_add(1), Ordering::Relaxed);
            }
        }
    };
}

counter_id! {
    /// Ties an answer to its question; a reducer drops answers that are not the latest.
    RequestId, NEXT_REQUEST
}
counter_id! {
    /// One gesture of the user: a drop, a pick, a paste.
    BatchId, NEXT_BATCH
}
counter_id! {
    /// One object's job in the queue.
    TransferId, NEXT_TRANSFER
}
lasting_id!(BatchId, NEXT_BATCH);
lasting_id!(TransferId, NEXT_TRANSFER);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_ids_come_after_those_of_earlier_runs() {
        let last = BatchId::next().get() + 1000;
        BatchId::start_after(last);
        assert!(BatchId::next() > BatchId::restored(last));
        BatchId::start_after(1);
        assert!(BatchId::next() > BatchId::restored(last), "never backwards");
    }
}
