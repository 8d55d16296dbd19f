//! The transfers drawer by its accessible names.

use bucketdrop::locale::Lang;
use bucketdrop::model::{
    AppModel, Command, ConnectionId, Event, Failure, FailureKind, Language, QueueHold, QueueSwitch, ResumeAtStart,
    RowsWanted, Selection, Settings, TransferAction, TransferCounts, TransferTab, TransfersView,
};
use bucketdrop::ui::actions::{Action, Actions};
use bucketdrop::ui::dialogs::{Dialog, Whose};
use bucketdrop::ui::queue::{QueueState, queue_ui};
use bucketdrop::ui::ui_command::UiCommand;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use super::fake::{self, Setup, Stage};
use super::support::{busy_model, done_model, failed_model, harness, painted, transfer};
use bucketdrop::model::TransferState;

pub(super) struct World {
    pub(super) model: AppModel,
    pub(super) state: QueueState,
    asked: Vec<Action>,
}

pub(super) fn drawer(model: AppModel, tab: TransferTab, size: [f32; 2]) -> Harness<'static, World> {
    drawer_in(Lang::En, model, tab, size)
}

fn drawer_in(lang: Lang, model: AppModel, tab: TransferTab, size: [f32; 2]) -> Harness<'static, World> {
    let world = World { model, state: QueueState::on(tab), asked: Vec::new() };
    let mut harness = harness(size, egui::Theme::Light, lang).build_ui_state(
        |ui, world: &mut World| {
            let mut actions = Actions::new();
            queue_ui(ui, &world.model, &mut world.state, &mut actions);
            world.asked.extend(actions.take());
        },
        world,
    );
    harness.run();
    harness
}

pub(super) fn commands(harness: &Harness<'_, World>) -> Vec<Command> {
    let asked = harness.state().asked.iter();
    asked
        .filter_map(|action| match action {
            Action::Command(command) => Some(command.clone()),
            _ => None,
        })
        .collect()
}

pub(super) fn actions_on_one(harness: &Harness<'_, World>) -> Vec<TransferAction> {
    commands(harness)
        .into_iter()
        .filter_map(|command| match command {
            Command::Transfers { selection: Selection::One(_), action } => Some(action),
            _ => None,
        })
        .collect()
}

const SIZE: [f32; 2] = [756.0, 226.0];

#[test]
fn rows_speak_name_state_and_size() {
    let harness = drawer(busy_model(), TransferTab::Active, SIZE);
    harness.get_by_label("launch-film-4k.mov, → photos/2026/, 5.1 / 8.2 GB · 84 MB/s, 62 %");
    harness.get_by_label("(before) Player information features.csv, → photos/2026/ · waiting, 18.4 MB");
    harness.get_by_label("Progress of launch-film-4k.mov");
}

#[test]
fn every_row_can_be_paused_resumed_and_cancelled() {
    let mut harness = drawer(busy_model(), TransferTab::Active, SIZE);
    harness.get_by_label("Pause launch-film-4k.mov").click();
    harness.run();
    harness.get_by_label("Cancel (before) Player information features.csv").click();
    harness.run();
    assert_eq!(actions_on_one(&harness), [TransferAction::Pause, TransferAction::Cancel]);
    harness.get_by_label("Resume notes.txt").click();
    harness.run();
    assert_eq!(actions_on_one(&harness).last(), Some(&TransferAction::Resume));
}

#[test]
fn what_has_been_transferred_already_is_not_thrown_away_unasked() {
    let mut harness = drawer(busy_model(), TransferTab::Active, SIZE);
    harness.get_by_label("Cancel launch-film-4k.mov").click();
    harness.run();
    let mut failed = drawer(failed_model(), TransferTab::Failed, SIZE);
    failed.get_by_label("Remove backup.tar.zst from the list").click();
    failed.run();
    assert!(actions_on_one(&harness).is_empty() && actions_on_one(&failed).is_empty());
    let shown = |harness: &Harness<'_, World>, wanted: fn(&Dialog) -> bool| {
        harness.state().asked.iter().any(|action| matches!(action, Action::ShowDialog(dialog) if wanted(dialog)))
    };
    let is_film = |dialog: &Dialog| matches!(dialog, Dialog::CancelTransfers(Whose::One { name, .. }) if name == "launch-film-4k.mov");
    assert!(shown(&harness, is_film));
    assert!(shown(&failed, |dialog| matches!(dialog, Dialog::RemoveFailed(Whose::One { .. }))));
}

