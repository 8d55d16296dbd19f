//! What an earlier run has left, on an engine that follows a script: given up by `resume --forget-failed`, told by
//! `resume`.

use std::path::PathBuf;

use clap::Parser as _;

use super::args::Cli;
use super::client::Bell;
use super::flow_tests::{SERVER, finished, report, started};
use super::handing::{News, NotTaken, Window};
use super::output::{Form, Talk};
use super::run::run;
use super::testing::{Script, Streams};
use crate::model::{
    BatchCounts, BatchId, BatchStood, BucketName, Command, Connection, ConnectionId, Event, Failure, FailureKind,
    Location, Notice, Prefix, QueueHold, QueueStake, ScanProgress, Selection, Service, SkipReason, SkippedItem,
    TransferAction, TransferAmount, TransferState, TransfersView, UnfinishedBatch, Verified,
};

pub(super) fn connection(name: &str) -> Connection {
    Connection::plain(ConnectionId::new(name), Service::Other)
}

/// A batch of an earlier run.
pub(super) fn left_through(connection: &Connection, stood: BatchStood, failed: u64) -> UnfinishedBatch {
    let bucket = BucketName::new("bucket").unwrap();
    let to = Location { connection: connection.id.clone(), bucket, prefix: Prefix::root() };
    let connection = Some(connection.clone());
    UnfinishedBatch { batch: BatchId::next(), to, connection, stood, open: 0, failed, untold: 0 }
}

/// An engine whose journal holds these, and to which the connection `broken` does not open.
pub(super) fn answers(left: &[UnfinishedBatch], command: &Command) -> Vec<Event> {
    match command {
        Command::ListUploaded { request } => {
            let objects = Event::UploadedObjects { request: *request, objects: Vec::new() };
            vec![Event::BatchesRestored(left.to_vec()), objects]
        }
        Command::CountTransfers { request, .. } => {
            let transfers = left.iter().map(|batch| batch.failed).sum();
            let failed = TransferAmount { transfers, bytes: 30, moved_bytes: 0 };
            let stake = Box::new(QueueStake { failed, ..QueueStake::default() });
            vec![Event::TransfersCounted { request: *request, stake }]
        }
        Command::UseConnection { request, connection, .. } => {
            let result = match connection.id.as_str() {
                "broken" => Err(Box::new(Failure::new(FailureKind::KeychainLocked))),
                _ => Ok(connection.clone()),
            };
            vec![Event::ConnectionOpened { request: *request, id: connection.id.clone(), result }]
        }
        Command::CleanServers { request } => vec![Event::ServersCleaned { request: *request }],
        _ => Vec::new(),
    }
}

pub(super) struct Ran {
    pub(super) status: u8,
    pub(super) out: String,
    pub(super) err: String,
    /// What was done to which transfers.
    acts: Vec<(Selection, TransferAction)>,
}

fn forget(left: &[UnfinishedBatch]) -> Ran {
    forget_with(|command| answers(left, command), |_| {})
}

fn forget_with<A: Fn(&Command) -> Vec<Event>>(answers: A, change: impl FnOnce(&mut Script<A>)) -> Ran {
    ran(&["resume", "--forget-failed", "--yes"], answers, change)
}

fn ran<A: Fn(&Command) -> Vec<Event>>(line: &[&str], answers: A, change: impl FnOnce(&mut Script<A>)) -> Ran {
    ran_until(&Bell::new(), line, answers, change)
}

/// The same until somebody rings this.
pub(super) fn ran_until<A: Fn(&Command) -> Vec<Event>>(
    bell: &Bell,
    line: &[&str],
    answers: A,
    change: impl FnOnce(&mut Script<A>),
) -> Ran {
    let cli = Cli::try_parse_from(["bucketdrop-cli"].iter().chain(line)).unwrap();
    let mut script = Script::new(vec![started()], answers);
    script.keeps_journal = true;
    change(&mut script);
    let (streams, mut printer) = Streams::new();
    printer.form = if cli.global.json { Form::Json } else { Form::Text };
    printer.talk = if cli.global.quiet { Talk::Quiet } else { Talk::Normal };
    let status = run(&script, bell, &mut printer, &cli);
    let act = |command| match command {
        Command::Transfers { selection, action } => Some((selection, action)),
        _ => None,
    };
    let acts = script.asked.take().into_iter().filter_map(act).collect();
    Ran { status, out: streams.out(), err: streams.err(), acts }
}

#[test]
fn what_has_not_failed_is_left_alone() {
    let here = connection("here");
    let left = [left_through(&here, BatchStood::Filling, 0), left_through(&here, BatchStood::Filling, 2)];
    let told = forget(&left);
    assert_eq!(told.acts, [(Selection::Batch(left[1].batch), TransferAction::ForgetFailed)], "{}", told.err);
    assert!(told.status == 0 && told.err.ends_with("2 files were given up.\n"), "{}", told.err);
    assert!(told.err.contains("Of 1 upload the folders were not walked to their end"), "{}", told.err);
}

