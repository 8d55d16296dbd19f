//! The handshake byte by byte, and requests through a proxy that really passes them on.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use http_body_util::BodyExt as _;
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::model::FailureKind;
use crate::s3::canned::{Canned, Reply};
use crate::s3::classify::kind_of_chain;
use crate::s3::dial::{DialConfig, Proxies, Trust};
use crate::s3::pool::Pool;
use crate::s3::proxies::{ProxyRules, Setting, Variables, Way};
use crate::s3::tls_clock_links::{CA, GOOD, tls};

fn socks(value: &str) -> Socks {
    let all = Setting { name: "ALL_PROXY", value: value.to_owned() };
    match ProxyRules::new(&Variables { all, ..Variables::default() }).way(&Uri::from_static("https://h/")) {
        Ok(Way::Socks(socks)) => socks,
        other => panic!("{other:?}"),
    }
}

/// Speaks to a proxy that says all of its answers at once; what it was told, and what became of it.
async fn told(proxy: &str, address: &'static str, answers: &[u8]) -> (Vec<u8>, Result<(), SocksError>) {
    let (mut ours, mut theirs) = tokio::io::duplex(64 * 1024);
    theirs.write_all(answers).await.unwrap();
    let passed = pass(&mut ours, &socks(proxy), &Uri::from_static(address)).await;
    drop(ours);
    let mut heard = Vec::new();
    theirs.read_to_end(&mut heard).await.unwrap();
    (heard, passed)
}

const FREE: [u8; 2] = [5, 0];
const DONE: [u8; 10] = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];

#[tokio::test]
async fn the_name_goes_to_the_proxy_as_it_is() {
    let (heard, passed) = told("socks5h://p", "https://s3.example.test/b", &[&FREE[..], &DONE].concat()).await;
    passed.unwrap();
    let request = [&[5, 1, 0, 5, 1, 0, 3, 15][..], b"s3.example.test", &443_u16.to_be_bytes()].concat();
    assert_eq!(heard, request);
}

#[tokio::test]
async fn addresses_and_names_that_are_looked_up_here_go_as_numbers() {
    let answers = [&FREE[..], &DONE].concat();
    for (proxy, address, target) in [
        ("socks5h://p", "http://10.1.2.3/b", &[1, 10, 1, 2, 3, 0, 80][..]),
        ("socks5h://p", "http://[::1]:9000/b", &[4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 35, 40]),
    ] {
        let (heard, passed) = told(proxy, address, &answers).await;
        passed.unwrap();
        assert_eq!(&heard[6..], target, "{proxy} {address}");
    }
    let (heard, passed) = told("socks5://p", "http://localhost:9000/b", &answers).await;
    passed.unwrap();
    assert!(matches!(heard[6], IPV4 | IPV6), "{heard:?}");
}

#[tokio::test]
async fn a_login_is_given_only_where_it_is_asked_for() {
    let login = "socks5h://user:w%20d@p";
    let (heard, passed) = told(login, "http://h/", &[&[5, 2, 1, 0][..], &DONE].concat()).await;
    passed.unwrap();
    assert!(heard.starts_with(b"\x05\x02\x00\x02\x01\x04user\x03w d\x05\x01\x00"), "{heard:?}");
    let (heard, passed) = told(login, "http://h/", &[&FREE[..], &DONE].concat()).await;
    passed.unwrap();
    assert!(heard.starts_with(b"\x05\x02\x00\x02\x05\x01\x00"), "{heard:?}");
    for (proxy, answers) in
        [(login, &[5, 2, 1, 1][..]), (login, &[5, 0xff]), ("socks5h://p", &[5, 0xff]), ("socks5h://p", &[5, 2])]
    {
        let (heard, passed) = told(proxy, "http://h/", answers).await;
        assert!(matches!(passed, Err(SocksError::Proxy(ProxyTrouble::Login))), "{passed:?}");
        // The proxy was not asked for anything.
        assert!(!heard.windows(3).any(|three| three == [5, 1, 0] && heard.len() > 3), "{heard:?}");
    }
}

#[tokio::test]
async fn answers_that_are_no_way_are_told_from_each_other() {
    use io::ErrorKind as K;
    let after = |answer: &[u8]| [&FREE[..], answer].concat();
    for (code, expected) in [(2, K::HostUnreachable), (3, K::NetworkUnreachable), (5, K::ConnectionRefused)] {
        let (_, passed) = told("socks5h://p", "http://h/", &after(&[5, code, 0, 1, 0, 0, 0, 0, 0, 0])).await;
        assert!(matches!(&passed, Err(SocksError::Line(error)) if error.kind() == expected), "{code} {passed:?}");
    }
    for answers in [b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), after(&[4, 0, 0, 1]), after(&[5, 0, 0, 9])] {
        let (_, passed) = told("socks5h://p", "http://h/", &answers).await;
        let no_socks = ProxyTrouble::Unusable { variable: "ALL_PROXY", why: Unusable::SpeaksNoSocks };
        assert!(matches!(&passed, Err(SocksError::Proxy(trouble)) if *trouble == no_socks), "{passed:?}");
    }
    // A name as the proxy's own end, also one without letters.
    for end in [&[3, 0, 0, 0][..], &[3, 2, b'a', b'b', 0, 0]] {
        let (_, passed) = told("socks5h://p", "http://h/", &after(&[&[5, 0, 0], end].concat())).await;
        passed.unwrap();
    }
}

