//! What each command of the table does.

use super::actions::{Action, Actions};
use super::browser::path_bar;
use super::dialogs::{Dialog, Whose};
use super::ui_command::UiCommand;
use super::ui_state::{BrowserFocus, UiState};
use crate::model::{
    AppModel, CheckExtent, Command, Entry, Language, Location, Notice, QueueHold, QueueSwitch, Selection, Settings,
    Severity, Target, TransferAction, UploadAccess, WhenDone,
};

/// Turns a command into what it does; nothing when it is not possible now.
pub fn run(command: UiCommand, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    if !command.is_enabled(model, state) {
        return;
    }
    match command {
        UiCommand::UploadFiles
        | UiCommand::UploadFolder
        | UiCommand::UploadPublic
        | UiCommand::InviteUpload
        | UiCommand::PasteFiles
        | UiCommand::PastePublic
        | UiCommand::NewFolder
        | UiCommand::AddPlace
        | UiCommand::DeleteBucket
        | UiCommand::UnfinishedUploads
        | UiCommand::DiagnoseConnection => {
            if let Some(at) = model.location() {
                here(command, at.clone(), actions);
            }
        }
        UiCommand::Download | UiCommand::Delete | UiCommand::Open => selection(command, model, state, actions),
        UiCommand::SelectAll => select_all(model, state),
        UiCommand::CopyUrl
        | UiCommand::CopyMarkdown
        | UiCommand::CopyHtml
        | UiCommand::CopyBbcode
        | UiCommand::CopyS3Uri
        | UiCommand::CopyArn
        | UiCommand::CopyAwsCli
        | UiCommand::CopyTemplate
        | UiCommand::CopySignedLink
        | UiCommand::CopyKeys
        | UiCommand::OpenInBrowser
        | UiCommand::CheckLink
        | UiCommand::QrCode
        | UiCommand::MakePublic
        | UiCommand::CopyUploadedUrls => links(command, model, state, actions),
        UiCommand::LinkHistory => actions.show(Dialog::LinkHistory),
        UiCommand::Back => actions.push(Action::Back),
        UiCommand::Forward => actions.push(Action::Forward),
        UiCommand::Up => actions.push(Action::Up),
        UiCommand::Reload => actions.push(Action::Reload),
        UiCommand::Filter => state.browser.focus = Some(BrowserFocus::Filter),
        UiCommand::ClearFilter => state.browser.filter.clear(),
        UiCommand::LoadAll | UiCommand::StopLoading => actions.push(Action::LoadAll),
        UiCommand::EditPath => path_bar::start_edit(model.location(), &mut state.browser),
        UiCommand::NewConnection
        | UiCommand::EditConnection
        | UiCommand::TestConnection
        | UiCommand::DuplicateConnection
        | UiCommand::DeleteConnection
        | UiCommand::UseAwsProfile
        | UiCommand::TryThisComputer
        | UiCommand::NewBucket => connection(command, model, actions),
        UiCommand::PauseAll | UiCommand::ResumeAll | UiCommand::RetryFailed | UiCommand::ClearFinished => {
            transfers(command, actions);
        }
        UiCommand::CancelAll => actions.show(Dialog::CancelTransfers(Whose::All)),
        UiCommand::RemoveFailed => actions.show(Dialog::RemoveFailed(Whose::All)),
        UiCommand::Receipts => actions.show(Dialog::Receipts),
        UiCommand::CheckReceipt => actions.push(Action::PickReceipt),
        UiCommand::ShowLeftOut => actions.show(Dialog::Skipped(None)),
        UiCommand::HoldQueue => actions.command(Command::HoldQueue(QueueSwitch::Hold)),
        UiCommand::GoOn => go_on(model, state, actions),
        UiCommand::WhenDoneNothing => actions.command(Command::SetWhenDone(WhenDone::Nothing)),
        UiCommand::WhenDoneSleep => actions.command(Command::SetWhenDone(WhenDone::Sleep)),
        UiCommand::WhenDoneQuit => actions.command(Command::SetWhenDone(WhenDone::Quit)),
        UiCommand::ToggleTransfers => state.queue.is_open = !state.queue.is_open,
        UiCommand::ToggleInspector => state.inspector.is_open = !state.inspector.is_open,
        UiCommand::UsualWidths => {
            let settings = Settings { column_widths: Vec::new(), ..model.settings.clone() };
            actions.push(Action::ChangeSettings(Box::new(settings)));
        }
        UiCommand::Palette => actions.show(Dialog::Palette),
        UiCommand::Settings => actions.show(Dialog::Settings),
        UiCommand::About => actions.show(Dialog::About),
        UiCommand::SwitchTheme => actions.push(Action::SwitchTheme),
        UiCommand::SwitchLanguage => switch_language(&model.settings, actions),
        UiCommand::ShowMessages => actions.push(Action::ShowMessages),
        UiCommand::Quit => actions.push(Action::Quit),
    }
}

