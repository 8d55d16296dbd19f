//! What a profile of `~/.aws` says of hosts and authorities, held against what is really asked: a proxy that passes
//! nothing on writes down where connections are to go.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use bucketdrop::locale::{Lang, failure_advice};
use bucketdrop::model::{
    CA_FILE, Command, ConnectionDraft, DraftSource, Event, Failure, FailureKind, PutOptions, RequestId, SecretPlace,
    Service, TestLine,
};

use crate::catalogue_tls::{behind_tls, our_authority};
use crate::child::{Child, given, is_child};
use crate::support::{BUCKET, Server, Setup, TestEngine, location};

const KEYS: &str = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n";

/// A home whose `~/.aws/config` is this.
fn home(config: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    home
}

fn draft(profile: &str) -> ConnectionDraft {
    ConnectionDraft {
        name: profile.into(),
        service: Service::AmazonS3,
        source: DraftSource::AwsProfile,
        aws_profile: profile.into(),
        ..ConnectionDraft::default()
    }
}

/// What stands in the way of a draft.
fn problem(engine: &TestEngine, draft: ConnectionDraft) -> Failure {
    let request = RequestId::next();
    engine.send(Command::TestConnection { request, draft: Box::new(draft) });
    engine.expect("ConnectionTested", |event| match event {
        Event::ConnectionTested { request: r, report } if *r == request => {
            report.lines.iter().find_map(|line| match line {
                TestLine::Problem(failure) => Some(failure.clone()),
                _ => None,
            })
        }
        _ => None,
    })
}

/// Its address, and the targets that it was asked for.
fn recording_proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let serve = move || {
        for socket in listener.incoming() {
            let Ok(mut socket) = socket else { return };
            let mut head = [0; 4096];
            let count = socket.read(&mut head).unwrap_or(0);
            let line = String::from_utf8_lossy(head.get(..count).unwrap_or_default()).into_owned();
            if let Some(target) = line.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()) {
                seen.lock().unwrap().push(target.to_owned());
            }
            socket.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").ok(); // the client may be gone
        }
    };
    std::thread::Builder::new().name("recording proxy".to_owned()).spawn(serve).unwrap();
    (address, asked)
}

#[test]
fn requests_go_to_the_hosts_that_a_profile_asks_for() {
    if is_child() {
        let engine = TestEngine::start(Setup::default());
        let draft = draft(&given("BUCKETDROP_TEST_PROFILE"));
        if given("BUCKETDROP_TEST_ASKS") == "service" {
            problem(&engine, draft);
            return;
        }
        let at = location(engine.save(draft, SecretPlace::Keychain).unwrap().id);
        let request = RequestId::next();
        engine.send(Command::ListObjects { request, at, after: None });
        let is_listed = engine.expect("ObjectsListed", |event| match event {
            Event::ObjectsListed { request: r, result, .. } if *r == request => Some(result.is_ok()),
            _ => None,
        });
        assert!(!is_listed);
        return;
    }
    let config = format!(
        "[profile fips]\nregion = us-west-2\nuse_fips_endpoint = true\n{KEYS}\
         [profile dual]\nregion = us-west-2\nuse_dualstack_endpoint = true\n{KEYS}\
         [profile both]\nregion = us-west-2\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n{KEYS}\
         [profile path]\nregion = us-west-2\n{KEYS}s3 =\n    addressing_style = path\n\
         [profile plain]\nregion = us-west-2\n{KEYS}"
    );
    let home = home(&config);
    for (profile, asks, host) in [
        ("fips", "service", "s3-fips.us-west-2"),
        ("fips", "bucket", "BUCKET.s3-fips.us-west-2"),
        ("dual", "service", "s3.dualstack.us-west-2"),
        ("both", "bucket", "BUCKET.s3-fips.dualstack.us-west-2"),
        ("path", "bucket", "s3.us-west-2"),
        ("plain", "bucket", "BUCKET.s3.us-west-2"),
    ] {
        let (proxy, asked) = recording_proxy();
        Child::of("aws_hosts::requests_go_to_the_hosts_that_a_profile_asks_for")
            .with("HOME", home.path())
            .with("HTTPS_PROXY", &proxy)
            .with("NO_PROXY", "")
            .with("no_proxy", "")
            .with("BUCKETDROP_TEST_PROFILE", profile)
            .with("BUCKETDROP_TEST_ASKS", asks)
            .run();
        let asked = asked.lock().unwrap();
        let target = format!("{}.amazonaws.com:443", host.replace("BUCKET", BUCKET));
        assert!(!asked.is_empty() && asked.iter().all(|asked| *asked == target), "{profile} {asks}: {asked:?}");
    }
}

