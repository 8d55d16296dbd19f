//! Files dropped from other programs: where they go, and what the window says before it lets go.

use crate::fake::{Dropped, Setup, Stage, folder, page_of_the_picture};
use bucketdrop::model::{
    Command, Connection, ConnectionId, CredentialSource, Credentials, DraggedName, DropExtent, DropSize, Event,
    Language, Location, Place, RequestId, Secret, SeenDrag, Settings, UnreadDrag,
};
use bucketdrop::ui::Start;
use bucketdrop::ui::unread_drag::WatchDrags;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use std::path::PathBuf;
use std::sync::Arc;

pub(crate) fn drop_on(stage: &mut Stage, paths: &[&str]) {
    for path in paths {
        stage.window.input_mut().dropped_files.push(Arc::new(Dropped(PathBuf::from(path))));
    }
    stage.window.step();
}

pub(crate) fn enqueued(stage: &Stage) -> Vec<(Vec<PathBuf>, Location)> {
    let commands = stage.wire.commands();
    commands
        .into_iter()
        .filter_map(|command| match command {
            Command::Enqueue { paths, to, .. } => Some((paths, to)),
            _ => None,
        })
        .collect()
}

fn showing() -> Stage {
    let elsewhere = Location { connection: ConnectionId::new("other"), ..folder("far", "away") };
    let places = vec![
        Place { name: "static / media".to_owned(), location: folder("team-media-prod", "static/media") },
        Place { name: "elsewhere".to_owned(), location: elsewhere },
    ];
    let settings = Settings { places, ..Setup::default().settings };
    let setup = Setup { settings, ..Setup::default() };
    let stage = Stage::showing(setup, &folder("weandb", "photos/2026"), page_of_the_picture());
    stage.wire.commands();
    stage
}

/// Hovers over the middle of what has this name, and lets go there.
fn drag_to(stage: &mut Stage, role: Role, label: &str) -> Vec<(Vec<PathBuf>, Location)> {
    let over = stage.window.get_by_role_and_label(role, label).rect().center();
    drag_to_point(stage, over)
}

fn drag_to_point(stage: &mut Stage, over: egui::Pos2) -> Vec<(Vec<PathBuf>, Location)> {
    stage.window.input_mut().hovered_files.push(egui::HoveredFile::default());
    stage.window.hover_at(over);
    stage.window.step();
    stage.window.input_mut().hovered_files.clear();
    drop_on(stage, &["/data/a.txt"]);
    stage.window.run_steps(10);
    enqueued(stage)
}

fn one(to: Location) -> Vec<(Vec<PathBuf>, Location)> {
    vec![(vec![PathBuf::from("/data/a.txt")], to)]
}

#[test]
fn rows_of_folders_buckets_and_places_take_files() {
    let mut stage = showing();
    let thumbnails = drag_to(&mut stage, Role::ListBoxOption, "thumbnails, folder");
    assert_eq!(thumbnails, one(folder("weandb", "photos/2026/thumbnails")));
    assert_eq!(drag_to(&mut stage, Role::ListItem, "hibernationproject, seoul"), one(folder("hibernationproject", "")));
    let place = drag_to(&mut stage, Role::ListItem, "static / media");
    assert_eq!(place, one(folder("team-media-prod", "static/media")));
    let object = drag_to(&mut stage, Role::Button, "Reload");
    assert_eq!(object, one(folder("weandb", "photos/2026")), "anywhere else it is the shown folder");
}

#[test]
fn a_place_of_a_deleted_connection_refuses_in_words() {
    let mut stage = showing();
    assert_eq!(drag_to(&mut stage, Role::ListItem, "elsewhere"), []);
    assert!(stage.says("connection was deleted"));
}

