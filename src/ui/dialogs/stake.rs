//! What would be lost of some transfers, asked of the engine and followed while a dialog is open.

use egui::Ui;

use super::form;
use super::view::Cx;
use crate::model::{
    Command, Event, QueueStake, RequestId, ScanProgress, Selection, SizeUnits, TransferAmount, TransferCounts,
};
use crate::ui::format;
use crate::ui::text::{t, t_count, t_with};

/// A question about transfers, and its latest answer.
pub(crate) struct AskedStake {
    selection: Selection,
    known: Option<QueueStake>,
    asked: Option<RequestId>,
    /// The queue's counts when it was asked last.
    counts: TransferCounts,
}

impl AskedStake {
    /// Nothing is asked yet.
    pub(crate) fn new(selection: Selection) -> Self {
        Self { selection, known: None, asked: None, counts: TransferCounts::default() }
    }

    /// Asks, once more if it was asked already.
    pub(crate) fn ask(&mut self, cx: &mut Cx<'_>) {
        let request = RequestId::next();
        self.asked = Some(request);
        self.counts = cx.model.transfers.counts;
        cx.command(Command::CountTransfers { request, selection: self.selection.clone() });
    }

    /// Takes an answer; asks again when the queue is not what it was. One question at a time, so that a busy queue is
    /// not walked through all the time.
    pub(crate) fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        match event {
            Event::TransfersCounted { request, stake } if self.asked == Some(*request) => {
                self.asked = None;
                self.known = Some(**stake);
            }
            Event::Transfers(view) if self.asked.is_none() && self.known.is_some() => {
                let (before, now) = (self.counts, view.counts);
                if (before.active, before.failed) != (now.active, now.failed) {
                    self.ask(cx);
                }
            }
            _ => {}
        }
    }

    /// Which transfers.
    pub(crate) fn selection(&self) -> Selection {
        self.selection.clone()
    }

    /// The latest answer; `None` before the first.
    pub(crate) fn known(&self) -> Option<QueueStake> {
        self.known
    }

    /// The queue's counts when it was asked last.
    pub(crate) fn counts(&self) -> TransferCounts {
        self.counts
    }
}

/// How much of some transfers has been transferred already and would be lost; nothing if that is nothing.
pub(crate) fn lost_ui(ui: &mut Ui, amount: TransferAmount, units: SizeUnits) {
    if amount.moved_bytes > 0 {
        let (moved, size) = (format::bytes(amount.moved_bytes, units), format::bytes(amount.bytes, units));
        form::warning_ui(ui, &t_with(ui, "dialog-transfers-lost", &[("moved", &moved), ("size", &size)]));
        ui.add_space(form::ROW_GAP);
    }
}

/// What of a connection's transfers has not ended or has failed.
pub(crate) fn of_connection_ui(ui: &mut Ui, stake: &QueueStake, units: SizeUnits) {
    for (amount, id) in [(stake.open, "dialog-cancel-all-amount"), (stake.failed, "dialog-remove-failed-amount")] {
        if amount.transfers > 0 {
            let size = format::bytes(amount.bytes, units);
            form::paragraph(ui, &t_count(ui, id, amount.transfers, &[("size", &size)]));
        }
    }
    if stake.progress == ScanProgress::Scanning {
        form::paragraph(ui, &t(ui, "dialog-transfers-growing"));
    }
    let (open, failed) = (stake.open, stake.failed);
    let both = TransferAmount {
        transfers: open.transfers + failed.transfers,
        bytes: open.bytes + failed.bytes,
        moved_bytes: open.moved_bytes + failed.moved_bytes,
    };
    lost_ui(ui, both, units);
}
