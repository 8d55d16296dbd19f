//! An address at which someone else can upload one file: what it is called, what it may be, how long it works. The
//! address itself is never drawn: whoever can read the screen or its accessibility tree could use it.

use std::time::Duration;

use egui::Ui;

use super::Dialog;
use super::form::{self, FieldLook};
use super::life::{FirstFocus, Life};
use super::view::{Cx, DialogView, WIDE};
use crate::model::{
    Command, Event, Failure, GivenLink, LinkKind, Location, Notice, ObjectKey, RequestId, Settings, Severity,
    SignedUpload, UploadInvitation,
};
use crate::ui::actions::Action;
use crate::ui::text::{lang, t, t_with};
use crate::ui::{format, icons, theme, widgets};

enum Signing {
    Idle,
    Running(RequestId),
    Ready(Box<SignedUpload>),
    Failed(Failure),
}

/// The open form.
pub(super) struct Invite {
    at: Location,
    name: String,
    size: String,
    content_type: String,
    life: Life,
    signing: Signing,
    /// What was signed last was copied.
    is_given: bool,
    /// Problems are shown from the first try on.
    shows_problems: bool,
}

impl Invite {
    pub(super) fn new(at: Location, settings: &Settings) -> Self {
        Self {
            at,
            name: String::new(),
            size: String::new(),
            content_type: String::new(),
            life: Life::of(settings),
            signing: Signing::Idle,
            is_given: false,
            shows_problems: false,
        }
    }

    /// The exact size; the separators that people write between thousands are nothing.
    fn size_bytes(&self) -> Result<Option<u64>, ()> {
        let digits: String = self.size.chars().filter(|c| !matches!(c, ',' | ' ' | '_' | '.')).collect();
        if digits.is_empty() {
            return Ok(None);
        }
        digits.parse().map(Some).or(Err(()))
    }

