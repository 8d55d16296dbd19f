//! `doctor`: tests a connection, or explains layer by layer who can open one object.

use super::args::{DoctorArgs, GlobalArgs};
use super::client::{Client, Outcome, Stop};
use super::connect::{connect, named};
use super::json::{LayerLine, Line};
use super::output::{About, Form};
use super::problem::problem;
use super::uri::ObjectUri;
use super::verdicts::{layer_words, verdict_words, way_code};
use crate::locale;
use crate::model::{
    AccessReport, Bearing, Command, Connection, ConnectionDraft, Event, Finding, NotFoundBecause, RequestId, TestLine,
    TestReport, Verdict,
};

/// Clocks this far apart are said to agree; S3 itself allows 15 minutes.
const CLOCK_TOLERANCE_SECS: i64 = 60;

/// `doctor`.
pub(super) fn doctor(
    client: &mut Client<'_>,
    saved: &[Connection],
    global: &GlobalArgs,
    args: &DoctorArgs,
) -> Result<Outcome, Stop> {
    match &args.object {
        Some(object) => {
            let connection = connect(client, saved, global)?;
            explain(client, &connection, object)
        }
        None => test(client, saved, global),
    }
}

/// Why one object's link opens or not. Succeeds if it opens.
fn explain(client: &mut Client<'_>, connection: &Connection, object: &ObjectUri) -> Result<Outcome, Stop> {
    let (asked, object) = (RequestId::next(), object.object(&connection.id));
    client.send(Command::ExplainAccess { request: asked, object });
    let report = client.answer(|event| match event {
        Event::AccessExplained { request, result, .. } if request == asked => Some(result),
        _ => None,
    })??;
    tell_report(client, &report)?;
    let opens =
        matches!(report.check.verdict, Verdict::Public | Verdict::OpensOverTls { .. } | Verdict::OnlyFromHere(_));
    Ok(if opens { Outcome::AllDone } else { Outcome::SomethingFailed })
}

fn tell_report(client: &mut Client<'_>, report: &AccessReport) -> Result<(), Stop> {
    let (lang, check) = (client.printer.lang, &report.check);
    let reason = verdict_words(lang, check.kind, &check.verdict);
    let prefixes: Vec<_> = report.ways.iter().map(way_code).collect();
    if client.printer.form == Form::Json {
        let layers = report.layers.iter();
        let line = Line::Explained {
            bucket: check.object.bucket.as_str(),
            key: check.object.key.as_str(),
            url: Some(check.address.as_str()).filter(|address| !address.is_empty()),
            access: check.verdict.access().code(),
            verdict: check.verdict.code(),
            reason: &reason,
            status: check.status,
            layers: layers
                .map(|layer| LayerLine { layer: layer.layer.code(), finding: layer.finding.code() })
                .collect(),
            ways: prefixes.iter().map(|(code, _)| *code).collect(),
        };
        return Ok(client.printer.only_json(&line)?);
    }
    let mut say = |text: String| client.printer.text(&text);
    say(format!("{}: {reason}", check.object))?;
    if !check.address.is_empty() {
        let status = check.status.map(|status| format!(" ({status})")).unwrap_or_default();
        say(format!("  {}{status}", check.address))?;
    }
    // Of a bucket that is not there, nothing else is to be said.
    let is_nothing_known =
        report.layers.iter().all(|layer| matches!(layer.finding, Finding::Unknown | Finding::NotAsked));
    let is_no_bucket = check.verdict == Verdict::NotFound(NotFoundBecause::NoSuchBucket) && is_nothing_known;
    for layer in report.layers.iter().filter(|_| !is_no_bucket) {
        let mark = match report.bearing(*layer) {
            Bearing::Allows => '+',
            Bearing::Refuses => '-',
            Bearing::Unknown => '?',
        };
        say(format!("  {mark} {}", layer_words(lang, *layer)))?;
    }
    if !prefixes.is_empty() {
        say(locale::text(lang, "cli-ways"))?;
    }
    for (code, prefix) in prefixes {
        let prefix = prefix.map_or("", |prefix| prefix.as_str());
        let way = locale::text_with(lang, &format!("cli-way-{code}"), &[("prefix", prefix)]);
        say(format!("  * {way}"))?;
    }
    Ok(())
}

