//! Leaving while transfers are under way: says what becomes of them. Staying has the focus.

use egui::Ui;

use super::form;
use super::view::{Cx, DialogView};
use crate::locale;
use crate::model::{AppModel, QueueHold, ResumeAtStart};
use crate::ui::actions::Action;
use crate::ui::text::{self, t, t_count, t_with};
use crate::ui::{format, icons, widgets};

/// The open question; everything it shows is read from the model, so it stays true while it is open.
pub(super) struct Quit;

impl DialogView for Quit {
    fn title(&self, ui: &Ui) -> String {
        t(ui, "dialog-quit-title")
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let transfers = &cx.model.transfers;
        let is_stalled = transfers.holds.iter().any(|hold| matches!(hold, QueueHold::JournalStalled(_)));
        if transfers.counts.active == 0 && is_stalled {
            kept_ui(ui, cx.model);
            ui.add_space(form::ROW_GAP);
            return;
        }
        if transfers.counts.active == 0 {
            form::paragraph(ui, &t(ui, "dialog-quit-all-done"));
            return;
        }
        form::paragraph(ui, &t_count(ui, "dialog-quit-active", transfers.counts.active, &[]));
        if let Some(remaining) = transfers.remaining {
            let time = format::remaining(remaining, text::lang(ui));
            form::dim_paragraph(ui, &t_with(ui, "dialog-quit-remaining", &[("time", &time)]));
        }
        kept_ui(ui, cx.model);
        ui.add_space(form::ROW_GAP);
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::right_side(ui, |ui| {
            if widgets::danger_button(ui, None, &t(ui, "dialog-quit-leave")).clicked() {
                cx.push(Action::QuitNow);
                cx.close();
            }
            let stay = widgets::primary_button(ui, None, &t(ui, "dialog-quit-stay"));
            cx.focus_first(&stay);
            if stay.clicked() {
                cx.close();
            }
        });
    }
}

/// What the next start finds. While the list of uploads cannot be saved, or where there is none,
/// nothing is promised.
fn kept_ui(ui: &mut Ui, model: &AppModel) {
    let stall = model.transfers.holds.iter().find_map(|hold| match hold {
        QueueHold::JournalStalled(failure) => Some(failure),
        _ => None,
    });
    if let Some(failure) = stall {
        let reason = locale::failure_title(text::lang(ui), failure);
        form::warning_ui(ui, &t_with(ui, "dialog-quit-not-saved", &[("reason", &reason)]));
        return;
    }
    if let Some(failure) = &model.queue_not_kept {
        let reason = locale::failure_title(text::lang(ui), failure);
        form::warning_ui(ui, &t_with(ui, "dialog-quit-not-kept", &[("reason", &reason)]));
        return;
    }
    let id = match model.settings.resume_at_start {
        ResumeAtStart::Continue => "dialog-quit-kept",
        ResumeAtStart::Ask => "dialog-quit-kept-asks",
    };
    form::note_ui(ui, icons::INFO, &t(ui, id));
}
