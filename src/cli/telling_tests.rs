//! What is told of uploads that are not what somebody may take them for.

use std::cell::RefCell;
use std::sync::Arc;

use clap::Parser as _;

use super::args::Cli;
use super::client::{Bell, EnginePort};
use super::flow_tests::{Ran, SERVER, checked_as_private, finished, opened, ran, report, started};
use super::run::run;
use super::testing::Streams;
use crate::model::{
    BatchCounts, Command, ConnectionId, Event, Failure, FailureKind, Notice, ObjectKey, QueueHold, ScanProgress,
    SkipReason, SkippedItem, TransferCounts, TransferState, TransfersView, Verdict, Verified,
};

#[test]
fn what_is_not_verified_is_said() {
    let answers = |command: &Command| match command {
        Command::Enqueue { batch, to, .. } => vec![
            report(*batch, to, "a", TransferState::Done(Verified::Unverified)),
            report(*batch, to, "b", TransferState::Done(Verified::Accepted)),
            report(*batch, to, "c", TransferState::Done(Verified::Unverified)),
            finished(*batch, to),
        ],
        _ => Vec::new(),
    };
    let told = ran(&[SERVER, &["upload", "x", "s3://bucket/p/"]].concat(), answers);
    assert_eq!((told.status, told.out.lines().count()), (0, 3), "{}", told.err);
    assert_eq!(told.err.matches("2 files are stored, but not verified").count(), 1, "{}", told.err);
    assert!(!told.err.contains("/src/a"), "{}", told.err);
    let step = "Upload them again with --verify read-back --on-conflict overwrite to have them fetched and compared";
    assert!(told.err.contains(step), "{}", told.err);
    // It was asked for already.
    let told = ran(&[SERVER, &["upload", "x", "s3://bucket/p/", "--verify", "read-back"]].concat(), answers);
    assert!(told.err.contains("not verified") && !told.err.contains("fetched and compared"), "{}", told.err);
}

#[test]
fn a_pipe_that_was_named_is_not_left_out_in_silence() {
    let answers = |command: &Command| match command {
        Command::Enqueue { batch, to, paths, .. } => {
            let item = |path: std::path::PathBuf| SkippedItem { path, reason: SkipReason::SpecialFile };
            let skipped = vec![item(paths[0].clone()), item(paths[0].join("within"))];
            let counts = BatchCounts { files: 0, total_bytes: 0, skipped: 2 };
            vec![
                Event::BatchScanned { batch: *batch, counts, skipped, progress: ScanProgress::Complete },
                finished(*batch, to),
            ]
        }
        _ => Vec::new(),
    };
    let told = ran(&[SERVER, &["upload", "/x/pipe", "s3://bucket/p/"]].concat(), answers);
    assert_eq!(told.status, 1, "{}", told.err);
    assert_eq!(told.err.matches("/x/pipe: only files and folders can be uploaded").count(), 1, "{}", told.err);
    assert!(told.err.contains("1 left out, 1 failed"), "{}", told.err);
}

#[test]
fn a_dry_run_fails_where_the_upload_would() {
    let skipped = |reason| SkippedItem { path: "/x/a".into(), reason };
    for (reason, status, said) in [
        (SkipReason::Missing, 1, "There is no such file or folder"),
        (SkipReason::Unreadable("why".to_owned()), 1, "may not be read"),
        (SkipReason::SameKey(ObjectKey::new("p/a")), 1, "another file of this upload gets the same key"),
        (SkipReason::SystemFile, 0, "/x/a: "),
    ] {
        let item = skipped(reason);
        let planned = |command: &Command| match command {
            Command::PlanUpload { request, .. } => vec![Event::UploadPlanned {
                request: *request,
                files: Vec::new(),
                skipped: vec![item.clone()],
                questions: Vec::new(),
                progress: ScanProgress::Complete,
            }],
            _ => Vec::new(),
        };
        let line = [SERVER, &["upload", "--dry-run", "/x/a", "s3://bucket/p/"]].concat();
        let told = ran(&line, planned);
        assert!(told.status == status && told.err.contains(said), "{:?}: {}", item.reason, told.err);
        let told = ran(&[&["--json"], &line[..]].concat(), planned);
        let event = if status == 0 { "\"event\":\"skipped\"" } else { "\"event\":\"failed\"" };
        assert!(told.out.contains(event), "{:?}: {}", item.reason, told.out);
    }
}