#[test]
fn what_a_profile_asks_for_and_cannot_have_is_refused() {
    if is_child() {
        let engine = TestEngine::start(Setup::default());
        for (profile, kind, value) in [
            ("fips-elsewhere", FailureKind::FipsUnavailable, ("host", "minio.example.test")),
            ("odd", FailureKind::AwsSettingInvalid, ("typed", "yes")),
            ("no-bundle", FailureKind::CaFileUnreadable, (CA_FILE, "/nowhere/ca.pem")),
        ] {
            let failure = problem(&engine, draft(profile));
            assert_eq!(failure.kind, kind, "{failure:?}");
            assert!(failure.args.contains(&(value.0, value.1.to_owned())), "{failure:?}");
            let setting = failure.args.iter().find(|(name, _)| *name == "setting").map(|(_, value)| &**value);
            assert!(profile != "no-bundle" || setting == Some("ca_bundle"), "{failure:?}");
        }
        return;
    }
    let config = format!(
        "[profile fips-elsewhere]\nregion = us-west-2\nuse_fips_endpoint = true\n\
         endpoint_url = https://minio.example.test\n{KEYS}\
         [profile odd]\nregion = us-west-2\nuse_fips_endpoint = yes\n{KEYS}\
         [profile no-bundle]\nregion = us-west-2\nca_bundle = /nowhere/ca.pem\n{KEYS}"
    );
    let (proxy, asked) = recording_proxy();
    Child::of("aws_hosts::what_a_profile_asks_for_and_cannot_have_is_refused")
        .with("HOME", home(&config).path())
        .with("HTTPS_PROXY", &proxy)
        .run();
    assert_eq!(*asked.lock().unwrap(), [""; 0], "nobody is asked");
}

#[test]
fn a_file_that_cannot_be_read_is_not_taken_for_one_that_asks_for_nothing() {
    if is_child() {
        let engine = TestEngine::start(Setup::default());
        let failure = problem(&engine, ConnectionDraft { name: "by environment".into(), ..draft("") });
        assert_eq!(failure.kind, FailureKind::CredentialsUnreadable, "{failure:?}");
        return;
    }
    // The environment's keys would do; what the file says of FIPS is not known.
    let (cut, no_text, no_file) = (home("[default\nuse_fips_endpoint = true\n"), home(""), home(""));
    std::fs::write(no_text.path().join(".aws/config"), b"[default]\n# \xe9\nuse_fips_endpoint = true\n").unwrap();
    std::fs::remove_file(no_file.path().join(".aws/config")).unwrap();
    std::fs::create_dir(no_file.path().join(".aws/config")).unwrap();
    let (proxy, asked) = recording_proxy();
    for home in [cut, no_text, no_file] {
        Child::of("aws_hosts::a_file_that_cannot_be_read_is_not_taken_for_one_that_asks_for_nothing")
            .with("HOME", home.path())
            .with("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
            .with("AWS_SECRET_ACCESS_KEY", "x")
            .with("AWS_REGION", "us-west-2")
            .with("HTTPS_PROXY", &proxy)
            .with("NO_PROXY", "")
            .with("no_proxy", "")
            .run();
    }
    assert_eq!(*asked.lock().unwrap(), [""; 0], "nobody is asked");
}

#[test]
fn a_bundle_of_the_profile_or_the_environment_vouches_for_a_server() {
    if is_child() {
        let engine = TestEngine::start(Setup::default());
        // With it what is sent arrives; another one of the environment goes before it.
        let service = Service::Other;
        if let Some(bundle) = std::env::var_os("AWS_CA_BUNDLE") {
            let refused = problem(&engine, ConnectionDraft { service, ..draft("lab") });
            let is_pem = bundle.to_string_lossy().ends_with(".pem");
            let kind = if is_pem { FailureKind::TlsNotTrusted } else { FailureKind::CaFileInvalid };
            assert_eq!(refused.kind, kind, "{refused:?}");
            // What has to be mended is the setting, not the connection.
            assert!(refused.args.contains(&("setting", "AWS_CA_BUNDLE".to_owned())), "{refused:?}");
            let advice = failure_advice(Lang::En, &refused);
            assert!(advice.contains("AWS_CA_BUNDLE") && !advice.contains("More options"), "{advice}");
            return;
        }
        let saved = engine.save(ConnectionDraft { service, ..draft("lab") }, SecretPlace::Keychain).unwrap();
        let file = engine.file("by bundle", b"x");
        assert_eq!(engine.upload(vec![file], &location(saved.id), PutOptions::default()).done, 1);
        return;
    }
    let server = Server::start();
    let (endpoint, _) = behind_tls(&server, "good.der");
    let config = format!(
        "[profile lab]\nregion = us-east-1\nendpoint_url = {endpoint}\nca_bundle = {}\naws_access_key_id = {}\n\
         aws_secret_access_key = {}\n",
        our_authority(),
        server.keys.access_key_id,
        server.keys.secret_access_key.expose()
    );
    let home = home(&config);
    let child = || {
        Child::of("aws_hosts::a_bundle_of_the_profile_or_the_environment_vouches_for_a_server")
            .with("HOME", home.path())
    };
    child().run();
    assert_eq!(server.bytes("by bundle").unwrap(), b"x");
    child().with("AWS_CA_BUNDLE", Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).run();
    let other = home.path().join("other.pem");
    let der = base64::engine::general_purpose::STANDARD.encode(include_bytes!("../fixtures/tls/self-signed.der"));
    std::fs::write(&other, format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n")).unwrap();
    child().with("AWS_CA_BUNDLE", &other).run();
}
