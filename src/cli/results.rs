//! Standard output, and what becomes of a command whose results nobody takes any more.

use std::io::{self, Write};

use crate::locale::{Lang, text};

/// What a command does once its results cannot be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum WhenUnread {
    /// It ends: its results were all that it was for.
    #[default]
    Stop,
    /// It goes on without them: files were to be moved, whoever reads about it.
    GoOn,
}

/// Where results go, a line each.
pub(super) struct Results {
    out: Box<dyn Write>,
    pub(super) when_unread: WhenUnread,
    lost: Lost,
}

/// Whether results were lost while the command went on.
enum Lost {
    No,
    /// And nobody has been told.
    Untold(io::Error),
    Told,
}

impl Results {
    pub(super) fn new(out: Box<dyn Write>) -> Self {
        Self { out, when_unread: WhenUnread::default(), lost: Lost::No }
    }

    /// One more line. An error only where the command is to stop for it.
    pub(super) fn line(&mut self, line: &str) -> io::Result<()> {
        self.attempt(|out| writeln!(out, "{line}"))
    }

    /// Hands everything on, with the same errors.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.attempt(Write::flush)
    }

    fn attempt(&mut self, write: impl FnOnce(&mut Box<dyn Write>) -> io::Result<()>) -> io::Result<()> {
        if self.has_lost() {
            return Ok(());
        }
        match (write(&mut self.out), self.when_unread) {
            (Err(error), WhenUnread::GoOn) => {
                self.lost = Lost::Untold(error);
                Ok(())
            }
            (written, _) => written,
        }
    }

    pub(super) fn has_lost(&self) -> bool {
        !matches!(self.lost, Lost::No)
    }

    /// Why results are lost, the first time it is asked for after it came.
    pub(super) fn news(&mut self, lang: Lang) -> Option<String> {
        if !matches!(self.lost, Lost::Untold(_)) {
            return None;
        }
        match std::mem::replace(&mut self.lost, Lost::Told) {
            Lost::Untold(error) => Some(reason(lang, &error)),
            Lost::No | Lost::Told => None,
        }
    }
}

/// Why output cannot be written, in the user's words where there are any.
pub(super) fn reason(lang: Lang, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::BrokenPipe => text(lang, "cli-output-unread"),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => text(lang, "cli-output-full"),
        _ => error.to_string(),
    }
}
