//! The end of all transfers: a notification of the desktop that says what came of them, the countdown before the machine
//! sleeps or the program leaves, as was chosen in the drawer.

use std::collections::BTreeMap;
use std::time::Duration;

use egui::{UserAttentionType, ViewportCommand};

use super::actions::{Action, Actions};
use super::app::App;
use super::dialogs::Dialog;
use super::text::{t, t_count};
use super::{format, frame_rate};
use crate::model::{
    BatchId, BatchSummary, Command, Notice, NotifyWhenDone, Severity, SizeUnits, TransferKind, WhenDone,
};

/// Time to say no to leaving; the same as to the machine's sleep.
const COUNTDOWN_SECS: f64 = 30.0;

/// What came of the transfers since all were through the last time, and whether the machine is about to sleep.
#[derive(Clone, Debug, Default)]
pub struct Endings {
    since: Counts,
    /// What was told of each batch. It is told as a whole again when something of it was tried again.
    known: BTreeMap<BatchId, Counts>,
    /// What has failed of each batch that has ended since, also what was told before and failed again.
    failed: BTreeMap<BatchId, u64>,
    /// Whether the countdown to the machine's sleep is on screen.
    is_counting: bool,
    leaving: Leaving,
}

/// What came of transfers.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    uploaded: u64,
    uploaded_bytes: u64,
    downloaded: u64,
    failed: u64,
    left_out: u64,
}

/// How far leaving the program is, where that was chosen for the end of all transfers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Leaving {
    /// It is not about to leave.
    #[default]
    No,
    /// As soon as nothing else is under way, the countdown begins.
    Waits,
    /// It leaves at this window time.
    Counts { until: f64 },
}

impl Endings {
    fn add(&mut self, batch: BatchId, summary: &BatchSummary) {
        let now = Counts::of(summary);
        let before = self.known.insert(batch, now).unwrap_or_default();
        self.since = self.since.changed(before, now);
        self.failed.insert(batch, now.failed);
    }

    /// What came of the transfers since it was asked last.
    fn take(&mut self) -> Counts {
        let failed = std::mem::take(&mut self.failed).values().sum();
        Counts { failed, ..std::mem::take(&mut self.since) }
    }
}

impl Counts {
    fn of(summary: &BatchSummary) -> Self {
        let &BatchSummary { done, done_bytes, failed, skipped: left_out, .. } = summary;
        match summary.kind {
            TransferKind::Upload => {
                Self { uploaded: done, uploaded_bytes: done_bytes, failed, left_out, ..Self::default() }
            }
            TransferKind::Download => Self { downloaded: done, failed, left_out, ..Self::default() },
        }
    }

    /// With what came of one batch since it was last told. What has failed is counted by itself: a batch that ends
    /// again with as many failures has some that failed again.
    fn changed(self, before: Self, now: Self) -> Self {
        let add = |sum: u64, before: u64, now: u64| sum.saturating_add(now).saturating_sub(before);
        Self {
            uploaded: add(self.uploaded, before.uploaded, now.uploaded),
            uploaded_bytes: add(self.uploaded_bytes, before.uploaded_bytes, now.uploaded_bytes),
            downloaded: add(self.downloaded, before.downloaded, now.downloaded),
            failed: 0,
            left_out: add(self.left_out, before.left_out, now.left_out),
        }
    }

    /// Whether something was done and nothing failed.
    fn is_all_well(&self) -> bool {
        self.failed == 0 && self.uploaded + self.downloaded > 0
    }

    /// A sentence for each kind of end there was; nothing where everything was cancelled.
    fn words(&self, ctx: &egui::Context, units: SizeUnits) -> Vec<String> {
        let size = format::bytes(self.uploaded_bytes, units);
        let kinds = [
            (self.uploaded, "queue-done-uploaded"),
            (self.downloaded, "queue-done-downloaded"),
            (self.failed, "queue-done-failed"),
            (self.left_out, "queue-done-left-out"),
        ];
        let told = kinds.into_iter().filter(|(count, _)| *count > 0);
        told.map(|(count, id)| t_count(ctx, id, count, &[("size", &size)])).collect()
    }
}

/// A batch is through.
pub(super) fn batch_ended(app: &mut App, batch: BatchId, summary: &BatchSummary) {
    app.ui.endings.add(batch, summary);
}

