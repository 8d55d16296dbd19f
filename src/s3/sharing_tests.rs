//! Presigned links under clocks that are wrong, used by a client that knows nothing of S3, on a storage that checks
//! them by the right time.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_async::time::{SharedTimeSource, StaticTimeSource};

use super::canned::{bucket, connection, key};
use super::store::World;
use super::wire::Trust;
use super::{KeySource, RegionCache, S3Store, StoreParams, UploadTerms};
use crate::local_storage::{Durability, LocalStorage, LocalStorageConfig, generate_keys};
use crate::model::{Credentials, Endpoint, Service};

struct Served {
    storage: LocalStorage,
    keys: Credentials,
    _folder: tempfile::TempDir,
}

async fn serve() -> Served {
    let (folder, keys) = (tempfile::tempdir().unwrap(), generate_keys());
    let config = LocalStorageConfig {
        folder: folder.path().to_owned(),
        port: 0,
        access_key_id: keys.access_key_id.clone(),
        secret_access_key: keys.secret_access_key.clone(),
        region: "us-east-1".to_owned(),
        durability: Durability::Fast,
        faults: None,
    };
    let storage = LocalStorage::start(config).await.unwrap();
    storage.ensure_bucket(bucket().as_str()).await.unwrap();
    Served { storage, keys, _folder: folder }
}

/// A store whose computer's clock is off by so many seconds.
async fn store(served: &Served, off_secs: i64) -> S3Store {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let shown = Duration::from_secs(now.as_secs().checked_add_signed(off_secs).unwrap());
    let time = SharedTimeSource::new(StaticTimeSource::new(UNIX_EPOCH + shown));
    let connection = connection(Service::Other, Endpoint::parse(served.storage.endpoint()).unwrap());
    let keys = KeySource::Static(served.keys.clone());
    let params = StoreParams { connection, keys, regions: RegionCache::new() };
    S3Store::connect_in(params, World { time, trust: Some(Trust::Nobody) }).await.unwrap()
}

async fn status(served: &Served, method: &'static str, url: &str, headers: &[(String, String)], body: &str) -> u16 {
    let endpoint = served.storage.endpoint();
    let (host, path) = (endpoint.trim_start_matches("http://").to_owned(), url.strip_prefix(endpoint).unwrap());
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    write!(request, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let answer = tokio::task::spawn_blocking(move || {
        let mut socket = std::net::TcpStream::connect(host).unwrap();
        socket.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer
    });
    answer.await.unwrap().split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn links_work_although_our_clock_is_hours_wrong() {
    let served = serve().await;
    let terms = UploadTerms { expires: Duration::from_mins(5), ..UploadTerms::default() };
    for off_secs in [-3 * 3600, 0, 3 * 3600] {
        // Nothing was asked before: the very first link is right.
        let store = store(&served, off_secs).await;
        let name = key(&format!("k{off_secs}"));
        let put = store.presign_put(&bucket(), &name, &terms).await.unwrap();
        assert_eq!(status(&served, "PUT", &put.url, &put.headers, "bytes").await, 200, "{off_secs}");
        let get = store.presign_get(&bucket(), &name, Duration::from_mins(5)).await.unwrap();
        assert_eq!(status(&served, "GET", &get.url, &[], "").await, 200, "{off_secs}");
    }
    served.storage.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_end_when_they_say() {
    let served = serve().await;
    let (minute, terms) =
        (Duration::from_mins(1), UploadTerms { expires: Duration::from_mins(1), ..UploadTerms::default() });
    // Signed two minutes ago, by a clock that was right then.
    let store = store(&served, -120).await;
    store.learnt().note_clock_offset(0);
    let put = store.presign_put(&bucket(), &key("k"), &terms).await.unwrap();
    assert_eq!(status(&served, "PUT", &put.url, &put.headers, "bytes").await, 403);
    let get = store.presign_get(&bucket(), &key("k"), minute).await.unwrap();
    assert_eq!(status(&served, "GET", &get.url, &[], "").await, 403);
    assert!(get.expires < jiff::Timestamp::now() && put.expires < jiff::Timestamp::now());
    let longer = store.presign_put(&bucket(), &key("k"), &UploadTerms { expires: minute * 5, ..terms }).await.unwrap();
    assert_eq!(status(&served, "PUT", &longer.url, &longer.headers, "bytes").await, 200);
    served.storage.shutdown().await;
}
