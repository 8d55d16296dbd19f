//! The S3 edge against the storage on this computer, with and without faults.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on may panic")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bucketdrop::local_storage::faults::{Action, Fault, FaultPlan};
use bucketdrop::local_storage::{Durability, LocalStorage, LocalStorageConfig};
use bucketdrop::model::{
    BucketName, Connection, ConnectionId, CredentialSource, Credentials, Endpoint, Entry, FailureKind, ObjectKey,
    Prefix, PutOptions, Region, Scope, Secret, Service, TestLine, public_url,
};
use bucketdrop::s3::checksum::{combine, crc64nvme};
use bucketdrop::s3::{
    Destination, Grouping, KeySource, PartBody, PartReader, Reading, RegionCache, S3Error, S3Store, SentBytes,
    StoreParams, Stored, StoredPart, StreamedPart, UploadTerms, WriteCondition,
};
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[path = "s3/hostile_keys.rs"]
mod hostile_keys;

const KEY_ID: &str = "AKIATESTKEY000000001";
const SECRET: &str = "test-secret-of-the-s3-tests-0123456789";
const PART: usize = 5 * 1024 * 1024;

struct Bench {
    storage: LocalStorage,
    faults: Arc<FaultPlan>,
    bucket: BucketName,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let faults = FaultPlan::new();
        let storage = LocalStorage::start(LocalStorageConfig {
            folder: folder.path().to_owned(),
            port: 0,
            access_key_id: KEY_ID.to_owned(),
            secret_access_key: Secret::new(SECRET),
            region: "us-east-1".to_owned(),
            durability: Durability::Fast,
            faults: Some(Arc::clone(&faults)),
        })
        .await
        .unwrap();
        storage.ensure_bucket("bench").await.unwrap();
        Self { storage, faults, bucket: BucketName::new("bench").unwrap(), _folder: folder }
    }

    fn connection(&self) -> Connection {
        Connection {
            name: "Bench".to_owned(),
            endpoint: Endpoint::parse(self.storage.endpoint()).ok(),
            region: Region::us_east_1(),
            credentials: CredentialSource::ThisRunOnly { access_key_id: KEY_ID.to_owned() },
            ..Connection::plain(ConnectionId::new("bench"), Service::ThisComputer)
        }
    }

    async fn store(&self) -> S3Store {
        self.store_with(self.connection(), KEY_ID, SECRET).await
    }

    async fn store_with(&self, connection: Connection, id: &str, secret: &str) -> S3Store {
        let keys = KeySource::Static(Credentials {
            access_key_id: id.to_owned(),
            secret_access_key: Secret::new(secret),
            session_token: None,
        });
        S3Store::connect(StoreParams { connection, keys, regions: RegionCache::new() }).await.unwrap()
    }

    fn to(&self, key: &str, condition: WriteCondition) -> Destination {
        Destination {
            bucket: self.bucket.clone(),
            key: ObjectKey::new(key),
            content_type: "text/plain; charset=utf-8".to_owned(),
            options: Arc::default(),
            condition,
        }
    }

    async fn keys(&self, store: &S3Store) -> Vec<String> {
        let page = store.list_objects(&self.bucket, "", Grouping::Flat, None, 1000).await.unwrap();
        page.entries.iter().map(|entry| entry.full_key().to_owned()).collect()
    }
}

fn body(bytes: impl Into<Bytes>) -> PartBody {
    let bytes = bytes.into();
    PartBody { crc64nvme: crc64nvme(&bytes), bytes, sent: SentBytes::new() }
}

async fn read(store: &S3Store, bucket: &BucketName, key: &str, from_byte: u64) -> Vec<u8> {
    let mut download = store.get_object(bucket, &ObjectKey::new(key), from_byte, None).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = download.chunk().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    bytes
}

/// Asks as a browser would: no keys, the address as it stands.
async fn status_of(url: &str) -> (u16, Vec<u8>) {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut socket = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    let status = String::from_utf8_lossy(&answer[9..12]).parse().unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    (status, answer[end..].to_vec())
}