#[test]
fn a_place_of_another_connection_opens_it_and_takes_the_files() {
    let second = Connection { id: ConnectionId::new("other"), name: "Archive".to_owned(), ..crate::fake::connection() };
    let elsewhere = Location { connection: second.id.clone(), ..folder("far", "away") };
    let places = vec![Place { name: "elsewhere".to_owned(), location: elsewhere.clone() }];
    let settings = Settings { places, ..Setup::default().settings };
    let setup = Setup { settings, connections: vec![crate::fake::connection(), second], ..Setup::default() };
    let mut stage = Stage::showing(setup, &folder("weandb", "photos/2026"), page_of_the_picture());
    stage.wire.commands();
    let over = stage.window.get_by_role_and_label(Role::ListItem, "elsewhere").rect().center();
    stage.window.input_mut().hovered_files.push(egui::HoveredFile::default());
    stage.window.hover_at(over);
    stage.window.run_steps(2);
    assert!(stage.says("Drop to open Archive and upload, s3://far/away/"));
    stage.window.input_mut().hovered_files.clear();
    drop_on(&mut stage, &["/data/a.txt"]);
    stage.window.run_steps(10);
    let commands = stage.wire.commands();
    let opened =
        commands.iter().any(|c| matches!(c, Command::OpenConnection { id, .. } if *id == elsewhere.connection));
    let queued = commands.iter().any(|c| matches!(c, Command::Enqueue { to, .. } if *to == elsewhere));
    assert!(opened && queued, "{commands:?}");
}

#[test]
fn the_overlay_names_the_row_under_the_pointer() {
    let mut stage = showing();
    stage.window.input_mut().hovered_files.push(egui::HoveredFile::default());
    stage.window.run_steps(2);
    stage.window.get_by_label("Drop to upload, s3://weandb/photos/2026/");
    let over = stage.window.get_by_role_and_label(Role::ListBoxOption, "thumbnails, folder").rect().center();
    stage.window.input_mut().hovered_files.push(egui::HoveredFile::default());
    stage.window.hover_at(over);
    stage.window.run_steps(2);
    stage.window.get_by_label("Drop to upload, s3://weandb/photos/2026/thumbnails/");
    stage.picture("drop-folder");
    let over = stage.window.get_by_role_and_label(Role::ListItem, "hibernationproject, seoul").rect().center();
    stage.window.hover_at(over);
    stage.window.run_steps(2);
    stage.window.get_by_label("Drop to upload, s3://hibernationproject/");
    stage.picture("drop-bucket");
}

#[test]
fn files_can_be_dropped_to_become_public_once_that_was_agreed_to() {
    let mut stage = showing();
    stage.window.input_mut().hovered_files.push(egui::HoveredFile::default());
    stage.window.run_steps(2);
    stage.picture("drop-public-offered");
    let place = stage.window.get_by_label("Drop here to upload as public…").rect().center();
    assert_eq!(drag_to_point(&mut stage, place), [], "it is asked first");
    assert!(stage.says("Upload as public?"));
    stage.window.get_by_role_and_label(Role::Button, "Cancel").click();
    stage.window.run();
    assert_eq!(enqueued(&stage), [], "and nothing goes up that was not agreed to");
}

#[test]
fn the_overlay_that_was_not_drawn_takes_nothing_as_public() {
    let mut stage = showing();
    stage.window.input_mut().hovered_files.push(egui::HoveredFile::default());
    stage.window.run_steps(2);
    let place = stage.window.get_by_label("Drop here to upload as public…").rect().center();
    stage.window.input_mut().hovered_files.clear();
    stage.window.run_steps(2);
    stage.window.hover_at(place);
    drop_on(&mut stage, &["/data/a.txt"]);
    stage.window.run_steps(10);
    assert_eq!(enqueued(&stage).len(), 1, "an ordinary upload");
}

#[test]
fn copied_files_can_be_pasted_to_become_public_once_that_was_agreed_to() {
    let mut stage = showing();
    stage.by_palette("Paste files as public");
    let request = stage.wire.last_request(|command| match command {
        Command::ReadClipboardFiles { request, .. } => Some(*request),
        _ => None,
    });
    stage.wire.tell(Event::ClipboardFiles { request, result: Ok(vec![PathBuf::from("/data/a.txt")]) });
    stage.window.run();
    assert!(stage.says("Upload as public?"));
    assert_eq!(enqueued(&stage), []);
}

#[test]
fn a_bucket_takes_files_before_any_is_open() {
    let mut stage = Stage::connected(Setup::default());
    stage.wire.commands();
    let is_row = |row: &egui_kittest::Node<'_>| {
        row.accesskit_node().label().is_some_and(|label| label.starts_with("logs-archive"))
    };
    let over = stage.window.query_all_by_role(Role::ListItem).rfind(is_row).unwrap().rect().center();
    stage.window.hover_at(over);
    drop_on(&mut stage, &["/data/a.txt"]);
    stage.window.run_steps(10);
    assert_eq!(enqueued(&stage), one(folder("logs-archive", "")));
}

