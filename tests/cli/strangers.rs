//! Endpoints that lead to something else than S3, and what the command line says of it; paths and options as people
//! write them.

use std::net::{TcpListener, TcpStream};

use super::*;

/// Something that says the same page to everybody, and nothing that a storage says. Its address.
fn server_of_pages() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = move || {
        for socket in listener.incoming().flatten() {
            std::thread::Builder::new().name("page".to_owned()).spawn(move || say_pages(&socket)).unwrap();
        }
    };
    std::thread::Builder::new().name("pages".to_owned()).spawn(serve).unwrap();
    format!("http://{address}")
}

/// Until whoever asks has gone.
fn say_pages(mut socket: &TcpStream) -> Option<()> {
    const PAGE: &str = "<!DOCTYPE html><html><body>It works!</body></html>";
    let mut asked = BufReader::new(socket);
    loop {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if asked.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line.trim().is_empty() {
                break;
            }
            lines.push(line.to_ascii_lowercase());
        }
        let length = lines.iter().find_map(|line| line.strip_prefix("content-length:"));
        let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
        asked.read_exact(&mut body).ok()?;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n", PAGE.len());
        let page = if lines[0].starts_with("head ") { "" } else { PAGE };
        socket.write_all(format!("{head}{page}").as_bytes()).ok()?;
    }
}

fn told<'a>(lines: &'a [Value], event: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == event).collect()
}

#[test]
fn a_page_is_not_saved_as_an_object() {
    let (world, endpoint) = (World::new(), server_of_pages());
    let to = world.folder.path().join("here");
    std::fs::create_dir(&to).unwrap();
    let ran = world.run(&["--json", "--endpoint-url", &endpoint, "download", "s3://b-1/k", arg(&to)]);
    let lines = lines(&ran);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    assert_eq!(told(&lines, "failed")[0]["kind"], "not-s3", "{lines:?}");
    assert_eq!(std::fs::read_dir(&to).unwrap().count(), 0);
    let ran = world.run(&["--endpoint-url", &endpoint, "link", "s3://b-1/k"]);
    assert!(text(&ran.stderr).contains("the answer says nothing about this object"), "{ran:?}");
    for command in [&["doctor"][..], &["list", "s3://b-1/"]] {
        let ran = world.run(&[&["--endpoint-url", &endpoint], command].concat());
        assert_eq!(ran.status.code(), Some(1), "{command:?}: {ran:?}");
    }
}

#[test]
fn an_upload_to_something_that_is_no_s3_ends_and_says_why() {
    let (world, endpoint) = (World::new(), server_of_pages());
    let file = world.file("a.txt", b"a");
    let ran = world.run(&["--json", "--endpoint-url", &endpoint, "upload", arg(&file), "s3://b-1/"]);
    let lines = lines(&ran);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    let waits = told(&lines, "waiting")[0]["words"].as_str().unwrap();
    for words in ["answers, but not as S3", "Check the endpoint", "bucketdrop-cli resume"] {
        assert!(waits.contains(words), "{waits}");
    }
    assert_eq!(told(&lines, "failed")[0]["kind"], "not-s3", "{lines:?}");
    assert_eq!(lines.last().unwrap()["failed"], 1, "{lines:?}");
    // The file is not lost: right, the endpoint goes on with it.
    assert!(text(&ran.stderr).contains("`bucketdrop-cli resume` goes on with it"), "{ran:?}");
}

#[test]
fn an_upload_to_a_closed_port_waits_and_says_what_to_do() {
    let world = World::new();
    // Taken, so that nobody else gets it, and never listened at.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let endpoint = format!("http://{}", taken.local_addr().unwrap());
    let file = world.file("a.txt", b"a");
    let mut child =
        world.command(&["--json", "--endpoint-url", &endpoint, "upload", arg(&file), "s3://b-1/"]).spawn().unwrap();
    let mut line = String::new();
    // Held to the end: a reader that leaves would be another reason to stop.
    let mut told = BufReader::new(child.stdout.take().unwrap());
    told.read_line(&mut line).unwrap();
    let waits: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&waits["event"], &waits["reason"]), (&"waiting".into(), &"connection-refused".into()));
    let words = waits["words"].as_str().unwrap();
    assert!(words.contains("the port is right") && words.contains("Ctrl-C keeps the upload"), "{words}");
    interrupt(&child);
    assert_eq!(wait(&mut child), Some(130));
    drop(told);
}