const AWKWARD: [&str; 16] = [
    "a b",
    "a+b",
    "a%2Bb",
    "100%",
    "a?b#c",
    "한글.png",
    "\u{1112}\u{1161}\u{11ab}.png",
    "e\u{301}",
    "\u{e9}",
    "x/",
    "x/y//z",
    "(1) [2].png",
    "'\"<>&",
    "\u{1f468}\u{200d}\u{1f469}",
    "x.",
    "\u{202f}오후",
];

#[tokio::test]
async fn awkward_keys_arrive_exactly_and_come_back() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    for key in AWKWARD {
        let text = format!("content of {key}");
        let stored = store.put_object(&bench.to(key, WriteCondition::OnlyIfAbsent), body(text.clone())).await.unwrap();
        assert!(stored.checksum_echoed && stored.etag.is_some(), "{key}: {stored:?}");
        assert_eq!(read(&store, &bench.bucket, key, 0).await, text.as_bytes(), "{key}");
        assert_eq!(read(&store, &bench.bucket, key, 8).await, text.as_bytes()[8..], "{key}");
        let head = store.head_object(&bench.bucket, &ObjectKey::new(key)).await.unwrap();
        assert_eq!(head.size_bytes, Some(text.len() as u64));
        assert_eq!(head.content_type.as_deref(), Some("text/plain; charset=utf-8"));
        assert!(head.checksum.is_some_and(|checksum| checksum.starts_with("CRC64NVME:")));
    }
    let expected: BTreeSet<String> = AWKWARD.iter().map(|key| (*key).to_owned()).collect();
    assert_eq!(bench.keys(&store).await.into_iter().collect::<BTreeSet<_>>(), expected);
}

#[tokio::test]
async fn presigned_links_open_without_keys() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    for key in AWKWARD {
        store.put_object(&bench.to(key, WriteCondition::Any), body(key)).await.unwrap();
        let signed = store.presign_get(&bench.bucket, &ObjectKey::new(key), Duration::from_mins(1)).await.unwrap();
        assert_eq!(status_of(&signed.url).await, (200, key.as_bytes().to_vec()), "{key}");
        let address = public_url(store.connection(), &bench.bucket, None, &ObjectKey::new(key)).unwrap();
        assert_eq!(signed.url.split('?').next(), Some(address.as_str()));
        assert_eq!(status_of(&address).await.0, 403, "{key} is private");
    }
}

#[tokio::test]
async fn pages_follow_each_other_and_folders_are_folded() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    for number in 0..23 {
        store.put_object(&bench.to(&format!("f{number:02}/x y"), WriteCondition::Any), body("1")).await.unwrap();
    }
    store.put_object(&bench.to("top", WriteCondition::Any), body("1")).await.unwrap();
    let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = store.list_objects(&bench.bucket, "", Grouping::Folders, after.as_ref(), 10).await.unwrap();
        seen.extend(page.entries);
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((seen.len(), pages), (24, 3));
    assert!(seen[..23].iter().all(|entry| matches!(entry, Entry::Prefix(_))));
    let below = store.list_objects(&bench.bucket, "f0", Grouping::Flat, None, 1000).await.unwrap();
    assert_eq!(below.entries.len(), 10);
    let missing = BucketName::new("no-such-bucket").unwrap();
    let error = store.list_objects(&missing, "", Grouping::Flat, None, 1).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::NoSuchBucket);
}

#[tokio::test]
async fn an_existing_key_is_not_overwritten() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    store.put_object(&bench.to("k", WriteCondition::OnlyIfAbsent), body("first")).await.unwrap();
    let second = body("second");
    let sent = second.sent.clone();
    let error = store.put_object(&bench.to("k", WriteCondition::OnlyIfAbsent), second).await.unwrap_err();
    assert_eq!((error.kind(), sent.get()), (FailureKind::AlreadyExists, 0));
    assert_eq!(read(&store, &bench.bucket, "k", 0).await, b"first");
    store.put_object(&bench.to("k", WriteCondition::Any), body("third")).await.unwrap();
    assert_eq!(read(&store, &bench.bucket, "k", 0).await, b"third");
}