#[test]
fn where_an_upload_goes_is_asked_before_its_links_are_copied() {
    let at = folder("unlisted", "");
    let mut stage = Stage::showing(Setup::default(), &at, crate::fake::page_of_the_picture());
    stage.wire.commands();
    drop_on(&mut stage, &["/data/a.txt"]);
    stage.window.run_steps(10);
    let commands = stage.wire.commands();
    let is_asked =
        |command: &Command| matches!(command, Command::FindBucketRegion { bucket, .. } if *bucket == at.bucket);
    assert!(commands.iter().any(|command| matches!(command, Command::Enqueue { .. })), "{commands:?}");
    assert_eq!(commands.iter().filter(|command| is_asked(command)).count(), 1);
}

fn editor() -> Stage {
    let mut stage = showing();
    stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::N);
    stage.window.run();
    drop_on(&mut stage, &["/data/credentials.csv"]);
    stage.picture("drop-keys");
    stage.window.run_steps(10);
    stage
}

fn asked(stage: &Stage) -> RequestId {
    stage.wire.last_request(|command| match command {
        Command::ReadKeys { request, path } if path.ends_with("credentials.csv") => Some(*request),
        _ => None,
    })
}

#[test]
fn a_key_file_dropped_on_the_editor_fills_it_and_uploads_nothing() {
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let mut stage = editor();
    let request = asked(&stage);
    assert_eq!(enqueued(&stage), []);
    let keys = Credentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: Secret::new(SECRET),
        session_token: None,
    };
    stage.wire.tell(Event::KeysRead { request, result: Ok(Some(Box::new(keys))) });
    stage.window.run();
    let key = stage.window.get_by_role_and_label(Role::TextInput, "Access key ID");
    assert_eq!(key.accesskit_node().value().as_deref(), Some("AKIAIOSFODNN7EXAMPLE"));
    let secret = stage.window.get_by_role_and_label(Role::PasswordInput, "Secret access key");
    assert_eq!(secret.accesskit_node().value().unwrap_or_default().chars().count(), SECRET.len());
    for node in stage.window.root().children_recursive() {
        let node = node.accesskit_node();
        for words in [node.label(), node.value(), node.description()] {
            assert!(!words.unwrap_or_default().contains("wJalr"), "the secret is never shown");
        }
    }
    // Saved like any other.
    let name = stage.window.get_by_role_and_label(Role::TextInput, "Name");
    name.type_text("Dropped");
    stage.window.run();
    stage.window.get_by_role_and_label(Role::Button, "Save and connect").click();
    stage.window.run();
    let saved = stage.wire.commands().into_iter().find_map(|command| match command {
        Command::SaveConnection { draft, .. } => Some(draft),
        _ => None,
    });
    assert_eq!(saved.unwrap().secret_access_key.expose(), SECRET);
}

#[test]
fn a_file_without_keys_says_so() {
    let mut stage = editor();
    let request = asked(&stage);
    stage.wire.tell(Event::KeysRead { request, result: Ok(None) });
    stage.window.run();
    assert!(stage.says("No access key was found"));
    assert_eq!(enqueued(&stage), []);
}

#[test]
fn other_dialogs_take_no_files() {
    let mut stage = showing();
    stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Comma);
    stage.window.run();
    drop_on(&mut stage, &["/data/a.txt"]);
    stage.window.run_steps(10);
    assert_eq!(enqueued(&stage), []);
    assert!(stage.says("Finish the open dialog first"));
}

/// Files that hover, as a system tells them.
fn hover(stage: &mut Stage, paths: &[&str]) {
    let hovered =
        paths.iter().map(|path| egui::HoveredFile { path: Some(path.into()), ..egui::HoveredFile::default() });
    stage.window.input_mut().hovered_files = hovered.collect();
    stage.window.run_steps(2);
}

fn measured(stage: &Stage) -> Vec<(RequestId, usize)> {
    let commands = stage.wire.commands().into_iter();
    let asked = commands.filter_map(|command| match command {
        Command::MeasureDrop { request, paths } => Some((request, paths.len())),
        _ => None,
    });
    asked.collect()
}

