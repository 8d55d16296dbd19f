//! The async face over stores that misbehave.

use std::sync::Arc;
use std::time::Duration;

use super::testing::{FailingStore, LyingStore, SilentStore, SlowStore};
use super::*;
use crate::model::FailureKind;

/// For stores that never answer; those that do have to, on a busy machine too.
const SHORT: Duration = Duration::from_secs(2);

fn keys(secret: &str) -> Credentials {
    Credentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: Secret::new(secret),
        session_token: Some(Secret::new("a token\nof two lines")),
    }
}

fn id() -> ConnectionId {
    ConnectionId::new("7d3e")
}

#[tokio::test]
async fn saved_keys_come_back_and_go() {
    let store = Arc::new(MemoryStore::default());
    let keychain = Keychain::new(store.clone());
    keychain.save(&id(), &keys("one secret"), SecretPlace::Keychain).await.unwrap();
    assert!(Keychain::new(store.clone()).load(&id()).await.unwrap() == Some(keys("one secret")));
    keychain.delete(&id()).await.unwrap();
    assert!(keychain.load(&id()).await.unwrap().is_none() && store.is_empty());
}

#[tokio::test]
async fn keys_of_this_run_never_reach_the_store() {
    let store = Arc::new(MemoryStore::default());
    let keychain = Keychain::new(store.clone());
    keychain.save(&id(), &keys("fleeting"), SecretPlace::ThisRunOnly).await.unwrap();
    assert!(keychain.load(&id()).await.unwrap() == Some(keys("fleeting")));
    assert!(store.is_empty() && keychain.is_this_run_only(&id()));
    keychain.save(&id(), &keys("kept"), SecretPlace::Keychain).await.unwrap();
    assert!(!keychain.is_this_run_only(&id()));
    assert!(keychain.load(&id()).await.unwrap() == Some(keys("kept")));
}

#[tokio::test]
async fn saved_is_only_said_of_what_can_be_read_back() {
    for lie in [LyingStore::Forgets, LyingStore::Truncates] {
        let error = Keychain::new(Arc::new(lie)).save(&id(), &keys("lost"), SecretPlace::Keychain).await.unwrap_err();
        assert_eq!(error.to_failure().kind, FailureKind::KeychainFailed, "{lie:?}");
    }
}

#[tokio::test]
async fn each_refusal_has_its_kind() {
    let detail = || "as it is".to_owned();
    let kinds = [
        (KeychainError::Missing { detail: detail() }, FailureKind::KeychainMissing),
        (KeychainError::Locked { detail: detail() }, FailureKind::KeychainLocked),
        (KeychainError::Failed { detail: detail() }, FailureKind::KeychainFailed),
    ];
    for (error, kind) in kinds {
        let keychain = Keychain::new(Arc::new(FailingStore(error)));
        assert_eq!(keychain.load(&id()).await.unwrap_err().to_failure().kind, kind);
        let KeychainState::Unavailable(failure) = keychain.check().await else { panic!("{kind:?}") };
        assert_eq!(failure.kind, kind);
    }
}

#[tokio::test]
async fn a_silent_store_is_given_up_and_its_late_answer_used_once() {
    let store = Arc::new(SilentStore::default());
    store.inner().write("7d3e", record::to_line(&keys("late")).unwrap().expose()).unwrap();
    let keychain = Keychain::with_limit(store.clone(), SHORT);
    assert_eq!(keychain.load(&id()).await.unwrap_err(), KeychainError::Silent);
    // The prompt is answered at last; the next job is behind the late one, so the late answer is there after it.
    store.wake();
    assert_eq!(keychain.check().await, KeychainState::Ready);
    store.inner().delete("7d3e").unwrap();
    assert!(keychain.load(&id()).await.unwrap() == Some(keys("late")), "the late answer");
    assert!(keychain.load(&id()).await.unwrap().is_none(), "but only once");
}

#[tokio::test]
async fn what_nobody_waits_for_is_not_begun() {
    let store = Arc::new(SilentStore::default());
    let keychain = Keychain::with_limit(store.clone(), SHORT);
    assert_eq!(keychain.load(&id()).await.unwrap_err(), KeychainError::Silent);
    let saved = keychain.save(&id(), &keys("abandoned"), SecretPlace::Keychain).await;
    assert_eq!(saved.unwrap_err(), KeychainError::Silent);
    store.wake();
    assert_eq!(keychain.check().await, KeychainState::Ready);
    assert!(store.inner().is_empty(), "the save was given up before it began");
}

#[tokio::test]
async fn a_save_that_came_through_late_is_taken_back_when_the_user_chose_this_run_only() {
    let store = Arc::new(SilentStore::default());
    let keychain = Keychain::with_limit(store.clone(), SHORT);
    let saved = keychain.save(&id(), &keys("late"), SecretPlace::Keychain).await;
    assert_eq!(saved.unwrap_err(), KeychainError::Silent);
    keychain.save(&id(), &keys("late"), SecretPlace::ThisRunOnly).await.unwrap();
    store.wake();
    assert_eq!(keychain.check().await, KeychainState::Ready);
    assert!(store.inner().is_empty());
    assert!(keychain.load(&id()).await.unwrap() == Some(keys("late")));
}

#[tokio::test]
async fn taking_back_a_save_that_never_began_leaves_the_record_before_it() {
    let store = Arc::new(SilentStore::default());
    let older = record::to_line(&keys("older")).unwrap();
    store.inner().write("7d3e", older.expose()).unwrap();
    let keychain = Keychain::with_limit(store.clone(), SHORT);
    assert_eq!(keychain.load(&id()).await.unwrap_err(), KeychainError::Silent);
    let saved = keychain.save(&id(), &keys("newer"), SecretPlace::Keychain).await;
    assert_eq!(saved.unwrap_err(), KeychainError::Silent);
    keychain.save(&id(), &keys("newer"), SecretPlace::ThisRunOnly).await.unwrap();
    store.wake();
    assert_eq!(keychain.check().await, KeychainState::Ready);
    assert!(store.inner().read("7d3e").unwrap() == Some(older));
}

#[tokio::test]
async fn other_tasks_go_on_while_the_store_blocks() {
    let keychain = Keychain::new(Arc::new(SlowStore::new(Duration::from_secs(2))));
    let mut ticks = 0_u32;
    let id = id();
    let asked = keychain.load(&id);
    tokio::pin!(asked);
    let mut clock = tokio::time::interval(Duration::from_millis(10));
    loop {
        tokio::select! {
            answer = &mut asked => { assert!(answer.unwrap().is_none()); break }
            _ = clock.tick() => ticks += 1,
        }
    }
    // A blocked runtime would have ticked once or twice.
    assert!(ticks >= 10, "{ticks} ticks in two seconds");
}

#[test]
fn debug_tells_no_secret() {
    let keychain = Keychain::new(Arc::new(MemoryStore::default()));
    lock(&keychain.shared.this_run).insert(id(), keys("wJalrXUtnFEMI"));
    assert!(!format!("{keychain:?}").contains("wJalr"));
}
