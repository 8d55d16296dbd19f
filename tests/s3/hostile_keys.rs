//! A thousand keys that somebody's program could stumble over: uploaded, listed, linked, fetched by curl, deleted. The
//! same bytes of key every time. `tests/browser/run.py` opens the links of the very same keys in Chromium.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use bucketdrop::model::{NoAddress, encode_key};
use futures_util::{StreamExt as _, TryStreamExt as _};

use super::*;

const COUNT: usize = 1000;
const AT_ONCE: usize = 16;

/// What keys are made of: each stands alone, at both ends, within, and beside the others.
const PIECES: [&str; 62] = [
    " ",
    "  ",
    "+",
    "%",
    "%2B",
    "%2b",
    "%20",
    "%2F",
    "%00",
    "%%",
    "100%",
    "?",
    "#",
    "&",
    "=",
    "?a=b&c=d#e",
    ";",
    ":",
    "@",
    ",",
    "!",
    "$",
    "'",
    "\"",
    "`",
    "(1)",
    "[2]",
    "{3}",
    "{key}",
    "<b>",
    "\\",
    "..\\",
    "|",
    "^",
    "~",
    "*",
    "//",
    "///",
    "/./",
    "/../",
    "...",
    ".hidden",
    "x.",
    // Hangul and accents, composed and not; the two are different keys.
    "\u{d55c}\u{ae00}",
    "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}",
    "\u{e9}",
    "e\u{301}",
    "\u{1e9b}\u{323}",
    // Emoji made of several, a flag, a skin colour.
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "\u{1f1f0}\u{1f1f7}",
    "\u{1f44d}\u{1f3fd}",
    // Right-to-left override, narrow no-break space (as in macOS screenshots), no-break and zero width space, a mark.
    "gpj.\u{202e}exe",
    "\u{202f}PM",
    "\u{a0}",
    "\u{200b}",
    "\u{feff}",
    // Control characters; XML can carry only three of them.
    "\u{1}",
    "\t",
    "\n",
    "\r",
    "\u{1f}",
    "\u{7f}",
];

/// Keys that are awkward as a whole.
const WHOLE: [&str; 22] = [
    "/",
    "//",
    "///",
    "/x",
    "//x",
    "x/",
    "x//",
    "/x/",
    ".",
    "..",
    "./",
    "../",
    "./x",
    "../x",
    "x/.",
    "x/..",
    "x/../y",
    "x/./y",
    "../../etc/passwd",
    "soap",
    "favicon.ico",
    "-",
];

fn keys() -> Vec<String> {
    let mut keys: BTreeSet<String> = WHOLE.iter().map(|key| (*key).to_owned()).collect();
    let longest = ["a", "%", " ", "+", "/", "\u{e9}", "\u{1}"];
    keys.extend(longest.iter().map(|piece| piece.repeat(1024 / piece.len())));
    keys.insert(format!("{}x", "\u{ac00}".repeat(341)));
    keys.insert(format!("{}.png", "\u{1f468}".repeat(255)));
    for piece in PIECES {
        keys.extend([piece.to_owned(), format!("{piece}x"), format!("x{piece}"), format!("a{piece}b/{piece}")]);
    }
    // Nothing but white space: `char::is_whitespace` has more of it than ASCII has.
    keys.extend(["\u{3000}", "\u{3000}\u{3000}", "\u{85}", "\u{2028}", " \t ", " / "].map(str::to_owned));
    // Every piece beside others, until there are enough.
    let pairs = (1..PIECES.len()).flat_map(|step| {
        (0..PIECES.len()).map(move |at| format!("d/{}{}", PIECES[at], PIECES[(at * 7 + step) % PIECES.len()]))
    });
    for pair in pairs {
        if keys.len() == COUNT {
            break;
        }
        keys.insert(pair);
    }
    assert_eq!(keys.len(), COUNT);
    keys.into_iter().collect()
}

fn content(number: usize, key: &str) -> Vec<u8> {
    format!("{number}:{key}").into_bytes()
}

