//! What the window does by itself when the engine tells something: shows the first folder, copies links of a finished
//! batch, lists again what has changed.

use super::actions::{Action, Actions};
use super::app::{App, Closing};
use super::dialogs::{Dialog, PathWanted, toasts::ToastAction};
use super::link_copy::{self, HandOut};
use super::link_state::CopyCause;
use super::pickers::Picked;
use super::ui_command::UiCommand;
use super::ui_state::{Paging, PathPurpose, SignedFor};
use super::{arriving, effects, ending, link_flow, sharing_flow, text, verdict};
use crate::locale;
use crate::model::{
    BatchId, BatchSummary, BucketName, CheckExtent, Command, Connection, ConnectionId, CopyWhenDone, CredentialSource,
    EngineSnapshot, Event, Failure, FailureKind, Gathered, LayerFinding, ListingState, Location, Notice, ObjectKey,
    ObjectRef, Prefix, RequestId, Severity, SharingStands, SignedLink, TestLine, TestReport, TransferKind, TransferTab,
    UploadAccess,
};

/// A longer listing is not asked for again by itself: its rows would shrink to the first page under the user's eyes.
const RELOADED_BY_ITSELF_ROWS: usize = 1_000;
/// So many new objects are looked up for a longer listing; more are left to a reload.
const FOUND_BY_ITSELF: usize = 2_000;

/// Reacts to one event; the model has taken it already.
pub(super) fn react(app: &mut App, ctx: &egui::Context, event: Event, actions: &mut Actions) {
    match event {
        Event::Started(snapshot) => started(app, &snapshot, actions),
        Event::ConnectionOpened { id, result: Ok(_), .. } => {
            app.ui.links.asked_regions.retain(|(connection, _)| *connection != id);
            opened(app, &id, actions);
        }
        Event::ConnectionSaved { request, result } => {
            if let Ok(saved) = &result {
                app.ui.links.asked_regions.retain(|(connection, _)| *connection != saved.id);
            }
            if app.ui.waiting.duplicates.remove(&request) {
                match result {
                    Ok(connection) => actions.show(Dialog::EditConnection(connection.id)),
                    Err(failure) => actions.push(Action::Toast(Notice::failure(*failure))),
                }
            }
        }
        Event::ConnectionTested { request, report } if app.ui.waiting.tests.remove(&request) => {
            tell_tested(app, &report);
        }
        Event::BucketRegionFound { connection, bucket, .. } => {
            link_copy::region_found(app, ctx, &connection, &bucket);
        }
        Event::BucketsListed { connection, result: Ok(_), .. } => show_first_folder(app, &connection, actions),
        Event::ObjectsListed { request, result, .. } => {
            listed(app, request);
            sharing_flow::listed(app, ctx, request, &result);
        }
        Event::BucketCreated { name, result: Ok(()), .. } => bucket_created(app, name, actions),
        Event::BucketDeleted { name, result: Ok(()), .. } => bucket_deleted(app, &name),
        Event::FolderCreated { at, result: Ok(()), .. } => changed(app, &at.at(at.prefix.parent())),
        Event::RowsFound { at, result: Err(_), .. } if app.model.location() == Some(&*at) => {
            app.ui.browser.is_outdated = true;
        }
        Event::ObjectsDeleted { at, came, failed, end: Some(end), .. } => {
            let is_all_gone = end.is_ok() && failed.is_empty() && came == 0;
            deleted(app, &at, if is_all_gone { DeletionEnd::AllGone } else { DeletionEnd::SomeStayed });
        }
        Event::Transfers(_) => {
            ending::note_work(app);
            show_where_it_went(app);
            arriving::look(app, ctx);
        }
        Event::QueueRestored { files, bytes, asks } => restored(app, &Restored { files, bytes, asks }),
        Event::BatchFinished { batch, summary } => {
            ending::batch_ended(app, batch, &summary);
            batch_finished(app, ctx, batch, &summary);
        }
        Event::QueueDone { then } => ending::all_done(app, ctx, then),
        Event::SleepsSoon { in_secs } => ending::sleeps_soon(app, in_secs, actions),
        Event::UploadedObjects { request, objects } if app.ui.waiting.uploaded.remove(&request) => {
            let format = app.model.settings.link_format;
            link_copy::copy(app, ctx, objects, format, CopyCause::Asked);
        }
        Event::LinksChecked { request, checks, progress, end } => {
            let checked = link_flow::Checked { request, checks: &checks, progress, end: end.as_ref() };
            link_flow::checked(app, ctx, &checked);
            sharing_flow::checked(app, ctx, &checked);
        }
        Event::LinkOutdated(object) => link_flow::outdated(app, &object),
        Event::AccessExplained { request, result, .. } => link_flow::explained(app, request, result),
        Event::SharingApplied { result: Ok(change), .. }
        | Event::SharingFound { result: Ok(SharingStands::Made(change)), .. } => {
            sharing_flow::applied(app, ctx, *change);
        }
        Event::SharingUndone { request, result, .. } => sharing_flow::undone(app, request, result),
        Event::PublicRefused { failure, because, .. } => public_refused(app, ctx, failure, because),
        Event::AclLeftOut { failure, .. } => push_with_details(app, Notice::failure((*failure).clone()), failure),
        Event::LinksSigned { request, result } => links_signed(app, ctx, request, result, actions),
        Event::ReceiptSaved { request, result } => receipt_saved(app, request, result),
        Event::DropMeasured { request, size } => app.ui.drop.measured(request, size),
        Event::ClipboardFiles { request, result } => pasted(app, request, result, actions),
        Event::ConnectionNamed(name) => connection_named(app, &name, actions),
        Event::FilesHandedOver(paths) => handed_over(app, ctx, paths),
        Event::Notice(notice) => app.toasts.push(*notice),
        Event::BatchIncomplete { failure, .. } => app.toasts.push(Notice::failure(*failure)),
        Event::ShutdownComplete => app.shell.closing = Closing::Sure,
        _ => {}
    }
}

