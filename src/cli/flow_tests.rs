//! Whole commands on an engine that follows a script.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser as _;

use super::args::Cli;
use super::client::Bell;
use super::run::run;
use super::testing::{Script, Streams};
use crate::cli::output::Form;
use crate::model::{
    BatchCounts, BatchId, BatchSummary, Bucket, BucketName, CheckProgress, Command, Connection, ConnectionId,
    EngineSnapshot, Entry, Event, Failure, FailureKind, KeyProblem, LinkCheck, LinkKind, Location, NameQuestion,
    NotFoundBecause, Object, ObjectKey, ObjectPage, PageToken, Prefix, PrivateBecause, ScanProgress, Settings,
    SkipReason, SkippedItem, TransferId, TransferKind, TransferReport, TransferState, Verdict, Verified,
};

/// What came out: status, standard output, standard error, commands.
pub(super) struct Ran {
    pub(super) status: u8,
    pub(super) out: String,
    pub(super) err: String,
    pub(super) asked: Vec<Command>,
}

pub(super) fn started() -> Event {
    let settings = Settings { language: crate::model::Language::English, ..Settings::default() };
    let (connections, warnings) = (Vec::new(), Vec::new());
    let (settings_path, log_folder) = (PathBuf::new(), PathBuf::new());
    Event::Started(Box::new(EngineSnapshot { connections, settings, warnings, settings_path, log_folder }))
}

pub(super) fn ran(line: &[&str], answers: impl Fn(&Command) -> Vec<Event>) -> Ran {
    ran_through(line, Connection::clone, answers)
}

/// The same, with what is made of the connection that was asked for.
fn ran_through(
    line: &[&str],
    made: impl Fn(&Connection) -> Connection,
    answers: impl Fn(&Command) -> Vec<Event>,
) -> Ran {
    let cli = Cli::try_parse_from(std::iter::once(&"bucketdrop-cli").chain(line)).unwrap();
    let script = Script::new(vec![started()], |command: &Command| match command {
        Command::UseConnection { request, connection, .. } => vec![opened(*request, &made(connection))],
        other => answers(other),
    });
    let bell = Bell::new();
    // Every answer of a script is there at once; a command that waits for more would wait for ever.
    let (streams, mut printer) = Streams::new();
    printer.form = if cli.global.json { Form::Json } else { Form::Text };
    let watchdog = std::sync::Arc::clone(&bell);
    std::thread::Builder::new()
        .spawn(move || {
            std::thread::park_timeout(Duration::from_mins(2));
            watchdog.interrupt();
        })
        .unwrap();
    let status = run(&script, &bell, &mut printer, &cli);
    Ran { status, out: streams.out(), err: streams.err(), asked: script.asked.take() }
}

pub(super) fn opened(request: crate::model::RequestId, connection: &Connection) -> Event {
    Event::ConnectionOpened { request, id: connection.id.clone(), result: Ok(Box::new(connection.clone())) }
}

pub(super) fn report(batch: BatchId, to: &Location, name: &str, state: TransferState) -> Event {
    Event::TransferEnded(Box::new(TransferReport {
        id: TransferId::next(),
        batch,
        kind: TransferKind::Upload,
        path: PathBuf::from(format!("/src/{name}")),
        object: to.object(ObjectKey::new(to.prefix.join(name))),
        state,
        bytes: 7,
        etag: Some("e".into()),
        version_id: None,
        checksum: Some("CRC64NVME:x".into()),
    }))
}

pub(super) fn finished(batch: BatchId, to: &Location) -> Event {
    let summary = BatchSummary {
        to: to.clone(),
        kind: TransferKind::Upload,
        done: 1,
        skipped: 0,
        cancelled: 0,
        failed: 0,
        done_bytes: 7,
        elapsed: Duration::from_millis(1500),
        objects: Vec::new(),
        first_failure: None,
    };
    Event::BatchFinished { batch, summary: Box::new(summary) }
}

pub(super) const SERVER: &[&str] = &["--endpoint-url", "https://s3.example.com", "--path-style"];

