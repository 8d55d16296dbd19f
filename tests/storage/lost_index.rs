//! The index is gone or damaged while files of objects are there: the storage does not start, and leaves them alone.

use std::path::{Path, PathBuf};

use aws_sdk_s3::primitives::ByteStream;
use bucketdrop::local_storage::{LocalStorage, LocalStorageError, generate_keys};

use super::{Served, blob_files, config, serve};

/// A folder that was stored in, and whose storage has ended.
async fn stored_in() -> Served {
    let served = serve().await;
    served.storage.ensure_bucket("bucket").await.unwrap();
    for key in ["a", "b", "c"] {
        put(&served, key).await;
    }
    served
}

async fn put(served: &Served, key: &str) {
    let body = ByteStream::from(key.as_bytes().to_vec());
    served.sdk().put_object().bucket("bucket").key(key).body(body).send().await.unwrap();
}

async fn read(served: &Served, key: &str) -> Vec<u8> {
    let got = served.sdk().get_object().bucket("bucket").key(key).send().await.unwrap();
    got.body.collect().await.unwrap().to_vec()
}

fn index_of(folder: &Path) -> PathBuf {
    folder.join("index.sqlite3")
}

/// Why a storage does not start in a folder. Nothing in it may change by trying.
async fn refusal(folder: &Path) -> LocalStorageError {
    let before = blob_files(folder);
    let error = LocalStorage::start(config(folder, &generate_keys())).await.unwrap_err();
    assert_eq!(blob_files(folder), before);
    error
}

#[tokio::test]
async fn without_its_index_a_storage_does_not_begin_anew_over_files_of_objects() {
    let served = stored_in().await;
    let Served { storage, keys, folder, faults, region } = served;
    storage.shutdown().await;
    let (index, aside) = (index_of(folder.path()), folder.path().join("aside"));
    std::fs::rename(&index, &aside).unwrap();
    for _ in 0..2 {
        match refusal(folder.path()).await {
            LocalStorageError::IndexMissing { index: named } => assert_eq!(named, index),
            other => panic!("{other:?}"),
        }
        assert!(!index.exists());
    }
    // Emptied by a full disk, or made by hand.
    std::fs::write(&index, b"").unwrap();
    assert!(matches!(refusal(folder.path()).await, LocalStorageError::IndexMissing { .. }));
    std::fs::remove_file(&index).unwrap();
    rusqlite::Connection::open(&index).unwrap().execute_batch("PRAGMA journal_mode = WAL; VACUUM").unwrap();
    assert!(matches!(refusal(folder.path()).await, LocalStorageError::IndexMissing { .. }));

    std::fs::rename(&aside, &index).unwrap();
    let storage = LocalStorage::start(config(folder.path(), &keys)).await.unwrap();
    let served = Served { storage, keys, folder, faults, region };
    assert_eq!(read(&served, "a").await, b"a");
    served.storage.shutdown().await;
}

#[tokio::test]
async fn a_log_without_its_index_is_not_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.sqlite3-wal"), b"commits").unwrap();
    let refused = LocalStorage::start(config(folder.path(), &generate_keys())).await.unwrap_err();
    assert!(matches!(refused, LocalStorageError::IndexMissing { .. }), "{refused:?}");
    assert_eq!(std::fs::read(folder.path().join("index.sqlite3-wal")).unwrap(), b"commits");
}

#[tokio::test]
async fn a_damaged_index_is_told_before_anything_is_taken_for_a_stray() {
    let Served { storage, folder, .. } = stored_in().await;
    storage.shutdown().await;
    let index = index_of(folder.path());
    let good = std::fs::read(&index).unwrap();
    // As after a crash: a start looks for strays.
    rusqlite::Connection::open(&index).unwrap().execute_batch("UPDATE run SET clean = 0").unwrap();
    let unclean = std::fs::read(&index).unwrap();
    for from in [&good, &unclean] {
        // Its first bytes; and everything behind the first page, which has the schema.
        for range in [0..16, 4096..from.len()] {
            let mut bytes = from.clone();
            bytes[range.clone()].fill(0x5a);
            std::fs::write(&index, &bytes).unwrap();
            match refusal(folder.path()).await {
                LocalStorageError::IndexDamaged { index: named, .. } => assert_eq!(named, index),
                other => panic!("{range:?} {other:?}"),
            }
        }
    }
    assert_eq!(blob_files(folder.path()).len(), 3);
}

#[tokio::test]
async fn an_index_from_a_backup_gives_nothing_up_that_came_after_it() {
    let served = serve().await;
    served.storage.ensure_bucket("bucket").await.unwrap();
    put(&served, "before").await;
    let served = served.restart().await;
    let Served { storage, keys, folder, faults, region } = served;
    storage.shutdown().await;
    let (index, backup) = (index_of(folder.path()), folder.path().join("backup"));
    // As of a run that did not end in order: the next start looks for strays.
    rusqlite::Connection::open(&index).unwrap().execute_batch("UPDATE run SET clean = 0").unwrap();
    std::fs::copy(&index, &backup).unwrap();

    let storage = LocalStorage::start(config(folder.path(), &keys)).await.unwrap();
    let served = Served { storage, keys, folder, faults, region };
    put(&served, "after").await;
    let Served { storage, keys, folder, faults, region } = served;
    storage.shutdown().await;
    let after: Vec<_> =
        blob_files(folder.path()).into_iter().filter(|at| std::fs::read(at).unwrap() == b"after").collect();
    std::fs::copy(&backup, &index).unwrap();

    let storage = LocalStorage::start(config(folder.path(), &keys)).await.unwrap();
    let served = Served { storage, keys, folder, faults, region };
    assert_eq!(read(&served, "before").await, b"before");
    // What is stored now goes beside it, not over it.
    put(&served, "now").await;
    assert_eq!(read(&served, "now").await, b"now");
    assert_eq!(std::fs::read(&after[0]).unwrap(), b"after");
    served.storage.shutdown().await;
}
