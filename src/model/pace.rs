//! How fast the queue may go, why it stands still, and what follows when it is through.

use super::{BucketName, ConnectionId, Failure};

/// Minutes of a day.
pub const MINUTES_OF_DAY: u16 = 24 * 60;

/// Whether the queue as a whole may move; apart from single transfers that are paused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueueSwitch {
    /// It may.
    #[default]
    Run,
    /// Nothing new is started and what runs is stopped, with its finished parts kept.
    Hold,
}

/// Hours of the day with a limit of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BandwidthHours {
    /// First minute of the day, local time.
    pub from_minute: u16,
    /// The minute they end; earlier than the first one, they reach over midnight. Equal: the whole day.
    pub to_minute: u16,
    /// Bytes a second in these hours; `None` for no limit, 0 for nothing at all.
    pub limit: Option<u64>,
}

/// How much of the line uploads may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BandwidthPlan {
    /// Bytes a second; `None` for no limit, 0 for nothing at all.
    pub limit: Option<u64>,
    /// Hours in which another limit holds.
    pub hours: Option<BandwidthHours>,
}

impl BandwidthPlan {
    /// The limit that holds at a minute of the day.
    pub fn limit_at(&self, minute_of_day: u16) -> Option<u64> {
        match self.hours {
            Some(hours) if hours.contains(minute_of_day) => hours.limit,
            _ => self.limit,
        }
    }
}

impl BandwidthHours {
    /// Whether a minute of the day is one of these.
    pub fn contains(&self, minute_of_day: u16) -> bool {
        let (from, to) = (self.from_minute, self.to_minute);
        if from < to { (from..to).contains(&minute_of_day) } else { minute_of_day >= from || minute_of_day < to }
    }
}

/// Whether the machine may fall asleep while transfers run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeepAwake {
    /// It may not.
    #[default]
    WhileBusy,
    /// As the system says.
    Never,
}

/// Whether the end of all transfers is told by a notification of the desktop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NotifyWhenDone {
    /// If the window is not in front.
    #[default]
    WhenAway,
    /// Yes.
    Always,
    /// No.
    Never,
}

/// What follows when the whole queue is through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenDone {
    /// Nothing.
    #[default]
    Nothing,
    /// The machine goes to sleep, after a countdown that can be stopped.
    Sleep,
    /// The program ends; the front end does that on [`super::Event::QueueDone`].
    Quit,
}

/// Why transfers that could run do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueHold {
    /// The line or the server fails; it is tried again by itself.
    Offline {
        /// Which connection.
        connection: ConnectionId,
        /// What the last try met.
        failure: Failure,
        /// Until the next try; 0 while one is under way.
        retry_in_secs: u64,
    },
    /// The server asks for fewer requests.
    Throttled {
        /// Which connection.
        connection: ConnectionId,
        /// The server's words.
        failure: Failure,
        /// Until the next try; 0 while one is under way.
        retry_in_secs: u64,
    },
    /// The session's keys have ended; new ones let the same uploads go on.
    CredentialsExpired {
        /// Which connection.
        connection: ConnectionId,
        /// The server's words.
        failure: Failure,
        /// Until the next try, for keys that renew themselves; 0 while one is under way.
        retry_in_secs: u64,
    },
    /// The connection is refused, and asking again would not help: it waits until the connection is edited, opened
    /// again, or tried by [`super::Command::TryConnection`].
    Refused {
        /// Which connection.
        connection: ConnectionId,
        /// Where only uploads to one bucket wait.
        bucket: Option<BucketName>,
        /// Why.
        failure: Failure,
    },
    /// A file has been tried for a while; others come through, and it is tried again by itself.
    FileRetried {
        /// Through which connection.
        connection: ConnectionId,
        /// What the last tries met, with the object's key.
        failure: Failure,
    },
    /// The journal cannot be written; nothing new is started until it can.
    JournalStalled(Failure),
    /// The stick or share that holds files is away; told only of what another process carries out.
    SourceAway(Failure),
    /// Held by the user.
    Held,
    /// The bandwidth plan allows nothing now.
    OutsideHours,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_may_reach_over_midnight() {
        let plan = |from_minute, to_minute| BandwidthPlan {
            limit: Some(10),
            hours: Some(BandwidthHours { from_minute, to_minute, limit: None }),
        };
        let office = plan(9 * 60, 17 * 60);
        assert_eq!([539, 540, 1019, 1020].map(|minute| office.limit_at(minute)), [Some(10), None, None, Some(10)]);
        let night = plan(22 * 60, 6 * 60);
        assert_eq!([0, 359, 360, 1320].map(|minute| night.limit_at(minute)), [None, None, Some(10), None]);
        assert_eq!(plan(5, 5).limit_at(1000), None, "the whole day");
    }
}
