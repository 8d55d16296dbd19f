//! One line above the table that says how far its rows can be trusted: being loaded, not all, out of date, failed.

use egui::Ui;

use crate::locale::failure_title;
use crate::model::{AppModel, FailureKind, Listing, ListingState, SortColumn, SortDirection};
use crate::ui::actions::{Action, Actions};
use crate::ui::dialogs::Dialog;
use crate::ui::text::{lang, t, t_count};
use crate::ui::ui_command::UiCommand;
use crate::ui::ui_state::{BrowserState, CutSelection, Paging, UiState};
use crate::ui::widgets::{self, Tone};
use crate::ui::{menus, theme};

/// Draws the line where there is something to say.
pub(super) fn notes_ui(ui: &mut Ui, model: &AppModel, state: &UiState, actions: &mut Actions) {
    let Some(browsing) = &model.browsing else { return };
    let listing = &browsing.listing;
    let count = u64::try_from(listing.entries.len()).unwrap_or(u64::MAX);
    match &listing.state {
        ListingState::Loading if is_quiet(model, state) => {}
        ListingState::Loading if count > 0 => {
            strip(ui, |ui| {
                let words = t(ui, "note-reloading");
                widgets::activity_dot(ui, &words);
                ui.label(theme::caption(ui, words.clone()));
            });
        }
        ListingState::Failed(failure) if count > 0 => {
            let is_cut = listing.has_lost_page();
            let what = if is_cut { t_count(ui, "note-cut-rows", count, &[]) } else { t(ui, "note-old-rows") };
            // A server that did not say where the rest begins may say so when it is asked from the start.
            let (again, action) = if is_cut && failure.kind != FailureKind::ListingCutShort {
                ("load-the-rest", Action::LoadAll)
            } else {
                ("try-again", Action::Reload)
            };
            strip(ui, |ui| {
                let words = format!("{} · {what}", failure_title(lang(ui), failure));
                crate::ui::icons::glyph_ui(ui, Tone::Bad.icon(), 14.0, Tone::Bad.color(ui));
                ui.label(theme::caption(ui, words));
                if widgets::link_button(ui, &t(ui, again)).clicked() {
                    actions.push(action);
                }
                if widgets::link_button(ui, &t(ui, "show-details")).clicked() {
                    actions.show(Dialog::ErrorDetails(Box::new(failure.clone())));
                }
            });
        }
        ListingState::Partial(_) | ListingState::LoadingMore if is_partial_worth_saying(listing, &state.browser) => {
            partial_ui(ui, listing, state, actions);
        }
        // All of it is here now, and some of that came after the selection.
        ListingState::Complete if let Some(cut) = state.browser.cut_selection(listing) => {
            strip(ui, |ui| {
                cut_ui(ui, cut, listing, &state.browser);
                menus::command_link(ui, UiCommand::SelectAll, actions);
            });
        }
        _ if state.browser.is_outdated => {
            strip(ui, |ui| {
                ui.label(theme::caption(ui, t(ui, "note-outdated")));
                menus::command_link(ui, UiCommand::Reload, actions);
            });
        }
        _ => {}
    }
}

/// Whether nobody has asked for the listing that is on its way.
pub(super) fn is_quiet(model: &AppModel, state: &UiState) -> bool {
    let request = model.browsing.as_ref().map(|browsing| browsing.request);
    request.is_some() && state.browser.quiet_request == request
}

/// In the server's order more rows simply follow; sorted or filtered, rows that are not here yet are missing
/// among the ones shown, and "all" that is selected is not all. While everything is being loaded the way to stop stays in sight.
fn is_partial_worth_saying(listing: &Listing, state: &BrowserState) -> bool {
    let is_server_order = state.sort_column == SortColumn::Name && state.sort_direction == SortDirection::Ascending;
    let is_in_order = is_server_order && state.filter.is_empty();
    !is_in_order || state.paging == Paging::Everything || state.cut_selection(listing).is_some()
}

fn partial_ui(ui: &mut Ui, listing: &Listing, state: &UiState, actions: &mut Actions) {
    let count = u64::try_from(listing.entries.len()).unwrap_or(u64::MAX);
    strip(ui, |ui| {
        let is_loading_all = state.browser.paging == Paging::Everything;
        if is_loading_all {
            let words = t_count(ui, "note-loading-all", count, &[]);
            widgets::activity_dot(ui, &words);
            ui.label(theme::caption(ui, words.clone()));
        } else if let Some(cut) = state.browser.cut_selection(listing) {
            cut_ui(ui, cut, listing, &state.browser);
        } else {
            let id = if state.browser.filter.is_empty() { "note-partial-sorted" } else { "note-partial-filtered" };
            warning_ui(ui, t_count(ui, id, count, &[]));
        }
        let label = t(ui, if is_loading_all { "stop-loading" } else { "load-all" });
        if widgets::link_button(ui, &label).clicked() {
            actions.push(Action::LoadAll);
        }
    });
}

/// How much less than all is selected.
fn cut_ui(ui: &mut Ui, cut: CutSelection, listing: &Listing, state: &BrowserState) {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let words = match cut {
        CutSelection::AllLoaded => t_count(ui, "note-partial-selected", number(listing.entries.len()), &[]),
        CutSelection::ToLastLoaded => t(ui, "note-selected-to-last"),
        CutSelection::Missed(since) => {
            let selected = crate::locale::grouped(number(state.selection.len()));
            t_count(ui, "note-selected-missed", number(since), &[("selected", &selected)])
        }
    };
    warning_ui(ui, words);
}

fn warning_ui(ui: &mut Ui, words: String) {
    crate::ui::icons::glyph_ui(ui, Tone::Warn.icon(), 14.0, Tone::Warn.color(ui));
    ui.label(theme::caption(ui, words));
}

fn strip(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    let tokens = theme::tokens(ui);
    egui::Frame::new().fill(tokens.raised).inner_margin(egui::Margin::symmetric(14, 3)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            contents(ui);
        });
    });
}
