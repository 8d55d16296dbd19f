//! Lines and servers that damage data: a proxy that flips one bit of a body, and a server that looks at nothing it is
//! given and says yes to everything.

use std::collections::{HashMap, HashSet};
use std::io::{BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// The head of a request and its body.
pub(crate) struct Request {
    head: String,
    pub(crate) line: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn read(from: &mut impl std::io::BufRead) -> Option<Self> {
        let mut head = String::new();
        let mut headers = HashMap::new();
        loop {
            let mut line = String::new();
            if from.read_line(&mut line).ok()? == 0 {
                return None;
            }
            head.push_str(&line);
            if line == "\r\n" {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
            }
        }
        let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
        let len = headers.get("content-length").and_then(|len| len.parse().ok()).unwrap_or(0);
        let mut body = vec![0; len];
        from.read_exact(&mut body).ok()?;
        Some(Self { head, line, headers, body })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// Flips one bit, at a place that differs from request to request.
fn flip(body: &mut [u8], seed: usize) {
    let at = seed.wrapping_mul(2_654_435_761) % body.len().max(1);
    if let Some(byte) = body.get_mut(at) {
        *byte ^= 1 << (seed % 8);
    }
}

/// Which bodies are damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    Nothing,
    /// The first time the same request comes.
    FirstTime,
    /// The same, only where the address has this in it.
    FirstTimeOf(&'static str),
    /// So many writes.
    First(usize),
    Always,
}

#[derive(Default)]
struct Seen {
    lines: HashSet<String>,
    flips: usize,
}

impl Seen {
    /// Damages the body if it is its turn.
    fn damage(&mut self, request: &mut Request, damage: Damage) {
        let is_first = self.lines.insert(request.line.clone());
        let is_write = request.line.starts_with("PUT ") && !request.body.is_empty();
        let is_meant = match damage {
            Damage::Nothing => false,
            Damage::FirstTime => is_first,
            Damage::FirstTimeOf(part) => is_first && request.line.contains(part),
            Damage::First(writes) => self.flips < writes,
            Damage::Always => true,
        };
        if is_write && is_meant {
            self.flips += 1;
            flip(&mut request.body, self.flips);
        }
    }
}

fn in_a_thread(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().name("crooked".to_owned()).spawn(work).unwrap();
}

/// A server on this computer that gives each connection to `each`, in a thread of its own; its endpoint.
pub(crate) fn serve(each: impl Fn(TcpStream) + Send + Sync + Clone + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    // Ends with the test's process.
    in_a_thread(move || {
        for socket in listener.incoming().flatten() {
            let each = each.clone();
            socket.set_nodelay(true).unwrap();
            in_a_thread(move || each(socket));
        }
    });
    endpoint
}

/// A proxy in front of a server.
pub(crate) struct Flipper {
    pub(crate) endpoint: String,
    seen: Arc<Mutex<Seen>>,
}

impl Flipper {
    pub(crate) fn start(server: &str, damage: Damage) -> Self {
        let server = server.trim_start_matches("http://").to_owned();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        let endpoint = serve(move |client| {
            let Ok(upstream) = TcpStream::connect(&server) else { return };
            upstream.set_nodelay(true).unwrap();
            let (mut back_from, mut back_to) = (upstream.try_clone().unwrap(), client.try_clone().unwrap());
            // Ends with either side.
            in_a_thread(move || std::io::copy(&mut back_from, &mut back_to).map_or((), |_bytes| ()));
            let (mut requests, mut upstream) = (BufReader::new(client), upstream);
            while let Some(mut request) = Request::read(&mut requests) {
                shared.lock().unwrap().damage(&mut request, damage);
                let sent = upstream.write_all(request.head.as_bytes()).and_then(|()| upstream.write_all(&request.body));
                if sent.is_err() {
                    return;
                }
            }
            upstream.shutdown(std::net::Shutdown::Both).ok();
        });
        Self { endpoint, seen }
    }

    pub(crate) fn flips(&self) -> usize {
        self.seen.lock().unwrap().flips
    }
}

/// What a [`Liar`] says of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    Absent,
    Opaque,
    /// Of the bytes it holds.
    Md5,
    /// The same, but a write is answered without one.
    Late,
}

/// How it answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    pub(crate) tag: Tag,
    /// Gives every checksum back as it came.
    pub(crate) echoes: bool,
    pub(crate) denies_head: bool,
    pub(crate) damage: Damage,
    /// What it calls itself in each answer.
    pub(crate) server: Option<&'static str>,
}

struct Object {
    bytes: Vec<u8>,
    checksum: Option<String>,
}

/// A server that stores whatever comes, verifies nothing and ignores conditions.
pub(crate) struct Liar {
    pub(crate) endpoint: String,
    objects: Arc<Mutex<HashMap<String, Object>>>,
    seen: Arc<Mutex<Seen>>,
    asked: Arc<Mutex<Vec<String>>>,
}

const CRC: &str = "x-amz-checksum-crc64nvme";

impl Liar {
    pub(crate) fn start(manners: Manners) -> Self {
        let (objects, seen) = (Arc::<Mutex<HashMap<String, Object>>>::default(), Arc::<Mutex<Seen>>::default());
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let (in_objects, in_seen, in_asked) = (Arc::clone(&objects), Arc::clone(&seen), Arc::clone(&asked));
        let endpoint = serve(move |mut client| {
            let mut requests = BufReader::new(client.try_clone().unwrap());
            while let Some(mut request) = Request::read(&mut requests) {
                in_seen.lock().unwrap().damage(&mut request, manners.damage);
                in_asked.lock().unwrap().push(request.line.clone());
                let answer = answer(&request, manners, &mut in_objects.lock().unwrap());
                if client.write_all(&answer).is_err() {
                    return;
                }
            }
        });
        Self { endpoint, objects, seen, asked }
    }

    pub(crate) fn flips(&self) -> usize {
        self.seen.lock().unwrap().flips
    }

    pub(crate) fn bytes(&self, key: &str) -> Vec<u8> {
        self.objects.lock().unwrap().get(&format!("/{}/{key}", crate::support::BUCKET)).unwrap().bytes.clone()
    }

    pub(crate) fn count(&self, method: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|line| line.starts_with(method)).count()
    }
}

