//! The line at the bottom: where the keys are, what is shown or selected, how it is connected. Warnings stand here.

use egui::Ui;

use super::actions::{Action, Actions};
use super::inspector::summary_text;
use super::queue::{QueueState, explained_holds, hold_lines};
use super::text::{t, t_with};
use super::ui_command::UiCommand;
use super::ui_state::{UiState, summarise};
use super::{icons, menus, theme, widgets};
use crate::model::{AppModel, Connection, CredentialSource, KeychainState, ListingState, QueueHold};

/// Height of the bar.
pub(super) const HEIGHT: f32 = 26.0;

/// Draws the bar.
pub(super) fn status_bar_ui(ui: &mut Ui, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        ui.add_space(9.0);
        let split = widgets::Split::new(ui, "status");
        split.left(ui, |ui| {
            keys_ui(ui, model);
            ui.add_space(12.0);
            if let Some(text) = counts_text(ui, model, state) {
                ui.label(theme::caption(ui, text));
            }
            selection_ui(ui, model, state, actions);
            hold_ui(ui, model, &state.queue);
        });
        split.right(ui, |ui| {
            connected_ui(ui, model);
            if model.open.is_some() {
                menus::command_small_icon(ui, UiCommand::ToggleInspector, icons::SIDEBAR, model, state, actions);
            }
            ui.add_space(4.0);
        });
    });
}

/// Without the inspector, as in a narrow window, what is selected still has its link and its details within reach.
fn selection_ui(ui: &mut Ui, model: &AppModel, state: &UiState, actions: &mut Actions) {
    if state.inspector.is_open || state.browser.selection.is_empty() {
        return;
    }
    ui.add_space(8.0);
    ui.spacing_mut().item_spacing.x = 8.0;
    if UiCommand::CopyUrl.is_enabled(model, state) {
        menus::command_link(ui, UiCommand::CopyUrl, actions);
    }
    if widgets::link_button(ui, &t(ui, "status-show-details")).clicked() {
        actions.push(Action::Ui(UiCommand::ToggleInspector));
    }
}

/// Why uploads wait, which its words say by themselves; what has no room is cut, and shown by hovering, with the next step.
fn hold_ui(ui: &mut Ui, model: &AppModel, queue: &QueueState) {
    const LEAST_ROOM: f32 = 60.0;
    let is_held = model.transfers.holds.contains(&QueueHold::Held);
    if is_held && model.transfers.counts.active > 0 {
        // The user's own doing, which the drawer tells, open or not.
        return;
    }
    let lines = hold_lines(ui, model, queue);
    let Some(whole) = lines.first() else { return };
    let color = theme::tokens(ui).warn;
    ui.add_space(12.0);
    icons::glyph_ui(ui, icons::WARNING, 13.0, color);
    let room = ui.available_width() - 12.0;
    if room < LEAST_ROOM {
        return;
    }
    let font = egui::FontId::proportional(theme::size::CAPTION);
    let shown = widgets::end_elided_text(ui, whole, font, color, room);
    let (at, response) = ui.allocate_exact_size(shown.size(), egui::Sense::hover());
    // Said below with the next step, cut or not.
    drop(shown.paint_bare(ui.painter(), at.min));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, whole));
    response.on_hover_text(explained_holds(ui, model, queue));
}

fn item(ui: &mut Ui, icon: &str, text: &str, colour: egui::Color32) {
    icons::glyph_ui(ui, icon, 13.0, colour);
    ui.label(egui::RichText::new(text).size(theme::size::CAPTION).color(colour));
}

fn keys_ui(ui: &mut Ui, model: &AppModel) {
    let tokens = theme::tokens(ui);
    let Some(connection) = model.current() else {
        if let KeychainState::Unavailable(_) = model.keychain {
            item(ui, icons::WARNING, &t(ui, "keys-no-keychain"), tokens.warn);
        }
        return;
    };
    match &connection.credentials {
        CredentialSource::Keychain { .. } => item(ui, icons::KEY, &t(ui, "keys-in-keychain"), tokens.dim),
        CredentialSource::ThisRunOnly { .. } => {
            item(ui, icons::WARNING, &t(ui, "keys-this-run-only"), tokens.warn);
        }
        CredentialSource::AwsChain { profile, .. } => {
            let profile = profile.clone().unwrap_or_else(|| t(ui, "aws-default-profile"));
            item(ui, icons::KEY, &t_with(ui, "keys-aws-profile", &[("profile", &profile)]), tokens.dim);
        }
        CredentialSource::Anonymous => item(ui, icons::USER, &t(ui, "keys-none"), tokens.dim),
    }
}

/// What is selected, else what is listed; a listing that is not all says so.
fn counts_text(ui: &Ui, model: &AppModel, state: &mut UiState) -> Option<String> {
    let listing = &model.browsing.as_ref()?.listing;
    let selected = state.browser.selection.summary(listing);
    if selected.folders + selected.objects > 0 {
        let what = summary_text(ui, selected, model);
        // "All" of a listing that is not all.
        let is_part = state.browser.cut_selection(listing).is_some();
        let id = if is_part { "status-selected-so-far" } else { "status-selected" };
        return Some(t_with(ui, id, &[("what", &what)]));
    }
    if listing.entries.is_empty() && listing.state != ListingState::Complete {
        return None;
    }
    let all = state.listed.of(listing, || summarise(listing.entries.iter()));
    let what = summary_text(ui, all, model);
    match listing.state {
        ListingState::Complete => Some(what),
        _ => Some(t_with(ui, "status-so-far", &[("what", &what)])),
    }
}

fn connected_ui(ui: &mut Ui, model: &AppModel) {
    let tokens = theme::tokens(ui);
    let Some(connection) = model.current() else { return };
    if connection.is_plain_http() {
        let text = format!("{} · {}", t(ui, "status-plain-http"), facts(connection, None));
        item(ui, icons::WARNING, &text, tokens.warn);
        return;
    }
    let is_http = connection.request_endpoint().is_some_and(|endpoint| endpoint.is_plain_http());
    let scheme = match (connection.id.is_local(), is_http) {
        (true, _) => t(ui, "status-this-computer"),
        (false, true) => t(ui, "status-http-here"),
        (false, false) => "HTTPS".to_owned(),
    };
    let region = model.location().and_then(|at| model.bucket_region(&at.bucket)).map(ToString::to_string);
    ui.label(theme::caption(ui, format!("{scheme} · {}", facts(connection, region))));
}

fn facts(connection: &Connection, region: Option<String>) -> String {
    let signing = if connection.credentials == CredentialSource::Anonymous { "" } else { "SigV4 · " };
    format!("{signing}{}", region.unwrap_or_else(|| connection.region.to_string()))
}
