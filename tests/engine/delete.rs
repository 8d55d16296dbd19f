//! Buckets and folders made and deleted; objects counted and deleted, in part and as a whole.

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    BucketName, Command, Event, Failure, FailureKind, Location, ObjectCount, ObjectKey, Prefix, Region, RequestId,
    Target,
};

use crate::support::{BUCKET, Server, TestEngine, connected};

fn fill(server: &Server, prefix: &str, count: usize) {
    let client = server.client();
    server.runtime.block_on(async {
        for number in 0..count {
            let body = aws_sdk_s3::primitives::ByteStream::from_static(b"12345");
            client.put_object().bucket(BUCKET).key(format!("{prefix}{number}")).body(body).send().await.unwrap();
        }
    });
}

type Deleted = (u64, Vec<(ObjectKey, Failure)>, Result<(), Box<Failure>>);

fn deleted(engine: &TestEngine, request: RequestId) -> Deleted {
    engine.expect("ObjectsDeleted", |event| match event {
        Event::ObjectsDeleted { request: r, deleted, failed, end: Some(end), .. } if *r == request => {
            Some((*deleted, failed.clone(), end.clone()))
        }
        _ => None,
    })
}

/// Counts, and deletes what was counted.
fn delete(engine: &TestEngine, at: &Location, targets: Vec<Target>) -> Deleted {
    let counted = counted(engine, at, targets.clone());
    let request = RequestId::next();
    engine.send(Command::DeleteObjects { request, at: at.clone(), targets, counted });
    deleted(engine, request)
}

/// The question of a count that is through.
fn counted(engine: &TestEngine, at: &Location, targets: Vec<Target>) -> RequestId {
    let request = RequestId::next();
    engine.send(Command::CountObjects { request, at: at.clone(), targets, known_sizes: Vec::new() });
    engine.expect("ObjectsCounted", |event| match event {
        Event::ObjectsCounted { request: r, end: Some(Ok(())), .. } if *r == request => Some(()),
        _ => None,
    });
    request
}

fn count(engine: &TestEngine, at: &Location, targets: Vec<Target>) -> ObjectCount {
    count_knowing(engine, at, targets, Vec::new())
}

fn count_knowing(
    engine: &TestEngine,
    at: &Location,
    targets: Vec<Target>,
    known_sizes: Vec<(ObjectKey, u64)>,
) -> ObjectCount {
    let request = RequestId::next();
    engine.send(Command::CountObjects { request, at: at.clone(), targets, known_sizes });
    engine.expect("ObjectsCounted", |event| match event {
        Event::ObjectsCounted { request: r, count, end: Some(Ok(())) } if *r == request => Some((**count).clone()),
        _ => None,
    })
}

#[test]
fn folders_are_counted_then_deleted_as_a_whole() {
    let (server, engine, at) = connected();
    fill(&server, "d/가 ", 1100);
    fill(&server, "d2/", 2);
    server.put("single+plus", b"x");
    let targets = vec![Target::Folder(Prefix::new("d")), Target::Object(ObjectKey::new("single+plus"))];
    let found = count(&engine, &at, targets.clone());
    assert_eq!((found.objects, found.total_bytes), (1101, 5501));
    assert!(!found.first_keys.is_empty());
    let (deleted, failed, end) = delete(&engine, &at, targets);
    assert_eq!((deleted, failed.len(), end), (1101, 0, Ok(())));
    assert_eq!(server.keys(), ["d2/0", "d2/1"], "a folder is no prefix of names");
}

fn objects(keys: impl Iterator<Item = String>) -> Vec<Target> {
    keys.map(|key| Target::Object(ObjectKey::new(key))).collect()
}

