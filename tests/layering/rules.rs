//! The table of what may be named where.

use crate::source::{Token, paths, tokens, without_tests};

/// Longest source file, in lines.
const MAX_LINES: usize = 600;

/// The two programs.
const PROGRAMS: &[&str] = &["src/main.rs", "src/bin/"];

/// A path that only some files may name.
struct Rule {
    /// How the path begins; a last segment that ends in `*` stands for any word with that beginning.
    path: &'static str,
    /// Beginnings of the file paths that may.
    allowed: &'static [&'static str],
}

const RULES: &[Rule] = &[
    // The window toolkit.
    Rule { path: "egui", allowed: &["src/ui/", "src/main.rs"] },
    Rule { path: "egui_*", allowed: &["src/ui/", "src/main.rs"] },
    Rule { path: "eframe", allowed: &["src/ui/", "src/main.rs"] },
    Rule { path: "winit", allowed: &["src/ui/", "src/main.rs"] },
    Rule { path: "rfd", allowed: &["src/ui/", "src/main.rs"] },
    Rule { path: "crate::ui", allowed: &["src/ui/", "src/main.rs"] },
    // Amazon's SDK.
    Rule { path: "aws_*", allowed: &["src/s3/"] },
    // The operating system.
    Rule { path: "keyring", allowed: &["src/platform/"] },
    Rule { path: "keyring_core", allowed: &["src/platform/"] },
    Rule { path: "zbus_secret_service_keyring_store", allowed: &["src/platform/"] },
    Rule { path: "zbus", allowed: &["src/platform/"] },
    Rule { path: "arboard", allowed: &["src/platform/"] },
    Rule { path: "interprocess", allowed: &["src/platform/"] },
    Rule { path: "notify_rust", allowed: &["src/platform/"] },
    // The embedded storage.
    Rule { path: "s3s", allowed: &["src/local_storage/"] },
    Rule {
        path: "rusqlite",
        allowed: &["src/local_storage/", "src/engine/journal/", "src/engine/link_history/", "src/engine/sharing/"],
    },
    Rule { path: "hyper", allowed: &["src/local_storage/", "src/s3/"] },
    // Async.
    Rule {
        path: "tokio",
        allowed: &[
            "src/engine/",
            "src/s3/",
            "src/platform/",
            "src/local_storage/",
            "src/cli/",
            "src/main.rs",
            "src/bin/",
        ],
    },
    // Files.
    Rule { path: "std::fs", allowed: FILES },
    Rule { path: "tokio::fs", allowed: FILES },
    Rule { path: "fs::*", allowed: FILES },
    Rule { path: "walkdir", allowed: FILES },
    // Clock and chance.
    Rule { path: "SystemTime::now", allowed: CLOCK },
    Rule { path: "Instant::now", allowed: CLOCK },
    Rule { path: "Timestamp::now", allowed: CLOCK },
    Rule { path: "Zoned::now", allowed: CLOCK },
    Rule { path: "rand", allowed: CLOCK },
    // Layers.
    Rule { path: "crate::cli", allowed: &["src/cli/", "src/bin/"] },
    Rule { path: "crate::locale", allowed: &["src/locale/", "src/ui/", "src/cli/", "src/main.rs", "src/bin/"] },
    Rule { path: "crate::engine", allowed: &["src/engine/", "src/ui/", "src/cli/", "src/main.rs", "src/bin/"] },
    Rule { path: "crate::s3", allowed: &["src/s3/", "src/engine/", "src/main.rs", "src/bin/"] },
    Rule {
        path: "crate::platform",
        // Of the window only the glue that follows a drag of another program: no view, and on a thread of its own.
        allowed: &["src/platform/", "src/engine/", "src/cli/", "src/ui/drag_pointer.rs", "src/main.rs", "src/bin/"],
    },
    Rule {
        path: "crate::local_storage",
        allowed: &["src/local_storage/", "src/engine/", "src/cli/", "src/main.rs", "src/bin/"],
    },
];

