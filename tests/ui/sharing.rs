//! Opening things for anyone: what is shown before, what is told after, and the way back.

use crate::fake::{Setup, Stage, connection, folder};
use crate::link_tools::{PRIVATE, answer, at, check, checks_of, explain, object, picture, select};
use bucketdrop::model::{
    CheckExtent, CheckProgress, Command, Connection, CredentialSource, Endpoint, Event, Layer, ObjectKey, ObjectPage,
    OpenWhat, Prefix, Region, RequestId, Service, SharingChange, SharingId, SharingPlan, Verdict,
};
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

fn plan() -> SharingPlan {
    let statement = "{\n  \"Sid\": \"BucketdropPublicRead1\",\n  \"Action\": \"s3:GetObject\"\n}";
    SharingPlan {
        connection: at().connection,
        bucket: at().bucket,
        what: OpenWhat::Prefix(Prefix::new("photos/2026")),
        policy_before: Some("{}".to_owned()),
        statement: Some(statement.to_owned()),
        policy_after: Some(format!("{{ \"Statement\": [{statement}] }}")),
        objects: 1_204,
        is_more: false,
        blocked_by: vec![Layer::PublicAccessBlock],
    }
}

#[test]
fn making_a_prefix_public_shows_what_changes_before_it_is_done_and_offers_the_way_back() {
    let mut stage = picture();
    let request = select(&mut stage, "README.md");
    let wanted = object("README.md");
    answer(&mut stage, request, vec![check(wanted.clone(), PRIVATE)], 1);
    explain(&mut stage, &wanted);
    stage.wire.commands();
    stage.window.get_by_role_and_label(Role::Button, "Make photos/2026/ public…").click();
    stage.window.run();
    let request = stage.wire.last_request(|command| match command {
        Command::PlanSharing { request, .. } => Some(*request),
        _ => None,
    });
    let commands = stage.wire.commands();
    assert!(!commands.iter().any(|command| matches!(command, Command::ApplySharing { .. })), "nothing is done yet");
    stage.wire.tell(Event::SharingPlanned { request, result: Ok(Box::new(plan())) });
    stage.window.run();
    for words in [
        "Anyone on the internet will be able to read weandb/photos/2026/, 1,204 objects now",
        "Nobody gets to list, change or delete anything",
        "BucketdropPublicRead1",
        "Block Public Access of the bucket is on",
    ] {
        assert!(stage.says(words), "{words}");
    }
    stage.picture("make-public");
    // Only after it was agreed to in so many words.
    stage.window.get_by_role_and_label(Role::Button, "Make public").click();
    stage.window.run();
    assert!(!stage.wire.commands().iter().any(|command| matches!(command, Command::ApplySharing { .. })));
    stage.window.get_by_role_and_label(Role::CheckBox, "I want anyone to be able to read this").click();
    stage.window.run();
    stage.window.get_by_role_and_label(Role::Button, "Make public").click();
    stage.window.run();
    let commands = stage.wire.commands();
    let (request, agreed) = commands
        .iter()
        .find_map(|command| match command {
            Command::ApplySharing { request, plan } => Some((*request, (**plan).clone())),
            _ => None,
        })
        .expect("applied");
    assert_eq!(agreed, plan(), "what was shown is what is done");
    let change = SharingChange {
        id: SharingId(7),
        connection: at().connection,
        bucket: at().bucket,
        what: OpenWhat::Prefix(Prefix::new("photos/2026")),
        made_at: "2026-11-21T05:02:00Z".parse().unwrap(),
        undone_at: None,
    };
    stage.wire.tell(Event::SharingApplied { request, result: Ok(Box::new(change)) });
    stage.window.run();
    assert!(!stage.says("for anyone"), "nobody has tried it yet");
    let asked = checks_of(&stage.wire.commands());
    assert_eq!((asked[0].1.clone(), asked[0].2), (vec![wanted.clone()], CheckExtent::All), "it is checked again");
    answer(&mut stage, asked[0].0, vec![check(wanted.clone(), Verdict::Public)], 1);
    stage.window.get_by_label("Public");
    assert!(!stage.says("for anyone"), "others are being tried");
    let tried = asked[1].1.clone();
    assert!(tried.len() > 1 && tried.contains(&wanted), "{tried:?}");
    let count = tried.len();
    answer(&mut stage, asked[1].0, tried.into_iter().map(|object| check(object, Verdict::Public)).collect(), count);
    assert!(stage.says(&format!("Opened: all {count} that were tried open for anyone")));
    stage.window.get_by_role_and_label(Role::Button, "Undo").click();
    stage.window.run();
    let request = stage.wire.last_request(|command| match command {
        Command::UndoSharing { request, change: SharingId(7) } => Some(*request),
        _ => None,
    });
    stage.wire.commands();
    stage.wire.tell(Event::SharingUndone { request, change: SharingId(7), result: Ok(()) });
    stage.window.run();
    assert!(stage.says("Taken back"));
    assert_eq!(checks_of(&stage.wire.commands()).len(), 1, "and checked again");
}

