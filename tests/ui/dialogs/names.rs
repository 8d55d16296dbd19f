//! Files whose names cannot become keys: every one can be changed or left out, however many there are.

use bucketdrop::model::{BatchId, Command, Event, KeyProblem, NameAnswer, NameQuestion, ObjectKey};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::stage::{Looks, Stage, click_button, empty, fill, focused, press, tell};

fn is_enabled(harness: &Harness<'_, Stage>, label: &str) -> bool {
    !harness.get_by_role_and_label(Role::Button, label).accesskit_node().is_disabled()
}

fn name_questions() -> Vec<NameQuestion> {
    let question = |path: &str, problem, suggestion: &str| NameQuestion {
        path: path.into(),
        key: String::new(),
        problem,
        suggestion: suggestion.into(),
    };
    vec![
        question("/data/one", KeyProblem::ControlCharacter, "one_"),
        question("/data/two", KeyProblem::TooLong(1_100), "two"),
    ]
}

#[test]
fn impossible_names_are_changed_or_left_out() {
    let mut harness = empty(Looks::default());
    let batch = BatchId::next();
    tell(&mut harness, Event::NamesNeeded { batch, questions: name_questions() });
    fill(&mut harness, Role::TextInput, "Key for /data/one", "../one");
    assert!(!is_enabled(&harness, "Upload 2 files"), "a key that no link can reach is refused");
    fill(&mut harness, Role::TextInput, "Key for /data/one", "photos/하나");
    harness.query_all_by_role_and_label(Role::CheckBox, "Leave this file out").last().unwrap().click();
    harness.run();
    click_button(&mut harness, "Upload 1 file");
    let Command::ResolveNames { batch: answered, answers } = harness.state_mut().the_command() else {
        panic!("answers");
    };
    assert_eq!(answered, batch);
    assert_eq!(answers, [NameAnswer::UseKey(ObjectKey::new("photos/하나")), NameAnswer::Skip]);
}

#[test]
fn every_one_of_many_impossible_names_can_be_changed() {
    let question = |n: usize| NameQuestion {
        path: format!("/data/file-{n:04}").into(),
        key: String::new(),
        problem: KeyProblem::ControlCharacter,
        suggestion: format!("file-{n:04}"),
    };
    let mut harness = empty(Looks::default());
    tell(&mut harness, Event::NamesNeeded { batch: BatchId::next(), questions: (0..3000).map(question).collect() });
    let drawn = harness.query_all_by_role(Role::TextInput).count();
    assert!(drawn < 12, "{drawn} fields were drawn");
    // By keyboard, from field to field, the list follows.
    for _ in 0..40 {
        press(&mut harness, Key::Tab);
    }
    assert_eq!(focused(&harness), "Key for /data/file-0020");
    harness.event(egui::Event::PointerMoved(egui::pos2(640.0, 400.0)));
    for _ in 0..20 {
        harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Page,
            delta: egui::vec2(0.0, -40.0),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: egui::Modifiers::NONE,
        });
        harness.run_steps(12);
    }
    fill(&mut harness, Role::TextInput, "Key for /data/file-2999", "last");
    click_button(&mut harness, "Upload 3,000 files");
    let Command::ResolveNames { answers, .. } = harness.state_mut().the_command() else { panic!("answers") };
    assert_eq!(answers.len(), 3000);
    assert_eq!(answers.last(), Some(&NameAnswer::UseKey(ObjectKey::new("last"))));
}

#[test]
fn all_impossible_names_can_be_left_out() {
    let mut harness = empty(Looks::default());
    tell(&mut harness, Event::NamesNeeded { batch: BatchId::next(), questions: name_questions() });
    press(&mut harness, Key::Escape);
    let Command::ResolveNames { answers, .. } = harness.state_mut().the_command() else { panic!("answers") };
    assert_eq!(answers, [NameAnswer::Skip, NameAnswer::Skip]);
}
