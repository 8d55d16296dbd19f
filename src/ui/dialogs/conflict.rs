//! A name that is taken: what is there, what would come, and what to do. The safe answer, Skip, has the focus and Esc.

use egui::{Margin, RichText, Stroke, Ui, vec2};
use jiff::Timestamp;

use super::form;
use super::view::{Cx, DialogView, WIDE};
use crate::model::{Command, Conflict, ConflictPolicy, ConflictScope, Event};
use crate::ui::text::{t, t_with};
use crate::ui::{format, icons, theme, widgets};

/// So much of the taken name stands in the title, in graphemes.
const LONGEST_NAME: usize = 48;

/// The open question.
pub(super) struct ConflictDialog {
    conflict: Conflict,
    is_for_rest: bool,
}

/// One of the two sides, as far as it is known.
struct Side {
    bytes: Option<u64>,
    modified: Option<Timestamp>,
    is_newer: bool,
}

impl ConflictDialog {
    pub(super) fn new(conflict: Conflict) -> Self {
        Self { conflict, is_for_rest: false }
    }

    fn answer(&self, policy: ConflictPolicy, cx: &mut Cx<'_>) {
        let scope = if self.is_for_rest { ConflictScope::RestOfBatch } else { ConflictScope::This };
        cx.command(Command::ResolveConflict { transfer: self.conflict.transfer, policy, scope });
        if scope == ConflictScope::RestOfBatch {
            cx.batch_answered(self.conflict.batch);
        }
        cx.close();
    }

    fn sides(&self) -> (Side, Side) {
        let (old, new) = (self.conflict.existing_modified, self.conflict.new_modified);
        let is_new_newer = matches!((old, new), (Some(old), Some(new)) if new > old);
        let is_old_newer = matches!((old, new), (Some(old), Some(new)) if old > new);
        let existing = Side { bytes: self.conflict.existing_bytes, modified: old, is_newer: is_old_newer };
        (existing, Side { bytes: Some(self.conflict.new_bytes), modified: new, is_newer: is_new_newer })
    }
}

impl DialogView for ConflictDialog {
    fn title(&self, ui: &Ui) -> String {
        t_with(ui, "dialog-conflict-title", &[("name", self.conflict.object.key.name())])
    }

    fn width(&self) -> f32 {
        WIDE
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let object = &self.conflict.object;
        let place = object.location().to_string();
        let is_name_cut = form::shown(object.key.name(), LONGEST_NAME) != format::readable(object.key.name());
        // Names that differ in the middle only look the same in the title.
        let whole = if is_name_cut { object.to_string() } else { place.clone() };
        form::place_paragraph(ui, &form::shown(&place, 90), &whole);
        let (existing, new) = self.sides();
        let units = cx.model.settings.size_units;
        let half = (ui.available_width() - 12.0) / 2.0;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            side_ui(ui, half, &t(ui, "dialog-conflict-existing"), &existing, units);
            side_ui(ui, half, &t(ui, "dialog-conflict-new"), &new, units);
        });
        ui.add_space(12.0);
        if self.conflict.rest_of_batch > 0 {
            widgets::checkbox(ui, &mut self.is_for_rest, &t(ui, "dialog-conflict-rest"));
            ui.add_space(form::ROW_GAP);
        }
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let skip = widgets::button(ui, None, &t(ui, "dialog-conflict-skip"));
        cx.focus_first(&skip);
        if skip.clicked() {
            self.answer(ConflictPolicy::Skip, cx);
        }
        form::right_side(ui, |ui| {
            let rename = widgets::button(ui, None, &t(ui, "dialog-conflict-keep-both"));
            if rename.on_hover_text(t(ui, "dialog-conflict-keep-both-hint")).clicked() {
                self.answer(ConflictPolicy::Rename, cx);
            }
            let newer = widgets::button(ui, None, &t(ui, "dialog-conflict-newer"));
            if newer.on_hover_text(t(ui, "dialog-conflict-newer-hint")).clicked() {
                self.answer(ConflictPolicy::OverwriteIfNewer, cx);
            }
            let overwrite = t(ui, "dialog-conflict-overwrite");
            if widgets::danger_button(ui, None, &overwrite).clicked() {
                self.answer(ConflictPolicy::Overwrite, cx);
            }
        });
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        if matches!(event, Event::ConflictGone(transfer) if *transfer == self.conflict.transfer) {
            cx.close();
        }
    }

    fn escape(&mut self, cx: &mut Cx<'_>) {
        self.is_for_rest = false;
        self.answer(ConflictPolicy::Skip, cx);
    }
}

fn side_ui(ui: &mut Ui, width: f32, heading: &str, side: &Side, units: crate::model::SizeUnits) {
    let tokens = theme::tokens(ui);
    let frame = egui::Frame::new()
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(8.0)
        .inner_margin(Margin::symmetric(14, 12));
    frame.show(ui, |ui| {
        ui.set_width(width - 30.0);
        ui.vertical(|ui| side_words_ui(ui, heading, side, units));
    });
}

fn side_words_ui(ui: &mut Ui, heading: &str, side: &Side, units: crate::model::SizeUnits) {
    let tokens = theme::tokens(ui);
    ui.spacing_mut().item_spacing = vec2(6.0, 4.0);
    ui.horizontal(|ui| {
        ui.set_height(19.0);
        ui.label(RichText::new(heading).size(11.5).color(tokens.dim));
        if side.is_newer {
            widgets::badge(ui, Some(icons::CLOCK), &t(ui, "dialog-conflict-is-newer"), widgets::BadgeTone::Good);
        }
    });
    let unknown = || t(ui, "dialog-unknown");
    let shown_size = side.bytes.map_or_else(unknown, |bytes| format::bytes(bytes, units));
    let time = side.modified.map_or_else(unknown, format::date_time);
    ui.label(theme::strong(shown_size));
    let label = ui.label(time);
    if let Some(modified) = side.modified {
        label.on_hover_text(format::full_instant(modified));
    }
}
