//! A server that takes uploads, throws the bytes away and counts them: it answers as S3 does and costs little, so
//! that what is measured is the client.
//!
//! `sink --http PORT --https PORT --cert-dir DIR` writes `ca.pem` there, prints `ready`, and serves until killed.
//! `GET /-/stats` tells what came in since `POST /-/reset`. Listings are of 100,000 made-up keys. As S3 does, it holds
//! bodies against `x-amz-checksum-crc64nvme` and heeds `If-None-Match: *`; other checksums are given back unread, and
//! byte counts are compared by the script.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use crc_fast::{CrcAlgorithm, Digest};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, LAST_MODIFIED, SERVER};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Keys that a listing shows.
const LISTED_KEYS: usize = 100_000;
const CRC: &str = "x-amz-checksum-crc64nvme";
/// Some clients hold a plain MD5 against their own; with a dash they do not.
const ENTITY_TAG: &str = "\"0123456789abcdef0123456789abcdef-1\"";

#[derive(Default)]
struct Counts {
    requests: AtomicU64,
    connections: AtomicU64,
    in_flight: AtomicU64,
    most_in_flight: AtomicU64,
    body_bytes: AtomicU64,
    head_bytes: AtomicU64,
    /// Sizes by path.
    objects: Mutex<HashMap<String, u64>>,
    /// The parts of files that are not complete yet, by path and number.
    parts: Mutex<HashMap<String, BTreeMap<u64, Received>>>,
    by_operation: Mutex<BTreeMap<&'static str, u64>>,
}

/// A body that came in.
#[derive(Clone, Copy, Default)]
struct Received {
    bytes: u64,
    /// Its CRC64NVME, where one was sent to hold it against.
    crc: Option<u64>,
}

impl Received {
    /// What the parts make together.
    fn joined(parts: BTreeMap<u64, Self>) -> Self {
        let join = |crc: u64, next: Self| {
            Some(crc_fast::checksum_combine(CrcAlgorithm::Crc64Nvme, crc, next.crc?, next.bytes))
        };
        let add = |whole: Self, next: Self| Self {
            bytes: whole.bytes + next.bytes,
            crc: whole.crc.and_then(|crc| join(crc, next)),
        };
        parts.into_values().reduce(add).unwrap_or_default()
    }

    /// Whether the checksum that a request has, if any, is of other bytes.
    fn is_not(self, headers: &HeaderMap) -> bool {
        let sent = headers.get(CRC).and_then(|value| value.to_str().ok());
        sent.zip(self.crc).is_some_and(|(sent, crc)| sent != STANDARD.encode(crc.to_be_bytes()))
    }
}

impl Counts {
    fn reset(&self) {
        for counter in [&self.requests, &self.connections, &self.most_in_flight, &self.body_bytes, &self.head_bytes] {
            counter.store(0, Ordering::Relaxed);
        }
        self.objects.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.by_operation.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Keeps an object; not one that may not be replaced.
    fn store(&self, path: String, bytes: u64, headers: &HeaderMap) -> bool {
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let may = !headers.contains_key(IF_NONE_MATCH) || !objects.contains_key(&path);
        if may {
            objects.insert(path, bytes);
        }
        may
    }

    fn json(&self) -> String {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner).len();
        let operations = self.by_operation.lock().unwrap_or_else(PoisonError::into_inner);
        let operations: Vec<String> = operations.iter().map(|(name, count)| format!("\"{name}\":{count}")).collect();
        format!(
            "{{\"requests\":{},\"connections\":{},\"most_in_flight\":{},\"body_bytes\":{},\"head_bytes\":{},\
             \"objects\":{objects},\"operations\":{{{}}}}}",
            get(&self.requests),
            get(&self.connections),
            get(&self.most_in_flight),
            get(&self.body_bytes),
            get(&self.head_bytes),
            operations.join(",")
        )
    }
}

type Answer = Response<Full<Bytes>>;

fn main() -> Result<()> {
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| -> Option<&String> {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    let http: u16 = value("--http").context("--http PORT")?.parse()?;
    let https: u16 = value("--https").context("--https PORT")?.parse()?;
    let folder = PathBuf::from(value("--cert-dir").context("--cert-dir DIR")?);
    let tls = TlsAcceptor::from(Arc::new(server_config(&folder)?));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async move {
        let counts = Arc::new(Counts::default());
        let plain = TcpListener::bind(("127.0.0.1", http)).await?;
        let secure = TcpListener::bind(("127.0.0.1", https)).await?;
        println!("ready");
        let for_plain = Arc::clone(&counts);
        tokio::spawn(async move {
            while let Ok((stream, _from)) = plain.accept().await {
                stream.set_nodelay(true).ok();
                tokio::spawn(serve(TokioIo::new(stream), Arc::clone(&for_plain)));
            }
        });
        while let Ok((stream, _from)) = secure.accept().await {
            stream.set_nodelay(true).ok();
            let (tls, counts) = (tls.clone(), Arc::clone(&counts));
            tokio::spawn(async move {
                if let Ok(stream) = tls.accept(stream).await {
                    serve(TokioIo::new(stream), counts).await;
                }
            });
        }
        Ok(())
    })
}

