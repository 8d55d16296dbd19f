//! The window as a whole: doors, drops, quitting, idling, pictures for the eye.

use crate::drops::{drop_on, enqueued};
use crate::fake::{Chooser, Setup, Stage, folder, page_of_the_picture};
use bucketdrop::model::{
    BatchCounts, BatchId, BatchSummary, Command, Event, Failure, FailureKind, Language, ObjectKey, PlannedFile,
    QueueHold, RequestId, ScanProgress, Settings, SkipReason, SkippedItem, ThemeChoice, TransferCounts, TransferKind,
    TransfersView, UploadAccess,
};
use bucketdrop::ui::Start;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use std::path::PathBuf;
use std::time::Duration;

/// Draws the window in its states for the eye, when `BUCKETDROP_PICTURES` names a folder for it.
#[test]
fn pictures_for_the_eye() {
    if std::env::var_os("BUCKETDROP_PICTURES").is_none() {
        return;
    }
    for (name, theme, language, choice) in [
        ("light-en", egui::Theme::Light, Language::English, ThemeChoice::Light),
        ("dark-ko", egui::Theme::Dark, Language::Korean, ThemeChoice::Dark),
    ] {
        for (suffix, size, scale) in [
            ("", [1280.0, 800.0], 1.0),
            ("-small", [900.0, 600.0], 1.0),
            ("-200", [1280.0, 800.0], 2.0),
            ("-small-150", [900.0, 600.0], 1.5),
        ] {
            let settings = Settings { language, theme: choice, ..Settings::default() };
            let setup = || Setup { settings: settings.clone(), theme, size, scale, ..Setup::default() };
            states_for_the_eye(setup, &format!("{name}{suffix}"));
        }
    }
}

fn states_for_the_eye(setup: impl Fn() -> Setup, name: &str) {
    let at = folder("weandb", "photos/2026");
    let mut stage = Stage::new(Setup { connections: Vec::new(), ..setup() });
    stage.picture(&format!("doors-{name}"));
    let mut stage = Stage::connected(setup());
    stage.picture(&format!("buckets-{name}"));
    stage.go_to(&at);
    stage.picture(&format!("loading-{name}"));
    stage.answer_listing(Err(Failure::new(FailureKind::AccessDenied).with("bucket", "weandb").detail("403")));
    stage.picture(&format!("failed-{name}"));
    stage.window.key_press(egui::Key::F5);
    stage.window.run();
    stage.answer_listing(Ok(page_of_the_picture()));
    stage.wire.tell(Event::Transfers(Box::new(crate::support::busy_model().transfers)));
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    stage.picture(&format!("main-{name}"));
    stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::I);
    stage.window.run();
    stage.picture(&format!("inspector-{name}"));
    stage.window.get_by_label_contains("README.md, ").click_secondary();
    stage.window.run();
    stage.picture(&format!("menu-{name}"));
    stage.window.key_press(egui::Key::Escape);
    stage.window.run();
    stage.window.input_mut().hovered_files.push(egui::HoveredFile::default());
    stage.window.run_steps(2);
    stage.picture(&format!("drop-{name}"));
}

#[test]
fn first_start_shows_three_doors() {
    let mut stage = Stage::new(Setup { connections: Vec::new(), ..Setup::default() });
    stage.window.get_by_role_and_label(Role::Button, "Connect to S3");
    stage.window.get_by_role_and_label(Role::Button, "Use an AWS profile on this computer…");
    stage.window.get_by_role_and_label(Role::Button, "Try it on this computer").click();
    stage.window.run();
    let commands = stage.wire.commands();
    assert!(commands.iter().any(|command| matches!(command, Command::OpenLocalStorage { .. })), "{commands:?}");
    assert!(commands.iter().all(|command| !matches!(command, Command::ListAwsProfiles { .. })), "nothing is read");
}

#[test]
fn a_second_start_can_name_a_connection() {
    let at = folder("weandb", "photos/2026");
    let mut stage = Stage::showing(Setup::default(), &at, page_of_the_picture());
    stage.wire.commands();
    stage.wire.tell(Event::ConnectionNamed("local".to_owned()));
    stage.window.run();
    let commands = stage.wire.commands();
    assert!(commands.iter().any(|command| matches!(command, Command::OpenLocalStorage { .. })), "{commands:?}");
    stage.wire.tell(Event::ConnectionNamed("nobody’s".to_owned()));
    stage.window.run();
    assert!(stage.says("nobody’s"), "a name that there is not is told");
}