#[test]
fn an_upload_tells_every_file() {
    let line = [SERVER, &["upload", "x", "s3://bucket/p/", "--on-conflict", "rename", "--jobs", "3"]].concat();
    let answers = |command: &Command| match command {
        Command::Enqueue { batch, to, options, .. } => {
            assert_eq!(options.on_conflict.code(), "rename");
            let skipped = vec![SkippedItem { path: "/src/.DS_Store".into(), reason: SkipReason::SystemFile }];
            let counts = BatchCounts { files: 3, total_bytes: 21, skipped: 1 };
            let question = NameQuestion {
                path: "/src/\u{1}".into(),
                key: "p/\u{1}".into(),
                problem: KeyProblem::ControlCharacter,
                suggestion: "_".into(),
            };
            vec![
                Event::BatchScanned { batch: *batch, counts, skipped, progress: ScanProgress::Complete },
                Event::NamesNeeded { batch: *batch, questions: vec![question] },
                report(*batch, to, "a b+.txt", TransferState::Done(Verified::Accepted)),
                report(*batch, to, "there", TransferState::Skipped(SkipReason::Exists)),
                report(*batch, to, "bad", TransferState::Failed(Failure::new(FailureKind::AccessDenied).detail("x"))),
                report(*batch, to, "\u{1}", TransferState::Skipped(SkipReason::NameDeclined)),
                finished(*batch, to),
            ]
        }
        _ => Vec::new(),
    };
    let text = ran(&line, answers);
    assert_eq!((text.status, text.out.as_str()), (1, "https://s3.example.com/bucket/p/a%20b%2B.txt\n"), "{}", text.err);
    assert!(text.err.contains("/src/.DS_Store") && text.err.contains("1 done (7 B), 2 left out, 2 failed, 1.5 s"));
    // The name that does not do is told, and the one that would.
    let named = text.err.contains("“p/\\u{1}” cannot be used as a key") && text.err.contains("“_” would do");
    assert!(named, "{}", text.err);
    assert!(matches!(text.asked.get(1), Some(Command::LimitFiles(3))), "{:?}", text.asked);
    assert!(
        text.asked.iter().any(|command| matches!(command, Command::ResolveNames { answers, .. } if answers.len() == 1))
    );

    let json = ran(&[&["--json"], line.as_slice()].concat(), answers);
    let lines: Vec<serde_json::Value> = json.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<_> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["skipped", "failed", "done", "skipped", "failed", "finished"]);
    assert_eq!(lines[2]["url"], "https://s3.example.com/bucket/p/a%20b%2B.txt");
    assert_eq!(lines[4]["kind"], "access-denied");
    assert_eq!((&lines[5]["uploaded"], &lines[5]["skipped"], &lines[5]["failed"]), (&1.into(), &2.into(), &2.into()));
}

#[test]
fn everything_skipped_is_success() {
    let line = [SERVER, &["upload", "x", "s3://bucket"]].concat();
    let ran = ran(&line, |command| match command {
        Command::Enqueue { batch, to, .. } => {
            vec![report(*batch, to, "a", TransferState::Skipped(SkipReason::Exists)), finished(*batch, to)]
        }
        _ => Vec::new(),
    });
    assert_eq!((ran.status, ran.out.as_str()), (0, ""));
}

#[test]
fn a_listing_goes_on_to_its_end_and_no_further() {
    let line = [SERVER, &["list", "s3://bucket/p", "--recursive", "--json"]].concat();
    let ran = ran(&line, |command| match command {
        Command::ListObjectsBelow { request, at, after } => {
            let object = |key: &str| {
                Entry::Object(Object {
                    key: ObjectKey::new(key),
                    size_bytes: None,
                    modified: None,
                    etag: None,
                    storage_class: None,
                })
            };
            // The second page repeats its token, as broken servers do.
            let entries = if after.is_none() { vec![object("p/a")] } else { vec![Entry::Prefix(Prefix::new("p/b"))] };
            let page = ObjectPage { entries, next: Some(PageToken("t".to_owned())) };
            vec![Event::ObjectsListed { request: *request, at: Box::new(at.clone()), result: Ok(Box::new(page)) }]
        }
        _ => Vec::new(),
    });
    assert_eq!(ran.status, 1, "what came is told, and that it is not all");
    let rows = "{\"event\":\"object\",\"bucket\":\"bucket\",\"key\":\"p/a\",\"bytes\":null,\"modified\":null,\"etag\":null,\
                \"storage_class\":null}\n{\"event\":\"prefix\",\"bucket\":\"bucket\",\"prefix\":\"p/b/\"}\n";
    let rest = ran.out.strip_prefix(rows).unwrap_or_default();
    assert!(rest.lines().count() == 1 && rest.contains("\"kind\":\"listing-cut-short\""), "{}", ran.out);
}

