//! Why nothing moves, and which files are tried again: each reason is told once while it lasts.

use std::io;

use super::client::Rest;
use super::json::Line;
use super::output::Printer;
use crate::locale;
use crate::model::{ConnectionId, Failure, FailureKind, QueueHold};

/// What was told last.
#[derive(Debug, Default)]
pub(super) struct Waits {
    told: Vec<Wait>,
    /// The command has told all: what is heard now is told no more.
    is_over: bool,
}

/// What there is to tell now.
pub(super) struct Heard<'a> {
    /// All of it.
    pub(super) holds: &'a [QueueHold],
    /// Who does the work.
    pub(super) by: By,
    /// What would become of what is not done.
    pub(super) rest: Rest,
}

/// Who carries transfers out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Us,
    /// Another Bucketdrop, which is followed.
    Another,
}

/// What transfers wait for while the command waits for them.
#[derive(Clone, Debug)]
enum Wait {
    /// What passes by itself, of one connection or of everything.
    Passing(Option<ConnectionId>, Failure),
    /// One file that is tried again, while others come through: nothing waits for it.
    OfFile(Failure),
    /// Whoever holds the queue that another Bucketdrop carries out.
    Held,
    /// The hours of the bandwidth plan.
    Hours,
}

impl Waits {
    /// Tells what has begun since the last call, and what is over.
    pub(super) fn tell(&mut self, printer: &mut Printer, heard: &Heard<'_>) -> io::Result<()> {
        if self.is_over {
            return Ok(());
        }
        let mut waits: Vec<Wait> = Vec::new();
        for wait in heard.holds.iter().filter_map(|hold| Wait::of(hold, heard.by)) {
            if !waits.iter().any(|known| known.is_like(&wait)) {
                waits.push(wait);
            }
        }
        let before = std::mem::replace(&mut self.told, waits);
        for wait in self.told.iter().filter(|wait| !before.iter().any(|known| known.is_like(wait))) {
            wait.tell_begun(printer, heard.rest)?;
        }
        let is_wait = |wait: &&Wait| !wait.is_of_file();
        for over in before.iter().filter(is_wait).filter(|wait| !self.told.iter().any(|now| now.is_like(wait))) {
            over.tell_over(printer, heard.holds)?;
        }
        // Who is refused gives up.
        let goes_on = !heard.holds.iter().any(|hold| matches!(hold, QueueHold::Refused { .. }));
        if goes_on && before.iter().any(|wait| is_wait(&wait)) && !self.told.iter().any(|wait| is_wait(&wait)) {
            printer.remark_words("cli-goes-on", &[])?;
        }
        Ok(())
    }

    /// The command has ended, whatever it waited for: each wait that has begun is over, and no more is told.
    pub(super) fn end(&mut self, printer: &mut Printer) -> io::Result<()> {
        self.is_over = true;
        for wait in std::mem::take(&mut self.told).iter().filter(|wait| !wait.is_of_file()) {
            let words = printer.words("cli-waits-no-more", &[]);
            printer.only_json(&Line::Waiting { reason: &wait.reason(), state: "over", words: &words })?;
        }
        Ok(())
    }
}

impl Wait {
    /// `None` of what ends the command, or is mended by it.
    fn of(hold: &QueueHold, by: By) -> Option<Self> {
        match hold {
            QueueHold::Offline { connection, failure, .. } | QueueHold::Throttled { connection, failure, .. } => {
                Some(Self::Passing(Some(connection.clone()), failure.clone()))
            }
            QueueHold::JournalStalled(failure) | QueueHold::SourceAway(failure) => {
                Some(Self::Passing(None, failure.clone()))
            }
            QueueHold::FileRetried { failure, .. } => Some(Self::OfFile(failure.clone())),
            QueueHold::Held if by == By::Another => Some(Self::Held),
            QueueHold::OutsideHours => Some(Self::Hours),
            _ => None,
        }
    }

    /// Whether nothing waits but one file, whose own end tells what becomes of it.
    fn is_of_file(&self) -> bool {
        matches!(self, Self::OfFile(_))
    }

