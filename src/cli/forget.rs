//! `resume --forget-failed`: gives up what has failed, with what the server has of it; only with `--yes`.

use super::args::ResumeArgs;
use super::client::{Client, Outcome, Stop};
use super::json::Line;
use super::problem::problem;
use super::resume::{only_failed, open_all, unfinished};
use super::sizes;
use crate::model::{
    BatchStood, Command, Connection, Event, QueueStake, RequestId, Selection, TransferAction, UnfinishedBatch,
};

/// Counts what has failed, and gives it up if [`ResumeArgs::yes`] says so. What has not failed stays, also where its
/// folders were not walked to their end. What a Bucketdrop that runs has is none of it, which is told.
pub(super) fn forget_failed(client: &mut Client<'_>, saved: &[Connection], args: &ResumeArgs) -> Result<Outcome, Stop> {
    let own = forget_own(client, saved, args);
    if client.window().is_some() && !matches!(own, Err(Stop::Output(_))) {
        tell_window(client, &own)?;
    }
    let GivenUp { outcome, closed } = own?;
    only_failed(client, closed, outcome)
}

/// How giving up has ended.
struct GivenUp {
    /// All of the command's own, or there was nothing.
    outcome: Outcome,
    /// Connections that do not open, which was told.
    closed: u64,
}

/// Its journal is not ours to look into: said in any case where the status is not 0.
fn tell_window(client: &mut Client<'_>, own: &Result<GivenUp, Stop>) -> Result<(), Stop> {
    let words = client.printer.words("cli-failed-in-window", &[]);
    if matches!(own, Ok(GivenUp { outcome: Outcome::AllDone, .. })) {
        client.printer.remark(&words)?;
    } else {
        client.printer.complaint(&words)?;
    }
    Ok(client.printer.only_json(&Line::LeftToWindow { words: &words })?)
}

fn forget_own(client: &mut Client<'_>, saved: &[Connection], args: &ResumeArgs) -> Result<GivenUp, Stop> {
    let mut batches = unfinished(client)?;
    batches.retain(|batch| batch.failed > 0);
    if batches.is_empty() {
        return nothing_here(client);
    }
    let stake = count(client, Selection::All)?;
    tell(client, &stake)?;
    let walks = batches.iter().filter(|batch| batch.stood == BatchStood::Filling).count();
    if walks > 0 {
        client.printer.remark(&client.printer.words_count("cli-walks-unfinished", walks as u64, &[]))?;
    }
    if !args.yes {
        return Err(Stop::Usage(problem("cli-usage-say-yes-forget")));
    }
    let connections = open_all(client, saved, &batches)?;
    // What stays was told: without its connection the server would keep its parts, and nobody would know of them.
    let is_open = |batch: &UnfinishedBatch| matches!(connections.get(&batch.to.connection), Some(Ok(_)));
    let all = batches.len();
    batches.retain(is_open);
    let closed = connections.values().filter(|one| one.is_err()).count() as u64;
    let is_all = batches.len() == all && !client.has_gaps;
    let outcome = if is_all { Outcome::AllDone } else { Outcome::SomethingFailed };
    if batches.is_empty() {
        return Ok(GivenUp { outcome, closed });
    }
    for batch in &batches {
        let selection = Selection::Batch(batch.batch);
        client.send(Command::Transfers { selection, action: TransferAction::ForgetFailed });
    }
    wait_for_cleaning(client)?;
    let files = batches.iter().map(|batch| batch.failed).sum();
    client.printer.remark(&client.printer.words_count("cli-failed-given-up", files, &[]))?;
    Ok(GivenUp { outcome, closed })
}

/// That nothing has failed is said only where that is known.
fn nothing_here(client: &mut Client<'_>) -> Result<GivenUp, Stop> {
    let is_known = client.keeps_journal() && !client.has_gaps;
    let outcome = if is_known { Outcome::AllDone } else { Outcome::SomethingFailed };
    // Why it is not known is told by the engine; the Bucketdrop that runs may have what has failed.
    if client.keeps_journal() && client.window().is_none() {
        let words = if is_known { "cli-nothing-failed" } else { "cli-nothing-failed-readable" };
        client.printer.remark(&client.printer.words(words, &[]))?;
    }
    Ok(GivenUp { outcome, closed: 0 })
}

/// Waits until what was given up is off the servers, as far as they can be asked.
fn wait_for_cleaning(client: &mut Client<'_>) -> Result<(), Stop> {
    let asked = RequestId::next();
    client.send(Command::CleanServers { request: asked });
    client.answer(|event| match event {
        Event::ServersCleaned { request } if request == asked => Some(()),
        _ => None,
    })
}

/// What is at stake of some transfers.
pub(super) fn count(client: &mut Client<'_>, selection: Selection) -> Result<QueueStake, Stop> {
    let asked = RequestId::next();
    client.send(Command::CountTransfers { request: asked, selection });
    client.answer(|event| match event {
        Event::TransfersCounted { request, stake } if request == asked => Some(*stake),
        _ => None,
    })
}

fn tell(client: &mut Client<'_>, stake: &QueueStake) -> Result<(), Stop> {
    let failed = stake.failed;
    let all = sizes::bytes(failed.bytes);
    client.printer.remark(&client.printer.words_count("cli-failed-counted", failed.transfers, &[("bytes", &all)]))?;
    if failed.moved_bytes > 0 {
        let held = sizes::bytes(failed.moved_bytes);
        client.printer.remark(&client.printer.words("cli-failed-held", &[("bytes", &held)]))?;
    }
    Ok(())
}

/// At the end of a command: how what has failed goes on, or is given up.
pub(super) fn tell_kept(client: &mut Client<'_>, stake: &QueueStake) -> Result<(), Stop> {
    let failed = stake.failed;
    if failed.transfers == 0 {
        return Ok(());
    }
    client.printer.remark(&client.printer.words_count("cli-failed-kept", failed.transfers, &[]))?;
    if failed.moved_bytes > 0 {
        let held = sizes::bytes(failed.moved_bytes);
        client.printer.remark(&client.printer.words("cli-failed-held", &[("bytes", &held)]))?;
    }
    Ok(())
}
