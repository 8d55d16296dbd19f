//! `bucketdrop-cli` as a program: exit status, output, Ctrl-C, against the strict storage with a plan of faults.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests stop at the first surprise")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use bucketdrop::engine::{Engine, EngineConfig, Reporting, SystemClock};
use bucketdrop::local_storage::faults::{Action, Fault, FaultPlan};
use bucketdrop::local_storage::{Durability, LocalStorage, LocalStorageConfig, generate_keys};
use bucketdrop::model::Credentials;
use bucketdrop::platform::{Home, Instance, MemoryStore};
use serde_json::Value;
use tempfile::TempDir;

#[path = "cli/aws_chain.rs"]
mod aws_chain;
#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/encryption.rs"]
mod encryption;
#[path = "cli/failed_again.rs"]
mod failed_again;
#[path = "cli/handed.rs"]
mod handed;
#[path = "cli/handed_waits.rs"]
mod handed_waits;
#[path = "cli/named.rs"]
mod named;
#[path = "cli/outputs.rs"]
mod outputs;
#[path = "cli/proxies.rs"]
mod proxies;
#[path = "cli/queue.rs"]
mod queue;
#[path = "cli/receipts.rs"]
mod receipts;
#[path = "cli/scripts.rs"]
mod scripts;
#[path = "cli/second_signal.rs"]
mod second_signal;
#[path = "cli/serving.rs"]
mod serving;
#[path = "cli/socks.rs"]
mod socks;
#[path = "cli/strangers.rs"]
mod strangers;
#[path = "cli/unread_lists.rs"]
mod unread_lists;
#[path = "cli/untold.rs"]
mod untold;

const BUCKET: &str = "cli-bucket";
/// Nothing here takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_mins(4);
/// Two seconds by the rule for whoever is told to leave, which the programs assert of their constants where they are
/// built; a machine that is busy with other things takes longer.
const LEAVES_WITHIN: Duration = Duration::from_mins(1);

/// A storage, a home for the program, and a folder for files.
struct World {
    storage: LocalStorage,
    plan: Arc<FaultPlan>,
    keys: Credentials,
    folder: TempDir,
    runtime: tokio::runtime::Runtime,
}

impl World {
    fn new() -> Self {
        Self::in_region("us-east-1")
    }

    /// With a storage that takes requests for this region only.
    fn in_region(region: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (folder, keys, plan) = (tempfile::tempdir().unwrap(), generate_keys(), FaultPlan::new());
        let config = LocalStorageConfig {
            folder: folder.path().join("storage"),
            port: 0,
            access_key_id: keys.access_key_id.clone(),
            secret_access_key: keys.secret_access_key.clone(),
            region: region.to_owned(),
            durability: Durability::Fast,
            faults: Some(Arc::clone(&plan)),
        };
        let storage = runtime.block_on(async {
            let storage = LocalStorage::start(config).await.unwrap();
            storage.ensure_bucket(BUCKET).await.unwrap();
            storage
        });
        Self { storage, plan, keys, folder, runtime }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_bucketdrop-cli"), arguments)
    }

    fn command_of(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        let variables: Vec<_> = std::env::vars_os().map(|(name, _)| name).collect();
        for name in variables.iter().filter(|name| name.to_string_lossy().starts_with("AWS_")) {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .env("AWS_ENDPOINT_URL", self.storage.endpoint())
            .env("AWS_ACCESS_KEY_ID", &self.keys.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", self.keys.secret_access_key.expose())
            .env("BUCKETDROP_HOME", self.folder.path().join("home"))
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            // No keychain of whoever runs the tests.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    fn client(&self) -> aws_sdk_s3::Client {
        client_of(self.storage.endpoint(), &self.keys.access_key_id, self.keys.secret_access_key.expose())
    }

    fn put(&self, key: &str) {
        let put = self.client().put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(b"x"));
        self.runtime.block_on(put.send()).unwrap();
    }

    fn wait_for(&self, operation: &str) {
        let seen = self.plan.wait_until(|log| log.iter().any(|request| request.operation == operation));
        let came = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, seen).await });
        assert!(came.is_ok(), "{operation} did not come");
    }
}

