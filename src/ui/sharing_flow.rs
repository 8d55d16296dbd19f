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
    let is_open = |object: &ObjectRef| is_of(&change, object);
    if let Some((request, object)) = link_flow::check_card_again(app)
        && is_open(&object)
    {
        // Its answer is the one that is wanted.
        app.ui.waiting.opened.insert(request, Opened { change, toast });
        return;
    }
    let request = RequestId::next();
    let mut shown = app.model.browsing.iter().flat_map(|browsing| {
        let at = &browsing.listing.at;
        browsing.listing.entries.iter().filter_map(move |entry| match entry {
            Entry::Object(object) if !object.key.is_folder_marker() => Some(at.object(object.key.clone())),
            _ => None,
        })
    });
    let sample = match &change.what {
        OpenWhat::Objects(keys) => keys.first().map(|key| object_of(&change, key.clone())),
        OpenWhat::Prefix(_) => shown.find(is_open),
    };
    match (sample, &change.what) {
        (Some(object), _) => check(app, request, object),
        (None, OpenWhat::Prefix(prefix)) => {
            let (connection, bucket, prefix) = (change.connection.clone(), change.bucket.clone(), prefix.clone());
            let at = Location { connection, bucket, prefix };
            app.engine.send(Command::ListObjects { request, at, after: None });
        }
        // There is nothing that a stranger could try.
        (None, OpenWhat::Objects(_)) => return not_checked(app, ctx, &Opened { change, toast }),
    }
    app.ui.waiting.opened.insert(request, Opened { change, toast });
}

fn check(app: &App, request: RequestId, object: ObjectRef) {
    app.engine.send(Command::CheckLinks { request, objects: vec![object], extent: CheckExtent::All });
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
    let found = result.iter().flat_map(|page| &page.entries).find_map(|entry| match entry {
        Entry::Object(object) if !object.key.is_folder_marker() => Some(object.key.clone()),
        _ => None,
    });
    let Some(key) = found else {
        return not_checked(app, ctx, &opened);
    };
    let request = RequestId::next();
    check(app, request, object_of(&opened.change, key));
    app.ui.waiting.opened.insert(request, opened);
}

/// Nothing is there yet that could be tried.
fn not_checked(app: &mut App, ctx: &egui::Context, opened: &Opened) {
    let notice = Notice::message(Severity::Info, "notice-share-not-checked").with("place", place(ctx, &opened.change));
    app.toasts.change(opened.toast, &notice, Some(&undo_button(&opened.change)), News::Final);
}

/// A stranger's answer is here: tells whether the change has opened anything.
pub(super) fn checked(app: &mut App, ctx: &egui::Context, checked: &Checked<'_>) {
    let Some(end) = checked.end else { return };
    let Some(opened) = app.ui.waiting.opened.remove(&checked.request) else { return };
    let found = checked.checks.iter().find(|check| is_of(&opened.change, &check.object));
    let notice = said(ctx, &opened.change, found, end);
    let undo = undo_button(&opened.change);
    let is_shown = app.toasts.change(opened.toast, &notice, Some(&undo), News::Final);
    if !is_shown && notice.severity >= Severity::Warning {
        app.toasts.push_with(notice, undo);
    }
}

fn said(
    ctx: &egui::Context,
    change: &SharingChange,
    found: Option<&LinkCheck>,
    end: &Result<(), Box<Failure>>,
) -> Notice {
    let place = place(ctx, change);
    let lang = text::lang(ctx);
    match found {
        Some(check) if check.verdict == Verdict::Public => match &change.what {
            OpenWhat::Prefix(_) => Notice::message(Severity::Success, "notice-shared-prefix").with("place", place),
            OpenWhat::Objects(keys) => Notice::message(Severity::Success, "notice-shared-objects")
                .with("count", keys.len())
                .with("bucket", &change.bucket),
        },
        Some(check) => {
            let severity = match check.verdict {
                Verdict::Unknown(_) | Verdict::OnlyFromHere(_) => Severity::Info,
                _ => Severity::Warning,
            };
            let why = verdict::sentence(&check.verdict, check.kind, lang);
            Notice::message(severity, "notice-share-but").with("place", place).with("why", why)
        }
        None => match end {
            Ok(()) => Notice::message(Severity::Info, "notice-share-not-checked").with("place", place),
            Err(failure) => {
                let reason = crate::locale::failure_title(lang, failure);
                let why = t_with(ctx, "links-state-failed", &[("reason", &reason)]);
                Notice::message(Severity::Info, "notice-share-but").with("place", place).with("why", why)
            }
        },
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
