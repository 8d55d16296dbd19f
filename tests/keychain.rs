//! The real keychain of Linux: gnome-keyring-daemon, or its absence, in a D-Bus session of its own.
//!
//! Each test starts itself again inside that session, with a home folder of its own, so that nothing touches the
//! keychain of whoever runs the tests. Needs `dbus-run-session` and `gnome-keyring-daemon`; without them it fails.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "helpers of tests stop at the first surprise, too")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bucketdrop::model::{ConnectionId, Credentials, FailureKind, KeychainState, Secret, SecretPlace};
use bucketdrop::platform::{Keychain, KeychainError, SILENT_AFTER, SystemKeychain};

#[cfg(feature = "gui")]
#[path = "keychain/portal.rs"]
mod portal;

/// Set in the inner run.
const INSIDE: &str = "BUCKETDROP_TEST_INSIDE_SESSION";
/// The bus, as its clients find it.
const BUS: &str = "DBUS_SESSION_BUS_ADDRESS";
const SERVICE_NAME: &str = "org.freedesktop.secrets";

fn require(program: &str, package: &str) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    assert!(
        found,
        "{program} is not installed, and this test cannot do without (Debian, Ubuntu: apt-get install {package})"
    );
}

/// Runs this same test again, inside. `true` when this already is the inner run.
fn is_inside(test: &str, has_bus: HasBus) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    require("dbus-run-session", "dbus");
    require("gnome-keyring-daemon", "gnome-keyring");
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new("timeout");
    command.arg("90");
    if has_bus == HasBus::Yes {
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keychain/session.conf");
        command.arg("dbus-run-session").arg("--config-file").arg(config).arg("--");
    } else {
        command.env(BUS, format!("unix:path={}", home.path().join("no-bus").display()));
    }
    command
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env_remove("XDG_DATA_HOME")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("GNOME_KEYRING_CONTROL");
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{test} failed inside ({}):\n{said}", output.status);
    assert!(said.contains("1 passed"), "{test} did not run inside:\n{said}");
    false
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum HasBus {
    Yes,
    No,
}

/// A running gnome-keyring-daemon; stopped when dropped.
struct Daemon(Child);

#[derive(Clone, Copy)]
enum Keyring {
    /// Opened with the password of these tests, made if there is none.
    Unlocked,
    /// As it lies on disk.
    Locked,
}

