//! Links that are checked through the environment's proxies, which are real ones here: what passes them, what they get
//! to know, and what is said of an answer that came through one.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;

use bucketdrop::local_storage::faults::{Profile, ServedNames};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use super::*;

/// `user:word`, as a proxy gets it.
const LOGIN: &str = "Basic dXNlcjp3b3Jk";
/// What a proxy says by itself.
const WANTS_LOGIN: &str = "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"";

/// The head of a request, as a proxy or whoever is behind it has seen it.
#[derive(Clone, Debug)]
struct Head(String);

impl Head {
    fn line(&self) -> &str {
        self.0.lines().next().unwrap_or_default()
    }

    fn names(&self) -> Vec<String> {
        let names = self.0.lines().skip(1).filter_map(|line| line.split_once(':'));
        names.map(|(name, _)| name.to_ascii_lowercase()).collect()
    }

    fn is_strangers(&self) -> bool {
        self.0.contains("(link check)")
    }

    /// Without what is for the proxy alone, and as a request for the server itself.
    fn for_server(&self) -> String {
        let (line, rest) = self.0.split_once("\r\n").unwrap();
        let (method, address) = line.split_once(' ').unwrap();
        let path = match address.split_once("://").and_then(|(_, after)| after.split_once('/')) {
            Some((_, path)) => format!("/{path}"),
            None => address.to_owned(),
        };
        let is_kept = |line: &&str| !line.to_ascii_lowercase().starts_with("proxy-") && !line.is_empty();
        let lines: Vec<&str> = rest.split("\r\n").filter(is_kept).collect();
        format!("{method} {path}\r\n{}\r\nConnection: close\r\n\r\n", lines.join("\r\n"))
    }
}

/// What a proxy does with requests.
#[derive(Clone, Copy)]
enum Manner {
    /// Passes each on to the port: a plain one by asking there in its own name, a tunnel to the second one.
    Passes { to: u16, tunnels_to: u16 },
    /// Says this to each.
    Says(&'static str),
}

/// A program between the command line and the storage. It notes what it is asked, and ends with the test.
struct Proxy {
    port: u16,
    heads: Arc<Mutex<Vec<Head>>>,
}

impl Proxy {
    fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, heads) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
        let noted = Arc::clone(&heads);
        named("proxy", move || {
            for client in listener.incoming().map_while(Result::ok) {
                let noted = Arc::clone(&noted);
                // Either end may go at any time.
                named("proxied", move || drop(serve(client, manner, &noted)));
            }
        });
        Self { port, heads }
    }

    fn heads(&self) -> Vec<Head> {
        self.heads.lock().unwrap().clone()
    }

    fn address(&self) -> String {
        format!("http://user:word@127.0.0.1:{}", self.port)
    }
}

fn named(name: &str, run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().name(name.to_owned()).spawn(run).unwrap();
}

fn serve(mut client: TcpStream, manner: Manner, noted: &Mutex<Vec<Head>>) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        bytes.extend(byte);
    }
    let head = Head(text(&bytes));
    noted.lock().unwrap().push(head.clone());
    let (port, is_tunnel) = match manner {
        Manner::Passes { tunnels_to, .. } if head.line().starts_with("CONNECT ") => (tunnels_to, true),
        Manner::Passes { to, .. } => (to, false),
        Manner::Says(status) => {
            let page = "<html><body>This page is blocked</body></html>";
            let length = page.len();
            return write!(
                client,
                "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{page}"
            );
        }
    };
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    if is_tunnel {
        client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
        let (mut up, mut on) = (client.try_clone()?, server.try_clone()?);
        named("proxied-up", move || {
            std::io::copy(&mut up, &mut on).ok(); // either end may go
            on.shutdown(std::net::Shutdown::Write).ok();
        });
    } else {
        server.write_all(head.for_server().as_bytes())?;
    }
    std::io::copy(&mut server, &mut client)?;
    client.shutdown(std::net::Shutdown::Both)
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

/// Ends the TLS of `other.example`, and passes what was in it on.
fn behind_tls(world: &World, port: u16) -> u16 {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let read = |name| std::fs::read(fixture(name)).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(read("server-key.der")));
    let chain = vec![CertificateDer::from(read("other-name.der"))];
    let acceptor = TlsAcceptor::from(Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).unwrap()));
    let listener = world.runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let own = listener.local_addr().unwrap().port();
    world.runtime.spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut secure) = acceptor.accept(socket).await else { return };
                let Ok(mut plain) = tokio::net::TcpStream::connect(("127.0.0.1", port)).await else { return };
                tokio::io::copy_bidirectional(&mut secure, &mut plain).await.ok(); // either end may go
            });
        }
    });
    own
}

