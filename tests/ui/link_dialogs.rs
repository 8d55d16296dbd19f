//! Dialogs around links: let someone upload, QR code, history, uploading as public.

use std::path::PathBuf;

use crate::fake::{Chooser, Setup, Stage, page_of_the_picture};
use crate::link_tools::{PRIVATE, answer, at, check, checks_of, copied_soon, object, picture, url_of};
use bucketdrop::model::{
    Command, Event, Failure, FailureKind, Finding, GivenLink, KeysEnd, Layer, LayerFinding, LinkCheck, LinkKind,
    ObjectKey, OpenWhat, PlannedFile, Prefix, PrivateBecause, ScanProgress, SharingChange, SharingHistory, SharingId,
    SignedLink, SignedUpload, UploadAccess, Verdict,
};
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

#[test]
fn someone_can_be_let_upload_with_name_size_type_and_end() {
    let mut stage = picture();
    stage.by_palette("Let someone upload");
    stage.window.get_by_role_and_label(Role::Button, "Make address").click();
    stage.window.run();
    assert!(stage.says("The file needs a name"));
    for (field, text) in [("File name", "report.pdf"), ("Exact size", "2,048"), ("Type", "application/pdf")] {
        stage.window.get_by_role_and_label(Role::TextInput, field).focus();
        stage.window.run();
        stage.window.get_by_role_and_label(Role::TextInput, field).type_text(text);
        stage.window.run();
    }
    stage.window.get_by_role_and_label(Role::RadioButton, "15 min").click();
    stage.window.run();
    stage.wire.commands();
    stage.window.get_by_role_and_label(Role::Button, "Make address").click();
    stage.window.run();
    let commands = stage.wire.commands();
    let (request, wanted) = commands
        .iter()
        .find_map(|command| match command {
            Command::SignUpload { request, invitation } => Some((*request, (**invitation).clone())),
            _ => None,
        })
        .expect("asked for");
    assert_eq!(wanted.object, object("report.pdf"));
    assert_eq!((wanted.size_bytes, wanted.expires_secs), (Some(2_048), 900));
    let signed = SignedUpload {
        object: wanted.object,
        url: "https://weandb.s3.ap-northeast-2.amazonaws.com/photos/2026/report.pdf?X-Amz-Signature=0f3a9c".to_owned(),
        headers: vec![("content-type".to_owned(), "application/pdf".to_owned())],
        keeps_what_is_there: false,
        expires: "2026-11-21T06:00:00Z".parse().unwrap(),
    };
    stage.wire.tell(Event::UploadSigned { request, result: Ok(Box::new(signed.clone())) });
    stage.window.run();
    assert!(stage.says("Ready. Works until"));
    assert!(stage.says("each upload replaces the one before"), "this service does not heed the condition");
    assert!(!stage.says("0f3a9c"), "the address is never drawn");
    stage.picture("invite");
    stage.wire.commands();
    stage.window.get_by_role_and_label(Role::Button, "Copy curl command").click();
    let line = copied_soon(&mut stage).expect("copied");
    assert!(line.starts_with("curl ") && line.contains("-H 'content-type: application/pdf'"), "{line}");
    assert!(line.ends_with(&format!("'{}'", signed.url)), "{line}");
    stage.window.run();
    stage.window.get_by_role_and_label(Role::Button, "Copy address").click();
    assert_eq!(copied_soon(&mut stage), Some(signed.url));
    stage.window.run();
    let [given] = recorded(&stage.wire.commands()).try_into().expect("one address was handed out, twice");
    assert_eq!((given.object, given.kind), (object("report.pdf"), LinkKind::Invitation));
    assert_eq!((given.address, given.expires), (url_of(&object("report.pdf")), Some(signed.expires)));
}

/// Links that were written down as handed out.
fn recorded(commands: &[Command]) -> Vec<GivenLink> {
    let links = commands.iter().filter_map(|command| match command {
        Command::RecordLinks(links) => Some(links.clone()),
        _ => None,
    });
    links.flatten().collect()
}

