//! What arrives is what was read, or it is said openly that nobody knows. Tests that begin with a letter and a number
//! are rows of the catalogue of faults.

use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    Command, ConflictPolicy, ConnectionDraft, Event, FailureKind, Location, PutOptions, QueueSwitch, ReceiptCounts,
    ReceiptFormat, ReceiptOver, ReceiptVerdict, RequestId, SecretPlace, Selection, TransferAction, TransferState,
    TransferTab, Verified, VerifyWish, WriteDiagnosis,
};

use crate::crooked::{Damage, Flipper, Liar, Manners, Tag};
use crate::support::{MIB, Server, Setup, TestEngine, connected, location, on_conflict, pattern};

/// How often a bit is flipped.
const FLIPS: usize = 500;

const READ_BACK: Option<VerifyWish> = Some(VerifyWish::ReadBack);

fn liar(tag: Tag, damage: Damage) -> Manners {
    Manners { tag, echoes: true, denies_head: false, damage, server: None }
}

/// An engine connected to an endpoint with the keys of a server.
fn engine_at(endpoint: &str, server: &Server) -> (TestEngine, Location) {
    let engine = TestEngine::start(Setup::default());
    let draft = ConnectionDraft { endpoint: endpoint.to_owned(), ..TestEngine::draft(server) };
    let connection = engine.save(draft, SecretPlace::Keychain).unwrap();
    (engine, location(connection.id))
}

/// Small files of different sizes in one folder: their names and bytes.
fn many_files(engine: &TestEngine, count: usize) -> Vec<(String, Vec<u8>)> {
    let files: Vec<_> = (0..count).map(|n| (format!("f{n:03}"), pattern(17 + n * 13))).collect();
    for (name, bytes) in &files {
        engine.file(&format!("d/{name}"), bytes);
    }
    files
}

fn levels(engine: &TestEngine, count: usize) -> Vec<Verified> {
    let states = (0..count).map(|_| engine.report().state);
    let level = |state| match state {
        TransferState::Done(level) => level,
        other => panic!("not stored: {other:?}"),
    };
    states.map(level).collect()
}

#[test]
fn h19_a_bit_flipped_500_times_is_noticed_and_repaired() {
    let server = Server::start();
    let proxy = Flipper::start(&server.endpoint, Damage::FirstTime);
    let (engine, at) = engine_at(&proxy.endpoint, &server);
    let files = many_files(&engine, FLIPS);
    let summary = engine.upload(vec![engine.files.path().join("d")], &at, PutOptions::default());
    assert_eq!((summary.done, summary.failed), (FLIPS as u64, 0), "{summary:?}");
    assert_eq!(proxy.flips(), FLIPS);
    for (name, bytes) in &files {
        assert!(server.bytes(&format!("d/{name}")).unwrap() == *bytes, "{name}");
    }
    assert_eq!(levels(&engine, FLIPS), [Verified::Accepted; FLIPS]);
    assert_eq!(server.plan.count("PutObject"), 2 * FLIPS, "each was sent once more, and no more");
}

#[test]
fn h19_a_bit_flipped_in_every_part_is_repaired() {
    let server = Server::start();
    let proxy = Flipper::start(&server.endpoint, Damage::FirstTime);
    let (engine, at) = engine_at(&proxy.endpoint, &server);
    let summary = engine.upload(vec![engine.file("a", &pattern(20 * MIB))], &at, PutOptions::default());
    assert_eq!((summary.done, proxy.flips()), (1, 3), "{summary:?}");
    assert!(server.bytes("a").unwrap() == pattern(20 * MIB));
    assert_eq!(server.plan.count("UploadPart"), 6);
}

#[test]
fn h19_what_is_always_damaged_is_blamed_on_the_line() {
    let server = Server::start();
    let proxy = Flipper::start(&server.endpoint, Damage::Always);
    let (engine, at) = engine_at(&proxy.endpoint, &server);
    let paths = vec![engine.file("small", b"small"), engine.file("large", &pattern(9 * MIB))];
    let summary = engine.upload(paths, &at, PutOptions::default());
    assert_eq!((summary.done, summary.failed), (0, 2), "{summary:?}");
    for _ in 0..2 {
        let TransferState::Failed(failure) = engine.report().state else { panic!("it failed") };
        assert_eq!(failure.kind, FailureKind::DataCorrupted, "{failure:?}");
    }
    assert_eq!(server.keys(), Vec::<String>::new());
}

