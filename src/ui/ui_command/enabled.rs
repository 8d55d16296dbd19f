//! When each command is possible.

use super::UiCommand;
use crate::model::{AppModel, Entry, ListingState, OpenState, QueueHold, WhenDone};
use crate::ui::browser::has_bucket_list;
use crate::ui::ui_state::{Paging, UiState};

impl UiCommand {
    /// Whether it can be done now. Buttons are drawn disabled, menus and palette leave it grey or out.
    pub fn is_enabled(self, model: &AppModel, state: &UiState) -> bool {
        let has_folder = model.location().is_some() && !model.is_bucket_missing();
        let has_selection = !state.browser.selection.is_empty();
        let counts = model.transfers.counts;
        match self {
            Self::UploadFiles
            | Self::UploadFolder
            | Self::UploadPublic
            | Self::InviteUpload
            | Self::PasteFiles
            | Self::PastePublic
            | Self::NewFolder
            | Self::SelectAll
            | Self::Filter
            | Self::AddPlace
            | Self::DeleteBucket
            | Self::UnfinishedUploads => has_folder,
            Self::DiagnoseConnection => model.location().is_some(),
            Self::Download | Self::Delete | Self::CopyKeys => has_selection,
            Self::Open => state.browser.selection.len() == 1,
            Self::CopyUrl
            | Self::CopyMarkdown
            | Self::CopyHtml
            | Self::CopyBbcode
            | Self::CopyS3Uri
            | Self::CopyArn
            | Self::CopyAwsCli
            | Self::CopyTemplate
            | Self::CopySignedLink => {
                has_selection && state.selected_entries(model).any(|entry| matches!(entry, Entry::Object(_)))
            }
            Self::CheckLink | Self::QrCode | Self::OpenInBrowser => {
                state.browser.selection.len() == 1
                    && state.selected_entries(model).any(|entry| matches!(entry, Entry::Object(_)))
            }
            Self::MakePublic => state.sharable(model).is_some(),
            Self::ClearFilter => !state.browser.filter.is_empty(),
            Self::LoadAll => can_load_all(model, state),
            Self::StopLoading => is_loading_all(model, state),
            Self::UsualWidths => !model.settings.column_widths.is_empty(),
            Self::ShowLeftOut => !model.left_out.is_empty(),
            Self::CopyUploadedUrls => model.transfers.linkable > 0,
            Self::Back => state.browser.history.can_go_back() || has_bucket_list(model),
            Self::Forward => state.browser.history.can_go_forward(),
            Self::Up => model.location().is_some_and(|at| !at.prefix.is_root() || has_bucket_list(model)),
            Self::Reload | Self::EditPath | Self::TestConnection => model.open.is_some(),
            Self::EditConnection | Self::DuplicateConnection | Self::DeleteConnection => {
                model.open.as_ref().is_some_and(|open| !open.id.is_local() && !open.id.is_from_command_line())
            }
            Self::NewBucket => model.open.as_ref().is_some_and(|open| open.state == OpenState::Open),
            Self::PauseAll => counts.active > counts.paused,
            Self::ResumeAll => counts.paused > 0,
            Self::HoldQueue => counts.active > 0 && !model.transfers.holds.contains(&QueueHold::Held),
            Self::GoOn => model.transfers.holds.contains(&QueueHold::Held) || state.queue.has_waiting(model),
            Self::WhenDoneNothing => model.when_done != WhenDone::Nothing,
            Self::WhenDoneSleep => model.when_done != WhenDone::Sleep,
            Self::WhenDoneQuit => model.when_done != WhenDone::Quit,
            Self::CancelAll => counts.active > 0,
            Self::RetryFailed | Self::RemoveFailed => counts.failed > 0,
            Self::ToggleTransfers => counts.active + counts.done + counts.failed > 0,
            Self::Receipts => !model.finished.is_empty(),
            Self::ClearFinished => counts.done > 0,
            Self::NewConnection
            | Self::UseAwsProfile
            | Self::TryThisComputer
            | Self::CheckReceipt
            | Self::ToggleInspector
            | Self::Palette
            | Self::LinkHistory
            | Self::Settings
            | Self::SwitchTheme
            | Self::SwitchLanguage
            | Self::ShowMessages
            | Self::About
            | Self::Quit => true,
        }
    }
}

/// Whether there are pages of the shown folder that nobody has asked for all of.
fn can_load_all(model: &AppModel, state: &UiState) -> bool {
    let has_more = model.browsing.as_ref().is_some_and(|browsing| {
        let listing = &browsing.listing;
        matches!(listing.state, ListingState::Partial(_) | ListingState::LoadingMore) || listing.has_lost_page()
    });
    has_more && state.browser.paging == Paging::AsNeeded
}

fn is_loading_all(model: &AppModel, state: &UiState) -> bool {
    let listing = model.browsing.as_ref().map(|browsing| &browsing.listing.state);
    let is_loading = matches!(listing, Some(ListingState::Partial(_) | ListingState::LoadingMore));
    is_loading && state.browser.paging == Paging::Everything
}
