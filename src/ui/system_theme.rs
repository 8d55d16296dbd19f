//! The system's theme where the window toolkit does not know it, which on Linux is everywhere: the desktop is listened to
//! off the window's thread, and what it tells is followed as long as the user has chosen no theme.

use std::sync::mpsc::{Receiver, channel};
use std::task::Waker;

use egui::{Context, Theme};

use super::frame_rate;
use crate::model::ColorScheme;

/// Begins to listen to the desktop off the window's thread: whom to tell what it wants, now and whenever that changes.
pub type WatchColorScheme = fn(Box<dyn Fn(ColorScheme) + Send>);

/// What the desktop has said and was not yet followed.
#[derive(Debug, Default)]
pub(super) struct SystemTheme(Option<Receiver<ColorScheme>>);

impl SystemTheme {
    /// Listens, where there is something to listen to. `waker` draws the window again.
    pub(super) fn of(watch: Option<WatchColorScheme>, waker: Waker) -> Self {
        let Some(watch) = watch else { return Self::default() };
        let (told, schemes) = channel();
        watch(Box::new(move |scheme| {
            // A window that is gone needs no telling.
            told.send(scheme).ok();
            waker.wake_by_ref();
        }));
        Self(Some(schemes))
    }

    /// Follows the last that was told.
    pub(super) fn follow(&self, ctx: &Context) {
        let last = self.0.as_ref().and_then(|schemes| schemes.try_iter().last());
        if let Some(scheme) = last {
            fall_back_on(ctx, scheme);
            frame_rate::paint_soon(ctx);
        }
    }
}

/// What is shown "as the system" where the toolkit has no news of the system.
pub(super) fn fall_back_on(ctx: &Context, scheme: ColorScheme) {
    let theme = match scheme {
        ColorScheme::Dark => Theme::Dark,
        ColorScheme::Light | ColorScheme::NoPreference => Theme::Light,
    };
    ctx.options_mut(|options| options.fallback_theme = theme);
}