    fn content_type(&self) -> Result<Option<String>, ()> {
        let typed = self.content_type.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        let is_token = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_graphic() && c != '/');
        let essence = typed.split(';').next().unwrap_or_default().trim();
        let is_type = essence.split_once('/').is_some_and(|(a, b)| is_token(a) && is_token(b));
        let is_header = typed.chars().all(|c| c.is_ascii_graphic() || c == ' ');
        if is_type && is_header { Ok(Some(typed.to_owned())) } else { Err(()) }
    }

    fn invitation(&self) -> Option<UploadInvitation> {
        let name = self.name.trim();
        if name.is_empty() {
            return None;
        }
        let key = ObjectKey::new(format!("{}{name}", self.at.prefix.as_str()));
        Some(UploadInvitation {
            object: self.at.object(key),
            content_type: self.content_type().ok()?,
            size_bytes: self.size_bytes().ok()?,
            expires_secs: self.life.secs(),
        })
    }

    /// What happens when the address is used twice: where the service is known to heed the condition that is signed with
    /// it, what is there stays; where it is not known, nothing is promised.
    fn often_id(&self) -> &'static str {
        match &self.signing {
            Signing::Ready(signed) if signed.keeps_what_is_there => "dialog-invite-once",
            Signing::Ready(signed) if !has_condition(signed) => "dialog-invite-overwrites",
            Signing::Ready(_) | Signing::Idle | Signing::Running(_) | Signing::Failed(_) => "dialog-invite-often",
        }
    }

    fn sign(&mut self, cx: &mut Cx<'_>) {
        self.shows_problems = true;
        let Some(invitation) = self.invitation() else { return };
        let request = RequestId::next();
        self.signing = Signing::Running(request);
        self.is_given = false;
        cx.command(Command::SignUpload { request, invitation: Box::new(invitation) });
    }

    /// Copies an address, alone or in a command line; that it was handed out is written down once, without its
    /// signature.
    fn copy(&mut self, text: String, notice_id: &'static str, cx: &mut Cx<'_>) {
        if let Signing::Ready(signed) = &self.signing
            && !std::mem::replace(&mut self.is_given, true)
        {
            cx.command(Command::RecordLinks(vec![given(signed)]));
        }
        cx.push(Action::CopyText { text: text.into(), notice: Notice::message(Severity::Success, notice_id) });
    }

    fn fields_ui(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let problem = |is_wrong: bool, id: &str| (self.shows_problems && is_wrong).then(|| t(ui, id));
        let no_name = problem(self.name.trim().is_empty(), "dialog-invite-name-missing");
        let no_size = problem(self.size_bytes().is_err(), "dialog-invite-size-wrong");
        let no_type = problem(self.content_type().is_err(), "dialog-invite-type-wrong");
        let hint = t(ui, "dialog-invite-name-hint");
        let look = FieldLook { hint: &hint, problem: no_name, ..FieldLook::default() };
        let name = form::text_row(ui, &t(ui, "dialog-invite-name"), &mut self.name, look);
        cx.focus_first(&name);
        let hint = t(ui, "dialog-invite-size-hint");
        let look = FieldLook { hint: &hint, problem: no_size, ..FieldLook::default() };
        let size = form::text_row(ui, &t(ui, "dialog-invite-size"), &mut self.size, look);
        let hint = t(ui, "dialog-invite-type-hint");
        let look = FieldLook { hint: &hint, problem: no_type, ..FieldLook::default() };
        let content_type = form::text_row(ui, &t(ui, "dialog-invite-type"), &mut self.content_type, look);
        let is_changed = [&name, &size, &content_type].into_iter().any(egui::Response::changed);
        if is_changed && matches!(self.signing, Signing::Ready(_) | Signing::Failed(_)) {
            // What was signed is not what is typed any more.
            self.signing = Signing::Idle;
        }
        if [&name, &size, &content_type].into_iter().any(|field| form::submitted(ui, field)) {
            self.sign(cx);
        }
        let life = self.life.secs();
        self.life.rows_ui(ui, "dialog-invite-life", FirstFocus::Elsewhere, cx);
        if life != self.life.secs() && matches!(self.signing, Signing::Ready(_)) {
            self.signing = Signing::Idle;
        }
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
            Signing::Ready(signed) => self.ready_ui(ui, signed),
        }
    }

    fn ready_ui(&self, ui: &mut Ui, signed: &SignedUpload) {
        let tokens = theme::tokens(ui);
        ui.horizontal(|ui| {
            form::icon_label(ui, icons::CHECK_CIRCLE_FILL, 14.0, tokens.good);
            let end = format::date_time(signed.expires);
            ui.label(t_with(ui, "dialog-invite-ready", &[("end", &end)]))
                .on_hover_text(format::full_instant(signed.expires));
        });
        if let Some(life) = life_secs(&signed.url).filter(|life| *life < self.life.secs()) {
            let life = format::span(Duration::from_secs(life), lang(ui));
            form::warning_ui(ui, &t_with(ui, "dialog-invite-keys-end", &[("life", &life)]));
        }
        if !signed.headers.is_empty() {
            ui.add_space(6.0);
            form::note_ui(ui, icons::INFO, &t(ui, "dialog-invite-headers"));
            ui.add_space(4.0);
            let lines: Vec<String> = signed.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            widgets::mono_block(ui, &lines.join("\n"));
        }
        ui.add_space(6.0);
    }
}

/// What is written down of an address that was handed out.
fn given(signed: &SignedUpload) -> GivenLink {
    GivenLink {
        object: signed.object.clone(),
        kind: LinkKind::Invitation,
        address: LinkKind::Invitation.without_signature(&signed.url).to_owned(),
        // The engine knows the time.
        given_at: jiff::Timestamp::UNIX_EPOCH,
        expires: Some(signed.expires),
        verdict: None,
    }
}

/// Whether the upload has to say that it replaces nothing.
fn has_condition(signed: &SignedUpload) -> bool {
    signed.headers.iter().any(|(name, value)| name.eq_ignore_ascii_case("if-none-match") && value == "*")
}

/// How long a signed address works, as it says itself.
fn life_secs(url: &str) -> Option<u64> {
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|part| part.strip_prefix("X-Amz-Expires=")?.parse().ok())
}

/// The command line that uploads a file there. Single quotes keep the address whole in every shell of Unix and in
/// PowerShell; an address holds none, a header's value may.
fn curl_line(signed: &SignedUpload) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let mut line = "curl --fail --upload-file FILE".to_owned();
    for (name, value) in &signed.headers {
        // curl counts the bytes itself.
        if !name.eq_ignore_ascii_case("content-length") && !name.eq_ignore_ascii_case("host") {
            line.push_str(" -H ");
            line.push_str(&quoted(&format!("{name}: {value}")));
        }
    }
    line.push(' ');
    line.push_str(&quoted(&signed.url));
    line
}