#[test]
fn a_thousand_objects_are_counted_without_asking_for_each() {
    let (server, engine, at) = connected();
    fill(&server, "d/", 1000);
    let targets = objects((0..1000).map(|number| format!("d/{number}")));
    server.plan.clear_log();
    // The window knows the sizes from its rows.
    let known = (0..1000).map(|number| (ObjectKey::new(format!("d/{number}")), 5)).collect();
    let found = count_knowing(&engine, &at, targets.clone(), known);
    assert_eq!((found.objects, found.total_bytes), (1000, 5000));
    assert_eq!(server.plan.log().len(), 0, "nothing had to be asked");
    // The command line has only names.
    let found = count(&engine, &at, targets.clone());
    assert_eq!((found.objects, found.total_bytes, found.missing_keys.len()), (1000, 5000, 0));
    assert_eq!(found.first_keys[1], ObjectKey::new("d/1"), "in the order asked for");
    assert_eq!((server.plan.count("HeadObject"), server.plan.count("ListObjectsV2")), (0, 1));
    // One that is not there is asked for by name before it is called missing.
    server.plan.clear_log();
    let with_one_more = [targets, objects(["d/nothing".to_owned()].into_iter())].concat();
    let found = count(&engine, &at, with_one_more);
    assert_eq!((found.objects, found.missing_keys), (1000, vec![ObjectKey::new("d/nothing")]));
    assert_eq!(server.plan.count("HeadObject"), 1);
}

#[test]
fn few_objects_among_very_many_are_found_all_the_same() {
    let (server, engine, at) = connected();
    fill(&server, "d/", 2500);
    // One in 125: too far apart for pages.
    let targets = objects((0..20).map(|number| format!("d/{}", number * 125)));
    server.plan.clear_log();
    let found = count(&engine, &at, targets.clone());
    assert_eq!((found.objects, found.total_bytes, found.missing_keys.len()), (20, 100, 0));
    let asked = server.plan.count("HeadObject") + server.plan.count("ListObjectsV2");
    assert!(asked <= 21, "{asked} requests");
    // Where listing is not allowed, or the service starts its pages where it likes, each is asked for.
    for action in [
        Action::error(403, "AccessDenied"),
        Action::Answer {
            status: 200,
            headers: vec![("content-type".into(), "application/xml".into())],
            body: "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>\
                   <Contents><Key>a</Key><Size>1</Size></Contents></ListBucketResult>"
                .into(),
        },
    ] {
        server.plan.clear();
        server.plan.clear_log();
        server.plan.add(Fault::on("ListObjectsV2", action));
        let found = count(&engine, &at, targets.clone());
        assert_eq!((found.objects, found.total_bytes, found.missing_keys.len()), (20, 100, 0));
        assert_eq!((server.plan.count("HeadObject"), server.plan.count("ListObjectsV2")), (20, 1));
    }
}

#[test]
fn a_folder_with_nothing_in_it_is_named_whatever_the_others_hold() {
    let (server, engine, at) = connected();
    fill(&server, "d/", 2);
    server.put("marked/", b"");
    let folders = ["typo", "d", "marked", "d/nothing"].map(|folder| Target::Folder(Prefix::new(folder)));
    let found = count(&engine, &at, folders.to_vec());
    assert_eq!((found.objects, found.empty_folders), (3, vec![Prefix::new("typo"), Prefix::new("d/nothing")]));
}

#[test]
fn a_refused_batch_is_deleted_singly() {
    let (server, engine, at) = connected();
    fill(&server, "d/", 5);
    server.plan.add(Fault::on("DeleteObjects", Action::error(501, "NotImplemented")));
    let (deleted, failed, end) = delete(&engine, &at, vec![Target::Folder(Prefix::new("d"))]);
    assert_eq!((deleted, failed.len(), end), (5, 0, Ok(())));
    assert!(server.keys().is_empty());
}

#[test]
fn what_stays_is_named() {
    let (server, engine, at) = connected();
    fill(&server, "d/", 3);
    server.plan.add(Fault::on("DeleteObjects", Action::error(501, "NotImplemented")));
    server.plan.add(Fault::on("DeleteObject", Action::error(403, "AccessDenied")).key("d/1"));
    let (deleted, failed, end) = delete(&engine, &at, vec![Target::Folder(Prefix::new("d"))]);
    assert_eq!((deleted, end), (2, Ok(())));
    assert_eq!(failed[0].0.as_str(), "d/1");
    assert_eq!(failed[0].1.kind, FailureKind::AccessDenied);
    assert_eq!(server.keys(), ["d/1"]);
}

