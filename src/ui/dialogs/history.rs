//! Links that were given out, with what is known of them, and what was opened for anyone, with the way back.

use std::collections::HashMap;

use egui::{Align, Layout, RichText, Sense, Ui, UiBuilder, vec2};
use jiff::Timestamp;

use super::Dialog;
use super::form;
use super::view::{Cx, DialogView};
use crate::model::{
    AppModel, CheckExtent, Command, Event, Failure, GivenLink, LinkFormat, LinkKind, Notice, ObjectRef, OpenWhat,
    RequestId, Severity, SharingChange, SharingHistory, SharingId, Verdict,
};
use crate::ui::actions::Action;
use crate::ui::text::{lang, t, t_count, t_with};
use crate::ui::theme::{size, space};
use crate::ui::verdict::Badge;
use crate::ui::widgets::Tone;
use crate::ui::{format, icons, links, theme, verdict, widgets};

const WIDTH: f32 = 760.0;
const ROW: f32 = 46.0;
/// Rows of links that are seen at once.
const ROWS_SHOWN: f32 = 7.0;
/// Changes that are seen at once.
const CHANGES_SHOWN: f32 = 3.0;

enum Step {
    /// The list is on its way.
    Asking,
    /// It is here.
    Listed,
    /// Whether it is to be cleared.
    Clearing,
    /// It could not be read.
    Failed(Failure),
}

/// The open list.
pub(super) struct History {
    request: RequestId,
    given: SharingHistory,
    step: Step,
    /// Links that are being asked for again.
    checking: HashMap<RequestId, ObjectRef>,
    /// Changes that are being taken back.
    undoing: Vec<SharingId>,
}

impl History {
    pub(super) fn new() -> Self {
        Self {
            request: RequestId::next(),
            given: SharingHistory::default(),
            step: Step::Asking,
            checking: HashMap::new(),
            undoing: Vec::new(),
        }
    }

    fn links_ui(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let count = self.given.links.len();
        if count == 0 {
            form::dim_paragraph(ui, &t(ui, "dialog-history-empty"));
            return;
        }
        widgets::section_caption(ui, &t_count(ui, "dialog-history-links", count as u64, &[]));
        ui.add_space(space::XS);
        let area = egui::ScrollArea::vertical().id_salt("given-links").max_height(ROWS_SHOWN * ROW);
        let mut recheck = None;
        area.auto_shrink([false, true]).show_rows(ui, ROW, count, |ui, range| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for index in range {
                let Some(link) = self.given.links.get(index) else { continue };
                let is_asked = self.checking.values().any(|object| *object == link.object);
                let is_checking = is_asked && link.kind == LinkKind::Public;
                if link_row_ui(ui, link, index, is_checking, self.given.listed_at, cx) {
                    recheck = Some(link.object.clone());
                }
            }
            widgets::follow_focus(ui);
        });
        if let Some(object) = recheck {
            let request = RequestId::next();
            self.checking.insert(request, object.clone());
            cx.command(Command::CheckLinks { request, objects: vec![object], extent: CheckExtent::All });
        }
        ui.add_space(space::XS);
        form::note_ui(ui, icons::LOCK, &t(ui, "dialog-history-kept"));
        ui.add_space(space::M);
    }

    /// Closes the list; links that are being asked for are left alone then.
    fn leave(&self, cx: &mut Cx<'_>) {
        let mut requests: Vec<RequestId> = self.checking.keys().copied().collect();
        requests.sort_unstable();
        for request in requests {
            cx.command(Command::StopRequest { request });
        }
        cx.close();
    }

    fn changes_ui(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        if self.given.changes.is_empty() {
            return;
        }
        widgets::section_caption(ui, &t(ui, "dialog-history-changes"));
        ui.add_space(space::XS);
        let count = self.given.changes.len();
        let area = egui::ScrollArea::vertical().id_salt("changes").max_height(CHANGES_SHOWN * ROW);
        let mut undo = None;
        area.auto_shrink([false, true]).show_rows(ui, ROW, count, |ui, range| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for index in range {
                let Some(change) = self.given.changes.get(index) else { continue };
                if change_row_ui(ui, change, self.undoing.contains(&change.id)) {
                    undo = Some(change.id);
                }
            }
            widgets::follow_focus(ui);
        });
        if let Some(id) = undo {
            self.undoing.push(id);
            cx.push(Action::UndoSharing(id));
        }
        ui.add_space(space::S);
    }
}

/// A row with two lines on the left and buttons on the right; the third line is shown where the second is hovered.
fn two_lines(ui: &mut Ui, salt: (&str, u64), lines: (&str, &str, &str), right: impl FnOnce(&mut Ui)) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let builder = UiBuilder::new().id_salt(salt).max_rect(rect).layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let split = widgets::Split::new(ui, salt);
        split.left(ui, |ui| {
            let width = ui.available_width() - space::S;
            ui.allocate_ui_with_layout(vec2(width, ROW), Layout::top_down(Align::Min), |ui| {
                ui.spacing_mut().item_spacing.y = 1.0;
                ui.add_space(5.0);
                widgets::elided_label(ui, RichText::new(lines.0), width);
                let small = RichText::new(lines.1).size(size::CAPTION).color(theme::tokens(ui).dim);
                widgets::elided_label(ui, small, width).on_hover_text(lines.2);
            });
        });
        split.right(ui, right);
    });
    let line = egui::Stroke::new(1.0, theme::tokens(ui).line);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, line);
}

