//! `upload --receipt` and `verify-receipt`: what was stored, and whether it still is.

use std::path::Path;

use super::args::{GlobalArgs, VerifyReceiptArgs};
use super::client::{Client, Outcome, Stop};
use super::connect::connect;
use super::json::Line;
use crate::locale;
use crate::model::{
    BatchId, CheckedRow, Command, Connection, ConnectionId, Event, ReceiptCounts, ReceiptFormat, RequestId,
};

/// Writes down what a batch has stored.
pub(super) fn save(client: &mut Client<'_>, batch: BatchId, file: &Path) -> Result<(), Stop> {
    let asked = RequestId::next();
    let path = std::path::absolute(file)?;
    let format = ReceiptFormat::of_path(&path);
    client.send(Command::SaveReceipt { request: asked, batch, path, format });
    let rows = client.answer(|event| match event {
        Event::ReceiptSaved { request, result } if request == asked => Some(result),
        _ => None,
    })??;
    let path = file.to_string_lossy();
    client.printer.only_json(&Line::Receipt { path: &path, rows })?;
    let words = client.printer.words_count("cli-receipt-written", rows, &[("path", &path)]);
    Ok(client.printer.remark(&words)?)
}

/// `verify-receipt`.
pub(super) fn verify(
    client: &mut Client<'_>,
    saved: &[Connection],
    global: &GlobalArgs,
    args: &VerifyReceiptArgs,
) -> Result<Outcome, Stop> {
    let through = through(client, saved, global)?;
    let request = RequestId::next();
    let path = std::path::absolute(&args.receipt)?;
    let verify = args.verify.into();
    client.send(Command::CheckReceipt { request, path, connection: through, verify });
    loop {
        let (rows, counts, end) = client.answer(|event| match event {
            Event::ReceiptChecked { request: r, rows, counts, end } if r == request => Some((rows, counts, end)),
            _ => None,
        })?;
        for row in &rows {
            tell(client, row)?;
        }
        if let Some(end) = end {
            end?;
            return finish(client, counts);
        }
    }
}

/// The connection that was named; without one, each object's own. Those that options had described are not saved: for
/// them the standard AWS chain of today stands, if it gives any keys.
fn through(client: &mut Client<'_>, saved: &[Connection], global: &GlobalArgs) -> Result<Option<ConnectionId>, Stop> {
    match connect(client, saved, global) {
        Ok(connection) if global.names_connection() => Ok(Some(connection.id)),
        Err(Stop::Failed(_)) if !global.names_connection() => Ok(None),
        Ok(_chain) => Ok(None),
        Err(stop) => Err(stop),
    }
}

fn tell(client: &mut Client<'_>, row: &CheckedRow) -> Result<(), Stop> {
    let verdict = row.verdict.code();
    let why = row.why.as_ref().map(|failure| locale::failure_title(client.printer.lang, failure));
    let mut text = format!("{verdict:<8} s3://{}/{}", row.bucket, row.key);
    if let Some(why) = &why {
        text = format!("{text} ({why})");
    }
    let line = Line::Checked { bucket: row.bucket.as_str(), key: row.key.as_str(), verdict, detail: why };
    Ok(client.printer.result(&text, &line)?)
}

fn finish(client: &mut Client<'_>, counts: ReceiptCounts) -> Result<Outcome, Stop> {
    let ReceiptCounts { same, changed, gone, unknown } = counts;
    client.printer.only_json(&Line::ReceiptChecked { same, changed, gone, unknown })?;
    let values = [
        ("same", &*same.to_string()),
        ("changed", &*changed.to_string()),
        ("gone", &*gone.to_string()),
        ("unknown", &*unknown.to_string()),
    ];
    client.printer.remark(&client.printer.words("cli-receipt-sum", &values))?;
    Ok(if changed + gone + unknown == 0 { Outcome::AllDone } else { Outcome::SomethingFailed })
}
