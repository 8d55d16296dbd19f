//! Puts links on the clipboard, at once: nothing is waited for. What is known of a link comes later, in the message that
//! told of the copy, and so does a better link, as long as the clipboard still is this program's: one to the region where
//! the bucket is, which is asked for once for each bucket if nobody has said yet, or to where a check has found it.

use std::collections::{HashMap, HashSet};

use super::actions::Action;
use super::app::App;
use super::dialogs::toasts::{ToastAction, ToastId};
use super::link_flow;
use super::link_state::{CopiedCheck, CopyCause};
use super::links::{self, Links};
use super::text::{self, t};
use super::ui_state::SignedFor;
use super::unprinted::Unprinted;
use super::{effects, format};
use crate::locale;
use crate::model::{
    BucketName, CheckExtent, Command, ConnectionId, CopyFallback, GivenLink, LinkFormat, LinkKind, Notice, ObjectRef,
    RequestId, Severity, SignedLink,
};

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
    /// They only go there if these do still stand there.
    pub instead_of: Option<ToastId>,
}

/// Puts the links of these objects on the clipboard: the public addresses, or, where nobody could open those,
/// signed ones as soon as the engine has signed them.
pub(super) fn copy(app: &mut App, ctx: &egui::Context, objects: Vec<ObjectRef>, format: LinkFormat, cause: CopyCause) {
    if format.has_url() {
        ask_regions(app, &objects);
    }
    copy_now(app, ctx, objects, format, cause);
}

/// Asks where a bucket is whose objects will have links, if those depend on it and nobody has said.
pub(super) fn ask_region(app: &mut App, connection: &ConnectionId, bucket: &BucketName) {
    let is_anywhere = app.model.known_connection(connection).is_some_and(links::may_be_in_any_region);
    if !is_anywhere || app.model.region_of(connection, bucket).is_some() {
        return;
    }
    if app.ui.links.asked_regions.insert((connection.clone(), bucket.clone())) {
        let (connection, bucket) = (connection.clone(), bucket.clone());
        app.engine.send(Command::FindBucketRegion { request: RequestId::next(), connection, bucket });
    }
}

/// Asks where the buckets of these objects are, if their links depend on it and nobody has said; each is asked for once.
fn ask_regions(app: &mut App, objects: &[ObjectRef]) {
    let mut decided = HashSet::new();
    for object in objects {
        let place = (&object.connection, &object.bucket);
        if decided.contains(&place) {
            continue;
        }
        if app.model.region_of(place.0, place.1).is_some() {
            decided.insert(place);
            continue;
        }
        // An own domain may lead to some objects of a bucket only.
        if links::region_doubt(&app.model, object) != Some(links::RegionDoubt::NotLearnt) {
            continue;
        }
        decided.insert(place);
        ask_region(app, place.0, place.1);
    }
}

/// Puts the links to a bucket right that were copied before anybody knew where it is, if they still stand on the
/// clipboard. Of others the check says that they lead elsewhere.
pub(super) fn region_found(app: &mut App, ctx: &egui::Context, connection: &ConnectionId, bucket: &BucketName) {
    let Some(copied) = app.ui.links.on_clipboard() else { return };
    if !copied.guessed.contains(&(connection.clone(), bucket.clone())) {
        return;
    }
    let toast = copied.toast;
    let is_there = |object: &&ObjectRef| object.connection == *connection && object.bucket == *bucket;
    let of_bucket = copied.objects.iter().filter(is_there).filter(|object| copied.urls.contains_key(object));
    let of_bucket: Vec<ObjectRef> = of_bucket.cloned().collect();
    let now = links::urls(&app.model, &of_bucket, &HashMap::new());
    let leads_elsewhere = of_bucket.iter().zip(&now).any(|(object, now)| copied.urls.get(object) != now.as_ref());
    if leads_elsewhere {
        put_right(app, ctx, toast, "links-region-known");
        link_flow::tell(app, ctx, toast, None);
    }
}

