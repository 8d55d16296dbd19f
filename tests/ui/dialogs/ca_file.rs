//! The file of certificate authorities of one connection: chosen or typed, and never read by the window.

use std::path::Path;

use bucketdrop::model::{Command, ConnectionDraft, Secret, Service};
use bucketdrop::ui::actions::Action;
use bucketdrop::ui::dialogs::Dialog;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

use super::stage::{click_button, fill, open, spoken};

fn draft(ca_file: &str) -> Dialog {
    Dialog::NewConnection(Box::new(ConnectionDraft {
        name: "Lab".into(),
        service: Service::Other,
        endpoint: "https://minio.example.com:9000".into(),
        ca_file: ca_file.into(),
        access_key_id: "minio".into(),
        secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ..ConnectionDraft::default()
    }))
}

#[test]
fn a_ca_file_is_chosen_for_the_connection_that_is_edited() {
    let mut harness = open(draft(""));
    click_button(&mut harness, "More options");
    click_button(&mut harness, "Choose a CA file…");
    assert!(harness.state().actions.iter().any(|action| matches!(action, Action::PickCaFile)));
    // Nothing is there: the window does not look.
    let chosen = if cfg!(windows) { r"C:\lab\ca.pem" } else { "/lab/ca.pem" };
    harness.state_mut().dialogs.take_ca_file(Path::new(chosen));
    harness.run();
    click_button(&mut harness, "Save and connect");
    let Command::SaveConnection { draft, .. } = harness.state_mut().the_command() else { panic!("a save") };
    assert_eq!(draft.ca_file, chosen);
    assert!(spoken(&harness).contains("Whoever gets a link and does not trust them"), "{}", spoken(&harness));
}

#[test]
fn a_path_that_is_not_whole_is_said_where_it_stands() {
    let mut harness = open(draft("ca.pem"));
    click_button(&mut harness, "Fewer options");
    click_button(&mut harness, "Save and connect");
    assert!(harness.state_mut().take_commands().is_empty());
    assert!(spoken(&harness).contains("Enter the whole path of the file"), "{}", spoken(&harness));
    fill(&mut harness, Role::TextInput, "CA file", "");
    harness.run();
    assert!(harness.query_all_by_label("CA file").next().is_some());
}
