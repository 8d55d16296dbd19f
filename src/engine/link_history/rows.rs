//! The thread, its table, and how verdicts are written down.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, Error, ErrorCode, OptionalExtension as _, Row, params};

use super::{MOST_LINKS, Message, file};
use crate::engine::sink::EventSink;
use crate::model::{
    BucketName, ConnectionId, Failure, FailureKind, GivenLink, LinkCheck, LinkKind, NoAddress, NotFoundBecause, Notice,
    ObjectKey, ObjectRef, OnlyHere, PrivateBecause, Severity, UnknownBecause, Verdict,
};

/// Links that come closer together than this are written together.
const GATHER_FOR: Duration = Duration::from_millis(100);
/// The history could not be read, and a new one was begun.
const NOTICE_DAMAGED: &str = "notice-links-damaged";
/// So many are company enough.
const ENOUGH: usize = 500;
/// After so many something is written, however many more wait.
const MOST_TAKEN: usize = 10 * MOST_LINKS;

/// A verdict is its code; what a code leaves open stands beside it. Newer versions add columns, and change none.
const TABLE: &str = "
CREATE TABLE IF NOT EXISTS links (
    id INTEGER PRIMARY KEY, connection TEXT NOT NULL, bucket TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL,
    address TEXT NOT NULL, given_ms INTEGER NOT NULL, expires_ms INTEGER,
    verdict TEXT, verdict_more TEXT, checked_ms INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS links_by_object ON links (connection, bucket, key, kind);
";

/// Takes messages until nobody sends any. Links are gathered for a moment, so that thousands of uploads do not make as
/// many transactions; what a crash takes with it is the links of that moment. Whoever sends faster than the disk writes
/// does not fill the memory: of what waits, the newest are all that would be kept.
pub(super) fn run(path: &Path, sink: &EventSink, messages: &Receiver<Message>) {
    let mut conn = open(path, sink);
    if let Err(failure) = &conn {
        tracing::warn!(detail = failure.detail, "links that are handed out are not kept");
    }
    let (mut gathered, mut taken) = (VecDeque::new(), 0);
    loop {
        let message = match next(messages, taken) {
            Ok(Message::Given(links)) => {
                taken += links.len();
                gathered.extend(links);
                gathered.drain(..gathered.len().saturating_sub(MOST_LINKS));
                continue;
            }
            Ok(message) => Some(message),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => break,
        };
        keep(&mut conn, &mut gathered);
        taken = 0;
        if let Some(message) = message {
            take(&mut conn, message);
        }
    }
    keep(&mut conn, &mut gathered);
}

/// The next message; `Empty` when what was taken is to be written first.
fn next(messages: &Receiver<Message>, taken: usize) -> Result<Message, TryRecvError> {
    match taken {
        0 => messages.recv().map_err(|_ended| TryRecvError::Disconnected),
        1..ENOUGH => messages.recv_timeout(GATHER_FOR).map_err(|end| match end {
            RecvTimeoutError::Timeout => TryRecvError::Empty,
            RecvTimeoutError::Disconnected => TryRecvError::Disconnected,
        }),
        ENOUGH..MOST_TAKEN => messages.try_recv(),
        _ => Err(TryRecvError::Empty),
    }
}

fn keep(conn: &mut Result<Connection, Failure>, gathered: &mut VecDeque<GivenLink>) {
    let links = Vec::from(std::mem::take(gathered));
    if !links.is_empty() {
        tell(conn.as_mut().ok().map(|conn| add(conn, &links)));
    }
}

fn take(conn: &mut Result<Connection, Failure>, message: Message) {
    match message {
        Message::Given(links) => tell(conn.as_mut().ok().map(|conn| add(conn, &links))),
        Message::Checked(checks) => tell(conn.as_mut().ok().map(|conn| note(conn, &checks))),
        // Whoever asked may have gone.
        Message::List(reply) => reply.send(answer(conn.as_ref(), all)).unwrap_or_else(drop),
        Message::Clear(reply) => reply.send(answer(conn.as_ref(), clear)).unwrap_or_else(drop),
        Message::Flush(reply) => reply.send(()).unwrap_or_default(),
    }
}

fn answer<T>(
    conn: Result<&Connection, &Failure>,
    ask: impl FnOnce(&Connection) -> Result<T, Error>,
) -> Result<T, Failure> {
    ask(conn.map_err(Clone::clone)?).map_err(|error| failure(&error))
}

fn tell(result: Option<Result<(), Error>>) {
    if let Some(Err(error)) = result {
        tracing::warn!(%error, "a link that was handed out is not kept");
    }
}

fn failure(error: &Error) -> Failure {
    Failure::new(FailureKind::Internal).detail(error)
}

fn open(path: &Path, sink: &EventSink) -> Result<Connection, Failure> {
    match connect(path) {
        Err(error) if is_damage(&error) => {
            tracing::error!(%error, "the history of links is damaged and put aside");
            let aside = file::put_aside(path).map_err(|error| Failure::new(FailureKind::Internal).detail(error))?;
            sink.notice(Notice::message(Severity::Warning, NOTICE_DAMAGED).with("path", aside.display()));
            connect(path).map_err(|error| failure(&error))
        }
        opened => opened.map_err(|error| failure(&error)),
    }
}

fn connect(path: &Path) -> Result<Connection, Error> {
    if let Err(error) = file::make_private(path) {
        tracing::warn!(%error, "the history of links cannot be made");
    }
    let conn = Connection::open(path)?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "NORMAL")?;
    conn.execute_batch(TABLE)?;
    Ok(conn)
}

