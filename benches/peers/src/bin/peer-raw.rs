//! `peer-raw ENDPOINT JOBS FILE...`: the floor: plain sockets (or rustls for https), each file or part of 8 MiB as one
//! unsigned PUT, no checksum, no journal, nothing verified. Not a product: what any client pays at least.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, ensure};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

const PART_BYTES: u64 = 8 * 1024 * 1024;

struct Piece {
    path: PathBuf,
    offset: u64,
    len: u64,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let arguments: Vec<String> = std::env::args().collect();
    let endpoint = arguments.get(1).context("ENDPOINT")?.clone();
    let jobs: usize = arguments.get(2).context("JOBS")?.parse()?;
    let mut pieces = Vec::new();
    for path in arguments.iter().skip(3).map(PathBuf::from) {
        let bytes = std::fs::metadata(&path)?.len();
        let mut offset = 0;
        while offset < bytes {
            let len = PART_BYTES.min(bytes - offset);
            pieces.push(Piece { path: path.clone(), offset, len });
            offset += len;
        }
    }
    let (pieces, next) = (Arc::new(pieces), Arc::new(AtomicUsize::new(0)));
    let workers = (0..jobs.min(pieces.len())).map(|_| {
        let (pieces, next, endpoint) = (Arc::clone(&pieces), Arc::clone(&next), endpoint.clone());
        tokio::spawn(async move { work(&endpoint, &pieces, &next).await })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await??;
    }
    Ok(())
}

async fn work(endpoint: &str, pieces: &[Piece], next: &AtomicUsize) -> Result<()> {
    let (scheme, address) = endpoint.split_once("://").context("scheme")?;
    let tcp = TcpStream::connect(address).await?;
    tcp.set_nodelay(true)?;
    let mut stream: Box<dyn Stream> = if scheme == "https" {
        let mut roots = rustls::RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(std::env::var("SSL_CERT_FILE")?)? {
            roots.add(certificate?)?;
        }
        let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from(address.split(':').next().context("host")?.to_owned())?;
        Box::new(TlsConnector::from(Arc::new(config)).connect(name, tcp).await?)
    } else {
        Box::new(tcp)
    };
    let mut buffer = vec![0; usize::try_from(PART_BYTES)?];
    let mut answer = vec![0; 4096];
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some(piece) = pieces.get(at) else { return Ok(()) };
        let bytes = buffer.get_mut(..usize::try_from(piece.len)?).context("buffer")?;
        File::open(&piece.path)?.read_exact_at(bytes, piece.offset)?;
        let query = if piece.len == PART_BYTES { format!("?partNumber={at}&uploadId=u") } else { String::new() };
        let head =
            format!("PUT /bench/raw/{at}{query} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\r\n", piece.len);
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(bytes).await?;
        stream.flush().await?;
        let read = stream.read(&mut answer).await?;
        ensure!(answer.get(..read).unwrap_or_default().starts_with(b"HTTP/1.1 200"), "refused");
    }
}
