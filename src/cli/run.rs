//! One run of the command line on an engine: connect, do, tell, and the exit status.

use std::io::{self, IsTerminal as _};

use super::args::{Action, Cli, GlobalArgs, ResumeArgs, split_download, split_upload};
use super::client::{Bell, Client, EnginePort, Outcome, Rest, Stop};
use super::connect::{connect, started};
use super::output::{About, Form, Printer, Reader, Talk};
use super::problem::Problem;
use super::progress::Progress;
use super::results::{WhenUnread, reason};
use super::{doctor, link, list, receipt, remove, resume, serve, tags, transfers};
use crate::locale::Lang;
use crate::model::{Command, Connection, CredentialSource, Event, Failure, Language, RequestId, ServedBy};

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
    printer.reader = if io::stdout().is_terminal() { Reader::Terminal } else { Reader::Program };
    printer.talk = match (args.quiet, args.verbose) {
        (true, _) => Talk::Quiet,
        (false, true) => Talk::Verbose,
        (false, false) => Talk::Normal,
    };
    printer
}

/// Tells why a command did not even begin, in the system's language; gives the exit status.
pub fn cannot_begin(args: &GlobalArgs, failure: &Failure) -> u8 {
    let mut printer = printer(args);
    printer.lang = Lang::resolve(Language::System);
    let told = printer.failure(failure, About::default()).and_then(|()| printer.flush());
    end(&mut printer, told.map(|()| Outcome::SomethingFailed).map_err(Stop::Output), Rest::IsNotDone, INTERRUPTED)
}

/// Carries a command out, on the thread the bell was made on, and gives the exit status.
/// The engine is left running; shutting it down is the caller's.
pub fn run(engine: &dyn EnginePort, bell: &Bell, printer: &mut Printer, cli: &Cli) -> u8 {
    let moves_files = match &cli.action {
        Action::Upload(args) => !args.dry_run,
        Action::Resume(_) | Action::Download(_) => true,
        _ => false,
    };
    if moves_files {
        printer.set_when_unread(WhenUnread::GoOn);
    }
    if moves_files && printer.talk != Talk::Quiet && io::stderr().is_terminal() {
        printer.progress = Some(Progress::default());
    }
    let mut client = Client::new(engine, bell, printer);
    client.is_upload = matches!(cli.action, Action::Upload(_));
    let carried_out = carry_out(&mut client, cli);
    client.record_links();
    let result = match carried_out {
        // Before any file: the sum still comes last.
        Err(Stop::Failed(failure)) if moves_files => transfers::none(&mut client, failure),
        result => result,
    };
    let result = result.and_then(|outcome| client.flush().map(|()| outcome).map_err(Stop::Output));
    let (rest, leave_status) = (client.rest_now(), client.leave_status());
    let status = end(client.printer, result, rest, leave_status);
    // Whoever reads the output may have gone: nothing is left to be said to them.
    client.printer.clear_progress();
    client.flush().ok();
    if status == 0 && client.printer.has_lost_results() { FAILED } else { status }
}

fn carry_out(client: &mut Client<'_>, cli: &Cli) -> Result<Outcome, Stop> {
    if let Action::Serve(args) = &cli.action {
        return serve::serve(client, args);
    }
    // In the user's language, which the engine's first word tells.
    let saved = started(client)?;
    check_targets(&cli.action)?;
    match &cli.action {
        Action::Resume(args) => return resume::resume(client, &saved, args),
        Action::Doctor(args) => return doctor::doctor(client, &saved, &cli.global, args),
        Action::VerifyReceipt(args) => return receipt::verify(client, &saved, &cli.global, args),
        Action::Upload(args) => {
            tags::check(&args.tag, &saved, &cli.global)?;
            if let Some((outcome, connection)) = transfers::hand_over(client, &saved, &cli.global, args)? {
                return tell_local_links(client, connection.as_ref()).map(|()| outcome);
            }
        }
        _ => {}
    }
    let connection = connect(client, &saved, &cli.global)?;
    if let Action::Upload(args) = &cli.action {
        tags::check_opened(&args.tag, &connection)?;
    }
    let outcome = match &cli.action {
        Action::Upload(args) => transfers::upload(client, &connection, args),
        Action::Download(args) => transfers::download(client, &connection, args),
        Action::List(args) => list::list(client, &connection, args),
        Action::Link(args) => link::link(client, &connection, args),
        Action::VerifyReceipt(args) => receipt::verify(client, &saved, &cli.global, args),
        Action::Remove(args) => remove::remove(client, &connection, args),
        Action::Resume(args) => resume::resume(client, &saved, args),
        Action::Doctor(args) => doctor::doctor(client, &saved, &cli.global, args),
        Action::Serve(args) => serve::serve(client, args),
    }?;
    tell_local_links(client, Some(&connection))?;
    Ok(outcome)
}

