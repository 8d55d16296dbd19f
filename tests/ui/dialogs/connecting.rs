//! Making and editing a connection, step by step, as a person would do it.

use bucketdrop::model::*;
use bucketdrop::ui::actions::Action;
use bucketdrop::ui::dialogs::Dialog;
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::stage::{
    Stage, click, click_button, connection, fill, focused, is_enabled, open, press, show, spoken, tell,
};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn fill_connection(harness: &mut Harness<'_, Stage>) {
    fill(harness, Role::TextInput, "Name", "Studio AWS");
    fill(harness, Role::TextInput, "Access key ID", "AKIAIOSFODNN7EXAMPLE");
    fill(harness, Role::PasswordInput, "Secret access key", SECRET);
}

#[test]
fn a_new_connection_is_saved_and_opened() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    assert_eq!(focused(&harness), "Name");
    fill_connection(&mut harness);
    click_button(&mut harness, "Save and connect");
    let Command::SaveConnection { request, draft, place, .. } = harness.state_mut().the_command() else {
        panic!("a save");
    };
    assert_eq!(place, SecretPlace::Keychain);
    assert_eq!((draft.name.as_str(), draft.service), ("Studio AWS", Service::AmazonS3));
    assert_eq!(draft.access_key_id, "AKIAIOSFODNN7EXAMPLE");
    assert_eq!(draft.secret_access_key.expose(), SECRET);
    assert!(harness.state().dialogs.is_open(), "it waits for the answer");

    tell(&mut harness, Event::ConnectionSaved { request, result: Ok(Box::new(connection())) });
    assert!(!harness.state().dialogs.is_open());
    let opened =
        harness.state().actions.iter().any(|action| matches!(action, Action::Open(id) if *id == connection().id));
    assert!(opened, "{:?}", harness.state().actions);
}

#[test]
fn the_keyboard_alone_makes_a_connection() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    let fields = [("Name", "Studio"), ("Access key ID", "AKIAIOSFODNN7EXAMPLE"), ("Secret access key", SECRET)];
    for (label, text) in fields {
        for _ in 0..12 {
            if focused(&harness) == label {
                break;
            }
            press(&mut harness, Key::Tab);
        }
        assert_eq!(focused(&harness), label);
        harness.event(egui::Event::Text(text.to_owned()));
        harness.run();
    }
    press(&mut harness, Key::Enter);
    let Command::SaveConnection { draft, .. } = harness.state_mut().the_command() else { panic!("a save") };
    assert_eq!((draft.name.as_str(), draft.secret_access_key.expose()), ("Studio", SECRET));
}

#[test]
fn escape_closes_and_sends_nothing() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    press(&mut harness, Key::Escape);
    assert!(!harness.state().dialogs.is_open());
    assert!(harness.state_mut().take_commands().is_empty());
}

#[test]
fn fields_say_what_is_wrong_and_nothing_is_sent() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    assert!(!spoken(&harness).contains("Give the connection a name"), "not before the first try");
    click_button(&mut harness, "Save and connect");
    let said = spoken(&harness);
    for words in ["Give the connection a name", "Enter the access key ID", "Enter the secret that belongs"] {
        assert!(said.contains(words), "{words}");
    }
    assert_eq!(focused(&harness), "Name", "the first field in the way has the keyboard");
    assert!(harness.state_mut().take_commands().is_empty());
    fill(&mut harness, Role::TextInput, "Name", "Studio AWS");
    assert!(!spoken(&harness).contains("Give the connection a name"), "gone once it is right");
}

/// A new connection with one rule for links, shown.
fn with_rule(place: &str, pattern: &str, drop_prefix: &str) -> Harness<'static, Stage> {
    let row = LinkDomainDraft { place: place.into(), pattern: pattern.into(), drop_prefix: drop_prefix.into() };
    open(Dialog::NewConnection(Box::new(ConnectionDraft {
        region: "ap-northeast-2".into(),
        scopes: "weandb".into(),
        link_domains: vec![row],
        ..ConnectionDraft::default()
    })))
}

