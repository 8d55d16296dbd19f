//! The engine as `tests/moto/run.py` has it work on moto, an S3 server by other people: it is told in lines what to do,
//! and answers in lines. What came of it is looked at there, with boto3.

use std::io::BufRead as _;

use bucketdrop::model::{
    BucketName, ConnectionDraft, ConnectionId, Location, OpenWhat, Prefix, SecretPlace, Service, SharingChange,
};
use serde_json::{Value, json};

use crate::sharing::{apply, plan, undo, verdict};
use crate::support::{Setup, TestEngine};

/// What stands before an answer.
const MARK: &str = "moto-answer ";

fn connected(url: &str) -> (TestEngine, ConnectionId) {
    let engine = TestEngine::start(Setup::default());
    let draft = ConnectionDraft {
        name: "moto".into(),
        service: Service::Other,
        endpoint: url.to_owned(),
        addressing: bucketdrop::model::Addressing::Path,
        access_key_id: "AKIAEXAMPLEEXAMPLE00".into(),
        secret_access_key: bucketdrop::model::Secret::new("example-secret-key"),
        ..ConnectionDraft::default()
    };
    let connection = engine.save(draft, SecretPlace::Keychain).unwrap();
    (engine, connection.id)
}

/// Opens what is named, and gives what was shown before, and the change.
fn open(engine: &TestEngine, at: &Location, what: OpenWhat) -> (Value, Option<SharingChange>) {
    let planned = match plan(engine, at, what) {
        Ok(planned) => planned,
        Err(failure) => return (json!({"failure": failure.kind.code()}), None),
    };
    let shown = json!({"statement": planned.statement, "after": planned.policy_after, "objects": planned.objects});
    match apply(engine, planned) {
        Ok(change) => (shown, Some(change)),
        Err(failure) => (json!({"failure": failure.kind.code()}), None),
    }
}

#[test]
#[ignore = "`tests/run moto` starts the server and says what to do"]
fn works_on_moto_as_it_is_told() {
    let url = std::env::var("BUCKETDROP_MOTO_URL").unwrap();
    let (mut engine, connection) = connected(&url);
    let mut changes: Vec<SharingChange> = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let told: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        let place = || Location {
            connection: connection.clone(),
            bucket: BucketName::new(text("bucket")).unwrap(),
            prefix: Prefix::root(),
        };
        let answer = match told["do"].as_str().unwrap() {
            "restart" => {
                engine = engine.restart();
                json!({})
            }
            "undo" => {
                let number = usize::try_from(told["change"].as_u64().unwrap()).unwrap();
                let undone = undo(&engine, changes.get(number).unwrap());
                json!({"failure": undone.err().map(|failure| failure.kind.code())})
            }
            "verdict" => json!({"verdict": verdict(&engine, &place(), &text("key"))}),
            "open" => {
                let what = OpenWhat::Prefix(Prefix::new(text("prefix")));
                let (mut answer, change) = open(&engine, &place(), what);
                if let Some(change) = change {
                    answer["change"] = json!(changes.len());
                    changes.push(change);
                }
                answer
            }
            other => panic!("{other}"),
        };
        // On a line of its own, whatever the test program has written before.
        println!("\n{MARK}{answer}");
    }
}