/// A change that opens this prefix was made.
fn shared(stage: &mut Stage, prefix: &str) {
    let change = SharingChange {
        id: SharingId(7),
        connection: at().connection,
        bucket: at().bucket,
        what: OpenWhat::Prefix(Prefix::new(prefix)),
        made_at: "2026-11-21T05:02:00Z".parse().unwrap(),
        undone_at: None,
    };
    stage.wire.commands();
    stage.wire.tell(Event::SharingApplied { request: RequestId::next(), result: Ok(Box::new(change)) });
    stage.window.run();
}

#[test]
fn a_policy_that_was_written_is_not_called_public_before_a_stranger_got_in() {
    let mut stage = picture();
    shared(&mut stage, "photos/2026");
    assert!(stage.says("The bucket took the change: weandb/photos/2026/. Trying it as a stranger…"));
    let asked = checks_of(&stage.wire.commands());
    assert_eq!(asked.len(), 1, "objects below it are tried");
    assert!(asked[0].1[0].key.as_str().starts_with("photos/2026/"));
    answer(&mut stage, asked[0].0, vec![check(asked[0].1[0].clone(), PRIVATE)], 1);
    assert!(!stage.says("for anyone"));
    stage.window.get_by_role_and_label(
        Role::Alert,
        "The bucket took the change: weandb/photos/2026/\nStrangers are refused: neither a policy nor an access control list opens it",
    );
    stage.picture("shared-but-private");
    stage.window.get_by_role_and_label(Role::Button, "Undo").click();
    stage.window.run();
    assert!(stage.wire.commands().iter().any(|command| matches!(command, Command::UndoSharing { .. })));
}

#[test]
fn an_object_that_opens_says_nothing_of_the_others() {
    let mut stage = picture();
    let change = SharingChange {
        id: SharingId(7),
        connection: at().connection,
        bucket: at().bucket,
        what: OpenWhat::Objects(["a", "b", "c"].map(|name| object(name).key).to_vec()),
        made_at: "2026-11-21T05:02:00Z".parse().unwrap(),
        undone_at: None,
    };
    stage.wire.commands();
    stage.wire.tell(Event::SharingApplied { request: RequestId::next(), result: Ok(Box::new(change)) });
    stage.window.run();
    let asked = checks_of(&stage.wire.commands());
    assert_eq!(asked[0].1, ["a", "b", "c"].map(object), "all of a few are tried");
    // Answers come in several events.
    let progress = CheckProgress { checked: 1, asked: 3, total: 3 };
    let checks = vec![check(object("a"), Verdict::Public)];
    stage.wire.tell(Event::LinksChecked { request: asked[0].0, checks, progress, end: None });
    stage.window.run();
    assert!(!stage.says("for anyone"), "the others are still being tried");
    answer(&mut stage, asked[0].0, ["b", "c"].map(|name| check(object(name), PRIVATE)).to_vec(), 3);
    assert!(stage.says("1 of 3 tried opens for anyone"));
    assert!(stage.says("Strangers are refused"), "it is said why");
}

