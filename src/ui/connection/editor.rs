//! The editor as a dialog: its draft, the commands it sends, and the answers it waits for.
//! The draft's secrets are wiped when it closes.

use std::path::{Path, PathBuf};

use egui::{Context, Ui};

use super::fields::{self, FieldsState};
use super::in_use::{Answer, InUse};
use super::{pasted, secret, test_result};
use crate::model::{
    Command, Connection, ConnectionDraft, Credentials, DraftProblem, DraftSource, Event, Failure, FailureKind,
    OpenTransfers, RequestId, Secret, SecretPlace, TestReport,
};
use crate::ui::actions::Action;
use crate::ui::dialogs::Dialog;
use crate::ui::dialogs::form;
use crate::ui::dialogs::view::{Cx, DialogView, WIDE};
use crate::ui::text::t;
use crate::ui::{icons, widgets};

/// Seconds after which a running save says that the keychain may be asking for a password.
const KEYCHAIN_IS_SLOW_SECS: f64 = 1.0;
/// Room for a secret and a session token without moving in memory, which would leave copies behind.
const SECRET_ROOM: usize = 256;
const TOKEN_ROOM: usize = 4096;

enum Saving {
    Idle,
    Running {
        request: RequestId,
        place: SecretPlace,
        since_secs: Option<f64>,
    },
    /// It would lead elsewhere, and transfers go through it.
    InUse {
        question: InUse,
        place: SecretPlace,
    },
    /// The way on is shown once: after that the form can be scrolled again.
    Failed {
        request: RequestId,
        failure: Failure,
        is_new: bool,
        keyboard: Keyboard,
    },
}

/// Where the keyboard is after a form that took none has failed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keyboard {
    /// Nowhere, since what was pressed could not be pressed meanwhile.
    Lost,
    /// On the way to try again, or where the user has taken it.
    GivenBack,
}

enum Testing {
    Idle,
    Running { request: RequestId, of: Box<ConnectionDraft> },
    Done { report: TestReport, of: Box<ConnectionDraft>, is_new: bool },
}

/// The names of the profiles of `~/.aws`, once asked for.
pub(super) enum Profiles {
    /// The user has not gone to the profile page.
    NotAsked,
    /// On their way.
    Asked(RequestId),
    /// In file order.
    Listed(Vec<String>),
    /// They could not be read.
    Failed(Failure),
}

/// A file with keys that was dropped.
enum KeyFile {
    /// None, or its keys are filled in.
    None,
    /// It is being read.
    Asked(RequestId),
    /// There is no whole set of keys in it.
    WithoutKeys,
    /// It cannot be read.
    Failed(Failure),
}

/// The open editor.
pub(crate) struct ConnectionEditor {
    draft: ConnectionDraft,
    saved: Option<Connection>,
    fields: FieldsState,
    /// Problems are shown from the first try on, not while the form is still being filled in.
    shows_problems: bool,
    focus_on: Option<DraftProblem>,
    saving: Saving,
    testing: Testing,
    profiles: Profiles,
    key_file: KeyFile,
}

impl ConnectionEditor {
    /// The editor on a draft; `saved` is the connection being changed.
    pub(crate) fn new(mut draft: ConnectionDraft, saved: Option<Connection>) -> Self {
        if draft.region.is_empty() && draft.source != DraftSource::AwsProfile {
            draft.service.default_region().clone_into(&mut draft.region);
        }
        draft.secret_access_key = with_room(&draft.secret_access_key, SECRET_ROOM);
        draft.session_token = with_room(&draft.session_token, TOKEN_ROOM);
        Self {
            fields: FieldsState::for_draft(&draft),
            draft,
            saved,
            shows_problems: false,
            focus_on: None,
            saving: Saving::Idle,
            testing: Testing::Idle,
            profiles: Profiles::NotAsked,
            key_file: KeyFile::None,
        }
    }

    /// The editor where own domains are set.
    pub(crate) fn at_domains(saved: &Connection) -> Self {
        let mut editor = Self::new(ConnectionDraft::of(saved), Some(saved.clone()));
        editor.fields.is_more_open = true;
        editor.fields.templates.wants_sight = true;
        editor
    }

