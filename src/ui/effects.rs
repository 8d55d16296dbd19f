//! Carries out what views asked for: sends commands, moves through folders, touches clipboard, browser and choosers.

use std::collections::HashSet;

use super::actions::{Action, Actions};
use super::app::{App, Closing};
use super::dialogs::Dialog;
use super::link_copy::{self, HandOut};
use super::link_state::CopyCause;
use super::text;
use super::ui_command::{UiCommand, remember_possible};
use super::ui_state::{BrowserState, Paging, PathPurpose, SignedFor};
use super::{browser, commands, link_flow, links, sharing_flow};
use crate::model::{
    AfterDownload, BatchId, Command, ConnectionDraft, ConnectionId, Gathered, LinkFormat, ListingState, Location,
    Notice, ObjectRef, PutOptions, ReceiptFormat, ReceiptOver, RequestId, Secret, Selection, Service, Settings,
    Severity, SignedLink, Target, ThemeChoice, TransferAction, TransferId, TransferTab, UploadAccess,
};

/// Carries everything out, in the order it was asked for. Actions may lead to further ones.
pub(super) fn carry_out(app: &mut App, ctx: &egui::Context, frame: &eframe::Frame, mut actions: Actions) {
    // Each round only holds what the round before asked for; commands of the table expand once.
    while !actions.is_empty() {
        let mut more = Actions::new();
        for action in actions.take() {
            carry_out_one(app, ctx, frame, action, &mut more);
        }
        actions = more;
    }
}

