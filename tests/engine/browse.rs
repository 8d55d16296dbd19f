//! Listings, metadata and links.

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    Command, Entry, Event, Failure, FailureKind, Location, ObjectKey, ObjectPage, PageToken, Prefix, RequestId,
    SecretPlace,
};

use crate::support::{BUCKET, Server, Setup, TestEngine, connected};

fn list(engine: &TestEngine, at: &Location, after: Option<PageToken>) -> Result<ObjectPage, Failure> {
    let request = RequestId::next();
    engine.send(Command::ListObjects { request, at: at.clone(), after });
    engine.expect("ObjectsListed", |event| match event {
        Event::ObjectsListed { request: r, result, .. } if *r == request => {
            Some(result.clone().map(|page| *page).map_err(|failure| *failure))
        }
        _ => None,
    })
}

#[test]
fn pages_folders_and_odd_names() {
    let (server, engine, at) = connected();
    let client = server.client();
    server.runtime.block_on(async {
        for number in 0..450 {
            client.put_object().bucket(BUCKET).key(format!("many/{number:03} 한글+&%")).send().await.unwrap();
        }
        client.put_object().bucket(BUCKET).key("many/sub/x").send().await.unwrap();
    });
    let root = list(&engine, &at, None).unwrap();
    assert_eq!(root.entries, [Entry::Prefix(Prefix::new("many"))]);
    let at = at.at(Prefix::new("many"));
    let first = list(&engine, &at, None).unwrap();
    assert_eq!(first.entries.len(), 50, "few rows first");
    let rest = list(&engine, &at, first.next.clone()).unwrap();
    assert_eq!((rest.entries.len(), rest.next), (401, None));
    assert_eq!(first.entries[7].full_key(), "many/007 한글+&%");
    assert!(rest.entries.contains(&Entry::Prefix(Prefix::new("many/sub"))));
}

#[test]
fn the_newest_question_wins() {
    let (server, engine, at) = connected();
    server.put("a/x", b"");
    server.plan.add(Fault::on("ListObjectsV2", Action::StallBefore).times(1));
    let stale = RequestId::next();
    engine.send(Command::ListObjects { request: stale, at: at.clone(), after: None });
    server.wait_for("ListObjectsV2", 1);
    assert_eq!(list(&engine, &at, None).unwrap().entries.len(), 1);
    assert!(!engine.has_heard(|event| matches!(event, Event::ObjectsListed { request, .. } if *request == stale)));
}

#[test]
fn an_error_is_never_an_empty_folder() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("ListObjectsV2", Action::error(403, "AccessDenied")));
    assert_eq!(list(&engine, &at, None).unwrap_err().kind, FailureKind::AccessDenied);
    server.plan.clear();
    server.plan.add(Fault::on("ListObjectsV2", Action::html_page()));
    let kind = list(&engine, &at, None).unwrap_err().kind;
    assert!(matches!(kind, FailureKind::NotS3 | FailureKind::LoginPage), "{kind:?}");
}

#[test]
fn buckets_of_a_key_that_may_not_list_them() {
    let server = Server::start();
    let engine = TestEngine::start(Setup::default());
    server.plan.add(Fault::on("ListBuckets", Action::error(403, "AccessDenied")));
    let mut draft = TestEngine::draft(&server);
    let open = |engine: &TestEngine, id| {
        let request = RequestId::next();
        engine.send(Command::OpenConnection { request, id });
        let opened = engine.expect("ConnectionOpened", |event| match event {
            Event::ConnectionOpened { request: r, result, .. } if *r == request => Some(result.is_ok()),
            _ => None,
        });
        let buckets = engine.expect("BucketsListed", |event| match event {
            Event::BucketsListed { request: r, result, .. } if *r == request => Some(result.clone()),
            _ => None,
        });
        (opened, buckets)
    };
    let bare = engine.save(draft.clone(), SecretPlace::Keychain).unwrap();
    let (opened, buckets) = open(&engine, bare.id);
    assert!(opened, "it can be used with a bucket's name");
    assert_eq!(buckets.unwrap_err().kind, FailureKind::AccessDenied);
    draft.scopes = format!("{BUCKET}/photos\n{BUCKET}");
    let scoped = engine.save(draft, SecretPlace::Keychain).unwrap();
    let (opened, buckets) = open(&engine, scoped.id);
    assert!(opened);
    let names: Vec<String> = buckets.unwrap().iter().map(|bucket| bucket.name.to_string()).collect();
    assert_eq!(names, [BUCKET]);
}

