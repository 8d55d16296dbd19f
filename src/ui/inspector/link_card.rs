//! The heart of the inspector: the object's address, what is known of it, and the ways to copy it.

use std::time::Duration;

use egui::{RichText, Ui};

use crate::model::{AppModel, LinkFormat, LinkKind, ObjectRef};
use crate::ui::actions::{Action, Actions};
use crate::ui::browser::context_menu::format_id;
use crate::ui::dialogs::Dialog;
use crate::ui::text::{lang, t, t_with};
use crate::ui::widgets::{self, BadgeTone};
use crate::ui::{format, icons, links, theme};

/// Draws the card of one object.
pub(super) fn link_card_ui(ui: &mut Ui, object: &ObjectRef, model: &AppModel, actions: &mut Actions) {
    let connection = model.connection(&object.connection);
    let is_signed = connection.is_some_and(|connection| connection.link_kind() == LinkKind::Presigned);
    widgets::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 8.0;
        let Some(url) = links::link(model, object, LinkFormat::Url) else {
            no_address_ui(ui, object, model, actions);
            return;
        };
        ui.horizontal(|ui| {
            if is_signed {
                widgets::badge(ui, Some(icons::LAPTOP), &t(ui, "link-this-computer"), BadgeTone::Neutral);
            } else {
                widgets::badge(ui, Some(icons::QUESTION), &t(ui, "link-not-checked"), BadgeTone::Neutral);
            }
        });
        widgets::mono_block(ui, &url);
        if is_signed {
            let span = format::span(Duration::from_secs(model.settings.presign_secs), lang(ui));
            let words = theme::caption(ui, t_with(ui, "link-signed-for", &[("span", &span)]));
            ui.add(egui::Label::new(words).wrap());
        }
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(6.0, 6.0);
            if widgets::primary_button(ui, Some(icons::COPY), &t(ui, "copy-url")).clicked() {
                actions.push(Action::CopyLinks { objects: vec![object.clone()], format: LinkFormat::Url });
            }
            copy_as_ui(ui, &One(object), actions);
        });
        if widgets::link_button(ui, &t(ui, "open-in-browser")).clicked() {
            actions.push(Action::OpenLink(object.clone()));
        }
    });
}

/// No public address leads to the object: say why, and offer the ways that work.
fn no_address_ui(ui: &mut Ui, object: &ObjectRef, model: &AppModel, actions: &mut Actions) {
    widgets::badge(ui, Some(icons::LINK_BREAK), &t(ui, "link-no-address"), BadgeTone::Warn);
    ui.add(egui::Label::new(RichText::new(t(ui, "link-needs-domain")).color(theme::tokens(ui).dim)).wrap());
    if widgets::primary_button_wide(ui, Some(icons::CLOCK_COUNTDOWN), &t(ui, "menu-signed-link")).clicked() {
        actions.show(Dialog::SignedLink(vec![object.clone()]));
    }
    if let Some(open) = &model.open
        && widgets::button_wide(ui, Some(icons::GLOBE), &t(ui, "set-link-domain")).clicked()
    {
        actions.show(Dialog::EditConnection(open.id.clone()));
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
            if widgets::menu_item(ui, Some(icons::COPY), &t(ui, format_id(format)), None).clicked() {
                actions.push(Action::CopyLinks { objects: objects.objects(), format });
            }
        }
        widgets::menu_separator(ui);
        if widgets::menu_item(ui, Some(icons::CLOCK_COUNTDOWN), &t(ui, "menu-signed-link"), None).clicked() {
            actions.show(Dialog::SignedLink(objects.objects()));
        }
    });
}
