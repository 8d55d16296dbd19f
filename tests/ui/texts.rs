//! Every text is there in both languages, and every id that the program names exists.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bucketdrop::locale::{Lang, text};
use bucketdrop::ui::ui_command::UiCommand;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Ids of all files of one language, with the values that each one uses, also by a text that it holds.
fn messages(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let (mut messages, mut held) = (BTreeMap::<String, BTreeSet<String>>::new(), Vec::new());
    let folder = root().join("assets/i18n").join(lang.code());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut current = String::new();
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let starts = line.starts_with(|c: char| c.is_ascii_lowercase());
            if let Some((id, _)) = line.split_once(" =").filter(|_| starts) {
                id.clone_into(&mut current);
                let twice = messages.insert(current.clone(), BTreeSet::new());
                assert!(twice.is_none(), "{id} stands twice in {}, last in {}", lang.code(), path.display());
            }
            if line.starts_with('#') {
                continue;
            }
            for used in line.split('$').skip(1) {
                let name: String = used.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
                messages.entry(current.clone()).or_default().insert(name);
            }
            let others = line.split("{ ").skip(1).filter_map(|rest| rest.split_once(" }"));
            let is_text = |name: &str| name.starts_with(|c: char| c.is_ascii_lowercase());
            let others = others.map(|(name, _)| name).filter(|name| is_text(name));
            held.extend(others.map(|name| (current.clone(), name.to_owned())));
        }
    }
    for (id, other) in held {
        let used = messages.get(&other).unwrap_or_else(|| panic!("{id} in {lang:?} holds {other}, which is not there"));
        let used = used.clone();
        messages.entry(id).or_default().extend(used);
    }
    messages
}

#[test]
fn both_languages_have_the_same_texts() {
    let (en, ko) = (messages(Lang::En), messages(Lang::Ko));
    let missing: Vec<_> = en.keys().filter(|id| !ko.contains_key(*id)).collect();
    assert!(missing.is_empty(), "not in Korean: {missing:?}");
    let missing: Vec<_> = ko.keys().filter(|id| !en.contains_key(*id)).collect();
    assert!(missing.is_empty(), "not in English: {missing:?}");
}

#[test]
fn a_translation_asks_for_no_value_that_english_does_not_have() {
    let plural: BTreeSet<_> = ["count".to_owned(), "number".to_owned()].into();
    let en = messages(Lang::En);
    for (id, used) in messages(Lang::Ko) {
        let known: BTreeSet<_> = en[&id].union(&plural).cloned().collect();
        let extra: Vec<_> = used.difference(&known).collect();
        assert!(extra.is_empty(), "{id} in Korean uses {extra:?}");
    }
}

#[test]
fn every_command_has_a_label() {
    let known = messages(Lang::En);
    for command in UiCommand::ALL {
        assert!(known.contains_key(command.label_id()), "{command:?}");
        assert!(command.keywords_id().is_none_or(|id| known.contains_key(id)), "{command:?}");
    }
}

/// Words that texts of the window begin with. (In the command line they may stand for something else.)
const FAMILIES: &[&str] = &["command-", "queue-", "toast-", "notice-", "palette-", "about-", "dialog-"];

/// Literals in the sources that look like text ids, taken from the calls that look texts up.
fn ids_in(source: &str, families: &[&str]) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for call in ["t(ui, ", "t_with(ui, ", "t_count(ui, ", "text(lang, ", "text_with(lang, ", "text_count(lang, "] {
        for part in source.split(call).skip(1) {
            ids.extend(literal(part));
        }
    }
    for part in source.split('"').skip(1).step_by(2) {
        if families.iter().any(|family| part.starts_with(family)) {
            ids.extend(literal(&format!("\"{part}\"")));
        }
    }
    ids
}

fn literal(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.split('"').next()?;
    let is_id = inner.contains('-') && inner.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    (is_id && !inner.ends_with('-')).then(|| inner.to_owned())
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_text_that_the_program_names_exists() {
    let known = messages(Lang::En);
    let mut files = Vec::new();
    for folder in ["src/ui", "src/locale", "src/cli"] {
        let folder = root().join(folder);
        if folder.is_dir() {
            sources(&folder, &mut files);
        }
    }
    let mut missing = Vec::new();
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let families = if file.starts_with(root().join("src/ui")) { FAMILIES } else { &[] };
        for id in ids_in(code, families) {
            if !known.contains_key(&id) {
                missing.push(format!("{id} ({})", file.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(missing.is_empty(), "texts without words: {missing:#?}");
}

#[test]
fn every_text_can_be_read_by_the_library() {
    for lang in Lang::ALL {
        for (id, used) in messages(lang) {
            if used.is_empty() {
                assert_ne!(text(lang, &id), id, "{id} in {lang:?} is no valid Fluent message");
            }
        }
    }
}

/// The program speaks formally and has one word for a thing.
#[test]
fn korean_has_one_register_and_one_word_for_a_thing() {
    let folder = root().join("assets/i18n/ko");
    let mut wrong = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines() {
            let sentences = line.split(['.', '?']).map(|part| part.trim_end_matches(['”', ' ']));
            let is_casual = |part: &str| part.ends_with('요') && !part.ends_with("세요") && !part.ends_with("필요");
            let other_words = ["내려받", "붙여 넣", "대화 상자", "올라갑", "올리", "키 체인"];
            // Which particle fits depends on the name before it: a sentence is built so that none does.
            let both_particles = ["(를)", "(을)", "(가)", "(이)", "(는)", "(은)", "(와)", "(과)", "(으)"];
            let other_words = other_words.iter().chain(&both_particles);
            if sentences.clone().any(is_casual) || other_words.clone().any(|word| line.contains(word)) {
                wrong.push(line.to_owned());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
