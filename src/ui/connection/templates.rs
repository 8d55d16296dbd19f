//! Own domains in the editor: rows of bucket or folder, address pattern and dropped prefix. Below each row stands the
//! address that it gives an example object, while it is typed, and a button that asks there as a stranger would.

use egui::{Align, Layout, Response, RichText, Ui, vec2};

use super::fields::Look;
use crate::locale::{failure_advice, failure_title};
use crate::model::{
    BucketName, Command, Connection, ConnectionDraft, DraftProblem, Event, Failure, LinkCheck, LinkDomain,
    LinkDomainDraft, LinkDomainProblem, LinkKind, NoAddress, ObjectKey, ObjectRef, RequestId, Scope, TemplateProblem,
    Verdict, address_notes, public_url,
};
use crate::ui::dialogs::form::{self, FieldLook, Monospace};
use crate::ui::dialogs::view::Cx;
use crate::ui::text::{lang, t, t_with};
use crate::ui::{icons, theme, verdict, widgets};

const PLACE_WIDTH: f32 = 136.0;
const DROP_WIDTH: f32 = 112.0;
const REMOVE_WIDTH: f32 = 32.0;
const FIELD_GAP: f32 = 6.0;
const FIELD_HEIGHT: f32 = 30.0;

/// What the rows remember besides the draft.
#[derive(Default)]
pub(super) struct TemplatesState {
    /// They are what the editor was opened for.
    pub(super) wants_sight: bool,
    /// `bucket/key`, once the rows were shown.
    example: Option<String>,
    test: AddressTest,
}

/// One row that is, or was, asked for.
#[derive(Default)]
enum AddressTest {
    #[default]
    None,
    Running {
        request: RequestId,
        row: LinkDomainDraft,
    },
    Done {
        row: LinkDomainDraft,
        check: Box<LinkCheck>,
    },
    Failed {
        row: LinkDomainDraft,
        failure: Box<Failure>,
    },
}

impl TemplatesState {
    /// Takes the answer of a test.
    pub(super) fn apply(&mut self, event: &Event) {
        let Event::LinksChecked { request, checks, end, .. } = event else { return };
        let AddressTest::Running { request: asked, row } = &self.test else { return };
        if asked != request {
            return;
        }
        let row = row.clone();
        match (checks.last(), end) {
            (Some(check), _) => self.test = AddressTest::Done { row, check: Box::new(check.clone()) },
            (None, Some(Err(failure))) => self.test = AddressTest::Failed { row, failure: failure.clone() },
            (None, Some(Ok(()))) => self.test = AddressTest::None,
            (None, None) => {}
        }
    }
}

/// All rows; whether Enter was pressed in one of them.
pub(super) fn templates_ui(
    ui: &mut Ui,
    draft: &mut ConnectionDraft,
    state: &mut TemplatesState,
    look: &Look<'_>,
    cx: &mut Cx<'_>,
) -> bool {
    let mut was_submitted = false;
    form::row(ui, &t(ui, "templates-title"), |ui, _label| {
        form::dim_paragraph(ui, &t(ui, if draft.link_domains.is_empty() { "templates-none" } else { "templates-how" }));
    });
    if !draft.link_domains.is_empty() {
        headings_ui(ui);
    }
    let mut removed = None;
    let connection = draft.for_addresses();
    let example = example_of(state, draft, cx);
    for number in 1..=draft.link_domains.len() {
        let Some(row) = draft.link_domains.get_mut(number - 1) else { break };
        let fields = row_ui(ui, number, row, look);
        was_submitted |= fields.was_submitted;
        if fields.wants_removal {
            removed = Some(number - 1);
        }
        below_row_ui(
            ui,
            &Tried { row: row.clone(), number, connection: &connection, example: example.as_ref() },
            state,
            look,
            cx,
        );
        ui.add_space(form::ROW_GAP);
    }
    if let Some(index) = removed {
        draft.link_domains.remove(index);
    }
    form::row(ui, "", |ui, _label| {
        let add = widgets::button(ui, Some(icons::PLUS), &t(ui, "templates-add"));
        if std::mem::take(&mut state.wants_sight) {
            add.request_focus();
            add.scroll_to_me(Some(egui::Align::Center));
        }
        if add.clicked() {
            draft.link_domains.push(LinkDomainDraft::default());
        }
    });
    if !draft.link_domains.is_empty() {
        was_submitted |= example_row(ui, state);
    }
    was_submitted
}

fn headings_ui(ui: &mut Ui) {
    let color = theme::tokens(ui).dim;
    let pattern = pattern_width(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = FIELD_GAP;
        for (id, width) in
            [("templates-place", PLACE_WIDTH), ("templates-pattern", pattern), ("templates-drop", DROP_WIDTH)]
        {
            cell(ui, width, |ui| {
                ui.add(egui::Label::new(RichText::new(t(ui, id)).size(11.5).color(color)).truncate().selectable(false))
            });
        }
    });
}

