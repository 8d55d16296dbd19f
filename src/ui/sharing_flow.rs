//! What follows when something was opened for anyone, or that was taken back. That a policy was written does not make
//! anything public: one object is asked for as a stranger would, and only that answer is told.

use super::actions::Action;
use super::app::App;
use super::dialogs::toasts::{News, ToastAction};
use super::link_flow::{self, Checked};
use super::text::{self, t_with};
use super::ui_state::Opened;
use super::{format, verdict};
use crate::model::{
    CheckExtent, Command, Entry, Failure, LinkCheck, Location, Notice, ObjectPage, ObjectRef, OpenWhat, RequestId,
    Severity, SharingChange, SharingId, Verdict,
};

/// Tells that the server has taken a change, with the way back, and finds out whether it opens anything.
pub(super) fn applied(app: &mut App, ctx: &egui::Context, change: SharingChange) {
    let notice = Notice::message(Severity::Info, "notice-share-checking").with("place", place(ctx, &change));
    let toast = app.toasts.push_awaiting(notice, Some(undo_button(&change)));
    let card = link_flow::check_card_again(app);
    let sample = match &change.what {
        OpenWhat::Objects(keys) => sample(keys.iter().map(|key| object_of(&change, key.clone())).collect()),
        OpenWhat::Prefix(_) => {
            let shown = app.model.browsing.iter().flat_map(|browsing| {
                let at = &browsing.listing.at;
                browsing.listing.entries.iter().filter_map(move |entry| match entry {
                    Entry::Object(object) if !object.key.is_folder_marker() => Some(at.object(object.key.clone())),
                    _ => None,
                })
            });
            sample(shown.filter(|object| is_of(&change, object)).collect())
        }
    };
    let opened = Opened { change, toast, found: Vec::new() };
    match (sample.as_slice(), &opened.change.what) {
        ([], OpenWhat::Prefix(prefix)) => {
            let (connection, bucket, prefix) =
                (opened.change.connection.clone(), opened.change.bucket.clone(), prefix.clone());
            let at = Location { connection, bucket, prefix };
            let request = RequestId::next();
            app.engine.send(Command::ListObjects { request, at, after: None });
            app.ui.waiting.opened.insert(request, opened);
        }
        // There is nothing that a stranger could try.
        ([], OpenWhat::Objects(_)) => not_checked(app, ctx, &opened),
        // The card's answer is the one that is wanted.
        ([only], _) if card.as_ref().is_some_and(|(_, object)| object == only) => {
            app.ui.waiting.opened.extend(card.map(|(request, _)| (request, opened)));
        }
        _ => check(app, sample, opened),
    }
}

/// So many of what was opened are tried.
const TRIED_AT_MOST: usize = 10;

/// First, last and some between.
fn sample(objects: Vec<ObjectRef>) -> Vec<ObjectRef> {
    let last = objects.len().saturating_sub(1);
    if objects.len() <= TRIED_AT_MOST {
        return objects;
    }
    (0..TRIED_AT_MOST).filter_map(|at| objects.get(at * last / (TRIED_AT_MOST - 1)).cloned()).collect()
}

fn check(app: &mut App, objects: Vec<ObjectRef>, opened: Opened) {
    let request = RequestId::next();
    app.engine.send(Command::CheckLinks { request, objects, extent: CheckExtent::All });
    app.ui.waiting.opened.insert(request, opened);
}

fn object_of(change: &SharingChange, key: crate::model::ObjectKey) -> ObjectRef {
    ObjectRef { connection: change.connection.clone(), bucket: change.bucket.clone(), key }
}

/// Whether a change was to open this object.
fn is_of(change: &SharingChange, object: &ObjectRef) -> bool {
    change.connection == object.connection
        && change.bucket == object.bucket
        && match &change.what {
            OpenWhat::Prefix(prefix) => object.key.as_str().starts_with(prefix.as_str()),
            OpenWhat::Objects(keys) => keys.contains(&object.key),
        }
}

/// What was opened, in words.
fn place(ctx: &egui::Context, change: &SharingChange) -> String {
    match &change.what {
        OpenWhat::Prefix(prefix) => format!("{}/{}", change.bucket, format::readable(prefix.as_str())),
        OpenWhat::Objects(keys) => {
            let count = u64::try_from(keys.len()).unwrap_or(u64::MAX);
            text::t_count(ctx, "dialog-history-change-objects", count, &[("bucket", change.bucket.as_str())])
        }
    }
}

