//! Texts for views. The language is kept in egui's context, so that no view has to pass it on.

use egui::{Context, Id};

use crate::locale::{self, Lang};

fn key() -> Id {
    Id::unique("bucketdrop-language")
}

/// The language that holds now. Takes a `Context`; a `Ui` coerces to it.
pub fn lang(ctx: &Context) -> Lang {
    ctx.data(|data| data.get_temp(key())).unwrap_or_default()
}

/// Sets the language from the next lookup on.
pub fn set_lang(ctx: &Context, lang: Lang) {
    ctx.data_mut(|data| data.insert_temp(key(), lang));
}

/// The text of an id.
pub fn t(ctx: &Context, id: &str) -> String {
    locale::text(lang(ctx), id)
}

/// The text of an id with values.
pub fn t_with(ctx: &Context, id: &str, args: &[(&str, &str)]) -> String {
    locale::text_with(lang(ctx), id, args)
}

/// The text of an id with a count.
pub fn t_count(ctx: &Context, id: &str, count: u64, args: &[(&str, &str)]) -> String {
    locale::text_count(lang(ctx), id, count, args)
}
