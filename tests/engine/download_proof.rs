//! Downloads from servers that ignore what they are asked, and over lines that damage data: either the object comes as
//! it is, or no file.

use std::io::{BufReader, Write as _};
use std::sync::{Arc, Mutex};

use bucketdrop::model::{
    AfterDownload, BatchId, BatchSummary, Command, ConflictPolicy, ConnectionDraft, FailureKind, ObjectKey,
    SecretPlace, Target, TransferState, Verified,
};
use bucketdrop::s3::checksum::{crc64nvme, to_base64};

use crate::crooked::{Request, md5_hex, serve};
use crate::support::{Server, Setup, TestEngine, location, pattern};

/// What a [`Giver`] makes of a request for the rest of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ranges {
    Heeds,
    /// Answers 200 with all of it.
    Ignores,
    /// Answers 206 with another part than the one that was asked for.
    Shifts,
}

/// A server that has one object, under every key.
#[derive(Clone)]
struct Giver {
    bytes: Vec<u8>,
    headers: String,
    ranges: Ranges,
    /// Which answers, counted from 0, end behind this many bytes of their body.
    cut: fn(usize) -> Option<usize>,
    /// Which ones have a byte changed.
    is_damaged: fn(usize) -> bool,
}

impl Giver {
    fn of(bytes: Vec<u8>, headers: String) -> Self {
        Self { bytes, headers, ranges: Ranges::Heeds, cut: |_| None, is_damaged: |_| false }
    }

    /// Its endpoint, and the ranges it was asked for.
    fn start(self) -> (String, Arc<Mutex<Vec<Option<String>>>>) {
        let asked = Arc::<Mutex<Vec<Option<String>>>>::default();
        let seen = Arc::clone(&asked);
        let endpoint = serve(move |mut client| {
            let mut requests = BufReader::new(client.try_clone().unwrap());
            while let Some(request) = Request::read(&mut requests) {
                // Only objects are asked for by a name below the bucket.
                let is_object = request.line.starts_with("GET /test-bucket/") && !request.line.contains("list-type");
                if !is_object {
                    if client.write_all(b"HTTP/1.1 403 X\r\ncontent-length: 0\r\n\r\n").is_err() {
                        return;
                    }
                    continue;
                }
                let range = request.header("range").map(str::to_owned);
                let number = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(range.clone());
                    seen.len() - 1
                };
                let (answer, is_cut) = self.answer(range.as_deref(), number);
                if client.write_all(&answer).is_err() || is_cut {
                    return;
                }
            }
        });
        (endpoint, asked)
    }

    fn answer(&self, range: Option<&str>, number: usize) -> (Vec<u8>, bool) {
        let from: usize =
            range.map_or(0, |range| range.trim_start_matches("bytes=").split('-').next().unwrap().parse().unwrap());
        let (status, from) = match self.ranges {
            Ranges::Heeds if from > 0 => (206, from),
            Ranges::Shifts if from > 0 => (206, from - 1),
            _ => (200, 0),
        };
        let mut body = self.bytes.get(from..).unwrap().to_vec();
        let total = self.bytes.len();
        let part = if status == 206 {
            format!("content-range: bytes {from}-{}/{total}\r\n", total - 1)
        } else {
            String::new()
        };
        let head = format!("HTTP/1.1 {status} X\r\n{}{part}content-length: {}\r\n\r\n", self.headers, body.len());
        if (self.is_damaged)(number) {
            *body.first_mut().unwrap() ^= 1;
            *body.last_mut().unwrap() ^= u8::try_from(number % 200).unwrap();
        }
        let cut = (self.cut)(number).filter(|cut| *cut < body.len());
        body.truncate(cut.unwrap_or(body.len()));
        ([head.as_bytes(), &body].concat(), cut.is_some())
    }
}

struct Fetched {
    engine: TestEngine,
    summary: BatchSummary,
    state: TransferState,
    asked: Vec<Option<String>>,
}

impl Fetched {
    fn file(&self) -> Option<Vec<u8>> {
        std::fs::read(self.engine.files.path().join("down/k")).ok()
    }

    /// Whether anything stands in the folder, under whatever name.
    fn left_nothing(&self) -> bool {
        std::fs::read_dir(self.engine.files.path().join("down")).unwrap().next().is_none()
    }
}

