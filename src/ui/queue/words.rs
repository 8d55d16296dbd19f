//! What a row says: name, second line, figures; and why nothing moves. Pure text, so that it can be tested and spoken.

use std::path::Path;
use std::time::Duration;

use crate::locale::{self, Lang};
use crate::model::{
    AppModel, ConnectionId, FailureKind, QueueHold, SizeUnits, TransferKind, TransferRow, TransferState, Verified,
};
use crate::ui::{format, naming};

/// The name of a row: the local file's for uploads, the object's for downloads.
pub(super) fn name(row: &TransferRow) -> String {
    let local = || row.path.file_name().map(|name| name.to_string_lossy().into_owned());
    match row.kind {
        TransferKind::Upload => local().unwrap_or_else(|| row.object.key.name().to_owned()),
        TransferKind::Download => row.object.key.name().to_owned(),
    }
}

/// Where it goes: `→ photos/2026/` or `→ Downloads`.
pub(super) fn target(row: &TransferRow, lang: Lang) -> String {
    match row.kind {
        TransferKind::Download if is_to_look_at(row) => format!("→ {}", locale::text(lang, "queue-target-opened")),
        TransferKind::Upload => {
            let parent = row.object.key.parent();
            let renamed = row.path.file_name().is_some_and(|name| name.to_string_lossy() != row.object.key.name());
            if renamed {
                format!("→ {}", row.object.key)
            } else if parent.is_root() {
                format!("→ {}", row.object.bucket)
            } else {
                format!("→ {}", parent.as_str())
            }
        }
        TransferKind::Download => {
            let folder = row.path.parent().and_then(Path::file_name).unwrap_or(row.path.as_os_str());
            format!("→ {}", folder.to_string_lossy())
        }
    }
}

/// Whether it is opened rather than kept: those lie in folders of their own, whose names mean nothing to people.
fn is_to_look_at(row: &TransferRow) -> bool {
    let folder = row.path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    folder.len() == 32 && folder.chars().all(|letter| letter.is_ascii_hexdigit())
}

/// The second line: where it goes, what it waits for, why it failed.
pub(super) fn state(row: &TransferRow, lang: Lang) -> String {
    match standing(row, lang) {
        Some(standing) => format!("{} · {standing}", target(row, lang)),
        None => target(row, lang),
    }
}

/// What it waits for, how it ended, why it failed; `None` while it moves.
pub(super) fn standing(row: &TransferRow, lang: Lang) -> Option<String> {
    let id = match &row.state {
        TransferState::Queued => "queue-state-queued",
        TransferState::Checking => "queue-state-checking",
        TransferState::NeedsDecision => "queue-state-needs-decision",
        TransferState::Active => return None,
        TransferState::Finishing => "queue-state-finishing",
        TransferState::Paused => "queue-state-paused",
        TransferState::Done(level) if row.kind == TransferKind::Download => match level {
            Verified::Unverified => "queue-state-downloaded-unverified",
            Verified::Accepted | Verified::Confirmed | Verified::ReadBack => "queue-state-downloaded",
        },
        TransferState::Done(Verified::Accepted) => "queue-state-accepted",
        TransferState::Done(Verified::Confirmed) => "queue-state-confirmed",
        TransferState::Done(Verified::ReadBack) => "queue-state-read-back",
        TransferState::Done(Verified::Unverified) => "queue-state-unverified",
        TransferState::Skipped(reason) => {
            let reason = locale::skip_reason(lang, reason);
            return Some(locale::text_with(lang, "queue-state-skipped", &[("reason", &reason)]));
        }
        TransferState::Cancelled => "queue-state-cancelled",
        TransferState::Failed(failure) => return Some(locale::failure_title(lang, failure)),
    };
    Some(locale::text(lang, id))
}

/// From which file to which object, or the other way round, each by its whole name.
pub(super) fn way(row: &TransferRow) -> String {
    let (path, object) = (row.path.to_string_lossy(), row.object.to_string());
    let (path, object) = (format::readable(&path), format::readable(&object));
    match row.kind {
        TransferKind::Upload => format!("{path}\n→ {object}"),
        TransferKind::Download => format!("{object}\n→ {path}"),
    }
}

/// Bytes and rate: `5.1 / 8.2 GB · 84 MB/s`.
pub(super) fn figures(row: &TransferRow, units: SizeUnits) -> String {
    let size = || format::bytes(row.total_bytes, units);
    match &row.state {
        TransferState::Active if row.rate_bytes_per_sec > 0 => format!(
            "{} · {}",
            format::progress(row.done_bytes, row.total_bytes, units),
            format::rate(row.rate_bytes_per_sec, units)
        ),
        TransferState::Active | TransferState::Finishing | TransferState::Paused | TransferState::Failed(_)
            if row.done_bytes > 0 =>
        {
            format::progress(row.done_bytes, row.total_bytes, units)
        }
        _ => size(),
    }
}

/// From 0 to 1; an empty file is whole when it is done.
pub(super) fn fraction(row: &TransferRow) -> f32 {
    match row.state {
        TransferState::Done(_) | TransferState::Finishing => 1.0,
        _ if row.total_bytes == 0 => 0.0,
        _ => row.done_bytes as f32 / row.total_bytes as f32,
    }
}

