//! The end of all transfers: a notification of the desktop that says what came of them, the countdown before the machine
//! sleeps, and leaving the program, as was chosen in the drawer.

use egui::{UserAttentionType, ViewportCommand};

use super::actions::{Action, Actions};
use super::app::App;
use super::dialogs::Dialog;
use super::format;
use super::text::{t, t_count};
use crate::model::{BatchSummary, Command, NotifyWhenDone, SizeUnits, TransferKind, WhenDone};

/// What came of the transfers since all were through the last time, and whether the machine is about to sleep.
#[derive(Clone, Copy, Debug, Default)]
pub struct Endings {
    uploaded: u64,
    uploaded_bytes: u64,
    downloaded: u64,
    failed: u64,
    left_out: u64,
    /// Whether the countdown is on screen.
    is_counting: bool,
}

impl Endings {
    fn add(&mut self, summary: &BatchSummary) {
        match summary.kind {
            TransferKind::Upload => {
                self.uploaded += summary.done;
                self.uploaded_bytes = self.uploaded_bytes.saturating_add(summary.done_bytes);
            }
            TransferKind::Download => self.downloaded += summary.done,
        }
        self.failed += summary.failed;
        self.left_out += summary.skipped;
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
pub(super) fn batch_ended(app: &mut App, summary: &BatchSummary) {
    app.ui.endings.add(summary);
}

/// Nothing is left to do.
pub(super) fn all_done(app: &mut App, ctx: &egui::Context, then: WhenDone, actions: &mut Actions) {
    let is_counting = app.ui.endings.is_counting;
    let ended = std::mem::replace(&mut app.ui.endings, Endings { is_counting, ..Endings::default() });
    let is_in_front = ctx.input(|input| input.focused);
    let is_told = match app.model.settings.notify_when_done {
        NotifyWhenDone::WhenAway => !is_in_front,
        NotifyWhenDone::Always => true,
        NotifyWhenDone::Never => false,
    };
    let mut words = ended.words(ctx, app.model.settings.size_units);
    if is_told && !words.is_empty() {
        if then == WhenDone::Sleep {
            words.push(t(ctx, "queue-done-sleeps"));
        }
        let title = t(ctx, if ended.failed > 0 { "queue-done-title-failed" } else { "queue-done-title" });
        app.engine.send(Command::Notify { title, body: words.join("\n") });
        if !is_in_front {
            ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(UserAttentionType::Informational));
        }
    }
    if then == WhenDone::Quit {
        actions.push(Action::QuitNow);
    }
}

/// The machine goes to sleep in so many seconds, or does not any more.
pub(super) fn sleeps_soon(app: &mut App, in_secs: Option<u64>, actions: &mut Actions) {
    let is_counting = in_secs.is_some_and(|secs| secs > 0);
    if is_counting && !app.ui.endings.is_counting {
        actions.show(Dialog::SleepsSoon);
    }
    app.ui.endings.is_counting = is_counting;
}