const FILES: &[&str] = &[
    "src/platform/",
    "src/local_storage/",
    "src/engine/scan",
    "src/engine/source",
    "src/engine/download",
    "src/engine/measuring.rs",
    "src/engine/journal/file.rs",
    "src/engine/journal/open.rs",
    "src/engine/link_history/file.rs",
    "src/main.rs",
    "src/bin/",
];

const CLOCK: &[&str] =
    &["src/engine/clock.rs", "src/s3/", "src/platform/", "src/local_storage/", "src/main.rs", "src/bin/"];

/// What waits: never under `src/ui`.
const WAITS: &[&str] = &[
    "block_on",
    "blocking_recv",
    "blocking_send",
    "blocking_lock",
    "thread::sleep",
    "Mutex",
    "RwLock",
    "Condvar",
    "std::net",
    "std::process",
    "TcpStream",
    "FileDialog",
];

/// The only parts of the engine that a view may name.
const ENGINE_FOR_UI: &[&str] = &["Engine", "EngineHandle", "EngineConfig", "EngineError", "Reporting"];

/// Everything in one file that the table forbids, one line each.
pub(crate) fn violations(file: &str, source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lines = source.lines().count();
    if lines > MAX_LINES {
        found.push(format!("{file}: {lines} lines; the limit is {MAX_LINES}"));
    }
    if is_test_file(file) {
        return found;
    }
    let tokens = without_tests(&tokens(source));
    for (line, path) in paths(&tokens) {
        let path = from_crate_root(file, &path);
        for rule in RULES {
            if names(&path, rule.path) && !rule.allowed.iter().any(|allowed| file.starts_with(allowed)) {
                found.push(format!("{file}:{line}: `{}` is not for this file", path.join("::")));
            }
        }
        if file.starts_with("src/ui/") {
            found.extend(ui_violation(file, line, &path));
        }
    }
    if !PROGRAMS.iter().any(|program| file.starts_with(program))
        && !source.trim_start().starts_with("//!")
        && file != "src/lib.rs"
    {
        found.push(format!("{file}: no `//!` line says what the module owns"));
    }
    for (line, token) in &tokens {
        if *token == Token::Word("unsafe".into()) {
            found.push(format!("{file}:{line}: `unsafe`"));
        }
    }
    found
}

/// Modules of tests in files of their own.
pub(crate) fn is_test_file(file: &str) -> bool {
    file.ends_with("/tests.rs") || file.ends_with("_tests.rs") || file.contains("/tests/")
}

fn ui_violation(file: &str, line: usize, path: &[String]) -> Option<String> {
    let shown = path.join("::");
    if let Some(waits) = WAITS.iter().find(|waits| contains(path, waits)) {
        return Some(format!("{file}:{line}: `{shown}`: `{waits}` may wait, and the window must not"));
    }
    if names(path, "crate::engine") {
        let part = path.get(2).map(String::as_str).unwrap_or_default();
        if !ENGINE_FOR_UI.contains(&part) && !part.is_empty() {
            return Some(format!("{file}:{line}: `{shown}`: a view sees only {}", ENGINE_FOR_UI.join(", ")));
        }
    }
    None
}

/// Resolves `super` and the library's own name, so that one spelling of each path is left.
fn from_crate_root(file: &str, path: &[String]) -> Vec<String> {
    let mut rest = path;
    if path.first().is_some_and(|first| first == "bucketdrop") {
        return std::iter::once("crate".to_owned()).chain(path.iter().skip(1).cloned()).collect();
    }
    let mut module = module_of(file);
    let mut is_relative = false;
    while let Some((first, after)) = rest.split_first() {
        match first.as_str() {
            "super" => _ = module.pop(),
            "self" => {}
            _ => break,
        }
        (is_relative, rest) = (true, after);
    }
    if is_relative { module.into_iter().chain(rest.iter().cloned()).collect() } else { path.to_vec() }
}

fn module_of(file: &str) -> Vec<String> {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    std::iter::once("crate").chain(inner.split('/').filter(|part| *part != "lib")).map(str::to_owned).collect()
}

