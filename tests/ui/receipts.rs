//! Receipts, unfinished uploads and names of connections in the whole window: the ways to them, and what comes back.

use std::path::PathBuf;

use bucketdrop::model::*;
use egui_kittest::kittest::Queryable as _;

use crate::fake::{Chooser, Setup, Stage, folder, page_of_the_picture};
use crate::support::{busy_model, transfer};

fn finished_one(stage: &mut Stage) -> BatchId {
    let batch = BatchId::next();
    let summary = BatchSummary {
        to: folder("weandb", "photos/2026"),
        kind: TransferKind::Upload,
        done: 1,
        skipped: 0,
        cancelled: 0,
        failed: 0,
        done_bytes: 4_200_000,
        elapsed: std::time::Duration::from_secs(1),
        objects: Vec::new(),
        first_failure: None,
    };
    let counts = TransferCounts { done: 1, ..TransferCounts::default() };
    let key = "photos/2026/경복궁 가을.jpg";
    let row = transfer("/a/경복궁 가을.jpg", key, TransferState::Done(Verified::Accepted));
    let rows = vec![TransferRow { batch, ..row }];
    stage.wire.tell(Event::BatchFinished { batch, summary: Box::new(summary) });
    let view = TransfersView { tab: TransferTab::Done, counts, rows, ..TransfersView::default() };
    stage.wire.tell(Event::Transfers(Box::new(view)));
    stage.window.run();
    batch
}

fn showing(chooser: Chooser) -> Stage {
    let setup = Setup { chooser, ..Setup::default() };
    let stage = Stage::showing(setup, &folder("weandb", "photos/2026"), page_of_the_picture());
    stage.wire.commands();
    stage
}

fn choosing(path: &str) -> Chooser {
    Chooser { answer: Some(vec![PathBuf::from(path)]) }
}

fn click(stage: &mut Stage, label: &str) {
    stage.window.get_by_label(label).click();
    stage.window.run();
}

#[test]
fn a_batch_leaves_a_receipt_where_the_user_wants_it() {
    let mut stage = showing(choosing("/data/receipt.json"));
    let batch = finished_one(&mut stage);
    click(&mut stage, "More for all transfers");
    click(&mut stage, "Receipts…");
    click(&mut stage, "Save the receipt of s3://weandb/photos/2026/");
    stage.window.run();
    let saved = stage.wire.commands().into_iter().find_map(|command| match command {
        Command::SaveReceipt { request, batch, path, format, .. } => Some((request, batch, path, format)),
        _ => None,
    });
    let (request, of, path, format) = saved.unwrap();
    assert_eq!((of, path, format), (batch, PathBuf::from("/data/receipt.json"), ReceiptFormat::Json));
    stage.wire.tell(Event::ReceiptSaved { request, result: Ok(1) });
    stage.window.run();
    assert!(stage.says("Receipt of 1 file saved"));
    click(&mut stage, "Open it");
    let opened = stage.wire.commands().into_iter().any(|command| matches!(command, Command::OpenPath(_)));
    assert!(opened);
}

#[test]
fn the_menu_of_a_finished_row_saves_its_batch() {
    let mut stage = showing(choosing("/data/r.csv"));
    let batch = finished_one(&mut stage);
    let row = "경복궁 가을.jpg, → photos/2026/ · stored, checksum confirmed, 18.4 MB";
    stage.window.get_by_label(row).click_secondary();
    stage.window.run();
    click(&mut stage, "Save its batch’s receipt…");
    stage.window.run();
    let of_batch = |command: &Command| matches!(command, Command::SaveReceipt { batch: of, .. } if *of == batch);
    assert!(stage.wire.commands().iter().any(of_batch));
}

#[test]
fn what_left_the_list_still_has_its_receipt() {
    let mut stage = showing(Chooser::default());
    finished_one(&mut stage);
    assert_eq!(stage.window.state().model().finished.len(), 1);
    click(&mut stage, "More for all transfers");
    click(&mut stage, "Clear finished");
    assert_eq!(stage.window.state().model().finished.len(), 1, "the journal has what it says");
}

#[test]
fn a_receipt_that_cannot_be_written_says_why() {
    let mut stage = showing(choosing("/readonly/r.csv"));
    finished_one(&mut stage);
    click(&mut stage, "More for all transfers");
    click(&mut stage, "Receipts…");
    click(&mut stage, "Save the receipt of s3://weandb/photos/2026/");
    stage.window.run();
    let request = stage.wire.last_request(|command| match command {
        Command::SaveReceipt { request, .. } => Some(*request),
        _ => None,
    });
    let failure = Failure::new(FailureKind::TargetUnwritable).with("path", "/readonly/r.csv");
    stage.wire.tell(Event::ReceiptSaved { request, result: Err(Box::new(failure)) });
    stage.window.run();
    assert!(stage.says("cannot be written"));
}

#[test]
fn the_palette_leads_to_each_of_the_screens() {
    let mut stage = showing(choosing("/data/receipt.csv"));
    stage.by_palette("unfinished");
    assert!(stage.says("Unfinished uploads in weandb"));
    stage.window.key_press(egui::Key::Escape);
    stage.window.run();
    stage.by_palette("diagnose");
    assert!(stage.says("s3://weandb/photos/2026/.bucketdrop-diagnosis-"));
    stage.window.key_press(egui::Key::Escape);
    stage.window.run();
    stage.by_palette("check a receipt");
    stage.window.run();
    assert!(stage.says("/data/receipt.csv"));
}

