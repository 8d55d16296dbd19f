//! Opening something for anyone: what would change is worked out and shown first, then asked about, then done.

use egui::Ui;

use super::Dialog;
use super::form;
use super::view::{Cx, DialogView, WIDE};
use crate::model::{
    BucketName, Command, ConnectionId, Event, Failure, OpenWhat, RequestId, SharingChange, SharingPlan, SharingStands,
};
use crate::ui::actions::Action;
use crate::ui::text::{lang, t, t_count, t_with};
use crate::ui::theme::{self, space};
use crate::ui::widgets::Tone;
use crate::ui::{icons, verdict, widgets};

/// Longest part of a policy that is shown, in characters: the limit of S3 is 20 KB.
const SHOWN_JSON_LIMIT: usize = 24_000;

enum Step {
    /// What would change is on its way.
    Planning,
    /// It is here, and the user is asked.
    Asking { plan: Box<SharingPlan>, failure: Option<Failure> },
    /// It is being done.
    Applying(Box<SharingPlan>),
    /// It may have been done: nobody has answered.
    Unsure { plan: Box<SharingPlan>, change: Box<SharingChange>, failure: Failure, looking: Looking },
    /// What would change could not be worked out.
    Failed(Failure),
}

/// Whether it is being found out what has become of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looking {
    No,
    /// Whether it stands.
    Asks(RequestId),
    /// It is taken back, whether it stands or not.
    Undoes,
}

/// The open question.
pub(super) struct MakePublic {
    connection: ConnectionId,
    bucket: BucketName,
    what: OpenWhat,
    request: RequestId,
    step: Step,
    is_understood: bool,
    shows_whole: bool,
}

impl MakePublic {
    pub(super) fn new(connection: ConnectionId, bucket: BucketName, what: OpenWhat) -> Self {
        let request = RequestId::next();
        Self { connection, bucket, what, request, step: Step::Planning, is_understood: false, shows_whole: false }
    }

    fn apply_plan(&mut self, cx: &mut Cx<'_>) {
        let Step::Asking { plan, .. } = &self.step else { return };
        let plan = plan.clone();
        self.request = RequestId::next();
        cx.command(Command::ApplySharing { request: self.request, plan: plan.clone() });
        self.step = Step::Applying(plan);
    }

    fn place(&self) -> String {
        match &self.what {
            OpenWhat::Prefix(prefix) => form::shown(&format!("{}/{}", self.bucket, prefix.as_str()), 70),
            OpenWhat::Objects(_) => self.bucket.to_string(),
        }
    }

    fn asking_ui(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let (plan, failure) = match &self.step {
            Step::Asking { plan, failure } => (plan, failure.as_ref()),
            Step::Applying(plan) => (plan, None),
            Step::Planning | Step::Failed(_) | Step::Unsure { .. } => return,
        };
        if let Some(failure) = failure
            && form::failure_ui(ui, failure)
        {
            cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
        }
        let bucket = self.bucket.to_string();
        let place = self.place();
        if has_nothing_to_do(plan) {
            let words = t_with(ui, "dialog-share-already", &[("place", &place)]);
            ui.add(egui::Label::new(theme::strong(words)).wrap());
            ui.add_space(space::XS);
            form::dim_paragraph(ui, &t(ui, "dialog-share-already-more"));
            blocked_ui(ui, plan, "dialog-share-already-blocked");
            ui.add_space(form::ROW_GAP);
            return;
        }
        // The embedded storage answers this computer only.
        let is_local = plan.connection == ConnectionId::local();
        let who = match (&plan.what, plan.is_more) {
            (OpenWhat::Prefix(_), true) => {
                let id = if is_local { "dialog-share-who-prefix-more-local" } else { "dialog-share-who-prefix-more" };
                t_count(ui, id, plan.objects, &[("place", &place)])
            }
            (OpenWhat::Prefix(_), false) => {
                let id = if is_local { "dialog-share-who-prefix-local" } else { "dialog-share-who-prefix" };
                t_count(ui, id, plan.objects, &[("place", &place)])
            }
            (OpenWhat::Objects(keys), _) => {
                let id = if is_local { "dialog-share-who-objects-local" } else { "dialog-share-who-objects" };
                t_count(ui, id, keys.len() as u64, &[("bucket", &bucket)])
            }
        };
        ui.add(egui::Label::new(theme::strong(who)).wrap());
        ui.add_space(space::XS);
        form::dim_paragraph(ui, &t(ui, "dialog-share-nothing-else"));
        blocked_ui(ui, plan, "dialog-share-blocked");
        change_ui(ui, plan, &bucket, &mut self.shows_whole);
        ui.add_space(space::S);
        let is_asking = matches!(self.step, Step::Asking { .. });
        let label = t(ui, "dialog-share-understood");
        ui.add_enabled_ui(is_asking, |ui| widgets::checkbox(ui, &mut self.is_understood, &label));
        ui.add_space(form::ROW_GAP);
        if !is_asking {
            form::note_ui(ui, icons::INFO, &t(ui, "dialog-share-no-way-back"));
            ui.add_space(form::ROW_GAP);
        }
    }

