//! Everything known of a failure: the sentences, and the raw code and request id for copying.

use egui::{RichText, TextEdit, Ui};

use super::form;
use super::view::{Cx, DialogView, WIDE};
use crate::locale;
use crate::model::{Failure, Notice, Severity};
use crate::ui::actions::Action;
use crate::ui::text::{self, t};
use crate::ui::{icons, widgets};

/// The open report.
pub(super) struct ErrorDetails {
    failure: Failure,
}

impl ErrorDetails {
    pub(super) fn new(failure: Failure) -> Self {
        Self { failure }
    }

    fn as_text(&self, ui: &Ui) -> String {
        let lang = text::lang(ui);
        let title = locale::failure_title(lang, &self.failure);
        let mut lines = vec![title, locale::failure_advice(lang, &self.failure), self.failure.kind.code()];
        lines.push(self.failure.detail.clone());
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }
}

impl DialogView for ErrorDetails {
    fn title(&self, ui: &Ui) -> String {
        t(ui, "dialog-error-title")
    }

    fn width(&self) -> f32 {
        WIDE
    }

    fn body(&mut self, ui: &mut Ui, _cx: &mut Cx<'_>) {
        let lang = text::lang(ui);
        form::paragraph(ui, &locale::failure_title(lang, &self.failure));
        form::dim_paragraph(ui, &locale::failure_advice(lang, &self.failure));
        if self.failure.detail.is_empty() {
            return;
        }
        let label = ui.label(RichText::new(t(ui, "dialog-error-raw")).size(11.5));
        ui.add_space(4.0);
        let mut shown = self.failure.detail.as_str();
        let edit = TextEdit::multiline(&mut shown).font(egui::FontId::monospace(12.0)).desired_rows(4);
        form::framed(ui, edit, "", form::FIELD_MARGIN).labelled_by(label.id);
        ui.add_space(form::ROW_GAP);
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        if widgets::button(ui, Some(icons::COPY), &t(ui, "dialog-error-copy")).clicked() {
            let notice = Notice::message(Severity::Success, "notice-dialog-text-copied");
            cx.push(Action::CopyText { text: self.as_text(ui).into(), notice });
        }
        form::right_side(ui, |ui| {
            let close = widgets::primary_button(ui, None, &t(ui, "dialog-close"));
            cx.focus_first(&close);
            if close.clicked() {
                cx.close();
            }
        });
    }
}
