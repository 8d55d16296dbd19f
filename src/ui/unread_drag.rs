//! Drags that the toolkit does not take over: said in words, and what they carry waits for the user to say "Upload here",
//! as files do that another program start has handed over. A drop of them reaches the window as little as the drag does,
//! so nobody knows whether they were let go here. Of drags that it does take over it is heard by which names.

use std::sync::mpsc::{Receiver, channel};
use std::task::Waker;

use super::app::App;
use super::frame_rate;
use crate::model::{Notice, SeenDrag, Severity, UnreadDrag};

/// Begins to watch drags off the window's thread: the window's id where it is one of X11, and whom to tell.
pub type WatchDrags = fn(Option<u32>, Box<dyn Fn(SeenDrag) + Send>);

/// Those that were seen and not yet told.
#[derive(Debug, Default)]
pub(super) struct UnreadDrags(Option<Receiver<SeenDrag>>);

impl UnreadDrags {
    /// For this window of X11. `waker` draws it again.
    pub(super) fn of(window: Option<u32>, watch: Option<WatchDrags>, waker: Waker) -> Self {
        let Some(watch) = watch else { return Self::default() };
        let (seen, drags) = channel();
        watch(
            window,
            Box::new(move |drag| {
                // A window that is gone needs no telling.
                seen.send(drag).ok();
                waker.wake_by_ref();
            }),
        );
        Self(Some(drags))
    }

    fn next(&self) -> Option<SeenDrag> {
        self.0.as_ref()?.try_recv().ok()
    }
}

/// Tells of what was seen since the last frame.
pub(super) fn tell(app: &mut App, ctx: &egui::Context) {
    while let Some(drag) = app.shell.unread_drags.next() {
        match drag {
            SeenDrag::Unread(drag) => {
                // Names of an earlier drag are not this one's.
                app.ui.drop.call_by(Vec::new());
                tell_one(app, drag);
            }
            SeenDrag::Renamed(names) => app.ui.drop.call_by(names),
        }
        frame_rate::paint_soon(ctx);
    }
}

fn tell_one(app: &mut App, drag: UnreadDrag) {
    let UnreadDrag { files, elsewhere } = drag;
    let words = match (files.is_empty(), elsewhere) {
        (true, 0) => Notice::message(Severity::Warning, "drop-withheld"),
        (true, _) => Notice::message(Severity::Warning, "drop-elsewhere"),
        (false, 0) => Notice::message(Severity::Warning, "drop-not-handed-over"),
        (false, _) => Notice::message(Severity::Warning, "drop-partly-elsewhere").with("count", elsewhere),
    };
    app.toasts.push(words);
    // Dragged again, it waits once.
    if !app.ui.handed_over.ends_with(&files) {
        app.ui.handed_over.extend(files);
    }
}
