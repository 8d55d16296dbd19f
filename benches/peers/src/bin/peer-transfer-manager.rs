//! `peer-transfer-manager ENDPOINT BUCKET PREFIX JOBS FILE...`: AWS's own transfer manager with its defaults.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use aws_sdk_s3_transfer_manager::io::InputStream;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let argument = |at: usize| arguments.get(at).with_context(|| format!("argument {at}"));
    let shared = aws_config::defaults(aws_config::BehaviorVersion::latest()).region("us-east-1").load().await;
    let client = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&shared).endpoint_url(argument(1)?).force_path_style(true).build(),
    );
    let config = aws_sdk_s3_transfer_manager::Config::builder().client(client).build();
    let manager = aws_sdk_s3_transfer_manager::Client::new(config);
    let (bucket, prefix, jobs): (&str, &str, usize) = (argument(2)?, argument(3)?, argument(4)?.parse()?);
    stream::iter(arguments.iter().skip(5).map(PathBuf::from))
        .map(|file| {
            let manager = manager.clone();
            async move {
                let name = file.file_name().context("a name")?.to_string_lossy().into_owned();
                let body = InputStream::from_path(&file)?;
                let upload =
                    manager.upload().bucket(bucket).key(format!("{prefix}/{name}")).body(body).initiate()?;
                upload.join().await?;
                Ok::<_, anyhow::Error>(())
            }
        })
        .buffer_unordered(jobs)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(())
}
