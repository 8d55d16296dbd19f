//! Hands links out and finds out whether they open. The clipboard never waits: what is known of a link comes later, in
//! the message that told of the copy. Nothing is asked for just by moving through rows.

use std::collections::{HashMap, HashSet};

use super::actions::{Action, Actions};
use super::app::App;
use super::dialogs::Dialog;
use super::dialogs::toasts::{News, ToastAction, ToastId};
use super::link_state::{CardCheck, CopiedCheck, CopyCause, Explained, Tally};
use super::links::{self, Links};
use super::text::{self, t, t_with};
use super::ui_state::{SignedFor, UiState};
use super::{effects, format, frame_rate, verdict};
use crate::locale::{self, grouped};
use crate::model::{
    Access, AccessReport, AppModel, CheckExtent, CheckProgress, Command, CopyFallback, Failure, GivenLink, LinkCheck,
    LinkFormat, LinkKind, Notice, ObjectRef, OnlyHere, RequestId, Severity, SignedLink, Verdict,
};

/// Asks for the link of the one selected object, once the selection rests.
pub(super) fn check_when_resting(ctx: &egui::Context, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    let only = match state.browser.selection.len() {
        1 => state.selected_objects(model).pop(),
        _ => None,
    };
    let Some(object) = only else {
        state.links.resting = None;
        state.links.card = None;
        return;
    };
    if state.links.card_of(&object).is_some() {
        return;
    }
    state.links.card = None;
    let now = ctx.input(|input| input.time);
    let since = match &state.links.resting {
        Some((known, since)) if *known == object => *since,
        _ => now,
    };
    let left = frame_rate::CHECK_DELAY_SECS - (now - since);
    if left > 0.0 {
        state.links.resting = Some((object, since));
        frame_rate::paint_after_secs(ctx, left);
    } else {
        state.links.resting = None;
        actions.push(Action::CheckLink(object, CheckExtent::Sample));
    }
}

/// Asks for the link of one object and shows what comes in its card; [`CheckExtent::All`] takes no earlier answer.
pub(super) fn check_card(app: &mut App, object: ObjectRef, extent: CheckExtent) {
    let request = RequestId::next();
    app.engine.send(Command::CheckLinks { request, objects: vec![object.clone()], extent });
    app.ui.links.card =
        Some(CardCheck { object, checking: Some(request), failure: None, report: Explained::default() });
}

/// Asks again for what is selected, because who may open it has changed.
pub(super) fn check_card_again(app: &mut App) {
    if let Some(card) = app.ui.links.card.take() {
        check_card(app, card.object, CheckExtent::All);
    }
}

/// Links that go on the clipboard now.
pub(super) struct HandOut {
    /// Of which objects, in order.
    pub objects: Vec<ObjectRef>,
    /// Those of their links that were signed.
    pub signed: Vec<SignedLink>,
    /// In which form.
    pub format: LinkFormat,
    /// Why.
    pub cause: CopyCause,
}

/// Puts the links of these objects on the clipboard: the public addresses, or, where nobody could open those,
/// signed ones as soon as the engine has signed them.
pub(super) fn copy(app: &mut App, ctx: &egui::Context, objects: Vec<ObjectRef>, format: LinkFormat, cause: CopyCause) {
    let signed: Vec<ObjectRef> = match format {
        format if !format.has_url() => Vec::new(),
        _ => objects.iter().filter(|object| needs_signing(app, object, cause)).cloned().collect(),
    };
    if signed.is_empty() {
        hand_out(app, ctx, HandOut { objects, signed: Vec::new(), format, cause });
        return;
    }
    let expires_secs = app.model.settings.presign_secs;
    effects::sign(app, signed, expires_secs, SignedFor::Copy { format, objects, cause });
}

/// Whether nobody could open the object's public address: for the embedded storage, and, where the user has chosen so,
/// for links that were not asked for and have no address.
fn needs_signing(app: &App, object: &ObjectRef, cause: CopyCause) -> bool {
    let connection = app.model.known_connection(&object.connection);
    connection.is_some_and(|connection| connection.link_kind() == LinkKind::Presigned)
        || may_fall_back(app, cause) && links::link(&app.model, object, LinkFormat::Url).is_none()
}