/// What is told of an upload while these hold it, one after the other.
fn told_while(moments: &[Vec<QueueHold>], state: &TransferState) -> (String, Vec<serde_json::Value>) {
    let answers = |command: &Command| match command {
        Command::Enqueue { batch, to, .. } => {
            let of = |hold: &QueueHold| with_connection(hold, &to.connection);
            let view = |holds: &Vec<QueueHold>| {
                let holds = holds.iter().map(of).collect();
                Event::Transfers(Box::new(TransfersView { holds, ..TransfersView::default() }))
            };
            let views = moments.iter().map(view);
            views.chain([report(*batch, to, "k", state.clone()), finished(*batch, to)]).collect()
        }
        _ => Vec::new(),
    };
    let line = [SERVER, &["upload", "x", "s3://bucket"]].concat();
    let json = ran(&[&["--json"], &line[..]].concat(), answers).out;
    (ran(&line, answers).err, json.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// The connection that the command line made.
fn with_connection(hold: &QueueHold, of: &ConnectionId) -> QueueHold {
    let (mut hold, of) = (hold.clone(), of.clone());
    if let QueueHold::Offline { connection, .. }
    | QueueHold::Refused { connection, .. }
    | QueueHold::FileRetried { connection, .. } = &mut hold
    {
        *connection = of;
    }
    hold
}

fn server_error() -> Failure {
    Failure::new(FailureKind::ServerError).with("host", "h").with("key", "k")
}

fn retried() -> QueueHold {
    QueueHold::FileRetried { connection: ConnectionId::local(), failure: server_error() }
}

fn offline() -> QueueHold {
    QueueHold::Offline { connection: ConnectionId::local(), failure: server_error(), retry_in_secs: 1 }
}

#[test]
fn a_file_that_is_tried_again_is_named_and_no_wait_ends_with_it() {
    let moments = [vec![retried()], Vec::new()];
    let (said, told) = told_while(&moments, &TransferState::Failed(server_error()));
    assert!(said.contains("“k” is tried again and again: The server h has a problem of its own"), "{said}");
    assert!(!said.contains("The wait is over"), "{said}");
    let events: Vec<_> = told.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["retrying", "failed", "finished"], "{told:?}");
    assert_eq!((&told[0]["key"], &told[0]["reason"]), (&"k".into(), &"server-error".into()));
}

#[test]
fn a_wait_is_told_beside_a_file_that_meets_the_same() {
    let moments = [vec![retried()], vec![retried(), offline()], vec![retried()], Vec::new()];
    let (said, told) = told_while(&moments, &TransferState::Done(Verified::Accepted));
    let states: Vec<_> = told.iter().map(|line| (line["event"].as_str().unwrap(), line["state"].as_str())).collect();
    let (begun, over) = (("waiting", Some("begun")), ("waiting", Some("over")));
    assert_eq!(states, [("retrying", None), begun, over, ("done", None), ("finished", None)], "{told:?}");
    assert_eq!(said.matches("The wait is over.").count(), 1, "{said}");
}

#[test]
fn a_wait_that_ends_in_a_refusal_says_so() {
    let failure = Failure::new(FailureKind::AccessDenied);
    let refused = QueueHold::Refused { connection: ConnectionId::local(), bucket: None, failure: failure.clone() };
    let (said, told) = told_while(&[vec![offline()], vec![refused]], &TransferState::Failed(failure));
    let over = told.iter().find(|line| line["state"] == "over").unwrap();
    assert!(over["words"].as_str().unwrap().starts_with("No longer waiting: "), "{over}");
    assert!(!said.contains("The wait is over."), "{said}");
}

/// Answers every check by that it opens over TLS only.
fn checked_as_led_to_tls(command: &Command) -> Vec<Event> {
    let mut answers = checked_as_private(command);
    for event in &mut answers {
        let Event::LinksChecked { checks, .. } = event else { continue };
        for check in checks {
            check.verdict = Verdict::OpensOverTls { origin: "https://s3.example.com".to_owned() };
            check.address = "http://s3.example.com/b/k".to_owned();
        }
    }
    answers
}

/// The addresses that the history got.
fn recorded(told: &Ran) -> Vec<&str> {
    let links = told.asked.iter().filter_map(|command| match command {
        Command::RecordLinks(links) => Some(links),
        _ => None,
    });
    links.flatten().map(|link| link.address.as_str()).collect()
}

#[test]
fn an_upload_whose_link_only_leads_to_https_comes_with_the_one_that_opens() {
    let answers = |command: &Command| match command {
        Command::Enqueue { batch, to, .. } => {
            vec![report(*batch, to, "k", TransferState::Done(Verified::Accepted)), finished(*batch, to)]
        }
        other => checked_as_led_to_tls(other),
    };
    let line = ["--endpoint-url", "http://s3.example.com", "--path-style", "upload", "--check", "x", "s3://b"];
    let told = ran(&line, answers);
    assert_eq!((told.status, told.out.as_str()), (0, "http://s3.example.com/b/k\n"), "{}", told.err);
    assert!(told.err.contains("Hand out this link instead: https://s3.example.com/b/k\n"), "{}", told.err);
    assert_eq!(recorded(&told), ["http://s3.example.com/b/k", "https://s3.example.com/b/k"]);
    let told = ran(&[&["--json"], &line[..]].concat(), answers);
    let first: serde_json::Value = serde_json::from_str(told.out.lines().next().unwrap()).unwrap();
    assert_eq!(first["https_url"], "https://s3.example.com/b/k", "{}", told.out);
}

#[test]
fn a_link_that_only_leads_to_https_comes_with_the_one_that_opens() {
    let answers = checked_as_led_to_tls;
    let line = ["--endpoint-url", "http://s3.example.com", "--path-style", "link", "s3://b/k", "--format", "markdown"];
    let told = ran(&line, answers);
    assert_eq!(recorded(&told), ["http://s3.example.com/b/k", "https://s3.example.com/b/k"]);
    assert_eq!((told.status, told.out.as_str()), (0, "[k](<http://s3.example.com/b/k>)\n"), "{}", told.err);
    assert!(told.err.contains("Hand out this link instead: [k](<https://s3.example.com/b/k>)\n"), "{}", told.err);
    let told = ran(&[&["--json"], &line[..]].concat(), answers);
    let first: serde_json::Value = serde_json::from_str(told.out.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["https_url"], &first["verdict"]),
        (&"https://s3.example.com/b/k".into(), &"opens-over-tls".into())
    );
    let told = ran(&[&["--json"], SERVER, &["link", "s3://b/k"]].concat(), checked_as_private);
    assert!(told.out.contains("\"https_url\":null"), "{}", told.out);
}

