//! Where the keyboard is when a menu has closed, and that a whole ring says where it is.

use crate::fake::{Setup, Stage, bucket, folder, page_of_the_picture};
use crate::support::{busy_model, rings};
use bucketdrop::model::{Command, ConnectionId, Event, RequestId};
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
    stage.window.get_by_role_and_label(Role::ListItem, "hibernationproject, seoul").focus();
    stage.window.run();
    press(&mut stage, Key::Menu);
    assert!(stage.window.query_by_label_contains("Delete bucket").is_some());
    press(&mut stage, Key::Escape);
    assert_eq!(focused(&stage), "hibernationproject, seoul");
}

#[test]
fn a_whole_ring_is_around_what_has_the_keyboard() {
    for size in [[1280.0, 800.0], [900.0, 600.0]] {
        let setup = Setup { size, ..Setup::default() };
        let mut stage = Stage::showing(setup, &folder("weandb", "photos/2026"), page_of_the_picture());
        stage.wire.tell(Event::Transfers(Box::new(busy_model().transfers)));
        stage.window.get_by_label_contains("README.md, ").click();
        stage.window.run();
        let mut met = std::collections::BTreeMap::new();
        for _ in 0..90 {
            press(&mut stage, Key::Tab);
            let rings = rings(&stage.window);
            let is_whole = !rings.is_empty() && rings.iter().all(|(ring, clip)| clip.expand(0.5).contains_rect(*ring));
            // Edges of columns and the table's cursor show it by other means.
            let label = focused(&stage);
            let is_of_the_table = label.starts_with("Width of") || label.starts_with("README.md, ");
            met.insert(label, is_whole || is_of_the_table);
        }
        assert!(met.len() > 25, "the whole window was gone through: {met:?}");
        let without: Vec<&String> = met.iter().filter(|(_, is_whole)| !**is_whole).map(|(label, _)| label).collect();
        assert!(without.is_empty(), "at {size:?} no whole ring is around {without:?}");
    }
}

#[test]
fn the_edge_of_the_transfers_is_moved_by_arrow_keys() {
    let mut stage = stage();
    stage.wire.tell(Event::Transfers(Box::new(busy_model().transfers)));
    stage.window.run();
    let edge = |stage: &Stage| stage.window.get_by_role_and_label(Role::Splitter, "Height of the transfers").rect();
    let head = |stage: &Stage| stage.window.get_by_label("Hide transfers").rect().top();
    stage.window.get_by_role_and_label(Role::Splitter, "Height of the transfers").focus();
    stage.window.run();
    let before = (edge(&stage).top(), head(&stage));
    for _ in 0..3 {
        press(&mut stage, Key::ArrowUp);
    }
    assert_eq!(focused(&stage), "Height of the transfers", "the arrows move the edge, not the keyboard");
    let higher = (edge(&stage).top(), head(&stage));
    assert!(higher.0 < before.0 - 20.0 && higher.1 < before.1 - 20.0, "{before:?} {higher:?}");
    for _ in 0..3 {
        press(&mut stage, Key::ArrowDown);
    }
    assert_eq!((edge(&stage).top(), head(&stage)), before);
}

#[test]
fn escape_leads_out_of_the_fields_above_the_table_and_back_to_the_row() {
    for (key, typed) in [(Key::F, "rea"), (Key::L, "somewhere/else")] {
        let mut stage = stage();
        stage.window.get_by_label_contains("README.md, ").click();
        stage.window.run();
        stage.window.key_press_modifiers(Modifiers::COMMAND, key);
        stage.window.run();
        stage.window.event(egui::Event::Text(typed.to_owned()));
        stage.window.run();
        press(&mut stage, Key::Escape);
        assert!(focused(&stage).starts_with("README.md, "), "{key:?}: {}", focused(&stage));
        press(&mut stage, Key::ArrowDown);
        assert!(focused(&stage).starts_with("boto3-objective.png, "), "{key:?}: {}", focused(&stage));
    }
}

#[test]
fn buckets_are_one_stop_of_tab_and_arrows_go_through_them() {
    let mut stage = stage();
    stage.window.get_by_role_and_label(Role::ListItem, "weandb, seoul").focus();
    stage.window.run();
    press(&mut stage, Key::ArrowDown);
    assert_eq!(focused(&stage), "hibernationproject, seoul");
    press(&mut stage, Key::End);
    assert_eq!(focused(&stage), "logs-archive, seoul");
    press(&mut stage, Key::ArrowUp);
    assert_eq!(focused(&stage), "team-media-prod, tokyo");
    press(&mut stage, Key::Tab);
    assert!(!focused(&stage).contains("logs-archive"), "{}", focused(&stage));
    stage.window.key_press_modifiers(Modifiers::SHIFT, Key::Tab);
    stage.window.run();
    assert_eq!(focused(&stage), "team-media-prod, tokyo", "where one was");
    stage.wire.commands();
    press(&mut stage, Key::Enter);
    let asked = stage.wire.commands().into_iter().find_map(|command| match command {
        Command::ListObjects { at, .. } => Some(at.bucket.to_string()),
        _ => None,
    });
    assert_eq!(asked.as_deref(), Some("team-media-prod"));
}

#[test]
fn up_from_a_bucket_leads_to_the_list_of_all() {
    for back in [false, true] {
        let mut stage = Stage::showing(Setup::default(), &folder("hibernationproject", ""), page_of_the_picture());
        stage.window.get_by_label_contains("README.md, ").click();
        stage.window.run();
        let (modifiers, key) = if back { (Modifiers::ALT, Key::ArrowLeft) } else { (Modifiers::NONE, Key::Backspace) };
        stage.window.key_press_modifiers(modifiers, key);
        stage.window.run();
        assert!(stage.says("4 buckets"), "{back}");
        assert!(focused(&stage).starts_with("hibernationproject, ap-northeast-2"), "{}", focused(&stage));
        press(&mut stage, Key::ArrowDown);
        assert!(focused(&stage).starts_with("team-media-prod, "), "{}", focused(&stage));
    }
}

#[test]
fn the_bucket_that_is_shown_is_in_sight_among_many() {
    let mut stage = stage();
    let buckets = (0..60).map(|n| bucket(&format!("bucket-{n:02}"), "ap-northeast-2")).collect();
    let (request, connection) = (RequestId::next(), ConnectionId::new("studio"));
    stage.wire.tell(Event::BucketsListed { request, connection, result: Ok(buckets) });
    stage.window.run();
    stage.go_to(&folder("bucket-47", ""));
    stage.window.run();
    let row = stage.window.get_by_role_and_label(Role::ListItem, "bucket-47, seoul").rect();
    let settings = stage.window.get_by_label_contains("Settings, ").rect();
    assert!(row.top() > 60.0 && row.bottom() + 7.0 < settings.top(), "{row:?} above {settings:?}");
}
