//! A receipt held against the bucket: through which connection and how is chosen first; then counts as they come, and
//! what differs, object by object.

use std::path::PathBuf;

use egui::{FontId, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::view::{Cx, DialogView, WIDE};
use super::{Dialog, form};
use crate::locale::failure_title;
use crate::model::{
    CheckedRow, Command, ConnectionId, Event, Failure, FailureKind, Notice, ReceiptCounts, ReceiptVerdict, RequestId,
    Severity, VerifyWish,
};
use crate::ui::actions::Action;
use crate::ui::text::{lang, t, t_count, t_with};
use crate::ui::theme::{self, size};
use crate::ui::widgets::{self, Tone};
use crate::ui::{icons, naming};

/// Problems that are listed; more are only counted.
const MOST_PROBLEMS: usize = 5_000;
const ROW_HEIGHT: f32 = 40.0;
const LIST_HEIGHT: f32 = 200.0;

enum Step {
    /// Nothing is looked at yet.
    Asking,
    /// Under way.
    Checking { request: RequestId, is_stopping: bool },
    /// Over; with why it broke off, if it did.
    Ended(Option<Failure>),
}

/// The open check.
pub(super) struct ReceiptCheck {
    path: PathBuf,
    through: Option<ConnectionId>,
    verify: VerifyWish,
    step: Step,
    counts: ReceiptCounts,
    problems: Vec<CheckedRow>,
}

impl ReceiptCheck {
    pub(super) fn new(path: PathBuf) -> Self {
        let (verify, counts) = (VerifyWish::Proof, ReceiptCounts::default());
        Self { path, through: None, verify, step: Step::Asking, counts, problems: Vec::new() }
    }

    fn check(&mut self, cx: &mut Cx<'_>) {
        let request = RequestId::next();
        self.step = Step::Checking { request, is_stopping: false };
        self.counts = ReceiptCounts::default();
        self.problems.clear();
        let (path, connection) = (self.path.clone(), self.through.clone());
        cx.command(Command::CheckReceipt { request, path, connection, verify: self.verify });
    }

    fn checked(&self) -> u64 {
        let ReceiptCounts { same, changed, gone, unknown } = self.counts;
        same + changed + gone + unknown
    }

    fn asking_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let mut ways = vec![(None, t(ui, "dialog-receipt-check-through-own"))];
        if let Some(open) = cx.model.current() {
            ways.push((Some(open.id.clone()), naming::connection(open, lang(ui))));
        }
        form::choice_row(ui, &t(ui, "dialog-receipt-check-through"), &mut self.through, &ways);
        let hows = VerifyWish::ALL.map(|wish| {
            let how = if wish == VerifyWish::ReadBack { "read-back" } else { "proof" };
            (wish, t(ui, &format!("dialog-receipt-check-how-{how}")))
        });
        form::choice_row(ui, &t(ui, "dialog-receipt-check-how"), &mut self.verify, &hows);
        if self.verify == VerifyWish::ReadBack {
            form::row(ui, "", |ui, _label| form::note_ui(ui, icons::INFO, &t(ui, "dialog-receipt-check-how-note")));
        }
    }

    fn counts_ui(&self, ui: &mut Ui) {
        let ReceiptCounts { same, changed, gone, unknown } = self.counts;
        let lines = [
            (same, Tone::Good, "same"),
            (changed, Tone::Bad, "changed"),
            (gone, Tone::Bad, "gone"),
            (unknown, Tone::Warn, "unknown"),
        ];
        for (count, tone, name) in lines {
            if count > 0 {
                widgets::tone_line(ui, tone, &t_count(ui, &format!("dialog-receipt-check-{name}"), count, &[]));
                ui.add_space(5.0);
            }
        }
        ui.add_space(5.0);
    }

    fn verdict_ui(&self, ui: &mut Ui, failure: Option<&Failure>, cx: &mut Cx<'_>) {
        match failure {
            Some(failure) if failure.kind == FailureKind::Cancelled => {
                form::paragraph(ui, &t(ui, "dialog-receipt-check-stopped"));
            }
            Some(failure) if form::failure_ui(ui, failure) => {
                cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
            }
            None if self.checked() == self.counts.same => {
                let words = t_count(ui, "dialog-receipt-check-all-same", self.counts.same, &[]);
                let tone = if self.counts.same > 0 { Tone::Good } else { Tone::Neutral };
                widgets::tone_line(ui, tone, &words);
                ui.add_space(form::ROW_GAP);
                return;
            }
            _ => {}
        }
        self.counts_ui(ui);
    }

    fn problems_ui(&self, ui: &mut Ui) {
        if self.problems.is_empty() {
            return;
        }
        let list = egui::ScrollArea::vertical().id_salt("problems").max_height(LIST_HEIGHT).auto_shrink([false, true]);
        let list = list.min_scrolled_height(LIST_HEIGHT.min(ROW_HEIGHT * 2.0));
        list.show_rows(ui, ROW_HEIGHT, self.problems.len(), |ui, range| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for row in self.problems.get(range).unwrap_or_default() {
                problem_ui(ui, row);
            }
        });
        let ReceiptCounts { changed, gone, unknown, .. } = self.counts;
        let more = (changed + gone + unknown).saturating_sub(self.problems.len() as u64);
        if more > 0 {
            form::dim_paragraph(ui, &t_count(ui, "dialog-receipt-more", more, &[]));
        }
        ui.add_space(form::ROW_GAP);
    }

    /// One line a problem: verdict, tab, object.
    fn as_text(&self, ui: &Ui) -> String {
        let line = |row: &CheckedRow| format!("{}\ts3://{}/{}\n", words(ui, row), row.bucket, row.key);
        self.problems.iter().map(line).collect()
    }
}

