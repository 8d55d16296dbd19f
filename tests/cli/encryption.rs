//! Encryption that a service does not offer.

use super::*;

#[test]
fn a_storage_that_does_not_encrypt_says_so_and_not_that_it_stores_nothing() {
    let world = World::new();
    // As this computer's own is: without a plan nothing is only pretended.
    let plain = world.runtime.block_on(async {
        let config = LocalStorageConfig {
            folder: world.folder.path().join("plain"),
            port: 0,
            access_key_id: world.keys.access_key_id.clone(),
            secret_access_key: world.keys.secret_access_key.clone(),
            region: "us-east-1".to_owned(),
            durability: Durability::Fast,
            faults: None,
        };
        let storage = LocalStorage::start(config).await.unwrap();
        storage.ensure_bucket(BUCKET).await.unwrap();
        storage
    });
    let file = world.file("a.txt", b"content");
    let run = |language: &str| {
        let mut command = world.command(&["upload", "--sse", "AES256", arg(&file), "s3://cli-bucket"]);
        let ran = command.env("AWS_ENDPOINT_URL", plain.endpoint()).env("LC_ALL", language).output().unwrap();
        assert_eq!(ran.status.code(), Some(1), "{ran:?}");
        text(&ran.stderr)
    };
    let said = run("C.UTF-8");
    assert!(said.contains("does not support the encryption that was asked for"), "{said}");
    assert!(said.contains("Leave --sse out") && !said.contains("s3:PutObject"), "{said}");
    let said = run("ko_KR.UTF-8");
    assert!(said.contains("요청한 암호화를 지원하지 않습니다") && said.contains("--sse를 빼거나"), "{said}");
}
