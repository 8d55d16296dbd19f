//! Links on the clipboard: that they lead where the objects are, and that nothing of another program is overwritten.

use crate::fake::{Setup, Stage, connection, folder, page_of_the_picture};
use crate::link_tools::{
    PRIVATE, answer, at, check, checks_of, copied, copied_soon, explain, object, picture, select, url_of,
};
use bucketdrop::model::{
    BucketName, Command, Connection, CopyFallback, Event, Failure, FailureKind, KeysEnd, Language, LinkCheck,
    LinkDomain, LinkKind, LinkTemplate, ObjectKey, ObjectRef, Prefix, Region, RequestId, Settings, SignedLink,
    UnknownBecause, Verdict,
};
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

const FOUND: &str = "https://weandb.s3.eu-west-1.amazonaws.com/photos/2026/README.md";

/// A link is copied, and being asked for.
fn copied_readme() -> (Stage, RequestId) {
    let mut stage = picture();
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    stage.wire.commands();
    stage.window.event(egui::Event::Copy);
    assert_eq!(copied_soon(&mut stage), Some(url_of(&object("README.md"))));
    stage.window.run();
    let request = checks_of(&stage.wire.commands()).remove(0).0;
    (stage, request)
}

fn found_elsewhere() -> LinkCheck {
    LinkCheck { address: FOUND.to_owned(), ..check(object("README.md"), Verdict::Public) }
}

fn tell_checked(stage: &mut Stage, request: RequestId, checks: Vec<LinkCheck>) {
    let progress = bucketdrop::model::CheckProgress { checked: checks.len(), asked: checks.len(), total: checks.len() };
    stage.wire.tell(Event::LinksChecked { request, checks, progress, end: Some(Ok(())) });
}

#[test]
fn links_that_open_from_here_only_are_a_warning_with_the_way_to_check_the_others() {
    let mut stage = picture();
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    stage.window.run();
    stage.wire.commands();
    stage.window.event(egui::Event::Copy);
    copied_soon(&mut stage).expect("copied");
    stage.window.run();
    let (request, objects, _) = checks_of(&stage.wire.commands()).remove(0);
    let here = Verdict::OnlyFromHere(bucketdrop::model::OnlyHere::Loopback);
    let checks = objects.iter().take(2).map(|object| check(object.clone(), here.clone())).collect();
    answer(&mut stage, request, checks, objects.len());
    let words = format!("2 of {} checked, 2 of them known to open from here only. First: ", objects.len());
    assert!(stage.says(&words));
    assert_eq!(stage.window.query_all_by_role(Role::Alert).count(), 1);
    stage.window.get_by_role_and_label(Role::Button, "Check all");
}

fn lose_focus(stage: &mut Stage) {
    stage.window.event(egui::Event::WindowFocused(false));
    stage.window.run();
    stage.window.event(egui::Event::WindowFocused(true));
    stage.window.run();
}

fn recorded(commands: &[Command]) -> Vec<String> {
    let links = commands.iter().filter_map(|command| match command {
        Command::RecordLinks(links) => Some(links.clone()),
        _ => None,
    });
    links.flatten().map(|link| link.address).collect()
}

fn signing(stage: &Stage) -> Option<(RequestId, Vec<ObjectRef>)> {
    stage.wire.commands().into_iter().find_map(|command| match command {
        Command::SignLinks { request, objects, .. } => Some((request, objects)),
        _ => None,
    })
}

fn signed(object: &ObjectRef) -> SignedLink {
    let url = format!("{}?X-Amz-Signature=0", url_of(object));
    SignedLink {
        object: object.clone(),
        url,
        expires: "2026-11-21T06:00:00Z".parse().unwrap(),
        keys_end: KeysEnd::Counted,
    }
}

