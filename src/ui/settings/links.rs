//! The form of copied links, when they are copied, and how long signed ones live.

use egui::Ui;

use crate::model::{
    BucketName, ConnectionId, CopyFallback, CopyWhenDone, DEFAULT_LINK_TEMPLATE, LinkFormat, LinkParts, ObjectKey,
    ObjectRef, Settings,
};
use crate::ui::dialogs::LINK_LIVES;
use crate::ui::dialogs::form;
use crate::ui::format;
use crate::ui::icons;
use crate::ui::text::{self, t};
use crate::ui::widgets;

/// The page.
pub(super) fn page_ui(ui: &mut Ui, settings: &mut Settings) {
    let formats = LinkFormat::ALL.map(|format| (format, t(ui, &format!("settings-link-format-{}", format.code()))));
    form::choice_row(ui, &t(ui, "settings-link-format"), &mut settings.link_format, &formats);
    template_ui(ui, settings);
    let copies =
        [(CopyWhenDone::Links, t(ui, "settings-copy-links")), (CopyWhenDone::Nothing, t(ui, "settings-copy-nothing"))];
    form::choice_row(ui, &t(ui, "settings-copy-when-done"), &mut settings.copy_when_done, &copies);
    if settings.copy_when_done == CopyWhenDone::Links {
        let fallbacks = [
            (CopyFallback::Never, t(ui, "settings-copy-fallback-never")),
            (CopyFallback::SignedLink, t(ui, "settings-copy-fallback-signed-link")),
        ];
        form::choice_row(ui, &t(ui, "settings-copy-fallback"), &mut settings.copy_fallback, &fallbacks);
        if settings.copy_fallback == CopyFallback::SignedLink {
            form::row(ui, "", |ui, _label| form::note_ui(ui, icons::INFO, &t(ui, "settings-copy-fallback-note")));
        }
    }
    let mut lives: Vec<(u64, String)> = LINK_LIVES.map(|(secs, id)| (secs, t(ui, id))).to_vec();
    if !lives.iter().any(|(secs, _)| *secs == settings.presign_secs) {
        let life = std::time::Duration::from_secs(settings.presign_secs);
        lives.push((settings.presign_secs, format::span(life, text::lang(ui))));
    }
    form::choice_row(ui, &t(ui, "settings-presign-life"), &mut settings.presign_secs, &lives);
    form::row(ui, "", |ui, _label| form::note_ui(ui, icons::INFO, &t(ui, "settings-presign-note")));
}

/// The own form; what it makes of an example stands below it.
fn template_ui(ui: &mut Ui, settings: &mut Settings) {
    let label = t(ui, "settings-link-template");
    form::row(ui, &label, |ui, label_id| {
        let edit =
            egui::TextEdit::multiline(&mut settings.link_template).font(form::Monospace::Yes.font()).desired_rows(1);
        form::framed(ui, edit, DEFAULT_LINK_TEMPLATE, form::FIELD_MARGIN).labelled_by(label_id);
        if let Ok(bucket) = BucketName::new("my-bucket") {
            let key = ObjectKey::new("photos/summer 2026.jpg");
            let object = ObjectRef { connection: ConnectionId::new("example"), bucket, key };
            let url = "https://cdn.example.com/photos/summer%202026.jpg";
            let parts =
                LinkParts { url, object: &object, connection: None, region: None, template: &settings.link_template };
            widgets::mono_block(ui, &parts.link(LinkFormat::Template));
        }
        form::note_ui(ui, icons::INFO, &t(ui, "settings-link-template-note"));
    });
}
