//! `resume`: goes on with what the journal holds.

use std::collections::BTreeMap;

use super::args::ResumeArgs;
use super::client::{Client, Outcome, Rest, Stop};
use super::forget;
use super::handing;
use super::json::Line;
use super::output::About;
use super::receipt::Wanted;
use super::transfers::{self, Batches, Sums};
use super::untold;
use crate::model::{
    BatchId, Command, Connection, ConnectionId, Event, Failure, RequestId, Selection, TransferAction, UnfinishedBatch,
};

/// `resume`.
pub(super) fn resume(client: &mut Client<'_>, saved: &[Connection], args: &ResumeArgs) -> Result<Outcome, Stop> {
    if args.forget_failed {
        return forget::forget_failed(client, saved, args);
    }
    let handed = match handing::resume(client, args) {
        Err(Stop::Lost) => return transfers::lost(client),
        handed => handed?,
    };
    // Commands beside a Bucketdrop that runs have journals of their own: what they have left goes on here.
    let batches = unfinished(client)?;
    let elsewhere = match handed {
        Some((queue, batches)) => Some((queue, connected(client, saved, &batches)?)),
        None => None,
    };
    if batches.is_empty()
        && let Some((queue, elsewhere)) = elsewhere
    {
        if elsewhere.is_empty() {
            let outcome = if client.has_gaps { Outcome::SomethingFailed } else { Outcome::AllDone };
            return nothing_done(client, outcome);
        }
        return Batches::new([]).and_then(queue, elsewhere).follow(client);
    }
    if !client.keeps_journal() {
        // Why was told by the engine.
        return nothing_done(client, Outcome::SomethingFailed);
    }
    if batches.is_empty() {
        let (words, outcome) = if client.has_gaps {
            ("cli-nothing-readable", Outcome::SomethingFailed)
        } else {
            ("cli-nothing-to-resume", Outcome::AllDone)
        };
        client.printer.remark(&client.printer.words(words, &[]))?;
        return nothing_done(client, outcome);
    }
    let connections = open_all(client, saved, &batches)?;
    client.rest = Rest::Waits;
    let closed = connections.values().filter(|one| one.is_err()).count() as u64;
    let mut before = Sums::default();
    before.failed_lines(closed);
    for batch in &batches {
        if let Some(Ok(connection)) = connections.get(&batch.to.connection)
            && let Err(stop) = untold::tell(client, batch, connection, &mut before)
        {
            return Batches::new([]).after(before).cut_short(client, stop);
        }
    }
    let receipts = receipts_of(args, &batches, &connections);
    if let Some(files) = args.jobs {
        client.send(Command::LimitFiles(files));
    }
    if let Some(bytes_per_sec) = args.bandwidth {
        client.send(Command::LimitBandwidth(Some(bytes_per_sec)));
    }
    let Started { followed, failed, told } = start(client, batches, &connections);
    let (queue, elsewhere) = elsewhere.unwrap_or_default();
    if followed.is_empty() && elsewhere.is_empty() {
        let is_all = told > 0 && closed == 0 && !client.has_gaps;
        let outcome = if is_all { Outcome::AllDone } else { Outcome::SomethingFailed };
        if before.is_nothing() && receipts.is_empty() {
            return only_failed(client, closed, outcome);
        }
        let followed = Batches::new([]).after(before).with_receipts(receipts).follow(client)?;
        return Ok(if followed == Outcome::SomethingFailed { followed } else { outcome });
    }
    if failed > 0 {
        client.printer.remark(&client.printer.words_count("cli-failed-again", failed, &[]))?;
    }
    if let Some(progress) = &mut client.printer.progress {
        (progress.files, progress.total_bytes) = (client.waiting.files + failed, client.waiting.bytes);
    }
    client.send(Command::ResumeQueue);
    let batches = Batches::new(followed).after(before).with_receipts(receipts);
    let outcome = batches.and_then(queue, elsewhere).follow(client)?;
    Ok(if closed > 0 || client.has_gaps { Outcome::SomethingFailed } else { outcome })
}

/// What is to be written down of the uploads whose connections are open.
fn receipts_of(
    args: &ResumeArgs,
    batches: &[UnfinishedBatch],
    connections: &BTreeMap<ConnectionId, Result<Connection, Box<Failure>>>,
) -> Vec<Wanted> {
    let Some(file) = &args.receipt else { return Vec::new() };
    let is_open = |batch: &&UnfinishedBatch| matches!(connections.get(&batch.to.connection), Some(Ok(_)));
    batches.iter().filter(is_open).map(|batch| Wanted { batch: batch.batch, file: file.clone() }).collect()
}

/// What goes on.
struct Started {
    followed: Vec<(BatchId, Connection)>,
    /// Files that are tried again.
    failed: u64,
    /// Batches of which there was only something to tell.
    told: usize,
}

