//! What the window says when a service that was there answers no more, or only half of what was asked.

use bucketdrop::model::*;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::fake::{Setup, Stage, folder, page_of, page_of_the_picture};

fn showing() -> Stage {
    let stage = Stage::showing(Setup::default(), &folder("weandb", "photos/2026"), page_of_the_picture());
    stage.wire.commands();
    stage
}

/// The list of buckets is asked for again, and this comes back.
fn list_buckets_again(stage: &mut Stage, result: Result<Vec<Bucket>, FailureKind>) {
    stage.window.key_press(egui::Key::F5);
    stage.window.run();
    let request = stage.wire.last_request(|command| match command {
        Command::ListBuckets { request, .. } => Some(*request),
        _ => None,
    });
    let result = result.map_err(|kind| Box::new(Failure::new(kind)));
    stage.wire.tell(Event::BucketsListed { request, connection: ConnectionId::new("studio"), result });
    stage.answer_listing(Ok(page_of_the_picture()));
}

fn card(stage: &Stage) -> String {
    let label = stage.window.get_by_label_contains("Studio AWS, ").accesskit_node().label();
    label.unwrap_or_default()
}

#[test]
fn buckets_stay_when_they_cannot_be_listed_again_and_the_cause_is_told() {
    let mut stage = showing();
    list_buckets_again(&mut stage, Err(FailureKind::Offline));
    stage.window.get_by_label("logs-archive, seoul");
    assert!(!stage.says("These keys may not list buckets"), "keys are not to blame");
    let cause = bucketdrop::locale::failure_title(bucketdrop::locale::Lang::En, &Failure::new(FailureKind::Offline));
    assert!(stage.says(&cause), "{cause}");
    stage.picture("buckets-from-before");
    stage.window.get_by_label("Try to list again").click();
    stage.window.run();
    assert!(stage.wire.commands().iter().any(|command| matches!(command, Command::ListBuckets { .. })));
    list_buckets_again(&mut stage, Ok(vec![crate::fake::bucket("only-one", "ap-northeast-2")]));
    assert!(!stage.says(&cause));
    assert!(stage.window.query_by_label("logs-archive, seoul").is_none());
}

#[test]
fn keys_that_may_not_list_are_told_so_and_other_failures_are_not_called_that() {
    for (kind, is_forbidden) in [(FailureKind::AccessDenied, true), (FailureKind::ServerError, false)] {
        let start = bucketdrop::ui::Start { connection: Some("Studio AWS".to_owned()), ..Setup::default().start };
        let mut stage = Stage::new(Setup { start, ..Setup::default() });
        let request = stage.wire.last_request(|command| match command {
            Command::OpenConnection { request, .. } => Some(*request),
            _ => None,
        });
        let id = ConnectionId::new("studio");
        let opened = Ok(Box::new(crate::fake::connection()));
        stage.wire.tell(Event::ConnectionOpened { request, id: id.clone(), result: opened });
        let result = Err(Box::new(Failure::new(kind)));
        stage.wire.tell(Event::BucketsListed { request, connection: id, result });
        stage.window.run();
        assert_eq!(stage.says("These keys may not list buckets"), is_forbidden, "{kind:?}");
    }
}

#[test]
fn the_dot_of_the_connection_tells_silence_until_something_answers() {
    let mut stage = showing();
    assert!(card(&stage).ends_with("connected"), "{}", card(&stage));
    stage.window.key_press(egui::Key::F5);
    stage.window.run();
    stage.answer_listing(Err(Failure::new(FailureKind::Timeout)));
    assert!(card(&stage).ends_with("does not answer"), "{}", card(&stage));
    stage.picture("silent-connection");
    stage.window.key_press(egui::Key::F5);
    stage.window.run();
    stage.answer_listing(Err(Failure::new(FailureKind::AccessDenied)));
    assert!(card(&stage).ends_with("connected"), "a refusal is an answer: {}", card(&stage));
    let failure = Failure::new(FailureKind::Offline);
    let hold = QueueHold::Offline { connection: ConnectionId::new("studio"), failure, retry_in_secs: 5 };
    stage.wire.tell(Event::Transfers(Box::new(TransfersView { holds: vec![hold], ..TransfersView::default() })));
    stage.window.run();
    assert!(card(&stage).ends_with("does not answer"), "uploads wait for it: {}", card(&stage));
}

