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

/// The open settings: a copy that is sent as a whole after each change.
pub(crate) struct SettingsDialog {
    page: Page,
    settings: Settings,
    typed: transfers::Typed,
}

impl SettingsDialog {
    /// The dialog on the settings as they hold.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { page: Page::General, settings: settings.clone(), typed: transfers::Typed::of(settings) }
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
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::right_side(ui, |ui| {
            if widgets::primary_button(ui, None, &t(ui, "dialog-close")).clicked() {
                cx.close();
            }
        });
    }
}