#[test]
fn an_address_for_one_upload_says_so_and_lives_as_many_minutes_as_one_likes() {
    let mut stage = picture();
    stage.by_palette("Let someone upload");
    stage.window.get_by_role_and_label(Role::TextInput, "File name").focus();
    stage.window.run();
    stage.window.get_by_role_and_label(Role::TextInput, "File name").type_text("report.pdf");
    stage.window.run();
    stage.window.get_by_role_and_label(Role::RadioButton, "Custom…").click();
    stage.window.run();
    stage.window.get_by_role_and_label(Role::SpinButton, "Minutes").focus();
    stage.window.run();
    stage.window.event(egui::Event::Text("90".to_owned()));
    stage.window.run();
    stage.picture("invite-minutes");
    stage.wire.commands();
    stage.window.get_by_role_and_label(Role::Button, "Make address").click();
    stage.window.run();
    let asked = stage.wire.commands().into_iter().find_map(|command| match command {
        Command::SignUpload { request, invitation } => Some((request, invitation)),
        _ => None,
    });
    let (request, wanted) = asked.expect("asked for");
    assert_eq!(wanted.expires_secs, 90 * 60);
    let signed = SignedUpload {
        object: wanted.object.clone(),
        url: "https://weandb.s3.ap-northeast-2.amazonaws.com/photos/2026/report.pdf?X-Amz-Signature=0f3a9c".to_owned(),
        headers: vec![("If-None-Match".to_owned(), "*".to_owned())],
        keeps_what_is_there: true,
        expires: "2026-11-21T06:00:00Z".parse().unwrap(),
    };
    stage.wire.tell(Event::UploadSigned { request, result: Ok(Box::new(signed.clone())) });
    stage.window.run();
    assert!(stage.says("for one upload: what is there by then stays as it is"));
    assert!(!stage.says("replaces"));
    stage.picture("invite-once");

    // The same of a service that was never seen to heed the condition: it may overwrite all the same.
    stage.window.get_by_role_and_label(Role::RadioButton, "15 min").click();
    stage.window.run();
    stage.window.get_by_role_and_label(Role::Button, "Make address").click();
    stage.window.run();
    let request = stage.wire.last_request(|command| match command {
        Command::SignUpload { request, .. } => Some(*request),
        _ => None,
    });
    let unproven = SignedUpload { keeps_what_is_there: false, ..signed };
    stage.wire.tell(Event::UploadSigned { request, result: Ok(Box::new(unproven)) });
    stage.window.run();
    assert!(stage.says("Ready. Works until"));
    assert!(stage.says("Whoever has the address can use it until it ends."));
    assert!(!stage.says("for one upload") && !stage.says("replaces"), "nothing is promised");
}

#[test]
fn a_qr_code_says_when_it_leads_nowhere() {
    let mut stage = picture();
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    stage.wire.commands();
    stage.by_palette("QR code");
    let commands = stage.wire.commands();
    let given = recorded(&commands);
    let url = "https://weandb.s3.ap-northeast-2.amazonaws.com/photos/2026/README.md";
    stage.window.get_by_role_and_label(Role::Image, &format!("QR code of {url}"));
    assert!(stage.says("Not checked yet"));
    assert_eq!(given.len(), 1, "whoever scans it has it");
    assert_eq!((given[0].address.as_str(), given[0].kind), (url, LinkKind::Public));
    let request = checks_of(&commands)[0].0;
    answer(&mut stage, request, vec![check(object("README.md"), PRIVATE)], 1);
    assert!(stage.says("Not public: whoever scans this gets no file"));
    stage.picture("qr-code");
    stage.window.get_by_role_and_label(Role::Button, "Use a link that expires").click();
    stage.window.run();
    let request = stage.wire.last_request(|command| match command {
        Command::SignLinks { request, .. } => Some(*request),
        _ => None,
    });
    stage.wire.commands();
    let expires = "2026-11-21T06:00:00Z".parse().unwrap();
    let url_signed = format!("{url}?X-Amz-Signature=0f3a9c");
    let signed = SignedLink { object: object("README.md"), url: url_signed, expires, keys_end: KeysEnd::Counted };
    stage.wire.tell(Event::LinksSigned { request, result: Ok(vec![signed]) });
    stage.window.run();
    let commands = stage.wire.commands();
    let given = recorded(&commands);
    assert_eq!(given.len(), 1);
    assert_eq!((given[0].address.as_str(), given[0].kind), (url, LinkKind::Presigned), "without its signature");
    let recorded_at = commands.iter().position(|command| matches!(command, Command::RecordLinks(_)));
    let asked = commands.iter().enumerate().find_map(|(at, command)| match command {
        Command::CheckSignedLinks { request, links, .. } => Some((at, *request, links.len())),
        _ => None,
    });
    let (checked_at, request, count) = asked.expect("it is tried like a copied one");
    assert!(count == 1 && recorded_at < Some(checked_at), "its verdict finds it in the history");
    assert!(stage.says("Being checked…") && !stage.says("Checked: it opens"));
    let refused = Verdict::Private(PrivateBecause::KeysMayNotRead);
    let found = LinkCheck { kind: LinkKind::Presigned, ..check(object("README.md"), refused) };
    answer(&mut stage, request, vec![found], 1);
    assert!(!stage.says("Checked: it opens"));
    assert!(stage.says("keys"), "it is said why");
}

fn history() -> SharingHistory {
    let time = |text: &str| text.parse().unwrap();
    let link = |name: &str, kind, expires: Option<&str>| GivenLink {
        object: object(name),
        kind,
        address: format!("https://weandb.s3.ap-northeast-2.amazonaws.com/photos/2026/{name}"),
        given_at: time("2026-11-20T05:02:00Z"),
        expires: expires.map(time),
        verdict: Some((Verdict::Public, time("2026-11-20T05:02:01Z"))),
    };
    let change = |id, undone_at: Option<&str>| SharingChange {
        id: SharingId(id),
        connection: at().connection,
        bucket: at().bucket,
        what: OpenWhat::Prefix(Prefix::new("photos/2026")),
        made_at: time("2026-11-19T05:02:00Z"),
        undone_at: undone_at.map(time),
    };
    SharingHistory {
        listed_at: time("2026-11-21T05:02:00Z"),
        links: vec![
            link("README.md", LinkKind::Public, None),
            link("keynote.mp4", LinkKind::Presigned, Some("2026-11-20T06:02:00Z")),
            GivenLink { verdict: None, ..link("in.zip", LinkKind::Invitation, Some("2026-11-22T06:02:00Z")) },
        ],
        changes: vec![change(2, None), change(1, Some("2026-11-19T06:02:00Z"))],
    }
}

