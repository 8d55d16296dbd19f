//! When the window paints, in one place: on input, when the engine has something to say (which coalesces progress to
//! ten a second), and at the moment something shown changes with time alone. Else never.

use std::sync::Arc;
use std::task::{Wake, Waker};
use std::time::Duration;

/// Half a breath of the activity dot; it paints four times a second, and only while a request is under way.
pub const ACTIVITY_TICK: Duration = Duration::from_millis(250);

/// After a selection rests this long, its metadata is asked for.
pub const INSPECT_DELAY_SECS: f64 = 0.15;

/// After a selection rests this long, its link is asked for as a stranger would.
pub const CHECK_DELAY_SECS: f64 = 0.4;

/// After this long without another dropped file a gesture is whole.
pub const DROP_GATHER_SECS: f64 = 0.06;

/// A wake-up of the window from any thread. The tiny delay makes it one frame instead of egui's usual two.
const WAKE_DELAY: Duration = Duration::from_millis(1);

/// In how many frames in a row something is drawn a second time; what still moves then is right one frame later.
const DRAWN_AGAIN_IN_ROW: u8 = 2;

/// The last frames in a row in which something was drawn a second time.
#[derive(Clone, Copy, Debug, Default)]
struct DrawnAgain {
    last_frame: u64,
    in_row: u8,
}

impl DrawnAgain {
    /// Whether it may be drawn a second time in this frame.
    fn allows(&mut self, frame: u64) -> bool {
        if self.in_row > 0 && frame == self.last_frame {
            return true;
        }
        let follows = frame == self.last_frame + 1;
        if follows && self.in_row >= DRAWN_AGAIN_IN_ROW {
            return false;
        }
        *self = Self { last_frame: frame, in_row: if follows { self.in_row + 1 } else { 1 } };
        true
    }
}

/// Draws the frame once more before it is shown, since something is not where it belongs by its new size, and paints
/// another one. Where several things move one after the other, the later ones only get the other frame: what is drawn
/// twice costs twice, and debug builds warn of it over whatever is shown.
pub fn draw_again(ctx: &egui::Context, why: &'static str) {
    let (key, frame) = (egui::Id::unique("bucketdrop-drawn-again"), ctx.cumulative_frame_nr());
    if ctx.data_mut(|data| data.get_temp_mut_or_default::<DrawnAgain>(key).allows(frame)) {
        ctx.request_discard(why);
    }
    ctx.request_repaint();
}

struct RepaintWaker(egui::Context);

impl Wake for RepaintWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.request_repaint_after(WAKE_DELAY);
    }
}

/// A waker that paints one frame of this window.
pub fn waker(ctx: &egui::Context) -> Waker {
    Waker::from(Arc::new(RepaintWaker(ctx.clone())))
}

/// Wakes the window once there is one: the engine starts before it.
#[derive(Clone, Debug, Default)]
pub struct LateWaker(Arc<std::sync::OnceLock<egui::Context>>);

impl LateWaker {
    /// From now on this window is woken.
    pub fn connect(&self, ctx: &egui::Context) {
        // A second window (the other renderer after the first failed) cannot happen with the same context,
        // and the first frame drains whatever came before anyway.
        self.0.set(ctx.clone()).ok();
        ctx.request_repaint();
    }

    /// Asks the window to close, once there is one.
    pub fn close(&self) {
        if let Some(ctx) = self.0.get() {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }

    /// The waker to start the engine with.
    pub fn waker(&self) -> Waker {
        Waker::from(Arc::new(self.clone()))
    }
}

impl Wake for LateWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(ctx) = self.0.get() {
            ctx.request_repaint_after(WAKE_DELAY);
        }
    }
}

/// Paints one more frame.
pub fn paint_soon(ctx: &egui::Context) {
    ctx.request_repaint_after(WAKE_DELAY);
}

/// Paints again after this many seconds of window time.
pub fn paint_after_secs(ctx: &egui::Context, secs: f64) {
    ctx.request_repaint_after(Duration::from_secs_f64(secs.max(0.001)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_two_frames_in_a_row_are_drawn_again() {
        let mut drawn = DrawnAgain::default();
        let allowed: Vec<bool> = [7, 7, 8, 9, 9, 10, 11, 13, 20, 21, 22].map(|frame| drawn.allows(frame)).into();
        assert_eq!(
            allowed,
            [true, true, true, false, false, true, true, true, true, true, false],
            "both passes of a frame are one"
        );
    }
}