#[test]
fn buckets_are_listed() {
    let line = [SERVER, &["list"]].concat();
    let ran = ran(&line, |command| match command {
        Command::ListBuckets { request, connection } => {
            let bucket = Bucket { name: BucketName::new("my-bucket").unwrap(), created: None, region: None };
            vec![Event::BucketsListed { request: *request, connection: connection.clone(), result: Ok(vec![bucket]) }]
        }
        _ => Vec::new(),
    });
    assert_eq!((ran.status, ran.out.as_str()), (0, "s3://my-bucket\n"));
}

/// Every link that is asked for is private.
pub(super) fn checked_as_private(command: &Command) -> Vec<Event> {
    let Command::CheckLinks { request, objects, .. } = command else { return Vec::new() };
    let check = LinkCheck {
        object: objects[0].clone(),
        kind: LinkKind::Public,
        verdict: Verdict::Private(PrivateBecause::NothingOpensIt),
        status: Some(403),
        address: "https://s3.example.com/b/k".into(),
        checked_at: jiff::Timestamp::UNIX_EPOCH,
    };
    let progress = CheckProgress { checked: 1, asked: 1, total: 1 };
    vec![Event::LinksChecked { request: *request, checks: vec![check], progress, end: Some(Ok(())) }]
}

#[test]
fn a_link_comes_with_its_verdict() {
    let line = [SERVER, &["link", "s3://b/k"]].concat();
    let told = ran(&line, checked_as_private);
    assert_eq!((told.status, told.out.as_str()), (0, "https://s3.example.com/b/k\n"));
    assert!(told.err.contains("s3://b/k: private"), "{}", told.err);
    let recorded = told.asked.iter().any(|command| matches!(command, Command::RecordLinks(links) if links.len() == 1));
    assert!(recorded);
    let told = ran(&[&line[..], &["--json"]].concat(), checked_as_private);
    assert!(
        told.out.contains("\"access\":\"private\",\"verdict\":\"private-nothing-opens-it\",\"reason\":\"private: ")
    );
    let told = ran(&[&line[..], &["--no-check"]].concat(), |_| Vec::new());
    assert_eq!((told.status, told.out.as_str(), told.err.as_str()), (0, "https://s3.example.com/b/k\n", ""));
}

/// Whether the keys may ask where a bucket is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Region {
    Told,
    Refused,
}

/// An engine whose every check is led to Ireland.
fn in_ireland(command: &Command, told: Region) -> Vec<Event> {
    let region = crate::model::Region::new("eu-west-1").unwrap();
    match command {
        Command::Enqueue { batch, to, .. } => {
            let done = |name| report(*batch, to, name, TransferState::Done(Verified::Accepted));
            vec![done("a"), done("b"), finished(*batch, to)]
        }
        Command::FindBucketRegion { connection, bucket, .. } if told == Region::Told => {
            vec![Event::BucketRegionFound { connection: connection.clone(), bucket: bucket.clone(), region }]
        }
        Command::FindBucketRegion { request, .. } => {
            let failure = Box::new(Failure::new(FailureKind::AccessDenied));
            vec![Event::BucketRegionUnknown { request: *request, failure }]
        }
        Command::CheckLinks { request, objects, .. } => {
            let check = LinkCheck {
                object: objects[0].clone(),
                kind: LinkKind::Public,
                verdict: Verdict::Public,
                status: Some(200),
                address: format!("https://eu-bucket.s3.eu-west-1.amazonaws.com/{}", objects[0].key),
                checked_at: jiff::Timestamp::UNIX_EPOCH,
            };
            let progress = CheckProgress { checked: 1, asked: 1, total: 1 };
            vec![Event::LinksChecked { request: *request, checks: vec![check], progress, end: Some(Ok(())) }]
        }
        _ => Vec::new(),
    }
}