impl Daemon {
    fn start(keyring: Keyring) -> Self {
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        if matches!(keyring, Keyring::Unlocked) {
            command.arg("--unlock");
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut password = child.stdin.take().unwrap();
        password.write_all(b"a password of these tests\n").unwrap();
        drop(password);
        let daemon = Self(child);
        wait_for_service(Service::Running);
        daemon
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
        wait_for_service(Service::Gone);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Service {
    Running,
    Gone,
}

/// Waits until somebody owns, or nobody owns, the Secret Service's name.
fn wait_for_service(wanted: Service) {
    let bus = zbus::blocking::Connection::session().unwrap();
    let bus = zbus::blocking::fdo::DBusProxy::new(&bus).unwrap();
    let deadline = Instant::now() + Duration::from_mins(2);
    while bus.name_has_owner(SERVICE_NAME.try_into().unwrap()).unwrap() != (wanted == Service::Running) {
        assert!(Instant::now() < deadline, "the Secret Service never came or never went");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn keys() -> Credentials {
    Credentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG+비밀\"\\키"),
        // As long as the longest of Amazon's own.
        session_token: Some(Secret::new("IQoJb3JpZ2luX2VjE\n".repeat(110))),
    }
}

fn id() -> ConnectionId {
    ConnectionId::new("0f8fad5b-d9cb-469f-a165-70867728950e")
}

fn system() -> Keychain {
    Keychain::new(Arc::new(SystemKeychain::new()))
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Every file below the home of the inner run, as bytes.
fn files_below_home() -> Vec<Vec<u8>> {
    let home = std::env::var_os("HOME").unwrap();
    let files = walkdir::WalkDir::new(home).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    files.map(|entry| std::fs::read(entry.path()).unwrap()).collect()
}

#[test]
fn keys_survive_a_restart_of_the_keychain() {
    if !is_inside("keys_survive_a_restart_of_the_keychain", HasBus::Yes) {
        return;
    }
    run(async {
        let daemon = Daemon::start(Keyring::Unlocked);
        let keychain = system();
        assert_eq!(keychain.check().await, KeychainState::Ready);
        assert!(keychain.load(&id()).await.unwrap().is_none());
        keychain.save(&id(), &keys(), SecretPlace::Keychain).await.unwrap();
        let other = ConnectionId::new("other");
        let other_keys = Credentials { access_key_id: "other".to_owned(), session_token: None, ..keys() };
        keychain.save(&other, &other_keys, SecretPlace::Keychain).await.unwrap();

        drop(daemon);
        let lost = keychain.load(&id()).await.unwrap_err();
        assert!(matches!(lost, KeychainError::Missing { .. }), "{lost}");

        let daemon = Daemon::start(Keyring::Unlocked);
        assert!(keychain.load(&id()).await.unwrap() == Some(keys()), "the same program");
        assert!(system().load(&id()).await.unwrap() == Some(keys()), "a new program");
        let changed = Credentials { secret_access_key: Secret::new("changed-secret"), ..keys() };
        keychain.save(&id(), &changed, SecretPlace::Keychain).await.unwrap();
        assert!(system().load(&id()).await.unwrap() == Some(changed));

        keychain.delete(&id()).await.unwrap();
        keychain.delete(&id()).await.unwrap();
        assert!(system().load(&id()).await.unwrap().is_none());
        assert!(system().load(&other).await.unwrap() == Some(other_keys), "the other stays");
        drop(daemon);
        assert!(!files_below_home().is_empty(), "the keyring's own files");
        for file in files_below_home() {
            assert!(!file.windows(9).any(|w| w == b"wJalrXUtn"), "a secret lies readable on disk");
        }
    });
}

#[test]
fn a_locked_keychain_is_told_as_such() {
    if !is_inside("a_locked_keychain_is_told_as_such", HasBus::Yes) {
        return;
    }
    run(async {
        let daemon = Daemon::start(Keyring::Unlocked);
        system().save(&id(), &keys(), SecretPlace::Keychain).await.unwrap();
        drop(daemon);

        let _daemon = Daemon::start(Keyring::Locked);
        let keychain = system();
        let error = keychain.load(&id()).await.unwrap_err();
        assert!(matches!(error, KeychainError::Locked { .. }), "{error}");
        assert_eq!(error.to_failure().kind, FailureKind::KeychainLocked);
        let error = keychain.save(&ConnectionId::new("new"), &keys(), SecretPlace::Keychain).await.unwrap_err();
        assert!(matches!(error, KeychainError::Locked { .. }), "{error}");
        keychain.save(&id(), &keys(), SecretPlace::ThisRunOnly).await.unwrap();
        assert!(keychain.load(&id()).await.unwrap() == Some(keys()), "for this run only");
    });
}

#[test]
fn a_keychain_that_comes_later_is_found() {
    if !is_inside("a_keychain_that_comes_later_is_found", HasBus::Yes) {
        return;
    }
    run(async {
        let keychain = system();
        // Told at once, not after a silence, which would be told as one.
        let error = keychain.save(&id(), &keys(), SecretPlace::Keychain).await.unwrap_err();
        assert!(matches!(error, KeychainError::Missing { .. }), "{error}");
        let _daemon = Daemon::start(Keyring::Unlocked);
        keychain.save(&id(), &keys(), SecretPlace::Keychain).await.unwrap();
        assert!(keychain.load(&id()).await.unwrap() == Some(keys()));
    });
}

#[test]
fn a_machine_without_a_session_bus_has_no_keychain() {
    if !is_inside("a_machine_without_a_session_bus_has_no_keychain", HasBus::No) {
        return;
    }
    run(async {
        let KeychainState::Unavailable(failure) = system().check().await else { panic!("there is none") };
        assert_eq!(failure.kind, FailureKind::KeychainMissing);
        let keychain = system();
        keychain.save(&id(), &keys(), SecretPlace::ThisRunOnly).await.unwrap();
        assert!(keychain.load(&id()).await.unwrap() == Some(keys()));
        assert!(files_below_home().is_empty(), "nothing is written anywhere");
    });
}

#[test]
fn a_keychain_that_never_answers_stops_nobody() {
    if !is_inside("a_keychain_that_never_answers_stops_nobody", HasBus::Yes) {
        return;
    }
    // Owns the name and serves no object: zbus then leaves every call unanswered.
    let _mute = zbus::blocking::connection::Builder::session().unwrap().name(SERVICE_NAME).unwrap().build().unwrap();
    wait_for_service(Service::Running);
    run(async {
        const TICK: Duration = Duration::from_millis(10);
        let keychain = system();
        let begun = Instant::now();
        let asked_id = id();
        let asked = keychain.load(&asked_id);
        tokio::pin!(asked);
        let mut clock = tokio::time::interval(TICK);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut ticks = 0_u32;
        let error = loop {
            tokio::select! {
                answer = &mut asked => break answer.unwrap_err(),
                _ = clock.tick() => ticks += 1,
            }
        };
        assert_eq!(error, KeychainError::Silent);
        assert!(begun.elapsed() >= SILENT_AFTER, "{:?}", begun.elapsed());
        // Everything else on this one thread went on: of some five hundred ticks, a blocked one would have seen one or
        // two, and a busy machine leaves more.
        assert!(ticks >= 20, "only {ticks} ticks");
        keychain.save(&id(), &keys(), SecretPlace::ThisRunOnly).await.unwrap();
        assert!(keychain.load(&id()).await.unwrap() == Some(keys()), "for this run only");
    });
}
