//! A new bucket: its name is held to the rules while it is typed, its region is chosen.

use egui::Ui;

use super::Dialog;
use super::form::{self, FieldLook, Monospace};
use super::view::{Cx, DialogView, WIDE};
use crate::model::{
    BucketName, BucketNameProblem, Command, Connection, ConnectionId, Event, Failure, Notice, Region, RequestId,
    Service, Severity,
};
use crate::ui::actions::Action;
use crate::ui::connection::{Regions, WhenEmpty, region_row};
use crate::ui::text::{t, t_with};
use crate::ui::{icons, widgets};

/// The open form.
pub(super) struct BucketCreate {
    connection: ConnectionId,
    service: Service,
    name: String,
    region: String,
    running: Option<RequestId>,
    failure: Option<Failure>,
}

impl BucketCreate {
    pub(super) fn new(connection: &Connection) -> Self {
        Self {
            connection: connection.id.clone(),
            service: connection.service,
            name: String::new(),
            region: connection.region.as_str().to_owned(),
            running: None,
            failure: None,
        }
    }

    fn ready(&self) -> Option<(BucketName, Region)> {
        if self.running.is_some() {
            return None;
        }
        Some((BucketName::check_new(&self.name).ok()?, Region::of(self.service, self.region.trim())?))
    }

    fn create(&mut self, cx: &mut Cx<'_>) {
        let Some((name, region)) = self.ready() else { return };
        let request = RequestId::next();
        self.running = Some(request);
        self.failure = None;
        cx.command(Command::CreateBucket { request, connection: self.connection.clone(), name, region });
    }

    /// Nothing is wrong with a name that was not begun.
    fn name_problem(&self, ui: &Ui) -> Option<String> {
        match BucketName::check_new(&self.name) {
            Ok(_) | Err(BucketNameProblem::Empty) => None,
            Err(problem) => Some(problem_words(ui, problem)),
        }
    }
}

impl DialogView for BucketCreate {
    fn title(&self, ui: &Ui) -> String {
        t(ui, "dialog-bucket-title")
    }

    fn width(&self) -> f32 {
        WIDE
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        if let Some(failure) = &self.failure
            && form::failure_ui(ui, failure)
        {
            cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
        }
        let problem = self.name_problem(ui);
        let label = t(ui, "dialog-bucket-name");
        let hint = t(ui, "dialog-bucket-name-hint");
        let rules = t(ui, "dialog-bucket-rules");
        let is_fine = problem.is_none();
        let field = form::row(ui, &label, |ui, label_id| {
            let look = FieldLook { hint: &hint, problem, monospace: Monospace::Yes, id: None };
            let field = form::text_field(ui, label_id, &mut self.name, look);
            if is_fine {
                form::note_ui(ui, icons::INFO, &rules);
            }
            field
        });
        cx.focus_first(&field);
        let was_submitted = form::submitted(ui, &field);
        let regions = Regions { service: self.service, when_empty: WhenEmpty::ServiceDefault };
        region_row(ui, &t(ui, "dialog-bucket-region"), regions, &mut self.region, None);
        if was_submitted {
            self.create(cx);
        }
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::right_side(ui, |ui| {
            if widgets::button(ui, None, &t(ui, "dialog-cancel")).clicked() {
                cx.close();
            }
            let id = if self.running.is_some() { "dialog-bucket-creating" } else { "dialog-bucket-create" };
            let label = t(ui, id);
            let create = |ui: &mut Ui| widgets::primary_button(ui, None, &label);
            if ui.add_enabled_ui(self.ready().is_some(), create).inner.clicked() {
                self.create(cx);
            }
        });
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        let Event::BucketCreated { request, name, result } = event else { return };
        if self.running != Some(*request) {
            return;
        }
        self.running = None;
        match result {
            Ok(()) => {
                let notice = Notice::message(Severity::Success, "notice-dialog-bucket-created").with("bucket", name);
                cx.push(Action::Toast(notice));
                cx.close();
            }
            Err(failure) => self.failure = Some((**failure).clone()),
        }
    }
}

fn problem_words(ui: &Ui, problem: BucketNameProblem) -> String {
    let id = match problem {
        BucketNameProblem::Empty => "dialog-bucket-name-empty",
        BucketNameProblem::Length => "dialog-bucket-name-length",
        BucketNameProblem::Character(' ') => "dialog-bucket-name-space",
        BucketNameProblem::Character(c) => {
            return t_with(ui, "dialog-bucket-name-character", &[("character", &c.to_string())]);
        }
        BucketNameProblem::Ends => "dialog-bucket-name-ends",
        BucketNameProblem::Dots => "dialog-bucket-name-dots",
        BucketNameProblem::IpAddress => "dialog-bucket-name-ip-address",
        BucketNameProblem::Reserved => "dialog-bucket-name-reserved",
    };
    t(ui, id)
}
