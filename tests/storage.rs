//! The storage on this computer against clients that Bucketdrop had no hand in: boto3, the AWS command line, the
//! end-to-end suite of `s3s`, and Amazon's own SDK; and against crashes, faults and second starts.
//!
//! They need `python3` with `boto3`, and `aws`; a missing one is a failure with its name, not a skipped test.

#![expect(clippy::unwrap_used, reason = "a test program")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::primitives::ByteStream;
use bucketdrop::local_storage::faults::{Action, Fault, FaultPlan, RequestEnd};
use bucketdrop::local_storage::{Durability, LocalStorage, LocalStorageConfig, LocalStorageError, generate_keys};
use bucketdrop::model::Credentials;

#[path = "storage/access.rs"]
mod access;
#[path = "storage/lost_index.rs"]
mod lost_index;
#[path = "storage/names.rs"]
mod names;

const REGION: &str = "ap-northeast-2";

struct Served {
    storage: LocalStorage,
    keys: Credentials,
    folder: tempfile::TempDir,
    faults: Arc<FaultPlan>,
    region: &'static str,
}

fn config(folder: &Path, keys: &Credentials) -> LocalStorageConfig {
    LocalStorageConfig {
        folder: folder.to_owned(),
        port: 0,
        access_key_id: keys.access_key_id.clone(),
        secret_access_key: keys.secret_access_key.clone(),
        region: REGION.into(),
        durability: Durability::Fast,
        faults: None,
    }
}

async fn serve() -> Served {
    serve_in(REGION).await
}

async fn serve_in(region: &'static str) -> Served {
    let (folder, keys, faults) = (tempfile::tempdir().unwrap(), generate_keys(), FaultPlan::new());
    let config =
        LocalStorageConfig { faults: Some(Arc::clone(&faults)), region: region.into(), ..config(folder.path(), &keys) };
    let storage = LocalStorage::start(config).await.unwrap();
    Served { storage, keys, folder, faults, region }
}

