//! The pages of the settings and what they share.

use egui::Ui;

use super::{files, general, links, transfers};
use crate::model::Settings;
use crate::ui::actions::Action;
use crate::ui::dialogs::form;
use crate::ui::dialogs::view::{Cx, DialogView, WIDE};
use crate::ui::text::t;
use crate::ui::{icons, widgets};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    General,
    Transfers,
    Links,
    Files,
}

/// Page, icon and id of its name, in the order of the tabs.
const PAGES: [(Page, &str, &str); 4] = [
    (Page::General, icons::SETTINGS, "settings-general"),
    (Page::Transfers, icons::UPLOAD, "settings-transfers"),
    (Page::Links, icons::LINK, "settings-links"),
    (Page::Files, icons::FOLDER, "settings-files"),
];

/// So much room every page gets, in points.
const LEAST: f32 = 530.0;
/// Title, footer and the window's edges, in points.
const AROUND: f32 = 180.0;

/// The open settings: a copy that is sent as a whole after each change.
pub(crate) struct SettingsDialog {
    page: Page,
    settings: Settings,
    typed: transfers::Typed,
    /// The page that needed most room so far, in points.
    tallest: f32,
}

impl SettingsDialog {
    /// The dialog on the settings as they hold.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { page: Page::General, settings: settings.clone(), typed: transfers::Typed::of(settings), tallest: LEAST }
    }

    fn keep(&self, cx: &mut Cx<'_>) {
        // Only what this dialog edits is taken over: bookmarks and columns may have changed meanwhile.
        let wanted = Settings {
            places: cx.model.settings.places.clone(),
            hidden_columns: cx.model.settings.hidden_columns.clone(),
            column_widths: cx.model.settings.column_widths.clone(),
            ..self.settings.clone()
        };
        cx.push(Action::ChangeSettings(Box::new(wanted)));
    }
}

impl DialogView for SettingsDialog {
    fn title(&self, ui: &Ui) -> String {
        t(ui, "settings-title")
    }

    fn width(&self) -> f32 {
        WIDE
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            for (page, icon, id) in PAGES {
                let tab = form::choice_button(ui, Some(icon), &t(ui, id), (self.page == page).into());
                if self.page == page {
                    cx.focus_first(&tab);
                }
                if tab.clicked() {
                    self.page = page;
                }
            }
        });
        ui.add_space(14.0);
        let before = self.settings.clone();
        match self.page {
            Page::General => general::page_ui(ui, &mut self.settings),
            Page::Transfers => transfers::page_ui(ui, &mut self.settings, &mut self.typed),
            Page::Links => links::page_ui(ui, &mut self.settings),
            Page::Files => files::page_ui(ui, cx),
        }
        if self.settings != before {
            self.keep(cx);
        }
        // The card is centred: with a height of its own for each page the tabs would move away from under the pointer.
        let used = ui.min_rect().height();
        self.tallest = self.tallest.max(used).min(ui.ctx().content_rect().height() - AROUND);
        ui.add_space((self.tallest - used).max(0.0));
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::right_side(ui, |ui| {
            if widgets::primary_button(ui, None, &t(ui, "dialog-close")).clicked() {
                cx.close();
            }
        });
    }
}
