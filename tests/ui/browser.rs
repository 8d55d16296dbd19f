//! Browsing: rows, order, filter, selection, keyboard, links, and words that tell the truth.

use crate::fake::{Setup, Stage, bucket, connection, folder, object, page_of, page_of_the_picture};
use crate::link_tools::{answer, check, copied_soon, picture};
use bucketdrop::model::{
    BucketName, Command, Connection, ConnectionId, Endpoint, Entry, Event, Failure, FailureKind, KeysEnd, LinkCheck,
    Location, ObjectCount, ObjectKey, ObjectMetadata, ObjectPage, ObjectRef, OnlyHere, Prefix, Region, RequestId,
    Service, SignedLink, Target, Verdict,
};
use bucketdrop::ui::Start;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

/// Names of the rows on screen, from top to bottom.
fn rows(stage: &Stage) -> Vec<String> {
    let mut rows: Vec<(f32, String)> = stage
        .window
        .get_all_by_role(Role::ListBoxOption)
        .map(|node| (node.rect().top(), node.accesskit_node().label().unwrap_or_default()))
        .map(|(top, label)| (top, label.split(", ").next().unwrap_or_default().to_owned()))
        .collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.into_iter().map(|(_, name)| name).collect()
}

fn selected(stage: &Stage) -> Vec<String> {
    let nodes = stage.window.get_all_by_role(Role::ListBoxOption);
    let chosen = nodes.filter(|node| node.accesskit_node().is_selected() == Some(true));
    let names = chosen.map(|node| node.accesskit_node().label().unwrap_or_default());
    names.map(|label| label.split(", ").next().unwrap_or_default().to_owned()).collect()
}

fn asked_folders(stage: &Stage) -> Vec<Location> {
    let commands = stage.wire.commands();
    commands
        .into_iter()
        .filter_map(|command| match command {
            Command::ListObjects { at, .. } => Some(at),
            _ => None,
        })
        .collect()
}

#[test]
fn an_object_whose_name_is_white_space_is_seen_and_selected() {
    let at = folder("weandb", "big");
    let mut page = page_of(2, None);
    page.entries.push(object("big/\u{3000} ", 1, "2026-11-21T05:00:00Z", "STANDARD"));
    let mut stage = Stage::showing(Setup::default(), &at, page);
    stage.window.get_by_label_contains("□□, ").click();
    stage.window.run();
    assert_eq!(selected(&stage), ["□□"]);
    stage.window.event(egui::Event::Copy);
    let link = copied_soon(&mut stage).unwrap();
    assert!(link.ends_with("/big/%E3%80%80%20"), "{link}");
}

#[test]
fn folders_come_first_and_columns_sort() {
    let mut stage = picture();
    assert_eq!(rows(&stage).first().map(String::as_str), Some("thumbnails"));
    assert_eq!(rows(&stage).len(), 10);

    stage.window.get_by_role_and_label(Role::Button, "Size").click();
    stage.window.run();
    let by_size = rows(&stage);
    assert_eq!(by_size.get(2).map(String::as_str), Some("site-backup-2026-09.tar.zst"), "largest first: {by_size:?}");
    stage.window.get_by_role_and_label(Role::Button, "Size, sorted, largest first").click();
    stage.window.run();
    assert_eq!(rows(&stage).get(2).map(String::as_str), Some("README.md"));
}

#[test]
fn the_filter_hides_rows_and_says_so() {
    let mut stage = picture();
    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    stage.window.run();
    let field = stage.window.get_by_role_and_label(Role::TextInput, "Filter this folder");
    assert!(field.is_focused());
    field.type_text("FEATURES");
    stage.window.run();
    assert_eq!(
        rows(&stage),
        ["(before) Player actions features.csv", "(before) Social interaction diversity features.csv"]
    );
    stage.window.get_by_role_and_label(Role::TextInput, "Filter this folder").type_text("zzz");
    stage.window.run();
    assert!(stage.says("No name contains"));
    stage.window.get_by_role_and_label(Role::Button, "Clear filter").click();
    stage.window.run();
    assert_eq!(rows(&stage).len(), 10);
}

