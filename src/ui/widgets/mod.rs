//! Controls in the look of the design, each with a name for screen readers and a visible keyboard focus.
//! They draw and report; they hold no state of the program.

mod badge;
mod button;
mod checkbox;
mod field;
mod follow;
mod label;
mod layout;
mod menu;
mod popup;
mod progress;
mod roving;
mod row;
mod segmented;

pub use badge::{BadgeTone, badge, badge_sized, paint_badge};
pub use button::{
    Chosen, button, button_wide, danger_button, danger_primary_button, icon_button, icon_toggle, link_button,
    primary_button, primary_button_wide, small_icon_button,
};
pub use checkbox::{checkbox, radio};
pub use field::{mono_field, multiline_field, search_field, secret_field, text_field};
pub(crate) use follow::follow_focus;
pub use label::{Elided, elided_label, elided_text, end_elided_text, fact_row, mono_block};
pub use layout::{Split, card, empty_state, hline, section_caption, steady, tone_line};
pub(crate) use menu::ListFocus;
pub use menu::{dropdown, menu_button, menu_item, menu_separator, select_item};
pub use popup::{MenuKey, context_menu, menu, menu_of_width};
pub use progress::{Progress, activity_dot, progress_bar, sparkline};
pub use roving::Roving;
pub use row::{NavRow, Row, Sign, nav_row, nav_row_in, row};
pub use segmented::{choice_row, segmented};

use egui::{Color32, Rect, Stroke, StrokeKind, Ui};

use super::theme::{radius, tokens};

/// What a message or badge wants to say, by colour and icon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Plain.
    #[default]
    Neutral,
    /// Success.
    Good,
    /// Needs a look.
    Warn,
    /// Did not work.
    Bad,
    /// In progress, or chosen.
    Accent,
}

impl Tone {
    /// The colour of icons and text of this tone on a plain ground.
    pub fn color(self, ui: &Ui) -> Color32 {
        let t = tokens(ui);
        match self {
            Self::Neutral => t.dim,
            Self::Good => t.good,
            Self::Warn => t.warn,
            Self::Bad => t.bad,
            Self::Accent => t.accent,
        }
    }

    /// The filled icon of this tone.
    pub fn icon(self) -> &'static str {
        use super::icons;
        match self {
            Self::Neutral => icons::INFO_FILL,
            Self::Good => icons::CHECK_CIRCLE_FILL,
            Self::Warn => icons::WARNING_CIRCLE_FILL,
            Self::Bad => icons::X_CIRCLE_FILL,
            Self::Accent => icons::CIRCLE_DASHED,
        }
    }
}

/// The ring around what has the keyboard's focus. Where there is no room around it, the ring goes inside: half a ring is
/// none.
pub(crate) fn focus_ring(ui: &Ui, rect: Rect) {
    const WIDTH: f32 = 2.0;
    const GAP: f32 = 1.0;
    let stroke = Stroke::new(WIDTH, tokens(ui).accent);
    let outline = rect.expand(GAP + WIDTH).intersect(ui.clip_rect());
    if outline.is_positive() {
        let radius = f32::from(radius::CONTROL) + GAP + WIDTH;
        ui.painter().rect_stroke(outline, radius, stroke, StrokeKind::Inside);
    }
}
