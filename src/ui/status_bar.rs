//! The line at the bottom: where the keys are, what is shown or selected, how it is connected. Warnings stand here.

use egui::{Align, Layout, Ui};

use super::actions::Actions;
use super::inspector::summary_text;
use super::text::{t, t_with};
use super::ui_command::UiCommand;
use super::ui_state::{UiState, summarise};
use super::{icons, menus, theme};
use crate::model::{AppModel, Connection, CredentialSource, KeychainState, ListingState};

/// Height of the bar.
pub(super) const HEIGHT: f32 = 26.0;

/// Draws the bar.
pub(super) fn status_bar_ui(ui: &mut Ui, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        ui.add_space(9.0);
        keys_ui(ui, model);
        ui.add_space(12.0);
        if let Some(text) = counts_text(ui, model, state) {
            ui.label(theme::caption(ui, text));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(4.0);
            if model.open.is_some() {
                menus::command_small_icon(ui, UiCommand::ToggleInspector, icons::SIDEBAR, model, state, actions);
            }
            connected_ui(ui, model);
        });
    });
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
        let is_part = !listing.is_complete() && state.browser.has_all_selected(listing);
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
        ui.label(egui::RichText::new(text).size(theme::size::CAPTION).color(tokens.warn));
        icons::glyph_ui(ui, icons::WARNING, 13.0, tokens.warn);
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
