//! How many connections there are, and what becomes of them.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::s3::canned::{Canned, Reply};
use crate::s3::dial::{Proxies, Trust};
use crate::s3::tls_clock_links::{CA, GOOD, tls};

const LONG: Duration = Duration::from_mins(1);

fn pool_by(trust: Trust, proxies: Proxies, idle_for: Duration) -> Pool {
    Pool::new(&DialConfig { trust, proxies, limit: Duration::from_secs(5) }, idle_for).unwrap()
}

fn pool() -> Pool {
    pool_by(Trust::Nobody, Proxies::None, LONG)
}

fn get(address: &str) -> HttpRequest {
    HttpRequest::get(address).unwrap()
}

fn address_of(server: &Canned) -> String {
    format!("{}/b/k?x=1", server.endpoint("127.0.0.1").as_str())
}

/// Sends a request and reads its answer; the status.
async fn ask(pool: &Pool, address: &str) -> u16 {
    let mut response = pool.call(get(address)).await.unwrap();
    response.take_body().collect().await.unwrap();
    response.status().as_u16()
}

async fn hello() -> Canned {
    Canned::start(|_, _| Reply::http(200, &[], "hello")).await
}

#[tokio::test]
async fn requests_one_after_the_other_share_a_connection() {
    let (server, pool) = (hello().await, pool());
    for _each in 0..20 {
        assert_eq!(ask(&pool, &address_of(&server)).await, 200);
    }
    assert_eq!((server.counts().begun, server.counts().requests), (1, 20));
    let asked = server.asked();
    assert_eq!(asked[0].line, "GET /b/k?x=1");
    assert_eq!(format!("http://{}", asked[0].header("host")), server.endpoint("127.0.0.1").as_str());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_are_never_more_connections_than_requests_at_a_time() {
    const AT_A_TIME: usize = 8;
    let (server, pool) = (hello().await, pool());
    let left = Arc::new(AtomicUsize::new(400));
    let tasks: Vec<_> = (0..AT_A_TIME)
        .map(|_task| {
            let (pool, address, left) = (pool.clone(), address_of(&server), Arc::clone(&left));
            tokio::spawn(async move {
                while left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
                    assert_eq!(ask(&pool, &address).await, 200);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(server.counts().requests, 400);
    // One that a busy machine does not make ready in time is given up for another one now and then.
    assert!(server.counts().begun <= 2 * AT_A_TIME, "{:?}", server.counts());
}

#[tokio::test]
async fn a_connection_that_the_server_has_closed_costs_no_request() {
    let close_first = |_: &_, number: usize| match number {
        0 => Reply::Last(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec()),
        _ => Reply::http(200, &[], "hello"),
    };
    let (server, pool) = (Canned::start(close_first).await, pool());
    for _each in 0..3 {
        assert_eq!(ask(&pool, &address_of(&server)).await, 200);
    }
    assert_eq!((server.counts().begun, server.counts().requests), (2, 3));
}

#[tokio::test]
async fn a_dropped_call_closes_its_connection_and_an_unread_answer_does_not_come_back() {
    let silent = Canned::start(|_, _| Reply::Raw(Vec::new())).await;
    let (dropping, address) = (pool(), address_of(&silent));
    let call = dropping.call(get(&address));
    tokio::select! {
        _answered = call => panic!("it answers"),
        () = silent.wait_until(|counts| counts.requests == 1) => {}
    }
    silent.wait_until(|counts| counts.ended == 1).await;

    let long = "x".repeat(4_000_000);
    let server = Canned::start(move |_, _| Reply::http(200, &[], &long)).await;
    let pool = pool();
    drop(pool.call(get(&address_of(&server))).await.unwrap());
    server.wait_until(|counts| counts.ended == 1).await;
    assert_eq!(ask(&pool, &address_of(&server)).await, 200);
    assert_eq!(server.counts().begun, 2);
}

#[tokio::test]
async fn short_requests_tell_how_far_the_server_is() {
    let (server, pool) = (hello().await, pool());
    let address = address_of(&server);
    let put = |bytes: usize| {
        let mut request = HttpRequest::new(SdkBody::from(vec![0; bytes]));
        request.set_method("PUT").unwrap();
        request.set_uri(address.clone()).unwrap();
        request
    };
    assert_eq!(pool.quickest_answer(), None);
    pool.call(put(1024 * 1024)).await.unwrap();
    assert_eq!(pool.quickest_answer(), None, "how long a large body takes says more of the body");
    let begun = Instant::now();
    pool.beside().call(put(1024)).await.unwrap();
    let quickest = pool.quickest_answer().unwrap();
    assert!(quickest < begun.elapsed(), "without the time in which the connection was opened");
}

#[tokio::test]
async fn spoilt_connections_are_not_used_again_and_those_of_others_not_at_all() {
    let (server, pool) = (hello().await, pool());
    let address = address_of(&server);
    let mut request = get(&address);
    let capture = CaptureSmithyConnection::new();
    request.add_extension(capture.clone());
    let mut response = pool.call(request).await.unwrap();
    response.take_body().collect().await.unwrap();
    let shown = capture.get().unwrap();
    assert_eq!(shown.remote_addr().map(|remote| remote.ip().is_loopback()), Some(true));
    shown.poison();
    ask(&pool, &address).await;
    assert_eq!(server.counts().begun, 2);
    // Another runtime's pool has its own.
    ask(&pool, &address).await;
    ask(&pool.beside(), &address).await;
    assert_eq!(server.counts().begun, 3);
}

#[tokio::test]
async fn idle_connections_are_closed_after_a_while_and_with_the_pool() {
    let server = hello().await;
    let short = pool_by(Trust::Nobody, Proxies::None, Duration::from_millis(20));
    ask(&short, &address_of(&server)).await;
    server.wait_until(|counts| counts.ended == 1).await;
    ask(&short, &address_of(&server)).await;
    server.wait_until(|counts| counts.ended == 2).await;
    let long = pool();
    ask(&long, &address_of(&server)).await;
    drop(long);
    server.wait_until(|counts| counts.ended == 3).await;
}

#[tokio::test]
async fn only_http1_is_offered() {
    // Whoever offers HTTP/2 gets it from this server, which then speaks HTTP/1 in vain.
    let mut config = Arc::unwrap_or_clone(tls(GOOD));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let server = Canned::start_with(Some(Arc::new(config)), |_, _| Reply::http(200, &[], "hello")).await;
    let pool = pool_by(Trust::Only(CA.to_vec()), Proxies::None, LONG);
    for _each in 0..3 {
        assert_eq!(ask(&pool, &address_of(&server)).await, 200);
    }
    assert_eq!(server.counts().begun, 1);
}

/// A proxy that notes what it is asked and connects to `server`, whatever name was given.
async fn tunnel_to(server: u16) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, heads) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
    let noted = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(client.read_u8().await.unwrap());
            }
            noted.lock().unwrap().push(String::from_utf8(head).unwrap());
            client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
            let mut server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
    });
    (port, heads)
}

