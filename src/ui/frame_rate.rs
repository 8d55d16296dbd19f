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

/// A link waits this long for the region of its bucket before it is copied as it is.
pub const REGION_WAIT_SECS: f64 = 3.0;

/// After this long without another dropped file a gesture is whole.
pub const DROP_GATHER_SECS: f64 = 0.06;

/// A wake-up of the window from any thread. The tiny delay makes it one frame instead of egui's usual two.
const WAKE_DELAY: Duration = Duration::from_millis(1);

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