#[test]
fn folders_open_and_back_returns() {
    let mut stage = picture();
    stage.wire.commands();
    let folder_row = stage.window.get_by_label("thumbnails, folder");
    folder_row.click();
    stage.window.run();
    stage.window.key_press(Key::Enter);
    stage.window.run();
    assert_eq!(asked_folders(&stage), [folder("weandb", "photos/2026/thumbnails")]);
    stage.window.get_by_role_and_label(Role::Button, "Back").click();
    stage.window.run();
    assert_eq!(asked_folders(&stage), [folder("weandb", "photos/2026")]);
    stage.window.get_by_role_and_label(Role::Link, "photos").click();
    stage.window.run();
    assert_eq!(asked_folders(&stage), [folder("weandb", "photos")]);
}

#[test]
fn up_selects_the_folder_that_was_left() {
    let mut stage = picture();
    stage.window.key_press(Key::Backspace);
    stage.window.run();
    let page = ObjectPage { entries: vec![bucketdrop::model::Entry::Prefix(Prefix::new("photos/2026"))], next: None };
    stage.answer_listing(Ok(page));
    assert_eq!(selected(&stage), ["2026"]);
}

#[test]
fn rows_are_selected_by_mouse_and_keyboard() {
    let mut stage = picture();
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    stage.window.key_press(Key::ArrowDown);
    stage.window.run();
    assert_eq!(selected(&stage), ["boto3-objective.png"]);
    stage.window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    stage.window.run();
    assert_eq!(selected(&stage).len(), 2);
    stage.window.get_by_label_contains("thumbnails, ").click_modifiers(Modifiers::COMMAND);
    stage.window.run();
    assert_eq!(selected(&stage).len(), 3);
    stage.window.get_by_label("3 items selected");
    stage.window.key_press(Key::Home);
    stage.window.run();
    assert_eq!(selected(&stage), ["thumbnails"]);
    stage.window.key_press(Key::End);
    stage.window.run();
    assert_eq!(selected(&stage), ["경복궁 가을.jpg"]);
    stage.window.event(egui::Event::Text("ke".to_owned()));
    stage.window.run();
    assert_eq!(selected(&stage), ["keynote.mp4"]);
    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    stage.window.run();
    assert_eq!(selected(&stage).len(), 10);
}

#[test]
fn links_are_copied_from_table_and_inspector() {
    let mut stage = picture();
    stage.window.get_by_label_contains("경복궁 가을.jpg, ").click();
    stage.window.run();
    let url = "https://weandb.s3.ap-northeast-2.amazonaws.com/photos/2026/%EA%B2%BD%EB%B3%B5%EA%B6%81%20%EA%B0%80%EC%9D%84.jpg";
    stage.window.event(egui::Event::Copy);
    assert_eq!(copied_soon(&mut stage).as_deref(), Some(url));
    stage.window.run();
    assert!(stage.says("Link copied"));
    stage.window.get_by_label("Being checked…");
    stage.window.get_by_role_and_label(Role::Button, "Copy URL").click();
    assert_eq!(copied_soon(&mut stage).as_deref(), Some(url));
}

#[test]
fn metadata_is_asked_for_once_the_selection_rests() {
    let mut stage = picture();
    stage.wire.commands();
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    stage.window.run_steps(20);
    let request = stage.wire.last_request(|command| match command {
        Command::InspectObject { request, .. } => Some(*request),
        _ => None,
    });
    let object = folder("weandb", "photos/2026").object(bucketdrop::model::ObjectKey::new("photos/2026/README.md"));
    let metadata = ObjectMetadata {
        content_type: Some("text/markdown; charset=utf-8".to_owned()),
        encryption: Some("AES256".to_owned()),
        ..ObjectMetadata::default()
    };
    stage.wire.tell(Event::ObjectInspected { request, object: Box::new(object), result: Ok(Box::new(metadata)) });
    stage.window.run();
    stage.window.get_by_label("text/markdown; charset=utf-8 · 3.4 KB");
    stage.window.get_by_label_contains("SSE-S3");
    assert_eq!(stage.wire.commands().iter().filter(|c| matches!(c, Command::InspectObject { .. })).count(), 1);
}