/// What is known of a link: the newer of what the list says and what was asked for in this run, at this very address.
fn known(link: &GivenLink, model: &AppModel) -> Option<(Verdict, Timestamp)> {
    let here = model.checks.get(&link.object).filter(|_| link.kind == LinkKind::Public);
    let here = here.filter(|check| links::is_about(check, Some(&link.address)));
    let here = here.map(|check| (check.verdict.clone(), check.checked_at));
    match (&link.verdict, here) {
        (Some(told), Some(here)) if told.1 > here.1 => Some(told.clone()),
        (_, Some(here)) => Some(here),
        (told, None) => told.clone(),
    }
}

#[expect(clippy::fn_params_excessive_bools, reason = "private, and the one flag is what is drawn")]
fn link_row_ui(
    ui: &mut Ui,
    link: &GivenLink,
    index: usize,
    is_checking: bool,
    now: Timestamp,
    cx: &mut Cx<'_>,
) -> bool {
    let name = format::readable(link.object.key.as_str()).into_owned();
    let place = format!("{}/{name}", link.object.bucket);
    let times = |ui: &Ui, written: fn(Timestamp) -> String, between: &str| {
        let given = written(link.given_at);
        match link.expires {
            Some(end) => {
                let end = t_with(ui, end_id(link, end <= now), &[("end", &written(end))]);
                format!("{given}{between}{end}")
            }
            None => given,
        }
    };
    let (detail, exact) = (times(ui, format::date_time, " · "), times(ui, format::full_instant, "\n"));
    let short = form::shown(link.object.key.name(), 40);
    let mut wants_check = false;
    two_lines(ui, ("given", index as u64), (&place, &detail, &exact), |ui| {
        known_ui(ui, link, is_checking, now, cx.model);
        let is_public = link.kind == LinkKind::Public;
        let again = t_with(ui, "dialog-history-recheck", &[("name", &short)]);
        let button = |ui: &mut Ui| widgets::small_icon_button(ui, icons::RELOAD, &again);
        // Where the link is another one by now, an answer would be about that.
        let is_the_same =
            || links::link(cx.model, &link.object, LinkFormat::Url).is_some_and(|url| url == link.address);
        wants_check = ui.add_enabled_ui(is_public && !is_checking && is_the_same(), button).inner.clicked();
        let copy = t_with(ui, "dialog-history-copy", &[("name", &short)]);
        let button = |ui: &mut Ui| widgets::small_icon_button(ui, icons::COPY, &copy);
        if ui.add_enabled_ui(is_public, button).inner.clicked() {
            cx.push(copy_again(link, cx.model));
        }
    });
    wants_check
}

#[expect(clippy::fn_params_excessive_bools, reason = "private, and the one flag is what is said")]
fn end_id(link: &GivenLink, is_over: bool) -> &'static str {
    match (link.kind, is_over) {
        (LinkKind::Invitation, true) => "dialog-history-invited-over",
        (LinkKind::Invitation, false) => "dialog-history-invited-until",
        (LinkKind::Public | LinkKind::Presigned, true) => "dialog-history-signed-over",
        (LinkKind::Public | LinkKind::Presigned, false) => "dialog-history-signed-until",
    }
}

#[expect(clippy::fn_params_excessive_bools, reason = "private, and the one flag is what is drawn")]
fn known_ui(ui: &mut Ui, link: &GivenLink, is_checking: bool, now: Timestamp, model: &AppModel) {
    if link.expires.is_some_and(|end| end <= now) {
        widgets::badge(ui, Some(icons::CLOCK), &t(ui, "verdict-expired"), Tone::Neutral);
        return;
    }
    if is_checking {
        ui.label(theme::caption(ui, t(ui, "link-checking")));
        return;
    }
    if link.kind == LinkKind::Invitation {
        // There is nothing to be read at it.
        widgets::badge(ui, Some(icons::UPLOAD), &t(ui, "dialog-history-invited"), Tone::Neutral);
        return;
    }
    let Some((told, at)) = known(link, model) else {
        ui.label(theme::caption(ui, t(ui, "dialog-history-not-checked")));
        return;
    };
    let mut chip = verdict::chip(&told, lang(ui));
    if link.kind == LinkKind::Presigned && told == Verdict::Public {
        chip = Badge { icon: icons::CLOCK_COUNTDOWN, words: t(ui, "chip-opens"), tone: Tone::Good };
    }
    let why = verdict::sentence(&told, link.kind, lang(ui));
    widgets::badge(ui, Some(chip.icon), &chip.words, chip.tone)
        .on_hover_text(format!("{why}\n{}", format::full_instant(at)));
}

