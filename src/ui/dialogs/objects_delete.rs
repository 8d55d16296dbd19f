//! Deletion of objects: counted first, asked, then watched. More than a hundred need the bucket's name typed.

use std::collections::HashSet;

use egui::{RichText, Stroke, Ui};

use super::form::{self, FieldLook, Monospace};
use super::view::{Cx, DialogView};
use crate::locale::grouped;
use crate::model::{
    Browsing, Command, Entry, Event, Failure, Location, Notice, ObjectCount, ObjectKey, RequestId, Severity, Target,
};
use crate::ui::actions::Action;
use crate::ui::text::{t, t_count, t_with};
use crate::ui::{format, icons, theme, widgets};

use super::Dialog;

/// From here on a click is not enough.
const TYPE_NAME_ABOVE: u64 = 100;
const NAMES_SHOWN: usize = 5;
/// So much of a name stands in the title, in graphemes.
const LONGEST_NAME: usize = 32;
const FAILURES_SHOWN: usize = 8;

enum Step {
    /// Nothing is deleted yet; the count grows, or is known.
    Asking { is_counted: bool, failure: Option<Failure> },
    /// Under way.
    Deleting { deleted: u64, is_stopping: bool },
    /// Over, with something left.
    Ended { deleted: u64, came: u64, failed: Vec<(ObjectKey, Failure)>, failure: Option<Failure> },
}

/// The open question, and its outcome.
pub(super) struct ObjectsDelete {
    at: Location,
    targets: Vec<Target>,
    request: RequestId,
    count: ObjectCount,
    typed: String,
    step: Step,
}

impl ObjectsDelete {
    pub(super) fn new(at: Location, targets: Vec<Target>) -> Self {
        let step = Step::Asking { is_counted: false, failure: None };
        let count = ObjectCount::default();
        Self { at, targets, request: RequestId::next(), count, typed: String::new(), step }
    }

    /// One folder or object is named; of several their number says more.
    fn question(&self, ui: &Ui) -> String {
        let (id, name) = match &self.targets[..] {
            [Target::Folder(prefix)] if self.count.objects > 0 => ("dialog-delete-title-folder", prefix.name()),
            [Target::Object(key)] if self.count.objects == 1 => ("dialog-delete-title-object", key.name()),
            _ => ("dialog-delete-title", ""),
        };
        t_count(ui, id, self.count.objects, &[("name", &form::shown(name, LONGEST_NAME))])
    }

    fn needs_typing(&self) -> bool {
        self.count.objects > TYPE_NAME_ABOVE
    }

    fn may_delete(&self) -> bool {
        let is_counted = matches!(self.step, Step::Asking { is_counted: true, failure: None });
        let is_typed = !self.needs_typing() || self.typed.trim() == self.at.bucket.as_str();
        is_counted && is_typed && self.count.objects > 0
    }

    fn delete(&mut self, cx: &mut Cx<'_>) {
        let counted = std::mem::replace(&mut self.request, RequestId::next());
        self.step = Step::Deleting { deleted: 0, is_stopping: false };
        let (at, targets) = (self.at.clone(), self.targets.clone());
        cx.command(Command::DeleteObjects { request: self.request, at, targets, counted });
    }

    fn deletion_ended(
        &mut self,
        (deleted, came): (u64, u64),
        failed: &[(ObjectKey, Failure)],
        failure: Option<Failure>,
        cx: &mut Cx<'_>,
    ) {
        if failed.is_empty() && failure.is_none() && came == 0 {
            let notice = Notice::message(Severity::Success, "notice-dialog-objects-deleted").with("count", deleted);
            cx.push(Action::Toast(notice));
            cx.close();
        }
        self.step = Step::Ended { deleted, came, failed: failed.to_vec(), failure };
    }
}