    /// The editor at its profile page.
    pub(crate) fn aws_profiles() -> Self {
        Self::new(ConnectionDraft { source: DraftSource::AwsProfile, ..ConnectionDraft::default() }, None)
    }

    fn problems(&self) -> Vec<DraftProblem> {
        self.draft.problems(self.saved.as_ref())
    }

    /// Whether the draft can go to the engine; if not, the first field in the way gets the keyboard.
    fn is_fit(&mut self) -> bool {
        let problems = self.problems();
        self.shows_problems = true;
        self.focus_on = problems.first().copied();
        self.fields.reveal(&problems);
        problems.is_empty()
    }

    fn save(&mut self, place: SecretPlace, cx: &mut Cx<'_>) {
        self.save_with(place, OpenTransfers::Ask, cx);
    }

    fn save_with(&mut self, place: SecretPlace, open: OpenTransfers, cx: &mut Cx<'_>) {
        if matches!(self.saving, Saving::Running { .. }) {
            return;
        }
        self.draft.take_profile_name();
        if !self.is_fit() {
            return;
        }
        let request = RequestId::next();
        self.saving = Saving::Running { request, place, since_secs: None };
        cx.command(Command::SaveConnection { request, draft: Box::new(self.draft.clone()), place, open });
    }

    fn test(&mut self, cx: &mut Cx<'_>) {
        if matches!(self.testing, Testing::Running { .. }) || !self.is_fit_for_test() {
            return;
        }
        let request = RequestId::next();
        self.testing = Testing::Running { request, of: Box::new(self.draft.clone()) };
        cx.command(Command::TestConnection { request, draft: Box::new(self.draft.clone()) });
    }

    /// A test needs no name.
    fn is_fit_for_test(&mut self) -> bool {
        let mut problems = self.problems();
        problems.retain(|problem| *problem != DraftProblem::Name);
        problems.is_empty() || self.is_fit()
    }

    fn ask_for_profiles(&mut self, cx: &mut Cx<'_>) {
        if self.draft.source == DraftSource::AwsProfile && matches!(self.profiles, Profiles::NotAsked) {
            let request = RequestId::next();
            self.profiles = Profiles::Asked(request);
            cx.command(Command::ListAwsProfiles { request });
        }
    }

    fn take_pasted_keys(&mut self, ui: &Ui) {
        if self.draft.source != DraftSource::AccessKey {
            return;
        }
        if let Some(keys) = pasted::take(ui) {
            self.fill_in(keys);
        }
    }

    fn fill_in(&mut self, keys: Credentials) {
        self.key_file = KeyFile::None;
        self.draft.source = DraftSource::AccessKey;
        self.draft.access_key_id = keys.access_key_id;
        self.draft.secret_access_key = with_room(&keys.secret_access_key, SECRET_ROOM);
        if let Some(token) = keys.session_token {
            self.draft.session_token = with_room(&token, TOKEN_ROOM);
            self.fields.is_more_open = true;
        }
    }

    fn key_file_ui(&self, ui: &mut Ui, cx: &mut Cx<'_>) {
        match &self.key_file {
            KeyFile::None | KeyFile::Asked(_) => {}
            KeyFile::WithoutKeys => {
                form::warning_ui(ui, &t(ui, "connection-key-file-empty"));
                ui.add_space(form::ROW_GAP);
            }
            KeyFile::Failed(failure) => {
                if form::failure_ui(ui, failure) {
                    cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
                }
            }
        }
    }

    fn saving_ui(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        match &mut self.saving {
            Saving::Idle | Saving::InUse { .. } | Saving::Running { place: SecretPlace::ThisRunOnly, .. } => {}
            Saving::Running { since_secs, .. } => {
                let now = ui.input(|input| input.time);
                let waited = now - *since_secs.get_or_insert(now);
                if waited >= KEYCHAIN_IS_SLOW_SECS {
                    form::note_ui(ui, icons::LOCK, &t(ui, "connection-keychain-waiting"));
                } else {
                    let rest = std::time::Duration::from_secs_f64(KEYCHAIN_IS_SLOW_SECS - waited);
                    ui.ctx().request_repaint_after(rest);
                }
            }
            Saving::Failed { failure, is_new, .. } => {
                let (failure, is_new) = (failure.clone(), std::mem::take(is_new));
                if form::failure_ui(ui, &failure) {
                    cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
                }
                if is_of_keychain(failure.kind) {
                    let button = self.this_run_ui(ui, cx);
                    if is_new {
                        button.scroll_to_me(None);
                    }
                }
            }
        }
    }