    /// Whether it is told already by what was told of the other one.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Passing(_, one), Self::Passing(_, other)) | (Self::OfFile(one), Self::OfFile(other)) => {
                one.kind == other.kind
            }
            (Self::Held, Self::Held) | (Self::Hours, Self::Hours) => true,
            _ => false,
        }
    }

    /// Its stable name.
    fn reason(&self) -> String {
        match self {
            Self::Passing(_, failure) | Self::OfFile(failure) => failure.kind.code(),
            Self::Held => "held".to_owned(),
            Self::Hours => "outside-hours".to_owned(),
        }
    }

    fn tell_begun(&self, printer: &mut Printer, rest: Rest) -> io::Result<()> {
        let (reason, words) = (self.reason(), self.words(printer, rest));
        printer.remark(&words)?;
        let line = match self {
            Self::OfFile(failure) => Line::Retrying { key: key_of(failure), reason: &reason, words: &words },
            _ => Line::Waiting { reason: &reason, state: "begun", words: &words },
        };
        printer.only_json(&line)
    }

    fn tell_over(&self, printer: &mut Printer, holds: &[QueueHold]) -> io::Result<()> {
        let words = match self.ended_by(holds) {
            Some(failure) => {
                let why = locale::failure_title(printer.lang, failure);
                printer.words("cli-wait-ended", &[("reason", &why)])
            }
            None => printer.words("cli-goes-on", &[]),
        };
        printer.only_json(&Line::Waiting { reason: &self.reason(), state: "over", words: &words })
    }

    /// Why its connection is not waited for any more, where it does not go on.
    fn ended_by<'a>(&self, holds: &'a [QueueHold]) -> Option<&'a Failure> {
        let Self::Passing(Some(of), _) = self else { return None };
        holds.iter().find_map(|hold| match hold {
            QueueHold::Refused { connection, failure, .. }
            | QueueHold::CredentialsExpired { connection, failure, .. } => Some(failure).filter(|_| connection == of),
            _ => None,
        })
    }

    fn words(&self, printer: &Printer, rest: Rest) -> String {
        match self {
            Self::Passing(_, failure) => {
                let why = locale::failure_title(printer.lang, failure);
                let waits = match step(failure, printer) {
                    Some(step) => printer.words("cli-waiting-step", &[("reason", &why), ("step", &step)]),
                    None => printer.words("cli-waiting", &[("reason", &why)]),
                };
                match rest {
                    Rest::Waits => printer.words("cli-waiting-kept", &[("waits", &waits)]),
                    Rest::NothingSaved | Rest::NotAllSaved => {
                        printer.words("cli-waiting-unsaved", &[("waits", &waits)])
                    }
                    Rest::IsNotDone | Rest::Elsewhere | Rest::IsNothing => waits,
                }
            }
            Self::OfFile(failure) => {
                let why = locale::failure_title(printer.lang, failure);
                let key = key_of(failure).unwrap_or_default();
                printer.words("cli-waiting-file", &[("key", key), ("reason", &why)])
            }
            Self::Held => printer.words("cli-waiting-held", &[]),
            Self::Hours => printer.words("cli-waiting-hours", &[]),
        }
    }
}

fn key_of(failure: &Failure) -> Option<&str> {
    failure.args.iter().find(|(name, _)| *name == "key").map(|(_, key)| key.as_str())
}

/// What somebody can do while it is waited; `None` where there is nothing but to wait.
fn step(failure: &Failure, printer: &Printer) -> Option<String> {
    use FailureKind as K;
    match failure.kind {
        // The usual advice ends in another try of one's own; the command goes on by itself.
        K::StorageFull => Some(printer.words("cli-waiting-make-room", &[])),
        K::ClockSkew => Some(printer.words("cli-waiting-set-clock", &[])),
        K::LoginPage => Some(printer.words("cli-waiting-sign-in", &[])),
        K::Offline if failure.args.iter().any(|(name, _)| *name == "maybe-https") => {
            Some(printer.words("cli-waiting-try-https", &[]))
        }
        K::Offline => Some(printer.words("cli-waiting-check-network", &[])),
        K::HostNotFound
        | K::ConnectionRefused
        | K::NotS3
        | K::TlsNotTrusted
        | K::TlsWrongName
        | K::TlsExpired
        | K::CaFileUnreadable
        | K::CaFileInvalid
        | K::KeychainMissing
        | K::KeychainSilent
        | K::JournalFull
        | K::JournalUnwritable
        | K::SourceAway
        | K::SourceSilent => Some(locale::failure_advice_cli(printer.lang, failure)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::Streams;
    use crate::locale::Lang;

    #[test]
    fn nobody_who_waits_is_told_to_begin_anew() {
        let (_streams, mut printer) = Streams::new();
        for (lang, anew) in [(Lang::En, "again"), (Lang::Ko, "다시 실행")] {
            printer.lang = lang;
            let mut steps = 0;
            for kind in FailureKind::ALL {
                for name in [None, Some("maybe-https")] {
                    let failure = name.into_iter().fold(Failure::new(*kind), |failure, name| failure.with(name, "yes"));
                    let Some(step) = step(&failure, &printer) else { continue };
                    assert!(!step.contains(anew) && !step.ends_with('.'), "{lang:?} {kind:?}: {step}");
                    steps += 1;
                }
            }
            assert!(steps > 20, "{lang:?}: {steps}");
            let offline = Failure::new(FailureKind::Offline).with("maybe-https", "yes");
            assert!(step(&offline, &printer).is_some_and(|step| step.contains("https://")), "{lang:?}");
        }
    }
}