fn copy_now(app: &mut App, ctx: &egui::Context, objects: Vec<ObjectRef>, format: LinkFormat, cause: CopyCause) {
    let signed: Vec<ObjectRef> = match format {
        format if !format.has_url() => Vec::new(),
        _ => objects.iter().filter(|object| needs_signing(app, object, cause)).cloned().collect(),
    };
    if signed.is_empty() {
        hand_out(app, ctx, HandOut { objects, signed: Vec::new(), format, cause, instead_of: None });
        return;
    }
    let expires_secs = app.model.settings.presign_secs;
    effects::sign(app, signed, expires_secs, SignedFor::Copy { format, objects, cause, instead_of: None });
}

/// Whether nobody could open the object's public address: for the embedded storage, and, where the user has chosen so,
/// for links that were not asked for and have no address.
fn needs_signing(app: &App, object: &ObjectRef, cause: CopyCause) -> bool {
    links::needs_signing(&app.model, object)
        || may_fall_back(app, cause) && links::link(&app.model, object, LinkFormat::Url).is_none()
}

/// Whether signed links may take the place of public ones that do not open.
pub(super) fn may_fall_back(app: &App, cause: CopyCause) -> bool {
    cause == CopyCause::Batch && app.model.settings.copy_fallback == CopyFallback::SignedLink
}

