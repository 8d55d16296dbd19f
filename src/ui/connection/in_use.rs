//! A saved connection is led elsewhere while transfers go through it: what is to become of them.

use egui::Ui;

use crate::model::{Connection, OpenTransfers, Selection};
use crate::ui::dialogs::form;
use crate::ui::dialogs::stake::{self, AskedStake};
use crate::ui::dialogs::view::{Cx, Moment};
use crate::ui::text::{t, t_count};
use crate::ui::{icons, widgets};

/// The question that saving has met.
pub(super) struct InUse {
    pub(super) stake: AskedStake,
    moment: Moment,
}

/// What was said to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing yet.
    None,
    /// Back to the form; nothing is saved.
    Back,
    /// Save, and do this with them.
    Save(OpenTransfers),
}

impl InUse {
    /// Asks the engine how much there is.
    pub(super) fn new(connection: &Connection, cx: &mut Cx<'_>) -> Self {
        let mut stake = AskedStake::new(Selection::Connection(connection.id.clone()));
        stake.ask(cx);
        Self { stake, moment: Moment::FirstFrame }
    }

    /// What the form's place shows meanwhile.
    pub(super) fn body_ui(&self, ui: &mut Ui, cx: &Cx<'_>) {
        form::warning_ui(ui, &t(ui, "connection-in-use-why"));
        ui.add_space(form::ROW_GAP);
        match self.stake.known() {
            None => form::dim_paragraph(ui, &t(ui, "dialog-transfers-counting")),
            Some(stake) => stake::of_connection_ui(ui, &stake, cx.model.settings.size_units),
        }
        form::paragraph(ui, &t(ui, "connection-in-use-follow-meaning"));
        form::paragraph(ui, &t(ui, "connection-in-use-cancel-meaning"));
    }

    /// The ways on; going back has the keyboard.
    pub(super) fn footer_ui(&mut self, ui: &mut Ui) -> Answer {
        let mut answer = Answer::None;
        let known = self.stake.known();
        let transfers = known.map_or(0, |stake| stake.open.transfers + stake.failed.transfers);
        form::right_side(ui, |ui| {
            let back = widgets::button(ui, None, &t(ui, "connection-in-use-back"));
            if std::mem::replace(&mut self.moment, Moment::Later) == Moment::FirstFrame {
                back.request_focus();
            }
            if back.clicked() {
                answer = Answer::Back;
            }
            let label = t(ui, "connection-in-use-follow");
            let follow = |ui: &mut Ui| widgets::button(ui, None, &label);
            if ui.add_enabled_ui(known.is_some(), follow).inner.clicked() {
                answer = Answer::Save(OpenTransfers::Follow);
            }
            let label = t_count(ui, "connection-in-use-cancel", transfers, &[]);
            let cancel = |ui: &mut Ui| widgets::danger_primary_button(ui, Some(icons::PROHIBIT), &label);
            if ui.add_enabled_ui(known.is_some(), cancel).inner.clicked() {
                answer = Answer::Save(OpenTransfers::Cancel);
            }
        });
        answer
    }
}