#[test]
fn a_link_to_the_wrong_region_is_put_right_on_the_clipboard_and_said() {
    let (mut stage, request) = copied_readme();
    tell_checked(&mut stage, request, vec![found_elsewhere()]);
    assert_eq!(copied_soon(&mut stage).as_deref(), Some(FOUND));
    stage.window.run();
    stage.window.get_by_role_and_label(
        Role::Alert,
        "Link copied\nIt led elsewhere: the address at which the object was found took its place\nIt opens for anyone",
    );
    assert_eq!(recorded(&stage.wire.commands()), [FOUND], "what is handed out now is written down");
    assert!(stage.says(FOUND), "the card shows it as well");
    stage.picture("link-put-right");
}

#[test]
fn what_others_have_put_on_the_clipboard_stays_there() {
    let (mut stage, request) = copied_readme();
    lose_focus(&mut stage);
    stage.wire.commands();
    tell_checked(&mut stage, request, vec![found_elsewhere()]);
    assert_eq!(copied_soon(&mut stage), None, "another program may have used it");
    stage.window.run();
    assert!(stage.says("What was copied leads elsewhere"));
    assert_eq!(recorded(&stage.wire.commands()), [""; 0]);
    stage.picture("link-elsewhere");
    stage.window.get_by_role_and_label(Role::Button, "Copy the right address").click();
    assert_eq!(copied_soon(&mut stage).as_deref(), Some(FOUND), "on demand");
}

#[test]
fn a_later_copy_of_this_window_stays_as_well() {
    let (mut stage, request) = copied_readme();
    stage.by_palette("Copy S3 URI");
    stage.window.run();
    stage.wire.commands();
    tell_checked(&mut stage, request, vec![found_elsewhere()]);
    assert_eq!(copied_soon(&mut stage), None);
}

fn falling_back() -> (Stage, ObjectRef, RequestId) {
    let settings =
        Settings { language: Language::English, copy_fallback: CopyFallback::SignedLink, ..Settings::default() };
    let mut stage = Stage::showing(Setup { settings, ..Setup::default() }, &at(), page_of_the_picture());
    stage.wire.commands();
    let uploaded = object("new.txt");
    stage.wire.tell(crate::shell::finished(vec![uploaded.clone()]));
    copied_soon(&mut stage).expect("copied at once");
    stage.window.run();
    let request = checks_of(&stage.wire.commands()).remove(0).0;
    (stage, uploaded, request)
}

#[test]
fn signed_links_only_take_the_place_of_what_is_still_there() {
    let (mut stage, uploaded, request) = falling_back();
    lose_focus(&mut stage);
    answer(&mut stage, request, vec![check(uploaded.clone(), PRIVATE)], 1);
    assert_eq!(signing(&stage), None, "nothing is signed for nothing");
    stage.window.get_by_role_and_label(Role::Button, "Copy signed links").click();
    stage.window.run();
    let (request, _) = signing(&stage).expect("on demand");
    stage.wire.tell(Event::LinksSigned { request, result: Ok(vec![signed(&uploaded)]) });
    assert_eq!(copied_soon(&mut stage), Some(signed(&uploaded).url));
}

#[test]
fn what_is_copied_elsewhere_while_links_are_signed_stays() {
    let (mut stage, uploaded, request) = falling_back();
    answer(&mut stage, request, vec![check(uploaded.clone(), PRIVATE)], 1);
    let (request, _) = signing(&stage).expect("signed by itself");
    lose_focus(&mut stage);
    stage.wire.tell(Event::LinksSigned { request, result: Ok(vec![signed(&uploaded)]) });
    assert_eq!(copied_soon(&mut stage), None);
    stage.window.run();
    stage.window.get_by_role_and_label(Role::Button, "Copy signed links");
}

