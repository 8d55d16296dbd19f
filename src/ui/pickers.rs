//! File choosers of the system: opened on the window's thread, awaited without blocking it.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::frame_rate;
use super::ui_state::PathPurpose;

/// A chooser that is open. Nothing chosen: the user cancelled or none could be opened; [`Pickers`] tells which.
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
        let paths = |files: Vec<rfd::FileHandle>| rejoin(files.iter().map(|file| file.path().to_owned()).collect());
        match purpose {
            PathPurpose::UploadFiles(_) | PathPurpose::UploadPublic(_) => {
                let choice = dialog.pick_files();
                Box::pin(async move { choice.await.map(paths) })
            }
            PathPurpose::UploadFolder(_) => {
                let choice = dialog.pick_folders();
                Box::pin(async move { choice.await.map(paths) })
            }
            PathPurpose::SaveReceipt { name, .. } => {
                let dialog = dialog.add_filter("CSV", &["csv"]).add_filter("JSON", &["json"]);
                let choice = dialog.set_file_name(name).save_file();
                Box::pin(async move { choice.await.map(|file| vec![file.path().to_owned()]) })
            }
            PathPurpose::CheckReceipt | PathPurpose::CaFile => {
                let choice = dialog.pick_file();
                Box::pin(async move { choice.await.map(|file| vec![file.path().to_owned()]) })
            }
            PathPurpose::DownloadTo { .. } => {
                let choice = dialog.pick_folder();
                Box::pin(async move { choice.await.map(|file| vec![file.path().to_owned()]) })
            }
        }
    }
}

/// `zenity` parts the paths it prints by `|`, and the library cuts there without asking whether the `|` is part of a
/// name. Choosers give whole paths only, so a piece that is none belongs to the path before it.
fn rejoin(pieces: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match paths.last_mut() {
            Some(begun) if piece.is_relative() => {
                let mut whole = std::mem::take(begun).into_os_string();
                whole.push("|");
                whole.push(piece);
                *begun = whole.into();
            }
            _ => paths.push(piece),
        }
    }
    paths
}

/// How a chooser ended.
#[derive(Debug)]
pub enum Picked {
    /// With these paths.
    Paths(Vec<PathBuf>),
    /// The user closed it.
    Nothing,
    /// No chooser could be opened.
    NoChooser,
}

/// A person needs longer than this to cancel. Where `zenity` cannot show itself, and on Linux for a single folder where
/// there is neither a portal nor `zenity`, the chooser's library answers within 30 ms, the same as a cancel.
const FASTEST_CANCEL_SECS: f64 = 0.15;

/// A chooser that was asked for this long ago, has not ended, and has never taken the keyboard, is not there. (The
/// chooser's library waits for ever when a portal refuses so quickly that both its answers arrive together.)
const SLOWEST_CHOOSER_SECS: f64 = 4.0;

struct Open {
    choice: Choice,
    purpose: PathPurpose,
    since: f64,
    keyboard: Keyboard,
    hope: Hope,
}

/// Whether an open chooser is still believed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hope {
    /// It will end by itself.
    Waiting,
    /// It was called missing. Should it turn up all the same, what is chosen in it counts.
    GivenUp,
}

/// Where the keyboard has been since a chooser was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keyboard {
    /// In this window all the time: a chooser that was closed by hand must have had it.
    StayedHere,
    /// Elsewhere at least once, or from the beginning.
    WasElsewhere,
}

impl Keyboard {
    fn now(ctx: &egui::Context) -> Self {
        if ctx.input(|input| input.focused) { Self::StayedHere } else { Self::WasElsewhere }
    }
}

/// The choosers that are open.
#[derive(Default)]
pub struct Pickers(Vec<Open>);

impl Pickers {
    /// Takes an opened chooser in.
    pub fn add(&mut self, ctx: &egui::Context, choice: Choice, purpose: PathPurpose) {
        let since = ctx.input(|input| input.time);
        self.0.push(Open { choice, purpose, since, keyboard: Keyboard::now(ctx), hope: Hope::Waiting });
        ctx.request_repaint();
    }

    /// Looks at each chooser once; the window is woken when one ends.
    pub fn poll(&mut self, ctx: &egui::Context) -> Vec<(PathPurpose, Picked)> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let waker = frame_rate::waker(ctx);
        let now = ctx.input(|input| input.time);
        let keyboard = Keyboard::now(ctx);
        for open in self.0.iter_mut().filter(|_| keyboard == Keyboard::WasElsewhere) {
            open.keyboard = Keyboard::WasElsewhere;
        }
        let mut ended = Vec::new();
        self.0.retain_mut(|open| match open.choice.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => {
                if open.is_missing(now) {
                    open.hope = Hope::GivenUp;
                    ended.push((open.purpose.clone(), Picked::NoChooser));
                } else if open.hope == Hope::Waiting && open.keyboard == Keyboard::StayedHere {
                    frame_rate::paint_after_secs(ctx, open.since + SLOWEST_CHOOSER_SECS - now + 0.1);
                }
                true
            }
            Poll::Ready(paths) => {
                let picked = picked(paths, &open.purpose, now - open.since, open.keyboard);
                if open.hope == Hope::Waiting || matches!(picked, Picked::Paths(_)) {
                    ended.push((open.purpose.clone(), picked));
                }
                false
            }
        });
        ended
    }
}

