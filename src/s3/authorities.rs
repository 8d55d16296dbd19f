//! Files of certificate authorities that a connection trusts: one of its own beside the system's, or beside a bundle that
//! stands in the place of those.
//!
//! They are read when a connection is opened, never for a request. Who vouches for a server is all that such a file can
//! say: an expired certificate, or one of another name, is refused with it as without it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use tokio::sync::oneshot;

use super::S3Error;
use super::dial::{Trust, system_roots};
use crate::model::{CA_FILE, FailureKind};

/// A bundle of every authority there is has some 200 KiB.
const MOST_BYTES: u64 = 8 * 1024 * 1024;
/// Longest wait for a file, which may be on a share that hangs.
const LIMIT: Duration = Duration::from_secs(10);

/// The authorities of one file.
#[derive(Clone, Debug)]
pub(super) struct Authorities(Arc<RootCertStore>);

impl Authorities {
    /// Reads a file in PEM, which has to hold one certificate at least. Dropping the future leaves the reading to end by
    /// itself; until then whoever asks for the same file waits for that one.
    pub(super) async fn read(path: &Path) -> Result<Self, S3Error> {
        let read = match tokio::time::timeout(LIMIT, reading(path, read)).await {
            Ok(read) => read,
            Err(_elapsed) => Err((FailureKind::CaFileUnreadable, "it could not be read in time".to_owned())),
        };
        read.map_err(|(kind, detail)| S3Error::local("s3:ListAllMyBuckets", kind, detail).with(CA_FILE, path.display()))
    }
}

/// What came of reading a file.
type Read = Result<Authorities, (FailureKind, String)>;
type Reading = Shared<BoxFuture<'static, Read>>;

/// Files that are being read: one on a share that hangs holds one thread, however often it is asked for.
static UNDER_WAY: Mutex<BTreeMap<PathBuf, Reading>> = Mutex::new(BTreeMap::new());

/// Begins to read a file by `read` on a thread that may block, unless that is under way.
fn reading(path: &Path, read: impl FnOnce(&Path) -> Read + Send + 'static) -> Reading {
    let (tell, told) = oneshot::channel();
    let reading = told.map(|read| read.unwrap_or_else(|_ended| Err((FailureKind::Internal, "it ended".to_owned()))));
    let reading = reading.boxed().shared();
    {
        let mut under_way = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reading) = under_way.get(path) {
            return reading.clone();
        }
        under_way.insert(path.to_owned(), reading.clone());
    }
    let over = Over(path.to_owned());
    // Not awaited: whoever waits may give up, and the thread cannot.
    drop(tokio::task::spawn_blocking(move || {
        let read = read(&over.0);
        // Whoever asks from now on has it read anew.
        drop(over);
        tell.send(read).ok();
    }));
    reading
}

/// Whatever becomes of a reading, the next one is a new one.
struct Over(PathBuf);