/// Puts links on the clipboard, says how many, or why there are none, writes down that they were handed out, and has
/// them asked for.
pub(super) fn hand_out(app: &mut App, ctx: &egui::Context, out: HandOut) {
    if let Some(toast) = out.instead_of
        && !app.ui.links.has_clipboard(toast)
    {
        // Something else was copied while they were signed.
        link_flow::tell_surely(app, ctx, toast, replace_button(toast, "links-copy-signed"));
        return;
    }
    let signed: HashMap<&ObjectRef, &str> = out.signed.iter().map(|link| (&link.object, link.url.as_str())).collect();
    let urls = if out.format.has_url() { links::urls(&app.model, &out.objects, &signed) } else { Vec::new() };
    let links = links::links_at(&app.model, &out.objects, &urls, out.format);
    let Some(first) = links.lines.first().cloned().map(Unprinted::from) else {
        app.toasts.push(Notice::message(Severity::Warning, "notice-no-public-address"));
        return;
    };
    ctx.copy_text(links.text());
    let copied = told(&out, &links);
    if !out.format.has_url() {
        app.ui.links.put_on_clipboard(None);
        app.toasts.push(copied);
        return;
    }
    let given = given_links(app, &out.objects, &out.signed, &urls);
    let mut told = locale::notice(text::lang(ctx), &copied);
    if out.cause == CopyCause::Fallback {
        told = format!("{told}\n{}", t(ctx, "links-replaced"));
    }
    let notice = link_flow::told_and(&told, &t(ctx, "links-state-checking"), copied.severity);
    let toast = app.toasts.push_awaiting(notice, link_flow::open_button(&first));
    let mut check = CopiedCheck::new(toast, told, copied.severity, out.format, out.cause);
    check.objects = given.iter().map(|link| link.object.clone()).collect();
    let public = given.iter().filter(|link| link.kind == LinkKind::Public);
    check.urls = public.map(|link| (link.object.clone(), link.address.clone())).collect();
    check.guessed = guessed(app, &check.urls);
    check.signed = out.signed;
    check.first = first;
    app.engine.send(Command::RecordLinks(given));
    link_flow::ask(app, &mut check, CheckExtent::Sample);
    app.ui.links.add(check);
    put_on_clipboard(app, ctx, toast);
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

/// What is written down about links that were handed out at these addresses: never a signature.
fn given_links(app: &App, objects: &[ObjectRef], signed: &[SignedLink], urls: &[Option<String>]) -> Vec<GivenLink> {
    // The engine knows the time.
    let given_at = jiff::Timestamp::UNIX_EPOCH;
    let signed: HashMap<&ObjectRef, &SignedLink> = signed.iter().map(|link| (&link.object, link)).collect();
    let given = |(object, url): (&ObjectRef, &Option<String>)| {
        let (kind, address, expires) = match signed.get(object) {
            Some(link) => (LinkKind::Presigned, without_query(&link.url), Some(link.expires)),
            None => (LinkKind::Public, url.clone()?, None),
        };
        let known = app.model.checks.get(object).filter(|_| kind == LinkKind::Public);
        let known = known.filter(|check| links::is_about(check, Some(&address)));
        let verdict = known.map(|check| (check.verdict.clone(), check.checked_at));
        Some(GivenLink { object: object.clone(), kind, address, given_at, expires, verdict })
    };
    objects.iter().zip(urls).filter_map(given).collect()
}

/// The buckets of these links of which nobody has said where they are.
fn guessed(app: &App, urls: &HashMap<ObjectRef, String>) -> HashSet<(ConnectionId, BucketName)> {
    let places: HashSet<_> = urls.keys().map(|object| (&object.connection, &object.bucket)).collect();
    let unknown = places.into_iter().filter(|(connection, bucket)| app.model.region_of(connection, bucket).is_none());
    unknown.map(|(connection, bucket)| (connection.clone(), bucket.clone())).collect()
}

/// Writes down that signed links were handed out.
pub(super) fn record_signed(app: &App, links: &[SignedLink]) {
    let objects: Vec<ObjectRef> = links.iter().map(|link| link.object.clone()).collect();
    let given = given_links(app, &objects, links, &vec![None; objects.len()]);
    app.engine.send(Command::RecordLinks(given));
}

fn without_query(url: &str) -> String {
    url.split_once('?').map_or(url, |(address, _)| address).to_owned()
}

/// The button that puts better links on the clipboard than those that a message is about.
pub(super) fn replace_button(toast: ToastId, label_id: &'static str) -> ToastAction {
    ToastAction { label_id, action: Action::ReplaceCopied(toast) }
}

/// Puts better links on the clipboard than those that a message is about, whatever stands there now: signed ones where
/// the user has chosen so, else those that lead to where the objects are.
pub(super) fn replace(app: &mut App, ctx: &egui::Context, toast: ToastId) {
    let Some(copied) = app.ui.links.copied(toast) else { return };
    let (signed, cause) = (copied.to_replace(), copied.cause);
    let (format, objects) = (copied.format, copied.objects.clone());
    if may_fall_back(app, cause) && !signed.is_empty() {
        let expires_secs = app.model.settings.presign_secs;
        let purpose = SignedFor::Copy { format, objects, cause: CopyCause::Fallback, instead_of: None };
        effects::sign(app, signed, expires_secs, purpose);
        return;
    }
    put_right(app, ctx, toast, "links-put-right");
    link_flow::tell(app, ctx, toast, None);
}

/// Puts links on the clipboard that lead where the check has found the objects, or where their bucket is, in place of
/// those that a message is about, and says so in that message, in these words.
pub(super) fn put_right(app: &mut App, ctx: &egui::Context, toast: ToastId, words_id: &str) {
    let Some(copied) = app.ui.links.copied(toast) else { return };
    let (objects, signed, format) = (copied.objects.clone(), copied.signed.clone(), copied.format);
    let found = copied.found_elsewhere();
    let mut given: HashMap<&ObjectRef, &str> = found.iter().map(|(object, url)| (object, url.as_str())).collect();
    given.extend(signed.iter().map(|link| (&link.object, link.url.as_str())));
    // The check has told the model the region, so that links that were not asked for are right as well.
    let urls = links::urls(&app.model, &objects, &given);
    let links = links::links_at(&app.model, &objects, &urls, format);
    let given = given_links(app, &objects, &signed, &urls);
    let Some(copied) = app.ui.links.copied(toast) else { return };
    ctx.copy_text(links.text());
    copied.put_right(given.iter().filter(|link| link.kind == LinkKind::Public));
    copied.first = links.lines.first().cloned().unwrap_or_default().into();
    copied.told = format!("{}\n{}", copied.told, t(ctx, words_id));
    copied.severity = copied.severity.max(Severity::Warning);
    app.engine.send(Command::RecordLinks(given));
    put_on_clipboard(app, ctx, toast);
}

/// Notes whose links stand on the clipboard. Without the focus nobody tells what other programs do with it, from the very
/// first moment on.
fn put_on_clipboard(app: &mut App, ctx: &egui::Context, toast: ToastId) {
    let has_focus = ctx.input(|input| input.focused);
    app.ui.links.put_on_clipboard(has_focus.then_some(toast));
}