fn undo_button(change: &SharingChange) -> ToastAction {
    ToastAction { label_id: "share-undo", action: Action::UndoSharing(change.id) }
}

/// The folder that was opened is listed, to find an object to try.
pub(super) fn listed(
    app: &mut App,
    ctx: &egui::Context,
    request: RequestId,
    result: &Result<Box<ObjectPage>, Box<Failure>>,
) {
    let Some(opened) = app.ui.waiting.opened.remove(&request) else { return };
    let listed = result.iter().flat_map(|page| &page.entries).filter_map(|entry| match entry {
        Entry::Object(object) if !object.key.is_folder_marker() => Some(object_of(&opened.change, object.key.clone())),
        _ => None,
    });
    let sample = sample(listed.collect());
    if sample.is_empty() {
        return not_checked(app, ctx, &opened);
    }
    check(app, sample, opened);
}

/// Nothing is there yet that could be tried.
fn not_checked(app: &mut App, ctx: &egui::Context, opened: &Opened) {
    let notice = Notice::message(Severity::Info, "notice-share-not-checked").with("place", place(ctx, &opened.change));
    app.toasts.change(opened.toast, &notice, Some(&undo_button(&opened.change)), News::Final);
}

/// Strangers' answers are here: after the last one it is told what the change has opened, as far as was seen.
pub(super) fn checked(app: &mut App, ctx: &egui::Context, checked: &Checked<'_>) {
    let Some(opened) = app.ui.waiting.opened.get_mut(&checked.request) else { return };
    let ours = checked.checks.iter().filter(|check| is_of(&opened.change, &check.object));
    opened.found.extend(ours.cloned());
    let Some(end) = checked.end else { return };
    let Some(opened) = app.ui.waiting.opened.remove(&checked.request) else { return };
    let notice = said(ctx, &opened, end);
    let undo = undo_button(&opened.change);
    let is_shown = app.toasts.change(opened.toast, &notice, Some(&undo), News::Final);
    if !is_shown && notice.severity >= Severity::Warning {
        app.toasts.push_with(notice, undo);
    }
}

/// Never more than was seen: what was not tried may be refused all the same.
fn said(ctx: &egui::Context, opened: &Opened, end: &Result<(), Box<Failure>>) -> Notice {
    let place = place(ctx, &opened.change);
    let lang = text::lang(ctx);
    let tried = opened.found.len();
    let open = opened.found.iter().filter(|check| check.verdict == Verdict::Public).count();
    if let Some(worst) = opened.found.iter().max_by_key(|check| weight(check)).filter(|_| open < tried) {
        let severity = if weight(worst) > 1 { Severity::Warning } else { Severity::Info };
        let why = verdict::sentence(&worst.verdict, worst.kind, lang);
        let id = if tried == 1 { "notice-share-but" } else { "notice-shared-some" };
        let notice = Notice::message(severity, id).with("place", place).with("why", why);
        return if tried == 1 { notice } else { notice.with("count", open).with("tried", tried) };
    }
    match end {
        _ if tried > 0 => {
            Notice::message(Severity::Success, "notice-shared-all").with("place", place).with("count", tried)
        }
        Ok(()) => Notice::message(Severity::Info, "notice-share-not-checked").with("place", place),
        Err(failure) => {
            let reason = crate::locale::failure_title(lang, failure);
            let why = t_with(ctx, "links-state-failed", &[("reason", &reason)]);
            Notice::message(Severity::Info, "notice-share-but").with("place", place).with("why", why)
        }
    }
}

/// How bad an answer is.
fn weight(check: &LinkCheck) -> u8 {
    match check.verdict {
        Verdict::Public => 0,
        Verdict::Unknown(_) | Verdict::OnlyFromHere(_) => 1,
        _ => 2,
    }
}

/// Takes a change back, once.
pub(super) fn undo(app: &mut App, change: SharingId) {
    if app.ui.waiting.undoing.values().any(|known| *known == change) {
        return;
    }
    let request = RequestId::next();
    app.ui.waiting.undoing.insert(request, change);
    app.engine.send(Command::UndoSharing { request, change });
}

/// Tells how taking back went.
pub(super) fn undone(app: &mut App, request: RequestId, result: Result<(), Box<Failure>>) {
    let is_ours = app.ui.waiting.undoing.remove(&request).is_some();
    match result {
        Ok(()) => {
            app.toasts.push(Notice::message(Severity::Success, "notice-share-undone"));
            link_flow::check_card_again(app);
        }
        Err(failure) if is_ours => app.toasts.push(Notice::failure(*failure)),
        Err(_) => {}
    }
}