/// The window with a connection that names its bucket, opened without a question to the service.
fn scoped() -> Stage {
    let scopes = vec![Scope::parse("weandb").unwrap()];
    let named = Connection { scopes, ..crate::fake::connection() };
    let stage = Stage::connected(Setup { connections: vec![named], ..Setup::default() });
    stage.wire.commands();
    stage
}

#[test]
fn the_dot_says_nothing_good_before_anybody_has_answered() {
    let mut stage = scoped();
    assert!(card(&stage).ends_with("not asked yet"), "{}", card(&stage));
    stage.go_to(&folder("weandb", "photos"));
    stage.answer_listing(Err(Failure::new(FailureKind::ServerError)));
    assert!(card(&stage).ends_with("not asked yet"), "nothing is known of the keys: {}", card(&stage));
    stage.window.key_press(egui::Key::F5);
    stage.window.run();
    stage.answer_listing(Ok(page_of_the_picture()));
    assert!(card(&stage).ends_with("connected"), "{}", card(&stage));
}

#[test]
fn keys_that_are_refused_turn_the_dot_until_they_are_good_again() {
    for kind in [FailureKind::WrongSecret, FailureKind::UnknownAccessKey, FailureKind::ExpiredToken] {
        let mut stage = scoped();
        stage.go_to(&folder("weandb", "photos"));
        stage.answer_listing(Err(Failure::new(kind)));
        let reason = bucketdrop::locale::failure_title(bucketdrop::locale::Lang::En, &Failure::new(kind));
        assert!(card(&stage).ends_with(&format!("refused: {reason}")), "{}", card(&stage));
        stage.picture("refused-connection");
        // A server that stumbles says nothing of the keys.
        for (answer, end) in [
            (Err(Failure::new(FailureKind::ServerError)), format!("refused: {reason}")),
            (Ok(page_of_the_picture()), "connected".to_owned()),
        ] {
            stage.window.key_press(egui::Key::F5);
            stage.window.run();
            stage.answer_listing(answer);
            assert!(card(&stage).ends_with(&end), "{}", card(&stage));
        }
        // Nor does a list of the buckets that the connection names, which nobody was asked for.
        stage.window.key_press(egui::Key::F5);
        stage.window.run();
        stage.answer_listing(Err(Failure::new(kind)));
        let (request, connection) = (RequestId::next(), ConnectionId::new("studio"));
        stage.wire.tell(Event::BucketsListed { request, connection, result: Ok(Vec::new()) });
        stage.window.run();
        assert!(card(&stage).ends_with(&reason), "{}", card(&stage));
    }
}

/// One upload of the connection on screen is through.
fn stored() -> Event {
    let summary = BatchSummary {
        to: folder("weandb", "elsewhere"),
        kind: TransferKind::Upload,
        done: 1,
        skipped: 0,
        cancelled: 0,
        failed: 0,
        done_bytes: 1,
        elapsed: std::time::Duration::from_secs(1),
        objects: Vec::new(),
        first_failure: None,
    };
    Event::BatchFinished { batch: BatchId::next(), summary: Box::new(summary) }
}

fn uploading(holds: Vec<QueueHold>) -> Event {
    let counts = TransferCounts { active: 1, ..TransferCounts::default() };
    Event::Transfers(Box::new(TransfersView { holds, counts, ..TransfersView::default() }))
}