/// What was to be public is not: says which layers refuse, if that is known.
fn public_refused(app: &mut App, ctx: &egui::Context, failure: Box<Failure>, because: Option<Vec<LayerFinding>>) {
    let lang = text::lang(ctx);
    let notice = match because {
        None => Notice::failure((*failure).clone()),
        Some(layers) => {
            let mut why: Vec<String> =
                layers.into_iter().map(|found| format!("– {}", verdict::finding(found, lang))).collect();
            if why.is_empty() {
                why.push(locale::text(lang, "public-nothing-refuses"));
            }
            Notice::message(Severity::Error, "notice-not-public")
                .with("title", locale::failure_title(lang, &failure))
                .with("why", why.join("\n"))
                .with("advice", locale::failure_advice(lang, &failure))
        }
    };
    push_with_details(app, notice, failure);
}

fn push_with_details(app: &mut App, notice: Notice, failure: Box<Failure>) {
    let action = Action::ShowDialog(Dialog::ErrorDetails(failure));
    app.toasts.push_with(notice, ToastAction { label_id: "show-details", action });
}

/// Does with signed links what they were signed for.
fn links_signed(
    app: &mut App,
    ctx: &egui::Context,
    request: RequestId,
    result: Result<Vec<SignedLink>, Box<Failure>>,
    actions: &mut Actions,
) {
    match (app.ui.waiting.signing.remove(&request), result) {
        (Some(SignedFor::Copy { format, objects, cause, instead_of }), Ok(signed)) => {
            link_copy::hand_out(app, ctx, HandOut { objects, signed, format, cause, instead_of });
        }
        (Some(SignedFor::Browser), Ok(signed)) => {
            actions.extend(signed.into_iter().map(|link| Action::OpenUrl(link.url.into())));
        }
        (Some(_), Err(failure)) => app.toasts.push(Notice::failure(*failure)),
        (None, _) => {}
    }
}