/// Whether a path begins with the rule's segments.
fn names(path: &[String], rule: &str) -> bool {
    let wanted: Vec<&str> = rule.split("::").collect();
    let starts_at = |from: usize| {
        wanted.iter().enumerate().all(|(index, wanted)| {
            path.get(from + index).is_some_and(|found| match wanted.strip_suffix('*') {
                Some(beginning) => found.starts_with(beginning),
                None => found == wanted,
            })
        })
    };
    // Rules of crates and modules hold for the beginning of a path; `Type::function` for anywhere in it.
    let is_function = rule.starts_with(char::is_uppercase);
    if wanted.len() == 1 && path.len() == 1 {
        return false;
    }
    if is_function { (0..path.len()).any(starts_at) } else { starts_at(0) }
}

fn contains(path: &[String], wanted: &str) -> bool {
    let wanted: Vec<&str> = wanted.split("::").collect();
    path.windows(wanted.len()).any(|window| window.iter().eq(wanted.iter()))
}

/// The checker itself has to see what it is there for.
#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn caught(file: &str, source: &str) {
        let source = format!("//! Doc.\n{source}");
        assert_eq!(violations(file, &source).len(), 1, "{file}: {source}: {:?}", violations(file, &source));
    }

    #[track_caller]
    fn passes(file: &str, source: &str) {
        let source = format!("//! Doc.\n{source}");
        assert_eq!(violations(file, &source), Vec::<String>::new());
    }

    #[test]
    fn each_kind_of_violation_is_caught() {
        caught("src/model/key.rs", "use egui::Ui;");
        caught("src/model/key.rs", "fn a() -> egui_extras::Column { }");
        caught("src/engine/actor.rs", "use aws_sdk_s3::Client;");
        caught("src/engine/actor.rs", "use crate::{model::Key, ui::App};");
        caught("src/s3/store.rs", "use super::super::platform::Home;");
        caught("src/platform/home.rs", "use crate::engine::Engine;");
        caught("src/engine/actor.rs", "fn a() { std::fs::read(\"x\"); }");
        caught("src/engine/actor.rs", "fn a() { let t = std::time::Instant::now(); }");
        caught("src/engine/actor.rs", "fn a() { jiff::Timestamp::now(); }");
        caught("src/local_storage/keys.rs", "use keyring::Entry;");
        caught("src/engine/links.rs", "use s3s::S3;");
        caught("src/model/key.rs", "use tokio::sync::mpsc;");
        caught("src/ui/app.rs", "use crate::engine::actor::Actor;");
        caught("src/ui/app.rs", "fn a() { std::thread::sleep(x); }");
        caught("src/ui/app.rs", "fn a() { runtime.block_on(x); }");
        caught("src/ui/app.rs", "fn a() { std::fs::read(x); }");
        caught("src/ui/app.rs", "use std::sync::Mutex;");
        caught("src/ui/app.rs", "use crate::platform::Home;");
        caught("src/engine/links.rs", "use crate::locale::text;");
        caught("src/main.rs", "fn a() { unsafe { b() } }");
        caught("src/model/key.rs", &"\n".repeat(601));
        assert_eq!(violations("src/model/key.rs", "use std::fmt;").len(), 1);
    }

    #[test]
    fn what_is_allowed_passes() {
        passes("src/ui/app.rs", "use egui::Ui; use crate::engine::{EngineHandle, Engine};");
        passes("src/s3/store.rs", "use aws_sdk_s3::Client; use crate::model::Key;");
        passes("src/engine/scan.rs", "use walkdir::WalkDir; // std::fs\n");
        passes("src/engine/download_file.rs", "fn a() { tokio::fs::rename(a, b); }");
        passes("src/model/key.rs", "/// Unlike `egui::Ui`.\nfn a() { log(\"std::fs\"); }");
        passes("src/model/key.rs", "#[cfg(test)]\nmod tests { fn a() { std::fs::read(x); } }");
        passes("src/bin/cli.rs", "use bucketdrop::{cli, platform::Home};");
    }
}