#[test]
fn whatever_answers_ends_the_silence() {
    let at = folder("weandb", "elsewhere");
    let object = Box::new(at.object(ObjectKey::new("elsewhere/a.txt")));
    let request = RequestId::next();
    let failure = Failure::new(FailureKind::Offline);
    let hold = QueueHold::Offline { connection: ConnectionId::new("studio"), failure, retry_in_secs: 5 };
    let answers = [
        ("an upload", vec![stored()]),
        ("new rows", vec![Event::RowsFound { request, at: Box::new(at), result: Ok(Vec::new()) }]),
        ("metadata", vec![Event::ObjectInspected { request, object, result: Ok(Box::default()) }]),
        ("uploads that go on", vec![uploading(vec![hold.clone()]), uploading(Vec::new())]),
    ];
    for (what, events) in answers {
        let mut stage = showing();
        stage.window.key_press(egui::Key::F5);
        stage.window.run();
        stage.answer_listing(Err(Failure::new(FailureKind::Timeout)));
        assert!(card(&stage).ends_with("does not answer"), "{}", card(&stage));
        for event in events {
            stage.wire.tell(event);
            stage.window.run();
        }
        assert!(card(&stage).ends_with("connected"), "{what}: {}", card(&stage));
    }
    // Cancelled uploads have met no answer.
    let mut stage = showing();
    stage.window.key_press(egui::Key::F5);
    stage.window.run();
    stage.answer_listing(Err(Failure::new(FailureKind::Timeout)));
    for event in [uploading(vec![hold]), Event::Transfers(Box::default())] {
        stage.wire.tell(event);
        stage.window.run();
    }
    assert!(card(&stage).ends_with("does not answer"), "{}", card(&stage));
}

#[test]
fn a_listing_that_broke_off_goes_on_where_it_did() {
    let mut stage = Stage::showing(Setup::default(), &folder("weandb", "big"), page_of(300, Some("page-2")));
    stage.wire.commands();
    stage.window.key_press(egui::Key::End);
    stage.window.run();
    stage.answer_listing(Err(Failure::new(FailureKind::Timeout)));
    assert!(stage.says("only the first 300 rows are here"), "they are no rows from before");
    stage.picture("listing-broke-off");
    stage.wire.commands();
    stage.window.get_by_label("Load the rest").click();
    stage.window.run();
    let asked = |stage: &Stage| {
        let asked = stage.wire.commands().into_iter().find_map(|command| match command {
            Command::ListObjects { request, after, .. } => Some((request, after)),
            _ => None,
        });
        asked.expect("asked for")
    };
    let (request, after) = asked(&stage);
    assert_eq!(after, Some(PageToken("page-2".to_owned())), "and not from the start");
    // The rest is everything, wherever the table stands.
    stage.window.key_press(egui::Key::Home);
    stage.window.run();
    let entries = page_of(600, None).entries.split_off(300);
    let page = Box::new(ObjectPage { entries, next: Some(PageToken("page-3".to_owned())) });
    let at = Box::new(folder("weandb", "big"));
    stage.wire.tell(Event::ObjectsListed { request, at, result: Ok(page) });
    stage.window.run();
    assert_eq!(asked(&stage).1, Some(PageToken("page-3".to_owned())));
    stage.window.get_by_label("Stop");
}

#[test]
fn odd_entries_of_the_settings_file_are_told_with_the_file_and_what_holds() {
    use bucketdrop::locale::Lang;
    for (language, lang) in [(Language::English, Lang::En), (Language::Korean, Lang::Ko)] {
        let settings = Settings { language, ..Settings::default() };
        let mut stage = Stage::new(Setup { settings: settings.clone(), ..Setup::default() });
        let warnings = ["links.format: not one of the choices", "window.theme: not a text"].map(str::to_owned).to_vec();
        stage.wire.tell(Event::Started(Box::new(EngineSnapshot {
            connections: Vec::new(),
            settings,
            warnings,
            settings_path: "/home/a/settings.toml".into(),
            log_folder: "/home/a/logs".into(),
        })));
        stage.window.run();
        assert!(stage.says("/home/a/settings.toml"), "{language:?}");
        let failure = Failure::new(FailureKind::SettingsEntries);
        assert!(stage.says(&bucketdrop::locale::failure_advice(lang, &failure)), "the next step, in {language:?}");
        let details = bucketdrop::locale::text(lang, "toast-show-details");
        stage.window.get_by_label(&details).click();
        stage.window.run();
        stage.picture(&format!("settings-entries-{language:?}"));
        assert!(stage.says("links.format") && stage.says("window.theme"), "every one of them");
    }
}
