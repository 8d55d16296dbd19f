//! A connection of the window's that takes its keys from `~/.aws`: drafted, tested, saved, opened, used, edited.
//!
//! The engine reads the environment of its process, and that is one for all tests; so the test runs itself again in
//! a process with a home of its own.

use std::path::Path;

use bucketdrop::local_storage::generate_keys;
use bucketdrop::model::{
    Command, Connection, ConnectionDraft, CredentialSource, DraftSource, Event, Failure, FailureKind, KeyCommand,
    PutOptions, RequestId, SaidBy, SecretPlace, Service, TestLine, TestReport,
};

use crate::child::{Child, given, is_child};
use crate::support::{Server, Setup, TestEngine, location};

const ENDPOINT: &str = "BUCKETDROP_TEST_ENDPOINT";

/// Runs a test of this program in a process of its own, with `home` as home.
#[track_caller]
fn run_in(home: &Path, test: &str, endpoint: &str) {
    Child::of(test).with("HOME", home).with(ENDPOINT, endpoint).run();
}

fn open(engine: &TestEngine, connection: &Connection) -> Result<Connection, Failure> {
    let request = RequestId::next();
    engine.send(Command::OpenConnection { request, id: connection.id.clone() });
    engine.expect("ConnectionOpened", |event| match event {
        Event::ConnectionOpened { request: r, result, .. } if *r == request => {
            Some(result.clone().map(|c| *c).map_err(|f| *f))
        }
        _ => None,
    })
}

fn test(engine: &TestEngine, draft: &ConnectionDraft) -> TestReport {
    let request = RequestId::next();
    engine.send(Command::TestConnection { request, draft: Box::new(draft.clone()) });
    engine.expect("ConnectionTested", |event| match event {
        Event::ConnectionTested { request: r, report } if *r == request => Some((**report).clone()),
        _ => None,
    })
}

fn profiles(engine: &TestEngine) -> Result<Vec<String>, Failure> {
    let request = RequestId::next();
    engine.send(Command::ListAwsProfiles { request });
    engine.expect("AwsProfilesListed", |event| match event {
        Event::AwsProfilesListed { request: r, result } if *r == request => Some(result.clone().map_err(|f| *f)),
        _ => None,
    })
}

#[test]
fn a_profile_is_used_as_it_is_and_not_copied() {
    if is_child() {
        return use_a_profile(&given(ENDPOINT));
    }
    // The storage takes requests for us-east-1, which the profile says and the environment does not.
    let server = Server::start();
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    let (id, secret) = (&server.keys.access_key_id, server.keys.secret_access_key.expose());
    let other = generate_keys();
    let credentials = format!(
        "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n[work]\naws_access_key_id = {id}\n\
         aws_secret_access_key = {secret}\n",
        other.access_key_id,
        other.secret_access_key.expose()
    );
    let config = format!(
        "[default]\nregion = eu-west-1\nendpoint_url = {0}\n[profile work]\nregion = us-east-1\nendpoint_url = {0}\n",
        server.endpoint
    );
    std::fs::write(home.path().join(".aws/credentials"), credentials).unwrap();
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    run_in(home.path(), "aws_chain::a_profile_is_used_as_it_is_and_not_copied", &server.endpoint);
    assert_eq!(server.bytes("from the profile").unwrap(), b"x");
}

fn use_a_profile(endpoint: &str) {
    let engine = TestEngine::start(Setup::default());
    assert_eq!(profiles(&engine).unwrap(), ["default", "work"]);
    let draft = ConnectionDraft {
        name: "Work".into(),
        // No endpoint is typed: the profile has one.
        service: Service::Other,
        source: DraftSource::AwsProfile,
        aws_profile: "work".into(),
        ..ConnectionDraft::default()
    };
    let report = test(&engine, &draft);
    assert!(report.lines.contains(&TestLine::BucketsListed { count: 1 }), "{report:?}");
    let default = test(&engine, &ConnectionDraft { aws_profile: String::new(), ..draft.clone() });
    assert!(!default.is_usable(), "the default profile has other keys: {default:?}");

    let saved = engine.save(draft.clone(), SecretPlace::Keychain).unwrap();
    let opened = open(&engine, &saved).unwrap();
    assert_eq!((opened.region.as_str(), opened.endpoint.as_ref().unwrap().as_str()), ("us-east-1", endpoint));
    let at = location(saved.id.clone());
    assert_eq!(engine.upload(vec![engine.file("from the profile", b"x")], &at, PutOptions::default()).done, 1);

    // Nothing of what the profile says stands in the settings, nor in the form when it is edited.
    let settings = std::fs::read_to_string(bucketdrop::platform::Home::under(engine.home.path()).settings_file());
    let settings = settings.unwrap();
    assert!(settings.contains("aws_profile = \"work\""), "{settings}");
    assert!(!settings.contains("region") && !settings.contains("127.0.0.1"), "{settings}");
    let edited = ConnectionDraft::of(&opened);
    assert_eq!((edited.region.as_str(), edited.endpoint.as_str()), ("", ""));

    // A region of the user's goes before the profile's, also if it is a service's default, also if it is wrong.
    let typed = ConnectionDraft { region: "eu-west-1".into(), ..edited };
    let wrong = engine.save(typed.clone(), SecretPlace::Keychain).unwrap();
    assert_eq!(open(&engine, &wrong).unwrap_err().kind, FailureKind::WrongRegion);
    let right = ConnectionDraft { region: "us-east-1".into(), aws_profile: "work".into(), ..typed };
    let right = engine.save(right, SecretPlace::Keychain).unwrap();
    let said =
        CredentialSource::AwsChain { profile: Some("work".into()), region: SaidBy::User, endpoint: SaidBy::Chain };
    assert_eq!(open(&engine, &right).unwrap().credentials, said);
}

