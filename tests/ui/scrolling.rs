//! Scrolling of a listing that grows while it is scrolled.

use crate::fake::{Setup, Stage, folder, page_of};
use bucketdrop::model::{Command, Event, ObjectPage};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

/// The page after the first thousand.
fn second_page() -> ObjectPage {
    let mut page = page_of(2_000, None);
    page.entries.drain(..1_000);
    page
}

fn last_row(stage: &Stage) -> String {
    let rows = stage.window.query_all_by_role(Role::ListBoxOption);
    let lowest = rows.max_by(|a, b| a.rect().top().total_cmp(&b.rect().top())).unwrap();
    lowest.accesskit_node().label().unwrap_or_default()
}

#[test]
fn end_pressed_while_a_page_arrives_lands_on_the_end_and_stays_there() {
    let mut stage = Stage::showing(Setup::default(), &folder("weandb", "big"), page_of(1_000, Some("next")));
    stage.window.key_press(Key::End);
    stage.window.run();
    let commands = stage.wire.commands();
    let (request, at) = commands
        .iter()
        .rev()
        .find_map(|command| match command {
            Command::ListObjects { request, at, after: Some(_) } => Some((*request, Box::new(at.clone()))),
            _ => None,
        })
        .expect("the end of the page asks for the next one");
    stage.wire.tell(Event::ObjectsListed { request, at, result: Ok(Box::new(second_page())) });
    stage.window.key_press(Key::End);
    stage.window.run();
    assert!(last_row(&stage).starts_with("file-001999.bin"), "{}", last_row(&stage));
    stage.window.run_steps(30);
    assert!(last_row(&stage).starts_with("file-001999.bin"), "it drifts: {}", last_row(&stage));
}
