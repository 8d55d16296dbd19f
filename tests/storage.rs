//! The storage on this computer against clients that Bucketdrop had no hand in: boto3, the AWS command line, and the
//! end-to-end suite of `s3s`.
//!
//! They need `python3` with `boto3` and `awscli`; a missing one is a failure with its name, not a skipped test.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use bucketdrop::local_storage::faults::FaultPlan;
use bucketdrop::local_storage::{Durability, LocalStorage, LocalStorageConfig, LocalStorageError, generate_keys};
use bucketdrop::model::Credentials;

const REGION: &str = "ap-northeast-2";

struct Served {
    storage: LocalStorage,
    keys: Credentials,
    folder: tempfile::TempDir,
    faults: Arc<FaultPlan>,
}

fn config(folder: &Path, keys: &Credentials, faults: &Arc<FaultPlan>, durability: Durability) -> LocalStorageConfig {
    LocalStorageConfig {
        folder: folder.to_owned(),
        port: 0,
        access_key_id: keys.access_key_id.clone(),
        secret_access_key: keys.secret_access_key.clone(),
        region: REGION.into(),
        durability,
        faults: Some(Arc::clone(faults)),
    }
}

async fn serve() -> Served {
    let (folder, keys, faults) = (tempfile::tempdir().unwrap(), generate_keys(), FaultPlan::new());
    let storage = LocalStorage::start(config(folder.path(), &keys, &faults, Durability::Fast)).await.unwrap();
    Served { storage, keys, folder, faults }
}

impl Served {
    fn client(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("AWS_ENDPOINT_URL", self.storage.endpoint())
            .env("AWS_ENDPOINT_URL_S3", self.storage.endpoint())
            .env("AWS_ACCESS_KEY_ID", &self.keys.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", self.keys.secret_access_key.expose())
            .env("AWS_REGION", REGION)
            .env("AWS_DEFAULT_REGION", REGION)
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env_remove("AWS_SESSION_TOKEN")
            .env_remove("AWS_PROFILE")
            .env("NO_PROXY", "127.0.0.1,localhost");
        command
    }

    async fn run(&self, mut command: Command) -> Output {
        let shown = format!("{:?}", command.get_program());
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
        output.unwrap_or_else(|error| panic!("cannot run {shown}: {error}"))
    }

    async fn python(&self, script: &str) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance").join(script);
        let mut command = self.client(std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into()));
        command.arg("-B").arg(&script);
        let output = self.run(command).await;
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{} failed:\n{text}", script.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_finds_the_rules_of_amazon() {
    let served = serve().await;
    served.python("boto.py").await;
    served.storage.shutdown().await;
}
