//! File choosers of the system: opened on the window's thread, awaited without blocking it.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::frame_rate;
use super::ui_state::PathPurpose;

/// A chooser that is open; `None` when the user cancelled or none could be opened.
pub type Choice = Pin<Box<dyn Future<Output = Option<Vec<PathBuf>>>>>;

/// Opens choosers. A seam, so that tests choose without a desktop.
pub trait FileChooser {
    /// Opens one above the window, with this title.
    fn open(&self, purpose: &PathPurpose, title: String, frame: &eframe::Frame) -> Choice;
}

/// The system's own choosers.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemChooser;

impl FileChooser for SystemChooser {
    fn open(&self, purpose: &PathPurpose, title: String, frame: &eframe::Frame) -> Choice {
        let dialog = rfd::AsyncFileDialog::new().set_title(title).set_parent(frame);
        let paths = |files: Vec<rfd::FileHandle>| files.iter().map(|file| file.path().to_owned()).collect();
        match purpose {
            PathPurpose::UploadFiles(_) => {
                let choice = dialog.pick_files();
                Box::pin(async move { choice.await.map(paths) })
            }
            PathPurpose::UploadFolder(_) => {
                let choice = dialog.pick_folders();
                Box::pin(async move { choice.await.map(paths) })
            }
            PathPurpose::DownloadTo { .. } => {
                let choice = dialog.pick_folder();
                Box::pin(async move { choice.await.map(|file| vec![file.path().to_owned()]) })
            }
        }
    }
}

/// How a chooser ended.
#[derive(Debug)]
pub enum Picked {
    /// With these paths.
    Paths(Vec<PathBuf>),
    /// The user closed it.
    Nothing,
    /// No chooser could be opened: it "cancelled" faster than a person can.
    NoChooser,
}

/// A person needs longer than this to cancel. Without a portal and without `zenity` the chooser's library
/// answers within 30 ms, the same as a cancel.
const FASTEST_CANCEL_SECS: f64 = 0.15;

struct Open {
    choice: Choice,
    purpose: PathPurpose,
    since: f64,
}

/// The choosers that are open.
#[derive(Default)]
pub struct Pickers(Vec<Open>);

impl Pickers {
    /// Takes an opened chooser in.
    pub fn add(&mut self, ctx: &egui::Context, choice: Choice, purpose: PathPurpose) {
        let since = ctx.input(|input| input.time);
        self.0.push(Open { choice, purpose, since });
        ctx.request_repaint();
    }

    /// Looks at each chooser once; the window is woken when one ends.
    pub fn poll(&mut self, ctx: &egui::Context) -> Vec<(PathPurpose, Picked)> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let waker = frame_rate::waker(ctx);
        let now = ctx.input(|input| input.time);
        let mut ended = Vec::new();
        self.0.retain_mut(|open| match open.choice.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => true,
            Poll::Ready(paths) => {
                ended.push((open.purpose.clone(), picked(paths, now - open.since)));
                false
            }
        });
        ended
    }
}

fn picked(paths: Option<Vec<PathBuf>>, open_secs: f64) -> Picked {
    match paths {
        Some(paths) if paths.is_empty() => Picked::Nothing,
        Some(paths) => Picked::Paths(paths),
        None if open_secs < FASTEST_CANCEL_SECS => Picked::NoChooser,
        None => Picked::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancel_faster_than_a_person_means_there_is_no_chooser() {
        assert!(matches!(picked(None, 0.02), Picked::NoChooser));
        assert!(matches!(picked(None, 0.8), Picked::Nothing));
        assert!(matches!(picked(Some(vec![PathBuf::from("/tmp/a")]), 0.02), Picked::Paths(_)));
    }
}
