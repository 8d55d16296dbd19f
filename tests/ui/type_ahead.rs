//! Typing a name in the table: Hangul is found whether its syllables are composed or taken apart, as macOS does in the
//! names of files; keys stay what they are.

use crate::fake::{Setup, Stage, folder, object, page_of};
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

/// "한글" composed, and taken apart.
const COMPOSED: &str = "\u{d55c}\u{ae00}";
const APART: &str = "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}";

/// The selected row's name after this was typed in a table with these names.
fn typed(names: &[String], text: &str) -> Vec<String> {
    let at = folder("weandb", "big");
    let mut page = page_of(3, None);
    page.entries.extend(names.iter().map(|name| object(&format!("big/{name}"), 1, "2026-11-21T05:00:00Z", "STANDARD")));
    let mut stage = Stage::showing(Setup::default(), &at, page);
    stage.window.get_all_by_role(Role::ListBoxOption).next().unwrap().click();
    stage.window.run();
    // At once: a pause would begin another name.
    stage.window.event(egui::Event::Text(text.to_owned()));
    stage.window.run();
    let nodes = stage.window.get_all_by_role(Role::ListBoxOption);
    let chosen = nodes.filter(|node| node.accesskit_node().is_selected() == Some(true));
    let labels = chosen.map(|node| node.accesskit_node().label().unwrap_or_default());
    labels.map(|label| label.split(", ").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn hangul_is_found_in_either_form() {
    for name in [COMPOSED, APART] {
        let name = format!("{name}.txt");
        for text in [COMPOSED, APART] {
            let name = std::slice::from_ref(&name);
            assert_eq!(typed(name, text), name, "{name:?} by {text:?}");
        }
    }
}

#[test]
fn upper_and_lower_case_are_one() {
    let names = ["\u{c9}TUDE.txt".to_owned()];
    for text in ["\u{e9}t", "e\u{301}T"] {
        assert_eq!(typed(&names, text), names, "{text:?}");
    }
}
