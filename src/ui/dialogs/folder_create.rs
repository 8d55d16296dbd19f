//! A new folder: a marker object whose key ends in `/`. The name is held to the limits of keys while it is typed.

use egui::Ui;

use super::Dialog;
use super::form::{self, FieldLook};
use super::names::problem_words;
use super::view::{Cx, DialogView};
use crate::model::{Command, Event, Failure, KeyProblem, Location, ObjectKey, RequestId};
use crate::ui::actions::Action;
use crate::ui::text::{t, t_count, t_with};
use crate::ui::{icons, widgets};

/// The open form.
pub(super) struct FolderCreate {
    at: Location,
    name: String,
    running: Option<RequestId>,
    failure: Option<Failure>,
}

impl FolderCreate {
    pub(super) fn new(at: Location) -> Self {
        Self { at, name: String::new(), running: None, failure: None }
    }

    /// The folder that would be made. Inner `/` make folders in folders; a `/` at either end is the user's habit.
    fn folder(&self) -> Result<Location, KeyProblem> {
        let name = self.name.trim_matches('/');
        if name.is_empty() {
            return Err(KeyProblem::Empty);
        }
        let prefix = self.at.prefix.child(name);
        ObjectKey::check_new(prefix.as_str())?;
        Ok(self.at.at(prefix))
    }

    /// A `/` in the name makes folders in folders: that is said before it is done.
    fn nested_ui(&self, ui: &mut Ui) {
        let folders = self.name.trim_matches('/').split('/').count() as u64;
        if let (Ok(at), 2..) = (self.folder(), folders) {
            ui.add_space(5.0);
            let place = form::shown(&at.to_string(), 56);
            let words = t_count(ui, "dialog-folder-nested", folders, &[("place", &place)]);
            form::note_ui(ui, icons::FOLDER, &words);
        }
    }

    fn create(&mut self, cx: &mut Cx<'_>) {
        if self.running.is_some() {
            return;
        }
        let Ok(at) = self.folder() else { return };
        let request = RequestId::next();
        self.running = Some(request);
        self.failure = None;
        cx.command(Command::CreateFolder { request, at });
    }
}

impl DialogView for FolderCreate {
    fn title(&self, ui: &Ui) -> String {
        t(ui, "dialog-folder-title")
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let sentence = |ui: &Ui, place: &str| t_with(ui, "dialog-folder-in", &[("place", place)]);
        form::PlaceSentence { place: &self.at.to_string(), room: 56, sentence }.dim_paragraph(ui);
        if let Some(failure) = &self.failure
            && form::failure_ui(ui, failure)
        {
            cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
        }
        let problem = self.folder().err().filter(|problem| *problem != KeyProblem::Empty);
        let problem = problem.map(|problem| problem_words(ui, problem));
        let label = t(ui, "dialog-folder-name");
        let look = FieldLook { hint: &label, problem, ..FieldLook::default() };
        let field = form::named_field(ui, &label, &mut self.name, look);
        cx.focus_first(&field);
        if form::submitted(ui, &field) {
            self.create(cx);
        }
        self.nested_ui(ui);
        ui.add_space(form::ROW_GAP);
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::right_side(ui, |ui| {
            if widgets::button(ui, None, &t(ui, "dialog-cancel")).clicked() {
                cx.close();
            }
            let label = t(ui, "dialog-folder-create");
            let is_ready = self.running.is_none() && self.folder().is_ok();
            let create = |ui: &mut Ui| widgets::primary_button(ui, None, &label);
            if ui.add_enabled_ui(is_ready, create).inner.clicked() {
                self.create(cx);
            }
        });
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        let Event::FolderCreated { request, result, .. } = event else { return };
        if self.running != Some(*request) {
            return;
        }
        self.running = None;
        match result {
            Ok(()) => cx.close(),
            Err(failure) => self.failure = Some((**failure).clone()),
        }
    }
}
