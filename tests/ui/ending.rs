//! What happens when all transfers are done: told where nobody looks, and what was chosen to follow.

use bucketdrop::model::*;
use egui_kittest::kittest::Queryable as _;

use crate::fake::{Setup, Stage, folder, page_of_the_picture};
use crate::support::busy_model;

fn busy(settings: Settings) -> Stage {
    let setup = Setup { settings, size: [900.0, 600.0], ..Setup::default() };
    let mut stage = Stage::showing(setup, &folder("weandb", "photos/2026"), page_of_the_picture());
    stage.wire.tell(Event::Transfers(Box::new(busy_model().transfers)));
    stage.window.run();
    stage.wire.commands();
    stage
}

fn english() -> Settings {
    Settings { language: Language::English, ..Settings::default() }
}

fn batch(kind: TransferKind, done: u64, failed: u64) -> Event {
    end_of(BatchId::next(), kind, done, failed)
}

fn end_of(batch: BatchId, kind: TransferKind, done: u64, failed: u64) -> Event {
    let summary = BatchSummary {
        to: folder("weandb", "photos/2026"),
        kind,
        done,
        skipped: 0,
        cancelled: 0,
        failed,
        done_bytes: done * 4_200_000,
        elapsed: std::time::Duration::from_secs(1),
        objects: Vec::new(),
        first_failure: None,
    };
    Event::BatchFinished { batch, summary: Box::new(summary) }
}

/// Everything ends, with two batches of uploads and one of downloads.
fn all_done(stage: &mut Stage, then: WhenDone) {
    stage.wire.tell(batch(TransferKind::Upload, 11, 0));
    stage.wire.tell(batch(TransferKind::Upload, 1, 2));
    stage.wire.tell(batch(TransferKind::Download, 3, 0));
    stage.wire.tell(Event::QueueDone { then });
    let counts = TransferCounts { done: 15, failed: 2, ..TransferCounts::default() };
    stage.wire.tell(Event::Transfers(Box::new(TransfersView { counts, ..TransfersView::default() })));
    stage.window.run();
}

fn look_elsewhere(stage: &mut Stage) {
    stage.window.event(egui::Event::WindowFocused(false));
    stage.window.input_mut().focused = false;
    stage.window.run();
}

fn told(commands: &[Command]) -> Vec<(String, String)> {
    let told = commands.iter().filter_map(|command| match command {
        Command::Notify { title, body } => Some((title.clone(), body.clone())),
        _ => None,
    });
    told.collect()
}

fn wishes(stage: &Stage) -> Vec<WhenDone> {
    let commands = stage.wire.commands().into_iter();
    commands.filter_map(|command| if let Command::SetWhenDone(then) = command { Some(then) } else { None }).collect()
}

fn click(stage: &mut Stage, label: &str) {
    stage.window.get_by_label(label).click();
    stage.window.run();
}

fn is_closed(stage: &Stage) -> bool {
    let viewports = stage.window.output().viewport_output.values();
    viewports.flat_map(|viewport| &viewport.commands).any(|command| *command == egui::ViewportCommand::Close)
}

#[test]
fn the_end_is_told_once_when_the_window_is_not_in_front() {
    let mut stage = busy(english());
    all_done(&mut stage, WhenDone::Nothing);
    assert_eq!(told(&stage.wire.commands()), [], "who looks sees it");
    look_elsewhere(&mut stage);
    all_done(&mut stage, WhenDone::Nothing);
    let body = "12 files uploaded, 50.4 MB\n3 files downloaded\n2 transfers failed";
    let expected = ("The transfers have ended; some failed".to_owned(), body.to_owned());
    assert_eq!(told(&stage.wire.commands()), [expected], "of this time only, and all batches of it");
    stage.wire.tell(Event::QueueDone { then: WhenDone::Nothing });
    stage.window.run();
    assert_eq!(told(&stage.wire.commands()), [], "of what was cancelled there is nothing to say");
}

#[derive(Clone, Copy, PartialEq)]
enum Last {
    OfAll,
    OfItsBatch,
}

