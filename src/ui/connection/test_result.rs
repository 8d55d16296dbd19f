//! How a connection test went, line by line, with the next step where one is needed.

use egui::{Align, Color32, Layout, Margin, RichText, Stroke, Ui, vec2};

use super::policy::policy_for;
use crate::locale;
use crate::model::{ConnectionDraft, Failure, Notice, Severity, TestLine, TestReport};
use crate::ui::actions::Action;
use crate::ui::dialogs::Dialog;
use crate::ui::dialogs::form;
use crate::ui::dialogs::view::Cx;
use crate::ui::text::{self, t, t_count, t_with};
use crate::ui::{icons, theme, widgets};

/// Clocks this far apart are said to agree; S3 itself allows 15 minutes.
const CLOCK_TOLERANCE_SECS: i64 = 60;
/// Right of the words: a figure or an offer.
const SIDE_WIDTH: f32 = 92.0;
/// Of the words.
const LINE_HEIGHT: f32 = 17.0;

/// The card with the report's lines.
pub(super) fn report_ui(ui: &mut Ui, report: &TestReport, draft: &ConnectionDraft, cx: &mut Cx<'_>) -> egui::Response {
    let tokens = theme::tokens(ui);
    let frame = egui::Frame::new()
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(theme::radius::CARD)
        .inner_margin(Margin::symmetric(13, 10));
    let card = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 7.0;
        for line in &report.lines {
            line_ui(ui, line, draft, cx);
        }
    });
    ui.add_space(form::ROW_GAP);
    card.response
}

/// A line's icon and colour: good, to be noted, or in the way.
#[derive(Clone, Copy)]
enum Tone {
    Good,
    Warn,
    Bad,
}

impl Tone {
    fn icon(self, ui: &Ui) -> (&'static str, Color32) {
        let tokens = theme::tokens(ui);
        match self {
            Self::Good => (icons::CHECK_CIRCLE_FILL, tokens.good),
            Self::Warn => (icons::WARNING_CIRCLE_FILL, tokens.warn),
            Self::Bad => (icons::X_CIRCLE_FILL, tokens.bad),
        }
    }
}

fn line_ui(ui: &mut Ui, line: &TestLine, draft: &ConnectionDraft, cx: &mut Cx<'_>) {
    match line {
        TestLine::Reached { host, elapsed_ms } => {
            let words = t_with(ui, "connection-test-reached", &[("host", host)]);
            words_ui(ui, Tone::Good, &words, |ui| figure(ui, &format!("{elapsed_ms} ms")));
        }
        TestLine::Clock { offset_secs } => clock_ui(ui, *offset_secs),
        TestLine::SignedIn { key } => {
            words_ui(ui, Tone::Good, &t_with(ui, "connection-test-signed-in", &[("key", key)]), |_ui| {});
        }
        TestLine::BucketsListed { count } => {
            words_ui(ui, Tone::Good, &t_count(ui, "connection-test-buckets-listed", *count as u64, &[]), |_ui| {});
        }
        TestLine::BucketReached { scope } => {
            words_ui(ui, Tone::Good, &t_with(ui, "connection-test-bucket-reached", &[("scope", scope)]), |_ui| {});
        }
        TestLine::MayNotListBuckets if !draft.scopes.trim().is_empty() => {
            words_ui(ui, Tone::Good, &t(ui, "connection-test-may-not-list-but-named"), |_ui| {});
        }
        TestLine::MayNotListBuckets => {
            words_ui(ui, Tone::Warn, &t(ui, "connection-test-may-not-list"), |ui| {
                if widgets::link_button(ui, &t(ui, "connection-test-copy-policy")).clicked() {
                    let notice = Notice::message(Severity::Success, "notice-dialog-policy-copied");
                    cx.push(Action::CopyText { text: policy_for(draft).into(), notice });
                }
            });
        }
        TestLine::Problem(failure) => problem_ui(ui, failure, cx),
    }
}

fn clock_ui(ui: &mut Ui, offset_secs: i64) {
    let is_near = offset_secs.abs() <= CLOCK_TOLERANCE_SECS;
    let (tone, words) = if is_near {
        (Tone::Good, t(ui, "connection-test-clock-agrees"))
    } else {
        let minutes = (offset_secs.abs() / 60).to_string();
        (Tone::Warn, t_with(ui, "connection-test-clock-differs", &[("minutes", &minutes)]))
    };
    words_ui(ui, tone, &words, |ui| {
        if is_near && offset_secs != 0 {
            figure(ui, &format!("{offset_secs:+} s"));
        }
    });
}

fn problem_ui(ui: &mut Ui, failure: &Failure, cx: &mut Cx<'_>) {
    let lang = text::lang(ui);
    let title = locale::failure_title(lang, failure);
    words_ui(ui, Tone::Bad, &title, |ui| {
        if !failure.detail.is_empty() && widgets::link_button(ui, &t(ui, "dialog-details")).clicked() {
            cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
        }
    });
    let advice = locale::failure_advice(lang, failure);
    ui.horizontal_top(|ui| {
        ui.add_space(23.0);
        ui.add(egui::Label::new(theme::dim(ui, advice)).wrap());
    });
}

fn words_ui(ui: &mut Ui, tone: Tone, words: &str, side: impl FnOnce(&mut Ui)) {
    let (glyph, color) = tone.icon(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        form::icon_label(ui, glyph, 14.0, color);
        let width = ui.available_width() - SIDE_WIDTH;
        let first_line = ui.cursor().top();
        ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
            ui.set_width(width);
            ui.add(egui::Label::new(words).wrap());
        });
        // Figures and offers stand in the middle of the first line, all at the right edge.
        let right = ui.max_rect().right();
        let place = egui::Rect::from_min_max(
            egui::pos2(right - SIDE_WIDTH, first_line),
            egui::pos2(right, first_line + LINE_HEIGHT),
        );
        let builder = egui::UiBuilder::new().max_rect(place).layout(Layout::right_to_left(Align::Center));
        side(&mut ui.new_child(builder));
    });
}

fn figure(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).size(theme::size::CAPTION).color(theme::tokens(ui).dim));
}