/// A client program that knows endpoint and keys, and nothing of whoever runs the tests.
fn client(program: impl AsRef<std::ffi::OsStr>, endpoint: &str, keys: &Credentials, region: &str) -> Command {
    let mut command = Command::new(program);
    command
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ENDPOINT_URL_S3", endpoint)
        .env("AWS_ACCESS_KEY_ID", &keys.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", keys.secret_access_key.expose())
        .env("AWS_REGION", region)
        .env("AWS_DEFAULT_REGION", region)
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env_remove("AWS_SESSION_TOKEN")
        .env_remove("AWS_PROFILE")
        .env("NO_PROXY", "127.0.0.1,localhost");
    command
}

fn python(script: &str, endpoint: &str, keys: &Credentials) -> Command {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance").join(script);
    let program = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let mut command = client(program, endpoint, keys, REGION);
    command.arg("-B").arg(&script);
    command
}

async fn succeeds(mut command: Command) -> Output {
    let shown = format!("{} {:?}", command.get_program().display(), command.get_args().collect::<Vec<_>>());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
    let output = output.unwrap_or_else(|error| panic!("cannot run {shown}: {error}"));
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{shown} failed:\n{text}");
    output
}

impl Served {
    /// Amazon's SDK, which retries nothing by itself.
    fn sdk(&self) -> Client {
        sdk(self.storage.endpoint(), &self.keys)
    }

    async fn restart(self) -> Self {
        self.storage.shutdown().await;
        let storage = LocalStorage::start(config(self.folder.path(), &self.keys)).await.unwrap();
        Self { storage, ..self }
    }
}

fn sdk(endpoint: &str, keys: &Credentials) -> Client {
    let credentials =
        aws_sdk_s3::config::Credentials::new(&keys.access_key_id, keys.secret_access_key.expose(), None, None, "test");
    let config = aws_sdk_s3::Config::builder()
        .behavior_version_latest()
        .credentials_provider(credentials)
        .region(aws_sdk_s3::config::Region::new(REGION))
        .endpoint_url(endpoint)
        .force_path_style(true)
        .retry_config(RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}

/// Every file under the blobs' folder.
fn blob_files(folder: &Path) -> Vec<PathBuf> {
    let shards = std::fs::read_dir(folder.join("blobs")).unwrap();
    let files = shards.flat_map(|shard| std::fs::read_dir(shard.unwrap().path()).unwrap());
    files.map(|file| file.unwrap().path()).collect()
}

/// Runs one subject of the conformance tests against a storage of its own.
async fn conforms(script: &str) {
    let served = serve().await;
    succeeds(python(script, served.storage.endpoint(), &served.keys)).await;
    served.storage.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_finds_the_rules_of_amazon_for_objects() {
    conforms("objects.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_finds_the_rules_of_amazon_for_multipart_uploads() {
    conforms("multipart.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_finds_the_rules_of_amazon_for_listings() {
    conforms("listings.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_finds_the_rules_of_amazon_for_signatures() {
    conforms("signatures.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_finds_the_rules_of_amazon_for_versions() {
    conforms("versions.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_command_line_copies_lists_syncs_and_removes() {
    let served = serve().await;
    succeeds(python("awscli.py", served.storage.endpoint(), &served.keys)).await;
    served.storage.shutdown().await;
}

/// The suite is a program of its own; it is built once, into the target folder.
#[tokio::test(flavor = "multi_thread")]
async fn the_suite_of_s3s_passes() {
    /// What the suite asks for beyond S3: STS is a service of its own, and there is only one pair of keys.
    const LEFT_OUT: [&str; 1] = ["Advanced/STS/test_assume_role"];
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
    let program = tools.join("bin").join(format!("s3s-e2e{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        let mut install = Command::new(env!("CARGO"));
        install
            .args(["install", "s3s-e2e", "--version", "0.14.1", "--locked", "--debug", "--root"])
            .arg(&tools)
            .env("CARGO_TARGET_DIR", tools.join("build"))
            .env("CARGO_PROFILE_DEV_DEBUG", "false");
        succeeds(install).await;
    }
    let served = serve_in("us-east-1").await; // the suite makes buckets without naming a region
    let report = served.folder.path().join("report.json");
    let mut suite = client(&program, served.storage.endpoint(), &served.keys, served.region);
    suite.arg("--json").arg(&report).env("RUST_LOG", "error");
    let output = tokio::task::spawn_blocking(move || suite.output()).await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let failed: Vec<&str> =
        text.lines().filter(|line| line.contains("FAILED") && line.matches('/').count() == 2).collect();
    let unexpected: Vec<&&str> =
        failed.iter().filter(|line| LEFT_OUT.iter().all(|left_out| !line.contains(left_out))).collect();
    let passed = text.lines().filter(|line| line.contains("PASSED") && line.matches('/').count() == 2).count();
    assert!(unexpected.is_empty() && passed >= 17, "{passed} passed, these did not: {unexpected:#?}\n{text}");
    served.storage.shutdown().await;
}

#[tokio::test]
async fn a_second_start_is_told_what_is_taken() {
    let served = serve().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let same_port = LocalStorageConfig { port: served.storage.port(), ..config(elsewhere.path(), &served.keys) };
    match LocalStorage::start(same_port).await {
        Err(LocalStorageError::PortTaken { port }) => assert_eq!(port, served.storage.port()),
        other => panic!("{other:?}"),
    }
    match LocalStorage::start(config(served.folder.path(), &served.keys)).await {
        Err(LocalStorageError::FolderInUse { folder }) => assert_eq!(folder, served.folder.path()),
        other => panic!("{other:?}"),
    }
    let served = served.restart().await;
    served.storage.shutdown().await;
}

#[tokio::test]
async fn a_file_in_the_way_is_told_with_its_path() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    std::fs::write(&file, b"").unwrap();
    match LocalStorage::start(config(&file, &generate_keys())).await {
        Err(LocalStorageError::Folder { folder, .. }) => assert_eq!(folder, file),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_stored_is_there_after_a_restart() {
    let served = serve().await;
    served.storage.ensure_bucket("kept-bucket").await.unwrap();
    served.storage.ensure_bucket("kept-bucket").await.unwrap();
    assert!(matches!(served.storage.ensure_bucket("Not A Name").await, Err(LocalStorageError::BucketName { .. })));
    let body = ByteStream::from_static(b"bytes");
    served.sdk().put_object().bucket("kept-bucket").key("a/../한").body(body).send().await.unwrap();
    let upload = served.sdk().create_multipart_upload().bucket("kept-bucket").key("big").send().await.unwrap();
    let id = upload.upload_id().unwrap();
    let part = ByteStream::from_static(b"part");
    let sent = served.sdk().upload_part().bucket("kept-bucket").key("big").upload_id(id).part_number(1).body(part);
    let etag = sent.send().await.unwrap().e_tag.unwrap();

    let served = served.restart().await;
    let got = served.sdk().get_object().bucket("kept-bucket").key("a/../한").send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"bytes");
    let parts = served.sdk().list_parts().bucket("kept-bucket").key("big").upload_id(id).send().await.unwrap();
    assert_eq!(parts.parts()[0].e_tag(), Some(etag.as_str()));
    assert_eq!(blob_files(served.folder.path()).len(), 2);
    served.sdk().abort_multipart_upload().bucket("kept-bucket").key("big").upload_id(id).send().await.unwrap();
    served.sdk().delete_object().bucket("kept-bucket").key("a/../한").send().await.unwrap();
    assert_eq!(blob_files(served.folder.path()), Vec::<PathBuf>::new());
    served.storage.shutdown().await;
}

/// What [`LocalStorage`] wrote before it kept versions.
const INDEX_OF_THE_FIRST_VERSION: &str = "
    DROP TABLE versions;
    ALTER TABLE objects DROP COLUMN version;
    ALTER TABLE objects DROP COLUMN written;
    ALTER TABLE buckets DROP COLUMN versioning;
    ALTER TABLE buckets DROP COLUMN settings;
    PRAGMA user_version = 1;
";

#[tokio::test]
async fn a_folder_of_the_first_version_goes_on_working() {
    let served = serve().await;
    served.storage.ensure_bucket("old-bucket").await.unwrap();
    let put = |served: &Served, body: &'static [u8]| {
        served.sdk().put_object().bucket("old-bucket").key("k").body(ByteStream::from_static(body)).send()
    };
    put(&served, b"before").await.unwrap();
    let Served { storage, keys, folder, faults, region } = served;
    storage.shutdown().await;
    let index = rusqlite::Connection::open(folder.path().join("index.sqlite3")).unwrap();
    index.execute_batch(INDEX_OF_THE_FIRST_VERSION).unwrap();
    drop(index);

    let storage = LocalStorage::start(config(folder.path(), &keys)).await.unwrap();
    let served = Served { storage, keys, folder, faults, region };
    let s3 = served.sdk();
    let read = async |version: Option<&str>| {
        let got = s3.get_object().bucket("old-bucket").key("k").set_version_id(version.map(str::to_owned));
        got.send().await.unwrap().body.collect().await.unwrap().to_vec()
    };
    assert_eq!(read(None).await, b"before");
    let enabled = aws_sdk_s3::types::BucketVersioningStatus::Enabled;
    let versioning = aws_sdk_s3::types::VersioningConfiguration::builder().status(enabled).build();
    s3.put_bucket_versioning().bucket("old-bucket").versioning_configuration(versioning).send().await.unwrap();
    put(&served, b"after").await.unwrap();
    assert_eq!(read(None).await, b"after");
    assert_eq!(read(Some("null")).await, b"before", "what was there is the version `null`");
    assert_eq!(blob_files(served.folder.path()).len(), 2);
    served.storage.shutdown().await;
}

/// Not a test: the process that [`a_killed_server_loses_nothing_it_confirmed`] kills.
#[tokio::test]
#[ignore = "started by another test, as a process of its own"]
async fn serve_until_killed() {
    let folder = PathBuf::from(std::env::var_os("SERVE_FOLDER").unwrap());
    let keys = Credentials {
        access_key_id: std::env::var("AWS_ACCESS_KEY_ID").unwrap(),
        secret_access_key: bucketdrop::model::Secret::new(std::env::var("AWS_SECRET_ACCESS_KEY").unwrap()),
        session_token: None,
    };
    let config = LocalStorageConfig { durability: Durability::Full, ..config(&folder, &keys) };
    let storage = LocalStorage::start(config).await.unwrap();
    storage.ensure_bucket("crash-bucket").await.unwrap();
    println!("\nserving {}", storage.endpoint());
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_loses_nothing_it_confirmed() {
    let (folder, keys) = (tempfile::tempdir().unwrap(), generate_keys());
    for round in 0..3 {
        let mut server = client(std::env::current_exe().unwrap(), "", &keys, REGION);
        server.args(["--ignored", "--exact", "serve_until_killed", "--nocapture"]);
        server.env("SERVE_FOLDER", folder.path()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut server = server.spawn().unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let endpoint = lines.find_map(|line| line.unwrap().strip_prefix("serving ").map(str::to_owned)).unwrap();
        let mut writer = python("crash.py", &endpoint, &keys);
        let mut writer = writer.args(["write", &round.to_string()]).stdout(Stdio::piped()).spawn().unwrap();
        let mut confirmed: Vec<String> = Vec::new();
        let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        while confirmed.len() < 60 {
            confirmed.push(lines.next().expect("the writer ended early").unwrap());
        }
        server.kill().unwrap();
        server.wait().unwrap();
        confirmed.extend(lines.map(Result::unwrap));
        writer.wait().unwrap();

        std::fs::write(folder.path().join("incoming/00000000deadbeef"), b"half a body").unwrap();
        std::fs::write(folder.path().join("blobs/00/00000000deadbeef"), b"never named").unwrap();
        let storage = LocalStorage::start(config(folder.path(), &keys)).await.unwrap();
        let mut check = python("crash.py", storage.endpoint(), &keys);
        check.arg("check").args(&confirmed);
        let stored: usize = String::from_utf8(succeeds(check).await.stdout).unwrap().trim().parse().unwrap();
        assert_eq!(blob_files(folder.path()).len(), stored, "one blob for each object and no other");
        assert_eq!(std::fs::read_dir(folder.path().join("incoming")).unwrap().count(), 0);
        storage.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_deleted_while_it_is_read_is_read_to_its_end() {
    let served = serve().await;
    let s3 = served.sdk();
    served.storage.ensure_bucket("bucket").await.unwrap();
    let bytes: Vec<u8> = (0..24_u32 << 20).map(|n| (n >> 12).to_le_bytes()[0]).collect();
    s3.put_object().bucket("bucket").key("k").body(bytes.clone().into()).send().await.unwrap();
    let mut got = s3.get_object().bucket("bucket").key("k").send().await.unwrap();
    let mut read = got.body.next().await.unwrap().unwrap().to_vec();
    s3.delete_object().bucket("bucket").key("k").send().await.unwrap();
    assert_eq!(blob_files(served.folder.path()).len(), 1, "the reader still needs it");
    while let Some(chunk) = got.body.next().await {
        read.extend_from_slice(&chunk.unwrap());
    }
    assert!(read == bytes);
    drop(got);
    served.storage.shutdown().await;
    assert_eq!(blob_files(served.folder.path()).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_conditional_writers_wins() {
    let served = serve().await;
    served.storage.ensure_bucket("bucket").await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..24_u8 {
        let put = served.sdk().put_object().bucket("bucket").key("k").if_none_match("*").body(vec![n; 1000].into());
        writers.spawn(async move { put.send().await.map(|_| n).map_err(|error| error.code().map(str::to_owned)) });
    }
    let results = writers.join_all().await;
    let winners: Vec<u8> = results.iter().filter_map(|result| result.as_ref().ok().copied()).collect();
    assert_eq!(winners.len(), 1, "{results:?}");
    assert!(results.iter().filter_map(|r| r.as_ref().err()).all(|code| code.as_deref() == Some("PreconditionFailed")));
    let got = served.sdk().get_object().bucket("bucket").key("k").send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().to_vec(), vec![winners[0]; 1000]);
    assert_eq!(blob_files(served.folder.path()).len(), 1);
    served.storage.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_happen_as_planned_and_are_logged() {
    let served = serve().await;
    let (s3, plan) = (served.sdk(), &served.faults);
    served.storage.ensure_bucket("bucket").await.unwrap();
    let put = |key: &str| s3.put_object().bucket("bucket").key(key).body(ByteStream::from_static(b"12345")).send();
    let head = |key: &str| s3.head_object().bucket("bucket").key(key).send();

    plan.add(Fault::on("PutObject", Action::error(503, "SlowDown")).key("busy").attempt(1));
    assert_eq!(put("busy").await.unwrap_err().code(), Some("SlowDown"));
    assert!(head("busy").await.is_err());
    put("busy").await.unwrap();

    plan.add(Fault::on("PutObject", Action::CloseAfter).key("lost").times(1));
    assert!(put("lost").await.is_err());
    head("lost").await.expect("done, although the answer was lost");

    plan.add(Fault::on("PutObject", Action::CloseBefore).key("closed"));
    assert!(put("closed").await.is_err());
    plan.add(Fault::on("PutObject", Action::CloseInRequest { after_bytes: 2 }).key("cut"));
    assert!(put("cut").await.is_err());
    assert!(head("closed").await.is_err() && head("cut").await.is_err());

    plan.add(Fault::on("PutObject", Action::ErrorAfter { status: 500, code: "InternalError".into() }).key("after"));
    assert_eq!(put("after").await.unwrap_err().code(), Some("InternalError"));
    head("after").await.expect("done, although an error was told");

    plan.add(Fault::on("PutObject", Action::html_page()).key("portal"));
    assert_eq!(put("portal").await.unwrap().e_tag(), None);
    plan.add(Fault::on("PutObject", Action::WithoutHeader("etag".into())).key("no tag"));
    assert_eq!(put("no tag").await.unwrap().e_tag(), None);

    plan.add(Fault::on("GetObject", Action::TruncateAnswer { after_bytes: 3 }).key("busy"));
    let got = s3.get_object().bucket("bucket").key("busy").send().await.unwrap();
    assert!(got.body.collect().await.is_err());

    plan.add(Fault::on("HeadObject", Action::StallBefore).key("stall"));
    let mut stalled = tokio::spawn(head("stall"));
    plan.wait_until(|log| log.iter().any(|r| r.key.as_deref() == Some("stall"))).await;
    assert!(tokio::time::timeout(Duration::from_millis(100), &mut stalled).await.is_err());
    stalled.abort();
    plan.wait_until(|log| log.iter().any(|r| r.key.as_deref() == Some("stall") && r.end == RequestEnd::Closed)).await;

    plan.add(Fault::on("PutObject", Action::Hold).key("held"));
    let waiting = tokio::spawn(put("held"));
    plan.wait_until(|log| log.iter().any(|r| r.key.as_deref() == Some("held"))).await;
    assert!(head("held").await.is_err());
    plan.release();
    waiting.await.unwrap().unwrap();
    head("held").await.unwrap();

    plan.add(Fault::on("PutObject", Action::StallInRequest { after_bytes: 5 }).key("unread"));
    let mut unread = tokio::spawn(put("unread"));
    plan.wait_until(|log| log.iter().any(|r| r.key.as_deref() == Some("unread"))).await;
    assert!(tokio::time::timeout(Duration::from_millis(100), &mut unread).await.is_err());
    unread.abort();
    plan.add(Fault::on("PutObject", Action::SlowRequest { bytes_per_sec: 50 }).key("slow"));
    let began = std::time::Instant::now();
    put("slow").await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(90), "{:?}", began.elapsed());

    let of = |key: &str| plan.log().into_iter().filter(move |r| r.key.as_deref() == Some(key)).collect::<Vec<_>>();
    let ends: Vec<(&str, RequestEnd)> = of("busy").iter().map(|record| (record.operation, record.end)).collect();
    assert_eq!(
        ends[..3],
        [
            ("PutObject", RequestEnd::Answered(503)),
            ("HeadObject", RequestEnd::Answered(404)),
            ("PutObject", RequestEnd::Answered(200)),
        ]
    );
    assert_eq!(of("busy")[2].request_bytes, 5);
    assert_eq!(of("busy")[3].response_bytes, 3);
    assert_eq!(of("lost")[0].end, RequestEnd::Closed);
    assert_eq!(plan.count("PutObject"), 11);
    served.storage.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_lets_requests_in_flight_finish() {
    let served = serve().await;
    served.storage.ensure_bucket("bucket").await.unwrap();
    served.faults.add(Fault::on("PutObject", Action::Delay(Duration::from_millis(300))));
    let s3 = served.sdk();
    let put = tokio::spawn(async move {
        s3.put_object().bucket("bucket").key("k").body(ByteStream::from_static(b"late")).send().await
    });
    served.faults.wait_until(|log| !log.is_empty()).await;
    let served = served.restart().await;
    put.await.unwrap().unwrap();
    served.sdk().head_object().bucket("bucket").key("k").send().await.unwrap();
    served.storage.shutdown().await;
}