#[test]
fn a_server_that_verifies_nothing_is_never_believed() {
    let server = Server::start();
    for (tag, echoes) in [(Tag::Opaque, true), (Tag::Opaque, false), (Tag::Absent, true)] {
        let crook = Liar::start(Manners { echoes, ..liar(tag, Damage::FirstTime) });
        let (engine, at) = engine_at(&crook.endpoint, &server);
        many_files(&engine, FLIPS);
        let summary = engine.upload(vec![engine.files.path().join("d")], &at, PutOptions::default());
        assert_eq!((summary.done, crook.flips()), (FLIPS as u64, FLIPS), "{summary:?}");
        assert_eq!(levels(&engine, FLIPS), [Verified::Unverified; FLIPS], "{tag:?}, echoes {echoes}");
    }
}

#[test]
fn reading_back_notices_500_of_500_on_a_server_that_verifies_nothing() {
    let server = Server::start();
    for echoes in [true, false] {
        let crook = Liar::start(Manners { echoes, ..liar(Tag::Opaque, Damage::FirstTime) });
        let (engine, at) = engine_at(&crook.endpoint, &server);
        let files = many_files(&engine, FLIPS);
        let options = PutOptions { verify: READ_BACK, ..PutOptions::default() };
        let summary = engine.upload(vec![engine.files.path().join("d")], &at, options);
        assert_eq!((summary.done, crook.flips()), (FLIPS as u64, FLIPS), "{summary:?}");
        for (name, bytes) in &files {
            assert!(crook.bytes(&format!("d/{name}")) == *bytes, "{name}");
        }
        assert_eq!(levels(&engine, FLIPS), [Verified::ReadBack; FLIPS]);
        assert_eq!(crook.count("PUT"), 2 * FLIPS, "each was noticed and sent once more");
    }
}

#[test]
fn where_tags_are_md5_damage_is_noticed_without_reading_back() {
    let server = Server::start();
    let crook = Liar::start(liar(Tag::Md5, Damage::FirstTimeOf("unlucky")));
    let (engine, at) = engine_at(&crook.endpoint, &server);
    // Overwriting carries no condition, so nothing has to be found out about them.
    let overwrite = || on_conflict(ConflictPolicy::Overwrite);
    engine.upload(vec![engine.file("first", b"first")], &at, overwrite());
    assert_eq!(levels(&engine, 1), [Verified::Accepted]);
    assert_eq!((crook.count("PUT"), crook.count("HEAD")), (1, 0), "the answer alone proves it");
    engine.upload(vec![engine.file("unlucky", b"unlucky")], &at, overwrite());
    assert_eq!(levels(&engine, 1), [Verified::Accepted]);
    assert_eq!((crook.flips(), crook.count("PUT"), crook.count("HEAD")), (1, 3, 1), "looked into and sent once more");
    assert_eq!(crook.bytes("unlucky"), b"unlucky");
}

#[test]
fn a_damaged_object_that_was_left_is_said_and_replaced_by_a_retry() {
    let server = Server::start();
    // Nobody there verifies what comes.
    let crook = Liar::start(liar(Tag::Opaque, Damage::First(2)));
    let (engine, at) = engine_at(&crook.endpoint, &server);
    let options = PutOptions { verify: READ_BACK, ..PutOptions::default() };
    engine.upload(vec![engine.file("a", b"abc")], &at, options);
    let failed = engine.report();
    let TransferState::Failed(failure) = &failed.state else { panic!("it failed: {failed:?}") };
    assert_eq!(failure.kind, FailureKind::DataCorrupted);
    assert!(failure.args.contains(&("stands-damaged", "a".to_owned())), "{failure:?}");
    assert_ne!(crook.bytes("a"), b"abc", "it stands there");
    engine.act(failed.id, TransferAction::Retry);
    assert!(matches!(engine.report().state, TransferState::Done(_)));
    assert_eq!(crook.bytes("a"), b"abc");
}