#[test]
fn what_was_tried_again_is_counted_and_not_what_was_told_before() {
    let mut stage = busy(Settings { notify_when_done: NotifyWhenDone::Always, ..english() });
    let mut end = |batch: BatchId, done: u64, failed: u64, last: Last| {
        stage.wire.tell(end_of(batch, TransferKind::Upload, done, failed));
        if last == Last::OfAll {
            stage.wire.tell(Event::QueueDone { then: WhenDone::Nothing });
        }
        stage.window.run();
        told(&stage.wire.commands()).into_iter().map(|(_title, body)| body).collect::<Vec<_>>()
    };
    let retried = BatchId::next();
    assert_eq!(end(retried, 98, 2, Last::OfAll), ["98 files uploaded, 412 MB\n2 transfers failed"]);
    // The engine tells the whole batch again.
    assert_eq!(end(retried, 100, 0, Last::OfAll), ["2 files uploaded, 8.4 MB"]);
    // Within one time, what failed first and then went through did not fail.
    let other = BatchId::next();
    assert!(end(other, 1, 1, Last::OfItsBatch).is_empty());
    assert_eq!(end(other, 2, 0, Last::OfAll), ["2 files uploaded, 8.4 MB"]);
}

#[test]
fn what_failed_again_is_counted_again_and_keeps_the_window() {
    let mut stage = busy(Settings { notify_when_done: NotifyWhenDone::Always, ..english() });
    stage.by_palette("quit bucketdrop");
    let retried = BatchId::next();
    finish(&mut stage, &[end_of(retried, TransferKind::Upload, 98, 2)]);
    assert_eq!(told(&stage.wire.commands())[0].1, "98 files uploaded, 412 MB\n2 transfers failed");
    // One of the two goes through; the other fails again. Something else goes well beside it.
    let batches = [end_of(retried, TransferKind::Upload, 99, 1), batch(TransferKind::Upload, 5, 0)];
    finish(&mut stage, &batches);
    let (title, body) = told(&stage.wire.commands()).remove(0);
    assert_eq!(title, "The transfers have ended; some failed");
    assert_eq!(body, "6 files uploaded, 25.2 MB\n1 transfer failed");
    pass(&mut stage, 60.0);
    assert!(!is_closed(&stage) && !is_leaving(&stage), "it does not leave as if all was well");
    // Both fail again, and nothing else was done.
    finish(&mut stage, &[end_of(retried, TransferKind::Upload, 98, 2)]);
    assert!(told(&stage.wire.commands())[0].1.contains("2 transfers failed"));
}

#[test]
fn the_countdown_to_sleep_says_what_failed() {
    let mut stage = busy(english());
    all_done(&mut stage, WhenDone::Sleep);
    stage.wire.tell(Event::SleepsSoon { in_secs: Some(30) });
    stage.window.run();
    assert!(stage.says("The transfers have ended; some failed") && stage.says("2 transfers failed"));
}

#[test]
fn the_setting_says_when_the_end_is_told() {
    let mut stage = busy(Settings { notify_when_done: NotifyWhenDone::Always, ..english() });
    all_done(&mut stage, WhenDone::Nothing);
    assert_eq!(told(&stage.wire.commands()).len(), 1);
    let mut stage = busy(Settings { notify_when_done: NotifyWhenDone::Never, ..english() });
    look_elsewhere(&mut stage);
    all_done(&mut stage, WhenDone::Nothing);
    assert_eq!(told(&stage.wire.commands()), []);
}

#[test]
fn what_follows_is_chosen_in_the_menu_of_the_transfers_and_by_command() {
    let mut stage = busy(english());
    click(&mut stage, "More for all transfers");
    stage.picture("ending-menu");
    click(&mut stage, "Let the computer sleep");
    assert_eq!(wishes(&stage), [WhenDone::Sleep]);
    stage.window.get_by_role_and_label(egui::accesskit::Role::Status, "When all is done: let the computer sleep");
    stage.picture("ending-chosen");
    click(&mut stage, "Do nothing instead");
    assert_eq!(wishes(&stage), [WhenDone::Nothing]);
    assert!(!stage.says("When all is done:"));
    stage.by_palette("quit bucketdrop");
    assert_eq!(wishes(&stage), [WhenDone::Quit]);
    stage.window.get_by_label("When all is done: quit Bucketdrop");
}

/// So much time passes at once.
fn pass(stage: &mut Stage, secs: f64) {
    let now = stage.window.ctx.input(|input| input.time);
    stage.window.input_mut().time = Some(now + secs);
    stage.window.step();
    stage.window.input_mut().time = None;
}

/// All is done after these batches, and the program was to leave then.
fn done_and_leaving(batches: &[Event]) -> Stage {
    let mut stage = busy(english());
    stage.by_palette("quit bucketdrop");
    finish(&mut stage, batches);
    stage
}

