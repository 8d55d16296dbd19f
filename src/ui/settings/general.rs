//! Language, colours, units, and how the window is put on the screen.

use egui::Ui;

use crate::model::{DisplayChoice, Language, RendererChoice, Settings, SizeUnits, ThemeChoice};
use crate::ui::dialogs::form;
use crate::ui::icons;
use crate::ui::text::t;

/// The page.
pub(super) fn page_ui(ui: &mut Ui, settings: &mut Settings) {
    let languages = [
        (Language::System, t(ui, "settings-as-system")),
        // Each language is named in itself, so that a wrong choice can be undone.
        (Language::English, t(ui, "settings-language-english")),
        (Language::Korean, t(ui, "settings-language-korean")),
    ];
    form::choice_row(ui, &t(ui, "settings-language"), &mut settings.language, &languages);
    let themes = [
        (ThemeChoice::System, t(ui, "settings-as-system")),
        (ThemeChoice::Light, t(ui, "settings-theme-light")),
        (ThemeChoice::Dark, t(ui, "settings-theme-dark")),
    ];
    form::choice_row(ui, &t(ui, "settings-theme"), &mut settings.theme, &themes);
    let units =
        [(SizeUnits::Decimal, t(ui, "settings-units-decimal")), (SizeUnits::Binary, t(ui, "settings-units-binary"))];
    form::choice_row(ui, &t(ui, "settings-units"), &mut settings.size_units, &units);
    if cfg!(target_os = "linux") {
        let displays = [
            (DisplayChoice::Auto, t(ui, "settings-display-auto")),
            (DisplayChoice::X11, "X11".to_owned()),
            (DisplayChoice::Wayland, "Wayland".to_owned()),
        ];
        form::choice_row(ui, &t(ui, "settings-display"), &mut settings.display, &displays);
        if settings.display == DisplayChoice::Wayland {
            form::row(ui, "", |ui, _label| form::warning_ui(ui, &t(ui, "settings-display-wayland-note")));
        }
    }
    let renderers = [
        (RendererChoice::Auto, t(ui, "settings-renderer-auto")),
        (RendererChoice::Glow, "OpenGL".to_owned()),
        (RendererChoice::Wgpu, t(ui, "settings-renderer-wgpu")),
    ];
    form::choice_row(ui, &t(ui, "settings-renderer"), &mut settings.renderer, &renderers);
    form::row(ui, "", |ui, _label| form::note_ui(ui, icons::INFO, &t(ui, "settings-next-start")));
}
