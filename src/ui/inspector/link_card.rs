//! The heart of the inspector: whether the object's link opens, its address, and the ways to copy it. `doctor` says why
//! a link does not open and what can be done.

use std::time::Duration;

use egui::{RichText, Ui};

use super::{CopyButton, doctor};
use crate::model::{
    Access, AddressNote, AppModel, CheckExtent, Command, CredentialSource, GivenLink, LinkCheck, LinkFormat, LinkKind,
    NoAddress, Notice, ObjectRef, Severity, ShareWay, Signing, Verdict, address_notes, ways,
};
use crate::ui::actions::{Action, Actions};
use crate::ui::browser::context_menu::format_id;
use crate::ui::dialogs::Dialog;
use crate::ui::link_state::{CardCheck, Explained, LinkState};
use crate::ui::text::{lang, t, t_with};
use crate::ui::widgets::{self, BadgeTone, Tone};
use crate::ui::{format, icons, links, menus, theme, verdict};

/// Draws the card of one object.
pub(super) fn link_card_ui(
    ui: &mut Ui,
    object: &ObjectRef,
    model: &AppModel,
    links: &LinkState,
    button: CopyButton,
    actions: &mut Actions,
) {
    let card = links.card_of(object);
    let check = links::known(model, object);
    widgets::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 8.0;
        let Some(url) = links::link(model, object, LinkFormat::Url) else {
            no_address_ui(ui, object, model, actions);
            return;
        };
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            state_ui(ui, object, card, check, actions);
            doubt_ui(ui, object, check, model);
        });
        let is_shut = check.is_some_and(|check| check.verdict.is_failure());
        address_ui(ui, &url, object, model);
        let rank = if is_shut { Rank::Second } else { Rank::First };
        widgets::steady(ui, "copy", |ui| {
            let rank = (button == CopyButton::InCard).then_some(rank);
            copy_ui(ui, object, rank, actions);
        });
        widgets::steady(ui, "doctor", |ui| doctor::doctor_ui(ui, object, card, actions));
    });
}

/// Whether copying is what most people want now; a link that does not open is rather shared in another way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rank {
    First,
    Second,
}

/// The verdict, when it was found, and the way to ask again.
fn state_ui(
    ui: &mut Ui,
    object: &ObjectRef,
    card: Option<&CardCheck>,
    check: Option<&LinkCheck>,
    actions: &mut Actions,
) {
    let is_checking = card.is_none_or(|card| card.checking.is_some());
    ui.spacing_mut().interact_size.y = 18.0;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(6.0, 4.0);
        match check {
            Some(check) => {
                let badge = verdict::badge(check, lang(ui));
                let says = verdict::sentence(&check.verdict, check.kind, lang(ui));
                widgets::badge(ui, Some(badge.icon), &badge.words, badge.tone).on_hover_text(says);
            }
            None if is_checking => {
                widgets::badge(ui, Some(icons::CLOCK), &t(ui, "link-checking"), BadgeTone::Neutral);
            }
            None => {
                widgets::badge(ui, Some(icons::QUESTION), &t(ui, "link-not-checked"), BadgeTone::Neutral);
            }
        }
    });
    ui.horizontal(|ui| {
        ui.set_min_height(24.0);
        ui.spacing_mut().item_spacing.x = 4.0;
        if let Some(check) = check {
            let words = if is_checking {
                t(ui, "link-checking")
            } else {
                let time = format::clock_time(check.checked_at);
                t_with(ui, "link-checked-at", &[("time", &time)])
            };
            let words = theme::caption(ui, words);
            ui.label(words).on_hover_text(format::full_instant(check.checked_at));
        }
        let id = if check.is_some() { "link-check-again" } else { "link-check-now" };
        let again = t(ui, id);
        let button = |ui: &mut Ui| widgets::small_icon_button(ui, icons::RELOAD, &again);
        if !(check.is_none() && is_checking) && ui.add_enabled_ui(!is_checking, button).inner.clicked() {
            actions.push(Action::CheckLink(object.clone(), CheckExtent::All));
        }
    });
    // Once the reasons are here they say it better.
    let has_reasons = card.is_some_and(|card| matches!(card.report, Explained::Here(_)));
    if let Some(check) = check.filter(|check| check.verdict.access() != Access::Public && !has_reasons) {
        let says = verdict::sentence(&check.verdict, check.kind, lang(ui));
        ui.add(egui::Label::new(RichText::new(says).color(theme::tokens(ui).dim)).wrap());
    }
    if let Some(address) = check.and_then(over_tls)
        && widgets::button(ui, Some(icons::COPY), &t(ui, "link-copy-https")).clicked()
    {
        copy_over_tls(object, address, actions);
    }
    if let Some(failure) = card.and_then(|card| card.failure.as_ref()) {
        widgets::tone_line(ui, Tone::Warn, &crate::locale::failure_title(lang(ui), failure));
    }
}

/// The address to hand out instead of the plain one, where that one is only a redirect to it.
fn over_tls(check: &LinkCheck) -> Option<String> {
    check.verdict.over_tls(&check.address).filter(|_| check.kind == LinkKind::Public)
}

/// It opened for whoever asked at the plain one, so it is not asked for once more.
fn copy_over_tls(object: &ObjectRef, address: String, actions: &mut Actions) {
    let notice = Notice::message(Severity::Success, "notice-address-copied");
    actions.push(Action::CopyText { text: address.clone().into(), notice });
    let given = GivenLink {
        object: object.clone(),
        kind: LinkKind::Public,
        address,
        // The engine knows the time.
        given_at: jiff::Timestamp::UNIX_EPOCH,
        expires: None,
        verdict: None,
    };
    actions.command(Command::RecordLinks(vec![given]));
}