#[test]
fn a_template_shows_what_it_makes_while_it_is_typed() {
    let mut harness = with_rule("", "https://cdn.example.com/media", "");
    let pattern = "Address of entry 1";
    assert!(spoken(&harness).contains("https://cdn.example.com/media/weandb/photos/summer%202026.jpg"));
    fill(&mut harness, Role::TextInput, pattern, "{scheme}://{bucket}.cdn.example.com:8443/{key}");
    assert!(spoken(&harness).contains("https://weandb.cdn.example.com:8443/photos/summer%202026.jpg"));
    fill(&mut harness, Role::TextInput, "Prefix that entry 1 drops from the key", "photos/");
    assert!(spoken(&harness).contains("https://weandb.cdn.example.com:8443/summer%202026.jpg"));
    fill(&mut harness, Role::TextInput, "Example object", "weandb/photos/a+b%.jpg");
    assert!(spoken(&harness).contains("https://weandb.cdn.example.com:8443/a%2Bb%25.jpg"));
    fill(&mut harness, Role::TextInput, pattern, "http://cdn.example.com/{key}");
    assert!(spoken(&harness).contains("Not secure"));
    for (wrong, words) in [
        ("https://cdn.example.com/{bucket}", "{key} is missing"),
        ("https://me:pw@cdn.example.com/{key}", "would see this user name"),
        ("ftp://cdn.example.com/{key}", "start with http"),
        ("https://cdn.example.com/{file}", "In braces there can only be {scheme}"),
    ] {
        fill(&mut harness, Role::TextInput, pattern, wrong);
        assert!(spoken(&harness).contains(words), "{wrong}: {}", spoken(&harness));
    }
    fill_connection(&mut harness);
    click_button(&mut harness, "Save and connect");
    assert!(harness.state_mut().take_commands().is_empty(), "a template that is wrong is not kept");
    assert_eq!(focused(&harness), pattern);
}

#[test]
fn a_template_is_tried_before_it_is_kept() {
    let mut harness = with_rule("weandb", "https://img.example.com/{key}", "");
    harness.get_by_role_and_label(Role::Button, "Test entry 1").click_accesskit();
    harness.run();
    let Command::CheckAddress { request, connection, object } = harness.state_mut().the_command() else {
        panic!("a check")
    };
    assert_eq!(object.to_string(), "s3://weandb/photos/summer 2026.jpg");
    let url = public_url(&connection, &object.bucket, None, &object.key);
    assert_eq!(url.as_deref(), Ok("https://img.example.com/photos/summer%202026.jpg"));
    let check = LinkCheck {
        object,
        kind: LinkKind::Public,
        verdict: Verdict::NotFound(NotFoundBecause::WrongAddress),
        status: Some(404),
        address: "img.example.com/photos/summer%202026.jpg".into(),
        checked_at: "2026-11-21T09:00:00Z".parse().unwrap(),
    };
    let progress = CheckProgress { checked: 1, asked: 1, total: 1 };
    tell(&mut harness, Event::LinksChecked { request, checks: vec![check], progress, end: Some(Ok(())) });
    assert!(spoken(&harness).contains("The object is there, but not at this address"));
    // What was asked about is no longer what stands there.
    fill(&mut harness, Role::TextInput, "Address of entry 1", "https://img.example.com/x/{key}");
    assert!(!spoken(&harness).contains("The object is there, but not at this address"));
}

