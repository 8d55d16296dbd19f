//! The keys that README tells and the design asks for are those of the table of commands.

use bucketdrop::locale::{Lang, text};
use bucketdrop::ui::ui_command::UiCommand;
use egui::{Key, KeyboardShortcut};

/// As README writes it.
fn written(shortcut: KeyboardShortcut) -> String {
    let held = shortcut.modifiers;
    let held = [(held.command, "Ctrl+"), (held.alt, "Alt+"), (held.shift, "Shift+")];
    let mut words: String = held.iter().filter(|(is_held, _)| *is_held).map(|(_, name)| *name).collect();
    words.push_str(match shortcut.logical_key {
        Key::Comma => ",",
        Key::BrowserBack => "Back key",
        key => key.name(),
    });
    words
}

/// Keys and words of each row of README's table.
fn told() -> Vec<(Vec<String>, String)> {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, section) = readme.split_once("## Shortcuts").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    let keys = |keys: &str| keys.split(", ").map(str::to_owned).collect();
    rows.filter(|(head, _)| *head != "Keys").map(|(left, right)| (keys(left), right.to_owned())).collect()
}

#[cfg(not(target_os = "macos"))]
#[test]
fn readme_tells_every_shortcut_and_none_that_is_not() {
    let mut told = told();
    for command in UiCommand::ALL.iter().filter(|command| !command.shortcuts().is_empty()) {
        let keys: Vec<String> = command.shortcuts().iter().copied().map(written).collect();
        let label = text(Lang::En, command.label_id());
        let row = told.iter().position(|(told, words)| *told == keys && words.starts_with(label.trim_end_matches('…')));
        let row = row.unwrap_or_else(|| panic!("no row `| {} | {label} |` in {told:#?}", keys.join(", ")));
        told.remove(row);
    }
    assert!(told.is_empty(), "of no command: {told:#?}");
}

#[cfg(not(target_os = "macos"))]
#[test]
fn the_keys_of_the_design_are_there() {
    let asked = [
        (UiCommand::UploadFiles, "Ctrl+U"),
        (UiCommand::UploadFolder, "Ctrl+Shift+U"),
        (UiCommand::PasteFiles, "Ctrl+V"),
        (UiCommand::CopyUrl, "Ctrl+C"),
        (UiCommand::Filter, "Ctrl+F"),
        (UiCommand::Palette, "Ctrl+K"),
        (UiCommand::EditPath, "Ctrl+L"),
        (UiCommand::Delete, "Delete"),
        (UiCommand::Open, "Enter"),
        (UiCommand::Up, "Backspace"),
        (UiCommand::Reload, "F5"),
        (UiCommand::Settings, "Ctrl+,"),
    ];
    for (command, keys) in asked {
        assert_eq!(command.shortcuts().first().copied().map(written).as_deref(), Some(keys), "{command:?}");
    }
}
