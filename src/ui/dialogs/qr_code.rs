//! The link of one object as a QR code: dark on light in every theme, since many cameras read nothing else.

use egui::{Color32, Mesh, Rect, Role, Sense, Shape, Ui, WidgetInfo, pos2, vec2};
use qrcodegen::{QrCode, QrCodeEcc};

use super::Dialog;
use super::form;
use super::view::{Cx, DialogView};
use crate::model::{
    Access, AppModel, Command, Event, Failure, GivenLink, LinkCheck, LinkFormat, LinkKind, ObjectRef, RequestId,
    SignedLink, Verdict,
};
use crate::ui::actions::Action;
use crate::ui::text::{lang, t, t_with};
use crate::ui::{format, icons, links, theme, verdict, widgets};

/// Light modules around the code, without which it is not read: four, says the standard.
const QUIET_MODULES: i32 = 4;
/// Side of the code with its margin, in points.
const SIDE: f32 = 300.0;

enum Signing {
    Idle,
    Running(RequestId),
    Failed(Failure),
}

/// The open dialog.
pub(super) struct QrCodeDialog {
    object: ObjectRef,
    /// What the code holds: shown in words only while it is public.
    shown: Shown,
    code: Option<QrCode>,
    signing: Signing,
    /// What whoever scans the signed link gets.
    trying: Trying,
}

/// How far the check of the signed link is: only an answer says that it works.
enum Trying {
    Not,
    Running(RequestId),
    Found(Box<LinkCheck>),
    /// Nobody could ask.
    Failed,
}

enum Shown {
    /// The public address; `None` if there is none.
    Public(Option<String>),
    /// A signed one, never drawn in words.
    Signed(Box<SignedLink>),
}

impl QrCodeDialog {
    pub(super) fn new(object: ObjectRef, model: &AppModel) -> Self {
        let url = links::link(model, &object, LinkFormat::Url);
        let code = url.as_deref().and_then(encode);
        Self { object, shown: Shown::Public(url), code, signing: Signing::Idle, trying: Trying::Not }
    }

    /// The address is another one once it is known where the bucket is.
    fn follow(&mut self, cx: &mut Cx<'_>) {
        let Shown::Public(shown) = &self.shown else { return };
        let url = links::link(cx.model, &self.object, LinkFormat::Url);
        if url != *shown {
            self.code = url.as_deref().and_then(encode);
            self.shown = Shown::Public(url);
            self.record(cx);
        }
    }

    /// Whoever scans a code has its link: it is handed out when it is shown.
    fn record(&self, cx: &mut Cx<'_>) {
        let (Shown::Public(Some(url)), Some(_)) = (&self.shown, &self.code) else { return };
        let given = GivenLink {
            object: self.object.clone(),
            kind: LinkKind::Public,
            address: url.clone(),
            // The engine knows the time.
            given_at: jiff::Timestamp::UNIX_EPOCH,
            expires: None,
            verdict: self.known(cx.model).map(|check| (check.verdict.clone(), check.checked_at)),
        };
        cx.command(Command::RecordLinks(vec![given]));
    }

    fn sign(&mut self, cx: &mut Cx<'_>) {
        let request = RequestId::next();
        self.signing = Signing::Running(request);
        let (objects, expires_secs) = (vec![self.object.clone()], cx.model.settings.presign_secs);
        cx.command(Command::SignLinks { request, objects, expires_secs });
    }