#[test]
fn an_endpoint_is_asked_for_and_checked() {
    let mut harness = open(Dialog::NewConnection(Box::new(ConnectionDraft {
        service: Service::Other,
        ..ConnectionDraft::default()
    })));
    fill_connection(&mut harness);
    fill(&mut harness, Role::TextInput, "Endpoint", "http://user@minio.example.com:9000");
    click_button(&mut harness, "Save and connect");
    assert!(spoken(&harness).contains("Only the address of the service"));
    fill(&mut harness, Role::TextInput, "Endpoint", "http://minio.example.com:9000");
    assert!(spoken(&harness).contains("This address is not encrypted"));
    click_button(&mut harness, "Save and connect");
    let Command::SaveConnection { draft, .. } = harness.state_mut().the_command() else { panic!("a save") };
    assert_eq!(draft.endpoint, "http://minio.example.com:9000");
}

#[test]
fn a_region_is_found_by_typing() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    fill_connection(&mut harness);
    click(&mut harness, Role::ComboBox, "Region");
    assert_eq!(focused(&harness), "Find a region, or type its code");
    harness.event(egui::Event::Text("seoul".into()));
    harness.run();
    press(&mut harness, Key::Enter);
    assert!(spoken(&harness).contains("Seoul · ap-northeast-2"));
    click_button(&mut harness, "Save and connect");
    let Command::SaveConnection { draft, .. } = harness.state_mut().the_command() else { panic!("a save") };
    assert_eq!(draft.region, "ap-northeast-2");
}

#[test]
fn a_keychain_that_fails_leaves_a_way_on() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    fill_connection(&mut harness);
    click_button(&mut harness, "Save and connect");
    let Command::SaveConnection { request, .. } = harness.state_mut().the_command() else { panic!("a save") };
    harness.run_steps(8);
    assert!(spoken(&harness).contains("Waiting for the system keychain"), "a slow keychain is named");
    let failure = Box::new(Failure::new(FailureKind::KeychainSilent));
    tell(&mut harness, Event::ConnectionSaved { request, result: Err(failure) });
    assert!(harness.state().dialogs.is_open(), "nothing that was typed is lost");
    assert!(is_enabled(&harness, "Try again"));

    click_button(&mut harness, "Use for this run only");
    let Command::SaveConnection { request, draft, place, .. } = harness.state_mut().the_command() else {
        panic!("a save");
    };
    assert_eq!(place, SecretPlace::ThisRunOnly);
    assert_eq!(draft.secret_access_key.expose(), SECRET);
    tell(&mut harness, Event::ConnectionSaved { request, result: Ok(Box::new(connection())) });
    assert!(!harness.state().dialogs.is_open());
}

#[test]
fn a_keychain_that_answers_late_still_counts() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    fill_connection(&mut harness);
    click_button(&mut harness, "Save and connect");
    let Command::SaveConnection { request, .. } = harness.state_mut().the_command() else { panic!("a save") };
    let failure = Box::new(Failure::new(FailureKind::KeychainSilent));
    tell(&mut harness, Event::ConnectionSaved { request, result: Err(failure) });
    tell(&mut harness, Event::ConnectionSaved { request, result: Ok(Box::new(connection())) });
    assert!(!harness.state().dialogs.is_open());
}

#[test]
fn other_failures_offer_no_memory_only_secret() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    fill_connection(&mut harness);
    click_button(&mut harness, "Save and connect");
    let Command::SaveConnection { request, .. } = harness.state_mut().the_command() else { panic!("a save") };
    let failure = Box::new(Failure::new(FailureKind::SettingsUnwritable));
    tell(&mut harness, Event::ConnectionSaved { request, result: Err(failure) });
    assert!(harness.query_by_label("Use for this run only").is_none());
    assert!(is_enabled(&harness, "Try again"));
    assert_eq!(focused(&harness), "Try again", "the keyboard is where one goes on");
}