/// Asks for a command where its button is drawn without looking whether it is possible.
pub fn push_if_possible(command: UiCommand, model: &AppModel, state: &UiState, actions: &mut Actions) {
    if command.is_enabled(model, state) {
        actions.push(Action::Ui(command));
    }
}

fn here(command: UiCommand, at: Location, actions: &mut Actions) {
    match command {
        UiCommand::UploadFiles => actions.push(Action::PickFiles { to: at }),
        UiCommand::UploadPublic => actions.push(Action::PickPublicFiles { to: at }),
        UiCommand::InviteUpload => actions.show(Dialog::InviteUpload(at)),
        UiCommand::UploadFolder => actions.push(Action::PickFolder { to: at }),
        UiCommand::PasteFiles => actions.push(Action::Paste { to: at, access: UploadAccess::AsBucket }),
        UiCommand::PastePublic => actions.push(Action::Paste { to: at, access: UploadAccess::Public }),
        UiCommand::NewFolder => actions.show(Dialog::CreateFolder(at)),
        UiCommand::AddPlace => actions.show(Dialog::AddPlace(at)),
        UiCommand::DeleteBucket => actions.show(Dialog::DeleteBucket(at.bucket)),
        UiCommand::UnfinishedUploads => {
            actions.show(Dialog::Unfinished { connection: at.connection, bucket: at.bucket });
        }
        UiCommand::DiagnoseConnection => actions.show(Dialog::Diagnose(at)),
        _ => {}
    }
}

fn selection(command: UiCommand, model: &AppModel, state: &UiState, actions: &mut Actions) {
    let Some(at) = model.location().cloned() else { return };
    let targets = state.selected_targets(model);
    match (command, targets.as_slice()) {
        (_, []) => {}
        (UiCommand::Download, _) => actions.push(Action::PickDownloadFolder { at, targets }),
        (UiCommand::Delete, _) => actions.show(Dialog::DeleteObjects { at, targets }),
        (UiCommand::Open, [Target::Folder(prefix)]) => actions.push(Action::Browse(at.at(prefix.clone()))),
        (UiCommand::Open, [Target::Object(key)]) => actions.push(Action::OpenObject(at.object(key.clone()))),
        _ => {}
    }
}

/// Selects every row that is shown.
fn select_all(model: &AppModel, state: &mut UiState) {
    let Some(browsing) = &model.browsing else { return };
    let browser = &mut state.browser;
    let rows = browser.order.rows(&browsing.listing, &browser.filter, browser.sort_column, browser.sort_direction);
    let entries = rows.iter().filter_map(|row| browsing.listing.entries.get(usize::try_from(*row).ok()?));
    let last = entries.clone().next_back().map(|entry| entry.full_key().to_owned());
    match last {
        Some(last) => {
            browser.selection.select_range(entries.map(Entry::full_key), &last);
            browser.selection.note_end(&browsing.listing);
        }
        None => browser.selection.clear(),
    }
}

