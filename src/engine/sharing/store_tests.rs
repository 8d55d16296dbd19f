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

fn lists(keys: &[&str]) -> Body {
    Body::Acl { keys: keys.iter().map(|key| (*key).to_owned()).collect(), versions: Vec::new() }
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
    let second = records.add(&record(lists(&["a", "b\"c"]))).unwrap();
    let third = records.add(&record(policy.clone())).unwrap();
    records.set_body(second, &lists(&["b\"c"])).unwrap();
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
fn a_damaged_file_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sharing.db");
    let body = || lists(&["k".repeat(2000).as_str()]);
    std::fs::write(&path, "x".repeat(5000)).unwrap();
    let records = Records::new(path.clone());
    assert!(records.changes().unwrap().is_empty());
    let aside = path.with_extension("damaged");
    assert_eq!(std::fs::read(&aside).unwrap(), "x".repeat(5000).into_bytes());
    assert_eq!(records.take_aside(), Some(aside.clone()));
    for _ in 0..20 {
        records.add(&record(body())).unwrap();
    }
    assert_eq!(records.changes().unwrap().len(), 20);
    // The first page is whole, and another one is not.
    let mut bytes = std::fs::read(&path).unwrap();
    let page = bytes.len() - 4096;
    bytes[page..].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    assert!(records.changes().unwrap().is_empty());
    // What was put aside before is still there, too.
    assert_eq!(records.take_aside(), Some(path.with_extension("damaged-2")));
    assert_eq!((records.take_aside(), aside.exists()), (None, true));
    records.add(&record(body())).unwrap();
    assert_eq!(records.changes().unwrap().len(), 1);
    assert!(matches!(Records::new(folder.path().join("no/such.db")).changes(), Ok(none) if none.is_empty()));
}

#[test]
fn rows_that_make_no_sense_are_kept_and_told_of_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sharing.db");
    let records = Records::new(path.clone());
    let ids: Vec<SharingId> = ["a", "b", "c", "d"].map(|key| records.add(&record(lists(&[key]))).unwrap()).to_vec();
    let conn = rusqlite::Connection::open(&path).unwrap();
    let spoil = |id: SharingId, set: &str| {
        assert_eq!(conn.execute(&format!("UPDATE change SET {set} WHERE id = {}", id.0), []), Ok(1));
    };
    spoil(ids[1], r#"body = '{"opened": 1}'"#);
    // A bit that has turned over where no page has a sum: no text any more.
    spoil(ids[2], "body = CAST(x'7bff7d' AS TEXT)");
    let listed = |records: &Records| -> Vec<SharingId> {
        records.changes().unwrap().into_iter().map(|change| change.id).collect()
    };
    assert_eq!(listed(&records), [ids[3], ids[0]]);
    assert_eq!((records.take_unreadable(), records.take_unreadable()), (2, 0));
    assert_eq!((listed(&records), records.take_unreadable()), (vec![ids[3], ids[0]], 0), "once in a run");
    assert_eq!(records.find(ids[2]).unwrap(), None);
    // Another one is told of as well.
    spoil(ids[0], "bucket = 'No Bucket!'");
    assert_eq!((listed(&records), records.take_unreadable()), (vec![ids[3]], 1));
    let rows: i64 = conn.query_row("SELECT count(*) FROM change", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 4, "a later version may understand them");
}

#[cfg(unix)]
#[test]
fn the_file_is_for_the_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sharing.db");
    let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    let records = Records::new(path.clone());
    records.add(&record(lists(&[]))).unwrap();
    assert_eq!(mode(), 0o600);
    // One of an earlier version.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(records.changes().unwrap().len(), 1);
    assert_eq!(mode(), 0o600);
}
