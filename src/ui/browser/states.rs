//! Words and ways on where the table would stand but there are no rows: loading, failed, empty.

use egui::{Layout, Ui, UiBuilder};

use crate::locale::{failure_advice, failure_title};
use crate::model::{AppModel, ConnectionId, Failure, FailureKind, Location};
use crate::ui::actions::{Action, Actions};
use crate::ui::dialogs::Dialog;
use crate::ui::drop_target::DropSupport;
use crate::ui::text::{lang, t};
use crate::ui::ui_command::UiCommand;
use crate::ui::ui_state::UiState;
use crate::ui::{icons, theme, widgets};

/// Widest a text in the middle gets.
const TEXT_WIDTH: f32 = 440.0;

/// Draws in the middle of the room, a little above its centre. Where that is.
pub(super) fn centred(ui: &mut Ui, height: f32, contents: impl FnOnce(&mut Ui)) -> egui::Rect {
    let room = ui.available_rect_before_wrap();
    let width = room.width().min(TEXT_WIDTH);
    let top = room.top() + ((room.height() - height) * 0.42).max(12.0);
    let rect = egui::Rect::from_min_size(
        egui::pos2(room.center().x - width / 2.0, top),
        egui::vec2(width, (room.bottom() - top).max(0.0)),
    );
    let layout = Layout::top_down(egui::Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(rect).layout(layout), contents).response.rect
}

/// The first rows are on their way.
pub(super) fn loading_ui(ui: &mut Ui, text_id: &str) {
    let words = t(ui, text_id);
    centred(ui, 40.0, |ui| {
        ui.horizontal(|ui| {
            let galley_width = 160.0;
            ui.add_space((ui.available_width() - galley_width).max(0.0) / 2.0);
            widgets::activity_dot(ui, &words);
            ui.label(theme::dim(ui, words.clone()));
        });
    });
}

/// A failure in the middle of the room: what, why, what next; raw words one click away. Where it stands.
pub(super) fn failure_ui(
    ui: &mut Ui,
    failure: &Failure,
    actions: &mut Actions,
    buttons: impl FnOnce(&mut Ui, &mut Actions),
) -> egui::Rect {
    let tokens = theme::tokens(ui);
    let language = lang(ui);
    centred(ui, 190.0, |ui| {
        icons::glyph_ui(ui, icons::WARNING_CIRCLE_FILL, 34.0, tokens.bad);
        ui.add_space(theme::space::S);
        ui.label(egui::RichText::new(failure_title(language, failure)).font(theme::semibold(14.0)));
        ui.add_space(theme::space::XS);
        ui.label(theme::dim(ui, failure_advice(language, failure)));
        ui.add_space(theme::space::L);
        centred_row(ui, "failure-buttons", |ui| {
            buttons(ui, actions);
            if widgets::button(ui, Some(icons::INFO), &t(ui, "show-details")).clicked() {
                actions.show(Dialog::ErrorDetails(Box::new(failure.clone())));
            }
        });
    })
}

/// A row of widgets in the middle; its width is known from the frame before.
pub(super) fn centred_row(ui: &mut Ui, salt: &str, contents: impl FnOnce(&mut Ui)) {
    let id = ui.scope_id().with(salt);
    let known: f32 = ui.data(|data| data.get_temp(id)).unwrap_or(240.0);
    let used = ui
        .horizontal(|ui| {
            ui.add_space(((ui.available_width() - known) / 2.0).max(0.0));
            ui.scope(contents).response.rect.width()
        })
        .inner;
    if (used - known).abs() > 0.5 {
        ui.data_mut(|data| data.insert_temp(id, used));
        ui.ctx().request_repaint();
    }
}

/// The folder could not be listed, and there are no rows from before. Where the words stand.
pub(super) fn listing_failed_ui(ui: &mut Ui, failure: &Failure, model: &AppModel, actions: &mut Actions) -> egui::Rect {
    let id = editable(model).filter(|_| is_wrong_key(failure));
    failure_ui(ui, failure, actions, |ui, actions| ways_on_ui(ui, failure, id, actions))
}

/// The open connection, if it is one that can be edited.
fn editable(model: &AppModel) -> Option<ConnectionId> {
    model.open.as_ref().map(|open| open.id.clone()).filter(|id| !id.is_local())
}

/// Whether asking again with the same keys cannot help.
fn is_wrong_key(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::WrongSecret | FailureKind::UnknownAccessKey | FailureKind::InvalidToken)
}

/// The buttons after a failure; the one that can help comes first.
fn ways_on_ui(ui: &mut Ui, failure: &Failure, editable: Option<ConnectionId>, actions: &mut Actions) {
    let retry = t(ui, "try-again");
    let edit = UiCommand::EditConnection.label(ui);
    let has_to_edit = editable.is_some() && is_wrong_key(failure);
    if !has_to_edit && widgets::primary_button(ui, Some(icons::RETRY), &retry).clicked() {
        actions.push(Action::Reload);
    }
    if let Some(id) = editable {
        let button = if has_to_edit { widgets::primary_button } else { widgets::button };
        if button(ui, Some(icons::PENCIL), &edit).clicked() {
            actions.show(Dialog::EditConnection(id));
        }
    }
    if has_to_edit && widgets::button(ui, Some(icons::RETRY), &retry).clicked() {
        actions.push(Action::Reload);
    }
}

/// The connection cannot be used. Where the words stand.
pub(super) fn connection_failed_ui(
    ui: &mut Ui,
    failure: &Failure,
    model: &AppModel,
    actions: &mut Actions,
) -> egui::Rect {
    failure_ui(ui, failure, actions, |ui, actions| ways_on_ui(ui, failure, editable(model), actions))
}

/// The folder is known to be empty.
pub(super) fn empty_folder_ui(ui: &mut Ui, model: &AppModel, state: &UiState, actions: &mut Actions) {
    let Some(at) = model.location() else { return };
    let (title, advice) = match state.drop.support {
        DropSupport::Works => ("empty-folder-drop", "empty-folder-advice"),
        DropSupport::Missing => ("empty-folder", "empty-folder-no-drop"),
    };
    centred(ui, 190.0, |ui| {
        widgets::empty_state(ui, icons::FOLDER_OPEN, &t(ui, title), &t(ui, advice));
        ui.add_space(theme::space::M);
        upload_buttons(ui, at, actions);
    });
}

fn upload_buttons(ui: &mut Ui, at: &Location, actions: &mut Actions) {
    centred_row(ui, "empty-buttons", |ui| {
        if widgets::button(ui, Some(icons::UPLOAD), &UiCommand::UploadFiles.label(ui)).clicked() {
            actions.push(Action::PickFiles { to: at.clone() });
        }
        if widgets::button(ui, Some(icons::UPLOAD_FOLDER), &UiCommand::UploadFolder.label(ui)).clicked() {
            actions.push(Action::PickFolder { to: at.clone() });
        }
    });
}