    fn unsure_ui(&self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let Step::Unsure { failure, looking, .. } = &self.step else { return };
        form::warning_ui(ui, &t_with(ui, "dialog-share-unsure", &[("place", &self.place())]));
        ui.add_space(form::ROW_GAP);
        if form::failure_ui(ui, failure) {
            cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
        }
        let id = match looking {
            Looking::No => "dialog-share-unsure-kept",
            Looking::Asks(_) => "dialog-share-looking",
            Looking::Undoes => "dialog-share-undoing",
        };
        form::dim_paragraph(ui, &t(ui, id));
    }

    fn unsure_footer_ui(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let Step::Unsure { change, looking, .. } = &mut self.step else { return };
        let is_idle = *looking == Looking::No;
        form::right_side(ui, |ui| {
            if widgets::button(ui, None, &t(ui, "dialog-close")).clicked() {
                cx.close();
            }
            let label = t(ui, "dialog-share-undo");
            let undo = |ui: &mut Ui| widgets::button(ui, Some(icons::RETRY), &label);
            if ui.add_enabled_ui(is_idle, undo).inner.clicked() {
                *looking = Looking::Undoes;
                cx.push(Action::UndoSharing(change.id));
            }
            let label = t(ui, "dialog-share-look");
            let look = |ui: &mut Ui| widgets::primary_button(ui, Some(icons::SHIELD_CHECK), &label);
            if ui.add_enabled_ui(is_idle, look).inner.clicked() {
                let request = RequestId::next();
                *looking = Looking::Asks(request);
                cx.command(Command::LookAtSharing { request, change: change.id });
            }
        });
    }

    /// What came of looking, or of taking back.
    fn found(&mut self, found: &Event, cx: &mut Cx<'_>) {
        let Step::Unsure { plan, change, failure, looking } = &mut self.step else { return };
        match found {
            Event::SharingFound { request, result, .. } if *looking == Looking::Asks(*request) => match result {
                // The message that follows offers the way back.
                Ok(SharingStands::Made(_)) => cx.close(),
                Ok(SharingStands::NotMade) => {
                    self.step = Step::Asking { plan: plan.clone(), failure: Some(failure.clone()) };
                    self.is_understood = false;
                }
                Err(why) => (*failure, *looking) = ((**why).clone(), Looking::No),
            },
            Event::SharingUndone { change: undone, result, .. } if *undone == change.id => match result {
                Ok(()) => cx.close(),
                Err(why) => (*failure, *looking) = ((**why).clone(), Looking::No),
            },
            _ => {}
        }
    }
}

/// The policy allows already what was to be allowed.
fn has_nothing_to_do(plan: &SharingPlan) -> bool {
    matches!(plan.what, OpenWhat::Prefix(_)) && plan.statement.is_none()
}

/// Layers that would keep strangers out all the same.
fn blocked_ui(ui: &mut Ui, plan: &SharingPlan, text_id: &str) {
    if plan.blocked_by.is_empty() {
        return;
    }
    form::warning_ui(ui, &t(ui, text_id));
    ui.add_space(space::XS);
    for layer in &plan.blocked_by {
        widgets::tone_line(ui, Tone::Bad, &verdict::blocked_by(*layer, lang(ui)));
        ui.add_space(space::XS);
    }
    ui.add_space(space::XS);
}

/// The statement, and the whole policy for whoever wants to see it.
fn change_ui(ui: &mut Ui, plan: &SharingPlan, bucket: &str, shows_whole: &mut bool) {
    let Some(statement) = &plan.statement else {
        form::dim_paragraph(ui, &t(ui, "dialog-share-acl"));
        return;
    };
    let id = if plan.policy_before.is_some() { "dialog-share-statement" } else { "dialog-share-statement-new" };
    ui.label(t_with(ui, id, &[("bucket", bucket)]));
    ui.add_space(space::XS);
    widgets::mono_block(ui, statement);
    ui.add_space(space::XS);
    form::dim_paragraph(ui, &t(ui, "dialog-share-kept"));
    let Some(after) = &plan.policy_after else { return };
    let toggle = if *shows_whole { "dialog-share-hide-after" } else { "dialog-share-show-after" };
    if widgets::link_button(ui, &t(ui, toggle)).clicked() {
        *shows_whole = !*shows_whole;
    }
    if *shows_whole {
        let cut: String = after.chars().take(SHOWN_JSON_LIMIT).collect();
        widgets::mono_block(ui, &cut);
    }
}