/// What became of an object, in words.
fn words(ui: &Ui, row: &CheckedRow) -> String {
    match (row.verdict, &row.why) {
        (ReceiptVerdict::Same, _) => String::new(),
        (ReceiptVerdict::Changed, _) => t(ui, "dialog-receipt-row-changed"),
        (ReceiptVerdict::Gone, _) => t(ui, "dialog-receipt-row-gone"),
        (ReceiptVerdict::Unknown, None) => t(ui, "dialog-receipt-row-unknown"),
        (ReceiptVerdict::Unknown, Some(why)) => {
            t_with(ui, "dialog-receipt-row-unknown-why", &[("why", &failure_title(lang(ui), why))])
        }
    }
}

fn problem_ui(ui: &mut Ui, row: &CheckedRow) {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::hover());
    let object = format!("s3://{}/{}", row.bucket, row.key);
    let words = words(ui, row);
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{object}, {words}")));
    let color = if row.verdict == ReceiptVerdict::Unknown { tokens.warn } else { tokens.bad };
    let name = widgets::elided_text(ui, &object, FontId::proportional(size::BODY), tokens.text, rect.width());
    let caption = FontId::proportional(size::CAPTION);
    let line = widgets::end_elided_text(ui, &words, caption, color, rect.width());
    // Said below, cut or not.
    drop(name.paint_bare(ui.painter(), rect.min + vec2(0.0, 3.0)));
    drop(line.paint_bare(ui.painter(), pos2(rect.left(), rect.top() + 21.0)));
    response.on_hover_text(format!("{object}\n{words}"));
}

impl DialogView for ReceiptCheck {
    fn title(&self, ui: &Ui) -> String {
        t(ui, "dialog-receipt-check-title")
    }

    fn width(&self) -> f32 {
        WIDE
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let whole = self.path.to_string_lossy().into_owned();
        form::row(ui, &t(ui, "dialog-receipt-check-file"), |ui, _label| {
            ui.horizontal(|ui| {
                ui.set_height(30.0);
                ui.label(form::shown(&whole, 60)).on_hover_text(&whole);
            });
        });
        match &self.step {
            Step::Asking => self.asking_ui(ui, cx),
            Step::Checking { .. } => {
                ui.horizontal(|ui| {
                    let words = t_count(ui, "dialog-receipt-check-running", self.checked(), &[]);
                    widgets::activity_dot(ui, &words);
                    ui.label(theme::dim(ui, words.clone()));
                });
                ui.add_space(form::ROW_GAP);
                self.counts_ui(ui);
                self.problems_ui(ui);
            }
            Step::Ended(failure) => {
                self.verdict_ui(ui, failure.as_ref(), cx);
                self.problems_ui(ui);
            }
        }
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        if !self.problems.is_empty() && widgets::button(ui, Some(icons::COPY), &t(ui, "dialog-receipt-copy")).clicked()
        {
            let notice = Notice::message(Severity::Success, "notice-dialog-text-copied");
            cx.push(Action::CopyText { text: self.as_text(ui).into(), notice });
        }
        form::right_side(ui, |ui| match &mut self.step {
            Step::Asking => {
                if widgets::button(ui, None, &t(ui, "dialog-cancel")).clicked() {
                    cx.close();
                }
                let start = widgets::primary_button(ui, None, &t(ui, "dialog-receipt-check-start"));
                cx.focus_first(&start);
                if start.clicked() {
                    self.check(cx);
                }
            }
            Step::Checking { request, is_stopping } => {
                let label = t(ui, "dialog-receipt-check-stop");
                let stop = |ui: &mut Ui| widgets::button(ui, Some(icons::STOP), &label);
                if ui.add_enabled_ui(!*is_stopping, stop).inner.clicked() {
                    *is_stopping = true;
                    cx.command(Command::StopRequest { request: *request });
                }
            }
            Step::Ended(_) => {
                if widgets::button(ui, Some(icons::RETRY), &t(ui, "dialog-receipt-check-again")).clicked() {
                    self.step = Step::Asking;
                }
                if widgets::primary_button(ui, None, &t(ui, "dialog-close")).clicked() {
                    cx.close();
                }
            }
        });
    }

    fn apply(&mut self, event: &Event, _cx: &mut Cx<'_>) {
        let Event::ReceiptChecked { request, rows, counts, end } = event else { return };
        if !matches!(self.step, Step::Checking { request: asked, .. } if asked == *request) {
            return;
        }
        self.counts = *counts;
        let room = MOST_PROBLEMS.saturating_sub(self.problems.len());
        let problems = rows.iter().filter(|row| row.verdict != ReceiptVerdict::Same);
        self.problems.extend(problems.take(room).cloned());
        if let Some(end) = end {
            self.step = Step::Ended(end.as_ref().err().map(|failure| (**failure).clone()));
        }
    }

    /// A check that is left is stopped: nobody would see its end.
    fn escape(&mut self, cx: &mut Cx<'_>) {
        if let Step::Checking { request, .. } = &self.step {
            cx.command(Command::StopRequest { request: *request });
        }
        cx.close();
    }
}
