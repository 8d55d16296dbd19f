//! Texts that may be too long for their room.

use std::sync::Arc;

use egui::{Color32, FontId, Galley, Painter, Pos2, Response, RichText, Role, Sense, Ui, Vec2, WidgetInfo, vec2};
use unicode_segmentation::UnicodeSegmentation;

use crate::ui::format;
use crate::ui::theme::{radius, size, tokens};

/// A text laid out to fit a width, perhaps cut. What was cut is to be had whole: painting it asks for what is hovered.
#[must_use]
#[derive(Debug)]
pub struct Elided {
    galley: Arc<Galley>,
    color: Color32,
    whole: Option<String>,
}

impl Elided {
    /// The room it takes, in points.
    pub fn size(&self) -> Vec2 {
        self.galley.size()
    }

    /// Paints it; the whole text, if this is a part of it, is shown where `response` is hovered.
    pub fn paint(self, ui: &Ui, left_top: Pos2, response: Response) -> Response {
        match self.paint_bare(ui.painter(), left_top) {
            Some(whole) => response.on_hover_text(whole),
            None => response,
        }
    }

    /// Paints it, and gives back the whole text if this is a part of it: for what tells that in its own way, or what no
    /// pointer can rest on.
    pub fn paint_bare(self, painter: &Painter, left_top: Pos2) -> Option<String> {
        painter.galley(left_top, self.galley, self.color);
        self.whole
    }

    /// The same in another colour than it was laid out in.
    pub fn paint_colored(self, ui: &Ui, left_top: Pos2, color: Color32, response: Response) -> Response {
        ui.painter().galley_with_override_text_color(left_top, self.galley, color);
        match self.whole {
            Some(whole) => response.on_hover_text(whole),
            None => response,
        }
    }
}

/// A text cut in the middle by grapheme to fit a width. Decomposed Hangul is composed for the eye (see
/// [`format::readable`]).
#[expect(clippy::needless_pass_by_value, reason = "callers make the font in the call")]
pub fn elided_text(ui: &Ui, text: &str, font: FontId, color: Color32, width: f32) -> Elided {
    let readable = format::readable(text);
    let lay_out = |text: String| ui.painter().layout_no_wrap(text, font.clone(), color);
    let whole = lay_out(readable.clone().into_owned());
    if whole.size().x <= width {
        return Elided { galley: whole, color, whole: None };
    }
    let total = readable.graphemes(true).count();
    // The widest cut that fits, by bisection: a cut of `low` graphemes fits, one of `high` does not.
    let (mut low, mut high) = (1, total);
    let mut best = lay_out("…".to_owned());
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        let galley = lay_out(format::elide_middle(&readable, middle).into_owned());
        if galley.size().x <= width {
            low = middle;
            best = galley;
        } else {
            high = middle;
        }
    }
    Elided { galley: best, color, whole: Some(readable.into_owned()) }
}

/// A sentence cut at its end to fit a width.
pub fn end_elided_text(ui: &Ui, text: &str, font: FontId, color: Color32, width: f32) -> Elided {
    let readable = format::readable(text);
    let mut job = egui::text::LayoutJob::simple_singleline(readable.clone().into_owned(), font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(0.0));
    let galley = ui.painter().layout_job(job);
    let whole = galley.elided.then(|| readable.into_owned());
    Elided { galley, color, whole }
}

/// A label cut in the middle to a width; the whole text is told to screen readers and on hover.
pub fn elided_label(ui: &mut Ui, text: impl Into<RichText>, width: f32) -> Response {
    let rich: RichText = text.into();
    let whole = rich.text().to_owned();
    let mut job = egui::text::LayoutJob::default();
    rich.append_to(&mut job, ui.style(), egui::FontSelection::Default, egui::Align::Center);
    let format = job.sections.first().map(|section| section.format.clone()).unwrap_or_default();
    let color = if format.color == Color32::PLACEHOLDER { tokens(ui).text } else { format.color };
    let shown = elided_text(ui, &whole, format.font_id, color, width);
    let (rect, response) = ui.allocate_exact_size(vec2(shown.size().x.min(width), shown.size().y), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &whole));
    shown.paint(ui, rect.min, response)
}

/// A line of facts: what on the left in a column of 92 points, its value beside it.
pub fn fact_row(ui: &mut Ui, what: &str, value: &str) -> Response {
    let size = vec2(ui.available_width(), 18.0);
    ui.allocate_ui_with_layout(size, egui::Layout::left_to_right(egui::Align::Center), |ui| {
        let (rect, named) = ui.allocate_exact_size(vec2(84.0, 17.0), Sense::hover());
        let color = tokens(ui).dim;
        let font = FontId::proportional(size::BODY);
        elided_text(ui, what, font, color, rect.width()).paint(ui, rect.min, named);
        let width = ui.available_width();
        let response = elided_label(ui, RichText::new(value), width);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{what}: {value}")));
        response
    })
    .inner
}

/// An address or key on a grey ground, in monospace, wrapped anywhere, selectable with the mouse.
pub fn mono_block(ui: &mut Ui, text: &str) -> Response {
    let t = tokens(ui);
    egui::Frame::new()
        .fill(t.neutral_fill)
        .corner_radius(radius::CONTROL)
        .inner_margin(egui::Margin::symmetric(8, 6))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            let job = egui::text::LayoutJob {
                wrap: egui::text::TextWrapping {
                    max_width: ui.available_width(),
                    break_anywhere: true,
                    ..Default::default()
                },
                ..egui::text::LayoutJob::simple(text.to_owned(), FontId::monospace(size::MONO), t.text, f32::INFINITY)
            };
            ui.add(egui::Label::new(job).selectable(true))
        })
        .inner
}
