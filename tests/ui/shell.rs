//! The window as a whole: doors, drops, quitting, idling, pictures for the eye.

use crate::fake::{Setup, Stage, folder, page_of_the_picture};
use bucketdrop::model::{Language, Settings, ThemeChoice};
use egui_kittest::kittest::Queryable as _;

#[test]
fn pictures_for_the_eye() {
    if std::env::var_os("BUCKETDROP_PICTURES").is_none() {
        return;
    }
    for (name, theme, language, choice) in [
        ("main-light-en", egui::Theme::Light, Language::English, ThemeChoice::Light),
        ("main-dark-ko", egui::Theme::Dark, Language::Korean, ThemeChoice::Dark),
    ] {
        for (suffix, size) in [("", [1280.0, 800.0]), ("-small", [900.0, 600.0])] {
            let settings = Settings { language, theme: choice, ..Settings::default() };
            let mut stage = Stage::connected(Setup { settings, theme, size, ..Setup::default() });
            stage.picture(&format!("buckets-{name}{suffix}"));
            stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::L);
            stage.window.run();
            stage.picture(&format!("path-{name}{suffix}"));
            stage.window.event(egui::Event::Text("weandb/photos/2026/".to_owned()));
            stage.window.run();
            stage.window.key_press(egui::Key::Enter);
            stage.window.run();
            stage.answer_listing(Ok(page_of_the_picture()));
            stage.window.get_by_label_contains("경복궁 가을.jpg, ").click();
            stage.window.run();
            stage.picture(&format!("{name}{suffix}"));
        }
    }
    let settings = Settings { language: Language::Korean, theme: ThemeChoice::Light, ..Settings::default() };
    let mut stage = Stage::new(Setup { settings, connections: Vec::new(), ..Setup::default() });
    stage.picture("doors-light-ko");
    let mut stage = Stage::showing(Setup::default(), &folder("weandb", "photos/2026"), page_of_the_picture());
    stage.window.input_mut().hovered_files.push(egui::HoveredFile::default());
    stage.window.run_steps(2);
    stage.picture("drop-light-en");
}