#[test]
fn a_failed_row_says_why_and_offers_the_next_step() {
    let mut harness = drawer(failed_model(), TransferTab::Failed, SIZE);
    harness.get_by_label(
        "backup.tar.zst, → photos/2026/ · The session token has expired, so the keys no longer work, 34.0 / 48.0 GB",
    );
    harness.get_by_label("Retry backup.tar.zst").click();
    harness.run();
    harness.get_by_label("Details of backup.tar.zst").click();
    harness.run();
    assert_eq!(actions_on_one(&harness), [TransferAction::Retry]);
    let shown = harness.state().asked.iter().any(|action| {
        matches!(action, Action::ShowDialog(Dialog::ErrorDetails(failure)) if failure.detail.contains("4442587FB7D0A2F9"))
    });
    assert!(shown, "the raw words of the server are one click away");
}

#[test]
fn finished_uploads_hand_out_their_links() {
    let mut harness = drawer(done_model(), TransferTab::Done, SIZE);
    harness.get_by_label("Copy URL of 경복궁 가을.jpg").click();
    harness.run();
    harness.get_by_label("Copy 128 URLs").click();
    harness.run();
    let asked = &harness.state().asked;
    assert!(asked.iter().any(|action| matches!(action, Action::CopyLinks { objects, .. } if objects.len() == 1)));
    assert!(asked.iter().any(|action| matches!(action, Action::CopyUploadedLinks)));
    harness.get_by_label("Thumbs.db, → photos/ · left out: a hidden file of the system, 18.4 MB");
}

#[test]
fn all_can_be_paused_and_the_tab_changed() {
    let mut harness = drawer(busy_model(), TransferTab::Active, SIZE);
    harness.get_by_label("Pause all").click();
    harness.run();
    let paused = commands(&harness).into_iter().any(|command| {
        matches!(command, Command::Transfers { selection: Selection::All, action: TransferAction::Pause })
    });
    assert!(paused);
    harness.get_by_label("Failed 1").click();
    harness.run();
    assert_eq!(harness.state().state.tab, TransferTab::Failed);
    let last = commands(&harness).into_iter().rev().find_map(|command| match command {
        Command::ShowTransfers(wanted) => Some(wanted.tab),
        _ => None,
    });
    assert_eq!(last, Some(TransferTab::Failed), "the engine is asked for the rows of the new tab");
}

#[test]
fn a_long_queue_asks_for_the_visible_rows_only() {
    let rows = (0..16).map(|n| transfer("/a/x.bin", &format!("x-{n}.bin"), TransferState::Queued)).collect();
    let transfers = TransfersView {
        rows,
        counts: TransferCounts { active: 100_000, ..TransferCounts::default() },
        ..TransfersView::default()
    };
    let mut harness = drawer(AppModel { transfers, ..AppModel::default() }, TransferTab::Active, SIZE);
    let wanted = |harness: &Harness<'_, World>| -> Vec<RowsWanted> {
        commands(harness)
            .into_iter()
            .filter_map(|command| match command {
                Command::ShowTransfers(wanted) => Some(wanted),
                _ => None,
            })
            .collect()
    };
    let first = wanted(&harness);
    assert_eq!(first.len(), 1, "the same rows are asked for once: {first:?}");
    assert!(first[0].count <= 32, "{first:?}");
    harness.input_mut().events.push(egui::Event::PointerMoved(egui::pos2(200.0, 150.0)));
    harness.input_mut().events.push(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, -42_000.0),
        phase: egui::TouchPhase::Move,
        modifiers: egui::Modifiers::NONE,
        source: egui::MouseWheelSource::Wheel,
    });
    harness.run_steps(60);
    let last = *wanted(&harness).last().unwrap();
    assert!(last.first_index > 500 && last.count <= 32, "{last:?}");
}

#[test]
fn the_drawer_closes_to_its_head() {
    let mut harness = drawer(busy_model(), TransferTab::Active, SIZE);
    harness.get_by_label("Hide transfers").click();
    harness.run();
    assert!(!harness.state().state.is_open);
    assert!(harness.query_by_label_contains("launch-film-4k.mov").is_none());
    harness.get_by_label("Show transfers");
}

