//! SOCKS proxies of the environment: used as they are named, and never passed by where they cannot be used.

use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;

use bucketdrop::local_storage::faults::{Profile, ServedNames};

use super::*;

const HOST: &str = "storage.example.test";

/// Names that a proxy was asked for, with their ports.
type Heard = Arc<Mutex<Vec<(String, u16)>>>;

fn named(name: &str, run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().name(name.to_owned()).spawn(run).unwrap();
}

/// A SOCKS5 proxy that wants `user` with the password `geheim` and leads to one port, whatever it is asked for. The
/// names that it was asked for, with their ports.
fn proxy_to(port: u16) -> (u16, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (own, asked) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
    let noted = Arc::clone(&asked);
    let accept = move || {
        for client in listener.incoming().map_while(Result::ok) {
            let noted = Arc::clone(&noted);
            // Either end may go at any time.
            named("socksed", move || drop(serve(client, port, &noted)));
        }
    };
    named("socks", accept);
    (own, asked)
}

fn read<const N: usize>(stream: &mut TcpStream) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn serve(mut client: TcpStream, port: u16, noted: &Mutex<Vec<(String, u16)>>) -> std::io::Result<()> {
    assert_eq!(read::<4>(&mut client)?, [5, 2, 0, 2]);
    client.write_all(&[5, 2])?;
    assert_eq!(&read::<13>(&mut client)?, b"\x01\x04user\x06geheim");
    client.write_all(&[1, 0])?;
    let [.., kind, length] = read::<5>(&mut client)?;
    assert_eq!(kind, 3, "a name");
    let mut name = vec![0; length.into()];
    client.read_exact(&mut name)?;
    let wanted = u16::from_be_bytes(read(&mut client)?);
    noted.lock().unwrap().push((String::from_utf8(name).unwrap(), wanted));
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    let (mut up, mut on) = (client.try_clone()?, server.try_clone()?);
    named("socksed-up", move || {
        std::io::copy(&mut up, &mut on).ok(); // either end may go
        on.shutdown(std::net::Shutdown::Write).ok();
    });
    std::io::copy(&mut server, &mut client)?;
    client.shutdown(std::net::Shutdown::Both)
}

impl World {
    /// A command in an environment that names one proxy for everything but `except`.
    fn behind(&self, proxy: &str, except: &str, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD"] {
            command.env_remove(name).env_remove(name.to_ascii_lowercase());
        }
        command.env("all_proxy", proxy).env("NO_PROXY", except).env("AWS_ENDPOINT_URL", format!("http://{HOST}"));
        command.output().unwrap()
    }

    fn own_port(&self) -> u16 {
        self.storage.endpoint().rsplit_once(':').unwrap().1.parse().unwrap()
    }
}

#[test]
fn uploads_and_link_checks_go_through_a_socks_proxy() {
    let world = World::new();
    let names = ServedNames::Also(&[HOST]);
    world.plan.set_profile(Profile { names, ..Profile::default() });
    let (port, heard) = proxy_to(world.own_port());
    let proxy = format!("socks5h://user:geheim@127.0.0.1:{port}");
    let file = world.file("a.txt", b"through");
    let to = format!("s3://{BUCKET}/a.txt");
    let upload = ["-v", "--json", "--path-style", "upload", "--check", arg(&file), "s3://cli-bucket/"];
    let ran = world.behind(&proxy, "", &upload);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    assert_eq!(world.object("a.txt"), b"through");
    assert!(heard.lock().unwrap().iter().all(|(name, port)| (name.as_str(), *port) == (HOST, 80)));
    let said = format!("{}{}", text(&ran.stdout), text(&ran.stderr));
    assert!(!said.contains("geheim"), "{said}");
    let before = heard.lock().unwrap().len();
    assert!(before > 0);

    let ran = world.behind(&proxy, "", &["--json", "--path-style", "link", &to]);
    let [line] = &lines(&ran)[..] else { panic!("{ran:?}") };
    assert_eq!(line["access"], "private", "{line}");
    assert!(heard.lock().unwrap().len() > before, "the stranger went the same way");
}

#[test]
fn a_proxy_of_another_kind_is_refused_without_its_password_and_never_passed_by() {
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let file = world.file("a.txt", b"a");
    for kind in ["socks4", "socks4a", "socks", "quic"] {
        let proxy = format!("{kind}://user:geheim@127.0.0.1:{port}");
        let ran = world.behind(&proxy, "", &["-v", "--json", "upload", arg(&file), "s3://cli-bucket/"]);
        assert_eq!(ran.status.code(), Some(1), "{kind} {ran:?}");
        let told = lines(&ran);
        let failed = told.iter().find(|line| line["event"] == "failed").unwrap_or_else(|| panic!("{kind} {told:?}"));
        assert_eq!(failed["kind"], "proxy-unusable", "{kind} {failed}");
        assert!(failed["title"].as_str().unwrap().contains("all_proxy"), "{failed}");
        let said = format!("{}{}", text(&ran.stdout), text(&ran.stderr));
        assert!(!said.contains("geheim") && said.contains(kind), "{said}");
    }
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    assert_eq!(world.plan.log(), []);
}