/// Opens what the command line named, else the connection of the last run.
fn started(app: &mut App, snapshot: &EngineSnapshot, actions: &mut Actions) {
    if !snapshot.warnings.is_empty() {
        // Each is named in the file's own words, one click away.
        let failure = Failure::new(FailureKind::SettingsEntries).with("path", snapshot.settings_path.display());
        let notice = Notice::failure(failure.detail(snapshot.warnings.join("\n")));
        actions.push(Action::Toast(Notice { severity: Severity::Warning, ..notice }));
    }
    let wanted = app.shell.start.connection.take();
    let by_name = wanted.and_then(|name| named_or_told(&snapshot.connections, &name, actions));
    let last = app.shell.last_connection.take().filter(|id| may_reopen(&snapshot.connections, id));
    if let Some(id) = by_name.or(last) {
        open(id, actions);
    }
}

/// A second start named a connection; one that is open already stays where it is.
fn connection_named(app: &App, name: &str, actions: &mut Actions) {
    let found = named_or_told(&app.model.connections, name, actions);
    let is_open = |id: &ConnectionId| app.model.open.as_ref().is_some_and(|open| open.id == *id);
    if let Some(id) = found.filter(|id| !is_open(id)) {
        open(id, actions);
    }
}

fn open(id: ConnectionId, actions: &mut Actions) {
    actions.push(if id.is_local() { Action::OpenLocalStorage } else { Action::Open(id) });
}

/// The connection of this name; that there is none is told.
fn named_or_told(connections: &[Connection], name: &str, actions: &mut Actions) -> Option<ConnectionId> {
    let found = named(connections, name);
    if found.is_none() {
        let notice = Notice::message(Severity::Warning, "notice-no-such-connection").with("name", name.to_owned());
        actions.push(Action::Toast(notice));
    }
    found
}

fn named(connections: &[Connection], name: &str) -> Option<ConnectionId> {
    if name == ConnectionId::LOCAL {
        return Some(ConnectionId::local());
    }
    connections.iter().find(|c| c.name == name || c.id.as_str() == name).map(|c| c.id.clone())
}

/// Whoever tests a connection may want to know more of it: that asks first.
fn tell_tested(app: &mut App, report: &TestReport) {
    let notice = tested(report);
    match app.model.location().cloned() {
        Some(at) if notice.severity == Severity::Success => {
            let action = ToastAction { label_id: "diagnose-more", action: Action::ShowDialog(Dialog::Diagnose(at)) };
            app.toasts.push_with(notice, action);
        }
        _ => app.toasts.push(notice),
    }
}

fn tested(report: &TestReport) -> Notice {
    let problem = report.lines.iter().find_map(|line| match line {
        TestLine::Problem(failure) => Some(failure.clone()),
        _ => None,
    });
    match problem {
        Some(failure) => Notice::failure(failure),
        None => Notice::message(Severity::Success, "notice-connection-works"),
    }
}

/// The AWS chain is only read when the user asks for it, so such a connection never opens by itself.
fn may_reopen(connections: &[Connection], id: &ConnectionId) -> bool {
    let saved = connections.iter().find(|connection| connection.id == *id);
    id.is_local() || saved.is_some_and(|c| matches!(c.credentials, CredentialSource::Keychain { .. }))
}

fn opened(app: &mut App, id: &ConnectionId, actions: &mut Actions) {
    let wanted = app.ui.waiting.folder.take_if(|folder| folder.connection == *id);
    if let Some(folder) = wanted {
        actions.push(Action::Browse(folder));
    }
}

/// A connection with one way in shows it at once: the named scope, the only bucket, the embedded storage's bucket.
fn show_first_folder(app: &App, connection: &ConnectionId, actions: &mut Actions) {
    let Some(open) = app.model.open.as_ref().filter(|open| open.id == *connection) else { return };
    if app.model.browsing.is_some() || app.ui.waiting.folder.is_some() {
        return;
    }
    let Some(Ok(buckets)) = &open.buckets else { return };
    let scope = app.model.connection(connection).and_then(|saved| saved.scopes.first());
    let first = match (scope, buckets.as_slice()) {
        (Some(scope), _) => Some((scope.bucket.clone(), scope.prefix.clone())),
        (None, [only]) => Some((only.name.clone(), Prefix::root())),
        (None, [first, ..]) if connection.is_local() => Some((first.name.clone(), Prefix::root())),
        _ => None,
    };
    if let Some((bucket, prefix)) = first {
        actions.push(Action::Browse(Location { connection: connection.clone(), bucket, prefix }));
    }
}