#[test]
fn an_empty_drawer_says_so() {
    let harness = drawer(AppModel::default(), TransferTab::Active, SIZE);
    harness.get_by_label("Nothing is under way");
}

fn held_by(hold: QueueHold) -> AppModel {
    let mut model = busy_model();
    model.connections = vec![fake::connection()];
    model.transfers.holds = vec![hold];
    model
}

fn asked_for(harness: &Harness<'_, World>, wanted: UiCommand) -> bool {
    harness.state().asked.iter().any(|action| matches!(action, Action::Ui(command) if *command == wanted))
}

#[test]
fn a_queue_that_stands_still_says_why_and_when_it_is_tried_again() {
    let connection = ConnectionId::new("studio");
    let failure = Failure::new(FailureKind::Timeout);
    let offline =
        |retry_in_secs| QueueHold::Offline { connection: connection.clone(), failure: failure.clone(), retry_in_secs };
    let reason = bucketdrop::locale::failure_title(Lang::En, &failure);
    let mut harness = drawer(held_by(offline(12)), TransferTab::Active, SIZE);
    harness.get_by_label(&format!("Waiting for Studio AWS: {reason}. Next try in 12 s"));
    harness.get_by_label("Try now").click();
    harness.run();
    let tried = commands(&harness)
        .into_iter()
        .any(|command| matches!(command, Command::TryConnection(asked) if asked == connection));
    assert!(tried);
    harness.state_mut().model.transfers.holds = vec![offline(0), QueueHold::OutsideHours];
    harness.run();
    harness.get_by_label(&format!(
        "The speed limit lets nothing be uploaded at this hour · Waiting for Studio AWS: {reason}. Trying again now"
    ));
    harness.state_mut().model.transfers.holds.clear();
    harness.run();
    assert!(harness.query_by_label_contains("Waiting for").is_none(), "what moves says nothing");
}

#[test]
fn beside_a_file_that_is_tried_again_only_what_waits_can_be_tried_now() {
    let (studio, other) = (ConnectionId::new("studio"), ConnectionId::new("other"));
    let failure = Failure::new(FailureKind::ServerError).with("key", "a/b");
    let retried = QueueHold::FileRetried { connection: studio, failure };
    let mut harness = drawer(held_by(retried.clone()), TransferTab::Active, SIZE);
    harness.get_by_label_contains("“a/b” is tried again");
    assert!(harness.query_by_label("Try now").is_none(), "nothing waits that it would shorten");
    let failure = Failure::new(FailureKind::Timeout);
    let offline = QueueHold::Offline { connection: other.clone(), failure, retry_in_secs: 12 };
    harness.state_mut().model.transfers.holds = vec![retried, offline];
    harness.run();
    harness.get_by_label("Try now").click();
    harness.run();
    let tried = commands(&harness).into_iter().filter_map(|command| match command {
        Command::TryConnection(asked) => Some(asked),
        _ => None,
    });
    assert_eq!(tried.collect::<Vec<_>>(), [other]);
}

#[test]
fn keys_that_have_ended_lead_to_the_connection() {
    let hold = QueueHold::CredentialsExpired {
        connection: ConnectionId::new("studio"),
        failure: Failure::new(FailureKind::ExpiredToken),
        retry_in_secs: 30,
    };
    let mut harness = drawer(held_by(hold), TransferTab::Active, SIZE);
    harness.get_by_label_contains("Studio AWS needs new keys");
    harness.get_by_label("Edit connection…").click();
    harness.run();
    let asked = &harness.state().asked;
    assert!(asked.iter().any(|action| matches!(action, Action::ShowDialog(Dialog::EditConnection(_)))), "{asked:?}");
}

#[test]
fn what_answers_but_not_as_s3_leads_to_the_connection() {
    let (connection, failure) = (ConnectionId::new("studio"), Failure::new(FailureKind::NotS3));
    let offline = QueueHold::Offline { connection: connection.clone(), failure: failure.clone(), retry_in_secs: 4 };
    for hold in [offline, QueueHold::Refused { connection, bucket: None, failure }] {
        let mut harness = drawer(held_by(hold), TransferTab::Active, SIZE);
        harness.get_by_label_contains("answers, but not as S3");
        harness.get_by_label("Edit connection…").click();
        harness.run();
        let asked = &harness.state().asked;
        assert!(
            asked.iter().any(|action| matches!(action, Action::ShowDialog(Dialog::EditConnection(_)))),
            "{asked:?}"
        );
    }
}