fn fetch(giver: Giver) -> Fetched {
    let (endpoint, asked) = giver.start();
    let server = Server::start();
    let engine = TestEngine::start(Setup::default());
    let draft = ConnectionDraft { endpoint, ..TestEngine::draft(&server) };
    let at = location(engine.save(draft, SecretPlace::Keychain).unwrap().id);
    let batch = BatchId::next();
    engine.send(Command::Download {
        batch,
        at,
        targets: vec![Target::Object(ObjectKey::new("k"))],
        to: Some(engine.files.path().join("down")),
        on_conflict: ConflictPolicy::Ask,
        then: AfterDownload::Keep,
    });
    let summary = engine.finished(batch);
    let state = engine.report().state;
    let asked = asked.lock().unwrap().clone();
    Fetched { engine, summary, state, asked }
}

fn crc_of(bytes: &[u8]) -> String {
    format!("etag: \"opaque\"\r\nx-amz-checksum-crc64nvme: {}\r\n", to_base64(crc64nvme(bytes)))
}

fn md5_of(bytes: &[u8]) -> String {
    format!("etag: \"{}\"\r\n", md5_hex(bytes))
}

const SIZE: usize = 300_000;

#[test]
fn a_server_that_ignores_ranges_is_asked_for_all_of_it_again() {
    for ranges in [Ranges::Ignores, Ranges::Shifts] {
        let bytes = pattern(SIZE);
        let cut = |number| (number == 0).then_some(100_000);
        let fetched = fetch(Giver { ranges, cut, ..Giver::of(bytes.clone(), crc_of(&bytes)) });
        assert_eq!(fetched.summary.done, 1, "{ranges:?}: {:?}", fetched.summary);
        assert!(fetched.file().unwrap() == bytes, "{ranges:?}");
        assert_eq!(fetched.state, TransferState::Done(Verified::Confirmed));
        let is_ranged: Vec<bool> = fetched.asked.iter().map(Option::is_some).collect();
        assert_eq!(is_ranged, [false, true, false], "{ranges:?}");
    }
}

#[test]
fn what_is_taken_up_where_it_broke_is_checked_as_a_whole() {
    let bytes = pattern(SIZE);
    for headers in [crc_of(&bytes), md5_of(&bytes)] {
        let cut = |number| (number < 2).then_some(100_000);
        let fetched = fetch(Giver { cut, ..Giver::of(bytes.clone(), headers.clone()) });
        assert!(fetched.file().unwrap() == bytes, "{headers}");
        assert_eq!(fetched.state, TransferState::Done(Verified::Confirmed), "{headers}");
        assert_eq!(fetched.asked.len(), 3, "{:?}", fetched.asked);
        // The rest is damaged once, behind what is there: all of it comes again.
        let cut = |number| (number == 0).then_some(100_000);
        let giver = Giver::of(bytes.clone(), headers.clone());
        let fetched = fetch(Giver { cut, is_damaged: |number| number == 1, ..giver });
        assert!(fetched.file().unwrap() == bytes, "{headers}");
        assert_eq!(fetched.state, TransferState::Done(Verified::Confirmed), "{headers}");
    }
}

#[test]
fn what_always_arrives_changed_leaves_no_file() {
    let bytes = pattern(SIZE);
    let fetched = fetch(Giver { is_damaged: |_| true, ..Giver::of(bytes.clone(), crc_of(&bytes)) });
    let TransferState::Failed(failure) = &fetched.state else { panic!("{:?}", fetched.state) };
    assert_eq!(failure.kind, FailureKind::DataCorrupted);
    assert_eq!(fetched.asked.len(), 2);
    assert!(fetched.left_nothing());
}

#[test]
fn a_tag_that_is_no_md5_is_found_out_and_never_called_a_proof() {
    let bytes = pattern(SIZE);
    let fetched = fetch(Giver::of(bytes.clone(), md5_of(b"something else")));
    assert!(fetched.file().unwrap() == bytes);
    assert_eq!(fetched.state, TransferState::Done(Verified::Unverified));
    assert_eq!(fetched.asked.len(), 2, "the same bytes came twice");
}

#[test]
fn where_nothing_is_told_only_the_size_was_compared() {
    let bytes = pattern(SIZE);
    for tag in ["etag: \"opaque\"\r\n".to_owned(), format!("etag: \"{}-3\"\r\n", md5_hex(&bytes)), String::new()] {
        let fetched = fetch(Giver::of(bytes.clone(), tag.clone()));
        assert!(fetched.file().unwrap() == bytes, "{tag}");
        assert_eq!(fetched.state, TransferState::Done(Verified::Unverified), "{tag}");
    }
}
