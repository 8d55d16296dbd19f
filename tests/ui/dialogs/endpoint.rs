//! The endpoint of a connection is never used without being seen.

use bucketdrop::model::{Command, ConnectionDraft, Secret, Service};
use bucketdrop::ui::dialogs::Dialog;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::stage::{Stage, click, click_button, open, spoken};

fn draft(service: Service, endpoint: &str) -> Dialog {
    Dialog::NewConnection(Box::new(ConnectionDraft {
        name: "Studio".into(),
        service,
        endpoint: endpoint.into(),
        access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ..ConnectionDraft::default()
    }))
}

fn choose_service(harness: &mut Harness<'_, Stage>, name: &str) {
    click(harness, Role::ComboBox, "Service");
    click(harness, Role::ListBoxOption, name);
}

fn saved_endpoint(harness: &mut Harness<'_, Stage>) -> String {
    click_button(harness, "Save and connect");
    let Command::SaveConnection { draft, .. } = harness.state_mut().the_command() else { panic!("a save") };
    draft.endpoint.clone()
}

#[test]
fn keys_of_another_service_do_not_go_to_an_endpoint_that_nobody_sees() {
    let mut harness = open(draft(Service::Other, "https://minio.example.com:9000"));
    choose_service(&mut harness, "Amazon S3");
    assert!(harness.query_by_label("Endpoint").is_none());
    assert_eq!(saved_endpoint(&mut harness), "");
    // Where it is asked for, what was typed is seen and stays.
    let mut harness = open(draft(Service::CloudflareR2, "https://minio.example.com:9000"));
    choose_service(&mut harness, "MinIO or another S3 service");
    assert_eq!(saved_endpoint(&mut harness), "https://minio.example.com:9000");
}

#[test]
fn an_endpoint_that_is_wrong_is_shown_when_saving_fails() {
    let mut harness = open(draft(Service::AmazonS3, "no url"));
    click_button(&mut harness, "Fewer options");
    assert!(harness.query_by_label("Endpoint").is_none());
    click_button(&mut harness, "Save and connect");
    assert!(harness.state_mut().take_commands().is_empty());
    assert!(harness.query_all_by_label("Endpoint").next().is_some(), "{}", spoken(&harness));
}