#[test]
fn links_lead_to_the_region_where_the_bucket_is() {
    let right = "https://eu-bucket.s3.eu-west-1.amazonaws.com/a";
    let upload = ["--region", "us-east-1", "upload", "x", "s3://eu-bucket/"];
    let both = format!("{right}\n{}b\n", right.trim_end_matches('a'));
    let told = ran(&upload, |command| in_ireland(command, Region::Told));
    assert_eq!((told.status, told.out.as_str()), (0, both.as_str()), "{}", told.err);
    let asked = told.asked.iter().filter(|command| matches!(command, Command::FindBucketRegion { .. })).count();
    assert_eq!(asked, 1, "once for a bucket");
    // Where nobody says, what was checked is what is told.
    let told = ran(&[&upload[..], &["--check"]].concat(), |command| in_ireland(command, Region::Refused));
    assert_eq!((told.status, told.out.as_str()), (0, both.as_str()), "{}", told.err);
    let told = ran(&["--json", "--region", "us-east-1", "upload", "--check", "x", "s3://eu-bucket/"], |command| {
        in_ireland(command, Region::Refused)
    });
    let first: serde_json::Value = serde_json::from_str(told.out.lines().next().unwrap()).unwrap();
    assert_eq!((&first["url"], &first["verdict"]), (&right.into(), &"public".into()));
    // Without a check it is the connection's region that stands.
    let told = ran(&upload, |command| in_ireland(command, Region::Refused));
    assert!(told.out.starts_with("https://eu-bucket.s3.us-east-1.amazonaws.com/a\n"), "{}", told.out);

    let link = ["--region", "us-east-1", "link", "s3://eu-bucket/a"];
    let told = ran(&link, |command| in_ireland(command, Region::Told));
    assert_eq!((told.status, told.out), (0, format!("{right}\n")));
    assert!(!told.err.contains("amazonaws"), "{}", told.err);
    // The wrong link stands there already; it is not left at that.
    let told = ran(&link, |command| in_ireland(command, Region::Refused));
    assert!(told.out.contains("us-east-1") && told.err.contains(right), "{} {}", told.out, told.err);
    let told = ran(&[&["--json"], &link[..]].concat(), |command| in_ireland(command, Region::Refused));
    assert!(told.out.contains(&format!("\"link\":\"{right}\"")), "{}", told.out);
}

#[test]
fn links_take_the_form_asked_for() {
    let line = [SERVER, &["link", "s3://b/a (1).png", "--format", "markdown"]].concat();
    let markdown = ran(&line, checked_as_private);
    assert_eq!(markdown.status, 0, "{}", markdown.err);
    assert!(markdown.out.contains("https://s3.example.com/b/a%20%281%29.png"), "{}", markdown.out);
    for form in ["s3", "arn", "aws-cli"] {
        let line = [SERVER, &["link", "s3://b/a b", "--format", form, "--expires", "1h"]].concat();
        let refused = ran(&line, checked_as_private);
        assert_eq!((refused.status, refused.out.as_str()), (2, ""), "there is nothing to sign: {}", refused.err);
    }
    for (format, expected) in [
        ("bbcode", "[url=https://s3.example.com/b/a%20%5B1%5D]a (1)[/url]\n"),
        ("html", "<a href=\"https://s3.example.com/b/a%20%5B1%5D\">a [1]</a>\n"),
        ("arn", "arn:aws:s3:::b/a [1]\n"),
        ("aws-cli", "aws s3 cp 's3://b/a [1]' . --region us-east-1 --endpoint-url https://s3.example.com\n"),
        ("template={bucket}: {url}", "b: https://s3.example.com/b/a%20%5B1%5D\n"),
        ("template", "a [1] https://s3.example.com/b/a%20%5B1%5D\n"),
    ] {
        let line = [SERVER, &["link", "s3://b/a [1]", "--format", format]].concat();
        assert_eq!(ran(&line, checked_as_private).out, expected, "{format}");
    }
}

