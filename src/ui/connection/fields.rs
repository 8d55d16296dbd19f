//! The editor's pages and fields. Only draws and changes the draft; what is wrong with it is told from outside.

use egui::{PopupCloseBehavior, Response, Ui};

use super::editor::Profiles;
use super::region::{Regions, WhenEmpty, region_row};
use super::secret::{secret_field, secret_id, token_id};
use super::templates::{TemplatesState, problem_id, templates_ui};
use crate::locale::failure_title;
use crate::model::{
    Addressing, Connection, ConnectionDraft, DraftProblem, DraftSource, Endpoint, EndpointProblem, KeyCommand,
    KeychainState, Payer, Service,
};
use crate::ui::actions::Action;
use crate::ui::dialogs::Dialog;
use crate::ui::dialogs::form::{self, FieldLook, Monospace};
use crate::ui::dialogs::view::Cx;
use crate::ui::text::{lang, t, t_with};
use crate::ui::{icons, widgets};

/// What the fields remember besides the draft.
pub(super) struct FieldsState {
    /// Whether the rarely needed fields are shown.
    pub(super) is_more_open: bool,
    /// What the rows of own domains remember.
    pub(super) templates: TemplatesState,
}

impl FieldsState {
    /// Fields that hold something are shown from the start.
    pub(super) fn for_draft(draft: &ConnectionDraft) -> Self {
        let has_endpoint = !draft.endpoint.is_empty() && !draft.service.needs_endpoint();
        let is_unusual = draft.addressing != Addressing::default()
            || !draft.ca_file.is_empty()
            || draft.payer != Payer::default()
            || draft.key_command != KeyCommand::default()
            || has_endpoint;
        let is_more_open = is_unusual || !draft.link_domains.is_empty() || !draft.session_token.is_empty();
        Self { is_more_open, templates: TemplatesState::default() }
    }

    /// A field that is wrong must not be hidden.
    pub(super) fn reveal(&mut self, problems: &[DraftProblem]) {
        let may_be_hidden = |problem: &DraftProblem| {
            matches!(problem, DraftProblem::LinkDomain(..) | DraftProblem::Endpoint(_) | DraftProblem::CaFile)
        };
        self.is_more_open |= problems.iter().any(may_be_hidden);
    }
}

/// What the fields are told.
pub(super) struct Look<'a> {
    /// What cannot stay; empty until the first try.
    pub(super) problems: &'a [DraftProblem],
    /// The field that gets the keyboard now.
    pub(super) focus_on: Option<DraftProblem>,
    /// The connection being changed.
    pub(super) saved: Option<&'a Connection>,
    /// Profiles of `~/.aws`.
    pub(super) profiles: &'a Profiles,
}

impl Look<'_> {
    /// The words of the problem that `is_of` picks.
    fn problem(&self, ui: &Ui, is_of: impl Fn(&DraftProblem) -> bool) -> Option<String> {
        self.problems.iter().find(|problem| is_of(problem)).map(|problem| problem_words(ui, *problem))
    }

    fn settle(&self, field: &Response, is_of: impl Fn(&DraftProblem) -> bool) {
        if self.focus_on.as_ref().is_some_and(is_of) {
            field.request_focus();
        }
    }
}

/// The three ways to come by keys.
pub(super) fn source_tabs(ui: &mut Ui, draft: &mut ConnectionDraft) {
    let tabs = [
        (DraftSource::AccessKey, icons::KEY, "connection-tab-access-key"),
        (DraftSource::AwsProfile, icons::FILE_TEXT, "connection-tab-aws-profile"),
        (DraftSource::Anonymous, icons::GLOBE, "connection-tab-anonymous"),
    ];
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        for (tab, icon, id) in tabs {
            if form::choice_button(ui, Some(icon), &t(ui, id), (draft.source == tab).into()).clicked()
                && draft.source != tab
            {
                choose_source(draft, tab);
            }
        }
    });
    ui.add_space(14.0);
}

/// A region that nobody chose follows: a profile has its own, the other pages start from the service's usual one.
fn choose_source(draft: &mut ConnectionDraft, source: DraftSource) {
    draft.source = source;
    let usual = draft.service.default_region();
    if source == DraftSource::AwsProfile && draft.region == usual {
        draft.region.clear();
    } else if source != DraftSource::AwsProfile && draft.region.is_empty() {
        usual.clone_into(&mut draft.region);
    }
}

