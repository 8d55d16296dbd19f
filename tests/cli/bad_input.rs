//! What goes wrong at a command line, as the program says it: exit status, kind, and two sentences in either language
//! that name the thing and nothing of the window.

use super::*;

const LANGUAGES: [&str; 2] = ["en", "ko"];

/// Runs a command in every language. It has to fail with this kind, naming these things between its two sentences.
#[track_caller]
fn fails(world: &World, kind: &str, things: &[&str], command: impl Fn() -> Command) {
    for language in LANGUAGES {
        world.file("home/settings.toml", format!("[window]\nlanguage = \"{language}\"\n").as_bytes());
        let ran = command().arg("--json").output().unwrap();
        assert_eq!(ran.status.code(), Some(1), "{ran:?}");
        let lines = lines(&ran);
        let failed: Vec<&Value> = lines.iter().filter(|line| line["event"] == "failed").collect();
        assert_eq!(failed.len(), 1, "{ran:?}");
        assert_eq!(failed[0]["kind"], kind, "{ran:?}");
        let (title, advice) = (failed[0]["title"].as_str().unwrap(), failed[0]["advice"].as_str().unwrap());
        // A title may hold a name, in whatever language that is.
        let is_korean = |sentence: &str| sentence.chars().any(|c| ('가'..='힣').contains(&c));
        assert!(is_korean(advice) == (language == "ko") && advice.len() > 8, "{language}: {advice}");
        assert!(is_korean(title) || language == "en", "{language}: {title}");
        assert!(title.ends_with("니다") == (language == "ko") && title.len() > 8, "{language}: {title}");
        for thing in things {
            assert!(
                format!("{title}. {advice}").contains(thing),
                "{language} does not name {thing}: {title}. {advice}"
            );
        }
        // The same for people, on standard error, in one line.
        let ran = command().output().unwrap();
        let said = text(&ran.stderr);
        assert!(said.contains(&format!("{title}. {advice}")), "{said}");
    }
}

fn host(world: &World) -> &str {
    world.storage.endpoint().strip_prefix("http://").unwrap()
}

#[test]
fn wrong_keys() {
    let world = World::new();
    fails(&world, "wrong-secret", &[host(&world)], || {
        let mut command = world.command(&["list"]);
        command.env("AWS_SECRET_ACCESS_KEY", "not-the-secret");
        command
    });
    fails(&world, "unknown-access-key", &[host(&world)], || {
        let mut command = world.command(&["list"]);
        command.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE00");
        command
    });
}

#[test]
fn a_wrong_region_and_an_unknown_bucket() {
    let world = World::new();
    fails(&world, "wrong-region", &["us-east-1", "--region"], || world.command(&["--region", "eu-west-1", "list"]));
    fails(&world, "no-such-bucket", &["holiday-photos"], || world.command(&["list", "s3://holiday-photos/"]));
    let file = world.file("a.txt", b"a");
    fails(&world, "no-such-bucket", &["holiday-photos"], || {
        world.command(&["upload", arg(&file), "s3://holiday-photos/"])
    });
    assert_eq!(std::fs::read(&file).unwrap(), b"a");
}

#[test]
fn nobody_there_and_a_web_page_there() {
    let world = World::new();
    // Taken, so that nobody else gets it, and never listened at.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let nobody = format!("http://{address}");
    fails(&world, "connection-refused", &[&address], || world.command(&["--endpoint-url", &nobody, "list"]));
    let page = "<!DOCTYPE html><html><body>Console</body></html>";
    let headers = vec![("content-type".into(), "text/html".into())];
    world.plan.add(Fault::anywhere(Action::Answer { status: 200, headers, body: page.into() }));
    let endpoint = world.storage.endpoint().to_owned();
    fails(&world, "not-s3", &[host(&world)], || world.command(&["--endpoint-url", &endpoint, "list"]));
}

#[test]
fn a_clock_that_is_off() {
    let world = World::new();
    // And a little more, which a slow machine uses up: told are whole minutes.
    let ahead = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3625);
    let date = ahead.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    world.plan.add(Fault::anywhere(Action::Answer {
        status: 403,
        headers: vec![("date".into(), date), ("content-type".into(), "application/xml".into())],
        body: "<Error><Code>RequestTimeTooSkewed</Code><Message>Too far apart.</Message></Error>".into(),
    }));
    fails(&world, "clock-skew", &["60"], || world.command(&["list"]));
}

#[test]
fn files_and_names() {
    let world = World::new();
    let missing = world.folder.path().join("never/there.txt");
    fails(&world, "source-missing", &[arg(&missing)], || world.command(&["upload", arg(&missing), "s3://cli-bucket/"]));
    let deep = vec!["가".repeat(80); 5].join("/");
    let long = world.file(&format!("deep/{deep}/끝.txt"), b"long");
    fails(&world, "key-too-long", &["끝.txt", "1,024"], || {
        world.command(&["upload", arg(&world.folder.path().join("deep")), "s3://cli-bucket/"])
    });
    assert_eq!(std::fs::read(long).unwrap(), b"long");
    fails(&world, "no-such-key", &["no/such.txt", "bucketdrop-cli list"], || {
        world.command(&["remove", "--yes", "s3://cli-bucket/no/such.txt"])
    });
}

#[test]
fn settings_that_make_no_sense_do_not_stop_the_work() {
    let world = World::new();
    let file = world.file("a.txt", b"a");
    let settings = world.file("home/settings.toml", b"fine = 1\ntheme = \"half\nlanguage = 1\n");
    for (locale, key, words) in [("C.UTF-8", "en.txt", "cannot be read"), ("ko_KR.UTF-8", "ko.txt", "읽을 수 없습니다")]
    {
        let target = format!("s3://cli-bucket/{key}/");
        let ran = world.command(&["upload", arg(&file), &target]).env("LC_ALL", locale).output().unwrap();
        assert_eq!(ran.status.code(), Some(0), "{ran:?}");
        let said = text(&ran.stderr);
        let warning = said.lines().find(|line| line.contains("settings.toml")).expect("it is told");
        assert!(warning.contains(words) && warning.contains('2') && warning.contains(arg(&settings)), "{said}");
    }
    assert_eq!(std::fs::read(&settings).unwrap(), b"fine = 1\ntheme = \"half\nlanguage = 1\n");
}
