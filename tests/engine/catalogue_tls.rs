//! Rows N14 to N20 of the fault catalogue that concern certificates and proxies. What depends on the environment of
//! the process runs in one of its own.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{FailureKind, PutOptions};
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
fn behind_tls(server: &Server, certificate: &str) -> (String, Arc<AtomicU64>) {
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
    let mut count = None;
    let scene = Scene::with(|server, draft| {
        let (endpoint, came) = behind_tls(server, certificate);
        draft.endpoint = endpoint;
        count = Some(came);
    });
    (scene, count.unwrap())
}

/// Runs one of the tests below in a process of its own.
fn in_a_process(test: &str, environment: &[(&str, &str)]) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--ignored", "--exact", &format!("catalogue_tls::{test}"), "--nocapture"]);
    let output = child.envs(environment.iter().copied()).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn with_our_authority(test: &str) {
    let authority = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls/ca.pem");
    in_a_process(test, &[("SSL_CERT_FILE", authority.to_str().unwrap())]);
}

#[test]
fn n16_tls_not_trusted() {
    let (scene, came) = over_tls("good.der");
    assert_eq!(scene.held("a", SMALL).1.kind, FailureKind::TlsNotTrusted);
    assert!(came.load(Ordering::SeqCst) <= 2, "asking again makes no certificate better");
    assert!(scene.server.plan.log().iter().all(|record| record.operation == "PutBucketVersioning"));
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

/// A proxy that wants a login; counts what comes.
async fn grudging_proxy(listener: TcpListener, came: Arc<AtomicU64>) {
    while let Ok((mut socket, _)) = listener.accept().await {
        came.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(async move {
            let mut head = [0; 4096];
            if socket.read(&mut head).await.is_ok() {
                let answer = "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"x\"\r\n\
                              content-length: 0\r\nconnection: close\r\n\r\n";
                socket.write_all(answer.as_bytes()).await.ok(); // the client may be gone
            }
        });
    }
}

fn with_a_proxy(test: &str, except: &str) -> u64 {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let came = Arc::new(AtomicU64::new(0));
    runtime.spawn(grudging_proxy(listener, Arc::clone(&came)));
    in_a_process(test, &[("HTTP_PROXY", &proxy), ("HTTPS_PROXY", &proxy), ("NO_PROXY", except), ("no_proxy", except)]);
    came.load(Ordering::SeqCst)
}

#[test]
fn n14_the_proxy_wants_a_login() {
    let came = with_a_proxy("an_upload_through_a_proxy_in_a_process", "127.0.0.1");
    assert!((1..=4).contains(&came), "asked {came} times: no loop");
}

#[test]
fn n15_loopback_never_goes_through_a_proxy() {
    assert_eq!(with_a_proxy("an_upload_to_loopback_in_a_process", ""), 0);
}

#[test]
#[ignore = "started by another test, as a process of its own"]
fn an_upload_through_a_proxy_in_a_process() {
    for endpoint in ["https://s3.example.test", "http://s3.example.test"] {
        let scene = Scene::with(|_, draft| endpoint.clone_into(&mut draft.endpoint));
        assert_eq!(scene.held("a", SMALL).1.kind, FailureKind::ProxyLogin, "{endpoint}");
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