/// An engine that uploads one file to this computer, whose plain address meets this verdict.
fn stores_here(command: &Command, verdict: &Verdict) -> Vec<Event> {
    match command {
        Command::Enqueue { batch, to, .. } => {
            vec![report(*batch, to, "a", TransferState::Done(Verified::Accepted)), finished(*batch, to)]
        }
        Command::SignLinks { request, objects, .. } => {
            let link = crate::model::SignedLink {
                object: objects[0].clone(),
                url: "http://127.0.0.1:9/b/a?X-Amz-Signature=0".to_owned(),
                expires: jiff::Timestamp::UNIX_EPOCH,
                keys_end: crate::model::KeysEnd::Counted,
            };
            vec![Event::LinksSigned { request: *request, result: Ok(vec![link]) }]
        }
        Command::CheckLinks { .. } => {
            let mut answers = checked_as_private(command);
            for event in &mut answers {
                if let Event::LinksChecked { checks, .. } = event {
                    checks[0].verdict = verdict.clone();
                    checks[0].address = "http://127.0.0.1:9/b/a".to_owned();
                }
            }
            answers
        }
        _ => Vec::new(),
    }
}

#[test]
fn what_is_open_on_this_computer_has_its_plain_address() {
    let local =
        |connection: &Connection| Connection { service: crate::model::Service::ThisComputer, ..connection.clone() };
    let line = [SERVER, &["upload", "x", "s3://b/", "--acl", "public-read"]].concat();
    let here = Verdict::OnlyFromHere(crate::model::OnlyHere::Loopback);
    let told = ran_through(&line, local, |command| stores_here(command, &here));
    assert_eq!((told.status, told.out.as_str()), (0, "http://127.0.0.1:9/b/a\n"), "{}", told.err);
    let private = Verdict::Private(PrivateBecause::NothingOpensIt);
    let told = ran_through(&line, local, |command| stores_here(command, &private));
    assert!(told.out.contains("X-Amz-Signature"), "{} {}", told.out, told.err);
    let line = [SERVER, &["upload", "x", "s3://b/"]].concat();
    let told = ran_through(&line, local, |command| stores_here(command, &here));
    assert!(told.out.contains("X-Amz-Signature"), "nobody has asked for it to be public: {}", told.out);
}

#[test]
fn what_is_stored_and_not_public_is_no_failed_file_and_no_success() {
    let because = || {
        use crate::model::{Finding, Layer, LayerFinding};
        [(Layer::Ownership, Finding::AclsOff), (Layer::Policy, Finding::Unknown)]
            .map(|(layer, finding)| LayerFinding { layer, finding })
            .to_vec()
    };
    let answers = |command: &Command| match command {
        Command::Enqueue { batch, to, .. } => {
            let failure =
                Failure::new(FailureKind::AclNotSupported).with("bucket", &to.bucket).with("prefix", &to.prefix);
            vec![
                report(*batch, to, "a", TransferState::Done(Verified::Accepted)),
                Event::PublicRefused { batch: *batch, failure: Box::new(failure), because: Some(because()) },
                finished(*batch, to),
            ]
        }
        _ => Vec::new(),
    };
    let line = [SERVER, &["upload", "x", "s3://b/p/", "--public"]].concat();
    let told = ran(&line, answers);
    assert_eq!(told.status, 1);
    assert!(told.err.contains("Stored, but not public: ") && told.err.contains("bucket policy"), "{}", told.err);
    assert!(!told.err.contains("without --acl"), "none was given: {}", told.err);
    assert!(told.err.contains("  - Object ownership: ACLs are off\n  ? Bucket policy: unknown"), "{}", told.err);
    let told = ran(&[&["--json"], &line[..]].concat(), answers);
    let lines: Vec<serde_json::Value> = told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |event: &str| lines.iter().filter(|line| line["event"] == event).collect::<Vec<_>>();
    assert_eq!(of("failed").len(), 0, "no file failed");
    assert_eq!((&of("not-public")[0]["bucket"], &of("not-public")[0]["prefix"]), (&"b".into(), &"p/".into()));
    let layers = &of("not-public")[0]["layers"];
    assert_eq!((&layers[0]["layer"], &layers[0]["finding"]), (&"ownership".into(), &"acls-off".into()));
    assert_eq!(layers[0]["reason"], "Object ownership: ACLs are off");
    let last = of("finished")[0];
    assert_eq!((&last["uploaded"], &last["failed"], &last["not_public"]), (&1.into(), &0.into(), &1.into()));
}

