//! The progress line: one line of standard error, drawn over and over; only where that is a terminal.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::sizes;
use crate::locale::{Lang, text_with};
use crate::model::{TransferState, TransfersView};

/// Width of the bar, in characters: the whole line fits into 80.
const BAR: u64 = 16;

/// How far everything is.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Files found so far.
    pub files: u64,
    /// Their bytes.
    pub total_bytes: u64,
    /// Files that are through, in whichever way.
    pub ended_files: u64,
    /// Bytes of files that are through.
    pub ended_bytes: u64,
    /// Bytes sent of files that are under way.
    moving_bytes: u64,
    rate_bytes_per_sec: u64,
    remaining: Option<std::time::Duration>,
    /// What stands in the terminal's line; empty when nothing does.
    shown: String,
}

impl Progress {
    /// Takes over a picture of the queue.
    pub fn update(&mut self, view: &TransfersView) {
        let under_way = |state: &TransferState| matches!(state, TransferState::Active | TransferState::Finishing);
        self.moving_bytes = view.rows.iter().filter(|row| under_way(&row.state)).map(|row| row.done_bytes).sum();
        self.rate_bytes_per_sec = view.rate_bytes_per_sec;
        self.remaining = view.remaining;
    }

    fn line(&self, lang: Lang) -> String {
        let sent_bytes = self.ended_bytes.saturating_add(self.moving_bytes).min(self.total_bytes);
        let tenths = (u128::from(sent_bytes) * 1000).checked_div(u128::from(self.total_bytes)).unwrap_or(0);
        let filled = u64::try_from(tenths).unwrap_or(0) * BAR / 1000;
        let bar: String = (0..BAR).map(|at| if at < filled { '#' } else { '-' }).collect();
        let values = [
            ("percent", &*format!("{:>3}", tenths / 10)),
            ("done", &*self.ended_files.to_string()),
            ("files", &*self.files.to_string()),
            ("sent", &*sizes::bytes(sent_bytes)),
            ("total", &*sizes::bytes(self.total_bytes)),
        ];
        let mut line = format!("[{bar}] {}", text_with(lang, "cli-progress", &values));
        // Writing to a String cannot fail.
        if self.rate_bytes_per_sec > 0 {
            write!(line, "  {}/s", sizes::bytes(self.rate_bytes_per_sec)).ok();
        }
        if let Some(left) = self.remaining {
            let time = sizes::remaining(lang, left);
            write!(line, "  {}", text_with(lang, "cli-progress-left", &[("time", &time)])).ok();
        }
        line
    }

    /// Draws the line over the one that stands there.
    pub(super) fn draw(&mut self, err: &mut impl Write, lang: Lang) -> io::Result<()> {
        let line = self.line(lang);
        if self.files == 0 || line == self.shown {
            return Ok(());
        }
        // Back to the line's start, the text, and what was longer before is erased.
        write!(err, "\r{line}\u{1b}[K")?;
        self.shown = line;
        err.flush()
    }

    /// Empties the line.
    pub(super) fn clear(&mut self, err: &mut impl Write) -> io::Result<()> {
        if self.shown.is_empty() {
            return Ok(());
        }
        self.shown.clear();
        write!(err, "\r\u{1b}[K")?;
        err.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_how_far_it_is() {
        let mut progress =
            Progress { files: 4, total_bytes: 2_000_000, ended_files: 1, ended_bytes: 500_000, ..Progress::default() };
        assert_eq!(progress.line(Lang::En), "[####------------]  25 %  1 of 4 files  500 KB of 2.0 MB");
        progress.update(&TransfersView { rate_bytes_per_sec: 3_000_000, ..TransfersView::default() });
        assert!(progress.line(Lang::En).ends_with("3.0 MB/s"));
        assert!(Progress::default().line(Lang::Ko).contains("  0 %"));
    }

    #[test]
    fn the_same_line_is_not_drawn_twice_and_goes_away() {
        let mut progress = Progress { files: 1, ..Progress::default() };
        let mut drawn = Vec::new();
        progress.draw(&mut drawn, Lang::En).unwrap();
        let once = drawn.len();
        progress.draw(&mut drawn, Lang::En).unwrap();
        assert_eq!(drawn.len(), once);
        progress.clear(&mut drawn).unwrap();
        assert!(drawn.ends_with(b"\r\x1b[K"));
    }
}