#[test]
fn what_goes_through_a_connection_that_does_not_open_stays() {
    let (here, broken) = (connection("here"), connection("broken"));
    let left = [left_through(&broken, BatchStood::Told, 3), left_through(&here, BatchStood::Told, 2)];
    let told = forget(&left);
    assert_eq!(told.acts, [(Selection::Batch(left[1].batch), TransferAction::ForgetFailed)], "{}", told.err);
    assert!(told.err.contains("Uploads through “broken” stay as they are."), "{}", told.err);
    assert!(told.status == 1 && told.err.ends_with("2 files were given up.\n"), "{}", told.err);
    let told = forget(&left[..1]);
    assert!(told.status == 1 && told.acts.is_empty() && !told.err.contains("given up"), "{}", told.err);
}

/// A Bucketdrop that runs and is asked for nothing.
struct Running;

impl Window for Running {
    fn upload(&self, _paths: &[PathBuf], _job: String) -> Result<(), NotTaken> {
        panic!("nothing is to be uploaded")
    }

    fn news(&self) -> Vec<News> {
        Vec::new()
    }

    fn resume(&self) -> Result<(), Failure> {
        panic!("nothing is to go on")
    }
}

#[test]
fn that_nothing_has_failed_is_said_only_where_it_is_known() {
    const NOTHING: &str = "Nothing has failed that could be given up.";
    let told = forget(&[]);
    assert_eq!((told.status, told.err), (0, format!("{NOTHING}\n")));
    // The journal is in use, read-only or newer.
    let told = forget_with(|command| answers(&[], command), |script| script.keeps_journal = false);
    assert!(told.status == 1 && !told.err.contains(NOTHING), "{}", told.err);
}

#[test]
fn beside_a_window_the_status_is_about_what_is_the_commands_own() {
    const NOTE: &str = "What has failed in the Bucketdrop that is running is given up there.\n";
    let (here, broken) = (connection("here"), connection("broken"));
    let left = [left_through(&broken, BatchStood::Told, 3), left_through(&here, BatchStood::Told, 2)];
    let beside = |left: &[UnfinishedBatch], options: &[&str]| {
        let line = [&["resume", "--forget-failed", "--yes"], options].concat();
        ran(&line, |command| answers(left, command), |script| script.window = Some(Box::new(Running)))
    };
    for (left, status) in [(&[][..], 0), (&left[1..], 0), (&left[..], 1)] {
        let told = beside(left, &[]);
        assert_eq!(told.status, status, "{}", told.err);
        assert!(told.err.ends_with(NOTE) && !told.err.contains("Nothing has failed"), "{}", told.err);
        let told = beside(left, &["--quiet"]);
        assert_eq!((told.status, told.err.contains(NOTE)), (status, status != 0), "{}", told.err);
        let told = beside(left, &["--json"]);
        let lines: Vec<serde_json::Value> = told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let last = lines.iter().rev().take(2).map(|line| line["event"].as_str().unwrap());
        assert_eq!(last.collect::<Vec<_>>(), ["finished", "left-to-window"], "{}", told.out);
    }
}

#[test]
fn after_damage_it_is_not_said_that_nothing_has_failed() {
    let left = [left_through(&connection("here"), BatchStood::Told, 2)];
    for left in [&[][..], &left] {
        let with_damage = |command: &Command| {
            let damage = Notice::failure(Failure::new(FailureKind::JournalDamaged).with("path", "/h/queue.db"));
            let is_first = matches!(command, Command::ListUploaded { .. });
            let notice = is_first.then(|| Event::Notice(Box::new(damage)));
            notice.into_iter().chain(answers(left, command)).collect()
        };
        let told = forget_with(with_damage, |_| {});
        assert!(told.status == 1 && !told.err.contains("Nothing has failed"), "{}", told.err);
        let last = if left.is_empty() {
            "Nothing else has failed in what could be read.\n"
        } else {
            "2 files were given up.\n"
        };
        assert!(told.err.ends_with(last), "{}", told.err);
    }
}

