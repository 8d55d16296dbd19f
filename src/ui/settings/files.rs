//! Where settings and logs live, with buttons that open them.

use std::path::Path;

use egui::Ui;

use crate::model::Command;
use crate::ui::dialogs::form;
use crate::ui::dialogs::view::Cx;
use crate::ui::text::{t, t_with};
use crate::ui::{icons, widgets};

/// The page.
pub(super) fn page_ui(ui: &mut Ui, cx: &mut Cx<'_>) {
    let Some(snapshot) = &cx.model.snapshot else {
        form::dim_paragraph(ui, &t(ui, "settings-files-unknown"));
        return;
    };
    let (settings_path, log_folder) = (snapshot.settings_path.clone(), snapshot.log_folder.clone());
    path_row(ui, &t(ui, "settings-file"), &settings_path, cx);
    path_row(ui, &t(ui, "settings-log-folder"), &log_folder, cx);
    form::row(ui, "", |ui, _label| form::note_ui(ui, icons::LOCK, &t(ui, "settings-files-no-secrets")));
}

fn path_row(ui: &mut Ui, label: &str, path: &Path, cx: &mut Cx<'_>) {
    let whole = path.to_string_lossy();
    form::row(ui, label, |ui, _label| {
        ui.spacing_mut().item_spacing.y = 6.0;
        ui.horizontal(|ui| {
            ui.set_height(30.0);
            ui.label(form::shown(&whole, 64)).on_hover_text(whole.as_ref());
        });
        let open = t(ui, "settings-open");
        let button = widgets::button(ui, Some(icons::OPEN_EXTERNAL), &open);
        let name = t_with(ui, "settings-open-what", &[("what", label)]);
        ui.ctx().accesskit_node_builder(button.id, |node| node.set_label(name));
        if button.clicked() {
            cx.command(Command::OpenPath(path.to_path_buf()));
        }
    });
}