    /// The way on without a keychain.
    fn this_run_ui(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) -> egui::Response {
        form::dim_paragraph(ui, &t(ui, "connection-this-run-meaning"));
        let button = widgets::button(ui, Some(icons::CLOCK), &t(ui, "connection-this-run"));
        if button.clicked() {
            self.save(SecretPlace::ThisRunOnly, cx);
        }
        ui.add_space(form::ROW_GAP);
        button
    }

    fn test_ui(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        match &mut self.testing {
            Testing::Idle => {}
            Testing::Running { .. } => form::dim_paragraph(ui, &t(ui, "connection-testing")),
            Testing::Done { report, of, is_new } => {
                let card = test_result::report_ui(ui, report, &self.draft, cx);
                if std::mem::take(is_new) {
                    ui.scroll_to_rect(card.rect.expand(form::ROW_GAP), None);
                }
                // The name plays no part in a test.
                if (ConnectionDraft { name: of.name.clone(), ..self.draft.clone() }) != **of {
                    form::note_ui(ui, icons::INFO, &t(ui, "connection-test-old"));
                }
            }
        }
    }

    fn saved(&mut self, request: RequestId, result: &Result<Box<Connection>, Box<Failure>>, cx: &mut Cx<'_>) {
        // A keychain that answers late still counts, even if the wait was given up.
        let (asked, place) = match &self.saving {
            Saving::Running { request, place, .. } => (*request, *place),
            Saving::Failed { request, .. } => (*request, SecretPlace::Keychain),
            Saving::Idle | Saving::InUse { .. } => return,
        };
        if asked != request {
            return;
        }
        match (result, &self.saved) {
            (Ok(connection), _) => {
                cx.push(Action::Open(connection.id.clone()));
                cx.close();
            }
            (Err(failure), Some(saved)) if failure.kind == FailureKind::ConnectionInUse => {
                self.saving = Saving::InUse { question: InUse::new(saved, cx), place };
            }
            (Err(failure), _) => {
                let (failure, keyboard) = ((**failure).clone(), Keyboard::Lost);
                self.saving = Saving::Failed { request, failure, is_new: true, keyboard };
            }
        }
    }
}

impl DialogView for ConnectionEditor {
    fn title(&self, ui: &Ui) -> String {
        t(
            ui,
            match (&self.saving, &self.saved) {
                (Saving::InUse { .. }, _) => "connection-in-use-title",
                (_, Some(_)) => "connection-edit-title",
                (_, None) => "connection-new-title",
            },
        )
    }

    fn width(&self) -> f32 {
        WIDE
    }

    fn start(&mut self, cx: &mut Cx<'_>) {
        self.ask_for_profiles(cx);
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        if let Saving::InUse { question, .. } = &self.saving {
            return question.body_ui(ui, cx);
        }
        self.take_pasted_keys(ui);
        let is_saving = matches!(self.saving, Saving::Running { .. });
        let problems = if self.shows_problems { self.problems() } else { Vec::new() };
        let mut was_submitted = false;
        ui.add_enabled_ui(!is_saving, |ui| {
            fields::source_tabs(ui, &mut self.draft);
            let look = fields::Look {
                problems: &problems,
                focus_on: self.focus_on.take(),
                saved: self.saved.as_ref(),
                profiles: &self.profiles,
            };
            was_submitted = fields::fields_ui(ui, &mut self.draft, &mut self.fields, &look, cx);
        });
        self.ask_for_profiles(cx);
        self.key_file_ui(ui, cx);
        self.test_ui(ui, cx);
        self.saving_ui(ui, cx);
        if was_submitted {
            self.save(SecretPlace::Keychain, cx);
        }
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        if let Saving::InUse { question, place } = &mut self.saving {
            let (answer, place) = (question.footer_ui(ui), *place);
            match answer {
                Answer::None => {}
                Answer::Back => self.saving = Saving::Idle,
                Answer::Save(open) => self.save_with(place, open, cx),
            }
            return;
        }
        let is_saving = matches!(self.saving, Saving::Running { .. });
        let may_test = !is_saving && !matches!(self.testing, Testing::Running { .. });
        let test_label = t(ui, "connection-test");
        let test = |ui: &mut Ui| widgets::button(ui, Some(icons::TEST), &test_label);
        if ui.add_enabled_ui(may_test, test).inner.clicked() {
            self.test(cx);
        }
        form::right_side(ui, |ui| {
            if widgets::button(ui, None, &t(ui, "dialog-cancel")).clicked() {
                cx.close();
            }
            let id = match &self.saving {
                Saving::Idle | Saving::InUse { .. } => "connection-save",
                Saving::Running { .. } => "connection-saving",
                Saving::Failed { .. } => "connection-try-again",
            };
            let save_label = t(ui, id);
            let save = |ui: &mut Ui| widgets::primary_button(ui, None, &save_label);
            let button = ui.add_enabled_ui(!is_saving, save).inner;
            if let Saving::Failed { keyboard: keyboard @ Keyboard::Lost, .. } = &mut self.saving {
                // What was pressed could not keep the keyboard while it was being saved.
                *keyboard = Keyboard::GivenBack;
                if ui.memory(egui::Memory::focused).is_none() {
                    button.request_focus();
                }
            }
            if button.clicked() {
                self.save(SecretPlace::Keychain, cx);
            }
        });
    }