#[test]
fn what_the_answer_does_not_prove_a_head_confirms() {
    let server = Server::start();
    let crook = Liar::start(liar(Tag::Late, Damage::Nothing));
    let (engine, at) = engine_at(&crook.endpoint, &server);
    engine.upload(vec![engine.file("a", b"abc")], &at, on_conflict(ConflictPolicy::Overwrite));
    assert_eq!(levels(&engine, 1), [Verified::Confirmed]);
    assert_eq!((crook.count("PUT"), crook.count("HEAD")), (1, 1));
}

#[test]
fn a_small_file_takes_one_request_and_a_large_one_its_parts_and_two() {
    let (server, engine, at) = connected();
    let overwrite = || on_conflict(ConflictPolicy::Overwrite);
    engine.upload(vec![engine.file("small", b"small")], &at, overwrite());
    assert_eq!(server.plan.log().len(), 1, "{:?}", server.plan.log());
    server.plan.clear_log();
    engine.upload(vec![engine.file("large", &pattern(20 * MIB))], &at, overwrite());
    assert_eq!(server.plan.log().len(), 3 + 2, "{:?}", server.plan.log());
    assert_eq!(levels(&engine, 2), [Verified::Accepted; 2]);
}

#[test]
fn multipart_without_any_checksum_is_proven_by_md5s() {
    // The storage says no word about checksums, and calls itself something else.
    let (server, engine, at) = connected();
    for operation in ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"] {
        server.plan.add(Fault::on(operation, Action::WithHeader("server".into(), "Strange".into())));
    }
    engine.upload(vec![engine.file("a", &pattern(20 * MIB))], &at, on_conflict(ConflictPolicy::Overwrite));
    assert_eq!(levels(&engine, 1), [Verified::Accepted]);
    assert_eq!(server.plan.log().len(), 3 + 2);
}

#[test]
fn h9_an_answer_without_etag_is_looked_into_and_left_unverified() {
    let server = Server::start();
    let crook = Liar::start(Manners { echoes: false, ..liar(Tag::Absent, Damage::Nothing) });
    let (engine, at) = engine_at(&crook.endpoint, &server);
    engine.upload(vec![engine.file("a", b"abc")], &at, on_conflict(ConflictPolicy::Overwrite));
    assert_eq!(levels(&engine, 1), [Verified::Unverified]);
    assert!(crook.count("HEAD") >= 1);
    assert_eq!(crook.count("PUT"), 1);
}

#[test]
fn h17_a_key_that_may_only_write_is_verified_on_upload() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("HeadObject", Action::error(403, "AccessDenied")));
    engine.upload(vec![engine.file("a", b"abc"), engine.file("b", &pattern(9 * MIB))], &at, PutOptions::default());
    assert_eq!(levels(&engine, 2), [Verified::Accepted; 2]);
    for (tag, expected) in [(Tag::Md5, Verified::Accepted), (Tag::Opaque, Verified::Unverified)] {
        let crook = Liar::start(Manners { denies_head: true, ..liar(tag, Damage::Nothing) });
        let (engine, at) = engine_at(&crook.endpoint, &server);
        engine.upload(vec![engine.file("a", b"abc")], &at, PutOptions::default());
        assert_eq!(levels(&engine, 1), [expected], "{tag:?}");
    }
}

/// A large file in spite of a fault, told as done; gives the server for a look at its log.
fn arrives(fault: &Fault) -> Server {
    let (server, engine, at) = connected();
    server.plan.add(fault.clone());
    let summary = engine.upload(vec![engine.file("a", &pattern(20 * MIB))], &at, PutOptions::default());
    assert_eq!((summary.done, summary.failed), (1, 0), "{fault:?}: {summary:?}");
    assert!(server.bytes("a").unwrap() == pattern(20 * MIB));
    assert_eq!(server.unfinished_uploads(), 0, "{fault:?}");
    server
}

#[test]
fn h21_an_upload_that_the_server_forgot_starts_anew() {
    let server = arrives(&Fault::on("UploadPart", Action::error(404, "NoSuchUpload")).part(2).times(1));
    assert_eq!(server.plan.count("CreateMultipartUpload"), 2);
}

#[test]
fn h22_a_completion_that_was_done_and_then_denied_is_done() {
    let done = Action::ErrorAfter { status: 404, code: "NoSuchUpload".into() };
    let server = arrives(&Fault::on("CompleteMultipartUpload", done).times(1));
    assert_eq!(server.plan.count("CreateMultipartUpload"), 1, "nothing was sent twice");
    assert_eq!(server.plan.count("UploadPart"), 3);
}

