//! The machine goes to sleep soon, or the program leaves, as was chosen for the end of all transfers: says when, and can
//! be told not to. Staying has the focus, and is what every way out of the dialog means.

use egui::Ui;

use super::form;
use super::view::{Cx, DialogView};
use crate::model::{AppModel, Command, Event, WhenDone};
use crate::ui::text::{t, t_count};
use crate::ui::widgets;

/// What happens at the end of the countdown; how far it is, is read from the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Countdown {
    /// The machine goes to sleep.
    Sleep,
    /// The program leaves.
    Quit,
}

/// The open countdown.
pub(super) struct CountdownDialog {
    what: Countdown,
    /// Transfers that have failed of those that are through.
    failed: u64,
}

impl Countdown {
    /// The dialog, while anything is counted: who asks late must not stop the next one.
    pub(super) fn of(self, model: &AppModel) -> Option<CountdownDialog> {
        self.left_secs(model).map(|_| CountdownDialog { what: self, failed: model.failed_at_end })
    }

    fn left_secs(self, model: &AppModel) -> Option<u64> {
        match self {
            Self::Sleep => model.sleeps_in_secs,
            Self::Quit => model.quits_in_secs,
        }
    }

    fn text_id(self) -> &'static str {
        match self {
            Self::Sleep => "dialog-sleep-in",
            Self::Quit => "dialog-sleep-quits-in",
        }
    }

    fn stay_id(self) -> &'static str {
        match self {
            Self::Sleep => "dialog-sleep-stay",
            Self::Quit => "dialog-sleep-stay-open",
        }
    }
}

impl DialogView for CountdownDialog {
    fn title(&self, ui: &Ui) -> String {
        t(ui, if self.failed == 0 { "dialog-sleep-title" } else { "queue-done-title-failed" })
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let Some(left) = self.what.left_secs(cx.model) else {
            // Stopped from elsewhere, by more work, or over.
            cx.close();
            return;
        };
        if self.failed > 0 {
            form::warning_ui(ui, &t_count(ui, "queue-done-failed", self.failed, &[]));
            ui.add_space(form::ROW_GAP);
        }
        form::paragraph(ui, &t_count(ui, self.what.text_id(), left, &[]));
        form::dim_paragraph(ui, &t(ui, "dialog-sleep-why"));
        ui.add_space(form::ROW_GAP);
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::right_side(ui, |ui| {
            let stay = widgets::primary_button(ui, None, &t(ui, self.what.stay_id()));
            cx.focus_first(&stay);
            if stay.clicked() {
                self.escape(cx);
            }
        });
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        if self.what == Countdown::Sleep && matches!(event, Event::SleepsSoon { in_secs: None | Some(0) }) {
            cx.close();
        }
    }

    fn escape(&mut self, cx: &mut Cx<'_>) {
        cx.command(Command::SetWhenDone(WhenDone::Nothing));
        cx.close();
    }
}
