//! Two processes' worth of instances in one: locks are per open file, so both sides can be tested here.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::*;
use crate::model::Secret;

fn home(folder: &Path) -> Home {
    let home = Home::under(folder);
    home.ensure().unwrap();
    home
}

fn first(home: &Home) -> InstanceServer {
    match Instance::claim(home).unwrap() {
        Instance::First(server) => server,
        Instance::Second(_) => panic!("somebody else has the lock"),
    }
}

fn second(home: &Home) -> InstanceClient {
    match Instance::claim(home).unwrap() {
        Instance::Second(client) => client,
        Instance::First(_) => panic!("the lock was free"),
    }
}

/// Runs a blocking call beside the test's runtime.
async fn aside<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(call).await.unwrap()
}

#[tokio::test]
async fn files_are_handed_over_byte_for_byte() {
    let temp = tempfile::tempdir().unwrap();
    let home = home(temp.path());
    let mut server = first(&home);
    let client = second(&home);
    let mut paths = vec![PathBuf::from("/tmp/한국어 파일 (최종).txt"), PathBuf::from("/tmp/a\nb")];
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt as _;
        paths.push(std::ffi::OsString::from_vec(b"/tmp/\xff\xfe".to_vec()).into());
    }
    let sent = paths.clone();
    let handed = tokio::spawn(aside(move || client.hand_over(&sent)));
    match server.accept().await {
        Request::OpenFiles(received) => assert_eq!(received, paths),
        other => panic!("{other:?}"),
    }
    handed.await.unwrap().unwrap();
}