fn may_fall_back(app: &App, cause: CopyCause) -> bool {
    cause == CopyCause::Batch && app.model.settings.copy_fallback == CopyFallback::SignedLink
}

/// Puts links on the clipboard, says how many, or why there are none, writes down that they were handed out, and has
/// them asked for.
pub(super) fn hand_out(app: &mut App, ctx: &egui::Context, out: HandOut) {
    let links = links::links_with_signed(&app.model, &out.objects, &out.signed, out.format);
    let Some(first) = links.lines.first().cloned() else {
        app.toasts.push(Notice::message(Severity::Warning, "notice-no-public-address"));
        return;
    };
    ctx.copy_text(links.text());
    let copied = told(&out, &links);
    let open = first
        .starts_with("http")
        .then(|| ToastAction { label_id: "open-in-browser", action: Action::OpenUrl(first.clone()) });
    if !out.format.has_url() {
        match open {
            Some(open) => app.toasts.push_with(copied, open),
            None => app.toasts.push(copied),
        }
        return;
    }
    let given = given_links(app, &out);
    let mut told = locale::notice(text::lang(ctx), &copied);
    if out.cause == CopyCause::Fallback {
        told = format!("{told}\n{}", t(ctx, "links-replaced"));
    }
    let notice = told_and(&told, &t(ctx, "links-state-checking"), copied.severity);
    let toast = app.toasts.push_awaiting(notice, open);
    let mut check = CopiedCheck::new(toast, told, copied.severity, out.format, out.cause);
    check.objects = given.iter().map(|link| link.object.clone()).collect();
    check.signed = out.signed;
    check.first = first;
    app.engine.send(Command::RecordLinks(given));
    ask(app, &mut check, CheckExtent::Sample);
    app.ui.links.add(check);
}

/// What was copied, in words.
fn told(out: &HandOut, links: &Links) -> Notice {
    let count = links.lines.len();
    if links.without_address > 0 {
        return Notice::message(Severity::Warning, "notice-links-copied-some")
            .with("count", count)
            .with("missing", links.without_address);
    }
    if out.signed.is_empty() || out.signed.len() < out.objects.len() {
        return Notice::message(Severity::Success, "notice-links-copied").with("count", count);
    }
    let until = out.signed.iter().map(|link| link.expires).min().map(format::date_time).unwrap_or_default();
    // A date and its time stay on one line.
    let until = until.replace(' ', "\u{a0}");
    Notice::message(Severity::Success, "notice-signed-copied").with("count", count).with("until", until)
}

/// Two lines: what was done, and what is known of it.
fn told_and(told: &str, state: &str, severity: Severity) -> Notice {
    Notice::message(severity, "notice-links-and").with("told", told).with("state", state)
}

/// What is written down about links that were handed out: never a signature.
fn given_links(app: &App, out: &HandOut) -> Vec<GivenLink> {
    // The engine knows the time.
    let given_at = jiff::Timestamp::UNIX_EPOCH;
    let signed: HashMap<&ObjectRef, &SignedLink> = out.signed.iter().map(|link| (&link.object, link)).collect();
    let given = |(object, url): (&ObjectRef, Option<String>)| {
        let (kind, address, expires) = match signed.get(object) {
            Some(link) => (LinkKind::Presigned, without_query(&link.url), Some(link.expires)),
            None => (LinkKind::Public, url?, None),
        };
        let known = app.model.checks.get(object).filter(|_| kind == LinkKind::Public);
        let verdict = known.map(|check| (check.verdict.clone(), check.checked_at));
        Some(GivenLink { object: object.clone(), kind, address, given_at, expires, verdict })
    };
    let urls = links::urls(&app.model, &out.objects);
    out.objects.iter().zip(urls).filter_map(given).collect()
}

/// Writes down that signed links were handed out.
pub(super) fn record_signed(app: &App, links: Vec<SignedLink>) {
    let objects = links.iter().map(|link| link.object.clone()).collect();
    let out = HandOut { objects, signed: links, format: LinkFormat::Url, cause: CopyCause::Asked };
    app.engine.send(Command::RecordLinks(given_links(app, &out)));
}

