//! What an upload has added to a folder that is too long to be listed again.

use bucketdrop::model::{
    Command, ConnectionId, Event, Failure, FailureKind, ObjectKey, RequestId, TransferCounts, TransferState,
    TransfersView,
};
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::fake::{Setup, Stage, folder, object, page_of};
use crate::shell::finished;
use crate::support::{busy_model, transfer};

/// 1,500 rows on screen and more to come, one of them selected, and an upload of three files just over.
fn after_an_upload() -> (Stage, RequestId) {
    let at = folder("weandb", "big");
    let mut stage = Stage::showing(Setup::default(), &at, page_of(1_500, Some("more")));
    stage.window.get_by_label_contains("file-000001.bin, ").click();
    stage.window.run();
    stage.wire.commands();
    let keys = ["big/file-000000 (2).bin", "big/zzz.bin", "big/new folder/x"];
    stage.wire.tell(finished(keys.iter().map(|key| at.object(ObjectKey::new(*key))).collect()));
    stage.window.run();
    let commands = stage.wire.commands();
    assert!(commands.iter().all(|command| !matches!(command, Command::ListObjects { .. })), "{commands:?}");
    let asked = commands.iter().find_map(|command| match command {
        Command::FindRows { request, at, keys } => Some((*request, at.clone(), keys.len())),
        _ => None,
    });
    let (request, shown, count) = asked.expect("the new rows are asked for");
    assert_eq!((shown, count), (at, 3));
    (stage, request)
}

#[test]
fn new_rows_of_a_long_folder_come_by_themselves() {
    let (mut stage, request) = after_an_upload();
    let rows = vec![
        object("big/zzz.bin", 1, "2026-11-21T05:00:00Z", "STANDARD"),
        object("big/file-000000 (2).bin", 2, "2026-11-21T05:00:00Z", "STANDARD"),
    ];
    stage.wire.tell(Event::RowsFound { request, at: Box::new(folder("weandb", "big")), result: Ok(rows) });
    stage.window.run();
    let row = |label: &str| {
        let found = stage.window.query_all_by_role(Role::ListBoxOption);
        let mut found = found.filter(|node| node.accesskit_node().label().is_some_and(|l| l.starts_with(label)));
        found.next().map(|node| (node.rect().top(), node.accesskit_node().is_selected() == Some(true)))
    };
    let (first, new, selected) =
        (row("file-000000.bin").unwrap(), row("file-000000 (2).bin").unwrap(), row("file-000001.bin").unwrap());
    assert!(new.0 < selected.0 && first.0 < selected.0, "{first:?} {new:?} {selected:?}");
    assert!(selected.1 && !new.1, "what was selected is selected");
    assert!(!stage.says("Something arrived"), "nothing is left to be reloaded");
}

#[test]
fn rows_that_cannot_be_found_leave_the_way_to_reload() {
    let (mut stage, request) = after_an_upload();
    assert!(stage.window.query_all_by_label_contains("Reload").count() == 1, "only the one in the path bar");
    let result = Err(Box::new(Failure::new(FailureKind::Offline)));
    stage.wire.tell(Event::RowsFound { request, at: Box::new(folder("weandb", "big")), result });
    stage.window.run();
    assert!(stage.window.query_all_by_label_contains("Reload").count() > 1);
}

/// The queue with a large file under way, and this many files done.
fn queue_into(prefix: &str, done: u64) -> Event {
    let mut film = transfer("/home/a/film.mov", &format!("{prefix}film.mov"), TransferState::Active);
    film.object.connection = ConnectionId::new("studio");
    let counts = TransferCounts { active: 1, paused: 0, moving: 1, done, failed: 0 };
    let view = TransfersView { counts, rows: vec![film], holds: Vec::new(), ..busy_model().transfers };
    Event::Transfers(Box::new(view))
}

fn listings(stage: &Stage) -> usize {
    stage.wire.commands().iter().filter(|command| matches!(command, Command::ListObjects { .. })).count()
}

fn seconds(stage: &mut Stage, secs: usize) {
    stage.window.run_steps(60 * secs);
}

#[test]
fn rows_of_a_running_batch_come_now_and_then_in_silence() {
    let mut stage = Stage::showing(Setup::default(), &folder("weandb", "big"), page_of(3, None));
    stage.wire.tell(queue_into("big/", 7));
    stage.window.run();
    stage.wire.commands();
    stage.wire.tell(queue_into("big/", 11));
    stage.window.run();
    assert_eq!(listings(&stage), 0, "a small batch is over before anything is asked for");
    seconds(&mut stage, 3);
    stage.wire.tell(queue_into("big/", 11));
    stage.window.run();
    assert!(!stage.says("Loading again"), "nobody has asked for it");
    assert!(stage.says("file-000002.bin"));
    stage.answer_listing(Ok(page_of(5, None)));
    assert_eq!(listings(&stage), 1);
    assert!(stage.says("file-000004.bin"));
    stage.wire.tell(queue_into("big/", 12));
    stage.window.run();
    seconds(&mut stage, 1);
    stage.wire.tell(queue_into("big/", 13));
    stage.window.run();
    assert_eq!(listings(&stage), 0, "not for each file");
    seconds(&mut stage, 6);
    stage.wire.tell(queue_into("big/", 13));
    stage.window.run();
    assert_eq!(listings(&stage), 1);
}

#[test]
fn uploads_elsewhere_and_listings_that_are_not_all_ask_for_nothing() {
    for (prefix, next) in [("other/", None), ("big/", Some("more"))] {
        let mut stage = Stage::showing(Setup::default(), &folder("weandb", "big"), page_of(900, next));
        stage.window.run();
        stage.wire.tell(queue_into(prefix, 0));
        stage.window.run();
        stage.wire.tell(queue_into(prefix, 4));
        stage.window.run();
        stage.wire.commands();
        seconds(&mut stage, 3);
        stage.wire.tell(queue_into(prefix, 5));
        stage.window.run();
        assert_eq!(listings(&stage), 0, "{prefix}");
    }
}