#[test]
fn the_queue_is_held_and_let_go_in_the_drawer() {
    let mut harness = drawer(busy_model(), TransferTab::Active, SIZE);
    harness.get_by_label("Hold the queue").click();
    harness.run();
    assert!(asked_for(&harness, UiCommand::HoldQueue));
    harness.state_mut().model.transfers.holds = vec![QueueHold::Held];
    harness.run();
    assert!(harness.query_by_label("Hold the queue").is_none());
    harness.get_by_label("The queue is held: nothing moves until you let it go on");
    harness.get_by_label("Go on").click();
    harness.run();
    assert!(asked_for(&harness, UiCommand::GoOn));
}

#[test]
fn a_waiting_row_can_go_first() {
    let mut harness = drawer(busy_model(), TransferTab::Active, SIZE);
    harness.get_by_label_contains("Player information features.csv, → photos/2026/ · waiting").click_secondary();
    harness.run();
    harness.get_by_label("Now, before all that waits").click();
    harness.run();
    assert_eq!(actions_on_one(&harness), [TransferAction::First]);
}

#[test]
fn a_waiting_row_can_be_paused() {
    let mut harness = drawer(busy_model(), TransferTab::Active, SIZE);
    harness.get_by_label_contains("Player information features.csv, ").click_secondary();
    harness.run();
    harness.get_by_label("Pause").click();
    harness.run();
    assert_eq!(actions_on_one(&harness), [TransferAction::Pause]);
}

