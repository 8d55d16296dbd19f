//! What follows when something was opened for anyone, or that was taken back.

use super::actions::Action;
use super::app::App;
use super::dialogs::toasts::ToastAction;
use super::{format, link_flow};
use crate::model::{Command, Failure, Notice, OpenWhat, RequestId, Severity, SharingChange, SharingId};

/// Tells what is open now, with the way back, and asks again for what is selected.
pub(super) fn applied(app: &mut App, _ctx: &egui::Context, change: &SharingChange) {
    let notice = match &change.what {
        OpenWhat::Prefix(prefix) => {
            let place = format!("{}/{}", change.bucket, format::readable(prefix.as_str()));
            Notice::message(Severity::Success, "notice-shared-prefix").with("place", place)
        }
        OpenWhat::Objects(keys) => Notice::message(Severity::Success, "notice-shared-objects")
            .with("count", keys.len())
            .with("bucket", &change.bucket),
    };
    let action = ToastAction { label_id: "share-undo", action: Action::UndoSharing(change.id) };
    app.toasts.push_with(notice, action);
    link_flow::check_card_again(app);
}

/// Takes a change back.
pub(super) fn undo(app: &mut App, change: SharingId) {
    let request = RequestId::next();
    app.ui.waiting.undoing = Some(request);
    app.engine.send(Command::UndoSharing { request, change });
}

/// Tells how taking back went.
pub(super) fn undone(app: &mut App, request: RequestId, result: Result<(), Box<Failure>>) {
    let is_ours = app.ui.waiting.undoing.take_if(|asked| *asked == request).is_some();
    match result {
        Ok(()) => {
            app.toasts.push(Notice::message(Severity::Success, "notice-share-undone"));
            link_flow::check_card_again(app);
        }
        Err(failure) if is_ours => app.toasts.push(Notice::failure(*failure)),
        Err(_) => {}
    }
}
