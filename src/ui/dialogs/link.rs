//! A link that works for a while without sign-in: for how long, then signed, copied, and its true end shown.
//! The link itself is never drawn: whoever can read the screen or its accessibility tree could use it.

use std::time::Duration;

use egui::Ui;
use jiff::Timestamp;

use super::Dialog;
use super::form;
use super::life::{FirstFocus, Life};
use super::view::{Cx, DialogView, WIDE};
use crate::model::{
    Command, Event, Failure, KeysEnd, LinkCheck, LinkKind, ObjectRef, RequestId, Settings, SignedLink, Verdict,
};
use crate::ui::actions::Action;
use crate::ui::text::{lang, t, t_count, t_with};
use crate::ui::{format, icons, theme, verdict, widgets};

enum Signing {
    Idle,
    Running(RequestId),
    Copied { expires: Option<Timestamp>, asked_secs: u64, least_secs: Option<u64>, keys_end: KeysEnd },
    Failed(Failure),
}

/// The open form.
pub(super) struct SignedLinkDialog {
    objects: Vec<ObjectRef>,
    life: Life,
    signing: Signing,
    /// What whoever opens the copied link gets, once that is known.
    found: Option<LinkCheck>,
}

impl SignedLinkDialog {
    pub(super) fn new(objects: Vec<ObjectRef>, settings: &Settings) -> Self {
        Self { objects, life: Life::of(settings), signing: Signing::Idle, found: None }
    }

    fn sign(&mut self, cx: &mut Cx<'_>) {
        let request = RequestId::next();
        self.signing = Signing::Running(request);
        let (objects, expires_secs) = (self.objects.clone(), self.life.secs());
        cx.command(Command::SignLinks { request, objects, expires_secs });
    }

    fn copy(&mut self, links: &[SignedLink], cx: &mut Cx<'_>) {
        cx.push(Action::HandOutSigned { links: links.to_vec() });
        self.found = None;
        let expires = links.iter().map(|link| link.expires).min();
        let least_secs = links.iter().filter_map(SignedLink::life_secs).min();
        let unknown = links.iter().map(|link| link.keys_end).find(|end| *end == KeysEnd::Unknown);
        let keys_end = unknown.unwrap_or_default();
        self.signing = Signing::Copied { expires, asked_secs: self.life.secs(), least_secs, keys_end };
    }

    fn outcome_ui(&self, ui: &mut Ui, cx: &mut Cx<'_>) {
        match &self.signing {
            Signing::Idle => {}
            Signing::Running(_) => form::dim_paragraph(ui, &t(ui, "dialog-link-signing")),
            Signing::Failed(failure) => {
                if form::failure_ui(ui, failure) {
                    cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
                }
            }
            Signing::Copied { expires, asked_secs, least_secs, keys_end } => {
                let Some(expires) = expires else { return };
                let end = format::date_time(*expires);
                let tokens = theme::tokens(ui);
                ui.horizontal(|ui| {
                    form::icon_label(ui, icons::CHECK_CIRCLE_FILL, 14.0, tokens.good);
                    let words = t_with(ui, "dialog-link-works-until", &[("end", &end)]);
                    ui.label(words).on_hover_text(format::full_instant(*expires));
                });
                if let Some(life) = least_secs.filter(|life| life < asked_secs) {
                    let span = |secs| format::span(Duration::from_secs(secs), lang(ui));
                    let words = [("life", span(life)), ("asked", span(*asked_secs))];
                    let words = words.each_ref().map(|(name, span)| (*name, span.as_str()));
                    form::warning_ui(ui, &t_with(ui, "dialog-link-keys-end", &words));
                }
                if *keys_end == KeysEnd::Unknown {
                    form::warning_ui(ui, &t(ui, "dialog-link-keys-unknown"));
                }
                self.found_ui(ui);
                ui.add_space(6.0);
            }
        }
    }

    /// One link is told about here as well; of many the message says how they fare.
    fn found_ui(&self, ui: &mut Ui) {
        let Some(found) = self.found.as_ref().filter(|_| self.objects.len() == 1) else { return };
        if found.verdict == Verdict::Public {
            form::note_ui(ui, icons::PUBLIC_FILL, &t(ui, "dialog-link-checked-good"));
        } else {
            form::warning_ui(ui, &verdict::sentence(&found.verdict, found.kind, lang(ui)));
        }
    }
}

impl DialogView for SignedLinkDialog {
    fn title(&self, ui: &Ui) -> String {
        t_count(ui, "dialog-link-title", self.objects.len() as u64, &[])
    }

    fn width(&self) -> f32 {
        WIDE
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        if let [object] = self.objects.as_slice() {
            let place = object.to_string();
            form::place_paragraph(ui, &form::shown(&place, 88), &place);
        }
        self.life.rows_ui(ui, "dialog-link-life", FirstFocus::Here, cx);
        self.outcome_ui(ui, cx);
        form::note_ui(ui, icons::WARNING, &t(ui, "dialog-link-anyone"));
        ui.add_space(form::ROW_GAP);
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::right_side(ui, |ui| {
            if widgets::button(ui, None, &t(ui, "dialog-close")).clicked() {
                cx.close();
            }
            let label = t_count(ui, "dialog-link-copy", self.objects.len() as u64, &[]);
            let is_idle = !matches!(self.signing, Signing::Running(_));
            let copy = |ui: &mut Ui| widgets::primary_button(ui, Some(icons::COPY), &label);
            if ui.add_enabled_ui(is_idle, copy).inner.clicked() {
                self.sign(cx);
            }
        });
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        if let (Event::LinksChecked { checks, .. }, Signing::Copied { .. }) = (event, &self.signing) {
            let own = |check: &&LinkCheck| check.kind == LinkKind::Presigned && self.objects.contains(&check.object);
            self.found = checks.iter().find(own).cloned().or(self.found.take());
        }
        let Event::LinksSigned { request, result } = event else { return };
        if !matches!(self.signing, Signing::Running(running) if running == *request) {
            return;
        }
        match result {
            Ok(links) => self.copy(links, cx),
            Err(failure) => self.signing = Signing::Failed((**failure).clone()),
        }
    }
}
