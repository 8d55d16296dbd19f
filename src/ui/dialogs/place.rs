//! The name of a bookmark, when it is made and when it is changed.

use egui::Ui;

use super::form::{self, FieldLook};
use super::view::{Cx, DialogView};
use crate::model::{Location, Place};
use crate::ui::actions::Action;
use crate::ui::text::t;
use crate::ui::widgets;

/// The open form.
pub(super) struct PlaceDialog {
    name: String,
    location: Location,
    /// The bookmark as it is now; `None` for a new one.
    renamed: Option<Place>,
}

impl PlaceDialog {
    /// A new bookmark, named after its folder.
    pub(super) fn add(location: Location) -> Self {
        let name = if location.prefix.is_root() {
            location.bucket.to_string()
        } else {
            location.prefix.as_str().trim_end_matches('/').replace('/', " / ")
        };
        Self { name, location, renamed: None }
    }

    /// Another name for this one.
    pub(super) fn rename(place: Place) -> Self {
        Self { name: place.name.clone(), location: place.location.clone(), renamed: Some(place) }
    }

    fn save(&self, cx: &mut Cx<'_>) {
        let name = self.name.trim();
        if name.is_empty() {
            return;
        }
        let place = Place { name: name.to_owned(), location: self.location.clone() };
        match &self.renamed {
            None => cx.push(Action::AddPlace(place)),
            Some(old) => {
                let mut settings = cx.model.settings.clone();
                if let Some(known) = settings.places.iter_mut().find(|known| *known == old) {
                    *known = place;
                }
                cx.push(Action::ChangeSettings(Box::new(settings)));
            }
        }
        cx.close();
    }
}

impl DialogView for PlaceDialog {
    fn title(&self, ui: &Ui) -> String {
        t(ui, if self.renamed.is_some() { "dialog-place-rename-title" } else { "dialog-place-add-title" })
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let whole = self.location.to_string();
        form::place_paragraph(ui, &form::shown(&whole, 62), &whole);
        let label = t(ui, "dialog-place-name");
        let look = FieldLook { hint: &label, ..FieldLook::default() };
        let field = form::named_field(ui, &label, &mut self.name, look);
        cx.focus_first(&field);
        if form::submitted(ui, &field) {
            self.save(cx);
        }
        ui.add_space(form::ROW_GAP);
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::right_side(ui, |ui| {
            if widgets::button(ui, None, &t(ui, "dialog-cancel")).clicked() {
                cx.close();
            }
            let label = t(ui, if self.renamed.is_some() { "dialog-place-rename" } else { "dialog-place-add" });
            let save = |ui: &mut Ui| widgets::primary_button(ui, None, &label);
            if ui.add_enabled_ui(!self.name.trim().is_empty(), save).inner.clicked() {
                self.save(cx);
            }
        });
    }
}