#[test]
fn a_test_reports_line_by_line_and_needs_no_name() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    fill(&mut harness, Role::TextInput, "Access key ID", "AKIAIOSFODNN7EXAMPLE");
    fill(&mut harness, Role::PasswordInput, "Secret access key", SECRET);
    click_button(&mut harness, "Test");
    let Command::TestConnection { request, .. } = harness.state_mut().the_command() else { panic!("a test") };
    let lines = vec![
        TestLine::Reached { host: "s3.us-east-1.amazonaws.com".into(), elapsed_ms: 31 },
        TestLine::Clock { offset_secs: 3_600 },
        TestLine::SignedIn { key: "AKIA…MPLE".into() },
        TestLine::MayNotListBuckets,
    ];
    tell(&mut harness, Event::ConnectionTested { request, report: Box::new(TestReport { lines }) });
    let said = spoken(&harness);
    for words in ["Reached s3.us-east-1.amazonaws.com", "31 ms", "off by 60 min", "Signed in as AKIA…MPLE"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    click_button(&mut harness, "Copy policy");
    let copied = harness.state().actions.iter().find_map(|action| match action {
        Action::CopyText { text, .. } => Some(text.clone()),
        _ => None,
    });
    assert!(copied.unwrap().as_str().contains("s3:ListAllMyBuckets"));
    fill(&mut harness, Role::TextInput, "Buckets", "weandb");
    assert!(spoken(&harness).contains("Changed since this test"));
}

#[test]
fn profiles_are_read_only_on_demand() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    assert!(harness.state_mut().take_commands().is_empty());
    click(&mut harness, Role::RadioButton, "AWS profile");
    let Command::ListAwsProfiles { request } = harness.state_mut().the_command() else { panic!("profiles") };
    let result = Ok(vec!["default".to_owned(), "studio".to_owned()]);
    tell(&mut harness, Event::AwsProfilesListed { request, result });
    click(&mut harness, Role::ComboBox, "Profile");
    click(&mut harness, Role::ListBoxOption, "studio");
    click_button(&mut harness, "Save and connect");
    let Command::SaveConnection { draft, .. } = harness.state_mut().the_command() else { panic!("a save") };
    assert_eq!((draft.source, draft.aws_profile.as_str()), (DraftSource::AwsProfile, "studio"));
    assert_eq!(draft.name, "studio", "a connection without a name takes the profile's");
    assert_eq!(draft.region, "", "the profile's region holds until another one is chosen");
}

#[test]
fn a_profile_names_its_connection() {
    let mut harness = open(Dialog::AwsProfiles);
    let Command::ListAwsProfiles { request } = harness.state_mut().the_command() else { panic!("profiles") };
    tell(&mut harness, Event::AwsProfilesListed { request, result: Ok(Vec::new()) });
    assert!(spoken(&harness).contains("No profile was found in ~/.aws"), "{}", spoken(&harness));
    click_button(&mut harness, "Save and connect");
    let Command::SaveConnection { draft, .. } = harness.state_mut().the_command() else { panic!("saved") };
    assert_eq!((draft.name.as_str(), draft.aws_profile.as_str()), ("default", ""));
}

#[test]
fn a_profile_keeps_its_region_until_another_is_chosen() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    click(&mut harness, Role::RadioButton, "AWS profile");
    let Command::ListAwsProfiles { request } = harness.state_mut().the_command() else { panic!("profiles") };
    tell(&mut harness, Event::AwsProfilesListed { request, result: Ok(vec!["studio".to_owned()]) });
    fill(&mut harness, Role::TextInput, "Name", "Studio");
    let tested_region = |harness: &mut Harness<'_, Stage>| {
        click_button(harness, "Test");
        let Command::TestConnection { request, draft } = harness.state_mut().the_command() else { panic!("a test") };
        let report = Box::new(TestReport { lines: Vec::new() });
        tell(harness, Event::ConnectionTested { request, report });
        draft.region
    };
    assert_eq!(tested_region(&mut harness), "");
    click(&mut harness, Role::ComboBox, "Region");
    click(&mut harness, Role::ListBoxOption, "N. Virginia");
    assert_eq!(tested_region(&mut harness), "us-east-1", "the default is a choice as well");
    click(&mut harness, Role::ComboBox, "Region");
    click(&mut harness, Role::ListBoxOption, "The profile’s own");
    assert_eq!(tested_region(&mut harness), "");
    click(&mut harness, Role::RadioButton, "Access key");
    click(&mut harness, Role::ComboBox, "Region");
    assert!(!spoken(&harness).contains("The profile’s own"), "there is no profile");
}