impl Drop for Over {
    fn drop(&mut self) {
        UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

/// Whom a connection trusts: `own` beside the system's, or beside those of `bundle` where there is one.
pub(super) fn trust(own: Option<&Authorities>, bundle: Option<&Authorities>) -> Trust {
    let mut roots = match (own, bundle) {
        (None, None) => return Trust::System,
        (None, Some(bundle)) => return Trust::Roots(Arc::clone(&bundle.0)),
        (Some(_), Some(bundle)) => RootCertStore::clone(&bundle.0),
        (Some(_), None) => system_roots().clone(),
    };
    roots.extend(own.into_iter().flat_map(|own| own.0.roots.iter().cloned()));
    Trust::Roots(Arc::new(roots))
}

/// Reads it; blocks on the disk. Of what is in it nothing is told: it may be a private key that was taken for this.
fn read(path: &Path) -> Read {
    let unreadable = |why: String| (FailureKind::CaFileUnreadable, why);
    let invalid = |why: &str| (FailureKind::CaFileInvalid, why.to_owned());
    let about = path.metadata().map_err(|error| unreadable(error.to_string()))?;
    if !about.is_file() {
        // A pipe would be waited for.
        return Err(unreadable("this is no file".to_owned()));
    }
    if about.len() > MOST_BYTES {
        return Err(invalid("the file is too large for certificates"));
    }
    let sections = CertificateDer::pem_file_iter(path).map_err(|error| of_pem(&error))?;
    let found: Vec<CertificateDer<'static>> = sections.collect::<Result<_, _>>().map_err(|error| of_pem(&error))?;
    let mut roots = RootCertStore::empty();
    match roots.add_parsable_certificates(found) {
        (0, 0) => Err(invalid("no certificate in PEM was found")),
        (0, odd) => Err(invalid(&format!("none of {odd} certificates can be read"))),
        (_, odd) => {
            if odd > 0 {
                tracing::warn!(odd, file = %path.display(), "some certificates cannot be read");
            }
            Ok(Authorities(Arc::new(roots)))
        }
    }
}

fn of_pem(error: &PemError) -> (FailureKind, String) {
    match error {
        PemError::Io(error) => (FailureKind::CaFileUnreadable, error.to_string()),
        _ => (FailureKind::CaFileInvalid, "this is no certificate in PEM".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::model::{Connection, Service};
    use crate::s3::canned::{Canned, Reply, bucket, connection, key_source};
    use crate::s3::tls_clock_links::{CA, EXPIRED, GOOD, OTHER_NAME, tls};
    use crate::s3::{Grouping, RegionCache, S3Store, StoreParams};

    const SELF_SIGNED: &[u8] =
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tls/self-signed.der"));
    const EMPTY_LIST: &str = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

    /// What comes of a listing over TLS with that file; the connection names it, and nothing else is trusted anew.
    async fn list_with(certificate: &'static [u8], ca_file: Option<&Path>) -> Result<(), S3Error> {
        let server = Canned::start_with(Some(tls(certificate)), |_, _| Reply::http(200, &[], EMPTY_LIST)).await;
        let connection = Connection {
            ca_file: ca_file.map(|path| path.to_str().unwrap().to_owned()),
            ..connection(Service::Other, server.endpoint("127.0.0.1"))
        };
        let params = StoreParams { connection, keys: key_source(), regions: RegionCache::new() };
        let store = S3Store::connect(params).await?;
        // Those for other threads trust whom the first one does.
        let beside = store.beside(crate::s3::Timers::default());
        for store in [store, beside] {
            store.list_objects(&bucket(), "", Grouping::Flat, None, 1).await?;
        }
        Ok(())
    }

    fn file(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    #[tokio::test]
    async fn a_file_vouches_for_its_servers_and_mends_no_other_fault() {
        let folder = tempfile::tempdir().unwrap();
        let ours = file(&folder, "ca.pem", CA);
        let untrusted = list_with(GOOD, None).await.unwrap_err();
        assert_eq!(untrusted.kind(), FailureKind::TlsNotTrusted);
        assert!(!untrusted.args_have(CA_FILE));
        list_with(GOOD, Some(&ours)).await.unwrap();
        for (certificate, kind) in [(EXPIRED, FailureKind::TlsExpired), (OTHER_NAME, FailureKind::TlsWrongName)] {
            assert_eq!(list_with(certificate, Some(&ours)).await.unwrap_err().kind(), kind);
        }
    }

    #[tokio::test]
    async fn a_file_that_does_not_vouch_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let other = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", base64_of(SELF_SIGNED));
        let other = file(&folder, "other.pem", other.as_bytes());
        let refused = list_with(GOOD, Some(&other)).await.unwrap_err();
        assert_eq!(refused.kind(), FailureKind::TlsNotTrusted);
        let named =
            refused.to_failure().args.iter().any(|(name, value)| *name == CA_FILE && value.ends_with("other.pem"));
        assert!(named, "{refused:?}");
    }

    fn base64_of(bytes: &[u8]) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(bytes)
    }

    #[tokio::test]
    async fn what_is_no_file_of_certificates_is_named_and_not_told() {
        let folder = tempfile::tempdir().unwrap();
        let secret = "-----BEGIN PRIVATE KEY-----\nZ2VoZWlt\n-----END PRIVATE KEY-----\n";
        let cut = "-----BEGIN CERTIFICATE-----\nZ2VoZWlt\n";
        let no_der = "-----BEGIN CERTIFICATE-----\nZ2VoZWlt\n-----END CERTIFICATE-----\n";
        for (path, kind) in [
            (folder.path().join("gone.pem"), FailureKind::CaFileUnreadable),
            (folder.path().to_owned(), FailureKind::CaFileUnreadable),
            (file(&folder, "empty", b""), FailureKind::CaFileInvalid),
            (file(&folder, "key.pem", secret.as_bytes()), FailureKind::CaFileInvalid),
            (file(&folder, "cut.pem", cut.as_bytes()), FailureKind::CaFileInvalid),
            (file(&folder, "odd.pem", no_der.as_bytes()), FailureKind::CaFileInvalid),
            (file(&folder, "photo.jpg", &[0xFF, 0xD8, 0xFF]), FailureKind::CaFileInvalid),
        ] {
            let failure = list_with(GOOD, Some(&path)).await.unwrap_err().to_failure();
            assert_eq!(failure.kind, kind, "{}", path.display());
            let name = path.display().to_string();
            assert!(failure.args.contains(&(CA_FILE, name)), "{failure:?}");
            assert!(!failure.detail.contains("Z2Vo") && !failure.detail.contains("90, 50"), "{failure:?}");
        }
    }

    #[tokio::test]
    async fn a_file_that_hangs_holds_one_thread_however_often_it_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let begun = Arc::new(AtomicUsize::new(0));
        let hang = || {
            let (go_on, hangs) = std::sync::mpsc::channel::<()>();
            let begun = Arc::clone(&begun);
            let read = move |_path: &Path| {
                begun.fetch_add(1, Ordering::SeqCst);
                hangs.recv().ok();
                Err((FailureKind::CaFileUnreadable, "away".to_owned()))
            };
            (go_on, read)
        };
        let (first, read) = hang();
        // Who waits no longer leaves it behind.
        drop(reading(&path, read));
        let (second, read) = hang();
        let again = reading(&path, read);
        drop(first);
        assert_eq!(again.await.unwrap_err().1, "away");
        assert_eq!(begun.load(Ordering::SeqCst), 1);
        drop(second);
        // Nor is what was found kept.
        let (third, read) = hang();
        drop(third);
        reading(&path, read).await.unwrap_err();
        assert_eq!(begun.load(Ordering::SeqCst), 2);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        assert_eq!(list_with(GOOD, Some(&pipe)).await.unwrap_err().kind(), FailureKind::CaFileUnreadable);
    }

    #[test]
    fn a_bundle_takes_the_place_of_the_systems_authorities_and_a_file_goes_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let ours = read(&file(&folder, "ca.pem", CA)).unwrap();
        let count = |trust: Trust| match trust {
            Trust::Roots(roots) => roots.len(),
            other => panic!("{other:?}"),
        };
        assert!(matches!(trust(None, None), Trust::System));
        assert_eq!(count(trust(Some(&ours), None)), system_roots().len() + 1);
        assert_eq!(count(trust(None, Some(&ours))), 1);
        assert_eq!(count(trust(Some(&ours), Some(&ours))), 2);
    }
}