/// What a proxy does with a login.
#[derive(Clone, Copy, PartialEq)]
enum Login {
    Taken,
    Refused,
}

/// A proxy that wants a login and connects to `server`, whatever name it is given; the requests that it got.
async fn proxy_to(server: u16, login: Login) -> (u16, Arc<Mutex<Vec<Vec<u8>>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, requests) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
    let noted = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let _greeting: [u8; 4] = read(&mut client).await.unwrap();
            client.write_all(&[5, 2]).await.unwrap();
            let words: [u8; 11] = read(&mut client).await.unwrap();
            assert_eq!(&words, b"\x01\x04user\x04word");
            client.write_all(&[1, u8::from(login == Login::Refused)]).await.unwrap();
            if login == Login::Refused {
                noted.lock().unwrap().push(Vec::new());
                continue;
            }
            let [.., length]: [u8; 5] = read(&mut client).await.unwrap();
            let mut name = vec![0; usize::from(length) + 2];
            client.read_exact(&mut name).await.unwrap();
            noted.lock().unwrap().push(name);
            client.write_all(&DONE).await.unwrap();
            let mut server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
    });
    (port, requests)
}

fn pool(trust: Trust, proxy: u16) -> Pool {
    let proxies = Proxies::WithLogin("socks5h", proxy);
    Pool::new(&DialConfig { trust, proxies, limit: Duration::from_secs(20) }, Duration::from_mins(1)).unwrap()
}

async fn ask(pool: &Pool, address: &str) -> u16 {
    let mut response = pool.call(HttpRequest::get(address).unwrap()).await.unwrap();
    response.take_body().collect().await.unwrap();
    response.status().as_u16()
}

fn port_of(server: &Canned) -> u16 {
    server.endpoint("127.0.0.1").as_str().parse::<Uri>().unwrap().port_u16().unwrap()
}

#[tokio::test]
async fn requests_go_through_in_clear_and_over_tls_as_to_the_server_itself() {
    let plain = Canned::start(|_, _| Reply::http(200, &[], "hello")).await;
    let (proxy, requests) = proxy_to(port_of(&plain), Login::Taken).await;
    let through = pool(Trust::Nobody, proxy);
    for _each in 0..2 {
        assert_eq!(ask(&through, "http://s3.example.test/b/k?x=1").await, 200);
    }
    assert_eq!(*requests.lock().unwrap(), [b"s3.example.test\x00\x50".to_vec()], "one line for both");
    let asked = plain.asked();
    assert_eq!((asked[0].line.as_str(), asked[0].header("host")), ("GET /b/k?x=1", "s3.example.test"));
    assert_eq!(asked[0].header("proxy-authorization"), "");

    let secure = Canned::start_with(Some(tls(GOOD)), |_, _| Reply::http(200, &[], "hello")).await;
    let (proxy, _requests) = proxy_to(port_of(&secure), Login::Taken).await;
    assert_eq!(ask(&pool(Trust::Only(CA.to_vec()), proxy), "https://localhost/b/k").await, 200);
}

#[tokio::test]
async fn a_login_that_the_proxy_does_not_take_is_told_as_such() {
    let (proxy, requests) = proxy_to(1, Login::Refused).await;
    let error =
        pool(Trust::Nobody, proxy).call(HttpRequest::get("http://s3.example.test/").unwrap()).await.unwrap_err();
    assert_eq!(kind_of_chain(&error), Some(FailureKind::ProxyLogin));
    assert!(error.is_user() && !format!("{error:?}").contains("word"), "{error:?}");
    assert_eq!(requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_goes_past_a_proxy_of_an_unknown_kind() {
    let server = Canned::start(|_, _| Reply::http(200, &[], "hello")).await;
    let proxies = Proxies::WithLogin("socks4", port_of(&server));
    let config = DialConfig { trust: Trust::Nobody, proxies, limit: Duration::from_secs(20) };
    let pool = Pool::new(&config, Duration::from_mins(1)).unwrap();
    let address = format!("{}/b/k", server.endpoint("127.0.0.1").as_str());
    let error = pool.call(HttpRequest::get(address).unwrap()).await.unwrap_err();
    assert_eq!(kind_of_chain(&error), Some(FailureKind::ProxyUnusable));
    let said = format!("{error:?} {}", aws_smithy_types::error::display::DisplayErrorContext(&error));
    assert!(said.contains("ALL_PROXY") && said.contains("socks4") && !said.contains("word"), "{said}");
    assert_eq!(server.counts().begun, 0);
}