/// Whether the connection works. Succeeds if it can be used.
fn test(client: &mut Client<'_>, saved: &[Connection], global: &GlobalArgs) -> Result<Outcome, Stop> {
    let (id, unsaved) = named(saved, global)?;
    if id.is_local() {
        let connection = connect(client, saved, global)?;
        let host = connection.endpoint.as_ref().map(|endpoint| endpoint.authority().to_owned()).unwrap_or_default();
        let report = TestReport { lines: vec![TestLine::Reached { host, elapsed_ms: 0 }] };
        return tell_test(client, &report);
    }
    let connection = match unsaved {
        Some(connection) => made_known(client, connection)?,
        None => saved
            .iter()
            .find(|connection| connection.id == id)
            .cloned()
            .ok_or_else(|| Stop::Usage(problem("cli-usage-connection-gone")))?,
    };
    let asked = RequestId::next();
    let draft = Box::new(ConnectionDraft::of(&connection));
    client.send(Command::TestConnection { request: asked, draft });
    let report = client.answer(|event| match event {
        Event::ConnectionTested { request, report } if request == asked => Some(report),
        _ => None,
    })?;
    tell_test(client, &report)
}

/// The engine has to know of a connection that is not saved; as far as it opens, with what the chain says of it.
fn made_known(client: &mut Client<'_>, connection: Connection) -> Result<Connection, Stop> {
    let asked = RequestId::next();
    client.send(Command::UseConnection { request: asked, connection: Box::new(connection.clone()), credentials: None });
    let opened = client.answer(|event| match event {
        Event::ConnectionOpened { request, result, .. } if request == asked => Some(result),
        _ => None,
    })?;
    Ok(opened.map_or(connection, |opened| *opened))
}

fn tell_test(client: &mut Client<'_>, report: &TestReport) -> Result<Outcome, Stop> {
    for line in &report.lines {
        if let TestLine::Problem(failure) = line {
            client.failure(failure, About::default())?;
            continue;
        }
        let (code, words) = test_words(client.printer.lang, line);
        client.printer.result(&words, &Line::Tested { found: code, words: &words })?;
    }
    Ok(if report.is_usable() { Outcome::AllDone } else { Outcome::SomethingFailed })
}

fn test_words(lang: locale::Lang, line: &TestLine) -> (&'static str, String) {
    let with = |id: &str, values: &[(&str, &str)]| locale::text_with(lang, id, values);
    match line {
        TestLine::Reached { host, elapsed_ms } => {
            ("reached", with("cli-doctor-reached", &[("host", host), ("ms", &elapsed_ms.to_string())]))
        }
        TestLine::Clock { offset_secs } if offset_secs.abs() <= CLOCK_TOLERANCE_SECS => {
            ("clock-agrees", with("cli-doctor-clock-agrees", &[]))
        }
        TestLine::Clock { offset_secs } => {
            let minutes = (offset_secs.abs() / 60).to_string();
            ("clock-differs", with("cli-doctor-clock-differs", &[("minutes", &minutes)]))
        }
        TestLine::SignedIn { key } => ("signed-in", with("cli-doctor-signed-in", &[("key", key)])),
        TestLine::BucketsListed { count } => {
            ("buckets-listed", with("cli-doctor-buckets-listed", &[("count", &count.to_string())]))
        }
        TestLine::MayNotListBuckets => ("may-not-list-buckets", with("cli-doctor-may-not-list", &[])),
        TestLine::BucketReached { scope } => ("bucket-reached", with("cli-doctor-bucket-reached", &[("scope", scope)])),
        TestLine::Problem(failure) => ("problem", locale::failure_title(lang, failure)),
    }
}
