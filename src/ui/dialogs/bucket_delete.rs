//! Asks before an empty bucket is deleted; a bucket that holds something is refused by the server, and that is said.

use egui::Ui;

use super::Dialog;
use super::form;
use super::view::{Cx, DialogView};
use crate::model::{BucketName, Command, ConnectionId, Event, Failure, FailureKind, Notice, RequestId, Severity};
use crate::ui::actions::Action;
use crate::ui::text::{t, t_with};
use crate::ui::{icons, widgets};

/// The open question.
pub(super) struct BucketDelete {
    connection: ConnectionId,
    name: BucketName,
    running: Option<RequestId>,
    failure: Option<Failure>,
}

impl BucketDelete {
    pub(super) fn new(connection: ConnectionId, name: BucketName) -> Self {
        Self { connection, name, running: None, failure: None }
    }
}

impl DialogView for BucketDelete {
    fn title(&self, ui: &Ui) -> String {
        t_with(ui, "dialog-bucket-delete-title", &[("bucket", self.name.as_str())])
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::paragraph(ui, &t(ui, "dialog-bucket-delete-body"));
        if let Some(failure) = &self.failure
            && form::failure_ui(ui, failure)
        {
            cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
        }
        // What no listing shows may be what is in the way.
        if self.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::BucketNotEmpty) {
            if widgets::button(ui, Some(icons::CIRCLE_DASHED), &t(ui, "command-unfinished-uploads")).clicked() {
                let (connection, bucket) = (self.connection.clone(), self.name.clone());
                cx.push(Action::ShowDialog(Dialog::Unfinished { connection, bucket }));
            }
            ui.add_space(form::ROW_GAP);
        }
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::right_side(ui, |ui| {
            let cancel = widgets::button(ui, None, &t(ui, "dialog-cancel"));
            cx.focus_first(&cancel);
            if cancel.clicked() {
                cx.close();
            }
            let label = t(ui, "dialog-bucket-delete-button");
            let delete = |ui: &mut Ui| widgets::danger_primary_button(ui, Some(icons::TRASH), &label);
            if ui.add_enabled_ui(self.running.is_none(), delete).inner.clicked() {
                let request = RequestId::next();
                self.running = Some(request);
                self.failure = None;
                let (connection, name) = (self.connection.clone(), self.name.clone());
                cx.command(Command::DeleteBucket { request, connection, name });
            }
        });
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        let Event::BucketDeleted { request, name, result } = event else { return };
        if self.running != Some(*request) {
            return;
        }
        self.running = None;
        match result {
            Ok(()) => {
                let notice = Notice::message(Severity::Success, "notice-dialog-bucket-deleted").with("bucket", name);
                cx.push(Action::Toast(notice));
                cx.close();
            }
            Err(failure) => self.failure = Some((**failure).clone()),
        }
    }
}