#[tokio::test]
async fn a_put_whose_answer_is_lost_counts_once_and_as_success() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    bench.faults.add(Fault::on("PutObject", Action::CloseAfter).attempt(1));
    let lost = body(vec![9; 200_000]);
    let sent = lost.sent.clone();
    let stored = store.put_object(&bench.to("k", WriteCondition::OnlyIfAbsent), lost).await.unwrap();
    assert!(stored.checksum_echoed);
    assert_eq!((sent.get(), bench.faults.count("PutObject")), (200_000, 2));
}

#[tokio::test]
async fn a_cut_request_is_sent_again_and_counted_once() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    bench.faults.add(Fault::on("PutObject", Action::CloseInRequest { after_bytes: 700_000 }).first_attempts(2));
    let cut = body(vec![5; 3_000_000]);
    let sent = cut.sent.clone();
    store.put_object(&bench.to("k", WriteCondition::Any), cut).await.unwrap();
    assert_eq!(sent.get(), 3_000_000);
    assert_eq!(read(&store, &bench.bucket, "k", 0).await.len(), 3_000_000);

    bench.faults.add(Fault::on("PutObject", Action::CloseInRequest { after_bytes: 700_000 }));
    let lost = body(vec![5; 3_000_000]);
    let sent = lost.sent.clone();
    let error = store.put_object(&bench.to("k2", WriteCondition::Any), lost).await.unwrap_err();
    assert_eq!((error.kind(), error.to_failure().retryable, sent.get()), (FailureKind::Offline, true, 0));
}

#[tokio::test]
async fn progress_moves_while_a_slow_server_reads() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    // Four seconds, however seldom a busy machine lets this look.
    bench.faults.add(Fault::on("PutObject", Action::SlowRequest { bytes_per_sec: 4_000_000 }));
    let slow = body(vec![5; 16_000_000]);
    let sent = slow.sent.clone();
    let to = bench.to("k", WriteCondition::Any);
    let mut call = Box::pin(store.put_object(&to, slow));
    let mut seen = BTreeSet::new();
    while tokio::time::timeout(Duration::from_millis(20), &mut call).await.is_err() {
        seen.insert(sent.get());
    }
    assert!(seen.len() > 5, "{seen:?}");
    assert_eq!(sent.get(), 16_000_000);
}

#[tokio::test]
async fn a_wrong_checksum_is_refused() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    store.put_object(&bench.to("ok", WriteCondition::Any), body("fine")).await.unwrap();
    let mut wrong = body("fine");
    wrong.crc64nvme ^= 1;
    let error = store.put_object(&bench.to("k", WriteCondition::Any), wrong).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::ChecksumMismatch, "{error}");
    assert_eq!(bench.keys(&store).await, ["ok"]);
}

async fn upload_three_parts(
    bench: &Bench,
    store: &S3Store,
    to: &Destination,
) -> (bucketdrop::s3::UploadId, Vec<StoredPart>, u64, u64) {
    let upload = store.create_multipart_upload(to).await.unwrap();
    let sent = SentBytes::new();
    let (mut parts, mut crc, mut length) = (Vec::new(), 0, 0);
    for (number, bytes) in [(1, vec![1; PART]), (2, vec![2; PART]), (3, vec![3; 17])] {
        let part = PartBody { sent: sent.clone(), ..body(bytes) };
        crc = combine(crc, part.crc64nvme, part.bytes.len() as u64);
        length += part.bytes.len() as u64;
        parts.push(store.upload_part(to, &upload, number, part).await.unwrap());
    }
    assert_eq!(sent.get(), length);
    let listed = store.list_parts(&bench.bucket, &to.key, &upload, None).await.unwrap();
    assert_eq!(listed.parts.len(), 3);
    assert_eq!(listed.parts[2].size_bytes, Some(17));
    assert_eq!(listed.parts[0].etag.as_deref(), Some(parts[0].etag.as_str()));
    (upload, parts, crc, length)
}