#[test]
fn the_overlay_says_how_many_and_how_big_once_that_is_known() {
    let mut stage = showing();
    // On X11 each is told twice.
    hover(&mut stage, &["/data/a.txt", "/data/d", "/data/a.txt", "/data/b.txt", "/data/d", "/data/b.txt"]);
    let asked = measured(&stage);
    assert_eq!(asked.iter().map(|(_, paths)| *paths).collect::<Vec<_>>(), [3], "the disk is asked once, elsewhere");
    assert!(stage.says("3 items"));
    let size = DropSize { files: 2, folders: 1, bytes: 12_400_000, extent: DropExtent::All };
    stage.wire.tell(Event::DropMeasured { request: RequestId::next(), size });
    stage.window.run_steps(2);
    assert!(stage.says("3 items"), "an answer about something else");
    stage.wire.tell(Event::DropMeasured { request: asked[0].0, size });
    stage.window.run_steps(2);
    assert!(stage.says("2 files, 12.4 MB · 1 folder"));
    stage.picture("drop-measured");
    // The second telling of X11 brings nothing new.
    let twice = ["/data/a.txt", "/data/d", "/data/a.txt", "/data/b.txt", "/data/d", "/data/b.txt", "/data/d"];
    hover(&mut stage, &twice);
    assert_eq!(measured(&stage), []);
    hover(&mut stage, &["/data/a.txt", "/data/c.txt"]);
    assert!(stage.says("2 items") && measured(&stage).len() == 1, "as many as before are others");
    hover(&mut stage, &["/data/a.txt", "/data/d"]);
    assert_eq!(measured(&stage).len(), 1, "as many as before are others");
    hover(&mut stage, &[]);
    hover(&mut stage, &["/data/a.txt"]);
    assert!(stage.says("1 item") && measured(&stage).len() == 1);
}

#[test]
fn folders_that_hold_too_much_are_told_as_more_than_was_counted() {
    let mut stage = showing();
    let measured_as = |stage: &mut Stage, files: u64, extent: DropExtent| {
        hover(stage, &["/data/d"]);
        let (request, _) = measured(stage)[0];
        let size = DropSize { files, folders: 1, bytes: files * 41_000, extent };
        stage.wire.tell(Event::DropMeasured { request, size });
        stage.window.run_steps(2);
    };
    measured_as(&mut stage, 1_204, DropExtent::All);
    assert!(stage.says("1,204 files, 49.4 MB · 1 folder"));
    hover(&mut stage, &[]);
    measured_as(&mut stage, 100_000, DropExtent::Part);
    assert!(stage.says("More than 100,000 files, 4.1 GB · 1 folder"));
    hover(&mut stage, &[]);
    measured_as(&mut stage, 0, DropExtent::Part);
    assert!(stage.says("1 item") && !stage.says("More than"), "nothing was found in time");
}

#[test]
fn what_is_dragged_away_or_let_go_is_measured_no_longer() {
    let mut stage = showing();
    let told = |stage: &Stage| -> Vec<(bool, RequestId)> {
        let commands = stage.wire.commands().into_iter();
        let of_measures = commands.filter_map(|command| match command {
            Command::MeasureDrop { request, .. } => Some((true, request)),
            Command::StopRequest { request } => Some((false, request)),
            _ => None,
        });
        of_measures.collect()
    };
    hover(&mut stage, &["/data/d"]);
    let [(true, first)] = told(&stage)[..] else { panic!("measured") };
    // More is dragged: what was asked first is not of interest any more.
    hover(&mut stage, &["/data/d", "/data/e"]);
    let [(false, stopped), (true, second)] = told(&stage)[..] else { panic!("measured anew") };
    assert_eq!(stopped, first);
    hover(&mut stage, &[]);
    assert_eq!(told(&stage), [(false, second)], "dragged away");
    hover(&mut stage, &["/data/d"]);
    let [(true, third)] = told(&stage)[..] else { panic!("measured once more") };
    stage.window.input_mut().hovered_files.clear();
    drop_on(&mut stage, &["/data/d"]);
    assert_eq!(told(&stage), [(false, third)], "let go");
    stage.window.run_steps(10);
    hover(&mut stage, &["/data/e"]);
    let answered = told(&stage).pop().unwrap().1;
    let size = DropSize { folders: 1, ..DropSize::default() };
    stage.wire.tell(Event::DropMeasured { request: answered, size });
    stage.window.run_steps(2);
    hover(&mut stage, &[]);
    assert_eq!(told(&stage), [], "what was answered is over");
}