#[test]
fn a_folder_that_is_not_shown_is_listed_for_an_object_to_try() {
    let mut stage = picture();
    shared(&mut stage, "other");
    let commands = stage.wire.commands();
    let listing = commands.iter().find_map(|command| match command {
        Command::ListObjects { request, at, .. } => Some((*request, at.clone())),
        _ => None,
    });
    let (request, of) = listing.expect("listed");
    assert_eq!(of, folder("weandb", "other"));
    let entries = vec![crate::fake::object("other/x.txt", 1, "2026-11-18T05:02:00Z", "STANDARD")];
    let page = ObjectPage { entries, next: None };
    stage.wire.tell(Event::ObjectsListed { request, at: Box::new(of.clone()), result: Ok(Box::new(page)) });
    stage.window.run();
    stage.window.get_by_label_contains("README.md, ");
    let asked = checks_of(&stage.wire.commands());
    assert_eq!(asked[0].1, [of.object(ObjectKey::new("other/x.txt"))]);
    answer(&mut stage, asked[0].0, vec![check(asked[0].1[0].clone(), Verdict::Public)], 1);
    assert!(stage.says("weandb/other/. Opened: the one that was tried opens for anyone"));

    shared(&mut stage, "empty");
    let request = stage.wire.last_request(|command| match command {
        Command::ListObjects { request, .. } => Some(*request),
        _ => None,
    });
    let page = ObjectPage { entries: Vec::new(), next: None };
    let at = Box::new(folder("weandb", "empty"));
    stage.wire.tell(Event::ObjectsListed { request, at, result: Ok(Box::new(page)) });
    stage.window.run();
    assert!(stage.says("Nothing is there yet that a stranger could try"));
}

#[test]
fn where_nothing_was_opened_no_answer_is_awaited() {
    let mut stage = picture();
    let change = SharingChange {
        id: SharingId(7),
        connection: at().connection,
        bucket: at().bucket,
        what: OpenWhat::Objects(Vec::new()),
        made_at: "2026-11-21T05:02:00Z".parse().unwrap(),
        undone_at: None,
    };
    stage.wire.commands();
    stage.wire.tell(Event::SharingApplied { request: RequestId::next(), result: Ok(Box::new(change)) });
    stage.window.run();
    assert!(stage.says("Nothing is there yet that a stranger could try"));
    assert_eq!(checks_of(&stage.wire.commands()), []);
}

#[test]
fn a_prefix_that_the_policy_opens_already_is_said_to_be_so() {
    let mut stage = picture();
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    stage.by_palette("Make public");
    let request = stage.wire.last_request(|command| match command {
        Command::PlanSharing { request, .. } => Some(*request),
        _ => None,
    });
    let already = SharingPlan { statement: None, policy_after: None, ..plan() };
    stage.wire.tell(Event::SharingPlanned { request, result: Ok(Box::new(already)) });
    stage.window.run();
    assert!(stage.says("The policy of the bucket already lets anyone read weandb/photos/2026/"));
    assert!(stage.says("Strangers are kept out all the same"));
    assert!(stage.says("Block Public Access of the bucket is on"), "it is said what keeps them out");
    assert!(!stage.says("access control list"), "no list is touched");
    assert!(
        stage.window.query_by_role_and_label(Role::Button, "Make public").is_none(),
        "there is nothing to agree to"
    );
    stage.picture("make-public-already");
}

#[test]
fn on_this_computer_anyone_is_whoever_reaches_its_storage() {
    let mut stage = picture();
    stage.window.get_by_label_contains("README.md, ").click();
    stage.window.run();
    stage.by_palette("Make public");
    let request = stage.wire.last_request(|command| match command {
        Command::PlanSharing { request, .. } => Some(*request),
        _ => None,
    });
    let local = SharingPlan { connection: bucketdrop::model::ConnectionId::local(), ..plan() };
    stage.wire.tell(Event::SharingPlanned { request, result: Ok(Box::new(local)) });
    stage.window.run();
    assert!(stage.says("programs on this computer, will be able to read weandb/photos/2026/, 1,204 objects now"));
    assert!(!stage.says("on the internet"));
}