/// A certificate for 127.0.0.1 and localhost, and the authority that clients are told to trust.
fn server_config(folder: &std::path::Path) -> Result<rustls::ServerConfig> {
    let mut authority = rcgen::CertificateParams::new(Vec::new())?;
    // Names that differ: some clients take equal ones for a self-signed certificate.
    authority.distinguished_name.push(rcgen::DnType::CommonName, "Authority of the measurements");
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate()?;
    let authority_pem = authority.self_signed(&authority_key)?.pem();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate()?;
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let mut leaf = rcgen::CertificateParams::new(names)?;
    leaf.distinguished_name.push(rcgen::DnType::CommonName, "localhost");
    let certificate = leaf.signed_by(&key, &issuer)?;
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("ca.pem"), authority_pem)?;
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    Ok(config.with_single_cert(vec![certificate.der().clone()], key)?)
}

async fn serve<T>(stream: TokioIo<T>, counts: Arc<Counts>)
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    counts.connections.fetch_add(1, Ordering::Relaxed);
    let service = service_fn(move |request| {
        let counts = Arc::clone(&counts);
        async move { Ok::<_, Infallible>(answer(request, &counts).await) }
    });
    // A client that hangs up is none of our business.
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .max_buf_size(1024 * 1024)
        .serve_connection(stream, service)
        .await
        .ok();
}

async fn answer(request: Request<Incoming>, counts: &Counts) -> Answer {
    match request.uri().path() {
        "/-/stats" => return xml(StatusCode::OK, counts.json()),
        "/-/reset" => {
            counts.reset();
            return xml(StatusCode::OK, String::new());
        }
        _ => {}
    }
    counts.requests.fetch_add(1, Ordering::Relaxed);
    let now = counts.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
    counts.most_in_flight.fetch_max(now, Ordering::Relaxed);
    counts.head_bytes.fetch_add(head_bytes(&request), Ordering::Relaxed);
    let answer = operate(request, counts).await;
    counts.in_flight.fetch_sub(1, Ordering::Relaxed);
    answer
}

fn head_bytes(request: &Request<Incoming>) -> u64 {
    let headers: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    (request.uri().to_string().len() + request.method().as_str().len() + 12 + headers) as u64
}

