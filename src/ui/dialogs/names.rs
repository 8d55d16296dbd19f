//! Files whose names cannot become keys: a key for each that would do, to accept, change or leave out.

use egui::{RichText, Stroke, Ui};

use super::form::{self, FieldLook, Monospace};
use super::view::{Cx, DialogView, WIDE};
use crate::locale::grouped;
use crate::model::{BatchId, Command, KeyProblem, MAX_KEY_BYTES, NameAnswer, NameQuestion, ObjectKey};
use crate::ui::text::{t, t_count, t_with};
use crate::ui::{theme, widgets};

/// Rows drawn; a batch with more wrong names than this is better renamed at its source.
const MAX_ROWS: usize = 200;

struct Row {
    path: String,
    problem: KeyProblem,
    key: String,
    is_skipped: bool,
}

/// The open questions of one batch.
pub(super) struct NamesDialog {
    batch: BatchId,
    rows: Vec<Row>,
}

impl NamesDialog {
    pub(super) fn new(batch: BatchId, questions: Vec<NameQuestion>) -> Self {
        let row = |question: NameQuestion| Row {
            path: question.path.to_string_lossy().into_owned(),
            problem: question.problem,
            key: question.suggestion,
            is_skipped: false,
        };
        Self { batch, rows: questions.into_iter().map(row).collect() }
    }

    fn to_upload(&self) -> usize {
        self.rows.iter().filter(|row| !row.is_skipped).count()
    }

    fn is_answered(&self) -> bool {
        self.rows.iter().all(|row| row.is_skipped || ObjectKey::check_new(&row.key).is_ok())
    }

    fn answer(&self, answer: impl Fn(&Row) -> NameAnswer, cx: &mut Cx<'_>) {
        let answers = self.rows.iter().map(answer).collect();
        cx.command(Command::ResolveNames { batch: self.batch, answers });
        cx.close();
    }

    fn upload(&self, cx: &mut Cx<'_>) {
        self.answer(
            |row| match ObjectKey::check_new(&row.key) {
                Ok(key) if !row.is_skipped => NameAnswer::UseKey(key),
                _ => NameAnswer::Skip,
            },
            cx,
        );
    }

    fn skip_all(&self, cx: &mut Cx<'_>) {
        self.answer(|_row| NameAnswer::Skip, cx);
    }
}

impl DialogView for NamesDialog {
    fn title(&self, ui: &Ui) -> String {
        t_count(ui, "dialog-names-title", self.rows.len() as u64, &[])
    }

    fn width(&self) -> f32 {
        WIDE
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::dim_paragraph(ui, &t(ui, "dialog-names-intro"));
        for (index, row) in self.rows.iter_mut().take(MAX_ROWS).enumerate() {
            row_ui(ui, row, index, cx);
        }
        if let Some(more) = self.rows.len().checked_sub(MAX_ROWS).filter(|more| *more > 0) {
            form::dim_paragraph(ui, &t_count(ui, "dialog-names-more", more as u64, &[]));
        }
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        if widgets::button(ui, None, &t(ui, "dialog-names-skip-all")).clicked() {
            self.skip_all(cx);
        }
        form::right_side(ui, |ui| {
            let label = t_count(ui, "dialog-names-upload", self.to_upload() as u64, &[]);
            let is_ready = self.is_answered() && self.to_upload() > 0;
            let upload = ui.add_enabled_ui(is_ready, |ui| widgets::primary_button(ui, None, &label)).inner;
            if upload.clicked() {
                self.upload(cx);
            }
        });
    }

    /// Leaves every file out; the report of what was left out names them.
    fn escape(&mut self, cx: &mut Cx<'_>) {
        self.skip_all(cx);
    }
}

fn row_ui(ui: &mut Ui, row: &mut Row, index: usize, cx: &Cx<'_>) {
    let tokens = theme::tokens(ui);
    let frame = egui::Frame::new().stroke(Stroke::new(1.0, tokens.line)).corner_radius(8.0).inner_margin(12.0);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 5.0;
        ui.label(theme::strong(form::shown(&row.path, 84))).on_hover_text(&row.path);
        ui.label(RichText::new(problem_words(ui, row.problem)).size(11.5).color(tokens.warn));
        ui.add_space(2.0);
        let name = t_with(ui, "dialog-names-key", &[("path", &row.path)]);
        let label = t(ui, "dialog-names-key-short");
        let problem = ObjectKey::check_new(&row.key).err().filter(|_| !row.is_skipped);
        let problem = problem.map(|problem| problem_words(ui, problem));
        let is_skipped = row.is_skipped;
        let field = ui
            .add_enabled_ui(!is_skipped, |ui| {
                let look = FieldLook { hint: &label, problem, monospace: Monospace::Yes, id: None };
                form::named_field(ui, &name, &mut row.key, look)
            })
            .inner;
        if index == 0 {
            cx.focus_first(&field);
        }
        widgets::checkbox(ui, &mut row.is_skipped, &t(ui, "dialog-names-skip"));
    });
    ui.add_space(8.0);
}

/// What is wrong with a key, in words.
pub(super) fn problem_words(ui: &Ui, problem: KeyProblem) -> String {
    let limit = grouped(MAX_KEY_BYTES as u64);
    match problem {
        KeyProblem::Empty => t(ui, "dialog-key-problem-empty"),
        KeyProblem::TooLong(bytes) => {
            t_with(ui, "dialog-key-problem-too-long", &[("bytes", &grouped(bytes as u64)), ("limit", &limit)])
        }
        KeyProblem::NotUnicode => t(ui, "dialog-key-problem-not-unicode"),
        KeyProblem::ControlCharacter => t(ui, "dialog-key-problem-control-character"),
        KeyProblem::DotSegment => t(ui, "dialog-key-problem-dot-segment"),
    }
}