#[tokio::test]
async fn a_multipart_upload_is_put_together_and_proven() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    let mut to = bench.to("dir/big one.bin", WriteCondition::OnlyIfAbsent);
    to.options = Arc::new(PutOptions {
        cache_control: Some("max-age=60".to_owned()),
        metadata: vec![("origin".to_owned(), "test".to_owned())],
        ..PutOptions::default()
    });
    let (upload, parts, crc, length) = upload_three_parts(&bench, &store, &to).await;
    let refused = store.complete_multipart_upload(&to, &upload, &parts, crc ^ 1, length).await.unwrap_err();
    assert_eq!(refused.kind(), FailureKind::ChecksumMismatch, "{refused}");
    let stored = store.complete_multipart_upload(&to, &upload, &parts, crc, length).await.unwrap();
    assert!(stored.checksum_echoed && stored.etag.is_some_and(|etag| etag.ends_with("-3")));
    let head = store.head_object(&bench.bucket, &to.key).await.unwrap();
    assert_eq!((head.size_bytes, head.cache_control.as_deref()), (Some(length), Some("max-age=60")));
    assert_eq!(head.user_metadata.get("origin").map(String::as_str), Some("test"));
    let found = store.find_stored(&bench.bucket, &to.key, crc, length).await.unwrap();
    assert!(found.is_some_and(|found| found.checksum_echoed));
    assert_eq!(store.find_stored(&bench.bucket, &to.key, crc ^ 1, length).await.unwrap(), None);
    assert_eq!(read(&store, &bench.bucket, "dir/big one.bin", 2 * PART as u64).await, vec![3; 17]);
}

#[tokio::test]
async fn a_complete_whose_answer_is_lost_is_found_done() {
    for condition in [WriteCondition::Any, WriteCondition::OnlyIfAbsent] {
        let bench = Bench::start().await;
        let store = bench.store().await;
        let to = bench.to("k", condition);
        let (upload, parts, crc, length) = upload_three_parts(&bench, &store, &to).await;
        bench.faults.add(Fault::on("CompleteMultipartUpload", Action::CloseAfter).attempt(1));
        let stored: Result<Stored, S3Error> = store.complete_multipart_upload(&to, &upload, &parts, crc, length).await;
        assert!(stored.unwrap().checksum_echoed);
    }
}

#[tokio::test]
async fn a_complete_does_not_overwrite_and_keeps_its_parts() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    let to = bench.to("k", WriteCondition::OnlyIfAbsent);
    let (upload, parts, crc, length) = upload_three_parts(&bench, &store, &to).await;
    store.put_object(&bench.to("k", WriteCondition::Any), body("other")).await.unwrap();
    let error = store.complete_multipart_upload(&to, &upload, &parts, crc, length).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::AlreadyExists);
    assert_eq!(store.list_parts(&bench.bucket, &to.key, &upload, Some(1)).await.unwrap().parts.len(), 2);
    store.abort_multipart_upload(&bench.bucket, &to.key, &upload).await.unwrap();
    store.abort_multipart_upload(&bench.bucket, &to.key, &upload).await.unwrap();
    let gone = store.list_parts(&bench.bucket, &to.key, &upload, None).await.unwrap_err();
    assert_eq!(gone.kind(), FailureKind::NoSuchUpload);
    assert_eq!(read(&store, &bench.bucket, "k", 0).await, b"other");
}

#[tokio::test]
async fn passing_faults_pass_and_lasting_ones_are_named() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    bench.faults.add(Fault::on("PutObject", Action::error(503, "SlowDown")).key("passes").first_attempts(2));
    store.put_object(&bench.to("passes", WriteCondition::Any), body("1")).await.unwrap();
    for (action, kind) in [
        (Action::error(503, "SlowDown"), FailureKind::Throttled),
        (Action::error(500, "InternalError"), FailureKind::ServerError),
        (Action::error(403, "AccessDenied"), FailureKind::AccessDenied),
        (Action::html_page(), FailureKind::LoginPage),
    ] {
        bench.faults.clear();
        bench.faults.add(Fault::on("PutObject", action.clone()));
        let error = store.put_object(&bench.to("lasts", WriteCondition::Any), body("1")).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{action:?}: {error}");
    }
    bench.faults.clear();
    bench.faults.add(Fault::on("PutObject", Action::WithoutHeader("etag".to_owned())));
    let stored = store.put_object(&bench.to("no-etag", WriteCondition::Any), body("1")).await.unwrap();
    assert!(stored.checksum_echoed);
    bench.faults.add(Fault::on("ListObjectsV2", Action::TruncateAnswer { after_bytes: 60 }).first_attempts(2));
    assert_eq!(bench.keys(&store).await, ["no-etag", "passes"]);
}