pub(in crate::engine) fn is_damage(error: &Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn add(conn: &mut Connection, links: &[GivenLink]) -> Result<(), Error> {
    let work = conn.transaction()?;
    {
        let mut insert = work.prepare_cached(
            "INSERT INTO links (connection, bucket, key, kind, address, given_ms, expires_ms, verdict, verdict_more, \
             checked_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?;
        // More would be forgotten at once.
        let newest = links.get(links.len().saturating_sub(MOST_LINKS)..).unwrap_or(links);
        for link in newest {
            let verdict = link.verdict.as_ref();
            let (code, more) = verdict.map(|(verdict, _)| verdict_text(verdict)).unzip();
            insert.execute(params![
                link.object.connection.as_str(),
                link.object.bucket.as_str(),
                link.object.key.as_str(),
                kind_text(link.kind),
                link.kind.without_signature(&link.address),
                link.given_at.as_millisecond(),
                link.expires.map(Timestamp::as_millisecond),
                code,
                more.flatten(),
                verdict.map(|(_, at)| at.as_millisecond()),
            ])?;
        }
        work.execute(
            "DELETE FROM links WHERE id <= (SELECT id FROM links ORDER BY id DESC LIMIT 1 OFFSET ?1)",
            [i64::try_from(MOST_LINKS).unwrap_or(i64::MAX)],
        )?;
    }
    work.commit()
}

fn note(conn: &mut Connection, checks: &[(LinkCheck, Option<Timestamp>)]) -> Result<(), Error> {
    let work = conn.transaction()?;
    {
        let mut update = work.prepare_cached(
            "UPDATE links SET verdict = ?5, verdict_more = ?6, checked_ms = ?7 \
             WHERE connection = ?1 AND bucket = ?2 AND key = ?3 AND kind = ?4 AND address = ?8 \
             AND expires_ms IS ?9",
        )?;
        for (check, end) in checks {
            let (code, more) = verdict_text(&check.verdict);
            update.execute(params![
                check.object.connection.as_str(),
                check.object.bucket.as_str(),
                check.object.key.as_str(),
                kind_text(check.kind),
                code,
                more,
                check.checked_at.as_millisecond(),
                check.address,
                end.map(Timestamp::as_millisecond),
            ])?;
        }
    }
    work.commit()
}

fn all(conn: &Connection) -> Result<Vec<GivenLink>, Error> {
    let mut query = conn.prepare_cached(
        "SELECT connection, bucket, key, kind, address, given_ms, expires_ms, verdict, verdict_more, checked_ms \
         FROM links ORDER BY id DESC",
    )?;
    let rows = query.query_map([], |row| Ok(link(row)))?;
    rows.filter_map(Result::transpose).collect()
}

fn clear(conn: &Connection) -> Result<(), Error> {
    conn.execute("DELETE FROM links", [])?;
    // Deleted rows stay in the file's free pages otherwise.
    conn.execute_batch("VACUUM")?;
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_row| Ok(())).optional().map(|_| ())
}

/// A row that makes no sense is left out, also one whose text is no text any more.
fn link(row: &Row<'_>) -> Option<GivenLink> {
    let text = |column| row.get::<_, String>(column).ok();
    let optional = |column| row.get::<_, Option<String>>(column).ok().flatten();
    let time = |ms: i64| Timestamp::from_millisecond(ms).ok();
    let optional_time = |column| row.get::<_, Option<i64>>(column).ok().flatten().and_then(time);
    let (connection, bucket) = (ConnectionId::new(text(0)?), BucketName::new(text(1)?).ok()?);
    let verdict = optional(7).and_then(|code| verdict_of(&code, optional(8).as_deref()));
    Some(GivenLink {
        object: ObjectRef { connection, bucket, key: ObjectKey::new(text(2)?) },
        kind: kind_of(&text(3)?)?,
        address: text(4)?,
        given_at: time(row.get(5).ok()?)?,
        expires: optional_time(6),
        verdict: verdict.zip(optional_time(9)),
    })
}

fn kind_text(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Public => "public",
        LinkKind::Presigned => "presigned",
        LinkKind::Invitation => "invitation",
    }
}

fn kind_of(text: &str) -> Option<LinkKind> {
    [LinkKind::Public, LinkKind::Presigned, LinkKind::Invitation].into_iter().find(|kind| kind_text(*kind) == text)
}

