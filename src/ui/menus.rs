//! Buttons and menu entries of the command table: label, icon, shortcut and whether it is possible, from one place.

use egui::{Response, Ui};

use super::actions::{Action, Actions};
use super::browser::context_menu::format_id;
use super::text::t;
use super::ui_command::{UiCommand, shortcut_text};
use super::ui_state::UiState;
use super::{icons, theme, widgets};
use crate::model::{AppModel, LinkFormat, ObjectRef};

/// A menu entry of a command.
pub(super) fn command_item(ui: &mut Ui, command: UiCommand, model: &AppModel, state: &UiState, actions: &mut Actions) {
    let keys = shortcut_text(ui, command);
    let label = command.label(ui);
    let item = |ui: &mut Ui| widgets::menu_item(ui, Some(command.icon()), &label, keys.as_deref());
    if ui.add_enabled_ui(command.is_enabled(model, state), item).inner.clicked() {
        actions.push(Action::Ui(command));
    }
}

/// A bare icon button of a command.
pub(super) fn command_icon(
    ui: &mut Ui,
    command: UiCommand,
    model: &AppModel,
    state: &UiState,
    actions: &mut Actions,
) -> Response {
    let label = command.label(ui);
    let button = |ui: &mut Ui| widgets::icon_button(ui, command.icon(), &label);
    let response = ui.add_enabled_ui(command.is_enabled(model, state), button).inner;
    if response.clicked() {
        actions.push(Action::Ui(command));
    }
    response
}

/// An icon button of a command with an outline.
pub(super) fn command_framed_icon(
    ui: &mut Ui,
    command: UiCommand,
    model: &AppModel,
    state: &UiState,
    actions: &mut Actions,
) -> Response {
    let label = command.label(ui);
    let is_enabled = command.is_enabled(model, state);
    let size = egui::vec2(38.0, 30.0);
    let button = |ui: &mut Ui| {
        let (rect, response) = ui.allocate_exact_size(size, egui::Sense::click());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, ui.is_enabled(), &label));
        let tokens = theme::tokens(ui);
        let fill = if response.hovered() { tokens.hover } else { tokens.background };
        let stroke = egui::Stroke::new(1.0, tokens.line);
        ui.painter().rect(rect, theme::radius::CONTROL, fill, stroke, egui::StrokeKind::Inside);
        let font = icons::font(theme::size::ICON);
        ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, command.icon(), font, tokens.text);
        if response.has_focus() {
            widgets::focus_ring(ui, rect);
        }
        response
    };
    let response = ui.add_enabled_ui(is_enabled, button).inner.on_hover_text(label.clone());
    if response.clicked() {
        actions.push(Action::Ui(command));
    }
    response
}

/// Keeps a menu as narrow as its longest usual entry; entries fill the room there is.
pub(super) fn narrow(ui: &mut Ui) {
    ui.set_max_width(250.0);
}

/// The icon of a link's form: its command's.
pub(super) fn format_icon(format: LinkFormat) -> &'static str {
    let command = UiCommand::ALL.iter().find(|command| command.copies_as() == Some(format));
    command.map_or(icons::COPY, |command| command.icon())
}

/// The other forms of a link, as entries of a menu.
pub(super) fn copy_as_menu(ui: &mut Ui, objects: &[ObjectRef], actions: &mut Actions) {
    for format in LinkFormat::ALL.into_iter().filter(|format| *format != LinkFormat::Url) {
        if widgets::menu_item(ui, Some(format_icon(format)), &t(ui, format_id(format)), None).clicked() {
            actions.push(Action::CopyLinks { objects: objects.to_vec(), format });
        }
    }
}

/// A command as a link in running text.
pub(super) fn command_link(ui: &mut Ui, command: UiCommand, actions: &mut Actions) {
    let label = command.label(ui);
    if widgets::link_button(ui, &label).clicked() {
        actions.push(Action::Ui(command));
    }
}

/// A small bare icon button of a command, with another icon than the command's own.
pub(super) fn command_small_icon(
    ui: &mut Ui,
    command: UiCommand,
    icon: &str,
    model: &AppModel,
    state: &UiState,
    actions: &mut Actions,
) {
    let label = command.label(ui);
    let button = |ui: &mut Ui| widgets::small_icon_button(ui, icon, &label);
    if ui.add_enabled_ui(command.is_enabled(model, state), button).inner.clicked() {
        actions.push(Action::Ui(command));
    }
}