#[test]
fn an_error_is_never_an_empty_folder() {
    let mut stage = Stage::connected(Setup::default());
    stage.go_to(&folder("weandb", "secret"));
    let failure =
        Failure::new(FailureKind::AccessDenied).with("bucket", "weandb").detail("403 AccessDenied, request 1A2B");
    stage.answer_listing(Err(failure));
    assert!(!stage.says("Drop files here") && !stage.says("empty"));
    stage.wire.commands();
    stage.window.get_by_role_and_label(Role::Button, "Try again").click();
    stage.window.run();
    assert_eq!(asked_folders(&stage), [folder("weandb", "secret")]);
}

#[test]
fn a_failed_reload_keeps_the_old_rows_and_says_so() {
    let mut stage = picture();
    stage.window.key_press(Key::F5);
    stage.window.run();
    assert_eq!(rows(&stage).len(), 10, "loading keeps the rows");
    assert!(stage.says("Loading again"));
    stage.answer_listing(Err(Failure::new(FailureKind::Offline)));
    assert_eq!(rows(&stage).len(), 10);
    assert!(stage.says("these are the rows from before"));
}

#[test]
fn an_empty_folder_invites_a_drop() {
    let mut stage = Stage::connected(Setup::default());
    stage.go_to(&folder("weandb", ""));
    stage.answer_listing(Ok(ObjectPage::default()));
    assert!(stage.says("Drop files here"));
    stage.window.get_by_role_and_label(Role::Button, "Upload files…");
}

#[test]
fn pages_follow_as_the_end_comes_near_and_partial_is_called_partial() {
    let mut stage = Stage::showing(Setup::default(), &folder("weandb", "big"), page_of(1000, Some("next-1")));
    stage.wire.commands();
    stage.window.run();
    assert!(asked_folders(&stage).is_empty(), "the end is far");
    stage.window.get_by_label_contains("1,000 objects");
    stage.window.get_by_label_contains("so far");

    stage.window.get_by_role_and_label(Role::Button, "Size").click();
    stage.window.run();
    stage.window.get_by_label("Only the 1,000 rows loaded so far are sorted");
    stage.window.get_by_role_and_label(Role::Button, "Load all").click();
    stage.window.run();
    let commands = stage.wire.commands();
    let after = commands.iter().find_map(|command| match command {
        Command::ListObjects { request, at, after: Some(token) } => Some((*request, at.clone(), token.0.clone())),
        _ => None,
    });
    let (request, at, token) = after.expect("the next page is asked for");
    assert_eq!(token, "next-1");
    let page = Box::new(page_of(500, Some("next-2")));
    stage.wire.tell(Event::ObjectsListed { request, at: Box::new(at), result: Ok(page) });
    stage.window.run();
    let goes_on = stage.wire.commands().iter().any(|command| match command {
        Command::ListObjects { after: Some(token), .. } => token.0 == "next-2",
        _ => false,
    });
    assert!(goes_on, "all means all");
}

#[test]
fn the_next_page_comes_by_itself_at_the_end() {
    let mut stage = Stage::showing(Setup::default(), &folder("weandb", "big"), page_of(1000, Some("next-1")));
    stage.wire.commands();
    stage.window.get_by_label_contains("file-000003.bin, ").click();
    stage.window.run();
    stage.window.key_press(Key::End);
    stage.window.run();
    assert!(rows(&stage).contains(&"file-000999.bin".to_owned()), "End shows the last row");
    assert_eq!(asked_folders(&stage).len(), 1);
}

