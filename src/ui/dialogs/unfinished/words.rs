//! What the list says of an upload and of what all of them cost.

use std::time::Duration;

use egui::Context;

use crate::model::{BucketCleaning, Service, SizeUnits, UnfinishedUpload, UploadOwner, rough_monthly_usd};
use crate::ui::format;
use crate::ui::text::{lang, t, t_count, t_with};

/// Less than a cent is not told in figures.
const LEAST_USD: f64 = 0.01;

/// What keeping so many bytes costs, roughly, and what that figure is worth.
pub(super) fn cost(ctx: &Context, service: Service, bytes: u64) -> (Option<String>, String) {
    let Some(usd) = rough_monthly_usd(service, bytes) else {
        let note = if service == Service::ThisComputer { "cost-disk" } else { "cost-unknown" };
        return (None, t(ctx, &format!("dialog-unfinished-{note}")));
    };
    let (id, amount) =
        if usd < LEAST_USD { ("dialog-unfinished-cost-tiny", LEAST_USD) } else { ("dialog-unfinished-cost", usd) };
    let cost = t_with(ctx, id, &[("usd", &format!("US${amount:.2}"))]);
    let name = service.product_name().unwrap_or_default();
    (Some(cost), t_with(ctx, "dialog-unfinished-cost-note", &[("service", name)]))
}

/// The same of one upload, in short; nothing where no price is known.
pub(super) fn row_cost(ctx: &Context, service: Service, bytes: u64) -> Option<String> {
    let usd = rough_monthly_usd(service, bytes)?;
    let (id, amount) = if usd < LEAST_USD {
        ("dialog-unfinished-row-cost-tiny", LEAST_USD)
    } else {
        ("dialog-unfinished-row-cost", usd)
    };
    Some(t_with(ctx, id, &[("usd", &format!("US${amount:.2}"))]))
}

/// Whose it is, in short.
pub(super) fn owner(ctx: &Context, owner: UploadOwner) -> String {
    t(ctx, &format!("dialog-unfinished-owner-{}", code(owner)))
}

/// Whose it is, in a sentence.
pub(super) fn owner_hint(ctx: &Context, owner: UploadOwner) -> String {
    t(ctx, &format!("dialog-unfinished-owner-{}-hint", code(owner)))
}

fn code(owner: UploadOwner) -> &'static str {
    match owner {
        UploadOwner::InQueue(_) => "queue",
        UploadOwner::LeftByUs => "left",
        UploadOwner::Other => "other",
    }
}

/// How long ago it was begun, and in how many parts: as much as a row has room for.
pub(super) fn facts_in_short(ctx: &Context, upload: &UnfinishedUpload) -> String {
    let Some(secs) = upload.age_secs else { return facts(ctx, upload) };
    let age = format::age(Duration::from_secs(secs), lang(ctx));
    let begun = t_with(ctx, "dialog-unfinished-begun-ago", &[("age", &age)]);
    format!("{begun} · {}", parts(ctx, upload))
}

/// When it was begun, how long ago, and in how many parts.
pub(super) fn facts(ctx: &Context, upload: &UnfinishedUpload) -> String {
    let begun = match (upload.started, upload.age_secs) {
        (Some(time), Some(secs)) => {
            let age = format::age(Duration::from_secs(secs), lang(ctx));
            t_with(ctx, "dialog-unfinished-started-ago", &[("time", &format::date_time(time)), ("age", &age)])
        }
        (Some(time), None) => t_with(ctx, "dialog-unfinished-started", &[("time", &format::date_time(time))]),
        (None, _) => t(ctx, "dialog-unfinished-started-unknown"),
    };
    format!("{begun} · {}", parts(ctx, upload))
}

fn parts(ctx: &Context, upload: &UnfinishedUpload) -> String {
    match upload.parts {
        Some(parts) => t_count(ctx, "dialog-unfinished-parts", parts, &[]),
        None => t(ctx, "dialog-unfinished-parts-unknown"),
    }
}

/// What the bucket's own rules do about all of them. Of several rules the widest is told.
pub(super) fn cleaning(ctx: &Context, rules: &BucketCleaning) -> String {
    let rules = match rules {
        BucketCleaning::Rules(rules) => rules,
        BucketCleaning::NoRule => return t(ctx, "dialog-unfinished-rule-none"),
        BucketCleaning::NotReadable => return t(ctx, "dialog-unfinished-rule-unread"),
        BucketCleaning::NotOffered => return t(ctx, "dialog-unfinished-rule-not-offered"),
    };
    let Some((first, others)) = rules.split_first() else { return t(ctx, "dialog-unfinished-rule-none") };
    let days = u64::from(first.days);
    let told = if first.prefix.is_empty() {
        t_count(ctx, "dialog-unfinished-rule-all", days, &[])
    } else {
        t_count(ctx, "dialog-unfinished-rule-prefix", days, &[("prefix", &format::readable(&first.prefix))])
    };
    if others.is_empty() {
        return told;
    }
    format!("{told} {}", t_count(ctx, "dialog-unfinished-rule-more", others.len() as u64, &[]))
}

/// What its parts hold.
pub(super) fn size(ctx: &Context, upload: &UnfinishedUpload, units: SizeUnits) -> String {
    match upload.bytes {
        Some(bytes) => format::bytes(bytes, units),
        None => t(ctx, "dialog-unfinished-size-unknown"),
    }
}
