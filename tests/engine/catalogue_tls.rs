//! Rows N14 to N20 of the fault catalogue that concern certificates and proxies. What depends on the environment of
//! the process runs in one of its own.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{CA_FILE, FailureKind, PutOptions};
use bucketdrop::platform::{Home, logging};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::catalogue_common::{LARGE, SMALL, Scene};
use crate::support::{Server, Setup, TestEngine, pattern};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)).unwrap()
}

/// Puts TLS in front of a server. Returns the endpoint, and the count of connections that came.
pub(crate) fn behind_tls(server: &Server, certificate: &str) -> (String, Arc<AtomicU64>) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(fixture("server-key.der")));
    let chain = vec![CertificateDer::from(fixture(certificate))];
    let acceptor = TlsAcceptor::from(Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).unwrap()));
    let plain = server.endpoint.trim_start_matches("http://").to_owned();
    let listener = server.runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicU64::new(0));
    let came = Arc::clone(&count);
    server.runtime.spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            came.fetch_add(1, Ordering::SeqCst);
            let (acceptor, plain) = (acceptor.clone(), plain.clone());
            tokio::spawn(async move {
                let Ok(mut secure) = acceptor.accept(socket).await else { return };
                let Ok(mut plain) = TcpStream::connect(plain).await else { return };
                tokio::io::copy_bidirectional(&mut secure, &mut plain).await.ok(); // either end may go
            });
        }
    });
    (endpoint, count)
}

fn over_tls(certificate: &str) -> (Scene, Arc<AtomicU64>) {
    over_tls_with(certificate, "")
}

/// The same, with a file of authorities in the connection.
fn over_tls_with(certificate: &str, ca_file: &str) -> (Scene, Arc<AtomicU64>) {
    let mut count = None;
    let scene = Scene::with(|server, draft| {
        let (endpoint, came) = behind_tls(server, certificate);
        draft.endpoint = endpoint;
        ca_file.clone_into(&mut draft.ca_file);
        count = Some(came);
    });
    (scene, count.unwrap())
}

pub(crate) fn our_authority() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls/ca.pem");
    path.to_str().unwrap().to_owned()
}

/// Runs one of the tests below in a process of its own; what it has said.
fn in_a_process(test: &str, environment: &[(&str, &str)]) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--ignored", "--exact", &format!("catalogue_tls::{test}"), "--nocapture"]);
    let output = child.envs(environment.iter().copied()).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    said
}

fn with_our_authority(test: &str) {
    in_a_process(test, &[("SSL_CERT_FILE", &our_authority())]);
}

#[test]
fn n16_tls_not_trusted() {
    let (scene, came) = over_tls("good.der");
    assert_eq!(scene.held("a", SMALL).1.kind, FailureKind::TlsNotTrusted);
    assert!(came.load(Ordering::SeqCst) <= 2, "asking again makes no certificate better");
    assert!(scene.server.plan.log().iter().all(|record| record.operation == "PutBucketVersioning"));
}

#[test]
fn n16_an_authority_of_the_connections_own() {
    let (scene, _) = over_tls_with("good.der", &our_authority());
    scene.arrives("small", SMALL);
    scene.arrives("large", LARGE);
}

#[test]
fn n16_an_authority_of_the_connections_own_mends_no_other_fault() {
    for (certificate, kind) in [("expired.der", FailureKind::TlsExpired), ("other-name.der", FailureKind::TlsWrongName)]
    {
        let (scene, came) = over_tls_with(certificate, &our_authority());
        assert_eq!(scene.held("a", SMALL).1.kind, kind);
        assert!(came.load(Ordering::SeqCst) <= 2, "{certificate}");
        assert!(scene.server.plan.log().iter().all(|record| record.operation == "PutBucketVersioning"));
    }
}

#[test]
fn n16_a_file_of_authorities_that_is_not_there_holds_the_queue_until_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let (scene, came) = over_tls_with("good.der", path.to_str().unwrap());
    let (batch, failure) = scene.held("a", SMALL);
    assert_eq!(failure.kind, FailureKind::CaFileUnreadable);
    assert!(failure.args.contains(&(CA_FILE, path.display().to_string())), "{failure:?}");
    assert_eq!(came.load(Ordering::SeqCst), 0, "nobody is asked without it");
    std::fs::copy(our_authority(), &path).unwrap();
    scene.goes_on(batch, "a", SMALL);
}

#[cfg(target_os = "linux")]
#[test]
fn n17_tls_expired_or_of_another_name() {
    with_our_authority("bad_certificates_in_a_process");
}

#[cfg(target_os = "linux")]
#[test]
fn n20_a_captive_portal_over_tls() {
    with_our_authority("a_portal_in_a_process");
}

#[cfg(target_os = "linux")]
#[test]
fn n18_a_company_authority_that_the_system_trusts() {
    with_our_authority("a_good_certificate_in_a_process");
}

#[test]
#[ignore = "started by another test, as a process of its own"]
fn bad_certificates_in_a_process() {
    for (certificate, kind) in [("expired.der", FailureKind::TlsExpired), ("other-name.der", FailureKind::TlsWrongName)]
    {
        let (scene, came) = over_tls(certificate);
        assert_eq!(scene.held("a", SMALL).1.kind, kind);
        assert!(came.load(Ordering::SeqCst) <= 2, "{certificate}");
    }
}

