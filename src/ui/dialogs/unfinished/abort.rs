//! Asks before one unfinished upload is aborted: which, how much that frees, and whom it may disturb.

use egui::Ui;

use super::words;
use crate::model::{BucketName, Command, ConnectionId, Event, Failure, RequestId, UnfinishedUpload, UploadOwner};
use crate::ui::actions::Action;
use crate::ui::dialogs::view::{Cx, DialogView};
use crate::ui::dialogs::{Dialog, form};
use crate::ui::text::{t, t_count, t_with};
use crate::ui::{format, icons, theme, widgets};

/// The open question. What was freed is told by the list below it.
pub(crate) struct AbortUpload {
    connection: ConnectionId,
    bucket: BucketName,
    upload: UnfinishedUpload,
    running: Option<RequestId>,
    failure: Option<Failure>,
}

impl AbortUpload {
    pub(crate) fn new(connection: ConnectionId, bucket: BucketName, upload: UnfinishedUpload) -> Self {
        Self { connection, bucket, upload, running: None, failure: None }
    }

    fn abort(&mut self, cx: &mut Cx<'_>) {
        let request = RequestId::next();
        self.running = Some(request);
        self.failure = None;
        cx.command(Command::AbortUnfinished {
            request,
            connection: self.connection.clone(),
            bucket: self.bucket.clone(),
            upload: Box::new(self.upload.clone()),
        });
    }

    fn frees(&self, ui: &Ui, cx: &Cx<'_>) -> String {
        match (self.upload.parts, self.upload.bytes) {
            (Some(0), _) => t(ui, "dialog-abort-frees-nothing"),
            (Some(parts), Some(bytes)) => {
                let size = format::bytes(bytes, cx.model.settings.size_units);
                t_count(ui, "dialog-abort-frees", parts, &[("size", &size)])
            }
            _ => t(ui, "dialog-abort-frees-unknown"),
        }
    }
}

impl DialogView for AbortUpload {
    fn title(&self, ui: &Ui) -> String {
        t(ui, "dialog-abort-title")
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let whole = format!("s3://{}/{}", self.bucket, self.upload.key);
        widgets::mono_block(ui, &form::shown(&whole, 300));
        ui.add_space(6.0);
        ui.label(theme::caption(ui, words::facts(ui, &self.upload)));
        ui.add_space(form::ROW_GAP);
        form::paragraph(ui, &self.frees(ui, cx));
        let warning = match self.upload.owner {
            UploadOwner::Other => Some("dialog-abort-other"),
            UploadOwner::InQueue(_) => Some("dialog-abort-transfer"),
            UploadOwner::LeftByUs => None,
        };
        if let Some(id) = warning {
            form::warning_ui(ui, &t(ui, id));
            ui.add_space(form::ROW_GAP);
        }
        if let Some(failure) = &self.failure
            && form::failure_ui(ui, failure)
        {
            cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
        }
        if self.running.is_some() {
            form::dim_paragraph(ui, &t(ui, "dialog-abort-running"));
        }
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let label = match self.upload.bytes {
            Some(bytes) if bytes > 0 => {
                let size = format::bytes(bytes, cx.model.settings.size_units);
                t_with(ui, "dialog-abort-button", &[("size", &size)])
            }
            _ => t(ui, "dialog-abort-button-plain"),
        };
        form::right_side(ui, |ui| {
            let cancel = widgets::button(ui, None, &t(ui, "dialog-cancel"));
            cx.focus_first(&cancel);
            if cancel.clicked() {
                cx.close();
            }
            let abort = |ui: &mut Ui| widgets::danger_primary_button(ui, Some(icons::TRASH), &label);
            if ui.add_enabled_ui(self.running.is_none(), abort).inner.clicked() {
                self.abort(cx);
            }
        });
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        let Event::UnfinishedAborted { request, result, .. } = event else { return };
        if self.running != Some(*request) {
            return;
        }
        self.running = None;
        match result {
            Ok(_) => cx.close(),
            Err(failure) => self.failure = Some((**failure).clone()),
        }
    }
}
