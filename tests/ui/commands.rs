//! Shortcuts of the command table, and messages in passing.

use bucketdrop::locale::Lang;
use bucketdrop::model::{Command, Failure, FailureKind, Notice, Severity};
use bucketdrop::ui::actions::{Action, Actions};
use bucketdrop::ui::dialogs::toasts::{ToastAction, ToastPlace, ToastRoom, Toasts, toasts_ui};
use bucketdrop::ui::ui_command::{UiCommand, shortcut_text, triggered};
use bucketdrop::ui::widgets;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable};

use super::fake::{Setup, Stage, folder, page_of, page_of_the_picture};
use super::support::harness;

#[derive(Default)]
struct World {
    text: String,
    commands: Vec<UiCommand>,
}

fn window() -> Harness<'static, World> {
    let mut harness = harness([400.0, 200.0], egui::Theme::Light, Lang::En).build_ui_state(
        |ui, world: &mut World| {
            world.commands.extend(triggered(ui));
            widgets::text_field(ui, &mut world.text, "", "Name");
            widgets::button(ui, None, "Save");
        },
        World::default(),
    );
    harness.run();
    harness
}

fn press(harness: &mut Harness<'_, World>, modifiers: Modifiers, key: Key) -> Vec<UiCommand> {
    harness.key_press_modifiers(modifiers, key);
    harness.run();
    std::mem::take(&mut harness.state_mut().commands)
}

#[test]
fn keys_stand_for_their_command() {
    let mut window = window();
    assert_eq!(press(&mut window, Modifiers::COMMAND, Key::U), [UiCommand::UploadFiles]);
    let shifted = Modifiers::COMMAND.plus(Modifiers::SHIFT);
    assert_eq!(press(&mut window, shifted, Key::U), [UiCommand::UploadFolder]);
    assert_eq!(press(&mut window, Modifiers::COMMAND, Key::K), [UiCommand::Palette]);
    assert_eq!(press(&mut window, Modifiers::NONE, Key::Delete), [UiCommand::Delete]);
    assert_eq!(press(&mut window, Modifiers::NONE, Key::Backspace), [UiCommand::Up]);
    assert_eq!(press(&mut window, Modifiers::NONE, Key::Enter), [UiCommand::Open]);
    assert_eq!(press(&mut window, Modifiers::NONE, Key::F5), [UiCommand::Reload]);
}

#[test]
fn a_text_field_keeps_the_keys_it_needs() {
    let mut window = window();
    window.get_by_label("Name").focus();
    window.run();
    for (modifiers, key) in [
        (Modifiers::NONE, Key::Delete),
        (Modifiers::NONE, Key::Backspace),
        (Modifiers::NONE, Key::Enter),
        (Modifiers::COMMAND, Key::A),
    ] {
        let commands = press(&mut window, modifiers, key);
        assert!(commands.is_empty(), "{key:?} while typing: {commands:?}");
        window.get_by_label("Name").focus();
        window.run();
    }
    assert_eq!(press(&mut window, Modifiers::COMMAND, Key::K), [UiCommand::Palette]);
    window.get_by_label("Name").focus();
    window.run();
    window.input_mut().events.push(Event::Paste("hello".to_owned()));
    window.run();
    assert!(window.state().commands.is_empty());
    assert_eq!(window.state().text, "hello");
}

#[test]
fn enter_presses_the_focused_button_instead_of_opening() {
    let mut window = window();
    window.get_by_label("Save").focus();
    window.run();
    assert!(press(&mut window, Modifiers::NONE, Key::Enter).is_empty());
}

#[test]
fn copy_and_paste_come_as_events_of_the_system() {
    let mut window = window();
    window.input_mut().events.push(Event::Copy);
    window.run();
    window.input_mut().events.push(Event::Paste("file:///a".to_owned()));
    window.run();
    assert_eq!(window.state().commands, [UiCommand::CopyUrl, UiCommand::PasteFiles]);
}

