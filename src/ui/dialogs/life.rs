//! How long something signed works: a few lives to choose from, or minutes of one's own.

use egui::{DragValue, Ui};

use super::form;
use super::view::Cx;
use crate::model::{MAX_PRESIGN_SECS, Settings};
use crate::ui::icons;
use crate::ui::text::t;

/// Lives to choose from, in seconds, with the id of their name.
pub(crate) const PRESETS: [(u64, &str); 5] = [
    (15 * 60, "dialog-expiry-15-minutes"),
    (60 * 60, "dialog-expiry-1-hour"),
    (12 * 60 * 60, "dialog-expiry-12-hours"),
    (24 * 60 * 60, "dialog-expiry-1-day"),
    (MAX_PRESIGN_SECS, "dialog-expiry-7-days"),
];

/// A life that is being chosen.
#[derive(Clone, Debug)]
pub(super) struct Life {
    chosen: Chosen,
    minutes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chosen {
    Preset(u64),
    Minutes,
}

/// Which of the fields of a form gets the keyboard at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FirstFocus {
    /// The chosen life.
    Here,
    /// Another one.
    Elsewhere,
}

impl Life {
    /// The life that the settings name.
    pub(super) fn of(settings: &Settings) -> Self {
        let secs = settings.presign_secs.clamp(60, MAX_PRESIGN_SECS);
        let is_preset = PRESETS.iter().any(|(preset, _)| *preset == secs);
        Self { chosen: if is_preset { Chosen::Preset(secs) } else { Chosen::Minutes }, minutes: secs / 60 }
    }

    /// In seconds, within what can be signed.
    pub(super) fn secs(&self) -> u64 {
        let secs = match self.chosen {
            Chosen::Preset(secs) => secs,
            Chosen::Minutes => self.minutes.saturating_mul(60),
        };
        secs.clamp(60, MAX_PRESIGN_SECS)
    }

    /// The choice, and the field for minutes where they are chosen.
    pub(super) fn rows_ui(&mut self, ui: &mut Ui, label_id: &str, focus: FirstFocus, cx: &mut Cx<'_>) {
        form::row(ui, &t(ui, label_id), |ui, _label| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = egui::vec2(6.0, 6.0);
                for (secs, id) in PRESETS {
                    let is_chosen = self.chosen == Chosen::Preset(secs);
                    let choice = form::choice_button(ui, None, &t(ui, id), is_chosen.into());
                    if is_chosen && focus == FirstFocus::Here {
                        cx.focus_first(&choice);
                    }
                    if choice.clicked() {
                        self.chosen = Chosen::Preset(secs);
                    }
                }
                let is_chosen = self.chosen == Chosen::Minutes;
                if form::choice_button(ui, None, &t(ui, "dialog-expiry-custom"), is_chosen.into()).clicked() {
                    self.chosen = Chosen::Minutes;
                }
            });
        });
        if self.chosen == Chosen::Minutes {
            form::row(ui, &t(ui, "dialog-link-minutes"), |ui, label| {
                let minutes = DragValue::new(&mut self.minutes).range(1..=MAX_PRESIGN_SECS / 60);
                ui.add_sized([110.0, 30.0], minutes).labelled_by(label);
                form::note_ui(ui, icons::INFO, &t(ui, "dialog-link-limit"));
            });
        }
    }
}