#[test]
fn the_menu_of_a_bucket_leads_to_its_unfinished_uploads() {
    let mut stage = showing(Chooser::default());
    stage.window.get_by_label("hibernationproject, seoul").click_secondary();
    stage.window.run();
    click(&mut stage, "Unfinished uploads…");
    let asked = stage.wire.commands().into_iter().find_map(|command| match command {
        Command::ListUnfinished { bucket, .. } => Some(bucket.to_string()),
        _ => None,
    });
    assert_eq!(asked.as_deref(), Some("hibernationproject"));
}

/// "Go on" in the list of unfinished uploads, with the queue in this state: what the engine is told.
fn goes_on_with(transfer: TransferId, holds: Vec<QueueHold>, restored: Option<Event>) -> Vec<Command> {
    let mut stage = showing(Chooser::default());
    if let Some(event) = restored {
        stage.wire.tell(event);
    }
    stage.wire.tell(Event::Transfers(Box::new(TransfersView { holds, ..busy_model().transfers })));
    stage.window.run();
    stage.by_palette("unfinished");
    let request = stage.wire.last_request(|command| match command {
        Command::ListUnfinished { request, .. } => Some(*request),
        _ => None,
    });
    let upload = UnfinishedUpload {
        key: ObjectKey::new("launch-film-4k.mov"),
        upload_id: "u".to_owned(),
        started: None,
        age_secs: None,
        parts: Some(1),
        bytes: Some(8_388_608),
        owner: UploadOwner::InQueue(transfer),
    };
    let at = folder("weandb", "");
    let (connection, bucket) = (at.connection, at.bucket);
    stage.wire.tell(Event::UnfinishedListed { request, connection, bucket, result: Ok(vec![upload]) });
    stage.window.run();
    stage.wire.commands();
    click(&mut stage, "Go on with launch-film-4k.mov");
    stage.wire.commands()
}

fn actions_on(transfer: TransferId, commands: &[Command]) -> Vec<TransferAction> {
    let actions = commands.iter().filter_map(|command| match command {
        Command::Transfers { selection: Selection::One(id), action } if *id == transfer => Some(*action),
        _ => None,
    });
    actions.collect()
}

#[test]
fn going_on_with_an_unfinished_upload_lets_its_transfer_run() {
    let transfer = TransferId::next();
    let commands = goes_on_with(transfer, Vec::new(), None);
    let each = [TransferAction::Resume, TransferAction::Retry, TransferAction::First];
    assert_eq!(actions_on(transfer, &commands), each, "each is left alone by what it does not fit");
    let lets_all = |command: &Command| matches!(command, Command::HoldQueue(_) | Command::ResumeQueue);
    assert!(!commands.iter().any(lets_all), "nothing holds the queue");
}

#[test]
fn going_on_lets_a_held_queue_and_one_from_last_time_go() {
    let transfer = TransferId::next();
    let commands = goes_on_with(transfer, vec![QueueHold::Held], None);
    assert!(matches!(commands.first(), Some(Command::HoldQueue(QueueSwitch::Run))), "{commands:?}");
    assert_eq!(actions_on(transfer, &commands).last(), Some(&TransferAction::First), "and this one before the others");
    let restored = Event::QueueRestored { files: 4, bytes: 1, asks: true };
    let commands = goes_on_with(transfer, Vec::new(), Some(restored));
    assert!(matches!(commands.first(), Some(Command::ResumeQueue)), "{commands:?}");
    assert_eq!(actions_on(transfer, &commands).last(), Some(&TransferAction::First));
}

/// A connection as the command line's options make it.
fn from_command_line() -> Connection {
    Connection {
        id: ConnectionId::new("command-line-00d1f2a3b4c5d6e7"),
        name: "aws".to_owned(),
        service: Service::Other,
        endpoint: Endpoint::parse("https://minio.example.com:9000").ok(),
        credentials: CredentialSource::Anonymous,
        ..crate::fake::connection()
    }
}

#[test]
fn a_connection_of_the_command_line_has_a_human_name() {
    let mut stage = showing(Chooser::default());
    let brought = from_command_line();
    let hold = QueueHold::Refused {
        connection: brought.id.clone(),
        bucket: None,
        failure: Failure::new(FailureKind::AccessDenied),
    };
    stage.wire.tell(Event::ConnectionBrought(Box::new(brought)));
    let transfers = TransfersView { holds: vec![hold], ..busy_model().transfers };
    stage.wire.tell(Event::Transfers(Box::new(transfers)));
    stage.window.run();
    assert!(stage.says("From the command line · minio.example.com:9000 is refused"));
    assert!(!stage.says("00d1f2a3b4c5d6e7"));
    let whole = "From the command line · minio.example.com:9000 is refused";
    assert!(stage.window.get_all_by_label_contains(whole).count() > 1, "the status bar says why as well");
    assert!(!stage.says("Uploads wait: "), "and once only");
}

#[test]
fn without_the_inspector_the_status_bar_has_link_and_details() {
    let setup = Setup { size: [900.0, 600.0], ..Setup::default() };
    let mut stage = Stage::showing(setup, &folder("weandb", "photos/2026"), page_of_the_picture());
    assert!(stage.window.query_by_label("Show details").is_none(), "nothing is selected");
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    click(&mut stage, "Copy URL");
    assert!(stage.says("Link copied"));
    click(&mut stage, "Show details");
    assert!(stage.says("Modified: 2026-09-12"), "the inspector is there");
    assert!(stage.window.query_by_label("Show details").is_none());
}