#[test]
fn what_is_told_from_before_a_kill_is_in_the_sum() {
    let left = UnfinishedBatch { untold: 2, ..left_through(&connection("here"), BatchStood::Told, 0) };
    let stored = |command: &Command| match command {
        Command::ListUntold { request, batch, after } => {
            let done = |name, level| match report(*batch, &left.to, name, TransferState::Done(level)) {
                Event::TransferEnded(report) => *report,
                other => panic!("{other:?}"),
            };
            let both = || vec![done("a", Verified::Accepted), done("b", Verified::Unverified)];
            let result = Ok(if after.is_none() { both() } else { Vec::new() });
            vec![Event::UntoldStored { request: *request, result }]
        }
        other => answers(std::slice::from_ref(&left), other),
    };
    let told = ran(&["--json", "resume"], stored, |_| {});
    let lines: Vec<serde_json::Value> = told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [first, second, last] = &lines[..] else { panic!("{}", told.out) };
    assert_eq!((&first["event"], &second["verified"]), (&"done".into(), &"unverified".into()), "{}", told.out);
    assert_eq!((&last["event"], &last["uploaded"], &last["bytes"]), (&"finished".into(), &2.into(), &14.into()));
    assert_eq!((told.status, &last["failed"]), (0, &0.into()), "{}", told.err);
    let step = "Upload it again with `bucketdrop-cli upload --verify read-back --on-conflict overwrite`";
    assert!(told.err.contains("1 file is stored, but not verified") && told.err.contains(step), "{}", told.err);
}

#[test]
fn what_failed_and_is_kept_is_gone_on_with_by_resume_and_nothing_else() {
    let failing = |command: &Command| match command {
        Command::Enqueue { batch, to, .. } => {
            let failure = Failure::new(FailureKind::SourceChanged).with("path", "/src/a");
            vec![report(*batch, to, "a", TransferState::Failed(failure)), finished(*batch, to)]
        }
        Command::CountTransfers { request, .. } => {
            let failed = TransferAmount { transfers: 1, bytes: 7, moved_bytes: 0 };
            let stake = Box::new(QueueStake { failed, ..QueueStake::default() });
            vec![Event::TransfersCounted { request: *request, stake }]
        }
        other => answers(&[], other),
    };
    let line = [SERVER, &["upload", "x", "s3://bucket"]].concat();
    let told = ran(&line, failing, |_| {});
    let step = "When no program writes to it any more, run “bucketdrop-cli resume”";
    assert!(told.err.contains(step) && told.err.contains("1 file that failed is kept"), "{}", told.err);
    assert!(!told.err.contains("the command again"), "{}", told.err);
    // Without a journal nothing is kept.
    let told = ran(&line, failing, |script| script.keeps_journal = false);
    assert!(told.err.contains("run the command again") && !told.err.contains("resume"), "{}", told.err);
}

#[test]
fn a_wait_is_over_before_the_last_line() {
    let full = Failure::new(FailureKind::JournalFull).with("path", "/h/queue.db");
    let held = TransfersView { holds: vec![QueueHold::JournalStalled(full)], ..TransfersView::default() };
    let failed = TransferState::Failed(Failure::new(FailureKind::SourceChanged).with("path", "/src/a"));
    // Counting what failed hears what came after the end.
    for (state, event) in [(TransferState::Done(Verified::Accepted), "done"), (failed, "failed")] {
        let waiting = |command: &Command| match command {
            Command::Enqueue { batch, to, .. } => vec![
                Event::Transfers(Box::new(held.clone())),
                report(*batch, to, "a", state.clone()),
                finished(*batch, to),
                Event::Transfers(Box::default()),
            ],
            other => answers(&[], other),
        };
        let told = ran(&[&["--json"], SERVER, &["upload", "x", "s3://bucket"]].concat(), waiting, |_| {});
        let lines: Vec<serde_json::Value> = told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let events: Vec<_> =
            lines.iter().map(|line| (line["event"].as_str().unwrap(), line["state"].as_str())).collect();
        let (begun, over) = (("waiting", Some("begun")), ("waiting", Some("over")));
        assert_eq!(events, [begun, (event, None), over, ("finished", None)], "{}", told.out);
    }
}

#[test]
fn what_a_walk_cannot_read_is_uploaded_anew_where_resume_knows_nothing_of_it() {
    let unread = |batch: BatchId| {
        let counts = BatchCounts { files: 0, total_bytes: 0, skipped: 1 };
        let skipped = vec![SkippedItem { path: "/x/a".into(), reason: SkipReason::Unreadable("why".to_owned()) }];
        Event::BatchScanned { batch, counts, skipped, progress: ScanProgress::Complete }
    };
    let left = left_through(&connection("here"), BatchStood::Filling, 0);
    let walked = |command: &Command| match command {
        Command::ResumeQueue => vec![unread(left.batch), finished(left.batch, &left.to)],
        Command::Enqueue { batch, to, .. } => vec![unread(*batch), finished(*batch, to)],
        other => answers(std::slice::from_ref(&left), other),
    };
    let told = ran(&["resume"], walked, |_| {});
    assert!(told.status == 1 && told.err.contains("then upload it again"), "{}", told.err);
    let told = ran(&[SERVER, &["upload", "/x", "s3://bucket"]].concat(), walked, |_| {});
    assert!(told.status == 1 && told.err.contains("then run the command again"), "{}", told.err);
}