impl DialogView for MakePublic {
    fn title(&self, ui: &Ui) -> String {
        match &self.what {
            OpenWhat::Prefix(prefix) if prefix.is_root() => {
                t_with(ui, "dialog-share-title-bucket", &[("bucket", self.bucket.as_str())])
            }
            OpenWhat::Prefix(prefix) => t_with(ui, "dialog-share-title-prefix", &[("prefix", prefix.as_str())]),
            OpenWhat::Objects(keys) => t_count(ui, "dialog-share-title-objects", keys.len() as u64, &[]),
        }
    }

    fn width(&self) -> f32 {
        WIDE
    }

    fn start(&mut self, cx: &mut Cx<'_>) {
        let (connection, bucket) = (self.connection.clone(), self.bucket.clone());
        cx.command(Command::PlanSharing { request: self.request, connection, bucket, what: self.what.clone() });
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        match &self.step {
            Step::Planning => form::dim_paragraph(ui, &t(ui, "dialog-share-planning")),
            Step::Failed(failure) => {
                if form::failure_ui(ui, failure) {
                    cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
                }
            }
            Step::Asking { .. } | Step::Applying(_) => self.asking_ui(ui, cx),
            Step::Unsure { .. } => self.unsure_ui(ui, cx),
        }
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        if matches!(self.step, Step::Unsure { .. }) {
            return self.unsure_footer_ui(ui, cx);
        }
        let is_ready = matches!(self.step, Step::Asking { .. }) && self.is_understood;
        if matches!(&self.step, Step::Asking { plan, .. } if has_nothing_to_do(plan)) {
            form::right_side(ui, |ui| {
                let close = widgets::primary_button(ui, None, &t(ui, "dialog-close"));
                cx.focus_first(&close);
                if close.clicked() {
                    cx.close();
                }
            });
            return;
        }
        let id = if matches!(self.step, Step::Applying(_)) { "dialog-share-applying" } else { "dialog-share-apply" };
        form::right_side(ui, |ui| {
            // The request is out: leaving would only look as if nothing was done.
            let may_leave = !matches!(self.step, Step::Applying(_));
            let cancel = |ui: &mut Ui| widgets::button(ui, None, &t(ui, "dialog-cancel"));
            let cancel = ui.add_enabled_ui(may_leave, cancel).inner;
            cx.focus_first(&cancel);
            if cancel.clicked() {
                cx.close();
            }
            let apply = |ui: &mut Ui| widgets::primary_button(ui, Some(icons::GLOBE), &t(ui, id));
            if ui.add_enabled_ui(is_ready, apply).inner.clicked() {
                self.apply_plan(cx);
            }
        });
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        match event {
            Event::SharingPlanned { request, result } if *request == self.request => {
                self.step = match result {
                    Ok(plan) => Step::Asking { plan: plan.clone(), failure: None },
                    Err(failure) => Step::Failed((**failure).clone()),
                };
            }
            Event::SharingApplied { request, result } if *request == self.request => match result {
                // The message that follows offers the way back.
                Ok(_) => cx.close(),
                Err(failure) => {
                    let before = std::mem::replace(&mut self.step, Step::Planning);
                    self.step = match before {
                        Step::Applying(plan) => Step::Asking { plan, failure: Some((**failure).clone()) },
                        other => other,
                    };
                    self.is_understood = false;
                }
            },
            Event::SharingUnsure { request, change, failure } if *request == self.request => {
                let before = std::mem::replace(&mut self.step, Step::Planning);
                self.step = match before {
                    Step::Applying(plan) => {
                        let (change, failure) = (change.clone(), (**failure).clone());
                        Step::Unsure { plan, change, failure, looking: Looking::No }
                    }
                    other => other,
                };
            }
            event => self.found(event, cx),
        }
    }

    /// Once the request is out there is no way back but taking it back.
    fn escape(&mut self, cx: &mut Cx<'_>) {
        if !matches!(self.step, Step::Applying(_)) {
            cx.close();
        }
    }
}