fn without_query(url: &str) -> String {
    url.split_once('?').map_or(url, |(address, _)| address).to_owned()
}

/// Has copied links asked for, the signed ones as whoever gets them would.
fn ask(app: &App, copied: &mut CopiedCheck, extent: CheckExtent) {
    let signed: HashSet<&ObjectRef> = copied.signed.iter().map(|link| &link.object).collect();
    let public: Vec<ObjectRef> = copied.objects.iter().filter(|object| !signed.contains(object)).cloned().collect();
    if !public.is_empty() {
        let request = RequestId::next();
        copied.ask(request);
        app.engine.send(Command::CheckLinks { request, objects: public, extent });
    }
    if !copied.signed.is_empty() {
        let request = RequestId::next();
        copied.ask(request);
        app.engine.send(Command::CheckSignedLinks { request, links: copied.signed.clone(), extent });
    }
}

/// Has every one of copied links asked for, where only some were.
pub(super) fn check_all(app: &mut App, ctx: &egui::Context, toast: ToastId) {
    let mut links = std::mem::take(&mut app.ui.links);
    if let Some(copied) = links.copied(toast) {
        ask(app, copied, CheckExtent::All);
        let notice = told_and(&copied.told, &t(ctx, "links-state-checking"), copied.severity);
        if !app.toasts.change(toast, &notice, None, News::Awaited) {
            let told = std::mem::take(&mut copied.told);
            copied.toast = app.toasts.push_awaiting(notice, None);
            copied.told = told;
        }
    }
    app.ui.links = links;
}

/// What strangers were answered.
pub(super) struct Checked<'a> {
    /// The question.
    pub request: RequestId,
    /// New answers.
    pub checks: &'a [LinkCheck],
    /// How far.
    pub progress: CheckProgress,
    /// `None` while more come.
    pub end: Option<&'a Result<(), Box<Failure>>>,
}

/// Takes answers in: the card asks why, the message about copied links says what is known.
pub(super) fn checked(app: &mut App, ctx: &egui::Context, checked: &Checked<'_>) {
    checked_card(app, checked);
    let Checked { request, checks, progress, end } = *checked;
    let Some(copied) = app.ui.links.take(request, checks, progress, end) else { return };
    let said = say(copied, ctx);
    let (toast, cause, told) = (copied.toast, copied.cause, copied.told.clone());
    let is_over = copied.is_over();
    let replace = if is_over && copied.tally().bad > 0 { copied.to_replace() } else { Vec::new() };
    let format = copied.format;
    let objects = copied.objects.clone();
    let news = if is_over { News::Final } else { News::Awaited };
    let notice = told_and(&told, &said.state, said.severity);
    let is_shown = app.toasts.change(toast, &notice, said.action.as_ref(), news);
    if !is_over || said.severity < Severity::Warning {
        return;
    }
    if !replace.is_empty() && may_fall_back(app, cause) {
        let expires_secs = app.model.settings.presign_secs;
        let purpose = SignedFor::Copy { format, objects, cause: CopyCause::Fallback };
        effects::sign(app, replace, expires_secs, purpose);
        return;
    }
    if !is_shown {
        match said.action {
            Some(action) => app.toasts.push_with(notice, action),
            None => app.toasts.push(notice),
        }
    }
    if !ctx.input(|input| input.focused) {
        app.engine.send(Command::Notify { title: told, body: said.state });
    }
}

/// What is said of copied links.
struct Said {
    state: String,
    severity: Severity,
    action: Option<ToastAction>,
}