impl Open {
    fn is_missing(&self, now: f64) -> bool {
        self.hope == Hope::Waiting && self.keyboard == Keyboard::StayedHere && now - self.since > SLOWEST_CHOOSER_SECS
    }
}

fn picked(paths: Option<Vec<PathBuf>>, purpose: &PathPurpose, open_secs: f64, keyboard: Keyboard) -> Picked {
    match paths {
        Some(paths) if !paths.is_empty() => Picked::Paths(paths),
        _ if open_secs < FASTEST_CANCEL_SECS => Picked::NoChooser,
        // A portal that cannot open a chooser may take seconds to say so, and says it like a cancel.
        _ if keyboard == Keyboard::StayedHere => Picked::NoChooser,
        None if tells_cancel_from_failure(purpose) => Picked::NoChooser,
        _ => Picked::Nothing,
    }
}

/// Whether the chooser's library answers a cancel with an empty list, and the lack of any chooser with none.
fn tells_cancel_from_failure(purpose: &PathPurpose) -> bool {
    let is_list = matches!(purpose, PathPurpose::UploadFiles(_) | PathPurpose::UploadFolder(_));
    cfg!(target_os = "linux") && is_list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BucketName, ConnectionId, Location, Prefix};

    fn here() -> Location {
        let bucket = BucketName::new("my-files").unwrap();
        Location { connection: ConnectionId::local(), bucket, prefix: Prefix::root() }
    }

    #[test]
    fn a_chooser_that_could_not_open_is_told_from_a_cancel() {
        let files = PathPurpose::UploadFiles(here());
        let folder = PathPurpose::DownloadTo { at: here(), targets: Vec::new() };
        let elsewhere = Keyboard::WasElsewhere;
        assert!(matches!(picked(None, &folder, 0.02, elsewhere), Picked::NoChooser));
        assert!(matches!(picked(None, &folder, 0.8, elsewhere), Picked::Nothing));
        assert!(matches!(picked(Some(Vec::new()), &files, 0.8, elsewhere), Picked::Nothing));
        assert!(matches!(picked(Some(Vec::new()), &files, 0.02, elsewhere), Picked::NoChooser), "zenity, no display");
        assert!(matches!(picked(Some(Vec::new()), &files, 3.0, Keyboard::StayedHere), Picked::NoChooser));
        assert!(matches!(picked(Some(vec![PathBuf::from("/a")]), &files, 0.02, elsewhere), Picked::Paths(_)));
        let is_slow_failure_told = matches!(picked(None, &files, 3.0, elsewhere), Picked::NoChooser);
        assert_eq!(is_slow_failure_told, cfg!(target_os = "linux"));
    }

    /// One look at the choosers, at this time, with the keyboard here or elsewhere.
    fn look(pickers: &mut Pickers, ctx: &egui::Context, time: f64, keyboard: Keyboard) -> Vec<(PathPurpose, Picked)> {
        let focused = keyboard == Keyboard::StayedHere;
        ctx.begin_pass(egui::RawInput { time: Some(time), focused, ..egui::RawInput::default() });
        let ended = pickers.poll(ctx);
        ctx.end_pass().textures_delta.clear();
        ended
    }

    #[test]
    fn a_chooser_that_never_shows_is_given_up_once_and_may_still_turn_up() {
        let ctx = egui::Context::default();
        let mut pickers = Pickers::default();
        let (answer, answered) = async_channel::bounded(1);
        let choice = Box::pin(async move { answered.recv().await.ok() });
        assert!(look(&mut pickers, &ctx, 0.0, Keyboard::StayedHere).is_empty());
        pickers.add(&ctx, choice, PathPurpose::UploadFiles(here()));
        assert!(look(&mut pickers, &ctx, 3.9, Keyboard::StayedHere).is_empty());
        assert!(matches!(look(&mut pickers, &ctx, 4.2, Keyboard::StayedHere)[..], [(_, Picked::NoChooser)]));
        assert!(look(&mut pickers, &ctx, 9.0, Keyboard::StayedHere).is_empty(), "said once");
        answer.try_send(vec![PathBuf::from("/a")]).unwrap();
        assert!(matches!(look(&mut pickers, &ctx, 60.0, Keyboard::StayedHere)[..], [(_, Picked::Paths(_))]));
    }

    #[test]
    fn a_chooser_that_has_had_the_keyboard_is_waited_for() {
        let ctx = egui::Context::default();
        let mut pickers = Pickers::default();
        assert!(look(&mut pickers, &ctx, 0.0, Keyboard::StayedHere).is_empty());
        pickers.add(&ctx, Box::pin(std::future::pending()), PathPurpose::UploadFiles(here()));
        assert!(look(&mut pickers, &ctx, 1.0, Keyboard::WasElsewhere).is_empty());
        assert!(look(&mut pickers, &ctx, 3600.0, Keyboard::StayedHere).is_empty());
    }

    #[test]
    fn names_with_a_bar_stay_whole() {
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(rejoin(paths(&["/한글/a", "b.txt", "/c"])), paths(&["/한글/a|b.txt", "/c"]));
        assert_eq!(rejoin(paths(&["/a", "", "b", "/c"])), paths(&["/a||b", "/c"]));
        assert_eq!(rejoin(paths(&["/a", "/b"])), paths(&["/a", "/b"]));
    }
}