#[tokio::test]
async fn a_cut_download_is_an_error_and_not_an_end() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    store.put_object(&bench.to("k", WriteCondition::Any), body(vec![7; 500_000])).await.unwrap();
    bench.faults.add(Fault::on("GetObject", Action::TruncateAnswer { after_bytes: 100_000 }));
    let mut download = store.get_object(&bench.bucket, &ObjectKey::new("k"), 0, None).await.unwrap();
    assert_eq!(download.metadata.size_bytes, Some(500_000));
    let mut bytes = 0;
    let error = loop {
        match download.chunk().await {
            Ok(chunk) => bytes += chunk.expect("the end must not be reported").len(),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), FailureKind::Offline);
    assert!(bytes <= 100_000);
    let other = store.get_object(&bench.bucket, &ObjectKey::new("k"), 0, Some("not-its-etag")).await;
    assert_eq!(other.unwrap_err().kind(), FailureKind::SourceChanged);
}

#[tokio::test]
async fn wrong_keys_are_told_apart() {
    let bench = Bench::start().await;
    let store = bench.store_with(bench.connection(), KEY_ID, "wrong").await;
    let kind = |error: S3Error| error.kind();
    assert_eq!(store.list_buckets().await.map_err(kind), Err(FailureKind::WrongSecret));
    let put = store.put_object(&bench.to("k", WriteCondition::Any), body("1")).await;
    assert_eq!(put.map_err(kind), Err(FailureKind::WrongSecret));
    let head = store.head_object(&bench.bucket, &ObjectKey::new("k")).await;
    assert_eq!(head.map_err(kind), Err(FailureKind::WrongSecret));
    let store = bench.store_with(bench.connection(), "AKIAUNKNOWN000000001", SECRET).await;
    assert_eq!(store.list_buckets().await.map_err(kind), Err(FailureKind::UnknownAccessKey));
    assert!(!store.probe(&[]).await.is_usable());
}

#[tokio::test]
async fn a_wrong_region_is_repaired_by_itself() {
    let bench = Bench::start().await;
    let connection = Connection { region: Region::new("eu-west-3").unwrap(), ..bench.connection() };
    let store = bench.store_with(connection, KEY_ID, SECRET).await;
    store.put_object(&bench.to("k", WriteCondition::OnlyIfAbsent), body("1")).await.unwrap();
    assert_eq!(store.regions().get(&bench.bucket), Some(Region::us_east_1()));
    let signed = store.presign_get(&bench.bucket, &ObjectKey::new("k"), Duration::from_mins(1)).await.unwrap();
    assert_eq!(status_of(&signed.url).await.0, 200);
}

#[tokio::test]
async fn buckets_are_made_listed_and_deleted_when_empty() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    let second = BucketName::new("second-one").unwrap();
    store.create_bucket(&second, &Region::us_east_1()).await.unwrap();
    let again = store.create_bucket(&second, &Region::us_east_1()).await;
    assert_eq!(again.map_err(|error| error.kind()), Err(FailureKind::BucketExists));
    let names: Vec<String> = store.list_buckets().await.unwrap().iter().map(|bucket| bucket.name.to_string()).collect();
    assert_eq!(names, ["bench", "second-one"]);
    store.create_folder_marker(&second, &Prefix::new("새 폴더")).await.unwrap();
    let page = store.list_objects(&second, "", Grouping::Folders, None, 10).await.unwrap();
    assert_eq!(page.entries, [Entry::Prefix(Prefix::new("새 폴더"))]);
    let full = store.delete_bucket(&second).await;
    assert_eq!(full.map_err(|error| error.kind()), Err(FailureKind::BucketNotEmpty));
    let stayed = store.delete_objects(&second, &[ObjectKey::new("새 폴더/"), ObjectKey::new("never there")]).await;
    assert_eq!(stayed, Ok(Vec::new()));
    store.delete_bucket(&second).await.unwrap();
    assert_eq!(store.list_buckets().await.unwrap().len(), 1);
    assert_eq!(store.find_bucket_region(&bench.bucket).await, Ok(Region::us_east_1()));
}