/// Files of the same name, of which none went through, and their targets.
fn failed_alike() -> (AppModel, [&'static str; 3]) {
    let targets = ["→ weandb", "→ docs/", "→ a-folder-of-many/words-in-its-name/and-yet-another-folder/"];
    let keys =
        ["index.html", "docs/index.html", "a-folder-of-many/words-in-its-name/and-yet-another-folder/index.html"];
    let failed = |key: &&str| {
        let failure = Failure::new(FailureKind::ExpiredToken);
        transfer("/site/index.html", key, TransferState::Failed(failure))
    };
    let rows = keys.iter().map(failed).collect();
    let counts = TransferCounts { failed: 3, ..TransferCounts::default() };
    let transfers = TransfersView { tab: TransferTab::Failed, rows, counts, ..TransfersView::default() };
    (AppModel { transfers, ..AppModel::default() }, targets)
}

#[test]
fn rows_of_the_same_name_are_told_apart_by_their_targets() {
    let (model, targets) = failed_alike();
    for (lang, reason) in [(Lang::En, "The session token"), (Lang::Ko, "세션 토큰")] {
        // As wide as the drawer is in a window of 900 points.
        let mut harness = drawer_in(lang, model.clone(), TransferTab::Failed, [668.0, 226.0]);
        for target in targets {
            harness.get_by_label_contains(&format!("index.html, {target} · {reason}"));
        }
        let texts = painted(&harness);
        let shown: Vec<_> = texts.iter().filter(|(text, _)| text.starts_with('→')).collect();
        assert_eq!(shown.len(), 3, "{texts:?}");
        assert_eq!((shown[0].0.as_str(), shown[1].0.as_str()), (targets[0], targets[1]));
        assert!(shown[2].0.contains('…'), "{shown:?}");
        for (_, target) in shown {
            let beside = texts.iter().filter(|(_, at)| (at.center().y - target.center().y).abs() < 2.0);
            let beside: Vec<_> = beside.filter(|(_, at)| at.left() >= target.right() - 0.5).collect();
            assert!(beside.iter().any(|(text, _)| text.starts_with(&format!(" · {reason}"))), "{beside:?}");
        }
        for (at, (text, rect)) in texts.iter().enumerate() {
            let on_it = |(_, other): &&(String, egui::Rect)| other.shrink(1.0).intersects(rect.shrink(1.0));
            let over: Vec<_> = texts[at + 1..].iter().filter(on_it).collect();
            assert!(over.is_empty(), "{text} lies under {over:?}");
        }
        harness.get_by_label_contains(&format!("index.html, {}", targets[1])).hover();
        harness.run_steps(60);
        let way = "/site/index.html\n→ s3://weandb/docs/index.html";
        assert!(harness.query_all_by_label_contains(way).next().is_some(), "both names whole on hover");
    }
}

/// The window with two uploads of an earlier run.
fn restarted(setting: ResumeAtStart, language: Language) -> Stage {
    let asks = setting == ResumeAtStart::Ask;
    let mut stage =
        Stage::new(Setup { settings: Settings { language, ..Setup::default().settings }, ..Setup::default() });
    stage.wire.commands();
    let counts = TransferCounts { active: 2, ..TransferCounts::default() };
    stage.wire.tell(Event::QueueRestored { files: 2, bytes: 8_400_000, asks });
    stage.wire.tell(Event::Transfers(Box::new(TransfersView { counts, ..TransfersView::default() })));
    stage.window.run();
    stage
}

#[test]
fn a_start_tells_what_goes_on_from_last_time() {
    let stage = restarted(ResumeAtStart::Continue, Language::English);
    assert!(stage.says("2 files (8.4 MB) from last time go on"));
    assert!(stage.window.query_by_label("Go on").is_none(), "nothing is asked");
    let stage = restarted(ResumeAtStart::Continue, Language::Korean);
    assert!(stage.says("지난번의 파일 2개(8.4 MB)를 이어서 업로드합니다"));
}

#[test]
fn a_start_that_asks_waits_for_the_word_and_keeps_asking_in_the_drawer() {
    let mut stage = restarted(ResumeAtStart::Ask, Language::English);
    assert!(stage.says("2 files (8.4 MB) from last time are not uploaded yet"));
    stage.window.get_by_label("Close message").click();
    stage.window.run();
    assert!(stage.says("Uploads from last time wait for your word"), "not now is not never");
    stage.window.get_by_label("Go on").click();
    stage.window.run();
    let resumed = stage.wire.commands().iter().filter(|command| matches!(command, Command::ResumeQueue)).count();
    assert_eq!(resumed, 1);
    assert!(!stage.says("wait for your word"));
}

#[test]
fn the_hold_command_reaches_the_engine() {
    let mut stage = restarted(ResumeAtStart::Continue, Language::English);
    stage.window.get_by_label("Hold the queue").click();
    stage.window.run();
    let switched = |stage: &Stage| -> Vec<QueueSwitch> {
        let commands = stage.wire.commands().into_iter();
        commands.filter_map(|command| if let Command::HoldQueue(to) = command { Some(to) } else { None }).collect()
    };
    assert_eq!(switched(&stage), [QueueSwitch::Hold]);
    let counts = TransferCounts { active: 2, ..TransferCounts::default() };
    let holds = vec![QueueHold::Held];
    stage.wire.tell(Event::Transfers(Box::new(TransfersView { counts, holds, ..TransfersView::default() })));
    stage.window.run();
    stage.window.get_by_label("Go on").click();
    stage.window.run();
    assert_eq!(switched(&stage), [QueueSwitch::Run]);
}

#[test]
fn the_time_left_is_whole_beside_the_buttons() {
    for width in 640..=860_u16 {
        let mut model = busy_model();
        model.transfers.linkable = 5;
        model.transfers.rate_bytes_per_sec = 56_000_000;
        model.transfers.remaining = Some(std::time::Duration::from_secs(55));
        let harness = drawer(model, TransferTab::Active, [f32::from(width), 226.0]);
        let texts = painted(&harness);
        let buttons = texts.iter().find(|(text, _)| text.starts_with("Copy 5")).map(|(_, at)| at.left() - 30.0);
        let Some((_, words)) = texts.iter().find(|(text, _)| text.contains(" left")) else { continue };
        assert!(buttons.is_none_or(|buttons| words.right() <= buttons), "at {width}: {words:?} {buttons:?}");
    }
}

#[test]
fn the_key_of_the_drawer_does_nothing_before_there_is_one() {
    let at = fake::folder("weandb", "photos/2026");
    let mut stage = Stage::showing(Setup::default(), &at, fake::page_of_the_picture());
    stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::J);
    stage.window.run();
    stage.wire.tell(Event::Transfers(Box::new(busy_model().transfers)));
    stage.window.run();
    assert!(stage.says("launch-film-4k.mov"), "the first upload is shown");
    stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::J);
    stage.window.run();
    assert!(!stage.says("launch-film-4k.mov"), "now there is something to hide");
}