/// Tells what it was given once an upload is asked for, and then that somebody pressed Ctrl-C.
struct Interrupted {
    bell: Arc<Bell>,
    keeps: Keeps,
    then: Vec<Event>,
    events: RefCell<Vec<Event>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    Journal,
    Nothing,
}

impl EnginePort for Interrupted {
    fn send(&self, command: Command) {
        match command {
            Command::UseConnection { request, connection, .. } => {
                self.events.borrow_mut().push(opened(request, &connection));
            }
            Command::Enqueue { .. } => self.events.borrow_mut().extend(self.then.clone()),
            _ => {}
        }
    }

    fn drain_events(&self) -> Vec<Event> {
        let events = self.events.take();
        if events.is_empty() {
            self.bell.interrupt();
        }
        events
    }

    fn keeps_journal(&self) -> bool {
        self.keeps == Keeps::Journal
    }
}

fn interrupted(keeps: Keeps, first: Vec<Event>, then: Vec<Event>) -> String {
    let cli =
        Cli::try_parse_from(["bucketdrop-cli"].iter().chain(SERVER).chain(&["upload", "x", "s3://bucket/p/"])).unwrap();
    let bell = Bell::new();
    let events = RefCell::new(first.into_iter().chain([started()]).collect());
    let engine = Interrupted { bell: Arc::clone(&bell), keeps, then, events };
    let (streams, mut printer) = Streams::new();
    assert_eq!(run(&engine, &bell, &mut printer, &cli), super::INTERRUPTED);
    streams.err()
}

