//! What each dialog asks of the engine, step by step, as a person would do it.

use bucketdrop::model::*;
use bucketdrop::ui::actions::Action;
use bucketdrop::ui::dialogs::Dialog;
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::stage::{
    Looks, Stage, click, click_button, connection, empty, fill, focused, location, open, press, show, spoken, tell,
};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

pub(super) fn conflict_of(object: ObjectRef, batch: BatchId, rest_of_batch: u64) -> Conflict {
    Conflict {
        transfer: TransferId::next(),
        batch,
        object,
        existing_bytes: Some(4_200_000),
        existing_modified: "2026-11-18T05:02:00Z".parse().ok(),
        new_bytes: 4_300_000,
        new_modified: "2026-11-20T08:15:00Z".parse().ok(),
        rest_of_batch,
    }
}

fn fill_connection(harness: &mut Harness<'_, Stage>) {
    fill(harness, Role::TextInput, "Name", "Studio AWS");
    fill(harness, Role::TextInput, "Access key ID", "AKIAIOSFODNN7EXAMPLE");
    fill(harness, Role::PasswordInput, "Secret access key", SECRET);
}

fn is_enabled(harness: &Harness<'_, Stage>, label: &str) -> bool {
    !harness.get_by_role_and_label(Role::Button, label).accesskit_node().is_disabled()
}

