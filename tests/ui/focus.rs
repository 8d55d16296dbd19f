//! Where the keyboard is when a menu has closed, and that a whole ring says where it is.

use crate::fake::{Setup, Stage, folder, page_of_the_picture};
use crate::support::{busy_model, rings};
use bucketdrop::model::Event;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

fn stage() -> Stage {
    Stage::showing(Setup::default(), &folder("weandb", "photos/2026"), page_of_the_picture())
}

fn focused(stage: &Stage) -> String {
    let found = stage.window.root().children_recursive().find(egui_kittest::Node::is_focused);
    found.and_then(|node| node.accesskit_node().label()).unwrap_or_default()
}

fn press(stage: &mut Stage, key: Key) {
    stage.window.key_press(key);
    stage.window.run();
}

#[test]
fn a_rows_menu_gives_the_keyboard_back_to_the_table() {
    let mut stage = stage();
    stage.window.get_by_label_contains("README.md, ").click_secondary();
    stage.window.run();
    press(&mut stage, Key::ArrowDown);
    assert!(stage.window.query_all_by_role(Role::MenuItem).any(|item| item.is_focused()), "arrows lead in");
    press(&mut stage, Key::Escape);
    assert_eq!(stage.window.query_all_by_role(Role::MenuItem).count(), 0);
    assert!(focused(&stage).starts_with("README.md, "), "{}", focused(&stage));

    stage.window.get_by_label_contains("README.md, ").click_secondary();
    stage.window.run();
    stage.window.get_by_label_contains("Copy key").focus();
    stage.window.run();
    press(&mut stage, Key::Enter);
    assert!(stage.says("key copied") || stage.says("Key copied"), "the entry did its work");
    assert!(focused(&stage).starts_with("README.md, "), "{}", focused(&stage));
}

#[test]
fn the_menu_key_opens_the_menu_of_the_selected_row() {
    let mut stage = stage();
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    for (modifiers, key) in [(Modifiers::NONE, Key::Menu), (Modifiers::SHIFT, Key::F10)] {
        stage.window.key_press_modifiers(modifiers, key);
        stage.window.run();
        assert!(stage.window.query_by_label_contains("Copy key").is_some(), "{key:?}");
        press(&mut stage, Key::ArrowDown);
        press(&mut stage, Key::Escape);
        assert!(focused(&stage).starts_with("README.md, "), "{}", focused(&stage));
    }
}

#[test]
fn a_buttons_menu_gives_the_keyboard_back_to_the_button() {
    let mut stage = stage();
    stage.window.get_by_role_and_label(Role::Button, "Upload").focus();
    stage.window.run();
    press(&mut stage, Key::Enter);
    press(&mut stage, Key::ArrowDown);
    assert!(stage.window.query_all_by_role(Role::MenuItem).any(|item| item.is_focused()));
    press(&mut stage, Key::Escape);
    assert_eq!(focused(&stage), "Upload");
}

#[test]
fn a_place_and_a_bucket_open_their_menu_by_key() {
    let mut stage = stage();
    stage.window.get_by_role_and_label(Role::ListItem, "hibernationproject").focus();
    stage.window.run();
    press(&mut stage, Key::Menu);
    assert!(stage.window.query_by_label_contains("Delete bucket").is_some());
    press(&mut stage, Key::Escape);
    assert_eq!(focused(&stage), "hibernationproject");
}

#[test]
fn a_whole_ring_is_around_what_has_the_keyboard() {
    for size in [[1280.0, 800.0], [900.0, 600.0]] {
        let setup = Setup { size, ..Setup::default() };
        let mut stage = Stage::showing(setup, &folder("weandb", "photos/2026"), page_of_the_picture());
        stage.wire.tell(Event::Transfers(Box::new(busy_model().transfers)));
        stage.window.get_by_label_contains("README.md, ").click();
        stage.window.run();
        let mut met = std::collections::BTreeSet::new();
        for _ in 0..90 {
            press(&mut stage, Key::Tab);
            let label = focused(&stage);
            let rings = rings(&stage.window);
            assert!(!rings.is_empty(), "at {size:?} nothing shows that {label:?} has the keyboard");
            let cut = rings.iter().find(|(ring, clip)| !clip.expand(0.5).contains_rect(*ring));
            assert_eq!(cut, None, "at {size:?} the ring around {label:?} is cut");
            met.insert(label);
        }
        assert!(met.len() > 25, "the whole window was gone through: {met:?}");
    }
}
