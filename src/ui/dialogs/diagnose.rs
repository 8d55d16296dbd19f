//! Does the service do what its answers say? Asks before anything is written, says where, and tells what was found.

use egui::Ui;

use super::view::{Cx, DialogView};
use super::{Dialog, form};
use crate::model::{Command, Event, Failure, Location, Notice, RequestId, Severity, WriteDiagnosis};
use crate::ui::actions::Action;
use crate::ui::text::{t, t_with};
use crate::ui::widgets::{self, Tone};
use crate::ui::{icons, theme};

enum Step {
    /// Nothing is written without a word.
    Asking,
    Running(RequestId),
    Found(WriteDiagnosis),
    Failed(Failure),
}

/// The open diagnosis.
pub(super) struct Diagnose {
    at: Location,
    step: Step,
}

impl Diagnose {
    pub(super) fn new(at: Location) -> Self {
        Self { at, step: Step::Asking }
    }

    fn start(&mut self, cx: &mut Cx<'_>) {
        let request = RequestId::next();
        self.step = Step::Running(request);
        cx.command(Command::DiagnoseConnection { request, at: self.at.clone() });
    }

    fn asking_ui(&self, ui: &mut Ui) {
        form::dim_paragraph(ui, &t(ui, "dialog-diagnose-what"));
        form::paragraph(ui, &t(ui, "dialog-diagnose-consent"));
        let place = t_with(ui, "dialog-diagnose-key", &[("place", &self.at.to_string())]);
        widgets::mono_block(ui, &place);
        ui.add_space(form::ROW_GAP);
        form::note_ui(ui, icons::INFO, &t(ui, "dialog-diagnose-may-notify"));
        ui.add_space(form::ROW_GAP);
    }
}

fn found_ui(ui: &mut Ui, found: &WriteDiagnosis, cx: &mut Cx<'_>) {
    let checks = match (found.takes_checksums, found.verifies_checksums) {
        (true, Some(true)) => (Tone::Good, "dialog-diagnose-verifies"),
        (true, Some(false) | None) => (Tone::Warn, "dialog-diagnose-does-not-verify"),
        (false, _) => (Tone::Warn, "dialog-diagnose-takes-none"),
    };
    let conditions = if found.honours_conditions {
        (Tone::Good, "dialog-diagnose-honours")
    } else {
        (Tone::Warn, "dialog-diagnose-ignores")
    };
    for (tone, id) in [checks, conditions] {
        widgets::tone_line(ui, tone, &t(ui, id));
        ui.add_space(8.0);
    }
    match &found.left {
        None => {
            widgets::tone_line(ui, Tone::Good, &t(ui, "dialog-diagnose-removed"));
        }
        Some(key) => {
            widgets::tone_line(ui, Tone::Bad, &t_with(ui, "dialog-diagnose-left", &[("key", key.as_str())]));
            ui.add_space(6.0);
            let is_clicked = ui.horizontal(|ui| {
                // Below the words, not below their icon.
                ui.add_space(14.0);
                widgets::button(ui, Some(icons::COPY), &t(ui, "dialog-diagnose-copy-key")).clicked()
            });
            if is_clicked.inner {
                let notice = Notice::message(Severity::Success, "notice-dialog-text-copied");
                cx.push(Action::CopyText { text: key.to_string().into(), notice });
            }
        }
    }
    ui.add_space(form::ROW_GAP);
    form::note_ui(ui, icons::INFO, &t(ui, "dialog-diagnose-remembered"));
    ui.add_space(form::ROW_GAP);
}

impl DialogView for Diagnose {
    fn title(&self, ui: &Ui) -> String {
        t(ui, "dialog-diagnose-title")
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        match &self.step {
            Step::Asking => self.asking_ui(ui),
            Step::Running(_) => {
                ui.horizontal(|ui| {
                    let words = t(ui, "dialog-diagnose-running");
                    widgets::activity_dot(ui, &words);
                    ui.label(theme::dim(ui, words.clone()));
                });
                ui.add_space(form::ROW_GAP);
            }
            Step::Found(found) => found_ui(ui, found, cx),
            Step::Failed(failure) => {
                if form::failure_ui(ui, failure) {
                    cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
                }
            }
        }
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::right_side(ui, |ui| match &self.step {
            Step::Asking => {
                let cancel = widgets::button(ui, None, &t(ui, "dialog-cancel"));
                cx.focus_first(&cancel);
                if cancel.clicked() {
                    cx.close();
                }
                if widgets::primary_button(ui, None, &t(ui, "dialog-diagnose-start")).clicked() {
                    self.start(cx);
                }
            }
            Step::Running(_) => {
                let label = t(ui, "dialog-close");
                ui.add_enabled_ui(false, |ui| widgets::button(ui, None, &label));
            }
            Step::Found(_) | Step::Failed(_) => {
                if widgets::primary_button(ui, None, &t(ui, "dialog-close")).clicked() {
                    cx.close();
                }
            }
        });
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        let Event::ConnectionDiagnosed { request, result } = event else { return };
        if !matches!(self.step, Step::Running(asked) if asked == *request) {
            return;
        }
        self.step = match result {
            Ok(found) => {
                // What could not be removed is there to be seen.
                if found.left.is_some() && cx.model.location() == Some(&self.at) {
                    cx.push(Action::Reload);
                }
                Step::Found((**found).clone())
            }
            Err(failure) => Step::Failed((**failure).clone()),
        };
    }
}