#[test]
fn deleting_asks_first() {
    let mut stage = picture();
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    stage.wire.commands();
    stage.window.key_press(Key::Delete);
    stage.window.run();
    let commands = stage.wire.commands();
    assert!(commands.iter().all(|command| !matches!(command, Command::DeleteObjects { .. })), "{commands:?}");
    let counts = commands.iter().any(|command| match command {
        Command::CountObjects { targets, known_sizes, .. } => {
            let is_known = known_sizes.len() == 1 && known_sizes[0].0.as_str() == "photos/2026/README.md";
            assert!(is_known, "nothing has to be asked of a row: {known_sizes:?}");
            matches!(targets.as_slice(), [Target::Object(key)] if key.as_str() == "photos/2026/README.md")
        }
        _ => false,
    });
    assert!(counts, "what goes is counted before: {commands:?}");
}

#[test]
fn a_hundred_thousand_rows_are_drawn_a_screen_at_a_time() {
    let stage = Stage::showing(Setup::default(), &folder("weandb", "big"), page_of(100_000, None));
    let drawn = stage.window.get_all_by_role(Role::ListBoxOption).count();
    assert!(drawn < 40, "{drawn} rows were drawn");
}

/// The embedded storage as it is used, with the folder's one object on screen.
fn embedded() -> Stage {
    let start = Start { connection: Some("local".to_owned()), ..Start::default() };
    let mut stage = Stage::new(Setup { start, connections: Vec::new(), ..Setup::default() });
    let request = stage.wire.last_request(|command| match command {
        Command::OpenLocalStorage { request } => Some(*request),
        _ => None,
    });
    let id = ConnectionId::local();
    let connection = Connection {
        id: id.clone(),
        service: Service::ThisComputer,
        endpoint: Endpoint::parse("http://127.0.0.1:9000").ok(),
        ..connection()
    };
    stage.wire.tell(Event::ConnectionOpened { request, id: id.clone(), result: Ok(Box::new(connection)) });
    stage.wire.tell(Event::BucketsListed {
        request,
        connection: id,
        result: Ok(vec![bucket("my-files", "us-east-1")]),
    });
    stage.window.run();
    stage.answer_listing(Ok(ObjectPage {
        entries: vec![object("a.txt", 1, "2026-11-18T05:02:00Z", "STANDARD")],
        next: None,
    }));
    stage
}

#[test]
fn a_link_of_the_embedded_storage_that_opens_is_copied_as_it_is() {
    let mut stage = embedded();
    stage.window.get_by_label_contains("a.txt, ").click();
    stage.window.run();
    stage.window.run_steps(40);
    let request = stage.wire.last_request(|command| match command {
        Command::CheckLinks { request, .. } => Some(*request),
        _ => None,
    });
    let object = ObjectRef {
        connection: ConnectionId::local(),
        bucket: BucketName::new("my-files").unwrap(),
        key: ObjectKey::new("a.txt"),
    };
    let url = "http://127.0.0.1:9000/my-files/a.txt";
    let opens = Verdict::OnlyFromHere(OnlyHere::Loopback);
    let opens = LinkCheck { address: url.to_owned(), ..check(object, opens) };
    assert!(stage.says("signed"), "before that is known it would be");
    answer(&mut stage, request, vec![opens], 1);
    stage.wire.commands();
    stage.window.get_by_role_and_label(Role::Button, "Copy URL").click();
    assert_eq!(copied_soon(&mut stage).as_deref(), Some(url), "its policy or its list opens it");
    let commands = stage.wire.commands();
    assert!(!commands.iter().any(|command| matches!(command, Command::SignLinks { .. })), "{commands:?}");
}