fn say(copied: &CopiedCheck, ctx: &egui::Context) -> Said {
    let open = copied
        .first
        .starts_with("http")
        .then(|| ToastAction { label_id: "open-in-browser", action: Action::OpenUrl(copied.first.clone()) });
    if !copied.is_over() {
        let progress = copied.progress();
        let state = if progress.asked > 1 {
            let (checked, asked) = (number(progress.checked), number(progress.asked));
            t_with(ctx, "links-state-checking-many", &[("checked", &checked), ("asked", &asked)])
        } else {
            t(ctx, "links-state-checking")
        };
        return Said { state, severity: copied.severity, action: open };
    }
    let tally = copied.tally();
    if let (Some(failure), 0) = (copied.failure(), tally.checked) {
        let reason = locale::failure_title(text::lang(ctx), failure);
        let state = t_with(ctx, "links-state-failed", &[("reason", &reason)]);
        return Said { state, severity: copied.severity.max(Severity::Info), action: open };
    }
    let severity = severity(&tally).max(copied.severity.min(Severity::Warning));
    // Success ranks above what is merely good to know, and an unsure link is no success.
    let severity = if severity == Severity::Success && tally.first.is_some() { Severity::Info } else { severity };
    let action = if tally.checked < tally.total {
        Some(ToastAction { label_id: "links-check-all", action: Action::CheckAllCopied(copied.toast) })
    } else if tally.bad > 0 && copied.signed.is_empty() {
        let dialog = Dialog::SignedLink(copied.bad_objects());
        Some(ToastAction { label_id: "menu-signed-link", action: Action::ShowDialog(dialog) })
    } else {
        open
    };
    Said { state: state_words(&tally, ctx, copied), severity, action }
}

fn severity(tally: &Tally) -> Severity {
    if tally.bad > 0 { Severity::Warning } else { Severity::Info }
}

fn state_words(tally: &Tally, ctx: &egui::Context, copied: &CopiedCheck) -> String {
    let lang = text::lang(ctx);
    if tally.total == 1 {
        let kind = if copied.signed.is_empty() { LinkKind::Public } else { LinkKind::Presigned };
        return match &tally.first {
            Some((_, worst, kind)) => verdict::sentence(worst, *kind, lang),
            None => verdict::sentence(&Verdict::Public, kind, lang),
        };
    }
    let (checked, total) = (number(tally.checked), number(tally.total));
    let mut values = vec![("checked", checked.as_str()), ("total", total.as_str())];
    let Some((object, worst, kind)) = &tally.first else { return t_with(ctx, "links-state-all-open", &values) };
    let not_open = number(tally.bad + tally.only_here);
    let unknown = number(tally.unknown);
    let why = verdict::sentence(worst, *kind, lang);
    let name = format::elide_middle(&format::readable(object.key.name()), 40).into_owned();
    if tally.bad + tally.only_here == 0 {
        values.push(("bad", &unknown));
        return t_with(ctx, "links-state-some-unknown", &values);
    }
    if tally.bad == 0 {
        values.extend([("bad", not_open.as_str()), ("why", why.as_str())]);
        return t_with(ctx, "links-state-only-here", &values);
    }
    values.extend([("bad", not_open.as_str()), ("name", name.as_str()), ("why", why.as_str())]);
    t_with(ctx, "links-state-some-bad", &values)
}

fn number(count: usize) -> String {
    grouped(u64::try_from(count).unwrap_or(u64::MAX))
}

fn checked_card(app: &mut App, checked: &Checked<'_>) {
    let Some(card) = app.ui.links.card.as_mut().filter(|card| card.checking == Some(checked.request)) else { return };
    let Some(end) = checked.end else { return };
    card.checking = None;
    if let Err(failure) = end {
        card.failure = Some((**failure).clone());
    }
    let asks_why = match app.model.checks.get(&card.object).map(|check| &check.verdict) {
        // That a host is private is nothing of the bucket's.
        Some(Verdict::OnlyFromHere(because)) => *because == OnlyHere::PolicyNotPublic,
        Some(known) => known.access() == Access::Private,
        None => false,
    };
    if asks_why {
        let request = RequestId::next();
        card.report = Explained::Asked(request);
        app.engine.send(Command::ExplainAccess { request, object: card.object.clone() });
    }
}

/// The reasons are here.
pub(super) fn explained(app: &mut App, request: RequestId, result: Result<Box<AccessReport>, Box<Failure>>) {
    let asked = |card: &&mut CardCheck| matches!(card.report, Explained::Asked(asked) if asked == request);
    let Some(card) = app.ui.links.card.as_mut().filter(asked) else { return };
    card.report = match result {
        Ok(report) => Explained::Here(report),
        Err(failure) => Explained::Failed(*failure),
    };
}
