//! Sentences for failures: what happened and why, then what to do next.

use std::borrow::Cow;

use fluent_templates::fluent_bundle::FluentValue;

use super::{Args, Lang, try_look_up};
use crate::model::Failure;

/// Things that failures name. Each has a phrase with and without its name (`noun-…`, `noun-…-unknown`), which the
/// sentences use as `{ $the-… }`, so that a value that is not known leaves no hole.
pub(super) const NOUNS: [&str; 5] = ["host", "bucket", "key", "path", "connection"];

/// Values that a sentence may use only inside `{ $has-… -> [yes] … *[no] … }`.
pub(super) const OPTIONAL: [&str; 25] = [
    "profile",
    "line",
    "action",
    "region",
    "minutes",
    "reason",
    "name",
    "limit",
    "size",
    "field",
    "setting",
    "requester-pays",
    "command",
    "suggestion",
    "hours",
    "folder",
    "typed",
    "wants-https",
    "maybe-https",
    "share",
    "stands-damaged",
    "deleting",
    "option",
    "port",
    "ca-file",
];

/// What happened, with its cause: one sentence without a full stop.
pub fn failure_title(lang: Lang, failure: &Failure) -> String {
    sentence(lang, failure, &format!("failure-{}", failure.kind.code()))
}

/// What to do next.
pub fn failure_advice(lang: Lang, failure: &Failure) -> String {
    sentence(lang, failure, &format!("failure-{}-advice", failure.kind.code()))
}

/// What to do next for somebody at a command line: no buttons and no lists there.
pub fn failure_advice_cli(lang: Lang, failure: &Failure) -> String {
    advice_cli(lang, failure, "no")
}

/// The same where what has failed is kept: `resume` tries it again, and the command itself would not.
pub fn failure_advice_kept(lang: Lang, failure: &Failure) -> String {
    advice_cli(lang, failure, "yes")
}

/// The same where neither the command nor `resume` comes back to what has failed: it has to be uploaded anew.
pub fn failure_advice_anew(lang: Lang, failure: &Failure) -> String {
    advice_cli(lang, failure, "anew")
}

fn advice_cli(lang: Lang, failure: &Failure, is_kept: &'static str) -> String {
    let id = format!("failure-{}-advice-cli", failure.kind.code());
    let args = |lang| {
        let mut args = values(lang, failure);
        insert_has(&mut args, "kept", is_kept);
        args
    };
    let has_own = try_look_up(Lang::En, &id, Some(&args(Lang::En))).is_some();
    if has_own { sentence_with(lang, failure, &id, &args(lang)) } else { failure_advice(lang, failure) }
}

fn sentence(lang: Lang, failure: &Failure, id: &str) -> String {
    sentence_with(lang, failure, id, &values(lang, failure))
}

fn sentence_with(lang: Lang, failure: &Failure, id: &str, args: &Args) -> String {
    if let Some(text) = try_look_up(lang, id, Some(args)).or_else(|| try_look_up(Lang::En, id, Some(args))) {
        return match lang {
            Lang::En => capitalised(&text),
            // A sentence may start with a host, which stays as it is.
            Lang::Ko => text,
        };
    }
    tracing::warn!(id, lang = lang.code(), "a failure has no sentence, or a value of it is missing");
    failure.kind.code()
}

fn values(lang: Lang, failure: &Failure) -> Args {
    let mut args = Args::new();
    for (name, value) in &failure.args {
        args.insert(Cow::Borrowed(*name), FluentValue::from(shortened(value)));
    }
    for noun in NOUNS {
        let known = failure.args.iter().any(|(name, value)| *name == noun && !value.is_empty());
        let id = if known { format!("noun-{noun}") } else { format!("noun-{noun}-unknown") };
        let phrase = try_look_up(lang, &id, Some(&args)).unwrap_or_else(|| noun.to_owned());
        args.insert(Cow::Owned(format!("the-{noun}")), FluentValue::from(phrase));
        insert_has(&mut args, noun, if known { "yes" } else { "no" });
    }
    for name in OPTIONAL {
        let known = failure.args.iter().any(|(given, value)| *given == name && !value.is_empty());
        insert_has(&mut args, name, if known { "yes" } else { "no" });
        args.entry(Cow::Borrowed(name)).or_insert_with(|| FluentValue::from(""));
    }
    args
}

/// The longest value in a sentence, in characters.
const LONGEST_VALUE: usize = 120;

/// A value that leaves the sentence a sentence: of a long key or path its beginning and its end.
fn shortened(value: &str) -> String {
    let length = value.chars().count();
    if length <= LONGEST_VALUE {
        return value.to_owned();
    }
    let (head, tail) = (LONGEST_VALUE / 3, LONGEST_VALUE * 2 / 3 - 1);
    value.chars().take(head).chain(['…']).chain(value.chars().skip(length - tail)).collect()
}

fn insert_has(args: &mut Args, name: &str, answer: &'static str) {
    args.insert(Cow::Owned(format!("has-{name}")), FluentValue::from(answer));
}

/// A sentence that starts with an inserted phrase still starts with a capital.
fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if first.is_ascii_lowercase() => first.to_ascii_uppercase().to_string() + chars.as_str(),
        _ => text.to_owned(),
    }
}