/// Fetches every address with one run of curl; what came, by number. Only answers with status 200 leave a file.
fn curl(folder: &Path, urls: &[String], options: &str) -> BTreeMap<usize, Vec<u8>> {
    let mut config = format!("silent\ngloboff\nfail\nmax-time = 60\nnoproxy = \"*\"\n{options}\n");
    for (number, url) in urls.iter().enumerate() {
        let file = folder.join(number.to_string());
        writeln!(config, "url = \"{url}\"\noutput = \"{}\"", file.display()).unwrap();
    }
    let list = folder.join("list");
    std::fs::write(&list, config).unwrap();
    // Its status is that of the last address; what counts is what came.
    Command::new("curl").arg("--config").arg(&list).output().unwrap();
    let read = |number: usize| Some((number, std::fs::read(folder.join(number.to_string())).ok()?));
    (0..urls.len()).filter_map(read).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_hostile_keys_keep_their_bytes() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    let keys = keys();

    let put = |(number, key): (usize, &String)| {
        let (store, to) = (store.clone(), bench.to(key, WriteCondition::OnlyIfAbsent));
        let body = body(content(number, key));
        async move { store.put_object(&to, body).await.map_err(|error| format!("{:?}: {error}", to.key)) }
    };
    let puts: Vec<_> = keys.iter().enumerate().map(put).collect();
    futures_util::stream::iter(puts).buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await.unwrap();

    let listed: BTreeSet<String> = bench.keys(&store).await.into_iter().collect();
    assert_eq!(listed, keys.iter().cloned().collect());

    let mut urls = Vec::new();
    for key in &keys {
        let key = ObjectKey::new(key.as_str());
        let signed = store.presign_get(&bench.bucket, &key, Duration::from_mins(10)).await.unwrap();
        let (address, _) = signed.url.split_once('?').unwrap();
        assert_eq!(address, format!("{}/bench/{}", bench.storage.endpoint(), encode_key(&key)), "{key:?}");
        // A public link is the same address, and is refused where no browser would ask for it.
        let public = public_url(&bench.connection(), &bench.bucket, None, &key);
        let expected = if key.has_dot_segment() { Err(NoAddress::DotSegment) } else { Ok(address.to_owned()) };
        assert_eq!(public, expected, "{key:?}");
        urls.push(signed.url);
    }

    let folder = tempfile::tempdir().unwrap();
    let fetched = curl(folder.path(), &urls, "path-as-is");
    for (number, key) in keys.iter().enumerate() {
        assert_eq!(fetched.get(&number), Some(&content(number, key)), "{key:?} as it stands");
    }
    let folder = tempfile::tempdir().unwrap();
    let fetched = curl(folder.path(), &urls, "");
    let mut out_of_reach = 0;
    for (number, key) in keys.iter().enumerate() {
        let is_out_of_reach = ObjectKey::new(key.as_str()).has_dot_segment();
        out_of_reach += usize::from(is_out_of_reach);
        let expected = content(number, key);
        assert_eq!(fetched.get(&number) == Some(&expected), !is_out_of_reach, "{key:?} as browsers ask");
    }
    assert!((20..200).contains(&out_of_reach), "{out_of_reach} keys that no browser can reach");

    let objects: Vec<ObjectKey> = keys.iter().map(|key| ObjectKey::new(key.as_str())).collect();
    let stayed = store.delete_objects(&bench.bucket, &objects).await.unwrap();
    assert!(stayed.is_empty(), "{stayed:?}");
    assert_eq!(bench.keys(&store).await, Vec::<String>::new());
}

/// The browser's test reads the keys from a file. With `BUCKETDROP_WRITE_KEYS` set, it is written anew.
#[test]
fn the_browser_is_given_the_same_keys() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/hostile_keys.json");
    let keys = serde_json::to_string(&keys()).unwrap().replace("\",\"", "\",\n\"") + "\n";
    if std::env::var_os("BUCKETDROP_WRITE_KEYS").is_some() {
        std::fs::write(&file, &keys).unwrap();
    }
    assert!(std::fs::read_to_string(&file).unwrap() == keys, "{} holds other keys", file.display());
}

/// S3 knows such keys; Amazon's SDK takes them for missing ones and sends nothing.
#[tokio::test]
async fn keys_of_nothing_but_white_space_are_keys_like_any_other() {
    let bench = Bench::start().await;
    let store = bench.store().await;
    for blank in [" ", "\t", "\u{a0}", "\u{202f}", "\u{3000}"] {
        let to = bench.to(blank, WriteCondition::OnlyIfAbsent);
        store.put_object(&to, body("x")).await.unwrap();
        let again = store.put_object(&to, body("y")).await.unwrap_err();
        assert_eq!(again.kind(), FailureKind::AlreadyExists, "{blank:?}");
        assert_eq!(read(&store, &bench.bucket, blank, 0).await, b"x", "{blank:?}");
        let acl = store.read_object_acl(&bench.bucket, &to.key, None).await.unwrap();
        store.open_object(&bench.bucket, &to.key, &acl).await.unwrap();
        assert!(store.read_object_acl(&bench.bucket, &to.key, None).await.unwrap().opens(), "{blank:?}");
        let address = public_url(&bench.connection(), &bench.bucket, None, &to.key).unwrap();
        assert_eq!(status_of(&address).await, (200, b"x".to_vec()), "{blank:?}");
        assert_eq!(bench.keys(&store).await, [blank]);
        store.delete_objects(&bench.bucket, &[to.key]).await.unwrap();
        assert_eq!(bench.keys(&store).await, Vec::<String>::new());
    }
    let to = bench.to("\u{3000}", WriteCondition::OnlyIfAbsent);
    let (upload, parts, crc, length) = upload_three_parts(&bench, &store, &to).await;
    store.complete_multipart_upload(&to, &upload, &parts, crc, length).await.unwrap();
    assert_eq!(read(&store, &bench.bucket, "\u{3000}", 2 * PART as u64).await, vec![3; 17]);
    let (upload, ..) = upload_three_parts(&bench, &store, &bench.to("  ", WriteCondition::OnlyIfAbsent)).await;
    store.abort_multipart_upload(&bench.bucket, &ObjectKey::new("  "), &upload).await.unwrap();
    let terms = UploadTerms { expires: Duration::from_mins(1), ..UploadTerms::default() };
    let invited = store.presign_put(&bench.bucket, &ObjectKey::new(" "), &terms).await.unwrap();
    assert!(invited.url.contains("/bench/%20?"), "{}", invited.url);
    assert_eq!(bench.keys(&store).await, ["\u{3000}"]);
}
