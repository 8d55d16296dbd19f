//! Asks before a connection is forgotten, and says that its secret goes with it while the objects stay.

use egui::Ui;

use super::Dialog;
use super::form;
use super::view::{Cx, DialogView};
use crate::model::{Command, Connection, CredentialSource, Event, Failure, RequestId};
use crate::ui::actions::Action;
use crate::ui::text::{t, t_with};
use crate::ui::{icons, widgets};

/// The open question.
pub(super) struct ConnectionDelete {
    connection: Connection,
    running: Option<RequestId>,
    failure: Option<Failure>,
}

impl ConnectionDelete {
    pub(super) fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone(), running: None, failure: None }
    }

    /// What becomes of the keys, by where they are.
    fn secret_words(&self) -> &'static str {
        match self.connection.credentials {
            CredentialSource::Keychain { .. } => "dialog-connection-delete-keychain",
            CredentialSource::ThisRunOnly { .. } => "dialog-connection-delete-this-run",
            CredentialSource::AwsChain { .. } => "dialog-connection-delete-profile",
            CredentialSource::Anonymous => "dialog-connection-delete-anonymous",
        }
    }
}

impl DialogView for ConnectionDelete {
    fn title(&self, ui: &Ui) -> String {
        let name = form::shown(&self.connection.name, 32);
        t_with(ui, "dialog-connection-delete-title", &[("name", &name)])
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::paragraph(ui, &t(ui, self.secret_words()));
        form::dim_paragraph(ui, &t(ui, "dialog-connection-delete-objects-stay"));
        if let Some(failure) = &self.failure
            && form::failure_ui(ui, failure)
        {
            cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
        }
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::right_side(ui, |ui| {
            let cancel = widgets::button(ui, None, &t(ui, "dialog-cancel"));
            cx.focus_first(&cancel);
            if cancel.clicked() {
                cx.close();
            }
            let label = t(ui, "dialog-connection-delete-button");
            let delete = |ui: &mut Ui| widgets::danger_primary_button(ui, Some(icons::TRASH), &label);
            if ui.add_enabled_ui(self.running.is_none(), delete).inner.clicked() {
                let request = RequestId::next();
                self.running = Some(request);
                self.failure = None;
                cx.command(Command::DeleteConnection { request, id: self.connection.id.clone() });
            }
        });
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        let Event::ConnectionDeleted { request, result, .. } = event else { return };
        if self.running != Some(*request) {
            return;
        }
        self.running = None;
        match result {
            Ok(()) => cx.close(),
            Err(failure) => self.failure = Some((**failure).clone()),
        }
    }
}