/// What is copied while somebody works elsewhere may be gone from the clipboard without a word: a password, perhaps.
#[test]
fn links_that_were_copied_without_the_focus_are_not_replaced() {
    let settings =
        Settings { language: Language::English, copy_fallback: CopyFallback::SignedLink, ..Settings::default() };
    let mut stage = Stage::showing(Setup { settings, ..Setup::default() }, &at(), page_of_the_picture());
    stage.window.input_mut().focused = false;
    stage.wire.commands();
    let uploaded = object("new.txt");
    stage.wire.tell(crate::shell::finished(vec![uploaded.clone()]));
    copied_soon(&mut stage).expect("copied at once");
    stage.window.run();
    let request = checks_of(&stage.wire.commands()).remove(0).0;
    answer(&mut stage, request, vec![check(uploaded.clone(), PRIVATE)], 1);
    assert_eq!(signing(&stage), None, "nobody knows what stands there by now");
    stage.window.input_mut().focused = true;
    stage.window.run();
    stage.window.get_by_role_and_label(Role::Button, "Copy signed links").click();
    stage.window.run();
    let (request, _) = signing(&stage).expect("on demand");
    stage.wire.tell(Event::LinksSigned { request, result: Ok(vec![signed(&uploaded)]) });
    assert_eq!(copied_soon(&mut stage), Some(signed(&uploaded).url));
}

/// The browser gets the link as an argument, and everybody on the computer can read those.
#[test]
fn a_link_with_a_session_token_is_not_offered_to_the_browser() {
    let link = signed(&object("README.md"));
    let temporary = SignedLink { url: format!("{}&X-Amz-Security-Token=FwoGZXIv", link.url), ..link.clone() };
    for (link, is_offered) in [(link, true), (temporary, false)] {
        let mut stage = picture();
        stage.window.get_by_label_contains("README.md, ").click();
        stage.window.run();
        stage.by_palette("link that expires");
        stage.window.get_by_role_and_label(Role::Button, "Copy link").click();
        stage.window.run();
        let (request, _) = signing(&stage).expect("asked for");
        stage.wire.commands();
        stage.wire.tell(Event::LinksSigned { request, result: Ok(vec![link.clone()]) });
        assert_eq!(copied_soon(&mut stage), Some(link.url));
        stage.window.run();
        stage.window.get_by_role_and_label(Role::Button, "Close").click();
        stage.window.run();
        // The other one is that of the inspector, for the public address.
        let open =
            |stage: &Stage| stage.window.query_all_by_role_and_label(Role::Button, "Open in browser").count() == 2;
        assert_eq!(open(&stage), is_offered, "while it is being asked for");
        let request = stage.wire.last_request(|command| match command {
            Command::CheckSignedLinks { request, .. } => Some(*request),
            _ => None,
        });
        let opens = check(object("README.md"), Verdict::Public);
        answer(&mut stage, request, vec![LinkCheck { kind: LinkKind::Presigned, ..opens }], 1);
        assert_eq!(open(&stage), is_offered, "nor later");
    }
}

#[test]
fn a_verdict_is_gone_when_the_link_is_another_one() {
    let mut stage = picture();
    answer(&mut stage, RequestId::next(), vec![check(object("README.md"), Verdict::Public)], 1);
    assert!(stage.says("Standard, Public"));
    let domain = LinkDomain {
        bucket: None,
        prefix: Prefix::root(),
        pattern: LinkTemplate::parse("https://cdn.example.com/{key}").unwrap(),
        drop_prefix: Prefix::root(),
    };
    let saved = Connection { link_domains: vec![domain], ..connection() };
    stage.wire.tell(Event::ConnectionSaved { request: RequestId::next(), result: Ok(Box::new(saved)) });
    stage.window.run();
    assert!(!stage.says("Standard, Public"), "nobody has asked there");
    // An answer for the old address comes late.
    answer(&mut stage, RequestId::next(), vec![check(object("README.md"), Verdict::Public)], 1);
    assert!(!stage.says("Standard, Public"));
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    stage.by_palette("QR code");
    stage.window.get_by_role_and_label(Role::Image, "QR code of https://cdn.example.com/photos/2026/README.md");
    assert!(stage.says("Not checked yet") && !stage.says("It opens for anyone"));
}