#[tokio::test]
async fn the_connection_test_tells_what_it_found() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    let scopes = [Scope::parse("bench/dir").unwrap(), Scope::parse("not-there").unwrap()];
    let report = store.probe(&scopes).await;
    let [
        TestLine::Reached { host, .. },
        TestLine::Clock { offset_secs },
        TestLine::SignedIn { key },
        TestLine::BucketsListed { count: 1 },
        TestLine::BucketReached { scope },
        TestLine::Problem(failure),
    ] = report.lines.as_slice()
    else {
        panic!("{report:?}")
    };
    assert!(host.starts_with("127.0.0.1:") && offset_secs.abs() < 60);
    assert_eq!((key.as_str(), scope.as_str()), ("AKIA…0001", "bench/dir/"));
    assert_eq!(failure.kind, FailureKind::NoSuchBucket);
    assert!(failure.args.contains(&("bucket", "not-there".to_owned())));
}

#[tokio::test]
async fn deleting_many_leaves_the_rest() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    for key in ["a", "b c", "d&<e>", "한", "keep"] {
        store.put_object(&bench.to(key, WriteCondition::Any), body("1")).await.unwrap();
    }
    let keys: Vec<ObjectKey> = ["a", "b c", "d&<e>", "한"].into_iter().map(ObjectKey::new).collect();
    assert_eq!(store.delete_objects(&bench.bucket, &keys).await, Ok(Vec::new()));
    assert_eq!(bench.keys(&store).await, ["keep"]);
    assert_eq!(bench.faults.count("DeleteObjects"), 1);
}

/// A file that exists as a rule only: what stands at a position follows from it.
#[derive(Debug)]
struct Endless;

impl Endless {
    fn fill(buffer: &mut [u8], offset: u64) {
        let start = usize::try_from(offset).unwrap();
        for (at, byte) in buffer.iter_mut().enumerate() {
            *byte = u8::try_from((start + at) % 241).unwrap();
        }
    }
}

impl PartReader for Endless {
    fn read(&self, mut buffer: BytesMut, offset: u64, len: usize) -> Reading {
        Box::pin(async move {
            buffer.resize(len, 0);
            Self::fill(&mut buffer, offset);
            Ok(buffer)
        })
    }
}

#[tokio::test]
async fn l13_parts_too_large_for_memory_arrive_whole_also_after_a_cut() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    let to = bench.to("huge", WriteCondition::Any);
    let upload = store.create_multipart_upload(&to).await.unwrap();
    bench.faults.add(Fault::on("UploadPart", Action::CloseInRequest { after_bytes: 9_000_000 }).part(2).times(1));
    let (mut parts, mut whole, mut bytes) = (Vec::new(), 0, Vec::new());
    for (number, len) in [(1, 17 * 1024 * 1024), (2, 17 * 1024 * 1024), (3, 1_234_567)] {
        let offset = bytes.len();
        let mut part = vec![0; len];
        Endless::fill(&mut part, offset as u64);
        let streamed = StreamedPart {
            reader: Arc::new(Endless),
            offset: offset as u64,
            len: len as u64,
            crc64nvme: crc64nvme(&part),
            sent: SentBytes::new(),
        };
        let stored = store.upload_part_streamed(&to, &upload, number, &streamed).await.unwrap();
        assert_eq!(streamed.sent.get(), len as u64);
        whole = combine(whole, stored.crc64nvme, len as u64);
        parts.push(stored);
        bytes.extend(part);
    }
    let stored = store.complete_multipart_upload(&to, &upload, &parts, whole, bytes.len() as u64).await.unwrap();
    assert!(stored.checksum_echoed);
    assert!(read(&store, &bench.bucket, "huge", 0).await == bytes);
}

#[tokio::test]
async fn a_diagnosis_leaves_nothing_and_is_remembered() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    let found = store.diagnose_writes(&bench.bucket, &Prefix::new("p/")).await.unwrap();
    assert_eq!((found.verifies_checksums, found.honours_conditions, found.left), (Some(true), true, None));
    assert!(bench.keys(&store).await.is_empty());
    let facts = store.regions().learnt_facts();
    assert_eq!(facts.verifies_checksums.map(|known| known.value), Some(true));
    assert!(!facts.to_json().contains(SECRET) && !facts.to_json().contains(KEY_ID));
}
