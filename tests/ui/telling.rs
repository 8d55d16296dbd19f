//! The window tells what is: how far a selection reaches, what is in a folder, which bucket is there.

use crate::fake::{Setup, Stage, connection, folder, object, page_of};
use crate::link_tools::picture;
use crate::support::painted;
use bucketdrop::model::{Connection, Endpoint, Entry, Failure, FailureKind, Object, ObjectPage, Service};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

#[test]
fn a_range_to_the_last_loaded_row_is_told_to_be_cut_when_more_rows_come() {
    let at = folder("weandb", "big");
    let mut stage = Stage::showing(Setup::default(), &at, page_of(1000, Some("next-1")));
    stage.window.get_by_label_contains("file-000003.bin, ").click();
    stage.window.run();
    stage.window.key_press_modifiers(Modifiers::SHIFT, Key::End);
    stage.window.run();
    stage.window.get_by_label("The selection ends at the last row loaded so far");
    stage.window.get_by_label_contains("Selected so far: 997 objects");
    let mut page = page_of(1500, Some("next-2"));
    page.entries.drain(..1000);
    stage.answer_listing(Ok(page));
    stage.window.get_by_label("997 selected; 500 rows loaded since are not");
    stage.window.get_by_label_contains("Selected so far: 997 objects");
    stage.window.get_by_role_and_label(Role::Button, "Load all").click();
    stage.window.run();
    let mut page = page_of(1700, None);
    page.entries.drain(..1500);
    stage.answer_listing(Ok(page));
    stage.window.get_by_label("997 selected; 700 rows loaded since are not");
    stage.window.get_by_role_and_label(Role::Button, "Select all").click();
    stage.window.run();
    assert!(!stage.says("loaded since"), "all of it");
    assert!(stage.says("Selected: 1,700 objects"));
}

#[test]
fn a_storage_class_is_told_only_where_there_is_one() {
    let at = folder("weandb", "photos");
    for (service, told) in [(Service::AmazonS3, true), (Service::Other, false)] {
        let endpoint = (service == Service::Other).then(|| Endpoint::parse("https://s3.example.com").unwrap());
        let connections = vec![Connection { service, endpoint, ..connection() }];
        let Entry::Object(named) = object("photos/a.txt", 1, "2026-11-22T02:00:00Z", "STANDARD") else {
            unreachable!("an object")
        };
        let unnamed = Entry::Object(Object { storage_class: None, ..named });
        let page = ObjectPage { entries: vec![unnamed], next: None };
        let mut stage = Stage::showing(Setup { connections, ..Setup::default() }, &at, page);
        let is_painted = |stage: &Stage| painted(&stage.window).iter().any(|(text, _)| text == "Standard");
        assert!(!is_painted(&stage), "the listing has named none");
        stage.window.get_by_label_contains("a.txt, ").click();
        stage.window.run();
        // Amazon leaves the usual one out of an object's own headers; of others nobody knows.
        assert_eq!(stage.says("Class: Standard"), told, "{service:?}");
    }
}

#[test]
fn a_folder_that_has_only_its_own_marker_is_empty() {
    let at = folder("weandb", "mk");
    let marker = || object("mk/", 0, "2026-11-22T02:00:00Z", "STANDARD");
    let page = ObjectPage { entries: vec![marker()], next: None };
    let mut stage = Stage::showing(Setup::default(), &at, page);
    stage.window.get_by_label("Drop files here");
    assert!(stage.window.query_by_role(Role::ListBoxOption).is_none());
    stage.window.key_press(Key::F5);
    stage.window.run();
    let file = object("mk/a.txt", 3, "2026-11-22T02:00:00Z", "STANDARD");
    stage.answer_listing(Ok(ObjectPage { entries: vec![marker(), file], next: None }));
    assert!(stage.says("1 object · 3 B"));
    stage.window.key_press(Key::F5);
    stage.window.run();
    // Bytes are never hidden.
    let odd = object("mk/", 5, "2026-11-22T02:00:00Z", "STANDARD");
    stage.answer_listing(Ok(ObjectPage { entries: vec![odd], next: None }));
    assert_eq!(stage.window.query_all_by_role(Role::ListBoxOption).count(), 1);
}

#[test]
fn a_long_filter_leaves_the_way_back_in_sight() {
    let mut stage = picture();
    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    stage.window.run();
    let pasted = "비밀 pasted ".repeat(400);
    stage.window.get_by_role_and_label(Role::TextInput, "Filter this folder").type_text(&pasted);
    stage.window.run();
    let clear = stage.window.get_by_role_and_label(Role::Button, "Clear filter").rect();
    let window = stage.window.ctx.content_rect();
    assert!(window.contains_rect(clear), "{clear}");
    assert!(stage.says("…"));
}

#[test]
fn a_bucket_that_does_not_exist_is_not_offered() {
    let mut stage = picture();
    let upload = |stage: &Stage| {
        let button = stage.window.get_by_role_and_label(Role::Button, "Upload");
        !button.accesskit_node().is_disabled()
    };
    assert!(upload(&stage));
    stage.go_to(&folder("no-such-bucket", ""));
    stage.answer_listing(Err(Failure::new(FailureKind::NoSuchBucket)));
    let has_row = |name: &str| stage.window.query_by_role_and_label(Role::ListItem, name).is_some();
    assert!(!has_row("no-such-bucket"));
    assert!(has_row("weandb, seoul"));
    assert!(!upload(&stage));
}

#[test]
fn the_window_itself_has_its_title_as_its_name() {
    let stage = picture();
    let root = stage.window.root();
    let name = root.accesskit_node().label();
    assert!(name.is_some_and(|name| name.contains("photos/2026")), "a screen reader says which window it is in");
}