/// Nothing is left to do.
pub(super) fn all_done(app: &mut App, ctx: &egui::Context, then: WhenDone) {
    let ended = app.ui.endings.take();
    app.model.note_failed_at_end(ended.failed);
    app.ui.endings.leaving = Leaving::No;
    let is_in_front = ctx.input(|input| input.focused);
    let is_told = match app.model.settings.notify_when_done {
        NotifyWhenDone::WhenAway => !is_in_front,
        NotifyWhenDone::Always => true,
        NotifyWhenDone::Never => false,
    };
    let mut words = ended.words(ctx, app.model.settings.size_units);
    if is_told && !words.is_empty() {
        match then {
            WhenDone::Sleep => words.push(t(ctx, "queue-done-sleeps")),
            WhenDone::Quit if ended.is_all_well() => words.push(t(ctx, "queue-done-quits")),
            WhenDone::Quit | WhenDone::Nothing => {}
        }
        let title = t(ctx, if ended.failed > 0 { "queue-done-title-failed" } else { "queue-done-title" });
        app.engine.send(Command::Notify { title, body: words.join("\n") });
        if !is_in_front {
            ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(UserAttentionType::Informational));
        }
    }
    if then == WhenDone::Quit {
        if ended.is_all_well() {
            app.ui.endings.leaving = Leaving::Waits;
        } else if ended.failed > 0 {
            app.toasts.push(Notice::message(Severity::Warning, "notice-stays-open"));
        }
    }
}

/// Where there is work again, the next end of it counts.
pub(super) fn note_work(app: &mut App) {
    if app.is_busy() {
        app.ui.endings.leaving = Leaving::No;
    }
}

/// Leaves half a minute after all transfers are done, if that was chosen. While anything else is under way or a dialog
/// is open, nothing is counted: nobody's draft is lost, no deletion cut short, and the links are on the clipboard.
pub(super) fn leave_when_quiet(app: &mut App, ctx: &egui::Context, actions: &mut Actions) {
    let now = ctx.input(|input| input.time);
    let before = app.ui.endings.leaving;
    let leaving = match before {
        Leaving::No => Leaving::No,
        _ if app.model.when_done != WhenDone::Quit => Leaving::No,
        _ if !is_quiet(app) => Leaving::Waits,
        Leaving::Waits => Leaving::Counts { until: now + COUNTDOWN_SECS },
        Leaving::Counts { until } if until <= now => {
            // Should there be work that no picture has shown yet, this asks.
            actions.push(Action::Quit);
            Leaving::No
        }
        counts @ Leaving::Counts { .. } => counts,
    };
    app.ui.endings.leaving = leaving;
    app.model.quits_in_secs = match leaving {
        Leaving::Counts { until } => {
            let left = until - now;
            // The next second.
            frame_rate::paint_after_secs(ctx, if left.fract() > 0.0 { left.fract() } else { 1.0 });
            Some(whole_secs(left))
        }
        Leaving::No | Leaving::Waits => None,
    };
    if before == Leaving::Waits && leaving != before {
        actions.show(Dialog::QuitsSoon);
    }
}

/// Whether nothing is under way that leaving would cut short.
fn is_quiet(app: &App) -> bool {
    let waiting = &app.ui.waiting;
    let copies_none = app.ui.links.is_quiet() && waiting.signing.is_empty() && waiting.uploaded.is_empty();
    let writes_none = waiting.receipts.is_empty() && waiting.undoing.is_empty() && app.model.deleting.is_empty();
    let asks_none = !app.dialogs.is_open_beside_countdown() && app.ui.handed_over.is_empty();
    copies_none && writes_none && asks_none && waiting.pastes.is_empty()
}

/// What is left, in seconds that have begun.
fn whole_secs(left: f64) -> u64 {
    let left = Duration::try_from_secs_f64(left).unwrap_or_default();
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

/// The machine goes to sleep in so many seconds, or does not any more.
pub(super) fn sleeps_soon(app: &mut App, in_secs: Option<u64>, actions: &mut Actions) {
    let is_counting = in_secs.is_some_and(|secs| secs > 0);
    if is_counting && !app.ui.endings.is_counting {
        actions.show(Dialog::SleepsSoon);
    }
    app.ui.endings.is_counting = is_counting;
}
