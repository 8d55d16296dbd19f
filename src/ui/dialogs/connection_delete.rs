//! Asks before a connection is forgotten: says that its secret goes with it, and its transfers, while the objects stay.

use egui::Ui;

use super::Dialog;
use super::form;
use super::stake::{self, AskedStake};
use super::view::{Cx, DialogView};
use crate::model::{
    Command, Connection, CredentialSource, Event, Failure, FailureKind, OpenTransfers, RequestId, Selection,
};
use crate::ui::actions::Action;
use crate::ui::text::{t, t_count, t_with};
use crate::ui::{icons, widgets};

/// The open question. Its figures follow the queue while it is open.
pub(super) struct ConnectionDelete {
    connection: Connection,
    stake: AskedStake,
    running: Option<RequestId>,
    failure: Option<Failure>,
}

impl ConnectionDelete {
    pub(super) fn new(connection: &Connection) -> Self {
        let stake = AskedStake::new(Selection::Connection(connection.id.clone()));
        Self { connection: connection.clone(), stake, running: None, failure: None }
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

    /// Transfers that go with it, as far as they are known.
    fn transfers(&self) -> u64 {
        self.stake.known().map_or(0, |stake| stake.open.transfers + stake.failed.transfers)
    }

    /// Only what was shown is cancelled: with nothing shown, transfers that have come meanwhile are in the way.
    fn delete(&mut self, cx: &mut Cx<'_>) {
        let shows_some = self.stake.known().is_some_and(|stake| !stake.is_nothing());
        let open = if shows_some { OpenTransfers::Cancel } else { OpenTransfers::Ask };
        let request = RequestId::next();
        self.running = Some(request);
        self.failure = None;
        cx.command(Command::DeleteConnection { request, id: self.connection.id.clone(), open });
    }
}

impl DialogView for ConnectionDelete {
    fn title(&self, ui: &Ui) -> String {
        t_with(ui, "dialog-connection-delete-title", &[("name", &self.connection.name)])
    }

    fn start(&mut self, cx: &mut Cx<'_>) {
        self.stake.ask(cx);
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::paragraph(ui, &t(ui, self.secret_words()));
        match self.stake.known() {
            None => form::dim_paragraph(ui, &t(ui, "dialog-transfers-counting")),
            Some(stake) if stake.is_nothing() => {}
            Some(stake) => {
                stake::of_connection_ui(ui, &stake, cx.model.settings.size_units);
                form::paragraph(ui, &t(ui, "dialog-connection-delete-transfers"));
            }
        }
        form::dim_paragraph(ui, &t(ui, "dialog-connection-delete-objects-stay"));
        if self.running.is_some() && self.transfers() > 0 {
            form::dim_paragraph(ui, &t(ui, "dialog-connection-delete-running"));
        }
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
            let label = match self.transfers() {
                0 => t(ui, "dialog-connection-delete-button"),
                transfers => t_count(ui, "dialog-connection-delete-button-with", transfers, &[]),
            };
            let delete = |ui: &mut Ui| widgets::danger_primary_button(ui, Some(icons::TRASH), &label);
            let is_possible = self.running.is_none() && self.stake.known().is_some();
            if ui.add_enabled_ui(is_possible, delete).inner.clicked() {
                self.delete(cx);
            }
        });
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        self.stake.apply(event, cx);
        let Event::ConnectionDeleted { request, result, .. } = event else { return };
        if self.running != Some(*request) {
            return;
        }
        self.running = None;
        match result {
            Ok(()) => cx.close(),
            Err(failure) => {
                if failure.kind == FailureKind::ConnectionInUse {
                    self.stake.ask(cx);
                }
                self.failure = Some((**failure).clone());
            }
        }
    }
}