fn links(command: UiCommand, model: &AppModel, state: &UiState, actions: &mut Actions) {
    let objects = state.selected_objects(model);
    let format = match command {
        UiCommand::CopyUploadedUrls => return actions.push(Action::CopyUploadedLinks),
        UiCommand::CopySignedLink => return actions.show(Dialog::SignedLink(objects)),
        UiCommand::CheckLink => {
            actions.extend(objects.into_iter().map(|object| Action::CheckLink(object, CheckExtent::All)));
            return;
        }
        UiCommand::CopyKeys => return copy_keys(model, state, actions),
        UiCommand::OpenInBrowser => {
            actions.extend(objects.into_iter().next().map(Action::OpenLink));
            return;
        }
        UiCommand::QrCode => {
            actions.extend(objects.into_iter().next().map(|object| Action::ShowDialog(Dialog::QrCode(object))));
            return;
        }
        UiCommand::MakePublic => return make_public(model, state, actions),
        _ => command.copies_as().unwrap_or(model.settings.link_format),
    };
    actions.push(Action::CopyLinks { objects, format });
}

fn copy_keys(model: &AppModel, state: &UiState, actions: &mut Actions) {
    let keys: Vec<&str> = state.selected_entries(model).map(Entry::full_key).collect();
    let notice = Notice::message(Severity::Success, "notice-keys-copied").with("count", keys.len());
    actions.push(Action::CopyText { text: keys.join("\n").into(), notice });
}

fn make_public(model: &AppModel, state: &UiState, actions: &mut Actions) {
    if let Some((at, what)) = state.sharable(model) {
        actions.show(Dialog::MakePublic { connection: at.connection.clone(), bucket: at.bucket.clone(), what });
    }
}

fn connection(command: UiCommand, model: &AppModel, actions: &mut Actions) {
    match command {
        UiCommand::NewConnection => return actions.show(Dialog::NewConnection(Box::default())),
        UiCommand::UseAwsProfile => return actions.show(Dialog::AwsProfiles),
        UiCommand::TryThisComputer => return actions.push(Action::OpenLocalStorage),
        UiCommand::NewBucket => return actions.show(Dialog::CreateBucket),
        _ => {}
    }
    let Some(id) = model.open.as_ref().map(|open| open.id.clone()) else { return };
    match command {
        UiCommand::EditConnection => actions.show(Dialog::EditConnection(id)),
        UiCommand::TestConnection => actions.push(Action::TestConnection(id)),
        UiCommand::DuplicateConnection => actions.push(Action::DuplicateConnection(id)),
        UiCommand::DeleteConnection => actions.show(Dialog::DeleteConnection(id)),
        _ => {}
    }
}

fn transfers(command: UiCommand, actions: &mut Actions) {
    let action = match command {
        UiCommand::PauseAll => TransferAction::Pause,
        UiCommand::ResumeAll => TransferAction::Resume,
        UiCommand::RetryFailed => TransferAction::Retry,
        UiCommand::ClearFinished => TransferAction::Forget,
        _ => return,
    };
    actions.command(Command::Transfers { selection: Selection::All, action });
}

/// Lets move what is held, and what waits since the start.
fn go_on(model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    if model.transfers.holds.contains(&QueueHold::Held) {
        actions.command(Command::HoldQueue(QueueSwitch::Run));
    }
    if std::mem::take(&mut state.queue.waits_from_last_time) {
        actions.command(Command::ResumeQueue);
    }
}

fn switch_language(settings: &Settings, actions: &mut Actions) {
    let mut settings = settings.clone();
    settings.language = match crate::locale::Lang::resolve(settings.language) {
        crate::locale::Lang::En => Language::Korean,
        crate::locale::Lang::Ko => Language::English,
    };
    actions.push(Action::ChangeSettings(Box::new(settings)));
}
