//! That the last line counts the lines before it, however a command ends.

use std::sync::Arc;
use std::time::Duration;

use super::client::Bell;
use super::flow_tests::{SERVER, finished, report};
use super::kept_tests::{Ran, answers, connection, left_through, ran_until};
use crate::model::{
    BatchId, BatchStood, BatchSummary, Command, Connection, ConnectionId, Event, Failure, FailureKind, Notice,
    QueueHold, Selection, Service, TransferAction, TransferKind, TransferState, TransfersView, UnfinishedBatch,
    Verified,
};

/// Every line, of which the last has these as `uploaded` and `failed`.
fn with_sum(told: &Ran, uploaded: u64, failed: u64) -> Vec<serde_json::Value> {
    let lines: Vec<serde_json::Value> = told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.last().unwrap();
    assert_eq!(last["event"], "finished", "{}", told.out);
    assert_eq!((&last["uploaded"], &last["failed"]), (&uploaded.into(), &failed.into()), "{}", told.out);
    let of = |event: &str| lines.iter().filter(|line| line["event"] == event).count() as u64;
    assert_eq!((of("done"), of("failed")), (uploaded, failed), "{}", told.out);
    lines
}

#[test]
fn what_is_counted_of_an_earlier_run_is_told_also_after_ctrl_c() {
    let here = Connection::plain(ConnectionId::new("here"), Service::AmazonS3);
    let left = UnfinishedBatch { untold: 1, ..left_through(&here, BatchStood::Told, 0) };
    let bell = Bell::new();
    let pressed = |command: &Command| match command {
        Command::ListUntold { request, batch, .. } => {
            let Event::TransferEnded(done) = report(*batch, &left.to, "a", TransferState::Done(Verified::Accepted))
            else {
                panic!("no report")
            };
            vec![Event::UntoldStored { request: *request, result: Ok(vec![*done]) }]
        }
        // For the link, which nobody gets to know.
        Command::FindBucketRegion { .. } => {
            bell.interrupt();
            Vec::new()
        }
        other => answers(std::slice::from_ref(&left), other),
    };
    let told = ran_until(&bell, &["--json", "resume"], pressed, |_| {});
    assert_eq!(told.status, 130, "{}", told.err);
    with_sum(&told, 1, 0);
}

#[test]
fn a_connection_that_does_not_open_is_counted() {
    let left = [left_through(&connection("broken"), BatchStood::Told, 3)];
    for line in [&["--json", "resume"][..], &["--json", "resume", "--forget-failed", "--yes"]] {
        let told = ran_until(&Bell::new(), line, |command| answers(&left, command), |_| {});
        assert_eq!(told.status, 1, "{}", told.err);
        with_sum(&told, 0, 1);
    }
}

/// A command that is cut short in the middle of an upload with a receipt, while its receipts come out like this.
fn cut_short(interrupted: &Arc<Bell>, first: &[Event], saved: impl Fn(usize) -> Result<u64, Box<Failure>>) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let receipt = folder.path().join("r.csv");
    let tries = std::cell::Cell::new(0);
    let script = |command: &Command| match command {
        Command::Enqueue { batch, to, .. } => {
            if first.is_empty() {
                interrupted.interrupt();
            }
            let of = |event: &Event| match event {
                Event::Transfers(view) => {
                    let mut view = view.clone();
                    if let Some(QueueHold::Refused { connection, .. }) = view.holds.first_mut() {
                        *connection = to.connection.clone();
                    }
                    Event::Transfers(view)
                }
                other => other.clone(),
            };
            let done = report(*batch, to, "a", TransferState::Done(Verified::Accepted));
            [done].into_iter().chain(first.iter().map(of)).collect()
        }
        Command::SaveReceipt { request, .. } => {
            tries.set(tries.get() + 1);
            vec![Event::ReceiptSaved { request: *request, result: saved(tries.get()) }]
        }
        other => answers(&[], other),
    };
    let line = [&["--json"], SERVER, &["upload", "x", "s3://bucket", "--receipt", receipt.to_str().unwrap()]].concat();
    ran_until(interrupted, &line, script, |_| {})
}

#[test]
fn a_receipt_beside_its_place_or_nowhere_is_counted_where_the_command_is_cut_short() {
    let failure = |kind| Err(Box::new(Failure::new(kind).with("path", "/r.csv")));
    let beside = |time| if time == 1 { failure(FailureKind::TargetExists) } else { Ok(1) };
    let nowhere = |_time| failure(FailureKind::TargetUnwritable);
    let refused = || {
        let hold = QueueHold::Refused {
            connection: ConnectionId::local(),
            bucket: None,
            failure: Failure::new(FailureKind::AccessDenied),
        };
        vec![Event::Transfers(Box::new(TransfersView { holds: vec![hold], ..TransfersView::default() }))]
    };
    let told = cut_short(&Bell::new(), &[], beside);
    assert_eq!((told.status, &with_sum(&told, 1, 1)[0]["kind"]), (130, &"receipt-place-taken".into()), "{}", told.out);
    let told = cut_short(&Bell::new(), &[], nowhere);
    assert_eq!((told.status, &with_sum(&told, 1, 1)[0]["kind"]), (130, &"target-unwritable".into()), "{}", told.out);
    // The refusal is the other one.
    with_sum(&cut_short(&Bell::new(), &refused(), beside), 1, 2);
    with_sum(&cut_short(&Bell::new(), &refused(), nowhere), 1, 2);
}

