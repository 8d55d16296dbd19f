//! "As the system" follows what the desktop says, where the toolkit does not know.

use std::cell::RefCell;

use crate::fake::{Setup, Stage};
use bucketdrop::model::{ColorScheme, Settings, ThemeChoice};
use bucketdrop::ui::Start;
use bucketdrop::ui::system_theme::WatchColorScheme;
use egui::Theme;

type Tell = Box<dyn Fn(ColorScheme) + Send>;

thread_local! {
    /// By which the window of this test is told.
    static DESKTOP: RefCell<Option<Tell>> = const { RefCell::new(None) };
}

fn tell(stage: &mut Stage, scheme: ColorScheme) {
    DESKTOP.with_borrow(|told| told.as_ref().unwrap()(scheme));
    stage.window.run();
}

/// The window on a desktop that wants it dark from the start.
fn on_dark_desktop(theme: ThemeChoice) -> Stage {
    let watch: WatchColorScheme = |told| {
        told(ColorScheme::Dark);
        DESKTOP.set(Some(told));
    };
    let settings = Settings { theme, ..Setup::default().settings };
    let start = Start { watch_color_scheme: Some(watch), ..Start::default() };
    Stage::new(Setup { settings, start, ..Setup::default() })
}

#[test]
fn the_window_follows_the_desktop() {
    let mut stage = on_dark_desktop(ThemeChoice::System);
    assert_eq!(stage.window.ctx.theme(), Theme::Dark, "at the start");
    tell(&mut stage, ColorScheme::Light);
    assert_eq!(stage.window.ctx.theme(), Theme::Light, "when it changes");
    tell(&mut stage, ColorScheme::Dark);
    tell(&mut stage, ColorScheme::NoPreference);
    assert_eq!(stage.window.ctx.theme(), Theme::Light, "a desktop that does not mind gets what it got before");
    assert_eq!(Stage::new(Setup::default()).window.ctx.theme(), Theme::Light, "as does one that says nothing");
}

#[test]
fn a_theme_that_the_user_has_chosen_stays() {
    let mut stage = on_dark_desktop(ThemeChoice::Light);
    assert_eq!(stage.window.ctx.theme(), Theme::Light);
    tell(&mut stage, ColorScheme::Dark);
    assert_eq!(stage.window.ctx.theme(), Theme::Light);
}
