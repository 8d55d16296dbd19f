//! Progress, without endless repainting.

use std::time::Duration;

use egui::{Pos2, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::Tone;
use crate::ui::theme::tokens;

/// What a progress bar shows.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// From 0 to 1.
    pub fraction: f32,
    /// Its colour: accent while running, bad when it stopped.
    pub tone: Tone,
    /// What screen readers say, such as `launch-film-4k.mov, 62 %`.
    pub accessible_name: &'a str,
    /// Points.
    pub width: f32,
}

/// A thin bar; its value is in the accessibility tree as percent.
pub fn progress_bar(ui: &mut Ui, progress: Progress<'_>) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(progress.width, 16.0), Sense::hover());
    let fraction = progress.fraction.clamp(0.0, 1.0);
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, progress.accessible_name);
        info.value = Some(f64::from((fraction * 100.0).round()));
        info
    });
    if ui.is_rect_visible(rect) {
        let track = egui::Rect::from_center_size(rect.center(), vec2(rect.width(), 5.0));
        ui.painter().rect_filled(track, 2.5, tokens(ui).line);
        let mut bar = track;
        bar.set_width(track.width() * fraction);
        if bar.width() > 0.5 {
            ui.painter().rect_filled(bar, 2.5, progress.tone.color(ui));
        }
    }
    response
}

/// Rates over time as a line, newest on the right.
pub fn sparkline(ui: &mut Ui, values: &[u64], width: f32, accessible_name: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(width, 18.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, accessible_name));
    let peak = values.iter().copied().max().unwrap_or_default();
    if ui.is_rect_visible(rect) && peak > 0 && values.len() > 1 {
        let step = rect.width() / (values.len() - 1) as f32;
        let point = |(index, value): (usize, &u64)| -> Pos2 {
            let height = *value as f32 / peak as f32 * (rect.height() - 3.0);
            pos2(rect.left() + step * index as f32, rect.bottom() - 1.5 - height)
        };
        let points: Vec<Pos2> = values.iter().enumerate().map(point).collect();
        ui.painter().line(points, Stroke::new(1.5, tokens(ui).accent));
    }
    response
}

/// A dot that shows that something is under way: it changes four times a second, no oftener.
pub fn activity_dot(ui: &mut Ui, accessible_name: &str) -> Response {
    const STEP: Duration = Duration::from_millis(250);
    let (rect, response) = ui.allocate_exact_size(vec2(22.0, 16.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, accessible_name));
    if ui.is_rect_visible(rect) {
        let t = tokens(ui);
        let phase = ui.input(|input| (input.time * 4.0).rem_euclid(3.0));
        for dot in 0..3_u8 {
            let at = pos2(rect.left() + 4.0 + 7.0 * f32::from(dot), rect.center().y);
            let color = if (0.0..1.0).contains(&(phase - f64::from(dot))) { t.accent } else { t.line };
            ui.painter().circle_filled(at, 2.5, color);
        }
        ui.ctx().request_repaint_after(STEP);
    }
    response
}