/// Whether a request has come with its whole body.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    body.len() >= length.and_then(|length| length.trim().parse().ok()).unwrap_or(0)
}

/// A token service that lets nobody take on a role; its address.
fn refusing_sts() -> String {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let body = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
                <Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/u is not authorized to perform: \
                sts:AssumeRole on resource: arn:aws:iam::123456789012:role/r</Message></Error>\
                <RequestId>1</RequestId></ErrorResponse>";
    let answer = format!(
        "HTTP/1.1 403 Forbidden\r\ncontent-type: text/xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let serve = move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // What the question says does not matter; but of what is not read, the answer would be lost.
            let (mut heard, mut piece) = (Vec::new(), [0; 16 * 1024]);
            while !is_whole(&heard) {
                match stream.read(&mut piece) {
                    Ok(len @ 1..) => heard.extend_from_slice(piece.get(..len).unwrap()),
                    _ => break,
                }
            }
            stream.write_all(answer.as_bytes()).ok();
        }
    };
    std::thread::Builder::new().name("refusing sts".to_owned()).spawn(serve).unwrap();
    address
}

#[test]
fn why_a_profile_gives_no_keys_is_told_as_it_is() {
    if is_child() {
        return tell_profiles_apart(&given(ENDPOINT));
    }
    let server = Server::start();
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    let sso = "sso_account_id = 123456789012\nsso_role_name = r\nregion = us-east-1\n";
    let start = "sso_start_url = https://example.invalid/start\nsso_region = us-east-1\n";
    let config = format!(
        "[profile signed-out]\nsso_session = s\n{sso}[sso-session s]\n{start}[profile signed-out-before]\n{start}{sso}\
         [profile command]\nregion = us-east-1\ncredential_process = exit 3\n\
         [profile role]\nregion = us-east-1\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n"
    );
    let credentials = "[base]\naws_access_key_id = AKIABASE000000000000\naws_secret_access_key = x\n";
    std::fs::write(home.path().join(".aws/credentials"), credentials).unwrap();
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    Child::of("aws_chain::why_a_profile_gives_no_keys_is_told_as_it_is")
        .with("HOME", home.path())
        .with(ENDPOINT, &server.endpoint)
        .with("AWS_ENDPOINT_URL_STS", refusing_sts())
        .run();
}

