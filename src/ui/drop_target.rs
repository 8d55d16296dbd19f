//! Files dropped from other programs: gathers what arrives one by one into one batch, and shows where it will go.
//!
//! The toolkit tells hovering files twice on X11 and the pointer only at the drop itself, so the overlay names the
//! destination and no number, and a folder row counts as target only at the moment of the drop.

use std::path::PathBuf;

use egui::{Align2, Color32, Pos2, Rect, Stroke};

use super::actions::{Action, Actions};
use super::text::t;
use super::{frame_rate, icons, theme};
use crate::model::{AppModel, Location, Notice, Prefix, Severity};

/// Whether files can be dropped on this window at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DropSupport {
    /// Yes.
    #[default]
    Works,
    /// Not on this display server; texts speak of buttons and pasting instead.
    Missing,
}

/// A drop that is being gathered.
#[derive(Debug, Default)]
pub struct DropState {
    /// Whether drops can arrive.
    pub support: DropSupport,
    /// What arrived so far of the gesture.
    paths: Vec<PathBuf>,
    /// When the last of it arrived, in window time.
    last_arrival: f64,
    /// Where the pointer was when the first file arrived.
    at: Option<Pos2>,
    /// The folder row under it.
    row: Option<Prefix>,
}

impl DropState {
    /// Whether this folder row lies under the drop; asked by the table as it draws its folder rows.
    pub fn note_row(&mut self, row: Rect, prefix: &Prefix) {
        if self.row.is_none() && self.at.is_some_and(|at| row.contains(at)) {
            self.row = Some(prefix.clone());
        }
    }

    /// Whether the table needs to tell which row is where.
    pub fn is_looking_for_row(&self) -> bool {
        self.at.is_some() && self.row.is_none()
    }
}

/// Takes what was dropped, once; call before the table is drawn.
pub fn gather(ctx: &egui::Context, state: &mut DropState) {
    let (dropped, time, pointer) =
        ctx.input_mut(|input| (std::mem::take(&mut input.raw.dropped_files), input.time, input.pointer.latest_pos()));
    if dropped.is_empty() {
        return;
    }
    if state.paths.is_empty() {
        state.at = pointer;
        state.row = None;
    }
    state.paths.extend(dropped.iter().map(|file| file.path().to_owned()));
    state.last_arrival = time;
}

/// Why nothing can be dropped now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No connection is in use.
    NoConnection,
    /// No bucket is shown.
    NoBucket,
    /// A dialog wants its answer first.
    DialogOpen,
}

impl Refusal {
    fn text_id(self) -> &'static str {
        match self {
            Self::NoConnection => "drop-no-connection",
            Self::NoBucket => "drop-no-bucket",
            Self::DialogOpen => "drop-dialog-open",
        }
    }
}

/// Where a drop would go now, or why it cannot.
pub fn destination(model: &AppModel, has_dialog: DialogOpen) -> Result<Location, Refusal> {
    if has_dialog == DialogOpen::Yes {
        return Err(Refusal::DialogOpen);
    }
    match (model.location(), &model.open) {
        (Some(location), _) => Ok(location.clone()),
        (None, Some(_)) => Err(Refusal::NoBucket),
        (None, None) => Err(Refusal::NoConnection),
    }
}

/// Whether a dialog covers the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DialogOpen {
    /// One does.
    Yes,
    /// None does.
    #[default]
    No,
}

/// Sends the gathered gesture off once nothing more arrives; call after the table is drawn.
pub fn finish(
    ctx: &egui::Context,
    state: &mut DropState,
    destination: &Result<Location, Refusal>,
    actions: &mut Actions,
) {
    if state.paths.is_empty() {
        return;
    }
    let rested = ctx.input(|input| input.time) - state.last_arrival;
    if rested < frame_rate::DROP_GATHER_SECS {
        frame_rate::paint_after_secs(ctx, frame_rate::DROP_GATHER_SECS - rested);
        return;
    }
    let paths = std::mem::take(&mut state.paths);
    let row = state.row.take();
    state.at = None;
    match destination {
        Ok(location) => {
            let to = row.map_or_else(|| location.clone(), |prefix| location.at(prefix));
            actions.push(Action::Upload { paths, to });
        }
        Err(refusal) => actions.push(Action::Toast(Notice::message(Severity::Warning, refusal.text_id()))),
    }
}

/// Whether files of another program hover over the window.
pub fn is_hovering(ctx: &egui::Context) -> bool {
    ctx.input(|input| !input.raw.hovered_files.is_empty())
}

/// Dims `area` and says where a drop goes, or why nothing can be dropped.
pub fn overlay_ui(ui: &egui::Ui, area: Rect, destination: &Result<Location, Refusal>) {
    let tokens = theme::tokens(ui);
    let layer = egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("bucketdrop-drop-overlay"));
    let painter = ui.ctx().layer_painter(layer).with_clip_rect(area);
    let tint = if destination.is_ok() { tokens.accent } else { tokens.dim };
    let sheet = area.shrink(10.0);
    painter.rect_filled(sheet, 12.0, mix(tokens.background, tint, 0.08).gamma_multiply(0.93));
    dashed_frame(&painter, sheet, Stroke::new(2.0, tint));

    let centre = sheet.center();
    let glyph = if destination.is_ok() { icons::UPLOAD } else { icons::WARNING };
    painter.text(centre - egui::vec2(0.0, 30.0), Align2::CENTER_CENTER, glyph, icons::font(40.0), tint);
    let (headline, detail) = match destination {
        Ok(location) => (t(ui, "drop-here"), location.to_string()),
        Err(refusal) => (t(ui, "drop-not-here"), t(ui, refusal.text_id())),
    };
    let line = |at: Pos2, text: String, font, colour| painter.text(at, Align2::CENTER_CENTER, text, font, colour);
    line(centre + egui::vec2(0.0, 12.0), headline, theme::semibold(15.0), tokens.text);
    line(centre + egui::vec2(0.0, 36.0), detail, egui::FontId::proportional(13.0), tokens.dim);
}

fn mix(base: Color32, tint: Color32, amount: f32) -> Color32 {
    base.lerp_to_gamma(tint, amount)
}

/// A rounded frame of dashes; egui has none ready.
fn dashed_frame(painter: &egui::Painter, rect: Rect, stroke: Stroke) {
    const RADIUS: f32 = 12.0;
    let mut outline = Vec::new();
    let corners = [
        (rect.right_top() + egui::vec2(-RADIUS, RADIUS), -90.0_f32),
        (rect.right_bottom() + egui::vec2(-RADIUS, -RADIUS), 0.0),
        (rect.left_bottom() + egui::vec2(RADIUS, -RADIUS), 90.0),
        (rect.left_top() + egui::vec2(RADIUS, RADIUS), 180.0),
    ];
    for (centre, start) in corners {
        for step in 0..=6_u8 {
            let angle = (start + f32::from(step) * 15.0).to_radians();
            outline.push(centre + RADIUS * egui::vec2(angle.cos(), angle.sin()));
        }
    }
    outline.extend(outline.first().copied());
    painter.extend(egui::Shape::dashed_line(&outline, stroke, 7.0, 5.0));
}