#[test]
fn a_verdict_is_gone_when_the_object_is_another_one() {
    let mut stage = picture();
    let readme = object("README.md");
    let request = select(&mut stage, "README.md");
    answer(&mut stage, request, vec![check(readme.clone(), Verdict::Public)], 1);
    assert!(stage.says("It opens for anyone") || stage.says("Public"));
    stage.wire.commands();
    stage.wire.tell(Event::LinkOutdated(Box::new(object("other.txt"))));
    stage.window.run();
    assert!(checks_of(&stage.wire.commands()).is_empty(), "of another object");
    stage.wire.tell(Event::LinkOutdated(Box::new(readme.clone())));
    stage.window.run();
    let (request, asked, _) = checks_of(&stage.wire.commands()).remove(0);
    assert_eq!(asked, std::slice::from_ref(&readme));
    assert!(!stage.says("It opens for anyone"), "that was said of the one before");
    answer(&mut stage, request, vec![check(readme, PRIVATE)], 1);
    assert!(stage.says("Private"));
}

#[test]
fn the_card_asks_again_when_the_link_is_another_one() {
    let mut stage = picture();
    let request = select(&mut stage, "README.md");
    answer(&mut stage, request, vec![check(object("README.md"), PRIVATE)], 1);
    explain(&mut stage, &object("README.md"));
    assert!(stage.says("There is no bucket policy"));
    let region = Region::new("eu-west-1").unwrap();
    stage.wire.tell(Event::BucketRegionFound { connection: at().connection, bucket: at().bucket, region });
    stage.window.run();
    assert!(!stage.says("There is no bucket policy"), "that was about another link");
    stage.wire.commands();
    stage.window.run_steps(40);
    assert_eq!(checks_of(&stage.wire.commands()).len(), 1);
    stage.window.run_steps(40);
    assert_eq!(checks_of(&stage.wire.commands()).len(), 0, "once");
}

/// An object of a bucket of which nobody has said where it is.
fn unlisted(name: &str) -> ObjectRef {
    folder("unlisted", "").object(ObjectKey::new(name))
}

fn region_asked(commands: &[Command]) -> Vec<(RequestId, BucketName)> {
    let asked = commands.iter().filter_map(|command| match command {
        Command::FindBucketRegion { request, bucket, .. } => Some((*request, bucket.clone())),
        _ => None,
    });
    asked.collect()
}

/// An upload into such a bucket is over: its links are on the clipboard before anybody has said where it is.
fn uploaded_to_unlisted() -> (Stage, RequestId) {
    let mut stage = picture();
    stage.wire.commands();
    stage.wire.tell(crate::shell::finished(vec![unlisted("a.txt"), unlisted("b.txt")]));
    stage.window.step();
    let links = copied(&stage).expect("copied at once, with the connection's region");
    assert!(links.contains("s3.ap-northeast-2."), "{links}");
    let asked = region_asked(&stage.wire.commands());
    assert_eq!(asked.len(), 1, "once for the bucket: {asked:?}");
    (stage, asked.first().unwrap().0)
}

fn region_found(stage: &Stage) {
    let (connection, bucket) = (at().connection, unlisted("").bucket);
    stage.wire.tell(Event::BucketRegionFound { connection, bucket, region: Region::new("eu-west-1").unwrap() });
}

#[test]
fn the_clipboard_waits_for_no_region_and_is_put_right_when_it_is_known() {
    let (mut stage, _) = uploaded_to_unlisted();
    region_found(&stage);
    let both = ["a.txt", "b.txt"].map(|name| format!("https://unlisted.s3.eu-west-1.amazonaws.com/{name}"));
    assert_eq!(copied_soon(&mut stage), Some(both.join("\n")));
    stage.window.run();
    assert!(stage.says("The bucket is in another region: the address there took its place"));
    region_found(&stage);
    assert_eq!(copied_soon(&mut stage), None, "they are right already");
}

#[test]
fn a_region_that_is_known_too_late_changes_no_clipboard_of_others() {
    let (mut stage, _) = uploaded_to_unlisted();
    lose_focus(&mut stage);
    region_found(&stage);
    assert_eq!(copied_soon(&mut stage), None, "another program may have used it");
}