async fn operate(request: Request<Incoming>, counts: &Counts) -> Answer {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let value = |name: &str| {
        query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).find(|(found, _)| *found == name)
    };
    let has = |name: &str| value(name).is_some();
    let path = parts.uri.path().trim_start_matches('/').to_owned();
    let is_bucket = !path.trim_end_matches('/').contains('/');
    let note = |name: &'static str| {
        *counts.by_operation.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default() += 1;
    };
    let received = drain(body, &parts.headers).await;
    match parts.method {
        Method::PUT if is_bucket => xml(StatusCode::OK, String::new()),
        Method::PUT => {
            note(if has("partNumber") { "UploadPart" } else { "PutObject" });
            counts.body_bytes.fetch_add(received.bytes, Ordering::Relaxed);
            if received.is_not(&parts.headers) {
                return refused(StatusCode::BAD_REQUEST, "BadDigest");
            }
            if let Some((_, number)) = value("partNumber") {
                let mut all = counts.parts.lock().unwrap_or_else(PoisonError::into_inner);
                all.entry(path).or_default().insert(number.parse().unwrap_or_default(), received);
            } else if !counts.store(path, received.bytes, &parts.headers) {
                return refused(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
            }
            stored(&parts.headers)
        }
        Method::POST if has("uploads") => {
            note("CreateMultipartUpload");
            xml(StatusCode::OK, format!("<InitiateMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>b</Bucket><Key>k</Key><UploadId>u-{}</UploadId></InitiateMultipartUploadResult>", counts.requests.load(Ordering::Relaxed)))
        }
        Method::POST if has("uploadId") => {
            note("CompleteMultipartUpload");
            let sum = parts.headers.get(CRC).and_then(|value| value.to_str().ok());
            let sum = sum.map(|sum| format!("<ChecksumCRC64NVME>{sum}</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType>"));
            let whole = counts.parts.lock().unwrap_or_else(PoisonError::into_inner).remove(&path).unwrap_or_default();
            let whole = Received::joined(whole);
            if whole.is_not(&parts.headers) {
                return refused(StatusCode::BAD_REQUEST, "BadDigest");
            }
            if !counts.store(path, whole.bytes, &parts.headers) {
                return refused(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
            }
            xml(StatusCode::OK, format!("<CompleteMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Location>l</Location><Bucket>b</Bucket><Key>k</Key><ETag>{ENTITY_TAG}</ETag>{}</CompleteMultipartUploadResult>", sum.unwrap_or_default()))
        }
        Method::GET if is_bucket && has("location") => {
            note("GetBucketLocation");
            xml(StatusCode::OK, "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>".to_owned())
        }
        Method::GET if is_bucket && !path.is_empty() => {
            note("ListObjects");
            xml(StatusCode::OK, listing(&query))
        }
        Method::GET if path.is_empty() => {
            note("ListBuckets");
            xml(StatusCode::OK, "<ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Owner><ID>o</ID></Owner><Buckets><Bucket><Name>bench</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>".to_owned())
        }
        Method::HEAD if is_bucket => xml(StatusCode::OK, String::new()),
        // Tools that look first hear that nothing is there; those that look afterwards find what they sent.
        Method::HEAD | Method::GET => {
            note("HeadObject");
            let size_bytes = counts.objects.lock().unwrap_or_else(PoisonError::into_inner).get(&path).copied();
            size_bytes.map_or_else(|| xml(StatusCode::NOT_FOUND, String::new()), found)
        }
        _ => {
            note("Other");
            xml(StatusCode::NO_CONTENT, String::new())
        }
    }
}

/// Reads a body to its end; for the chunked form of signed streams the length that was declared inside counts.
async fn drain(mut body: Incoming, headers: &HeaderMap) -> Received {
    let decoded = headers.get("x-amz-decoded-content-length").and_then(|value| value.to_str().ok()?.parse().ok());
    let has_sum = headers.contains_key(CRC) && decoded.is_none();
    let mut digest = has_sum.then(|| Digest::new(CrcAlgorithm::Crc64Nvme));
    let mut bytes = 0;
    while let Some(Ok(frame)) = body.frame().await {
        let Some(data) = frame.data_ref() else { continue };
        bytes += data.len() as u64;
        if let Some(digest) = &mut digest {
            digest.update(data);
        }
    }
    Received { bytes: decoded.unwrap_or(bytes), crc: digest.map(|digest| digest.finalize()) }
}

fn refused(status: StatusCode, code: &str) -> Answer {
    xml(status, format!("<Error><Code>{code}</Code><Message>no</Message></Error>"))
}

fn stored(headers: &HeaderMap) -> Answer {
    let mut answer = xml(StatusCode::OK, String::new());
    let to = answer.headers_mut();
    to.insert(ETAG, HeaderValue::from_static(ENTITY_TAG));
    for name in ["x-amz-checksum-crc64nvme", "x-amz-checksum-crc32"] {
        if let Some(value) = headers.get(name) {
            to.insert(name, value.clone());
        }
    }
    answer
}

/// The head of an object that came in.
fn found(size_bytes: u64) -> Answer {
    let mut answer = xml(StatusCode::OK, String::new());
    let to = answer.headers_mut();
    to.insert(ETAG, HeaderValue::from_static(ENTITY_TAG));
    to.insert(LAST_MODIFIED, HeaderValue::from_static("Thu, 01 Jan 2026 00:00:00 GMT"));
    to.insert(CONTENT_LENGTH, HeaderValue::from(size_bytes));
    answer
}

fn listing(query: &str) -> String {
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let most: usize = value("max-keys").and_then(|keys| keys.parse().ok()).unwrap_or(1000);
    let after = value("continuation-token").or_else(|| value("start-after")).or_else(|| value("marker"));
    let first = after.and_then(|token| token.rsplit('-').next()?.trim_end_matches(".bin").parse::<usize>().ok());
    let first = first.map_or(0, |number| number + 1);
    let end = (first + most.min(1000)).min(LISTED_KEYS);
    let mut page = String::with_capacity(300 * (end - first) + 400);
    page.push_str("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bench</Name><Prefix></Prefix><EncodingType>url</EncodingType>");
    page.push_str(&format!("<KeyCount>{}</KeyCount><MaxKeys>{most}</MaxKeys>", end - first));
    if end < LISTED_KEYS {
        page.push_str(&format!("<IsTruncated>true</IsTruncated><NextContinuationToken>t-{}</NextContinuationToken><NextMarker>object-{:06}.bin</NextMarker>", end - 1, end - 1));
    } else {
        page.push_str("<IsTruncated>false</IsTruncated>");
    }
    for number in first..end {
        page.push_str(&format!("<Contents><Key>object-{number:06}.bin</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;0123456789abcdef0123456789abcdef&quot;</ETag><Size>16384</Size><StorageClass>STANDARD</StorageClass></Contents>"));
    }
    page.push_str("</ListBucketResult>");
    page
}

fn xml(status: StatusCode, body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    if status == StatusCode::NO_CONTENT {
        answer.headers_mut().remove(CONTENT_LENGTH);
    }
    answer.headers_mut().insert("x-amz-request-id", HeaderValue::from_static("sink"));
    // Bucketdrop takes echoed checksums and heeded conditions for granted of Amazon at its own hosts and of the storage
    // that it brings along. This does what that one does, and says so: what is counted here are the requests to a service
    // whose ways are known. Elsewhere a look goes before each small file until a refusal, or a diagnosis, has told them.
    answer.headers_mut().insert(SERVER, HeaderValue::from_static("Bucketdrop"));
    answer
}