fn listed(app: &mut App, request: RequestId) {
    let Some(browsing) = app.model.browsing.as_ref().filter(|browsing| browsing.request == request) else { return };
    if browsing.asked_after.is_none() {
        app.ui.browser.selection.keep_existing(&browsing.listing.entries);
    }
    let is_partial = matches!(browsing.listing.state, ListingState::Partial(_));
    match app.ui.browser.paging {
        Paging::Everything if is_partial => effects::load_more(app),
        _ => app.ui.browser.paging = Paging::AsNeeded,
    }
}

fn bucket_created(app: &mut App, bucket: BucketName, actions: &mut Actions) {
    let Some(connection) = app.model.open.as_ref().map(|open| open.id.clone()) else { return };
    app.engine.send(Command::ListBuckets { request: RequestId::next(), connection: connection.clone() });
    actions.push(Action::Browse(Location { connection, bucket, prefix: Prefix::root() }));
}

fn bucket_deleted(app: &mut App, bucket: &BucketName) {
    if app.model.location().is_some_and(|at| at.bucket == *bucket) {
        app.model.browsing = None;
        app.ui.browser.selection.clear();
    }
    if let Some(open) = &app.model.open {
        let connection = open.id.clone();
        app.engine.send(Command::ListBuckets { request: RequestId::next(), connection });
    }
}

/// Lists the shown folder again when something in it has changed.
fn changed(app: &mut App, at: &Location) {
    let Some(browsing) = &app.model.browsing else { return };
    let shown = &browsing.listing.at;
    let is_shown = shown.connection == at.connection
        && shown.bucket == at.bucket
        && shown.prefix.as_str().starts_with(at.prefix.as_str());
    if !is_shown {
        return;
    }
    if browsing.listing.entries.len() <= RELOADED_BY_ITSELF_ROWS {
        effects::reload_objects(app);
    } else {
        app.ui.browser.is_outdated = true;
    }
}

/// Shows what an upload has added. A long listing gets only its new rows, so that selection and place stay.
fn uploaded(app: &mut App, summary: &BatchSummary) {
    let shown = app.model.browsing.as_ref().map(|browsing| (&browsing.listing.at, browsing.listing.entries.len()));
    let Some((at, rows)) = shown else { return };
    let is_below = |object: &&ObjectRef| {
        object.connection == at.connection
            && object.bucket == at.bucket
            && object.key.as_str().starts_with(at.prefix.as_str())
    };
    let keys: Vec<ObjectKey> = summary.objects.iter().filter(is_below).map(|object| object.key.clone()).collect();
    // A list that does not name everything stored says nothing of the rest.
    let names_all = summary.objects.len() as u64 == summary.done;
    if rows <= RELOADED_BY_ITSELF_ROWS || keys.len() > FOUND_BY_ITSELF || !names_all {
        changed(app, &summary.to);
    } else if !keys.is_empty() {
        let (request, at) = (RequestId::next(), at.clone());
        app.engine.send(Command::FindRows { request, at, keys });
    }
}

/// How a deletion ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DeletionEnd {
    /// Everything is gone.
    AllGone,
    /// Some objects may be there still.
    SomeStayed,
}

/// What is gone has left the rows already; a long listing is right without being asked for again.
fn deleted(app: &mut App, at: &Location, end: DeletionEnd) {
    let Some(browsing) = &app.model.browsing else { return };
    app.ui.browser.selection.keep_existing(&browsing.listing.entries);
    if end == DeletionEnd::SomeStayed || browsing.listing.entries.len() <= RELOADED_BY_ITSELF_ROWS {
        changed(app, at);
    }
}