#[test]
fn links_of_the_embedded_storage_are_signed() {
    let mut stage = embedded();
    stage.window.get_by_label_contains("a.txt, ").click();
    stage.window.run();
    stage.window.get_by_role_and_label(Role::Button, "Copy URL").click();
    stage.window.run();
    let request = stage.wire.last_request(|command| match command {
        Command::SignLinks { request, .. } => Some(*request),
        _ => None,
    });
    let at = Location {
        connection: ConnectionId::local(),
        bucket: BucketName::new("my-files").unwrap(),
        prefix: Prefix::root(),
    };
    let url = "http://127.0.0.1:9000/my-files/a.txt?X-Amz-Signature=0".to_owned();
    let signed = SignedLink {
        object: at.object(ObjectKey::new("a.txt")),
        url: url.clone(),
        expires: "2026-11-21T05:00:00Z".parse().unwrap(),
        keys_end: KeysEnd::Counted,
    };
    stage.wire.tell(Event::LinksSigned { request, result: Ok(vec![signed]) });
    assert_eq!(copied_soon(&mut stage), Some(url));
    stage.window.run();
    assert!(stage.says("Signed link copied"));
}

#[test]
fn a_filter_takes_hidden_rows_out_of_the_selection() {
    let mut stage = picture();
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    assert!(stage.says("Selected: 1 object"));
    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    stage.window.run();
    stage.window.get_by_role_and_label(Role::TextInput, "Filter this folder").type_text("keynote");
    stage.window.run();
    assert!(!stage.says("Selected:"), "what is not seen is not acted on");
}

#[test]
fn all_of_a_partial_listing_is_called_partial() {
    let mut stage = Stage::showing(Setup::default(), &folder("weandb", "big"), page_of(1000, Some("next-1")));
    stage.window.get_by_label_contains("file-000003.bin, ").click();
    stage.window.run();
    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    stage.window.run();
    stage.window.get_by_label("Only the 1,000 loaded rows are selected");
    stage.window.get_by_label_contains("Selected so far: 1,000 objects");
    stage.window.get_by_role_and_label(Role::Button, "Load all");
}

#[test]
fn deleted_rows_leave_a_long_listing() {
    let mut stage = Stage::showing(Setup::default(), &folder("weandb", "big"), page_of(1500, None));
    stage.window.get_by_label_contains("file-000003.bin, ").click();
    stage.window.run();
    stage.window.key_press(Key::Delete);
    stage.window.run();
    let request = stage.wire.last_request(|command| match command {
        Command::CountObjects { request, .. } => Some(*request),
        _ => None,
    });
    let first_keys = vec![ObjectKey::new("big/file-000003.bin")];
    let count = ObjectCount { objects: 1, total_bytes: 3, first_keys, ..ObjectCount::default() };
    stage.wire.tell(Event::ObjectsCounted { request, count: Box::new(count), end: Some(Ok(())) });
    stage.window.run();
    stage.window.get_by_role_and_label(Role::Button, "Delete 1 object").click();
    stage.window.run();
    let request = stage.wire.last_request(|command| match command {
        Command::DeleteObjects { request, .. } => Some(*request),
        _ => None,
    });
    let at = Box::new(folder("weandb", "big"));
    stage.wire.tell(Event::ObjectsDeleted { request, at, deleted: 1, came: 0, failed: Vec::new(), end: Some(Ok(())) });
    stage.window.run();
    assert!(!rows(&stage).contains(&"file-000003.bin".to_owned()));
    assert!(!stage.says("Selected:") && stage.says("1,499 objects"));
}

#[test]
fn another_version_is_asked_about_again() {
    let mut stage = picture();
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    stage.window.run_steps(20);
    let asked = |command: &Command| matches!(command, Command::InspectObject { .. });
    assert_eq!(stage.wire.commands().iter().filter(|command| asked(command)).count(), 1);
    stage.window.key_press(Key::F5);
    stage.window.run();
    let mut page = page_of_the_picture();
    for entry in &mut page.entries {
        if let Entry::Object(object) = entry
            && object.key.name() == "README.md"
        {
            object.etag = Some("another".into());
        }
    }
    stage.answer_listing(Ok(page));
    stage.window.run_steps(20);
    assert_eq!(stage.wire.commands().iter().filter(|command| asked(command)).count(), 1);
}

