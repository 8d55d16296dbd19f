//! What was handed out stays, without its signature, and no more than wanted.

use super::*;
use crate::model::{BucketName, ConnectionId, Event, LinkKind, Notice, ObjectKey, ObjectRef, Severity, Verdict};

fn object(key: &str) -> ObjectRef {
    ObjectRef { connection: ConnectionId::new("c"), bucket: BucketName::new("b").unwrap(), key: ObjectKey::new(key) }
}

/// With what it tells.
fn history_in(path: PathBuf) -> (LinkHistory, crate::engine::sink::EventSource) {
    let (sink, told) = crate::engine::sink::channel(std::task::Waker::noop().clone(), 100);
    (LinkHistory::new(path, sink), told)
}

fn link(key: &str, kind: LinkKind) -> GivenLink {
    GivenLink {
        object: object(key),
        kind,
        address: format!("https://x.example/{key}"),
        given_at: jiff::Timestamp::from_second(1_700_000_000).unwrap(),
        expires: None,
        verdict: None,
    }
}

fn check(key: &str, verdict: Verdict) -> LinkCheck {
    LinkCheck {
        object: object(key),
        kind: LinkKind::Public,
        verdict,
        status: Some(200),
        address: format!("https://x.example/{key}"),
        checked_at: jiff::Timestamp::from_second(1_700_000_100).unwrap(),
    }
}

#[tokio::test]
async fn links_outlive_the_process_without_their_signature() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("links.db");
    let history = history_in(path.clone()).0;
    history.note_checks(vec![check("a", Verdict::Public)]);
    assert!(!path.exists(), "a check alone makes no history");
    let expires = Some(jiff::Timestamp::from_second(1_800_000_000).unwrap());
    let signed = GivenLink {
        address: "https://x.example/s?X-Amz-Signature=c0ffee&X-Amz-Security-Token=secret".into(),
        expires,
        ..link("s", LinkKind::Presigned)
    };
    history.note_given(vec![link("한글 1", LinkKind::Public), signed]);
    history.note_checks(vec![check("한글 1", Verdict::RedirectsTo { host: "h.example".into() })]);
    history.flush().await;
    drop(history);
    let again = history_in(path.clone()).0;
    let all = again.list().await.unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!((all[0].address.as_str(), all[0].expires), ("https://x.example/s", expires));
    assert_eq!(all[1].object.key.as_str(), "한글 1");
    assert!(matches!(&all[1].verdict, Some((Verdict::RedirectsTo { host }, _)) if host == "h.example"));
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let bytes = std::fs::read(entry.path()).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"c0ffee" || window == b"secret"), "{entry:?}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{entry:?}");
        }
    }
    again.clear().await.unwrap();
    assert!(again.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_key_in_the_query_of_a_public_link_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let history = history_in(folder.path().join("links.db")).0;
    let address = "https://x.example/get?key=a%20b&v=1";
    let by_query = |kind, address: &str| GivenLink { address: address.to_owned(), ..link("a b", kind) };
    history.note_given(vec![by_query(LinkKind::Public, address), by_query(LinkKind::Presigned, address)]);
    // Whatever it is called, a signature is not kept.
    history.note_given(vec![by_query(LinkKind::Public, "https://x.example/a?X-Amz-Signature=1")]);
    history.note_checks(vec![LinkCheck { address: address.to_owned(), ..check("a b", Verdict::Public) }]);
    let all = history.list().await.unwrap();
    let kept: Vec<&str> = all.iter().map(|link| link.address.as_str()).collect();
    assert_eq!(kept, ["https://x.example/a", "https://x.example/get", address]);
    assert!(all[2].verdict.is_some() && all[1].verdict.is_none());
}

#[tokio::test]
async fn each_signed_link_has_a_verdict_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let history = history_in(folder.path().join("links.db")).0;
    let end = |second| jiff::Timestamp::from_second(second).unwrap();
    let signed = |second| GivenLink { expires: Some(end(second)), ..link("s", LinkKind::Presigned) };
    history.note_given(vec![signed(1_800_000_000), signed(1_800_000_500)]);
    let found = |verdict| LinkCheck { kind: LinkKind::Presigned, ..check("s", verdict) };
    history.note_signed_checks(vec![(found(Verdict::Public), end(1_800_000_000))]);
    let refused = Verdict::Private(crate::model::PrivateBecause::Expired);
    history.note_signed_checks(vec![(found(refused.clone()), end(1_800_000_500))]);
    // A verdict on no known one is about none of them.
    history.note_checks(vec![found(Verdict::OtherContent)]);
    let all = history.list().await.unwrap();
    let verdicts: Vec<_> = all.iter().map(|link| link.verdict.as_ref().map(|(verdict, _)| verdict.clone())).collect();
    assert_eq!(verdicts, [Some(refused), Some(Verdict::Public)]);
}

#[tokio::test]
async fn the_newest_links_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let history = history_in(folder.path().join("links.db")).0;
    for round in 0..3 {
        let links = (0..4_000).map(|number| link(&format!("{round}-{number}"), LinkKind::Public)).collect();
        history.note_given(links);
    }
    let all = history.list().await.unwrap();
    assert_eq!(all.len(), MOST_LINKS);
    assert_eq!(all[0].object.key.as_str(), "2-3999");
}

#[tokio::test]
async fn a_damaged_file_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("links.db");
    // One was put aside before, and stays.
    std::fs::write(path.with_extension("damaged"), "an older one").unwrap();
    std::fs::write(&path, vec![7; 8192]).unwrap();
    let (history, told) = history_in(path.clone());
    history.note_given(vec![link("a", LinkKind::Public)]);
    assert_eq!(history.list().await.unwrap().len(), 1);
    assert_eq!(std::fs::read(path.with_extension("damaged")).unwrap(), b"an older one");
    let aside = path.with_extension("damaged-2");
    assert_eq!(std::fs::read(&aside).unwrap(), [7; 8192]);
    let told = told.drain();
    let [Event::Notice(notice)] = told.as_slice() else { panic!("{told:?}") };
    let expected = Notice::message(Severity::Warning, "notice-links-damaged").with("path", aside.display());
    assert_eq!(**notice, expected);
}

#[tokio::test]
async fn a_row_that_makes_no_sense_costs_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("links.db");
    let history = history_in(path.clone()).0;
    history.note_given(["a", "b", "c"].map(|key| link(key, LinkKind::Public)).to_vec());
    history.flush().await;
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute("UPDATE links SET address = CAST(x'ff' AS TEXT) WHERE key = 'a'", []).unwrap();
    conn.execute("UPDATE links SET kind = 'of another age' WHERE key = 'c'", []).unwrap();
    let all = history.list().await.unwrap();
    assert_eq!(all.iter().map(|link| link.object.key.as_str()).collect::<Vec<_>>(), ["b"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_may_read_is_taken_from_them() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("links.db");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let history = history_in(path.clone()).0;
    history.note_given(vec![link("a", LinkKind::Public)]);
    assert_eq!(history.list().await.unwrap().len(), 1);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn without_a_disk_nothing_is_kept_and_nothing_breaks() {
    let history = history_in("/nowhere/at/all/links.db".into()).0;
    history.note_given(vec![link("a", LinkKind::Public)]);
    assert!(history.list().await.is_err());
    assert!(history.clear().await.is_err());
    history.flush().await;
}

#[test]
fn verdicts_survive() {
    rows::all_verdicts_survive();
}