/// Sizes of objects as the folder shown tells them.
fn known_sizes(targets: &[Target], browsing: Option<&Browsing>) -> Vec<(ObjectKey, u64)> {
    let wanted: HashSet<&str> = targets.iter().map(Target::full_key).collect();
    let entries = browsing.iter().flat_map(|browsing| &browsing.listing.entries);
    let known = entries.filter_map(|entry| match entry {
        Entry::Object(object) if wanted.contains(object.key.as_str()) => Some((object.key.clone(), object.size_bytes?)),
        Entry::Object(_) | Entry::Prefix(_) => None,
    });
    known.collect()
}

impl DialogView for ObjectsDelete {
    fn title(&self, ui: &Ui) -> String {
        match &self.step {
            Step::Asking { is_counted: false, .. } => t(ui, "dialog-delete-counting-title"),
            Step::Asking { .. } => self.question(ui),
            Step::Deleting { .. } => t(ui, "dialog-delete-running-title"),
            Step::Ended { failed, failure: None, .. } if failed.is_empty() => t(ui, "dialog-delete-came-title"),
            Step::Ended { .. } => t(ui, "dialog-delete-ended-title"),
        }
    }

    fn start(&mut self, cx: &mut Cx<'_>) {
        let (at, targets) = (self.at.clone(), self.targets.clone());
        let known_sizes = known_sizes(&targets, cx.model.browsing.as_ref());
        cx.command(Command::CountObjects { request: self.request, at, targets, known_sizes });
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        match &self.step {
            Step::Asking { .. } => self.asking_ui(ui, cx),
            Step::Deleting { deleted, .. } => self.deleting_ui(ui, *deleted),
            Step::Ended { .. } => self.ended_ui(ui, cx),
        }
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        match &mut self.step {
            Step::Asking { .. } => {
                let may_delete = self.may_delete();
                form::right_side(ui, |ui| {
                    let cancel = widgets::button(ui, None, &t(ui, "dialog-cancel"));
                    cx.focus_first(&cancel);
                    if cancel.clicked() {
                        self.escape(cx);
                    }
                    let label = t_count(ui, "dialog-delete-button", self.count.objects, &[]);
                    let delete = |ui: &mut Ui| widgets::danger_primary_button(ui, Some(icons::TRASH), &label);
                    if ui.add_enabled_ui(may_delete, delete).inner.clicked() {
                        self.delete(cx);
                    }
                });
            }
            Step::Deleting { is_stopping, .. } => {
                let request = self.request;
                form::right_side(ui, |ui| {
                    let stop = |ui: &mut Ui| widgets::button(ui, Some(icons::STOP), &t(ui, "dialog-delete-stop"));
                    if ui.add_enabled_ui(!*is_stopping, stop).inner.clicked() {
                        *is_stopping = true;
                        cx.command(Command::StopRequest { request });
                    }
                });
            }
            Step::Ended { .. } => form::right_side(ui, |ui| {
                if widgets::primary_button(ui, None, &t(ui, "dialog-close")).clicked() {
                    cx.close();
                }
            }),
        }
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        match event {
            Event::ObjectsCounted { request, count, end } if *request == self.request => {
                self.count = (**count).clone();
                if let Some(end) = end {
                    let failure = end.as_ref().err().map(|failure| (**failure).clone());
                    self.step = Step::Asking { is_counted: true, failure };
                }
            }
            Event::ObjectsDeleted { request, deleted, came, failed, end, .. } if *request == self.request => {
                match end {
                    None => {
                        if let Step::Deleting { deleted: shown, .. } = &mut self.step {
                            *shown = *deleted;
                        }
                    }
                    Some(end) => {
                        let failure = end.as_ref().err().map(|failure| (**failure).clone());
                        self.deletion_ended((*deleted, *came), failed, failure, cx);
                    }
                }
            }
            _ => {}
        }
    }

    /// Before the deletion Esc leaves; while it runs only Stop ends it; a second Esc then hides the dialog.
    fn escape(&mut self, cx: &mut Cx<'_>) {
        match &self.step {
            Step::Asking { .. } => {
                cx.command(Command::StopRequest { request: self.request });
                cx.close();
            }
            Step::Deleting { is_stopping: false, .. } => {}
            Step::Deleting { .. } | Step::Ended { .. } => cx.close(),
        }
    }
}