/// What a download of a folder and of an object tells, beside what was heard of the folder's batch.
fn downloaded(line: &[&str], of_folder: impl Fn(BatchId) -> Vec<Event>) -> Ran {
    let script = |command: &Command| match command {
        Command::Download { batch, at, .. } => {
            let nothing = BatchSummary {
                to: at.clone(),
                kind: TransferKind::Download,
                done: 0,
                skipped: 0,
                cancelled: 0,
                failed: 0,
                done_bytes: 0,
                elapsed: Duration::ZERO,
                objects: Vec::new(),
                first_failure: None,
            };
            let end = Event::BatchFinished { batch: *batch, summary: Box::new(nothing) };
            of_folder(*batch).into_iter().chain([end]).collect()
        }
        Command::InspectObject { request, object } => {
            let result = Err(Box::new(Failure::new(FailureKind::NoSuchKey)));
            vec![Event::ObjectInspected { request: *request, object: Box::new(object.clone()), result }]
        }
        other => answers(&[], other),
    };
    ran_until(&Bell::new(), &[line, SERVER, &["download", "s3://bucket/d/", "/tmp"]].concat(), script, |_| {})
}

#[test]
fn what_else_goes_wrong_is_no_listing_that_failed() {
    let gone = |_batch| vec![Event::Notice(Box::new(Notice::failure(Failure::new(FailureKind::SettingsUnreadable))))];
    let told = downloaded(&["--json"], gone);
    // That nothing is there is told all the same.
    let lines = with_sum(&told, 0, 1);
    assert_eq!((told.status, &lines[0]["kind"]), (1, &"no-such-key".into()), "{}", told.out);
    let incomplete = |batch| {
        let failure = Box::new(Failure::new(FailureKind::ListingCutShort));
        vec![Event::BatchIncomplete { batch, failure }]
    };
    let told = downloaded(&["--json"], incomplete);
    let lines = with_sum(&told, 0, 1);
    assert_eq!((told.status, &lines[0]["kind"]), (1, &"listing-cut-short".into()), "{}", told.out);
}

#[test]
fn a_download_that_has_everything_succeeds_whatever_else_was_to_be_told() {
    let script = |command: &Command| match command {
        Command::Download { batch, at, .. } => vec![
            Event::Notice(Box::new(Notice::failure(Failure::new(FailureKind::SettingsUnreadable)))),
            report(*batch, at, "a", TransferState::Done(Verified::Accepted)),
            Event::Notice(Box::new(Notice::failure(Failure::new(FailureKind::ExpiredToken)))),
            finished(*batch, at),
        ],
        other => answers(&[], other),
    };
    let line = [SERVER, &["download", "s3://bucket/a", "/tmp"]].concat();
    let told = ran_until(&Bell::new(), &line, script, |_| {});
    assert_eq!(told.status, 0, "{}", told.err);
}

#[test]
fn what_goes_on_leaves_a_receipt_of_each_upload() {
    let (here, folder) = (connection("here"), tempfile::tempdir().unwrap());
    let left = [BatchStood::Filling, BatchStood::Filling].map(|stood| left_through(&here, stood, 0));
    let saved = std::cell::RefCell::new(Vec::new());
    let script = |command: &Command| match command {
        Command::Transfers { selection: Selection::Batch(batch), action: TransferAction::Resume } => {
            let to = left.iter().find(|known| known.batch == *batch).unwrap().to.clone();
            vec![report(*batch, &to, "a", TransferState::Done(Verified::Accepted)), finished(*batch, &to)]
        }
        Command::SaveReceipt { request, batch, path, .. } => {
            std::fs::write(path, "").unwrap();
            saved.borrow_mut().push((*batch, path.file_name().unwrap().to_str().unwrap().to_owned()));
            vec![Event::ReceiptSaved { request: *request, result: Ok(1) }]
        }
        other => answers(&left, other),
    };
    let receipt = folder.path().join("r.csv");
    let told = ran_until(&Bell::new(), &["--json", "resume", "--receipt", receipt.to_str().unwrap()], script, |_| {});
    assert_eq!(told.status, 0, "{}", told.err);
    let names = saved.into_inner();
    assert_eq!(names, [(left[0].batch, "r.csv".to_owned()), (left[1].batch, "r-2.csv".to_owned())]);
}
