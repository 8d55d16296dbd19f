//! Lists that are chosen from by keyboard, what they are found by, and what can be copied.

use bucketdrop::model::{Event, Failure, FailureKind, KeychainState};
use bucketdrop::ui::actions::Action;
use bucketdrop::ui::dialogs::Dialog;
use bucketdrop::ui::ui_command::UiCommand;
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::stage::{Stage, click_button, focused, open, press, spoken, tell};

#[test]
fn a_list_is_finished_by_keyboard() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    let field = |harness: &Harness<'_, Stage>| {
        let field = harness.get_by_role_and_label(Role::ComboBox, "Service");
        (field.accesskit_node().value().unwrap_or_default(), field.is_focused())
    };
    harness.get_by_role_and_label(Role::ComboBox, "Service").focus();
    harness.run();
    press(&mut harness, Key::Enter);
    assert_eq!(focused(&harness), "Amazon S3", "the chosen line has the keyboard");
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::Enter);
    assert_eq!(harness.query_all_by_role(Role::ListBoxOption).count(), 0, "closed");
    assert_eq!(field(&harness), ("Cloudflare R2".to_owned(), true));
    press(&mut harness, Key::Enter);
    for _ in 0..9 {
        press(&mut harness, Key::ArrowDown);
    }
    assert_eq!(focused(&harness), "MinIO or another S3 service", "the arrows stay in the list");
    press(&mut harness, Key::Escape);
    assert!(harness.state().dialogs.is_open(), "only the list closes");
    assert_eq!(field(&harness), ("Cloudflare R2".to_owned(), true));
}

#[test]
fn the_keychains_own_trouble_is_named() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    let missing = Failure::new(FailureKind::KeychainMissing);
    tell(&mut harness, Event::KeychainChanged(Box::new(KeychainState::Unavailable(missing))));
    let said = spoken(&harness);
    assert!(said.contains("This computer offers no keychain") && !said.contains("does not answer"), "{said}");
}

#[test]
fn commands_are_found_by_other_words() {
    let mut harness = open(Dialog::Palette);
    harness.event(egui::Event::Text("language".into()));
    harness.run();
    press(&mut harness, Key::Enter);
    let actions = &harness.state().actions;
    assert!(matches!(actions.as_slice(), [Action::Ui(UiCommand::SwitchLanguage)]), "{actions:?}");
}

#[test]
fn the_arrow_leads_from_the_search_field_to_what_it_found() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    harness.get_by_role_and_label(Role::ComboBox, "Region").focus();
    harness.run();
    press(&mut harness, Key::Enter);
    harness.event(egui::Event::Text("seoul".into()));
    harness.run();
    press(&mut harness, Key::ArrowDown);
    assert_eq!(focused(&harness), "Seoul");
    press(&mut harness, Key::Enter);
    let field = harness.get_by_role_and_label(Role::ComboBox, "Region");
    assert_eq!(field.accesskit_node().value().as_deref(), Some("Seoul · ap-northeast-2"));
    assert!(field.is_focused() && harness.query_all_by_role(Role::ListBoxOption).count() == 0);
}

#[test]
fn details_of_a_failure_can_be_copied() {
    let failure = Failure::new(FailureKind::AccessDenied).detail("AccessDenied request 4442587FB7D0A2F9");
    let mut harness = open(Dialog::ErrorDetails(Box::new(failure)));
    click_button(&mut harness, "Copy details");
    let [Action::CopyText { text, .. }] = harness.state().actions.as_slice() else { panic!("a copy") };
    assert!(text.as_str().contains("4442587FB7D0A2F9") && text.as_str().contains("access-denied"));
}