#[test]
fn h23_parts_that_the_server_disowns_are_sent_again() {
    for code in ["InvalidPart", "InvalidPartOrder", "BadDigest"] {
        let server = arrives(&Fault::on("CompleteMultipartUpload", Action::error(400, code)).times(1));
        assert_eq!(server.plan.count("CreateMultipartUpload"), 1, "{code}");
        assert_eq!(server.plan.count("ListParts"), 1, "{code}");
        assert_eq!(server.plan.count("CompleteMultipartUpload"), 2, "{code}");
    }
}

#[test]
fn h36_our_own_write_is_recognised_and_a_conflict_is_repeated() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::CloseAfter).times(1));
    assert_eq!(engine.upload(vec![engine.file("mine", b"mine")], &at, PutOptions::default()).done, 1);
    server.plan.add(Fault::on("PutObject", Action::error(409, "ConditionalRequestConflict")).times(2));
    assert_eq!(engine.upload(vec![engine.file("small", b"small")], &at, PutOptions::default()).done, 1);
    let server =
        arrives(&Fault::on("CompleteMultipartUpload", Action::error(409, "ConditionalRequestConflict")).times(1));
    assert_eq!(server.plan.count("CreateMultipartUpload"), 2, "S3 has dropped the first one");
}

fn diagnose(engine: &TestEngine, at: &Location) -> WriteDiagnosis {
    let request = RequestId::next();
    engine.send(Command::DiagnoseConnection { request, at: at.clone() });
    engine.expect("ConnectionDiagnosed", |event| match event {
        Event::ConnectionDiagnosed { request: r, result } if *r == request => Some((*result.clone().unwrap()).clone()),
        _ => None,
    })
}

#[test]
fn a_diagnosis_tells_honest_servers_from_others() {
    let (server, engine, at) = connected();
    let found = diagnose(&engine, &at);
    let honest =
        WriteDiagnosis { takes_checksums: true, verifies_checksums: Some(true), honours_conditions: true, left: None };
    assert_eq!(found, honest);
    assert_eq!(server.keys(), Vec::<String>::new(), "nothing is left");
    let crook = Liar::start(liar(Tag::Opaque, Damage::Nothing));
    let (engine, at) = engine_at(&crook.endpoint, &server);
    let found = diagnose(&engine, &at);
    assert_eq!((found.verifies_checksums, found.honours_conditions, found.left), (Some(false), false, None));
    // H37: from now on, and in the next run, it is looked before anything is written.
    let engine = engine.restart();
    let before = crook.count("HEAD");
    engine.upload(vec![engine.file("a", b"1")], &at, PutOptions::default());
    assert!(crook.count("HEAD") > before);
    let again = engine.enqueue(vec![engine.file("a", b"2")], &at, on_conflict(ConflictPolicy::Skip));
    assert_eq!(engine.finished(again).skipped, 1);
    assert_eq!(crook.bytes("a"), b"1", "not overwritten");
}

#[test]
fn h37_a_service_that_ignores_conditions_overwrites_nothing_from_the_first_file_on() {
    let server = Server::start();
    for _ in 0..3 {
        let crook = Liar::start(liar(Tag::Opaque, Damage::Nothing));
        let (somebody, at) = engine_at(&crook.endpoint, &server);
        let theirs = vec![somebody.file("taken", b"somebody's")];
        assert_eq!(somebody.upload(theirs, &at, on_conflict(ConflictPolicy::Overwrite)).done, 1);
        let (engine, at) = engine_at(&crook.endpoint, &server);
        let skipped = engine.upload(vec![engine.file("taken", b"ours")], &at, on_conflict(ConflictPolicy::Skip));
        assert_eq!((skipped.done, skipped.skipped), (0, 1), "{skipped:?}");
        let paths = (0..9).map(|n| engine.file(&format!("{n}"), b"new")).collect();
        assert_eq!(engine.upload(paths, &at, on_conflict(ConflictPolicy::Skip)).done, 9);
        let again = (0..9).map(|n| engine.file(&format!("{n}"), b"other bytes")).collect();
        assert_eq!(engine.upload(again, &at, on_conflict(ConflictPolicy::Skip)).skipped, 9);
        assert_eq!(crook.bytes("taken"), b"somebody's", "not overwritten");
        assert!((0..9).all(|n| crook.bytes(&n.to_string()) == b"new"), "not overwritten");
    }
}