/// Tells what a batch did not transfer, each with the way to the reasons.
fn tell_missing(app: &mut App, batch: BatchId, summary: &BatchSummary) {
    // What is no file to upload; and what the rule for taken names left out, which the Done tab names one by one.
    let no_files = app.model.left_out.get(&batch).copied().unwrap_or_default().min(summary.skipped);
    let skipped = summary.skipped - no_files;
    if no_files > 0 {
        let notice = match skipped {
            0 => Notice::message(Severity::Warning, "notice-left-out").with("count", no_files),
            _ => Notice::message(Severity::Warning, "notice-left-out-and-skipped")
                .with("left-out", no_files)
                .with("skipped", skipped),
        };
        let action = Action::ShowDialog(Dialog::Skipped(Some(batch)));
        app.toasts.push_with(notice, ToastAction { label_id: "show-left-out", action });
    }
    if no_files == 0 && skipped > 0 {
        app.toasts.push(Notice::message(Severity::Info, "notice-skipped").with("count", skipped));
    }
    if summary.failed > 0 {
        let notice = Notice::message(Severity::Warning, "notice-transfers-failed").with("count", summary.failed);
        match &summary.first_failure {
            Some(failure) => {
                let action = Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone())));
                app.toasts.push_with(notice, ToastAction { label_id: "show-details", action });
            }
            None => app.toasts.push(notice),
        }
    }
}

fn batch_finished(app: &mut App, ctx: &egui::Context, batch: BatchId, summary: &BatchSummary) {
    tell_missing(app, batch, summary);
    // The picture of the queue that follows tells whether anything else is under way.
    app.ui.waiting.ended = Some(if summary.failed > 0 { TransferTab::Failed } else { TransferTab::Done });
    show_where_it_went(app);
    if summary.kind == TransferKind::Upload && summary.done > 0 {
        uploaded(app, summary);
        // Of very many, none is named: their links are for the drawer to copy.
        let names_all = summary.objects.len() as u64 == summary.done;
        if names_all && app.model.settings.copy_when_done == CopyWhenDone::Links {
            let format = app.model.settings.link_format;
            link_copy::copy(app, ctx, summary.objects.clone(), format, CopyCause::Batch);
            return;
        }
        // Nobody has asked for the links, so what comes of them is only seen in the rows.
        let (request, objects) = (RequestId::next(), summary.objects.clone());
        app.engine.send(Command::CheckLinks { request, objects, extent: CheckExtent::Sample });
    }
    if summary.failed > 0 && summary.done == 0 {
        return;
    }
    let id = match summary.kind {
        TransferKind::Upload => "notice-uploaded",
        TransferKind::Download => "notice-downloaded",
    };
    if summary.done > 0 {
        app.toasts.push(Notice::message(Severity::Success, id).with("count", summary.done));
    }
}

/// What an earlier run has left.
struct Restored {
    files: u64,
    bytes: u64,
    asks: bool,
}

/// Tells what is back. Where it waits for a word, the toast asks for it, and so does the drawer once that is gone.
fn restored(app: &mut App, what: &Restored) {
    let size = super::format::bytes(what.bytes, app.model.settings.size_units);
    let told = |severity, id| Notice::message(severity, id).with("count", what.files).with("size", size);
    if what.asks {
        app.ui.queue.waits_from_last_time = true;
        let action = ToastAction { label_id: "command-go-on", action: Action::Ui(UiCommand::GoOn) };
        app.toasts.push_with(told(Severity::Warning, "notice-restored-waits"), action);
    } else if what.files > 0 {
        app.toasts.push(told(Severity::Info, "notice-restored"));
    } else {
        // Only folders that were not read to their end.
        app.toasts.push(Notice::message(Severity::Info, "notice-restored-folders"));
    }
}

/// When nothing is under way any more, the drawer shows where the finished transfers are.
fn show_where_it_went(app: &mut App) {
    if app.model.transfers.counts.active > 0 {
        return;
    }
    if let Some(tab) = app.ui.waiting.ended.take()
        && app.ui.queue.tab == TransferTab::Active
    {
        app.ui.queue.tab = tab;
    }
}