#[test]
fn what_was_given_out_is_listed_checked_again_copied_again_and_taken_back() {
    let mut stage = picture();
    stage.by_palette("Links given out");
    let asked = |command: &Command| match command {
        Command::ListHistory { request } => Some(*request),
        _ => None,
    };
    let request = stage.wire.last_request(asked);
    stage.wire.tell(Event::HistoryListed { request, result: Ok(Box::new(history())) });
    stage.window.run();
    stage.window.get_by_label("3 links");
    assert!(stage.says("Address for an upload, until") && stage.says("For an upload"));
    assert!(stage.says("weandb/photos/2026/README.md") && stage.says("Link that expires, over since"));
    stage.picture("history");
    let exact = bucketdrop::ui::format::full_instant("2026-11-20T06:02:00Z".parse().unwrap());
    assert!(!stage.says(&exact));
    stage.window.get_by_label_contains("Link that expires, over since").hover();
    stage.window.run_steps(60);
    assert!(stage.says(&exact), "the full instant on hover");
    stage.wire.commands();
    stage.window.get_by_role_and_label(Role::Button, "Check README.md again").click();
    stage.window.run();
    assert!(stage.wire.commands().iter().any(|command| matches!(command, Command::CheckLinks { .. })));
    stage.window.get_by_role_and_label(Role::Button, "Copy the link of README.md again").click();
    let url = "https://weandb.s3.ap-northeast-2.amazonaws.com/photos/2026/README.md";
    assert_eq!(copied_soon(&mut stage).as_deref(), Some(url));
    stage.window.run();
    stage.window.get_by_role_and_label(Role::Button, "Undo: weandb/photos/2026/").click();
    stage.window.run();
    let undone = |command: &Command| matches!(command, Command::UndoSharing { change: SharingId(2), .. });
    assert!(stage.wire.commands().iter().any(undone));

    stage.window.get_by_role_and_label(Role::Button, "Clear list…").click();
    stage.window.run();
    assert!(
        !stage.wire.commands().iter().any(|command| matches!(command, Command::ClearHistory { .. })),
        "asked first"
    );
    stage.window.get_by_role_and_label(Role::Button, "Clear the list").click();
    stage.window.run();
    assert!(stage.wire.commands().iter().any(|command| matches!(command, Command::ClearHistory { .. })));
}

#[test]
fn uploading_as_public_names_bucket_and_count_and_is_agreed_to() {
    let chooser = Chooser { answer: Some(vec![PathBuf::from("/a/one.jpg"), PathBuf::from("/a/two.jpg")]) };
    let mut stage = Stage::showing(Setup { chooser, ..Setup::default() }, &at(), page_of_the_picture());
    stage.wire.commands();
    stage.by_palette("Upload files as public");
    stage.window.run();
    let request = stage.wire.last_request(|command| match command {
        Command::PlanUpload { request, .. } => Some(*request),
        _ => None,
    });
    let file = |name: &str| PlannedFile {
        path: PathBuf::from("/a").join(name),
        key: ObjectKey::new(format!("photos/2026/{name}")),
        bytes: 5,
    };
    let files = vec![file("one.jpg"), file("two.jpg")];
    let progress = ScanProgress::Complete;
    stage.wire.tell(Event::UploadPlanned { request, files, skipped: Vec::new(), questions: Vec::new(), progress });
    stage.window.run();
    assert!(stage.says("Upload 2 files as public?"));
    assert!(stage.says("in /photos/2026/ of the bucket weandb"));
    stage.picture("upload-public");
    stage.wire.commands();
    stage.window.get_by_role_and_label(Role::Button, "Upload as public").click();
    stage.window.run();
    let commands = stage.wire.commands();
    let access = commands.iter().find_map(|command| match command {
        Command::EnqueuePlanned { options, batch, planned, .. } => Some((options.access, *batch, *planned)),
        _ => None,
    });
    let (access, batch, planned) = access.expect("queued");
    assert_eq!((access, planned), (UploadAccess::Public, request), "what was counted, and no more");
    let failure = Box::new(Failure::new(FailureKind::AccessDenied).detail("BlockPublicPolicy"));
    let because = Some(vec![LayerFinding { layer: Layer::PublicAccessBlock, finding: Finding::AllBlocked }]);
    stage.wire.tell(Event::PublicRefused { batch, failure, because });
    stage.window.run();
    assert_eq!(stage.window.query_all_by_role(Role::Alert).count(), 1, "it is said why they are not public");
    assert!(stage.says("Block Public Access is fully on"), "and which layer refuses");
    stage.picture("upload-not-public");
}
