//! Keys of the command table. While a dialog is open only what works above dialogs counts.

use super::actions::{Action, Actions};
use super::ui_command::{UiCommand, triggered};
use super::ui_state::UiState;
use crate::model::AppModel;

/// Pushes the commands whose keys were pressed and that are possible now. Call once a frame, before the panels.
pub(super) fn push_pressed(
    ctx: &egui::Context,
    model: &AppModel,
    state: &UiState,
    dialogs: Dialogs,
    actions: &mut Actions,
) {
    // A menu that is open takes its own keys.
    if egui::Popup::is_any_open(ctx) {
        return;
    }
    let is_possible = |command: &UiCommand| {
        (dialogs == Dialogs::None || command.works_over_dialogs()) && command.is_enabled(model, state)
    };
    for command in triggered(ctx).into_iter().filter(is_possible) {
        actions.push(Action::Ui(command));
    }
}

/// Whether a dialog is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialogs {
    /// At least one.
    Open,
    /// None.
    None,
}