#[test]
fn whoever_calls_itself_amazon_elsewhere_is_neither_believed_nor_written_to_blindly() {
    let server = Server::start();
    let manners = Manners { server: Some("AmazonS3"), ..liar(Tag::Opaque, Damage::FirstTimeOf("damaged")) };
    let crook = Liar::start(manners);
    let (somebody, at) = engine_at(&crook.endpoint, &server);
    let theirs = vec![somebody.file("taken", b"somebody's")];
    assert_eq!(somebody.upload(theirs, &at, on_conflict(ConflictPolicy::Overwrite)).done, 1);
    let (engine, at) = engine_at(&crook.endpoint, &server);
    // Its first answer has told the name.
    assert_eq!(engine.upload(vec![engine.file("first", b"1")], &at, on_conflict(ConflictPolicy::Skip)).done, 1);
    let paths = vec![engine.file("taken", b"ours"), engine.file("damaged", b"is changed on its way")];
    let summary = engine.upload(paths, &at, on_conflict(ConflictPolicy::Skip));
    assert_eq!((summary.done, summary.skipped), (1, 1), "{summary:?}");
    assert_eq!(crook.bytes("taken"), b"somebody's", "not overwritten");
    let stored = (0..3).map(|_| engine.report().state);
    let levels: Vec<_> = stored.filter(|state| matches!(state, TransferState::Done(_))).collect();
    let unverified = TransferState::Done(Verified::Unverified);
    assert_eq!(levels, [unverified.clone(), unverified]);
}

#[test]
fn a_receipt_has_what_was_stored_before_a_restart() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("PutObject", Action::StallBefore).key("last"));
    let paths = ["first", "second", "last"].map(|name| engine.file(name, name.as_bytes())).to_vec();
    let paths = [paths, vec![engine.file("large", &pattern(9 * MIB))]].concat();
    let batch = engine.enqueue(paths, &at, PutOptions::default());
    engine.expect("three of four", |event| match event {
        Event::Transfers(view) if view.counts.done == 3 => Some(()),
        _ => None,
    });
    let stopped = engine.stop();
    server.plan.clear();
    let engine = stopped.start();
    assert_eq!(engine.finished(batch).done, 4);
    for name in ["receipt.csv", "receipt.json"] {
        let path = save_receipt(&engine, batch, name);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches("CRC64NVME:").count(), 4, "{text}");
        for verify in VerifyWish::ALL {
            let (counts, rows) = check_receipt(&engine, &path, verify);
            assert_eq!(counts, ReceiptCounts { same: 4, ..ReceiptCounts::default() }, "{name} {verify:?}: {rows:?}");
        }
    }
}

#[test]
fn a_receipt_can_be_made_after_a_restart_and_after_the_list_was_cleared() {
    let (server, engine, at) = connected();
    let path = engine.file("d/grows", b"short");
    engine.file("d/한글", b"hangul");
    engine.send(Command::HoldQueue(QueueSwitch::Hold));
    let batch = engine.enqueue(vec![engine.files.path().join("d")], &at, PutOptions::default());
    engine.row(TransferTab::Active, |row| row.object.key.as_str() == "d/grows");
    // Its size is another one when its turn comes.
    std::fs::write(path, b"longer than before").unwrap();
    engine.send(Command::HoldQueue(QueueSwitch::Run));
    assert_eq!(engine.finished(batch).done, 2);
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Forget });
    let good = ReceiptCounts { same: 2, ..ReceiptCounts::default() };
    let mut engine = engine;
    for run in 0..3 {
        if run > 0 {
            engine = engine.restart();
            let known = engine.expect("EarlierBatches", |event| match event {
                Event::EarlierBatches(known) => Some(known.clone()),
                _ => None,
            });
            assert!(known.iter().any(|known| (known.batch, known.files, &known.to) == (batch, 2, &at)), "{known:?}");
        }
        let path = save_receipt(&engine, batch, "receipt.csv");
        let (counts, rows) = check_receipt(&engine, &path, VerifyWish::Proof);
        assert_eq!(counts, good, "run {run}: {rows:?}");
    }
    drop(server);
}