/// The window with one object in a folder, through another connection.
fn showing(connection: Connection, key: &str) -> Stage {
    let page =
        ObjectPage { entries: vec![crate::fake::object(key, 5, "2026-11-18T05:02:00Z", "STANDARD")], next: None };
    let setup = Setup { connections: vec![connection], ..Setup::default() };
    let prefix = ObjectKey::new(key).parent();
    let mut stage = Stage::showing(setup, &folder("weandb", prefix.as_str()), page);
    stage.window.get_by_label_contains(", 5 B, ").click();
    stage.window.run_steps(40);
    stage
}

#[test]
fn what_a_service_does_not_have_is_not_offered() {
    let offers = |service| {
        let endpoint = Endpoint::parse("https://s3.example.com").ok();
        let mut stage = showing(Connection { service, endpoint, ..connection() }, "in/a.txt");
        stage.wire.commands();
        stage.by_palette("Make public");
        stage.wire.commands().iter().any(|command| matches!(command, Command::PlanSharing { .. }))
    };
    assert!(offers(Service::AmazonS3) && offers(Service::Other));
    for without_policies in [Service::BackblazeB2, Service::CloudflareR2, Service::GoogleCloud] {
        assert!(!offers(without_policies), "{without_policies:?}");
    }
}

#[test]
fn where_no_address_leads_only_ways_that_work_are_offered() {
    const SIGNED: &str = "Link that expires…";
    const DOMAIN: &str = "Set a domain…";
    let r2 = || Connection {
        service: Service::CloudflareR2,
        endpoint: Endpoint::parse("https://acc.r2.cloudflarestorage.com").ok(),
        ..connection()
    };
    let anonymous = Connection { credentials: CredentialSource::Anonymous, ..r2() };
    for (connection, key, says, offered) in [
        (r2(), "in/a.txt", "does not serve files from its S3 endpoint", vec![SIGNED, DOMAIN]),
        (anonymous, "in/a.txt", "needs your own domain", vec![DOMAIN]),
        // A signed link could not be opened either, and a domain changes nothing.
        (r2(), "in/../a.txt", "No browser can open this key", vec![]),
        (connection(), "in/../a.txt", "No browser can open this key", vec![]),
    ] {
        let stage = showing(connection, key);
        stage.window.get_by_label("No public address");
        assert!(stage.says(says), "{key}: {says}");
        let found: Vec<&str> = [SIGNED, DOMAIN]
            .into_iter()
            .filter(|label| stage.window.query_by_role_and_label(Role::Button, label).is_some())
            .collect();
        assert_eq!(found, offered, "{key}");
    }
}

#[test]
fn what_no_check_from_here_finds_out_stands_beside_the_address() {
    const CHINA: &str = "may not open without an ICP registration";
    const SLASHES: &str = "Some proxies and CDNs fold";
    const CONTROL: &str = "The key holds control characters";
    let in_china = Connection { region: Region::new("cn-north-1").unwrap(), ..connection() };
    for (connection, key, says) in [
        (connection(), "in/a.txt", vec![]),
        (connection(), "in//a.txt", vec![SLASHES]),
        (connection(), "in/a\u{1}.txt", vec![CONTROL]),
        (in_china, "in/a.txt", vec![CHINA]),
    ] {
        let mut stage = showing(connection.clone(), key);
        let of_bucket = folder("weandb", "");
        let found = Event::BucketRegionFound {
            connection: of_bucket.connection,
            bucket: of_bucket.bucket,
            region: connection.region.clone(),
        };
        stage.wire.tell(found);
        stage.window.run();
        let said: Vec<&str> = [SLASHES, CONTROL, CHINA].into_iter().filter(|words| stage.says(words)).collect();
        assert_eq!(said, says, "{key:?} {}", connection.region);
    }
}