fn stalled(moving: u64) -> Event {
    let full = Failure::new(FailureKind::JournalFull).with("path", "/h/queue.db");
    let counts = TransferCounts { active: 50, moving, ..TransferCounts::default() };
    Event::Transfers(Box::new(TransfersView {
        counts,
        holds: vec![QueueHold::JournalStalled(full)],
        ..TransfersView::default()
    }))
}

#[test]
fn nothing_is_promised_that_was_not_saved() {
    let told = interrupted(Keeps::Journal, Vec::new(), vec![stalled(0)]);
    assert!(
        told.contains("Nothing was saved; run this command again") && !told.contains("bucketdrop-cli resume"),
        "{told}"
    );
    let told = interrupted(Keeps::Journal, Vec::new(), vec![stalled(3)]);
    assert!(told.contains("could not all be saved for `bucketdrop-cli resume`; run this command again"), "{told}");
    assert!(!told.contains("keeps the upload") && !told.contains("goes on where"), "{told}");
    let over = Event::Transfers(Box::default());
    let told = interrupted(Keeps::Journal, Vec::new(), vec![stalled(0), over]);
    assert!(told.contains("`bucketdrop-cli resume` goes on where this stopped"), "{told}");
}

#[test]
fn without_a_journal_the_upload_is_done_and_cannot_be_resumed() {
    let failure = Failure::new(FailureKind::JournalUnwritable).with("path", "/h/queue.db");
    let told = interrupted(Keeps::Nothing, vec![Event::Notice(Box::new(Notice::failure(failure)))], Vec::new());
    let expected = "This upload cannot be resumed if it is interrupted: /h/queue.db cannot be used";
    assert_eq!(told.matches(expected).count(), 1, "{told}");
    assert!(!told.contains("o new upload starts"), "{told}");
}

#[test]
fn what_is_stored_without_its_list_is_no_failed_file_and_no_success() {
    let answers = |command: &Command| match command {
        Command::Enqueue { batch, to, .. } => {
            let failure = Failure::new(FailureKind::AclLeftOut).with("name", "authenticated-read");
            let failure = Box::new(failure.with("bucket", &to.bucket).with("prefix", &to.prefix));
            vec![
                report(*batch, to, "a", TransferState::Done(Verified::Accepted)),
                Event::AclLeftOut { batch: *batch, failure },
                finished(*batch, to),
            ]
        }
        _ => Vec::new(),
    };
    let line = [SERVER, &["upload", "x", "s3://bucket/p/", "--acl", "authenticated-read"]].concat();
    let told = ran(&line, answers);
    assert_eq!(told.status, 1);
    let words =
        "Stored without the access control list (ACL) “authenticated-read”: the bucket “bucket” does not take it";
    assert_eq!(told.err.matches(words).count(), 1, "{}", told.err);
    assert!(told.err.contains("bucket policy"), "{}", told.err);
    let told = ran(&[&["--json"], &line[..]].concat(), answers);
    let lines: Vec<serde_json::Value> = told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |event: &str| lines.iter().filter(|line| line["event"] == event).collect::<Vec<_>>();
    assert_eq!((of("failed").len(), of("not-public").len()), (0, 0));
    let [line] = of("acl-left-out")[..] else { panic!("{lines:?}") };
    let values = [&line["bucket"], &line["prefix"], &line["acl"]];
    assert_eq!(values, ["bucket", "p/", "authenticated-read"]);
    assert_eq!(of("finished")[0]["acl_left_out"], 1);
}