#[tokio::test]
async fn show_and_relative_paths() {
    let temp = tempfile::tempdir().unwrap();
    let home = home(temp.path());
    let mut server = first(&home);
    let client = second(&home);
    let asked = tokio::spawn(aside(move || client.show().and_then(|()| client.hand_over(&["here.txt".into()]))));
    assert!(matches!(server.accept().await, Request::Show));
    let Request::OpenFiles(paths) = server.accept().await else { panic!("no files") };
    assert_eq!(paths, [std::env::current_dir().unwrap().join("here.txt")]);
    asked.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_storage_is_lent_or_not() {
    let temp = tempfile::tempdir().unwrap();
    let home = home(temp.path());
    let mut server = first(&home);
    let client = Instance::find_running(&home).unwrap().unwrap();
    let storage = LentStorage {
        endpoint: Endpoint::parse("http://127.0.0.1:9321").unwrap(),
        region: Region::us_east_1(),
        credentials: Credentials {
            access_key_id: "local".to_owned(),
            secret_access_key: Secret::new("lent-secret-value"),
            session_token: None,
        },
    };
    assert!(!format!("{storage:?}").contains("lent-secret"));
    let asked = tokio::spawn(aside(move || {
        (client.borrow_local_storage(), client.borrow_local_storage(), client.borrow_local_storage())
    }));
    for answer in [Some(storage.clone()), None] {
        let Request::LendLocalStorage(reply) = server.accept().await else { panic!("no request to lend") };
        reply.send(answer);
    }
    let Request::LendLocalStorage(reply) = server.accept().await else { panic!("no request to lend") };
    drop(reply);
    let (lent, none, dropped) = asked.await.unwrap();
    assert_eq!(lent.unwrap(), Some(storage));
    assert!(none.unwrap().is_none() && dropped.unwrap().is_none());
}

#[tokio::test]
async fn an_upload_is_taken_and_followed() {
    let temp = tempfile::tempdir().unwrap();
    let home = home(temp.path());
    let mut server = first(&home);
    let client = second(&home);
    let (teller, told) = std::sync::mpsc::channel();
    let hear = move |news| teller.send(news).unwrap();
    let asked = tokio::spawn(aside(move || client.upload(&["/tmp/x".into()], "job".to_owned(), hear)));
    let Request::Upload { paths, job, reply } = server.accept().await else { panic!("no upload") };
    assert_eq!((paths, job.as_str()), (vec![PathBuf::from("/tmp/x")], "job"));
    let teller = reply.taken().unwrap();
    asked.await.unwrap().unwrap();
    for number in 0..3 {
        assert!(teller.tell(format!("news {number} 한")));
    }
    drop(teller);
    let heard = aside(move || told.iter().collect::<Vec<_>>()).await;
    let mut expected: Vec<_> = (0..3).map(|number| News::Told(format!("news {number} 한"))).collect();
    expected.push(News::Over);
    assert_eq!(heard, expected);
}

#[tokio::test]
async fn a_follower_that_leaves_is_noticed() {
    let temp = tempfile::tempdir().unwrap();
    let home = home(temp.path());
    let mut server = first(&home);
    let socket = home.socket_name().unwrap();
    let asker = aside(move || {
        use std::io::Write as _;
        let mut asker = half_an_upload(&socket);
        // It answers that it is ready.
        asker.write_all(&[protocol::GO]).unwrap();
        asker
    })
    .await;
    let Request::Upload { reply, .. } = server.accept().await else { panic!("no upload") };
    let teller = reply.taken().unwrap();
    assert!(teller.is_heard());
    drop(asker);
    while teller.is_heard() {
        tokio::task::yield_now().await;
    }
    assert!(!teller.tell(String::new()));
}

#[tokio::test]
async fn a_mute_connection_holds_up_nobody() {
    let temp = tempfile::tempdir().unwrap();
    let home = home(temp.path());
    let mut server = first(&home);
    let socket = home.socket_name().unwrap();
    let mute = aside(move || transport::connect(&socket, Instant::now() + ANSWER_WITHIN).unwrap()).await;
    let client = second(&home);
    let asked = tokio::spawn(aside(move || client.show()));
    assert!(matches!(server.accept().await, Request::Show));
    asked.await.unwrap().unwrap();
    drop(mute);
}

#[test]
fn the_lock_goes_with_the_server_and_a_stale_socket_is_replaced() {
    let temp = tempfile::tempdir().unwrap();
    let home = home(temp.path());
    assert!(Instance::find_running(&home).unwrap().is_none());
    let server = first(&home);
    assert!(Instance::find_running(&home).unwrap().is_some());
    drop(server);
    assert!(Instance::find_running(&home).unwrap().is_none());
    assert!(!home.socket_name().unwrap().exists());
    // As a process leaves it that was killed.
    #[cfg(unix)]
    drop(std::os::unix::net::UnixListener::bind(home.socket_name().unwrap()).unwrap());
    let server = first(&home);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(home.socket_name().unwrap()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    drop(server);
}

#[test]
fn a_first_one_that_does_not_answer_is_told_within_three_seconds() {
    let temp = tempfile::tempdir().unwrap();
    let home = home(temp.path());
    let server = first(&home);
    let client = second(&home);
    let error = client.hand_over(&["/tmp/x".into()]).unwrap_err();
    assert!(matches!(error, PlatformError::InstanceSilent { .. }), "{error}");
    drop(server);
}

/// An asker that has sent its upload, and says nothing more.
fn half_an_upload(socket: &Path) -> transport::Caller {
    use std::io::Write as _;
    let mut asker = transport::connect(socket, Instant::now() + ANSWER_WITHIN).unwrap();
    let paths = vec![path_to_text(Path::new("/tmp/x"))];
    let message = protocol::Message::Upload { paths, job: String::new(), follow: true };
    asker.write_all(&protocol::framed(&message).unwrap()).unwrap();
    asker
}

#[tokio::test]
async fn an_upload_is_not_taken_from_who_has_stopped_waiting() {
    let temp = tempfile::tempdir().unwrap();
    let home = home(temp.path());
    // It has its socket already, and hears nothing yet: it starts, or was stopped.
    let mut server = first(&home);
    let socket = home.socket_name().unwrap();
    drop(half_an_upload(&socket));
    let client = second(&home);
    let asked = tokio::spawn(aside(move || client.show()));
    // Both are read now; the upload came first, and its asker does it itself.
    assert!(matches!(server.accept().await, Request::Show));
    asked.await.unwrap().unwrap();
    let late = tokio::time::timeout(Duration::from_millis(300), server.accept()).await;
    assert!(late.is_err(), "{late:?}");
}

/// What a first one does that understands every question and behaves otherwise.
#[cfg(unix)]
fn odd_first(home: &Home, behave: impl FnOnce(&mut std::os::unix::net::UnixStream) + Send + 'static) -> InstanceClient {
    let listener = std::os::unix::net::UnixListener::bind(home.socket_name().unwrap()).unwrap();
    let place = Place::window(home);
    std::thread::Builder::new()
        .name("odd first one".to_owned())
        .spawn(move || {
            use std::io::Read as _;
            let (mut stream, _) = listener.accept().unwrap();
            let mut length = [0; 4];
            stream.read_exact(&mut length).unwrap();
            let mut question = vec![0; u32::from_le_bytes(length) as usize];
            stream.read_exact(&mut question).unwrap();
            behave(&mut stream);
        })
        .unwrap();
    InstanceClient::new(place)
}

#[cfg(unix)]
#[test]
fn who_has_said_go_does_not_do_it_itself() {
    use std::io::{Read as _, Write as _};
    let temp = tempfile::tempdir().unwrap();
    let home = home(temp.path());
    let client = odd_first(&home, |stream| {
        stream.write_all(&protocol::framed(&protocol::Answer::Ready).unwrap()).unwrap();
        let mut go = [0];
        stream.read_exact(&mut go).unwrap();
        assert_eq!(go, [protocol::GO]);
        // It dies before it has said whether it took it.
    });
    let answer = client.upload(&["/tmp/x".into()], String::new(), drop);
    assert!(matches!(answer, Err(PlatformError::InstanceUnclear { .. })), "{answer:?}");
}

#[cfg(unix)]
#[test]
fn who_has_stopped_waiting_never_says_go() {
    use std::io::{Read as _, Write as _};
    let temp = tempfile::tempdir().unwrap();
    let home = home(temp.path());
    let (given_up, has_given_up) = std::sync::mpsc::channel::<()>();
    let (ended, end) = std::sync::mpsc::channel();
    let client = odd_first(&home, move |stream| {
        has_given_up.recv().unwrap();
        // The asker may be gone altogether.
        stream.write_all(&protocol::framed(&protocol::Answer::Ready).unwrap()).ok();
        ended.send(stream.read(&mut [0]).unwrap_or_default()).unwrap();
    });
    let answer = client.upload(&["/tmp/x".into()], String::new(), drop);
    assert!(matches!(answer, Err(PlatformError::InstanceSilent { .. })), "{answer:?}");
    given_up.send(()).unwrap();
    assert_eq!(end.recv().unwrap(), 0, "it said go");
}