#[test]
fn a_gesture_that_arrives_in_pieces_is_one_batch() {
    let at = folder("weandb", "photos/2026");
    let mut stage = Stage::showing(Setup::default(), &at, page_of_the_picture());
    stage.wire.commands();
    drop_on(&mut stage, &["/data/(before) 분석 자료", "/data/a b+c.txt"]);
    drop_on(&mut stage, &["/data/100% #1.txt"]);
    stage.window.run_steps(10);
    let expected = ["/data/(before) 분석 자료", "/data/a b+c.txt", "/data/100% #1.txt"].map(PathBuf::from).to_vec();
    assert_eq!(enqueued(&stage), [(expected, at)]);
}

#[test]
fn a_drop_without_a_bucket_is_refused_in_words() {
    let mut stage = Stage::connected(Setup::default());
    stage.wire.commands();
    drop_on(&mut stage, &["/data/a.txt"]);
    stage.window.run_steps(10);
    assert!(enqueued(&stage).is_empty());
    assert!(stage.says("Open a bucket first"));
}

#[test]
fn pasted_files_go_to_the_shown_folder() {
    let at = folder("weandb", "photos/2026");
    let mut stage = Stage::showing(Setup::default(), &at, page_of_the_picture());
    stage.wire.commands();
    stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::V);
    stage.window.run();
    let (request, image_name) = asked_to_paste(&stage);
    assert_eq!(image_name, "Pasted image {date} at {time}");
    stage.wire.tell(Event::ClipboardFiles { request, result: Ok(vec![PathBuf::from("/data/복사.png")]) });
    stage.window.run();
    assert_eq!(enqueued(&stage), [(vec![PathBuf::from("/data/복사.png")], at)]);
}

/// The one question for what was copied, with the name that an image gets.
#[track_caller]
fn asked_to_paste(stage: &Stage) -> (RequestId, String) {
    let commands = stage.wire.commands();
    let [Command::ReadClipboardFiles { request, image_name }] = commands.as_slice() else {
        panic!("the clipboard is read once: {commands:?}");
    };
    (*request, image_name.clone())
}

#[test]
fn an_image_is_named_in_the_language_of_the_window_and_one_that_cannot_be_kept_says_why() {
    let settings = Settings { language: Language::Korean, ..Settings::default() };
    let setup = Setup { settings, ..Setup::default() };
    let mut stage = Stage::showing(setup, &folder("weandb", "photos/2026"), page_of_the_picture());
    stage.wire.commands();
    stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::V);
    stage.window.run();
    let (request, image_name) = asked_to_paste(&stage);
    assert_eq!(image_name, "붙여넣은 이미지 {date} {time}");
    let failure = Failure::new(FailureKind::DiskFull).with("path", "/home/user/data/pasted");
    stage.wire.tell(Event::ClipboardFiles { request, result: Err(Box::new(failure)) });
    stage.window.run();
    assert!(stage.says("/home/user/data/pasted"));
    assert!(!stage.says("클립보드에 파일이나 이미지가 없습니다"), "there was one");
    assert!(enqueued(&stage).is_empty());
}

#[test]
fn without_a_file_chooser_the_path_can_be_typed() {
    let at = folder("weandb", "photos/2026");
    let mut stage = Stage::showing(Setup::default(), &at, page_of_the_picture());
    stage.wire.commands();
    stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::U);
    stage.window.run();
    stage.window.get_by_role_and_label(Role::TextInput, "Path").type_text("/data/typed.txt");
    stage.window.run();
    stage.window.key_press(egui::Key::Enter);
    stage.window.run();
    assert_eq!(enqueued(&stage), [(vec![PathBuf::from("/data/typed.txt")], at)]);
}

#[test]
fn chosen_files_are_uploaded() {
    let at = folder("weandb", "photos/2026");
    let chooser = Chooser { answer: Some(vec![PathBuf::from("/data/chosen.txt")]) };
    let mut stage = Stage::showing(Setup { chooser, ..Setup::default() }, &at, page_of_the_picture());
    stage.wire.commands();
    stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::U);
    stage.window.run();
    assert_eq!(enqueued(&stage), [(vec![PathBuf::from("/data/chosen.txt")], at)]);
}

