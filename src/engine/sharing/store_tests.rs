//! The file of what was opened.

use super::store::{Body, Record, Records};
use super::*;
use crate::model::{BucketName, ConnectionId, ObjectKey, Prefix, SharingId};
use jiff::Timestamp;

fn record(body: Body) -> Record {
    Record {
        connection: ConnectionId::new("c"),
        bucket: BucketName::new("bucket").unwrap(),
        made_at: Timestamp::from_second(1_790_000_000).unwrap(),
        undone_at: None,
        body,
    }
}

#[test]
fn changes_outlive_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sharing.db");
    let records = Records::new(path.clone());
    assert!(records.changes().unwrap().is_empty() && !path.exists(), "asking makes no file");
    let policy = Body::Policy {
        prefix: "사진/".to_owned(),
        statement: "{}".to_owned(),
        before: None,
        after: "{\"Statement\": []}".to_owned(),
    };
    let first = records.add(&record(policy.clone())).unwrap();
    let second = records.add(&record(Body::Acl { keys: vec!["a".to_owned(), "b\"c".to_owned()] })).unwrap();
    let third = records.add(&record(policy.clone())).unwrap();
    records.set_body(second, &Body::Acl { keys: vec!["b\"c".to_owned()] }).unwrap();
    records.forget(third).unwrap();
    let undone = Timestamp::from_second(1_790_000_100).unwrap();
    records.note_undone(first, undone).unwrap();

    let next_run = Records::new(path.clone());
    let changes = next_run.changes().unwrap();
    let told: Vec<_> = changes.iter().map(|change| (change.id, change.what.clone(), change.undone_at)).collect();
    let right = [
        (second, OpenWhat::Objects(vec![ObjectKey::new("b\"c")]), None),
        (first, OpenWhat::Prefix(Prefix::new("사진/")), Some(undone)),
    ];
    assert_eq!(told, right);
    assert_eq!(next_run.find(first).unwrap().unwrap().body, policy);
    assert_eq!(next_run.find(SharingId(99)).unwrap(), None);
    let fourth = next_run.add(&record(policy)).unwrap();
    assert!(fourth > third, "an id is never given twice");
}

#[test]
fn a_file_that_is_none_is_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sharing.db");
    std::fs::write(&path, "x".repeat(5000)).unwrap();
    assert!(matches!(Records::new(path.clone()).changes(), Err(StoreError::Sql { .. })));
    assert!(matches!(Records::new(folder.path().join("no/such.db")).changes(), Ok(none) if none.is_empty()));
}
