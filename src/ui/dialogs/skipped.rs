//! What batches left out, and why: gathered while they are scanned, shown and copied on demand.

use std::collections::VecDeque;

use egui::{RichText, Ui};

use super::form;
use super::view::{Cx, DialogView, WIDE};
use crate::locale;
use crate::model::{BatchId, Event, Notice, Severity, SkippedItem};
use crate::ui::actions::Action;
use crate::ui::text::{self, t, t_count};
use crate::ui::{icons, theme, widgets};

/// Batches remembered; older ones are forgotten.
const MAX_BATCHES: usize = 20;
/// Items remembered of one batch; more are only counted.
const MAX_ITEMS: usize = 5_000;

/// What one batch left out.
#[derive(Clone, Debug, Default)]
pub(super) struct SkippedBatch {
    items: Vec<SkippedItem>,
    /// All of them, also those past the limit.
    count: u64,
}

/// What the last batches left out.
#[derive(Default)]
pub(super) struct SkippedBatches(VecDeque<(BatchId, SkippedBatch)>);

impl SkippedBatches {
    /// Takes what a scan reports.
    pub(super) fn apply(&mut self, event: &Event) {
        let Event::BatchScanned { batch, skipped, .. } = event else { return };
        if skipped.is_empty() {
            return;
        }
        if !self.0.iter().any(|(known, _)| known == batch) {
            self.0.push_back((*batch, SkippedBatch::default()));
            if self.0.len() > MAX_BATCHES {
                self.0.pop_front();
            }
        }
        let Some((_, of_batch)) = self.0.iter_mut().find(|(known, _)| known == batch) else { return };
        let room = MAX_ITEMS.saturating_sub(of_batch.items.len());
        of_batch.items.extend(skipped.iter().take(room).cloned());
        of_batch.count += skipped.len() as u64;
    }

    /// Whether nothing was left out.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Of one batch, or of the latest.
    pub(super) fn of(&self, batch: Option<BatchId>) -> SkippedBatch {
        let found = match batch {
            Some(batch) => self.0.iter().find(|(known, _)| *known == batch),
            None => self.0.back(),
        };
        found.map(|(_, skipped)| skipped.clone()).unwrap_or_default()
    }
}

/// The open report.
pub(super) struct SkippedDialog(SkippedBatch);

impl SkippedDialog {
    pub(super) fn new(skipped: SkippedBatch) -> Self {
        Self(skipped)
    }

    /// One line an item: reason, tab, path.
    fn as_text(&self, ui: &Ui) -> String {
        let lang = text::lang(ui);
        let line =
            |item: &SkippedItem| format!("{}\t{}\n", locale::skip_reason(lang, &item.reason), item.path.display());
        self.0.items.iter().map(line).collect()
    }
}

impl DialogView for SkippedDialog {
    fn title(&self, ui: &Ui) -> String {
        t_count(ui, "dialog-skipped-title", self.0.count, &[])
    }

    fn width(&self) -> f32 {
        WIDE
    }

    fn body(&mut self, ui: &mut Ui, _cx: &mut Cx<'_>) {
        if self.0.items.is_empty() {
            form::dim_paragraph(ui, &t(ui, "dialog-skipped-nothing"));
            return;
        }
        let (lang, tokens) = (text::lang(ui), theme::tokens(ui));
        let height = 40.0;
        let list = egui::ScrollArea::vertical().max_height(320.0).id_salt("skipped");
        list.show_rows(ui, height, self.0.items.len(), |ui, range| {
            for item in self.0.items.get(range).unwrap_or_default() {
                let path = item.path.to_string_lossy();
                ui.allocate_ui(egui::vec2(ui.available_width(), height), |ui| {
                    ui.set_min_height(height);
                    ui.spacing_mut().item_spacing.y = 1.0;
                    ui.label(form::shown(&path, 88)).on_hover_text(path.as_ref());
                    let reason = locale::skip_reason(lang, &item.reason);
                    ui.label(RichText::new(reason).size(11.5).color(tokens.dim));
                });
            }
        });
        if self.0.count > self.0.items.len() as u64 {
            let more = self.0.count - self.0.items.len() as u64;
            form::dim_paragraph(ui, &t_count(ui, "dialog-skipped-more", more, &[]));
        }
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        if !self.0.items.is_empty() && widgets::button(ui, Some(icons::COPY), &t(ui, "dialog-skipped-copy")).clicked() {
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