#[test]
fn the_overlay_remembers_that_the_last_upload_here_was_refused() {
    use bucketdrop::model::{BatchId, BatchSummary, Failure, FailureKind, TransferKind};
    let mut stage = showing();
    let ended = |prefix: &str, done: u64, kind: Option<FailureKind>| {
        let summary = BatchSummary {
            to: folder("weandb", prefix),
            kind: TransferKind::Upload,
            done,
            skipped: 0,
            cancelled: 0,
            failed: kind.iter().len() as u64,
            done_bytes: 0,
            elapsed: std::time::Duration::ZERO,
            objects: Vec::new(),
            first_failure: kind.map(Failure::new),
        };
        Event::BatchFinished { batch: BatchId::next(), summary: Box::new(summary) }
    };
    let steps = [
        (ended("photos/2026", 0, Some(FailureKind::Offline)), false),
        // These keys may write elsewhere.
        (ended("other", 0, Some(FailureKind::AccessDenied)), false),
        (ended("photos", 0, Some(FailureKind::AccessDenied)), true),
        (ended("other", 1, None), true),
        (ended("photos/2026", 1, None), false),
    ];
    for (event, is_told) in steps {
        stage.wire.tell(event);
        hover(&mut stage, &["/data/a.txt"]);
        assert_eq!(stage.says("The last upload here was refused"), is_told);
        // As the headline, in place of the invitation; and a drop is possible all the same.
        let headline = "This key may not write here, weandb";
        assert_eq!((stage.says(headline), stage.says("Drop to upload, weandb")), (is_told, !is_told));
        assert_eq!(stage.says("tried all the same"), is_told);
        if is_told {
            stage.picture("drop-refused-before");
        }
        hover(&mut stage, &[]);
    }
}

#[test]
fn a_connection_without_keys_says_so_before_anything_is_dropped() {
    let anonymous = Connection { credentials: CredentialSource::Anonymous, ..crate::fake::connection() };
    let setup = Setup { connections: vec![anonymous], ..Setup::default() };
    let mut stage = Stage::showing(setup, &folder("weandb", "photos/2026"), page_of_the_picture());
    stage.wire.commands();
    hover(&mut stage, &["/data/a.txt"]);
    assert!(stage.says("This connection has no keys to write with, weandb") && stage.says("tried all the same"));
    stage.picture("drop-no-keys");
    hover(&mut stage, &[]);
    let dropped = drag_to(&mut stage, Role::Button, "Reload");
    assert_eq!(dropped, one(folder("weandb", "photos/2026")), "some buckets take uploads from anyone");
}

#[test]
fn a_bucket_is_marked_once_a_link_into_it_was_found_open() {
    use bucketdrop::model::{CheckProgress, LinkCheck, LinkKind, ObjectKey, PrivateBecause, Verdict};
    let mut stage = showing();
    stage.window.get_by_label("weandb, seoul");
    stage.window.get_by_label("team-media-prod, tokyo");
    let check = |verdict| LinkCheck {
        object: folder("logs-archive", "").object(ObjectKey::new("a.txt")),
        kind: LinkKind::Public,
        verdict,
        status: Some(200),
        address: "https://logs-archive.s3.ap-northeast-2.amazonaws.com/a.txt".to_owned(),
        checked_at: "2026-11-18T05:02:00Z".parse().unwrap(),
    };
    let tell = |stage: &mut Stage, verdict| {
        let (progress, end) = (CheckProgress::default(), Some(Ok(())));
        stage.wire.tell(Event::LinksChecked {
            request: RequestId::next(),
            checks: vec![check(verdict)],
            progress,
            end,
        });
        stage.window.run();
    };
    tell(&mut stage, Verdict::NoSuchHost);
    stage.window.get_by_label("logs-archive, seoul");
    tell(&mut stage, Verdict::Public);
    stage.window.get_by_label("logs-archive, public files, seoul").hover();
    stage.window.run_steps(60);
    assert!(stage.says("ap-northeast-2") && stage.says("was found to open for anyone"));
    stage.picture("bucket-public");
    tell(&mut stage, Verdict::Private(PrivateBecause::Unexplained));
    stage.window.get_by_label("logs-archive, private, seoul");
    stage.picture("bucket-private");
    // The mark says what is, not what once was.
    tell(&mut stage, Verdict::NoSuchHost);
    stage.window.get_by_label("logs-archive, seoul");
}

