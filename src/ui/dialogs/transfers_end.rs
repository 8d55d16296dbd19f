//! Asks before transfers are cancelled, or failed ones are taken off the list: how many, how big, and how much of that
//! has been transferred already and would be lost.

use egui::Ui;

use super::stake::{AskedStake, lost_ui};
use super::view::{Cx, DialogView};
use super::{Whose, form};
use crate::model::{Command, Event, ScanProgress, Selection, SizeUnits, TransferAction, TransferAmount};
use crate::ui::text::{t, t_count, t_with};
use crate::ui::{format, icons, widgets};

/// What ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// What is under way stops.
    Cancel,
    /// What has failed leaves the list.
    RemoveFailed,
}

/// The open question. Its figures follow the queue while it is open.
pub(super) struct TransfersEnd {
    end: End,
    whose: Whose,
    stake: AskedStake,
}

impl TransfersEnd {
    pub(super) fn new(end: End, whose: Whose) -> Self {
        let selection = match &whose {
            Whose::All => Selection::All,
            Whose::One { transfer, .. } => Selection::One(*transfer),
        };
        Self { end, whose, stake: AskedStake::new(selection) }
    }

    /// What would be lost; `None` until the engine has said.
    fn amount(&self) -> Option<TransferAmount> {
        let stake = self.stake.known()?;
        Some(match self.end {
            End::Cancel => stake.open,
            End::RemoveFailed => stake.failed,
        })
    }

    fn is_growing(&self) -> bool {
        let progress = self.stake.known().map(|stake| stake.progress);
        self.end == End::Cancel && self.whose == Whose::All && progress == Some(ScanProgress::Scanning)
    }

    /// Whether there is anything left to do it to.
    fn is_possible(&self) -> bool {
        self.amount().is_some_and(|amount| amount.transfers > 0) || self.is_growing()
    }

    fn button(&self, ui: &Ui) -> String {
        let count = self.amount().unwrap_or_default().transfers;
        match (self.end, &self.whose) {
            (End::Cancel, Whose::All) => t_count(ui, "dialog-cancel-all-button", count, &[]),
            (End::Cancel, Whose::One { .. }) => t(ui, "dialog-cancel-one-button"),
            (End::RemoveFailed, Whose::All) => t_count(ui, "dialog-remove-failed-button", count, &[]),
            (End::RemoveFailed, Whose::One { .. }) => t(ui, "dialog-remove-failed-one-button"),
        }
    }

    /// How much has not arrived, and how much of it is lost.
    fn amount_ui(&self, ui: &mut Ui, amount: TransferAmount, units: SizeUnits) {
        if self.whose == Whose::All {
            let size = format::bytes(amount.bytes, units);
            let id = match self.end {
                End::Cancel => "dialog-cancel-all-amount",
                End::RemoveFailed => "dialog-remove-failed-amount",
            };
            form::paragraph(ui, &t_count(ui, id, amount.transfers, &[("size", &size)]));
        }
        if self.is_growing() {
            form::paragraph(ui, &t(ui, "dialog-transfers-growing"));
        }
        lost_ui(ui, amount, units);
        let id = match (self.end, &self.whose) {
            (End::Cancel, Whose::All) => "dialog-cancel-all-rest",
            (End::Cancel, Whose::One { .. }) => "dialog-cancel-one-rest",
            (End::RemoveFailed, Whose::All) => "dialog-remove-failed-rest",
            (End::RemoveFailed, Whose::One { .. }) => "dialog-remove-failed-one-rest",
        };
        form::dim_paragraph(ui, &t(ui, id));
    }
}

impl DialogView for TransfersEnd {
    fn title(&self, ui: &Ui) -> String {
        let (id, before) = match (self.end, &self.whose) {
            (End::Cancel, Whose::One { name, .. }) => {
                return t_with(ui, "dialog-cancel-one-title", &[("name", name)]);
            }
            (End::RemoveFailed, Whose::One { name, .. }) => {
                return t_with(ui, "dialog-remove-failed-one-title", &[("name", name)]);
            }
            (End::Cancel, Whose::All) => ("dialog-cancel-all-title", self.stake.counts().active),
            (End::RemoveFailed, Whose::All) => ("dialog-remove-failed-title", self.stake.counts().failed),
        };
        t_count(ui, id, self.amount().map_or(before, |amount| amount.transfers), &[])
    }

    fn start(&mut self, cx: &mut Cx<'_>) {
        self.stake.ask(cx);
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        match self.amount() {
            None => form::dim_paragraph(ui, &t(ui, "dialog-transfers-counting")),
            Some(_) if !self.is_possible() => form::paragraph(ui, &t(ui, "dialog-transfers-nothing-left")),
            Some(amount) => self.amount_ui(ui, amount, cx.model.settings.size_units),
        }
        ui.add_space(form::ROW_GAP);
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let (stay, icon, action) = match self.end {
            End::Cancel => ("dialog-cancel-all-stay", icons::PROHIBIT, TransferAction::Cancel),
            End::RemoveFailed => ("dialog-remove-failed-stay", icons::TRASH, TransferAction::ForgetFailed),
        };
        form::right_side(ui, |ui| {
            let stay = widgets::button(ui, None, &t(ui, stay));
            cx.focus_first(&stay);
            if stay.clicked() {
                cx.close();
            }
            let label = self.button(ui);
            let go = |ui: &mut Ui| widgets::danger_primary_button(ui, Some(icon), &label);
            if ui.add_enabled_ui(self.is_possible(), go).inner.clicked() {
                cx.command(Command::Transfers { selection: self.stake.selection(), action });
                cx.close();
            }
        });
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        self.stake.apply(event, cx);
    }
}
