//! Puts the pointer into the window's input while files of another program hover over it, so that the row under them
//! can be marked. Only X11 needs it: there the toolkit passes nothing on, and takes for the place of a drop where the
//! pointer was when it last heard of it.

use std::task::Waker;

use egui::RawInput;

use super::drop_target::PointerDuringDrag;

/// Looks where the pointer was last, in pixels from the window's left and top, without waiting; `None` before that is
/// known. Dropped, it ends the following.
pub type PointerLook = Box<dyn Fn() -> Option<(i16, i16)>>;

/// Begins to follow the pointer off the window's thread: the X11 id of the window, and whom to wake when it has moved.
pub type FollowPointer = fn(u32, Waker) -> PointerLook;

/// The id of the window that is being set up; `None` where it is none of X11's.
pub(super) fn x11_window(cc: &eframe::CreationContext<'_>) -> Option<u32> {
    #[cfg(target_os = "linux")]
    return x11::window(cc);
    #[cfg(not(target_os = "linux"))]
    {
        let _unused = cc;
        None
    }
}

/// Follows the pointer while files hover.
#[derive(Default)]
pub(super) struct DragPointer {
    #[cfg(target_os = "linux")]
    x11: x11::Follower,
}

impl DragPointer {
    /// For the window that is being set up.
    pub(super) fn of(cc: &eframe::CreationContext<'_>, follow: Option<FollowPointer>) -> Self {
        #[cfg(target_os = "linux")]
        return Self { x11: x11::Follower::of(cc, follow) };
        #[cfg(not(target_os = "linux"))]
        {
            let _unused = (cc, follow);
            Self::default()
        }
    }

    /// Whether the toolkit itself tells of the pointer while files hover.
    pub(super) fn during_drag(&self) -> PointerDuringDrag {
        #[cfg(target_os = "linux")]
        if self.x11.is_needed() {
            return PointerDuringDrag::Silent;
        }
        PointerDuringDrag::Told
    }

    /// Adds the pointer's position, where the toolkit knows of files and of no pointer.
    pub(super) fn add_to(&mut self, ctx: &egui::Context, input: &mut RawInput) {
        #[cfg(target_os = "linux")]
        self.x11.add_to(ctx, input);
        #[cfg(not(target_os = "linux"))]
        let _unused = (self, ctx, input);
    }
}

#[cfg(target_os = "linux")]
mod x11 {
    use egui::{Event, RawInput, pos2};
    use winit::raw_window_handle::{HasWindowHandle as _, RawWindowHandle};

    use super::{FollowPointer, PointerLook};
    use crate::ui::frame_rate;

    #[derive(Default)]
    pub(super) struct Follower {
        /// How to follow, and the window's id on X11; none on Wayland and in tests.
        source: Option<(FollowPointer, u32)>,
        look: Option<PointerLook>,
    }

    pub(super) fn window(cc: &eframe::CreationContext<'_>) -> Option<u32> {
        match cc.window_handle().map(|handle| handle.as_raw()) {
            Ok(RawWindowHandle::Xlib(handle)) => u32::try_from(handle.window).ok(),
            Ok(RawWindowHandle::Xcb(handle)) => Some(handle.window.get()),
            _ => None,
        }
    }

    impl Follower {
        pub(super) fn of(cc: &eframe::CreationContext<'_>, follow: Option<FollowPointer>) -> Self {
            Self { source: follow.zip(window(cc)), look: None }
        }

        /// Whether this is a window of X11.
        pub(super) fn is_needed(&self) -> bool {
            self.source.is_some()
        }

        pub(super) fn add_to(&mut self, ctx: &egui::Context, input: &mut RawInput) {
            let is_hovering = !input.hovered_files.is_empty();
            if is_hovering && self.look.is_none() {
                self.look = self.source.map(|(follow, window)| follow(window, frame_rate::waker(ctx)));
            }
            // The drop ends the hovering in the same frame, and is where this matters most.
            if let Some((x, y)) = self.look.as_ref().and_then(|look| look()) {
                let scale = ctx.pixels_per_point();
                // First, so that what the toolkit has heard since counts more.
                input.events.insert(0, Event::PointerMoved(pos2(f32::from(x) / scale, f32::from(y) / scale)));
            }
            if !is_hovering {
                self.look = None;
            }
        }
    }
}