fn tell_profiles_apart(endpoint: &str) {
    let engine = TestEngine::start(Setup::default());
    for (profile, kind) in [
        ("signed-out", FailureKind::SsoSignedOut),
        ("signed-out-before", FailureKind::SsoSignedOut),
        ("command", FailureKind::CredentialProcessOff),
        ("role", FailureKind::RoleRefused),
        ("nobody", FailureKind::NoCredentials),
    ] {
        let draft = ConnectionDraft {
            name: "Chain".into(),
            service: Service::Other,
            endpoint: endpoint.into(),
            source: DraftSource::AwsProfile,
            aws_profile: profile.into(),
            ..ConnectionDraft::default()
        };
        let report = test(&engine, &draft);
        let problem = report.lines.iter().find_map(|line| match line {
            TestLine::Problem(failure) => Some(failure.clone()),
            _ => None,
        });
        let problem = problem.unwrap_or_else(|| panic!("{profile}: {report:?}"));
        assert_eq!(problem.kind, kind, "{profile}: {}", problem.detail);
        assert!(problem.args.contains(&("profile", profile.into())), "{problem:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_command_of_a_profile_gives_its_keys_once_it_may_be_run() {
    use std::os::unix::fs::PermissionsExt as _;
    if is_child() {
        return use_a_command(&given(ENDPOINT));
    }
    let server = Server::start();
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    let (id, secret) = (&server.keys.access_key_id, server.keys.secret_access_key.expose());
    let (script, ran) = (home.path().join("keys.sh"), home.path().join("ran"));
    let told = format!(r#"{{"Version": 1, "AccessKeyId": "{id}", "SecretAccessKey": "{secret}"}}"#);
    std::fs::write(&script, format!("#!/bin/sh\ntouch '{}'\necho '{told}'\n", ran.display())).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
    let config = format!(
        "[profile works]\nregion = us-east-1\ncredential_process = {} --for bucketdrop\n\
         [profile fails]\nregion = us-east-1\ncredential_process = no-such-program --token hush\n",
        script.display()
    );
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    run_in(home.path(), "aws_chain::a_command_of_a_profile_gives_its_keys_once_it_may_be_run", &server.endpoint);
    assert_eq!(server.bytes("by command").unwrap(), b"x");
}

#[cfg(unix)]
fn use_a_command(endpoint: &str) {
    let home = std::path::PathBuf::from(std::env::var_os("HOME").unwrap());
    let engine = TestEngine::start(Setup::default());
    let draft = |profile: &str, key_command| ConnectionDraft {
        name: profile.into(),
        service: Service::Other,
        endpoint: endpoint.into(),
        source: DraftSource::AwsProfile,
        aws_profile: profile.into(),
        key_command,
        ..ConnectionDraft::default()
    };
    let problem = |draft: &ConnectionDraft| {
        let report = test(&engine, draft);
        let problem = report.lines.iter().find_map(|line| match line {
            TestLine::Problem(failure) => Some(failure.clone()),
            _ => None,
        });
        problem.unwrap_or_else(|| panic!("{report:?}"))
    };
    let command = |failure: &Failure| {
        failure.args.iter().find(|(name, _)| *name == "command").map(|(_, value)| value.clone()).unwrap()
    };
    let refused = problem(&draft("works", KeyCommand::Refused));
    assert_eq!(refused.kind, FailureKind::CredentialProcessOff);
    let whole = format!("{} --for bucketdrop", home.join("keys.sh").display());
    assert_eq!(command(&refused), whole, "to be judged by");
    assert!(!home.join("ran").exists(), "it was run unasked");
    let failed = problem(&draft("fails", KeyCommand::Allowed));
    assert_eq!((failed.kind, command(&failed).as_str()), (FailureKind::CredentialProcessFailed, "no-such-program"));
    assert!(!format!("{failed:?}").contains("hush"), "{failed:?}");
    let saved = engine.save(draft("works", KeyCommand::Allowed), SecretPlace::Keychain).unwrap();
    let at = location(saved.id);
    assert_eq!(engine.upload(vec![engine.file("by command", b"x")], &at, PutOptions::default()).done, 1);
    assert!(home.join("ran").exists());
}

#[test]
fn those_files_are_read_only_when_they_are_asked_for() {
    if is_child() {
        return use_other_connections(&given(ENDPOINT));
    }
    let server = Server::start();
    let home = tempfile::tempdir().unwrap();
    let (id, secret) = (&server.keys.access_key_id, server.keys.secret_access_key.expose());
    std::fs::write(home.path().join("keys"), format!("{id}\n{secret}")).unwrap();
    // A folder in the place of each file: whoever reads it fails.
    for name in ["config", "credentials"] {
        std::fs::create_dir_all(home.path().join(".aws").join(name)).unwrap();
    }
    run_in(home.path(), "aws_chain::those_files_are_read_only_when_they_are_asked_for", &server.endpoint);
}

fn use_other_connections(endpoint: &str) {
    let engine = TestEngine::start(Setup::default());
    let keys = std::fs::read_to_string(Path::new(&std::env::var_os("HOME").unwrap()).join("keys")).unwrap();
    let (id, secret) = keys.split_once('\n').unwrap();
    let draft = ConnectionDraft {
        name: "Own keys".into(),
        service: Service::Other,
        endpoint: endpoint.into(),
        access_key_id: id.into(),
        secret_access_key: bucketdrop::model::Secret::new(secret),
        ..ConnectionDraft::default()
    };
    assert!(test(&engine, &draft).is_usable());
    let saved = engine.save(draft, SecretPlace::Keychain).unwrap();
    open(&engine, &saved).unwrap();
    assert_eq!(engine.upload(vec![engine.file("a", b"a")], &location(saved.id), PutOptions::default()).done, 1);
    // Only now, on the page of profiles.
    let failure = profiles(&engine).unwrap_err();
    assert_eq!(failure.kind, FailureKind::CredentialsUnreadable);
    assert!(failure.args.iter().any(|(name, value)| *name == "path" && value.ends_with(".aws/config")), "{failure:?}");
}