#[test]
fn no_two_commands_share_keys() {
    let mut seen = Vec::new();
    for command in UiCommand::ALL {
        for shortcut in command.shortcuts() {
            assert!(!seen.contains(shortcut), "{command:?}: {shortcut:?}");
            seen.push(*shortcut);
        }
    }
    let ctx = egui::Context::default();
    assert!(shortcut_text(&ctx, UiCommand::UploadFiles).is_some());
    assert!(shortcut_text(&ctx, UiCommand::About).is_none());
}

struct Told {
    toasts: Toasts,
    asked: Vec<Action>,
}

fn told() -> Harness<'static, Told> {
    let state = Told { toasts: Toasts::default(), asked: Vec::new() };
    harness([480.0, 400.0], egui::Theme::Light, Lang::En).build_ui_state(
        |ui, told: &mut Told| {
            let mut actions = Actions::new();
            toasts_ui(ui, &ToastPlace::Low(ToastRoom::of(ui.max_rect())), &mut told.toasts, &mut actions);
            told.asked.extend(actions.take());
        },
        state,
    )
}

#[test]
fn a_failure_stays_until_closed_and_hands_out_its_details() {
    let mut window = told();
    let failure = Failure::new(FailureKind::WrongSecret).detail("SignatureDoesNotMatch, request 4442587FB7D0A2F9");
    window.state_mut().toasts.push(Notice::failure(failure));
    window.run_steps(3);
    window.get_by_role_and_label(egui::Role::Alert, "The secret access key does not match the access key ID");
    window.get_by_label_contains("shown only once");
    window.get_by_label("Copy details").click();
    window.run_steps(3);
    let copied = window.state().asked.iter().any(
        |action| matches!(action, Action::CopyText { text, .. } if text.as_str().contains("SignatureDoesNotMatch")),
    );
    assert!(copied);
    window.run_steps(200);
    assert_eq!(window.state().toasts.shown_count(), 1, "failures do not go by themselves");
    window.get_by_label("Close message").click();
    window.run_steps(3);
    assert_eq!(window.state().toasts.shown_count(), 0);
}

#[test]
fn messages_are_where_they_are_drawn_and_the_history_says_when() {
    let mut window = told();
    window.state_mut().toasts.push(Notice::failure(Failure::new(FailureKind::WrongSecret)));
    window.run_steps(3);
    let place = window.get_by_role(egui::Role::Alert).rect();
    assert!(place.width() > 300.0 && place.height() > 30.0 && place.max.y <= 400.0, "{place:?}");
    window.state_mut().toasts.toggle_history();
    window.run_steps(3);
    assert!(window.query_by_label("just now").is_some());
    // A quarter of a second each.
    window.run_steps(4 * 185);
    assert!(window.query_by_label("3 minutes ago").is_some());
}

#[test]
fn a_message_goes_by_itself_and_can_be_acted_on() {
    let mut window = told();
    let action = ToastAction { label_id: "command-reload", action: Action::Reload };
    window.state_mut().toasts.push_with(Notice::message(Severity::Success, "notice-details-copied"), action);
    window.run_steps(3);
    window.get_by_label("Reload").click();
    window.run_steps(3);
    assert!(window.state().asked.iter().any(|action| matches!(action, Action::Reload)));
    window.event(Event::PointerMoved(egui::pos2(5.0, 5.0)));
    // A step is a quarter of a second of egui's clock.
    window.run_steps(60);
    assert_eq!(window.state().toasts.shown_count(), 0);
    window.state_mut().toasts.toggle_history();
    window.run_steps(3);
    window.get_by_label("Details copied");
}