/// Every field of the chosen page; whether Enter was pressed in one of them.
pub(super) fn fields_ui(
    ui: &mut Ui,
    draft: &mut ConnectionDraft,
    state: &mut FieldsState,
    look: &Look<'_>,
    cx: &mut Cx<'_>,
) -> bool {
    let name = name_row(ui, draft, look);
    cx.focus_first(&name);
    let mut was_submitted = form::submitted(ui, &name);
    if draft.source == DraftSource::AwsProfile {
        profile_row(ui, draft, look, cx);
    }
    service_row(ui, draft);
    if draft.service.needs_endpoint() {
        was_submitted |= endpoint_row(ui, draft, look);
    }
    let problem = look.problem(ui, |problem| *problem == DraftProblem::Region);
    let when_empty = match draft.source {
        DraftSource::AwsProfile => WhenEmpty::ProfileDecides,
        DraftSource::AccessKey | DraftSource::Anonymous => WhenEmpty::ServiceDefault,
    };
    let regions = Regions { service: draft.service, when_empty };
    region_row(ui, &t(ui, "connection-region"), regions, &mut draft.region, problem);
    match draft.source {
        DraftSource::AccessKey => was_submitted |= key_rows(ui, draft, look, cx),
        DraftSource::AwsProfile => {}
        DraftSource::Anonymous => form::row(ui, "", |ui, _label| {
            form::note_ui(ui, icons::INFO, &t(ui, "connection-anonymous-note"));
        }),
    }
    was_submitted |= scopes_row(ui, draft, look);
    more_ui(ui, state);
    if state.is_more_open {
        was_submitted |= more_rows(ui, draft, state, look, cx);
    }
    was_submitted
}

fn name_row(ui: &mut Ui, draft: &mut ConnectionDraft, look: &Look<'_>) -> Response {
    let is_of = |problem: &DraftProblem| *problem == DraftProblem::Name;
    let (label, hint) = (t(ui, "connection-name"), t(ui, "connection-name-hint"));
    let field_look = FieldLook { hint: &hint, problem: look.problem(ui, is_of), ..FieldLook::default() };
    let field = form::text_row(ui, &label, &mut draft.name, field_look);
    look.settle(&field, is_of);
    field
}

fn service_row(ui: &mut Ui, draft: &mut ConnectionDraft) {
    let choices = Service::CHOICES.map(|service| (service, service_name(ui, service)));
    let before = draft.service;
    if form::choice_row(ui, &t(ui, "connection-service"), &mut draft.service, &choices) {
        let was_usual = draft.region.is_empty() || draft.region == before.default_region();
        let is_known = draft.service.regions().iter().any(|(code, _)| *code == draft.region);
        if was_usual || !is_known {
            draft.region.clear();
            choose_source(draft, draft.source);
        }
        // Where it is not asked for, nobody would see that keys still go to the host of another service.
        if draft.service != before && !draft.service.needs_endpoint() {
            draft.endpoint.clear();
        }
    }
}

/// A product's name, or a word of the language for the rest.
pub(super) fn service_name(ui: &Ui, service: Service) -> String {
    let id = match service {
        Service::ThisComputer => "connection-service-this-computer",
        _ => "connection-service-other",
    };
    service.product_name().map_or_else(|| t(ui, id), str::to_owned)
}

fn endpoint_row(ui: &mut Ui, draft: &mut ConnectionDraft, look: &Look<'_>) -> bool {
    let is_of =
        |problem: &DraftProblem| matches!(problem, DraftProblem::Endpoint(_) | DraftProblem::EndpointHoldsBucket);
    let hint = match draft.service {
        Service::CloudflareR2 => "https://ACCOUNT_ID.r2.cloudflarestorage.com",
        _ => "https://s3.example.com:9000",
    };
    let field = form::row(ui, &t(ui, "connection-endpoint"), |ui, label| {
        let problem = look.problem(ui, is_of);
        let field_look = FieldLook { hint, problem, monospace: Monospace::Yes, id: None };
        let field = form::text_field(ui, label, &mut draft.endpoint, field_look);
        if Endpoint::parse(&draft.endpoint).is_ok_and(|endpoint| endpoint.is_plain_http() && !endpoint.is_loopback()) {
            form::warning_ui(ui, &t(ui, "connection-endpoint-plain-http"));
        }
        field
    });
    look.settle(&field, is_of);
    form::submitted(ui, &field)
}

/// How the service's keys begin, or what it calls them.
fn key_hint(service: Service) -> &'static str {
    match service {
        Service::AmazonS3 => "AKIA…",
        Service::BackblazeB2 => "keyID",
        Service::GoogleCloud => "GOOG1E…",
        Service::DigitalOceanSpaces => "DO…",
        Service::CloudflareR2 | Service::Wasabi | Service::Other | Service::ThisComputer => "",
    }
}