/// The public address, as it is now; as it was then, where its connection is gone.
fn copy_again(link: &GivenLink, model: &AppModel) -> Action {
    if model.known_connection(&link.object.connection).is_some() {
        return Action::CopyLinks { objects: vec![link.object.clone()], format: LinkFormat::Url };
    }
    let notice = Notice::message(Severity::Success, "notice-links-copied").with("count", 1);
    Action::CopyText { text: link.address.clone().into(), notice }
}

#[expect(clippy::fn_params_excessive_bools, reason = "private, and the one flag is what is drawn")]
fn change_row_ui(ui: &mut Ui, change: &SharingChange, is_undoing: bool) -> bool {
    let place = match &change.what {
        OpenWhat::Prefix(prefix) => {
            let place = format!("{}/{}", change.bucket, format::readable(prefix.as_str()));
            t_with(ui, "dialog-history-change-prefix", &[("place", &place)])
        }
        OpenWhat::Objects(keys) => {
            let bucket = change.bucket.to_string();
            t_count(ui, "dialog-history-change-objects", keys.len() as u64, &[("bucket", &bucket)])
        }
    };
    let times = |ui: &Ui, written: fn(Timestamp) -> String, between: &str| {
        let made = t_with(ui, "dialog-history-made", &[("time", &written(change.made_at))]);
        match change.undone_at {
            Some(at) => {
                format!("{made}{between}{}", t_with(ui, "dialog-history-undone", &[("time", &written(at))]))
            }
            None => made,
        }
    };
    let (detail, exact) = (times(ui, format::date_time, " · "), times(ui, format::full_instant, "\n"));
    let mut wants_undo = false;
    two_lines(ui, ("change", change.id.0), (&place, &detail, &exact), |ui| {
        if change.undone_at.is_none() {
            let label = t(ui, "share-undo");
            let spoken = t_with(ui, "dialog-history-undo", &[("place", &place)]);
            let undo = |ui: &mut Ui| widgets::button(ui, Some(icons::RETRY), &label).accessible_name(spoken);
            wants_undo = ui.add_enabled_ui(!is_undoing, undo).inner.clicked();
        }
    });
    wants_undo
}

impl DialogView for History {
    fn title(&self, ui: &Ui) -> String {
        t(ui, "dialog-history-title")
    }

    fn width(&self) -> f32 {
        WIDTH
    }

    fn start(&mut self, cx: &mut Cx<'_>) {
        cx.command(Command::ListHistory { request: self.request });
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        match &self.step {
            Step::Asking => form::dim_paragraph(ui, &t(ui, "dialog-history-asking")),
            Step::Failed(failure) => {
                if form::failure_ui(ui, failure) {
                    cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
                }
            }
            Step::Clearing => form::paragraph(ui, &t(ui, "dialog-history-clear-sure")),
            Step::Listed => {
                self.links_ui(ui, cx);
                self.changes_ui(ui, cx);
            }
        }
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        if matches!(self.step, Step::Clearing) {
            form::right_side(ui, |ui| {
                let cancel = widgets::button(ui, None, &t(ui, "dialog-cancel"));
                if cancel.clicked() {
                    self.step = Step::Listed;
                }
                if widgets::danger_primary_button(ui, Some(icons::TRASH), &t(ui, "dialog-history-clear-yes")).clicked()
                {
                    self.request = RequestId::next();
                    self.step = Step::Asking;
                    cx.command(Command::ClearHistory { request: self.request });
                }
            });
            return;
        }
        let can_clear = matches!(self.step, Step::Listed) && !self.given.links.is_empty();
        let label = t(ui, "dialog-history-clear");
        let clear = |ui: &mut Ui| widgets::danger_button(ui, Some(icons::TRASH), &label);
        if ui.add_enabled_ui(can_clear, clear).inner.clicked() {
            self.step = Step::Clearing;
        }
        form::right_side(ui, |ui| {
            let close = widgets::primary_button(ui, None, &t(ui, "dialog-close"));
            cx.focus_first(&close);
            if close.clicked() {
                self.leave(cx);
            }
        });
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        match event {
            Event::HistoryListed { request, result } if *request == self.request => match result {
                Ok(history) => {
                    self.given = (**history).clone();
                    self.step = Step::Listed;
                }
                Err(failure) => self.step = Step::Failed((**failure).clone()),
            },
            Event::LinksChecked { request, end: Some(_), .. } => {
                self.checking.remove(request);
            }
            Event::SharingUndone { change, .. } => {
                self.undoing.retain(|known| known != change);
                // When it was taken back is the engine's to say.
                self.request = RequestId::next();
                cx.command(Command::ListHistory { request: self.request });
            }
            _ => {}
        }
    }

    fn escape(&mut self, cx: &mut Cx<'_>) {
        match self.step {
            Step::Clearing => self.step = Step::Listed,
            _ => self.leave(cx),
        }
    }
}