/// Lets everything go on whose connection can be used.
fn start(
    client: &mut Client<'_>,
    batches: Vec<UnfinishedBatch>,
    connections: &BTreeMap<ConnectionId, Result<Connection, Box<Failure>>>,
) -> Started {
    let mut started = Started { followed: Vec::new(), failed: 0, told: 0 };
    for batch in batches {
        let selection = Selection::Batch(batch.batch);
        match connections.get(&batch.to.connection) {
            Some(Ok(_)) if !batch.goes_on() && batch.failed == 0 => {
                client.told_batches.push(batch.batch);
                started.told += 1;
            }
            Some(Ok(connection)) => {
                client.send(Command::Transfers { selection: selection.clone(), action: TransferAction::Resume });
                if batch.failed > 0 {
                    client.send(Command::Transfers { selection, action: TransferAction::Retry });
                }
                started.failed += batch.failed;
                started.followed.push((batch.batch, connection.clone()));
            }
            // It waits by itself: paused, the window would leave it alone, too.
            Some(Err(failure)) if failure.kind.is_unread_connection() => {}
            Some(Err(_)) | None => client.send(Command::Transfers { selection, action: TransferAction::Pause }),
        }
    }
    started
}

fn nothing_done(client: &mut Client<'_>, outcome: Outcome) -> Result<Outcome, Stop> {
    only_failed(client, 0, outcome)
}

/// The end of a command that moved no file, and told of so many things that did not work.
pub(super) fn only_failed(client: &mut Client<'_>, failed: u64, outcome: Outcome) -> Result<Outcome, Stop> {
    client.end_waits()?;
    client.printer.only_json(&Line::Finished {
        uploaded: 0,
        skipped: 0,
        failed,
        not_public: 0,
        acl_left_out: 0,
        bytes: 0,
        seconds: 0.0,
    })?;
    Ok(outcome)
}

/// What an earlier run has left.
pub(super) fn unfinished(client: &mut Client<'_>) -> Result<Vec<UnfinishedBatch>, Stop> {
    // Everything the engine says of an earlier run comes before its first answer.
    let asked = RequestId::next();
    client.send(Command::ListUploaded { request: asked });
    let mut batches = Vec::new();
    client.answer(|event| match event {
        Event::BatchesRestored(restored) => {
            batches = restored;
            None
        }
        Event::UploadedObjects { request, .. } if request == asked => Some(()),
        _ => None,
    })?;
    Ok(batches)
}

/// What another Bucketdrop goes on with, each batch with its connection, for its links. Where that does not open here, as
/// with keys that only the other process has, its description has to do.
fn connected(
    client: &mut Client<'_>,
    saved: &[Connection],
    batches: &[UnfinishedBatch],
) -> Result<Vec<(BatchId, Option<Connection>)>, Stop> {
    let mut known: BTreeMap<&ConnectionId, Option<Connection>> = BTreeMap::new();
    for batch in batches {
        let id = &batch.to.connection;
        if known.contains_key(id) {
            continue;
        }
        let of_settings = saved.iter().find(|connection| connection.id == *id);
        let described = of_settings.or(batch.connection.as_ref());
        let kept = if of_settings.is_some() { Kept::InTheSettings } else { Kept::InTheJournal };
        let opened = open_one(client, id, described, kept)?;
        known.insert(id, opened.ok().or_else(|| described.cloned()));
    }
    Ok(batches.iter().map(|batch| (batch.batch, known.get(&batch.to.connection).cloned().flatten())).collect())
}

/// Opens every connection that is needed. One that cannot be used is told.
pub(super) fn open_all(
    client: &mut Client<'_>,
    saved: &[Connection],
    batches: &[UnfinishedBatch],
) -> Result<BTreeMap<ConnectionId, Result<Connection, Box<Failure>>>, Stop> {
    let wanted: BTreeMap<&ConnectionId, Option<&Connection>> =
        batches.iter().map(|batch| (&batch.to.connection, batch.connection.as_ref())).collect();
    let mut opened = BTreeMap::new();
    for (id, known) in wanted {
        let is_saved = saved.iter().any(|connection| connection.id == *id);
        let kept = if is_saved { Kept::InTheSettings } else { Kept::InTheJournal };
        let one = open_one(client, id, known, kept)?;
        if let Err(failure) = &one {
            client.failure(failure, About::default())?;
            let name = known.map_or(id.as_str(), |connection| connection.name.as_str());
            client.printer.remark(&client.printer.words("cli-stays-as-it-is", &[("connection", name)]))?;
        }
        opened.insert(id.clone(), one);
    }
    Ok(opened)
}

/// Where a connection is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    InTheSettings,
    /// It was given by options of an earlier command.
    InTheJournal,
}

fn open_one(
    client: &mut Client<'_>,
    id: &ConnectionId,
    known: Option<&Connection>,
    kept: Kept,
) -> Result<Result<Connection, Box<Failure>>, Stop> {
    let request = RequestId::next();
    let command = match known {
        _ if id.is_local() => Command::OpenLocalStorage { request },
        Some(_) if kept == Kept::InTheSettings => Command::OpenConnection { request, id: id.clone() },
        Some(connection) => {
            Command::UseConnection { request, connection: Box::new(connection.clone()), credentials: None }
        }
        // Why there is none: it was deleted, or the settings cannot be read.
        None => Command::OpenConnection { request, id: id.clone() },
    };
    client.send(command);
    let opened = client.answer(|event| match event {
        Event::ConnectionOpened { request: answered, result, .. } if answered == request => Some(result),
        _ => None,
    })?;
    Ok(match (opened, known) {
        (Ok(connection), _) => Ok(*connection),
        // It does not answer now; the queue waits for it.
        (Err(failure), Some(connection)) if failure.retryable => Ok(connection.clone()),
        (Err(failure), _) => Err(failure),
    })
}