impl World {
    /// A bucket that anyone may read, with an object.
    fn open_to_anyone() -> Self {
        let world = Self::new();
        let names = ServedNames::Also(&["storage.example.test", "other.example", "0.0.0.0"]);
        world.plan.set_profile(Profile { names, ..Profile::default() });
        world.put("a b.txt");
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{BUCKET}/*"}}}}"#
        );
        let put = world.client().put_bucket_policy().bucket(BUCKET).policy(policy);
        world.runtime.block_on(put.send()).unwrap();
        world
    }

    fn port(&self) -> u16 {
        self.storage.endpoint().rsplit_once(':').unwrap().1.parse().unwrap()
    }

    /// What is said of the object's link at this endpoint, where the environment names a proxy for everything but
    /// `except`.
    fn linked(&self, endpoint: &str, proxy: &Proxy, except: &str) -> Value {
        let mut command = self.command(&["--json", "--path-style", "link", "s3://cli-bucket/a b.txt"]);
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD"] {
            command.env_remove(name).env_remove(name.to_ascii_lowercase());
        }
        command.env("HTTP_PROXY", proxy.address()).env("HTTPS_PROXY", proxy.address()).env("NO_PROXY", except);
        let ran = command.env("AWS_ENDPOINT_URL", endpoint).env("SSL_CERT_FILE", fixture("ca.pem")).output().unwrap();
        let [line] = lines(&ran).try_into().unwrap_or_else(|lines| panic!("{lines:?} {ran:?}"));
        assert_eq!(line["link"], format!("{endpoint}/{BUCKET}/a%20b.txt"), "{line}");
        line
    }
}

/// Who asks as a stranger gives nothing away but the link, to whomever.
#[track_caller]
fn gives_nothing_away(heads: &[Head], to_a_proxy: &[&str]) {
    let strangers: Vec<&Head> = heads.iter().filter(|head| head.is_strangers()).collect();
    assert!(!strangers.is_empty(), "{heads:?}");
    for head in strangers {
        let mut names = head.names();
        names.retain(|name| name != "range" && name != "connection" && !to_a_proxy.contains(&name.as_str()));
        names.sort();
        assert_eq!(names, ["accept", "host", "user-agent"], "{head:?}");
        assert!(!head.0.contains("X-Amz-"), "{head:?}");
    }
}

#[test]
fn a_plain_link_is_asked_for_through_the_proxy_and_gives_no_key_away() {
    let world = World::open_to_anyone();
    let proxy = Proxy::start(Manner::Passes { to: world.port(), tunnels_to: 0 });
    let line = world.linked("http://storage.example.test", &proxy, "127.0.0.1,localhost");
    // It opens, and nobody here knows where that host is: perhaps behind the proxy only.
    assert_eq!(line["verdict"], "only-through-proxy", "{line}");
    let heads = proxy.heads();
    gives_nothing_away(&heads, &["proxy-authorization"]);
    for head in &heads {
        assert!(head.line().contains(" http://storage.example.test/"), "{head:?}");
        assert!(head.0.contains(LOGIN), "{head:?}");
    }
    // The very object was compared: our own keys have looked as well, by the same way.
    assert!(heads.iter().any(|head| head.names().contains(&"authorization".to_owned())), "{heads:?}");
}

#[test]
fn a_safe_link_is_asked_for_through_a_tunnel_and_the_proxy_sees_no_more_than_its_host() {
    let world = World::open_to_anyone();
    let inner = Proxy::start(Manner::Passes { to: world.port(), tunnels_to: 0 });
    let proxy = Proxy::start(Manner::Passes { to: 0, tunnels_to: behind_tls(&world, inner.port) });
    let line = world.linked("https://other.example", &proxy, "");
    assert_eq!(line["verdict"], "only-through-proxy", "{line}");
    for head in proxy.heads() {
        assert_eq!(head.line(), "CONNECT other.example:443 HTTP/1.1");
        assert!(head.0.contains(LOGIN) && !head.names().contains(&"authorization".to_owned()), "{head:?}");
    }
    // The login is the proxy's alone.
    gives_nothing_away(&inner.heads(), &[]);
    assert!(inner.heads().iter().all(|head| !head.0.contains(LOGIN)));
}

#[test]
fn what_is_left_out_of_the_proxies_and_this_computer_are_asked_without() {
    let world = World::open_to_anyone();
    let proxy = Proxy::start(Manner::Passes { to: world.port(), tunnels_to: 0 });
    let line = world.linked(world.storage.endpoint(), &proxy, "");
    assert_eq!((line["verdict"].as_str(), proxy.heads().len()), (Some("only-this-computer"), 0), "{line}");
    // An address of no host, which leads to this one and is none of its names.
    let nowhere = format!("http://0.0.0.0:{}", world.port());
    let line = world.linked(&nowhere, &proxy, "10.0.0.0/8,0.0.0.0");
    assert_eq!((line["verdict"].as_str(), proxy.heads().len()), (Some("only-this-computer"), 0), "{line}");
    let line = world.linked(&nowhere, &proxy, "10.0.0.0/8");
    assert_eq!(line["verdict"], "only-this-network", "{line}");
    gives_nothing_away(&proxy.heads(), &["proxy-authorization"]);
}

#[test]
fn what_a_proxy_says_by_itself_is_not_taken_for_a_strangers_answer() {
    let world = World::open_to_anyone();
    for (says, plain, safe) in [
        ("403 Forbidden", "unknown-odd-answer", "unknown-unreachable"),
        (WANTS_LOGIN, "unknown-unreachable", "unknown-unreachable"),
        ("502 Bad Gateway", "unknown-server-error", "unknown-unreachable"),
        ("504 Gateway Timeout", "unknown-server-error", "unknown-unreachable"),
    ] {
        let proxy = Proxy::start(Manner::Says(says));
        for (endpoint, verdict) in [("http://storage.example.test", plain), ("https://other.example", safe)] {
            let line = world.linked(endpoint, &proxy, "");
            assert_eq!(line["verdict"], verdict, "{says} {endpoint}: {line}");
        }
    }
}