    /// What is known of the very address that the code holds.
    fn known<'a>(&self, model: &'a AppModel) -> Option<&'a LinkCheck> {
        let Shown::Public(url) = &self.shown else { return None };
        model.checks.get(&self.object).filter(|check| links::is_about(check, url.as_deref()))
    }

    fn is_public(&self, model: &AppModel) -> bool {
        self.known(model).is_some_and(|check| check.verdict == Verdict::Public)
    }

    fn remarks_ui(&self, ui: &mut Ui, cx: &mut Cx<'_>) {
        match (&self.shown, self.known(cx.model)) {
            (Shown::Signed(link), _) => {
                let end = format::date_time(link.expires);
                let words = t_with(ui, "dialog-qr-signed", &[("end", &end)]);
                let exact = format::full_instant(link.expires);
                ui.scope(|ui| form::note_ui(ui, icons::CLOCK_COUNTDOWN, &words)).response.on_hover_text(exact);
                self.tried_ui(ui);
            }
            (Shown::Public(None), _) => form::warning_ui(ui, &t(ui, "verdict-says-no-address")),
            (Shown::Public(Some(_)), None) => form::note_ui(ui, icons::QUESTION, &t(ui, "dialog-qr-not-checked")),
            (Shown::Public(Some(_)), Some(check)) => verdict_ui(ui, check),
        }
        if let Signing::Failed(failure) = &self.signing
            && form::failure_ui(ui, failure)
        {
            cx.push(Action::ShowDialog(Dialog::ErrorDetails(Box::new(failure.clone()))));
        }
    }
}

impl QrCodeDialog {
    /// A link whose keys may not read is well-formed and refused: it is asked for like one that was copied.
    fn try_signed(&mut self, link: &SignedLink, cx: &mut Cx<'_>) {
        let request = RequestId::next();
        self.trying = Trying::Running(request);
        let (links, extent) = (vec![link.clone()], crate::model::CheckExtent::All);
        cx.command(Command::CheckSignedLinks { request, links, extent });
    }

    /// The check has ended, with the one link's verdict or without.
    fn tried(&mut self, request: RequestId, checks: &[LinkCheck]) {
        if matches!(self.trying, Trying::Running(running) if running == request) {
            self.trying = checks.first().map_or(Trying::Failed, |check| Trying::Found(Box::new(check.clone())));
        }
    }

    fn tried_ui(&self, ui: &mut Ui) {
        match &self.trying {
            Trying::Not | Trying::Failed => form::note_ui(ui, icons::QUESTION, &t(ui, "dialog-qr-not-checked")),
            Trying::Running(_) => form::note_ui(ui, icons::QUESTION, &t(ui, "links-state-checking")),
            Trying::Found(check) if check.verdict.access() == Access::Public => {
                form::note_ui(ui, icons::CHECK_CIRCLE_FILL, &t(ui, "dialog-link-checked-good"));
            }
            Trying::Found(check) => form::warning_ui(ui, &verdict::sentence(&check.verdict, check.kind, lang(ui))),
        }
    }
}

fn verdict_ui(ui: &mut Ui, check: &LinkCheck) {
    let why = verdict::sentence(&check.verdict, check.kind, lang(ui));
    match &check.verdict {
        Verdict::Public => form::note_ui(ui, icons::PUBLIC_FILL, &why),
        failed if failed.is_failure() => {
            form::warning_ui(ui, &t_with(ui, "dialog-qr-not-public", &[("why", &why)]));
        }
        _ => form::warning_ui(ui, &why),
    }
}

fn encode(url: &str) -> Option<QrCode> {
    QrCode::encode_text(url, QrCodeEcc::Medium).or_else(|_| QrCode::encode_text(url, QrCodeEcc::Low)).ok()
}

/// Paints the code on whole pixels, so that every module has the same size and sharp edges.
fn code_ui(ui: &mut Ui, code: &QrCode, accessible_name: &str) {
    let (room, response) = ui.allocate_exact_size(vec2(ui.available_width(), SIDE), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, accessible_name));
    if !ui.is_rect_visible(room) {
        return;
    }
    let scale = ui.pixels_per_point();
    let modules = code.size() + 2 * QUIET_MODULES;
    let pixels = (SIDE * scale / modules as f32).floor().max(1.0);
    let module = pixels / scale;
    let side = module * modules as f32;
    let on_pixel = |at: f32| (at * scale).round() / scale;
    let left = on_pixel(room.center().x - side / 2.0);
    let top = on_pixel(room.center().y - side / 2.0);
    let ground = Rect::from_min_size(pos2(left, top), vec2(side, side));
    let mut mesh = Mesh::default();
    mesh.add_colored_rect(ground, Color32::WHITE);
    for y in 0..code.size() {
        for x in 0..code.size() {
            if code.get_module(x, y) {
                let at = |index: i32| module * (index + QUIET_MODULES) as f32;
                let min = pos2(left + at(x), top + at(y));
                mesh.add_colored_rect(Rect::from_min_size(min, vec2(module, module)), Color32::BLACK);
            }
        }
    }
    // A mesh, unlike a shape, gets no soft edges.
    ui.painter().add(Shape::mesh(mesh));
}