#[test]
fn metadata_and_presigned_links() {
    let (server, engine, at) = connected();
    server.put("a b/한글.txt", b"hello");
    let object = at.object(ObjectKey::new("a b/한글.txt"));
    let request = RequestId::next();
    engine.send(Command::InspectObject { request, object: object.clone() });
    let found = engine.expect("ObjectInspected", |event| match event {
        Event::ObjectInspected { request: r, result, .. } if *r == request => Some(result.clone()),
        _ => None,
    });
    assert_eq!(found.unwrap().size_bytes, Some(5));
    let request = RequestId::next();
    engine.send(Command::SignLinks { request, objects: vec![object.clone()], expires_secs: 600 });
    let links = engine.expect("LinksSigned", |event| match event {
        Event::LinksSigned { request: r, result } if *r == request => Some(result.clone()),
        _ => None,
    });
    let link = links.unwrap().remove(0);
    assert_eq!(link.object, object);
    assert!(!format!("{link:?}").contains("Signature"));
    let fetched = std::process::Command::new("curl").args(["-sS", "--noproxy", "*"]).arg(&link.url).output().unwrap();
    assert_eq!(fetched.stdout, b"hello", "{fetched:?}");
}

#[test]
fn new_objects_are_found_as_rows_without_listing_their_folder() {
    let (server, engine, at) = connected();
    for key in ["f/a 한글+.txt", "f/sub/deep/x", "f/sub/y", "other/z"] {
        server.put(key, b"12345");
    }
    let at = at.at(Prefix::new("f"));
    let find = |keys: &[&str]| {
        let request = RequestId::next();
        let keys = keys.iter().map(|key| ObjectKey::new(*key)).collect();
        engine.send(Command::FindRows { request, at: at.clone(), keys });
        engine.expect("RowsFound", |event| match event {
            Event::RowsFound { request: r, result, .. } if *r == request => Some(result.clone()),
            _ => None,
        })
    };
    server.plan.clear_log();
    let rows = find(&["f/a 한글+.txt", "f/sub/deep/x", "f/sub/y", "other/z", "f/gone"]).unwrap();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_eq!(rows[0], Entry::Prefix(Prefix::new("f/sub")));
    // The row that a listing would show, as exactly as a HEAD tells it.
    let listed = list(&engine, &at, None).unwrap().entries;
    let row = |entry: &Entry| match entry {
        Entry::Object(object) if object.key.as_str() == "f/a 한글+.txt" => {
            Some((object.size_bytes, object.etag.clone(), object.modified.map(jiff::Timestamp::as_second)))
        }
        _ => None,
    };
    assert_eq!(listed.iter().find_map(row), row(&rows[1]));
    assert_eq!((server.plan.count("HeadObject"), server.plan.count("ListObjectsV2")), (2, 1));
    // Many at once come by pages.
    for number in 0..40 {
        server.put(&format!("f/n{number:02}"), b"x");
    }
    server.plan.clear_log();
    let keys: Vec<String> = (0..40).map(|number| format!("f/n{number:02}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    assert_eq!(find(&keys).unwrap().len(), 40);
    assert_eq!((server.plan.count("HeadObject"), server.plan.count("ListObjectsV2")), (0, 1));
    server.plan.add(Fault::on("HeadObject", Action::error(403, "AccessDenied")));
    assert_eq!(find(&["f/n01"]).unwrap_err().kind, FailureKind::AccessDenied);
}
