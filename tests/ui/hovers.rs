//! What is cut or shortened is told whole where it is hovered.

use bucketdrop::model::{Bucket, BucketName, Command, Connection, ConnectionId, Event, RequestId};
use bucketdrop::ui::format::{date_time, full_instant};
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

use crate::fake::{Setup, Stage, connection};

/// The window with a connection of this name in use.
fn called(name: &str) -> Stage {
    let mut stage = Stage::connected(Setup::default());
    let renamed = Connection { name: name.to_owned(), ..connection() };
    stage.wire.tell(Event::ConnectionSaved { request: RequestId::next(), result: Ok(Box::new(renamed)) });
    stage.window.run();
    stage
}

#[test]
fn the_card_tells_a_name_that_has_no_room() {
    let name = "The studio's archive of photographs and films, second floor";
    let mut stage = called(name);
    let card = format!("Connection {name}");
    let starts = |stage: &Stage| stage.window.query_all_by_label(name).count();
    assert_eq!(starts(&stage), 0, "the card speaks of more than its name");
    assert!(stage.says(&card));
    stage.window.get_by_label_contains(&card).hover();
    stage.window.run_steps(60);
    assert_eq!(starts(&stage), 1, "the whole name, by itself");
}

#[test]
fn buckets_tell_the_full_instant_at_which_they_were_made() {
    let mut stage = Stage::connected(Setup::default());
    let created = "2026-11-18T05:02:07Z".parse().unwrap();
    // One alone would be opened by itself.
    let bucket = |name: &str| Bucket { name: BucketName::new(name).unwrap(), created: Some(created), region: None };
    let buckets = vec![bucket("made-then"), bucket("made-too")];
    let request = stage.wire.last_request(|command| match command {
        Command::OpenConnection { request, .. } => Some(*request),
        _ => None,
    });
    let listed = Event::BucketsListed { request, connection: ConnectionId::new("studio"), result: Ok(buckets) };
    stage.wire.tell(listed);
    stage.window.run();
    let exact = full_instant(created);
    assert!(!stage.says(&exact));
    stage.window.get_by_label(&format!("made-then, {}", date_time(created))).hover();
    stage.window.run_steps(60);
    assert!(stage.says(&exact));
}

#[test]
fn a_title_that_has_no_room_is_cut_in_the_middle_and_told_whole() {
    let name = format!("{}.tar.zst", "a-long-name-".repeat(6));
    let mut stage = called(&name);
    stage.by_palette("delete connection");
    let title = format!("Delete connection “{name}”?");
    let shown = crate::support::painted(&stage.window);
    let is_cut = |text: &str| text.starts_with("Delete connection") && text.contains('…') && text.ends_with("?");
    assert!(shown.iter().any(|(text, _)| is_cut(text)), "{shown:?}");
    let told = |stage: &Stage| stage.window.query_all_by_role_and_label(Role::Label, &title).count();
    assert_eq!(told(&stage), 1, "{title} for screen readers");
    stage.window.get_by_role_and_label(Role::Label, &title).hover();
    stage.window.run_steps(60);
    assert_eq!(told(&stage), 2, "and on hover");
}