impl DialogView for QrCodeDialog {
    fn title(&self, ui: &Ui) -> String {
        t(ui, "dialog-qr-title")
    }

    fn start(&mut self, cx: &mut Cx<'_>) {
        self.record(cx);
        if self.known(cx.model).is_none() && matches!(self.shown, Shown::Public(Some(_))) {
            cx.push(Action::CheckLink(self.object.clone(), crate::model::CheckExtent::Sample));
        }
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let name = form::shown(self.object.key.name(), 60);
        match &self.code {
            Some(code) => {
                let what = match &self.shown {
                    Shown::Public(Some(url)) => url.clone(),
                    Shown::Public(None) | Shown::Signed(_) => name.clone(),
                };
                code_ui(ui, code, &t_with(ui, "dialog-qr-name", &[("address", &what)]));
            }
            None if matches!(self.shown, Shown::Public(None)) => {}
            None => form::warning_ui(ui, &t(ui, "dialog-qr-too-long")),
        }
        ui.add_space(8.0);
        ui.vertical_centered(|ui| ui.label(theme::strong(name)).on_hover_text(self.object.key.name()));
        if let Shown::Public(Some(url)) = &self.shown {
            ui.add_space(4.0);
            widgets::mono_block(ui, url);
        }
        ui.add_space(8.0);
        self.remarks_ui(ui, cx);
        ui.add_space(form::ROW_GAP);
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        form::right_side(ui, |ui| {
            if matches!(self.shown, Shown::Public(_)) && !self.is_public(cx.model) {
                let is_idle = !matches!(self.signing, Signing::Running(_));
                let label = t(ui, "dialog-qr-use-signed");
                let sign = |ui: &mut Ui| widgets::button(ui, Some(icons::CLOCK_COUNTDOWN), &label);
                if ui.add_enabled_ui(is_idle, sign).inner.clicked() {
                    self.sign(cx);
                }
            }
            let close = widgets::primary_button(ui, None, &t(ui, "dialog-close"));
            cx.focus_first(&close);
            if close.clicked() {
                cx.close();
            }
        });
    }

    fn apply(&mut self, event: &Event, cx: &mut Cx<'_>) {
        if matches!(event, Event::BucketRegionFound { .. } | Event::LinksChecked { .. }) {
            self.follow(cx);
        }
        if let Event::LinksChecked { request, checks, end, .. } = event
            && (end.is_some() || !checks.is_empty())
        {
            self.tried(*request, checks);
        }
        let Event::LinksSigned { request, result } = event else { return };
        if !matches!(self.signing, Signing::Running(running) if running == *request) {
            return;
        }
        match result {
            Ok(links) => {
                let Some(link) = links.first() else { return };
                self.code = encode(&link.url);
                self.signing = Signing::Idle;
                cx.push(Action::RecordSigned { links: links.clone() });
                self.try_signed(link, cx);
                self.shown = Shown::Signed(Box::new(link.clone()));
            }
            Err(failure) => self.signing = Signing::Failed((**failure).clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_addresses_get_a_code_and_longer_ones_a_word() {
        assert!(encode("https://weandb.s3.ap-northeast-2.amazonaws.com/a.txt").is_some());
        assert!(encode(&format!("https://example.com/{}", "%EA%B0%80".repeat(300))).is_some());
        assert!(encode(&"x".repeat(3_000)).is_none());
    }
}