#[test]
fn a_new_connection_is_saved_and_opened() {
    let mut harness = open(Dialog::NewConnection(Box::default()));
    assert_eq!(focused(&harness), "Name");
    fill_connection(&mut harness);
    click_button(&mut harness, "Save and connect");
    let Command::SaveConnection { request, draft, place } = harness.state_mut().the_command() else {
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
    let Command::SaveConnection { request, draft, place } = harness.state_mut().the_command() else {
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

fn object(name: &str) -> ObjectRef {
    location().object(ObjectKey::new(format!("photos/2026/{name}")))
}

#[test]
fn conflicts_are_asked_one_at_a_time_and_skip_has_the_focus() {
    let mut harness = empty(Looks::default());
    let batch = BatchId::next();
    let (first, second) = (conflict_of(object("a.jpg"), batch, 1), conflict_of(object("b.jpg"), batch, 0));
    tell(&mut harness, Event::ConflictFound(Box::new(first.clone())));
    tell(&mut harness, Event::ConflictFound(Box::new(second.clone())));
    assert!(spoken(&harness).contains("“a.jpg” is already there") && !spoken(&harness).contains("b.jpg"));
    assert_eq!(focused(&harness), "Skip");
    click_button(&mut harness, "Keep both");
    let Command::ResolveConflict { transfer, policy, scope } = harness.state_mut().the_command() else {
        panic!("an answer");
    };
    assert_eq!((transfer, policy, scope), (first.transfer, ConflictPolicy::Rename, ConflictScope::This));
    assert!(spoken(&harness).contains("“b.jpg” is already there"));
    press(&mut harness, Key::Escape);
    let Command::ResolveConflict { transfer, policy, .. } = harness.state_mut().the_command() else {
        panic!("an answer");
    };
    assert_eq!((transfer, policy), (second.transfer, ConflictPolicy::Skip), "Esc takes the safe answer");
    assert!(!harness.state().dialogs.is_open());
}

#[test]
fn one_answer_can_hold_for_the_rest_of_the_batch() {
    let mut harness = empty(Looks::default());
    let batch = BatchId::next();
    for name in ["a.jpg", "b.jpg", "c.jpg"] {
        tell(&mut harness, Event::ConflictFound(Box::new(conflict_of(object(name), batch, 2))));
    }
    click(&mut harness, Role::CheckBox, "Do the same for the rest of this batch (2 more)");
    click_button(&mut harness, "Overwrite");
    let Command::ResolveConflict { policy, scope, .. } = harness.state_mut().the_command() else {
        panic!("an answer");
    };
    assert_eq!((policy, scope), (ConflictPolicy::Overwrite, ConflictScope::RestOfBatch));
    assert!(!harness.state().dialogs.is_open(), "the others are not asked");
}

#[test]
fn a_conflict_that_is_gone_closes_and_one_behind_a_form_waits() {
    let mut harness = open(Dialog::CreateFolder(location()));
    let conflict = conflict_of(object("a.jpg"), BatchId::next(), 0);
    tell(&mut harness, Event::ConflictFound(Box::new(conflict.clone())));
    assert!(!spoken(&harness).contains("a.jpg"), "a form that is being filled in keeps the keyboard");
    press(&mut harness, Key::Escape);
    assert!(spoken(&harness).contains("“a.jpg” is already there"));
    tell(&mut harness, Event::ConflictGone(conflict.transfer));
    assert!(!harness.state().dialogs.is_open());
}

fn counted(objects: u64) -> Harness<'static, Stage> {
    let mut harness =
        open(Dialog::DeleteObjects { at: location(), targets: vec![Target::Folder(Prefix::new("photos/2026/"))] });
    let Command::CountObjects { request, .. } = harness.state_mut().the_command() else { panic!("a count") };
    assert!(!is_enabled(&harness, "Delete"), "nothing can be deleted before it is counted");
    let first_keys = vec![ObjectKey::new("photos/2026/a.jpg")];
    let count = ObjectCount { objects, total_bytes: 1_500_000, first_keys, missing_keys: Vec::new() };
    tell(&mut harness, Event::ObjectsCounted { request, count: Box::new(count.clone()), end: None });
    assert!(spoken(&harness).contains("so far"));
    tell(&mut harness, Event::ObjectsCounted { request, count: Box::new(count), end: Some(Ok(())) });
    harness
}

#[test]
fn a_deletion_says_how_much_and_cancel_has_the_focus() {
    let mut harness = counted(3);
    let said = spoken(&harness);
    assert!(said.contains("3 objects, 1.5 MB in all") && said.contains("photos/2026/a.jpg"), "{said}");
    assert_eq!(focused(&harness), "Cancel");
    click_button(&mut harness, "Delete 3 objects");
    let Command::DeleteObjects { request, at, targets } = harness.state_mut().the_command() else {
        panic!("a deletion");
    };
    assert_eq!((at, targets), (location(), vec![Target::Folder(Prefix::new("photos/2026/"))]));
    let progress =
        |deleted, end| Event::ObjectsDeleted { request, at: Box::new(location()), deleted, failed: Vec::new(), end };
    tell(&mut harness, progress(1, None));
    assert!(spoken(&harness).contains("1 of 3 deleted"));
    press(&mut harness, Key::Escape);
    assert!(harness.state().dialogs.is_open(), "a running deletion is only ended by Stop");
    tell(&mut harness, progress(3, Some(Ok(()))));
    assert!(!harness.state().dialogs.is_open());
}

#[test]
fn many_objects_need_the_buckets_name() {
    let mut harness = counted(1_204);
    assert!(!is_enabled(&harness, "Delete 1,204 objects"));
    let label = "Type the bucket’s name, weandb, to confirm";
    fill(&mut harness, Role::TextInput, label, "weand");
    press(&mut harness, Key::Enter);
    assert!(harness.state_mut().take_commands().is_empty());
    fill(&mut harness, Role::TextInput, label, "weandb");
    assert!(is_enabled(&harness, "Delete 1,204 objects"));
    press(&mut harness, Key::Enter);
    assert!(matches!(harness.state_mut().the_command(), Command::DeleteObjects { .. }));
}

#[test]
fn what_could_not_be_deleted_is_listed() {
    let mut harness = counted(2);
    click_button(&mut harness, "Delete 2 objects");
    let Command::DeleteObjects { request, .. } = harness.state_mut().the_command() else { panic!("a deletion") };
    let failed = vec![(ObjectKey::new("photos/2026/locked.jpg"), Failure::new(FailureKind::AccessDenied))];
    let at = Box::new(location());
    tell(&mut harness, Event::ObjectsDeleted { request, at, deleted: 1, failed, end: Some(Ok(())) });
    let said = spoken(&harness);
    assert!(said.contains("1 object was deleted") && said.contains("photos/2026/locked.jpg"), "{said}");
    click_button(&mut harness, "Close");
    assert!(!harness.state().dialogs.is_open());
}

#[test]
fn bucket_names_are_held_to_the_rules_while_typed() {
    let mut harness = open(Dialog::CreateBucket);
    let cases = [
        ("ab", "3 to 63 characters"),
        ("My-bucket", "“M” is not allowed"),
        ("my bucket", "Spaces are not allowed"),
        ("-abc", "begin and end with a letter"),
        ("a..b", "Two dots in a row"),
        ("192.168.5.4", "must not look like an IP address"),
        ("xn--abc", "reserved by Amazon"),
    ];
    for (name, words) in cases {
        fill(&mut harness, Role::TextInput, "Name", name);
        assert!(spoken(&harness).contains(words), "{name}: {words}");
        assert!(!is_enabled(&harness, "Create bucket"), "{name}");
    }
    fill(&mut harness, Role::TextInput, "Name", "my-bucket");
    press(&mut harness, Key::Enter);
    let Command::CreateBucket { request, name, region, .. } = harness.state_mut().the_command() else {
        panic!("a bucket");
    };
    assert_eq!((name.as_str(), region.as_str()), ("my-bucket", "ap-northeast-2"));
    let failure = Box::new(Failure::new(FailureKind::BucketOwnedByOther).with("bucket", "my-bucket"));
    tell(&mut harness, Event::BucketCreated { request, name: name.clone(), result: Err(failure) });
    assert!(harness.state().dialogs.is_open(), "another name can be tried");
    click_button(&mut harness, "Create bucket");
    let Command::CreateBucket { request, .. } = harness.state_mut().the_command() else { panic!("a bucket") };
    tell(&mut harness, Event::BucketCreated { request, name, result: Ok(()) });
    assert!(!harness.state().dialogs.is_open());
}

#[test]
fn an_empty_bucket_and_a_connection_are_deleted_after_asking() {
    let mut harness = open(Dialog::DeleteBucket(BucketName::new("weandb").unwrap()));
    assert_eq!(focused(&harness), "Cancel");
    click_button(&mut harness, "Delete bucket");
    let Command::DeleteBucket { request, name, .. } = harness.state_mut().the_command() else { panic!("a bucket") };
    let failure = Box::new(Failure::new(FailureKind::BucketNotEmpty).with("bucket", "weandb"));
    tell(&mut harness, Event::BucketDeleted { request, name, result: Err(failure) });
    assert!(harness.state().dialogs.is_open());

    let mut harness = open(Dialog::DeleteConnection(connection().id));
    assert!(spoken(&harness).contains("Its secret is deleted from the system keychain as well"));
    assert_eq!(focused(&harness), "Cancel");
    click_button(&mut harness, "Delete connection");
    let Command::DeleteConnection { request, id } = harness.state_mut().the_command() else { panic!("a connection") };
    tell(&mut harness, Event::ConnectionDeleted { request, id, result: Ok(()) });
    assert!(!harness.state().dialogs.is_open());
}

#[test]
fn a_folder_is_made_below_the_shown_one() {
    let mut harness = open(Dialog::CreateFolder(location()));
    fill(&mut harness, Role::TextInput, "Name of the folder", "..");
    assert!(spoken(&harness).contains("cannot be part of a path"));
    press(&mut harness, Key::Enter);
    assert!(harness.state_mut().take_commands().is_empty());
    fill(&mut harness, Role::TextInput, "Name of the folder", "가을 사진/");
    press(&mut harness, Key::Enter);
    let Command::CreateFolder { at, .. } = harness.state_mut().the_command() else { panic!("a folder") };
    assert_eq!(at.prefix.as_str(), "photos/2026/가을 사진/");
}

#[test]
fn a_signed_link_is_copied_and_never_shown() {
    let mut harness = open(Dialog::SignedLink(vec![object("a.jpg")]));
    click(&mut harness, Role::RadioButton, "12 hours");
    click_button(&mut harness, "Copy link");
    let Command::SignLinks { request, expires_secs, .. } = harness.state_mut().the_command() else {
        panic!("a signature");
    };
    assert_eq!(expires_secs, 12 * 60 * 60);
    let link = SignedLink {
        object: object("a.jpg"),
        url: "https://weandb.s3.amazonaws.com/a.jpg?X-Amz-Signature=abc123".into(),
        expires: "2026-11-21T12:00:00Z".parse().unwrap(),
    };
    tell(&mut harness, Event::LinksSigned { request, result: Ok(vec![link]) });
    let copied =
        harness.state().actions.iter().any(
            |action| matches!(action, Action::HandOutSigned { links } if links[0].url.ends_with("Signature=abc123")),
        );
    assert!(copied);
    let said = spoken(&harness);
    assert!(said.contains("Works until 2026-11-21") && !said.contains("X-Amz-Signature"), "{said}");
}

#[test]
fn a_link_that_ends_with_its_keys_says_so() {
    for (life, says_so) in [(43_200, false), (2_400, true)] {
        let mut harness = open(Dialog::SignedLink(vec![object("a.jpg")]));
        click(&mut harness, Role::RadioButton, "12 hours");
        click_button(&mut harness, "Copy link");
        let Command::SignLinks { request, .. } = harness.state_mut().the_command() else { panic!("a signature") };
        let link = SignedLink {
            object: object("a.jpg"),
            url: format!("https://weandb.s3.amazonaws.com/a.jpg?X-Amz-Expires={life}&X-Amz-Signature=abc123"),
            expires: "2026-11-21T12:00:00Z".parse().unwrap(),
        };
        tell(&mut harness, Event::LinksSigned { request, result: Ok(vec![link]) });
        let said = spoken(&harness);
        let words = "Your keys end earlier: the link works for 40 min, not for the 12 h you chose";
        assert_eq!(said.contains(words), says_so, "{said}");
    }
}

#[test]
fn quitting_while_busy_asks_and_staying_has_the_focus() {
    let mut harness = empty(Looks::default());
    let counts = TransferCounts { active: 3, ..TransferCounts::default() };
    tell(&mut harness, Event::Transfers(Box::new(TransfersView { counts, ..TransfersView::default() })));
    show(&mut harness, Dialog::Quit);
    assert!(spoken(&harness).contains("3 transfers are not done yet") && spoken(&harness).contains("Uploads are kept"));
    assert_eq!(focused(&harness), "Keep open");
    press(&mut harness, Key::Enter);
    assert!(!harness.state().dialogs.is_open() && harness.state().actions.is_empty());
    show(&mut harness, Dialog::Quit);
    click_button(&mut harness, "Quit");
    assert!(matches!(harness.state().actions.as_slice(), [Action::QuitNow]));
}

#[test]
fn quitting_promises_nothing_that_cannot_be_kept() {
    let mut harness = empty(Looks::default());
    harness.state_mut().model.settings.resume_at_start = ResumeAtStart::Ask;
    let counts = TransferCounts { active: 1, ..TransferCounts::default() };
    let view = TransfersView { counts, ..TransfersView::default() };
    tell(&mut harness, Event::Transfers(Box::new(view.clone())));
    show(&mut harness, Dialog::Quit);
    assert!(spoken(&harness).contains("the next start asks whether they go on"), "{}", spoken(&harness));
    let holds = vec![QueueHold::JournalStalled(Failure::new(FailureKind::JournalFull))];
    tell(&mut harness, Event::Transfers(Box::new(TransfersView { holds, ..view })));
    let said = spoken(&harness);
    assert!(said.contains("The disk is full") && said.contains("may be missing"), "{said}");
    assert!(!said.contains("Uploads are kept"), "{said}");
}

#[test]
fn what_a_batch_left_out_is_listed_and_copied() {
    let mut harness = empty(Looks::default());
    assert!(!harness.state().dialogs.has_skipped());
    let skipped = vec![SkippedItem { path: "/data/.DS_Store".into(), reason: SkipReason::SystemFile }];
    let (batch, counts) = (BatchId::next(), BatchCounts::default());
    tell(&mut harness, Event::BatchScanned { batch, counts, skipped, progress: ScanProgress::Complete });
    assert!(harness.state().dialogs.has_skipped() && !harness.state().dialogs.is_open());
    show(&mut harness, Dialog::Skipped(Some(batch)));
    assert!(spoken(&harness).contains("1 item was left out") && spoken(&harness).contains("/data/.DS_Store"));
    click_button(&mut harness, "Copy list");
    assert!(
        matches!(harness.state().actions.as_slice(), [Action::CopyText { text, .. }] if text.as_str().contains(".DS_Store"))
    );
}

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
