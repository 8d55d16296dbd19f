//! What an earlier run has stored without having told it, as after a kill: told with its link, like what is stored now.

use super::client::{Client, Stop};
use super::stored::StoredLinks;
use super::transfers::Sums;
use crate::model::{Command, Connection, Event, RequestId, TransferState, UnfinishedBatch};

/// Tells what is stored of a batch and was not told, and adds it up: what is added up is told, also where it is cut
/// short.
pub(super) fn tell(
    client: &mut Client<'_>,
    batch: &UnfinishedBatch,
    connection: &Connection,
    sums: &mut Sums,
) -> Result<(), Stop> {
    if batch.untold == 0 {
        return Ok(());
    }
    client.printer.remark(&client.printer.words_count("cli-stored-before", batch.untold, &[]))?;
    let mut links = StoredLinks::default();
    match tell_all(client, batch, connection, &mut links, sums) {
        Err(stop) if !matches!(stop, Stop::Output(_)) => {
            links.tell_rest(client)?;
            Err(stop)
        }
        told => told,
    }
}

fn tell_all(
    client: &mut Client<'_>,
    batch: &UnfinishedBatch,
    connection: &Connection,
    links: &mut StoredLinks,
    sums: &mut Sums,
) -> Result<(), Stop> {
    let mut after = None;
    loop {
        let asked = RequestId::next();
        client.send(Command::ListUntold { request: asked, batch: batch.batch, after });
        let reports = client.answer(|event| match event {
            Event::UntoldStored { request, result } if request == asked => Some(result),
            _ => None,
        })??;
        let Some(last) = reports.last().map(|report| report.id) else { return Ok(()) };
        for report in reports {
            if let TransferState::Done(verified) = report.state {
                sums.stored(&report, verified);
            }
            links.add(client, Some(connection), Box::new(report))?;
        }
        while !links.is_empty() {
            let event = client.next()?;
            links.take(client, event)?;
        }
        after = Some(last);
    }
}