/// The whole row for screen readers: name, state, size, per cent.
pub(super) fn spoken(row: &TransferRow, lang: Lang, units: SizeUnits) -> String {
    let percent = (fraction(row) * 100.0).round();
    let is_moving = matches!(row.state, TransferState::Active | TransferState::Paused);
    let share = if is_moving { format!(", {percent} %") } else { String::new() };
    format!("{}, {}, {}{share}", name(row), state(row, lang), figures(row, units))
}

fn is_unusable(kind: FailureKind) -> bool {
    kind.is_unread_connection() || kind == FailureKind::NotS3
}

/// What to do about it, where that is more than to wait and the line itself does not say it.
pub(super) fn next_step(hold: &QueueHold, lang: Lang) -> Option<String> {
    match hold {
        QueueHold::Refused { failure, .. } if is_unusable(failure.kind) => None,
        QueueHold::Offline { failure, .. }
        | QueueHold::CredentialsExpired { failure, .. }
        | QueueHold::Refused { failure, .. }
        | QueueHold::JournalStalled(failure)
        | QueueHold::SourceAway(failure) => Some(locale::failure_advice(lang, failure)),
        QueueHold::FileRetried { .. } | QueueHold::Throttled { .. } | QueueHold::Held | QueueHold::OutsideHours => None,
    }
}

/// Whether the connection as it is set up may be to blame.
pub(super) fn may_be_set_up_wrongly(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::NotS3 | FailureKind::HostNotFound | FailureKind::ConnectionRefused)
}

/// Why transfers that could run do not, and when that is looked at again.
pub(super) fn hold(hold: &QueueHold, model: &AppModel, lang: Lang) -> String {
    let told = |id: &str, connection: &ConnectionId, failure| {
        let reason = locale::failure_title(lang, failure);
        locale::text_with(
            lang,
            id,
            &[("connection", &naming::connection_of(connection, model, lang)), ("reason", &reason)],
        )
    };
    let again = |words: String, secs: u64| {
        if secs == 0 {
            return locale::text_with(lang, "queue-hold-trying", &[("why", &words)]);
        }
        let time = format::span(Duration::from_secs(secs), lang);
        locale::text_with(lang, "queue-hold-next-try", &[("why", &words), ("time", &time)])
    };
    match hold {
        QueueHold::Offline { connection, failure, retry_in_secs } => {
            again(told("queue-hold-offline", connection, failure), *retry_in_secs)
        }
        QueueHold::Throttled { connection, failure, retry_in_secs } => {
            again(told("queue-hold-throttled", connection, failure), *retry_in_secs)
        }
        QueueHold::FileRetried { failure, .. } => {
            let key = failure.args.iter().find(|(name, _)| *name == "key").map_or("", |(_, key)| key);
            let reason = locale::failure_title(lang, failure);
            locale::text_with(lang, "queue-hold-file", &[("key", key), ("reason", &reason)])
        }
        QueueHold::CredentialsExpired { connection, failure, retry_in_secs } => {
            again(told("queue-hold-expired", connection, failure), *retry_in_secs)
        }
        // Nobody has refused it: its keys, or its settings, cannot be read, or it leads to something that is no S3.
        // Nothing is waited for, so what to do stands in the line itself.
        QueueHold::Refused { connection, failure, .. } if is_unusable(failure.kind) => {
            let cannot = told("queue-hold-unusable", connection, failure);
            format!("{cannot}. {}", locale::failure_advice(lang, failure))
        }
        QueueHold::Refused { connection, failure, .. } => told("queue-hold-refused", connection, failure),
        QueueHold::JournalStalled(failure) | QueueHold::SourceAway(failure) => locale::failure_title(lang, failure),
        QueueHold::Held => locale::text(lang, "queue-hold-held"),
        QueueHold::OutsideHours => locale::text(lang, "queue-hold-outside-hours"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Failure;

    fn refused(kind: FailureKind) -> QueueHold {
        QueueHold::Refused { connection: ConnectionId::local(), bucket: None, failure: Failure::new(kind) }
    }

    #[test]
    fn a_file_that_is_tried_again_is_named() {
        let failure = Failure::new(FailureKind::ServerError).with("host", "h").with("key", "a/b");
        let retried = QueueHold::FileRetried { connection: ConnectionId::local(), failure };
        let cases = [(Lang::En, "tried again: The server h has a problem"), (Lang::Ko, "다시 시도하고 있습니다")];
        for (lang, words) in cases {
            let told = hold(&retried, &AppModel::default(), lang);
            assert!(told.contains("“a/b”") && told.contains(words), "{told}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_not_waited_for_and_says_what_to_do() {
        let cases = [
            (FailureKind::KeychainLocked, Lang::En, ["The keychain is locked", "Unlock it"], "Waiting"),
            (FailureKind::KeychainLocked, Lang::Ko, ["키체인이 잠겨 있습니다", "잠금을 풀고"], "기다립니다"),
            (FailureKind::NotS3, Lang::En, ["answers, but not as S3", "Check the endpoint"], "refused"),
            (FailureKind::NotS3, Lang::Ko, ["S3가 아닙니다", "엔드포인트를 확인하세요"], "거부"),
        ];
        for (kind, lang, wanted, unwanted) in cases {
            let told = hold(&refused(kind), &AppModel::default(), lang);
            assert!(wanted.iter().all(|words| told.contains(words)) && !told.contains(unwanted), "{told}");
            assert_eq!(next_step(&refused(kind), lang), None, "it is said already");
        }
    }
}
