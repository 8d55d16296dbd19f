//! The machine goes to sleep soon, as was chosen for the end of all transfers: says when, and can be told not to. Staying
//! awake has the focus, and is what every way out of the dialog means.

use egui::Ui;

use super::form;
use super::view::{Cx, DialogView};
use crate::model::{Command, Event, WhenDone};
use crate::ui::text::{t, t_count};
use crate::ui::widgets;

/// The countdown; what it shows is read from the model.
pub(super) struct SleepsSoon;

impl DialogView for SleepsSoon {
    fn title(&self, ui: &Ui) -> String {
        t(ui, "dialog-sleep-title")
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let left = cx.model.sleeps_in_secs.unwrap_or_default();
        form::paragraph(ui, &t_count(ui, "dialog-sleep-in", left, &[]));
        form::dim_paragraph(ui, &t(ui, "dialog-sleep-why"));
        ui.add_space(form::ROW_GAP);
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::right_side(ui, |ui| {
            let stay = widgets::primary_button(ui, None, &t(ui, "dialog-sleep-stay"));
            cx.focus_first(&stay);
            if stay.clicked() {
                self.escape(cx);
            }
        });
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        // Stopped from elsewhere, by more work, or slept through.
        if matches!(event, Event::SleepsSoon { in_secs: None | Some(0) }) {
            cx.close();
        }
    }

    fn escape(&mut self, cx: &mut Cx<'_>) {
        cx.command(Command::SetWhenDone(WhenDone::Nothing));
        cx.close();
    }
}