fn save_receipt(engine: &TestEngine, batch: bucketdrop::model::BatchId, name: &str) -> std::path::PathBuf {
    let (request, path) = (RequestId::next(), engine.home.path().join(name));
    let (format, over) = (ReceiptFormat::of_path(&path), ReceiptOver::AnyFile);
    engine.send(Command::SaveReceipt { request, batch, path: path.clone(), format, over });
    engine.expect("ReceiptSaved", |event| match event {
        Event::ReceiptSaved { request: r, result } if *r == request => Some(result.clone().unwrap()),
        _ => None,
    });
    path
}

fn check_receipt(
    engine: &TestEngine,
    path: &std::path::Path,
    verify: VerifyWish,
) -> (ReceiptCounts, Vec<(String, ReceiptVerdict)>) {
    let request = RequestId::next();
    engine.send(Command::CheckReceipt { request, path: path.to_owned(), connection: None, verify });
    let mut rows = Vec::new();
    let counts = engine.expect("ReceiptChecked", |event| match event {
        Event::ReceiptChecked { request: r, rows: new, counts, end } if *r == request => {
            // Events are looked at again until the last one comes.
            for row in new {
                let row = (row.key.to_string(), row.verdict);
                if !rows.contains(&row) {
                    rows.push(row);
                }
            }
            end.as_ref().map(|end| {
                assert!(end.is_ok(), "{end:?}");
                *counts
            })
        }
        _ => None,
    });
    (counts, rows)
}

#[test]
fn a_receipt_tells_later_what_changed_and_what_is_gone() {
    let (server, engine, at) = connected();
    let names = ["d/a", "d/=b", "d/c,\"d\"\ne", "d/gone", "d/한글"];
    let names: Vec<&str> = names.into_iter().filter(|name| !name.contains('\n')).collect();
    for name in &names {
        engine.file(name, name.as_bytes());
    }
    engine.file("d/large", &pattern(9 * MIB));
    let batch = engine.enqueue(vec![engine.files.path().join("d")], &at, PutOptions::default());
    assert_eq!(engine.finished(batch).done, 5);
    for name in ["receipt.csv", "receipt.json"] {
        let path = save_receipt(&engine, batch, name);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("CRC64NVME:") && text.contains("accepted") && text.contains("http://"), "{text}");
        assert!(!text.to_ascii_lowercase().contains("signature"), "{text}");
        for verify in VerifyWish::ALL {
            let (counts, _) = check_receipt(&engine, &path, verify);
            assert_eq!(counts, ReceiptCounts { same: 5, ..ReceiptCounts::default() }, "{name} {verify:?}");
        }
    }
    server.put("d/a", b"x/a");
    let delete = server.client().delete_object().bucket(crate::support::BUCKET).key("d/gone").send();
    server.runtime.block_on(delete).unwrap();
    for (name, verify) in [("receipt.csv", VerifyWish::Proof), ("receipt.json", VerifyWish::ReadBack)] {
        let (counts, rows) = check_receipt(&engine, &engine.home.path().join(name), verify);
        assert_eq!(counts, ReceiptCounts { same: 3, changed: 1, gone: 1, unknown: 0 }, "{rows:?}");
        assert!(rows.contains(&("d/a".to_owned(), ReceiptVerdict::Changed)), "{rows:?}");
        assert!(rows.contains(&("d/gone".to_owned(), ReceiptVerdict::Gone)), "{rows:?}");
    }
}

#[test]
fn h23_parts_that_are_disowned_each_time_are_not_called_damaged() {
    let (server, engine, at) = connected();
    server.plan.add(Fault::on("CompleteMultipartUpload", Action::error(400, "InvalidPart")));
    engine.upload(vec![engine.file("large", &pattern(9 * MIB))], &at, PutOptions::default());
    let TransferState::Failed(failure) = engine.report().state else { panic!("it failed") };
    assert_eq!(failure.kind, FailureKind::PartsRefused, "{failure:?}");
    assert_eq!(server.plan.count("CompleteMultipartUpload"), 2);
}
