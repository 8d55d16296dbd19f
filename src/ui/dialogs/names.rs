//! Files whose names cannot become keys: a key for each that would do, to accept, change or leave out.

use egui::{Rect, Sense, Stroke, Ui, UiBuilder, pos2, vec2};

use super::form::{self, FieldLook, Monospace};
use super::view::{Cx, DialogView, WIDE};
use crate::locale::grouped;
use crate::model::{BatchId, Command, KeyProblem, MAX_KEY_BYTES, NameAnswer, NameQuestion, ObjectKey};
use crate::ui::text::{t, t_count, t_with};
use crate::ui::{theme, widgets};

/// Every question is as high as every other, so that only those in sight need be drawn, however many there are.
const ROW_HEIGHT: f32 = 127.0;
/// Between two of them.
const GAP: f32 = 8.0;

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
        let step = ROW_HEIGHT + GAP;
        let width = ui.available_width();
        let (all, _) = ui.allocate_exact_size(vec2(width, step * self.rows.len() as f32), Sense::hover());
        let seen = ui.clip_rect().intersect(all);
        let from = to_index((seen.top() - all.top()) / step - 1.0);
        let until = to_index((seen.bottom() - all.top()) / step + 2.0);
        for (index, row) in self.rows.iter_mut().enumerate().take(until).skip(from) {
            let top = all.top() + step * index as f32;
            let rect = Rect::from_min_size(pos2(all.left(), top), vec2(width, ROW_HEIGHT));
            // Ids of its own, which stay while other rows come and go.
            let builder = UiBuilder::new().scope_id(ui.scope_id().with(("name", index))).max_rect(rect);
            ui.scope_builder(builder, |ui| row_ui(ui, row, index, cx));
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

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "negative ones are cut off before")]
fn to_index(rows: f32) -> usize {
    rows.max(0.0) as usize
}

fn row_ui(ui: &mut Ui, row: &mut Row, index: usize, cx: &Cx<'_>) {
    let tokens = theme::tokens(ui);
    let rect = ui.max_rect();
    let outline = Stroke::new(1.0, tokens.line);
    ui.painter().rect_stroke(rect, theme::radius::CARD, outline, egui::StrokeKind::Inside);
    let builder = UiBuilder::new().max_rect(rect.shrink(12.0));
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.y = 5.0;
        ui.label(theme::strong(form::shown(&row.path, 84))).on_hover_text(&row.path);
        // What is wrong with the key takes the place of what was wrong with the name.
        match ObjectKey::check_new(&row.key).err().filter(|_| !row.is_skipped) {
            Some(problem) => form::problem_ui(ui, &problem_words(ui, problem)),
            None => form::warning_ui(ui, &problem_words(ui, row.problem)),
        }
        let name = t_with(ui, "dialog-names-key", &[("path", &row.path)]);
        let label = t(ui, "dialog-names-key-short");
        let field = |ui: &mut Ui| {
            let look = FieldLook { hint: &label, monospace: Monospace::Yes, ..FieldLook::default() };
            form::named_field(ui, &name, &mut row.key, look)
        };
        let field = ui.add_enabled_ui(!row.is_skipped, field).inner;
        if index == 0 {
            cx.focus_first(&field);
        }
        if field.gained_focus() {
            ui.scroll_to_rect(rect, None);
        }
        let skip = t_with(ui, "dialog-names-skip-one", &[("path", &row.path)]);
        let checkbox = widgets::checkbox(ui, &mut row.is_skipped, &t(ui, "dialog-names-skip"));
        checkbox.ctx.accesskit_node_builder(checkbox.id, |node| node.set_description(skip));
    });
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
        KeyProblem::Taken => t(ui, "dialog-key-problem-taken"),
    }
}
