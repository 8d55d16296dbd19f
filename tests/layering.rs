//! Holds the sources to the layers of `src/ARCHITECTURE.md`: arrows that point up, files that grew too long,
//! anything under `src/ui` that could wait, and texts that exist in one language only.

#![expect(clippy::expect_used, reason = "a test that cannot read its sources has to stop")]

#[path = "layering/rules.rs"]
mod rules;
#[path = "layering/source.rs"]
mod source;
#[path = "layering/texts.rs"]
mod texts;
#[path = "layering/values.rs"]
mod values;

use std::path::{Path, PathBuf};

/// The folder that holds `Cargo.toml`.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` with this extension, as (path relative to the project with `/`, text).
fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries {
            let path = entry.expect("a folder of the project can be read").path();
            if path.is_dir() {
                walk(&path, extension, found);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    let root = root();
    let mut paths = Vec::new();
    walk(&root.join(folder), extension, &mut paths);
    paths.sort();
    let shown = |path: &Path| path.strip_prefix(&root).expect("below the root").to_string_lossy().replace('\\', "/");
    paths.iter().map(|path| (shown(path), std::fs::read_to_string(path).expect("sources are UTF-8"))).collect()
}

#[test]
fn arrows_point_down() {
    let sources = files("src", "rs");
    assert!(sources.len() > 15, "only {} files were found: the walk is broken", sources.len());
    let found: Vec<String> = sources.iter().flat_map(|(path, text)| rules::violations(path, text)).collect();
    assert!(found.is_empty(), "{} violations:\n{}", found.len(), found.join("\n"));
}

#[test]
fn both_languages_have_the_same_texts() {
    let english = texts::ids(&files("assets/i18n/en", "ftl"));
    let korean = texts::ids(&files("assets/i18n/ko", "ftl"));
    let only_english: Vec<_> = english.difference(&korean).collect();
    let only_korean: Vec<_> = korean.difference(&english).collect();
    assert!(
        only_english.is_empty() && only_korean.is_empty(),
        "only English: {only_english:?}\nonly Korean: {only_korean:?}"
    );
}

#[test]
fn the_command_line_speaks_through_its_texts() {
    let mut found = Vec::new();
    for (path, text) in files("src/cli", "rs").into_iter().filter(|(path, _)| !rules::is_test_file(path)) {
        found.extend(texts::sentences(&text).into_iter().map(|(line, text)| format!("{path}:{line}: {text:?}")));
    }
    assert!(found.is_empty(), "in no file of assets/i18n:\n{}", found.join("\n"));
}

#[test]
fn every_text_that_is_asked_for_exists() {
    let known = texts::ids(&files("assets/i18n/en", "ftl"));
    let mut missing = Vec::new();
    for (path, text) in files("src", "rs").into_iter().filter(|(path, _)| !rules::is_test_file(path)) {
        // Layers that know no texts have functions of these names for other things.
        if ["src/local_storage/", "src/platform/", "src/s3/"].iter().any(|layer| path.starts_with(layer)) {
            continue;
        }
        for (line, id) in texts::asked_for(&text) {
            if !known.contains(&id) {
                missing.push(format!("{path}:{line}: no text has the id {id:?}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_value_of_a_failure_outlives_the_journal() {
    let sources: Vec<_> = ["model", "s3", "platform", "local_storage", "engine"]
        .into_iter()
        .flat_map(|layer| files(&format!("src/{layer}"), "rs"))
        .filter(|(path, _)| !rules::is_test_file(path))
        .collect();
    let given = values::given(&sources);
    assert!(given.len() > 20, "only {given:?} were found: the search is broken");
    let dropped: Vec<_> =
        given.iter().filter(|(name, _)| !bucketdrop::model::FAILURE_VALUES.contains(&name.as_str())).collect();
    assert!(dropped.is_empty(), "not in `FAILURE_VALUES`: {dropped:?}");
}