/// That the region in the address is a guess, as long as no answer has come from there.
fn doubt_ui(ui: &mut Ui, object: &ObjectRef, check: Option<&LinkCheck>, model: &AppModel) {
    if check.is_some_and(|check| check.verdict == Verdict::Public || check.verdict.is_failure()) {
        return;
    }
    if let Some(doubt) = links::region_doubt(model, object) {
        widgets::tone_line(ui, Tone::Warn, &verdict::region_doubt(&doubt, lang(ui)));
    }
}

fn address_ui(ui: &mut Ui, url: &str, object: &ObjectRef, model: &AppModel) {
    widgets::mono_block(ui, url);
    for note in address_notes(url).into_iter().filter(|note| is_of_link(*note)) {
        widgets::tone_line(ui, Tone::Neutral, &t(ui, verdict::note_id(note)));
    }
    if links::needs_signing(model, object) {
        let span = format::span(Duration::from_secs(model.settings.presign_secs), lang(ui));
        let words = theme::caption(ui, t_with(ui, "link-signed-for", &[("span", &span)]));
        ui.add(egui::Label::new(words).wrap());
    }
}

/// What a check from here does not find out, and nothing else in the window says.
fn is_of_link(note: AddressNote) -> bool {
    use AddressNote as N;
    matches!(note, N::China | N::RateLimited | N::FoldedSlashes | N::ControlCharacters)
}

/// The ways to copy; without a rank the button for the address itself stands elsewhere.
fn copy_ui(ui: &mut Ui, object: &ObjectRef, rank: Option<Rank>, actions: &mut Actions) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(6.0, 6.0);
        let label = t(ui, "copy-url");
        let copy = rank.map(|rank| match rank {
            Rank::First => widgets::primary_button(ui, Some(icons::COPY), &label),
            Rank::Second => widgets::button(ui, Some(icons::COPY), &label),
        });
        if copy.is_some_and(|copy| copy.clicked()) {
            actions.push(Action::CopyLinks { objects: vec![object.clone()], format: LinkFormat::Url });
        }
        copy_as_ui(ui, &One(object), actions);
    });
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(10.0, 4.0);
        if widgets::link_button(ui, &t(ui, "open-in-browser")).clicked() {
            actions.push(Action::OpenLink(object.clone()));
        }
        if widgets::link_button(ui, &t(ui, "link-qr")).clicked() {
            actions.show(Dialog::QrCode(object.clone()));
        }
    });
}

/// No public address leads to the object: say why, and offer the ways that work.
fn no_address_ui(ui: &mut Ui, object: &ObjectRef, model: &AppModel, actions: &mut Actions) {
    widgets::badge(ui, Some(icons::LINK_BREAK), &t(ui, "link-no-address"), BadgeTone::Warn);
    let reason = links::no_address(model, object).unwrap_or(NoAddress::NeedsDomain);
    let verdict = Verdict::NoAddress(reason);
    let offered = ways(&verdict, &[], &object.key, signing(model, object));
    let is_offered = |way: &ShareWay| offered.contains(way) && doctor::is_possible(way, object);
    let (signed, domain) = (is_offered(&ShareWay::ExpiringLink), is_offered(&ShareWay::Domain));
    let why = match (reason, signed && domain) {
        (NoAddress::NeedsDomain, true) => t(ui, "link-needs-domain"),
        _ => verdict::sentence(&verdict, LinkKind::Public, lang(ui)),
    };
    ui.add(egui::Label::new(RichText::new(why).color(theme::tokens(ui).dim)).wrap());
    if signed && widgets::primary_button_wide(ui, Some(icons::CLOCK_COUNTDOWN), &t(ui, "menu-signed-link")).clicked() {
        actions.show(Dialog::SignedLink(vec![object.clone()]));
    }
    if domain && widgets::button_wide(ui, Some(icons::GLOBE), &t(ui, "set-link-domain")).clicked() {
        actions.show(Dialog::EditDomains(object.connection.clone()));
    }
}

/// Without keys nothing can be signed.
fn signing(model: &AppModel, object: &ObjectRef) -> Signing {
    match model.known_connection(&object.connection).map(|connection| &connection.credentials) {
        Some(CredentialSource::Anonymous) => Signing::NoKeys,
        _ => Signing::Possible,
    }
}

/// Objects that are only gathered when they are needed.
pub(super) trait Objects {
    /// Which.
    fn objects(&self) -> Vec<ObjectRef>;
}

struct One<'a>(&'a ObjectRef);

impl Objects for One<'_> {
    fn objects(&self) -> Vec<ObjectRef> {
        vec![self.0.clone()]
    }
}

/// The other forms of the link, and the one that expires.
pub(super) fn copy_as_ui(ui: &mut Ui, objects: &impl Objects, actions: &mut Actions) {
    widgets::menu_button(ui, None, &t(ui, "copy-as"), |ui| {
        for format in LinkFormat::ALL.into_iter().filter(|format| *format != LinkFormat::Url) {
            if widgets::menu_item(ui, Some(menus::format_icon(format)), &t(ui, format_id(format)), None).clicked() {
                actions.push(Action::CopyLinks { objects: objects.objects(), format });
            }
        }
        widgets::menu_separator(ui);
        if widgets::menu_item(ui, Some(icons::CLOCK_COUNTDOWN), &t(ui, "menu-signed-link"), None).clicked() {
            actions.show(Dialog::SignedLink(objects.objects()));
        }
    });
}
