//! One run of the command line on an engine: connect, do, tell, and the exit status.

use std::io::{self, IsTerminal as _};

use super::args::{Action, Cli, GlobalArgs, split_download, split_upload};
use super::client::{Bell, Client, EnginePort, Outcome, Stop};
use super::connect::{connect, started};
use super::output::{About, Form, Printer, Talk};
use super::progress::Progress;
use super::{doctor, link, list, receipt, remove, resume, serve, transfers};
use crate::locale;

/// Exit status when something failed.
pub const FAILED: u8 = 1;
/// Exit status of wrong usage.
pub const WRONG_USAGE: u8 = 2;
/// Exit status after Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// A printer for standard output and standard error, as the arguments want it.
pub fn printer(args: &GlobalArgs) -> Printer {
    let mut printer = Printer::new(Box::new(io::BufWriter::new(io::stdout())), Box::new(io::stderr()));
    printer.form = if args.json { Form::Json } else { Form::Text };
    printer.talk = match (args.quiet, args.verbose) {
        (true, _) => Talk::Quiet,
        (false, true) => Talk::Verbose,
        (false, false) => Talk::Normal,
    };
    printer
}

/// Carries a command out, on the thread the bell was made on, and gives the exit status.
/// The engine is left running; shutting it down is the caller's.
pub fn run(engine: &dyn EnginePort, bell: &Bell, printer: &mut Printer, cli: &Cli) -> u8 {
    let moves_files = matches!(cli.action, Action::Upload(_) | Action::Resume(_) | Action::Download(_));
    if moves_files && printer.talk != Talk::Quiet && io::stderr().is_terminal() {
        printer.progress = Some(Progress::default());
    }
    let mut client = Client::new(engine, bell, printer);
    let result = carry_out(&mut client, cli);
    let rest = if client.is_resumable { Rest::Waits } else { Rest::IsNotDone };
    let result = result.and_then(|outcome| client.printer.flush().map(|()| outcome).map_err(Stop::Output));
    let status = end(client.printer, result, rest);
    // Whoever reads the output may have gone: nothing is left to be said to them.
    client.printer.clear_progress().ok();
    client.printer.flush().ok();
    status
}

fn carry_out(client: &mut Client<'_>, cli: &Cli) -> Result<Outcome, Stop> {
    if let Action::Serve(args) = &cli.action {
        return serve::serve(client, args);
    }
    check_targets(&cli.action)?;
    let saved = started(client)?;
    match &cli.action {
        Action::Resume(args) => return resume::resume(client, &saved, args),
        Action::Doctor(args) => return doctor::doctor(client, &saved, &cli.global, args),
        Action::Upload(args) => {
            if let Some(outcome) = transfers::hand_over(client, &saved, &cli.global, args)? {
                return Ok(outcome);
            }
        }
        _ => {}
    }
    let connection = connect(client, &saved, &cli.global)?;
    let outcome = match &cli.action {
        Action::Upload(args) => transfers::upload(client, &connection, args),
        Action::Download(args) => transfers::download(client, &connection, args),
        Action::List(args) => list::list(client, &connection, args),
        Action::Link(args) => link::link(client, &connection, args),
        Action::VerifyReceipt(args) => receipt::verify(client, &connection, args),
        Action::Remove(args) => remove::remove(client, &connection, args),
        Action::Resume(args) => resume::resume(client, &saved, args),
        Action::Doctor(args) => doctor::doctor(client, &saved, &cli.global, args),
        Action::Serve(args) => serve::serve(client, args),
    };
    if client.gave_links && connection.id.is_local() {
        let id = if client.local_keys_end { "cli-links-of-this-run" } else { "cli-links-while-served" };
        let words = locale::text(client.printer.lang, id);
        client.printer.remark(&words)?;
    }
    outcome
}

/// What is wrong with the arguments is told before a connection is made.
fn check_targets(action: &Action) -> Result<(), Stop> {
    let checked = match action {
        Action::Upload(args) => split_upload(&args.paths_and_target).map(|_| ()),
        Action::Download(args) => split_download(&args.objects_and_folder).map(|_| ()),
        _ => Ok(()),
    };
    checked.map_err(Stop::Usage)
}

/// What becomes of what a command has not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// In the journal, for `resume`.
    Waits,
    IsNotDone,
}

fn end(printer: &mut Printer, result: Result<Outcome, Stop>, rest: Rest) -> u8 {
    let (status, told) = match result {
        Ok(Outcome::AllDone) => (0, Ok(())),
        Ok(Outcome::SomethingFailed) => (FAILED, Ok(())),
        Err(Stop::Interrupted) if rest == Rest::Waits => {
            (INTERRUPTED, printer.remark("Interrupted: `bucketdrop-cli resume` goes on where this stopped."))
        }
        Err(Stop::Interrupted) => (INTERRUPTED, printer.remark("Interrupted: what was not done is not done.")),
        Err(Stop::Usage(problem)) => (WRONG_USAGE, printer.complaint(&format!("error: {problem}"))),
        Err(Stop::Failed(failure)) => {
            let told = printer.failure(&failure, About::default());
            let goes_on = "What is left waits: `bucketdrop-cli resume` goes on with it.";
            (FAILED, if rest == Rest::Waits { told.and_then(|()| printer.remark(goes_on)) } else { told })
        }
        // The reader left, as in `… | head`; that is no failure worth a word.
        Err(Stop::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => (FAILED, Ok(())),
        Err(Stop::Output(error)) => (FAILED, printer.complaint(&format!("error: cannot write the output: {error}"))),
    };
    if told.is_err() && status == 0 { FAILED } else { status }
}