#[test]
fn file_arguments_wait_until_the_user_says_where_they_go() {
    let at = folder("weandb", "photos/2026");
    let files = vec![PathBuf::from("/data/argument.txt")];
    let start = Start { files: files.clone(), ..Start::default() };
    let mut stage = Stage::showing(Setup { start, ..Setup::default() }, &at, page_of_the_picture());
    assert!(enqueued(&stage).is_empty());
    stage.wire.tell(Event::FilesHandedOver(vec![PathBuf::from("/data/second.txt")]));
    stage.window.run();
    stage.window.get_by_label("2 items wait to be uploaded to s3://weandb/photos/2026/");
    stage.window.get_by_role_and_label(Role::Button, "Upload here").click();
    stage.window.run();
    let both = vec![PathBuf::from("/data/argument.txt"), PathBuf::from("/data/second.txt")];
    assert_eq!(enqueued(&stage), [(both, at)]);
}

#[test]
fn file_arguments_can_go_up_as_public_once_that_was_agreed_to() {
    let at = folder("weandb", "photos/2026");
    let files = vec![PathBuf::from("/data/argument.txt")];
    let start = Start { files: files.clone(), ..Start::default() };
    let mut stage = Stage::showing(Setup { start, ..Setup::default() }, &at, page_of_the_picture());
    let ask = |stage: &mut Stage| {
        stage.wire.commands();
        stage.window.get_by_role_and_label(Role::Button, "Upload as public…").click();
        stage.window.run();
        let commands = stage.wire.commands();
        let planned = commands.iter().find_map(|command| match command {
            Command::PlanUpload { request, paths, .. } => Some((*request, paths.clone())),
            _ => None,
        });
        planned.expect("it is counted what would go up")
    };
    assert_eq!(ask(&mut stage).1, files);
    stage.window.get_by_role_and_label(Role::Button, "Cancel").click();
    stage.window.run();
    assert!(enqueued(&stage).is_empty());
    stage.window.get_by_label("1 item waits to be uploaded to s3://weandb/photos/2026/");
    let (request, _) = ask(&mut stage);
    let planned = PlannedFile { path: files[0].clone(), key: ObjectKey::new("photos/2026/argument.txt"), bytes: 1 };
    let (files_found, progress) = (vec![planned], ScanProgress::Complete);
    let (skipped, questions) = (Vec::new(), Vec::new());
    stage.wire.tell(Event::UploadPlanned { request, files: files_found, skipped, questions, progress });
    stage.window.run();
    stage.window.get_by_role_and_label(Role::Button, "Upload as public").click();
    stage.window.run();
    let sent = stage.wire.commands().into_iter().find_map(|command| match command {
        Command::EnqueuePlanned { paths, options, planned, .. } => Some((paths, options.access, planned)),
        _ => None,
    });
    assert_eq!(sent, Some((files, UploadAccess::Public, request)));
    assert!(!stage.says("waits to be uploaded"), "it waits no longer");
}

/// The end of a batch of uploads that stored these.
pub(crate) fn finished(objects: Vec<bucketdrop::model::ObjectRef>) -> Event {
    let summary = BatchSummary {
        to: folder("weandb", "photos/2026"),
        kind: TransferKind::Upload,
        done: objects.len() as u64,
        skipped: 0,
        cancelled: 0,
        failed: 0,
        done_bytes: 3,
        elapsed: Duration::from_secs(1),
        objects,
        first_failure: None,
    };
    Event::BatchFinished { batch: BatchId::next(), summary: Box::new(summary) }
}

#[test]
fn links_of_a_finished_batch_are_copied_once() {
    let at = folder("weandb", "photos/2026");
    let mut stage = Stage::showing(Setup::default(), &at, page_of_the_picture());
    stage.wire.commands();
    let objects = ["photos/2026/a.txt", "photos/2026/b c.txt"].map(|key| at.object(ObjectKey::new(key))).to_vec();
    stage.wire.tell(finished(objects));
    let mut copies = Vec::new();
    for _ in 0..10 {
        stage.window.step();
        copies.extend(stage.window.output().platform_output.commands.iter().filter_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        }));
    }
    let base = "https://weandb.s3.ap-northeast-2.amazonaws.com/photos/2026";
    assert_eq!(copies, [format!("{base}/a.txt\n{base}/b%20c.txt")]);
    assert!(stage.says("2 links copied"));
    let reloads = stage.wire.commands().iter().any(|command| matches!(command, Command::ListObjects { .. }));
    assert!(reloads, "the folder shows what was uploaded");
}