/// An engine that finds nothing behind a link.
fn finds_nothing(command: &Command) -> Vec<Event> {
    let mut answers = checked_as_private(command);
    for event in &mut answers {
        if let Event::LinksChecked { checks, .. } = event {
            for check in checks {
                check.verdict = Verdict::NotFound(NotFoundBecause::Missing);
            }
        }
    }
    answers
}

#[test]
fn a_link_to_nothing_is_told_and_is_no_success() {
    let line = [SERVER, &["link", "s3://b/k"]].concat();
    let told = ran(&line, finds_nothing);
    assert_eq!((told.status, told.out.as_str()), (1, "https://s3.example.com/b/k\n"), "{}", told.err);
    let told = ran(&[&["--json"], &line[..]].concat(), finds_nothing);
    assert!(told.status == 1 && told.out.contains("\"event\":\"failed\""), "{}", told.out);
    let told = ran(&[&line[..], &["--no-check"]].concat(), finds_nothing);
    assert_eq!((told.status, told.out.as_str()), (0, "https://s3.example.com/b/k\n"), "nobody has looked");
}

#[test]
fn what_is_odd_about_an_address_is_told() {
    let line = [SERVER, &["link", "s3://b/x//a", "--no-check"]].concat();
    let told = ran(&line, |_| Vec::new());
    assert!(told.err.contains("fold"), "{}", told.err);
    let told = ran(&[&["--json"], &line[..]].concat(), |_| Vec::new());
    let first: serde_json::Value = serde_json::from_str(told.out.lines().next().unwrap()).unwrap();
    assert_eq!((&first["notes"], &first["expires_with_keys"]), (&serde_json::json!(["slashes"]), &false.into()));
    let line = ["--json", "--region", "zz-unheard-1", "link", "s3://eu-bucket/a", "--no-check"];
    let told = ran(&line, |command| in_ireland(command, Region::Refused));
    assert!(told.out.contains("\"notes\":[\"region-strange\"]"), "{}", told.out);
}

#[test]
fn a_key_that_no_browser_can_open_is_called_that() {
    let line = [SERVER, &["link", "s3://b/a/../b"]].concat();
    let ran = ran(&line, |_| Vec::new());
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("No browser can open this key"), "{}", ran.err);
}

#[test]
fn nothing_is_deleted_without_yes() {
    let line = [SERVER, &["remove", "s3://bucket/p/"]].concat();
    let ran = ran(&line, |command| match command {
        Command::CountObjects { request, .. } => {
            let count = Box::new(crate::model::ObjectCount { objects: 3, total_bytes: 30, ..Default::default() });
            vec![Event::ObjectsCounted { request: *request, count, end: Some(Ok(())) }]
        }
        _ => Vec::new(),
    });
    assert_eq!((ran.status, ran.out.as_str()), (2, "s3://bucket: 3 objects, 30 B\n"));
    assert!(!ran.asked.iter().any(|command| matches!(command, Command::DeleteObjects { .. })));
}

