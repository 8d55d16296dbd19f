//! Hangul being composed: in every kind of field, and what its keys must not do.

use crate::fake::{Setup, Stage, folder, page_of_the_picture};
use bucketdrop::model::{BatchId, Command, Event, KeyProblem, NameAnswer, NameQuestion};
use egui::accesskit::Role;
use egui::{Event as Input, ImeEvent, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

fn stage() -> Stage {
    let stage = Stage::showing(Setup::default(), &folder("weandb", "photos/2026"), page_of_the_picture());
    stage.wire.commands();
    stage
}

fn preedit(stage: &mut Stage, text: &str) {
    let text = text.to_owned();
    stage.window.event(Input::Ime(ImeEvent::Preedit { text, active_range_chars: None }));
    stage.window.run();
}

fn press_event(key: Key) -> Input {
    Input::Key { key, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE }
}

/// The input method takes the syllable and hands Enter on, as some do.
fn commit_with_enter(stage: &mut Stage, text: &str) {
    stage.window.event(Input::Ime(ImeEvent::Preedit { text: String::new(), active_range_chars: None }));
    stage.window.event(Input::Ime(ImeEvent::Commit(text.to_owned())));
    stage.window.event(press_event(Key::Enter));
    stage.window.run();
}

/// Enter, pressed by a hand: some time after the composition.
fn enter(stage: &mut Stage) {
    stage.window.run_steps(6);
    stage.window.key_press(Key::Enter);
    stage.window.run();
}

fn value(stage: &Stage, label: &str) -> String {
    let field = stage.window.get_by_role_and_label(Role::TextInput, label);
    assert!(field.is_focused(), "{label} keeps the keyboard");
    field.accesskit_node().value().unwrap_or_default()
}

/// Composes 가을 in the field that has the keyboard, with keys in between that are none of the window's business.
fn compose(stage: &mut Stage, label: &str) {
    for syllable in ["ㄱ", "가"] {
        preedit(stage, syllable);
    }
    for key in [Key::Enter, Key::Escape, Key::ArrowDown, Key::Tab, Key::F5] {
        stage.window.event(press_event(key));
        stage.window.run();
        assert!(value(stage, label).ends_with('가'), "{key:?} is the input method's");
    }
    commit_with_enter(stage, "가");
    for syllable in ["ㅇ", "을"] {
        preedit(stage, syllable);
    }
    commit_with_enter(stage, "을");
    assert!(value(stage, label).ends_with("가을"), "{}", value(stage, label));
}

#[test]
fn the_filter_takes_composed_text_and_filters_as_it_grows() {
    let mut stage = stage();
    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    stage.window.run();
    compose(&mut stage, "Filter this folder");
    assert!(stage.window.query_by_label_contains("경복궁 가을.jpg, ").is_some());
    assert_eq!(stage.window.query_all_by_role(Role::ListBoxOption).count(), 1);
    assert!(stage.wire.commands().iter().all(|command| !matches!(command, Command::ListObjects { .. })), "no reload");
}

#[test]
fn the_breadcrumb_goes_only_with_an_enter_of_its_own() {
    let mut stage = stage();
    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::L);
    stage.window.run();
    stage.window.event(Input::Text("weandb/".to_owned()));
    stage.window.run();
    compose(&mut stage, "Bucket and folder");
    let goes = |stage: &Stage| {
        stage.wire.commands().into_iter().find_map(|command| match command {
            Command::ListObjects { at, .. } => Some(at),
            _ => None,
        })
    };
    assert_eq!(goes(&stage), None);
    enter(&mut stage);
    assert_eq!(goes(&stage), Some(folder("weandb", "가을")));
}

#[test]
fn a_dialogs_field_is_submitted_only_with_an_enter_of_its_own() {
    let mut stage = stage();
    stage.window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    stage.window.run();
    compose(&mut stage, "Name of the folder");
    let made = |stage: &Stage| {
        stage.wire.commands().into_iter().find_map(|command| match command {
            Command::CreateFolder { at, .. } => Some(at),
            _ => None,
        })
    };
    assert_eq!(made(&stage), None);
    enter(&mut stage);
    assert_eq!(made(&stage), Some(folder("weandb", "photos/2026/가을")));
}

#[test]
fn a_typed_path_and_the_palette_are_composed() {
    let mut stage = stage();
    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::U);
    stage.window.run();
    stage.window.event(Input::Text("/data/".to_owned()));
    stage.window.run();
    compose(&mut stage, "Path");
    assert!(stage.wire.commands().iter().all(|command| !matches!(command, Command::Enqueue { .. })));
    enter(&mut stage);
    let paths = stage.wire.commands().into_iter().find_map(|command| match command {
        Command::Enqueue { paths, .. } => Some(paths),
        _ => None,
    });
    assert_eq!(paths, Some(vec!["/data/가을".into()]));

    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    stage.window.run();
    compose(&mut stage, "Commands");
    assert!(stage.says("No command matches"), "still open, nothing was done");
}

#[test]
fn names_that_cannot_be_keys_are_composed_anew() {
    let mut stage = stage();
    let batch = BatchId::next();
    let question = NameQuestion {
        path: "/data/one".into(),
        key: "one\u{1}".into(),
        problem: KeyProblem::ControlCharacter,
        suggestion: "one".into(),
    };
    stage.wire.tell(Event::NamesNeeded { batch, questions: vec![question] });
    stage.window.run();
    compose(&mut stage, "Key for /data/one");
    stage.window.get_by_role_and_label(Role::Button, "Upload 1 file").click();
    stage.window.run();
    let answers = stage.wire.commands().into_iter().find_map(|command| match command {
        Command::ResolveNames { answers, .. } => Some(answers),
        _ => None,
    });
    let key = bucketdrop::model::ObjectKey::new("one가을");
    assert_eq!(answers, Some(vec![NameAnswer::UseKey(key)]));
}

#[test]
fn the_connection_editors_fields_are_composed_and_not_saved_meanwhile() {
    let mut stage = stage();
    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::N);
    stage.window.run();
    compose(&mut stage, "Name");
    assert!(!stage.says("Type the secret") && stage.wire.commands().is_empty(), "nothing was tried");
}

#[test]
fn leaving_the_field_in_the_middle_locks_no_key() {
    let mut stage = stage();
    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    stage.window.run();
    preedit(&mut stage, "가");
    stage.window.get_by_label_contains("경복궁 가을.jpg, ").click();
    stage.window.run();
    stage.window.key_press(Key::ArrowDown);
    stage.window.key_press(Key::F5);
    stage.window.run();
    assert!(stage.wire.commands().iter().any(|command| matches!(command, Command::ListObjects { .. })), "F5 works");
}
