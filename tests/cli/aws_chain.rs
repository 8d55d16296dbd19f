//! The standard AWS chain, end to end: a home of its own with profiles, and the environment, against the storage.

use std::os::unix::fs::FileTypeExt as _;
use std::path::PathBuf;

use super::*;

const SEOUL: &str = "ap-northeast-2";
/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

impl World {
    /// A command with no keys and no address but what is in `~/.aws`.
    fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(arguments);
        for name in ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            command.env_remove(name);
        }
        command
    }

    fn aws_file(&self, name: &str) -> PathBuf {
        self.folder.path().join(".aws").join(name)
    }

    /// Writes `~/.aws/config` and `~/.aws/credentials`; `{endpoint}`, `{key}` and `{secret}` are the storage's.
    fn profiles(&self, config: &str, credentials: &str) {
        for (name, text) in [("config", config), ("credentials", credentials)] {
            let text = text
                .replace("{endpoint}", self.storage.endpoint())
                .replace("{key}", &self.keys.access_key_id)
                .replace("{secret}", self.keys.secret_access_key.expose());
            self.file(&format!(".aws/{name}"), text.as_bytes());
        }
    }
}

const KEYS: &str = "aws_access_key_id = {key}\naws_secret_access_key = {secret}\n";

/// The bucket's name, if the listing of buckets came through.
fn listed(command: &mut Command) -> Result<String, String> {
    let ran = command.output().unwrap();
    if ran.status.success() { Ok(text(&ran.stdout)) } else { Err(text(&ran.stderr)) }
}

#[track_caller]
fn sees_the_bucket(command: &mut Command) {
    let listed = listed(command);
    assert!(listed.as_ref().is_ok_and(|out| out.contains(BUCKET)), "{listed:?}");
}

#[test]
fn a_profile_brings_keys_region_and_endpoint() {
    let world = World::in_region(SEOUL);
    let config = format!(
        "[default]\nregion = eu-west-1\nendpoint_url = {{endpoint}}\n\n[profile seoul]\nregion = {SEOUL}\n\
         endpoint_url = {{endpoint}}\n"
    );
    let credentials =
        format!("[default]\naws_access_key_id = AKIADEFAULT000000000\naws_secret_access_key = x\n[seoul]\n{KEYS}");
    world.profiles(&config, &credentials);
    let file = world.file("한글 a+b.txt", b"through a profile");
    let ran = world.bare(&["--profile", "seoul", "upload", arg(&file), "s3://cli-bucket/p/"]).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let down = world.folder.path().join("down");
    let ran = world
        .bare(&["download", "s3://cli-bucket/p/한글 a+b.txt", arg(&down)])
        .env("AWS_PROFILE", "seoul")
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    assert_eq!(std::fs::read(down.join("한글 a+b.txt")).unwrap(), b"through a profile");
    // Its signed link is signed with the profile's keys for the profile's region.
    let ran = world.bare(&["--profile", "seoul", "link", "s3://cli-bucket/p/한글 a+b.txt", "--expires", "5m"]).output();
    assert_eq!(get(text(&ran.unwrap().stdout).trim()), (200, b"through a profile".to_vec()));
    // The default profile is another one.
    let ran = world.bare(&["--json", "list"]).output().unwrap();
    assert_eq!(lines(&ran)[0]["kind"], "unknown-access-key", "{ran:?}");
    // A profile by name goes before keys in the environment.
    let mut named = world.bare(&["--profile", "seoul", "list"]);
    sees_the_bucket(named.env("AWS_ACCESS_KEY_ID", "AKIAWRONG00000000000").env("AWS_SECRET_ACCESS_KEY", "x"));
}

#[test]
fn the_default_profile_needs_no_name() {
    let world = World::in_region(SEOUL);
    let config = format!("[default]\nregion = {SEOUL}\nendpoint_url = {{endpoint}}\n");
    world.profiles(&config, &format!("[default]\n{KEYS}"));
    sees_the_bucket(&mut world.bare(&["list"]));
    // Keys in the environment go before it.
    let mut command = world.bare(&["--json", "list"]);
    let ran = command.env("AWS_ACCESS_KEY_ID", "AKIAWRONG00000000000").env("AWS_SECRET_ACCESS_KEY", "x").output();
    assert_eq!(lines(&ran.unwrap())[0]["kind"], "unknown-access-key");
}

#[test]
fn the_most_particular_endpoint_holds() {
    let world = World::new();
    let credentials = format!("[default]\n{KEYS}\n[services]\n{KEYS}\n");
    let config = format!(
        "[default]\nregion = us-east-1\nendpoint_url = {NOWHERE}\n\n[profile services]\nregion = us-east-1\n\
         endpoint_url = {NOWHERE}\nservices = here\n\n[services here]\ns3 =\n  endpoint_url = {{endpoint}}\n"
    );
    world.profiles(&config, &credentials);
    let endpoint = world.storage.endpoint();
    let refused = listed(&mut world.bare(&["list"])).unwrap_err();
    assert!(refused.contains("127.0.0.1:9"), "{refused}");
    // For S3, then for everything; the environment's, then the profile's; the option's first of all.
    sees_the_bucket(&mut world.bare(&["--profile", "services", "list"]));
    sees_the_bucket(world.bare(&["list"]).env("AWS_ENDPOINT_URL", endpoint));
    sees_the_bucket(world.bare(&["list"]).env("AWS_ENDPOINT_URL_S3", endpoint).env("AWS_ENDPOINT_URL", NOWHERE));
    sees_the_bucket(world.bare(&["--profile", "services", "list"]).env("AWS_ENDPOINT_URL_S3", endpoint));
    sees_the_bucket(world.bare(&["--endpoint-url", endpoint, "list"]).env("AWS_ENDPOINT_URL_S3", NOWHERE));
}

