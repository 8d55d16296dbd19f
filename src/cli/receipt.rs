//! `upload --receipt` and `verify-receipt`: what was stored, and whether it still is.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use super::args::{GlobalArgs, VerifyReceiptArgs};
use super::client::{Client, Outcome, Stop};
use super::connect::connect;
use super::json::Line;
use super::output::About;
use super::problem::problem;
use crate::engine::check_receipt_target;
use crate::locale;
use crate::model::{
    BatchId, CheckedRow, Command, Connection, ConnectionId, Event, Failure, FailureKind, ReceiptCounts, ReceiptFormat,
    ReceiptOver, RequestId,
};
use crate::platform::{PlatformError, TargetProblem, free_beside};

/// A receipt to be written: of which batch, and where.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) batch: BatchId,
    /// As it was named.
    pub(super) file: PathBuf,
}

/// Receipts to be written, one after the other.
#[derive(Debug, Default)]
pub(super) struct Receipts {
    wanted: VecDeque<Wanted>,
    has_begun: bool,
}

impl Receipts {
    pub(super) fn of(wanted: impl IntoIterator<Item = Wanted>) -> Self {
        Self { wanted: wanted.into_iter().collect(), has_begun: false }
    }

    /// The next one. The first has the place that was named, each other one a free place beside it. Blocks on the disk.
    pub(super) fn next(&mut self) -> Option<Wanted> {
        let mut wanted = self.wanted.pop_front()?;
        if self.has_begun {
            wanted.file = free_beside(&wanted.file);
        }
        self.has_begun = true;
        Some(wanted)
    }
}

/// Refuses, before anything is uploaded, a place that no receipt can be written to, or that holds something else.
pub(super) fn check_target(file: &Path, sources: &[PathBuf]) -> Result<(), Stop> {
    let about = |id| Stop::Usage(problem(id).with("path", file.display()));
    let path = std::path::absolute(file).map_err(|_error| about("cli-usage-receipt-folder"))?;
    check_receipt_target(&path, sources).map_err(|found| match found {
        TargetProblem::IsSource => about("cli-usage-receipt-source"),
        TargetProblem::IsFolder => about("cli-usage-receipt-folder"),
        TargetProblem::IsDevice => about("cli-usage-receipt-device"),
        TargetProblem::IsForeign => about("cli-usage-receipt-foreign"),
        TargetProblem::Unwritable(error) => {
            Stop::Failed(Box::new(PlatformError::TargetUnwritable { path, source: error }.to_failure()))
        }
    })
}

/// How much a receipt tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tells {
    All,
    /// The upload was cut short.
    WhatIsStoredSoFar,
}

/// Where a receipt has got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    AsNamed,
    /// Beside a file that came there during the upload, which was told.
    Beside,
    /// It cannot be written, which was told.
    Nowhere,
    /// Nobody waited for it any more.
    Unknown,
}

/// Writes down what a batch has stored.
pub(super) fn save(client: &mut Client<'_>, wanted: &Wanted) -> Result<Placed, Stop> {
    save_now(client, wanted, Tells::All)
}

/// The same of an upload that was cut short.
pub(super) fn save_so_far(client: &mut Client<'_>, wanted: &Wanted) -> Result<Placed, Stop> {
    save_now(client, wanted, Tells::WhatIsStoredSoFar)
}

fn save_now(client: &mut Client<'_>, wanted: &Wanted, tells: Tells) -> Result<Placed, Stop> {
    // It may go where the links go, which come first.
    client.printer.flush()?;
    let written = write(client, wanted, |client, asked| client.answer(|event| saved(event, asked)).map(Some))?;
    match written {
        Some(Ok((path, rows))) => tell_written(client, wanted, &path, rows, tells),
        Some(Err(failure)) => Err(failure.into()),
        None => Err(Stop::Interrupted),
    }
}

/// The same where the command was told to leave; gives also what ended meanwhile. What does not work is told.
pub(super) fn save_while_leaving(client: &mut Client<'_>, wanted: &Wanted) -> Result<(Placed, Vec<Event>), Stop> {
    let mut ended = Vec::new();
    let written = write(client, wanted, |client, asked| {
        let (saved, more) = client.answer_while_leaving(|event| saved(event, asked));
        ended.extend(more);
        Ok(saved)
    })?;
    let placed = match written {
        Some(Ok((path, rows))) => tell_written(client, wanted, &path, rows, Tells::WhatIsStoredSoFar)?,
        Some(Err(failure)) => {
            client.failure(&failure, About::default())?;
            Placed::Nowhere
        }
        None => {
            let path = wanted.file.to_string_lossy();
            client.printer.complaint(&client.printer.words("cli-receipt-too-late", &[("path", &path)]))?;
            Placed::Unknown
        }
    };
    Ok((placed, ended))
}

/// What came of writing: where it stands and how many objects it has; `None` if no answer was waited for any more.
type Written = Option<Result<(PathBuf, u64), Box<Failure>>>;

/// Has a receipt written where it was wanted, or beside what has come there since that place was looked at.
fn write<'c>(
    client: &mut Client<'c>,
    wanted: &Wanted,
    mut answer: impl FnMut(&mut Client<'c>, RequestId) -> Result<Option<Result<u64, Box<Failure>>>, Stop>,
) -> Result<Written, Stop> {
    let mut path = wanted.file.clone();
    let asked = ask(client, wanted.batch, &path)?;
    let mut answered = answer(client, asked)?;
    if matches!(&answered, Some(Err(failure)) if failure.kind == FailureKind::TargetExists) {
        path = free_beside(&wanted.file);
        let asked = ask(client, wanted.batch, &path)?;
        answered = answer(client, asked)?;
    }
    Ok(answered.map(|saved| saved.map(|rows| (path, rows))))
}

fn ask(client: &Client<'_>, batch: BatchId, file: &Path) -> Result<RequestId, Stop> {
    let (request, over) = (RequestId::next(), ReceiptOver::Receipts);
    let path = std::path::absolute(file)?;
    let format = ReceiptFormat::of_path(&path);
    client.send(Command::SaveReceipt { request, batch, path, format, over });
    Ok(request)
}

fn saved(event: Event, asked: RequestId) -> Option<Result<u64, Box<Failure>>> {
    match event {
        Event::ReceiptSaved { request, result } if request == asked => Some(result),
        _ => None,
    }
}

fn tell_written(
    client: &mut Client<'_>,
    wanted: &Wanted,
    file: &Path,
    rows: u64,
    tells: Tells,
) -> Result<Placed, Stop> {
    let placed = if file == wanted.file { Placed::AsNamed } else { Placed::Beside };
    if placed == Placed::Beside {
        client.printer.receipt_beside(&wanted.file, file)?;
    }
    let path = file.to_string_lossy();
    client.printer.only_json(&Line::Receipt { path: &path, rows })?;
    let words = match tells {
        Tells::All => client.printer.words_count("cli-receipt-written", rows, &[("path", &path)]),
        Tells::WhatIsStoredSoFar => client.printer.words_count("cli-receipt-so-far", rows, &[("path", &path)]),
    };
    client.printer.remark(&words)?;
    Ok(placed)
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