impl DialogView for Invite {
    fn title(&self, ui: &Ui) -> String {
        t(ui, "dialog-invite-title")
    }

    fn width(&self) -> f32 {
        WIDE
    }

    fn body(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let sentence = |ui: &Ui, place: &str| t_with(ui, "dialog-invite-what", &[("place", place)]);
        form::PlaceSentence { place: &self.at.to_string(), room: 70, sentence }.dim_paragraph(ui);
        self.fields_ui(ui, cx);
        self.outcome_ui(ui, cx);
        form::note_ui(ui, icons::WARNING, &t(ui, self.often_id()));
        ui.add_space(form::ROW_GAP);
    }

    fn footer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let ready = match &self.signing {
            Signing::Ready(signed) => Some((signed.url.clone(), curl_line(signed))),
            _ => None,
        };
        form::right_side(ui, |ui| {
            if widgets::button(ui, None, &t(ui, "dialog-close")).clicked() {
                cx.close();
            }
            if let Some((url, curl)) = ready {
                if widgets::button(ui, Some(icons::CODE), &t(ui, "dialog-invite-copy-curl")).clicked() {
                    self.copy(curl, "notice-curl-copied", cx);
                }
                if widgets::primary_button(ui, Some(icons::COPY), &t(ui, "dialog-invite-copy-url")).clicked() {
                    self.copy(url, "notice-invite-copied", cx);
                }
            } else {
                let is_idle = !matches!(self.signing, Signing::Running(_));
                let label = t(ui, "dialog-invite-sign");
                let sign = |ui: &mut Ui| widgets::primary_button(ui, None, &label);
                if ui.add_enabled_ui(is_idle, sign).inner.clicked() {
                    self.sign(cx);
                }
            }
        });
    }

    fn apply(&mut self, event: &Event, _cx: &mut Cx<'_>) {
        let Event::UploadSigned { request, result } = event else { return };
        if !matches!(self.signing, Signing::Running(running) if running == *request) {
            return;
        }
        self.signing = match result {
            Ok(signed) => Signing::Ready(signed.clone()),
            Err(failure) => Signing::Failed((**failure).clone()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BucketName, ConnectionId, Prefix};

    fn invite() -> Invite {
        let at = Location {
            connection: ConnectionId::local(),
            bucket: BucketName::new("weandb").unwrap(),
            prefix: Prefix::new("in"),
        };
        Invite::new(at, &Settings::default())
    }

    #[test]
    fn what_is_typed_becomes_an_invitation() {
        let mut form = invite();
        assert!(form.invitation().is_none(), "a file needs a name");
        form.name = " 보고서.pdf ".to_owned();
        form.size = "2,048".to_owned();
        form.content_type = "application/pdf".to_owned();
        let wanted = form.invitation().unwrap();
        assert_eq!(wanted.object.key.as_str(), "in/보고서.pdf");
        assert_eq!(wanted.size_bytes, Some(2_048));
        assert_eq!(wanted.content_type.as_deref(), Some("application/pdf"));
        for odd in ["pdf", "a/", "/b", "a/b\r\nx: y", "image/png; 한글"] {
            form.content_type = odd.to_owned();
            assert!(form.invitation().is_none(), "{odd}");
        }
        form.content_type.clear();
        form.size = "two".to_owned();
        assert!(form.invitation().is_none());
    }

    #[test]
    fn the_curl_line_keeps_what_was_signed() {
        let form = invite();
        let signed = SignedUpload {
            object: form.at.object(ObjectKey::new("in/a.png")),
            url: "https://weandb.s3.us-east-1.amazonaws.com/in/a.png?X-Amz-Expires=900&X-Amz-Signature=0".to_owned(),
            headers: vec![
                ("content-type".to_owned(), "image/png; it's".to_owned()),
                ("content-length".to_owned(), "5".to_owned()),
            ],
            keeps_what_is_there: false,
            expires: jiff::Timestamp::UNIX_EPOCH,
        };
        assert_eq!(
            curl_line(&signed),
            r"curl --fail --upload-file FILE -H 'content-type: image/png; it'\''s' 'https://weandb.s3.us-east-1.amazonaws.com/in/a.png?X-Amz-Expires=900&X-Amz-Signature=0'"
        );
        assert_eq!(life_secs(&signed.url), Some(900));
    }
}