fn pattern_width(ui: &Ui) -> f32 {
    (ui.available_width() - PLACE_WIDTH - DROP_WIDTH - REMOVE_WIDTH - 3.0 * FIELD_GAP).max(120.0)
}

fn cell<R>(ui: &mut Ui, width: f32, add: impl FnOnce(&mut Ui) -> R) -> R {
    let layout = Layout::top_down(Align::Min);
    let inner = ui.allocate_ui_with_layout(vec2(width, 0.0), layout, |ui| {
        ui.set_width(width);
        add(ui)
    });
    inner.inner
}

struct RowFields {
    was_submitted: bool,
    wants_removal: bool,
}

fn row_ui(ui: &mut Ui, number: usize, row: &mut LinkDomainDraft, look: &Look<'_>) -> RowFields {
    let pattern = pattern_width(ui);
    let name = |ui: &Ui, id: &str| t_with(ui, id, &[("number", &number.to_string())]);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = FIELD_GAP;
        let field = |ui: &mut Ui, width: f32, id: &str, value: &mut String, hint: &str| -> Response {
            let name = name(ui, id);
            let look = FieldLook { hint, monospace: Monospace::Yes, ..FieldLook::default() };
            cell(ui, width, |ui| form::named_field(ui, &name, value, look))
        };
        let all = t(ui, "templates-place-hint");
        let place = field(ui, PLACE_WIDTH, "templates-place-of", &mut row.place, &all);
        let hint = "https://cdn.example.com/{key}";
        let address = field(ui, pattern, "templates-pattern-of", &mut row.pattern, hint);
        let drop = field(ui, DROP_WIDTH, "templates-drop-of", &mut row.drop_prefix, "static/");
        match look.focus_on {
            Some(DraftProblem::LinkDomain(at, LinkDomainProblem::Place)) if at == number => place.request_focus(),
            Some(DraftProblem::LinkDomain(at, _)) if at == number => address.request_focus(),
            _ => {}
        }
        let remove = cell(ui, REMOVE_WIDTH, |ui| {
            ui.set_min_height(FIELD_HEIGHT);
            widgets::icon_button(ui, icons::CLOSE, &name(ui, "templates-remove"))
        });
        RowFields {
            was_submitted: [&place, &address, &drop].iter().any(|field| form::submitted(ui, field)),
            wants_removal: remove.clicked(),
        }
    })
    .inner
}

/// A row and what it is tried with.
struct Tried<'a> {
    row: LinkDomainDraft,
    number: usize,
    connection: &'a Connection,
    example: Option<&'a ObjectRef>,
}

fn below_row_ui(ui: &mut Ui, tried: &Tried<'_>, state: &mut TemplatesState, look: &Look<'_>, cx: &mut Cx<'_>) {
    let rule = match tried.row.check() {
        Ok(rule) => rule,
        Err(problem) => {
            let is_half_typed = problem == LinkDomainProblem::Pattern(TemplateProblem::Empty);
            if !is_half_typed || look.problems.contains(&DraftProblem::LinkDomain(tried.number, problem)) {
                form::problem_ui(ui, &t(ui, problem_id(problem)));
            }
            return;
        }
    };
    let Some(example) = tried.example else { return };
    let (object, is_fitting) = fitting(&rule, example);
    let connection = Connection { link_domains: vec![rule], ..tried.connection.clone() };
    let region = cx.model.region_of(&connection.id, &object.bucket);
    let url = match public_url(&connection, &object.bucket, region, &object.key) {
        Ok(url) => url,
        Err(problem) => return form::warning_ui(ui, &t(ui, no_address_id(problem))),
    };
    widgets::mono_block(ui, &url);
    for note in address_notes(&url) {
        form::warning_ui(ui, &t(ui, verdict::note_id(note)));
    }
    if !is_fitting {
        form::note_ui(ui, icons::INFO, &t(ui, "templates-example-elsewhere"));
    }
    test_ui(ui, tried, connection, object, state, cx);
}

fn test_ui(
    ui: &mut Ui,
    tried: &Tried<'_>,
    connection: Connection,
    object: ObjectRef,
    state: &mut TemplatesState,
    cx: &mut Cx<'_>,
) {
    let is_of_row = |row: &LinkDomainDraft| *row == tried.row;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let is_running = matches!(state.test, AddressTest::Running { .. });
        let label = t_with(ui, "templates-test", &[("number", &tried.number.to_string())]);
        let button = |ui: &mut Ui| widgets::button(ui, Some(icons::TEST), &label);
        if ui.add_enabled_ui(!is_running, button).inner.clicked() {
            let request = RequestId::next();
            state.test = AddressTest::Running { request, row: tried.row.clone() };
            cx.command(Command::CheckAddress { request, connection: Box::new(connection), object });
        }
        if matches!(&state.test, AddressTest::Running { row, .. } if is_of_row(row)) {
            ui.label(theme::caption(ui, t(ui, "templates-testing")));
        }
    });
    match &state.test {
        AddressTest::Done { row, check } if is_of_row(row) => verdict_ui(ui, &check.verdict),
        AddressTest::Failed { row, failure } if is_of_row(row) => {
            let words = format!("{}. {}", failure_title(lang(ui), failure), failure_advice(lang(ui), failure));
            form::warning_ui(ui, &words);
        }
        _ => {}
    }
}