/// A client of any storage.
fn client_of(endpoint: &str, access_key_id: &str, secret: &str) -> aws_sdk_s3::Client {
    let keys = aws_sdk_s3::config::Credentials::new(access_key_id, secret, None, None, "test");
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(aws_sdk_s3::config::Region::new("us-east-1"))
        .credentials_provider(keys)
        .force_path_style(true)
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Status and body of a plain GET.
fn get(url: &str) -> (u16, Vec<u8>) {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let split = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let (head, body) = answer.split_at(split + 4);
    (text(head).split(' ').nth(1).unwrap().parse().unwrap(), body.to_vec())
}

fn interrupt(child: &Child) {
    signal(child, "-INT");
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// A command run by a shell's script, which finds it in `"$@"`.
trait Wrapped {
    fn wrapped_in(&self, script: &str) -> Command;
}

impl Wrapped for Command {
    fn wrapped_in(&self, script: &str) -> Command {
        let mut shell = Self::new("sh");
        shell.args(["-c", script, "sh"]).arg(self.get_program()).args(self.get_args());
        for (name, value) in self.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        shell
    }
}

/// The exit status, once there is one.
fn wait(child: &mut Child) -> Option<i32> {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    panic!("it did not end");
}

#[test]
fn an_upload_prints_a_link_a_file() {
    let world = World::new();
    let file = world.file("a b+%.txt", b"content");
    let ran = world.run(&["upload", arg(&file), "s3://cli-bucket/p/"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    assert_eq!(text(&ran.stdout), format!("{}/{BUCKET}/p/a%20b%2B%25.txt\n", world.storage.endpoint()));
    // Its signed link opens; the storage checks the signature.
    let ran = world.run(&["link", "s3://cli-bucket/p/a b+%.txt", "--expires", "5m"]);
    assert_eq!(get(text(&ran.stdout).trim()), (200, b"content".to_vec()));
    let forged = text(&ran.stdout).trim().replace("X-Amz-Expires=300", "X-Amz-Expires=3000");
    assert_eq!(get(&forged).0, 403);
}

#[test]
fn json_tells_checksum_and_proof() {
    let world = World::new();
    let folder = world.file("f/big.bin", &vec![7; 9 * 1024 * 1024]).parent().unwrap().to_owned();
    let ran = world.run(&["--json", "upload", arg(&folder), "s3://cli-bucket"]);
    let lines = lines(&ran);
    assert_eq!(lines[0]["event"], "done", "{lines:?}");
    assert_eq!(lines[0]["key"], "f/big.bin");
    assert!(lines[0]["checksum"].as_str().unwrap().starts_with("CRC64NVME:"));
    assert!(["accepted", "confirmed"].contains(&lines[0]["verified"].as_str().unwrap()), "{lines:?}");
    assert_eq!((&lines[1]["event"], &lines[1]["uploaded"]), (&"finished".into(), &1.into()));
    assert_eq!(lines.len(), 2);
}

#[test]
fn wrong_keys_are_told_apart() {
    let world = World::new();
    for (variable, value, kind) in [
        ("AWS_SECRET_ACCESS_KEY", "not-the-secret", "wrong-secret"),
        ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE00", "unknown-access-key"),
    ] {
        let ran = world.command(&["--json", "list"]).env(variable, value).output().unwrap();
        assert_eq!((ran.status.code(), &lines(&ran)[0]["kind"]), (Some(1), &Value::from(kind)), "{ran:?}");
    }
}

#[test]
fn keys_cannot_steer_a_terminal() {
    let world = World::new();
    world.put("\u{1b}[31mred\u{202e}gpj.exe");
    for form in [&["list", "s3://cli-bucket"][..], &["--json", "list", "s3://cli-bucket"]] {
        let ran = world.run(form);
        let shown = text(&ran.stdout);
        assert!(shown.contains("red") && shown.lines().count() == 1, "{shown:?}");
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown:?}");
    }
}

#[test]
fn a_reader_that_leaves_is_no_accident() {
    let world = World::new();
    for number in 0..300 {
        world.put(&format!("{number:04}{}", "x".repeat(800)));
    }
    let mut child = world.command(&["list", "s3://cli-bucket"]).spawn().unwrap();
    let mut first = String::new();
    BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.contains("0000x"), "{first}");
    assert_eq!(wait(&mut child), Some(1));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
}

#[test]
fn quiet_says_nothing_but_results() {
    let world = World::new();
    let file = world.file("f/.DS_Store", b"x").parent().unwrap().to_owned();
    world.file("f/a.txt", b"x");
    let ran = world.run(&["--quiet", "upload", arg(&file), "s3://cli-bucket"]);
    assert_eq!((ran.status.code(), text(&ran.stderr)), (Some(0), String::new()));
    assert_eq!(text(&ran.stdout).lines().count(), 1);
}

#[test]
fn wrong_usage_is_status_2() {
    let world = World::new();
    for arguments in [&[][..], &["upload", "a"], &["nonsense"], &["link", "cli-bucket/key"], &["upload", "a", "b"]] {
        let ran = world.run(arguments);
        assert_eq!((ran.status.code(), ran.stdout.len()), (Some(2), 0), "{arguments:?}: {ran:?}");
        assert!(!ran.stderr.is_empty());
    }
}

#[test]
fn the_storage_on_this_computer_serves_until_ctrl_c() {
    let world = World::new();
    let mut serving = world.command(&["--json", "serve"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(serving.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    let file = world.file("x.txt", b"served");
    let field = |name: &str| told[name].as_str().unwrap().to_owned();
    let ran = world
        .command(&["upload", arg(&file), "s3://my-files/"])
        .env("AWS_ENDPOINT_URL", field("endpoint"))
        .env("AWS_ACCESS_KEY_ID", field("access_key_id"))
        .env("AWS_SECRET_ACCESS_KEY", field("secret_access_key"))
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    interrupt(&serving);
    assert_eq!(wait(&mut serving), Some(130));
    // Its files are there the next time, without a server running beside.
    let ran = world.run(&["--connection", "local", "list", "s3://my-files/"]);
    assert!(text(&ran.stdout).contains("x.txt"), "{ran:?}");
}

#[test]
fn of_this_computers_links_it_is_said_how_long_they_open() {
    let world = World::new();
    let of = |arguments: &[&str]| world.run(&[&["--connection", "local"], arguments].concat());
    let linked = of(&["link", "s3://my-files/none", "--no-check"]);
    let said = text(&linked.stderr);
    // Whether there is a keychain is this computer's affair; what it means for the link is said rightly.
    let is_for_this_run = said.contains("No system keychain");
    assert_eq!(said.contains("These links do not open"), is_for_this_run, "{said}");
    assert_eq!(said.contains("These links open while"), !is_for_this_run, "{said}");
    let failed = of(&["upload", arg(&world.file("a.txt", b"a")), "s3://no-such-bucket/"]);
    for nothing in [of(&["link", "s3://my-files/none", "--format", "s3"]), failed] {
        assert!(!text(&nothing.stderr).contains("These links"), "no link was handed out: {nothing:?}");
    }
    // Of a bucket that is not there, no layer is to be explained.
    let explained = of(&["doctor", "s3://no-such-bucket/a"]);
    let told = text(&explained.stdout);
    assert!(told.contains("no such bucket") && !told.contains("may not look"), "{told}");
}

#[test]
fn a_receipt_is_written_and_held_against_the_bucket() {
    let world = World::new();
    let (a, b) = (world.file("in/a.txt", b"first"), world.file("in/b.txt", b"second"));
    let receipt = world.folder.path().join("receipt.csv");
    let (a, b, receipt) = (a.to_str().unwrap(), b.to_str().unwrap(), receipt.to_str().unwrap());
    let target = format!("s3://{BUCKET}/");
    let up = world.run(&["upload", "--path-style", "--receipt", receipt, "--verify", "read-back", a, b, &target]);
    assert_eq!(up.status.code(), Some(0), "{}", text(&up.stderr));
    assert!(std::fs::read_to_string(receipt).unwrap().contains("read-back"));
    let check = |expected: i32| {
        let checked = world.run(&["verify-receipt", "--path-style", "--json", receipt]);
        assert_eq!(checked.status.code(), Some(expected), "{}", text(&checked.stderr));
        let lines: Vec<Value> = text(&checked.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let last = lines.last().unwrap().clone();
        assert_eq!((lines.len(), last["event"].as_str()), (3, Some("receipt-checked")));
        (last["same"].as_u64().unwrap(), last["changed"].as_u64().unwrap())
    };
    assert_eq!(check(0), (2, 0));
    world.put("b.txt");
    assert_eq!(check(1), (1, 1));
    let none = world.run(&["verify-receipt", "--path-style", a]);
    assert_eq!(none.status.code(), Some(1));
}