#[test]
fn what_came_after_the_count_stays_and_is_told() {
    let (server, engine, at) = connected();
    fill(&server, "d/", 1005);
    fill(&server, "e/", 2);
    let targets = vec![Target::Folder(Prefix::new("d")), Target::Folder(Prefix::new("e"))];
    let asked = counted(&engine, &at, targets.clone());
    for key in ["d/!new", "d/500 new", "d/한/new"] {
        server.put(key, b"new");
    }
    let request = RequestId::next();
    engine.send(Command::DeleteObjects { request, at: at.clone(), targets: targets.clone(), counted: asked });
    let end = |request| {
        engine.expect("ObjectsDeleted", |event| match event {
            Event::ObjectsDeleted { request: r, deleted, came, end: Some(end), .. } if *r == request => {
                Some((*deleted, *came, end.clone()))
            }
            _ => None,
        })
    };
    assert_eq!(end(request), (1007, 3, Ok(())));
    assert_eq!(server.keys(), ["d/!new", "d/500 new", "d/한/new"]);
    // A count is good for one deletion, and what nobody has counted is not deleted.
    let request = RequestId::next();
    engine.send(Command::DeleteObjects { request, at: at.clone(), targets: targets.clone(), counted: asked });
    let (deleted, _, refused) = end(request);
    assert_eq!((deleted, refused.unwrap_err().kind), (0, FailureKind::Internal));
    let forgotten = counted(&engine, &at, targets.clone());
    engine.send(Command::StopRequest { request: forgotten });
    let request = RequestId::next();
    engine.send(Command::DeleteObjects { request, at, targets, counted: forgotten });
    assert!(end(request).2.is_err());
    assert_eq!(server.keys().len(), 3);
}

#[test]
fn a_deletion_can_be_stopped() {
    let (server, engine, at) = connected();
    fill(&server, "d/", 3);
    server.plan.add(Fault::on("DeleteObjects", Action::StallBefore));
    let (request, targets) = (RequestId::next(), vec![Target::Folder(Prefix::new("d"))]);
    let counted = counted(&engine, &at, targets.clone());
    engine.send(Command::DeleteObjects { request, at: at.clone(), targets, counted });
    server.wait_for("DeleteObjects", 1);
    engine.send(Command::StopRequest { request });
    let (count, _, end) = deleted(&engine, request);
    assert_eq!((count, end.unwrap_err().kind), (0, FailureKind::Cancelled));
    assert_eq!(server.keys().len(), 3);
}

#[test]
fn buckets_and_folders() {
    let (server, engine, at) = connected();
    let connection = at.connection.clone();
    let name = BucketName::new("new-bucket").unwrap();
    let request = RequestId::next();
    let region = Region::us_east_1();
    engine.send(Command::CreateBucket { request, connection: connection.clone(), name: name.clone(), region });
    engine
        .expect("BucketCreated", |event| match event {
            Event::BucketCreated { request: r, result, .. } if *r == request => Some(result.clone()),
            _ => None,
        })
        .unwrap();
    let request = RequestId::next();
    engine.send(Command::CreateFolder { request, at: at.at(Prefix::new("새 폴더")) });
    engine
        .expect("FolderCreated", |event| match event {
            Event::FolderCreated { request: r, result, .. } if *r == request => Some(result.clone()),
            _ => None,
        })
        .unwrap();
    assert_eq!(server.keys(), ["새 폴더/"]);
    let drop_bucket = |name: &str| {
        let request = RequestId::next();
        let name = BucketName::new(name).unwrap();
        engine.send(Command::DeleteBucket { request, connection: connection.clone(), name });
        engine.expect("BucketDeleted", |event| match event {
            Event::BucketDeleted { request: r, result, .. } if *r == request => Some(result.clone()),
            _ => None,
        })
    };
    assert_eq!(drop_bucket(BUCKET).unwrap_err().kind, FailureKind::BucketNotEmpty);
    assert_eq!(drop_bucket("new-bucket"), Ok(()));
}