fn verdict_ui(ui: &mut Ui, verdict: &Verdict) {
    let words = verdict::sentence(verdict, LinkKind::Public, lang(ui));
    widgets::tone_line(ui, verdict::tone(verdict), &words);
}

/// The example, moved to where the rule holds if it is elsewhere; and whether it fits as it is.
fn fitting(rule: &LinkDomain, example: &ObjectRef) -> (ObjectRef, bool) {
    let key = example.key.as_str();
    let fits = rule.bucket.as_ref().is_none_or(|bucket| *bucket == example.bucket)
        && key.starts_with(rule.prefix.as_str())
        && key.starts_with(rule.drop_prefix.as_str())
        && key != rule.drop_prefix.as_str();
    if fits {
        return (example.clone(), true);
    }
    let below =
        if rule.prefix.as_str().len() >= rule.drop_prefix.as_str().len() { &rule.prefix } else { &rule.drop_prefix };
    let key = ObjectKey::new(below.join(example.key.name()));
    let bucket = rule.bucket.clone().unwrap_or_else(|| example.bucket.clone());
    (ObjectRef { bucket, key, ..example.clone() }, false)
}

fn example_row(ui: &mut Ui, state: &mut TemplatesState) -> bool {
    let Some(example) = &mut state.example else { return false };
    let field = form::row(ui, &t(ui, "templates-example"), |ui, label| {
        let look = FieldLook { hint: "bucket/key", monospace: Monospace::Yes, ..FieldLook::default() };
        let field = form::text_field(ui, label, example, look);
        form::note_ui(ui, icons::INFO, &t(ui, "templates-example-note"));
        field
    });
    form::submitted(ui, &field)
}

/// The example that is typed; at first an object of the shown folder, or one that could be. `None` while it names no
/// bucket.
fn example_of(state: &mut TemplatesState, draft: &ConnectionDraft, cx: &Cx<'_>) -> Option<ObjectRef> {
    let connection = draft.for_addresses().id;
    let typed = state.example.get_or_insert_with(|| {
        let shown = cx.model.location().filter(|at| at.connection == connection).and_then(|at| {
            let listing = &cx.model.browsing.as_ref()?.listing;
            let key = listing.entries.iter().find_map(|entry| match entry {
                crate::model::Entry::Object(object) => Some(&object.key),
                crate::model::Entry::Prefix(_) => None,
            })?;
            Some(format!("{}/{key}", at.bucket))
        });
        let scope = draft.scopes.split(['\n', ',']).find_map(Scope::parse);
        let bucket = scope.map_or_else(|| "my-bucket".to_owned(), |scope| scope.bucket.to_string());
        shown.unwrap_or_else(|| format!("{bucket}/photos/summer 2026.jpg"))
    });
    let (bucket, key) = typed.strip_prefix("s3://").unwrap_or(typed).split_once('/').unwrap_or((typed, ""));
    let key = ObjectKey::new(if key.is_empty() { "photos/summer 2026.jpg" } else { key });
    Some(ObjectRef { connection, bucket: BucketName::new(bucket.trim()).ok()?, key })
}

/// What is wrong with a row, as a text's id.
pub(super) fn problem_id(problem: LinkDomainProblem) -> &'static str {
    match problem {
        LinkDomainProblem::Place => "templates-problem-place",
        LinkDomainProblem::Pattern(problem) => match problem {
            TemplateProblem::Empty => "templates-problem-empty",
            TemplateProblem::NotAUrl => "templates-problem-not-a-url",
            TemplateProblem::Scheme => "templates-problem-scheme",
            TemplateProblem::UserInfo => "templates-problem-user-info",
            TemplateProblem::Fragment => "templates-problem-fragment",
            TemplateProblem::MissingKey => "templates-problem-missing-key",
            TemplateProblem::UnknownPlaceholder => "templates-problem-unknown-placeholder",
        },
    }
}

fn no_address_id(problem: NoAddress) -> &'static str {
    match problem {
        NoAddress::NeedsDomain => "templates-no-address-domain",
        NoAddress::DirectoryBucket => "templates-no-address-directory",
        NoAddress::MultiRegion => "templates-no-address-multi-region",
        NoAddress::DotSegment => "templates-no-address-dots",
    }
}
