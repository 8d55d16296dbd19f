//! Where messages stand: never over the row that is worked on, nor over a failure and its buttons, and few at a time.

use bucketdrop::model::{Event, Failure, FailureKind, Notice, Severity};
use egui::Rect;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::fake::{Setup, Stage, folder, page_of, page_of_the_picture};
use crate::support::busy_model;

const SMALL: [f32; 2] = [900.0, 600.0];

fn left_out(count: usize) -> Event {
    Event::Notice(Box::new(Notice::message(Severity::Warning, "notice-left-out").with("count", count)))
}

/// A long one: title, advice, details.
fn failed(kind: FailureKind) -> Event {
    Event::Notice(Box::new(Notice::failure(Failure::new(kind).detail("SlowDown, request 4442587FB7D0A2F9"))))
}

fn messages(stage: &Stage) -> Vec<Rect> {
    stage.window.query_all_by_role(Role::Alert).map(|node| node.rect()).collect()
}

#[test]
fn the_selected_row_is_never_covered() {
    for drawer in [false, true] {
        let setup = Setup { size: SMALL, ..Setup::default() };
        let mut stage = Stage::showing(setup, &folder("weandb", "photos/2026"), page_of_the_picture());
        if drawer {
            stage.wire.tell(Event::Transfers(Box::new(busy_model().transfers)));
        }
        stage.wire.tell(left_out(2));
        stage.wire.tell(failed(FailureKind::WrongSecret));
        stage.window.run();
        let names =
            ["thumbnails", "(before) Player actions", "2026 Q3 report", "README.md", "boto3", "keynote", "site-b"];
        for name in names {
            let row = |stage: &Stage| {
                let mut rows = stage.window.query_all_by_role(Role::ListBoxOption);
                let row = rows.find(|node| node.accesskit_node().label().is_some_and(|l| l.starts_with(name)));
                row.map(|node| node.rect())
            };
            let Some(at) = row(&stage) else { continue };
            // By keys, as a message may lie over the row until then.
            stage.window.event(egui::Event::PointerMoved(at.left_center() + egui::vec2(30.0, 0.0)));
            let clicked = stage.window.query_all_by_role(Role::ListBoxOption);
            let clicked: Vec<_> = clicked.filter(|node| node.rect() == at).collect();
            clicked.first().unwrap().click_accesskit();
            stage.window.run();
            let (at, told) = (row(&stage).unwrap(), messages(&stage));
            assert!(!told.is_empty(), "{name}");
            assert!(
                told.iter().all(|message| !message.intersects(at.shrink(0.5))),
                "{drawer} {name} at {at:?} under {told:?}"
            );
        }
    }
}

#[test]
fn a_failed_folder_keeps_its_words_and_buttons_in_sight() {
    for drawer in [false, true] {
        let setup = Setup { size: SMALL, ..Setup::default() };
        let mut stage = Stage::connected(setup);
        stage.go_to(&folder("weandb", "photos/2026"));
        stage.answer_listing(Err(Failure::new(FailureKind::Offline)));
        if drawer {
            stage.wire.tell(Event::Transfers(Box::new(busy_model().transfers)));
        }
        stage.wire.tell(left_out(2));
        stage.wire.tell(failed(FailureKind::WrongSecret));
        stage.window.run();
        let button = stage.window.get_by_role_and_label(Role::Button, "Try again").rect();
        let told = messages(&stage);
        assert!(
            !told.is_empty() && told.iter().all(|message| !message.intersects(button)),
            "{button:?} under {told:?}"
        );
    }
}

#[test]
fn a_newer_message_of_a_kind_replaces_the_older_and_both_fade() {
    let mut stage = Stage::showing(Setup::default(), &folder("weandb", "big"), page_of(3, None));
    stage.wire.tell(left_out(2));
    stage.window.run();
    stage.wire.tell(left_out(3));
    stage.window.run();
    assert_eq!(messages(&stage).len(), 1);
    assert!(stage.says("3 items were left out") && !stage.says("2 items were left out"));
    // The middle of the table stays free.
    let table = stage.window.get_by_role(Role::ListBox).rect();
    assert!(messages(&stage).iter().all(|message| !message.contains(table.center())));
    stage.window.run_steps(60 * 11);
    assert_eq!(messages(&stage).len(), 0);
}