#[test]
#[ignore = "started by another test, as a process of its own"]
fn a_portal_in_a_process() {
    // With a certificate of its own, which is not the host's.
    let (scene, came) = over_tls("other-name.der");
    assert_eq!(scene.held("a", SMALL).1.kind, FailureKind::TlsWrongName);
    assert!(came.load(Ordering::SeqCst) <= 2, "asking again makes no certificate better");
    // Or with one that the system trusts, and the status that was made for it.
    let (scene, _) = over_tls("good.der");
    let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
    let body = "<html>Sign in to the network</html>".to_owned();
    scene.server.plan.add(Fault::anywhere(Action::Answer { status: 511, headers, body }));
    let (batch, failure) = scene.held("a", SMALL);
    assert_eq!(failure.kind, FailureKind::LoginPage, "{failure:?}");
    scene.server.plan.clear();
    scene.goes_on(batch, "a", SMALL);
}

#[test]
#[ignore = "started by another test, as a process of its own"]
fn a_good_certificate_in_a_process() {
    let (scene, _) = over_tls("good.der");
    scene.arrives("small", SMALL);
    scene.arrives("large", LARGE);
}

/// The heads of the requests that came.
type Heads = Arc<Mutex<Vec<String>>>;

/// A proxy that wants a login, or another one; keeps what comes.
async fn grudging_proxy(listener: TcpListener, came: Heads) {
    while let Ok((mut socket, _)) = listener.accept().await {
        let came = Arc::clone(&came);
        tokio::spawn(async move {
            let mut head = [0; 4096];
            if let Ok(count) = socket.read(&mut head).await {
                came.lock().unwrap().push(String::from_utf8_lossy(head.get(..count).unwrap_or_default()).into_owned());
                let answer = "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"x\"\r\n\
                              content-length: 0\r\nconnection: close\r\n\r\n";
                socket.write_all(answer.as_bytes()).await.ok(); // the client may be gone
            }
        });
    }
}

/// Runs a test behind such a proxy, whose address has this login; the heads that came, and what was said.
fn with_a_proxy(test: &str, except: &str, login: &str) -> (Vec<String>, String) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let proxy = format!("http://{login}{}", listener.local_addr().unwrap());
    let came = Heads::default();
    runtime.spawn(grudging_proxy(listener, Arc::clone(&came)));
    let proxies = [("HTTP_PROXY", proxy.as_str()), ("HTTPS_PROXY", &proxy)];
    let rest = [("NO_PROXY", except), ("no_proxy", except), ("RUST_LOG", "trace")];
    let said = in_a_process(test, &[&proxies[..], &rest].concat());
    let came = came.lock().unwrap().clone();
    (came, said)
}

#[test]
fn n14_the_proxy_wants_a_login() {
    let (came, _) = with_a_proxy("an_upload_through_a_proxy_in_a_process", "127.0.0.1", "");
    assert!((1..=4).contains(&came.len()), "no loop: {came:?}");
    assert!(!came.iter().any(|head| head.to_lowercase().contains("proxy-authorization")), "{came:?}");
}

#[test]
fn n14_the_password_of_a_proxy_goes_to_it_and_is_never_shown() {
    let login = "somebody:ZcHb-word-that-nobody-sees@";
    let (came, said) = with_a_proxy("an_upload_through_a_proxy_in_a_process", "127.0.0.1", login);
    // As it goes over the line.
    let encoded = "c29tZWJvZHk6WmNIYi13b3JkLXRoYXQtbm9ib2R5LXNlZXM=";
    assert!((1..=4).contains(&came.len()), "no loop: {came:?}");
    assert!(came.iter().all(|head| head.contains(&format!("Basic {encoded}"))), "{came:?}");
    assert!(
        came.iter().any(|head| head.starts_with("CONNECT "))
            && came.iter().any(|head| head.starts_with("PUT ")
                || head.starts_with("GET ")
                || head.starts_with("HEAD ")
                || head.starts_with("POST ")),
        "{came:?}"
    );
    for hidden in ["ZcHb-word", encoded] {
        assert!(!said.contains(hidden), "{said}");
    }
}

#[test]
fn n15_loopback_never_goes_through_a_proxy() {
    assert_eq!(with_a_proxy("an_upload_to_loopback_in_a_process", "", "").0, [""; 0]);
}

#[test]
#[ignore = "started by another test, as a process of its own"]
fn an_upload_through_a_proxy_in_a_process() {
    // All that could be logged is said, for whoever has started this to look at.
    let log = tempfile::tempdir().unwrap();
    let _log = logging::init(&Home::under(log.path()), logging::Console::Stderr);
    for endpoint in ["https://s3.example.test", "http://s3.example.test"] {
        let scene = Scene::with(|_, draft| endpoint.clone_into(&mut draft.endpoint));
        let failure = scene.held("a", SMALL).1;
        assert_eq!(failure.kind, FailureKind::ProxyLogin, "{endpoint}");
        println!("{failure:?}");
    }
}

#[test]
#[ignore = "started by another test, as a process of its own"]
fn an_upload_to_loopback_in_a_process() {
    // No client but the engine's: others would go by the environment.
    let server = Server::start();
    let engine = TestEngine::start(Setup::default());
    let at = engine.connect(&server);
    let paths = vec![engine.file("a", &pattern(SMALL)), engine.file("b", &pattern(LARGE))];
    assert_eq!(engine.upload(paths, &at, PutOptions::default()).done, 2);
    assert_eq!(server.plan.count("CompleteMultipartUpload"), 1);
}