#[test]
fn a_mistyped_folder_is_told_whatever_the_others_hold() {
    let line = [SERVER, &["remove", "--yes", "s3://bucket/p/", "s3://bucket/typo/"]].concat();
    let ran = ran(&line, |command| match command {
        Command::CountObjects { request, .. } => {
            let empty_folders = vec![Prefix::new("typo")];
            let count = Box::new(crate::model::ObjectCount { objects: 3, empty_folders, ..Default::default() });
            vec![Event::ObjectsCounted { request: *request, count, end: Some(Ok(())) }]
        }
        Command::DeleteObjects { request, at, targets, .. } => {
            assert_eq!(targets, &[crate::model::Target::Folder(Prefix::new("p"))]);
            let (at, end) = (Box::new(at.clone()), Some(Ok(())));
            vec![Event::ObjectsDeleted { request: *request, at, deleted: 3, came: 0, failed: Vec::new(), end }]
        }
        _ => Vec::new(),
    });
    assert_eq!((ran.status, ran.out.as_str()), (1, "s3://bucket: 3 objects, 0 B\ns3://bucket: 3 objects deleted\n"));
    assert_eq!(ran.err.lines().filter(|line| line.starts_with("typo/: ")).count(), 1, "{}", ran.err);
}

#[test]
fn deletions_tell_what_stayed() {
    let line = [SERVER, &["remove", "--yes", "s3://bucket/p/", "s3://bucket/k", "s3://bucket/gone"]].concat();
    let ran = ran(&line, |command| match command {
        Command::CountObjects { request, .. } => {
            let missing_keys = vec![ObjectKey::new("gone")];
            let count = Box::new(crate::model::ObjectCount { objects: 3, missing_keys, ..Default::default() });
            vec![Event::ObjectsCounted { request: *request, count, end: Some(Ok(())) }]
        }
        Command::DeleteObjects { request, at, targets, .. } => {
            assert_eq!(targets.len(), 2, "what is not there is not deleted");
            let stayed = (ObjectKey::new("k"), Failure::new(FailureKind::AccessDenied));
            let event = |deleted, end| Event::ObjectsDeleted {
                request: *request,
                at: Box::new(at.clone()),
                deleted,
                came: 0,
                failed: vec![stayed.clone()],
                end,
            };
            vec![event(1, None), event(2, Some(Ok(())))]
        }
        _ => Vec::new(),
    });
    assert_eq!((ran.status, ran.out.as_str()), (1, "s3://bucket: 3 objects, 0 B\ns3://bucket: 2 objects deleted\n"));
    assert_eq!(ran.err.lines().filter(|line| line.starts_with("gone: ")).count(), 1, "{}", ran.err);
    assert_eq!(ran.err.lines().filter(|line| line.starts_with("k: ")).count(), 1, "{}", ran.err);
}

#[test]
fn downloads_of_one_folder_are_one_batch() {
    let line = [SERVER, &["download", "s3://b/p/a", "s3://b/p/q/", "s3://b/z", "/target"]].concat();
    let ran = ran(&line, |command| match command {
        Command::Download { batch, at, .. } => vec![finished(*batch, at)],
        _ => Vec::new(),
    });
    let batches: Vec<_> = ran
        .asked
        .iter()
        .filter_map(|command| match command {
            Command::Download { at, targets, .. } => Some((at.prefix.as_str(), targets.len())),
            _ => None,
        })
        .collect();
    assert_eq!((ran.status, batches.as_slice()), (0, &[("p/", 2), ("", 1)][..]));
}

#[test]
fn a_connection_that_is_not_saved_is_wrong_usage_with_its_name() {
    let ran = ran(&["--connection", "nope", "list"], |_| Vec::new());
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("“nope”"), "{}", ran.err);
    assert_eq!(ConnectionId::local().as_str(), ConnectionId::LOCAL);
}

#[test]
fn options_of_the_chain_do_not_mix_with_a_saved_connection() {
    let ran = ran(&["--connection", "local", "--region", "eu-west-1", "list"], |_| Vec::new());
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("--connection aws"), "{}", ran.err);
}

#[test]
fn ctrl_c_ends_a_command_that_waits() {
    let cli = Cli::try_parse_from(["bucketdrop-cli", "list"]).unwrap();
    let (bell, (_streams, mut printer)) = (Bell::new(), Streams::new());
    let presses = std::sync::Arc::clone(&bell);
    std::thread::Builder::new().spawn(move || presses.interrupt()).unwrap();
    // The engine never says anything.
    assert_eq!(run(&Script::new(Vec::new(), |_| Vec::new()), &bell, &mut printer, &cli), 130);
}
