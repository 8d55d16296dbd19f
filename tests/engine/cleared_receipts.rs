//! Receipts of what the user has cleared from the list while its batch was still under way.

use bucketdrop::engine::JournalUse;
use bucketdrop::local_storage::faults::{Action, Fault};
use bucketdrop::model::{
    Command, Event, PutOptions, ReceiptFormat, ReceiptOver, RequestId, Selection, TransferAction, TransferTab,
};

use crate::support::{Server, Setup, TestEngine};

/// What stands in a new receipt of a batch.
fn receipt(engine: &TestEngine, batch: bucketdrop::model::BatchId) -> (u64, String) {
    let (request, path) = (RequestId::next(), engine.home.path().join("receipt.csv"));
    let (format, over) = (ReceiptFormat::of_path(&path), ReceiptOver::Receipts);
    engine.send(Command::SaveReceipt { request, batch, path: path.clone(), format, over });
    let rows = engine.expect("ReceiptSaved", |event| match event {
        Event::ReceiptSaved { request: r, result } if *r == request => Some(result.clone().unwrap()),
        _ => None,
    });
    (rows, std::fs::read_to_string(path).unwrap())
}

fn cleared_while_under_way(journal: JournalUse) -> (Server, TestEngine, bucketdrop::model::BatchId) {
    let server = Server::start();
    let engine = TestEngine::start(Setup { journal, ..Setup::default() });
    let at = engine.connect(&server);
    engine.file("d/a", b"first");
    engine.file("d/b", b"second");
    let held = server.plan.add(Fault::on("PutObject", Action::Hold).key("d/b"));
    let batch = engine.enqueue(vec![engine.files.path().join("d")], &at, PutOptions::default());
    engine.row(TransferTab::Done, |row| row.object.key.as_str() == "d/a");
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Forget });
    server.wait_for("PutObject", 2);
    server.plan.remove(held);
    server.plan.release();
    engine.finished(batch);
    (server, engine, batch)
}

fn has_both((rows, text): &(u64, String)) {
    assert!(*rows == 2 && text.contains("d/a") && text.contains("d/b"), "{rows} {text}");
    assert_eq!(text.matches("CRC64NVME:").count(), 2, "{text}");
}

#[test]
fn what_was_cleared_while_its_batch_was_under_way_stands_in_the_receipt_also_after_a_restart() {
    let (server, engine, batch) = cleared_while_under_way(JournalUse::Keep);
    has_both(&receipt(&engine, batch));
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Forget });
    has_both(&receipt(&engine, batch));
    let engine = engine.restart();
    has_both(&receipt(&engine, batch));
    drop(server);
}

#[test]
fn so_it_does_where_there_is_no_journal() {
    let (server, engine, batch) = cleared_while_under_way(JournalUse::None);
    has_both(&receipt(&engine, batch));
    engine.send(Command::Transfers { selection: Selection::All, action: TransferAction::Forget });
    has_both(&receipt(&engine, batch));
    drop(server);
}
