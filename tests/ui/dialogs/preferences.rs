//! Settings that are chosen and typed.

use bucketdrop::model::*;
use bucketdrop::ui::actions::Action;
use bucketdrop::ui::dialogs::Dialog;
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::stage::{Stage, click, fill, open, press, spoken};

#[test]
fn settings_hold_at_once() {
    let mut harness = open(Dialog::Settings);
    click(&mut harness, Role::ComboBox, "Appearance");
    click(&mut harness, Role::ListBoxOption, "Dark");
    let [Action::ChangeSettings(settings)] = harness.state().actions.as_slice() else {
        panic!("{:?}", harness.state().actions);
    };
    assert_eq!(settings.theme, ThemeChoice::Dark);
    harness.state_mut().actions.clear();
    click(&mut harness, Role::RadioButton, "Transfers");
    fill(&mut harness, Role::MultilineTextInput, "Never upload", "*.tmp");
    press(&mut harness, Key::Escape);
    let kept = harness.state().actions.iter().find_map(|action| match action {
        Action::ChangeSettings(settings) => Some(settings.system_files.clone()),
        _ => None,
    });
    assert_eq!(kept, Some(vec!["*.tmp".to_owned()]), "closing keeps what was typed");
}

/// The settings as the dialog wants them last.
fn wanted_settings(harness: &Harness<'_, Stage>) -> Option<Settings> {
    harness.state().actions.iter().rev().find_map(|action| match action {
        Action::ChangeSettings(settings) => Some((**settings).clone()),
        _ => None,
    })
}

#[test]
fn how_uploads_go_on_and_what_is_proof_can_be_chosen() {
    let mut harness = open(Dialog::Settings);
    click(&mut harness, Role::RadioButton, "Transfers");
    let choices = [
        ("Unfinished uploads", "Ask at the next start"),
        ("Proof of upload", "Read back and compare every file"),
        ("While busy", "Let it sleep as the system says"),
        ("Files at once", "4"),
    ];
    for (row, choice) in choices {
        click(&mut harness, Role::ComboBox, row);
        click(&mut harness, Role::ListBoxOption, choice);
    }
    let wanted = wanted_settings(&harness).unwrap();
    assert_eq!(wanted.resume_at_start, ResumeAtStart::Ask);
    assert_eq!(wanted.verify, VerifyWish::ReadBack);
    assert_eq!(wanted.keep_awake, KeepAwake::Never);
    assert_eq!(wanted.parallel_files, 4);
    click(&mut harness, Role::ComboBox, "Files at once");
    click(&mut harness, Role::ListBoxOption, "Automatic");
    assert_eq!(wanted_settings(&harness).unwrap().parallel_files, AUTOMATIC_FILES);
}

#[test]
fn a_speed_limit_is_typed_with_its_unit() {
    let mut harness = open(Dialog::Settings);
    click(&mut harness, Role::RadioButton, "Transfers");
    fill(&mut harness, Role::TextInput, "Upload speed", "2");
    press(&mut harness, Key::Tab);
    assert!(spoken(&harness).contains("Type a number with its unit"), "{}", spoken(&harness));
    assert!(wanted_settings(&harness).is_none(), "what cannot be read changes nothing");
    fill(&mut harness, Role::TextInput, "Upload speed", "2.5 MB/s");
    press(&mut harness, Key::Tab);
    assert_eq!(wanted_settings(&harness).unwrap().bandwidth.limit, Some(2_500_000));
}

#[test]
fn the_tabs_stay_under_the_pointer() {
    let mut harness = open(Dialog::Settings);
    let top = |harness: &Harness<'_, Stage>| harness.get_by_role_and_label(Role::RadioButton, "Files").rect().top();
    let before = top(&harness);
    for page in ["Transfers", "Links", "Files", "General"] {
        click(&mut harness, Role::RadioButton, page);
        harness.run();
        assert!((top(&harness) - before).abs() < 1.0, "{page}: {} instead of {before}", top(&harness));
    }
}
