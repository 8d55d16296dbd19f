//! What happens to names that exist, how many files move at once, what is never uploaded.

use egui::Ui;

use crate::model::{AUTOMATIC_FILES, ConflictPolicy, Settings};
use crate::ui::dialogs::form::{self, FieldLook, Monospace};
use crate::ui::icons;
use crate::ui::text::t;

/// Numbers of files at once to choose from.
const FILES_AT_ONCE: [u32; 7] = [1, 2, 4, 8, 12, 16, 32];

/// The page. `system_files` is the rule as typed; it holds when the field is left.
pub(super) fn page_ui(ui: &mut Ui, settings: &mut Settings, system_files: &mut String) {
    let policies = ConflictPolicy::ALL.map(|policy| (policy, t(ui, &format!("settings-conflict-{}", policy.code()))));
    form::choice_row(ui, &t(ui, "settings-on-conflict"), &mut settings.on_conflict, &policies);
    let mut numbers = vec![(AUTOMATIC_FILES, t(ui, "settings-files-automatic"))];
    numbers.extend(FILES_AT_ONCE.map(|number| (number, number.to_string())));
    if !numbers.iter().any(|(number, _)| *number == settings.parallel_files) {
        numbers.push((settings.parallel_files, settings.parallel_files.to_string()));
    }
    form::choice_row(ui, &t(ui, "settings-files-at-once"), &mut settings.parallel_files, &numbers);
    let look = FieldLook { monospace: Monospace::Yes, ..FieldLook::default() };
    let field = form::lines_row(ui, &t(ui, "settings-system-files"), system_files, 6, look);
    if field.lost_focus() {
        settings.system_files = patterns(system_files);
    }
    form::row(ui, "", |ui, _label| form::note_ui(ui, icons::INFO, &t(ui, "settings-system-files-note")));
}

fn patterns(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}
