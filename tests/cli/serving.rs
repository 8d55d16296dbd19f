//! `serve` where it was asked for, and output that is for programs or for eyes: escape bytes go to a terminal only.

use std::net::TcpListener;

use super::*;

/// A port that nobody had a moment ago.
fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

#[test]
fn the_storage_is_served_at_the_port_that_was_asked_for() {
    let (world, port) = (World::new(), free_port().to_string());
    let mut serving = world.command(&["--json", "serve", "--port", &port]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(serving.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    let field = |name: &str| told[name].as_str().unwrap();
    assert_eq!(field("endpoint"), format!("http://127.0.0.1:{port}"));
    let client = client_of(&format!("http://127.0.0.1:{port}"), field("access_key_id"), field("secret_access_key"));
    let stored = world.runtime.block_on(async {
        let put = client.put_object().bucket("my-files").key("한 글.txt").body(ByteStream::from_static(b"served"));
        put.send().await.unwrap();
        let got = client.get_object().bucket("my-files").key("한 글.txt").send().await.unwrap();
        got.body.collect().await.unwrap().to_vec()
    });
    assert_eq!(stored, b"served");
    interrupt(&serving);
    assert_eq!(wait(&mut serving), Some(130));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let world = World::new();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (language, expected) in [
        ("en", format!("The storage on this computer did not start: another program uses port {port}. Close that")),
        ("ko", format!("다른 프로그램이 포트 {port}번을 쓰고 있습니다. 그 프로그램을 닫거나")),
    ] {
        world.file("home/settings.toml", format!("[window]\nlanguage = \"{language}\"\n").as_bytes());
        let ran = world.run(&["serve", "--port", &port]);
        assert_eq!((ran.status.code(), text(&ran.stdout)), (Some(1), String::new()), "{ran:?}");
        assert!(text(&ran.stderr).contains(&expected), "{ran:?}");
    }
    let ran = world.run(&["--json", "serve", "--port", &port]);
    assert_eq!((ran.status.code(), &lines(&ran)[0]["kind"]), (Some(1), &"local-storage-failed".into()), "{ran:?}");
    // Nothing was started elsewhere, and the usual port is as good as before.
    drop(taken);
    let file = world.file("a.txt", b"a");
    let ran = world.run(&["--connection", "local", "upload", arg(&file), "s3://my-files/"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
}

/// Commands that say something in each of their ways: results, remarks, failures, wrong usage, help.
fn talkative(world: &World) -> Vec<Vec<String>> {
    world.put("said \u{1b}[31m");
    let file = world.file("said.txt", b"x");
    let commands: [&[&str]; 10] = [
        &["upload", arg(&file), "s3://cli-bucket/"],
        &["upload", arg(&file), "s3://cli-bucket/"],
        &["--json", "upload", "/nonexistent", "s3://cli-bucket/"],
        &["upload", "/nonexistent", "s3://cli-bucket/"],
        &["list", "s3://cli-bucket/"],
        &["link", "s3://cli-bucket/said"],
        &["doctor"],
        &["remove", "s3://cli-bucket/nothing/"],
        &["--help"],
        &["upload", "--nonsense"],
    ];
    commands.map(|command| command.iter().map(|&word| word.to_owned()).collect()).into()
}

#[test]
fn a_pipe_gets_no_escape_bytes() {
    let world = World::new();
    for command in talkative(&world) {
        let ran = world.run(&command.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(!ran.stdout.is_empty() || !ran.stderr.is_empty(), "{command:?} says nothing");
        assert!(!ran.stdout.contains(&0x1b) && !ran.stderr.contains(&0x1b), "{command:?}: {ran:?}");
    }
}

/// What a command writes to a terminal of its own.
#[cfg(target_os = "linux")]
fn on_a_terminal(world: &World, command: &[String], no_color: Option<&str>) -> String {
    let words: Vec<_> = command.iter().map(String::as_str).collect();
    let quoted = |word: &str| format!("'{}'", word.replace('\'', r"'\''"));
    let line: Vec<_> = [env!("CARGO_BIN_EXE_bucketdrop-cli")].iter().chain(&words).map(|word| quoted(word)).collect();
    // `script` makes the terminal and copies what appears there.
    let mut terminal = world.command(&words).wrapped_in(r#"exec script --quiet --command "$LINE" /dev/null"#);
    terminal.env("LINE", line.join(" ")).env("TERM", "xterm").env_remove("NO_COLOR");
    if let Some(value) = no_color {
        terminal.env("NO_COLOR", value);
    }
    text(&terminal.output().unwrap().stdout)
}

/// Whether something is coloured, bold or underlined.
#[cfg(target_os = "linux")]
fn is_styled(shown: &str) -> bool {
    shown
        .split("\u{1b}[")
        .skip(1)
        .any(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m'))
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_progress_and_styles_and_no_color_takes_the_styles_away() {
    let world = World::new();
    let shown = |no_color| -> Vec<String> {
        talkative(&world).iter().map(|command| on_a_terminal(&world, command, no_color)).collect()
    };
    let coloured = shown(None);
    assert!(coloured.iter().any(|shown| is_styled(shown)), "{coloured:#?}");
    let plain = shown(Some("1"));
    assert!(!plain.iter().any(|shown| is_styled(shown)), "{plain:#?}");
    // Progress is drawn over itself in both.
    let file = world.file("progress.bin", &vec![7; 9 << 20]);
    for no_color in [None, Some("1")] {
        // So long that it has to say how far it is.
        let limited = ["--bandwidth", "4M", "--on-conflict", "overwrite", arg(&file), "s3://cli-bucket/"];
        let upload: Vec<_> = std::iter::once("upload").chain(limited).map(str::to_owned).collect();
        let shown = on_a_terminal(&world, &upload, no_color);
        assert!(shown.contains("of 9.4 MB") && shown.contains("\r\u{1b}[K"), "{shown:?}");
        assert!(!is_styled(&shown), "{shown:?}");
    }
}