fn finish(stage: &mut Stage, batches: &[Event]) {
    for batch in batches {
        stage.wire.tell(batch.clone());
    }
    stage.wire.tell(Event::QueueDone { then: WhenDone::Quit });
    stage.wire.tell(Event::Transfers(Box::default()));
    stage.window.run();
}

fn is_leaving(stage: &Stage) -> bool {
    stage.says("Bucketdrop quits in")
}

#[test]
fn the_window_leaves_half_a_minute_after_all_is_done_if_that_was_chosen() {
    let mut stage = busy(english());
    stage.by_palette("quit bucketdrop");
    stage.wire.tell(batch(TransferKind::Upload, 1, 0));
    stage.window.run();
    pass(&mut stage, 60.0);
    assert!(!is_closed(&stage) && !is_leaving(&stage), "a batch is not all");
    // The picture of the queue may be older than this.
    stage.wire.tell(Event::QueueDone { then: WhenDone::Quit });
    stage.window.run();
    assert!(stage.says("Bucketdrop quits in 30 seconds") && !is_closed(&stage));
    stage.wire.tell(Event::Transfers(Box::default()));
    stage.window.run();
    pass(&mut stage, 20.0);
    assert!(stage.says("Bucketdrop quits in 10 seconds") && !is_closed(&stage));
    assert_eq!(stage.window.query_all_by_label("Stay open").count(), 1, "one dialog counts");
    stage.picture("ending-quits");
    pass(&mut stage, 10.0);
    assert!(is_closed(&stage));
}

#[test]
fn the_countdown_to_leaving_is_stopped_by_every_way_out_and_by_more_work() {
    for key in [egui::Key::Enter, egui::Key::Escape] {
        let mut stage = done_and_leaving(&[batch(TransferKind::Upload, 1, 0)]);
        wishes(&stage);
        assert!(is_leaving(&stage));
        stage.window.key_press(key);
        stage.window.run();
        assert_eq!(wishes(&stage), [WhenDone::Nothing], "{key:?}");
        pass(&mut stage, 60.0);
        assert!(!is_closed(&stage) && !is_leaving(&stage) && !stage.says("When all is done:"), "{key:?}");
    }
    let mut stage = done_and_leaving(&[batch(TransferKind::Upload, 1, 0)]);
    stage.wire.tell(Event::Transfers(Box::new(busy_model().transfers)));
    stage.window.run();
    assert!(!is_leaving(&stage));
    pass(&mut stage, 60.0);
    assert!(!is_closed(&stage), "more is to do");
    finish(&mut stage, &[batch(TransferKind::Upload, 1, 0)]);
    assert!(is_leaving(&stage), "the next end counts");
}

#[test]
fn the_window_stays_where_nothing_was_done_or_something_failed() {
    let cancelled = [batch(TransferKind::Upload, 0, 0)];
    let failed = [batch(TransferKind::Upload, 3, 0), batch(TransferKind::Upload, 1, 1)];
    for (batches, is_told) in [(&cancelled[..], false), (&[], false), (&failed[..], true)] {
        let mut stage = done_and_leaving(batches);
        assert_eq!(stage.says("Bucketdrop stays open, since some transfers failed"), is_told);
        pass(&mut stage, 60.0);
        assert!(!is_closed(&stage) && !is_leaving(&stage));
    }
}

#[test]
fn leaving_waits_for_drafts_for_deletions_and_for_links_on_their_way() {
    // A draft is open.
    let mut stage = busy(english());
    stage.by_palette("quit bucketdrop");
    stage.by_palette("new folder");
    assert!(stage.says("Name of the folder"));
    finish(&mut stage, &[batch(TransferKind::Upload, 1, 0)]);
    pass(&mut stage, 60.0);
    assert!(!is_closed(&stage) && !is_leaving(&stage), "the draft would be lost");
    stage.window.key_press(egui::Key::Escape);
    stage.window.run();
    assert!(is_leaving(&stage));

    // Links are copied, and asked for.
    let mut stage = busy(english());
    stage.by_palette("quit bucketdrop");
    let mut done = batch(TransferKind::Upload, 1, 0);
    if let Event::BatchFinished { summary, .. } = &mut done {
        summary.objects = vec![summary.to.object(ObjectKey::new("photos/2026/README.md"))];
    }
    stage.wire.commands();
    finish(&mut stage, &[done]);
    pass(&mut stage, 60.0);
    assert!(!is_closed(&stage) && !is_leaving(&stage), "better links may take their place");
    let request = stage.wire.last_request(|command| match command {
        Command::CheckLinks { request, .. } => Some(*request),
        _ => None,
    });
    let (checks, progress, end) = (Vec::new(), CheckProgress::default(), Some(Ok(())));
    stage.wire.tell(Event::LinksChecked { request, checks, progress, end });
    stage.window.run();
    assert!(is_leaving(&stage));
    pass(&mut stage, 30.0);
    assert!(is_closed(&stage));
}

