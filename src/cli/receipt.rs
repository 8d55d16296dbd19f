//! `upload --receipt` and `verify-receipt`: what was stored, and whether it still is.

use std::path::Path;

use super::args::VerifyReceiptArgs;
use super::client::{Client, Outcome, Stop};
use super::json::Line;
use crate::locale;
use crate::model::{
    BatchId, CheckedRow, Command, Connection, Event, ReceiptCounts, ReceiptFormat, ReceiptVerdict, RequestId,
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
    Ok(client.printer.remark(&format!("receipt of {rows} objects: {path}"))?)
}

/// `verify-receipt`.
pub(super) fn verify(
    client: &mut Client<'_>,
    connection: &Connection,
    args: &VerifyReceiptArgs,
) -> Result<Outcome, Stop> {
    let request = RequestId::next();
    let path = std::path::absolute(&args.receipt)?;
    let (verify, through) = (args.verify.into(), Some(connection.id.clone()));
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
    let [same_word, changed_word, gone_word, unknown_word] =
        [ReceiptVerdict::Same, ReceiptVerdict::Changed, ReceiptVerdict::Gone, ReceiptVerdict::Unknown]
            .map(ReceiptVerdict::code);
    client.printer.remark(&format!(
        "{same} {same_word}, {changed} {changed_word}, {gone} {gone_word}, {unknown} {unknown_word}"
    ))?;
    Ok(if changed + gone + unknown == 0 { Outcome::AllDone } else { Outcome::SomethingFailed })
}