#[test]
fn closing_while_busy_asks() {
    let mut stage = Stage::connected(Setup::default());
    let counts = TransferCounts { active: 2, moving: 1, ..TransferCounts::default() };
    stage.wire.tell(Event::Transfers(Box::new(TransfersView { counts, ..TransfersView::default() })));
    stage.window.run();
    ask_to_close(&mut stage);
    assert!(told(&stage, &egui::ViewportCommand::CancelClose), "the window stays");
    stage.window.run();
    stage.picture("quit");
    assert!(stage.says("Uploads are kept and go on from here at the next start"));
    stage.wire.tell(Event::SettingsChanged(Box::new(Settings { language: Language::Korean, ..Settings::default() })));
    stage.window.run();
    assert!(stage.says("다음에 시작할 때 이어서 진행합니다"));
}

/// Presses the keys that quit, and draws the frame that sees them: the window is told to close in that one, and what is
/// queued would be drawn in a frame for each event, of which only the last could be looked at.
fn press_quit(stage: &mut Stage) {
    let (key, modifiers) = (egui::Key::Q, egui::Modifiers::COMMAND);
    let press = egui::Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers };
    stage.window.input_mut().events.extend([egui::Event::ModifiersChanged(modifiers), press]);
    stage.window.step();
}

/// What the toolkit makes of a window that was told to close.
fn ask_to_close(stage: &mut Stage) {
    let root = stage.window.input_mut().viewports.get_mut(&egui::ViewportId::ROOT).unwrap();
    root.events.push(egui::ViewportEvent::Close);
    stage.window.step();
}

#[test]
fn the_keys_that_quit_close_the_window_at_once_if_nothing_is_under_way() {
    let mut stage = Stage::connected(Setup::default());
    assert!(!told(&stage, &egui::ViewportCommand::Close));
    press_quit(&mut stage);
    assert!(told(&stage, &egui::ViewportCommand::Close));
    ask_to_close(&mut stage);
    assert!(!told(&stage, &egui::ViewportCommand::CancelClose), "nobody is asked");
}

#[test]
fn the_keys_that_quit_ask_while_something_is_under_way_even_over_a_dialog() {
    let mut stage = Stage::connected(Setup::default());
    let counts = TransferCounts { active: 2, moving: 1, ..TransferCounts::default() };
    stage.wire.tell(Event::Transfers(Box::new(TransfersView { counts, ..TransfersView::default() })));
    stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Comma);
    stage.window.run();
    assert!(stage.says("Language"));
    press_quit(&mut stage);
    assert!(told(&stage, &egui::ViewportCommand::Close), "the window is told, and asks");
    ask_to_close(&mut stage);
    assert!(told(&stage, &egui::ViewportCommand::CancelClose), "the window stays");
    stage.window.run();
    stage.window.get_by_role_and_label(Role::Button, "Keep open");
}

#[test]
fn closing_asks_while_what_was_dropped_waits_for_the_journal() {
    let mut stage = Stage::connected(Setup::default());
    let holds = vec![QueueHold::JournalStalled(Failure::new(FailureKind::JournalFull))];
    stage.wire.tell(Event::Transfers(Box::new(TransfersView { holds, ..TransfersView::default() })));
    stage.window.run();
    ask_to_close(&mut stage);
    assert!(told(&stage, &egui::ViewportCommand::CancelClose), "it is in no list, and would be gone");
    stage.window.run();
    stage.window.get_by_role_and_label(Role::Button, "Keep open");
    assert!(stage.says("may be missing at the next start"), "why");
}

/// Whether the last frame told the window to do this.
fn told(stage: &Stage, wanted: &egui::ViewportCommand) -> bool {
    stage.window.output().viewport_output.values().any(|viewport| viewport.commands.contains(wanted))
}

#[test]
fn an_engine_that_has_ended_lets_the_window_close_unasked() {
    let mut stage = Stage::connected(Setup::default());
    let counts = TransferCounts { active: 2, moving: 1, ..TransferCounts::default() };
    stage.wire.tell(Event::Transfers(Box::new(TransfersView { counts, ..TransfersView::default() })));
    stage.wire.tell(Event::ShutdownComplete);
    stage.window.run();
    ask_to_close(&mut stage);
    assert!(!told(&stage, &egui::ViewportCommand::CancelClose), "nobody is asked");
}