impl ObjectsDelete {
    fn asking_ui(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let Step::Asking { is_counted, failure } = &self.step else { return };
        let units = cx.model.settings.size_units;
        if let Some(failure) = failure {
            if form::failure_ui(ui, failure) {
                cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
            }
            return;
        }
        let size = format::bytes(self.count.total_bytes, units);
        let id = if *is_counted { "dialog-delete-amount" } else { "dialog-delete-counting" };
        let sentence = |ui: &Ui, place: &str| t_count(ui, id, self.count.objects, &[("size", &size), ("place", place)]);
        form::PlaceSentence { place: &self.at.to_string(), room: 64, sentence }.paragraph(ui);
        self.names_ui(ui);
        if !is_counted {
            return;
        }
        form::warning_ui(ui, &t(ui, "dialog-delete-for-good"));
        ui.add_space(form::ROW_GAP);
        if self.needs_typing() {
            let bucket = self.at.bucket.as_str().to_owned();
            let label = t_with(ui, "dialog-delete-type-name", &[("bucket", &bucket)]);
            let look = FieldLook { hint: &bucket, monospace: Monospace::Yes, ..FieldLook::default() };
            ui.label(&label);
            ui.add_space(4.0);
            let field = form::named_field(ui, &label, &mut self.typed, look);
            if form::submitted(ui, &field) && self.may_delete() {
                self.delete(cx);
            }
            ui.add_space(form::ROW_GAP);
        }
    }

    fn names_ui(&self, ui: &mut Ui) {
        let tokens = theme::tokens(ui);
        if self.count.first_keys.is_empty() {
            return;
        }
        let frame = egui::Frame::new().stroke(Stroke::new(1.0, tokens.line)).corner_radius(8.0).inner_margin(12.0);
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 4.0;
            for key in self.count.first_keys.iter().take(NAMES_SHOWN) {
                ui.label(form::shown(key.as_str(), 62)).on_hover_text(key.as_str());
            }
            let shown = self.count.first_keys.len().min(NAMES_SHOWN) as u64;
            if self.count.objects > shown {
                let more = t_count(ui, "dialog-delete-more", self.count.objects - shown, &[]);
                ui.label(RichText::new(more).size(11.5).color(tokens.dim));
            }
        });
        ui.add_space(form::ROW_GAP);
    }

    fn deleting_ui(&self, ui: &mut Ui, deleted: u64) {
        let (done, all) = (grouped(deleted), grouped(self.count.objects));
        let words = t_with(ui, "dialog-delete-progress", &[("done", &done), ("all", &all)]);
        form::paragraph(ui, &words);
        let fraction = deleted as f32 / self.count.objects.max(1) as f32;
        let width = ui.available_width();
        let tone = widgets::Tone::Accent;
        widgets::progress_bar(ui, widgets::Progress { fraction, tone, accessible_name: &words, width });
        ui.add_space(8.0);
    }

    fn ended_ui(&self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let Step::Ended { deleted, came, failed, failure } = &self.step else { return };
        form::paragraph(ui, &t_count(ui, "dialog-delete-deleted", *deleted, &[]));
        if *came > 0 {
            form::note_ui(ui, icons::INFO, &t_count(ui, "dialog-delete-came", *came, &[]));
            ui.add_space(form::ROW_GAP);
        }
        let mut wanted = None;
        if let Some(failure) = failure
            && form::failure_ui(ui, failure)
        {
            wanted = Some(failure.clone());
        }
        if failed.is_empty() {
            return;
        }
        form::paragraph(ui, &t_count(ui, "dialog-delete-stayed", failed.len() as u64, &[]));
        for (key, failure) in failed.iter().take(FAILURES_SHOWN) {
            ui.label(form::shown(key.as_str(), 62)).on_hover_text(key.as_str());
            ui.add_space(4.0);
            if form::failure_ui(ui, failure) {
                wanted = Some(failure.clone());
            }
        }
        if let Some(failure) = wanted {
            cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure))));
        }
    }
}