/// For how long links to this computer open, if any were given: neither a result nor a failure, so nothing for `--quiet`.
fn tell_local_links(client: &mut Client<'_>, connection: Option<&Connection>) -> Result<(), Stop> {
    let Some(connection) = connection.filter(|connection| connection.id.is_local()) else { return Ok(()) };
    if client.links_given == 0 {
        return Ok(());
    }
    let asked = RequestId::next();
    client.send(Command::LendLocalStorage { request: asked, port: None });
    let access = client.answer(|event| match event {
        Event::LocalStorageLent { request, result } if request == asked => Some(result),
        _ => None,
    })?;
    let is_ours = access.is_ok_and(|access| access.served_by == ServedBy::Us);
    match (is_ours, &connection.credentials) {
        (false, _) => client.printer.remark(&client.printer.words("cli-local-links-of-another", &[]))?,
        (true, CredentialSource::ThisRunOnly { .. }) => {
            client.printer.remark(&client.printer.words("cli-local-links-dead", &[]))?;
        }
        (true, _) => client.printer.remark(&client.printer.words("cli-local-links-while-it-runs", &[]))?,
    }
    Ok(())
}

/// What is wrong with the arguments is told before a connection is made.
fn check_targets(action: &Action) -> Result<(), Stop> {
    let checked: Result<(), Problem> = match action {
        Action::Upload(args) => match (split_upload(&args.paths_and_target), &args.receipt) {
            (Ok((paths, _)), Some(file)) if !args.dry_run => return receipt::check_target(file, &paths),
            (split, _) => split.map(|_| ()),
        },
        Action::Resume(ResumeArgs { receipt: Some(file), .. }) => return receipt::check_target(file, &[]),
        Action::Download(args) => split_download(&args.objects_and_folder).map(|_| ()),
        _ => Ok(()),
    };
    checked.map_err(Stop::Usage)
}

fn end(printer: &mut Printer, result: Result<Outcome, Stop>, rest: Rest, leave_status: u8) -> u8 {
    let (status, told) = match result {
        Ok(Outcome::AllDone) => (0, Ok(())),
        // A lost upload was told where it was noticed.
        Ok(Outcome::SomethingFailed) | Err(Stop::Lost) => (FAILED, Ok(())),
        Err(Stop::Interrupted) => {
            let words = match rest {
                Rest::IsNothing => None,
                Rest::IsNotDone => Some(printer.words("cli-interrupted", &[])),
                Rest::Waits => Some(printer.words("cli-interrupted-waits", &[])),
                Rest::NothingSaved => Some(printer.words("cli-interrupted-nothing-saved", &[])),
                Rest::NotAllSaved => Some(printer.words("cli-interrupted-unsaved", &[])),
                Rest::Elsewhere => Some(printer.words("cli-interrupted-elsewhere", &[])),
            };
            (leave_status, words.map_or(Ok(()), |words| printer.remark(&words)))
        }
        Err(Stop::Usage(problem)) => (WRONG_USAGE, printer.usage(&problem)),
        Err(Stop::Failed(failure)) => (FAILED, printer.failure(&failure, About::default())),
        // The reader left, as in `… | head`; that is no failure worth a word.
        Err(Stop::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => (FAILED, Ok(())),
        Err(Stop::Output(error)) => {
            let problem = printer.words("cli-output-fails", &[("reason", &reason(printer.lang, &error))]);
            (FAILED, printer.complaint(&printer.words("cli-error", &[("problem", &problem)])))
        }
    };
    if told.is_err() && status == 0 { FAILED } else { status }
}