fn carry_out_one(app: &mut App, ctx: &egui::Context, frame: &eframe::Frame, action: Action, more: &mut Actions) {
    match action {
        Action::Command(command) => send(app, command),
        Action::Ui(command) => commands::run(command, &app.model, &mut app.ui, more),
        Action::Open(id) => open(app, id),
        Action::OpenLocalStorage => open_local_storage(app),
        Action::TestConnection(id) => test_connection(app, &id),
        Action::DuplicateConnection(id) => duplicate_connection(app, ctx, id),
        Action::ShowMessages => app.toasts.toggle_history(),
        Action::Browse(to) => browse(app, to, Remember::Yes),
        Action::Back => go(app, Step::Back),
        Action::Forward => go(app, Step::Forward),
        Action::Up => go_up(app),
        Action::Reload => reload(app),
        Action::LoadMore => load_more(app),
        Action::LoadAll => load_all(app),
        Action::Upload { paths, gathered, to } => upload(app, paths, gathered, to, (UploadAccess::AsBucket, None)),
        Action::UploadAs { paths, to, gathered, access, planned } => {
            upload(app, paths, gathered, to, (access, planned));
        }
        Action::PickFiles { to } => pick(app, ctx, frame, PathPurpose::UploadFiles(to)),
        Action::PickFolder { to } => pick(app, ctx, frame, PathPurpose::UploadFolder(to)),
        Action::PickPublicFiles { to } => pick(app, ctx, frame, PathPurpose::UploadPublic(to)),
        Action::PickDownloadFolder { at, targets } => pick(app, ctx, frame, PathPurpose::DownloadTo { at, targets }),
        Action::Download { at, targets, to } => download(app, at, targets, to),
        Action::OpenObject(object) => open_object(app, object),
        Action::Inspect(object) => inspect(app, object),
        Action::PickReceiptPlace(batch) => pick_receipt_place(app, ctx, frame, batch),
        Action::SaveReceipt { batch, path } => save_receipt(app, batch, path),
        Action::PickReceipt => pick(app, ctx, frame, PathPurpose::CheckReceipt),
        Action::PickCaFile => pick(app, ctx, frame, PathPurpose::CaFile),
        Action::UseCaFile(path) => app.dialogs.take_ca_file(&path),
        Action::GoOnWith(transfer) => go_on_with(app, transfer, more),
        Action::Paste { to, access } => paste(app, ctx, to, access),
        Action::CopyText { text, notice } => {
            ctx.copy_text(text.into_string());
            app.ui.links.put_on_clipboard(None);
            app.toasts.push(notice);
        }
        Action::CopyLinks { objects, format } => link_copy::copy(app, ctx, objects, format, CopyCause::Asked),
        Action::HandOutSigned { links } => hand_out_signed(app, ctx, links),
        Action::RecordSigned { links } => link_copy::record_signed(app, &links),
        Action::CheckLink(object, extent) => {
            link_flow::check_card(app, object, extent);
        }
        Action::CheckAllCopied(toast) => link_flow::check_all(app, ctx, toast),
        Action::StopCopiedCheck(toast) => link_flow::stop(app, toast),
        Action::ReplaceCopied(toast) => link_copy::replace(app, ctx, toast),
        Action::UndoSharing(change) => sharing_flow::undo(app, change),
        Action::CopyUploadedLinks => {
            let request = RequestId::next();
            app.ui.waiting.uploaded.insert(request);
            app.engine.send(Command::ListUploaded { request });
        }
        Action::OpenLink(object) => open_link(app, object, more),
        // By the engine, which hears when no browser opens it.
        Action::OpenUrl(url) => send(app, Command::OpenAddress(Secret::new(url.into_string()))),
        Action::ShowDialog(dialog) => show_dialog(app, ctx, dialog),
        Action::CloseDialog => app.dialogs.close_top(),
        Action::Toast(notice) => app.toasts.push(notice),
        Action::ChangeSettings(settings) => change_settings(app, settings),
        Action::SwitchTheme => switch_theme(app, ctx),
        Action::AddPlace(place) => {
            let mut settings = app.model.settings.clone();
            if !settings.places.iter().any(|known| known.location == place.location) {
                settings.places.push(place);
                change_settings(app, Box::new(settings));
            }
        }
        Action::Quit if app.is_busy() => app.ask_to_quit(),
        Action::Quit | Action::QuitNow => {
            app.shell.closing = Closing::Sure;
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }
}

/// Rows of deleted objects go as soon as they are gone, so the model has to know which those are; and what is only
/// tried is not kept.
fn send(app: &mut App, command: Command) {
    match &command {
        Command::DeleteObjects { request, targets, .. } => app.model.note_deleting(*request, targets.clone()),
        Command::CheckAddress { request, .. } => app.model.note_trying(*request),
        Command::SetWhenDone(then) => app.model.note_when_done(*then),
        _ => {}
    }
    app.engine.send(command);
}

/// The palette only offers what is possible at the moment it opens.
fn show_dialog(app: &mut App, ctx: &egui::Context, dialog: Dialog) {
    if matches!(dialog, Dialog::Palette) {
        remember_possible(ctx, &app.model, &app.ui);
    }
    app.dialogs.show(dialog, &app.model);
}

/// Turns the theme that is seen round, so that every press shows.
fn switch_theme(app: &mut App, ctx: &egui::Context) {
    let mut settings = app.model.settings.clone();
    settings.theme = match ctx.theme() {
        egui::Theme::Light => ThemeChoice::Dark,
        egui::Theme::Dark => ThemeChoice::Light,
    };
    change_settings(app, Box::new(settings));
}

/// The model takes settings over at once, so that the next frame shows them; the engine keeps and confirms them.
fn change_settings(app: &mut App, settings: Box<Settings>) {
    app.model.settings = (*settings).clone();
    app.engine.send(Command::UpdateSettings(settings));
}

fn forget_folder_state(browser: &mut BrowserState) {
    browser.selection.clear();
    browser.filter.clear();
    browser.selection_filter.clear();
    browser.path_edit = None;
    browser.paging = Paging::AsNeeded;
    browser.is_outdated = false;
    browser.shows_failure_detail = false;
    browser.type_ahead.0.clear();
}

/// Opens a connection; what was shown of another one goes.
pub(super) fn open(app: &mut App, id: ConnectionId) {
    if id.is_local() {
        open_local_storage(app);
        return;
    }
    let request = RequestId::next();
    leave_connection(app);
    app.model.note_opening(id.clone(), request);
    app.engine.send(Command::OpenConnection { request, id });
}

fn open_local_storage(app: &mut App) {
    let request = RequestId::next();
    leave_connection(app);
    app.model.note_opening(ConnectionId::local(), request);
    app.engine.send(Command::OpenLocalStorage { request });
}

/// Tries a saved connection; its secret stays in the keychain, so the draft carries none.
fn test_connection(app: &mut App, id: &ConnectionId) {
    let Some(saved) = app.model.connection(id) else { return };
    let request = RequestId::next();
    app.ui.waiting.tests.insert(request);
    let draft = Box::new(ConnectionDraft::of(saved));
    app.engine.send(Command::TestConnection { request, draft });
}

fn duplicate_connection(app: &mut App, ctx: &egui::Context, id: ConnectionId) {
    let Some(saved) = app.model.connection(&id) else { return };
    let name = text::t_with(ctx, "connection-copy-name", &[("name", &saved.name)]);
    let request = RequestId::next();
    app.ui.waiting.duplicates.insert(request);
    app.engine.send(Command::DuplicateConnection { request, id, name });
}

fn leave_connection(app: &mut App) {
    app.ui.browser.history.clear();
    forget_folder_state(&mut app.ui.browser);
    app.ui.inspector.resting = None;
    app.ui.waiting.folder = None;
}

/// Whether the folder that is left goes into the history.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Remember {
    /// Yes.
    Yes,
    /// No: a step within the history itself.
    No,
}