#[test]
fn a_region_is_the_options_then_the_environments_then_the_profiles() {
    let other = "eu-west-1";
    for (right, options, environment, profile) in [
        ("us-east-1", Some("us-east-1"), Some(other), Some(other)),
        (SEOUL, Some(SEOUL), Some(other), Some(other)),
        (SEOUL, None, Some(SEOUL), Some(other)),
        (SEOUL, None, None, Some(SEOUL)),
        ("us-east-1", None, None, None),
    ] {
        let world = World::in_region(right);
        let region = profile.map(|region| format!("region = {region}\n")).unwrap_or_default();
        world.profiles(
            &format!("[default]\n{region}[profile named]\n{region}"),
            &format!("[default]\n{KEYS}[named]\n{KEYS}"),
        );
        for name in [None, Some("named")] {
            let region = options.iter().flat_map(|region| ["--region", region]);
            let named = name.iter().flat_map(|name| ["--profile", name]);
            let arguments: Vec<&str> = region.chain(named).chain(["list"]).collect();
            for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
                let mut command = world.bare(&arguments);
                command.env("AWS_ENDPOINT_URL_S3", world.storage.endpoint());
                if let Some(region) = environment {
                    command.env(variable, region);
                }
                sees_the_bucket(&mut command);
            }
        }
    }
}

#[test]
fn keys_of_the_environment_need_no_files() {
    let world = World::in_region(SEOUL);
    assert!(!world.aws_file("config").exists());
    sees_the_bucket(world.command(&["list"]).env("AWS_REGION", SEOUL));
    let without = listed(world.bare(&["list"]).env("AWS_ENDPOINT_URL", world.storage.endpoint())).unwrap_err();
    assert!(without.contains("No keys were found"), "{without}");
}

#[test]
fn a_saved_connection_of_this_kind_leads_where_its_profile_says() {
    let world = World::in_region(SEOUL);
    let config =
        format!("[profile minio]\nregion = {SEOUL}\nendpoint_url = {{endpoint}}\n[profile bare]\nregion = {SEOUL}\n");
    world.profiles(&config, &format!("[minio]\n{KEYS}[bare]\n{KEYS}"));
    let connection = |id: &str, profile: &str, more: &str| {
        format!(
            "[[connections]]\nid = \"{id}\"\nname = \"{id}\"\nservice = \"other\"\ncredentials = \"aws\"\n\
             aws_profile = \"{profile}\"\n{more}\n"
        )
    };
    let settings = connection("open", "minio", "")
        + &connection("fixed", "minio", "region = \"us-east-1\"")
        + &connection("homeless", "bare", "");
    world.file("home/settings.toml", settings.as_bytes());
    sees_the_bucket(&mut world.bare(&["--connection", "open", "list"]));
    let refused = listed(&mut world.bare(&["--connection", "fixed", "list"])).unwrap_err();
    assert!(refused.contains("region"), "the user's word holds, right or wrong: {refused}");
    // Keys for a service of one's own never go to Amazon instead.
    let homeless = listed(&mut world.bare(&["--connection", "homeless", "list"])).unwrap_err();
    assert!(homeless.contains("“homeless” has no endpoint"), "{homeless}");
}

#[test]
fn other_connections_never_look_into_those_files() {
    let world = World::new();
    // Whoever opens one of these to read it waits for ever.
    std::fs::create_dir(world.folder.path().join(".aws")).unwrap();
    for name in ["config", "credentials"] {
        let made = std::process::Command::new("mkfifo").arg(world.aws_file(name)).status().unwrap();
        assert!(made.success() && world.aws_file(name).metadata().unwrap().file_type().is_fifo());
    }
    let ran = world.bare(&["--connection", "local", "list"]).output().unwrap();
    assert!(text(&ran.stdout).contains("my-files"), "{ran:?}");
    sees_the_bucket_anonymously(&world);
    // The chain itself does wait for them.
    let mut waiting = world.bare(&["list"]).spawn().unwrap();
    let opened = std::fs::File::options().write(true).open(world.aws_file("config"));
    assert!(opened.is_ok(), "it was opened for reading");
    waiting.kill().unwrap();
    waiting.wait().unwrap();
}

fn sees_the_bucket_anonymously(world: &World) {
    let endpoint = world.storage.endpoint();
    let ran = world.bare(&["--json", "--anonymous", "--endpoint-url", endpoint, "list"]).output().unwrap();
    assert_eq!(lines(&ran)[0]["kind"], "access-denied", "{ran:?}");
}

#[test]
fn files_and_profiles_that_are_not_right_are_named() {
    let world = World::new();
    world.profiles("[default]\nregion = us-east-1\n", "[default\naws_access_key_id = A\n");
    let mut command = world.bare(&["--json", "list"]);
    let ran = command.env("AWS_ENDPOINT_URL", world.storage.endpoint()).output().unwrap();
    assert_eq!(lines(&ran)[0]["kind"], "credentials-unreadable", "{ran:?}");
    world.profiles("[default]\nregion = us-east-1\n", &format!("[default]\n{KEYS}"));
    let mut command = world.bare(&["--json", "--profile", "nobody", "list"]);
    let ran = command.env("AWS_ENDPOINT_URL", world.storage.endpoint()).output().unwrap();
    assert_eq!(lines(&ran)[0]["kind"], "no-credentials", "{ran:?}");
    assert!(text(&ran.stdout).contains("nobody"), "{ran:?}");
}