#[test]
fn an_engine_that_never_answers_does_not_hold_up_the_window() {
    let mut stage = Stage::connected(Setup::default());
    stage.go_to(&folder("weandb", "never"));
    // Frames keep flowing: one that waited would wait for ever.
    for _ in 0..20 {
        stage.window.step();
    }
    assert!(stage.says("Loading…"));
    stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::L);
    stage.window.run_steps(3);
    stage.window.get_by_role_and_label(Role::TextInput, "Bucket and folder");
}

#[test]
fn language_and_theme_change_at_run_time() {
    let mut stage = Stage::connected(Setup::default());
    let settings = Settings { language: Language::Korean, theme: ThemeChoice::Dark, ..Settings::default() };
    stage.wire.tell(Event::SettingsChanged(Box::new(settings)));
    stage.window.run();
    stage.window.get_by_label("버킷");
    assert_eq!(stage.window.ctx.theme(), egui::Theme::Dark);
}

#[test]
fn what_a_batch_left_out_is_told_and_listed_with_the_reason() {
    let at = folder("weandb", "photos/2026");
    let mut stage = Stage::showing(Setup::default(), &at, page_of_the_picture());
    let finished = finished(vec![at.object(ObjectKey::new("photos/2026/ok.txt"))]);
    let Event::BatchFinished { batch, mut summary } = finished else { return };
    let skipped = vec![SkippedItem { path: PathBuf::from("/data/.DS_Store"), reason: SkipReason::SystemFile }];
    let counts = BatchCounts::default();
    stage.wire.tell(Event::BatchScanned { batch, counts, skipped, progress: ScanProgress::Complete });
    // Two more that were there already.
    (summary.skipped, summary.failed) = (3, 2);
    stage.wire.tell(Event::BatchFinished { batch, summary });
    let counts = TransferCounts { done: 1, ..TransferCounts::default() };
    stage.wire.tell(Event::Transfers(Box::new(TransfersView { counts, ..TransfersView::default() })));
    stage.window.run_steps(3);
    assert!(stage.says("Left out: 1. Skipped: 2") && stage.says("2 transfers failed"));
    stage.window.get_by_role_and_label(Role::Button, "Show which and why").click();
    stage.window.run_steps(3);
    assert!(stage.says("/data/.DS_Store"));
    stage.window.key_press(egui::Key::Escape);
    stage.window.run_steps(3);
    assert!(!stage.says("/data/.DS_Store"));
    // By name, as the messages of the moment may lie above it.
    stage.window.get_by_role_and_label(Role::Button, "More for all transfers").click_accesskit();
    stage.window.run_steps(3);
    stage.window.get_by_label_contains("Show what was left out").click_accesskit();
    stage.window.run_steps(3);
    assert!(stage.says("/data/.DS_Store"));
}

#[test]
fn the_palette_offers_what_is_possible_when_it_opens() {
    let mut stage = Stage::connected(Setup::default());
    let type_folder = |stage: &mut Stage| {
        stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
        stage.window.run();
        stage.window.event(egui::Event::Text("new folder".to_owned()));
        stage.window.run();
        let is_offered = !stage.says("No command matches");
        stage.window.key_press(egui::Key::Escape);
        stage.window.run();
        is_offered
    };
    assert!(!type_folder(&mut stage), "no bucket is shown");
    stage.go_to(&folder("weandb", "photos/2026"));
    assert!(type_folder(&mut stage));
}

#[test]
fn every_press_switches_light_and_dark() {
    let mut stage = Stage::connected(Setup::default());
    for expected in [egui::Theme::Dark, egui::Theme::Light, egui::Theme::Dark] {
        stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
        stage.window.run();
        stage.window.event(egui::Event::Text("light and dark".to_owned()));
        stage.window.run();
        stage.window.key_press(egui::Key::Enter);
        stage.window.run();
        assert_eq!(stage.window.ctx.theme(), expected);
    }
}

#[test]
fn a_narrow_inspector_leaves_waiting_files_their_buttons() {
    let start = Start { files: vec![PathBuf::from("/data/argument.txt")], ..Start::default() };
    let setup = Setup { start, size: [900.0, 600.0], ..Setup::default() };
    let mut stage = Stage::showing(setup, &folder("weandb", "photos/2026"), page_of_the_picture());
    stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::I);
    stage.window.run();
    assert!(stage.says("Select an object to see its link"));
    stage.window.get_by_role_and_label(Role::Button, "Forget them").click();
    stage.window.run();
    assert!(!stage.says("waits to be uploaded"));
}