/// Shows a folder, opening its connection first if another one is in use.
pub(super) fn browse(app: &mut App, to: Location, remember: Remember) {
    if app.model.open.as_ref().is_none_or(|open| open.id != to.connection) {
        open(app, to.connection.clone());
        app.ui.waiting.folder = Some(to);
        return;
    }
    let here = app.model.location().cloned();
    if here.as_ref() == Some(&to) {
        reload_objects(app);
        return;
    }
    if let (Some(here), Remember::Yes) = (here, remember) {
        app.ui.browser.history.leave(here);
    }
    forget_folder_state(&mut app.ui.browser);
    app.ui.browser.focus = Some(super::ui_state::BrowserFocus::Table);
    learn_region(app, &to);
    let request = RequestId::next();
    app.model.note_browsing(to.clone(), request);
    app.engine.send(Command::ListObjects { request, at: to, after: None });
}

/// Links of an Amazon bucket need its real region.
fn learn_region(app: &App, to: &Location) {
    let is_amazon = app.model.connection(&to.connection).is_some_and(|c| c.service == Service::AmazonS3);
    if is_amazon && app.model.bucket_region(&to.bucket).is_none() {
        let (connection, bucket) = (to.connection.clone(), to.bucket.clone());
        app.engine.send(Command::FindBucketRegion { request: RequestId::next(), connection, bucket });
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Back,
    Forward,
}

fn go(app: &mut App, step: Step) {
    let here = app.model.location().cloned();
    let history = &mut app.ui.browser.history;
    if step == Step::Back && !history.can_go_back() {
        // Before all folders there was the list of buckets.
        history.step_out(here);
        show_buckets(app);
        return;
    }
    let to = match step {
        Step::Back => history.go_back(here),
        Step::Forward => history.go_forward(here),
    };
    if let Some(to) = to {
        browse(app, to, Remember::No);
    }
}

/// One folder up; the folder that is left is selected there, so that the eye finds it again.
fn go_up(app: &mut App) {
    let Some(here) = app.model.location().cloned() else { return };
    if here.prefix.is_root() {
        app.ui.browser.history.leave(here);
        show_buckets(app);
        return;
    }
    if browser::top_of(&app.model, &here) == Some(&here.prefix) {
        return;
    }
    browse(app, here.at(here.prefix.parent()), Remember::Yes);
    app.ui.browser.selection.select_only(here.prefix.as_str());
    app.ui.browser.scroll_to = Some(here.prefix.as_str().to_owned());
}

/// Shows the list of buckets in the place of a folder, with the keyboard on the bucket that was left.
fn show_buckets(app: &mut App) {
    let left = app.model.location().map(|here| here.bucket.clone());
    forget_folder_state(&mut app.ui.browser);
    (app.model.browsing, app.model.inspected) = (None, None);
    app.ui.browser.left_bucket = left;
    app.ui.browser.focus = Some(super::ui_state::BrowserFocus::Table);
}

fn reload(app: &mut App) {
    if let Some(open) = &app.model.open {
        let connection = open.id.clone();
        if matches!(open.state, crate::model::OpenState::Failed(_)) {
            self::open(app, connection);
            return;
        }
        app.engine.send(Command::ListBuckets { request: RequestId::next(), connection });
    }
    reload_objects(app);
}

/// Asks for the shown folder again; its rows stay until the answer is here.
pub(super) fn reload_objects(app: &mut App) {
    let Some(at) = app.model.location().cloned() else { return };
    app.ui.browser.is_outdated = false;
    app.ui.browser.paging = Paging::AsNeeded;
    let request = RequestId::next();
    app.model.note_browsing(at.clone(), request);
    app.engine.send(Command::ListObjects { request, at, after: None });
}

/// Asks for the shown folder again without a word, since nobody has asked for it.
pub(super) fn list_again_in_silence(app: &mut App) {
    reload_objects(app);
    app.ui.browser.quiet_request = app.model.browsing.as_ref().map(|browsing| browsing.request);
}

pub(super) fn load_more(app: &mut App) {
    let request = RequestId::next();
    if let Some((at, token)) = app.model.note_loading_more(request) {
        app.engine.send(Command::ListObjects { request, at, after: Some(token) });
    }
}

fn load_all(app: &mut App) {
    let can_go_on = app.model.browsing.as_ref().is_some_and(|browsing| {
        let listing = &browsing.listing;
        matches!(listing.state, ListingState::Partial(_)) || listing.has_lost_page()
    });
    app.ui.browser.paging = match app.ui.browser.paging {
        Paging::AsNeeded => Paging::Everything,
        Paging::Everything => Paging::AsNeeded,
    };
    if can_go_on && app.ui.browser.paging == Paging::Everything {
        load_more(app);
    }
}

fn upload(
    app: &mut App,
    paths: Vec<std::path::PathBuf>,
    gathered: Gathered,
    to: Location,
    (access, planned): (UploadAccess, Option<RequestId>),
) {
    // What was handed over at the start, and asked about, waits no longer.
    let sent: HashSet<&std::path::PathBuf> = paths.iter().collect();
    app.ui.handed_over.retain(|path| !sent.contains(path));
    // New transfers are what one wants to see now.
    app.ui.queue.tab = TransferTab::Active;
    let on_conflict = app.model.settings.on_conflict;
    let options = PutOptions { on_conflict, gathered, access, ..PutOptions::default() };
    // By the time its links are copied it is known.
    link_copy::ask_region(app, &to.connection, &to.bucket);
    app.ui.waiting.arriving.note(&to);
    let (batch, options) = (BatchId::next(), Box::new(options));
    app.engine.send(match planned {
        Some(planned) => Command::EnqueuePlanned { batch, paths, to, options, planned },
        None => Command::Enqueue { batch, paths, to, options },
    });
}

fn download(app: &mut App, at: Location, targets: Vec<Target>, to: std::path::PathBuf) {
    let on_conflict = app.model.settings.on_conflict;
    let batch = BatchId::next();
    app.engine.send(Command::Download { batch, at, targets, to: Some(to), on_conflict, then: AfterDownload::Keep });
}

fn open_object(app: &mut App, object: ObjectRef) {
    let at = object.location();
    let targets = vec![Target::Object(object.key)];
    app.engine.send(Command::Download {
        batch: BatchId::next(),
        at,
        targets,
        to: None,
        on_conflict: crate::model::ConflictPolicy::Overwrite,
        then: AfterDownload::Open,
    });
}

fn inspect(app: &mut App, object: ObjectRef) {
    let request = RequestId::next();
    app.model.note_inspecting(object.clone(), request);
    app.engine.send(Command::InspectObject { request, object });
}

fn pick(app: &mut App, ctx: &egui::Context, frame: &eframe::Frame, purpose: PathPurpose) {
    let id = match &purpose {
        PathPurpose::UploadFiles(_) => "choose-files-title",
        PathPurpose::UploadPublic(_) => "choose-public-files-title",
        PathPurpose::UploadFolder(_) => "choose-folder-title",
        PathPurpose::DownloadTo { .. } => "choose-download-title",
        PathPurpose::SaveReceipt { .. } => "choose-receipt-title",
        PathPurpose::CheckReceipt => "choose-receipt-to-check-title",
        PathPurpose::CaFile => "choose-ca-file-title",
    };
    let choice = app.shell.chooser.open(&purpose, text::t(ctx, id), frame);
    app.shell.pickers.add(ctx, choice, purpose);
}

fn pick_receipt_place(app: &mut App, ctx: &egui::Context, frame: &eframe::Frame, batch: BatchId) {
    let bucket = app.model.finished.iter().find(|known| known.batch == batch).map(|known| known.to.bucket.as_str());
    let name = format!("receipt-{}.csv", bucket.unwrap_or("bucketdrop"));
    pick(app, ctx, frame, PathPurpose::SaveReceipt { batch, name });
}

fn save_receipt(app: &mut App, batch: BatchId, path: std::path::PathBuf) {
    let request = RequestId::next();
    let format = ReceiptFormat::of_path(&path);
    app.ui.waiting.receipts.push((request, path.clone()));
    app.engine.send(Command::SaveReceipt { request, batch, path, format, over: ReceiptOver::AnyFile });
}

/// Each action leaves transfers alone that it does not fit. What holds the whole queue would hold this one as well: that
/// is let go, and this one goes first.
fn go_on_with(app: &mut App, transfer: TransferId, more: &mut Actions) {
    commands::run(UiCommand::GoOn, &app.model, &mut app.ui, more);
    for action in [TransferAction::Resume, TransferAction::Retry, TransferAction::First] {
        more.command(Command::Transfers { selection: Selection::One(transfer), action });
    }
    app.ui.queue.is_open = true;
    app.ui.queue.tab = TransferTab::Active;
    app.toasts.push(Notice::message(Severity::Info, "notice-unfinished-goes-on"));
}

fn paste(app: &mut App, ctx: &egui::Context, to: Location, access: UploadAccess) {
    let request = RequestId::next();
    app.ui.waiting.pastes.insert(request, (to, access));
    // The engine knows what time it is.
    let marks = [("date", "{date}"), ("time", "{time}")];
    let image_name = text::t_with(ctx, "paste-image-name", &marks);
    app.engine.send(Command::ReadClipboardFiles { request, image_name });
}

/// Has links signed, for what `purpose` says.
pub(super) fn sign(app: &mut App, objects: Vec<ObjectRef>, expires_secs: u64, purpose: SignedFor) {
    let request = RequestId::next();
    app.ui.waiting.signing.insert(request, purpose);
    app.engine.send(Command::SignLinks { request, objects, expires_secs });
}

/// Links that a dialog had signed.
fn hand_out_signed(app: &mut App, ctx: &egui::Context, links: Vec<SignedLink>) {
    let objects = links.iter().map(|link| link.object.clone()).collect();
    let (format, cause) = (LinkFormat::Url, CopyCause::Asked);
    link_copy::hand_out(app, ctx, HandOut { objects, signed: links, format, cause, instead_of: None });
}

fn open_link(app: &mut App, object: ObjectRef, more: &mut Actions) {
    if links::needs_signing(&app.model, &object) {
        let expires_secs = app.model.settings.presign_secs;
        sign(app, vec![object], expires_secs, SignedFor::Browser);
        return;
    }
    match links::link(&app.model, &object, LinkFormat::Url) {
        Some(url) => more.push(Action::OpenUrl(url.into())),
        None => app.toasts.push(Notice::message(Severity::Warning, "notice-no-public-address")),
    }
}
