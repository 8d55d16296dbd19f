//! Menus of the object table: on rows, on empty ground, on the header.

use egui::Ui;

use crate::model::{AppModel, Column, Entry, LinkFormat, Location};
use crate::ui::actions::{Action, Actions};
use crate::ui::dialogs::Dialog;
use crate::ui::text::t;
use crate::ui::ui_command::UiCommand;
use crate::ui::ui_state::UiState;
use crate::ui::widgets::{Chosen, menu_item, menu_separator, select_item};
use crate::ui::{icons, menus};

/// The menu of the selected rows.
pub fn row_menu(ui: &mut Ui, model: &AppModel, state: &UiState, actions: &mut Actions) {
    menus::narrow(ui);
    let Some(at) = model.location() else { return };
    let objects = state.selected_objects(model);
    let commands = |ui: &mut Ui, list: &[UiCommand], actions: &mut Actions| {
        for command in list {
            menus::command_item(ui, *command, model, state, actions);
        }
    };
    commands(ui, &[UiCommand::Open, UiCommand::Download], actions);
    if !objects.is_empty() {
        menu_separator(ui);
        commands(ui, &[UiCommand::CopyUrl], actions);
        menus::copy_as_menu(ui, &objects, actions);
        if menu_item(ui, Some(icons::CLOCK), &t(ui, "menu-signed-link"), None).clicked() {
            actions.show(Dialog::SignedLink(objects.clone()));
        }
        commands(ui, &[UiCommand::QrCode], actions);
    }
    commands(ui, &[UiCommand::MakePublic], actions);
    menu_separator(ui);
    commands(ui, &[UiCommand::CopyKeys], actions);
    if let Some(folder) = only_folder(at, model, state)
        && menu_item(ui, Some(icons::STAR), &t(ui, "menu-add-place"), None).clicked()
    {
        actions.show(Dialog::AddPlace(folder));
    }
    menu_separator(ui);
    menus::command_item(ui, UiCommand::Delete, model, state, actions);
}

fn only_folder(at: &Location, model: &AppModel, state: &UiState) -> Option<Location> {
    let mut selected = state.selected_entries(model);
    match (selected.next(), selected.next()) {
        (Some(Entry::Prefix(prefix)), None) => Some(at.at(prefix.clone())),
        _ => None,
    }
}

/// The menu of the shown folder.
pub fn folder_menu(ui: &mut Ui, model: &AppModel, state: &UiState, actions: &mut Actions) {
    menus::narrow(ui);
    let list = [
        UiCommand::UploadFiles,
        UiCommand::UploadFolder,
        UiCommand::PasteFiles,
        UiCommand::NewFolder,
        UiCommand::InviteUpload,
    ];
    for command in list {
        menus::command_item(ui, command, model, state, actions);
    }
    menu_separator(ui);
    if let Some(at) = model.location()
        && menu_item(ui, Some(icons::STAR), &t(ui, "menu-add-place"), None).clicked()
    {
        actions.show(Dialog::AddPlace(at.clone()));
    }
    for command in [UiCommand::Reload, UiCommand::SelectAll, UiCommand::UnfinishedUploads] {
        menus::command_item(ui, command, model, state, actions);
    }
}

/// Which columns are shown.
pub fn columns_menu(ui: &mut Ui, model: &AppModel, actions: &mut Actions) {
    menus::narrow(ui);
    for column in Column::ALL {
        let hidden = &model.settings.hidden_columns;
        let is_shown = !hidden.contains(&column);
        let label = t(ui, super::columns::header_id(column));
        if select_item(ui, Chosen::from(is_shown), &label, "").clicked() {
            let mut settings = model.settings.clone();
            if is_shown {
                settings.hidden_columns.push(column);
            } else {
                settings.hidden_columns.retain(|known| *known != column);
            }
            actions.push(Action::ChangeSettings(Box::new(settings)));
        }
    }
    menu_separator(ui);
    let reset = |ui: &mut Ui| menu_item(ui, Some(icons::COLUMNS), &t(ui, "columns-usual-widths"), None);
    if ui.add_enabled_ui(!model.settings.column_widths.is_empty(), reset).inner.clicked() {
        actions.push(Action::Ui(UiCommand::UsualWidths));
    }
}

/// Text id of a link's form.
pub fn format_id(format: LinkFormat) -> &'static str {
    match format {
        LinkFormat::Url => "link-format-url",
        LinkFormat::Markdown => "link-format-markdown",
        LinkFormat::Html => "link-format-html",
        LinkFormat::Bbcode => "link-format-bbcode",
        LinkFormat::S3Uri => "link-format-s3",
        LinkFormat::Arn => "link-format-arn",
        LinkFormat::AwsCli => "link-format-aws-cli",
        LinkFormat::Template => "link-format-template",
    }
}