#[test]
fn links_across_connections_are_signed_where_needed_and_know_their_region() {
    let mut stage = embedded();
    stage.wire.tell(Event::ConnectionSaved {
        request: RequestId::next(),
        result: Ok(Box::new(Connection { region: Region::us_east_1(), ..connection() })),
    });
    let far = folder("weandb", "");
    stage.wire.tell(Event::BucketRegionFound {
        connection: far.connection.clone(),
        bucket: far.bucket.clone(),
        region: Region::new("us-west-2").unwrap(),
    });
    let here =
        Location { connection: ConnectionId::local(), bucket: BucketName::new("my-files").unwrap(), ..far.clone() };
    let local = here.object(ObjectKey::new("a.txt"));
    stage.wire.tell(crate::shell::finished(vec![far.object(ObjectKey::new("b.txt")), local.clone()]));
    stage.window.run();
    let commands = stage.wire.commands();
    let (request, asked) = commands
        .into_iter()
        .find_map(|command| match command {
            Command::SignLinks { request, objects, .. } => Some((request, objects)),
            _ => None,
        })
        .expect("the local object's link is signed");
    assert_eq!(asked, std::slice::from_ref(&local));
    let url = "http://127.0.0.1:9000/my-files/a.txt?X-Amz-Signature=0".to_owned();
    let expires = "2026-11-21T05:00:00Z".parse().unwrap();
    let signed = SignedLink { object: local, url: url.clone(), expires, keys_end: KeysEnd::Counted };
    stage.wire.tell(Event::LinksSigned { request, result: Ok(vec![signed]) });
    let both = format!("https://weandb.s3.us-west-2.amazonaws.com/b.txt\n{url}");
    assert_eq!(copied_soon(&mut stage), Some(both));
}

#[test]
fn the_keyboard_comes_back_to_the_table() {
    let mut stage = picture();
    stage.window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    stage.window.run();
    stage.window.key_press(Key::Escape);
    stage.window.run();
    stage.window.key_press(Key::End);
    stage.window.run();
    assert_eq!(selected(&stage), ["경복궁 가을.jpg"], "after a dialog");

    stage.window.get_by_role_and_label(Role::TextInput, "Filter this folder").click();
    stage.window.run();
    let ground = stage.window.get_by_role(Role::ListBox).rect().center_bottom() - egui::vec2(0.0, 20.0);
    stage.window.hover_at(ground);
    stage.window.drag_at(ground);
    stage.window.drop_at(ground);
    stage.window.run();
    assert!(selected(&stage).is_empty());
    stage.window.key_press(Key::End);
    stage.window.run();
    assert_eq!(selected(&stage), ["경복궁 가을.jpg"], "after a click on empty ground");
}

#[test]
fn wrong_keys_lead_to_the_editor_first() {
    let start = Start { connection: Some("Studio AWS".to_owned()), ..Start::default() };
    let mut stage = Stage::new(Setup { start, ..Setup::default() });
    let request = stage.wire.last_request(|command| match command {
        Command::OpenConnection { request, .. } => Some(*request),
        _ => None,
    });
    let failure = Box::new(Failure::new(FailureKind::WrongSecret));
    stage.wire.tell(Event::ConnectionOpened { request, id: connection().id, result: Err(failure) });
    stage.window.run();
    let left = |label| stage.window.get_by_role_and_label(Role::Button, label).rect().left();
    assert!(left("Edit connection…") < left("Try again"), "asking again with the same keys cannot help");
}

#[test]
fn plain_http_on_this_computer_is_not_called_https() {
    let mut stage = picture();
    assert!(stage.says("HTTPS"));
    let endpoint = Endpoint::parse("http://127.0.0.1:9000").ok();
    let result = Ok(Box::new(Connection { service: Service::Other, endpoint, ..connection() }));
    stage.wire.tell(Event::ConnectionSaved { request: RequestId::next(), result });
    stage.window.run();
    assert!(stage.says("HTTP · this computer") && !stage.says("HTTPS"));
}
