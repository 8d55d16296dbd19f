//! After a full run, no file under the program's home holds a secret, and no event shows one.

use std::fmt::Write as _;

use bucketdrop::model::{Command, ConflictPolicy, Event, ObjectKey, OpenTransfers, RequestId, Secret, SecretPlace};

use crate::support::{Server, Setup, TestEngine, location, on_conflict};

fn files_below(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

#[test]
fn no_secret_in_files_or_events() {
    let server = Server::start();
    let engine = TestEngine::start(Setup::default());
    let mut draft = TestEngine::draft(&server);
    let token = "SESSION-TOKEN-that-nobody-may-see";
    draft.session_token = Secret::new(token);
    assert!(
        !format!(
            "{:?}",
            Command::SaveConnection {
                request: RequestId::next(),
                draft: Box::new(draft.clone()),
                place: SecretPlace::Keychain,
                open: OpenTransfers::Ask,
            }
        )
        .contains(token)
    );
    let with_token = engine.save(draft, SecretPlace::Keychain).unwrap();
    let plain = engine.save(TestEngine::draft(&server), SecretPlace::Keychain).unwrap();
    let mut shown = String::new();
    for id in [with_token.id, plain.id] {
        let at = location(id);
        let summary = engine.upload(vec![engine.file("a", b"a")], &at, on_conflict(ConflictPolicy::Overwrite));
        write!(shown, "{summary:?}").unwrap();
        let request = RequestId::next();
        let objects = vec![at.object(ObjectKey::new("a"))];
        engine.send(Command::SignLinks { request, objects, expires_secs: 60 });
        let event = engine.expect("LinksSigned", |event| match event {
            Event::LinksSigned { request: r, .. } if *r == request => Some(event.clone()),
            _ => None,
        });
        write!(shown, "{event:?}").unwrap();
    }
    engine.leave();
    let secret = server.keys.secret_access_key.expose();
    for hidden in [secret, token, "X-Amz-Signature"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    let mut files = Vec::new();
    files_below(engine.home.path(), &mut files);
    assert!(!files.is_empty());
    for file in files {
        // A database that is just being closed takes files away.
        let Ok(bytes) = std::fs::read(&file) else { continue };
        let content = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!content.contains(secret) && !content.contains(token), "{}", file.display());
    }
}