#[test]
fn links_that_open_by_a_redirect_only_are_said_to_and_not_called_public() {
    let over_tls = || Verdict::OpensOverTls { origin: "https://cdn.example.com".to_owned() };
    let (mut stage, request) = copied_readme();
    answer(&mut stage, request, vec![check(object("README.md"), over_tls())], 1);
    assert!(stage.says("It opens only after a redirect to https://cdn.example.com"));
    assert!(stage.says("Opens by a redirect"), "the card says it as well");
    stage.picture("link-over-tls");
    stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    stage.window.run();
    stage.wire.commands();
    stage.window.event(egui::Event::Copy);
    copied_soon(&mut stage).expect("copied");
    stage.window.run();
    let (request, objects, _) = checks_of(&stage.wire.commands()).remove(0);
    let checks = objects.iter().take(2).map(|object| check(object.clone(), over_tls())).collect();
    answer(&mut stage, request, checks, objects.len());
    let words = format!("2 of {} checked, 2 of them open by a redirect only. First: ", objects.len());
    assert!(stage.says(&words));
}

#[test]
fn a_region_that_was_no_guess_is_left_to_the_check() {
    let (mut stage, _) = copied_readme();
    let region = Region::new("eu-west-1").unwrap();
    stage.wire.tell(Event::BucketRegionFound { connection: at().connection, bucket: at().bucket, region });
    assert_eq!(copied_soon(&mut stage), None);
}

#[test]
fn a_region_that_nobody_knows_marks_the_link_and_is_asked_for_once() {
    let (mut stage, request) = uploaded_to_unlisted();
    let failure = Box::new(Failure::new(FailureKind::AccessDenied));
    stage.wire.tell(Event::BucketRegionUnknown { request, failure });
    assert_eq!(copied_soon(&mut stage), None, "nothing better is known");
    stage.window.run();
    stage.wire.commands();
    stage.wire.tell(crate::shell::finished(vec![unlisted("c.txt")]));
    copied_soon(&mut stage).expect("copied at once");
    stage.window.run();
    let commands = stage.wire.commands();
    assert_eq!(region_asked(&commands), []);
    let request = checks_of(&commands).remove(0).0;
    let unknown = Verdict::Unknown(UnknownBecause::Timeout);
    answer(&mut stage, request, vec![check(unlisted("c.txt"), unknown)], 1);
    assert!(stage.says("Link not verified: nobody has said in which region the bucket is"));
}

#[test]
fn a_strange_region_marks_the_link_in_its_card() {
    let at = folder("weandb", "photos/2026");
    let mut stage = Stage::showing(Setup::default(), &at, page_of_the_picture());
    let region = Region::new("xx-north-1").unwrap();
    stage.wire.tell(Event::BucketRegionFound { connection: at.connection, bucket: at.bucket, region });
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    assert!(stage.says("Link not verified: the region xx-north-1 is not known"));
    stage.picture("link-strange-region");
}

#[test]
fn an_answer_waits_for_no_later_question() {
    let mut stage = picture();
    stage.wire.commands();
    let both = ["README.md", "keynote.mp4"].map(object);
    let mut asked = Vec::new();
    for object in &both {
        stage.window.get_by_label_contains(&format!("{}, ", object.key.name())).click();
        stage.window.run();
        stage.window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::V);
        stage.window.run();
        asked.extend(stage.wire.commands().into_iter().filter_map(|command| match command {
            Command::ReadClipboardFiles { request, .. } => Some(request),
            _ => None,
        }));
    }
    assert_eq!(asked.len(), 2);
    for request in asked {
        stage.wire.tell(Event::ClipboardFiles { request, result: Ok(vec!["/data/a.txt".into()]) });
    }
    stage.window.run();
    assert_eq!(crate::drops::enqueued(&stage).len(), 2, "neither is dropped in silence");
}
