//! `peer-object-store upload ENDPOINT BUCKET PREFIX JOBS FILE...`: the crate object_store, used as its documents say,
//! files up to 8 MiB in one PUT, larger ones in parts of 8 MiB with 8 in flight. `list ENDPOINT BUCKET` lists.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{Certificate, ClientOptions, ObjectStore, ObjectStoreExt as _, WriteMultipart};
use tokio::io::AsyncReadExt as _;

const PART_BYTES: usize = 8 * 1024 * 1024;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let argument = |at: usize| arguments.get(at).with_context(|| format!("argument {at}"));
    let mut options = ClientOptions::new().with_allow_http(true);
    if let Ok(file) = std::env::var("SSL_CERT_FILE") {
        options = options.with_root_certificate(Certificate::from_pem(&std::fs::read(file)?)?);
    }
    let store = AmazonS3Builder::from_env()
        .with_endpoint(argument(2)?)
        .with_bucket_name(argument(3)?)
        .with_region("us-east-1")
        .with_unsigned_payload(argument(2)?.starts_with("https"))
        .with_client_options(options)
        .build()?;
    let store: Arc<dyn ObjectStore> = Arc::new(store);
    if argument(1)? == "list" {
        let count = store.list(None).try_fold(0_u64, async |count, _found| Ok(count + 1)).await?;
        println!("{count}");
        return Ok(());
    }
    let (prefix, jobs): (&str, usize) = (argument(4)?, argument(5)?.parse()?);
    let files = arguments.iter().skip(6).map(PathBuf::from);
    stream::iter(files)
        .map(|file| upload(Arc::clone(&store), prefix, file))
        .buffer_unordered(jobs)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(())
}

async fn upload(store: Arc<dyn ObjectStore>, prefix: &str, file: PathBuf) -> Result<()> {
    let name = file.file_name().context("a name")?.to_string_lossy().into_owned();
    let to = Path::from(format!("{prefix}/{name}"));
    let bytes = std::fs::metadata(&file)?.len();
    if bytes <= PART_BYTES as u64 {
        store.put(&to, std::fs::read(&file)?.into()).await?;
        return Ok(());
    }
    let mut writer = WriteMultipart::new_with_chunk_size(store.put_multipart(&to).await?, PART_BYTES);
    let mut source = tokio::fs::File::open(&file).await?;
    let mut buffer = vec![0; 1024 * 1024];
    loop {
        let read = source.read(&mut buffer).await?;
        if read == 0 {
            break;
        }
        writer.wait_for_capacity(8).await?;
        writer.write(buffer.get(..read).unwrap_or_default());
    }
    writer.finish().await?;
    Ok(())
}