/// A window over which these things were dragged in a way that the toolkit does not take over.
fn after(watch: WatchDrags, language: Language) -> Stage {
    let settings = Settings { language, ..Setup::default().settings };
    let start = Start { watch_drags: Some(watch), ..Start::default() };
    Stage::showing(
        Setup { settings, start, ..Setup::default() },
        &folder("weandb", "photos/2026"),
        page_of_the_picture(),
    )
}

/// A message is a node of its own, with the words as another within.
fn says(stage: &Stage, words: &str) -> bool {
    stage.window.query_all_by_label_contains(words).next().is_some()
}

fn files(names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(PathBuf::from).collect()
}

fn unread(names: &[&str], elsewhere: usize) -> SeenDrag {
    SeenDrag::Unread(UnreadDrag { files: files(names), elsewhere })
}

#[test]
fn links_are_uploaded_by_the_names_they_were_dragged_by() {
    let watch: WatchDrags = |_, told| {
        let name = |dragged: &str| DraggedName { told: "/data/releases-v3".into(), dragged: dragged.into() };
        told(SeenDrag::Renamed(vec![name("/data/current"), name("/data/releases-v3")]));
    };
    let mut stage = after(watch, Language::English);
    let hover = |path: &str| egui::HoveredFile { path: Some(path.into()), ..egui::HoveredFile::default() };
    // The toolkit tells of what hovers twice.
    stage.window.input_mut().hovered_files.extend(["/data/releases-v3"; 4].map(hover));
    stage.window.step();
    let measured = stage.wire.commands().into_iter().find_map(|command| match command {
        Command::MeasureDrop { paths, .. } => Some(paths),
        _ => None,
    });
    assert_eq!(measured, Some(files(&["/data/current", "/data/releases-v3"])));
    stage.window.input_mut().hovered_files.clear();
    drop_on(&mut stage, &["/data/releases-v3", "/data/releases-v3"]);
    stage.window.run_steps(10);
    assert_eq!(enqueued(&stage), [(files(&["/data/current", "/data/releases-v3"]), folder("weandb", "photos/2026"))]);
}

#[test]
fn what_the_toolkit_does_not_hand_over_waits_for_a_word() {
    let dragged_twice: WatchDrags = |_, told| {
        for _ in 0..2 {
            told(unread(&["/data/a.txt", "/data/b.txt"], 0));
        }
    };
    let mut stage = after(dragged_twice, Language::English);
    stage.window.run_steps(3);
    assert!(says(&stage, "The desktop does not hand this drag over"));
    stage.window.get_by_label("2 items wait to be uploaded to s3://weandb/photos/2026/");
    assert!(enqueued(&stage).is_empty(), "nobody knows whether they were let go here");
    stage.window.get_by_role_and_label(Role::Button, "Upload here").click();
    stage.window.run_steps(10);
    assert_eq!(enqueued(&stage), [(files(&["/data/a.txt", "/data/b.txt"]), folder("weandb", "photos/2026"))]);
}

#[test]
fn what_is_dragged_from_elsewhere_is_told_from_what_is_here() {
    let in_part: WatchDrags = |_, told| told(unread(&["/data/a.txt"], 2));
    let mut stage = after(in_part, Language::English);
    stage.window.run_steps(3);
    assert!(says(&stage, "2 items of this drag are not on this computer"));
    stage.window.get_by_label("1 item waits to be uploaded to s3://weandb/photos/2026/");

    let elsewhere: WatchDrags = |_, told| told(unread(&[], 1));
    let mut stage = after(elsewhere, Language::Korean);
    stage.window.run_steps(3);
    assert!(says(&stage, "웹이나 기기에 있습니다"));
    assert!(stage.window.query_by_label("여기에 업로드").is_none(), "nothing waits");

    let withheld: WatchDrags = |_, told| told(unread(&[], 0));
    let mut stage = after(withheld, Language::English);
    stage.window.run_steps(3);
    assert!(says(&stage, "This drag cannot be taken over"));
    assert!(stage.window.query_by_label("Upload here").is_none(), "nothing waits");
}
