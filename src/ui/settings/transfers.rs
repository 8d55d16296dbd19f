//! What happens to names that exist, how many files move at once and how fast, what a start finds, what is proof, what is
//! never uploaded.

use egui::Ui;

use super::{hours, speed};
use crate::model::{AUTOMATIC_FILES, ConflictPolicy, KeepAwake, NotifyWhenDone, ResumeAtStart, Settings, VerifyWish};
use crate::ui::dialogs::form::{self, FieldLook, Monospace};
use crate::ui::icons;
use crate::ui::text::t;

/// Numbers of files at once to choose from.
const FILES_AT_ONCE: [u32; 7] = [1, 2, 4, 8, 12, 16, 32];

/// What is typed on the page; it holds when its field is left.
pub(super) struct Typed {
    /// The rule for system files, one pattern a line.
    system_files: String,
    /// The speed limit.
    speed: String,
    /// The hours of another limit.
    hours: hours::Typed,
}

impl Typed {
    /// The settings as they hold.
    pub(super) fn of(settings: &Settings) -> Self {
        Self {
            system_files: settings.system_files.join("\n"),
            speed: speed::limit_text(settings.bandwidth.limit),
            hours: hours::Typed::of(&settings.bandwidth),
        }
    }
}

/// The page.
pub(super) fn page_ui(ui: &mut Ui, settings: &mut Settings, typed: &mut Typed) {
    let policies = ConflictPolicy::ALL.map(|policy| (policy, t(ui, &format!("settings-conflict-{}", policy.code()))));
    form::choice_row(ui, &t(ui, "settings-on-conflict"), &mut settings.on_conflict, &policies);
    let mut numbers = vec![(AUTOMATIC_FILES, t(ui, "settings-files-automatic"))];
    numbers.extend(FILES_AT_ONCE.map(|number| (number, number.to_string())));
    if !numbers.iter().any(|(number, _)| *number == settings.parallel_files) {
        numbers.push((settings.parallel_files, settings.parallel_files.to_string()));
    }
    form::choice_row(ui, &t(ui, "settings-files-at-once"), &mut settings.parallel_files, &numbers);
    speed_ui(ui, settings, &mut typed.speed);
    hours::hours_ui(ui, &mut settings.bandwidth, &mut typed.hours);
    let starts = [
        (ResumeAtStart::Continue, t(ui, "settings-resume-continue")),
        (ResumeAtStart::Ask, t(ui, "settings-resume-ask")),
    ];
    form::choice_row(ui, &t(ui, "settings-resume-at-start"), &mut settings.resume_at_start, &starts);
    let proofs = VerifyWish::ALL.map(|wish| (wish, t(ui, &format!("settings-verify-{}", wish.code()))));
    form::choice_row(ui, &t(ui, "settings-verify"), &mut settings.verify, &proofs);
    let sleeps =
        [(KeepAwake::WhileBusy, t(ui, "settings-awake-while-busy")), (KeepAwake::Never, t(ui, "settings-awake-never"))];
    form::choice_row(ui, &t(ui, "settings-keep-awake"), &mut settings.keep_awake, &sleeps);
    let notices = [
        (NotifyWhenDone::WhenAway, t(ui, "settings-notify-when-away")),
        (NotifyWhenDone::Always, t(ui, "settings-notify-always")),
        (NotifyWhenDone::Never, t(ui, "settings-notify-never")),
    ];
    form::choice_row(ui, &t(ui, "settings-notify"), &mut settings.notify_when_done, &notices);
    let look = FieldLook { monospace: Monospace::Yes, ..FieldLook::default() };
    let field = form::lines_row(ui, &t(ui, "settings-system-files"), &mut typed.system_files, 4, look);
    if field.lost_focus() {
        settings.system_files = patterns(&typed.system_files);
    }
    form::row(ui, "", |ui, _label| form::note_ui(ui, icons::INFO, &t(ui, "settings-system-files-note")));
}

fn speed_ui(ui: &mut Ui, settings: &mut Settings, typed: &mut String) {
    let wanted = speed::parse(typed);
    // Half a number is not wrong yet.
    let id = ui.make_persistent_id("settings-speed-field");
    let is_typed = ui.memory(|memory| memory.has_focus(id));
    let problem = (wanted.is_err() && !is_typed).then(|| t(ui, "settings-speed-unreadable"));
    let hint = t(ui, "settings-speed-none");
    let look = FieldLook { hint: &hint, problem, id: Some(id), ..FieldLook::default() };
    let field = form::text_row(ui, &t(ui, "settings-speed"), typed, look);
    if field.lost_focus()
        && let Ok(limit) = speed::parse(typed)
    {
        settings.bandwidth.limit = limit;
    }
}

fn patterns(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}