#[test]
fn the_secret_is_neither_spoken_nor_copied_nor_kept() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    fill_connection(&mut harness);
    assert!(!spoken(&harness).contains("wJalr"));
    // Held open, it is painted but not told.
    let eye = harness.get_by_role_and_label(Role::Button, "Show while held").rect().center();
    harness.hover_at(eye);
    harness.event(egui::Event::PointerButton {
        pos: eye,
        button: egui::PointerButton::Primary,
        pressed: true,
        modifiers: egui::Modifiers::NONE,
    });
    harness.run();
    assert!(!spoken(&harness).contains("wJalr"));
    harness.get_by_role_and_label(Role::PasswordInput, "Secret access key").focus();
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    harness.event(egui::Event::Copy);
    harness.run();
    let commands = &harness.output().platform_output.commands;
    assert!(!commands.iter().any(|command| matches!(command, egui::OutputCommand::CopyText(_))), "{commands:?}");
    press(&mut harness, Key::Escape);
    press(&mut harness, Key::Escape);
    assert!(!harness.state().dialogs.is_open());
    // Undo must not bring it back into a new editor.
    show(&mut harness, Dialog::NewConnection(Box::default()));
    harness.get_by_role_and_label(Role::PasswordInput, "Secret access key").focus();
    harness.run();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::Z);
    harness.run();
    fill(&mut harness, Role::TextInput, "Name", "x");
    fill(&mut harness, Role::TextInput, "Access key ID", "AKIA");
    click_button(&mut harness, "Save and connect");
    assert!(harness.state_mut().take_commands().is_empty(), "the secret field is empty");
}

#[test]
fn pasted_credentials_fill_both_fields() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    harness.event(egui::Event::Paste(format!("Access key ID,Secret access key\nAKIAIOSFODNN7EXAMPLE,{SECRET}\n")));
    harness.run();
    assert!(!spoken(&harness).contains("wJalr"), "not even in the name field");
    fill(&mut harness, Role::TextInput, "Name", "Studio");
    click_button(&mut harness, "Save and connect");
    let Command::SaveConnection { draft, .. } = harness.state_mut().the_command() else { panic!("a save") };
    assert_eq!(draft.access_key_id, "AKIAIOSFODNN7EXAMPLE");
    assert_eq!(draft.secret_access_key.expose(), SECRET);
}

#[test]
fn a_saved_connection_keeps_its_secret_unless_the_key_changes() {
    let mut harness = open(Dialog::EditConnection(connection().id));
    fill(&mut harness, Role::TextInput, "Name", "Studio 2");
    click_button(&mut harness, "Save and connect");
    let Command::SaveConnection { draft, .. } = harness.state_mut().the_command() else { panic!("a save") };
    assert_eq!(draft.id, Some(connection().id));
    assert!(draft.secret_access_key.is_empty());
    let mut harness = open(Dialog::EditConnection(connection().id));
    fill(&mut harness, Role::TextInput, "Access key ID", "AKIAOTHERKEY");
    click_button(&mut harness, "Save and connect");
    assert!(harness.state_mut().take_commands().is_empty());
    assert!(spoken(&harness).contains("Enter the secret that belongs"));
}

#[test]
fn only_amazons_keys_are_looked_for_where_amazon_gives_them() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    assert!(spoken(&harness).contains("credentials.csv that IAM gave you"));
    click(&mut harness, Role::ComboBox, "Service");
    click(&mut harness, Role::ListBoxOption, "Backblaze B2");
    let said = spoken(&harness);
    assert!(said.contains("Kept in the system keychain") && !said.contains("IAM"), "{said}");
}