fn receipt_saved(app: &mut App, request: RequestId, result: Result<u64, Box<Failure>>) {
    let waiting = &mut app.ui.waiting.receipts;
    let Some(index) = waiting.iter().position(|(asked, _)| *asked == request) else { return };
    let (_, path) = waiting.remove(index);
    match result {
        Ok(files) => {
            let severity = if files > 0 { Severity::Success } else { Severity::Warning };
            let action = ToastAction { label_id: "receipt-open", action: Action::Command(Command::OpenPath(path)) };
            app.toasts.push_with(Notice::message(severity, "notice-receipt-saved").with("count", files), action);
        }
        Err(failure) => app.toasts.push(Notice::failure(*failure)),
    }
}

fn pasted(
    app: &mut App,
    request: RequestId,
    result: Result<Vec<std::path::PathBuf>, Box<Failure>>,
    actions: &mut Actions,
) {
    let Some((to, access)) = app.ui.waiting.pastes.remove(&request) else { return };
    let paths = match result {
        Ok(paths) => paths,
        Err(failure) => return app.toasts.push(Notice::failure(*failure)),
    };
    let gathered = Gathered::Together;
    match access {
        _ if paths.is_empty() => app.toasts.push(Notice::message(Severity::Info, "notice-nothing-to-paste")),
        UploadAccess::AsBucket => actions.push(Action::Upload { paths, gathered, to }),
        // Nothing is public before that was agreed to.
        UploadAccess::Public => actions.show(Dialog::UploadPublic { paths, gathered, to }),
    }
}

fn handed_over(app: &mut App, ctx: &egui::Context, paths: Vec<std::path::PathBuf>) {
    app.ui.handed_over.extend(paths);
    ctx.send_viewport_cmd(egui::ViewportCommand::Minimized(false));
    ctx.send_viewport_cmd(egui::ViewportCommand::Focus);
}

/// A file chooser has ended.
pub(super) fn picked(purpose: PathPurpose, picked: Picked, actions: &mut Actions) {
    match picked {
        Picked::Nothing => {}
        Picked::NoChooser => actions.show(Dialog::EnterPath(path_wanted(purpose))),
        Picked::Paths(paths) => use_paths(purpose, paths, actions),
    }
}

fn path_wanted(purpose: PathPurpose) -> PathWanted {
    match purpose {
        PathPurpose::UploadFiles(to) | PathPurpose::UploadFolder(to) => PathWanted::Upload { to },
        PathPurpose::UploadPublic(to) => PathWanted::UploadPublic { to },
        PathPurpose::DownloadTo { at, targets } => PathWanted::Download { at, targets },
        PathPurpose::SaveReceipt { batch, .. } => PathWanted::SaveReceipt { batch },
        PathPurpose::CheckReceipt => PathWanted::CheckReceipt,
        PathPurpose::CaFile => PathWanted::CaFile,
    }
}

/// Does with chosen paths what they were asked for.
fn use_paths(purpose: PathPurpose, paths: Vec<std::path::PathBuf>, actions: &mut Actions) {
    let gathered = Gathered::ByName;
    match purpose {
        PathPurpose::UploadFiles(to) | PathPurpose::UploadFolder(to) => {
            actions.push(Action::Upload { paths, gathered, to });
        }
        PathPurpose::UploadPublic(to) => actions.show(Dialog::UploadPublic { paths, gathered, to }),
        PathPurpose::DownloadTo { at, targets } => {
            if let Some(to) = paths.into_iter().next() {
                actions.push(Action::Download { at, targets, to });
            }
        }
        PathPurpose::SaveReceipt { batch, .. } => {
            actions.extend(paths.into_iter().next().map(|path| Action::SaveReceipt { batch, path }));
        }
        PathPurpose::CheckReceipt => {
            actions.extend(paths.into_iter().next().map(|path| Action::ShowDialog(Dialog::CheckReceipt(path))));
        }
        PathPurpose::CaFile => actions.extend(paths.into_iter().next().map(Action::UseCaFile)),
    }
}
