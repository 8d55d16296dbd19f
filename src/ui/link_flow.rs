//! Finds out whether links open: that of the selected object, for its card, and those that were copied, for the message
//! that told of the copy. Nothing is asked for just by moving through rows.

use std::collections::HashSet;

use super::actions::{Action, Actions};
use super::app::App;
use super::dialogs::Dialog;
use super::dialogs::toasts::{News, ToastAction, ToastId};
use super::engine_link::EngineLink;
use super::link_copy;
use super::link_state::{CardCheck, CopiedCheck, CopyCause, Explained, FoundAt, Tally, Worst};
use super::links;
use super::text::{self, t, t_with};
use super::ui_state::{SignedFor, UiState};
use super::unprinted::Unprinted;
use super::{effects, format, frame_rate, verdict};
use crate::locale::{self, Lang, grouped};
use crate::model::{
    AccessReport, AppModel, CheckExtent, CheckProgress, Command, Failure, LinkCheck, LinkFormat, LinkKind, Notice,
    ObjectRef, OnlyHere, RequestId, Severity, Verdict,
};

/// Asks for the link of the one selected object, once the selection rests.
pub(super) fn check_when_resting(ctx: &egui::Context, model: &AppModel, state: &mut UiState, actions: &mut Actions) {
    let only = match state.browser.selection.len() {
        1 => state.selected_objects(model).pop(),
        _ => None,
    };
    let Some(object) = only else {
        state.links.resting = None;
        leave_card(state, actions);
        return;
    };
    // What was asked about another link says nothing of this one.
    let is_asked = |card: &CardCheck| card.url == links::link(model, &object, LinkFormat::Url);
    if state.links.card_of(&object).is_some_and(is_asked) {
        return;
    }
    leave_card(state, actions);
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

/// What was asked for the card of an object that is no longer the selected one is not asked any further, unless a message
/// waits for its answer, too.
fn leave_card(state: &mut UiState, actions: &mut Actions) {
    let Some(card) = state.links.card.take() else { return };
    let explaining = match card.report {
        Explained::Asked(request) => Some(request),
        _ => None,
    };
    for request in [card.checking, explaining].into_iter().flatten() {
        if !state.waiting.opened.contains_key(&request) {
            actions.command(Command::StopRequest { request });
        }
    }
}

/// Asks for the link of one object and shows what comes in its card; [`CheckExtent::All`] takes no earlier answer.
pub(super) fn check_card(app: &mut App, object: ObjectRef, extent: CheckExtent) -> RequestId {
    let request = RequestId::next();
    app.engine.send(Command::CheckLinks { request, objects: vec![object.clone()], extent });
    let url = links::link(&app.model, &object, LinkFormat::Url);
    app.ui.links.card =
        Some(CardCheck { object, url, checking: Some(request), failure: None, report: Explained::default() });
    request
}

/// Asks again for what is selected, because who may open it has changed; the question, and of which object it is.
pub(super) fn check_card_again(app: &mut App) -> Option<(RequestId, ObjectRef)> {
    let object = app.ui.links.card.take()?.object;
    let request = check_card(app, object.clone(), CheckExtent::All);
    Some((request, object))
}

/// The selected object is another one now: what its card said is asked anew.
pub(super) fn outdated(app: &mut App, object: &ObjectRef) {
    if app.ui.links.card_of(object).is_some() {
        check_card_again(app);
    }
}

/// Two lines: what was done, and what is known of it.
pub(super) fn told_and(told: &str, state: &str, severity: Severity) -> Notice {
    Notice::message(severity, "notice-links-and").with("told", told).with("state", state)
}

/// Has copied links asked for, the signed ones as whoever gets them would.
pub(super) fn ask(app: &App, copied: &mut CopiedCheck, extent: CheckExtent) {
    ask_with(&*app.engine, copied, extent);
}

fn ask_with(engine: &dyn EngineLink, copied: &mut CopiedCheck, extent: CheckExtent) {
    let signed: HashSet<&ObjectRef> = copied.signed.iter().map(|link| &link.object).collect();
    let public: Vec<ObjectRef> = copied.objects.iter().filter(|object| !signed.contains(object)).cloned().collect();
    if !public.is_empty() {
        let request = RequestId::next();
        copied.ask(request);
        engine.send(Command::CheckLinks { request, objects: public, extent });
    }
    if !copied.signed.is_empty() {
        let request = RequestId::next();
        copied.ask(request);
        engine.send(Command::CheckSignedLinks { request, links: copied.signed.clone(), extent });
    }
}

/// Has every one of copied links asked for, where only some were.
pub(super) fn check_all(app: &mut App, ctx: &egui::Context, toast: ToastId) {
    let App { ui, toasts, engine, .. } = app;
    let Some(copied) = ui.links.copied(toast) else { return };
    ask_with(&**engine, copied, CheckExtent::All);
    let notice = told_and(&copied.told, &t(ctx, "links-state-checking"), copied.severity);
    if !toasts.change(toast, &notice, Some(&stop_button(toast)), News::Awaited) {
        copied.toast = toasts.push_awaiting(notice.clone(), None);
        let renamed = copied.toast;
        toasts.change(renamed, &notice, Some(&stop_button(renamed)), News::Awaited);
        ui.links.rename_clipboard(toast, renamed);
    }
}

/// More links than this take a while, so that one may want to stop asking for them.
const LONG_CHECK: usize = 20;

/// The button that stops asking for copied links.
fn stop_button(toast: ToastId) -> ToastAction {
    ToastAction { label_id: "links-check-stop", action: Action::StopCopiedCheck(toast) }
}

/// Stops asking for copied links; what is known of them by then is told.
pub(super) fn stop(app: &mut App, toast: ToastId) {
    let App { ui, engine, .. } = app;
    let Some(copied) = ui.links.copied(toast) else { return };
    for request in copied.under_way() {
        engine.send(Command::StopRequest { request });
    }
    copied.stop();
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
    renew_reasons(app);
    let Checked { request, checks, progress, end } = *checked;
    let Some(copied) = app.ui.links.take(request, checks, progress, end) else { return };
    let (toast, is_over) = (copied.toast, copied.is_over());
    if !is_over {
        tell(app, ctx, toast, None);
        return;
    }
    let is_elsewhere = !copied.found_elsewhere().is_empty();
    let is_ours = app.ui.links.has_clipboard(toast);
    if is_elsewhere && is_ours {
        link_copy::put_right(app, ctx, toast, "links-put-right");
    }
    let Some(copied) = app.ui.links.copied(toast) else { return };
    let (format, cause, objects) = (copied.format, copied.cause, copied.objects.clone());
    let replaced = copied.to_replace();
    let is_replaced = !replaced.is_empty() && link_copy::may_fall_back(app, cause);
    let better = match (is_replaced, is_elsewhere) {
        _ if is_ours => None,
        (true, _) => Some(link_copy::replace_button(toast, "links-copy-signed")),
        (false, true) => Some(link_copy::replace_button(toast, "links-copy-right")),
        (false, false) => None,
    };
    let Some(Told { notice, said, is_shown }) = tell(app, ctx, toast, better) else { return };
    if said.severity < Severity::Warning {
        return;
    }
    if is_replaced && is_ours {
        let expires_secs = app.model.settings.presign_secs;
        let purpose = SignedFor::Copy { format, objects, cause: CopyCause::Fallback, instead_of: Some(toast) };
        effects::sign(app, replaced, expires_secs, purpose);
        return;
    }
    if !is_shown {
        match said.action {
            Some(action) => app.toasts.push_with(notice, action),
            None => app.toasts.push(notice),
        }
    }
    if !ctx.input(|input| input.focused) {
        let title = app.ui.links.copied(toast).map(|copied| copied.told.clone()).unwrap_or_default();
        app.engine.send(Command::Notify { title, body: said.state });
    }
}

/// What a message about copied links says now, and whether it is still on screen.
pub(super) struct Told {
    notice: Notice,
    said: Said,
    is_shown: bool,
}

/// Says in the message about copied links what is known of them, with this button rather than the usual one.
pub(super) fn tell(app: &mut App, ctx: &egui::Context, toast: ToastId, button: Option<ToastAction>) -> Option<Told> {
    let App { ui, toasts, model, .. } = app;
    let copied = ui.links.copied(toast)?;
    let mut said = say(copied, model, ctx);
    said.action = button.or(said.action);
    let notice = told_and(&copied.told, &said.state, said.severity);
    let news = if copied.is_over() { News::Final } else { News::Awaited };
    let is_shown = toasts.change(toast, &notice, said.action.as_ref(), news);
    Some(Told { notice, said, is_shown })
}

/// The same, in a new message if the one about them is gone.
pub(super) fn tell_surely(app: &mut App, ctx: &egui::Context, toast: ToastId, button: ToastAction) {
    if let Some(Told { notice, is_shown: false, .. }) = tell(app, ctx, toast, Some(button.clone())) {
        app.toasts.push_with(notice, button);
    }
}

/// What is said of copied links.
struct Said {
    state: String,
    severity: Severity,
    action: Option<ToastAction>,
}

/// The button that opens the first of some links; not one that carries a session token: the browser is given it among
/// its arguments, which everybody on this computer can read.
pub(super) fn open_button(first: &Unprinted) -> Option<ToastAction> {
    let may_be_argument = first.as_str().starts_with("http") && !carries_session_token(first.as_str());
    may_be_argument.then(|| ToastAction { label_id: "open-in-browser", action: Action::OpenUrl(first.clone()) })
}

fn carries_session_token(link: &str) -> bool {
    link.to_ascii_lowercase().contains("x-amz-security-token")
}

fn say(copied: &CopiedCheck, model: &AppModel, ctx: &egui::Context) -> Said {
    let open = open_button(&copied.first);
    if !copied.is_over() {
        let progress = copied.progress();
        let state = if progress.asked > 1 {
            let (checked, asked) = (number(progress.checked), number(progress.asked));
            t_with(ctx, "links-state-checking-many", &[("checked", &checked), ("asked", &asked)])
        } else {
            t(ctx, "links-state-checking")
        };
        let action = if progress.asked > LONG_CHECK { Some(stop_button(copied.toast)) } else { open };
        return Said { state, severity: copied.severity, action };
    }
    let tally = copied.tally();
    if let (Some(failure), 0) = (copied.failure(), tally.checked) {
        let reason = locale::failure_title(text::lang(ctx), failure);
        let state = t_with(ctx, "links-state-failed", &[("reason", &reason)]);
        let state = with_doubt(state, copied.objects.first(), model, ctx);
        return Said { state, severity: copied.severity.max(Severity::Info), action: open };
    }
    let severity = severity(&tally).max(copied.severity.min(Severity::Warning));
    // Success ranks above what is merely good to know, and an unsure link is no success.
    let severity = if severity == Severity::Success && tally.first.is_some() { Severity::Info } else { severity };
    let bad = copied.bad_objects();
    let action = if tally.checked < tally.total {
        Some(ToastAction { label_id: "links-check-all", action: Action::CheckAllCopied(copied.toast) })
    } else if !bad.is_empty() && copied.signed.is_empty() {
        Some(ToastAction { label_id: "menu-signed-link", action: Action::ShowDialog(Dialog::SignedLink(bad)) })
    } else {
        open
    };
    let unsure = tally.first.as_ref().filter(|worst| worst.verdict != Verdict::Public && !worst.verdict.is_failure());
    let state = with_doubt(state_words(&tally, ctx, copied), unsure.map(|worst| &worst.object), model, ctx);
    Said { state, severity, action }
}

/// Says as well that the link's region is a guess, where that is all that is known of it.
fn with_doubt(state: String, object: Option<&ObjectRef>, model: &AppModel, ctx: &egui::Context) -> String {
    match object.and_then(|object| links::region_doubt(model, object)) {
        Some(doubt) => format!("{state}\n{}", verdict::region_doubt(&doubt, text::lang(ctx))),
        None => state,
    }
}

fn severity(tally: &Tally) -> Severity {
    let is_expected = opens_on_this_computer_only(tally);
    if !is_expected && tally.bad + tally.only_here + tally.redirected > 0 { Severity::Warning } else { Severity::Info }
}

/// Whether every link leads to this computer's own storage, as whoever uses that knows.
fn opens_on_this_computer_only(tally: &Tally) -> bool {
    let is_loopback = |worst: &Worst| worst.verdict == Verdict::OnlyFromHere(OnlyHere::Loopback);
    tally.only_here == tally.total && tally.first.as_ref().is_some_and(is_loopback)
}

fn state_words(tally: &Tally, ctx: &egui::Context, copied: &CopiedCheck) -> String {
    let lang = text::lang(ctx);
    if tally.total == 1 {
        let kind = if copied.signed.is_empty() { LinkKind::Public } else { LinkKind::Presigned };
        return match &tally.first {
            Some(worst) => why(worst, lang),
            None => verdict::sentence(&Verdict::Public, kind, lang),
        };
    }
    if opens_on_this_computer_only(tally) {
        return t(ctx, "links-state-this-computer");
    }
    let (checked, total) = (number(tally.checked), number(tally.total));
    let mut values = vec![("checked", checked.as_str()), ("total", total.as_str())];
    let Some(worst) = &tally.first else { return t_with(ctx, "links-state-all-open", &values) };
    let not_open = number(tally.bad + tally.only_here);
    let unknown = number(tally.unknown);
    let why = why(worst, lang);
    let name = format::elide_middle(&format::readable(worst.object.key.name()), 40).into_owned();
    if tally.bad + tally.only_here + tally.redirected == 0 {
        values.push(("bad", &unknown));
        return t_with(ctx, "links-state-some-unknown", &values);
    }
    if tally.bad + tally.only_here == 0 {
        let redirected = number(tally.redirected);
        values.extend([("bad", redirected.as_str()), ("name", name.as_str()), ("why", why.as_str())]);
        return t_with(ctx, "links-state-redirected", &values);
    }
    if tally.bad == 0 {
        values.extend([("bad", not_open.as_str()), ("name", name.as_str()), ("why", why.as_str())]);
        return t_with(ctx, "links-state-only-here", &values);
    }
    values.extend([("bad", not_open.as_str()), ("name", name.as_str()), ("why", why.as_str())]);
    t_with(ctx, "links-state-some-bad", &values)
}

/// What is wrong with the worst link.
fn why(worst: &Worst, lang: Lang) -> String {
    match worst.at {
        FoundAt::Link => verdict::sentence(&worst.verdict, worst.kind, lang),
        FoundAt::Elsewhere => locale::text(lang, "links-elsewhere"),
    }
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
    ask_why(app);
}

/// Reasons are of one answer: where another check has found another one since, they go, and are asked for anew.
fn renew_reasons(app: &mut App) {
    let Some(card) = app.ui.links.card.as_mut() else { return };
    let Some(known) = links::known(&app.model, &card.object) else { return };
    let is_another_answer = match &card.report {
        Explained::Here(report) => report.check.verdict != known.verdict,
        Explained::No => card.checking.is_none(),
        Explained::Asked(_) | Explained::Failed(_) => false,
    };
    if is_another_answer {
        card.report = Explained::No;
        ask_why(app);
    }
}

/// Asks why the selected object's link does not open, if that is what is known of it.
fn ask_why(app: &mut App) {
    let Some(card) = app.ui.links.card.as_mut() else { return };
    let asks_why = match links::known(&app.model, &card.object).map(|check| &check.verdict) {
        // That a host is private is nothing of the bucket's.
        Some(Verdict::OnlyFromHere(because)) => *because == OnlyHere::PolicyNotPublic,
        Some(known) => known.is_failure(),
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