fn answer(request: &Request, manners: Manners, objects: &mut HashMap<String, Object>) -> Vec<u8> {
    let (method, target) = request.line.split_once(' ').unwrap();
    let path = target.split('?').next().unwrap().to_owned();
    let headers_of = |object: &Object| {
        let tag = match manners.tag {
            Tag::Absent => String::new(),
            Tag::Late if method == "PUT" => String::new(),
            Tag::Opaque => "etag: \"opaque\"\r\n".to_owned(),
            Tag::Md5 | Tag::Late => format!("etag: \"{}\"\r\n", md5_hex(&object.bytes)),
        };
        let crc = object.checksum.as_ref().filter(|_| manners.echoes);
        tag + &crc.map(|crc| format!("{CRC}: {crc}\r\n")).unwrap_or_default()
    };
    let reply = |status: u16, headers: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    let mut answered = match method {
        "PUT" => {
            let object = Object { bytes: request.body.clone(), checksum: request.header(CRC).map(str::to_owned) };
            let headers = headers_of(&object);
            objects.insert(path, object);
            reply(200, &headers, b"")
        }
        "HEAD" if manners.denies_head => b"HTTP/1.1 403 X\r\n\r\n".to_vec(),
        "DELETE" => {
            objects.remove(&path);
            b"HTTP/1.1 204 X\r\n\r\n".to_vec()
        }
        _ => match objects.get(&path) {
            None if method == "HEAD" => b"HTTP/1.1 404 X\r\n\r\n".to_vec(),
            None => reply(404, "", b"<Error><Code>NoSuchKey</Code></Error>"),
            Some(object) => {
                let all = reply(200, &headers_of(object), &object.bytes);
                let head_len = all.len() - object.bytes.len();
                if method == "HEAD" { all.get(..head_len).unwrap().to_vec() } else { all }
            }
        },
    };
    if let Some(name) = manners.server {
        let line_end = answered.windows(2).position(|pair| pair == b"\r\n").unwrap() + 2;
        answered.splice(line_end..line_end, format!("server: {name}\r\n").into_bytes());
    }
    answered
}

pub(crate) fn md5_hex(bytes: &[u8]) -> String {
    use md5::Digest as _;
    md5::Md5::digest(bytes).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}