fn verdict_text(verdict: &Verdict) -> (&'static str, Option<String>) {
    let more = match verdict {
        Verdict::RedirectsTo { host } => Some(host.clone()),
        Verdict::OpensOverTls { origin } => Some(origin.clone()),
        Verdict::NoAddress(NoAddress::NeedsDomain) => Some("needs-domain".to_owned()),
        Verdict::NoAddress(NoAddress::DirectoryBucket) => Some("directory-bucket".to_owned()),
        Verdict::NoAddress(NoAddress::MultiRegion) => Some("multi-region".to_owned()),
        Verdict::NoAddress(NoAddress::DotSegment) => Some("dot-segment".to_owned()),
        _ => None,
    };
    (verdict.code(), more)
}

/// Every verdict that its code tells as a whole.
const PLAIN: [Verdict; 42] = [
    Verdict::Public,
    Verdict::OnlyFromHere(OnlyHere::Loopback),
    Verdict::OnlyFromHere(OnlyHere::PrivateNetwork),
    Verdict::OnlyFromHere(OnlyHere::PolicyNotPublic),
    Verdict::OnlyFromHere(OnlyHere::ThroughProxy),
    Verdict::OtherContent,
    Verdict::OnlyAtOrigin,
    Verdict::Private(PrivateBecause::PublicAccessBlocked),
    Verdict::Private(PrivateBecause::PerhapsBlocked),
    Verdict::Private(PrivateBecause::OpensForSome),
    Verdict::Private(PrivateBecause::PolicyMayDeny),
    Verdict::Private(PrivateBecause::Unexplained),
    Verdict::Private(PrivateBecause::NothingOpensIt),
    Verdict::Private(PrivateBecause::PrivateOrMissing),
    Verdict::Private(PrivateBecause::Encrypted),
    Verdict::Private(PrivateBecause::Archived),
    Verdict::Private(PrivateBecause::RequesterPays),
    Verdict::Private(PrivateBecause::PolicyDenies),
    Verdict::Private(PrivateBecause::OtherOwner),
    Verdict::Private(PrivateBecause::KeysMayNotRead),
    Verdict::Private(PrivateBecause::DeniedToKeys),
    Verdict::Private(PrivateBecause::WrongSignature),
    Verdict::Private(PrivateBecause::WrongClock),
    Verdict::Private(PrivateBecause::Expired),
    Verdict::Private(PrivateBecause::NeverServedHere),
    Verdict::Private(PrivateBecause::DomainRefuses),
    Verdict::NotFound(NotFoundBecause::WrongAddress),
    Verdict::NotFound(NotFoundBecause::Deleted),
    Verdict::NotFound(NotFoundBecause::Missing),
    Verdict::NotFound(NotFoundBecause::NoSuchBucket),
    Verdict::NotFound(NotFoundBecause::Cached),
    Verdict::NotFound(NotFoundBecause::Unclear),
    Verdict::BadCertificate,
    Verdict::UntrustedCertificate,
    Verdict::NoSuchHost,
    Verdict::RedirectsWithin,
    Verdict::Unknown(UnknownBecause::Timeout),
    Verdict::Unknown(UnknownBecause::Unreachable),
    Verdict::Unknown(UnknownBecause::ServerError),
    Verdict::Unknown(UnknownBecause::OddAnswer),
    Verdict::Unknown(UnknownBecause::NotProven),
    Verdict::Unknown(UnknownBecause::AnotherAnswered),
];

fn verdict_of(code: &str, more: Option<&str>) -> Option<Verdict> {
    match (code, more) {
        ("redirects", Some(host)) => Some(Verdict::RedirectsTo { host: host.to_owned() }),
        ("opens-over-tls", Some(origin)) => Some(Verdict::OpensOverTls { origin: origin.to_owned() }),
        ("no-address", Some("directory-bucket")) => Some(Verdict::NoAddress(NoAddress::DirectoryBucket)),
        ("no-address", Some("multi-region")) => Some(Verdict::NoAddress(NoAddress::MultiRegion)),
        ("no-address", Some("dot-segment")) => Some(Verdict::NoAddress(NoAddress::DotSegment)),
        ("no-address", _) => Some(Verdict::NoAddress(NoAddress::NeedsDomain)),
        _ => PLAIN.iter().find(|verdict| verdict.code() == code).cloned(),
    }
}

#[cfg(test)]
pub(super) fn all_verdicts_survive() {
    let others = [
        Verdict::RedirectsTo { host: "h.example".to_owned() },
        Verdict::OpensOverTls { origin: "https://h.example".to_owned() },
        Verdict::NoAddress(NoAddress::NeedsDomain),
        Verdict::NoAddress(NoAddress::DirectoryBucket),
        Verdict::NoAddress(NoAddress::MultiRegion),
        Verdict::NoAddress(NoAddress::DotSegment),
    ];
    for verdict in PLAIN.iter().chain(&others) {
        let (code, more) = verdict_text(verdict);
        assert_eq!(verdict_of(code, more.as_deref()).as_ref(), Some(verdict));
    }
}