fn key_rows(ui: &mut Ui, draft: &mut ConnectionDraft, look: &Look<'_>, cx: &Cx<'_>) -> bool {
    let is_key = |problem: &DraftProblem| *problem == DraftProblem::AccessKeyId;
    let is_secret = |problem: &DraftProblem| *problem == DraftProblem::Secret;
    let key_look = FieldLook {
        hint: key_hint(draft.service),
        problem: look.problem(ui, is_key),
        monospace: Monospace::Yes,
        id: None,
    };
    let key = form::text_row(ui, &t(ui, "connection-access-key-id"), &mut draft.access_key_id, key_look);
    look.settle(&key, is_key);
    let keeps_saved = look.saved.and_then(Connection::access_key_id) == Some(draft.access_key_id.trim());
    let hint = if keeps_saved { t(ui, "connection-secret-kept") } else { String::new() };
    let secret = form::row(ui, &t(ui, "connection-secret"), |ui, label| {
        let field = secret_field(ui, secret_id(), label, &mut draft.secret_access_key, &hint);
        if let Some(problem) = look.problem(ui, is_secret) {
            form::problem_ui(ui, &problem);
        }
        match &cx.model.keychain {
            KeychainState::Unavailable(failure) => {
                let why = failure_title(lang(ui), failure);
                form::warning_ui(ui, &t_with(ui, "connection-secret-no-keychain", &[("why", &why)]));
            }
            KeychainState::Unknown | KeychainState::Ready => {
                let id = match draft.service {
                    Service::AmazonS3 => "connection-secret-place",
                    _ => "connection-secret-place-other",
                };
                form::note_ui(ui, icons::LOCK, &t(ui, id));
            }
        }
        field
    });
    look.settle(&secret, is_secret);
    form::submitted(ui, &key) || form::submitted(ui, &secret)
}

fn profile_row(ui: &mut Ui, draft: &mut ConnectionDraft, look: &Look<'_>, cx: &mut Cx<'_>) {
    let label = t(ui, "connection-profile");
    form::row(ui, &label, |ui, label_id| {
        match look.profiles {
            Profiles::NotAsked | Profiles::Asked(_) => {
                form::dim_paragraph(ui, &t(ui, "connection-profiles-reading"));
            }
            Profiles::Failed(failure) => {
                if form::failure_ui(ui, failure) {
                    cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
                }
                let field_look = FieldLook { hint: "default", ..FieldLook::default() };
                form::text_field(ui, label_id, &mut draft.aws_profile, field_look);
            }
            Profiles::Listed(names) => {
                if names.is_empty() {
                    form::warning_ui(ui, &t(ui, "connection-profiles-none"));
                }
                let chain = t(ui, "connection-profile-chain");
                let shown = if draft.aws_profile.is_empty() { chain.clone() } else { draft.aws_profile.clone() };
                let combo = form::combo(ui, &label, &shown, PopupCloseBehavior::CloseOnClick, |ui| {
                    if widgets::select_item(ui, draft.aws_profile.is_empty().into(), &chain, "").clicked() {
                        draft.aws_profile.clear();
                    }
                    for name in names {
                        if widgets::select_item(ui, (draft.aws_profile == *name).into(), name, "").clicked() {
                            choose_profile(draft, name);
                        }
                    }
                });
                combo.response.labelled_by(label_id);
            }
        }
        form::note_ui(ui, icons::FILE_TEXT, &t(ui, "connection-profile-source"));
    });
}

/// A connection without a name takes the profile's.
fn choose_profile(draft: &mut ConnectionDraft, profile: &str) {
    if draft.name.is_empty() || draft.name == draft.aws_profile {
        profile.clone_into(&mut draft.name);
    }
    profile.clone_into(&mut draft.aws_profile);
}

fn scopes_row(ui: &mut Ui, draft: &mut ConnectionDraft, look: &Look<'_>) -> bool {
    let is_of = |problem: &DraftProblem| matches!(problem, DraftProblem::Scope(_));
    let id = if draft.source == DraftSource::Anonymous {
        "connection-buckets-hint-anonymous"
    } else {
        "connection-buckets-hint"
    };
    let hint = t(ui, id);
    let field_look = FieldLook { hint: &hint, problem: look.problem(ui, is_of), ..FieldLook::default() };
    let field = form::text_row(ui, &t(ui, "connection-buckets"), &mut draft.scopes, field_look);
    look.settle(&field, is_of);
    form::submitted(ui, &field)
}

fn more_ui(ui: &mut Ui, state: &mut FieldsState) {
    let id = if state.is_more_open { "connection-less" } else { "connection-more" };
    form::row(ui, "", |ui, _label| {
        if widgets::link_button(ui, &t(ui, id)).clicked() {
            state.is_more_open = !state.is_more_open;
        }
    });
}