#[test]
fn what_has_faded_can_still_be_done_from_the_list_of_all() {
    let mut window = told();
    let action = ToastAction { label_id: "command-reload", action: Action::Reload };
    window.state_mut().toasts.push_with(Notice::message(Severity::Warning, "notice-details-copied"), action);
    window.event(Event::PointerMoved(egui::pos2(5.0, 5.0)));
    // A quarter of a second each.
    window.run_steps(4 * 22);
    assert_eq!(window.state().toasts.shown_count(), 0);
    window.state_mut().toasts.toggle_history();
    window.run_steps(3);
    window.get_by_label("Reload").click();
    window.run_steps(3);
    assert!(window.state().asked.iter().any(|action| matches!(action, Action::Reload)));
}

fn browsing() -> Stage {
    Stage::showing(Setup::default(), &folder("weandb", "photos/2026"), page_of_the_picture())
}

#[test]
fn messages_cover_no_buttons_of_the_inspector() {
    let mut stage = browsing();
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::C);
    for _ in 0..8 {
        stage.window.step();
    }
    stage.picture("message");
    stage.window.get_by_role_and_label(Role::Status, "Link copied\nBeing checked…");
    // Its rightmost part.
    let close = stage.window.get_by_role_and_label(Role::Button, "Close message").rect();
    let delete = stage.window.get_by_role_and_label(Role::Button, "Delete…").rect();
    assert!(close.right() < delete.left(), "{close:?} is over the table, {delete:?} beside it");
    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::N);
    for _ in 0..8 {
        stage.window.step();
    }
    let close = stage.window.get_by_role_and_label(Role::Button, "Close message").rect();
    let cancel = stage.window.get_by_role_and_label(Role::Button, "Cancel").rect();
    assert!(close.bottom() < cancel.top() - 200.0, "{close:?} is far from the dialog's buttons at {cancel:?}");
}

#[test]
fn a_wrong_path_says_at_once_why() {
    let mut stage = browsing();
    let type_path = |stage: &mut Stage, text: &str| {
        stage.window.key_press_modifiers(Modifiers::COMMAND, Key::A);
        stage.window.event(Event::Text(text.to_owned()));
        stage.window.run();
    };
    let said = |stage: &Stage| {
        let field = stage.window.get_by_role_and_label(Role::TextInput, "Bucket and folder");
        field.accesskit_node().description()
    };
    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::L);
    stage.window.run();
    type_path(&mut stage, "Not A Bucket/x");
    stage.window.key_press(Key::Enter);
    stage.window.run();
    let words = "Type a bucket";
    assert!(said(&stage).is_some_and(|said| said.contains(words)), "{:?}", said(&stage));
    assert!(stage.says(words), "in sight as well");
    stage.picture("wrong-path");
    type_path(&mut stage, "weandb/");
    assert_eq!(said(&stage), None);
}

#[test]
fn what_menus_and_notes_offer_the_palette_finds_too() {
    let mut stage = browsing();
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    stage.by_palette("copy key");
    stage.window.run_steps(2);
    let copied = stage
        .window
        .output()
        .platform_output
        .commands
        .iter()
        .any(|command| matches!(command, egui::OutputCommand::CopyText(text) if text == "photos/2026/README.md"));
    assert!(copied || stage.says("Key copied"));

    let mut stage = Stage::showing(Setup::default(), &folder("weandb", "big"), page_of(1000, Some("next-1")));
    let asked = |stage: &Stage| {
        let commands = stage.wire.commands().into_iter();
        commands.filter(|command| matches!(command, Command::ListObjects { after: Some(_), .. })).count()
    };
    stage.wire.commands();
    stage.by_palette("stop load");
    assert_eq!(asked(&stage), 0, "nothing is loaded that could be stopped");
    stage.window.key_press(Key::Escape);
    stage.window.run();
    stage.by_palette("load all");
    assert_eq!(asked(&stage), 1);
    assert!(stage.says("Loading all"));
    stage.by_palette("stop load");
    assert!(!stage.says("Loading all"));
    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    stage.window.run();
    stage.window.event(Event::Text("no such name".to_owned()));
    stage.window.run();
    assert!(stage.says("None of the rows loaded so far"));
    stage.by_palette("clear filter");
    assert!(!stage.says("None of the rows loaded so far"));
}