#[test]
fn without_keys_the_environments_endpoint_is_asked_and_nobody_else() {
    let world = World::new();
    let ran = world.command(&["--json", "--anonymous", "list", "s3://cli-bucket/"]).output().unwrap();
    assert_eq!((ran.status.code(), &lines(&ran)[0]["kind"]), (Some(1), &"access-denied".into()), "{ran:?}");
    assert_eq!(world.plan.count("ListObjectsV2"), 1, "the storage that AWS_ENDPOINT_URL names");
    // What is no address there is not passed over either.
    let mut command = world.command(&["--json", "--anonymous", "list", "s3://cli-bucket/"]);
    let ran = command.env("AWS_ENDPOINT_URL_S3", "ftp://127.0.0.1").output().unwrap();
    assert_eq!((ran.status.code(), &lines(&ran)[0]["kind"]), (Some(1), &"endpoint-invalid".into()), "{ran:?}");
}

#[test]
fn an_endpoint_with_its_bucket_is_refused_before_anything_is_written() {
    let world = World::new();
    let with_bucket = "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com/cli-bucket";
    let file = world.file("a.txt", b"a");
    let mut of_environment = world.command(&["upload", arg(&file), "s3://cli-bucket/"]);
    of_environment.env("AWS_ENDPOINT_URL", with_bucket);
    let of_option = world.command(&["--endpoint-url", with_bucket, "upload", arg(&file), "s3://cli-bucket/"]);
    for mut command in [of_environment, of_option] {
        let ran = command.output().unwrap();
        assert_eq!(ran.status.code(), Some(2), "{ran:?}");
        let said = text(&ran.stderr);
        assert!(said.contains("holds the bucket “cli-bucket”") && said.contains("cloudflarestorage.com, "), "{said}");
    }
}

#[test]
fn a_list_that_the_server_cut_short_is_a_failure() {
    let world = World::new();
    world.put("p/a");
    let body = "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>p/a</Key>\
                <Size>1</Size></Contents></ListBucketResult>";
    let headers = vec![("content-type".into(), "application/xml".into())];
    world.plan.add(Fault::on("ListObjectsV2", Action::Answer { status: 200, headers, body: body.into() }));
    let ran = world.run(&["--json", "list", "s3://cli-bucket/p/"]);
    let listed = lines(&ran);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    assert_eq!(listed[0]["key"], "p/a", "what came is told: {listed:?}");
    assert_eq!(listed.last().unwrap()["kind"], "listing-cut-short", "{listed:?}");
    // Nor is what came of a folder all of it.
    let to = world.folder.path().join("down");
    let ran = world.run(&["--json", "--quiet", "download", "s3://cli-bucket/p/", arg(&to)]);
    let downloaded = lines(&ran);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    assert!(downloaded.iter().any(|line| line["kind"] == "listing-cut-short"), "{downloaded:?}");
    assert_eq!(std::fs::read(to.join("p/a")).unwrap(), b"x", "what was found has come");
}

#[test]
fn wrong_usage_is_told_in_the_users_language() {
    let world = World::new();
    let mut command = world.command(&["upload", "s3://cli-bucket/", "b.txt"]);
    let ran = command.env("LC_ALL", "ko_KR.UTF-8").output().unwrap();
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    assert!(text(&ran.stderr).starts_with("오류: 마지막 인수는"), "{ran:?}");
}

#[test]
fn a_tag_that_amazon_refuses_is_told_before_anything_is_sent() {
    let world = World::new();
    let file = world.file("a.txt", b"a");
    let arguments = ["upload", "--tag", "team=red&blue", arg(&file), "s3://cli-bucket/"];
    // To Amazon, which is not asked.
    let ran = world.command(&arguments).env_remove("AWS_ENDPOINT_URL").output().unwrap();
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    assert!(text(&ran.stderr).contains("--tag team: S3 takes letters, digits, spaces and"), "{ran:?}");
    // What another service takes is for that service to say.
    let ran = world.run(&arguments);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    assert!(text(&ran.stderr).contains("The TagValue you have provided is invalid"), "{ran:?}");
}

#[test]
fn a_folder_that_is_called_by_dots_keeps_its_name() {
    let world = World::new();
    world.file("w/a.txt", b"a");
    world.file("w/sub/b.txt", b"b");
    let mut command = world.command(&["upload", "..", "--cache-control", "no-cache", "s3://cli-bucket/p/"]);
    let ran = command.current_dir(world.folder.path().join("w/sub")).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let listed = world.run(&["list", "--recursive", "s3://cli-bucket/"]);
    let listed = text(&listed.stdout);
    assert!(listed.contains("p/w/a.txt") && listed.contains("p/w/sub/b.txt"), "{listed}");
}
