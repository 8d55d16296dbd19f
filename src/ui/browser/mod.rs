//! The middle of the window: path bar, object table, and honest words when there are no rows.

mod bucket_list;
mod columns;
pub mod context_menu;
mod header;
mod keyboard;
mod listing_notes;
mod object_table;
pub mod path_bar;
mod row;
mod states;

use egui::Ui;

use crate::model::{AppModel, ListingState, Location, OpenState, Prefix};
use crate::ui::actions::Actions;
use crate::ui::ui_state::UiState;

pub use row::class_name;

/// Draws what stands below the path bar.
pub fn browser_ui(ui: &mut Ui, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    let Some(open) = &model.open else { return };
    if let OpenState::Failed(failure) = &open.state {
        let page = states::connection_failed_ui(ui, failure, model, actions);
        state.browser.keep_clear.push(page);
        return;
    }
    let Some(browsing) = &model.browsing else {
        bucket_list::bucket_list_ui(ui, model, state, actions);
        return;
    };
    let listing = &browsing.listing;
    listing_notes::notes_ui(ui, model, state, actions);
    match &listing.state {
        ListingState::Loading if listing.entries.is_empty() && !listing_notes::is_quiet(model, state) => {
            states::loading_ui(ui, "loading-folder");
        }
        ListingState::Failed(failure) if listing.entries.is_empty() => {
            let page = states::listing_failed_ui(ui, failure, model, actions);
            state.browser.keep_clear.push(page);
        }
        ListingState::Complete | ListingState::Loading if listing.entries.is_empty() => {
            states::empty_folder_ui(ui, model, state, actions);
        }
        _ => object_table::object_table_ui(ui, model, state, actions),
    }
}

/// Whether there is a list of buckets to go up to from the folder that is shown.
pub fn has_bucket_list(model: &AppModel) -> bool {
    let buckets = model.open.as_ref().and_then(|open| open.buckets.as_ref());
    model.location().is_some() && buckets.is_some_and(|listed| listed.as_ref().is_ok_and(|list| list.len() > 1))
}

/// The folder above which this connection may not list, in the bucket of `at`.
pub fn top_of<'a>(model: &'a AppModel, at: &Location) -> Option<&'a Prefix> {
    let connection = model.connection(&at.connection)?;
    let mut scopes = connection.scopes.iter().filter(|scope| scope.bucket == at.bucket && !scope.prefix.is_root());
    scopes.find(|scope| at.prefix.as_str().starts_with(scope.prefix.as_str())).map(|scope| &scope.prefix)
}