    fn drop_text_id(&self) -> Option<&'static str> {
        Some("drop-keys")
    }

    /// The engine reads the file: it may lie on a slow disk.
    fn take_files(&mut self, paths: Vec<PathBuf>, cx: &mut Cx<'_>) {
        let Some(path) = paths.into_iter().next() else { return };
        let request = RequestId::next();
        self.key_file = KeyFile::Asked(request);
        cx.command(Command::ReadKeys { request, path });
    }

    fn take_ca_file(&mut self, path: &Path) {
        self.draft.ca_file = path.to_string_lossy().into_owned();
        self.fields.is_more_open = true;
    }

    /// Out of the question about transfers it is the way back to the form.
    fn escape(&mut self, cx: &mut Cx<'_>) {
        if matches!(self.saving, Saving::InUse { .. }) {
            self.saving = Saving::Idle;
        } else {
            cx.close();
        }
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        if let Saving::InUse { question, .. } = &mut self.saving {
            question.stake.apply(event, cx);
        }
        match event {
            Event::KeysRead { request, result } if matches!(self.key_file, KeyFile::Asked(asked) if asked == *request) => {
                match result {
                    Ok(Some(keys)) => self.fill_in((**keys).clone()),
                    Ok(None) => self.key_file = KeyFile::WithoutKeys,
                    Err(failure) => self.key_file = KeyFile::Failed((**failure).clone()),
                }
            }
            Event::LinksChecked { .. } => self.fields.templates.apply(event),
            Event::ConnectionSaved { request, result } => self.saved(*request, result, cx),
            Event::ConnectionTested { request, report } => {
                self.testing = match std::mem::replace(&mut self.testing, Testing::Idle) {
                    Testing::Running { request: asked, of } if asked == *request => {
                        Testing::Done { report: (**report).clone(), of, is_new: true }
                    }
                    other => other,
                };
            }
            Event::AwsProfilesListed { request, result } => {
                if matches!(self.profiles, Profiles::Asked(asked) if asked == *request) {
                    self.profiles = match result {
                        Ok(names) => Profiles::Listed(names.clone()),
                        Err(failure) => Profiles::Failed((**failure).clone()),
                    };
                }
            }
            _ => {}
        }
    }

    fn wipe(&mut self, ctx: &Context) {
        self.draft.secret_access_key = Secret::default();
        self.draft.session_token = Secret::default();
        self.testing = Testing::Idle;
        secret::forget_field_state(ctx);
    }
}

fn is_of_keychain(kind: FailureKind) -> bool {
    use FailureKind as K;
    matches!(kind, K::KeychainMissing | K::KeychainLocked | K::KeychainSilent | K::KeychainFailed)
}

fn with_room(secret: &Secret, room: usize) -> Secret {
    let mut text = String::with_capacity(room.max(secret.expose().len()));
    text.push_str(secret.expose());
    Secret::new(text)
}