fn more_rows(
    ui: &mut Ui,
    draft: &mut ConnectionDraft,
    state: &mut FieldsState,
    look: &Look<'_>,
    cx: &mut Cx<'_>,
) -> bool {
    let mut was_submitted = false;
    if draft.source == DraftSource::AccessKey {
        let token = form::row(ui, &t(ui, "connection-session-token"), |ui, label| {
            let hint = t(ui, "connection-session-token-hint");
            secret_field(ui, token_id(), label, &mut draft.session_token, &hint)
        });
        was_submitted |= form::submitted(ui, &token);
    }
    if !draft.service.needs_endpoint() {
        was_submitted |= endpoint_row(ui, draft, look);
    }
    let mut addressing = vec![
        (Addressing::Auto, t(ui, "connection-addressing-auto")),
        (Addressing::Path, t(ui, "connection-addressing-path")),
        (Addressing::VirtualHost, t(ui, "connection-addressing-virtual-host")),
    ];
    if draft.service == Service::AmazonS3 || draft.addressing == Addressing::DualStack {
        addressing.push((Addressing::DualStack, t(ui, "connection-addressing-dual-stack")));
    }
    form::choice_row(ui, &t(ui, "connection-addressing"), &mut draft.addressing, &addressing);
    was_submitted |= ca_file_row(ui, &mut draft.ca_file, look, cx);
    if draft.source == DraftSource::AwsProfile {
        key_command_row(ui, &mut draft.key_command);
    }
    // Nobody can be charged for what is not signed.
    if draft.source != DraftSource::Anonymous {
        payer_row(ui, &mut draft.payer);
    }
    was_submitted | templates_ui(ui, draft, &mut state.templates, look, cx)
}

/// The engine reads the file when the connection is tested or opened: it may lie on a slow disk.
fn ca_file_row(ui: &mut Ui, ca_file: &mut String, look: &Look<'_>, cx: &mut Cx<'_>) -> bool {
    let is_of = |problem: &DraftProblem| *problem == DraftProblem::CaFile;
    let field = form::row(ui, &t(ui, "connection-ca-file"), |ui, label| {
        let hint = t(ui, "connection-ca-file-hint");
        let problem = look.problem(ui, is_of);
        let field_look = FieldLook { hint: &hint, problem, monospace: Monospace::Yes, id: None };
        let field = form::text_field(ui, label, ca_file, field_look);
        if widgets::button(ui, Some(icons::FILE_TEXT), &t(ui, "connection-ca-file-choose")).clicked() {
            cx.push(Action::PickCaFile);
        }
        if !ca_file.trim().is_empty() {
            form::note_ui(ui, icons::INFO, &t(ui, "connection-ca-file-note"));
        }
        field
    });
    look.settle(&field, is_of);
    form::submitted(ui, &field)
}

fn key_command_row(ui: &mut Ui, command: &mut KeyCommand) {
    form::row(ui, "", |ui, _label| {
        let mut is_allowed = *command == KeyCommand::Allowed;
        if widgets::checkbox(ui, &mut is_allowed, &t(ui, "connection-key-command")).changed() {
            *command = if is_allowed { KeyCommand::Allowed } else { KeyCommand::Refused };
        }
        if is_allowed {
            form::note_ui(ui, icons::INFO, &t(ui, "connection-key-command-note"));
        }
    });
}

fn payer_row(ui: &mut Ui, payer: &mut Payer) {
    form::row(ui, &t(ui, "connection-payer"), |ui, _label| {
        let mut pays = *payer == Payer::Requester;
        if widgets::checkbox(ui, &mut pays, &t(ui, "connection-payer-requester")).changed() {
            *payer = if pays { Payer::Requester } else { Payer::Owner };
        }
        if pays {
            form::note_ui(ui, icons::INFO, &t(ui, "connection-payer-note"));
        }
    });
}

fn problem_words(ui: &Ui, problem: DraftProblem) -> String {
    let id = match problem {
        DraftProblem::Name => "connection-problem-name",
        DraftProblem::Endpoint(EndpointProblem::Empty) => "connection-problem-endpoint-empty",
        DraftProblem::Endpoint(EndpointProblem::NotAUrl) => "connection-problem-endpoint-not-a-url",
        DraftProblem::Endpoint(EndpointProblem::Scheme) => "connection-problem-endpoint-scheme",
        DraftProblem::Endpoint(EndpointProblem::Extras) => "connection-problem-endpoint-extras",
        DraftProblem::EndpointHoldsBucket => "connection-problem-endpoint-holds-bucket",
        DraftProblem::Region => "connection-problem-region",
        DraftProblem::AccessKeyId => "connection-problem-access-key-id",
        DraftProblem::Secret => "connection-problem-secret",
        DraftProblem::Scope(line) => return t_with(ui, "connection-problem-scope", &[("number", &line.to_string())]),
        DraftProblem::CaFile => "connection-problem-ca-file",
        DraftProblem::LinkDomain(_, problem) => problem_id(problem),
    };
    t(ui, id)
}