#[tokio::test]
async fn proxies_pass_tls_on_and_are_asked_for_plain_addresses() {
    let secure = Canned::start_with(Some(tls(GOOD)), |_, _| Reply::http(200, &[], "hello")).await;
    let port = address_of(&secure).parse::<Uri>().unwrap().port_u16().unwrap();
    let (proxy, heads) = tunnel_to(port).await;
    let tunnelled = pool_by(Trust::Only(CA.to_vec()), Proxies::WithLogin("http", proxy), LONG);
    for _each in 0..2 {
        assert_eq!(ask(&tunnelled, &address_of(&secure)).await, 200);
    }
    let heads = heads.lock().unwrap().clone();
    assert_eq!(heads.len(), 1, "{heads:?}");
    assert!(heads[0].starts_with(&format!("CONNECT 127.0.0.1:{port} HTTP/1.1\r\n")), "{heads:?}");
    assert!(heads[0].contains("Basic dXNlcjp3b3Jk"), "{heads:?}");
    assert_eq!(
        (secure.asked()[0].line.as_str(), secure.asked()[0].header("proxy-authorization")),
        ("GET /b/k?x=1", "")
    );

    let forwards = hello().await;
    let port = address_of(&forwards).parse::<Uri>().unwrap().port_u16().unwrap();
    let asking = pool_by(Trust::Nobody, Proxies::WithLogin("http", port), LONG);
    assert_eq!(ask(&asking, "http://s3.example.test/b/k").await, 200);
    let asked = forwards.asked();
    assert_eq!(
        (asked[0].line.as_str(), asked[0].header("host")),
        ("GET http://s3.example.test/b/k", "s3.example.test")
    );
    assert_eq!(asked[0].header("proxy-authorization"), "Basic dXNlcjp3b3Jk");
}
