//! Facts of one object: from the listing at once, from its metadata when it is here.

use egui::Ui;

use crate::locale::failure_title;
use crate::model::{AppModel, Failure, Object, ObjectMetadata, ObjectRef, Service};
use crate::ui::actions::Actions;
use crate::ui::browser::class_name;
use crate::ui::dialogs::Dialog;
use crate::ui::text::{lang, t};
use crate::ui::widgets::{self, Tone, fact_row};
use crate::ui::{format, theme};

/// Draws the rows.
pub(super) fn facts_ui(
    ui: &mut Ui,
    model: &AppModel,
    object: &Object,
    object_ref: &ObjectRef,
    found: Option<&Option<Result<ObjectMetadata, Failure>>>,
    actions: &mut Actions,
) {
    ui.spacing_mut().item_spacing.y = 6.0;
    ui.spacing_mut().interact_size.y = 17.0;
    if let Some(modified) = object.modified {
        fact_row(ui, &t(ui, "column-modified"), &format::date_time(modified))
            .on_hover_text(format::full_instant(modified));
    }
    if let Some(bytes) = object.size_bytes {
        let exact = format!("{} B", crate::locale::grouped(bytes));
        fact_row(ui, &t(ui, "column-size"), &format::bytes(bytes, model.settings.size_units)).on_hover_text(exact);
    }
    if let Some(class) = object.storage_class.as_deref().or_else(|| unnamed_class(model, object_ref)) {
        fact_row(ui, &t(ui, "column-class"), &class_name(class));
    }
    if let Some(etag) = &object.etag {
        fact_row(ui, "ETag", etag);
    }
    match found {
        Some(Some(Ok(metadata))) => metadata_rows(ui, metadata),
        Some(Some(Err(failure))) => {
            ui.add_space(theme::space::XS);
            widgets::tone_line(ui, Tone::Bad, &failure_title(lang(ui), failure));
            if widgets::link_button(ui, &t(ui, "show-details")).clicked() {
                actions.show(Dialog::ErrorDetails(Box::new(failure.clone())));
            }
        }
        Some(None) => {
            ui.label(theme::caption(ui, t(ui, "loading-details")));
        }
        None => {}
    }
    fact_row(ui, &t(ui, "fact-key"), object_ref.key.as_str());
}

/// The class of an object for which the service names none: some leave the usual one out, others have none at all.
fn unnamed_class(model: &AppModel, object: &ObjectRef) -> Option<&'static str> {
    let service = model.known_connection(&object.connection)?.service;
    matches!(service, Service::AmazonS3 | Service::ThisComputer).then_some("STANDARD")
}

fn metadata_rows(ui: &mut Ui, metadata: &ObjectMetadata) {
    let rows = [
        ("fact-checksum", metadata.checksum.as_deref()),
        ("fact-encryption", metadata.encryption.as_deref().map(encryption_name)),
        ("fact-cache-control", metadata.cache_control.as_deref()),
        ("fact-content-encoding", metadata.content_encoding.as_deref()),
        ("fact-content-disposition", metadata.content_disposition.as_deref()),
        ("fact-version", metadata.version_id.as_deref()),
    ];
    for (text_id, value) in rows {
        if let Some(value) = value {
            fact_row(ui, &t(ui, text_id), value);
        }
    }
    for (name, value) in &metadata.user_metadata {
        fact_row(ui, name, value);
    }
}

fn encryption_name(code: &str) -> &str {
    match code {
        "AES256" => "SSE-S3",
        "aws:kms" => "SSE-KMS",
        "aws:kms:dsse" => "DSSE-KMS",
        other => other,
    }
}