#[test]
fn a_countdown_that_was_over_before_it_was_seen_opens_nothing() {
    let mut stage = busy(english());
    stage.by_palette("computer sleep");
    wishes(&stage);
    for left in [Some(2), Some(1), Some(0)] {
        stage.wire.tell(Event::SleepsSoon { in_secs: left });
    }
    stage.window.run();
    assert!(!stage.says("goes to sleep in") && !stage.says("Stay awake"));
    stage.window.key_press(egui::Key::Escape);
    stage.window.run();
    assert_eq!(wishes(&stage), [], "and nothing is asked of the next end");
}

#[test]
fn the_countdown_to_sleep_is_seen_and_stopped() {
    let mut stage = busy(english());
    stage.by_palette("computer sleep");
    look_elsewhere(&mut stage);
    stage.wire.commands();
    all_done(&mut stage, WhenDone::Sleep);
    let body = told(&stage.wire.commands()).remove(0).1;
    assert!(body.ends_with("goes to sleep in half a minute, unless you stop it in the window"), "{body}");
    for left in [30, 29, 28] {
        stage.wire.tell(Event::SleepsSoon { in_secs: Some(left) });
        stage.window.run();
        assert!(stage.says(&format!("The computer goes to sleep in {left} seconds")));
    }
    assert_eq!(stage.window.query_all_by_label("Stay awake").count(), 1, "one dialog counts");
    stage.picture("ending-countdown");
    // Staying awake has the focus.
    stage.window.key_press(egui::Key::Enter);
    stage.window.run();
    assert_eq!(wishes(&stage), [WhenDone::Nothing]);
    assert!(!stage.says("goes to sleep"));
    stage.wire.tell(Event::SleepsSoon { in_secs: None });
    stage.window.run();
    assert!(!stage.says("When all is done:"), "the next end puts nobody to sleep");
}

#[test]
fn every_way_out_of_the_countdown_stops_it_and_sleep_itself_closes_it() {
    let mut stage = busy(english());
    stage.by_palette("computer sleep");
    wishes(&stage);
    stage.wire.tell(Event::SleepsSoon { in_secs: Some(30) });
    stage.window.run();
    stage.window.key_press(egui::Key::Escape);
    stage.window.run();
    assert_eq!(wishes(&stage), [WhenDone::Nothing]);
    stage.wire.tell(Event::SleepsSoon { in_secs: None });
    stage.window.run();

    stage.by_palette("computer sleep");
    stage.wire.tell(Event::SleepsSoon { in_secs: Some(1) });
    stage.window.run();
    assert!(stage.says("The computer goes to sleep in 1 second"));
    stage.wire.tell(Event::SleepsSoon { in_secs: Some(0) });
    stage.window.run();
    assert!(!stage.says("goes to sleep in"));
    assert!(!stage.says("When all is done:"), "once is enough");
}

#[test]
fn korean_says_all_of_it() {
    let settings = Settings { language: Language::Korean, theme: ThemeChoice::Dark, ..Settings::default() };
    let mut stage = busy(settings);
    click(&mut stage, "전체 전송 더 보기");
    stage.picture("ending-menu-ko");
    click(&mut stage, "컴퓨터 잠자기");
    stage.window.get_by_label("모두 끝나면: 컴퓨터 잠자기");
    look_elsewhere(&mut stage);
    stage.wire.commands();
    all_done(&mut stage, WhenDone::Sleep);
    let (title, body) = told(&stage.wire.commands()).remove(0);
    assert_eq!(title, "전송이 끝났지만 일부가 실패했습니다");
    assert!(body.starts_with("파일 12개 업로드됨, 50.4 MB\n파일 3개 다운로드됨\n전송 2개 실패\n"), "{body}");
    stage.wire.tell(Event::SleepsSoon { in_secs: Some(30) });
    stage.window.run();
    assert!(stage.says("30초 뒤에 컴퓨터가 잠자기로 들어갑니다"));
    stage.picture("ending-countdown-ko");
}
